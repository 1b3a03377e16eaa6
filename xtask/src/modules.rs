//! The table of the wasm modules. It generates the features of the crate `eyas-wasm`, the builds, and the tables of the
//! JavaScript package (`pkg/modules.js`, `pkg/modules.d.ts`, and the lists of files in its two entries). The table of methods states which module trains and which
//! restores a method.

use anyhow::{Context, Result};
use xshell::Shell;

/// A module, named after its feature of `eyas-wasm`.
#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) name: &'static str,
    /// The features that its feature enables.
    features: &'static [&'static str],
    /// Modules that compute much have several builds, the fastest first; the last one runs everywhere.
    pub(crate) builds: &'static [Build],
    /// Whether its own loops are compiled for speed, too, and not only the kernels.
    pub(crate) trains: bool,
}

/// The instructions of a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Build {
    /// Relaxed SIMD, whose fused products may be rounded once less. Only for trainings without discrete decisions: trees
    /// would choose other splits.
    Relaxed,
    /// SIMD.
    Simd,
    /// The instructions that every browser has.
    Plain,
}

impl Build {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Relaxed => "relaxed",
            Self::Simd => "simd",
            Self::Plain => "plain",
        }
    }
}

const FAST: &[Build] = &[Build::Simd, Build::Plain];
const ONE: &[Build] = &[Build::Plain];

/// Sorted by name, as in `wasm/Cargo.toml`.
pub(crate) const MODULES: [Module; 15] = [
    Module { name: "analyses", features: &[], builds: ONE, trains: false },
    Module { name: "card", features: &[], builds: ONE, trains: false },
    Module { name: "forecast", features: &[], builds: FAST, trains: false },
    Module { name: "forecast_more", features: &[], builds: ONE, trains: false },
    Module {
        name: "lrmf",
        features: &["eyas/gpu"],
        builds: &[Build::Relaxed, Build::Simd, Build::Plain],
        trains: true,
    },
    Module { name: "methods", features: &[], builds: FAST, trains: true },
    Module { name: "networks", features: &["eyas/gpu"], builds: FAST, trains: true },
    Module { name: "parameters", features: &[], builds: ONE, trains: false },
    Module { name: "ranker", features: &[], builds: &[Build::Relaxed, Build::Simd, Build::Plain], trains: true },
    Module { name: "ranker_analyses", features: &[], builds: FAST, trains: false },
    Module { name: "snapshots", features: &[], builds: ONE, trains: false },
    Module { name: "tables", features: &[], builds: ONE, trains: false },
    Module { name: "tables_more", features: &["tables"], builds: ONE, trains: false },
    Module { name: "texts", features: &[], builds: ONE, trains: false },
    Module { name: "trainer", features: &[], builds: FAST, trains: true },
];

impl Module {
    /// Its builds, with the names of their files.
    pub(crate) fn files(&self) -> impl Iterator<Item = (Build, String)> {
        self.builds.iter().map(|&build| match self.builds {
            [_] => (build, self.name.to_owned()),
            _ => (build, format!("{}_{}", self.name, build.name())),
        })
    }
}

/// The plain-text part of a row of the table of methods.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    uses: &'static [&'static str],
    trainer: &'static str,
    restored: &'static [&'static str],
}

macro_rules! methods {
    ($($variant:ident $name:literal $about:literal {
        uses [$($use:ident),*];
        factor |$factor:ident| $plays_a_part:expr;
        trained in $trainer:ident |$order:ident| $fit:expr;
        restored in [$($part:ident),*] |$data:ident, $tensors:ident| $restore:expr;
    })*) => {
        /// The methods, from the library's own table.
        pub(crate) const METHODS: &[Row] = &[$(Row {
            name: $name,
            about: $about,
            uses: &[$(stringify!($use)),*],
            trainer: stringify!($trainer),
            restored: &[$(stringify!($part)),*],
        }),*];
    };
}

include!("../../src/methods/table.rs");

/// `ForecastMore` as `forecast_more`.
fn module_name(part: &str) -> String {
    let mut name = String::new();
    for letter in part.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

const WRITTEN: &str = "// Written by `cargo xtask build` from xtask/src/modules.rs and src/methods/table.rs.\n";

/// The tables of `pkg/api.js`.
fn javascript() -> String {
    let imports = MODULES.iter().map(|Module { name, .. }| {
        format!("  {name}: () => import(/* webpackMode: \"eager\" */ \"./wasm/{name}.js\"),\n")
    });
    let several = MODULES.iter().filter(|module| module.builds.len() > 1).map(|module| {
        let builds = if module.builds.contains(&Build::Relaxed) { "THREE" } else { "TWO" };
        format!("  {}: {builds},\n", module.name)
    });
    // Every page loads these tables before its first forecast: the most frequent modules are left to `api.js`.
    let all_but = |usual: &str, part: fn(&Row) -> &'static str| -> String {
        let rows = METHODS.iter().map(|row| (row.name, module_name(part(row)))).filter(|(_, module)| module != usual);
        rows.map(|(name, module)| format!("  \"{name}\": \"{module}\",\n")).collect()
    };
    let trainers = all_but("methods", |row| row.trainer);
    let restored = all_but("forecast", |row| row.restored[0]);
    format!(
        "{WRITTEN}
/** The bindings of each module, written out so that bundlers find them; webpack starts no worker that is in several chunks. */
export const bindings = {{
{}}};

const TWO = [\"simd\", \"plain\"];
const THREE = [\"relaxed\", ...TWO];

/** Modules that have several builds, the fastest first; all others have one. */
export const BUILDS = {{
{}}};

/** The module that trains a method, if it is not `methods`. */
export const TRAINERS = {{
  __proto__: null,
{}}};

/** The module that forecasts by a method, if it is not `forecast`. */
export const FORECASTERS = {{
  __proto__: null,
{}}};
",
        imports.collect::<String>(),
        several.collect::<String>(),
        trainers,
        restored,
    )
}

/// The names of methods and modules as types.
fn types() -> String {
    let union =
        |names: &mut dyn Iterator<Item = &str>| names.map(|name| format!("\n  | \"{name}\"")).collect::<String>();
    format!(
        "{WRITTEN}
/** A method, by the name that the command line uses, too. */
export type Method ={};

/** A WebAssembly module. */
export type ModuleName ={};
",
        union(&mut METHODS.iter().map(|row| row.name)),
        union(&mut MODULES.iter().map(|module| module.name)),
    )
}

/// The builds as files, for the package's entry.
fn addresses() -> String {
    builds(|file| format!("new URL(\"./wasm/{file}.wasm\", import.meta.url)"))
}

/// The builds as text inside JavaScript, for the package's other entry.
fn inlined() -> String {
    builds(|file| format!("import(\"./wasm/inline_{file}.js\")"))
}

fn builds(place: impl Fn(&str) -> String) -> String {
    let mut files: Vec<String> = MODULES.iter().flat_map(Module::files).map(|(_, file)| file).collect();
    files.sort();
    files.iter().map(|file| format!("    {file}: () => {},\n", place(file))).collect()
}

/// The features of `eyas-wasm`.
fn features() -> String {
    let line = |Module { name, features, .. }: &Module| {
        let features: Vec<String> = features.iter().map(|feature| format!("\"{feature}\"")).collect();
        format!("{name} = [{}]\n", features.join(", "))
    };
    MODULES.iter().map(line).collect()
}

/// The README's table of methods.
fn readme_table() -> String {
    let line = |Row { name, about, uses, .. }: &Row| {
        let uses: Vec<String> = uses.iter().map(|what| words(what)).collect();
        format!("| `{name}` | {about} | {} |\n", uses.join(", "))
    };
    METHODS.iter().map(line).collect()
}

fn words(what: &str) -> String {
    match what {
        "Gpu" => "GPU".to_owned(),
        "Scores" => "known scores".to_owned(),
        other => other.to_lowercase(),
    }
}

/// The generated text between two marks of a file.
struct Part {
    file: &'static str,
    after: &'static str,
    before: &'static str,
    text: String,
}

fn parts() -> [Part; 6] {
    [
        Part { file: "pkg/index.js", after: "  const url = {\n", before: "  }[build]", text: addresses() },
        Part { file: "pkg/inline.js", after: " = await {\n", before: "  }[build]", text: inlined() },
        Part { file: "pkg/modules.js", after: "", before: "", text: javascript() },
        Part { file: "pkg/modules.d.ts", after: "", before: "", text: types() },
        Part { file: "wasm/Cargo.toml", after: "[features]\n", before: "\n[", text: features() },
        Part { file: "README.md", after: "|---|---|---|\n", before: "\n", text: readme_table() },
    ]
}

impl Part {
    /// The file with the generated text.
    fn applied(&self, file: &str) -> Result<String> {
        if self.after.is_empty() {
            return Ok(self.text.clone());
        }
        let lost = || format!("{} lacks the line {:?}", self.file, self.after);
        let start = file.find(self.after).with_context(lost)? + self.after.len();
        let end = start + file[start..].find(self.before).with_context(lost)?;
        // A table in Markdown ends with an empty line; the first of its two line breaks belongs to the last row.
        let end = if self.before == "\n" { start + file[start..].find("\n\n").with_context(lost)? + 1 } else { end };
        Ok(format!("{}{}{}", &file[..start], self.text, &file[end..]))
    }
}

/// Writes the generated files.
pub(crate) fn write(sh: &Shell) -> Result<()> {
    for part in parts() {
        let before = sh.read_file(part.file).unwrap_or_default();
        let after = part.applied(&before)?;
        if after != before {
            sh.write_file(part.file, after)?;
            println!("{} was written anew", part.file);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn what_follows_from_the_tables_is_current() {
        let sh = Shell::new().unwrap();
        sh.change_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        for part in parts() {
            let file = sh.read_file(part.file).unwrap();
            assert!(part.applied(&file).unwrap() == file, "{} is stale; run `cargo xtask build`", part.file);
        }
    }

    #[test]
    fn every_method_is_trained_and_restored_by_modules_that_there_are() {
        let names: BTreeSet<String> = MODULES.iter().map(|module| module.name.to_owned()).collect();
        for row in METHODS {
            assert!(names.contains(&module_name(row.trainer)), "{}", row.name);
            for part in row.restored {
                assert!(names.contains(&module_name(part)), "{}: {part}", row.name);
            }
        }
        assert!(MODULES.is_sorted_by_key(|module| module.name));
    }
}

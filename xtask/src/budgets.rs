//! Download sizes of page visits, in KB gz, with budgets. The build fails if a visit is over its budget; the size of a
//! single module does not show whether a page is light.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use xshell::Shell;

use crate::bundle;
use crate::wasm::gzipped;

/// A visit, and its budget.
struct Visit {
    what: &'static str,
    folder: &'static str,
    /// Prefixes of the names of the loaded files; the files that they import are added. Of several builds of a module the
    /// largest counts.
    files: &'static [&'static [&'static str]],
    budget: usize,
}

const VISITS: [Visit; 7] = [
    Visit { what: "the script of the elements", folder: PACKAGE, files: &[&["eyas-widget.js"]], budget: 5 },
    Visit {
        what: "a forecast with snapshot and card, before wasm",
        folder: PACKAGE,
        files: &[&ELEMENT, &["widget/forecast.js"]],
        budget: 25,
    },
    Visit {
        what: "a leaderboard with a snapshot, before wasm",
        folder: PACKAGE,
        files: &[&ELEMENT, &["widget/leaderboard.js"]],
        budget: 25,
    },
    Visit {
        what: "an element with a saved model",
        folder: PACKAGE,
        files: &[&[
            "eyas-widget.js",
            "eyas-widget.css",
            "widget/forecast.js",
            "worker.js",
            "wasm/forecast.js",
            "wasm/forecast_simd.wasm",
        ]],
        budget: 234,
    },
    Visit {
        what: "what ranking models for a task adds to a snapshot",
        folder: PACKAGE,
        files: &[&["wasm/ranker.js", "wasm/ranker_relaxed.wasm"]],
        budget: 320,
    },
    Visit { what: "the page, to its first forecast", folder: "dist", files: &[&SHELL, &[bundle::MODEL]], budget: 350 },
    Visit {
        what: "the page with a table of one's own",
        folder: "dist",
        files: &[&SHELL, &["assets/texts-", "assets/tables-", "assets/trainer"]],
        budget: 720,
    },
];

const PACKAGE: &str = "target/package";

/// An element, its worker, and the generated files of the modules that read a snapshot, train and read a card.
const ELEMENT: [&str; 6] =
    ["eyas-widget.js", "worker.js", "wasm/snapshots.js", "wasm/trainer.js", "wasm/forecast.js", "wasm/texts.js"];

/// The page itself, and the forecasts.
const SHELL: [&str; 6] =
    ["index.html", "assets/eyas-", "assets/index-", "assets/worker-", "assets/forecast-", "assets/forecast_simd"];

/// Prints the download size of each visit.
///
/// # Errors
/// If a visit is over its budget.
pub(crate) fn check(sh: &Shell) -> Result<()> {
    let mut over = Vec::new();
    for Visit { what, folder, files, budget } in VISITS {
        let loaded = loaded(sh, folder, &files.concat())?;
        let bytes: usize = loaded.iter().map(|(_, bytes)| bytes).sum();
        println!("{what}: {} KB gz of {budget}", bytes.div_ceil(1000));
        if bytes > 1000 * budget {
            let lines = loaded.iter().map(|(file, bytes)| format!("\n  {bytes:>7} {file}"));
            over.push(format!("{what}: {bytes} bytes gz are over {budget} KB:{}", lines.collect::<String>()));
        }
    }
    ensure!(over.is_empty(), "{}", over.join("\n"));
    Ok(())
}

/// The files, with their sizes.
fn loaded(sh: &Shell, folder: &str, starts: &[&str]) -> Result<Vec<(String, usize)>> {
    let root = sh.current_dir().join(folder);
    let mut wanted = Vec::new();
    for start in starts {
        let part = PathBuf::from(start);
        let (below, name) = (part.parent().context("a path")?, part.file_name().context("a name")?.to_string_lossy());
        let files = sh
            .read_dir(root.join(below))?
            .into_iter()
            .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
        let mut files: Vec<String> =
            files.filter(|file| file.starts_with(&*name) && !file.ends_with(".d.ts")).collect();
        // A browser loads only one of the builds of a module.
        if let Some(heaviest) = heaviest(sh, &root.join(below), &files)? {
            files.retain(|file| !file.ends_with(".wasm") || *file == heaviest);
        }
        ensure!(!files.is_empty(), "{folder} has no file {start}…; the lists of xtask/src/budgets.rs are out of date");
        wanted.extend(files.into_iter().map(|file| below.join(file)));
    }
    let mut seen = BTreeSet::new();
    let mut sizes = Vec::new();
    while let Some(file) = wanted.pop() {
        if !seen.insert(file.clone()) {
            continue;
        }
        let bytes = sh.read_binary_file(root.join(&file))?;
        sizes.push((file.display().to_string(), gzipped(&bytes)?.len()));
        if file.extension().is_some_and(|extension| extension == "js") {
            let below = file.parent().context("a path")?.to_owned();
            wanted.extend(imports(&String::from_utf8_lossy(&bytes)).map(|name| normal(&below.join(name))));
        }
    }
    Ok(sizes)
}

fn heaviest(sh: &Shell, folder: &std::path::Path, files: &[String]) -> Result<Option<String>> {
    let mut sizes = Vec::new();
    for file in files.iter().filter(|file| file.ends_with(".wasm")) {
        sizes.push((gzipped(&sh.read_binary_file(folder.join(file))?)?.len(), file.clone()));
    }
    Ok(sizes.into_iter().max().map(|(_, file)| file))
}

/// The files that JavaScript imports statically, by relative addresses. `import()` loads only when needed.
fn imports(js: &str) -> impl Iterator<Item = &str> {
    let from = js.match_indices("from").map(|(at, found)| &js[at + found.len()..]);
    let bare = js.match_indices("import").map(|(at, found)| &js[at + found.len()..]);
    from.chain(bare).filter_map(|rest| {
        let rest = rest.trim_start();
        let quote = rest.chars().next().filter(|first| matches!(first, '"' | '\''))?;
        let address = rest[1..].split(quote).next()?;
        (address.starts_with('.') && address.ends_with(".js")).then_some(address)
    })
}

/// A path without `..` and `.`.
fn normal(path: &std::path::Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => drop(normal.pop()),
            std::path::Component::CurDir => {}
            other => normal.push(other),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_that_wait_are_not_counted() {
        let js = r#"import{a}from"./api.js";import "./side.js";export * from '../modules.js';const x=()=>import("./wasm/x.js");"from afar""#;
        assert_eq!(imports(js).collect::<Vec<_>>(), ["./api.js", "../modules.js", "./side.js"]);
        assert_eq!(normal(std::path::Path::new("widget/../api.js")), PathBuf::from("api.js"));
    }

    #[test]
    fn what_is_imported_is_counted_once_and_of_builds_the_heaviest() {
        let sh = Shell::new().unwrap();
        let folder = sh.create_temp_dir().unwrap();
        sh.change_dir(folder.path());
        sh.write_file("site/a.js", "import './b.js'; import './b.js'").unwrap();
        sh.write_file("site/b.js", "import './a.js'").unwrap();
        sh.write_file("site/m_simd.wasm", "heavier than the plain one").unwrap();
        sh.write_file("site/m_plain.wasm", "plain").unwrap();
        let mut names: Vec<String> =
            loaded(&sh, "site", &["a.js", "m"]).unwrap().into_iter().map(|file| file.0).collect();
        names.sort();
        assert_eq!(names, ["a.js", "b.js", "m_simd.wasm"]);
        let missing = loaded(&sh, "site", &["renamed-"]).unwrap_err();
        assert!(missing.to_string().contains("renamed-"), "a renamed file must not count as 0: {missing}");
    }
}

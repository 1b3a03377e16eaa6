//! Builds the modules of the JavaScript surface from the crate `eyas-wasm`, those that train with and without SIMD,
//! generates their JavaScript bindings and optimises them.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use base64::{Engine, prelude::BASE64_STANDARD};
use flate2::{Compression, write::GzEncoder};
use wasm_bindgen_cli_support::Bindgen;
use xshell::{Shell, cmd};

use crate::modules::{self, Build, MODULES, Module};
use crate::{glue, npm, package, panics, rustc};

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
const OUT: &str = "pkg/wasm";
/// The features that rustc enables by default. More (`--all-features` above all) would make modules that browsers reject.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-multivalue",
    "--enable-reference-types",
];

impl Build {
    fn rustflags(self) -> &'static str {
        match self {
            Self::Relaxed => RELAXED_FLAGS,
            Self::Simd => SIMD_FLAGS,
            Self::Plain => "",
        }
    }

    /// The flags of `wasm-opt`.
    fn features(self) -> &'static [&'static str] {
        match self {
            Self::Relaxed => &["--enable-simd", "--enable-relaxed-simd"],
            Self::Simd => &["--enable-simd"],
            Self::Plain => &[],
        }
    }
}

pub(crate) const SIMD_FLAGS: &str = "-C target-feature=+simd128";
pub(crate) const RELAXED_FLAGS: &str = "-C target-feature=+simd128,+relaxed-simd";

/// Adds the wasm target to the toolchain when it is absent.
pub(crate) fn ensure_target(sh: &Shell) -> Result<()> {
    let libraries = cmd!(sh, "rustc --print target-libdir --target {TARGET}").quiet().read()?;
    if PathBuf::from(libraries).is_dir() {
        return Ok(());
    }
    cmd!(sh, "rustup target add {TARGET}").run().with_context(|| format!("cannot install the target {TARGET}"))
}

/// Writes into `pkg/wasm/` the JavaScript of each module, its builds, and the builds encoded as text in JavaScript.
pub(crate) fn build(sh: &Shell) -> Result<()> {
    ensure_target(sh)?;
    modules::write(sh)?;
    // Each target folder has its lock, and linking uses one core: so the two kinds of builds run in parallel.
    let all = || MODULES.iter().flat_map(|module| module.builds.iter().map(move |&build| (module, build)));
    let (plain, fast): (Vec<_>, Vec<_>) = all().partition(|(_, build)| *build == Build::Plain);
    side_by_side(sh, &[plain, fast], |sh, &(module, build)| compile(sh, module, build))?;
    if !is_current(sh) {
        bind(sh)?;
    }
    Ok(())
}

fn compile(sh: &Shell, module: &Module, build: Build) -> Result<()> {
    let name = module.name;
    let folder = target_folder(build.name());
    // The optimisation level of the linked crate decides whether loops of all other crates are vectorised.
    let linked = if module.trains { "3" } else { "z" };
    let cargo = cmd!(
        sh,
        "cargo build --package eyas-wasm --features {name} --profile wasm --target {TARGET} --target-dir {folder}"
    );
    let cargo = cargo.env("RUSTFLAGS", build.rustflags()).env("CARGO_PROFILE_WASM_OPT_LEVEL", linked);
    let cargo = rustc::with_same_symbols(cargo)?;
    cargo.run().with_context(|| format!("cannot compile the module {name}, {} build", build.name()))?;
    // The compiler gives every module the same file name. An unchanged file keeps its modification time.
    let made = sh.current_dir().join(&folder).join(TARGET).join("wasm/eyas_wasm.wasm");
    let (made, kept) = (sh.read_binary_file(made)?, compiled(sh, name, build));
    if sh.read_binary_file(&kept).ok().as_ref() != Some(&made) {
        sh.write_file(&kept, made)?;
    }
    Ok(())
}

/// Generates the package from the compiled modules. The JavaScript of all builds of a module must be the same, since a page
/// loads only one.
fn bind(sh: &Shell) -> Result<()> {
    sh.remove_path(OUT)?;
    sh.create_dir(OUT)?;
    let (one, other) = MODULES.split_at(MODULES.len() / 2);
    side_by_side(sh, &[one.iter().collect(), other.iter().collect()], |sh, module| bind_module(sh, module))?;
    Ok(sh.write_file(stamp(sh), "")?)
}

/// Runs two lists of work in parallel, each in its order.
fn side_by_side<T: Sync>(
    sh: &Shell,
    lists: &[Vec<T>; 2],
    work: impl Fn(&Shell, &T) -> Result<()> + Sync,
) -> Result<()> {
    let folder = sh.current_dir();
    let through = |list: &[T]| -> Result<()> {
        let sh = Shell::new()?;
        sh.change_dir(&folder);
        list.iter().try_for_each(|item| work(&sh, item))
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| through(&lists[1]));
        let one = through(&lists[0]);
        let other = other.join().map_err(|_| anyhow!("a thread of the build panicked"))?;
        one.and(other)
    })
}

fn bind_module(sh: &Shell, module: &Module) -> Result<()> {
    let mut glues = Vec::new();
    for (build, file) in module.files() {
        glues.push(bind_build(sh, module, build, &file)?);
    }
    ensure!(
        glues.windows(2).all(|pair| pair[0] == pair[1]),
        "the builds of {} want different JavaScript; they must export and import the same names",
        module.name
    );
    let glue = glues.pop().context("a module has no build")?;
    sh.write_file(format!("{OUT}/{}.js", module.name), glue)?;
    Ok(())
}

fn bind_build(sh: &Shell, module: &Module, build: Build, file: &str) -> Result<String> {
    let name = module.name;
    let mut output = Bindgen::new()
        .input_path(compiled(sh, name, build))
        .out_name(name)
        .web(true)
        .and_then(|bindgen| bindgen.typescript(false).omit_default_module_path(true).generate_output())
        .map_err(|error| anyhow!("wasm-bindgen, {file}: {error:#}"))?;
    ensure!(
        output.snippets().values().all(Vec::is_empty) && output.local_modules().is_empty(),
        "inline JavaScript in the library is not supported: it would need files beside {name}.js"
    );
    panics::silence(output.wasm_mut());
    let js = output.js().to_owned();
    let js = glue::with_short_names(js, output.wasm_mut());
    let bound = target_folder(build.name()).join(format!("{name}.bound.wasm"));
    sh.write_file(&bound, output.wasm_mut().emit_wasm())?;
    npm::program(sh, "binaryen/bin/wasm-opt")
        .args(FEATURES)
        .args(build.features())
        // A second pass for size finds what the first one uncovered.
        .args(if module.trains { &["-O3"][..] } else { &["-Os", "-Os"] })
        .args(["--strip-producers", "--strip-target-features", "--output", &optimised(file)])
        .arg(&bound)
        .quiet()
        .run()
        .with_context(|| format!("wasm-opt refused {file}"))?;
    let mut bytes = sh.read_binary_file(optimised(file))?;
    if let Some(home) = cargo_home() {
        blank(&mut bytes, home.as_bytes());
        sh.write_file(optimised(file), &bytes)?;
    }
    inline(sh, file)?;
    package::minified(sh, Path::new(name), &glue::factory(&js)?)
}

/// The folder in which cargo keeps the sources of other crates. Compiled code names them as the places of its errors.
fn cargo_home() -> Option<String> {
    let named = std::env::var("CARGO_HOME").ok();
    named.or_else(|| Some(format!("{}/.cargo", std::env::var("HOME").ok()?))).filter(|home| home.len() > 1)
}

/// Replaces each occurrence of a path by as many slashes, so that a module names no folder of the machine that built it.
fn blank(bytes: &mut [u8], path: &[u8]) {
    let starts: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at..].starts_with(path)).collect();
    for at in starts {
        bytes[at..at + path.len()].fill(b'/');
    }
}

/// A build encoded as text in JavaScript, for `pkg/inline.js`.
fn inline(sh: &Shell, build: &str) -> Result<()> {
    let packed = BASE64_STANDARD.encode(gzipped(&sh.read_binary_file(optimised(build))?)?);
    Ok(sh.write_file(format!("{OUT}/inline_{build}.js"), format!("export const packed = \"{packed}\";\n"))?)
}

/// Whether `pkg/wasm/` holds exactly its files, all newer than their sources: the compiled modules, this program, the npm
/// packages.
fn is_current(sh: &Shell) -> bool {
    let found: BTreeSet<_> = sh.read_dir(OUT).unwrap_or_default().into_iter().collect();
    let Some(written) = npm::modified(&stamp(sh)).filter(|_| found == files(sh)) else {
        return false;
    };
    let compiled = |module: &'static Module| module.builds.iter().map(|&build| compiled(sh, module.name, build));
    let mut sources: Vec<PathBuf> = MODULES.iter().flat_map(compiled).collect();
    sources.push(sh.current_dir().join("package-lock.json"));
    sources.extend(std::env::current_exe());
    sources.iter().all(|source| npm::modified(source).is_some_and(|changed| changed < written))
}

/// The files that `bind` writes.
fn files(sh: &Shell) -> BTreeSet<PathBuf> {
    let glues = MODULES.iter().map(|Module { name, .. }| format!("{name}.js"));
    let builds = MODULES
        .iter()
        .flat_map(Module::files)
        .flat_map(|(_, file)| [format!("{file}.wasm"), format!("inline_{file}.js")]);
    glues.chain(builds).map(|name| sh.current_dir().join(OUT).join(name)).collect()
}

/// A file that is written after all others.
fn stamp(sh: &Shell) -> PathBuf {
    sh.current_dir().join("target/wasm-bound")
}

pub(crate) fn target_folder(variant: &str) -> PathBuf {
    PathBuf::from(format!("target/wasm-{variant}"))
}

fn compiled(sh: &Shell, module: &str, build: Build) -> PathBuf {
    sh.current_dir().join(target_folder(build.name())).join(format!("{module}.wasm"))
}

fn optimised(build: &str) -> String {
    format!("{OUT}/{build}.wasm")
}

pub(crate) fn gzipped(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_blanked_and_all_else_keeps_its_place() {
        let mut bytes = b"a/home/x/.cargo/registry/one.rs/home/x/.cargo".to_vec();
        blank(&mut bytes, b"/home/x/.cargo");
        assert_eq!(bytes, b"a///////////////registry/one.rs//////////////");
    }
}

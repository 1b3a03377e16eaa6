//! The modules of the JavaScript surface: compiled from the crate `eyas-wasm`, those that train with and without SIMD, bound
//! to JavaScript, optimised and held to their budget.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use base64::{Engine, prelude::BASE64_STANDARD};
use flate2::{Compression, write::GzEncoder};
use wasm_bindgen_cli_support::Bindgen;
use xshell::{Shell, cmd};

use crate::{glue, npm, package, panics, rustc};

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
const OUT: &str = "pkg/wasm";
/// What a module may weigh, in KB gz.
const BUDGET: usize = 155;
/// What the one may that every visitor loads last: it reads facts, resolves names, forecasts and explains.
const FORECAST_BUDGET: usize = 170;

/// What rustc emits by default. Anything more (`--all-features` above all) makes modules that browsers refuse.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-multivalue",
    "--enable-reference-types",
];

/// A module, named as the feature of `eyas-wasm` that makes it.
struct Module {
    name: &'static str,
    variants: &'static [Variant],
}

impl Module {
    /// What trains is there in several builds, and is to be fast.
    fn trains(&self) -> bool {
        self.variants.len() > 1
    }
}

const MODULES: [Module; 10] = [
    Module { name: "trainer", variants: &FAST },
    Module { name: "lrmf", variants: &[RELAXED, SIMD, PLAIN] },
    Module { name: "methods", variants: &FAST },
    Module { name: "networks", variants: &FAST },
    Module { name: "forecast", variants: &[PLAIN] },
    Module { name: "forecast_more", variants: &[PLAIN] },
    Module { name: "analyses", variants: &[PLAIN] },
    Module { name: "parameters", variants: &[PLAIN] },
    Module { name: "tables", variants: &[PLAIN] },
    Module { name: "texts", variants: &[PLAIN] },
];

/// A build of a module; the one that runs everywhere has no suffix where it is the only one.
struct Variant {
    name: &'static str,
    rustflags: &'static str,
    features: &'static [&'static str],
}

const PLAIN: Variant = Variant { name: "plain", rustflags: "", features: &[] };
const SIMD: Variant = Variant { name: "simd", rustflags: SIMD_FLAGS, features: &["--enable-simd"] };
/// What trains by steps that nothing hangs on: trees would split elsewhere where products are rounded once less.
const RELAXED: Variant =
    Variant { name: "relaxed", rustflags: RELAXED_FLAGS, features: &["--enable-simd", "--enable-relaxed-simd"] };
const FAST: [Variant; 2] = [SIMD, PLAIN];

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

/// Writes into `pkg/wasm/` each module's JavaScript, its builds, and those as text in JavaScript.
///
/// # Errors
/// Also where a build is over its budget.
pub(crate) fn build(sh: &Shell) -> Result<()> {
    ensure_target(sh)?;
    for module in &MODULES {
        module.variants.iter().try_for_each(|variant| compile(sh, module, variant))?;
    }
    if !is_current(sh) {
        bind(sh)?;
    }
    for (module, build) in MODULES.iter().flat_map(|module| builds(module).map(move |(_, build)| (module, build))) {
        let budget = if module.name == "forecast" { FORECAST_BUDGET } else { BUDGET };
        let bytes = sh.read_binary_file(optimised(&build))?;
        let zipped = gzipped(&bytes)?.len();
        let file = optimised(&build);
        println!("{file}: {} KB, {} KB gz of {budget}", kilobytes(bytes.len()), kilobytes(zipped));
        ensure!(zipped <= 1000 * budget, "{file} is over its budget of {budget} KB gz");
    }
    Ok(())
}

/// The builds of a module, with the names of their files.
fn builds(module: &Module) -> impl Iterator<Item = (&'static Variant, String)> {
    let Module { name, variants, .. } = *module;
    variants.iter().map(move |variant| match variants {
        [_] => (variant, name.to_owned()),
        _ => (variant, format!("{name}_{}", variant.name)),
    })
}

fn compile(sh: &Shell, module: &Module, variant: &Variant) -> Result<()> {
    let name = module.name;
    let folder = target_folder(variant.name);
    // At the level of the crate that is linked all others' loops become vectors, or do not.
    let linked = if module.trains() { "3" } else { "z" };
    let cargo = cmd!(
        sh,
        "cargo build --package eyas-wasm --features {name} --profile wasm --target {TARGET} --target-dir {folder}"
    );
    let cargo = cargo.env("RUSTFLAGS", variant.rustflags).env("CARGO_PROFILE_WASM_OPT_LEVEL", linked);
    let cargo = rustc::with_same_symbols(cargo)?;
    cargo.run().with_context(|| format!("cannot compile the module {name}, {} build", variant.name))?;
    // Every module leaves the compiler under one name. An equal file keeps its date.
    let made = sh.current_dir().join(&folder).join(TARGET).join("wasm/eyas_wasm.wasm");
    let (made, kept) = (sh.read_binary_file(made)?, compiled(sh, name, variant));
    if sh.read_binary_file(&kept).ok().as_ref() != Some(&made) {
        sh.write_file(&kept, made)?;
    }
    Ok(())
}

/// Turns the compiled modules into the package: both glues of a module must be the same text, since a page loads only one.
fn bind(sh: &Shell) -> Result<()> {
    sh.remove_path(OUT)?;
    sh.create_dir(OUT)?;
    for module in &MODULES {
        let mut glues = Vec::new();
        for (variant, build) in builds(module) {
            glues.push(bind_build(sh, module, variant, &build)?);
        }
        ensure!(
            glues.windows(2).all(|pair| pair[0] == pair[1]),
            "the builds of {} want different JavaScript; they must export and import the same names",
            module.name
        );
        let glue = glues.pop().context("a module has no build")?;
        sh.write_file(format!("{OUT}/{}.js", module.name), glue)?;
    }
    Ok(sh.write_file(stamp(sh), "")?)
}

fn bind_build(sh: &Shell, module: &Module, variant: &Variant, build: &str) -> Result<String> {
    let name = module.name;
    let mut output = Bindgen::new()
        .input_path(compiled(sh, name, variant))
        .out_name(name)
        .web(true)
        .and_then(|bindgen| bindgen.typescript(false).omit_default_module_path(true).generate_output())
        .map_err(|error| anyhow!("wasm-bindgen, {build}: {error:#}"))?;
    ensure!(
        output.snippets().values().all(Vec::is_empty) && output.local_modules().is_empty(),
        "inline JavaScript in the library is not supported: it would need files beside {name}.js"
    );
    panics::silence(output.wasm_mut());
    let bound = target_folder(variant.name).join(format!("{name}.bound.wasm"));
    sh.write_file(&bound, output.wasm_mut().emit_wasm())?;
    npm::program(sh, "binaryen/bin/wasm-opt")
        .args(FEATURES)
        .args(variant.features)
        .args([
            if module.trains() { "-O3" } else { "-Os" },
            "--strip-producers",
            "--strip-target-features",
            "--output",
            &optimised(build),
        ])
        .arg(&bound)
        .quiet()
        .run()
        .with_context(|| format!("wasm-opt refused {build}"))?;
    inline(sh, build)?;
    package::minified(sh, Path::new(name), &glue::factory(output.js())?)
}

/// A build as text in JavaScript, for `pkg/inline.js`.
fn inline(sh: &Shell, build: &str) -> Result<()> {
    let packed = BASE64_STANDARD.encode(gzipped(&sh.read_binary_file(optimised(build))?)?);
    Ok(sh.write_file(format!("{OUT}/inline_{build}.js"), format!("export const packed = \"{packed}\";\n"))?)
}

/// Whether `pkg/wasm/` holds its files and no others, newer than what they are made from: the compiled modules, this program,
/// the npm packages.
fn is_current(sh: &Shell) -> bool {
    let found: BTreeSet<_> = sh.read_dir(OUT).unwrap_or_default().into_iter().collect();
    let Some(written) = npm::modified(&stamp(sh)).filter(|_| found == files(sh)) else {
        return false;
    };
    let compiled = |module: &'static Module| module.variants.iter().map(|variant| compiled(sh, module.name, variant));
    let mut sources: Vec<PathBuf> = MODULES.iter().flat_map(compiled).collect();
    sources.push(sh.current_dir().join("package-lock.json"));
    sources.extend(std::env::current_exe());
    sources.iter().all(|source| npm::modified(source).is_some_and(|changed| changed < written))
}

/// What `bind` writes.
fn files(sh: &Shell) -> BTreeSet<PathBuf> {
    let glues = MODULES.iter().map(|Module { name, .. }| format!("{name}.js"));
    let builds =
        MODULES.iter().flat_map(builds).flat_map(|(_, build)| [format!("{build}.wasm"), format!("inline_{build}.js")]);
    glues.chain(builds).map(|name| sh.current_dir().join(OUT).join(name)).collect()
}

/// A file that is written when all others are.
fn stamp(sh: &Shell) -> PathBuf {
    sh.current_dir().join("target/wasm-bound")
}

pub(crate) fn target_folder(variant: &str) -> PathBuf {
    PathBuf::from(format!("target/wasm-{variant}"))
}

fn compiled(sh: &Shell, module: &str, variant: &Variant) -> PathBuf {
    sh.current_dir().join(target_folder(variant.name)).join(format!("{module}.wasm"))
}

fn optimised(build: &str) -> String {
    format!("{OUT}/{build}.wasm")
}

fn gzipped(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

/// For reading: `94.3`.
fn kilobytes(bytes: usize) -> String {
    format!("{}.{}", bytes / 1000, bytes % 1000 / 100)
}

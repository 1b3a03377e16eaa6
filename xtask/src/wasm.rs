//! The library as WebAssembly: compiled with and without SIMD, bound to one JavaScript glue, optimised.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, ensure};
use base64::{Engine, prelude::BASE64_STANDARD};
use flate2::{Compression, write::GzEncoder};
use wasm_bindgen_cli_support::Bindgen;
use xshell::{Shell, cmd};

use crate::{npm, rustc};

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
const OUT: &str = "pkg/wasm";
/// What the module may weigh, in KB gz.
const BUDGET: usize = 150;

/// What rustc emits by default. Anything more (`--all-features` above all) makes modules that browsers refuse.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-multivalue",
    "--enable-reference-types",
];

struct Variant {
    name: &'static str,
    rustflags: &'static str,
    features: &'static [&'static str],
}

const VARIANTS: [Variant; 2] = [
    Variant { name: "simd", rustflags: SIMD_FLAGS, features: &["--enable-simd"] },
    Variant { name: "plain", rustflags: "", features: &[] },
];

pub(crate) const SIMD_FLAGS: &str = "-C target-feature=+simd128";

/// The JavaScript and TypeScript that wasm-bindgen writes for a module.
#[derive(PartialEq)]
struct Glue {
    js: String,
    ts: String,
}

/// Adds the wasm target to the toolchain when it is absent.
pub(crate) fn ensure_target(sh: &Shell) -> Result<()> {
    let libraries = cmd!(sh, "rustc --print target-libdir --target {TARGET}").quiet().read()?;
    if PathBuf::from(libraries).is_dir() {
        return Ok(());
    }
    cmd!(sh, "rustup target add {TARGET}").run().with_context(|| format!("cannot install the target {TARGET}"))
}

/// Writes `eyas.js`, `eyas.d.ts`, `eyas_simd.wasm`, `eyas_plain.wasm` and both as JavaScript into `pkg/wasm/`.
pub(crate) fn build(sh: &Shell) -> Result<()> {
    ensure_target(sh)?;
    for variant in &VARIANTS {
        compile(sh, variant)?;
    }
    if !is_current(sh) {
        bind(sh)?;
    }
    for Variant { name, .. } in &VARIANTS {
        let bytes = sh.read_binary_file(optimised(name))?;
        let (size, gzipped) = (kilobytes(bytes.len()), kilobytes(gzipped(&bytes)?.len()));
        println!("{}: {size} KB, {gzipped} KB gz (to become {BUDGET} KB gz at most)", optimised(name));
    }
    Ok(())
}

fn compile(sh: &Shell, Variant { name, rustflags, .. }: &Variant) -> Result<()> {
    let folder = target_folder(name);
    let cargo = cmd!(sh, "cargo build --package eyas --lib --profile wasm --target {TARGET} --target-dir {folder}");
    let cargo = rustc::with_same_symbols(cargo.env("RUSTFLAGS", rustflags))?;
    cargo.run().with_context(|| format!("cannot compile the {name} wasm build"))
}

/// Turns the compiled modules into the package: both glues must be the same text, since the page loads only one.
fn bind(sh: &Shell) -> Result<()> {
    sh.remove_path(OUT)?;
    sh.create_dir(OUT)?;
    let mut glues = Vec::new();
    for variant in &VARIANTS {
        glues.push(bind_variant(sh, variant)?);
    }
    ensure!(
        glues.windows(2).all(|pair| pair[0] == pair[1]),
        "the SIMD and the plain build want different JavaScript; they must export and import the same names"
    );
    let glue = glues.pop().context("there are no wasm variants")?;
    sh.write_file(format!("{OUT}/eyas.d.ts"), glue.ts)?;
    sh.write_file(format!("{OUT}/eyas.js"), glue.js)?;
    Ok(())
}

fn bind_variant(sh: &Shell, Variant { name, features, .. }: &Variant) -> Result<Glue> {
    let mut output = Bindgen::new()
        .input_path(compiled(sh, name))
        .out_name("eyas")
        .web(true)
        .and_then(|bindgen| bindgen.typescript(true).omit_default_module_path(true).generate_output())
        .map_err(|error| anyhow!("wasm-bindgen, {name} build: {error:#}"))?;
    ensure!(
        output.snippets().values().all(Vec::is_empty) && output.local_modules().is_empty(),
        "inline JavaScript in the library is not supported: it would need files beside eyas.js"
    );
    let bound = target_folder(name).join("bound.wasm");
    sh.write_file(&bound, output.wasm_mut().emit_wasm())?;
    npm::program(sh, "binaryen/bin/wasm-opt")
        .args(FEATURES)
        .args(*features)
        .args(["-O3", "--output", &optimised(name)])
        .arg(&bound)
        .quiet()
        .run()
        .with_context(|| format!("wasm-opt refused the {name} build"))?;
    inline(sh, name)?;
    let ts = output.ts().context("wasm-bindgen wrote no types")?.to_owned();
    Ok(Glue { js: output.js().to_owned(), ts })
}

/// The module as text in JavaScript, for `pkg/inline.js`.
fn inline(sh: &Shell, name: &str) -> Result<()> {
    let packed = BASE64_STANDARD.encode(gzipped(&sh.read_binary_file(optimised(name))?)?);
    Ok(sh.write_file(format!("{OUT}/inline_{name}.js"), format!("export const packed = \"{packed}\";\n"))?)
}

/// Whether `pkg/wasm/` is newer than what it is made from: the compiled modules, this program, the npm packages.
fn is_current(sh: &Shell) -> bool {
    // The glue is written last, so it stands for the rest.
    let Some(written) = npm::modified(&sh.current_dir().join(OUT).join("eyas.js")) else {
        return false;
    };
    let mut sources: Vec<PathBuf> = VARIANTS.iter().map(|variant| compiled(sh, variant.name)).collect();
    sources.push(sh.current_dir().join("package-lock.json"));
    sources.extend(std::env::current_exe());
    sources.iter().all(|source| npm::modified(source).is_some_and(|changed| changed < written))
}

pub(crate) fn target_folder(name: &str) -> PathBuf {
    PathBuf::from(format!("target/wasm-{name}"))
}

fn compiled(sh: &Shell, name: &str) -> PathBuf {
    sh.current_dir().join(target_folder(name)).join(TARGET).join("wasm/eyas.wasm")
}

fn optimised(name: &str) -> String {
    format!("{OUT}/eyas_{name}.wasm")
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

//! Builds the published npm package: `pkg/` with its JavaScript minified.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

use crate::bundle;

/// The folder of the package, for `npm publish`.
pub(crate) const OUT: &str = "target/package";
/// Writes the hashes of the files, for `integrity` in tags.
const INTEGRITY: &str = "xtask/src/integrity.mjs";
const MINIFY: &str = include_str!("minify.cjs");

/// Files of the repository that are copied into the package.
const BESIDE: [(&str, &str); 5] = [
    ("www/public/model.eyas.gz", bundle::MODEL),
    ("www/public/data-licences.txt", bundle::LICENCES),
    ("docs/eyas-snapshot-2.schema.json", "schema.json"),
    ("LICENSE-APACHE", "LICENSE-APACHE"),
    ("LICENSE-MIT", "LICENSE-MIT"),
];

/// Files into which the modules that only they import are bundled: on a page each further file delays the discovery of the
/// next one.
const JOINED: [&str; 6] = ["api.js", "board.js", "forecast.js", "leaderboard.js", "leaderboard-csv.js", "view.js"];
const PARTS: [&str; 14] = [
    "instances.js",
    "modules.js",
    "drawing.js",
    "drawing.d.ts",
    "standing.js",
    "standing.d.ts",
    "fact-columns.js",
    "fact-columns.d.ts",
    "csv.js",
    "csv.d.ts",
    "foot.js",
    "lease.js",
    "forecast-style.js",
    "leaderboard-style.js",
];

/// Completes `pkg/` and puts the package together.
pub(crate) fn build(sh: &Shell) -> Result<()> {
    for (from, to) in BESIDE {
        sh.copy_file(from, format!("pkg/{to}")).with_context(|| format!("cannot copy {from} into the package"))?;
    }
    sh.remove_path(OUT)?;
    for folder in ["", "widget", "wasm"] {
        let to = PathBuf::from(OUT).join(folder);
        sh.create_dir(&to)?;
        for file in sh.read_dir(PathBuf::from("pkg").join(folder))?.into_iter().filter(|path| path.is_file()) {
            let name = file.file_name().context("a file without a name")?;
            if PARTS.iter().any(|part| name == *part) {
                continue;
            }
            // Generated files are already minified.
            if folder != "wasm" && JOINED.iter().any(|joined| name == *joined) {
                let joined = cmd!(sh, "node -e {MINIFY} {file}").quiet().read();
                let joined = joined.with_context(|| format!("esbuild refused {}", file.display()))?;
                sh.write_file(to.join(name), joined)?;
            } else if folder != "wasm" && file.extension().is_some_and(|extension| extension == "js") {
                sh.write_file(to.join(name), minified(sh, &file, &sh.read_file(&file)?)?)?;
            } else {
                sh.copy_file(&file, to.join(name))?;
            }
        }
    }
    cmd!(sh, "node {INTEGRITY} {OUT}").quiet().run().context("cannot hash the files of the package")?;
    pack(sh)
}

/// The package as npm publishes it, which the page offers for sites that host the elements themselves.
fn pack(sh: &Shell) -> Result<()> {
    for old in sh.read_dir(bundle::OUT)?.into_iter().filter(|path| path.extension().is_some_and(|end| end == "tgz")) {
        sh.remove_path(old)?;
    }
    let to = bundle::OUT;
    cmd!(sh, "npm pack ./{OUT} --pack-destination {to} --loglevel=error").quiet().ignore_stdout().run()?;
    Ok(())
}

/// Minified JavaScript; `of` names it in errors.
pub(crate) fn minified(sh: &Shell, of: &Path, js: &str) -> Result<String> {
    let minified = cmd!(sh, "node -e {MINIFY}").stdin(js).quiet().read();
    minified.with_context(|| format!("esbuild refused {}", of.display()))
}

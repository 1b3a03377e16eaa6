//! Builds the published npm package: `pkg/` with its JavaScript minified.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

use crate::bundle;

/// The folder of the package, for `npm publish`.
const OUT: &str = "target/package";
const MINIFY: &str = include_str!("minify.cjs");

/// Files of the repository that are copied into the package.
const BESIDE: [(&str, &str); 5] = [
    ("www/public/model.eyas.gz", bundle::MODEL),
    ("www/public/data-licences.txt", bundle::LICENCES),
    ("docs/eyas-snapshot-2.schema.json", "schema.json"),
    ("LICENSE-APACHE", "LICENSE-APACHE"),
    ("LICENSE-MIT", "LICENSE-MIT"),
];

/// Modules that only `api.js` imports are bundled into it: on a page each further file delays the discovery of the next one.
const PARTS: [&str; 2] = ["instances.js", "modules.js"];

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
            if name == "api.js" {
                let joined = cmd!(sh, "node -e {MINIFY} {file}").quiet().read();
                sh.write_file(to.join(name), joined.context("esbuild refused api.js")?)?;
            } else if folder != "wasm" && file.extension().is_some_and(|extension| extension == "js") {
                sh.write_file(to.join(name), minified(sh, &file, &sh.read_file(&file)?)?)?;
            } else {
                sh.copy_file(&file, to.join(name))?;
            }
        }
    }
    Ok(())
}

/// Minified JavaScript; `of` names it in errors.
pub(crate) fn minified(sh: &Shell, of: &Path, js: &str) -> Result<String> {
    let minified = cmd!(sh, "node -e {MINIFY}").stdin(js).quiet().read();
    minified.with_context(|| format!("esbuild refused {}", of.display()))
}

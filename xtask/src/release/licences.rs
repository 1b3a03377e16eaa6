//! The licences of all that is compiled into what is published, against a list of those that its own licence allows.

use anyhow::{Context, Result};
use serde_json::Value;
use spdx::{Expression, ParseMode};
use xshell::{Shell, cmd};

/// Licences whose texts allow a distribution under MIT or Apache-2.0, with attribution at most.
const ALLOWED: [&str; 13] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// The lock file of the page's packages.
const LOCK: &str = "package-lock.json";

/// The dependencies, of Rust and of the page, whose licence is missing or not allowed.
pub(super) fn mistakes(sh: &Shell) -> Result<Vec<String>> {
    let options = ["--package", "eyas", "--package", "eyas-wasm", "--edges", "normal", "--target", "all"];
    let tree = cmd!(sh, "cargo tree {options...} --prefix none --no-dedupe --format '{p}\t{l}'").quiet().read()?;
    let mut found: Vec<String> = tree.lines().filter_map(|line| line.split_once('\t')).filter_map(refused).collect();
    found.extend(of_page(sh)?);
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// The page contains its packages; those that only build or test it are in no release.
fn of_page(sh: &Shell) -> Result<Vec<String>> {
    let lock: Value = serde_json::from_str(&sh.read_file(LOCK)?)?;
    let packages = lock["packages"].as_object().with_context(|| format!("{LOCK} has no packages"))?;
    let shipped = packages
        .iter()
        .filter(|(path, about)| !path.is_empty() && about["dev"] != true && about["devOptional"] != true);
    Ok(shipped.filter_map(|(path, about)| refused((path, about["license"].as_str().unwrap_or_default()))).collect())
}

fn refused((name, licence): (&str, &str)) -> Option<String> {
    let licence = licence.trim();
    if licence.is_empty() {
        return Some(format!("{name} states no licence"));
    }
    // Older manifests write `MIT/Apache-2.0`.
    let Ok(expression) = Expression::parse_mode(licence, ParseMode::LAX) else {
        return Some(format!("{name}: the licence {licence:?} is no SPDX expression"));
    };
    let allowed = expression.evaluate(|wanted| {
        let is_listed = wanted.license.id().is_some_and(|id| ALLOWED.contains(&id.name));
        is_listed && wanted.addition.is_none()
    });
    (!allowed)
        .then(|| format!("{name}: the licence {licence} is none of those that xtask/src/release/licences.rs allows"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_allowed_choice_suffices_and_all_parts_must_be_allowed() {
        for licence in ["MIT", "MIT/Apache-2.0", "GPL-3.0-only OR MIT", "(MIT OR Apache-2.0) AND Unicode-3.0"] {
            assert_eq!(refused(("a", licence)), None, "{licence}");
        }
        for licence in ["", "GPL-3.0-only", "MIT AND GPL-3.0-only", "Apache-2.0 WITH LLVM-exception", "see LICENSE"] {
            assert!(refused(("a", licence)).is_some(), "{licence}");
        }
    }
}

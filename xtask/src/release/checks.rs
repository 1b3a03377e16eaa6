//! Checks of what a release has and names: versions that agree, files that belong there, nothing private.

use anyhow::{Context, Result};
use serde_json::Value;
use xshell::{Shell, cmd};

/// Files that name the version in an address, such as `eyas@0.1`.
const ADDRESSES: [&str; 9] = [
    ".github/actions/card/action.yml",
    "README.md",
    "docs/widget.md",
    "examples/embed/html/index.html",
    "examples/embed/mdbook/theme/head.hbs",
    "examples/embed/mkdocs/mkdocs.yml",
    "examples/embed/sphinx/conf.py",
    "pkg/README.md",
    "www/tags.ts",
];

/// What each kind of archive must have, and the beginnings of names that it must not have.
pub(super) struct Rules {
    needed: &'static [&'static str],
    refused: &'static [&'static str],
}

pub(super) const CRATE: Rules = Rules {
    needed: &["Cargo.toml", "Cargo.lock", "src/lib.rs"],
    refused: &[
        "tests",
        "examples",
        "www",
        "pkg",
        "docs",
        "fuzz",
        "dist",
        "xtask",
        "wasm",
        "data/published",
        "index.html",
        ".github",
    ],
};
pub(super) const PAGE: Rules = Rules {
    needed: &["index.html", "sw.js", "model.eyas.gz", "data-licences.txt"],
    refused: &["tests", "node_modules", "target"],
};
const PACKAGE: Rules = Rules {
    needed: &["package.json", "README.md", "LICENSE-MIT", "LICENSE-APACHE", "data-licences.txt"],
    refused: &["tests", "node_modules", "examples", "www"],
};

/// Folders of the people or machines that build; none of their names belongs into a release.
const PRIVATE: [&str; 4] = ["/root/", "/home/", "/Users/", "/tmp/"];

/// The version of the workspace.
pub(super) fn version(sh: &Shell) -> Result<String> {
    let manifest = sh.read_file("Cargo.toml")?;
    let line = manifest.lines().find_map(|line| line.strip_prefix("version = \""));
    Ok(line.and_then(|rest| rest.split('"').next()).context("Cargo.toml states no version")?.to_owned())
}

/// Names and versions that do not agree with that of the workspace.
pub(super) fn versions(sh: &Shell, version: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let package: Value = serde_json::from_str(&sh.read_file("pkg/package.json")?)?;
    for (field, expected) in [("name", "eyas"), ("version", version)] {
        if package[field] != expected {
            found.push(format!("pkg/package.json: {field} is {}, and Cargo.toml has {expected:?}", package[field]));
        }
    }
    let manifest = sh.read_file("Cargo.toml")?;
    if !manifest.contains(&format!("eyas-kernels = {{ path = \"kernels\", version = \"{version}\" }}")) {
        found.push(format!("Cargo.toml: eyas must depend on eyas-kernels {version}"));
    }
    let minor = version.rsplit_once('.').map_or(version, |(minor, _)| minor);
    for file in ADDRESSES {
        let text = sh.read_file(file)?;
        let is_digit = |first: char| first.is_ascii_digit();
        let is_other = |version: &&str| {
            version.starts_with(is_digit) && version.strip_prefix(minor).is_none_or(|after| after.starts_with(is_digit))
        };
        let wrong = text.split("eyas@").skip(1).find(is_other);
        if let Some(rest) = wrong {
            let named: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
            found.push(format!("{file}: eyas@{named} is not of version {version}; write eyas@{minor}"));
        }
    }
    let news = sh.read_file("CHANGELOG.md")?;
    if !news.contains("## Unreleased") && !news.contains(&format!("## {version}")) {
        found.push(format!("CHANGELOG.md: there is no section of {version}"));
    }
    Ok(found)
}

/// The npm package: its contents, and that each entry of `exports` and `bin` is there.
pub(super) fn package(sh: &Shell, archive: &str) -> Result<Vec<String>> {
    let mut found = contents(sh, archive, PACKAGE)?;
    let files = list(sh, archive)?;
    let manifest = cmd!(sh, "tar --extract --to-stdout --file {archive} package/package.json").quiet().read()?;
    let manifest: Value = serde_json::from_str(&manifest)?;
    let mut entries = Vec::new();
    for field in ["exports", "bin", "types", "unpkg", "jsdelivr"] {
        texts(&manifest[field], &mut entries);
    }
    for entry in entries.iter().filter(|entry| !entry.contains('*')) {
        let file = entry.trim_start_matches("./");
        if !files.iter().any(|there| there == file) {
            found.push(format!("{archive}: package.json names {entry}, which is not there"));
        }
    }
    Ok(found)
}

/// What an archive lacks, what does not belong into it, and what in it names a private folder.
pub(super) fn contents(sh: &Shell, archive: &str, Rules { needed, refused }: Rules) -> Result<Vec<String>> {
    let files = list(sh, archive)?;
    let has = |wanted: &str| files.iter().any(|file| file == wanted);
    let mut found: Vec<String> =
        needed.iter().filter(|wanted| !has(wanted)).map(|wanted| format!("{archive} lacks {wanted}")).collect();
    let is_refused = |file: &str| {
        let is_below =
            |folder: &&str| file == *folder || file.strip_prefix(*folder).is_some_and(|rest| rest.starts_with('/'));
        refused.iter().any(is_below)
            || file.split('/').any(|part| part.starts_with(".env") || part == ".npmrc" || part == ".git")
    };
    found.extend(
        files.iter().filter(|file| is_refused(file)).map(|file| format!("{archive}: {file} does not belong there")),
    );
    let bytes = cmd!(sh, "tar --extract --to-stdout --file {archive}").quiet().output()?.stdout;
    let named = PRIVATE.iter().filter(|folder| bytes.windows(folder.len()).any(|part| part == folder.as_bytes()));
    found.extend(named.map(|folder| format!("{archive}: a file names the folder {folder}")));
    Ok(found)
}

/// The files of an archive, without the folder that contains them all.
fn list(sh: &Shell, archive: &str) -> Result<Vec<String>> {
    let listed =
        cmd!(sh, "tar --list --file {archive}").quiet().read().with_context(|| format!("cannot read {archive}"))?;
    let files = listed.lines().filter(|name| !name.ends_with('/'));
    Ok(files.filter_map(|name| name.split_once('/')).map(|(_, file)| file.to_owned()).collect())
}

fn texts<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Object(fields) => fields.values().for_each(|field| texts(field, found)),
        _ => {}
    }
}

#[cfg(test)]
#[path = "checks_tests.rs"]
mod tests;

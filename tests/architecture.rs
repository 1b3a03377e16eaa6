//! Checks the imports of `src/` against the tables of ARCHITECTURE.md: one row for each component, whose last column
//! lists the components that it may import, all of them further down. This excludes circles and imports of a component
//! further up, and keeps the tables true.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// An import of one file by another, by their paths below `src/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Import {
    from: String,
    line: usize,
    to: String,
    /// The path as written, from the root of the crate.
    path: String,
}

/// The modules of the crate: `methods::lrmf` to `methods/lrmf/mod.rs`.
struct Modules(BTreeMap<Vec<String>, String>);

impl Modules {
    fn find() -> Self {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut found = BTreeMap::new();
        for file in rust_files(&source) {
            let file = file.strip_prefix(&source).unwrap().to_str().unwrap().replace('\\', "/");
            found.insert(module_of(&file), file);
        }
        Self(found)
    }

    /// The file that defines what a path from the crate's root names.
    fn file_of(&self, path: &[String]) -> Option<&str> {
        (1..=path.len()).rev().find_map(|length| self.0.get(&path[..length])).map(String::as_str)
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            files.extend(rust_files(&entry));
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            files.push(entry);
        }
    }
    files.sort();
    files
}

fn module_of(file: &str) -> Vec<String> {
    let mut parts: Vec<String> = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if matches!(parts.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        parts.pop();
    }
    parts
}

/// Collects what a file imports or names by `crate::`, `super::` and `self::`, tests left out.
struct Collector<'a> {
    modules: &'a Modules,
    file: &'a str,
    module: Vec<String>,
    found: BTreeSet<Import>,
}

impl Collector<'_> {
    fn name(&mut self, path: &[String], line: usize) {
        let mut absolute = match path.first().map(String::as_str) {
            Some("crate") => Vec::new(),
            Some("super" | "self") => self.module.clone(),
            _ => return,
        };
        for part in path {
            match part.as_str() {
                "crate" | "self" => {}
                "super" => drop(absolute.pop()),
                part => absolute.push(part.to_owned()),
            }
        }
        let Some(to) = self.modules.file_of(&absolute).filter(|to| *to != self.file) else { return };
        let (from, to, path) = (self.file.to_owned(), to.to_owned(), absolute.join("::"));
        self.found.insert(Import { from, line, to, path });
    }

    fn tree(&mut self, tree: &syn::UseTree, before: &mut Vec<String>) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.tree(&path.tree, before);
                before.pop();
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(tree, before)),
            syn::UseTree::Name(syn::UseName { ident }) | syn::UseTree::Rename(syn::UseRename { ident, .. }) => {
                before.push(ident.to_string());
                self.name(before, ident.span().start().line);
                before.pop();
            }
            syn::UseTree::Glob(glob) => self.name(before, glob.span().start().line),
        }
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let list = attribute.meta.require_list().map(|list| list.tokens.to_string()).unwrap_or_default();
        attribute.path().is_ident("cfg") && list.split(|c: char| !c.is_alphanumeric()).any(|word| word == "test")
    })
}

impl<'ast> Visit<'ast> for Collector<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if !is_test(&item.attrs) {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !is_test(&item.attrs) {
            self.tree(&item.tree, &mut Vec::new());
        }
    }

    /// `pub(super)` imports nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.name(&parts, path.span().start().line);
        visit::visit_path(self, path);
    }
}

/// All imports within `src/`. A facade (`mod.rs`) that re-exports its own children imports nothing by that.
fn imports() -> Vec<Import> {
    let modules = Modules::find();
    let mut found = Vec::new();
    for (module, file) in &modules.0 {
        if file.ends_with("tests.rs") || file == "methods/training/device_examples.rs" {
            continue;
        }
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file)).unwrap();
        let mut collector = Collector { modules: &modules, file, module: module.clone(), found: BTreeSet::new() };
        collector.visit_file(&syn::parse_file(&text).unwrap());
        found.extend(collector.found);
    }
    assert!(found.len() > 500, "only {} imports were found", found.len());
    found
}

/// The table under a heading of ARCHITECTURE.md: components from top to bottom, and the components that each may
/// import.
fn map(heading: &str) -> Vec<(String, BTreeSet<String>)> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).unwrap();
    let (_, section) = text.split_once(&format!("{heading}\n")).unwrap();
    let quoted = |cell: &str| -> Vec<String> { cell.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    let rows =
        section.lines().skip_while(|line| !line.starts_with("|---")).skip(1).take_while(|line| line.starts_with('|'));
    let mut components = Vec::new();
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let may: BTreeSet<String> = quoted(cells.last().unwrap()).into_iter().collect();
        for component in quoted(cells[0]).iter().filter_map(|component| component.strip_prefix("src/")) {
            components.push((component.to_owned(), may.clone()));
        }
    }
    assert!(components.len() > 5, "the map under {heading:?} is not read");
    components
}

/// The component of a file below `within`: `lrmf/` of `methods/lrmf/model.rs`, `data.rs` of `methods/data.rs`.
fn component_of<'a>(file: &'a str, within: &str) -> Option<&'a str> {
    let rest = file.strip_prefix(within)?;
    Some(rest.find('/').map_or(rest, |end| &rest[..=end]))
}

/// Compares the imports between the components of a folder with its table; returns one message for each violation.
fn compare(within: &str, map: &[(String, BTreeSet<String>)], imports: &[Import], facade: &str) -> Vec<String> {
    let short = |component: &str| component.trim_end_matches('/').trim_end_matches(".rs").to_owned();
    let place = |component: &str| map.iter().position(|(other, _)| other == component);
    let mut wrong = Vec::new();
    let mut seen: BTreeSet<(usize, usize)> = BTreeSet::new();
    for Import { from, line, to, path } in imports {
        let (Some(a), Some(b)) = (component_of(from, within), component_of(to, within)) else { continue };
        if a == b || a == facade {
            continue;
        }
        if b == facade {
            wrong.push(format!("src/{from}:{line}: imports {path} from the facade; name the module that defines it"));
            continue;
        }
        let (Some(a), Some(b)) = (place(&format!("{within}{a}")), place(&format!("{within}{b}"))) else {
            wrong.push(format!("src/{from}:{line}: imports {path}, and ARCHITECTURE.md does not know both components"));
            continue;
        };
        seen.insert((a, b));
        if b < a {
            wrong.push(format!("src/{from}:{line}: imports {path}, an arrow back up the map of ARCHITECTURE.md"));
        } else if !map[a].1.contains(&short(component_of(&map[b].0, within).unwrap())) {
            wrong.push(format!("src/{from}:{line}: imports {path}, which the map of ARCHITECTURE.md does not allow"));
        }
    }
    for (at, (component, may)) in map.iter().enumerate().filter(|(_, (component, _))| component.starts_with(within)) {
        for name in may {
            let to = map
                .iter()
                .position(|(other, _)| component_of(other, within).is_some_and(|other| short(other) == *name));
            if to.is_none_or(|to| !seen.contains(&(at, to))) {
                wrong.push(format!("ARCHITECTURE.md: {component} does not import {name}"));
            }
        }
    }
    wrong
}

#[test]
fn the_components_import_what_the_table_allows() {
    let wrong = compare("", &map("## The map"), &imports(), "lib.rs");
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn the_components_of_the_methods_import_what_their_table_allows() {
    let wrong = compare("methods/", &map("### Inside `src/methods/`"), &imports(), "mod.rs");
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// Leaves out the inside of `methods/eyas/`.
#[test]
fn no_files_of_the_methods_import_each_other_in_a_circle() {
    let imports = imports();
    let counts =
        |file: &str| file.starts_with("methods/") && !file.starts_with("methods/eyas/") && !file.ends_with("/mod.rs");
    let mut to: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for import in imports.iter().filter(|import| counts(&import.from) && counts(&import.to)) {
        to.entry(&import.from).or_default().insert(&import.to);
    }
    // Removes files that import only removed files, until the rest is in a circle or leads to one.
    loop {
        let free: Vec<&str> = to
            .iter()
            .filter(|(_, to_files)| to_files.iter().all(|file| !to.contains_key(file)))
            .map(|(file, _)| *file)
            .collect();
        if free.is_empty() {
            break;
        }
        free.into_iter().for_each(|file| drop(to.remove(file)));
    }
    assert!(to.is_empty(), "these files import each other in a circle, or one that does: {to:#?}");
}

/// Each kind of violation is reported with its line.
#[test]
fn violations_of_the_table_are_reported() {
    let components = |rows: &[(&str, &[&str])]| -> Vec<(String, BTreeSet<String>)> {
        rows.iter()
            .map(|(component, may)| ((*component).to_owned(), may.iter().map(|may| (*may).to_owned()).collect()))
            .collect()
    };
    let import = |from: &str, to: &str| Import { from: from.into(), line: 7, to: to.into(), path: "x::Y".into() };
    let map = components(&[("top/", &["low"]), ("middle/", &["low"]), ("low.rs", &[])]);
    let good = [import("top/a.rs", "low.rs"), import("middle/b.rs", "low.rs")];
    assert!(compare("", &map, &good, "lib.rs").is_empty());
    let with = |more: Import| compare("", &map, &[&good[..], &[more]].concat(), "lib.rs").join("\n");
    assert!(with(import("low.rs", "top/a.rs")).contains("src/low.rs:7: imports x::Y, an arrow back up"));
    assert!(with(import("top/a.rs", "middle/b.rs")).contains("src/top/a.rs:7: imports x::Y, which the map"));
    assert!(with(import("top/a.rs", "new/b.rs")).contains("does not know both components"));
    assert!(with(import("top/a.rs", "lib.rs")).contains("from the facade"));
    assert!(compare("", &map, &good[..1], "lib.rs").join("\n").contains("middle/ does not import low"));
}

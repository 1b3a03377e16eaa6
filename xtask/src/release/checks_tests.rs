use super::*;

/// A small tree that passes, in a folder of its own.
fn tree() -> (Shell, xshell::TempDir) {
    let sh = Shell::new().unwrap();
    let folder = sh.create_temp_dir().unwrap();
    sh.change_dir(folder.path());
    sh.write_file("Cargo.toml", "[workspace.package]\nversion = \"0.1.0\"\n[dependencies]\neyas-kernels = { path = \"kernels\", version = \"0.1.0\" }\n").unwrap();
    sh.write_file("pkg/package.json", r#"{ "name": "eyas", "version": "0.1.0" }"#).unwrap();
    sh.write_file("CHANGELOG.md", "# Changelog\n\n## Unreleased\n").unwrap();
    for file in ADDRESSES {
        sh.write_file(file, "https://host/npm/eyas@0.1/eyas-widget.js and eyas@0.1.0, eyas@latest\n").unwrap();
    }
    (sh, folder)
}

#[test]
fn versions_that_agree_pass_and_each_that_does_not_is_named() {
    let (sh, _folder) = tree();
    assert_eq!(version(&sh).unwrap(), "0.1.0");
    assert_eq!(versions(&sh, "0.1.0").unwrap(), [""; 0]);
    for (file, from, to, expected) in [
        ("pkg/package.json", "0.1.0", "0.2.0", "pkg/package.json: version is \"0.2.0\""),
        ("pkg/package.json", "eyas", "eyes", "pkg/package.json: name is \"eyes\""),
        (
            "Cargo.toml",
            "kernels\", version = \"0.1.0",
            "kernels\", version = \"0.0.9",
            "eyas must depend on eyas-kernels 0.1.0",
        ),
        (
            "docs/widget.md",
            "eyas@0.1/",
            "eyas@0.12/",
            "docs/widget.md: eyas@0.12 is not of version 0.1.0; write eyas@0.1",
        ),
        ("CHANGELOG.md", "Unreleased", "0.0.9", "there is no section of 0.1.0"),
    ] {
        let right = sh.read_file(file).unwrap();
        sh.write_file(file, right.replace(from, to)).unwrap();
        let found = versions(&sh, "0.1.0").unwrap();
        assert!(found.len() == 1 && found[0].contains(expected), "{file}: {found:?}");
        sh.write_file(file, right).unwrap();
    }
}

/// The mistakes of a package with these files.
fn packed(files: &[(&str, &str)]) -> Vec<String> {
    let sh = Shell::new().unwrap();
    let folder = sh.create_temp_dir().unwrap();
    sh.change_dir(folder.path());
    for (name, text) in files {
        sh.write_file(format!("package/{name}"), text).unwrap();
    }
    cmd!(sh, "tar --create --gzip --file a.tgz package").quiet().run().unwrap();
    package(&sh, "a.tgz").unwrap()
}

#[test]
fn a_package_has_what_it_names_and_nothing_else() {
    let right = [
        (
            "package.json",
            r#"{ "exports": { ".": { "types": "./i.d.ts", "default": "./i.js" }, "./w/*": "./w/*" }, "bin": { "eyas": "cli.js" } }"#,
        ),
        ("README.md", ""),
        ("LICENSE-MIT", ""),
        ("LICENSE-APACHE", ""),
        ("data-licences.txt", ""),
        ("i.js", ""),
        ("i.d.ts", ""),
        ("cli.js", ""),
    ];
    assert_eq!(packed(&right), [""; 0]);
    let broken = |change: &[(&'static str, Option<&'static str>)]| {
        let mut files: Vec<_> = right.to_vec();
        for (name, text) in change {
            files.retain(|(other, _)| other != name);
            files.extend(text.map(|text| (*name, text)));
        }
        packed(&files)
    };
    for (change, expected) in [
        (("i.d.ts", None), "names ./i.d.ts, which is not there"),
        (("cli.js", None), "names cli.js, which is not there"),
        (("LICENSE-MIT", None), "lacks LICENSE-MIT"),
        (("tests/a.csv", Some("")), "tests/a.csv does not belong there"),
        ((".env.local", Some("")), ".env.local does not belong there"),
        (("i.js", Some("// built in /home/somebody/eyas")), "names the folder /home/"),
    ] {
        let found = broken(&[change]);
        assert!(found.len() == 1 && found[0].contains(expected), "{change:?}: {found:?}");
    }
}

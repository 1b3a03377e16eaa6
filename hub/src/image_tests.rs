//! The image and the compose file: neither is built here, so what they name is looked up.

use crate::engine::Where;
use crate::{Arguments, Command, address};
use clap::Parser;
use std::path::Path;
use std::process::Command as Program;

/// Whether this program takes an image's command.
fn takes(command: &[String]) -> std::result::Result<Command, clap::Error> {
    let words = std::iter::once("eyas-hub").chain(command.iter().map(String::as_str));
    Arguments::try_parse_from(words).map(|arguments| arguments.command)
}

#[test]
fn commands_of_the_compose_file_are_taken() {
    let file = include_str!("../compose.yaml");
    // The lists of YAML that the file has are lists of JSON.
    let lists = file.lines().filter_map(|line| line.trim().strip_prefix("command: "));
    let commands: Vec<Vec<String>> = lists.map(|list| serde_json::from_str(list).unwrap()).collect();
    assert_eq!(commands.len(), file.matches("<<: *eyas-hub").count());
    for command in &commands {
        match takes(command).unwrap_or_else(|error| panic!("{command:?}: {error}")) {
            Command::Executor(executor) => {
                let (host, _) = address(&executor.scheduler).unwrap();
                assert!(file.contains(&format!("\n  {host}:\n")), "no service {host}");
                executor.limits.limits().unwrap();
            }
            Command::Build(build) => assert!(matches!(build.plan().unwrap().place, Where::Cluster(_))),
            Command::Scheduler(scheduler) => {
                assert!(file.contains(&format!("/dev/tcp/localhost/{}\"", scheduler.bind.port())));
            }
            Command::Generate(_) => panic!("{command:?}: serves nobody"),
        }
    }
}

#[test]
fn the_image_is_made_of_files_that_are_there_and_enough() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let image = tempfile::tempdir().unwrap();
    let copies = include_str!("../Dockerfile").lines().filter_map(|line| line.strip_prefix("COPY "));
    for copy in copies.filter(|copy| !copy.starts_with("--from=")) {
        let words: Vec<&str> = copy.split(' ').collect();
        let (to, from) = words.split_last().unwrap();
        let to = image.path().join(to);
        for from in from {
            // A folder's content is copied, a file into the folder whose name ends with a slash.
            let from = root.join(from);
            let from = if from.is_dir() { from.join(".") } else { from };
            std::fs::create_dir_all(&to).unwrap();
            let copied = Program::new("cp").arg("-r").args([&from, &to]).status().unwrap();
            assert!(copied.success(), "COPY {copy}");
        }
    }
    let cargo = Program::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--depth", "1", "--manifest-path", "hub/Cargo.toml"])
        .current_dir(image.path())
        .output()
        .unwrap();
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    let manifest = include_str!("../Cargo.toml");
    let version = manifest.lines().find_map(|line| line.strip_prefix("rust-version = \"")).unwrap();
    let image = format!("FROM rust:{}-", version.trim_end_matches('"'));
    assert!(include_str!("../Dockerfile").contains(&image), "the compiler of Cargo.toml is not that of the image");
}

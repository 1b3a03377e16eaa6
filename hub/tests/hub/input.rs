//! What a newcomer, or a broken dump, gives to the program.

use super::{MODELS, RESULTS, dump, refused, run, succeed, text};
use eyas::snapshot::{Snapshot, read_json};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

/// A build of all models of a dump: its snapshot, and what was left out or doubted, as `NUMBER WHAT: WHY (EXAMPLE)`.
fn build(folder: &Path) -> (Snapshot, Vec<String>) {
    let (from, output) = (folder.join("dump"), folder.join("s.json"));
    let report = succeed(&["build", "--from", text(&from), "--where", "true", "--json", "-o", text(&output)]);
    let report: Value = serde_json::from_str(&report).unwrap();
    let (snapshot, _) = read_json(&fs::read(&output).unwrap()).unwrap();
    let word = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    let told = |entry: &Value| {
        let [what, why, example] = ["what", "why", "example"].map(|key| word(entry, key));
        format!("{} {what}: {why} ({example})", entry["count"])
    };
    (snapshot, report["dropped"].as_array().unwrap().iter().map(told).collect())
}

fn ids(snapshot: &Snapshot) -> String {
    snapshot.models.iter().map(|model| model.id.as_str()).collect::<Vec<_>>().join(" ")
}

fn gzipped(text: &str) -> Vec<u8> {
    let mut file = GzEncoder::new(Vec::new(), Compression::fast());
    file.write_all(text.as_bytes()).unwrap();
    file.finish().unwrap()
}

#[test]
fn wrong_places_are_told_in_one_line() {
    let folder = dump(&[("models/a.jsonl", MODELS), ("models/note.csv", "x"), ("other/a.jsonl", MODELS)]);
    let (from, output) = (folder.path().join("dump"), folder.path().join("s.json"));
    let told = |arguments: &[&str]| {
        let error = refused(&[&["build", "-o", text(&output)], arguments].concat());
        assert_eq!(error.lines().count(), 1, "{error}");
        error
    };
    assert!(told(&["--from", text(&from)]).contains("note.csv: expected .jsonl, .jsonl.gz, .parquet or .json"));
    assert!(told(&["--from", text(&from.join("no"))]).contains("there is no such folder or file"));
    let other = told(&["--from", text(&from.join("other"))]);
    assert!(other.contains("holds no models/") && other.contains("--from models=/"), "{other}");
    fs::create_dir(from.join("empty")).unwrap();
    let empty = told(&["--from", &format!("results={}", text(&from.join("empty")))]);
    assert!(empty.contains("there is no file in it"), "{empty}");
    assert!(told(&["--from", text(&from.join("other/a.jsonl"))]).contains("say what it is, such as --from models=/"));
    let inside = told(&["--from", text(&from), "--work", text(&from.join("models/work"))]);
    assert!(inside.contains("name another folder with --work"), "{inside}");
    let nowhere = folder.path().join("no/s.json");
    let error = refused(&["build", "--from", text(&from), "-o", text(&nowhere)]);
    assert!(error.contains("there is no folder") && error.lines().count() == 1, "{error}");
    assert!(!output.exists() && !folder.path().join("s.json.work").exists());
}

#[test]
fn conditions_that_no_row_can_meet_are_refused_before_the_work() {
    let folder = dump(&[("models/a.jsonl", MODELS)]);
    let (from, output) = (folder.path().join("dump"), folder.path().join("s.json"));
    for condition in ["date > 2024", "license", "results >=", "count(*) > 1", "id IN (SELECT id FROM models)"] {
        let error = refused(&["build", "--from", text(&from), "--where", condition, "-o", text(&output)]);
        assert!(error.contains("columns are id, organization") && error.lines().count() == 1, "{error}");
        let error = refused(&["build", "--from", text(&from), "--where-results", condition, "-o", text(&output)]);
        assert!(error.contains("columns are model, dataset") && error.lines().count() == 1, "{error}");
    }
    assert!(!folder.path().join("s.json.work").exists());
}

#[test]
fn an_empty_choice_says_what_the_dump_has() {
    let folder = dump(&[("models/a.jsonl", "<html>\n{\"name\": \"a/b\"}\n{\"name\": \"a/c\"}\n")]);
    let (from, output) = (folder.path().join("dump"), folder.path().join("s.json"));
    let error = refused(&["build", "--from", text(&from), "-o", text(&output)]);
    assert!(error.contains("it has 0 models and 0 results; 2 listings: no id"), "{error}");
    assert!(error.contains("1 listings: broken JSON (such as <html>)"), "{error}");
}

#[test]
fn lines_as_other_programs_write_them_are_read() {
    let crlf = format!("\u{feff}{}", MODELS.replace('\n', "\r\n"));
    let folder = dump(&[("models/a.jsonl", crlf.as_str()), ("models/empty.jsonl", ""), ("results/b.jsonl", RESULTS)]);
    let models = folder.path().join("dump/models");
    // Files that are joined, and an ending in capitals.
    let line = |name: &str| gzipped(&format!("{{\"id\": \"{name}\"}}\n"));
    fs::write(models.join("B.JSONL.GZ"), [line("acme/owl"), line("acme/hen")].concat()).unwrap();
    fs::write(models.join("lines.json"), "\u{feff}{\"id\": \"acme/one\"}\r\n{\"id\": \"acme/two\"}\r\n").unwrap();
    let (snapshot, dropped) = build(folder.path());
    assert_eq!(ids(&snapshot), "acme/bird-7b acme/egg-7b acme/hen acme/one acme/owl acme/two");
    assert_eq!(snapshot.lineage.edges().len(), 1);
    let broken: Vec<_> = dropped.iter().filter(|entry| entry.contains("listings: broken JSON")).collect();
    assert!(broken.len() == 1 && broken[0].starts_with("2 "), "{dropped:?}");
}

#[test]
fn a_line_that_is_no_text_is_counted() {
    let folder = dump(&[("models/a.jsonl", ""), ("models/b.jsonl", "{\"id\": \"a/d\"}\n")]);
    let many = format!("{{\"id\": \"a/{}\"}}", "\u{1}".repeat(20));
    let lines =
        [b"{\"id\": \"a/b\"}\n{\"id\": \"a/\xff\xfe\"}\r\n".as_slice(), many.as_bytes(), b"\n{\"id\": \"a/c\"}"];
    fs::write(folder.path().join("dump/models/a.jsonl"), lines.concat()).unwrap();
    fs::write(folder.path().join("dump/models/c.jsonl.gz"), gzipped("{\"id\": \"a/e\"}\n")).unwrap();
    let (snapshot, dropped) = build(folder.path());
    assert_eq!(ids(&snapshot), "a/b a/c a/d a/e");
    assert!(
        dropped.iter().any(|entry| entry.starts_with("2 listings: broken JSON (control characters: ")),
        "{dropped:?}"
    );
}

#[test]
fn a_file_that_ends_too_early_is_named() {
    let folder = dump(&[("models/a.jsonl", MODELS)]);
    let (from, output) = (folder.path().join("dump"), folder.path().join("s.json"));
    let whole = gzipped(&MODELS.repeat(50));
    for (name, content) in
        [("1.jsonl.gz", &whole[..]), ("2.jsonl.gz", &whole[..whole.len() - 20]), ("3.jsonl.gz", &whole)]
    {
        fs::write(from.join("models").join(name), content).unwrap();
    }
    let error = refused(&["build", "--from", text(&from), "-o", text(&output)]);
    assert!(error.contains("/2.jsonl.gz: ") && error.lines().count() == 1, "{error}");
    fs::rename(from.join("models/2.jsonl.gz"), from.join("models/2.parquet")).unwrap();
    let error = refused(&["build", "--from", text(&from), "-o", text(&output)]);
    assert!(error.contains("/2.parquet: ") && error.lines().count() == 1, "{error}");
    assert!(!output.exists());
}

#[test]
fn folders_may_be_called_as_they_like() {
    let folder = dump(&[("models/a [1] *.jsonl", MODELS), ("results/ü #?%20'.jsonl", RESULTS)]);
    let odd = folder.path().join("dümp [v2] #1?*%41'");
    fs::create_dir(&odd).unwrap();
    fs::rename(folder.path().join("dump"), odd.join("dump")).unwrap();
    let (snapshot, _) = build(&odd);
    assert_eq!((snapshot.models.len(), snapshot.cells()), (2, 3));
}

#[test]
fn ids_that_differ_in_case_stay_apart_and_parents_in_any_case_are_found() {
    let models = concat!(
        "{\"id\": \"Acme/Owl\"}\n{\"id\": \"acme/owl\"}\n{\"id\": \"acme/egg\"}\n{\"id\": \"acme/egg\"}\n",
        "{\"id\": \"b/one\", \"tags\": [\"base_model:ACME/EGG\"]}\n",
        "{\"id\": \"b/two\", \"tags\": [\"base_model:ACME/OWL\"]}\n",
        "{\"id\": \"b/three\", \"tags\": [\"base_model:B/Three\", \"base_model:b/one\"]}\n",
        "{\"id\": \"b/four\", \"tags\": [\"base_model:gone/away\"], \"createdAt\": \"1970-01-01T00:00:00Z\"}\n",
    );
    let folder = dump(&[("models/a.jsonl", models)]);
    let (snapshot, dropped) = build(folder.path());
    assert_eq!(ids(&snapshot), "Acme/Owl acme/egg acme/owl b/four b/one b/three b/two");
    assert_eq!((snapshot.cells(), snapshot.tasks.len()), (0, 0));
    let edge = |child: &str, parent: &str| {
        let lineage = &snapshot.lineage;
        lineage.edges().iter().any(|edge| lineage.id(edge.child) == child && lineage.id(edge.parent) == parent)
    };
    assert!(edge("b/one", "acme/egg") && edge("b/three", "b/one") && edge("b/four", "gone/away"));
    // Two models fit, so that neither is taken.
    assert!(edge("b/two", "ACME/OWL"));
    for start in ["1 listings: repeat an id", "1 dates: of 1970", "1 parents: not listed"] {
        assert!(dropped.iter().any(|entry| entry.starts_with(start)), "{start}: {dropped:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_program_that_is_asked_to_end_does() {
    let port = super::port();
    let mut scheduler = super::program()
        .args(["scheduler", "--bind", &format!("127.0.0.1:{port}")])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    super::wait_for("the scheduler", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    let again = run(&["scheduler", "--bind", &format!("127.0.0.1:{port}")]);
    let message = String::from_utf8(again.stderr).unwrap();
    assert!(!again.status.success() && message.contains(&format!("127.0.0.1:{port}")), "{message}");
    let id = scheduler.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(scheduler.wait().unwrap().code(), Some(1));
}

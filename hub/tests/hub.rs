//! Builds of snapshots by the program itself: on every engine, against a reference, stopped and resumed, and of bad input.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tempfile::TempDir;

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_eyas-hub"))
}

fn run(arguments: &[&str]) -> Output {
    let mut child = program().args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        // A job that a cluster loses would never end.
        if start.elapsed() > Duration::from_secs(600) {
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.wait_with_output().unwrap()
}

fn succeed(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What a refused command prints.
fn refused(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stderr).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A made-up dump of 10,000 models, its snapshot with all models, and the report.
struct Made {
    folder: TempDir,
    report: String,
}

impl Made {
    fn dump(&self) -> PathBuf {
        self.folder.path().join("dump")
    }

    fn snapshot(&self) -> PathBuf {
        self.folder.path().join("embedded.json")
    }
}

fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let dump = folder.path().join("dump");
        succeed(&["generate", "--models", "10000", "--results", "10000", "--seed", "7", "-o", text(&dump)]);
        let output = folder.path().join("embedded.json");
        let report = succeed(&["build", "--from", text(&dump), "--where", "true", "--json", "-o", text(&output)]);
        Made { folder, report }
    })
}

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(arguments: &[&str]) -> Running {
    Running(program().args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
}

/// A port that is free, and so is the next one.
fn port() -> u16 {
    loop {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        if port < u16::MAX && TcpListener::bind(("127.0.0.1", port + 1)).is_ok() {
            return port;
        }
    }
}

fn wait_for(what: &str, mut is_there: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_there() {
        assert!(start.elapsed() < Duration::from_secs(300), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_cluster_in_the_process_writes_the_same_bytes() {
    let made = made();
    let output = made.folder.path().join("standalone.json");
    let report = succeed(&[
        "build",
        "--from",
        text(&made.dump()),
        "--where",
        "true",
        "--json",
        "--scheduler",
        "standalone",
        "-o",
        text(&output),
    ]);
    assert_eq!(report, made.report);
    assert!(fs::read(&output).unwrap() == fs::read(made.snapshot()).unwrap());
}

#[test]
fn a_scheduler_with_two_executors_writes_the_same_bytes() {
    let made = made();
    let (scheduler, first, second) = (port(), port(), port());
    let address = format!("127.0.0.1:{scheduler}");
    let _scheduler = start(&["scheduler", "--bind", &address]);
    wait_for("the scheduler", || std::net::TcpStream::connect(&address).is_ok());
    let executors = [first, second].map(|port| {
        start(&["executor", "--scheduler", &address, "--bind", &format!("127.0.0.1:{port}"), "--threads", "1"])
    });
    for port in [first, second] {
        wait_for("an executor", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    }
    let output = made.folder.path().join("cluster.json");
    let url = format!("df://{address}");
    let dump = made.dump();
    let report = succeed(&[
        "build",
        "--from",
        text(&dump),
        "--where",
        "true",
        "--json",
        "--scheduler",
        &url,
        "-o",
        text(&output),
    ]);
    assert_eq!(report, made.report);
    assert!(fs::read(&output).unwrap() == fs::read(made.snapshot()).unwrap());
    drop(executors);
}

/// The jobs of which a line of a scheduler's log tells this: `Job submitted: [id]`.
fn jobs(log: &Path, what: &str) -> Vec<String> {
    let text = fs::read_to_string(log).unwrap_or_default();
    let ids = text.lines().filter_map(|line| line.split_once(what)?.1.split(']').next());
    ids.map(str::to_owned).collect()
}

#[test]
fn a_build_that_is_stopped_ends_its_job_on_the_cluster() {
    let made = made();
    let folder = tempfile::tempdir().unwrap();
    let (output, log) = (folder.path().join("out.json"), folder.path().join("scheduler.log"));
    let (scheduler, executor) = (format!("127.0.0.1:{}", port()), format!("127.0.0.1:{}", port()));
    let stderr = fs::File::create(&log).unwrap();
    let told = ["--verbose", "scheduler", "--bind", &scheduler];
    let _scheduler = Running(program().args(told).stdout(Stdio::null()).stderr(stderr).spawn().unwrap());
    wait_for("the scheduler", || std::net::TcpStream::connect(&scheduler).is_ok());
    // Without an executor a job waits, so that it runs for certain when the build is stopped.
    let (url, dump) = (format!("df://{scheduler}"), made.dump());
    let build = ["build", "--from", text(&dump), "--where", "true", "--scheduler", &url, "-o", text(&output)];
    let child = program().args(build).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    wait_for("a job", || !jobs(&log, "Job submitted: [").is_empty());
    // The build learns the job's id a moment after the scheduler.
    std::thread::sleep(Duration::from_secs(1));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let stopped = child.wait_with_output().unwrap();
    let message = String::from_utf8(stopped.stderr).unwrap();
    assert_eq!(stopped.status.code(), Some(1), "{message}");
    assert!(message.contains("stopped; the same command goes on where it was"), "{message}");
    wait_for("the end of the job", || !jobs(&log, "Job cancelled: [").is_empty());
    assert_eq!(jobs(&log, "Job cancelled: ["), jobs(&log, "Job submitted: ["));
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| name == "scheduler.log" || name == "out.json.work"), "{left:?}");
    // The same while an executor is at work: it ends the task.
    let executor_log = folder.path().join("executor.log");
    let stderr = fs::File::create(&executor_log).unwrap();
    let told = ["--verbose", "executor", "--scheduler", &scheduler, "--bind", &executor, "--threads", "2"];
    let _executor = Running(program().args(told).stdout(Stdio::null()).stderr(stderr).spawn().unwrap());
    wait_for("the executor", || std::net::TcpStream::connect(&executor).is_ok());
    let is_told = |what: &str| fs::read_to_string(&executor_log).unwrap().contains(what);
    let mut child = program().args(build).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    wait_for("a task", || is_told("Execute task"));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(1));
    wait_for("the end of the task", || is_told("Task has been aborted"));
    assert_eq!(jobs(&log, "Job cancelled: ["), jobs(&log, "Job submitted: ["));
    // The cluster serves the next build, which goes on.
    succeed(&build);
    assert!(fs::read(&output).unwrap() == fs::read(made.snapshot()).unwrap());
}

#[test]
fn the_edges_are_those_of_the_slow_reference() {
    let made = made();
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference.py");
    let printed = Command::new("python3").arg(reference).arg(made.dump()).output().unwrap();
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    let expected: BTreeSet<String> = String::from_utf8(printed.stdout).unwrap().lines().map(str::to_owned).collect();
    let snapshot: Value = serde_json::from_slice(&fs::read(made.snapshot()).unwrap()).unwrap();
    let entries = ["models", "relatives"].iter().flat_map(|part| snapshot[part].as_array().unwrap());
    let found: BTreeSet<String> = entries
        .flat_map(|entry| {
            let parents = entry["parents"].as_array().into_iter().flatten();
            parents.map(|parent| {
                let [child, parent, relation] =
                    [&entry["id"], &parent["id"], &parent["relation"]].map(|id| id.as_str().unwrap());
                format!("{child},{parent},{relation}")
            })
        })
        .collect();
    assert!(expected.len() > 20_000);
    assert!(found == expected, "{:?}", found.symmetric_difference(&expected).take(5).collect::<Vec<_>>());
}

#[test]
fn the_faults_that_were_put_in_are_counted() {
    let made = made();
    let report: Value = serde_json::from_str(&made.report).unwrap();
    let truth: Value = serde_json::from_slice(&fs::read(made.dump().join("truth/counts.json")).unwrap()).unwrap();
    let count = |what: &str, why: &str| {
        let dropped = report["dropped"].as_array().unwrap();
        let fits = |entry: &&Value| entry["what"] == what && entry["why"].as_str().unwrap().starts_with(why);
        dropped.iter().find(fits).map_or(0, |entry| entry["count"].as_u64().unwrap())
    };
    for (name, what, why) in [
        ("broken_listings", "listings", "broken JSON"),
        ("repeated_listings", "listings", "repeat an id"),
        ("dates_of_1970", "dates", "of 1970"),
        ("self_parents", "parents", "named itself"),
        ("deleted_parents", "parents", "not listed"),
        ("broken_results", "results", "broken JSON"),
        ("cycles", "edges", "closed a cycle"),
    ] {
        assert!(truth[name].as_u64().unwrap() > 0, "{name}");
        assert_eq!(truth[name], count(what, why), "{name}");
    }
    let edges = truth["edges"].as_u64().unwrap() - truth["cycles"].as_u64().unwrap();
    assert_eq!(report["edges"], edges);
    let unlisted = count("models", "in results only");
    assert_eq!(report["models"].as_u64().unwrap(), truth["models"].as_u64().unwrap() + unlisted);
    assert_eq!(report["relatives"], truth["deleted_parents"]);
}

#[test]
fn the_library_reads_the_snapshot_and_writes_the_same_bytes() {
    let bytes = fs::read(made().snapshot()).unwrap();
    let (snapshot, warnings) = eyas::snapshot::read_json(&bytes).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(snapshot.tasks.len(), 20);
    assert!(eyas::snapshot::write_json(&snapshot).unwrap() == bytes);
}

#[test]
fn a_build_that_was_stopped_goes_on() {
    let made = made();
    let folder = tempfile::tempdir().unwrap();
    let (output, dump) = (folder.path().join("out.json"), made.dump());
    let arguments = ["build", "--from", text(&dump), "--where", "true", "--progress", "-o", text(&output)];
    let child = program().args(arguments).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let work = folder.path().join("out.json.work");
    wait_for("a first step", || work.join("listings-0000").is_dir());
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let stopped = child.wait_with_output().unwrap();
    assert_eq!(stopped.status.code(), Some(1));
    let message = String::from_utf8(stopped.stderr).unwrap();
    assert!(message.contains("stopped; the same command goes on where it was"), "{message}");
    assert!(!output.exists());
    let again = run(&arguments);
    let progress = String::from_utf8(again.stderr).unwrap();
    assert!(progress.contains("listings-0000: kept"), "{progress}");
    assert!(fs::read(&output).unwrap() == fs::read(made.snapshot()).unwrap());
    assert!(!work.exists(), "the work folder goes with the end of the build");
}

/// Writes the files of a small dump.
fn dump(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join("dump").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

const MODELS: &str = concat!(
    r#"{"id": "acme/egg-7b", "createdAt": "2024-05-01T00:00:00Z", "cardData": {"license": "mit"}, "tags": []}"#,
    "\n",
    r#"{"id": "acme/bird-7b", "createdAt": "2025-05-01T00:00:00Z", "tags": ["base_model:adapter:acme/egg-7b"], "cardData": {"model-index": [{"name": "bird", "results": [{"dataset": {"type": "org/quiz", "name": "Quiz"}, "metrics": [{"type": "accuracy", "value": 61.5}]}]}]}}"#,
    "\n",
    "not JSON\n",
    "{\"id\": \"with/\u{1}a\u{1}delimiter\"}\n",
    "\n",
);
const RESULTS: &str = concat!(
    r#"{"model": "Acme/bird_7b", "dataset": "quiz", "metric": "accuracy", "score": 0.62, "min_score": 0, "max_score": 1, "source": "Board", "evaluator_relationship": "third_party"}"#,
    "\n",
    r#"{"model": "acme/egg-7b", "dataset": "quiz", "metric": "accuracy", "score": 0.5, "min_score": 0, "max_score": 1, "source": "Board", "evaluator_relationship": "third_party"}"#,
    "\n",
    r#"{"model": "acme/egg-7b", "dataset": "speed", "metric": "latency", "score": 3, "source": "Board"}"#,
    "\n",
);

#[test]
fn models_results_records_and_tables_join() {
    let record = r#"[{"schema_version": "0.3.0", "evaluation_id": "e", "source_metadata": {"source_name": "Records"}, "model_info": {"id": "closed-1", "additional_details": {"params_billions": 70}}, "evaluation_results": [{"evaluation_name": "quiz", "source_data": {"dataset_name": "quiz"}, "metric_config": {"metric_kind": "accuracy", "min_score": 0, "max_score": 1}, "score_details": {"score": 0.9}}]}]"#;
    let folder = dump(&[
        ("models/a.jsonl", MODELS),
        ("results/b.jsonl", RESULTS),
        ("results/store/c.json", record),
        ("tables/board.csv", "model,maths\nacme/egg-7b,41.5\nacme/owl-3b,20.5\nbird 7b,60\n"),
        ("tables/broken.csv", "model\n"),
    ]);
    let (from, output) = (folder.path().join("dump"), folder.path().join("s.json"));
    let report: Value =
        serde_json::from_str(&succeed(&["build", "--from", text(&from), "--json", "-o", text(&output)])).unwrap();
    let (snapshot, _) = eyas::snapshot::read_json(&fs::read(&output).unwrap()).unwrap();
    let ids: Vec<_> = snapshot.models.iter().map(|model| model.id.as_str()).collect();
    assert_eq!(ids, ["acme/bird-7b", "acme/egg-7b", "acme/owl-3b", "closed-1"]);
    let value = |model: &str, task: &str| snapshot.get(snapshot.model(model).unwrap(), snapshot.task(task).unwrap());
    // The board's own result comes before that of the card, in the unit that most results have.
    assert_eq!(value("acme/bird-7b", "quiz"), Some(0.62));
    assert_eq!((value("closed-1", "quiz"), value("acme/bird-7b", "maths")), (Some(0.9), Some(60.0)));
    assert_eq!(snapshot.models[0].names, ["Acme/bird_7b", "bird 7b"]);
    assert_eq!(snapshot.models[1].license.as_deref(), Some("mit"));
    assert_eq!(snapshot.models[3].factors["params"].to_text(), "70");
    assert_eq!(snapshot.lineage.edges().len(), 1);
    let whys: Vec<_> =
        report["dropped"].as_array().unwrap().iter().map(|entry| entry["why"].as_str().unwrap()).collect();
    for why in ["broken JSON", "of a metric that measures no quality"] {
        assert!(whys.contains(&why), "{whys:?}");
    }
}

#[test]
fn conditions_choose_models_and_results() {
    let folder = dump(&[("models/a.jsonl", MODELS), ("results/b.jsonl", RESULTS)]);
    let (from, output) = (folder.path().join("dump"), folder.path().join("s.json"));
    let ids = |arguments: &[&str]| {
        let all = [&["build", "--from", text(&from), "-o", text(&output)], arguments].concat();
        succeed(&all);
        let (snapshot, _) = eyas::snapshot::read_json(&fs::read(&output).unwrap()).unwrap();
        let relatives = snapshot.lineage.len() - snapshot.models.len();
        (snapshot.models.iter().map(|model| model.id.clone()).collect::<Vec<_>>().join(" "), relatives)
    };
    assert_eq!(ids(&["--where", "date >= '2025-01-01' AND results >= 1"]), ("acme/bird-7b".to_owned(), 1));
    assert_eq!(ids(&["--where", "date >= '2025-01-01'", "--depth", "0"]), ("acme/bird-7b".to_owned(), 0));
    assert_eq!(ids(&["--where-results", "measured_by = 'third_party' AND value < 0.6"]), ("acme/egg-7b".to_owned(), 0));
    let error = refused(&["build", "--from", text(&from), "--where", "size > 3", "-o", text(&output)]);
    assert!(error.contains("--where 'size > 3'") && error.contains("columns are id, organization"), "{error}");
    let error = refused(&["build", "--from", text(&from), "--where", "results > 99", "-o", text(&output)]);
    assert!(error.contains("no model of the dump is like that"), "{error}");
}

#[test]
fn a_file_that_is_no_text_is_named() {
    let folder = dump(&[("models/a.jsonl", MODELS)]);
    let (from, output) = (folder.path().join("dump"), folder.path().join("s.json"));
    fs::write(from.join("models/a.jsonl"), b"{\"id\": \"a/b\"}\n\xff\xfe\n").unwrap();
    let failed = run(&["build", "--from", text(&from), "-o", text(&output)]);
    let message = String::from_utf8(failed.stderr).unwrap();
    assert_eq!(failed.status.code(), Some(1));
    assert!(message.contains("a.jsonl") && message.contains("UTF-8") && message.lines().count() == 1, "{message}");
}

#[test]
fn bad_arguments_are_refused_in_one_line() {
    let folder = dump(&[("models/a.jsonl", MODELS), ("other/keep.txt", "x")]);
    let from = folder.path().join("dump");
    let output = folder.path().join("s.json");
    let error = refused(&["build", "--from", text(&from), "-o", text(&from.join("s.json"))]);
    assert!(error.contains("lies in the dump"), "{error}");
    let error = refused(&["build", "--from", text(&from), "-o", text(&folder.path().join("s.csv"))]);
    assert!(error.contains("expected a name in .json"), "{error}");
    let error = refused(&["build", "--from", text(&from), "--work", text(&from.join("other")), "-o", text(&output)]);
    assert!(error.contains("is not empty and not the work folder"), "{error}");
    let error = refused(&["build", "--from", text(&from), "--scheduler", "df://127.0.0.1:1", "-o", text(&output)]);
    assert!(error.contains("no scheduler answers") && error.lines().count() == 1, "{error}");
    assert!(from.join("other/keep.txt").exists());
}

#[test]
fn results_alone_are_tuples_and_can_be_read_again() {
    let folder = dump(&[("models/a.jsonl", MODELS), ("results/b.jsonl", RESULTS)]);
    let (from, output) = (folder.path().join("dump"), folder.path().join("t.parquet"));
    succeed(&["build", "--from", text(&from), "-o", text(&output)]);
    let bytes = fs::read(&output).unwrap();
    let file = eyas::formats::Source { name: "t.parquet", bytes: &bytes, optional: false };
    let imported = eyas::formats::import(&[file], &eyas::formats::Companions::default()).unwrap();
    assert_eq!((imported.snapshot.models.len(), imported.snapshot.cells()), (2, 2));
    let (direct, again) = (folder.path().join("direct.json"), folder.path().join("again.json"));
    succeed(&["build", "--from", text(&from), "-o", text(&direct)]);
    fs::remove_file(from.join("results/b.jsonl")).unwrap();
    fs::rename(&output, from.join("results/t.parquet")).unwrap();
    succeed(&["build", "--from", text(&from), "-o", text(&again)]);
    let scores =
        |path: &Path| serde_json::from_slice::<Value>(&fs::read(path).unwrap()).unwrap()["scores"][0]["values"].clone();
    assert_eq!(scores(&again), scores(&direct));
}

#[test]
fn commands_in_the_documentation_work() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/hub.md");
    let page = fs::read_to_string(page).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut run = 0;
    for line in page.lines().filter_map(|line| line.strip_prefix("    eyas-hub ")) {
        let command = line.split(' ').next().unwrap();
        let help = succeed(&[command, "--help"]);
        for flag in line.split_whitespace().filter(|word| word.starts_with("--")) {
            assert!(help.contains(flag), "{line}: {flag}");
        }
        if line.contains("made-up") {
            // A shell splits quoted conditions as the page writes them.
            let line = line.replace("10000", "300");
            let shell = format!("'{}' {line}", env!("CARGO_BIN_EXE_eyas-hub"));
            let output = Command::new("sh").args(["-c", &shell]).current_dir(folder.path()).output().unwrap();
            assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
            run += 1;
        }
    }
    assert_eq!(run, 4);
}

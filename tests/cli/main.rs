//! Tests of the command line as a subprocess: arguments, exit codes, the shapes of the JSON, the predictions file,
//! splits, repairs and refusals.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod analyse;
mod backtest;
mod bad_input;
mod boards;
mod card;
mod columns;
mod contract;
mod device;
mod direction;
mod facts;
mod figures;
mod files;
mod folders;
mod known_scores;
mod lineage_forms;
mod real_data;
mod recommend;
mod repairs;
mod subject;
mod tables;

use serde_json::Value;
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A command that runs longer hangs.
const LIMIT: Duration = Duration::from_secs(120);

/// The folder and environment in which the commands of one test run.
struct TestDir {
    folder: tempfile::TempDir,
    environment: Vec<(String, String)>,
    memory: Option<usize>,
}

/// The result of a command.
struct Ran {
    command: String,
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl TestDir {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), environment: Vec::new(), memory: None }
    }

    /// Adds environment variables for the commands.
    fn with(mut self, environment: &[(&str, &str)]) -> Self {
        self.environment.extend(environment.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())));
        self
    }

    /// Limits the address space of the commands, in MiB.
    fn with_memory(self, mib: usize) -> Self {
        Self { memory: Some(mib), ..self }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, b"")
    }

    /// Output goes through files, so that no pipe can fill up and block.
    fn run_with(&self, arguments: &[&str], stdin: &[u8]) -> Ran {
        let mut input = tempfile::tempfile().unwrap();
        input.write_all(stdin).unwrap();
        input.seek(SeekFrom::Start(0)).unwrap();
        let (mut stdout, mut stderr) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
        let mut program = Command::new(env!("CARGO_BIN_EXE_eyas"));
        if let Some(mib) = self.memory {
            program = Command::new("sh");
            let limited = format!("ulimit -v {}; exec \"$0\" \"$@\"", mib << 10);
            program.args(["-c", &limited, env!("CARGO_BIN_EXE_eyas")]);
        }
        let mut child = program
            .args(arguments)
            .current_dir(self.folder.path())
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::from(input))
            .stdout(Stdio::from(stdout.try_clone().unwrap()))
            .stderr(Stdio::from(stderr.try_clone().unwrap()))
            .spawn()
            .unwrap();
        let command = format!("eyas {}", arguments.join(" "));
        let started = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if started.elapsed() > LIMIT {
                child.kill().unwrap();
                child.wait().unwrap();
                panic!("{command}: still running after {LIMIT:?}");
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        Ran { command, code: status.code(), stdout: text(&mut stdout), stderr: text(&mut stderr) }
    }
}

impl Ran {
    /// The output of a command that succeeded with an empty stderr.
    #[track_caller]
    fn fine(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "{}", self.command);
        self.stdout
    }

    /// The output and warnings of a command that succeeded with warnings.
    #[track_caller]
    fn warned(self) -> (String, Vec<String>) {
        assert_eq!(self.code, Some(0), "{}: {}", self.command, self.stderr);
        let warnings: Vec<String> = self.stderr.lines().map(str::to_owned).collect();
        assert!(!warnings.is_empty(), "{}", self.command);
        assert!(warnings.iter().all(|line| line.starts_with("warning: ")), "{}: {}", self.command, self.stderr);
        (self.stdout, warnings)
    }

    /// The one JSON document that a command printed.
    #[track_caller]
    fn json(self) -> Value {
        let text = self.fine();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("not one JSON document ({error}): {text}"))
    }

    /// The error line of a command that failed with this exit code and printed nothing else.
    #[track_caller]
    fn failed(self, code: i32) -> String {
        let Self { command, stdout, stderr, .. } = &self;
        assert_eq!((self.code, stdout.as_str()), (Some(code), ""), "{command}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{command}: {stderr}");
        assert!(stderr.len() < 500, "{command}: {} characters", stderr.len());
        let line = stderr.strip_prefix("error: ").unwrap_or_else(|| panic!("{command}: {stderr}"));
        line.trim_end().to_owned()
    }
}

fn text(file: &mut File) -> String {
    file.seek(SeekFrom::Start(0)).unwrap();
    std::io::read_to_string(file).unwrap()
}

/// 117 models, six benchmarks, 55 edges.
fn bundled() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/open-models/snapshot.json").display().to_string()
}

/// The keys of an object in printed order.
#[track_caller]
fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

/// A list of objects.
#[track_caller]
fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

/// A CSV text as rows of fields; no field of these tests holds a comma.
fn rows(csv: &str) -> Vec<Vec<&str>> {
    csv.lines().map(|line| line.split(',').collect()).collect()
}

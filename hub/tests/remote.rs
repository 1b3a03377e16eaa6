//! Builds from dumps that are not on this machine: a web server, with and without lists of its files, and stores that speak as S3
//! and as Google Cloud Storage do. All are a small server in this process.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

const MODELS: &str = concat!(
    r#"{"id": "acme/egg-7b", "createdAt": "2024-05-01T00:00:00Z", "tags": []}"#,
    "\n",
    r#"{"id": "acme/bird-7b", "createdAt": "2025-05-01T00:00:00Z", "tags": ["base_model:finetune:acme/egg-7b"]}"#,
    "\n",
);
const RESULTS: &str = concat!(
    r#"{"model": "acme/bird-7b", "dataset": "quiz", "metric": "accuracy", "score": 0.62, "min_score": 0, "max_score": 1}"#,
    "\n",
);

const BOARD: &str = "model,maths\nacme/egg-7b,41.5\nacme/bird-7b,20.5\n";

/// Serves a folder. Requests are kept as `METHOD PATH`.
struct Server {
    address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// `cut`: the number of bytes after which a file's first answer ends.
    fn start(folder: PathBuf, cut: Option<usize>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = requests.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let _ = answer(&stream.unwrap(), &folder, &kept, cut);
            }
        });
        Self { address, requests }
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn answer(stream: &TcpStream, folder: &Path, kept: &Mutex<Vec<String>>, cut: Option<usize>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().unwrap_or(Ok(String::new()))?;
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let mut words = first.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let known = format!("{method} {target}");
    let repeated = kept.lock().unwrap().contains(&known);
    kept.lock().unwrap().push(known);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (status, body) = if query.contains("list-type=2") {
        ("200 OK", list(&folder.join(path.trim_matches('/')), query).into_bytes())
    } else if method != "GET" && method != "HEAD" {
        ("405 Method Not Allowed", Vec::new())
    } else {
        match fs::read(folder.join(plain(path.trim_start_matches('/')))) {
            Ok(bytes) => ("200 OK", bytes),
            Err(_) => ("404 Not Found", Vec::new()),
        }
    };
    let date = "Last-Modified: Mon, 02 Jun 2025 10:00:00 GMT\r\nETag: \"1\"";
    let mut stream = stream;
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\n{date}\r\nConnection: close\r\n\r\n", body.len())?;
    if method != "HEAD" {
        let end = cut.filter(|_| method == "GET" && !repeated).map_or(body.len(), |cut| cut.min(body.len()));
        stream.write_all(&body[..end])?;
    }
    Ok(())
}

/// A text of an address without `%2F` and the like.
fn plain(text: &str) -> String {
    let (start, rest) = text.split_once('%').unwrap_or((text, ""));
    match rest.split_at_checked(2) {
        Some((code, rest)) => format!("{start}{}{}", char::from(u8::from_str_radix(code, 16).unwrap()), plain(rest)),
        None => start.to_owned(),
    }
}

/// The files of a bucket as S3 and Google Cloud Storage list them.
fn list(bucket: &Path, query: &str) -> String {
    let prefix = plain(query.split('&').find_map(|part| part.strip_prefix("prefix=")).unwrap_or_default());
    let mut files = Vec::new();
    let mut folders = vec![bucket.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { &mut folders } else { &mut files }.push(path);
        }
    }
    let entry = |path: &PathBuf| {
        let key = path.strip_prefix(bucket).unwrap().display().to_string();
        let size = path.metadata().unwrap().len();
        let about = "<LastModified>2025-06-02T10:00:00.000Z</LastModified><ETag>\"1\"</ETag>";
        key.starts_with(&prefix).then(|| format!("<Contents><Key>{key}</Key>{about}<Size>{size}</Size></Contents>"))
    };
    let entries: String = files.iter().filter_map(entry).collect();
    format!("<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>")
}

/// A folder with a dump in `bucket/dump`, and the snapshot of it.
fn dump() -> (tempfile::TempDir, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [
        ("models/a.jsonl", MODELS),
        ("results/b c.jsonl", RESULTS),
        ("tables/board.csv", BOARD),
        ("results/._x", "no file of a dump"),
    ] {
        let path = folder.path().join("bucket/dump").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let output = folder.path().join("here.json");
    let from = folder.path().join("bucket/dump");
    let built = build(&[from.to_str().unwrap()], &output, &[]);
    assert!(built.status.success(), "{}", message(&built));
    let bytes = fs::read(output).unwrap();
    (folder, bytes)
}

fn build(from: &[&str], output: &Path, variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eyas-hub"));
    command.arg("build").args(from.iter().flat_map(|place| ["--from", place])).arg("-o").arg(output);
    // No store of the one who runs the tests is reached.
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
        command.env_remove(name);
    }
    command.envs(variables.iter().copied()).output().unwrap()
}

fn message(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn files_of_a_web_server_give_the_same_snapshot() {
    let (folder, expected) = dump();
    let server = Server::start(folder.path().to_owned(), None);
    let url = format!("http://{}/bucket/dump", server.address);
    let output = folder.path().join("out.json");
    // What a file is follows from its folder, or is said.
    fs::write(folder.path().join("bucket/listing.jsonl"), MODELS).unwrap();
    let models = format!("models=http://{}/bucket/listing.jsonl", server.address);
    let (results, table) = (format!("{url}/results/b%20c.jsonl"), format!("{url}/tables/board.csv"));
    let built = build(&[&models, &results, &table], &output, &[]);
    assert!(built.status.success(), "{}", message(&built));
    assert!(fs::read(&output).unwrap() == expected);
    assert!(!folder.path().join("out.json.work").exists());
    let refused = build(&[&url], &output, &[]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        message(&refused).contains("name each file of a server that lists none: --from models=URL"),
        "{}",
        message(&refused)
    );
    let missing = build(&[&format!("{url}/models/none.jsonl")], &output, &[]);
    assert_eq!((missing.status.code(), message(&missing).lines().count()), (Some(2), 1), "{}", message(&missing));
    assert!(message(&missing).contains("/bucket/dump/models/none.jsonl"), "{}", message(&missing));
}

#[test]
fn a_store_that_speaks_as_s3_does_is_listed_and_read() {
    let (folder, expected) = dump();
    let server = Server::start(folder.path().to_owned(), None);
    let endpoint = format!("http://{}", server.address);
    let variables = [
        ("AWS_ENDPOINT", endpoint.as_str()),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_SKIP_SIGNATURE", "true"),
        ("AWS_REGION", "local"),
    ];
    let output = folder.path().join("out.json");
    let built = build(&["s3://bucket/dump/"], &output, &variables);
    assert!(built.status.success(), "{}", message(&built));
    assert!(fs::read(&output).unwrap() == expected);
    let files: Vec<_> = server.requests().into_iter().filter(|request| request.ends_with(".jsonl")).collect();
    assert_eq!(files, ["GET /bucket/dump/models/a.jsonl", "GET /bucket/dump/results/b%20c.jsonl"], "each once");
    let named = build(&["models=s3://bucket/dump/models/", "s3://bucket/dump/results/b c.jsonl"], &output, &variables);
    assert!(named.status.success(), "{}", message(&named));
    assert_eq!(server.requests().iter().filter(|request| request.ends_with("models/a.jsonl")).count(), 2);
    let empty = build(&["s3://bucket/other"], &output, &variables);
    assert_eq!(empty.status.code(), Some(2));
    assert!(
        message(&empty).contains("s3://bucket/other: holds no models/, results/ or tables/"),
        "{}",
        message(&empty)
    );
}

#[test]
fn a_store_that_speaks_as_google_cloud_storage_does_is_listed_and_read() {
    let (folder, expected) = dump();
    let server = Server::start(folder.path().to_owned(), None);
    let url = format!("http://{}", server.address);
    let variables = [("GOOGLE_BASE_URL", url.as_str()), ("GOOGLE_SKIP_SIGNATURE", "true")];
    let output = folder.path().join("out.json");
    let built = build(&["gs://bucket/dump"], &output, &variables);
    assert!(built.status.success(), "{}", message(&built));
    assert!(fs::read(&output).unwrap() == expected);
    let files: Vec<_> = server.requests().into_iter().filter(|request| request.ends_with("jsonl")).collect();
    assert_eq!(files, ["GET /bucket/dump%2Fmodels%2Fa%2Ejsonl", "GET /bucket/dump%2Fresults%2Fb%20c%2Ejsonl"]);
    let named =
        build(&["models=gs://bucket/dump/models/a.jsonl", "results=gs://bucket/dump/results/"], &output, &variables);
    assert!(named.status.success(), "{}", message(&named));
    let missing = build(&["gs://bucket/dump/models/none.jsonl"], &output, &variables);
    assert_eq!((missing.status.code(), message(&missing).lines().count()), (Some(2), 1), "{}", message(&missing));
    assert!(message(&missing).contains("gs://bucket/dump/models/none.jsonl"), "{}", message(&missing));
}

#[test]
fn a_file_that_is_cut_is_never_taken_for_a_whole_one() {
    let (folder, expected) = dump();
    let server = Server::start(folder.path().to_owned(), Some(40));
    let url = format!("http://{}/bucket/dump", server.address);
    let output = folder.path().join("out.json");
    let places = ["models/a.jsonl", "results/b%20c.jsonl", "tables/board.csv"].map(|file| format!("{url}/{file}"));
    let places: Vec<&str> = places.iter().map(String::as_str).collect();
    // Whether the rest is asked for again or the build ends: the same command gives the whole.
    for _ in 0..=places.len() {
        let built = build(&places, &output, &[]);
        if built.status.success() {
            assert!(fs::read(&output).unwrap() == expected);
            return;
        }
        assert!(!output.exists());
        assert!(
            message(&built).contains("/bucket/dump/") && message(&built).lines().count() == 1,
            "{}",
            message(&built)
        );
    }
    panic!("never finished");
}

#[test]
fn other_schemes_are_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let refused = build(&["abfs://container/dump"], &folder.path().join("out.json"), &[]);
    assert_eq!(refused.status.code(), Some(2));
    let expected = "error: --from abfs://container/dump: abfs:// is not read; expected a folder, s3://, gs://, http:// or https://\n";
    assert_eq!(message(&refused), expected);
}

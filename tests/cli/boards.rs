//! Inputs of `import` beyond single files: folders, addresses of a local server, and public boards.

use super::{TestDir, list};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

const TABLE: &str = "model,x,y\na,10,20\nb,30,40\nc,50,60\n";

/// A local server that answers each path with a whole HTTP response. It ends with the process.
struct Server {
    address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let line = request(&mut stream);
                let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
                seen.lock().unwrap().push(line);
                // The client may hang up, as on a file that is too large.
                drop(stream.write_all(&answer(&path)));
            }
        });
        Self { address, requests }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// The first line of a request, whose end is read too.
fn request(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let mut piece = [0; 1024];
    while !text.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut piece).unwrap() {
            0 => break,
            count => text.extend(&piece[..count]),
        }
    }
    String::from_utf8(text).unwrap().lines().next().unwrap_or_default().to_owned()
}

fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// A folder whose commands ask no proxy.
fn dir() -> TestDir {
    TestDir::new().with(&[("NO_PROXY", "127.0.0.1"), ("no_proxy", "127.0.0.1")])
}

#[test]
fn a_file_is_fetched_by_its_address() {
    let server = Server::start(|path| match path {
        "/old/my%20scores.csv" => answer("302 Found", "location: /new/my%20scores.csv?x=1\r\n", b""),
        _ => answer("200 OK", "last-modified: Wed, 21 Oct 2015 07:28:00 GMT\r\n", TABLE.as_bytes()),
    });
    let dir = dir();
    let url = server.url("/old/my%20scores.csv");
    let report = dir.run(&["import", &url, "--json", "-o", "o.json"]).json();
    assert_eq!((report["models"].as_u64(), report["columns"][0]["file"].as_str()), (Some(3), Some("my scores.csv")));
    assert_eq!(server.requests().len(), 2, "the redirect is followed");
    let info = dir.run(&["info", "o.json", "--json"]).json();
    let source = &list(&info["sources"])[0];
    let expected = ["my scores.csv", &url, "not stated", "2015-10-21"];
    assert_eq!(["name", "url", "license", "date"].map(|key| source[key].as_str().unwrap()), expected);
    // Addresses and files make one snapshot.
    dir.write("more.csv", "model,z\na,10\nd,20\n");
    let text = dir.run(&["import", &url, "more.csv", "-o", "o.json"]).fine();
    assert!(text.starts_with("4 models × 3 tasks (8 cells"), "{text}");
}

#[test]
fn files_of_one_name_are_told_apart() {
    let server = Server::start(|path| {
        let table = if path.starts_with("/a/") { TABLE } else { "model,z\na,1\nb,2\n" };
        answer("200 OK", "", table.as_bytes())
    });
    let dir = dir();
    let urls = [server.url("/a/t.csv"), server.url("/b/t.csv")];
    let report = dir.run(&["import", &urls[0], &urls[1], "--json", "-o", "o.json"]).json();
    let files: Vec<&str> = list(&report["columns"]).iter().map(|column| column["file"].as_str().unwrap()).collect();
    assert_eq!(files[0], format!("{}-a-t.csv", server.address));
    let info = dir.run(&["info", "o.json", "--json"]).json();
    let sources: Vec<_> = list(&info["sources"]).iter().map(|source| source["url"].as_str().unwrap()).collect();
    assert_eq!(sources, urls);
}

#[test]
fn what_cannot_be_fetched_is_an_error_of_one_line() {
    let server = Server::start(|path| match path {
        "/gone.csv" => answer("404 Not Found", "", b"no such page"),
        "/secret.csv" => answer("401 Unauthorized", "", b""),
        "/busy.csv" => answer("503 Service Unavailable", "", b""),
        "/circle.csv" => answer("302 Found", "location: /circle.csv\r\n", b""),
        "/page.html" => answer("200 OK", "", b"<!doctype html><title>A page</title><p>Text.</p>"),
        "/program" => answer("200 OK", "", b"\x7fELF\x00\x00"),
        "/empty.csv" => answer("200 OK", "", b""),
        "/cut.csv" => {
            let mut cut = answer("200 OK", "", TABLE.as_bytes());
            cut.truncate(cut.len() - 9);
            cut
        }
        _ => b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 9000000000000\r\n\r\n".to_vec(),
    });
    let dir = dir();
    let cases = [
        ("/gone.csv", 2, "the server answered 404 Not Found"),
        ("/secret.csv", 2, "the server answered 401 Unauthorized; only public files are fetched, so fetch it yourself"),
        ("/busy.csv", 1, "the server answered 503 Service Unavailable"),
        ("/circle.csv", 2, "the server redirects in a circle"),
        ("/program", 2, "neither text nor a known kind of file"),
        ("/empty.csv", 2, "the server sent nothing"),
        ("/huge.csv", 2, "larger than "),
        ("/cut.csv", 1, "can't be fetched whole: "),
    ];
    for (path, code, message) in cases {
        let url = server.url(path);
        let line = dir.run(&["import", &url, "-o", "o.json"]).failed(code);
        assert!(line.starts_with(&format!("{url}: {message}")), "{line}");
    }
    let line = dir.run(&["import", &server.url("/page.html"), "-o", "o.json"]).failed(2);
    assert!(line.starts_with("page.html"), "{line}");
    let line = dir.run(&["import", "http://[/a.csv", "-o", "o.json"]).failed(2);
    assert_eq!(line, "http://[/a.csv: this is not an address");
    let line = dir.run(&["import", "https://me:secret@example.org/a.csv", "-o", "o.json"]).failed(2);
    assert_eq!(line, "an address holds a name or password; only public files are fetched");
    // Nothing listens there.
    let line = dir.run(&["import", "http://127.0.0.1:9/a.csv", "-o", "o.json"]).failed(1);
    assert!(line.starts_with("http://127.0.0.1:9/a.csv: can't be fetched: "), "{line}");
    assert!(!dir.path("o.json").exists());
}

#[test]
fn public_boards_are_listed() {
    let dir = TestDir::new();
    let text = dir.run(&["boards"]).fine();
    assert!(text.starts_with("id ") && text.contains("unverified") && text.contains("eyas import board:ID"), "{text}");
    let boards = dir.run(&["boards", "--json"]).json();
    assert!(list(&boards).iter().any(|board| board["id"] == "evalplus" && board["license"] == "Apache-2.0"));
    assert!(list(&boards).iter().all(|board| board["seen"].is_null()));
}

#[test]
fn a_board_is_fetched_from_its_address() {
    // A proxy that lets nobody through shows which server would be asked.
    let proxy = Server::start(|_| answer("502 Bad Gateway", "", b""));
    let url = proxy.url("");
    let dir = TestDir::new().with(&[("HTTPS_PROXY", url.as_str()), ("ALL_PROXY", url.as_str()), ("NO_PROXY", "")]);
    let line = dir.run(&["import", "board:EvalPlus", "-o", "o.json"]).failed(1);
    let address = "https://raw.githubusercontent.com/evalplus/evalplus.github.io/main/results.json";
    assert!(line.starts_with(&format!("{address}: can't be fetched")), "{line}");
    assert!(proxy.requests()[0].starts_with("CONNECT raw.githubusercontent.com:443"), "{:?}", proxy.requests());
    let line = dir.run(&["import", "evalplus", "-o", "o.json"]).failed(2);
    let expected = "evalplus: No such file or directory (os error 2); the public board of this id is board:evalplus";
    assert!(line.starts_with(expected) && line.contains(address), "{line}");
    let line = dir.run(&["import", "board:nobody", "-o", "o.json"]).failed(2);
    assert_eq!(line, "there is no board \"nobody\"; see eyas boards");
    assert_eq!(proxy.requests().len(), 1);
}

#[test]
fn a_folder_stands_for_its_files() {
    let dir = TestDir::new();
    for folder in ["runs/a", "runs/b", "runs/.hidden"] {
        std::fs::create_dir_all(dir.path(folder)).unwrap();
    }
    dir.write("runs/a/t.csv", TABLE);
    dir.write("runs/b/t.csv", "model,z\na,10\nb,20\n");
    dir.write("runs/.hidden/t.csv", "no table");
    dir.write("runs/README.md", "# Notes\n\n| model | w |\n|---|---|\n| a | 10 |\n| b | 20 |\n");
    let (text, warnings) = dir.run(&["import", "runs", "--json", "-o", "o.json"]).warned();
    assert!(warnings.len() == 1 && warnings[0].contains("runs/README.md: left out"), "{warnings:?}");
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((report["models"].as_u64(), report["tasks"].as_u64()), (Some(3), Some(3)));
    let mut files: Vec<&str> = list(&report["columns"]).iter().map(|column| column["file"].as_str().unwrap()).collect();
    files.dedup();
    assert_eq!(files, ["runs/a/t.csv", "runs/b/t.csv"]);
    let (again, _) = dir.run(&["import", "./runs/", "--json", "-o", "o.json"]).warned();
    assert_eq!(again, text);
    // The output is none of the files of the folder.
    let line = dir.run(&["import", "runs", "-o", "runs/b/t.csv"]).failed(2);
    assert!(line.starts_with("the output is the input"), "{line}");
    std::fs::create_dir(dir.path("empty")).unwrap();
    let line = dir.run(&["import", "empty", "-o", "o.json"]).failed(2);
    assert!(line.starts_with("empty: holds no file that may be results"), "{line}");
}

#[cfg(unix)]
#[test]
fn a_file_of_a_folder_that_cannot_be_opened_is_left_out() {
    let dir = TestDir::new();
    std::fs::create_dir(dir.path("runs")).unwrap();
    dir.write("runs/t.csv", TABLE);
    std::os::unix::fs::symlink("nowhere", dir.path("runs/gone.csv")).unwrap();
    std::os::unix::fs::symlink(".", dir.path("runs/again")).unwrap();
    let (text, warnings) = dir.run(&["import", "runs", "--json", "-o", "o.json"]).warned();
    assert_eq!(warnings, ["warning: runs/gone.csv: left out: No such file or directory (os error 2)"]);
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["dropped"], serde_json::json!([{"what": "files", "why": "can't be read", "count": 1}]));
    std::fs::remove_file(dir.path("runs/t.csv")).unwrap();
    let ran = dir.run(&["import", "runs", "-o", "o.json"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.ends_with("error: none of the files can be read\n"), "{}", ran.stderr);
}

#[test]
fn the_report_lists_ten_files() {
    let dir = TestDir::new();
    std::fs::create_dir(dir.path("runs")).unwrap();
    for number in 10..25 {
        dir.write(&format!("runs/{number}.csv"), format!("model,x{number}\na,10\nb,20\n"));
    }
    let text = dir.run(&["import", "runs", "-o", "o.json"]).fine();
    assert!(text.contains("runs/19.csv  read as") && !text.contains("runs/20.csv"), "{text}");
    assert!(text.contains("\nand 5 more files\n"), "{text}");
    let report = dir.run(&["import", "runs", "--json", "-o", "o.json"]).json();
    assert_eq!(list(&report["columns"]).len(), 30);
}

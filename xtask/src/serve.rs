//! `cargo xtask serve`: a static server for `dist/`, on this machine only.

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Component, Path, PathBuf};
use std::thread;

use anyhow::{Context, Result, anyhow, bail};
use tiny_http::{Header, Method, Request, Response, Server};
use xshell::{Shell, cmd};

use crate::build;

const FOLDER: &str = "dist";
const THREADS: usize = 4;

/// The options of `serve`.
#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    /// The port on localhost; 0 selects a free one.
    pub(crate) port: u16,
    /// Whether to open the page in the default browser.
    pub(crate) open: bool,
}

impl Options {
    pub(crate) fn parse(arguments: &[String]) -> Result<Self> {
        let mut options = Self { port: 8080, open: true };
        let mut rest = arguments.iter().map(String::as_str);
        while let Some(argument) = rest.next() {
            match argument {
                "--no-open" => options.open = false,
                "--port" => {
                    let port = rest.next().context("--port needs a number")?;
                    options.port = port.parse().with_context(|| format!("--port {port}: expected 0 to 65535"))?;
                }
                other => bail!("unexpected argument {other:?}; `serve` takes --port N and --no-open"),
            }
        }
        Ok(options)
    }
}

/// Builds the page and serves it until interrupted.
pub(crate) fn serve(sh: &Shell, options: &Options) -> Result<()> {
    build::build(sh)?;
    let port = options.port;
    let server = Server::http(("127.0.0.1", port))
        .map_err(|error| anyhow!("cannot serve on port {port} ({error}); choose another with --port N"))?;
    let port = server.server_addr().to_ip().map_or(port, |address| address.port());
    let url = format!("http://localhost:{port}/");
    println!("eyas is at {url} (stop with Ctrl-C)");
    if options.open {
        open_browser(sh, &url);
    }
    let root = sh.current_dir().join(FOLDER);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| server.incoming_requests().for_each(|request| answer(&root, request)));
        }
    });
    Ok(())
}

/// A failure is ignored: the URL is printed either way.
fn open_browser(sh: &Shell, url: &str) {
    let has_screen = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    let command = match std::env::consts::OS {
        "macos" => cmd!(sh, "open {url}"),
        "windows" => cmd!(sh, "cmd /c start {url}"),
        _ if has_screen => cmd!(sh, "xdg-open {url}"),
        _ => return,
    };
    if command.quiet().ignore_stdout().ignore_stderr().run().is_err() {
        eprintln!("xtask: no browser could be opened");
    }
}

fn answer(root: &Path, request: Request) {
    let outcome = match (request.method(), find(root, request.url())) {
        (Method::Get | Method::Head, Some((path, file))) => {
            let headers = [("Content-Type", content_type(&path)), ("Cache-Control", "no-cache")];
            let headers = headers.iter().filter_map(|(name, value)| Header::from_bytes(*name, *value).ok());
            request.respond(headers.fold(Response::from_file(file), Response::with_header))
        }
        (Method::Get | Method::Head, None) => {
            request.respond(Response::from_string("not found\n").with_status_code(404))
        }
        _ => request.respond(Response::from_string("only GET and HEAD\n").with_status_code(405)),
    };
    // A client that closed its connection early is not an error.
    drop(outcome);
}

/// The file of a request; a folder stands for its `index.html`.
fn find(root: &Path, url: &str) -> Option<(PathBuf, File)> {
    let path = url.split(['?', '#']).next()?;
    let relative = PathBuf::from(percent_decode(path.trim_start_matches('/'))?);
    if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let mut path = root.join(relative);
    if path.is_dir() {
        path.push("index.html");
    }
    let file = File::open(&path).ok()?;
    Some((path, file))
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

fn content_type(path: &Path) -> &'static str {
    match path.extension().and_then(OsStr::to_str).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "csv" => "text/csv; charset=utf-8",
        "md" | "txt" => "text/plain; charset=utf-8",
        "gz" => "application/gzip",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Options> {
        Options::parse(&arguments.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn options_have_defaults_and_refuse_what_they_do_not_know() {
        assert_eq!(parse(&[]).unwrap(), Options { port: 8080, open: true });
        assert_eq!(parse(&["--no-open", "--port", "0"]).unwrap(), Options { port: 0, open: false });
        for wrong in [&["--port"][..], &["--port", "70000"], &["--prot"]] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn requests_stay_inside_the_folder() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let found = |url| find(&root, url).map(|(path, _)| path);
        assert_eq!(found("/main.rs?x=1"), Some(root.join("main.rs")));
        assert_eq!(found("/%6dain.rs"), Some(root.join("main.rs")));
        for outside in ["/../Cargo.toml", "/%2e%2e/Cargo.toml", "/..%2fCargo.toml", "//etc/passwd", "/%", "/%zz"] {
            assert_eq!(found(outside), None, "{outside}");
        }
    }
}

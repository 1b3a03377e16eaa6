//! Fetching a file that the user names by its address. Nothing else in the program uses the network.

use super::files::{most_bytes, read_within, too_large};
use eyas::error::{Error, Place, Result};
use eyas::snapshot::Date;
use std::io::{IsTerminal, Read, Write};
use std::time::{Duration, Instant};
use ureq::http::Response;
use ureq::http::header::{CONTENT_LENGTH, DATE, LAST_MODIFIED};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body};

/// How long a connection, the answer to a request, and each further piece may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long the whole may take.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// A fetched file.
pub(crate) struct Fetched {
    pub(crate) bytes: Vec<u8>,
    /// The day of its last change if the server says so, else today by the server's clock.
    pub(crate) date: Option<Date>,
}

/// Whether an input is an address and not a path.
pub(crate) fn is_url(text: &str) -> bool {
    let starts = |scheme: &str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    starts("http://") || starts("https://")
}

/// The address of a file itself, where this one is of a page that shows the file.
pub(crate) fn raw(url: &str) -> String {
    let url = url.split('#').next().unwrap_or(url);
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let parts: Vec<&str> = rest.split('/').collect();
    let plain = || rest.split('?').next().unwrap_or(rest);
    match parts.as_slice() {
        ["github.com" | "www.github.com", owner, repository, "blob" | "raw", _, ..] => {
            let path = plain().splitn(5, '/').nth(4).unwrap_or_default();
            format!("{scheme}://raw.githubusercontent.com/{owner}/{repository}/{path}")
        }
        ["huggingface.co" | "hf.co", ..] if parts.get(3..6).is_some_and(|after| after.contains(&"blob")) => {
            format!("{scheme}://{}", plain().replacen("/blob/", "/resolve/", 1))
        }
        ["gitlab.com", ..] if rest.contains("/-/blob/") => {
            format!("{scheme}://{}", plain().replacen("/-/blob/", "/-/raw/", 1))
        }
        _ => url.to_owned(),
    }
}

/// The name of the file at an address: the last part of its path, else its host.
pub(crate) fn name(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.split(['?', '#']).next().unwrap_or(rest).trim_end_matches('/');
    let last = path.rsplit('/').next().unwrap_or(path);
    let decoded = percent_decoded(last).filter(|name| !name.contains(['/', '\\']) && !name.contains(char::is_control));
    decoded.unwrap_or_else(|| last.to_owned())
}

/// Fetches a file, following redirects.
pub(crate) fn fetch(url: &str) -> Result<Fetched> {
    let place = || Place::source(url);
    let limit = most_bytes().min(2 << 30);
    let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
    let agent: Agent = Agent::config_builder()
        .tls_config(tls)
        .http_status_as_error(false)
        .timeout_connect(Some(PATIENCE))
        .timeout_recv_response(Some(PATIENCE))
        .timeout_per_read(Some(PATIENCE))
        .timeout_global(Some(LONGEST))
        .user_agent(concat!("eyas/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    let mut response = agent.get(url).call().map_err(|error| failed(&error).at(place()))?;
    let status = response.status();
    if !status.is_success() {
        return Err(refused(status.as_u16(), status.canonical_reason()).at(place()));
    }
    let size = header(&response, CONTENT_LENGTH.as_str()).and_then(|text| text.parse::<u64>().ok());
    if size.is_some_and(|size| size > limit) {
        return Err(too_large(limit).at(place()));
    }
    let date = [LAST_MODIFIED, DATE].iter().find_map(|name| day(header(&response, name.as_str())?));
    let body = response.body_mut().with_config().limit(limit.saturating_add(1)).reader();
    let mut body = Counted { body, name: name(url), size, read: 0, shown: None, broken: false };
    let bytes = read_within(&mut body, limit, true).map_err(|error| {
        let message = format!("can't be fetched whole: {}", error.message());
        if body.broken { Error::computation(message) } else { error }.at(place())
    })?;
    if bytes.is_empty() {
        return Err(Error::input("the server sent nothing").at(place()));
    }
    Ok(Fetched { bytes, date })
}

fn header<'a>(response: &'a Response<Body>, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

/// An address that is wrong is a mistake of the input; trouble of the server is a failure.
fn refused(status: u16, reason: Option<&str>) -> Error {
    let answer = format!("the server answered {status} {}", reason.unwrap_or_default());
    let answer = answer.trim_end();
    match status {
        401 | 403 => Error::input(format!("{answer}; only public files are fetched, so fetch it yourself")),
        400..=499 => Error::input(answer),
        _ => Error::computation(answer),
    }
}

const NOT_FOUND: &str = "the server can't be found (offline, or a mistyped address)";

fn failed(error: &ureq::Error) -> Error {
    match error {
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => Error::input("this is not an address"),
        ureq::Error::TooManyRedirects => Error::input("the server redirects in a circle"),
        ureq::Error::HostNotFound => Error::computation(NOT_FOUND),
        ureq::Error::Io(error) if error.to_string().starts_with("failed to lookup address") => {
            Error::computation(NOT_FOUND)
        }
        ureq::Error::Timeout(_) => Error::computation(format!("no answer within {} s", PATIENCE.as_secs())),
        ureq::Error::Io(error) => Error::computation(format!("can't be fetched: {error}")),
        other => Error::computation(format!("can't be fetched: {other}")),
    }
}

/// The day in a header such as `Wed, 21 Oct 2015 07:28:00 GMT`.
fn day(text: &str) -> Option<Date> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut parts = text.split_whitespace().skip(1);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    Date::new(year.parse().ok()?, u8::try_from(month).ok()?, day.parse().ok()?)
}

/// A text with `%20` and the like decoded; `None` if that is no UTF-8.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        match code.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok().filter(|name| !name.is_empty())
}

/// A body that shows on stderr how much of it has come, if that is a terminal.
struct Counted<R> {
    body: R,
    name: String,
    size: Option<u64>,
    read: u64,
    shown: Option<Instant>,
    /// Whether the connection broke.
    broken: bool,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.body.read(buffer).inspect_err(|_| self.broken = true)?;
        self.read += count as u64;
        let is_due = self.shown.is_none_or(|last| last.elapsed() > Duration::from_millis(100));
        if is_due && std::io::stderr().is_terminal() {
            self.shown = Some(Instant::now());
            let megabytes = |bytes: u64| bytes as f64 / 1e6;
            let of = self.size.map_or(String::new(), |size| format!(" of {:.1}", megabytes(size)));
            eprint!("\r\x1b[Kfetching {}: {:.1}{of} MB", self.name, megabytes(self.read));
            let _ = std::io::stderr().flush();
        }
        Ok(count)
    }
}

impl<R> Drop for Counted<R> {
    fn drop(&mut self) {
        if self.shown.is_some() {
            eprint!("\r\x1b[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_pages_become_those_of_their_files() {
        let cases = [
            (
                "https://github.com/org/boards/blob/main/data/a.csv?plain=1#L3",
                "https://raw.githubusercontent.com/org/boards/main/data/a.csv",
            ),
            ("https://github.com/org/boards/raw/v1/a.csv", "https://raw.githubusercontent.com/org/boards/v1/a.csv"),
            ("https://github.com/org/boards", "https://github.com/org/boards"),
            (
                "https://huggingface.co/datasets/org/boards/blob/main/a/blob/b.csv",
                "https://huggingface.co/datasets/org/boards/resolve/main/a/blob/b.csv",
            ),
            (
                "https://huggingface.co/org/model/blob/main/a.json",
                "https://huggingface.co/org/model/resolve/main/a.json",
            ),
            (
                "https://huggingface.co/datasets/o/b/resolve/main/a.csv",
                "https://huggingface.co/datasets/o/b/resolve/main/a.csv",
            ),
            (
                "https://gitlab.com/group/sub/boards/-/blob/main/a.csv",
                "https://gitlab.com/group/sub/boards/-/raw/main/a.csv",
            ),
            ("https://example.org/blob/a.csv?x=1#top", "https://example.org/blob/a.csv?x=1"),
        ];
        for (given, expected) in cases {
            assert_eq!(raw(given), expected);
        }
        assert_eq!(
            [is_url("HTTPS://x/y"), is_url("http://x"), is_url("https:/x"), is_url("a.csv")],
            [true, true, false, false]
        );
    }

    #[test]
    fn the_last_part_of_an_address_is_its_name() {
        let names = [
            "https://x.org/data/my%20results.csv?token=1",
            "https://x.org/a/100%.csv",
            "https://x.org/a/..%2Fb.csv",
            "https://x.org/",
        ];
        assert_eq!(names.map(name), ["my results.csv", "100%.csv", "..%2Fb.csv", "x.org"]);
    }

    #[test]
    fn days_of_headers_are_read() {
        assert_eq!(day("Wed, 21 Oct 2015 07:28:00 GMT"), Date::new(2015, 10, 21));
        assert_eq!([day("2015-10-21"), day("Wed, 31 Feb 2015 07:28:00 GMT"), day("")], [None; 3]);
    }
}

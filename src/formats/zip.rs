//! Zip files, in native builds: one that holds a single table or JSON file stands for that file, and a packed log of
//! `inspect_ai` (`.eval`) for its header. Workbooks are zip files too and are left to their own reader.

use super::bytes::MAX_UNPACKED;
use crate::error::{Error, Result};
use std::borrow::Cow;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// How many names an error lists.
const LISTED: usize = 5;

/// The header of a packed log: the log without its samples. It is written when the run ends.
const LOG_HEADER: &str = "header.json";
/// What a packed log holds from the start of the run on.
const LOG_START: &str = "_journal/start.json";

/// The only file in a zip file, or the header of a packed log; `None` if the bytes are no zip file, or a workbook.
pub(super) fn only_file(bytes: &[u8]) -> Result<Option<Vec<u8>>> {
    if !bytes.starts_with(b"PK\x03\x04") && !bytes.starts_with(b"PK\x05\x06") {
        return Ok(None);
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    let names: Result<Vec<String>, _> = archive.file_names().map(|name| name.map(Cow::into_owned)).collect();
    let names = names.map_err(|error| damaged(&error))?;
    if names.iter().any(|name| name == "[Content_Types].xml" || name.starts_with("xl/")) {
        return Ok(None);
    }
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    if has(LOG_HEADER) && (has(LOG_START) || has("summaries.json")) {
        return unpack(&mut archive, LOG_HEADER).map(Some).map_err(|error| in_log(&error));
    }
    if has(LOG_START) {
        return Err(Error::input("a log of inspect_ai without its header: the run did not finish"));
    }
    let mut names: Vec<&str> = names.iter().map(String::as_str).filter(|name| is_content(name)).collect();
    names.sort_unstable();
    match names.as_slice() {
        [] => Err(Error::input("the zip file holds no file")),
        [name] => unpack(&mut archive, name).map(Some),
        several => {
            let listed: Vec<String> = several.iter().take(LISTED).map(|name| format!("{name:?}")).collect();
            let more = if several.len() > LISTED { ", …" } else { "" };
            let message =
                format!("the zip file holds {} files; give one of them: {}{more}", several.len(), listed.join(", "));
            Err(Error::input(message))
        }
    }
}

/// Whether an entry is a file and not a folder or what a system adds.
fn is_content(name: &str) -> bool {
    let hidden = |part: &str| part.starts_with('.') || part == "__MACOSX";
    !name.ends_with('/') && !name.split(['/', '\\']).any(hidden)
}

fn unpack(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<Vec<u8>> {
    let mut unpacked = Vec::new();
    let file = archive.by_name(name).map_err(|error| damaged(&error))?;
    file.take(MAX_UNPACKED + 1).read_to_end(&mut unpacked).map_err(|error| damaged(&error))?;
    match unpacked.len() as u64 {
        0 => Err(Error::input(format!("the file {name:?} in it is empty"))),
        size if size > MAX_UNPACKED => {
            Err(Error::input(format!("unpacks to more than {} MiB; split the file", MAX_UNPACKED >> 20)))
        }
        _ => Ok(unpacked),
    }
}

fn in_log(error: &Error) -> Error {
    Error::input(format!("{}; a log of inspect_ai converts with: {}", error.message(), super::bytes::CONVERT_LOG))
}

fn damaged(error: &dyn std::fmt::Display) -> Error {
    Error::input(format!("the zip file can't be read ({error}); fetch it again or unpack it"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::write::{SimpleFileOptions, ZipWriter};

    fn packed(files: &[(&str, &str)]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in files {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn a_single_file_stands_for_the_zip_file() {
        let bytes = packed(&[("d/t.csv", "model,t\n"), ("__MACOSX/d/._t.csv", "x"), (".DS_Store", "x")]);
        assert_eq!(only_file(&bytes).unwrap().unwrap(), b"model,t\n");
        assert_eq!(only_file(b"model,t\n").unwrap(), None);
        assert_eq!(only_file(&packed(&[("xl/workbook.xml", "x")])).unwrap(), None);
    }

    #[test]
    fn a_packed_log_is_its_header() {
        let header = r#"{"status": "success"}"#;
        let log = [
            ("_journal/start.json", "{}"),
            ("samples/1_epoch_1.json", "{}"),
            ("summaries.json", "[]"),
            ("header.json", header),
        ];
        assert_eq!(only_file(&packed(&log)).unwrap().unwrap(), header.as_bytes());
        let refused = |files: &[(&str, &str)]| only_file(&packed(files)).unwrap_err().to_string();
        assert!(refused(&log[..3]).contains("the run did not finish"));
        assert!(refused(&[("header.json", ""), ("summaries.json", "[]")]).contains("inspect log convert"));
        assert!(refused(&[("header.json", "{}"), ("t.csv", "x")]).contains("holds 2 files"));
    }

    #[test]
    fn other_zip_files_are_refused() {
        let refused = |bytes: &[u8]| only_file(bytes).unwrap_err().to_string();
        let names: Vec<String> = (0..7).map(|at| format!("t{at}.csv")).collect();
        let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
        let expected = "the zip file holds 7 files; give one of them: \"t0.csv\", \"t1.csv\", \"t2.csv\", \"t3.csv\", \"t4.csv\", …";
        assert_eq!(refused(&packed(&files)), expected);
        assert!(refused(&packed(&[])).contains("holds no file"));
        assert!(refused(&packed(&[("t.csv", "")])).contains("is empty"));
        let whole = packed(&[("t.csv", "model,t\na,1\n")]);
        assert!(refused(&whole[..20]).contains("can't be read"));
    }
}

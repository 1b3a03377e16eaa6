//! From a file's bytes to text: gzip, recognised by its magic bytes, UTF-8 with or without a byte-order mark, and size
//! limits.

use super::Source;
use crate::error::{Error, Place, Result};
use std::borrow::Cow;

/// The largest unpacked size of a gzip or zip file: 2 GiB.
#[cfg(not(target_arch = "wasm32"))]
pub(super) const MAX_UNPACKED: u64 = 2 << 30;
/// How a packed log of `inspect_ai` becomes JSON.
pub(super) const CONVERT_LOG: &str = "inspect log convert LOG.eval --to json --output-dir FOLDER";
/// The longest line of a table: 16 MiB.
const MAX_LINE: usize = 16 << 20;

/// The bytes of a file to be written: compressed with gzip if its name ends in `.gz`.
///
/// # Errors
/// Of kind `Computation` if the compression fails.
#[cfg(not(target_arch = "wasm32"))]
pub fn pack(name: &str, bytes: Vec<u8>) -> Result<Vec<u8>> {
    if !name.ends_with(".gz") {
        return Ok(bytes);
    }
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let written = std::io::Write::write_all(&mut encoder, &bytes).and_then(|()| encoder.finish());
    written.map_err(|error| Error::computation(format!("\"{name}\" could not be packed: {error}")))
}

/// The bytes of a file, uncompressed if they are gzip or, natively, a zip file with one table.
///
/// # Errors
/// If the file is empty, damaged, or larger than 2 GiB when it is unpacked.
pub fn unpack<'a>(source: &Source<'a>) -> Result<Cow<'a, [u8]>> {
    if source.bytes.is_empty() {
        return Err(Error::input("the file is empty").at(Place::source(source.name)));
    }
    let at = |error: Error| error.at(Place::source(source.name));
    #[cfg(not(target_arch = "wasm32"))]
    if let Some(inner) = super::zip::only_file(source.bytes).map_err(at)? {
        return if is_gzip(&inner) { gunzip(&inner).map_err(at) } else { Ok(inner) }.map(Cow::Owned);
    }
    if is_gzip(source.bytes) {
        return gunzip(source.bytes).map(Cow::Owned).map_err(at);
    }
    Ok(Cow::Borrowed(source.bytes))
}

fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

#[cfg(not(target_arch = "wasm32"))]
fn gunzip(bytes: &[u8]) -> Result<Vec<u8>> {
    gunzip_within(bytes, MAX_UNPACKED)
}

/// JavaScript uncompresses gzip before it calls this library, so that such a file was compressed twice.
#[cfg(target_arch = "wasm32")]
fn gunzip(_: &[u8]) -> Result<Vec<u8>> {
    Err(Error::input("the file is still gzip when it is unpacked; unpack it before"))
}

#[cfg(not(target_arch = "wasm32"))]
fn gunzip_within(bytes: &[u8], limit: u64) -> Result<Vec<u8>> {
    use std::io::Read;
    let mut unpacked = Vec::new();
    let outcome = flate2::read::MultiGzDecoder::new(bytes).take(limit + 1).read_to_end(&mut unpacked);
    match outcome {
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            let good = unpacked.len();
            Err(Error::input(format!(
                "the gzip data ends too early, after {good} unpacked bytes; fetch the file again"
            )))
        }
        Err(error) => Err(Error::input(format!("the gzip data is damaged ({error}); fetch the file again"))),
        Ok(_) if unpacked.len() as u64 > limit => {
            Err(Error::input(format!("unpacks to more than {} MiB; split the file", limit >> 20)))
        }
        Ok(0) => Err(Error::input("the file is empty")),
        Ok(_) => Ok(unpacked),
    }
}

/// Whether the first characters that are not whitespace open a JSON object, a list of these, or a list of rows.
pub(super) fn is_json(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut marks = bytes.iter().filter(|byte| !byte.is_ascii_whitespace());
    match marks.next() {
        Some(b'{') => true,
        Some(b'[') => match marks.next() {
            Some(b'[') => marks.next() == Some(&b'"'),
            mark => mark == Some(&b'{'),
        },
        _ => false,
    }
}

/// The text of a file without its byte-order mark.
pub(super) fn text<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a str> {
    let at = |line: u64| Place::source(name).line(line);
    let mark = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    // Without a mark: every second byte of Latin letters is 0.
    if mark || matches!(bytes, [_, 0, _, 0, ..] | [0, _, 0, _, ..]) {
        return Err(Error::input("the file is UTF-16; save it as UTF-8").at(at(1)));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + line_ends(&bytes[..error.valid_up_to()]);
        Error::input("not UTF-8; save the file as UTF-8").at(at(line))
    })
}

/// How many lines end in a part of a text: at a line feed, a carriage return, or both.
pub(super) fn line_ends(bytes: &[u8]) -> u64 {
    let mut after_return = false;
    let mut ends = 0;
    for &byte in bytes {
        ends += u64::from(byte == b'\r' || (byte == b'\n' && !after_return));
        after_return = byte == b'\r';
    }
    ends
}

/// Checks that no line is longer than 16 MiB, since a large file without line ends would be copied as one record.
pub(super) fn check_lines(name: &str, bytes: &[u8]) -> Result<()> {
    check_lines_within(name, bytes, MAX_LINE)
}

fn check_lines_within(name: &str, bytes: &[u8], limit: usize) -> Result<()> {
    if bytes.len() <= limit {
        return Ok(());
    }
    let Some(line) = bytes.split(|byte| matches!(byte, b'\n' | b'\r')).find(|line| line.len() > limit) else {
        return Ok(());
    };
    let number = 1 + line_ends(&bytes[..line.as_ptr().addr() - bytes.as_ptr().addr()]);
    let message = format!("the line is longer than {} MiB; is this a table?", limit >> 20);
    Err(Error::input(message).at(Place::source(name).line(number)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn gzip_is_recognised_by_its_first_bytes_and_damage_is_reported() {
        let packed = gzip(&b"model,t\na,1\n".repeat(1000));
        let unpacked =
            |bytes: &[u8], limit| gunzip_within(bytes, limit).map_err(|error| error.at(Place::source("x.csv")));
        assert_eq!(unpacked(&packed, MAX_UNPACKED).unwrap().len(), 12_000);
        let error = unpacked(&packed[..packed.len() / 2], MAX_UNPACKED).unwrap_err().to_string();
        assert!(error.starts_with("x.csv: the gzip data ends too early"), "{error}");
        assert!(unpacked(&packed, 1000).unwrap_err().to_string().contains("more than 0 MiB"));
        assert!(unpacked(&[0x1f, 0x8b, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9], 1000).is_err());
        let nothing = unpack(&Source { name: "x.csv", bytes: b"", optional: false }).unwrap_err().to_string();
        assert_eq!(nothing, "x.csv: the file is empty");
        assert_eq!(unpacked(&gzip(b""), 9).unwrap_err().to_string(), "x.csv: the file is empty");
    }

    #[test]
    fn other_encodings_are_named_with_their_line() {
        assert_eq!(text("x", b"\xef\xbb\xbfa").unwrap(), "a");
        assert!(text("x", b"a\nb\n\xff").unwrap_err().to_string().starts_with("x line 3: not UTF-8"));
        for utf16 in [&b"\xff\xfea\0"[..], b"a\0,\0b\0", b"\0a\0,\0b"] {
            assert!(text("x", utf16).unwrap_err().to_string().contains("UTF-16"));
        }
    }

    #[test]
    fn a_line_without_end_is_refused_by_its_number() {
        assert!(check_lines_within("x", b"a\nbbbb\n", 4).is_ok());
        let error = check_lines_within("x", b"a\nbbbbb\n", 4).unwrap_err().to_string();
        assert!(error.starts_with("x line 2: the line is longer"), "{error}");
        assert!(check_lines_within("x", b"aaaa\rbbbb\r", 4).is_ok());
    }

    #[test]
    fn lines_end_in_three_ways() {
        assert_eq!(line_ends(b"a\r\nb\rc\n\r\r\nd"), 5);
    }

    #[test]
    fn json_is_an_object_or_a_list_of_objects() {
        let found =
            [&b"\xef\xbb\xbf {"[..], b"[\n{\"a\": 1}]", b"[[\"model\", 1]]", b"[[org/a](x)],1", b"[]"].map(is_json);
        assert_eq!(found, [true, true, true, false, false]);
    }
}

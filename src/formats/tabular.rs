//! Tables in all the forms that they come in. Those that are not CSV become CSV, so that one reader gives a table its
//! meaning.

use super::csv_text::AsCsv;
use super::table::Table;
use super::{bytes, html, markdown};
use crate::error::{Error, Place, Result};
use serde_json::Value;
use std::borrow::Cow;

/// The longest text that lm-evaluation-harness prints: 1 MiB.
const MAX_PRINTED: usize = 1 << 20;

/// A table as CSV.
pub(super) struct Tabular<'a> {
    bytes: Cow<'a, [u8]>,
    /// `None` if the file is CSV itself; else the field of [`AsCsv`].
    above: Option<u64>,
}

impl From<AsCsv> for Tabular<'_> {
    fn from(csv: AsCsv) -> Self {
        Self { bytes: Cow::Owned(csv.bytes), above: Some(csv.above) }
    }
}

impl Tabular<'_> {
    /// Reads the header. Errors name the file `name`.
    pub(super) fn open<'s>(&'s self, name: &'s str) -> Result<Table<'s>> {
        match self.above {
            None => Table::open(name, &self.bytes),
            Some(above) => Table::converted(name, &self.bytes, above),
        }
    }
}

/// The table in a file that is no JSON; `None` if its form is rare and its reader is not compiled in.
pub(super) fn of<'a, const RARE: bool>(name: &str, bytes: Cow<'a, [u8]>) -> Result<Option<Tabular<'a>>> {
    if let Some(csv) = of_binary(name, &bytes)? {
        return Ok(Some(Tabular::from(AsCsv { bytes: csv, above: 0 })));
    }
    // The reader of tables refuses what is no text.
    let Ok(text) = bytes::text(name, &bytes) else { return Ok(Some(Tabular { bytes, above: None })) };
    if html::recognise(text) {
        if const { !RARE } {
            return Ok(None);
        }
        let message = "this HTML has no table with at least two columns and two rows";
        let csv = html::to_csv(text).ok_or_else(|| Error::input(message).at(Place::source(name)))?;
        return Ok(Some(Tabular::from(csv)));
    }
    if let Some(found) = markdown::find(text) {
        return if const { RARE } { Ok(Some(Tabular::from(markdown::to_csv(found)))) } else { Ok(None) };
    }
    Ok(Some(Tabular { bytes, above: None }))
}

/// The results in a text that lm-evaluation-harness prints, in the form of its JSON.
pub(super) fn printed_results(name: &str, bytes: &[u8]) -> Option<Value> {
    if bytes.len() > MAX_PRINTED {
        return None;
    }
    markdown::find(bytes::text(name, bytes).ok()?).and_then(markdown::printed_results)
}

/// Converts a binary table to CSV; `None` if the file is text.
fn of_binary(name: &str, bytes: &[u8]) -> Result<Option<Vec<u8>>> {
    if bytes.starts_with(b"EYAS") {
        let message = "a saved model, not results; give it as --model, or the snapshot that it was trained on here";
        return Err(Error::input(message).at(Place::source(name)));
    }
    #[cfg(not(target_arch = "wasm32"))]
    if let Some((_, packed)) = PACKED.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        let message = format!("packed with {packed}; unpack it, or pack it with gzip");
        return Err(Error::input(message).at(Place::source(name)));
    }
    if bytes.starts_with(b"PAR1") {
        return unpack_parquet(name, bytes).map(Some);
    }
    if WORKBOOKS.iter().any(|magic| bytes.starts_with(magic)) {
        return unpack_workbook(name, bytes).map(Some);
    }
    Ok(None)
}

/// The magic bytes of compressed files that are not supported, and the names of the formats.
#[cfg(not(target_arch = "wasm32"))]
const PACKED: [(&[u8], &str); 4] =
    [(b"\x28\xb5\x2f\xfd", "zstd"), (b"BZh91AY&SY", "bzip2"), (b"\xfd7zXZ\0", "xz"), (b"7z\xbc\xaf\x27\x1c", "7-Zip")];

/// The magic bytes of zip files (including `.xlsx`) and of older workbooks.
const WORKBOOKS: [&[u8]; 3] = [b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0"];

#[cfg(not(target_arch = "wasm32"))]
use super::parquet::to_csv as unpack_parquet;
#[cfg(not(target_arch = "wasm32"))]
use super::workbook::to_csv as unpack_workbook;

#[cfg(target_arch = "wasm32")]
fn unpack_parquet(name: &str, _: &[u8]) -> Result<Vec<u8>> {
    let message = "Parquet is not read here; give the table's CSV form";
    Err(Error::input(message).at(Place::source(name)))
}

#[cfg(target_arch = "wasm32")]
fn unpack_workbook(name: &str, _: &[u8]) -> Result<Vec<u8>> {
    let message = if name.ends_with(".eval") {
        format!("a packed log of inspect_ai, which is not read here; convert it: {}", super::bytes::CONVERT_LOG)
    } else {
        "an Excel workbook or a zip file; save the sheet as CSV".to_owned()
    };
    Err(Error::input(message).at(Place::source(name)))
}

/// The file's name without its folder, `.gz` and the end that names its form.
pub(super) fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let cut = |name: &'_ str, end: &str| {
        let at = name.len().checked_sub(end.len())?;
        name.get(at..).filter(|tail| tail.eq_ignore_ascii_case(end)).map(|_| at)
    };
    let file = cut(file, ".gz").map_or(file, |at| &file[..at]);
    let ends = [".csv", ".tsv", ".parquet", ".xlsx", ".jsonl", ".json", ".md", ".html"];
    let file = ends.iter().find_map(|end| cut(file, end)).map_or(file, |at| &file[..at]);
    if file.is_empty() { "items" } else { file }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dataset_of_items_is_the_stem_of_the_file() {
        for name in ["a/b/v1-arc.csv.gz", "v1-arc.CSV", "v1-arc", "v1-arc.tsv"] {
            assert_eq!(stem(name), "v1-arc");
        }
        assert_eq!(stem(".csv"), "items");
    }
}

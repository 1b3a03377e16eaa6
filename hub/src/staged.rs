//! Files that are turned into lines of JSON before the engine reads them: files of JSON values, tables, and lines with bytes that
//! the engine refuses.

use crate::failure::{Failure, Result};
use crate::functions::{facts_line, model_line, result_lines};
use crate::inputs::{Batch, Form, Kind};
use datafusion::parquet::file::reader::SerializedFileReader;
use eyas::formats::{Companions, Source, import};
use flate2::read::MultiGzDecoder;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Turns files that are not lines into `models.jsonl` and `results.jsonl` in a folder. A file that can't be read is a line
/// without JSON, so that it is counted and named as such lines are.
pub(crate) fn stage(batch: &Batch, paths: &[PathBuf], folder: &Path) -> Result<()> {
    let (mut models, mut results) = (create(folder, "models.jsonl")?, create(folder, "results.jsonl")?);
    let failed = |error| Failure::at(folder, &error);
    for (path, location) in paths.iter().zip(&batch.files) {
        let name = location.to_string();
        match batch.kind {
            Kind::Tables => table(path, &name, &mut models, &mut results)?,
            Kind::Models => values(path, &name, &mut models)?,
            Kind::Results => values(path, &name, &mut results)?,
        }
    }
    models.flush().and_then(|()| results.flush()).map_err(failed)
}

fn create(folder: &Path, name: &str) -> Result<BufWriter<File>> {
    fs::create_dir_all(folder).map_err(|error| Failure::at(folder, &error))?;
    let path = folder.join(name);
    File::create(&path).map(BufWriter::new).map_err(|error| Failure::at(&path, &error))
}

/// Models with parents, facts and results of a file that `eyas import` reads.
fn table(path: &Path, name: &str, models: &mut impl Write, results: &mut impl Write) -> Result<()> {
    let bytes = fs::read(path).map_err(|error| Failure::at(path, &error))?;
    let file = Source { name, bytes: &bytes, optional: false };
    let snapshot = match import(&[file], &Companions::default()) {
        Ok(imported) => imported.snapshot,
        Err(error) => return put(results, &error.to_string().replace('\n', " ")),
    };
    for (node, model) in (0..).zip(&snapshot.models) {
        // A name alone may mean a model that the hub lists with its owner.
        if model.id.contains('/') && snapshot.lineage.parents(node).next().is_some() {
            put(models, &model_line(&snapshot, node, model))?;
        }
        if let Some(line) = facts_line(model) {
            put(results, &line)?;
        }
    }
    result_lines(&snapshot).try_for_each(|line| put(results, &line))
}

fn put(to: &mut impl Write, line: &(impl fmt::Display + ?Sized)) -> Result<()> {
    writeln!(to, "{line}").map_err(|error| Failure::at(Path::new("the work folder"), &error))
}

/// The values of a file of JSON, one a line: a value, a list of them, or values one after the other. One of them is in memory at
/// a time. Where the JSON breaks, those before are kept.
fn values(path: &Path, name: &str, to: &mut impl Write) -> Result<()> {
    let failed = |error: &io::Error| Failure::at(path, error);
    let mut file = BufReader::with_capacity(1 << 20, File::open(path).map_err(|error| failed(&error))?);
    skip_mark(&mut file).map_err(|error| failed(&error))?;
    let mut written = Ok(());
    let mut each = |value: &Value| {
        written = put(to, value);
        written.is_ok()
    };
    let mut json = serde_json::Deserializer::from_reader(file);
    let broken = loop {
        match json.end() {
            Ok(()) => break None,
            Err(error) if error.is_io() || error.is_eof() => break Some(error),
            // There is another value.
            Err(_) => {}
        }
        if let Err(error) = (Each { each: &mut each }).deserialize(&mut json) {
            break Some(error);
        }
    };
    written?;
    match broken {
        Some(error) if error.is_io() => Err(failed(&error.into())),
        Some(error) => put(to, &format!("{name}: {error}")),
        None => Ok(()),
    }
}

/// Passes a mark of the order of bytes, which is no JSON.
fn skip_mark(file: &mut impl BufRead) -> io::Result<()> {
    if file.fill_buf()?.starts_with("\u{feff}".as_bytes()) {
        file.consume(3);
    }
    Ok(())
}

/// Calls a function with a value, or with each of a list. It ends when the function says so.
struct Each<'a> {
    each: &'a mut dyn FnMut(&Value) -> bool,
}

impl Each<'_> {
    fn give<E: Error>(self, value: Value) -> std::result::Result<(), E> {
        if (self.each)(&value) { Ok(()) } else { Err(E::custom("can't be written")) }
    }
}

impl<'de> DeserializeSeed<'de> for Each<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> std::result::Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Each<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<(), A::Error> {
        while let Some(value) = list.next_element::<Value>()? {
            Each { each: self.each }.give::<A::Error>(value)?;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> std::result::Result<(), A::Error> {
        let mut value = Map::new();
        while let Some((key, field)) = fields.next_entry()? {
            value.insert(key, field);
        }
        self.give(Value::Object(value))
    }
}

/// Writes the lines of a batch anew into a folder, as one file. The engine refuses bytes that are no UTF-8, and many control
/// characters in a line: such a line is no JSON, and what is written says why, so that it is counted and named as broken lines are.
pub(crate) fn mend(batch: &Batch, paths: &[PathBuf], folder: &Path) -> Result<PathBuf> {
    let name = "lines.jsonl";
    let mut to = create(folder, name)?;
    for path in paths {
        let failed = |error: io::Error| Failure::at(path, &error);
        let file = File::open(path).map_err(failed)?;
        let mut lines: Box<dyn BufRead> = match batch.form {
            Form::GzipLines => Box::new(BufReader::new(MultiGzDecoder::new(BufReader::new(file)))),
            _ => Box::new(BufReader::with_capacity(1 << 20, file)),
        };
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).map_err(failed)? > 0 {
            match std::str::from_utf8(&line).map(|text| text.trim_end_matches(['\n', '\r'])) {
                Ok(text) if !text.contains(['\u{1}', '\u{2}']) => put(&mut to, text)?,
                Ok(text) => put(&mut to, &format!("control characters: {}", printable(text)))?,
                Err(_) => put(&mut to, &format!("no UTF-8: {}", printable(&String::from_utf8_lossy(&line))))?,
            }
            line.clear();
        }
    }
    to.flush().map_err(|error| Failure::at(folder, &error))?;
    Ok(folder.join(name))
}

/// A text in one line, without characters that none can read.
fn printable(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_control() { char::REPLACEMENT_CHARACTER } else { letter })
        .take(200)
        .collect()
}

/// Reads files as the engine does, to find the one that it can't read: the engine does not always name it.
pub(crate) fn unreadable(batch: &Batch, paths: &[PathBuf]) -> Option<Failure> {
    let read = |path: &PathBuf| -> std::result::Result<(), String> {
        let mut file = File::open(path).map_err(|error| error.to_string())?;
        let drain = |from: &mut dyn Read| io::copy(from, &mut io::sink()).map(drop).map_err(|error| error.to_string());
        match batch.form {
            Form::Parquet => SerializedFileReader::new(file).map(drop).map_err(|error| error.to_string()),
            Form::GzipLines => drain(&mut MultiGzDecoder::new(BufReader::new(file))),
            Form::Lines | Form::Staged => drain(&mut file),
        }
    };
    let mut files = paths.iter().zip(&batch.files);
    files.find_map(|(path, location)| Some(Failure::input(format!("{location}: {}", read(path).err()?))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inputs::Location;

    fn staged(content: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        fs::write(&path, content).unwrap();
        let batch =
            Batch { kind: Kind::Models, form: Form::Staged, files: vec![Location::Here(PathBuf::from("a.json"))] };
        stage(&batch, &[path], folder.path()).unwrap();
        let text = fs::read_to_string(folder.path().join("models.jsonl")).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_value_a_list_and_lines_are_read() {
        let both = [r#"{"id":"a","tags":["x"]}"#, r#"{"id":"b"}"#];
        assert_eq!(staged(&both[0].replace(',', ",\n")), both[..1]);
        assert_eq!(staged(&format!("\u{feff}[{}, {}]\r\n", both[0], both[1])), both);
        assert_eq!(staged(&both.join("\r\n")), both);
        assert!(staged(" \n").is_empty());
    }

    #[test]
    fn what_stands_before_broken_json_is_kept() {
        let lines = staged(r#"[{"id": "a"}, {"id": "b"]"#);
        assert_eq!(lines[0], r#"{"id":"a"}"#);
        assert!(lines.len() == 2 && lines[1].starts_with("a.json: expected"), "{lines:?}");
        let lines = staged("<html>");
        assert!(lines.len() == 1 && lines[0].starts_with("a.json: expected value at line 1"), "{lines:?}");
        assert!(staged("\"text\"")[0].contains("expected an object or a list of objects"));
    }
}

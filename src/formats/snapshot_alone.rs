//! Reads one file in the format of snapshots, for the wasm module that reads nothing else.

use super::report::Report;
use super::{Columns, Companions, Imported, Source, bytes, finish, join, json};
use crate::error::Result;

/// [`import`](super::import) of one snapshot in JSON; `None` for any other input, so that the caller can load another module.
///
/// # Errors
/// As [`import`](super::import).
pub fn import_snapshot(files: &[Source<'_>], companions: &Companions<'_>) -> Result<Option<Imported>> {
    let ([file], false) = (files, companions.has_files()) else { return Ok(None) };
    let bytes = bytes::unpack(file)?;
    if file.optional || !bytes::is_json(&bytes) {
        return Ok(None);
    }
    let Some(mut part) = json::read_snapshot(file.name, bytes::text(file.name, &bytes)?)? else { return Ok(None) };
    part.settle()?;
    let (mut warnings, mut report) = (Vec::new(), Report::default());
    let snapshot = join::join::<false>(vec![part], Vec::new(), &mut warnings, &mut report)?;
    finish(file.name, snapshot, warnings, report, companions.columns.unwrap_or(Columns::NONE)).map(Some)
}

#[cfg(test)]
mod tests {
    use super::super::import;
    use super::*;
    use crate::snapshot::write_compact;

    /// What is read, or why it is refused; `None` if it is left to another module.
    fn read(text: &str, columns: &str, alone: bool) -> Option<String> {
        let files = [Source { name: "folder/s.json", bytes: text.as_bytes(), optional: false }];
        let columns: Columns = columns.parse().unwrap();
        let companions = Companions { columns: Some(&columns), ..Companions::default() };
        let read = if alone { import_snapshot(&files, &companions) } else { import(&files, &companions).map(Some) };
        let told = |it: Imported| {
            format!("{:?} {:?} {:?}", write_compact(&it.snapshot), it.warnings, serde_json::to_string(&it.report))
        };
        read.map_or_else(|error| Some(error.to_string()), |imported| imported.map(told))
    }

    #[test]
    fn snapshots_and_their_errors_are_those_of_the_whole_reader() {
        let fixture = |name: &str| std::fs::read_to_string(format!("tests/fixtures/{name}")).unwrap();
        let of = |models: &str, results: &str| {
            format!(
                r#"{{"format":"eyas-snapshot/2","sources":[{{"id":"s","name":"S","license":"l"}},{{"id":"r","name":"S","license":"l"}}],
                "models":[{models}],"relatives":[{{"id":"c"}}],"tasks":[{{"id":"mmlu"}}],{results}}}"#
            )
        };
        let models = r#"{"id":"a","parents":[{"id":"b"}]},{"id":"b","parents":[{"id":"a"}]}"#;
        let texts = [
            fixture("open-models/snapshot.json"),
            fixture("snapshots/eyas-snapshot-1.json"),
            of(models, r#""scores":[{"values":[1,2],"se":[0.5,null],"source":["s","r"]}]"#),
            of(models, r#""outcomes":{"solved":["AQ==","AA=="]}"#),
            of(models, r#""scores":[{"values":[]}]"#),
            of(models, r#""scores":[{"models":[],"values":[]}]"#),
            of("", r#""scores":[{"values":[]}]"#),
            of(models, r#""scores":[{"values":[1,"#),
            r#"{"format":"eyas-snapshot/9"}"#.to_owned(),
            "\u{feff} {\"x\": \"eyas-snapshot/".to_owned(),
        ];
        for text in texts {
            for columns in ["", "gone=score"] {
                let expected = read(&text, columns, false);
                assert_eq!(read(&text, columns, true), expected, "{}", text.chars().take(500).collect::<String>());
            }
        }
    }

    #[test]
    fn other_files_are_left_to_other_modules() {
        for text in ["model,mmlu\na,50\n", r#"{"results":{}}"#, r#"[{"model":"a","mmlu":50}]"#] {
            assert_eq!(read(text, "", true), None, "{text}");
        }
        let file = Source { name: "s.json", bytes: br#"{"format":"eyas-snapshot/2"}"#, optional: true };
        assert!(import_snapshot(&[file], &Companions::default()).unwrap().is_none());
        let companions = Companions { lineage: Some(file), ..Companions::default() };
        assert!(import_snapshot(&[Source { optional: false, ..file }], &companions).unwrap().is_none());
        assert!(import_snapshot(&[file, file], &Companions::default()).unwrap().is_none());
    }
}

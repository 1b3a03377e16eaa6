//! A file with the models and cells to hold out.

use super::held::for_known;
use crate::error::{Error, Place, Result};
use crate::linalg::BitMatrix;
use crate::snapshot::{ModelIndex, Snapshot, TaskIndex, by_benchmark};
use std::collections::HashMap;

/// A file of models or cells to hold out: its name, and its rows after reading.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeldFile {
    /// The path as given.
    pub name: String,
    /// Rows; empty before the file is read.
    pub rows: Vec<HeldRow>,
}

/// A row of such a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRow {
    /// Line of the file, from 1.
    pub line: u64,
    /// The id of the model.
    pub model: String,
    /// A task, or a benchmark for all of its items; `None` for all results of the model.
    pub task: Option<String>,
}

/// Reads CSV rows `model` or `model,task`, UTF-8, with or without a header that begins with `model`. An empty task
/// means all results of the model. `name` appears in errors.
///
/// # Errors
/// At the line that is not such a row, or if there is no row.
pub fn parse_file(name: &str, bytes: &[u8]) -> Result<HeldFile> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).trim(csv::Trim::All).from_reader(bytes);
    let mut rows = Vec::new();
    let mut lines = Lines { bytes, at: 0, line: 1 };
    for (index, record) in reader.records().enumerate() {
        let record = record.map_err(|error| unreadable(name, &error, &mut lines))?;
        let line = lines.of(record.position());
        let place = || Place::source(name).line(line);
        if record.len() > 2 {
            return Err(
                Error::input(format!("expected model or model,task, found {} fields", record.len())).at(place())
            );
        }
        let model = record.get(0).unwrap_or_default();
        if index == 0 && model.eq_ignore_ascii_case("model") {
            continue;
        }
        if model.is_empty() {
            return Err(Error::input("the model is empty").at(place()));
        }
        let task = record.get(1).filter(|task| !task.is_empty()).map(str::to_owned);
        rows.push(HeldRow { line, model: model.to_owned(), task });
    }
    if rows.is_empty() {
        return Err(
            Error::input("lists nothing to hold out; expected rows of model or model,task").at(Place::source(name))
        );
    }
    Ok(HeldFile { name: name.to_owned(), rows })
}

/// Finds the line on which a record begins. The reader's own position is the end of the previous record; with line ends
/// `\r\n` or with empty lines that is an earlier line.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    fn of(&mut self, position: Option<&csv::Position>) -> u64 {
        let start = position.map_or(self.at, |position| position.byte() as usize);
        let ends_line = |byte: &u8| matches!(byte, b'\r' | b'\n');
        while let Some(byte) = self.bytes.get(self.at).filter(|byte| self.at < start || ends_line(byte)) {
            self.line += u64::from(*byte == b'\n');
            self.at += 1;
        }
        self.line
    }
}

fn unreadable(name: &str, error: &csv::Error, lines: &mut Lines<'_>) -> Error {
    let message = match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "is not UTF-8 text".to_owned(),
        _ => error.to_string().replace('\n', " "),
    };
    Error::input(message).at(Place::source(name).line(lines.of(error.position())))
}

/// The known results in the file's rows. (models, tasks)
pub(super) fn cells(snapshot: &Snapshot, file: &HeldFile) -> Result<BitMatrix> {
    let mut tasks: HashMap<&str, Vec<usize>> = by_benchmark(&snapshot.tasks).into_iter().collect();
    // An id means one task, even if a benchmark has the same name.
    tasks.extend(snapshot.tasks.iter().enumerate().map(|(index, task)| (task.id.as_str(), vec![index])));
    let mut cells = BitMatrix::zeros(snapshot.models.len(), snapshot.tasks.len());
    for row in &file.rows {
        let place = |field| Place::source(&file.name).line(row.line).field(field);
        let model = snapshot
            .model(&row.model)
            .ok_or_else(|| Error::input(format!("no model \"{}\" in the snapshot", row.model)).at(place("model")))?;
        let found = match &row.task {
            None => hold_known(snapshot, model, None, &mut cells),
            Some(name) => {
                let named = match tasks.get(name.as_str()) {
                    Some(named) => named.clone(),
                    None => vec![snapshot.task(name).map_err(|error| error.at(place("task")))?.0 as usize],
                };
                hold_known(snapshot, model, Some(&named), &mut cells)
            }
        };
        if !found {
            let what = row.task.as_ref().map_or_else(String::new, |task| format!(" on \"{task}\""));
            return Err(Error::input(format!("\"{}\" has no result{what} to hold out", row.model))
                .at(Place::source(&file.name).line(row.line)));
        }
    }
    Ok(cells)
}

/// Sets a model's known results, all or on these tasks; returns whether there is one.
fn hold_known(snapshot: &Snapshot, model: ModelIndex, tasks: Option<&[usize]>, cells: &mut BitMatrix) -> bool {
    let mut found = false;
    let mut hold = |task: usize| {
        cells.set(model.0 as usize, task, true);
        found = true;
    };
    match tasks {
        None => for_known(snapshot, model, hold),
        Some(tasks) => {
            let known = |&&task: &&usize| snapshot.get(model, TaskIndex(task as u32)).is_some();
            tasks.iter().filter(known).for_each(|&task| hold(task));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(bytes: &[u8]) -> String {
        parse_file("out.csv", bytes).unwrap_err().to_string()
    }

    #[test]
    fn rows_are_read_with_and_without_a_header() {
        let file =
            parse_file("out.csv", b"\xEF\xBB\xBFModel,task\r\norg/a, ifeval\r\norg/b\r\n\r\norg/c,\r\n").unwrap();
        let rows: Vec<_> = file.rows.iter().map(|row| (row.line, row.model.as_str(), row.task.as_deref())).collect();
        assert_eq!(rows, [(2, "org/a", Some("ifeval")), (3, "org/b", None), (5, "org/c", None)]);
        assert_eq!(parse_file("out.csv", b"org/a\n").unwrap().rows[0].line, 1);
    }

    #[test]
    fn errors_name_the_line() {
        assert_eq!(message(b"model\na\nb,c,d\n"), "out.csv line 3: expected model or model,task, found 3 fields");
        assert_eq!(message(b"model,task\n,ifeval\n"), "out.csv line 2: the model is empty");
        assert!(message(b"model,task\n").starts_with("out.csv: lists nothing to hold out"));
        assert_eq!(message(b"a\r\n\xFF\xFE\r\n"), "out.csv line 2: is not UTF-8 text");
    }

    #[test]
    fn cells_are_held_by_task_by_benchmark_and_by_model() {
        let snapshot = Snapshot::synthetic(4, 3, 1);
        let file = parse_file("f", b"made-up/0,made-up/2\nmade-up/1,made-up\nmade-up/2\n").unwrap();
        let cells = cells(&snapshot, &file).unwrap();
        let counts: Vec<usize> = (0..4).map(|model| cells.count_row(model)).collect();
        assert_eq!((counts, cells.get(0, 2)), (vec![1, 3, 3, 0], true));
    }

    #[test]
    fn errors_name_models_and_tasks_that_are_not_in_the_snapshot() {
        let mut snapshot = Snapshot::synthetic(4, 3, 1);
        if let crate::snapshot::Results::Outcomes(outcomes) = &mut snapshot.results {
            outcomes.observed.set(1, 0, false);
            outcomes.observed.clear_row(2);
        }
        let error = |text: &str| {
            let file = parse_file("f.csv", text.as_bytes()).unwrap();
            cells(&snapshot, &file).unwrap_err().to_string()
        };
        assert_eq!(error("model\nunknown\n"), "f.csv line 2, column \"model\": no model \"unknown\" in the snapshot");
        assert!(error("made-up/1,maths\n").starts_with("f.csv line 1, column \"task\": no task \"maths\" here"));
        assert_eq!(
            error("made-up/1,made-up/0\n"),
            "f.csv line 1: \"made-up/1\" has no result on \"made-up/0\" to hold out"
        );
        assert_eq!(error("made-up/2\n"), "f.csv line 1: \"made-up/2\" has no result to hold out");
    }
}

//! Tables in Markdown, which become CSV: the first one of a text with at least two columns. The table that
//! lm-evaluation-harness prints becomes the JSON that it writes.

use super::csv_text::{AsCsv, CsvText};
use super::layout;
use super::markup::named;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// A text is searched for a table up to here: 1 MiB.
const SEARCHED: usize = 1 << 20;

/// A table in a text: its lines from the header on, and the number of the header's line.
#[derive(Clone, Copy)]
pub(super) struct Found<'a> {
    before: &'a str,
    text: &'a str,
    line: u64,
}

/// Finds a header over a row of dashes, unless the text is CSV with such lines in its cells.
pub(super) fn find(text: &str) -> Option<Found<'_>> {
    if !text.contains('|') {
        return None;
    }
    let mut last = (0, 0, 0); // start of the line before, its cells, its number
    let mut start = 0;
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        let count = if line.contains('|') { cells(line).count() } else { 0 };
        if count > 1 && count == last.1 && is_rule(line) {
            let found = Found { before: &text[..last.0], text: &text[last.0..], line: last.2 };
            let is_csv = || !text.trim_start().starts_with('|') && layout::find(text).fit > 0.5;
            return (!is_csv()).then_some(found);
        }
        last = (start, count, number);
        start += line.len();
        if start > SEARCHED {
            break;
        }
    }
    None
}

/// Converts a table to CSV. Its names are taken without markup, its cells as they are.
pub(super) fn to_csv(found: Found<'_>) -> AsCsv {
    let mut csv = CsvText::new();
    for (at, (line, row)) in rows(found).enumerate() {
        match at {
            0 => csv.row(line, row.iter().map(|cell| named(cell).name.into_owned())),
            _ => csv.row(line, row),
        }
    }
    csv.finish(0)
}

/// The results that lm-evaluation-harness prints, in the form of its JSON; `None` if the table is another one.
pub(super) fn printed_results(found: Found<'_>) -> Option<Value> {
    let mut rows = rows(found);
    let (_, header) = rows.next()?;
    let column = |names: &[&str]| header.iter().position(|cell| names.contains(&cell.as_ref()));
    let (task, metric, value) = (column(&["Tasks", "Task", "Groups"])?, column(&["Metric"])?, column(&["Value"])?);
    let (filter, error) = (column(&["Filter"]), column(&["Stderr"]));
    let (mut results, mut groups) = (Map::new(), Map::new());
    let (mut name, mut group, mut lighteval) = (String::new(), String::new(), false);
    for (_, row) in rows {
        let cell = |at: usize| row.get(at).map_or("", |cell| cell.as_ref());
        let written = of_lighteval(cell(task)).unwrap_or(cell(task));
        lighteval |= written.len() < cell(task).len();
        if !written.is_empty() {
            name = written.trim_start_matches(['-', ' ']).to_owned();
            if written.starts_with('-') {
                let members = groups.entry(group.clone()).or_insert_with(|| json!([]));
                members.as_array_mut()?.push(json!(name));
            } else {
                group.clone_from(&name);
            }
        }
        let Some(number) = crate::linalg::parse_number(cell(value)) else { continue };
        let filter = filter.map_or("none", cell);
        let metrics = results.entry(name.clone()).or_insert_with(|| json!({})).as_object_mut()?;
        metrics.insert(format!("{},{filter}", cell(metric)), json!(number));
        if let Some(error) = error.and_then(|at| crate::linalg::parse_number(cell(at))) {
            metrics.insert(format!("{}_stderr,{filter}", cell(metric)), json!(error));
        }
    }
    if lighteval {
        results.remove("all"); // the mean of the others
    }
    let arguments = found.before.lines().rev().find_map(arguments).unwrap_or_default();
    Some(json!({"results": results, "group_subtasks": groups, "config": {"model_args": arguments}}))
}

/// The task in a name as lighteval prints it: `gsm8k` in `lighteval:gsm8k:5`.
fn of_lighteval(name: &str) -> Option<&str> {
    let (task, shots) = name.split_once(':')?.1.rsplit_once(':')?;
    shots.parse::<u32>().ok().map(|_| task)
}

/// The arguments in `hf (pretrained=org/a,dtype=auto), gen_kwargs: (None), …`.
fn arguments(line: &str) -> Option<&str> {
    let arguments = line.split_once(" (")?.1.split_once(')')?.0;
    ["pretrained=", "peft=", "model="].iter().any(|key| arguments.contains(key)).then_some(arguments)
}

/// The rows of a table with their lines, without the row of dashes.
fn rows<'a>(found: Found<'a>) -> impl Iterator<Item = (u64, Vec<Cow<'a, str>>)> {
    let lines = (found.line..).zip(found.text.lines());
    let table = lines.take_while(|(_, line)| line.contains('|')).enumerate().filter(|(at, _)| *at != 1);
    table.map(|(_, (line, text))| (line, cells(text).collect()))
}

/// The cells of a line between its bars. A bar after a backslash belongs to its cell.
fn cells(line: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let closed = line.ends_with('|') && !line.ends_with("\\|");
    let line = if closed { &line[..line.len() - 1] } else { line };
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let text = rest?;
        let bars = text.match_indices('|').map(|(at, _)| at);
        let bar = bars.into_iter().find(|&at| !text[..at].ends_with('\\'));
        rest = bar.map(|at| &text[at + 1..]);
        let cell = text[..bar.unwrap_or(text.len())].trim();
        Some(if cell.contains("\\|") { Cow::Owned(cell.replace("\\|", "|")) } else { Cow::Borrowed(cell) })
    })
}

/// Whether a line is a row of dashes: `|---|:--:|`.
fn is_rule(line: &str) -> bool {
    let is_dashes = |cell: Cow<'_, str>| {
        let dashes = cell.strip_prefix(':').unwrap_or(&cell);
        let dashes = dashes.strip_suffix(':').unwrap_or(dashes);
        !dashes.is_empty() && dashes.bytes().all(|byte| byte == b'-')
    };
    cells(line).all(is_dashes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csv(text: &str) -> String {
        String::from_utf8(to_csv(find(text).unwrap()).bytes).unwrap()
    }

    #[test]
    fn a_table_becomes_csv_on_its_lines() {
        let text = "# Results, as of May\n\nSome, text | here\n\n| Model | **MMLU** | a\\|b |\r\n|:--|---:|:-:|\r\n| [org/a](x) | 80.1 | 1,286 |\n|org/b||-|\nafter, all\n";
        assert_eq!(csv(text), "\n\n\n\nModel,MMLU,a|b\n\n[org/a](x),80.1,\"1,286\"\norg/b,\"\",-\n");
        assert_eq!(csv("a | b\n--- | ---\nx | 1\n"), "a,b\n\nx,1\n");
    }

    #[test]
    fn other_texts_are_no_markdown() {
        for text in [
            "model,t\na|b,1\n",
            "model,note,t\na,\"x|y\n---|---\nz|w\",1\nb,,2\nc,,3\nd,,4\n",
            "| a |\n|---|\n| 1 |\n",
            "a|b\n1|2\n",
        ] {
            assert!(find(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_printed_table_is_read_as_its_json() {
        let text = "2026-01-01:00:00:00 INFO\nhf (pretrained=org/a,dtype=bfloat16), gen_kwargs: (None), limit: None\n\
            |   Tasks   |Version|Filter|n-shot|Metric  |   |Value |   |Stderr|\n\
            |-----------|------:|------|-----:|--------|---|-----:|---|-----:|\n\
            |arc_easy   |      1|none  |     0|acc     |↑  |0.6100|±  |0.0100|\n\
            |           |       |none  |     0|acc_norm|↑  |0.6000|±  |0.0100|\n\
            |mmlu       |      2|none  |      |acc     |↑  |0.5000|±  |0.0040|\n\
            | - law     |      1|none  |     0|acc     |↑  |0.4000|±  |0.0040|\n";
        let value = printed_results(find(text).unwrap()).unwrap();
        let expected = json!({
            "results": {
                "arc_easy": {"acc,none": 0.61, "acc_stderr,none": 0.01, "acc_norm,none": 0.6, "acc_norm_stderr,none": 0.01},
                "mmlu": {"acc,none": 0.5, "acc_stderr,none": 0.004},
                "law": {"acc,none": 0.4, "acc_stderr,none": 0.004},
            },
            "group_subtasks": {"mmlu": ["law"]},
            "config": {"model_args": "pretrained=org/a,dtype=bfloat16"},
        });
        assert_eq!(value, expected);
        assert!(printed_results(find("|Model|Value|\n|---|---|\n|a|1|\n").unwrap()).is_none());
    }
}

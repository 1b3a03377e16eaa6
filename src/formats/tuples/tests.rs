use super::*;
use crate::formats::part::Cells;
use crate::formats::{Companions, Source, import, parquet};
use ::parquet::data_type::{ByteArray, ByteArrayType, DoubleType};
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::parser::parse_message_type;
use std::sync::Arc;

/// Rows of model, dataset, date and score. One name has a line end, and some scores are unknown.
fn rows(count: usize) -> Vec<([String; 3], Option<f64>)> {
    let row = |at: usize| {
        let model = if at == 7 { "org/two\nlines".to_owned() } else { format!("org/model-{}", at / 4) };
        let texts = [model, format!("quiz-{}", at % 4), format!("2025-01-{:02}", 1 + at % 28)];
        (texts, (at % 11 != 3).then_some(0.25 * (at % 397) as f64))
    };
    (0..count).map(row).collect()
}

/// A Parquet file with so many rows in each group.
fn file(names: [&str; 4], rows: &[([String; 3], Option<f64>)], group: usize) -> Vec<u8> {
    let [model, dataset, date, score] = names;
    let schema = format!(
        "message m {{ required binary {model} (UTF8); required binary {dataset} (UTF8); required binary {date} (UTF8); \
         optional double {score}; }}"
    );
    let schema = Arc::new(parse_message_type(&schema).unwrap());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::default()).unwrap();
    for rows in rows.chunks(group) {
        let mut group = writer.next_row_group().unwrap();
        for at in 0..3 {
            let texts: Vec<ByteArray> = rows.iter().map(|(texts, _)| texts[at].as_str().into()).collect();
            let mut column = group.next_column().unwrap().unwrap();
            column.typed::<ByteArrayType>().write_batch(&texts, None, None).unwrap();
            column.close().unwrap();
        }
        let levels: Vec<i16> = rows.iter().map(|(_, score)| i16::from(score.is_some())).collect();
        let scores: Vec<f64> = rows.iter().filter_map(|(_, score)| *score).collect();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<DoubleType>().write_batch(&scores, Some(&levels), None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
    }
    writer.into_inner().unwrap()
}

const NAMES: [&str; 4] = ["model", "dataset", "date", "score"];

fn pieces(bytes: &[u8], limits: (usize, u64)) -> Result<Option<Part>> {
    read_within("t.parquet", bytes, Columns::NONE, &Folder::new(&[]), limits)
}

/// What the import makes of a file: the snapshot, the warnings and the report.
fn imported(name: &str, bytes: &[u8]) -> (Vec<u8>, String) {
    let source = Source { name, bytes, optional: false };
    let imported = import(&[source], &Companions::default()).unwrap();
    let json = crate::snapshot::write_json(&imported.snapshot).unwrap();
    (json, format!("{:?} {}", imported.warnings, serde_json::to_string(&imported.report).unwrap()))
}

#[test]
fn row_groups_give_the_same_snapshot_as_one_and_as_csv() {
    let mut rows = rows(3000);
    rows.push(rows[0].clone());
    let one = file(NAMES, &rows, 1 << 20);
    let expected = imported("t.parquet", &one);
    assert!(
        expected.1.contains("Some(3003)"),
        "the row repeats the first, a row of two lines before it: {}",
        expected.1
    );
    for group in [1, 700, 1000] {
        assert!(imported("t.parquet", &file(NAMES, &rows, group)) == expected, "{group}");
    }
    // Under the same name, since that is the source's.
    let csv = parquet::to_csv("t.parquet", &one).unwrap();
    assert!(imported("t.parquet", &csv) == expected);
}

#[test]
fn pieces_of_text_give_the_same_results_and_lines() {
    let rows = rows(3000);
    let bytes = file(NAMES, &rows, 1000);
    let cells = |piece: usize| {
        let part = pieces(&bytes, (piece, u64::MAX)).unwrap().unwrap();
        let Cells::Scores(cells) = part.cells else { panic!("scores") };
        cells.iter().map(|cell| (cell.model, cell.task, cell.value.to_bits(), cell.line)).collect::<Vec<_>>()
    };
    let whole = cells(usize::MAX);
    assert_eq!(whole.last().map(|cell| cell.3), Some(3002));
    // Below the buffer of its writer a piece has some rows too.
    assert!(cells(1) == whole && cells(20_000) == whole);
}

#[test]
fn a_row_group_that_is_too_large_is_refused() {
    let bytes = file(NAMES, &rows(3000), 1000);
    let error = pieces(&bytes, (1, 1000)).err().unwrap().to_string();
    assert!(
        error.starts_with("t.parquet: row group 1 of 3 unpacks to 0 MiB, more than 0; write the file in row groups of"),
        "{error}"
    );
}

#[test]
fn other_tables_are_not_read_here() {
    let none = |bytes: &[u8]| pieces(bytes, (1, 0)).unwrap().is_none();
    assert!(none(&file(["model", "mmlu", "date", "gsm8k"], &rows(9), 9)), "wide");
    assert!(none(&file(["parent", "child", "relation", "weight"], &rows(9), 9)), "edges");
    assert!(none(b"model,dataset,score\na,b,1\n"));
    assert!(pieces(b"PAR1 and no more", (1, 0)).is_err());
}

#[test]
fn a_table_without_rows_is_an_error() {
    let error = pieces(&file(NAMES, &[], 9), (1, 9)).err().unwrap().to_string();
    assert_eq!(error, "t.parquet line 1: only a header, no rows");
}

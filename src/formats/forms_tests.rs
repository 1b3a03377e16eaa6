//! Tables in each of their forms, from the bytes of a file to the cells of a snapshot.

use super::*;
use crate::snapshot::write_compact;
use std::io::{Cursor, Write};

fn read(bytes: &[u8]) -> Result<Imported> {
    import(&[Source { name: "x", bytes, optional: false }], &Companions::default())
}

/// The models, tasks and cells of two models and two tasks.
#[track_caller]
fn is_the_table(bytes: &[u8]) {
    let snapshot = read(bytes).unwrap().snapshot;
    let models: Vec<_> = snapshot.models.iter().map(|model| model.id.as_str()).collect();
    let tasks: Vec<_> = snapshot.tasks.iter().map(|task| task.id.as_str()).collect();
    let crate::snapshot::Results::Scores(scores) = &snapshot.results else { panic!("no scores") };
    let cells: Vec<_> = scores.iter().map(|(_, _, value)| value).collect();
    assert_eq!((models, tasks), (vec!["org/a", "org/b"], vec!["MMLU", "GSM8K"]));
    assert_eq!(cells, [80.5, 70.9, 65.1]);
}

#[test]
fn one_table_in_all_its_forms() {
    for text in [
        "model,MMLU,GSM8K\norg/a,80.5,70.9\norg/b,65.1,\n",
        "\u{feff}model\tMMLU\tGSM8K\r\norg/a\t80.5\t70.9\r\norg/b\t65.1\r\n",
        "model;MMLU;GSM8K\rorg/a;80.5;70.9\rorg/b;65.1;\r",
        "Results of May\n\nmodel,MMLU,GSM8K\norg/a,80.5,70.9\norg/b,65.1,\n",
        "# Results, all\n\n| model | MMLU | GSM8K |\n|-------|-----:|------:|\n| org/a | 80.5 | 70.9 |\n| org/b | 65.1 | |\n",
        "<table><tr><th>model</th><th>MMLU</th><th>GSM8K</th></tr><tr><td>org/a</td><td>80.5</td><td>70.9</td></tr><tr><td>org/b</td><td>65.1</td></tr></table>",
        "[{\"model\": \"org/a\", \"MMLU\": 80.5, \"GSM8K\": 70.9}, {\"model\": \"org/b\", \"MMLU\": 65.1, \"GSM8K\": NaN}]",
        "{\"model\": \"org/a\", \"MMLU\": 80.5, \"GSM8K\": 70.9}\n{\"model\": \"org/b\", \"MMLU\": 65.1}\n",
        "{\"columns\": [\"MMLU\", \"GSM8K\"], \"index\": [\"org/a\", \"org/b\"], \"data\": [[80.5, 70.9], [65.1, null]]}",
    ] {
        is_the_table(text.as_bytes());
        let mut writer = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file("folder/x.csv", ::zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
        is_the_table(&writer.finish().unwrap().into_inner());
    }
}

#[test]
fn errors_name_the_line_of_the_file_itself() {
    for (text, line) in [
        ("intro\n\n| model | t |\n|---|---|\n| a | 1 |\n| b | 1 | 2 |\n", 6),
        (
            "<table>\n<tr><th>m</th><th>t</th></tr>\n<tr><td>a</td>\n<td>1</td></tr>\n<tr><td>b</td><td>1</td><td>2</td></tr></table>",
            5,
        ),
        ("model;t\ra;1\rb;1;2\r", 3),
    ] {
        let message = read(text.as_bytes()).unwrap_err().to_string();
        assert!(message.starts_with(&format!("x line {line}: expected 2 columns")), "{message}");
    }
}

#[test]
fn results_that_are_printed_or_hold_nan_are_read() {
    let nan = r#"{"results": {"truthfulqa_mc2": {"acc,none": NaN}, "arc_easy": {"acc,none": 0.61}}, "config": {"model_args": "pretrained=org/a"}}"#;
    let printed = "hf (pretrained=org/a), limit: None\n| Tasks  |Version|Filter|n-shot|Metric|   |Value|   |Stderr|\n\
        |--------|------:|------|-----:|------|---|----:|---|-----:|\n|arc_easy|      1|none  |     0|acc   |↑  | 0.61|±  |0.0100|\n";
    for text in [nan, printed] {
        let snapshot = read(text.as_bytes()).unwrap().snapshot;
        assert_eq!((snapshot.models[0].id.as_str(), snapshot.cells()), ("org/a", 1));
        assert_eq!(snapshot.tasks[0].id, "arc_easy");
        assert_eq!(
            snapshot.error(crate::snapshot::ModelIndex(0), crate::snapshot::TaskIndex(0)),
            (text == printed).then_some(0.01)
        );
    }
    let lighteval = "|        Task         |Version|     Metric     |Value|   |Stderr|\n|---|---|---|---:|---|---:|\n\
        |all                  |       |extractive_match|  0.4|±  |  0.02|\n|lighteval:gsm8k:5|      0|extractive_match|0.4|±|0.02|\n";
    let snapshot = read(lighteval.as_bytes()).unwrap().snapshot;
    assert_eq!((snapshot.tasks.len(), snapshot.tasks[0].id.as_str()), (1, "gsm8k"));
}

#[test]
fn rare_forms_are_left_to_another_module() {
    for (text, rare) in [
        ("model\tt\na\t1\n", false),
        ("| model | t |\n|---|---|\n| a | 1 |\n", true),
        ("<table><tr><th>m</th><th>t</th></tr><tr><td>a</td><td>1</td></tr></table>", true),
        ("[{\"model\": \"a\", \"t\": 1}]", true),
    ] {
        let imported = import_in::<false>(
            &[Source { name: "x", bytes: text.as_bytes(), optional: false }],
            &Companions::default(),
        );
        assert_eq!(imported.unwrap().is_none(), rare, "{text}");
    }
    let table = Source { name: "x.csv", bytes: b"model,t\na,10\nb,20\n", optional: false };
    let companions = Companions { lineage: Some(table), ..Companions::default() };
    assert!(import_in::<false>(&[table, table], &Companions::default()).unwrap().is_none());
    assert!(import_in::<false>(&[table], &companions).unwrap().is_none());
    // A single table gives the same snapshot in either way.
    let parents = b"model,base_model,t,t stderr,u (%)\norg/a,,10,1,3\norg/b,org/a,20,2,4\norg/B,org/a,30,,\n";
    let table = Source { name: "x.csv", bytes: parents, optional: false };
    let small = import_in::<false>(&[table], &Companions::default()).unwrap().unwrap();
    let whole = import(&[table], &Companions::default()).unwrap();
    assert_eq!(write_compact(&small.snapshot), write_compact(&whole.snapshot));
    assert_eq!(small.report, whole.report);
    assert_eq!((small.snapshot.cells(), small.snapshot.lineage.edges().len()), (5, 2));
}

#[test]
fn companions_have_the_same_forms() {
    let table = Source { name: "x.csv", bytes: b"model,t\na,10\nb,20\n", optional: false };
    let edges = Source { name: "e.md", bytes: b"| parent | child |\n|---|---|\n| base | a |\n", optional: false };
    let facts = Source {
        name: "f.json",
        bytes: br#"[{"model": "a", "params": 8}, {"model": "b", "params": 7}]"#,
        optional: false,
    };
    let companions = Companions { lineage: Some(edges), model_factors: Some(facts), ..Companions::default() };
    let snapshot = import(&[table], &companions).unwrap().snapshot;
    assert_eq!(snapshot.lineage.edges().len(), 1);
    assert_eq!(snapshot.models[1].factors.len(), 1);
}

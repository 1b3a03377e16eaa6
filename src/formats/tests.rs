use super::*;
use crate::lineage::Relation;
use crate::snapshot::{Factor, ModelIndex, Range, TaskIndex, TaskKind, write_json};
use proptest::prelude::*;

fn with(files: &[(&str, &str)], companions: &[(&str, &str)]) -> Result<Imported> {
    let files: Vec<_> =
        files.iter().map(|(name, text)| Source { name, bytes: text.as_bytes(), optional: false }).collect();
    let beside = |name: &str| {
        let found = companions.iter().find(|(known, _)| *known == name);
        found.map(|(name, text)| Source { name, bytes: text.as_bytes(), optional: false })
    };
    let companions = Companions {
        lineage: beside("edges"),
        model_factors: beside("models"),
        task_factors: beside("tasks"),
        ..Companions::default()
    };
    import(&files, &companions)
}

fn one(text: &str) -> Imported {
    with(&[("x.csv", text)], &[]).unwrap()
}

fn refusal(files: &[(&str, &str)], companions: &[(&str, &str)]) -> String {
    let message = with(files, companions).unwrap_err().to_string();
    assert!(!message.contains('\n'), "{message}");
    message
}

fn cell(snapshot: &Snapshot, model: &str, task: &str) -> Option<f32> {
    snapshot.get(snapshot.model(model).unwrap(), snapshot.task(task).unwrap())
}

#[test]
fn a_wide_table_in_percent_and_fractions() {
    let Imported { snapshot, warnings, .. } = one("\u{feff}model,mmlu,gpqa,elo\na/a,45.5,0.3,1200\na/b,,0.25,1100\n");
    assert!(warnings.is_empty());
    let ranges: Vec<_> = snapshot.tasks.iter().map(|task| task.range).collect();
    assert_eq!(ranges, [Some(Range::PERCENT), Some(Range::FRACTION), None]);
    assert_eq!((cell(&snapshot, "a/a", "mmlu"), cell(&snapshot, "a/b", "mmlu")), (Some(45.5), None));
    assert_eq!((snapshot.source().as_str(), snapshot.license().as_str()), ("x.csv", "not stated"));
}

#[test]
fn a_bad_cell_is_named_by_line_and_column() {
    let cases = [
        ("model,mmlu\na,45\nb,430\n", "x.csv line 3, column \"mmlu\": expected 0 to 100, found 430"),
        ("model,mmlu\na,high\nb,low\n", "x.csv line 1: no column holds scores: \"model\" is read as model"),
        ("model,mmlu\na,NaN\n", "x.csv line 1: no column holds scores"),
        ("model,mmlu\n,45\n", "x.csv line 2: the row names no model"),
        ("model|mmlu\na|1\n", "x.csv line 1: columns are separated by bars"),
        ("model,mmlu\na,1,2\n", "x.csv line 2: expected 2 columns"),
        ("model,task,value\na,t,x\n", "x.csv line 2, column \"value\": expected a number"),
    ];
    for (text, expected) in cases {
        let message = refusal(&[("x.csv", text)], &[]);
        assert!(message.starts_with(expected), "{message}");
    }
}

#[test]
fn one_percentage_in_a_column_of_fractions_is_named() {
    let rows: String = (0..12).map(|at| format!("m{at},{}\n", if at == 7 { "71" } else { "0.5" })).collect();
    let message = refusal(&[("x.csv", &format!("model,t\n{rows}"))], &[]);
    assert_eq!(message, "x.csv line 9, column \"t\": expected 0 to 1, found 71");
}

#[test]
fn repeated_models_keep_their_first_row() {
    let Imported { snapshot, warnings, .. } = one("model,t\na,10\nb,20\na,30\n");
    assert_eq!((snapshot.models.len(), cell(&snapshot, "a", "t")), (2, Some(10.0)));
    assert!(warnings[0].to_string().starts_with("x.csv line 4: \"a\""), "{warnings:?}");
}

#[test]
fn an_index_column_without_a_name_is_passed_over() {
    let Imported { snapshot, .. } = one(",model,t\n0,a,10\n1,b,20\n");
    assert_eq!((snapshot.models[0].id.as_str(), snapshot.tasks.len()), ("a", 1));
}

#[test]
fn a_long_table_never_mixes_metrics() {
    let text =
        "Benchmark,Model,Score,Metric\nmmlu,a,50,acc\nmmlu,b,60,acc\nmmlu,a,0.4,norm\ngpqa,a,30,acc\ngpqa,a,31,acc\n";
    let Imported { snapshot, warnings, .. } = one(text);
    let ids: Vec<_> = snapshot.tasks.iter().map(|task| (task.id.as_str(), task.dataset.as_str())).collect();
    assert_eq!(ids, [("mmlu (acc)", "mmlu"), ("mmlu (norm)", "mmlu"), ("gpqa", "gpqa")]);
    assert_eq!(cell(&snapshot, "a", "gpqa"), Some(30.0));
    assert!(warnings[0].to_string().contains("1 rows repeat"), "{warnings:?}");
}

#[test]
fn matrices_differ_from_wide_tables_in_their_cells() {
    let matrix = one("Unnamed: 0,1,2\na,0.0,1.0\nb,,1\n").snapshot;
    assert_eq!((matrix.kind(), matrix.tasks[1].id.as_str(), matrix.cells()), (TaskKind::Outcome, "x/2", 3));
    assert_eq!(one("model,t,u\na,0,1\nb,0.5,1\n").snapshot.kind(), TaskKind::Score);
    assert_eq!(one("model,t\na,0\nb,1\n").snapshot.kind(), TaskKind::Score);
    let rows: String = (0..600).map(|at| format!("m{at},0,1\n")).collect();
    let message = refusal(&[("x.csv", &format!("model,i,j\n{rows}z,0,7\n"))], &[]);
    assert_eq!(message, "x.csv line 602, column \"j\": expected 0 or 1, found 7");
}

#[test]
fn several_matrices_leave_unknown_cells_unknown() {
    let files = [("d/p.csv", "model,1,2\na,1,0\nb,1,1\n"), ("q.csv.gz", "model,1,2\nb,0,1\nc,1,1\n")];
    let snapshot = with(&files, &[]).unwrap().snapshot;
    assert_eq!((snapshot.models.len(), snapshot.tasks.len(), snapshot.cells()), (3, 4, 8));
    assert_eq!((cell(&snapshot, "a", "q/1"), cell(&snapshot, "b", "q/1")), (None, Some(0.0)));
    assert_eq!(snapshot.source(), "p.csv; q.csv.gz");
}

#[test]
fn score_files_join_by_task_if_they_mean_the_same() {
    let joined = with(
        &[
            ("p.csv", "model,mmlu-pro\na,40\n"),
            ("q.csv", "model,mmlu_pro,t\na,41\nb,50,1\n".replace("a,41", "a,41,3").as_str()),
        ],
        &[],
    );
    let Imported { snapshot, warnings, .. } = joined.unwrap();
    assert_eq!((snapshot.tasks.len(), snapshot.cells(), cell(&snapshot, "a", "mmlu_pro")), (2, 4, Some(40.0)));
    assert!(warnings[0].to_string().starts_with("q.csv: 1 results were in an earlier file"));
    let Imported { snapshot, warnings, .. } =
        with(&[("p.csv", "model,t\na,40\n"), ("q.csv", "model,t\nb,0.5\n")], &[]).unwrap();
    assert_eq!((snapshot.tasks.len(), cell(&snapshot, "b", "t")), (1, Some(50.0)));
    assert!(warnings[0].to_string().starts_with("q.csv: fractions of \"t\" became percentages"), "{warnings:?}");
    let files = [("p.csv", "model,t\na,40\n"), ("q.csv", "model,t\nb,1250\n")];
    let Imported { snapshot, report, .. } = with(&files, &[]).unwrap();
    assert_eq!(snapshot.tasks.iter().map(|task| task.id.as_str()).collect::<Vec<_>>(), ["t", "t (q)"]);
    assert_eq!(report.apart, [["t", "t (q)", "different ranges"].map(str::to_owned)]);
    let message = refusal(&[("p.csv", "model,t\na,40\n"), ("q.csv", "model,i,j\na,1,0\n")], &[]);
    assert!(message.starts_with("q.csv: holds outcomes of items, but p.csv holds scores"), "{message}");
}

#[test]
fn edges_come_from_a_companion_or_among_the_files() {
    let edges = "parent,child,relation,weight,other\nbase,a,finetuned,,x\na,b,distilled,0.5,x\nb,b,merged,,x\n,b,,,x\n";
    let table = ("x.csv", "model,t\na,10\nb,20\n");
    let Imported { snapshot, warnings, .. } = with(&[table], &[("edges", edges)]).unwrap();
    assert_eq!((snapshot.lineage.len(), snapshot.lineage.edges().len()), (3, 2));
    let edge = &snapshot.lineage.edges()[1];
    assert_eq!((edge.relation, edge.weight), (Relation::Unstated, 0.5));
    let warnings: Vec<_> = warnings.iter().map(ToString::to_string).collect();
    assert!(warnings.iter().any(|w| w.starts_with("edges line 3: unknown relation \"distilled\"")), "{warnings:?}");
    assert!(warnings.iter().any(|w| w.contains("own parent")), "{warnings:?}");
    assert!(warnings.iter().any(|w| w.contains("without parent or child")), "{warnings:?}");
    assert_eq!(with(&[table, ("e.csv", edges)], &[]).unwrap().snapshot.lineage.len(), 3);
    assert!(refusal(&[("e.csv", edges)], &[]).contains("holds lineage edges and no results"));
}

#[test]
fn repairs_of_one_sort_are_counted_after_five() {
    let edges: String = (0..9).map(|at| format!("m{at},m{at}\n")).collect();
    let warnings =
        with(&[("x.csv", "model,t\nm0,10\n")], &[("edges", &format!("parent,child\n{edges}"))]).unwrap().warnings;
    assert_eq!(warnings.len(), 5);
    assert!(warnings[4].message.ends_with("(and 4 more like it)"));
}

#[test]
fn facts_are_in_rows_or_columns() {
    let table = ("x.csv", "model,t,u\na,10,20\nb,20,30\n");
    let rows = "name,params,open,date,mixed\na,8,yes,2025-01-31,1\nB,,no,,x\nz,1,yes,,1\n";
    let columns = "\u{feff},a,b,z\nparams,8,,1\nopen,yes,no,yes\ndate,2025-01-31,,\nmixed,1,x,1\n";
    for text in [rows, columns] {
        let Imported { snapshot, warnings, .. } = with(&[table], &[("models", text)]).unwrap();
        let factors = &snapshot.models[0].factors;
        assert_eq!((&factors["params"], &factors["open"]), (&Factor::Number(8.0), &Factor::Flag(true)));
        assert_eq!(factors["mixed"], Factor::Text("1".into()));
        assert_eq!(snapshot.models[0].date, crate::snapshot::Date::new(2025, 1, 31));
        assert_eq!(snapshot.models[1].factors.get("params"), None);
        assert_eq!(warnings.len(), 2, "{warnings:?}");
    }
    assert!(refusal(&[table], &[("models", "q,r\n1,2\n")]).starts_with("models: names no model of the results"));
}

#[test]
fn task_facts_declare_what_scores_mean() {
    let table = ("x.csv", "model,t,u\na,0.4,20\nb,0.7,900\n");
    let facts = "task,range_low,range_high,chance,kind\nt,0,100,0.25,choice\nu,open,,,price\n";
    let snapshot = with(&[table], &[("tasks", facts)]).unwrap().snapshot;
    assert_eq!((snapshot.tasks[0].range, snapshot.tasks[1].range), (Some(Range::PERCENT), None));
    assert_eq!(snapshot.tasks[0].chance, Some(0.25));
    assert_eq!(snapshot.tasks[0].factors.len(), 1);
    let message = refusal(&[table], &[("tasks", "task,range_low,range_high\nt,0,0.5\nu,open,\n")]);
    assert_eq!(message, "x.csv line 3, column \"t\": expected 0 to 0.5, found 0.7");
    assert!(refusal(&[table], &[("tasks", "task,range_low,range_high\nt,5,\n")]).starts_with("tasks line 2"));
}

/// The score columns of the leaderboard's table, with a comma after each.
fn board_scores() -> String {
    let tasks = ["ifeval", "bbh", "math", "gpqa", "musr", "mmlu_pro"];
    tasks.map(|task| format!("evaluations_{task}_normalized_score,")).concat()
}

#[test]
fn a_leaderboard_gives_facts_about_models_but_no_scores() {
    let scores = board_scores();
    let header = format!("model_name,{scores}metadata_submission_date,metadata_params_billions,model_average_score");
    let board = format!("{header}\norg/b,1,2,3,4,5,6,2024-08-02,8,99\norg/z,1,2,3,4,5,6,2024-08-02,8,99\n");
    let quiz = ("quiz.csv", "model,1,2\norg/a,1,0\norg/b,0,1\n");
    let Imported { snapshot, warnings, .. } = with(&[quiz], &[("models", &board)]).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(snapshot.models[1].factors, [("params".to_owned(), Factor::Number(8.0))].into());
    assert_eq!(snapshot.models[1].date.map(|date| date.to_string()).as_deref(), Some("2024-08-02"));
    assert!(snapshot.models[0].factors.is_empty() && snapshot.models.len() == 2);
    let other = board.replace("org/b", "org/y");
    assert_eq!(refusal(&[quiz], &[("models", &other)]), "models: names no model of the results");
}

#[test]
fn a_leaderboard_keeps_each_models_earliest_submission() {
    let scores = board_scores();
    let header = format!(
        "model_name,{scores}metadata_submission_date,metadata_base_model,metadata_params_billions,model_average_score"
    );
    let rows = "a,1,2,3,4,5,6,2024-08-02,base,8,99\na,7,2,3,4,5,6,2024-08-01,Removed,-1,99\na,8,2,3,4,5,6,2024-08-01,base,8,99\n";
    let Imported { snapshot, warnings, .. } = one(&format!("{header}\n{rows}"));
    assert_eq!((snapshot.models.len(), cell(&snapshot, "a", "IFEval")), (1, Some(7.0)));
    assert!(snapshot.models[0].factors.is_empty() && snapshot.lineage.edges().is_empty());
    assert!(warnings[0].to_string().starts_with("x.csv line 3: 2 rows repeat a model"), "{warnings:?}");
    let message = refusal(&[("x.csv", &format!("{header}\na,430,2,3,4,5,6,,,,\n"))], &[]);
    let expected = "x.csv line 2, column \"evaluations_ifeval_normalized_score\": expected 0 to 100, found 430";
    assert_eq!(message, expected);
}

#[test]
fn a_snapshot_imports_as_itself() {
    let first =
        with(&[("x.csv", "model,1,2\na,1,0\nb,,1\n")], &[("edges", "parent,child\nbase,a\n")]).unwrap().snapshot;
    let json = write_json(&first).unwrap();
    let second =
        import(&[Source { name: "s.json", bytes: &json, optional: false }], &Companions::default()).unwrap().snapshot;
    assert_eq!(write_json(&second).unwrap(), json);
    let message =
        import(&[Source { name: "s.json", bytes: &json[..json.len() - 2], optional: false }], &Companions::default());
    assert!(message.unwrap_err().to_string().starts_with("s.json line 1: EOF while parsing"));
    assert_eq!(second.get(ModelIndex(0), TaskIndex(1)), Some(0.0));
}

#[test]
fn benchpress_keeps_its_order_and_says_which_cell_is_wrong() {
    let text = |observed: &str| {
        format!(
            r#"{{"models": [{{"id": "b", "release_date": "2025-01-31", "reasoning": true}}, {{"id": "a"}}],
                "benchmarks": [{{"id": "elo"}}, {{"id": "acc"}}], "predictions": [[1, 2], [3, 4]], "observed": {observed}}}"#
        )
    };
    let snapshot = with(&[("b.json", &text("[[1400, 60.5], [1200, null]]"))], &[]).unwrap().snapshot;
    assert_eq!((cell(&snapshot, "b", "acc"), cell(&snapshot, "a", "acc")), (Some(60.5), None));
    assert_eq!(cell(&snapshot, "a", "elo"), Some(1200.0));
    assert_eq!(snapshot.tasks.iter().map(|task| task.range).collect::<Vec<_>>(), [None, Some(Range::PERCENT)]);
    assert_eq!(snapshot.models[0].date.map(|date| date.to_string()).as_deref(), Some("2025-01-31"));
    assert_eq!(snapshot.models[0].factors["reasoning"], Factor::Flag(true));
    let refused = |observed: &str| refusal(&[("b.json", &text(observed))], &[]);
    assert!(refused("[[1, 2]]").contains("a row for each of 2 models"), "{}", refused("[[1, 2]]"));
    assert!(refused("[[1, 2], [3]]").contains("observed[1]"));
    assert!(refused(r#"[[1, "x"], [3, 4]]"#).contains("observed[0][1]"));
}

#[test]
fn a_table_of_metrics_by_models_is_turned() {
    let text = "Metric,b,a\nMMLU - EM,0.5,-\nThe Pile - BPB,1.61,0.9\nXSUM - SummaC,-0.1,0.2\n";
    let snapshot = with(&[("helm.csv", text)], &[]).unwrap().snapshot;
    assert_eq!(snapshot.models.iter().map(|model| model.id.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!((cell(&snapshot, "a", "MMLU - EM"), cell(&snapshot, "b", "XSUM - SummaC")), (None, Some(-0.1)));
    let ranges: Vec<_> = snapshot.tasks.iter().map(|task| task.range).collect();
    assert_eq!(ranges, [Some(Range::FRACTION), None, None]);
    assert_eq!(snapshot.tasks[1].metric.as_deref(), Some("BPB"));
    assert_eq!(snapshot.tasks.iter().map(|task| task.lower_is_better).collect::<Vec<_>>(), [false, true, false]);
    let message = refusal(&[("helm.csv", "Metric,a\nMMLU - EM,high\nBoolQ - EM,low\n")], &[]);
    assert!(message.starts_with("helm.csv line 2, column \"a\": expected a number"), "{message}");
    assert!(refusal(&[("helm.csv", "Metric,a,a\nMMLU - EM,0.5,1\n")], &[]).contains("two columns"));
}

fn piece() -> impl Strategy<Value = String> {
    let words = [
        "model", "parent", "child", "task", "value", "fullname", "IFEval", "1", "0", "0.5", "430", "NaN", "-1", "1e40",
    ];
    let marks = [
        ",",
        ",",
        ",",
        "\n",
        "\n",
        "\r\n",
        "\"",
        ";",
        "\t",
        "\r",
        "{",
        "[{",
        "}]",
        ":",
        "\u{feff}",
        "é",
        "a/b",
        "|",
        "|---|---|",
        "<table>",
        "<tr>",
        "<td>",
        "<td rowspan=3 colspan=\"2\">",
        "</table>",
        "<!--",
        "&amp;",
        "📑",
        "[a](b)",
        "1,286",
        "±",
    ];
    proptest::sample::select([&words[..], &marks[..]].concat()).prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic_and_no_nan_comes_through(
        pieces in proptest::collection::vec(piece(), 0..40),
        noise in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let text = pieces.concat();
        let gzip = [&[0x1f, 0x8b, 8, 0][..], &noise].concat();
        for bytes in [text.as_bytes(), &noise, &gzip] {
            let file = Source { name: "x.csv", bytes, optional: false };
            let companions = Companions { lineage: Some(file), ..Companions::default() };
            let beside = Companions { model_factors: Some(file), task_factors: Some(file), ..Companions::default() };
            for companions in [Companions::default(), companions, beside] {
                match import(&[file], &companions) {
                    Ok(imported) => {
                        let json = write_json(&imported.snapshot).unwrap();
                        prop_assert!(crate::snapshot::read_json(&json).is_ok());
                    }
                    Err(error) => prop_assert!(!error.to_string().contains('\n')),
                }
            }
        }
    }
}

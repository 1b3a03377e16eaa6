//! Cells and the numbers of a column: units, signs, directions and days.

use super::column_tests::{cell, read, roles, table, tasks};
use super::*;
use crate::snapshot::{ModelIndex, Range, TaskIndex};

#[test]
fn a_fraction_among_percentages_is_kept_out_and_told() {
    let text = "model,MMLU,GSM8K\norg/a,0.801,70.9\norg/b,65.1,0.559\norg/c,45.1,35.9\n";
    let imported = table(text);
    assert_eq!((cell(&imported, "org/a", "MMLU"), cell(&imported, "org/c", "MMLU")), (None, Some(45.1)));
    assert!(
        imported.warnings[0].to_string().contains("\"org/a\" has 0.801 among percentages"),
        "{:?}",
        imported.warnings
    );
    assert_eq!(imported.report.dropped.iter().map(|dropped| dropped.count).collect::<Vec<_>>(), [1, 1]);
    let kept = read(&[("t.csv", text)], "MMLU=score:percent").unwrap();
    assert_eq!(cell(&kept, "org/a", "MMLU"), Some(0.801));
    let true_ones: String = (0..40).map(|at| format!("m{at},{}\n", f64::from(at * at) / 20.0)).collect();
    assert!(table(&format!("model,math\n{true_ones}")).warnings.is_empty(), "true percentages below 1");
}

#[test]
fn doubts_stay_where_some_cells_have_signs_or_most_are_fractions() {
    let column = |cells: &str| {
        let rows: String = cells.split(',').enumerate().map(|(at, cell)| format!("m{at},{cell}\n")).collect();
        table(&format!("model,MMLU\n{rows}"))
    };
    let signed = column("50.1%,0.605,70.3,71.2,65.2,55.6");
    assert_eq!((cell(&signed, "m1", "MMLU"), signed.snapshot.cells()), (None, 5));
    assert!(
        signed.warnings[0].message.contains("has 0.605 among percentages, which may be 60.5 %"),
        "{:?}",
        signed.warnings
    );
    assert_eq!(column("50.1%,0.605%,70.3,71.2,65.2,55.6").snapshot.cells(), 6, "a stated percentage");
    let fractions = column("50.1,0.605,0.703,0.712,0.652,0.556");
    assert_eq!((fractions.snapshot.cells(), cell(&fractions, "m2", "MMLU")), (5, Some(0.703)));
    assert_eq!(fractions.snapshot.tasks[0].range, Some(Range::FRACTION));
    assert!(
        fractions.warnings[0].message.contains("has 50.1 among fractions, which may be 0.501"),
        "{:?}",
        fractions.warnings
    );
}

#[test]
fn common_forms_of_cells_are_scores() {
    for form in ["(1.2)", "(58.0–62.2)", "(+1.2)", "(#1)", "pts", "/100", "(n=100)", "[58.0; 62.2]"] {
        let imported = table(&format!("model,MMLU,BBH\na,60.1 {form},50.5\nb,61.2 {form},60.5\n"));
        assert_eq!((tasks(&imported), cell(&imported, "a", "MMLU")), (vec!["MMLU", "BBH"], Some(60.1)), "{form}");
    }
    let told = table("model,MMLU\na,60.1 (1.2)\nb,61.2 (1.3)\n").report.dropped;
    assert_eq!((told[0].what.as_str(), told[0].count), ("numbers in brackets of MMLU", 2));
    let comma = table("model,MMLU,BBH\na,\"60,1\",\"50,5\"\nb,\"61,2\",\"60,5\"\n");
    assert_eq!((cell(&comma, "a", "MMLU"), cell(&comma, "b", "BBH")), (Some(60.1), Some(60.5)));
    let interval = table("model,MMLU [95% CI],BBH\na,\"60.1 [58.0, 62.2]\",50.5\nb,\"61.2 [59.0, 63.2]\",60.5\n");
    assert_eq!(tasks(&interval), ["MMLU [95% CI]", "BBH"]);
}

#[test]
fn signs_in_cells_are_understood() {
    let imported = table(
        "model,MMLU,GSM8K,Elo,cost\norg/a,80.1%,70.9 ± 1.2,\"1,286\",$5\norg/b,65.1*,N/A,-,$3\norg/c,NaN,–,1187,\n",
    );
    assert_eq!(tasks(&imported), ["MMLU", "GSM8K", "Elo"]);
    assert_eq!(imported.snapshot.cells(), 5);
    assert_eq!(imported.snapshot.error(ModelIndex(0), TaskIndex(1)), Some(1.2));
    assert_eq!(cell(&imported, "org/a", "Elo"), Some(1286.0));
    let mixed = table("model,x\na,70%\nb,0.5\nc,0.25\n");
    assert_eq!((mixed.snapshot.tasks[0].range, cell(&mixed, "a", "x")), (Some(Range::FRACTION), Some(0.7)));
}

#[test]
fn open_ended_scores_are_not_made_percentages() {
    let imported = table("model,corr,grade,elo,dollars\na,-0.1,8.5,1200,$300\nb,0.4,7.5,1100,\"$1,200\"\n");
    assert!(imported.snapshot.tasks.iter().all(|task| task.range.is_none()), "{:?}", imported.snapshot.tasks);
    let imported = table("model,mmlu,hle,cosine_spearman\na,55.5,8.5,0.5\nb,65.5,3.5,-0.2\n");
    let ranges: Vec<_> = imported.snapshot.tasks.iter().map(|task| task.range).collect();
    assert_eq!(ranges, [Some(Range::PERCENT), Some(Range::PERCENT), Some(Range { low: -1.0, high: 1.0 })]);
}

#[test]
fn directions_and_metrics_without_quality_come_from_names() {
    let imported = table("model,WER,bits_per_byte,toxicity,acc\na,0.12,0.9,0.3,0.6\nb,0.2,1.1,0.1,0.5\n");
    let lower: Vec<_> = imported.snapshot.tasks.iter().map(|task| (task.id.as_str(), task.lower_is_better)).collect();
    assert_eq!(lower, [("WER", true), ("bits_per_byte", true), ("acc", false)]);
    assert_eq!(roles(&imported)[3], ("toxicity", Role::Skip));
}

#[test]
fn open_ended_errors_stay_in_their_own_units() {
    for name in ["Perplexity", "wikitext (ppl)", "MSE", "WER"] {
        for high in ["120.5", "20.5"] {
            let imported = table(&format!("model,MMLU,{name}\na,50.1,5.1\nb,60.5,6.2\nc,70.3,{high}\nd,71.2,9.3\n"));
            let task = &imported.snapshot.tasks[1];
            let bounded = name == "WER" && high == "20.5";
            assert_eq!((task.range.is_some(), task.lower_is_better), (bounded, true), "{name} {high}");
        }
    }
    let long =
        table("model,benchmark,metric,score\na,w,perplexity,5.1\nb,w,perplexity,120.5\na,m,acc,50\nb,m,acc,60\n");
    let ranges: Vec<_> = long.snapshot.tasks.iter().map(|task| task.range).collect();
    assert_eq!(ranges, [None, Some(Range::PERCENT)]);
}

#[test]
fn days_are_read_in_every_form_and_are_no_scores() {
    for day in [
        "20240201",
        "45323",
        "1706745600",
        "1706745600000",
        "2024-02",
        "2024/02/01",
        "01.02.2024",
        "Feb 2024",
        "\"February 1, 2024\"",
        "2024-02-01 00:00:00",
    ] {
        let imported = table(&format!("model,Release Date,MMLU\na,{day},50.1\nb,{day},60.2\n"));
        assert_eq!(tasks(&imported), ["MMLU"], "{day}");
        let date = imported.snapshot.models[1].date.map(|day| day.to_string());
        assert_eq!((date.as_deref(), imported.warnings.len()), (Some("2024-02-01"), 0), "{day}");
    }
    let quarter = table("model,released,MMLU\na,2024Q1,50.1\nb,2024Q3,60.2\n");
    assert_eq!(quarter.snapshot.models[1].date.map(|day| day.to_string()).as_deref(), Some("2024-07-01"));
    let order = |last: &str| table(&format!("model,Release Date,MMLU\na,2/1/2024,50.1\nb,{last},60.2\n"));
    assert_eq!(order("13/1/2024").snapshot.models[0].date.map(|day| day.to_string()).as_deref(), Some("2024-01-02"));
    let ambiguous = order("3/1/2024");
    assert_eq!((ambiguous.snapshot.models[0].date, tasks(&ambiguous)), (None, vec!["MMLU"]));
    let told = ambiguous.warnings[0].to_string();
    assert!(
        told.starts_with("t.csv line 2, column \"Release Date\": \"2/1/2024\" may begin with the day or the month"),
        "{told}"
    );
    assert_eq!(tasks(&table("model,Release Date,MMLU\na,1.5,50.1\nb,2.5,60.2\n")), ["MMLU"]);
    assert_eq!(tasks(&table("model,Date Understanding,MMLU\na,41.5,50.1\nb,52.5,60.2\n")).len(), 2);
}

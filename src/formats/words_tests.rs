//! What the names of columns say.

use super::super::name_parts::{is_part_average, target_words};
use super::*;

#[test]
fn names_are_understood_in_many_spellings() {
    for (sense_of, names) in [
        (
            Sense::Average,
            &["Average", "Average ⬆️", "avg", "Overall Acc", "Global Average", "mean_win_rate", "Total Score"][..],
        ),
        (Sense::Rank, &["Rank", "MMLU Rank", "rank_stylectrl", "Rank* (UB)"]),
        (Sense::Index, &["", "Unnamed: 0", "#", "id"]),
        (Sense::Count(true), &["n_samples", "num_questions", "# items"]),
        (Sense::Count(false), &["votes", "Total count", "n_runs"]),
        (Sense::Cost, &["Cost ($)", "price_1m", "Input cost", "Total Cost ($)"]),
        (Sense::Effort, &["CO₂ cost (kg)".trim_start_matches("CO₂ cost (kg)"), "Latency (s)", "carbon emission"][1..]),
        (Sense::Effort, &["Time", "Energy (kWh)", "Steps", "Output tokens"]),
        (Sense::Error, &["MMLU_stderr", "95_pct_ci", "CI", "acc ± ", "MMLU SE"]),
        (Sense::Deviation, &["MMLU std"]),
        (Sense::Link, &["URL", "Model Link"]),
        (Sense::Licence, &["License", "Hub License"]),
        (Sense::Parents, &["Base Model", "adapted_from"]),
        (Sense::Date(true), &["date", "Release Date", "released"]),
        (Sense::Date(false), &["Release year", "knowledge_cutoff date", "Knowledge cutoff"]),
        (Sense::Popularity, &["Hub ❤️", "downloads"]),
        (Sense::Task, &["Benchmark", "dataset"]),
        (Sense::Property, &["Context window", "embed_dim"]),
    ] {
        for name in names {
            assert_eq!(sense(name), Some(sense_of), "{name}");
        }
    }
    for name in ["MMLU", "GSM8K", "Coding", "Language", "IFEval", "math", "arena_score", "instruct_hard", "TimeQA"] {
        assert_eq!(sense(name), None, "{name}");
    }
    assert!(matches!(sense("#Params (B)"), Some(Sense::Fact("params", FactKind::Amount))));
    assert!(matches!(sense("param_count"), Some(Sense::Fact("params", _))));
    assert!(matches!(sense("Model Family"), Some(Sense::Fact("family", _))));
    assert!(matches!(sense("Instruct"), Some(Sense::Fact("instruct", _))));
    assert_eq!([sense("model"), sense("Model Name")].map(|sense| matches!(sense, Some(Sense::Model(_)))), [true; 2]);
}

#[test]
fn errors_and_counts_name_their_task() {
    assert_eq!(target_words("MMLU_stderr"), " mmlu ");
    assert_eq!(target_words("95_pct_ci"), "  ");
    assert_eq!(target_words("n_samples"), "  ");
    assert!(is_part_average("Math Average") && !is_part_average("Math"));
}

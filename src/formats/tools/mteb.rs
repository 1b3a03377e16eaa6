//! Results of MTEB, `results/<org__model>/<revision>/<Task>.json`: the scores of one model on one task, with the model's
//! facts in the `model_meta.json` beside it.
//!
//! Read is the main score of each split and subset. The file itself names no model: its `model_meta.json` does, or else
//! the folder. Files of versions before 1.11 are read if they state a main score.

use super::File;
use super::number;
use crate::error::{Error, Result};
use crate::formats::collection::{Collection, Measure};
use crate::formats::folder::model_of_folder;
use crate::formats::yaml::words;
use crate::lineage::{Parent, Relation};
use crate::snapshot::{Declared, Detail, Range, parse_day};
use serde_json::Value;

pub(super) fn recognise(value: &Value) -> bool {
    is_task(value) || is_old_task(value) || is_model(value)
}

fn is_task(value: &Value) -> bool {
    let is_list = |split: &Value| split.as_array().is_some_and(|scores| scores.iter().all(Value::is_object));
    words(value.get("task_name")).is_some()
        && value.get("scores").and_then(Value::as_object).is_some_and(|splits| splits.values().all(is_list))
}

/// Whether a value is in the form before version 1.11.
fn is_old_task(value: &Value) -> bool {
    words(value.get("mteb_dataset_name")).is_some()
}

/// Whether a value holds the facts about a model.
fn is_model(value: &Value) -> bool {
    let has = |key: &str| value.get(key).is_some();
    words(value.get("name")).is_some() && has("revision") && (has("n_parameters") || has("embed_dim"))
}

/// Whether a file holds the facts about the model whose results lie beside it.
pub(super) fn is_companion(file: &File<'_>) -> bool {
    is_model(file.value)
        && file.name.rsplit('/').next() == Some("model_meta.json")
        && file.folder.neighbours(file.name).any(|name| name != "model_meta.json" && name.contains(".json"))
}

pub(super) fn read(file: &File<'_>, to: &mut Collection<'_>) -> Result<()> {
    if is_model(file.value) {
        let message = "facts about a model and no results; give the files of its tasks in the same folder too";
        return Err(Error::input(message).at(to.at("name")));
    }
    let facts = file.folder.beside(file.name, "model_meta.json");
    let facts: Value = facts.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let stated = words(facts.get("name")).map(str::to_owned);
    let Some(id) = stated.or_else(|| model_of_folder(file.name)) else {
        let message = "names no model; give the model_meta.json of its folder too, or keep the folders as they are \
                       (org__model/revision/Task.json)";
        return Err(Error::input(message).at(to.at("task_name")));
    };
    let model = to.model(&id);
    about_model(&facts, model, to);
    if is_old_task(file.value) {
        read_old_scores(file.value, model, to);
    } else {
        read_scores(file.value, model, to);
    }
    Ok(())
}

fn about_model(facts: &Value, model: u32, to: &mut Collection<'_>) {
    to.size(model, number(facts.get("n_parameters")).map(|count| count / 1e9));
    let about = to.about(model);
    about.date = about.date.or_else(|| parse_day(words(facts.get("release_date"))?));
    for (text, key) in [(&mut about.license, "license"), (&mut about.url, "reference")] {
        *text = words(facts.get(key)).map(str::to_owned);
    }
    let id = about.id.clone();
    let parents = match facts.get("adapted_from") {
        Some(Value::Array(list)) => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    for parent in parents.iter().filter_map(|parent| words(Some(parent))).filter(|parent| *parent != id) {
        to.parent(model, Parent::new(parent, Relation::Finetune));
    }
}

fn read_scores(task: &Value, model: u32, to: &mut Collection<'_>) {
    let dataset = words(task.get("task_name")).unwrap_or_default();
    for (split, entries) in task["scores"].as_object().into_iter().flatten() {
        for entry in entries.as_array().into_iter().flatten() {
            let subset = words(entry.get("hf_subset")).filter(|subset| *subset != "default");
            if !read_score(entry, [dataset, subset.unwrap_or_default(), split], model, to) {
                to.leave_out("scores", "no main_score", 1);
            }
        }
    }
}

/// Reads splits of scores, or of subsets with scores.
fn read_old_scores(task: &Value, model: u32, to: &mut Collection<'_>) {
    let dataset = words(task.get("mteb_dataset_name")).unwrap_or_default();
    for (split, scores) in task.as_object().into_iter().flatten().filter(|(_, scores)| scores.is_object()) {
        let mut found = read_score(scores, [dataset, "", split], model, to);
        for (subset, scores) in scores.as_object().into_iter().flatten().filter(|_| !found).collect::<Vec<_>>() {
            let subset = Some(subset.as_str()).filter(|subset| *subset != "default").unwrap_or_default();
            found |= read_score(scores, [dataset, subset, split], model, to);
        }
        if !found {
            to.leave_out("splits", "no main_score, as versions of MTEB before 1.11 write it", 1);
        }
    }
}

/// Reads a main score; whether there is one.
fn read_score(entry: &Value, [dataset, subset, split]: [&str; 3], model: u32, to: &mut Collection<'_>) -> bool {
    let Some(score) = number(entry.get("main_score")) else { return false };
    let measure = Measure {
        subset: Some(subset).filter(|subset| !subset.is_empty()).map(str::to_owned),
        split: Some(split.to_owned()),
        lower_is_better: Some(false),
        declared: declared(entry, score),
        ..Measure::new(dataset, Some("main_score"))
    };
    to.score(model, &measure, score, Detail::default());
    true
}

/// The range of a main score. It repeats one of the other scores: where this is a correlation, it goes from -1 to 1 in all
/// files of the task, and the change of a rank (p-MRR) has no bounds.
fn declared(entry: &Value, score: f64) -> Declared {
    let repeats = |end: &str| {
        entry
            .as_object()
            .into_iter()
            .flatten()
            .any(|(name, value)| name.ends_with(end) && value.as_f64() == Some(score))
    };
    if repeats("p-MRR") {
        return Declared::Open;
    }
    let is_correlation = (-1.0..0.0).contains(&score) || repeats("spearman") || repeats("pearson");
    if is_correlation && score <= 1.0 { Declared::Range(Range { low: -1.0, high: 1.0 }) } else { Declared::Nothing }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read, read_other_shapes, scores, try_read};
    use super::*;
    use crate::snapshot::{Date, Factor};

    const META: &str = r#"{"name": "acme/bird-embed", "revision": "abc", "release_date": "2024-02-08", "n_parameters": 118000000,
      "embed_dim": 384, "license": "mit", "reference": "https://acme.org/bird", "adapted_from": "acme/bird", "superseded_by": null}"#;
    const TASK: &str = r#"{"dataset_revision": "1", "task_name": "PairQuiz", "mteb_version": "1.36.0", "scores": {
      "test": [
        {"cosine_spearman": 0.87, "main_score": 0.87, "hf_subset": "en-de", "languages": ["eng-Latn"]},
        {"cosine_spearman": -0.1, "main_score": -0.1, "hf_subset": "default"},
        {"cosine_spearman": 0.5, "hf_subset": "fr"}],
      "validation": [{"main_score": 0.6, "hf_subset": "en-de"}]}, "evaluation_time": 1.5}"#;

    #[test]
    fn each_subset_of_each_split_is_a_task() {
        let files = [("r/acme__bird-embed/abc/model_meta.json", META), ("r/acme__bird-embed/abc/PairQuiz.json", TASK)];
        for files in [files, [files[1], files[0]]] {
            let imported = read(&files);
            assert_eq!(
                scores(&imported),
                [
                    "acme/bird-embed PairQuiz/en-de [test] 0.87",
                    "acme/bird-embed PairQuiz -0.1",
                    "acme/bird-embed PairQuiz/en-de [validation] 0.6"
                ]
            );
            let snapshot = &imported.snapshot;
            let ranges: Vec<_> = snapshot.tasks.iter().map(|task| task.range.map(|range| range.low)).collect();
            assert_eq!(ranges, [Some(-1.0), Some(-1.0), Some(0.0)]);
            let model = &snapshot.models[0];
            assert_eq!((model.date, model.license.as_deref()), (Date::new(2024, 2, 8), Some("mit")));
            assert_eq!(model.factors["params"], Factor::Number(0.118));
            let parents: Vec<_> = snapshot.lineage.parents(0).map(|edge| edge.relation).collect();
            assert_eq!(parents, [Relation::Finetune]);
            assert_eq!((&*snapshot.sources[0].name, &*snapshot.sources[0].license), ("MTEB", "not stated"));
            assert!(imported.warnings.is_empty(), "{:?}", imported.warnings);
        }
    }

    #[test]
    fn the_folder_names_the_model_where_nothing_else_does() {
        let refused = |name: &str, text: &str| try_read(&[(name, text)]).unwrap_err().to_string();
        assert_eq!(read(&[("acme__bird-embed/abc/PairQuiz.json", TASK)]).snapshot.models[0].id, "acme/bird-embed");
        assert!(refused("PairQuiz.json", TASK).contains("give the model_meta.json"));
        assert!(refused("acme__bird/abc/model_meta.json", META).contains("give the files of its tasks"));
    }

    #[test]
    fn older_files_need_a_main_score() {
        let old = r#"{"mteb_version": "1.0", "mteb_dataset_name": "PairQuiz", "dataset_revision": null,
          "test": {"en": {"accuracy": 0.5, "main_score": 0.5}, "evaluation_time": 2}, "dev": {"main_score": 0.4}}"#;
        let imported = read(&[("acme__bird/PairQuiz.json", old)]);
        assert_eq!(scores(&imported), ["acme/bird PairQuiz/en 0.5", "acme/bird PairQuiz 0.4"]);
        let message = try_read(&[("acme__bird/PairQuiz.json", &old.replace("main_score", "f1"))]).unwrap_err();
        assert!(message.to_string().contains("before 1.11"), "{message}");
    }

    #[test]
    fn ranges_are_the_same_in_all_files_of_a_task() {
        let range = |text: &str| {
            let entry: Value = serde_json::from_str(text).unwrap();
            declared(&entry, entry["main_score"].as_f64().unwrap())
        };
        assert_eq!(range(r#"{"main_score": 0.5, "spearman": 0.5}"#), Declared::Range(Range { low: -1.0, high: 1.0 }));
        assert_eq!(range(r#"{"main_score": 0.5, "p-MRR": 0.5}"#), Declared::Open);
        assert_eq!(range(r#"{"main_score": 0.5, "ndcg_at_10": 0.5}"#), Declared::Nothing);
    }

    #[test]
    fn other_objects_are_no_results() {
        for text in [
            "{}",
            "[]",
            r#"{"task_name": "a", "scores": [1]}"#,
            r#"{"task_name": "a", "scores": {"test": 0.5}}"#,
            r#"{"name": "a", "revision": "b"}"#,
        ] {
            assert!(!recognise(&serde_json::from_str(text).unwrap()), "{text}");
        }
    }

    #[test]
    fn no_shape_of_json_panics() {
        read_other_shapes("a__b/c/T.json", TASK);
        read_other_shapes("model_meta.json", META);
    }
}

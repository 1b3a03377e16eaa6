//! Recommendations on a made-up snapshot of two types of tasks.

use super::*;
use crate::formats::{Companions, Source, import};
use crate::methods::Silent;
use crate::recommend::{Device, TrainOptions};
use crate::snapshot::Snapshot;
use serde_json::{Value, json};
use std::sync::LazyLock;

const MODELS: usize = 36;

/// Models of even number retrieve well, the others classify well; larger ones are better at both.
fn skill(model: usize, task_type: &str) -> f64 {
    let size = (model / 2) as f64 / (MODELS / 2) as f64;
    let fits = (model.is_multiple_of(2)) == (task_type == "retrieval");
    0.2 + 0.3 * size + if fits { 0.3 } else { 0.0 }
}

fn task(id: &str, dataset: &str, task_type: &str, metric: &str) -> Value {
    let (range, description) = (json!({ "low": 0, "high": 1 }), format!("{task_type} of made-up texts"));
    let about = json!({ "task": task_type, "metric": metric, "range": range, "description": description });
    let mut task = json!({ "id": id, "dataset": dataset });
    task.as_object_mut().unwrap().extend(about.as_object().unwrap().clone());
    task
}

fn column(task: &Value, at: usize) -> Value {
    let task_type = task["task"].as_str().unwrap();
    // The last model has no score.
    let models: Vec<usize> = (0..MODELS - 1).filter(|model| !(model + at).is_multiple_of(5)).collect();
    let jitter = |model: usize| 0.02 * ((model * 7 + at * 3) % 11) as f64 / 11.0;
    let values: Vec<f64> = models.iter().map(|&model| skill(model, task_type) + jitter(model)).collect();
    json!({ "models": models, "values": values })
}

/// Five tasks of each type, a dataset in two metrics, an error rate, a task with one model, and one with equal scores.
fn snapshot() -> Snapshot {
    let model = |at: usize| {
        let family = if at.is_multiple_of(2) { "seeker" } else { "sorter" };
        let license = if at.is_multiple_of(3) { "apache-2.0" } else { "proprietary" };
        let factors = json!({ "params": 1 + at / 2, "family": family, "open_weights": at.is_multiple_of(3) });
        json!({ "id": format!("{family}-lab/{family}-{at}"), "license": license, "factors": factors })
    };
    let mut tasks: Vec<Value> =
        (0..5).map(|at| task(&format!("find{at}"), &format!("find{at}"), "retrieval", "ndcg_at_10")).collect();
    tasks.extend((0..5).map(|at| task(&format!("sort{at}"), &format!("sort{at}"), "pair classification", "accuracy")));
    tasks.push(task("mixed (accuracy)", "mixed", "pair classification", "accuracy"));
    tasks.push(task("mixed (f1)", "mixed", "pair classification", "f1"));
    let mut scores: Vec<Value> = tasks.iter().enumerate().map(|(at, task)| column(task, at)).collect();
    let mut errors = task("miss", "miss", "retrieval", "error rate");
    errors["lower_is_better"] = json!(true);
    let mut turned = column(&errors, 12);
    for value in turned["values"].as_array_mut().unwrap() {
        *value = json!(1.0 - value.as_f64().unwrap());
    }
    tasks.extend([
        errors,
        task("lonely", "lonely", "classification", "accuracy"),
        task("flat", "flat", "retrieval", "ndcg_at_10"),
    ]);
    scores.extend([
        turned,
        json!({ "models": [3], "values": [0.5] }),
        json!({ "models": [0, 1, 2], "values": [0.5, 0.5, 0.5] }),
    ]);
    let sources = json!([{ "id": "s", "name": "made up", "license": "CC0" }]);
    let models: Vec<Value> = (0..MODELS).map(model).collect();
    let text =
        json!({ "format": "eyas-snapshot/2", "sources": sources, "models": models, "tasks": tasks, "scores": scores });
    let text = text.to_string();
    let file = Source { name: "s.json", bytes: text.as_bytes(), optional: false };
    import(&[file], &Companions::default()).unwrap().snapshot
}

fn trained(snapshot: Snapshot, method: Method) -> Recommender {
    let options = TrainOptions { method, device: Device::Cpu, seed: 0 };
    pollster::block_on(Recommender::train(snapshot, &options, &mut Silent)).unwrap()
}

static RANKER: LazyLock<Recommender> = LazyLock::new(|| trained(snapshot(), Method::Ranker));

fn known(task: &str) -> RecommendRequest {
    RecommendRequest { task: Some(task.to_owned()), ..RecommendRequest::default() }
}

fn described(text: &str) -> RecommendRequest {
    RecommendRequest { description: Some(text.to_owned()), ..RecommendRequest::default() }
}

fn with(metric: &str, request: RecommendRequest) -> RecommendRequest {
    RecommendRequest { metric: Some(metric.to_owned()), ..request }
}

fn found(request: &RecommendRequest) -> Recommendation {
    RANKER.recommend(request).unwrap()
}

fn refused(request: &RecommendRequest) -> String {
    let error = RANKER.recommend(request).unwrap_err();
    assert_eq!(error.kind(), crate::error::ErrorKind::Input);
    error.to_string()
}

/// The mean rank of the models that retrieve well, less that of the others.
fn lead_of_seekers(found: &Recommendation) -> f64 {
    let mean = |family: &str| {
        let ranks = found.models.iter().filter(|model| model.id.starts_with(family)).map(|model| model.rank as f64);
        ranks.sum::<f64>() / (MODELS / 2) as f64
    };
    mean("seeker") - mean("sorter")
}

fn check(found: &Recommendation) {
    assert_eq!(found.models.len(), MODELS);
    for pair in found.models.windows(2) {
        assert!(pair[0].score >= pair[1].score && pair[0].rank <= pair[1].rank);
    }
    for model in &found.models {
        assert!(model.score.is_finite() && (model.prior + model.residual - model.score).abs() < 1e-5, "{model:?}");
        assert!(1 <= model.rank_lower && model.rank_lower <= model.rank, "{model:?}");
        assert!(model.rank <= model.rank_upper && model.rank_upper <= MODELS, "{model:?}");
    }
}

#[test]
fn models_are_ranked_for_a_known_task() {
    let answer = found(&known("Find1"));
    check(&answer);
    assert_eq!((answer.task.as_deref(), answer.metric.as_deref()), (Some("find1"), Some("ndcg_at_10")));
    assert_eq!((answer.description.as_ref(), answer.method, answer.pool.as_ref()), (None, "ranker", None));
    let [find, sort] = ["find1", "sort2"].map(|task| lead_of_seekers(&found(&known(task))));
    assert!(find < sort - 0.3, "{find} {sort}");
    let measured: Vec<_> = answer.models.iter().filter(|model| model.measured.is_some()).collect();
    assert_eq!(measured.len(), (0..MODELS - 1).filter(|model| !(model + 1).is_multiple_of(5)).count());
    let first = &answer.models.iter().find(|model| model.id == "seeker-lab/seeker-0").unwrap();
    assert!((first.measured.unwrap() - (0.5 + 0.02 * 3.0 / 11.0)).abs() < 1e-5, "{first:?}");
    let text = serde_json::to_value(found(&RecommendRequest { top: Some(2), ..known("find1") })).unwrap();
    let keys = |of: &Value| of.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&text), ["task", "description", "metric", "method", "models", "pool"]);
    assert_eq!(
        keys(&text["models"][1]),
        ["id", "score", "prior", "residual", "rank", "rank_lower", "rank_upper", "measured"]
    );
    assert!(text["models"].as_array().unwrap().len() == 2 && text["pool"].is_null());
}

#[test]
fn where_less_is_better_more_is_still_the_better_score() {
    let answer = found(&known("miss"));
    let rank = |id: &str| answer.models.iter().find(|model| model.id == id).unwrap().rank;
    assert!(rank("seeker-lab/seeker-32") < rank("seeker-lab/seeker-2"));
    let measured = |id: &str| answer.models.iter().find(|model| model.id == id).unwrap().measured.unwrap();
    assert!(measured("seeker-lab/seeker-32") < measured("seeker-lab/seeker-2"), "the task's own direction");
}

#[test]
fn models_are_ranked_for_a_description() {
    let answer = found(&described("Retrieval of passages about birds"));
    check(&answer);
    assert_eq!((answer.task.as_ref(), answer.metric.as_ref()), (None, None));
    assert_eq!(answer.description.as_deref(), Some("Retrieval of passages about birds"));
    assert!(answer.models.iter().all(|model| model.measured.is_none()));
    let other = found(&with("Accuracy", described("pair classification of tweets")));
    check(&other);
    let [find, sort] = [&answer, &other].map(lead_of_seekers);
    assert!(find < sort - 0.1, "{find} {sort}");
    assert_eq!(other.metric.as_deref(), Some("accuracy"));
}

#[test]
fn a_description_names_a_type_of_task() {
    let types = ["retrieval", "classification", "pair classification", "question_answering", ""];
    for (text, name) in [
        ("Retrieval of passages", Some("retrieval")),
        ("pairs; classification", Some("classification")),
        ("Pair Classification of tweets", Some("pair classification")),
        ("question-answering in Latin", Some("question_answering")),
        ("retrieval and classification", None),
        ("retrievals", None),
    ] {
        assert_eq!(type_in(text, &types), name, "{text}");
    }
}

#[test]
fn a_filter_keeps_the_ranks_among_all_models() {
    let all = found(&known("find0"));
    for (text, keeps) in [("license=apache-2.0,params<=9", 6), ("open_weights=true", 12), ("family=nobody", 0)] {
        let request = RecommendRequest { filter: text.parse().unwrap(), ..known("find0") };
        let kept = found(&request).models;
        assert_eq!(kept.len(), keeps, "{text}");
        assert!(kept.iter().all(|model| all.models.contains(model)), "{text}");
    }
    let request = RecommendRequest { filter: "wings=2".parse().unwrap(), ..known("find0") };
    assert!(refused(&request).starts_with("no model has a factor \"wings\""));
}

#[test]
fn a_pool_has_the_best_model_of_about_each_size() {
    let request = RecommendRequest { top: Some(1), pool: vec![16.0, 4.0, 4.0, 200.0], ..known("find0") };
    let answer = found(&request);
    assert_eq!(answer.models.len(), 1, "the pool does not lengthen the list");
    let pool = answer.pool.unwrap();
    assert_eq!(pool.iter().map(|slot| slot.0).collect::<Vec<_>>(), [16.0, 4.0, 4.0, 200.0]);
    let ids: Vec<Option<&str>> = pool.iter().map(|slot| slot.1.as_deref()).collect();
    let all = found(&known("find0")).models;
    let size = |id: &str| 1 + id.rsplit('-').next().unwrap().parse::<usize>().unwrap() / 2;
    let best = |sizes: std::ops::RangeInclusive<usize>| {
        all.iter().map(|model| &model.id[..]).filter(move |id| sizes.contains(&size(id)))
    };
    assert_eq!(ids[..3], [best(7..=17).next(), best(2..=4).next(), best(2..=4).nth(1)]);
    assert_eq!(ids[3], None);
    let none = RecommendRequest { filter: "params<=4".parse().unwrap(), ..request };
    assert_eq!(found(&none).pool.unwrap()[0].1, None, "the condition holds for the pool");
}

#[test]
fn tasks_of_one_model_or_one_value_are_ranked_too() {
    check(&found(&known("lonely")));
    check(&found(&known("flat")));
}

#[test]
fn a_dataset_in_several_metrics_needs_one() {
    assert_eq!(refused(&known("Mixed")), "\"Mixed\" has several metrics: accuracy, f1; name one");
    for request in [with("F1", known("mixed")), known("mixed (f1)"), with("f1", known("mixed (accuracy)"))] {
        assert_eq!(found(&request).task.as_deref(), Some("mixed (f1)"), "{request:?}");
    }
    assert_eq!(found(&with("ndcg at 10", known("find3"))).task.as_deref(), Some("find3"));
    assert_eq!(refused(&with("f2", known("mixed"))), "\"mixed\" has no metric \"f2\"; there is accuracy, f1");
    assert_eq!(refused(&with("f1", known("find3"))), "\"find3\" has no metric \"f1\"; there is ndcg_at_10");
    assert!(refused(&with("f1", known("juggling"))).starts_with("no task \"juggling\" here; there are find0"));
}

#[test]
fn requests_that_say_too_little_or_too_much_are_refused() {
    let text = "no metric \"ndcg@5\" here; there is ndcg_at_10, accuracy, f1, error rate";
    assert_eq!(refused(&with("ndcg@5", described("retrieval"))), text);
    assert!(refused(&described(" \n")).starts_with("the description is empty"));
    assert!(refused(&RecommendRequest::default()).starts_with("give a task"));
    let both = RecommendRequest { description: Some("x".into()), ..known("find0") };
    assert_eq!(refused(&both), "give a task or a description, not both");
}

#[test]
fn other_methods_say_which_one_to_train() {
    let error = trained(snapshot(), Method::Mean).recommend(&known("find0")).unwrap_err();
    assert_eq!(error.to_string(), "the method mean does not recommend models for a task; train the method ranker");
    assert_eq!(check_recommends(Method::Mean), Err(error));
    assert_eq!(check_recommends(Method::Ranker), Ok(()));
}

#[test]
fn items_count_together() {
    let ranker = trained(Snapshot::synthetic(MODELS, 8, 1), Method::Ranker);
    let answer = ranker.recommend(&known("made-up")).unwrap();
    check(&answer);
    assert!(answer.models.iter().all(|model| model.measured.is_some()));
    let best: f32 = answer.models[..6].iter().filter_map(|model| model.measured).sum();
    let worst: f32 = answer.models[MODELS - 6..].iter().filter_map(|model| model.measured).sum();
    assert!(best > worst, "{best} {worst}");
}

#[test]
fn ranks_are_open_where_there_is_too_little_to_learn_from() {
    let text = b"model,a,c\norg/one,0.2,\norg/two,0.5,0.3\norg/three,0.7,\norg/four,0.6,\n";
    let file = Source { name: "s.csv", bytes: text, optional: false };
    let ranker = trained(import(&[file], &Companions::default()).unwrap().snapshot, Method::Ranker);
    for request in [known("c"), described("riddles")] {
        for model in ranker.recommend(&request).unwrap().models.iter().filter(|model| model.measured.is_none()) {
            assert!(model.rank_upper - model.rank_lower >= 2, "{model:?}");
        }
    }
}

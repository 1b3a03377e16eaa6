use super::*;
use crate::linalg::{BitMatrix, SparseMatrix};
use crate::lineage::{Edge, Lineage, Relation};
use crate::snapshot::{DataSource, Details, Factor, Model, Outcomes, Range, Results, Task};

const UNKNOWN: u8 = 9;
/// Six models on three items of `a` and two of `b`.
const TRUTH: [[u8; 5]; 6] =
    [[1, 0, 1, 1, 0], [0, 0, 1, 1, 1], [1, 1, 1, 0, 0], [0, 1, 0, 1, UNKNOWN], [1, 0, 0, 0, 1], [0, 0, 0, 1, 0]];

fn prediction(model: usize, item: usize) -> f32 {
    (((model * 5 + item * 7) % 11) as f64 / 11.0 + 0.01) as f32
}

fn snapshot(tasks: Vec<Task>, models: usize, results: Results) -> Snapshot {
    let id = |model: usize| format!("m{model}");
    Snapshot {
        sources: vec![DataSource::new("made up", "none needed")],
        details: Details::default(),
        models: (0..models).map(|model| Model { id: id(model), ..Model::default() }).collect(),
        tasks,
        lineage: Lineage::new((0..models).map(id), Vec::new()).0,
        results,
    }
}

fn outcomes() -> Snapshot {
    let (mut observed, mut solved) = (BitMatrix::zeros(6, 5), BitMatrix::zeros(6, 5));
    for (model, row) in TRUTH.iter().enumerate() {
        for (item, &truth) in row.iter().enumerate() {
            observed.set(model, item, truth != UNKNOWN);
            solved.set(model, item, truth == 1);
        }
    }
    let tasks = (0..5).map(|item| Task::outcome(if item < 3 { "a" } else { "b" }, &item.to_string())).collect();
    snapshot(tasks, 6, Results::Outcomes(Outcomes { observed, solved }))
}

fn scores() -> Snapshot {
    let entries = (0..4).flat_map(|u| (0..2).map(move |i| (u, i, 0.5))).collect();
    let tasks = ["x", "y"].map(|id| Task::score(id, Some(Range::FRACTION))).into();
    snapshot(tasks, 4, Results::Scores(SparseMatrix::from_entries(4, 2, entries)))
}

fn hold(snapshot: &Snapshot, cells: impl Fn(usize, usize) -> bool) -> Held {
    let mut bits = BitMatrix::zeros(snapshot.models.len(), snapshot.tasks.len());
    for model in 0..snapshot.models.len() {
        for_known(snapshot, ModelIndex(model as u32), |task| bits.set(model, task, cells(model, task)));
    }
    Held::new(snapshot, bits).unwrap()
}

fn item_rows(held: &Held) -> Vec<Row> {
    let cells = held.models().flat_map(|model| held.cells.ones(model.0 as usize).map(move |item| (model, item)));
    let row = |(model, item): (ModelIndex, usize)| Row {
        model,
        task: TaskRef::Task(TaskIndex(item as u32)),
        truth: f32::from(TRUTH[model.0 as usize][item]),
        predicted: prediction(model.0 as usize, item),
        interval: None,
        ranks: None,
    };
    cells.map(row).collect()
}

fn task_row(model: u32, task: u32, truth: f32, predicted: f32) -> Row {
    Row {
        model: ModelIndex(model),
        task: TaskRef::Task(TaskIndex(task)),
        truth,
        predicted,
        interval: None,
        ranks: None,
    }
}

fn near(found: Option<f64>, expected: f64) {
    assert!(found.is_some_and(|found| (found - expected).abs() < 1e-6), "{found:?} against {expected}");
}

// Expected values: the same rows in numpy, scipy and scikit-learn.
#[test]
fn outcomes_are_scored_by_items_and_by_benchmarks() {
    let snapshot = outcomes();
    let held = hold(&snapshot, |model, _| model > 0);
    let mut rows = item_rows(&held);
    let means = benchmark_rows(&snapshot, &rows);
    assert_eq!((rows.len(), means.len()), (24, 10));
    assert_eq!(means[5].task.id(&snapshot, &snapshot.benchmarks()), "b");
    assert_eq!((means[5].model, means[5].truth), (ModelIndex(3), 1.0));
    rows.extend(means);
    let SeedScores { metrics, tasks, .. } = score(&snapshot, &held, &rows);
    near(metrics.auc, 0.377_622_378);
    near(metrics.calibration, 0.402_348_485);
    near(metrics.pearson, -0.412_435_243);
    near(metrics.spearman, -0.586_145_048);
    near(metrics.kendall, -0.516_196_895);
    near(metrics.weighted_tau, -0.518_083_700);
    near(metrics.mae, 0.350_969_697);
    near(metrics.mse, 0.215_683_104);
    near(metrics.rmse, 0.464_416_950);
    near(metrics.medae, 0.287_878_788);
    near(tasks["b"].pearson, -0.938_646_509);
    near(tasks["b"].mae, 0.447_454_545);
    assert_eq!((metrics.coverage, metrics.width), (None, None));
    assert_eq!(metrics.ranking, Ranking::default());
}

#[test]
fn a_model_that_is_partly_in_training_counts_with_its_held_out_results() {
    let snapshot = outcomes();
    let held = hold(&snapshot, |model, task| task == model % 3);
    let mut rows = item_rows(&held);
    rows.extend(benchmark_rows(&snapshot, &rows));
    assert!(held.whole_models.is_empty());
    assert!(score(&snapshot, &held, &rows).tasks["a"].pearson.is_some());
}

#[test]
fn each_model_is_scored_by_its_own_rows() {
    let snapshot = scores();
    let held = hold(&snapshot, |model, _| model < 2);
    let rows = [task_row(0, 0, 0.5, 0.4), task_row(0, 1, 0.5, 0.8), task_row(1, 0, 0.5, 0.5)];
    let seed = score_models(&snapshot, &held, &rows);
    assert_eq!(seed.keys().collect::<Vec<_>>(), ["m0", "m1"]);
    near(seed["m0"].mse, 0.05);
    near(seed["m1"].mae, 0.0);
    assert_eq!(seed["m0"].rows, Some(2.0));
    let other = score_models(&snapshot, &held, &rows[..1]);
    near(average_models(&[seed, other])["m0"].mse, 0.03);
}

#[test]
fn scores_are_scored_by_rows_and_correlated_by_task() {
    let snapshot = scores();
    let held = hold(&snapshot, |model, _| model < 3);
    let mut rows: Vec<Row> = (0..3).map(|u| task_row(u, 0, 0.1 * u as f32, 0.2 * u as f32)).collect();
    rows.extend((0..3).map(|u| task_row(u, 1, 0.1 * u as f32, 1.0 - 0.1 * u as f32)));
    rows[0].interval = Some((0.0, 0.5));
    rows[4].interval = Some((0.5, 0.6));
    rows[1].ranks = Some((1.0, 1.0));
    rows[2].ranks = Some((2.0, 4.0));
    rows[3].ranks = Some((2.0, 5.0));
    assert_eq!(benchmark_rows(&snapshot, &rows), []);
    let SeedScores { metrics, tasks, .. } = score(&snapshot, &held, &rows);
    near(tasks["x"].pearson, 1.0);
    near(tasks["y"].pearson, -1.0);
    near(metrics.pearson, 0.0);
    near(metrics.mae, (0.0 + 0.1 + 0.2 + 1.0 + 0.8 + 0.6) / 6.0);
    near(metrics.medae, 0.4);
    near(metrics.coverage, 0.5);
    near(metrics.width, 0.3);
    near(tasks["y"].coverage, 0.0);
    near(metrics.rank_accuracy, 1.0 / 3.0);
    near(metrics.mae_at_2, 2.0 / 3.0);
    near(tasks["x"].mae_at_2, 1.0);
    near(metrics.interval_score, (0.5 + 0.1 + 20.0 * 0.4) / 2.0);
    assert_eq!((metrics.auc, metrics.calibration), (None, None));
    near(tasks["x"].ranking.mrr, 1.0);
    near(tasks["y"].ranking.mrr, 1.0 / 3.0);
    near(metrics.ranking.mrr, 2.0 / 3.0);
    near(metrics.ranking.ndcg[0], 0.5);
    near(metrics.ranking.weighted_tau_by_size, 0.0);
    assert_eq!(metrics.ranking.hit[1], None);
}

#[test]
fn the_best_model_is_the_lowest_where_less_is_better() {
    let mut snapshot = scores();
    snapshot.tasks[0].lower_is_better = true;
    let held = hold(&snapshot, |model, _| model < 3);
    let rows = [task_row(0, 0, 0.1, 0.2), task_row(1, 0, 0.3, 0.3), task_row(2, 0, 0.5, 0.7)];
    let metrics = score(&snapshot, &held, &rows).metrics;
    near(metrics.ranking.mrr, 1.0);
    near(metrics.ranking.weighted_tau_by_size, 1.0);
}

#[test]
fn a_nan_is_undefined_and_not_skipped() {
    let snapshot = scores();
    let held = hold(&snapshot, |model, _| model < 2);
    let rows = [task_row(0, 0, 0.2, f32::NAN), task_row(1, 0, 0.2, 0.3), task_row(1, 1, 0.2, 0.3)];
    let SeedScores { metrics, tasks, .. } = score(&snapshot, &held, &rows);
    assert_eq!((metrics.mae, tasks["x"].mae), (None, None));
    near(tasks["y"].mae, 0.1);
    assert_eq!(score(&snapshot, &held, &[]), SeedScores::default());
}

#[test]
fn seeds_are_averaged_with_their_spread() {
    let of = |mae: f64, auc: Option<f64>| {
        let metrics = Metrics { mae: Some(mae), auc, ..Metrics::default() };
        SeedScores { metrics, tasks: BTreeMap::from([("x".to_owned(), metrics)]), ..SeedScores::default() }
    };
    let summary = summarise(&[of(0.1, Some(0.8)), of(0.3, None)]);
    near(summary.metrics.mae, 0.2);
    near(summary.metrics.auc, 0.8);
    near(summary.spread.mae, 0.02f64.sqrt());
    near(summary.tasks["x"].mae, 0.2);
    assert_eq!(summary.by_seed.iter().map(|seed| seed.mae).collect::<Vec<_>>(), [Some(0.1), Some(0.3)]);
    assert_eq!((summary.spread.auc, summary.metrics.rmse), (None, None));
    let json = serde_json::to_value(&summary).unwrap();
    assert!(json["metrics"]["ndcg_10"].is_null() && json["metrics"]["rmse"].is_null());
    assert!(json["metrics"].get("ranking").is_none() && json["tasks"]["x"]["pearson"].is_null());
    assert_eq!(json["metrics"]["auc"], 0.8);
}

/// m1 and m2 are children of m0, the only one of them with a result in training, and of m3, which has none there.
#[test]
fn groups_are_scored_by_themselves() {
    let mut snapshot = scores();
    let edge = |parent: u32, child: u32| Edge { parent, child, relation: Relation::Merge, weight: 1.0 };
    snapshot.lineage = snapshot.lineage.with_edges(vec![edge(0, 1), edge(3, 2)]);
    for (model, size) in [(1, 1.0), (3, 70.0)] {
        snapshot.models[model].factors.insert("params".to_owned(), Factor::Number(size));
    }
    let held = hold(&snapshot, |model, task| model > 0 || task > 0);
    let rows = [task_row(1, 0, 0.2, 0.3), task_row(2, 0, 0.2, 0.4), task_row(3, 0, 0.2, 0.6), task_row(3, 1, 0.0, 0.6)];
    let groups = score(&snapshot, &held, &rows).groups;
    let of = |group: Group| (groups[&group].rows, groups[&group].mae.map(|mae| (10.0 * mae).round()));
    assert_eq!(of(Group::ParentKnown), (Some(1.0), Some(1.0)));
    assert_eq!(of(Group::ParentUnknown), (Some(3.0), Some(4.0)));
    assert_eq!(of(Group::Small), (Some(1.0), Some(1.0)));
    assert_eq!(of(Group::SizeUnknown), (Some(1.0), Some(2.0)));
    assert_eq!(of(Group::Huge), (Some(2.0), Some(5.0)));
    assert_eq!(groups.len(), 5);
    let alone = score(&snapshot, &held, &rows[..1]).groups;
    assert!(alone.is_empty(), "one group is the whole");
    let json = serde_json::to_value(summarise(&[score(&snapshot, &held, &rows)])).unwrap();
    assert_eq!(json["groups"]["parent known"]["rows"], 1.0);
}

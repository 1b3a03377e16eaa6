//! Accuracy of the default method on the data of this project. The figures come from five splits of `models:30` and
//! three of `cells:0.2`; docs/results.md has others.

use eyas::backtest::{Row, Split, TaskRef, Trial};
use eyas::formats::{Companions, Source, import};
use eyas::methods::{Method, Silent};
use eyas::metrics::{interval_coverage, interval_score, mae};
use eyas::snapshot::Snapshot;
use std::collections::BTreeMap;

/// 117 open models on six benchmarks, with their lineage.
pub(super) fn open_models() -> Snapshot {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/open-models.csv");
    let bytes = std::fs::read(path).unwrap();
    import(&[Source { name: "open-models.csv", bytes: &bytes, optional: false }], &Companions::default())
        .unwrap()
        .snapshot
}

/// A method's predictions for the held-out results of these splits.
fn predicted(snapshot: &Snapshot, split: &str, seeds: u64, method: Method) -> Vec<Row> {
    let split: Split = split.parse().unwrap();
    let rows = |seed| {
        let trial = Trial::of(snapshot, &split, seed).unwrap();
        pollster::block_on(trial.run(method, &mut Silent)).unwrap()
    };
    (0..seeds).flat_map(rows).collect()
}

fn truths(rows: &[Row]) -> Vec<f64> {
    rows.iter().map(|row| f64::from(row.truth)).collect()
}

fn error(rows: &[Row]) -> f64 {
    mae(&truths(rows), &rows.iter().map(|row| f64::from(row.predicted)).collect::<Vec<_>>()).unwrap()
}

/// At the time of writing the mean absolute errors were 0.0313 for the default method, 0.064 by size, 0.071 by parents
/// and siblings, 0.074 by parents and 0.085 by the tasks' means.
#[test]
fn the_default_method_is_far_better_than_the_baselines() {
    let snapshot = open_models();
    let of = |method: Method| error(&predicted(&snapshot, "models:30", 5, method));
    let eyas = of(Method::Eyas);
    assert!(eyas < 0.034, "{eyas}");
    for (method, share) in [(Method::Size, 0.55), (Method::Kin, 0.5), (Method::Parents, 0.48), (Method::Mean, 0.4)] {
        let baseline = of(method);
        assert!(eyas < share * baseline, "{eyas} against {baseline} of {}", method.name());
    }
}

/// The intervals with both ends moved away from the forecast by this factor.
fn stretched(rows: &[Row], by: f64) -> (Vec<f64>, Vec<f64>) {
    let ends = |row: &Row| {
        let (mean, (low, high)) = (f64::from(row.predicted), row.interval.unwrap());
        (mean - by * (mean - f64::from(low)), mean + by * (f64::from(high) - mean))
    };
    rows.iter().map(ends).unzip()
}

/// For each row, the interval with the scores of nine in ten models on its task.
fn usual(rows: &[Row]) -> (Vec<f64>, Vec<f64>) {
    let mut scores: BTreeMap<TaskRef, Vec<f64>> = BTreeMap::new();
    rows.iter().for_each(|row| scores.entry(row.task).or_default().push(f64::from(row.truth)));
    scores.values_mut().for_each(|scores| scores.sort_by(f64::total_cmp));
    let ends = |row: &Row| {
        let scores = &scores[&row.task];
        let beyond = scores.len() / 20;
        (scores[beyond], scores[scores.len() - 1 - beyond])
    };
    rows.iter().map(ends).unzip()
}

/// Among intervals of one shape, the interval score is least for the one with the claimed coverage: narrower intervals
/// pay for missed scores, wider ones for their width (Gneiting and Raftery, Strictly Proper Scoring Rules, Prediction,
/// and Estimation, 2007, eq. 43).
#[test]
fn intervals_are_neither_too_narrow_nor_too_wide() {
    let snapshot = open_models();
    for (split, seeds) in [("models:30", 5), ("cells:0.2", 3)] {
        let rows = predicted(&snapshot, split, seeds, Method::Eyas);
        let truth = truths(&rows);
        let score = |(lower, upper): (Vec<f64>, Vec<f64>)| interval_score(&truth, &lower, &upper, 0.1).unwrap();
        let (lower, upper) = stretched(&rows, 1.0);
        let coverage = interval_coverage(&truth, &lower, &upper).unwrap();
        assert!((0.85..=0.95).contains(&coverage), "{split}: {coverage}");
        let share = |missed: usize| missed as f64 / rows.len() as f64;
        let below = share((0..rows.len()).filter(|&at| truth[at] < lower[at]).count());
        let above = share((0..rows.len()).filter(|&at| truth[at] > upper[at]).count());
        assert!(below < 0.09 && above < 0.09, "{split}: {below} below, {above} above");
        let its = score((lower, upper));
        let [narrow, wide] = [0.6, 1.7].map(|by| score(stretched(&rows, by)));
        assert!(its < 0.95 * narrow && its < 0.95 * wide, "{split}: {its}, narrower {narrow}, wider {wide}");
        let usual = score(usual(&rows));
        assert!(its < 0.75 * usual, "{split}: {its}, and {usual} of what most models have");
    }
}

/// The mean of a benchmark's items has its own interval.
#[test]
fn intervals_of_benchmark_means_are_neither_too_narrow_nor_too_wide() {
    let snapshot = Snapshot::synthetic(120, 80, 11);
    let mut rows = predicted(&snapshot, "models:30", 4, Method::Eyas);
    rows.retain(|row| matches!(row.task, TaskRef::Benchmark(_)));
    let truth = truths(&rows);
    let (lower, upper) = stretched(&rows, 1.0);
    let coverage = interval_coverage(&truth, &lower, &upper).unwrap();
    assert!((0.8..=0.98).contains(&coverage), "{coverage} of {}", rows.len());
    let score = |(lower, upper): (Vec<f64>, Vec<f64>)| interval_score(&truth, &lower, &upper, 0.1).unwrap();
    let its = score((lower, upper));
    let [narrow, wide] = [0.5, 2.0].map(|by| score(stretched(&rows, by)));
    assert!(its < narrow && its < wide, "{its}, narrower {narrow}, wider {wide}");
}

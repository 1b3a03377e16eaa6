//! A task: a benchmark with a score, or one item of a benchmark.

use super::{Factors, Range, TaskKind};
use std::collections::BTreeMap;

/// Vectors of the pairs of a task and some models, by the models' ids.
pub type PairVectors = BTreeMap<String, Vec<f32>>;

/// A task: a benchmark with a score, or one item of a benchmark.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// `ifeval`, or `<benchmark>/<item>`.
    pub id: String,
    /// Its dataset (benchmark); usually its own id for a score. The metrics and subsets of a dataset are tasks of their
    /// own.
    pub dataset: String,
    /// The part of the dataset, if it is a part.
    pub subset: Option<String>,
    /// The split of the dataset, such as `test`.
    pub split: Option<String>,
    /// The number of solved examples in the prompt.
    pub shots: Option<u32>,
    /// The type of the task: question answering, retrieval, code, and so on.
    pub task_type: Option<String>,
    /// The kind of its results.
    pub kind: TaskKind,
    /// The metric of its scores, if the source states it. Different metrics of a benchmark are different tasks.
    pub metric: Option<String>,
    /// Whether a lower score is better, as for an error rate.
    pub lower_is_better: bool,
    /// The range of its scores. `None` means open-ended (a rating, a price); the training cells then give the scale.
    pub range: Option<Range>,
    /// The expected score of guessing, in the units of the range.
    pub chance: Option<f32>,
    /// The number of items of which a score is the mean.
    pub items: Option<u32>,
    /// A description in one sentence.
    pub description: Option<String>,
    /// Factors of the task.
    pub factors: Factors,
    /// An embedding of the task's text; empty if the snapshot has none. All tasks of a snapshot have the same length.
    pub embedding: Vec<f32>,
    /// Vectors of the pairs of this task and a model, by the model's id: what was found by running the model on a part of the
    /// task, for example. All vectors of a snapshot have the same length.
    pub pair_vectors: PairVectors,
}

impl Task {
    /// A benchmark with scores in this range; `None` means open-ended.
    #[must_use]
    pub fn score(id: impl Into<String>, range: Option<Range>) -> Self {
        let id = id.into();
        Self {
            dataset: id.clone(),
            id,
            subset: None,
            split: None,
            shots: None,
            task_type: None,
            kind: TaskKind::Score,
            metric: None,
            lower_is_better: false,
            range,
            chance: None,
            items: None,
            description: None,
            factors: Factors::new(),
            embedding: Vec::new(),
            pair_vectors: PairVectors::new(),
        }
    }

    /// Turns a value of 0..1 of the range so that more is better: `1 - value` if a lower score is better. It is its own
    /// inverse. Methods, ranks and chances take turned values; requests and answers have values in the task's own
    /// direction.
    #[must_use]
    pub fn turn(&self, value: f32) -> f32 {
        if self.lower_is_better { 1.0 - value } else { value }
    }

    /// Turns the ends of an interval, as [`Self::turn`] does with a value.
    #[must_use]
    pub fn turn_interval(&self, (lower, upper): (f32, f32)) -> (f32, f32) {
        let ends = (self.turn(lower), self.turn(upper));
        if self.lower_is_better { (ends.1, ends.0) } else { ends }
    }

    /// The standard error of a score p of 0..1 that is the mean over this many items, else over the task's n items:
    /// √(p (1 - p) / n). `None` without a number of items, and if the scores are no shares.
    pub(crate) fn sampling_error(&self, part: f32, items: Option<u32>) -> Option<f32> {
        let items = items.or(self.items).filter(|_| self.kind == TaskKind::Score)?;
        let is_share = self.range == Some(Range::FRACTION) || self.range == Some(Range::PERCENT);
        is_share.then(|| (part * (1.0 - part) / items as f32).sqrt())
    }

    /// One item of a dataset.
    #[must_use]
    pub fn outcome(dataset: impl Into<String>, item: &str) -> Self {
        let dataset = dataset.into();
        let task = Self::score(format!("{dataset}/{item}"), Some(Range::FRACTION));
        Self { dataset, kind: TaskKind::Outcome, ..task }
    }
}

/// The canonical spelling of a task's name: `MMLU-PRO (5-shot)`, `mmlu pro` and `mmlu_pro` have the same.
#[must_use]
pub fn canonical_task(name: &str) -> String {
    let name = name.trim();
    let has_shots = |&at: &usize| name[..at].ends_with(' ') && name[at..].to_ascii_lowercase().ends_with("-shot)");
    let shots = name.rfind('(').filter(has_shots); // `find` of a text would take 2 KB of wasm
    let plain: String = name[..shots.unwrap_or(name.len())]
        .trim_end()
        .to_ascii_lowercase()
        .chars()
        .map(|c| if c == '-' || c == ' ' { '_' } else { c })
        .collect();
    match plain.as_str() {
        "math_lvl_5" | "math_level_5" | "math_level5_oll2" | "math_hard" | "math_lvl5" | "leaderboard_math_hard" => {
            "math".to_owned()
        }
        "mmlupro" | "mmlu_pro_oll2" | "leaderboard_mmlu_pro" => "mmlu_pro".to_owned(),
        "if_eval" | "ifeval_oll2" | "leaderboard_ifeval" => "ifeval".to_owned(),
        "big_bench_hard" | "bbh_oll2" | "leaderboard_bbh" => "bbh".to_owned(),
        "leaderboard_gpqa" | "gpqa_oll2" => "gpqa".to_owned(),
        "leaderboard_musr" | "musr_oll2" => "musr".to_owned(),
        _ => plain,
    }
}

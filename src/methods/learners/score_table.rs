//! A table of scores with gaps as Gaussian processes read it: the tasks that the same rows have a score of, and how tasks of few
//! scores lean on the general factor.

use super::general_factor::GeneralFactor;
use super::normal::Normal;
use crate::linalg::clamp;
use ndarray::{Array2, ArrayView1};

/// Tasks that the same rows have a score of.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::methods) struct Pattern {
    pub(in crate::methods) rows: Vec<u32>,
    pub(in crate::methods) tasks: Vec<usize>, // ascending
}

/// Scores, which of them are there, and how good their rows are.
#[derive(Debug, Clone)]
pub(in crate::methods) struct Table {
    /// NaN where there is a gap. (n_rows, n_tasks)
    pub(in crate::methods) scores: Array2<f32>,
    /// The tasks grouped by the rows that have a score.
    pub(in crate::methods) patterns: Vec<Pattern>,
    /// The general factor: how good each row is over all its tasks. (n_rows, 1)
    pub(super) levels: Array2<f32>,
    pub(super) leaning: Option<Leaning>,
}

impl Table {
    /// open: how far the centre of each task is open, a variance. (n_tasks)
    pub(in crate::methods) fn new(scores: Array2<f32>, open: Vec<f32>) -> Self {
        let patterns = patterns(&scores);
        let general = GeneralFactor::of(&scores);
        let levels = Array2::from_shape_fn((scores.nrows(), 1), |(row, _)| general.of_row(row));
        let leaning = Leaning::of(&scores, (&general, &levels), open);
        Self { scores, patterns, levels, leaning }
    }

    /// The scores less what their rows' general factor says of them. (n_rows, n_tasks)
    pub(super) fn own(&self) -> &Array2<f32> {
        self.leaning.as_ref().map_or(&self.scores, |leaning| &leaning.own)
    }

    pub(in crate::methods) fn has_gaps(&self) -> bool {
        self.scores.iter().any(|score| score.is_nan())
    }

    /// The tasks of which a row has a score. Ascending
    pub(in crate::methods) fn known(&self, row: usize) -> Vec<usize> {
        (0..self.scores.ncols()).filter(|&task| !self.scores[[row, task]].is_nan()).collect()
    }
}

/// How tasks of few scores lean on what the rows have of all others.
#[derive(Debug, Clone)]
pub(super) struct Leaning {
    /// The mean of the square of the general factor.
    square: f32,
    /// By how much the scores of each task grow with it. (n_tasks)
    slopes: Vec<f32>,
    /// By how much more they do beyond the rows that have a score, and the least and the greatest factor of these. (n_tasks)
    beyond: Vec<(f32, f32, f32)>,
    /// Variances of the tasks' centres. (n_tasks)
    open: Vec<f32>,
    /// The scores less that. (n_rows, n_tasks)
    own: Array2<f32>,
}

/// Scores with which a task leans on the general factor for half as much as it would without any.
const LEANING: f32 = 8.0;

impl Leaning {
    /// Of a table with gaps.
    fn of(scores: &Array2<f32>, (general, levels): (&GeneralFactor, &Array2<f32>), open: Vec<f32>) -> Option<Self> {
        let (rows, tasks) = scores.dim();
        let known = |column: ArrayView1<'_, f32>| column.iter().filter(|score| !score.is_nan()).count();
        let counts: Vec<usize> = scores.columns().into_iter().map(known).collect();
        if counts.iter().all(|&count| count == rows) {
            return None;
        }
        let share = |count: usize| {
            let (count, rows) = (count as f32, rows as f32);
            (1.0 - count / rows) * LEANING / (LEANING + count)
        };
        let full = |task: usize| general.slopes[task].max(0.0);
        let slopes: Vec<f32> = (0..tasks).map(|task| full(task) * share(counts[task])).collect();
        let beyond = |task: usize| {
            let known = (0..rows).filter(|&row| !scores[[row, task]].is_nan()).map(|row| levels[[row, 0]]);
            let ends =
                known.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), level| (low.min(level), high.max(level)));
            (full(task) - slopes[task], ends.0, ends.1)
        };
        let beyond = (0..tasks).map(beyond).collect();
        let mut own = scores.clone();
        own.indexed_iter_mut().for_each(|((row, task), own)| *own -= slopes[task] * levels[[row, 0]]);
        Some(Self { square: general.square, slopes, beyond, open, own })
    }

    /// Adds what the factor says. Rows far worse or better than all that have a score are beyond what the scores of a task tell: there it
    /// leans on the factor alone, and may be as much further off.
    pub(super) fn add(&self, factor: Normal, task: usize, normal: &mut Normal) {
        let (slope, (rest, low, high)) = (self.slopes[task], self.beyond[task]);
        let beyond = if low <= high { rest * (factor.mean - clamp(factor.mean, low, high)) } else { 0.0 };
        normal.mean += slope * factor.mean + beyond;
        normal.variance += slope * slope * self.square * factor.variance + self.open[task] + beyond * beyond;
    }
}

fn patterns(scores: &Array2<f32>) -> Vec<Pattern> {
    let mut places = std::collections::BTreeMap::new();
    let mut patterns: Vec<Pattern> = Vec::new();
    for (task, column) in scores.columns().into_iter().enumerate() {
        let rows: Vec<u32> = (0u32..).zip(column).filter(|(_, score)| !score.is_nan()).map(|(row, _)| row).collect();
        let at = *places.entry(rows.clone()).or_insert(patterns.len());
        match patterns.get_mut(at) {
            Some(pattern) => pattern.tasks.push(task),
            None => patterns.push(Pattern { rows, tasks: vec![task] }),
        }
    }
    patterns
}

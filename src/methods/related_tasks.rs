//! How alike tasks are by their names and facts, and what is expected of the level of one of which there are few results: kriging
//! over the levels of tasks with more of them (Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, §2.2).

use super::factors::words::words;
use crate::error::Result;
use crate::linalg::{distinct, factorise, sort_by_value};
use crate::snapshot::{Factor, Task, known_afterwards};
use eyas_kernels::covariance::sparse_dot;
use ndarray::Array2;

/// Results from which on a task tells about others, and tasks that tell at most.
const ENOUGH: f32 = 8.0;
const MOST: usize = 256;
/// Tasks without which nothing is told.
const LEAST: usize = 5;
/// Shares of the variance of levels that go with the likeness of tasks: those that are tried.
const SHARES: [f32; 5] = [0.0, 0.25, 0.5, 0.75, 0.95];

/// The words and facts of each task, each vector of length 1.
#[derive(Debug, Clone, Default)]
pub(in crate::methods) struct Related {
    marks: Vec<Vec<(u32, f32)>>,
}

/// The level that is expected of a task, and its variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::methods) struct Expected {
    pub(in crate::methods) mean: f32,
    pub(in crate::methods) variance: f32,
}

impl Related {
    pub(in crate::methods) fn new(tasks: &[Task]) -> Self {
        let marks: Vec<Vec<String>> = tasks.iter().map(marks).collect();
        let all = distinct(marks.concat());
        let number = |mark: &String| all.binary_search(mark).unwrap_or_default();
        let mut counts = vec![0.0f32; all.len()];
        marks.iter().flatten().for_each(|mark| counts[number(mark)] += 1.0);
        // The rarer a mark, the more it tells.
        let weight = |at: usize| (tasks.len() as f32 / counts[at]).ln();
        let vector = |marks: &Vec<String>| {
            let mut vector: Vec<(u32, f32)> = marks.iter().map(number).map(|at| (at as u32, weight(at))).collect();
            let length = vector.iter().map(|entry| entry.1 * entry.1).sum::<f32>().sqrt();
            vector.iter_mut().for_each(|entry| entry.1 /= length.max(f32::MIN_POSITIVE));
            vector
        };
        Self { marks: marks.iter().map(vector).collect() }
    }

    /// The cosine of two tasks' words and facts.
    pub(in crate::methods) fn likeness(&self, a: usize, b: usize) -> f32 {
        match (self.marks.get(a), self.marks.get(b)) {
            (Some(a), Some(b)) => sparse_dot(a, b),
            _ => 0.0,
        }
    }

    /// What is expected of the levels of tasks with few results by those of tasks with more; nothing of the others, nor where
    /// too few tasks have more. levels: of each task the number of its results and their level.
    ///
    /// # Errors
    /// Of kind `Computation` if the levels are not finite.
    pub(in crate::methods) fn levels(&self, levels: &[(f32, f32)], noise: f32) -> Result<Vec<Option<Expected>>> {
        let mut expected = vec![None; levels.len()];
        let mut telling: Vec<(u32, f32)> = (0u32..).zip(levels).map(|(at, level)| (at, level.0)).collect();
        telling.retain(|task| task.1 >= ENOUGH);
        sort_by_value(&mut telling);
        telling.truncate(MOST);
        let n = telling.len();
        if n < LEAST {
            return Ok(expected);
        }
        let telling: Vec<usize> = telling.into_iter().map(|task| task.0 as usize).collect();
        let likeness = Array2::from_shape_fn((n, n), |(i, j)| self.likeness(telling[i], telling[j]));
        let mean = telling.iter().map(|&task| levels[task].1).sum::<f32>() / n as f32;
        let off = Array2::from_shape_fn((n, 1), |(at, _)| levels[telling[at]].1 - mean);
        let variance = off.iter().map(|off| off * off).sum::<f32>() / n as f32;
        let mut best: Option<(f32, f32, Array2<f32>, eyas_kernels::Cholesky)> = None;
        for share in SHARES {
            let mut k = &likeness * (share * variance);
            for (at, own) in k.diag_mut().iter_mut().enumerate() {
                *own = variance + noise / levels[telling[at]].0 + f32::MIN_POSITIVE;
            }
            let factor = factorise(k)?;
            let mut weights = off.clone();
            factor.solve_lower(&mut weights);
            factor.solve_upper(&mut weights);
            let missed =
                weights.iter().zip(factor.inverse_diagonal()).map(|(weight, precision)| (weight / precision).powi(2));
            let error = missed.sum::<f32>();
            if best.as_ref().is_none_or(|best| error < best.0) {
                best = Some((error, share, weights, factor));
            }
        }
        let Some((_, share, weights, factor)) = best else { return Ok(expected) };
        for (task, expected) in expected.iter_mut().enumerate().filter(|&(task, _)| levels[task].0 < ENOUGH) {
            let with = Array2::from_shape_fn((n, 1), |(at, _)| share * variance * self.likeness(task, telling[at]));
            let told: f32 = with.iter().zip(&weights).map(|(with, weight)| with * weight).sum();
            let mut whitened = with;
            factor.solve_lower(&mut whitened);
            let explained: f32 = whitened.iter().map(|value| value * value).sum();
            *expected = Some(Expected { mean: mean + told, variance: (variance - explained).max(0.0) });
        }
        Ok(expected)
    }
}

/// The words of a task's name and of what is stated about it.
fn marks(task: &Task) -> Vec<String> {
    let texts = [Some(task.dataset.as_str()), task.subset.as_deref(), task.split.as_deref()];
    let mut marks: Vec<String> = texts.into_iter().flatten().flat_map(words).collect();
    let labels = [("type", task.task_type.as_deref()), ("metric", task.metric.as_deref())];
    marks
        .extend(labels.into_iter().filter_map(|(name, label)| Some(format!("{name}={}", label?.to_ascii_lowercase()))));
    let told = task.factors.iter().filter(|(name, _)| !known_afterwards(name));
    marks.extend(told.filter_map(|(name, factor)| match factor {
        Factor::Text(text) => Some(format!("{name}={}", text.to_ascii_lowercase())),
        Factor::Flag(flag) => Some(format!("{name}={flag}")),
        Factor::Number(_) => None,
    }));
    distinct(marks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tasks(names: &[&str]) -> Vec<Task> {
        names.iter().map(|&name| Task::score(name, None)).collect()
    }

    #[test]
    fn a_task_without_results_is_expected_at_the_level_of_tasks_of_its_name() -> Result<()> {
        let names = ["math a", "math b", "math c", "code a", "code b", "code c", "math d", "code d", "tales"];
        let related = Related::new(&tasks(&names));
        assert!(related.likeness(0, 1) > related.likeness(0, 4) + 0.1);
        let levels = [0.2, 0.22, 0.18, 0.8, 0.79, 0.81, f32::NAN, 0.0, 0.0];
        let counts = [20.0, 20.0, 20.0, 20.0, 20.0, 20.0, 0.0, 0.0, 0.0];
        let levels: Vec<(f32, f32)> = counts.into_iter().zip(levels).collect();
        let expected = related.levels(&levels, 0.01)?;
        let of = |task: usize| expected[task].unwrap_or(Expected { mean: f32::NAN, variance: f32::NAN });
        assert!(of(6).mean < 0.35 && of(7).mean > 0.65 && (of(8).mean - 0.5).abs() < 0.02, "{expected:?}");
        assert!(of(6).variance < of(8).variance && expected[0].is_none(), "{expected:?}");
        Ok(())
    }

    #[test]
    fn few_tasks_or_names_that_tell_nothing_say_nothing_of_others() -> Result<()> {
        let related = Related::new(&tasks(&["a", "b", "c"]));
        assert_eq!(related.levels(&[(9.0, 0.1), (9.0, 0.2), (0.0, 0.0)], 0.01)?, [None, None, None]);
        let none = Related::default();
        let levels: Vec<(f32, f32)> = (0..7).map(|at| if at < 6 { (9.0, at as f32) } else { (0.0, 0.0) }).collect();
        let expected = none.levels(&levels, 0.01)?[6].map(|expected| expected.mean);
        assert!(expected.is_some_and(|mean| (mean - 2.5).abs() < 1e-5), "{expected:?}");
        Ok(())
    }
}

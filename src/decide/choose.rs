//! Choices by forecasts: the model for each item, and the next evaluation of a model.

use crate::methods::Unknowns;

/// For each item the row with the best prediction in `predicted`, (models, items). A tie goes to the model with the better
/// mean over all items, then to the first.
pub(crate) fn route(predicted: &[Vec<f32>]) -> Vec<usize> {
    let means: Vec<f64> = predicted.iter().map(|row| mean(row)).collect();
    let items = predicted.first().map_or(0, Vec::len);
    let of = |item: usize| {
        let candidates = predicted.iter().zip(&means).map(|(row, &mean)| (f64::from(row[item]), mean)).enumerate();
        greatest(candidates).map_or(0, |(model, _)| model)
    };
    (0..items).map(of).collect()
}

/// The greatest, and of several equal ones the first.
pub(crate) fn greatest<T: PartialOrd>(candidates: impl Iterator<Item = (usize, T)>) -> Option<(usize, T)> {
    candidates.reduce(|best, other| if other.1 > best.1 { other } else { best })
}

pub(crate) fn mean(row: &[f32]) -> f64 {
    row.iter().map(|&value| f64::from(value)).sum::<f64>() / row.len().max(1) as f64
}

/// Which of the open tasks gains most for its cost; none if none gains anything.
pub(crate) fn next_evaluation(unknowns: &Unknowns, open: &[usize], cost: impl Fn(usize) -> f32) -> Option<usize> {
    let value = |&task: &usize| unknowns.gain(task) / cost(task);
    let (at, gain) = open.iter().map(value).enumerate().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))?;
    (gain > 0.0).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_prediction_wins_and_ties_go_to_the_better_model() {
        let predicted = [vec![0.5, 0.9, 0.1], vec![0.5, 0.2, 0.3], vec![0.5, 0.9, 0.2]];
        assert_eq!(route(&predicted), [2, 2, 1]);
        assert!(route(&[]).is_empty());
    }
}

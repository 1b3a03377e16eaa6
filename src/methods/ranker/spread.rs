//! How far forecasts are off, from the validation: for known and new models on known and new tasks.

use crate::linalg::sort_floats;

/// Half the widths of 90 % intervals, by whether the model and the task have training scores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spread {
    z: [[f32; 2]; 2],      // of standardised scores: [model is known][task is known]
    scores: [[f32; 2]; 2], // of the scores that rank
}

/// A cell of the validation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Residual {
    pub(super) model_is_known: bool,
    pub(super) task_is_known: bool,
    /// The standardised score minus its prediction.
    pub(super) z: f32,
    /// The standardised score and the score that ranks, each less its mean over the validation's cells of the task.
    pub(super) centred: Option<[f32; 2]>,
}

/// Residuals without which those of all kinds count.
const LEAST: usize = 30;
/// Half the width for standardised scores of which nothing is known.
const NOTHING_KNOWN: f32 = 1.645;

impl Spread {
    /// How many numbers it has.
    pub(super) const NUMBERS: usize = 8;

    pub(super) fn of_residuals(residuals: &[Residual]) -> Self {
        let z = residuals.iter().map(|residual| (residual.model_is_known, residual.task_is_known, residual.z.abs()));
        // The scores that rank, in units of standardised ones, by the regression of these on those.
        let centred = || residuals.iter().filter_map(|residual| residual.centred);
        let both: f32 = centred().map(|[z, score]| z * score).sum();
        let square: f32 = centred().map(|[_, score]| score * score).sum();
        let slope = if both > 0.0 && square > 0.0 { both / square } else { 1.0 };
        let scores = residuals.iter().filter_map(|residual| {
            let [z, score] = residual.centred?;
            Some((residual.model_is_known, residual.task_is_known, (z / slope - score).abs()))
        });
        Self { z: halves(&z.collect::<Vec<_>>()), scores: halves(&scores.collect::<Vec<_>>()) }
    }

    pub(super) fn of_z(&self, model_is_known: bool, task_is_known: bool) -> f32 {
        self.z[usize::from(model_is_known)][usize::from(task_is_known)]
    }

    pub(super) fn of_scores(&self, model_is_known: bool, task_is_known: bool) -> f32 {
        self.scores[usize::from(model_is_known)][usize::from(task_is_known)]
    }

    pub(super) fn numbers(&self) -> Vec<f32> {
        [self.z.as_flattened(), self.scores.as_flattened()].concat()
    }

    pub(super) fn restore(numbers: &[f32]) -> Self {
        let mut spread = Self { z: [[NOTHING_KNOWN; 2]; 2], scores: [[NOTHING_KNOWN; 2]; 2] };
        let places = spread.z.as_flattened_mut().iter_mut().chain(spread.scores.as_flattened_mut());
        places.zip(numbers).for_each(|(place, number)| *place = *number);
        spread
    }
}

/// The 90 % quantile of the sizes of each kind; where there are few, of all.
fn halves(sizes: &[(bool, bool, f32)]) -> [[f32; 2]; 2] {
    let quantile = |of: &dyn Fn(bool, bool) -> bool, least: usize| {
        let mut chosen: Vec<f32> =
            sizes.iter().filter(|&&(model, task, _)| of(model, task)).map(|&(_, _, size)| size).collect();
        sort_floats(&mut chosen);
        let at = ((chosen.len() + 1) as f64 * 0.9).ceil() as usize;
        let found = chosen.get(at.saturating_sub(1)).or(chosen.last()).copied();
        found.filter(|_| chosen.len() >= least)
    };
    let all = quantile(&|_, _| true, 1).unwrap_or(NOTHING_KNOWN);
    [false, true].map(|model| [false, true].map(|task| quantile(&|m, t| (m, t) == (model, task), LEAST).unwrap_or(all)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_own_width_where_there_is_enough_of_it() {
        let residual = |task_is_known: bool, z: f32| Residual { model_is_known: true, task_is_known, z, centred: None };
        let mut residuals: Vec<Residual> = (1..=100).map(|at| residual(true, at as f32 / 100.0)).collect();
        residuals.extend((0..5).map(|_| residual(false, 9.0)));
        let spread = Spread::of_residuals(&residuals);
        assert!((spread.of_z(true, true) - 0.91).abs() < 1e-5, "{spread:?}");
        assert!(spread.of_z(true, false) == spread.of_z(false, false) && spread.of_z(false, false) < 1.0);
        assert_eq!(Spread::restore(&spread.numbers()), spread);
        assert_eq!(Spread::of_residuals(&[]).of_z(true, true), NOTHING_KNOWN);
    }

    #[test]
    fn scores_are_compared_in_their_own_unit() {
        let residual = |at: usize| {
            let score = at as f32 - 49.5;
            let off = if at % 2 == 0 { 0.5 } else { -0.5 };
            Residual { model_is_known: true, task_is_known: true, z: 0.0, centred: Some([0.1 * score + off, score]) }
        };
        let spread = Spread::of_residuals(&(0..100).map(residual).collect::<Vec<_>>());
        assert!((spread.of_scores(true, true) - 5.0).abs() < 0.2, "{spread:?}");
    }
}

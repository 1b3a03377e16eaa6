//! How much of a forecast comes from the trees and how much from the process, by what each said of models it had not seen
//! (stacked generalisation: Wolpert 1992). Trees need many models; with few, the process stands alone.

use super::rehearsal::Said;

/// Shares that are tried, in steps of one over this.
const STEPS: usize = 20;
/// Forecasts that all outputs together weigh, beside an output's own.
const COMMON: f32 = 100.0;

/// Shares of the trees by output. (n_outputs)
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Blend {
    pub(super) shares: Vec<f32>,
}

impl Blend {
    /// The shares with the least absolute error on these, each output's drawn to the one that serves all of them best.
    pub(super) fn learn(said: &[Said]) -> Self {
        let n_outputs = said.first().map_or(0, |said| said.truth.len());
        let errors: Vec<[f32; STEPS + 1]> = (0..n_outputs).map(|k| errors(said, k)).collect();
        let counts: Vec<f32> =
            (0..n_outputs).map(|k| said.iter().filter(|said| !said.truth[k].is_nan()).count() as f32).collect();
        let all = counts.iter().sum::<f32>().max(1.0);
        let common = std::array::from_fn::<f32, { STEPS + 1 }, _>(|step| {
            errors.iter().map(|errors| errors[step]).sum::<f32>() * COMMON / all
        });
        let share = |errors: &[f32; STEPS + 1]| {
            let error = |step: usize| errors[step] + common[step];
            let best = (0..=STEPS).min_by(|&a, &b| error(a).total_cmp(&error(b))).unwrap_or(0);
            best as f32 / STEPS as f32
        };
        Self { shares: errors.iter().map(share).collect() }
    }

    /// Mean absolute error of its forecasts, in standard deviations of the scores.
    pub(super) fn error(&self, said: &[Said]) -> f64 {
        let error = |said: &Said, k: usize| (said.truth[k] - self.of(k, said.process[k], said.trees[k])).abs();
        let errors = said.iter().flat_map(|said| (0..said.truth.len()).map(move |k| error(said, k)));
        let (sum, count) = errors.filter(|e| !e.is_nan()).fold((0.0, 0), |(s, c), e| (s + f64::from(e), c + 1));
        sum / f64::from(count.max(1))
    }

    /// The forecast of an output from those of the process and of the trees.
    pub(super) fn of(&self, k: usize, process: f32, trees: f32) -> f32 {
        process + self.shares[k] * (trees - process)
    }
}

/// Sums of the absolute errors of an output with each share.
fn errors(said: &[Said], k: usize) -> [f32; STEPS + 1] {
    std::array::from_fn(|step| {
        let share = step as f32 / STEPS as f32;
        let error = |said: &Said| (said.truth[k] - said.process[k] - share * (said.trees[k] - said.process[k])).abs();
        said.iter().filter(|said| !said.truth[k].is_nan()).map(error).sum()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(n: usize, process: impl Fn(f32) -> f32, trees: impl Fn(f32) -> f32) -> Vec<Said> {
        let truth = |at: usize| (at * 37 % 101) as f32 / 50.0 - 1.0;
        let one = |at: usize| Said {
            row: at,
            numbers: Vec::new(),
            distance: 0.0,
            truth: vec![truth(at)],
            process: vec![process(truth(at))],
            trees: vec![trees(truth(at))],
        };
        (0..n).map(one).collect()
    }

    #[test]
    fn what_is_right_is_followed_and_errors_that_cancel_are_shared() {
        assert_eq!(Blend::learn(&said(200, |y| y, |_| 0.0)).shares, [0.0]);
        assert_eq!(Blend::learn(&said(200, |_| 0.0, |y| y)).shares, [1.0]);
        assert_eq!(Blend::learn(&said(200, |y| y + 0.2, |y| y - 0.2)).shares, [0.5]);
    }

    #[test]
    fn an_output_with_nothing_observed_takes_what_serves_the_others() {
        let mut both = said(200, |_| 0.0, |y| y);
        for said in &mut both {
            said.truth.push(f32::NAN);
            said.process.push(0.0);
            said.trees.push(0.0);
        }
        assert_eq!(Blend::learn(&both).shares, [1.0, 1.0]);
    }
}

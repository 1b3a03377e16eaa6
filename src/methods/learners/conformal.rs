//! Calibration of forecasts by those of values that were held out, apart for each group of forecasts that are alike.
//!
//! The slope of the truth over the forecast (Cox, Two Further Applications of a Model for Binary Regression, 1958) corrects means
//! that are drawn too much to the mean of all. Intervals are by split-conformal prediction on residuals in units of their expected size (Lei et
//! al., Distribution-Free Predictive Inference for Regression, 2018, §5.2), which is the standard deviation of the forecast,
//! corrected by a regression on inputs.

use super::normal::Normal;
use crate::error::Result;
use crate::linalg::{clamp, solve_positive, sort_floats};

/// Share of the truths within an interval.
const COVERAGE: f32 = 0.9;
/// Forecasts that the usual half width weighs in that of a group.
const USUAL_FORECASTS: f32 = 10.0;
/// Forecasts that all outputs weigh in the size of one output's residuals.
const COMMON_FORECASTS: f32 = 15.0;
/// Residuals of the expected size that count beside those that are held out.
const USUAL_RESIDUALS: f32 = 20.0;
/// The least factor of an output.
const LEAST_FACTOR: f32 = 0.05;
/// Residuals beyond this count as this in sizes.
const OUTLIER: f32 = 4.0;
/// Slopes that are tried, and forecasts that a slope of 1 weighs.
const SLOPES: [f32; 9] = [0.96, 0.98, 1.0, 1.02, 1.04, 1.06, 1.08, 1.1, 1.12];
const USUAL_SLOPE: f32 = 20.0;

/// A forecast of held-out values.
#[derive(Debug, Clone, Copy)]
pub(in crate::methods) struct HeldOut<'a, const N: usize> {
    pub(in crate::methods) group: usize,
    /// (n_outputs)
    pub(in crate::methods) forecast: &'a [Normal],
    /// NaN where a value is not known. (n_outputs)
    pub(in crate::methods) truth: &'a [f32],
    /// Of the expected size of its residuals.
    pub(in crate::methods) inputs: &'a [f32; N],
}

/// The slope with the least absolute error: half of the truths are above such a forecast, whatever the failures among them.
pub(in crate::methods) fn slope<const N: usize>(held_out: &[HeldOut<'_, N>]) -> f32 {
    let error = |slope: f32| -> f32 {
        let pairs = held_out.iter().flat_map(|one| one.truth.iter().zip(one.forecast));
        pairs.filter(|(truth, _)| !truth.is_nan()).map(|(truth, normal)| (truth - slope * normal.mean).abs()).sum()
    };
    let better = |best: (f32, f32), slope: f32| {
        let error = error(slope);
        if error < best.1 { (slope, error) } else { best }
    };
    let best = SLOPES.into_iter().fold((1.0, error(1.0)), better).0;
    let count = held_out.len() as f32;
    1.0 + (best - 1.0) * count / (count + USUAL_SLOPE)
}

/// Half widths of intervals in expected sizes.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::methods) struct Conformal<const N: usize> {
    /// Of the logarithm of the expected size beside that of the forecast's standard deviation.
    pub(in crate::methods) coefficients: [f32; N],
    /// How far what known values leave open of an output counts in its deviation: a power.
    pub(in crate::methods) temper: f32,
    /// Of each group.
    pub(in crate::methods) half_widths: Vec<f32>,
    /// Factors by output. (n_outputs)
    pub(in crate::methods) factors: Vec<f32>,
}

impl<const N: usize> Default for Conformal<N> {
    fn default() -> Self {
        Self { coefficients: [0.0; N], temper: 0.0, half_widths: Vec::new(), factors: Vec::new() }
    }
}

impl<const N: usize> Conformal<N> {
    /// usual: half widths of each group where nothing is held out; the factors are those of the first group. leverage: by how much
    /// more residuals count, since what was held out had been seen. (n_outputs)
    ///
    /// # Errors
    /// Of kind `Computation` if the forecasts are not finite.
    pub(in crate::methods) fn calibrate(held_out: &[HeldOut<'_, N>], usual: &[f32], leverage: &[f32]) -> Result<Self> {
        let temper = temper(held_out, leverage);
        let factors = factors(held_out, leverage);
        let coefficients = coefficients(held_out, &factors, (leverage, temper))?;
        let half_width = |(group, &usual): (usize, &f32)| {
            let these = || held_out.iter().filter(move |one| one.group == group);
            let sized = |one: &HeldOut<'_, N>| {
                let size = size(&coefficients, one.inputs);
                ratios(one, leverage, temper).map(|(k, ratio)| ratio.abs() / (factors[k] * size)).collect::<Vec<_>>()
            };
            let mut ratios: Vec<f32> = these().flat_map(sized).collect();
            sort_floats(&mut ratios);
            // Residuals of one forecast go together: forecasts are counted.
            let count = these().count() as f32;
            let rank = (COVERAGE * (1.0 + 1.0 / count.max(1.0)) * ratios.len() as f32) as usize;
            let own = ratios.get(rank.min(ratios.len().saturating_sub(1))).copied().unwrap_or(usual);
            (own * count + usual * USUAL_FORECASTS) / (count + USUAL_FORECASTS)
        };
        let half_widths = usual.iter().enumerate().map(half_width).collect();
        Ok(Self { coefficients, temper, half_widths, factors })
    }

    /// Half the widths of the intervals of a forecast, from that in expected sizes. (n_outputs)
    pub(in crate::methods) fn half_widths(&self, half_width: f32, inputs: &[f32; N], forecast: &[Normal]) -> Vec<f32> {
        let size = half_width * size(&self.coefficients, inputs);
        let half_width = |(normal, factor): (&Normal, &f32)| size * factor * deviation(normal, self.temper);
        forecast.iter().zip(&self.factors).map(half_width).collect()
    }
}

/// The expected size of a residual, in standard deviations of the process.
fn size<const N: usize>(coefficients: &[f32; N], inputs: &[f32; N]) -> f32 {
    let log: f32 = coefficients.iter().zip(inputs).map(|(a, b)| a * b).sum();
    clamp(log, -MOST_LOG, MOST_LOG).exp()
}

/// Bound of the logarithm of an expected size.
const MOST_LOG: f32 = 1.0;
/// Forecasts that coefficients of 0 weigh.
const RIDGE: f64 = 15.0;
/// Added to a residual before its logarithm is taken.
const LEAST_RESIDUAL: f32 = 0.1;

/// Regresses the logarithms of residuals, in standard deviations, on the inputs: those of one forecast count as one.
fn coefficients<const N: usize>(
    held_out: &[HeldOut<'_, N>],
    factors: &[f32],
    (leverage, temper): (&[f32], f32),
) -> Result<[f32; N]> {
    let (mut squares, mut products) = (vec![0.0f64; N * N], [0.0f64; N]);
    let log = |(k, ratio): (usize, f32)| (ratio.abs() / factors[k] + LEAST_RESIDUAL).ln();
    let logs: Vec<Option<f32>> = held_out
        .iter()
        .map(|one| {
            let (sum, count) =
                ratios(one, leverage, temper).map(log).fold((0.0, 0.0), |(sum, count), log| (sum + log, count + 1.0));
            (count > 0.0).then(|| sum / count)
        })
        .collect();
    let known: Vec<f32> = logs.iter().flatten().copied().collect();
    let mean = known.iter().sum::<f32>() / known.len().max(1) as f32;
    for (one, log) in held_out.iter().zip(&logs) {
        let Some(log) = log else { continue };
        let inputs = one.inputs;
        for i in 0..N {
            products[i] += f64::from(inputs[i] * (log - mean));
            (0..N).for_each(|j| squares[i * N + j] += f64::from(inputs[i] * inputs[j]));
        }
    }
    (0..N).for_each(|i| squares[i * N + i] += RIDGE);
    let solved = solve_positive(&mut squares, &products)?;
    Ok(std::array::from_fn(|k| solved[k] as f32))
}

/// The standard deviation of an output before the calibration.
fn deviation(normal: &Normal, temper: f32) -> f32 {
    (normal.variance * normal.open.powf(temper)).sqrt()
}

/// Residuals in standard deviations by output, of those that are known.
fn ratios<'a, const N: usize>(
    one: &HeldOut<'a, N>,
    leverage: &[f32],
    temper: f32,
) -> impl Iterator<Item = (usize, f32)> {
    let ratio = move |(k, (truth, normal)): (usize, (&f32, &Normal))| {
        (k, leverage[k] * (truth - normal.mean) / deviation(normal, temper))
    };
    one.truth.iter().zip(one.forecast).enumerate().map(ratio).filter(|(_, ratio)| !ratio.is_nan())
}

/// The power with which intervals that cover as much are the narrowest where some values are known.
fn temper<const N: usize>(held_out: &[HeldOut<'_, N>], leverage: &[f32]) -> f32 {
    let is_told = |one: &&HeldOut<'_, N>| one.forecast.iter().any(|normal| normal.open != 1.0);
    let these = || held_out.iter().filter(is_told);
    let width = |temper: f32| {
        let mut absolute: Vec<f32> =
            these().flat_map(|t| ratios(t, leverage, temper)).map(|(_, ratio)| ratio.abs()).collect();
        sort_floats(&mut absolute);
        let covering = absolute.get((COVERAGE * absolute.len() as f32) as usize).copied().unwrap_or(1.0);
        let asked = these().flat_map(|one| one.truth.iter().zip(one.forecast));
        covering * asked.filter(|(truth, _)| !truth.is_nan()).map(|(_, normal)| deviation(normal, temper)).sum::<f32>()
    };
    let better = |best: (f32, f32), temper: f32| {
        let width = width(temper);
        if width < best.1 { (temper, width) } else { best }
    };
    TEMPERS.into_iter().fold((0.0, f32::INFINITY), better).0
}

/// Powers that are tried.
const TEMPERS: [f32; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];

/// How large the residuals of each output are, beside what is expected. (n_outputs)
fn factors<const N: usize>(held_out: &[HeldOut<'_, N>], leverage: &[f32]) -> Vec<f32> {
    let mut sums = vec![(0.0f32, 0.0f32); leverage.len()];
    for one in held_out.iter().filter(|one| one.group == 0) {
        for (k, ratio) in ratios(one, leverage, 0.0) {
            sums[k].0 += clamp(ratio, -OUTLIER, OUTLIER).powi(2);
            sums[k].1 += 1.0;
        }
    }
    let all = sums.iter().fold((0.0, 0.0), |all, sum| (all.0 + sum.0, all.1 + sum.1));
    let common = (all.0 + USUAL_RESIDUALS) / (all.1 + USUAL_RESIDUALS);
    let factor = |&(sum, count): &(f32, f32)| {
        ((sum + COMMON_FORECASTS * common) / (count + COMMON_FORECASTS)).sqrt().max(LEAST_FACTOR)
    };
    sums.iter().map(factor).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Forecasts of 0 ± 1 whose residuals are evenly spread over ± `size`.
    struct Spread {
        truth: Vec<[f32; 1]>,
        inputs: Vec<[f32; 3]>,
    }

    const FORECAST: [Normal; 1] = [Normal { mean: 0.0, variance: 1.0, open: 1.0 }];

    impl Spread {
        fn new(count: usize, size: f32) -> Self {
            let truth = |at: usize| [size * (2.0 * (at * 37 % count) as f32 / count as f32 - 1.0)];
            Self { truth: (0..count).map(truth).collect(), inputs: vec![[1.0, 0.0, 0.0]; count] }
        }

        fn held_out(&self) -> Vec<HeldOut<'_, 3>> {
            let one = |(truth, inputs)| HeldOut { group: 0, forecast: &FORECAST, truth, inputs };
            self.truth.iter().map(|truth| &truth[..]).zip(&self.inputs).map(one).collect()
        }
    }

    #[test]
    fn intervals_cover_what_they_should_on_both_sides() -> Result<()> {
        for size in [0.2, 1.0, 5.0] {
            let spread = Spread::new(400, size);
            let conformal = Conformal::calibrate(&spread.held_out(), &[1.6], &[1.0])?;
            let half = conformal.half_widths(conformal.half_widths[0], &spread.inputs[0], &FORECAST)[0];
            let share = |is_outside: &dyn Fn(f32) -> bool| {
                spread.truth.iter().filter(|truth| is_outside(truth[0])).count() as f32 / 400.0
            };
            let (above, below) = (share(&|truth| truth > half), share(&|truth| truth < -half));
            assert!((0.03..0.07).contains(&above) && (0.03..0.07).contains(&below), "{size}: {above} {below}");
        }
        Ok(())
    }

    #[test]
    fn what_is_forecast_more_surely_has_narrower_intervals() -> Result<()> {
        let mut spread = Spread::new(400, 1.0);
        for (at, (truth, inputs)) in spread.truth.iter_mut().zip(&mut spread.inputs).enumerate() {
            let level = if at % 2 == 0 { -1.0 } else { 1.0 };
            truth[0] *= if level < 0.0 { 0.2 } else { 1.0 };
            *inputs = [1.0, level, level * level];
        }
        let conformal = Conformal::calibrate(&spread.held_out(), &[1.6], &[1.0])?;
        let half = |at: usize| conformal.half_widths(1.6, &spread.inputs[at], &FORECAST)[0];
        assert!(half(0) < 0.5 * half(1), "{} {}", half(0), half(1));
        Ok(())
    }

    #[test]
    fn a_group_of_which_nothing_is_held_out_keeps_the_usual_width() -> Result<()> {
        let spread = Spread::new(100, 1.0);
        let conformal = Conformal::calibrate(&spread.held_out(), &[1.6, 2.0], &[1.0])?;
        assert!((conformal.half_widths[1] - 2.0).abs() < 1e-6);
        Ok(())
    }

    #[test]
    fn the_slope_is_that_of_the_truth_and_failures_hardly_change_it() {
        let means: Vec<[Normal; 1]> =
            (0..200).map(|at| [Normal::new((at * 37 % 101) as f32 / 50.0 - 1.0, 1.0)]).collect();
        let slope_of = |truth: &dyn Fn(usize, f32) -> f32| {
            let truth: Vec<[f32; 1]> = means.iter().enumerate().map(|(at, m)| [truth(at, m[0].mean)]).collect();
            let held_out =
                means.iter().zip(&truth).map(|(forecast, truth)| HeldOut { group: 0, forecast, truth, inputs: &[1.0] });
            slope(&held_out.collect::<Vec<_>>())
        };
        let expected = |slope: f32| 1.0 + (slope - 1.0) * 200.0 / 220.0;
        assert!((slope_of(&|_, mean| 1.06 * mean) - expected(1.06)).abs() < 1e-4);
        assert!((slope_of(&|at, mean| if at % 10 == 0 { -3.0 } else { 1.06 * mean }) - expected(1.06)).abs() < 0.021);
        assert!((slope_of(&|_, _| f32::NAN) - 1.0).abs() < 1e-6);
    }
}

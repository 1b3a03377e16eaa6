//! The downstream scaling law (Zhang et al., "Collaborative Performance Prediction", eq. 4 and appendix C.2): a sigmoid in
//! log compute for each family f and task i,
//!
//! `σ⁻¹(ẑ_ui) = w_fi x_u + b_fi`, `w` in 0.5..2, `b` in -10..-3,
//!
//! fitted by least squares to the family's scores. As in CPP, x is the logarithm of the parameter count in millions, for
//! which those ranges were found. Where all models of the family have a known number of training tokens, the parameter count
//! is multiplied by the model's tokens over the family's mean tokens, which makes it proportional to compute.
//!
//! A curve is fitted where at least three sizes of a family were measured on the task. Elsewhere the forecast is the task's
//! mean, without sources, and [`ScalingLaw::curve`] returns the reason. Eq. 3, a power law of the loss, needs losses, which
//! leaderboards do not publish.

use crate::error::Result;
use crate::linalg::order;
use crate::methods::data::{Target, TrainingData, task_means};
use crate::methods::fitted::{Fitted, Forecast, Tensor};
use crate::methods::relatives::shares;
use crate::snapshot::{Factors, Facts};
use std::collections::BTreeMap;
use std::fmt;

/// Number of sizes that a curve needs.
const SIZES: usize = 3;
/// The ranges of w and of b.
const RANGES: [(f64, f64); 2] = [(0.5, 2.0), (-10.0, -3.0)];

/// The sigmoid of one family on one task.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Curve {
    /// w.
    pub slope: f64,
    /// b.
    pub offset: f64,
    /// Root mean squared error over the scores to which it was fitted, in 0..1.
    pub error: f64,
    /// Number of different sizes among them.
    pub sizes: usize,
}

/// Why there is no curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoCurve {
    /// The model's family is not known.
    NoFamily,
    /// Its parameter count is not known.
    NoSize,
    /// Only this many sizes of its family were measured on the task.
    FewSizes(usize),
}

impl fmt::Display for NoCurve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFamily => write!(f, "the model's factor \"family\" is not known"),
            Self::NoSize => write!(f, "the model's parameter count is not known"),
            Self::FewSizes(sizes) => {
                let were = if *sizes == 1 { "size of the family was" } else { "sizes of the family were" };
                write!(f, "{sizes} {were} measured on the task, and a curve needs {SIZES}")
            }
        }
    }
}

/// The curves of all families and tasks.
pub struct ScalingLaw {
    families: BTreeMap<String, Family>,
    fallback: Vec<f32>, // (n_tasks)
}

#[derive(Default)]
struct Family {
    models: Vec<u32>, // with a size and training cells
    tokens: Option<f64>,
    curves: Vec<Result<Curve, NoCurve>>, // (n_tasks)
}

impl ScalingLaw {
    /// Fits all curves.
    #[must_use]
    pub fn fit(data: &TrainingData<'_>) -> Self {
        let mut families: BTreeMap<String, Family> = BTreeMap::new();
        for (at, model) in data.models.iter().enumerate() {
            let facts = model.facts();
            let family = facts.family_key().filter(|_| facts.params.is_some());
            if let Some(family) = family.filter(|_| data.cells.count_row(at) > 0) {
                families.entry(family).or_default().models.push(at as u32);
            }
        }
        for family in families.values_mut() {
            let facts = |model: u32| data.models[model as usize].facts();
            let tokens: Option<Vec<f64>> = family.models.iter().map(|&model| facts(model).tokens).collect();
            family.tokens = tokens.map(|tokens| tokens.iter().sum::<f64>() / tokens.len() as f64);
            let mut points: Vec<Vec<(f64, f64)>> = vec![Vec::new(); data.tasks.len()];
            for &model in &family.models {
                if let Some(x) = family.compute(&facts(model)) {
                    data.cells.for_row(model as usize, |task, z| points[task].push((x, f64::from(z))));
                }
            }
            family.curves = points.iter().map(|points| Curve::fit(points)).collect();
        }
        Self { families, fallback: task_means(data) }
    }

    /// The curve of the model's family on a task.
    ///
    /// # Errors
    /// If there is none, with the reason.
    pub fn curve(&self, factors: &Factors, task: usize) -> Result<&Curve, NoCurve> {
        self.curve_of(&Facts::from(factors), task)
    }

    fn curve_of(&self, facts: &Facts<'_>, task: usize) -> Result<&Curve, NoCurve> {
        let name = facts.family_key().ok_or(NoCurve::NoFamily)?;
        facts.params.ok_or(NoCurve::NoSize)?;
        let family = self.families.get(&name).ok_or(NoCurve::FewSizes(0))?;
        family.curves[task].as_ref().map_err(|&why| why)
    }
}

impl Family {
    /// x: the logarithm of the parameter count in millions, multiplied by tokens over the family's mean tokens where all are
    /// known.
    fn compute(&self, facts: &Facts<'_>) -> Option<f64> {
        let share = self.tokens.zip(facts.tokens).map_or(1.0, |(mean, own)| own / mean);
        Some((facts.params? * 1e3 * share).ln())
    }
}

impl Curve {
    /// The least-squares fit within the ranges, by a grid that is narrowed around its best point until its range is below
    /// 1e-6. `points` are (x, z).
    fn fit(points: &[(f64, f64)]) -> Result<Self, NoCurve> {
        let ascending = order(points.len(), &mut |a, b| points[a].0.total_cmp(&points[b].0));
        let mut sizes: Vec<f64> = ascending.iter().map(|&at| points[at].0).collect();
        sizes.dedup_by(|a, b| (*a - *b).abs() < 1e-9);
        if sizes.len() < SIZES {
            return Err(NoCurve::FewSizes(sizes.len()));
        }
        let error = |w: f64, b: f64| points.iter().map(|&(x, z)| (sigmoid(w * x + b) - z).powi(2)).sum::<f64>();
        let [mut slopes, mut offsets] = RANGES;
        let mut best = (f64::INFINITY, 0.0, 0.0);
        while slopes.1 - slopes.0 > 1e-6 || offsets.1 - offsets.0 > 1e-6 {
            for w in steps(slopes) {
                for b in steps(offsets) {
                    let here = error(w, b);
                    if here < best.0 {
                        best = (here, w, b);
                    }
                }
            }
            slopes = narrow(slopes, best.1, RANGES[0]);
            offsets = narrow(offsets, best.2, RANGES[1]);
        }
        let (sum, slope, offset) = best;
        Ok(Self { slope, offset, error: (sum / points.len() as f64).sqrt(), sizes: sizes.len() })
    }

    fn at(&self, x: f64) -> f32 {
        sigmoid(self.slope * x + self.offset) as f32
    }
}

/// Number of grid steps across a range.
const STEPS: u8 = 24;

fn steps((low, high): (f64, f64)) -> impl Iterator<Item = f64> {
    (0..=STEPS).map(move |step| low + (high - low) * f64::from(step) / f64::from(STEPS))
}

/// A range of half the width around a point, clipped to the whole range.
fn narrow((low, high): (f64, f64), at: f64, whole: (f64, f64)) -> (f64, f64) {
    let quarter = (high - low) / 4.0;
    ((at - quarter).max(whole.0), (at + quarter).min(whole.1))
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

impl Fitted for ScalingLaw {
    fn remarks(&self, data: &TrainingData<'_>, target: Target<'_>) -> Vec<(usize, String)> {
        let facts = target.facts(data);
        let remark =
            |task: usize| Some((task, format!("no curve, but the mean: {}", self.curve_of(&facts, task).err()?)));
        (0..data.tasks.len()).filter_map(remark).collect()
    }

    fn forecast(&self, data: &TrainingData<'_>, target: Target<'_>) -> Result<Forecast> {
        let facts = target.facts(data);
        let family = facts.family_key().and_then(|name| self.families.get(&name));
        let (mut mean, mut sources) = (self.fallback.clone(), Vec::new());
        if let Some((family, x)) = family.and_then(|family| Some((family, family.compute(&facts)?))) {
            for (mean, curve) in mean.iter_mut().zip(&family.curves) {
                if let Ok(curve) = curve {
                    *mean = curve.at(x);
                    sources.clone_from(&family.models);
                }
            }
        }
        sources.retain(|model| Some(*model) != target.node());
        let sources = sources.into_iter().map(|model| (model, 1.0)).collect();
        Ok(Forecast { mean, sources: shares(sources), intervals: Vec::new() })
    }

    fn tensors(&self) -> Vec<Tensor> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_within_the_ranges_is_found_again() {
        let truth = |x: f64| sigmoid(0.8 * x - 7.0);
        let points = [6.0, 8.0, 9.0, 11.0].map(|x| (x, truth(x)));
        let curve = Curve::fit(&points).unwrap();
        assert!((curve.slope - 0.8).abs() < 1e-3 && (curve.offset + 7.0).abs() < 1e-2, "{curve:?}");
        assert_eq!(curve.sizes, 4);
        assert!(curve.error < 1e-4);
    }

    #[test]
    fn falling_scores_get_the_flattest_curve_there_is() {
        let curve = Curve::fit(&[(6.0, 0.9), (8.0, 0.5), (10.0, 0.1)]).unwrap();
        assert!((curve.slope - 0.5).abs() < 1e-9, "{curve:?}");
    }

    #[test]
    fn one_size_or_two_make_no_curve() {
        assert_eq!(Curve::fit(&[(6.0, 0.9), (6.0, 0.5), (8.0, 0.1)]), Err(NoCurve::FewSizes(2)));
        assert_eq!(Curve::fit(&[]), Err(NoCurve::FewSizes(0)));
    }
}

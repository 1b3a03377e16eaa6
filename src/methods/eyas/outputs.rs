//! What is forecast of a model: its scores, or of outcomes its coordinates in a factorisation and the means of its benchmarks;
//! on a scale and in units in which they are alike.

use super::outcomes;
use crate::error::{Error, Result};
use crate::linalg::{clamp, logistic, logit};
use crate::methods::data::TrainingData;
use crate::methods::fitted::misfit;
use crate::methods::learners::general_factor::GeneralFactor;
use crate::methods::learners::score_table::Table;
use crate::methods::lrmf::model::Lrmf;
use crate::methods::related_tasks::{Expected, Related};
use crate::snapshot::Task;
use eyas_kernels::Cells;
use ndarray::Array2;

/// The scale on which an output is forecast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Link {
    Identity,
    /// Log odds: of a score within a range.
    LogOdds,
}

/// Scores are this far from the ends of their range at least, in log odds.
const MARGIN: f32 = 0.02;

impl Link {
    pub(super) fn of(self, score: f32) -> f32 {
        match self {
            Self::Identity => score,
            Self::LogOdds => logit(MARGIN + (1.0 - 2.0 * MARGIN) * clamp(score, 0.0, 1.0), MARGIN),
        }
    }

    /// How far scores of one benchmark are usually apart: a standard deviation of 0.2 of its range, or as much about its middle.
    fn usual_spread(self) -> f32 {
        match self {
            Self::Identity => 0.2,
            Self::LogOdds => 0.9,
        }
    }

    pub(super) fn back(self, output: f32) -> f32 {
        match self {
            Self::Identity => output,
            Self::LogOdds => (logistic(output) - MARGIN) / (1.0 - 2.0 * MARGIN),
        }
    }
}

/// Scores that the spread of all columns weighs in that of one, where there are gaps.
const COMMON_SPREAD: f32 = 4.0;
/// Results that the mean of all columns weighs in that of one, where there are gaps.
const COMMON_MEAN: f32 = 0.3;
/// Results that the mean of related columns weighs at most.
const MOST_MEAN: f32 = 6.0;

/// Times that centres and spreads are found from how good the models are, and that from these.
const ROUNDS: usize = 4;
/// Of the spread, a model that is as all others counts for so much at least.
const LEAST_SHARE: f32 = 0.2;

/// Models with which a table tells by itself how far scores are apart.
const ENOUGH: f32 = 20.0;
/// How many results the usual spread weighs in a table of hardly any model.
const USUAL_WEIGHT: f32 = 4.0;

/// The links, centres and spreads by which results become standardised outputs. (n_outputs)
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Scale {
    pub(super) links: Vec<Link>,
    pub(super) centre: Vec<f32>,
    pub(super) spread: Vec<f32>,
    /// By how much further results are from what is expected of them without them, since centres have seen them.
    pub(super) leverage: Vec<f32>,
    /// How far centres are open: variances, standardised.
    pub(super) open: Vec<f32>,
}

/// The most by which a centre without a result is further from it.
const MOST_LEVERAGE: f32 = 2.0;

impl Scale {
    /// From outputs on their links' scales, NaN where there is a gap: (n_models, n_outputs). The fewer results a column has, the
    /// more of its centre and spread come from the others; where there are gaps, they are those of all models, not those of
    /// the models that have a result. Returns the standardised outputs too.
    fn of(values: Array2<f32>, links: Vec<Link>, related: &Related) -> Result<(Self, Table)> {
        let n_outputs = links.len();
        let has_gaps = values.iter().any(|value| value.is_nan());
        let with = |value: f32| vec![value; n_outputs];
        let mut scale = Self { links, centre: with(0.0), spread: with(1.0), leverage: with(1.0), open: with(0.0) };
        scale.update(&values, None, related)?;
        let mut standard = scale.standardised(&values);
        if has_gaps {
            for _ in 0..ROUNDS {
                scale.update(&values, Some(&GeneralFactor::of(&standard)), related)?;
                standard = scale.standardised(&values);
            }
        }
        let table = Table::new(standard, scale.open.clone());
        Ok((scale, table))
    }

    /// The table of results, 0..1 of their tasks' ranges.
    fn table(&self, results: &Array2<f32>) -> Table {
        Table::new(self.standardised(&linked(results, &self.links)), self.open.clone())
    }

    fn standardised(&self, values: &Array2<f32>) -> Array2<f32> {
        let mut values = values.clone();
        for (k, mut column) in values.columns_mut().into_iter().enumerate() {
            column.mapv_inplace(|value| (value - self.centre[k]) / self.spread[k]);
        }
        values
    }

    /// Finds centres and spreads, given how good the models are, which was found with those before.
    fn update(&mut self, values: &Array2<f32>, factor: Option<&GeneralFactor>, related: &Related) -> Result<()> {
        let mut columns = Vec::with_capacity(self.links.len());
        for (k, column) in values.columns().into_iter().enumerate() {
            let known = || column.iter().enumerate().filter(|(_, value)| !value.is_nan());
            let (centre, spread) = (self.centre[k], self.spread[k]);
            // What is expected of a model beside the centre, and the share of the spread.
            let expected = |row: usize, value: f32| {
                factor.map_or((0.0, 1.0), |factor| {
                    let (of_row, slope) = (factor.without(row, (value - centre) / spread), factor.slopes[k]);
                    (
                        spread * slope * of_row,
                        (1.0 + slope * slope * (of_row * of_row - factor.square)).max(LEAST_SHARE),
                    )
                })
            };
            let count = known().count() as f32;
            let mean = known().map(|(row, &value)| value - expected(row, value).0).sum::<f32>() / count;
            let squares = known().map(|(_, value)| (value - mean).powi(2)).sum::<f32>();
            let shares = known().map(|(row, &value)| expected(row, value).1).sum::<f32>();
            columns.push((count, mean, squares, shares));
        }
        // In usual spreads, in which columns of different links are alike.
        let usual = |k: usize| self.links[k].usual_spread().powi(2);
        let all = columns.iter().enumerate();
        let (squares, shares) =
            all.fold((0.0, 0.0), |sum, (k, column)| (sum.0 + column.2 / usual(k), sum.1 + column.3));
        let common: Vec<f32> = (0..columns.len()).map(|k| usual(k) * squares / f32::max(shares, 1.0)).collect();
        let has_gaps = columns.iter().any(|column| column.0 < values.nrows() as f32);
        let levels: Vec<(f32, f32)> = columns.iter().map(|column| (column.0, column.1)).collect();
        let left = factor.map_or(1.0, GeneralFactor::open);
        let noise: Vec<f32> = common.iter().map(|common| common * left).collect();
        let expected = if has_gaps { self.levels(&levels, &noise, related)? } else { vec![None; columns.len()] };
        let weight = if has_gaps { COMMON_SPREAD } else { 0.0 };
        // A table of hardly any model does not tell how far scores are apart.
        let usual_weight = USUAL_WEIGHT * (1.0 - values.nrows() as f32 / ENOUGH).max(0.0);
        for (k, (count, mean, squares, shares)) in columns.into_iter().enumerate() {
            let own = if mean.is_nan() { 0.0 } else { mean };
            let (usual, mean_weight) = expected[k].unwrap_or((0.0, 0.0));
            self.centre[k] = (own * count + mean_weight * usual) / (count + mean_weight).max(f32::MIN_POSITIVE);
            let squares = squares + weight * common[k] + usual_weight * self.links[k].usual_spread().powi(2);
            self.spread[k] = (squares / (shares + weight + usual_weight).max(1.0)).sqrt().max(1e-6);
            let weight = count + mean_weight;
            self.leverage[k] = (weight / (weight - 1.0).max(0.1)).min(MOST_LEVERAGE);
            if has_gaps {
                self.open[k] = noise[k] / weight / self.spread[k].powi(2);
            }
        }
        Ok(())
    }

    /// What the centre of each column is expected to be by the others, and how many results that weighs. levels: numbers of
    /// results, and centres by them; noise: the variance of a result about what the
    /// centre and the others expect.
    fn levels(&self, levels: &[(f32, f32)], noise: &[f32], related: &Related) -> Result<Vec<Option<(f32, f32)>>> {
        let mut expected = vec![None; levels.len()];
        for link in [Link::Identity, Link::LogOdds] {
            let of_link = |k: usize| self.links[k] == link && !levels[k].1.is_nan();
            let means: Vec<f32> = (0..levels.len()).filter(|&k| of_link(k)).map(|k| levels[k].1).collect();
            let usual = means.iter().sum::<f32>() / means.len().max(1) as f32;
            let these: Vec<(f32, f32)> =
                levels.iter().enumerate().map(|(k, &level)| if of_link(k) { level } else { (0.0, usual) }).collect();
            let noise = (0..levels.len()).find(|&k| self.links[k] == link).map_or(0.0, |k| noise[k]);
            let related = related.levels(&these, noise)?;
            for (k, expected) in expected.iter_mut().enumerate().filter(|&(k, _)| self.links[k] == link) {
                *expected = Some(related[k].map_or((usual, COMMON_MEAN), |Expected { mean, variance }| {
                    (mean, (noise / variance.max(f32::MIN_POSITIVE)).clamp(COMMON_MEAN, MOST_MEAN))
                }));
            }
        }
        Ok(expected)
    }

    /// A result, 0..1 of its task's range, as a standardised output.
    pub(super) fn standardise(&self, output: usize, result: f32) -> f32 {
        (self.links[output].of(result) - self.centre[output]) / self.spread[output]
    }

    /// A standardised output as a result.
    pub(super) fn result(&self, output: usize, standardised: f32) -> f32 {
        self.links[output].back(self.centre[output] + self.spread[output] * standardised)
    }
}

impl Outputs {
    /// The same outputs on other links' scales.
    ///
    /// # Errors
    /// Of kind `Computation` if results are not finite.
    pub(super) fn relinked(&self, links: Vec<Link>) -> Result<(Scale, Table)> {
        Scale::of(linked(&self.results, &links), links, &self.related)
    }

    /// The outputs of training models on a scale that is known.
    ///
    /// # Errors
    /// As [`outputs`], and if the scale is that of other outputs.
    pub(super) fn on_scale(
        data: &TrainingData<'_>,
        order: &[u32],
        factorisation: Option<Lrmf>,
        scale: Scale,
    ) -> Result<Self> {
        let results = results(data, order, factorisation.as_ref())?;
        if results.ncols() != scale.links.len() {
            return Err(misfit("links"));
        }
        let table = scale.table(&results);
        Ok(Self { scale, table, factorisation, related: Related::default(), results })
    }
}

/// What is forecast: one row a training model, one column an output, NaN where there is a gap.
pub(super) struct Outputs {
    pub(super) scale: Scale,
    pub(super) table: Table,
    pub(super) factorisation: Option<Lrmf>,
    related: Related,
    results: Array2<f32>, // 0..1 of their tasks' ranges
}

/// The standardised outputs of training models, given by their places in the data.
///
/// # Errors
/// If there are outcomes, but no factorisation of them.
pub(super) fn outputs(data: &TrainingData<'_>, order: &[u32], factorisation: Option<Lrmf>) -> Result<Outputs> {
    let results = results(data, order, factorisation.as_ref())?;
    let (links, related) = match factorisation {
        Some(_) => (vec![Link::Identity; results.ncols()], Related::default()),
        None => {
            let link = |task: &Task| if task.range.is_some() { Link::LogOdds } else { Link::Identity };
            (data.tasks.iter().map(link).collect(), Related::new(data.tasks))
        }
    };
    let (scale, table) = Scale::of(linked(&results, &links), links, &related)?;
    Ok(Outputs { scale, table, factorisation, related, results })
}

/// Results of training models: scores, 0..1 of their tasks' ranges, or what a factorisation made of outcomes.
fn results(data: &TrainingData<'_>, order: &[u32], factorisation: Option<&Lrmf>) -> Result<Array2<f32>> {
    match (data.cells, factorisation) {
        (Cells::Scores(_), _) => {
            let mut values = Array2::from_elem((order.len(), data.tasks.len()), f32::NAN);
            for (row, &model) in order.iter().enumerate() {
                data.cells.for_row(model as usize, |task, value| values[[row, task]] = value);
            }
            Ok(values)
        }
        (Cells::Outcomes { .. }, Some(factorisation)) => Ok(outcomes::factorised(data, order, factorisation)),
        (Cells::Outcomes { .. }, None) => Err(Error::input("outcomes are to be factorised first")),
    }
}

/// Results on their links' scales.
fn linked(results: &Array2<f32>, links: &[Link]) -> Array2<f32> {
    let mut values = results.clone();
    for (mut column, link) in values.columns_mut().into_iter().zip(links) {
        column.iter_mut().filter(|value| !value.is_nan()).for_each(|value| *value = link.of(*value));
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_back_from_each_link() {
        for link in [Link::Identity, Link::LogOdds] {
            let values = Array2::from_shape_fn((30, 2), |(row, k)| link.of((row + k) as f32 / 40.0));
            let (scale, standard) = Scale::of(values, vec![link; 2], &Related::default()).unwrap();
            let standard = standard.scores;
            let mean = standard.column(0).mean().unwrap_or(f32::NAN);
            assert!(mean.abs() < 1e-5 && (standard.column(0).std(0.0) - 1.0).abs() < 1e-4, "{mean}");
            for result in [0.0, 0.3, 1.0] {
                let back = scale.result(1, scale.standardise(1, result));
                assert!((back - result).abs() < 1e-4, "{link:?}: {back}");
            }
        }
    }

    #[test]
    fn a_column_of_good_models_alone_is_centred_where_all_models_would_be() -> Result<()> {
        let mut values = Array2::from_shape_fn((40, 4), |(row, _)| row as f32 / 40.0);
        (0..30).for_each(|row| values[[row, 3]] = f32::NAN);
        let (scale, table) = Scale::of(values, vec![Link::Identity; 4], &Related::default())?;
        assert!((scale.centre[0] - 0.49).abs() < 0.03, "{scale:?}");
        assert!(scale.centre[3] < 0.7, "those that have a result have 0.86 on average: {scale:?}");
        assert!(table.scores[[39, 3]] > 1.0, "{}", table.scores[[39, 3]]);
        Ok(())
    }

    #[test]
    fn a_column_of_few_results_takes_its_spread_from_the_others() {
        let mut values = Array2::from_shape_fn((40, 2), |(row, _)| row as f32 / 40.0);
        values.column_mut(1).fill(f32::NAN);
        values[[0, 1]] = 0.5;
        let (scale, _) = Scale::of(values, vec![Link::Identity; 2], &Related::default()).unwrap();
        assert!(scale.spread[1] > 0.5 * scale.spread[0], "{scale:?}");
    }
}

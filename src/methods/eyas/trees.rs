//! Boosted trees beside the Gaussian process, of tables with many models: some that also see the process's forecast, and
//! some that see the features alone. Two halves of the models each train their own, so that every training model has a
//! forecast by trees that have not seen it; a new model has the mean of both.

use super::calibration::nearest;
use super::features::Features;
use super::models::Likeness;
use super::prior::Prior;
use super::rehearsal::LOOK_AHEAD;
use crate::error::Result;
use crate::linalg::sample;
use crate::methods::learners::boosting::{Boosting, BoostingConfig, Rows};
use crate::methods::learners::gaussian_process::{Covariances, Query, forecast};
use crate::methods::learners::normal::Normal;
use crate::methods::learners::score_table::Table;
use eyas_kernels::covariance::UNSTATED;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// Models without which there are no trees, and models that they learn from at most.
pub(super) const LEAST: usize = 400;
const MOST: usize = 2000;
/// Outputs up to which there are trees.
pub(super) const OUTPUTS: usize = 40;
/// Training models that the process's forecasts for the trees stand on.
const NEIGHBOURS: usize = 32;
/// Earlier models without which a row does not look ahead.
const LEAST_EARLIER: usize = 100;

/// Of the trees that see the process's forecast.
const WITH_PROCESS: BoostingConfig =
    BoostingConfig { trees: 120, rate: 0.12, leaves: 15, leaf_rows: 20, row_share: 0.8, column_share: 0.3, huber: 4.0 };
/// Of those that see the features alone.
const ALONE: BoostingConfig =
    BoostingConfig { trees: 80, rate: 0.15, leaves: 48, leaf_rows: 3, huber: 3.0, ..WITH_PROCESS };

/// The process, the trees that see its forecast, those that don't, and the mean of relatives.
pub(super) const MEMBERS: usize = 4;

/// What trees see of a model.
#[derive(Debug, Clone)]
pub(super) struct Input {
    numbers: Vec<f32>, // features, forecasts of the process, correlations with the nearest training models, relatives
    marks: Vec<u32>,
    relatives: Vec<f32>, // means of relatives, the forecast of the process where there are none. (n_outputs)
}

/// Numbers of categories and tokens as columns of 0 and 1.
#[derive(Debug, Clone, Default)]
pub(super) struct Marks {
    starts: Vec<u32>, // of each category's columns
    tokens: u32,
}

impl Marks {
    pub(super) fn new(prior: &Prior) -> Self {
        let mut next = 0;
        let start = |column: &Vec<u32>| {
            let start = next;
            next += column.iter().copied().max().unwrap_or(0) + 1;
            start
        };
        let starts = prior.models.columns.categories.iter().map(start).collect();
        Self { starts, tokens: next }
    }

    /// The input of a model with these likenesses to the training models, of which some are `allowed`.
    pub(super) fn input(
        &self,
        prior: &Prior,
        features: &Features,
        forecast: &[Normal],
        (likeness, allowed): (&Likeness, &dyn Fn(usize) -> bool),
        table: &Table,
    ) -> Input {
        let own = prior.variance(features).sqrt();
        let row = &likeness.covariances;
        let correlation = |at: usize| row[at] / (own * prior.deviation(at));
        let near = nearest((0..row.len()).filter(|&at| allowed(at)).map(correlation));
        let mut numbers = features.numbers.clone();
        numbers.extend(forecast.iter().map(|normal| normal.mean));
        numbers.extend(near);
        let mut relatives = relatives(&likeness.ancestors, allowed, table);
        numbers.extend(relatives.iter().copied());
        relatives.truncate(forecast.len());
        relatives.iter_mut().zip(forecast).filter(|(mean, _)| mean.is_nan()).for_each(|(mean, own)| *mean = own.mean);
        let category = |(start, &value): (&u32, &u32)| (value < UNSTATED).then_some(start + value);
        let categories = self.starts.iter().zip(&features.categories).filter_map(category);
        let tokens = features.names.iter().map(|token| self.tokens + token.0);
        Input { numbers, marks: categories.chain(tokens).collect(), relatives }
    }
}

/// What models with ancestors in common have of each output, and how close they are: means weighted by the cosine of their
/// ancestors. NaN where there are none. (n_outputs + 1)
fn relatives(ancestors: &[f32], allowed: &dyn Fn(usize) -> bool, table: &Table) -> Vec<f32> {
    let n_outputs = table.scores.ncols();
    let mut sums = vec![0.0; n_outputs];
    let mut weights = vec![0.0; n_outputs];
    let mut nearest = 0.0f32;
    for (row, &cosine) in ancestors.iter().enumerate().filter(|&(row, &cosine)| cosine > 0.0 && allowed(row)) {
        nearest = nearest.max(cosine);
        let weight = cosine.powi(4);
        for (k, &score) in table.scores.row(row).iter().enumerate().filter(|(_, score)| !score.is_nan()) {
            sums[k] += weight * score;
            weights[k] += weight;
        }
    }
    sums.into_iter().zip(weights).map(|(sum, weight)| sum / weight).chain([nearest]).collect()
}

/// Both kinds of trees, trained on the same rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Pair {
    pub(super) with_process: Boosting,
    pub(super) alone: Boosting,
}

impl Pair {
    fn fit(rows: &[&Example], seed: u64) -> Self {
        let n_alone = rows.first().map_or(0, |row| row.n_features);
        let marks: Vec<Vec<u32>> = rows.iter().map(|row| row.input.marks.clone()).collect();
        let outputs: Vec<f32> = rows.iter().flat_map(|row| row.truth.iter().copied()).collect();
        let numbers = |width: fn(&Example) -> usize| {
            rows.iter().flat_map(|row| row.input.numbers[..width(row)].iter().copied()).collect::<Vec<f32>>()
        };
        let all = Rows { numbers: numbers(|row| row.input.numbers.len()), marks: marks.clone() };
        let with_process = Boosting::fit(&all, &outputs, &WITH_PROCESS, seed);
        let features = Rows { numbers: if n_alone > 0 { numbers(|row| row.n_features) } else { Vec::new() }, marks };
        Self { with_process, alone: Boosting::fit(&features, &outputs, &ALONE, seed ^ 1) }
    }

    fn predict(&self, input: &Input) -> [Vec<f32>; 2] {
        let features = &input.numbers[..self.alone.n_numbers];
        [self.with_process.predict(&input.numbers, &input.marks), self.alone.predict(features, &input.marks)]
    }
}

/// A training model as the trees see it.
pub(super) struct Example {
    pub(super) row: usize,
    input: Input,
    n_features: usize,
    truth: Vec<f32>,
}

/// What training models look like from others, for trees to learn from.
pub(super) struct Examples<'a> {
    pub(super) prior: &'a Prior,
    pub(super) table: &'a Table,
    pub(super) marks: &'a Marks,
    rows: Vec<(usize, f32)>, // training models, with the last day that a look ahead has of each
}

impl<'a> Examples<'a> {
    pub(super) fn new(prior: &'a Prior, table: &'a Table, marks: &'a Marks, seed: u64) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(seed ^ 0x7472_6565);
        let before = |row: usize| (row, day(prior, row) - LOOK_AHEAD * rng.random::<f32>());
        let rows = sample(table.scores.nrows(), MOST, seed ^ 0x726f_7773).into_iter().map(before).collect();
        Self { prior, table, marks, rows }
    }

    /// All that there are.
    ///
    /// # Errors
    /// Of kind `Computation` if the covariances can't be factorised.
    pub(super) fn all(&self, cut: Option<f32>) -> Result<Views> {
        let days: Vec<f32> = (0..self.table.scores.nrows()).map(|row| day(self.prior, row)).collect();
        let is_enough = |before: f32| days.iter().filter(|&&day| day < before).count() >= LEAST_EARLIER;
        let is_earlier = |row: usize| cut.is_some_and(|cut| self.prior.models.is_before(row, cut));
        let of_row = |at: usize| -> Result<[Option<Example>; 3]> {
            let (row, before) = self.rows[at];
            let likeness = self.prior.likeness(&self.prior.models.features[row]);
            let example = |is_there: bool, allowed: &dyn Fn(usize) -> bool| {
                is_there.then(|| self.example(row, &likeness, allowed)).transpose()
            };
            Ok([
                example(true, &|other| other != row)?,
                example(is_enough(before), &|other| days[other] < before)?,
                example(is_earlier(row), &|other| other != row && is_earlier(other))?,
            ])
        };
        let mut views = Views::default();
        for rows in eyas_kernels::map(self.rows.len(), of_row) {
            let [now, ahead, then] = rows?;
            views.now.extend(now);
            views.ahead.extend(ahead);
            views.then.extend(then);
        }
        Ok(views)
    }

    fn example(&self, row: usize, likeness: &Likeness, allowed: &dyn Fn(usize) -> bool) -> Result<Example> {
        let features = &self.prior.models.features[row];
        let variance = self.prior.variance(features);
        let query = Query { row: &likeness.covariances, variance, allowed, most: NEIGHBOURS, tasks: None };
        let said = forecast(self.prior, &query, self.table)?;
        let input = self.marks.input(self.prior, features, &said, (likeness, allowed), self.table);
        let own = self.table.scores.row(row);
        let truth = own.iter().zip(&said).map(|(&y, said)| if y.is_nan() { said.mean } else { y }).collect();
        Ok(Example { row, input, n_features: features.numbers.len(), truth })
    }
}

/// What training models look like.
#[derive(Default)]
pub(super) struct Views {
    /// As from all others.
    pub(super) now: Vec<Example>,
    /// As from those that are up to half a year older at least, where there are enough of them.
    pub(super) ahead: Vec<Example>,
    /// Those of before a day, as from the others of before it.
    pub(super) then: Vec<Example>,
}

/// The day of a training model; one without a date was always there.
fn day(prior: &Prior, row: usize) -> f32 {
    prior.models.features[row].day.unwrap_or(f32::NEG_INFINITY)
}

/// The trees of both halves.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Trees {
    pub(super) halves: [Pair; 2],
}

impl Trees {
    pub(super) fn fit(examples: &[&Example], seed: u64) -> Self {
        let half = |at: usize| {
            let others: Vec<&Example> = examples.iter().copied().filter(|example| half_of(example.row) != at).collect();
            Pair::fit(&others, seed ^ at as u64)
        };
        Self { halves: [half(0), half(1)] }
    }

    /// What all members say of a model, given the process's forecasts. (MEMBERS, n_outputs)
    pub(super) fn members(&self, forecast: &[Normal], input: &Input, itself: Option<usize>) -> Vec<Vec<f32>> {
        let [with_process, alone] = self.predict(input, itself);
        vec![forecast.iter().map(|normal| normal.mean).collect(), with_process, alone, input.relatives.clone()]
    }

    /// What both kinds of trees say of a model; of a training model, `itself`, by the half that has not seen it. (2, n_outputs)
    fn predict(&self, input: &Input, itself: Option<usize>) -> [Vec<f32>; 2] {
        match itself {
            Some(row) => self.halves[half_of(row)].predict(input),
            None => {
                let [a, b] = [0, 1].map(|half| self.halves[half].predict(input));
                let mean = |k: usize| a[k].iter().zip(&b[k]).map(|(a, b)| 0.5 * (a + b)).collect();
                [mean(0), mean(1)]
            }
        }
    }
}

/// The half that has not seen a training model.
fn half_of(row: usize) -> usize {
    // Neighbours in time are in different halves at random.
    (row.wrapping_mul(0x9e37_79b9) >> 16) & 1
}

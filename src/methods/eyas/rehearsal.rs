//! Rows for the trees: each training model as it would be forecast, from all others or from earlier ones.

use super::boosting::{Boosting, BoostingConfig, Rows};
use super::covariance::Likeness;
use super::portrait::{Gallery, Portrait};
use super::process::{Rehearsals, distance};
use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use std::ops::Range;

/// Days that rows look ahead, at most: how far ahead the data can teach.
pub(super) const LOOK_AHEAD: f32 = 75.0;
/// Rows of each model that look ahead.
const COPIES: usize = 2;
/// Earlier models without which a row says nothing.
const LEAST_EARLIER: usize = 150;
/// Later models without which a time says nothing about what lies ahead.
const LEAST_AHEAD: usize = 100;
/// Shares of the models after which the next ones are forecast, to see how far off that is.
const CUTS: [f32; 3] = [0.4, 0.6, 0.8];

/// Of the trees that hear the process.
const HEARING: BoostingConfig =
    BoostingConfig { trees: 120, rate: 0.12, leaves: 15, leaf_rows: 20, row_share: 0.8, column_share: 0.3, huber: 4.0 };
/// Of those that do not, which have to tell apart by facts what the process tells apart by likeness.
const DEAF: BoostingConfig = BoostingConfig { trees: 80, rate: 0.15, leaves: 48, leaf_rows: 3, huber: 3.0, ..HEARING };

/// From which models each training model is forecast.
pub(super) struct Horizon {
    /// How many of the first models; `None`: all but the model itself.
    pub(super) ends: Option<Vec<usize>>,
    /// The models that it is about where the trees don't learn from it: the intervals of what lies ahead do.
    ahead: Option<Range<usize>>,
}

impl Horizon {
    /// All others, and some random horizons; where dates allow it also what came after some days from what was there.
    pub(super) fn all(portraits: &[Portrait], seed: u64) -> Vec<Self> {
        let days: Vec<f32> = portraits.iter().map(Portrait::day).collect();
        let earlier = |day: f32| days.partition_point(|&other| other < day);
        let mut rng = Pcg64Mcg::seed_from_u64(seed ^ 0x686f_7269);
        let mut horizons = vec![Self { ends: None, ahead: None }];
        for _ in 0..COPIES {
            let ends = days.iter().map(|day| earlier(day - LOOK_AHEAD * rng.random::<f32>()));
            horizons.push(Self { ends: Some(ends.collect()), ahead: None });
        }
        for share in CUTS {
            let day = days.get((days.len() as f32 * share) as usize).copied().unwrap_or(0.0);
            let ahead = earlier(day)..earlier(day + LOOK_AHEAD);
            if ahead.start >= LEAST_EARLIER && ahead.len() >= LEAST_AHEAD {
                let ends = (0..days.len()).map(|row| row.min(ahead.start)).collect();
                horizons.push(Self { ends: Some(ends), ahead: Some(ahead) });
            }
        }
        horizons
    }

    /// Whether it is a time from which later models are forecast.
    pub(super) fn looks_ahead(&self) -> bool {
        self.ahead.is_some()
    }

    /// Whether the forecast of a model has enough to stand on.
    fn says(&self, row: usize) -> bool {
        self.ends.as_ref().is_none_or(|ends| ends[row] >= LEAST_EARLIER)
    }
}

/// What process and trees say of a training model from others, and what came of it; all standardised. (n_outputs)
#[derive(Debug, Clone)]
pub(super) struct Said {
    /// Which of the training models it is.
    pub(super) row: usize,
    /// The trees' row of it.
    pub(super) numbers: Vec<f32>,
    /// How far it is from the nearest of the others.
    pub(super) distance: f32,
    /// Its scores, NaN where they are not known.
    pub(super) truth: Vec<f32>,
    /// What the process says, the trees that hear it, and the trees that do not. (n_voices, n_outputs)
    pub(super) voices: Vec<Vec<f32>>,
}

/// The process, the trees that hear it, and the trees that do not.
pub(super) const VOICES: usize = 3;

/// The two sums of trees.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Trees {
    /// Of facts and what the process says.
    pub(super) hearing: Boosting,
    /// Of facts alone.
    pub(super) deaf: Boosting,
}

impl Trees {
    /// What both say of a row, of which the facts come first; what the process says where they had nothing to learn from.
    /// process: (n_outputs); (2, n_outputs)
    pub(super) fn predict(&self, numbers: &[f32], marks: &[u32], process: &[f32]) -> [Vec<f32>; 2] {
        if self.hearing.n_outputs == 0 {
            return [process.to_vec(), process.to_vec()];
        }
        [self.hearing.predict(numbers, marks), self.deaf.predict(&numbers[..self.deaf.n_numbers], marks)]
    }
}

/// All that the trees can learn from.
pub(super) struct Stage<'a> {
    likeness: &'a Likeness,
    scores: &'a Array2<f32>,
    known: &'a Array2<bool>,
    horizons: &'a [Horizon],
    profiles: Vec<usize>,
    marks: Vec<Vec<u32>>,
    untamed: Array2<f32>,   // by the processes from all others, (n_models, n_outputs)
    numbers: Vec<Vec<f32>>, // horizon -> (n_models, width)
    width: usize,
}

impl<'a> Stage<'a> {
    /// `known` tells the scores that were measured from those that were filled in; `rehearsals` has the processes'
    /// forecasts by profile and horizon.
    pub(super) fn new(
        gallery: &Gallery,
        likeness: &'a Likeness,
        (scores, known): (&'a Array2<f32>, &'a Array2<bool>),
        horizons: &'a [Horizon],
        rehearsals: &[Rehearsals],
    ) -> Self {
        let marks = likeness.portraits().iter().map(|portrait| gallery.marks(portrait)).collect();
        let mut stage = Self {
            likeness,
            scores,
            known,
            horizons,
            profiles: Vec::new(),
            marks,
            numbers: Vec::new(),
            width: 0,
            untamed: Array2::zeros(scores.dim()),
        };
        stage.profiles = stage.choose_profiles(rehearsals);
        for (k, &profile) in stage.profiles.iter().enumerate() {
            stage.untamed.column_mut(k).assign(&rehearsals[profile].untamed.column(k));
        }
        for at in 0..horizons.len() {
            let mut numbers = Vec::new();
            for (row, portrait) in likeness.portraits().iter().enumerate() {
                numbers.extend(&portrait.traits);
                numbers.extend((0..scores.ncols()).map(|k| rehearsals[stage.profiles[k]].horizons[at].mean[[row, k]]));
                rehearsals.iter().for_each(|profile| numbers.extend(profile.horizons[at].nearness[row]));
            }
            stage.numbers.push(numbers);
        }
        stage.width = stage.numbers.first().map_or(0, |numbers| numbers.len() / likeness.portraits().len().max(1));
        stage
    }

    /// For each output the profile whose forecasts are closer, over all horizons that the trees learn from.
    fn choose_profiles(&self, rehearsals: &[Rehearsals]) -> Vec<usize> {
        let error = |k: usize, profile: usize| {
            let learned =
                self.horizons.iter().zip(&rehearsals[profile].horizons).filter(|(horizon, _)| horizon.ahead.is_none());
            learned
                .map(|(horizon, rehearsal)| {
                    let rows = (0..self.scores.nrows()).filter(|&row| horizon.says(row) && self.known[[row, k]]);
                    rows.map(|row| (self.scores[[row, k]] - rehearsal.mean[[row, k]]).abs()).sum::<f32>()
                })
                .sum::<f32>()
        };
        let best = |k: usize| (0..rehearsals.len()).min_by(|&a, &b| error(k, a).total_cmp(&error(k, b))).unwrap_or(0);
        (0..self.scores.ncols()).map(best).collect()
    }

    /// The process that each output has. (n_outputs)
    pub(super) fn into_profiles(self) -> Vec<usize> {
        self.profiles
    }

    /// Trees from all rows that they may learn from.
    pub(super) fn learn(&self, seed: u64) -> Trees {
        self.learn_from(|_| true, seed)
    }

    /// Trees from the rows of these models.
    fn learn_from(&self, chosen: impl Fn(usize) -> bool, seed: u64) -> Trees {
        Trees { hearing: self.learn_hearing(&chosen, seed), deaf: self.learn_deaf(&chosen, seed) }
    }

    /// Trees from the facts of these models.
    fn learn_deaf(&self, chosen: &impl Fn(usize) -> bool, seed: u64) -> Boosting {
        let (mut rows, mut outputs) = (Rows::default(), Vec::new());
        for (row, portrait) in self.likeness.portraits().iter().enumerate().filter(|&(row, _)| chosen(row)) {
            rows.numbers.extend(&portrait.traits);
            rows.marks.push(self.marks[row].clone());
            outputs.extend(self.scores.row(row));
        }
        Boosting::fit(&rows, &outputs, &DEAF, seed)
    }

    /// Trees from the facts of these models and from what the process says of them, at each horizon.
    fn learn_hearing(&self, chosen: &impl Fn(usize) -> bool, seed: u64) -> Boosting {
        let (mut rows, mut outputs) = (Rows::default(), Vec::new());
        for (horizon, numbers) in self.horizons.iter().zip(&self.numbers).filter(|(horizon, _)| horizon.ahead.is_none())
        {
            for row in (0..self.scores.nrows()).filter(|&row| horizon.says(row) && chosen(row)) {
                rows.numbers.extend(&numbers[row * self.width..][..self.width]);
                rows.marks.push(self.marks[row].clone());
                outputs.extend(self.scores.row(row));
            }
        }
        Boosting::fit(&rows, &outputs, &HEARING, seed)
    }

    /// Forecasts of the models of a fold from all other models, by trees that have not seen the fold.
    pub(super) fn forecasts_from_others(&self, fold: usize, folds: usize, seed: u64) -> Vec<Said> {
        let trees = self.learn_from(|row| fold_of(row, folds) != fold, seed);
        self.fold(fold, folds).map(|row| self.said(&trees, 0, row)).collect()
    }

    /// The models of a fold.
    pub(super) fn fold(&self, fold: usize, folds: usize) -> impl Iterator<Item = usize> + use<> {
        (0..self.scores.nrows()).filter(move |&row| fold_of(row, folds) == fold)
    }

    /// Forecasts of the models after some day by trees and processes that have seen only earlier ones; the times that
    /// there are count from 0.
    pub(super) fn forecasts_from_earlier(&self, time: usize, seed: u64) -> Option<Vec<Said>> {
        let mut times = self.horizons.iter().enumerate().filter_map(|(at, h)| Some((at, h.ahead.clone()?)));
        let (at, ahead) = times.nth(time)?;
        let trees = self.learn_from(|row| row < ahead.start, seed);
        Some(ahead.map(|row| self.said(&trees, at, row)).collect())
    }

    fn said(&self, trees: &Trees, horizon: usize, row: usize) -> Said {
        let numbers = self.numbers[horizon][row * self.width..][..self.width].to_vec();
        let first = self.likeness.portraits()[row].traits.len();
        let from_others = self.horizons[horizon].ends.is_none();
        let process =
            if from_others { self.untamed.row(row).to_vec() } else { numbers[first..][..self.scores.ncols()].to_vec() };
        let truth = |k: usize| if self.known[[row, k]] { self.scores[[row, k]] } else { f32::NAN };
        let [hearing, deaf] = trees.predict(&numbers, &self.marks[row], &process);
        let distance = distance(numbers[first + self.scores.ncols()]);
        Said {
            row,
            distance,
            truth: (0..self.scores.ncols()).map(truth).collect(),
            voices: vec![process, hearing, deaf],
            numbers,
        }
    }
}

/// The fold of a model. Neighbours in time are in different ones.
fn fold_of(row: usize, folds: usize) -> usize {
    row.wrapping_mul(0x9e37_79b9) / 7 % folds
}

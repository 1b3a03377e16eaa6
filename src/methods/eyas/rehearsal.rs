//! Rehearsals: training models are forecast as if they were new, in the scenarios that users meet. What came of it calibrates
//! forecasts and intervals.

use super::calibration::{Inputs, inputs};
use super::features::Features;
use super::prior::Prior;
use super::scores::Scores;
use super::trees::{Input, Marks, Trees};
use super::work::Work;
use crate::error::Result;
use crate::linalg::sample;
use crate::methods::learners::factor_analysis::Factors;
use crate::methods::learners::gaussian_process::{Query, forecast};
use crate::methods::learners::normal::Normal;
use crate::methods::learners::score_table::Table;
use crate::methods::learners::stack::{Said, Stack};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// Days that a forecast looks ahead at most.
pub(super) const LOOK_AHEAD: f32 = 180.0;
/// Shares of the models after which later ones are forecast.
const CUTS: [f32; 4] = [0.7, 0.4, 0.55, 0.85];
/// Earlier models without which a time is not rehearsed.
const LEAST_EARLIER: usize = 15;
/// Models forecast of each scenario and time at most.
const MOST: usize = 150;
/// The same of new and of later models where there are many.
const MOST_NEW: usize = 300;
const MOST_LATER: usize = 400;

/// What is known when a model is forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scenario {
    /// All other models, earlier and later ones.
    Now,
    /// Earlier models alone.
    Later,
    /// All other models and some of its own scores.
    SomeKnown,
    /// All other models, its name and its place in the lineage, and instead of its factors those of its parent.
    FactsHidden { is_later: bool },
}

/// A training model's forecast from others, and what came of it; standardised.
pub(super) struct Trial {
    pub(super) row: usize,
    pub(super) scenario: Scenario,
    /// (n_outputs)
    pub(super) forecast: Vec<Normal>,
    /// NaN where the score is a gap or was known. (n_outputs)
    pub(super) truth: Vec<f32>,
    /// Of the expected size of its residuals.
    pub(super) inputs: Inputs,
    /// What trees see of it, where there are trees.
    pub(super) input: Option<Input>,
}

impl Trial {
    /// What the members of the ensemble say of it.
    fn said(&self, trees: &Trees) -> Option<Said> {
        let members = trees.members(&self.forecast, self.input.as_ref()?, Some(self.row));
        Some(Said { truth: self.truth.clone(), members })
    }

    /// Takes the mean of what they say instead of what the process says.
    fn stacked(&mut self, said: &Said, stack: &Stack) {
        for (k, normal) in self.forecast.iter_mut().enumerate() {
            normal.mean = stack.of(k, &said.members);
        }
    }
}

/// Learns the shares of the ensemble's members on these trials, which then have its forecasts.
pub(super) fn stack(trials: &mut [Trial], trees: &Trees) -> Stack {
    let said: Vec<Said> = trials.iter().filter_map(|trial| trial.said(trees)).collect();
    let stack = Stack::learn(&said);
    trials.iter_mut().zip(&said).for_each(|(trial, said)| trial.stacked(said, &stack));
    stack
}

/// All that is rehearsed with.
pub(super) struct Stage<'a> {
    pub(super) prior: &'a Prior,
    pub(super) table: &'a Table,
    /// How what is missed goes together.
    pub(super) residuals: &'a Factors,
    pub(super) work: Work,
    /// Where there are trees.
    pub(super) marks: Option<&'a Marks>,
    pub(super) seed: u64,
}

impl Stage<'_> {
    /// Each of some models from all others. leave_one_out: of all models, where they were found exactly.
    ///
    /// # Errors
    /// Of kind `Computation` if the covariances can't be factorised, as for all of these.
    pub(super) fn now(&self, leave_one_out: Option<&[Vec<Normal>]>) -> Result<Vec<Trial>> {
        match leave_one_out {
            Some(all) if self.marks.is_none() => {
                let trial = |(row, normals): (usize, &Vec<Normal>)| {
                    let features = &self.prior.models.features[row];
                    let likeness = self.prior.likeness(features);
                    let inputs = inputs((self.prior, self.table), features, (&likeness, &|other| other != row), 0)?;
                    let truth = self.table.scores.row(row).to_vec();
                    Ok(Trial { row, scenario: Scenario::Now, forecast: normals.clone(), truth, inputs, input: None })
                };
                all.iter().enumerate().map(trial).collect()
            }
            _ => {
                let from = |row: usize| {
                    let features = &self.prior.models.features[row];
                    self.from(row, features, Scenario::Now, &|other| other != row)
                };
                self.half_with_relatives(self.work.trials(MOST_NEW), self.seed ^ 1).into_iter().map(from).collect()
            }
        }
    }

    /// Some models, of which half have relatives, as far as there are such models: they are often asked about.
    fn half_with_relatives(&self, most: usize, seed: u64) -> Vec<usize> {
        let has_relatives = |row: &usize| self.prior.models.features[*row].ancestors.len() > 1;
        let all = sample(self.table.scores.nrows(), usize::MAX, seed);
        let (mut rows, mut rest): (Vec<usize>, Vec<usize>) = all.into_iter().partition(has_relatives);
        rows.truncate(most / 2);
        rest.truncate(most - rows.len());
        rows.append(&mut rest);
        rows
    }

    /// The days after which later models are forecast: at most `most`, fewer where there are few models before them.
    pub(super) fn cuts(&self, most: usize) -> Vec<f32> {
        let days: Vec<Option<f32>> = self.prior.models.features.iter().map(|features| features.day).collect();
        let dated: Vec<f32> = days.iter().flatten().copied().collect();
        let day = |share: f32| dated.get((dated.len() as f32 * share) as usize).copied();
        let has_enough =
            |cut: &f32| days.iter().filter(|day| day.is_none_or(|day| day < *cut)).count() >= LEAST_EARLIER;
        CUTS.into_iter().filter_map(day).filter(has_enough).take(most).collect()
    }

    /// Later models from those that were there before some days.
    pub(super) fn later(&self, cuts: &[f32]) -> Result<Vec<Trial>> {
        let days: Vec<Option<f32>> = self.prior.models.features.iter().map(|features| features.day).collect();
        let mut trials = Vec::new();
        for &cut in cuts {
            let earlier = |row: usize| self.prior.models.is_before(row, cut);
            let is_ahead = |row: &usize| days[*row].is_some_and(|day| day >= cut && day < cut + LOOK_AHEAD);
            let ahead: Vec<usize> = (0..days.len()).filter(is_ahead).collect();
            let most = self.work.trials(if self.marks.is_some() { MOST_LATER } else { MOST }).min(ahead.len());
            for at in sample(ahead.len(), most, self.seed ^ 2) {
                let features = &self.prior.models.features[ahead[at]];
                trials.push(self.from(ahead[at], features, Scenario::Later, &earlier)?);
            }
        }
        Ok(trials)
    }

    /// Some models of which some scores are known.
    pub(super) fn some_known(&self, scores: &Scores) -> Result<Vec<Trial>> {
        let mut rng = Pcg64Mcg::seed_from_u64(self.seed ^ 3);
        let mut trials = Vec::new();
        for row in sample(self.table.scores.nrows(), self.work.trials(MOST), self.seed ^ 4) {
            let mut tasks = self.table.known(row);
            if tasks.len() < 2 {
                continue;
            }
            tasks.shuffle(&mut rng);
            let share: f32 = rng.random();
            let known = 1 + ((tasks.len() - 1) as f32 * share) as usize;
            let hidden = tasks.split_off(known.min(tasks.len() - 1));
            let entries: Vec<(usize, f32)> = tasks.iter().map(|&k| (k, self.table.scores[[row, k]])).collect();
            let features = &self.prior.models.features[row];
            let likeness = self.prior.likeness(features);
            let inputs = inputs((self.prior, self.table), features, (&likeness, &|other| other != row), entries.len())?;
            let with = (&likeness.covariances[..], self.prior.variance(features));
            let (table, most) = (self.table, self.work.neighbours);
            let forecast = scores.forecast(
                (self.prior, self.residuals),
                with,
                &entries,
                table,
                (&|other| other != row, most),
                None,
            )?;
            let mut truth = vec![f32::NAN; self.table.scores.ncols()];
            hidden.iter().for_each(|&k| truth[k] = self.table.scores[[row, k]]);
            trials.push(Trial { row, scenario: Scenario::SomeKnown, forecast, truth, inputs, input: None });
        }
        Ok(trials)
    }

    /// Some models of which nothing is told but their names and places in the lineage, as far as that makes a difference.
    pub(super) fn facts_hidden(&self, without_factors: &dyn Fn(usize) -> Features) -> Result<Vec<Trial>> {
        let mut trials = Vec::new();
        for row in self.half_with_relatives(self.work.trials(MOST), self.seed ^ 5) {
            let features = without_factors(row);
            if features != self.prior.models.features[row] {
                trials
                    .push(self.from(row, &features, Scenario::FactsHidden { is_later: false }, &|other| other != row)?);
            }
        }
        Ok(trials)
    }

    fn from(
        &self,
        row: usize,
        features: &Features,
        scenario: Scenario,
        allowed: &dyn Fn(usize) -> bool,
    ) -> Result<Trial> {
        let likeness = self.prior.likeness(features);
        let variance = self.prior.variance(features);
        let query = Query { row: &likeness.covariances, variance, allowed, most: self.work.neighbours, tasks: None };
        let normals = forecast(self.prior, &query, self.table)?;
        let input =
            self.marks.map(|marks| marks.input(self.prior, features, &normals, (&likeness, allowed), self.table));
        let inputs = inputs((self.prior, self.table), features, (&likeness, allowed), 0)?;
        Ok(Trial { row, scenario, forecast: normals, truth: self.table.scores.row(row).to_vec(), inputs, input })
    }
}

#[cfg(test)]
mod tests {
    use super::super::features::Encoder;
    use super::super::models::Models;
    use super::super::{likelihood, outputs};
    use super::*;
    use crate::methods::data::{TrainingData, VisibleCells};
    use crate::snapshot::{Date, Snapshot};

    #[test]
    fn later_models_are_forecast_from_the_scores_of_earlier_ones_alone() -> Result<()> {
        let mut snapshot = Snapshot::synthetic_board(60, 3, 1.0, 1);
        for (at, model) in snapshot.models.iter_mut().enumerate() {
            model.date = Date::from_days(738_000 + 5 * at as i32);
        }
        let visible = VisibleCells::new(&snapshot, None)?;
        let data = TrainingData::new(&snapshot, &visible, 0);
        let encoder = Encoder::new(&data);
        let prior = Prior::new(Models::new(&data, &encoder), likelihood::start(&encoder));
        let table = outputs::outputs(&data, &prior.models.order, None)?.table;
        let residuals = Factors::default();
        let trials = |table: &Table| {
            let work = Work::of(&table.patterns);
            let stage = Stage { prior: &prior, table, residuals: &residuals, work, marks: None, seed: 0 };
            let cuts = stage.cuts(1);
            Ok((cuts[0], stage.later(&cuts)?))
        };
        let (cut, before) = trials(&table)?;
        let with = |is_changed: &dyn Fn(usize) -> bool| {
            let mut scores = table.scores.clone();
            (0..60).filter(|&row| is_changed(row)).for_each(|row| scores.row_mut(row).fill(5.0));
            trials(&Table::new(scores, vec![0.0; 3]))
        };
        let agree = |one: &[Trial], other: &[Trial]| {
            one.iter().zip(other).all(|(one, other)| one.row == other.row && one.forecast == other.forecast)
        };
        assert!(before.len() > 10 && before.iter().all(|trial| !prior.models.is_before(trial.row, cut)));
        assert!(agree(&before, &with(&|row| !prior.models.is_before(row, cut))?.1), "a later score counts");
        assert!(!agree(&before, &with(&|row| prior.models.is_before(row, cut))?.1), "no earlier score counts");
        Ok(())
    }
}

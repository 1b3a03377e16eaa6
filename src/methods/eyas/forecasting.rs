//! Forecasts of the default method.

use super::calibration::inputs;
use super::features::Features;
use super::outcomes::{self, Relatives};
use super::rehearsal::Scenario;
use super::seen::Seen;
use super::{Ensemble, Eyas};
use crate::error::Result;
use crate::linalg::{clamp, sort_by_value};
use crate::methods::data::{NewModel, Target, TrainingData, benchmarks, task_means};
use crate::methods::fitted::{Fitted, Forecast};
use crate::methods::learners::gaussian_process::{self, Query};
use crate::methods::learners::normal::Normal;
use crate::methods::lrmf::answers::Answers;
use crate::methods::lrmf::model::Lrmf;
use crate::methods::relatives;

/// Training models that are named as sources.
const SOURCES: usize = 8;
/// Share of completed features from which on a forecast is one with hidden facts.
const HIDDEN: f32 = 0.3;

/// A forecast of the outputs, standardised.
pub(super) struct Outlook {
    pub(super) normals: Vec<Normal>,
    /// Half widths of the intervals.
    pub(super) halves: Vec<f32>,
    covariances: Vec<f32>, // with the training models
}

impl Outlook {
    /// The mean of outlooks with their shares. As far as they differ, it is open.
    fn mean(mut outlooks: Vec<(f32, Self)>) -> Self {
        if let [_] = &outlooks[..] {
            return outlooks.remove(0).1;
        }
        let sum = |of: &dyn Fn(&Self) -> f32| outlooks.iter().map(|(share, outlook)| share * of(outlook)).sum::<f32>();
        let count = |of: fn(&Self) -> usize| outlooks.first().map_or(0, |(_, outlook)| of(outlook));
        let (mut normals, mut halves) = (Vec::new(), Vec::new());
        for k in 0..count(|outlook| outlook.normals.len()) {
            let mean = sum(&|outlook| outlook.normals[k].mean);
            let apart = |outlook: &Self| (outlook.normals[k].mean - mean).powi(2);
            let variance = sum(&|outlook| outlook.normals[k].variance + apart(outlook));
            normals.push(Normal { mean, variance, open: sum(&|outlook| outlook.normals[k].open) });
            halves.push(sum(&|outlook| outlook.halves[k].powi(2) + apart(outlook)).sqrt());
        }
        let covariances =
            (0..count(|outlook| outlook.covariances.len())).map(|at| sum(&|outlook| outlook.covariances[at]));
        Self { normals, halves, covariances: covariances.collect() }
    }
}

impl Eyas {
    /// The forecast of the outputs, or of those that are asked for: the mean of what is forecast of each view.
    pub(super) fn outlook(&self, seen: &Seen, asked: Option<&[usize]>) -> Result<Outlook> {
        let of_views = seen.views.iter().map(|(share, features)| Ok((*share, self.outlook_of(features, seen, asked)?)));
        Ok(Outlook::mean(of_views.collect::<Result<_>>()?))
    }

    fn outlook_of(&self, features: &Features, seen: &Seen, asked: Option<&[usize]>) -> Result<Outlook> {
        let Seen { known, itself, hidden, is_later, widening, .. } = seen;
        let scenario = match (known.is_empty() || self.scores.is_none(), *hidden > HIDDEN, is_later) {
            (false, ..) => Scenario::SomeKnown,
            (_, true, is_later) => Scenario::FactsHidden { is_later: *is_later },
            (.., true) => Scenario::Later,
            _ => Scenario::Now,
        };
        let likeness = self.prior.likeness(features);
        let row = &likeness.covariances;
        let variance = self.prior.variance(features);
        let allowed = |other: usize| Some(other) != *itself;
        let most = self.work.neighbours;
        // Trees see the forecasts of all outputs; where scores are known, only trees need these forecasts.
        let tasks = match (&self.ensemble, scenario) {
            (Some(_), _) => None,
            (None, Scenario::SomeKnown) => Some(&[][..]),
            (None, _) => asked,
        };
        let query = Query { row, variance, allowed: &allowed, most, tasks };
        let mut normals = gaussian_process::forecast(&self.prior, &query, &self.table)?;
        let mut corrections = vec![0.0; normals.len()];
        if let Some(Ensemble { marks, trees, stacks }) = &self.ensemble {
            let input = marks.input(&self.prior, features, &normals, (&likeness, &allowed), &self.table);
            let members = trees.members(&normals, &input, *itself);
            let stack = &stacks[usize::from(*is_later)];
            for (k, correction) in corrections.iter_mut().enumerate() {
                *correction = stack.of(k, &members) - normals[k].mean;
            }
        }
        if let (Some(scores), Scenario::SomeKnown) = (&self.scores, scenario) {
            let known: Vec<(usize, f32)> = known.iter().map(|&(k, y)| (k, self.scale.standardise(k, y))).collect();
            let given = scores.forecast(
                (&self.prior, &self.residuals),
                (row, variance),
                &known,
                &self.table,
                (&allowed, most),
                asked,
            )?;
            // What the trees add counts for as much as the known scores leave open.
            let open = given.iter().zip(&normals).map(|(given, normal)| (given.variance / normal.variance).min(1.0));
            corrections.iter_mut().zip(open).for_each(|(correction, open)| *correction *= open);
            normals = given;
        }
        normals.iter_mut().zip(corrections).for_each(|(normal, correction)| normal.mean += correction);
        let count = if scenario == Scenario::SomeKnown { known.len() } else { 0 };
        let inputs = inputs((&self.prior, &self.table), features, (&likeness, &allowed), count)?;
        let mut halves = self.calibration.apply(scenario, &inputs, &mut normals);
        halves.iter_mut().for_each(|half| *half *= widening);
        Ok(Outlook { normals, halves, covariances: likeness.covariances })
    }

    /// Results of the outputs with their intervals.
    fn results(&self, outlook: &Outlook) -> (Vec<f32>, Vec<(f32, f32)>) {
        let result = |k: usize, standardised: f32| self.scale.result(k, standardised);
        let with_halves = || outlook.normals.iter().zip(&outlook.halves).enumerate();
        let interval = |(k, (normal, half)): (usize, (&Normal, &f32))| {
            (result(k, normal.mean - half), result(k, normal.mean + half))
        };
        let means = with_halves().map(|(k, (normal, _))| result(k, normal.mean)).collect();
        (means, with_halves().map(interval).collect())
    }

    /// The training models that are most alike, with their shares.
    fn sources(&self, covariances: &[f32], itself: Option<usize>) -> Vec<(u32, f32)> {
        let order = &self.prior.models.order;
        let correlation = |(at, c): (usize, &f32)| (order[at], (c / self.prior.deviation_of(at)).powi(4));
        let others = covariances.iter().enumerate().filter(|&(at, c)| *c > 0.0 && Some(at) != itself);
        let mut alike: Vec<(u32, f32)> = others.map(correlation).collect();
        sort_by_value(&mut alike);
        alike.truncate(SOURCES);
        relatives::shares(alike)
    }

    /// The forecast of scores; those that are known stand as they are.
    pub(super) fn forecast_of_scores(
        &self,
        data: &TrainingData<'_>,
        seen: &Seen,
        asked: Option<&[usize]>,
    ) -> Result<Forecast> {
        let outlook = self.outlook(seen, asked)?;
        let (mut mean, mut intervals) = self.results(&outlook);
        for &(task, score) in &seen.known {
            mean[task] = score;
            intervals[task] = (score, score);
        }
        // An open-ended task may well go beyond the scores that are known of it.
        for (task, _) in data.tasks.iter().enumerate().filter(|(_, task)| task.range.is_some()) {
            mean[task] = clamp(mean[task], 0.0, 1.0);
            clip(&mut intervals[task]);
        }
        Ok(Forecast { mean, sources: self.sources(&outlook.covariances, seen.itself), intervals })
    }

    /// The forecast of outcomes: of a known model what the factorisation says, of a new one by its outputs and its answers.
    pub(super) fn forecast_of_outcomes(
        &self,
        factorisation: &Lrmf,
        data: &TrainingData<'_>,
        target: Target<'_>,
        seen: &Seen,
    ) -> Result<Forecast> {
        match target {
            _ if seen.known.is_empty() => self.unanswered(factorisation, data, target, seen),
            Target::Known(_) => factorisation.forecast(data, target),
            Target::New(new) => {
                let (first, answers) = self.answers(factorisation, data, new)?;
                Ok(answers.answered(first, &seen.known))
            }
        }
    }

    /// The forecast of outcomes of a model none of whose answers is known.
    fn unanswered(
        &self,
        factorisation: &Lrmf,
        data: &TrainingData<'_>,
        target: Target<'_>,
        seen: &Seen,
    ) -> Result<Forecast> {
        let outlook = self.outlook(seen, None)?;
        let (mut outputs, mut intervals) = self.results(&outlook);
        let first = factorisation.parameters().dim + 1;
        let (coordinates, means) = outputs.split_at_mut(first);
        let mut intervals = intervals.split_off(first);
        let relatives = Relatives::of(data, target);
        let theirs = relatives.means(&benchmarks(data.tasks), &task_means(data));
        for (k, theirs) in theirs.into_iter().enumerate().filter(|(_, theirs)| !theirs.is_nan()) {
            let share = self.relatives.as_ref().map_or(0.0, |stack| stack.shares[first + k][1]);
            let step = share * (theirs - means[k]);
            means[k] += step;
            intervals[k] = (intervals[k].0 + step, intervals[k].1 + step);
        }
        let mean = outcomes::items(factorisation, data, target, (coordinates, means), &relatives)?;
        intervals.iter_mut().for_each(clip);
        Ok(Forecast { mean, sources: self.sources(&outlook.covariances, seen.itself), intervals })
    }

    /// Of outcomes: the forecast of a model before any of its answers is known, and what they then say.
    pub(super) fn answers(
        &self,
        factorisation: &Lrmf,
        data: &TrainingData<'_>,
        new: &NewModel,
    ) -> Result<(Forecast, Answers)> {
        let unasked = NewModel { scores: Vec::new(), ..new.clone() };
        let target = Target::New(&unasked);
        let seen = self.seen(data, target);
        let first = self.unanswered(factorisation, data, target, &seen)?;
        let mut covariance = self.residuals.covariance();
        let deviations = self.deviations(&self.outlook(&seen, None)?);
        for ((a, b), covariance) in covariance.indexed_iter_mut() {
            *covariance *= deviations[a] * deviations[b] * self.scale.spread[a] * self.scale.spread[b];
        }
        let mut answers = Answers::new(factorisation, data.tasks, &covariance, &first.mean);
        new.distinct_scores().into_iter().for_each(|(task, answer)| answers.take(task, answer));
        Ok((first, answers))
    }
}

fn clip((low, high): &mut (f32, f32)) {
    (*low, *high) = (clamp(*low, 0.0, 1.0), clamp(*high, 0.0, 1.0));
}

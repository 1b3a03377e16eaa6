//! Forecasts of the default method.

use super::complete::complete;
use super::features::Features;
use super::intervals::inputs;
use super::outcomes::{self, Relatives};
use super::rehearsal::{LOOK_AHEAD, Scenario};
use super::{Ensemble, Eyas};
use crate::error::Result;
use crate::linalg::{clamp, sort_by_value};
use crate::methods::data::{NewModel, Target, TrainingData, benchmarks, task_means};
use crate::methods::fitted::{Fitted, Forecast};
use crate::methods::inheritance::Inheritance;
use crate::methods::learners::gaussian_process::{self, Query};
use crate::methods::learners::normal::Normal;
use crate::methods::lrmf::answers::Answers;
use crate::methods::lrmf::model::Lrmf;
use crate::methods::relatives;
use crate::snapshot::{Date, Factors, Model, ModelIndex};

/// Training models that are named as sources.
const SOURCES: usize = 8;
/// Days after its parent that a model without a date is assumed to be made: the median of the Open LLM Leaderboard v2.
const AFTER_PARENT: i32 = 32;
/// Share of completed features from which on a forecast is one with hidden facts.
const HIDDEN: f32 = 0.3;
/// By how much the intervals of merges that drop weights at random are wider. A judgement: leaderboards don't tell which
/// merges are.
const RANDOM_DROPPING: f32 = 1.2;

/// What there is to see of a model.
pub(super) struct Seen {
    pub(super) features: Features,
    /// Known scores, 0..1 of their task's range.
    pub(super) known: Vec<(usize, f32)>,
    /// Its place among the training models.
    pub(super) itself: Option<usize>,
    hidden: f32, // share of features that are not stated and were completed
    is_later: bool,
    widening: f32,
}

/// A forecast of the outputs, standardised.
pub(super) struct Outlook {
    pub(super) normals: Vec<Normal>,
    /// Half widths of the intervals.
    pub(super) halves: Vec<f32>,
    covariances: Vec<f32>, // with the training models
}

impl Eyas {
    /// What there is to see of a model; a training model is seen as from all others.
    pub(super) fn seen(&self, data: &TrainingData<'_>, target: Target<'_>) -> Seen {
        let (features, known, itself, stated) = match target {
            Target::Known(ModelIndex(model)) => {
                let mut known = Vec::new();
                data.cells.for_row(model as usize, |task, value| known.push((task, value)));
                let itself = self.prior.models.order.iter().position(|&other| other == model);
                let mut features = self.encoder.known(data, model as usize);
                let stated = features.n_known();
                if itself.is_none() {
                    complete(&mut features, &self.encoder, &self.prior.models, None);
                }
                (features, known, itself, stated)
            }
            Target::New(new) => {
                let (features, stated) = self.new_features(data, new, None);
                (features, new.distinct_scores(), None, stated)
            }
        };
        let n_features = (features.numbers.len() + features.categories.len()).max(1);
        let hidden = features.n_known().saturating_sub(stated) as f32 / n_features as f32;
        let is_later = features.day.zip(self.last_day).is_some_and(|(day, last)| day > last);
        let drops = target.facts(data).random_dropping == Some(true);
        Seen { features, known, itself, hidden, is_later, widening: if drops { RANDOM_DROPPING } else { 1.0 } }
    }

    /// What there is to see of a training model's place in the lineage and its name, if none of its factors were stated.
    pub(super) fn without_factors(&self, data: &TrainingData<'_>, row: usize) -> Features {
        let mut new = NewModel::of(data.models, data.lineage, self.prior.models.order[row]);
        new.factors.clear();
        self.new_features(data, &new, Some(row)).0
    }

    /// The features of a new model, completed by those of its main parent, the one with the greatest weight, and by training
    /// models other than `itself`, and how many of them are stated. Without a date it is a month younger than that parent,
    /// or from the day after the last one that there is.
    fn new_features(&self, data: &TrainingData<'_>, new: &NewModel, itself: Option<usize>) -> (Features, usize) {
        let parents = relatives::known_parents(data.lineage, new);
        let n_models = data.models.len();
        let main = |nodes: u32| {
            let candidates = parents.iter().filter(|parent| parent.0 < nodes);
            candidates.reduce(|best, other| if other.1 > best.1 { other } else { best }).map(|parent| parent.0)
        };
        let is_of_the_data = new.node.is_some_and(|node| (node as usize) < n_models);
        let after = |days: f32| self.last_day.and_then(|last| Date::from_days((last + days) as i32));
        let parent = main(n_models as u32).map(|node| &data.models[node as usize]);
        let date = match new.date {
            None if !is_of_the_data => {
                let with_lag = parent.and_then(|parent| Date::from_days(parent.date?.days() + AFTER_PARENT));
                with_lag.or(after(1.0))
            }
            None => None,
            Some(date) => after(LOOK_AHEAD).map_or(Some(date), |last| Some(date.min(last))),
        };
        let has_type = data.models.iter().any(|model| model.factors.contains_key("type"));
        let id = new.name.clone().unwrap_or_default();
        let inheritance = self.inheritance.get_or_init(|| Inheritance::new(data));
        let encode = |factors: Factors| {
            let model = Model { id: id.clone(), date, factors, ..Model::default() };
            self.encoder.encode(&model, data.lineage, new.node, &parents)
        };
        let stated = encode(new.factors.clone()).n_known();
        let mut features = encode(inheritance.complete(new, parent, has_type));
        if features.names.is_empty()
            && let Some(parent) = main(u32::MAX)
        {
            features.names = self.encoder.names_of(data.lineage.id(parent));
        }
        complete(&mut features, &self.encoder, &self.prior.models, itself);
        (features, stated)
    }

    /// The forecast of the outputs, or of those that are asked for.
    pub(super) fn outlook(&self, seen: &Seen, asked: Option<&[usize]>) -> Result<Outlook> {
        let Seen { features, known, itself, hidden, is_later, widening } = seen;
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
        let mut halves = self.intervals.half_widths(scenario, &inputs, &normals);
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

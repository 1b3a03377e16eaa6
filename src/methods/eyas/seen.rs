//! What there is to see of a model that is asked for: its features, completed by its relatives and by models like it, and the
//! scores that are known. A merge is seen as taking after each of its parents, with that parent's share.

use super::Eyas;
use super::complete::complete;
use super::features::{Features, Source};
use super::rehearsal::LOOK_AHEAD;
use crate::linalg::print_number;
use crate::methods::data::{NewModel, Target, TrainingData};
use crate::methods::inheritance::Inheritance;
use crate::methods::learners::score_table::Pattern;
use crate::methods::relatives;
use crate::snapshot::{Date, Factors, Model, ModelIndex};

/// Days after its parent that a model without a date is assumed to be made: the median of the Open LLM Leaderboard v2.
const AFTER_PARENT: i32 = 32;
/// By how much the intervals of merges that drop weights at random are wider. A judgement: leaderboards don't tell which
/// merges are.
const RANDOM_DROPPING: f32 = 1.2;

/// A model of less than this share of the parameters of another is far smaller.
const FAR_SMALLER: f64 = 0.25;

/// What there is to see of a model.
pub(super) struct Seen {
    /// With shares: of a merge, what it is if it takes after one of its parents.
    pub(super) views: Vec<(f32, Features)>,
    /// Known scores, 0..1 of their task's range.
    pub(super) known: Vec<(usize, f32)>,
    /// Its place among the training models.
    pub(super) itself: Option<usize>,
    pub(super) hidden: f32, // share of features that are not stated and were completed
    pub(super) is_later: bool,
    pub(super) widening: f32,
}

impl Eyas {
    /// What there is to see of a model; a training model is seen as from all others.
    pub(super) fn seen(&self, data: &TrainingData<'_>, target: Target<'_>) -> Seen {
        let (views, known, itself, stated) = match target {
            Target::Known(ModelIndex(model)) => {
                let mut known = Vec::new();
                data.cells.for_row(model as usize, |task, value| known.push((task, value)));
                let itself = self.prior.models.order.iter().position(|&other| other == model);
                let mut features = self.encoder.known(data, model as usize);
                let stated = features.n_known();
                if itself.is_none() {
                    complete(&mut features, &self.encoder, &self.prior.models, None);
                }
                (vec![(1.0, features)], known, itself, stated)
            }
            Target::New(new) => {
                let (views, stated) = self.new_features(data, new, None);
                (views, new.distinct_scores(), None, stated)
            }
        };
        let completed = |features: &Features| {
            let n_features = (features.numbers.len() + features.categories.len()).max(1);
            features.n_known().saturating_sub(stated) as f32 / n_features as f32
        };
        let hidden = views.iter().map(|(share, features)| share * completed(features)).sum();
        let day = views.iter().find_map(|(_, features)| features.day);
        let is_later = day.zip(self.last_day).is_some_and(|(day, last)| day > last);
        let drops = target.facts(data).random_dropping == Some(true);
        Seen { views, known, itself, hidden, is_later, widening: if drops { RANDOM_DROPPING } else { 1.0 } }
    }

    /// What is said of tasks that only models far larger than one of this size, in billions of parameters, have a result of.
    pub(super) fn far_smaller(&self, size: Option<f64>) -> Vec<(usize, String)> {
        let at = self.encoder.numbers.iter().position(|number| number.source == Source::Params);
        let (Some(size), Some(at)) = (size, at) else { return Vec::new() };
        let sizes: Vec<f32> = self.prior.models.features.iter().map(|features| features.numbers[at]).collect();
        let mut remarks = Vec::new();
        for Pattern { rows, tasks } in &self.table.patterns {
            let smallest = rows.iter().map(|&row| sizes[row as usize]).fold(f32::NAN, f32::min);
            let smallest = self.encoder.numbers[at].amount(smallest);
            if size < FAR_SMALLER * smallest {
                let step = if smallest < 10.0 { 10.0 } else { 1.0 };
                let smallest = print_number((smallest * step).round() / step);
                let remark = format!(
                    "far smaller than all models of known size with a result here (the smallest has {smallest}B)"
                );
                remarks.extend(tasks.iter().map(|&task| (task, remark.clone())));
            }
        }
        remarks
    }

    /// What there is to see of a training model's place in the lineage and its name, if none of its factors were stated.
    pub(super) fn without_factors(&self, data: &TrainingData<'_>, row: usize) -> Features {
        let mut new = NewModel::of(data.models, data.lineage, self.prior.models.order[row]);
        new.factors.clear();
        let main = |best: (f32, Features), other: (f32, Features)| if other.0 > best.0 { other } else { best };
        self.new_features(data, &new, Some(row)).0.into_iter().reduce(main).unwrap_or_default().1
    }

    /// The features of a new model, completed by those of a parent, with each parent's share in its weights, and by training models
    /// other than `itself`; and how many of them are stated. Without a date it is a month younger than its last parent, or from
    /// the day after the last one that there is.
    fn new_features(
        &self,
        data: &TrainingData<'_>,
        new: &NewModel,
        itself: Option<usize>,
    ) -> (Vec<(f32, Features)>, usize) {
        let parents = relatives::known_parents(data.lineage, new);
        let n_models = data.models.len();
        let is_of_the_data = new.node.is_some_and(|node| (node as usize) < n_models);
        let after = |days: f32| self.last_day.and_then(|last| Date::from_days((last + days) as i32));
        let with_facts: Vec<(u32, f32)> =
            parents.iter().filter(|&&(node, _)| (node as usize) < n_models).copied().collect();
        let last = with_facts.iter().filter_map(|&(node, _)| data.models[node as usize].date).max();
        let date = match new.date {
            None if !is_of_the_data => {
                let with_lag = last.and_then(|last| Date::from_days(last.days() + AFTER_PARENT));
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
        let after_parent = |parent: Option<u32>| {
            let facts = parent.filter(|&node| (node as usize) < n_models).map(|node| &data.models[node as usize]);
            let mut features = encode(inheritance.complete(new, facts, has_type));
            if let Some(parent) = parent.filter(|_| features.names.is_empty()) {
                features.names = self.encoder.names_of(data.lineage.id(parent));
            }
            complete(&mut features, &self.encoder, &self.prior.models, itself);
            features
        };
        let taken_after = if with_facts.is_empty() { &parents } else { &with_facts };
        let total: f32 = taken_after.iter().map(|parent| parent.1).sum();
        let mut views: Vec<(f32, Features)> = Vec::new();
        for &(node, weight) in taken_after.iter().filter(|_| total > 0.0) {
            let features = after_parent(Some(node));
            match views.iter_mut().find(|view| view.1 == features) {
                Some(view) => view.0 += weight / total,
                None => views.push((weight / total, features)),
            }
        }
        if views.is_empty() {
            views.push((1.0, after_parent(None)));
        }
        (views, stated)
    }
}

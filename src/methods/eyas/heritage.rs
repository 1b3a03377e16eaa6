//! What the relatives of a model say of its scores: the mean of its parents and siblings, towards which its forecast is
//! moved by a share of the way. To the process they are some of many models that are more or less alike; on what lies
//! ahead, and where little but the lineage is known of a model, they are worth more than that.

use super::blend::Blend;
use super::intervals::Outcome;
use super::outputs::Link;
use super::scale::Scale;
use crate::methods::data::{Target, TrainingData};
use crate::methods::relatives;
use crate::snapshot::ModelIndex;

/// Shares of the forecast without them and of the relatives in what lies ahead, where nothing else is known of them.
const USUAL_SHARES: [f32; 2] = [0.75, 0.25];

/// Shares of the relatives in forecasts of models of the training models' time, and of later ones.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Heritage {
    pub(super) blends: [Blend; 2],
}

/// How scores are made into outputs.
pub(super) type Units<'a> = (&'a Scale, &'a [Link]);

impl Heritage {
    /// The shares that would have served these forecasts best, which are then moved by them. order: (n_training), by date;
    /// later: for each of some times, what came after it.
    pub(super) fn learn(
        data: &TrainingData<'_>,
        order: &[u32],
        units: Units<'_>,
        others: &mut [Outcome],
        later: &mut [Vec<Outcome>],
    ) -> Self {
        let mut places = vec![usize::MAX; data.models.len()];
        order.iter().enumerate().for_each(|(place, &model)| places[model as usize] = place);
        let listen = |outcomes: &[Outcome], end: usize| -> Vec<Vec<f32>> {
            let earlier = |node: u32| places.get(node as usize).is_some_and(|&place| place < end);
            let target = |outcome: &Outcome| Target::Known(ModelIndex(order[outcome.row]));
            outcomes.iter().map(|outcome| said(data, target(outcome), units, &earlier)).collect()
        };
        let now = listen(others, order.len());
        let ahead = |time: &Vec<Outcome>| time.first().map_or_else(Vec::new, |first| listen(time, first.row));
        let ahead: Vec<Vec<f32>> = later.iter().flat_map(ahead).collect();
        let of_now = learn(others.iter(), &now);
        let later: Vec<&mut Outcome> = later.iter_mut().flatten().collect();
        let of_later = match later.is_empty() {
            true => of_now.clone(),
            false => learn(later.iter().map(|outcome| &**outcome), &ahead).towards(&USUAL_SHARES),
        };
        others.iter_mut().zip(&now).for_each(|(outcome, said)| outcome.lean(&of_now, said));
        later.into_iter().zip(&ahead).for_each(|(outcome, said)| outcome.lean(&of_later, said));
        Self { blends: [of_now, of_later] }
    }

    /// The same with what relatives say of the outputs of outcomes, whatever the time: (n_training, n_outputs). Shares are
    /// found on the first outcomes, one of each training model.
    pub(super) fn of_all_times(said: &[Vec<f32>], others: &mut [Outcome], later: &mut [Vec<Outcome>]) -> Self {
        let of = |outcome: &Outcome| outcome.beside(&said[outcome.row]);
        let blend = Blend::learn(&others.iter().map(of).collect::<Vec<_>>());
        let all = others.iter_mut().chain(later.iter_mut().flatten());
        all.for_each(|outcome| outcome.lean(&blend, &said[outcome.row]));
        Self { blends: [blend.clone(), blend] }
    }

    /// Moves the outputs of a model towards what its relatives have.
    pub(super) fn lean(
        &self,
        outputs: &mut [f32],
        data: &TrainingData<'_>,
        target: Target<'_>,
        units: Units<'_>,
        is_later: bool,
    ) {
        let shares = &self.blends[usize::from(is_later)].shares;
        let said = said(data, target, units, &|_| true);
        for (k, said) in said.into_iter().enumerate() {
            if !said.is_nan() {
                outputs[k] += shares[k][1] * (said - outputs[k]);
            }
        }
    }
}

/// The shares of forecasts and of what relatives say beside them. said: (n_outcomes, n_outputs)
fn learn<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>, said: &[Vec<f32>]) -> Blend {
    Blend::learn(&outcomes.into_iter().zip(said).map(|(outcome, said)| outcome.beside(said)).collect::<Vec<_>>())
}

/// The standardised means of those relatives that count, NaN where none of them has a score. (n_outputs)
fn said(
    data: &TrainingData<'_>,
    target: Target<'_>,
    (scale, links): Units<'_>,
    counts: &dyn Fn(u32) -> bool,
) -> Vec<f32> {
    let mut kin = relatives::parents_and_siblings(data.lineage, target);
    kin.retain(|&(node, _)| counts(node));
    let mut said = relatives::mean_of(data, &kin, &vec![f32::NAN; links.len()]).mean;
    for (k, mean) in said.iter_mut().enumerate() {
        *mean = (links[k].of(*mean) - scale.centre[k]) / scale.spread[k];
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::SparseMatrix;
    use crate::lineage::{Lineage, NamedEdge, Parent, Relation};
    use crate::methods::data::VisibleCells;
    use crate::snapshot::{DataSource, Details, Model, Range, Results, Snapshot, Task};

    #[test]
    fn a_forecast_moves_by_a_share_of_the_way_to_measured_relatives_and_else_stays() {
        let names = ["base", "tuned", "sibling", "stranger"].map(str::to_owned);
        let child = |child: &str| NamedEdge { child: child.into(), parent: Parent::new("base", Relation::Finetune) };
        let snapshot = Snapshot {
            models: names.iter().map(|id| Model { id: id.clone(), ..Model::default() }).collect(),
            tasks: vec![Task::score("x", Some(Range::PERCENT)), Task::score("y", Some(Range::PERCENT))],
            lineage: Lineage::new(names, vec![child("tuned"), child("sibling")]).0,
            results: Results::Scores(SparseMatrix::from_entries(4, 2, vec![(0, 0, 80.0), (2, 0, 60.0), (3, 1, 10.0)])),
            sources: vec![DataSource::new("made up", "none needed")],
            details: Details::default(),
        };
        let visible = VisibleCells::new(&snapshot, None).unwrap();
        let Snapshot { models, tasks, lineage, .. } = &snapshot;
        let data = TrainingData { models, tasks, lineage, cells: &visible.cells, seed: 0 };
        let scale = Scale { centre: vec![0.5; 2], spread: vec![0.1; 2], doubt: vec![0.0; 2] };
        let blend = |share: f32| Blend { shares: vec![vec![1.0 - share, share]; 2] };
        let heritage = Heritage { blends: [blend(0.5), blend(0.25)] };
        let links = [Link::Identity; 2];
        let leaned = |model: u32, is_later: bool| {
            let mut outputs = [0.0; 2];
            heritage.lean(&mut outputs, &data, Target::Known(ModelIndex(model)), (&scale, &links), is_later);
            outputs.map(|output| (output * 1e4).round() / 1e4)
        };
        // Base and sibling have a mean of 70 % on x: two spreads above the centre. On y neither has a score.
        assert_eq!((leaned(1, false), leaned(1, true)), ([1.0, 0.0], [0.5, 0.0]));
        assert_eq!(leaned(3, false), [0.0, 0.0], "it has no relatives");
        let target = Target::Known(ModelIndex(1));
        assert!(said(&data, target, (&scale, &links), &|node| node > 2)[0].is_nan(), "who does not count says nothing");
    }
}

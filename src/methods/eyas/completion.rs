//! What is not told of a model, from the models whose names and kin are most like its own: `Qwen2.5-14B-…` has the
//! architecture and the very size of the others of that name.

use super::covariance::Likeness;
use super::portrait::{Gallery, NAMED_SIZE, Portrait, SIZE};
use std::ops::Range;

/// What shared kin counts for beside a shared name.
const KIN: f32 = 1.5;
/// What the same organisation adds.
const ORGANISATION: f32 = 0.05;
/// By how much, in log10, two sizes differ that are no longer about the same.
const APART: f32 = 0.05;
/// Models less alike than this have no vote on architecture and size.
const LEAST: f32 = 0.1;
/// By how much the intervals of a model of unknown size are wider where no vote is for the architecture that was taken, or
/// none for the size. Where the size is told, what is said of the architecture can be trusted.
const WIDER: [f32; 2] = [0.8, 0.3];
/// By how much they are wider for each of the [`FLAGS`] that is taken from others.
const WIDER_BY_FLAG: f32 = 0.01;
/// Facts of which each is completed by the mean of the like ones, by their place among the numbers: chat template, merged,
/// mixture of experts, types, precision and adapter.
const FLAGS: Range<usize> = 4..14;

impl Gallery {
    /// Fills in what is not told of a model that is to be forecast, as far as like ones tell it. Training models stay as
    /// they are told: what is guessed of a few of them would be taken for as certain as their scores.
    pub(super) fn complete(&self, portrait: &mut Portrait, likeness: &Likeness) {
        let told = &portrait.told;
        let is_vague = portrait.size_within.is_some();
        let all_told =
            portrait.architecture != 0 && !told[SIZE].is_nan() && !told[FLAGS].iter().any(|fact| fact.is_nan());
        if all_told && !is_vague {
            return;
        }
        let alike = Alike::to(portrait, likeness);
        let mut doubt = 0.0;
        if let Some(size) = portrait.size_within.and_then(|within| alike.size_within(within, portrait.told[SIZE])) {
            portrait.told[SIZE] = size;
        }
        if portrait.architecture == 0
            && let Some((architecture, share)) = alike.architecture()
        {
            portrait.architecture = architecture;
            doubt = 1.0 - share;
        }
        if portrait.told[SIZE].is_nan()
            && let Some((size, share)) = alike.size(portrait.architecture)
        {
            portrait.told[SIZE] = size;
            portrait.widening *= (1.0 + WIDER[0] * doubt) * (1.0 + WIDER[1] * (1.0 - share));
        }
        for fact in FLAGS {
            if portrait.told[fact].is_nan() {
                portrait.told[fact] = alike.mean(fact);
                portrait.widening += if portrait.told[fact].is_nan() { 0.0 } else { WIDER_BY_FLAG };
            }
        }
        self.fill(portrait);
    }
}

/// Training models with their votes on what a model is.
struct Alike<'a> {
    others: &'a [Portrait],
    weights: Vec<f32>,  // (n_training)
    agreeing: Vec<f32>, // (n_training), none of unlike ones, less where the stated sizes differ
}

impl<'a> Alike<'a> {
    fn to(portrait: &Portrait, likeness: &'a Likeness) -> Self {
        let (mut weights, kin) = likeness.names_and_kin(portrait);
        let others = likeness.portraits();
        let mut agreeing = vec![0.0; others.len()];
        for (at, other) in others.iter().enumerate() {
            let same = f32::from(u8::from(other.organisation == portrait.organisation));
            let alike = weights[at].max(KIN * kin[at]) + ORGANISATION * same;
            weights[at] = alike * alike;
            if alike >= LEAST {
                let apart = (stated_size(other) - stated_size(portrait)) / APART;
                agreeing[at] = weights[at] * if apart.is_nan() { 1.0 } else { (-0.5 * apart * apart).exp() };
            }
        }
        Self { others, weights, agreeing }
    }

    /// The architecture with the most votes, and their share. Models without one vote for none, which may win.
    fn architecture(&self) -> Option<(u32, f32)> {
        self.most(&|other| Some(other.architecture)).filter(|&(architecture, _)| architecture != 0)
    }

    /// log10 of the size with the most votes among models of an architecture, and their share. Models without a size vote for
    /// none, which may win: the size of a model whose maker publishes none is unknown, not that of somebody else's.
    fn size(&self, architecture: u32) -> Option<(f32, f32)> {
        let same = |other: &Portrait| other.architecture == architecture;
        let (size, share) = self.most(&|other| same(other).then(|| other.told[SIZE].to_bits()))?;
        Some((f32::from_bits(size), share)).filter(|(size, _)| !size.is_nan())
    }

    /// log10 of the size that a rounded one stands for: the one between these ends that has the most votes of similar models,
    /// else the most models, else none. `typed` wins ties of those that are as frequent.
    fn size_within(&self, (low, high): (f32, f32), typed: f32) -> Option<f32> {
        let within = |other: &Portrait| low < other.told[SIZE] && other.told[SIZE] < high;
        if let Some((size, _)) = self.most(&|other| within(other).then(|| other.told[SIZE].to_bits())) {
            return Some(f32::from_bits(size));
        }
        let sizes = || self.others.iter().filter(|other| within(other)).map(|other| other.told[SIZE]);
        let count = |size: f32| sizes().filter(|&other| other == size).count();
        let better = |best: f32, size: f32| match count(size).cmp(&count(best)) {
            std::cmp::Ordering::Greater => size,
            std::cmp::Ordering::Equal if (size - typed).abs() < (best - typed).abs() => size,
            _ => best,
        };
        sizes().reduce(better)
    }

    /// What most of those vote for that say anything, and their share.
    fn most(&self, says: &dyn Fn(&Portrait) -> Option<u32>) -> Option<(u32, f32)> {
        let mut sums: Vec<(u32, f32)> = Vec::new();
        let mut total = 0.0;
        for (other, &vote) in self.others.iter().zip(&self.agreeing) {
            let Some(what) = says(other).filter(|_| vote > 0.0) else { continue };
            total += vote;
            match sums.iter_mut().find(|sum| sum.0 == what) {
                Some(sum) => sum.1 += vote,
                None => sums.push((what, vote)),
            }
        }
        let (what, sum) = sums.into_iter().reduce(|most, sum| if sum.1 > most.1 { sum } else { most })?;
        Some((what, sum / total))
    }

    /// The mean of a fact; NaN where most similar models, by weight, don't state it either.
    fn mean(&self, fact: usize) -> f32 {
        let (mut sum, mut total, mut unstated) = (0.0, 0.0, 0.0);
        for (other, weight) in self.others.iter().zip(&self.weights) {
            if other.told[fact].is_nan() {
                unstated += weight;
            } else {
                sum += weight * other.told[fact];
                total += weight;
            }
        }
        if unstated > total { f32::NAN } else { sum / total }
    }
}

/// log10 of the size that its name states, or else of its size.
fn stated_size(portrait: &Portrait) -> f32 {
    let [size, named] = [portrait.told[SIZE], portrait.told[NAMED_SIZE]];
    if named.is_nan() { size } else { named }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::SparseMatrix;
    use crate::lineage::Lineage;
    use crate::methods::data::{NewModel, TrainingData, VisibleCells};
    use crate::snapshot::{DataSource, Details, Factor, Factors, Model, Range, Results, Snapshot, Task};

    /// Six models each of two kinds, whose names tell them apart.
    /// The first has a size and a chat template that it states, the second has none where `hidden` says so.
    fn kinds(hidden: bool) -> Snapshot {
        let mut models = Vec::new();
        for (name, architecture, params, chat) in [("Alpha-7B", "A", 7.6, true), ("Beta-70B", "B", 70.6, false)] {
            models.extend((0..6).map(|at| Model {
                id: format!("lab{at}/{name}-v{at}"),
                factors: match hidden && !chat {
                    true => Factors::new(),
                    false => Factors::from([
                        ("architecture".into(), Factor::Text(architecture.into())),
                        ("params".into(), Factor::Number(params)),
                        ("chat_template".into(), Factor::Flag(chat)),
                    ]),
                },
                ..Model::default()
            }));
        }
        let lineage = Lineage::new(models.iter().map(|model| model.id.clone()), Vec::new()).0;
        let cells = (0..12).map(|model| (model, 0, 50.0)).collect();
        Snapshot {
            models,
            lineage,
            tasks: vec![Task::score("x", Some(Range::PERCENT))],
            results: Results::Scores(SparseMatrix::from_entries(12, 1, cells)),
            sources: vec![DataSource::new("made up", "none needed")],
            details: Details::default(),
        }
    }

    /// The portrait of a new model as told, and completed, and those of the training models.
    fn portraits(name: &str, factors: Factors) -> (Portrait, Portrait, Vec<Portrait>) {
        portraits_among(&kinds(false), name, factors)
    }

    fn portraits_among(snapshot: &Snapshot, name: &str, factors: Factors) -> (Portrait, Portrait, Vec<Portrait>) {
        let visible = VisibleCells::new(snapshot, None).unwrap();
        let Snapshot { models, tasks, lineage, .. } = snapshot;
        let data = TrainingData { models, tasks, lineage, cells: &visible.cells, seed: 0 };
        let gallery = Gallery::new(&data);
        let known: Vec<Portrait> = (0..12).map(|at| gallery.known(&data, at)).collect();
        let likeness = Likeness::new(known.clone());
        let told = gallery.new_model(&data, &NewModel { name: Some(name.into()), factors, ..NewModel::default() });
        let mut completed = told.clone();
        gallery.complete(&mut completed, &likeness);
        (told, completed, known)
    }

    #[test]
    fn a_name_alone_brings_architecture_and_exact_size_and_makes_less_sure() {
        let (told, completed, known) = portraits("me/Alpha-7B-mine", Factors::new());
        assert_eq!((told.architecture, completed.architecture), (0, known[0].architecture));
        assert_eq!(completed.numbers[SIZE], known[0].numbers[SIZE], "7.6, not the 7 of the name");
        assert_eq!(completed.traits[0], known[0].traits[0]);
        assert!(completed.numbers[4] > 0.9 && completed.traits[6] > 0.9, "most that are alike have a chat template");
        assert!(told.widening == 1.0 && (1.0..1.2).contains(&completed.widening), "{}", completed.widening);
        assert!(completed.widening > 1.0);
    }

    #[test]
    fn what_is_told_stays_and_what_nobody_tells_stays_open() {
        let mine = Factors::from([
            ("architecture".into(), Factor::Text("unknown".into())),
            ("params".into(), Factor::Number(9.0)),
        ]);
        let (told, completed, known) = portraits("me/Alpha-7B-mine", mine);
        assert_eq!(completed.numbers[SIZE], told.numbers[SIZE]);
        assert_eq!(completed.architecture, known[0].architecture, "a table's word for unknown is none");
        assert!(completed.told[12].is_nan(), "no model tells its precision");
        let (_, stranger, _) = portraits("me/Quux", Factors::new());
        assert!(stranger.architecture == 0 && stranger.told[SIZE].is_nan(), "nothing is like it");
    }

    #[test]
    fn what_similar_models_do_not_state_stays_unknown() {
        let (told, completed, _) = portraits_among(&kinds(true), "lab1/Beta-70B-v9", Factors::new());
        assert!(completed.architecture == 0 && completed.told[SIZE].is_nan() && completed.told[4].is_nan());
        assert_eq!(completed.numbers, told.numbers);
        let (_, completed, known) = portraits_among(&kinds(true), "lab1/Alpha-7B-v9", Factors::new());
        assert_eq!((completed.architecture, completed.told[SIZE]), (known[0].architecture, known[0].told[SIZE]));
    }

    #[test]
    fn a_rounded_size_stands_for_the_exact_one_of_similar_models() {
        let size = |typed: f64, name: &str| {
            let factors = Factors::from([("params".into(), Factor::Number(typed))]);
            portraits(name, factors).1.told[SIZE]
        };
        let close = |log: f32, billions: f32| (log - billions.log10()).abs() < 1e-6;
        assert!(close(size(7.0, "me/Alpha-7B-mine"), 7.6) && close(size(7.0, ""), 7.6), "7 is between 6 and 8");
        assert!(close(size(7.5, ""), 7.5), "7.5 is between 7.4 and 7.6, neither of which it is");
        assert!(close(size(71.0, ""), 70.6) && close(size(70.0, ""), 70.6) && close(size(69.0, ""), 69.0));
    }
}

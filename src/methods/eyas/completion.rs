//! What is not told of a model, from the models whose names and kin are most like its own: `Qwen2.5-14B-…` has the
//! architecture and the very size of the others of that name.

use super::covariance::Likeness;
use super::portrait::{Gallery, NAMED_SIZE, Portrait, SIZE};
use crate::linalg::sort_by_value;
use std::collections::BTreeMap;
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
    /// Completes models of the training data from the others among them.
    pub(super) fn complete_all(&self, likeness: Likeness) -> Likeness {
        let mut portraits = likeness.portraits().to_vec();
        portraits.iter_mut().for_each(|portrait| self.complete(portrait, &likeness));
        Likeness::new(portraits)
    }

    /// Fills in what is not told of a model, as far as like ones tell it.
    pub(super) fn complete(&self, portrait: &mut Portrait, likeness: &Likeness) {
        let flags: Vec<usize> = FLAGS.filter(|&fact| portrait.told[fact].is_nan()).collect();
        if portrait.architecture != 0 && !portrait.told[SIZE].is_nan() && flags.is_empty() {
            return;
        }
        let alike = Alike::to(portrait, likeness);
        let mut doubt = 0.0;
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
        for fact in flags {
            portrait.told[fact] = alike.mean(fact);
            portrait.widening += if portrait.told[fact].is_nan() { 0.0 } else { WIDER_BY_FLAG };
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
        let (names, kin) = likeness.names_and_kin(portrait);
        let others = likeness.portraits();
        let weigh = |(other, (name, kin)): (&Portrait, (f32, f32))| {
            let same = f32::from(u8::from(other.organisation == portrait.organisation));
            (name.max(KIN * kin) + ORGANISATION * same).powi(2)
        };
        let weights: Vec<f32> = others.iter().zip(names.into_iter().zip(kin)).map(weigh).collect();
        let own = stated_size(portrait);
        let agree = |(other, &weight): (&Portrait, &f32)| {
            let apart = (stated_size(other) - own) / APART;
            match apart.is_nan() {
                _ if weight < LEAST * LEAST => 0.0,
                true => weight,
                false => weight * (-0.5 * apart * apart).exp(),
            }
        };
        let agreeing = others.iter().zip(&weights).map(agree).collect();
        Self { others, weights, agreeing }
    }

    /// The architecture with the most votes, and their share.
    fn architecture(&self) -> Option<(u32, f32)> {
        let votes = self.others.iter().zip(&self.agreeing).filter(|(other, _)| other.architecture != 0);
        most(votes.map(|(other, &vote)| (other.architecture, vote)))
    }

    /// log10 of the size with the most votes among models of an architecture, and their share.
    fn size(&self, architecture: u32) -> Option<(f32, f32)> {
        let known = |other: &Portrait| other.architecture == architecture && !other.told[SIZE].is_nan();
        let votes = self.others.iter().zip(&self.agreeing).filter(|(other, _)| known(other));
        let (size, share) = most(votes.map(|(other, &vote)| (other.told[SIZE].to_bits(), vote)))?;
        Some((f32::from_bits(size), share))
    }

    /// The mean of a fact; NaN where no like one tells it.
    fn mean(&self, fact: usize) -> f32 {
        let (mut sum, mut total) = (0.0, 0.0);
        for (other, weight) in self.others.iter().zip(&self.weights).filter(|(other, _)| !other.told[fact].is_nan()) {
            sum += weight * other.told[fact];
            total += weight;
        }
        sum / total
    }
}

/// log10 of the size that its name states, or else of its size.
fn stated_size(portrait: &Portrait) -> f32 {
    let [size, named] = [portrait.told[SIZE], portrait.told[NAMED_SIZE]];
    if named.is_nan() { size } else { named }
}

/// What has the most votes, and their share.
fn most(votes: impl Iterator<Item = (u32, f32)>) -> Option<(u32, f32)> {
    let mut sums: BTreeMap<u32, f32> = BTreeMap::new();
    votes.filter(|&(_, vote)| vote > 0.0).for_each(|(what, vote)| *sums.entry(what).or_default() += vote);
    let total: f32 = sums.values().sum();
    let mut sums: Vec<(u32, f32)> = sums.into_iter().collect();
    sort_by_value(&mut sums);
    sums.first().map(|&(what, sum)| (what, sum / total))
}

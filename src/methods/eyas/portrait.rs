//! What is known of a model before any evaluation, in the form that similarity and trees take it in.
//!
//! The file is long because training models and new ones are described side by side, feature by feature.

use crate::linalg::{clamp, sort_by_number, sort_numbers};
use crate::lineage::{Lineage, Relation, split};
use crate::methods::data::{NewModel, TrainingData};
use crate::methods::factors::words::{parts, words};
use crate::snapshot::{Date, Factor, Factors, Facts, Model, neighbours, size_in_name};
use eyas_kernels::likeness::{self, NUMBERS};
use std::collections::{BTreeMap, HashMap};

/// Share of a model that an ancestor one generation further up stands for.
const INHERITED: f32 = 0.6;
/// Generations of ancestors that count.
const GENERATIONS: usize = 4;
/// By how much the intervals of merges that drop weights at random are wider. A judgement: leaderboards don't tell which
/// merges are.
const RANDOM_DROPPING: f32 = 1.2;
/// The types that leaderboards distinguish, in small letters alone.
const TYPES: [&str; 5] = ["finetuned", "merge", "chat", "pretrained", "continuouslypretrained"];

/// What is known of one model.
#[derive(Debug, Clone, Default)]
pub(super) struct Portrait {
    /// log10 of the size, of the size that the name states, half-years of its upload, 100 days of its date, chat
    /// template, merged, mixture of experts, one for each type, bfloat16, adapter, log10 of the tokens of its
    /// pre-training. Unknown ones are filled in.
    pub numbers: [f32; NUMBERS],
    /// The same numbers, NaN where nobody told them.
    pub told: [f32; NUMBERS],
    /// The same for trees, and some more; NaN where unknown.
    pub traits: Vec<f32>,
    /// Its architecture among those known; 0 if unknown.
    pub architecture: u32,
    /// Its organisation among those known; 0 if unknown.
    pub organisation: u32,
    /// Runs of characters of its name with their weights, of length 1, ascending.
    pub grams: Vec<(u32, f32)>,
    /// Words of its name and of its ancestors' names, ascending.
    pub words: Vec<u32>,
    /// By how much its intervals are wider than others: for merges that drop weights at random, and for what is guessed.
    pub widening: f32,
    /// Itself and its ancestors with their shares, of length 1, ascending.
    pub kin: Vec<(u32, f32)>,
    /// Of a size that was typed with few digits: log10 of the sizes next to it, between which the exact one lies.
    pub size_within: Option<(f32, f32)>,
}

impl Portrait {
    /// What the covariance compares one by one.
    pub(super) fn facts(&self) -> likeness::Facts {
        let Self { numbers, architecture, organisation, .. } = *self;
        likeness::Facts { numbers, architecture, organisation }
    }

    /// The day of its date, or what stands in for it.
    pub(super) fn day(&self) -> f32 {
        self.numbers[DATE] * DAYS + EPOCH
    }

    /// Moves it to a day, where it is known to be of a later one.
    pub(super) fn no_later_than(&mut self, last: f32) {
        if self.day() <= last {
            return;
        }
        let upload = (last - EPOCH) / HALF_YEAR;
        for numbers in [&mut self.numbers, &mut self.told] {
            numbers[DATE] = (last - EPOCH) / DAYS;
            numbers[UPLOAD] = numbers[UPLOAD].min(upload);
        }
        for day in [UPLOAD_DAY, DAY] {
            self.traits[day] = if self.traits[day] > last { last } else { self.traits[day] };
        }
    }
}

/// The words, organisations and architectures that there are, and what stands in for what is unknown.
#[derive(Debug, Clone)]
pub(super) struct Gallery {
    grams: HashMap<String, (u32, f32)>, // run -> number and inverse document frequency
    words: HashMap<String, u32>,
    organisations: HashMap<String, u32>,
    architectures: HashMap<String, u32>,
    common: Vec<u32>, // architectures that enough models have
    log_size: f32,
    log_tokens: f32,
    first_day: f32,
    last_day: f32,
    has_dates: bool, // a date is evidence only where the data have some
}

/// Where among the numbers the size is.
pub(super) const SIZE: usize = 0;
/// Where among the numbers the size is that the name states.
pub(super) const NAMED_SIZE: usize = 1;
/// Where among the numbers the upload is, and the date.
const UPLOAD: usize = 2;
const DATE: usize = 3;
/// Where among the traits the days of both are.
const UPLOAD_DAY: usize = 3;
const DAY: usize = 4;

/// How often each text occurs.
type Counts = BTreeMap<String, u32>;

/// Models that share an architecture before trees look at it by itself.
const COMMON: u32 = 8;
/// The day that dates are counted from.
const EPOCH: f32 = 739_000.0;
/// Days that a step of the date stands for, and one of the upload.
const DAYS: f32 = 100.0;
const HALF_YEAR: f32 = 180.0;

impl Gallery {
    /// From all models of the training data, held out or not: nothing here comes from a score.
    pub(super) fn new(data: &TrainingData<'_>) -> Self {
        let (mut gram_counts, mut word_counts) = (Counts::new(), Counts::new());
        let (mut organisations, mut architectures) = (Counts::new(), Counts::new());
        for model in data.models {
            let (organisation, name) = split(&model.id);
            for gram in gram_frequencies(name).into_keys() {
                *gram_counts.entry(gram).or_default() += 1;
            }
            words(name).into_iter().for_each(|word| *word_counts.entry(word).or_default() += 1);
            *organisations.entry(organisation.to_ascii_lowercase()).or_insert(0) += 1;
            if let Some(name) = architecture(&model.facts()) {
                *architectures.entry(name).or_insert(0) += 1;
            }
        }
        let n = data.models.len() as f32;
        let repeated = gram_counts.into_iter().filter(|(_, count)| *count > 1);
        let weigh = |(at, (gram, count)): (usize, (String, u32))| {
            (gram, (at as u32, ((1.0 + n) / (1.0 + count as f32)).ln() + 1.0))
        };
        let number = |names: &Counts| {
            names.keys().enumerate().map(|(at, name)| (name.clone(), at as u32 + 1)).collect::<HashMap<_, _>>()
        };
        let days: Vec<f32> = data.models.iter().filter_map(|model| model.date).map(day).collect();
        let mean = |number: fn(&Facts<'_>) -> Option<f32>| {
            let known: Vec<f32> = data.models.iter().filter_map(|model| number(&model.facts())).collect();
            known.iter().sum::<f32>() / known.len().max(1) as f32
        };
        let architecture_numbers = number(&architectures);
        let common = architectures.iter().filter(|(_, count)| **count >= COMMON);
        Self {
            grams: repeated.enumerate().map(weigh).collect(),
            words: word_counts.into_keys().enumerate().map(|(at, word)| (word, at as u32)).collect(),
            organisations: number(&organisations),
            common: common.map(|(name, _)| architecture_numbers[name]).collect(),
            architectures: architecture_numbers,
            log_size: mean(log_size),
            log_tokens: mean(log_tokens),
            has_dates: !days.is_empty(),
            first_day: days.iter().copied().reduce(f32::min).unwrap_or(EPOCH),
            last_day: days.iter().copied().reduce(f32::max).unwrap_or(EPOCH),
        }
    }

    /// Words and organisation of a model as columns of 0 and 1: those that are 1, ascending.
    pub(super) fn marks(&self, portrait: &Portrait) -> Vec<u32> {
        portrait.words.iter().copied().chain([self.words.len() as u32 + portrait.organisation]).collect()
    }

    /// A model of the training data.
    pub(super) fn known(&self, data: &TrainingData<'_>, at: usize) -> Portrait {
        let model = &data.models[at];
        let parents: Vec<_> = data.lineage.parents(at as u32).map(|edge| (edge.parent, edge.weight)).collect();
        self.portray(data.lineage, model, Some(at as u32), &parents, self.day(model.date))
    }

    /// A model that was not in training. What its factors leave open it has from its first known parent, as far as
    /// fine-tuning and merging leave it alone. Without a date it is from the day after the last one that there is; a model of
    /// the data stays undated.
    pub(super) fn new_model(&self, data: &TrainingData<'_>, new: &NewModel) -> Portrait {
        let parents = crate::methods::relatives::known_parents(data.lineage, new);
        let mut factors = new.factors.clone();
        let evaluated = parents.iter().find(|&&(node, _)| (node as usize) < data.models.len());
        let is_of_the_data = new.node.is_some_and(|node| (node as usize) < data.models.len());
        let mut within = Facts::from(&factors).params.filter(|_| !is_of_the_data).map(neighbours);
        if let Some(&(parent, _)) = evaluated {
            let parent = &data.models[parent as usize].factors;
            let (size, typed) = (Facts::from(parent).params, within);
            if let Some(size) = size.filter(|size| typed.is_some_and(|(low, high)| low < *size && *size < high)) {
                factors = with_size(factors, size);
                within = None;
            }
            inherit(&mut factors, parent);
        }
        let merged = new.parents.iter().any(|parent| parent.relation == Relation::Merge) || new.parents.len() > 1;
        if !new.parents.is_empty() {
            let kind = if merged { "merge" } else { "fine-tuned" };
            if Facts::from(&factors).model_type.is_none() {
                factors.insert("type".to_owned(), Factor::Text(kind.to_owned()));
            }
            factors.entry("merged".to_owned()).or_insert(Factor::Flag(merged));
        }
        let model = Model { id: new.name.clone().unwrap_or_default(), date: new.date, factors, ..Model::default() };
        let just_after = (self.has_dates && !is_of_the_data).then_some(self.last_day + 1.0);
        let mut portrait = self.portray(data.lineage, &model, new.node, &parents, self.day(new.date).or(just_after));
        portrait.size_within = within.map(|(low, high)| (logarithm(low), logarithm(high)));
        if split(&model.id).1.is_empty() {
            self.name_after(&mut portrait, data.lineage, &parents);
        }
        portrait
    }

    /// A model without a name is taken to be named after its parents, as most are; their words it has in any case.
    fn name_after(&self, portrait: &mut Portrait, lineage: &Lineage, parents: &[(u32, f32)]) {
        let mut grams: BTreeMap<u32, f32> = BTreeMap::new();
        for &(parent, weight) in parents {
            let (_, name) = split(lineage.id(parent));
            self.grams(name).into_iter().for_each(|(gram, its)| *grams.entry(gram).or_default() += weight * its);
        }
        portrait.grams = grams.into_iter().collect();
        to_unit_length(&mut portrait.grams);
    }

    /// The day of a date, where that is evidence.
    fn day(&self, date: Option<Date>) -> Option<f32> {
        date.filter(|_| self.has_dates).map(day)
    }

    fn portray(
        &self,
        lineage: &Lineage,
        model: &Model,
        itself: Option<u32>,
        parents: &[(u32, f32)],
        date: Option<f32>,
    ) -> Portrait {
        let (organisation, name) = split(&model.id);
        let facts = model.facts();
        let number_of = |numbers: &HashMap<String, u32>, key: &str| numbers.get(key).copied().unwrap_or(0);
        let architecture = architecture(&facts).map_or(0, |name| number_of(&self.architectures, &name));
        let upload = self.day(facts.upload_date);
        let day = date.unwrap_or(self.first_day);
        let is = |yes: bool| f32::from(u8::from(yes));

        let unknown = f32::NAN;
        let mut told = [unknown; NUMBERS];
        told[SIZE] = log_size(&facts).unwrap_or(unknown);
        told[NAMED_SIZE] = named_size(name).map_or(unknown, f32::log10);
        told[UPLOAD] = (upload.unwrap_or(day).min(day) - EPOCH) / HALF_YEAR;
        told[DATE] = (day - EPOCH) / DAYS;
        for (at, flag) in [(4, facts.chat_template), (5, facts.merged), (6, facts.moe)] {
            told[at] = flag.map_or(unknown, is);
        }
        if let Some(kind) = facts.model_type {
            let kind = kind.to_ascii_lowercase().replace(['-', ' ', '_'], "");
            TYPES.iter().enumerate().for_each(|(k, other)| told[7 + k] = is(kind == *other));
        }
        told[12] = facts.precision.map_or(unknown, |precision| is(precision == "bfloat16"));
        told[13] = facts.weight_type.map_or(unknown, |kind| is(kind != "Original"));
        told[14] = log_tokens(&facts).unwrap_or(unknown);
        let traits = vec![
            unknown,
            told[NAMED_SIZE],
            unknown,
            upload.or(date).unwrap_or(unknown),
            date.unwrap_or(unknown),
            date.map_or(unknown, |date| date - upload.unwrap_or(date)),
            unknown,
            parents.len() as f32,
            name.chars().count() as f32,
        ];

        let kin = kin(lineage, itself, parents);
        let ancestors = kin.iter().filter(|&&(node, _)| Some(node) != itself && node != u32::MAX);
        let names = ancestors.map(|&(node, _)| split(lineage.id(node)).1).chain([name]);
        let mut portrait = Portrait {
            numbers: told,
            told,
            traits,
            architecture,
            organisation: number_of(&self.organisations, &organisation.to_ascii_lowercase()),
            grams: self.grams(name),
            words: self.words(names),
            widening: if facts.random_dropping == Some(true) { RANDOM_DROPPING } else { 1.0 },
            kin,
            size_within: None,
        };
        self.fill(&mut portrait);
        portrait
    }

    /// Takes numbers and traits from what is told, with what stands in for what is not.
    pub(super) fn fill(&self, portrait: &mut Portrait) {
        let Portrait { numbers, told, traits, architecture, .. } = portrait;
        let or = |number: f32, other: f32| if number.is_nan() { other } else { number };
        *numbers = told.map(|number| or(number, 0.0));
        numbers[SIZE] = or(told[SIZE], or(told[NAMED_SIZE], self.log_size));
        numbers[NAMED_SIZE] = or(told[NAMED_SIZE], numbers[SIZE]);
        numbers[14] = or(told[14], self.log_tokens);
        traits[0] = told[SIZE];
        traits[2] = told[NAMED_SIZE] - told[SIZE];
        traits[6] = told[4];
        traits.truncate(9);
        traits.extend(&numbers[5..14]);
        traits.extend(self.common.iter().map(|common| f32::from(u8::from(common == architecture))));
    }

    /// Words of names, ascending.
    fn words<'a>(&self, names: impl Iterator<Item = &'a str>) -> Vec<u32> {
        let mut words: Vec<u32> = names.flat_map(words).filter_map(|word| self.words.get(&word).copied()).collect();
        sort_numbers(&mut words);
        words.dedup();
        words
    }

    /// Runs of two to five characters of a name, weighted by how often they occur here and how seldom elsewhere.
    fn grams(&self, name: &str) -> Vec<(u32, f32)> {
        let weigh = |(gram, count): (String, u32)| {
            self.grams.get(&gram).map(|&(at, rarity)| (at, (1.0 + (count as f32).ln()) * rarity))
        };
        let mut grams: Vec<_> = gram_frequencies(name).into_iter().filter_map(weigh).collect();
        sort_by_number(&mut grams);
        to_unit_length(&mut grams);
        grams
    }
}

/// Reads an amount under the names that it goes by.
type Amount = fn(&Facts<'_>) -> Option<f64>;

/// Adds what a model has from its parent, as far as its own factors leave it open.
fn inherit(factors: &mut Factors, parent: &Factors) {
    let has = |factors: &Factors, name: &str| factors.keys().any(|own| own.eq_ignore_ascii_case(name));
    let same = ["architecture", "family", "precision", "moe", "chat_template"];
    for (name, factor) in parent.iter().filter(|(name, _)| same.iter().any(|same| same.eq_ignore_ascii_case(name))) {
        if !has(factors, name) {
            factors.insert(name.clone(), factor.clone());
        }
    }
    let amounts: [(&str, Amount); 2] = [("params", |facts| facts.params), ("tokens", |facts| facts.tokens)];
    for (name, amount) in amounts {
        if let (None, Some(amount)) = (amount(&Facts::from(&*factors)), amount(&Facts::from(parent))) {
            factors.insert(name.to_owned(), Factor::Number(amount));
        }
    }
}

/// The same with another size.
fn with_size(factors: Factors, billions: f64) -> Factors {
    let mut others = Factors::from([("params".to_owned(), Factor::Number(billions))]);
    for (name, factor) in factors {
        let of_size = Facts::from(&Factors::from([(name.clone(), factor.clone())])).params.is_some();
        if !of_size {
            others.insert(name, factor);
        }
    }
    others
}

/// The architecture, or else the family.
fn architecture(facts: &Facts<'_>) -> Option<String> {
    facts.architecture.map(str::to_owned).or_else(|| facts.family_key())
}

/// log10 of the parameters in billions.
fn log_size(facts: &Facts<'_>) -> Option<f32> {
    facts.params.map(logarithm)
}

/// log10 of the tokens of the pre-training in billions.
fn log_tokens(facts: &Facts<'_>) -> Option<f32> {
    facts.tokens.map(logarithm)
}

/// Of amounts that make sense; beyond them a table has mistaken a unit.
fn logarithm(billions: f64) -> f32 {
    clamp(billions as f32, 0.01, 1e6).log10()
}

fn day(date: Date) -> f32 {
    date.days() as f32
}

/// The size in billions that a name states, multiplied in single precision.
fn named_size(name: &str) -> Option<f32> {
    size_in_name(name).map(|size| size.experts as f32 * size.number as f32 * size.unit as f32)
}

/// Runs of two to five characters within the parts of a name, each part with a space on both sides.
fn gram_frequencies(name: &str) -> Counts {
    let mut counts = Counts::new();
    for part in parts(name) {
        let padded = format!(" {part} ");
        for length in 2..=5usize.min(padded.len()) {
            for start in 0..=padded.len() - length {
                *counts.entry(padded[start..start + length].to_owned()).or_insert(0) += 1;
            }
        }
    }
    counts
}

/// A model and its ancestors: its parents stand for [`INHERITED`] of it, shared by weight, their parents for that share
/// of each of them, and so on; then scaled to length 1. Two models are as close as their kin overlap.
fn kin(lineage: &Lineage, itself: Option<u32>, parents: &[(u32, f32)]) -> Vec<(u32, f32)> {
    let mut shares: BTreeMap<u32, f32> = BTreeMap::new();
    shares.insert(itself.unwrap_or(u32::MAX), 1.0);
    let total: f32 = parents.iter().map(|parent| parent.1).sum();
    let mut generation: BTreeMap<u32, f32> = BTreeMap::new();
    for &(parent, weight) in parents.iter().filter(|_| total > 0.0) {
        *generation.entry(parent).or_default() += INHERITED * weight / total;
    }
    for _ in 0..GENERATIONS {
        let mut next = BTreeMap::new();
        let new: Vec<(u32, f32)> = generation.into_iter().filter(|(node, _)| !shares.contains_key(node)).collect();
        for &(node, share) in &new {
            let total: f32 = lineage.parents(node).map(|edge| edge.weight).sum();
            for edge in lineage.parents(node) {
                *next.entry(edge.parent).or_insert(0.0) += INHERITED * share * edge.weight / total;
            }
        }
        for (node, share) in new {
            shares.insert(node, share);
        }
        generation = next;
    }
    let mut kin: Vec<_> = shares.into_iter().collect();
    to_unit_length(&mut kin);
    kin
}

fn to_unit_length(weights: &mut [(u32, f32)]) {
    let length = weights.iter().map(|w| w.1 * w.1).sum::<f32>().sqrt();
    weights.iter_mut().for_each(|w| w.1 /= length);
}

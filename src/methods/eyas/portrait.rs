//! What is known of a model before any evaluation, in the form that similarity and trees take it in.

use crate::linalg::{parse_number, sort_by_number, sort_numbers};
use crate::lineage::{Lineage, Relation};
use crate::methods::words::{parts, split, words};
use crate::methods::{NewModel, TrainingData};
use crate::snapshot::{Date, Factor, Factors, Model};
use eyas_kernels::likeness::{Facts, NUMBERS};
use std::collections::{BTreeMap, HashMap};

/// Share of a model that an ancestor one generation further up stands for.
const INHERITED: f32 = 0.6;
/// Generations of ancestors that count.
const GENERATIONS: usize = 4;
/// The types that leaderboards distinguish, in small letters alone.
const TYPES: [&str; 5] = ["finetuned", "merge", "chat", "pretrained", "continuouslypretrained"];

/// What is known of one model.
#[derive(Debug, Clone, Default)]
pub(super) struct Portrait {
    /// log10 of the size, of the size that the name states, half-years of its upload, 100 days of its date, chat
    /// template, merged, mixture of experts, one for each type, bfloat16, adapter. Unknown ones are filled in.
    pub numbers: [f32; NUMBERS],
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
    /// Whether it is a merge that drops weights at random.
    pub random_dropping: bool,
    /// Itself and its ancestors with their shares, of length 1, ascending.
    pub kin: Vec<(u32, f32)>,
}

impl Portrait {
    /// What the covariance compares one by one.
    pub(super) fn facts(&self) -> Facts {
        let Self { numbers, architecture, organisation, .. } = *self;
        Facts { numbers, architecture, organisation }
    }

    /// The day of its date, or what stands in for it.
    pub(super) fn day(&self) -> f32 {
        self.numbers[3] * DAYS + EPOCH
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
    first_day: f32,
    last_day: f32,
}

/// How often each text occurs.
type Counts = BTreeMap<String, u32>;

/// Models that share an architecture before trees look at it by itself.
const COMMON: u32 = 8;
/// The day that dates are counted from.
const EPOCH: f32 = 739_000.0;
/// Days that a step of the date stands for.
const DAYS: f32 = 100.0;

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
            if let Some(text) = text(&model.factors, "architecture") {
                *architectures.entry(text.to_owned()).or_insert(0) += 1;
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
        let sizes: Vec<f32> = data.models.iter().filter_map(|model| log_size(&model.factors)).collect();
        let architecture_numbers = number(&architectures);
        let common = architectures.iter().filter(|(_, count)| **count >= COMMON);
        Self {
            grams: repeated.enumerate().map(weigh).collect(),
            words: word_counts.into_keys().enumerate().map(|(at, word)| (word, at as u32)).collect(),
            organisations: number(&organisations),
            common: common.map(|(name, _)| architecture_numbers[name]).collect(),
            architectures: architecture_numbers,
            log_size: if sizes.is_empty() { 0.0 } else { sizes.iter().sum::<f32>() / sizes.len() as f32 },
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
        self.portray(data.lineage, model, Some(at as u32), &parents, self.first_day)
    }

    /// A model that was not in training. What its factors leave open it has from its first known parent, as far as
    /// fine-tuning and merging leave it alone; without a date it is from the last day that there is.
    pub(super) fn new_model(&self, data: &TrainingData<'_>, new: &NewModel) -> Portrait {
        let parents = crate::methods::relatives::known_parents(data.lineage, new);
        let mut factors = new.factors.clone();
        let evaluated = parents.iter().find(|&&(node, _)| (node as usize) < data.models.len());
        for name in ["architecture", "params", "precision", "moe", "chat_template"] {
            let inherited = evaluated.and_then(|&(node, _)| data.models[node as usize].factors.get(name));
            if let (false, Some(factor)) = (factors.contains_key(name), inherited) {
                factors.insert(name.to_owned(), factor.clone());
            }
        }
        let merged = new.parents.iter().any(|parent| parent.relation == Relation::Merge) || new.parents.len() > 1;
        if !new.parents.is_empty() {
            let kind = if merged { "merge" } else { "fine-tuned" };
            factors.entry("type".to_owned()).or_insert_with(|| Factor::Text(kind.to_owned()));
            factors.entry("merged".to_owned()).or_insert(Factor::Flag(merged));
        }
        let model = Model { id: new.name.clone().unwrap_or_default(), date: new.date, factors };
        let mut portrait = self.portray(data.lineage, &model, new.node, &parents, self.last_day);
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

    fn portray(
        &self,
        lineage: &Lineage,
        model: &Model,
        itself: Option<u32>,
        parents: &[(u32, f32)],
        no_day: f32,
    ) -> Portrait {
        let (organisation, name) = split(&model.id);
        let factors = &model.factors;
        let number_of = |numbers: &HashMap<String, u32>, key: &str| numbers.get(key).copied().unwrap_or(0);
        let architecture = text(factors, "architecture").map_or(0, |name| number_of(&self.architectures, name));
        let named_size = size_in_name(name).map(f32::log10);
        let log_size = log_size(factors);
        let date = model.date.map(day);
        let upload = text(factors, "upload_date").and_then(|text| text.parse::<Date>().ok()).map(day);
        let flag = |name: &str| {
            factors.get(name).and_then(|factor| match factor {
                Factor::Flag(flag) => Some(f32::from(u8::from(*flag))),
                _ => None,
            })
        };
        let is = |name: &str, value: &str| f32::from(u8::from(text(factors, name) == Some(value)));
        let adapter = f32::from(u8::from(text(factors, "weight_type").is_some_and(|kind| kind != "Original")));
        let day = date.unwrap_or(no_day);
        let size = log_size.or(named_size).unwrap_or(self.log_size);

        let mut numbers = [0.0; NUMBERS];
        numbers[0] = size;
        numbers[1] = named_size.unwrap_or(size);
        numbers[2] = (upload.unwrap_or(day).min(day) - EPOCH) / 180.0;
        numbers[3] = (day - EPOCH) / DAYS;
        numbers[4] = flag("chat_template").unwrap_or(0.0);
        numbers[5] = flag("merged").unwrap_or(0.0);
        numbers[6] = flag("moe").unwrap_or(0.0);
        let kind = text(factors, "type").unwrap_or_default().to_ascii_lowercase().replace(['-', ' ', '_'], "");
        TYPES.iter().enumerate().for_each(|(k, other)| numbers[7 + k] = f32::from(u8::from(kind == *other)));
        numbers[12] = is("precision", "bfloat16");
        numbers[13] = adapter;

        let unknown = f32::NAN;
        let mut traits = vec![
            log_size.unwrap_or(unknown),
            named_size.unwrap_or(unknown),
            named_size.zip(log_size).map_or(unknown, |(a, b)| a - b),
            upload.or(date).unwrap_or(unknown),
            date.unwrap_or(unknown),
            date.map_or(unknown, |date| date - upload.unwrap_or(date)),
            flag("chat_template").unwrap_or(unknown),
            parents.len() as f32,
            name.chars().count() as f32,
        ];
        traits.extend(&numbers[5..]);
        traits.extend(self.common.iter().map(|&common| f32::from(u8::from(common == architecture))));

        let kin = kin(lineage, itself, parents);
        let ancestors = kin.iter().filter(|&&(node, _)| Some(node) != itself && node != u32::MAX);
        let names = ancestors.map(|&(node, _)| split(lineage.id(node)).1).chain([name]);
        Portrait {
            numbers,
            traits,
            architecture,
            organisation: number_of(&self.organisations, &organisation.to_ascii_lowercase()),
            grams: self.grams(name),
            words: self.words(names),
            random_dropping: flag("random_dropping") == Some(1.0),
            kin,
        }
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

fn text<'a>(factors: &'a Factors, name: &str) -> Option<&'a str> {
    match factors.get(name) {
        Some(Factor::Text(text)) => Some(text),
        _ => None,
    }
}

/// log10 of the parameters in billions.
fn log_size(factors: &Factors) -> Option<f32> {
    match factors.get("params") {
        Some(Factor::Number(size)) if *size > 0.0 => Some((*size as f32).max(0.01).log10()),
        _ => None,
    }
}

fn day(date: Date) -> f32 {
    date.days() as f32
}

/// The size in billions that a name states: `7b`, `1.5B`, `8x7b`, `500m`.
fn size_in_name(name: &str) -> Option<f32> {
    let lower = name.to_ascii_lowercase();
    let parts = lower.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.'));
    parts.filter_map(stated_size).find(|size| (0.01..1000.0).contains(size))
}

fn stated_size(part: &str) -> Option<f32> {
    let (number, unit) = part.strip_suffix('b').map(|n| (n, 1.0)).or_else(|| Some((part.strip_suffix('m')?, 1e-3)))?;
    let (experts, size) = number.split_once('x').unwrap_or(("1", number));
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if !plain(experts) || !plain(size) {
        return None;
    }
    let number = |text| parse_number(text).map(|number| number as f32);
    Some(number(experts)? * number(size)? * unit)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_read_where_the_name_states_one() {
        for (name, size) in [("Qwen2.5-14B-Instruct", 14.0), ("Mixtral-8x7B-v0.1", 56.0), ("SmolLM-135M", 0.135)] {
            assert_eq!(size_in_name(name), Some(size), "{name}");
        }
        for name in ["phi-4", "b", "Llama", "x8b", "bb"] {
            assert_eq!(size_in_name(name), None, "{name}");
        }
    }
}

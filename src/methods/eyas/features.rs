//! The features of a model: everything that is known about it without an evaluation, as numbers, categories, name tokens
//! and ancestors. The same encoder serves training models and new ones.

use crate::linalg::{distinct, map_of, sort_by_number};
use crate::lineage::{Lineage, split};
use crate::methods::data::TrainingData;
use crate::methods::factors::words::words;
use crate::methods::relatives::{ancestors, to_unit_length};
use crate::snapshot::{
    Date, Factor, Factors, Facts, Model, active_size_in_name, is_exact, known_afterwards, named_amount, size_in_name,
};
use eyas_kernels::covariance::{UNKNOWN, UNSEEN};
use std::collections::BTreeMap;

/// Days of a year, the unit of dates.
const YEAR: f64 = 365.25;

/// The features of one model.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Features {
    /// Standardised, NaN where missing. (n_numbers)
    pub(super) numbers: Vec<f32>,
    /// (n_categories)
    pub(super) categories: Vec<u32>,
    /// Tokens of its name with their weights, of length 1, ascending.
    pub(super) names: Vec<(u32, f32)>,
    /// Itself and its ancestors, nodes of the lineage graph, with their shares, of length 1, ascending.
    pub(super) ancestors: Vec<(u32, f32)>,
    /// The day of its date.
    pub(super) day: Option<f32>,
}

impl Features {
    /// How many numbers and categories are there.
    pub(super) fn n_known(&self) -> usize {
        let numbers = self.numbers.iter().filter(|value| !value.is_nan()).count();
        numbers + self.categories.iter().filter(|value| **value != UNKNOWN).count()
    }
}

/// What a numeric feature is read from.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Source {
    Params,
    ActiveParams,
    Tokens,
    Date,
    UploadDate,
    Factor(String),
}

impl Source {
    /// Whether scores are known to rise with it: the scale of a model or its date.
    pub(super) fn is_scale(&self) -> bool {
        match self {
            Self::Params | Self::ActiveParams | Self::Tokens => true,
            Self::Factor(name) => ["flop", "compute"].iter().any(|word| name.to_ascii_lowercase().contains(word)),
            Self::Date | Self::UploadDate => false,
        }
    }

    pub(super) fn is_day(&self) -> bool {
        matches!(self, Self::Date | Self::UploadDate)
    }

    /// The value of a model; amounts as logarithms, dates in years.
    fn of(&self, model: &Model) -> Option<f64> {
        let facts = model.facts();
        let years = |date: Date| f64::from(date.days()) / YEAR;
        match self {
            Self::Params => facts.size().map(|size| size.value.ln()),
            Self::ActiveParams => facts.active_size().map(|size| size.value.ln()),
            Self::Tokens => facts.tokens.map(f64::ln),
            Self::Date => facts.date.map(years),
            Self::UploadDate => facts.upload_date.map(years),
            Self::Factor(name) => match model.factors.get(name)? {
                Factor::Number(number) if number.is_finite() => Some(*number),
                _ => None,
            },
        }
    }
}

/// A numeric feature.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Number {
    pub(super) source: Source,
    is_log: bool, // of a factor all of whose values are above 0
    mean: f64,
    /// Of the values, dates in years.
    pub(super) deviation: f64,
}

impl Number {
    /// `None` if all models have the same value, or none has any.
    fn new(source: Source, models: &[Model]) -> Option<Self> {
        let values: Vec<f64> = models.iter().filter_map(|model| source.of(model)).collect();
        let is_log = matches!(source, Source::Factor(_)) && values.iter().all(|&value| value > 0.0);
        let values: Vec<f64> = values.into_iter().map(|value| if is_log { value.ln() } else { value }).collect();
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let deviation = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
        let is_constant = deviation.is_nan() || deviation < 1e-9;
        if values.is_empty() || is_constant && values.len() == models.len() {
            return None;
        }
        Some(Self { source, is_log, mean, deviation: if is_constant { 1.0 } else { deviation } })
    }

    /// The amount that a standardised value stands for.
    pub(super) fn amount(&self, value: f32) -> f64 {
        (self.mean + self.deviation * f64::from(value)).exp()
    }

    fn of(&self, model: &Model) -> f32 {
        let value = self.source.of(model).filter(|&value| !self.is_log || value > 0.0);
        let value = value.map(|value| if self.is_log { value.ln() } else { value });
        value.map_or(f32::NAN, |value| ((value - self.mean) / self.deviation).clamp(-BOUND, BOUND) as f32)
    }
}

/// Standardised numbers are within ± this.
const BOUND: f64 = 8.0;

/// What a category is read from.
#[derive(Debug, Clone, PartialEq)]
enum Label {
    /// The part of the id before its last slash.
    Organisation,
    /// The first word of the name.
    FirstWord,
    /// The number of parameters, where it is exact: it tells the base model.
    ExactSize,
    Factor(String),
}

impl Label {
    fn of(&self, id: &str, factors: &Factors) -> Option<String> {
        let (organisation, name) = split(id);
        let text = match self {
            Self::Organisation => organisation.to_ascii_lowercase(),
            Self::FirstWord => {
                let letters = name.split(|c: char| !c.is_ascii_alphabetic());
                letters.into_iter().find(|word| !word.is_empty()).unwrap_or_default().to_ascii_lowercase()
            }
            Self::ExactSize => {
                let size = Facts::new("", None, factors).params.filter(|&size| is_exact(size))?;
                ((size * EXACT_UNITS).round() as u64).to_string()
            }
            Self::Factor(name) => factors.get(name)?.to_text().trim().to_ascii_lowercase(),
        };
        Some(text).filter(|text| !text.is_empty() && text != "unknown")
    }
}

/// Units of a billion to which exact sizes are compared.
const EXACT_UNITS: f64 = 1e4;

/// A categorical feature.
#[derive(Debug, Clone, PartialEq)]
struct Category {
    label: Label,
    values: BTreeMap<String, u32>,
}

impl Category {
    /// `None` if all models have the same value, or none has any.
    fn new(label: Label, models: &[Model]) -> Option<Self> {
        let known: Vec<String> = models.iter().filter_map(|model| label.of(&model.id, &model.factors)).collect();
        let is_complete = known.len() == models.len();
        let values = map_of(distinct(known).into_iter().zip(UNKNOWN + 1..));
        let varies = values.len() > 1 || values.len() == 1 && !is_complete;
        varies.then_some(Self { label, values })
    }

    fn of(&self, id: &str, factors: &Factors) -> u32 {
        match self.label.of(id, factors) {
            Some(value) => self.values.get(&value).copied().unwrap_or(UNSEEN),
            None => UNKNOWN,
        }
    }
}

/// Makes features of models.
#[derive(Debug, Clone)]
pub(super) struct Encoder {
    pub(super) numbers: Vec<Number>,
    categories: Vec<Category>,
    tokens: BTreeMap<String, (u32, f32)>, // token -> number and inverse document frequency
}

impl Encoder {
    /// From all models of the training data, held out or not: nothing here comes from a score.
    pub(super) fn new(data: &TrainingData<'_>) -> Self {
        let models = data.models;
        let names = distinct(models.iter().flat_map(|model| model.factors.keys()).cloned().collect());
        let is_feature =
            |name: &&String| !known_afterwards(name) && named_amount(name).is_none() && *name != "upload_date";
        let (numeric, other): (Vec<String>, Vec<String>) =
            names.iter().filter(is_feature).cloned().partition(|name| is_numeric(name, models));
        let facts = [Source::Params, Source::ActiveParams, Source::Tokens, Source::Date, Source::UploadDate];
        let numbers = facts.into_iter().chain(numeric.into_iter().map(Source::Factor));
        let labels = [Label::Organisation, Label::FirstWord, Label::ExactSize]
            .into_iter()
            .chain(other.into_iter().map(Label::Factor));
        Self {
            numbers: numbers.filter_map(|source| Number::new(source, models)).collect(),
            categories: labels.filter_map(|label| Category::new(label, models)).collect(),
            tokens: rare_tokens(models),
        }
    }

    pub(super) fn n_categories(&self) -> usize {
        self.categories.len()
    }

    /// The features of a model with these parents, nodes of the graph with their weights.
    pub(super) fn encode(
        &self,
        model: &Model,
        lineage: &Lineage,
        node: Option<u32>,
        parents: &[(u32, f32)],
    ) -> Features {
        let (_, name) = split(&model.id);
        Features {
            numbers: self.numbers.iter().map(|number| number.of(model)).collect(),
            categories: self.categories.iter().map(|category| category.of(&model.id, &model.factors)).collect(),
            names: self.names(name),
            ancestors: ancestors(lineage, node, parents),
            day: model.date.map(|date| date.days() as f32),
        }
    }

    /// The features of a model of the training data.
    pub(super) fn known(&self, data: &TrainingData<'_>, at: usize) -> Features {
        let parents: Vec<_> = data.lineage.parents(at as u32).map(|edge| (edge.parent, edge.weight)).collect();
        self.encode(&data.models[at], data.lineage, Some(at as u32), &parents)
    }

    /// The name tokens of a model of this id.
    pub(super) fn names_of(&self, id: &str) -> Vec<(u32, f32)> {
        self.names(split(id).1)
    }

    fn names(&self, name: &str) -> Vec<(u32, f32)> {
        let mut tokens: Vec<(u32, f32)> =
            words_of(name).iter().filter_map(|word| self.tokens.get(word).copied()).collect();
        sort_by_number(&mut tokens);
        to_unit_length(&mut tokens);
        tokens
    }
}

/// Whether all known values of a factor are numbers.
fn is_numeric(name: &str, models: &[Model]) -> bool {
    models.iter().filter_map(|model| model.factors.get(name)).all(|factor| matches!(factor, Factor::Number(_)))
}

/// The words of a name without its size, which is a number among the features: as a word it would be like no other size.
fn words_of(name: &str) -> Vec<String> {
    let is_size = |part: &&str| size_in_name(part).is_some() || active_size_in_name(part).is_some();
    let parts = name.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.'));
    words(&parts.filter(|part| !is_size(part)).collect::<Vec<_>>().join("-"))
}

/// The tokens that at least two names have, with their weights: the logarithm of the inverse share of names that have them.
fn rare_tokens(models: &[Model]) -> BTreeMap<String, (u32, f32)> {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    models.iter().flat_map(|model| words_of(split(&model.id).1)).for_each(|word| *counts.entry(word).or_default() += 1);
    let n = models.len() as f32;
    let repeated = counts.into_iter().filter(|(_, count)| *count > 1);
    let weigh = |(at, (word, count)): (usize, (String, u32))| {
        (word, (at as u32, ((n + 1.0) / (count as f32 + 1.0)).ln() + LEAST_WEIGHT))
    };
    map_of(repeated.enumerate().map(weigh))
}

/// The weight of a token that all names have.
const LEAST_WEIGHT: f32 = 0.3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::methods::data::VisibleCells;
    use crate::snapshot::Snapshot;

    #[test]
    fn numbers_are_standardised_and_what_is_missing_or_unseen_is_told_apart() {
        let mut snapshot = Snapshot::synthetic_board(40, 3, 1.0, 1);
        for (at, model) in snapshot.models.iter_mut().enumerate() {
            model.factors.insert("optimiser".to_owned(), Factor::Text(if at % 2 == 0 { "a" } else { "b" }.to_owned()));
            if at % 4 != 0 {
                model.factors.insert("resolution".to_owned(), Factor::Number(100.0 + at as f64));
            }
        }
        let visible = VisibleCells::new(&snapshot, None).unwrap();
        let data = TrainingData::new(&snapshot, &visible, 0);
        let encoder = Encoder::new(&data);
        let all: Vec<Features> = (0..40).map(|at| encoder.known(&data, at)).collect();
        let resolution =
            encoder.numbers.iter().position(|n| n.source == Source::Factor("resolution".to_owned())).unwrap();
        let known: Vec<f32> = all.iter().map(|f| f.numbers[resolution]).filter(|value| !value.is_nan()).collect();
        assert_eq!(known.len(), 30);
        assert!((known.iter().sum::<f32>() / 30.0).abs() < 1e-4, "{known:?}");
        assert!((known.iter().map(|value| value * value).sum::<f32>() / 30.0 - 1.0).abs() < 1e-3);
        for features in &all {
            let length: f32 = features.ancestors.iter().map(|share| share.1 * share.1).sum();
            assert!((length - 1.0).abs() < 1e-5);
        }
        let optimiser =
            encoder.categories.iter().position(|c| c.label == Label::Factor("optimiser".to_owned())).unwrap();
        let of = |value: Option<&str>| {
            let factors = value.map(|value| ("optimiser".to_owned(), Factor::Text(value.to_owned())));
            let model = Model { id: "new/one".to_owned(), factors: factors.into_iter().collect(), ..Model::default() };
            encoder.encode(&model, &snapshot.lineage, None, &[]).categories[optimiser]
        };
        assert_eq!((of(None), of(Some("c"))), (UNKNOWN, UNSEEN));
        assert!(of(Some("a")) != of(Some("b")) && of(Some("A")) == of(Some("a")));
    }
}

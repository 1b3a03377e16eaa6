//! mergekit configurations: `models`, `slices` or `modules`, mixtures of experts, several stages in several documents.
//!
//! The reader computes the share of each model in the result, in a linear approximation of the merge:
//! - weighted means (`linear`, `nuslerp`, …): the weights, normalised;
//! - `slerp` at `t`: 1 − t for the base, t for the other model;
//! - sums of task vectors (`task_arithmetic`, `ties`, `dare_*`, `della*`, …), base + Σ wᵢ (mᵢ − base): wᵢ for each
//!   model and the remainder 1 − Σ wᵢ for the base, or 0 for it with `normalize`;
//! - other methods: the weights, normalised, with the base as one more model of mean weight;
//! - slices: in proportion to their layers; modules and experts: equal shares, with the base of a mixture as one
//!   expert.
//!
//! Half of the share of a model with an adapter belongs to the adapter.

mod flatten;
mod reference;
mod settings;

use super::{FORMS, ParsedLineage, shorten, words};
use crate::error::{Error, Place, Result};
use crate::formats::yaml;
use reference::Reference;
use serde_json::Value;
use settings::Scope;

pub(super) use flatten::no_share;

/// The most documents, and the most references to models in them.
const MAX_STAGES: usize = 100;
const MAX_REFERENCES: usize = 2000;

/// One document: a merge, its method and the shares of its models.
struct Recipe {
    name: Option<String>,
    method: String,
    shares: Vec<Share>,
    /// Mean of the stated densities.
    density: Option<f64>,
    experts: bool,
}

/// A reference and its part of the merge, 0..1.
struct Share {
    reference: Reference,
    part: f64,
    /// Whether the reference is one of the merged models, not only their base.
    listed: bool,
}

/// Keys by which YAML is recognised as a configuration.
pub(super) const KEYS: [&str; 5] = ["merge_method", "experts", "slices", "models", "modules"];

/// Whether a value is a configuration.
pub(super) fn is_one(value: &Value) -> bool {
    value.get("merge_method").is_some() || value.get("experts").is_some_and(Value::is_array)
}

/// The configurations in a block of code.
///
/// # Errors
/// If the block is meant as a configuration but can't be read.
pub(super) fn documents(block: &str) -> Result<Vec<Value>> {
    let has = |key: &str| {
        let is =
            |line: &str| line.trim_start().trim_start_matches("- ").split_once(':').is_some_and(|found| found.0 == key);
        block.lines().any(is)
    };
    let (merge, experts) = (has("merge_method"), has("experts"));
    if !merge && !experts {
        return Ok(Vec::new());
    }
    let mut found = match yaml::read_all(block) {
        Ok(found) => found,
        Err(error) if experts && has("source_model") => return Err(error),
        Err(error) if merge && ["models", "slices", "modules", "base_model", "dtype"].into_iter().any(has) => {
            return Err(without_list(error, block));
        }
        Err(_) => return Ok(Vec::new()),
    };
    found.retain(is_one);
    for document in &found {
        Reader { text: block, density: Vec::new() }.recipe(document)?;
    }
    Ok(found)
}

/// The error of a list of models whose key is missing, at the line before the list.
fn without_list(error: Error, block: &str) -> Error {
    let lines: Vec<&str> = block.lines().collect();
    let near = error.place().line.map_or(0, |line| line as usize).min(lines.len());
    let item = |line: &&str| line.trim_start().starts_with("- model:");
    let first = (near.saturating_sub(2)..(near + 1).min(lines.len())).find(|&at| item(&lines[at]));
    let before = first.filter(|&at| at > 0).map(|at| (at, lines[at - 1]));
    match before.filter(|(_, line)| line.split_once(": ").is_some_and(|(_, value)| !value.trim().is_empty())) {
        Some((at, _)) => Error::input("\"models:\" is missing above the list").at(Place::default().line(at as u64)),
        None => error,
    }
}

/// A merge, with the ids that its documents name.
pub(super) struct Merge {
    pub(super) parsed: ParsedLineage,
    /// Of the last stage and of the stages that it is made of.
    pub(super) models: Vec<String>,
    /// Of the documents that it is not made of.
    pub(super) unused: Vec<String>,
}

/// Reads the documents of a configuration. `text` is their source, in which errors find their lines.
pub(super) fn read(documents: &[Value], text: &str) -> Result<ParsedLineage> {
    merge(documents, text).map(|merge| merge.parsed)
}

/// As [`read`], with the ids that the documents name.
pub(super) fn merge(documents: &[Value], text: &str) -> Result<Merge> {
    let documents: Vec<_> = documents.iter().filter(|document| !document.is_null()).collect();
    if documents.len() > MAX_STAGES {
        return Err(Error::input(format!("{} documents, more than {MAX_STAGES}", documents.len())));
    }
    let mut recipes = Vec::new();
    for (at, document) in documents.iter().enumerate() {
        let recipe = Reader { text, density: Vec::new() }.recipe(document);
        let place = if documents.len() > 1 { format!("document {}: ", at + 1) } else { String::new() };
        recipes.push(recipe.map_err(|error| prefix(&error, &place))?);
    }
    let references: usize = recipes.iter().map(|recipe| recipe.shares.len()).sum();
    if references > MAX_REFERENCES {
        return Err(Error::input(format!("{references} models are named, more than {MAX_REFERENCES}")));
    }
    flatten::flatten(&recipes, text)
}

fn prefix(error: &Error, before: &str) -> Error {
    Error::input(format!("{before}{}", error.message())).at(error.place().clone())
}

/// The place of the first line that contains these words.
fn line_with(text: &str, words: &str) -> Place {
    let line = text.lines().position(|line| line.contains(words));
    line.map_or(Place::default(), |line| Place::default().line(line as u64 + 1))
}

/// A model of a merge, with the fields of its entry.
struct Entry<'v> {
    reference: Reference,
    fields: &'v Value,
}

struct Reader<'t> {
    text: &'t str,
    density: Vec<f64>,
}

impl Reader<'_> {
    fn recipe(mut self, document: &Value) -> Result<Recipe> {
        let name = words(document.get("name")).map(str::to_owned);
        if document.get("experts").is_some() {
            let shares = self.experts(document)?;
            return Ok(Recipe { name, method: "moe".to_owned(), shares, density: None, experts: true });
        }
        let method = words(document.get("merge_method")).ok_or_else(|| {
            Error::input(format!("a mergekit configuration names its merge_method; found none (or paste {FORMS})"))
        })?;
        let stated: Vec<&str> =
            ["models", "slices", "modules"].into_iter().filter(|&key| !is_blank(document.get(key))).collect();
        let scope = Scope { whole: Some(document), ..Scope::default() };
        let shares = match stated.as_slice() {
            ["modules"] => self.modules(document, method, scope)?,
            [_] => self.module(document, method, scope, document)?,
            _ => {
                let found = if stated.is_empty() { "none".to_owned() } else { stated.join(" and ") };
                return Err(Error::input(format!("expected exactly one of models, slices or modules, found {found}")));
            }
        };
        let density = (!self.density.is_empty()).then(|| self.density.iter().sum::<f64>() / self.density.len() as f64);
        Ok(Recipe { name, method: method.to_owned(), shares, density, experts: false })
    }

    /// Equal shares for the base and every expert.
    fn experts(&self, document: &Value) -> Result<Vec<Share>> {
        let mut shares = Vec::new();
        if !is_blank(document.get("base_model")) {
            shares.push(self.refer(document, "base_model", "base_model")?);
        }
        for key in ["experts", "shared_experts"] {
            for (at, expert) in list(document, key)?.iter().enumerate() {
                shares.push(self.refer(expert, "source_model", &format!("{key}[{at}].source_model"))?);
            }
        }
        let part = 1.0 / shares.len().max(1) as f64;
        Ok(shares.into_iter().map(|reference| Share { reference, part, listed: true }).collect())
    }

    /// Equal weight for every module, since the configuration does not state their sizes.
    fn modules(&mut self, document: &Value, method: &str, scope: Scope<'_>) -> Result<Vec<Share>> {
        let modules = document.get("modules").and_then(Value::as_object);
        let modules = modules.ok_or_else(|| Error::input("modules: expected modules by their names"))?;
        let mut shares = Vec::new();
        for (name, module) in modules {
            let inner = Scope { module: Some(module), ..scope };
            let found = self.module(module, method, inner, document);
            let found = found.map_err(|error| prefix(&error, &format!("modules.{}: ", shorten(name))))?;
            shares.extend(found.into_iter().map(|share| Share { part: share.part / modules.len() as f64, ..share }));
        }
        Ok(shares)
    }

    /// The shares of a module, or of a whole configuration without modules, from its models or slices.
    fn module(&mut self, module: &Value, method: &str, scope: Scope<'_>, document: &Value) -> Result<Vec<Share>> {
        let whole_base = self.base(document)?;
        if !is_blank(module.get("models")) {
            let entries = self.entries(list(module, "models")?, "models")?;
            return self.mixture(method, whole_base, &entries, scope);
        }
        let mut slices = Vec::new();
        for (at, slice) in list(module, "slices")?.iter().enumerate() {
            let within = |error: Error| prefix(&error, &format!("slices[{at}]: "));
            let entries = self.entries(list(slice, "sources").map_err(within)?, "sources").map_err(within)?;
            let layers = layers(&entries).map_err(within)?;
            let base = self.base(slice).map_err(within)?.or_else(|| whole_base.clone());
            let scope = Scope { slice: Some(slice), ..scope };
            slices.push((layers, self.mixture(method, base, &entries, scope).map_err(within)?));
        }
        let total: f64 = slices.iter().map(|(layers, _)| layers).sum();
        let parts = |(layers, shares): (f64, Vec<Share>)| {
            shares.into_iter().map(move |share| Share { part: share.part * layers / total, ..share })
        };
        Ok(slices.into_iter().flat_map(parts).collect())
    }

    fn base(&self, fields: &Value) -> Result<Option<Reference>> {
        let stated = !is_blank(fields.get("base_model"));
        stated.then(|| self.refer(fields, "base_model", "base_model")).transpose()
    }

    fn entries<'v>(&self, values: &'v [Value], key: &str) -> Result<Vec<Entry<'v>>> {
        let entry = |(at, fields): (usize, &'v Value)| {
            Ok(Entry { reference: self.refer(fields, "model", &format!("{key}[{at}].model"))?, fields })
        };
        values.iter().enumerate().map(entry).collect()
    }

    fn refer(&self, fields: &Value, key: &str, path: &str) -> Result<Reference> {
        let value = fields.get(key).unwrap_or(&Value::Null);
        Reference::read(value).map_err(|error| {
            let place = words(Some(value)).map_or(Place::default(), |words| line_with(self.text, words));
            prefix(&error, &format!("{path}: ")).at(place)
        })
    }

    /// The shares within one list of models. The positive shares sum to 1, unless none is positive.
    fn mixture(
        &mut self,
        method: &str,
        base: Option<Reference>,
        entries: &[Entry<'_>],
        scope: Scope<'_>,
    ) -> Result<Vec<Share>> {
        let mut shares = Vec::with_capacity(entries.len() + 1);
        for Entry { reference, fields } in entries {
            self.density.extend(scope.find(Some(fields), "density")?);
            let part = scope.find(Some(fields), "weight")?.unwrap_or(1.0);
            shares.push(Share { reference: reference.clone(), part, listed: true });
        }
        match Rule::of(method) {
            Rule::Slerp => {
                let t = scope.find(None, "t")?.unwrap_or(0.5).clamp(0.0, 1.0);
                let base = base.or_else(|| shares.first().map(|share| share.reference.clone()));
                shares.retain(|share| Some(&share.reference) != base.as_ref());
                let others = shares.len() as f64;
                shares.iter_mut().for_each(|share| share.part = t / others);
                let rest = if shares.is_empty() { 1.0 } else { 1.0 - t };
                shares.extend(base.map(|reference| Share { reference, part: rest, listed: false }));
            }
            Rule::TaskVectors { normalized } => {
                shares.retain(|share| Some(&share.reference) != base.as_ref());
                let normalized = scope.find(None, "normalize")?.map_or(normalized, |flag| flag != 0.0);
                let sum: f64 = shares.iter().map(|share| share.part.max(0.0)).sum();
                let left = if shares.is_empty() { 1.0 } else { 1.0 - sum };
                let left = if normalized && !shares.is_empty() { 0.0 } else { left.max(0.0) };
                shares.extend(base.map(|reference| Share { reference, part: left, listed: false }));
            }
            Rule::Mean { with_base } => {
                let fresh = base.filter(|base| with_base && shares.iter().all(|share| share.reference != *base));
                let part = shares.iter().map(|share| share.part.max(0.0)).sum::<f64>() / shares.len().max(1) as f64;
                shares.extend(fresh.map(|reference| Share { reference, part, listed: false }));
            }
        }
        let sum: f64 = shares.iter().map(|share| share.part.max(0.0)).sum();
        if sum > 0.0 && sum.is_finite() {
            shares.iter_mut().for_each(|share| share.part /= sum);
        }
        Ok(shares)
    }
}

/// The way in which the shares follow from the parameters.
enum Rule {
    Slerp,
    TaskVectors { normalized: bool },
    Mean { with_base: bool },
}

impl Rule {
    /// The rule of a method, with mergekit's defaults for it.
    fn of(method: &str) -> Self {
        match method {
            "slerp" => Self::Slerp,
            "ties" | "della" | "sce" => Self::TaskVectors { normalized: true },
            "task_arithmetic" | "breadcrumbs" | "breadcrumbs_ties" => Self::TaskVectors { normalized: false },
            _ if drops_at_random(method) => Self::TaskVectors { normalized: false },
            "linear" | "nuslerp" | "multislerp" | "karcher" | "passthrough" => Self::Mean { with_base: false },
            _ => Self::Mean { with_base: true },
        }
    }
}

/// Whether a method drops weight changes at random, so that repeated merges of one configuration differ.
fn drops_at_random(method: &str) -> bool {
    method.starts_with("dare") || method.starts_with("della")
}

fn is_blank(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::Array(values)) => values.is_empty(),
        _ => false,
    }
}

fn list<'v>(fields: &'v Value, key: &str) -> Result<&'v [Value]> {
    match fields.get(key) {
        Some(Value::Array(values)) => Ok(values),
        None | Some(Value::Null) => Ok(&[]),
        Some(other) => Err(Error::input(format!("{key}: expected a list, found {}", shorten(&other.to_string())))),
    }
}

/// The number of layers of a slice: the most that one of its sources has.
fn layers(entries: &[Entry<'_>]) -> Result<f64> {
    let mut most = 0.0f64;
    for (at, entry) in entries.iter().enumerate() {
        let ends = entry.fields.get("layer_range").and_then(Value::as_array).map(Vec::as_slice);
        let ends = match ends {
            Some([from, to]) => from.as_f64().zip(to.as_f64()),
            _ => None,
        };
        let Some((from, to)) = ends.filter(|&(from, to)| from >= 0.0 && to > from) else {
            return Err(Error::input(format!("sources[{at}].layer_range: expected two layers, as [0, 16]")));
        };
        most = most.max(to - from);
    }
    if most > 0.0 { Ok(most) } else { Err(Error::input("sources: no model is named")) }
}

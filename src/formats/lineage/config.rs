//! The `config.json` of a model: `_name_or_path`, and facts.

use super::{ParsedLineage, words};
use crate::error::Place;
use crate::lineage::Relation;
use crate::snapshot::Factor;
use serde_json::Value;

/// The folder or model from which the weights were loaded when the file was written.
const LOADED: &str = "_name_or_path";

pub(super) fn recognise(value: &Value) -> bool {
    ["architectures", "model_type", LOADED].iter().any(|key| value.get(key).is_some())
}

pub(super) fn read(value: &Value) -> ParsedLineage {
    let mut parsed = ParsedLineage { kind: "model configuration", ..ParsedLineage::default() };
    let quantised = value.get("quantization_config").is_some_and(Value::is_object);
    let relation = if quantised { Relation::Quantized } else { Relation::Unstated };
    let place = Place::default().field(LOADED);
    // A name without an organisation is mostly that of a folder.
    if let Some(path) = words(value.get(LOADED)).filter(|path| path.contains(['/', '\\'])) {
        parsed.add_named(path, relation, &place);
    }
    parsed.warn_without_parent("a config.json names no parent (paste the model card or the hub's JSON of the model)");
    let mut add = |name: &str, factor| parsed.factors.insert(name.to_owned(), factor);
    if let Some(architecture) = words(value.get("architectures").and_then(|names| names.get(0))) {
        add("architecture", Factor::Text(architecture.to_owned()));
    }
    let precision = words(value.get("dtype")).or_else(|| words(value.get("torch_dtype")));
    if let Some(precision) = precision.filter(|_| !quantised) {
        add("precision", Factor::Text(precision.trim_start_matches("torch.").to_owned()));
    }
    let experts = ["num_local_experts", "num_experts", "n_routed_experts"];
    let experts = experts.iter().find_map(|key| value.get(key).and_then(Value::as_f64));
    if experts.is_some_and(|experts| experts > 1.0) {
        add("moe", Factor::Flag(true));
    }
    parsed
}

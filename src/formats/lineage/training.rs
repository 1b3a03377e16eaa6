//! Configurations of a training, which plan a fine-tune or an adapter of one model: those of Axolotl, LLaMA-Factory, TRL
//! and the alignment handbook, Unsloth, and ms-swift, as YAML or JSON.

use super::{ParsedLineage, hub_id, is_none, shorten, words};
use crate::error::{Error, Place, Result};
use crate::formats::yaml::flag;
use crate::lineage::Relation;
use serde_json::Value;

pub(super) const KIND: &str = "training configuration";

/// Keys of the model that is trained. The first three are used by training configurations alone.
const BASES: [&str; 6] = [
    "model_name_or_path",
    "pretrained_model_name_or_path",
    "pretrained_model_name",
    "base_model",
    "model_name",
    "model",
];
const CERTAIN: usize = 3;

/// Keys that only training configurations have, beside one of [`BASES`].
const TRAINING: [&str; 23] = [
    "base_model_config",
    "learning_rate",
    "num_epochs",
    "num_train_epochs",
    "max_steps",
    "micro_batch_size",
    "per_device_train_batch_size",
    "gradient_accumulation_steps",
    "lr_scheduler",
    "lr_scheduler_type",
    "sequence_len",
    "max_seq_length",
    "adapter",
    "lora_r",
    "lora_alpha",
    "lora_target_modules",
    "lora_target_linear",
    "use_peft",
    "finetuning_type",
    "train_type",
    "training_type",
    "load_in_4bit",
    "load_in_8bit",
];

/// Keys of sections in which some tools nest these.
const SECTIONS: [&str; 8] =
    ["model", "training", "train", "lora", "method", "training_arguments", "trainer", "model_args"];

/// Keys of the adapter that is trained.
const LORA: [&str; 7] = ["lora", "lora_r", "lora_alpha", "lora_rank", "peft_config", "lora_target", "target_modules"];

/// Keys of adapters on which the training continues.
const ADAPTERS: [&str; 2] = ["adapter_name_or_path", "lora_model_dir"];

/// Whether a field tells that a text may be a training configuration.
pub(super) fn is_key(key: &str) -> bool {
    BASES[..CERTAIN].contains(&key) || TRAINING.contains(&key) || SECTIONS.contains(&key)
}

pub(super) fn recognise(value: &Value) -> bool {
    let certain = BASES[..CERTAIN].iter().any(|key| find(value, key).is_some());
    let trains = || TRAINING.iter().any(|key| find(value, key).is_some());
    let has_name = BASES.iter().any(|key| words(find(value, key)).is_some());
    certain || (has_name && trains())
}

pub(super) fn read(value: &Value, text: &str) -> Result<ParsedLineage> {
    let mut parsed = ParsedLineage { kind: KIND, ..ParsedLineage::default() };
    let own = ["hub_model_id", "export_hub_model_id"].iter().find_map(|key| words(find(value, key)));
    parsed.name = own.filter(|id| hub_id(id) == Some(id)).map(str::to_owned);
    let base = BASES.iter().find_map(|&key| Some((key, words(find(value, key))?)));
    if let Some((key, base)) = base {
        let place = place_of(text, key);
        if !parsed.add_named(base, relation(value), &place) {
            return Err(Error::input(format!("expected org/name, found {:?}", shorten(base))).at(place));
        }
    }
    for key in ADAPTERS {
        if let Some(adapter) = words(find(value, key)).filter(|adapter| !is_none(adapter)) {
            parsed.add_named(adapter, Relation::Adapter, &place_of(text, key));
        }
    }
    parsed.warn_without_parent("the configuration names no model of the hub");
    Ok(parsed)
}

/// The place of a field: the first line that starts with it.
fn place_of(text: &str, key: &str) -> Place {
    let starts = |line: &str| {
        let rest = line.trim_start_matches([' ', '\t', '{', '"']).strip_prefix(key);
        rest.is_some_and(|rest| rest.trim_start_matches([' ', '"']).starts_with(':'))
    };
    let line = text.lines().position(starts);
    line.map_or(Place::default().field(key), |line| Place::default().line(line as u64 + 1))
}

/// A field of the configuration or of one of its sections that is not null.
fn find<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    let sections = SECTIONS.iter().filter_map(|section| value.get(section).filter(|inner| inner.is_object()));
    let mut fields = std::iter::once(value).chain(sections).filter_map(|fields| fields.get(key));
    fields.find(|field| !field.is_null())
}

/// Whether an adapter is trained or all weights. LLaMA-Factory trains an adapter unless it says otherwise.
fn relation(value: &Value) -> Relation {
    let stage = words(find(value, "stage"));
    let kinds = ["adapter", "finetuning_type", "training_type", "train_type", "tuner_type", "sft_type", "peft_method"];
    let kind = kinds.iter().find_map(|key| words(find(value, key)));
    let on = |key: &str| flag(find(value, key));
    let trains_adapter = match kind {
        Some(kind) => !["full", "freeze", "none", "false", "no"].iter().any(|word| kind.eq_ignore_ascii_case(word)),
        // Axolotl trains all weights where its field is blank.
        None if on("full_finetuning") == Some(true) || value.get("adapter").is_some() => false,
        None => on("use_peft").or_else(|| on("use_lora")).unwrap_or_else(|| {
            let has = |key: &str| find(value, key).is_some_and(|value| !value.is_null() && *value != false);
            let factory = stage.is_some_and(|stage| ["pt", "sft", "rm", "ppo", "dpo", "kto"].contains(&stage));
            let packed = on("load_in_4bit") == Some(true) || on("load_in_8bit") == Some(true);
            factory || packed || LORA.iter().any(|key| has(key))
        }),
    };
    match stage {
        _ if trains_adapter => Relation::Adapter,
        Some("pt") => Relation::ContinuedPretraining,
        _ => Relation::Finetune,
    }
}

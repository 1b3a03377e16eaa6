//! A PEFT `adapter_config.json`: `base_model_name_or_path`.

use super::{ParsedLineage, shorten, words};
use crate::error::{Error, Place, Result};
use crate::lineage::Relation;
use serde_json::Value;

pub(super) const BASE: &str = "base_model_name_or_path";

pub(super) fn recognise(value: &Value) -> bool {
    value.get(BASE).is_some() || value.get("peft_type").is_some()
}

pub(super) fn read(value: &Value) -> Result<ParsedLineage> {
    let mut parsed = ParsedLineage { kind: "adapter configuration", ..ParsedLineage::default() };
    let Some(base) = words(value.get(BASE)) else {
        parsed.warn_without_parent(&format!("{BASE} is empty"));
        return Ok(parsed);
    };
    if !parsed.add_named(base, Relation::Adapter, &Place::default().field(BASE)) {
        let message = format!("expected org/name, found {:?}", shorten(base));
        return Err(Error::input(message).at(Place::default().field(BASE)));
    }
    Ok(parsed)
}

//! A PEFT `adapter_config.json`: `base_model_name_or_path`.

use super::{ParsedLineage, folder_warning, hub_id, is_folder, shorten, words};
use crate::error::{Error, Place, Result, Warning};
use crate::lineage::{Parent, Relation};
use serde_json::Value;

const BASE: &str = "base_model_name_or_path";

pub(super) fn recognise(value: &Value) -> bool {
    value.get(BASE).is_some() || value.get("peft_type").is_some()
}

pub(super) fn read(value: &Value) -> Result<ParsedLineage> {
    let mut parsed = ParsedLineage { kind: "adapter configuration", ..ParsedLineage::default() };
    let Some(base) = words(value.get(BASE)) else {
        parsed.warnings.push(Warning::new(format!("{BASE} is empty, so no parent is known")));
        return Ok(parsed);
    };
    match hub_id(base) {
        Some(id) => parsed.parents.push(Parent::new(id, Relation::Adapter)),
        None if is_folder(base) => parsed.warnings.push(folder_warning(base)),
        None => {
            let message = format!("expected org/name, found {:?}", shorten(base));
            return Err(Error::input(message).at(Place::default().field(BASE)));
        }
    }
    Ok(parsed)
}

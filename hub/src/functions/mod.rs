//! The functions that the plan calls, by the code of the library. Scheduler, executors and the process that asks have the same
//! ones under the same names, so that a plan can be sent as SQL's plan and run anywhere.

mod json;
mod listing;
mod results;
mod rows;
mod tables;

pub(crate) use json::RowJson;
pub(crate) use listing::mark;
pub(crate) use results::FLAT as FLAT_COLUMNS;
pub(crate) use tables::{facts_line, model_line, result_lines};

use arrow::array::{Array, ArrayRef, BooleanArray, Float32Array, Float64Array, ListArray, StringArray};
use arrow::array::{ListBuilder, StringBuilder};
use arrow::datatypes::{DataType, Field};
use datafusion::common::cast::{as_float32_array, as_list_array, as_string_array};
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};
use eyas::lineage::{Found, NameIndex, is_quantised, lookup_keys, name_key};
use eyas::snapshot::{Declared, canonical_task, family_in_name, metric_facts, size_in_name};
use rows::Row;
use std::sync::Arc;

/// All functions of the plan.
pub(crate) fn all() -> Vec<ScalarUDF> {
    vec![
        of_lines::<rows::Listing>("read_model", listing::read),
        of_lines::<rows::Record>("read_results", results::read),
        of_text("name_key", |id| Some(name_key(id))),
        of_text("task_key", |name| Some(canonical_task(name))),
        of_text("family_of", |id| family_in_name(id).map(str::to_owned)),
        of_text("organization_of", |id| id.split_once('/').map(|(owner, _)| owner.to_owned())),
        lists_keys(),
        finds_models(),
        flag("measures_quality", |metric| metric_facts(metric).is_quality),
        flag("less_is_better", |metric| metric_facts(metric).lower_is_better),
        size(),
        bound("lowest_by", |(low, _)| low),
        bound("highest_by", |(_, high)| high),
        ScalarUDF::from(RowJson::default()),
    ]
}

/// The size in billions that an id states; a packed model is as large as its original.
fn size() -> ScalarUDF {
    function("size_of", vec![DataType::Utf8], DataType::Float64, |columns| {
        let ids = as_string_array(&columns[0])?;
        let sizes = ids.iter().map(|id| size_in_name(id?).map(|size| size.experts * size.number * size.unit));
        Ok(Arc::new(sizes.collect::<Float64Array>()))
    })
}

/// A function of columns.
fn function(
    name: &str,
    takes: Vec<DataType>,
    gives: DataType,
    body: impl Fn(&[ArrayRef]) -> Result<ArrayRef> + Send + Sync + 'static,
) -> ScalarUDF {
    let call = move |arguments: &[ColumnarValue]| {
        let columns = ColumnarValue::values_to_arrays(arguments)?;
        Ok(ColumnarValue::Array(body(&columns)?))
    };
    create_udf(name, takes, gives, Volatility::Immutable, Arc::new(call))
}

/// A function that reads a line into a row.
fn of_lines<R: Row>(name: &str, read: fn(&str) -> R) -> ScalarUDF {
    function(name, vec![DataType::Utf8], R::data_type(), move |columns| {
        let lines = as_string_array(&columns[0])?;
        rows::array(lines.iter().map(|line| read(line.unwrap_or_default())).collect())
    })
}

fn of_text(name: &str, text: fn(&str) -> Option<String>) -> ScalarUDF {
    function(name, vec![DataType::Utf8], DataType::Utf8, move |columns| {
        let texts = as_string_array(&columns[0])?.iter().map(|value| value.and_then(text));
        Ok(Arc::new(texts.collect::<StringArray>()))
    })
}

fn flag(name: &str, is: fn(&str) -> bool) -> ScalarUDF {
    function(name, vec![DataType::Utf8], DataType::Boolean, move |columns| {
        let flags = as_string_array(&columns[0])?.iter().map(|value| value.map(is));
        Ok(Arc::new(flags.collect::<BooleanArray>()))
    })
}

/// A bound of the range of a task for which no result states one: by the metric's name, else by the lowest and highest value.
fn bound(name: &str, end: fn((f32, f32)) -> f32) -> ScalarUDF {
    let takes = vec![DataType::Utf8, DataType::Float32, DataType::Float32];
    function(name, takes, DataType::Float32, move |columns| {
        let (metrics, lows, highs) =
            (as_string_array(&columns[0])?, as_float32_array(&columns[1])?, as_float32_array(&columns[2])?);
        let bounds = (0..metrics.len()).map(|at| {
            let ends = match metric_facts(metrics.value(at)).range {
                Declared::Range(range) => Some((range.low, range.high)),
                Declared::Open => None,
                Declared::Nothing if lows.value(at) < 0.0 || highs.value(at) > 100.0 => None,
                Declared::Nothing => Some((0.0, if highs.value(at) > 1.0 { 100.0 } else { 1.0 })),
            };
            ends.map(end)
        });
        Ok(Arc::new(bounds.collect::<Float32Array>()))
    })
}

fn list_of_texts() -> DataType {
    DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)))
}

fn lists_keys() -> ScalarUDF {
    function("lookup_keys", vec![DataType::Utf8], list_of_texts(), |columns| {
        let mut lists = ListBuilder::new(StringBuilder::new());
        for name in as_string_array(&columns[0])? {
            lists.append_value(lookup_keys(name.unwrap_or_default()).iter().map(Some));
        }
        Ok(Arc::new(lists.finish()))
    })
}

/// The listed model that a name means; null if none fits, several do, or the name is a configuration of one.
fn finds_models() -> ScalarUDF {
    function("find_model", vec![DataType::Utf8, list_of_texts()], DataType::Utf8, |columns| {
        let (names, lists): (&StringArray, &ListArray) = (as_string_array(&columns[0])?, as_list_array(&columns[1])?);
        let mut found = StringBuilder::new();
        for (name, list) in names.iter().zip(lists.iter()) {
            let list = list.unwrap_or_else(|| Arc::new(StringArray::new_null(0)));
            let mut ids: Vec<&str> = as_string_array(&list)?.iter().flatten().collect();
            ids.sort_unstable();
            ids.dedup();
            found.append_option(find(name.unwrap_or_default(), &ids));
        }
        Ok(Arc::new(found.finish()))
    })
}

fn find<'a>(name: &str, ids: &[&'a str]) -> Option<&'a str> {
    match NameIndex::new(ids.iter().copied()).find(name) {
        Found::Same(at) | Found::Spelling(at) => Some(ids[at as usize]),
        Found::Configuration(_) | Found::Ambiguous(_) | Found::None => None,
    }
}

/// Whether an id states a quantisation.
fn is_quantized(id: &str) -> bool {
    is_quantised(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_a_listed_model_only_where_one_fits() {
        let ids = ["Qwen/Qwen2.5-7B-Instruct", "alice/Twin-7B", "bob/Twin-7B"];
        assert_eq!(find("qwen/qwen2.5-7b-instruct", &ids), Some(ids[0]));
        assert_eq!(find("Qwen2.5 7B Instruct", &ids), Some(ids[0]));
        assert_eq!(find("Twin-7B", &ids), None, "several fit");
        assert_eq!(find("bartowski/Qwen2.5-7B-Instruct-GGUF", &ids), None, "a quantisation has results of its own");
    }
}

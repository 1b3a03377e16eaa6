//! The `model-index` of a model card, in YAML. A hub shows its entries beside measured results, and programs collect them, so
//! that each field by which an entry may be found says what it is: the type of the metric is `forecast`, and its name has
//! the words "not measured". Measured and given scores are left out: this block has nothing to add to them.

use super::answer::{Answer, Data, Row};
use super::words;
use crate::error::{Error, Result};
use std::fmt::Write as _;

/// The block, with a comment above it.
pub(super) fn draw(answer: &Answer, data: &Data) -> Result<String> {
    if answer.subject.next_to_nothing {
        let message = "next to nothing is known of this model, so that there is no forecast for a model card";
        return Err(Error::input(format!("{message}; state its size, its type, a measured parent or a known score")));
    }
    let open: Vec<&Row> = answer.forecasts.iter().filter(|row| !row.known).collect();
    if open.is_empty() {
        return Err(Error::input("all of these scores are known, so that there is no forecast for a model-index"));
    }
    let name = words::subject(answer);
    let mut text = format!("# Forecasts by eyas, method {}. None of these scores is measured.\n", answer.method);
    let left_out = answer.forecasts.len() - open.len();
    if left_out > 0 {
        let _ = writeln!(text, "# {left_out} known scores are left out.");
    }
    let _ = write!(text, "model-index:\n- name: {}\n  results:\n", quoted(&name));
    let address = data.sources.iter().find_map(|source| source.url.as_deref());
    for row in open {
        text.push_str(&result(row, address));
    }
    Ok(text)
}

fn result(row: &Row, address: Option<&str>) -> String {
    let (name, metric) = (words::label(row), row.metric.as_deref().unwrap_or("score"));
    let ends = words::interval(row).map_or(String::new(), |ends| format!(", 90 % interval {ends}"));
    let metric = format!("{metric}, forecast by eyas, not measured{ends}");
    let mut text = format!(
        "  - task:\n      type: text-generation\n      name: {}\n    dataset:\n      type: {}\n      name: {}\n    metrics:\n    - type: forecast\n      name: {}\n      value: {}\n      verified: false\n",
        quoted("Forecast, not measured"),
        quoted(&words::clean(&row.task)),
        quoted(&name),
        quoted(&words::clean(&metric)),
        words::score(row.mean, row.range),
    );
    // A source needs an address, or readers of model cards refuse it.
    if let Some(address) = address {
        let name = quoted("Forecast by eyas from these results, not a measurement");
        let _ = write!(text, "    source:\n      name: {name}\n      url: {}\n", quoted(&words::clean(address)));
    }
    text
}

/// A text in double quotes: the escapes of JSON are those of YAML.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

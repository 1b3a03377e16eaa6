//! The parameters of a merge. A parameter is a number, a gradient over the layers, or values with filters on tensor
//! names. It is stated for a model, a slice, a module or the whole merge.

use super::super::shorten;
use crate::error::{Error, Result};
use crate::linalg::parse_number;
use serde_json::Value;

/// The places where a parameter may be stated, the innermost first.
#[derive(Clone, Copy, Default)]
pub(super) struct Scope<'v> {
    pub(super) slice: Option<&'v Value>,
    pub(super) module: Option<&'v Value>,
    pub(super) whole: Option<&'v Value>,
}

impl Scope<'_> {
    /// The mean of a parameter over layers and tensors, from the innermost place that states it; `None` if no place
    /// does.
    pub(super) fn find(&self, own: Option<&Value>, name: &str) -> Result<Option<f64>> {
        for place in [own, self.slice, self.module, self.whole].into_iter().flatten() {
            let Some(setting) = place.get("parameters").and_then(|parameters| parameters.get(name)) else { continue };
            if !setting.is_null() {
                let refuse = || {
                    let shown = shorten(&setting.to_string());
                    Error::input(format!(
                        "{name}: expected a number, a list of numbers or values with filters, found {shown}"
                    ))
                };
                return mean(setting).map(Some).ok_or_else(refuse);
            }
        }
        Ok(None)
    }
}

/// A setting as one number: the mean of a gradient; of values with filters, the value without a filter, else the mean.
fn mean(setting: &Value) -> Option<f64> {
    match setting {
        Value::Number(number) => number.as_f64(),
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        Value::String(text) => parse_number(text.trim()).filter(|number| number.is_finite()),
        Value::Object(fields) => mean(fields.get("value")?),
        Value::Array(values) => {
            let everywhere = |value: &&Value| {
                let filter = value.get("filter");
                value.is_object() && (filter.is_none_or(|filter| filter.is_null() || filter == "*"))
            };
            if let Some(value) = values.iter().find(everywhere) {
                return mean(value);
            }
            let sum: Option<f64> = values.iter().map(mean).sum();
            sum.filter(|_| !values.is_empty()).map(|sum| sum / values.len() as f64)
        }
        Value::Null => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_number_a_gradient_and_filters() {
        let table = [
            (json!(0.5), Some(0.5)),
            (json!(1), Some(1.0)),
            (json!([0, 0.5, 1]), Some(0.5)),
            (json!([{"filter": "mlp", "value": 1}, {"value": 0.25}]), Some(0.25)),
            (json!([{"filter": "mlp", "value": [0, 1]}, {"filter": "self_attn", "value": 1}]), Some(0.75)),
            (json!([{"filter": "mlp", "value": 1}, {"filter": "*", "value": [0.2, 0.4]}]), Some(0.30000000000000004)),
            (json!({"value": 0.1}), Some(0.1)),
            (json!("0.3"), Some(0.3)),
            (json!([]), None),
            (json!("much"), None),
            (json!([0.1, "x"]), None),
        ];
        for (setting, expected) in table {
            assert_eq!(mean(&setting), expected, "{setting}");
        }
    }

    #[test]
    fn the_innermost_place_counts() {
        let [own, slice, whole] =
            [json!({"parameters": {"weight": 1}}), json!({}), json!({"parameters": {"weight": 3, "t": null}})];
        let scope = Scope { slice: Some(&slice), whole: Some(&whole), ..Scope::default() };
        assert_eq!(scope.find(Some(&own), "weight"), Ok(Some(1.0)));
        assert_eq!(scope.find(None, "weight"), Ok(Some(3.0)));
        assert_eq!(scope.find(None, "t"), Ok(None));
        let bad = json!({"parameters": {"weight": {"x": 1}}});
        assert!(scope.find(Some(&bad), "weight").unwrap_err().to_string().starts_with("weight: expected a number"));
    }
}

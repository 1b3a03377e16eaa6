//! The parameters of a merge. A parameter is a number, a gradient over the layers, or values with filters on tensor
//! names. It is stated for a model, a slice, a module or the whole merge.

use super::super::shorten;
use crate::error::{Error, Result};
use crate::formats::yaml::flag;
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

/// Parts of a layer, by the words with which filters name them, and their shares of its parameters. The last four are
/// small, and count only where a filter names them.
const PARTS: [(&str, f64); 11] = [
    ("model.layers.mlp.experts.block_sparse_moe.feed_forward.gate_proj.w1.weight", 2.0 / 9.0),
    ("model.layers.mlp.experts.block_sparse_moe.feed_forward.up_proj.w3.weight", 2.0 / 9.0),
    ("model.layers.mlp.experts.block_sparse_moe.feed_forward.down_proj.w2.weight", 2.0 / 9.0),
    ("model.layers.self_attn.attention.q_proj.qkv.weight", 1.0 / 12.0),
    ("model.layers.self_attn.attention.k_proj.qkv.weight", 1.0 / 12.0),
    ("model.layers.self_attn.attention.v_proj.qkv.weight", 1.0 / 12.0),
    ("model.layers.self_attn.attention.o_proj.weight", 1.0 / 12.0),
    ("model.layers.input_layernorm.post_attention_layernorm.norm.weight", SMALL),
    ("model.embed_tokens.wte.weight", SMALL),
    ("lm_head.output.weight", SMALL),
    ("bias", SMALL),
];
const LARGE: usize = 7;
const SMALL: f64 = 0.02;

/// A setting as one number: the mean of a gradient, and of values with filters the mean over the parts of a layer.
fn mean(setting: &Value) -> Option<f64> {
    match setting {
        Value::Number(number) => number.as_f64(),
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        Value::String(text) => {
            let number = parse_number(text.trim()).filter(|number| number.is_finite());
            number.or_else(|| flag(Some(setting)).map(|flag| f64::from(u8::from(flag))))
        }
        Value::Object(fields) => mean(fields.get("value")?),
        Value::Array(values) if values.iter().any(Value::is_object) => filtered(values),
        Value::Array(values) => {
            let sum: Option<f64> = values.iter().map(mean).sum();
            sum.filter(|_| !values.is_empty()).map(|sum| sum / values.len() as f64)
        }
        Value::Null => None,
    }
}

/// The mean of values with filters. The first filter that is in the name of a part counts for it, and the value without a
/// filter for the parts that no filter names.
fn filtered(values: &[Value]) -> Option<f64> {
    let filter = |value: &Value| {
        let filter = value.get("filter").and_then(Value::as_str).map(str::trim);
        filter.filter(|filter| !filter.is_empty() && *filter != "*").map(str::to_ascii_lowercase)
    };
    let values: Option<Vec<_>> = values.iter().map(|value| Some((filter(value), mean(value)?))).collect();
    let values = values?;
    let rest = values.iter().find(|(filter, _)| filter.is_none()).map(|&(_, value)| value);
    let (mut sum, mut covered) = (0.0, 0.0);
    let mut add = |share: f64, value: f64| {
        sum += share * value;
        covered += share;
    };
    for (at, (part, share)) in PARTS.into_iter().enumerate() {
        let named = values.iter().find(|(filter, _)| filter.as_deref().is_some_and(|filter| part.contains(filter)));
        if let Some(value) = named.map(|&(_, value)| value).or(rest.filter(|_| at < LARGE)) {
            add(share, value);
        }
    }
    // Filters with other names cover something small.
    let other = |filter: &str| PARTS.iter().all(|(part, _)| !part.contains(filter));
    values.iter().filter(|(filter, _)| filter.as_deref().is_some_and(other)).for_each(|&(_, value)| add(SMALL, value));
    Some(sum / covered)
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
            (json!([{"filter": "mlp", "value": 1}, {"value": 0.25}]), Some(0.75)),
            (json!([{"filter": "mlp", "value": [0, 1]}, {"filter": "self_attn", "value": 1}]), Some(2.0 / 3.0)),
            (json!([{"filter": "mlp", "value": 1}, {"filter": "*", "value": [0.2, 0.4]}]), Some(2.3 / 3.0)),
            (json!([{"value": 0}, {"filter": "mlp", "value": 0.5}]), Some(1.0 / 3.0)),
            (json!([{"filter": "self_attn", "value": 0.3}]), Some(0.3)),
            (json!([{"filter": "down_proj", "value": 0.9}, {"filter": "mlp", "value": 0}, {"value": 0.3}]), Some(0.3)),
            (
                json!([{"filter": "q_proj", "value": 1}, {"filter": "v_proj", "value": 1}, {"value": 0}]),
                Some(1.0 / 6.0),
            ),
            (json!([{"filter": "lm_head", "value": 1}, {"value": 0}]), Some(0.02 / 1.02)),
            (json!([{"filter": "lm_head", "value": 0}, {"value": 1}]), Some(1.0 / 1.02)),
            (json!([{"filter": "something", "value": 1}, {"value": 0}]), Some(0.02 / 1.02)),
            (json!([{"filter": "layernorm", "value": 0.4}]), Some(0.4)),
            (json!([{"filter": "mlp", "value": "x"}]), None),
            (json!({"value": 0.1}), Some(0.1)),
            (json!("0.3"), Some(0.3)),
            (json!("off"), Some(0.0)),
            (json!([]), None),
            (json!("much"), None),
            (json!([0.1, "x"]), None),
        ];
        for (setting, expected) in table {
            let found = mean(&setting);
            let near = found.zip(expected).is_some_and(|(found, expected)| (found - expected).abs() < 1e-12);
            assert!(near || found == expected, "{setting}: {found:?}");
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

//! The module that draws cards, from the JSON of an answer and of the summary of its data.

use super::raise;
use eyas::card::{Card, Format, Options};
use wasm_bindgen::prelude::*;

/// The benchmarks to ask about in place of those of the answer; empty if these are to stay.
#[wasm_bindgen(js_name = measuredFirst)]
pub fn measured_first(prediction: &str, info: &str) -> Result<Vec<String>, JsValue> {
    Ok(Card::read(prediction, info).map_err(raise)?.measured_first())
}

/// Checks the options, which is due before a forecast is made.
#[wasm_bindgen(js_name = checkCard)]
pub fn check_card(
    format: &str,
    tasks: Vec<String>,
    theme: Option<String>,
    date: Option<String>,
) -> Result<(), JsValue> {
    let check = || {
        let format: Format = format.parse()?;
        options(theme, date)?.check(format)?;
        format.check_tasks(&tasks)
    };
    check().map_err(raise)
}

/// The card in this format.
#[wasm_bindgen(js_name = drawCard)]
pub fn draw_card(
    prediction: &str,
    info: &str,
    format: &str,
    theme: Option<String>,
    date: Option<String>,
) -> Result<String, JsValue> {
    let draw = || Card::read(prediction, info)?.draw(format.parse()?, &options(theme, date)?);
    draw().map_err(raise)
}

fn options(theme: Option<String>, date: Option<String>) -> eyas::error::Result<Options> {
    let theme = theme.map(|theme| theme.parse()).transpose()?;
    Ok(Options { theme, date: date.map(|date| date.parse()).transpose()? })
}

//! A badge for one benchmark: as the JSON of a shields endpoint, or drawn. It always has the interval, and never a bare rank.

use super::answer::{Answer, Row};
use super::svg::{number, xml};
use super::width::{fitted, width};
use super::words;
use crate::error::{Error, Result};

/// Colours of both halves; white on them is readable.
const LABEL: &str = "#4a443c";
const FORECAST: &str = "#a3441a";
const KNOWN: &str = "#44606e";
const UNKNOWN: &str = "#6b6459";
/// The widest label, in pixels.
const ROOM: f32 = 260.0;
const SIZE: f32 = 11.0;
/// The space on each side of a text.
const PAD: f32 = 6.0;

struct Badge {
    label: String,
    message: String,
    colour: &'static str,
}

impl Badge {
    fn of(answer: &Answer) -> Result<Self> {
        let [row] = &answer.forecasts[..] else {
            return Err(Error::input("a badge is about one benchmark; name it with --tasks"));
        };
        let label = words::label(row);
        if answer.subject.next_to_nothing {
            let label = format!("{label}, forecast");
            return Ok(Self { label, message: "too little known".to_owned(), colour: UNKNOWN });
        }
        let less = if row.lower_is_better { ", less is better" } else { "" };
        let (word, colour) = if row.known { (words::origin(row, answer), KNOWN) } else { ("forecast", FORECAST) };
        Ok(Self { label: format!("{label}, {word}{less}"), message: message(row), colour })
    }
}

/// The score with its interval, or the words that there is none.
fn message(row: &Row) -> String {
    let score = words::score(row.mean, row.range);
    match (words::interval(row), row.known) {
        (Some(interval), _) => format!("{score} (90 %: {interval})"),
        (None, true) => score,
        (None, false) => format!("{score} (no interval)"),
    }
}

/// The JSON of a shields endpoint.
pub(super) fn json(answer: &Answer) -> Result<String> {
    let Badge { label, message, colour } = Badge::of(answer)?;
    let text = |text: &str| serde_json::Value::from(text).to_string();
    Ok(format!(
        "{{\"schemaVersion\":1,\"label\":{},\"message\":{},\"color\":{}}}\n",
        text(&label),
        text(&message),
        text(colour)
    ))
}

/// The badge as an SVG.
pub(super) fn draw(answer: &Answer) -> Result<String> {
    let Badge { label, message, colour } = Badge::of(answer)?;
    let title = xml(&format!("{label}: {message}"));
    let label = fitted(&label, SIZE, ROOM);
    let whole = |text: &str| width(text, SIZE).ceil();
    let (left, right) = (whole(&label) + 2.0 * PAD, whole(&message) + 2.0 * PAD);
    let text = |x: f32, text: &str| {
        let (x, length) = (number(x), number(whole(text)));
        format!("<text x=\"{x}\" y=\"14\" textLength=\"{length}\">{}</text>", xml(text))
    };
    let (first, second) = (text(PAD, &label), text(left + PAD, &message));
    let [total, left, right] = [left + right, left, right].map(number);
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{total}\" height=\"20\" role=\"img\">\n<title>{title}</title>\n\
         <clipPath id=\"c\"><rect width=\"{total}\" height=\"20\" rx=\"3\"/></clipPath>\n\
         <g clip-path=\"url(#c)\"><rect width=\"{left}\" height=\"20\" fill=\"{LABEL}\"/>\
         <rect x=\"{left}\" width=\"{right}\" height=\"20\" fill=\"{colour}\"/></g>\n\
         <g fill=\"#fff\" font-family=\"Verdana,DejaVu Sans,sans-serif\" font-size=\"11\">{first}{second}</g>\n</svg>\n"
    ))
}

//! Short forms of requests: known scores `ifeval=0.7, bbh=45%` and costs `bbh=5`.

use super::lineage::known::KnownScore;
use super::table::number;
use crate::error::{Error, Place, Result};
use crate::snapshot::canonical_task;
use std::collections::HashSet;

/// Parses known scores as written. [`Recommender::typed_scores`](crate::recommend::Recommender::typed_scores) converts
/// them.
///
/// # Errors
/// If an entry is not `task=score`, if a score is no number, or if a task is repeated.
pub fn parse_scores(text: &str) -> Result<Vec<KnownScore>> {
    let mut seen = HashSet::new();
    pairs(text, "ifeval=0.7")?
        .into_iter()
        .map(|(task, written)| {
            let place = || Place::default().field(task);
            if !seen.insert(canonical_task(task)) {
                return Err(Error::input("the task is named twice").at(place()));
            }
            let (digits, percent) = without_percent(written);
            match number(digits).map_err(|error| error.at(place()))? {
                Some(value) => Ok(KnownScore { task: task.to_owned(), value, percent, ..KnownScore::default() }),
                None => Err(Error::input(format!("expected a number, found {written:?}")).at(place())),
            }
        })
        .collect()
}

/// A number without its sign `%`, and whether it has one.
pub(super) fn without_percent(written: &str) -> (&str, bool) {
    match written.strip_suffix('%') {
        Some(digits) => (digits.trim_end(), true),
        None => (written, false),
    }
}

/// Parses the costs of evaluating tasks: `ifeval=1, bbh=5`.
///
/// # Errors
/// If an entry is not a task and a number.
pub fn parse_costs(text: &str) -> Result<Vec<(String, f32)>> {
    let cost = |(task, written): (&str, &str)| match number(written) {
        Ok(Some(cost)) => Ok((task.to_owned(), cost as f32)),
        _ => Err(Error::input(format!("expected a number, found {written:?}")).at(Place::default().field(task))),
    };
    pairs(text, "bbh=5")?.into_iter().map(cost).collect()
}

/// The entries of a text, each split at its first `=` or, without one, at its first `:`. Errors show `example` as an
/// entry.
pub(super) fn pairs<'a>(text: &'a str, example: &str) -> Result<Vec<(&'a str, &'a str)>> {
    within_limit(text)?;
    let entries = text.split([',', '\n', ';']).map(str::trim).filter(|entry| !entry.is_empty());
    entries
        .map(|entry| {
            let pair = entry.split_once('=').or_else(|| entry.split_once(':'));
            let pair = pair.map(|(key, value)| (key.trim(), value.trim()));
            pair.filter(|(key, value)| !key.is_empty() && !value.is_empty()).ok_or_else(|| {
                let shown: String = entry.chars().take(60).collect();
                Error::input(format!("expected entries like {example}, found {shown:?}"))
            })
        })
        .collect()
}

/// The longest typed or pasted text: 1 MiB.
pub(super) const MAX_TEXT: usize = 1 << 20;

/// Refuses a text longer than [`MAX_TEXT`].
pub(super) fn within_limit(text: &str) -> Result<()> {
    if text.len() <= MAX_TEXT {
        return Ok(());
    }
    Err(Error::input(format!("the text is longer than {} MiB", MAX_TEXT >> 20)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_keep_their_value_and_sign() {
        let scores = parse_scores("ifeval=0.7, bbh=45%\nelo: 1205;cor=-0.2,musr = 1 %").unwrap();
        let scores: Vec<_> = scores.iter().map(|known| (known.task.as_str(), known.value, known.percent)).collect();
        let expected = [("ifeval", 0.7, false), ("bbh", 45.0, true), ("elo", 1205.0, false), ("cor", -0.2, false)];
        assert_eq!((&scores[..4], scores[4]), (&expected[..], ("musr", 1.0, true)));
        assert!(parse_scores("").unwrap().is_empty());
        for text in ["ifeval=NaN", "ifeval", "ifeval=%", "bbh=1,BBH=2", "=3"] {
            assert!(parse_scores(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_long_text_is_refused() {
        let message = parse_scores(&"ifeval=0.7,".repeat(100_000)).unwrap_err().to_string();
        assert_eq!(message, "the text is longer than 1 MiB");
    }
}

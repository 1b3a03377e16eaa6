//! The drawing of a forecast as positioned pieces: bands, points and squares of the model, lettered ticks of its parents, and
//! the ticks of the axis. `pkg/drawing.js` says the same for the page and the elements; `tests/fixtures/drawing.json` holds
//! the two together.

use super::answer::{Answer, Parent, Row};
use crate::linalg::{clamp, order};
use crate::snapshot::Range;

/// Smallest distance of two letters, as a share of the track.
const LETTER_WIDTH: f32 = 0.045;
/// Marks of the parents; further parents get a dot.
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// A piece on a track. Positions are shares of its length, 0..1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Piece {
    /// The 90 % interval; `sampled` is that of a measured score.
    Band { from: f32, to: f32, sampled: bool },
    /// The measured score of a parent.
    Tick { at: f32 },
    /// The letter of a parent, near its tick.
    Letter { at: f32, letter: char },
    /// A forecast.
    Point { at: f32 },
    /// A measured or given score.
    Square { at: f32 },
}

/// A parent with results, and its letter.
#[derive(Debug, Clone)]
pub(super) struct Lettered<'a> {
    pub(super) letter: char,
    pub(super) parent: &'a Parent,
    /// Its share among the parents with results, if these shares differ.
    pub(super) share: Option<f32>,
}

/// The parents that have a measured score on one of the benchmarks, with their letters.
pub(super) fn lettered(answer: &Answer) -> Vec<Lettered<'_>> {
    let is_shown =
        |parent: &&Parent| parent.evaluated && answer.forecasts.iter().any(|row| row.parents.contains_key(&parent.id));
    let shown: Vec<&Parent> = answer.lineage.parents.iter().filter(is_shown).collect();
    let total: f32 = shown.iter().map(|parent| parent.weight).sum();
    let uneven = shown.windows(2).any(|pair| pair[0].weight != pair[1].weight);
    let letter = |at: usize| LETTERS.get(at).map_or('·', |&letter| char::from(letter));
    let share = |parent: &Parent| uneven.then(|| parent.weight / total);
    shown
        .into_iter()
        .enumerate()
        .map(|(at, parent)| Lettered { letter: letter(at), parent, share: share(parent) })
        .collect()
}

/// The rows in the order of a drawing: known scores first.
pub(super) fn ordered(rows: &[Row]) -> Vec<&Row> {
    let (known, open): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.known);
    known.into_iter().chain(open).collect()
}

/// The pieces of a row, from the back to the front.
pub(super) fn pieces(row: &Row, parents: &[Lettered<'_>]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    if let Some((lower, upper)) = row.interval() {
        pieces.push(Piece::Band { from: within(lower), to: within(upper), sampled: row.known });
    }
    let measured = parents.iter().filter_map(|one| Some((one.letter, within(*row.parents.get(&one.parent.id)?))));
    let ticks: Vec<(char, f32)> = measured.collect();
    pieces.extend(ticks.iter().map(|&(_, at)| Piece::Tick { at }));
    let at = within(row.mean);
    pieces.push(if row.known { Piece::Square { at } } else { Piece::Point { at } });
    pieces.extend(spread(&ticks, LETTER_WIDTH).into_iter().map(|(letter, at)| Piece::Letter { at, letter }));
    pieces
}

/// A position on the track. Forecasts slightly outside the range are clamped.
fn within(part: f32) -> f32 {
    clamp(part, 0.0, 1.0)
}

/// Moves letters apart that would overlap, inside the track, in the order of their ticks, which stay exact.
fn spread(ticks: &[(char, f32)], gap: f32) -> Vec<(char, f32)> {
    let sorted = order(ticks.len(), &mut |a, b| ticks[a].1.total_cmp(&ticks[b].1));
    let mut letters: Vec<(char, f32)> = sorted.into_iter().map(|at| ticks[at]).collect();
    let gap = gap.min(1.0 / letters.len().max(1) as f32);
    let mut free = 0.0f32;
    for (_, at) in &mut letters {
        *at = at.max(free);
        free = *at + gap;
    }
    let mut end = 1.0f32;
    for (_, at) in letters.iter_mut().rev() {
        *at = at.min(end);
        end = *at - gap;
    }
    letters
}

/// The labels of the axis: position and text. In the units of the benchmarks if they share a range, else in per cent.
pub(super) fn axis(rows: &[&Row]) -> Vec<(f32, String)> {
    let range = rows.first().map(|row| row.range);
    let same = range.filter(|range| rows.iter().all(|row| row.range == *range));
    let Range { low, high } = same.unwrap_or(Range::PERCENT);
    let (low, span) = (f64::from(low), f64::from(high) - f64::from(low));
    let digits = if span <= 2.0 { 2 } else { 0 };
    let label = |part: f64| {
        let text = super::words::fixed(low + part * span, digits);
        let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
        (part as f32, format!("{text}{}", if same.is_none() && part == 1.0 { " %" } else { "" }))
    };
    [0.0, 0.25, 0.5, 0.75, 1.0].map(label).to_vec()
}

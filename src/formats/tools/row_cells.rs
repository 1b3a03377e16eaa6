//! Cells of a table whose columns are known: texts and numbers, without the marks for unknown values.

use crate::formats::cells::{Content, Number, content};
use crate::formats::collection::Collection;
use crate::formats::table::Row;

/// The text of a cell; empty if it is unknown or there is no such column.
pub(super) fn text<'r>(row: &Row<'r>, column: Option<usize>) -> &'r str {
    let cell = column.map_or("", |column| row.get(column));
    if content(cell, false) == Content::Unknown { "" } else { cell }
}

/// The number in a cell with its signs.
pub(super) fn number(row: &Row<'_>, column: Option<usize>, decimal_comma: bool) -> Option<Number> {
    match content(column.map_or("", |column| row.get(column)), decimal_comma) {
        Content::Number(number) => Some(number),
        _ => None,
    }
}

/// A number of items, at least 1.
pub(super) fn count(row: &Row<'_>, column: Option<usize>, decimal_comma: bool) -> Option<u32> {
    number(row, column, decimal_comma).filter(|number| number.value >= 1.0).map(|number| number.value as u32)
}

/// Gives a model its licence and address, unless they are blank or known already.
pub(super) fn licence_and_link(to: &mut Collection<'_>, model: u32, licence: &str, link: &str) {
    let about = to.about(model);
    let known = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    about.license = about.license.take().or_else(|| known(licence));
    about.url = about.url.take().or_else(|| known(link));
}

//! Instance matrices: one row for each model, one column for each item; cells are 0, 1 or blank.

use super::part::{Cells, ModelRows, Part, PartTask};
use super::table::Table;
use super::wide::columns;
use crate::error::{Error, Place, Result};
use crate::linalg::BitMatrix;
use crate::snapshot::{Declared, Outcomes, Range, Task};

/// After this many cells of 0 and 1, another value is an error in a matrix and not a sign of another kind of table.
const SURELY_A_MATRIX: usize = 1000;

/// Reads a matrix; `None` if the cells show that the table is of another kind.
pub(super) fn read(mut table: Table<'_>) -> Result<Option<Part>> {
    let (model, columns) = columns(&table)?;
    if columns.len() < 2 {
        return Ok(None);
    }
    let width = columns.len().div_ceil(64);
    let mut rows = ModelRows::default();
    let (mut observed, mut solved): (Vec<u64>, Vec<u64>) = (Vec::new(), Vec::new());
    let mut known = 0usize;
    let mut stray = None;
    let header = table.header.clone();
    table.each(|row| {
        if stray.is_some() || rows.first(row.model(model)?, row.line).is_none() {
            return Ok(());
        }
        let start = observed.len();
        observed.resize(start + width, 0);
        solved.resize(start + width, 0);
        for (item, &column) in columns.iter().enumerate() {
            let (word, bit) = (start + item / 64, 1u64 << (item % 64));
            match row.get(column) {
                "" => continue,
                "1" | "1.0" => solved[word] |= bit,
                "0" | "0.0" => {}
                other if known >= SURELY_A_MATRIX => {
                    let shown: String = other.chars().take(40).collect();
                    return Err(Error::input(format!("expected 0 or 1, found {shown}"))
                        .at(Place::default().field(&header[column])));
                }
                _ => {
                    stray = Some(());
                    return Ok(());
                }
            }
            observed[word] |= bit;
            known += 1;
        }
        Ok(())
    })?;
    if stray.is_some() || known == 0 {
        return Ok(None);
    }
    let models = rows.models.len();
    let bits = |words| BitMatrix::from_words(models, columns.len(), words);
    let (Some(observed), Some(solved)) = (bits(observed), bits(solved)) else { return Ok(None) };
    let stem = stem(table.name);
    let tasks = columns.iter().map(|&column| PartTask {
        task: Task::outcome(stem, &header[column]),
        declared: Declared::Range(Range::FRACTION),
        label: header[column].clone(),
    });
    let warnings = rows.warning(table.name).into_iter().chain(table.short_warning()).collect();
    let part = Part::new(table.name, Cells::Outcomes(Outcomes { observed, solved }));
    Ok(Some(Part { tasks: tasks.collect(), models: rows.models, warnings, ..part }))
}

/// The file's name without its folder, `.gz` and `.csv`.
fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let cut = |name: &'_ str, end: &str| {
        let at = name.len().checked_sub(end.len())?;
        name.get(at..).filter(|tail| tail.eq_ignore_ascii_case(end)).map(|_| at)
    };
    let file = cut(file, ".gz").map_or(file, |at| &file[..at]);
    let file = cut(file, ".csv").map_or(file, |at| &file[..at]);
    if file.is_empty() { "items" } else { file }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_benchmark_is_the_stem_of_the_file() {
        for name in ["a/b/v1-arc.csv.gz", "v1-arc.CSV", "v1-arc"] {
            assert_eq!(stem(name), "v1-arc");
        }
        assert_eq!(stem(".csv"), "items");
    }
}

//! Plain tables.

/// The lines of a table of numbers with a head; every row has the length of the head. The first column is aligned to the
/// left, the others to the right.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    aligned(head, rows, |column| column == 0)
}

/// The same of texts, all aligned to the left.
pub(crate) fn listing(head: &[&str], rows: &[Vec<String>]) -> String {
    aligned(head, rows, |_| true)
}

/// The same with a choice of the columns that are aligned to the left.
pub(crate) fn aligned(head: &[&str], rows: &[Vec<String>], left: fn(usize) -> bool) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([head[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &[String]| {
        // `format!` panics at widths above 65,535.
        let padded = cells.iter().zip(&widths).enumerate().map(|(at, (cell, &width))| {
            let space = " ".repeat(width.saturating_sub(cell.chars().count()));
            if left(at) { format!("{cell}{space}") } else { format!("{space}{cell}") }
        });
        format!("{}\n", padded.collect::<Vec<_>>().join("  ").trim_end())
    };
    let head: Vec<String> = head.iter().map(|&cell| cell.to_owned()).collect();
    std::iter::once(line(&head)).chain(rows.iter().map(|row| line(row))).collect()
}

/// A score of 0..1 in the units of its range.
pub(crate) fn in_units(score: f32, range: eyas::snapshot::Range) -> String {
    let value = range.denormalise(score);
    if range.high - range.low <= 1.0 { format!("{value:.3}") } else { format!("{value:.1}") }
}

/// A task's name, with a note if a lower score is better.
pub(crate) fn with_direction(task: &str, lower_is_better: bool) -> String {
    if lower_is_better { format!("{task} (less is better)") } else { task.to_owned() }
}

/// The sign for an undefined value.
pub(crate) const UNDEFINED: &str = "–";

/// A metric, or a dash if it is undefined.
pub(crate) fn metric(value: Option<f64>) -> String {
    value.map_or_else(|| UNDEFINED.to_owned(), |value| format!("{value:.4}"))
}

/// `1 seed`, `3 seeds`.
pub(crate) fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

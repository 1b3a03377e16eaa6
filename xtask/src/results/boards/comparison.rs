//! Forecasts of `eyas` and of baselines for the same cells: errors, differences and intervals.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

/// Seed, model and task of a held-out cell.
type Cell = (u64, String, String);

/// A forecast of `eyas` in 0..1.
pub(super) struct Forecast {
    truth: f64,
    predicted: f64,
    interval: Option<[f64; 2]>,
}

/// What `eyas backtest --predictions` wrote.
pub(super) struct Forecasts(BTreeMap<Cell, Forecast>);

/// What `baselines.py` wrote. The last column is the stack.
pub(super) struct Baselines {
    names: Vec<String>,
    cells: BTreeMap<Cell, Vec<f64>>,
}

/// How `eyas` compares to the baselines on the cells of a split. Errors, differences and widths are in points of 100.
pub(super) struct Comparison {
    pub(super) seeds: usize,
    pub(super) error: f64,
    pub(super) best: f64,
    pub(super) best_name: String,
    pub(super) stack: f64,
    pub(super) difference: f64, // to the best baseline
    /// Of the difference, over seeds or, of one seed, over models.
    pub(super) standard_error: Option<f64>,
    pub(super) covered: usize,
    pub(super) intervals: usize,
    pub(super) width: f64, // median
}

impl Forecasts {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let mut cells = BTreeMap::new();
        each_row(path, |row| {
            let number = |name: &str| row.get(name).and_then(|text| text.parse::<f64>().ok());
            let forecast = Forecast {
                truth: number("truth").context("no truth")?,
                predicted: number("predicted").context("no prediction")?,
                interval: number("lower").zip(number("upper")).map(|(lower, upper)| [lower, upper]),
            };
            cells.insert(cell(row)?, forecast);
            Ok(())
        })?;
        ensure!(!cells.is_empty(), "{} has no cell", path.display());
        Ok(Self(cells))
    }
}

impl Baselines {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let (mut names, mut cells) = (Vec::new(), BTreeMap::new());
        each_row(path, |row| {
            let columns = row.iter().filter(|(name, _)| !["seed", "model", "task"].contains(&name.as_str()));
            names = columns.clone().map(|(name, _)| name.clone()).collect();
            let values = columns.map(|(name, text)| text.parse().with_context(|| format!("{name} {text:?}")));
            cells.insert(cell(row)?, values.collect::<Result<_>>()?);
            Ok(())
        })?;
        ensure!(names.pop().as_deref() == Some("stack"), "{}: the last column is not the stack", path.display());
        Ok(Self { names, cells })
    }

    /// Whether there is a prediction for each of these forecasts.
    pub(super) fn have(&self, forecasts: &Forecasts) -> bool {
        forecasts.0.keys().all(|cell| self.cells.contains_key(cell))
    }
}

/// Compares the forecasts to the baselines. The best baseline is the one with the lowest error on these very cells.
pub(super) fn compare(forecasts: &Forecasts, baselines: &Baselines) -> Result<Comparison> {
    let mut rows = Vec::new(); // for each cell: its group, error of eyas, errors of the baselines and of the stack
    let seeds = 1 + forecasts.0.keys().map(|(seed, ..)| *seed as usize).max().unwrap_or(0);
    for (cell, forecast) in &forecasts.0 {
        let Some(others) = baselines.cells.get(cell) else { bail!("no baseline predicts {cell:?}") };
        let group = if seeds > 1 { cell.0.to_string() } else { cell.1.clone() };
        let others: Vec<f64> = others.iter().map(|other| 100.0 * (other - forecast.truth).abs()).collect();
        rows.push((group, 100.0 * (forecast.predicted - forecast.truth).abs(), others));
    }
    let error_of = |at: usize| mean(rows.iter().map(|(.., others)| others[at]));
    let errors: Vec<f64> = (0..baselines.names.len()).map(error_of).collect();
    let best = (0..errors.len()).min_by(|&a, &b| errors[a].total_cmp(&errors[b])).context("no baseline")?;
    let mut groups: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (group, own, others) in &rows {
        groups.entry(group).or_default().push(own - others[best]);
    }
    let differences: Vec<f64> = groups.into_values().map(|group| mean(group.into_iter())).collect();
    let mut widths = Vec::new();
    let mut covered = 0;
    for Forecast { truth, interval, .. } in forecasts.0.values() {
        let Some([lower, upper]) = interval else { continue };
        // Bounds are written with a few digits.
        covered += usize::from((lower - 1e-6..=upper + 1e-6).contains(truth));
        widths.push(100.0 * (upper - lower));
    }
    widths.sort_by(f64::total_cmp);
    let error = mean(rows.iter().map(|(_, own, _)| *own));
    Ok(Comparison {
        seeds,
        error,
        best: errors[best],
        best_name: baselines.names[best].clone(),
        stack: error_of(baselines.names.len()),
        difference: error - errors[best],
        standard_error: standard_error(&differences),
        covered,
        intervals: widths.len(),
        width: widths.get(widths.len() / 2).copied().unwrap_or(f64::NAN),
    })
}

fn standard_error(all: &[f64]) -> Option<f64> {
    let (n, centre) = (all.len() as f64, mean(all.iter().copied()));
    let squares: f64 = all.iter().map(|each| (each - centre).powi(2)).sum();
    (all.len() > 1).then(|| (squares / (n - 1.0) / n).sqrt())
}

fn mean(all: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = all.fold((0.0, 0.0), |(count, sum), each| (count + 1.0, sum + each));
    sum / count
}

/// Names and texts of a row, in the order of the columns.
struct Row(Vec<(String, String)>);

impl Row {
    fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(column, _)| column == name).map(|(_, text)| text.as_str())
    }

    fn iter(&self) -> std::slice::Iter<'_, (String, String)> {
        self.0.iter()
    }
}

fn cell(row: &Row) -> Result<Cell> {
    let text = |name: &str| row.get(name).with_context(|| format!("no column {name}"));
    Ok((text("seed")?.parse()?, text("model")?.to_owned(), text("task")?.to_owned()))
}

fn each_row(path: &Path, mut take: impl FnMut(&Row) -> Result<()>) -> Result<()> {
    let mut reader = csv::Reader::from_path(path).with_context(|| path.display().to_string())?;
    let names = reader.headers()?.clone();
    for (at, record) in reader.records().enumerate() {
        let record = record?;
        let row = Row(names.iter().zip(&record).map(|(name, text)| (name.to_owned(), text.to_owned())).collect());
        take(&row).with_context(|| format!("{} row {}", path.display(), at + 1))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forecast(truth: f64, predicted: f64, interval: Option<[f64; 2]>) -> Forecast {
        Forecast { truth, predicted, interval }
    }

    fn forecasts<const N: usize>(rows: [(u64, &str, Forecast); N]) -> Forecasts {
        let cell = |(seed, model, forecast): (u64, &str, _)| ((seed, model.to_owned(), "t".to_owned()), forecast);
        Forecasts(rows.into_iter().map(cell).collect())
    }

    fn baselines(rows: &[(u64, &str, [f64; 3])]) -> Baselines {
        let cell = |(seed, model, values): &(u64, &str, [f64; 3])| {
            ((*seed, (*model).to_owned(), "t".to_owned()), values.to_vec())
        };
        Baselines { names: vec!["a".to_owned(), "b".to_owned()], cells: rows.iter().map(cell).collect() }
    }

    #[test]
    fn errors_are_paired_cell_by_cell_and_grouped_by_seed() {
        let own = forecasts([
            (0, "x", forecast(0.5, 0.52, Some([0.4, 0.6]))),
            (0, "y", forecast(0.5, 0.56, Some([0.51, 0.61]))),
            (1, "x", forecast(0.5, 0.53, None)),
        ]);
        // a: 6, 2, 9 points beside the truth; b: 3, 5, 4; the stack: 1, 1, 4.
        let others =
            baselines(&[(0, "x", [0.44, 0.47, 0.51]), (0, "y", [0.48, 0.45, 0.49]), (1, "x", [0.59, 0.54, 0.54])]);
        let made = compare(&own, &others).unwrap();
        let close = |value: f64, wanted: f64| assert!((value - wanted).abs() < 1e-9, "{value}, not {wanted}");
        assert_eq!((made.seeds, made.best_name.as_str(), made.covered, made.intervals), (2, "b", 1, 2));
        close(made.error, 11.0 / 3.0);
        close(made.best, 4.0);
        close(made.stack, 2.0);
        close(made.difference, -1.0 / 3.0);
        // The differences of the seeds: (-1 + 1) / 2 and -1.
        close(made.standard_error.unwrap(), 0.5);
    }

    #[test]
    fn one_seed_has_an_error_over_models_and_a_missing_cell_is_an_error() {
        let own = forecasts([(0, "x", forecast(0.5, 0.5, None)), (0, "y", forecast(0.5, 0.5, None))]);
        let others = baselines(&[(0, "x", [0.5, 0.9, 0.5]), (0, "y", [0.48, 0.9, 0.5])]);
        let made = compare(&own, &others).unwrap();
        assert!((made.standard_error.unwrap() - 1.0).abs() < 1e-9);
        let fewer = baselines(&[(0, "x", [0.5; 3])]);
        assert!(others.have(&own) && !fewer.have(&own) && compare(&own, &fewer).is_err());
    }
}

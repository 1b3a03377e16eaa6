//! The encoding of factors as numbers.
//!
//! A column is numeric if all its known values are numbers, else categorical. (A number among texts is then a category named
//! by its digits, a flag one named by its name.) Numbers are standardised logarithms: `ln x` where all are positive, else
//! `sign(x) ln(1 + |x|)`, minus the mean, over the standard deviation, clipped to ±4. Missing values, numbers that are not
//! finite, and categories of fewer than two rows are encoded as absent: masked, never zero. A column with the same value in
//! every row is left out. Factors that are known only after an evaluation ([`known_afterwards`]) are left out too.

use crate::linalg::{distinct, order};
use crate::snapshot::{Factor, Factors, known_afterwards};
use std::collections::BTreeMap;

/// The encoding of the factors of models, or of tasks. The same factors give the same encoding.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::methods) struct Encoding {
    pub(in crate::methods) columns: Vec<Column>,
}

/// One factor.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::methods) struct Column {
    pub(in crate::methods) name: String,
    pub(in crate::methods) kind: Kind,
}

/// The type of a factor's values.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::methods) enum Kind {
    Number { positive: bool, mean: f64, deviation: f64 },
    Category { values: Vec<String> },
}

/// The code of a known value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::methods) enum Code {
    /// The standardised logarithm.
    Number(f32),
    /// The index of the category among those of its column.
    Category(usize),
}

/// Standardised logarithms are clipped to ± this value.
const BOUND: f64 = 4.0;
/// The most categories of a column; the most frequent ones are kept.
const MOST_CATEGORIES: usize = 256;

impl Encoding {
    /// Learns the encoding from these rows of factors.
    pub(in crate::methods) fn new<'f>(rows: impl Iterator<Item = &'f Factors> + Clone) -> Self {
        let mut names = distinct(rows.clone().flat_map(Factors::keys).cloned().collect());
        names.retain(|name| !known_afterwards(name));
        let count = rows.clone().count();
        let column = |name: String| {
            let values: Vec<&Factor> = rows.clone().filter_map(|row| row.get(&name)).collect();
            Some(Column { kind: Kind::new(&values, count)?, name })
        };
        Self { columns: names.into_iter().filter_map(column).collect() }
    }

    /// The code of each column, `None` where the value is absent. (columns)
    pub(in crate::methods) fn encode(&self, factors: &Factors) -> Vec<Option<Code>> {
        self.columns.iter().map(|column| column.kind.encode(factors.get(&column.name)?)).collect()
    }
}

impl Kind {
    /// `None` if all `rows` have the same value.
    fn new(values: &[&Factor], rows: usize) -> Option<Self> {
        let number = |factor: &&Factor| match factor {
            Factor::Number(number) => Some(*number),
            _ => None,
        };
        let kind = if values.iter().all(|factor| number(factor).is_some()) {
            Self::numbers(values.iter().filter_map(number).filter(|number| number.is_finite()).collect(), rows)?
        } else {
            Self::categories(values)
        };
        let differs = |codes: Vec<Option<Code>>| codes.windows(2).any(|pair| pair[0] != pair[1]);
        let codes: Vec<_> = values.iter().map(|factor| kind.encode(factor)).collect();
        let known = codes.iter().flatten().count();
        (known > 0 && (known < rows || differs(codes))).then_some(kind)
    }

    fn numbers(values: Vec<f64>, rows: usize) -> Option<Self> {
        let positive = values.iter().all(|&value| value > 0.0);
        let logs: Vec<f64> = values.iter().map(|&value| logarithm(value, positive)).collect();
        let count = logs.len() as f64;
        let mean = logs.iter().sum::<f64>() / count;
        let deviation = (logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / count).sqrt();
        let constant = deviation.is_nan() || deviation < 1e-9;
        if logs.is_empty() || (constant && logs.len() == rows) {
            return None;
        }
        Some(Self::Number { positive, mean, deviation: if constant { 1.0 } else { deviation } })
    }

    fn categories(values: &[&Factor]) -> Self {
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        values.iter().for_each(|factor| *counts.entry(category(factor)).or_default() += 1);
        let repeated: Vec<(String, u32)> =
            counts.into_iter().filter(|(name, count)| *count > 1 && !name.is_empty()).collect();
        let most_first = order(repeated.len(), &mut |a, b| repeated[b].1.cmp(&repeated[a].1));
        Self::Category { values: most_first.iter().take(MOST_CATEGORIES).map(|&at| repeated[at].0.clone()).collect() }
    }

    fn encode(&self, factor: &Factor) -> Option<Code> {
        match self {
            Self::Number { positive, mean, deviation } => {
                let &Factor::Number(number) = factor else { return None };
                if !number.is_finite() || (*positive && number <= 0.0) {
                    return None;
                }
                let standard = (logarithm(number, *positive) - mean) / deviation;
                Some(Code::Number(standard.clamp(-BOUND, BOUND) as f32))
            }
            Self::Category { values } => {
                let wanted = category(factor);
                values.iter().position(|value| *value == wanted).map(Code::Category)
            }
        }
    }
}

fn category(factor: &Factor) -> String {
    factor.to_text().to_ascii_lowercase()
}

fn logarithm(value: f64, positive: bool) -> f64 {
    if positive { value.ln() } else { value.signum() * value.abs().ln_1p() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(values: &[(&str, Factor)]) -> Factors {
        values.iter().map(|(name, factor)| ((*name).to_owned(), factor.clone())).collect()
    }

    fn text(text: &str) -> Factor {
        Factor::Text(text.to_owned())
    }

    #[test]
    fn numbers_are_standardised_logarithms_and_what_is_missing_is_absent() {
        let rows = [1.0, 10.0, 100.0].map(|n| row(&[("params", Factor::Number(n))]));
        let encoding = Encoding::new(rows.iter());
        let code = |n: f64| encoding.encode(&row(&[("params", Factor::Number(n))]))[0];
        assert_eq!(code(10.0), Some(Code::Number(0.0)));
        let Some(Code::Number(one)) = code(100.0) else { unreachable!() };
        assert!((one - 1.5f32.sqrt()).abs() < 1e-6, "{one}");
        assert_eq!(code(1e300), Some(Code::Number(4.0)));
        for odd in [f64::NAN, f64::INFINITY, 0.0, -1.0] {
            assert_eq!(code(odd), None);
        }
        assert_eq!(encoding.encode(&Factors::new()), [None]);
        assert_eq!(encoding.encode(&row(&[("params", text("large"))])), [None]);
    }

    #[test]
    fn a_factor_that_is_text_in_one_row_and_a_number_in_another_is_a_category() {
        let values = [Factor::Number(5.0), text("5"), text("chat"), text("Chat "), text("once")];
        let rows = values.clone().map(|value| row(&[("shots", value)]));
        let encoding = Encoding::new(rows.iter());
        let codes: Vec<_> = rows.iter().map(|row| encoding.encode(row)[0]).collect();
        assert!(codes[0].is_some() && codes[0] == codes[1]);
        assert!(codes[2].is_some() && codes[2] == codes[3] && codes[2] != codes[0]);
        assert_eq!(codes[4], None, "one row alone makes no category");
    }

    #[test]
    fn a_constant_column_is_left_out_and_a_flag_on_some_rows_is_not() {
        let rows: Vec<Factors> = (0..4)
            .map(|at| {
                let mut factors = row(&[
                    ("layers", Factor::Number(32.0)),
                    ("precision", text("bf16")),
                    ("hearts", Factor::Number(f64::from(at))),
                    ("odd", Factor::Number(f64::NAN)),
                    ("name", text(&format!("model {at}"))),
                ]);
                if at > 1 {
                    factors.insert("merged".to_owned(), Factor::Flag(true));
                    factors.insert("experts".to_owned(), Factor::Number(8.0));
                }
                factors
            })
            .collect();
        let encoding = Encoding::new(rows.iter());
        let names: Vec<_> = encoding.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["experts", "merged"]);
        assert_eq!(encoding.encode(&rows[3]), [Some(Code::Number(0.0)), Some(Code::Category(0))]);
        assert_eq!(encoding.encode(&rows[0]), [None, None]);
    }
}

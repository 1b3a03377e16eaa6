//! Columns of facts about models: their cells are typed together and given to the models.

use super::cells::{Content, content};
use super::markup;
use super::report::Role;
use super::roles::{Decided, Meaning};
use super::survey::is_flag;
use super::table::Row;
use super::words::{Sense, sense};
use crate::error::{Place, Warning};
use crate::linalg::{parse_number, print_number};
use crate::lineage::{NamedEdge, Parent, Relation, is_placeholder};
use crate::snapshot::{
    Factor, Model, day_order, is_ambiguous_day, named_amount, numbered_day, parse_amount, parse_day, parse_day_as,
};

/// What a column says about models.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A factor of this name.
    Factor(String),
    /// The day of the model.
    Date,
    Link,
    Licence,
    /// The models from which it was made.
    Parents,
    Description,
    OtherName,
}

/// A column of facts with its cells that are not blank.
pub(super) struct FactColumn {
    /// Its name in the file.
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) cells: Vec<FactCell>,
}

/// A cell: the model's position, its line (0 if the column is a row of the file), and its text.
pub(super) struct FactCell {
    pub(super) model: u32,
    pub(super) line: u64,
    pub(super) text: String,
}

impl FactColumn {
    /// A column of a table of facts, in which every column is a fact whatever its name.
    pub(super) fn of_facts(name: &str, cells: Vec<FactCell>) -> Self {
        let most = |is: &dyn Fn(&str) -> bool| {
            10 * cells.iter().filter(|cell| is(&cell.text)).count() >= 8 * cells.len().max(1)
        };
        let kind = match sense(name) {
            Some(Sense::Date(true)) if most(&is_some_day) => Kind::Date,
            Some(Sense::Link) if most(&|text| text.starts_with("http")) => Kind::Link,
            Some(Sense::Licence) => Kind::Licence,
            Some(Sense::Parents) => Kind::Parents,
            Some(Sense::Description) => Kind::Description,
            _ => Kind::Factor(name.to_owned()),
        };
        Self { name: name.to_owned(), kind, cells }
    }

    /// The role of the column and the name of its fact.
    pub(super) fn role(&self) -> (Role, Option<String>) {
        match &self.kind {
            Kind::Factor(name) => (Role::Fact, Some(named_amount(name).map_or(&**name, |(known, _)| known).to_owned())),
            Kind::Date => (Role::Date, Some("date".to_owned())),
            Kind::Link => (Role::Link, None),
            Kind::Licence => (Role::Licence, None),
            Kind::Parents => (Role::Fact, Some("parents".to_owned())),
            Kind::Description => (Role::Fact, Some("description".to_owned())),
            Kind::OtherName => (Role::Model, Some("names".to_owned())),
        }
    }

    /// The place of a cell.
    fn place(&self, file: &str, line: u64) -> Place {
        let place = Place::source(file).field(&self.name);
        if line > 0 { place.line(line) } else { place }
    }
}

/// The columns of facts of a table of scores.
pub(super) struct ModelFacts {
    columns: Vec<(usize, FactColumn)>,
    links: Vec<(u32, String)>,
}

impl ModelFacts {
    pub(super) fn new(header: &[String], decided: &[Decided]) -> Self {
        let column = |(at, decided): (usize, &Decided)| {
            let kind = match (decided.role, &decided.meaning) {
                (_, Meaning::Fact(name)) => Kind::Factor(name.clone()),
                (Role::Date, _) => Kind::Date,
                (Role::Link, _) => Kind::Link,
                (Role::Licence, _) => Kind::Licence,
                (_, Meaning::Parents) => Kind::Parents,
                (_, Meaning::Description) => Kind::Description,
                (_, Meaning::OtherName) => Kind::OtherName,
                _ => return None,
            };
            Some((at, FactColumn { name: header[at].clone(), kind, cells: Vec::new() }))
        };
        Self { columns: decided.iter().enumerate().filter_map(column).collect(), links: Vec::new() }
    }

    /// Adds the row of a model; `link` is the address beside its name.
    pub(super) fn add(&mut self, model: u32, row: &Row<'_>, link: Option<String>) {
        for (at, column) in &mut self.columns {
            let text = row.get(*at);
            if !text.is_empty() {
                column.cells.push(FactCell { model, line: row.line, text: text.to_owned() });
            }
        }
        self.links.extend(link.filter(|link| !link.trim().is_empty()).map(|link| (model, link)));
    }

    /// Gives the facts to the models.
    pub(super) fn finish(self, models: &mut [Model], part: &mut super::part::Part) {
        let columns = self.columns.into_iter().map(|(_, column)| column).collect();
        apply(columns, models, &part.name, &mut part.edges, &mut part.warnings);
        for (model, link) in self.links {
            models[model as usize].url.get_or_insert(link);
        }
    }
}

/// Gives facts to models; a later fact of the same kind replaces an earlier one.
pub(super) fn apply(
    columns: Vec<FactColumn>,
    models: &mut [Model],
    file: &str,
    edges: &mut Vec<NamedEdge>,
    warnings: &mut Vec<Warning>,
) {
    for column in columns {
        match &column.kind {
            Kind::Factor(name) => {
                let factors = typed(&column, file, warnings);
                for (cell, factor) in column.cells.iter().zip(factors) {
                    let Some(factor) = factor else { continue };
                    models[cell.model as usize].factors.insert(name.clone(), factor);
                }
            }
            Kind::Date => dates(&column, models, file, warnings),
            Kind::Parents => {
                for cell in &column.cells {
                    let child = &models[cell.model as usize].id;
                    let named = parents(&cell.text).into_iter().filter(|parent| !parent.id.eq_ignore_ascii_case(child));
                    edges.extend(named.map(|parent| NamedEdge { child: child.clone(), parent }));
                }
            }
            Kind::Link | Kind::Licence | Kind::Description | Kind::OtherName => {
                for cell in &column.cells {
                    let Some(text) = filled(&cell.text) else { continue };
                    let model = &mut models[cell.model as usize];
                    match column.kind {
                        Kind::Link => model.url = Some(text),
                        Kind::Licence => model.license = Some(text),
                        Kind::Description => model.description = Some(text),
                        _ if text != model.id && !model.names.contains(&text) => model.names.push(text),
                        _ => {}
                    }
                }
            }
        }
    }
}

/// The text of a cell without markup; `None` if it is unknown.
fn filled(text: &str) -> Option<String> {
    match content(text, false) {
        Content::Unknown => None,
        _ => Some(markup::named(text).name.into_owned()).filter(|text| !text.trim().is_empty()),
    }
}

/// The models in a cell such as `org/a`, `org/a, org/b` or `org/a:merge ; org/b:merge`.
fn parents(text: &str) -> Vec<Parent> {
    let parent = |part: &str| {
        let part = markup::named(part);
        let (id, relation) = match part.name.rsplit_once(':') {
            Some((id, word)) => {
                Relation::from_word(word).map_or((&*part.name, Relation::Unstated), |found| (id, found))
            }
            None => (&*part.name, Relation::Unstated),
        };
        let known = filled(id).is_some() && !is_placeholder(id);
        known.then(|| Parent::new(id.trim(), relation))
    };
    text.split([';', ',', '|']).filter_map(|part| parent(part.trim())).collect()
}

/// Whether a cell of a column of days is a day in any form.
fn is_some_day(text: &str) -> bool {
    parse_day(text).or_else(|| numbered_day(text)).is_some() || is_ambiguous_day(text)
}

fn dates(column: &FactColumn, models: &mut [Model], file: &str, warnings: &mut Vec<Warning>) {
    let order = day_order(column.cells.iter().map(|cell| cell.text.as_str()));
    let mut wrong: Option<(&FactCell, usize)> = None;
    for cell in &column.cells {
        match parse_day_as(&cell.text, order).or_else(|| numbered_day(&cell.text)) {
            Some(day) => models[cell.model as usize].date = Some(day),
            None if filled(&cell.text).is_none() => {}
            None => wrong.get_or_insert((cell, 0)).1 += 1,
        }
    }
    if let Some((cell, count)) = wrong {
        let found = shown(&cell.text);
        let message = if is_ambiguous_day(&cell.text) {
            format!(
                "{found:?} may begin with the day or the month, write it like 2025-01-31; {count} such cells were left out"
            )
        } else {
            format!("expected a date like 2025-01-31, found {found:?}; {count} such cells were left out")
        };
        warnings.push(Warning::new(message).at(column.place(file, cell.line)));
    }
}

/// The factors of a column's cells. A column has one type; if its cells differ in type, all are texts.
fn typed(column: &FactColumn, file: &str, warnings: &mut Vec<Warning>) -> Vec<Option<Factor>> {
    if named_amount(&column.name).is_some() {
        return amounts(column, file, warnings);
    }
    let mut contents: Vec<Content<'_>> = column.cells.iter().map(word_or_content).collect();
    if contents.iter().any(|content| matches!(content, Content::Number(_))) {
        let none = |content: &&mut Content<'_>| **content == Content::Text("none");
        contents.iter_mut().filter(none).for_each(|content| *content = Content::Unknown);
    }
    let count = |is: &dyn Fn(&Content<'_>) -> bool| contents.iter().filter(|content| is(content)).count();
    let numbers = count(&|content| matches!(content, Content::Number(_)));
    let flags = count(&|content| matches!(content, Content::Text(text) if is_flag(text)));
    let all = count(&|content| *content != Content::Unknown);
    if (1..all).contains(&numbers) {
        warnings.push(mixed(&column.name, numbers, all).at(Place::source(file)));
    }
    let read = |(content, cell): (&Content<'_>, &FactCell)| match content {
        Content::Unknown => None,
        Content::Number(number) if numbers == all => Some(Factor::Number(number.value)),
        Content::Text(text) if flags == all => Some(Factor::Flag(is_yes(text))),
        _ => Some(Factor::Text(cell.text.clone())),
    };
    contents.iter().zip(&column.cells).map(read).collect()
}

/// The warning about a column of numbers and texts.
pub(super) fn mixed(name: &str, numbers: usize, all: usize) -> Warning {
    Warning::new(format!("factor \"{name}\" is a number in {numbers} of {all} cells, read as text in all"))
}

/// The content of a cell. "None" may be a word among others: no open data, say.
fn word_or_content(cell: &FactCell) -> Content<'_> {
    match content(&cell.text, false) {
        Content::Unknown if cell.text.eq_ignore_ascii_case("none") => Content::Text("none"),
        content => content,
    }
}

fn is_yes(text: &str) -> bool {
    ["true", "yes", "y", "✓", "✔", "✅"].iter().any(|yes| text.eq_ignore_ascii_case(yes))
}

/// A column of sizes or tokens: `8`, `8B` and `8000000000` are the same in a column `params`. Cells that are not amounts
/// are left out with a warning.
fn amounts(column: &FactColumn, file: &str, warnings: &mut Vec<Warning>) -> Vec<Option<Factor>> {
    // A unit in the column's name is the unit of numbers without one.
    let unit = named_amount(&column.name).and_then(|(_, unit)| unit);
    let mut wrong: Option<(u64, &str, usize)> = None;
    let read = |cell: &FactCell| -> Option<f64> {
        let written = cell.text.as_str();
        let number = match content(written, false) {
            Content::Number(number) => Some(number.value),
            Content::Unknown => return None,
            Content::Text(_) => None,
        };
        let plain = number.or_else(|| parse_number(written)).filter(|value| value.is_finite());
        if let (Some(value), Some(_)) = (plain, unit) {
            return (value > 0.0).then_some(value);
        }
        let text = plain.map_or_else(|| written.to_owned(), print_number);
        Some(parse_amount(&text)? / unit.unwrap_or(1.0))
    };
    let mut values = Vec::with_capacity(column.cells.len());
    for cell in &column.cells {
        let value = read(cell);
        if value.is_none() && filled(&cell.text).is_some() {
            wrong.get_or_insert((cell.line, &cell.text, 0)).2 += 1;
        }
        values.push(value.map(Factor::Number));
    }
    if let Some((line, found, count)) = wrong {
        let message =
            format!("expected an amount such as 7.6 or 8B, found {:?}; {count} such cells were left out", shown(found));
        warnings.push(Warning::new(message).at(column.place(file, line)));
    }
    values
}

fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_are_listed_in_several_ways() {
        let ids = |text: &str| parents(text).into_iter().map(|parent| (parent.id, parent.relation)).collect::<Vec<_>>();
        assert_eq!(ids("a/b"), [("a/b".into(), Relation::Unstated)]);
        assert_eq!(ids("a/b:merge ; c/d:merge"), [("a/b".into(), Relation::Merge), ("c/d".into(), Relation::Merge)]);
        assert_eq!(ids("[a/b](https://huggingface.co/a/b)"), [("a/b".into(), Relation::Unstated)]);
        assert_eq!(ids("Removed"), []);
        assert_eq!(ids("-"), []);
        assert_eq!(ids("x/y (Merge)"), []);
    }

    #[test]
    fn columns_have_one_type_and_amounts_units() {
        let column = |name: &str, cells: &[&str]| {
            let cell = |(at, text): (usize, &&str)| FactCell { model: at as u32, line: 2, text: (*text).to_owned() };
            FactColumn::of_facts(name, cells.iter().enumerate().map(cell).collect())
        };
        let read = |name: &str, cells: &[&str]| {
            let mut warnings = Vec::new();
            (typed(&column(name, cells), "f.csv", &mut warnings), warnings.len())
        };
        let number = |value| Some(Factor::Number(value));
        assert_eq!(read("layers", &["32", "N/A", "1,024"]), (vec![number(32.0), None, number(1024.0)], 0));
        assert_eq!(read("open", &["yes", "No"]), (vec![Some(Factor::Flag(true)), Some(Factor::Flag(false))], 0));
        assert_eq!(read("kind", &["1", "b"]).1, 1, "a mixed column is told");
        assert_eq!(read("params", &["8B", "8000000000", "0.5"]), (vec![number(8.0), number(8.0), number(0.5)], 0));
        assert_eq!(read("params (M)", &["500", "1B"]), (vec![number(500.0), number(1000.0)], 0));
        assert_eq!(read("params", &["huge"]), (vec![None], 1));
        assert_eq!(column("release_date", &["2024-01-02"]).kind, Kind::Date);
        assert_eq!(column("adapted_from", &["a/b"]).kind, Kind::Parents);
        assert_eq!(column("reasoning", &["on"]).kind, Kind::Factor("reasoning".into()));
    }
}

//! Tables with a row for each model: a column for each task, and columns of facts. A table whose scores are all 0 or 1
//! is a matrix of items, solved or not.

use super::cells::{Content, content};
use super::known_names::{Known, known};
use super::model_facts::ModelFacts;
use super::name_parts::is_average_row;
use super::part::{Cells, ModelRows, Part, PartTask, some_of};
use super::report::{Column, Columns, Dropped, Role, label};
use super::roles::{self, Candidate, Decided, Meaning};
use super::row_names::Names;
use super::survey::{Surveyed, survey};
use super::table::Table;
use super::tabular::stem;
use super::words::{Sense, sense};
use crate::error::{Error, Place, Result, Warning};
use crate::linalg::BitMatrix;
use crate::snapshot::{Declared, Outcomes, Range, Task};
use std::collections::HashMap;

/// After this many cells of 0 and 1, a rare other value is an error in a matrix and not a sign of another kind of table.
const SURELY_A_MATRIX: usize = 1000;
/// The share of other values that counts as rare.
const RARE: f64 = 1e-3;

/// A table whose columns have roles.
pub(super) struct Wide<'t> {
    name: &'t str,
    pub(super) header: &'t [String],
    pub(super) decided: Vec<Decided>,
    pub(super) surveyed: Surveyed,
    /// The columns of the tasks.
    pub(super) scores: Vec<usize>,
}

pub(super) fn read(mut table: Table<'_>, given: &Columns) -> Result<Part> {
    let header = distinct_names(&table.header);
    check_header(&table)?;
    let surveyed = survey(&mut table)?;
    let short = table.short_warning();
    let candidates: Vec<Candidate<'_>> =
        header.iter().zip(&surveyed.columns).map(|(name, survey)| Candidate { name, survey }).collect();
    let decided = roles::decide(&candidates, given).map_err(|error| error.at(table.head()))?;
    let scores: Vec<usize> = (0..decided.len()).filter(|&at| decided[at].role == Role::Score).collect();
    if scores.is_empty() {
        return Err(no_scores(&header, &decided).at(table.head()));
    }
    let wide = Wide { name: table.name, header: &header, decided, surveyed, scores };
    let mut part = wide.models(&table)?;
    part.warnings.extend(short);
    Ok(part)
}

/// Refuses a table without a header: its first line holds a score, and no name of a column of models.
fn check_header(table: &Table<'_>) -> Result<()> {
    let is_score = |name: &&String| match content(name, table.decimal_comma) {
        Content::Number(number) => number.error.is_some() || number.percent || number.value.fract() != 0.0,
        _ => false,
    };
    let is_model = |name: &String| matches!(sense(name), Some(Sense::Model(_)));
    let unnamed = table.header.first().is_some_and(String::is_empty) || table.header.iter().any(is_model);
    let Some(score) = table.header.iter().find(is_score).filter(|_| !unnamed) else { return Ok(()) };
    let message = format!("the first line holds a score ({score:?}); put a header such as model,MMLU above it");
    Err(Error::input(message).at(table.head()))
}

/// The names of the columns; a column without a name or with one that is there before gets its number.
fn distinct_names(header: &[String]) -> Vec<String> {
    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut names = Vec::with_capacity(header.len());
    for (at, name) in header.iter().enumerate() {
        let earlier = seen.insert(name.clone(), 0).is_some() && !name.is_empty();
        names.push(if earlier { format!("{name} (column {})", at + 1) } else { name.clone() });
    }
    names
}

fn no_scores(header: &[String], decided: &[Decided]) -> Error {
    let column =
        |(name, decided): (&String, &Decided)| format!("{name:?} is read as {} ({})", decided.role.word(), decided.why);
    let columns: Vec<String> = header.iter().zip(decided).take(6).map(column).collect();
    let message = format!("no column holds scores: {}; correct it with --columns 'NAME=score'", columns.join(", "));
    Error::input(message)
}

impl Wide<'_> {
    /// The models with their facts, and their scores.
    fn models(self, table: &Table<'_>) -> Result<Part> {
        let mut part = Part::new(self.name, Cells::Scores(Vec::new()));
        let (rows, positions) = self.rows(table, &mut part)?;
        part.columns = self.columns();
        part.models = rows.models;
        self.tell_unread(&mut part);
        let stray = self.stray();
        if self.is_matrix(&stray) {
            if let Some((row, column)) = stray.first {
                let found = crate::linalg::print_number(self.surveyed.columns[column].values[row]);
                let place = table.place(u64::from(self.surveyed.lines[row])).field(&self.header[column]);
                return Err(Error::input(format!("expected 0 or 1, found {found}")).at(place));
            }
            return Ok(self.outcomes(part, &positions));
        }
        Ok(self.scores(part, &positions))
    }

    /// Reads the names and facts of the models. For each row, the model to which it belongs; rows that repeat a model
    /// and rows of averages belong to none.
    fn rows(&self, table: &Table<'_>, part: &mut Part) -> Result<(ModelRows, Vec<Option<u32>>)> {
        let model =
            self.decided.iter().position(|decided| decided.role == Role::Model && decided.meaning == Meaning::None);
        let model = model.unwrap_or(0);
        let names = Names::of(table, model)?;
        let mut rows = ModelRows::default();
        let mut positions = Vec::with_capacity(self.surveyed.lines.len());
        let mut facts = ModelFacts::new(self.header, &self.decided);
        let (mut averages, mut titles, mut bare) = (0, Vec::new(), Vec::new());
        table.again()?.each(|row| {
            let cell = row.model(model)?;
            let (id, link) = names.id(cell);
            if (0..self.header.len()).all(|at| at == model || row.get(at).is_empty()) {
                // A model may be listed to be forecast; a title or a note may not.
                if known(&id) != Some(Known::Model) {
                    titles.push(id);
                    positions.push(None);
                    return Ok(());
                }
                bare.push(id.clone());
            }
            if is_average_row(&id) && self.surveyed.lines.len() > 2 {
                averages += 1;
                positions.push(None);
                return Ok(());
            }
            let position = rows.first(&id, row.line);
            positions.push(position);
            if let Some(position) = position {
                facts.add(position, row, link);
            }
            Ok(())
        })?;
        if averages > 0 {
            part.dropped.push(Dropped {
                what: "rows".to_owned(),
                why: "averages of the rows".to_owned(),
                count: averages,
                expected: false,
            });
        }
        let mut tell = |rows: &[String], what: &str| {
            let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
            let message = || format!("rows with a name and nothing else, {what}: {}", some_of(&rows));
            part.warnings.extend((!rows.is_empty()).then(|| Warning::new(message()).at(Place::source(self.name))));
        };
        tell(&titles, "left out as titles or notes (a model needs a score, a fact or a name like org/name)");
        tell(&bare, "read as models without results");
        if !titles.is_empty() {
            let why = "a name and nothing else, as titles and notes have".to_owned();
            part.dropped.push(Dropped { what: "rows".to_owned(), why, count: titles.len(), expected: false });
        }
        if names.notes > 0 {
            let message = format!("{} names of models lost a note such as \"(few-shot)\"", names.notes);
            part.warnings.push(Warning::new(message).at(Place::source(self.name)));
        }
        self.check_repeated(table, &rows)?;
        part.warnings.extend(rows.warning(self.name));
        part.dropped.extend(rows.dropped());
        facts.finish(&mut rows.models, part);
        Ok((rows, positions))
    }

    /// Refuses rows that repeat a model where a column of tasks may tell them apart: they are scores, and not repetitions.
    fn check_repeated(&self, table: &Table<'_>, rows: &ModelRows) -> Result<()> {
        let tells = |at: &usize| {
            let survey = &self.surveyed.columns[*at];
            sense(&self.header[*at]) == Some(Sense::Task) && !self.decided[*at].given && survey.texts > survey.numbers
        };
        let Some(at) = (0..self.header.len()).find(tells).filter(|_| rows.has_repeated()) else { return Ok(()) };
        let name = &self.header[at];
        let message = format!(
            "rows repeat a model, maybe for each {name:?}, and no column of one score in each row is found; say which it is \
             with --columns 'NAME=score', or that {name:?} is a fact with --columns '{name}=fact'"
        );
        Err(Error::input(message).at(table.head()))
    }

    /// The name of a column, or its number.
    pub(super) fn label(&self, at: usize) -> String {
        label(&self.header[at], at)
    }

    fn columns(&self) -> Vec<Column> {
        let column = |(at, decided): (usize, &Decided)| {
            let name = self.label(at);
            let task = match decided.meaning {
                Meaning::Of(score) => Some(score),
                _ => Some(at).filter(|_| decided.role == Role::Score),
            };
            let at = task.and_then(|at| self.scores.iter().position(|&score| score == at));
            let fact = match &decided.meaning {
                Meaning::Fact(name) => Some(name.clone()),
                Meaning::OwnDate => Some("date".to_owned()),
                Meaning::Parents => Some("parents".to_owned()),
                Meaning::Description => Some("description".to_owned()),
                Meaning::OtherName => Some("names".to_owned()),
                Meaning::None | Meaning::Of(_) => None,
            };
            Column {
                at: at.map(|at| at as u32),
                fact,
                ..Column::new(self.name, &name, decided.role, decided.why.clone())
            }
        };
        self.decided.iter().enumerate().map(column).collect()
    }

    /// Tells which cells among numbers are texts, and which numbers in brackets beside scores, and are left out.
    fn tell_unread(&self, part: &mut Part) {
        for &at in &self.scores {
            let (survey, name) = (&self.surveyed.columns[at], &self.header[at]);
            let mut leave_out = |what: &str, why: &str, count: usize| {
                let (what, why) = (format!("{what} of {name}"), why.to_owned());
                part.dropped.extend((count > 0).then_some(Dropped { what, why, count, expected: false }));
            };
            leave_out("numbers in brackets", "not said what they are", survey.remarks);
            let Some((line, text)) = &survey.first_text else { continue };
            leave_out("cells", "no number", survey.texts);
            let message = format!("expected a number, found {text:?}; {} such cells are left out", survey.texts);
            part.warnings.push(Warning::new(message).at(Place::source(self.name).line(*line).field(name)));
        }
    }

    fn stray(&self) -> Stray {
        let mut stray = Stray { known: 0, count: 0, first: None };
        for &column in &self.scores {
            let survey = &self.surveyed.columns[column];
            stray.known += survey.numbers;
            for (row, &value) in survey.values.iter().enumerate() {
                if !(value.is_nan() || value == 0.0 || value == 1.0) {
                    stray.count += 1;
                    stray.first = Some(stray.first.map_or((row, column), |first| first.min((row, column))));
                }
            }
        }
        stray
    }

    /// Whether the scores are items, solved or not, maybe with a few errors.
    fn is_matrix(&self, stray: &Stray) -> bool {
        let signs = |at: &usize| !self.surveyed.columns[*at].percent.is_empty() || self.decided[*at].unit.is_some();
        let few = stray.known >= SURELY_A_MATRIX && (stray.count as f64) < RARE * stray.known as f64;
        self.scores.len() >= 2 && stray.known > 0 && !self.scores.iter().any(signs) && (stray.count == 0 || few)
    }

    fn outcomes(self, part: Part, positions: &[Option<u32>]) -> Part {
        let shape = (part.models.len(), self.scores.len());
        let (mut observed, mut solved) = (BitMatrix::zeros(shape.0, shape.1), BitMatrix::zeros(shape.0, shape.1));
        for (item, &column) in self.scores.iter().enumerate() {
            for (value, row) in self.surveyed.columns[column].values.iter().zip(positions) {
                if let Some(row) = row.filter(|_| !value.is_nan()) {
                    observed.set(row as usize, item, true);
                    solved.set(row as usize, item, *value == 1.0);
                }
            }
        }
        let stem = stem(self.name);
        let task = |&column: &usize| PartTask {
            task: Task::outcome(stem, &self.label(column)),
            declared: Declared::Range(Range::FRACTION),
            ..PartTask::plain(self.label(column))
        };
        let tasks = self.scores.iter().map(task).collect();
        Part { tasks, cells: Cells::Outcomes(Outcomes { observed, solved }), ..part }
    }
}

/// Values other than 0 and 1 in a table.
struct Stray {
    known: usize,
    count: usize,
    first: Option<(usize, usize)>, // row, column
}

//! Which columns of a table with a row for each score hold what. The names of the columns tell it; or, where these are
//! unusual, the rows do: a model has several rows, each of another task.

use super::report::{Column, Columns, Role, label};
use super::roles::{self, Candidate};
use super::survey::survey;
use super::table::Table;
use super::words::{Sense, TASKS, sense};
use crate::error::Result;
use crate::snapshot::{metric_facts, name_words};
use std::collections::HashSet;

/// Names of columns of scores, the best first.
const VALUES: [&str; 12] = [
    "score",
    "value",
    "result",
    "main score",
    "performance",
    "metric value",
    "mean score",
    "best score across scorers",
    "best score",
    "accuracy",
    "mean",
    "em",
];

/// Names of columns of tasks in tables whose rows tell that these name the tasks.
const UNUSUAL_TASKS: [&str; 16] = [
    "benchmarks",
    "datasets",
    "tasks",
    "evals",
    "bench",
    "suite",
    "test",
    "tests",
    "metric",
    "subject",
    "eval name",
    "scenario",
    "category",
    "capability",
    "subtask",
    "variable",
];

/// Names of metrics as columns of scores have them, beside those of [`VALUES`].
const METRICS: [&str; 22] = [
    "acc",
    "acc norm",
    "exact match",
    "f1",
    "f1 score",
    "pass rate",
    "pass 1",
    "pass k",
    "success rate",
    "win rate",
    "avg",
    "average",
    "rating",
    "elo",
    "bleu",
    "rouge",
    "rougel",
    "precision",
    "recall",
    "ndcg",
    "points",
    "percent",
];

/// Names of columns of numbers about a run, which are no scores.
const SETTINGS: [&str; 16] = [
    "version",
    "shots",
    "n shot",
    "n shots",
    "num shots",
    "num fewshot",
    "shot",
    "seed",
    "run",
    "run id",
    "sample id",
    "item id",
    "question id",
    "epoch",
    "step",
    "limit",
];

/// The positions of the columns.
pub(super) struct Layout {
    pub(super) model: usize,
    pub(super) task: usize,
    /// The scores; several such columns are of metrics.
    pub(super) values: Vec<usize>,
    pub(super) subset: Option<usize>,
    pub(super) split: Option<usize>,
    pub(super) metric: Option<usize>,
    pub(super) task_type: Option<usize>,
    pub(super) error: Option<usize>,
    pub(super) items: Option<usize>,
    pub(super) date: Option<usize>,
    pub(super) source: Option<usize>,
    /// Whether less is better, or (`true`) more.
    pub(super) direction: Option<(usize, bool)>,
    pub(super) unit: Option<usize>,
}

/// The header of a table with the roles that a person gave.
struct Header<'t> {
    names: &'t [String],
    words: Vec<String>,
    given: &'t Columns,
}

impl<'t> Header<'t> {
    fn new(names: &'t [String], given: &'t Columns) -> Self {
        let words = names.iter().map(|name| name_words(name).trim().to_owned()).collect();
        Self { names, words, given }
    }

    fn role(&self, at: usize) -> Option<Role> {
        self.given.of(&self.names[at]).map(|(role, _)| role)
    }

    fn with(&self, wanted: Role) -> impl Iterator<Item = usize> {
        (0..self.words.len()).filter(move |&at| self.role(at) == Some(wanted))
    }

    fn free(&self, at: usize, wanted: Role) -> bool {
        self.role(at).is_none_or(|role| role == wanted || role == Role::Fact)
    }

    fn named(&self, names: &[&str], wanted: Role) -> Option<usize> {
        let find = |name: &&str| self.words.iter().position(|word| word == name).filter(|&at| self.free(at, wanted));
        names.iter().find_map(find)
    }

    fn model(&self) -> Option<usize> {
        let place = |at: usize| match sense(&self.names[at]) {
            Some(Sense::Model(place)) if self.free(at, Role::Model) => Some((place, at)),
            _ => None,
        };
        let by_name = || (0..self.words.len()).filter_map(place).min().map(|(_, at)| at);
        self.with(Role::Model).next().or_else(by_name)
    }

    /// The columns beside those of the models, tasks and scores.
    fn layout(&self, model: usize, task: usize, values: Vec<usize>) -> Layout {
        let is_free = |at: &usize| *at != model && *at != task && !values.contains(at);
        let other = |names: &[&str], wanted: Role| self.named(names, wanted).filter(is_free);
        let error = || other(&["stderr", "std err", "standard error", "se", "error"], Role::Error);
        let items = || other(&["items", "n samples", "num samples", "n items", "samples", "n"], Role::Items);
        let date = || other(&["date", "evaluated", "evaluation date"], Role::Date);
        let lower = other(&["lower is better", "less is better"], Role::Fact).map(|at| (at, false));
        let higher = || other(&["higher is better", "more is better"], Role::Fact).map(|at| (at, true));
        Layout {
            model,
            task,
            subset: other(&["subset", "config", "subtask", "hf subset", "category"], Role::Fact),
            split: other(&["split", "eval split"], Role::Fact),
            metric: other(&["metric", "metric name", "metric id"], Role::Fact),
            task_type: other(&["task type", "task", "type"], Role::Fact),
            error: self.with(Role::Error).next().or_else(error),
            items: self.with(Role::Items).next().or_else(items),
            date: self.with(Role::Date).next().or_else(date),
            source: other(&["source", "source name", "source id"], Role::Fact),
            direction: lower.or_else(higher),
            unit: other(&["unit", "units", "metric unit", "score unit"], Role::Fact),
            values,
        }
    }
}

impl Layout {
    /// The columns by their names and given roles; `None` if these tell of another kind of table.
    pub(super) fn of(table: &Table<'_>, given: &Columns) -> Option<Self> {
        let header = Header::new(&table.header, given);
        let (model, task) = (header.model()?, header.named(&TASKS, Role::Fact)?);
        let mut values: Vec<usize> = header.with(Role::Score).collect();
        if values.is_empty() {
            values.push(header.named(&VALUES, Role::Score)?);
        }
        Some(header.layout(model, task, values))
    }

    /// The columns by what the rows hold, where the columns of models and tasks have names; `None` if these tell of another
    /// kind of table.
    ///
    /// # Errors
    /// If a row can't be read.
    pub(super) fn of_rows(table: &Table<'_>, given: &Columns) -> Result<Option<Self>> {
        let header = Header::new(&table.header, given);
        let Some(model) = header.model() else { return Ok(None) };
        let usual = header.named(&TASKS, Role::Fact).filter(|&at| at != model);
        let named = usual.or_else(|| header.named(&UNUSUAL_TASKS, Role::Fact).filter(|&at| at != model));
        let Some(task) = named else { return Ok(None) };
        let surveyed = survey(&mut table.again()?)?;
        let candidate = |(name, survey)| Candidate { name, survey };
        let candidates: Vec<Candidate<'_>> =
            table.header.iter().map(String::as_str).zip(&surveyed.columns).map(candidate).collect();
        let Ok(decided) = roles::decide(&candidates, given) else { return Ok(None) };
        let is_setting = |at: usize| SETTINGS.contains(&header.words[at].as_str());
        let is_value = |&at: &usize| decided[at].role == Role::Score && at != task && at != model && !is_setting(at);
        let values: Vec<usize> = (0..decided.len()).filter(is_value).collect();
        let layout = header.layout(model, task, values);
        let is_metric = |&at: &usize| {
            let words = header.words[at].as_str();
            VALUES.contains(&words) || METRICS.contains(&words) || metric_facts(words).lower_is_better
        };
        let metrics = layout.values.iter().all(is_metric);
        if layout.values.is_empty() || surveyed.columns[task].numbers > surveyed.columns[task].texts {
            return Ok(None);
        }
        let (mut models, mut tasks, mut pairs, mut rows) = (HashSet::new(), HashSet::new(), HashSet::new(), 0);
        table.again()?.each(|row| {
            let [model, task] = [model, task].map(|at| row.get(at).to_owned());
            rows += 1;
            pairs.insert((model.clone(), task.clone()));
            models.insert(model);
            tasks.insert(task);
            Ok(())
        })?;
        let several = models.len() < rows && tasks.len() >= 2;
        let is_long = if usual.is_some() {
            several || (metrics && layout.values.len() == 1)
        } else {
            several && metrics && 10 * pairs.len() >= 9 * rows
        };
        Ok(is_long.then_some(layout))
    }

    /// The roles of the columns.
    pub(super) fn columns(&self, file: &str, header: &[String]) -> Vec<Column> {
        let facts = [
            (Some(self.task), "dataset"),
            (self.subset, "subset"),
            (self.split, "split"),
            (self.metric, "metric"),
            (self.task_type, "task"),
            (self.source, "source"),
            (self.direction.map(|(at, _)| at), "direction"),
            (self.unit, "unit"),
        ];
        let column = |(at, header): (usize, &String)| {
            let role = |role, why: &str| Column::new(file, &label(header, at), role, why);
            let is = |column: Option<usize>| column == Some(at);
            match () {
                () if at == self.model => role(Role::Model, "names the models"),
                () if self.values.contains(&at) => role(Role::Score, "a score in each row"),
                () if is(self.error) => role(Role::Error, "standard errors by its name"),
                () if is(self.items) => role(Role::Items, "the numbers of items"),
                () if is(self.date) => role(Role::Date, "the days of the scores"),
                () => match facts.iter().find(|(column, _)| is(*column)) {
                    Some((_, fact)) => {
                        Column { fact: Some((*fact).to_owned()), ..role(Role::Fact, "tells of the score") }
                    }
                    None => role(Role::Skip, "no meaning in a table with a row for each score"),
                },
            }
        };
        header.iter().enumerate().map(column).collect()
    }
}

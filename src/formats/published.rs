//! The tables of published scores that ship with the project (`data/published/`): `scores.csv` with
//! `model,benchmark,score,source`, and beside it `models.csv`, `benchmarks.csv` and `sources.csv`, which tell what is known
//! of each.

use super::folder::Folder;
use super::part::{Cell, Cells, Part, PartTask};
use super::table::{Table, date, flag, number, score};
use crate::error::{Error, Place, Result, Warning};
use crate::lineage::{NamedEdge, Parent, Relation};
use crate::snapshot::{DataSource, Declared, Detail, Factor, Model, Range, Task, canonical_task};
use std::collections::HashMap;

const HEADER: [&str; 4] = ["model", "benchmark", "score", "source"];
/// The tables beside the scores, each with a column that tells it from others.
const BESIDE: [(&str, &str); 3] =
    [("models.csv", "open_weights"), ("benchmarks.csv", "lower_is_better"), ("sources.csv", "cells_in_source")];

/// The six benchmarks of the Open LLM Leaderboard v2 keep their short ids.
const SHORT: [(&str, &str); 6] = [
    ("ifeval_oll2", "ifeval"),
    ("bbh_oll2", "bbh"),
    ("math_level5_oll2", "math"),
    ("gpqa_oll2", "gpqa"),
    ("musr_oll2", "musr"),
    ("mmlu_pro_oll2", "mmlu_pro"),
];
const SHORT_METRIC: &str = "raw accuracy";
/// The source whose scores of these have two decimals, and the standard error of that: 0.005 / √3.
const ROUNDED: &str = "sloth";
const ROUNDING_ERROR: f32 = 0.002_887;
/// Sources whose figures count before others of the same measurement, the first most.
const PREFERRED: [&str; 3] = ["evalplus", "obs", "sloth"];

/// Facts that are texts, by their columns, and those that are numbers with their unit in units of the fact.
const TEXTS: [(&str, &str); 3] = [("developer", "developer"), ("family", "family"), ("type", "type")];
const NUMBERS: [(&str, &str, f64); 3] =
    [("params_b", "params", 1.0), ("active_params_b", "active_params", 1.0), ("tokens_t", "tokens", 1000.0)];

pub(super) fn recognise(table: &Table<'_>, folder: &Folder<'_>) -> bool {
    table.header == HEADER && BESIDE.iter().all(|(name, _)| folder.beside(table.name, name).is_some())
}

/// Whether a table is read together with the scores beside it.
pub(super) fn is_companion(table: &Table<'_>, folder: &Folder<'_>) -> bool {
    let is_one = |&(name, column): &(&str, &str)| table.name.ends_with(name) && table.column(&[column]).is_some();
    BESIDE.iter().any(is_one) && folder.beside(table.name, "scores.csv").is_some()
}

/// Reads the scores and the tables beside them.
///
/// # Errors
/// If a table lacks a column, a cell can't be read, or a score is of a model, benchmark or source that no table describes.
pub(super) fn read(mut table: Table<'_>, folder: &Folder<'_>) -> Result<Part> {
    let beside = |name: &str| {
        let missing = || Error::input(format!("needs {name} beside it")).at(Place::source(table.name));
        Ok(Beside { name: path_beside(table.name, name), text: folder.beside(table.name, name).ok_or_else(missing)? })
    };
    let (models, tasks, sources) = (beside("models.csv")?, beside("benchmarks.csv")?, beside("sources.csv")?);
    let mut part = Part::new(table.name, Cells::Scores(Vec::new()));
    sources.each(|row| {
        let license = row.text("licence")?.unwrap_or(DataSource::NOT_STATED.to_owned());
        let name = row.text("name")?.unwrap_or_default();
        let source = DataSource { id: row.needed("source")?, url: row.text("url")?, ..DataSource::new(name, license) };
        part.sources.push(DataSource { date: row.parsed("date", date)?, ..source });
        Ok(())
    })?;
    models.each(|row| {
        let (model, parents) = model(row)?;
        part.edges.extend(parents.into_iter().map(|parent| NamedEdge { child: model.id.clone(), parent }));
        part.models.push(model);
        Ok(())
    })?;
    let mut names = Vec::new();
    tasks.each(|row| {
        names.push(row.needed("benchmark")?);
        part.tasks.push(task(row)?);
        Ok(())
    })?;
    let places = |names: Vec<String>| names.into_iter().zip(0u32..).collect::<HashMap<String, u32>>();
    let model_at = places(part.models.iter().map(|model| model.id.clone()).collect());
    let (task_at, source_at) = (places(names), places(part.sources.iter().map(|source| source.id.clone()).collect()));
    let mut cells: HashMap<(u32, u32), (usize, Cell, Detail)> = HashMap::new();
    let (mut repeated, name) = (0, table.name);
    table.each(|row| {
        let place = |of: &HashMap<String, u32>, column: usize| {
            let unknown = || {
                Error::input(format!("no table describes \"{}\"", row.get(column)))
                    .at(Place::source(name).line(row.line).field(HEADER[column]))
            };
            of.get(row.get(column)).copied().ok_or_else(unknown)
        };
        let (model, task, source) = (place(&model_at, 0)?, place(&task_at, 1)?, place(&source_at, 3)?);
        let Some(value) = score(row.get(2)).map_err(|error| error.at(Place::default().field(HEADER[2])))? else {
            return Ok(());
        };
        let is_rounded = row.get(3) == ROUNDED && SHORT.iter().any(|short| short.0 == row.get(1));
        // Of a score over n items that is rounded both errors count.
        let sampling = part.tasks[task as usize].task.sampling_error(value, None).unwrap_or(0.0);
        let error = is_rounded.then(|| sampling.hypot(ROUNDING_ERROR));
        let rank = PREFERRED.iter().position(|preferred| *preferred == row.get(3)).unwrap_or(PREFERRED.len());
        let cell = (
            rank,
            Cell { model, task, value, line: row.line as u32 },
            Detail { error, source: Some(source), ..Detail::default() },
        );
        let known = cells.entry((model, task)).and_modify(|_| repeated += 1).or_insert(cell);
        if rank < known.0 {
            *known = cell;
        }
        Ok(())
    })?;
    if repeated > 0 {
        let message =
            format!("{repeated} scores repeat a model and benchmark from another source; one of each was kept");
        part.warnings.push(Warning::new(message).at(Place::source(name)));
    }
    let mut cells: Vec<_> = cells.into_values().collect();
    cells.sort_by_key(|(_, cell, _)| (cell.model, cell.task));
    part.details = cells.iter().map(|&(_, cell, detail)| (cell.model, cell.task, detail)).collect();
    part.cells = Cells::Scores(cells.into_iter().map(|(_, cell, _)| cell).collect());
    Ok(part)
}

fn model(row: &Line<'_, '_>) -> Result<(Model, Vec<Parent>)> {
    let id = row.needed("model")?;
    let mut model = Model { date: row.parsed("release_date", date)?, url: row.text("url")?, ..Model::default() };
    for (column, fact) in TEXTS {
        model.factors.extend(row.text(column)?.map(|text| (fact.to_owned(), Factor::Text(text))));
    }
    for (column, fact, unit) in NUMBERS {
        let value = row.parsed(column, number)?;
        model.factors.extend(value.map(|value| (fact.to_owned(), Factor::Number(value * unit))));
    }
    let is_open = row.text("open_weights")?.and_then(|word| flag(&word));
    model.factors.extend(is_open.map(|is_open| ("open_weights".to_owned(), Factor::Flag(is_open))));
    if let Some((_, setting)) = id.split_once('@') {
        model.factors.insert("setting".to_owned(), Factor::Text(setting.to_owned()));
    }
    let mut parents = Vec::new();
    for parent in row.text("parents")?.unwrap_or_default().split(';').map(str::trim).filter(|parent| !parent.is_empty())
    {
        let (id, word) = parent.rsplit_once(':').unwrap_or((parent, ""));
        parents.push(Parent::new(id, Relation::from_word(word).unwrap_or(Relation::Unstated)));
    }
    Ok((Model { id, ..model }, parents))
}

fn task(row: &Line<'_, '_>) -> Result<PartTask> {
    let label = row.needed("benchmark")?;
    let short = SHORT.iter().copied().find(|short| short.0 == label);
    let id = short.map_or_else(|| label.clone(), |short| short.1.to_owned());
    let bound = |column: &str| row.parsed(column, score);
    let range = bound("low")?.zip(bound("high")?).map(|(low, high)| Range { low, high });
    let items = row.parsed("items", number)?.map(|items| items as u32);
    let task = Task {
        dataset: row.text("dataset")?.unwrap_or_else(|| id.clone()),
        task_type: row.text("task")?,
        metric: short.map_or(row.text("metric")?, |_| Some(SHORT_METRIC.to_owned())),
        lower_is_better: row.text("lower_is_better")?.as_deref() == Some("yes"),
        chance: bound("chance")?,
        items: items.filter(|&items| items > 0),
        description: row.text("description")?,
        ..Task::score(id.clone(), range)
    };
    let lower_is_better = Some(task.lower_is_better);
    Ok(PartTask {
        declared: Declared::from(range),
        lower_is_better,
        given: true,
        label,
        task,
        ..PartTask::plain(canonical_task(&id))
    })
}

/// The path of a file in the folder of another.
fn path_beside(path: &str, name: &str) -> String {
    let folder = path.rfind('/').map_or("", |end| &path[..=end]);
    format!("{folder}{name}")
}

/// A table beside the scores.
struct Beside {
    name: String,
    text: String,
}

/// A row of it, with its columns by name.
struct Line<'t, 'r> {
    row: &'t super::table::Row<'r>,
    columns: &'t HashMap<String, usize>,
}

impl Beside {
    fn each(&self, mut visit: impl FnMut(&Line<'_, '_>) -> Result<()>) -> Result<()> {
        let mut table = Table::open(&self.name, self.text.as_bytes())?;
        let columns: HashMap<String, usize> = table.header.iter().cloned().zip(0..).collect();
        table.each(|row| visit(&Line { row, columns: &columns }))
    }
}

impl Line<'_, '_> {
    /// A cell; `None` if it is empty.
    fn text(&self, column: &str) -> Result<Option<String>> {
        let at = self.columns.get(column).ok_or_else(|| Error::input(format!("has no column \"{column}\"")))?;
        Ok(Some(self.row.get(*at).to_owned()).filter(|cell| !cell.is_empty()))
    }

    fn needed(&self, column: &str) -> Result<String> {
        let empty = || Error::input("is empty").at(Place::default().field(column));
        self.text(column)?.ok_or_else(empty)
    }

    fn parsed<T>(&self, column: &str, parse: impl Fn(&str) -> Result<Option<T>>) -> Result<Option<T>> {
        let parsed = self.text(column)?.map_or(Ok(None), |cell| parse(&cell));
        parsed.map_err(|error| error.at(Place::default().field(column)))
    }
}

#[cfg(test)]
mod tests {
    use crate::formats::{Companions, Imported, Source, import};
    use crate::snapshot::{Factor, Range, TaskIndex};

    const MODELS: &str = "model,developer,family,params_b,active_params_b,tokens_t,release_date,type,open_weights,parents,url\n\
        lab/Base-8B,Lab,Base,8,8,15,2025-01-01,pretrained,yes,,https://example.org/base\n\
        lab/Base-8B-Chat,Lab,Base,8,8,15,2025-02-01,chat,yes,lab/Base-8B:finetune ; other/Far:merge,\n\
        lab/closed@high,Lab,,,,,,reasoning,no,,\n";
    const BENCHMARKS: &str = "benchmark,name,dataset,task,metric,unit,low,high,chance,lower_is_better,items,description,source\n\
        gpqa_oll2,GPQA (board v2),GPQA,science,accuracy,fraction,0,1,0.25,no,1192,Hard questions.,obs ; sloth\n\
        gpqa_other,GPQA (other),GPQA,science,accuracy,percent,0,100,25,no,198,Other questions.,obs\n\
        elo,Elo,Arena,conversation,rating,points,,,,no,,Games.,obs\n\
        errors,Errors,Talk,conversation,error rate,percent,0,100,,yes,,Errors.,obs\n";
    const SOURCES: &str = "source,name,url,licence,licence_url,commit,date,taken,models,benchmarks,cells,cells_in_source\n\
        obs,Observations,https://example.org/obs,Apache-2.0,,,2025-01-01,all,,,,\n\
        sloth,Sloth,https://example.org/sloth,MIT,,,,all,,,,\n";
    const SCORES: &str = "model,benchmark,score,source\n\
        lab/Base-8B,gpqa_oll2,0.31,sloth\nlab/Base-8B,gpqa_oll2,0.3104,obs\nlab/Base-8B-Chat,gpqa_oll2,0.33,sloth\n\
        lab/Base-8B,gpqa_other,31.5,obs\nlab/closed@high,gpqa_other,70,obs\nlab/closed@high,elo,1320,obs\n\
        lab/Base-8B,elo,1100,obs\nlab/Base-8B,errors,12,obs\n";

    fn imported(scores: &str) -> crate::error::Result<Imported> {
        let texts =
            [("models.csv", MODELS), ("benchmarks.csv", BENCHMARKS), ("sources.csv", SOURCES), ("scores.csv", scores)];
        let names = texts.map(|(name, _)| format!("data/{name}"));
        let file = |at: usize| Source { name: &names[at], bytes: texts[at].1.as_bytes(), optional: true };
        import(&[file(0), file(1), file(2), file(3)], &Companions::default())
    }

    #[test]
    fn facts_parents_sources_and_tasks_come_with_the_scores() {
        let Imported { snapshot, warnings, .. } = imported(SCORES).unwrap();
        assert_eq!((snapshot.models.len(), snapshot.tasks.len(), snapshot.cells()), (3, 4, 7));
        assert!(warnings.iter().any(|warning| warning.to_string().contains("1 scores repeat")), "{warnings:?}");
        let base = snapshot.model("lab/Base-8B").unwrap();
        let facts = &snapshot.models[base.0 as usize].factors;
        assert_eq!((facts["params"].clone(), facts["tokens"].clone()), (Factor::Number(8.0), Factor::Number(15_000.0)));
        assert_eq!(facts["open_weights"], Factor::Flag(true));
        let chat = snapshot.model("lab/Base-8B-Chat").unwrap();
        assert_eq!(snapshot.lineage.parents(chat.0).count(), 2);
        // The preferred source of a measurement counts, and two decimals are an error.
        let gpqa = snapshot.task("gpqa_oll2").unwrap();
        assert_eq!(snapshot.tasks[gpqa.0 as usize].id, "gpqa");
        assert_eq!(snapshot.get(base, gpqa), Some(0.3104));
        let sampling = (0.33f32 * 0.67 / 1192.0).sqrt();
        let error = snapshot.error(chat, gpqa).unwrap();
        assert!((error * error - sampling * sampling - 0.002_887f32.powi(2)).abs() < 1e-8, "{error}");
        let of = |id: &str| &snapshot.tasks[snapshot.task(id).unwrap().0 as usize];
        assert_eq!((of("gpqa_other").range, of("gpqa_other").chance), (Some(Range::PERCENT), Some(25.0)));
        assert!(of("elo").range.is_none() && of("errors").lower_is_better);
        assert_eq!(snapshot.tasks.iter().position(|task| task.id == "elo"), Some(2));
        assert_eq!(snapshot.get(base, TaskIndex(2)), Some(1100.0));
        assert_eq!(
            snapshot.sources.iter().map(|source| source.license.as_str()).collect::<Vec<_>>(),
            ["Apache-2.0", "MIT"]
        );
    }

    #[test]
    fn a_score_of_what_no_table_describes_is_an_error_with_its_place() {
        let error = imported("model,benchmark,score,source\nlab/Base-8B,nothing,1,obs\n").unwrap_err();
        let text = error.to_string();
        assert!(text.contains("\"nothing\"") && text.contains("scores.csv"), "{text}");
    }

    #[test]
    fn the_tables_of_the_project_are_read_whole() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/published");
        let names = ["models.csv", "benchmarks.csv", "sources.csv", "scores.csv"];
        let bytes = names.map(|name| std::fs::read(folder.join(name)).unwrap());
        let files: Vec<Source<'_>> =
            names.iter().zip(&bytes).map(|(name, bytes)| Source { name, bytes, optional: true }).collect();
        let snapshot = import(&files, &Companions::default()).unwrap().snapshot;
        assert_eq!((snapshot.models.len(), snapshot.tasks.len(), snapshot.cells()), (641, 324, 14_924));
        for id in ["ifeval", "bbh", "math", "gpqa", "musr", "mmlu_pro"] {
            let task = &snapshot.tasks[snapshot.task(id).unwrap().0 as usize];
            assert_eq!((task.id.as_str(), task.metric.as_deref()), (id, Some("raw accuracy")));
        }
        assert!(snapshot.tasks.iter().all(|task| task.description.is_some() && task.task_type.is_some()));
    }
}

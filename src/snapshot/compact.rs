//! A binary form of a snapshot that is small and quick to read. It is internal: saved models contain it, and the parts
//! of the program exchange it; the format for users is `eyas-snapshot/2`. It keeps every field of a [`Snapshot`] and
//! the order of the edges.
//!
//! The order is: a byte for the version, sources, kind of the cells (0 scores, 1 outcomes), number of models, ids of all
//! nodes, the other fields of each model, edges, tasks, cells, details of scores, vectors of pairs. Each list starts with its length, and
//! a value that may be absent with 0 or 1.

mod stream;

pub(crate) use stream::{Reader, Writer};

use super::{
    DataSource, Date, Detail, Details, Factor, Factors, MeasuredBy, Model, Outcomes, PairVectors, Range, Results,
    Snapshot, Task, TaskKind,
};
use crate::linalg::{BitMatrix, SparseMatrix, map_of};
use crate::lineage::{Edge, Lineage, Relation};

/// The version of the compact form, its first byte.
const VERSION: u8 = 2;

/// Writes a snapshot in the compact form.
#[must_use]
pub fn write_compact(snapshot: &Snapshot) -> Vec<u8> {
    let mut writer = Writer::default();
    write_to(&mut writer, snapshot);
    writer.finish()
}

/// Reads the bytes of [`write_compact`]; `None` for other bytes.
#[must_use]
#[inline(never)]
pub fn read_compact(bytes: &[u8]) -> Option<Snapshot> {
    let mut reader = Reader::new(bytes);
    read_from(&mut reader).filter(|_| reader.is_done())
}

/// Appends a snapshot in the compact form.
pub(crate) fn write_to(to: &mut Writer, snapshot: &Snapshot) {
    to.raw(&[VERSION]);
    to.whole(snapshot.sources.len() as u64);
    snapshot.sources.iter().for_each(|source| write_source(source, to));
    to.whole(snapshot.kind() as u64);
    to.whole(snapshot.models.len() as u64);
    let ids = snapshot.lineage.ids();
    to.whole(ids.len() as u64);
    ids.iter().for_each(|id| to.text(id));
    snapshot.models.iter().for_each(|model| write_model(model, to));
    to.whole(snapshot.lineage.edges().len() as u64);
    for edge in snapshot.lineage.edges() {
        to.whole(u64::from(edge.parent));
        to.whole(u64::from(edge.child));
        to.whole(edge.relation as u64);
        to.float(edge.weight);
    }
    to.whole(snapshot.tasks.len() as u64);
    snapshot.tasks.iter().for_each(|task| write_task(task, to));
    match &snapshot.results {
        Results::Scores(scores) => (0..scores.columns()).for_each(|task| write_column(scores, task, to)),
        Results::Outcomes(outcomes) => {
            let cells = outcomes.observed.rows() * outcomes.observed.columns();
            let complete = outcomes.observed.count_ones() == cells;
            write_bits(&outcomes.solved, to);
            to.whole(u64::from(complete));
            if !complete {
                write_bits(&outcomes.observed, to);
            }
        }
    }
    // 1 for details, 2 for vectors of pairs.
    let has_vectors = snapshot.tasks.iter().any(|task| !task.pair_vectors.is_empty());
    to.whole(u64::from(!snapshot.details.is_empty()) + 2 * u64::from(has_vectors));
    write_details(&snapshot.details, snapshot.tasks.len(), to);
    if has_vectors {
        snapshot.tasks.iter().for_each(|task| write_vectors(&task.pair_vectors, to));
    }
}

fn write_vectors(vectors: &PairVectors, to: &mut Writer) {
    to.whole(vectors.len() as u64);
    for (model, vector) in vectors {
        to.text(model);
        to.whole(vector.len() as u64);
        vector.iter().for_each(|&number| to.float(number));
    }
}

fn write_source(source: &DataSource, to: &mut Writer) {
    [&source.id, &source.name, &source.license].iter().for_each(|text| to.text(text));
    write_text(source.url.as_deref(), to);
    write_date(source.date, to);
    to.whole(source.by.map_or(0, |by| by as u64 + 1));
}

fn write_text(text: Option<&str>, to: &mut Writer) {
    to.whole(u64::from(text.is_some()));
    text.into_iter().for_each(|text| to.text(text));
}

fn write_date(date: Option<Date>, to: &mut Writer) {
    to.whole(date.map_or(0, |date| u64::from(date.number()) + 1));
}

fn write_model(model: &Model, to: &mut Writer) {
    to.whole(model.names.len() as u64);
    model.names.iter().for_each(|name| to.text(name));
    write_date(model.date, to);
    for text in [&model.description, &model.license, &model.url, &model.configuration_of] {
        write_text(text.as_deref(), to);
    }
    write_factors(&model.factors, to);
}

fn write_details(details: &Details, tasks: usize, to: &mut Writer) {
    for task in (0..tasks as u32).take_while(|_| !details.is_empty()) {
        to.whole(details.of_task(task).count() as u64);
        for (model, detail) in details.of_task(task) {
            to.whole(u64::from(model));
            to.whole(u64::from(detail.error.is_some()));
            detail.error.into_iter().for_each(|error| to.float(error));
            to.whole(detail.items.map_or(0, u64::from));
            write_date(detail.date, to);
            to.whole(detail.source.map_or(0, |source| u64::from(source) + 1));
        }
    }
}

fn write_factors(factors: &Factors, to: &mut Writer) {
    to.whole(factors.len() as u64);
    for (name, factor) in factors {
        to.text(name);
        match factor {
            Factor::Flag(flag) => to.whole(u64::from(*flag)),
            Factor::Number(number) if f64::from(*number as f32) == *number => {
                to.whole(2);
                to.float(*number as f32);
            }
            Factor::Number(number) => {
                to.whole(3);
                to.double(*number);
            }
            Factor::Text(text) => {
                to.whole(4);
                to.text(text);
            }
        }
    }
}

fn write_task(task: &Task, to: &mut Writer) {
    to.text(&task.id);
    to.text(&task.dataset);
    for text in [&task.subset, &task.split, &task.task_type, &task.metric, &task.description] {
        write_text(text.as_deref(), to);
    }
    to.whole(task.shots.map_or(0, |shots| u64::from(shots) + 1));
    to.whole(task.items.map_or(0, u64::from));
    to.whole(u64::from(task.lower_is_better));
    let bounds = task.range.map(|range| [range.low, range.high]);
    for numbers in [bounds.as_ref().map(|ends| &ends[..]).unwrap_or_default(), task.chance.as_slice(), &task.embedding]
    {
        to.whole(numbers.len() as u64);
        numbers.iter().for_each(|&number| to.float(number));
    }
    write_factors(&task.factors, to);
}

/// Writes the number of cells, the distance of each cell from the one before it, and the scores.
fn write_column(scores: &SparseMatrix, task: usize, to: &mut Writer) {
    to.whole(scores.column(task).count() as u64);
    let mut next = 0;
    for (model, _) in scores.column(task) {
        to.whole(u64::from(model - next));
        next = model + 1;
    }
    scores.column(task).for_each(|(_, score)| to.float(score));
}

fn write_bits(bits: &BitMatrix, to: &mut Writer) {
    bits.words().iter().for_each(|word| to.raw(&word.to_le_bytes()));
}

/// Reads a snapshot that [`write_to`] appended; `None` for other bytes.
pub(crate) fn read_from(from: &mut Reader<'_>) -> Option<Snapshot> {
    if from.raw(1)? != [VERSION] {
        return None;
    }
    let sources = list(from, read_source)?;
    let kind = if from.below(2)? == 0 { TaskKind::Score } else { TaskKind::Outcome };
    let n_models = from.count()?;
    let ids: Vec<String> = list(from, |from| from.text().map(str::to_owned))?;
    let mut models = Vec::new();
    for id in ids.get(..n_models)? {
        models.push(read_model(id, from)?);
    }
    let n_nodes = ids.len();
    let edges = list(from, |from| {
        let (parent, child) = (from.below(n_nodes)?, from.below(n_nodes)?);
        let relation = *Relation::ALL.get(from.count()?)?;
        Some(Edge { parent, child, relation, weight: from.float().filter(|&weight| weight > 0.0)? })
    })?;
    let lineage = Lineage::of_edges(ids, edges)?;
    let mut tasks = list(from, |from| read_task(kind, from))?;
    let width = tasks.first()?.embedding.len();
    if n_models == 0 || sources.is_empty() || tasks.iter().any(|task| task.embedding.len() != width) {
        return None;
    }
    let results = match kind {
        TaskKind::Score => Results::Scores(read_scores(n_models, &tasks, from)?),
        TaskKind::Outcome => {
            let solved = read_bits(n_models, tasks.len(), from)?;
            let observed = match from.below(2)? {
                0 => read_bits(n_models, tasks.len(), from)?,
                _ => BitMatrix::from_words(n_models, tasks.len(), vec![u64::MAX; solved.words().len()])?,
            };
            let sound = solved.words().iter().zip(observed.words()).all(|(solved, observed)| solved & !observed == 0);
            Results::Outcomes(sound.then_some(Outcomes { observed, solved })?)
        }
    };
    let more = from.below(4)?;
    let details = match more & 1 {
        0 => Details::default(),
        _ => read_details(n_models, tasks.len(), sources.len(), from)?,
    };
    if more & 2 > 0 {
        for task in &mut tasks {
            task.pair_vectors = map_of(list(from, |from| Some((from.text()?.to_owned(), list(from, Reader::float)?)))?);
        }
        let mut lengths = tasks.iter().flat_map(|task| task.pair_vectors.values().map(Vec::len));
        let first = lengths.next();
        if lengths.any(|length| Some(length) != first) {
            return None;
        }
    }
    Some(Snapshot { sources, models, tasks, lineage, results, details })
}

fn read_source(from: &mut Reader<'_>) -> Option<DataSource> {
    let [id, name, license] = [from.text()?, from.text()?, from.text()?].map(str::to_owned);
    let (url, date) = (read_text(from)?, read_date(from)?);
    let by = match from.count()? {
        0 => None,
        number => Some(*MeasuredBy::ALL.get(number - 1)?),
    };
    Some(DataSource { id, name, url, license, date, by })
}

/// Reads a text that may be absent.
fn read_text(from: &mut Reader<'_>) -> Option<Option<String>> {
    Some(if from.below(2)? == 1 { Some(from.text()?.to_owned()) } else { None })
}

/// Reads a date that may be absent.
fn read_date(from: &mut Reader<'_>) -> Option<Option<Date>> {
    Some(match from.count()? {
        0 => None,
        number => Some(Date::from_number(u32::try_from(number - 1).ok()?)?),
    })
}

fn read_model(id: &str, from: &mut Reader<'_>) -> Option<Model> {
    let names = list(from, |from| from.text().map(str::to_owned))?;
    let date = read_date(from)?;
    let [description, license] = [read_text(from)?, read_text(from)?];
    let [url, configuration_of] = [read_text(from)?, read_text(from)?];
    let factors = read_factors(from)?;
    Some(Model { id: id.to_owned(), names, date, description, license, url, configuration_of, factors })
}

fn read_details(n_models: usize, n_tasks: usize, n_sources: usize, from: &mut Reader<'_>) -> Option<Details> {
    let mut cells = Vec::new();
    for task in 0..n_tasks as u32 {
        for _ in 0..from.count()? {
            let model = from.below(n_models)?;
            let error = if from.below(2)? == 1 { Some(from.float().filter(|&error| error >= 0.0)?) } else { None };
            let items = Some(u32::try_from(from.whole()?).ok()?).filter(|&items| items > 0);
            let date = read_date(from)?;
            let source = from.below(n_sources + 1)?.checked_sub(1);
            cells.push((model, task, Detail { error, items, date, source }));
        }
    }
    Some(Details::from_cells(cells))
}

/// Reads a list that starts with its length. Each entry takes at least one byte, so that a wrong length can't make it
/// read on after the end of the bytes.
fn list<'a, T>(from: &mut Reader<'a>, mut entry: impl FnMut(&mut Reader<'a>) -> Option<T>) -> Option<Vec<T>> {
    (0..from.count()?).map(|_| entry(from)).collect()
}

fn read_factors(from: &mut Reader<'_>) -> Option<Factors> {
    let mut factors = Factors::new();
    for _ in 0..from.count()? {
        let name = from.text()?.to_owned();
        let factor = match from.whole()? {
            flag @ 0..2 => Factor::Flag(flag == 1),
            2 => Factor::Number(f64::from(from.float()?)),
            3 => Factor::Number(from.double()?),
            4 => Factor::Text(from.text()?.to_owned()),
            _ => return None,
        };
        factors.insert(name, factor);
    }
    Some(factors)
}

fn read_task(kind: TaskKind, from: &mut Reader<'_>) -> Option<Task> {
    let (id, dataset) = (from.text()?.to_owned(), from.text()?.to_owned());
    let [subset, split, task_type] = [read_text(from)?, read_text(from)?, read_text(from)?];
    let [metric, description] = [read_text(from)?, read_text(from)?];
    let shots = u32::try_from(from.whole()?).ok()?.checked_sub(1);
    let items = Some(u32::try_from(from.whole()?).ok()?).filter(|&items| items > 0);
    let lower_is_better = from.below(2)? == 1;
    let range = match list(from, Reader::float)?[..] {
        [] => None,
        [low, high] if low < high => Some(Range { low, high }),
        _ => return None,
    };
    let chance = list(from, Reader::float)?.first().copied();
    let embedding = list(from, Reader::float)?;
    let factors = read_factors(from)?;
    Some(Task {
        id,
        dataset,
        subset,
        split,
        shots,
        task_type,
        kind,
        metric,
        lower_is_better,
        range,
        chance,
        items,
        description,
        factors,
        embedding,
        pair_vectors: PairVectors::new(),
    })
}

fn read_scores(n_models: usize, tasks: &[Task], from: &mut Reader<'_>) -> Option<SparseMatrix> {
    let mut entries = Vec::new();
    for (task, Task { range, .. }) in (0u32..).zip(tasks) {
        let start = entries.len();
        let mut next = 0;
        for _ in 0..from.count()? {
            let model = from.below(n_models)?.checked_add(next).filter(|&model| (model as usize) < n_models)?;
            entries.push((model, task, 0.0));
            next = model + 1;
        }
        for (_, _, score) in &mut entries[start..] {
            *score = from.float().filter(|&score| range.is_none_or(|range| range.contains(score)))?;
        }
    }
    Some(SparseMatrix::from_entries(n_models, tasks.len(), entries))
}

fn read_bits(rows: usize, columns: usize, from: &mut Reader<'_>) -> Option<BitMatrix> {
    let bytes = from.raw(rows.checked_mul(8 * columns.div_ceil(64))?)?;
    let words = bytes.chunks_exact(8).map(|word| word.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)));
    BitMatrix::from_words(rows, columns, words.collect())
}

#[cfg(test)]
mod tests;

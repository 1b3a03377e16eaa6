//! A binary form of a snapshot that is small and quick to read. It is internal: saved models contain it, and the parts
//! of the program exchange it; the format for users is `eyas-snapshot/1`. It keeps every field of a [`Snapshot`] and
//! the order of the edges.
//!
//! The order is: source, licence, kind of the cells (0 scores, 1 outcomes), number of models, ids of all nodes, date
//! and factors of each model, edges, tasks, cells. Each list starts with its length.

mod stream;

pub(crate) use stream::{Reader, Writer};

use super::{Date, Factor, Factors, Model, Outcomes, Range, Results, Snapshot, Task, TaskKind};
use crate::linalg::{BitMatrix, SparseMatrix};
use crate::lineage::{Edge, Lineage, Relation};

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
    to.text(&snapshot.source);
    to.text(&snapshot.license);
    to.whole(snapshot.kind() as u64);
    to.whole(snapshot.models.len() as u64);
    let ids = snapshot.lineage.ids();
    to.whole(ids.len() as u64);
    ids.iter().for_each(|id| to.text(id));
    for model in &snapshot.models {
        to.whole(model.date.map_or(0, |date| u64::from(date.number()) + 1));
        write_factors(&model.factors, to);
    }
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
    to.text(&task.benchmark);
    let metric = task.metric.as_deref();
    to.whole(u64::from(metric.is_some()));
    metric.into_iter().for_each(|metric| to.text(metric));
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
    let source = from.text()?.to_owned();
    let license = from.text()?.to_owned();
    let kind = if from.below(2)? == 0 { TaskKind::Score } else { TaskKind::Outcome };
    let n_models = from.count()?;
    let ids: Vec<String> = list(from, |from| from.text().map(str::to_owned))?;
    let mut models = Vec::new();
    for id in ids.get(..n_models)? {
        let date = match from.count()? {
            0 => None,
            number => Some(Date::from_number(u32::try_from(number - 1).ok()?)?),
        };
        models.push(Model { id: id.clone(), date, factors: read_factors(from)? });
    }
    let n_nodes = ids.len();
    let edges = list(from, |from| {
        let (parent, child) = (from.below(n_nodes)?, from.below(n_nodes)?);
        let relation = *Relation::ALL.get(from.count()?)?;
        Some(Edge { parent, child, relation, weight: from.float().filter(|&weight| weight > 0.0)? })
    })?;
    let lineage = Lineage::of_edges(ids, edges)?;
    let tasks = list(from, |from| read_task(kind, from))?;
    let width = tasks.first()?.embedding.len();
    if n_models == 0 || tasks.iter().any(|task| task.embedding.len() != width) {
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
    Some(Snapshot { source, license, models, tasks, lineage, results })
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
    let (id, benchmark) = (from.text()?.to_owned(), from.text()?.to_owned());
    let metric = if from.below(2)? == 1 { Some(from.text()?.to_owned()) } else { None };
    let range = match list(from, Reader::float)?[..] {
        [] => None,
        [low, high] if low < high => Some(Range { low, high }),
        _ => return None,
    };
    let chance = list(from, Reader::float)?.first().copied();
    let embedding = list(from, Reader::float)?;
    let factors = read_factors(from)?;
    Some(Task { id, benchmark, kind, metric, range, chance, factors, embedding })
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
mod tests {
    use super::*;
    use crate::lineage::{NamedEdge, Parent};
    use crate::snapshot::write_json;

    fn scored() -> Snapshot {
        let factors = [
            ("params".to_owned(), Factor::Number(0.1)),
            ("layers".to_owned(), Factor::Number(32.0)),
            ("moe".to_owned(), Factor::Flag(true)),
            ("type".to_owned(), Factor::Text("params".into())),
        ];
        let edge = |child: &str, parent: &str, weight| NamedEdge {
            child: child.into(),
            parent: Parent { id: parent.into(), relation: Relation::Merge, weight },
        };
        let edges = vec![edge("o/b", "o/base", 0.25), edge("o/a", "o/b", 1.0), edge("o/b", "o/c", 3.0)];
        let mut rated = Task::score("elo", None);
        rated.embedding = vec![0.5, -1.0];
        let mut share = Task::score("mmlu", Some(Range::PERCENT));
        share.embedding = vec![0.0, 1e-9];
        (share.chance, share.metric) = (Some(25.0), Some("acc".into()));
        share.factors = [("few".to_owned(), Factor::Flag(false))].into();
        Snapshot {
            source: "there".into(),
            license: "free".into(),
            models: vec![
                Model { id: "o/a".into(), date: Date::new(2024, 2, 29), factors: factors.into() },
                Model { id: "o/b".into(), ..Model::default() },
                Model { id: "o/c".into(), date: Date::new(0, 1, 1), ..Model::default() },
            ],
            tasks: vec![rated, share],
            lineage: Lineage::new(["o/a", "o/b", "o/c"].map(str::to_owned), edges).0,
            results: Results::Scores(SparseMatrix::from_entries(
                3,
                2,
                vec![(0, 0, 1200.0), (2, 0, 900.0), (0, 1, 30.0), (1, 1, 40.5), (2, 1, 0.0)],
            )),
        }
    }

    #[test]
    fn scores_and_outcomes_come_back_as_they_were() {
        let mut holed = Snapshot::synthetic(7, 70, 1);
        if let Results::Outcomes(Outcomes { observed, solved }) = &mut holed.results {
            observed.set(3, 65, false);
            solved.set(3, 65, false);
        }
        for snapshot in [scored(), Snapshot::synthetic(9, 130, 2), holed] {
            let back = read_compact(&write_compact(&snapshot)).unwrap();
            assert_eq!(back.lineage.edges(), snapshot.lineage.edges());
            assert_eq!(
                (&back.models, &back.tasks, &back.results),
                (&snapshot.models, &snapshot.tasks, &snapshot.results)
            );
            assert_eq!(write_json(&back).unwrap(), write_json(&snapshot).unwrap());
        }
    }

    #[test]
    fn damaged_bytes_are_refused_or_make_a_sound_snapshot() {
        for snapshot in [scored(), Snapshot::synthetic(4, 9, 3)] {
            let bytes = write_compact(&snapshot);
            for length in 0..bytes.len() {
                assert!(read_compact(&bytes[..length]).is_none(), "cut to {length} of {}", bytes.len());
            }
            for at in 0..bytes.len() {
                for value in [0, 1, 7, 0x7f, 0x80, 0xff] {
                    let mut bytes = bytes.clone();
                    bytes[at] = value;
                    if let Some(snapshot) = read_compact(&bytes) {
                        assert_eq!(snapshot.models.len(), snapshot.lineage.len().min(snapshot.models.len()));
                        assert!(read_compact(&write_compact(&snapshot)).is_some(), "byte {at} set to {value}");
                    }
                }
            }
        }
    }
}

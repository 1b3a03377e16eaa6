//! Vectors of pairs of a model and a task, beside a snapshot: `model,task,number,number…`, a row a pair.

use super::Source;
use super::bytes::unpack;
use super::table::{Table, score};
use crate::error::{Error, Place, Result, Warning};
use crate::snapshot::Snapshot;

/// Adds the vectors of a table, which may be compressed, to a snapshot. Rows of models that the snapshot lacks are left out with
/// a warning.
///
/// # Errors
/// If the table lacks a column `model`, `task` or any number, a task is unknown, a pair occurs twice, or a cell is no number;
/// with line and column.
pub fn add_pair_vectors(snapshot: &mut Snapshot, source: &Source<'_>) -> Result<Vec<Warning>> {
    let bytes = unpack(source)?;
    let mut table = Table::open(source.name, &bytes)?;
    let (model, task) = (table.require(&["model"])?, table.require(&["task", "benchmark"])?);
    let header = table.header.clone();
    let numbers: Vec<usize> = (0..header.len()).filter(|&at| at != model && at != task).collect();
    if numbers.is_empty() {
        return Err(Error::input("no column with numbers beside \"model\" and \"task\"").at(table.head()));
    }
    let mut unknown: (usize, Option<String>) = (0, None);
    table.each(|row| {
        let id = row.model(model)?;
        let Some(known) = snapshot.model(id) else {
            unknown = (unknown.0 + 1, unknown.1.take().or_else(|| Some(id.to_owned())));
            return Ok(());
        };
        let of = |at: usize| {
            let value = score(row.get(at)).map_err(|error| error.at(Place::default().field(&header[at])))?;
            let missing = || Error::input("a vector needs all its numbers").at(Place::default().field(&header[at]));
            value.ok_or_else(missing)
        };
        let vector = numbers.iter().map(|&at| of(at)).collect::<Result<Vec<f32>>>()?;
        let place = snapshot.task(row.get(task)).map_err(|error| error.at(Place::default().field(&header[task])))?;
        let id = snapshot.models[known.0 as usize].id.clone();
        let task = &mut snapshot.tasks[place.0 as usize];
        if task.pair_vectors.contains_key(&id) {
            return Err(Error::input(format!("{id:?} has a vector for {:?} already", task.id)));
        }
        task.pair_vectors.insert(id, vector);
        Ok(())
    })?;
    let left_out = |model: String| {
        let rows = if unknown.0 == 1 { "1 vector is".to_owned() } else { format!("{} vectors are", unknown.0) };
        Warning::new(format!("{}: {rows} of models that the snapshot lacks, such as {model:?}", source.name))
    };
    Ok(unknown.1.into_iter().map(left_out).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::{Companions, import};

    fn read(text: &str) -> Result<(Snapshot, Vec<Warning>)> {
        let bytes = b"model,x,y\na,0.1,0.5\nb,0.2,0.4\n";
        let mut snapshot =
            import(&[Source { name: "s.csv", bytes, optional: false }], &Companions::default()).unwrap().snapshot;
        let source = Source { name: "v.csv", bytes: text.as_bytes(), optional: false };
        let warnings = add_pair_vectors(&mut snapshot, &source)?;
        Ok((snapshot, warnings))
    }

    #[test]
    fn vectors_go_to_their_pairs() {
        let (snapshot, warnings) = read("task,model,v1,v2\ny,B,1,-2.5\nx,a,0,3\nx,who,1,1\n").unwrap();
        assert_eq!(snapshot.tasks[1].pair_vectors, [("b".to_owned(), vec![1.0, -2.5])].into());
        assert_eq!(snapshot.tasks[0].pair_vectors, [("a".to_owned(), vec![0.0, 3.0])].into());
        assert_eq!(warnings.len(), 1);
        assert!(warnings[0].to_string().contains("1 vector is of models that the snapshot lacks, such as \"who\""));
    }

    #[test]
    fn wrong_tables_are_refused_with_their_place() {
        for (text, expected) in [
            ("model,v\na,1\n", "no column \"task\" or \"benchmark\""),
            ("model,task\na,x\n", "no column with numbers"),
            ("model,task,v\na,x,1\nb,x,one\n", "v.csv line 3, column \"v\": expected a number"),
            ("model,task,v,w\na,x,1,\n", "v.csv line 2, column \"w\": a vector needs all its numbers"),
            ("model,task,v\na,z,1\n", "line 2, column \"task\""),
            ("model,task,v\na,x,1\na,x,2\n", "line 3: \"a\" has a vector for \"x\" already"),
        ] {
            let error = read(text).err().unwrap().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}

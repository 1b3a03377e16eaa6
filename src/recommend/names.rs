//! Finds parents and benchmarks of the snapshot by name.

use super::{PredictionLineage, PredictionParent, Recommender};
use crate::error::{Error, Result};
use crate::formats::ParsedLineage;
use crate::lineage::{Parent, Resolved};
use crate::snapshot::TaskIndex;
use std::collections::BTreeMap;

impl Recommender {
    /// The position of the benchmark with this name, or of the benchmark whose task has this name.
    pub(super) fn benchmark(&self, name: &str) -> Result<usize> {
        if let Some(at) = self.benchmarks.iter().position(|benchmark| benchmark.name == name) {
            return Ok(at);
        }
        let TaskIndex(task) = self.snapshot.task(name)?;
        let at = self.benchmarks.iter().position(|benchmark| benchmark.tasks.contains(&(task as usize)));
        at.ok_or_else(|| Error::input(format!("no benchmark \"{name}\" here")))
    }

    /// Chooses for each parent with two readings, such as `Phi 4`, the one that fits the snapshot.
    pub fn settle(&self, parsed: &mut ParsedLineage) {
        let names = std::mem::take(&mut parsed.whole_names);
        for (parent, name) in parsed.parents.iter_mut().zip(names) {
            *parent = self.reading(parent.clone(), name.as_deref());
        }
    }

    /// A parent that may have the whole name `name` instead of its id and weight: the model of that name if the snapshot
    /// has it, else the parent as it is.
    #[must_use]
    pub fn reading(&self, parent: Parent, name: Option<&str>) -> Parent {
        let known = |name: &&str| !matches!(self.names.resolve(&self.snapshot.lineage, name), Resolved::Unknown(_));
        match name.filter(known) {
            Some(name) => Parent::new(name, parent.relation),
            None => parent,
        }
    }

    /// The known facts of a model's parents, and the parents under their names in the snapshot.
    #[must_use]
    pub fn understand(&self, given: &[Parent]) -> (PredictionLineage, Vec<Parent>) {
        let known = &self.snapshot.lineage;
        let mut lineage = PredictionLineage { parents: Vec::new(), unknown: Vec::new(), nearest: BTreeMap::new() };
        let mut named: Vec<Parent> = Vec::new();
        for parent in given {
            let resolved = self.names.resolve(known, &parent.id);
            let node = match resolved {
                Resolved::Same(node) | Resolved::Alias(node) => Some(node),
                Resolved::Unknown(_) => None,
            };
            let id = node.map_or(parent.id.as_str(), |node| known.id(node)).to_owned();
            // Two names of the same model become one parent with the sum of the weights.
            if let Some(at) = named.iter().position(|other| other.id == id) {
                named[at].weight += parent.weight;
                lineage.parents[at].weight = named[at].weight;
                continue;
            }
            if let Resolved::Unknown(near) = &resolved {
                let near: Vec<String> = near.iter().map(|&node| known.id(node).to_owned()).collect();
                if !near.is_empty() {
                    lineage.nearest.insert(id.clone(), near);
                }
                lineage.unknown.push(id.clone());
            }
            lineage.parents.push(PredictionParent {
                id: id.clone(),
                given: matches!(resolved, Resolved::Alias(_)).then(|| parent.id.clone()),
                weight: parent.weight,
                relation: parent.relation,
                known: node.is_some(),
                evaluated: node.is_some_and(|node| (node as usize) < self.snapshot.models.len()),
            });
            named.push(Parent { id, ..*parent });
        }
        (lineage, named)
    }
}

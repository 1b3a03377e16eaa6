//! Configurations: a packing or setting of a model that is in the snapshot too has its own scores, inherits the facts of
//! its model and is a child of it.

use super::part::named_edges;
use crate::lineage::{Found, Lineage, NameIndex, NamedEdge, Parent, Relation, Setting, configuration_of};
use crate::snapshot::Snapshot;

/// Finds the models that are configurations of other models of the snapshot.
pub(super) fn link(snapshot: &mut Snapshot) {
    let index = NameIndex::new(snapshot.models.iter().map(|model| model.id.as_str()));
    let mut edges = Vec::new();
    for at in 0..snapshot.models.len() {
        let Some((base, setting)) = configuration_of(&snapshot.models[at].id) else { continue };
        let (Found::Same(original) | Found::Spelling(original)) = index.find(&base) else { continue };
        if original as usize == at {
            continue;
        }
        let base = snapshot.models[original as usize].clone();
        let model = &mut snapshot.models[at];
        model.configuration_of.get_or_insert_with(|| base.id.clone());
        model.date = model.date.or(base.date);
        for (name, factor) in base.factors {
            model.factors.entry(name).or_insert(factor);
        }
        if snapshot.lineage.parents(at as u32).next().is_none() {
            let relation = if setting == Setting::Packing { Relation::Quantized } else { Relation::Unstated };
            edges.push(NamedEdge { child: model.id.clone(), parent: Parent::new(base.id, relation) });
        }
    }
    if !edges.is_empty() {
        let all = named_edges(&snapshot.lineage).into_iter().chain(edges).collect();
        // The graph was clean, and a further edge can only be cut.
        (snapshot.lineage, _) = Lineage::new(snapshot.lineage.ids().to_vec(), all);
    }
}

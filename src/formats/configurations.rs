//! Configurations: a packing or setting of a model that is in the snapshot too has its own scores, inherits the facts of
//! its model and is a child of it.

use super::part::named_edges;
use crate::lineage::{Found, Lineage, NameIndex, NamedEdge, Parent, Relation, Setting, configuration_of};
use crate::snapshot::Snapshot;

/// Finds the models that are configurations of other models of the snapshot.
pub(super) fn link(snapshot: &mut Snapshot) {
    let settings: Vec<_> = snapshot.models.iter().map(|model| configuration_of(&model.id)).collect();
    let plain: Vec<usize> = (0..settings.len()).filter(|&at| settings[at].is_none()).collect();
    let index = NameIndex::new(plain.iter().map(|&at| snapshot.models[at].id.as_str()));
    let mut edges = Vec::new();
    for (at, setting) in settings.into_iter().enumerate() {
        let Some((_, setting)) = setting else { continue };
        let Found::Configuration(original) = index.find(&snapshot.models[at].id) else { continue };
        let base = snapshot.models[plain[original as usize]].clone();
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

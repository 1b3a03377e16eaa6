//! The family of a model: as it is told, else by the root of its lineage, else by its name. In lower case.

use super::data::{NewModel, Target};
use crate::lineage::{Lineage, split};
use crate::snapshot::{Facts, Model, family_stem};

/// The most generations of ancestors. Only a graph with a circle, as false edges may make, has more.
const GENERATIONS: usize = 64;

/// The family of a node of the lineage graph: what its factors tell, else the family of the root of its lineage, else
/// what its name starts with. Of several parents the one with the greatest weight counts, of equals the first.
pub(crate) fn family_of(models: &[Model], lineage: &Lineage, node: u32) -> Option<String> {
    told(models, node).or_else(|| {
        let root = root(lineage, node);
        told(models, root).or_else(|| of_id(lineage.id(root))).or_else(|| of_id(lineage.id(node)))
    })
}

/// The same for a model of the training data or a new one. The graph may lack the parents of a new model: then the name
/// of the parent with the greatest weight counts.
pub(crate) fn family_of_target(models: &[Model], lineage: &Lineage, target: Target<'_>) -> Option<String> {
    match target {
        Target::Known(model) => family_of(models, lineage, model.0),
        Target::New(new) => family_of_new(models, lineage, new),
    }
}

fn family_of_new(models: &[Model], lineage: &Lineage, new: &NewModel) -> Option<String> {
    let by_parent = || {
        let is_other = |id: &str| lineage.node(id).is_none_or(|node| Some(node) != new.node);
        let parents = new.parents.iter().filter(|parent| is_other(&parent.id));
        let parent = heaviest(parents.map(|parent| (parent.id.as_str(), parent.weight)))?;
        match lineage.node(parent) {
            Some(node) => {
                let root = root(lineage, node);
                told(models, root).or_else(|| of_id(lineage.id(root)))
            }
            None => of_id(parent),
        }
    };
    new.facts().family_key().or_else(by_parent).or_else(|| of_id(new.name.as_deref()?))
}

/// The family that the factors of a model tell.
fn told(models: &[Model], node: u32) -> Option<String> {
    models.get(node as usize).and_then(|model| Facts::from(&model.factors).family_key())
}

fn of_id(id: &str) -> Option<String> {
    family_stem(split(id).1)
}

/// The oldest ancestor of a node; a node without parents is its own.
fn root(lineage: &Lineage, node: u32) -> u32 {
    let parent = |&node: &u32| heaviest(lineage.parents(node).map(|edge| (edge.parent, edge.weight)));
    std::iter::successors(Some(node), parent).take(GENERATIONS).last().unwrap_or(node)
}

/// The first of those with the greatest weight.
fn heaviest<T>(weighted: impl Iterator<Item = (T, f32)>) -> Option<T> {
    weighted.reduce(|best, other| if other.1 > best.1 { other } else { best }).map(|best| best.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lineage::{Edge, NamedEdge, Parent, Relation};
    use crate::snapshot::{Factor, ModelIndex};

    const IDS: [&str; 6] = ["Qwen/Qwen3-8B", "a/tune", "b/tune-of-tune", "c/merge", "BAAI/bge-m3", "d/told"];

    /// Nodes 0 to 5 are models, 6 is an ancestor without results.
    fn family_tree() -> (Vec<Model>, Lineage) {
        let edges = [(1, 0, 1.0), (2, 1, 1.0), (3, 4, 0.4), (3, 2, 0.6), (5, 0, 1.0)].map(|(child, parent, weight)| {
            let parent = Parent { weight, ..Parent::new(IDS[parent], Relation::Finetune) };
            NamedEdge { child: IDS[child].to_owned(), parent }
        });
        let ancestor = NamedEdge {
            child: IDS[4].to_owned(),
            parent: Parent::new("FacebookAI/xlm-roberta-large", Relation::Finetune),
        };
        let (lineage, _) = Lineage::new(IDS.map(str::to_owned), edges.into_iter().chain([ancestor]).collect());
        let mut models = IDS.map(|id| Model { id: id.to_owned(), ..Model::default() });
        models[5].factors.insert("Family".to_owned(), Factor::Text(" My Own ".to_owned()));
        (models.to_vec(), lineage)
    }

    #[test]
    fn what_is_told_comes_before_the_root_of_the_lineage_and_the_name() {
        let (mut models, lineage) = family_tree();
        let of = |models: &[Model], node| family_of(models, &lineage, node).unwrap();
        let all: Vec<String> = (0..7).map(|node| of(&models, node)).collect();
        assert_eq!(all, ["qwen", "qwen", "qwen", "qwen", "xlm", "my own", "xlm"]);
        assert_eq!(family_of_target(&models, &lineage, Target::Known(ModelIndex(3))).as_deref(), Some("qwen"));
        models[0].factors.insert("family".to_owned(), Factor::Text("Qwen 3".to_owned()));
        assert_eq!(of(&models, 2), "qwen 3", "what is told of the root holds for its descendants");
        let alone = lineage.with_edges(Vec::new());
        let names: Vec<_> = (1..5).map(|node| family_of(&models, &alone, node).unwrap()).collect();
        assert_eq!(names, ["tune", "tune", "merge", "bge"]);
    }

    #[test]
    fn a_new_model_is_of_the_family_of_its_heaviest_parent() {
        let (models, lineage) = family_tree();
        let parent = |id: &str, weight| Parent { weight, ..Parent::new(id, Relation::Merge) };
        let of = |name: Option<&str>, parents: &[Parent]| {
            let new = NewModel { name: name.map(str::to_owned), parents: parents.to_vec(), ..NewModel::default() };
            family_of_target(&models, &lineage, Target::New(&new))
        };
        assert_eq!(of(None, &[parent("a/tune", 0.4), parent("BAAI/bge-m3", 0.6)]).as_deref(), Some("xlm"));
        assert_eq!(of(None, &[parent("x/Gemma-3-4b", 1.0), parent("a/tune", 1.0)]).as_deref(), Some("gemma"));
        assert_eq!(of(Some("intfloat/e5-base-v2"), &[]).as_deref(), Some("e5"));
        assert_eq!(of(None, &[]), None);
        for node in 0..7 {
            let new = NewModel::of(&models, &lineage, node);
            let known = family_of(&models, &lineage, node);
            assert_eq!(family_of_target(&models, &lineage, Target::New(&new)), known, "node {node}");
        }
    }

    #[test]
    fn a_circle_ends() {
        let (models, lineage) = family_tree();
        let edge = |parent, child| Edge { parent, child, relation: Relation::Unstated, weight: 1.0 };
        let circle = lineage.with_edges(vec![edge(0, 1), edge(1, 0)]);
        assert!(family_of(&models, &circle, 0).is_some());
    }
}

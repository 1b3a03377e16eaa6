//! What a model that states little has from its parent, as the children in the data tell: facts that fine-tuning leaves
//! alone, and facts that follow from the parent's, such as that children of base models are mostly chat models.

use super::data::{NewModel, TrainingData};
use crate::snapshot::{Factor, Factors, Facts, Model, known_afterwards};
use std::collections::BTreeMap;

/// Facts that are a parent's also where the data have no children.
const INHERITED: [&str; 7] = ["params", "active_params", "tokens", "architecture", "family", "precision", "moe"];
/// Children without which the data do not tell that a fact is inherited.
const LEAST: u32 = 3;
/// Numbers that differ by a smaller share are the same.
const SAME: f64 = 0.01;
/// What the parent's own value counts for, in children.
const OWN: f32 = 3.0;
/// Between the parts of a key; no fact has it.
const SEPARATOR: &str = "\u{1f}";
/// What a child of the other kind counts for: of merges for fine-tunes, and the other way round.
const OTHER_KIND: f32 = 0.3;

/// What the children in the data have of their parents.
#[derive(Debug, Default)]
pub(super) struct Inheritance {
    /// How many fine-tunes and how many merges there are, by fact, parent's value and child's value, joined by `SEPARATOR`.
    /// Instead of two numbers there is whether they are the same.
    counts: [BTreeMap<String, u32>; 2],
}

impl Inheritance {
    /// From the facts and parents of all models; nothing here comes from a score.
    pub(super) fn new(data: &TrainingData<'_>) -> Self {
        let mut learned = Self::default();
        for (at, child) in data.models.iter().enumerate() {
            let parents: Vec<_> = data.lineage.parents(at as u32).collect();
            let known = parents.iter().filter(|edge| (edge.parent as usize) < data.models.len());
            if let Some(main) = known.reduce(|best, other| if other.weight > best.weight { other } else { best }) {
                learned.add(&data.models[main.parent as usize], child, parents.len() > 1);
            }
        }
        learned
    }

    fn add(&mut self, parent: &Model, child: &Model, is_merge: bool) {
        for (name, its) in parent.factors.iter().filter(|(name, _)| is_lasting(name)) {
            let Some(own) = child.factors.get(name) else { continue };
            let [its, own] = match (its, own) {
                (Factor::Number(its), Factor::Number(own)) => {
                    let is_same = (its - own).abs() <= SAME * its.abs().max(own.abs());
                    [String::new(), if is_same { String::new() } else { "another".to_owned() }]
                }
                _ => [its.to_text(), own.to_text()],
            };
            let key = [name, &its[..], &own[..]].join(SEPARATOR);
            *self.counts[usize::from(is_merge)].entry(key).or_default() += 1;
        }
    }

    /// The factors of a new model with those that it has from its parent.
    pub(super) fn complete(&self, new: &NewModel, parent: Option<&Model>, has_type: bool) -> Factors {
        let mut factors = new.factors.clone();
        let stated = Facts::from(&new.factors);
        let is_merge = new.parents.len() > 1;
        for (name, its) in parent.into_iter().flat_map(|parent| &parent.factors) {
            let kind = Factors::from([(name.clone(), its.clone())]);
            let kind = Facts::from(&kind).model_type;
            let is_open = match name.as_str() {
                "params" => stated.params.is_none(),
                "active_params" => stated.active_params.is_none() && stated.params.is_none(),
                "tokens" => stated.tokens.is_none(),
                _ if kind.is_some() => stated.model_type.is_none(),
                _ => !new.factors.contains_key(name),
            };
            if !is_open || !is_lasting(name) {
                continue;
            }
            // A child of a base model is no base model, unless the data say so.
            let own = if kind == Some("pretrained") { 0.0 } else { OWN };
            let is_certain = kind.is_some() || INHERITED.contains(&name.as_str());
            let value = self.of(name, its, is_merge, own).filter(|(_, is_told)| is_certain || *is_told);
            factors.extend(value.map(|(value, _)| (name.clone(), value)));
        }
        if !new.parents.is_empty() && has_type && Facts::from(&factors).model_type.is_none() {
            factors.insert("type".to_owned(), Factor::Text(if is_merge { "merge" } else { "fine-tuned" }.to_owned()));
        }
        factors
    }

    /// The value that most children have of a parent with this one, and whether the data tell it: `own` is what the parent's
    /// value counts for by itself. `None` if nothing counts for any value.
    fn of(&self, name: &str, parent: &Factor, is_merge: bool, own: f32) -> Option<(Factor, bool)> {
        let its = if let Factor::Number(_) = parent { String::new() } else { parent.to_text() };
        let (mut all, mut best, mut like_best) = (0, (its.as_str(), own), 0);
        let start = [name, &its, ""].join(SEPARATOR);
        for (key, count) in self.counts.iter().flatten() {
            let Some(child) = key.strip_prefix(&start) else { continue };
            let [like, unlike] =
                [is_merge, !is_merge].map(|kind| self.counts[usize::from(kind)].get(key).unwrap_or(&0));
            let votes = *like as f32 + OTHER_KIND * *unlike as f32 + if child == its { own } else { 0.0 };
            all += count;
            if votes > best.1 {
                (best, like_best) = ((child, votes), like + unlike);
            }
        }
        let value = match parent {
            _ if best.0 == its => parent.clone(),
            Factor::Number(_) if INHERITED.contains(&name) => parent.clone(),
            Factor::Number(_) => return None,
            Factor::Flag(flag) => Factor::Flag(!flag),
            Factor::Text(_) => Factor::Text(best.0.to_owned()),
        };
        (best.1 > 0.0).then_some((value, all >= LEAST && 2 * like_best >= all))
    }
}

/// Whether a fact may be a parent's: it is known before an evaluation, and is no date.
fn is_lasting(name: &str) -> bool {
    !known_afterwards(name) && !name.ends_with("date")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lineage::{Lineage, NamedEdge, Parent, Relation};
    use crate::methods::data::VisibleCells;
    use crate::snapshot::Snapshot;

    fn text(text: &str) -> Factor {
        Factor::Text(text.to_owned())
    }

    /// Model 0 is a base model, 1 to 5 are its chat models of the same size, and 6 is a model that reasons.
    fn learned(snapshot: &mut Snapshot) -> Inheritance {
        for (at, model) in snapshot.models.iter_mut().enumerate() {
            let kind = if at == 0 { "pretrained" } else { "chat" };
            model.factors = Factors::from([
                ("type".to_owned(), text(if at == 6 { "reasoning" } else { kind })),
                ("params".to_owned(), Factor::Number(if at == 6 { 30.0 } else { 8.0 })),
                ("context".to_owned(), Factor::Number(if at == 5 { 64.0 } else { 32.0 })),
                ("rank".to_owned(), Factor::Number(at as f64)),
                ("licence".to_owned(), text(&format!("licence {at}"))),
                ("upload_date".to_owned(), text("2024-01-01")),
            ]);
        }
        let ids: Vec<String> = snapshot.models.iter().map(|model| model.id.clone()).collect();
        let edge = |child: usize| NamedEdge {
            child: ids[child].clone(),
            parent: Parent::new(ids[0].clone(), Relation::Finetune),
        };
        let edges = (1..6).map(edge).collect();
        snapshot.lineage = Lineage::new(ids.clone(), edges).0;
        let visible = VisibleCells::new(snapshot, None).unwrap();
        Inheritance::new(&TrainingData::new(snapshot, &visible, 0))
    }

    fn child(parents: usize, factors: Factors) -> NewModel {
        let parents = (0..parents).map(|at| Parent::new(format!("lab/p{at}"), Relation::Unstated)).collect();
        NewModel { parents, factors, ..NewModel::default() }
    }

    #[test]
    fn a_child_has_what_the_children_in_the_data_have() {
        let mut snapshot = Snapshot::synthetic_board(8, 2, 1.0, 1);
        let learned = learned(&mut snapshot);
        let of =
            |parent: usize, stated: Factors| learned.complete(&child(1, stated), Some(&snapshot.models[parent]), true);
        let of_base = of(0, Factors::new());
        assert_eq!(of_base["type"], text("chat"), "most children of base models are chat models");
        assert_eq!((&of_base["params"], &of_base["context"]), (&Factor::Number(8.0), &Factor::Number(32.0)));
        assert!(["rank", "licence", "upload_date"].iter().all(|name| !of_base.contains_key(*name)), "{of_base:?}");
        // Of such a parent there are no children: its type and its size are the child's, other facts are unknown.
        let of_other = of(6, Factors::new());
        assert_eq!((&of_other["type"], &of_other["params"]), (&text("reasoning"), &Factor::Number(30.0)));
        // What is stated counts.
        let stated = Factors::from([("type".to_owned(), text("merge")), ("params".to_owned(), Factor::Number(1.0))]);
        let of_base = of(0, stated);
        assert_eq!((&of_base["type"], &of_base["params"]), (&text("merge"), &Factor::Number(1.0)));
    }

    #[test]
    fn without_children_a_fine_tune_of_a_base_model_is_no_base_model() {
        let base = Model { factors: Factors::from([("type".to_owned(), text("pretrained"))]), ..Model::default() };
        let of = |parents| Inheritance::default().complete(&child(parents, Factors::new()), Some(&base), true);
        assert_eq!((&of(1)["type"], &of(2)["type"]), (&text("fine-tuned"), &text("merge")));
        let nothing = Inheritance::default().complete(&child(0, Factors::new()), None, true);
        assert!(nothing.is_empty(), "{nothing:?}");
    }
}

//! The known facts of a model as pieces that can be left out one by one.

use crate::linalg::order;
use crate::lineage::{Lineage, Parent, split};
use crate::methods::NewModel;
use crate::snapshot::{Factors, Task};
use serde::Serialize;
use std::collections::BTreeMap;

/// The kind of fact that a piece holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A parent.
    Parent,
    /// An ancestor beyond the parents. If the parent is left out, the ancestor takes its place.
    Ancestor,
    /// The model's own descendants, and the results under its name.
    Relatives,
    /// A factor.
    Factor,
    /// Its name without the organisation.
    Name,
    /// The organisation in its name.
    Organisation,
    /// Its date.
    Date,
    /// A known score.
    Score,
}

/// One fact, or several facts that are left out together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Piece {
    pub(super) kind: Kind,
    pub(super) what: String,
    pub(super) said: Option<String>,
    /// The names of the facts in it; for scores, the task ids.
    holds: Vec<String>,
}

/// All pieces of a model, at most 64.
pub(super) struct Pieces<'a> {
    lineage: &'a Lineage,
    tasks: &'a [Task],
    model: NewModel,
    pub(super) list: Vec<Piece>,
}

/// The maximum number of pieces of one kind; the last of them holds all remaining facts.
const MOST: usize = 16;
/// The maximum number of ancestors, including parents, with a piece of their own.
const MOST_ANCESTORS: usize = 8;
/// The number of generations of ancestors.
const GENERATIONS: usize = 3;

impl<'a> Pieces<'a> {
    pub(super) fn new(lineage: &'a Lineage, tasks: &'a [Task], model: NewModel) -> Self {
        let mut list = ancestors(lineage, &model);
        let piece = |kind, what: &str, said: Option<String>| Piece {
            kind,
            what: what.to_owned(),
            said,
            holds: vec![what.to_owned()],
        };
        if model.node.is_some() {
            list.push(piece(Kind::Relatives, "what is known under its name", None));
        }
        let factors = model.factors.iter().map(|(name, factor)| piece(Kind::Factor, name, Some(factor.to_text())));
        fold(&mut list, factors.collect(), "other factors");
        if let Some(name) = &model.name {
            let (organisation, name) = split(name);
            let named = [(Kind::Organisation, "organisation", organisation), (Kind::Name, "name", name)];
            let named = named.into_iter().filter(|(.., said)| !said.is_empty());
            list.extend(named.map(|(kind, what, said)| piece(kind, what, Some(said.to_owned()))));
        }
        list.extend(model.date.map(|date| piece(Kind::Date, "date", Some(date.to_string()))));
        let mut scores: Vec<Piece> = Vec::new();
        let known = model.scores.iter().map(|&(task, score)| (&tasks[task], tasks[task].turn(score)));
        for (task, score) in known {
            // All outcomes of a benchmark's items are one piece.
            let single = tasks.len() <= MOST || task.dataset == task.id;
            let what = if single { &task.id } else { &task.dataset };
            match scores.iter_mut().find(|piece| piece.what == *what) {
                Some(piece) => {
                    piece.holds.push(task.id.clone());
                    piece.said = Some(format!("{} results", piece.holds.len()));
                }
                None => scores.push(Piece {
                    holds: vec![task.id.clone()],
                    ..piece(Kind::Score, what, Some(in_thousandths(score)))
                }),
            }
        }
        fold(&mut list, scores, "other scores");
        Self { lineage, tasks, model, list }
    }

    /// The model with only these pieces; bit `i` of `present` is the piece `list[i]`.
    pub(super) fn model(&self, present: u64) -> NewModel {
        let shown = |kind: Kind, what: &str| {
            let holds = |(at, piece): (usize, &Piece)| {
                piece.kind == kind && present >> at & 1 == 1 && piece.holds.iter().any(|held| held == what)
            };
            self.list.iter().enumerate().any(holds)
        };
        let NewModel { name, mut parents, factors, date, mut scores, node } = self.model.clone();
        let mut line = Vec::new();
        parents.drain(..).for_each(|parent| self.descend(parent, GENERATIONS, &shown, &mut line));
        // `retain` would pull the code for removals into the wasm module.
        let mut left = Factors::new();
        for (name, factor) in factors.into_iter().filter(|(name, _)| shown(Kind::Factor, name)) {
            left.insert(name, factor);
        }
        scores.retain(|&(task, _)| shown(Kind::Score, &self.tasks[task].id));
        let name = name.and_then(|name| {
            let (organisation, own) = split(&name);
            match (shown(Kind::Organisation, "organisation"), shown(Kind::Name, "name")) {
                (true, true) => Some(name.clone()),
                (true, false) => Some(format!("{organisation}/")),
                (false, true) => Some(own.to_owned()),
                (false, false) => None,
            }
        });
        let date = date.filter(|_| shown(Kind::Date, "date"));
        let node = node.filter(|_| shown(Kind::Relatives, "what is known under its name"));
        NewModel { name, parents: line, factors: left, date, scores, node }
    }

    /// Adds a parent to `line` if it is present, otherwise its nearest present ancestors.
    fn descend(&self, parent: Parent, left: usize, shown: &impl Fn(Kind, &str) -> bool, line: &mut Vec<Parent>) {
        if shown(Kind::Parent, &parent.id) || shown(Kind::Ancestor, &parent.id) {
            match line.iter_mut().find(|other| other.id == parent.id) {
                Some(other) => other.weight += parent.weight,
                None => line.push(parent),
            }
        } else if let Some(node) = self.lineage.node(&parent.id).filter(|_| left > 1) {
            for (id, share) in parents_of(self.lineage, node) {
                let its = Parent { id, relation: parent.relation, weight: parent.weight * share };
                self.descend(its, left - 1, shown, line);
            }
        }
    }
}

/// The parents and the ancestors with the largest shares of the model, the nearest generation first.
fn ancestors(lineage: &Lineage, model: &NewModel) -> Vec<Piece> {
    let total: f32 = model.parents.iter().map(|parent| parent.weight).sum();
    let mut generation: Vec<(String, f32)> =
        model.parents.iter().map(|parent| (parent.id.clone(), parent.weight / total.max(f32::MIN_POSITIVE))).collect();
    let mut list: Vec<Piece> = Vec::new();
    for above in 0..GENERATIONS {
        let greatest = order(generation.len(), &mut |a, b| generation[b].1.total_cmp(&generation[a].1));
        generation = greatest.into_iter().map(|at| generation[at].clone()).collect();
        let kind = if above == 0 { Kind::Parent } else { Kind::Ancestor };
        let several = generation.len() > 1;
        let piece = |(id, share): &(String, f32)| {
            let said = (above == 0 && several).then(|| format!("{} %", (100.0 * share).round() as u32));
            Piece { kind, what: id.clone(), said, holds: vec![id.clone()] }
        };
        let new: Vec<Piece> =
            generation.iter().map(piece).filter(|new| list.iter().all(|old| old.what != new.what)).collect();
        if above == 0 {
            fold(&mut list, new, "other parents");
        } else {
            let room = MOST_ANCESTORS.saturating_sub(list.len());
            list.extend(new.into_iter().take(room));
        }
        let mut next: BTreeMap<String, f32> = BTreeMap::new();
        for (id, share) in &generation {
            let node = lineage.node(id).into_iter();
            node.flat_map(|node| parents_of(lineage, node))
                .for_each(|(id, its)| *next.entry(id).or_default() += share * its);
        }
        generation = next.into_iter().filter(|(id, _)| Some(id) != model.name.as_ref()).collect();
    }
    list
}

/// The parents of a node with their shares, which sum to 1.
fn parents_of(lineage: &Lineage, node: u32) -> Vec<(String, f32)> {
    let total: f32 = lineage.parents(node).map(|edge| edge.weight).sum();
    let share = |weight: f32| weight / total.max(f32::MIN_POSITIVE);
    lineage.parents(node).map(|edge| (lineage.id(edge.parent).to_owned(), share(edge.weight))).collect()
}

/// Adds pieces; if there are too many, the last ones become one piece.
fn fold(list: &mut Vec<Piece>, mut pieces: Vec<Piece>, others: &str) {
    if pieces.len() > MOST {
        let rest = pieces.split_off(MOST - 1);
        let last = Piece {
            kind: rest[0].kind,
            what: others.to_owned(),
            said: Some(rest.len().to_string()),
            holds: rest.into_iter().flat_map(|piece| piece.holds).collect(),
        };
        pieces.push(last);
    }
    list.extend(pieces);
}

/// A score of 0..1 with three decimals. The general float printer adds 6 KB to the wasm module.
fn in_thousandths(score: f32) -> String {
    let thousandths = (1000.0 * score).round() as u32;
    format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
}

#[cfg(test)]
#[path = "pieces_tests.rs"]
mod tests;

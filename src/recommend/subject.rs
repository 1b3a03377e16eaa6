//! Which model a request is about, and its measured scores in the snapshot.

use super::facts::{GivenFacts, IgnoredFact};
use super::{PredictionLineage, PredictionParent, Recommender, Request};
use crate::error::{Error, Result};
use crate::linalg::print_number;
use crate::lineage::{Parent, Relation, Resolved, is_quantised};
use crate::methods::{NewModel, Target};
use crate::snapshot::{Factors, ModelIndex, TaskIndex, in_terms_of};
use serde::Serialize;
use std::collections::BTreeMap;

/// The model that a forecast is for, in the shape of `predict --json`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Subject {
    /// Its id, in the spelling of the snapshot if it is known; null if the request has no id or name.
    pub id: Option<String>,
    /// The name as given, if it differs from `id`: another spelling or a re-upload.
    pub given: Option<String>,
    /// The given facts, used and unused.
    pub facts: GivenFacts,
    /// Whether no relative has results, no size is given and the name is unknown: the forecast is then hardly more than
    /// the mean of the data.
    pub next_to_nothing: bool,
}

/// A request, resolved against the snapshot.
pub(super) struct ResolvedRequest {
    pub(super) lineage: PredictionLineage,
    pub(super) subject: Subject,
    /// The row with the measured scores: of the model, or of the original that it is a quantisation of.
    pub(super) row: Option<ModelIndex>,
    pub(super) quantised: bool,
    pub(super) warnings: Vec<String>,
    pub(super) new: NewModel,
    known: Vec<Option<f32>>, // (n_tasks), measured or given, in the tasks' own directions
    measured: Vec<bool>,     // (n_tasks), empty for a model without results
    trained: bool,           // a model of the training data, with no known score besides its training results
}

impl ResolvedRequest {
    /// The target of the forecast.
    pub(super) fn target(&self) -> Target<'_> {
        match self.row.filter(|_| self.trained) {
            Some(row) => Target::Known(row),
            None => Target::New(&self.new),
        }
    }

    /// The known score of a task.
    pub(super) fn known(&self, task: usize) -> Option<f32> {
        self.known[task]
    }

    /// Whether the score of a task is known because the request says so.
    pub(super) fn is_given(&self, task: usize) -> bool {
        self.known[task].is_some() && !self.is_measured(task)
    }

    pub(super) fn is_measured(&self, task: usize) -> bool {
        self.measured.get(task) == Some(&true)
    }
}

/// The node of the lineage graph that a request is about.
#[derive(Default)]
struct Identity {
    node: Option<u32>,
    original: Option<u32>,
    given: Option<String>,
    near: Vec<u32>,
}

impl Recommender {
    /// Resolves a request against the snapshot.
    pub(super) fn resolve(&self, request: &Request) -> Result<ResolvedRequest> {
        let given = self.known_scores(request)?;
        let mut request = request.clone();
        in_terms_of(&self.snapshot.models, &mut request.factors)?;
        let request = &request;
        let (lineage, parents) = self.understand(&request.parents);
        let identity = self.identify(request, &parents);
        match identity.original.or(identity.node).filter(|&node| self.has_results(node)) {
            Some(row) => Ok(self.resolve_measured(request, identity, row, lineage, given)),
            None => Ok(self.resolve_new(request, identity, lineage, parents, given)),
        }
    }

    /// For a measured model, or a quantisation of one.
    fn resolve_measured(
        &self,
        request: &Request,
        identity: Identity,
        row: u32,
        mut lineage: PredictionLineage,
        given: Vec<(usize, f32)>,
    ) -> ResolvedRequest {
        let (graph, id) = (&self.snapshot.lineage, self.snapshot.lineage.id(row));
        let quantised = identity.original.is_some();
        let mut new = NewModel::of(&self.snapshot.models, graph, row);
        let mut warnings = Vec::new();
        if quantised && lineage.parents.is_empty() {
            lineage = self.understand(&[Parent::new(id, Relation::Quantized)]).0;
        } else if !quantised {
            if lineage.parents.is_empty() {
                lineage = self.understand(&new.parents).0;
            }
            if let Some(at) = lineage.parents.iter().position(|parent| parent.id == id) {
                lineage.parents.remove(at);
                warnings.push(format!("\"{id}\" named itself as its own parent; the edge was dropped"));
            }
        }
        let mut known = vec![None; self.snapshot.tasks.len()];
        let mut measured = Vec::new();
        for (task, slot) in known.iter_mut().enumerate() {
            *slot = self.score(ModelIndex(row), task);
            measured.push(slot.is_some());
        }
        let (mut trained, mut in_vain) = (self.without != Some(ModelIndex(row)), Vec::new());
        for (task, score) in given {
            if known[task].is_some() {
                in_vain.push(self.snapshot.tasks[task].id.as_str());
            } else {
                known[task] = Some(score);
                trained = false;
            }
        }
        if !in_vain.is_empty() {
            warnings.push(format!("given scores not used, since the data have measured ones: {}", in_vain.join(", ")));
        }
        let scores = known.iter().enumerate().filter_map(|(task, score)| Some((task, (*score)?)));
        new.scores = self.turned_scores(scores);
        let own = match quantised {
            true => request.id.clone().or_else(|| request.name.clone()),
            false => Some(id.to_owned()),
        };
        let names = request.date.map(|_| "date".to_owned());
        let names = request.factors.keys().cloned().chain(names);
        let why = "the snapshot has its own facts of this model";
        let ignored = names.map(|name| IgnoredFact { name, why: why.to_owned() }).collect();
        let facts = GivenFacts { used: Factors::new(), ignored };
        warnings.extend(self.not_used(request, &facts));
        let subject = Subject { id: own, given: identity.given, facts, next_to_nothing: false };
        let row = Some(ModelIndex(row));
        ResolvedRequest { lineage, subject, row, quantised, warnings, new, known, measured, trained }
    }

    /// For a model without results.
    fn resolve_new(
        &self,
        request: &Request,
        identity: Identity,
        mut lineage: PredictionLineage,
        mut parents: Vec<Parent>,
        given: Vec<(usize, f32)>,
    ) -> ResolvedRequest {
        let graph = &self.snapshot.lineage;
        let mut name = request.id.clone().or_else(|| request.name.clone());
        if let (Some(node), true) = (identity.node, request.id.is_some()) {
            name = Some(graph.id(node).to_owned());
            if parents.is_empty() {
                (lineage, parents) = self.understand(&NewModel::of(&self.snapshot.models, graph, node).parents);
            }
        }
        let facts = self.facts(request);
        // A row of the data without results has its own facts.
        let row = identity.node.and_then(|node| self.snapshot.models.get(node as usize));
        let mut factors = row.map_or_else(Factors::new, |model| model.factors.clone());
        factors.extend(facts.used.clone());
        let date = factors.remove("date").and(request.date).or_else(|| row?.date);
        let mut known = vec![None; self.snapshot.tasks.len()];
        given.iter().for_each(|&(task, score)| known[task] = Some(score));
        let scores = self.turned_scores(given.into_iter());
        let new = NewModel { name: name.clone(), parents, factors, date, scores, node: identity.node };
        let mut warnings = Vec::new();
        if let Some(name) = name.as_ref().filter(|_| request.typed.id && identity.node.is_none()) {
            let near: Vec<&str> = identity.near.iter().map(|&node| graph.id(node)).collect();
            let near = if near.is_empty() { String::new() } else { format!("; is it {}?", near.join(" or ")) };
            let what = "is not in the snapshot and is forecast as a new model of that name";
            warnings.push(format!("\"{name}\" {what}{near}"));
        }
        warnings.extend(self.not_used(request, &facts));
        // All facts, whether the method uses them or not.
        let mut all_facts = new.factors.clone();
        all_facts.extend(request.factors.clone());
        let next_to_nothing = self.is_next_to_nothing(&new, &all_facts);
        if next_to_nothing {
            let what = "there is no result of anything near it, no size and no known name";
            warnings.push(format!("next to nothing is known of this model: {what}"));
        }
        let subject = Subject { id: name, given: identity.given, facts, next_to_nothing };
        let (row, quantised, trained, measured) = (None, false, false, Vec::new());
        ResolvedRequest { lineage, subject, row, quantised, warnings, new, known, measured, trained }
    }

    /// Scores (task, 0..1 of the range) as methods take them: turned so that more is better.
    fn turned_scores(&self, scores: impl Iterator<Item = (usize, f32)>) -> Vec<(usize, f32)> {
        scores.map(|(task, score)| (task, self.snapshot.tasks[task].turn(score))).collect()
    }

    /// The id of the model whose measured scores answer a request: its own, or that of the original.
    ///
    /// # Errors
    /// As [`Recommender::predict`].
    pub fn measured_id(&self, request: &Request) -> Result<Option<&str>> {
        Ok(self.resolve(request)?.row.map(|row| self.snapshot.lineage.id(row.0)))
    }

    fn identify(&self, request: &Request, parents: &[Parent]) -> Identity {
        let graph = &self.snapshot.lineage;
        let mut identity = Identity::default();
        if let Some(id) = &request.id {
            let itself = |node: u32| Some(id.clone()).filter(|id| *id != graph.id(node));
            match self.names.resolve(graph, id) {
                Resolved::Alias(node) if is_quantised(id) => identity.original = Some(node),
                Resolved::Same(node) | Resolved::Alias(node) => {
                    identity = Identity { node: Some(node), given: itself(node), ..identity };
                }
                Resolved::Unknown(near) => identity.near = near,
            }
        } else if let Some(name) = &request.name {
            identity.node = graph.node(name).filter(|&node| !self.has_results(node));
        }
        // A text may state that the model is a quantisation.
        if let ([Parent { id, relation: Relation::Quantized, .. }], false) =
            (parents, identity.node.is_some_and(|node| self.has_results(node)))
        {
            identity.original = identity.original.or_else(|| graph.node(id)).filter(|&node| self.has_results(node));
        }
        identity.original = identity.original.filter(|&node| self.has_results(node));
        identity
    }

    /// Whether a node of the lineage graph is a model with results, seen by the method or not.
    pub(super) fn has_results(&self, node: u32) -> bool {
        let has = |task: usize| self.snapshot.get(ModelIndex(node), TaskIndex(task as u32)).is_some();
        (node as usize) < self.snapshot.models.len() && (0..self.snapshot.tasks.len()).any(has)
    }

    /// The known scores of a request, each task once, as (task, 0..1 of the range).
    fn known_scores(&self, request: &Request) -> Result<Vec<(usize, f32)>> {
        let mut scores: Vec<(usize, f32)> = Vec::new();
        for (name, score) in &request.scores {
            let TaskIndex(task) = self.snapshot.task(name)?;
            if !(0.0..=1.0).contains(score) {
                let found = print_number(*score);
                let message = format!("the known score of \"{name}\" must be 0 to 1 of its range, found {found}");
                return Err(Error::input(message));
            }
            if scores.iter().any(|&(other, _)| other == task as usize) {
                let id = &self.snapshot.tasks[task as usize].id;
                return Err(Error::input(format!("the known score of \"{id}\" is given twice")));
            }
            scores.push((task as usize, *score));
        }
        Ok(scores)
    }

    /// The measured scores of the benchmarks, if there are any.
    pub(super) fn measured(&self, resolved: &ResolvedRequest) -> Option<BTreeMap<String, f32>> {
        let mut measured = BTreeMap::new();
        for benchmark in &self.benchmarks {
            if benchmark.tasks.iter().all(|&task| resolved.is_measured(task)) {
                let score = benchmark.mean(|task| resolved.known(task).unwrap_or_default());
                measured.insert(benchmark.name.clone(), score);
            }
        }
        (!measured.is_empty()).then_some(measured)
    }

    /// The measured score of a parent.
    pub(super) fn measured_parent(&self, at: usize, parent: &PredictionParent) -> Option<f32> {
        self.measured_score(self.snapshot.model(&parent.id)?, at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::methods::{Method, Silent};
    use crate::recommend::{TrainOptions, Typed};
    use crate::snapshot::Snapshot;

    fn trained(text: &str, edges: &str, method: Method) -> Recommender {
        use crate::formats::{Companions, Source, import};
        let file = Source { name: "t.csv", bytes: text.as_bytes(), optional: false };
        let lineage = (!edges.is_empty()).then_some(Source { name: "e.csv", bytes: edges.as_bytes(), optional: false });
        let snapshot: Snapshot = import(&[file], &Companions { lineage, ..Companions::default() }).unwrap().snapshot;
        let options = TrainOptions { method, ..TrainOptions::default() };
        pollster::block_on(Recommender::train(snapshot, &options, &mut Silent)).unwrap()
    }

    fn of(id: &str) -> Request {
        Request { id: Some(id.to_owned()), typed: Typed { id: true, facts: Vec::new() }, ..Request::default() }
    }

    const TABLE: &str =
        "model,x,y\nlab/Alpha-7B,0.2,0.4\nlab/Beta-7B,0.3,\nlab/Gamma-7B,0.6,0.8\nlab/Delta-7B,0.5,0.6\n";
    const EDGES: &str = "parent,child,relation\nlab/Alpha-7B,lab/Beta-7B,finetune\nlab/Seed,lab/Alpha-7B,finetune\n";

    #[test]
    fn a_score_that_is_given_twice_is_an_error() {
        let recommender = trained(TABLE, "", Method::Mean);
        let scores = ["x", "X"].map(|task| (task.to_owned(), 0.5)).to_vec();
        let error = recommender.predict(&Request { scores, ..Request::default() }).unwrap_err();
        assert!(error.to_string().contains("\"x\" is given twice"), "{error}");
        let scores = vec![("x".to_owned(), f32::NAN)];
        assert!(recommender.predict(&Request { scores, ..Request::default() }).is_err());
    }

    #[test]
    fn a_measured_model_is_neither_its_own_parent_nor_its_own_source() {
        let recommender = trained(TABLE, EDGES, Method::Mla);
        let parents = ["lab/Beta-7B", "lab/alpha-7b"].map(|id| Parent::new(id, Relation::Merge)).to_vec();
        let prediction = recommender.predict(&Request { parents, ..of("lab/Beta-7B") }).unwrap();
        let ids: Vec<&str> = prediction.lineage.parents.iter().map(|parent| parent.id.as_str()).collect();
        assert_eq!((ids, prediction.warnings.len()), (vec!["lab/Alpha-7B"], 1));
        let [known, open] = &prediction.forecasts[..] else { panic!("two tasks") };
        assert!(known.known && known.sources.is_empty() && !open.known, "{prediction:?}");
        assert!((open.mean - 0.4).abs() < 1e-6, "its parent's score: {open:?}");
        assert!(open.sources.iter().all(|source| source.id != "lab/Beta-7B"), "{open:?}");
        assert_eq!((known.rank, known.of, known.parents["lab/Alpha-7B"]), (3, 4, 0.2));
    }

    #[test]
    fn a_relative_without_results_is_forecast_with_its_own_lineage() {
        let recommender = trained(TABLE, "parent,child\nlab/Alpha-7B,lab/Kid\nlab/Kid,lab/Beta-7B\n", Method::Parents);
        let prediction = recommender.predict(&of("LAB/kid")).unwrap();
        assert_eq!((prediction.subject.id.as_deref(), prediction.measured), (Some("lab/Kid"), None));
        assert_eq!(prediction.subject.given.as_deref(), Some("LAB/kid"));
        assert!(prediction.warnings.is_empty() && (prediction.forecasts[0].mean - 0.2).abs() < 1e-6);
    }

    #[test]
    fn an_unmeasured_original_gives_a_quantisation_nothing() {
        let recommender = trained(TABLE, EDGES, Method::Mla);
        let parents = vec![Parent::new("lab/Seed", Relation::Quantized)];
        let prediction = recommender.predict(&Request { parents, ..Request::default() }).unwrap();
        assert_eq!((prediction.quantisation_of, prediction.measured), (None, None));
        let beside = recommender.predict(&of("x/Gamma-7B-Q4_K_M-GGUF")).unwrap();
        assert_eq!(beside.quantisation_of.as_deref(), Some("lab/Gamma-7B"));
        assert_eq!(beside.measured.map(|measured| measured["y"]), Some(0.8));
    }

    #[test]
    fn without_relative_size_or_known_name_next_to_nothing_is_known() {
        let recommender = trained(TABLE, EDGES, Method::Mla);
        let asked = |id: &str, parent: &str| {
            let parents = if parent.is_empty() { Vec::new() } else { vec![Parent::new(parent, Relation::Finetune)] };
            recommender.predict(&Request { parents, ..of(id) }).unwrap().subject.next_to_nothing
        };
        for (id, parent, nothing) in [
            ("who/quux", "", true),
            ("who/Quux-v2-Instruct-base", "no/body", true),
            ("who/quux-3b", "", false),
            ("who/gamma-quux", "", false),
            ("lab/quux", "", false),
            ("who/quux", "lab/Seed", false),
        ] {
            assert_eq!(asked(id, parent), nothing, "{id} {parent}");
        }
    }
}

//! What the snapshot states about its models, and the measured results of one of them with their origin.

use super::Recommender;
use crate::error::Result;
use crate::lineage::Parent;
use crate::snapshot::{Date, Fact, FactSource, Factors, ModelIndex, TaskIndex, family_in_name};
use serde::Serialize;

/// What the snapshot states about one of its models; null where something is not known.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelFacts<'a> {
    /// Its id.
    pub id: &'a str,
    /// Other names that sources give it.
    pub names: &'a [String],
    /// The day of its submission or publication.
    pub date: Option<Date>,
    /// A description in one sentence.
    pub description: Option<&'a str>,
    /// Its licence.
    pub license: Option<&'a str>,
    /// The address of its page.
    pub url: Option<&'a str>,
    /// The id of the model that this is a packing or setting of.
    pub configuration_of: Option<&'a str>,
    /// Parameters in billions, as stated or else from its name.
    pub size: Option<f64>,
    /// Whether only its name tells the size.
    pub size_in_name: bool,
    /// Its type.
    pub model_type: Option<&'a str>,
    /// Its family, as stated or else from its name.
    pub family: Option<String>,
    /// All stated factors.
    pub factors: &'a Factors,
    /// Its parents with their shares, evaluated or not.
    pub parents: Vec<Parent>,
    /// The number of its measured results.
    pub results: usize,
}

/// A measured result of a model; null where something is not known.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MeasuredResult<'a> {
    /// The benchmark.
    pub task: &'a str,
    /// The score, 0..1 of the range.
    pub score: f32,
    /// Its standard error, 0..1 of the range: as stated, or the sampling error of an accuracy over its items.
    pub error: Option<f32>,
    /// The number of items of which it is the mean.
    pub items: Option<u32>,
    /// The day of the measurement.
    pub date: Option<Date>,
    /// The id of its source.
    pub source: &'a str,
}

impl Recommender {
    /// What the snapshot states about its models, in their order.
    #[must_use]
    pub fn models(&self) -> Vec<ModelFacts<'_>> {
        let mut results = vec![0; self.snapshot.models.len()];
        for (model, count) in results.iter_mut().enumerate() {
            self.visible.cells.for_row(model, |_, _| *count += 1);
        }
        let facts = |(at, &results)| self.facts_of(at, results);
        results.iter().enumerate().map(facts).collect()
    }

    fn facts_of(&self, at: usize, results: usize) -> ModelFacts<'_> {
        let (model, lineage) = (&self.snapshot.models[at], &self.snapshot.lineage);
        let facts = model.facts();
        let size = facts.size();
        let named = || family_in_name(facts.name).map(str::to_owned);
        let parents = lineage.parents(at as u32).map(|edge| {
            let id = lineage.id(edge.parent).to_owned();
            Parent { id, relation: edge.relation, weight: edge.weight }
        });
        ModelFacts {
            id: &model.id,
            names: &model.names,
            date: model.date,
            description: model.description.as_deref(),
            license: model.license.as_deref(),
            url: model.url.as_deref(),
            configuration_of: model.configuration_of.as_deref(),
            size: size.map(|size| size.value),
            size_in_name: matches!(size, Some(Fact { source: FactSource::Name, .. })),
            model_type: facts.model_type,
            family: facts.family.as_deref().map(str::to_owned).or_else(named),
            factors: &model.factors,
            parents: parents.collect(),
            results,
        }
    }

    /// The measured results of a model of the snapshot, in the order of the benchmarks.
    ///
    /// # Errors
    /// If the model is not in the snapshot.
    pub fn results(&self, id: &str) -> Result<Vec<MeasuredResult<'_>>> {
        let model = ModelIndex(self.known(id)?);
        let is_evaluated = (model.0 as usize) < self.snapshot.models.len();
        let all = 0..if is_evaluated { self.benchmarks.len() } else { 0 };
        Ok(all.filter_map(|at| self.result(model, at)).collect())
    }

    fn result(&self, model: ModelIndex, at: usize) -> Option<MeasuredResult<'_>> {
        let benchmark = &self.benchmarks[at];
        let score = self.measured_score(model, at)?;
        let only = match benchmark.tasks[..] {
            [task] => Some(task),
            _ => None,
        };
        let detail = only.and_then(|task| self.snapshot.details.get(model, TaskIndex(task as u32)));
        let sources = &self.snapshot.sources;
        let source = detail.and_then(|detail| detail.source).and_then(|source| sources.get(source as usize));
        let items = match only {
            Some(task) => detail.and_then(|detail| detail.items).or(self.snapshot.tasks[task].items),
            None => Some(benchmark.tasks.len() as u32),
        };
        let source = source.or(sources.first()).map_or("", |source| &source.id);
        let date = detail.and_then(|detail| detail.date);
        Some(MeasuredResult { task: &benchmark.name, score, error: self.error(model, at), items, date, source })
    }
}

#[cfg(test)]
mod tests {
    use crate::formats::{Companions, Source, import};
    use crate::lineage::Relation;
    use crate::methods::{Method, Silent};
    use crate::recommend::{Recommender, TrainOptions};

    const TABLE: &str = "model,size,type,family,mmlu,gsm8k\norg/a,7B,chat,Mine,50%,40%\norg/b-13b,,,,60%,\n";

    fn trained() -> Recommender {
        let edges =
            Source { name: "edges.csv", bytes: b"parent,child,relation\norg/a,org/b-13b,finetune\n", optional: false };
        let table = Source { name: "x.csv", bytes: TABLE.as_bytes(), optional: false };
        let companions = Companions { lineage: Some(edges), ..Companions::default() };
        let snapshot = import(&[table], &companions).unwrap().snapshot;
        let options = TrainOptions { method: Method::Mean, ..TrainOptions::default() };
        pollster::block_on(Recommender::train(snapshot, &options, &mut Silent)).unwrap()
    }

    #[test]
    fn stated_facts_come_before_those_of_the_name_which_say_so() {
        let recommender = trained();
        let [a, b] = &recommender.models()[..] else { panic!("two models") };
        assert_eq!(
            (a.size, a.size_in_name, a.model_type, a.family.as_deref()),
            (Some(7.0), false, Some("chat"), Some("Mine"))
        );
        assert_eq!((b.size, b.size_in_name, b.model_type), (Some(13.0), true, None));
        assert_eq!((a.results, b.results), (2, 1));
        assert_eq!((b.parents[0].id.as_str(), b.parents[0].relation), ("org/a", Relation::Finetune));
        assert!(a.parents.is_empty());
    }

    #[test]
    fn results_are_those_that_are_measured() {
        let recommender = trained();
        let of_b = recommender.results("org/b-13b").unwrap();
        assert_eq!(of_b.iter().map(|result| (result.task, result.score)).collect::<Vec<_>>(), [("mmlu", 0.6)]);
        assert_eq!(of_b[0].source, recommender.snapshot().sources[0].id);
        assert_eq!(recommender.results("org/a").unwrap().len(), 2);
        assert!(recommender.results("org/none").is_err());
    }
}

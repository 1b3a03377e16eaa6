//! The modules that forecast, rank and route with a trained model: one has the default method and its relatives, the
//! other all other methods.

use super::object::{field, given, list, needed, text, wrong};
use super::{lines, raise, write};
use eyas::error::Error;
use eyas::formats::KnownScore;
use eyas::lineage::{Parent, Relation};
use eyas::methods::Part;
#[cfg(not(feature = "ranker"))]
use eyas::recommend::check_recommends;
use eyas::recommend::{NextRequest, PredictionLineage, RankRequest, Recommender, Request, RouteRequest, Typed};
#[cfg(feature = "ranker")]
use eyas::recommend::{RecommendRequest, parse_pool};
use eyas::snapshot::{Benchmark, Date, Factor, Factors, SnapshotInfo, write_compact};
use js_sys::{Array, Object};
use serde::Serialize;
use wasm_bindgen::prelude::*;

/// A request from `pkg/api.js` for `predict`, `explain` or `next`.
struct Question {
    request: Request,
    costs: Vec<(String, f32)>,
}

/// The inputs of a training without a model's results.
#[derive(Serialize)]
struct Trained<'a> {
    id: &'a str,
    method: &'static str,
    seed: u64,
    measured: bool,
}

/// The known facts of a model's lineage, and the scores with a task in this snapshot.
#[derive(Serialize)]
struct Understood {
    #[serde(flatten)]
    lineage: PredictionLineage,
    scores: Vec<(String, f32)>,
    warnings: Vec<String>,
}

/// The part of the program in this module.
const PART: u8 = match (cfg!(feature = "forecast"), cfg!(feature = "ranker")) {
    (true, _) => Part::Forecast as u8,
    (_, true) => Part::Ranker as u8,
    _ => Part::ForecastMore as u8,
};

/// A trained method.
#[wasm_bindgen]
pub struct RawRecommender(Recommender);

#[wasm_bindgen]
impl RawRecommender {
    /// Loads the result of a training or of `save`.
    pub fn load(bytes: &[u8]) -> Result<Self, JsValue> {
        Recommender::load_in::<PART>(bytes).map(Self).map_err(raise)
    }

    /// The device of the training, and the reason for it.
    pub fn ran(&self) -> Result<JsValue, JsValue> {
        write(self.0.ran())
    }

    /// The model as bytes.
    pub fn save(&self) -> Result<Vec<u8>, JsValue> {
        self.0.save().map_err(raise)
    }

    /// The figures of the training snapshot.
    pub fn info(&self) -> Result<JsValue, JsValue> {
        write(&SnapshotInfo::of(self.0.snapshot()))
    }

    /// The benchmarks that models can be ranked by.
    pub fn benchmarks(&self) -> Result<JsValue, JsValue> {
        write(&Benchmark::all(self.0.snapshot()))
    }

    /// Forecasts a model.
    pub fn predict(&self, request: JsValue) -> Result<JsValue, JsValue> {
        let (question, mut warnings) = self.question(&request)?;
        let mut prediction = self.0.predict(&question.request).map_err(raise)?;
        self.0.compare(&mut prediction, &texts(&request, "compare")?).map_err(raise)?;
        warnings.append(&mut prediction.warnings);
        prediction.warnings = warnings;
        write(&prediction)
    }

    /// The forecasts for a model of the snapshot whose results the method has not seen, in the order of the benchmarks.
    pub fn unseen(&self, id: &str) -> Result<JsValue, JsValue> {
        write(&self.0.unseen(id).map_err(raise)?)
    }

    /// The out-of-fold forecasts for a model; undefined if the method keeps none.
    #[wasm_bindgen(js_name = outOfFold)]
    pub fn out_of_fold(&self, id: &str) -> Result<JsValue, JsValue> {
        self.0.out_of_fold(id).map_err(raise)?.map_or(Ok(JsValue::UNDEFINED), |kept| write(&kept))
    }

    /// Explains a forecast by the contribution of each known fact.
    pub fn explain(&self, request: JsValue) -> Result<JsValue, JsValue> {
        let (question, _) = self.question(&request)?;
        write(&self.0.explain(&question.request).map_err(raise)?)
    }

    /// Explains the forecast for a model of the snapshot whose results the method has not seen.
    #[wasm_bindgen(js_name = explainKnown)]
    pub fn explain_known(&self, id: &str, request: JsValue) -> Result<JsValue, JsValue> {
        write(&self.0.explain_unseen(id, &texts(&request, "tasks")?).map_err(raise)?)
    }

    /// The id of the model whose measured scores answer a request, if there is one.
    #[wasm_bindgen(js_name = measuredId)]
    pub fn measured_id(&self, request: JsValue) -> Result<Option<String>, JsValue> {
        let (question, _) = self.question(&request)?;
        Ok(self.0.measured_id(&question.request).map_err(raise)?.map(str::to_owned))
    }

    /// The options of the training, and whether it included results of this model.
    pub fn trained(&self, id: &str) -> Result<JsValue, JsValue> {
        let (id, measured) = self.0.seen(id).map_err(raise)?;
        write(&Trained { id, method: self.0.method().name(), seed: self.0.seed(), measured })
    }

    /// The training snapshot.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        write_compact(self.0.snapshot())
    }

    /// Plans evaluations of a model.
    pub fn next(&self, request: JsValue) -> Result<JsValue, JsValue> {
        let (question, _) = self.question(&request)?;
        let count = top(&request)?.unwrap_or(PLANNED);
        let request = NextRequest { model: question.request, costs: question.costs, count };
        write(&self.0.next(&request).map_err(raise)?)
    }

    /// The known facts of parents and the usable scores, without a forecast.
    pub fn understand(&self, parents: JsValue, listed: JsValue) -> Result<JsValue, JsValue> {
        let (lineage, _) = self.0.understand(&self.parents(&parents)?);
        let (scores, warned) = self.0.usable_scores(&known_scores(&listed, "listed")?);
        write(&Understood { lineage, scores, warnings: lines(&warned) })
    }

    /// What the snapshot states about its models.
    pub fn models(&self) -> Result<JsValue, JsValue> {
        write(&self.0.models())
    }

    /// The measured results of a model, with their origin.
    pub fn results(&self, id: &str) -> Result<JsValue, JsValue> {
        write(&self.0.results(id).map_err(raise)?)
    }

    /// Ranks the models of the snapshot.
    pub fn rank(&self, request: JsValue) -> Result<JsValue, JsValue> {
        let task = needed(text(&request, "task")?, "task", "a text")?;
        let filter = text(&request, "where")?.as_deref().unwrap_or_default().parse().map_err(raise)?;
        write(&self.0.rank(&RankRequest { task, top: top(&request)?, filter }).map_err(raise)?)
    }

    /// Refuses to rank for a task, which the methods of the other modules can't.
    #[cfg(not(feature = "ranker"))]
    pub fn recommend(&self, _request: JsValue) -> Result<JsValue, JsValue> {
        check_recommends(self.0.method()).map_err(raise)?;
        Ok(JsValue::NULL)
    }

    /// Ranks the models of the snapshot for a task that it has or that is only described.
    #[cfg(feature = "ranker")]
    pub fn recommend(&self, request: JsValue) -> Result<JsValue, JsValue> {
        let filter = text(&request, "where")?.as_deref().unwrap_or_default().parse().map_err(raise)?;
        let [task, description, metric] =
            [text(&request, "task")?, text(&request, "description")?, text(&request, "metric")?];
        let pool = text(&request, "pool")?.as_deref().map(parse_pool).transpose().map_err(raise)?.unwrap_or_default();
        let request = RecommendRequest { task, description, metric, top: top(&request)?, filter, pool };
        write(&self.0.recommend(&request).map_err(raise)?)
    }

    /// Sends each item of benchmarks to the model with the best prediction.
    pub fn route(&self, request: JsValue) -> Result<JsValue, JsValue> {
        let request = RouteRequest { tasks: texts(&request, "tasks")?, top: top(&request)? };
        write(&self.0.route(&request).map_err(raise)?)
    }
}

impl RawRecommender {
    /// Parents; of two readings that of the snapshot.
    fn parents(&self, given: &JsValue) -> Result<Vec<Parent>, JsValue> {
        let read = |given: &JsValue| Ok(self.0.reading(parent(given)?, text(given, "whole")?.as_deref()));
        list(given, "parents")?.iter().map(read).collect()
    }

    /// The request in the library's terms, and the warnings about its scores.
    fn question(&self, given: &JsValue) -> Result<(Question, Vec<String>), JsValue> {
        let date = text(given, "date")?.map(|date| date.parse::<Date>()).transpose().map_err(raise)?;
        let parents = self.parents(&field(given, "parents"))?;
        let written = |name| known_scores(&field(given, name), name);
        let (id, name) = (text(given, "id")?, text(given, "name")?);
        let typed = Typed { id: field(given, "asked").is_truthy(), facts: texts(given, "typed")? };
        let (mut scores, mut warnings) = (numbers(given, "scores")?, Vec::new());
        if scores.is_empty() {
            let by_hand = written("written")?;
            (scores, warnings) = match by_hand.is_empty() {
                true => self.0.usable_scores(&written("listed")?),
                false => self.0.typed_scores(&by_hand).map_err(raise)?,
            };
        }
        let factors = factors(&field(given, "factors"))?;
        let tasks = texts(given, "tasks")?;
        let request = Request { id, name, parents, factors, date, scores, typed, tasks };
        Ok((Question { request, costs: numbers(given, "costs")? }, lines(&warnings)))
    }
}

/// The default number of planned evaluations.
const PLANNED: usize = 10;

fn top(given: &JsValue) -> Result<Option<usize>, JsValue> {
    Ok(number(given, "top")?.map(|top| top as usize))
}

/// A parent; relation and weight have defaults.
fn parent(given: &JsValue) -> Result<Parent, JsValue> {
    let id = needed(text(given, "id")?, "parents", "an id each")?;
    let relation = match text(given, "relation")? {
        None => Relation::Unstated,
        Some(word) => Relation::from_word(&word)
            .ok_or_else(|| raise(Error::input(format!("parent \"{id}\": no relation \"{word}\""))))?,
    };
    Ok(Parent { id, relation, weight: number(given, "weight")?.map_or(1.0, |weight| weight as f32) })
}

fn factors(given: &JsValue) -> Result<Factors, JsValue> {
    let factor = |(name, value): (String, JsValue)| {
        let flag = value.as_bool().map(Factor::Flag);
        let factor =
            flag.or_else(|| value.as_f64().map(Factor::Number)).or_else(|| value.as_string().map(Factor::Text));
        Ok((name.clone(), needed(factor, &name, "a text, a number, or true or false")?))
    };
    let mut factors = Factors::new();
    for (name, factor) in entries(given, "factors")?.into_iter().map(factor).collect::<Result<Vec<_>, JsValue>>()? {
        factors.insert(name, factor);
    }
    Ok(factors)
}

/// Scores as they are written, in the shape of the module `texts`.
fn known_scores(of: &JsValue, name: &str) -> Result<Vec<KnownScore>, JsValue> {
    list(of, name)?.iter().map(score).collect()
}

fn score(given: &JsValue) -> Result<KnownScore, JsValue> {
    Ok(KnownScore {
        task: needed(text(given, "task")?, "task", "a text")?,
        dataset: text(given, "dataset")?,
        subset: text(given, "subset")?,
        value: needed(number(given, "value")?, "value", "a number")?,
        percent: field(given, "percent").is_truthy(),
        metric: text(given, "metric")?,
    })
}

fn number(of: &JsValue, name: &str) -> Result<Option<f64>, JsValue> {
    let read = |value: JsValue| value.as_f64().ok_or_else(|| wrong(name, "a number"));
    given(field(of, name)).map(read).transpose()
}

fn texts(of: &JsValue, name: &str) -> Result<Vec<String>, JsValue> {
    let text = |value: JsValue| value.as_string().ok_or_else(|| wrong(name, "a list of texts"));
    list(&field(of, name), name)?.into_iter().map(text).collect()
}

/// The names and values of an object.
fn entries(of: &JsValue, name: &str) -> Result<Vec<(String, JsValue)>, JsValue> {
    let object: &Object = of.dyn_ref().ok_or_else(|| wrong(name, "an object"))?;
    pairs(&Object::entries(object), name)
}

/// The same from a list of pairs.
fn pairs(of: &JsValue, name: &str) -> Result<Vec<(String, JsValue)>, JsValue> {
    let pair = |pair: JsValue| {
        let pair = Array::from(&pair);
        (pair.get(0).as_string().unwrap_or_default(), pair.get(1))
    };
    Ok(list(of, name)?.into_iter().map(pair).collect())
}

/// Numbers by name, as a list of pairs.
fn numbers(of: &JsValue, name: &str) -> Result<Vec<(String, f32)>, JsValue> {
    let number = |(key, value): (String, JsValue)| match value.as_f64() {
        Some(value) => Ok((key, value as f32)),
        None => Err(wrong(&key, "a number")),
    };
    pairs(&field(of, name), name)?.into_iter().map(number).collect()
}

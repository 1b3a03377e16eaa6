//! The default method: Gaussian-process regression over everything that is known about a model without an evaluation, and
//! over its known scores.

mod adam;
mod answers;
mod boosting;
mod factor_analysis;
mod features;
mod intervals;
mod likelihood;
mod links;
mod models;
mod outcomes;
mod outputs;
mod prior;
mod process;
mod rehearsal;
mod saved;
mod scores;
mod stack;
mod trees;
mod work;

use super::data::{NewModel, Target, TrainingData};
use super::fitted::{Fitted, Forecast, Tensor};
use super::lrmf::model::Lrmf;
use super::relatives;
use super::training::optimise::{BoxFuture, Observer, Progress};
use super::unknowns::Unknowns;
use crate::error::{Error, Result};
use crate::linalg::{SparseMatrix, clamp, sort_by_value};
use crate::lineage::split;
use crate::snapshot::{Date, Model, ModelIndex, known_afterwards};
use factor_analysis::Factors;
use features::{Encoder, Features};
use intervals::{HALF_WIDTH, Intervals};
use models::Models;
use ndarray::Array2;
use outputs::{Outputs, Scale};
use prior::Prior;
use process::{Normal, Pattern, Query, patterns};
use rehearsal::{LOOK_AHEAD, Scenario, Stage, Trial};
use scores::Scores;
use stack::Stack;
use trees::{Marks, Trees};
use work::Work;

/// A trained model of the default method.
pub struct Eyas {
    encoder: Encoder,
    prior: Prior,
    scale: Scale,
    values: Array2<f32>, // standardised, NaN where there is a gap. (n_training, n_outputs)
    patterns: Vec<Pattern>,
    work: Work,
    scores: Option<Scores>, // of outcomes none
    ensemble: Option<Ensemble>, // of many models
    intervals: Intervals,
    /// How residuals of the outputs go together.
    together: Factors,
    factorisation: Option<Lrmf>,
    last_day: Option<f32>,
}

/// Trees and their shares beside the process.
struct Ensemble {
    marks: Marks,
    trees: Trees,
    stacks: [Stack; 2], // of models of the training models' time, and of later ones
}

/// Shares of the members in forecasts of later models, where little is known of them.
const USUAL_SHARES: [f32; trees::MEMBERS] = [0.5, 0.25, 0.25];
/// Forecasts of later models without which nothing is learned of the shares.
const LEAST_LATER: usize = 40;

/// Whether a factor of this name is used: all are that are known before an evaluation.
pub(super) fn uses_factor(name: &str) -> bool {
    !known_afterwards(name)
}

/// Factorises outcomes, which the method goes on from; of scores there is nothing to factorise.
///
/// # Errors
/// If the observer stops the training.
pub(super) fn factorise<'a>(
    data: &'a TrainingData<'a>,
    observer: &'a mut (dyn Observer + 'a),
) -> BoxFuture<'a, Result<Option<Lrmf>>> {
    Box::pin(outcomes::factorise(data, observer))
}

/// Factors of the outputs at most.
const FACTORS: usize = 3;

impl Eyas {
    /// Trains on these data and, of outcomes, what their factorisation made of them.
    ///
    /// # Errors
    /// If there is no factorisation of outcomes, the observer stops it, or covariances can't be factorised.
    pub(super) async fn fit_with(
        data: &TrainingData<'_>,
        factorisation: Option<Lrmf>,
        observer: &mut dyn Observer,
    ) -> Result<Self> {
        let encoder = Encoder::new(data);
        let models = Models::new(data, &encoder);
        let mut outputs = outputs::outputs(data, &models.order, factorisation)?;
        report(observer, 0).await?;
        let prior = Prior::new(models, likelihood::start(&encoder));
        let links = links::choose(&prior, &outputs, &patterns(&outputs.values), data.seed)?;
        (outputs.scale, outputs.values) = outputs.relinked(links);
        report(observer, 1).await?;
        let covariance = likelihood::fit(&encoder, &prior.models, &outputs.values, data.seed)?;
        let prior = Prior::new(prior.models, covariance);
        if std::env::var("EYDBG").is_ok() { encoder.show(&prior.covariance); eprintln!("{:?}", outputs.scale.links); }
        let mut eyas = Self::untrained(encoder, prior, outputs);
        let from_others = eyas.from_others()?;
        eyas.together = eyas.factors(from_others.as_deref())?;
        if eyas.factorisation.is_none() && eyas.values.ncols() > 1 {
            let filled = eyas.filled(from_others.as_deref())?;
            eyas.scores = Some(Scores::fit(&eyas.prior, &eyas.values, filled, data.seed)?);
        }
        report(observer, 2).await?;
        let (ensemble, trials) = eyas.rehearse(from_others.as_deref(), data.seed)?;
        eyas.ensemble = ensemble;
        eyas.intervals = Intervals::calibrate(&trials, eyas.values.ncols());
        report(observer, 3).await?;
        Ok(eyas)
    }

    /// Forecasts training models as if they were new, and trains the trees.
    fn rehearse(&self, from_others: Option<&[Vec<Normal>]>, seed: u64) -> Result<(Option<Ensemble>, Vec<Trial>)> {
        let Self { prior, patterns, values, work, .. } = self;
        let has_trees = values.nrows() >= trees::LEAST && values.ncols() <= trees::OUTPUTS;
        let marks = has_trees.then(|| Marks::new(prior));
        let stage = Stage { prior, patterns, values, work: *work, marks: marks.as_ref(), seed };
        let mut now = stage.now(from_others)?;
        let cuts = stage.cuts(if has_trees { 1 } else { usize::MAX });
        let mut later = stage.later(&cuts)?;
        let mut ensemble = None;
        if let Some(marks) = &marks {
            let fit = |allowed: &dyn Fn(usize) -> bool| Trees::fit(prior, marks, (patterns, values), allowed, seed);
            let trees = fit(&|_| true)?;
            let of_now = stack::stack(&mut now, &trees);
            let mut of_later = of_now.clone();
            if let Some(&cut) = cuts.first().filter(|_| later.len() >= LEAST_LATER) {
                let earlier = fit(&|row| stage.is_before(row, cut))?;
                of_later = stack::stack(&mut later, &earlier).towards(&USUAL_SHARES);
            }
            if std::env::var("EYDBG").is_ok() { eprintln!("{:?} {:?} {}", of_now.shares, of_later.shares, later.len()); }
            ensemble = Some(Ensemble { marks: marks.clone(), trees, stacks: [of_now, of_later] });
        }
        let some_known = self.scores.as_ref().map(|scores| stage.some_known(scores)).transpose()?;
        Ok((ensemble, now.into_iter().chain(later).chain(some_known.into_iter().flatten()).collect()))
    }

    fn untrained(encoder: Encoder, prior: Prior, outputs: Outputs) -> Self {
        let Outputs { scale, values, factorisation } = outputs;
        let patterns = patterns(&values);
        let work = Work::of(&patterns);
        let last_day = prior.models.features.iter().filter_map(|features| features.day).reduce(f32::max);
        let (scores, ensemble, intervals, together) = (None, None, Intervals::default(), Factors::default());
        Self { encoder, prior, scale, values, patterns, work, scores, ensemble, intervals, together, factorisation, last_day }
    }

    /// All training models from all others, exactly; nothing where they are many. (n_training) of (n_outputs)
    fn from_others(&self) -> Result<Option<Vec<Vec<Normal>>>> {
        if self.prior.models.len() > prior::DENSE {
            return Ok(None);
        }
        let nothing = Normal { mean: 0.0, variance: 1.0 };
        let mut all = vec![vec![nothing; self.values.ncols()]; self.values.nrows()];
        for pattern in &self.patterns {
            for (row, normals) in self.prior.from_others(pattern, &self.values)?.into_iter().enumerate() {
                pattern.tasks.iter().zip(normals).for_each(|(&task, normal)| all[row][task] = normal);
            }
        }
        Ok(Some(all))
    }

    /// How what is missed of the outputs goes together, in standard deviations.
    fn factors(&self, from_others: Option<&[Vec<Normal>]>) -> Result<Factors> {
        Factors::learn(&self.residuals(from_others), FACTORS.min(self.values.ncols()))
    }

    /// Known values less what others say, in standard deviations; the values themselves where nothing is said.
    fn residuals(&self, from_others: Option<&[Vec<Normal>]>) -> SparseMatrix {
        let (rows, columns) = self.values.dim();
        let known = self.values.indexed_iter().filter(|(_, value)| !value.is_nan());
        let residual = |((row, k), value): ((usize, usize), &f32)| {
            let missed = from_others.map_or(*value, |all| (value - all[row][k].mean) / all[row][k].variance.sqrt());
            (row as u32, k as u32, missed)
        };
        SparseMatrix::from_entries(rows, columns, known.map(residual).collect())
    }

    /// The values with gaps filled in by what others and the model's own scores say.
    fn filled(&self, from_others: Option<&[Vec<Normal>]>) -> Result<Array2<f32>> {
        let mut filled = self.values.clone();
        if filled.iter().all(|value| !value.is_nan()) {
            return Ok(filled);
        }
        let residuals = self.residuals(from_others);
        for row in 0..filled.nrows() {
            let (factors, _) = self.together.given(residuals.row(row))?;
            let expected = self.together.expected(&factors);
            for (k, value) in filled.row_mut(row).iter_mut().enumerate().filter(|(_, value)| value.is_nan()) {
                *value = from_others.map_or(expected[k], |all| {
                    all[row][k].mean + expected[k] * all[row][k].variance.sqrt()
                });
            }
        }
        Ok(filled)
    }

    /// What there is to see of a model: its features, its known scores, and its place among the training models.
    fn seen(&self, data: &TrainingData<'_>, target: Target<'_>) -> (Features, Vec<(usize, f32)>, Option<usize>) {
        match target {
            Target::Known(ModelIndex(model)) => {
                let mut known = Vec::new();
                data.cells.for_row(model as usize, |task, value| known.push((task, value)));
                let itself = self.prior.models.order.iter().position(|&other| other == model);
                (self.encoder.known(data, model as usize), known, itself)
            }
            Target::New(new) => (self.new_features(data, new), new.distinct_scores(), None),
        }
    }

    /// The features of a new model. One without a date is from the day after the last one that there is.
    fn new_features(&self, data: &TrainingData<'_>, new: &NewModel) -> Features {
        let parents = relatives::known_parents(data.lineage, new);
        let is_of_the_data = new.node.is_some_and(|node| (node as usize) < data.models.len());
        let after = |days: f32| self.last_day.and_then(|last| Date::from_days((last + days) as i32));
        let date = match new.date {
            None if !is_of_the_data => after(1.0),
            Some(date) => after(LOOK_AHEAD).map_or(Some(date), |last| Some(date.min(last))),
            None => None,
        };
        let model = Model { id: new.name.clone().unwrap_or_default(), date, factors: new.factors.clone(), ..Model::default() };
        self.encoder.encode(&model, data.lineage, new.node, &parents)
    }

    /// The forecast of a model's outputs, standardised, and the scenario that it is in.
    fn normals(
        &self,
        features: &Features,
        known: &[(usize, f32)],
        itself: Option<usize>,
    ) -> Result<(Vec<Normal>, Scenario, Vec<f32>)> {
        let row = self.prior.row(features);
        let variance = self.prior.variance(features);
        let allowed = |other: usize| Some(other) != itself;
        let most = self.work.neighbours;
        let query = Query { row: &row, variance, allowed: &allowed, most };
        let is_later = features.day.zip(self.last_day).is_some_and(|(day, last)| day > last);
        let mut normals = process::forecast(&self.prior, &query, &self.patterns, &self.values)?;
        let mut corrections = vec![0.0; normals.len()];
        if let Some(Ensemble { marks, trees, stacks }) = &self.ensemble {
            let input = marks.input(&self.prior, features, &normals, (&row, &allowed));
            let [with_process, alone] = trees.predict(&input, itself);
            let members = [normals.iter().map(|normal| normal.mean).collect(), with_process, alone];
            let forced: Option<Stack> = std::env::var("SH").ok().map(|t| { let v: Vec<f32> = t.split(',').map(|x| x.parse().unwrap()).collect(); Stack { shares: vec![v; normals.len()] } });
            let stack = forced.as_ref().unwrap_or(&stacks[usize::from(is_later)]);
            for (k, correction) in corrections.iter_mut().enumerate() {
                *correction = stack.of(k, &members) - normals[k].mean;
            }
        }
        let mut scenario = if is_later { Scenario::Later } else { Scenario::Now };
        if let (Some(scores), false) = (&self.scores, known.is_empty()) {
            let known: Vec<(usize, f32)> = known.iter().map(|&(k, y)| (k, self.scale.standardise(k, y))).collect();
            let table = (&self.patterns[..], &self.values);
            let given = scores.forecast(&self.prior, (&row, variance), &known, table, (&allowed, most))?;
            // What the ensemble adds counts for as much as the known scores leave open.
            let open = given.iter().zip(&normals).map(|(given, normal)| (given.variance / normal.variance).min(1.0));
            corrections.iter_mut().zip(open).for_each(|(correction, open)| *correction *= open);
            (normals, scenario) = (given, Scenario::SomeKnown);
        }
        normals.iter_mut().zip(corrections).for_each(|(normal, correction)| normal.mean += correction);
        Ok((normals, scenario, row))
    }

    /// Results and their intervals.
    fn results(&self, normals: &[Normal], scenario: Scenario) -> (Vec<f32>, Vec<(f32, f32)>) {
        let mean = |(k, normal): (usize, &Normal)| self.scale.result(k, normal.mean);
        let interval = |(k, &normal): (usize, &Normal)| {
            let half = self.intervals.half_width(scenario, k, normal);
            (self.scale.result(k, normal.mean - half), self.scale.result(k, normal.mean + half))
        };
        (normals.iter().enumerate().map(mean).collect(), normals.iter().enumerate().map(interval).collect())
    }

    /// The training models that are most alike, with their shares.
    fn sources(&self, covariances: &[f32]) -> Vec<(u32, f32)> {
        let above = |&(_, covariance): &(u32, f32)| covariance > 0.0;
        let order = &self.prior.models.order;
        let mut alike: Vec<(u32, f32)> =
            order.iter().copied().zip(covariances.iter().map(|c| c * c)).filter(above).collect();
        sort_by_value(&mut alike);
        alike.truncate(SOURCES);
        relatives::shares(alike)
    }
}

/// Training models that are named as sources.
const SOURCES: usize = 8;
/// Models below which a forecast says how few there are.
const FEW: usize = 5;

/// Shows how far a training has come: each step is shown as an epoch.
async fn report(observer: &mut dyn Observer, done: usize) -> Result<()> {
    let progress =
        Progress { epoch: done, max_epochs: 3, loss: f64::INFINITY, validation: None, metric: "absolute error" };
    if observer.report(&progress).await.is_break() { Err(Error::cancelled()) } else { Ok(()) }
}

impl Fitted for Eyas {
    fn forecast(&self, data: &TrainingData<'_>, target: Target<'_>) -> Result<Forecast> {
        let (features, known, itself) = self.seen(data, target);
        let (normals, scenario, row) = self.normals(&features, &known, itself)?;
        let (mut mean, mut intervals) = self.results(&normals, scenario);
        for &(task, score) in &known {
            mean[task] = score;
            intervals[task] = (score, score);
        }
        for (task, _) in data.tasks.iter().enumerate().filter(|(_, task)| task.range.is_some()) {
            mean[task] = clamp(mean[task], 0.0, 1.0);
            let (low, high) = intervals[task];
            intervals[task] = (clamp(low, 0.0, 1.0), clamp(high, 0.0, 1.0));
        }
        Ok(Forecast { mean, sources: self.sources(&row), intervals })
    }

    fn tensors(&self) -> Vec<Tensor> {
        self.to_tensors()
    }
}

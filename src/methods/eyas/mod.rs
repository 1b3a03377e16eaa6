//! The default method: what a model is, where it comes from, what it is called and when it came, together.
//!
//! Two forecasts are averaged. A Gaussian process ([`process`]) compares a model with all measured ones ([`covariance`]):
//! by size, architecture, type and dates, by the characters of its name, by its organisation and by its ancestors. Boosted
//! trees ([`boosting`]) see the same facts one by one, the words of the name, and the process's forecast with how near the
//! models are that it stands on. For the trees' training rows that forecast is the one that the process makes from other
//! models: once from all others, and from those that were there up to 75 days before, because a forecast for next month's
//! models has no neighbours of its own month.
//!
//! Outcomes of items go through the factorisation [`Lrmf`]: what is forecast here are its coordinates of a model, and the
//! benchmarks' means, to which the chances of the items are then fitted.

mod adaptation;
mod blend;
mod boosting;
mod covariance;
mod intervals;
mod portrait;
mod process;
mod rehearsal;
mod saved;
mod together;

use super::lrmf::{Lrmf, LrmfConfig};
use super::training::{Observer, Progress};
use super::{Fitted, Forecast, Target, Tensor, TrainingData, relatives};
use crate::error::{Error, Result};
use crate::kernels::{Cells, cpu};
use crate::linalg::{logistic, logit};
use crate::snapshot::{ModelIndex, Task};
use blend::Blend;
use boosting::Boosting;
use covariance::{Likeness, PROFILES};
use intervals::{Intervals, Outcome};
use ndarray::Array2;
use portrait::{Gallery, Portrait};
use process::{Process, Rehearsal, nearness};
use rehearsal::{Horizon, Said, Stage};
use std::collections::HashMap;
use together::Together;

/// A trained model of the default method.
pub struct Eyas {
    gallery: Gallery,
    likeness: Likeness,
    order: Vec<u32>, // training models by date
    processes: Vec<Process>,
    profiles: Vec<usize>, // the process of each output
    centre: Vec<f32>,     // (n_outputs)
    spread: Vec<f32>,     // (n_outputs)
    trees: Boosting,
    blends: [Blend; 2], // of a model of the training models' time, and of a later one
    intervals: Intervals,
    links: Vec<Link>, // (n_outputs)
    /// Where scores are missing: what each training model is forecast to have by all others. (n_training, n_outputs)
    from_others: Option<Array2<f32>>,
    factorisation: Option<Lrmf>,
}

impl Eyas {
    /// Trains on these data.
    ///
    /// # Errors
    /// If the observer stops it, or the covariances of the models can't be factorised.
    pub async fn fit(data: &TrainingData<'_>, observer: &mut dyn Observer) -> Result<Self> {
        let gallery = Gallery::new(data);
        let Outputs { order, values, known, links, factorisation } = outputs(data, observer).await?;
        let portraits = order.iter().map(|&model| gallery.known(data, model as usize)).collect();
        let likeness = Likeness::new(portraits);
        let (centre, spread, mut scores) = standardise(values, &known);
        fill(&mut scores, &known)?;
        let horizons = Horizon::all(likeness.portraits(), data.seed);
        let ends: Vec<&[usize]> = horizons.iter().filter_map(|horizon| horizon.ends.as_deref()).collect();
        let times = horizons.iter().filter(|horizon| horizon.looks_ahead()).count();
        let mut steps = Steps { done: 0, all: PROFILES.len() + FOLDS + times, observer };
        let (mut processes, mut rehearsals) = (Vec::new(), Vec::new());
        for covariance in adaptation::adapt(&PROFILES, &likeness, &scores, data.seed)? {
            let (process, rehearsal) = Process::fit(covariance, &likeness, &scores, &ends)?;
            steps.report(missed(&scores, &rehearsal)).await?;
            processes.push(process);
            rehearsals.push(rehearsal);
        }
        let stage = Stage::new(&gallery, &likeness, (&scores, &known), &horizons, &rehearsals);
        let trees = stage.learn(data.seed);
        let mut others = Vec::new();
        for fold in 0..FOLDS {
            others.extend(stage.forecasts_from_others(fold, FOLDS, data.seed));
            steps.report(missed_by(&others)).await?;
        }
        let mut later = Vec::new();
        while let Some(said) = stage.forecasts_from_earlier(later.len(), data.seed) {
            steps.report(missed_by(&said)).await?;
            later.push(said);
        }
        let now = Blend::learn(&others.iter().collect::<Vec<_>>());
        let ahead = match later.is_empty() {
            true => now.clone(),
            false => Blend::learn(&later.iter().flatten().collect::<Vec<_>>()),
        };
        let outcomes = |said: Vec<Said>, blend| said.into_iter().map(|said| Outcome::new(said, blend)).collect();
        let others: Vec<Outcome> = outcomes(others, &now);
        let later: Vec<Vec<Outcome>> = later.into_iter().map(|said| outcomes(said, &ahead)).collect();
        let intervals = Intervals::calibrate(&others, &later, data.seed)?;
        let from_others = known.iter().any(|known| !known).then(|| {
            let mut table = Array2::zeros(scores.dim());
            let rows = (0..FOLDS).flat_map(|fold| stage.fold(fold, FOLDS));
            rows.zip(&others).for_each(|(row, outcome)| {
                table.row_mut(row).iter_mut().zip(&outcome.forecast).for_each(|(cell, forecast)| *cell = *forecast);
            });
            table
        });
        let profiles = stage.into_profiles();
        Ok(Self {
            gallery,
            likeness,
            order,
            processes,
            profiles,
            centre,
            spread,
            trees,
            blends: [now, ahead],
            intervals,
            links,
            from_others,
            factorisation,
        })
    }

    /// Outputs of a model, standardised, with the row that the trees saw and the covariances with the training models. A
    /// training model, `itself`, is seen as from all others.
    fn look(&self, portrait: &Portrait, itself: Option<usize>) -> Look {
        let rows: Vec<Vec<f32>> =
            self.processes.iter().map(|process| self.likeness.row(&process.covariance, portrait)).collect();
        let means = self.processes.iter().zip(&rows).map(|(process, row)| process.mean(row, itself));
        let means: Vec<Vec<f32>> = means.collect();
        let process: Vec<f32> = self.profiles.iter().enumerate().map(|(k, &profile)| means[profile][k]).collect();
        let mut numbers = portrait.traits.clone();
        numbers.extend(&process);
        for (process, row) in self.processes.iter().zip(&rows) {
            let own = process.covariance.variance(portrait);
            let others = row.iter().enumerate().filter(|&(at, _)| Some(at) != itself);
            numbers.extend(nearness(others.map(|(_, covariance)| covariance / own)));
        }
        let outputs = match (itself, &self.from_others) {
            (Some(row), Some(from_others)) => from_others.row(row).to_vec(),
            _ => {
                let trees = self.trees.predict(&numbers, &self.gallery.marks(portrait));
                let blend = &self.blends[usize::from(self.is_later(portrait))];
                (0..trees.len()).map(|k| blend.of(k, process[k], trees[k])).collect()
            }
        };
        Look { outputs, numbers, covariances: rows.into_iter().next().unwrap_or_default() }
    }

    /// Whether a model came after all training models.
    fn is_later(&self, portrait: &Portrait) -> bool {
        portrait.day() > self.likeness.portraits().last().map_or(f32::INFINITY, Portrait::day)
    }

    /// The training models that are most alike, with their shares.
    fn sources(&self, covariances: &[f32]) -> Vec<(u32, f32)> {
        let mut alike: Vec<(u32, f32)> =
            self.order.iter().copied().zip(covariances.iter().map(|c| c * c)).filter(|c| c.1 > 0.0).collect();
        alike.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        alike.truncate(SOURCES);
        relatives::shares(alike)
    }

    /// Scores from standardised outputs, their intervals, and what known scores say about the others.
    fn scores(&self, look: &Look, portrait: &Portrait, known: &[(usize, f32)]) -> Result<Scores> {
        let residual = |&(k, score): &(usize, f32)| {
            (k, (self.links[k].of(score) - self.centre[k]) / self.spread[k] - look.outputs[k])
        };
        let known: Vec<(usize, f32)> = known.iter().map(residual).collect();
        let (shift, ends) = self.intervals.around(&look.numbers, &known, self.is_later(portrait))?;
        let mean = |k: usize| self.centre[k] + self.spread[k] * (look.outputs[k] + shift.get(k).unwrap_or(&0.0));
        let means: Vec<f32> = (0..self.centre.len()).map(mean).collect();
        let chance = if portrait.random_dropping { RANDOM_DROPPING } else { 1.0 };
        let interval = |(k, &(low, high)): (usize, &(f32, f32))| {
            let end = |end: f32| self.links[k].back(means[k] + self.spread[k] * chance * end);
            (end(low), end(high))
        };
        let bounds = ends.iter().enumerate().map(interval).collect();
        Ok((means.iter().zip(&self.links).map(|(mean, link)| link.back(*mean)).collect(), bounds))
    }
}

/// How far a training has come: each step is shown as an epoch.
struct Steps<'a> {
    done: usize,
    all: usize,
    observer: &'a mut dyn Observer,
}

impl Steps<'_> {
    async fn report(&mut self, loss: f64) -> Result<()> {
        self.done += 1;
        let metric = "absolute error";
        let progress = Progress { epoch: self.done, max_epochs: self.all, loss, validation: None, metric };
        if self.observer.report(&progress).await.is_break() { Err(Error::cancelled()) } else { Ok(()) }
    }
}

/// Mean absolute error of a process's forecasts from all others, in standard deviations.
fn missed(scores: &Array2<f32>, rehearsal: &[Rehearsal]) -> f64 {
    let errors = rehearsal.iter().take(1).flat_map(|all_others| scores.iter().zip(&all_others.mean));
    errors.map(|(score, mean)| f64::from((score - mean).abs())).sum::<f64>() / scores.len().max(1) as f64
}

/// Mean absolute error of the trees' forecasts, in standard deviations.
fn missed_by(said: &[Said]) -> f64 {
    let errors = || said.iter().flat_map(|said| said.truth.iter().zip(&said.trees));
    let errors = || errors().map(|(truth, trees)| f64::from((truth - trees).abs())).filter(|error| !error.is_nan());
    errors().sum::<f64>() / errors().count().max(1) as f64
}

/// Folds of the trees that have not seen the models.
const FOLDS: usize = 3;

/// Forecasts with their intervals, by output.
type Scores = (Vec<f32>, Vec<(f32, f32)>);

/// What the parts say of one model.
struct Look {
    outputs: Vec<f32>,
    numbers: Vec<f32>,
    covariances: Vec<f32>,
}

/// By how much the intervals of merges that drop weights at random are wider. A judgement: leaderboards don't tell which
/// merges are.
const RANDOM_DROPPING: f32 = 1.2;
/// Training models that are named as sources.
const SOURCES: usize = 8;

impl Fitted for Eyas {
    fn forecast(&self, data: &TrainingData<'_>, target: Target<'_>) -> Result<Forecast> {
        let (portrait, known, itself) = match target {
            Target::Known(ModelIndex(model)) => {
                let mut known = Vec::new();
                data.cells.for_row(model as usize, |task, value| known.push((task, value)));
                let itself = self.order.iter().position(|&other| other == model);
                (self.gallery.known(data, model as usize), known, itself)
            }
            Target::New(new) => (self.gallery.new_model(data, new), new.scores.clone(), None),
        };
        if let (Some(factorisation), false) = (&self.factorisation, known.is_empty()) {
            return factorisation.forecast(data, target);
        }
        let look = self.look(&portrait, itself);
        let sources = self.sources(&look.covariances);
        let (mut mean, mut intervals) = self.scores(&look, &portrait, &known)?;
        if let Some(factorisation) = &self.factorisation {
            let dim = factorisation.parameters().dim;
            let (coordinates, benchmark_means) = mean.split_at(dim + 1);
            let mean = items(factorisation, data.tasks, coordinates, benchmark_means);
            let mut intervals = intervals.split_off(dim + 1);
            intervals.iter_mut().for_each(clip);
            return Ok(Forecast { mean, sources, intervals });
        }
        for (task, score) in known {
            mean[task] = score;
            intervals[task] = (score, score);
        }
        // An open-ended task may well go beyond the scores that are known of it.
        for (task, _) in data.tasks.iter().enumerate().filter(|(_, task)| task.range.is_some()) {
            mean[task] = mean[task].clamp(0.0, 1.0);
            clip(&mut intervals[task]);
        }
        Ok(Forecast { mean, sources, intervals })
    }

    fn tensors(&self) -> Vec<Tensor> {
        self.to_tensors()
    }
}

fn clip((low, high): &mut (f32, f32)) {
    (*low, *high) = (low.clamp(0.0, 1.0), high.clamp(0.0, 1.0));
}

/// The tasks of each benchmark, in the order of their first tasks.
fn benchmarks(tasks: &[Task]) -> Vec<Vec<usize>> {
    let mut found: Vec<(&str, Vec<usize>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (at, task) in tasks.iter().enumerate() {
        let place = *places.entry(&task.benchmark).or_insert(found.len());
        if place == found.len() {
            found.push((&task.benchmark, Vec::new()));
        }
        found[place].1.push(at);
    }
    found.into_iter().map(|(_, tasks)| tasks).collect()
}

/// Chances to solve each item: those of a model with these coordinates, moved so that each benchmark has its mean.
fn items(factorisation: &Lrmf, tasks: &[Task], coordinates: &[f32], benchmark_means: &[f32]) -> Vec<f32> {
    let p = factorisation.parameters();
    let (vector, bias) = coordinates.split_at(p.dim);
    let logits: Vec<f32> =
        (0..tasks.len()).map(|task| cpu::dot(vector, p.task(task)) + bias[0] + p.task_bias[task]).collect();
    let mut chances = vec![0.0; tasks.len()];
    for (tasks, &mean) in benchmarks(tasks).iter().zip(benchmark_means) {
        let (mut low, mut high) = (-MOST_SHIFT, MOST_SHIFT);
        for _ in 0..HALVINGS {
            let shift = 0.5 * (low + high);
            let sum: f32 = tasks.iter().map(|&task| logistic(logits[task] + shift)).sum();
            if sum > mean * tasks.len() as f32 { high = shift } else { low = shift }
        }
        tasks.iter().for_each(|&task| chances[task] = logistic(logits[task] + 0.5 * (low + high)));
    }
    chances
}

/// Logits are moved by this at most.
const MOST_SHIFT: f32 = 8.0;
/// Halvings of that range until the shift is found.
const HALVINGS: usize = 24;

/// The scale on which an output is forecast.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Link {
    Identity,
    /// Log odds: of a score within a range, where each model has few of them.
    LogOdds,
}

/// Scores are this far from the ends of their range at least, in log odds.
const MARGIN: f32 = 0.02;

impl Link {
    fn of(self, score: f32) -> f32 {
        match self {
            Self::Identity => score,
            Self::LogOdds => logit(MARGIN + (1.0 - 2.0 * MARGIN) * score.clamp(0.0, 1.0), MARGIN),
        }
    }

    fn back(self, output: f32) -> f32 {
        match self {
            Self::Identity => output,
            Self::LogOdds => (logistic(output) - MARGIN) / (1.0 - 2.0 * MARGIN),
        }
    }
}

/// What is forecast: one row a training model, one column an output.
struct Outputs {
    order: Vec<u32>,
    values: Array2<f32>,
    known: Array2<bool>,
    links: Vec<Link>,
    factorisation: Option<Lrmf>,
}

/// The training models by date, with what is to be forecast of them: their scores; or of outcomes the factorisation's
/// coordinates and the means of the benchmarks.
async fn outputs(data: &TrainingData<'_>, observer: &mut dyn Observer) -> Result<Outputs> {
    let mut order: Vec<u32> =
        (0..data.models.len() as u32).filter(|&model| data.cells.count_row(model as usize) > 0).collect();
    order.sort_by_key(|&model| data.models[model as usize].date);
    match data.cells {
        Cells::Scores(_) => Ok(measured(data, order)),
        Cells::Outcomes { .. } => factorised(data, order, observer).await,
    }
}

/// The scores themselves.
fn measured(data: &TrainingData<'_>, order: Vec<u32>) -> Outputs {
    let n_tasks = data.tasks.len();
    let complete = order.iter().all(|&model| data.cells.count_row(model as usize) == n_tasks);
    let link = |task: &Task| if complete || task.range.is_none() { Link::Identity } else { Link::LogOdds };
    let links: Vec<Link> = data.tasks.iter().map(link).collect();
    let mut values = Array2::zeros((order.len(), n_tasks));
    let mut known = Array2::from_elem((order.len(), n_tasks), false);
    for (row, &model) in order.iter().enumerate() {
        data.cells.for_row(model as usize, |task, value| {
            (values[[row, task]], known[[row, task]]) = (links[task].of(value), true);
        });
    }
    Outputs { order, values, known, links, factorisation: None }
}

async fn factorised(data: &TrainingData<'_>, order: Vec<u32>, observer: &mut dyn Observer) -> Result<Outputs> {
    let factorisation = Lrmf::fit(data, &LrmfConfig::default(), observer).await?;
    let p = factorisation.parameters();
    let benchmarks = benchmarks(data.tasks);
    let n_outputs = p.dim + 1 + benchmarks.len();
    let mut values = Array2::zeros((order.len(), n_outputs));
    for (row, &model) in order.iter().enumerate() {
        let mut chances = factorisation.forecast(data, Target::Known(ModelIndex(model)))?.mean;
        data.cells.for_row(model as usize, |task, value| chances[task] = value);
        let mean = |tasks: &Vec<usize>| tasks.iter().map(|&task| chances[task]).sum::<f32>() / tasks.len() as f32;
        let outputs = p.model(model as usize).iter().copied().chain([p.model_bias[model as usize]]);
        let outputs = outputs.chain(benchmarks.iter().map(mean));
        values.row_mut(row).iter_mut().zip(outputs).for_each(|(value, output)| *value = output);
    }
    let known = Array2::from_elem(values.dim(), true);
    Ok(Outputs { order, values, known, links: vec![Link::Identity; n_outputs], factorisation: Some(factorisation) })
}

/// Median and standard deviation of what is known of each column, and the values in those terms. The fewer there are, the
/// more of its standard deviation a column has from the others.
fn standardise(mut values: Array2<f32>, known: &Array2<bool>) -> (Vec<f32>, Vec<f32>, Array2<f32>) {
    let of_column = |k: usize| {
        let cells = values.column(k);
        let mut sorted: Vec<f32> =
            cells.iter().zip(known.column(k)).filter(|(_, known)| **known).map(|c| *c.0).collect();
        sorted.sort_by(f32::total_cmp);
        let n = sorted.len() as f32;
        let mean = sorted.iter().sum::<f32>() / n.max(1.0);
        let squares = sorted.iter().map(|value| (value - mean).powi(2)).sum::<f32>();
        (sorted.get(sorted.len() / 2).copied(), squares, n)
    };
    let columns: Vec<(Option<f32>, f32, f32)> = (0..values.ncols()).map(of_column).collect();
    let all: f32 = columns.iter().map(|column| column.2).sum();
    let common = columns.iter().map(|column| column.1).sum::<f32>() / all.max(1.0);
    let medians: Vec<f32> = columns.iter().filter_map(|column| column.0).collect();
    let usual = medians.iter().sum::<f32>() / medians.len().max(1) as f32;
    let complete = known.iter().all(|known| *known);
    let weight = if complete { 0.0 } else { COMMON_SPREAD };
    let (mut centre, mut spread) = (Vec::new(), Vec::new());
    for (k, &(median, squares, n)) in columns.iter().enumerate() {
        let median = median.unwrap_or(usual);
        let deviation = ((squares + weight * common) / (n + weight).max(1.0)).sqrt().max(1e-6);
        values.column_mut(k).mapv_inplace(|value| (value - median) / deviation);
        centre.push(median);
        spread.push(deviation);
    }
    (centre, spread, values)
}

/// Scores that the spread of all columns weighs in that of one.
const COMMON_SPREAD: f32 = 4.0;

/// Fills what is not known in with what is to be expected by what is. scores, known: (n_models, n_outputs)
fn fill(scores: &mut Array2<f32>, known: &Array2<bool>) -> Result<()> {
    if known.iter().all(|known| *known) {
        return Ok(());
    }
    let gap = |(score, known): (&f32, &bool)| if *known { *score } else { f32::NAN };
    let row = |row: usize| scores.row(row).iter().zip(known.row(row)).map(gap).collect();
    let rows: Vec<Vec<f32>> = (0..scores.nrows()).map(row).collect();
    let together = Together::learn(&rows)?;
    for (row, known) in known.rows().into_iter().enumerate() {
        let entries = known.iter().enumerate().filter(|(_, known)| **known).map(|(k, _)| (k, scores[[row, k]]));
        let (expected, _) = together.given(&entries.collect())?;
        for (k, expected) in expected.into_iter().enumerate().filter(|&(k, _)| !known[k]) {
            scores[[row, k]] = expected;
        }
    }
    Ok(())
}

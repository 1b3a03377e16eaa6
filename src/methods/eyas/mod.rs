//! The default method: what a model is, where it comes from, what it is called and when it came, together.
//!
//! Three forecasts are averaged. A Gaussian process ([`process`]) compares a model with all measured ones ([`covariance`]):
//! by size, architecture, type and dates, by the characters of its name, by its organisation and by its ancestors. Boosted
//! trees ([`boosting`]) see the same facts one by one, the words of the name, and the process's forecast with how near the
//! models are that it stands on. For the trees' training rows that forecast is the one that the process makes from other
//! models: once from all others, and from those that were there up to 75 days before, because a forecast for next month's
//! models has no neighbours of its own month. Further trees see the facts alone: what they say differs most from the rest.
//!
//! What is not told of a model is taken from models of like name and kin ([`completion`]), and what its parents and siblings
//! have counts beside the forecasts by a share that is learned ([`heritage`]).
//!
//! In a small table with many gaps a further voice has its say where scores of a model are known ([`company`]): a matrix
//! factorisation of the scores.
//!
//! Outcomes of items go through the factorisation [`Lrmf`]: what is forecast here are its coordinates of a model, and the
//! benchmarks' means, to which the chances of the items are then fitted.
//!
//! The file is long because the training and the forecast, which must do the same steps in the same order, stand in it together.

mod adaptation;
mod answers;
mod blend;
mod boosting;
mod company;
mod completion;
mod cost;
mod covariance;
mod heritage;
mod intervals;
mod outcomes;
mod outputs;
mod portrait;
mod process;
mod rehearsal;
mod saved;
mod scale;
mod together;

use super::data::{NewModel, Target, TrainingData, task_means};
use super::fitted::{Fitted, Forecast, Tensor};
use super::lrmf::model::Lrmf;
use super::relatives;
use super::training::optimise::{BoxFuture, Observer, Progress};
use super::unknowns::Unknowns;
use crate::error::{Error, Result};
use crate::linalg::{clamp, sort_by_value};
use crate::snapshot::{Date, ModelIndex, known_facts};
use answers::Answers;
use blend::Blend;
use company::Company;
pub(super) use cost::Size;
use covariance::{Likeness, PROFILES};
use eyas_kernels::likeness::nearest;
use heritage::Heritage;
use intervals::{Intervals, Outcome};
use ndarray::{Array2, ArrayView1};
use outcomes::{Relatives, benchmarks};
use outputs::{Link, Outputs, fill, outputs};
use portrait::{Gallery, Portrait};
use process::{Process, Rehearsals, distance};
use rehearsal::{Horizon, LOOK_AHEAD, Said, Stage, Trees, VOICES};
use scale::Scale;
use together::HALF_WIDTH;

/// A trained model of the default method.
pub struct Eyas {
    gallery: Gallery,
    likeness: Likeness,
    order: Vec<u32>, // training models by date
    processes: Vec<Process>,
    profiles: Vec<usize>, // the process of each output
    scale: Scale,
    trees: Trees,
    blends: [Blend; 2], // of a model of the training models' time, and of a later one
    intervals: Intervals,
    links: Vec<Link>, // (n_outputs)
    /// Where scores are missing: what each training model is forecast to have by all others. (n_training, n_outputs)
    from_others: Option<Array2<f32>>,
    factorisation: Option<Lrmf>,
    company: Option<Company>, // of small tables with many gaps
    heritage: Heritage,
}

/// Whether a factor of this name is used: the known facts are, but for active parameters; all others play no part.
pub(super) fn uses_factor(name: &str) -> bool {
    name == "random_dropping" || (name != "active_params" && known_facts().any(|known| known == name))
}

/// Factorises outcomes, which the method goes on from; of scores there is nothing to factorise.
///
/// # Errors
/// If the data are too large for the method, or the observer stops the training.
pub(super) fn factorise<'a>(
    data: &'a TrainingData<'a>,
    observer: &'a mut (dyn Observer + 'a),
) -> BoxFuture<'a, Result<Option<Lrmf>>> {
    Box::pin(async move {
        Size::of(data).check()?;
        outcomes::factorise(data, observer).await
    })
}

impl Eyas {
    /// Trains on these data and, of outcomes, what their factorisation made of them.
    ///
    /// # Errors
    /// If the data are too large ([`Size`]), there is no factorisation of outcomes, the observer stops it, or the covariances of the
    /// models can't be factorised.
    pub(super) async fn fit_with(
        data: &TrainingData<'_>,
        factorisation: Option<Lrmf>,
        observer: &mut dyn Observer,
    ) -> Result<Self> {
        Size::of(data).check()?;
        let mut steps = Steps::of(observer);
        steps.begin().await?;
        let wanted = company::wanted(data);
        steps.all += if wanted { company::FOLDS } else { 0 };
        let mut eyas = Self::fit_alone(data, factorisation, &mut steps).await?;
        if wanted {
            company::join(&mut eyas, data, &mut steps).await?;
        }
        Ok(eyas)
    }

    /// Without the factorisation beside it. A future in a box, so that a program has it once.
    fn fit_alone<'a>(
        data: &'a TrainingData<'_>,
        factorisation: Option<Lrmf>,
        steps: &'a mut Steps<'_>,
    ) -> BoxFuture<'a, Result<Self>> {
        Box::pin(Self::fit_parts(data, factorisation, steps))
    }

    async fn fit_parts(data: &TrainingData<'_>, factorisation: Option<Lrmf>, steps: &mut Steps<'_>) -> Result<Self> {
        let gallery = Gallery::new(data);
        let Outputs { order, values, known, links, factorisation } = outputs(data, factorisation)?;
        let portraits = order.iter().map(|&model| gallery.known(data, model as usize)).collect();
        let likeness = Likeness::new(portraits);
        let (scale, mut scores) = Scale::of(values, &known, &links, data.tasks);
        fill(&mut scores, &known)?;
        let horizons = Horizon::all(likeness.portraits(), data.seed);
        let ends: Vec<&[usize]> = horizons.iter().filter_map(|horizon| horizon.ends.as_deref()).collect();
        let times = horizons.iter().filter(|horizon| horizon.looks_ahead()).count();
        steps.all += PROFILES.len() + FOLDS + times;
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
            steps.report(Blend::learn(&others).error(&others)).await?;
        }
        let mut later = Vec::new();
        while let Some(said) = stage.forecasts_from_earlier(later.len(), data.seed) {
            steps.report(f64::INFINITY).await?;
            later.push(said);
        }
        let now = Blend::learn(&others);
        let ahead = if later.is_empty() { now.clone() } else { Blend::learn(&later.concat()).towards(&USUAL_SHARES) };
        let settled = |said: Vec<Said>, blend| said.into_iter().map(|said| Outcome::new(said, blend)).collect();
        let mut others: Vec<Outcome> = settled(others, &now);
        let mut later: Vec<Vec<Outcome>> = later.into_iter().map(|said| settled(said, &ahead)).collect();
        let heritage = match factorisation {
            None => Heritage::learn(data, &order, (&scale, &links), &mut others, &mut later),
            Some(_) => {
                let said = outcomes::by_neighbours(data, &order, (&scale.centre, &scale.spread));
                Heritage::of_all_times(&said, &mut others, &mut later)
            }
        };
        let intervals = Intervals::calibrate(&others, &later, company::wanted(data), data.seed)?;
        let from_others = known.iter().any(|known| !known).then(|| {
            let mut table = Array2::zeros(scores.dim());
            for outcome in &others {
                table.row_mut(outcome.row).assign(&ArrayView1::from(&outcome.forecast));
            }
            table
        });
        let profiles = stage.into_profiles();
        Ok(Self {
            gallery,
            likeness,
            order,
            processes,
            profiles,
            scale,
            trees,
            blends: [now, ahead],
            intervals,
            links,
            from_others,
            factorisation,
            company: None,
            heritage,
        })
    }

    /// What there is to see of a model: its portrait, its known scores, and its place among the training models.
    fn seen(&self, data: &TrainingData<'_>, target: Target<'_>) -> (Portrait, Vec<(usize, f32)>, Option<usize>) {
        let (mut portrait, known, itself) = match target {
            Target::Known(ModelIndex(model)) => {
                let mut known = Vec::new();
                data.cells.for_row(model as usize, |task, value| known.push((task, value)));
                let itself = self.order.iter().position(|&other| other == model);
                (self.gallery.known(data, model as usize), known, itself)
            }
            Target::New(new) => (self.gallery.new_model(data, new), new.distinct_scores(), None),
        };
        if let Target::New(_) = target {
            portrait.no_later_than(self.last_day() + LOOK_AHEAD);
        }
        if itself.is_none() {
            self.gallery.complete(&mut portrait, &self.likeness);
        }
        (portrait, known, itself)
    }

    /// Outputs of a model, standardised, with the row that the trees saw and the covariances with the training models. A
    /// training model, `itself`, is seen as from all others.
    fn look(&self, data: &TrainingData<'_>, target: Target<'_>, portrait: &Portrait, itself: Option<usize>) -> Look {
        let rows: Vec<Vec<f32>> =
            self.processes.iter().map(|process| self.likeness.row(&process.covariance, portrait)).collect();
        let means = self.processes.iter().zip(&rows).map(|(process, row)| process.mean(row, itself));
        let means: Vec<Vec<f32>> = means.collect();
        let process: Vec<f32> = self.profiles.iter().enumerate().map(|(k, &profile)| means[profile][k]).collect();
        let mut numbers = portrait.traits.clone();
        numbers.extend(&process);
        for (process, row) in self.processes.iter().zip(&rows) {
            let own = covariance::variance(&process.covariance, portrait);
            let others = row.iter().enumerate().filter(|&(at, _)| Some(at) != itself);
            numbers.extend(nearest(others.map(|(_, covariance)| covariance / own)));
        }
        let outputs = match (itself, &self.from_others) {
            (Some(row), Some(from_others)) => from_others.row(row).to_vec(),
            _ => {
                let [hearing, deaf] = self.trees.predict(&numbers, &self.gallery.marks(portrait), &process);
                let is_later = self.is_later(portrait);
                let blend = &self.blends[usize::from(is_later)];
                let voices = [process.clone(), hearing, deaf];
                let mut outputs: Vec<f32> = (0..process.len()).map(|k| blend.of(k, &voices)).collect();
                if self.factorisation.is_none() {
                    self.heritage.lean(&mut outputs, data, target, (&self.scale, &self.links), is_later);
                }
                outputs
            }
        };
        let distance = distance(numbers[portrait.traits.len() + process.len()]);
        Look { outputs, numbers, distance, covariances: rows.into_iter().next().unwrap_or_default() }
    }

    /// Whether a model came after all training models.
    fn is_later(&self, portrait: &Portrait) -> bool {
        portrait.day() > self.last_day()
    }

    /// The day of the last training model.
    fn last_day(&self) -> f32 {
        self.likeness.portraits().last().map_or(f32::INFINITY, Portrait::day)
    }

    /// The training models that are most alike, with their shares.
    fn sources(&self, covariances: &[f32]) -> Vec<(u32, f32)> {
        let mut alike: Vec<(u32, f32)> =
            self.order.iter().copied().zip(covariances.iter().map(|c| c * c)).filter(|c| c.1 > 0.0).collect();
        sort_by_value(&mut alike);
        alike.truncate(SOURCES);
        relatives::shares(alike)
    }

    /// Of outcomes: the forecast of a model before any of its answers is known, and what they then say.
    fn answers(&self, factorisation: &Lrmf, data: &TrainingData<'_>, new: &NewModel) -> Result<(Forecast, Answers)> {
        let unasked = NewModel { scores: Vec::new(), ..new.clone() };
        let first = self.forecast(data, Target::New(&unasked))?;
        let target = Target::New(&unasked);
        let look = self.look(data, target, &self.seen(data, target).0, None);
        let mut covariance = self.intervals.far(look.distance).covariance;
        for ((a, b), covariance) in covariance.indexed_iter_mut() {
            *covariance *= self.scale.spread[a] * self.scale.spread[b];
        }
        let mut answers = Answers::new(factorisation, data.tasks, &covariance, &first.mean);
        new.distinct_scores().into_iter().for_each(|(task, answer)| answers.take(task, answer));
        Ok((first, answers))
    }

    /// Scores from standardised outputs, their intervals, and what known scores say about the others.
    fn scores(&self, look: &Look, portrait: &Portrait, known: &[(usize, f32)]) -> Result<Scores> {
        let (shift, ends) = self.intervals.around(
            &look.numbers,
            look.distance,
            &self.residuals(look, known),
            self.is_later(portrait),
        )?;
        let mut means = self.shifted(look, &shift);
        if let (Some(company), false) = (&self.company, known.is_empty()) {
            let share = company.share.with(known.len());
            let said = company::said(&company.mf, &self.links, known)?;
            means.iter_mut().zip(said).for_each(|(mean, said)| *mean += share * (said - *mean));
        }
        let interval = |(k, &(low, high)): (usize, &(f32, f32))| {
            let doubt = HALF_WIDTH * self.scale.doubt[k];
            let width = |end: f32| self.scale.spread[k] * portrait.widening * end.hypot(doubt);
            // The forecast is never outside of its interval.
            let ends = (means[k] - width(low.min(0.0)), means[k] + width(high.max(0.0)));
            (self.links[k].back(ends.0), self.links[k].back(ends.1))
        };
        let bounds = ends.iter().enumerate().map(interval).collect();
        Ok((means.iter().zip(&self.links).map(|(mean, link)| link.back(*mean)).collect(), bounds))
    }

    /// The forecast of a model whose outputs are its scores; those that are known stand as they are.
    fn forecast_of_scores(
        &self,
        data: &TrainingData<'_>,
        look: &Look,
        portrait: &Portrait,
        known: &[(usize, f32)],
    ) -> Result<Forecast> {
        let sources = self.sources(&look.covariances);
        let (mut mean, mut intervals) = self.scores(look, portrait, known)?;
        for &(task, score) in known {
            mean[task] = score;
            intervals[task] = (score, score);
        }
        // An open-ended task may well go beyond the scores that are known of it.
        for (task, _) in data.tasks.iter().enumerate().filter(|(_, task)| task.range.is_some()) {
            mean[task] = clamp(mean[task], 0.0, 1.0);
            clip(&mut intervals[task]);
        }
        Ok(Forecast { mean, sources, intervals })
    }

    /// Outputs shifted by known scores, and the expected sizes of what they then miss, on their links' scales.
    fn given(&self, look: &Look, known: &[(usize, f32)]) -> Result<(Vec<f32>, Vec<f32>)> {
        let (shift, sizes) = self.intervals.given(&look.numbers, look.distance, &self.residuals(look, known))?;
        Ok((
            self.shifted(look, &shift),
            sizes.iter().zip(&self.scale.spread).map(|(size, spread)| size * spread).collect(),
        ))
    }

    /// Standardised known scores less what is forecast of them, by output.
    fn residuals(&self, look: &Look, known: &[(usize, f32)]) -> Vec<(usize, f32)> {
        let standard = |k: usize, score: f32| (self.links[k].of(score) - self.scale.centre[k]) / self.scale.spread[k];
        known.iter().map(|&(k, score)| (k, standard(k, score) - look.outputs[k])).collect()
    }

    /// Outputs on their links' scales, with shifts where there are any.
    fn shifted(&self, look: &Look, shift: &[f32]) -> Vec<f32> {
        let mean = |(k, output): (usize, &f32)| {
            self.scale.centre[k] + self.scale.spread[k] * (output + shift.get(k).unwrap_or(&0.0))
        };
        look.outputs.iter().enumerate().map(mean).collect()
    }
}

/// How far a training has come: each step is shown as an epoch.
struct Steps<'a> {
    done: usize,
    all: usize,
    least: f64,
    observer: &'a mut dyn Observer,
}

impl<'a> Steps<'a> {
    fn of(observer: &'a mut dyn Observer) -> Self {
        Self { done: 0, all: 0, least: f64::INFINITY, observer }
    }

    /// Shows that the work has begun.
    async fn begin(&mut self) -> Result<()> {
        self.show().await
    }

    /// Shows the least error that a part alone, or what there is of them together, has had so far.
    async fn report(&mut self, error: f64) -> Result<()> {
        self.done += 1;
        self.least = self.least.min(error);
        self.show().await
    }

    async fn show(&mut self) -> Result<()> {
        let loss = self.least;
        let metric = "absolute error";
        let progress = Progress { epoch: self.done, max_epochs: self.all, loss, validation: None, metric };
        if self.observer.report(&progress).await.is_break() { Err(Error::cancelled()) } else { Ok(()) }
    }
}

/// Mean absolute error of a process's forecasts from all others, in standard deviations.
fn missed(scores: &Array2<f32>, rehearsals: &Rehearsals) -> f64 {
    let errors = scores.iter().zip(&rehearsals.untamed);
    errors.map(|(score, mean)| f64::from((score - mean).abs())).sum::<f64>() / scores.len().max(1) as f64
}

/// Shares of the voices that say what lies ahead, where nothing else is known of them.
const USUAL_SHARES: [f32; VOICES] = [0.5, 0.25, 0.25];
/// Folds of the trees that have not seen the models.
const FOLDS: usize = 3;

/// Forecasts with their intervals, by output.
type Scores = (Vec<f32>, Vec<(f32, f32)>);

/// What the parts say of one model.
struct Look {
    outputs: Vec<f32>,
    numbers: Vec<f32>,
    distance: f32, // from the nearest training model
    covariances: Vec<f32>,
}

/// Training models that are named as sources.
const SOURCES: usize = 8;

impl Fitted for Eyas {
    fn forecast(&self, data: &TrainingData<'_>, target: Target<'_>) -> Result<Forecast> {
        let (portrait, known, itself) = self.seen(data, target);
        if let (Some(factorisation), false) = (&self.factorisation, known.is_empty()) {
            return match target {
                Target::Known(_) => factorisation.forecast(data, target),
                Target::New(new) => {
                    let (first, answers) = self.answers(factorisation, data, new)?;
                    Ok(answers.answered(first, &known))
                }
            };
        }
        let look = self.look(data, target, &portrait, itself);
        let Some(factorisation) = &self.factorisation else {
            return self.forecast_of_scores(data, &look, &portrait, &known);
        };
        let sources = self.sources(&look.covariances);
        let (mut mean, mut intervals) = self.scores(&look, &portrait, &known)?;
        let first = factorisation.parameters().dim + 1;
        let (coordinates, means) = mean.split_at_mut(first);
        let mut intervals = intervals.split_off(first);
        let relatives = Relatives::of(data, target);
        let theirs = relatives.means(&benchmarks(data.tasks), &task_means(data));
        for (k, theirs) in theirs.into_iter().enumerate().filter(|(_, theirs)| !theirs.is_nan()) {
            let step = self.heritage.blends[0].shares[first + k][1] * (theirs - means[k]);
            means[k] += step;
            intervals[k] = (intervals[k].0 + step, intervals[k].1 + step);
        }
        let mean = outcomes::items(factorisation, data, target, (coordinates, means), &relatives)?;
        intervals.iter_mut().for_each(clip);
        Ok(Forecast { mean, sources, intervals })
    }

    /// Where there are gaps, forecasts from all other models are kept of each training model.
    fn out_of_fold(&self, data: &TrainingData<'_>, model: ModelIndex) -> Result<Option<Forecast>> {
        let (portrait, _, itself) = self.seen(data, Target::Known(model));
        if itself.is_none() || self.from_others.is_none() {
            return Ok(None);
        }
        let look = self.look(data, Target::Known(model), &portrait, itself);
        self.forecast_of_scores(data, &look, &portrait, &[]).map(Some)
    }

    fn unknowns(&self, data: &TrainingData<'_>, target: Target<'_>) -> Result<Option<Unknowns>> {
        if let Some(factorisation) = &self.factorisation {
            let open = |new: &NewModel| Ok(Some(self.answers(factorisation, data, new)?.1.unknowns()));
            return match target {
                Target::Known(model) => open(&NewModel::of(data.models, data.lineage, model.0)),
                Target::New(new) => open(new),
            };
        }
        let forecast = self.forecast(data, target)?;
        let (portrait, known, itself) = self.seen(data, target);
        let look = self.look(data, target, &portrait, itself);
        self.intervals.far(look.distance).unknowns(&known, &forecast.intervals)
    }

    fn remarks(&self, data: &TrainingData<'_>, _target: Target<'_>) -> Vec<(usize, String)> {
        let few = match self.order.len() {
            1 => "only one model has results; this is little more than its scores",
            2..FEW => "only a few models have results; this is little more than their mean",
            _ => return Vec::new(),
        };
        (0..data.tasks.len()).map(|task| (task, few.to_owned())).collect()
    }

    fn notes(&self, data: &TrainingData<'_>, target: Target<'_>) -> Vec<String> {
        let Target::New(NewModel { date: Some(date), .. }) = target else { return Vec::new() };
        let last = self.order.iter().filter_map(|&model| data.models[model as usize].date).max();
        let too_far = |last: &Date| date.days() as f32 > last.days() as f32 + LOOK_AHEAD;
        last.filter(too_far).map(|last| far_ahead(*date, last)).into_iter().collect()
    }

    fn tensors(&self) -> Vec<Tensor> {
        self.to_tensors()
    }
}

/// What is said of a model from beyond what the data can teach.
fn far_ahead(date: Date, last: Date) -> String {
    let days = LOOK_AHEAD as u32;
    format!("dated {date}, long after the last results ({last}); the forecast is that of {days} days after them")
}

/// Models below which a forecast says how few there are.
const FEW: usize = 5;

fn clip((low, high): &mut (f32, f32)) {
    (*low, *high) = (clamp(*low, 0.0, 1.0), clamp(*high, 0.0, 1.0));
}

//! The training of the default method, from the data to calibrated intervals.

use super::calibration::Calibration;
use super::features::Encoder;
use super::models::Models;
use super::outputs::Outputs;
use super::prior::Prior;
use super::rehearsal::{self, Stage, Trial};
use super::trees::{self, Examples, Marks, Trees, Views};
use super::work::{self, Work};
use super::{Ensemble, Eyas, Factors, Scores, likelihood, links, outcomes, outputs};
use crate::error::{Error, Result};
use crate::linalg::SparseMatrix;
use crate::methods::data::TrainingData;
use crate::methods::learners::normal::Normal;
use crate::methods::learners::stack::{Said, Stack};
use crate::methods::lrmf::model::Lrmf;
use crate::methods::training::optimise::{Observer, Progress};
use ndarray::Array2;
use std::sync::OnceLock;

/// Factors of the residuals at most.
const FACTORS: usize = 3;
/// Shares of the members of the ensemble in forecasts of later models, where little is known of them.
const USUAL_SHARES: [f32; trees::MEMBERS] = [0.4, 0.2, 0.2, 0.2];
/// Forecasts of later models without which nothing is learned of the shares.
const LEAST_LATER: usize = 40;
/// Steps that a training is shown as.
const STEPS: usize = 4;

impl Eyas {
    /// Trains on these data and, of outcomes, what their factorisation made of them.
    ///
    /// # Errors
    /// If the data are too large, there is no factorisation of outcomes, the observer stops it, or covariances can't be factorised.
    pub(in crate::methods) async fn fit_with(
        data: &TrainingData<'_>,
        factorisation: Option<Lrmf>,
        observer: &mut dyn Observer,
    ) -> Result<Self> {
        if factorisation.is_none() {
            work::check(data.models.len(), data.tasks.len())?;
        }
        report(observer, 0).await?;
        let encoder = Encoder::new(data);
        let models = Models::new(data, &encoder);
        let mut outputs = outputs::outputs(data, &models.order, factorisation)?;
        let prior = Prior::new(models, likelihood::start(&encoder));
        let links = links::choose(&prior, &outputs, data.seed)?;
        (outputs.scale, outputs.table) = outputs.relinked(links)?;
        report(observer, 1).await?;
        let covariance = likelihood::fit(&encoder, &prior.models, &outputs.table.scores, data.seed)?;
        let mut eyas = Self::untrained(encoder, Prior::new(prior.models, covariance), outputs);
        report(observer, 2).await?;
        let leave_one_out = eyas.prior.leave_one_out(&eyas.table)?;
        eyas.residuals = eyas.factors(leave_one_out.as_deref())?;
        if eyas.factorisation.is_none() && eyas.table.scores.ncols() > 1 {
            let filled = eyas.filled(leave_one_out.as_deref())?;
            eyas.scores = Some(Scores::fit(&eyas.prior, &eyas.table, filled, data.seed)?);
        }
        report(observer, 3).await?;
        let (ensemble, mut trials) = eyas.rehearse(data, leave_one_out.as_deref())?;
        eyas.ensemble = ensemble;
        if eyas.factorisation.is_some() {
            eyas.relatives = Some(eyas.stack_relatives(data, &mut trials));
        }
        let has_slopes = eyas.factorisation.is_none();
        eyas.calibration = Calibration::learn(&mut trials, has_slopes, &eyas.scale.leverage)?;
        report(observer, STEPS).await?;
        Ok(eyas)
    }

    /// With a covariance, and nothing else learned yet.
    pub(super) fn untrained(encoder: Encoder, prior: Prior, outputs: Outputs) -> Self {
        let Outputs { scale, table, factorisation, .. } = outputs;
        let last_day = prior.models.features.iter().filter_map(|features| features.day).reduce(f32::max);
        Self {
            encoder,
            prior,
            scale,
            work: Work::of(&table.patterns),
            table,
            scores: None,
            ensemble: None,
            relatives: None,
            calibration: Calibration::default(),
            residuals: Factors::default(),
            factorisation,
            last_day,
            inheritance: OnceLock::new(),
        }
    }

    /// How what is missed of the outputs goes together.
    fn factors(&self, leave_one_out: Option<&[Vec<Normal>]>) -> Result<Factors> {
        Factors::learn(&self.missed(leave_one_out), FACTORS.min(self.table.scores.ncols()))
    }

    /// Known values less what others say, in standard deviations; the values themselves where nothing is said.
    fn missed(&self, leave_one_out: Option<&[Vec<Normal>]>) -> SparseMatrix {
        let (rows, columns) = self.table.scores.dim();
        let known = self.table.scores.indexed_iter().filter(|(_, value)| !value.is_nan());
        let missed = |((row, k), &value): ((usize, usize), &f32)| {
            let missed = leave_one_out.map_or(value, |all| (value - all[row][k].mean) / all[row][k].variance.sqrt());
            (row as u32, k as u32, missed)
        };
        SparseMatrix::from_entries(rows, columns, known.map(missed).collect())
    }

    /// The values with gaps filled in by what others and the model's own scores say.
    pub(super) fn filled(&self, leave_one_out: Option<&[Vec<Normal>]>) -> Result<Array2<f32>> {
        let mut filled = self.table.scores.clone();
        if !self.table.has_gaps() {
            return Ok(filled);
        }
        let missed = self.missed(leave_one_out);
        for row in 0..filled.nrows() {
            let (factors, _) = self.residuals.given(missed.row(row))?;
            let expected = self.residuals.expected(&factors);
            for (k, value) in filled.row_mut(row).iter_mut().enumerate().filter(|(_, value)| value.is_nan()) {
                *value = leave_one_out.map_or(expected[k], |all| {
                    let Normal { mean, variance, .. } = all[row][k];
                    mean + expected[k] * variance.sqrt()
                });
            }
        }
        Ok(filled)
    }

    /// Forecasts training models as if they were new, and trains the trees.
    fn rehearse(
        &self,
        data: &TrainingData<'_>,
        leave_one_out: Option<&[Vec<Normal>]>,
    ) -> Result<(Option<Ensemble>, Vec<Trial>)> {
        let seed = data.seed;
        let Self { prior, table, residuals, work, .. } = self;
        let has_trees = table.scores.nrows() >= trees::LEAST && table.scores.ncols() <= trees::OUTPUTS;
        let marks = has_trees.then(|| Marks::new(prior));
        let (work, has_marks) = (*work, marks.as_ref());
        let stage = Stage { prior, table, residuals, work, marks: has_marks, seed };
        let mut now = stage.now(leave_one_out)?;
        let cuts = stage.cuts(if has_trees { 1 } else { usize::MAX });
        let mut later = stage.later(&cuts)?;
        let mut rest = stage.facts_hidden(&|row| self.without_factors(data, row))?;
        if let Some(scores) = &self.scores {
            rest.extend(stage.some_known(scores)?);
        }
        let mut ensemble = None;
        if let Some(marks) = marks {
            let cut = cuts.first().copied().filter(|_| later.len() >= LEAST_LATER);
            let Views { now: as_now, ahead, then } = Examples::new(prior, table, &marks, seed).all(cut)?;
            let trees = Trees::fit(&as_now.iter().chain(&ahead).collect::<Vec<_>>(), seed);
            let of_now = rehearsal::stack(&mut now, &trees);
            let mut of_later = of_now.clone();
            if let Some(cut) = cut {
                let earlier = ahead.iter().filter(|example| prior.models.is_before(example.row, cut));
                let trees = Trees::fit(&then.iter().chain(earlier).collect::<Vec<_>>(), seed);
                of_later = rehearsal::stack(&mut later, &trees).towards(&USUAL_SHARES);
            }
            ensemble = Some(Ensemble { marks, trees, stacks: [of_now, of_later] });
        }
        now.append(&mut later);
        now.append(&mut rest);
        Ok((ensemble, now))
    }

    /// Of outcomes: the share of the relatives' means beside the forecasts of training models, which then have it.
    fn stack_relatives(&self, data: &TrainingData<'_>, trials: &mut [Trial]) -> Stack {
        let theirs = outcomes::by_neighbours(data, &self.prior.models.order, &self.scale);
        let said = |trial: &Trial| {
            let theirs = &theirs[trial.row];
            let truth = trial.truth.iter().zip(theirs).map(|(&y, said)| if said.is_nan() { f32::NAN } else { y });
            let forecast = trial.forecast.iter().map(|normal| normal.mean).collect();
            Said { truth: truth.collect(), members: vec![forecast, theirs.clone()] }
        };
        let stack = Stack::learn(&trials.iter().map(said).collect::<Vec<_>>());
        for trial in trials {
            for (k, &said) in theirs[trial.row].iter().enumerate().filter(|(_, said)| !said.is_nan()) {
                let mean = &mut trial.forecast[k].mean;
                *mean += stack.shares[k][1] * (said - *mean);
            }
        }
        stack
    }
}

/// Shows how far a training has come: each step is shown as an epoch.
async fn report(observer: &mut dyn Observer, done: usize) -> Result<()> {
    let loss = f64::INFINITY;
    let progress = Progress { epoch: done, max_epochs: STEPS, loss, validation: None, metric: "absolute error" };
    if observer.report(&progress).await.is_break() { Err(Error::cancelled()) } else { Ok(()) }
}

//! What the known scores of a model say of its others by matrix factorisation ([`Mf`]), beside what they say by the
//! covariance of the residuals. Where cells of a small table are unknown the two err in different ways, and something
//! between them is closer than either. By how much, and how far off it then is, is seen by training both again without
//! some of the cells: in such a table each cell has a say in what stands in for the unknown ones, so that no forecast from
//! the other models alone would be innocent of it.

use super::intervals::Missed;
use super::outputs::Link;
use super::{Eyas, Steps};
use crate::error::Result;
use crate::linalg::SparseMatrix;
use crate::methods::data::{Target, TrainingData};
use crate::methods::mf::config::MfConfig;
use crate::methods::mf::model::Mf;
use crate::methods::training::optimise::Silent;
use crate::snapshot::ModelIndex;
use eyas_kernels::Cells;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// Cells up to which a table is small.
pub(super) const SMALL: usize = 10_000;
/// Models with which trainings without some cells tell something.
pub(super) const LEAST_MODELS: usize = 8;
/// Trainings without some cells of some models.
pub(super) const FOLDS: usize = 3;
/// Share of a model's cells that is hidden, every second time.
const HIDDEN: f32 = 0.2;
/// Share that is hidden at most the other times: where less is left, known scores tell another story than they do in a table.
const MOST_HIDDEN: f32 = 0.6;
/// Steps of the share.
const STEPS: usize = 20;
/// Known scores with which the factorisation has half of its share.
const HALVES: [f32; 5] = [0.0, 1.0, 3.0, 10.0, 30.0];

/// The factorisation and its share.
pub(super) struct Company {
    pub(super) mf: Mf,
    pub(super) share: Share,
}

/// The share of the factorisation: `most · n / (n + half)` with n known scores.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Share {
    pub(super) most: f32,
    pub(super) half: f32,
}

impl Share {
    /// With so many known scores.
    pub(super) fn with(self, known: usize) -> f32 {
        let n = known as f32;
        if known == 0 { 0.0 } else { self.most * n / (n + self.half) }
    }

    /// The one with the least error.
    fn learn(heard: &[Heard]) -> Self {
        let all = (0..=STEPS).flat_map(|step| HALVES.map(|half| Self { most: step as f32 / STEPS as f32, half }));
        let error = |share: Self| heard.iter().map(|heard| heard.missed(share).abs()).sum::<f32>();
        all.map(|share| (error(share), share)).min_by(|a, b| a.0.total_cmp(&b.0)).map_or(Self::default(), |best| best.1)
    }
}

/// A hidden score and what was said of it, on its link's scale.
struct Heard {
    output: usize,
    known: usize, // scores of the model
    truth: f32,
    by_covariance: f32,
    by_factorisation: f32,
    size: f32,   // as it is expected of what is missed, in units of the spread
    spread: f32, // of the output
}

impl Heard {
    /// What is missed with this share of the factorisation.
    fn missed(&self, share: Share) -> f32 {
        self.truth - self.by_covariance - share.with(self.known) * (self.by_factorisation - self.by_covariance)
    }
}

/// Whether a table has gaps, and is small enough for many trainings.
pub(super) fn wanted(data: &TrainingData<'_>) -> bool {
    let Cells::Scores(scores) = data.cells else { return false };
    let rows = (0..scores.rows()).filter(|&row| data.cells.count_row(row) > 0).count();
    rows >= LEAST_MODELS && scores.len() <= SMALL && scores.len() < rows * scores.columns()
}

/// Takes the factorisation in, with its share and intervals around what both then say.
///
/// # Errors
/// If the observer stops it, or a training without some cells fails.
pub(super) async fn join(eyas: &mut Eyas, data: &TrainingData<'_>, steps: &mut Steps<'_>) -> Result<()> {
    let config = Mf::choose_squared(data, &mut Silent).await?;
    let mut heard = Vec::new();
    for hidden in hidden(data) {
        heard.extend(listen(data, &config, &hidden).await?);
        steps.report(f64::INFINITY).await?;
    }
    let share = Share::learn(&heard);
    let missed =
        |heard: &Heard| Missed { output: heard.output, residual: heard.missed(share) / heard.spread, size: heard.size };
    let (some_known, none_known): (Vec<&Heard>, Vec<&Heard>) = heard.iter().partition(|heard| heard.known > 0);
    let missed = |heard: Vec<&Heard>| heard.into_iter().map(missed).collect::<Vec<_>>();
    eyas.intervals.recalibrate(&missed(none_known), &missed(some_known));
    let mf = Mf::fit_squared(data, &config, &mut Silent).await?;
    eyas.company = Some(Company { mf, share });
    Ok(())
}

/// By fold and model the tasks whose scores are hidden.
fn hidden(data: &TrainingData<'_>) -> Vec<Vec<Vec<usize>>> {
    let mut rng = Pcg64Mcg::seed_from_u64(data.seed ^ 0x6869_6465);
    let mut folds = vec![vec![Vec::new(); data.models.len()]; FOLDS];
    for model in 0..data.models.len() {
        let mut tasks: Vec<usize> = Vec::new();
        data.cells.for_row(model, |task, _| tasks.push(task));
        tasks.shuffle(&mut rng);
        let share = if (model / FOLDS).is_multiple_of(2) { HIDDEN } else { MOST_HIDDEN * rng.random::<f32>() };
        tasks.truncate((tasks.len() as f32 * share).ceil() as usize);
        folds[model % FOLDS][model] = tasks;
    }
    folds
}

/// What is said of the hidden scores without them.
async fn listen(data: &TrainingData<'_>, config: &MfConfig, hidden: &[Vec<usize>]) -> Result<Vec<Heard>> {
    let Cells::Scores(scores) = data.cells else { return Ok(Vec::new()) };
    let kept = scores.iter().filter(|&(model, task, _)| !hidden[model as usize].contains(&(task as usize)));
    let kept = Cells::Scores(SparseMatrix::from_entries(scores.rows(), scores.columns(), kept.collect()));
    let without = TrainingData { cells: &kept, ..*data };
    let mf = Mf::fit_squared(&without, config, &mut Silent).await?;
    let eyas = Eyas::fit_alone(&without, None, &mut Steps::of(&mut Silent)).await?;
    let mut heard = Vec::new();
    for (model, tasks) in hidden.iter().enumerate().filter(|(_, tasks)| !tasks.is_empty()) {
        let target = Target::Known(ModelIndex(model as u32));
        let (portrait, known, itself) = eyas.seen(&without, target);
        let look = eyas.look(&without, target, &portrait, itself);
        let (outputs, sizes) = eyas.given(&look, &known)?;
        let said = said(&mf, &eyas.links, &known)?;
        data.cells.for_row(model, |task, score| {
            if tasks.contains(&task) {
                heard.push(Heard {
                    output: task,
                    known: known.len(),
                    truth: eyas.links[task].of(score),
                    by_covariance: outputs[task],
                    by_factorisation: said[task],
                    size: sizes[task] / eyas.scale.spread[task],
                    spread: eyas.scale.spread[task],
                });
            }
        });
    }
    Ok(heard)
}

/// What the factorisation says of a model with these scores, on their links' scales. (n_outputs)
pub(super) fn said(mf: &Mf, links: &[Link], known: &[(usize, f32)]) -> Result<Vec<f32>> {
    Ok(mf.given(known)?.into_iter().zip(links).map(|(score, link)| link.of(score)).collect())
}

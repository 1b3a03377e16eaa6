//! Rankings with their uncertainty.

use super::standings::{Column, Standing, belief};
use super::{Filter, Prediction, Recommender, TaskForecast};
use crate::decide::belief::Belief;
use crate::error::{Error, Result};
use crate::linalg::order;
use crate::snapshot::ModelIndex;
use crate::snapshot::Range;
use serde::Serialize;

/// A request for a ranking.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RankRequest {
    /// The benchmark.
    pub task: String,
    /// The maximum number of models, from the best; `None` for all.
    pub top: Option<usize>,
    /// The models to rank.
    pub filter: Filter,
}

/// A ranking, in the shape of `rank --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ranking {
    /// The benchmark.
    pub task: String,
    /// The method that predicted the missing scores.
    pub method: &'static str,
    /// The range of the benchmark's own units.
    pub range: Range,
    /// Whether a lower score is better.
    pub lower_is_better: bool,
    /// The models, best first.
    pub models: Vec<RankedModel>,
}

/// One model of a [`Ranking`]. Values that need intervals are null if the method has none and scores are predicted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RankedModel {
    /// Its id.
    pub id: String,
    /// Its score, 0..1: the measured one if it is known, otherwise the predicted one.
    pub score: f32,
    /// The standard error of a measured score, 0..1 of the range, if it is known.
    pub error: Option<f32>,
    /// Whether the score is predicted.
    pub predicted: bool,
    /// Lower end of the 90 % interval of a predicted score.
    pub lower: Option<f32>,
    /// Upper end of the 90 % interval of a predicted score.
    pub upper: Option<f32>,
    /// Its rank among all models, 1 for the best; equal scores share the better rank.
    pub rank: usize,
    /// Its expected rank: 1 plus the expected number of better models, with equal scores counted as half.
    pub expected_rank: Option<f32>,
    /// The best rank of the 90 % interval. Where many scores are open, that of a model with a known score may be worse than its rank
    /// among the expected scores; the interval has both.
    pub rank_lower: Option<usize>,
    /// The worst rank of the 90 % interval.
    pub rank_upper: Option<usize>,
    /// Whether the ranking can't separate it from the model above it: the probability of a worse score is below 90 %.
    pub tied_with_above: Option<bool>,
}

impl Recommender {
    /// Ranks the models of the snapshot by a benchmark.
    ///
    /// # Errors
    /// If there is no such benchmark, or if no model can meet a condition of the filter.
    pub fn rank(&self, request: &RankRequest) -> Result<Ranking> {
        let at = self.benchmark(&request.task)?;
        request.filter.check(&self.snapshot.models)?;
        let Column { standings, field } = self.column(at)?;
        let (standing, turned) = (|model: usize| standings[model], self.lower_is_better(at));
        let belief = |model: usize| standing(model).belief(turned);
        let better = |model: usize| if turned { -standing(model).score } else { standing(model).score };
        let order = order(self.snapshot.models.len(), &mut |a, b| better(b).total_cmp(&better(a)));
        let mut models = Vec::new();
        let mut rank = 0;
        let mut above: Option<usize> = None;
        for (place, &model) in order.iter().enumerate() {
            let Standing { score, predicted, interval, error } = standing(model);
            if place == 0 || better(model) < better(order[place - 1]) {
                rank = place + 1;
            }
            if request.top.is_some_and(|top| models.len() >= top) {
                break;
            }
            if !request.filter.accepts(&self.snapshot.models[model]) {
                continue;
            }
            let own = belief(model);
            let place = field.as_ref().zip(own).map(|(field, own)| field.place(&own, true));
            let tied = match above {
                None => Some(false),
                Some(above) => belief(above).zip(own).map(|(above, own)| own.is_tied_with(&above)),
            };
            above = Some(model);
            models.push(RankedModel {
                id: self.snapshot.models[model].id.clone(),
                score,
                error,
                predicted,
                lower: interval.filter(|_| predicted).map(|ends| ends.0),
                upper: interval.filter(|_| predicted).map(|ends| ends.1),
                rank,
                expected_rank: place.map(|place| place.expected),
                rank_lower: place.map(|place| place.lower.min(rank)),
                rank_upper: place.map(|place| place.upper.max(rank)),
                tied_with_above: tied,
            });
        }
        let name = self.benchmarks[at].name.clone();
        let (method, range) = (self.method().name(), self.range(at));
        Ok(Ranking { task: name, method, range, lower_is_better: turned, models })
    }

    /// Adds to each forecast the probability that the model beats each of these models of the snapshot.
    ///
    /// # Errors
    /// If a name is not a model of the snapshot.
    pub fn compare(&self, prediction: &mut Prediction, with: &[String]) -> Result<()> {
        for id in with {
            let model = self.known(id)? as usize;
            if model >= self.snapshot.models.len() {
                return Err(Error::input(format!("\"{id}\" has no results to compare with")));
            }
            let shown = self.shown_in(prediction)?;
            let others = self.standings(ModelIndex(model as u32), &shown)?;
            for (forecast, other) in prediction.forecasts.iter_mut().zip(others) {
                let other = other.belief(forecast.lower_is_better);
                let chance = forecast.belief().zip(other).map(|(own, other)| own.beats(&other));
                forecast.beats.insert(id.clone(), chance);
            }
        }
        Ok(())
    }

    /// Sets the rank interval of a forecast, which contains its rank, if intervals exist. `one_of_them`: the model is in the snapshot.
    pub(super) fn place(&self, column: &Column, forecast: &mut TaskForecast, one_of_them: bool) {
        let field = column.field.as_ref().zip(forecast.belief());
        let place = field.map(|(field, belief)| field.place(&belief, one_of_them));
        forecast.rank_lower = place.map(|place| place.lower.min(forecast.rank));
        forecast.rank_upper = place.map(|place| place.upper.max(forecast.rank));
    }
}

impl TaskForecast {
    fn belief(&self) -> Option<Belief> {
        belief(self.mean, self.known, self.lower.zip(self.upper), self.lower_is_better)
    }
}

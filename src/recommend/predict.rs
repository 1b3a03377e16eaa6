//! Forecasts of one model: what is measured of it, and a forecast of the rest.

use super::subject::Asked;
use super::{ForecastSource, Prediction, Recommender, Request, TaskForecast};
use crate::error::Result;
use crate::methods::Forecast;
use std::collections::BTreeMap;

impl Recommender {
    /// What is measured of a model, and a forecast for every benchmark where nothing is.
    ///
    /// # Errors
    /// If a known score names no task, is out of range, or comes twice.
    pub fn predict(&self, request: &Request) -> Result<Prediction> {
        let asked = self.asked(request)?;
        let (data, target) = (self.data(), asked.target());
        let mut forecast = if asked.is_complete() { None } else { Some(self.fitted.forecast(&data, target)?) };
        if let (Some(forecast), true) = (&mut forecast, asked.subject.next_to_nothing) {
            self.widen(forecast);
        }
        let mut forecasts: Vec<TaskForecast> =
            (0..self.benchmarks.len()).map(|at| self.task_forecast(at, &asked, forecast.as_ref())).collect();
        let (mut remarks, mut notes) = (Vec::new(), Vec::new());
        if forecast.is_some() {
            (remarks, notes) = (self.fitted.remarks(&data, target), self.fitted.notes(&data, target));
        }
        for (task, remark) in remarks {
            let of = self.benchmarks.iter().position(|benchmark| benchmark.tasks.contains(&task));
            let open = of.and_then(|at| forecasts.get_mut(at)).filter(|forecast| !forecast.known);
            open.map(|forecast| forecast.remark.get_or_insert(remark));
        }
        let original = asked.row.filter(|_| asked.quantised);
        let quantisation_of = original.map(|row| self.snapshot.lineage.id(row.0).to_owned());
        let measured = self.measured(&asked);
        let Asked { subject, mut warnings, lineage, .. } = asked;
        warnings.extend(notes);
        let (method, device) = (self.method().name(), self.device().to_owned());
        Ok(Prediction { method, device, subject, measured, quantisation_of, warnings, lineage, forecasts })
    }

    /// Known scores stand as they are; there is a forecast unless all are known.
    fn task_forecast(&self, at: usize, asked: &Asked, forecast: Option<&Forecast>) -> TaskForecast {
        let (benchmark, width) = (&self.benchmarks[at], self.benchmarks.len());
        let expected = |task: usize| forecast.map_or(0.0, |forecast| forecast.mean[task]);
        let mean = benchmark.mean(|task| asked.known(task).unwrap_or_else(|| expected(task)));
        let known = benchmark.tasks.iter().all(|&task| asked.known(task).is_some());
        let itself = asked.row.map(|row| row.0 as usize);
        let others = self.standings.iter().skip(at).step_by(width).enumerate().filter(|&(row, _)| Some(row) != itself);
        let better = others.filter(|(_, standing)| standing.score > mean).count();
        let open = forecast.filter(|_| !known);
        let interval = open.and_then(|forecast| forecast.intervals.get(at));
        let task = benchmark.tasks.first().map(|&task| &self.snapshot.tasks[task]);
        let mut task = TaskForecast {
            task: benchmark.name.clone(),
            dataset: task.map_or_else(String::new, |task| task.benchmark.clone()),
            metric: task.and_then(|task| task.metric.clone()),
            mean,
            lower: interval.map(|interval| interval.0),
            upper: interval.map(|interval| interval.1),
            rank: better + 1,
            of: self.snapshot.models.len() + usize::from(itself.is_none()),
            range: self.range(at),
            lower_is_better: false,
            known,
            remark: None,
            rank_lower: None,
            rank_upper: None,
            beats: BTreeMap::new(),
            parents: BTreeMap::new(),
            sources: open.map_or_else(Vec::new, |forecast| self.sources(forecast, asked.row.map(|row| row.0))),
            unseen: None,
        };
        // Collecting would bring a sort of its own into the wasm module.
        for parent in &asked.lineage.parents {
            if let Some(score) = self.measured_parent(at, parent) {
                task.parents.insert(parent.id.clone(), score);
            }
        }
        self.place(at, &mut task, itself.is_some());
        task
    }

    /// What a forecast stands on, but for the model itself.
    pub(super) fn sources(&self, forecast: &Forecast, itself: Option<u32>) -> Vec<ForecastSource> {
        let source =
            |&(node, share): &(u32, f32)| ForecastSource { id: self.snapshot.lineage.id(node).to_owned(), share };
        let mut sources: Vec<ForecastSource> = forecast.sources.iter().map(source).collect();
        if let Some(at) = itself.and_then(|itself| forecast.sources.iter().position(|&(node, _)| node == itself)) {
            let share = sources.remove(at).share;
            sources.iter_mut().for_each(|source| source.share /= (1.0 - share).max(f32::MIN_POSITIVE));
        }
        sources
    }
}

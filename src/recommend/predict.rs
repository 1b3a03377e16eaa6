//! Forecasts for one model: its measured scores, and a forecast for each other benchmark.

use super::subject::ResolvedRequest;
use super::{ForecastSource, Prediction, Recommender, Request, TaskForecast};
use crate::error::Result;
use crate::methods::Forecast;
use std::collections::BTreeMap;

impl Recommender {
    /// The measured scores of a model, and a forecast for each benchmark without one: of those that are asked for, or that
    /// matter most to it ([`Request::tasks`]).
    ///
    /// # Errors
    /// If a known score names no task, is out of range, or is given twice, or if a task is not there.
    pub fn predict(&self, request: &Request) -> Result<Prediction> {
        let resolved = self.resolve(request)?;
        let (data, target) = (self.data(), resolved.target());
        let shown = self.shown(&request.tasks, &resolved)?;
        let tasks: Vec<usize> = shown.iter().flat_map(|&at| self.benchmarks[at].tasks.iter().copied()).collect();
        let is_complete = tasks.iter().all(|&task| resolved.known(task).is_some());
        let mut forecast = if is_complete { None } else { Some(self.forecast_tasks(target, &tasks)?) };
        if let (Some(forecast), true) = (&mut forecast, resolved.subject.next_to_nothing) {
            self.widen(forecast);
        }
        self.find_columns(&shown)?;
        let mut forecasts: Vec<TaskForecast> =
            shown.iter().map(|&at| self.task_forecast(at, &resolved, forecast.as_ref())).collect::<Result<_>>()?;
        let (mut remarks, mut notes) = (Vec::new(), Vec::new());
        if forecast.is_some() {
            (remarks, notes) = (self.fitted.remarks(&data, target), self.fitted.notes(&data, target));
        }
        for (task, remark) in remarks {
            let of = shown.iter().position(|&at| self.benchmarks[at].tasks.contains(&task));
            let open = of.and_then(|at| forecasts.get_mut(at)).filter(|forecast| !forecast.known);
            open.map(|forecast| forecast.remark.get_or_insert(remark));
        }
        let original = resolved.row.filter(|_| resolved.quantised);
        let quantisation_of = original.map(|row| self.snapshot.lineage.id(row.0).to_owned());
        let measured = self.measured(&resolved);
        let ResolvedRequest { subject, mut warnings, lineage, .. } = resolved;
        warnings.extend(notes);
        let (method, device) = (self.method().name(), self.device().to_owned());
        Ok(Prediction { method, device, subject, measured, quantisation_of, warnings, lineage, forecasts })
    }

    /// The entry of one benchmark. Known scores are taken unchanged; `forecast` is `None` only if all scores are known.
    fn task_forecast(
        &self,
        at: usize,
        resolved: &ResolvedRequest,
        forecast: Option<&Forecast>,
    ) -> Result<TaskForecast> {
        let (benchmark, column) = (&self.benchmarks[at], self.column(at)?);
        let expected = |task: usize| forecast.map_or(0.0, |forecast| forecast.mean[task]);
        let mean = benchmark.mean(|task| resolved.known(task).unwrap_or_else(|| expected(task)));
        let known = benchmark.tasks.iter().all(|&task| resolved.known(task).is_some());
        let itself = resolved.row.map(|row| row.0 as usize);
        let others = column.standings.iter().enumerate().filter(|&(row, _)| Some(row) != itself);
        let turned = self.lower_is_better(at);
        let better = others.filter(|(_, other)| if turned { other.score < mean } else { other.score > mean }).count();
        let open = forecast.filter(|_| !known);
        let interval = match open {
            Some(forecast) => forecast.intervals.get(at).copied(),
            None => self.known_error(at, mean, resolved).map(|error| self.around(at, mean, error)),
        };
        let task = benchmark.tasks.first().map(|&task| &self.snapshot.tasks[task]);
        let mut task = TaskForecast {
            task: benchmark.name.clone(),
            dataset: task.map_or_else(String::new, |task| task.dataset.clone()),
            metric: task.and_then(|task| task.metric.clone()),
            mean,
            lower: interval.map(|interval| interval.0),
            upper: interval.map(|interval| interval.1),
            rank: better + 1,
            of: self.snapshot.models.len() + usize::from(itself.is_none()),
            range: self.range(at),
            lower_is_better: turned,
            known,
            remark: None,
            rank_lower: None,
            rank_upper: None,
            beats: BTreeMap::new(),
            parents: BTreeMap::new(),
            sources: open.map_or_else(Vec::new, |forecast| self.sources(forecast, resolved.row.map(|row| row.0))),
            unseen: None,
        };
        // `collect` would add another sort to the wasm module.
        for parent in &resolved.lineage.parents {
            if let Some(score) = self.measured_parent(at, parent) {
                task.parents.insert(parent.id.clone(), score);
            }
        }
        self.place(column, &mut task, itself.is_some());
        Ok(task)
    }

    /// The standard error of a measured or given score as a share of the range, if it is known.
    fn known_error(&self, at: usize, score: f32, resolved: &ResolvedRequest) -> Option<f32> {
        let [task] = self.benchmarks[at].tasks[..] else { return None };
        match resolved.row.filter(|_| resolved.is_measured(task)) {
            Some(row) => self.error(row, at),
            None => self.snapshot.tasks[task].sampling_error(score, None),
        }
    }

    /// The models that a forecast rests on, without the model itself.
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

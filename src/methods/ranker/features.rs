//! The ranker's forecasts when it is shown a part of the features alone: what each group of them is worth.
//!
//! A hidden feature has the form of an unknown one: no words, the row of unknown families, types, metrics and sizes, [UNK] for
//! an ID, zeros for numbers. The trained parameters stay.

use super::calibration::Outputs;
use super::model::Ranker;
use super::network::row;
use super::parameters::Entity;
use super::training::kind;
use super::views::{Kept, TEXT, Views, width};
use crate::methods::data::{Target, TrainingData};
use crate::methods::factors::encoding::Column;
use crate::snapshot::{ModelIndex, TaskIndex, data_fact};
use eyas_kernels::map;
use std::collections::BTreeMap;

/// The groups of features of models, in the order of their bits.
pub(crate) const OF_MODELS: [&str; 7] = ["ID", "name", "ancestors", "description", "facts and date", "size", "family"];
/// The groups of features of tasks, in the order of their bits.
pub(crate) const OF_TASKS: [&str; 5] = ["ID", "name", "text", "type", "metric"];

impl Views {
    /// The group of each number of a model that is not trained. Columns of facts that tell a size or a family are of these.
    fn groups_of_numbers(&self) -> Vec<usize> {
        let of_column = |column: &Column| match data_fact(&column.name).map(|(fact, _)| fact) {
            Some("params" | "active_params") => 5,
            Some("family") => 6,
            _ => 4,
        };
        let mut groups = vec![3; if self.has_descriptions { TEXT } else { 0 }];
        for column in &self.encoding.columns {
            groups.resize(groups.len() + width(&column.kind), of_column(column));
        }
        groups.extend([4, 4, 5, 5]); // the date, the size
        groups
    }

    /// Hides the features of a model whose bits are not set.
    fn hide_of_model(&self, entity: &mut Entity, shown: u32) {
        let hides = |feature: usize| shown >> feature & 1 == 0;
        let unknown = |kept: Kept| vec![(self.tables[kept as usize].0 as u32 - 1, 1.0)];
        let rows = [
            (0, vec![(self.models.unknown, 1.0)]),
            (1, Vec::new()),
            (2, Vec::new()),
            (5, unknown(Kept::Sizes)),
            (6, unknown(Kept::Families)),
        ];
        for ((feature, hidden), place) in rows.into_iter().zip(&mut entity.rows) {
            if hides(feature) {
                *place = hidden;
            }
        }
        for (number, feature) in entity.fixed.iter_mut().zip(self.groups_of_numbers()) {
            if hides(feature) {
                *number = 0.0;
            }
        }
        if hides(5) {
            entity.size = None;
        }
    }

    /// Hides the features of a task whose bits are not set.
    fn hide_of_task(&self, entity: &mut Entity, shown: u32) {
        let hides = |feature: usize| shown >> feature & 1 == 0;
        let unknown = |kept: Kept| vec![(self.tables[kept as usize].0 as u32 - 1, 1.0)];
        let rows = [
            (0, vec![(self.tasks.unknown, 1.0)]),
            (1, Vec::new()),
            (3, unknown(Kept::TaskTypes)),
            (4, unknown(Kept::Metrics)),
        ];
        for ((feature, hidden), place) in rows.into_iter().zip(&mut entity.rows) {
            if hides(feature) {
                *place = hidden;
            }
        }
        if hides(2) {
            entity.fixed.fill(0.0);
        }
    }
}

impl Ranker {
    /// The forecasts of cells, in 0..1 and turned, when the features of models and of tasks whose bits are not set are hidden.
    pub(crate) fn predict_with(
        &self,
        data: &TrainingData<'_>,
        cells: &[(ModelIndex, TaskIndex)],
        shown: [u32; 2],
    ) -> Vec<f32> {
        let (mut places, mut numbers) = (BTreeMap::new(), Vec::new());
        for &(model, _) in cells {
            places.entry(model).or_insert_with(|| {
                numbers.push(model);
                numbers.len() - 1
            });
        }
        let models: Vec<(Entity, bool)> = (numbers.iter())
            .map(|&model| {
                let mut entity = self.views.model(data, Target::Known(model));
                self.views.hide_of_model(&mut entity, shown[0]);
                (entity, self.seen[0][model.0 as usize])
            })
            .collect();
        let tasks: Vec<(Entity, bool)> = (data.tasks.iter().enumerate())
            .map(|(at, task)| {
                let mut entity = self.views.task(task, Some(at));
                self.views.hide_of_task(&mut entity, shown[1]);
                (entity, self.seen[1][at])
            })
            .collect();
        let pairs: Vec<(usize, usize)> = cells.iter().map(|(model, task)| (places[model], task.0 as usize)).collect();
        let shows_ids = shown.iter().all(|shown| shown & 1 > 0);
        let of_members = map(self.members.len(), |member| {
            let member = &self.members[member];
            let (projected, priors) = member.network.project_models(models.iter().map(|(model, seen)| (model, !seen)));
            let projected_tasks = member.network.project_tasks(tasks.iter().map(|(task, seen)| (task, !seen)));
            let vectors = member.network.vectors(pairs.iter().map(|&(model, task)| (&models[model].0, task)));
            let rows = pairs.iter().map(|&(model, task)| (row(&projected, model), row(&projected_tasks, task)));
            let scored = member.network.score(rows, vectors.as_ref(), pairs.iter().map(|&(model, _)| priors[model]));
            let outputs = scored.z.iter().zip(scored.scores()).zip(&pairs);
            let forecast = |((&z, score), &(model, task)): ((&f32, f32), &(usize, usize))| {
                let (entity, seen) = &models[model];
                let [mean, deviation] = member.centres[task];
                let trend = self.trend.z(task, entity.size);
                let factorised = if shows_ids { self.factorised(numbers[model], task) } else { None };
                let outputs = Outputs { z, u: (score - mean) / deviation, trend, factorised };
                member.calibration.forecast(kind(entity, *seen, self.latest), outputs)
            };
            outputs.map(forecast).collect::<Vec<f32>>()
        });
        let count = self.members.len() as f32;
        let z = (0..cells.len()).map(|at| of_members.iter().map(|forecasts| forecasts[at]).sum::<f32>() / count);
        let scaled = |(z, &(_, task)): (f32, &(usize, usize))| self.groups[task].mean + self.groups[task].deviation * z;
        z.zip(&pairs).map(scaled).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::SparseMatrix;
    use crate::lineage::Lineage;
    use crate::methods::fitted::Fitted;
    use crate::methods::ranker::config::RankerConfig;
    use crate::methods::training::optimise::Silent;
    use crate::snapshot::{Factor, Model, Task};
    use eyas_kernels::Cells;

    /// Models with odd numbers have all the good results; size and name tell, the family does not.
    #[test]
    fn all_features_give_the_usual_forecast_and_hidden_ones_change_it() {
        let models: Vec<Model> = (0..24)
            .map(|at| Model {
                id: format!("lab/{}-{at}", ["weak", "strong"][at % 2]),
                factors: [("params".to_owned(), Factor::Number([1.0, 70.0][at % 2]))].into(),
                ..Model::default()
            })
            .collect();
        let tasks: Vec<Task> = (0..6).map(|at| Task::score(format!("task {at}"), None)).collect();
        let value = |model: usize, task: usize| {
            (model as u32, task as u32, [0.2, 0.7][model % 2] + 0.01 * ((model * 7 + task * 3) % 5) as f32)
        };
        let entries = (0..22).flat_map(|model| (0..6).map(move |task| value(model, task))).collect();
        let cells = Cells::Scores(SparseMatrix::from_entries(24, 6, entries));
        let lineage = Lineage::new(models.iter().map(|model| model.id.clone()), Vec::new()).0;
        let data = TrainingData { models: &models, tasks: &tasks, lineage: &lineage, cells: &cells, seed: 1 };
        let config = RankerConfig::for_cells(cells.count());
        let fitted = pollster::block_on(Ranker::fit(&data, &config, &mut Silent)).unwrap();
        let asked: Vec<(ModelIndex, TaskIndex)> = [3, 22, 23]
            .into_iter()
            .flat_map(|model| (0..6).map(move |task| (ModelIndex(model), TaskIndex(task))))
            .collect();
        let all = fitted.predict_with(&data, &asked, [u32::MAX; 2]);
        for (&(model, task), found) in asked.iter().zip(&all) {
            let usual = fitted.forecast(&data, Target::Known(model)).unwrap().mean[task.0 as usize];
            assert!((usual - found).abs() < 1e-5, "{usual} {found}");
        }
        let none = fitted.predict_with(&data, &asked, [0, u32::MAX]);
        assert!((0..6).all(|task| (none[6 + task] - none[12 + task]).abs() < 1e-6), "nothing tells new models apart");
        assert!((0..6).all(|task| all[12 + task] - all[6 + task] > 0.2), "{all:?}");
        let without = |feature: usize| fitted.predict_with(&data, &asked, [u32::MAX ^ 1 << feature, u32::MAX]);
        for feature in [1, 5] {
            assert_ne!(without(feature), all, "{}", OF_MODELS[feature]);
        }
        for feature in [2, 3, 4] {
            assert_eq!(without(feature), all, "nothing is known of {}", OF_MODELS[feature]);
        }
    }
}

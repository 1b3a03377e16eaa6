//! The parameters of an item response model for export: items and abilities, with standard errors.

use crate::error::Result;
use crate::methods::{Estimate, Irt, IrtItem, Method, Observer, Recipe, Settings, Trainer, TrainingData, VisibleCells};
use crate::snapshot::{Model, Snapshot, Task};
use serde::Serialize;

/// The estimates of [`item_response`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ItemResponse {
    /// The items, in the snapshot's order of tasks.
    pub items: Vec<Item>,
    /// The models, in the snapshot's order.
    pub models: Vec<Ability>,
    /// The number of trials for which a cell counts: 1 for outcomes.
    pub trials: f32,
}

/// An item, or a benchmark that is treated as one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Item {
    /// Its id.
    pub id: String,
    /// Slope a.
    pub slope: f32,
    /// Standard error of the slope.
    pub slope_error: f32,
    /// Intercept d.
    pub intercept: f32,
    /// Standard error of the intercept.
    pub intercept_error: f32,
    /// -intercept / slope: the ability with an expected score of 0.5.
    pub difficulty: f32,
}

/// A model's ability.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ability {
    /// Its id.
    pub id: String,
    /// Ability θ.
    pub ability: f32,
    /// Its standard error.
    pub error: f32,
}

/// Fits the model to all results of a snapshot, with one slope for all items (1PL) or one for each (2PL).
///
/// # Errors
/// If there is no result, or the observer stops the training.
pub async fn item_response(
    snapshot: &Snapshot,
    shared_slope: bool,
    trainer: &impl Trainer,
    observer: &mut dyn Observer,
) -> Result<ItemResponse> {
    let VisibleCells { cells, .. } = VisibleCells::new(snapshot, None)?;
    let Snapshot { models, tasks, lineage, .. } = snapshot;
    let data = TrainingData { models, tasks, lineage, cells: &cells, seed: 0 };
    let settings = if shared_slope { Settings::SharedSlope } else { Settings::Usual };
    let recipe = Recipe { method: Method::Irt, settings };
    let irt = Irt::restore(&data, &trainer.train(recipe, &data, observer).await?)?;
    let item = |(task, item): (&Task, &IrtItem)| Item {
        id: task.id.clone(),
        slope: item.slope.value,
        slope_error: item.slope.error,
        intercept: item.intercept.value,
        intercept_error: item.intercept.error,
        difficulty: -item.intercept.value / item.slope.value,
    };
    let ability = |(model, ability): (&Model, &Estimate)| Ability {
        id: model.id.clone(),
        ability: ability.value,
        error: ability.error,
    };
    Ok(ItemResponse {
        items: tasks.iter().zip(irt.items()).map(item).collect(),
        models: models.iter().zip(irt.abilities()).map(ability).collect(),
        trials: irt.trials(),
    })
}

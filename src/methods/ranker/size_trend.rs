//! The trend of standardised scores over size: what still holds for models later than all that were seen.

use super::groups::Group;
use super::parameters::Entity;

/// Draws the slope of a task with few models towards that of all tasks; in squared standard deviations of size.
const RIDGE: f32 = 3.0;

/// A line for each task, over the standardised logarithm of size.
pub(super) struct SizeTrend {
    lines: Vec<(f32, f32)>, // (n_tasks): the mean size of the task's models, and the slope
}

impl SizeTrend {
    pub(super) fn of(groups: &[Group], models: &[Entity]) -> Self {
        let moments: Vec<[f32; 3]> = groups.iter().map(|group| moments(group, models)).collect();
        let sum = |at: usize| moments.iter().map(|moments| moments[at]).sum::<f32>();
        let common = sum(1) / (sum(2) + RIDGE);
        let line = |&[mean, both, square]: &[f32; 3]| (mean, (both + RIDGE * common) / (square + RIDGE));
        Self { lines: moments.iter().map(line).collect() }
    }

    /// The standardised score on a task of a model of this size.
    pub(super) fn z(&self, task: usize, size: Option<f32>) -> Option<f32> {
        let (mean, slope) = self.lines[task];
        size.map(|size| slope * (size - mean))
    }
}

/// The mean size of a group's models, the sum of the products of size and score, and that of the squares of size.
fn moments(group: &Group, models: &[Entity]) -> [f32; 3] {
    let sized = || group.models.iter().zip(&group.z).filter_map(|(&model, &z)| Some((models[model as usize].size?, z)));
    let count = sized().count().max(1) as f32;
    let mean = sized().map(|(size, _)| size).sum::<f32>() / count;
    let both = sized().map(|(size, z)| (size - mean) * z).sum();
    let square = sized().map(|(size, _)| (size - mean).powi(2)).sum();
    [mean, both, square]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_has_its_own_slope_as_far_as_its_models_tell() {
        let entity = |size: f32| Entity { size: Some(size), ..Entity::default() };
        let models: Vec<Entity> = (0..101).map(|at| entity(0.1 * at as f32 - 5.0)).chain([Entity::default()]).collect();
        let all: Vec<u32> = (0..102).collect();
        let z = models.iter().map(|model| 0.5 * model.size.unwrap_or(9.0)).collect();
        let steep = Group { models: all, z, ..Group::default() };
        let few = Group { models: vec![50, 60], z: vec![0.5, -0.5], ..Group::default() };
        let trend = SizeTrend::of(&[steep, few, Group::default()], &models);
        assert!((trend.z(0, Some(1.0)).unwrap() - 0.5).abs() < 0.01, "{:?}", trend.lines);
        assert_eq!(trend.z(0, None), None);
        let slope = trend.z(2, Some(1.0)).unwrap();
        assert!((slope - 0.5).abs() < 0.02, "no model: the slope of all tasks");
        assert!(trend.lines[1].1 > -1.0 && trend.lines[1].1 < slope, "two models tell little: {:?}", trend.lines);
    }
}

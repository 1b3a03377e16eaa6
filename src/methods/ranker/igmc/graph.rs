//! Enclosing subgraphs: around a model and a task the models that have a score on the task, the tasks on which the model has
//! one, and all scores among these but that of the model on the task. Edges are of one of [`RELATIONS`] kinds, by the
//! standardised score.

use super::super::groups::Group;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// Kinds of edges: fifths of a normal distribution.
pub(super) const RELATIONS: usize = 5;
const ENDS: [f32; RELATIONS - 1] = [-0.84, -0.25, 0.25, 0.84];
/// Kinds of nodes: the model, the task, other models, other tasks.
pub(super) const LABELS: usize = 4;
/// The most other models, and other tasks, drawn at random.
const MOST: usize = 16;

/// All training scores as a graph.
pub(super) struct Graph {
    models: Vec<Vec<(u32, u8)>>, // of each model its tasks with kinds, by task
    tasks: Vec<Vec<(u32, u8)>>,  // of each task its models with kinds
}

/// The kind of a standardised score.
pub(super) fn relation(z: f32) -> u8 {
    ENDS.iter().filter(|&&end| z > end).count() as u8
}

/// A directed edge: the message of `from` to `to` has this weight, one over the number of messages of its kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Edge {
    pub(super) to: u32,
    pub(super) from: u32,
    pub(super) relation: u8,
    pub(super) weight: f32,
}

/// Subgraphs, beside each other.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Subgraphs {
    /// The kind of each node.
    pub(super) labels: Vec<u8>,
    pub(super) edges: Vec<Edge>,
    /// The node of each subgraph's model; that of its task follows.
    pub(super) centres: Vec<u32>,
}

/// What is left out of subgraphs in training.
pub(super) struct Dropped<'r> {
    /// The share of edges.
    pub(super) edges: f32,
    /// Shares of subgraphs without other tasks, or other models, as those of new models and tasks are.
    pub(super) sides: [f32; 2],
    pub(super) rng: &'r mut Pcg64Mcg,
}

impl Graph {
    pub(super) fn new(models: usize, groups: &[Group]) -> Self {
        let mut graph = Self { models: vec![Vec::new(); models], tasks: vec![Vec::new(); groups.len()] };
        for (task, group) in groups.iter().enumerate().filter(|(_, group)| group.is_ranked()) {
            for (&model, &z) in group.models.iter().zip(&group.z) {
                graph.models[model as usize].push((task as u32, relation(z)));
                graph.tasks[task].push((model, relation(z)));
            }
        }
        graph
    }

    pub(super) fn of_model(&self, model: usize) -> &[(u32, u8)] {
        &self.models[model]
    }

    /// Adds the subgraph of a model, `None` if it is new, with these scores, and a task.
    pub(super) fn enclose(
        &self,
        (model, scores): (Option<u32>, &[(u32, u8)]),
        task: u32,
        mut dropped: Option<&mut Dropped<'_>>,
        found: &mut Subgraphs,
    ) {
        let mut cold = [false; 2];
        if let Some(Dropped { sides, rng, .. }) = dropped.as_deref_mut() {
            cold = sides.map(|share| rng.random::<f32>() < share);
        }
        // The same for the same scores, so that models without scores have the same subgraph.
        let tasks = if cold[0] { Vec::new() } else { draw(scores, task, 0) };
        let of_task = &self.tasks[task as usize];
        let models = if cold[1] { Vec::new() } else { draw(of_task, model.unwrap_or(u32::MAX), u64::from(task)) };
        let own = found.labels.len() as u32;
        let (first_model, first_task) = (own + 2, own + 2 + models.len() as u32);
        found.centres.push(own);
        found.labels.extend([0, 1]);
        found.labels.extend(models.iter().map(|_| 2));
        found.labels.extend(tasks.iter().map(|_| 3));
        let mut pairs: Vec<(u32, u32, u8)> = Vec::new();
        pairs.extend((first_task..).zip(&tasks).map(|(node, &(_, kind))| (own, node, kind)));
        for (node, &(other, kind)) in (first_model..).zip(&models) {
            pairs.push((node, own + 1, kind));
            let row = &self.models[other as usize];
            for (at, (task, _)) in (first_task..).zip(&tasks) {
                if let Ok(place) = row.binary_search_by_key(task, |cell| cell.0) {
                    pairs.push((node, at, row[place].1));
                }
            }
        }
        if let Some(Dropped { edges, rng, .. }) = dropped {
            pairs.retain(|_| rng.random::<f32>() >= *edges);
        }
        connect(&pairs, own, found);
    }
}

/// At most [`MOST`] of these but one.
fn draw(of: &[(u32, u8)], but: u32, seed: u64) -> Vec<(u32, u8)> {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut others: Vec<(u32, u8)> = of.iter().copied().filter(|other| other.0 != but).collect();
    for at in 0..MOST.min(others.len()) {
        let drawn = rng.random_range(at..others.len());
        others.swap(at, drawn);
    }
    others.truncate(MOST);
    others
}

/// Adds both directions of edges, of nodes from `first` on, with their weights.
pub(super) fn connect(pairs: &[(u32, u32, u8)], first: u32, found: &mut Subgraphs) {
    let mut counts = vec![[0.0f32; RELATIONS]; found.labels.len() - first as usize];
    for &(a, b, relation) in pairs {
        counts[(a - first) as usize][relation as usize] += 1.0;
        counts[(b - first) as usize][relation as usize] += 1.0;
    }
    for &(a, b, relation) in pairs {
        for (to, from) in [(a, b), (b, a)] {
            let weight = 1.0 / counts[(to - first) as usize][relation as usize];
            found.edges.push(Edge { to, from, relation, weight });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two models and two tasks with all scores; a third model and task with one each.
    fn graph() -> Graph {
        let group = |models: &[u32], z: &[f32]| Group {
            models: models.to_vec(),
            z: z.to_vec(),
            deviation: 1.0,
            ..Group::default()
        };
        Graph::new(3, &[group(&[0, 1], &[1.0, -1.0]), group(&[2, 1, 0], &[1.2, 0.0, -1.2]), Group::default()])
    }

    #[test]
    fn the_score_that_is_asked_for_is_no_edge() {
        let graph = graph();
        let mut found = Subgraphs::default();
        graph.enclose((Some(0), graph.of_model(0)), 0, None, &mut found);
        assert_eq!(found.labels, [0, 1, 2, 3], "the model, the task, model 1, task 1");
        let mut edges: Vec<(u32, u32, u8)> =
            found.edges.iter().map(|edge| (edge.to, edge.from, edge.relation)).collect();
        edges.sort_unstable();
        // Model 0 on task 1, model 1 on task 0 and on task 1, in both directions.
        assert_eq!(edges, [(0, 3, 0), (1, 2, 0), (2, 1, 0), (2, 3, 2), (3, 0, 0), (3, 2, 2)]);
        assert!(found.edges.iter().all(|edge| edge.weight == 1.0));
    }

    #[test]
    fn a_model_without_scores_has_those_of_the_task_around_it() {
        let graph = graph();
        let mut found = Subgraphs::default();
        graph.enclose((None, &[]), 1, None, &mut found);
        graph.enclose((None, &[(0, 4)]), 2, None, &mut found);
        assert_eq!(found.labels, [0, 1, 2, 2, 2, 0, 1, 3]);
        assert_eq!(found.centres, [0, 5]);
        assert_eq!(found.edges.len(), 2 * 3 + 2);
    }
}

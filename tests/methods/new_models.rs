//! A new model that is a node of the lineage graph has the relatives of that node, and its place minimises the
//! objective of the training.

use super::{all_but, data, sized_models};
use eyas::linalg::BitMatrix;
use eyas::lineage::{Lineage, NamedEdge, Parent, Relation};
use eyas::methods::{Fitted, Lrmf, LrmfConfig, Method, NewModel, Silent, Target, VisibleCells};
use eyas::snapshot::{ModelIndex, Snapshot};

/// 40 models on five benchmarks. Model 8 is a merge of 0 and 1 with uneven weights, and the parent of 9 and 10; 0 has
/// further children. The node after the models is a relative without results between 20 and 21; the next node and its
/// child, model 39, are connected to no other.
fn graph() -> Snapshot {
    let names: Vec<String> = (0..40).map(|at| format!("lab{}/m{at}-{}b", at % 4, 1 + at % 9)).collect();
    let id = |at: usize| names.get(at).cloned().unwrap_or_else(|| format!("lab0/relative{at}"));
    let edge = |parent: usize, child: usize, weight: f32| NamedEdge {
        child: id(child),
        parent: Parent { weight, ..Parent::new(id(parent), Relation::Merge) },
    };
    let mut edges = vec![edge(0, 8, 0.7), edge(1, 8, 0.2), edge(8, 9, 1.0), edge(8, 10, 0.5)];
    edges.extend([3, 4, 5].map(|child| edge(0, child, 1.0)));
    edges.extend([edge(20, 40, 1.0), edge(40, 21, 1.0), edge(40, 22, 1.0), edge(20, 23, 1.0), edge(41, 39, 1.0)]);
    edges.extend((11..20).map(|child| edge(child - 1, child, 1.0)));
    let (lineage, warnings) = Lineage::new(names.clone(), edges);
    assert!(warnings.is_empty() && lineage.len() == 42);
    let cells = (0..40u32).flat_map(|row| (0..5u32).map(move |task| (row, task)));
    let score = |row: u32, task: u32| 50.0 + 30.0 * (f64::from(row) * 0.9).sin() + 4.0 * f64::from(row * task % 5);
    let cells = cells.map(|(row, task)| (row, task, score(row, task) as f32));
    sized_models(&names, lineage, 5, cells.collect())
}

/// The cells without those of these models.
fn visible(snapshot: &Snapshot, hidden: &[usize]) -> VisibleCells {
    let mut held = BitMatrix::zeros(snapshot.models.len(), snapshot.tasks.len());
    hidden.iter().for_each(|&model| (0..snapshot.tasks.len()).for_each(|task| held.set(model, task, true)));
    VisibleCells::new(snapshot, Some(&held)).unwrap()
}

fn furthest(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(one, other)| (one - other).abs()).fold(0.0, f32::max)
}

#[test]
fn a_model_without_results_has_the_same_forecast_by_row_and_as_a_new_model() {
    let snapshot = graph();
    let visible = visible(&snapshot, &[3, 8, 12, 39]);
    let data = data(&snapshot, &visible);
    let own_vector = "of a model of the data it has a latent vector, if an untrained one";
    for method in all_but(&[
        (Method::Ncf, own_vector),
        (Method::NcfFactors, own_vector),
        (Method::Eyas, "a new model takes facts from its parents, a model of the data has its own"),
    ]) {
        // Descent ends near the minimum of the objective, not at it.
        let tolerance = if method == Method::Lrmf { 2e-3 } else { 0.0 };
        let fitted = pollster::block_on(method.fit(&data, &mut Silent)).unwrap();
        for model in [3, 8, 12, 39] {
            let new = NewModel::of(data.models, data.lineage, model);
            let known = fitted.forecast(&data, Target::Known(ModelIndex(model))).unwrap();
            let as_new = fitted.forecast(&data, Target::New(&new)).unwrap();
            let apart = furthest(&known.mean, &as_new.mean);
            assert!(apart <= tolerance, "{} {model}: {known:?} {as_new:?}", method.name());
            assert_eq!(known.sources, as_new.sources, "{} {model}", method.name());
        }
    }
}

/// No method averages a model's own results as those of a relative, even if it has seen them.
#[test]
fn no_model_is_its_own_relative() {
    let snapshot = graph();
    let visible = visible(&snapshot, &[]);
    let data = data(&snapshot, &visible);
    for method in [Method::Parents, Method::Kin, Method::Mla, Method::Knn, Method::ScalingLaw] {
        let fitted = pollster::block_on(method.fit(&data, &mut Silent)).unwrap();
        for model in [3, 8, 12] {
            let mut new = NewModel::of(data.models, data.lineage, model);
            let known = fitted.forecast(&data, Target::Known(ModelIndex(model))).unwrap();
            assert_eq!(known, fitted.forecast(&data, Target::New(&new)).unwrap(), "{} {model}", method.name());
            assert!(known.sources.iter().all(|&(source, _)| source != model), "{} {model}", method.name());
            new.parents.push(Parent::new(data.models[model as usize].id.clone(), Relation::Merge));
            let named_itself = fitted.forecast(&data, Target::New(&new)).unwrap();
            assert!(named_itself.sources.iter().all(|&(source, _)| source != model), "{} {model}", method.name());
        }
    }
}

/// By hand: its parent is 20, its children are 21 and 22, and 20 has another child, 23.
#[test]
fn a_relative_without_results_has_its_children_and_siblings() {
    let snapshot = graph();
    let visible = visible(&snapshot, &[]);
    let data = data(&snapshot, &visible);
    let new = NewModel::of(data.models, data.lineage, 40);
    let forecast = |method: Method| {
        let fitted = pollster::block_on(method.fit(&data, &mut Silent)).unwrap();
        fitted.forecast(&data, Target::New(&new)).unwrap()
    };
    let mean = |models: &[usize]| {
        let mut mean = vec![0.0; 5];
        for &model in models {
            data.cells.for_row(model, |task, value| mean[task] += value / models.len() as f32);
        }
        mean
    };
    for (method, relatives) in [
        (Method::Parents, &[20][..]),
        (Method::Kin, &[20, 23]),
        (Method::Mla, &[20, 21, 22]),
        (Method::Lrmf, &[20, 21, 22]),
    ] {
        let Forecast { mean: forecast, sources } = Forecast::of(forecast(method));
        // The factorisation averages the log odds of its predictions for them.
        let tolerance = if method == Method::Lrmf { 0.1 } else { 1e-6 };
        assert!(furthest(&forecast, &mean(relatives)) < tolerance, "{}: {forecast:?}", method.name());
        assert_eq!(sources, relatives, "{}", method.name());
    }
}

/// The minimum of the objective by plain gradient descent in 64 bits: the vector of a new model with these scores among
/// neighbours with these weights, both written out by hand.
fn descended(
    lrmf: &Lrmf,
    config: &LrmfConfig,
    cells: usize,
    neighbours: &[(usize, f64)],
    scores: &[(usize, f32)],
) -> Vec<f32> {
    let p = lrmf.parameters();
    let with_bias = |vector: &[f32], bias: f32| -> Vec<f64> {
        vector.iter().chain([&bias]).map(|&value| f64::from(value)).collect()
    };
    let task = |task: usize| with_bias(p.task(task), if config.biases { 1.0 } else { 0.0 });
    let node = |node: usize| with_bias(p.model(node), p.model_bias[node]);
    let logit = |place: &[f64], at: usize| {
        place.iter().zip(task(at)).map(|(a, b)| a * b).sum::<f64>() + f64::from(p.task_bias[at])
    };
    let chance = |place: &[f64], at: usize| 1.0 / (1.0 + (-logit(place, at)).exp());
    let (l2, graph) = (f64::from(config.l2), f64::from(config.lineage));
    let mut place = vec![0.0; p.dim + 1];
    let steepest = scores.iter().map(|&(at, _)| task(at).iter().map(|x| x * x).sum::<f64>()).sum::<f64>();
    let weights: f64 = neighbours.iter().map(|neighbour| neighbour.1).sum();
    let step = 1.0 / (steepest / 4.0 / cells as f64 + 2.0 * l2 + 2.0 * graph * weights);
    for _ in 0..200_000 {
        let mut slope = vec![0.0; place.len()];
        for &(at, score) in scores {
            let miss = (chance(&place, at) - f64::from(score)) / cells as f64;
            slope.iter_mut().zip(task(at)).for_each(|(slope, x)| *slope += miss * x);
        }
        for (k, slope) in slope.iter_mut().enumerate() {
            *slope += if scores.is_empty() { 0.0 } else { 2.0 * l2 * place[k] };
            *slope += neighbours.iter().map(|&(n, w)| 2.0 * graph * w * (place[k] - node(n)[k])).sum::<f64>();
        }
        place.iter_mut().zip(&slope).for_each(|(value, slope)| *value -= step * slope);
        if slope.iter().map(|slope| slope * slope).sum::<f64>().sqrt() < 1e-10 {
            break;
        }
    }
    (0..p.task_bias.len()).map(|at| chance(&place, at) as f32).collect()
}

#[test]
fn lrmf_places_a_new_model_where_its_objective_is_least() {
    let snapshot = graph();
    let visible = visible(&snapshot, &[8]);
    let data = data(&snapshot, &visible);
    let of_the_graph = NewModel::of(data.models, data.lineage, 8);
    let parent = |at: usize, weight: f32| Parent { weight, ..Parent::new(data.models[at].id.clone(), Relation::Merge) };
    // Weights in percent count as if their mean were 1.
    let pasted = NewModel { parents: vec![parent(30, 60.0), parent(31, 40.0)], ..NewModel::default() };
    let with = |new: &NewModel, scores: &[(usize, f32)]| NewModel { scores: scores.to_vec(), ..new.clone() };
    let scores = [(0, 0.95), (3, 0.9), (4, 0.05)];
    let in_the_graph = [(0, 0.7), (1, 0.2), (9, 1.0), (10, 0.5)];
    let in_the_text = [(30, 1.2), (31, 0.8)];
    let strong = LrmfConfig { dim: 4, l2: 3e-4, lineage: 2e-3, ..LrmfConfig::default() };
    let weak = LrmfConfig { dim: 3, l2: 1e-4, lineage: 3e-4, biases: false, ..LrmfConfig::default() };
    for config in [strong, weak] {
        let lrmf = pollster::block_on(Lrmf::fit(&data, &config, &mut Silent)).unwrap();
        for (new, neighbours, scores) in [
            (&of_the_graph, &in_the_graph[..], &scores[..]),
            (&of_the_graph, &in_the_graph, &[]),
            (&pasted, &in_the_text, &scores),
            (&pasted, &in_the_text, &scores[..1]),
            (&pasted, &in_the_text, &[]),
        ] {
            let placed = lrmf.forecast(&data, Target::New(&with(new, scores))).unwrap().mean;
            let slow = descended(&lrmf, &config, data.cells.count(), neighbours, scores);
            assert!(furthest(&placed, &slow) < 1e-5, "{config:?} {scores:?}: {placed:?} {slow:?}");
            if !scores.is_empty() {
                let unmoved = lrmf.forecast(&data, Target::New(new)).unwrap().mean;
                assert!(furthest(&placed, &unmoved) > 1e-3, "the scores move it: {placed:?}");
            }
        }
    }
}

struct Forecast {
    mean: Vec<f32>,
    sources: Vec<usize>,
}

impl Forecast {
    fn of(forecast: eyas::methods::Forecast) -> Self {
        let mut sources: Vec<usize> = forecast.sources.iter().map(|source| source.0 as usize).collect();
        sources.sort_unstable();
        Self { mean: forecast.mean, sources }
    }
}

/// A share that was rounded to 0 counts as no parent and must not be a divisor.
#[test]
fn a_parent_without_weight_is_none() {
    let snapshot = graph();
    let visible = visible(&snapshot, &[]);
    let data = data(&snapshot, &visible);
    let weightless = Parent { weight: 0.0, ..Parent::new(data.models[0].id.clone(), Relation::Merge) };
    let other = Parent::new(data.models[1].id.clone(), Relation::Merge);
    for method in [Method::Parents, Method::Mla, Method::Lrmf] {
        let fitted = pollster::block_on(method.fit(&data, &mut Silent)).unwrap();
        let mean = |parents: &[&Parent]| {
            let parents = parents.iter().map(|&parent| parent.clone()).collect();
            fitted.forecast(&data, Target::New(&NewModel { parents, ..NewModel::default() })).unwrap().mean
        };
        assert_eq!(mean(&[&weightless]), mean(&[]), "{}", method.name());
        assert!(furthest(&mean(&[&weightless, &other]), &mean(&[&other])) < 1e-6, "{}", method.name());
    }
}

//! The default method's parameters as named tensors, and back.

use super::blend::Blend;
use super::boosting::{Boosting, Node};
use super::company::{Company, Share};
use super::covariance::{Covariance, Likeness, PROFILES};
use super::heritage::Heritage;
use super::intervals::Intervals;
use super::outcomes::benchmarks;
use super::outputs::Link;
use super::portrait::Gallery;
use super::process::Process;
use super::rehearsal::{Trees, VOICES};
use super::scale::Scale;
use super::together::Together;
use super::{Eyas, Lrmf};
use crate::error::Result;
use crate::methods::data::TrainingData;
use crate::methods::fitted::{Fitted, Tensor, find, misfit, tensor};
use crate::methods::mf::model::Mf;
use eyas_kernels::Cells;
use ndarray::Array2;

/// Before the names of the tensors of the outcomes' factorisation.
const FACTORISATION: &str = "factorisation/";
/// Before the names of the tensors of the factorisation that has a share in the forecasts.
const COMPANY: &str = "company/";

impl Eyas {
    pub(super) fn to_tensors(&self) -> Vec<Tensor> {
        let mut tensors = vec![
            vector("order", self.order.iter().map(|&model| model as f32).collect()),
            vector("profiles", self.profiles.iter().map(|&profile| profile as f32).collect()),
            vector("centre", self.scale.centre.clone()),
            vector("spread", self.scale.spread.clone()),
            vector("doubt", self.scale.doubt.clone()),
        ];
        for (at, process) in self.processes.iter().enumerate() {
            tensors.push(matrix(&format!("weights/{at}"), &process.weights));
            tensors.push(vector(&format!("precision/{at}"), process.precision.clone()));
            tensors.push(vector(&format!("likeness/{at}"), process.covariance.logs().to_vec()));
        }
        put_trees(&mut tensors, "trees", &self.trees.hearing);
        put_trees(&mut tensors, "facts", &self.trees.deaf);
        for (at, sizes) in self.intervals.sizes.iter().enumerate() {
            put_trees(&mut tensors, &format!("sizes/{at}"), sizes);
        }
        let Intervals { now, ahead, given, residuals, scores, .. } = &self.intervals;
        let bounds = [now, ahead, given].into_iter().flatten().flat_map(|&(low, high)| [low, high]).collect();
        tensors.push(vector("bounds", bounds));
        tensors.push(matrix("residuals", &residuals.covariance));
        tensors.push(matrix("scores", &scores.covariance));
        tensors.push(vector("distance", vec![self.intervals.usual_distance, self.intervals.temper]));
        tensors.push(vector("shares", self.blends.iter().flat_map(|blend| blend.shares.concat()).collect()));
        let shares = self.heritage.blends.iter().flat_map(|blend| blend.shares.concat()).collect();
        tensors.push(vector("heritage", shares));
        tensors.push(vector("drift", self.intervals.drift.clone()));
        tensors.push(vector("links", self.links.iter().map(|&link| link as u8 as f32).collect()));
        if let Some(from_others) = &self.from_others {
            tensors.push(matrix("from_others", from_others));
        }
        if let Some(factorisation) = &self.factorisation {
            tensors.extend(named(FACTORISATION, factorisation));
        }
        if let Some(Company { mf, share }) = &self.company {
            tensors.push(vector("company", vec![share.most, share.half]));
            tensors.extend(named(COMPANY, mf));
        }
        tensors
    }

    /// From saved parameters.
    ///
    /// # Errors
    /// If a tensor is missing or does not fit the data.
    pub fn restore(data: &TrainingData<'_>, tensors: &[Tensor]) -> Result<Self> {
        let gallery = Gallery::new(data);
        let order: Vec<u32> = find(tensors, "order")?.values.iter().map(|&model| model as u32).collect();
        if order.iter().any(|&model| model as usize >= data.models.len()) {
            return Err(misfit("order"));
        }
        let portraits = order.iter().map(|&model| gallery.known(data, model as usize)).collect();
        let scale = Scale {
            centre: values(tensors, "centre")?,
            spread: values(tensors, "spread")?,
            doubt: values(tensors, "doubt")?,
        };
        let profiles: Vec<usize> = values(tensors, "profiles")?.iter().map(|&profile| profile as usize).collect();
        let n_outputs = scale.centre.len();
        let lengths = [scale.spread.len(), scale.doubt.len(), profiles.len()];
        if lengths != [n_outputs; 3] || profiles.iter().any(|&p| p >= PROFILES.len()) {
            return Err(misfit("profiles"));
        }
        let process = |at: usize| {
            let logs = values(tensors, &format!("likeness/{at}"))?;
            let covariance = Covariance::from_logs(&logs.try_into().map_err(|_| misfit("likeness"))?);
            let weights = table(tensors, &format!("weights/{at}"), order.len(), n_outputs)?;
            let precision = tensor(tensors, &format!("precision/{at}"), order.len())?;
            Ok(Process { covariance, weights, precision })
        };
        let processes = (0..PROFILES.len()).map(process).collect::<Result<Vec<_>>>()?;
        let factorisation = match data.cells {
            Cells::Outcomes { .. } => Some(Lrmf::restore(data, &own(FACTORISATION, tensors))?),
            Cells::Scores(_) => None,
        };
        let expected = match &factorisation {
            Some(factorisation) => factorisation.parameters().dim + 1 + benchmarks(data.tasks).len(),
            None => data.tasks.len(),
        };
        if n_outputs != expected {
            return Err(misfit("centre"));
        }
        let trees =
            Trees { hearing: take_trees(tensors, "trees", n_outputs)?, deaf: take_trees(tensors, "facts", n_outputs)? };
        let intervals = restore_intervals(tensors, n_outputs)?;
        let company = match tensors.iter().any(|tensor| tensor.name == "company") {
            true => Some(restore_company(data, tensors)?),
            false => None,
        };
        let likeness = Likeness::new(portraits);
        let width = likeness.portraits().first().map_or(0, |portrait| portrait.traits.len());
        let numbers = width + n_outputs + 2 * PROFILES.len();
        if trees.deaf.n_numbers != width {
            return Err(misfit("facts/numbers"));
        }
        if std::iter::once(&trees.hearing).chain(&intervals.sizes).any(|trees| trees.n_numbers != numbers) {
            return Err(misfit("trees/numbers"));
        }
        let shares = tensor(tensors, "shares", 2 * n_outputs * VOICES)?;
        let (now, ahead) = shares.split_at(n_outputs * VOICES);
        let of_relatives = tensor(tensors, "heritage", 4 * n_outputs)?;
        let (now_kin, later_kin) = of_relatives.split_at(2 * n_outputs);
        let link = |&link: &f32| if link == 0.0 { Link::Identity } else { Link::LogOdds };
        let links = tensor(tensors, "links", n_outputs)?.iter().map(link).collect();
        let from_others = match tensors.iter().any(|tensor| tensor.name == "from_others") {
            true => Some(table(tensors, "from_others", order.len(), n_outputs)?),
            false => None,
        };
        Ok(Self {
            gallery,
            likeness,
            order,
            processes,
            profiles,
            scale,
            trees,
            blends: [now, ahead].map(|shares| blend(shares, VOICES)),
            intervals,
            links,
            from_others,
            company,
            heritage: Heritage { blends: [now_kin, later_kin].map(|shares| blend(shares, 2)) },
            factorisation,
        })
    }
}

/// shares: (n_outputs, n_voices), row-major
fn blend(shares: &[f32], voices: usize) -> Blend {
    Blend { shares: shares.chunks_exact(voices).map(<[f32]>::to_vec).collect() }
}

/// Tensors of a part, each with this before its name.
fn named(prefix: &str, part: &dyn Fitted) -> impl Iterator<Item = Tensor> {
    part.tensors().into_iter().map(move |tensor| Tensor { name: format!("{prefix}{}", tensor.name), ..tensor })
}

/// The tensors that have this before their names, without it.
fn own(prefix: &str, tensors: &[Tensor]) -> Vec<Tensor> {
    let own = |tensor: &Tensor| {
        let name = tensor.name.strip_prefix(prefix)?.to_owned();
        Some(Tensor { name, ..tensor.clone() })
    };
    tensors.iter().filter_map(own).collect()
}

fn restore_company(data: &TrainingData<'_>, tensors: &[Tensor]) -> Result<Company> {
    let share = tensor(tensors, "company", 2)?;
    let share = Share { most: share[0], half: share[1] };
    Ok(Company { mf: Mf::restore(data, &own(COMPANY, tensors))?, share })
}

fn restore_intervals(tensors: &[Tensor], n_outputs: usize) -> Result<Intervals> {
    let ends = values(tensors, "bounds")?;
    if ends.is_empty() {
        return Ok(Intervals::default());
    }
    if ends.len() != 6 * n_outputs {
        return Err(misfit("bounds"));
    }
    let pairs: Vec<(f32, f32)> = ends.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
    let mut bounds = pairs.chunks_exact(n_outputs).map(<[_]>::to_vec);
    let mut next = || bounds.next().unwrap_or_default();
    let (now, ahead, given) = (next(), next(), next());
    let sizes = [0, 1].map(|at| take_trees(tensors, &format!("sizes/{at}"), n_outputs));
    let sizes = sizes.into_iter().collect::<Result<Vec<_>>>()?;
    let together = |name| Ok(Together { covariance: table(tensors, name, n_outputs, n_outputs)? });
    let distance = tensor(tensors, "distance", 2)?;
    let [usual_distance, temper] = [distance[0], distance[1]];
    Ok(Intervals {
        sizes,
        now,
        ahead,
        given,
        drift: tensor(tensors, "drift", n_outputs)?,
        residuals: together("residuals")?,
        scores: together("scores")?,
        usual_distance,
        temper,
    })
}

fn matrix(name: &str, values: &Array2<f32>) -> Tensor {
    let shape = values.shape().to_vec();
    Tensor { name: name.to_owned(), shape, values: values.iter().copied().collect() }
}

fn table(tensors: &[Tensor], name: &str, rows: usize, columns: usize) -> Result<Array2<f32>> {
    Array2::from_shape_vec((rows, columns), values(tensors, name)?).map_err(|_| misfit(name))
}

fn vector(name: &str, values: Vec<f32>) -> Tensor {
    Tensor { name: name.to_owned(), shape: vec![values.len()], values }
}

fn put_trees(tensors: &mut Vec<Tensor>, name: &str, trees: &Boosting) {
    let nodes =
        trees.nodes.iter().flat_map(|node| [node.column as f32, node.threshold.max(f32::MIN), node.right as f32]);
    tensors.push(Tensor { name: format!("{name}/nodes"), shape: vec![trees.nodes.len(), 3], values: nodes.collect() });
    tensors.push(vector(&format!("{name}/roots"), trees.roots.iter().map(|&root| root as f32).collect()));
    tensors.push(vector(&format!("{name}/values"), trees.values.clone()));
    tensors.push(vector(&format!("{name}/numbers"), vec![trees.n_numbers as f32]));
}

/// Trees whose every step leads onwards to a leaf with its values.
fn take_trees(tensors: &[Tensor], name: &str, n_outputs: usize) -> Result<Boosting> {
    let part = |what: &str| values(tensors, &format!("{name}/{what}"));
    let node = |n: &[f32]| Node { column: n[0] as u32, threshold: n[1], right: n[2] as u32 };
    let nodes: Vec<Node> = part("nodes")?.chunks_exact(3).map(node).collect();
    let roots: Vec<u32> = part("roots")?.iter().map(|&root| root as u32).collect();
    let trees = Boosting {
        values: part("values")?,
        n_numbers: part("numbers")?.first().map_or(0, |&count| count as usize),
        n_outputs,
        nodes,
        roots,
    };
    let sound = |(at, node): (usize, &Node)| match node.right as usize {
        0 => node.column as usize + n_outputs <= trees.values.len(),
        right => right > at && right < trees.nodes.len(),
    };
    let rooted = trees.roots.iter().all(|&root| (root as usize) < trees.nodes.len());
    if rooted && trees.nodes.iter().enumerate().all(sound) { Ok(trees) } else { Err(misfit(name)) }
}

fn values(tensors: &[Tensor], name: &str) -> Result<Vec<f32>> {
    Ok(find(tensors, name)?.values.clone())
}

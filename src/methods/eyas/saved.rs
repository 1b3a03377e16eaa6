//! The default method's parameters as named tensors, and back. What follows from the data, such as features and standardised
//! scores, is made again.

use super::calibration::Calibration;
use super::outputs::{Link, Outputs, Scale};
use super::scores::Level;
use super::trees::{self, Marks, Pair, Trees};
use super::{Encoder, Ensemble, Eyas, Factors, Lrmf, Prior, Scores, Stack};
use crate::error::Result;
use crate::methods::data::TrainingData;
use crate::methods::eyas::models::Models;
use crate::methods::fitted::{Fitted, Tensor, find, misfit, tensor};
use crate::methods::learners::boosting::{Boosting, Node};
use crate::methods::learners::conformal::Conformal;
use eyas_kernels::Cells;
use eyas_kernels::covariance::Covariance;
use ndarray::Array2;

/// Before the names of the tensors of the outcomes' factorisation.
const FACTORISATION: &str = "factorisation/";

impl Eyas {
    pub(super) fn to_tensors(&self) -> Vec<Tensor> {
        let link = |&link: &Link| if link == Link::Identity { 0.0 } else { 1.0 };
        let mut tensors = vec![
            vector("covariance", self.prior.covariance.to_list()),
            vector("links", self.scale.links.iter().map(link).collect()),
            vector("centres", self.scale.centre.clone()),
            vector("spreads", self.scale.spread.clone()),
            vector("open", self.scale.open.clone()),
            matrix("loadings", &self.residuals.loadings),
            vector("errors", self.residuals.errors.clone()),
            vector("sizes", self.calibration.widths.coefficients.to_vec()),
            vector("temper", vec![self.calibration.widths.temper]),
            vector("slopes", self.calibration.slopes.to_vec()),
            vector("half_widths", self.calibration.widths.half_widths.clone()),
            vector("factors", self.calibration.widths.factors.clone()),
        ];
        if let Some(scores) = &self.scores {
            let level = |level: &Level| std::iter::once(level.known).chain(level.logs).collect::<Vec<_>>();
            tensors.push(vector("levels", scores.levels.iter().flat_map(level).collect()));
        }
        if let Some(Ensemble { trees, stacks, .. }) = &self.ensemble {
            tensors.push(vector("shares", stacks.iter().flat_map(|stack| stack.shares.concat()).collect()));
            for (at, Pair { with_process, alone }) in trees.halves.iter().enumerate() {
                put_trees(&mut tensors, &format!("trees/{at}"), with_process);
                put_trees(&mut tensors, &format!("alone/{at}"), alone);
            }
        }
        if let Some(relatives) = &self.relatives {
            tensors.push(vector("relatives", relatives.shares.concat()));
        }
        if let Some(factorisation) = &self.factorisation {
            tensors.extend(named(FACTORISATION, factorisation));
        }
        tensors
    }

    /// From saved parameters.
    ///
    /// # Errors
    /// If a tensor is missing or does not fit the data.
    pub fn restore(data: &TrainingData<'_>, tensors: &[Tensor]) -> Result<Self> {
        let encoder = Encoder::new(data);
        let (n_numbers, n_categories) = (encoder.numbers.len(), encoder.n_categories());
        let list = values(tensors, "covariance")?;
        let covariance = Covariance::from_list(&list, n_numbers, n_categories).ok_or_else(|| misfit("covariance"))?;
        let factorisation = match data.cells {
            Cells::Outcomes { .. } => Some(Lrmf::restore(data, &own(FACTORISATION, tensors))?),
            Cells::Scores(_) => None,
        };
        let models = Models::new(data, &encoder);
        let link = |&link: &f32| if link == 0.0 { Link::Identity } else { Link::LogOdds };
        let links: Vec<Link> = values(tensors, "links")?.iter().map(link).collect();
        let n_outputs = links.len();
        let of_outputs = |name: &str| tensor(tensors, name, n_outputs);
        let scale = Scale {
            links,
            centre: of_outputs("centres")?,
            spread: of_outputs("spreads")?,
            leverage: vec![1.0; n_outputs],
            open: of_outputs("open")?,
        };
        let outputs = Outputs::on_scale(data, &models.order, factorisation, scale)?;
        let mut eyas = Self::untrained(encoder, Prior::new(models, covariance), outputs);
        let loadings = find(tensors, "loadings")?;
        let n_factors = loadings.values.len() / n_outputs.max(1);
        eyas.residuals = Factors {
            loadings: table(tensors, "loadings", n_outputs, n_factors)?,
            errors: tensor(tensors, "errors", n_outputs)?,
        };
        let slopes: [f32; _] = values(tensors, "slopes")?.try_into().map_err(|_| misfit("slopes"))?;
        let half_widths = tensor(tensors, "half_widths", slopes.len())?;
        let coefficients = values(tensors, "sizes")?.try_into().map_err(|_| misfit("sizes"))?;
        let temper = tensor(tensors, "temper", 1)?[0];
        let factors = tensor(tensors, "factors", n_outputs)?;
        eyas.calibration = Calibration { slopes, widths: Conformal { coefficients, temper, half_widths, factors } };
        if let Some(levels) = optional(tensors, "levels") {
            let filled = eyas.filled(eyas.prior.leave_one_out(&eyas.table)?.as_deref())?;
            eyas.scores = Some(Scores { levels: restore_levels(levels)?, filled });
        }
        if let Some(shares) = optional(tensors, "shares") {
            eyas.ensemble = Some(restore_ensemble(&eyas, shares, tensors)?);
        }
        if optional(tensors, "relatives").is_some() {
            eyas.relatives = Some(stack(&tensor(tensors, "relatives", 2 * n_outputs)?, 2));
        }
        Ok(eyas)
    }
}

fn restore_levels(values: &[f32]) -> Result<Vec<Level>> {
    let level = |values: &[f32]| {
        let (known, logs) = values.split_first()?;
        Some(Level { known: *known, logs: logs.try_into().ok()? })
    };
    values.chunks(Level::WIDTH).map(level).collect::<Option<_>>().ok_or_else(|| misfit("levels"))
}

fn restore_ensemble(eyas: &Eyas, shares: &[f32], tensors: &[Tensor]) -> Result<Ensemble> {
    let n_outputs = eyas.table.scores.ncols();
    let width = n_outputs * trees::MEMBERS;
    if shares.len() != 2 * width {
        return Err(misfit("shares"));
    }
    let pair = |at: usize| -> Result<Pair> {
        let with_process = take_trees(tensors, &format!("trees/{at}"), n_outputs)?;
        let alone = take_trees(tensors, &format!("alone/{at}"), n_outputs)?;
        let n_numbers = eyas.encoder.numbers.len();
        let expected = [n_numbers + 2 * n_outputs + 3, n_numbers];
        if [with_process.n_numbers, alone.n_numbers] != expected {
            return Err(misfit("trees"));
        }
        Ok(Pair { with_process, alone })
    };
    let (now, later) = shares.split_at(width);
    let stacks = [now, later].map(|shares| stack(shares, trees::MEMBERS));
    Ok(Ensemble { marks: Marks::new(&eyas.prior), trees: Trees { halves: [pair(0)?, pair(1)?] }, stacks })
}

/// shares: (n_outputs, n_members), row-major
fn stack(shares: &[f32], members: usize) -> Stack {
    Stack { shares: shares.chunks_exact(members).map(<[f32]>::to_vec).collect() }
}

fn optional<'a>(tensors: &'a [Tensor], name: &str) -> Option<&'a [f32]> {
    tensors.iter().find(|tensor| tensor.name == name).map(|tensor| &tensor.values[..])
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

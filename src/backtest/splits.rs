//! The splits of a backtest.

use super::folds::{self, FoldsFile};
use super::held::{Held, count_known, for_known};
use super::held_file::{self, HeldFile};
use super::{Draw, Purpose, generator};
use crate::error::{Error, Result};
use crate::linalg::{BitMatrix, order, parse_number, print_number};
use crate::methods::{Target, family_of_target};
use crate::snapshot::{Date, Facts, ModelIndex, Snapshot, TaskIndex, by_benchmark};
use rand::seq::SliceRandom;
use rand_pcg::Pcg64Mcg;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

const FORMS: &str = "models:N, lineage:N, after:DATE, cells:SHARE, datasets:N, tasks:N or tasks:N,KEPT, \
    task:NAME or task:NAME,KEPT, family:NAME or family:NAME,NAME, largest:N, observed:N, folds:FILE and file:CSV";

/// The number of families that the message about an unknown one lists.
const FAMILIES_SHOWN: usize = 12;

/// The cells that a backtest holds out, written `kind:value`. Only known results count: a model without results is
/// neither held out nor part of training.
#[derive(Debug, Clone, PartialEq)]
pub enum Split {
    /// `models:200`: this number of random models, whole.
    Models(usize),
    /// `lineage:120`: this number of random models with an evaluated parent, whole. All their evaluated parents stay in
    /// training.
    Lineage(usize),
    /// `after:2025-01-01`: models of this date or later, whole. Models without a date stay in training.
    After(Date),
    /// `cells:0.05`: this share of all known results, at random.
    Cells(f64),
    /// `tasks:3`: this number of random tasks (items if the snapshot holds outcomes), whole; `tasks:3,2`: except two
    /// random results of each. CPP-T0 and CPP-T2.
    Tasks {
        /// Number of tasks.
        count: usize,
        /// Number of results of each task that stay in training.
        keep: usize,
    },
    /// `datasets:3`: this number of random datasets, whole, with all their metrics, subsets and splits.
    Datasets(usize),
    /// `task:bbh`: this task, whole; `task:bbh,2`: except two random results.
    Task {
        /// Its id, or another spelling of it.
        name: String,
        /// Number of its results that stay in training.
        keep: usize,
    },
    /// `family:llama` or `family:llama,qwen`: all models of these families, whole. The family of a model is the value
    /// of its factor `family`, else that of the root of its lineage, else what its name starts with.
    Family(String),
    /// `largest:2`: the largest model of each family by parameter count, except this number of its results, at random.
    /// CPP-0 and CPP-2. If several share the largest size, all of them; a family with one size stays in training.
    Largest(usize),
    /// `observed:50`: each model keeps this number of results, at random; the others are held out.
    Observed(usize),
    /// `folds:PATH`: the published folds of a file; each seed is one of them.
    Folds(FoldsFile),
    /// `file:PATH`: the models and cells listed in a file.
    File(HeldFile),
}

impl Split {
    /// The file whose contents [`Split::read`] needs before the split can be used.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::File(file) if file.rows.is_empty() => Some(&file.name),
            Self::Folds(file) if file.folds.is_empty() => Some(&file.name),
            _ => None,
        }
    }

    /// The number of different seeds, if the split limits it: the number of published folds.
    #[must_use]
    pub fn seeds(&self) -> Option<u64> {
        match self {
            Self::Folds(file) => Some(file.folds.len() as u64),
            _ => None,
        }
    }

    /// Reads the contents of the file at [`Split::path`].
    ///
    /// # Errors
    /// If they can't be read, at their line.
    pub fn read(&mut self, bytes: &[u8]) -> Result<()> {
        match self {
            Self::File(file) => *file = held_file::parse_file(&file.name, bytes)?,
            Self::Folds(file) => *file = folds::parse(&file.name, bytes)?,
            _ => {}
        }
        Ok(())
    }

    /// Chooses the cells to hold out. The same snapshot and seed give the same choice.
    ///
    /// # Errors
    /// If the data don't allow the split, or no cell would be held out or left in training.
    pub fn hold_out(&self, snapshot: &Snapshot, seed: u64) -> Result<Held> {
        let refuse = |why: String| Error::input(format!("{self}: {why}"));
        let mut rng = generator(seed, Purpose::Split);
        let cells = match self {
            Self::Models(count) => random_models(snapshot, *count, &mut rng).map_err(refuse)?,
            Self::Lineage(count) => children(snapshot, *count, &mut rng).map_err(refuse)?,
            Self::After(date) => later_models(snapshot, *date).map_err(refuse)?,
            Self::Cells(share) => random_cells(snapshot, *share, &mut rng).map_err(refuse)?,
            Self::Tasks { count, keep } => random_tasks(snapshot, *count, *keep, &mut rng).map_err(refuse)?,
            Self::Datasets(count) => random_datasets(snapshot, *count, &mut rng).map_err(refuse)?,
            Self::Task { name, keep } => one_task(snapshot, name, *keep, &mut rng).map_err(refuse)?,
            Self::Family(names) => families(snapshot, names).map_err(refuse)?,
            Self::Largest(keep) => largest_of_families(snapshot, *keep, &mut rng).map_err(refuse)?,
            Self::Observed(keep) => all_but(snapshot, &evaluated_models(snapshot), *keep, &mut rng),
            Self::File(_) | Self::Folds(_) if self.path().is_some() => {
                return Err(refuse("the file was not read".to_owned()));
            }
            Self::Folds(file) => folds::cells(snapshot, file, seed)?,
            Self::File(file) => held_file::cells(snapshot, file)?,
        };
        Held::new(snapshot, cells).map_err(|error| refuse(error.to_string()))
    }
}

impl FromStr for Split {
    type Err = Error;

    fn from_str(spec: &str) -> Result<Self> {
        let Some((kind, value)) = spec.split_once(':').map(|(kind, value)| (kind.trim(), value.trim())) else {
            return Err(Error::input(format!("the split \"{spec}\" is not of the form kind:value; there are {FORMS}")));
        };
        if value.is_empty() {
            return Err(Error::input(format!("the split \"{spec}\" has nothing after its colon; there are {FORMS}")));
        }
        let expected = |what: &str| Error::input(format!("the split \"{kind}\" takes {what}, not \"{value}\""));
        let any = || value.parse::<usize>().map_err(|_| expected("a whole number"));
        let some = || any().ok().filter(|&n| n > 0).ok_or_else(|| expected("a whole number from 1"));
        Ok(match kind {
            "models" => Self::Models(some()?),
            "lineage" => Self::Lineage(some()?),
            "after" => Self::After(value.parse().map_err(|_| expected("a date such as 2025-01-01"))?),
            "cells" => {
                let share = parse_number(value).filter(|&share| share > 0.0 && share < 1.0);
                Self::Cells(share.ok_or_else(|| expected("a share between 0 and 1"))?)
            }
            "tasks" => {
                let (count, keep) = value.split_once(',').unwrap_or((value, "0"));
                let number = |text: &str| text.trim().parse::<usize>().ok();
                let numbers = number(count).filter(|&count| count > 0).zip(number(keep));
                let (count, keep) = numbers
                    .ok_or_else(|| expected("a whole number from 1, and after a comma how many results stay"))?;
                Self::Tasks { count, keep }
            }
            "datasets" => Self::Datasets(some()?),
            "task" => match value.rsplit_once(',').map(|(name, keep)| (name.trim(), keep.trim().parse())) {
                Some((name, Ok(keep))) => Self::Task { name: name.to_owned(), keep },
                _ => Self::Task { name: value.to_owned(), keep: 0 },
            },
            "family" => Self::Family(value.to_owned()),
            "largest" => Self::Largest(any()?),
            "observed" => Self::Observed(some()?),
            "folds" => Self::Folds(FoldsFile { name: value.to_owned(), ..FoldsFile::default() }),
            "file" => Self::File(HeldFile { name: value.to_owned(), rows: Vec::new() }),
            _ => return Err(Error::input(format!("no split \"{kind}\"; there are {FORMS}"))),
        })
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Models(count) => write!(f, "models:{count}"),
            Self::Lineage(count) => write!(f, "lineage:{count}"),
            Self::After(date) => write!(f, "after:{date}"),
            Self::Cells(share) => write!(f, "cells:{}", print_number(*share)),
            Self::Tasks { count, keep: 0 } => write!(f, "tasks:{count}"),
            Self::Tasks { count, keep } => write!(f, "tasks:{count},{keep}"),
            Self::Datasets(count) => write!(f, "datasets:{count}"),
            Self::Task { name, keep: 0 } => write!(f, "task:{name}"),
            Self::Task { name, keep } => write!(f, "task:{name},{keep}"),
            Self::Family(name) => write!(f, "family:{name}"),
            Self::Largest(keep) => write!(f, "largest:{keep}"),
            Self::Observed(keep) => write!(f, "observed:{keep}"),
            Self::Folds(file) => write!(f, "folds:{}", file.name),
            Self::File(file) => write!(f, "file:{}", file.name),
        }
    }
}

/// Cells to hold out, or why the data don't allow it.
type Chosen = Result<BitMatrix, String>;

fn random_models(snapshot: &Snapshot, count: usize, rng: &mut Pcg64Mcg) -> Chosen {
    let mut models = evaluated_models(snapshot);
    if count >= models.len() {
        let there = models.len();
        return Err(format!("only {there} models have results, and at least one has to stay in training"));
    }
    models.shuffle(rng);
    Ok(whole(snapshot, &models[..count]))
}

/// Accepts models in random order if all their evaluated parents stay in training and they are no parent of an accepted
/// model. A configuration is no child in this sense: it is the model that it was made of, stored or run otherwise.
fn children(snapshot: &Snapshot, count: usize, rng: &mut Pcg64Mcg) -> Chosen {
    let evaluated = |node: u32| (node as usize) < snapshot.models.len() && count_known(snapshot, ModelIndex(node)) > 0;
    let parents = |model: ModelIndex| {
        snapshot.lineage.parents(model.0).map(|edge| edge.parent).filter(|&parent| evaluated(parent))
    };
    let mut candidates = evaluated_models(snapshot);
    let base = |model: ModelIndex| snapshot.models[model.0 as usize].configuration_of.as_deref();
    let is_base = |model: ModelIndex, parent: u32| base(model).is_some_and(|base| base == snapshot.lineage.id(parent));
    candidates.retain(|&model| parents(model).any(|parent| !is_base(model, parent)));
    candidates.shuffle(rng);
    let mut taken = vec![false; snapshot.models.len()];
    let mut needed = vec![false; snapshot.models.len()];
    let mut accepted = Vec::new();
    for &model in &candidates {
        if accepted.len() < count && !needed[model.0 as usize] && !parents(model).any(|parent| taken[parent as usize]) {
            taken[model.0 as usize] = true;
            parents(model).for_each(|parent| needed[parent as usize] = true);
            accepted.push(model);
        }
    }
    if accepted.len() < count {
        return Err(format!(
            "{} models have a parent in the table, and {} of them can be held out with their parents in training",
            candidates.len(),
            accepted.len()
        ));
    }
    Ok(whole(snapshot, &accepted))
}

fn later_models(snapshot: &Snapshot, date: Date) -> Chosen {
    let mut models = evaluated_models(snapshot);
    let dated = |model: &ModelIndex| snapshot.models[model.0 as usize].date;
    let Some(latest) = models.iter().filter_map(dated).max() else {
        return Err("no model of this snapshot has a date".to_owned());
    };
    models.retain(|model| dated(model).is_some_and(|own| own >= date));
    if models.is_empty() {
        return Err(format!("the latest model is of {latest}"));
    }
    Ok(whole(snapshot, &models))
}

fn random_cells(snapshot: &Snapshot, share: f64, rng: &mut Pcg64Mcg) -> Chosen {
    let known = snapshot.cells();
    let wanted = (known as f64 * share).round() as usize;
    if wanted == 0 || wanted >= known {
        return Err(format!("of {known} known results this is {wanted}"));
    }
    let mut draw = Draw { wanted, left: known };
    Ok(chosen(snapshot, &evaluated_models(snapshot), |_, _| draw.take(rng)))
}

fn random_tasks(snapshot: &Snapshot, count: usize, keep: usize, rng: &mut Pcg64Mcg) -> Chosen {
    let measured = results_of_tasks(snapshot);
    let mut tasks: Vec<usize> = (0..measured.len()).filter(|&task| measured[task] > 0).collect();
    if count >= tasks.len() {
        let there = tasks.len();
        return Err(format!("only {there} tasks have results, and at least one has to stay in training"));
    }
    tasks.shuffle(rng);
    Ok(but_for(snapshot, &tasks[..count], keep, rng))
}

fn random_datasets(snapshot: &Snapshot, count: usize, rng: &mut Pcg64Mcg) -> Chosen {
    let measured = results_of_tasks(snapshot);
    let mut datasets: Vec<Vec<usize>> = by_benchmark(&snapshot.tasks).into_iter().map(|(_, tasks)| tasks).collect();
    datasets.retain(|tasks| tasks.iter().any(|&task| measured[task] > 0));
    if count >= datasets.len() {
        let there = datasets.len();
        return Err(format!("only {there} datasets have results, and at least one has to stay in training"));
    }
    datasets.shuffle(rng);
    Ok(but_for(snapshot, &datasets[..count].concat(), 0, rng))
}

fn one_task(snapshot: &Snapshot, name: &str, keep: usize, rng: &mut Pcg64Mcg) -> Chosen {
    let TaskIndex(task) = snapshot.task(name).map_err(|error| error.to_string())?;
    Ok(but_for(snapshot, &[task as usize], keep, rng))
}

/// The number of results of each task. (tasks)
fn results_of_tasks(snapshot: &Snapshot) -> Vec<usize> {
    let mut measured = vec![0; snapshot.tasks.len()];
    for model in evaluated_models(snapshot) {
        for_known(snapshot, model, |task| measured[task] += 1);
    }
    measured
}

/// All results of these tasks except `keep` random ones of each. (models, tasks)
fn but_for(snapshot: &Snapshot, tasks: &[usize], keep: usize, rng: &mut Pcg64Mcg) -> BitMatrix {
    let measured = results_of_tasks(snapshot);
    let mut held = vec![None; measured.len()];
    tasks.iter().for_each(|&task| held[task] = Some(Draw { wanted: keep, left: measured[task] }));
    chosen(snapshot, &evaluated_models(snapshot), |_, task| held[task].as_mut().is_some_and(|kept| !kept.take(rng)))
}

/// A name with a comma may be that of one family, else it is a list.
fn families(snapshot: &Snapshot, names: &str) -> Chosen {
    let mut members: BTreeMap<String, Vec<ModelIndex>> = BTreeMap::new();
    for model in evaluated_models(snapshot) {
        if let Some(family) = family_of_target(&snapshot.models, &snapshot.lineage, Target::Known(model)) {
            members.entry(family).or_default().push(model);
        }
    }
    let of = |name: &str| members.get(&name.trim().to_ascii_lowercase());
    if let Some(models) = of(names) {
        return Ok(whole(snapshot, models));
    }
    let mut models = Vec::new();
    for name in names.split(',') {
        models.extend(of(name).ok_or_else(|| no_family(name.trim(), &members))?);
    }
    Ok(whole(snapshot, &models))
}

/// The message about an unknown family, with the largest ones of the snapshot.
fn no_family(name: &str, members: &BTreeMap<String, Vec<ModelIndex>>) -> String {
    let known: Vec<_> = members.iter().collect();
    let largest_first = order(known.len(), &mut |a, b| known[b].1.len().cmp(&known[a].1.len()));
    let named = |at: usize| format!("{} ({})", known[at].0, known[at].1.len());
    let list: Vec<String> = largest_first.into_iter().take(FAMILIES_SHOWN).map(named).collect();
    let more = known.len().saturating_sub(FAMILIES_SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("no such family \"{name}\"; there are, with their numbers of models, {}{more}", list.join(", "))
}

fn largest_of_families(snapshot: &Snapshot, keep: usize, rng: &mut Pcg64Mcg) -> Chosen {
    let mut families: BTreeMap<String, Vec<(f64, ModelIndex)>> = BTreeMap::new();
    let mut any_family = false;
    for model in evaluated_models(snapshot) {
        let facts = facts(snapshot, model);
        let Some(family) = facts.family_key() else { continue };
        any_family = true;
        if let Some(size) = facts.params {
            families.entry(family).or_default().push((size, model));
        }
    }
    if !any_family {
        return Err("no model of this snapshot has the factor \"family\"".to_owned());
    }
    let mut largest = Vec::new();
    for members in families.values() {
        let top = members.iter().map(|member| member.0).fold(f64::NEG_INFINITY, f64::max);
        if members.iter().any(|member| member.0 < top) {
            largest.extend(members.iter().filter(|member| member.0 == top).map(|member| member.1));
        }
    }
    if largest.is_empty() {
        return Err(
            "no family has models of two sizes (factors \"family\" and \"params\" or \"parameter size\")".to_owned()
        );
    }
    let mut models = evaluated_models(snapshot);
    models.retain(|model| largest.contains(model));
    Ok(all_but(snapshot, &models, keep, rng))
}

/// All results of these models except `keep` random ones of each. (models, tasks)
fn all_but(snapshot: &Snapshot, models: &[ModelIndex], keep: usize, rng: &mut Pcg64Mcg) -> BitMatrix {
    let mut draw = Draw { wanted: 0, left: 0 };
    let mut current = None;
    chosen(snapshot, models, |model, _| {
        if current != Some(model) {
            current = Some(model);
            draw = Draw { wanted: keep, left: count_known(snapshot, model) };
        }
        !draw.take(rng)
    })
}

fn whole(snapshot: &Snapshot, models: &[ModelIndex]) -> BitMatrix {
    chosen(snapshot, models, |_, _| true)
}

/// The known results of these models for which `take` returns true, model by model. (models, tasks)
fn chosen(snapshot: &Snapshot, models: &[ModelIndex], mut take: impl FnMut(ModelIndex, usize) -> bool) -> BitMatrix {
    let mut cells = BitMatrix::zeros(snapshot.models.len(), snapshot.tasks.len());
    for &model in models {
        for_known(snapshot, model, |task| {
            if take(model, task) {
                cells.set(model.0 as usize, task, true);
            }
        });
    }
    cells
}

fn evaluated_models(snapshot: &Snapshot) -> Vec<ModelIndex> {
    let all = (0..snapshot.models.len() as u32).map(ModelIndex);
    all.filter(|&model| count_known(snapshot, model) > 0).collect()
}

fn facts(snapshot: &Snapshot, model: ModelIndex) -> Facts<'_> {
    snapshot.models[model.0 as usize].facts()
}

#[cfg(test)]
#[path = "splits_tests.rs"]
mod tests;

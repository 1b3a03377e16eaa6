//! Flattening of the stages of a merge to its leaves, the models of the hub.

use super::super::ids::last_part;
use super::super::{MAX_PARENTS, ParsedLineage, Stage, folder_warning, is_folder, model_id, shorten};
use super::{Merge, Recipe, Share, drops_at_random, line_with};
use crate::error::{Error, Result, Warning};
use crate::lineage::{Parent, Relation};
use crate::snapshot::{Factor, Factors};

/// The lineage of the last stage, which is the last document without a name, else the last document.
pub(super) fn flatten(recipes: &[Recipe], text: &str) -> Result<Merge> {
    let mut parsed = ParsedLineage { kind: "mergekit configuration", ..ParsedLineage::default() };
    for (at, recipe) in recipes.iter().enumerate() {
        let Some(name) = &recipe.name else { continue };
        if stage_named(&recipes[..at], name).is_some() {
            return Err(
                Error::input(format!("two documents have the name \"{}\"", shorten(name))).at(line_with(text, name))
            );
        }
    }
    let unnamed: Vec<usize> = (0..recipes.len()).filter(|&at| recipes[at].name.is_none()).collect();
    let root = unnamed.last().copied().or(recipes.len().checked_sub(1));
    let Some(root) = root else { return Err(Error::input("the configuration is empty")) };
    let mut walk = Walk { recipes, text, done: vec![None; recipes.len()], open: Vec::new(), warnings: Vec::new() };
    let leaves = walk.leaves(root)?;
    if leaves.is_empty() {
        walk.warnings.push(Warning::new("no model of the hub has a share in the merge, so no parent is known"));
    }
    let mut used: Vec<usize> = (0..recipes.len()).filter(|&at| at != root && walk.done[at].is_some()).collect();
    parsed.factors = factors(recipes, &used, root);
    used.push(root);
    if used.len() > 1 {
        parsed.stages = used.iter().map(|&at| walk.stage(&recipes[at])).collect();
    }
    parsed.name.clone_from(&recipes[root].name);
    parsed.parents = leaves.into_iter().map(Leaf::parent).collect();
    parsed.warnings = walk.warnings;
    let (mut models, mut unused) = (Vec::new(), Vec::new());
    for (at, recipe) in recipes.iter().enumerate() {
        let ids = if used.contains(&at) { &mut models } else { &mut unused };
        let named = recipe.shares.iter().flat_map(|share| share.reference.paths());
        ids.extend(named.filter_map(|path| model_id(path).map(std::borrow::Cow::into_owned)));
    }
    Ok(Merge { parsed, models, unused })
}

/// The warning about a model without a share in the merge.
pub(in super::super) fn no_share(id: &str) -> Warning {
    Warning::new(format!("\"{id}\" has no share in the merge and was left out"))
}

/// A model of the hub and its part of the merge, 0..1.
#[derive(Clone)]
struct Leaf {
    id: String,
    relation: Relation,
    part: f64,
}

impl Leaf {
    fn parent(self) -> Parent {
        Parent { id: self.id, relation: self.relation, weight: self.part as f32 }
    }
}

/// The position of the stage with this name. There are few stages.
fn stage_named(recipes: &[Recipe], name: &str) -> Option<usize> {
    recipes.iter().position(|recipe| recipe.name.as_deref() == Some(name))
}

/// Distinct leaves, at most [`MAX_PARENTS`].
#[derive(Default)]
struct Leaves {
    list: Vec<Leaf>,
}

impl Leaves {
    fn add(&mut self, id: &str, relation: Relation, part: f64) -> Result<()> {
        match self.list.iter().position(|leaf| leaf.id.eq_ignore_ascii_case(id)) {
            Some(at) => self.list[at].part += part,
            None if self.list.len() == MAX_PARENTS => {
                return Err(Error::input(format!("the merge is made of more than {MAX_PARENTS} models")));
            }
            None => self.list.push(Leaf { id: id.to_owned(), relation, part }),
        }
        Ok(())
    }
}

struct Walk<'r> {
    recipes: &'r [Recipe],
    text: &'r str,
    done: Vec<Option<Vec<Leaf>>>,
    open: Vec<usize>,
    warnings: Vec<Warning>,
}

impl Walk<'_> {
    /// The leaves of a stage. Their parts sum to 1, unless the stage has no leaves.
    fn leaves(&mut self, at: usize) -> Result<Vec<Leaf>> {
        if let Some(done) = &self.done[at] {
            return Ok(done.clone());
        }
        self.open.push(at);
        let mut leaves = Leaves::default();
        let recipes = self.recipes;
        for Share { reference, part, listed } in &recipes[at].shares {
            if *part < 0.0 {
                let message = format!("\"{}\" is subtracted and was left out", reference.model);
                self.warnings.push(Warning::new(message).at(line_with(self.text, &reference.model)));
                continue;
            }
            if *part == 0.0 {
                let warning = no_share(&reference.model).at(line_with(self.text, &reference.model));
                let shared = recipes[at].shares.iter().any(|other| other.part != 0.0 && other.reference == *reference);
                if *listed && !shared && !self.warnings.contains(&warning) {
                    self.warnings.push(warning);
                }
                continue;
            }
            let half = if reference.lora.is_some() { 0.5 } else { 1.0 };
            self.add(&mut leaves, &reference.model, Relation::Merge, part * half)?;
            if let Some(lora) = &reference.lora {
                self.add(&mut leaves, lora, Relation::Adapter, part * half)?;
            }
        }
        self.open.pop();
        let mut leaves = leaves.list;
        let sum: f64 = leaves.iter().map(|leaf| leaf.part).sum();
        leaves.iter_mut().for_each(|leaf| leaf.part /= sum);
        self.done[at] = Some(leaves.clone());
        Ok(leaves)
    }

    fn add(&mut self, leaves: &mut Leaves, path: &str, relation: Relation, part: f64) -> Result<()> {
        if let Some(stage) = self.stage_of(path) {
            if !self.open.contains(&stage) {
                for leaf in self.leaves(stage)? {
                    leaves.add(&leaf.id, leaf.relation, part * leaf.part)?;
                }
                return Ok(());
            }
            // A model of the hub may have the name of the stage that is made of it.
            if !path.contains('/') || is_folder(path) {
                let message = format!("the stage \"{}\" is made of itself; that part was cut", last_part(path));
                self.warnings.push(Warning::new(message));
                return Ok(());
            }
        }
        match model_id(path) {
            Some(id) => leaves.add(&id, relation, part),
            None if is_folder(path) => {
                self.warnings.push(folder_warning(path).at(line_with(self.text, path)));
                Ok(())
            }
            None => {
                let message = format!("expected a model as org/name, found {:?}", shorten(path));
                Err(Error::input(message).at(line_with(self.text, path)))
            }
        }
    }

    /// The stage that a path names: by its name, or as the folder `DIR/NAME`, to which mergekit-multi writes it.
    fn stage_of(&self, path: &str) -> Option<usize> {
        stage_named(self.recipes, path).or_else(|| stage_named(self.recipes, last_part(path)))
    }

    fn stage(&self, recipe: &Recipe) -> Stage {
        let mut parents: Vec<Parent> = Vec::new();
        for share in recipe.shares.iter().filter(|share| share.part > 0.0) {
            let path = &share.reference.model;
            let stage = self.stage_of(path).and_then(|stage| self.recipes[stage].name.as_deref());
            let id = stage.unwrap_or(path);
            match parents.iter_mut().find(|parent| parent.id == id) {
                Some(parent) => parent.weight += share.part as f32,
                None => parents.push(Parent { weight: share.part as f32, ..Parent::new(id, Relation::Merge) }),
            }
        }
        Stage { name: recipe.name.clone(), parents }
    }
}

fn factors(recipes: &[Recipe], used: &[usize], root: usize) -> Factors {
    let last = &recipes[root];
    let all = || used.iter().chain([&root]).map(|&at| &recipes[at]);
    let mut factors = Factors::new();
    let mut add = |name: &str, factor| factors.insert(name.to_owned(), factor);
    add("merge_method", Factor::Text(last.method.chars().take(60).collect()));
    add("merged", Factor::Flag(true));
    add("type", Factor::Text("merge".to_owned()));
    if let Some(density) = last.density.filter(|density| density.is_finite()) {
        add("merge_density", Factor::Number(density));
    }
    if all().any(|recipe| drops_at_random(&recipe.method)) {
        add("random_dropping", Factor::Flag(true));
    }
    if all().any(|recipe| recipe.experts) {
        add("moe", Factor::Flag(true));
    }
    factors
}

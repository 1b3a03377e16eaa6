//! Flattening of the stages of a merge to its leaves, the models of the hub.

use super::super::{MAX_PARENTS, ParsedLineage, Stage, folder_warning, shorten};
use super::reference::{Place, place};
use super::{Recipe, Share, drops_at_random, line_with};
use crate::error::{Error, Result, Warning};
use crate::lineage::{Parent, Relation};
use crate::snapshot::{Factor, Factors};
use std::collections::HashMap;

/// The lineage of the last stage, which is the last document without a name, else the last document.
pub(super) fn flatten(recipes: &[Recipe], text: &str) -> Result<ParsedLineage> {
    let mut parsed = ParsedLineage { kind: "mergekit configuration", ..ParsedLineage::default() };
    let mut names = HashMap::new();
    for (at, recipe) in recipes.iter().enumerate() {
        let Some(name) = &recipe.name else { continue };
        if names.insert(name.as_str(), at).is_some() {
            return Err(
                Error::input(format!("two documents have the name \"{}\"", shorten(name))).at(line_with(text, name))
            );
        }
    }
    let unnamed: Vec<usize> = (0..recipes.len()).filter(|&at| recipes[at].name.is_none()).collect();
    let root = unnamed.last().copied().or(recipes.len().checked_sub(1));
    let Some(root) = root else { return Err(Error::input("the configuration is empty")) };
    let mut walk =
        Walk { recipes, names, text, done: vec![None; recipes.len()], open: Vec::new(), warnings: Vec::new() };
    let leaves = walk.leaves(root)?;
    if leaves.is_empty() {
        walk.warnings.push(Warning::new("no model of the hub has a share in the merge, so no parent is known"));
    }
    let mut used: Vec<usize> = (0..recipes.len()).filter(|&at| at != root && walk.done[at].is_some()).collect();
    parsed.factors = factors(recipes, &used, root);
    if !used.is_empty() {
        used.push(root);
        parsed.stages = used.into_iter().map(|at| stage(&recipes[at])).collect();
    }
    parsed.name.clone_from(&recipes[root].name);
    parsed.parents = leaves.into_iter().map(Leaf::parent).collect();
    parsed.warnings = walk.warnings;
    Ok(parsed)
}

/// Adds shares, stages and facts from a card's configuration to its front matter. The card's own list of parents is
/// kept if the configuration names local folders, which do not identify models.
pub(in super::super) fn refine(card: &mut ParsedLineage, merge: ParsedLineage) {
    let local = merge.warnings.iter().any(|warning| warning.message.contains("is a folder"));
    card.kind = "model card with a mergekit configuration";
    card.name = card.name.take().or(merge.name);
    card.factors.extend(merge.factors);
    card.warnings.extend(merge.warnings);
    if merge.parents.is_empty() || (local && !card.parents.is_empty()) {
        return;
    }
    card.warnings.retain(|warning| !warning.message.contains("names no base_model"));
    for listed in &card.parents {
        if !merge.parents.iter().any(|parent| parent.id.eq_ignore_ascii_case(&listed.id)) {
            let message = format!("\"{}\" has no share in the merge and was left out", listed.id);
            card.warnings.push(Warning::new(message));
        }
    }
    card.parents = merge.parents;
    card.stages = merge.stages;
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

/// Distinct leaves.
#[derive(Default)]
struct Leaves {
    list: Vec<Leaf>,
    index: HashMap<String, usize>,
}

impl Leaves {
    fn add(&mut self, id: &str, relation: Relation, part: f64) -> Result<()> {
        let at = *self.index.entry(id.to_ascii_lowercase()).or_insert(self.list.len());
        match self.list.get_mut(at) {
            Some(leaf) => leaf.part += part,
            None if at == MAX_PARENTS => {
                return Err(Error::input(format!("the merge is made of more than {MAX_PARENTS} models")));
            }
            None => self.list.push(Leaf { id: id.to_owned(), relation, part }),
        }
        Ok(())
    }
}

struct Walk<'r> {
    recipes: &'r [Recipe],
    names: HashMap<&'r str, usize>,
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
        for Share { reference, part } in &recipes[at].shares {
            if *part < 0.0 {
                let message = format!("\"{}\" is subtracted and was left out", reference.model);
                self.warnings.push(Warning::new(message));
                continue;
            }
            if *part == 0.0 {
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
        let plain = path.strip_prefix("./").unwrap_or(path);
        if let Some(&stage) = self.names.get(plain) {
            if self.open.contains(&stage) {
                let message = format!("the stage \"{plain}\" is made of itself; that part was cut");
                self.warnings.push(Warning::new(message));
                return Ok(());
            }
            for leaf in self.leaves(stage)? {
                leaves.add(&leaf.id, leaf.relation, part * leaf.part)?;
            }
            return Ok(());
        }
        match place(path) {
            Place::Hub(id) => leaves.add(id, relation, part),
            Place::Folder => {
                self.warnings.push(folder_warning(path));
                Ok(())
            }
            Place::Unclear => {
                let message = format!("expected a model as org/name, found {:?}", shorten(path));
                Err(Error::input(message).at(line_with(self.text, path)))
            }
        }
    }
}

fn stage(recipe: &Recipe) -> Stage {
    let mut parents: Vec<Parent> = Vec::new();
    for share in recipe.shares.iter().filter(|share| share.part > 0.0) {
        let id = share.reference.model.strip_prefix("./").unwrap_or(&share.reference.model);
        match parents.iter_mut().find(|parent| parent.id == id) {
            Some(parent) => parent.weight += share.part as f32,
            None => parents.push(Parent { weight: share.part as f32, ..Parent::new(id, Relation::Merge) }),
        }
    }
    Stage { name: recipe.name.clone(), parents }
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

//! Resolving names to known models. Models are renamed, written without their organisation, quantised, and uploaded
//! again by other accounts. A false edge is worse than a missing one, so that a name is resolved only if it fits a
//! single known model.

mod index;
mod packing;
mod setting;
mod spelling;

pub use index::{Found, NameIndex, lookup_keys, name_key, spelled_alike};
pub use setting::{Setting, configuration_of};
pub(crate) use spelling::{split, without_revision};

use super::Lineage;
use crate::linalg::sort_by_value;
use packing::{Packing, unpacked};
use spelling::{account_of, key, parts};
use std::collections::HashSet;

/// The number of similar names that are suggested for an unknown one.
const SUGGESTED: usize = 3;
/// The least similarity (Dice coefficient of trigrams, 0..1) of a suggested name.
const SIMILAR: f32 = 0.45;

/// An index of the names of the models that have results.
#[derive(Debug, Clone, Default)]
pub struct Names {
    index: NameIndex,
    models: usize,
}

/// The result of resolving a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// The node with exactly this name.
    Same(u32),
    /// A model with results under another name.
    Alias(u32),
    /// No model. The nodes have similar names, the most similar first.
    Unknown(Vec<u32>),
}

impl Names {
    /// Indexes the first `models` nodes of a graph, the models with results.
    #[must_use]
    pub fn new(lineage: &Lineage, models: usize) -> Self {
        Self { index: NameIndex::new(lineage.ids().iter().take(models).map(String::as_str)), models }
    }

    /// Resolves a name. A model with results is preferred to a relative without them.
    #[must_use]
    pub fn resolve(&self, lineage: &Lineage, id: &str) -> Resolved {
        let exact = lineage.node(id);
        if let Some(node) = exact.filter(|&node| (node as usize) < self.models) {
            return Resolved::Same(node);
        }
        let relative = || lineage.node(without_revision(id)).map(Resolved::Alias);
        match (self.alias(id), exact) {
            (Some(node), _) => Resolved::Alias(node),
            (None, Some(node)) => Resolved::Same(node),
            (None, None) => relative().unwrap_or_else(|| Resolved::Unknown(self.nearest(lineage, id))),
        }
    }

    /// The model with results of which a name is another spelling, a quantisation or a re-upload; `None` if no model
    /// fits or several do.
    #[must_use]
    pub fn alias(&self, id: &str) -> Option<u32> {
        match self.index.find_packed(id) {
            Found::Same(node) | Found::Spelling(node) | Found::Configuration(node) => Some(node),
            Found::Ambiguous(_) | Found::None => None,
        }
    }

    /// The nodes with the most similar names, most similar first. The same account adds to the similarity.
    fn nearest(&self, lineage: &Lineage, id: &str) -> Vec<u32> {
        let (wanted, account) = (key(unpacked(parts(id).1).0), account_of(id));
        let grams = trigrams(&wanted);
        let mut found: Vec<(u32, f32)> = Vec::new();
        for (key, group) in self.index.groups() {
            let others = trigrams(key);
            let shared = grams.intersection(&others).count() as f32;
            let similarity = 2.0 * shared / (grams.len() + others.len()).max(1) as f32;
            if similarity >= SIMILAR {
                let bonus =
                    |node: u32| if account_of(lineage.id(node)).eq_ignore_ascii_case(account) { 0.1 } else { 0.0 };
                found.extend(group.nodes.iter().map(|&node| (node, similarity + bonus(node))));
            }
        }
        sort_by_value(&mut found);
        found.into_iter().take(SUGGESTED).map(|(node, _)| node).collect()
    }
}

/// Whether a name states a quantisation or its file format: `org/name-GGUF`, `name.Q4_K_M`.
#[must_use]
pub fn is_quantised(id: &str) -> bool {
    unpacked(parts(id).1).1 == Packing::Quantised
}

/// Whether an id ends in a colon and a tag that states how the weights are stored: `org/name-GGUF:Q4_K_M`.
pub(crate) fn has_packing_tag(id: &str) -> bool {
    let fits = |(head, tag): (&str, &str)| {
        let whole = !head.is_empty() && !head.contains(':') && !tag.contains('/');
        whole && unpacked(id).1 != Packing::Unstated
    };
    id.split_once(':').is_some_and(fits)
}

fn trigrams(text: &str) -> HashSet<[char; 3]> {
    let padded: Vec<char> = std::iter::once(' ').chain(text.chars()).chain([' ']).collect();
    padded.windows(3).map(|window| [window[0], window[1], window[2]]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lineage::{NamedEdge, Parent, Relation};

    fn resolve(models: &[&str], relatives: &[&str], id: &str) -> Result<String, Vec<String>> {
        let edges = relatives.iter().map(|&relative| NamedEdge {
            child: models[0].to_owned(),
            parent: Parent::new(relative, Relation::Finetune),
        });
        let (lineage, _) = Lineage::new(models.iter().map(|&id| id.to_owned()), edges.collect());
        match Names::new(&lineage, models.len()).resolve(&lineage, id) {
            Resolved::Same(node) | Resolved::Alias(node) => Ok(lineage.id(node).to_owned()),
            Resolved::Unknown(nodes) => Err(nodes.into_iter().map(|node| lineage.id(node).to_owned()).collect()),
        }
    }

    const KNOWN: [&str; 8] = [
        "meta-llama/Llama-3.1-8B",
        "meta-llama/Meta-Llama-3-8B-Instruct",
        "NousResearch/Meta-Llama-3-8B-Instruct",
        "meta-llama/Llama-2-7b-hf",
        "Qwen/Qwen2.5-7B-Instruct",
        "alice/Twin-7B",
        "bob/Twin-7B",
        "CohereForAI/aya-expanse-8b",
    ];

    #[test]
    fn renamed_quantised_and_reuploaded_models_are_known() {
        let table = [
            ("meta-llama/llama-3.1-8b", 0),
            ("meta-llama/Meta-Llama-3.1-8B", 0),
            ("Llama-3.1-8B", 0),
            ("llama 3.1 8B", 0),
            ("unsloth/Meta-Llama-3.1-8B-bnb-4bit", 0),
            ("unsloth/Llama-3.1-8B-unsloth-bnb-4bit", 0),
            ("unsloth/llama-3-8b-Instruct", 1),
            ("unsloth/llama-2-7b", 3),
            ("TheBloke/Llama-2-7B-GPTQ", 3),
            ("Qwen/Qwen2.5-7B-Instruct-AWQ", 4),
            ("Qwen/Qwen2.5-7B-Instruct-GPTQ-Int4", 4),
            ("bartowski/Qwen2.5-7B-Instruct-GGUF", 4),
            ("bartowski/Qwen_Qwen2.5-7B-Instruct-GGUF", 4),
            ("mradermacher/Qwen2.5-7B-Instruct-i1-GGUF", 4),
            ("x/Qwen2.5-7B-Instruct-Q4_K_M-GGUF", 4),
            ("x/Qwen2.5-7B-Instruct.q8_0", 4),
            ("x/Qwen2.5-7B-Instruct-exl2-4.0bpw", 4),
            ("x/Qwen2.5-7B-Instruct-4.65bpw-exl2", 4),
            ("mlx-community/Qwen2.5-7B-Instruct-4bit", 4),
            ("neuralmagic/Qwen2.5-7B-Instruct-FP8-dynamic", 4),
            ("bartowski/alice_Twin-7B-GGUF", 5),
            ("CohereLabs/aya-expanse-8b", 7),
            ("NousResearch/Meta-Llama-3-8B-Instruct", 2),
        ];
        for (id, expected) in table {
            assert_eq!(resolve(&KNOWN, &[], id), Ok(KNOWN[expected].to_owned()), "{id}");
        }
    }

    #[test]
    fn quantisations_differ_from_other_spellings_and_reuploads() {
        for id in
            ["x/Qwen2.5-7B-Instruct-Q4_K_M-GGUF", "TheBloke/Llama-2-7B-GPTQ", "Llama-2-7B-4bit", "x/y-FP8-dynamic"]
        {
            assert!(is_quantised(id), "{id}");
        }
        for id in ["unsloth/llama-2-7b", "meta-llama/Meta-Llama-3.1-8B", "gguf/Llama-2-7b-hf", "llama 3.1 8B"] {
            assert!(!is_quantised(id), "{id}");
        }
    }

    #[test]
    fn ambiguous_and_doubtful_names_stay_unknown() {
        for id in [
            "Twin-7B",
            "TheBloke/Twin-7B-GGUF",
            "carol/Qwen2.5-7B-Instruct",
            "carol/Llama-3.1-8B",
            "unsloth/Llama-3.1-8B-Instruct",
            "meta-llama/Llama-3.1-80B",
            "Qwen/Qwen2.5-7B",
            "x/-GGUF",
            "",
            "ä/öü-ß",
        ] {
            assert!(resolve(&KNOWN, &[], id).is_err(), "{id}");
        }
        let near = resolve(&KNOWN, &[], "Qwen/Qwen2.5-7B-Instrct").unwrap_err();
        assert_eq!(near.first().map(String::as_str), Some("Qwen/Qwen2.5-7B-Instruct"));
        assert_eq!(resolve(&KNOWN, &[], "something/else-entirely"), Err(Vec::new()));
    }

    #[test]
    fn the_ids_with_a_looked_up_key_find_what_all_ids_find() {
        let all = NameIndex::new(KNOWN.into_iter());
        let resolved = |index: &NameIndex, ids: &[&str], id: &str| match index.find(id) {
            Found::Same(node) | Found::Spelling(node) | Found::Configuration(node) => {
                Some(ids[node as usize].to_owned())
            }
            Found::Ambiguous(_) | Found::None => None,
        };
        let ids = ["bartowski/Qwen_Qwen2.5-7B-Instruct-GGUF", "unsloth/Llama-3.1-8B-bnb-4bit", "Twin-7B", "x/y"];
        for id in ids.into_iter().chain(["Qwen2.5-7B-Instruct (high)", "meta-llama/Llama-2-7b@main", "a_b_Twin-7B"]) {
            let keys = lookup_keys(id);
            let few: Vec<&str> = KNOWN.into_iter().filter(|known| keys.contains(&name_key(known))).collect();
            assert!(few.len() < KNOWN.len());
            let found = resolved(&NameIndex::new(few.iter().copied()), &few, id);
            assert_eq!(found, resolved(&all, &KNOWN, id), "{id}");
        }
    }

    #[test]
    fn a_relative_without_results_is_itself_unless_it_is_a_reupload() {
        assert_eq!(resolve(&KNOWN, &["carol/base"], "Carol/Base"), Ok("carol/base".to_owned()));
        assert_eq!(resolve(&KNOWN, &["unsloth/Llama-3.1-8B"], "unsloth/Llama-3.1-8B"), Ok(KNOWN[0].to_owned()));
    }
}

//! Resolving names to known models. Models are renamed, written without their organisation, quantised, and uploaded
//! again by other accounts. A false edge is worse than a missing one, so that a name is resolved only if it fits a
//! single known model.

use super::Lineage;
use crate::linalg::sort_by_value;
use std::collections::{HashMap, HashSet};

/// Accounts that upload models of other accounts again under the same names.
const REUPLOADERS: [&str; 21] = [
    "unsloth",
    "thebloke",
    "bartowski",
    "mradermacher",
    "lmstudio-community",
    "mlx-community",
    "maziyarpanahi",
    "quantfactory",
    "nousresearch",
    "neuralmagic",
    "redhatai",
    "hugging-quants",
    "casperhansen",
    "turboderp",
    "lonestriker",
    "ggml-org",
    "second-state",
    "devquasar",
    "tensorblock",
    "solidrust",
    "alpindale",
];

/// Accounts that were renamed: their former and present names.
const RENAMED: [(&str, &str); 1] = [("cohereforai", "coherelabs")];

/// Suffixes of a name that state a quantisation or its file format.
const QUANTISED: [&str; 25] = [
    "gguf",
    "ggml",
    "gptq",
    "awq",
    "exl2",
    "exl3",
    "bnb",
    "4bit",
    "8bit",
    "4-bit",
    "8-bit",
    "int4",
    "int8",
    "fp8",
    "nf4",
    "hqq",
    "mlx",
    "w4a16",
    "w8a8",
    "w8a16",
    "imatrix",
    "imat",
    "quantized",
    "quants",
    "aqlm",
];

/// Suffixes that appear beside those and mean nothing by themselves.
const NEUTRAL: [&str; 6] = ["i1", "unsloth", "dynamic", "128g", "hf", "smoothquant"];

/// The number of similar names that are suggested for an unknown one.
const SUGGESTED: usize = 3;
/// The least similarity (Dice coefficient of trigrams, 0..1) of a suggested name.
const SIMILAR: f32 = 0.45;

/// An index of the names of the models that have results.
#[derive(Debug, Clone, Default)]
pub struct Names {
    keys: HashMap<String, Vec<u32>>, // plain name without its account -> nodes
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
        let mut keys: HashMap<String, Vec<u32>> = HashMap::new();
        for (node, id) in (0u32..).zip(lineage.ids().iter().take(models)) {
            if !is_too_general(&plain(name_of(id))) {
                keys.entry(plain(name_of(id))).or_default().push(node);
            }
        }
        Self { keys, models }
    }

    /// Resolves a name. A model with results is preferred to a relative without them.
    #[must_use]
    pub fn resolve(&self, lineage: &Lineage, id: &str) -> Resolved {
        let exact = lineage.node(id);
        if let Some(node) = exact.filter(|&node| (node as usize) < self.models) {
            return Resolved::Same(node);
        }
        match (self.alias(lineage, id), exact) {
            (Some(node), _) => Resolved::Alias(node),
            (None, Some(node)) => Resolved::Same(node),
            (None, None) => Resolved::Unknown(self.nearest(lineage, id)),
        }
    }

    /// The model with results of which a name is another spelling, a quantisation or a re-upload; `None` if no model
    /// fits or several do.
    #[must_use]
    pub fn alias(&self, lineage: &Lineage, id: &str) -> Option<u32> {
        let (account, name) = match id.trim().split_once('/') {
            Some((account, name)) => (Some(account.to_ascii_lowercase()), name),
            None => (None, id.trim()),
        };
        let (name, quantised) = without_quantisation(name);
        let known = |key: &str| self.keys.get(key).map_or(&[][..], Vec::as_slice);
        let of = |node: u32| account_of(lineage.id(node));
        let candidates = known(&plain(&name));
        let Some(account) = account else { return original(candidates, of) };
        // The account's own model, under another spelling or without its quantisation.
        let own = |&node: &u32| of(node).is_some_and(|other| present(&other) == present(&account));
        if let Some(node) = only(candidates.iter().copied().filter(own)) {
            return Some(node);
        }
        let reuploads = REUPLOADERS.contains(&account.as_str());
        if !quantised && !reuploads {
            return None;
        }
        // Some accounts write the original account into the name: `org_name-GGUF`.
        if let Some((first, rest)) = name.split_once('_') {
            let first = first.to_ascii_lowercase();
            let theirs = |&node: &u32| of(node).is_some_and(|other| other == first);
            if let Some(node) = only(known(&plain(rest)).iter().copied().filter(theirs)) {
                return Some(node);
            }
        }
        original(candidates, of)
    }

    /// The nodes with the most similar names, most similar first. The same account adds to the similarity.
    fn nearest(&self, lineage: &Lineage, id: &str) -> Vec<u32> {
        let (wanted, account) = (plain(&without_quantisation(name_of(id)).0), account_of(id));
        let grams = trigrams(&wanted);
        let mut found: Vec<(u32, f32)> = Vec::new();
        for (key, nodes) in &self.keys {
            let others = trigrams(key);
            let shared = grams.intersection(&others).count() as f32;
            let similarity = 2.0 * shared / (grams.len() + others.len()).max(1) as f32;
            if similarity >= SIMILAR {
                let bonus = |node: u32| if account_of(lineage.id(node)) == account { 0.1 } else { 0.0 };
                found.extend(nodes.iter().map(|&node| (node, similarity + bonus(node))));
            }
        }
        sort_by_value(&mut found);
        found.into_iter().take(SUGGESTED).map(|(node, _)| node).collect()
    }
}

/// Whether a name states a quantisation or its file format: `org/name-GGUF`, `name.Q4_K_M`.
#[must_use]
pub fn is_quantised(id: &str) -> bool {
    without_quantisation(name_of(id.trim())).1
}

/// The only candidate that is not a re-upload; if all are re-uploads, the only candidate.
fn original(candidates: &[u32], account: impl Fn(u32) -> Option<String>) -> Option<u32> {
    let first = |&node: &u32| account(node).is_none_or(|name| !REUPLOADERS.contains(&name.as_str()));
    let originals = candidates.iter().copied().filter(first);
    if originals.clone().next().is_some() { only(originals) } else { only(candidates.iter().copied()) }
}

fn only(mut nodes: impl Iterator<Item = u32>) -> Option<u32> {
    nodes.next().filter(|_| nodes.next().is_none())
}

/// Splits `organisation/name`. The organisation of a name alone is empty.
pub(crate) fn split(id: &str) -> (&str, &str) {
    id.rsplit_once('/').unwrap_or(("", id))
}

fn name_of(id: &str) -> &str {
    split(id).1
}

fn account_of(id: &str) -> Option<String> {
    id.split_once('/').map(|(account, _)| account.trim().to_ascii_lowercase())
}

/// The present name of an account, in lower case as in [`RENAMED`].
fn present(account: &str) -> &str {
    RENAMED.iter().find(|(earlier, _)| *earlier == account).map_or(account, |(_, now)| now)
}

/// The form in which names are compared: `Meta-Llama-3.1-8B` and `llama 3.1 8b` have the same, and a final `-hf` is
/// dropped.
fn plain(name: &str) -> String {
    let folded = name.trim().to_ascii_lowercase().replace(['_', ' '], "-");
    let folded = folded.strip_prefix("meta-llama-").map_or(folded.clone(), |rest| format!("llama-{rest}"));
    folded.strip_suffix("-hf").map_or(folded.clone(), str::to_owned)
}

/// Whether a plain name is too short or too general to be resolved to a model.
fn is_too_general(key: &str) -> bool {
    key.len() < 3 || key == "model" || key == "merge" || key == "merged"
}

/// A name without the suffixes of a quantisation, and whether it had any.
fn without_quantisation(name: &str) -> (String, bool) {
    let mut rest = name.trim();
    let mut quantised = false;
    let mut kept = rest;
    loop {
        let lower = rest.to_ascii_lowercase();
        let ends = |part: &&&str| lower.strip_suffix(**part).is_some_and(|head| head.ends_with(['-', '_', '.']));
        let cut = if let Some(part) = QUANTISED.iter().find(ends) {
            quantised = true;
            rest.len() - part.len() - 1
        } else if let Some(length) = quantisation_type(&lower) {
            quantised = true;
            rest.len() - length - 1
        } else if let Some(part) = NEUTRAL.iter().find(ends) {
            rest.len() - part.len() - 1
        } else {
            break;
        };
        if cut == 0 {
            break;
        }
        rest = &rest[..cut];
        // A neutral suffix is cut only together with one that states a quantisation.
        if quantised {
            kept = rest;
        }
    }
    (if quantised { kept } else { name.trim() }.to_owned(), quantised)
}

/// The length of the name of a quantisation type at the end: `q4_k_m`, `iq3_xs`, `q8_0`, `4.0bpw`.
fn quantisation_type(lower: &str) -> Option<usize> {
    let starts = |marks: &[&str]| {
        let mut places = lower.match_indices(['-', '.', '_']).map(|(at, _)| at + 1);
        let fits = |&at: &usize| {
            marks.iter().any(|mark| {
                lower[at..].strip_prefix(mark).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            })
        };
        places.rfind(fits)
    };
    if let Some(at) = starts(&["q", "iq"]) {
        let parts = || lower[at..].split('_');
        let short = parts().skip(1).all(|part| matches!(part, "k" | "s" | "m" | "l" | "xs" | "xxs" | "nl" | "0" | "1"));
        let first = parts().next().unwrap_or_default().trim_start_matches(['i', 'q']);
        return (short && first.len() == 1 && first.is_ascii()).then(|| lower.len() - at);
    }
    let head = lower.strip_suffix("bpw")?;
    let digits = head.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let separated = digits.ends_with(['-', '_']) && digits.len() < head.len();
    separated.then(|| lower.len() - digits.len())
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
    fn a_relative_without_results_is_itself_unless_it_is_a_reupload() {
        assert_eq!(resolve(&KNOWN, &["carol/base"], "Carol/Base"), Ok("carol/base".to_owned()));
        assert_eq!(resolve(&KNOWN, &["unsloth/Llama-3.1-8B"], "unsloth/Llama-3.1-8B"), Ok(KNOWN[0].to_owned()));
    }

    #[test]
    fn suffixes_of_quantisation_are_cut_from_the_end_alone() {
        let table = [
            ("a-GGUF", ("a", true)),
            ("a-q4_k_m", ("a", true)),
            ("GGUF-tools", ("GGUF-tools", false)),
            ("a-unsloth", ("a-unsloth", false)),
            ("a-hf", ("a-hf", false)),
            ("Qwen-q2", ("Qwen", true)),
            ("a-q12", ("a-q12", false)),
            ("phi-2", ("phi-2", false)),
            ("gguf", ("gguf", false)),
        ];
        for (name, (rest, quantised)) in table {
            assert_eq!(without_quantisation(name), (rest.to_owned(), quantised), "{name}");
        }
    }
}

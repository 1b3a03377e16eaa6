//! An index of ids by which names are compared. Two names mean one model if they differ in case, separators or brackets
//! alone and their accounts agree: the accounts are the same, also under a former name; or one of the ids has no account;
//! or one account only uploads the models of others again. Where several models fit, none does.

use super::packing::{Packing, unpacked};
use super::setting::without_one;
use super::spelling::{account_of, is_too_general, key, only_reuploads, owned, parts, reuploads, without_revision};
use std::collections::HashMap;

/// The most nodes that are listed where several fit, and the most settings that are cut from one name.
const FEW: usize = 4;
/// The most pairs of [`spelled_alike`].
const PAIRS: usize = 50;

/// The ids of models, indexed by spelling. Nodes are numbered in the order of the ids.
#[derive(Debug, Clone, Default)]
pub struct NameIndex {
    ids: Vec<String>,
    groups: Vec<Group>,
    keys: HashMap<String, u32>,  // key -> position in `groups`
    own: HashMap<String, u32>,   // account and key -> the first node, with the mark `SEVERAL` if there are more
    twins: HashMap<String, u32>, // ids of which another id of the same account is a spelling -> node
}

/// The ids with the same key.
#[derive(Debug, Clone, Default)]
pub(super) struct Group {
    /// Those that no re-uploader has come first.
    pub(super) nodes: Vec<u32>,
    originals: usize,
    /// The first original with an account, and whether another account has one.
    owner: Option<u32>,
    several: bool,
}

/// The mark of a node whose account has further spellings of its id.
const SEVERAL: u32 = 1 << 31;

/// The model that a name means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The id itself.
    Same(u32),
    /// The model under another spelling, an earlier name of its account, without its account, or uploaded again.
    Spelling(u32),
    /// The name is a configuration of this model: a quantisation, other floats, a revision, or a setting such as `(high)`.
    Configuration(u32),
    /// Several models fit. At most four are listed.
    Ambiguous(Vec<u32>),
    /// No model fits.
    None,
}

impl NameIndex {
    /// An index of these ids. An id that is repeated keeps its first node.
    pub fn new<'a>(ids: impl Iterator<Item = &'a str>) -> Self {
        let mut index = Self::default();
        ids.for_each(|id| index.push(id));
        index
    }

    /// Adds an id as the next node.
    pub fn push(&mut self, id: &str) {
        let node = self.ids.len() as u32;
        let (account, name) = parts(id);
        let key = key(name);
        match self.own.get_mut(&owned(account, &key)) {
            Some(own) => {
                let first = *own & !SEVERAL;
                *own |= SEVERAL;
                self.twins.entry(self.ids[first as usize].clone()).or_insert(first);
                self.twins.entry(id.to_owned()).or_insert(node);
            }
            None => drop(self.own.insert(owned(account, &key), node)),
        }
        if !is_too_general(&key) {
            let at = *self.keys.entry(key).or_insert(self.groups.len() as u32) as usize;
            if at == self.groups.len() {
                self.groups.push(Group::default());
            }
            let group = &mut self.groups[at];
            group.nodes.push(node);
            if !reuploads(account) {
                let last = group.nodes.len() - 1;
                group.nodes[group.originals..=last].rotate_right(1);
                group.originals += 1;
                if !account.is_empty() {
                    let owner = *group.owner.get_or_insert(node);
                    group.several |=
                        self.ids.get(owner as usize).is_some_and(|id| owned(account_of(id), "") != owned(account, ""));
                }
            }
        }
        self.ids.push(id.to_owned());
    }

    /// Finds the model that a name means. The time is that of reading the name.
    #[must_use]
    pub fn find(&self, id: &str) -> Found {
        let found = self.find_packed(id);
        if found != Found::None {
            return found;
        }
        let mut rest = id;
        for _ in 0..FEW {
            let Some((shorter, _)) = without_one(rest) else { break };
            match self.find_packed(shorter) {
                Found::Same(node) | Found::Spelling(node) | Found::Configuration(node) => {
                    return Found::Configuration(node);
                }
                _ => rest = shorter,
            }
        }
        Found::None
    }

    /// As [`NameIndex::find`], but of the configurations only those that state how weights are stored.
    pub(super) fn find_packed(&self, id: &str) -> Found {
        let (account, name) = parts(id);
        let (base, packing) = unpacked(name);
        let own = self.find_own(id, account, &key(name));
        if own != Found::None {
            return own;
        }
        let plain = without_revision(id);
        if plain.len() < id.len() {
            return match self.find_packed(plain) {
                Found::Same(node) | Found::Spelling(node) if !id.ends_with("@main") => Found::Configuration(node),
                Found::Same(node) => Found::Spelling(node),
                found => found,
            };
        }
        match packing {
            Packing::Unstated => self.find_base(account, name, packing),
            _ => match self.find_base(account, base, packing) {
                Found::Same(node) | Found::Spelling(node) => Found::Configuration(node),
                found => found,
            },
        }
    }

    /// The account's own model.
    fn find_own(&self, id: &str, account: &str, key: &str) -> Found {
        let Some(&own) = self.own.get(&owned(account, key)) else { return Found::None };
        if own & SEVERAL == 0 {
            return if self.ids[own as usize] == id { Found::Same(own) } else { Found::Spelling(own) };
        }
        match (self.twins.get(id), self.group(key)) {
            (Some(&node), _) => Found::Same(node),
            (None, Some(group)) => group.ambiguous(),
            (None, None) => Found::Ambiguous(vec![own & !SEVERAL]),
        }
    }

    fn group(&self, key: &str) -> Option<&Group> {
        self.keys.get(key).map(|&at| &self.groups[at as usize])
    }

    /// The model of a name without its packing.
    fn find_base(&self, account: &str, name: &str, packing: Packing) -> Found {
        let key_of_name = key(name);
        let own = self.find_own("", account, &key_of_name);
        if own != Found::None {
            return own;
        }
        let copies = reuploads(account) || packing == Packing::Quantised;
        // Some accounts write the original account into the name: `org_name-GGUF`.
        if let Some((first, rest)) = name.split_once('_').filter(|_| copies && !account.is_empty()) {
            let theirs = self.find_own("", first, &key(rest));
            if theirs != Found::None {
                return theirs;
            }
        }
        let Some(group) = self.group(&key_of_name) else { return Found::None };
        if account.is_empty() || copies {
            return group.original();
        }
        // The account may have a model of its own under this name, but not where the known model is anybody's.
        let anybodys = |&node: &u32| {
            let owner = account_of(&self.ids[node as usize]);
            owner.is_empty() || only_reuploads(owner)
        };
        match group.original() {
            Found::Spelling(node) if anybodys(&node) => Found::Spelling(node),
            found @ Found::Ambiguous(_) if group.nodes.iter().take(FEW).all(anybodys) => found,
            _ => Found::None,
        }
    }

    /// The keys with their nodes.
    pub(super) fn groups(&self) -> impl Iterator<Item = (&String, &Group)> {
        self.keys.iter().map(|(key, &at)| (key, &self.groups[at as usize]))
    }

    /// The first id that means the same model as that of a node.
    fn twin(&self, node: u32) -> Option<u32> {
        let id = &self.ids[node as usize];
        let (account, name) = parts(id);
        let key = key(name);
        let one = |group: &&Group| !group.several && unpacked(name).1 == Packing::Unstated;
        let group = self.group(&key).filter(one).and_then(|group| group.nodes.first().copied());
        let first = group.or_else(|| self.own.get(&owned(account, &key)).map(|own| own & !SEVERAL))?;
        (self.ids[first as usize] != *id).then_some(first)
    }
}

impl Group {
    /// The only node that is not a re-upload; if all are re-uploads, the only node.
    fn original(&self) -> Found {
        match (self.originals, self.nodes.as_slice()) {
            (1, [node, ..]) | (0, [node]) => Found::Spelling(*node),
            _ => self.ambiguous(),
        }
    }

    fn ambiguous(&self) -> Found {
        Found::Ambiguous(self.nodes.iter().copied().take(FEW).collect())
    }
}

/// The key by which an id is found in a [`NameIndex`]: that of its name without the account.
#[must_use]
pub fn name_key(id: &str) -> String {
    key(parts(id).1)
}

/// The keys under which [`NameIndex::find`] looks an id up, in order. An index of the ids that have one of these as their
/// [`name_key`] finds what an index of all ids finds, so that millions of ids need not be in memory.
#[must_use]
pub fn lookup_keys(id: &str) -> Vec<String> {
    let (mut keys, mut rest) = (Vec::new(), id);
    for _ in 0..=FEW {
        for id in [rest, without_revision(rest)] {
            let name = parts(id).1;
            for name in [name, unpacked(name).0] {
                keys.push(key(name));
                keys.extend(name.split_once('_').map(|(_, own)| key(own)));
            }
        }
        let Some((shorter, _)) = without_one(rest) else { break };
        rest = shorter;
    }
    keys.retain(|key| !key.is_empty());
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Pairs of ids, by their positions, that mean the same model although they differ: `Qwen/Qwen2-7B` and `qwen/qwen2_7b`.
/// At most 50 pairs are listed.
#[must_use]
pub fn spelled_alike(ids: &[&str]) -> Vec<(usize, usize)> {
    let index = NameIndex::new(ids.iter().copied());
    let pairs = (0..ids.len() as u32).filter_map(|node| {
        let twin = index.twin(node)?;
        Some((twin.min(node) as usize, twin.max(node) as usize))
    });
    pairs.take(PAIRS).collect()
}

#[cfg(test)]
mod tests {
    use super::Found::{Ambiguous, Configuration, None, Same, Spelling};
    use super::*;

    const KNOWN: [&str; 15] = [
        "Qwen/Qwen2.5-7B",
        "meta-llama/Llama-3.1-8B-Instruct",
        "gemma-2-27b-it",
        "alice/Twin-7B",
        "bob/Twin-7B",
        "o/X1",
        "o/x1",
        "unsloth/Only-Copy-3B",
        "NousResearch/Hermes-9B",
        "CohereForAI/aya-8b",
        "gpt-5",
        "gpt-5_high",
        "o3",
        "claude-3-7-sonnet",
        "unsloth/phi-4-bnb-4bit",
    ];

    #[test]
    fn a_name_is_found_by_its_spelling_and_its_account() {
        let index = NameIndex::new(KNOWN.into_iter());
        for (id, found) in [
            ("Qwen/Qwen2.5-7B", Same(0)),
            ("qwen/qwen2.5_7b", Spelling(0)),
            (" Qwen2.5 7B ", Spelling(0)),
            ("unsloth/Qwen2.5-7B", Spelling(0)),
            ("Qwen/Qwen2.5-7B@main", Spelling(0)),
            ("Qwen/Qwen2.5-7B@step-1000", Configuration(0)),
            ("carol/Qwen2.5-7B", None),
            ("carol/Qwen2.5-7B-AWQ", Configuration(0)),
            ("bartowski/Qwen_Qwen2.5-7B-GGUF", Configuration(0)),
            ("Qwen/Qwen2.5-7B-bf16", Configuration(0)),
            ("carol/Qwen2.5-7B-bf16", None),
            ("Meta-Llama-3.1-8B-Instruct", Spelling(1)),
            ("google/gemma-2-27b-it", Spelling(2)),
            ("google/gemma-2-27b-it-GGUF:Q4_K_M", Configuration(2)),
            ("Twin-7B", Ambiguous(vec![3, 4])),
            ("unsloth/twin-7b", Ambiguous(vec![3, 4])),
            ("carol/Twin-7B", None),
            ("bob/twin 7B", Spelling(4)),
            ("o/x1", Same(6)),
            ("meta/Only-Copy-3B", Spelling(7)),
            ("only-copy-3b", Spelling(7)),
            ("carol/Hermes-9B", None),
            ("CohereLabs/aya-8b", Spelling(9)),
            ("openai/gpt-5 (high)", Spelling(11)),
            ("gpt-5 (low)", Configuration(10)),
            ("GPT-5-medium", Configuration(10)),
            ("o3", Same(12)),
            ("O3", Spelling(12)),
            ("o3-high", Configuration(12)),
            ("openai/o3", None),
            ("claude-3-7-sonnet-thinking-64k-high-effort", Configuration(13)),
            ("phi-4", None),
            ("lmstudio-community/phi-4-bnb-4bit", None),
            ("unsloth/Phi-4-bnb-4bit", Spelling(14)),
            ("", None),
            ("/", None),
            ("ä/öü-ß", None),
        ] {
            assert_eq!(index.find(id), found, "{id}");
        }
        // Ids of one account that differ in case alone are apart.
        let twins = NameIndex::new(["o/Abc", "o/abc"].into_iter());
        assert_eq!([twins.find("o/abc"), twins.find("O/abc")], [Same(1), Ambiguous(vec![0, 1])]);
    }

    #[test]
    fn the_order_of_the_files_does_not_matter() {
        for (one, other) in [
            ("meta-llama/Llama-3.1-8B", "unsloth/Meta-Llama-3.1-8B"),
            ("google/gemma-2-27b-it", "Gemma 2 27B (it)"),
            ("CohereForAI/aya-8b", "coherelabs/Aya_8B"),
        ] {
            for (known, id) in [(one, other), (other, one)] {
                assert_eq!(NameIndex::new([known].into_iter()).find(id), Spelling(0), "{known} {id}");
            }
        }
    }

    #[test]
    fn ids_of_a_file_that_mean_one_model_are_paired() {
        let ids = [
            "Qwen/Qwen2-7B",
            "qwen/qwen2_7b",
            "Qwen2 7B",
            "alice/Twin-7B",
            "bob/Twin-7B",
            "Twin-7B",
            "alice/twin-7b",
            "unsloth/Qwen2-7B",
            "bartowski/A-3B-GGUF",
            "TheBloke/A-3B-GGUF",
            "o1",
            "O1",
        ];
        assert_eq!(spelled_alike(&ids), [(0, 1), (0, 2), (3, 6), (0, 7), (10, 11)]);
        let many: Vec<String> = (0..200).map(|at| format!("{}/Abc-7B", if at % 2 == 0 { "o" } else { "O" })).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(spelled_alike(&many).len() <= PAIRS);
        assert!(spelled_alike(&[]).is_empty());
    }

    #[test]
    fn a_large_index_is_quick() {
        let ids: Vec<String> =
            (0..100_000).map(|at| format!("org{}/Model_{}-7B-Instruct", at % 1000, at / 2)).collect();
        let start = std::time::Instant::now();
        let index = NameIndex::new(ids.iter().map(String::as_str));
        let hits = ids.iter().enumerate().filter(|&(at, id)| index.find(id) == Same(at as u32)).count();
        // Many names of one key are no slower.
        let alike: Vec<String> = (0..50_000).map(|at| format!("org{at}/Same-7B")).collect();
        let index = NameIndex::new(alike.iter().map(String::as_str));
        assert!((0..50_000).all(|_| index.find("unsloth/Same-7B-GGUF") != None));
        assert_eq!(hits, ids.len());
        assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
    }
}

//! Models with similar names, for placing models without relatives.

use crate::linalg::sort_by_value;
use crate::lineage::split;
use crate::methods::data::TrainingData;
use crate::methods::factors::words::words;
use std::collections::HashMap;

/// The most models with similar names that are used.
const NEAREST: usize = 10;

/// The words and organisations of the evaluated models' names.
#[derive(Debug, Clone, Default)]
pub(super) struct Namesakes {
    words: HashMap<String, Word>,
    lengths: HashMap<u32, f32>, // by model: the length of its word vector
}

/// The models with a word in their names, and its weight: the squared logarithm of its inverse frequency.
#[derive(Debug, Clone)]
struct Word {
    models: Vec<u32>,
    weight: f32,
}

impl Namesakes {
    pub(super) fn new(data: &TrainingData<'_>) -> Self {
        let evaluated = |&model: &usize| data.cells.count_row(model) > 0;
        let mut holders: HashMap<String, Vec<u32>> = HashMap::new();
        let mut count = 0;
        for model in (0..data.models.len()).filter(evaluated) {
            count += 1;
            for word in tokens(&data.models[model].id) {
                holders.entry(word).or_default().push(model as u32);
            }
        }
        let weigh = |models: Vec<u32>| Word { weight: (count as f32 / models.len() as f32).ln().powi(2), models };
        let words: HashMap<String, Word> = holders.into_iter().map(|(word, models)| (word, weigh(models))).collect();
        let mut named = Self { words, lengths: HashMap::new() };
        for model in (0..data.models.len()).filter(evaluated) {
            let squares: f32 = named.known(&data.models[model].id).map(|word| word.weight).sum();
            named.lengths.insert(model as u32, squares.sqrt());
        }
        named
    }

    /// The evaluated models with the names most similar to this one, with weights that sum to 1: squared cosines of the word
    /// vectors. Empty if the names share no word, or only words that all names have.
    pub(super) fn of(&self, id: &str) -> Vec<(u32, f32)> {
        let mut shared: HashMap<u32, f32> = HashMap::new();
        for word in self.known(id) {
            word.models.iter().for_each(|&model| *shared.entry(model).or_default() += word.weight);
        }
        shared.retain(|_, shared| *shared > 0.0);
        let similarity = |(model, shared): (u32, f32)| (model, (shared / self.lengths[&model]).powi(2));
        let mut near: Vec<(u32, f32)> = shared.into_iter().map(similarity).collect();
        sort_by_value(&mut near);
        near.truncate(NEAREST);
        let total: f32 = near.iter().map(|near| near.1).sum();
        near.iter_mut().for_each(|near| near.1 /= total);
        near
    }

    /// The words of a name that occur in the names of evaluated models.
    fn known(&self, id: &str) -> impl Iterator<Item = &Word> {
        tokens(id).into_iter().filter_map(|word| self.words.get(&word))
    }
}

/// The words of a name. The organisation counts as a word too, marked by a slash.
fn tokens(id: &str) -> Vec<String> {
    let (organisation, name) = split(id);
    let mut tokens = words(name);
    if !organisation.is_empty() {
        tokens.push(format!("{}/", organisation.to_ascii_lowercase()));
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::SparseMatrix;
    use crate::lineage::Lineage;
    use crate::snapshot::{Model, Task};
    use eyas_kernels::Cells;

    #[test]
    fn the_most_similar_names_come_first_and_rare_words_weigh_most() {
        let ids = ["a/Llama-3-8B", "b/Llama-3-8B-Falcon", "b/Qwen-7B", "c/Llama-3-70B", "d/Falcon-8B"];
        let models: Vec<Model> = ids.iter().map(|id| Model { id: (*id).to_owned(), ..Model::default() }).collect();
        // The last has no result.
        let cells = Cells::Scores(SparseMatrix::from_entries(5, 1, (0..4).map(|model| (model, 0, 0.5)).collect()));
        let lineage = Lineage::new(ids.map(String::from).to_vec(), Vec::new()).0;
        let data = TrainingData {
            models: &models,
            tasks: &[Task::score("x", None)],
            lineage: &lineage,
            cells: &cells,
            seed: 0,
        };
        let names = Namesakes::new(&data);
        let order = |id: &str| names.of(id).into_iter().map(|near| near.0).collect::<Vec<_>>();
        assert_eq!(order("e/Llama-3-8B-Falcon-v2")[..2], [1, 0]);
        assert_eq!(order("b/Mistral"), [1, 2], "the organisation alone, and who has fewer rare words besides");
        assert!(order("zephyr").is_empty());
        let weights: f32 = names.of("e/Llama-3-8B").iter().map(|near| near.1).sum();
        assert!((weights - 1.0).abs() < 1e-6);
        assert!(Namesakes::new(&TrainingData { models: &models[..1], ..data }).of("a/Llama-3-8B").is_empty());
    }
}

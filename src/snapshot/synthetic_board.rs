//! Made-up boards of scores, for measurements of speed.

use super::{DataSource, Details, Factor, Factors, Model, Range, Results, Snapshot, Task, parse_day};
use crate::linalg::{SparseMatrix, logistic};
use crate::lineage::{Lineage, NamedEdge, Parent, Relation};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// Parameters of base models, in billions.
pub(super) const SIZES: [&str; 8] = ["0.5", "1.5", "3", "7", "14", "32", "70", "120"];
/// Models of a family, on average.
const FAMILY: usize = 25;

/// Base models of several sizes from one organisation, and fine-tunes of them by others.
struct Family {
    organisation: String,
    name: String,
    first: usize, // month of its first model, from January 2023
    ability: f32,
    sizes: [usize; 2],   // the smallest and largest, of SIZES
    strengths: Vec<f32>, // by task
}

/// How a task's scores depend on an ability.
struct Curve {
    difficulty: f32,
    slope: f32,
    guess: f32,
    tuning: f32, // what fine-tuning adds
    known: f32,  // share of the models that are measured
}

impl Snapshot {
    /// Scores of `models` on `tasks`, of which a share `known` (0..1) is known, in percent. A model's ability grows with its size
    /// and date; to it come strengths of its family in single tasks, what a fine-tune adds, and noise. Names are such as
    /// `org4/kamo-7b-variant-3`; a fine-tune is a child of its base model. Every model has at least one score.
    #[must_use]
    pub fn synthetic_board(models: usize, tasks: usize, known: f32, seed: u64) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let families: Vec<Family> = (0..models.div_ceil(FAMILY)).map(|at| Family::new(at, tasks, &mut rng)).collect();
        let curves: Vec<Curve> = (0..tasks).map(|_| Curve::new(known, &mut rng)).collect();
        let (mut board, mut edges, mut cells) = (Vec::with_capacity(models), Vec::new(), Vec::new());
        let mut bases: Vec<Vec<(String, usize)>> = vec![Vec::new(); families.len()]; // names and sizes
        for at in 0..models {
            // Earlier families have more models.
            let of = ((families.len() as f32) * rng.random::<f32>().powi(2)) as usize;
            let (family, own) = (&families[of], &mut bases[of]);
            let size = family.sizes[0] + own.len();
            let month = family.first + rng.random_range(0..6);
            let tuned = size > family.sizes[1] || (!own.is_empty() && rng.random::<f32>() < 0.8);
            let (id, size) = if tuned {
                let (base, size) = &own[rng.random_range(0..own.len())];
                let name = base.rsplit('/').next().unwrap_or(base);
                let id = format!("org{}/{name}-variant-{at}", rng.random_range(0..models.div_ceil(10)));
                let parent = Parent::new(base.clone(), Relation::Finetune);
                edges.push(NamedEdge { child: id.clone(), parent });
                (id, *size)
            } else {
                let id = format!("{}/{}-{}b", family.organisation, family.name, SIZES[size]);
                own.push((id.clone(), size));
                (id, size)
            };
            let ability = family.ability + 0.5 * size as f32 + 0.05 * month as f32 + noise(0.4, &mut rng);
            let sure = rng.random_range(0..tasks);
            for (task, curve) in curves.iter().enumerate() {
                let ability = ability + family.strengths[task] + if tuned { curve.tuning } else { 0.0 };
                let solved = logistic(curve.slope * (ability - curve.difficulty) + noise(0.2, &mut rng));
                let score = 100.0 * (curve.guess + (1.0 - curve.guess) * solved);
                if task == sure || rng.random::<f32>() < curve.known {
                    cells.push((at as u32, task as u32, (10.0 * score).round() / 10.0));
                }
            }
            board.push(family.model(id, size, month, tuned));
        }
        let names: Vec<String> = board.iter().map(|model: &Model| model.id.clone()).collect();
        let source = format!("made up, {models} models × {tasks} tasks, seed {seed}");
        Self {
            sources: vec![DataSource::new(source, "none needed")],
            details: Details::default(),
            models: board,
            tasks: (0..tasks).map(|task| Task::score(format!("made-up-{task}"), Some(Range::PERCENT))).collect(),
            lineage: Lineage::new(names, edges).0,
            results: Results::Scores(SparseMatrix::from_entries(models, tasks, cells)),
        }
    }
}

impl Family {
    fn new(at: usize, tasks: usize, rng: &mut Pcg64Mcg) -> Self {
        let smallest = rng.random_range(0..4);
        Self {
            organisation: format!("lab{}", at / 2),
            name: word(at),
            first: rng.random_range(0..30),
            ability: noise(0.8, rng),
            sizes: [smallest, (smallest + rng.random_range(1..5)).min(SIZES.len() - 1)],
            strengths: (0..tasks).map(|_| noise(0.4, rng)).collect(),
        }
    }

    fn model(&self, id: String, size: usize, month: usize, tuned: bool) -> Model {
        let kind = if tuned { "fine-tuned" } else { "pretrained" };
        let params = SIZES[size].parse().unwrap_or(7.0);
        let factors = [
            ("params", Factor::Number(params)),
            ("architecture", Factor::Text(format!("{}ForCausalLM", self.name))),
            ("type", Factor::Text(kind.to_owned())),
        ];
        let factors: Factors = factors.map(|(name, value)| (name.to_owned(), value)).into();
        let date = parse_day(&format!("{}-{:02}-15", 2023 + month / 12, 1 + month % 12));
        Model { id, date, factors, ..Model::default() }
    }
}

impl Curve {
    fn new(known: f32, rng: &mut Pcg64Mcg) -> Self {
        // Some tasks are measured more often than others.
        let away = known.min(1.0 - known) * rng.random_range(-0.6..0.6);
        Self {
            difficulty: rng.random_range(0.0..5.0),
            slope: rng.random_range(0.6..1.4),
            guess: [0.0, 0.0, 0.25][rng.random_range(0..3)],
            tuning: noise(0.4, rng),
            known: known + away,
        }
    }
}

/// About normal, with this standard deviation.
pub(super) fn noise(deviation: f32, rng: &mut Pcg64Mcg) -> f32 {
    // The sum of three uniform numbers on -1..1 has variance 1.
    deviation * (0..3).map(|_| rng.random_range(-1.0..1.0_f32)).sum::<f32>()
}

/// A different word of four or more letters for each number.
pub(super) fn word(mut number: usize) -> String {
    let mut word = String::new();
    while word.len() < 4 || number > 0 {
        word.push(['k', 'm', 'r', 't', 'v', 'z', 'n', 'l'][number % 8]);
        word.push(['a', 'e', 'i', 'o', 'u'][number / 8 % 5]);
        number /= 40;
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_board_has_the_wanted_size_share_and_lineage() {
        let board = Snapshot::synthetic_board(400, 20, 0.3, 1);
        assert_eq!((board.models.len(), board.tasks.len()), (400, 20));
        let share = board.cells() as f64 / 8000.0;
        assert!((0.24..0.4).contains(&share), "{share}");
        let ids: BTreeSet<&str> = board.models.iter().map(|model| model.id.as_str()).collect();
        assert_eq!(ids.len(), 400);
        let with_parent = (0..400).filter(|&model| board.lineage.parents(model).next().is_some()).count();
        assert!((200..399).contains(&with_parent), "{with_parent}");
        let again = Snapshot::synthetic_board(400, 20, 0.3, 1);
        assert_eq!((&board.models, &board.results), (&again.models, &again.results));
        let other = Snapshot::synthetic_board(400, 20, 0.3, 2);
        assert_ne!(other.results, again.results);
    }

    #[test]
    fn every_cell_of_a_full_board_is_known_and_a_sparse_one_has_no_empty_model() {
        assert_eq!(Snapshot::synthetic_board(60, 5, 1.0, 3).cells(), 300);
        let board = Snapshot::synthetic_board(60, 30, 0.01, 3);
        let Results::Scores(scores) = &board.results else { panic!("no scores") };
        let measured: BTreeSet<u32> = scores.iter().map(|(model, ..)| model).collect();
        assert_eq!(measured.len(), 60);
    }

    #[test]
    fn words_differ() {
        let words: BTreeSet<String> = (0..5000).map(word).collect();
        assert_eq!(words.len(), 5000);
    }
}

//! `generate`: a made-up dump in the forms of the hub, with faults in it as real dumps have them, and its truth: the edges, and
//! how many faults of each kind there are. The same seed gives the same bytes.

use crate::failure::{Failure, Result};
use clap::Args;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

#[derive(Args)]
pub(crate) struct Generate {
    /// Listed models.
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(100..=50_000_000))]
    models: u32,
    /// Results.
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(100..=500_000_000))]
    results: u32,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The folder of the dump; it must not exist.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
}

/// What is in a made-up dump.
#[derive(Default, Serialize)]
struct Truth {
    models: usize,
    /// Distinct edges, those of cycles included.
    edges: usize,
    /// Edges that must be cut.
    cycles: usize,
    self_parents: usize,
    deleted_parents: usize,
    broken_listings: usize,
    repeated_listings: usize,
    dates_of_1970: usize,
    broken_results: usize,
    results: usize,
    unlisted_models: usize,
}

/// Lines of a file.
const FILE: u32 = 250_000;
const FAMILIES: [&str; 12] = [
    "Llama-3.1",
    "Qwen2.5",
    "Mistral",
    "gemma-2",
    "phi-4",
    "falcon",
    "OLMo-2",
    "granite-3.1",
    "SmolLM2",
    "Yi-1.5",
    "bloom",
    "pythia",
];
const SIZES: [f64; 8] = [0.5, 1.5, 3.0, 7.0, 8.0, 14.0, 32.0, 70.0];
const ENDINGS: [&str; 8] = ["Instruct", "chat", "DPO", "SFT", "RP", "Coder", "Math", "it"];
const LICENSES: [&str; 5] = ["apache-2.0", "mit", "llama3.1", "cc-by-nc-4.0", "other"];
const DATASETS: [&str; 20] = [
    "MMLU-Pro",
    "GPQA",
    "IFEval",
    "BBH",
    "MuSR",
    "MATH Level 5",
    "GSM8K",
    "ARC-Challenge",
    "HellaSwag",
    "TruthfulQA",
    "WinoGrande",
    "HumanEval",
    "MBPP",
    "DROP",
    "BoolQ",
    "PIQA",
    "SIQA",
    "OpenBookQA",
    "TriviaQA",
    "NQ",
];

/// How a model was made.
#[derive(Clone, Copy, PartialEq)]
enum Made {
    Base,
    From(&'static str),
    Merge(u32),
}

struct Maker {
    rng: Pcg64Mcg,
    truth: Truth,
    deleted: HashSet<u32>,
    edges: BufWriter<File>,
}

pub(crate) fn generate(options: &Generate) -> Result<()> {
    let folder = options.output.as_path();
    fs::create_dir(folder).map_err(|error| Failure::at(folder, &error))?;
    for name in ["models", "results", "truth"] {
        fs::create_dir(folder.join(name)).map_err(|error| Failure::at(folder, &error))?;
    }
    let mut edges = create(&folder.join("truth/edges.csv"))?;
    let failed = |error: std::io::Error| Failure::at(folder, &error);
    writeln!(edges, "child,parent").map_err(failed)?;
    let rng = Pcg64Mcg::seed_from_u64(options.seed);
    let mut maker = Maker { rng, truth: Truth::default(), deleted: HashSet::new(), edges };
    let mut file = None;
    for at in 0..options.models {
        if at % FILE == 0 {
            file = Some(create(&folder.join(format!("models/part-{:03}.jsonl", at / FILE)))?);
        }
        let text = maker.listing(at, options.models).map_err(failed)?;
        file.as_mut().map_or(Ok(()), |file| file.write_all(text.as_bytes())).map_err(failed)?;
    }
    file.take().map_or(Ok(()), |mut file| file.flush()).map_err(failed)?;
    for at in 0..options.results {
        if at % FILE == 0 {
            file = Some(create(&folder.join(format!("results/part-{:03}.jsonl", at / FILE)))?);
        }
        let line = maker.result(at, options.models);
        file.as_mut().map_or(Ok(()), |file| writeln!(file, "{line}")).map_err(failed)?;
    }
    file.take().map_or(Ok(()), |mut file| file.flush()).map_err(failed)?;
    maker.edges.flush().map_err(failed)?;
    maker.truth.models = options.models as usize;
    maker.truth.deleted_parents = maker.deleted.len();
    let truth = serde_json::to_string_pretty(&maker.truth).map_err(|error| Failure::work(error.to_string()))?;
    fs::write(folder.join("truth/counts.json"), truth + "\n").map_err(failed)
}

fn create(path: &Path) -> Result<BufWriter<File>> {
    File::create(path).map(|file| BufWriter::with_capacity(1 << 20, file)).map_err(|error| Failure::at(path, &error))
}

/// The id of the model with this number: it follows from the number alone, and so do family and size.
fn id(at: u32) -> String {
    let mixed = mix(at);
    let (family, size) = (FAMILIES[mixed as usize % FAMILIES.len()], SIZES[(mixed >> 8) as usize % SIZES.len()]);
    match made(at) {
        Made::Base => format!("lab{}/{family}-{size}B-v{at}", mixed % 199),
        _ => {
            format!("user{}/{family}-{size}B-{}-{at}", mixed % 40_009, ENDINGS[(mixed >> 16) as usize % ENDINGS.len()])
        }
    }
}

fn made(at: u32) -> Made {
    match mix(at ^ 0x9e37) % 100 {
        0..5 => Made::Base,
        _ if at < 50 => Made::Base,
        5..50 => Made::From("finetune"),
        50..70 => Made::From("quantized"),
        70..85 => Made::From("adapter"),
        _ => Made::Merge(2 + mix(at ^ 0x51ed) % 19),
    }
}

/// Spreads the bits of a number.
fn mix(at: u32) -> u32 {
    let at = (at ^ (at >> 16)).wrapping_mul(0x7feb_352d);
    let at = (at ^ (at >> 15)).wrapping_mul(0x846c_a68b);
    at ^ (at >> 16)
}

/// Which of two models are each other's parent: the first of a pair that is rare enough.
fn is_first_of_cycle(at: u32, count: u32) -> bool {
    let pair = |at: u32| at >= 100 && mix(at ^ 0xc1c1).is_multiple_of(2000) && at.is_multiple_of(2);
    pair(at) && at + 1 < count
}

impl Maker {
    /// An earlier model; early ones are popular.
    fn earlier(&mut self, at: u32) -> u32 {
        let place = self.rng.random::<f64>().powi(3);
        (place * f64::from(at)) as u32
    }

    fn chance(&mut self, one_in: u32) -> bool {
        self.rng.random_range(0..one_in) == 0
    }

    /// The lines of a model's listing.
    fn listing(&mut self, at: u32, count: u32) -> std::io::Result<String> {
        let name = id(at);
        let mut tags = vec![json!("transformers"), json!("text-generation")];
        let mut card = Map::new();
        let (stated, relation) = self.parents(at, count, &name)?;
        let (early, day) = (at as f64 / f64::from(count), 1 + mix(at ^ 7) % 28);
        let month = (early * 48.0) as u32;
        let mut created = format!("{}-{:02}-{day:02}T10:00:00.000Z", 2022 + month / 12, 1 + month % 12);
        if self.chance(1000) {
            created = "1970-01-01T00:00:00.000Z".to_owned();
            self.truth.dates_of_1970 += 1;
        }
        if self.chance(2) {
            for parent in &stated {
                tags.push(json!(format!("base_model:{parent}")));
                tags.push(json!(format!("base_model:{relation}:{parent}")));
            }
        } else if !stated.is_empty() {
            card.insert("base_model".to_owned(), json!(stated));
            card.insert("base_model_relation".to_owned(), json!(relation));
        }
        let license = LICENSES[mix(at ^ 3) as usize % LICENSES.len()];
        tags.push(json!(format!("license:{license}")));
        card.insert("license".to_owned(), json!(license));
        if mix(at ^ 11).is_multiple_of(20) {
            card.insert("model-index".to_owned(), self.model_index(at));
        }
        let size = SIZES[(mix(at) >> 8) as usize % SIZES.len()];
        let mut fields = json!({"id": name, "createdAt": created, "lastModified": created,
            "downloads": (1e6 * self.rng.random::<f64>().powi(8)) as u64, "likes": mix(at ^ 5) % 50,
            "pipeline_tag": "text-generation", "tags": tags, "cardData": card});
        if self.chance(2) {
            fields["safetensors"] = json!({"total": (size * 1e9) as u64});
        }
        let mut text = format!("{fields}\n");
        if self.chance(500) {
            fields["lastModified"] = json!("2020-01-01T00:00:00.000Z");
            fields["likes"] = json!(0);
            text += &format!("{fields}\n");
            self.truth.repeated_listings += 1;
            // The second listing states the date once more.
            self.truth.dates_of_1970 += usize::from(created.starts_with("1970"));
        }
        if self.chance(1000) {
            text += &format!("{{\"id\": \"broken/{at}\", \"tags\": [\n");
            self.truth.broken_listings += 1;
        }
        Ok(text)
    }

    /// The parents that a model states, and their relation.
    fn parents(&mut self, at: u32, count: u32, name: &str) -> std::io::Result<(Vec<String>, &'static str)> {
        let of_cycle = match at {
            at if is_first_of_cycle(at, count) => Some(at + 1),
            at if at > 0 && is_first_of_cycle(at - 1, count) => Some(at - 1),
            _ => None,
        };
        if let Some(other) = of_cycle {
            self.truth.cycles += usize::from(other > at);
            self.edge(name, &id(other))?;
            return Ok((vec![id(other)], "finetune"));
        }
        let (number, relation) = match made(at) {
            Made::Base => return Ok((Vec::new(), "")),
            Made::From(relation) => (1, relation),
            Made::Merge(number) => (number, "merge"),
        };
        let mut stated = Vec::new();
        let mut known = HashSet::new();
        for _ in 0..number {
            let parent = self.earlier(at);
            if self.chance(33) {
                let lost = parent / 10;
                let lost_id = format!("gone{}/removed-model-{lost}", lost % 97);
                if known.insert(lost_id.clone()) {
                    self.deleted.insert(lost);
                    self.edge(name, &lost_id)?;
                    stated.push(lost_id);
                }
                continue;
            }
            let parent = id(parent);
            if known.insert(parent.clone()) {
                self.edge(name, &parent)?;
                // Ids of the hub are found in any case.
                stated.push(if self.chance(100) { parent.to_lowercase() } else { parent });
            }
        }
        if self.chance(1000) {
            stated.push(name.to_owned());
            self.truth.self_parents += 1;
        }
        Ok((stated, relation))
    }

    fn edge(&mut self, child: &str, parent: &str) -> std::io::Result<()> {
        self.truth.edges += 1;
        writeln!(self.edges, "{child},{parent}")
    }

    fn model_index(&mut self, at: u32) -> Value {
        let dataset = DATASETS[mix(at ^ 13) as usize % DATASETS.len()];
        let value = 100.0 * self.score(at, dataset);
        json!([{"name": id(at), "results": [{"task": {"type": "text-generation"}, "dataset": {"name": dataset, "type": dataset},
            "metrics": [{"type": "accuracy", "value": (value * 100.0).round() / 100.0}]}]}])
    }

    /// A score: the model's ability, the dataset's difficulty and noise.
    fn score(&mut self, at: u32, dataset: &str) -> f64 {
        let share = |seed: u32| f64::from(mix(seed)) / f64::from(u32::MAX);
        let logit =
            3.0 * share(at ^ 17) + 2.0 * share(dataset.len() as u32 * 7919 + u32::from(dataset.as_bytes()[0])) - 2.5;
        let noise = self.rng.random::<f64>() - 0.5;
        1.0 / (1.0 + (-logit - noise).exp())
    }

    /// A line of results: the flat form, at times a record.
    fn result(&mut self, at: u32, models: u32) -> String {
        if self.chance(2000) {
            self.truth.broken_results += 1;
            return format!("{{\"model\": \"{}\", \"score\": ", id(0));
        }
        self.truth.results += 1;
        let model = (self.rng.random::<f64>().powi(4) * f64::from(models)) as u32;
        let dataset = DATASETS[(self.rng.random::<f64>().powi(2) * DATASETS.len() as f64) as usize];
        let score = (self.score(model, dataset) * 1e4).round() / 1e4;
        let mut name = id(model);
        match self.rng.random_range(0..100) {
            0..3 => name = name.to_lowercase(),
            3..5 => name = name.replace('-', "_"),
            5 => {
                name = format!("closed-model-{}", model % 50);
                self.truth.unlisted_models += 1;
            }
            _ => {}
        }
        let first_party = self.chance(3);
        let (source, by) =
            if first_party { ("Reports of makers", "first_party") } else { ("Open board", "third_party") };
        if at.is_multiple_of(10) {
            return json!({"schema_version": "0.3.0", "evaluation_id": format!("board/{at}"), "retrieved_timestamp": "1768000000",
                "source_metadata": {"source_name": source, "evaluator_relationship": by},
                "model_info": {"name": name, "id": name, "additional_details": {"architecture": "LlamaForCausalLM"}},
                "evaluation_results": [{"evaluation_name": dataset, "source_data": {"dataset_name": dataset},
                    "metric_config": {"metric_kind": "accuracy", "lower_is_better": false, "min_score": 0, "max_score": 1},
                    "score_details": {"score": score, "uncertainty": {"num_samples": 1000}}}]})
            .to_string();
        }
        let mut fields = json!({"model": name, "dataset": dataset, "metric": "accuracy", "score": score, "min_score": 0,
            "max_score": 1, "source": source, "evaluator_relationship": by, "date": format!("2025-{:02}-01", 1 + at % 12)});
        if !first_party {
            fields["items"] = json!(500 + mix(at) % 2000);
        }
        fields.to_string()
    }
}

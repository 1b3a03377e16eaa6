//! The experiments of the results page: their commands, and what the papers found.

mod cpp;
mod leaderboard;
mod lineage;
pub(super) mod ranker;

/// A snapshot made of public files before the experiments run. `$DATA` and `$OUT` stand for folders.
pub(super) struct Import {
    pub(super) files: &'static str,
    pub(super) companions: &'static str,
    pub(super) output: &'static str,
}

/// What a page shows of an experiment's reports.
pub(super) enum Shape {
    /// A row a method and run, with these metrics.
    Methods(&'static [Metric]),
    /// A row a method and run: the differences of each seed's metrics to those of this method.
    Pairs(&'static str, &'static [Metric]),
    /// A row a group of models or benchmark and one of these methods.
    Groups(&'static [&'static str]),
    /// A row a bin of chances to beat another model.
    Chances,
    /// A row a method and benchmark.
    Routing,
    /// Shapley values.
    Shares,
    /// λ_M by λ_X.
    Penalties,
    /// A row a model: its results in these methods, beside the paper's errors of each run.
    Models(&'static [&'static str], &'static [(&'static str, &'static [&'static str])]),
    /// A row a method and one of these tasks; all where none is named.
    Tasks(&'static [&'static str], &'static [Metric]),
    /// A row a cluster.
    Clusters,
    /// Whose absence raises and lowers the error most.
    Influence,
    /// A row a combination of losses, with these metrics, and the paper's weighted τ.
    Losses(&'static [Metric], &'static [&'static str]),
    /// A row a group of features.
    Features,
    /// A row a group of models of one size, then of one family.
    Priors,
    /// A row a map: how far it can be read.
    Atlas,
    /// A row a benchmark, pool and router; each run recommends a pool.
    Pools,
    /// A row a dataset of the newest, with the models that come first.
    Cases,
    /// A row a metric, a part of the datasets and a family that is held out.
    Families,
    /// A row a held-out dataset, without and with vectors of pairs.
    Augmented,
}

/// How much of an experiment runs.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Extent {
    /// Fewer seeds and points, to a page beside the build.
    pub(super) quick: bool,
    /// The number of seeds, in place of that of each experiment.
    pub(super) seeds: Option<u64>,
}

/// Of commands without seeds.
pub(super) const NO_SEEDS: u64 = u64::MAX;

/// A metric by its key in the report, and its heading.
pub(super) type Metric = (&'static str, &'static str);

/// A command with a few variations.
pub(super) struct Experiment {
    pub(super) title: &'static str,
    /// Data and protocol.
    pub(super) about: &'static str,
    /// The papers' own figures, or prototypes'.
    pub(super) paper: &'static str,
    /// The command but for what varies.
    pub(super) command: &'static str,
    /// A label and the arguments of each variation.
    pub(super) varies: &'static [(&'static str, &'static str)],
    /// Number of seeds, unless `--seeds` says another one; in a quick run one. 0: the command says. [`NO_SEEDS`]: it takes none.
    pub(super) seeds: u64,
    pub(super) shape: Shape,
}

/// The experiments that run without being named, in the order of the page.
pub(super) fn usual() -> impl Iterator<Item = &'static Experiment> {
    cpp::EXPERIMENTS.iter().chain(lineage::EXPERIMENTS).chain(leaderboard::EXPERIMENTS)
}

/// All experiments, in the order of the page.
pub(super) fn all() -> impl Iterator<Item = &'static Experiment> {
    usual().chain(ranker::EXPERIMENTS)
}

/// How each snapshot is made.
pub(super) fn imports() -> impl Iterator<Item = &'static Import> {
    IMPORTS.iter().chain(ranker::IMPORTS)
}

impl Experiment {
    /// Whether a run of it reads this file.
    pub(super) fn needs(&self, file: &str) -> bool {
        self.command.contains(file) || self.varies.iter().any(|(_, arguments)| arguments.contains(file))
    }

    /// Whether a method is among those of its runs.
    pub(super) fn runs_method(&self, method: &str) -> bool {
        let runs = self.runs(Extent::default());
        let mut words = runs.iter().flat_map(|(_, arguments)| arguments.split_whitespace());
        std::iter::from_fn(|| words.find(|word| *word == "--method").and_then(|_| words.next()))
            .any(|methods| methods.split(',').any(|other| other == method))
    }

    /// Labels and arguments of the runs; a quick one takes the first and the last variation, and one seed (three folds).
    pub(super) fn runs(&self, Extent { quick, seeds }: Extent) -> Vec<(&'static str, String)> {
        let last = self.varies.len().saturating_sub(1);
        let kept = self.varies.iter().enumerate().filter(|(at, _)| !quick || *at == 0 || *at == last);
        let seeds = match (self.seeds, quick) {
            (NO_SEEDS, _) => String::new(),
            (0, true) => " --seeds 3".to_owned(),
            (0, false) => String::new(),
            (_, true) => " --seeds 1".to_owned(),
            (usual, false) => format!(" --seeds {}", seeds.unwrap_or(usual)),
        };
        kept.map(|(_, &(label, arguments))| (label, format!("{} {arguments}{seeds}", self.command))).collect()
    }
}

const IMPORTS: &[Import] = &[
    Import {
        files: "$DATA/cpp/crowdsource_performance.csv",
        companions: "--model-factors $DATA/cpp/model_feature.csv --task-factors $DATA/cpp/benchmark_feature.csv",
        output: "$OUT/cpp.json",
    },
    Import { files: "data/published", companions: "", output: "$OUT/published.json" },
    Import {
        files: "$DATA/instance/v1-arc.csv.gz $DATA/instance/v1-gsm8k.csv.gz $DATA/instance/v1-mmlu.csv.gz \
                $DATA/instance/v1-truthfulqa.csv.gz $DATA/instance/v1-winogrande.csv.gz",
        companions: "--lineage $DATA/lineage-edges.csv",
        output: "$OUT/v1.json.gz",
    },
    Import {
        files: "$DATA/instance/v2-mmlu-pro-math-8b.csv.gz",
        companions: "--lineage $DATA/lineage-edges.csv --model-factors $DATA/open-llm-leaderboard-v2.csv",
        output: "$OUT/math-8b.json.gz",
    },
    Import {
        files: "$DATA/instance/v2-mmlu-pro-math-7b.csv.gz",
        companions: "--lineage $DATA/lineage-edges.csv --model-factors $DATA/open-llm-leaderboard-v2.csv",
        output: "$OUT/math-7b.json.gz",
    },
];

/// Errors, and ranks as CPP counts them.
const ERRORS: &[Metric] = &[
    ("mse", "MSE"),
    ("mae", "MAE"),
    ("medae", "median error"),
    ("rank_accuracy", "rank accuracy"),
    ("mae_at_2", "MAE@2"),
];
/// Of each benchmark of outcomes.
const BY_BENCHMARK: &[Metric] =
    &[("auc", "AUC"), ("pearson", "Pearson"), ("weighted_tau", "weighted τ"), ("mae", "MAE")];
/// Order, errors and intervals.
const FORECASTS: &[Metric] = &[
    ("pearson", "Pearson"),
    ("mae", "MAE"),
    ("rmse", "RMSE"),
    ("medae", "median error"),
    ("coverage", "coverage"),
    ("width", "width"),
];
/// The same with a score of the intervals.
const INTERVALS: &[Metric] = &[
    FORECASTS[0],
    FORECASTS[1],
    FORECASTS[2],
    FORECASTS[3],
    FORECASTS[4],
    FORECASTS[5],
    ("interval_score", "interval score"),
];
/// The same for outcomes of items.
const OUTCOMES: &[Metric] = &[
    ("auc", "AUC"),
    ("pearson", "Pearson"),
    ("mae", "MAE"),
    ("medae", "median error"),
    ("coverage", "coverage"),
    ("width", "width"),
];

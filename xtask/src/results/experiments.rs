//! The experiments of the results page: their commands, and what the papers found.

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
    /// A row a method and benchmark.
    Routing,
    /// Shapley values.
    Shares,
    /// λ_M by λ_X.
    Penalties,
    /// Whose absence raises and lowers the error most.
    Influence,
}

/// A metric by its key in the report, and its heading.
pub(super) type Metric = (&'static str, &'static str);

/// A command with a few variations.
pub(super) struct Experiment {
    pub(super) title: &'static str,
    /// Data and protocol.
    pub(super) about: &'static str,
    /// The paper's own figures.
    pub(super) paper: &'static str,
    /// The command but for what varies.
    pub(super) command: &'static str,
    /// A label and the arguments of each variation.
    pub(super) varies: &'static [(&'static str, &'static str)],
    /// Number of seeds; in a quick run one. 0: the command says.
    pub(super) seeds: u64,
    pub(super) shape: Shape,
}

impl Experiment {
    /// Labels and arguments of the runs; a quick one takes the first and the last variation, and one seed (three folds).
    pub(super) fn runs(&self, quick: bool) -> Vec<(&'static str, String)> {
        let last = self.varies.len().saturating_sub(1);
        let kept = self.varies.iter().enumerate().filter(|(at, _)| !quick || *at == 0 || *at == last);
        let seeds = match (self.seeds, quick) {
            (0, true) => " --seeds 3".to_owned(),
            (0, false) => String::new(),
            (_, true) => " --seeds 1".to_owned(),
            (seeds, false) => format!(" --seeds {seeds}"),
        };
        kept.map(|(_, &(label, arguments))| (label, format!("{} {arguments}{seeds}", self.command))).collect()
    }
}

pub(super) const IMPORTS: &[Import] = &[
    Import {
        files: "$DATA/cpp/crowdsource_performance.csv",
        companions: "--model-factors $DATA/cpp/model_feature.csv --task-factors $DATA/cpp/benchmark_feature.csv",
        output: "$OUT/cpp.json",
    },
    Import {
        files: "$DATA/instance/v1-arc.csv.gz $DATA/instance/v1-gsm8k.csv.gz $DATA/instance/v1-mmlu.csv.gz \
                $DATA/instance/v1-truthfulqa.csv.gz $DATA/instance/v1-winogrande.csv.gz",
        companions: "--lineage $DATA/lineage-edges.csv",
        output: "$OUT/v1.json.gz",
    },
    Import {
        files: "$DATA/instance/v2-mmlu-pro-math-8b.csv.gz",
        companions: "--lineage $DATA/lineage-edges.csv",
        output: "$OUT/math-8b.json.gz",
    },
    Import {
        files: "$DATA/instance/v2-mmlu-pro-math-7b.csv.gz",
        companions: "--lineage $DATA/lineage-edges.csv",
        output: "$OUT/math-7b.json.gz",
    },
];

const ERRORS: &[Metric] = &[
    ("mse", "MSE"),
    ("mae", "MAE"),
    ("medae", "median error"),
    ("rank_accuracy", "rank accuracy"),
    ("mae_at_2", "MAE@2"),
];
const LINEAGE: &[Metric] = &[("auc", "AUC"), ("pearson", "Pearson"), ("mae", "MAE"), ("medae", "median error")];

const CPP_DATA: &str = "CPP's own score matrix, 72 models × 29 tasks, 878 cells (42 %), 13 model and 4 task factors; the \
                        paper counts 44 % in one place. ";
const V1_DATA: &str = "Item outcomes of the Open LLM Leaderboard v1: informative subsets of ARC, GSM8K, MMLU, TruthfulQA and \
                       WinoGrande, 6,316 models × 726 items, 74.5 % observed, with 21,696 parent → child edges from model cards. \
                       The paper used six benchmarks of leaderboard v2, 2,534 models and 1,000 items. ";

/// Two sections show what one run gives.
const HETEROGENEOUS: &str = "backtest $OUT/v1.json.gz --split lineage:120 --method mean,kin,mla,ncf,lrmf --routing";

pub(super) const EXPERIMENTS: &[Experiment] = &[
    Experiment {
        title: "CPP: 5 % of the cells",
        about: "5 % of the cells are predicted from the rest. Ranks are among all known results of a task.",
        paper: "MF: MSE 0.0216, MAE 0.0947, rank accuracy 44.3 %, MAE@2 83.2 %. NCF: 0.0158, 0.0894, 41.8 %, 85.0 %. NCF \
                with factors: 0.0125, 0.0788, 45.5 %, 84.5 %. Factors alone: 0.0175, 0.0857, 33.5 %, 84.1 %. (Whom the paper \
                ranks a score among, it does not say; ours are ranks among about thirty.)",
        command: "backtest $OUT/cpp.json --split cells:0.05 --method mean,mf,ncf,ncf-factors,factors",
        varies: &[("", "")],
        seeds: 10,
        shape: Shape::Methods(ERRORS),
    },
    Experiment {
        title: "CPP-0 and CPP-2: large models from small ones",
        about: "The largest model of each family is predicted, with none (CPP-0) or two (CPP-2) of its scores known.",
        paper: "NCF with factors, twelve models: MSE 0.0105 to 0.145 (CPP-0) and 0.009 to 0.109 (CPP-2); LLaMA 2-70B 0.0134 \
                and 0.0179.",
        command: "backtest $OUT/cpp.json --method mean,size,scaling-law,mf,ncf-factors,factors",
        varies: &[("CPP-0", "--split largest:0"), ("CPP-2", "--split largest:2")],
        seeds: 5,
        shape: Shape::Methods(ERRORS),
    },
    Experiment {
        title: "CPP: new tasks",
        about: "Three random tasks are held out whole.",
        paper: "CPP-T0, squared error on four tasks: 0.022 (BoolQ), 0.071 (BIG-bench hard), 0.034 (HellaSwag), 0.124 \
                (HumanEval).",
        command: "backtest $OUT/cpp.json --split tasks:3 --method mean,mf,ncf-factors,factors",
        varies: &[("", "")],
        seeds: 5,
        shape: Shape::Methods(ERRORS),
    },
    Experiment {
        title: "CPP: sparsity",
        about: "5 % of the cells are predicted; of the others a share is kept. 58 % of the matrix are unknown to begin with, so \
                that 50 % can't be had.",
        paper: "MAE rises and rank accuracy falls with sparsity, sharply above 60 % (figure 9, no numbers).",
        command: "backtest $OUT/cpp.json --split cells:0.05 --method mf,ncf-factors",
        varies: &[
            ("60 % unknown", "--keep-cells 1"),
            ("70 % unknown", "--keep-cells 0.75"),
            ("80 % unknown", "--keep-cells 0.5"),
            ("85 % unknown", "--keep-cells 0.375"),
            ("90 % unknown", "--keep-cells 0.25"),
        ],
        seeds: 5,
        shape: Shape::Methods(ERRORS),
    },
    Experiment {
        title: "CPP: the pilot on HELM",
        about: "HELM's core table from CPP's repository, 88 models × 56 metrics, 53 % observed; the paper calls its own HELM \
                Lite. Metrics outside 0..1 are scaled by the range of the training cells, and a held-out value far outside \
                that range weighs on the MSE. Ranks are among up to 87 others.",
        paper: "MF with half the scores: rank accuracy 10 %, MAE@2 39 %.",
        command: "backtest $DATA/cpp/helm_core.csv --method mean,mf,ncf",
        varies: &[
            ("90 % known", "--split cells:0.1"),
            ("50 % known", "--split cells:0.5"),
            ("10 % known", "--split cells:0.9"),
        ],
        seeds: 5,
        shape: Shape::Methods(ERRORS),
    },
    Experiment {
        title: "BenchPress: the published folds",
        about: "BenchPress's score matrix, 84 models × 133 benchmarks, 2,604 cells, on its authors' own ten times three folds. \
                Errors are shares of a benchmark's range: 0.046 is 4.6 points of a hundred.",
        paper: "Median absolute error 4.60 points.",
        command: "backtest $DATA/benchpress/data.json --split folds:$DATA/benchpress/folds.json",
        varies: &[("", "--method mean,knn,mf,ncf,ncf-factors")],
        seeds: 0,
        shape: Shape::Methods(ERRORS),
    },
    Experiment {
        title: "LRMF: heterogeneous cold start",
        about: "120 models with a parent in the table are held out whole; their parents stay. Errors are those of benchmark \
                means. Two departures from the paper carry LRMF here: biases, and no pull towards 0 on models without results \
                (on validation models, seed 100, without and with that change: AUC 0.893 and 0.914, Pearson 0.815 and 0.863).",
        paper: "AUC 0.84 to 0.88 for all methods; Pearson 0.615 (LRMF), 0.504 (MLA), 0.301 (NCF with factors).",
        command: HETEROGENEOUS,
        varies: &[("", "")],
        seeds: 3,
        shape: Shape::Methods(LINEAGE),
    },
    Experiment {
        title: "LRMF: homogeneous cold start",
        about: "MMLU-Pro's mathematics, 1,351 items of leaderboard v2: 759 models of the 8B families and 540 of the 7B ones, with \
                the edges of model cards. 60 models with a parent in the table are held out whole. The paper had 145 models of \
                Qwen 2.5-7B and 1,000 items of six benchmarks.",
        paper: "AUC 0.83 to 0.86 for all methods; Pearson 0.642 (LRMF), 0.490 (NCF with factors), 0.301 (MLA).",
        command: "backtest --split lineage:60 --method mean,kin,mla,ncf,lrmf",
        varies: &[("8B", "$OUT/math-8b.json.gz"), ("7B", "$OUT/math-7b.json.gz")],
        seeds: 5,
        shape: Shape::Methods(LINEAGE),
    },
    Experiment {
        title: "LRMF: few observed items, in distribution",
        about: "Each model keeps t items; the others are predicted.",
        paper: "LRMF ahead throughout, most with few items (figures 9a and 10a, no numbers).",
        command: "backtest $OUT/math-8b.json.gz --method mla,mf,lrmf",
        varies: &[
            ("t = 5", "--split observed:5"),
            ("t = 10", "--split observed:10"),
            ("t = 20", "--split observed:20"),
            ("t = 50", "--split observed:50"),
            ("t = 100", "--split observed:100"),
            ("t = 200", "--split observed:200"),
            ("t = 500", "--split observed:500"),
            ("t = 1000", "--split observed:1000"),
        ],
        seeds: 2,
        shape: Shape::Methods(LINEAGE),
    },
    Experiment {
        title: "LRMF: few observed items, cold start",
        about: "60 models are held out whole; each training model keeps t items.",
        paper: "LRMF reaches with 50 to 100 items what others need 500 for (figures 9b, 10b and 11, no numbers).",
        command: "backtest $OUT/math-8b.json.gz --split lineage:60 --method mla,lrmf",
        varies: &[
            ("t = 5", "--keep-cells 5"),
            ("t = 10", "--keep-cells 10"),
            ("t = 20", "--keep-cells 20"),
            ("t = 50", "--keep-cells 50"),
            ("t = 100", "--keep-cells 100"),
            ("t = 200", "--keep-cells 200"),
            ("t = 500", "--keep-cells 500"),
            ("t = 1000", "--keep-cells 1000"),
        ],
        seeds: 3,
        shape: Shape::Methods(LINEAGE),
    },
    Experiment {
        title: "LRMF: missing and false edges",
        about: "As the heterogeneous cold start, with a share of the edges removed (-) or as many false ones added (+).",
        paper: "LRMF loses 10 % of its Pearson without 40 % of the edges and 50 % with 40 % false ones; MLA hardly changes.",
        command: "backtest $OUT/v1.json.gz --split lineage:120 --method mla,lrmf",
        varies: &[
            ("-40 %", "--lineage-noise -0.4"),
            ("-20 %", "--lineage-noise -0.2"),
            ("as it is", "--lineage-noise 0"),
            ("+20 %", "--lineage-noise 0.2"),
            ("+40 %", "--lineage-noise 0.4"),
        ],
        seeds: 3,
        shape: Shape::Methods(LINEAGE),
    },
    Experiment {
        title: "LRMF: the penalties",
        about: "As the homogeneous cold start, 8B; Pearson for each pair of λ_M (rows, lineage) and λ_X (columns, tasks). There \
                are no embeddings of the items; the task graph is made of training cells.",
        paper: "Pearson about 0 with both at 0, best above 0.5 at λ_M = 1e-4 and λ_X = 1e-5; stable from λ_M = 1e-6 on.",
        command: "analyse penalties $OUT/math-8b.json.gz --split lineage:60",
        varies: &[("", "")],
        seeds: 2,
        shape: Shape::Penalties,
    },
    Experiment {
        title: "LRMF: routing",
        about: "As the heterogeneous cold start: each item goes to the held-out model with the best prediction, among those of \
                which all items of the benchmark are known. Scores are shares of items solved, oracle: some model solves it.",
        paper: "LRMF routes better than the single best model, NCF with factors and MLA in both settings (figure 3, no numbers); \
                NCF sends nearly everything to one model.",
        command: HETEROGENEOUS,
        varies: &[("", "")],
        seeds: 3,
        shape: Shape::Routing,
    },
    Experiment {
        title: "Open LLM Leaderboard v2: what came after 2025-01-01",
        about: "The board's final table, 4,497 models × 6 benchmarks; the 1,891 models submitted from 2025-01-01 on are held \
                out, 331 of them have an evaluated parent among the rest. The split does not vary.",
        paper: "None of the papers has this.",
        command: "backtest $DATA/open-llm-leaderboard-v2.csv --lineage $DATA/lineage-edges.csv --split after:2025-01-01",
        varies: &[("", "--method mean,size,knn,kin,mla,factors,lrmf")],
        seeds: 1,
        shape: Shape::Methods(&[
            ("pearson", "Pearson"),
            ("mae", "MAE"),
            ("rmse", "RMSE"),
            ("medae", "median error"),
            ("mae_at_2", "MAE@2"),
        ]),
    },
    Experiment {
        title: "CPP: what factors are worth",
        about: "Exact Shapley values of the factors of `ncf-factors`: by how much each lowers the mean squared error on 10 % of \
                the cells.",
        paper: "Beside training data and parameters the family, the context window and the batch size; among task factors the \
                ability (figure 6, no numbers).",
        command: "analyse shapley $OUT/cpp.json --split cells:0.1",
        varies: &[("", "")],
        seeds: 5,
        shape: Shape::Shares,
    },
    Experiment {
        title: "CPP: whose results matter",
        about: "MF is trained without each task (model) in turn; the change of the squared error on 20 % of the cells is averaged \
                over the other tasks (models). Shown are the five whose absence hurts most and the five whose absence hurts \
                least; `--json` has the whole matrix and its clustering.",
        paper: "Tasks of one ability and models of one family or size have like effects (figures 13 and 14, no numbers).",
        command: "analyse --split cells:0.2",
        varies: &[("tasks", "tasks $OUT/cpp.json"), ("models", "models $OUT/cpp.json")],
        seeds: 3,
        shape: Shape::Influence,
    },
];

/// What stands before an experiment's own words.
pub(super) fn data_note(experiment: &Experiment) -> &'static str {
    if experiment.command.contains("/v1.") {
        V1_DATA
    } else if experiment.title.starts_with("CPP:") && !experiment.command.contains("helm") {
        CPP_DATA
    } else {
        ""
    }
}

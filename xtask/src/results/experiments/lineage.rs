//! The experiments of "Can a Crow Hatch a Falcon?".

use super::{BY_BENCHMARK, Experiment, OUTCOMES, Shape};

/// Known cells of each model, the others being held out.
const OBSERVED: &[(&str, &str)] = &[
    ("t = 5", "--split observed:5"),
    ("t = 10", "--split observed:10"),
    ("t = 20", "--split observed:20"),
    ("t = 50", "--split observed:50"),
    ("t = 100", "--split observed:100"),
    ("t = 200", "--split observed:200"),
    ("t = 500", "--split observed:500"),
    ("t = 1000", "--split observed:1000"),
];
/// Known cells of each training model.
const KEPT: &[(&str, &str)] = &[
    ("t = 5", "--keep-cells 5"),
    ("t = 10", "--keep-cells 10"),
    ("t = 20", "--keep-cells 20"),
    ("t = 50", "--keep-cells 50"),
    ("t = 100", "--keep-cells 100"),
    ("t = 200", "--keep-cells 200"),
    ("t = 500", "--keep-cells 500"),
    ("t = 1000", "--keep-cells 1000"),
];

/// Two sections show what one run gives.
const HETEROGENEOUS: &str =
    "backtest $OUT/v1.json.gz --split lineage:120 --method mean,kin,mla,ncf,lrmf,eyas --routing";
const HOMOGENEOUS: &str = "backtest --split lineage:60 --method mean,kin,mla,ncf-factors,lrmf,eyas --routing";

pub(super) const EXPERIMENTS: &[Experiment] = &[
    Experiment {
        title: "LRMF: heterogeneous cold start",
        about: "Item outcomes of the Open LLM Leaderboard v1: informative subsets of ARC, GSM8K, MMLU, TruthfulQA \
                and WinoGrande, 6,316 models × 726 items, 74.5 % observed, with 21,696 parent → child edges from \
                model cards. The paper used six benchmarks of leaderboard v2, 2,534 models and 1,000 items. 120 \
                models with a parent in the table are held out completely; their parents stay in training. Errors \
                and intervals are those of the benchmarks' means. Our LRMF differs from the paper's in three ways: \
                it has biases, its penalties do not grow with the number of cells, and a model without results is \
                regularised towards its relatives, or else towards models with similar names, and not towards 0 \
                (`src/methods/lrmf/model.rs`).",
        paper: "The paper: AUC 0.84 to 0.88 for all methods; Pearson 0.615 (LRMF), 0.504 (MLA), 0.301 (NCF with \
                factors).",
        command: HETEROGENEOUS,
        varies: &[("", "")],
        seeds: 3,
        shape: Shape::Methods(OUTCOMES),
    },
    Experiment {
        title: "LRMF: heterogeneous cold start, by benchmark",
        about: "The same run. The weighted τ gives the best models the largest weight.",
        paper: "The paper: LRMF is best on BBH, IFEval, MATH and MMLU-Pro, MLA on GPQA and MuSR (figure 2, no \
                numbers).",
        command: HETEROGENEOUS,
        varies: &[("", "")],
        seeds: 3,
        shape: Shape::Tasks(&[], BY_BENCHMARK),
    },
    Experiment {
        title: "LRMF: homogeneous cold start",
        about: "The mathematics items of MMLU-Pro, 1,351 items of leaderboard v2: 759 models of the 8B families and \
                540 of the 7B families, with the edges of model cards and the leaderboard's facts (architecture, \
                type, size, precision, dates). 60 models with a parent in the table are held out completely. The \
                paper used 145 models of Qwen 2.5-7B and 1,000 items of six benchmarks.",
        paper: "The paper: AUC 0.83 to 0.86 for all methods; Pearson 0.642 (LRMF), 0.490 (NCF with factors), 0.301 \
                (MLA). On these 8B items a simple predictor, each item's mean plus the parent's response, has AUC \
                0.882.",
        command: HOMOGENEOUS,
        varies: &[("8B", "$OUT/math-8b.json.gz"), ("7B", "$OUT/math-7b.json.gz")],
        seeds: 5,
        shape: Shape::Methods(OUTCOMES),
    },
    Experiment {
        title: "LRMF: few observed items, in distribution",
        about: "The 8B models: each keeps t items for training, and its other items are predicted.",
        paper: "The paper: LRMF is best throughout, by most with few items (figure 9a, no numbers).",
        command: "backtest $OUT/math-8b.json.gz --method mla,mf,lrmf",
        varies: OBSERVED,
        seeds: 2,
        shape: Shape::Methods(OUTCOMES),
    },
    Experiment {
        title: "LRMF: few observed items, cold start",
        about: "60 of the 8B models are held out completely; each training model keeps t items.",
        paper: "The paper: LRMF reaches with 50 to 100 items what other methods need 500 for (figures 9b and 11a, no \
                numbers).",
        command: "backtest $OUT/math-8b.json.gz --split lineage:60 --method mla,lrmf",
        varies: KEPT,
        seeds: 3,
        shape: Shape::Methods(OUTCOMES),
    },
    Experiment {
        title: "LRMF: few observed items, heterogeneous, in distribution",
        about: "The same protocol on the outcomes of leaderboard v1, where each model has 540 of 726 items on \
                average.",
        paper: "The paper: figure 10a, no numbers.",
        command: "backtest $OUT/v1.json.gz --method mla,mf,lrmf",
        varies: OBSERVED.split_at(6).0,
        seeds: 1,
        shape: Shape::Methods(OUTCOMES),
    },
    Experiment {
        title: "LRMF: few observed items, heterogeneous, cold start",
        about: "The data and split of the heterogeneous cold start; each training model keeps t items.",
        paper: "The paper: figures 10b and 11b, no numbers.",
        command: "backtest $OUT/v1.json.gz --split lineage:120 --method mla,lrmf",
        varies: KEPT.split_at(7).0,
        seeds: 2,
        shape: Shape::Methods(OUTCOMES),
    },
    Experiment {
        title: "LRMF: missing and false edges",
        about: "The data and split of the heterogeneous cold start, with a share of the edges removed (-) or the \
                same share of false edges added (+). Without 40 % of the edges about a quarter of the held-out \
                models have no path to an evaluated model; the method then uses models with similar names.",
        paper: "The paper: LRMF loses 10 % of its Pearson without 40 % of the edges and 50 % with 40 % false ones; \
                MLA hardly changes.",
        command: "backtest $OUT/v1.json.gz --split lineage:120 --method mla,lrmf",
        varies: &[
            ("-40 %", "--lineage-noise -0.4"),
            ("-20 %", "--lineage-noise -0.2"),
            ("as it is", "--lineage-noise 0"),
            ("+20 %", "--lineage-noise 0.2"),
            ("+40 %", "--lineage-noise 0.4"),
        ],
        seeds: 3,
        shape: Shape::Methods(OUTCOMES),
    },
    Experiment {
        title: "LRMF: the penalties",
        about: "The data and split of the homogeneous cold start, 8B: Pearson for each pair of λ_M (rows, lineage) \
                and λ_X (columns, tasks). There are no embeddings of the items; the task graph is computed from \
                training cells. λ is the value that the method uses for this number of cells.",
        paper: "The paper: Pearson about 0 with both at 0, best above 0.5 at λ_M = 1e-4 and λ_X = 1e-5; stable from \
                λ_M = 1e-6 on.",
        command: "analyse penalties $OUT/math-8b.json.gz --split lineage:60",
        varies: &[("", "")],
        seeds: 2,
        shape: Shape::Penalties,
    },
    Experiment {
        title: "LRMF: routing",
        about: "The heterogeneous cold start: each item is sent to the held-out model with the best prediction, \
                among the models for which all items of the benchmark are known. Scores are shares of solved items; \
                the oracle solves an item if any model solves it.",
        paper: "The paper: LRMF routes better than the single best model, NCF with factors and MLA in both settings \
                (figure 3, no numbers); NCF sends nearly everything to one model.",
        command: HETEROGENEOUS,
        varies: &[("", "")],
        seeds: 3,
        shape: Shape::Routing,
    },
    Experiment {
        title: "LRMF: routing among models of one size",
        about: "The homogeneous cold start: 8B, then 7B.",
        paper: "",
        command: HOMOGENEOUS,
        varies: &[("8B", "$OUT/math-8b.json.gz"), ("7B", "$OUT/math-7b.json.gz")],
        seeds: 5,
        shape: Shape::Routing,
    },
];

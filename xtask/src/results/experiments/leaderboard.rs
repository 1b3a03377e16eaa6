//! Forecasts of new models of a leaderboard, which none of the papers has.

use super::{Experiment, FORECASTS, INTERVALS, Shape};

/// Two sections show what one run gives.
const LATER: &str = "backtest $DATA/open-llm-leaderboard-v2.csv --lineage $DATA/lineage-edges.csv --split after:2025-01-01 \
                     --method mean,size,knn,kin,mla,factors,ncf-factors,lrmf,eyas --details";
const RANDOM: &str = "backtest $DATA/open-llm-leaderboard-v2.csv --lineage $DATA/lineage-edges.csv --split models:200 \
                      --method mean,knn,kin,factors,lrmf,eyas --details";

pub(super) const EXPERIMENTS: &[Experiment] = &[
    Experiment {
        title: "Open LLM Leaderboard v2: models submitted from 2025-01-01 on",
        about: "The board's final table of 2025-03-21 has 4,497 models × 6 benchmarks. The 1,891 models submitted \
                from 2025-01-01 on are held out; 331 of them have an evaluated parent among the others. The split is \
                fixed; the seed changes only the neural methods and `eyas`. The settings of `eyas` were chosen on models \
                before 2025, of which those from 2024-11-10 on were held out.",
        paper: "Prototypes: mean of parents and siblings Pearson 0.40 and MAE 0.0972; a Gaussian process 0.72 and \
                0.0674; gradient boosting (LightGBM) 0.73 and 0.0634, tuned 0.754 and 0.0609. What limits all of them: 95 \
                of the 1,319 held-out models of 6B and more score at the level of guessing (below 0.08 on the mean of \
                BBH, MATH and MMLU-Pro, where 0 is guessing). They are failed merges, models with a wrong chat template, \
                and reward models. Facts known before an evaluation hardly separate them from similar models: boosted \
                trees trained for this (161 of 2,042 models before 2025 were such cases) rank them with AUC 0.70, and \
                three of their ten surest cases are correct.",
        command: LATER,
        varies: &[("", "")],
        seeds: 3,
        shape: Shape::Methods(FORECASTS),
    },
    Experiment {
        title: "Open LLM Leaderboard v2: by group, from 2025-01-01 on",
        about: "The same split with one seed, by known or unknown parent, by size and by benchmark. The band \
                contains the coverage of 95 out of 100 such samples if the true coverage is 0.90 and rows are \
                independent.",
        paper: "Prototypes, parent known: Pearson 0.899, MAE 0.0396.",
        command: LATER,
        varies: &[("", "")],
        seeds: 1,
        shape: Shape::Groups(&["lrmf", "eyas"]),
    },
    Experiment {
        title: "Open LLM Leaderboard v2: random models",
        about: "200 random models are held out completely.",
        paper: "Prototypes: Gaussian process 0.881 and 0.0400, boosting 0.877 and 0.0398, their mean 0.891 and \
                0.0381.",
        command: RANDOM,
        varies: &[("", "")],
        seeds: 5,
        shape: Shape::Methods(FORECASTS),
    },
    Experiment {
        title: "Open LLM Leaderboard v2: by group, random models",
        about: "The same run, by the same groups.",
        paper: "",
        command: RANDOM,
        varies: &[("", "")],
        seeds: 5,
        shape: Shape::Groups(&["eyas"]),
    },
    Experiment {
        title: "Open LLM Leaderboard v2: hidden factors",
        about: "The split from 2025-01-01 on, with architecture and size, or all factors, of the held-out models \
                hidden from every method; name, date and lineage remain.",
        paper: "",
        command: "backtest $DATA/open-llm-leaderboard-v2.csv --lineage $DATA/lineage-edges.csv --split after:2025-01-01 \
                  --method knn,kin,ncf-factors,lrmf,eyas",
        varies: &[
            ("nothing hidden", ""),
            ("no architecture, no size", "--hide-factors architecture,params"),
            ("no factor", "--hide-factors all"),
        ],
        seeds: 1,
        shape: Shape::Methods(FORECASTS),
    },
    Experiment {
        title: "Open LLM Leaderboard v2: known scores",
        about: "Each model from 2025-01-01 on is forecast as a new model from its parents, facts and date, and from \
                some of its six scores, drawn at random; the other scores are held out. Methods that do not use \
                known scores keep their errors, which shows that the remaining tasks are not easier.",
        paper: "",
        command: "backtest $DATA/open-llm-leaderboard-v2.csv --lineage $DATA/lineage-edges.csv --split after:2025-01-01 \
                  --method kin,lrmf,eyas",
        varies: &[
            ("0 known", "--known-scores 0"),
            ("1 known", "--known-scores 1"),
            ("2 known", "--known-scores 2"),
            ("3 known", "--known-scores 3"),
        ],
        seeds: 1,
        shape: Shape::Methods(INTERVALS),
    },
    Experiment {
        title: "Open LLM Leaderboard v2: which of two models is better",
        about: "Pairs of held-out models drawn at random, by the predicted chance that the model with the better \
                forecast is the better model: the mean chance, and the share of pairs where it was better.",
        paper: "",
        command: "backtest $DATA/open-llm-leaderboard-v2.csv --lineage $DATA/lineage-edges.csv --method eyas --pairs",
        varies: &[("random models", "--split models:200"), ("after 2025-01-01", "--split after:2025-01-01")],
        seeds: 1,
        shape: Shape::Chances,
    },
    Experiment {
        title: "Published scores",
        about: "The tables of `data/published`: 641 models to mid-2026 × 324 benchmarks, 7 % of the cells. Held out are \
                cells, random models, random models with a parent in the table, the same with only their names, dates \
                and parents told, and models from 2025-07-01 on, of whose benchmarks many are new too.",
        paper: "",
        command: "backtest $OUT/published.json --method mean,parents,mf,eyas",
        varies: &[
            ("cells", "--split cells:0.1"),
            ("models", "--split models:60"),
            ("with a parent", "--split lineage:40"),
            ("no factor", "--split lineage:40 --hide-factors all"),
            ("later", "--split after:2025-07-01"),
        ],
        seeds: 3,
        shape: Shape::Methods(FORECASTS),
    },
    Experiment {
        title: "Open LLM Leaderboard v1: what to evaluate next",
        about: "The heterogeneous cold start, with answers to some items of each held-out model known: the items \
                that the method requests one after another, random items, or a fixed set chosen on training models \
                alone, like those of reduced benchmarks. Errors are those of the benchmarks' means.",
        paper: "Reduced benchmarks keep about 100 items each (no figures on these data).",
        command: "backtest $OUT/v1.json.gz --method eyas --split lineage:120",
        varies: &[
            ("none", "--known-scores 0"),
            ("10 planned", "--known-scores 10 --planned"),
            ("10 random", "--known-scores 10"),
            ("10 fixed", "--known-scores 10 --fixed"),
            ("100 planned", "--known-scores 100 --planned"),
            ("100 random", "--known-scores 100"),
            ("100 fixed", "--known-scores 100 --fixed"),
        ],
        seeds: 1,
        shape: Shape::Methods(&[
            ("mae", "MAE"),
            ("medae", "median error"),
            ("coverage", "coverage"),
            ("width", "width"),
        ]),
    },
];

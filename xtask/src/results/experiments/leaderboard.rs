//! Forecasts of new models of a leaderboard, which none of the papers has.

use super::{Experiment, FORECASTS, Shape};

/// Two sections show what one run gives.
const LATER: &str = "backtest $DATA/open-llm-leaderboard-v2.csv --lineage $DATA/lineage-edges.csv --split after:2025-01-01 \
                     --method mean,size,knn,kin,mla,factors,ncf-factors,lrmf,eyas --details";
const RANDOM: &str = "backtest $DATA/open-llm-leaderboard-v2.csv --lineage $DATA/lineage-edges.csv --split models:200 \
                      --method mean,knn,kin,factors,lrmf,eyas --details";

pub(super) const EXPERIMENTS: &[Experiment] = &[
    Experiment {
        title: "Open LLM Leaderboard v2: what came after 2025-01-01",
        about: "The board's final table of 2025-03-21, 4,497 models × 6 benchmarks; the 1,891 models submitted from 2025-01-01 on \
                are held out, 331 of them have an evaluated parent among the rest. The split does not vary; the seed moves the \
                neural methods and `eyas` a little.",
        paper: "Prototypes: mean of parents and siblings Pearson 0.40 and MAE 0.0972; a Gaussian process 0.72 and 0.0674; \
                gradient boosting (LightGBM) 0.73 and 0.0634, tuned 0.754 and 0.0609.",
        command: LATER,
        varies: &[("", "")],
        seeds: 1,
        shape: Shape::Methods(FORECASTS),
    },
    Experiment {
        title: "Open LLM Leaderboard v2: by group, after 2025-01-01",
        about: "The same run, by whether a parent is known, by size and by benchmark. The band is where coverage lies in 95 of 100 \
                such samples if it is truly 0.90 and rows are independent.",
        paper: "Prototypes, parent known: Pearson 0.899, MAE 0.0396.",
        command: LATER,
        varies: &[("", "")],
        seeds: 1,
        shape: Shape::Groups(&["lrmf", "eyas"]),
    },
    Experiment {
        title: "Open LLM Leaderboard v2: random models",
        about: "200 random models are held out whole. The covariance of `eyas` was fitted to models of before 2024-11-10, some of \
                which are held out here.",
        paper: "Prototypes: Gaussian process 0.881 and 0.0400, boosting 0.877 and 0.0398, their mean 0.891 and 0.0381.",
        command: RANDOM,
        varies: &[("", "")],
        seeds: 5,
        shape: Shape::Methods(FORECASTS),
    },
    Experiment {
        title: "Open LLM Leaderboard v2: by group, random models",
        about: "The same run, as above.",
        paper: "",
        command: RANDOM,
        varies: &[("", "")],
        seeds: 5,
        shape: Shape::Groups(&["eyas"]),
    },
    Experiment {
        title: "Open LLM Leaderboard v2: known scores",
        about: "Each model from 2025-01-01 on is forecast as somebody would ask for it: by its parents, facts and date, and by so \
                many of its six scores, drawn at random; the others are told. A method that does not use known scores stays as \
                it is, so the tasks that are left are not easier.",
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
        shape: Shape::Methods(&[
            ("pearson", "Pearson"),
            ("mae", "MAE"),
            ("rmse", "RMSE"),
            ("medae", "median error"),
            ("coverage", "coverage"),
            ("width", "width"),
            ("interval_score", "interval score"),
        ]),
    },
];

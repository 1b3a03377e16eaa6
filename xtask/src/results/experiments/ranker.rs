//! The experiments of "ModelLens", by a command of their own since they take hours.

use super::{Experiment, Import, Metric, Shape};

/// Order within groups: weighted τ plainly averaged and weighted by 1/M, and the paper's metrics of the ten first.
const RANKING: &[Metric] = &[
    ("weighted_tau", "weighted τ"),
    ("weighted_tau_by_size", "weighted τ, 1/M"),
    ("ndcg_10", "NDCG@10"),
    ("hit_10", "Hit@10"),
    ("recall_10", "Recall@10"),
    ("mrr", "MRR"),
    ("mae", "MAE"),
    ("coverage", "coverage"),
];

const PAPER: &str = "The paper, on its own data (47,000 models, 9,600 datasets) and weighted by 1/M: 0.868 (completion), \
                     0.745 and in another table 0.817 (new datasets), 0.402 (new models), -0.075 (unseen family).";

pub(in crate::results) const EXPERIMENTS: &[Experiment] = &[
    Experiment {
        title: "ModelLens: MTEB by dataset",
        about: "662 models × 1,554 datasets of MTEB, 93,013 scores, with the facts of models and datasets that MTEB \
                publishes. A group is a dataset; its held-out models are ranked. Held out are 5 % of the cells, 150 \
                whole datasets, 60 whole models, the models released from 2026 on, and all models of one family. Where \
                all predictions of a method are equal, τ is undefined (–).",
        paper: PAPER,
        command: "backtest $OUT/mteb.json.gz --method popularity,size,mf,nearest-tasks,two-tower,ranker --ranking",
        varies: &[
            ("completion", "--split cells:0.05"),
            ("new datasets", "--split datasets:150"),
            ("new models", "--split models:60"),
            ("later models", "--split after:2026-01-01"),
            ("unseen family", "--split family:qwen"),
        ],
        seeds: 1,
        shape: Shape::Methods(RANKING),
    },
    Experiment {
        title: "ModelLens: published scores",
        about: "The boards that the project ships: 641 models × 324 tasks, 14,924 results. The same protocols, with 40 whole \
                datasets.",
        paper: PAPER,
        command: "backtest $OUT/published.json --method popularity,size,mf,nearest-tasks,two-tower,ranker,eyas --ranking",
        varies: &[
            ("completion", "--split cells:0.05"),
            ("new datasets", "--split datasets:40"),
            ("new models", "--split models:60"),
            ("later models", "--split after:2026-01-01"),
            ("unseen family", "--split family:qwen"),
        ],
        seeds: 3,
        shape: Shape::Methods(RANKING),
    },
];

pub(in crate::results) const IMPORTS: &[Import] = &[Import {
    files: "$DATA/mteb/scores-by-dataset.csv.gz",
    companions: "--model-factors $DATA/mteb/models.csv --task-factors $DATA/mteb/datasets.csv",
    output: "$OUT/mteb.json.gz",
}];

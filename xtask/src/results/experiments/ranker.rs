//! The experiments of "ModelLens", by a command of their own since they take hours.

use super::{Experiment, Import, Metric, NO_SEEDS, Shape};

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

/// The paper's metrics of the first 1, 10, 30 and 50.
const FIRST: &[Metric] = &[
    ("weighted_tau", "weighted τ"),
    ("weighted_tau_by_size", "weighted τ, 1/M"),
    ("ndcg_1", "NDCG@1"),
    ("ndcg_10", "NDCG@10"),
    ("ndcg_30", "NDCG@30"),
    ("hit_1", "Hit@1"),
    ("hit_10", "Hit@10"),
    ("hit_30", "Hit@30"),
    ("hit_50", "Hit@50"),
    ("recall_1", "Recall@1"),
    ("recall_10", "Recall@10"),
    ("recall_30", "Recall@30"),
    ("recall_50", "Recall@50"),
];
/// Those of ten, for short tables.
const OF_TEN: &[Metric] = &[
    ("weighted_tau", "weighted τ"),
    ("weighted_tau_by_size", "weighted τ, 1/M"),
    ("ndcg_10", "NDCG@10"),
    ("hit_10", "Hit@10"),
    ("recall_10", "Recall@10"),
];

const PAPERS_BASELINES: &str = "The paper's tables 1 and 5, on its own data, weighted τ, completion and new datasets: IMC 0.739 \
                                and 0.792, GIMC 0.503 and 0.576, IGMC 0.762 and 0.800, standardised embedder 0.167 and 0.346, \
                                ZAP 0.763 and 0.253, ModelLens 0.868 and 0.817 (0.745 in table 1); new models: ZAP 0.307, \
                                ModelLens 0.402.";

/// Protocols on MTEB that every baseline can do.
const ON_MTEB: &[(&str, &str)] = &[
    ("completion", "--split cells:0.05"),
    ("new datasets", "--split datasets:150"),
    ("new models", "--split models:60"),
];

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
    Experiment {
        title: "ModelLens: the paper's further baselines on published scores",
        about: "The same data and protocols as on the published scores above, one seed. IGMC knows nothing of models without \
                scores: it forecasts the same for all of them.",
        paper: PAPERS_BASELINES,
        command: "backtest $OUT/published.json --method imc,gimc,igmc,embedder,zap,two-tower,ranker --ranking",
        varies: &[
            ("completion", "--split cells:0.05"),
            ("new datasets", "--split datasets:40"),
            ("new models", "--split models:60"),
            ("later models", "--split after:2026-01-01"),
            ("unseen family", "--split family:qwen"),
        ],
        seeds: 1,
        shape: Shape::Methods(FIRST),
    },
    Experiment {
        title: "ModelLens: further baselines on MTEB",
        about: "The protocols of the first table with the same held-out scores, one seed; `ranker` stands there, `gimc` and `igmc` in the \
                next one.",
        paper: PAPERS_BASELINES,
        command: "backtest $OUT/mteb.json.gz --method embedder,imc,zap --ranking",
        varies: ON_MTEB,
        seeds: 1,
        shape: Shape::Methods(FIRST),
    },
    Experiment {
        title: "ModelLens: GIMC and IGMC on MTEB",
        about: "The same with the two methods that take longer. IGMC knows nothing of a model or dataset without scores: new models are \
                all alike for it, so that their τ is undefined (–).",
        paper: PAPERS_BASELINES,
        command: "backtest $OUT/mteb.json.gz --method gimc,igmc --ranking",
        varies: ON_MTEB,
        seeds: 1,
        shape: Shape::Methods(FIRST),
    },
    Experiment {
        title: "ModelLens: families held out",
        about: "Section A.8 of the paper on MTEB by dataset. Eight families of recent embedding models are held out, by their lineage and \
                names: qwen, bge, voyage, gte, llama, f2llm, granite and mistral. Every other of their scores is forecast; the rest is in the training \
                of neither run (families held out) or of the second one (half of their scores known), so that both forecast the same scores. The \
                paper's ceiling has seen the very scores that it forecasts. In the first run every tenth dataset has no other \
                score in training, either. Means over datasets, NDCG and Hit of those with so many forecast models; in the second table the \
                datasets by what is known of them, then those with a model of each family, all of whose forecast models count. The family \
                that costs least stands first. The command writes both files. The \
                single network of `zap`, a fifth of the ranker's cost; one seed.",
        paper: "The paper, on 19,850 tasks: NDCG@10 0.723 with 13 families held out and 0.761 with all seen, weighted τ by 1/M -0.075 and 0.157 \
                (table 15). Datasets that other models were seen on 0.702 and 0.736, unseen ones 0.766 and 0.811 (table 17). By family the loss of \
                NDCG@10 is from none (yi) to 0.168 (deepseek), llama 0.084, mistral 0.088, granite 0.013, qwen 0.125 (table 16).",
        command: "backtest --method zap --ranking --split file:$OUT/families.csv",
        varies: &[
            ("families held out", "$OUT/without-families.json"),
            ("half of their scores known", "$OUT/mteb.json.gz"),
        ],
        seeds: 1,
        shape: Shape::Families,
    },
    Experiment {
        title: "ModelLens: the newest datasets of MTEB",
        about: "The case study of the paper's section 4.5: the six datasets whose models are the latest in the median, of those with 30 \
                models or more that have a date, since nothing says when a dataset appeared. All of their scores are held out. Of each \
                the ten models that the ranker puts first, with their true ranks among the models that were evaluated. The command \
                writes the file of what is held out. Other datasets of the same collections, such as Vidore3, stay in the training. One seed.",
        paper: "The paper names the first of its ranking for two new datasets beside what was measured (section 4.5, table 18).",
        command: "backtest $OUT/mteb.json.gz --method ranker --ranking --details --predictions $OUT/newest-predictions.csv",
        varies: &[("", "--split file:$OUT/newest.csv")],
        seeds: 1,
        shape: Shape::Cases,
    },
    Experiment {
        title: "ModelLens: pools to route among",
        about: "Section 4.3 of the paper on item outcomes of leaderboard v1. For each of five benchmarks the ranker trains on shares of solved \
                items on the other four (495 models, every fifth of those with all outcomes; sizes by name) and recommends, from a description alone, \
                a model of each size of a given pool of the time: Llama 3 70B and 8B, Qwen1.5 32B and 7B, Mixtral 8x7B (13B active), \
                Mistral 7B. Then each pool is routed: half of the items of its models are held out, the rest and all outcomes of other \
                models are known, and `irt` or `mf` sends each held-out item to the model with the best chance. Shares of solved items. \
                There are no texts of the items, so that the paper's routers cannot run. The leaderboard has many fine-tunes and merges \
                that were made for it; the pools show it.",
        paper: "The paper, exact match on five QA benchmarks, means: kNN router 0.227 with the given pool, 0.411 with the recommended one; \
                MLP router 0.221 and 0.366; Router-R1 0.355 and 0.482 (table 4).",
        command: "recommend --pool 70,32,13,8,7,7 --top 10",
        varies: &[
            ("arc", "--snapshot $OUT/without-arc.csv --describe grade-school-science-questions-with-several-choices"),
            ("gsm8k", "--snapshot $OUT/without-gsm8k.csv --describe grade-school-maths-word-problems-in-several-steps"),
            (
                "mmlu",
                "--snapshot $OUT/without-mmlu.csv --describe multiple-choice-questions-on-57-subjects-of-school-and-university",
            ),
            (
                "truthfulqa",
                "--snapshot $OUT/without-truthfulqa.csv --describe questions-that-a-misconception-makes-people-answer-falsely",
            ),
            (
                "winogrande",
                "--snapshot $OUT/without-winogrande.csv --describe which-of-two-nouns-a-pronoun-refers-to-by-common-sense",
            ),
        ],
        seeds: NO_SEEDS,
        shape: Shape::Pools,
    },
    Experiment {
        title: "ModelLens: atlas",
        about: "How far the two maps of models and datasets can be read: shares of a point's ten nearest neighbours in the space that are among \
                its ten nearest on the map, and on the first two principal components alone; and of the ten nearest models of a model in \
                the space those of its family, of the ten nearest datasets of a dataset those of its type of task.",
        paper: "The paper: the learned space clusters by modality and task, that of texts does not (figures 4 and 5, no numbers).",
        command: "analyse atlas",
        varies: &[("published scores", "$OUT/published.json"), ("open models", "data/open-models.csv")],
        seeds: NO_SEEDS,
        shape: Shape::Atlas,
    },
    Experiment {
        title: "ModelLens: feature augmentation, by a stand-in",
        about: "The paper runs models on a part of the target and gives the ranker what it finds (section 4.2.2). Nothing was run \
                here: as a stand-in, the vector of a pair has the mean of the model's standardised scores on the other parts and \
                metrics of the same dataset, held-out ones included, and the logarithm of their number. 242 of the 324 published \
                tasks are of a dataset with several. The single network of `zap`, a fifth of the ranker's cost; one seed.",
        paper: "The paper, on eight image datasets: weighted τ 0.369 without and 0.609 with features of forward passes.",
        command: "backtest --method zap --ranking",
        varies: &[
            ("completion", "--split cells:0.05 $OUT/published.json"),
            ("completion, with vectors", "--split cells:0.05 $OUT/published-pairs.json"),
            ("new datasets", "--split datasets:40 $OUT/published.json"),
            ("new datasets, with vectors", "--split datasets:40 $OUT/published-pairs.json"),
            ("new models", "--split models:60 $OUT/published.json"),
            ("new models, with vectors", "--split models:60 $OUT/published-pairs.json"),
        ],
        seeds: 1,
        shape: Shape::Methods(RANKING),
    },
    Experiment {
        title: "ModelLens: feature augmentation on MTEB, by a stand-in",
        about: "The same on MTEB by dataset, nearer to the paper: 239 datasets have several subsets or splits. The score on one of them, \
                the one with the most models, is the vector of the pair, standardised over the models; the score to forecast is the mean \
                over the others. All scores on every eighth of these datasets with 20 models or more are held out; the vectors are known, \
                as if each model had been run on that one subset. Datasets with one subset have no vectors. The single network of `zap`; \
                one seed.",
        paper: "The paper, on eight image datasets: weighted τ 0.369 without and 0.609 with features of forward passes; by dataset from 0.422 \
                to 0.802 with them (table 2).",
        command: "backtest --method zap --ranking --split file:$OUT/mteb-held.csv",
        varies: &[("without", "$OUT/mteb-other-subsets.json"), ("with vectors", "$OUT/mteb-with-subset.json")],
        seeds: 1,
        shape: Shape::Augmented,
    },
    Experiment {
        title: "ModelLens: losses",
        about: "The ranker with some of its losses, on 117 open models × 6 benchmarks (`data/open-models.csv`), for which it is a \
                single small network: means over five seeds of a fifth of the cells, and of two whole benchmarks. Where the pointwise \
                loss is alone, the forecast of a score ranks.",
        paper: "The paper's table 14, on new datasets of its own.",
        command: "analyse losses data/open-models.csv",
        varies: &[("completion", "--split cells:0.2"), ("new datasets", "--split datasets:2")],
        seeds: 5,
        shape: Shape::Losses(OF_TEN, &["0.745", "0.728", "0.703", "0.632", "0.649", "0.591", "–"]),
    },
    Experiment {
        title: "ModelLens: features",
        about: "What groups of features add to the ranker's mean weighted τ, on the same data and five seeds. The trained ranker is \
                shown each subset of the features of models with all of tasks, and each subset of those of tasks with all of models; \
                hidden ones are as if unknown.",
        paper: "The paper: names and descriptions of models are redundant, each worth much by itself (figure 6, no numbers).",
        command: "analyse features data/open-models.csv",
        varies: &[
            ("completion", "--split cells:0.2"),
            ("new datasets", "--split datasets:2"),
            ("new models", "--split models:30"),
        ],
        seeds: 5,
        shape: Shape::Features,
    },
    Experiment {
        title: "ModelLens: priors of size and family",
        about: "Data: the mean over a group's models of their mean standardised scores. Prior: what the ranker's head of size and \
                family says of the group alone, the other embedding being the mean of all, standardised over the groups. Groups have \
                at least three models. ρ is Spearman's, with the size or with the family's rank in the data. On all published \
                scores, one seed.",
        paper: "The paper: a rising trend with size, less stable below a billion; families differ by kind of task (figure 2, no \
                numbers in the text).",
        command: "analyse priors $OUT/published.json",
        varies: &[("", "")],
        seeds: 1,
        shape: Shape::Priors,
    },
];

/// The vectors that the results write themselves.
pub(in crate::results) const PAIRS: &str = "$OUT/pairs.csv";

/// Scores of MTEB that the results write themselves, without those on one subset of each dataset.
pub(in crate::results) const OTHER_SUBSETS: &str = "$OUT/mteb-other-subsets.csv";

pub(in crate::results) const IMPORTS: &[Import] = &[
    Import {
        files: "$OUT/published.json",
        companions: "--pair-vectors $OUT/pairs.csv",
        output: "$OUT/published-pairs.json",
    },
    Import {
        files: "$DATA/mteb/scores-by-dataset.csv.gz",
        companions: "--model-factors $DATA/mteb/models.csv --task-factors $DATA/mteb/datasets.csv",
        output: "$OUT/mteb.json.gz",
    },
    Import {
        files: OTHER_SUBSETS,
        companions: "--model-factors $DATA/mteb/models.csv --task-factors $DATA/mteb/datasets.csv",
        output: "$OUT/mteb-other-subsets.json",
    },
    Import {
        files: "$OUT/mteb-other-subsets.json",
        companions: "--pair-vectors $OUT/mteb-subset.csv",
        output: "$OUT/mteb-with-subset.json",
    },
];

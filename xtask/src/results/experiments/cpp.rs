//! The experiments of "Collaborative Performance Prediction", and BenchPress's.

use super::{ERRORS, Experiment, Shape};

/// Two sections show what one run gives.
const LARGE: &str = "backtest $OUT/cpp.json --method mean,size,scaling-law,mf,ncf-factors,factors,eyas --by-model";

/// The squared errors of CPP's table 4, CPP-0 and CPP-2, by the names of its data.
const TABLE_4: &[(&str, &[&str])] = &[
    ("LLama-2-70B", &["0.0134", "0.0179"]),
    ("Llama 3 70B", &["0.0563", "0.017"]),
    ("LLaMA-65B", &["0.0173", "0.0188"]),
    ("Pythia-12B", &["0.0219", "0.0157"]),
    ("Yi-9b", &["0.0320", "0.009"]),
    ("Baichuan 2-13B-Base", &["0.0270", "0.010"]),
    ("Qwen-14B", &["0.0105", "0.031"]),
    ("TigerBot-70b", &["0.0802", "0.044"]),
    ("Gemma-7b", &["0.0494", "0.102"]),
    ("Falcon-180B", &["0.0500", "0.032"]),
    ("Gopher - 280B", &["0.1448", "0.1087"]),
];

pub(super) const EXPERIMENTS: &[Experiment] = &[
    Experiment {
        title: "CPP: 5 % of the cells",
        about: "CPP's own score matrix has 72 models × 29 tasks, 878 cells (42 %; the paper states 44 % in one \
                place), 13 model factors and 4 task factors. 5 % of the cells are predicted from the others. Ranks \
                are among all known results of a task.",
        paper: "The paper: MF: MSE 0.0216, MAE 0.0947, rank accuracy 44.3 %, MAE@2 83.2 %. NCF: 0.0158, 0.0894, 41.8 \
                %, 85.0 %. NCF with factors: 0.0125, 0.0788, 45.5 %, 84.5 %. Factors alone: 0.0175, 0.0857, 33.5 %, \
                84.1 %. (The paper does not say which scores a rank is taken among; here it is among about thirty.)",
        command: "backtest $OUT/cpp.json --split cells:0.05 --method mean,mf,irt,ncf,ncf-factors,factors,lrmf,eyas",
        varies: &[("", "")],
        seeds: 10,
        shape: Shape::Methods(ERRORS),
    },
    Experiment {
        title: "CPP: 5 % of the cells, paired differences",
        about: "The same split with twenty seeds: the difference between each seed's error and that of `mf` on the \
                same cells. Values below 0 are better; ± is the standard error of the mean.",
        paper: "Plain alternating least squares with biases (rank 2, λ = 0.1) reached MSE 0.0062 and MAE 0.0535.",
        command: "backtest $OUT/cpp.json --split cells:0.05 --method mf,ncf-factors,eyas --details",
        varies: &[("", "")],
        seeds: 20,
        shape: Shape::Pairs("mf", &[("mse", "MSE"), ("mae", "MAE")]),
    },
    Experiment {
        title: "CPP-0 and CPP-2: large models from small ones",
        about: "The largest model of each family is predicted, with none (CPP-0) or two (CPP-2) of its scores \
                known.",
        paper: "The paper: NCF with factors, twelve models: MSE 0.0105 to 0.145 (CPP-0) and 0.009 to 0.109 (CPP-2); \
                LLaMA 2-70B 0.0134 and 0.0179.",
        command: LARGE,
        varies: &[("CPP-0", "--split largest:0"), ("CPP-2", "--split largest:2")],
        seeds: 5,
        shape: Shape::Methods(ERRORS),
    },
    Experiment {
        title: "CPP-0 and CPP-2: by model",
        about: "The same run: squared errors for the models of the paper's table 4, with the paper's NCF with \
                factors for comparison. Here all of them are held out at once. The paper's twelfth model, Luminous \
                Supreme, has different names in the factors and in the scores, so that its family and size are \
                unknown.",
        paper: "",
        command: LARGE,
        varies: &[("CPP-0", "--split largest:0"), ("CPP-2", "--split largest:2")],
        seeds: 5,
        shape: Shape::Models(&["scaling-law", "ncf-factors", "eyas"], TABLE_4),
    },
    Experiment {
        title: "CPP: complex reasoning",
        about: "The same run, CPP-2, on the tasks that are said to emerge with size. In the paper the two known \
                scores are on other tasks; here they are any two.",
        paper: "The paper: errors similar to those of a scaling law (figure 10, no numbers).",
        command: LARGE,
        varies: &[("CPP-2", "--split largest:2")],
        seeds: 5,
        shape: Shape::Tasks(
            &["GSM8K(4-shot)", "BIG-bench hard(3-shot)", "HumanEval(pass@1)", "MBPP(3-shot)"],
            &[("mse", "MSE"), ("mae", "MAE")],
        ),
    },
    Experiment {
        title: "CPP: new tasks",
        about: "Three random tasks are held out, either completely (CPP-T0) or except for two results each \
                (CPP-T2).",
        paper: "",
        command: "backtest $OUT/cpp.json --method mean,mf,ncf-factors,factors,eyas",
        varies: &[("CPP-T0", "--split tasks:3"), ("CPP-T2", "--split tasks:3,2")],
        seeds: 5,
        shape: Shape::Methods(ERRORS),
    },
    Experiment {
        title: "CPP: the paper's new tasks",
        about: "The same protocol for each of the paper's four tasks.",
        paper: "The paper: CPP-T0, squared error: 0.0220 (BoolQ), 0.0710 (BIG-bench hard), 0.0341 (HellaSwag), \
                0.1244 (HumanEval); CPP-T2: 0.0182, 0.0073, 0.0251, 0.0763.",
        command: "backtest $OUT/cpp.json --method mean,mf,ncf-factors,eyas",
        varies: &[
            ("BoolQ, T0", "--split 'task:BoolQ(0-shot)'"),
            ("BoolQ, T2", "--split 'task:BoolQ(0-shot),2'"),
            ("BIG-bench hard, T0", "--split 'task:big_bench_hard(3_shot)'"),
            ("BIG-bench hard, T2", "--split 'task:big_bench_hard(3_shot),2'"),
            ("HellaSwag, T0", "--split 'task:HellaSwag(10-shot)'"),
            ("HellaSwag, T2", "--split 'task:HellaSwag(10-shot),2'"),
            ("HumanEval, T0", "--split 'task:HumanEval(pass@1)'"),
            ("HumanEval, T2", "--split 'task:HumanEval(pass@1),2'"),
        ],
        seeds: 5,
        shape: Shape::Methods(&[("mse", "MSE"), ("mae", "MAE"), ("medae", "median error")]),
    },
    Experiment {
        title: "CPP: sparsity",
        about: "5 % of the cells are predicted, and a share of the others is kept for training. 58 % of the matrix \
                is unknown from the start, so that 50 % is not possible here; the next table has it.",
        paper: "The paper: MAE rises and rank accuracy falls with sparsity, sharply above 60 % (figure 9, no \
                numbers).",
        command: "backtest $OUT/cpp.json --split cells:0.05 --method mf,ncf-factors,eyas",
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
        title: "CPP: sparsity, on HELM",
        about: "The same protocol on HELM's core table, of which 47 % is unknown from the start.",
        paper: "",
        command: "backtest $DATA/cpp/helm_core.csv --split cells:0.05 --method mf,ncf,eyas",
        varies: &[
            ("50 % unknown", "--keep-cells 1"),
            ("60 % unknown", "--keep-cells 0.8"),
            ("70 % unknown", "--keep-cells 0.6"),
            ("80 % unknown", "--keep-cells 0.4"),
            ("90 % unknown", "--keep-cells 0.2"),
        ],
        seeds: 3,
        shape: Shape::Methods(ERRORS),
    },
    Experiment {
        title: "CPP: the pilot on HELM",
        about: "HELM's core table from CPP's repository has 88 models × 56 metrics, 53 % observed; the paper uses a \
                table that it calls HELM Lite. Metrics outside 0..1 are scaled by the range of the training cells, \
                so that a held-out value far outside that range dominates the MSE. Ranks are among up to 87 others.",
        paper: "The paper: MF with half of the scores: rank accuracy 10 %, MAE@2 39 %.",
        command: "backtest $DATA/cpp/helm_core.csv --method mean,mf,ncf,eyas",
        varies: &[
            ("90 % known", "--split cells:0.1"),
            ("50 % known", "--split cells:0.5"),
            ("10 % known", "--split cells:0.9"),
        ],
        seeds: 3,
        shape: Shape::Methods(ERRORS),
    },
    Experiment {
        title: "BenchPress: the published folds",
        about: "BenchPress's score matrix has 84 models × 133 benchmarks and 2,604 cells; the folds are its authors' \
                (ten times three). Errors and widths are shares of a benchmark's range: 0.046 is 4.6 points out of \
                100.",
        paper: "The paper: median absolute error 4.60 points; intervals of 90.0 % coverage with a width of 27.17 to \
                27.65 points.",
        command: "backtest $DATA/benchpress/data.json --split folds:$DATA/benchpress/folds.json",
        varies: &[("", "--method mean,knn,mf,ncf,ncf-factors,eyas")],
        seeds: 0,
        shape: Shape::Methods(&[
            ("mae", "MAE"),
            ("medae", "median error"),
            ("coverage", "coverage"),
            ("width", "mean width"),
            ("median_width", "median width"),
        ]),
    },
    Experiment {
        title: "CPP: Shapley values of factors",
        about: "Exact Shapley values of the factors of `ncf-factors`: the reduction of the mean squared error on 10 \
                % of the cells by each factor.",
        paper: "The paper: besides training data and parameters, the family, the context window and the batch size; \
                among task factors the ability (figure 6, no numbers).",
        command: "analyse shapley $OUT/cpp.json --split cells:0.1",
        varies: &[("", "")],
        seeds: 5,
        shape: Shape::Shares,
    },
    Experiment {
        title: "CPP: influence of models and tasks",
        about: "MF is trained without each task (or model) in turn; the change of the squared error on 20 % of the \
                cells is averaged over the other tasks (or models). The table shows the five whose absence raises \
                the error most and the five whose absence raises it least; `--json` prints the whole matrix and its \
                clustering.",
        paper: "The paper: tasks of one ability, and models of one family or size, have similar effects (figures 13 \
                and 14, no numbers).",
        command: "analyse --split cells:0.2",
        varies: &[("tasks", "tasks $OUT/cpp.json"), ("models", "models $OUT/cpp.json")],
        seeds: 3,
        shape: Shape::Influence,
    },
    Experiment {
        title: "CPP: clusters of influence",
        about: "The same runs: clusters of models and of tasks whose effects on the others correlate, by average \
                linkage on 1 - correlation with a threshold of 0.5, followed by clusters of tasks whose scores \
                correlate. Clusters of one are omitted.",
        paper: "The paper: figures 13 and 14 and table 5, no numbers.",
        command: "analyse --split cells:0.2",
        varies: &[
            ("tasks", "tasks $OUT/cpp.json"),
            ("models", "models $OUT/cpp.json"),
            ("scores", "correlation $OUT/cpp.json"),
        ],
        seeds: 3,
        shape: Shape::Clusters,
    },
];

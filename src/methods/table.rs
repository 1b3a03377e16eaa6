// The methods, one row each, baselines first. `method.rs` turns them into the type `Method`, `xtask` into the tables of the
// JavaScript package and of the README. A method with a missing part does not compile.
//
// - its name on the command line and in files, and a one-line description
// - the information its forecasts of a new model can use: `Factors`, `Dates`, `Lineage`, `Names`, known `Scores`; whether it
//   models single `Outcomes`, and whether it trains on a `Gpu`
// - whether its forecasts depend on the factor of this name
// - the wasm module that trains it, and its training. Methods without parameters are fitted to the data again when restored.
// - the wasm modules that restore it from its parameters and forecast, and its restoring
methods! {
    Mean "mean" "each task's mean" {
        uses [];
        factor |_name| false;
        trained in Methods |order| RelativesMean::fit(order.data, Which::NoRelatives);
        restored in [Forecast, Analyses] |data, _tensors| RelativesMean::fit(data, Which::NoRelatives);
    }
    Size "size" "a linear trend of each task over the log of the parameter count" {
        uses [Factors];
        factor |name| name == "params";
        trained in Methods |order| size::fit(order.data);
        restored in [Forecast, Analyses] |data, _tensors| size::fit(data);
    }
    Popularity "popularity" "the same over hearts or downloads, which are known only after an evaluation: a baseline for comparison" {
        uses [Factors];
        factor |name| known_afterwards(name);
        trained in Methods |order| popularity::fit(order.data);
        restored in [Forecast, Analyses] |data, _tensors| popularity::fit(data);
    }
    Knn "knn" "a weighted mean of the nearest models by their factors" {
        uses [Factors];
        factor |name| !known_afterwards(name);
        trained in Methods |order| Neighbours::fit(order.data);
        restored in [ForecastMore, Analyses] |data, _tensors| Neighbours::fit(data);
    }
    Parents "parents" "the mean of its parents" {
        uses [Lineage];
        factor |_name| false;
        trained in Methods |order| RelativesMean::fit(order.data, Which::Parents);
        restored in [Forecast, Analyses] |data, _tensors| RelativesMean::fit(data, Which::Parents);
    }
    Kin "kin" "the mean of its parents and siblings" {
        uses [Lineage];
        factor |_name| false;
        trained in Methods |order| RelativesMean::fit(order.data, Which::ParentsAndSiblings);
        restored in [Forecast, Analyses] |data, _tensors| RelativesMean::fit(data, Which::ParentsAndSiblings);
    }
    Mla "mla" "Model Lineage Averaging: the mean of its parents and children" {
        uses [Lineage];
        factor |_name| false;
        trained in Methods |order| RelativesMean::fit(order.data, Which::ParentsAndChildren);
        restored in [Forecast, Analyses] |data, _tensors| RelativesMean::fit(data, Which::ParentsAndChildren);
    }
    Lrmf "lrmf" "Lineage-Regularized Matrix Factorization; a model without relatives gets the mean vector of the models with the most similar names" {
        uses [Lineage, Names, Scores, Outcomes, Gpu];
        factor |_name| false;
        trained in Lrmf |order| Lrmf::fit_on(order.compute, order.data, &order.lrmf_config(), order.observer).await?;
        restored in [Forecast, Analyses] |data, tensors| Lrmf::restore(data, tensors)?;
    }
    Mf "mf" "matrix factorisation; rank, penalty and scale are chosen on held-out cells" {
        uses [Scores, Outcomes];
        factor |_name| false;
        trained in Methods |order| Mf::choose(order.data, order.observer).await?;
        restored in [ForecastMore, Analyses] |data, tensors| Mf::restore(data, tensors)?;
    }
    Irt "irt" "item response theory with two parameters per item" {
        uses [Scores, Outcomes];
        factor |_name| false;
        trained in Methods |order| Irt::fit(order.data, &order.irt_config(), order.observer).await?;
        restored in [ForecastMore, Analyses] |data, tensors| Irt::restore(data, tensors)?;
    }
    Ncf "ncf" "neural collaborative filtering: a network over latent vectors" {
        uses [Scores, Gpu];
        factor |_name| false;
        trained in Networks |order| Ncf::fit_on(order.compute, order.data, &NcfConfig::latent(), order.observer).await?;
        restored in [ForecastMore, Analyses] |data, tensors| Ncf::restore(data, &NcfConfig::latent(), tensors)?;
    }
    NcfFactors "ncf-factors" "the same with model and task factors" {
        uses [Factors, Scores, Gpu];
        factor |name| !known_afterwards(name);
        trained in Networks |order| Ncf::fit_on(order.compute, order.data, &NcfConfig::with_factors(), order.observer).await?;
        restored in [ForecastMore, Analyses] |data, tensors| Ncf::restore(data, &NcfConfig::with_factors(), tensors)?;
    }
    Factors "factors" "the same on factors alone" {
        uses [Factors, Gpu];
        factor |name| !known_afterwards(name);
        trained in Networks |order| Ncf::fit_on(order.compute, order.data, &NcfConfig::factors_only(), order.observer).await?;
        restored in [ForecastMore, Analyses] |data, tensors| Ncf::restore(data, &NcfConfig::factors_only(), tensors)?;
    }
    ScalingLaw "scaling-law" "a sigmoid in log compute for each family and task with at least three measured sizes" {
        uses [Factors];
        factor |name| matches!(name, "params" | "tokens" | "family");
        trained in Methods |order| ScalingLaw::fit(order.data);
        restored in [ForecastMore, Analyses] |data, _tensors| ScalingLaw::fit(data);
    }
    NearestTasks "nearest-tasks" "a model's standardised scores on the tasks with the most similar texts" {
        uses [Scores];
        factor |_name| false;
        trained in Ranker |order| NearestTasks::fit(order.data);
        restored in [Ranker] |data, tensors| NearestTasks::restore(data, tensors)?;
    }
    TwoTower "two-tower" "the cosine of two networks' vectors, one of a model and one of a task, over what the ranker sees" {
        uses [Factors, Dates, Lineage, Names];
        factor |name| !known_afterwards(name);
        trained in Ranker |order| TwoTower::fit(Form::Cosine, order.data, order.observer).await?;
        restored in [Ranker] |data, tensors| TwoTower::restore(Form::Cosine, data, tensors)?;
    }
    Imc "imc" "inductive matrix completion: the product of vectors that are linear in what the ranker sees" {
        uses [Factors, Dates, Lineage, Names];
        factor |name| !known_afterwards(name);
        trained in Ranker |order| TwoTower::fit(Form::Linear, order.data, order.observer).await?;
        restored in [Ranker] |data, tensors| TwoTower::restore(Form::Linear, data, tensors)?;
    }
    Gimc "gimc" "goal-directed inductive matrix completion: the same with learned features of a Gaussian kernel" {
        uses [Factors, Dates, Lineage, Names];
        factor |name| !known_afterwards(name);
        trained in Ranker |order| TwoTower::fit(Form::Kernel, order.data, order.observer).await?;
        restored in [Ranker] |data, tensors| TwoTower::restore(Form::Kernel, data, tensors)?;
    }
    Igmc "igmc" "inductive graph-based matrix completion: a graph network over the scores around the one that is asked for" {
        uses [Scores];
        factor |_name| false;
        trained in Ranker |order| Igmc::fit(order.data, order.observer).await?;
        restored in [Ranker] |data, tensors| Igmc::restore(data, tensors)?;
    }
    Embedder "embedder" "a standardised embedder: a fixed vector of each model by itself, and for each task the weights of its parts" {
        uses [Factors, Dates, Lineage, Names];
        factor |name| !known_afterwards(name);
        trained in Ranker |order| Embedder::fit(order.data)?;
        restored in [Ranker] |data, tensors| Embedder::restore(data, tensors)?;
    }
    Zap "zap" "a surrogate in the manner of ZAP: a network over features of models and tasks, without IDs, trained on pairs" {
        uses [Factors, Dates, Lineage, Names];
        factor |name| !known_afterwards(name);
        trained in Ranker |order| Ranker::fit(order.data, &RankerConfig::surrogate(order.data.cells.count()), order.observer).await?;
        restored in [Ranker] |data, tensors| Ranker::restore(data, &RankerConfig::surrogate(data.cells.count()), tensors)?;
    }
    Ranker "ranker" "ModelLens: a network ranks models on tasks by IDs, names, texts, size and family" {
        uses [Factors, Dates, Lineage, Names];
        factor |name| !known_afterwards(name);
        trained in Ranker |order| Ranker::fit(order.data, &order.ranker_config(), order.observer).await?;
        restored in [Ranker] |data, tensors| Ranker::restore(data, &RankerConfig::for_cells(data.cells.count()), tensors)?;
    }
    Eyas "eyas" "the default: Gaussian-process regression on all factors, dates, name, ancestors and known scores, with boosted trees where there are many models; gives 90 % intervals" {
        uses [Factors, Dates, Lineage, Names, Scores, Outcomes];
        factor |name| eyas::uses_factor(name);
        trained in Trainer |order| order.eyas().await?;
        restored in [Forecast] |data, tensors| Eyas::restore(data, tensors)?;
    }
}

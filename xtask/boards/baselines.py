#!/usr/bin/env python3
"""Predicts held-out cells of a table of scores by tuned baselines and by their stack.

usage: baselines.py SNAPSHOT.json SPLIT CELLS.csv OUT.csv

SNAPSHOT is an uncompressed `eyas-snapshot/2`, so that every baseline has the factors that eyas has. SPLIT is the split
as `eyas backtest` takes it, CELLS is what that command wrote with `--predictions`; only its columns seed, model and
task are read. OUT has a row for each cell: seed, model, task, a column for each baseline, and `stack`, in 0..1 of the
task's range.

Each seed is a separate trial. Its held-out cells are hidden, and inner folds of the remaining cells imitate the split:
they hide whole models, the latest models, the largest of each family, or single cells, and leave as many scores of a
hidden model as the split does. Each baseline takes the configuration with the lowest absolute error on the inner folds
and is then fitted on all remaining cells. The stack is a mean with weights that are chosen on the inner folds (Caruana
et al., Ensemble Selection from Libraries of Models, 2004).

A baseline is a function from Z to predictions of all cells. Z has the scores of each task, centred and with variance
1, shaped (models, tasks), NaN where unknown."""

import collections
import concurrent.futures
import csv
import datetime
import json
import os
import re
import sys
import warnings
from itertools import product

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[threads] = "1"  # before numpy starts them: a trial has one thread

import lightgbm
import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.linear_model import BayesianRidge

warnings.filterwarnings("ignore", category=UserWarning)  # LightGBM on constant columns
FOLDS = 3


class Table:
    """Scores in 0..1, and the factors of models as columns. A group holds the columns of one factor."""

    def __init__(self, path):
        with open(path) as file:
            snapshot = json.load(file)
        self.models = [model["id"] for model in snapshot["models"]]
        self.tasks = [task["id"] for task in snapshot["tasks"]]
        self.scores = np.full((len(self.models), len(self.tasks)), np.nan)
        for at, (task, column) in enumerate(zip(snapshot["tasks"], snapshot["scores"])):
            if task.get("range") is None:
                sys.exit(f"{path}: task {task['id']} has no range")
            low, high = task["range"]["low"], task["range"]["high"]
            rows = column.get("models", range(len(self.models)))
            self.scores[list(rows), at] = (np.array(column["values"]) - low) / (high - low)
        factors = [factors_of(model) for model in snapshot["models"]]
        names = sorted({name for own in factors for name in own})
        encoded = [encode([own.get(name) for own in factors]) for name in names] + [words(self.models)]
        self.groups = [columns for columns in encoded if columns.shape[1]] or [np.zeros((len(factors), 1))]
        self.factors = np.hstack(self.groups)
        self.family = [own.get("family", own.get("word")) for own in factors]
        self.size = np.array([own.get("params", np.nan) for own in factors], float)
        self.date = np.array([own.get("date", np.nan) for own in factors], float)


def factors_of(model):
    """Factors, the date as a day, and what a name tells: organisation, first word and size."""
    factors = dict(model.get("factors", {}))
    organisation, _, name = model["id"].rpartition("/")
    factors.update(organisation=organisation or None, word=re.match(r"[a-z]*", name.lower()).group() or None)
    size = re.search(r"(\d+(?:\.\d+)?)b\b", name.lower())
    if size:
        factors.setdefault("params", float(size.group(1)))
    if model.get("date"):
        factors["date"] = datetime.date.fromisoformat(model["date"][:10]).toordinal()
    return {name: value for name, value in factors.items() if value is not None}


def encode(values):
    """Columns of a factor. Numbers are standardised, in logarithms if they span a factor of 20, with a column that marks
    unknown ones; each word that occurs twice has a column."""
    if all(isinstance(value, (bool, int, float)) or value is None for value in values):
        column = np.array([np.nan if value is None else float(value) for value in values])
        known = column[~np.isnan(column)]
        if known.size and known.min() > 0 and known.max() > 20 * known.min():
            column = np.log(column)
        gap = np.isnan(column)
        column = np.where(gap, np.nanmedian(column) if known.size else 0.0, column)
        columns = [(column - column.mean()) / max(column.std(), 1e-9)] + ([gap.astype(float)] if gap.any() else [])
    else:
        words = [str(value).lower() for value in values]
        counts = collections.Counter(words)
        columns = [np.array([word == other for other in words], float) for word in sorted(counts) if counts[word] > 1]
    columns = [column for column in columns if column.std() > 0]
    return np.array(columns).T.reshape(len(values), -1)


def words(names):
    """A column for each part of a name, such as `instruct`, that occurs three times."""
    parts = [set(re.findall(r"[a-z]+|\d+(?:\.\d+)?", name.lower())) for name in names]
    counts = collections.Counter(part for own in parts for part in own)
    common = sorted(part for part, count in counts.items() if 3 <= count < len(names))
    return np.array([[part in own for part in common] for own in parts], float).reshape(len(names), -1)


# Baselines on the matrix alone


def als(z, table, rank, penalty):
    known, rng = ~np.isnan(z), np.random.default_rng(0)
    scores, (n, t) = np.nan_to_num(z), z.shape
    rows, columns = np.ones((n, rank + 1)), 0.1 * rng.standard_normal((t, rank + 1))
    ridge = penalty * np.eye(rank + 1)
    for _ in range(20):
        for target, own, other, cells in ((rows, known, columns, scores), (columns, known.T, rows, scores.T)):
            grams = np.einsum("ij,ja,jb->iab", own, other, other) + ridge
            target[:] = np.linalg.solve(grams, ((cells * own) @ other)[:, :, None])[:, :, 0]
    return rows @ columns.T


def spectral(z, shrink, rounds=60):
    """Fills gaps by a singular value decomposition whose values `shrink` lowers, again and again."""
    known, filled = ~np.isnan(z), np.nan_to_num(z)
    for _ in range(rounds):
        left, values, right = np.linalg.svd(filled, full_matrices=False)
        low = (left * shrink(values)) @ right
        after = np.where(known, z, low)
        if np.abs(after - filled).max() < 1e-3:
            break
        filled = after
    return low


def soft_impute(z, table, penalty):
    largest = np.linalg.svd(np.nan_to_num(z), compute_uv=False)[0]
    return spectral(z, lambda values: np.maximum(values - penalty * largest, 0))


def iterative_pca(z, table, rank):
    def shrink(values):  # by the mean of what is left out, as in missMDA
        noise = (values[rank:] ** 2).mean() if len(values) > rank else 0.0
        return np.where(np.arange(len(values)) < rank, np.maximum(values - noise / np.maximum(values, 1e-9), 0), 0)

    return spectral(z, shrink)


def filled(z):
    """Scores without gaps, for features: known ones, and those of iterative PCA."""
    return np.where(np.isnan(z), iterative_pca(z, None, min(2, z.shape[1] - 1)), z)


# Baselines on features


def knn(z, table, space, neighbours):
    scores = filled(z)
    parts = {"factors": [table.factors], "scores": [scores], "both": [table.factors, scores]}[space]
    features = np.hstack([part / np.sqrt(part.shape[1]) for part in parts])
    distance = ((features[:, None] - features[None]) ** 2).sum(2)
    np.fill_diagonal(distance, np.inf)
    answer = np.zeros(z.shape)
    for task in range(z.shape[1]):
        known = np.flatnonzero(~np.isnan(z[:, task]))
        count = min(neighbours, len(known) - 1)
        if count > 0:
            apart = distance[:, known]
            if space != "factors":  # a task's own scores are no feature of it
                apart = apart - (scores[:, task, None] - scores[known, task]) ** 2 / scores.shape[1]
            near = np.argpartition(apart, count - 1, axis=1)[:, :count]
            weights = 1 / (np.take_along_axis(apart, near, 1) + 0.05)
            answer[:, task] = (weights * z[known[near], task]).sum(1) / weights.sum(1)
    return answer


def by_pattern(z, predict, together=True):
    """Calls `predict` with the rows and numbers of all tasks that the same models have, or of one task after another; it
    predicts them for all rows."""
    answer, patterns = np.zeros(z.shape), collections.defaultdict(list)
    for task in range(z.shape[1]):
        patterns[(~np.isnan(z[:, task])).tobytes() if together else task].append(task)
    for tasks in patterns.values():
        rows = np.flatnonzero(~np.isnan(z[:, tasks[0]]))
        if len(rows) > 2:
            answer[:, tasks] = predict(rows, tasks).reshape(len(z), len(tasks))
    return answer


def by_task(z, table, make, space):
    """Fits each task by itself on factors, on the other tasks' scores, whose gaps iterative PCA fills, or on both."""
    answer, scores = np.zeros(z.shape), filled(z) if space != "factors" else None
    for task in range(z.shape[1]):
        rows = np.flatnonzero(~np.isnan(z[:, task]))
        parts = [table.factors] if space != "scores" else []
        parts += [np.delete(scores, task, axis=1)] if space != "factors" else []
        if len(rows) > 2:
            features = np.hstack(parts)
            answer[:, task] = make().fit(features[rows], z[rows, task]).predict(features)
    return answer


def forest(leaf, share):
    return ExtraTreesRegressor(100, min_samples_leaf=leaf, max_features=share, random_state=0)


def extra_trees(z, table, leaf, share):
    """Fits all tasks at once. Where few scores are unknown, they are filled first, so that one forest is enough."""
    seen = (~np.isnan(z)).any(1)
    if np.isnan(z[seen]).mean() < 0.3:
        z = np.where(seen[:, None], filled(z), np.nan)

    def predict(rows, tasks):
        return forest(leaf, share).fit(table.factors[rows], z[np.ix_(rows, tasks)].squeeze()).predict(table.factors)

    return by_pattern(z, predict)


def boosted_trees(z, table, shape, with_scores):
    """LightGBM on factors, with a fit for each task or one for all cells with the task as a feature. Where held-out
    models have scores, the features include the mean of the model's other scores, or also these scores."""
    known, (pooled, leaves, rounds) = ~np.isnan(z), shape
    count, total = known.sum(1, keepdims=True) - known, np.nansum(z, 1, keepdims=True) - np.nan_to_num(z)
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    options = dict(num_leaves=leaves, n_estimators=rounds, learning_rate=0.05, min_child_samples=5, subsample=0.8)
    options.update(subsample_freq=1, colsample_bytree=0.7, n_jobs=1, random_state=0, verbose=-1)
    tasks = np.arange(z.shape[1])

    def features(rows, columns):
        parts = [table.factors[rows], columns[:, None], mean[rows, columns][:, None]]
        parts.append(np.where(tasks == columns[:, None], np.nan, z[rows]))
        return np.hstack(parts[: {"none": 2, "mean": 3, "all": 4}[with_scores]])

    def fitted(chosen):
        rows, columns = np.nonzero(known & np.isin(tasks, chosen))
        if len(rows) < 5:
            return np.zeros(len(z) * len(chosen))
        every = np.repeat(np.arange(len(z)), len(chosen)), np.tile(chosen, len(z))
        marks = dict(categorical_feature=[table.factors.shape[1]]) if len(chosen) > 1 else {}
        booster = lightgbm.LGBMRegressor(**options).fit(features(rows, columns), z[rows, columns], **marks)
        return booster.predict(features(*every))

    if pooled:
        return fitted(tasks).reshape(z.shape)
    return np.array([fitted(tasks[task : task + 1]) for task in tasks]).T


def process(z, table, noisier, fitted_to, with_scores):
    """A Gaussian process over models: a squared-exponential kernel with a length for each factor, fitted to the marginal
    likelihood of all tasks, whose gaps iterative PCA fills, or of the models' means."""
    scores = filled(z)
    groups = table.groups + ([scores / np.sqrt(scores.shape[1])] if with_scores else [])
    apart = np.array([((group[:, None] - group[None]) ** 2).sum(2) for group in groups])  # (groups, models, models)
    seen = np.flatnonzero((~np.isnan(z)).any(1))
    own, targets = apart[:, seen][:, :, seen], scores[seen]
    if fitted_to == "means":
        targets = np.nanmean(z[seen], 1, keepdims=True)

    def kernel(parameters, distances):
        return np.exp(parameters[0] - np.tensordot(np.exp(parameters[2:]), distances, 1))

    def loss(parameters):
        signal, noise = kernel(parameters, own), np.exp(parameters[1])
        factor = cho_factor(signal + noise * np.eye(len(seen)), lower=True)
        weights, inverse = cho_solve(factor, targets), cho_solve(factor, np.eye(len(seen)))
        value = 0.5 * (targets * weights).mean(1).sum() + np.log(np.diag(factor[0])).sum()
        slope = 0.5 * (inverse - weights @ weights.T / targets.shape[1])
        lengths = [-(slope * signal * np.exp(log) * part).sum() for log, part in zip(parameters[2:], own)]
        slopes = np.array([(slope * signal).sum(), noise * np.trace(slope), *lengths])
        away = parameters - start  # a weak prior
        return value + 0.025 * (away**2).sum(), slopes + 0.05 * away

    start = np.concatenate([[0.0, np.log(0.2)], np.full(len(groups), np.log(0.2))])
    bounds = [(-4, 3), (np.log(0.01), 1)] + [(-7, 3)] * len(groups)
    best = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=dict(maxiter=40)).x
    covariance, noise = kernel(best, apart), noisier * np.exp(best[1])

    def predict(rows, tasks):
        shared = covariance
        if with_scores:  # a task's own scores are no feature of it
            gaps = scores[:, tasks[0], None] - scores[:, tasks[0]]
            shared = covariance * np.exp(np.exp(best[-1]) * gaps**2 / scores.shape[1])
        own = shared[np.ix_(rows, rows)] + noise * np.eye(len(rows))
        return shared[:, rows] @ np.linalg.solve(own, z[np.ix_(rows, tasks)])

    return by_pattern(z, predict, together=not with_scores)


def baselines(warm, tasks):
    """Functions with their configurations. Scores of held-out models are features only where these have some."""
    spaces = ["factors", "scores", "both"] if warm else ["factors"]
    told = [False, True] if warm else [False]
    shapes = [(False, 4, 100), (False, 8, 100)] if tasks <= 8 else []
    shapes += [(True, 7, 100), (True, 15, 200)]
    ridge = lambda z, table, space: by_task(z, table, BayesianRidge, space)
    trees_on_scores = lambda z, table, leaf, space: by_task(z, table, lambda: forest(leaf, 0.5), space)
    listed = {
        "LightGBM": (boosted_trees, list(product(shapes, ["mean", "all"] if warm else ["none"]))),
        "extra-trees": (extra_trees, [(1, 0.3), (3, 0.3), (1, 1.0)]),
        "Bayesian ridge": (ridge, list(product(spaces))),
        "Gaussian process": (process, list(product([1, 4], ["tasks", "means"], told))),
        "ALS": (als, list(product([1, 2, 4], [0.3, 1, 3]))),
        "soft-impute": (soft_impute, list(product([0.02, 0.05, 0.1, 0.2]))),
        "iterative PCA": (iterative_pca, [(rank,) for rank in (1, 2, 3, 5) if rank < tasks]),
        "nearest neighbours": (knn, list(product(spaces, [3, 6, 12]))),
    }
    if warm:
        listed["extra-trees on scores"] = (trees_on_scores, [(1, "both"), (3, "both"), (1, "scores")])
    return listed


# The protocol


def folds(table, known, hidden, split, rng):
    """Inner folds: masks of cells to hide, cut from the known ones as the trial's were."""
    held = np.flatnonzero(hidden.any(1))
    if split.startswith("cells:"):
        share = hidden.sum() / (hidden.sum() + known.sum())
        return [known & (rng.random(known.shape) < share) for _ in range(FOLDS - 1)]
    keep = int(np.median(known[held].sum(1)))
    models = rng.permutation(np.flatnonzero(known.any(1) & ~hidden.any(1)))
    chosen = np.array_split(models, max(FOLDS, min(5, len(models) // max(len(held), 1))))[:FOLDS]
    if split.startswith("after:"):
        chosen[0] = models[np.argsort(np.nan_to_num(table.date[models], nan=-1.0))][-max(3, len(models) // 5) :]
    if split.startswith("largest:"):
        last = {table.family[model]: model for model in models[np.argsort(np.nan_to_num(table.size[models]))]}
        chosen[0] = np.array([model for model in last.values()])
    masks = []
    for part in chosen:
        mask = np.zeros(known.shape, bool)
        for model in part:
            mask[model, rng.permutation(np.flatnonzero(known[model]))[keep:]] = True
        masks.append(mask)
    return masks


def fit(scores, known, predict):
    """Predictions in 0..1 from the known cells. A task's centre is the score of a mean model, which is not the mean of
    its scores where models were measured on different tasks."""
    own, level, count = np.where(known, scores, 0), np.zeros((len(scores), 1)), np.maximum(known.sum(0), 1)
    for _ in range(20):
        centre = np.where(known.any(0), (own - known * level).sum(0) / count, scores[known].mean())
        level = (own - known * centre).sum(1, keepdims=True) / (known.sum(1, keepdims=True) + 0.5)
        level -= level[known.any(1)].mean()
    spread = np.maximum(np.sqrt((known * (own - centre) ** 2).sum(0) / count), 0.01)
    z = np.where(known, (scores - centre) / spread, np.nan)
    return centre + spread * np.clip(predict(z), -4, 4)


def stack(columns, truth):
    """Weights of a mean to which the column that lowers the error most is added again and again."""
    taken = []
    for _ in range(25):
        total = columns[:, taken].sum(1, keepdims=True)
        taken.append(int(np.abs((total + columns) / (len(taken) + 1) - truth[:, None]).mean(0).argmin()))
    return np.bincount(taken, minlength=columns.shape[1]) / len(taken)


def trial(table, hidden, split, seed):
    """Predictions of all baselines and of the stack for the hidden cells."""
    known, rng = ~np.isnan(table.scores) & ~hidden, np.random.default_rng(1000 + seed)
    inner = folds(table, known, hidden, split, rng)
    truth = np.concatenate([table.scores[mask] for mask in inner])
    warm = known[hidden.any(1)].any()
    guesses, answers = {}, {}
    for name, (function, configurations) in baselines(warm, len(table.tasks)).items():
        tried = []
        for configuration in configurations:
            predict = lambda z: function(z, table, *configuration)
            tried.append(np.concatenate([fit(table.scores, known & ~mask, predict)[mask] for mask in inner]))
        best = int(np.argmin([np.abs(guess - truth).mean() for guess in tried]))
        predict = lambda z: function(z, table, *configurations[best])
        guesses[name], answers[name] = tried[best], fit(table.scores, known, predict)[hidden]
    weights = stack(np.array(list(guesses.values())).T, truth)
    answers["stack"] = weights @ np.array(list(answers.values()))
    return answers


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    snapshot, split, cells, out = sys.argv[1:]
    table = Table(snapshot)
    model_at = {name: at for at, name in enumerate(table.models)}
    task_at = {name: at for at, name in enumerate(table.tasks)}
    hidden = collections.defaultdict(lambda: np.zeros(table.scores.shape, bool))
    with open(cells, newline="") as file:
        for row in csv.DictReader(file):
            hidden[int(row["seed"])][model_at[row["model"]], task_at[row["task"]]] = True
    seeds = sorted(hidden)
    with concurrent.futures.ProcessPoolExecutor() as pool:
        all_answers = list(pool.map(trial, *zip(*[(table, hidden[seed], split, seed) for seed in seeds])))
    with open(out + ".part", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["seed", "model", "task", *all_answers[0]])
        for seed, answers in zip(seeds, all_answers):
            for at, (model, task) in enumerate(np.argwhere(hidden[seed])):
                predicted = [f"{answers[name][at]:.6f}" for name in answers]
                writer.writerow([seed, table.models[model], table.tasks[task], *predicted])
    os.replace(out + ".part", out)


if __name__ == "__main__":
    main()

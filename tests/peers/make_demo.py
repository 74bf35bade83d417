#!/usr/bin/env python3
"""Makes the demo store that the program ships with: make_demo.py OUT

Trains small scikit-learn models on the data sets that come with scikit-learn and records them with MLflow's own
client in a SQLite store, then moves mlflow.db and mlruns/ to OUT. Everything in the store happened: curves,
times, failures and NaN points are what the training gave. Only the folder in the recorded paths is replaced, by
PREFIX, so that the store does not name the machine it was made on. Run it with the Python of `venv.sh mlflow3`.
"""
import contextlib
import copy
import getpass
import io
import logging
import os
import re
import shutil
import socket
import sqlite3
import sys
import tempfile
import time
import warnings
from pathlib import Path

PREFIX = "/srv/mlyard-demo"
LIMIT = 4 * 1000 * 1000                       # bytes, the whole store
SEED = 7

os.environ.update(USER="demo", LOGNAME="demo", OMP_NUM_THREADS="1", MLFLOW_DISABLE_TELEMETRY="true")
sys.argv[0], OUT = "train.py", Path(sys.argv[1]).resolve()
WORK = Path(tempfile.mkdtemp(prefix="mlyard-demo-"))
os.chdir(WORK)

import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import mlflow
import numpy as np
import pandas as pd
from mlflow.entities import DatasetInput, InputTag, Metric, Param
from sklearn import datasets as bundled
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (GradientBoostingClassifier, GradientBoostingRegressor, HistGradientBoostingClassifier,
                              RandomForestClassifier, RandomForestRegressor)
from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, LogisticRegression, Ridge, SGDRegressor
from sklearn.metrics import (accuracy_score, classification_report, confusion_matrix, f1_score, log_loss,
                             mean_absolute_error, mean_squared_error, precision_score, r2_score, recall_score,
                             roc_auc_score)
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, export_text

warnings.filterwarnings("ignore")
logging.getLogger("mlflow").setLevel(logging.ERROR)
np.seterr(all="ignore")
mlflow.set_tracking_uri(f"sqlite:///{WORK}/mlflow.db")
client = mlflow.MlflowClient()
plt.rcParams.update({"font.size": 7, "figure.figsize": (4.4, 3.0), "figure.dpi": 72, "savefig.dpi": 72})


# ---- recording --------------------------------------------------------------------------------------------------

class Curves:
    """Collects metric points with the time at which each was computed and sends them in batches."""

    def __init__(self, run_id):
        self.run_id, self.points = run_id, []

    def add(self, step, **values):
        now = int(time.time() * 1000)
        self.points += [Metric(k, float(v), now, step) for k, v in values.items()]
        if len(self.points) >= 200:
            self.flush()

    def flush(self):
        if self.points:
            client.log_batch(self.run_id, metrics=self.points)
        self.points = []


@contextlib.contextmanager
def run(name, note=None, params=None, tags=None, data=None):
    """One run, nested in the open one if any. Yields its curves; an exception marks it FAILED and goes on up."""
    with mlflow.start_run(run_name=name, nested=True, description=note, tags=tags) as active:
        mlflow.log_params({k: v for k, v in (params or {}).items() if v is not None})
        if data:
            mlflow.log_input(data.train_set, context="training")
            mlflow.log_input(data.test_set, context="validation")
        curves = Curves(active.info.run_id)
        try:
            yield curves
        except Exception as error:
            curves.flush()
            mlflow.set_tag("error", type(error).__name__)
            mlflow.log_text(f"{type(error).__name__}: {error}\n", "error.txt")
            raise
        curves.flush()


@contextlib.contextmanager
def fails(*kinds):
    """The body must raise one of kinds: a demo of a failure that does not fail would be a lie."""
    try:
        yield
    except kinds:
        return
    raise SystemExit(f"expected one of {kinds}")


def experiment(name, note, **tags):
    mlflow.set_experiment(name)
    mlflow.set_experiment_tags({"mlflow.note.content": note, **tags})


class Data:
    """A bundled data set, split once, and described to MLflow."""

    def __init__(self, name, scale=1.0, stratify=True, **load):
        raw = getattr(bundled, "load_" + name)(**load)
        self.name, self.classes = name, [str(c) for c in getattr(raw, "target_names", [])]
        self.columns = [str(c) for c in raw.feature_names]
        x, y = raw.data / scale, raw.target
        self.x, self.y = x, y
        self.xt, self.xv, self.yt, self.yv = train_test_split(
            x, y, test_size=0.25, random_state=SEED, stratify=y if stratify else None)
        make = lambda part, x, y: mlflow.data.from_numpy(x, targets=y, name=f"{name}-{part}")
        self.train_set, self.test_set = make("train", self.xt, self.yt), make("test", self.xv, self.yv)


# ---- artifacts --------------------------------------------------------------------------------------------------

def save_picture(fig, name):
    fig.tight_layout()
    mlflow.log_figure(fig, f"plots/{name}.png", save_kwargs={"dpi": 72})
    plt.close(fig)


def save_table(frame, name):
    text = io.StringIO()
    frame.to_csv(text, index=False, float_format="%.6g", lineterminator="\n")
    mlflow.log_text(text.getvalue(), f"tables/{name}.csv")


def save_confusion(data, predicted):
    matrix = confusion_matrix(data.yv, predicted)
    fig, ax = plt.subplots(figsize=(3.4, 3.0))
    ax.imshow(matrix, cmap="Blues")
    for (i, j), n in np.ndenumerate(matrix):
        ax.text(j, i, n, ha="center", va="center", color="white" if n > matrix.max() / 2 else "black")
    ax.set(xlabel="predicted", ylabel="true", title=f"{data.name}: confusion matrix",
           xticks=range(len(matrix)), yticks=range(len(matrix)))
    save_picture(fig, "confusion_matrix")


def save_curves(history, title):
    """history: {label: ([step], [value])}"""
    fig, ax = plt.subplots()
    for label, (steps, values) in history.items():
        ax.plot(steps, values, label=label, linewidth=1)
    ax.set(xlabel="step", title=title)
    ax.grid(alpha=0.3)
    ax.legend()
    save_picture(fig, "learning_curve")


def save_importances(columns, values):
    frame = pd.DataFrame({"feature": columns, "importance": values}).sort_values("importance", ascending=False)
    save_table(frame, "importances")
    top = frame.head(12)[::-1]
    fig, ax = plt.subplots()
    ax.barh(top.feature, top.importance)
    ax.set(title="feature importance")
    save_picture(fig, "feature_importance")


def save_classification(data, model, full=True):
    """The final figures of a classifier, and its tables and pictures."""
    predicted = model.predict(data.xv)
    final = {"val_acc": accuracy_score(data.yv, predicted), "val_f1": f1_score(data.yv, predicted, average="macro")}
    mlflow.log_metrics(final)
    if full:
        save_confusion(data, predicted)
        save_table(pd.DataFrame({"row": range(len(predicted)), "true": data.yv, "predicted": predicted,
                                 "confidence": model.predict_proba(data.xv).max(axis=1)}), "predictions")
        mlflow.log_dict(classification_report(data.yv, predicted, target_names=data.classes, output_dict=True),
                        "report.json")
        mlflow.log_text(classification_report(data.yv, predicted, target_names=data.classes), "report.txt")
    return final["val_acc"]


def save_regression(data, model, full=True):
    predicted = model.predict(data.xv)
    final = {"val_rmse": mean_squared_error(data.yv, predicted) ** 0.5,
             "val_mae": mean_absolute_error(data.yv, predicted), "val_r2": r2_score(data.yv, predicted)}
    mlflow.log_metrics(final)
    if full:
        save_table(pd.DataFrame({"true": data.yv, "predicted": predicted}), "predictions")
        fig, ax = plt.subplots()
        ax.scatter(data.yv, predicted, s=6)
        ax.plot([25, 350], [25, 350], linewidth=0.8, color="grey")
        ax.set(xlabel="true", ylabel="predicted", title=f"{data.name}: predicted against true")
        save_picture(fig, "predicted_vs_true")
        mlflow.log_dict({k: round(v, 4) for k, v in final.items()}, "metrics.json")
    return final["val_rmse"]


def save_model(model, name):
    """The estimator itself as an MLflow logged model, without what only further training would need."""
    model = copy.copy(model)
    vars(model).pop("_optimizer", None)
    return mlflow.sklearn.log_model(model, name=name, serialization_format="pickle",
                                    pip_requirements=["scikit-learn"])


# ---- experiments ------------------------------------------------------------------------------------------------

def digits_mlp():
    experiment("digits-mlp", "Small neural networks on the 8x8 **digits** pictures. One step is one mini-batch, so "
               "`loss` is as noisy as stochastic gradient descent is; accuracies are measured now and then.",
               task="classification", dataset="digits", **{"mlflow.experiment.primaryMetric.name": "val_acc",
                                                          "mlflow.experiment.primaryMetric.greaterIsBetter": "true"})
    data = Data("digits", scale=16)
    done = []

    def train(name, steps, note=None, every=10, batch=64, budget_s=None, keep=False, tags=None, **kw):
        kw = {"solver": "adam", "hidden_layer_sizes": (32,), **kw}
        params = {**kw, "batch_size": batch, "max_steps": steps, "seed": SEED, "time_budget_s": budget_s}
        with run(name, note, params, {"model": "mlp", **(tags or {})}, data) as curves:
            model, rng, history = MLPClassifier(random_state=SEED, **kw), np.random.default_rng(SEED), {}
            log, began = [f"{name}: {steps} steps of {batch} pictures, {kw}"], time.time()

            def point(step, **values):
                curves.add(step, **values)
                for k, v in values.items():
                    history.setdefault(k, ([], []))[0].append(step)
                    history[k][1].append(v)

            for step in range(steps):
                rows = rng.choice(len(data.xt), batch, replace=False)
                try:
                    model.partial_fit(data.xt[rows], data.yt[rows], classes=np.arange(10))
                except ValueError:              # weights are no longer finite: record what is left, then give up
                    point(step, loss=model.loss_)
                    mlflow.log_text("\n".join(log) + f"\nstep {step:4d}  loss {model.loss_}\n", "log.txt")
                    raise
                point(step, loss=model.loss_)
                if step % every == 0 or step == steps - 1:
                    point(step, train_acc=model.score(data.xt, data.yt), val_acc=model.score(data.xv, data.yv))
                    log.append(f"step {step:4d}  loss {model.loss_:.4f}  val_acc {history['val_acc'][1][-1]:.4f}")
                if budget_s and time.time() - began > budget_s:
                    log.append(f"stopped after {step + 1} steps: over the time budget of {budget_s} s")
                    mlflow.set_tag("stopped_by", "time budget")
                    mlflow.log_text("\n".join(log) + "\n", "log.txt")
                    curves.flush()
                    mlflow.end_run("KILLED")
                    return
            mlflow.log_text("\n".join(log) + "\n", "log.txt")
            curves.flush()
            acc = save_classification(data, model, full=keep)
            save_curves(history if keep else {"loss": history["loss"]}, name)
            mlflow.log_dict({"layers": [c.shape for c in model.coefs_], "parameters":
                             sum(c.size for c in model.coefs_ + model.intercepts_), "config": params}, "config.json")
            stored = save_model(model, "digits-mlp") if keep else None
            done.append((acc, curves.run_id, name, stored))

    for lr in (0.01, 0.1, 0.5):
        train(f"sgd-lr-{lr}", 300, solver="sgd", learning_rate_init=lr, momentum=0.9, tags={"series": "sgd"})
    train("sgd-no-momentum", 300, solver="sgd", learning_rate_init=0.1, momentum=0.0, tags={"series": "sgd"})
    train("sgd-tiny-batch", 300, "Batches of four: look at the **noise** of the loss, and smooth it.", batch=4,
          solver="sgd", learning_rate_init=0.05, momentum=0.9, tags={"series": "sgd"})
    train("sgd-lr-5", 300, "Too fast: the loss jumps to 17 and stays there.", solver="sgd", learning_rate_init=5,
          momentum=0.9, tags={"series": "sgd"})
    for name, lr, alpha, kind in (("sgd-lr-1000", 1000, 0.1, "relu"), ("sgd-linear", 20, 1e-4, "identity")):
        with fails(ValueError):
            train(name, 300, "Far too fast: the loss grows without bound (use a **log axis**), passes infinity and is "
                  "NaN when the training gives up.", solver="sgd", learning_rate_init=lr, alpha=alpha,
                  activation=kind, momentum=0.9, tags={"series": "sgd"})
    for lr in (0.0003, 0.001, 0.003, 0.03):
        train(f"adam-lr-{lr}", 300, learning_rate_init=lr, tags={"series": "adam"})
    train("adam-wide", 250, hidden_layer_sizes=(64,), learning_rate_init=0.003, keep=True, tags={"series": "adam"},
          note="Twice as wide. First version of the registered model.")
    train("adam-deep", 250, hidden_layer_sizes=(32, 32), learning_rate_init=0.003, keep=True, tags={"series": "adam"})
    train("adam-long", 600, "The longest run: six hundred steps, accuracies at every second one.", every=4,
          hidden_layer_sizes=(48,), learning_rate_init=0.003, alpha=1e-3, keep=True, tags={"series": "adam"})
    train("adam-over-budget", 20000, "Ran into its time budget and was killed.", hidden_layer_sizes=(128, 128),
          every=50, budget_s=1.0, learning_rate_init=0.001, tags={"series": "adam"})
    return data, done


def digits_unfinished(data):
    """A run that nobody closed, as after a crash of the machine: it stays RUNNING."""
    kw = {"solver": "adam", "hidden_layer_sizes": (32,), "learning_rate_init": 0.002}
    params = {**kw, "batch_size": 64, "max_steps": 300, "seed": SEED}
    made = client.create_run(mlflow.get_experiment_by_name("digits-mlp").experiment_id, run_name="adam-unfinished",
                             tags={"mlflow.user": getpass.getuser(), "mlflow.source.name": "train.py", "model": "mlp",
                                   "mlflow.source.type": "LOCAL", "series": "adam", "mlflow.note.content":
                                   "Left open on purpose: MLflow shows a run whose process died as running."})
    client.log_batch(made.info.run_id, params=[Param(k, str(v)) for k, v in params.items()])
    for part, use in ((data.train_set, "training"), (data.test_set, "validation")):
        context = [InputTag("mlflow.data.context", use)]
        client.log_inputs(made.info.run_id, [DatasetInput(part._to_mlflow_entity(), context)])
    curves, model = Curves(made.info.run_id), MLPClassifier(random_state=SEED, **kw)
    rng = np.random.default_rng(SEED)
    for step in range(160):
        rows = rng.choice(len(data.xt), 64, replace=False)
        model.partial_fit(data.xt[rows], data.yt[rows], classes=np.arange(10))
        curves.add(step, loss=model.loss_)
        if step % 5 == 0:
            curves.add(step, train_acc=model.score(data.xt, data.yt), val_acc=model.score(data.xv, data.yv))
    curves.flush()


def cancer_gbm():
    experiment("cancer-gbm", "Gradient boosting on the **breast cancer** data; one step is one tree.",
               task="classification", dataset="breast_cancer", team="screening")
    data = Data("breast_cancer")
    sign = 2 * data.yv - 1
    done = []

    def boost(name, note=None, stages=200, keep=False, tags=None, **kw):
        params = {"n_estimators": stages, "seed": SEED, **kw}
        with run(name, note, params, {"model": "gbm", **(tags or {})}, data) as curves:
            model, raw, history = GradientBoostingClassifier(n_estimators=stages, random_state=SEED, **kw), [None], {
                "train_loss": ([], []), "val_loss": ([], [])}

            def monitor(stage, fitting, _locals):
                if raw[0] is None:
                    share = fitting.init_.class_prior_[1]
                    raw[0] = np.full(len(data.yv), np.log(share / (1 - share)))
                raw[0] += fitting.learning_rate * fitting.estimators_[stage, 0].predict(data.xv)
                values = {"train_loss": fitting.train_score_[stage], "val_loss": np.logaddexp(0, -sign * raw[0]).mean()}
                if stage % 20 == 0:             # before anything is called malignant, precision is 0/0: NaN
                    ill = raw[0] < 0
                    values["precision_malignant"] = (ill & (data.yv == 0)).sum() / np.float64(ill.sum())
                curves.add(stage, **values)
                for k in history:
                    history[k][0].append(stage)
                    history[k][1].append(values[k])
                return False

            model.fit(data.xt, data.yt, monitor=monitor)
            curves.flush()
            mlflow.log_metrics({"val_auc": roc_auc_score(data.yv, model.predict_proba(data.xv)[:, 1]),
                                "best_stage": int(np.argmin(history["val_loss"][1]))})
            acc = save_classification(data, model, full=keep)
            if keep:
                save_curves(history, name)
                save_importances(data.columns, model.feature_importances_)
                mlflow.log_dict(model.get_params(), "config.json")
            done.append((acc, curves.run_id, name, None))

    with run("rate-depth-sweep", "Learning rate against depth of the trees.", {"grid": "learning_rate x max_depth"},
             {"kind": "sweep"}) as sweep:
        for depth in (1, 3):
            for rate in (0.02, 0.1, 0.5):
                boost(f"rate-{rate}-depth-{depth}", learning_rate=rate, max_depth=depth, tags={"kind": "trial"})
        save_table(pd.DataFrame([(n, a) for a, _, n, _ in done], columns=["trial", "val_acc"]), "sweep")
        mlflow.log_metric("best_val_acc", max(done)[0])
    boost("subsampled", "Half of the rows for each tree.", learning_rate=0.1, max_depth=2, subsample=0.5, keep=True)
    boost("few-features", learning_rate=0.1, max_depth=2, max_features=3, subsample=0.7, keep=True)
    boost("slow-learner", "So slow that at first nothing is called malignant: precision starts as NaN.",
          learning_rate=0.005, max_depth=2)

    holes = data.xt.copy()
    holes[np.random.default_rng(SEED).random(holes.shape) < 0.1] = np.nan
    with fails(ValueError):
        with run("missing-values", "One value in ten is missing; this learner does not take that.",
                 {"missing_share": 0.1}, {"model": "gbm"}, data):
            GradientBoostingClassifier(random_state=SEED).fit(holes, data.yt)
    with run("missing-values-hist", "The same holes with a learner that takes them.",
             {"missing_share": 0.1, "max_iter": 60}, {"model": "hist-gbm"}, data) as curves:
        model = HistGradientBoostingClassifier(max_iter=60, random_state=SEED).fit(holes, data.yt)
        for stage, p in enumerate(model.staged_predict_proba(data.xv)):
            curves.add(stage, val_loss=log_loss(data.yv, p))
        save_classification(data, model)
    with run("logistic-baseline", "What a line through scaled columns gives.", {"C": 1.0}, {"model": "logistic"},
             data) as c:
        model = make_pipeline(StandardScaler(), LogisticRegression()).fit(data.xt, data.yt)
        acc = save_classification(data, model)
        done.append((acc, c.run_id, "logistic-baseline", save_model(model, "cancer-logistic")))
    return done


def wine_sweeps():
    experiment("wine-sweeps", "Which of three cultivars is a **wine** from? Parents are sweeps, children are "
               "trials; in `nested-cv` the children have children.", task="classification", dataset="wine")
    data = Data("wine")
    splits = list(StratifiedKFold(5, shuffle=True, random_state=SEED).split(data.xt, data.yt))
    done = []

    def trial(name, make, params, fold_runs=False):
        with run(name, None, params, {"kind": "trial"}, data) as curves:
            scores = []
            for fold, (fit, held) in enumerate(splits):
                score = make().fit(data.xt[fit], data.yt[fit]).score(data.xt[held], data.yt[held])
                scores.append(score)
                curves.add(fold, fold_acc=score)
                if fold_runs:
                    with run(f"{name}-fold-{fold}", None, {"fold": fold, "rows": len(fit)}, {"kind": "fold"}) as inner:
                        inner.add(0, val_acc=score)
            curves.flush()
            model = make().fit(data.xt, data.yt)
            mlflow.log_metrics({"cv_acc": np.mean(scores), "cv_std": np.std(scores)})
            save_classification(data, model, full=False)
            done.append((float(np.mean(scores)), curves.run_id, name, model))

    def sweep(name, note, trials, **kw):
        first = len(done)
        with run(name, note, {"trials": len(trials)}, {"kind": "sweep"}, data):
            for trial_name, make, params in trials:
                trial(trial_name, make, params, **kw)
            table = sorted(done[first:], key=lambda d: -d[0])
            save_table(pd.DataFrame([(n, a) for a, _, n, _ in table], columns=["trial", "cv_acc"]), "sweep")
            mlflow.log_metric("best_cv_acc", table[0][0])
            mlflow.set_tag("best_trial", table[0][2])
            save_confusion(data, table[0][3].predict(data.xv))
            mlflow.log_dict({"best": table[0][2], "cv_acc": table[0][0], "run": table[0][1]}, "best.json")

    scaled = lambda model: make_pipeline(StandardScaler(), model)
    sweep("neighbours-sweep", "How many neighbours?", [
        (f"k-{k}", lambda k=k: scaled(KNeighborsClassifier(k)), {"model": "knn", "n_neighbors": k})
        for k in (1, 3, 5, 15, 45)])
    sweep("svm-grid", "C against gamma.", [
        (f"C-{c}-gamma-{g}", lambda c=c, g=g: scaled(SVC(C=c, gamma=g, probability=False)),
         {"model": "svm", "C": c, "gamma": g}) for c in (0.1, 1, 10) for g in (0.01, 0.1, 1)])
    sweep("nested-cv", "Every fold is a run of its own.", [
        (f"logistic-C-{c}", lambda c=c: scaled(LogisticRegression(C=c)), {"model": "logistic", "C": c})
        for c in (0.01, 1)], fold_runs=True)
    forest = {"model": "forest", "n_estimators": 200}
    with run("forest", "Two hundred trees on the raw columns.", forest, data=data) as c:
        model = RandomForestClassifier(200, random_state=SEED).fit(data.xt, data.yt)
        acc = save_classification(data, model)
        save_importances(data.columns, model.feature_importances_)
        done.append((acc, c.run_id, "forest", None))
    return done


def diabetes_regression():
    experiment("diabetes-regression", "Disease progression after a year from ten columns. Nothing does much better "
               "than a straight line.", task="regression", dataset="diabetes",
               **{"mlflow.experiment.primaryMetric.name": "val_rmse",
                  "mlflow.experiment.primaryMetric.greaterIsBetter": "false"})
    data = Data("diabetes", stratify=False)
    done = []

    def fit(name, model, note=None, keep=False, importances=None, **params):
        with run(name, note, params, {"model": type(model).__name__}, data) as curves:
            model.fit(data.xt, data.yt)
            rmse = save_regression(data, model, full=keep)
            if importances:
                save_importances(data.columns, importances(model))
            stored = save_model(model, name) if keep == "model" else None
            done.append((rmse, curves.run_id, name, stored))

    fit("least-squares", LinearRegression(), "The baseline.", keep="model", importances=lambda m: np.abs(m.coef_))
    with run("ridge-sweep", "How much shrinkage?", {"parameter": "alpha"}, {"kind": "sweep"}):
        for alpha in (0.001, 0.01, 0.1, 1, 10):
            fit(f"ridge-alpha-{alpha}", Ridge(alpha), alpha=alpha)
    fit("lasso", Lasso(0.1), alpha=0.1, keep="model", importances=lambda m: np.abs(m.coef_))
    fit("elastic-net", ElasticNet(0.001), alpha=0.001, l1_ratio=0.5)
    fit("forest", RandomForestRegressor(200, min_samples_leaf=5, random_state=SEED), keep=True,
        importances=lambda m: m.feature_importances_, n_estimators=200, min_samples_leaf=5)
    fit("quantile-0.9", GradientBoostingRegressor(loss="quantile", alpha=0.9, random_state=SEED),
        "Predicts the 90th percentile: its error is no error.", loss="quantile", alpha=0.9)

    def descend(name, eta0, data, note=None, epochs=200):
        with run(name, note, {"eta0": eta0, "epochs": epochs}, {"model": "SGDRegressor"}, data) as curves:
            model = SGDRegressor(eta0=eta0, learning_rate="constant", random_state=SEED)
            for epoch in range(epochs):
                model.partial_fit(data.xt, data.yt)
                curves.add(epoch, train_mse=mean_squared_error(data.yt, model.predict(data.xt)),
                           val_mse=mean_squared_error(data.yv, model.predict(data.xv)))
            curves.flush()
            save_regression(data, model, full=False)

    descend("sgd-eta-0.01", 0.01, data)
    descend("sgd-eta-0.1", 0.1, data)
    descend("sgd-unscaled", 1e-4, Data("diabetes", stratify=False, scaled=False), epochs=40,
            note="Forgot to scale the columns. It finishes, and predicts nonsense.")
    return done


def iris_baselines():
    experiment("iris-baselines", "First steps, kept for reference.", task="classification", dataset="iris",
               state="archived")
    data = Data("iris")
    for name, model in (("majority-class", DummyClassifier()), ("tree-depth-1", DecisionTreeClassifier(max_depth=1)),
                        ("tree-depth-3", DecisionTreeClassifier(max_depth=3, random_state=SEED)),
                        ("logistic", LogisticRegression(max_iter=500))):
        with run(name, None, {"model": type(model).__name__}, data=data):
            model.fit(data.xt, data.yt)
            save_classification(data, model, full=False)
            if hasattr(model, "tree_"):
                mlflow.log_text(export_text(model, feature_names=data.columns), "tree.txt")


def scratch():
    """A deleted experiment and, in the others, two deleted runs."""
    experiment("scratch", "Trying out the recording; deleted afterwards.")
    for i in range(2):
        with run(f"try-{i + 1}", None, {"seed": SEED}) as curves:
            curves.add(0, answer=np.random.default_rng(SEED + i).random())
    client.delete_experiment(mlflow.get_experiment_by_name("scratch").experiment_id)
    mlflow.set_experiment("iris-baselines")
    for name in ("wrong-split", "wrong-split-again"):
        with run(name, "Tested on the rows it was trained on; deleted.") as curves:
            data = Data("iris")
            model = DecisionTreeClassifier(random_state=SEED).fit(data.xt, data.yt)
            curves.add(0, val_acc=model.score(data.xt, data.yt))
        client.delete_run(curves.run_id)


# ---- registry ---------------------------------------------------------------------------------------------------

def register(name, description, chosen, tags, stages, aliases):
    """chosen: (score, run id, run name, logged model or None), in order of version."""
    client.create_registered_model(name, tags, description)
    for score, run_id, run_name, stored in chosen:
        client.create_model_version(
            name, stored.model_uri if stored else mlflow.get_run(run_id).info.artifact_uri, run_id,
            tags={"validation": f"{score:.4f}", "trained_as": run_name}, model_id=stored and stored.model_id,
            description=f"From run `{run_name}`." + ("" if stored else " Its weights were not kept."))
    for version, stage in enumerate(stages, 1):
        client.transition_model_version_stage(name, str(version), stage)
    for alias, version in aliases.items():
        client.set_registered_model_alias(name, alias, str(version))


def registry(digits, cancer, wine, diabetes):
    pick = lambda done, *names: [next(d for d in done if d[2] == n) for n in names]
    register("digits-classifier", "Reads one handwritten digit.",
             pick(digits, "adam-wide", "adam-deep", "adam-lr-0.003", "adam-long"),
             {"task": "classification", "dataset": "digits"},
             ["Archived", "Archived", "Staging", "Production"], {"champion": 4, "challenger": 3, "first": 1})
    register("cancer-screening", "Malignant or benign. A doctor decides; this only sorts the pile.",
             pick(cancer, "logistic-baseline", "few-features", "subsampled"),
             {"task": "classification", "dataset": "breast_cancer", "risk": "high"},
             ["Production", "None", "Staging"], {"champion": 1, "challenger": 3})
    best = sorted((d for d in wine if d[3] is not None), key=lambda d: -d[0])[0]
    register("wine-cultivar", "Tells three cultivars apart.", [(*best[:3], None), *pick(wine, "forest")],
             {"task": "classification", "dataset": "wine"}, ["None", "Staging"], {"challenger": 2})
    register("diabetes-progression", "Progression after one year.", pick(diabetes, "least-squares", "lasso"),
             {"task": "regression", "dataset": "diabetes"}, ["Production", "None"], {"champion": 1})


# ---- the store as it is shipped -----------------------------------------------------------------------------------

def neutralise(db):
    """Replaces the folder of this machine by PREFIX in every text column and artifact, and packs the file."""
    quoted = lambda name: '"' + name.replace('"', '""') + '"'
    tables = [r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        for _, column, kind, *_ in db.execute(f"PRAGMA table_xinfo({quoted(table)})").fetchall():
            if "CHAR" in kind or "TEXT" in kind:
                c = quoted(column)
                db.execute(f"UPDATE {quoted(table)} SET {c} = replace({c}, ?, ?) WHERE instr({c}, ?)",
                           (str(WORK), PREFIX, str(WORK)))
    db.commit()
    db.execute("PRAGMA page_size = 1024")       # most tables are empty: small pages save half a megabyte
    db.execute("VACUUM")
    for file in (p for p in (WORK / "mlruns").rglob("*") if p.is_file() and p.suffix != ".png"):
        text = file.read_bytes()
        if str(WORK).encode() in text:
            file.write_bytes(text.replace(str(WORK).encode(), PREFIX.encode()))


def check(files, db):
    """No file may name this machine, its folders or a package host; and the store must stay small."""
    names = [str(WORK), WORK.name, socket.gethostname(), str(Path.home()), sys.prefix, "/tmp/", "/home/", str(Path.cwd()),
             *re.findall(r"//([^/]+)", os.environ.get("PIP_INDEX_URL", ""))]
    for file in files:
        for name in names:
            if len(name) > 3 and name.encode() in file.read_bytes():
                raise SystemExit(f"{file} names {name}")
    size = sum(f.stat().st_size for f in files)
    count = lambda table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    print({t: count(t) for t in ("experiments", "runs", "metrics", "params", "model_versions", "logged_models")})
    print({"files": len(files), "bytes": size, "db": (WORK / "mlflow.db").stat().st_size,
           "pictures": sum(f.stat().st_size for f in files if f.suffix == ".png"),
           "status": dict(db.execute("SELECT status, count(*) FROM runs GROUP BY 1").fetchall())})
    if size > LIMIT:
        raise SystemExit(f"{size} bytes are more than {LIMIT}")


def main():
    data, digits = digits_mlp()
    cancer, wine, diabetes = cancer_gbm(), wine_sweeps(), diabetes_regression()
    iris_baselines()
    scratch()
    registry(digits, cancer, wine, diabetes)
    digits_unfinished(data)
    with contextlib.closing(sqlite3.connect(WORK / "mlflow.db")) as db:
        neutralise(db)
        check([p for p in WORK.rglob("*") if p.is_file()], db)
    OUT.mkdir(parents=True, exist_ok=True)
    for name in ("mlflow.db", "mlruns"):
        shutil.rmtree(OUT / name) if (OUT / name).is_dir() else (OUT / name).unlink(missing_ok=True)
        shutil.move(WORK / name, OUT / name)
    shutil.rmtree(WORK)


main()

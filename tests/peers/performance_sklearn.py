"""performance_sklearn.py MLYARD [SEED [SETS]] -- random classifiers and regressions, judged by `drift run --json` and by scikit-learn.

Values agree within 1e-9; calibration bins within 1e-9; estimates without labels within 1e-9 where the choice to calibrate is the same, which the document says.
"""
import csv
import json
import math
import os
import subprocess
import sys
import tempfile

import numpy as np
from sklearn import metrics as sk
from sklearn.isotonic import IsotonicRegression

program = sys.argv[1]
seed = int(sys.argv[2]) if len(sys.argv) > 2 else 20261121
sets = int(sys.argv[3]) if len(sys.argv) > 3 else 12
rng = np.random.default_rng(seed)
failed = compared = 0


def near(got, want, what):
    global failed, compared
    compared += 1
    got = float("nan") if got is None else got
    if (math.isnan(got) and math.isnan(want)) or abs(got - want) <= 1e-9 * max(1, abs(want)):
        return
    failed += 1
    print(f"not ok - {what}: here {got!r}, there {want!r}")


def run(folder, sides, *options):
    for name, columns in sides.items():
        with open(os.path.join(folder, name + ".csv"), "w", newline="") as f:
            w = csv.writer(f)
            w.writerow(columns)
            for row in zip(*columns.values()):
                w.writerow(["" if v is None or (isinstance(v, float) and math.isnan(v)) else repr(float(v)) if isinstance(v, float) else v for v in row])
    out = subprocess.run([program, "drift", "run", "--reference", os.path.join(folder, "ref.csv"), "--current", os.path.join(folder, "cur.csv"), "--json", "--no-save", *options],
                         capture_output=True, text=True)
    if out.returncode:
        raise SystemExit(f"not ok - the program failed: {out.stderr}")
    return json.loads(out.stdout)


def metric(report, name):
    for m in report["performance"]["metrics"]:
        if m["name"] == name:
            return m
    return {"ref": None, "cur": None, "low": None, "high": None, "estimated": False}


def safe(fn, *a, **k):
    try:
        return float(fn(*a, **k))
    except (ValueError, ZeroDivisionError):
        return float("nan")


# ---- two classes ----

def make_binary(n, style):
    p = rng.beta(0.8, 1.6, n)
    if style == 1:
        p = np.round(p, 1)                                       # ties
    y = (rng.random(n) < (p if style != 2 else p ** 2)).astype(int)
    if style == 3:
        y[:] = 1                                                 # one class
    said = (p >= 0.4).astype(int)
    p = p.astype(float)
    if style == 4:
        p[rng.random(n) < 0.1] = np.nan
    return y, said, p


def ratio(a, b):
    return a / b if b else float("nan")


def check_binary(report, side, y, said, p, what):
    tp, fp, fn, tn = ((y & said).sum(), ((1 - y) & said).sum(), (y & (1 - said)).sum(), ((1 - y) & (1 - said)).sum())
    near(metric(report, "accuracy")[side], safe(sk.accuracy_score, y, said), what + " accuracy")
    near(metric(report, "precision")[side], safe(sk.precision_score, y, said) if tp + fp else float("nan"), what + " precision")
    near(metric(report, "recall")[side], safe(sk.recall_score, y, said) if tp + fn else float("nan"), what + " recall")
    near(metric(report, "specificity")[side], ratio(tn, tn + fp), what + " specificity")
    near(metric(report, "f1")[side], safe(sk.f1_score, y, said) if tp + fp + fn else float("nan"), what + " F1")
    k = ~np.isnan(p)
    near(metric(report, "roc_auc")[side], safe(sk.roc_auc_score, y[k], p[k]) if len(set(y[k])) > 1 else float("nan"), what + " AUC")
    near(metric(report, "log_loss")[side], safe(sk.log_loss, y[k], p[k], labels=[0, 1]), what + " log loss")
    near(metric(report, "brier")[side], float(np.mean((y[k] - p[k]) ** 2)), what + " Brier")
    c = report["performance"]["confusion"]
    if c["labels"] == ["0", "1"]:
        for i, row in enumerate(sk.confusion_matrix(y, said, labels=[0, 1])):
            for j, v in enumerate(row):
                near(c[side][i][j], float(v), f"{what} confusion {i} {j}")


def equal_count_edges(p):
    """Upper ends of ten bins: the value at which a tenth more of the rows is complete."""
    values, counts = np.unique(p, return_counts=True)
    seen = np.cumsum(counts) * 10 // counts.sum()
    return values[np.flatnonzero(np.diff(np.concatenate([[0], seen])) > 0)]


def check_calibration(report, sides, what):
    k = ~np.isnan(sides["ref"][2])
    edges = equal_count_edges(sides["ref"][2][k] + 0.0)
    bins = report["performance"]["calibration"]
    near(float(len(bins)), float(len(edges)), what + " bins")
    for side, (y, _, p) in sides.items():
        keep = ~np.isnan(p)
        y, p = y[keep], p[keep]
        at = np.minimum(np.searchsorted(edges, p, side="left"), len(edges) - 1)
        error = 0.0
        for b in range(min(len(edges), len(bins))):
            rows = at == b
            near(bins[b]["rows_" + side], float(rows.sum()), f"{what} rows of bin {b}")
            if rows.any():
                near(bins[b]["predicted_" + side], float(p[rows].mean()), f"{what} predicted in bin {b}")
                near(bins[b]["observed_" + side], float(y[rows].mean()), f"{what} observed in bin {b}")
                error += abs(p[rows].mean() - y[rows].mean()) * rows.sum() / len(p)
        near(metric(report, "calibration_error")[side], error, what + " calibration error")


def binary(folder, style):
    sides = {"ref": make_binary(int(rng.integers(80, 4000)), style), "cur": make_binary(int(rng.integers(40, 3000)), style)}
    report = run(folder, {s: {"target": y.tolist(), "prediction": said.tolist(), "probability": p.tolist(), "x": rng.normal(size=len(y)).tolist()} for s, (y, said, p) in sides.items()})
    for side, (y, said, p) in sides.items():
        check_binary(report, side, y, said, p, f"binary {style} {side}")
    check_calibration(report, sides, f"binary {style}")


# ---- many classes ----

def many(folder, classes):
    names = [f"class {i}" for i in range(classes)]
    sides = {}
    for side in ("ref", "cur"):
        n = int(rng.integers(100, 3000))
        y = rng.zipf(1.7, n) % classes
        said = np.where(rng.random(n) < 0.7, y, rng.integers(0, classes, n))
        sides[side] = (y, said)
    report = run(folder, {s: {"target": [names[i] for i in y], "prediction": [names[i] for i in said], "x": rng.normal(size=len(y)).tolist()} for s, (y, said) in sides.items()},
                 "--types", "target=categorical,prediction=categorical")
    for side, (y, said) in sides.items():
        what = f"{classes} classes {side}"
        near(metric(report, "accuracy")[side], sk.accuracy_score(y, said), what + " accuracy")
        near(metric(report, "precision")[side], sk.precision_score(y, said, average="macro", zero_division=0), what + " precision")
        near(metric(report, "recall")[side], sk.recall_score(y, said, average="macro", zero_division=0), what + " recall")
        near(metric(report, "f1")[side], sk.f1_score(y, said, average="macro", zero_division=0), what + " F1")


def each_class(folder, classes):
    names = [f"class {i}" for i in range(classes)]
    sides = {}
    for side in ("ref", "cur"):
        n = int(rng.integers(40 * classes, 1500 + 40 * classes))
        y = np.concatenate([np.arange(classes), rng.integers(0, classes, n - classes)])
        p = rng.gamma(0.5, size=(n, classes)) + 1e-3
        p[np.arange(n), y] += rng.random(n)
        if classes % 2:
            p = np.round(p, 1) + 0.05                            # ties
        sides[side] = (y, p / p.sum(axis=1, keepdims=True))
    report = run(folder, {s: {"target": [names[i] for i in y], **{f"p{k}": p[:, k].tolist() for k in range(classes)}} for s, (y, p) in sides.items()},
                 "--types", "target=categorical", "--probabilities", ",".join(f"{names[k]}=p{k}" for k in range(classes)))
    for side, (y, p) in sides.items():
        what = f"probabilities of {classes} classes {side}"
        near(metric(report, "log_loss")[side], sk.log_loss(y, p, labels=range(classes)), what + " log loss")
        near(metric(report, "roc_auc")[side], sk.roc_auc_score(y, p, multi_class="ovr", average="macro"), what + " AUC")
        near(metric(report, "accuracy")[side], float(np.mean(np.argmax(p, axis=1) == y)), what + " accuracy") if classes % 2 == 0 else None


# ---- regression ----

def regression(folder, scale):
    sides = {}
    for side in ("ref", "cur"):
        n = int(rng.integers(60, 3000))
        t = rng.normal(size=n) * scale
        t[rng.random(n) < 0.02] = 0.0
        sides[side] = (t, t + rng.normal(size=n) * scale * 0.3 + 0.1 * scale)
    report = run(folder, {s: {"target": t.tolist(), "prediction": f.tolist()} for s, (t, f) in sides.items()})
    for side, (t, f) in sides.items():
        what, k = f"regression {scale:g} {side}", t != 0
        near(metric(report, "mean_error")[side] / scale, float(np.mean(f - t)) / scale, what + " mean error")
        near(metric(report, "mae")[side] / scale, sk.mean_absolute_error(t, f) / scale, what + " MAE")
        near(metric(report, "rmse")[side] / scale, math.sqrt(sk.mean_squared_error(t / scale, f / scale)), what + " RMSE")
        near(metric(report, "r2")[side], sk.r2_score(t / scale, f / scale), what + " R2")
        near(metric(report, "mape")[side], 100 * float(np.mean(np.abs(f[k] - t[k]) / np.abs(t[k]))), what + " MAPE")
        near(metric(report, "max_error")[side] / scale, sk.max_error(t, f) / scale, what + " largest error")


# ---- without labels ----

def estimates(c, p, said):
    tp, fp, fn, tn = c[said == 1].sum(), (1 - c[said == 1]).sum(), c[said == 0].sum(), (1 - c[said == 0]).sum()
    weights = np.concatenate([c, 1 - c])
    labels = np.concatenate([np.ones(len(c)), np.zeros(len(c))])
    return {"accuracy": (tp + tn) / len(c), "precision": tp / (tp + fp), "recall": tp / (tp + fn), "specificity": tn / (tn + fp), "f1": 2 * tp / (2 * tp + fp + fn),
            "roc_auc": sk.roc_auc_score(labels, np.concatenate([p, p]), sample_weight=weights)}


def without_labels(folder, style):
    y, said, p = make_binary(int(rng.integers(1500, 6000)), style)
    _, said2, p2 = make_binary(int(rng.integers(300, 3000)), style)
    report = run(folder, {"ref": {"target": y.tolist(), "prediction": said.tolist(), "probability": p.tolist()},
                          "cur": {"target": [None] * len(p2), "prediction": said2.tolist(), "probability": p2.tolist()}})
    calibrated = "were calibrated" in report["performance"]["assumption"]
    if style == 2 and not calibrated:
        near(0.0, 1.0, "probabilities that are far off are calibrated")
    c = IsotonicRegression(out_of_bounds="clip", increasing=True).fit(p, y).predict(p2) if calibrated else p2
    for name, value in estimates(c, p2, said2).items():
        m = metric(report, name)
        near(m["cur"], float(value), f"estimate {style} {name}")
        near(float(m["estimated"]), 1.0, f"estimate {style} {name} says that it is one")


with tempfile.TemporaryDirectory() as folder:
    for i in range(sets):
        binary(folder, i % 5)
        many(folder, int(rng.integers(3, 60)))
        each_class(folder, int(rng.integers(3, 12)))
        regression(folder, float(10.0 ** rng.integers(-6, 7)))
        without_labels(folder, (0, 1, 2)[i % 3])
print(f"{'not ok' if failed else 'ok'} - performance: {compared} values compared with scikit-learn (seed {seed}), {failed} differ")
sys.exit(1 if failed else 0)

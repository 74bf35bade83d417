#!/usr/bin/env python3
"""Makes the data that the demo's monitors watch: make_demo_windows.py OUT (the folder app/demo/served).

Two models that scikit-learn's bundled data can have are "served" for 26 weeks. Every row is a row of the bundled data; which rows come in which week
follows the rules below and a fixed seed, so the files can be made again byte for byte with the same scikit-learn. Run it with the Python of
`venv.sh mlflow3`. The rules stand in words in app/demo/README.md.
"""
import csv
import datetime
import sys
from pathlib import Path

import numpy as np
from sklearn import datasets as bundled
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

OUT = Path(sys.argv[1])
SEED, WEEKS, FIRST = 20260518, 26, datetime.date(2026, 5, 18)      # a Monday; the last week begins on 2026-11-09
ROWS = 70                                      # a week; the demo's folder has to stay below 4 MB
LABELS_LATE = 4                                # the newest weeks have no labels yet


def number(v):
    return f"{v:.4g}"


def write(name, head, rows):
    with open(OUT / name, "w", newline="") as f:
        w = csv.writer(f, lineterminator="\n")
        w.writerow(head)
        w.writerows(rows)


def day_of(rng, week):
    return (FIRST + datetime.timedelta(weeks=week, days=int(rng.integers(0, 7)))).isoformat()


def screening(rng):
    """Classification. The mixture of samples drifts from week 14 on: more large tumours; one clinic stops reporting smoothness, and a new clinic appears."""
    data = bundled.load_breast_cancer()
    names = ["mean radius", "mean texture", "mean smoothness", "mean concavity", "mean symmetry", "worst area", "worst texture", "worst concave points"]
    columns = [list(data.feature_names).index(n) for n in names]
    x, y = data.data[:, columns], 1 - data.target                   # 1: malignant
    train, rest = train_test_split(np.arange(len(y)), test_size=0.6, random_state=SEED, stratify=y)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.3)).fit(x[train], y[train])
    probability = model.predict_proba(x)[:, 1]
    order = rest[np.argsort(x[rest, names.index("worst area")], kind="stable")]
    rank = np.linspace(0, 1, len(order))                             # of the tumour's size

    def draw(week, n, reference=False):
        late = 0 if reference else max(0.0, (week - 13) / 12)        # 0 up to week 13, then up to 1
        weight = np.exp(1.1 * late * (rank - 0.5) * 2)
        picked = rng.choice(order, size=n, p=weight / weight.sum())
        rows = []
        for i in picked:
            clinic = rng.choice(["north", "south", "west"], p=[0.5, 0.3, 0.2])
            if week >= 19 and rng.random() < 0.12:
                clinic = "east"
            lost = clinic == "west" and rng.random() < (0.05 + 0.9 * late)
            values = [number(v) for v in x[i]]
            if lost or rng.random() < 0.01:
                values[names.index("mean smoothness")] = ""
            label = "" if not reference and week >= WEEKS - LABELS_LATE else str(y[i])
            rows.append([day_of(rng, week), clinic, *values, f"{probability[i]:.3f}", str(int(probability[i] >= 0.5)), label])
        return sorted(rows, key=lambda r: r[0])

    head = ["seen", "clinic", *[n.replace(" ", "_") for n in names], "probability", "prediction", "malignant"]
    write("screening-reference.csv", head, draw(-6, 350, True))
    write("screening.csv", head, [r for w in range(WEEKS) for r in draw(w, ROWS)])


def progression(rng):
    """Regression. Nothing drifts: every week is drawn from the same rows alike."""
    data = bundled.load_diabetes(scaled=False)
    names = ["age", "sex", "bmi", "bp", "s1", "s3", "s5", "s6"]
    columns = [data.feature_names.index(n) for n in names]
    x, y = data.data[:, columns], data.target
    train, rest = train_test_split(np.arange(len(y)), test_size=0.6, random_state=SEED)
    predicted = LinearRegression().fit(x[train], y[train]).predict(x)

    def draw(week, n, reference=False):
        rows = []
        for i in rng.choice(rest, size=n):
            label = "" if not reference and week >= WEEKS - LABELS_LATE else number(y[i])
            values = [f"sex {v:.0f}" if name == "sex" else number(v) for name, v in zip(names, x[i])]
            rows.append([day_of(rng, week), *values, f"{predicted[i]:.0f}", label])
        return sorted(rows, key=lambda r: r[0])

    head = ["seen", *names, "prediction", "progression"]
    write("progression-reference.csv", head, draw(-6, 200, True))
    write("progression.csv", head, [r for w in range(WEEKS) for r in draw(w, 32)])


OUT.mkdir(parents=True, exist_ok=True)
screening(np.random.default_rng(SEED))
progression(np.random.default_rng(SEED + 1))
for f in sorted(OUT.iterdir()):
    print(f.name, f.stat().st_size)

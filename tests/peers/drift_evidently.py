"""drift_evidently.py MLYARD [SEED [SETS]] -- Evidently's DataDriftPreset on random data sets, and `mlyard drift run --compat evidently` on the same files: column by column
the same method, score, threshold and outcome, and the same verdict on the data set. Then what Evidently wrote (JSON and snapshot) is imported and says the same again.

Columns: real and whole numbers (few and many values, with and without missing ones, with infinities), categories of 1 to 40 values, truth values; 30 to 4,000 rows a side, on both sides
of the 1,000 at which Evidently changes from p-values to distances. No texts: Evidently trains a classifier on them whose draws are its own."""
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import warnings

import numpy
import pandas

warnings.simplefilter("ignore")
import evidently  # noqa: E402
from evidently import Report  # noqa: E402
from evidently.presets import DataDriftPreset  # noqa: E402

from drift_probe import near, number  # noqa: E402


def whole(g, n, low, high, shift):
    return (numpy.floor(g.uniform(low, high, n)) + shift).astype(int)


def holes(g, v, share):
    v = numpy.array(v, dtype=object)
    v[g.random(len(v)) < share] = None
    return v


def some_missing(g, v, share):
    v = numpy.array(v, dtype=float)
    v[g.random(len(v)) < share] = numpy.nan
    v[0] = numpy.nan
    return v


def infinite(g, v):
    v = some_missing(g, v, 0.02)
    v[1:3] = [numpy.inf, -numpy.inf]
    return v


def words(g, n, k, skew):
    p = numpy.exp(-skew * numpy.arange(k))
    return numpy.array(["kind %02d" % i for i in range(k)], dtype=object)[g.choice(k, n, p=p / p.sum())]


# name -> what makes a side of it: generator, rows, drift from 0 (none) to 1
KINDS = {
    "normal": lambda g, n, d: g.standard_normal(n) + 0.5 * d,
    "log, normal": lambda g, n, d: g.lognormal(0, 1 + 0.3 * d, n),
    "rounded": lambda g, n, d: numpy.round(g.standard_normal(n) * 3 + d, 1),
    "two reals": lambda g, n, d: (g.random(n) < 0.3 + 0.1 * d) * 1.5,
    "four reals": lambda g, n, d: numpy.floor(g.random(n) * (4 + d)) / 2,
    "big=(1)": lambda g, n, d: g.standard_normal(n) * 1e6 * (1 + d) + 1e7,
    "ints": lambda g, n, d: whole(g, n, 0, 1000, int(100 * d)),
    "ints 30": lambda g, n, d: whole(g, n, 0, 30 + 3 * d, 0),
    "ints 7": lambda g, n, d: whole(g, n, 0, 7, 0),
    "ints 2": lambda g, n, d: (g.random(n) < 0.4 + 0.1 * d).astype(int),
    "ints missing": lambda g, n, d: some_missing(g, whole(g, n, 0, 9, 0), 0.05 + 0.1 * d),
    "reals missing": lambda g, n, d: some_missing(g, g.standard_normal(n) + d, 0.1),
    "infinite": lambda g, n, d: infinite(g, g.standard_normal(n) * (1 + d)),
    "constant": lambda g, n, d: numpy.full(n, 7.25),
    "yes": lambda g, n, d: g.random(n) < 0.6 - 0.1 * d,
    "words 1": lambda g, n, d: words(g, n, 1, 0),
    "words 2": lambda g, n, d: words(g, n, 2, 0.3 + 0.3 * d),
    "words 6": lambda g, n, d: words(g, n, 6, 0.2 + 0.3 * d),
    "words 40": lambda g, n, d: words(g, n, 12 if n < 100 else 40, 0.05 + 0.05 * d),
    "words missing": lambda g, n, d: holes(g, words(g, n, 4, 0.2), 0.1 + 0.2 * d),
}


def size(r):
    return r.choice([r.randrange(30, 200), r.randrange(200, 1000), 1000, 1001, r.randrange(1001, 4000)])


def sides(r, g):
    n, m = size(r), size(r)
    names = r.sample(sorted(KINDS), r.randrange(3, 10))
    drift = {name: r.choice([0, 0, 1]) for name in names}
    return [pandas.DataFrame({name: KINDS[name](g, rows, drift[name] if side else 0) for name in names}) for side, rows in enumerate((n, m))]


def theirs(reference, current):
    run = Report([DataDriftPreset()]).run(current, reference)
    columns, dataset = {}, None
    for m in json.loads(run.json())["metrics"]:
        c = m["config"]
        if c["type"].endswith(":ValueDrift"):
            columns[c["column"]] = (c["method"], float(c["threshold"]), number(m["value"]))
        elif c["type"].endswith(":DriftedColumnsCount"):
            dataset = float(m["value"]["share"])
    return run, columns, dataset


def mlyard(program, *arguments):
    done = subprocess.run([program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise SystemExit("not ok - %s: %s" % (" ".join(arguments), done.stderr.decode()))
    return json.loads(done.stdout)


def primary(column):
    for t in column["tests"]:
        if t.get("primary"):
            return t
    return None


def drifted_there(method, threshold, score):
    """By the direction of the method, as the preset counts drifted columns."""
    if method.endswith("p_value"):
        return score < threshold or (method.startswith("K-S") and score <= threshold)
    return score >= threshold


def one_column(where, name, ours, want):
    method, threshold, score = want
    t = primary(ours) if ours else None
    if t is None:
        return ["%s: %r: no test of ours; Evidently: %s %r" % (where, name, method, score)]
    p = method.endswith("p_value")
    mine = number(t["p_value"] if p else t["statistic"])
    bad = []
    if t["title"] != method:
        bad.append("method %s, Evidently's %s" % (t["title"], method))
    if not near(mine, score, 1e-8 if p else 1e-9, 1e-14 if p else 1e-15):
        bad.append("score %.17g, Evidently's %.17g" % (mine, score))
    if not near(number(t["threshold"]), threshold, 1e-12, 0):
        bad.append("threshold %r, Evidently's %r" % (t["threshold"], threshold))
    if bool(ours["drifted"]) != drifted_there(method, threshold, score):
        bad.append("drifted %r" % ours["drifted"])
    return ["%s: %r: %s" % (where, name, "; ".join(bad))] if bad else []


def one_report(where, ours, columns, share):
    by_name = {c["name"]: c for c in ours["columns"]}
    bad = [line for name, want in columns.items() for line in one_column(where, name, by_name.get(name), want)]
    for name, c in by_name.items():
        if name not in columns and primary(c):
            bad.append("%s: %r: a test of ours, none of Evidently's" % (where, name))
    if share is not None and bool(ours["dataset"]["drifted"]) != (share >= 0.5):
        bad.append("%s: data set drifted %r, Evidently's share %r" % (where, ours["dataset"]["drifted"], share))
    return bad


def main():
    program = os.path.abspath(sys.argv[1])
    seed, sets = int(sys.argv[2]) if len(sys.argv) > 2 else 20261121, int(sys.argv[3]) if len(sys.argv) > 3 else 24
    print("Evidently %s, NumPy %s, pandas %s, seed %d, %d data sets" % (evidently.__version__, numpy.__version__, pandas.__version__, seed, sets))
    bad, compared = [], 0
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for i in range(sets):
            for name, frame in zip(("ref.csv", "cur.csv"), sides(random.Random(seed + i), numpy.random.default_rng([seed, i]))):
                frame.to_csv(name, index=False)
            reference, current = (pandas.read_csv(name, float_precision="round_trip") for name in ("ref.csv", "cur.csv"))
            run, columns, share = theirs(reference, current)
            compared += len(columns)
            bad += one_report("set %d" % i, mlyard(program, "drift", "run", "--reference", "ref.csv", "--current", "cur.csv", "--compat", "evidently", "--no-save", "--json"), columns, share)
            for name, text in (("report.json", run.json()), ("snapshot.json", run.dumps())):
                with open(name, "w") as f:
                    f.write(text)
                bad += one_report("set %d, %s imported" % (i, name), mlyard(program, "drift", "import", name, "--workspace", "w.db", "--json"), columns, share)
    for line in bad:
        print(line)
    print("%s - %d columns of %d data sets, three times each; %d differ" % ("not ok" if bad else "ok", compared, sets, len(bad)))
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())

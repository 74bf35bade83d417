#!/usr/bin/env python3
"""Writes large MLflow databases for benchmarks: gen.py SHAPE FILE [--scale F]

    tall    75,000 runs with 20 metrics of one point, 20 params and 10 tags each, in 20 experiments
    wide    2,000 runs with 1,500 metrics of one point each
    deep    1 run with 20 metrics of 1,000,000 steps each
    points  10 million points: 200 runs, eight at a time, 10 metrics each

--scale multiplies runs (tall, wide) or steps (deep, points). The tables are those of MLflow 3.17 that hold runs and
models, indexes included; points lie in the order in which a live store gets them. The same shape and scale give
the same rows. Needs nothing but Python.
"""
import argparse
import json
import math
import os
import random
import sqlite3
import time
from hashlib import md5

BEGAN = 1_700_000_000_000                # the first run's start, in Unix milliseconds
WORKSPACE = "workspace VARCHAR(63) DEFAULT 'default' NOT NULL"
TABLES = f"""
alembic_version(version_num VARCHAR(32) NOT NULL PRIMARY KEY)
experiments(experiment_id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(256) NOT NULL, artifact_location VARCHAR(256),
    lifecycle_stage VARCHAR(32), creation_time BIGINT, last_update_time BIGINT, {WORKSPACE}, UNIQUE(workspace, name))
experiment_tags(key VARCHAR(250) NOT NULL, value TEXT, experiment_id INTEGER NOT NULL, PRIMARY KEY(key, experiment_id))
runs(run_uuid VARCHAR(32) NOT NULL PRIMARY KEY, name VARCHAR(250), source_type VARCHAR(20), source_name VARCHAR(500),
    entry_point_name VARCHAR(50), user_id VARCHAR(256), status VARCHAR(9), start_time BIGINT, end_time BIGINT,
    source_version VARCHAR(50), lifecycle_stage VARCHAR(20), artifact_uri VARCHAR(200), experiment_id INTEGER,
    deleted_time BIGINT)
metrics(key VARCHAR(250) NOT NULL, value FLOAT NOT NULL, timestamp BIGINT NOT NULL, run_uuid VARCHAR(32) NOT NULL,
    step BIGINT DEFAULT '0' NOT NULL, is_nan BOOLEAN DEFAULT '0' NOT NULL,
    PRIMARY KEY(key, timestamp, step, run_uuid, value, is_nan))
latest_metrics(key VARCHAR(250) NOT NULL, value FLOAT NOT NULL, timestamp BIGINT, step BIGINT NOT NULL,
    is_nan BOOLEAN NOT NULL, run_uuid VARCHAR(32) NOT NULL, PRIMARY KEY(key, run_uuid))
params(key VARCHAR(250) NOT NULL, value VARCHAR(8000) NOT NULL, run_uuid VARCHAR(32) NOT NULL,
    PRIMARY KEY(key, run_uuid))
tags(key VARCHAR(250) NOT NULL, value VARCHAR(8000), run_uuid VARCHAR(32) NOT NULL, PRIMARY KEY(key, run_uuid))
datasets(dataset_uuid VARCHAR(36) NOT NULL, experiment_id INTEGER NOT NULL, name VARCHAR(500) NOT NULL,
    digest VARCHAR(36) NOT NULL, dataset_source_type VARCHAR(36) NOT NULL, dataset_source TEXT NOT NULL,
    dataset_schema TEXT, dataset_profile TEXT, PRIMARY KEY(experiment_id, name, digest))
inputs(input_uuid VARCHAR(36) NOT NULL, source_type VARCHAR(36) NOT NULL, source_id VARCHAR(36) NOT NULL,
    destination_type VARCHAR(36) NOT NULL, destination_id VARCHAR(36) NOT NULL, step BIGINT DEFAULT '0' NOT NULL,
    PRIMARY KEY(source_type, source_id, destination_type, destination_id))
input_tags(input_uuid VARCHAR(36) NOT NULL, name VARCHAR(255) NOT NULL, value VARCHAR(500) NOT NULL,
    PRIMARY KEY(input_uuid, name))
registered_models(name VARCHAR(256) NOT NULL, creation_time BIGINT, last_updated_time BIGINT, description VARCHAR(5000),
    {WORKSPACE}, PRIMARY KEY(workspace, name))
registered_model_tags(key VARCHAR(250) NOT NULL, value VARCHAR(5000), name VARCHAR(256) NOT NULL, {WORKSPACE},
    PRIMARY KEY(workspace, key, name))
registered_model_aliases(alias VARCHAR(256) NOT NULL, version INTEGER NOT NULL, name VARCHAR(256) NOT NULL, {WORKSPACE},
    PRIMARY KEY(workspace, name, alias))
model_versions(name VARCHAR(256) NOT NULL, version INTEGER NOT NULL, creation_time BIGINT, last_updated_time BIGINT,
    description VARCHAR(5000), user_id VARCHAR(256), current_stage VARCHAR(20), source VARCHAR(500),
    run_id VARCHAR(32), status VARCHAR(20), status_message VARCHAR(500), run_link VARCHAR(500),
    storage_location VARCHAR(500), {WORKSPACE}, PRIMARY KEY(workspace, name, version))
model_version_tags(key VARCHAR(250) NOT NULL, value TEXT, name VARCHAR(256) NOT NULL, version INTEGER NOT NULL,
    {WORKSPACE}, PRIMARY KEY(workspace, key, name, version))
"""
INDEXES = """
metrics_run_uuid ON metrics(run_uuid)
metrics_run_uuid_key_step ON metrics(run_uuid, key, step)
latest_metrics_run_uuid ON latest_metrics(run_uuid)
params_run_uuid ON params(run_uuid)
tags_run_uuid ON tags(run_uuid)
inputs_input_uuid ON inputs(input_uuid)
inputs_destination_type_destination_id_source_type ON inputs(destination_type, destination_id, source_type)
datasets_dataset_uuid ON datasets(dataset_uuid)
datasets_experiment_id_dataset_source_type ON datasets(experiment_id, dataset_source_type)
"""

RNG = random.Random(1)
NOISE = [RNG.gauss(0, 1) for _ in range(65536)]
NAMES = ["loss", "val_loss", "accuracy", "val_accuracy", "f1", "precision", "recall", "auc", "grad_norm", "lr",
         "throughput", "memory_gb", "epoch_s", "perplexity", "kl", "entropy", "reward", "bleu", "mae", "rmse"]


def noise(a, b=0):
    """A standard normal number for two whole numbers; a table, since speed matters here and randomness does not."""
    return NOISE[(a * 40503 + b * 7919) & 65535]


def loss(run, metric, step, steps):
    """A training curve: decays, flattens, and is noisy in proportion."""
    floor, speed = 0.05 + 0.01 * metric + 0.002 * (run % 50), 6.0 + run % 7
    return (floor + 2.5 * math.exp(-speed * step / steps)) * (1.0 + 0.04 * noise(step, 31 * run + metric))


def ident(kind, i):
    return md5(f"{kind}{i}".encode()).hexdigest()


def insert(db, table, rows):
    rows = iter(rows)
    first = next(rows, None)
    if first:
        statement = f"INSERT INTO {table} VALUES ({','.join('?' * len(first))})"
        db.execute(statement, first)
        db.executemany(statement, rows)


def add_experiments(db, n):
    insert(db, "experiments", ((i, f"experiment-{i:02}" if i else "Default", f"/srv/bench/mlruns/{i}", "active", BEGAN,
                                BEGAN, "default") for i in range(n + 1)))
    insert(db, "experiment_tags", (("team", f"team-{i % 4}", i) for i in range(1, n + 1)))
    insert(db, "datasets", ((ident("data", i), i, f"data-{i}", ident("digest", i)[:8], "local",
                             '{"uri": "/srv/bench/data.csv"}', None, '{"num_rows": 1000}') for i in range(1, n + 1)))


def add_runs(db, n, experiments, took_ms, every_ms):
    """n runs, spread over the experiments; yields nothing, makes ids by ident("run", i)."""
    def rows():
        for i in range(n):
            e, start = 1 + i % experiments, BEGAN + i * every_ms
            status = "FAILED" if i % 20 == 7 else "KILLED" if i % 97 == 5 else "FINISHED"
            yield (ident("run", i), f"run-{i:06}", "UNKNOWN", "", "", f"user{i % 9}", status, start, start + took_ms,
                   "", "active", f"/srv/bench/mlruns/{e}/{ident('run', i)}/artifacts", e, None)
    insert(db, "runs", rows())
    insert(db, "inputs", ((ident("input", i), "DATASET", ident("data", 1 + i % experiments), "RUN", ident("run", i), 0)
                          for i in range(n)))
    insert(db, "input_tags", ((ident("input", i), "mlflow.data.context", "training") for i in range(n)))


def add_params(db, n, per_run):
    choices = {"lr": ["0.1", "0.01", "0.003", "0.001", "1e-05"], "optimizer": ["adam", "sgd", "lamb"],
               "batch_size": ["32", "64", "128", "256"], "model": ["resnet18", "resnet50", "vit-b16"]}
    names = [*choices, *(f"param_{k:02}" for k in range(per_run - len(choices)))]
    insert(db, "params", ((name, choices[name][(i * 7 + k) % len(choices[name])] if name in choices
                           else str(round(abs(noise(i, k)), 4)), ident("run", i))
                          for i in range(n) for k, name in enumerate(names)))


def add_tags(db, n, experiments, per_run):
    def rows():
        for i in range(n):
            run = ident("run", i)
            tags = {"mlflow.user": f"user{i % 9}", "mlflow.source.name": f"train_{i % 5}.py",
                    "mlflow.source.type": "LOCAL", "mlflow.runName": f"run-{i:06}"}
            turn = i // experiments                 # in the odd experiments every 25th run is the parent of the next 24
            if i % experiments % 2 and turn % 25:
                tags["mlflow.parentRunId"] = ident("run", i - turn % 25 * experiments)
            for k in range(per_run - len(tags)):
                tags[f"tag_{k}"] = f"value-{(i * (k + 3)) % 17}"
            yield from ((k, v, run) for k, v in tags.items())
    insert(db, "tags", rows())


def add_models(db, n):
    insert(db, "registered_models", ((f"model-{i}", BEGAN, BEGAN, None, "default") for i in range(n)))
    insert(db, "model_versions", (
        (f"model-{i}", v, BEGAN, BEGAN, None, None, "Production" if v == 9 else "None", f"/srv/bench/model-{i}/{v}",
         ident("run", 10 * i + v), "READY", None, None, None, "default") for i in range(n) for v in range(1, 11)))
    insert(db, "registered_model_aliases", (("champion", 9, f"model-{i}", "default") for i in range(n)))


def add_single_points(db, runs, keys, every_ms):
    """One point of each metric for each run; one loss in a hundred is NaN."""
    def rows():
        for i in range(runs):
            run, at = ident("run", i), BEGAN + i * every_ms + 1000
            for k, key in enumerate(keys):
                nan = k == 0 and i % 100 == 50
                yield key, 0.0 if nan else loss(i, k, i % 1000, 1000), at, run, 100, nan
    insert(db, "metrics", rows())
    db.execute("INSERT INTO latest_metrics SELECT key, value, timestamp, step, is_nan, run_uuid FROM metrics")


def add_histories(db, runs, keys, steps, at_once, step_ms):
    """Runs in waves of at_once that log side by side, every metric at every step."""
    latest = []

    def rows():
        for wave in range(0, runs, at_once):
            members = [(i, ident("run", i)) for i in range(wave, min(wave + at_once, runs))]
            start = BEGAN + wave // at_once * steps * step_ms
            for step in range(steps):
                for i, run in members:
                    at = start + step * step_ms + int(4 * noise(step, i))
                    for k, key in enumerate(keys):
                        row = key, loss(i, k, step, steps), at, run, step, 0
                        if step == steps - 1:
                            latest.append(row)
                        yield row
    insert(db, "metrics", rows())
    insert(db, "latest_metrics", ((k, v, t, s, n, r) for k, v, t, r, s, n in latest))


def tall(db, scale):
    n, e = max(1, int(75_000 * scale)), 20
    add_experiments(db, e)
    add_runs(db, n, e, 3_600_000, 60_000)
    add_params(db, n, 20)
    add_tags(db, n, e, 10)
    add_single_points(db, n, NAMES, 60_000)
    add_models(db, 10)


def wide(db, scale):
    n = max(1, int(2_000 * scale))
    add_experiments(db, 1)
    add_runs(db, n, 1, 3_600_000, 60_000)
    add_params(db, n, 20)
    add_tags(db, n, 1, 10)
    add_single_points(db, n, [f"layer_{k // 5:03}/{NAMES[k % 5]}" for k in range(1500)], 60_000)


def deep(db, scale):
    steps = max(1, int(1_000_000 * scale))
    add_experiments(db, 1)
    add_runs(db, 1, 1, steps * 50, 0)
    add_params(db, 1, 20)
    add_tags(db, 1, 1, 10)
    add_histories(db, 1, NAMES, steps, 1, 50)


def points(db, scale):
    steps, runs, at_once = max(1, int(5_000 * scale)), 200, 8
    add_experiments(db, 4)
    add_runs(db, runs, 4, steps * 50, steps * 50 // at_once)
    add_params(db, runs, 20)
    add_tags(db, runs, 4, 10)
    add_histories(db, runs, NAMES[:10], steps, at_once, 50)


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("shape", choices=("tall", "wide", "deep", "points"))
    ask.add_argument("file")
    ask.add_argument("--scale", type=float, default=1.0, metavar="F")
    given = ask.parse_args()
    began = time.monotonic()
    if os.path.exists(given.file):
        os.remove(given.file)
    db = sqlite3.connect(given.file, isolation_level=None)
    for pragma in ("journal_mode = off", "synchronous = off", "locking_mode = exclusive", "cache_size = -400000"):
        db.execute("PRAGMA " + pragma)
    db.execute("BEGIN")
    for table in TABLES.replace("\n    ", " ").strip().splitlines():
        db.execute("CREATE TABLE " + table)
    db.execute("INSERT INTO alembic_version VALUES ('dc11669786a5')")
    globals()[given.shape](db, given.scale)
    for index in INDEXES.strip().splitlines():
        db.execute("CREATE INDEX index_" + index)
    db.execute("COMMIT")
    count = {t: db.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("runs", "metrics", "params", "tags")}
    db.close()
    print(json.dumps({"shape": given.shape, "scale": given.scale, **count, "bytes": os.path.getsize(given.file),
                      "seconds": round(time.monotonic() - began, 1)}))


if __name__ == "__main__":
    main()

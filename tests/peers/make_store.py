#!/usr/bin/env python3
"""Writes a small MLflow store full of awkward content: make_store.py URI [--live N] [--interval S]

URI is sqlite:////path/mlflow.db or the path of an mlruns folder. Works under MLflow 2 and 3; what a version or
store cannot hold (logged models, prompts) is left out. With --live it then goes on writing N points to a RUNNING
run and prints a line of JSON after each one that MLflow has acknowledged; the last line says the run has ended.
"""
import argparse
import json
import logging
import os
import time
import warnings

os.environ.update(MLFLOW_ALLOW_FILE_STORE="true", MLFLOW_DISABLE_TELEMETRY="true", USER="demo", LOGNAME="demo",
                  GIT_PYTHON_REFRESH="quiet")
warnings.filterwarnings("ignore")

import mlflow
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag

logging.getLogger("mlflow").setLevel(logging.ERROR)
NAN, INF = float("nan"), float("inf")
CONTROLS = ("bell \a esc \x1b[31mred\x1b[0m osc \x1b]0;title\x07 nul \0 c1 \x9b bidi \u202eabc\u202c isolate "
            "\u2066x\u2069 zwj \u200d")

METRICS = {                              # key: [(step, timestamp, value)]
    "loss": [(s, 1_700_000_000_000 + 10 * s, 1.0 / (s + 1)) for s in range(300)],
    "thirds": [(s, 1_700_000_000_000, s / 3) for s in range(10)],
    "nan": [(0, 1000, 1.0), (1, 1001, NAN), (2, 1002, 2.0), (3, 1003, NAN)],
    "only nan": [(0, 1000, NAN)],
    "infinite": [(0, 1000, INF), (1, 1001, -INF), (2, 1002, 0.5)],
    "ends infinite": [(0, 1000, 0.5), (1, 1001, INF)],
    "negative/steps": [(-5, 1000, 5.0), (-1, 1001, 1.0), (0, 1002, 0.0)],
    "non monotonic": [(10, 1000, 1.0), (3, 1001, 2.0), (7, 999, 3.0), (7, 998, 4.0)],
    "same step": [(1, 1000, 1.0), (1, 1000, 2.0), (1, 1001, 0.0), (1, 1000, -1.0)],
    "twice": [(1, 1000, 1.0), (1, 1000, 1.0), (2, 1001, 3.0)],
    "huge steps": [(2**53 - 1, 1000, 1.0), (2**53, 1001, 2.0), (2**53 + 1, 1002, 3.0), (2**62, 1003, 4.0),
                   (-2**62, 1004, 5.0)],
    "epoch": [(0, 0, 1.0), (1, 1, 2.0)],
    "extremes": [(0, 1000, 1.7976931348623157e308), (1, 1001, -1.7976931348623157e308), (2, 1002, 5e-324),
                 (3, 1003, -5e-324), (4, 1004, 2.2250738585072014e-308), (5, 1005, 0.1 + 0.2), (6, 1006, 1e22)],
    "zero": [(0, 1000, 0.0), (1, 1001, -0.0)],
    "a/b/c d": [(0, 1000, 1.0)],
    "größe µ 損失": [(0, 1000, 1.0)],
    "k" * 250: [(0, 1000, 1.0)],
}
PARAMS = {
    "lr": "0.1", "empty": "", "space": " ", "newlines": "line 1\nline 2\n\nline 4\n", "crlf": "a\r\nb\rc",
    "tab": "a\tb", "slash/key": "x/y", "deep/er/key": "z", "with space": "v", "colon:dot.dash-": "v",
    "unicode größe": "日本語 🚀 e\u0301 \u00a0", "quotes": "'single' \"double\" `back` \\ back",
    "json": '{"a": [1, null]}',
    "yaml": "- a: b # c", "looks int": "007", "looks null": "null", "looks float": "1e-05", "controls": CONTROLS,
    "big": "x" * 5999 + "é", "long words": "word " * 300,
}
TAGS = {
    "plain": "v", "empty": "", "controls": CONTROLS, "escape only": "\x1b", "nul only": "\0", "newlines": "a\nb\n",
    "big": "y" * 7990 + "éé", "slash/tag": "v", "größe": "ß",
    "mlflow.note.content": "# Note\n\n*A run* with **all** sorts.\n",
    "lone \u00fc": "\ud7ff\ue000\ufffd\U0010ffff",
}


def write_run(client, experiment, name, params=None, tags=None, metrics=None, status="FINISHED", parent=None):
    tags = {"mlflow.user": "demo", "mlflow.source.name": "make_store.py", "mlflow.source.type": "LOCAL", **(tags or {})}
    if parent:
        tags["mlflow.parentRunId"] = parent
    run_id = client.create_run(experiment, run_name=name, tags=tags).info.run_id
    params = [Param(k, v) for k, v in (params or {}).items()]
    for i in range(0, len(params), 100):
        client.log_batch(run_id, params=params[i:i + 100])
    for key, points in (metrics or {}).items():
        for step, timestamp, value in points if len(points) < 50 else []:
            client.log_metric(run_id, key, value, timestamp=timestamp, step=step)
        if len(points) >= 50:
            client.log_batch(run_id, metrics=[Metric(key, v, t, s) for s, t, v in points])
    if status:
        client.set_terminated(run_id, status)
    return run_id


def write_tracking(client, odd_name):
    note = {"plain": "v", "mlflow.note.content": "All sorts.", "größe": "ß"}
    main = client.create_experiment("awkward", tags=note)
    everything = write_run(client, main, "everything", PARAMS, TAGS, METRICS)
    data = [DatasetInput(Dataset("d1", "abc", "local", '{"uri": "x"}', '{"s": 1}', '{"num_rows": 3}'),
                         [InputTag("mlflow.data.context", "training")]),
            DatasetInput(Dataset("größe \x1b[1m", "def", "code", "{}", None, None), [])]
    client.log_inputs(everything, datasets=data)
    write_run(client, main, "empty run")
    write_run(client, main, "many params", {f"p{i:03}": str(i) for i in range(250)})
    write_run(client, main, "many metrics", metrics={f"m{i:03}": [(0, 1000, float(i))] for i in range(120)})
    for status in ("FAILED", "KILLED", None):
        write_run(client, main, f"status {status}", {"lr": "1"}, metrics={"loss": [(0, 1000, 3.0)]}, status=status)
    write_run(client, main, "name \x1b[7m 日本 \u202e", {"lr": "2"})
    parent = write_run(client, main, "parent", {"kind": "sweep"})
    child = write_run(client, main, "child", {"lr": "3"}, metrics={"loss": [(0, 1000, 4.0)]}, parent=parent)
    write_run(client, main, "grandchild", {"lr": "4"}, parent=child)
    write_run(client, main, "orphan", {"lr": "5"}, parent="f" * 32)
    client.delete_run(write_run(client, main, "deleted run", {"lr": "6"}, metrics={"loss": [(0, 1000, 5.0)]}))

    other = client.create_experiment(odd_name)
    write_run(client, other, "everything", {"lr": "7"}, metrics={"loss": [(0, 1000, 1.5)]})
    client.create_experiment("no runs")
    gone = client.create_experiment("deleted", tags={"a": "b"})
    write_run(client, gone, "in a deleted experiment", {"lr": "8"})
    client.delete_experiment(gone)
    return main, everything


def write_registry(client, run_id):
    source = client.get_run(run_id).info.artifact_uri
    client.create_registered_model("m 1", {"k": "v", "größe": "ß"}, "A description.\nTwo lines.")
    client.create_registered_model("empty model")
    for i in range(4):
        client.create_model_version("m 1", f"{source}/model{i}", run_id, tags={"n": str(i)} if i else None,
                                    description=f"version {i + 1} \x1b[31m" if i else None)
    client.transition_model_version_stage("m 1", "1", "Archived")
    client.transition_model_version_stage("m 1", "2", "Production")
    client.transition_model_version_stage("m 1", "3", "Staging")
    client.delete_model_version("m 1", "4")
    for alias, version in (("champion", "2"), ("old", "1"), ("also-2", "2")):
        client.set_registered_model_alias("m 1", alias, version)


def write_newer(client, experiment, run_id):
    """What only newer versions have."""
    prompts = mlflow.genai if hasattr(mlflow, "genai") else mlflow
    if hasattr(prompts, "register_prompt"):
        prompts.register_prompt("answer", "Hello {{name}}", commit_message="first", tags={"lang": "en"})
        prompts.register_prompt("answer", "Dear {{name}}", commit_message="second")
        prompts.set_prompt_alias("answer", "production", 1)
    if hasattr(client, "create_logged_model"):
        from mlflow.entities import LoggedModelOutput
        model = client.create_logged_model(experiment, name="lm", source_run_id=run_id, tags={"t": "1"},
                                           params={"p": "1"}, model_type="sklearn")
        client.finalize_logged_model(model.model_id, "READY")
        client.log_outputs(run_id, [LoggedModelOutput(model.model_id, 3)])
        client.log_metric(run_id, "of model", 1.5, step=3, timestamp=1000, model_id=model.model_id)
        client.create_logged_model(experiment, name="pending")


def write_live(client, experiment, points, interval):
    run_id = write_run(client, experiment, "live", {"lr": "0.1"}, status=None)
    say = lambda **line: print(json.dumps(line), flush=True)
    say(run_id=run_id, event="started")
    for step in range(points):
        value, now = (NAN if step % 10 == 7 else 1.0 / (step + 1)), int(time.time() * 1000)
        key = "live/loss" if step % 2 == 0 else "live acc"
        client.log_metric(run_id, key, value, timestamp=now, step=step)
        say(run_id=run_id, event="point", key=key, step=step, timestamp=now, value="NaN" if value != value else value)
        time.sleep(interval)
    client.set_tag(run_id, "ended", "yes")
    client.set_terminated(run_id)
    say(run_id=run_id, event="ended")


def main():
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("uri")
    ask.add_argument("--live", type=int, default=0, metavar="N")
    ask.add_argument("--interval", type=float, default=0.1, metavar="S")
    given = ask.parse_args()
    mlflow.set_tracking_uri(given.uri)
    odd_name = "name with / ünï"                # a folder store searches for the name and trips over quotes
    if given.uri.startswith("sqlite:///"):
        os.chdir(os.path.dirname(given.uri.removeprefix("sqlite:///")))     # artifacts go beside the database
        odd_name += " ' \" \x1b[31m"
    client = mlflow.MlflowClient()
    experiment, run_id = write_tracking(client, odd_name)
    write_registry(client, run_id)
    write_newer(client, experiment, run_id)
    if given.live:
        write_live(client, experiment, given.live, given.interval)


if __name__ == "__main__":
    main()

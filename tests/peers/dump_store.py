#!/usr/bin/env python3
"""Prints, as one JSON document, what MLflow's own client reports of a store: dump_store.py URI

Not-a-number and the infinities are the strings "NaN", "Infinity" and "-Infinity"; points are [step, timestamp,
value] in the client's order. Deleted experiments and runs are included. A newer MLflow upgrades the database that
it is shown, so give it a copy of a file that matters.
"""
import json
import logging
import math
import os
import sys
import warnings

os.environ.update(MLFLOW_ALLOW_FILE_STORE="true", MLFLOW_DISABLE_TELEMETRY="true", GIT_PYTHON_REFRESH="quiet")
warnings.filterwarnings("ignore")

import mlflow
from mlflow.entities import ViewType

logging.getLogger("mlflow").setLevel(logging.ERROR)
PROMPT = "mlflow.prompt.is_prompt"


def number(value):
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    return value


def pages(search, **given):
    """All entities of a paged search."""
    token = None
    while True:
        page = search(page_token=token, **given)
        yield from page
        token = page.token
        if not token:
            return


def fields(entity, names):
    return {name: getattr(entity, name, None) for name in names.split()}


def experiment(e):
    return {**fields(e, "experiment_id name artifact_location lifecycle_stage creation_time last_update_time"),
            **({"workspace": e.workspace} if hasattr(e, "workspace") else {}), "tags": dict(e.tags)}


def run(client, run_id):
    r = client.get_run(run_id)      # a search leaves out the model inputs
    inputs, outputs = r.inputs, getattr(r, "outputs", None)
    return {
        **fields(r.info, "run_id run_name experiment_id user_id status start_time end_time artifact_uri "
                 "lifecycle_stage"),
        "params": dict(r.data.params), "tags": dict(r.data.tags),
        "metrics": {m.key: {"value": number(m.value), "timestamp": m.timestamp, "step": m.step}
                    for m in sorted(r.data._metric_objs, key=lambda m: m.key)},
        "history": {key: [[m.step, m.timestamp, number(m.value)] for m in client.get_metric_history(r.info.run_id, key)]
                    for key in sorted(r.data.metrics)},
        "datasets": [{**fields(d.dataset, "name digest source_type source schema profile"),
                      "tags": {t.key: t.value for t in d.tags}} for d in (inputs.dataset_inputs if inputs else [])],
        "model_inputs": [m.model_id for m in getattr(inputs, "model_inputs", None) or []],
        "model_outputs": [[m.model_id, m.step] for m in getattr(outputs, "model_outputs", None) or []],
    }


def version(client, name, number_):
    registry = client._get_registry_client()        # MlflowClient itself pretends that prompts do not exist
    v = registry.get_model_version(name, number_)
    return {"name": v.name, "version": int(v.version), **fields(
        v, "creation_timestamp last_updated_timestamp current_stage description source run_id run_link status "
        "status_message user_id"), "tags": dict(v.tags), "aliases": sorted(v.aliases),
        "download_uri": registry.get_model_version_download_uri(name, number_)}


def model(client, m, of_prompt=""):
    filter_string = "name = '" + m.name.replace("'", "''") + "'" + of_prompt
    numbers = sorted(int(v.version) for v in pages(client.search_model_versions, filter_string=filter_string))
    return {**fields(m, "name creation_timestamp last_updated_timestamp description"),
            "tags": {k: v for k, v in m.tags.items() if k != PROMPT},
            "aliases": {a: int(v) for a, v in m.aliases.items()},
            "latest_versions": sorted([int(v.version), v.current_stage] for v in m.latest_versions or []),
            "versions": [version(client, m.name, str(n)) for n in numbers]}


def logged_model(m):
    return {**fields(m, "model_id experiment_id name artifact_location creation_timestamp last_updated_timestamp "
                     "model_type source_run_id status_message"),
            "status": getattr(m.status, "value", m.status), "params": dict(m.params), "tags": dict(m.tags),
            "metrics": [[x.key, x.step, x.timestamp, number(x.value), x.run_id, x.dataset_name, x.dataset_digest]
                        for x in m.metrics or []]}


def trace(t):
    return {"trace_id": t.info.trace_id, "experiment_id": t.info.experiment_id, "state": t.info.state.value,
            "timestamp_ms": t.info.request_time, "execution_time_ms": t.info.execution_duration,
            "spans": [[s.name, s.span_type, s.parent_id is None] for s in t.data.spans]}


def dump(uri):
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    client = mlflow.MlflowClient(uri, uri)
    experiments = sorted(pages(client.search_experiments, view_type=ViewType.ALL), key=lambda e: int(e.experiment_id))
    ids = [e.experiment_id for e in experiments]
    runs = [r for i in ids for r in sorted(pages(client.search_runs, experiment_ids=[i], run_view_type=ViewType.ALL),
                                           key=lambda r: (r.info.start_time, r.info.run_id))]
    is_prompt = f"tags.`{PROMPT}` = 'true'"
    models = list(pages(client.search_registered_models))
    prompts = list(pages(client.search_registered_models, filter_string=is_prompt))
    names = {m.name for m in prompts}
    out = {
        "mlflow_version": mlflow.__version__,
        "experiments": [experiment(e) for e in experiments],
        "runs": [run(client, r.info.run_id) for r in runs],
        "registered_models": [model(client, m) for m in models if m.name not in names],
        "prompts": [model(client, m, " AND " + is_prompt) for m in prompts],
        "logged_models": [], "traces": [],
    }
    if hasattr(client, "search_logged_models"):
        out["logged_models"] = [logged_model(m) for m in pages(client.search_logged_models, experiment_ids=ids)]
        out["traces"] = [trace(t) for t in pages(client.search_traces, locations=ids)]
    out["counts"] = {
        "experiments": len(experiments),
        "active_experiments": sum(e.lifecycle_stage == "active" for e in experiments),
        "runs": len(runs), "active_runs": sum(r.info.lifecycle_stage == "active" for r in runs),
        "params": sum(len(r["params"]) for r in out["runs"]), "tags": sum(len(r["tags"]) for r in out["runs"]),
        "metric_keys": sum(len(r["metrics"]) for r in out["runs"]),
        "points": sum(len(p) for r in out["runs"] for p in r["history"].values()),
        "registered_models": len(out["registered_models"]),
        "versions": sum(len(m["versions"]) for m in out["registered_models"]),
        "prompts": len(prompts), "logged_models": len(out["logged_models"]),
    }
    return out


if __name__ == "__main__":
    json.dump(dump(sys.argv[1]), sys.stdout, indent=1, ensure_ascii=False)
    print()

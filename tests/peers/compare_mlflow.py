#!/usr/bin/env python3
"""Compares what mlyard imported with what MLflow's client reports, value for value: compare_mlflow.py URI MLYARD

Prints a line "ok - ..." or "not ok - ..." for each thing compared, with the first differences below it, and exits 1
if anything differed. URI is sqlite:////path/mlflow.db or the path of an mlruns folder.
"""
import json
import os
import subprocess
import sys
import tempfile

from dump_store import dump

failed = 0


def check(name, differences):
    global failed
    failed += bool(differences)
    print("not ok -" if differences else "ok -", name, flush=True)
    for line in differences[:5]:
        print("#  ", line[:400])
    if len(differences) > 5:
        print(f"#   and {len(differences) - 5} more")


def path_of(uri):
    return uri.removeprefix("sqlite:///").removeprefix("file://")


class Mlyard:
    """Runs the program's commands on one workspace."""

    def __init__(self, binary, workspace):
        self.command = [os.path.abspath(binary), "-w", workspace]

    def text(self, *args):
        done = subprocess.run([*self.command, *args], stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
        if done.returncode:
            said = done.stderr.decode(errors="replace")
            raise RuntimeError(f"mlyard {' '.join(args)}: exit {done.returncode}: {said}")
        return done.stdout

    def json(self, *args):
        return json.loads(self.text(*args, "--json"))


def differences(where, want, got):
    """Paths at which two JSON values differ. Numbers must be equal, not close."""
    if isinstance(want, dict) and isinstance(got, dict):
        return [d for k in sorted({*want, *got})
                for d in differences(f"{where}.{k!r}", want.get(k, "(nothing)"), got.get(k, "(nothing)"))]
    same = want == got and isinstance(want, str) == isinstance(got, str)
    return [] if same else [f"{where}: MLflow {json.dumps(want)[:150]}, mlyard {json.dumps(got)[:150]}"]


def as_number(value):
    return float(value)      # "NaN", "Infinity" and "-Infinity" too


def order(point):
    """(step, timestamp, value), NaN last: the order in which mlyard promises points."""
    value = as_number(point[2])
    return point[0], point[1], value != value, 0.0 if value != value else value


def want_run(run, experiments):
    """What `runs list` and `runs show` say of a run."""
    return {"run_id": run["run_id"], "run_name": run["run_name"], "experiment": experiments[run["experiment_id"]],
            "status": run["status"], "start_time_ms": run["start_time"], "end_time_ms": run["end_time"],
            "params": run["params"], "tags": run["tags"], "metrics": {k: m["value"] for k, m in run["metrics"].items()}}


def want_detail(run, experiments):
    """What only `runs show` says."""
    return {**want_run(run, experiments), "lifecycle_stage": run["lifecycle_stage"], "artifact_uri": run["artifact_uri"],
            "latest": {k: [m["step"], m["timestamp"]] for k, m in run["metrics"].items()},
            # An absent schema or profile is told as an empty one.
            "datasets": {d["name"]: {k: v or "" for k, v in d.items() if k != "tags"} | {"tags": d["tags"]}
                         for d in run["datasets"]},
            "models": sorted([["input", m, None] for m in run["model_inputs"]] +
                             [["output", m, step] for m, step in run["model_outputs"]])}


def got_detail(got):
    tags = lambda d: json.loads(d["tags"]) if isinstance(d["tags"], str) else d["tags"]
    return {**got, "latest": {k: [m["step"], m["timestamp_ms"]] for k, m in got["metric_summaries"].items()},
            "datasets": {d["name"]: {**{k: v for k, v in d.items() if k != "context"}, "tags": tags(d)}
                         for d in got["datasets"]},
            "models": sorted([m["direction"], m["model_id"], m["step"] if m["direction"] == "output" else None]
                             for m in got["models"])}


def same_run(want, got):
    return differences(want["run_name"], want, {k: got.get(k, "(nothing)") for k in want})


def compare_series(mlyard, run):
    out = []
    for key, points in run["history"].items():
        where, got = f"{run['run_name']}: {key}", mlyard.json("metrics", "get", run["run_id"], key)
        # A double with an integral value may be printed without a point: compare numbers as numbers.
        if sorted(points, key=order) != got["points"]:
            wrong = [(w, g) for w, g in zip(sorted(points, key=order), got["points"]) if w != g]
            out.append(f"{where}: {len(points)} points, mlyard {len(got['points'])}, first difference {wrong[:1]}")
        if got["count"] != len(points):
            out.append(f"{where}: count {got['count']}, not {len(points)}")
        # Only NaN is no value; float() reads "Infinity" and the like.
        values = [float(p[2]) for p in points if p[2] != "NaN"]
        if values and (float(got["min"]), float(got["max"])) != (min(values), max(values)):
            out.append(f"{where}: min and max {got['min'], got['max']}, not {min(values), max(values)}")
        if got["last"] != run["metrics"][key]["value"]:
            out.append(f"{where}: last {got['last']}, not {run['metrics'][key]['value']}")
    return out


def compare(mlyard, store):
    names = {e["experiment_id"]: e["name"] for e in store["experiments"]}
    active = [r for r in store["runs"] if r["lifecycle_stage"] == "active"]
    by_id = lambda experiments: {e["experiment_id"]: {k: e[k] for k in ("name", "lifecycle_stage", "artifact_location")}
                                 for e in experiments}
    check("experiments", differences("", by_id(store["experiments"]),
                                     by_id(mlyard.json("experiments", "list")["experiments"])))

    got = {r["run_id"]: r for r in mlyard.json("runs", "list")["runs"]}
    check(f"list of {len(active)} active runs", differences("ids", sorted(r["run_id"] for r in active), sorted(got)))
    check("runs as listed", [d for r in active if r["run_id"] in got
                             for d in same_run(want_run(r, names), got[r["run_id"]])])
    check("runs one by one, deleted ones too", [d for r in store["runs"] for d in same_run(
        want_detail(r, names), got_detail(mlyard.json("runs", "show", r["run_id"])))])
    count = sum(len(p) for r in store["runs"] for p in r["history"].values())
    check(f"{count} points", [d for r in store["runs"] for d in compare_series(mlyard, r)])


def main():
    uri, binary = sys.argv[1:]
    store = dump(uri)
    with tempfile.TemporaryDirectory() as folder:
        mlyard = Mlyard(binary, os.path.join(folder, "ws.mlyard"))
        try:
            mlyard.text("import", path_of(uri))
            compare(mlyard, store)
            before = mlyard.text("runs", "list", "--json")
            mlyard.text("import", path_of(uri))
            after = mlyard.text("runs", "list", "--json")
            check("a second import changes nothing", [] if after == before else ["it did"])
        except (RuntimeError, KeyError, ValueError) as error:
            check("comparing to the end", [f"{type(error).__name__}: {error}".strip()])
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

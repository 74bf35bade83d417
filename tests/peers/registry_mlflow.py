#!/usr/bin/env python3
"""A real MLflow changes its registry step by step; after each step mlyard's answers must equal MLflow's.

usage: registry_mlflow.py URI MLYARD

Compared after every step, over all models: stages, latest versions, aliases, tags, descriptions, versions that were deleted. Then the other way
round: the same transitions, decided in mlyard on models of its own, must end where MLflow's end.
"""
import json
import os
import subprocess
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
import mlflow  # noqa: E402
from mlflow.exceptions import MlflowException  # noqa: E402
from mlflow.tracking import MlflowClient  # noqa: E402

uri, mlyard = sys.argv[1:3]
mlflow.set_tracking_uri(uri)
mlflow.set_registry_uri(uri)
client = MlflowClient(tracking_uri=uri, registry_uri=uri)
work = tempfile.mkdtemp(prefix="mlyard-registry-")
for name in ("CONFIG", "STATE", "DATA", "CACHE"):
    os.environ[f"XDG_{name}_HOME"] = os.path.join(work, name.lower())
os.environ["MLYARD_USER"] = "registrar"
os.environ.pop("MLYARD_NOW_MS", None)
source = uri[len("sqlite:///"):] if uri.startswith("sqlite:") else uri
workspace = os.path.join(work, "w.mlyard")
failures = 0
steps = 0


def say(*args, code=0):
    done = subprocess.run([mlyard, "-w", workspace, *args], capture_output=True, text=True, check=False)
    if code is not None and done.returncode != code:
        raise SystemExit(f"not ok - mlyard {' '.join(args)}: exit {done.returncode}: {done.stderr}")
    return done


def ask(*args):
    return json.loads(say(*args, "--json").stdout)


def of_mlflow():
    """What MLflow says of all its models, deleted versions left out."""
    out = {}
    for model in client.search_registered_models(max_results=100):
        versions = client.search_model_versions(f"name='{model.name}'")
        out[model.name] = {
            "description": model.description or "",
            "tags": dict(client.get_registered_model(model.name).tags),
            "aliases": {k: int(v) for k, v in client.get_registered_model(model.name).aliases.items()},
            "latest": {v.current_stage: int(v.version) for v in client.get_latest_versions(model.name)},
            "versions": {
                int(v.version): (v.current_stage, v.description or "", dict(client.get_model_version(model.name, v.version).tags), v.run_id or "", v.source or "")
                for v in versions
            },
        }
    return out


def of_mlyard():
    say("import", source)
    out = {}
    for row in ask("models", "list")["models"]:
        if row["local"]:
            continue
        model = ask("models", "show", row["name"])
        versions = {}
        for v in model["versions"]:
            one = ask("models", "show", row["name"], str(v["version"]))
            versions[v["version"]] = (one["stage"], one["description"], one["tags"], one["run_id"], one["source"])
        out[row["name"]] = {
            "description": model["description"], "tags": model["tags"], "aliases": model["aliases"], "latest": model["latest_versions"], "versions": versions,
        }
    return out


def check(what):
    global failures, steps
    steps += 1
    theirs, ours = of_mlflow(), of_mlyard()
    if theirs != ours:
        failures += 1
        print(f"not ok - {what}\n  MLflow: {theirs}\n  mlyard: {ours}")


def refused(what, call, *args, **kw):
    """MLflow refuses it, so nothing may change."""
    global failures
    try:
        call(*args, **kw)
        failures += 1
        print(f"not ok - MLflow takes {what}")
    except MlflowException:
        pass


def steps_at_the_source():
    with mlflow.start_run() as run:
        mlflow.log_metric("auc", 0.9)
        mlflow.log_param("depth", 3)
    place = f"{run.info.artifact_uri}/model"
    client.create_registered_model("churn", tags={"team": "growth"}, description="who leaves")
    client.create_registered_model("empty")
    check("two models, one empty")
    for n in range(5):
        client.create_model_version("churn", place, run.info.run_id, tags={"n": str(n)}, description=f"version {n}")
    check("five versions")
    client.transition_model_version_stage("churn", 1, "Staging")
    client.transition_model_version_stage("churn", 2, "staging")
    client.transition_model_version_stage("churn", 3, "Production")
    check("stages, in any case; two in one")
    client.transition_model_version_stage("churn", 4, "Production", archive_existing_versions=True)
    check("archive_existing_versions")
    client.transition_model_version_stage("churn", 5, "Production", archive_existing_versions=False)
    check("two in Production")
    client.transition_model_version_stage("churn", 4, "None")
    check("back to None")
    refused("an unknown stage", client.transition_model_version_stage, "churn", 4, "Bogus")
    client.set_registered_model_alias("churn", "champion", 4)
    client.set_registered_model_alias("churn", "Champion", 5)
    client.set_registered_model_alias("churn", "old", 1)
    check("aliases; case matters")
    client.set_registered_model_alias("churn", "champion", 5)
    client.delete_registered_model_alias("churn", "old")
    check("an alias moves, one goes")
    refused("the alias latest", client.set_registered_model_alias, "churn", "latest", 1)
    refused("the alias v1", client.set_registered_model_alias, "churn", "v1", 1)
    client.set_model_version_tag("churn", 2, "owner", "growth team")
    client.set_registered_model_tag("churn", "tier", "gold")
    client.delete_registered_model_tag("churn", "team")
    client.update_model_version("churn", 2, "said anew")
    check("tags and descriptions")
    client.set_registered_model_alias("churn", "ghost", 2)
    client.delete_model_version("churn", 2)
    say("import", source)
    gone = ask("models", "versions", "churn", "--deleted")["versions"]
    if 2 not in {v["version"] for v in gone if v["deleted"]}:
        print("not ok - a version deleted at the source is not kept")
    check("a version is deleted; its alias goes or dangles as MLflow has it")
    version = client.create_model_version("churn", place, run.info.run_id).version
    if int(version) != 6:
        print(f"# MLflow gives {version} after 5 versions, one of them deleted")
    check("numbers are not used again")
    client.delete_model_version("churn", 6)
    client.create_model_version("churn", place, run.info.run_id)
    check("nor is the last one, where MLflow has it so")
    client.rename_registered_model("empty", "renamed")
    check("a model is renamed")
    client.delete_registered_model("renamed")
    check("a model is deleted")
    client.create_registered_model("renamed")
    check("and made again")
    return run.info.run_id


def decided_here(run_id):
    """The same moves on a model of this workspace and on one of MLflow's."""
    global failures, steps
    client.create_registered_model("twin")
    for _ in range(4):
        client.create_model_version("twin", "/nowhere/model", None)
        say("models", "register", "own", "--source", "/nowhere/model")
    moves = [(1, "Staging"), (2, "Production"), (3, "production"), (1, "None"), (2, "Staging"), (4, "Production")]
    for version, stage in moves:
        steps += 1
        client.transition_model_version_stage("twin", version, stage, archive_existing_versions=stage.lower() == "production")
        say("models", "promote", "own", str(version), stage, "--reason", "as MLflow does")
        theirs = {int(v.version): v.current_stage for v in client.search_model_versions("name='twin'")}
        ours = {v["version"]: v["stage"] for v in ask("models", "versions", "own")["versions"]}
        if theirs != ours:
            failures += 1
            print(f"not ok - own v{version} to {stage}\n  MLflow: {theirs}\n  mlyard: {ours}")
    for alias, good in (("champion", True), ("Champion", True), ("a-b_c", True), ("latest", False), ("LATEST", False), ("v7", False), ("V12", False), ("a b", False), ("ä", True)):
        steps += 1
        try:
            client.set_registered_model_alias("twin", alias, 4)
            theirs = True
        except MlflowException:
            theirs = False
        ours = say("models", "alias", "own", alias, "4", "--reason", "as MLflow does", code=None).returncode == 0
        if theirs != ours:
            failures += 1
            print(f"not ok - alias {alias!r}: MLflow {'takes' if theirs else 'refuses'} it, mlyard does not agree")
    steps += 1
    refusal = say("models", "register", "churn", "--run", run_id, code=None)
    if refusal.returncode != 4:
        failures += 1
        print(f"not ok - a version of a model of MLflow's is registered here: exit {refusal.returncode}")


def decided_over_the_source():
    """A decision made here over a model of MLflow's outlives imports, and gives way to the next change there."""
    global failures, steps
    say("import", source)
    say("models", "promote", "twin", "1", "Staging", "--reason", "decided here")
    say("import", source)
    held = {v["version"]: v["stage"] for v in ask("models", "versions", "twin")["versions"]}
    steps += 1
    if held[1] != "Staging":
        failures += 1
        print(f"not ok - an import undid a decision: {held}")
    client.transition_model_version_stage("twin", 1, "Archived")
    say("import", source)
    held = {v["version"]: v["stage"] for v in ask("models", "versions", "twin")["versions"]}
    steps += 1
    if held[1] != "Archived":
        failures += 1
        print(f"not ok - a change at the source was not taken over: {held}")
    if say("audit", "verify", code=None).returncode not in (0,):
        failures += 1
        print("not ok - audit verify")


run_id = steps_at_the_source()
decided_here(run_id)
decided_over_the_source()
subprocess.run(["rm", "-rf", work], check=False)
print(f"ok - registry: {steps} steps, MLflow {mlflow.__version__}" if not failures else f"# {failures} of {steps} steps differ, MLflow {mlflow.__version__}")
sys.exit(1 if failures else 0)

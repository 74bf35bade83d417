-- The workspace's tables, schema 1. Times are Unix milliseconds; a NaN is NULL beside a count.
-- Names of metrics, params and tags are interned in `name`: a column of the run table is one range
-- scan over the (name_id, run_id) tree, a run's detail one over (run_id).
CREATE TABLE setting(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE change(seq INTEGER PRIMARY KEY, topics INTEGER NOT NULL);   -- one row a commit, gapless; the last 64 stay
CREATE TABLE name(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);

-- Where rows came from. state: the importer's own cursor as JSON; fingerprint: cheap "unchanged?" proof.
CREATE TABLE source(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, uri TEXT NOT NULL UNIQUE, fingerprint TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT '{}', first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, problems INTEGER NOT NULL DEFAULT 0, report TEXT NOT NULL DEFAULT '');

-- What an importer remembers of one part of its source (an mlruns run folder: its stamp and how far each metric file was read).
CREATE TABLE source_memo(source_id INTEGER NOT NULL REFERENCES source(id), key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY(source_id, key)) WITHOUT ROWID;

-- deleted, here and below: deleted in the source, or gone from it for good (then kept here and marked).
CREATE TABLE experiment(id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL REFERENCES source(id), ext_id TEXT NOT NULL,
  namespace TEXT NOT NULL DEFAULT 'default',   -- MLflow calls it workspace
  name TEXT NOT NULL, artifact_uri TEXT NOT NULL DEFAULT '', deleted INTEGER NOT NULL DEFAULT 0, created_ms INTEGER, updated_ms INTEGER, UNIQUE(source_id, ext_id));
CREATE TABLE experiment_tag(experiment_id INTEGER NOT NULL REFERENCES experiment(id), key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY(experiment_id, key)) WITHOUT ROWID;

-- status: 1 running, 2 scheduled, 3 finished, 4 failed, 5 killed (MLflow's numbers). parent: uuid of the parent run or NULL.
CREATE TABLE run(id INTEGER PRIMARY KEY, experiment_id INTEGER NOT NULL REFERENCES experiment(id), source_id INTEGER NOT NULL REFERENCES source(id),
  uuid TEXT NOT NULL, name TEXT NOT NULL DEFAULT '', status INTEGER NOT NULL, user TEXT NOT NULL DEFAULT '',
  entry TEXT NOT NULL DEFAULT '',              -- the run's "source": the script or project that made it
  start_ms INTEGER, end_ms INTEGER, deleted INTEGER NOT NULL DEFAULT 0, deleted_ms INTEGER, artifact_uri TEXT NOT NULL DEFAULT '', parent TEXT, UNIQUE(source_id, uuid));
-- Counting the runs of an experiment and finding its newest ones must not touch the rows themselves.
CREATE INDEX run_by_start ON run(experiment_id, deleted, start_ms);
CREATE INDEX run_live ON run(experiment_id) WHERE status = 1 AND deleted = 0;
CREATE INDEX run_by_uuid ON run(uuid);
CREATE INDEX run_by_parent ON run(parent) WHERE parent IS NOT NULL;

CREATE TABLE param(name_id INTEGER NOT NULL, run_id INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY(name_id, run_id)) WITHOUT ROWID;
CREATE INDEX param_by_run ON param(run_id);
CREATE TABLE tag(name_id INTEGER NOT NULL, run_id INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY(name_id, run_id)) WITHOUT ROWID;
CREATE INDEX tag_by_run ON tag(run_id);
-- One row per series. last_*: the greatest (step, ms, value), NaN as NULL. min/max over finite values, NULL when there are none.
-- A series of one point has no block. Points live in block, in (step, ms, value) order.
CREATE TABLE metric(name_id INTEGER NOT NULL, run_id INTEGER NOT NULL, n INTEGER NOT NULL, nan INTEGER NOT NULL DEFAULT 0,
  first_step INTEGER NOT NULL, last_step INTEGER NOT NULL, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, last REAL,
  min REAL, min_step INTEGER, max REAL, max_step INTEGER, PRIMARY KEY(name_id, run_id)) WITHOUT ROWID;
CREATE INDEX metric_by_run ON metric(run_id);
-- level 0: packed points; level k > 0: packed entries, each summing up items of level k-1. seq: position of the first item in its level,
-- n: items. step0 step1: of the first and last item; ms0 ms1: least and greatest time (series_internal.h).
CREATE TABLE block(id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL, name_id INTEGER NOT NULL, level INTEGER NOT NULL, seq INTEGER NOT NULL,
  n INTEGER NOT NULL, step0 INTEGER NOT NULL, step1 INTEGER NOT NULL, ms0 INTEGER NOT NULL, ms1 INTEGER NOT NULL, data BLOB NOT NULL, UNIQUE(run_id, name_id, level, seq));

-- Which columns an experiment can show: kind 0 metric, 1 param, 2 tag; runs: how many runs have it.
CREATE TABLE experiment_key(experiment_id INTEGER NOT NULL REFERENCES experiment(id), kind INTEGER NOT NULL, name_id INTEGER NOT NULL, runs INTEGER NOT NULL,
  PRIMARY KEY(experiment_id, kind, name_id)) WITHOUT ROWID;

CREATE TABLE dataset(id INTEGER PRIMARY KEY, experiment_id INTEGER NOT NULL REFERENCES experiment(id), name TEXT NOT NULL, digest TEXT NOT NULL,
  source_type TEXT, source TEXT, schema TEXT, profile TEXT, UNIQUE(experiment_id, name, digest));
CREATE TABLE run_dataset(run_id INTEGER NOT NULL REFERENCES run(id), dataset_id INTEGER NOT NULL REFERENCES dataset(id), tags TEXT NOT NULL DEFAULT '{}',   -- JSON object, mlflow.data.context and others
  PRIMARY KEY(run_id, dataset_id)) WITHOUT ROWID;
CREATE TABLE run_model(run_id INTEGER NOT NULL REFERENCES run(id), direction INTEGER NOT NULL,   -- 0 input, 1 output
  model_id TEXT NOT NULL, step INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(run_id, direction, model_id)) WITHOUT ROWID;

CREATE TABLE logged_model(id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL REFERENCES source(id), model_id TEXT NOT NULL, experiment_id INTEGER NOT NULL REFERENCES experiment(id),
  name TEXT, artifact_uri TEXT, created_ms INTEGER, updated_ms INTEGER, status INTEGER NOT NULL DEFAULT 0, model_type TEXT, source_run TEXT, status_message TEXT, deleted INTEGER NOT NULL DEFAULT 0, UNIQUE(source_id, model_id));
CREATE TABLE logged_model_item(logged_model_id INTEGER NOT NULL REFERENCES logged_model(id), kind INTEGER NOT NULL,   -- 1 param, 2 tag
  key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY(logged_model_id, kind, key)) WITHOUT ROWID;
CREATE TABLE logged_model_metric(logged_model_id INTEGER NOT NULL REFERENCES logged_model(id), key TEXT NOT NULL, ms INTEGER NOT NULL, step INTEGER NOT NULL, value REAL,
  run_uuid TEXT NOT NULL DEFAULT '', dataset_name TEXT, dataset_digest TEXT, PRIMARY KEY(logged_model_id, key, ms, step, run_uuid)) WITHOUT ROWID;

CREATE TABLE model(id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL REFERENCES source(id), namespace TEXT NOT NULL DEFAULT 'default', name TEXT NOT NULL,
  created_ms INTEGER, updated_ms INTEGER, description TEXT, is_prompt INTEGER NOT NULL DEFAULT 0, deleted INTEGER NOT NULL DEFAULT 0, UNIQUE(source_id, namespace, name));
CREATE TABLE model_tag(model_id INTEGER NOT NULL REFERENCES model(id), key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY(model_id, key)) WITHOUT ROWID;
CREATE TABLE model_version(id INTEGER PRIMARY KEY, model_id INTEGER NOT NULL REFERENCES model(id), version INTEGER NOT NULL, created_ms INTEGER, updated_ms INTEGER, description TEXT,
  user TEXT, stage TEXT NOT NULL DEFAULT 'None', source TEXT, run_uuid TEXT, status TEXT, status_message TEXT, run_link TEXT, storage_location TEXT, deleted INTEGER NOT NULL DEFAULT 0, UNIQUE(model_id, version));
CREATE TABLE model_version_tag(version_id INTEGER NOT NULL REFERENCES model_version(id), key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY(version_id, key)) WITHOUT ROWID;
CREATE TABLE model_alias(model_id INTEGER NOT NULL REFERENCES model(id), alias TEXT NOT NULL, version INTEGER NOT NULL, PRIMARY KEY(model_id, alias)) WITHOUT ROWID;

CREATE TABLE trace(id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL REFERENCES source(id), experiment_id INTEGER NOT NULL REFERENCES experiment(id), trace_id TEXT NOT NULL,
  start_ms INTEGER, took_ms INTEGER, status TEXT, client_id TEXT, request_preview TEXT, response_preview TEXT, deleted INTEGER NOT NULL DEFAULT 0, UNIQUE(source_id, trace_id));
CREATE TABLE trace_item(trace_id INTEGER NOT NULL REFERENCES trace(id), kind INTEGER NOT NULL,   -- 0 metadata, 1 attribute without a column above (trace_name, total_tokens, ...), 2 tag
  key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY(trace_id, kind, key)) WITHOUT ROWID;
CREATE TABLE span(trace_id INTEGER NOT NULL REFERENCES trace(id), span_id TEXT NOT NULL, parent_id TEXT, name TEXT, type TEXT, status TEXT,
  start_ns INTEGER, end_ns INTEGER, content TEXT, PRIMARY KEY(trace_id, span_id)) WITHOUT ROWID;
CREATE TABLE assessment(id INTEGER PRIMARY KEY, trace_id INTEGER NOT NULL REFERENCES trace(id), assessment_id TEXT NOT NULL, content TEXT NOT NULL, UNIQUE(trace_id, assessment_id));   -- content: the source's row as JSON

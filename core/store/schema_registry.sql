-- Schema 2: the registry. What a source says of its models stays in model, model_version and model_alias; what is
-- decided here lives in the tables below, which change only inside a registry change (core/registry/change.h): the
-- store refuses to commit a transaction that touched one of them and appended no audit record.
CREATE TABLE reg_workspace(id INTEGER PRIMARY KEY CHECK(id = 1), uuid TEXT NOT NULL, created_ms INTEGER NOT NULL);

-- The audit chain (core/registry/audit.h). hash = BLAKE2b-256 over a domain and all other columns; prev: the hash before.
CREATE TABLE audit(seq INTEGER PRIMARY KEY, prev BLOB NOT NULL, ms INTEGER NOT NULL, up_ms INTEGER NOT NULL,   -- wall clock; time since boot
  actor TEXT NOT NULL, uid INTEGER NOT NULL, key_id TEXT NOT NULL, action TEXT NOT NULL, object TEXT NOT NULL,
  before TEXT, after TEXT, reason TEXT NOT NULL, hash BLOB NOT NULL);
CREATE INDEX audit_by_object ON audit(object, seq);
CREATE INDEX audit_by_time ON audit(ms);              -- the latest time on record: a clock that runs backwards is held against it
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'audit records are never changed'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'audit records are never removed'); END;
CREATE TRIGGER audit_no_gap BEFORE INSERT ON audit WHEN new.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit)
  BEGIN SELECT raise(ABORT, 'audit records are numbered without gaps'); END;
-- Signed heads, numbered without gaps.
CREATE TABLE audit_checkpoint(n INTEGER PRIMARY KEY, seq INTEGER NOT NULL, hash BLOB NOT NULL, ms INTEGER NOT NULL, key_id TEXT NOT NULL, signature BLOB NOT NULL);

-- Public keys that were introduced here. kind: approval (a person's, sealed) or witness (signs checkpoints unattended).
CREATE TABLE reg_key(key_id TEXT PRIMARY KEY, actor TEXT NOT NULL, uid INTEGER NOT NULL, kind TEXT NOT NULL, public BLOB NOT NULL,
  created_ms INTEGER NOT NULL, revoked_ms INTEGER, seq INTEGER NOT NULL);
-- Policies in the order they came into force; the last is in force. text: the file as it was.
CREATE TABLE reg_policy(version INTEGER PRIMARY KEY, hash BLOB NOT NULL, text TEXT NOT NULL, ms INTEGER NOT NULL, actor TEXT NOT NULL, seq INTEGER NOT NULL);

-- One row a version, made when it is registered or first seen. *_seen: what its source last said, so that a change there is told
-- from a decision here. rev: seq of the last record about the version. digest: BLAKE2b-256 over its files (digest.h).
CREATE TABLE reg_version(version_id INTEGER PRIMARY KEY REFERENCES model_version(id), stage TEXT NOT NULL, since_ms INTEGER NOT NULL,
  stage_seen TEXT, deleted INTEGER NOT NULL DEFAULT 0, deleted_seen INTEGER NOT NULL DEFAULT 0, registered_by TEXT NOT NULL DEFAULT '', semver TEXT, description TEXT,
  digest BLOB, digest_ms INTEGER, digest_stamp TEXT,       -- stamp: names, sizes and times of the files it was computed over
  bytes INTEGER, files INTEGER, mlmodel TEXT,              -- mlmodel: the MLmodel file as JSON
  snapshot TEXT NOT NULL DEFAULT '{}',                     -- {"metrics":{},"params":{}} of the source run when registered
  rev INTEGER NOT NULL DEFAULT 0);
CREATE TABLE reg_model(model_id INTEGER PRIMARY KEY REFERENCES model(id), description TEXT, deleted INTEGER NOT NULL DEFAULT 0, rev INTEGER NOT NULL DEFAULT 0);
CREATE TABLE reg_alias(id INTEGER PRIMARY KEY, model_id INTEGER NOT NULL REFERENCES model(id), alias TEXT NOT NULL, version INTEGER,   -- NULL: removed here
  version_seen INTEGER, since_ms INTEGER NOT NULL, UNIQUE(model_id, alias));
-- Decisions about tags, over what the source says. version 0: of the model. value NULL: removed.
CREATE TABLE reg_tag(id INTEGER PRIMARY KEY, model_id INTEGER NOT NULL REFERENCES model(id), version INTEGER NOT NULL, key TEXT NOT NULL, value TEXT, UNIQUE(model_id, version, key));
-- What a version came from and where it went. kind: fine_tuned_from, distilled_from, retrained_on (target NAME/VERSION or a place),
-- dataset (target name; detail {"digest","split"}), feature (target VIEW or VIEW:FEATURE), deployed (target place).
CREATE TABLE reg_link(id INTEGER PRIMARY KEY, version_id INTEGER NOT NULL REFERENCES model_version(id), kind TEXT NOT NULL, target TEXT NOT NULL, detail TEXT NOT NULL DEFAULT '{}',
  UNIQUE(version_id, kind, target));
CREATE INDEX reg_link_by_target ON reg_link(kind, target);
-- Model cards, every text that was ever saved. version 0: of the model.
CREATE TABLE reg_card(id INTEGER PRIMARY KEY, model_id INTEGER NOT NULL REFERENCES model(id), version INTEGER NOT NULL, rev INTEGER NOT NULL, ms INTEGER NOT NULL,
  actor TEXT NOT NULL, text TEXT NOT NULL, seq INTEGER NOT NULL, UNIQUE(model_id, version, rev));

-- Who held what when. kind: stage or alias. to_ms NULL: still. from_known 0: it held it already when first seen, from_ms is no more than the earliest proof.
CREATE TABLE reg_held(id INTEGER PRIMARY KEY, model_id INTEGER NOT NULL REFERENCES model(id), kind TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,
  from_ms INTEGER NOT NULL, from_seq INTEGER NOT NULL, from_known INTEGER NOT NULL DEFAULT 1, by TEXT NOT NULL, how TEXT NOT NULL,   -- how: register, promote, rollback, archive, source, alias, ...
  to_ms INTEGER, to_seq INTEGER);
CREATE INDEX reg_held_by_name ON reg_held(model_id, kind, name, from_ms);
CREATE INDEX reg_held_open ON reg_held(model_id, kind, version) WHERE to_ms IS NULL;

-- Requests to move a version, and what people said to them. state: open, done, rejected, withdrawn, expired.
-- basis: BLAKE2b-256 over what was asked about (artifact digest, metrics, policy); a vote over another basis counts for nothing.
CREATE TABLE reg_request(id INTEGER PRIMARY KEY, model_id INTEGER NOT NULL REFERENCES model(id), version INTEGER NOT NULL, from_stage TEXT NOT NULL, to_stage TEXT NOT NULL,
  requester TEXT NOT NULL, uid INTEGER NOT NULL, key_id TEXT NOT NULL, reason TEXT NOT NULL, checked TEXT NOT NULL DEFAULT '[]',   -- checklist items ticked, their texts
  created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, state TEXT NOT NULL, closed_ms INTEGER, basis BLOB NOT NULL, seq INTEGER NOT NULL);
CREATE INDEX reg_request_of ON reg_request(model_id, state);
CREATE INDEX reg_request_open ON reg_request(expires_ms) WHERE state = 'open';
-- verdict: approve, reject, comment. statement: the signed bytes; empty for comments. void_why: set when it was found to count no more.
CREATE TABLE reg_vote(id INTEGER PRIMARY KEY, request_id INTEGER NOT NULL REFERENCES reg_request(id), actor TEXT NOT NULL, uid INTEGER NOT NULL, key_id TEXT NOT NULL,
  verdict TEXT NOT NULL, ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL DEFAULT 0, comment TEXT NOT NULL DEFAULT '', statement BLOB, signature BLOB,
  void_why TEXT, seq INTEGER NOT NULL);
CREATE INDEX reg_vote_of ON reg_vote(request_id);

-- Verdicts of drift reports about models, newest counts. version 0: all versions. verdict: stable, watch, drifted.
CREATE TABLE drift_verdict(id INTEGER PRIMARY KEY, model TEXT NOT NULL, version INTEGER NOT NULL DEFAULT 0, monitor TEXT NOT NULL DEFAULT '', ms INTEGER NOT NULL,
  verdict TEXT NOT NULL, report TEXT NOT NULL DEFAULT '');
CREATE INDEX drift_verdict_of ON drift_verdict(model, version, ms);

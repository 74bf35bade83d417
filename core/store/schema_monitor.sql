-- Schema 4: monitors, the windows they saw, alerts, and what waits to be sent. Times are Unix milliseconds.
ALTER TABLE drift_column ADD COLUMN watch INTEGER NOT NULL DEFAULT 0;
ALTER TABLE drift_column ADD COLUMN role TEXT NOT NULL DEFAULT '';
ALTER TABLE drift_column ADD COLUMN effect_unit INTEGER NOT NULL DEFAULT 0;   -- enum report_effect_unit
-- text: of the monitor's file when it was added or last run; path: where it lies. state: new, stable, watch, drifted, trouble (its source cannot be read).
-- red, green: windows in a row that passed the limits, or did not (hysteresis). baseline: key of the window that took the reference's place; '': the file's reference.
CREATE TABLE monitor(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, path TEXT NOT NULL, text TEXT NOT NULL, model TEXT NOT NULL DEFAULT '', version INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL DEFAULT 'new', state_ms INTEGER NOT NULL, red INTEGER NOT NULL DEFAULT 0, green INTEGER NOT NULL DEFAULT 0, ran_ms INTEGER, next_ms INTEGER,
  silent_until_ms INTEGER NOT NULL DEFAULT 0, silent_why TEXT NOT NULL DEFAULT '', baseline TEXT NOT NULL DEFAULT '', added_ms INTEGER NOT NULL, added_by TEXT NOT NULL DEFAULT '');
-- first, last: of the window; milliseconds where it is one of time (half open), rows where it is one of rows, 0 where it is a file. seq orders windows; key names one.
-- state: done, missing (the source has nothing for it), failed. red: it passed the monitor's limits; why: in words, or what went wrong. A window that is not there was not looked at yet.
CREATE TABLE monitor_window(monitor_id INTEGER NOT NULL REFERENCES monitor(id) ON DELETE CASCADE, seq INTEGER NOT NULL, key TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  state TEXT NOT NULL, rows INTEGER NOT NULL DEFAULT 0, report_id INTEGER REFERENCES drift_report(id) ON DELETE SET NULL, verdict TEXT NOT NULL DEFAULT '', red INTEGER NOT NULL DEFAULT 0,
  why TEXT NOT NULL DEFAULT '', ran_ms INTEGER NOT NULL, PRIMARY KEY(monitor_id, seq)) WITHOUT ROWID;
CREATE UNIQUE INDEX monitor_window_key ON monitor_window(monitor_id, key);
-- kind: drift, trouble, missing (gaps), recovered, acknowledged. state: open, acknowledged, closed (recovered, or trouble ended). document: what is told, as JSON.
-- of: the alert that one of kind recovered ends, or one of kind acknowledged is of; thread: random, common to them, by which receivers put them together.
CREATE TABLE alert(id INTEGER PRIMARY KEY, monitor_id INTEGER NOT NULL REFERENCES monitor(id) ON DELETE CASCADE, window_key TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
  ms INTEGER NOT NULL, title TEXT NOT NULL, document TEXT NOT NULL, report_id INTEGER REFERENCES drift_report(id) ON DELETE SET NULL,
  acked_ms INTEGER, acked_by TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '', closed_ms INTEGER, of INTEGER, thread TEXT NOT NULL DEFAULT '');
CREATE INDEX alert_of ON alert(monitor_id, ms);
CREATE INDEX alert_open ON alert(state, ms);
-- What is to be sent, written in the transaction that made the alert. key: unique for alert and receiver, given to receivers that can tell a repeat by it.
-- channel: which entry of the monitor's file, -1: its on_red; target: for people, without secrets. state: waiting, sending, sent, failed (given up), withheld (silenced).
CREATE TABLE outbox(id INTEGER PRIMARY KEY, alert_id INTEGER NOT NULL REFERENCES alert(id) ON DELETE CASCADE, channel INTEGER NOT NULL, kind TEXT NOT NULL, target TEXT NOT NULL,
  key TEXT NOT NULL UNIQUE, state TEXT NOT NULL DEFAULT 'waiting', attempts INTEGER NOT NULL DEFAULT 0, next_ms INTEGER NOT NULL, sent_ms INTEGER, error TEXT NOT NULL DEFAULT '');
CREATE INDEX outbox_next ON outbox(state, next_ms);
-- Types of columns that a person named for a source of data, so that they need not be named again. source: path without its file for a folder's files, else the path.
CREATE TABLE column_type(source TEXT NOT NULL, column_name TEXT NOT NULL, type TEXT NOT NULL, role TEXT NOT NULL DEFAULT '', PRIMARY KEY(source, column_name)) WITHOUT ROWID;

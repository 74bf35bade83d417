-- Schema 3: reports that compare current data with a reference. Times are Unix milliseconds.
-- document: the whole report as JSON, packed with zstd; what lists and heat maps ask stands beside it.
-- origin: '' for reports of this program, else where it was imported from. verdict: stable, watch, drifted.
CREATE TABLE drift_report(id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT '', ms INTEGER NOT NULL, origin TEXT NOT NULL DEFAULT '', reference TEXT NOT NULL, current TEXT NOT NULL,
  reference_digest BLOB, current_digest BLOB, model TEXT NOT NULL DEFAULT '', version INTEGER NOT NULL DEFAULT 0, mode TEXT NOT NULL, verdict TEXT NOT NULL, drifted INTEGER NOT NULL,
  share REAL, n_ref INTEGER NOT NULL, n_cur INTEGER NOT NULL, columns INTEGER NOT NULL, document_bytes INTEGER NOT NULL, document BLOB NOT NULL);
CREATE INDEX drift_report_ms ON drift_report(ms);
CREATE INDEX drift_report_model ON drift_report(model, version, ms);
-- position: in the order of the data. severity: what reports are sorted by; effect over its floor when the column drifts, less than 1 else.
CREATE TABLE drift_column(report_id INTEGER NOT NULL REFERENCES drift_report(id) ON DELETE CASCADE, position INTEGER NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, status TEXT NOT NULL,
  drifted INTEGER NOT NULL, severity REAL NOT NULL, effect REAL, p_adjusted REAL, missing_ref INTEGER NOT NULL, missing_cur INTEGER NOT NULL, PRIMARY KEY(report_id, position)) WITHOUT ROWID;
CREATE INDEX drift_column_name ON drift_column(name, report_id);

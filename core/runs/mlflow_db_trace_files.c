/* Spans that are not in the database: MLflow 2.13 to 3.1 wrote them as traces.json into the artifact folder that the
 * trace's tag mlflow.artifactLocation names; so does a newer one whose tag spansLocation does not say TRACKING_STORE.
 * Asked are the traces that have no spans here: each is read once, and again only while it is missing. A trace in
 * progress has no file yet, which is no problem. Where a copied store keeps the file is found as for the files of runs. */
#include <stdlib.h>
#include <string.h>
#include "core/base/fs.h"
#include "core/base/mem.h"
#include "core/runs/artifacts.h"
#include "core/runs/mlflow_db.h"
#include "core/runs/trace_spans.h"

struct missing { size_t trace; char *uri; bool in_progress; };
struct trace_files { struct missing *at; size_t n, cap; };

static void note_missing(void *arg, size_t trace, sqlite3_stmt *st)
{
	struct trace_files *f = arg;
	const char *uri = (const char *)sqlite3_column_text(st, 1);

	MEM_GROW(f->at, f->cap, f->n + 1);
	f->at[f->n++] = (struct missing){ trace, mem_strdup(uri ? uri : ""), sqlite3_column_int(st, 2) != 0 };
}

static enum status read_spans(struct mlflow_db *m, const struct missing *x, const char *id, struct err *e)
{
	struct str text = STR_INIT;
	char *root = NULL;
	bool exists = false;
	enum status rc = artifacts_place(x->uri, id, m->job->path, &root, &exists, e);

	if (rc == ST_OK) {
		char *file = fs_join(root, "traces.json");

		rc = fs_read(file, TRACE_SPANS_MOST_JSON, &text, e);
		if (rc == ST_OK && (rc = trace_spans_put(m->sink, x->trace, text.p, text.len, e)) != ST_OK)
			err_wrap(e, "%s", file);
		free(file);
	}
	free(root);
	str_free(&text);
	return rc;
}

static enum status read_all(struct mlflow_db *m, const struct trace_files *f, struct err *e)
{
	struct str first = STR_INIT;
	size_t unread = 0;
	enum status rc = ST_OK;

	for (size_t i = 0; i < f->n && rc == ST_OK; i++) {
		const struct entity_name name = sink_entity_name(m->sink, SINK_TRACE, f->at[i].trace);
		struct err why = { 0 };
		char *id = mem_strndup(name.p, name.n);

		if (read_spans(m, &f->at[i], id, &why) != ST_OK && !f->at[i].in_progress && !unread++)
			str_addf(&first, "trace %s: %s", id, why.text);
		free(id);
		if (task_cancelled(m->job->task))
			rc = err_set(e, ST_CANCELLED, "%s: the import was stopped", m->job->path);
		else if (sink_full(m->sink))
			rc = db_flush(m, e);
	}
	if (unread)
		import_problem(m->job, "the spans of %zu trace%s cannot be read, which %s shown without them; %s%s", unread, unread == 1 ? "" : "s",
			unread == 1 ? "is" : "are", unread == 1 ? "" : "the first: ", first.p);
	str_free(&first);
	return rc;
}

enum status db_read_trace_files(struct mlflow_db *m, struct err *e)
{
	static const char stage[] = "trace files";
	struct trace_files f = { 0 };

	if (!src_has(&m->src, "trace_info", NULL) || !db_stage_due(m, stage))
		return ST_OK;
	db_stage_begin(m);
	enum status rc = db_flush(m, e);

	if (rc == ST_OK)
		rc = sink_load(m->sink, SINK_TRACE, e);
	if (rc == ST_OK)
		rc = sink_each_owned(m->sink, SINK_TRACE, "SELECT i.trace_id,i.value,t.status='IN_PROGRESS' FROM trace_item i JOIN trace t ON t.id=i.trace_id"
			" WHERE t.source_id=?1 AND t.deleted=0 AND i.kind=2 AND i.key='mlflow.artifactLocation'"
			" AND NOT EXISTS (SELECT 1 FROM span s WHERE s.trace_id=i.trace_id)"
			" AND NOT EXISTS (SELECT 1 FROM trace_item l WHERE l.trace_id=i.trace_id AND l.kind=2 AND l.key='mlflow.trace.spansLocation' AND l.value='TRACKING_STORE')",
			note_missing, &f, e);
	if (rc == ST_OK)
		rc = read_all(m, &f, e);
	for (size_t i = 0; i < f.n; i++)
		free(f.at[i].uri);
	free(f.at);
	if (rc == ST_OK)
		db_stage_done(m, stage);
	return rc;
}

/* Every tag text of every run of a base, so that a word typed into the filter is looked for everywhere.
 *
 * Layout   distinct texts, and per row the indices of its own (start[] and value[], as in a sparse matrix).
 *          A word is then compared with each distinct text once, whatever the number of runs.
 * Leaves out tags that only repeat what a row says anyway, and the machine-made log of models.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/runs/runs_impl.h"

struct pair { uint32_t row, value; };
struct pairs { struct pair *at; size_t n, cap; struct runs_texts texts; };

#define LEFT_OUT "('mlflow.runName', 'mlflow.user', 'mlflow.source.name', 'mlflow.parentRunId', 'mlflow.log-model.history')"

static void take(struct pairs *p, uint32_t row, sqlite3_stmt *st, int i)
{
	const char *text = (const char *)sqlite3_column_text(st, i);
	MEM_GROW(p->at, p->cap, p->n + 1);
	p->at[p->n++] = (struct pair){ row, texts_add(&p->texts, text ? text : "", (size_t)sqlite3_column_bytes(st, i)) };
}

static void take_second(void *arg, uint32_t row, sqlite3_stmt *st)
{
	take(arg, row, st, 1);
}

static enum status scan_name(struct store *s, const struct runs_base *b, int64_t name, struct pairs *p, struct err *e)
{
	sqlite3_stmt *st = store_stmt(s, "SELECT run_id, value FROM tag WHERE name_id = ?1 AND run_id BETWEEN ?2 AND ?3 ORDER BY run_id", e);
	if (!st)
		return ST_FAILED;
	sqlite3_bind_int64(st, 1, name);
	return base_each_row(s, b, st, take_second, p, "read tags", e);
}

/* A key at a time over all runs: the order in which the table lies. */
static enum status scan_names(struct store *s, const struct runs_base *b, struct pairs *p, struct err *e)
{
	enum status rc = ST_OK;
	sqlite3_stmt *st = store_stmt(s, "SELECT DISTINCT k.name_id FROM experiment_key k JOIN name n ON n.id = k.name_id WHERE k.kind = 2 AND n.text NOT IN " LEFT_OUT, e);
	if (!st)
		return ST_FAILED;
	while (rc == ST_OK && sqlite3_step(st) == SQLITE_ROW)
		rc = scan_name(s, b, sqlite3_column_int64(st, 0), p, e);
	if (sqlite3_reset(st) != SQLITE_OK && rc == ST_OK)
		rc = store_error(s, e, "read tag names");
	return rc;
}

static enum status scan_runs(struct store *s, const struct runs_base *b, struct pairs *p, struct err *e)
{
	sqlite3_stmt *st = store_stmt(s, "SELECT value FROM tag WHERE run_id = ?1 AND name_id NOT IN (SELECT id FROM name WHERE text IN " LEFT_OUT ")", e);
	if (!st)
		return ST_FAILED;
	for (size_t i = 0; i < b->n; i++) {
		sqlite3_bind_int64(st, 1, b->rows[b->by_id[i]].id);
		while (sqlite3_step(st) == SQLITE_ROW)
			take(p, b->by_id[i], st, 0);
		if (sqlite3_reset(st) != SQLITE_OK)
			return store_error(s, e, "read tags");
	}
	return ST_OK;
}

/* Counting sort of the pairs by row. */
static void words_fill(struct runs_words *w, const struct pairs *p)
{
	w->start = mem_array(w->n + 1, sizeof *w->start);
	w->value = mem_array(p->n, sizeof *w->value);
	for (size_t i = 0; i < p->n; i++)
		w->start[p->at[i].row + 1]++;
	for (size_t i = 0; i < w->n; i++)
		w->start[i + 1] += w->start[i];
	size_t *at = mem_array(w->n + 1, sizeof *at);
	memcpy(at, w->start, (w->n + 1) * sizeof *at);
	for (size_t i = 0; i < p->n; i++)
		w->value[at[p->at[i].row]++] = p->at[i].value;
	free(at);
}

enum status words_load(struct store *s, const struct runs_base *b, struct runs_words **out, struct err *e)
{
	struct runs_words *w = mem_zalloc(sizeof *w);
	struct pairs p = { 0 };
	w->n = b->n;
	texts_init(&p.texts, WORD_MAX);
	enum status rc = !b->n ? ST_OK : base_is_sparse(b) ? scan_runs(s, b, &p, e) : scan_names(s, b, &p, e);
	w->texts = p.texts;
	if (rc == ST_OK) {
		words_fill(w, &p);
		texts_finish(&w->texts, false);
		*out = w;
	} else {
		words_free(w);
	}
	free(p.at);
	return rc;
}

void words_free(struct runs_words *w)
{
	if (!w)
		return;
	texts_done(&w->texts);
	free(w->start);
	free(w->value);
	free(w);
}

enum status base_need_words(struct runs_base *b, struct store *s, struct err *e)
{
	pthread_mutex_lock(&b->words_mu);
	enum status rc = b->words ? ST_OK : words_load(s, b, &b->words, e);
	pthread_mutex_unlock(&b->words_mu);
	return rc;
}

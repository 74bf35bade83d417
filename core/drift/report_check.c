/* report_check -- a document from outside is believed only as far as it can be true; what the tables of a workspace hold to is asked here first, in words. */
#include <math.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/map.h"
#include "core/base/text.h"
#include "core/drift/report.h"

#define MOST_ROWS 0x1p53                         /* whole numbers that a double can hold, and so that JSON can */
struct counted { const char *what; double n; };
struct place { const char *file; const struct report_column *column; size_t i; };

static const char *place_words(const struct place *p, struct str *out)
{
	if (p->column) {
		str_addf(out, "columns[%zu], \"", p->i);
		text_clean(out, p->column->name, strlen(p->column->name), 0);
		str_add(out, "\"");
	} else {
		str_add(out, "dataset");
	}
	return out->p;
}

static enum status check_counts(const struct place *p, const struct counted *counts, size_t n, struct err *e)
{
	struct str where = STR_INIT;
	char said[FMT_MAX];
	enum status st = ST_OK;
	for (size_t i = 0; i < n && st == ST_OK; i++)
		if (!isnan(counts[i].n) && !(counts[i].n >= 0 && counts[i].n <= MOST_ROWS))
			st = err_set(e, ST_FAILED, "%.300s: %.200s: %s cannot be %s, only 0 to 2^53; set that right, or export the report anew", p->file, place_words(p, &where), counts[i].what,
				fmt_number(said, counts[i].n, 6));
	str_free(&where);
	return st;
}

static enum status check_column(const struct place *p, struct err *e)
{
	const struct report_column *c = p->column;
	const struct counted counts[] = { { "rows of the reference", c->ref.rows }, { "rows now", c->cur.rows }, { "missing of the reference", c->ref.missing }, { "missing now", c->cur.missing },
		{ "distinct values of the reference", c->ref.distinct }, { "distinct values now", c->cur.distinct }, { "outliers of the reference", c->ref.outliers }, { "outliers now", c->cur.outliers } };
	const struct report_side *const sides[] = { &c->ref, &c->cur };
	enum status st = check_counts(p, counts, sizeof counts / sizeof *counts, e);
	for (size_t i = 0; i < c->n_gained && st == ST_OK; i++)
		st = check_counts(p, &(struct counted){ "rows of a new category", c->gained[i].rows }, 1, e);
	for (size_t i = 0; i < c->n_lost && st == ST_OK; i++)
		st = check_counts(p, &(struct counted){ "rows of a lost category", c->lost[i].rows }, 1, e);
	for (int i = 0; i < 2 && st == ST_OK; i++)
		if (sides[i]->rows > 0 && sides[i]->missing > sides[i]->rows) {
			struct str where = STR_INIT;
			st = err_set(e, ST_FAILED, "%.300s: %.200s: of %.0f rows %.0f cannot be missing; set that right, or export the report anew", p->file, place_words(p, &where), sides[i]->rows,
				sides[i]->missing);
			str_free(&where);
		}
	return st;
}

/* The first column with the same key, or -1; `keys` counts in the order of columns. */
static int64_t seen_before(struct map *keys, const void *key, size_t n)
{
	const int64_t first = map_find(keys, key, n);
	if (first < 0)
		map_add(keys, key, n, NULL);
	return first;
}

static enum status check_identity(const struct place *p, struct map *names, struct map *positions, struct err *e)
{
	const struct report_column *c = p->column;
	struct str where = STR_INIT;
	enum status st = ST_OK;
	int64_t first;
	place_words(p, &where);
	if (c->position == SIZE_MAX)
		st = err_set(e, ST_FAILED, "%.300s: %.200s: its position is no whole number from 0 on; number the columns from 0, or leave the positions out", p->file, where.p);
	else if ((first = seen_before(positions, &c->position, sizeof c->position)) >= 0)
		st = err_set(e, ST_FAILED, "%.300s: %.200s: its position %zu is that of columns[%lld]; number the columns from 0, each once, or leave the positions out", p->file, where.p, c->position,
			(long long)first);
	else if ((first = seen_before(names, c->name, strlen(c->name))) >= 0)
		st = err_set(e, ST_FAILED, "%.300s: %.200s: columns[%lld] has this name already; give each column a name of its own", p->file, where.p, (long long)first);
	str_free(&where);
	return st;
}

enum status report_check(const struct report *r, const char *file, struct err *e)
{
	const struct counted counts[] = { { "n_ref", r->n_ref }, { "n_cur", r->n_cur }, { "duplicates of the reference", r->duplicates_ref }, { "duplicates now", r->duplicates_cur } };
	struct map *names = map_new(), *positions = map_new();
	enum status st = check_counts(&(struct place){ .file = file }, counts, sizeof counts / sizeof *counts, e);
	if (st == ST_OK && (r->n_compared > r->n_columns || r->n_drifted > r->n_columns))
		st = err_set(e, ST_FAILED, "%.300s: dataset: it counts %zu compared and %zu drifted columns and has %zu; set that right, or export the report anew", file, r->n_compared, r->n_drifted,
			r->n_columns);
	for (size_t i = 0; st == ST_OK && i < r->n_columns; i++) {
		const struct place p = { file, &r->columns[i], i };
		st = check_identity(&p, names, positions, e);
		if (st == ST_OK)
			st = check_column(&p, e);
	}
	map_free(names), map_free(positions);
	return st;
}

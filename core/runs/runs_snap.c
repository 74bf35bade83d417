/* Building a snapshot: base, columns, filter, order, rows; and reading it.
 *
 * One read transaction covers everything, so all parts show one state of the store. What the previous
 * snapshot has and the change log does not contradict is taken over: TOPIC_RUNS makes everything stale,
 * TOPIC_METRICS only metric columns. A key press in the filter or a new sort order then reads nothing, or
 * the one column that was not there yet.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/topic.h"
#include "core/runs/runs_impl.h"

/* What may be taken from the snapshot before. */
struct lender { const struct runs_snap *prev; bool base, metrics; };
struct build { struct store *s; const struct runs_query *q; struct lender from; struct runs_snap *sn; struct filter *f; struct err *e; };

static bool is_metric(enum col_kind k)
{
	return k == COL_METRIC || k == COL_METRIC_MIN || k == COL_METRIC_MAX;
}

struct runs_column *snap_column(const struct runs_snap *sn, enum col_kind kind, const char *key)
{
	for (size_t i = 0; i < sn->n_columns; i++)
		if (sn->columns[i]->kind == kind && !strcmp(sn->columns[i]->key, key))
			return sn->columns[i];
	return NULL;
}

static void lender_check(struct build *b, const struct runs_snap *prev)
{
	b->sn->cursor = prev ? prev->cursor : 0;
	uint32_t topics = store_changed(b->s, &b->sn->cursor);
	b->from.prev = prev;
	b->from.base = prev && !(topics & TOPIC_RUNS) && base_answers(prev->base, b->q);
	b->from.metrics = b->from.base && !(topics & TOPIC_METRICS);
}

static enum status need_base(struct build *b)
{
	if (!b->from.base)
		return base_load(b->s, b->q, &b->sn->base, b->e);
	b->sn->base = b->from.prev->base;
	atomic_fetch_add(&b->sn->base->refs, 1);
	return ST_OK;
}

static enum status need_column(struct build *b, enum col_kind kind, const char *key)
{
	struct runs_snap *sn = b->sn;
	if (snap_column(sn, kind, key))
		return ST_OK;
	bool lent = is_metric(kind) ? b->from.metrics : b->from.base;
	struct runs_column *c = lent ? snap_column(b->from.prev, kind, key) : NULL;
	if (c) {
		atomic_fetch_add(&c->refs, 1);
	} else {
		enum status rc = column_load(b->s, sn->base, kind, key, &c, b->e);
		if (rc != ST_OK)
			return rc;
	}
	MEM_GROW(sn->columns, sn->columns_cap, sn->n_columns + 1);
	sn->columns[sn->n_columns++] = c;
	return ST_OK;
}

/* Metrics, params and tags are columns; a sparkline sorts by its metric, attributes come from the row. */
static enum status need_col(struct build *b, const struct col *c, bool to_sort)
{
	if (!c->key || (c->kind == COL_SPARK && !to_sort))
		return ST_OK;
	return need_column(b, c->kind == COL_SPARK ? COL_METRIC : c->kind, c->key);
}

static enum status need_field(struct build *b, const struct filter_field *field)
{
	enum col_kind kinds[3];
	enum status rc = ST_OK;
	size_t n = snap_field_columns(field, kinds);
	for (size_t k = 0; k < n && rc == ST_OK; k++)
		rc = need_column(b, kinds[k], field->key);
	if (rc == ST_OK && field->kind == FF_WORD)
		rc = base_need_words(b->sn->base, b->s, b->e);
	return rc;
}

static enum status need_parts(struct build *b)
{
	const struct filter_field *fields;
	size_t n_fields = filter_fields(b->f, &fields);
	enum status rc = need_base(b);
	for (size_t i = 0; i < b->q->n_cols && rc == ST_OK; i++)
		rc = need_col(b, &b->q->cols[i], false);
	for (size_t i = 0; i < b->q->n_sort && rc == ST_OK; i++)
		rc = need_col(b, &b->q->sort[i].col, true);
	for (size_t i = 0; i < n_fields && rc == ST_OK; i++)
		rc = need_field(b, &fields[i]);
	return rc;
}

static void keep_cols(struct runs_snap *sn, const struct runs_query *q)
{
	sn->n_cols = q->n_cols;
	sn->cols = mem_array(q->n_cols, sizeof *sn->cols);
	sn->col_data = mem_array(q->n_cols, sizeof *sn->col_data);
	for (size_t i = 0; i < q->n_cols; i++) {
		sn->cols[i] = (struct col){ q->cols[i].kind, q->cols[i].key ? mem_strdup(q->cols[i].key) : NULL };
		sn->col_data[i] = q->cols[i].key ? snap_column(sn, q->cols[i].kind, q->cols[i].key) : NULL;
	}
}

static void lay_out(struct build *b, struct str *notes)
{
	struct runs_snap *sn = b->sn;
	uint8_t *keep = NULL;
	if (!filter_is_empty(b->f)) {
		keep = mem_alloc(sn->base->n);
		sn->odd = !snap_filter(sn, b->f, keep, notes);
	}
	uint32_t *order = mem_array(sn->base->n, sizeof *order);
	snap_sort(sn, b->q->sort, b->q->n_sort, order);
	snap_arrange(sn, order, keep, b->q->tree);
	free(order);
	free(keep);
}

enum status runs_snap_build(struct store *s, const struct runs_query *q, const struct runs_snap *prev, struct runs_snap **out, struct err *e)
{
	struct err odd = { .code = ST_OK };
	struct str notes = STR_INIT;
	struct build b = { .s = s, .q = q, .sn = mem_zalloc(sizeof *b.sn), .f = filter_parse(q->filter ? q->filter : "", &odd), .e = e };
	atomic_init(&b.sn->refs, 1);
	enum status rc = store_read_begin(s, e);
	if (rc == ST_OK) {
		lender_check(&b, prev);
		rc = need_parts(&b);
		store_read_end(s);
	}
	if (rc == ST_OK) {
		keep_cols(b.sn, q);
		if (odd.code != ST_OK)
			str_add(&notes, odd.text);
		lay_out(&b, &notes);
		b.sn->odd = b.sn->odd || odd.code != ST_OK;
		b.sn->note = str_take(&notes);
		*out = b.sn;
	} else {
		runs_snap_unref(b.sn);
	}
	str_free(&notes);
	filter_free(b.f);
	return rc;
}

/* Runs that changed since are another base's; its words are not needed any more. */
enum status runs_snap_words(struct store *s, const struct runs_snap *sn, struct err *e)
{
	int64_t cursor = sn->cursor;
	enum status rc = store_read_begin(s, e);
	if (rc != ST_OK)
		return rc;
	if (!(store_changed(s, &cursor) & TOPIC_RUNS))
		rc = base_need_words(sn->base, s, e);
	store_read_end(s);
	return rc;
}

struct runs_snap *runs_snap_ref(const struct runs_snap *sn)
{
	struct runs_snap *mine = (struct runs_snap *)(uintptr_t)sn;      /* only the count changes */
	atomic_fetch_add(&mine->refs, 1);
	return mine;
}

void runs_snap_unref(struct runs_snap *sn)
{
	if (!sn || atomic_fetch_sub(&sn->refs, 1) > 1)
		return;
	base_unref(sn->base);
	for (size_t i = 0; i < sn->n_columns; i++)
		column_unref(sn->columns[i]);
	for (size_t i = 0; i < sn->n_cols; i++)
		free((void *)(uintptr_t)sn->cols[i].key);
	free(sn->columns);
	free(sn->cols);
	free(sn->col_data);
	free(sn->rows);
	free(sn->of);
	free(sn->shown);
	free(sn->note);
	free(sn);
}

size_t runs_snap_count(const struct runs_snap *sn)
{
	return sn->n;
}

size_t runs_snap_total(const struct runs_snap *sn)
{
	return sn->base->total;
}

size_t runs_snap_matched(const struct runs_snap *sn)
{
	return sn->matched;
}

bool runs_snap_partial(const struct runs_snap *sn)
{
	return sn->base->partial;
}

const struct run_row *runs_snap_row(const struct runs_snap *sn, size_t i)
{
	return &sn->rows[i];
}

const char *runs_snap_filter_note(const struct runs_snap *sn)
{
	return sn->note;
}

bool runs_snap_filter_odd(const struct runs_snap *sn)
{
	return sn->odd;
}

int64_t runs_snap_find(const struct runs_snap *sn, int64_t run_id)
{
	int64_t at = base_find(sn->base, run_id);
	return at < 0 ? -1 : sn->shown[at];
}

bool runs_snap_col_numeric(const struct runs_snap *sn, size_t col)
{
	return sn->col_data[col] ? sn->col_data[col]->numeric : col_is_number(sn->cols[col].kind);
}

static struct run_cell text_cell(const char *s)
{
	return (struct run_cell){ .present = *s != '\0', .text = s };
}

static struct run_cell ms_cell(int64_t ms)
{
	return (struct run_cell){ .present = ms != MS_UNKNOWN, .is_num = true, .num = (double)ms };
}

static struct run_cell attribute_cell(const struct runs_snap *sn, const struct run_row *r, enum col_kind kind)
{
	const struct runs_experiment *x;
	switch (kind) {
	case COL_NAME: return text_cell(r->name);
	case COL_STATE: return text_cell(run_status_name(r->status));
	case COL_USER: return text_cell(r->user);
	case COL_SOURCE: return text_cell(r->source);
	case COL_ID: return text_cell(r->uuid);
	case COL_EXPERIMENT: return text_cell((x = base_experiment(sn->base, r->experiment_id)) ? x->name : "");
	case COL_AGE: return ms_cell(r->start_ms == MS_UNKNOWN ? MS_UNKNOWN : clock_wall_ms() - r->start_ms);
	case COL_TOOK: return ms_cell(run_took_ms(r, clock_wall_ms()));
	case COL_START: return ms_cell(r->start_ms);
	case COL_END: return ms_cell(r->end_ms);
	case COL_METRIC: case COL_METRIC_MIN: case COL_METRIC_MAX: case COL_PARAM: case COL_TAG: case COL_SPARK: case COL_KINDS: break;
	}
	return (struct run_cell){ 0 };
}

struct run_cell runs_snap_cell(const struct runs_snap *sn, size_t i, size_t col)
{
	const struct runs_column *c = sn->col_data[col];
	uint32_t at = sn->of[i];
	if (!c)
		return attribute_cell(sn, &sn->rows[i], sn->cols[col].kind);
	if (!c->value)
		return (struct run_cell){ .present = c->have[at], .is_num = true, .num = c->num[at] };
	if (!c->value[at])
		return (struct run_cell){ .is_num = c->numeric };
	size_t n;
	return (struct run_cell){ true, c->numeric, c->numeric ? c->texts.num[c->value[at] - 1] : NAN, texts_get(&c->texts, c->value[at], &n) };
}

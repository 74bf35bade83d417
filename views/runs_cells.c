/* What stands in the rows of the run table, as people read it.
 *
 * Made     for visible rows only, while painting; nothing is kept but the texts before names (prefix), one for each row on the screen.
 * Numbers  metrics have four significant digits; whole-number columns none after the point; params are shown as they were
 *          written while that is short.
 * Tree     a line of the tree asks at each level whether a sibling follows; the snapshot's subtree counts answer without a walk.
 * Exact    what is copied has every digit. */
#include "views/runs_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/fmt.h"

enum { TREE_LEVELS = 20, PARAM_AS_WRITTEN = 8 };

/* ---- the tree in front of names ------------------------------------------------------------------------------ */

static bool has_later_sibling(const struct runs_table *t, size_t at)
{
	const struct run_row *r = runs_snap_row(t->snap, at);
	size_t next = at + r->subtree + 1;
	return next < runs_snap_count(t->snap) && runs_snap_row(t->snap, next)->depth == r->depth;
}

static const char *tree_prefix(struct runs_table *t, size_t at, char *out, size_t cap)
{
	static const char *const utf8[] = { "│ ", "  ", "├ ", "└ ", "▾ ", "▸ " }, *const ascii[] = { "| ", "  ", "|-", "`-", "v ", "> " };
	const char *const *sign = t->ascii ? ascii : utf8;
	const struct run_row *r = runs_snap_row(t->snap, at);
	bool later[TREE_LEVELS];
	int depth = r->depth < TREE_LEVELS ? r->depth : TREE_LEVELS;
	size_t up = at;
	for (int d = depth; d > 0; d--) {
		later[d - 1] = has_later_sibling(t, up);
		up = t->shape->parent[up];
	}
	size_t n = 0;
	for (int d = 1; d <= depth; d++)
		n += (size_t)snprintf(out + n, cap - n, "%s", sign[d < depth ? (later[d - 1] ? 0 : 1) : later[d - 1] ? 2 : 3]);
	bool parent = r->subtree > 0;
	snprintf(out + n, cap - n, "%s", parent ? sign[idset_has(&t->folded, r->id) ? 5 : 4] : depth ? "" : sign[1]);
	return out;
}

void table_row_fn(void *data, size_t i, struct table_row *out)
{
	struct runs_view *v = data;
	struct runs_table *t = &v->tab;
	const struct run_row *r = table_run(v, i);
	out->marked = marks_has(v, r->id);
	out->role = (uint8_t)marks_role(v, r->id);
	out->sign = marks_sign(v, r->id);
	if (t->shape->nested)
		out->prefix = tree_prefix(t, table_snap_row(t, i), t->prefix[i % t->cap_prefix], sizeof *t->prefix);
}

/* ---- cells --------------------------------------------------------------------------------------------------------- */

const char *run_state_sign(uint8_t status, bool ascii)
{
	const struct run_status_words *w = run_status_words(status);
	return ascii ? w->ascii : w->sign;
}

enum role run_state_role(uint8_t status)
{
	static const uint8_t roles[] = { [0] = ROLE_OFF, [RUN_RUNNING] = ROLE_LIVE, [RUN_SCHEDULED] = ROLE_OFF, [RUN_FINISHED] = ROLE_GOOD,
		[RUN_FAILED] = ROLE_BAD, [RUN_KILLED] = ROLE_WARN };
	return (enum role)roles[status < sizeof roles ? status : 0];
}

const struct run_progress *progress_of(const struct runs_view *v, int64_t run_id)
{
	const struct runs_shape *sh = v->tab.shape;
	for (size_t i = 0; sh && i < sh->n_progress; i++)
		if (sh->progress[i].run_id == run_id)
			return sh->progress[i].share == sh->progress[i].share ? &sh->progress[i] : NULL;
	return NULL;
}

bool progress_left(const struct run_progress *p, int64_t now_ms, bool ascii, char *out, size_t cap)
{
	char buf[FMT_MAX];
	if (!p || p->end_ms <= now_ms)               /* also when no end is known */
		return false;
	snprintf(out, cap, "%s%s left", ascii ? "~" : "≈", fmt_age(buf, p->end_ms - now_ms));
	return true;
}

static void state_cell(const struct runs_view *v, const struct run_row *r, char *buf, size_t cap, struct table_cell *out)
{
	const struct run_progress *p = r->status == RUN_RUNNING ? progress_of(v, r->id) : NULL;
	const char *sign = run_state_sign(r->status, v->tab.ascii);
	if (table_is_brief(v->tab.w.w))
		snprintf(buf, cap, "%s", sign);
	else if (p)
		snprintf(buf, cap, "%s %d %%", sign, (int)(p->share * 100));
	else
		snprintf(buf, cap, "%s %s", sign, run_status_words(r->status)->word);
	*out = (struct table_cell){ .text = buf, .pen = PEN(run_state_role(r->status)) };
}

static void missing_cell(const struct runs_view *v, struct table_cell *out)
{
	*out = (struct table_cell){ .text = v->tab.ascii ? "." : "·", .pen = PEN(ROLE_DIM) };
}

static void time_cell(const struct runs_view *v, const struct run_row *r, enum col_kind kind, char *buf, struct table_cell *out)
{
	bool running = r->status == RUN_RUNNING && r->end_ms == INT64_MIN;
	int64_t end = running ? v->tab.now_ms : r->end_ms, at = kind == COL_END ? r->end_ms : r->start_ms;
	if (at == INT64_MIN || (kind == COL_TOOK && end == INT64_MIN)) {
		missing_cell(v, out);
		return;
	}
	if (kind == COL_AGE)
		fmt_age(buf, v->tab.now_ms > at ? v->tab.now_ms - at : 0);
	else if (kind == COL_TOOK && running && end - at >= 60000)
		fmt_age(buf, end - at);              /* seconds counting up on every running row would never let the line rest */
	else if (kind == COL_TOOK)
		fmt_duration(buf, end > at ? end - at : 0);
	else
		fmt_time(buf, at);
	*out = (struct table_cell){ .text = buf, .pen = PEN(kind == COL_TOOK && running ? ROLE_LIVE : ROLE_DIM) };
}

char *runs_number(char *buf, double num)
{
	return fmt_metric(buf, num);
}

static void number_text(const struct runs_view *v, const struct runs_column *c, int cell, double num, char *buf)
{
	if (c->col.kind == COL_PARAM || c->col.kind == COL_TAG) {
		fmt_exact(buf, num);
		if (strlen(buf) > PARAM_AS_WRITTEN)
			fmt_number(buf, num, 4);
	} else if (v->tab.shape->whole[cell]) {
		fmt_exact(buf, num);
	} else {
		runs_number(buf, num);
	}
}

static void value_cell(const struct runs_view *v, size_t at, size_t col, char *buf, size_t cap, struct table_cell *out)
{
	int cell = v->tab.cell_of[col];
	struct run_cell rc = cell >= 0 ? runs_snap_cell(v->tab.snap, at, (size_t)cell) : (struct run_cell){ 0 };
	if (!rc.present) {
		missing_cell(v, out);
		return;
	}
	*out = (struct table_cell){ .text = buf, .pen = PEN(ROLE_TEXT) };
	if (rc.is_num) {
		number_text(v, &v->tab.columns.at[col], cell, rc.num, buf);
		if (!isfinite(rc.num))
			out->pen = PEN(ROLE_WARN);
	} else {
		snprintf(buf, cap, "%s", rc.text ? rc.text : "");
	}
}

static void spark_cell(const struct runs_view *v, int64_t id, struct table_cell *out)
{
	const struct runs_table *t = &v->tab;
	for (size_t i = 0; i < t->n_spark; i++)
		if (t->spark[i].id == id) {
			*out = (struct table_cell){ .text = "", .pen = PEN(marks_has(v, id) ? marks_role(v, id) : ROLE_TEXT), .spark = t->spark[i].at, .n_spark = RUNS_SPARK };
			return;
		}
	*out = (struct table_cell){ .text = "" };
}

static const char *text_of(const struct runs_view *v, const struct run_row *r, enum col_kind kind)
{
	const struct experiment *x;
	switch (kind) {
	case COL_NAME: return *r->name ? r->name : r->uuid;
	case COL_USER: return r->user;
	case COL_SOURCE: return r->source;
	case COL_EXPERIMENT: return (x = exps_find(v, r->experiment_id)) ? x->name : "";
	default: return r->uuid;
	}
}

static void text_cell(const struct runs_view *v, const struct run_row *r, enum col_kind kind, struct table_cell *out)
{
	const char *text = text_of(v, r, kind);
	if (*text)
		*out = (struct table_cell){ .text = text, .pen = PEN(kind != COL_NAME ? ROLE_DIM : r->status == RUN_FAILED ? ROLE_BAD : ROLE_TEXT) };
	else
		missing_cell(v, out);
}

/* Of a run that says how far it means to go, what is left tells more than what is gone. */
static void took_cell(const struct runs_view *v, const struct run_row *r, char *buf, size_t cap, struct table_cell *out)
{
	if (r->status == RUN_RUNNING && progress_left(progress_of(v, r->id), v->tab.now_ms, v->tab.ascii, buf, cap))
		*out = (struct table_cell){ .text = buf, .pen = PEN(ROLE_LIVE) };
	else
		time_cell(v, r, COL_TOOK, buf, out);
}

void table_cell_fn(void *data, size_t i, size_t col, char *buf, size_t cap, struct table_cell *out)
{
	struct runs_view *v = data;
	const struct run_row *r = table_run(v, i);
	enum col_kind kind = v->tab.columns.at[col].col.kind;
	switch (kind) {
	case COL_STATE: state_cell(v, r, buf, cap, out); break;
	case COL_TOOK: took_cell(v, r, buf, cap, out); break;
	case COL_AGE: case COL_START: case COL_END: time_cell(v, r, kind, buf, out); break;
	case COL_SPARK: spark_cell(v, r->id, out); break;
	case COL_NAME: case COL_USER: case COL_SOURCE: case COL_ID: case COL_EXPERIMENT: text_cell(v, r, kind, out); break;
	default: value_cell(v, table_snap_row(&v->tab, i), col, buf, cap, out); break;
	}
	if (r->flags & RUN_CONTEXT && kind != COL_STATE)
		out->pen = PEN(ROLE_DIM);
	if (r->flags & RUN_DELETED)
		out->pen = (struct pen){ ROLE_OFF, ROLE_TEXT, kind == COL_NAME ? ATTR_STRIKE : 0 };
}

void table_cell_exact(const struct runs_view *v, size_t shown, size_t col, struct str *out)
{
	const struct run_row *r = table_run(v, shown);
	enum col_kind kind = v->tab.columns.at[col].col.kind;
	char buf[256] = "";
	struct table_cell cell = { 0 };
	int at = v->tab.cell_of[col];
	if (kind == COL_STATE) {
		str_add(out, run_status_words(r->status)->word);
	} else if (kind == COL_AGE || kind == COL_TOOK || kind == COL_START || kind == COL_END) {
		time_cell(v, r, kind, buf, &cell);
		str_add(out, cell.text == buf ? buf : "");
	} else if (kind < COL_METRIC) {
		str_add(out, text_of(v, r, kind));
	} else if (kind != COL_SPARK && at >= 0) {
		struct run_cell rc = runs_snap_cell(v->tab.snap, table_snap_row(&v->tab, shown), (size_t)at);
		str_add(out, !rc.present ? "" : rc.is_num ? fmt_exact(buf, rc.num) : rc.text);
	}
}

/* runs list: the run table for the shell.
 *
 * Query    words of the command line become the query of a snapshot; the snapshot is what a pane would show.
 * Columns  without --columns: the attributes, then the metrics and params that most runs have. On a terminal as many as
 *          fit the width; in a pipe a fixed set (see PIPE_*), so that a script does not depend on a window.
 * Exact    in a pipe and in JSON every digit, times as ISO 8601 and seconds; JSON reads params, metrics and tags as
 *          stored, a run at a time, so that 75,000 runs need the memory of one.
 * Filter   what the panes forgive while somebody types is an error here: a script must not get all runs because of a typo.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/runs/filter.h"
#include "core/runs/verbs_impl.h"

enum { COLS_MAX = 256, PIPE_METRICS = 12, PIPE_PARAMS = 12, CELL_WIDTH = 11 };

struct listing {
	struct store *s; struct out *o;
	struct col cols[COLS_MAX]; char *keys[2 * COLS_MAX]; size_t n_cols, n_keys;
	struct run_sort sort[COLS_MAX]; size_t n_sort;
	int64_t *experiments; size_t n_experiments, cap_experiments;
	bool chosen;                             /* --columns was given */
	struct runs_query q;
};

/* Calls take() with each comma-separated word. */
static enum status each_word(const char *list, enum status (*take)(struct listing *l, char *word, struct err *e), struct listing *l, struct err *e)
{
	char *copy = mem_strdup(list), *rest = copy, *word;
	enum status rc = ST_OK;
	while (rc == ST_OK && (word = strsep(&rest, ",")))
		rc = *word ? take(l, word, e) : ST_OK;
	free(copy);
	return rc;
}

/* As with a filter: a key that nobody has is told, and the list is printed. */
static void note_unknown(const struct listing *l, const struct col *c, const char *key)
{
	struct str clean = STR_INIT;
	if (!col_known(l->s, c))
		fprintf(l->o->msg, "note: no run has the %s \"%s\"\n", c->kind == COL_PARAM ? "param" : c->kind == COL_TAG ? "tag" : "metric", verb_clean(&clean, key));
	str_free(&clean);
}

static enum status take_column(struct listing *l, char *word, struct err *e)
{
	char *key;
	if (l->n_cols == COLS_MAX)
		return err_set(e, ST_USAGE, "at most %d columns", COLS_MAX);
	enum status rc = col_resolve(l->s, word, &l->cols[l->n_cols], &key, e);
	if (rc != ST_OK)
		return rc;
	l->keys[l->n_keys++] = key;
	note_unknown(l, &l->cols[l->n_cols++], key);
	return ST_OK;
}

static enum status take_sort(struct listing *l, char *word, struct err *e)
{
	char *key, *colon = strrchr(word, ':');
	bool desc = colon && !strcasecmp(colon, ":desc");
	if (l->n_sort == COLS_MAX)
		return err_set(e, ST_USAGE, "at most %d sort columns", COLS_MAX);
	if (desc || (colon && !strcasecmp(colon, ":asc")))
		*colon = '\0';
	enum status rc = col_resolve(l->s, word, &l->sort[l->n_sort].col, &key, e);
	if (rc != ST_OK)
		return rc;
	l->keys[l->n_keys++] = key;
	note_unknown(l, &l->sort[l->n_sort].col, key);
	l->sort[l->n_sort++].desc = desc;
	return ST_OK;
}

/* The experiments of that id or name; several sources may each have one. */
static enum status take_experiment(struct listing *l, const char *text, struct err *e)
{
	struct experiments *x;
	struct str clean = STR_INIT;
	enum status rc = experiments_load(l->s, &x, e);
	if (rc != ST_OK)
		return rc;
	for (int by_name = 1; by_name >= 0 && !l->n_experiments; by_name--)
		for (size_t i = 0; i < x->n; i++)
			if (!strcmp(by_name ? x->at[i].stored_name.value : x->at[i].ext_id, text) || (by_name && !strcmp(x->at[i].name, text))) {
				MEM_GROW(l->experiments, l->cap_experiments, l->n_experiments + 1);
				l->experiments[l->n_experiments++] = x->at[i].id;
			}
	if (!l->n_experiments)
		rc = err_set(e, ST_NOT_FOUND, "no experiment has the name or id \"%s\"; see: mlyard experiments list", verb_clean(&clean, text));
	str_free(&clean);
	experiments_free(x);
	return rc;
}

static enum status check_filter(const char *text, struct err *e)
{
	struct err odd;
	filter_free(filter_parse(text, &odd));
	return odd.code == ST_OK ? ST_OK : err_set(e, ST_USAGE, "filter: %s", odd.text);
}

static void add_attribute(struct listing *l, enum col_kind kind)
{
	l->cols[l->n_cols++] = (struct col){ kind, NULL };
}

/* The keys that most runs have, metrics before params, as many as `room` allows of each. */
static enum status add_keys(struct listing *l, const size_t room[2], struct err *e)
{
	static const enum col_kind kinds[] = { COL_METRIC, COL_PARAM };
	struct run_keys *k;
	enum status rc = run_keys_load(l->s, l->experiments, l->n_experiments, &k, e);
	if (rc != ST_OK)
		return rc;
	for (size_t g = 0; g < 2; g++)
		for (size_t i = 0, n = 0; i < k->n && n < room[g]; i++) {
			if (k->at[i].kind != kinds[g])
				continue;
			l->keys[l->n_keys] = mem_strdup(k->at[i].key);
			l->cols[l->n_cols++] = (struct col){ kinds[g], l->keys[l->n_keys++] };
			n++;
		}
	run_keys_free(k);
	return ST_OK;
}

static enum status default_columns(struct listing *l, struct err *e)
{
	size_t room[2] = { PIPE_METRICS, PIPE_PARAMS };
	if (!l->o->tty) {
		add_attribute(l, COL_ID);
		add_attribute(l, COL_NAME);
		add_attribute(l, COL_EXPERIMENT);
		add_attribute(l, COL_STATE);
		add_attribute(l, COL_USER);
		add_attribute(l, COL_START);
		add_attribute(l, COL_TOOK);
		return add_keys(l, room, e);
	}
	int left = l->o->width - 24 - 10 - 5 - 8;
	add_attribute(l, COL_NAME);
	if (!l->n_experiments && left > 60) {
		add_attribute(l, COL_EXPERIMENT);
		left -= 16;
	}
	add_attribute(l, COL_STATE);
	add_attribute(l, COL_AGE);
	add_attribute(l, COL_TOOK);
	size_t cells = left > CELL_WIDTH ? (size_t)left / CELL_WIDTH : 0;
	room[0] = cells - cells / 3;
	room[1] = cells / 3;
	return add_keys(l, room, e);
}

static enum status listing_read(struct listing *l, const struct verb_args *a, struct err *e)
{
	const char *experiment = verb_opt(a, "experiment"), *filter = verb_opt(a, "filter"), *sort = verb_opt(a, "sort"), *columns = verb_opt(a, "columns");
	enum status rc = experiment ? take_experiment(l, experiment, e) : ST_OK;
	if (rc == ST_OK && filter)
		rc = check_filter(filter, e);
	if (rc == ST_OK && sort)
		rc = each_word(sort, take_sort, l, e);
	if (rc == ST_OK && columns)
		rc = each_word(columns, take_column, l, e);
	l->chosen = l->n_cols > 0;
	if (rc == ST_OK && !l->chosen && !l->o->json)
		rc = default_columns(l, e);
	if (rc == ST_OK && verb_int(a, "limit", 0) < 0)
		rc = err_set(e, ST_USAGE, "--limit needs a number from 0 on");
	l->q = (struct runs_query){ .experiments = l->experiments, .n_experiments = l->n_experiments, .deleted = verb_flag(a, "deleted"),
		.tree = l->o->tty && !l->o->json && !filter && !sort, .filter = filter, .sort = l->sort, .n_sort = l->n_sort, .cols = l->cols, .n_cols = l->o->json ? 0 : l->n_cols };
	return rc;
}

static void listing_done(struct listing *l)
{
	for (size_t i = 0; i < l->n_keys; i++)
		free(l->keys[i]);
	free(l->experiments);
}

static enum status list_json(struct listing *l, const struct runs_snap *sn, size_t n, struct err *e)
{
	struct json_out j;
	struct col keyed[COLS_MAX];
	size_t n_keyed = 0;
	for (size_t i = 0; i < l->n_cols; i++)
		if (l->cols[i].key)
			keyed[n_keyed++] = l->cols[i];
	enum status rc = store_read_begin(l->s, e);
	if (rc != ST_OK)
		return rc;
	struct run_json *r = run_json_new(l->s, e);
	json_out_init(&j, l->o->out);
	jsonw_open(&j.w, '{');
	jsonw_put_open(&j.w, "runs", '[');
	if (r && l->chosen)
		run_json_only(r, keyed, n_keyed);
	for (size_t i = 0; i < n && r && rc == ST_OK; i++) {
		jsonw_open(&j.w, '{');
		rc = run_json_members(r, &j.w, runs_snap_row(sn, i)->id, e);
		jsonw_close(&j.w, '}');
		json_out_step(&j);
	}
	jsonw_close(&j.w, ']');
	jsonw_put_int(&j.w, "total", (int64_t)runs_snap_matched(sn));
	jsonw_close(&j.w, '}');
	enum status written = json_out_end(&j, rc == ST_OK ? e : NULL);
	run_json_free(r);
	store_read_end(l->s);
	return !r ? ST_FAILED : rc != ST_OK ? rc : written;
}

/* Whether another child of the same parent is shown below row i. */
static bool has_next(const struct runs_snap *sn, size_t i, size_t n)
{
	const int depth = runs_snap_row(sn, i)->depth;
	while (++i < n && runs_snap_row(sn, i)->depth > depth)
		;
	return i < n && runs_snap_row(sn, i)->depth == depth;
}

/* What stands in the name column on a terminal: children under their parents. */
static const char *tree_name(const struct out *o, const struct run_row *r, bool next, struct str *buf)
{
	str_clear(buf);
	str_addrep(buf, ' ', 2 * (r->depth > 20 ? 20 : r->depth - 1u));
	str_add(buf, !o->utf8 ? "- " : next ? "\xe2\x94\x9c " : "\xe2\x94\x94 ");
	str_add(buf, r->name);
	return buf->p;
}

/* A cell as a person reads it, or as a program does. */
static const char *cell_text(const struct out *o, const struct runs_snap *sn, size_t i, size_t c, enum col_kind kind, char buf[FMT_MAX])
{
	struct run_cell v = runs_snap_cell(sn, i, c);
	if (!v.present)
		return NULL;
	if (kind == COL_STATE)
		return verb_state(o, runs_snap_row(sn, i)->status, buf);
	if (kind == COL_START || kind == COL_END)
		return o->tty ? fmt_time(buf, (int64_t)v.num) : fmt_time_iso(buf, (int64_t)v.num);
	if (kind == COL_AGE && o->tty)
		return fmt_age(buf, (int64_t)v.num);
	if (kind == COL_TOOK && o->tty)
		return fmt_duration(buf, (int64_t)v.num);
	if (kind == COL_AGE || kind == COL_TOOK)
		return fmt_exact(buf, v.num / 1000);
	if (v.text)
		return v.text;
	return o->tty ? fmt_number(buf, v.num, 4) : fmt_exact(buf, v.num);
}

static bool is_measure(enum col_kind k)
{
	return k == COL_METRIC || k == COL_METRIC_MIN || k == COL_METRIC_MAX || k == COL_PARAM || k == COL_TAG;
}

/* Characters of a number from its decimal point on. */
static size_t behind_point(const char *s)
{
	return strlen(s) - strcspn(s, ".");
}

/* On a terminal numbers stand with their points below each other: how much room that takes behind the point, per column. */
static void measure(const struct listing *l, const struct runs_snap *sn, size_t n, size_t room[COLS_MAX])
{
	char buf[FMT_MAX];
	memset(room, 0, COLS_MAX * sizeof *room);
	for (size_t c = 0; c < l->n_cols && l->o->tty; c++)
		for (size_t i = 0; i < n && is_measure(l->cols[c].kind) && runs_snap_col_numeric(sn, c); i++) {
			const char *s = cell_text(l->o, sn, i, c, l->cols[c].kind, buf);
			size_t k = s ? behind_point(s) : 0;
			room[c] = k > room[c] ? k : room[c];
		}
}

static void list_head(struct listing *l, const struct runs_snap *sn, struct out_table *t)
{
	struct str title = STR_INIT;
	for (size_t c = 0; c < l->n_cols; c++) {
		const struct col *col = &l->cols[c];
		str_clear(&title);
		if (l->o->tty && !l->chosen && col->key)
			str_add(&title, col->key);         /* people know which is which */
		else
			col_format(&title, col);
		out_table_column(t, title.p, runs_snap_col_numeric(sn, c) && col->kind != COL_START && col->kind != COL_END ? OUT_RIGHT : OUT_LEFT);
	}
	str_free(&title);
}

static void list_table(struct listing *l, const struct runs_snap *sn, size_t n)
{
	struct out_table *t = out_table_new(l->o);
	struct str cell = STR_INIT;
	size_t room[COLS_MAX];
	char buf[FMT_MAX];
	list_head(l, sn, t);
	measure(l, sn, n, room);
	for (size_t i = 0; i < n; i++)
		for (size_t c = 0; c < l->n_cols; c++) {
			const struct run_row *r = runs_snap_row(sn, i);
			const char *s = l->cols[c].kind == COL_NAME && r->depth ? tree_name(l->o, r, has_next(sn, i, n), &cell) : cell_text(l->o, sn, i, c, l->cols[c].kind, buf);
			if (s && room[c]) {
				str_clear(&cell);
				str_add(&cell, s);
				str_addrep(&cell, ' ', room[c] - behind_point(s));
				s = cell.p;
			}
			out_table_cell(t, s);
		}
	out_table_end(t);
	str_free(&cell);
}

static void list_summary(struct listing *l, const struct runs_snap *sn, size_t shown)
{
	char a[FMT_MAX], b[FMT_MAX], c[FMT_MAX];
	size_t matched = runs_snap_matched(sn), total = runs_snap_total(sn);
	if (matched < total)
		fprintf(l->o->out, "%s of %s runs match", fmt_count(a, (int64_t)matched), fmt_count(b, (int64_t)total));
	else
		fprintf(l->o->out, "%s run%s", fmt_count(b, (int64_t)total), total == 1 ? "" : "s");
	if (shown < matched)
		fprintf(l->o->out, ", %s shown", fmt_count(c, (int64_t)shown));
	fputc('\n', l->o->out);
}

static enum status list_print(struct listing *l, const struct verb_args *a, struct err *e)
{
	struct runs_snap *sn;
	enum status rc = runs_snap_build(l->s, &l->q, NULL, &sn, e);
	if (rc != ST_OK)
		return rc;
	size_t n = runs_snap_count(sn);
	int64_t limit = verb_int(a, "limit", INT64_MAX);
	n = limit < (int64_t)n ? (size_t)limit : n;
	if (runs_snap_filter_odd(sn)) {
		err_set(e, ST_USAGE, "filter: %s", runs_snap_filter_note(sn));
		runs_snap_unref(sn);
		return ST_USAGE;
	}
	if (*runs_snap_filter_note(sn))
		fprintf(l->o->msg, "note: %s\n", runs_snap_filter_note(sn));
	if (l->o->json) {
		rc = list_json(l, sn, n, e);
	} else {
		list_table(l, sn, n);
		if (l->o->tty)
			list_summary(l, sn, n);
		rc = out_check(l->o->out, e);
	}
	runs_snap_unref(sn);
	return rc;
}

enum status verb_runs_list(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	struct listing *l = mem_zalloc(sizeof *l);
	l->o = o;
	l->s = store_get(ws->pool, e);
	enum status rc = l->s ? listing_read(l, a, e) : ST_FAILED;
	if (rc == ST_OK)
		rc = list_print(l, a, e);
	listing_done(l);
	if (l->s)
		store_put(ws->pool, l->s);
	free(l);
	return rc;
}

/* The run under the cursor: facts, params, metrics, tags, data sets, models, notes, files, as one list with sections.
 *
 * Rows    are built once per run and width: clean text in one arena; heads carry counts. Metric numbers stand on the
 *         point; last, then min, max and step of the last as the pane gets wider.
 * Loads   the run and its folder listing are two trips, because a folder on a network disk may be slow. While the next run
 *         is on its way the one before stays; a refresh of the same run keeps cursor and scroll position. */
#include "views/runs_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "views/runs_commands.h"

enum { FILES_MAX = 2000, NOTE_LINES = 8, VALUE_MAX = 2000, KEY_MAX = 24, VALUE_WANTED = 10, ROOMY = 22, HEAD_LAST = 4 /* the heading above the numbers */ };

/* ---- trips ------------------------------------------------------------------------------------------- */

struct detail_trip { int64_t id; struct run_detail *run; struct number_width width; };
struct files_trip { struct run_detail *run; int64_t id; struct artifacts *files; };

static void detail_drop(void *arg)
{
	struct detail_trip *t = arg;
	run_detail_free(t->run);
	free(t);
}

/* How wide the run's numbers are on either side of the point: thousands of them take a millisecond, which the screen has not. */
static struct number_width measure_numbers(const struct run_detail *r)
{
	struct number_width w = { 0, 0 };
	char buf[FMT_MAX];
	for (size_t i = 0; i < r->n_metrics; i++) {
		const char *t = runs_number(buf, r->metrics[i].sum.last), *point = strchr(t, '.');
		int whole = point ? (int)(point - t) : (int)strlen(t), frac = point ? (int)strlen(point) : 0;
		w.whole = whole > w.whole ? whole : w.whole;
		w.frac = frac > w.frac ? frac : w.frac;
	}
	return w;
}

static enum status detail_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct detail_trip *t = arg;
	(void)task;
	enum status st = run_detail_load(s, t->id, &t->run, e);
	if (st == ST_OK)
		t->width = measure_numbers(t->run);
	return st;
}

static void files_drop(void *arg)
{
	struct files_trip *t = arg;
	run_detail_free(t->run);
	artifacts_free(t->files);
	free(t);
}

static enum status files_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct files_trip *t = arg;
	(void)task;
	enum status st = run_detail_load_parts(s, t->id, RUN_MODELS, &t->run, e);
	return st == ST_OK ? artifacts_list(t->run, FILES_MAX, &t->files, e) : st;
}

static void files_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct runs_view *v = view;
	struct files_trip *t = arg;
	if (v->det.run && v->det.run->row.id == t->id) {
		artifacts_free(v->det.files);
		v->det.files = t->files;
		t->files = NULL;
		v->det.files_err = (struct err){ .code = st };
		if (st != ST_OK)
			v->det.files_err = *e;
		v->det.files_here = true;
		v->det.built_w = 0;
	}
	files_drop(t);
}

static void want_files(struct runs_view *v)
{
	struct files_trip *t = mem_zalloc(sizeof *t);
	t->id = v->det.run->row.id;
	ui_task(v->ui, v, &(struct ui_task){ .title = "files of the run", .cls = TASK_QUICK, .hidden = true, .slot = SLOT_FILES,
		.work = files_work, .apply = files_apply, .drop = files_drop, .arg = t });
}

static void detail_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct runs_view *v = view;
	struct runs_detail *d = &v->det;
	struct detail_trip *t = arg;
	if (st == ST_OK) {
		bool other = !d->run || d->run->row.id != t->id;
		run_detail_free(d->run);
		d->run = t->run;
		t->run = NULL;
		d->numbers = t->width;
		d->built_w = 0;
		if (other) {
			d->cursor = d->top = 0;
			artifacts_free(d->files);
			d->files = NULL;
			d->files_here = false;
		}
		chart_add_metrics(v, d->run);
		want_files(v);
	} else if (st != ST_CANCELLED && st != ST_NOT_FOUND) {
		ui_message(v->ui, st, "%s", e->text);
	}
	detail_drop(t);
}

void detail_want(struct runs_view *v, bool again)
{
	const struct run_row *r = table_cursor_run(v);
	struct placed at;
	int64_t id = r ? r->id : 0;
	if (!id || !panes_has(v, PANE_DETAIL, &at) || (!again && v->det.wanted == id))
		return;
	v->det.wanted = id;
	struct detail_trip *t = mem_zalloc(sizeof *t);
	t->id = id;
	ui_task(v->ui, v, &(struct ui_task){ .title = "run", .cls = TASK_QUICK, .hidden = true, .slot = SLOT_DETAIL,
		.work = detail_work, .apply = detail_apply, .drop = detail_drop, .arg = t });
}

/* ---- rows ---------------------------------------------------------------------------------------------- */

static char *clean(struct runs_detail *d, const char *s, size_t n, unsigned flags)
{
	struct str out = STR_INIT;
	text_clean(&out, s ? s : "", s ? n : 0, flags);
	char *kept = arena_strndup(d->arena, out.p, out.len);
	str_free(&out);
	return kept;
}

static char *clean_value(struct runs_detail *d, const char *s, size_t n)
{
	return clean(d, s, n < VALUE_MAX ? n : VALUE_MAX, 0);
}

static struct detail_row *add_row(struct runs_detail *d, enum detail_kind kind, const char *key, const char *value)
{
	MEM_GROW(d->rows, d->cap, d->n + 1);
	d->rows[d->n] = (struct detail_row){ .kind = (uint8_t)kind, .role = ROLE_TEXT, .key = key, .value = value };
	return &d->rows[d->n++];
}

static void add_head(struct runs_detail *d, const char *title, size_t n)
{
	char count[FMT_MAX];
	if (d->n && !d->dense)
		add_row(d, DROW_TEXT, "", NULL);
	add_row(d, DROW_HEAD, title, n ? arena_strdup(d->arena, fmt_count(count, (int64_t)n)) : NULL);
}

static void add_fact(struct runs_detail *d, const char *key, const char *value)
{
	if (value && *value)
		add_row(d, DROW_FACT, key, clean_value(d, value, strlen(value)));
}

const struct run_row *detail_parent(const struct runs_view *v)
{
	const struct runs_snap *sn = v->tab.snap;
	const struct run_detail *d = v->det.run;
	int64_t at = sn && d ? runs_snap_find(sn, d->row.id) : -1;
	if (at >= 0 && v->tab.shape->parent[at] != UINT32_MAX)
		return runs_snap_row(sn, v->tab.shape->parent[at]);
	for (size_t i = 0; sn && d && d->parent && i < runs_snap_count(sn); i++)
		if (!strcmp(runs_snap_row(sn, i)->uuid, d->parent))
			return runs_snap_row(sn, i);             /* the table is flat */
	return NULL;
}

/* How it went, when and how long, as a line; the parent, because it is a way to go. */
static void add_state(const struct runs_view *v, struct runs_detail *d)
{
	const struct run_detail *r = d->run;
	struct str text = STR_INIT;
	char buf[FMT_MAX];
	int64_t now = clock_wall_ms(), start = r->row.start_ms, end = r->row.end_ms;
	if (start != INT64_MIN && end != INT64_MIN)
		str_addf(&text, " in %s", fmt_duration(buf, end > start ? end - start : 0));
	const struct run_progress *p = r->row.status == RUN_RUNNING ? progress_of(v, r->row.id) : NULL;
	char left[FMT_MAX];
	if (p)
		str_addf(&text, ", %d %%", (int)(p->share * 100));
	if (progress_left(p, now, v->tab.ascii, left, sizeof left))
		str_addf(&text, ", %s", left);
	else if (start != INT64_MIN)
		str_addf(&text, ", %s ago", fmt_age(buf, now > start ? now - start : 0));
	add_row(d, DROW_STATE, run_status_words(r->row.status)->word, arena_strndup(d->arena, text.p, text.len));
	str_free(&text);
	if (r->parent && *r->parent) {
		const struct run_row *parent = detail_parent(v);
		const char *name = parent && *parent->name ? parent->name : r->parent;
		add_row(d, DROW_PARENT, "parent", clean_value(d, name, strlen(name)));
	}
}

static void add_origin(struct runs_detail *d)
{
	const struct run_detail *r = d->run;
	char buf[FMT_MAX];
	add_head(d, "run", 0);
	add_fact(d, "id", r->row.uuid);
	add_fact(d, "experiment", r->experiment);
	if (r->row.start_ms != INT64_MIN)
		add_fact(d, "started", fmt_time(buf, r->row.start_ms));
	if (r->row.end_ms != INT64_MIN)
		add_fact(d, "ended", fmt_time(buf, r->row.end_ms));
	add_fact(d, "user", r->row.user);
	add_fact(d, "source", r->row.source);
	add_fact(d, "artifacts", r->artifact_uri);
	add_fact(d, "from", r->source_uri);
}

const char *runs_wrap(const char *p, const char *stop, int width)
{
	const char *q = p, *space = NULL;
	struct grapheme g = { .p = p };
	int w = 0;
	while (q < stop && text_next(&q, stop, &g) && (w += g.width) <= width)
		if (*g.p == ' ')
			space = g.p;
	return w <= width ? stop : space && space > p ? space : g.p > p ? g.p : q;
}

/* Greedy lines of at most `width` cells, indented by one; long texts end after `most` lines, the rest is one key away. */
static void add_wrapped(struct runs_detail *d, enum detail_kind kind, enum role role, const char *text, int width, int most)
{
	const char *p = clean(d, text, strlen(text), TEXT_LINES), *end = p + strlen(p);
	for (int lines = 0; p < end && lines < most; lines++) {
		const char *line_end = memchr(p, '\n', (size_t)(end - p)), *stop = line_end ? line_end : end, *cut = runs_wrap(p, stop, width);
		bool more = lines + 1 == most && cut < end;
		add_row(d, kind, NULL, arena_printf(d->arena, "%.*s%s", (int)(cut - p), p, more ? " ..." : ""))->role = (uint8_t)role;
		p = cut < stop ? cut + (*cut == ' ') : stop + (stop < end);
	}
}

static void add_items(struct runs_detail *d, const char *title, enum detail_kind kind, const struct run_item *items, size_t n, bool tags)
{
	size_t shown = 0;
	for (size_t i = 0; i < n; i++)
		shown += !tags || strncmp(items[i].key, "mlflow.", 7);
	if (!shown)
		return;
	add_head(d, title, shown);
	for (size_t i = 0; i < n; i++) {
		if (tags && !strncmp(items[i].key, "mlflow.", 7))
			continue;
		struct detail_row *r = add_row(d, kind, clean(d, items[i].key, strlen(items[i].key), 0), clean_value(d, items[i].value, items[i].n));
		r->index = i;
	}
}

static void add_metrics(struct runs_detail *d)
{
	const struct run_detail *r = d->run;
	if (!r->n_metrics)
		return;
	add_head(d, "metrics", r->n_metrics);
	for (size_t i = 0; i < r->n_metrics; i++) {
		const struct run_metric *m = &r->metrics[i];
		struct detail_row *row = add_row(d, DROW_METRIC, clean(d, m->key, strlen(m->key), 0), NULL);
		row->index = i;
	}
}

/* The text of a row's value. A metric's is made when somebody asks: a run may have thousands, and every digit of each takes time. */
const char *detail_value(const struct runs_detail *d, const struct detail_row *r, char buf[FMT_MAX])
{
	return r->kind == DROW_METRIC ? fmt_exact(buf, d->run->metrics[r->index].sum.last) : r->value ? r->value : "";
}

static void add_datasets(struct runs_detail *d)
{
	const struct run_detail *r = d->run;
	if (r->n_datasets)
		add_head(d, "data", r->n_datasets);
	for (size_t i = 0; i < r->n_datasets; i++) {
		struct str text = STR_INIT;
		const struct run_dataset *s = &r->datasets[i];
		str_addf(&text, "%s%s%.8s", s->context ? s->context : "", s->context && *s->context ? " " : "", s->digest && d->built_w >= 40 ? s->digest : "");
		struct detail_row *row = add_row(d, DROW_DATASET, clean(d, s->name, s->name ? strlen(s->name) : 0, 0), clean(d, text.p, text.len, 0));
		row->index = i;
		str_free(&text);
	}
}

static void add_models(struct runs_detail *d)
{
	const struct run_detail *r = d->run;
	if (r->n_models)
		add_head(d, "models", r->n_models);
	for (size_t i = 0; i < r->n_models; i++) {
		const struct run_model *m = &r->models[i];
		struct detail_row *row = add_row(d, DROW_MODEL, m->output ? "output" : "input", clean(d, m->model_id, strlen(m->model_id), 0));
		row->index = i;
	}
}

static void add_files(struct runs_detail *d)
{
	char buf[FMT_MAX];
	if (!d->files_here)
		return;
	add_head(d, "files", d->files ? d->files->n : 0);
	if (d->files_err.code != ST_OK)
		add_wrapped(d, DROW_TEXT, ROLE_DIM, d->files_err.text, d->built_w - 2, NOTE_LINES);
	else if (!d->files || !d->files->n)
		add_row(d, DROW_TEXT, NULL, "no files were logged")->role = ROLE_DIM;
	for (size_t i = 0; d->files && i < d->files->n; i++) {
		const struct artifact *a = &d->files->at[i];
		const char *name = strrchr(a->path, '/');
		name = name ? name + 1 : a->path;
		struct detail_row *row = add_row(d, DROW_FILE, clean(d, name, strlen(name), 0), a->is_dir ? "" : arena_strdup(d->arena, fmt_bytes(buf, a->size)));
		row->index = i;
		row->indent = (uint8_t)(a->depth < 20 ? a->depth : 20);
	}
	if (d->files && d->files->cut)
		add_row(d, DROW_TEXT, NULL, arena_printf(d->arena, "only the first %d files are listed", FILES_MAX))->role = ROLE_DIM;
}

/* Widths over all rows, so that columns stand still while scrolling. Keys get what short values leave. */
static void measure(struct runs_detail *d, int width)
{
	int keys = 6, values = 6;
	d->num_int = d->numbers.whole;
	d->num_frac = d->numbers.frac;
	for (size_t i = 0; i < d->n; i++) {
		const struct detail_row *r = &d->rows[i];
		if (r->kind != DROW_PARAM && r->kind != DROW_METRIC && r->kind != DROW_TAG && r->kind != DROW_FACT)
			continue;
		int kw = text_width(r->key, strlen(r->key)), vw = r->kind == DROW_PARAM ? text_width(r->value, strlen(r->value)) : 0;
		keys = kw > keys ? kw : keys;
		values = vw > values ? vw : values;
	}
	if (d->num_int + d->num_frac < HEAD_LAST)
		d->num_int = HEAD_LAST - d->num_frac;
	values = d->num_int + d->num_frac > values ? d->num_int + d->num_frac : values;
	values = values > VALUE_WANTED ? VALUE_WANTED : values;
	int most = width - 4 - values < KEY_MAX ? width - 4 - values : KEY_MAX;
	d->key_w = keys < most ? keys : most > 6 ? most : 6;
}

void detail_build(struct runs_view *v, int width, int height)
{
	struct runs_detail *d = &v->det;
	bool dense = height < ROOMY;
	if (!d->run || (d->built_w == width && d->dense == dense))
		return;
	d->dense = dense;
	arena_free(d->arena);
	d->arena = arena_new();
	d->n = 0;
	d->built_w = width;
	add_state(v, d);
	if (d->run->note && *d->run->note)
		add_wrapped(d, DROW_NOTE, ROLE_TEXT, d->run->note, width - 2, dense ? 3 : NOTE_LINES);
	add_items(d, "params", DROW_PARAM, d->run->params, d->run->n_params, false);
	add_metrics(d);
	add_items(d, "tags", DROW_TAG, d->run->tags, d->run->n_tags, true);
	add_datasets(d);
	add_models(d);
	add_files(d);
	add_origin(d);
	measure(d, width);
	detail_to(v, d->cursor);
}

void detail_title(const struct runs_view *v, struct str *out)
{
	const struct run_detail *r = v->det.run;
	const char *name = r && v->tab.w.n_rows ? (*r->row.name ? r->row.name : r->row.uuid) : "Run";
	text_clean(out, name, strlen(name), 0);
}

/* ---- moves ------------------------------------------------------------------------------------------------- */

static bool is_blank(const struct detail_row *r)
{
	return (r->kind == DROW_TEXT || r->kind == DROW_NOTE) && (!r->value || !*r->value);
}

/* Rows that only part sections are stepped over. */
void detail_to(struct runs_view *v, size_t row)
{
	struct runs_detail *d = &v->det;
	size_t to = row < d->n ? row : d->n ? d->n - 1 : 0;
	bool up = to < d->cursor;
	while (to < d->n && is_blank(&d->rows[to]) && (up ? to > 0 : to + 1 < d->n))
		to = up ? to - 1 : to + 1;
	d->cursor = to;
}

void detail_move(struct runs_view *v, long rows)
{
	long to = (long)v->det.cursor + rows;
	detail_to(v, to < 0 ? 0 : (size_t)to);
}

RUNS_CMD(detail_section)
{
	struct runs_view *v = c->view;
	struct runs_detail *d = &v->det;
	bool back = argc > 1 && !strcmp(argv[1], "back");
	if (argc > 1 && !back)
		return err_set(e, ST_USAGE, "%s: back, or nothing", argv[0]);
	for (size_t k = 1; k <= d->n; k++) {
		size_t i = (d->cursor + (back ? d->n - k : k)) % d->n;
		if (d->rows[i].kind == DROW_HEAD) {
			d->cursor = i;
			break;
		}
	}
	return ST_OK;
}

bool detail_search(struct runs_view *v, int dir)
{
	struct runs_detail *d = &v->det;
	for (size_t k = 1; d->find && k <= d->n; k++) {
		size_t i = (d->cursor + (dir > 0 ? k : d->n - k)) % d->n;
		const struct detail_row *r = &d->rows[i];
		char buf[FMT_MAX];
		const char *value = detail_value(d, r, buf);
		if ((r->key && text_contains(r->key, strlen(r->key), d->find, strlen(d->find)))
		    || (*value && text_contains(value, strlen(value), d->find, strlen(d->find)))) {
			d->cursor = i;
			return true;
		}
	}
	return false;
}

static void find_done(void *view, const char *text)
{
	struct runs_view *v = view;
	if (!text || !*text)
		return;
	free(v->det.find);
	v->det.find = mem_strdup(text);
	if (!detail_search(v, 1))
		ui_message(v->ui, ST_NOT_FOUND, "\"%s\" is not in this run", text);
}

RUNS_CMD(detail_find)
{
	struct runs_view *v = c->view;
	(void)e;
	if (argc > 1)
		find_done(v, argv[1]);
	else
		ui_prompt(v->ui, v, &(struct ui_prompt){ .prompt = "find in this run: ", .history = "find", .done = find_done });
	return ST_OK;
}

const char *runs_why_no_detail(const struct cmd_ctx *c)
{
	const struct runs_view *v = c->view;
	if (!v->tab.w.n_rows)
		return "there is no run under the cursor";
	return v->det.n ? NULL : runs_words(v, "no run is opened; {runs.open} opens the one under the cursor");
}

RUNS_CMD(detail_open)
{
	(void)argc, (void)argv, (void)e;
	detail_open_row(c->view);
	return ST_OK;
}

void detail_free(struct runs_view *v)
{
	run_detail_free(v->det.run);
	artifacts_free(v->det.files);
	arena_free(v->det.arena);
	free(v->det.rows);
	free(v->det.find);
	preview_close(v);
}

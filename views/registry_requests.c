/* Requests: what waits for somebody, over all models, then what came of the earlier ones; below the list the words and votes of the one
 * under the cursor. Enter opens its promotion sheet. */
#include "views/registry_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/text.h"

enum { DETAIL_MIN = 5, DETAIL_MOST = 14, WIDE = 70 };
struct requests { struct reg_requests *data; struct err err; int64_t id; size_t cursor, top; int page; };
struct trip { struct reg_requests *data; };

static struct requests *requests_of(const struct registry_view *v)
{
	return v->state[PAGE_requests];
}

static const struct reg_request_row *request_row(const struct registry_view *v)
{
	const struct requests *q = requests_of(v);
	return q->data && q->cursor < q->data->n ? &q->data->at[q->cursor] : NULL;
}

static bool is_open(const struct reg_request_row *r)
{
	return !strcmp(r->state, "open");
}

/* ---- reading -------------------------------------------------------------------------------------------- */

static void trip_drop(void *arg)
{
	struct trip *t = arg;
	requests_free(t->data);
	free(t);
}

static int open_first(const void *a, const void *b)
{
	const struct reg_request_row *x = a, *y = b;
	if (is_open(x) != is_open(y))
		return is_open(x) ? -1 : 1;
	return x->id < y->id ? 1 : x->id > y->id ? -1 : 0;
}

static enum status trip_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct trip *t = arg;
	(void)task;
	enum status st = requests_load(s, 0, false, &t->data, e);
	if (st == ST_OK && t->data->n)
		qsort(t->data->at, t->data->n, sizeof *t->data->at, open_first);
	return st;
}

static void cursor_on(struct requests *q, size_t row)
{
	q->cursor = row;
	q->id = q->data && row < q->data->n ? q->data->at[row].id : 0;
}

static void trip_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct requests *q = requests_of(view);
	struct trip *t = arg;
	q->err = st == ST_OK ? (struct err){ .code = ST_OK } : *e;
	if (st == ST_OK) {
		size_t at = 0;
		requests_free(q->data);
		q->data = t->data;
		t->data = NULL;
		for (size_t i = 0; i < q->data->n; i++)
			if (q->data->at[i].id == q->id)
				at = i;
		cursor_on(q, at);
	}
	trip_drop(t);
}

static void requests_want(struct registry_view *v, bool again)
{
	(void)again;
	ui_task(v->ui, v, &(struct ui_task){ .title = "requests", .cls = TASK_QUICK, .hidden = true, .slot = REG_SLOT(PAGE_requests),
		.work = trip_work, .apply = trip_apply, .drop = trip_drop, .arg = mem_zalloc(sizeof(struct trip)) });
}

/* ---- the list --------------------------------------------------------------------------------------------- */

static int approvals(const struct reg_request_row *r)
{
	int n = 0;
	for (size_t i = 0; i < r->n_votes; i++)
		n += !strcmp(r->votes[i].verdict, "approve") && !*r->votes[i].void_why;
	return n;
}

static enum role state_role(const struct reg_request_row *r)
{
	return is_open(r) ? ROLE_WARN : !strcmp(r->state, "done") ? ROLE_GOOD : !strcmp(r->state, "rejected") ? ROLE_BAD : ROLE_DIM;
}

static void paint_row(const struct registry_view *v, const struct paint *p, int y, size_t i)
{
	const struct requests *q = requests_of(v);
	const struct reg_request_row *r = &q->data->at[i];
	char age[FMT_MAX], left[FMT_MAX];
	struct str what = STR_INIT, when = STR_INIT;
	enum role text = is_open(r) ? ROLE_TEXT : ROLE_DIM;
	int64_t ms = r->expires_ms - clock_wall_ms();
	str_addf(&what, "%s v%lld  %s %s %s", r->model, (long long)r->version, r->from, p->ascii ? "->" : "→", r->to);
	if (is_open(r) && p->r.w >= WIDE)
		str_addf(&when, "asked %s ago, %d %s, %s%s", registry_ago(age, r->created_ms), approvals(r), registry_sign(p, 'y'), ms > 0 ? fmt_age(left, ms) : "over",
			ms > 0 ? " left" : "");
	else
		str_addf(&when, "%s ago", registry_ago(age, is_open(r) ? r->created_ms : r->closed_ms));
	int w = p->r.w, state_w = 9, when_w = text_width(when.p, when.len), x = 2;
	paint_field(p, x, y, state_w, -1, PEN(state_role(r)), r->state, strlen(r->state));
	x += state_w + 1;
	paint_field(p, x, y, w - x - when_w - 2, -1, PEN(is_open(r) ? ROLE_STRONG : ROLE_DIM), what.p, what.len);
	paint_field(p, w - when_w - 1, y, when_w, 1, PEN(text), when.p, when.len);
	if (i == q->cursor) {
		paint_put(p, 0, y, PEN(p->focus ? ROLE_ACCENT : ROLE_RULE), paint_sign(p, SIGN_BAR));
		surface_paint_bg(p->s, p->r, (struct rect){ 0, y, w, 1 }, p->focus ? ROLE_CURSOR : ROLE_CURSOR_OFF);
	}
	str_free(&what);
	str_free(&when);
}

static void paint_vote(const struct paint *p, int y, const struct reg_vote_row *vote)
{
	char age[FMT_MAX];
	struct str text = STR_INIT;
	bool comment = !strcmp(vote->verdict, "comment"), yes = !strcmp(vote->verdict, "approve"), good = vote->signature_good && !*vote->void_why;
	str_addf(&text, "%s by %s %s ago", comment ? "said" : yes ? "approved" : "rejected", vote->actor, registry_ago(age, vote->ms));
	if (!comment)
		str_addf(&text, ", signature %s", vote->signature_good ? "good" : "bad");
	if (*vote->void_why)
		str_addf(&text, ", void: %s", vote->void_why);
	if (*vote->comment)
		str_addf(&text, ": %s", vote->comment);
	char light = comment ? '?' : yes && good ? 'y' : 'n';
	paint_text(p, 2, y, PEN(registry_light_role(light)), registry_sign(p, light));
	paint_field(p, 4, y, p->r.w - 5, -1, PEN(comment ? ROLE_DIM : ROLE_TEXT), text.p, text.len);
	str_free(&text);
}

static void paint_detail(const struct paint *p, const struct reg_request_row *r, struct rect area, struct paint *whole)
{
	struct str title = STR_INIT, line = STR_INIT;
	str_addf(&title, "request %lld: %s v%lld %s %s %s", (long long)r->id, r->model, (long long)r->version, r->from, p->ascii ? "->" : "→", r->to);
	ui_rule(whole, (struct rect){ area.x, area.y, area.w, 1 }, title.p, NULL, false);
	str_addf(&line, "%s: %s", r->requester, *r->reason ? r->reason : "no reason given");
	struct paint in = *whole;
	in.r = (struct rect){ area.x, area.y + 1, area.w, area.h - 1 };
	paint_field(&in, 2, 0, in.r.w - 3, -1, PEN(ROLE_TEXT), line.p, line.len);
	for (size_t i = 0; i < r->n_votes && (int)i + 1 < in.r.h; i++)
		paint_vote(&in, (int)i + 1, &r->votes[i]);
	if (!r->n_votes)
		paint_text(&in, 2, 1, PEN(ROLE_DIM), "nobody has voted yet");
	str_free(&title);
	str_free(&line);
}

static void keep_visible(struct requests *q, int h)
{
	size_t page = h > 0 ? (size_t)h : 1;
	q->page = h;
	if (q->cursor < q->top)
		q->top = q->cursor;
	if (q->cursor >= q->top + page)
		q->top = q->cursor - page + 1;
}

static void requests_paint(struct registry_view *v, struct paint *p)
{
	struct requests *q = requests_of(v);
	static const char *const none[] = { "Nobody has asked for a move yet.", "", "{registry.request} on a card asks for one when its rule needs approvals" };
	const char *words[] = { q->err.code ? q->err.text : "reading the requests" };
	size_t n = q->data ? q->data->n : 0, open = 0;
	char title[96];
	for (size_t i = 0; i < n; i++)
		open += is_open(&q->data->at[i]);
	snprintf(title, sizeof title, "Requests of all models · %zu open · %zu closed", open, n - open);
	ui_rule(p, (struct rect){ p->r.x, p->r.y, p->r.w, 1 }, title, NULL, p->focus);
	struct paint inner = paint_sub(p, 0, 1, p->r.w, p->r.h - 1);
	if (!n) {
		ui_empty(v->ui, &inner, q->data ? none : words, q->data ? sizeof none / sizeof *none : 1);
		return;
	}
	const struct reg_request_row *r = request_row(v);
	int detail = r ? (int)r->n_votes + 3 : 0;
	detail = detail < DETAIL_MIN ? DETAIL_MIN : detail > DETAIL_MOST ? DETAIL_MOST : detail;
	detail = inner.r.h < detail + 3 ? 0 : detail;
	struct paint list = paint_sub(&inner, 0, 0, inner.r.w, inner.r.h - detail);
	keep_visible(q, list.r.h);
	for (int y = 0; y < list.r.h && q->top + (size_t)y < n; y++)
		paint_row(v, &list, y, q->top + (size_t)y);
	if (detail && r)
		paint_detail(p, r, (struct rect){ inner.r.x, inner.r.y + inner.r.h - detail, inner.r.w, detail }, p);
}

/* ---- the page ------------------------------------------------------------------------------------------------ */

static void *requests_open(struct registry_view *v)
{
	(void)v;
	return mem_zalloc(sizeof(struct requests));
}

static void requests_close(void *state)
{
	struct requests *q = state;
	requests_free(q->data);
	free(q);
}

static void requests_move(struct registry_view *v, enum registry_move m)
{
	struct requests *q = requests_of(v);
	long n = q->data ? (long)q->data->n : 0, to = (long)q->cursor + registry_rows_of(m, q->page, (size_t)n);
	if (m == REG_LEFT)
		registry_focus(v, FOCUS_MODELS);
	else if (n)
		cursor_on(q, (size_t)(to < 0 ? 0 : to >= n ? n - 1 : to));
}

static enum status requests_enter(struct registry_view *v, struct err *e)
{
	const struct reg_request_row *r = request_row(v);
	if (!r)
		return err_set(e, ST_REFUSED, "there is no request here");
	const struct reg_model_row *m = models_by_name(v, r->model);
	if (!m)
		return err_set(e, ST_NOT_FOUND, "the model %s is gone", r->model);
	struct registry_subject about = { .version = r->version, .lane = mem_strdup(r->to) };
	models_choose(v, m->id);
	v->board.version = about.version;
	registry_home(v);
	board_to(v, about.version);
	registry_go(v, PAGE_sheet, &about);
	free(about.lane);
	return ST_OK;
}

static void requests_model(const struct registry_view *v, struct str *out)
{
	const struct requests *q = requests_of(v);
	const struct reg_request_row *r = request_row(v);
	str_addf(out, "requests: %zu\n", q->data ? q->data->n : 0);
	if (r)
		str_addf(out, "request: %lld %s v%lld %s %zu votes\n", (long long)r->id, r->model, (long long)r->version, r->state, r->n_votes);
}

static const char *requests_hints(const struct registry_view *v)
{
	const struct reg_request_row *r = request_row(v);
	return r && is_open(r) ? "registry.open sheet; registry.approve approve; registry.reject reject; registry.comment comment; registry.withdraw withdraw; cancel back; help help"
		: "cancel back; help help; palette command";
}

static int64_t requests_version(const struct registry_view *v)
{
	const struct reg_request_row *r = request_row(v);
	const struct reg_model_row *m = models_row(v);
	return r && m && !strcmp(m->name, r->model) ? r->version : 0;
}

static int64_t requests_request(const struct registry_view *v)
{
	const struct reg_request_row *r = request_row(v);
	return r && is_open(r) ? r->id : 0;
}

static void requests_mouse(struct registry_view *v, const struct event *ev, int x, int y)
{
	struct requests *q = requests_of(v);
	(void)x;
	if (ev->mouse == MOUSE_WHEEL_UP || ev->mouse == MOUSE_WHEEL_DOWN)
		requests_move(v, ev->mouse == MOUSE_WHEEL_UP ? REG_UP : REG_DOWN);
	else if (ev->mouse == MOUSE_PRESS && y >= 1 && y <= q->page && q->data && q->top + (size_t)y - 1 < q->data->n)
		cursor_on(q, q->top + (size_t)y - 1);
}

const struct registry_page page_requests = { .id = "requests", .context = "registry.requests", .of_model = true, .open = requests_open, .close = requests_close,
	.want = requests_want, .paint = requests_paint, .model = requests_model, .hints = requests_hints, .move = requests_move, .enter = requests_enter,
	.version = requests_version, .request = requests_request, .mouse = requests_mouse };

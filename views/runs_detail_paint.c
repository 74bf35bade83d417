/* Painting of the run detail: a key column, values beside it, numbers on the point. */
#include "views/runs_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/fmt.h"
#include "core/base/text.h"

enum { NUMBER_W = 9, STEP_W = 12, WITH_RANGE = 40, WITH_STEP = 50 };

/* What is left for the step, which stays beside the other numbers in a wide pane. */
static int step_w(const struct paint *p, int x)
{
	int room = p->r.w - x - 1;
	return room < STEP_W ? room : STEP_W;
}

static void keep_visible(struct runs_detail *d, int h)
{
	size_t page = h > 0 ? (size_t)h : 1;
	d->page = h;
	if (d->cursor < d->top)
		d->top = d->cursor;
	if (d->cursor >= d->top + page)
		d->top = d->cursor - page + 1;
	if (d->top + page > d->n)
		d->top = d->n > page ? d->n - page : 0;
}

static void field(const struct paint *p, int x, int y, int w, int align, struct pen pen, const char *text)
{
	if (w > 0)
		paint_field(p, x, y, w, align, pen, text, strlen(text));
}

static struct pen number_pen(double v)
{
	return PEN(isfinite(v) ? ROLE_TEXT : ROLE_WARN);
}

/* min and max stand whole or not at all: half a number is a wrong one. */
static bool with_range(const struct runs_detail *d, const struct paint *p)
{
	return p->r.w >= WITH_RANGE && d->key_w + 3 + d->num_int + d->num_frac + 1 + 2 * NUMBER_W <= p->r.w;
}

/* The last value on the point; the others, when there is room, flush right in columns of one width. */
static void paint_metric(const struct runs_detail *d, const struct paint *p, int y, const struct detail_row *r)
{
	const struct series_sum *s = &d->run->metrics[r->index].sum;
	char buf[FMT_MAX];
	const char *text = runs_number(buf, s->last), *point = strchr(text, '.');
	int x = d->key_w + 3, whole = point ? (int)(point - text) : (int)strlen(text);
	int last_w = d->num_int + d->num_frac;
	bool word = strspn(text, "+-0123456789.e") != strlen(text);
	if (x + last_w > p->r.w)
		field(p, x, y, p->r.w - x, 1, number_pen(s->last), text);
	else
		paint_text(p, x + (word ? last_w - (int)strlen(text) : d->num_int - whole), y, number_pen(s->last), text);
	x += last_w + 1;
	if (!with_range(d, p))
		return;
	field(p, x, y, NUMBER_W, 1, PEN(ROLE_DIM), runs_number(buf, s->min));
	field(p, x + NUMBER_W, y, NUMBER_W, 1, PEN(ROLE_DIM), runs_number(buf, s->max));
	if (p->r.w >= WITH_STEP)
		field(p, x + 2 * NUMBER_W, y, step_w(p, x + 2 * NUMBER_W), 1, PEN(ROLE_DIM), fmt_count(buf, s->last_step));
}

static void paint_head(const struct runs_detail *d, const struct paint *p, int y, const struct detail_row *r)
{
	int x = paint_text(p, 1, y, (struct pen){ ROLE_STRONG, ROLE_TEXT, ATTR_BOLD }, r->key);
	if (r->value)
		x = paint_text(p, x + 1, y, PEN(ROLE_DIM), r->value);
	if (strcmp(r->key, "metrics"))
		return;
	int at = d->key_w + 3, last_w = d->num_int + d->num_frac;
	if (at > x)
		field(p, at, y, at + last_w > p->r.w ? p->r.w - at : last_w, 1, PEN(ROLE_HEAD), "last");
	if (!with_range(d, p))
		return;
	at += last_w + 1;
	field(p, at, y, NUMBER_W, 1, PEN(ROLE_HEAD), "min");
	field(p, at + NUMBER_W, y, NUMBER_W, 1, PEN(ROLE_HEAD), "max");
	if (p->r.w >= WITH_STEP)
		field(p, at + 2 * NUMBER_W, y, step_w(p, at + 2 * NUMBER_W), 1, PEN(ROLE_HEAD), "step");
}

static void paint_file(const struct runs_detail *d, const struct paint *p, int y, const struct detail_row *r)
{
	const struct artifact *a = &d->files->at[r->index];
	int x = 1 + 2 * r->indent, size_w = 8;
	int room = p->r.w - x - size_w - 1;
	char name[300];
	snprintf(name, sizeof name, "%s%s", r->key, a->is_dir ? "/" : "");
	field(p, x, y, room, -1, PEN(a->is_dir ? ROLE_DIM : ROLE_TEXT), name);
	field(p, p->r.w - size_w - 1, y, size_w, 1, PEN(ROLE_DIM), r->value);
}

static void paint_state(const struct runs_detail *d, const struct paint *p, int y, const struct detail_row *r)
{
	struct pen pen = PEN(run_state_role(d->run->row.status));
	int x = paint_text(p, 1, y, pen, run_state_sign(d->run->row.status, p->ascii));
	x = paint_text(p, x + 1, y, pen, r->key);
	field(p, x, y, p->r.w - x - 1, -1, PEN(ROLE_DIM), r->value);
}

static void paint_row(const struct runs_detail *d, const struct paint *p, int y, const struct detail_row *r)
{
	int x = d->key_w + 3;
	switch ((enum detail_kind)r->kind) {
	case DROW_HEAD: paint_head(d, p, y, r); break;
	case DROW_STATE: paint_state(d, p, y, r); break;
	case DROW_FILE: paint_file(d, p, y, r); break;
	case DROW_NOTE: case DROW_TEXT:
		if (r->value)
			field(p, 1, y, p->r.w - 2, -1, PEN(r->role), r->value);
		break;
	case DROW_METRIC:
		field(p, 1, y, d->key_w, -1, PEN(ROLE_DIM), r->key);
		paint_metric(d, p, y, r);
		break;
	default:
		field(p, 1, y, d->key_w, -1, PEN(ROLE_DIM), r->key);
		field(p, x, y, p->r.w - x - 1, -1, PEN(r->kind == DROW_PARENT ? ROLE_ACCENT : r->role), r->value);
	}
}

void detail_paint(struct runs_view *v, struct paint *p)
{
	struct runs_detail *d = &v->det;
	detail_build(v, p->r.w, p->r.h);
	if (v->loaded && !v->tab.w.n_rows)
		paint_text(p, 1, 0, PEN(ROLE_DIM), "no run under the cursor");
	if (!d->run || !v->tab.w.n_rows)
		return;
	keep_visible(d, p->r.h);
	for (int y = 0; y < p->r.h && d->top + (size_t)y < d->n; y++) {
		const struct detail_row *r = &d->rows[d->top + (size_t)y];
		paint_row(d, p, y, r);
		if (p->focus && d->top + (size_t)y == d->cursor) {
			paint_put(p, 0, y, PEN(ROLE_ACCENT), paint_sign(p, SIGN_BAR));
			surface_paint_bg(p->s, p->r, (struct rect){ 0, y, p->r.w, 1 }, ROLE_CURSOR);
		}
	}
}

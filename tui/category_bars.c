/* Bars lie, in eighths of a cell; all share the scale of the greatest share. */
#include "tui/category_bars.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/text.h"

enum { EIGHTHS = 8, HEAD_W = 8 /* "category" */, LABEL_MOST = 24, SHARE_W = 10, CHANGE_W = 9, BARS_MIN = 6, NARROW = 40 };
struct places { int label_w, bar_x, bar_w, share_x, change_x, rows; double top; };
static const struct pen ref_pen = PEN(ROLE_S1), cur_pen = PEN(ROLE_S2);

static bool two_rows(const struct category_bars *b, int h)
{
	return 2 * (b->n - b->top) + 1 <= (size_t)(h > 0 ? h : 0);
}

size_t category_bars_shown(const struct category_bars *b, int h)
{
	size_t left = b->n - b->top, room = h > 1 ? (size_t)h - 1 : 0;
	if (two_rows(b, h) || left <= room)
		return left;
	return room ? room - 1 : 0;
}

static struct places place(const struct category_bars *b, const struct paint *p)
{
	struct places at = { .rows = two_rows(b, p->r.h) ? 2 : 1 };
	for (size_t i = b->top; i < b->n; i++) {
		int w = text_width(b->at[i].label, strlen(b->at[i].label));
		at.label_w = w > at.label_w ? w : at.label_w;
		at.top = fmax(at.top, fmax(b->at[i].ref, b->at[i].cur));
	}
	int most = p->r.w / 3 < LABEL_MOST ? p->r.w / 3 : LABEL_MOST, right = p->r.w;
	at.label_w = at.label_w < most ? at.label_w < HEAD_W ? HEAD_W : at.label_w : most;
	at.change_x = p->r.w >= NARROW ? right - CHANGE_W : 0;
	right -= at.change_x ? CHANGE_W : 0;
	at.share_x = right - 2 * SHARE_W;
	at.bar_x = at.label_w + 1;
	at.bar_w = at.share_x - at.bar_x - 1;
	at.bar_w = at.bar_w < BARS_MIN ? 0 : at.bar_w;
	at.rows = at.bar_w ? at.rows : 1;
	return at;
}

static void bar(const struct paint *p, const struct places *at, int y, double share, bool ref)
{
	int eighths = at->top > 0 && share > 0 ? (int)lrint(share / at->top * at->bar_w * EIGHTHS) : 0;
	bool ascii = p->ascii || p->glyphs == GLYPHS_ASCII;
	eighths = share > 0 && eighths < 1 ? 1 : eighths;
	for (int x = 0; x * EIGHTHS < eighths && x < at->bar_w; x++) {
		int part = eighths - x * EIGHTHS;
		uint32_t solid = part >= EIGHTHS ? 0x2588 : 0x2590u - (uint32_t)part;
		paint_put(p, at->bar_x + x, y, ref ? ref_pen : cur_pen, ascii ? ref ? '=' : '#' : ref ? 0x2592 : solid);
	}
}

static void stroke(const struct paint *p, const struct places *at, int y, double share)
{
	if (!(share > 0) || !at->bar_w)
		return;
	int x = (int)lrint(share / at->top * at->bar_w);
	paint_put(p, at->bar_x + (x < at->bar_w ? x : at->bar_w - 1), y, PEN(ROLE_S1), p->ascii ? '|' : 0x2502);
}

static void percent(const struct paint *p, int x, int y, double share, struct pen pen)
{
	char text[32] = "";
	if (!isnan(share))
		snprintf(text, sizeof text, "%.1f %%", 100 * share);
	paint_field(p, x, y, SHARE_W, 1, pen, text, strlen(text));
}

static void change(const struct paint *p, const struct places *at, int y, const struct category_bar *b)
{
	static const char *const words[] = { [CATEGORY_NEW] = "new", [CATEGORY_LOST] = "lost" };
	char text[32] = "";
	bool marked = b->fate == CATEGORY_NEW || b->fate == CATEGORY_LOST;
	double by = b->cur - b->ref;
	if (marked)
		snprintf(text, sizeof text, "%s", words[b->fate]);
	else if (!isnan(by))
		snprintf(text, sizeof text, "%+.1f", 100 * by);
	paint_field(p, at->change_x, y, CHANGE_W, 1, PEN(marked ? ROLE_WARN : fabs(by) >= 0.05 ? ROLE_STRONG : ROLE_DIM), text, strlen(text));
}

static void head(const struct paint *p, const struct places *at)
{
	paint_field(p, 0, 0, at->label_w, -1, PEN(ROLE_HEAD), "category", HEAD_W);
	paint_field(p, at->share_x, 0, SHARE_W, 1, PEN(ROLE_HEAD), "reference", 9);
	paint_field(p, at->share_x + SHARE_W, 0, SHARE_W, 1, PEN(ROLE_HEAD), "current", 7);
	if (at->change_x)
		paint_field(p, at->change_x, 0, CHANGE_W, 1, PEN(ROLE_HEAD), "change", 6);
}

static void one(const struct paint *p, const struct places *at, int y, const struct category_bar *b)
{
	int low = y + at->rows - 1;
	enum role role = b->fate == CATEGORY_OTHERS ? ROLE_DIM : b->fate == CATEGORY_KEPT ? ROLE_TEXT : ROLE_WARN;
	paint_field(p, 0, y, at->label_w, -1, PEN((uint8_t)role), b->label, strlen(b->label));
	if (at->rows == 2)
		bar(p, at, y, b->ref, true);
	bar(p, at, low, b->cur, false);
	if (at->rows == 1)
		stroke(p, at, y, b->ref);
	percent(p, at->share_x, y, b->ref, PEN(ROLE_DIM));
	percent(p, at->share_x + SHARE_W, y, b->cur, PEN(ROLE_TEXT));
	if (at->change_x)
		change(p, at, y, b);
}

void category_bars_paint(const struct category_bars *b, struct paint *p)
{
	char text[64];
	if (p->r.h < 1 || b->top >= b->n)
		return;
	struct places at = place(b, p);
	size_t shown = category_bars_shown(b, p->r.h), left = b->n - b->top - shown;
	head(p, &at);
	for (size_t i = 0; i < shown; i++)
		one(p, &at, 1 + (int)i * at.rows, &b->at[b->top + i]);
	int len = left ? snprintf(text, sizeof text, "%zu more", left) : 0;
	if (left && p->r.h > 1)
		paint_field(p, 0, p->r.h - 1, p->r.w, -1, PEN(ROLE_DIM), text, (size_t)len);
}

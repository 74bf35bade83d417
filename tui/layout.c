/* Panes.
 *
 * Placing    folding first: as long as the tree's smallest size exceeds the screen, the least important pane whose absence helps
 *            goes; the heaviest stays, even below its minimum. Then rectangles from the root down, shares held between the
 *            two sides' smallest sizes.
 * Sizes      a leaf needs its minimum and a title row; side by side costs one column between; a node whose
 *            panes are all folded takes no room. */
#include "tui/layout.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct size { int w, h; };
struct fold { bool gone[LAYOUT_MAX]; };           /* by node: hidden, or folded for want of room */

static bool node_ok(const struct layout *l, int i)
{
	return i >= 0 && i < l->n && i < LAYOUT_MAX;
}

/* ---- what is there ---- */

/* Depth bounds the recursion even if a broken tree has a cycle. */
static struct size least(const struct layout *l, const struct fold *f, int i, int depth)
{
	if (!node_ok(l, i) || depth > LAYOUT_MAX)
		return (struct size){ 0, 0 };
	const struct pane_node *n = &l->node[i];
	if (n->dir == PANE_LEAF)
		return f->gone[i] ? (struct size){ 0, 0 } : (struct size){ n->min_w > 0 ? n->min_w : 1, (n->min_h > 0 ? n->min_h : 1) + 1 };
	struct size a = least(l, f, n->a, depth + 1), b = least(l, f, n->b, depth + 1);
	if (a.w == 0 || b.w == 0)
		return a.w ? a : b;
	if (n->dir == PANE_ROW)
		return (struct size){ a.w + 1 + b.w, a.h > b.h ? a.h : b.h };
	return (struct size){ a.w > b.w ? a.w : b.w, a.h + b.h };
}

static int excess(struct size s, struct rect all)
{
	return (s.w > all.w ? s.w - all.w : 0) + (s.h > all.h ? s.h - all.h : 0);
}

/* The pane that stays to the end, however narrow the screen: the heaviest, the first of equals. */
static int fold_never(const struct layout *l, const struct fold *f)
{
	int best = -1;
	for (int i = 0; i < l->n && i < LAYOUT_MAX; i++)
		if (l->node[i].dir == PANE_LEAF && !f->gone[i] && (best < 0 || l->node[i].weight > l->node[best].weight))
			best = i;
	return best;
}

/* The pane to fold next: least weight among those whose absence helps; -1: only one is left. */
static int fold_next(const struct layout *l, struct fold *f, struct rect all)
{
	int best = -1, never = fold_never(l, f), over = excess(least(l, f, l->root, 0), all);
	bool best_helps = false;
	for (int i = 0; i < l->n && i < LAYOUT_MAX; i++) {
		if (l->node[i].dir != PANE_LEAF || f->gone[i] || i == never)
			continue;
		f->gone[i] = true;
		bool helps = excess(least(l, f, l->root, 0), all) < over;
		f->gone[i] = false;
		if (best < 0 || helps > best_helps || (helps == best_helps && l->node[i].weight <= l->node[best].weight)) {
			best = i;
			best_helps = helps;
		}
	}
	return best;
}

static void fold_for(const struct layout *l, struct rect all, struct fold *f)
{
	bool zoomed = false;
	for (int i = 0; i < l->n && i < LAYOUT_MAX; i++)
		zoomed |= l->node[i].dir == PANE_LEAF && l->node[i].id == l->zoom && l->zoom >= 0 && !l->node[i].hidden;
	for (int i = 0; i < LAYOUT_MAX; i++)
		f->gone[i] = i >= l->n || l->node[i].dir != PANE_LEAF || l->node[i].hidden || (zoomed && l->node[i].id != l->zoom);
	while (excess(least(l, f, l->root, 0), all) > 0) {
		int i = fold_next(l, f, all);
		if (i < 0)
			return;
		f->gone[i] = true;
	}
}

/* ---- rectangles ---- */

static int clamp(int v, int lo, int hi)
{
	return v < lo || hi < lo ? lo : v > hi ? hi : v;
}

struct split { struct rect a, b; bool both; };

static struct split divide(const struct layout *l, const struct fold *f, int i, struct rect r)
{
	const struct pane_node *n = &l->node[i];
	struct size a = least(l, f, n->a, 1), b = least(l, f, n->b, 1);
	float share = n->share > 0 && n->share < 1 ? n->share : 0.5f;
	struct split s = { r, r, a.w > 0 && b.w > 0 };
	if (!s.both)
		return s;
	if (n->dir == PANE_ROW) {
		int room = r.w - 1;
		s.a.w = clamp((int)lrintf(share * (float)room), a.w, room - b.w);
		s.b.x = r.x + s.a.w + 1;
		s.b.w = room - s.a.w;
	} else {
		s.a.h = clamp((int)lrintf(share * (float)r.h), a.h, r.h - b.h);
		s.b.y = r.y + s.a.h;
		s.b.h = r.h - s.a.h;
	}
	return s;
}

static void place(const struct layout *l, const struct fold *f, int i, struct rect r, struct placed *out, int *n, int depth)
{
	if (!node_ok(l, i) || depth > LAYOUT_MAX || *n == LAYOUT_MAX || least(l, f, i, 0).w == 0)
		return;
	const struct pane_node *node = &l->node[i];
	if (node->dir == PANE_LEAF) {
		out[(*n)++] = (struct placed){ node->id, { r.x, r.y + 1, r.w, r.h > 1 ? r.h - 1 : 0 }, { r.x, r.y, r.w, r.h > 0 ? 1 : 0 } };
		return;
	}
	struct split s = divide(l, f, i, r);
	place(l, f, node->a, s.a, out, n, depth + 1);
	place(l, f, node->b, s.b, out, n, depth + 1);
}

int layout_place(const struct layout *l, struct rect all, struct placed out[LAYOUT_MAX])
{
	struct fold f;
	int n = 0;
	fold_for(l, all, &f);
	place(l, &f, l->root, all, out, &n, 0);
	return n;
}

/* ---- borders ---- */

/* Rectangle of a node, from the root down; false: it is folded or not in the tree. */
static bool find_node(const struct layout *l, const struct fold *f, int i, struct rect r, int want, struct rect *out, int depth)
{
	if (!node_ok(l, i) || depth > LAYOUT_MAX || least(l, f, i, 0).w == 0)
		return false;
	if (i == want) {
		*out = r;
		return true;
	}
	if (l->node[i].dir == PANE_LEAF)
		return false;
	struct split s = divide(l, f, i, r);
	return find_node(l, f, l->node[i].a, s.a, want, out, depth + 1) || find_node(l, f, l->node[i].b, s.b, want, out, depth + 1);
}

int layout_border(const struct layout *l, struct rect all, int x, int y)
{
	struct fold f;
	fold_for(l, all, &f);
	for (int i = 0; i < l->n && i < LAYOUT_MAX; i++) {
		struct rect r;
		if (l->node[i].dir == PANE_LEAF || !find_node(l, &f, l->root, all, i, &r, 0))
			continue;
		struct split s = divide(l, &f, i, r);
		if (!s.both || !rect_has(r, x, y))
			continue;
		if (l->node[i].dir == PANE_ROW ? x == s.b.x - 1 : y == s.b.y)
			return i;
	}
	return -1;
}

void layout_drag(struct layout *l, struct rect all, int node, int x, int y)
{
	struct fold f;
	struct rect r;
	fold_for(l, all, &f);
	if (!node_ok(l, node) || l->node[node].dir == PANE_LEAF || !find_node(l, &f, l->root, all, node, &r, 0))
		return;
	struct pane_node *n = &l->node[node];
	struct size a = least(l, &f, n->a, 0), b = least(l, &f, n->b, 0);
	bool row = n->dir == PANE_ROW;
	int room = row ? r.w - 1 : r.h;
	if (a.w == 0 || b.w == 0 || room < 1)
		return;
	int size = row ? clamp(x - r.x, a.w, room - b.w) : clamp(y - r.y, a.h, room - b.h);
	n->share = (float)size / (float)room;
}

/* ---- neighbours ---- */

static int overlap(int a, int an, int b, int bn)
{
	int from = a > b ? a : b, to = a + an < b + bn ? a + an : b + bn;
	return to > from ? to - from : 0;
}

static struct rect whole(const struct placed *p)
{
	return (struct rect){ p->title.x, p->title.y, p->title.w, p->r.h + 1 };
}

int layout_neighbour(const struct layout *l, struct rect all, int id, int dx, int dy)
{
	struct placed at[LAYOUT_MAX];
	int n = layout_place(l, all, at), me = -1, best = -1, best_gap = 0, best_share = 0;
	for (int i = 0; i < n; i++)
		me = at[i].id == id ? i : me;
	if (me < 0 || (dx == 0) == (dy == 0))
		return -1;
	struct rect r = whole(&at[me]);
	for (int i = 0; i < n; i++) {
		struct rect o = whole(&at[i]);
		int gap = dx > 0 ? o.x - (r.x + r.w) : dx < 0 ? r.x - (o.x + o.w) : dy > 0 ? o.y - (r.y + r.h) : r.y - (o.y + o.h);
		int share = dx ? overlap(r.y, r.h, o.y, o.h) : overlap(r.x, r.w, o.x, o.w);
		if (i == me || gap < 0 || share == 0)
			continue;
		if (best < 0 || gap < best_gap || (gap == best_gap && share > best_share)) {
			best = i;
			best_gap = gap;
			best_share = share;
		}
	}
	return best < 0 ? -1 : at[best].id;
}

/* ---- as text ---- */

static void save_node(const struct layout *l, int i, struct str *out, int depth)
{
	if (!node_ok(l, i) || depth > LAYOUT_MAX)
		return;
	const struct pane_node *n = &l->node[i];
	if (n->dir == PANE_LEAF) {
		str_addf(out, "%d%s", n->id, n->hidden ? "-" : "");
		return;
	}
	str_addf(out, "(%s %d ", n->dir == PANE_ROW ? "row" : "col", (int)lrintf(n->share * 1000));     /* per mille: no locale's comma */
	save_node(l, n->a, out, depth + 1);
	str_addc(out, ' ');
	save_node(l, n->b, out, depth + 1);
	str_addc(out, ')');
}

void layout_save(const struct layout *l, struct str *out)
{
	save_node(l, l->root, out, 0);
	if (l->zoom >= 0)
		str_addf(out, " zoom %d", l->zoom);
}

static bool take(const char **s, const char *word)
{
	size_t n = strlen(word);
	if (strncmp(*s, word, n) != 0)
		return false;
	*s += n;
	return true;
}

static bool take_int(const char **s, int *v)
{
	char *end;
	long x = strtol(*s, &end, 10);
	if (end == *s || x < -1000000 || x > 1000000)
		return false;
	*s = end;
	*v = (int)x;
	return true;
}

static bool load_node(struct layout *l, int i, const char **s, int depth)
{
	int v;
	if (!node_ok(l, i) || depth > LAYOUT_MAX)
		return false;
	struct pane_node *n = &l->node[i];
	if (n->dir == PANE_LEAF) {
		if (!take_int(s, &v) || v != n->id)
			return false;
		n->hidden = take(s, "-");
		return true;
	}
	if (!take(s, n->dir == PANE_ROW ? "(row " : "(col ") || !take_int(s, &v) || v < 1 || v > 999)
		return false;
	n->share = (float)v / 1000;
	return take(s, " ") && load_node(l, n->a, s, depth + 1) && take(s, " ") && load_node(l, n->b, s, depth + 1) && take(s, ")");
}

bool layout_load(struct layout *l, const char *text)
{
	struct layout copy = *l;
	copy.zoom = -1;
	if (!load_node(&copy, copy.root, &text, 0))
		return false;
	if (take(&text, " zoom ") && !take_int(&text, &copy.zoom))
		return false;
	if (*text)
		return false;
	*l = copy;
	return true;
}

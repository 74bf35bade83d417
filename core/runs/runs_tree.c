/* Runs inside runs: links from the tags of children, and rows laid out as a tree.
 *
 * Links    a run names its parent by uuid. The parent must be in the same experiment and among the loaded
 *          runs; otherwise the run is a root. Tags can say anything, so links can form rings: the ring is
 *          opened at its oldest run, which becomes a root.
 * Layout   the sorted order is dealt out to child lists, which keeps siblings in that order; a walk along the
 *          lists emits the rows. No recursion: the depth is the store's choice, not ours. O(runs).
 * Filter   a run that matches brings its ancestors along as RUN_CONTEXT.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/runs/runs_impl.h"

/* A run's place in the map of wanted parents: experiment and uuid. */
static void link_key(struct str *key, int64_t experiment, const char *uuid)
{
	str_clear(key);
	str_addn(key, &experiment, sizeof experiment);
	str_add(key, uuid);
}

/* The oldest run of the ring that `at` is part of. */
static int32_t ring_oldest(const struct runs_base *b, int32_t at)
{
	int32_t oldest = at;
	for (int32_t i = b->parent[at]; i != at; i = b->parent[i])
		if (i > oldest)                  /* rows are newest first */
			oldest = i;
	return oldest;
}

static void open_rings(struct runs_base *b)
{
	/* 0 not seen, else the number of the walk that came by, done ones included. */
	uint32_t *seen = mem_array(b->n, sizeof *seen);
	for (size_t i = 0; i < b->n; i++) {
		uint32_t walk = (uint32_t)i + 1;
		int32_t at = (int32_t)i;
		while (at >= 0 && !seen[at]) {
			seen[at] = walk;
			at = b->parent[at];
		}
		if (at >= 0 && seen[at] == walk)
			b->parent[ring_oldest(b, at)] = -1;
	}
	free(seen);
}

void base_link_parents(struct runs_base *b, const char *const *parent_uuid)
{
	struct map *wanted = map_new();
	struct str key = STR_INIT;
	b->parent = mem_array(b->n, sizeof *b->parent);
	for (size_t i = 0; i < b->n; i++) {
		b->parent[i] = -1;
		if (!parent_uuid[i])
			continue;
		link_key(&key, b->rows[i].experiment_id, parent_uuid[i]);
		*map_value(wanted, map_add(wanted, key.p, key.len, NULL)) = -1;
	}
	for (size_t i = 0; i < b->n && map_count(wanted); i++) {
		link_key(&key, b->rows[i].experiment_id, b->rows[i].uuid);
		int64_t at = map_find(wanted, key.p, key.len);
		if (at >= 0)
			*map_value(wanted, (size_t)at) = (intptr_t)i;
	}
	for (size_t i = 0; i < b->n; i++) {
		if (!parent_uuid[i])
			continue;
		link_key(&key, b->rows[i].experiment_id, parent_uuid[i]);
		b->parent[i] = (int32_t)*map_value(wanted, (size_t)map_find(wanted, key.p, key.len));
		b->nested = b->nested || b->parent[i] >= 0;
	}
	if (b->nested)
		open_rings(b);
	str_free(&key);
	map_free(wanted);
}

static void emit(struct runs_snap *sn, uint32_t at, unsigned depth, unsigned flags)
{
	struct run_row *r = &sn->rows[sn->n];
	*r = sn->base->rows[at];
	r->depth = (uint16_t)(depth > UINT16_MAX ? UINT16_MAX : depth);
	r->flags |= (uint8_t)flags;
	sn->of[sn->n] = at;
	sn->shown[at] = (int32_t)sn->n++;
}

static void arrange_flat(struct runs_snap *sn, const uint32_t *order, const uint8_t *keep)
{
	for (size_t i = 0; i < sn->base->n; i++)
		if (!keep || keep[order[i]])
			emit(sn, order[i], 0, 0);
}

struct lists { int32_t *first, *last, *next; int32_t root, root_last; };

/* Deals the visible runs, in order, to the lists of their parents. */
static void deal(const struct runs_base *b, const uint32_t *order, const uint8_t *visible, struct lists *l)
{
	for (size_t k = 0; k < b->n; k++)
		l->first[k] = l->last[k] = l->next[k] = -1;
	for (size_t k = 0; k < b->n; k++) {
		int32_t at = (int32_t)order[k], parent = b->parent[at];
		if (!visible[at])
			continue;
		int32_t *first = parent < 0 ? &l->root : &l->first[parent], *last = parent < 0 ? &l->root_last : &l->last[parent];
		if (*first < 0)
			*first = at;
		else
			l->next[*last] = at;
		*last = at;
	}
}

static void walk(struct runs_snap *sn, const struct lists *l, const uint8_t *keep)
{
	const int32_t *parent = sn->base->parent;
	unsigned depth = 0;
	for (int32_t at = l->root; at >= 0;) {
		emit(sn, (uint32_t)at, depth, (keep && !keep[at] ? RUN_CONTEXT : 0) | (l->first[at] >= 0 ? RUN_HAS_CHILDREN : 0));
		if (l->first[at] >= 0) {
			at = l->first[at];
			depth++;
			continue;
		}
		while (at >= 0 && l->next[at] < 0) {
			at = parent[at];
			if (at >= 0) {
				depth--;
				sn->rows[sn->shown[at]].subtree = (uint32_t)(sn->n - 1 - (size_t)sn->shown[at]);
			}
		}
		if (at >= 0)
			at = l->next[at];
	}
}

static void arrange_tree(struct runs_snap *sn, const uint32_t *order, const uint8_t *keep)
{
	const struct runs_base *b = sn->base;
	uint8_t *visible = mem_alloc(b->n);
	int32_t *links = mem_array(3 * b->n, sizeof *links);
	struct lists l = { links, links + b->n, links + 2 * b->n, -1, -1 };
	memset(visible, !keep, b->n);
	for (size_t i = 0; keep && i < b->n; i++)
		for (int32_t at = keep[i] ? (int32_t)i : -1; at >= 0 && !visible[at]; at = b->parent[at])
			visible[at] = 1;
	deal(b, order, visible, &l);
	walk(sn, &l, keep);
	free(links);
	free(visible);
}

void snap_arrange(struct runs_snap *sn, const uint32_t *order, const uint8_t *keep, bool tree)
{
	size_t n = sn->base->n;
	sn->rows = mem_array(n, sizeof *sn->rows);
	sn->of = mem_array(n, sizeof *sn->of);
	sn->shown = mem_array(n, sizeof *sn->shown);
	memset(sn->shown, 0xff, n * sizeof *sn->shown);
	sn->matched = n;
	if (keep) {
		sn->matched = 0;
		for (size_t i = 0; i < n; i++)
			sn->matched += keep[i] != 0;
	}
	if (tree && sn->base->nested)
		arrange_tree(sn, order, keep);
	else
		arrange_flat(sn, order, keep);
}

/* Marked runs: kept by id in the order of marking, each with a colour while there are at most eight.
 *
 * Colours  the lowest one not in use, so that unmarking one run changes nobody else's colour. Beyond eight marks no
 *          colour could be told from another: then only the run under the cursor is drawn in one. */
#include "views/runs_internal.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

/* ---- a sorted set of ids ------------------------------------------------------------------------- */

static size_t place(const struct idset *s, int64_t id)
{
	size_t lo = 0, hi = s->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (s->at[mid] < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool idset_has(const struct idset *s, int64_t id)
{
	size_t i = place(s, id);
	return i < s->n && s->at[i] == id;
}

void idset_put(struct idset *s, int64_t id, bool in)
{
	size_t i = place(s, id);
	bool there = i < s->n && s->at[i] == id;
	if (in == there)
		return;
	if (in) {
		MEM_GROW(s->at, s->cap, s->n + 1);
		memmove(s->at + i + 1, s->at + i, (s->n - i) * sizeof *s->at);
		s->at[i] = id;
		s->n++;
	} else {
		memmove(s->at + i, s->at + i + 1, (s->n - i - 1) * sizeof *s->at);
		s->n--;
	}
}

static int compare_ids(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

void idset_fill(struct idset *s, const int64_t *ids, size_t n)
{
	MEM_GROW(s->at, s->cap, n);
	if (n) {
		memcpy(s->at, ids, n * sizeof *ids);
		qsort(s->at, n, sizeof *s->at, compare_ids);
	}
	s->n = n;
}

void idset_free(struct idset *s)
{
	free(s->at);
	*s = (struct idset){ 0 };
}

/* ---- marks ------------------------------------------------------------------------------------------ */

static void rebuild_set(struct runs_marks *m)
{
	int64_t *ids = mem_array(m->n ? m->n : 1, sizeof *ids);
	for (size_t i = 0; i < m->n; i++)
		ids[i] = m->at[i].id;
	idset_fill(&m->set, ids, m->n);
	free(ids);
}

static void give_colors(struct runs_marks *m)
{
	unsigned used = 0;
	for (size_t i = 0; i < m->n && m->n <= RUNS_COLORS; i++)
		if (m->at[i].color >= 0)
			used |= 1u << m->at[i].color;
	for (size_t i = 0; i < m->n; i++) {
		if (m->n > RUNS_COLORS || m->at[i].color >= 0)
			continue;
		int c = 0;
		while (used & 1u << c)
			c++;
		m->at[i].color = c;
		used |= 1u << c;
	}
}

static void drop_unwanted(struct runs_marks *m, const struct idset *gone)
{
	size_t k = 0;
	for (size_t i = 0; i < m->n; i++)
		if (!idset_has(gone, m->at[i].id))
			m->at[k++] = m->at[i];
	m->n = k;
}

void marks_set(struct runs_view *v, const int64_t *ids, size_t n, bool on)
{
	struct runs_marks *m = &v->marks;
	if (on) {
		MEM_GROW(m->at, m->cap, m->n + n);
		for (size_t i = 0; i < n; i++)
			if (!idset_has(&m->set, ids[i]))
				m->at[m->n++] = (struct runs_mark){ ids[i], -1 };
	} else {
		struct idset gone = { 0 };
		idset_fill(&gone, ids, n);
		drop_unwanted(m, &gone);
		idset_free(&gone);
	}
	rebuild_set(m);
	give_colors(m);
	chart_want(v);
}

void marks_clear(struct runs_view *v)
{
	v->marks.n = v->marks.set.n = 0;
	v->marks.anchor = 0;
	chart_want(v);
}

bool marks_has(const struct runs_view *v, int64_t id)
{
	return idset_has(&v->marks.set, id);
}

/* Where colours do not tell runs apart, letters do: the same at the run and at its curve. 0: the usual sign. */
uint32_t marks_sign(const struct runs_view *v, int64_t id)
{
	bool letters = (v->tab.ascii || ui_is_mono(v->ui)) && v->marks.n > 1 && v->marks.n <= RUNS_COLORS;
	for (size_t i = 0; letters && i < v->marks.n; i++)
		if (v->marks.at[i].id == id)
			return 'a' + (uint32_t)v->marks.at[i].color;
	return 0;
}

enum role marks_role(const struct runs_view *v, int64_t id)
{
	if (!v->marks.n)
		return ROLE_S1;
	if (v->marks.n > RUNS_COLORS)
		return id == v->chart_run ? ROLE_S1 : ROLE_DIM;
	for (size_t i = 0; i < v->marks.n; i++)
		if (v->marks.at[i].id == id)
			return role_series((unsigned)v->marks.at[i].color);
	return ROLE_MARK;
}

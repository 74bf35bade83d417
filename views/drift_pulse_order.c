/* Rows of the heat map in order: filtered, sorted, with the cursor on the row it was on. */
#include "views/drift_pulse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"

const char *const pulse_sort_names[SORT_COUNT] = { "worst", "last", "often", "name", "position" };

/* Greater first; a column that the newest window lacks comes last. */
static int by_number(float a, float b)
{
	float x = isnan(a) ? -1 : a, y = isnan(b) ? -1 : b;
	return (x < y) - (x > y);
}

static int by_worst(const struct pulse_row *x, const struct pulse_row *y) { return by_number(x->worst, y->worst); }
static int by_last(const struct pulse_row *x, const struct pulse_row *y) { return by_number(x->last, y->last); }
static int by_often(const struct pulse_row *x, const struct pulse_row *y) { return (x->n_drifted < y->n_drifted) - (x->n_drifted > y->n_drifted); }
static int by_name(const struct pulse_row *x, const struct pulse_row *y) { return strcmp(x->name, y->name); }

static int (*const orders[SORT_COUNT])(const struct pulse_row *x, const struct pulse_row *y) = {
	[SORT_WORST] = by_worst, [SORT_LAST] = by_last, [SORT_OFTEN] = by_often, [SORT_NAME] = by_name,
};

struct key { const struct pulse_row *row; enum pulse_sort sort; size_t at; };

/* What is equal stays in the order of the data. */
static int compare(const void *a, const void *b)
{
	const struct key *x = a, *y = b;
	int by = orders[x->sort] ? orders[x->sort](x->row, y->row) : 0;
	return by ? by : (x->at > y->at) - (x->at < y->at);
}

/* Times and keys of rows are never compared: nothing in their row would ever change. */
bool pulse_row_idle(const struct pulse_group *g, size_t row)
{
	const struct pulse_row *r = &g->rows[row];
	if (r->n_drifted || (strcmp(r->type, "datetime") != 0 && strcmp(r->role, "timestamp") != 0 && strcmp(r->role, "id") != 0))
		return false;
	for (size_t i = 0; i < g->n_windows; i++)
		if (!isnan(r->cells[i].effect) || r->cells[i].watch || r->cells[i].severity > 0)
			return false;
	return true;
}

size_t pulse_columns(const struct pulse_group *g)
{
	size_t n = 0;
	for (size_t i = 0; i < g->n_rows; i++)
		n += !pulse_row_idle(g, i);
	return n;
}

static bool wanted(const struct drift_view *v, size_t row)
{
	const struct pulse_page *s = pulse_page(v);
	const struct pulse_group *g = pulse_chosen(v);
	const char *name = pulse_row_name(v, row);
	if (g && pulse_row_idle(g, row))
		return false;
	if (s->only && (g ? !g->rows[row].n_drifted : strcmp(v->pulse->groups[row].state, "drifted") != 0 && strcmp(v->pulse->groups[row].state, "trouble") != 0))
		return false;
	return text_contains(name, strlen(name), s->filter, strlen(s->filter));
}

static void sort_rows(struct pulse_page *s, const struct pulse_group *g)
{
	struct key *keys = mem_array(s->n_order + 1, sizeof *keys);
	for (size_t i = 0; i < s->n_order; i++)
		keys[i] = (struct key){ &g->rows[s->order[i]], s->sort, s->order[i] };
	if (s->n_order)
		qsort(keys, s->n_order, sizeof *keys, compare);
	for (size_t i = 0; i < s->n_order; i++)
		s->order[i] = keys[i].at;
	free(keys);
}

void pulse_order(struct drift_view *v)
{
	struct pulse_page *s = pulse_page(v);
	const struct pulse_group *g = pulse_chosen(v);
	size_t n = g ? g->n_rows : v->pulse ? v->pulse->n : 0;
	s->n_order = 0, s->n_idle = 0;
	MEM_GROW(s->order, s->cap_order, n + 1);
	for (size_t i = 0; i < n; i++)
		if (wanted(v, i))
			s->order[s->n_order++] = i;
		else
			s->n_idle += g && pulse_row_idle(g, i);
	if (g)
		sort_rows(s, g);
	size_t at = s->n_order;
	for (size_t i = 0; i < s->n_order && s->row; i++)
		if (strcmp(pulse_row_name(v, s->order[i]), s->row) == 0)
			at = i;
	s->cursor = at < s->n_order ? at : s->cursor < s->n_order ? s->cursor : s->n_order ? s->n_order - 1 : 0;
}

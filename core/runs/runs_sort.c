/* Sorting: every kind of value becomes a 64-bit key, the rest is one stable radix sort per column.
 *
 * Keys     smaller comes first. Numbers: the bits of the double, made monotone, inverted when descending.
 *          Texts: their rank among the texts of the column, inverted likewise. NaN and missing take the
 *          two largest keys after the inversion, so both directions have them last, NaN before missing.
 * Several  the least important column is sorted first; stability does the rest, and the base's order
 *          (newest first) breaks ties.
 * Ranks    texts are compared by eight bytes after their common beginning first (run-000123); only groups that
 *          agree on those compare strings. 75,000 names: 12 ms instead of 60.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/runs/runs_impl.h"

#define KEY_MISSING UINT64_MAX
#define KEY_NAN (UINT64_MAX - 1)

static unsigned char folded(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

int runs_text_order(const char *a, size_t an, const char *b, size_t bn)
{
	size_t n = an < bn ? an : bn;
	for (size_t i = 0; i < n; i++) {
		unsigned char x = folded(a[i]), y = folded(b[i]);
		if (x != y)
			return x < y ? -1 : 1;
	}
	if (an != bn)
		return an < bn ? -1 : 1;
	return n ? memcmp(a, b, n) : 0;
}

/* One digit of the sort; a digit that all keys share is skipped. */
static bool radix_pass(const uint32_t *from, uint32_t *to, size_t n, const uint64_t *keys, int shift, const size_t count[256])
{
	size_t at[256], sum = 0;
	for (size_t d = 0; d < 256; d++) {
		if (count[d] == n)
			return false;
		at[d] = sum;
		sum += count[d];
	}
	for (size_t i = 0; i < n; i++)
		to[at[keys[from[i]] >> shift & 0xff]++] = from[i];
	return true;
}

void runs_radix(uint32_t *order, size_t n, const uint64_t *keys)
{
	size_t (*count)[256] = mem_array(8, sizeof *count);
	uint32_t *other = mem_array(n, sizeof *other), *from = order, *to = other;
	for (size_t i = 0; i < n; i++)
		for (int d = 0; d < 8; d++)
			count[d][keys[i] >> (8 * d) & 0xff]++;
	for (int d = 0; d < 8; d++)
		if (radix_pass(from, to, n, keys, 8 * d, count[d])) {
			uint32_t *swap = from;
			from = to;
			to = swap;
		}
	if (from != order)
		memcpy(order, from, n * sizeof *order);
	free(other);
	free(count);
}

static int by_text(const void *a, const void *b, void *texts)
{
	const char *const *t = texts, *x = t[*(const uint32_t *)a], *y = t[*(const uint32_t *)b];
	return runs_text_order(x, strlen(x), y, strlen(y));
}

/* How many bytes all texts begin with alike, case ignored. */
static size_t common_beginning(const char *const *texts, size_t n)
{
	size_t common = n ? strlen(texts[0]) : 0;
	for (size_t i = 1; i < n && common; i++) {
		size_t k = 0;
		while (k < common && folded(texts[i][k]) == folded(texts[0][k]) && texts[i][k])
			k++;
		common = k;
	}
	return common;
}

static uint64_t eight_bytes(const char *s)
{
	uint64_t key = 0;
	int i = 0;
	for (; i < 8 && s[i]; i++)
		key = key << 8 | folded(s[i]);
	return i ? key << 8 * (8 - i) : 0;
}

void runs_text_ranks(const char *const *texts, size_t n, uint64_t *rank)
{
	size_t common = common_beginning(texts, n);
	uint32_t *order = mem_array(n, sizeof *order);
	uint64_t *keys = mem_array(n, sizeof *keys);
	for (size_t i = 0; i < n; i++) {
		order[i] = (uint32_t)i;
		keys[i] = eight_bytes(texts[i] + common);
	}
	runs_radix(order, n, keys);
	for (size_t i = 0, j; i < n; i = j) {
		for (j = i + 1; j < n && keys[order[j]] == keys[order[i]]; j++)
			;
		if (j - i > 1)
			qsort_r(order + i, j - i, sizeof *order, by_text, (void *)(uintptr_t)texts);
	}
	uint64_t next = 0;
	for (size_t i = 0; i < n; i++) {
		if (i && (keys[order[i]] != keys[order[i - 1]] || strcmp(texts[order[i]], texts[order[i - 1]])))
			next++;
		rank[order[i]] = next;
	}
	free(order);
	free(keys);
}

static uint64_t number_key(double v, bool desc)
{
	if (isnan(v))
		return KEY_NAN;
	v += 0.0;                                  /* -0 sorts as 0 */
	uint64_t bits;
	memcpy(&bits, &v, sizeof bits);
	uint64_t key = bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
	return desc ? ~key : key;
}

static uint64_t rank_key(uint64_t rank, bool desc)
{
	return desc ? (uint64_t)INT64_MAX - rank : rank;
}

static double ms_number(int64_t ms)
{
	return (double)ms;
}

/* Keys of a column of the store. */
static void column_keys(const struct runs_column *c, bool desc, uint64_t *keys)
{
	uint64_t *of_text = mem_array(c->texts.n + 1, sizeof *of_text);
	if (c->value && !c->numeric) {
		const char **texts = mem_array(c->texts.n, sizeof *texts);
		size_t n;
		for (uint32_t k = 1; k <= c->texts.n; k++)
			texts[k - 1] = texts_get(&c->texts, k, &n);
		runs_text_ranks(texts, c->texts.n, of_text + 1);
		free(texts);
	}
	for (uint32_t k = 1; c->value && k <= c->texts.n; k++)
		of_text[k] = c->numeric ? number_key(c->texts.num[k - 1], desc) : rank_key(of_text[k], desc);
	of_text[0] = KEY_MISSING;
	for (size_t i = 0; i < c->n; i++)
		keys[i] = c->value ? of_text[c->value[i]] : c->have[i] ? number_key(c->num[i], desc) : KEY_MISSING;
	free(of_text);
}

static const char *attribute_text(const struct runs_base *b, const struct run_row *r, enum col_kind kind)
{
	const struct runs_experiment *x;
	switch (kind) {
	case COL_USER: return r->user;
	case COL_SOURCE: return r->source;
	case COL_ID: return r->uuid;
	case COL_EXPERIMENT: return (x = base_experiment(b, r->experiment_id)) ? x->name : "";
	default: return r->name;
	}
}

/* An empty user or source is a missing one. */
static void attribute_text_keys(const struct runs_base *b, enum col_kind kind, bool desc, uint64_t *keys)
{
	const char **texts = mem_array(b->n, sizeof *texts);
	for (size_t i = 0; i < b->n; i++)
		texts[i] = attribute_text(b, &b->rows[i], kind);
	runs_text_ranks(texts, b->n, keys);
	for (size_t i = 0; i < b->n; i++)
		keys[i] = *texts[i] ? rank_key(keys[i], desc) : KEY_MISSING;
	free(texts);
}

int64_t run_took_ms(const struct run_row *r, int64_t now_ms)
{
	int64_t end = r->end_ms == MS_UNKNOWN && r->status == RUN_RUNNING ? now_ms : r->end_ms, took;
	if (r->start_ms == MS_UNKNOWN || end == MS_UNKNOWN || __builtin_sub_overflow(end, r->start_ms, &took) || took == MS_UNKNOWN)
		return MS_UNKNOWN;
	return took;
}

static void attribute_number_keys(const struct runs_base *b, enum col_kind kind, bool desc, uint64_t *keys)
{
	int64_t now = clock_wall_ms();
	for (size_t i = 0; i < b->n; i++) {
		const struct run_row *r = &b->rows[i];
		int64_t v = r->start_ms;
		if (kind == COL_END)
			v = r->end_ms;
		else if (kind == COL_TOOK)
			v = run_took_ms(r, now);
		else if (kind == COL_STATE)
			v = r->status ? r->status : MS_UNKNOWN;
		/* The age grows as the start lies back. */
		keys[i] = v == MS_UNKNOWN ? KEY_MISSING : number_key(ms_number(v), kind == COL_AGE ? !desc : desc);
	}
}

static void sort_keys(const struct runs_snap *sn, const struct run_sort *by, uint64_t *keys)
{
	switch (by->col.kind) {
	case COL_NAME: case COL_USER: case COL_SOURCE: case COL_ID: case COL_EXPERIMENT:
		attribute_text_keys(sn->base, by->col.kind, by->desc, keys);
		return;
	case COL_STATE: case COL_AGE: case COL_TOOK: case COL_START: case COL_END:
		attribute_number_keys(sn->base, by->col.kind, by->desc, keys);
		return;
	case COL_METRIC: case COL_METRIC_MIN: case COL_METRIC_MAX: case COL_PARAM: case COL_TAG: case COL_SPARK: case COL_KINDS:
		break;
	}
	const struct runs_column *c = snap_column(sn, by->col.kind == COL_SPARK ? COL_METRIC : by->col.kind, by->col.key);
	if (c)
		column_keys(c, by->desc, keys);
}

void snap_sort(const struct runs_snap *sn, const struct run_sort *sort, size_t n_sort, uint32_t *order)
{
	size_t n = sn->base->n;
	for (size_t i = 0; i < n; i++)
		order[i] = (uint32_t)i;
	uint64_t *keys = mem_array(n, sizeof *keys);
	for (size_t k = n_sort; k-- > 0;) {
		memset(keys, 0, n * sizeof *keys);
		sort_keys(sn, &sort[k], keys);
		runs_radix(order, n, keys);
	}
	free(keys);
}

/* One pass: each value goes to every detector and into the mean since its last detection. */
#include "core/drift/changes.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/mem.h"

struct watcher {
	void *state; bool scaled;
	struct running since;                    /* the mean of the values since the last detection */
	double first[CHANGES_SCALE];             /* of a scaled detector: values that wait for the scale */
	struct change_at where[CHANGES_SCALE]; size_t n_first;
	bool started;                            /* of a scaled detector: the scale is known */
};
struct change_watch { struct changes *found; struct watcher at[CHANGES_DETECTORS]; };

struct change_watch *changes_watch(const struct stream_class *const *by, size_t n)
{
	struct change_watch *w = mem_zalloc(sizeof *w);
	struct changes *c = w->found = mem_zalloc(sizeof *c);
	c->n_detectors = n < CHANGES_DETECTORS ? n : CHANGES_DETECTORS;
	c->spread = 1;
	for (size_t i = 0; i < c->n_detectors; i++) {
		c->detector[i] = (struct change_detector){ .by = by[i], .used = true };
		w->at[i].state = mem_alloc(by[i]->size);
		w->at[i].scaled = !strcmp(by[i]->id, "page_hinkley");
		by[i]->init(w->at[i].state, NULL, 1);
	}
	return w;
}

/* ---- one value ---- */

static void close_change(struct change_detector *d, struct running since)
{
	if (d->n) {
		d->at[d->n - 1].after = since.n > 0 ? since.mean : NAN;
		d->at[d->n - 1].n_after = (uint64_t)since.n;
	}
}

static void feed(struct change_detector *d, struct watcher *k, const struct change_at *where, double value, double seen)
{
	k->since = running_add(k->since, value);
	if (d->by->add(k->state, seen) != STREAM_DRIFT)
		return;
	close_change(d, k->since);
	MEM_GROW(d->at, d->cap, d->n + 1);
	d->at[d->n++] = (struct seen_change){ .at = *where, .before = k->since.mean, .n_before = (uint64_t)k->since.n, .after = NAN };
	k->since = (struct running){ 0, 0 };
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median_of(double *v, size_t n)
{
	qsort(v, n, sizeof *v, by_value);
	return n % 2 ? v[n / 2] : v[n / 2 - 1] / 2 + v[n / 2] / 2;
}

static double deviation_of(const double *v, size_t n)
{
	struct running mean = { 0, 0 };
	double squares = 0;
	for (size_t i = 0; i < n; i++)
		mean = running_add(mean, v[i]);
	for (size_t i = 0; i < n; i++)
		squares += (v[i] - mean.mean) * (v[i] - mean.mean);
	return n > 1 ? sqrt(squares / (double)(n - 1)) : 0;
}

static void find_scale(struct changes *c, const double *first, size_t n)
{
	double v[CHANGES_SCALE];
	memcpy(v, first, n * sizeof *v);
	c->median = median_of(v, n);
	for (size_t i = 0; i < n; i++)
		v[i] = fabs(first[i] - c->median);
	c->spread = 1.4826 * median_of(v, n);
	if (!(c->spread > 0))
		c->spread = deviation_of(first, n);
	if (!(c->spread > 0) || !isfinite(c->spread))
		c->spread = 1;
	c->scaled = true;
}

static double scaled(const struct changes *c, double v)
{
	return (v - c->median) / c->spread;
}

/* The values that waited, now that there are enough of them (or no more will come). */
static void feed_first(struct changes *c, struct change_detector *d, struct watcher *k)
{
	if (k->started || !k->n_first)
		return;
	find_scale(c, k->first, k->n_first);
	for (size_t i = 0; i < k->n_first; i++)
		feed(d, k, &k->where[i], k->first[i], scaled(c, k->first[i]));
	k->started = true;
}

static void feed_scaled(struct changes *c, struct change_detector *d, struct watcher *k, const struct change_at *where, double value)
{
	if (k->started) {
		feed(d, k, where, value, scaled(c, value));
		return;
	}
	k->first[k->n_first] = value;
	k->where[k->n_first++] = *where;
	if (k->n_first == CHANGES_SCALE)
		feed_first(c, d, k);
}

void changes_add(struct change_watch *w, int64_t step, int64_t ms, double value)
{
	struct changes *c = w->found;
	const struct change_at where = { c->values++, step, ms };
	if (!isfinite(value)) {
		c->not_finite++;
		return;
	}
	if (!c->has_odd && value != 0 && value != 1) {
		c->has_odd = true;
		c->odd = where;
		c->odd_value = value;
	}
	for (size_t i = 0; i < c->n_detectors; i++) {
		struct change_detector *d = &c->detector[i];
		if (d->by->errors_only && c->has_odd)
			d->used = false;
		else if (w->at[i].scaled)
			feed_scaled(c, d, &w->at[i], &where, value);
		else
			feed(d, &w->at[i], &where, value, value);
	}
}

/* ---- the end ---- */

struct changes *changes_done(struct change_watch *w)
{
	struct changes *c = w->found;
	for (size_t i = 0; i < c->n_detectors; i++) {
		struct change_detector *d = &c->detector[i];
		if (w->at[i].scaled)
			feed_first(c, d, &w->at[i]);
		if (d->used)
			close_change(d, w->at[i].since);
		else
			d->n = 0;
		d->by->done(w->at[i].state);
		free(w->at[i].state);
	}
	free(w);
	return c;
}

void changes_free(struct changes *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n_detectors; i++)
		free(c->detector[i].at);
	free(c);
}

size_t changes_count(const struct changes *c)
{
	size_t n = 0;
	for (size_t i = 0; i < c->n_detectors; i++)
		n += c->detector[i].n;
	return n;
}

/* ---- words ---- */

void changes_why_unused(const struct changes *c, const struct change_detector *d, struct str *out)
{
	char number[FMT_MAX];
	str_addf(out, "%s watches errors, 0 or 1; the value at index %" PRIu64 " is %s", d->by->title, c->odd.index, fmt_number(number, c->odd_value, 6));
}

static enum status add_detector(const char *id, const struct stream_class *by[CHANGES_DETECTORS], size_t *n, struct err *e)
{
	const struct stream_class *found = stream_find(id);
	enum status st = ST_OK;
	for (size_t i = 0; found && i < *n; i++)
		if (by[i] == found)
			st = err_set(e, ST_USAGE, "the detector '%s' is named twice", id);
	if (!found) {
		struct str list = STR_INIT;
		for (size_t i = 0; i < stream_count(); i++)
			str_addf(&list, "%s%s", i ? ", " : "", stream_at(i)->id);
		st = err_set(e, ST_USAGE, "there is no detector '%s'; there are %s, and all", id, list.p);
		str_free(&list);
	}
	if (st == ST_OK && *n < CHANGES_DETECTORS)
		by[(*n)++] = found;
	return st;
}

enum status changes_detectors(const char *const *names, size_t n_names, const struct stream_class *by[CHANGES_DETECTORS], size_t *n, struct err *e)
{
	static const char *const usual[] = { "adwin", "hddm_a" };
	enum status st = ST_OK;
	*n = 0;
	if (n_names == 1 && !strcmp(names[0], "all")) {
		while (*n < stream_count() && *n < CHANGES_DETECTORS)
			by[*n] = stream_at(*n), ++*n;
		return ST_OK;
	}
	if (!n_names)
		names = usual, n_names = sizeof usual / sizeof *usual;
	for (size_t i = 0; st == ST_OK && i < n_names; i++)
		st = add_detector(names[i], by, n, e);
	return st;
}

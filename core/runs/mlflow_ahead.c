/* Two batches go back and forth: while the caller works on one, the reader fills the other. `ready` and
 * `free` count them; a batch belongs to whoever took it. */
#include "core/runs/mlflow_ahead.h"
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/map.h"
#include "core/base/mem.h"

enum { BATCH_ROWS = 1 << 17 };

struct ahead {
	struct scan sc;
	struct ahead_batch batch[2];
	struct map *runs, *names; uint32_t run, name;        /* the reader's: numbers of texts, those of the row before */
	size_t filled, taken;                                /* batches so far; batch i is batch[i % 2] */
	pthread_mutex_t mu; pthread_cond_t moved;            /* guard the next four */
	size_t ready, free;
	bool stop, end;
	bool threaded; pthread_t thread;
};

/* The number of a text; the first time it is also put into the batch. Mostly it is that of the row before. */
static uint32_t number_of(struct map *map, uint32_t before, struct str *out, const char *p, size_t n)
{
	size_t len;
	bool added;

	if (!p)
		p = "";
	if (before != UINT32_MAX) {
		const char *was = map_key(map, before, &len);

		if (len == n && !memcmp(was, p, n))
			return before;
	}
	const size_t i = map_add(map, p, n, &added);

	if (added) {
		const uint32_t n32 = (uint32_t)n;

		str_addn(out, &n32, sizeof n32);
		str_addn(out, p, n);
	}
	return (uint32_t)i;
}

/* NaN: flagged, or a value that is NULL against the schema. */
static double value_of(sqlite3_stmt *st)
{
	const double v = sqlite3_column_double(st, 5);

	return sqlite3_column_int(st, 6) || (v == 0 && sqlite3_column_type(st, 5) == SQLITE_NULL) ? (double)NAN : v;
}

static void fill(struct ahead *a, struct ahead_batch *b)
{
	b->n = 0;
	str_clear(&b->runs);
	str_clear(&b->names);
	while (b->n < BATCH_ROWS && scan_next(&a->sc)) {
		struct ahead_row *r = &b->rows[b->n++];
		size_t n;
		const char *p = row_text(&a->sc, 0, &n);

		r->run = a->run = number_of(a->runs, a->run, &b->runs, p, n);
		p = row_text(&a->sc, 1, &n);
		r->name = a->name = number_of(a->names, a->name, &b->names, p, n);
		r->p = (struct point){ row_int(&a->sc, 2), row_int(&a->sc, 3), value_of(a->sc.st) };
	}
	scan_pause(&a->sc);
	b->last = a->sc.last;
	b->scanned = a->sc.rows;
	b->check = b->n ? src_row_check(a->sc.src, a->sc.t, b->last) : 0;
}

static void *read_ahead(void *arg)
{
	struct ahead *a = arg;

	pthread_mutex_lock(&a->mu);
	while (!a->end) {
		while (!a->free && !a->stop)
			pthread_cond_wait(&a->moved, &a->mu);
		if (a->stop)
			break;
		struct ahead_batch *b = &a->batch[a->filled++ % 2];

		a->free--;
		pthread_mutex_unlock(&a->mu);
		fill(a, b);
		pthread_mutex_lock(&a->mu);
		a->end = b->n < BATCH_ROWS;
		a->ready++;
		pthread_cond_broadcast(&a->moved);
	}
	pthread_mutex_unlock(&a->mu);
	return NULL;
}

struct ahead *ahead_start(struct src *s, const struct src_table *t, int64_t after, bool many)
{
	struct ahead *a = mem_zalloc(sizeof *a);

	scan_begin(&a->sc, s, t, after, NULL, NULL, 0);
	for (int i = 0; i < 2; i++) {
		a->batch[i].rows = mem_array(BATCH_ROWS, sizeof *a->batch[i].rows);
		str_init(&a->batch[i].runs);
		str_init(&a->batch[i].names);
	}
	a->runs = map_new();
	a->names = map_new();
	a->run = a->name = UINT32_MAX;
	a->free = 2;
	pthread_mutex_init(&a->mu, NULL);
	pthread_cond_init(&a->moved, NULL);
	a->threaded = many && pthread_create(&a->thread, NULL, read_ahead, a) == 0;
	return a;
}

static const struct ahead_batch *next_here(struct ahead *a)
{
	struct ahead_batch *b = &a->batch[0];

	if (a->end)
		return NULL;
	fill(a, b);
	a->end = b->n < BATCH_ROWS;
	return b->n ? b : NULL;
}

const struct ahead_batch *ahead_next(struct ahead *a)
{
	const struct ahead_batch *b = NULL;

	if (!a->threaded)
		return next_here(a);
	pthread_mutex_lock(&a->mu);
	if (a->taken) {                          /* the one handed out before comes back */
		a->free++;
		pthread_cond_broadcast(&a->moved);
	}
	while (!a->ready && !a->end)
		pthread_cond_wait(&a->moved, &a->mu);
	if (a->ready) {
		a->ready--;
		b = &a->batch[a->taken++ % 2];
	}
	pthread_mutex_unlock(&a->mu);
	return b && b->n ? b : NULL;
}

enum status ahead_end(struct ahead *a, int64_t *rows, int64_t *last, int64_t *lost, struct err *e)
{
	if (a->threaded) {
		pthread_mutex_lock(&a->mu);
		a->stop = true;
		pthread_cond_broadcast(&a->moved);
		pthread_mutex_unlock(&a->mu);
		pthread_join(a->thread, NULL);
	}
	*rows = a->sc.rows;
	*last = a->sc.last;
	*lost = a->sc.lost;
	const enum status rc = scan_end(&a->sc, e);

	for (int i = 0; i < 2; i++) {
		free(a->batch[i].rows);
		str_free(&a->batch[i].runs);
		str_free(&a->batch[i].names);
	}
	map_free(a->runs);
	map_free(a->names);
	pthread_mutex_destroy(&a->mu);
	pthread_cond_destroy(&a->moved);
	free(a);
	return rc;
}

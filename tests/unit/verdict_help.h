/* verdict_help -- small frames made in place, for tests of verdicts and reports. All values come from a stated process and seed. */
#ifndef MLYARD_TESTS_VERDICT_HELP_H
#define MLYARD_TESTS_VERDICT_HELP_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/drift/verdict.h"
#include "tests/unit/drift_help.h"

enum { HELP_COLUMNS = 64 };
struct table { struct arena *a; struct frame f; struct frame_col cols[HELP_COLUMNS]; uint64_t seed; };

static inline void table_init(struct table *t, size_t rows, uint64_t seed)
{
	*t = (struct table){ .a = arena_new(), .seed = seed };
	t->f.cols = t->cols, t->f.n_rows = rows, t->f.name = arena_strdup(t->a, "table");
	str_init(&t->f.notes);
}

static inline void table_done(struct table *t) { arena_free(t->a); }

static inline struct frame_col *table_column(struct table *t, const char *name, enum frame_type type)
{
	struct frame_col *c = &t->cols[t->f.n_cols++];
	*c = (struct frame_col){ .name = arena_strdup(t->a, name), .type = type, .n = t->f.n_rows };
	if (type != FRAME_CATEGORY && type != FRAME_TEXT)
		c->num = arena_array(t->a, c->n + 1, sizeof *c->num);
	else
		c->code = arena_array(t->a, c->n + 1, sizeof *c->code);
	return c;
}

/* Normal by the sum of twelve uniform numbers. */
static inline double table_normal(struct table *t)
{
	double sum = -6;
	for (int i = 0; i < 12; i++)
		sum += stream_unit(&t->seed);
	return sum;
}

static inline struct frame_col *table_normals(struct table *t, const char *name, double mean, double sd)
{
	struct frame_col *c = table_column(t, name, FRAME_NUMBER);
	for (size_t i = 0; i < c->n; i++)
		c->num[i] = mean + sd * table_normal(t);
	return c;
}

/* Labels by cumulative shares; what is left of 1 is missing. */
static inline struct frame_col *table_labels(struct table *t, const char *name, size_t n, const char *const *labels, const double *shares)
{
	struct frame_col *c = table_column(t, name, FRAME_CATEGORY);
	c->n_words = n, c->words = arena_array(t->a, n + 1, sizeof *c->words);
	for (size_t i = 0; i < n; i++)
		c->words[i] = (struct frame_word){ labels[i], (uint32_t)strlen(labels[i]) };
	for (size_t i = 0; i < c->n; i++) {
		double u = stream_unit(&t->seed);
		uint32_t k = 0;
		while (k < n && u >= shares[k])
			u -= shares[k++];
		c->code[i] = k < n ? k : FRAME_NO_CODE;
		c->missing += k == n;
	}
	return c;
}

static inline void column_lose(struct table *t, struct frame_col *c, double share)
{
	for (size_t i = 0; i < c->n; i++)
		if (stream_unit(&t->seed) < share)
			c->num[i] = NAN, c->missing++;
}

static inline struct report *compare_tables(const struct table *ref, const struct table *cur, const struct drift_options *o)
{
	static const struct drift_options plain;
	struct report *r;
	struct err e = { 0 };
	if (drift_compare(&ref->f, &cur->f, o ? o : &plain, &r, &e) != ST_OK)
		fail_msg("%s", e.text);
	return r;
}

static inline const struct report_test *test_named(const struct report_column *c, const char *name)
{
	for (size_t i = 0; i < c->n_tests; i++)
		if (!strcmp(c->tests[i].name, name))
			return &c->tests[i];
	return NULL;
}

static inline bool some_reason(const struct report_column *c, const char *part)
{
	for (size_t i = 0; i < c->n_reasons; i++)
		if (strstr(c->reasons[i], part))
			return true;
	return false;
}

static inline const struct report_finding *finding(const struct report *r, const char *check, const char *column)
{
	for (size_t i = 0; i < r->n_findings; i++)
		if (!strcmp(r->findings[i].check, check) && !strcmp(r->findings[i].column, column))
			return &r->findings[i];
	return NULL;
}
#endif

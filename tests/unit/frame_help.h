/* frame_help -- temporary data files for tests of readers. */
#ifndef MLYARD_TESTS_FRAME_HELP_H
#define MLYARD_TESTS_FRAME_HELP_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/io/frame.h"

struct data_file { char dir[64], path[96]; };

static inline void data_write(struct data_file *d, const char *name, const void *bytes, size_t n)
{
	snprintf(d->dir, sizeof d->dir, "/tmp/mlyard-frame-XXXXXX");
	assert_non_null(mkdtemp(d->dir));
	snprintf(d->path, sizeof d->path, "%s/%.20s", d->dir, name);
	FILE *f = fopen(d->path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static inline void data_remove(struct data_file *d)
{
	unlink(d->path);
	assert_int_equal(rmdir(d->dir), 0);
}

static inline enum status data_read(const char *name, const void *bytes, size_t n, const struct frame_options *o, struct frame **f, struct err *e)
{
	struct data_file d;
	data_write(&d, name, bytes, n);
	const enum status rc = frame_read(d.path, o, NULL, f, e);
	data_remove(&d);
	return rc;
}

static inline struct frame *data_frame(const char *name, const char *text, const struct frame_options *o)
{
	struct frame *f;
	struct err e = { 0 };
	if (data_read(name, text, strlen(text), o, &f, &e) != ST_OK)
		fail_msg("%s", e.text);
	return f;
}

/* The value of a cell as text: "-" missing, words as they are, numbers as %.17g. */
static inline const char *cell(const struct frame *f, size_t col, size_t row)
{
	static char buf[8][256];
	static int turn;
	const struct frame_col *c = &f->cols[col];
	char *out = buf[turn = (turn + 1) % 8];
	assert_true(col < f->n_cols && row < c->n && c->n == f->n_rows);
	if (c->code && c->code[row] == FRAME_NO_CODE)
		return "-";
	if (c->code)
		snprintf(out, sizeof buf[0], "%.*s", (int)c->words[c->code[row]].n, c->words[c->code[row]].p);
	else if (c->num[row] != c->num[row])
		return "-";
	else
		snprintf(out, sizeof buf[0], "%.17g", c->num[row]);
	return out;
}

/* All cells: fields with |, rows with newlines. */
static inline char *cells(const struct frame *f)
{
	struct str s = STR_INIT;
	for (size_t i = 0; i < f->n_rows; i++)
		for (size_t j = 0; j < f->n_cols; j++)
			str_addf(&s, "%s%c", cell(f, j, i), j + 1 < f->n_cols ? '|' : '\n');
	return str_take(&s);
}

static inline void expect_cells(const struct frame *f, const char *want)
{
	char *got = cells(f);
	assert_string_equal(got, want);
	free(got);
}
#endif

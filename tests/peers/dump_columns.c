/* dump_columns FILE [THREADS [COLUMN...]] -- a data file as it was read, for comparison with another reader: "note TEXT" lines, then for each
 * column a line "col NAME(hex) TYPE INTEGER ROWS MISSING NAN INF WORDS" and its values as they lie in memory: doubles, or codes
 * followed by the words, each with its length. Strings stay as they are: no types are guessed from words (they are told to be text). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/io/frame.h"

enum { MOST = 1024 };

static void put(const void *p, size_t n)
{
	if (n && fwrite(p, 1, n, stdout) != n)
		exit(1);
}

static void put_column(const struct frame_col *c)
{
	printf("col ");
	for (const char *p = c->name; *p; p++)
		printf("%02x", (unsigned)(unsigned char)*p);
	printf(" %s %d %zu %zu %zu %zu %zu\n", frame_type_name(c->type), c->integer, c->n, c->missing, c->nan, c->inf, c->n_words);
	if (c->num) {
		put(c->num, c->n * sizeof *c->num);
		return;
	}
	put(c->code, c->n * sizeof *c->code);
	for (size_t i = 0; i < c->n_words; i++) {
		put(&c->words[i].n, sizeof c->words[i].n);
		put(c->words[i].p, c->words[i].n);
	}
}

/* Columns whose names end in "_s" are text. */
static size_t told(const struct frame *f, struct frame_override *types)
{
	size_t n = 0;
	for (size_t i = 0; i < f->n_cols && n < MOST; i++) {
		const size_t len = strlen(f->cols[i].name);
		if (len > 2 && !strcmp(f->cols[i].name + len - 2, "_s"))
			types[n++] = (struct frame_override){ f->cols[i].name, FRAME_TEXT };
	}
	return n;
}

static struct frame *read_or_exit(const char *path, const struct frame_options *o)
{
	struct frame *f;
	struct err e = { 0 };
	if (frame_read(path, o, NULL, &f, &e) == ST_OK)
		return f;
	fprintf(stderr, "%s\n", e.text);
	exit((int)e.code);
}

int main(int argc, char *argv[])
{
	struct frame_override types[MOST];
	if (argc < 2)
		return 2;
	struct frame_options o = { .threads = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 0, .columns = (const char *const *)(argv + 3), .n_columns = argc > 3 ? (size_t)argc - 3 : 0 };
	struct frame *first = read_or_exit(argv[1], &o);
	o.types = types;
	o.n_types = told(first, types);
	struct frame *f = read_or_exit(argv[1], &o);
	for (char *p = f->notes.p, *end; (end = strchr(p, '\n')); p = end + 1)
		printf("note %.*s\n", (int)(end - p), p);
	for (size_t i = 0; i < f->n_cols; i++)
		put_column(&f->cols[i]);
	frame_free(f);
	frame_free(first);
	return 0;
}

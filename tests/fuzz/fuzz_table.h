/* fuzz_table -- reads bytes as a data file of a format, and checks what holds for every frame. */
#ifndef MLYARD_TESTS_FUZZ_TABLE_H
#define MLYARD_TESTS_FUZZ_TABLE_H
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/text.h"
#include "core/io/frame.h"
#include "tests/fuzz/fuzz.h"

static void check_column(const struct frame *f, const struct frame_col *c)
{
	size_t missing = 0, nan = 0;
	MUST(c->n == f->n_rows && c->name && !c->num != !c->code);
	MUST((c->type == FRAME_CATEGORY || c->type == FRAME_TEXT) == (c->code != NULL));
	for (size_t i = 0; i < c->n; i++) {
		MUST(!c->code || c->code[i] < c->n_words || c->code[i] == FRAME_NO_CODE);
		missing += c->code ? c->code[i] == FRAME_NO_CODE : isnan(c->num[i]) != 0;
		nan += c->type == FRAME_BOOLEAN && !isnan(c->num[i]) && c->num[i] != 0 && c->num[i] != 1;
	}
	MUST(missing == c->missing && c->nan + c->mixed <= c->missing && !nan);
	MUST(!c->mixed_example || text_is_clean(c->mixed_example, strlen(c->mixed_example), 0));
	for (size_t i = 0; i < c->n_words; i++)
		MUST(c->words[i].p && (!c->words[i].n || c->words[i].p[c->words[i].n - 1] == c->words[i].p[c->words[i].n - 1]));
}

static inline int fuzz_table(const char *format, const uint8_t *data, size_t size)
{
	char path[64];
	struct frame *f = NULL;
	struct err e = { .text = "" };
	const struct frame_options o = { .format = format, .threads = 1 };
	const int fd = memfd_create("table", 0);
	MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	const enum status rc = frame_read(path, &o, NULL, &f, &e);
	MUST((rc == ST_OK) == (f != NULL) && (rc == ST_OK || *e.text));
	/* the two passes over the text agree; unless the words are the input's own */
	MUST(!strstr(e.text, "than were counted") || memmem(data, size, "than were counted", 17));
	for (size_t j = 0; f && j < f->n_cols; j++) {
		check_column(f, &f->cols[j]);
		MUST(frame_find(f, f->cols[j].name) == &f->cols[j]);
	}
	MUST(!f || text_is_clean(f->notes.p, f->notes.len, TEXT_LINES));
	frame_free(f);
	close(fd);
	return 0;
}
#endif

/* Parquet files from outside: whatever the bytes, reading ends with a table whose parts fit each other, or with words. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "core/io/frame.h"
#include "tests/fuzz/fuzz.h"

static void check_column(const struct frame_col *c, size_t rows)
{
	size_t missing = 0;
	MUST(c->n == rows && c->name && (c->num != NULL) != (c->code != NULL));
	for (size_t i = 0; i < rows; i++) {
		missing += c->code ? c->code[i] == FRAME_NO_CODE : c->num[i] != c->num[i];
		MUST(!c->code || c->code[i] == FRAME_NO_CODE || c->code[i] < c->n_words);
	}
	MUST(missing == c->missing && c->nan + c->mixed <= missing);
	for (size_t i = 0; i < c->n_words; i++)
		MUST(!c->words[i].n || memchr(c->words[i].p, c->words[i].p[0], c->words[i].n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct frame_options o = { .format = "parquet", .threads = 1, .budget = 1 << 20 };
	struct frame *f = NULL;
	struct err e = { 0 };
	char path[64];
	const int fd = memfd_create("fuzz", MFD_CLOEXEC);
	MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	const enum status st = frame_read(path, &o, NULL, &f, &e);
	MUST(st == ST_OK ? f != NULL : !f && e.text[0]);
	for (size_t j = 0; f && j < f->n_cols; j++)
		check_column(&f->cols[j], f->n_rows);
	frame_free(f);
	close(fd);
	return 0;
}

/* Parquet files from outside: whatever the bytes, reading ends with a table whose parts fit each other, or with words. The budget is small, so that
 * rows which a few bytes claim do not take their time. */
#include "tests/fuzz/fuzz_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct frame_options o = { .format = "parquet", .threads = 1, .budget = 1 << 20 };
	struct frame *f = NULL;
	struct err e = { .text = "" };
	char path[64];
	const int fd = memfd_create("parquet", MFD_CLOEXEC);
	MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	const enum status rc = frame_read(path, &o, NULL, &f, &e);
	MUST((rc == ST_OK) == (f != NULL) && (rc == ST_OK || *e.text));
	for (size_t j = 0; f && j < f->n_cols; j++)
		check_column(f, &f->cols[j]);
	MUST(!f || text_is_clean(f->notes.p, f->notes.len, TEXT_LINES));
	frame_free(f);
	close(fd);
	return 0;
}

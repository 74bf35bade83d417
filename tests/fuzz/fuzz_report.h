/* A report is written, read and written again: the second document is the first. */
#ifndef MLYARD_TESTS_FUZZ_REPORT_H
#define MLYARD_TESTS_FUZZ_REPORT_H
#include <string.h>

#include "core/base/jsonw.h"
#include "core/base/str.h"
#include "core/drift/report.h"
#include "tests/fuzz/fuzz.h"

static inline void fuzz_report_text(const struct report *r, struct str *out)
{
	struct jsonw w;
	jsonw_init(&w, out);
	report_json(&w, r);
}

static inline void fuzz_report_again(const struct report *r)
{
	struct str first = STR_INIT, second = STR_INIT;
	struct report *again;
	struct err e = { 0 };
	fuzz_report_text(r, &first);
	if (report_read(first.p, first.len, "again", &again, &e) != ST_OK) {
		fprintf(stderr, "%s\n%.*s\n", e.text, (int)first.len, first.p);
		abort();
	}
	fuzz_report_text(again, &second);
	if (first.len != second.len || memcmp(first.p, second.p, first.len) != 0) {
		fprintf(stderr, "%s\n%s\n", first.p, second.p);
		abort();
	}
	report_free(again);
	str_free(&first), str_free(&second);
}
#endif

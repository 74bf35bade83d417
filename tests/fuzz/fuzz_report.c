/* Report documents: whatever the bytes, there is a report or an error that names the file; what was read is written and read again without a change. */
#include <string.h>

#include "tests/fuzz/fuzz_report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct report *r;
	struct err e = { 0 };
	const enum status st = report_read((const char *)data, size, "file.json", &r, &e);
	MUST((st == ST_OK) == (r != NULL));
	MUST(r || strstr(e.text, "file.json"));
	if (!r)
		return 0;
	MUST(report_check(r, "file.json", &e) == ST_OK || strstr(e.text, "file.json"));
	struct str first = STR_INIT;
	fuzz_report_text(r, &first);
	report_free(r);
	/* what the first reading passed over or set right is gone now */
	MUST(report_read(first.p, first.len, "file.json", &r, &e) == ST_OK);
	fuzz_report_again(r);
	report_free(r);
	str_free(&first);
	return 0;
}

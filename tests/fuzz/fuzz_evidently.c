/* Files of Evidently, JSON and pages: whatever the bytes, there is a report or an error that names the file; a report's parts hang together, and it can be written and read again. */
#include <math.h>
#include <string.h>

#include "core/base/str.h"
#include "core/drift/import_evidently.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_report.h"

static void check_picture(const struct report_picture *p)
{
	MUST(!p->n || (p->ref && p->cur && !p->edges == !!p->labels));
	for (size_t i = 0; i < p->n && p->labels; i++)
		MUST(p->labels[i]);
	for (size_t i = 1; i <= p->n && p->edges; i++)
		MUST(p->edges[i] >= p->edges[i - 1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct report *r;
	struct err e = { 0 };
	const enum status st = import_evidently((const char *)data, size, "file.json", &r, &e);
	MUST((st == ST_OK) == (r != NULL));
	MUST(r || strstr(e.text, "file.json"));
	if (!r)
		return 0;
	MUST(r->n_columns || r->n_findings || r->performance.n_metrics);
	for (size_t i = 0; i < r->n_columns; i++) {
		const struct report_column *c = &r->columns[i];
		MUST(report_column(r, c->name) && c->type && c->status && c->note && (!c->drifted || c->n_tests == 1));
		check_picture(&c->picture);
	}
	MUST(report_check(r, "file.json", &e) == ST_OK || strstr(e.text, "file.json"));
	fuzz_report_again(r);
	report_free(r);
	return 0;
}

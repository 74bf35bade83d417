/* Monitor files: whatever the text, there is a monitor or there are findings, never both; findings are clean lines that name the file; what a monitor says lies within the stated limits. */
#include <math.h>
#include <string.h>

#include "core/base/text.h"
#include "core/drift/monitor_impl.h"
#include "tests/fuzz/fuzz.h"

static void check_secret(const struct monitor_secret *s) { MUST((s->literal != NULL) + (s->env != NULL) + (s->file != NULL) <= 1); }

static void check_tell(const struct monitor_tell *t)
{
	MUST(t->kind && !(t->on & ~(unsigned)TELL_ALL) && t->timeout_ms >= 0 && t->n_argv <= MONITOR_MOST_ARGS && t->n_headers <= MONITOR_MOST_HEADERS);
	check_secret(&t->url);
	check_secret(&t->password);
	for (size_t i = 0; i < t->n_headers; i++) {
		MUST(t->headers[i].name);
		check_secret(&t->headers[i].value);
	}
	for (size_t i = 0; i < t->n_argv; i++)
		MUST(t->argv[i]);
	MUST(!t->n_argv || !t->argv[t->n_argv]);
}

static void check_file(const struct monitor_file *f)
{
	MUST(f->name && *f->name && strlen(f->name) <= MONITOR_NAME_MAX && f->reference && f->source.kind != SOURCE_NONE && f->window.kind != WINDOW_NONE);
	MUST(f->limits.after >= 1 && f->limits.clear >= 1 && f->catch_up >= 1 && f->n_columns <= MONITOR_MOST_COLUMNS && f->n_tell <= MONITOR_MOST_TELL);
	MUST(f->window.kind != WINDOW_TIME || (f->window.every_ms > 0 && f->window.time));
	MUST(f->window.kind != WINDOW_ROWS || (f->window.rows > 0 && f->window.step > 0));
	MUST(!(f->limits.share < 0) && f->limits.share <= 1 && !(f->alpha < 0) && f->alpha <= 1);
	for (size_t i = 0; i < f->n_tell; i++)
		check_tell(&f->tell[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct monitor_file *f;
	struct str findings = STR_INIT;
	struct err e = { 0 };
	const enum status st = monitor_read((const char *)data, size, "m.yaml", &f, &findings, &e);
	MUST((st == ST_OK) == (f != NULL));
	MUST(f ? !findings.len : findings.len && e.text[0]);
	for (const char *p = findings.p; p && *p;) {
		const size_t n = strcspn(p, "\n");
		MUST(p[n] == '\n' && text_is_clean(p, n, 0) && strncmp(p, "m.yaml", 6) == 0);
		p += n + 1;
	}
	if (f)
		check_file(f);
	monitor_file_free(f);
	str_free(&findings);
	return 0;
}

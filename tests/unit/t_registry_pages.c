/* The pages of the Registry view about history and about one version: timeline, audit log, version, comparison, lineage, card. */
#include "tests/unit/registry_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/fs.h"
#include "core/registry/audit.h"
#include "core/registry/card.h"

/* ---- timeline ------------------------------------------------------------------------------------------------- */

static void the_timeline_tells_who_held_it_when(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REQUESTER, 120, 36, true);
	bench_run(r->b, "registry.timeline");
	expect(r->b, "page", "timeline");
	expect(r->b, "timeline-lane", "stage Production");
	expect(r->b, "holds", "v2");
	bench_expect_on_screen(r->b, "Timeline of churn");
	bench_run(r->b, "list.left");
	expect(r->b, "holds", "v2");                          /* its beginning */
	assert_non_null(strstr(bench_model(r->b, "event"), "record"));
	bench_run(r->b, "list.left");
	expect(r->b, "holds", "v1");
	bench_run(r->b, "timeline.at 30d");
	expect(r->b, "holds", "v1");
	expect(r->b, "version", "1");
	bench_run(r->b, "timeline.end");
	expect(r->b, "holds", "v2");
	bench_refused(r->b, "timeline.at someday", "someday");
	bench_refused(r->b, "timeline.zoom-fit", "in sight");
	bench_run(r->b, "timeline.zoom-in");
	bench_run(r->b, "timeline.zoom-out");
	registry_bench_close(r);
}

static void an_event_leads_to_its_record(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REQUESTER, 120, 36, true);
	bench_run(r->b, "registry.timeline");
	bench_run(r->b, "list.left");
	long seq = strtol(bench_model(r->b, "event") + 7, NULL, 10);
	char wanted[64];
	snprintf(wanted, sizeof wanted, "%ld model.promote model:churn/2 registrar", seq);
	bench_run(r->b, "registry.open");
	expect(r->b, "page", "audit");
	expect(r->b, "record", wanted);
	bench_run(r->b, "cancel");
	expect(r->b, "page", "timeline");
	registry_bench_close(r);
}

static void the_timeline_follows_the_model(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REQUESTER, 120, 36, true);
	bench_run(r->b, "registry.timeline");
	bench_run(r->b, "registry.model digits");
	expect(r->b, "page", "timeline");
	expect(r->b, "timeline-lane", "stage None");
	registry_bench_close(r);
}

/* ---- audit ------------------------------------------------------------------------------------------------------ */

static void the_log_is_narrowed_and_verified(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REQUESTER, 120, 36, true);
	bench_run(r->b, "registry.audit");
	assert_non_null(strstr(bench_model(r->b, "proof"), "holds to "));
	bench_expect_on_screen(r->b, "✓ verified to #");
	bench_run(r->b, "audit.filter model:churn actor:registrar action:model.promote");
	assert_non_null(strstr(bench_model(r->b, "records"), "4 of "));
	bench_run(r->b, "audit.clear");
	bench_refused(r->b, "audit.clear", "all records");
	bench_refused(r->b, "audit.filter actor:", "say what");
	bench_run(r->b, "audit.filter nothing says this");
	bench_expect_on_screen(r->b, "No record fits the filter.");
	bench_run(r->b, "cancel");
	expect(r->b, "page", "audit");
	bench_run(r->b, "audit.model");
	expect(r->b, "filter", "model:churn");
	bench_run(r->b, "audit.model");
	expect(r->b, "filter", "");
	registry_bench_close(r);
}

static void a_changed_record_is_named(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REQUESTER, 120, 36, true);
	struct err e;
	struct store *s = store_get(r->b->fx.pool, &e);
	assert_int_equal(store_begin(s, &e), ST_OK);
	assert_int_equal(sqlite3_exec(store_db(s), "DROP TRIGGER audit_no_update; UPDATE audit SET reason = 'nothing happened' WHERE seq = 5", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(store_commit(s, 0, &e), ST_OK);
	store_put(r->b->fx.pool, s);
	bench_run(r->b, "registry.audit");
	assert_non_null(strstr(bench_model(r->b, "proof"), "first bad 5"));
	bench_expect_on_screen(r->b, "first bad record #5");
	registry_bench_close(r);
}

static void an_export_never_writes_over_a_file(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REQUESTER, 120, 36, true);
	struct str text = STR_INIT;
	struct err e;
	char line[160], path[128];
	snprintf(path, sizeof path, "%s/log.jsonl", r->dir);
	snprintf(line, sizeof line, "audit.export %s", path);
	bench_run(r->b, "registry.audit");
	bench_run(r->b, line);
	assert_int_equal(fs_read(path, 1 << 20, &text, &e), ST_OK);
	assert_non_null(strstr(text.p, "\"model.promote\""));
	size_t n = text.len;
	bench_run(r->b, line);
	str_clear(&text);
	assert_int_equal(fs_read(path, 1 << 20, &text, &e), ST_OK);
	assert_int_equal(text.len, n);
	bench_expect_on_screen(r->b, "is there already");
	str_free(&text);
	registry_bench_close(r);
}

/* ---- version, comparison, lineage ----------------------------------------------------------------------------------- */

static void a_version_tells_everything_known_of_it(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REQUESTER, 200, 50, true);
	bench_run(r->b, "registry.version");
	expect(r->b, "about", "v3");
	bench_expect_on_screen(r->b, "gbm-seed7");
	bench_expect_on_screen(r->b, "looked at the curves");
	bench_expect_on_screen(r->b, "seasonal retrain");
	bench_run(r->b, "registry.find team");
	expect(r->b, "found", "owner team risk");
	bench_refused(r->b, "registry.find 'no such words'", "not on this page");
	bench_run(r->b, "list.left");
	expect(r->b, "about", "v2");
	bench_run(r->b, "registry.open");
	expect(r->b, "view", "runs");
	registry_bench_close(r);
}

static void two_versions_stand_side_by_side(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REQUESTER, 120, 36, true);
	bench_run(r->b, "registry.compare");
	expect(r->b, "compare", "v3 against v2");
	bench_run(r->b, "compare.swap");
	expect(r->b, "compare", "v2 against v3");
	bench_run(r->b, "compare.only");
	bench_run(r->b, "registry.compare");
	bench_run(r->b, "registry.mark");
	bench_run(r->b, "list.up");
	bench_run(r->b, "registry.mark");
	bench_run(r->b, "registry.compare");
	expect(r->b, "compare", "v4 against v3");
	bench_run(r->b, "registry.compare 1 2");
	expect(r->b, "compare", "v2 against v1");
	bench_refused(r->b, "registry.compare 1 77", "there is no version 77");
	bench_refused(r->b, "registry.compare x", "a number is expected");
	registry_bench_close(r);
}

static void lineage_leads_to_the_run(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REQUESTER, 80, 24, true);
	bench_run(r->b, "registry.lineage");
	expect(r->b, "node", "version churn v3");
	bench_run(r->b, "registry.find gbm-seed7");
	expect(r->b, "node", "run gbm-seed7");
	bench_run(r->b, "lineage.fold-all");
	bench_run(r->b, "lineage.fold-all");
	bench_run(r->b, "registry.open");
	expect(r->b, "view", "runs");
	registry_bench_close(r);
}

/* ---- card --------------------------------------------------------------------------------------------------------------- */

static void editor(struct registry_bench *r, const char *script)
{
	char path[128];
	struct err e;
	snprintf(path, sizeof path, "%s/an editor", r->dir);
	assert_int_equal(fs_replace(path, script, strlen(script), &e), ST_OK);
	assert_int_equal(chmod(path, 0700), 0);
	char command[160];
	snprintf(command, sizeof command, "'%s' --wait", path);
	setenv("VISUAL", command, 1);
}

static void a_card_is_edited_and_its_revisions_walked(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REQUESTER, 120, 36, true);
	bench_run(r->b, "registry.card");
	expect(r->b, "text", "template, revision 0 of 0");
	bench_refused(r->b, "card.older", "no revision yet");
	editor(r, "#!/bin/sh\n[ \"$1\" = --wait ] && printf '# Churn\\n\\n## Limitations\\n\\nNone **known**.\\n' >\"$2\"\n");
	bench_run(r->b, "card.edit");
	expect(r->b, "text", "own, revision 1 of 1");
	bench_expect_on_screen(r->b, "None known.");
	assert_null(strstr(bench_model(r->b, "missing"), "limitations"));
	editor(r, "#!/bin/sh\nprintf 'more\\n' >>\"$2\"\n");
	bench_run(r->b, "card.edit");
	expect(r->b, "text", "own, revision 2 of 2");
	bench_run(r->b, "card.older");
	expect(r->b, "text", "own, revision 1 of 2");
	bench_refused(r->b, "card.edit", "older revision");
	bench_run(r->b, "card.newer");
	expect(r->b, "text", "own, revision 2 of 2");
	editor(r, "#!/bin/sh\nexit 3\n");
	bench_refused(r->b, "card.edit", "ended with an error");
	setenv("VISUAL", "/nowhere/at/all", 1);
	bench_refused(r->b, "card.edit", "cannot be started");
	setenv("VISUAL", "true", 1);
	bench_run(r->b, "card.edit");
	expect(r->b, "text", "own, revision 2 of 2");
	unsetenv("VISUAL");
	unsetenv("EDITOR");
	bench_refused(r->b, "card.edit", "which editor");
	registry_bench_close(r);
}

/* The card was read, somebody else saves, then ours comes. */
static void a_card_saved_meanwhile_is_not_written_over(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REQUESTER, 120, 36, true);
	struct err e;
	struct actor who;
	bench_run(r->b, "registry.card");
	actor_named(&who, "registrar");
	struct store *s = store_get(r->b->fx.pool, &e);
	assert_int_equal(card_save(s, &who, r->churn, 3, "# Theirs\n", 9, 0, &e), ST_OK);
	store_put(r->b->fx.pool, s);
	setenv("TMPDIR", r->dir, 1);
	editor(r, "#!/bin/sh\nprintf '# Ours\\n' >\"$2\"\n");
	bench_run(r->b, "card.edit");
	bench_expect_on_screen(r->b, "somebody saved this card meanwhile");
	bench_expect_on_screen(r->b, "Theirs");
	expect(r->b, "text", "own, revision 1 of 1");
	unsetenv("VISUAL");
	unsetenv("TMPDIR");
	registry_bench_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_timeline_tells_who_held_it_when), cmocka_unit_test(an_event_leads_to_its_record), cmocka_unit_test(the_timeline_follows_the_model),
		cmocka_unit_test(the_log_is_narrowed_and_verified), cmocka_unit_test(a_changed_record_is_named), cmocka_unit_test(an_export_never_writes_over_a_file),
		cmocka_unit_test(a_version_tells_everything_known_of_it), cmocka_unit_test(two_versions_stand_side_by_side), cmocka_unit_test(lineage_leads_to_the_run),
		cmocka_unit_test(a_card_is_edited_and_its_revisions_walked), cmocka_unit_test(a_card_saved_meanwhile_is_not_written_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

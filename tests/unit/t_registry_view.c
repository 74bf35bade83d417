/* The Registry view, driven through the workbench: the board, the promotion sheet, votes, and what others do meanwhile. */
#include "tests/unit/registry_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fs.h"

#define NOT_TICKED "the checklist of two-approvers"

static void screen(struct registry_bench *r, const char *name)
{
	bench_compare_file(r->b, "registry", name);
}

/* ---- the board ------------------------------------------------------------------------------------------------------- */

static void the_board_shows_where_each_version_stands(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REQUESTER, 120, 36, true);
	expect(r->b, "model", "churn");
	expect(r->b, "board", "None=1 Development=0 Staging=2 Production=1 Archived=1");
	expect(r->b, "card", "v3 Staging gates yyy? for Production request 1 1/2");
	bench_expect_on_screen(r->b, "asked 2h ago · 1 of 2 ✓");
	bench_expect_on_screen(r->b, "▴0.0132");
	bench_expect_on_screen(r->b, "▾0.0180");
	bench_expect_on_screen(r->b, "gates ✗ ✗ ✗ ·  val_auc");
	bench_expect_on_screen(r->b, "@champion");
	screen(r, "120x36");
	registry_bench_close(r);
}

static void the_cursor_walks_over_cards_and_lanes(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REQUESTER, 160, 36, true);
	bench_run(r->b, "list.up");
	expect(r->b, "version", "4");
	bench_run(r->b, "list.right");
	expect(r->b, "version", "2");
	expect(r->b, "lane", "Production");
	bench_run(r->b, "list.right");
	expect(r->b, "version", "1");
	bench_run(r->b, "list.right");
	expect(r->b, "version", "1");
	bench_run(r->b, "list.left");
	bench_run(r->b, "list.left");
	expect(r->b, "version", "4");                        /* a lane keeps its row */
	bench_run(r->b, "list.left");
	expect(r->b, "version", "5");
	bench_run(r->b, "list.left");
	expect(r->b, "focus", "models");
	bench_run(r->b, "list.down");
	expect(r->b, "model", "digits");
	expect(r->b, "board", "None=1 Development=0 Staging=0 Production=0 Archived=0");
	bench_run(r->b, "registry.open");
	expect(r->b, "focus", "board");
	bench_run(r->b, "registry.model churn");
	expect(r->b, "version", "3");
	bench_refused(r->b, "registry.model nobody", "no model \"nobody\"");
	registry_bench_close(r);
}

static void lanes_by_alias(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REGISTRAR, 120, 36, true);
	bench_run(r->b, "registry.by-alias");
	expect(r->b, "lanes", "alias");
	assert_non_null(strstr(bench_model(r->b, "board"), "champion=1"));
	bench_run(r->b, "list.left");
	expect(r->b, "version", "2");
	bench_run(r->b, "registry.alias aaa");               /* the same version in two lanes: the cursor stays in its own */
	expect(r->b, "lane", "champion");
	bench_run(r->b, "registry.by-alias");
	expect(r->b, "lanes", "stage");
	registry_bench_close(r);
}

static void below_the_board_stands_what_the_card_needs(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REQUESTER, 120, 36, true);
	bench_expect_on_screen(r->b, "v3 Staging → Production    v2 Production → Archived");
	bench_expect_on_screen(r->b, "✗ not yet: " NOT_TICKED);
	bench_run(r->b, "list.up");
	bench_expect_on_screen(r->b, "churn v4 · Staging → Production");
	bench_run(r->b, "list.right");
	bench_expect_on_screen(r->b, "in Production for 2w");
	registry_bench_close(r);
}

static void fill_many(struct fixture *f)
{
	struct err e = { 0 };
	assert_int_equal(store_exec(f->s, "INSERT INTO model(id, source_id, namespace, name, created_ms, updated_ms, description, is_prompt, deleted)"
		" VALUES(900, 1, 'default', 'many', 0, 0, '', 0, 0);"
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)"
		"INSERT INTO model_version(model_id, version, created_ms, updated_ms, description, user, stage, source, run_uuid, status, deleted)"
		" SELECT 900, i, i * 1000, i * 1000, '', '', 'None', '/nowhere', '', 'READY', 0 FROM n", &e), ST_OK);
}

static void a_long_lane_is_read_as_the_cursor_comes_near_its_end(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REQUESTER, 120, 36, true);
	bench_change(r->b, fill_many);
	registry_bench_told(r);
	bench_run(r->b, "registry.model many");
	expect(r->b, "board", "None=300 Development=0 Staging=0 Production=0 Archived=0");
	expect(r->b, "version", "300");
	bench_expect_on_screen(r->b, " more");
	for (int i = 0; i < 4; i++)
		bench_run(r->b, "list.bottom");
	expect(r->b, "version", "1");
	bench_expect_on_screen(r->b, " above");
	bench_run(r->b, "list.top");
	expect(r->b, "version", "300");
	registry_bench_close(r);
}

/* ---- the sheet ---------------------------------------------------------------------------------------------------------- */

static void the_sheet_names_every_rule_that_holds_it_back(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REQUESTER, 80, 24, true);
	screen(r, "80x24");
	bench_run(r->b, "registry.promote");
	expect(r->b, "page", "sheet");
	expect(r->b, "move", "v3 Staging to Production");
	expect(r->b, "allowed", "no");
	expect(r->b, "approvals", "1 of 2");
	expect(r->b, "checklist", "y n");
	assert_non_null(strstr(bench_model(r->b, "why not"), NOT_TICKED));
	screen(r, "sheet-80x24");
	bench_run(r->b, "list.down");
	bench_run(r->b, "registry.tick");
	expect(r->b, "checklist", "y y");
	assert_non_null(strstr(bench_model(r->b, "why not"), "two-approvers"));
	bench_refused(r->b, "registry.open", "two-approvers");
	bench_run(r->b, "cancel");
	expect(r->b, "page", "board");
	bench_run(r->b, "list.up");
	bench_run(r->b, "registry.promote");
	bench_expect_on_screen(r->b, "✗ val_auc");
	assert_non_null(strstr(bench_model(r->b, "why not"), "val_auc"));
	registry_bench_close(r);
}

static void commands_say_why_not(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REQUESTER, 120, 36, true);
	bench_refused(r->b, "registry.reason why", "no promotion sheet is open");
	bench_refused(r->b, "registry.promote Nowhere", "there is no lane \"Nowhere\"");
	bench_refused(r->b, "registry.promote staging", "v3 is in Staging already");
	bench_run(r->b, "list.right");
	bench_refused(r->b, "registry.promote", "v2 is in Production already");
	bench_refused(r->b, "registry.approve", "there is no open request here");
	bench_run(r->b, "list.right");
	bench_refused(r->b, "registry.promote", "there is no lane beyond Archived");
	registry_bench_close(r);
}

static void a_move_without_rules_needs_a_reason_and_is_made(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REGISTRAR, 120, 36, true);
	bench_run(r->b, "registry.model digits");
	bench_run(r->b, "registry.promote");
	expect(r->b, "move", "v1 None to Development");
	expect(r->b, "why not", "a reason is required for every move");
	bench_run(r->b, "registry.open");
	expect(r->b, "layer", "prompt");
	bench_keys(r->b, "t r y Enter");
	expect(r->b, "reason", "try");
	expect(r->b, "allowed", "yes");
	bench_run(r->b, "registry.open");
	expect(r->b, "page", "board");
	expect(r->b, "lane", "Development");
	expect(r->b, "version", "1");
	bench_expect_on_screen(r->b, "digits v1 is in Development");
	registry_bench_close(r);
}

static void what_was_written_on_one_sheet_is_not_on_another(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REGISTRAR, 120, 36, true);
	bench_run(r->b, "registry.model digits");
	bench_run(r->b, "registry.promote Staging");
	bench_run(r->b, "registry.reason 'for digits'");
	bench_run(r->b, "registry.model churn");             /* the same number, the same lane, another model */
	expect(r->b, "page", "board");
	bench_run(r->b, "list.right");
	bench_run(r->b, "list.right");
	expect(r->b, "version", "1");
	bench_run(r->b, "registry.promote Staging");
	expect(r->b, "move", "v1 Archived to Staging");
	expect(r->b, "reason", "");
	registry_bench_close(r);
}

static void a_move_that_replaces_asks_once_more(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REGISTRAR, 120, 36, true);
	registry_bench_vote(r, SECOND, r->request, true);
	registry_bench_told(r);
	bench_run(r->b, "registry.promote");
	bench_run(r->b, "list.down");
	bench_run(r->b, "registry.tick");
	bench_run(r->b, "registry.reason 'seasonal retrain'");
	expect(r->b, "allowed", "yes");
	bench_run(r->b, "registry.open");
	expect(r->b, "layer", "confirm");
	bench_expect_on_screen(r->b, "Move churn v3 from Staging to Production?");
	bench_keys(r->b, "Enter");                           /* the default is no */
	expect(r->b, "layer", "none");
	expect(r->b, "page", "sheet");
	bench_run(r->b, "registry.open");
	bench_keys(r->b, "y");
	expect(r->b, "page", "board");
	expect(r->b, "lane", "Production");
	expect(r->b, "version", "3");
	expect(r->b, "board", "None=1 Development=0 Staging=1 Production=1 Archived=2");
	bench_expect_on_screen(r->b, "@champion");
	registry_bench_close(r);
}

static void rollback_puts_back_what_was_there(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REGISTRAR, 120, 36, true);
	bench_run(r->b, "registry.rollback Production 'v2 is slow'");
	expect(r->b, "layer", "confirm");
	bench_keys(r->b, "y");
	expect(r->b, "version", "1");
	expect(r->b, "lane", "Production");
	bench_refused(r->b, "registry.rollback Nowhere x", "there is no lane \"Nowhere\"");
	registry_bench_close(r);
}

/* ---- others meanwhile ------------------------------------------------------------------------------------------------------ */

static void a_conflict_reads_the_sheet_anew_and_says_so(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REGISTRAR, 120, 36, true);
	bench_run(r->b, "registry.model digits");
	bench_run(r->b, "registry.model churn");
	bench_run(r->b, "registry.promote Development");
	bench_run(r->b, "registry.reason back");
	registry_bench_promote(r, REGISTRAR, 5, "Development");
	bench_run(r->b, "registry.open");                    /* the view has not heard of it yet */
	expect(r->b, "page", "sheet");
	assert_non_null(strstr(bench_model(r->b, "said"), "changed since"));
	assert_non_null(strstr(bench_model(r->b, "said"), "registrar"));
	bench_run(r->b, "registry.open");
	expect(r->b, "page", "board");
	expect(r->b, "lane", "Development");
	registry_bench_close(r);
}

static void a_change_that_the_view_hears_of_is_said_on_the_sheet(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REGISTRAR, 120, 36, true);
	bench_run(r->b, "registry.promote");
	registry_bench_promote(r, REGISTRAR, 5, "Development");
	registry_bench_told(r);
	assert_non_null(strstr(bench_model(r->b, "said"), "churn changed since: model.promote of model:churn/5 by registrar"));
	registry_bench_close(r);
}

static void a_version_deleted_under_its_sheet_closes_it(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REGISTRAR, 120, 36, true);
	bench_run(r->b, "list.up");
	expect(r->b, "version", "4");
	bench_run(r->b, "registry.promote");
	registry_bench_delete(r, REGISTRAR, 4);
	registry_bench_told(r);
	expect(r->b, "page", "board");
	bench_expect_on_screen(r->b, "its sheet is closed");
	expect(r->b, "board", "None=1 Development=0 Staging=1 Production=1 Archived=1");
	registry_bench_close(r);
}

/* ---- requests and votes ------------------------------------------------------------------------------------------------------- */

static void a_request_is_made_from_the_sheet(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REQUESTER, 120, 36, true);
	bench_run(r->b, "list.up");
	bench_run(r->b, "registry.promote");
	bench_run(r->b, "registry.request 'for the new season'");
	assert_non_null(strstr(bench_model(r->b, "approvals"), "0 of 2"));
	bench_expect_on_screen(r->b, "by requester (request 2");
	bench_run(r->b, "registry.comment 'please look'");
	bench_expect_on_screen(r->b, "please look");
	bench_run(r->b, "registry.withdraw 'not now'");
	bench_refused(r->b, "registry.withdraw again", "there is no open request here");
	registry_bench_close(r);
}

static void a_card_is_shown_with_the_move_that_was_asked_for(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REQUESTER, 120, 36, true);
	bench_run(r->b, "list.left");
	expect(r->b, "version", "5");
	bench_expect_on_screen(r->b, "churn v5 · None → Development");
	bench_run(r->b, "registry.promote Staging");
	bench_run(r->b, "registry.request 'skip a lane'");
	bench_run(r->b, "cancel");
	bench_expect_on_screen(r->b, "churn v5 · None → Staging");
	bench_run(r->b, "registry.promote");
	expect(r->b, "move", "v5 None to Staging");
	registry_bench_close(r);
}

static void the_list_of_requests_opens_their_sheets(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(FIRST, 120, 36, true);
	bench_run(r->b, "registry.model digits");
	bench_run(r->b, "registry.requests");
	expect(r->b, "requests", "1");
	expect(r->b, "request", "1 churn v3 open 1 votes");
	screen(r, "requests-120x36");
	bench_run(r->b, "registry.open");
	expect(r->b, "model", "churn");
	expect(r->b, "move", "v3 Staging to Production");
	bench_run(r->b, "cancel");
	expect(r->b, "page", "board");
	expect(r->b, "version", "3");
	registry_bench_close(r);
}

static void without_a_key_nobody_votes(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(SECOND, 120, 36, true);
	bench_run(r->b, "registry.approve fine");
	bench_expect_on_screen(r->b, "mlyard key init");
	expect(r->b, "layer", "none");
	registry_bench_close(r);
}

static void nobody_signs_what_he_cannot_see(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(SECOND, 80, 24, true);
	registry_bench_key(r, SECOND, NULL);
	bench_run(r->b, "registry.approve");
	expect(r->b, "page", "sheet");
	expect(r->b, "layer", "prompt");
	bench_expect_on_screen(r->b, "promote churn v3");
	bench_keys(r->b, "Enter");
	expect(r->b, "approvals", "2 of 2");
	registry_bench_close(r);
}

static void a_key_file_needs_no_passphrase(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(SECOND, 120, 36, true);
	registry_bench_key(r, SECOND, NULL);
	bench_run(r->b, "registry.approve fine");
	expect(r->b, "layer", "none");
	assert_non_null(strstr(bench_model(r->b, "card"), "request 1 2/2"));
	registry_bench_close(r);
}

static void a_passphrase_is_masked_and_signs(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(SECOND, 120, 36, true);
	registry_bench_key(r, SECOND, "correct horse");
	bench_run(r->b, "registry.approve");
	bench_keys(r->b, "Enter");                           /* no comment */
	expect(r->b, "layer", "prompt");
	bench_keys(r->b, "w r o n g x Backspace");
	bench_expect_on_screen(r->b, "passphrase of your key: •••••");
	bench_expect_gone(r->b, "wrong");
	bench_keys(r->b, "C-u");
	bench_expect_gone(r->b, "•");
	bench_keys(r->b, "Esc");
	bench_expect_on_screen(r->b, "nothing was signed");
	bench_run(r->b, "registry.approve fine");
	bench_keys(r->b, "w r o n g Enter");
	expect(r->b, "layer", "none");
	assert_non_null(strstr(bench_model(r->b, "card"), "request 1 1/2"));
	bench_run(r->b, "registry.approve fine");
	bench_keys(r->b, "c o r r e c t Space h o r s e Enter");
	assert_non_null(strstr(bench_model(r->b, "card"), "request 1 2/2"));
	registry_bench_close(r);
}

static void the_requester_cannot_approve(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REQUESTER, 120, 36, true);
	registry_bench_key(r, REQUESTER, NULL);
	bench_run(r->b, "registry.approve mine");
	assert_non_null(strstr(bench_model(r->b, "card"), "request 1 1/2"));
	registry_bench_close(r);
}

/* ---- the rest -------------------------------------------------------------------------------------------------------------------- */

static void aliases_tags_and_words(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REGISTRAR, 120, 36, true);
	bench_run(r->b, "registry.alias challenger");
	assert_non_null(strstr(bench_model(r->b, "card"), "aliases challenger"));
	bench_run(r->b, "registry.alias");
	bench_keys(r->b, "c h a l l e n g e r Space n o n e Enter");
	assert_null(strstr(bench_model(r->b, "card"), "aliases"));
	bench_run(r->b, "registry.tag tier gold");
	bench_run(r->b, "registry.tag tier");
	bench_run(r->b, "registry.describe 'the seasonal one'");
	bench_run(r->b, "list.right");
	bench_run(r->b, "list.left");
	bench_run(r->b, "registry.delete");
	expect(r->b, "layer", "confirm");
	bench_keys(r->b, "n");
	expect(r->b, "board", "None=1 Development=0 Staging=2 Production=1 Archived=1");
	bench_run(r->b, "registry.delete 'trained on the wrong year'");
	bench_keys(r->b, "y");
	expect(r->b, "board", "None=1 Development=0 Staging=1 Production=1 Archived=1");
	registry_bench_close(r);
}

static void a_viewer_is_told_his_role(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(READER, 120, 36, true);
	bench_run(r->b, "registry.tag tier gold");
	bench_expect_on_screen(r->b, "viewer");
	registry_bench_close(r);
}

static void the_run_is_a_key_away(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REQUESTER, 120, 36, true);
	bench_run(r->b, "registry.run");
	expect(r->b, "view", "runs");
	expect(r->b, "run", "gbm-seed7");
	bench_run(r->b, "runs.goto mlp-1");
	expect(r->b, "experiment", "digits-mlp");
	expect(r->b, "run", "mlp-1");
	registry_bench_close(r);
}

static void large_and_ascii(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REQUESTER, 200, 50, true);
	screen(r, "200x50");
	registry_bench_close(r);
	r = registry_bench_open(REQUESTER, 120, 36, false);
	bench_run(r->b, "registry.promote");
	screen(r, "ascii");
	registry_bench_close(r);
}

static void small_screens_open_a_drawer(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REQUESTER, 80, 24, true);
	bench_expect_gone(r->b, "Models");
	bench_run(r->b, "pane.toggle models");
	expect(r->b, "drawer", "models");
	bench_run(r->b, "list.down");
	expect(r->b, "model", "digits");
	bench_run(r->b, "registry.open");
	expect(r->b, "drawer", "none");
	registry_bench_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_board_shows_where_each_version_stands), cmocka_unit_test(the_cursor_walks_over_cards_and_lanes), cmocka_unit_test(lanes_by_alias),
		cmocka_unit_test(below_the_board_stands_what_the_card_needs), cmocka_unit_test(a_long_lane_is_read_as_the_cursor_comes_near_its_end),
		cmocka_unit_test(the_sheet_names_every_rule_that_holds_it_back),
		cmocka_unit_test(commands_say_why_not), cmocka_unit_test(what_was_written_on_one_sheet_is_not_on_another),
		cmocka_unit_test(a_move_without_rules_needs_a_reason_and_is_made),
		cmocka_unit_test(a_move_that_replaces_asks_once_more), cmocka_unit_test(rollback_puts_back_what_was_there),
		cmocka_unit_test(a_conflict_reads_the_sheet_anew_and_says_so), cmocka_unit_test(a_change_that_the_view_hears_of_is_said_on_the_sheet),
		cmocka_unit_test(a_version_deleted_under_its_sheet_closes_it), cmocka_unit_test(a_request_is_made_from_the_sheet),
		cmocka_unit_test(a_card_is_shown_with_the_move_that_was_asked_for),
		cmocka_unit_test(the_list_of_requests_opens_their_sheets), cmocka_unit_test(without_a_key_nobody_votes), cmocka_unit_test(a_key_file_needs_no_passphrase),
		cmocka_unit_test(a_passphrase_is_masked_and_signs), cmocka_unit_test(nobody_signs_what_he_cannot_see), cmocka_unit_test(the_requester_cannot_approve), cmocka_unit_test(aliases_tags_and_words),
		cmocka_unit_test(a_viewer_is_told_his_role), cmocka_unit_test(the_run_is_a_key_away), cmocka_unit_test(large_and_ascii),
		cmocka_unit_test(small_screens_open_a_drawer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

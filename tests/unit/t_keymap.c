#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "core/base/fs.h"
#include "tui/event.h"
#include "tui/keymap.h"

static struct keymap *parse(const char *text, const char *want_problems)
{
	struct keymap *k = keymap_new();
	struct str problems = STR_INIT;
	keymap_parse(k, "f", text, strlen(text), &problems);
	assert_string_equal(problems.p, want_problems);
	str_free(&problems);
	return k;
}

/* Looks up a sequence written like "g g" and gives the command, "..." for a prefix, "" for nothing. */
static const char *press(const struct keymap *k, const char *inner, const char *outer, const char *keys)
{
	uint32_t seq[8];
	int n = 0;
	for (const char *p = keys; *p;) {
		size_t len = strcspn(p, " ");
		assert_true(key_parse(p, len, &seq[n++]));
		p += len + (p[len] == ' ');
	}
	const char *contexts[] = { inner, outer, NULL }, *command = "";
	enum keymap_hit hit = keymap_lookup(k, contexts, seq, n, &command);
	return hit == KEYMAP_FOUND ? command : hit == KEYMAP_PREFIX ? "..." : "";
}

static void lines_give_bindings_with_notes(void **state)
{
	(void)state;
	struct keymap *k = parse("# comment\n\nglobal q quit\nglobal\t<g g>   list.top  # to the first row\nruns # runs.grid\nruns < runs.column-left\n"
		"runs / runs.filter 'a # b' # note\nglobal <C-x C-c> quit\nruns - runs.sort name:desc\n", "");
	assert_int_equal(keymap_count(k), 7);
	assert_string_equal(keymap_at(k, 1)->command, "list.top");
	assert_string_equal(keymap_at(k, 1)->note, "to the first row");
	assert_int_equal(keymap_at(k, 1)->n_keys, 2);
	assert_string_equal(keymap_at(k, 2)->command, "runs.grid");
	assert_string_equal(keymap_at(k, 2)->note, "");
	assert_string_equal(keymap_at(k, 2)->where, "f");
	assert_int_equal(keymap_at(k, 2)->line, 5);
	assert_string_equal(keymap_at(k, 4)->command, "runs.filter 'a # b'");
	assert_string_equal(press(k, "runs", "global", "<"), "runs.column-left");
	assert_string_equal(press(k, "runs", "global", "-"), "runs.sort name:desc");
	assert_string_equal(press(k, "runs", "global", "C-x"), "...");
	assert_string_equal(press(k, "runs", "global", "C-x C-c"), "quit");
	assert_string_equal(press(k, "runs", "global", "C-x C-x"), "");
	keymap_free(k);
}

static void inner_contexts_win(void **state)
{
	(void)state;
	struct keymap *k = parse("global <g g> list.top\nglobal l list.right\nruns.chart l chart.right\nruns.chart g chart.grid\nruns <l l> runs.x\n", "");
	assert_string_equal(press(k, "runs.chart", "global", "l"), "chart.right");
	assert_string_equal(press(k, "runs.chart", "global", "g"), "chart.grid");
	assert_string_equal(press(k, "runs.detail", "global", "g"), "...");
	assert_string_equal(press(k, "runs.detail", "global", "l"), "list.right");
	assert_string_equal(press(k, "runs", "global", "l"), "...");
	assert_string_equal(press(k, "prompt", "menu", "l"), "");
	keymap_free(k);
}

static void later_lines_win_and_say_so_within_a_file(void **state)
{
	(void)state;
	struct keymap *k = parse("global x quit\nglobal x help\nglobal <g g> list.top\nglobal g help\n",
		"f:2:7: the same keys as line 1 (quit) in context global; this line wins\n"
		"f:4:7: begins with the same keys as line 3 (list.top) in context global; this line wins\n");
	assert_int_equal(keymap_count(k), 2);
	assert_string_equal(press(k, "global", "global", "x"), "help");
	struct str problems = STR_INIT;
	const char user[] = "global x none\nglobal g none\nglobal h none\nglobal <g g> list.top\n";
	keymap_parse(k, "user", user, strlen(user), &problems);
	assert_string_equal(problems.p, "");
	assert_string_equal(press(k, "global", "global", "x"), "");
	assert_string_equal(press(k, "global", "global", "g"), "...");
	str_free(&problems);
	keymap_free(k);
}

static void problems_name_line_and_column(void **state)
{
	(void)state;
	struct keymap *k = parse("global\nglobal nosuch quit\nglobal <g g\nglobal q\nGlobal q quit\nglobal <a b c d e> quit\nglobal C-a list.top\n"
		"global <C-x C-s> quit\nglobal C-z quit\nglobal C-z suspend\nglobal q Quit!\ninclude nosuch\ninclude\nglobal <> quit\n",
		"f:1:7: keys are missing: context keys command\n"
		"f:2:8: unknown key 'nosuch'; keys are like a ? Space Enter F5 PgDn C-x M-x S-Up\n"
		"f:3:8: a sequence is closed with '>': <g g>\n"
		"f:4:9: the command is missing\n"
		"f:5:1: 'Global' is no context; a line is: context keys command\n"
		"f:6:17: more than 4 keys in a sequence\n"
		"f:7:7: C-a stays free: it is screen's prefix\n"
		"f:8:7: C-s stays free: it is flow control\n"
		"f:9:7: C-z stays free: it is suspend\n"
		"f:11:10: 'Quit!' is no command\n"
		"f:12:9: no built-in keymap 'nosuch'\n"
		"f:13:8: include needs the name of a built-in keymap\n"
		"f:14:11: unknown key 'quit'; keys are like a ? Space Enter F5 PgDn C-x M-x S-Up\n");
	assert_int_equal(keymap_count(k), 1);
	keymap_free(k);
}

static void fewest_keys_for_a_command(void **state)
{
	(void)state;
	struct keymap *k = parse("global <g g> list.top\nglobal Home list.top\nglobal x quit\nruns x runs.hide\nglobal <Z Z> quit\nruns f runs.filter a\n", "");
	const char *runs[] = { "runs", "global", NULL }, *global[] = { "global", NULL };
	struct str buf = STR_INIT;
	assert_string_equal(keymap_key_for(k, runs, "list.top", &buf), "Home");     /* fewer keys, though more letters */
	assert_string_equal(keymap_key_for(k, global, "quit", &buf), "x");
	assert_string_equal(keymap_key_for(k, runs, "quit", &buf), "Z Z");
	assert_string_equal(keymap_key_for(k, runs, "runs.filter b", &buf), "f");
	assert_string_equal(keymap_key_for(k, global, "runs.filter a", &buf), "");
	assert_string_equal(keymap_key_for(k, runs, "nothing", &buf), "");
	str_free(&buf);
	keymap_free(k);
}

static const char *const commands[] = {
	"quit", "help", "palette", "tab", "tab.next", "tab.prev", "redraw", "suspend", "pane.next", "pane.prev", "pane.zoom", "pane.grow", "pane.shrink",
	"pane.toggle", "theme.next", "glyphs.next", "split", "split.focus", "notices", "message.history", "cancel", "accept", "complete",
	"list.down", "list.up", "list.page-down", "list.page-up", "list.half-down", "list.half-up", "list.top", "list.bottom", "list.left", "list.right",
	"runs.open", "runs.mark", "runs.mark-range", "runs.mark-invert", "runs.mark-clear", "runs.filter", "runs.filter-clear", "runs.sort-column",
	"runs.sort", "runs.columns", "runs.column-left", "runs.column-right", "runs.column-wider", "runs.column-narrower", "runs.column-pin",
	"runs.column-hide", "runs.tree", "runs.fold", "runs.fold-all", "runs.deleted", "runs.copy", "runs.copy-row", "runs.chart", "runs.detail",
	"runs.refresh", "runs.next-match", "runs.prev-match",
	"chart.left", "chart.right", "chart.page-left", "chart.page-right", "chart.zoom-in", "chart.zoom-out", "chart.zoom-fit", "chart.pan-left",
	"chart.pan-right", "chart.log-y", "chart.log-x", "chart.axis", "chart.smooth-more", "chart.smooth-less", "chart.metric-next", "chart.metric-prev",
	"chart.grid", "chart.start", "chart.end", "detail.next-section", "detail.open", "detail.find", "tasks.cancel",
	"input.left", "input.right", "input.home", "input.end", "input.word-left", "input.word-right", "input.backspace", "input.delete", "input.kill-word",
	"input.kill-line", "input.kill-all", "input.yank", "input.prev", "input.next", "menu.accept", "menu.toggle", "text.find", "text.next", "text.prev", "text.wrap",
	"log.find", "log.next", "log.prev", "log.wrap",
	"registry.open", "registry.promote", "registry.promote-to", "registry.back", "registry.rollback", "registry.request", "registry.approve",
	"registry.reject", "registry.withdraw", "registry.comment", "registry.requests", "registry.run", "registry.by-alias", "registry.alias",
	"registry.tag", "registry.describe", "registry.digest", "registry.delete", "registry.timeline", "registry.audit", "registry.refresh",
	"registry.tick", "registry.reason", "timeline.back", "timeline.on", "timeline.start", "timeline.end", "timeline.zoom-in", "timeline.zoom-out",
	"timeline.zoom-fit", "timeline.at", "audit.filter", "audit.clear", "audit.model", "audit.verify", "audit.proof", "audit.export",
	"registry.version", "registry.compare", "registry.mark", "registry.lineage", "registry.find", "registry.find-next", "registry.find-prev",
	"compare.only", "compare.swap", "lineage.fold", "lineage.fold-all",
	"registry.card", "card.edit", "card.older", "card.newer",
	"report.tab", "report.tab-prev", "report.histogram", "report.beside", "report.ecdf", "report.qq", "report.quantiles", "report.sort", "report.only", "report.export",
	"runs.drift", "registry.drift", "drift.open", "drift.filter", "drift.filter-clear", "drift.alerts", "drift.reports", "drift.refresh",
	"drift.ack", "drift.silence", "drift.unsilence", "drift.baseline", "drift.run", "drift.add", "drift.remove", "drift.mark", "drift.compare", "drift.delete",
	"drift.pulse", "drift.sort", "drift.only", "drift.next-red", "drift.prev-red", "drift.older", "drift.newer", "drift.oldest", "drift.newest", "drift.zoom-in",
	"drift.zoom-out", "drift.zoom-fit", "drift.board",
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static struct keymap *load(const char *name)
{
	struct keymap *k = keymap_new();
	struct str problems = STR_INIT;
	struct err e;
	assert_int_equal(keymap_load(k, name, NULL, &problems, &e), ST_OK);
	assert_string_equal(problems.p, "");
	str_free(&problems);
	return k;
}

static bool is_known(const char *command)
{
	for (int i = 0; i < COMMANDS; i++)
		if (strlen(commands[i]) == strcspn(command, " ") && strncmp(commands[i], command, strlen(commands[i])) == 0)
			return true;
	return false;
}

static bool is_bound(const struct keymap *k, const char *command)
{
	for (size_t i = 0; i < keymap_count(k); i++)
		if (strncmp(keymap_at(k, i)->command, command, strlen(command)) == 0)
			return true;
	return false;
}

static void built_in_keymaps_reach_every_command_and_no_other(void **state)
{
	(void)state;
	assert_int_equal(keymap_builtin_count(), 3);
	for (size_t i = 0; i < keymap_builtin_count(); i++) {
		struct keymap *k = load(keymap_builtin_name(i));
		for (size_t b = 0; b < keymap_count(k); b++)
			if (!is_known(keymap_at(k, b)->command))
				fail_msg("%s binds the unknown command %s", keymap_builtin_name(i), keymap_at(k, b)->command);
		for (int c = 0; c < COMMANDS; c++)
			if (!is_bound(k, commands[c]))
				fail_msg("%s does not bind %s", keymap_builtin_name(i), commands[c]);
		keymap_free(k);
	}
}

static void every_layer_can_be_left(void **state)
{
	(void)state;
	static const char *const layers[] = { "prompt", "menu", "confirm", "text" };
	for (size_t i = 0; i < keymap_builtin_count(); i++) {
		struct keymap *k = load(keymap_builtin_name(i));
		for (size_t n = 0; n < sizeof layers / sizeof *layers; n++) {
			assert_string_equal(press(k, layers[n], layers[n], "Esc"), "cancel");
			assert_string_equal(press(k, layers[n], layers[n], "C-c"), "cancel");
		}
		assert_string_equal(press(k, "runs", "global", "Tab"), "pane.next");
		assert_string_equal(press(k, "runs", "global", "?"), "help");
		assert_string_equal(press(k, "runs", "global", "C-z"), "suspend");
		keymap_free(k);
	}
}

static void a_users_file_comes_on_top(void **state)
{
	(void)state;
	char dir[] = "/tmp/t_keymapXXXXXX";
	assert_non_null(mkdtemp(dir));
	char *path = fs_join(dir, "my.keys");
	const char text[] = "include vim\nglobal Q quit\nglobal q none\n";
	struct err e;
	assert_int_equal(fs_replace(path, text, sizeof text - 1, &e), ST_OK);
	struct keymap *k = keymap_new();
	assert_int_equal(keymap_load(k, "default", path, NULL, &e), ST_OK);
	assert_string_equal(press(k, "runs", "global", "q"), "");
	assert_string_equal(press(k, "runs", "global", "Q"), "quit");
	assert_string_equal(press(k, "runs", "global", "y y"), "runs.copy-row");
	keymap_free(k);
	k = keymap_new();
	assert_int_equal(keymap_load(k, path, "/nonexistent/none.keys", NULL, &e), ST_OK);
	assert_int_equal(keymap_load(k, "nosuch", NULL, NULL, &e), ST_NOT_FOUND);
	assert_non_null(strstr(e.text, "default, vim, emacs"));
	keymap_free(k);
	unlink(path);
	rmdir(dir);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_give_bindings_with_notes), cmocka_unit_test(inner_contexts_win), cmocka_unit_test(later_lines_win_and_say_so_within_a_file),
		cmocka_unit_test(problems_name_line_and_column), cmocka_unit_test(fewest_keys_for_a_command),
		cmocka_unit_test(built_in_keymaps_reach_every_command_and_no_other), cmocka_unit_test(every_layer_can_be_left),
		cmocka_unit_test(a_users_file_comes_on_top),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What can be proved about commands and keys without a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/cmd.h"
#include "tui/keymap.h"
#include "views/ui_internal.h"
#include "views/view.h"

static struct cmd_reg *all_rows(void)
{
	struct cmd_reg *r = cmd_reg_new();
	cmd_reg_add(r, ui_cmds, ui_cmds_count);
	cmd_reg_add(r, ui_layer_cmds, ui_layer_cmds_count);
	cmd_reg_add(r, ui_picker_cmds, ui_picker_cmds_count);
	for (size_t i = 0; i < view_count(); i++)
		cmd_reg_add(r, view_at(i)->cmds, view_at(i)->n_cmds);
	return r;
}

static void every_row_is_complete(void **state)
{
	(void)state;
	struct cmd_reg *r = all_rows();
	for (size_t i = 0; i < cmd_count(r); i++) {
		const struct cmd *c = cmd_at(r, i);
		if (!c->name || !c->help || !c->run || strlen(c->help) < 4 || c->help[strlen(c->help) - 1] == '.')
			fail_msg("%s: a row needs a name, a help line without a full stop, and a function", c->name ? c->name : "(no name)");
		if (c->max_args >= 0 && c->min_args > c->max_args)
			fail_msg("%s: at least %d and at most %d arguments", c->name, c->min_args, c->max_args);
		if ((c->max_args != 0) != (c->args != NULL))
			fail_msg("%s: takes arguments, or has them described, but not both", c->name);
	}
	cmd_reg_free(r);
}

static void no_name_stands_twice_in_one_place(void **state)
{
	(void)state;
	struct cmd_reg *r = all_rows();
	for (size_t i = 0; i < cmd_count(r); i++)
		for (size_t k = i + 1; k < cmd_count(r); k++) {
			const struct cmd *a = cmd_at(r, i), *b = cmd_at(r, k);
			bool same_place = a->where && b->where ? !strcmp(a->where, b->where) : a->where == b->where;
			if (same_place && !strcmp(a->name, b->name))
				fail_msg("%s stands twice in %s", a->name, a->where ? a->where : "everywhere");
		}
	cmd_reg_free(r);
}

/* "runs.chart" is a pane of the view "runs": its commands are that view's. */
static const char *owner_of(const char *context)
{
	for (size_t i = 0; i < view_count(); i++) {
		size_t n = strlen(view_at(i)->id);
		if (!strncmp(context, view_at(i)->id, n) && (!context[n] || context[n] == '.'))
			return view_at(i)->id;
	}
	static const char *const layers[] = { "prompt", "menu", "text", "confirm", "layer" };
	for (size_t i = 0; i < sizeof layers / sizeof layers[0]; i++)
		if (!strcmp(context, layers[i]))
			return layers[i];
	return NULL;
}

static bool somewhere(const struct cmd_reg *r, const char *name, int argc)
{
	for (size_t i = 0; i < cmd_count(r); i++)
		if (!strcmp(cmd_at(r, i)->name, name) && cmd_check(cmd_at(r, i), argc, NULL) == ST_OK)
			return true;
	return false;
}

static void check_binding(const struct cmd_reg *r, const char *map, const struct binding *b)
{
	char *buf, *argv[CMD_MAX_ARGS + 1];
	int argc;
	struct err e = { 0 };
	if (cmd_split(b->command, &buf, &argc, argv, &e) != ST_OK || !argc)
		fail_msg("%s: %s: %s", map, b->command, e.text);
	bool global = !strcmp(b->context, "global");
	const char *owner = owner_of(b->context);
	if (!global && !owner)
		fail_msg("%s: there is no context \"%s\"", map, b->context);
	const struct cmd *c = global ? NULL : cmd_find(r, argv[0], owner);
	if (global ? !somewhere(r, argv[0], argc) : !c)
		fail_msg("%s: %s in %s is no command there", map, b->command, b->context);
	if (c && cmd_check(c, argc, &e) != ST_OK)
		fail_msg("%s: %s: %s", map, b->command, e.text);
	free(buf);
}

static void every_key_runs_a_command_that_exists(void **state)
{
	(void)state;
	struct cmd_reg *r = all_rows();
	assert_true(keymap_builtin_count() >= 3);
	for (size_t m = 0; m < keymap_builtin_count(); m++) {
		struct keymap *k = keymap_new();
		struct str problems = STR_INIT;
		struct err e = { 0 };
		assert_int_equal(keymap_load(k, keymap_builtin_name(m), NULL, &problems, &e), ST_OK);
		assert_string_equal(problems.p, "");
		assert_true(keymap_count(k) > 50);
		for (size_t i = 0; i < keymap_count(k); i++)
			check_binding(r, keymap_builtin_name(m), keymap_at(k, i));
		str_free(&problems);
		keymap_free(k);
	}
	cmd_reg_free(r);
}

static void names_are_single_words(void **state)
{
	(void)state;
	struct cmd_reg *r = all_rows();
	for (size_t i = 0; i < cmd_count(r); i++)
		assert_true(strcspn(cmd_at(r, i)->name, " \t\"'\\") == strlen(cmd_at(r, i)->name));
	cmd_reg_free(r);
}

static void problems_of(const char *text, struct str *problems)
{
	struct keymap *k = keymap_new();
	keymap_parse(k, "keys", text, strlen(text), problems);
	ui_check_keymap(k, problems);
	keymap_free(k);
}

static void keys_of_nothing_are_named_with_their_place(void **state)
{
	(void)state;
	struct str problems = STR_INIT;
	problems_of("runs j list.down\nruns.chart c list.down\nlayer x cancel\nglobal X quit", &problems);
	assert_string_equal(problems.p, "");
	problems_of("\nruns k nosuch.command 1\nnosuchctx j quit\nprompt j list.nosuch\n", &problems);
	assert_ptr_equal(strstr(problems.p, "keys:2: no command 'nosuch.command' in context runs"), problems.p);
	assert_non_null(strstr(problems.p, "\nkeys:3: no context 'nosuchctx'"));
	assert_non_null(strstr(problems.p, "\nkeys:4: no command 'list.nosuch' in context prompt"));
	str_free(&problems);
	for (size_t i = 0; i < keymap_builtin_count(); i++) {
		struct keymap *k = keymap_new();
		struct err e = { 0 };
		assert_int_equal(keymap_load(k, keymap_builtin_name(i), NULL, &problems, &e), ST_OK);
		ui_check_keymap(k, &problems);
		assert_string_equal(problems.p, "");
		keymap_free(k);
	}
	str_free(&problems);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_complete), cmocka_unit_test(no_name_stands_twice_in_one_place),
		cmocka_unit_test(every_key_runs_a_command_that_exists), cmocka_unit_test(names_are_single_words),
		cmocka_unit_test(keys_of_nothing_are_named_with_their_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

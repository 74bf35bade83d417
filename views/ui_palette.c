/* The palette, help and notices: three fillers for the picker. All read the same command rows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/base/verb.h"
#include "views/ui_internal.h"

/* A row that the active view can use (layers do not count: they close before the choice acts). */
static bool usable_here(struct ui *ui, const struct cmd *c)
{
	return !(c->flags & CMD_HIDDEN) && (!c->where || !strcmp(c->where, ui_active(ui)->cls->id));
}

static void *view_of(struct ui *ui, const struct cmd *c)
{
	return c->where ? ui_active(ui)->view : NULL;
}

static const char *direct_key(struct ui *ui, const char *command, struct str *buf)
{
	const char *contexts[6];
	ui_view_contexts(ui, contexts);
	str_clear(buf);
	keymap_key_for(ui->keymap, contexts, command, buf);
	return buf->p;
}

/* ---- palette -------------------------------------------------------------------------------------------- */

static void add_command(struct ui *ui, struct picker *p, const struct cmd *c, size_t id)
{
	struct str key = STR_INIT, label = STR_INIT;
	str_add(&label, c->name);
	if (c->args)
		str_addf(&label, " %s", c->args);
	picker_add(p, &(struct pick_item){ label.p, c->help, direct_key(ui, c->name, &key), ui_cmd_refused(ui, c, view_of(ui, c)), false, id });
	str_free(&key);
	str_free(&label);
}

struct scored { int score; size_t id; };

static int by_score(const void *a, const void *b)
{
	const struct scored *x = a, *y = b;
	return x->score != y->score ? y->score - x->score : x->id < y->id ? -1 : 1;
}

/* Once a command name and a space are typed, its arguments are offered. */
static bool fill_arguments(struct ui *ui, struct picker *p, const char *text)
{
	size_t n = strcspn(text, " ");
	if (!text[n])
		return false;
	char *name = mem_strndup(text, n);
	const struct cmd *c = cmd_find(ui->reg, name, ui_active(ui)->cls->id);
	if (c && usable_here(ui, c)) {
		const char *word = strrchr(text, ' ') + 1;
		int index = 0;
		for (const char *q = text; *q; q++)
			index += *q == ' ';
		struct str found = STR_INIT;
		struct cmd_ctx ctx = { ui, view_of(ui, c), c->arg };
		if (c->complete)
			c->complete(&ctx, index, word, &found);
		size_t id = (size_t)1 << 32;
		for (const char *l = found.p; *l; l += strcspn(l, "\n"), l += *l == '\n') {
			char *one = mem_strndup(l, strcspn(l, "\n"));
			picker_add(p, &(struct pick_item){ one, c->help, NULL, NULL, false, id++ });
			free(one);
		}
		if (!found.len)
			add_command(ui, p, c, SIZE_MAX);   /* nothing to choose from: the row explains the arguments */
		str_free(&found);
	}
	free(name);
	return c != NULL;
}

static void palette_fill(void *arg, struct picker *p, const char *text)
{
	struct ui *ui = arg;
	if (fill_arguments(ui, p, text))
		return;
	size_t total = cmd_count(ui->reg), n = 0;
	struct scored *found = mem_array(total, sizeof *found);
	for (size_t i = 0; i < total; i++) {
		const struct cmd *c = cmd_at(ui->reg, i);
		if (!usable_here(ui, c))
			continue;
		int score = *text ? text_fuzzy(c->name, text) * 2 : 1;
		int words = *text ? text_fuzzy(c->help, text) : 0;
		if (score > 0 || words > 0)
			found[n++] = (struct scored){ score > words ? score : words, i };
	}
	qsort(found, n, sizeof *found, by_score);
	for (size_t i = 0; i < n; i++)
		add_command(ui, p, cmd_at(ui->reg, found[i].id), found[i].id);
	free(found);
}

static void palette_pick(void *arg, struct ui *ui, const struct pick_choice *choice)
{
	(void)arg;
	size_t id = choice->id;
	const struct cmd *c = id < cmd_count(ui->reg) ? cmd_at(ui->reg, id) : NULL;
	if (!c) {
		const char *space = strrchr(choice->text, ' ');
		struct str line = STR_INIT;          /* the argument under the cursor stands in for the word being typed */
		if (space && id != SIZE_MAX)
			str_addf(&line, "%.*s%s", (int)(space + 1 - choice->text), choice->text, choice->label);
		else
			str_add(&line, choice->text);
		ui_run(ui, line.p);
		str_free(&line);
	} else if (c->min_args > 0) {
		struct str start = STR_INIT;
		str_addf(&start, "%s ", c->name);
		ui_open_palette(ui, start.p);
		str_free(&start);
	} else {
		ui_run(ui, c->name);
	}
}

static void palette_complete(void *arg, struct picker *p, const struct pick_item *at)
{
	struct ui *ui = arg;
	struct str text = STR_INIT;
	const char *typed = picker_text(p), *space = strrchr(typed, ' ');
	if (at->id < cmd_count(ui->reg))
		str_addf(&text, "%s%s", cmd_at(ui->reg, at->id)->name, cmd_at(ui->reg, at->id)->max_args ? " " : "");
	else if (space && at->id != SIZE_MAX)
		str_addf(&text, "%.*s%s", (int)(space + 1 - typed), typed, at->label);
	if (text.len)
		picker_set_text(p, ui, text.p);
	str_free(&text);
}

void ui_open_palette(struct ui *ui, const char *initial)
{
	picker_open(ui, ui, &(struct picker_spec){ .title = "Commands", .hint = "Enter runs, Tab completes", .prompt = ": ", .fill = palette_fill,
		.pick = palette_pick, .complete = palette_complete, .label_most = 34, .arg = ui }, initial);
}

/* ---- help -------------------------------------------------------------------------------------------------- */

static const struct cmd *bound_command(struct ui *ui, const struct binding *b)
{
	char *name = mem_strndup(b->command, strcspn(b->command, " "));
	const struct cmd *c = cmd_find(ui->reg, name, ui_active(ui)->cls->id);
	free(name);
	return c;
}

/* Does an earlier line of the list already stand for this command? The keys are then shown there. */
static bool is_repeated(struct ui *ui, const char *const *contexts, const char *const *at, size_t i)
{
	const char *command = keymap_at(ui->keymap, i)->command;
	for (const char *const *c = contexts; c <= at; c++)
		for (size_t k = 0; k < (c == at ? i : keymap_count(ui->keymap)); k++) {
			const struct binding *b = keymap_at(ui->keymap, k);
			if (!strcmp(b->context, *c) && !strcmp(b->command, command))
				return true;
		}
	return false;
}

/* Another binding of an inner context takes the key away. */
static bool is_shadowed(struct ui *ui, const char *const *contexts, const struct binding *b)
{
	for (const char *const *c = contexts; strcmp(*c, b->context) != 0; c++)
		for (size_t k = 0; k < keymap_count(ui->keymap); k++) {
			const struct binding *o = keymap_at(ui->keymap, k);
			if (!strcmp(o->context, *c) && o->n_keys == b->n_keys && !memcmp(o->keys, b->keys, (size_t)b->n_keys * sizeof *b->keys))
				return true;
		}
	return false;
}

static void add_keys(struct str *out, const struct binding *b)
{
	if (out->len)
		str_add(out, ", ");
	for (int i = 0; i < b->n_keys; i++) {
		if (i)
			str_addc(out, ' ');
		key_format(out, b->keys[i]);
	}
}

/* All keys of a command, as far as they fit into the column. */
static void keys_here(struct ui *ui, const char *const *contexts, const char *command, struct str *out)
{
	enum { COLUMN = 12 };
	for (const char *const *at = contexts; *at; at++)
		for (size_t k = 0; k < keymap_count(ui->keymap); k++) {
			const struct binding *b = keymap_at(ui->keymap, k);
			size_t before = out->len;
			if (strcmp(b->context, *at) || strcmp(b->command, command) || is_shadowed(ui, contexts, b))
				continue;
			add_keys(out, b);
			if (before && text_width(out->p, out->len) > COLUMN)
				str_cut(out, before);
		}
}

static void help_add(struct ui *ui, struct picker *p, const char *const *contexts, size_t id, const char *text)
{
	const struct binding *b = keymap_at(ui->keymap, id);
	const struct cmd *c = bound_command(ui, b);
	struct str key = STR_INIT, detail = STR_INIT;
	keys_here(ui, contexts, b->command, &key);
	str_addf(&detail, "%s%s%s", b->command, b->note && *b->note ? " · " : "", b->note ? b->note : "");
	if (key.len && (text_contains(c->help, strlen(c->help), text, strlen(text)) || text_contains(detail.p, detail.len, text, strlen(text))
	    || text_contains(key.p, key.len, text, strlen(text))))
		picker_add(p, &(struct pick_item){ c->help, detail.p, key.p, ui_cmd_refused(ui, c, view_of(ui, c)), false, id });
	str_free(&key);
	str_free(&detail);
}

/* Keys for the tabs that there are not yet. */
static bool is_idle(const struct ui *ui, const struct binding *b)
{
	return !strncmp(b->command, "tab ", 4) && b->command[4] > '0' + ui->n_tabs && b->command[4] <= '9';
}

static void help_fill(void *arg, struct picker *p, const char *text)
{
	struct ui *ui = arg;
	const char *contexts[6];
	ui_view_contexts(ui, contexts);
	/* innermost context first, in the order of the keymap file */
	for (const char *const *at = contexts; *at; at++)
		for (size_t i = 0; i < keymap_count(ui->keymap); i++) {
			const struct binding *b = keymap_at(ui->keymap, i);
			if (!strcmp(b->context, *at) && bound_command(ui, b) && !is_idle(ui, b) && !is_repeated(ui, contexts, at, i))
				help_add(ui, p, contexts, i, text);
		}
}

static void help_pick(void *arg, struct ui *ui, const struct pick_choice *choice)
{
	(void)arg;
	size_t id = choice->id;
	if (id >= keymap_count(ui->keymap))
		return;
	char *line = mem_strdup(keymap_at(ui->keymap, id)->command);
	ui_run(ui, line);
	free(line);
}

void ui_open_help(struct ui *ui)
{
	struct str title = STR_INIT;
	str_addf(&title, "Keys in %s", ui_active(ui)->cls->title);
	picker_open(ui, ui, &(struct picker_spec){ .title = title.p, .hint = "type to filter, Enter runs", .fill = help_fill, .pick = help_pick, .arg = ui }, NULL);
	str_free(&title);
}

/* ---- notices -------------------------------------------------------------------------------------------------- */

static void notices_fill(void *arg, struct picker *p, const char *text)
{
	(void)arg;
	struct notice *n;
	size_t count = notice_list(&n);
	for (size_t i = 0; i < count; i++)
		if (text_contains(n[i].text, strlen(n[i].text), text, strlen(text)))
			picker_add(p, &(struct pick_item){ n[i].text, n[i].command ? n[i].command : "", n[i].level == NOTICE_BAD ? "bad" : n[i].level == NOTICE_WARN ? "warn" : "info",
				NULL, false, i });
	notice_list_free(n, count);
}

static void notices_pick(void *arg, struct ui *ui, const struct pick_choice *choice)
{
	(void)arg;
	size_t id = choice->id;
	struct notice *n;
	size_t count = notice_list(&n);
	if (id < count && n[id].command)
		ui_run(ui, n[id].command);
	else if (id < count)
		ui_text(ui, "Notice", n[id].text, strlen(n[id].text), true);
	notice_list_free(n, count);
}

void ui_open_notices(struct ui *ui)
{
	struct notice *n;
	size_t count = notice_list(&n);
	notice_list_free(n, count);
	if (!count) {
		ui_message(ui, ST_OK, "nothing needs a person");
		return;
	}
	picker_open(ui, ui, &(struct picker_spec){ .title = "Needs a person", .hint = "Enter deals with it", .fill = notices_fill, .pick = notices_pick, .arg = ui }, NULL);
}

/* ---- the table of commands, for the shell ------------------------------------------------------------------ */

static void add_rows(struct cmd_reg *reg)
{
	cmd_reg_add(reg, ui_cmds, ui_cmds_count);
	cmd_reg_add(reg, ui_layer_cmds, ui_layer_cmds_count);
	cmd_reg_add(reg, ui_picker_cmds, ui_picker_cmds_count);
	for (size_t i = 0; i < view_count(); i++)
		cmd_reg_add(reg, view_at(i)->cmds, view_at(i)->n_cmds);
}

static const char *const layer_ids[] = { "prompt", "menu", "text", "confirm", "layer" };

static bool is_layer(const char *context)
{
	for (size_t i = 0; i < sizeof layer_ids / sizeof *layer_ids; i++)
		if (!strcmp(context, layer_ids[i]))
			return true;
	return false;
}

static const struct view_class *context_view(const char *context)
{
	size_t n = strcspn(context, ".");
	for (size_t i = 0; i < view_count(); i++)
		if (strlen(view_at(i)->id) == n && !strncmp(view_at(i)->id, context, n))
			return view_at(i);
	return NULL;
}

/* A global key may mean a command of any view, and a key of all layers one of any layer. */
static bool has_command(const struct cmd_reg *reg, const struct binding *b)
{
	size_t n = strcspn(b->command, " \t");
	const struct view_class *view = context_view(b->context);
	for (size_t i = 0; i < cmd_count(reg); i++) {
		const struct cmd *c = cmd_at(reg, i);
		if (strlen(c->name) != n || strncmp(c->name, b->command, n) != 0)
			continue;
		if (!c->where || !strcmp(c->where, b->context) || (view && !strcmp(c->where, view->id))
		    || (!strcmp(b->context, "global") && !is_layer(c->where)) || (!strcmp(b->context, "layer") && is_layer(c->where)))
			return true;
	}
	return false;
}

void ui_check_keymap(const struct keymap *k, struct str *problems)
{
	struct cmd_reg *reg = cmd_reg_new();
	add_rows(reg);
	for (size_t i = 0; i < keymap_count(k); i++) {
		const struct binding *b = keymap_at(k, i);
		if (strcmp(b->context, "global") != 0 && !context_view(b->context) && !is_layer(b->context))
			str_addf(problems, "%s:%d: no context '%s'; there are global, %s and the other views, prompt, menu, text, confirm, layer\n",
				b->where, b->line, b->context, view_at(0)->id);
		else if (!has_command(reg, b))
			str_addf(problems, "%s:%d: no command '%.*s' in context %s; 'mlyard commands' lists them\n",
				b->where, b->line, (int)strcspn(b->command, " \t"), b->command, b->context);
	}
	cmd_reg_free(reg);
}

/* Every key that runs this row: in the row's own context, one below it ("runs.chart"), or everywhere. */
static bool lists_key(const char *list, const char *key)
{
	size_t n = strlen(key);
	for (const char *at = strstr(list, key); at; at = strstr(at + 1, key))
		if ((at == list || at[-1] == ' ') && (at[n] == ',' || !at[n]) && (at - list < 2 || at[-2] == ','))
			return true;
	return false;
}

/* Does a binding of that context reach the command? Keys bound globally do in views, not in layers. */
static bool reaches(const char *context, const char *where)
{
	size_t n = where ? strlen(where) : 0;
	if (!where || (!strncmp(context, where, n) && (!context[n] || context[n] == '.')))
		return true;
	return !strcmp(context, "global") && strcmp(where, "prompt") && strcmp(where, "menu") && strcmp(where, "confirm") && strcmp(where, "text");
}

/* Each key once, though many contexts may bind it. */
static void keys_of(const struct keymap *k, const struct cmd *c, struct str *out)
{
	struct str key = STR_INIT;
	for (size_t i = 0; i < keymap_count(k); i++) {
		const struct binding *b = keymap_at(k, i);
		size_t n = strcspn(b->command, " ");
		if (!reaches(b->context, c->where) || strlen(c->name) != n || strncmp(b->command, c->name, n) != 0)
			continue;
		str_clear(&key);
		for (int j = 0; j < b->n_keys; j++) {
			if (j)
				str_addc(&key, ' ');
			key_format(&key, b->keys[j]);
		}
		if (!lists_key(out->p, key.p))
			str_addf(out, "%s%s", out->len ? ", " : "", key.p);
	}
	str_free(&key);
}

static void print_json(struct out *o, struct cmd_reg *reg, struct keymap *k)
{
	struct str out = STR_INIT;
	struct jsonw w;
	jsonw_init(&w, &out);
	jsonw_open(&w, '{');
	jsonw_key(&w, "commands");
	jsonw_open(&w, '[');
	for (size_t i = 0; i < cmd_count(reg); i++) {
		const struct cmd *c = cmd_at(reg, i);
		struct str keys = STR_INIT;
		keys_of(k, c, &keys);
		jsonw_open(&w, '{');
		jsonw_key(&w, "name"), jsonw_str(&w, c->name);
		jsonw_key(&w, "args"), jsonw_str(&w, c->args ? c->args : "");
		jsonw_key(&w, "where"), jsonw_str(&w, c->where);
		jsonw_key(&w, "keys"), jsonw_str(&w, keys.p);
		jsonw_key(&w, "help"), jsonw_str(&w, c->help);
		jsonw_key(&w, "danger"), jsonw_bool(&w, c->flags & CMD_DANGER);
		jsonw_close(&w, '}');
		str_free(&keys);
	}
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
	fprintf(o->out, "%s\n", out.p);
	str_free(&out);
}

enum status ui_commands_print(struct out *o, const char *keymap, struct err *e)
{
	struct keymap *k = keymap_new();
	struct str problems = STR_INIT;
	enum status st = keymap_load(k, keymap ? keymap : "default", NULL, &problems, e);
	str_free(&problems);
	struct cmd_reg *reg = cmd_reg_new();
	add_rows(reg);
	if (st == ST_OK && o->json) {
		print_json(o, reg, k);
	} else if (st == ST_OK) {
		struct out_table *t = out_table_new(o);
		static const char *const titles[] = { "command", "where", "keys", "help" };
		for (int i = 0; i < 4; i++)
			out_table_column(t, titles[i], OUT_LEFT);
		for (size_t i = 0; i < cmd_count(reg); i++) {
			const struct cmd *c = cmd_at(reg, i);
			struct str keys = STR_INIT;
			keys_of(k, c, &keys);
			out_table_cellf(t, "%s%s%s", c->name, c->args ? " " : "", c->args ? c->args : "");
			out_table_cell(t, c->where ? c->where : "everywhere");
			out_table_cell(t, keys.p);
			out_table_cell(t, c->help);
			str_free(&keys);
		}
		out_table_end(t);
	}
	cmd_reg_free(reg);
	keymap_free(k);
	return st;
}

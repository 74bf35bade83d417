/* From keys to command lines: contexts from the inside out, sequences, and what a refused command says. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "views/ui_internal.h"

enum { SEQUENCE_MS = 1500 };

void ui_view_contexts(const struct ui *ui, const char *out[6])
{
	const struct tab *t = &ui->tab[ui->active];
	int n = 0;
	const char *inner = t->view && t->cls->context ? t->cls->context(t->view) : NULL;
	if (inner && strcmp(inner, t->cls->id) != 0)
		out[n++] = inner;
	out[n++] = t->cls->id;
	out[n++] = "global";
	out[n] = NULL;
}

void ui_contexts(const struct ui *ui, const char *out[6])
{
	if (!ui->n_layers) {
		ui_view_contexts(ui, out);
		return;
	}
	out[0] = ui_layer_top(ui)->cls->id;
	out[1] = "layer";
	out[2] = NULL;
}

void ui_keys_reset(struct ui *ui)
{
	ui->n_pending = 0;
	if (ui->pending_timer)
		loop_cancel(ui->spec.loop, ui->pending_timer);
	ui->pending_timer = 0;
}

static void sequence_over(void *arg)
{
	struct ui *ui = arg;
	ui->pending_timer = 0;
	ui->n_pending = 0;
	ui->dirty = true;
}

static void say_unbound(struct ui *ui)
{
	struct str keys = STR_INIT;
	for (int i = 0; i < ui->n_pending; i++) {
		if (i)
			str_addc(&keys, ' ');
		key_format(&keys, ui->pending[i]);
	}
	ui_message(ui, ST_USAGE, "%s does nothing here; ? lists the keys", keys.p);
	str_free(&keys);
}

static void unbound(struct ui *ui)
{
	struct layer *top = ui_layer_top(ui);
	bool used = false;
	for (int i = 0; top && top == ui_layer_top(ui) && i < ui->n_pending; i++)
		used = top->cls->key && top->cls->key(top, ui, ui->pending[i]);
	if (!top && !used)
		say_unbound(ui);
}

void ui_key(struct ui *ui, uint32_t key)
{
	const char *contexts[6], *command;
	ui->message_set = false;
	ui->pending[ui->n_pending++] = key;
	ui_contexts(ui, contexts);
	enum keymap_hit hit = keymap_lookup(ui->keymap, contexts, ui->pending, ui->n_pending, &command);
	ui->dirty = true;
	if (hit == KEYMAP_PREFIX && ui->n_pending < UI_PENDING) {
		if (ui->pending_timer)
			loop_cancel(ui->spec.loop, ui->pending_timer);
		ui->pending_timer = loop_after(ui->spec.loop, SEQUENCE_MS, sequence_over, ui);
		return;
	}
	if (hit == KEYMAP_FOUND) {
		char *line = mem_strdup(command);    /* the command may load another keymap */
		ui_keys_reset(ui);
		ui_run(ui, line);
		free(line);
		return;
	}
	unbound(ui);
	ui_keys_reset(ui);
}

void ui_key_for(struct ui *ui, const char *command, struct str *out)
{
	const char *contexts[6];
	struct str key = STR_INIT;
	ui_view_contexts(ui, contexts);
	keymap_key_for(ui->keymap, contexts, command, &key);
	str_add(out, key.len ? key.p : command);
	str_free(&key);
}

void ui_words(struct ui *ui, const char *text, struct str *out)
{
	while (*text) {
		size_t n = strcspn(text, "{"), m = text[n] ? strcspn(text + n, "}") : 0;
		str_addn(out, text, n);
		if (m > 1) {
			char *command = mem_strndup(text + n + 1, m - 1);
			ui_key_for(ui, command, out);
			free(command);
		}
		text += n + m + (m > 0);
	}
}

void ui_empty(struct ui *ui, const struct paint *p, const char *const *lines, size_t n)
{
	struct str text = STR_INIT;
	int widest = 0, y = (p->r.h - (int)n) / 2;
	for (size_t i = 1; i < n; i++) {
		str_clear(&text);
		ui_words(ui, lines[i], &text);
		int w = text_width(text.p, text.len);
		widest = w > widest ? w : widest;
	}
	int head = text_width(lines[0], strlen(lines[0])), x = (p->r.w - widest) / 2, at = (p->r.w - head) / 2;
	y = y > 0 ? y : 0;
	paint_text(p, at > 1 ? at : 1, y, PEN(ROLE_TEXT), lines[0]);
	for (size_t i = 1; i < n; i++) {
		str_clear(&text);
		ui_words(ui, lines[i], &text);
		paint_text(p, x > 1 ? x : 1, y + (int)i, PEN(ROLE_DIM), text.p);
	}
	str_free(&text);
}

/* ---- running command lines -------------------------------------------------------------------------- */

void *ui_cmd_view(struct ui *ui, const struct cmd *c)
{
	struct layer *top = ui_layer_top(ui);
	if (!c->where)
		return NULL;
	if (top && !strcmp(c->where, top->cls->id))
		return top;
	return ui_active(ui)->view;
}

const char *ui_cmd_refused(struct ui *ui, const struct cmd *c, void *view)
{
	if ((c->flags & (CMD_DANGER | CMD_WRITE)) && ui_read_only(ui))
		return ui->spec.ws->read_only ? "this workspace is open read-only" : "the disk of this workspace is full: free some space";
	struct cmd_ctx ctx = { ui, view, c->arg };
	return c->why_not ? c->why_not(&ctx) : NULL;
}

static const struct cmd *find_here(struct ui *ui, const char *name)
{
	struct layer *top = ui_layer_top(ui);
	const struct cmd *c = top ? cmd_find(ui->reg, name, top->cls->id) : NULL;
	if (c && c->where)
		return c;
	return cmd_find(ui->reg, name, ui_active(ui)->cls->id);
}

static void run_waiting(void *view);

static enum status ask_first(struct ui *ui, const struct cmd *c, const char *line)
{
	struct str question = STR_INIT;
	free(ui->waiting);
	ui->waiting = mem_strdup(line);
	str_addf(&question, "%s?", c->help);
	ui_confirm(ui, ui, question.p, line, run_waiting);
	str_free(&question);
	return ST_OK;
}

static enum status run_words(struct ui *ui, const char *line, int argc, char **argv, bool confirmed, struct err *e)
{
	const struct cmd *c = find_here(ui, argv[0]);
	if (!c)
		return err_set(e, ST_NOT_FOUND, "no command \"%s\" here; : lists them all", argv[0]);
	if (cmd_check(c, argc, e) != ST_OK)
		return ST_USAGE;
	void *view = ui_cmd_view(ui, c);
	const char *refused = ui_cmd_refused(ui, c, view);
	if (refused)
		return err_set(e, ST_REFUSED, "%s", refused);
	if ((c->flags & CMD_DANGER) && !confirmed)
		return ask_first(ui, c, line);
	struct cmd_ctx ctx = { ui, view, c->arg };
	return c->run(&ctx, argc, argv, e);
}

static enum status run_line(struct ui *ui, const char *line, bool confirmed, struct err *e)
{
	char *buf, *argv[CMD_MAX_ARGS + 1];
	int argc;
	enum status st = cmd_split(line, &buf, &argc, argv, e);
	if (st != ST_OK)
		return st;
	if (argc)
		st = run_words(ui, line, argc, argv, confirmed, e);
	free(buf);
	ui->dirty = true;
	return st;
}

static void run_waiting(void *view)
{
	struct ui *ui = view;
	struct err e = { 0 };
	char *line = ui->waiting;
	ui->waiting = NULL;
	enum status st = run_line(ui, line, true, &e);
	free(line);
	if (e.text[0])
		ui_message(ui, st, "%s", e.text);
}

enum status ui_run_line(struct ui *ui, const char *line, struct err *e)
{
	ui->message_set = false;
	return run_line(ui, line, false, e);
}

enum status ui_run(struct ui *ui, const char *line)
{
	struct err e = { 0 };
	enum status st = ui_run_line(ui, line, &e);
	if (e.text[0])
		ui_message(ui, st, "%s", e.text);
	return st;
}

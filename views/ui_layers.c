/* The stack of layers, and three of its kinds: a prompt in the bottom line, a question, a text to read. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "views/ui_internal.h"

struct layer *ui_layer_top(const struct ui *ui)
{
	return ui->n_layers ? ui->layers[ui->n_layers - 1] : NULL;
}

void ui_layer_push(struct ui *ui, struct layer *l)
{
	if (ui->n_layers == UI_LAYERS) {
		l->cls->free(l);
		ui_message(ui, ST_REFUSED, "too many dialogs are open");
		return;
	}
	ui->layers[ui->n_layers++] = l;
	ui_keys_reset(ui);
	ui->dirty = true;
}

void ui_layer_pop(struct ui *ui, struct layer *l)
{
	for (int i = 0; i < ui->n_layers; i++)
		if (ui->layers[i] == l) {
			memmove(&ui->layers[i], &ui->layers[i + 1], (size_t)(ui->n_layers - i - 1) * sizeof ui->layers[0]);
			ui->n_layers--;
			l->cls->free(l);
			break;
		}
	ui_keys_reset(ui);
	ui->dirty = true;
}

/* ---- prompt -------------------------------------------------------------------------------------------- */

struct prompt {
	struct layer layer;
	struct input input;
	char *prompt, *history;
	void (*change)(void *view, const char *text);
	void (*done)(void *view, const char *text);
	cmd_complete_fn complete;
	char *candidates;                    /* one per line, shown above; NULL: none */
	char *secret; size_t secret_n;       /* instead of input: memory that is never swapped, and wiped when freed */
};

/* Which keys end it, as long as what is typed leaves room. */
static void prompt_hints(const struct prompt *pr, struct ui *ui, struct paint *line)
{
	static const struct { const char *command, *word; } hints[] = { { "accept", "accept" }, { "complete", "complete" }, { "cancel", "back" } };
	static const char *const contexts[] = { "prompt", NULL };
	int typed = text_width(pr->prompt, strlen(pr->prompt)) + text_width(pr->input.text.p, pr->input.text.len) + (int)pr->secret_n, x = line->r.w, rooms[3];
	struct str key[3] = { STR_INIT, STR_INIT, STR_INIT };
	for (int i = 2; i >= 0; i--) {
		keymap_key_for(ui->keymap, contexts, hints[i].command, &key[i]);
		bool none = !key[i].len || (i == 1 && !pr->complete);
		x -= rooms[i] = none ? 0 : text_width(key[i].p, key[i].len) + 1 + (int)strlen(hints[i].word) + 2;
	}
	bool fits = x > typed + 12;
	for (int i = 0; i < 3; i++) {
		if (rooms[i] && fits) {
			surface_text(line->s, line->r, x + 2, 0, PEN_ON(ROLE_BAR_KEY, ROLE_INPUT), key[i].p);
			surface_text(line->s, line->r, x + 2 + text_width(key[i].p, key[i].len) + 1, 0, PEN_ON(ROLE_DIM, ROLE_INPUT), hints[i].word);
		}
		x += rooms[i];
		str_free(&key[i]);
	}
}

enum { SECRET_MAX = 1024 };

static size_t secret_before(const struct prompt *p, size_t at)
{
	while (at && (p->secret[--at] & 0xc0) == 0x80)
		continue;
	return at;
}

/* A sign for each character: one sees that keys arrive, and nothing else. */
static void secret_paint(const struct prompt *p, const struct paint *line)
{
	int x = paint_text(line, 0, 0, PEN(ROLE_BAR_KEY), p->prompt);
	for (size_t at = p->secret_n; at; at = secret_before(p, at), x++)
		paint_put(line, x, 0, PEN(ROLE_INPUT), line->ascii ? '*' : 0x2022);
	surface_cursor(line->s, line->r, x < line->r.w ? x : line->r.w - 1, 0);
}

static void secret_add(struct prompt *p, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i] == '\n' || bytes[i] == '\r')
			n = i;               /* a pasted line ends it */
	if (p->secret_n + n > SECRET_MAX)
		return;
	memcpy(p->secret + p->secret_n, bytes, n);
	p->secret_n += n;
	p->secret[p->secret_n] = '\0';
}

/* Only what needs no sight of the text: take back the last character, or all. */
static void secret_edit(struct prompt *p, const char *action)
{
	size_t keep = !strcmp(action, "backspace") ? secret_before(p, p->secret_n) : !strncmp(action, "kill-", 5) ? 0 : p->secret_n;
	sodium_memzero(p->secret + keep, SECRET_MAX - keep);
	p->secret_n = keep;
}

static void prompt_paint(struct layer *l, struct ui *ui, struct paint *p)
{
	struct prompt *pr = (struct prompt *)l;
	struct paint line = *p;
	line.r = (struct rect){ 0, p->r.h - 1, p->r.w, 1 };
	surface_fill(p->s, line.r, (struct rect){ 0, 0, p->r.w, 1 }, PEN_ON(ROLE_INPUT, ROLE_INPUT), ' ');
	line.r.x = 1;
	line.r.w -= 2;
	if (pr->secret)
		secret_paint(pr, &line);
	else
		input_paint(&pr->input, &line, pr->prompt);
	prompt_hints(pr, ui, &line);
	if (!pr->candidates)
		return;
	struct rect above = { 0, p->r.h - 2, p->r.w, 1 };
	surface_fill(p->s, above, (struct rect){ 0, 0, p->r.w, 1 }, PEN_ON(ROLE_DIALOG, ROLE_DIALOG), ' ');
	int x = 1;
	for (const char *c = pr->candidates; *c; c += strcspn(c, "\n"), c += *c == '\n')
		x = surface_textn(p->s, above, x, 0, PEN_ON(ROLE_DIALOG, ROLE_DIALOG), c, strcspn(c, "\n")) + 2;
}

static void prompt_changed(struct prompt *p)
{
	free(p->candidates);
	p->candidates = NULL;
	if (p->change && !p->secret)
		p->change(p->layer.view, p->input.text.p);
}

static bool is_printable(uint32_t key)
{
	return key >= 0x20 && key < 0x110000 && key != 0x7f;
}

static bool prompt_key(struct layer *l, struct ui *ui, uint32_t key)
{
	(void)ui;
	if (!is_printable(key))
		return false;
	struct prompt *p = (struct prompt *)l;
	char utf8[5] = "";
	size_t n = text_encode(key, utf8);
	if (p->secret)
		secret_add(p, utf8, n);
	else
		input_insert(&p->input, utf8, n);
	prompt_changed(p);
	return true;
}

static void prompt_paste(struct layer *l, struct ui *ui, const char *text, size_t n)
{
	(void)ui;
	struct prompt *p = (struct prompt *)l;
	if (p->secret)
		secret_add(p, text, strnlen(text, n));
	else
		input_insert(&p->input, text, n);
	prompt_changed(p);
}

static void prompt_free(struct layer *l)
{
	struct prompt *p = (struct prompt *)l;
	input_done(&p->input);
	sodium_free(p->secret);
	free(p->prompt);
	free(p->history);
	free(p->candidates);
	free(p);
}

static const struct layer_class prompt_class = { .id = "prompt", .paint = prompt_paint, .key = prompt_key, .paste = prompt_paste,
	.free = prompt_free, .hints = "", .whole = true };

void ui_prompt(struct ui *ui, void *view, const struct ui_prompt *spec)
{
	struct prompt *p = mem_zalloc(sizeof *p);
	p->layer = (struct layer){ &prompt_class, view };
	p->prompt = mem_strdup(spec->prompt);
	p->history = spec->history ? mem_strdup(spec->history) : NULL;
	p->change = spec->change;
	p->done = spec->done;
	p->complete = spec->complete;
	input_init(&p->input, p->history ? ui_history(ui, p->history) : NULL);
	if (spec->initial)
		input_set(&p->input, spec->initial);
	if (spec->secret) {
		p->secret = sodium_init() < 0 ? NULL : sodium_malloc(SECRET_MAX + 1);
		if (!p->secret)
			mem_exhausted(SECRET_MAX);
		sodium_memzero(p->secret, SECRET_MAX + 1);
	}
	ui_layer_push(ui, &p->layer);
}

/* The secret leaves its layer as it is, and is wiped behind the callback. */
static void secret_end(struct ui *ui, struct prompt *p, bool accepted)
{
	void (*done)(void *, const char *) = p->done;
	void *view = p->layer.view;
	char *secret = p->secret;
	p->secret = NULL;
	ui_layer_pop(ui, &p->layer);
	done(view, accepted ? secret : NULL);
	sodium_free(secret);
}

static enum status prompt_end(struct cmd_ctx *c, int argc, char *const argv[], struct err *e)
{
	(void)argc, (void)argv, (void)e;
	struct prompt *p = c->view;
	struct ui *ui = c->ui;
	if (p->secret) {
		secret_end(ui, p, c->arg);
		return ST_OK;
	}
	char *text = c->arg ? mem_strdup(p->input.text.p) : NULL;
	void (*done)(void *, const char *) = p->done;
	void *view = p->layer.view;
	if (text && *text && p->history)
		input_history_add(ui_history(ui, p->history), text);
	ui_layer_pop(ui, &p->layer);
	done(view, text);
	free(text);
	return ST_OK;
}

/* The longest prefix that all candidates share replaces the word before the cursor. */
static size_t common_prefix(const char *candidates)
{
	size_t n = strcspn(candidates, "\n");
	for (const char *c = candidates; *c; c += strcspn(c, "\n"), c += *c == '\n') {
		size_t k = 0;
		while (k < n && c[k] == candidates[k] && c[k] != '\n')
			k++;
		n = k;
	}
	return n;
}

static enum status prompt_complete(struct cmd_ctx *c, int argc, char *const argv[], struct err *e)
{
	(void)argc, (void)argv;
	struct prompt *p = c->view;
	if (!p->complete)
		return err_set(e, ST_NOT_FOUND, "nothing to complete here");
	const char *text = p->input.text.p;
	size_t start = p->input.cursor;
	while (start && text[start - 1] != ' ')
		start--;
	char *word = mem_strndup(text + start, p->input.cursor - start);
	struct str found = STR_INIT;
	struct cmd_ctx inner = { c->ui, p->layer.view, 0 };
	p->complete(&inner, 1, word, &found);
	size_t n = common_prefix(found.p);
	free(p->candidates);
	p->candidates = NULL;
	bool one = found.len && strcspn(found.p, "\n") + 1 >= found.len;
	if (n >= strlen(word) && !strncmp(found.p, word, strlen(word)))
		input_insert(&p->input, found.p + strlen(word), n - strlen(word));
	prompt_changed(p);
	if (!one && found.len)
		p->candidates = str_take(&found);
	str_free(&found);
	free(word);
	return ST_OK;
}

static const char *const input_actions[] = { "left", "right", "home", "end", "word-left", "word-right", "backspace", "delete",
	"kill-word", "kill-line", "kill-all", "yank", "prev", "next" };

static enum status prompt_edit(struct cmd_ctx *c, int argc, char *const argv[], struct err *e)
{
	(void)argc, (void)argv, (void)e;
	struct prompt *p = c->view;
	if (p->secret)
		secret_edit(p, input_actions[c->arg]);
	else
		input_do(&p->input, input_actions[c->arg]);
	prompt_changed(p);
	return ST_OK;
}

/* ---- question --------------------------------------------------------------------------------------------- */

struct confirm { struct layer layer; char *question, *detail; void (*yes)(void *view); };

static void confirm_paint(struct layer *l, struct ui *ui, struct paint *p)
{
	(void)ui;
	struct confirm *c = (struct confirm *)l;
	int w = text_width(c->question, strlen(c->question)), dw = text_width(c->detail, strlen(c->detail));
	w = (w > dw ? w : dw) + 6;
	w = w < 36 ? 36 : w > p->r.w - 2 ? p->r.w - 2 : w;
	struct rect box = { (p->r.w - w) / 2, p->r.h / 2 - 3, w, 6 };
	struct pen ground = PEN_ON(ROLE_DIALOG, ROLE_DIALOG);
	surface_fill(p->s, p->r, box, ground, ' ');
	surface_hline(p->s, box, 0, 0, w, PEN_ON(ROLE_DIALOG_RULE, ROLE_DIALOG));
	surface_hline(p->s, box, 0, 5, w, PEN_ON(ROLE_DIALOG_RULE, ROLE_DIALOG));
	surface_field(p->s, box, 3, 1, w - 6, -1, (struct pen){ ROLE_STRONG, ROLE_DIALOG, ATTR_BOLD }, c->question);
	surface_field(p->s, box, 3, 2, w - 6, -1, PEN_ON(ROLE_DIM, ROLE_DIALOG), c->detail);
	int x = surface_text(p->s, box, 3, 4, PEN_ON(ROLE_BAR_KEY, ROLE_DIALOG), "y");
	x = surface_text(p->s, box, x + 1, 4, ground, "yes");
	x = surface_text(p->s, box, x + 3, 4, PEN_ON(ROLE_BAR_KEY, ROLE_DIALOG), "n");
	surface_text(p->s, box, x + 1, 4, ground, "no (default)");
}

static void confirm_end(struct ui *ui, struct confirm *c, bool yes)
{
	void (*fn)(void *) = c->yes;
	void *view = c->layer.view;
	ui_layer_pop(ui, &c->layer);
	if (yes)
		fn(view);
	else
		ui_message(ui, ST_OK, "nothing was changed");
}

static bool confirm_key(struct layer *l, struct ui *ui, uint32_t key)
{
	/* What the keymap leaves unbound: the dialog says y and n, so they work; the way out is always no. */
	if (key == 'y' || key == 'n' || key == KEY_ENTER_ || key == KEY_ESC_)
		confirm_end(ui, (struct confirm *)l, key == 'y');
	return true;
}

static void confirm_free(struct layer *l)
{
	struct confirm *c = (struct confirm *)l;
	free(c->question);
	free(c->detail);
	free(c);
}

static const struct layer_class confirm_class = { .id = "confirm", .paint = confirm_paint, .key = confirm_key, .free = confirm_free, .hints = "" };

void ui_confirm(struct ui *ui, void *view, const char *question, const char *detail, void (*yes)(void *view))
{
	struct confirm *c = mem_zalloc(sizeof *c);
	*c = (struct confirm){ { &confirm_class, view }, mem_strdup(question), mem_strdup(detail ? detail : ""), yes };
	ui_layer_push(ui, &c->layer);
}

static enum status confirm_answer(struct cmd_ctx *c, int argc, char *const argv[], struct err *e)
{
	(void)argc, (void)argv, (void)e;
	confirm_end(c->ui, c->view, c->arg);
	return ST_OK;
}

/* ---- text ---------------------------------------------------------------------------------------------------- */

struct text_layer { struct layer layer; char *title; struct textview text; };

static void text_paint(struct layer *l, struct ui *ui, struct paint *p)
{
	(void)ui;
	struct text_layer *t = (struct text_layer *)l;
	struct rect box = { 0, 1, p->r.w, p->r.h - 2 };
	surface_fill(p->s, p->r, box, PEN(ROLE_TEXT), ' ');
	struct paint inner = *p;
	inner.r = (struct rect){ 1, 2, p->r.w - 2, p->r.h - 3 };
	textview_paint(&t->text, &inner);
	struct str note = STR_INIT;
	textview_note(&t->text, &note);
	ui_rule(p, (struct rect){ 0, 1, p->r.w, 1 }, t->title, note.p, true);
	str_free(&note);
}

static void text_free(struct layer *l)
{
	struct text_layer *t = (struct text_layer *)l;
	textview_done(&t->text);
	free(t->title);
	free(t);
}

static void text_mouse(struct layer *l, struct ui *ui, const struct event *ev)
{
	(void)ui;
	struct text_layer *t = (struct text_layer *)l;
	if (ev->mouse == MOUSE_WHEEL_UP || ev->mouse == MOUSE_WHEEL_DOWN)
		textview_scroll(&t->text, ev->mouse == MOUSE_WHEEL_UP ? -3 : 3, 0);
}

static const struct layer_class text_class = { .id = "text", .paint = text_paint, .mouse = text_mouse, .free = text_free,
	.hints = "list.down down; list.page-down page; text.wrap wrap; text.find find; text.next next; cancel back" };

void ui_text(struct ui *ui, const char *title, const char *text, size_t n, bool wrap)
{
	struct text_layer *t = mem_zalloc(sizeof *t);
	t->layer = (struct layer){ &text_class, ui };
	t->title = mem_strdup(title);
	textview_init(&t->text);
	textview_set(&t->text, text, n, ROLE_TEXT);
	t->text.wrap = wrap;
	ui_layer_push(ui, &t->layer);
}

static enum status text_cancel(struct cmd_ctx *c, int argc, char *const argv[], struct err *e)
{
	(void)argc, (void)argv, (void)e;
	ui_layer_pop(c->ui, c->view);
	return ST_OK;
}

static enum status text_move(struct cmd_ctx *c, int argc, char *const argv[], struct err *e)
{
	(void)argc, (void)argv, (void)e;
	textview_move(&((struct text_layer *)c->view)->text, (enum textview_move)c->arg);
	return ST_OK;
}

static enum status text_wrap(struct cmd_ctx *c, int argc, char *const argv[], struct err *e)
{
	(void)argc, (void)argv, (void)e;
	struct textview *t = &((struct text_layer *)c->view)->text;
	textview_wrap(t, !t->wrap);
	return ST_OK;
}

static void text_found(void *view, const char *needle)
{
	struct ui *ui = view;
	struct layer *l = ui_layer_top(ui);
	if (!needle || !*needle || !l || l->cls != &text_class)
		return;
	if (!textview_find(&((struct text_layer *)l)->text, needle, 1))
		ui_message(ui, ST_NOT_FOUND, "\"%s\" is not in this text", needle);
}

static enum status text_find(struct cmd_ctx *c, int argc, char *const argv[], struct err *e)
{
	(void)argc, (void)argv;
	struct text_layer *t = c->view;
	if (!c->arg) {
		ui_prompt(c->ui, c->ui, &(struct ui_prompt){ .prompt = "find: ", .history = "find", .done = text_found });
		return ST_OK;
	}
	if (!t->text.find)
		return err_set(e, ST_REFUSED, "nothing was searched for yet");
	return textview_find_again(&t->text, (int)c->arg) ? ST_OK : err_set(e, ST_NOT_FOUND, "no further match");
}

#define EDIT(i, key, words) { .name = "input." key, .help = words, .where = "prompt", .flags = CMD_HIDDEN | CMD_REPEAT, .run = prompt_edit, .arg = i }
#define SCROLL(i, key, words) { .name = "list." key, .help = words, .where = "text", .flags = CMD_HIDDEN | CMD_REPEAT, .run = text_move, .arg = i }
const struct cmd ui_layer_cmds[] = {
	{ .name = "accept", .help = "Take what was typed", .where = "prompt", .flags = CMD_HIDDEN, .run = prompt_end, .arg = 1 },
	{ .name = "cancel", .help = "Go back without it", .where = "prompt", .flags = CMD_HIDDEN, .run = prompt_end },
	{ .name = "complete", .help = "Complete the word before the cursor", .where = "prompt", .flags = CMD_HIDDEN, .run = prompt_complete },
	EDIT(0, "left", "Move one character left"), EDIT(1, "right", "Move one character right"), EDIT(2, "home", "Move to the start"),
	EDIT(3, "end", "Move to the end"), EDIT(4, "word-left", "Move one word left"), EDIT(5, "word-right", "Move one word right"),
	EDIT(6, "backspace", "Delete the character before the cursor"), EDIT(7, "delete", "Delete the character under the cursor"),
	EDIT(8, "kill-word", "Cut the word before the cursor"), EDIT(9, "kill-line", "Cut to the end of the line"), EDIT(10, "kill-all", "Cut the whole line"),
	EDIT(11, "yank", "Insert what was cut"), EDIT(12, "prev", "Take the previous line of the history"), EDIT(13, "next", "Take the next line of the history"),
	{ .name = "cancel", .help = "Answer no", .where = "confirm", .flags = CMD_HIDDEN, .run = confirm_answer },
	{ .name = "accept", .help = "Answer yes", .where = "confirm", .flags = CMD_HIDDEN, .run = confirm_answer, .arg = 1 },
	{ .name = "cancel", .help = "Close the text", .where = "text", .flags = CMD_HIDDEN, .run = text_cancel },
	{ .name = "text.find", .help = "Search the text", .where = "text", .flags = CMD_HIDDEN, .run = text_find },
	{ .name = "text.next", .help = "Go to the next match", .where = "text", .flags = CMD_HIDDEN, .run = text_find, .arg = 1 },
	{ .name = "text.prev", .help = "Go to the previous match", .where = "text", .flags = CMD_HIDDEN, .run = text_find, .arg = -1 },
	{ .name = "text.wrap", .help = "Wrap long lines, or cut them at the edge", .where = "text", .flags = CMD_HIDDEN, .run = text_wrap },
	SCROLL(TEXTVIEW_DOWN, "down", "Scroll one line down"), SCROLL(TEXTVIEW_UP, "up", "Scroll one line up"), SCROLL(TEXTVIEW_PAGE_DOWN, "page-down", "Scroll a page down"),
	SCROLL(TEXTVIEW_PAGE_UP, "page-up", "Scroll a page up"), SCROLL(TEXTVIEW_HALF_DOWN, "half-down", "Scroll half a page down"),
	SCROLL(TEXTVIEW_HALF_UP, "half-up", "Scroll half a page up"), SCROLL(TEXTVIEW_TOP, "top", "Go to the first line"), SCROLL(TEXTVIEW_BOTTOM, "bottom", "Go to the last line"),
	SCROLL(TEXTVIEW_LEFT, "left", "Scroll left"), SCROLL(TEXTVIEW_RIGHT, "right", "Scroll right"),
};
const size_t ui_layer_cmds_count = sizeof ui_layer_cmds / sizeof ui_layer_cmds[0];

/* The input line. The cursor is a byte offset that always stands on a grapheme boundary; every edit goes through replace().
 * History: entry n_history is the line being typed, kept in `draft` while older lines are looked at. */
#include "tui/input.h"
#include <stdlib.h>
#include <string.h>
#include "core/base/mem.h"
#include "core/base/text.h"

enum { INPUT_BYTES_MAX = 64 * 1024, HISTORY_MAX = 500 };

void input_init(struct input *in, struct input_history *h)
{
	*in = (struct input){ .text = STR_INIT, .kill = STR_INIT, .draft = STR_INIT, .history = h, .history_at = h ? h->n : 0 };
}

void input_done(struct input *in)
{
	str_free(&in->text);
	str_free(&in->kill);
	str_free(&in->draft);
}

/* ---- places in the text ---- */

static size_t after(const struct input *in, size_t at)
{
	const char *s = in->text.p + at;
	struct grapheme g;
	return text_next(&s, in->text.p + in->text.len, &g) ? (size_t)(s - in->text.p) : in->text.len;
}

static size_t before(const struct input *in, size_t at)
{
	size_t prev = 0;
	for (size_t next = 0; next < at; next = after(in, next))
		prev = next;
	return prev;
}

/* The last boundary at or before a byte: a cluster may begin with a blank. */
static size_t boundary(const struct input *in, size_t at)
{
	size_t start = 0, next = 0;
	while (next <= at && start < in->text.len) {
		start = next;
		next = after(in, next);
		if (next == start)
			break;
	}
	return start < at ? start : at;
}

/* Letters, digits, underscores and everything beyond ASCII make words. */
static bool is_word(char c)
{
	return (c & 0x80) || c == '_' || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

static size_t word_before(const struct input *in)
{
	const char *s = in->text.p;
	size_t at = in->cursor;
	while (at > 0 && !is_word(s[at - 1]))
		at--;
	while (at > 0 && is_word(s[at - 1]))
		at--;
	return boundary(in, at);
}

static size_t word_after(const struct input *in)
{
	const char *s = in->text.p;
	size_t at = in->cursor;
	while (at < in->text.len && !is_word(s[at]))
		at++;
	while (at < in->text.len && is_word(s[at]))
		at++;
	return at;
}

static size_t blank_before(const struct input *in)
{
	const char *s = in->text.p;
	size_t at = in->cursor;
	while (at > 0 && s[at - 1] == ' ')
		at--;
	while (at > 0 && s[at - 1] != ' ')
		at--;
	return boundary(in, at);
}

/* ---- edits ---- */

/* A combining mark that comes to stand behind another base joins its cluster: move the cursor to the end of that. */
static void settle(struct input *in, size_t at)
{
	size_t next = 0;
	while (next < at && next < in->text.len)
		next = after(in, next);
	in->cursor = next;
}

static void replace(struct input *in, size_t from, size_t to, const char *bytes, size_t n)
{
	struct str s = STR_INIT;
	if (in->text.len - (to - from) + n > INPUT_BYTES_MAX)
		return;
	str_addn(&s, in->text.p, from);
	str_addn(&s, bytes, n);
	str_addn(&s, in->text.p + to, in->text.len - to);
	str_free(&in->text);
	in->text = s;
	settle(in, from + n);
}

static void cut(struct input *in, size_t from, size_t to)
{
	if (from == to)
		return;
	str_clear(&in->kill);
	str_addn(&in->kill, in->text.p + from, to - from);
	replace(in, from, to, "", 0);
}

void input_set(struct input *in, const char *text)
{
	str_clear(&in->text);
	in->left = 0;
	in->cursor = 0;
	in->history_at = in->history ? in->history->n : 0;
	input_insert(in, text, strlen(text));
}

/* Cleaned together with what stands before it: a combining mark needs its base. */
void input_insert(struct input *in, const char *bytes, size_t n)
{
	struct str raw = STR_INIT, clean = STR_INIT;
	str_addn(&raw, in->text.p, in->cursor);
	str_addn(&raw, bytes, n < INPUT_BYTES_MAX ? n : INPUT_BYTES_MAX);
	text_clean(&clean, raw.p, raw.len, 0);
	replace(in, 0, in->cursor, clean.p, clean.len);
	str_free(&raw);
	str_free(&clean);
}

/* ---- history ---- */

static void recall(struct input *in, size_t at)
{
	struct input_history *h = in->history;
	if (in->history_at >= h->n) {
		str_clear(&in->draft);
		str_addn(&in->draft, in->text.p, in->text.len);
	}
	const char *line = at < h->n ? h->at[at] : in->draft.p;
	str_clear(&in->text);
	str_add(&in->text, line);
	in->cursor = in->text.len;
	in->left = 0;
	in->history_at = at;
}

static void older(struct input *in)
{
	if (in->history && in->history_at > in->history->n)
		in->history_at = in->history->n;
	if (in->history && in->history_at > 0)
		recall(in, in->history_at - 1);
}

static void newer(struct input *in)
{
	if (in->history && in->history_at < in->history->n)
		recall(in, in->history_at + 1);
}

void input_history_add(struct input_history *h, const char *line)
{
	if (!*line || (h->n && strcmp(h->at[h->n - 1], line) == 0))
		return;
	if (!h->at)
		h->at = mem_array(HISTORY_MAX, sizeof *h->at);
	if (h->n == HISTORY_MAX) {
		free(h->at[0]);
		memmove(h->at, h->at + 1, (HISTORY_MAX - 1) * sizeof *h->at);
		h->n--;
	}
	h->at[h->n++] = mem_strdup(line);
}

void input_history_free(struct input_history *h)
{
	for (size_t i = 0; i < h->n; i++)
		free(h->at[i]);
	free(h->at);
	*h = (struct input_history){ 0 };
}

/* ---- actions ---- */

static void go_left(struct input *in) { in->cursor = before(in, in->cursor); }
static void go_right(struct input *in) { in->cursor = after(in, in->cursor); }
static void go_home(struct input *in) { in->cursor = 0; }
static void go_end(struct input *in) { in->cursor = in->text.len; }
static void go_word_left(struct input *in) { in->cursor = word_before(in); }
static void go_word_right(struct input *in) { settle(in, word_after(in)); }
static void erase_left(struct input *in) { replace(in, before(in, in->cursor), in->cursor, "", 0); }
static void erase_right(struct input *in) { replace(in, in->cursor, after(in, in->cursor), "", 0); }
static void kill_word(struct input *in) { cut(in, blank_before(in), in->cursor); }
static void kill_line(struct input *in) { cut(in, in->cursor, in->text.len); }
static void kill_all(struct input *in) { cut(in, 0, in->text.len); }
static void yank(struct input *in) { replace(in, in->cursor, in->cursor, in->kill.p, in->kill.len); }

bool input_do(struct input *in, const char *action)
{
	static const struct { const char *name; void (*fn)(struct input *in); } actions[] = {
		{ "left", go_left }, { "right", go_right }, { "home", go_home }, { "end", go_end },
		{ "word-left", go_word_left }, { "word-right", go_word_right }, { "backspace", erase_left }, { "delete", erase_right },
		{ "kill-word", kill_word }, { "kill-line", kill_line }, { "kill-all", kill_all }, { "yank", yank },
		{ "prev", older }, { "next", newer },
	};
	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
		if (strcmp(actions[i].name, action) == 0) {
			actions[i].fn(in);
			return true;
		}
	return false;
}

/* ---- painting ---- */

/* Cells are counted from the text's start; `left` is the first one shown. */
static void scroll_into_view(struct input *in, int room, int cursor_cell)
{
	int wide = text_width(in->text.p + in->cursor, after(in, in->cursor) - in->cursor) > 1;
	int margin = room > 8 ? 1 : 0;                         /* where the sign of more text stands */
	if (cursor_cell + wide >= in->left + room - margin)
		in->left = cursor_cell + wide - room + 1 + margin;
	if (cursor_cell < in->left + margin)
		in->left = cursor_cell > margin ? cursor_cell - margin : 0;
	if (in->left < 0)
		in->left = 0;
}

static void draw_text(const struct input *in, struct paint *p, int x, int room)
{
	const char *s = in->text.p, *end = s + in->text.len;
	struct pen dim = PEN(ROLE_INPUT_HINT);
	struct grapheme g;
	int cell = 0;
	for (; text_next(&s, end, &g); cell += g.width)
		if (cell >= in->left && cell + g.width <= in->left + room)
			surface_textn(p->s, p->r, x + cell - in->left, 0, PEN(ROLE_INPUT), g.p, g.n);
	if (in->left > 0 && room > 8)
		paint_put(p, x, 0, dim, paint_sign(p, SIGN_LEFT));
	if (cell > in->left + room && room > 8)
		paint_put(p, x + room - 1, 0, dim, paint_sign(p, SIGN_RIGHT));
}

void input_paint(struct input *in, struct paint *p, const char *prompt)
{
	int x = 0, room = p->r.w;
	if (p->r.w < 1 || p->r.h < 1)
		return;
	surface_fill(p->s, p->r, (struct rect){ 0, 0, p->r.w, 1 }, PEN(ROLE_INPUT), ' ');
	if (prompt && *prompt) {
		int width = text_width(prompt, strlen(prompt)), most = p->r.w / 2;
		x = width < most ? width : most;
		paint_field(p, 0, 0, x, -1, PEN(ROLE_BAR_KEY), prompt, strlen(prompt));
		room -= x;
	}
	int cell = text_width(in->text.p, in->cursor);
	scroll_into_view(in, room, cell);
	if (in->text.len == 0 && in->hint)
		paint_field(p, x, 0, room, -1, PEN(ROLE_INPUT_HINT), in->hint, strlen(in->hint));
	else
		draw_text(in, p, x, room);
	if (p->focus)
		surface_cursor(p->s, p->r, x + cell - in->left, 0);
}

/* term -- the interface: frames in, events out, and the two back ends.
 *
 * A frame goes surface -> back (term_cells.c: what each cell should look like) -> bytes (term_frame.c:
 * how it differs from front, what the terminal shows) -> the line (term_life.c). While bytes are
 * pending only the first step is done; the newest frame is composed when the line is free, so
 * a slow line gets fewer frames and never old ones.
 * The null back end stops after the first step.
 */
#include "tui/term.h"
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/mem.h"
#include "tui/term_priv.h"

enum { COPY_MAX = 74994, SCREEN_CHUNK = 512 };

static const char *env(const char *name)
{
	const char *v = getenv(name);
	return v ? v : "";
}

void term_resize_to(struct term *t, int w, int h)
{
	t->w = w < 1 ? 1 : w;
	t->h = h < 1 ? 1 : h;
	free(t->front);
	free(t->back);
	size_t n = (size_t)t->w * (size_t)t->h;
	t->front = mem_array(n, sizeof *t->front);
	t->back = mem_array(n, sizeof *t->back);
	t->front_known = t->pen_known = t->stale = false;
	t->clear_first = true;
	t->x = t->y = -1;
	t->cursor_x = t->cursor_y = -1;
	t->caps.w = t->w;
	t->caps.h = t->h;
}

static struct term *term_new(void)
{
	struct term *t = mem_zalloc(sizeof *t);
	str_init(&t->out);
	t->clusters = map_new();
	t->decoder = decoder_new();
	t->x = t->y = -1;
	return t;
}

static void term_free(struct term *t)
{
	tcaps_done(&t->tc);
	map_free(t->clusters);
	decoder_free(t->decoder);
	str_free(&t->out);
	free(t->front);
	free(t->back);
	free(t);
}

static void use_plain_theme(struct term *t)
{
	theme_parse(&t->theme, "plain", "", 0, NULL);
	palette_build(&t->palette, &t->tc, &t->theme, t->caps.depth);
}

static void use_options(struct term *t, const struct term_options *o, bool utf8)
{
	t->caps.depth = o->depth >= DEPTH_MONO && o->depth <= DEPTH_RGB ? (enum color_depth)o->depth : tcaps_depth(&t->tc);
	t->caps.utf8 = utf8 && !o->ascii;
	t->caps.braille = t->caps.utf8 && t->tc.braille;
	t->caps.mouse = t->tc.mouse && !o->no_mouse;
	t->caps.paste = t->tc.paste;
	t->caps.scroll = t->tc.csr;
	t->caps.name = t->tc.name;
	if (o->no_repeat)
		t->tc.rep = t->tc.rep_utf8 = false;
	use_plain_theme(t);
}

enum status term_open(const struct term_options *o, struct term **out, struct err *e)
{
	struct term *t = term_new();
	enum status st = tcaps_load(&t->tc, env("TERM"), e);
	if (st == ST_OK)
		st = life_open(t, e);
	if (st != ST_OK) {
		term_free(t);
		return st;
	}
	use_options(t, o, strcmp(nl_langinfo(CODESET), "UTF-8") == 0);
	term_resize_to(t, t->w, t->h);
	*out = t;
	return ST_OK;
}

struct term *term_open_sink(const char *name, int w, int h, const struct term_options *o, struct str *sink, struct err *e)
{
	struct term *t = term_new();
	if (tcaps_load(&t->tc, name, e) != ST_OK) {
		term_free(t);
		return NULL;
	}
	t->sink = sink;
	use_options(t, o, true);
	term_resize_to(t, w, h);
	return t;
}

struct term *term_open_null(int w, int h, enum color_depth depth, bool utf8)
{
	struct term *t = term_new();
	t->null = true;
	t->tc.attrs = 0xFF;
	t->caps = (struct term_caps){ .depth = depth, .utf8 = utf8, .braille = utf8, .name = "null" };
	use_plain_theme(t);
	term_resize_to(t, w, h);
	return t;
}

void term_null_resize(struct term *t, int w, int h)
{
	if (t->null || t->sink)
		term_resize_to(t, w, h);
}

void term_close(struct term *t)
{
	if (!t)
		return;
	if (t->life) {
		term_suspend(t);
		life_close(t);
	}
	term_free(t);
}

const struct term_caps *term_caps(const struct term *t)
{
	return &t->caps;
}

uint64_t term_bytes_written(const struct term *t)
{
	return t->written;
}

/* ---- input */

int term_fd(const struct term *t)
{
	return life_fd(t);
}

bool term_read(struct term *t, event_fn fn, void *arg)
{
	if (!t->life)
		return true;
	if (life_pending(t)) {
		life_write(t);
		if (!life_pending(t) && t->stale)
			term_send(t);
	}
	return life_read(t, fn, arg);
}

int term_wait_ms(const struct term *t)
{
	return decoder_wait_ms(t->decoder);
}

void term_flush_input(struct term *t, event_fn fn, void *arg)
{
	decoder_flush(t->decoder, fn, arg);
}

void term_check_size(struct term *t, event_fn fn, void *arg)
{
	if (!t->life)
		return;
	int w = t->caps.w, h = t->caps.h;
	life_size(t);
	if (t->w == w && t->h == h)
		return;
	term_resize_to(t, t->w, t->h);
	struct event ev = { .type = EV_RESIZE, .w = t->w, .h = t->h };
	fn(arg, &ev);
}

/* ---- output */

static void deliver(struct term *t)
{
	if (t->sink) {
		str_addn(t->sink, t->out.p, t->out.len);
		t->written += t->out.len;
		str_clear(&t->out);
	} else if (t->life) {
		life_write(t);
	} else {
		str_clear(&t->out);
	}
}

void term_send(struct term *t)
{
	if (!t->entered)
		life_enter(t);
	frame_compose(t);
	deliver(t);
}

void term_present(struct term *t, const struct surface *s)
{
	if (surface_w(s) != t->w || surface_h(s) != t->h)
		return;
	term_capture(t, s);
	if (t->null)
		memcpy(t->front, t->back, (size_t)t->w * (size_t)t->h * sizeof *t->front);
	else if (!t->suspended && !t->dead && !life_pending(t))
		term_send(t);
}

void term_set_theme(struct term *t, const struct theme *theme)
{
	t->theme = *theme;
	palette_build(&t->palette, &t->tc, theme, t->caps.depth);
	t->front_known = t->pen_known = false;
}

void term_set_ascii(struct term *t, bool ascii)
{
	t->ascii = ascii;
}

void term_redraw(struct term *t)
{
	t->clear_first = true;
	t->pen_known = false;
	t->x = t->y = -1;
	t->cursor_known = false;         /* whatever wrote on the screen may have shown or hidden it */
}

void term_suspend(struct term *t)
{
	if (t->suspended || !t->life)
		return;
	t->suspended = true;
	life_leave(t);
}

void term_resume(struct term *t)
{
	if (!t->suspended || !t->life)
		return;
	t->suspended = false;
	t->dead |= !life_resume(t);
	t->front_known = false;
	t->clear_first = true;
}

void term_bell(struct term *t)
{
	if (t->null || t->suspended || !t->entered)
		return;
	str_add(&t->out, t->tc.bel);
	deliver(t);
}

/* ---- clipboard */

static void base64(struct str *out, const unsigned char *p, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < n; i += 3) {
		unsigned v = (unsigned)p[i] << 16 | (i + 1 < n ? (unsigned)p[i + 1] << 8 : 0) | (i + 2 < n ? p[i + 2] : 0u);
		str_addc(out, digits[v >> 18]);
		str_addc(out, digits[v >> 12 & 63]);
		str_addc(out, i + 1 < n ? digits[v >> 6 & 63] : '=');
		str_addc(out, i + 2 < n ? digits[v & 63] : '=');
	}
}

/* screen passes on at most 768 bytes a string. */
static void wrap_for_screen(struct str *out, const char *p, size_t n)
{
	for (size_t at = 0; at < n; at += SCREEN_CHUNK) {
		str_add(out, "\033P");
		str_addn(out, p + at, n - at < SCREEN_CHUNK ? n - at : SCREEN_CHUNK);
		str_add(out, "\033\\");
	}
}

bool term_copy(struct term *t, const char *text, size_t n)
{
	if (n > COPY_MAX)
		return false;
	if (t->null || t->suspended || !t->entered)
		return true;
	struct str seq = STR_INIT;
	str_add(&seq, "\033]52;c;");
	base64(&seq, (const unsigned char *)text, n);
	str_addc(&seq, '\a');
	if (*env("TMUX")) {
		/* Set by tmux itself when it lets programs, and passed through to the terminal when it lets that: either may be off. */
		str_addn(&t->out, seq.p, seq.len);
		str_add(&t->out, "\033Ptmux;\033");
		str_addn(&t->out, seq.p, seq.len);
		str_add(&t->out, "\033\\");
	} else if (*env("STY")) {
		wrap_for_screen(&t->out, seq.p, seq.len);
	} else {
		str_addn(&t->out, seq.p, seq.len);
	}
	str_free(&seq);
	deliver(t);
	return true;
}

/* ---- what it shows, for tests */

void term_dump(const struct term *t, struct str *out)
{
	char text[64];
	for (int y = 0; y < t->h; y++) {
		size_t start = out->len;
		for (int x = 0; x < t->w; x++) {
			const struct tcell *c = t->front + (size_t)y * (size_t)t->w + x;
			if (c->w)
				str_addn(out, text, tcell_bytes(t, c, text));
		}
		while (out->len > start && out->p[out->len - 1] == ' ')
			str_cut(out, out->len - 1);
		str_addc(out, '\n');
	}
}

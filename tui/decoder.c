/* decoder -- bytes from a terminal to events; a state machine that sees one byte at a time.
 *
 * Why        bytes arrive cut anywhere, many keys in one read, half a key at its end. A
 *            machine with all of its memory in one struct gives the same events however
 *            the bytes are cut, which the tests prove at every cut.
 * States     ground, after ESC, in a CSI sequence, after ESC O, in a string that is of no
 *            interest (replies that somebody else asked for), in a paste, and the three
 *            bytes of an old mouse report.
 * Esc key    a lone ESC may be the key or the start of a sequence; the caller waits
 *            decoder_wait_ms() and then flushes. ESC with more behind it is Meta. What
 *            begins like a sequence and then stops is dropped at the flush, but for ESC
 *            alone (Esc), ESC [ (M-[) and ESC O (M-O).
 * Paste      collected between CSI 200~ and CSI 201~ as raw bytes, at most PASTE_MAX (the
 *            rest is swallowed); PASTE_WAIT_MS without a byte ends it, so that a lost end
 *            mark cannot swallow the keyboard.
 * Encodings  xterm, tmux, rxvt, linux, vt, modifyOtherKeys and CSI u for keys; SGR, urxvt and
 *            the old three-byte form for the mouse.
 */
#include <stdlib.h>
#include <string.h>
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/event.h"

enum { ESC = 0x1B, SEQ_MAX = 64, PARAMS_MAX = 8, STRING_MAX = 1 << 16, PASTE_MAX = 1 << 20 };
enum { ESC_WAIT_MS = 25, SEQ_WAIT_MS = 150, PASTE_WAIT_MS = 500 };
enum state { GROUND, AFTER_ESC, IN_CSI, AFTER_SS3, STRING_START, IN_STRING, STRING_ESC, IN_PASTE, MOUSE_BYTES };

struct decoder {
	enum state state;
	bool meta;                       /* an ESC stood before the sequence */
	char seq[SEQ_MAX];               /* parameters and intermediates of a CSI or SS3, bytes of an old mouse report */
	size_t n_seq, n_string;
	char opener;                     /* of a string: ] P _ */
	char utf8[4];
	int n_utf8, want_utf8;
	struct str paste;
	size_t end_seen;                 /* bytes of the end mark seen so far */
	event_fn fn;
	void *arg;
};

static const char paste_end[] = "\033[201~";

struct decoder *decoder_new(void)
{
	struct decoder *d = mem_zalloc(sizeof *d);
	str_init(&d->paste);
	return d;
}

void decoder_free(struct decoder *d)
{
	if (!d)
		return;
	str_free(&d->paste);
	free(d);
}

static void emit_key(struct decoder *d, uint32_t key)
{
	struct event ev = { .type = EV_KEY, .key = key_canonical(key | (d->meta ? MOD_META : 0)) };
	d->meta = false;
	d->state = GROUND;
	d->fn(d->arg, &ev);
}

static void drop(struct decoder *d)
{
	d->meta = false;
	d->state = GROUND;
}

/* The ESC that seemed to be Meta was the key. */
static void emit_escape(struct decoder *d)
{
	d->meta = false;
	emit_key(d, KEY_ESC_);
}

/* ---- plain bytes */

static uint32_t control_key(unsigned char c)
{
	switch (c) {
	case 0: return ' ' | MOD_CTRL;
	case '\t': return KEY_TAB_;
	case '\r': return KEY_ENTER_;
	case ESC: return KEY_ESC_;
	case 0x7F: return KEY_BACKSPACE_;
	}
	return (c < 27 ? c + 'a' - 1u : c + '@' + 0u) | MOD_CTRL;
}

static int utf8_length(unsigned char c)
{
	return c >= 0xF0 && c < 0xF8 ? 4 : c >= 0xE0 && c < 0xF0 ? 3 : c >= 0xC2 && c < 0xE0 ? 2 : 1;
}

static void finish_utf8(struct decoder *d)
{
	uint32_t cp;
	if (text_decode(d->utf8, (size_t)d->n_utf8, &cp) != (size_t)d->n_utf8)
		cp = 0xFFFD;
	d->n_utf8 = 0;
	emit_key(d, cp >= 0x80 && cp < 0xA0 ? 0xFFFD : cp);
}

/* A byte of 0x80 and above. A broken character is one U+FFFD key, and what follows it is not lost. */
static void high_byte(struct decoder *d, unsigned char c)
{
	bool continues = (c & 0xC0) == 0x80;
	if (d->n_utf8 && !continues)
		finish_utf8(d);
	if (d->n_utf8 == 0)
		d->want_utf8 = utf8_length(c);
	d->utf8[d->n_utf8++] = (char)c;
	if (d->n_utf8 >= d->want_utf8)
		finish_utf8(d);
}

static void ground(struct decoder *d, unsigned char c)
{
	if (c >= 0x80) {
		high_byte(d, c);
		return;
	}
	if (d->n_utf8)
		finish_utf8(d);
	if (c == ESC)
		d->state = AFTER_ESC;
	else
		emit_key(d, c >= 0x20 && c < 0x7F ? c : control_key(c));
}

/* ---- sequences */

struct params { int n, at[PARAMS_MAX]; int sub; /* first sub-parameter of the last one */ };

/* "1;5:3": numbers; of sub-parameters only that of the modifiers (press, repeat, release) counts. */
static void parse_params(const char *s, size_t n, struct params *p)
{
	*p = (struct params){ .n = 1, .sub = 0 };
	bool sub = false;
	for (size_t i = 0; i < n; i++) {
		if (s[i] >= '0' && s[i] <= '9') {
			int *to = sub ? &p->sub : &p->at[p->n - 1];
			if (*to < 1 << 24)
				*to = *to * 10 + (s[i] - '0');
		} else if (s[i] == ';') {
			if (p->n == PARAMS_MAX)
				return;
			p->n++;
			sub = false;
			p->sub = 0;
		} else if (s[i] == ':') {
			sub = true;
			p->sub = 0;
		}
	}
}

/* The modifier parameter: 1 + bits of shift, alt, ctrl, super, hyper, meta. */
static uint32_t modifiers(int v)
{
	int bits = v > 0 && v <= 256 ? v - 1 : 0;
	return (bits & 1 ? MOD_SHIFT : 0u) | (bits & (2 | 32) ? MOD_META : 0u) | (bits & 4 ? MOD_CTRL : 0u);
}

struct final_key { char final; uint32_t key; };
static const struct final_key csi_finals[] = {
	{ 'A', KEY_UP_ }, { 'B', KEY_DOWN_ }, { 'C', KEY_RIGHT_ }, { 'D', KEY_LEFT_ }, { 'H', KEY_HOME_ }, { 'F', KEY_END_ },
	{ 'P', KEY_F1_ }, { 'Q', KEY_F1_ + 1 }, { 'R', KEY_F1_ + 2 }, { 'S', KEY_F1_ + 3 }, { 'Z', KEY_TAB_ | MOD_SHIFT },
	{ 'a', KEY_UP_ | MOD_SHIFT }, { 'b', KEY_DOWN_ | MOD_SHIFT }, { 'c', KEY_RIGHT_ | MOD_SHIFT }, { 'd', KEY_LEFT_ | MOD_SHIFT }, { 0, 0 },
};
static const struct final_key ss3_finals[] = {
	{ 'A', KEY_UP_ }, { 'B', KEY_DOWN_ }, { 'C', KEY_RIGHT_ }, { 'D', KEY_LEFT_ }, { 'H', KEY_HOME_ }, { 'F', KEY_END_ },
	{ 'P', KEY_F1_ }, { 'Q', KEY_F1_ + 1 }, { 'R', KEY_F1_ + 2 }, { 'S', KEY_F1_ + 3 }, { 'M', KEY_ENTER_ }, { 'I', KEY_TAB_ }, { ' ', ' ' },
	{ 'a', KEY_UP_ | MOD_CTRL }, { 'b', KEY_DOWN_ | MOD_CTRL }, { 'c', KEY_RIGHT_ | MOD_CTRL }, { 'd', KEY_LEFT_ | MOD_CTRL },
	{ 'X', '=' }, { 'j', '*' }, { 'k', '+' }, { 'l', ',' }, { 'm', '-' }, { 'n', '.' }, { 'o', '/' },
	{ 'p', '0' }, { 'q', '1' }, { 'r', '2' }, { 's', '3' }, { 't', '4' }, { 'u', '5' }, { 'v', '6' }, { 'w', '7' }, { 'x', '8' }, { 'y', '9' }, { 0, 0 },
};
/* CSI N ~ from N = 1; beyond F12 terminals send the shifted ones. */
static const uint32_t tilde_keys[] = {
	0, KEY_HOME_, KEY_INSERT_, KEY_DELETE_, KEY_END_, KEY_PGUP_, KEY_PGDN_, KEY_HOME_, KEY_END_, 0,
	0, KEY_F1_, KEY_F1_ + 1, KEY_F1_ + 2, KEY_F1_ + 3, KEY_F1_ + 4, 0, KEY_F1_ + 5, KEY_F1_ + 6, KEY_F1_ + 7,
	KEY_F1_ + 8, KEY_F1_ + 9, 0, KEY_F1_ + 10, KEY_F12_, KEY_F1_ | MOD_SHIFT, (KEY_F1_ + 1) | MOD_SHIFT, 0, (KEY_F1_ + 2) | MOD_SHIFT, (KEY_F1_ + 3) | MOD_SHIFT,
	0, (KEY_F1_ + 4) | MOD_SHIFT, (KEY_F1_ + 5) | MOD_SHIFT, (KEY_F1_ + 6) | MOD_SHIFT, (KEY_F1_ + 7) | MOD_SHIFT,
};

static uint32_t find_final(const struct final_key *t, char final)
{
	while (t->final && t->final != final)
		t++;
	return t->key;
}

/* A code of CSI u or modifyOtherKeys; 0: a key that has no name here. */
static uint32_t coded_key(int code)
{
	if (code <= 0 || (code >= 0x80 && code < 0xA0) || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) || (code >= 57344 && code <= 63743))
		return 0;
	if (code < 32 || code == 127)
		return code == 8 ? KEY_BACKSPACE_ : control_key((unsigned char)code);
	return (uint32_t)code;
}

static void emit_named(struct decoder *d, uint32_t key, uint32_t mods, bool release)
{
	if (key && !release)
		emit_key(d, key | mods);
	else
		drop(d);
}

static void begin_paste(struct decoder *d)
{
	if (d->meta)
		emit_escape(d);
	d->state = IN_PASTE;
	d->end_seen = 0;
	str_clear(&d->paste);
}

static void tilde(struct decoder *d, const struct params *p)
{
	int n = p->at[0];
	if (n == 200) {
		begin_paste(d);
		return;
	}
	bool release = p->n > 1 && p->sub == 3;
	if (n == 27 && p->n >= 3)
		emit_named(d, coded_key(p->at[2]), modifiers(p->at[1]), false);
	else
		emit_named(d, n > 0 && n < (int)(sizeof tilde_keys / sizeof *tilde_keys) ? tilde_keys[n] : 0, modifiers(p->at[1]), release);
}

/* rxvt: $ shift, ^ ctrl, @ both, in place of the tilde. */
static void rxvt_tilde(struct decoder *d, int n, char final)
{
	uint32_t mods = final == '$' ? MOD_SHIFT : final == '^' ? MOD_CTRL : MOD_SHIFT | MOD_CTRL;
	emit_named(d, n > 0 && n < (int)(sizeof tilde_keys / sizeof *tilde_keys) ? tilde_keys[n] : 0, mods, false);
}

static void mouse_event(struct decoder *d, int code, int x, int y, bool release)
{
	struct event ev = { .type = EV_MOUSE, .x = x > 0 ? x - 1 : 0, .y = y > 0 ? y - 1 : 0, .button = (code & 3) + 1 };
	ev.key = (code & 4 ? MOD_SHIFT : 0u) | (code & 8 ? MOD_META : 0u) | (code & 16 ? MOD_CTRL : 0u);
	drop(d);
	if (code & 64) {
		if ((code & 3) > 1)
			return;                      /* wheel tilted sideways */
		ev.mouse = code & 1 ? MOUSE_WHEEL_DOWN : MOUSE_WHEEL_UP;
		ev.button = 0;
	} else if (release || (code & 3) == 3) {
		if ((code & 32) && !release)
			return;                      /* moved without a button */
		ev.mouse = MOUSE_RELEASE;
		ev.button = (code & 3) == 3 ? 0 : ev.button;
	} else {
		ev.mouse = code & 32 ? MOUSE_DRAG : MOUSE_PRESS;
	}
	d->fn(d->arg, &ev);
}

static void focus_event(struct decoder *d, bool on)
{
	struct event ev = { .type = EV_FOCUS, .focus = on };
	drop(d);
	d->fn(d->arg, &ev);
}

static void csi_done(struct decoder *d, char final)
{
	struct params p;
	bool private = d->n_seq && d->seq[0] >= '<' && d->seq[0] <= '?';
	parse_params(d->seq + private, d->n_seq - private, &p);
	bool release = p.n > 1 && p.sub == 3;
	if (d->n_seq && d->seq[0] == '<' && (final == 'M' || final == 'm'))
		mouse_event(d, p.at[0], p.at[1], p.at[2], final == 'm');
	else if (private)
		drop(d);                         /* an answer to somebody's question */
	else if (final == '~')
		tilde(d, &p);
	else if (final == '^' || final == '@' || final == '$')
		rxvt_tilde(d, p.at[0], final);
	else if (final == 'u')
		emit_named(d, coded_key(p.at[0]), modifiers(p.at[1]), release);
	else if (final == 'M' && p.n >= 3)
		mouse_event(d, p.at[0] - 32, p.at[1], p.at[2], false);
	else if ((final == 'I' || final == 'O') && d->n_seq == 0)
		focus_event(d, final == 'I');
	else if (p.at[0] > 1 && final >= 'P' && final <= 'S')
		drop(d);                         /* a cursor position report, not F3 */
	else
		emit_named(d, find_final(csi_finals, final), modifiers(p.at[1]), release);
}

static bool all_digits(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] < '0' || s[i] > '9')
			return false;
	return n > 0;
}

static void csi_byte(struct decoder *d, unsigned char c)
{
	if (c == ESC) {                      /* the sequence was cut off; a new one begins */
		d->meta = false;
		d->state = AFTER_ESC;
	} else if (c < 0x20 || c > 0x7E) {
		drop(d);
		ground(d, c);
	} else if (d->n_seq == 1 && d->seq[0] == '[') {
		emit_named(d, c >= 'A' && c <= 'E' ? KEY_F1_ + (uint32_t)(c - 'A') : 0, 0, false);   /* linux console: ESC [ [ A */
	} else if (c == 'M' && d->n_seq == 0) {
		d->state = MOUSE_BYTES;
	} else if ((c >= 0x40 && !(c == '[' && d->n_seq == 0)) || (c == '$' && all_digits(d->seq, d->n_seq))) {
		csi_done(d, (char)c);
	} else if (d->n_seq == SEQ_MAX) {
		drop(d);
	} else {
		d->seq[d->n_seq++] = (char)c;
	}
}

static void ss3_byte(struct decoder *d, unsigned char c)
{
	if (((c >= '0' && c <= '9') || c == ';') && d->n_seq < SEQ_MAX) {
		d->seq[d->n_seq++] = (char)c;
		return;
	}
	struct params p;
	parse_params(d->seq, d->n_seq, &p);
	uint32_t key = c < 0x80 ? find_final(ss3_finals, (char)c) : 0;
	if (key) {
		emit_named(d, key, modifiers(p.at[p.n - 1]), false);
		return;
	}
	if (d->n_seq == 0) {                 /* M-O, and then whatever came */
		d->meta = true;
		emit_key(d, 'O');
	} else {
		drop(d);
	}
	ground(d, c);
}

static void after_esc(struct decoder *d, unsigned char c)
{
	d->n_seq = d->n_string = 0;
	if (d->meta && c != '[' && c != 'O')
		emit_escape(d);
	switch (c) {
	case ESC:
		d->meta = true;
		d->state = AFTER_ESC;
		break;
	case '[': d->state = IN_CSI; break;
	case 'O': d->state = AFTER_SS3; break;
	case ']': case 'P': case '_':
		d->state = STRING_START;
		d->opener = (char)c;
		break;
	default:
		d->meta = true;
		d->state = GROUND;
		ground(d, c);
	}
}

/* ESC ] is a string only when a digit follows, ESC P with a parameter, ESC _ with G; else it was M-], M-P, M-_. */
static void string_start(struct decoder *d, unsigned char c)
{
	bool is = (c >= '0' && c <= '9') || (d->opener == 'P' && (c == '>' || c == '!' || c == '$' || c == '+')) || (d->opener == '_' && c == 'G');
	if (is) {
		d->state = IN_STRING;
		return;
	}
	d->meta = true;
	emit_key(d, (unsigned char)d->opener);
	ground(d, c);
}

static void string_byte(struct decoder *d, unsigned char c)
{
	if (d->state == STRING_ESC) {
		d->state = GROUND;
		d->meta = false;
		if (c != '\\')
			after_esc(d, c);
	} else if (c == ESC) {
		d->state = STRING_ESC;
	} else if (c == 7 || c == 0x18 || c == 0x1A || ++d->n_string > STRING_MAX) {
		drop(d);
	}
}

static void mouse_byte(struct decoder *d, unsigned char c)
{
	d->seq[d->n_seq++] = (char)c;
	if (d->n_seq < 3)
		return;
	unsigned char b[3];
	memcpy(b, d->seq, 3);
	mouse_event(d, b[0] - 32, b[1] - 32, b[2] - 32, false);
}

/* ---- paste */

static void paste_add(struct decoder *d, const char *p, size_t n)
{
	size_t room = PASTE_MAX - d->paste.len;
	str_addn(&d->paste, p, n < room ? n : room);
}

static void end_paste(struct decoder *d)
{
	struct event ev = { .type = EV_PASTE, .text = d->paste.p, .n = d->paste.len };
	drop(d);
	d->fn(d->arg, &ev);
	str_free(&d->paste);
}

/* Takes what belongs to the paste from p..end; returns where it stopped. */
static const char *paste_bytes(struct decoder *d, const char *p, const char *end)
{
	enum { MARK = sizeof paste_end - 1 };
	while (p < end) {
		if (d->end_seen == 0) {
			const char *esc = memchr(p, ESC, (size_t)(end - p));
			paste_add(d, p, (size_t)((esc ? esc : end) - p));
			if (!esc)
				return end;
			p = esc + 1;
			d->end_seen = 1;
		} else if (*p == paste_end[d->end_seen]) {
			p++;
			if (++d->end_seen == MARK) {
				end_paste(d);
				return p;
			}
		} else {
			paste_add(d, paste_end, d->end_seen);
			d->end_seen = 0;
		}
	}
	return p;
}

/* ---- interface */

void decoder_feed(struct decoder *d, const char *bytes, size_t n, event_fn fn, void *arg)
{
	const char *p = bytes, *end = bytes + n;
	d->fn = fn;
	d->arg = arg;
	while (p < end) {
		if (d->state == IN_PASTE) {
			p = paste_bytes(d, p, end);
			continue;
		}
		unsigned char c = (unsigned char)*p++;
		switch (d->state) {
		case GROUND: ground(d, c); break;
		case AFTER_ESC: after_esc(d, c); break;
		case IN_CSI: csi_byte(d, c); break;
		case AFTER_SS3: ss3_byte(d, c); break;
		case STRING_START: string_start(d, c); break;
		case IN_STRING: case STRING_ESC: string_byte(d, c); break;
		case MOUSE_BYTES: mouse_byte(d, c); break;
		case IN_PASTE: break;
		}
	}
}

int decoder_wait_ms(const struct decoder *d)
{
	if (d->state == IN_PASTE || d->state == IN_STRING)
		return PASTE_WAIT_MS;
	if (d->state == AFTER_ESC)
		return ESC_WAIT_MS;
	return d->state != GROUND || d->n_utf8 ? SEQ_WAIT_MS : -1;
}

void decoder_flush(struct decoder *d, event_fn fn, void *arg)
{
	d->fn = fn;
	d->arg = arg;
	bool bare = d->n_seq == 0;
	if (d->n_utf8)
		finish_utf8(d);
	switch (d->state) {
	case GROUND: break;
	case AFTER_ESC:
		if (d->meta)
			emit_escape(d);
		emit_key(d, KEY_ESC_);
		break;
	case IN_CSI: case AFTER_SS3:
		if (bare) {
			uint32_t key = d->state == IN_CSI ? '[' : 'O';
			d->meta = true;
			emit_key(d, key);
		} else {
			drop(d);
		}
		break;
	case STRING_START:
		d->meta = true;
		emit_key(d, (unsigned char)d->opener);
		break;
	case IN_PASTE:
		paste_add(d, paste_end, d->end_seen);
		end_paste(d);
		break;
	case IN_STRING: case STRING_ESC: case MOUSE_BYTES: drop(d); break;
	}
}

/* event -- what the terminal tells us: keys, mouse, pasted text, focus, size.
 *
 * A key is a code point or a KEY_ constant with modifier bits. Names are those of the keymaps:
 * a ? Space Enter Tab Esc Backspace Up PgDn F5 C-x M-x S-Up C-M-Left.
 */
#ifndef MLYARD_TUI_EVENT_H
#define MLYARD_TUI_EVENT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/base/str.h"

enum { MOD_CTRL = 1u << 24, MOD_META = 1u << 25, MOD_SHIFT = 1u << 26, MOD_MASK = 7u << 24 };
enum key_code { KEY_UP_ = 0x110000, KEY_DOWN_, KEY_LEFT_, KEY_RIGHT_, KEY_HOME_, KEY_END_, KEY_PGUP_, KEY_PGDN_, KEY_INSERT_, KEY_DELETE_,
	KEY_BACKSPACE_, KEY_TAB_, KEY_ENTER_, KEY_ESC_, KEY_F1_, KEY_F12_ = KEY_F1_ + 11, KEY_CODE_END };
enum event_type { EV_KEY, EV_MOUSE, EV_PASTE, EV_RESIZE, EV_FOCUS, EV_HANGUP };
enum mouse_kind { MOUSE_PRESS, MOUSE_RELEASE, MOUSE_DRAG, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN };
struct event {
	enum event_type type;
	uint32_t key;                                  /* EV_KEY */
	enum mouse_kind mouse; int button, x, y;       /* EV_MOUSE: cell, 0-based; button 1..3; mods in key */
	const char *text; size_t n;                    /* EV_PASTE: raw bytes, valid during the call */
	int w, h;                                      /* EV_RESIZE */
	bool focus;                                    /* EV_FOCUS */
};
void key_format(struct str *out, uint32_t key);
bool key_parse(const char *name, size_t n, uint32_t *key);
/* One name for what terminals cannot tell apart: C-i is Tab, S-a is A, C-/ is C-_. */
uint32_t key_canonical(uint32_t key);

/* Bytes from a terminal to events; keeps what is incomplete. Never blocks, never reads. */
struct decoder;
typedef void (*event_fn)(void *arg, const struct event *ev);
struct decoder *decoder_new(void);
void decoder_free(struct decoder *d);
void decoder_feed(struct decoder *d, const char *bytes, size_t n, event_fn fn, void *arg);
/* A lone ESC or an unfinished sequence is waiting: call decoder_flush after this many ms without input; -1: nothing waits. */
int decoder_wait_ms(const struct decoder *d);
void decoder_flush(struct decoder *d, event_fn fn, void *arg);
#endif

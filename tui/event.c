#include "tui/event.h"
#include <string.h>
#include "core/base/text.h"

/* ---- names of keys, as in keymaps */

static const struct { const char *name; uint32_t key; } names[] = {
	{ "Up", KEY_UP_ }, { "Down", KEY_DOWN_ }, { "Left", KEY_LEFT_ }, { "Right", KEY_RIGHT_ }, { "Home", KEY_HOME_ }, { "End", KEY_END_ },
	{ "PgUp", KEY_PGUP_ }, { "PgDn", KEY_PGDN_ }, { "Insert", KEY_INSERT_ }, { "Delete", KEY_DELETE_ }, { "Backspace", KEY_BACKSPACE_ },
	{ "Tab", KEY_TAB_ }, { "Enter", KEY_ENTER_ }, { "Esc", KEY_ESC_ }, { "Space", ' ' },
	{ "F1", KEY_F1_ }, { "F2", KEY_F1_ + 1 }, { "F3", KEY_F1_ + 2 }, { "F4", KEY_F1_ + 3 }, { "F5", KEY_F1_ + 4 }, { "F6", KEY_F1_ + 5 },
	{ "F7", KEY_F1_ + 6 }, { "F8", KEY_F1_ + 7 }, { "F9", KEY_F1_ + 8 }, { "F10", KEY_F1_ + 9 }, { "F11", KEY_F1_ + 10 }, { "F12", KEY_F12_ },
};
enum { NAMES = sizeof names / sizeof *names };

void key_format(struct str *out, uint32_t key)
{
	uint32_t code = key & ~MOD_MASK;
	str_add(out, key & MOD_CTRL ? "C-" : "");
	str_add(out, key & MOD_META ? "M-" : "");
	str_add(out, key & MOD_SHIFT ? "S-" : "");
	for (int i = 0; i < NAMES; i++)
		if (names[i].key == code) {
			str_add(out, names[i].name);
			return;
		}
	char utf8[4];
	if (code < 0x110000)
		str_addn(out, utf8, text_encode(code, utf8));
	else
		str_addf(out, "key-%x", (unsigned)code);
}

static bool parse_name(const char *name, size_t n, uint32_t *key)
{
	for (int i = 0; i < NAMES; i++)
		if (strlen(names[i].name) == n && memcmp(names[i].name, name, n) == 0) {
			*key = names[i].key;
			return true;
		}
	uint32_t cp;
	if (text_decode(name, n, &cp) != n || cp <= 0x20 || cp == 0xFFFD || (cp >= 0x7F && cp < 0xA0))
		return false;
	*key = cp;
	return true;
}

/* What a terminal cannot tell apart has one name: C-i is Tab, C-m Enter, C-[ Esc; S-a is A; C-A is C-a. */
uint32_t key_canonical(uint32_t key)
{
	uint32_t code = key & ~MOD_MASK, mods = key & MOD_MASK;
	if (code < 0x80 && (mods & MOD_SHIFT)) {
		if (code >= 'a' && code <= 'z')
			code -= 32;
		if (code != ' ')
			mods &= ~(uint32_t)MOD_SHIFT;
	}
	if ((mods & MOD_CTRL) && code < 0x80) {
		if (code >= 'A' && code <= 'Z')
			code += 32;
		if (code == 'i' || code == 'm' || code == '[') {
			code = code == 'i' ? KEY_TAB_ : code == 'm' ? KEY_ENTER_ : KEY_ESC_;
			mods &= ~(uint32_t)MOD_CTRL;
		} else if (code == '/') {
			code = '_';
		} else if (code == '@') {
			code = ' ';
		}
	}
	return code | mods;
}

bool key_parse(const char *name, size_t n, uint32_t *key)
{
	uint32_t mods = 0, code;
	while (n > 2 && name[1] == '-') {
		uint32_t m = name[0] == 'C' ? MOD_CTRL : name[0] == 'M' ? MOD_META : name[0] == 'S' ? MOD_SHIFT : 0;
		if (!m || (mods & m))
			break;
		mods |= m;
		name += 2;
		n -= 2;
	}
	if (n == 0 || !parse_name(name, n, &code))
		return false;
	*key = key_canonical(code | mods);
	return true;
}

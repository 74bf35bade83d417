/* Keymap and theme files: whatever they hold, what is wrong is said in clean lines that name the place, and what was read is usable. */
#include <string.h>
#include "core/base/text.h"
#include "tests/fuzz/fuzz.h"
#include "tui/event.h"
#include "tui/keymap.h"
#include "tui/theme.h"

static void check_problems(const struct str *problems)
{
	MUST(text_is_clean(problems->p, problems->len, TEXT_LINES));
	for (const char *line = problems->p; *line;) {
		const char *end = strchr(line, '\n');
		MUST(strncmp(line, "file:", 5) == 0);
		line = end ? end + 1 : line + strlen(line);
	}
}

static void check_keymap(const char *text, size_t n)
{
	struct keymap *k = keymap_new();
	struct str problems = STR_INIT, name = STR_INIT;
	keymap_parse(k, "file", text, n, &problems);
	check_problems(&problems);
	for (size_t i = 0; i < keymap_count(k); i++) {
		const struct binding *b = keymap_at(k, i);
		const char *contexts[] = { b->context, NULL }, *command;
		MUST(b->n_keys >= 1 && b->n_keys <= KEY_SEQ_MAX && *b->context && *b->command);
		MUST(keymap_lookup(k, contexts, b->keys, b->n_keys, &command) != KEYMAP_NONE);
		for (int j = 0; j < b->n_keys; j++) {
			uint32_t key;
			str_clear(&name);
			key_format(&name, b->keys[j]);
			MUST(key_parse(name.p, name.len, &key) && key == b->keys[j]);
		}
	}
	str_free(&problems);
	str_free(&name);
	keymap_free(k);
}

static void check_theme(const char *text, size_t n)
{
	static struct theme t;
	struct str problems = STR_INIT;
	theme_parse(&t, "file", text, n, &problems);
	check_problems(&problems);
	MUST(memchr(t.name, '\0', sizeof t.name) && text_is_clean(t.name, strlen(t.name), 0));
	for (int role = 0; role < ROLE_COUNT; role++)
		for (int depth = DEPTH_MONO; depth <= DEPTH_RGB; depth++) {
			struct color c = color_reduce(t.style[role].fg, (enum color_depth)depth, false);
			MUST(c.kind <= COLOR_RGB && (depth == DEPTH_RGB || c.kind != COLOR_RGB));
		}
	str_free(&problems);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_keymap((const char *)data, size);
	check_theme((const char *)data, size);
	return 0;
}

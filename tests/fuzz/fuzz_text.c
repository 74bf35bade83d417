/* The sanitiser: idempotent, valid UTF-8, nothing forbidden; measuring walks every byte once and cutting keeps its promise. */
#include <stdbool.h>
#include <string.h>
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tests/fuzz/fuzz.h"

static bool forbidden(uint32_t cp, unsigned flags)
{
	return (cp < 0x20 && !(cp == '\n' && flags & TEXT_LINES)) || (cp >= 0x7F && cp < 0xA0) || cp == 0xAD || cp == 0x61C || cp == 0xFEFF
		|| (cp >= 0x200B && cp <= 0x200F && cp != 0x200D) || (cp >= 0x2028 && cp <= 0x202E) || (cp >= 0x2060 && cp <= 0x206F)
		|| (cp >= 0xFDD0 && cp <= 0xFDEF) || (cp & 0xFFFE) == 0xFFFE || (cp >= 0xE0000 && cp <= 0xE0FFF);
}

static void check_clusters(const char *s, size_t n)
{
	struct grapheme g;
	const char *p = s, *end = s + n;
	size_t bytes = 0;
	int width = 0;
	while (text_next(&p, end, &g)) {
		MUST(g.p == s + bytes && g.n > 0 && g.n < 64 && g.width >= 0 && g.width <= 2);
		bytes += g.n;
		width += g.width;
	}
	MUST(bytes == n && width == text_width(s, n));
	for (int w = 0; w <= 12; w += 3) {
		struct str cut = STR_INIT;
		int used = text_fit(&cut, s, n, w);
		MUST(used <= w && (used == width || width > w) && text_width(cut.p, cut.len) == used);
		str_free(&cut);
	}
}

static void check(const char *s, size_t n, unsigned flags)
{
	struct str once = STR_INIT, twice = STR_INIT;
	text_clean(&once, s, n, flags);
	text_clean(&twice, once.p, once.len, flags);
	MUST(once.len == twice.len && memcmp(once.p, twice.p, once.len) == 0);
	MUST(text_utf8_valid(once.p, once.len));
	MUST(text_is_clean(once.p, once.len, flags));
	MUST(text_is_clean(s, n, flags) == (once.len == n && memcmp(once.p, s, n) == 0));
	for (size_t i = 0; i < once.len;) {
		uint32_t cp;
		i += text_decode(once.p + i, once.len - i, &cp);
		MUST(!forbidden(cp, flags));
	}
	check_clusters(once.p, once.len);
	str_free(&once);
	str_free(&twice);
}

/* Text that was not cleaned may be measured wrongly, but not read beyond its end. */
static void check_raw(const char *s, size_t n)
{
	struct grapheme g;
	const char *p = s, *end = s + n;
	size_t bytes = 0;
	while (text_next(&p, end, &g))
		bytes += g.n;
	MUST(bytes == n);
	MUST(text_contains(s, n, s + n / 3, n / 3) || n > 0);
	MUST(text_contains(s, n, s, n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check((const char *)data, size, 0);
	check((const char *)data, size, TEXT_LINES);
	check_raw((const char *)data, size);
	char *word = mem_strndup((const char *)data, size);
	MUST(word && text_fuzzy(word, word) > 0);
	free(word);
	return 0;
}

/* Design
 *
 * Cleaning is one pass with a small state (struct cleaner): where the last base character stands,
 * what it still accepts (marks, a variation selector, a joiner) and the column for tabs. A ZWJ is held back
 * until the next character shows that it joins two pictographs; everything else that is invisible
 * by definition (Default_Ignorable_Code_Point, Cf) or may not be exchanged (noncharacters) is dropped. A mark
 * that has nothing to stand on gets a dotted circle, so that it cannot reach into the cell before it.
 * What is written never changes the meaning of what was written before, hence the idempotence.
 *
 * Measuring walks extended grapheme clusters (UAX #29, utf8proc). Terminals disagree about the width of
 * clusters; we take the sum of the code points' widths, at most 2, and 2 when an emoji selector (U+FE0F)
 * asks for it. Printable ASCII takes a path without tables everywhere.
 */
#include "core/base/text.h"

#include <string.h>
#include <utf8proc.h>

enum {
	CP_BAD = 0xFFFD, CP_ZWJ = 0x200D, CP_TEXT_STYLE = 0xFE0E, CP_EMOJI_STYLE = 0xFE0F, CP_DOTTED_CIRCLE = 0x25CC,
	CP_ELLIPSIS = 0x2026, CP_MAX = 0x10FFFF,
	TAB_COLUMNS = 4, MARKS_MAX = 4, JOINS_MAX = 4,
	CLUSTER_BYTES_MAX = 60,     /* the longest emoji of Unicode has 35; a hostile cluster is cut into pieces */
	FUZZY_MAX = 256,
};

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7F;
}

size_t text_decode(const char *s, size_t n, uint32_t *cp)
{
	const unsigned char *u = (const unsigned char *)s;
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	*cp = u[0];
	if (u[0] < 0x80)
		return 1;
	size_t len = u[0] >= 0xF0 ? 4 : u[0] >= 0xE0 ? 3 : 2;
	uint32_t v = u[0] & (0x7Fu >> len);
	*cp = CP_BAD;
	if (u[0] < 0xC2 || u[0] > 0xF4 || len > n)
		return 1;
	for (size_t i = 1; i < len; i++) {
		if ((u[i] & 0xC0) != 0x80)
			return 1;
		v = v << 6 | (u[i] & 0x3F);
	}
	if (v < least[len] || v > CP_MAX || (v >= 0xD800 && v <= 0xDFFF))
		return 1;
	*cp = v;
	return len;
}

size_t text_encode(uint32_t cp, char out[4])
{
	if (cp > CP_MAX || (cp >= 0xD800 && cp <= 0xDFFF))
		cp = CP_BAD;
	return (size_t)utf8proc_encode_char((utf8proc_int32_t)cp, (utf8proc_uint8_t *)out);
}

size_t text_break(const char *s, int width)
{
	const char *at = s, *end = s + strcspn(s, "\n"), *blank = NULL;
	struct grapheme g;
	int used = 0;
	while (at < end && text_next(&at, end, &g)) {
		if (used + g.width > width)
			return blank ? (size_t)(blank - s) + 1 : g.p > s ? (size_t)(g.p - s) : g.n;
		used += g.width;
		blank = g.n == 1 && *g.p == ' ' ? g.p : blank;
	}
	return (size_t)(end - s);
}

bool text_utf8_valid(const char *s, size_t n)
{
	for (size_t i = 0; i < n;) {
		uint32_t cp;
		size_t len = text_decode(s + i, n - i, &cp);
		if (cp == CP_BAD && len == 1)
			return false;
		i += len;
	}
	return true;
}

/* ---- cleaning ---- */

struct cleaner {
	struct str *out;
	unsigned flags;
	size_t measured;       /* offset in out up to which `column` counts */
	int column;            /* cells since the line began */
	uint8_t marks, joins;  /* on the present base */
	bool base;             /* there is something for a mark to stand on */
	bool pictograph;       /* the last character is one, or belongs to one: a joiner may follow */
	bool styled;           /* ... and has its variation selector already, or cannot take one */
	bool joiner;           /* a ZWJ waits for the next pictograph */
};

enum kind { KIND_BASE, KIND_MARK, KIND_PICTOGRAPH, KIND_STYLE, KIND_JOINER, KIND_BREAK, KIND_CONTROL, KIND_DROP };

static bool is_noncharacter(uint32_t cp)
{
	return (cp & 0xFFFE) == 0xFFFE || (cp >= 0xFDD0 && cp <= 0xFDEF);
}

/* Not assigned yet, but set aside for invisible characters: the tables do not mark them. */
static bool is_reserved_invisible(uint32_t cp)
{
	return cp == 0x2065 || (cp >= 0xFFF0 && cp <= 0xFFF8) || (cp >= 0xE0000 && cp <= 0xE0FFF);
}

static enum kind kind_of(uint32_t cp)
{
	if (cp == CP_ZWJ)
		return KIND_JOINER;
	if (cp == CP_EMOJI_STYLE || cp == CP_TEXT_STYLE || (cp >= 0x1F3FB && cp <= 0x1F3FF))
		return KIND_STYLE;
	if (is_noncharacter(cp) || is_reserved_invisible(cp))
		return KIND_DROP;
	const utf8proc_property_t *p = utf8proc_get_property((utf8proc_int32_t)cp);
	if (p->ignorable)
		return KIND_DROP;
	switch (p->category) {
	case UTF8PROC_CATEGORY_CC: return KIND_CONTROL;
	case UTF8PROC_CATEGORY_CF: return KIND_DROP;
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP: return KIND_BREAK;
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ME: return KIND_MARK;
	default: break;
	}
	return p->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC ? KIND_PICTOGRAPH : KIND_BASE;
}

static void put(struct cleaner *c, uint32_t cp)
{
	char b[4];
	str_addn(c->out, b, text_encode(cp, b));
}

static void start_base(struct cleaner *c, uint32_t cp)
{
	put(c, cp);
	c->base = true;
	c->marks = c->joins = 0;
	c->pictograph = c->joiner = false;
	c->styled = true;
}

static void put_pictograph(struct cleaner *c, uint32_t cp)
{
	uint8_t marks = 0, joins = 0;
	if (c->joiner && c->joins < JOINS_MAX) {
		put(c, CP_ZWJ);
		joins = (uint8_t)(c->joins + 1);
		marks = c->marks;
	}
	start_base(c, cp);
	c->marks = marks;
	c->joins = joins;
	c->pictograph = true;
	c->styled = false;
}

/* Variation selectors and skin tones: one of them, directly after its pictograph; they mean nothing elsewhere. */
static void put_style(struct cleaner *c, uint32_t cp)
{
	if (c->pictograph && !c->styled && !c->joiner) {
		put(c, cp);
		c->styled = true;
	}
}

static void put_mark(struct cleaner *c, uint32_t cp)
{
	c->joiner = c->pictograph = false;
	c->styled = true;
	if (!c->base)
		start_base(c, CP_DOTTED_CIRCLE);
	if (c->marks < MARKS_MAX) {
		c->marks++;
		put(c, cp);
	}
}

static void put_break(struct cleaner *c)
{
	start_base(c, c->flags & TEXT_LINES ? '\n' : ' ');
	if (c->flags & TEXT_LINES) {
		c->base = false;
		c->column = 0;
		c->measured = c->out->len;
	}
}

static void put_tab(struct cleaner *c)
{
	int n = 1;
	if (c->flags & TEXT_LINES) {
		c->column += text_width(c->out->p + c->measured, c->out->len - c->measured);
		n = TAB_COLUMNS - c->column % TAB_COLUMNS;
		c->column += n;
	}
	start_base(c, ' ');
	str_addrep(c->out, ' ', (size_t)n - 1);
	c->measured = c->out->len;
}

static void put_control(struct cleaner *c, uint32_t cp, uint32_t next)
{
	if (cp == '\n')
		put_break(c);
	else if (cp == '\t')
		put_tab(c);
	else if (cp != '\r' || next != '\n')
		start_base(c, CP_BAD);
}

static void clean_one(struct cleaner *c, uint32_t cp, uint32_t next)
{
	switch (kind_of(cp)) {
	case KIND_BASE: start_base(c, cp); break;
	case KIND_MARK: put_mark(c, cp); break;
	case KIND_PICTOGRAPH: put_pictograph(c, cp); break;
	case KIND_STYLE: put_style(c, cp); break;
	case KIND_JOINER: c->joiner = c->pictograph; break;
	case KIND_BREAK: put_break(c); break;
	case KIND_CONTROL: put_control(c, cp, next); break;
	case KIND_DROP: break;
	}
}

/* The longest prefix that is printable ASCII: copied as it is. */
static size_t plain_prefix(const char *s, size_t n)
{
	size_t i = 0;
	while (i < n && is_plain((unsigned char)s[i]))
		i++;
	return i;
}

void text_clean(struct str *out, const char *s, size_t n, unsigned flags)
{
	struct cleaner c = { .out = out, .flags = flags, .measured = out->len, .styled = true };
	for (size_t i = 0; i < n;) {
		size_t plain = plain_prefix(s + i, n - i);
		if (plain) {
			str_addn(out, s + i, plain - 1);
			start_base(&c, (unsigned char)s[i + plain - 1]);
			i += plain;
			continue;
		}
		uint32_t cp;
		i += text_decode(s + i, n - i, &cp);
		clean_one(&c, cp, i < n ? (unsigned char)s[i] : 0);
	}
}

void text_vcleanf(struct str *out, const char *fmt, va_list ap)
{
	struct str raw = STR_INIT;
	str_vaddf(&raw, fmt, ap);
	text_clean(out, raw.p, raw.len, 0);
	str_free(&raw);
}

bool text_is_clean(const char *s, size_t n, unsigned flags)
{
	size_t plain = 0;
	while (plain < n && (is_plain((unsigned char)s[plain]) || (s[plain] == '\n' && flags & TEXT_LINES)))
		plain++;
	if (plain == n)
		return true;
	struct str t = STR_INIT;
	text_clean(&t, s, n, flags);
	bool same = t.len == n && memcmp(t.p, s, n) == 0;
	str_free(&t);
	return same;
}

/* ---- measuring ---- */

static int cp_width(uint32_t cp)
{
	int w = utf8proc_charwidth((utf8proc_int32_t)cp);
	return w < 0 ? 0 : w;
}

bool text_next(const char **s, const char *end, struct grapheme *g)
{
	const char *p = *s;
	if (p >= end)
		return false;
	size_t n = (size_t)(end - p);
	g->p = p;
	if (is_plain((unsigned char)p[0]) && (n == 1 || (unsigned char)p[1] < 0x80)) {
		g->n = 1;
		g->width = 1;
		*s = p + 1;
		return true;
	}
	uint32_t cp, next;
	utf8proc_int32_t state = 0;
	size_t len = text_decode(p, n, &cp);
	int width = cp_width(cp);
	bool emoji = false;
	while (len < n) {
		size_t more = text_decode(p + len, n - len, &next);
		if (len + more > CLUSTER_BYTES_MAX || utf8proc_grapheme_break_stateful((utf8proc_int32_t)cp, (utf8proc_int32_t)next, &state))
			break;
		len += more;
		width += cp_width(next);
		emoji |= next == CP_EMOJI_STYLE;
		cp = next;
	}
	g->n = len;
	g->width = width > 2 || emoji ? 2 : width;
	*s = p + len;
	return true;
}

int text_width(const char *s, size_t n)
{
	size_t plain = plain_prefix(s, n);
	if (plain == n)
		return (int)n;
	struct grapheme g;
	const char *p = s, *end = s + n;
	int width = 0;
	while (text_next(&p, end, &g))
		width += g.width;
	return width;
}

int text_fit(struct str *out, const char *s, size_t n, int width)
{
	if (width <= 0)
		return 0;
	struct grapheme g;
	const char *p = s, *end = s + n, *cut = s;
	int used = 0, cut_used = 0;
	while (text_next(&p, end, &g)) {
		used += g.width;
		if (used > width) {
			str_addn(out, s, (size_t)(cut - s));
			char b[4];
			str_addn(out, b, text_encode(CP_ELLIPSIS, b));
			return cut_used + 1;
		}
		if (used < width) {
			cut = p;
			cut_used = used;
		}
	}
	str_addn(out, s, n);
	return used;
}

/* ---- searching ---- */

/* Simple folding: through the upper case, so that the several lower-case forms of one letter meet. */
static uint32_t fold(uint32_t cp)
{
	if (cp < 0x80)
		return cp >= 'A' && cp <= 'Z' ? cp + 32 : cp;
	return (uint32_t)utf8proc_tolower(utf8proc_toupper((utf8proc_int32_t)cp));
}

static size_t decode_fold(const char *s, size_t n, uint32_t *cp)
{
	size_t len = text_decode(s, n, cp);
	*cp = fold(*cp);
	return len;
}

/* Bytes of hay that the whole needle matches at its start; 0: it does not. */
static size_t folded_prefix(const char *hay, size_t hn, const char *needle, size_t nn)
{
	const char *start = hay;
	while (nn > 0) {
		uint32_t a, b;
		if (hn == 0)
			return 0;
		size_t la = decode_fold(hay, hn, &a), lb = decode_fold(needle, nn, &b);
		if (a != b)
			return 0;
		hay += la, hn -= la;
		needle += lb, nn -= lb;
	}
	return (size_t)(hay - start);
}

bool text_search(const char *hay, size_t hn, const char *needle, size_t nn, size_t *at, size_t *len)
{
	uint32_t first, cp;
	*at = *len = 0;
	if (nn == 0)
		return true;
	decode_fold(needle, nn, &first);
	for (size_t i = 0; i < hn;) {
		size_t step = decode_fold(hay + i, hn - i, &cp), n;
		if (cp == first && (n = folded_prefix(hay + i, hn - i, needle, nn)) > 0) {
			*at = i;
			*len = n;
			return true;
		}
		i += step;
	}
	return false;
}

bool text_contains(const char *hay, size_t hn, const char *needle, size_t nn)
{
	size_t at, len;
	return text_search(hay, hn, needle, nn, &at, &len);
}

static size_t fold_all(uint32_t *out, size_t most, const char *s)
{
	size_t n = strlen(s), k = 0;
	for (size_t i = 0; i < n && k < most; k++)
		i += decode_fold(s + i, n - i, &out[k]);
	return k;
}

static bool begins_word(const uint32_t *hay, size_t i)
{
	return i == 0 || (hay[i - 1] < 0x80 && memchr(" ._-/:", (int)hay[i - 1], 6));
}

/* Score of matching the needle from `start` on, taking each character as early as possible; 0: none. */
static int score_from(const uint32_t *hay, size_t hn, const uint32_t *needle, size_t nn, size_t start)
{
	int score = 0;
	size_t j = 0, last = start;
	for (size_t i = start; i < hn && j < nn; i++) {
		if (hay[i] != needle[j])
			continue;
		score += 16;
		if (begins_word(hay, i))
			score += 12;
		if (j > 0)
			score += i == last + 1 ? 14 : -(int)(i - last > 6 ? 6 : i - last);
		last = i;
		j++;
	}
	return j == nn ? score : 0;
}

int text_fuzzy(const char *hay, const char *needle)
{
	uint32_t h[FUZZY_MAX], n[FUZZY_MAX];
	size_t hn = fold_all(h, FUZZY_MAX, hay), nn = fold_all(n, FUZZY_MAX, needle);
	if (nn == 0)
		return 1;
	int best = 0;
	for (size_t i = 0; i + nn <= hn; i++) {
		if (h[i] != n[0])
			continue;
		int score = score_from(h, hn, n, nn, i);
		if (score && score * 8 - (int)(i < 64 ? i : 64) > best)
			best = score * 8 - (int)(i < 64 ? i : 64);
	}
	if (best == 0)
		return 0;
	best = best * 2 - (int)(hn < 128 ? hn : 128) / 4;   /* among equals the shorter text */
	return best > 0 ? best : 1;
}

#include "core/base/jsonw.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <utf8proc.h>
#include "core/base/fmt.h"
#include "core/base/text.h"

enum { DEPTH_MAX = 60 };

void jsonw_init(struct jsonw *w, struct str *out)
{
	*w = (struct jsonw){ .out = out };
}

/* Before each value: the comma between two, none after a key. */
static void before_value(struct jsonw *w)
{
	uint64_t bit = (uint64_t)1 << w->depth;
	if (w->after_key)
		w->after_key = false;
	else if (w->comma & bit)
		str_addc(w->out, ',');
	w->comma |= bit;
}

void jsonw_open(struct jsonw *w, char bracket)
{
	assert(w->depth < DEPTH_MAX);
	before_value(w);
	str_addc(w->out, bracket);
	w->depth++;
	w->comma &= ~((uint64_t)1 << w->depth);
}

void jsonw_close(struct jsonw *w, char bracket)
{
	assert(w->depth > 0 && !w->after_key);
	w->depth--;
	str_addc(w->out, bracket);
}

static void add_escaped_unit(struct str *out, uint32_t unit)
{
	static const char hex[] = "0123456789abcdef";
	char b[6] = { '\\', 'u', hex[unit >> 12 & 15], hex[unit >> 8 & 15], hex[unit >> 4 & 15], hex[unit & 15] };
	str_addn(out, b, sizeof b);
}

static void add_escaped(struct str *out, uint32_t cp)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *short_form = cp && cp < 0x80 ? strchr(from, (int)cp) : NULL;
	if (short_form) {
		str_addc(out, '\\');
		str_addc(out, to[short_form - from]);
	} else if (cp > 0xFFFF) {
		add_escaped_unit(out, 0xD800 + ((cp - 0x10000) >> 10));
		add_escaped_unit(out, 0xDC00 + ((cp - 0x10000) & 0x3FF));
	} else {
		add_escaped_unit(out, cp);
	}
}

/* Besides what JSON demands: everything that a terminal would obey or not show, since documents get printed on terminals. */
static bool must_escape(uint32_t cp)
{
	if (cp < 0x80)
		return cp < 0x20 || cp == '"' || cp == '\\' || cp == 0x7F;
	const utf8proc_property_t *p = utf8proc_get_property((utf8proc_int32_t)cp);
	return p->ignorable || p->category == UTF8PROC_CATEGORY_CC || p->category == UTF8PROC_CATEGORY_CF
		|| p->category == UTF8PROC_CATEGORY_ZL || p->category == UTF8PROC_CATEGORY_ZP;
}

static void add_string(struct str *out, const char *s, size_t n)
{
	str_addc(out, '"');
	for (size_t i = 0, kept = 0; ; ) {
		uint32_t cp = 0;
		size_t len = i < n ? text_decode(s + i, n - i, &cp) : 0;
		bool bad = len == 1 && cp == 0xFFFD;
		if (len && !bad && !must_escape(cp)) {
			i += len;
			continue;
		}
		str_addn(out, s + kept, i - kept);
		if (len == 0)
			break;
		if (bad)
			str_add(out, "\xEF\xBF\xBD");
		else
			add_escaped(out, cp);
		kept = i += len;
	}
	str_addc(out, '"');
}

void jsonw_keyn(struct jsonw *w, const char *key, size_t n)
{
	assert(!w->after_key);
	before_value(w);
	add_string(w->out, key, n);
	str_addc(w->out, ':');
	w->after_key = true;
}

void jsonw_key(struct jsonw *w, const char *key)
{
	jsonw_keyn(w, key, strlen(key));
}

void jsonw_strn(struct jsonw *w, const char *s, size_t n)
{
	before_value(w);
	add_string(w->out, s, n);
}

void jsonw_str(struct jsonw *w, const char *s)
{
	if (s)
		jsonw_strn(w, s, strlen(s));
	else
		jsonw_null(w);
}

void jsonw_int(struct jsonw *w, int64_t v)
{
	before_value(w);
	str_addf(w->out, "%" PRId64, v);
}

void jsonw_num(struct jsonw *w, double v)
{
	char b[FMT_MAX];
	fmt_exact(b, v);
	before_value(w);
	str_addf(w->out, isfinite(v) ? "%s" : "\"%s\"", b);
}

void jsonw_bool(struct jsonw *w, bool v)
{
	before_value(w);
	str_add(w->out, v ? "true" : "false");
}

void jsonw_null(struct jsonw *w)
{
	before_value(w);
	str_add(w->out, "null");
}

void jsonw_known(struct jsonw *w, double v)
{
	if (isnan(v))
		jsonw_null(w);
	else
		jsonw_num(w, v);
}

void jsonw_put_str(struct jsonw *w, const char *key, const char *s)
{
	jsonw_key(w, key);
	jsonw_str(w, s);
}

void jsonw_put_strn(struct jsonw *w, const char *key, const char *s, size_t n)
{
	jsonw_key(w, key);
	jsonw_strn(w, s, n);
}

void jsonw_put_strs(struct jsonw *w, const char *key, const char *const *s, size_t n)
{
	jsonw_put_open(w, key, '[');
	for (size_t i = 0; i < n; i++)
		jsonw_str(w, s[i]);
	jsonw_close(w, ']');
}

void jsonw_put_int(struct jsonw *w, const char *key, int64_t v)
{
	jsonw_key(w, key);
	jsonw_int(w, v);
}

void jsonw_put_num(struct jsonw *w, const char *key, double v)
{
	jsonw_key(w, key);
	jsonw_num(w, v);
}

void jsonw_put_bool(struct jsonw *w, const char *key, bool v)
{
	jsonw_key(w, key);
	jsonw_bool(w, v);
}

void jsonw_put_known(struct jsonw *w, const char *key, double v)
{
	jsonw_key(w, key);
	jsonw_known(w, v);
}

void jsonw_put_nonzero(struct jsonw *w, const char *key, int64_t v)
{
	jsonw_key(w, key);
	if (v)
		jsonw_int(w, v);
	else
		jsonw_null(w);
}

void jsonw_put_open(struct jsonw *w, const char *key, char bracket)
{
	jsonw_key(w, key);
	jsonw_open(w, bracket);
}

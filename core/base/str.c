#include "core/base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

char str_empty[1];

void str_init(struct str *s)
{
	*s = (struct str)STR_INIT;
}

void str_free(struct str *s)
{
	if (s->cap)
		free(s->p);
	str_init(s);
}

void str_clear(struct str *s)
{
	str_cut(s, 0);
}

void str_cut(struct str *s, size_t len)
{
	if (len < s->len) {
		s->len = len;
		s->p[len] = '\0';
	}
}

void str_reserve(struct str *s, size_t extra)
{
	size_t need = s->len + extra + 1;
	if (need <= s->cap)
		return;
	size_t cap = s->cap ? s->cap : 32;
	while (cap < need)
		cap *= 2;
	s->p = mem_realloc(s->cap ? s->p : NULL, cap);
	if (!s->cap)
		s->p[0] = '\0';
	s->cap = cap;
}

void str_addn(struct str *s, const void *bytes, size_t n)
{
	if (!n)
		return;
	str_reserve(s, n);
	memcpy(s->p + s->len, bytes, n);
	s->len += n;
	s->p[s->len] = '\0';
}

void str_add(struct str *s, const char *text)
{
	str_addn(s, text, strlen(text));
}

void str_addc(struct str *s, char c)
{
	str_addn(s, &c, 1);
}

void str_addrep(struct str *s, char c, size_t n)
{
	str_reserve(s, n);
	memset(s->p + s->len, c, n);
	s->len += n;
	s->p[s->len] = '\0';
}

void str_vaddf(struct str *s, const char *fmt, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	str_reserve(s, 64);
	int n = vsnprintf(s->p + s->len, s->cap - s->len, fmt, ap);
	if (n > 0 && (size_t)n >= s->cap - s->len) {
		str_reserve(s, (size_t)n);
		vsnprintf(s->p + s->len, s->cap - s->len, fmt, again);
	}
	va_end(again);
	if (n > 0)
		s->len += (size_t)n;
	s->p[s->len] = '\0';
}

void str_addf(struct str *s, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	str_vaddf(s, fmt, ap);
	va_end(ap);
}

char *str_take(struct str *s)
{
	char *p = s->cap ? s->p : mem_strdup("");
	str_init(s);
	return p;
}

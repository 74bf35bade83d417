#include "tui/lines.h"
#include <stdarg.h>
#include <string.h>
#include "core/base/text.h"

void lines_init(struct lines *l, const char *where, const char *text, size_t n, struct str *problems)
{
	*l = (struct lines){ .where = where, .next = text, .end = text + n, .problems = problems };
	if (n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
		l->next += 3;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void skip_blanks(struct lines *l)
{
	while (l->at < l->stop && is_blank(*l->at))
		l->at++;
}

bool lines_next(struct lines *l)
{
	while (l->next < l->end) {
		const char *nl = memchr(l->next, '\n', (size_t)(l->end - l->next));
		l->start = l->at = l->next;
		l->stop = nl ? nl : l->end;
		l->next = nl ? nl + 1 : l->end;
		l->number++;
		while (l->stop > l->start && is_blank(l->stop[-1]))
			l->stop--;
		skip_blanks(l);
		if (l->at == l->stop || *l->at == '#')
			continue;
		if (l->stop - l->start > LINES_MAX_LENGTH) {
			lines_problem(l, l->start, "line is longer than %d bytes, skipped", LINES_MAX_LENGTH);
			continue;
		}
		return true;
	}
	return false;
}

bool lines_word(struct lines *l, const char **word, size_t *n)
{
	skip_blanks(l);
	*word = l->at;
	while (l->at < l->stop && !is_blank(*l->at))
		l->at++;
	*n = (size_t)(l->at - *word);
	return *n > 0;
}

void lines_problem(struct lines *l, const char *place, const char *fmt, ...)
{
	if (!l->problems || l->n_problems > LINES_MAX_PROBLEMS)
		return;
	if (l->n_problems++ == LINES_MAX_PROBLEMS) {
		str_addf(l->problems, "%s: more problems than %d, not listed\n", l->where, LINES_MAX_PROBLEMS);
		return;
	}
	struct str raw = STR_INIT;
	va_list ap;
	va_start(ap, fmt);
	str_vaddf(&raw, fmt, ap);
	va_end(ap);
	str_addf(l->problems, "%s:%d:%d: ", l->where, l->number, (int)((place ? place : l->at) - l->start) + 1);
	text_clean(l->problems, raw.p, raw.len, 0);
	str_addc(l->problems, '\n');
	str_free(&raw);
}

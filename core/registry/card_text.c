/* What is written in a model card: pure reading of its Markdown.
 *
 * Sections begin at a line "## name" and end at the next heading of their level or above; deeper headings belong to
 * them but are no text. Fenced code holds no headings. */
#include "core/registry/card.h"

#include <string.h>
#include <strings.h>

struct line { const char *p; size_t n; };

static bool next_line(const char **at, const char *end, struct line *out)
{
	if (*at == end)
		return false;
	const char *stop = memchr(*at, '\n', (size_t)(end - *at));
	*out = (struct line){ *at, (size_t)((stop ? stop : end) - *at) };
	*at = stop ? stop + 1 : end;
	while (out->n && strchr(" \t\r", out->p[out->n - 1]))
		out->n--;
	return true;
}

/* 1 to 6; 0: no heading. *title: its words. */
static int heading(struct line l, struct line *title)
{
	size_t level = 0;
	while (level < l.n && level < 7 && l.p[level] == '#')
		level++;
	if (!level || level > 6 || (level < l.n && l.p[level] != ' ' && l.p[level] != '\t'))
		return 0;
	*title = (struct line){ l.p + level, l.n - level };
	while (title->n && strchr(" \t", *title->p))
		title->p++, title->n--;
	return (int)level;
}

static bool is_fence(struct line l)
{
	size_t i = 0;
	while (i < l.n && i < 3 && l.p[i] == ' ')
		i++;
	return l.n - i >= 3 && (!memcmp(l.p + i, "```", 3) || !memcmp(l.p + i, "~~~", 3));
}

/* Text of the line outside of comments; *comment: one is open at its end. */
static bool says_something(struct line l, bool *comment)
{
	const char *p = l.p, *end = l.p + l.n;
	bool text = false;
	if (l.n == strlen(CARD_HINT) && !memcmp(l.p, CARD_HINT, l.n))
		return false;
	while (p < end) {
		const char *mark = memmem(p, (size_t)(end - p), *comment ? "-->" : "<!--", *comment ? 3 : 4);
		for (const char *c = p; !*comment && c < (mark ? mark : end); c++)
			text |= !strchr(" \t\r", *c);
		if (!mark)
			break;
		p = mark + (*comment ? 3 : 4);
		*comment = !*comment;
	}
	return text;
}

bool card_has_section(const char *text, size_t n, const char *section)
{
	const char *at = text, *end = text + n;
	bool inside = false, fenced = false, comment = false;
	struct line l, title;
	while (next_line(&at, end, &l)) {
		int level = fenced || comment ? 0 : heading(l, &title);
		fenced ^= !comment && is_fence(l);
		if (level == 2)
			inside = title.n == strlen(section) && !strncasecmp(title.p, section, title.n);
		else if (level == 1)
			inside = false;
		else if (!level && says_something(l, &comment) && inside && !is_fence(l))
			return true;
	}
	return false;
}

void card_missing(const char *text, size_t n, const char *const *wanted, size_t n_wanted, struct str *out)
{
	for (size_t i = 0; i < n_wanted; i++)
		if (!card_has_section(text, n, wanted[i]))
			str_addf(out, "%s%s", out->len ? ", " : "", wanted[i]);
}

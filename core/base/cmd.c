#include "core/base/cmd.h"

#include <stdlib.h>
#include <string.h>
#include "core/base/mem.h"

struct cmd_reg {
	const struct cmd **rows;
	size_t n, cap;
};

struct cmd_reg *cmd_reg_new(void)
{
	return mem_zalloc(sizeof(struct cmd_reg));
}

void cmd_reg_free(struct cmd_reg *r)
{
	if (!r)
		return;
	free(r->rows);
	free(r);
}

void cmd_reg_add(struct cmd_reg *r, const struct cmd *rows, size_t n)
{
	MEM_GROW(r->rows, r->cap, r->n + n);
	for (size_t i = 0; i < n; i++)
		r->rows[r->n++] = &rows[i];
}

size_t cmd_count(const struct cmd_reg *r)
{
	return r->n;
}

const struct cmd *cmd_at(const struct cmd_reg *r, size_t i)
{
	return i < r->n ? r->rows[i] : NULL;
}

const struct cmd *cmd_find(const struct cmd_reg *r, const char *name, const char *where)
{
	const struct cmd *everywhere = NULL;
	for (size_t i = 0; i < r->n; i++) {
		const struct cmd *c = r->rows[i];
		if (strcmp(c->name, name) != 0)
			continue;
		if (!c->where)
			everywhere = c;
		else if (where && strcmp(c->where, where) == 0)
			return c;
	}
	return everywhere;
}

/* Copies one word from *in to *out (never longer), quotes and escapes resolved. */
static enum status take_word(const char **in, char **out, struct err *e)
{
	const char *s = *in;
	char *o = *out, quote = '\0';
	for (; *s && (quote || (*s != ' ' && *s != '\t')); s++) {
		if (*s == quote)
			quote = '\0';
		else if (!quote && (*s == '\'' || *s == '"'))
			quote = *s;
		else if (*s != '\\' || quote == '\'')
			*o++ = *s;
		else if (*++s)
			*o++ = *s;
		else
			return err_set(e, ST_USAGE, "the line ends in a lone \\: write \\\\ for a backslash");
	}
	if (quote)
		return err_set(e, ST_USAGE, "a quotation is open: the closing %c is missing", quote);
	*o++ = '\0';
	*in = s;
	*out = o;
	return ST_OK;
}

static enum status split_into(const char *line, char *buf, int *argc, char *argv[], struct err *e)
{
	for (;;) {
		line += strspn(line, " \t");
		if (!*line)
			return ST_OK;
		if (*argc == CMD_MAX_ARGS)
			return err_set(e, ST_USAGE, "more than %d words: quote those that belong together", CMD_MAX_ARGS);
		char *word = buf;
		enum status st = take_word(&line, &buf, e);
		if (st)
			return st;
		argv[(*argc)++] = word;
	}
}

enum status cmd_split(const char *line, char **buf, int *argc, char *argv[CMD_MAX_ARGS + 1], struct err *e)
{
	*argc = 0;
	*buf = mem_alloc(strlen(line) + 2);
	enum status st = split_into(line, *buf, argc, argv, e);
	if (st) {
		free(*buf);
		*buf = NULL;
		*argc = 0;
	}
	argv[*argc] = NULL;
	return st;
}

void cmd_rest(struct str *out, int argc, char *const argv[])
{
	for (int i = 1; i < argc; i++)
		str_addf(out, "%s%s", i > 1 ? " " : "", argv[i]);
}

void cmd_quote(struct str *out, const char *word)
{
	size_t n = strlen(word);
	if (n > 0 && strcspn(word, " \t'\"\\") == n) {
		str_add(out, word);
		return;
	}
	if (!strchr(word, '\'')) {
		str_addc(out, '\'');
		str_add(out, word);
		str_addc(out, '\'');
		return;
	}
	str_addc(out, '"');
	for (; *word; word++) {
		if (*word == '"' || *word == '\\')
			str_addc(out, '\\');
		str_addc(out, *word);
	}
	str_addc(out, '"');
}

enum status cmd_check(const struct cmd *c, int argc, struct err *e)
{
	int given = argc - 1;
	const char *args = c->args ? c->args : "";
	if (given < c->min_args)
		return err_set(e, ST_USAGE, "%s: an argument is missing; usage: %s %s", c->name, c->name, args);
	if (c->max_args == 0 && given > 0)
		return err_set(e, ST_USAGE, "%s takes no argument", c->name);
	if (c->max_args >= 0 && given > c->max_args)
		return err_set(e, ST_USAGE, "%s: too many arguments; usage: %s %s", c->name, c->name, args);
	return ST_OK;
}

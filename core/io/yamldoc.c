/* Builds the tree from libyaml's events with a stack of open maps and lists. */
#include "core/io/yamldoc.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>
#include "core/base/arena.h"
#include "core/base/jsonw.h"
#include "core/base/mem.h"

struct yamldoc { struct arena *arena; struct yamldoc_node *root; };

/* Where the next node goes. In a map, keys and values take turns. */
struct level { struct yamldoc_node *node, **tail; const char *key; size_t key_n; struct yamldoc_place key_at; bool has_key; };
struct builder {
	struct yamldoc *doc; const char *name;
	struct level stack[YAMLDOC_MOST_DEPTH]; int depth;
	int nodes;
};

static struct yamldoc_place place_of(const yaml_event_t *ev)
{
	return (struct yamldoc_place){ (int)ev->start_mark.line + 1, (int)ev->start_mark.column + 1 };
}

static enum status refuse(const struct builder *b, const yaml_event_t *ev, const char *why, struct err *e)
{
	return err_set(e, ST_FAILED, "%s:%zu:%zu: %s", b->name, ev->start_mark.line + 1, ev->start_mark.column + 1, why);
}

static enum status add_node(struct builder *b, const yaml_event_t *ev, enum yamldoc_kind kind, struct yamldoc_node **out, struct err *e)
{
	struct level *top = b->depth ? &b->stack[b->depth - 1] : NULL;

	if (++b->nodes > YAMLDOC_MOST_NODES)
		return refuse(b, ev, "too many entries for a meta file", e);
	if (!top && b->doc->root)
		return refuse(b, ev, "a second document; one was expected", e);
	if (top && top->node->kind == YAMLDOC_MAP && !top->has_key)
		return refuse(b, ev, "a key that is a list or a map", e);
	struct yamldoc_node *x = arena_zalloc(b->doc->arena, sizeof *x);

	x->kind = kind;
	x->key = x->text = "";
	x->at = place_of(ev);
	if (!top) {
		b->doc->root = x;
	} else {
		if (top->has_key)
			x->key = top->key, x->key_n = top->key_n, x->key_at = top->key_at;
		top->has_key = false;
		*top->tail = x;
		top->tail = &x->next;
	}
	*out = x;
	return ST_OK;
}

static enum status open_level(struct builder *b, const yaml_event_t *ev, enum yamldoc_kind kind, struct err *e)
{
	struct yamldoc_node *x;
	enum status rc = b->depth == YAMLDOC_MOST_DEPTH ? refuse(b, ev, "nested too deeply", e) : add_node(b, ev, kind, &x, e);

	if (rc == ST_OK)
		b->stack[b->depth++] = (struct level){ .node = x, .tail = &x->child };
	return rc;
}

static enum status scalar(struct builder *b, const yaml_event_t *ev, struct err *e)
{
	struct level *top = b->depth ? &b->stack[b->depth - 1] : NULL;
	const size_t n = ev->data.scalar.length;
	const char *text = arena_strndup(b->doc->arena, (const char *)ev->data.scalar.value, n);
	struct yamldoc_node *x;

	if (top && top->node->kind == YAMLDOC_MAP && !top->has_key) {
		top->key = text;
		top->key_n = n;
		top->key_at = place_of(ev);
		top->has_key = true;
		return ST_OK;
	}
	const enum status rc = add_node(b, ev, YAMLDOC_SCALAR, &x, e);

	if (rc == ST_OK) {
		x->text = text;
		x->n = n;
		x->plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	}
	return rc;
}

static enum status take_event(struct builder *b, const yaml_event_t *ev, struct err *e)
{
	switch (ev->type) {
	case YAML_SCALAR_EVENT:         return scalar(b, ev, e);
	case YAML_MAPPING_START_EVENT:  return open_level(b, ev, YAMLDOC_MAP, e);
	case YAML_SEQUENCE_START_EVENT: return open_level(b, ev, YAMLDOC_LIST, e);
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:   b->depth--; return ST_OK;
	case YAML_ALIAS_EVENT:          return refuse(b, ev, "aliases are not read", e);
	default:                        return ST_OK;
	}
}

static enum status parser_error(const yaml_parser_t *p, const char *name, struct err *e)
{
	return err_set(e, ST_FAILED, "%s:%zu:%zu: not YAML (%s)", name, p->problem_mark.line + 1, p->problem_mark.column + 1,
		p->problem ? p->problem : "broken");
}

enum status yamldoc_parse(const char *p, size_t n, const char *name, struct yamldoc **out, struct err *e)
{
	struct yamldoc *y = mem_zalloc(sizeof *y);
	struct builder b = { .doc = y, .name = name };
	yaml_parser_t parser;
	enum status rc = ST_OK;

	*out = NULL;
	y->arena = arena_new();
	if (n > YAMLDOC_MOST_BYTES || !yaml_parser_initialize(&parser)) {
		yamldoc_free(y);
		return err_set(e, ST_FAILED, "%s: longer than the %d MB a meta file may have", name, YAMLDOC_MOST_BYTES >> 20);
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)p, n);
	for (bool end = false; rc == ST_OK && !end;) {
		yaml_event_t ev;

		if (!yaml_parser_parse(&parser, &ev)) {
			rc = parser_error(&parser, name, e);
			break;
		}
		end = ev.type == YAML_STREAM_END_EVENT;
		rc = take_event(&b, &ev, e);
		yaml_event_delete(&ev);
	}
	yaml_parser_delete(&parser);
	if (rc == ST_OK && !y->root)
		rc = err_set(e, ST_FAILED, "%s: empty", name);
	if (rc == ST_OK)
		*out = y;
	else
		yamldoc_free(y);
	return rc;
}

const struct yamldoc_node *yamldoc_root(const struct yamldoc *y) { return y->root; }

void yamldoc_free(struct yamldoc *y)
{
	if (!y)
		return;
	arena_free(y->arena);
	free(y);
}

const struct yamldoc_node *yamldoc_get(const struct yamldoc_node *map, const char *key)
{
	const size_t n = strlen(key);

	if (!map || map->kind != YAMLDOC_MAP)
		return NULL;
	for (const struct yamldoc_node *x = map->child; x; x = x->next)
		if (x->key_n == n && !memcmp(x->key, key, n))
			return x;
	return NULL;
}

bool yamldoc_is_null(const struct yamldoc_node *x)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };

	if (!x)
		return true;
	for (size_t i = 0; i < sizeof words / sizeof *words && x->kind == YAMLDOC_SCALAR && x->plain; i++)
		if (!strcmp(x->text, words[i]) && strlen(words[i]) == x->n)
			return true;
	return false;
}

bool yamldoc_int(const struct yamldoc_node *x, int64_t *out)
{
	char *end;

	if (!x || x->kind != YAMLDOC_SCALAR || !x->n || x->n > 20 || strlen(x->text) != x->n || strspn(x->text, "+-0123456789") != x->n)
		return false;
	errno = 0;
	const long long v = strtoll(x->text, &end, 10);

	if (errno || *end || end == x->text)
		return false;
	*out = v;
	return true;
}

/* A plain scalar that JSON writes the same way: a number without leading zeros, or true and false. */
static bool is_json_word(const struct yamldoc_node *x)
{
	const char *p = x->text;

	if (!x->plain || strlen(p) != x->n)
		return false;
	if (!strcmp(p, "true") || !strcmp(p, "false"))
		return true;
	p += *p == '-';
	const size_t digits = strspn(p, "0123456789");

	if (!digits || (digits > 1 && *p == '0'))
		return false;
	p += digits;
	if (*p == '.') {
		if (!strspn(++p, "0123456789"))
			return false;
		p += strspn(p, "0123456789");
	}
	return *p == 0;
}

void yamldoc_to_json(const struct yamldoc_node *x, struct str *out)
{
	struct jsonw w;

	if (yamldoc_is_null(x)) {
		str_add(out, "null");
	} else if (x->kind == YAMLDOC_SCALAR && is_json_word(x)) {
		str_addn(out, x->text, x->n);
	} else if (x->kind == YAMLDOC_SCALAR) {
		jsonw_init(&w, out);
		jsonw_strn(&w, x->text, x->n);
	} else {
		const bool map = x->kind == YAMLDOC_MAP;

		str_addc(out, map ? '{' : '[');
		for (const struct yamldoc_node *c = x->child; c; c = c->next) {
			if (map) {
				jsonw_init(&w, out);
				jsonw_strn(&w, c->key, c->key_n);
				str_addc(out, ':');
			}
			yamldoc_to_json(c, out);
			if (c->next)
				str_addc(out, ',');
		}
		str_addc(out, map ? '}' : ']');
	}
}

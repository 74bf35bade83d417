/* Meta files: a tree within its limits or words that name the place; its JSON is JSON. */
#include <jansson.h>
#include <string.h>
#include "core/io/yamldoc.h"
#include "tests/fuzz/fuzz.h"

static int check(const struct yamldoc_node *x, int depth)
{
	int nodes = 1;
	int64_t n;

	MUST(depth <= YAMLDOC_MOST_DEPTH && x->key && x->text && x->text[x->n] == 0 && x->key[x->key_n] == 0);
	MUST(x->kind == YAMLDOC_SCALAR ? !x->child : x->n == 0);
	if (yamldoc_int(x, &n))
		MUST(x->kind == YAMLDOC_SCALAR && x->n <= 20);
	for (const struct yamldoc_node *c = x->child; c; c = c->next)
		nodes += check(c, depth + 1);
	return nodes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct yamldoc *y = NULL;
	struct err e = { 0 };
	struct str json = STR_INIT;
	json_error_t why;

	if (yamldoc_parse((const char *)data, size, "meta.yaml", &y, &e) != ST_OK) {
		MUST(!y && !strncmp(e.text, "meta.yaml:", 10));
		return 0;
	}
	MUST(check(yamldoc_root(y), 0) <= YAMLDOC_MOST_NODES);
	yamldoc_to_json(yamldoc_root(y), &json);
	json_t *x = json_loadb(json.p, json.len, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &why);

	/* What jansson itself cannot hold, though it is JSON: large numbers, and keys with a NUL inside. */
	MUST(x || strstr(why.text, "too big") || strstr(why.text, "overflow") || strstr(why.text, "NUL byte in object key"));
	json_decref(x);
	str_free(&json);
	yamldoc_free(y);
	return 0;
}

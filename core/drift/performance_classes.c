/* performance_classes -- one table of classes for target and prediction of both sides, whatever their types are.
 *
 * Same class  words by their bytes; numbers by value; true is 1 and false is 0; a word that is a number as it is usually written ("1", "1.0",
 *             "-2.5") is that number, so that 1, 1.0, "1" and true are one class, while "01" is a word of its own.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/fmt.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/drift/performance_impl.h"
#include "core/drift/verdict_impl.h"

enum { SMALL = 1024 };                           /* whole numbers below are looked up without being written */

void classes_init(struct classes *c, struct arena *a) { *c = (struct classes){ .keys = map_new(), .arena = a }; }

void classes_free(struct classes *c)
{
	map_free(c->keys);
	free(c->labels);
	free(c->order);
}

/* The number that a word is; false: it is no number, or not written as one usually is. */
static bool word_number(const char *p, size_t n, char *key)
{
	bool ok, whole;
	char buf[FMT_MAX];
	if (n == 4 && strncasecmp(p, "true", 4) == 0)
		return memcpy(key, "1", 2);
	if (n == 5 && strncasecmp(p, "false", 5) == 0)
		return memcpy(key, "0", 2);
	if (!n || n >= FMT_MAX)
		return false;
	double v = frame_number(p, n, '.', &ok, &whole);
	if (!ok || !isfinite(v))
		return false;
	fmt_exact(buf, v == 0 ? 0 : v);
	size_t len = strlen(buf);
	bool same = (n == len && memcmp(p, buf, n) == 0) || (n == len + 2 && memcmp(p, buf, len) == 0 && memcmp(p + len, ".0", 2) == 0);
	if (same)
		memcpy(key, buf, len + 1);
	return same;
}

static uint32_t add(struct classes *c, const char *key, size_t n, const char *label, size_t label_n)
{
	bool added;
	size_t i = map_add(c->keys, key, n, &added);
	if (!added)
		return (uint32_t)i;
	MEM_GROW(c->labels, c->cap, i + 1);
	c->labels[i] = label_of(c->arena, label, label_n);
	c->n = i + 1;
	return (uint32_t)i;
}

static uint32_t add_word(struct classes *c, struct frame_word w)
{
	char key[FMT_MAX];
	return word_number(w.p, w.n, key) ? add(c, key, strlen(key), w.p, w.n) : add(c, w.p, w.n, w.p, w.n);
}

static uint32_t add_number(struct classes *c, double v, bool boolean)
{
	char key[FMT_MAX];
	fmt_exact(key, v == 0 ? 0 : v);
	const char *label = boolean ? v != 0 ? "true" : "false" : key;
	return add(c, key, strlen(key), label, strlen(label));
}

uint32_t classes_add(struct classes *c, const char *label)
{
	return add(c, label, strlen(label), label, strlen(label));
}

static void take_words(struct classes *c, const struct frame_col *col, uint32_t *out)
{
	uint32_t *of = mem_array(col->n_words ? col->n_words : 1, sizeof *of);
	for (size_t i = 0; i < col->n_words; i++)
		of[i] = NO_CLASS;
	for (size_t i = 0; i < col->n; i++) {
		uint32_t k = col->code[i];
		out[i] = NO_CLASS;
		if (k == FRAME_NO_CODE || c->n > PERFORMANCE_MOST_CLASSES)
			continue;
		if (of[k] == NO_CLASS)
			of[k] = add_word(c, col->words[k]);
		out[i] = of[k];
	}
	free(of);
}

static void take_numbers(struct classes *c, const struct frame_col *col, uint32_t *out)
{
	uint32_t small[SMALL];
	memset(small, 0xff, sizeof small);
	for (size_t i = 0; i < col->n; i++) {
		double v = col->num[i];
		bool is_small = v >= 0 && v < SMALL && v == floor(v);
		out[i] = isnan(v) || c->n > PERFORMANCE_MOST_CLASSES ? NO_CLASS : is_small && small[(size_t)v] != NO_CLASS ? small[(size_t)v] : add_number(c, v, col->type == FRAME_BOOLEAN);
		if (is_small)
			small[(size_t)v] = out[i];
	}
}

uint32_t *classes_take(struct classes *c, const struct frame_col *col)
{
	uint32_t *out = mem_array(col->n ? col->n : 1, sizeof *out);
	if (col->num)
		take_numbers(c, col, out);
	else
		take_words(c, col, out);
	if (c->n <= PERFORMANCE_MOST_CLASSES)
		return out;
	free(out);
	return NULL;
}

uint32_t classes_find(const struct classes *c, const char *label)
{
	char key[FMT_MAX];
	bool number = word_number(label, strlen(label), key);
	int64_t i = number ? map_find(c->keys, key, strlen(key)) : map_find(c->keys, label, strlen(label));
	return i < 0 ? NO_CLASS : (uint32_t)i;
}

/* ---- order ---- */

struct ordered { const char *key; size_t n; double value; uint32_t at; };

static int by_key(const void *a, const void *b)
{
	const struct ordered *x = a, *y = b;
	if (!isnan(x->value) && !isnan(y->value) && x->value != y->value)
		return x->value < y->value ? -1 : 1;
	if (isnan(x->value) != isnan(y->value))
		return isnan(x->value) ? 1 : -1;
	int d = memcmp(x->key, y->key, x->n < y->n ? x->n : y->n);
	return d ? d : x->n < y->n ? -1 : x->n > y->n;
}

void classes_sort(struct classes *c)
{
	struct ordered *o = mem_array(c->n ? c->n : 1, sizeof *o);
	char buf[FMT_MAX];
	for (size_t i = 0; i < c->n; i++) {
		o[i].key = map_key(c->keys, i, &o[i].n), o[i].at = (uint32_t)i;
		o[i].value = word_number(o[i].key, o[i].n, buf) ? strtod(buf, NULL) : NAN;
	}
	qsort(o, c->n, sizeof *o, by_key);
	free(c->order);
	c->order = mem_array(c->n ? c->n : 1, sizeof *c->order);
	for (size_t i = 0; i < c->n; i++)
		c->order[i] = o[i].at;
	free(o);
}

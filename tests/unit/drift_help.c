#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/map.h"
#include "tests/unit/drift_help.h"

char *golden_read(const char *name, size_t *n)
{
	char path[4096];
	const char *src = getenv("srcdir");
	snprintf(path, sizeof path, "%s/tests/data/drift/%s", src ? src : ".", name);
	FILE *f = fopen(path, "rb");
	if (!f)
		fail_msg("cannot open %s", path);
	fseek(f, 0, SEEK_END);
	*n = (size_t)ftell(f);
	rewind(f);
	char *text = malloc(*n + 1);
	assert_non_null(text);
	assert_int_equal(fread(text, 1, *n, f), *n);
	text[*n] = 0;
	fclose(f);
	return text;
}

double golden_number(const json_t *v)
{
	return json_is_string(v) ? strtod(json_string_value(v), NULL) : json_number_value(v);
}

bool near(double got, double want, double relative, double absolute)
{
	if (isnan(got) || isnan(want))
		return isnan(got) && isnan(want);
	if (isinf(got) || isinf(want))
		return got == want;
	return fabs(got - want) <= relative * fabs(want) || fabs(got - want) <= absolute;
}

double stream_unit(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (double)((z ^ z >> 31) >> 11) * 0x1p-53;
}

static struct frame_col *generated(struct arena *a, const json_t *spec, bool integer)
{
	struct frame_col *c = arena_zalloc(a, sizeof *c);
	size_t n = (size_t)json_integer_value(json_object_get(spec, "n"));
	uint64_t state = (uint64_t)json_integer_value(json_object_get(spec, "seed"));
	const json_t *scale = json_object_get(spec, "scale"), *k = json_object_get(spec, "k");
	c->name = arena_strdup(a, "value"), c->type = FRAME_NUMBER, c->integer = integer, c->n = n;
	c->num = arena_array(a, n, sizeof *c->num);
	for (size_t i = 0; i < n; i++) {
		double u = stream_unit(&state);
		c->num[i] = k ? floor(u * json_number_value(k)) : u * (scale ? json_number_value(scale) : 1);
	}
	return c;
}

/* One field of a one-column file, unquoted in place; the next one's start, or NULL. */
static char *field(char *p, char **value, size_t *n)
{
	char *to = p;
	*value = p;
	if (*p != '"') {
		char *end = strchr(p, '\n');
		*n = end ? (size_t)(end - p) : strlen(p);
		return end ? end + 1 : p + *n;
	}
	for (p++; *p && !(*p == '"' && p[1] != '"'); p++) {
		p += *p == '"';
		*to++ = *p;
	}
	*n = (size_t)(to - *value);
	return p[0] && p[1] ? p + 2 : p + (p[0] != 0);
}

static struct frame_col *from_file(struct arena *a, const char *path, bool number, bool integer)
{
	size_t size, n, rows = 0;
	char *text = golden_read(path, &size), *value, *p = field(text, &value, &n);
	struct frame_col *c = arena_zalloc(a, sizeof *c);
	struct map *words = map_new();
	c->name = arena_strdup(a, "value"), c->type = number ? FRAME_NUMBER : FRAME_CATEGORY, c->integer = integer;
	c->num = arena_array(a, size, sizeof *c->num), c->code = arena_array(a, size, sizeof *c->code);
	for (; *p; rows++) {
		p = field(p, &value, &n);
		char *own = arena_strndup(a, value, n);
		c->num[rows] = n ? strtod(own, NULL) : NAN;
		c->code[rows] = n ? (uint32_t)map_add(words, value, n, NULL) : FRAME_NO_CODE;
		c->missing += n == 0;
	}
	c->n = rows, c->n_words = map_count(words);
	c->words = arena_array(a, c->n_words + 1, sizeof *c->words);
	for (size_t i = 0; i < c->n_words; i++) {
		const char *key = map_key(words, i, &n);
		c->words[i] = (struct frame_word){ arena_strndup(a, key, n), (uint32_t)n };
	}
	map_free(words);
	free(text);
	return c;
}

struct frame_col *golden_column(struct arena *a, const json_t *one, const char *side)
{
	char key[16], dtype[16];
	const json_t *input = json_object_get(one, "input");
	snprintf(key, sizeof key, "%s_csv", side);
	snprintf(dtype, sizeof dtype, "dtype_%s", side);
	bool number = !strcmp(json_string_value(json_object_get(one, "kind")), "num");
	bool integer = !strcmp(json_string_value(json_object_get(one, dtype)), "int64");
	const json_t *file = json_object_get(input, key);
	return file ? from_file(a, json_string_value(file), number, integer) : generated(a, json_object_get(input, side), integer);
}

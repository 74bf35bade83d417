/* JSON Lines: an object a line; its members are columns, which may come and go. Nested objects and lists become text as they would be
 * written; NaN and Infinity, which JSON has not but Python writes, are read as numbers. Lines that are no objects are left out, counted and named. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/io/csv.h"
#include "core/io/sketch_impl.h"

enum { CHECK_ROWS = 1024, PLACES = 64 };

struct reading {
	struct csv_source src; struct csv_block block;
	const struct frame_options *o;
	struct frame_builder *b;
	struct sketch_parts *parts;            /* reading in parts; NULL: all at once */
	struct map *columns;                   /* name: column + 1; 0: not wanted */
	size_t budget, bad, nested; uint64_t bad_line, line;
	char bad_why[160], nested_in[80];
	struct str patched;
	size_t enough;                         /* bytes of a sample after which the next place is looked at */
	bool odd_numbers;                      /* in this line: NaN and the like stand as strings */
};

static enum status column_of(struct reading *r, const char *name, intptr_t *col, struct err *e)
{
	bool added;
	const size_t i = map_add(r->columns, name, strlen(name), &added);
	intptr_t *v = map_value(r->columns, i);
	if (added && map_count(r->columns) > FRAME_MOST_COLUMNS)
		return err_set(e, ST_REFUSED, "%.300s:%llu: more than %d names of members", r->src.path, (unsigned long long)r->line, FRAME_MOST_COLUMNS);
	if (added)
		*v = frame_wants(r->o, name) ? (intptr_t)frame_builder_column(r->b, name, strlen(name)) + 1 : 0;
	*col = *v - 1;
	return ST_OK;
}

static bool odd_number(const char *s, double *v)
{
	static const struct { const char *word; double value; } words[] = { { "NaN", NAN }, { "Infinity", INFINITY }, { "-Infinity", -INFINITY } };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(words[i].word, s)) {
			*v = words[i].value;
			return true;
		}
	return false;
}

static void add_nested(struct reading *r, size_t col, const char *name, const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT);
	if (!r->nested++) {
		struct str clean = STR_INIT;
		text_clean(&clean, name, strlen(name), 0);
		snprintf(r->nested_in, sizeof r->nested_in, "%.60s", clean.p);
		str_free(&clean);
	}
	if (text)
		frame_builder_text(r->b, col, text, strlen(text));
	free(text);
}

static void add_member(struct reading *r, size_t col, const char *name, const json_t *value)
{
	double odd;
	switch (json_typeof(value)) {
	case JSON_INTEGER: frame_builder_number(r->b, col, (double)json_integer_value(value), true); break;
	case JSON_REAL:    frame_builder_number(r->b, col, json_real_value(value), false); break;
	case JSON_TRUE:
	case JSON_FALSE:   frame_builder_boolean(r->b, col, json_is_true(value)); break;
	case JSON_NULL:    break;
	case JSON_OBJECT:
	case JSON_ARRAY:   add_nested(r, col, name, value); break;
	case JSON_STRING:
		if (r->odd_numbers && odd_number(json_string_value(value), &odd))
			frame_builder_number(r->b, col, odd, false);
		else
			frame_builder_text(r->b, col, json_string_value(value), json_string_length(value));
		break;
	}
}

/* Puts quotes around NaN and Infinity that stand outside strings; false: there are none. */
static bool quote_odd_numbers(struct str *out, const char *p, size_t n)
{
	static const char *const words[] = { "-Infinity", "Infinity", "NaN" };
	bool inside = false, any = false;
	str_clear(out);
	for (size_t i = 0; i < n; i++) {
		size_t len = 0;
		if (inside && p[i] == '\\' && i + 1 < n)
			str_addc(out, p[i++]);
		else if (p[i] == '"')
			inside = !inside;
		for (size_t k = 0; k < sizeof words / sizeof *words && !inside && !len; k++)
			if (n - i >= strlen(words[k]) && !memcmp(p + i, words[k], strlen(words[k])))
				len = strlen(words[k]);
		if (!len) {
			str_addc(out, p[i]);
			continue;
		}
		str_addf(out, "\"%.*s\"", (int)len, p + i);
		i += len - 1;
		any = true;
	}
	return any;
}

static json_t *parse_line(struct reading *r, const char *p, size_t n, json_error_t *why)
{
	json_error_t ignored;
	json_t *v = json_loadb(p, n, JSON_DECODE_ANY | JSON_ALLOW_NUL, why);
	r->odd_numbers = false;
	if (v)
		return v;
	if (json_error_code(why) == json_error_numeric_overflow)
		return json_loadb(p, n, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &ignored);
	if (!quote_odd_numbers(&r->patched, p, n))
		return NULL;
	r->odd_numbers = true;
	return json_loadb(r->patched.p, r->patched.len, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &ignored);
}

static void bad_line(struct reading *r, const json_t *v, const json_error_t *why)
{
	struct str clean = STR_INIT;
	if (r->bad++)
		return;
	r->bad_line = r->line;
	if (v)
		str_add(&clean, "no object");
	else
		text_clean(&clean, why->text, strlen(why->text), 0);
	snprintf(r->bad_why, sizeof r->bad_why, "%.140s", clean.p);
	if (!v)
		snprintf(r->bad_why + strlen(r->bad_why), sizeof r->bad_why - strlen(r->bad_why), ", column %d", why->column);
	str_free(&clean);
}

/* A part that is large enough goes; its columns with it. */
static enum status hand_over(struct reading *r, struct err *e)
{
	if (frame_builder_bytes(r->b) <= r->parts->room)
		return ST_OK;
	map_free(r->columns);
	r->columns = map_new();
	return sketch_part(r->parts, &r->b, e);
}

static enum status read_line(struct reading *r, const char *p, size_t n, struct err *e)
{
	json_error_t why;
	enum status rc = ST_OK;
	while (n && strchr(" \t\r", *p) && *p)
		p++, n--;
	if (!n)
		return ST_OK;
	json_t *v = parse_line(r, p, n, &why);
	if (!json_is_object(v)) {
		bad_line(r, v, &why);
		json_decref(v);
		return frame_builder_rows(r->b) || (r->parts && r->parts->rows) ? ST_OK : err_set(e, ST_FAILED, "%.300s:%llu: %s; one JSON object a line is read", r->src.path,
			(unsigned long long)r->line, r->bad_why);
	}
	const char *name;
	json_t *value;
	json_object_foreach(v, name, value) {
		intptr_t col;
		if ((rc = column_of(r, name, &col, e)) != ST_OK)
			break;
		if (col >= 0)
			add_member(r, (size_t)col, name, value);
	}
	frame_builder_end_row(r->b);
	json_decref(v);
	const size_t rows = frame_builder_rows(r->b);
	if (rc == ST_OK && r->parts)
		return r->parts->sample ? ST_OK : hand_over(r, e);
	if (rc == ST_OK && rows % CHECK_ROWS == 0 && frame_builder_bytes(r->b) > r->budget)
		rc = frame_too_large(e, r->src.path, (size_t)((double)frame_builder_bytes(r->b) * (double)r->src.size / (double)r->src.at), r->budget);
	return rc == ST_OK && rows > FRAME_MOST_ROWS ? err_set(e, ST_REFUSED, "%.300s: more than %zu rows", r->src.path, FRAME_MOST_ROWS) : rc;
}

static enum status read_block(struct reading *r, struct err *e)
{
	const char *p = r->block.bytes, *const end = p + r->block.n;
	enum status rc = ST_OK;
	r->line = r->block.line;
	if (!r->block.index && r->block.n >= 3 && !memcmp(p, "\xEF\xBB\xBF", 3))
		p += 3;
	for (; p < end && rc == ST_OK; r->line++) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));
		stop = stop ? stop : end;
		rc = read_line(r, p, (size_t)(stop - p), e);
		p = stop + 1;
		if (frame_builder_bytes(r->b) > r->enough)
			break;
	}
	csv_block_digest(&r->src, &r->block);
	return rc;
}

static enum status read_blocks(struct reading *r, struct task *t, struct err *e)
{
	enum status rc = csv_first(&r->src, &r->block, e);
	r->src.dialect = (struct csv_dialect){ .delimiter = '\n', .lf_only = true };
	while (rc == ST_OK && (rc = csv_next(&r->src, &r->block, e)) == ST_OK && r->block.n) {
		task_progress(t, (int64_t)r->src.at, (int64_t)r->src.size);
		rc = task_cancelled(t) ? err_set(e, ST_CANCELLED, "cancelled") : read_block(r, e);
	}
	if (rc == ST_OK && !frame_builder_rows(r->b) && !(r->parts && r->parts->rows))
		rc = err_set(e, ST_FAILED, "%.300s: empty: no line with a JSON object", r->src.path);
	return rc;
}

/* Places all over the file, each from its first line end on, and of each no more than its share. */
static enum status read_places(struct reading *r, struct task *t, struct err *e)
{
	const bool wide = r->src.encoding == CSV_UTF16LE || r->src.encoding == CSV_UTF16BE;
	const size_t blocks = r->src.size / CSV_BLOCK + 1, places = wide ? 1 : blocks < PLACES ? blocks : PLACES;
	enum status rc = csv_first(&r->src, &r->block, e);
	r->src.dialect = (struct csv_dialect){ .delimiter = '\n', .lf_only = true };
	for (size_t i = 0; i < places && rc == ST_OK; i++) {
		r->enough = r->parts->room / places * (i + 1);
		if (i) {
			r->src.at = (size_t)((double)r->src.size * (double)i / (double)places) / CSV_BLOCK * CSV_BLOCK;
			r->src.quiet = true;               /* no digest is made, and the first block is gone */
			r->src.blocks = 1;
			str_clear(&r->src.carry);
		}
		rc = task_cancelled(t) ? err_set(e, ST_CANCELLED, "cancelled") : csv_next(&r->src, &r->block, e);
		const char *first = i && r->block.n ? memchr(r->block.bytes, '\n', r->block.n) : NULL;
		if (first)
			memset(r->block.bytes, ' ', (size_t)(first - r->block.bytes));         /* the end of a line that began before */
		if (rc == ST_OK && r->block.n && (!i || first))
			rc = read_block(r, e);
	}
	if (rc == ST_OK && !frame_builder_rows(r->b))
		rc = err_set(e, ST_FAILED, "%.300s: empty: no line with a JSON object", r->src.path);
	return rc;
}

static void notes(const struct reading *r, struct frame *f)
{
	frame_digest_whole(f->digest, (const unsigned char (*)[32])r->src.parts, r->src.n_parts);
	if (r->src.encoding == CSV_UTF16LE || r->src.encoding == CSV_UTF16BE)
		frame_note(f, "read as UTF-16");
	if (r->bad)
		frame_note(f, "%zu line%s left out, first line %llu: %s", r->bad, r->bad == 1 ? "" : "s", (unsigned long long)r->bad_line, r->bad_why);
	if (r->nested)
		frame_note(f, "%zu nested value%s read as text, first in \"%s\"", r->nested, r->nested == 1 ? "" : "s", r->nested_in);
}

static enum status fill(const char *path, const struct frame_options *o, struct sketch_parts *parts, struct task *t, struct frame **out, struct err *e)
{
	struct reading r = { .o = o, .budget = o->budget ? o->budget : FRAME_BUDGET, .b = frame_builder_new(path), .columns = map_new(), .parts = parts, .enough = SIZE_MAX };
	str_init(&r.patched);
	enum status rc = csv_open(path, o, &r.src, e);
	if (rc == ST_OK)
		rc = parts && parts->sample ? read_places(&r, t, e) : read_blocks(&r, t, e);
	if (rc == ST_OK) {
		notes(&r, frame_builder_frame(r.b));
		rc = frame_builder_finish(r.b, o, out, e);
	}
	frame_builder_free(r.b);
	map_free(r.columns);
	str_free(&r.patched);
	csv_block_free(&r.block);
	csv_close(&r.src);
	return rc;
}

static enum status jsonl_read(const char *path, const struct frame_options *o, struct task *t, struct frame **out, struct err *e) { return fill(path, o, NULL, t, out, e); }

static const struct sketch_filler filler = { fill };

static enum status jsonl_plan(const char *path, const struct frame_options *o, struct task *t, struct sketch_plan **out, struct err *e)
{
	return sketch_filled_plan(&filler, path, o, t, out, e);
}

static enum status jsonl_sketch(const char *path, const struct frame_options *o, const struct sketch_plan *plan, struct task *t, struct sketch **out, struct err *e)
{
	return sketch_filled(&filler, path, o, plan, t, out, e);
}

/* Begins with an object; or with a list, for the words that then say what is read. */
static bool jsonl_probe(const char *path, const unsigned char *head, size_t n)
{
	const size_t len = strlen(path);
	size_t i = n >= 3 && !memcmp(head, "\xEF\xBB\xBF", 3) ? 3 : 0;
	while (i < n && strchr(" \t\r\n", head[i]) && head[i])
		i++;
	const bool named = (len > 6 && !strcmp(path + len - 6, ".jsonl")) || (len > 7 && !strcmp(path + len - 7, ".ndjson")) ||
		(len > 5 && !strcmp(path + len - 5, ".json"));
	if (i < n && head[i] == '{') {
		for (i++; i < n && strchr(" \t\r\n", head[i]) && head[i]; i++)
			continue;
		return named || (i < n && (head[i] == '"' || head[i] == '}'));
	}
	return named;
}

extern const struct frame_reader frame_reader_jsonl;
const struct frame_reader frame_reader_jsonl = { .id = "jsonl", .title = "JSON Lines", .probe = jsonl_probe, .read = jsonl_read, .plan = jsonl_plan, .sketch = jsonl_sketch };

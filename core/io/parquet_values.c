/* The values of a page: taken apart by encoding, handed on as doubles or as words.
 *
 * Fixed    values of a fixed width come as pieces of values next to each other: a PLAIN page is one piece and needs no copy, other encodings
 *          make pieces of PIECE values on the stack. A piece is converted to doubles by the function of the column's kind.
 * Words    go one by one to the sink, which has the dictionary of the column. A dictionary page is kept by the sink's owner; here only
 *          its indices are read.
 * Counts   what a page claims to hold was bounded by the rows of its row group; each encoding checks its bytes on the way. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/io/frame_build.h"
#include "core/io/parquet.h"

enum { PIECE = 1024, WIDEST = 64 };
#define MOST_WORDS ((uint64_t)PARQUET_MOST_PAGE)      /* bytes that the words of a page may come to */

static uint32_t little32(const unsigned char *p)
{
	uint32_t v;
	memcpy(&v, p, 4);
	return v;
}

static void put(struct parquet_sink *s, const void *from, size_t n)
{
	s->kind->convert(s->leaf, from, n, s->num);
	s->num += n;
}

/* ---- fixed width, numbers ---- */

static const char *plain_truths(struct parquet_sink *s, const struct parquet_page *g)
{
	if (g->n_bytes < g->present / 8 + (g->present % 8 != 0))
		return "it has fewer bytes than values";
	for (size_t i = 0; i < g->present; i++)
		*s->num++ = g->p[i / 8] >> i % 8 & 1;
	return NULL;
}

static const char *plain_fixed(struct parquet_sink *s, const struct parquet_page *g)
{
	if (s->leaf->physical == PARQUET_BOOLEAN)
		return plain_truths(s, g);
	if (g->n_bytes / s->leaf->width < g->present)
		return "it has fewer bytes than values";
	put(s, g->p, g->present);
	return NULL;
}

static const char *run_truths(struct parquet_sink *s, const struct parquet_page *g)
{
	struct hybrid h;
	uint32_t some[PIECE];
	if (s->leaf->physical != PARQUET_BOOLEAN)
		return "RLE is an encoding of booleans only";
	if (g->n_bytes < 4 || little32(g->p) > g->n_bytes - 4)
		return "its runs are longer than itself";
	hybrid_open(&h, g->p + 4, little32(g->p), 1);
	for (size_t left = g->present, k; left; left -= k) {
		k = left < PIECE ? left : PIECE;
		const char *why = hybrid_read(&h, some, k);
		if (why)
			return why;
		for (size_t i = 0; i < k; i++)
			*s->num++ = some[i];
	}
	return NULL;
}

static const char *delta_fixed(struct parquet_sink *s, const struct parquet_page *g)
{
	struct delta d;
	int64_t some[PIECE];
	int32_t narrow[PIECE];
	const enum parquet_physical type = s->leaf->physical;
	if (type != PARQUET_INT32 && type != PARQUET_INT64)
		return "DELTA_BINARY_PACKED is an encoding of whole numbers only";
	const char *why = delta_open(&d, g->p, g->n_bytes);
	for (size_t left = g->present, k; left && !why; left -= k) {
		k = left < PIECE ? left : PIECE;
		if ((why = delta_read(&d, some, k)))
			break;
		for (size_t i = 0; i < k && type == PARQUET_INT32; i++)
			narrow[i] = (int32_t)(uint32_t)some[i];
		put(s, type == PARQUET_INT32 ? (const void *)narrow : some, k);
	}
	return why;
}

/* Byte k of all values, then byte k + 1 of all. */
static const char *split_fixed(struct parquet_sink *s, const struct parquet_page *g)
{
	unsigned char some[PIECE];
	const size_t width = s->leaf->width, n = g->present;
	if (s->leaf->physical == PARQUET_BOOLEAN || s->leaf->physical == PARQUET_INT96 || width > WIDEST)
		return "BYTE_STREAM_SPLIT is no encoding of this type";
	if (g->n_bytes / width != n || g->n_bytes % width)
		return "it has other bytes than its values need";
	for (size_t at = 0, k; at < n; at += k) {
		k = n - at < PIECE / width ? n - at : PIECE / width;
		for (size_t b = 0; b < width; b++)
			for (size_t i = 0; i < k; i++)
				some[i * width + b] = g->p[b * n + at + i];
		put(s, some, k);
	}
	return NULL;
}

/* ---- words ---- */

static const char *plain_words(struct parquet_sink *s, const struct parquet_page *g)
{
	const unsigned char *p = g->p, *end = g->p + g->n_bytes;
	for (size_t i = 0; i < g->present; i++) {
		if (end - p < 4 || little32(p) > (size_t)(end - p) - 4)
			return "a value is longer than its page";
		const uint32_t n = little32(p);
		const char *why = s->word(s->arg, (const char *)p + 4, n);
		if (why)
			return why;
		p += 4 + n;
	}
	return NULL;
}

static const char *fixed_words(struct parquet_sink *s, const struct parquet_page *g)
{
	const size_t width = s->leaf->width;
	const char *why = g->n_bytes / width < g->present ? "it has fewer bytes than values" : NULL;
	for (size_t i = 0; i < g->present && !why; i++)
		why = s->word(s->arg, (const char *)g->p + i * width, width);
	return why;
}

static const char *split_words(struct parquet_sink *s, const struct parquet_page *g)
{
	const size_t width = s->leaf->width, n = g->present;
	if (!width || g->n_bytes / width != n || g->n_bytes % width)
		return "it has other bytes than its values need";
	char *one = mem_alloc(width);
	const char *why = NULL;
	for (size_t i = 0; i < n && !why; i++) {
		for (size_t b = 0; b < width; b++)
			one[b] = (char)g->p[b * n + i];
		why = s->word(s->arg, one, width);
	}
	free(one);
	return why;
}

/* Lengths first, as deltas, then the bytes of all values. */
static const char *open_lengths(struct delta *d, const unsigned char *p, const unsigned char *end, size_t n, const unsigned char **bytes)
{
	struct delta ahead;
	const char *why = delta_open(d, p, (size_t)(end - p));
	if (why)
		return why;
	if (d->total != n)
		return "it has other than as many lengths as values";
	ahead = *d;
	return delta_end(&ahead, bytes);
}

static const char *length_words(struct parquet_sink *s, const struct parquet_page *g)
{
	struct delta lengths;
	const unsigned char *p = g->p, *end = g->p + g->n_bytes;
	const char *why = open_lengths(&lengths, p, end, g->present, &p);
	for (size_t i = 0; i < g->present && !why; i++) {
		int64_t n;
		if ((why = delta_read(&lengths, &n, 1)))
			break;
		if (n < 0 || n > end - p)
			return "a value is longer than its page";
		why = s->word(s->arg, (const char *)p, (size_t)n);
		p += n;
	}
	return why;
}

/* Each value: how much of the one before it begins with, and what follows. */
static const char *prefixed_words(struct parquet_sink *s, const struct parquet_page *g)
{
	struct delta prefixes, lengths;
	struct str last = STR_INIT;
	uint64_t sum = 0;
	const unsigned char *p = g->p, *end = g->p + g->n_bytes;
	const char *why = open_lengths(&prefixes, p, end, g->present, &p);
	if (!why)
		why = open_lengths(&lengths, p, end, g->present, &p);
	for (size_t i = 0; i < g->present && !why; i++) {
		int64_t same = 0, more = 0;
		if ((why = delta_read(&prefixes, &same, 1)) || (why = delta_read(&lengths, &more, 1)))
			break;
		if (same < 0 || (uint64_t)same > last.len || more < 0 || more > end - p) {
			why = "a value is longer than its page, or shares more than there was";
			break;
		}
		str_cut(&last, (size_t)same);
		str_addn(&last, p, (size_t)more);
		p += more;
		sum += last.len;
		why = sum > MOST_WORDS ? "its values come to more than 512 MiB" : s->word(s->arg, last.p, last.len);
	}
	str_free(&last);
	return why;
}

static const char *one_fixed(void *arg, const char *p, size_t n)
{
	struct parquet_sink *s = arg;
	if (n != s->leaf->width)
		return "a value is not as wide as its column";
	put(s, p, 1);
	return NULL;
}

static const char *prefixed_fixed(struct parquet_sink *s, const struct parquet_page *g)
{
	struct parquet_sink words = { .leaf = s->leaf, .kind = s->kind, .word = one_fixed, .arg = s };
	return s->leaf->physical == PARQUET_FIXED ? prefixed_words(&words, g) : "DELTA_BYTE_ARRAY is an encoding of bytes only";
}

/* ---- dictionaries ---- */

static const char *indexed(struct parquet_sink *s, const struct parquet_page *g)
{
	struct hybrid h;
	uint32_t some[PIECE];
	if (!g->n_bytes || g->p[0] > 32)
		return "its indices have an impossible width";
	hybrid_open(&h, g->p + 1, g->n_bytes - 1, g->p[0]);
	for (size_t left = g->present, k; left; left -= k) {
		k = left < PIECE ? left : PIECE;
		const char *why = hybrid_read(&h, some, k);
		uint32_t most = 0;
		for (size_t i = 0; i < k && !why; i++)
			most = some[i] > most ? some[i] : most;
		if (!why && most >= s->n_dict)
			why = "an index is outside of the dictionary, or there is none";
		for (size_t i = 0; i < k && !why && s->dict; i++)
			*s->num++ = s->dict[some[i]];
		for (size_t i = 0; i < k && !why && !s->dict; i++)
			why = s->seen(s->arg, some[i]);
		if (why)
			return why;
	}
	return NULL;
}

static bool is_words(const struct parquet_sink *s) { return !s->kind->convert; }

/* Words of a dictionary go through `word` too: the owner knows that they are such. */
const char *parquet_dictionary(struct parquet_sink *s, const struct parquet_page *g)
{
	if (g->encoding != PARQUET_ENC_PLAIN && g->encoding != PARQUET_ENC_PLAIN_DICTIONARY)
		return "a dictionary in an encoding that is not read here";
	if (s->leaf->physical == PARQUET_BOOLEAN)
		return "a dictionary of booleans";
	if (g->n_bytes / (s->leaf->width ? s->leaf->width : 4) < g->n)
		return "it has fewer bytes than values";
	free(s->dict);
	s->dict = NULL;
	s->n_dict = 0;
	if (is_words(s)) {
		const char *why = s->leaf->width ? fixed_words(s, g) : plain_words(s, g);
		s->n_dict = why ? 0 : g->n;
		return why;
	}
	s->dict = mem_array(g->n + 1, sizeof *s->dict);
	s->n_dict = g->n;
	s->kind->convert(s->leaf, g->p, g->n, s->dict);
	return NULL;
}

const char *parquet_values(struct parquet_sink *s, const struct parquet_page *g)
{
	static const char *(*const decode[][2])(struct parquet_sink *, const struct parquet_page *) = {      /* numbers, words */
		[PARQUET_ENC_PLAIN] = { plain_fixed, plain_words }, [PARQUET_ENC_PLAIN_DICTIONARY] = { indexed, indexed }, [PARQUET_ENC_RLE] = { run_truths, NULL },
		[PARQUET_ENC_DELTA] = { delta_fixed, NULL }, [PARQUET_ENC_DELTA_LENGTH] = { NULL, length_words }, [PARQUET_ENC_DELTA_BYTES] = { prefixed_fixed, prefixed_words },
		[PARQUET_ENC_DICTIONARY] = { indexed, indexed }, [PARQUET_ENC_SPLIT] = { split_fixed, split_words },
	};
	const bool words = is_words(s);
	if (!g->present)
		return NULL;
	if (words && g->encoding == PARQUET_ENC_PLAIN && s->leaf->width)
		return fixed_words(s, g);
	if (g->encoding > PARQUET_ENC_SPLIT || !decode[g->encoding][words])
		return "an encoding that is not read here, or not for its type";
	return decode[g->encoding][words](s, g);
}

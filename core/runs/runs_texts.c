/* Distinct texts: each is kept once, values are 32-bit indices. The hash index exists only while texts
 * are added. Most texts are plain ASCII and go in without passing the sanitiser. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/runs/number.h"
#include "core/runs/runs_impl.h"

static bool is_plain(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] < 0x20 || s[i] > 0x7e)
			return false;
	return true;
}

/* Appends at most `limit` bytes of cleaned text, cut between characters. */
static void clean_cut(struct str *out, const char *s, size_t n, size_t limit)
{
	/* Cleaning can drop bytes (bidi controls) as well as add some; a raw piece of eight times the limit is plenty. */
	text_clean(out, s, n > 8 * limit ? 8 * limit : n, 0);
	if (out->len <= limit)
		return;
	while (limit && ((unsigned char)out->p[limit] & 0xc0) == 0x80)
		limit--;
	str_cut(out, limit);
}

const char *runs_clean(struct arena *a, const char *s, size_t n)
{
	if (n <= CELL_MAX && is_plain(s, n))
		return arena_strndup(a, n ? s : "", n);
	struct str out = STR_INIT;
	clean_cut(&out, s, n, CELL_MAX);
	const char *copy = arena_strndup(a, out.p, out.len);
	str_free(&out);
	return copy;
}

void texts_init(struct runs_texts *tx, size_t limit)
{
	*tx = (struct runs_texts){ .limit = limit, .mask = 63 };
	tx->slot = mem_array(tx->mask + 1, sizeof *tx->slot);
	MEM_GROW(tx->at, tx->at_cap, 1);
	tx->at[0] = 0;
}

void texts_done(struct runs_texts *tx)
{
	free(tx->bytes);
	free(tx->at);
	free(tx->num);
	free(tx->slot);
	*tx = (struct runs_texts){ 0 };
}

const char *texts_get(const struct runs_texts *tx, uint32_t value, size_t *n)
{
	size_t from = tx->at[value - 1];
	*n = tx->at[value] - from - 1;
	return tx->bytes + from;
}

static uint32_t hash_text(const char *s, size_t n)
{
	uint64_t h = n * 0x9e3779b97f4a7c15u, word;
	for (; n >= 8; s += 8, n -= 8) {
		memcpy(&word, s, 8);
		h = (h ^ word) * 0xff51afd7ed558ccdu;
		h ^= h >> 32;
	}
	word = 0;
	memcpy(&word, s, n);
	h = (h ^ word) * 0xff51afd7ed558ccdu;
	return (uint32_t)(h >> 32);
}

/* The slot with this text, or the empty one where it belongs. The hash is kept beside the value: looking at the texts
 * themselves is a cache miss each. */
static struct runs_slot *probe(const struct runs_texts *tx, uint32_t hash, const char *s, size_t n)
{
	size_t i = hash & tx->mask, have;
	for (; tx->slot[i].value; i = (i + 1) & tx->mask) {
		if (tx->slot[i].hash != hash)
			continue;
		const char *t = texts_get(tx, tx->slot[i].value, &have);
		if (have == n && !memcmp(t, s, n))
			break;
	}
	return &tx->slot[i];
}

static void rehash(struct runs_texts *tx)
{
	struct runs_slot *old = tx->slot;
	size_t n_old = tx->mask + 1;
	tx->mask = tx->mask * 2 + 1;
	tx->slot = mem_array(tx->mask + 1, sizeof *tx->slot);
	for (size_t k = 0; k < n_old; k++) {
		size_t i = old[k].hash & tx->mask;
		while (old[k].value && tx->slot[i].value)
			i = (i + 1) & tx->mask;
		if (old[k].value)
			tx->slot[i] = old[k];
	}
	free(old);
}

static uint32_t add_clean(struct runs_texts *tx, const char *s, size_t n)
{
	uint32_t hash = hash_text(s, n);
	struct runs_slot *slot = probe(tx, hash, s, n);
	if (slot->value)
		return slot->value;
	if (tx->n * 2 >= tx->mask) {
		rehash(tx);
		slot = probe(tx, hash, s, n);
	}
	MEM_GROW(tx->bytes, tx->cap, tx->len + n + 1);
	memcpy(tx->bytes + tx->len, s, n);
	tx->len += n;
	tx->bytes[tx->len++] = '\0';
	MEM_GROW(tx->at, tx->at_cap, tx->n + 2);
	tx->at[++tx->n] = tx->len;
	*slot = (struct runs_slot){ (uint32_t)tx->n, hash };
	return slot->value;
}

uint32_t texts_add(struct runs_texts *tx, const char *s, size_t n)
{
	if (!n)
		return add_clean(tx, "", 0);
	if (n <= tx->limit && is_plain(s, n))
		return add_clean(tx, s, n);
	struct str out = STR_INIT;
	clean_cut(&out, s, n, tx->limit);
	uint32_t value = add_clean(tx, out.p, out.len);
	str_free(&out);
	return value;
}

void texts_finish(struct runs_texts *tx, bool numbers)
{
	size_t n;
	free(tx->slot);
	tx->slot = NULL;
	if (!numbers)
		return;
	tx->all_numbers = tx->n > 0;
	tx->num = mem_array(tx->n, sizeof *tx->num);
	for (uint32_t k = 1; k <= tx->n; k++) {
		const char *t = texts_get(tx, k, &n);
		if (!number_parse(t, n, &tx->num[k - 1])) {
			tx->num[k - 1] = NAN;
			tx->all_numbers = false;
		}
	}
}

/* The pages of one column chunk.
 *
 * Window   bytes of the file from `at` on, read in pieces of 1 MiB or a page, whichever is more. A page header has no stated length: it is
 *          parsed from what is there, and again from more when the bytes ended within it (its statistics may hold long values).
 * v1       the body is packed as a whole: definition levels (4 bytes of length, then runs), values.
 * v2       levels stand before the packed values and have their lengths in the header.
 * Checksums are verified where a writer put them. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "core/base/mem.h"
#include "core/io/parquet.h"
#include "core/io/parquet_thrift.h"

enum { PIECE = 1 << 20, HEADER = 4096, MOST_HEADER = 16 << 20, LEVELS_AT_ONCE = 1024 };
enum { DATA_PAGE, INDEX_PAGE, DICTIONARY_PAGE, DATA_PAGE_V2 };

struct header {
	int64_t type, unpacked, packed, crc; bool has_crc;
	int64_t values, encoding, level_encoding, nulls, def_bytes, rep_bytes; bool packed_values;
};

void parquet_pages_init(struct parquet_pages *p) { *p = (struct parquet_pages){ 0 }; }

void parquet_pages_free(struct parquet_pages *p)
{
	free(p->window);
	free(p->room);
	free(p->levels);
	parquet_pages_init(p);
}

void parquet_pages_start(struct parquet_pages *p, const struct parquet_file *f, const struct parquet_leaf *leaf, const struct parquet_chunk *c, size_t rows)
{
	p->file = f;
	p->leaf = leaf;
	p->chunk = c;
	p->at = c->at;
	p->rows_left = rows;
	p->number = p->from = p->have = 0;
}

/* ---- the window ---- */

static uint64_t chunk_left(const struct parquet_pages *p) { return p->chunk->at + p->chunk->bytes - p->at; }

/* At least n bytes from `at` on, or what the chunk still has. */
static const char *look(struct parquet_pages *p, size_t n)
{
	const uint64_t left = chunk_left(p);
	n = n < left ? n : (size_t)left;
	if (n <= p->have)
		return NULL;
	const size_t want = n > PIECE ? n : left < PIECE ? (size_t)left : PIECE;
	if (want > p->cap) {
		unsigned char *more = mem_try(want, 1);
		if (!more)
			return "no memory for it";
		if (p->have)
			memcpy(more, p->window + p->from, p->have);
		free(p->window);
		p->window = more;
		p->cap = want;
	} else if (p->have) {
		memmove(p->window, p->window + p->from, p->have);
	}
	p->from = 0;
	if (parquet_pread(p->file, p->window + p->have, want - p->have, p->at + p->have, NULL) != ST_OK)
		return "it cannot be read: the file became shorter, or the disk failed";
	p->have = want;
	return NULL;
}

static void pass(struct parquet_pages *p, size_t n)
{
	p->at += n;
	p->from += n;
	p->have -= n;
}

/* Room that is overwritten from page to page. */
static bool make_room(unsigned char **room, size_t *cap, size_t n)
{
	if (n <= *cap)
		return true;
	free(*room);
	*cap = 0;
	*room = mem_try(n, 1);
	if (*room)
		*cap = n;
	return *room != NULL;
}

/* ---- the header ---- */

static void read_kind(struct thrift *t, int kind, struct header *h)
{
	for (struct thrift_field f = { 0 }; thrift_next(t, &f);) {
		int64_t *data[] = { NULL, &h->values, &h->encoding, &h->level_encoding }, *dictionary[] = { NULL, &h->values, &h->encoding, NULL };
		int64_t *data2[] = { NULL, &h->values, &h->nulls, NULL, &h->encoding, &h->def_bytes, &h->rep_bytes, NULL };
		int64_t **to = kind == 5 ? data : kind == 7 ? dictionary : data2;
		if (kind == 8 && f.id == 7)
			h->packed_values = thrift_bool(t, &f);
		else if (f.id < (kind == 8 ? 8 : 4) && to[f.id])
			*to[f.id] = thrift_int(t, &f);
		else
			thrift_skip(t, f.type);
	}
}

static void read_header(struct thrift *t, struct header *h)
{
	*h = (struct header){ .type = -1, .packed = -1, .unpacked = -1, .values = -1, .encoding = -1, .level_encoding = PARQUET_ENC_RLE, .packed_values = true };
	for (struct thrift_field f = { 0 }; thrift_next(t, &f);) {
		int64_t *to[] = { NULL, &h->type, &h->unpacked, &h->packed, &h->crc };
		if (f.id < 5 && to[f.id])
			*to[f.id] = thrift_int(t, &f);
		else if ((f.id == 5 || f.id == 7 || f.id == 8) && thrift_struct(t, &f))
			read_kind(t, f.id, h);
		else if (f.id != 5 && f.id != 7 && f.id != 8)
			thrift_skip(t, f.type);
		h->has_crc |= f.id == 4;
	}
}

static const char *next_header(struct parquet_pages *p, struct header *h)
{
	for (size_t n = HEADER;; n *= 8) {
		const char *why = look(p, n);
		if (why)
			return why;
		struct thrift t = { .p = p->window + p->from, .end = p->window + p->from + p->have };
		const unsigned char *from = t.p;
		read_header(&t, h);
		if (!t.bad) {
			pass(p, (size_t)(t.p - from));
			break;
		}
		if (!t.small || p->have == chunk_left(p) || n >= MOST_HEADER)
			return "its header is damaged";
	}
	if (h->packed < 0 || h->unpacked < 0 || h->type < 0)
		return "its header lacks sizes";
	if ((uint64_t)h->packed > chunk_left(p))
		return "it is longer than its column chunk";
	return h->packed > PARQUET_MOST_PAGE || h->unpacked > PARQUET_MOST_PAGE ? "it is larger than 512 MiB; write smaller pages" : NULL;
}

static const char *check_data(const struct parquet_pages *p, const struct header *h)
{
	if (h->values < 0 || h->encoding < 0)
		return "its header lacks the number of values";
	if ((uint64_t)h->values > p->rows_left)
		return "it has more values than the row group has rows";
	if (h->values > PARQUET_PAGE_VALUES)
		return "it has more than 67108864 values; write smaller pages";
	if (h->type == DATA_PAGE)
		return p->leaf->optional && h->level_encoding != PARQUET_ENC_RLE ? "its levels are in the old BIT_PACKED encoding, which is not read here" : NULL;
	if (h->def_bytes < 0 || h->rep_bytes < 0 || h->def_bytes + h->rep_bytes > h->packed || h->def_bytes + h->rep_bytes > h->unpacked)
		return "its levels are longer than itself";
	return NULL;
}

/* ---- the body ---- */

/* The body unpacked; the first `plain` bytes are so already. */
static const char *unpack(struct parquet_pages *p, const struct header *h, size_t plain, bool packed)
{
	const unsigned char *body = p->window + p->from;
	const size_t n = (size_t)h->packed, to_n = (size_t)h->unpacked;
	if (!packed || p->chunk->codec == PARQUET_UNCOMPRESSED) {
		p->page.p = body;
		p->page.n_bytes = n;
		return n == to_n ? NULL : "its size is not what its header says";
	}
	if (!make_room(&p->room, &p->room_cap, to_n + 1))
		return "no memory for it";
	memcpy(p->room, body, plain);
	p->page.p = p->room;
	p->page.n_bytes = to_n;
	return to_n == plain ? NULL : parquet_unpack(p->chunk->codec, body + plain, n - plain, p->room + plain, to_n - plain);
}

/* Levels of a flat column are 0 (missing) or 1. */
static const char *read_levels(struct parquet_pages *p, const unsigned char *from, size_t bytes)
{
	struct parquet_page *g = &p->page;
	struct hybrid h;
	uint32_t some[LEVELS_AT_ONCE];
	hybrid_open(&h, from, bytes, 1);
	if (hybrid_is_run(&h, g->n, 1))            /* most pages miss nothing */
		return NULL;
	if (!make_room(&p->levels, &p->levels_cap, g->n))
		return "no memory for it";
	g->present = 0;
	for (size_t i = 0; i < g->n;) {
		const size_t k = g->n - i < LEVELS_AT_ONCE ? g->n - i : LEVELS_AT_ONCE;
		const char *why = hybrid_read(&h, some, k);
		if (why)
			return why;
		for (size_t j = 0; j < k; j++) {
			p->levels[i + j] = (unsigned char)some[j];
			g->present += some[j];
		}
		i += k;
	}
	g->levels = g->present < g->n ? p->levels : NULL;
	return NULL;
}

static const char *levels_v1(struct parquet_pages *p)
{
	struct parquet_page *g = &p->page;
	uint32_t n;
	if (!p->leaf->optional)
		return NULL;
	if (g->n_bytes < 4)
		return "it is too short for its levels";
	memcpy(&n, g->p, 4);
	if (n > g->n_bytes - 4)
		return "its levels are longer than itself";
	const char *why = read_levels(p, g->p + 4, n);
	g->p += 4 + n;
	g->n_bytes -= 4 + n;
	return why;
}

static const char *levels_v2(struct parquet_pages *p, const struct header *h)
{
	struct parquet_page *g = &p->page;
	const size_t skip = (size_t)h->rep_bytes, n = (size_t)h->def_bytes;
	const char *why = p->leaf->optional ? read_levels(p, g->p + skip, n) : NULL;
	g->p += skip + n;
	g->n_bytes -= skip + n;
	if (!why && h->nulls != (int64_t)(g->n - g->present))
		why = "it has other than the missing values that its header counts";
	return why;
}

static const char *open_page(struct parquet_pages *p, const struct header *h)
{
	struct parquet_page *g = &p->page;
	const char *why = NULL;
	g->dictionary = h->type == DICTIONARY_PAGE;
	g->encoding = (unsigned)h->encoding;
	if (g->dictionary && (h->values < 0 || h->values > PARQUET_PAGE_VALUES || h->encoding < 0))
		return "its header lacks the number of values";
	if (!g->dictionary && (why = check_data(p, h)))
		return why;
	g->n = g->present = (size_t)h->values;
	if (h->type == DATA_PAGE_V2)
		why = unpack(p, h, (size_t)(h->def_bytes + h->rep_bytes), h->packed_values);
	else
		why = unpack(p, h, 0, true);
	if (!why && !g->dictionary)
		why = h->type == DATA_PAGE_V2 ? levels_v2(p, h) : levels_v1(p);
	return why;
}

static const char *check_crc(const struct parquet_pages *p, const struct header *h)
{
	if (!h->has_crc)
		return NULL;
	return (uint32_t)h->crc == crc32(0, p->window + p->from, (uInt)h->packed) ? NULL : "its checksum does not fit its bytes";
}

const char *parquet_pages_next(struct parquet_pages *p)
{
	struct header h;
	do {
		p->page = (struct parquet_page){ .at = p->at, .number = ++p->number };
		if (!p->rows_left)
			return NULL;
		if (!chunk_left(p))
			return "it is missing: the column chunk ends before its rows do";
		const char *why = next_header(p, &h);
		if (!why)
			why = look(p, (size_t)h.packed);
		if (!why)
			why = check_crc(p, &h);
		if (!why && h.type > DATA_PAGE_V2)
			why = "it is of an unknown kind";
		if (!why && h.type != INDEX_PAGE)
			why = open_page(p, &h);
		if (why)
			return why;
		pass(p, (size_t)h.packed);
	} while (h.type == INDEX_PAGE || (h.type != DICTIONARY_PAGE && !h.values));
	p->rows_left -= p->page.dictionary ? 0 : p->page.n;
	return NULL;
}

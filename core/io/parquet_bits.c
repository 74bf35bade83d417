#include "core/io/parquet_bits.h"

#include <string.h>

enum { MOST_BLOCK = 1 << 20 };

static bool varint(struct bits *in, uint64_t *v)
{
	*v = 0;
	for (unsigned shift = 0; in->p < in->end && shift < 70; shift += 7) {
		const unsigned b = *in->p++;
		*v |= (uint64_t)(b & 127) << shift;
		if (b < 128)
			return true;
	}
	return false;
}

/* `width` bits from bit number `bit` on; the bytes may end within the eight that are loaded. */
static inline uint64_t bits_at(const unsigned char *from, const unsigned char *end, size_t bit, unsigned width)
{
	const unsigned char *p = from + bit / 8;
	const unsigned shift = bit % 8;
	uint64_t v = 0;
	if (end - p >= 8)
		memcpy(&v, p, 8);
	else
		memcpy(&v, p, (size_t)(end - p));
	v >>= shift;
	if (shift + width > 64)
		v |= (uint64_t)p[8] << (64 - shift);
	return width < 64 ? v & ((UINT64_C(1) << width) - 1) : v;
}

/* ---- runs and groups ---- */

void hybrid_open(struct hybrid *h, const unsigned char *p, size_t n, unsigned width)
{
	*h = (struct hybrid){ .in = { p, p + n }, .width = width };
}

static const char *next_run(struct hybrid *h)
{
	uint64_t head;
	if (!varint(&h->in, &head))
		return "runs end before the values do";
	const size_t left = (size_t)(h->in.end - h->in.p), unit = (h->width + 7) / 8;
	if (head & 1) {
		uint64_t groups = head >> 1;
		/* Writers may leave out the padding of the last group. */
		if (h->width && groups > left / h->width)
			groups = left / h->width + 1;
		h->packed = groups > SIZE_MAX / 16 ? SIZE_MAX / 2 : (size_t)groups * 8;
		if (h->width && h->packed > left * 8 / h->width)
			h->packed = left * 8 / h->width;
		h->from = h->in.p;
		h->bit = 0;
		const size_t bytes = h->width ? (h->packed * h->width + 7) / 8 : 0;
		h->in.p += bytes < left ? bytes : left;
		return h->packed || !groups ? NULL : "a bit-packed run has no bytes";
	}
	if (unit > left)
		return "a run has no value";
	h->run = head >> 1 > SIZE_MAX / 2 ? SIZE_MAX / 2 : (size_t)(head >> 1);
	h->value = 0;
	memcpy(&h->value, h->in.p, unit);
	h->in.p += unit;
	return h->width < 32 && h->value >> h->width ? "a run's value is wider than it may be" : NULL;
}

bool hybrid_is_run(const struct hybrid *h, size_t n, uint32_t value)
{
	struct hybrid ahead = *h;
	return (ahead.run || ahead.packed || !next_run(&ahead)) && ahead.run >= n && ahead.value == value;
}

/* How many values, of at most n, begin where eight bytes can be loaded. */
static size_t loadable(const struct hybrid *h, size_t n)
{
	const size_t bytes = (size_t)(h->in.end - h->from);
	if (bytes < 8 || !h->width || h->bit / 8 > bytes - 8)
		return 0;
	const size_t k = ((bytes - 8) * 8 + 7 - h->bit) / h->width + 1;
	return k < n ? k : n;
}

static size_t take_packed(struct hybrid *h, uint32_t *out, size_t n)
{
	const size_t k = n < h->packed ? n : h->packed, fast = loadable(h, k);
	const uint64_t mask = (UINT64_C(1) << h->width) - 1;           /* at most 32 bits wide: with the shift within the eight bytes */
	size_t i = 0, bit = h->bit;
	for (; i < fast; i++, bit += h->width) {
		uint64_t v;
		memcpy(&v, h->from + bit / 8, 8);
		out[i] = (uint32_t)(v >> bit % 8 & mask);
	}
	for (; i < k; i++, bit += h->width)
		out[i] = (uint32_t)bits_at(h->from, h->in.end, bit, h->width);
	h->bit = bit;
	h->packed -= k;
	return k;
}

static size_t take_run(struct hybrid *h, uint32_t *out, size_t n)
{
	const size_t k = n < h->run ? n : h->run;
	const uint32_t v = h->value;
	for (size_t i = 0; i < k; i++)
		out[i] = v;
	h->run -= k;
	return k;
}

const char *hybrid_read(struct hybrid *h, uint32_t *out, size_t n)
{
	while (n) {
		const char *why = h->run || h->packed ? NULL : next_run(h);
		if (why)
			return why;
		const size_t k = h->run ? take_run(h, out, n) : take_packed(h, out, n);
		out += k;
		n -= k;
	}
	return NULL;
}

/* ---- deltas ---- */

static uint64_t unzigzag(uint64_t v) { return v >> 1 ^ (0 - (v & 1)); }

const char *delta_open(struct delta *d, const unsigned char *p, size_t n)
{
	uint64_t block, minis, first;
	*d = (struct delta){ .in = { p, p + n } };
	if (!varint(&d->in, &block) || !varint(&d->in, &minis) || !varint(&d->in, &d->total) || !varint(&d->in, &first))
		return "the head of the deltas is cut off";
	if (!block || block > MOST_BLOCK || !minis || minis > block || block % minis || block / minis % 8)
		return "the head of the deltas has impossible sizes";
	d->left = d->total;
	d->last = unzigzag(first);
	d->minis = d->mini = (size_t)minis;
	d->per_mini = d->in_mini = (size_t)(block / minis);
	return NULL;
}

static const char *next_mini(struct delta *d)
{
	if (d->mini == d->minis) {
		uint64_t least;
		if (!varint(&d->in, &least) || (size_t)(d->in.end - d->in.p) < d->minis)
			return "deltas end before the values do";
		d->least = unzigzag(least);
		d->widths = d->in.p;
		d->in.p += d->minis;
		d->mini = 0;
	}
	d->width = d->widths[d->mini++];
	const size_t want = d->per_mini * d->width / 8, left = (size_t)(d->in.end - d->in.p);
	if (d->width > 64)
		return "deltas wider than 64 bits";
	/* The last miniblock may lack the padding behind its last value. */
	if (want > left && (d->left > d->per_mini || (d->left * d->width + 7) / 8 > left))
		return "deltas end before the values do";
	d->from = d->in.p;
	d->in.p += want < left ? want : left;
	d->in_mini = d->bit = 0;
	return NULL;
}

/* The head holds the first value; each delta that is read makes the next, so `last` runs one ahead. */
const char *delta_read(struct delta *d, int64_t *out, size_t n)
{
	if (n > d->left)
		return "fewer deltas than values";
	for (size_t i = 0; i < n; i++) {
		out[i] = (int64_t)d->last;
		if (!--d->left)
			continue;
		const char *why = d->in_mini == d->per_mini ? next_mini(d) : NULL;
		if (why)
			return why;
		d->last += d->least + (d->width ? bits_at(d->from, d->in.end, d->bit, d->width) : 0);
		d->bit += d->width;
		d->in_mini++;
	}
	return NULL;
}

const char *delta_end(struct delta *d, const unsigned char **after)
{
	int64_t skipped[256];
	while (d->left) {
		const size_t n = d->left < 256 ? (size_t)d->left : 256;
		const char *why = delta_read(d, skipped, n);
		if (why)
			return why;
	}
	*after = d->in.p;
	return NULL;
}

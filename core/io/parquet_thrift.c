#include "core/io/parquet_thrift.h"

enum { DEEPEST = 24, VARINT_BYTES = 10 };

static void spoil(struct thrift *t, bool small)
{
	t->small |= small && !t->bad;
	t->bad = true;
	t->p = t->end;
}

static unsigned byte(struct thrift *t)
{
	if (t->p < t->end)
		return *t->p++;
	spoil(t, true);
	return 0;
}

static uint64_t varint(struct thrift *t)
{
	uint64_t v = 0;
	for (int i = 0; i < VARINT_BYTES; i++) {
		const unsigned b = byte(t);
		v |= (uint64_t)(b & 127) << (7 * i);
		if (b < 128)
			return v;
	}
	spoil(t, false);
	return 0;
}

static int64_t zigzag(struct thrift *t)
{
	const uint64_t v = varint(t);
	return (int64_t)(v >> 1 ^ (0 - (v & 1)));
}

static void advance(struct thrift *t, uint64_t n)
{
	if (n > (size_t)(t->end - t->p))
		spoil(t, true);
	else
		t->p += n;
}

bool thrift_next(struct thrift *t, struct thrift_field *f)
{
	const unsigned b = byte(t);
	if (!b || t->bad)
		return false;
	f->type = b & 15;
	const int64_t id = b >> 4 ? f->id + (int64_t)(b >> 4) : zigzag(t);
	if (f->type == THRIFT_STOP || f->type >= THRIFT_TYPES || id < 0 || id > INT16_MAX)
		spoil(t, false);
	f->id = t->bad ? 0 : (int)id;
	return !t->bad;
}

static size_t list_head(struct thrift *t, enum thrift_type *of)
{
	const unsigned b = byte(t);
	const uint64_t n = b >> 4 == 15 ? varint(t) : b >> 4;
	*of = b & 15;
	if (n > (size_t)(t->end - t->p))
		spoil(t, true);
	return t->bad ? 0 : (size_t)n;
}

static void skip(struct thrift *t, enum thrift_type type, int depth);

/* In a struct the type of a truth is its value; in lists and maps it has a byte of its own. */
static void skip_element(struct thrift *t, unsigned type, int depth)
{
	if (type == THRIFT_TRUE || type == THRIFT_FALSE)
		byte(t);
	else
		skip(t, type, depth);
}

static void skip_list(struct thrift *t, int depth)
{
	enum thrift_type of;
	for (size_t n = list_head(t, &of); n && !t->bad; n--)
		skip_element(t, of, depth);
}

static void skip_map(struct thrift *t, int depth)
{
	uint64_t n = varint(t);
	const unsigned types = n ? byte(t) : 0;
	if (n > (size_t)(t->end - t->p))
		spoil(t, true);
	for (; n && !t->bad; n--) {
		skip_element(t, types >> 4, depth);
		skip_element(t, types & 15, depth);
	}
}

static void skip(struct thrift *t, enum thrift_type type, int depth)
{
	if (depth > DEEPEST) {
		spoil(t, false);
		return;
	}
	switch (type) {
	case THRIFT_TRUE: case THRIFT_FALSE: return;
	case THRIFT_BYTE:   byte(t); return;
	case THRIFT_I16: case THRIFT_I32: case THRIFT_I64: varint(t); return;
	case THRIFT_DOUBLE: advance(t, 8); return;
	case THRIFT_BINARY: advance(t, varint(t)); return;
	case THRIFT_LIST: case THRIFT_SET: skip_list(t, depth + 1); return;
	case THRIFT_MAP:    skip_map(t, depth + 1); return;
	case THRIFT_STRUCT:
		for (struct thrift_field f = { 0 }; thrift_next(t, &f);)
			skip(t, f.type, depth + 1);
		return;
	default:            spoil(t, false); return;
	}
}

void thrift_skip(struct thrift *t, enum thrift_type type) { skip(t, type, 0); }

static bool is(struct thrift *t, bool right)
{
	if (!right)
		spoil(t, false);
	return right;
}

int64_t thrift_int(struct thrift *t, const struct thrift_field *f)
{
	if (f->type == THRIFT_BYTE)
		return (int8_t)byte(t);
	return is(t, f->type >= THRIFT_I16 && f->type <= THRIFT_I64) ? zigzag(t) : 0;
}

bool thrift_bool(struct thrift *t, const struct thrift_field *f)
{
	return is(t, f->type == THRIFT_TRUE || f->type == THRIFT_FALSE) && f->type == THRIFT_TRUE;
}

const char *thrift_binary(struct thrift *t, const struct thrift_field *f, size_t *n)
{
	const uint64_t len = is(t, f->type == THRIFT_BINARY) ? varint(t) : 0;
	const unsigned char *from = t->p;
	advance(t, len);
	*n = t->bad ? 0 : (size_t)len;
	return t->bad ? "" : (const char *)from;
}

size_t thrift_list(struct thrift *t, const struct thrift_field *f, enum thrift_type of)
{
	enum thrift_type have = THRIFT_STOP;
	const size_t n = is(t, f->type == THRIFT_LIST) ? list_head(t, &have) : 0;
	return is(t, !n || have == of) ? n : 0;
}

bool thrift_struct(struct thrift *t, const struct thrift_field *f)
{
	return is(t, f->type == THRIFT_STRUCT) && !t->bad;
}

/* The footer of a Parquet file.
 *
 * The schema is a tree written in preorder: each element says how many children follow. Only leaves below the root are columns of a flat
 * table; the leaves below a nested column are counted, because each has a chunk in every row group.
 * What the footer says of sizes is believed only after it was held against the file: chunks lie between the first magic word and the footer,
 * the rows of the groups add up, and every chunk has as many values as its group has rows. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/io/frame_build.h"
#include "core/io/parquet.h"
#include "core/io/parquet_thrift.h"

enum { MAGIC = 4, TAIL = 8, MOST_ELEMENTS = 1 << 20, DEEPEST = 64 };

/* What an element of the schema says. */
struct element {
	const char *name; size_t n_name;
	int64_t physical, width, repetition, children, converted, scale;
	enum parquet_logical logical; unsigned unit;
};
struct footer {
	struct parquet_file *f; struct thrift t; struct err *e;
	int64_t rows, *physical; size_t cap_leaves, cap_of, cap_groups, cap_chunks, n_chunks, cap_physical; uint64_t packed; bool have_schema, have_rows;
};

static enum status wrong(struct footer *x, const char *what)
{
	return err_set(x->e, ST_FAILED, "%.200s: the footer %s: the file is damaged; write it again", x->f->path, what);
}

/* ---- schema ---- */

static unsigned unit_of(struct thrift *t, const struct thrift_field *up)
{
	static const unsigned units[] = { 0, 3, 6, 9 };
	unsigned unit = 0;
	if (!thrift_struct(t, up))
		return 0;
	for (struct thrift_field f = { 0 }; thrift_next(t, &f); thrift_skip(t, f.type))
		unit = f.id > 0 && f.id < 4 ? units[f.id] : 0;
	return unit;
}

/* The one field that is set in the union says which type; some have fields of their own. */
static void read_logical(struct thrift *t, const struct thrift_field *up, struct element *x)
{
	static const unsigned char of[] = { [1] = PARQUET_STRING, [2] = PARQUET_NESTED, [3] = PARQUET_NESTED, [4] = PARQUET_STRING, [5] = PARQUET_DECIMAL, [6] = PARQUET_DATE,
		[7] = PARQUET_TIME, [8] = PARQUET_TIMESTAMP, [9] = PARQUET_STRANGE, [10] = PARQUET_PLAIN, [11] = PARQUET_PLAIN, [12] = PARQUET_STRING, [13] = PARQUET_STRING,
		[14] = PARQUET_UUID, [15] = PARQUET_FLOAT16 };
	if (!thrift_struct(t, up))
		return;
	for (struct thrift_field f = { 0 }; thrift_next(t, &f);) {
		x->logical = (size_t)f.id < sizeof of ? of[f.id] : PARQUET_STRANGE;
		if (!thrift_struct(t, &f))
			return;
		for (struct thrift_field g = { 0 }; thrift_next(t, &g);) {
			if (x->logical == PARQUET_DECIMAL && g.id == 1)
				x->scale = thrift_int(t, &g);
			else if ((x->logical == PARQUET_TIME || x->logical == PARQUET_TIMESTAMP) && g.id == 2)
				x->unit = unit_of(t, &g);
			else if (f.id == 10 && g.id == 2)
				x->logical = thrift_bool(t, &g) ? PARQUET_PLAIN : PARQUET_UNSIGNED;
			else
				thrift_skip(t, g.type);
		}
	}
}

/* The older way to say the same; it counts where there is no logical type. */
static void take_converted(struct element *x)
{
	static const struct { unsigned char logical, unit; } of[] = { { PARQUET_STRING, 0 }, { PARQUET_NESTED, 0 }, { PARQUET_NESTED, 0 }, { PARQUET_NESTED, 0 },
		{ PARQUET_STRING, 0 }, { PARQUET_DECIMAL, 0 }, { PARQUET_DATE, 0 }, { PARQUET_TIME, 3 }, { PARQUET_TIME, 6 }, { PARQUET_TIMESTAMP, 3 }, { PARQUET_TIMESTAMP, 6 },
		{ PARQUET_UNSIGNED, 0 }, { PARQUET_UNSIGNED, 0 }, { PARQUET_UNSIGNED, 0 }, { PARQUET_UNSIGNED, 0 }, { PARQUET_PLAIN, 0 }, { PARQUET_PLAIN, 0 },
		{ PARQUET_PLAIN, 0 }, { PARQUET_PLAIN, 0 }, { PARQUET_STRING, 0 }, { PARQUET_STRING, 0 }, { PARQUET_STRANGE, 0 } };
	if (x->logical != PARQUET_PLAIN || x->converted < 0)
		return;
	const bool known = (size_t)x->converted < sizeof of / sizeof *of;
	x->logical = known ? of[x->converted].logical : PARQUET_STRANGE;
	x->unit = known ? of[x->converted].unit : 0;
}

static void read_element(struct thrift *t, struct element *x)
{
	*x = (struct element){ .name = "", .physical = -1, .converted = -1 };
	for (struct thrift_field f = { 0 }; thrift_next(t, &f);) {
		int64_t *to[] = { NULL, &x->physical, &x->width, &x->repetition, NULL, &x->children, &x->converted, &x->scale };
		if (f.id == 4)
			x->name = thrift_binary(t, &f, &x->n_name);
		else if (f.id == 10)
			read_logical(t, &f, x);
		else if ((size_t)f.id < sizeof to / sizeof *to && to[f.id])
			*to[f.id] = thrift_int(t, &f);
		else
			thrift_skip(t, f.type);
	}
	take_converted(x);
}

static const char *why_nested(const struct element *x)
{
	if (x->repetition == 2)
		return "it is a list";
	return x->converted == 1 || x->converted == 2 ? "it is a map" : x->converted == 3 ? "it is a list" : "it is nested";
}

static const char *why_refused(const struct parquet_leaf *l)
{
	if (l->logical == PARQUET_STRANGE || !parquet_kind_of(l))
		return "its type is not read here";
	return NULL;
}

static bool take_leaf(struct footer *s, const struct element *x)
{
	static const size_t widths[PARQUET_PHYSICALS] = { [PARQUET_INT32] = 4, [PARQUET_INT64] = 8, [PARQUET_INT96] = 12, [PARQUET_FLOAT] = 4, [PARQUET_DOUBLE] = 8 };
	struct parquet_file *f = s->f;
	struct parquet_leaf l = { .logical = x->logical, .unit = x->unit, .scale = (int)x->scale, .optional = x->repetition == 1 };
	if (x->children)
		l.refused = why_nested(x);
	else if (x->physical < 0 || x->physical >= PARQUET_PHYSICALS || x->repetition < 0 || x->repetition > 2 || x->scale < -400 || x->scale > 400)
		return false;
	else if (x->physical == PARQUET_FIXED && (x->width < 1 || x->width > FRAME_MOST_FIELD))
		return false;
	if (!l.refused) {
		l.physical = (enum parquet_physical)x->physical;
		l.width = l.physical == PARQUET_FIXED ? (size_t)x->width : widths[l.physical];
		l.refused = x->repetition == 2 ? why_nested(x) : why_refused(&l);
	}
	l.name = mem_strndup(x->name, x->n_name);
	MEM_GROW(f->leaves, s->cap_leaves, f->n_leaves + 1);
	MEM_GROW(f->chunk_of, s->cap_of, f->n_leaves + 1);
	f->chunk_of[f->n_leaves] = f->chunk_leaves;
	f->leaves[f->n_leaves++] = l;
	return true;
}

/* Walks the preorder with a stack of how many children are still to come. */
static enum status read_schema(struct footer *s, const struct thrift_field *up)
{
	int64_t left[DEEPEST] = { 0 };
	size_t depth = 0;
	struct element x;
	for (size_t n = thrift_list(&s->t, up, THRIFT_STRUCT), i = 0; i < n; i++) {
		read_element(&s->t, &x);
		if (s->t.bad || x.children < 0 || x.children > MOST_ELEMENTS || (i && !depth) || (x.children && depth + 1 == DEEPEST))
			return wrong(s, "has a schema that is no tree");
		if (depth == 1 && !take_leaf(s, &x))
			return wrong(s, "has a column of an impossible type");
		if (i && !x.children) {
			MEM_GROW(s->physical, s->cap_physical, s->f->chunk_leaves + 1);
			s->physical[s->f->chunk_leaves++] = x.physical;
		}
		if (depth)
			left[depth]--;
		if (x.children || !i)
			left[++depth] = x.children;
		while (depth && !left[depth])
			depth--;
	}
	if (depth || s->t.bad || s->have_schema)
		return wrong(s, "has a schema that is no tree");
	if (s->f->n_leaves > FRAME_MOST_COLUMNS)
		return err_set(s->e, ST_REFUSED, "%.200s: %zu columns; at most %d are read", s->f->path, s->f->n_leaves, FRAME_MOST_COLUMNS);
	s->have_schema = true;
	return ST_OK;
}

/* ---- row groups ---- */

struct chunk_says { int64_t physical, codec, values, bytes, data_at, dictionary_at; bool there, elsewhere, hidden; };

static void read_chunk_meta(struct thrift *t, struct chunk_says *x)
{
	x->there = true;
	for (struct thrift_field f = { 0 }; thrift_next(t, &f);) {
		int64_t *to[12] = { [1] = &x->physical, [4] = &x->codec, [5] = &x->values, [7] = &x->bytes, [9] = &x->data_at, [11] = &x->dictionary_at };
		if (f.id < 12 && to[f.id])
			*to[f.id] = thrift_int(t, &f);
		else
			thrift_skip(t, f.type);
	}
}

static void read_chunk_head(struct thrift *t, struct chunk_says *x)
{
	*x = (struct chunk_says){ .physical = -1, .codec = -1, .values = -1, .bytes = -1, .data_at = -1 };
	for (struct thrift_field f = { 0 }; thrift_next(t, &f);) {
		x->elsewhere |= f.id == 1;
		x->hidden |= f.id == 8 || f.id == 9;
		if (f.id == 3 && thrift_struct(t, &f))
			read_chunk_meta(t, x);
		else if (f.id != 3)
			thrift_skip(t, f.type);
	}
}

/* Some writers give the dictionary's place as 0 when there is none. */
static int64_t start_of(const struct chunk_says *x)
{
	return x->dictionary_at > 0 && x->dictionary_at < x->data_at ? x->dictionary_at : x->data_at;
}

static const char *check_chunk(const struct footer *s, const struct chunk_says *x, size_t place)
{
	const int64_t at = start_of(x);
	if (x->elsewhere)
		return "puts a column into another file, which is not read here";
	if (x->hidden)
		return NULL;
	if (!x->there || x->physical != s->physical[place])
		return "gives a chunk another type than its column";
	if (x->codec < 0 || x->codec > 255 || x->values < 0)
		return "has a chunk without codec or size";
	if (!x->values)
		return NULL;                           /* a chunk without values may lie nowhere */
	if (at < MAGIC || x->bytes < 0 || (uint64_t)at > s->f->footer_at || (uint64_t)x->bytes > s->f->footer_at - (uint64_t)at)
		return "puts a column chunk outside of the file";
	return NULL;
}

static enum status read_chunks(struct footer *s, const struct thrift_field *up, int64_t *values)
{
	struct parquet_file *f = s->f;
	const size_t n = thrift_list(&s->t, up, THRIFT_STRUCT);
	struct chunk_says x;
	if (n != f->chunk_leaves || s->n_chunks != f->n_groups * f->chunk_leaves)
		return wrong(s, "has a row group with more or fewer chunks than there are columns");
	if (s->n_chunks + n > PARQUET_MOST_CHUNKS)
		return err_set(s->e, ST_REFUSED, "%.200s: more than %zu column chunks; write larger row groups", f->path, PARQUET_MOST_CHUNKS);
	size_t leaf = 0;
	for (size_t i = 0; i < n; i++) {
		read_chunk_head(&s->t, &x);
		const char *why = s->t.bad ? "ends within a row group" : check_chunk(s, &x, i);
		if (why)
			return wrong(s, why);
		while (leaf + 1 < f->n_leaves && f->chunk_of[leaf + 1] <= i)
			leaf++;
		if (f->n_leaves && !f->leaves[leaf].refused && !x.hidden) {
			if (*values >= 0 && *values != x.values)
				return wrong(s, "has a row group whose columns differ in length");
			*values = x.values;
		}
		/* Chunks lie side by side; a footer that says otherwise could have the same bytes read a million times. */
		const bool empty = x.hidden || !x.values;
		const uint64_t at = empty ? 0 : (uint64_t)start_of(&x), bytes = empty ? 0 : (uint64_t)x.bytes;
		s->packed += bytes;
		if (s->packed > f->footer_at)
			return wrong(s, "has chunks that lie upon each other");
		MEM_GROW(f->chunks, s->cap_chunks, s->n_chunks + 1);
		f->chunks[s->n_chunks++] = (struct parquet_chunk){ at, bytes, (unsigned char)x.codec, x.hidden };
	}
	return ST_OK;
}

static enum status read_group(struct footer *s)
{
	struct parquet_file *f = s->f;
	int64_t rows = -1, values = -1;
	enum status rc = ST_OK;
	for (struct thrift_field x = { 0 }; rc == ST_OK && thrift_next(&s->t, &x);) {
		if (x.id == 1)
			rc = read_chunks(s, &x, &values);
		else if (x.id == 3)
			rows = thrift_int(&s->t, &x);
		else
			thrift_skip(&s->t, x.type);
	}
	if (rc != ST_OK)
		return rc;
	if (s->t.bad || s->n_chunks != (f->n_groups + 1) * f->chunk_leaves)
		return wrong(s, "has a row group without its chunks");
	if (rows < 0 || (uint64_t)rows > FRAME_MOST_ROWS - f->n_rows)
		return rows < 0 ? wrong(s, "has a row group without rows") : err_set(s->e, ST_REFUSED, "%.200s: more than %zu rows", f->path, FRAME_MOST_ROWS);
	if (values >= 0 && values != rows)
		return wrong(s, "has a row group whose columns differ from it in length");
	MEM_GROW(f->groups, s->cap_groups, f->n_groups + 1);
	f->groups[f->n_groups++] = (struct parquet_group){ f->n_rows, (size_t)rows };
	f->n_rows += (size_t)rows;
	return ST_OK;
}

static enum status read_groups(struct footer *s, const struct thrift_field *up)
{
	enum status rc = ST_OK;
	const size_t n = thrift_list(&s->t, up, THRIFT_STRUCT);
	if (!s->have_schema || s->f->n_groups)
		return wrong(s, "has row groups where there should be none");
	if (n > PARQUET_MOST_GROUPS)
		return err_set(s->e, ST_REFUSED, "%.200s: more than %d row groups", s->f->path, PARQUET_MOST_GROUPS);
	for (size_t i = 0; i < n && rc == ST_OK; i++)
		rc = read_group(s);
	return rc;
}

static enum status read_footer(struct footer *s)
{
	enum status rc = ST_OK;
	for (struct thrift_field x = { 0 }; rc == ST_OK && thrift_next(&s->t, &x);) {
		if (x.id == 2)
			rc = read_schema(s, &x);
		else if (x.id == 3) {
			s->rows = thrift_int(&s->t, &x);
			s->have_rows = true;
		} else if (x.id == 4)
			rc = read_groups(s, &x);
		else if (x.id == 8)
			rc = err_set(s->e, ST_REFUSED, "%.200s is encrypted; write it without encryption", s->f->path);
		else
			thrift_skip(&s->t, x.type);
	}
	if (rc == ST_OK && (s->t.bad || !s->have_schema || !s->have_rows))
		rc = wrong(s, s->t.bad ? "is not what it should be" : "has no schema or no number of rows");
	if (rc == ST_OK && s->rows != (int64_t)s->f->n_rows)
		rc = wrong(s, "counts other rows than its row groups have");
	return rc;
}

/* ---- the file ---- */

enum status parquet_pread(const struct parquet_file *f, void *to, size_t n, uint64_t at, struct err *e)
{
	for (size_t have = 0; have < n;) {
		const ssize_t got = pread(f->fd, (char *)to + have, n - have, (off_t)(at + have));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return frame_cannot(e, "read", f->path);
		if (!got)
			return err_set(e, ST_FAILED, "%.200s became shorter while it was read", f->path);
		have += (size_t)got;
	}
	return ST_OK;
}

static enum status check_tail(struct parquet_file *f, struct err *e)
{
	unsigned char head[MAGIC] = { 0 }, tail[TAIL] = { 0 };
	enum status rc = f->size < MAGIC + TAIL ? ST_OK : parquet_pread(f, head, MAGIC, 0, e);
	if (rc == ST_OK && f->size >= MAGIC + TAIL)
		rc = parquet_pread(f, tail, TAIL, f->size - TAIL, e);
	if (rc != ST_OK)
		return rc;
	if (!memcmp(tail + 4, "PARE", MAGIC) || !memcmp(head, "PARE", MAGIC))
		return err_set(e, ST_REFUSED, "%.200s is encrypted; write it without encryption", f->path);
	if (memcmp(head, "PAR1", MAGIC) || memcmp(tail + 4, "PAR1", MAGIC))
		return err_set(e, ST_FAILED, "%.200s does not %s with PAR1: it is no Parquet file, or was not written to its end", f->path,
			memcmp(head, "PAR1", MAGIC) ? "begin" : "end");
	f->footer_bytes = (uint32_t)tail[0] | (uint32_t)tail[1] << 8 | (uint32_t)tail[2] << 16 | (uint32_t)tail[3] << 24;
	if (f->footer_bytes > f->size - TAIL - MAGIC)
		return err_set(e, ST_FAILED, "%.200s: the footer should have %u bytes, more than the file: the file is damaged; write it again", f->path, f->footer_bytes);
	if (f->footer_bytes > PARQUET_MOST_FOOTER)
		return err_set(e, ST_REFUSED, "%.200s: the footer has %u bytes; at most %d are read", f->path, f->footer_bytes, PARQUET_MOST_FOOTER);
	f->footer_at = f->size - TAIL - f->footer_bytes;
	return ST_OK;
}

static enum status load(struct parquet_file *f, struct err *e)
{
	enum status rc = check_tail(f, e);
	unsigned char *bytes = rc == ST_OK ? mem_try(f->footer_bytes, 1) : NULL;
	if (rc == ST_OK && !bytes)
		return err_set(e, ST_FAILED, "%.200s: no memory for a footer of %u bytes", f->path, f->footer_bytes);
	if (rc == ST_OK)
		rc = parquet_pread(f, bytes, f->footer_bytes, f->footer_at, e);
	if (rc == ST_OK) {
		struct footer s = { .f = f, .t = { .p = bytes, .end = bytes + f->footer_bytes }, .e = e };
		rc = read_footer(&s);
		free(s.physical);
	}
	free(bytes);
	return rc;
}

enum status parquet_open(const char *path, struct parquet_file *f, struct err *e)
{
	struct stat st;
	*f = (struct parquet_file){ .path = path, .fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) };
	if (f->fd < 0 || fstat(f->fd, &st) < 0)
		return frame_cannot(e, "open", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ST_USAGE, "%.200s is no file; Parquet begins to be read at its end: save it first", path);
	f->size = (uint64_t)st.st_size;
	return load(f, e);
}

void parquet_close(struct parquet_file *f)
{
	for (size_t i = 0; i < f->n_leaves; i++)
		free(f->leaves[i].name);
	free(f->leaves);
	free(f->chunk_of);
	free(f->groups);
	free(f->chunks);
	if (f->fd >= 0)
		close(f->fd);
	*f = (struct parquet_file){ .fd = -1 };
}

/* Frames: which reader takes a file, the digest of a file in parts, columns by name. A format that is told is taken; else what is no file (an address) goes to
 * the reader that knows it by name, and the bytes a file begins with decide, in the order of the list. The digest is BLAKE2b over the digests of parts of fixed length, so that threads may make them in any order. */
#include "core/io/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/io/decimal.h"
#include "core/io/frame_build.h"

#define X(id) extern const struct frame_reader frame_reader_##id;
#include "core/io/reader_table.inc"
#undef X
#define X(id) &frame_reader_##id,
static const struct frame_reader *const readers[] = {
#include "core/io/reader_table.inc"
};
#undef X

enum { HEAD = 4096, READERS = sizeof readers / sizeof *readers };

/* What pandas takes for missing, and None and NIL in the spellings that databases and programs print. */
const char *const frame_missing_words[] = { "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A",
	"NA", "NULL", "NaN", "n/a", "nan", "null", "None", "\\N", NULL };

const char *frame_type_name(enum frame_type t)
{
	static const char *const names[FRAME_TYPES] = { "numeric", "boolean", "datetime", "categorical", "text" };
	return (unsigned)t < FRAME_TYPES ? names[t] : "unknown";
}

const struct frame_col *frame_find(const struct frame *f, const char *name)
{
	for (size_t i = 0; i < f->n_cols; i++)
		if (!strcmp(f->cols[i].name, name))
			return &f->cols[i];
	return NULL;
}

void frame_free(struct frame *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n_cols; i++) {
		struct frame_col *c = &f->cols[i];
		free(c->name);
		free(c->num);
		free(c->code);
		free(c->words);
		free(c->mixed_example);
	}
	frame_memory_free(f->arena);
	free(f->cols);
	free(f->name);
	str_free(&f->notes);
	free(f);
}

bool frame_is_missing(const char *p, size_t n)
{
	if (!n)
		return true;
	if (n > 8 || !strchr("#-1<NnN\\", *p) || !*p)
		return false;
	for (const char *const *w = frame_missing_words; *w; w++)
		if ((*w)[0] == *p && strlen(*w) == n && !memcmp(*w, p, n))
			return true;
	return false;
}

static bool number_word(const char *p, size_t n, double *out)
{
	static const struct { const char *word; double value; } words[] = { { "nan", NAN }, { "inf", INFINITY }, { "infinity", INFINITY } };
	const bool minus = n && *p == '-';
	if (n && (*p == '-' || *p == '+'))
		p++, n--;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i].word) == n && !strncasecmp(p, words[i].word, n)) {
			*out = minus ? -words[i].value : words[i].value;
			return true;
		}
	return false;
}

double frame_number(const char *p, size_t n, char decimal, bool *ok, bool *integer)
{
	double v = NAN;
	for (; n && (*p == ' ' || *p == '\t'); p++)
		n--;
	while (n && (p[n - 1] == ' ' || p[n - 1] == '\t'))
		n--;
	*integer = false;
	*ok = decimal_parse(p, n, decimal ? decimal : '.', &v, integer) || (*integer = false, number_word(p, n, &v));
	return v;
}

void frame_digest_part(unsigned char sum[32], const void *bytes, size_t n)
{
	crypto_generichash(sum, 32, bytes, n, NULL, 0);
}

void frame_digest_whole(unsigned char sum[32], const unsigned char (*parts)[32], size_t n)
{
	crypto_generichash(sum, 32, n ? *parts : (const unsigned char *)"", n * 32, NULL, 0);
}

enum status frame_cannot(struct err *e, const char *what, const char *path)
{
	const int why = errno;
	const enum status rc = why == ENOENT || why == ENOTDIR ? ST_NOT_FOUND : ST_FAILED;
	struct str clean = STR_INIT;
	text_clean(&clean, path, strnlen(path, 300), 0);
	err_set(e, rc, "cannot %s %s: %s", what, clean.p, strerror(why));
	str_free(&clean);
	return rc;
}

enum status frame_digest_file(const char *path, unsigned char sum[32], struct err *e)
{
	unsigned char *block = mem_alloc(FRAME_DIGEST_PART), (*parts)[32] = NULL;
	size_t n_parts = 0, cap = 0, have = 0;
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : 1;
	while (fd >= 0 && got > 0) {
		got = read(fd, block + have, FRAME_DIGEST_PART - have);
		if (got < 0 && errno == EINTR) {
			got = 1;
			continue;
		}
		have += got > 0 ? (size_t)got : 0;
		if (have == FRAME_DIGEST_PART || (got == 0 && have)) {
			MEM_GROW(parts, cap, n_parts + 1);
			frame_digest_part(parts[n_parts++], block, have);
			have = 0;
		}
	}
	const enum status rc = got < 0 ? frame_cannot(e, "read", path) : ST_OK;
	if (rc == ST_OK)
		frame_digest_whole(sum, (const unsigned char (*)[32])parts, n_parts);
	if (fd >= 0)
		close(fd);
	free(parts);
	free(block);
	return rc;
}

static const struct frame_reader *reader_called(const char *id)
{
	for (size_t i = 0; i < READERS; i++)
		if (!strcmp(readers[i]->id, id))
			return readers[i];
	return NULL;
}

static enum status no_reader(const char *id, struct err *e)
{
	struct str known = STR_INIT;
	for (size_t i = 0; i < READERS; i++)
		str_addf(&known, "%s%s", i ? ", " : "", readers[i]->id);
	err_set(e, ST_USAGE, "no format is called \"%.40s\"; there are: %s", id, known.p);
	str_free(&known);
	return ST_USAGE;
}

/* The first bytes decide, and for what has no mark of its own the name; CSV takes what nobody else wants. */
static enum status reader_for(const char *path, const struct frame_reader **out, struct err *e)
{
	unsigned char head[HEAD];
	struct stat st;
	ssize_t n = 0;
	if (stat(path, &st) != 0)
		return frame_cannot(e, "open", path);
	if (S_ISDIR(st.st_mode))
		return err_set(e, ST_USAGE, "%.300s is a folder; name a file in it", path);
	if (S_ISREG(st.st_mode)) {                   /* a pipe is opened once: who writes into it would be told that nobody reads */
		const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd < 0)
			return frame_cannot(e, "open", path);
		n = pread(fd, head, sizeof head, 0);
		close(fd);
	}
	const enum status rc = n < 0 ? frame_cannot(e, "read", path) : ST_OK;
	*out = NULL;
	for (size_t i = 0; rc == ST_OK && i < READERS && !*out; i++)
		if (!readers[i]->named && readers[i]->probe(path, head, (size_t)n))
			*out = readers[i];
	return rc != ST_OK || *out ? rc : err_set(e, ST_FAILED, "%.300s: no format that is read here; name one", path);
}

static enum status choose(const char *path, const char *format, const struct frame_reader **out, struct err *e)
{
	if (format)
		return (*out = reader_called(format)) ? ST_OK : no_reader(format, e);
	for (size_t i = 0; i < READERS; i++)
		if (readers[i]->named && readers[i]->probe(path, NULL, 0)) {
			*out = readers[i];
			return ST_OK;
		}
	return reader_for(path, out, e);
}

enum status frame_reader_for(const char *path, const struct frame_options *o, const struct frame_reader **out, struct err *e)
{
	*out = NULL;
	const enum status st = choose(path, o->format, out, e);
	if (st != ST_OK || !o->query || (*out)->queries)
		return st;
	return err_set(e, ST_USAGE, "%.300s is read as %s, which cannot be queried; leave the query out, or name a SQLite file or a PostgreSQL address", path, (*out)->title);
}

enum status frame_read(const char *path, const struct frame_options *o, struct task *t, struct frame **out, struct err *e)
{
	static const struct frame_options none;
	const struct frame_reader *r;
	*out = NULL;
	o = o ? o : &none;
	const enum status rc = frame_reader_for(path, o, &r, e);
	return rc == ST_OK ? r->read(path, o, t, out, e) : rc;
}

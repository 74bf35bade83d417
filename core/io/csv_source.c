/* The bytes of a delimited file, as blocks of whole records.
 *
 * Block    what the last one left over (carry), and one part of the file behind it; when no record ends in there, twice as many parts each time, since every look starts at the
 *          block's beginning. UTF-16 becomes UTF-8 on the way in; Latin-1 stays as it is until names and words are made.
 * Digest   of the file's own bytes in parts of CSV_BLOCK. A block says which bytes came with it, so that the threads that parse also digest.
 * Pipe     is copied into a file without a name first: the digest, a second look at columns and sketches need to go back.
 */
#include "core/io/csv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/io/decimal.h"

/* ---- opening ---- */

/* A pipe, or a terminal where the user types, is copied. A device either gives nothing (/dev/null) or never ends. */
static enum status settle_file(struct csv_source *s, const struct frame_options *o, struct stat *st, struct err *e)
{
	struct stat null;
	int copy = -1;
	if (fstat(s->fd, st) != 0)
		return frame_cannot(e, "look at", s->path);
	if (S_ISREG(st->st_mode))
		return ST_OK;
	const bool nothing = stat("/dev/null", &null) == 0 && null.st_rdev == st->st_rdev;
	if (S_ISBLK(st->st_mode) || (S_ISCHR(st->st_mode) && !nothing && !isatty(s->fd)))
		return err_set(e, ST_USAGE, "%.300s is a device, not data; name a file or a pipe", s->path);
	enum status rc = csv_spool(s->path, s->fd, o->pipe_limit, &copy, e);
	if (rc == ST_OK) {
		close(s->fd);
		s->fd = copy;
		rc = fstat(s->fd, st) == 0 ? ST_OK : frame_cannot(e, "look at", s->path);
	}
	return rc;
}

static const struct { const char *name; enum csv_encoding encoding; } encodings[] = { { "utf-8", CSV_UTF8 }, { "utf8", CSV_UTF8 }, { "latin-1", CSV_LATIN1 },
	{ "latin1", CSV_LATIN1 }, { "iso-8859-1", CSV_LATIN1 }, { "windows-1252", CSV_LATIN1 }, { "cp1252", CSV_LATIN1 }, { "utf-16le", CSV_UTF16LE },
	{ "utf-16be", CSV_UTF16BE }, { "utf-16", CSV_UTF16LE } };

static enum status encoding_of(const char *name, struct csv_source *s, struct err *e)
{
	for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++)
		if (!strcasecmp(encodings[i].name, name)) {
			s->encoding = encodings[i].encoding;
			s->encoding_told = true;
			return ST_OK;
		}
	return err_set(e, ST_USAGE, "no encoding \"%.40s\" is read; there are utf-8, latin-1 (as windows-1252), utf-16le, utf-16be", name);
}

/* What begins with these bytes is no text, whatever it is called: read as text it would be a column of rubbish. */
static const struct { const char *mark; size_t n; const char *is, *cure; } no_text[] = {
	{ "\x1f\x8b", 2, "packed by gzip", "unpack it (gunzip), or pipe it: gunzip -c FILE | mlyard drift run --reference /dev/stdin ..." },
	{ "(\xb5/\xfd", 4, "packed by zstd", "unpack it (unzstd)" }, { "\xfd" "7zXZ", 5, "packed by xz", "unpack it (unxz)" }, { "BZh91AY", 7, "packed by bzip2", "unpack it (bunzip2)" },
	{ "PK\x03\x04", 4, "a ZIP archive or a spreadsheet", "unpack it, or save the sheet as CSV" }, { "ARROW1\0\0", 8, "an Arrow file (Feather)", "write it as Parquet" },
	{ "\x93NUMPY", 6, "a NumPy array", "write it as CSV or Parquet" }, { "\x89HDF", 4, "an HDF5 file", "write it as CSV or Parquet" }, { "Obj\x01", 4, "an Avro file", "write it as Parquet" },
};

static enum status check_text(const struct csv_source *s, struct err *e)
{
	char head[8];
	const ssize_t n = pread(s->fd, head, sizeof head, 0);
	if (n < 0)
		return frame_cannot(e, "read", s->path);
	for (size_t i = 0; i < sizeof no_text / sizeof *no_text; i++)
		if ((size_t)n >= no_text[i].n && !memcmp(head, no_text[i].mark, no_text[i].n))
			return err_set(e, ST_FAILED, "%.300s is %s, not text; %s", s->path, no_text[i].is, no_text[i].cure);
	return ST_OK;
}

enum status csv_open(const char *path, const struct frame_options *o, struct csv_source *s, struct err *e)
{
	struct stat st;
	enum status rc = ST_OK;
	*s = (struct csv_source){ .fd = -1, .line = 1, .dialect = { o->delimiter, '"', o->decimal, false } };
	str_init(&s->carry);
	s->path = mem_strdup(path);
	if (o->encoding)
		rc = encoding_of(o->encoding, s, e);
	if (rc == ST_OK && (s->fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		rc = frame_cannot(e, "open", path);
	if (rc == ST_OK)
		rc = settle_file(s, o, &st, e);
	if (rc == ST_OK)
		rc = check_text(s, e);
	if (rc == ST_OK) {
		s->size = (size_t)st.st_size;
		s->n_parts = (s->size + CSV_BLOCK - 1) / CSV_BLOCK;
		s->parts = mem_array(s->n_parts + 1, sizeof *s->parts);
		posix_fadvise(s->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	}
	return rc;
}

void csv_close(struct csv_source *s)
{
	if (s->fd >= 0)
		close(s->fd);
	str_free(&s->carry);
	free(s->path);
	free(s->raw);
	free(s->parts);
}

void csv_rewind(struct csv_source *s)
{
	s->at = s->blocks = 0;
	s->line = 1;
	s->half = 0;
	s->quiet = true;
	str_clear(&s->carry);
}

/* ---- bytes ---- */

static enum status read_part(struct csv_source *s, void *to, size_t *n, struct err *e)
{
	const size_t want = s->size - s->at < CSV_BLOCK ? s->size - s->at : CSV_BLOCK;
	for (*n = 0; *n < want;) {
		const ssize_t got = pread(s->fd, (char *)to + *n, want - *n, (off_t)(s->at + *n));
		if (got < 0 && errno != EINTR)
			return frame_cannot(e, "read", s->path);
		if (!got)
			return err_set(e, ST_FAILED, "%.300s became shorter while it was read; read it again when nobody writes it", s->path);
		*n += got > 0 ? (size_t)got : 0;
	}
	s->at += *n;
	return ST_OK;
}

static void room(struct csv_block *b, size_t need)
{
	if (b->cap >= need + DECIMAL_SLACK)
		return;
	b->cap = need + need / 4 + DECIMAL_SLACK;
	b->bytes = mem_realloc(b->bytes, b->cap);
}

static void put_utf8(struct csv_block *b, uint32_t cp)
{
	b->n += text_encode(cp, b->bytes + b->n);
}

/* Units become UTF-8; halves without their other half U+FFFD. A byte that is left over at the end of the file is dropped. */
static void transcode(struct csv_source *s, struct csv_block *b, const unsigned char *p, size_t n)
{
	const int hi = s->encoding == CSV_UTF16BE ? 0 : 1;
	for (size_t i = 0; i + 1 < n; i += 2) {
		const uint32_t u = (uint32_t)p[i + (size_t)hi] << 8 | p[i + (size_t)!hi];
		if (s->half && u >= 0xDC00 && u < 0xE000) {
			put_utf8(b, 0x10000 + ((s->half - 0xD800) << 10) + (u - 0xDC00));
			s->half = 0;
			continue;
		}
		if (s->half)
			put_utf8(b, 0xFFFD);
		s->half = u >= 0xD800 && u < 0xDC00 ? u : 0;
		if (!s->half && !(u == 0xFEFF && s->at <= CSV_BLOCK && i == 0))
			put_utf8(b, u >= 0xDC00 && u < 0xE000 ? 0xFFFD : u);
	}
}

/* One more part of the file behind what is in the block. */
static enum status append(struct csv_source *s, struct csv_block *b, struct err *e)
{
	const bool wide = s->encoding == CSV_UTF16LE || s->encoding == CSV_UTF16BE;
	size_t n, part = s->at / CSV_BLOCK;
	enum status rc;
	if (!wide) {
		room(b, b->n + CSV_BLOCK + 1);
		if ((rc = read_part(s, b->bytes + b->n, &n, e)) != ST_OK)
			return rc;
		b->n += n;
		b->raw_n += n;
		return ST_OK;
	}
	if (!s->raw)
		s->raw = mem_alloc(CSV_BLOCK);
	if ((rc = read_part(s, s->raw, &n, e)) != ST_OK)
		return rc;
	if (!s->quiet && !s->undigested)
		frame_digest_part(s->parts[part], s->raw, n);
	room(b, b->n + n / 2 * 3 + 8);
	transcode(s, b, s->raw, n);
	return ST_OK;
}

static void begin(struct csv_source *s, struct csv_block *b)
{
	b->added = false;
	room(b, s->carry.len + CSV_BLOCK + 1);
	memcpy(b->bytes, s->carry.p, s->carry.len);
	b->n = b->raw_from = s->carry.len;
	b->raw_n = 0;
	b->first_part = s->at / CSV_BLOCK;
	str_clear(&s->carry);
}

/* A mark at the very beginning, or every other byte zero in what looks like text. */
static void find_encoding(struct csv_source *s, const struct csv_block *b)
{
	const unsigned char *p = (const unsigned char *)b->bytes;
	const size_t look = b->n < 1000 ? b->n : 1000;
	size_t odd = 0, even = 0;
	if (b->n >= 2 && p[0] == 0xFF && p[1] == 0xFE) {
		s->encoding = CSV_UTF16LE;
	} else if (b->n >= 2 && p[0] == 0xFE && p[1] == 0xFF) {
		s->encoding = CSV_UTF16BE;
	} else if (!s->encoding_told) {
		for (size_t i = 0; i < look; i++)
			*(i & 1 ? &odd : &even) += !p[i];
		if (look >= 8 && odd * 10 > look * 3 && even * 4 < odd)
			s->encoding = CSV_UTF16LE;
		else if (look >= 8 && even * 10 > look * 3 && odd * 4 < even)
			s->encoding = CSV_UTF16BE;
	}
}

enum status csv_first(struct csv_source *s, struct csv_block *b, struct err *e)
{
	const enum csv_encoding told = s->encoding;
	begin(s, b);
	enum status rc = append(s, b, e);
	if (rc == ST_OK && (told == CSV_UTF8 || told == CSV_LATIN1))
		find_encoding(s, b);
	if (rc == ST_OK && s->encoding != told) {
		s->at = 0;
		begin(s, b);
		rc = append(s, b, e);
	}
	return rc;
}

/* ---- cutting ---- */

static bool at_end(const struct csv_source *s) { return s->at == s->size; }

static enum status too_long(const struct csv_source *s, struct err *e)
{
	return err_set(e, ST_REFUSED, "%.300s:%llu: a record longer than %d MB begins here: no table, or a quote that is never closed", s->path,
		(unsigned long long)s->line, CSV_MOST_RECORD >> 20);
}

/* Reads on until a record ends; more at a time when it is long, since every look starts at its beginning. */
static enum status cut_block(struct csv_source *s, struct csv_block *b, size_t *cut, struct err *e)
{
	const size_t mark = !s->blocks && b->n >= 3 && !memcmp(b->bytes, "\xEF\xBB\xBF", 3) ? 3 : 0;
	enum status rc = ST_OK;
	for (size_t parts = 1;; parts *= 2) {
		*cut = csv_cut(&s->dialect, b->bytes + mark, b->n - mark, at_end(s), &b->records);
		*cut += *cut || at_end(s) ? mark : 0;
		if (*cut || at_end(s))
			return ST_OK;
		if (b->n > CSV_MOST_RECORD)
			return too_long(s, e);
		for (size_t i = 0; i < parts && !at_end(s) && rc == ST_OK; i++)
			rc = append(s, b, e);
		if (rc != ST_OK)
			return rc;
	}
}

static bool ends_line(const struct csv_source *s, const struct csv_block *b)
{
	return b->bytes[b->n - 1] == '\n' || (b->bytes[b->n - 1] == '\r' && !s->dialect.lf_only);
}

enum status csv_next(struct csv_source *s, struct csv_block *b, struct err *e)
{
	size_t cut = 0;
	enum status rc = ST_OK;
	if (s->blocks || s->quiet) {
		begin(s, b);
		if (!at_end(s))
			rc = append(s, b, e);
	}
	b->records = 0;
	if (rc == ST_OK && at_end(s) && b->n && !ends_line(s, b)) {
		b->bytes[b->n++] = '\n';
		b->added = true;
	}
	if (rc == ST_OK && b->n)
		rc = cut_block(s, b, &cut, e);
	if (rc != ST_OK)
		return rc;
	if (at_end(s) && !b->added && b->n && cut == b->n && !ends_line(s, b)) {
		b->bytes[b->n++] = '\n';
		b->added = true;
		cut = b->n;
	}
	str_addn(&s->carry, b->bytes + cut, b->n - cut);
	b->n = cut;
	b->index = s->blocks++;
	b->line = s->line;
	s->line += s->dialect.quote && memchr(b->bytes, s->dialect.quote, cut) ? csv_lines(b->bytes, cut) : b->records;     /* records are lines then */
	if (at_end(s))
		memset(b->bytes + cut, 0, DECIMAL_SLACK);
	return ST_OK;
}

void csv_block_digest(struct csv_source *s, const struct csv_block *b)
{
	const char *p = b->bytes + b->raw_from;
	for (size_t done = 0, i = b->first_part; done < b->raw_n && !s->quiet && !s->undigested; done += CSV_BLOCK, i++)
		frame_digest_part(s->parts[i], p + done, b->raw_n - done < CSV_BLOCK ? b->raw_n - done : CSV_BLOCK);
}

void csv_block_free(struct csv_block *b)
{
	free(b->bytes);
	*b = (struct csv_block){ 0 };
}

typedef unsigned char bytes16 __attribute__((vector_size(16)));

/* Line ends: LF, and CR that no LF follows. p[n] may be looked at only when it is part of the text: the last byte stands alone. */
size_t csv_lines(const char *p, size_t n)
{
	size_t count = 0, i = 0;
	while (n - i > 16) {
		bytes16 sum = { 0 };
		for (int k = 0; k < 255 && n - i > 16; k++, i += 16) {
			bytes16 v, next;
			memcpy(&v, p + i, 16);
			memcpy(&next, p + i + 1, 16);
			sum -= (bytes16)((v == '\n') | ((v == '\r') & (next != '\n')));
		}
		for (int k = 0; k < 16; k++)
			count += sum[k];
	}
	for (; i < n; i++)
		count += p[i] == '\n' || (p[i] == '\r' && (i + 1 == n || p[i + 1] != '\n'));
	return count;
}

/* From the byte behind the opening quote to the one behind the closing; n: it is not (surely) closed. */
static size_t skip_quoted(char quote, const char *p, size_t i, size_t n, bool last)
{
	for (;;) {
		const char *q = i < n ? memchr(p + i, quote, n - i) : NULL;
		if (!q)
			return SIZE_MAX;
		i = (size_t)(q - p) + 1;
		if (i == n)
			return last ? n : SIZE_MAX;
		if (p[i] != quote)
			return i;
		i++;
	}
}

static size_t cut_quoted(const struct csv_dialect *d, const char *p, size_t n, bool last, size_t *records)
{
	size_t cut = 0;
	*records = 0;
	for (size_t i = 0; i < n;) {
		if (p[i] == d->quote && (i = skip_quoted(d->quote, p, i + 1, n, last)) == SIZE_MAX)
			break;
		while (i < n && p[i] != d->delimiter && p[i] != '\n' && p[i] != '\r')
			i++;
		if (i >= n)
			break;
		if (p[i] == '\r' && i + 1 == n && !last)
			break;
		const bool end = p[i] != d->delimiter;
		i += p[i] == '\r' && i + 1 < n && p[i + 1] == '\n' && d->delimiter != '\r' ? 2 : 1;
		if (end) {
			cut = i;
			++*records;
		}
	}
	if (last && cut < n) {
		cut = n;
		++*records;
	}
	return cut;
}

size_t csv_cut(const struct csv_dialect *d, const char *p, size_t n, bool last, size_t *records)
{
	*records = 0;
	if (!n)
		return 0;
	if (d->quote && memchr(p, d->quote, n))
		return cut_quoted(d, p, n, last, records);
	size_t cut = n;
	if (!last) {
		const char *lf = memrchr(p, '\n', n);
		cut = lf ? (size_t)(lf - p) + 1 : 0;
		const char *cr = n > cut + 1 && !d->lf_only ? memrchr(p + cut, '\r', n - 1 - cut) : NULL;
		if (cr)
			cut = (size_t)(cr - p) + 1;
	}
	*records = csv_lines(p, cut) + (last && p[n - 1] != '\n' && p[n - 1] != '\r');
	return cut;
}

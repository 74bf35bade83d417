/* Parquet: files of another writer against what is known to be in them (tests/peers/parquet_fixtures.py says how they were made), damaged
 * files, and files whose footer or page headers lie, put together here byte by byte. */
#include "tests/unit/frame_help.h"

#include <fcntl.h>
#include <math.h>

static const char *fixture(const char *name)
{
	static char path[4096];
	const char *srcdir = getenv("srcdir");
	snprintf(path, sizeof path, "%s/tests/data/parquet/%s.parquet", srcdir ? srcdir : ".", name);
	return path;
}

static struct frame *read_fixture(const char *name, const struct frame_options *o)
{
	struct frame *f;
	struct err e = { 0 };
	if (frame_read(fixture(name), o, NULL, &f, &e) != ST_OK)
		fail_msg("%s", e.text);
	return f;
}

static void expect_error(const char *name, const struct frame_options *o, enum status want, const char *words)
{
	struct frame *f = NULL;
	struct err e = { 0 };
	assert_int_equal(frame_read(fixture(name), o, NULL, &f, &e), want);
	assert_null(f);
	if (!strstr(e.text, words))
		fail_msg("\"%s\" is not in: %s", words, e.text);
}

/* ---- values ---- */

#define U1 "00010203-0405-0607-0809-0a0b0c0d0e0f"
#define U2 "10111213-1415-1617-1819-1a1b1c1d1e1f"
static const struct { const char *name; enum frame_type type; bool integer; const char *cells[9]; } flat[] = {
	{ "truth", FRAME_BOOLEAN, false, { "1", "0", "-", "1", "1", "0", "0", "-", "1" } },
	{ "int8", FRAME_NUMBER, true, { "-128", "127", "0", "1", "-", "5", "6", "7", "8" } },
	{ "uint32", FRAME_NUMBER, true, { "4294967295", "0", "1", "2", "3", "-", "5", "6", "7" } },
	{ "uint64", FRAME_NUMBER, true, { "1.8446744073709552e+19", "0", "1", "2", "3", "4", "5", "6", "-" } },
	{ "int64", FRAME_NUMBER, true, { "-9007199254740992", "-1", "0", "1", "-", "100", "200", "300", "400" } },
	{ "half", FRAME_NUMBER, false, { "0.5", "-2", "-", "65504", "5.9604644775390625e-08", "inf", "1", "1", "1" } },
	{ "float", FRAME_NUMBER, false, { "0.5", "-2.25", "-", "10000000000", "1", "-inf", "3", "-", "4" } },
	{ "double", FRAME_NUMBER, false, { "0.10000000000000001", "-0", "1e+308", "-", "4.9406564584124654e-324", "-", "inf", "7", "8" } },
	{ "date", FRAME_TIME, false, { "0", "-86400000", "-", "1728000000000", "86400000", "172800000", "259200000", "345600000", "432000000" } },
	{ "ms", FRAME_TIME, false, { "0", "-1", "1700000000123", "-", "1", "2", "3", "4", "5" } },
	{ "us", FRAME_TIME, false, { "0", "-0.001", "1700000000123.4561", "-", "1", "2", "3", "4", "5" } },
	{ "ns", FRAME_TIME, false, { "0", "-1", "1700000000123.4568", "-", "9.9999999999999995e-07", "1.9999999999999999e-06", "3.0000000000000001e-06",
		"3.9999999999999998e-06", "5.0000000000000004e-06" } },
	{ "money", FRAME_NUMBER, false, { "1.25", "-1.25", "-", "9999999.9900000002", "0.01", "0.10000000000000001", "1", "2", "3" } },
	{ "wide", FRAME_NUMBER, false, { "0.10000000000000001", "-1.2345678901234568e+17", "-", "0", "1", "2", "3", "4", "5" } },
	{ "word", FRAME_CATEGORY, false, { "red", "-", "-", "green", "red", "blue", "-", "green", "red" } },
	{ "fixed", FRAME_CATEGORY, false, { "abc", "abd", "-", "abc", "xyz", "abc", "abd", "abc", "abc" } },
	{ "uuid", FRAME_CATEGORY, false, { U1, "-", U2, U2, U2, U2, U2, U2, U2 } },
};
enum { FLAT = sizeof flat / sizeof *flat };

static void expect_flat(const struct frame *f, size_t col, size_t want)
{
	const struct frame_col *c = &f->cols[col];
	size_t missing = 0;
	assert_string_equal(c->name, flat[want].name);
	assert_int_equal(c->type, flat[want].type);
	assert_int_equal(c->integer, flat[want].integer);
	for (size_t i = 0; i < 9; i++) {
		const char *have = cell(f, col, i);
		missing += flat[want].cells[i][0] == '-' && !flat[want].cells[i][1];
		if (strcmp(have, flat[want].cells[i]))
			fail_msg("%s row %zu is %s, not %s", c->name, i, have, flat[want].cells[i]);
	}
	assert_int_equal(c->missing, missing);
	assert_int_equal(c->mixed, 0);
}

static void test_all_types(void **state)
{
	static const char *const files[] = { "plain", "dictionary", "encoded", "pages" };
	(void)state;
	for (size_t k = 0; k < 4; k++)
		for (int threads = 1; threads <= 3; threads++) {
			struct frame *f = read_fixture(files[k], &(struct frame_options){ .threads = threads });
			unsigned char sum[32];
			assert_int_equal(f->n_rows, 9);
			assert_int_equal(f->n_cols, FLAT);
			for (size_t j = 0; j < FLAT; j++)
				expect_flat(f, j, j);
			assert_int_equal(frame_find(f, "double")->nan, 1);
			assert_int_equal(frame_find(f, "double")->inf, 1);
			assert_int_equal(frame_find(f, "float")->nan, 1);
			assert_non_null(strstr(f->notes.p, "\"int64\": whole numbers of 2^53 or more are rounded"));
			assert_null(strstr(f->notes.p, "\"ns\""));
			assert_int_equal(frame_digest_file(fixture(files[k]), sum, NULL), ST_OK);
			assert_memory_equal(f->digest, sum, 32);
			frame_free(f);
		}
}

static void test_words_in_order_of_first_sight(void **state)
{
	(void)state;
	struct frame *f = read_fixture("dictionary", NULL);
	const struct frame_col *c = frame_find(f, "word");
	assert_int_equal(c->n_words, 3);
	assert_memory_equal(c->words[0].p, "red", 3);
	assert_memory_equal(c->words[1].p, "green", 5);
	assert_memory_equal(c->words[2].p, "blue", 4);
	frame_free(f);
}

static void test_other_layouts(void **state)
{
	(void)state;
	struct frame *f = read_fixture("lengths", NULL);
	expect_flat(f, 0, 14);
	frame_free(f);
	f = read_fixture("int96", NULL);
	expect_flat(f, 0, 10);
	frame_free(f);
	f = read_fixture("required", NULL);
	expect_cells(f, "3|a\n1|b\n2|a\n");
	frame_free(f);
	f = read_fixture("empty", NULL);
	assert_int_equal(f->n_rows, 0);
	assert_int_equal(f->n_cols, 2);
	assert_non_null(f->cols[0].num);
	assert_false(f->cols[0].integer);
	frame_free(f);
	f = read_fixture("names", NULL);
	assert_string_equal(f->cols[0].name, "a");
	assert_string_equal(f->cols[1].name, "a.1");
	expect_cells(f, "1|2|3\n");
	frame_free(f);
}

static void test_nested_is_left_out(void **state)
{
	static const char *const list[] = { "list" };
	(void)state;
	struct frame *f = read_fixture("nested", NULL);
	expect_cells(f, "1|x\n2|y\n3|x\n");
	assert_non_null(strstr(f->notes.p, "column \"list\" is left out: it is a list;"));
	assert_non_null(strstr(f->notes.p, "column \"map\" is left out: it is a map;"));
	assert_non_null(strstr(f->notes.p, "column \"pair\" is left out: it is nested;"));
	frame_free(f);
	expect_error("nested", &(struct frame_options){ .columns = list, .n_columns = 1 }, ST_REFUSED, "column \"list\" cannot be read: it is a list");
}

static void test_chosen_columns_and_types(void **state)
{
	static const char *const chosen[] = { "word", "double", "money" }, *const unknown[] = { "wrod" };
	static const struct frame_override types[] = { { "int8", FRAME_CATEGORY }, { "int64", FRAME_TIME } };
	struct frame_options o = { .columns = chosen, .n_columns = 3 };
	(void)state;
	struct frame *f = read_fixture("encoded", &o), *all = read_fixture("encoded", &(struct frame_options){ .types = types, .n_types = 2 });
	assert_int_equal(f->n_cols, 3);
	expect_flat(f, 0, 7);
	expect_flat(f, 1, 12);
	expect_flat(f, 2, 14);
	assert_memory_not_equal(f->digest, all->digest, 32);
	assert_int_equal(frame_find(all, "int8")->type, FRAME_CATEGORY);
	assert_string_equal(cell(all, 1, 0), "-128");
	assert_int_equal(frame_find(all, "int64")->type, FRAME_TIME);
	assert_string_equal(cell(all, 4, 5), "100000");
	frame_free(f);
	frame_free(all);
	expect_error("encoded", &(struct frame_options){ .columns = unknown, .n_columns = 1 }, ST_NOT_FOUND, "is \"word\" meant?");
}

static void test_what_is_refused(void **state)
{
	(void)state;
	expect_error("lz4", NULL, ST_REFUSED, "packed with LZ4_RAW, which is not read here; write it with SNAPPY, GZIP or ZSTD");
	expect_error("brotli", NULL, ST_REFUSED, "packed with BROTLI");
	expect_error("plain", &(struct frame_options){ .budget = 100 }, ST_REFUSED, "budget");
	expect_error("none", NULL, ST_NOT_FOUND, "none.parquet");
}

/* ---- damage ---- */

static unsigned char *load(const char *name, size_t *n)
{
	unsigned char *bytes = malloc(1 << 16);
	FILE *f = fopen(fixture(name), "rb");
	assert_non_null(bytes);
	assert_non_null(f);
	*n = fread(bytes, 1, 1 << 16, f);
	fclose(f);
	assert_in_range(*n, 100, (1 << 16) - 1);
	return bytes;
}

static const struct frame_options careful = { .format = "parquet", .threads = 1, .budget = 1 << 20 };

static void test_every_truncation_is_an_error(void **state)
{
	static const char *const files[] = { "plain", "encoded" };
	(void)state;
	for (size_t k = 0; k < 2; k++) {
		size_t n;
		unsigned char *bytes = load(files[k], &n);
		struct data_file d;
		data_write(&d, "cut.parquet", bytes, n);
		while (n--) {
			struct frame *f = NULL;
			struct err e = { 0 };
			assert_int_equal(truncate(d.path, (off_t)n), 0);
			assert_int_equal(frame_read(d.path, &careful, NULL, &f, &e), ST_FAILED);
			assert_null(f);
			assert_non_null(strstr(e.text, "cut.parquet"));
		}
		data_remove(&d);
		free(bytes);
	}
}

/* Either an error that names the file, or values: the damage may be in a value. */
static void test_every_byte_changed(void **state)
{
	static const char *const files[] = { "plain", "dictionary", "encoded", "lengths", "nested" };
	static const unsigned char changes[] = { 0x01, 0x80, 0xff, 0x10 };
	size_t errors = 0;
	(void)state;
	for (size_t k = 0; k < 5; k++) {
		size_t n;
		unsigned char *bytes = load(files[k], &n);
		struct data_file d;
		data_write(&d, "bit.parquet", bytes, n);
		const int fd = open(d.path, O_WRONLY | O_CLOEXEC);
		for (size_t i = 0; i < n; i++) {
			struct frame *f = NULL;
			struct err e = { 0 };
			const unsigned char other = bytes[i] ^ changes[i % sizeof changes];
			assert_int_equal(pwrite(fd, &other, 1, (off_t)i), 1);
			if (frame_read(d.path, &careful, NULL, &f, &e) == ST_OK)
				frame_free(f);
			else {
				errors++;
				assert_null(f);
				assert_non_null(strstr(e.text, "bit.parquet"));
			}
			assert_int_equal(pwrite(fd, &bytes[i], 1, (off_t)i), 1);
		}
		close(fd);
		data_remove(&d);
		free(bytes);
	}
	assert_true(errors > 1000);
}

static void test_checksums_are_verified(void **state)
{
	(void)state;
	size_t n;
	unsigned char *bytes = load("pages", &n);
	bytes[40] ^= 1;
	struct frame *f = NULL;
	struct err e = { 0 };
	assert_int_equal(data_read("sum.parquet", bytes, n, NULL, &f, &e), ST_FAILED);
	assert_non_null(strstr(e.text, "column \"truth\", row group 1, page 1 at byte 4"));
	assert_non_null(strstr(e.text, "its checksum does not fit its bytes"));
	free(bytes);
}

static void test_ends_of_the_file(void **state)
{
	static const struct { const char *bytes; size_t n; const char *words; } cases[] = {
		{ "", 0, "does not begin with PAR1" }, { "PAR1", 4, "does not begin" }, { "PAR1PAR1", 8, "does not begin" }, { "PAR1\0\0\0\0PAR1", 12, "the footer is not what it should be" },
		{ "PAR1\xff\xff\xff\xffPAR1", 12, "more than the file" }, { "PAR1\1\0\0\0PAR1", 12, "more than the file" }, { "PAR1\0\0\0\0\0PARX", 13, "does not end with PAR1" },
		{ "PARE\0\0\0\0PARE", 12, "is encrypted" }, { "PAR1\0\0\0\0PARE", 12, "is encrypted" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct frame *f = NULL;
		struct err e = { 0 };
		assert_int_not_equal(data_read("end.parquet", cases[i].bytes, cases[i].n, &careful, &f, &e), ST_OK);
		if (!strstr(e.text, cases[i].words))
			fail_msg("case %zu: %s", i, e.text);
	}
}

/* ---- lies ---- */

/* One required column "n" of 32-bit numbers, one row group, one page; what each place says can be changed. */
struct lie {
	const char *words;                         /* of the error */
	int64_t rows, group_rows, values, at, bytes, codec, type;
	int64_t page_values, page_encoding, packed, unpacked, page_type, children;
};
static const struct lie truth = { NULL, 3, 3, 3, 4, 29, 0, 1, 3, 0, 12, 12, 0, 1 };

static void put_varint(struct str *s, uint64_t v)
{
	for (; v > 127; v >>= 7)
		str_addc(s, (char)(v | 128));
	str_addc(s, (char)v);
}

/* A field `step` ids after the one before it. */
static void put_int(struct str *s, int step, int type, int64_t v)
{
	str_addc(s, (char)(step << 4 | type));
	put_varint(s, (uint64_t)v << 1 ^ (uint64_t)(v >> 63));
}

enum { I32 = 5, I64 = 6, BINARY = 8, LIST = 9, STRUCT = 12 };

static void put_page(struct str *s, const struct lie *x)
{
	static const char numbers[] = "\1\0\0\0\2\0\0\0\3\0\0\0";
	put_int(s, 1, I32, x->page_type);
	put_int(s, 1, I32, x->unpacked);
	put_int(s, 1, I32, x->packed);
	str_addc(s, (char)(2 << 4 | STRUCT));
	put_int(s, 1, I32, x->page_values);
	put_int(s, 1, I32, x->page_encoding);
	put_int(s, 1, I32, 3);
	put_int(s, 1, I32, 3);
	str_addn(s, "\0\0", 2);
	str_addn(s, numbers, 12);
}

static void put_schema(struct str *s, const struct lie *x)
{
	str_addc(s, (char)(1 << 4 | LIST));
	str_addc(s, (char)(2 << 4 | STRUCT));
	str_addn(s, "\x48\1r", 3);
	put_int(s, 1, I32, x->children);
	str_addc(s, 0);
	put_int(s, 1, I32, 1);
	put_int(s, 2, I32, 0);
	str_addn(s, "\x18\1n\0", 4);
}

static void put_footer(struct str *s, const struct lie *x)
{
	const size_t from = s->len;
	put_int(s, 1, I32, 1);
	put_schema(s, x);
	put_int(s, 1, I64, x->rows);
	str_addc(s, (char)(1 << 4 | LIST));
	str_addc(s, (char)(1 << 4 | STRUCT));
	str_addc(s, (char)(1 << 4 | LIST));
	str_addc(s, (char)(1 << 4 | STRUCT));
	str_addc(s, (char)(3 << 4 | STRUCT));
	put_int(s, 1, I32, x->type);
	put_int(s, 3, I32, x->codec);
	put_int(s, 1, I64, x->values);
	put_int(s, 2, I64, x->bytes);
	put_int(s, 2, I64, x->at);
	str_addn(s, "\0\0", 2);
	put_int(s, 2, I64, x->group_rows);
	str_addn(s, "\0\0", 2);
	const uint32_t n = (uint32_t)(s->len - from);
	for (int i = 0; i < 4; i++)
		str_addc(s, (char)(n >> 8 * i));
	str_add(s, "PAR1");
}

static enum status read_lie(const struct lie *x, struct frame **f, struct err *e)
{
	struct str s = STR_INIT;
	str_add(&s, "PAR1");
	put_page(&s, x);
	struct lie fitting = *x;
	if (x->bytes == truth.bytes)
		fitting.bytes = (int64_t)s.len - truth.at;      /* numbers of another size make another header */
	put_footer(&s, &fitting);
	const enum status rc = data_read("lie.parquet", s.p, s.len, &careful, f, e);
	str_free(&s);
	return rc;
}

static void test_lies(void **state)
{
	struct lie lies[40];
	size_t n = 0;
	struct frame *f = NULL;
	struct err e = { 0 };
	(void)state;
	if (read_lie(&truth, &f, &e) != ST_OK)
		fail_msg("%s", e.text);
	expect_cells(f, "1\n2\n3\n");
	frame_free(f);
#define LIE(said, ...) lies[n] = truth, lies[n].words = (said), __VA_ARGS__, n++
	LIE("counts other rows", lies[n].rows = 4);
	LIE("counts other rows", lies[n].rows = INT64_MAX);
	LIE("differ from it in length", lies[n].group_rows = lies[n].rows = 4);
	LIE("differ from it in length", lies[n].values = 1);
	LIE("more than 2147483647 rows", lies[n].group_rows = lies[n].rows = lies[n].values = INT64_MAX);
	LIE("without rows", lies[n].group_rows = -1);
	LIE("of memory, more than the budget", lies[n].group_rows = lies[n].rows = lies[n].values = 2000000000);
	LIE("page 2 at byte 33: it is missing", lies[n].group_rows = lies[n].rows = lies[n].values = 4);
	LIE("outside of the file", lies[n].at = 3);
	LIE("outside of the file", lies[n].at = -1);
	LIE("outside of the file", lies[n].at = INT64_MAX);
	LIE("outside of the file", lies[n].bytes = 30);
	LIE("outside of the file", lies[n].bytes = INT64_MAX);
	LIE("outside of the file", lies[n].bytes = -1);
	LIE("page 1 at byte 4: it is missing", lies[n].bytes = 0);
	LIE("it is longer than its column chunk", lies[n].bytes = 28);
	LIE("its header is damaged", lies[n].bytes = 5);
	LIE("without codec", lies[n].codec = 1000);
	LIE("a codec without a name", lies[n].codec = 99);
	LIE("ZSTD: damaged", lies[n].codec = 6);
	LIE("SNAPPY: not the size", lies[n].codec = 1);
	LIE("GZIP: damaged", lies[n].codec = 2);
	LIE("another type", lies[n].type = 5);
	LIE("more values than the row group", lies[n].page_values = 4);
	LIE("number of values", lies[n].page_values = -1);
	LIE("its size is not what its header says", lies[n].unpacked = 13);
	LIE("larger than 512 MiB", lies[n].unpacked = INT32_MAX);
	LIE("its header lacks sizes", lies[n].packed = -1);
	LIE("longer than its column chunk", lies[n].packed = 13);
	LIE("impossible width", lies[n].page_encoding = 8, lies[n].packed = lies[n].unpacked = 0, lies[n].bytes = 17);
	LIE("wider than it may be", lies[n].page_encoding = 8);
	LIE("the head of the deltas has impossible sizes", lies[n].page_encoding = 5);
	LIE("not read here", lies[n].page_encoding = 77);
	LIE("of booleans only", lies[n].page_encoding = 3);
	LIE("unknown kind", lies[n].page_type = 9);
	LIE("it is missing", lies[n].page_type = 1);
	LIE("no tree", lies[n].children = 2);
	LIE("no tree", lies[n].children = -1);
	for (size_t i = 0; i < n; i++) {
		e.text[0] = '\0';
		f = NULL;
		assert_int_not_equal(read_lie(&lies[i], &f, &e), ST_OK);
		if (!strstr(e.text, lies[i].words) || !strstr(e.text, "lie.parquet"))
			fail_msg("lie %zu: \"%s\" is not in: %s", i, lies[i].words, e.text);
	}
}

/* Each allocation whose size the file names fails once: an error with words, nothing kept; without failures the same file is read. */
static void test_every_allocation_may_fail(void **state)
{
	static const char *const files[] = { "plain", "pages", "dictionary", "encoded" };
	(void)state;
	for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
		enum status st = ST_FAILED;
		for (long n = 1; st != ST_OK; n++) {
			struct frame *f = NULL;
			struct err e = { 0 };
			assert_true(n < 1000);
			mem_fail_after(n);
			st = frame_read(fixture(files[k]), NULL, NULL, &f, &e);
			mem_fail_after(0);
			assert_true(n > 1 || st != ST_OK);
			assert_int_equal(st == ST_OK, f != NULL);
			assert_true(st == ST_OK || strstr(e.text, "memory"));
			frame_free(f);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_types), cmocka_unit_test(test_words_in_order_of_first_sight), cmocka_unit_test(test_other_layouts),
		cmocka_unit_test(test_nested_is_left_out), cmocka_unit_test(test_chosen_columns_and_types), cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_every_truncation_is_an_error), cmocka_unit_test(test_every_byte_changed), cmocka_unit_test(test_checksums_are_verified),
		cmocka_unit_test(test_ends_of_the_file), cmocka_unit_test(test_lies), cmocka_unit_test(test_every_allocation_may_fail),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

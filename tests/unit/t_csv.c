/* CSV: every rule as a table of files and what is read from them. */
#include <math.h>
#include <sched.h>

#include "core/base/fmt.h"
#include "core/io/csv.h"
#include "tests/unit/frame_help.h"

static void shapes(void **state)
{
	static const struct { const char *text, *names, *cells, *note; } t[] = {
		{ "a,b\n1,2\n3,4\n", "a b", "1|2\n3|4\n", NULL },
		{ "a,b\r\n1,2\r\n3,4\r\n", "a b", "1|2\n3|4\n", NULL },
		{ "a,b\r1,2\r3,4\r", "a b", "1|2\n3|4\n", NULL },
		{ "a,b\n1,2\n3,4", "a b", "1|2\n3|4\n", NULL },
		{ "\xEF\xBB\xBF" "a,b\n1,2\n", "a b", "1|2\n", NULL },
		{ "\xEF\xBB\xBF\"a\nx\",b\n1,2\n", "a\nx b", "1|2\n", NULL },
		{ "a;b\n1,5;2\n3;4,25\n", "a b", "1.5|2\n3|4.25\n", "decimal comma" },
		{ "a;b\n1.5;2\n3;4\n", "a b", "1.5|2\n3|4\n", NULL },
		{ "a\tb\n1\t\n\t4\n", "a b", "1|-\n-|4\n", NULL },
		{ "a|b\nx|y\nz|y\n", "a b", "x|y\nz|y\n", NULL },
		{ "a\n1\n\n2\n", "a", "1\n2\n", "1 empty line left out" },
		{ "a,b\n\"x,y\",1\n\"p\"\"q\",2\n\"l1\nl2\",3\n\"\",4\n", "a b", "x,y|1\np\"q|2\nl1\nl2|3\n-|4\n", NULL },
		{ "a,b\n\"x\"yz,1\nab\"c,2\n\"x\"\"y\"z\"w,3\n", "a b", "xyz|1\nab\"c|2\nx\"yz\"w|3\n", NULL },
		{ "a,b\nx,1\n\"open,2\nmore,3\n", "a b", "x|1\nopen,2\nmore,3\n|-\n", "line 3: a quote is never closed" },
		{ "a,b\nx,1\n\"open", "a b", "x|1\nopen|-\n", "never closed" },
		{ "a,b\n1\n2,3,4\n5,6,,\n", "a b", "1|-\n2|3\n5|6\n", "1 row has fewer fields than columns; the rest is missing, first on line 2" },
		{ "a,b\n1,2\n2,3,4\n5,6,,\n", "a b", "1|2\n2|3\n5|6\n", "1 row has more fields than columns; what is over is dropped, first on line 3" },
		{ "a,a,b,a,a.1\n1,2,3,4,5\n", "a a.1 b a.2 a.1.1", "1|2|3|4|5\n", "3 columns have a name that was there before; column 2 is called \"a.1\"" },
		{ ",x\n1,2\n", " x", "1|2\n", NULL },
		{ "x,y\nr1,1,2\nr2,3,4\n", " x y", "r1|1|2\nr2|3|4\n", "first column has no name" },
		{ "a,b\n", "a b", "", NULL },
		{ "a,b", "a b", "", NULL },
		{ "1,2\n3,4\n", "1 2", "3|4\n", "say that there is no header" },
		{ "t\ntrue\nFalse\nTRUE\n", "t", "1\n0\n1\n", NULL },
		{ "d\n1970-01-02\n1970-01-01 00:00:01\nNA\n", "d", "86400000\n1000\n-\n", NULL },
		{ "a,b\nnan,1\ninf,2\n-Infinity,3\n", "a b", "-|1\ninf|2\n-inf|3\n", NULL },
		{ "w\nx \nx\n X\n", "w", "x \nx\n X\n", NULL },
		{ "a\n\"1\"\n\"2.5\"\n", "a", "1\n2.5\n", NULL },
		{ "n,w\n1,\xC3\xA4\n2,\xE4\n", "n w", "1|\xC3\xA4\n2|\xE4\n", "1 byte that is not UTF-8; kept as it is, first on line 3" },
		{ "n,w\xE4\n1,\xE4\n2,\x80\n", "n w\xC3\xA4", "1|\xC3\xA4\n2|\xE2\x82\xAC\n", "read as Latin-1 (Windows-1252): not UTF-8" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct frame *f = data_frame("x.csv", t[i].text, NULL);
		struct str names = STR_INIT;
		for (size_t j = 0; j < f->n_cols; j++)
			str_addf(&names, "%s%s", j ? " " : "", f->cols[j].name);
		char *got = cells(f);
		if (strcmp(names.p, t[i].names) || strcmp(got, t[i].cells) || (t[i].note ? !strstr(f->notes.p, t[i].note) : f->notes.len != 0))
			fail_msg("%zu: %s\n--\n%s\n--\n%s\n--\n%s", i, t[i].text, names.p, got, f->notes.p);
		free(got);
		str_free(&names);
		frame_free(f);
	}
}

static void counts(void **state)
{
	struct frame *f = data_frame("x.csv", "n,i,m\n1.5,1,1\nnan,2,2\n,3,3\ninf,,4\nNA,5,5\n", NULL);
	(void)state;
	assert_int_equal(f->cols[0].type, FRAME_NUMBER);
	assert_int_equal(f->cols[0].missing, 3);
	assert_int_equal(f->cols[0].nan, 1);
	assert_int_equal(f->cols[0].inf, 1);
	assert_false(f->cols[0].integer);
	assert_true(f->cols[1].integer);
	assert_int_equal(f->cols[1].missing, 1);
	assert_non_null(frame_find(f, "m"));
	assert_null(frame_find(f, "M"));
	frame_free(f);
}

static struct frame *column_of(int rows, const char *common, int at, const char *odd, const struct frame_options *o)
{
	struct str s = STR_INIT;
	str_add(&s, "c,k\n");
	for (int i = 0; i < rows; i++)
		str_addf(&s, "%s,%d\n", i == at ? odd : common, i);
	struct frame *f = data_frame("x.csv", s.p, o);
	str_free(&s);
	return f;
}

static void mixed_values(void **state)
{
	static const struct { int rows; const char *common, *odd; enum frame_type type; size_t mixed; } t[] = {
		{ 20, "1.5", "ERR", FRAME_NUMBER, 1 }, { 19, "1.5", "ERR", FRAME_CATEGORY, 0 }, { 20, "true", "1", FRAME_BOOLEAN, 1 },
		{ 20, "2026-01-01", "2026-02-30", FRAME_TIME, 1 }, { 20, "x", "1", FRAME_CATEGORY, 0 }, { 30, "12", "\x1b[2J", FRAME_NUMBER, 1 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct frame *f = column_of(t[i].rows, t[i].common, 7, t[i].odd, NULL);
		assert_int_equal(f->cols[0].type, t[i].type);
		assert_int_equal(f->cols[0].mixed, t[i].mixed);
		assert_int_equal(f->cols[0].missing, t[i].mixed);
		assert_int_equal(f->cols[0].mixed_example != NULL, t[i].mixed > 0);
		assert_true(!f->cols[0].mixed_example || !strchr(f->cols[0].mixed_example, '\x1b'));
		frame_free(f);
	}
}

static void text_and_category(void **state)
{
	struct str s = STR_INIT;
	(void)state;
	str_add(&s, "t,c,s\n");
	for (int i = 0; i < 101; i++)
		str_addf(&s, "v%d,w%d,%s\n", i < 52 ? i : 51, i < 51 ? i : 50, "same");
	struct frame *f = data_frame("x.csv", s.p, NULL);
	assert_int_equal(f->cols[0].type, FRAME_TEXT);          /* 52 distinct of 101 */
	assert_int_equal(f->cols[1].type, FRAME_TEXT);          /* 51 of 101 */
	assert_int_equal(f->cols[2].type, FRAME_CATEGORY);
	assert_int_equal(f->cols[2].n_words, 1);
	frame_free(f);
	str_free(&s);
}

static void overrides(void **state)
{
	static const struct frame_override types[] = { { "n", FRAME_CATEGORY }, { "b", FRAME_BOOLEAN }, { "t", FRAME_TIME }, { "x", FRAME_NUMBER } };
	const struct frame_options o = { .types = types, .n_types = 4 };
	struct frame *f = data_frame("x.csv", "n,b,t,x\n1,1,1000,a\n01,0,200000000000,2\n1,yes,2020-01-01,3\n", &o);
	(void)state;
	expect_cells(f, "1|1|1000000|-\n01|0|200000000000|2\n1|1|1577836800000|3\n");
	assert_int_equal(f->cols[0].type, FRAME_CATEGORY);
	assert_int_equal(f->cols[0].n_words, 2);
	assert_int_equal(f->cols[3].mixed, 1);
	assert_string_equal(f->cols[3].mixed_example, "a");
	frame_free(f);
}

static void selection(void **state)
{
	static const char *const want[] = { "c", "a" }, *const wrong[] = { "colour" };
	struct frame_options o = { .columns = want, .n_columns = 2 };
	struct frame *f = data_frame("x.csv", "a,b,c\n1,\"x\n,y\",3\n4,5,6\n", &o);
	struct err e;
	(void)state;
	assert_int_equal(f->n_cols, 2);
	assert_string_equal(f->cols[0].name, "a");
	expect_cells(f, "1|3\n4|6\n");
	frame_free(f);
	o.columns = wrong;
	o.n_columns = 1;
	assert_int_equal(data_read("x.csv", "a,color\n1,2\n", 12, &o, &f, &e), ST_NOT_FOUND);
	assert_non_null(strstr(e.text, "no column \"colour\"; is \"color\" meant?"));
}

static void options_are_followed(void **state)
{
	struct frame *f;
	(void)state;
	f = data_frame("x.csv", "1,2\n3,4\n", &(struct frame_options){ .no_header = true });
	expect_cells(f, "1|2\n3|4\n");
	assert_string_equal(f->cols[1].name, "c2");
	frame_free(f);
	f = data_frame("x.csv", "a:b\n1:2\n", &(struct frame_options){ .delimiter = ':' });
	expect_cells(f, "1|2\n");
	frame_free(f);
	f = data_frame("x.csv", "a\tb\n1,5\t2\n", &(struct frame_options){ .decimal = '.' });
	assert_int_equal(f->cols[0].type, FRAME_CATEGORY);
	frame_free(f);
}

static void refusals(void **state)
{
	static const struct { const char *text; struct frame_options o; enum status rc; const char *words; } t[] = {
		{ "", { 0 }, ST_FAILED, "empty" }, { "\n\n", { 0 }, ST_FAILED, "empty" },
		{ "a\n", { .format = "nonsense" }, ST_USAGE, "there are: " }, { "a\n", { .encoding = "ebcdic" }, ST_USAGE, "no encoding \"ebcdic\"" },
		{ "a\n", { .delimiter = '"' }, ST_USAGE, "cannot be the delimiter" }, { "a;b\n1;2\n", { .delimiter = ',', .decimal = ',' }, ST_USAGE, "both" },
		{ "a,b\n1,2\n", { .budget = 8 }, ST_REFUSED, "budget" },
	};
	struct frame *f;
	struct err e;
	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		const enum status rc = data_read("x.csv", t[i].text, strlen(t[i].text), &t[i].o, &f, &e);
		if (rc != t[i].rc || !strstr(e.text, t[i].words))
			fail_msg("%zu: %d %s", i, rc, e.text);
		assert_null(f);
	}
	assert_int_equal(frame_read("/nonexistent/x.csv", NULL, NULL, &f, &e), ST_NOT_FOUND);
	assert_int_equal(frame_read("/tmp", NULL, NULL, &f, &e), ST_USAGE);
}

static void utf16(void **state)
{
	static const uint16_t units[] = { 0xFEFF, 'a', ',', 'b', '\n', '1', ',', 0xE4, 0xD83D, 0xDE00, '\n' };
	(void)state;
	for (int big = 0; big < 2; big++)
		for (size_t mark = 0; mark < 2; mark++) {
			unsigned char bytes[64];
			struct frame *f;
			struct err e;
			size_t n = 0;
			for (size_t i = mark; i < sizeof units / sizeof *units; i++) {
				bytes[n++] = (unsigned char)(big ? units[i] >> 8 : units[i]);
				bytes[n++] = (unsigned char)(big ? units[i] : units[i] >> 8);
			}
			assert_int_equal(data_read("x.csv", bytes, n, NULL, &f, &e), ST_OK);
			assert_string_equal(f->cols[0].name, "a");
			expect_cells(f, "1|\xC3\xA4\xF0\x9F\x98\x80\n");
			assert_non_null(strstr(f->notes.p, "UTF-16"));
			frame_free(f);
		}
}

static void nul_bytes(void **state)
{
	struct frame *f;
	struct err e;
	(void)state;
	assert_int_equal(data_read("x.csv", "a,b\nx\0y,1\nx\0z,2\n", 16, NULL, &f, &e), ST_OK);
	assert_int_equal(f->cols[0].n_words, 2);
	assert_int_equal(f->cols[0].words[0].n, 3);
	assert_non_null(strstr(f->notes.p, "NUL bytes, first on line 2"));
	frame_free(f);
}

/* Where a block ends inside quotes, line ends and characters, the rows are the same for any number of threads. */
static void blocks_and_threads(void **state)
{
	struct str s = STR_INIT;
	struct frame *f[3];
	(void)state;
	str_add(&s, "i,text,word,x\r\n");
	for (int i = 0; i < 60000; i++)
		str_addf(&s, "%d,\"line one %d,\r\nline \"\"two\"\"\n\n\",w%d\xC3\xA4,%.3f\r\n%s", i, i * 7, i % 97, i / 8.0, i % 1000 ? "" : "\r\n");
	assert_true(s.len > 3 * CSV_BLOCK);
	for (int k = 0; k < 3; k++) {
		const struct frame_options o = { .threads = k == 2 ? 8 : k + 1 };
		f[k] = data_frame("x.csv", s.p, &o);
		assert_int_equal(f[k]->n_rows, 60000);
		assert_memory_equal(f[k]->digest, f[0]->digest, 32);
		assert_string_equal(f[k]->notes.p, "60 empty lines left out\n");
		for (size_t i = 0; i < 60000; i++) {
			char want[64];
			const struct frame_word *w = &f[k]->cols[1].words[f[k]->cols[1].code[i]];
			assert_true(f[k]->cols[0].num[i] == (double)i && f[k]->cols[3].num[i] == (double)i / 8.0);
			const int n = snprintf(want, sizeof want, "line one %zu,\r\nline \"two\"\n\n", i * 7);
			assert_int_equal(w->n, n);
			assert_memory_equal(w->p, want, (size_t)n);
		}
		assert_memory_equal(f[k]->cols[2].code, f[0]->cols[2].code, 60000 * sizeof(uint32_t));
		assert_memory_equal(f[k]->cols[1].code, f[0]->cols[1].code, 60000 * sizeof(uint32_t));
	}
	for (int k = 0; k < 3; k++)
		frame_free(f[k]);
	str_free(&s);
}

/* The sample promised numbers; the rest of the file is words. */
static void deceived(void **state)
{
	struct str s = STR_INIT;
	(void)state;
	str_add(&s, "a,b\n");
	for (int i = 0; i < 300000; i++)
		str_addf(&s, i < 200000 ? "%d,1\n" : "w%d,1\n", i % 100);
	struct frame *f = data_frame("x.csv", s.p, NULL);
	assert_int_equal(f->cols[0].type, FRAME_CATEGORY);
	assert_int_equal(f->cols[0].n_words, 200);
	assert_int_equal(f->cols[0].missing, 0);
	assert_string_equal(cell(f, 0, 199999), "99");
	assert_string_equal(cell(f, 0, 299999), "w99");
	assert_int_equal(f->cols[1].type, FRAME_NUMBER);
	frame_free(f);
	str_free(&s);
}

static void wide_and_long(void **state)
{
	struct str s = STR_INIT;
	struct frame *f;
	struct err e;
	(void)state;
	for (int row = 0; row < 21; row++)
		for (int j = 0; j < 10000; j++)
			str_addf(&s, row ? "%d%c" : "c%d%c", j + row, j < 9999 ? ',' : '\n');
	f = data_frame("x.csv", s.p, NULL);
	assert_int_equal(f->n_cols, 10000);
	assert_int_equal(f->n_rows, 20);
	assert_true(f->cols[9999].num[19] == 9999 + 20);
	frame_free(f);
	str_clear(&s);
	str_addrep(&s, ',', FRAME_MOST_COLUMNS);
	assert_int_equal(data_read("x.csv", s.p, s.len, NULL, &f, &e), ST_REFUSED);
	assert_non_null(strstr(e.text, "more than 16384 columns"));
	str_clear(&s);
	str_add(&s, "a\n");
	str_addrep(&s, 'x', (16 << 20) + 1);
	assert_int_equal(data_read("x.csv", s.p, s.len, NULL, &f, &e), ST_REFUSED);
	assert_non_null(strstr(e.text, "line 2: a field longer than 16 MB"));
	str_free(&s);
}

/* A line of a gigabyte that is no table (a hole in a file costs nothing): refused before it is read whole. */
static void endless_line(void **state)
{
	struct data_file d;
	struct frame *f;
	struct err e;
	(void)state;
	data_write(&d, "x.csv", "a,b\n1,2\n\"", 9);
	assert_int_equal(truncate(d.path, 1 << 30), 0);
	assert_int_equal(frame_read(d.path, NULL, NULL, &f, &e), ST_REFUSED);
	assert_non_null(strstr(e.text, "x.csv:3: a record longer than 64 MB begins here"));
	data_remove(&d);
}

static void digest_of_a_file(void **state)
{
	struct data_file d;
	struct frame *f;
	struct err e;
	unsigned char sum[32];
	struct str s = STR_INIT;
	(void)state;
	for (int i = 0; i < 200000; i++)
		str_addf(&s, "%d,%d\n", i, i);
	data_write(&d, "x.csv", s.p, s.len);
	assert_int_equal(frame_read(d.path, NULL, NULL, &f, &e), ST_OK);
	assert_int_equal(frame_digest_file(d.path, sum, &e), ST_OK);
	assert_memory_equal(sum, f->digest, 32);
	data_remove(&d);
	frame_free(f);
	str_free(&s);
}

static enum status read_cancelled(struct task *t, void *arg, struct err *e)
{
	struct frame *f = NULL;
	while (!task_cancelled(t))
		sched_yield();
	const enum status rc = frame_read(arg, NULL, t, &f, e);
	frame_free(f);
	return rc;
}

static enum status ended;
static void note_end(void *arg, enum status st, const struct err *e)
{
	(void)arg, (void)e;
	ended = st;
}

static void cancelling(void **state)
{
	struct data_file d;
	struct str s = STR_INIT;
	struct tasks *ts = tasks_new(1, 1);
	(void)state;
	for (int i = 0; i < 400000; i++)
		str_addf(&s, "%d,%d\n", i, i);
	data_write(&d, "x.csv", s.p, s.len);
	ended = ST_OK;
	const uint64_t id = tasks_submit(ts, &(struct task_spec){ .title = "read", .cls = TASK_LONG, .work = read_cancelled, .done = note_end, .arg = d.path });
	struct task_info info;
	while (!tasks_list(ts, &info, 1) || info.state != TASK_RUNNING)
		sched_yield();
	assert_true(tasks_cancel(ts, id));
	tasks_free(ts);
	assert_int_equal(ended, ST_CANCELLED);
	data_remove(&d);
	str_free(&s);
}

/* A pipe cannot be read twice: it is kept in a file without a name. */
static void from_a_pipe(void **state)
{
	struct frame *f;
	struct err e = { .text = "" };
	char path[40];
	int fd[2];
	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], "a,b\n1,x\n", 8), 8);
	close(fd[1]);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd[0]);
	if (frame_read(path, NULL, NULL, &f, &e) != ST_OK)
		fail_msg("%s", e.text);
	expect_cells(f, "1|x\n");
	frame_free(f);
	close(fd[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shapes), cmocka_unit_test(counts), cmocka_unit_test(mixed_values), cmocka_unit_test(text_and_category), cmocka_unit_test(overrides),
		cmocka_unit_test(selection), cmocka_unit_test(options_are_followed), cmocka_unit_test(refusals), cmocka_unit_test(utf16), cmocka_unit_test(nul_bytes),
		cmocka_unit_test(blocks_and_threads), cmocka_unit_test(deceived), cmocka_unit_test(wide_and_long), cmocka_unit_test(endless_line),
		cmocka_unit_test(digest_of_a_file), cmocka_unit_test(cancelling), cmocka_unit_test(from_a_pipe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

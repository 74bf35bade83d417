/* Sketches of every format: what a table in memory says exactly lies in what the sketch of the same file says, in a budget that holds but a part of it. The files are written here;
 * expected values are those of the readers into memory, which have tests of their own. */
#include <math.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "core/base/str.h"
#include "core/base/tasks.h"
#include "core/drift/pair.h"
#include "core/drift/random.h"
#include "core/io/sketch_impl.h"
#include "tests/unit/frame_help.h"

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__ || __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

enum { ROWS = 24000, GROUPS = 12, SMALL = 400000 };

/* v: uniform to the power of four, every 17th not there; k: whole and few; w: words, some rare. */
struct row { double v; int k; char w[16]; };
static struct row rows[2][ROWS];

static int make_rows(void **state)
{
	struct random dice = { 11 };
	(void)state;
	for (int side = 0; side < 2; side++)
		for (int i = 0; i < ROWS; i++) {
			struct row *r = &rows[side][i];
			r->v = i % 17 ? round(pow(random_unit(&dice), 4) * 1e6 + side * 3e4) / 64 : NAN;
			r->k = (int)(random_unit(&dice) * (9 + side));
			snprintf(r->w, sizeof r->w, "w%d", (int)(random_unit(&dice) * random_unit(&dice) * 60));
		}
	return 0;
}

/* ---- writers ---- */

static void put_value(struct str *s, double v, const char *missing)
{
	if (isnan(v))
		str_add(s, missing);
	else
		str_addf(s, "%.17g", v);
}

static void write_csv(struct str *s, const struct row *r, struct data_file *d)
{
	str_add(s, "v,k,w\n");
	for (int i = 0; i < ROWS; i++) {
		put_value(s, r[i].v, "");
		str_addf(s, ",%d,%s\n", r[i].k, r[i].w);
	}
	data_write(d, "x.csv", s->p, s->len);
}

/* Every 500th line is none; missing values are absent members. */
static void write_jsonl(struct str *s, const struct row *r, struct data_file *d)
{
	for (int i = 0; i < ROWS; i++) {
		str_addf(s, "{\"k\":%d,\"w\":\"%s\"", r[i].k, r[i].w);
		if (!isnan(r[i].v))
			str_addf(s, ",\"v\":%.17g", r[i].v);
		str_add(s, i % 500 == 499 ? "}\noops\n" : "}\n");
	}
	data_write(d, "x.jsonl", s->p, s->len);
}

static void write_sqlite(struct str *s, const struct row *r, struct data_file *d)
{
	sqlite3 *db;
	data_write(d, "x.db", "", 0);
	str_add(s, "BEGIN; CREATE TABLE t (v REAL, k INTEGER, w TEXT);");
	for (int i = 0; i < ROWS; i++) {
		str_add(s, "INSERT INTO t VALUES (");
		put_value(s, r[i].v, "NULL");
		str_addf(s, ",%d,'%s');", r[i].k, r[i].w);
	}
	str_add(s, "COMMIT;");
	assert_int_equal(sqlite3_open(d->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, s->p, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Parquet: Thrift's compact protocol; a page a column and group, required values, plain, not packed. */
enum { I32 = 5, I64 = 6, LIST = 9, STRUCT = 12, INT32 = 1, DOUBLE = 5, BYTES = 6 };
static const int physical[3] = { DOUBLE, INT32, BYTES };

static void put_varint(struct str *s, uint64_t v)
{
	for (; v > 127; v >>= 7)
		str_addc(s, (char)(v | 128));
	str_addc(s, (char)v);
}

static void put_int(struct str *s, int step, int type, int64_t v)
{
	str_addc(s, (char)(step << 4 | type));
	put_varint(s, (uint64_t)v << 1 ^ (uint64_t)(v >> 63));
}

static void put_page(struct str *s, const struct row *r, int n, int column)
{
	struct str v = STR_INIT;
	for (int i = 0; i < n; i++) {
		const int32_t k = r[i].k;
		const uint32_t len = (uint32_t)strlen(r[i].w);
		if (column == 0)
			str_addn(&v, &r[i].v, sizeof r[i].v);
		else if (column == 1)
			str_addn(&v, &k, sizeof k);
		else
			str_addn(&v, &len, sizeof len), str_add(&v, r[i].w);
	}
	put_int(s, 1, I32, 0), put_int(s, 1, I32, (int64_t)v.len), put_int(s, 1, I32, (int64_t)v.len);
	str_addc(s, (char)(2 << 4 | STRUCT));
	put_int(s, 1, I32, n), put_int(s, 1, I32, 0), put_int(s, 1, I32, 3), put_int(s, 1, I32, 3);
	str_addn(s, "\0\0", 2);
	str_addn(s, v.p, v.len);
	str_free(&v);
}

static void put_schema(struct str *s)
{
	static const char *const names[3] = { "\x18\1v", "\x18\1k", "\x18\1w" };
	put_int(s, 1, I32, 1);
	str_addc(s, (char)(1 << 4 | LIST)), str_addc(s, (char)(4 << 4 | STRUCT));
	str_addn(s, "\x48\1r", 3), put_int(s, 1, I32, 3), str_addc(s, 0);
	for (int c = 0; c < 3; c++) {
		put_int(s, 1, I32, physical[c]), put_int(s, 2, I32, 0), str_addn(s, names[c], 3);
		if (physical[c] == BYTES)
			put_int(s, 2, I32, 0);
		str_addc(s, 0);
	}
	put_int(s, 1, I64, ROWS);
	str_addc(s, (char)(1 << 4 | LIST)), str_addc(s, (char)(GROUPS << 4 | STRUCT));
}

static void write_parquet(struct str *s, const struct row *r, struct data_file *d)
{
	struct str foot = STR_INIT;
	str_add(s, "PAR1");
	put_schema(&foot);
	for (int g = 0; g < GROUPS; g++) {
		str_addc(&foot, (char)(1 << 4 | LIST)), str_addc(&foot, (char)(3 << 4 | STRUCT));
		for (int c = 0; c < 3; c++) {
			const size_t at = s->len;
			put_page(s, r + g * (ROWS / GROUPS), ROWS / GROUPS, c);
			str_addc(&foot, (char)(3 << 4 | STRUCT));
			put_int(&foot, 1, I32, physical[c]), put_int(&foot, 3, I32, 0), put_int(&foot, 1, I64, ROWS / GROUPS);
			put_int(&foot, 2, I64, (int64_t)(s->len - at)), put_int(&foot, 2, I64, (int64_t)at);
			str_addn(&foot, "\0\0", 2);
		}
		put_int(&foot, 2, I64, ROWS / GROUPS), str_addc(&foot, 0);
	}
	str_addc(&foot, 0);
	const uint32_t n = (uint32_t)foot.len;
	str_addn(s, foot.p, foot.len), str_addn(s, &n, 4), str_add(s, "PAR1");
	str_free(&foot);
	data_write(d, "x.parquet", s->p, s->len);
}

static const struct format { const char *name; void (*write)(struct str *s, const struct row *r, struct data_file *d); const char *query; } formats[] = {
	{ "csv", write_csv, NULL }, { "jsonl", write_jsonl, NULL }, { "sqlite", write_sqlite, NULL }, { "sqlite query", write_sqlite, "SELECT v, k, w FROM t WHERE k >= 0; " },
	{ "parquet", write_parquet, NULL } };
enum { FORMATS = sizeof formats / sizeof *formats };

static void make(const struct format *f, int side, struct data_file *d)
{
	struct str s = STR_INIT;
	f->write(&s, rows[side], d);
	str_free(&s);
}

/* ---- tests ---- */

struct both { struct data_file file[2]; struct frame *f[2]; struct sketch *s[2]; struct sketch_plan *plan; };

static void set_up(struct both *b, const struct format *f)
{
	struct frame_options o = { .query = f->query }, small = { .query = f->query, .budget = SMALL };
	struct err e;
	for (int k = 0; k < 2; k++) {
		make(f, k, &b->file[k]);
		assert_int_equal(frame_read(b->file[k].path, &o, NULL, &b->f[k], &e), ST_OK);
	}
	struct frame *none = NULL;
	assert_int_equal(frame_read(b->file[0].path, &small, NULL, &none, &e), ST_REFUSED);
	if (sketch_plan_new(b->file[0].path, &small, NULL, &b->plan, &e) != ST_OK)
		fail_msg("%s: %s", f->name, e.text);
	for (int k = 0; k < 2; k++)
		if (sketch_read(b->file[k].path, &small, b->plan, NULL, &b->s[k], &e) != ST_OK)
			fail_msg("%s: %s", f->name, e.text);
}

static void tear_down(struct both *b)
{
	for (int k = 0; k < 2; k++) {
		data_remove(&b->file[k]);
		frame_free(b->f[k]);
		sketch_free(b->s[k]);
	}
	sketch_plan_free(b->plan);
}

static const struct sketch_col *col(const struct sketch *s, const char *name)
{
	for (size_t j = 0; j < s->n_cols; j++)
		if (!strcmp(s->cols[j].name, name))
			return &s->cols[j];
	fail_msg("no column %s", name);
	return NULL;
}

static void same_counts(const char *format, const struct sketch_col *c, const struct frame_col *x)
{
	if (c->absent || c->type != x->type || c->n != x->n || c->missing != x->missing || c->nan != x->nan || c->inf != x->inf || c->mixed != x->mixed || c->integer != x->integer)
		fail_msg("%s, column %s: rows %zu and %zu, missing %zu and %zu, nan %zu and %zu, whole %d and %d", format, c->name, c->n, x->n, c->missing, x->missing, c->nan, x->nan, c->integer, x->integer);
	if (!x->words)
		return;
	assert_true(c->n_words == x->n_words && !c->word_error);
	for (size_t k = 0; k < c->n_words; k++) {
		uint64_t n = 0;
		for (size_t i = 0; i < x->n; i++)
			n += x->code[i] != FRAME_NO_CODE && x->words[x->code[i]].n == c->words[k].n && !memcmp(x->words[x->code[i]].p, c->words[k].p, c->words[k].n);
		assert_int_equal(n, c->words[k].count);
	}
}

static void exact_values_lie_inside(void **state)
{
	(void)state;
	for (int i = 0; i < FORMATS; i++) {
		struct both b;
		set_up(&b, &formats[i]);
		for (int k = 0; k < 2; k++) {
			assert_int_equal(b.s[k]->n_rows, ROWS);
			assert_memory_equal(b.s[k]->digest, b.f[k]->digest, 32);
			assert_string_equal(b.s[k]->notes.p, b.f[k]->notes.p);
			for (size_t j = 0; j < 3; j++)
				same_counts(formats[i].name, col(b.s[k], b.f[k]->cols[j].name), &b.f[k]->cols[j]);
		}
		for (size_t j = 0; j < 2; j++) {
			const char *name = j ? "k" : "v";
			const struct sketch_col *x = col(b.s[0], name), *y = col(b.s[1], name);
			struct pair *p;
			struct err e;
			assert_int_equal(pair_new(frame_find(b.f[0], name), frame_find(b.f[1], name), &p, &e), ST_OK);
			const double d = fmax(p->walk.d_plus, p->walk.d_minus), w = p->walk.area;
			const struct interval ks = sketch_ks(x, y), area = sketch_wasserstein(x, y);
			if (!(ks.lo <= d + 1e-12 && d <= ks.hi + 1e-12 && ks.hi - ks.lo < 0.02))
				fail_msg("%s, column %s: D %.17g in [%.17g, %.17g]", formats[i].name, name, d, ks.lo, ks.hi);
			if (!(area.lo <= w * (1 + 1e-9) && w <= area.hi * (1 + 1e-9)))
				fail_msg("%s, column %s: W %.17g in [%.17g, %.17g]", formats[i].name, name, w, area.lo, area.hi);
			assert_true(j == 0 || ks.lo == ks.hi);
			assert_true(x->min == p->ref.sorted[0] && x->max == p->ref.sorted[p->ref.n - 1]);
			pair_free(p);
		}
		tear_down(&b);
	}
}

/* ---- the sample of rows ---- */

static bool same_value(const struct frame_col *x, size_t i, const struct frame_col *y, size_t k)
{
	if (x->num)
		return isnan(x->num[i]) ? isnan(y->num[k]) : x->num[i] == y->num[k];
	const struct frame_word a = x->words[x->code[i]], b = y->words[y->code[k]];
	return a.n == b.n && !memcmp(a.p, b.p, a.n);
}

static bool same_row(const struct frame *a, size_t i, const struct frame *b, size_t k)
{
	for (size_t j = 0; j < a->n_cols; j++)
		if (!same_value(&a->cols[j], i, frame_find(b, a->cols[j].name), k))
			return false;
	return true;
}

static void same_rows(const struct frame *a, const struct frame *b)
{
	assert_true(a->n_rows == b->n_rows && a->n_cols == b->n_cols);
	for (size_t i = 0; i < a->n_rows; i++)
		assert_true(same_row(a, i, b, i));
}

/* Whole rows in the file's order, as the table in memory has them, from all over the file. */
static void samples_are_rows_of_the_table(void **state)
{
	(void)state;
	for (int i = 0; i < FORMATS; i++) {
		struct both b;
		set_up(&b, &formats[i]);
		for (int k = 0; k < 2; k++) {
			const struct frame *s = b.s[k]->sample;
			size_t at = 0, places[4] = { 0 };
			assert_true(s && s->n_cols == 3 && s->n_rows > 500 && s->n_rows < ROWS / 4);
			for (size_t r = 0; r < s->n_rows; r++, at++) {
				while (at < ROWS && !same_row(s, r, b.f[k], at))
					at++;
				if (at == ROWS)
					fail_msg("%s: row %zu of the sample is none of the table, or out of order", formats[i].name, r);
				places[at * 4 / ROWS]++;
			}
			for (int q = 0; q < 4; q++)
				assert_true(places[q] > s->n_rows / 5);
		}
		tear_down(&b);
	}
}

/* The rows are those of the smallest ranks, however the data are cut: by other parts (a smaller budget, with the room of the larger one) and by several threads. */
static void samples_do_not_depend_on_parts(void **state)
{
	enum { LINES = 300000 };
	struct str s = STR_INIT;
	struct data_file d;
	struct sketch_plan *p;
	struct sketch *x, *y;
	struct err e;
	(void)state;
	for (int i = 0; i < FORMATS; i++) {
		struct frame_options o = { .query = formats[i].query, .budget = SMALL };
		make(&formats[i], 0, &d);
		assert_int_equal(sketch_plan_new(d.path, &o, NULL, &p, &e), ST_OK);
		assert_int_equal(sketch_read(d.path, &o, p, NULL, &x, &e), ST_OK);
		o.budget = 4 * SMALL;
		assert_int_equal(sketch_read(d.path, &o, p, NULL, &y, &e), ST_OK);
		same_rows(x->sample, y->sample);
		sketch_free(x), sketch_free(y), sketch_plan_free(p);
		data_remove(&d);
	}
	str_add(&s, "i,word\n");
	for (int i = 0; i < LINES; i++)
		str_addf(&s, "%d,%x\n", i, (unsigned)i * 2654435761u);
	data_write(&d, "x.csv", s.p, s.len);
	struct frame_options o = { .budget = 2 << 20, .threads = 1 };
	assert_int_equal(sketch_plan_new(d.path, &o, NULL, &p, &e), ST_OK);
	assert_int_equal(sketch_read(d.path, &o, p, NULL, &x, &e), ST_OK);
	for (o.threads = 2; o.threads < 8; o.threads += 3) {
		assert_int_equal(sketch_read(d.path, &o, p, NULL, &y, &e), ST_OK);
		same_rows(x->sample, y->sample);
		sketch_free(y);
	}
	/* the mean of numbers drawn without an eye on their size, within five standard errors of the middle */
	const struct frame_col *c = frame_find(x->sample, "i");
	double mean = 0;
	for (size_t i = 0; i < c->n; i++)
		mean += c->num[i] / (double)c->n;
	assert_true(c->n > 2000 && fabs(mean - LINES / 2.0) < 5 * LINES / sqrt(12 * (double)c->n));
	sketch_free(x), sketch_plan_free(p), str_free(&s);
	data_remove(&d);
}

/* A row costs its numbers and its words, so that long texts make a small sample; small tables are kept whole. */
static void samples_keep_within_their_room(void **state)
{
	enum { N = 3000, LONG = 6000 };
	struct sketch_plan *p = mem_zalloc(sizeof *p);
	struct frame_word *words = mem_array(N, sizeof *words);
	char *text = mem_alloc(LONG);
	(void)state;
	memset(text, 'x', LONG);
	sketch_plan_add(p, "t", FRAME_TEXT, NULL, 0, 8 << 20, 2), sketch_plan_add(p, "v", FRAME_NUMBER, &(double){ 1 }, 1, 8 << 20, 2);
	for (int pass = 0; pass < 2; pass++) {
		struct sketch *s = sketch_new("x", p);
		uint32_t *code = mem_array(N, sizeof *code);
		size_t bytes = 0;
		s->rows = sketch_rows_new(p);
		for (uint32_t i = 0; i < N; i++)
			code[i] = i, words[i] = (struct frame_word){ text, pass ? LONG - i % 3 : 1 + i % 7 };
		s->cols[0].absent = s->cols[1].absent = false;
		sketch_rows_begin(s->rows, 0, N);
		sketch_rows_column(s->rows, 0, &(struct frame_col){ .code = code, .words = words, .n_words = N, .n = N });
		sketch_rows_end(s->rows);
		sketch_finish(s);
		const struct frame_col *t = &s->sample->cols[0];
		for (size_t i = 0; i < t->n; i++)
			bytes += t->words[t->code[i]].n + 16;
		assert_true(bytes <= p->sample_room && (pass ? t->n == p->sample_room / (SKETCH_SAMPLE_WORD + 16) : t->n == N));
		assert_true(s->sample->cols[1].missing == t->n && t->missing == 0);
		sketch_free(s), free(code);
	}
	sketch_plan_free(p), free(words), free(text);
}

/* A chosen column, whole numbers told to be words, words told to be numbers: all mixed. */
static void columns_and_types_hold(void **state)
{
	static const char *const columns[] = { "k", "w" };
	static const struct frame_override types[] = { { "k", FRAME_CATEGORY }, { "w", FRAME_NUMBER } };
	(void)state;
	for (int i = 0; i < FORMATS; i++) {
		const struct frame_options o = { .query = formats[i].query, .columns = columns, .n_columns = 2, .types = types, .n_types = 2, .budget = 1 << 17 };
		struct frame_options whole = o;
		struct data_file d;
		struct frame *f;
		struct sketch_plan *p;
		struct sketch *s;
		struct err e;
		whole.budget = 0;
		make(&formats[i], 0, &d);
		assert_int_equal(frame_read(d.path, &whole, NULL, &f, &e), ST_OK);
		assert_int_equal(sketch_plan_new(d.path, &o, NULL, &p, &e), ST_OK);
		assert_int_equal(sketch_read(d.path, &o, p, NULL, &s, &e), ST_OK);
		assert_true(s->n_cols == 2 && s->n_others == 0);
		for (size_t j = 0; j < 2; j++)
			same_counts(formats[i].name, col(s, columns[j]), frame_find(f, columns[j]));
		assert_int_equal(col(s, "w")->mixed, ROWS);
		assert_string_equal(col(s, "w")->mixed_example, frame_find(f, "w")->mixed_example);
		assert_memory_equal(s->digest, f->digest, 32);
		sketch_free(s), sketch_plan_free(p), frame_free(f);
		data_remove(&d);
	}
}

/* The plan of two columns meets a file that has a third and lacks one. */
static void other_columns_are_named(void **state)
{
	static const char *const columns[] = { "v", "gone" };
	struct sketch_plan *p = mem_zalloc(sizeof *p);
	(void)state;
	for (int i = 0; i < 2; i++)
		sketch_plan_add(p, columns[i], FRAME_NUMBER, &(double){ 100 }, 1, SMALL, 2);
	for (int i = 0; i < FORMATS; i++) {
		const struct frame_options o = { .query = formats[i].query, .budget = SMALL };
		struct data_file d;
		struct sketch *s;
		struct err e;
		make(&formats[i], 0, &d);
		assert_int_equal(sketch_read(d.path, &o, p, NULL, &s, &e), ST_OK);
		assert_true(col(s, "gone")->absent && !col(s, "v")->absent && s->n_others == 2);
		assert_true(col(s, "v")->finite == ROWS - (ROWS + 16) / 17);
		sketch_free(s);
		data_remove(&d);
	}
	sketch_plan_free(p);
}

static void cancelling(void **state)
{
	(void)state;
	for (int i = 0; i < FORMATS; i++) {
		const struct frame_options o = { .query = formats[i].query, .budget = SMALL };
		struct task *t = task_part_new(NULL);
		struct data_file d;
		struct sketch_plan *p;
		struct sketch *s;
		struct err e;
		make(&formats[i], 0, &d);
		assert_int_equal(sketch_plan_new(d.path, &o, t, &p, &e), ST_OK);
		task_part_stop(t);
		assert_int_equal(sketch_read(d.path, &o, p, t, &s, &e), ST_CANCELLED);
		assert_null(s);
		sketch_plan_free(p);
		task_part_free(t);
		data_remove(&d);
	}
}

/* The files of another writer: several groups, dictionaries, missing values. Every count is that of the table in memory. */
static void parquet_of_another_writer(void **state)
{
	static const char *const names[] = { "plain", "dictionary", "encoded", "pages", "nested", "required" };
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *srcdir = getenv("srcdir");
		char path[4096];
		struct frame *f;
		struct sketch_plan *p;
		struct sketch *s;
		struct err e;
		snprintf(path, sizeof path, "%s/tests/data/parquet/%s.parquet", srcdir ? srcdir : ".", names[i]);
		assert_int_equal(frame_read(path, NULL, NULL, &f, &e), ST_OK);
		assert_int_equal(sketch_plan_new(path, NULL, NULL, &p, &e), ST_OK);
		assert_int_equal(sketch_read(path, NULL, p, NULL, &s, &e), ST_OK);
		assert_true(s->n_cols == f->n_cols && s->n_rows == f->n_rows && s->n_others == 0);
		assert_memory_equal(s->digest, f->digest, 32);
		for (size_t j = 0; j < f->n_cols; j++)
			assert_true(s->cols[j].n == f->cols[j].n && s->cols[j].missing == f->cols[j].missing && s->cols[j].inf == f->cols[j].inf && s->cols[j].integer == f->cols[j].integer);
		sketch_free(s), sketch_plan_free(p), frame_free(f);
	}
}

static void bad_files(void **state)
{
	struct sketch_plan *p = NULL;
	struct data_file d;
	struct err e;
	(void)state;
	data_write(&d, "x.jsonl", "oops\n{\"a\":1}\n", 13);
	assert_int_equal(sketch_plan_new(d.path, NULL, NULL, &p, &e), ST_FAILED);
	assert_non_null(strstr(e.text, "x.jsonl:1: "));
	data_remove(&d);
	data_write(&d, "x.parquet", "PAR1....PAR1", 12);
	assert_int_equal(sketch_plan_new(d.path, NULL, NULL, &p, &e), ST_FAILED);
	data_remove(&d);
	data_write(&d, "x.db", "SQLite format 3\0nothing behind it", 33);
	assert_int_equal(sketch_plan_new(d.path, NULL, NULL, &p, &e), ST_FAILED);
	data_remove(&d);
	assert_null(p);
}

/* Long words, all different: their number is cut to what the budget has room for, and the error says by how much. */
static void words_keep_within_their_room(void **state)
{
	enum { N = 20000 };
	struct sketch_plan *p = mem_zalloc(sizeof *p);
	char word[200];
	(void)state;
	sketch_plan_add(p, "w", FRAME_CATEGORY, NULL, 0, 1 << 20, 1);
	struct sketch *s = sketch_new("x", p);
	for (int i = 0; i < N; i++) {
		const int n = snprintf(word, sizeof word, "%0150d", i % 3 ? i : 0);
		sketch_word_add(&s->cols[0], word, (size_t)n, 1);
	}
	sketch_finish(s);
	const struct sketch_col *c = &s->cols[0];
	assert_true(c->n_words < 1000 && c->word_error > 0);
	assert_true(c->words[0].count <= N / 3 + 1 && c->words[0].count + c->word_error >= N / 3);
	sketch_free(s), sketch_plan_free(p);
}

/* In a child, so that nothing else is counted: what a large file adds to what a small one took keeps within the budget. Sanitizers keep memory of their own. */
static void the_budget_is_kept(void **state)
{
	enum { COLUMNS = 40, LINES = 60000, BUDGET = 16 << 20 };
	struct str s = STR_INIT;
	struct data_file d, tiny;
	struct random dice = { 3 };
	int how;
	(void)state;
	if (SANITIZED)
		skip();
	for (int j = 0; j < COLUMNS; j++)
		str_addf(&s, "c%d%c", j, j + 1 < COLUMNS ? ',' : '\n');
	data_write(&tiny, "x.csv", "c0,c1\n1.5,2\n", 13);
	for (int i = 0; i < LINES; i++)
		for (int j = 0; j < COLUMNS; j++)
			str_addf(&s, "%.7f%c", random_unit(&dice), j + 1 < COLUMNS ? ',' : '\n');
	data_write(&d, "x.csv", s.p, s.len);
	str_free(&s);
	const pid_t child = fork();
	if (!child) {
		const char *const paths[] = { tiny.path, d.path };
		const struct frame_options o = { .budget = BUDGET };
		struct rusage use[2];
		for (int k = 0; k < 2; k++) {
			struct sketch_plan *p;
			struct sketch *x, *y;
			struct err e;
			if (sketch_plan_new(paths[k], &o, NULL, &p, &e) != ST_OK || sketch_read(paths[k], &o, p, NULL, &x, &e) != ST_OK || sketch_read(paths[k], &o, p, NULL, &y, &e) != ST_OK)
				_exit(2);
			getrusage(RUSAGE_SELF, &use[k]);
			sketch_free(x), sketch_free(y), sketch_plan_free(p);
		}
		_exit(use[1].ru_maxrss - use[0].ru_maxrss > BUDGET >> 10);
	}
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
	data_remove(&d), data_remove(&tiny);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exact_values_lie_inside), cmocka_unit_test(columns_and_types_hold), cmocka_unit_test(other_columns_are_named), cmocka_unit_test(cancelling),
		cmocka_unit_test(samples_are_rows_of_the_table), cmocka_unit_test(samples_do_not_depend_on_parts), cmocka_unit_test(samples_keep_within_their_room),
		cmocka_unit_test(parquet_of_another_writer), cmocka_unit_test(bad_files), cmocka_unit_test(words_keep_within_their_room), cmocka_unit_test(the_budget_is_kept),
	};
	return cmocka_run_group_tests(tests, make_rows, NULL);
}

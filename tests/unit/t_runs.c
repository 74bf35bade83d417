/* Snapshots: columns, order, tree, filter, what is reused. Orders are written as the runs' names in display order. */
#include "tests/unit/runs_help.h"

#include "core/base/text.h"
#include "core/runs/runs_impl.h"

static struct runs_snap *build(const struct runs_query *q, const struct runs_snap *prev)
{
	struct runs_snap *sn = NULL;
	OK(runs_snap_build(db, q, prev, &sn, &why));
	return sn;
}

/* "a b(c* d)" : * context, brackets around children. */
static void shape_add(struct str *out, const struct runs_snap *sn, size_t *i, unsigned depth)
{
	bool first = true;
	while (*i < runs_snap_count(sn) && runs_snap_row(sn, *i)->depth == depth) {
		const struct run_row *r = runs_snap_row(sn, *i);
		size_t at = (*i)++;
		str_addf(out, "%s%s%s", first ? "" : " ", r->name, r->flags & RUN_CONTEXT ? "*" : "");
		first = false;
		bool nested = *i < runs_snap_count(sn) && runs_snap_row(sn, *i)->depth > depth;
		assert_int_equal(nested, !!(r->flags & RUN_HAS_CHILDREN));
		if (nested) {
			str_addc(out, '(');
			shape_add(out, sn, i, depth + 1);
			str_addc(out, ')');
		}
		assert_int_equal(r->subtree, *i - at - 1);
	}
}

static void expect_shape(const struct runs_snap *sn, const char *shape)
{
	struct str s = STR_INIT;
	size_t i = 0;
	shape_add(&s, sn, &i, 0);
	assert_int_equal(i, runs_snap_count(sn));
	assert_string_equal(s.p, shape);
	str_free(&s);
	for (size_t k = 0; k < runs_snap_count(sn); k++)
		assert_int_equal(runs_snap_find(sn, runs_snap_row(sn, k)->id), k);
}

static void expect_query(const struct runs_query *q, const char *shape)
{
	struct runs_snap *sn = build(q, NULL);
	expect_shape(sn, shape);
	runs_snap_unref(sn);
}

static void expect_sorted(const char *by, bool desc, const char *shape)
{
	char *key;
	struct run_sort sort = { .desc = desc };
	OK(col_parse(by, &sort.col, &key, &why));
	expect_query(&(struct runs_query){ .sort = &sort, .n_sort = 1 }, shape);
	free(key);
}

static void expect_filtered(const char *filter, const char *shape)
{
	expect_query(&(struct runs_query){ .filter = filter }, shape);
}

static void columns_as_text(void **state)
{
	(void)state;
	static const struct { const char *text; enum col_kind kind; const char *key, *again; } rows[] = {
		{ "name", COL_NAME, NULL, NULL }, { "state", COL_STATE, NULL, NULL }, { "status", COL_STATE, NULL, "state" }, { "took", COL_TOOK, NULL, NULL },
		{ "run_id", COL_ID, NULL, "id" }, { "start_time", COL_START, NULL, "start" },
		{ "metrics.loss", COL_METRIC, "loss", NULL }, { "metrics.loss:last", COL_METRIC, "loss", "metrics.loss" }, { "metrics.loss:min", COL_METRIC_MIN, "loss", NULL },
		{ "metrics.a:b:max", COL_METRIC_MAX, "a:b", NULL }, { "metrics.a:min:last", COL_METRIC, "a:min", NULL }, { "metrics.:min", COL_METRIC, ":min", NULL },
		{ "params.lr", COL_PARAM, "lr", NULL }, { "params.a.b:max", COL_PARAM, "a.b:max", NULL }, { "tags.mlflow.runName", COL_TAG, "mlflow.runName", NULL },
		{ "spark.loss", COL_SPARK, "loss", NULL }, { "metric.x", COL_METRIC, "x", "metrics.x" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct col c;
		char *key;
		struct str text = STR_INIT;
		OK(col_parse(rows[i].text, &c, &key, &why));
		assert_int_equal(c.kind, rows[i].kind);
		if (rows[i].key)
			assert_string_equal(c.key, rows[i].key);
		else
			assert_null(c.key);
		col_format(&text, &c);
		assert_string_equal(text.p, rows[i].again ? rows[i].again : rows[i].text);
		str_free(&text);
		free(key);
	}
	static const char *const bad[] = { "", "nope", "metrics.", "params", "Name", "metrics" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct col c;
		char *key;
		assert_int_equal(col_parse(bad[i], &c, &key, &why), ST_USAGE);
		assert_null(key);
		assert_non_null(strstr(why.text, "metrics.KEY"));
	}
	commit(TOPIC_RUNS);
}

static void bare_keys_resolve(void **state)
{
	(void)state;
	struct col c;
	char *key;
	put_run((struct new_run){ .id = 1 });
	put_metric(1, "loss", 1);
	put_param(1, "loss", "x");
	put_param(1, "lr", "1");
	put_tag(1, "team:min", "x");
	commit(TOPIC_RUNS);
	static const struct { const char *text; enum col_kind kind; const char *key; } rows[] = {
		{ "loss", COL_METRIC, "loss" }, { "loss:max", COL_METRIC_MAX, "loss" }, { "lr", COL_PARAM, "lr" }, { "team:min", COL_TAG, "team:min" }, { "params.loss", COL_PARAM, "loss" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		OK(col_resolve(db, rows[i].text, &c, &key, &why));
		assert_int_equal(c.kind, rows[i].kind);
		assert_string_equal(c.key, rows[i].key);
		free(key);
	}
	assert_int_equal(col_resolve(db, "lr:min", &c, &key, &why), ST_USAGE);
	assert_int_equal(col_resolve(db, "nope", &c, &key, &why), ST_USAGE);
}

/* Newest first, unknown start last, ties by id. */
static void default_order(void **state)
{
	(void)state;
	put_run((struct new_run){ .id = 1, .name = "old", .start = 100 });
	put_run((struct new_run){ .id = 2, .name = "new", .start = 900 });
	put_run((struct new_run){ .id = 3, .name = "unknown", .start = NO_TIME });
	put_run((struct new_run){ .id = 4, .name = "tie4", .start = 500 });
	put_run((struct new_run){ .id = 5, .name = "tie5", .start = 500 });
	put_run((struct new_run){ .id = 6, .name = "before1970", .start = -5 });
	commit(TOPIC_RUNS);
	expect_query(&(struct runs_query){ 0 }, "new tie5 tie4 old before1970 unknown");
	expect_sorted("start", false, "before1970 old tie5 tie4 new unknown");
	expect_sorted("start", true, "new tie5 tie4 old before1970 unknown");
	expect_sorted("age", false, "new tie5 tie4 old before1970 unknown");
	expect_sorted("id", true, "before1970 tie5 tie4 unknown new old");
}

static void numbers_and_missing(void **state)
{
	(void)state;
	static const double values[] = { 0.5, -2, NAN, 10, INFINITY, -INFINITY, -0.0, 0.0 };
	static const char *const names[] = { "half", "minus", "nan", "ten", "inf", "minf", "nzero", "zero" };
	for (int i = 0; i < 8; i++) {
		put_run((struct new_run){ .id = i + 1, .name = names[i], .start = 1000 - i });
		put_metric3(i + 1, "m", values[i], -values[i], 1);
	}
	put_run((struct new_run){ .id = 9, .name = "none", .start = 0 });
	commit(TOPIC_RUNS);
	expect_sorted("metrics.m", false, "minf minus nzero zero half ten inf nan none");
	expect_sorted("metrics.m", true, "inf ten half nzero zero minus minf nan none");
	expect_sorted("spark.m", true, "inf ten half nzero zero minus minf nan none");
	expect_sorted("metrics.m:min", false, "inf ten half nzero zero minus minf nan none");
	expect_sorted("metrics.m:max", false, "half minus nan ten inf minf nzero zero none");    /* all equal: newest first */
	expect_sorted("metrics.unknown", true, "half minus nan ten inf minf nzero zero none");
}

/* Params sort as numbers when all are numbers, else as texts. */
static void params_sort(void **state)
{
	(void)state;
	static const char *const depth[] = { "10", "9", "1e1", "-3", " 2.50 " }, *const opt[] = { "10", "9", "adam", "Adam", "" };
	for (int i = 0; i < 5; i++) {
		char name[2] = { (char)('a' + i), 0 };
		put_run((struct new_run){ .id = i + 1, .name = name, .start = 100 - i });
		put_param(i + 1, "depth", depth[i]);
		put_param(i + 1, "opt", opt[i]);
	}
	put_run((struct new_run){ .id = 6, .name = "x", .start = 1 });
	commit(TOPIC_RUNS);
	expect_sorted("params.depth", false, "d e b a c x");
	expect_sorted("params.depth", true, "a c b e d x");
	expect_sorted("params.opt", false, "e a b d c x");
	expect_sorted("params.opt", true, "c d b a e x");
	struct col cols[] = { { COL_PARAM, "depth" }, { COL_PARAM, "opt" }, { COL_METRIC, "nope" } };
	struct runs_snap *sn = build(&(struct runs_query){ .cols = cols, .n_cols = 3 }, NULL);
	assert_true(runs_snap_col_numeric(sn, 0));
	assert_false(runs_snap_col_numeric(sn, 1));
	struct run_cell c = runs_snap_cell(sn, 4, 0);
	assert_true(c.present && c.is_num && c.num == 2.5);
	assert_string_equal(c.text, " 2.50 ");
	c = runs_snap_cell(sn, 2, 1);
	assert_true(c.present && !c.is_num);
	assert_string_equal(c.text, "adam");
	assert_true(runs_snap_cell(sn, 4, 1).present);           /* an empty param is there */
	assert_false(runs_snap_cell(sn, 5, 0).present);
	assert_false(runs_snap_cell(sn, 0, 2).present);
	runs_snap_unref(sn);
}

static void texts_sort(void **state)
{
	(void)state;
	static const char *const names[] = { "run-00012", "run-00002", "RUN-00012x", "run-000", "Zeta", "alpha", "run-000020000000001", "run-000020000000000" };
	for (int i = 0; i < 8; i++)
		put_run((struct new_run){ .id = i + 1, .name = names[i], .start = 100 - i, .user = i % 3 ? "ann" : "", .source = "s" });
	commit(TOPIC_RUNS);
	expect_sorted("name", false, "alpha run-000 run-00002 run-000020000000000 run-000020000000001 run-00012 RUN-00012x Zeta");
	expect_sorted("name", true, "Zeta RUN-00012x run-00012 run-000020000000001 run-000020000000000 run-00002 run-000 alpha");
	/* an empty user is a missing one; equal ones stay newest first */
	expect_sorted("user", true, "run-00002 RUN-00012x Zeta alpha run-000020000000000 run-00012 run-000 run-000020000000001");
	expect_sorted("source", true, "run-00012 run-00002 RUN-00012x run-000 Zeta alpha run-000020000000001 run-000020000000000");
}

static void several_columns(void **state)
{
	(void)state;
	for (int i = 0; i < 6; i++) {
		char name[2] = { (char)('a' + i), 0 };
		put_run((struct new_run){ .id = i + 1, .name = name, .start = i, .status = i % 2 ? RUN_FAILED : RUN_FINISHED, .end = i == 5 ? NO_TIME : i + 100 * (i / 2) });
		put_metric(i + 1, "m", i / 2);
	}
	commit(TOPIC_RUNS);
	struct run_sort by[] = { { { COL_STATE, NULL }, false }, { { COL_METRIC, "m" }, true } };
	expect_query(&(struct runs_query){ .sort = by, .n_sort = 2 }, "e c a f d b");
	by[0] = (struct run_sort){ { COL_METRIC, "m" }, true };
	by[1] = (struct run_sort){ { COL_NAME, NULL }, false };
	expect_query(&(struct runs_query){ .sort = by, .n_sort = 2 }, "e f c d a b");
	expect_sorted("took", true, "e d c b a f");
	expect_sorted("state", true, "f d b e c a");
	expect_sorted("end", false, "a b c d e f");
}

static void attribute_cells(void **state)
{
	(void)state;
	put_experiment(2, "two", false);
	put_run((struct new_run){ .id = 1, .experiment = 2, .name = "live", .user = "ann", .source = "t.py", .start = NOW - 5000, .end = NO_TIME, .status = RUN_RUNNING });
	put_run((struct new_run){ .id = 2, .start = NO_TIME, .end = 7, .status = RUN_KILLED });
	put_metric3(1, "m", 1, -1, 3);
	put_metric3(2, "m", NAN, NAN, NAN);
	commit(TOPIC_RUNS);
	static const enum col_kind kinds[] = { COL_NAME, COL_STATE, COL_USER, COL_SOURCE, COL_EXPERIMENT, COL_ID };
	static const char *const first[] = { "live", "RUNNING", "ann", "t.py", "two", "u1" }, *const second[] = { NULL, "KILLED", NULL, NULL, "one", "u2" };
	struct col cols[16];
	for (size_t i = 0; i < 6; i++)
		cols[i] = (struct col){ kinds[i], NULL };
	static const enum col_kind numbers[] = { COL_AGE, COL_TOOK, COL_START, COL_END };
	for (size_t i = 0; i < 4; i++)
		cols[6 + i] = (struct col){ numbers[i], NULL };
	cols[10] = (struct col){ COL_METRIC, "m" };
	cols[11] = (struct col){ COL_METRIC_MIN, "m" };
	cols[12] = (struct col){ COL_METRIC_MAX, "m" };
	cols[13] = (struct col){ COL_SPARK, "m" };
	struct runs_snap *sn = build(&(struct runs_query){ .cols = cols, .n_cols = 14 }, NULL);
	for (size_t i = 0; i < 6; i++) {
		assert_string_equal(runs_snap_cell(sn, 0, i).text, first[i]);
		assert_int_equal(runs_snap_cell(sn, 1, i).present, second[i] != NULL);
		assert_false(runs_snap_col_numeric(sn, i));
		if (second[i])
			assert_string_equal(runs_snap_cell(sn, 1, i).text, second[i]);
	}
	static const double ms[] = { 5000, 5000, NOW - 5000, 0, 1, -1, 3 };
	for (size_t i = 0; i < 7; i++) {
		struct run_cell c = runs_snap_cell(sn, 0, 6 + i);
		assert_int_equal(c.present, i != 3);             /* no end yet */
		assert_true(!c.present || (c.is_num && c.num == ms[i]));
		assert_true(runs_snap_col_numeric(sn, 6 + i));
	}
	assert_false(runs_snap_cell(sn, 1, 6).present);          /* started nobody knows when */
	assert_false(runs_snap_cell(sn, 1, 7).present);
	assert_true(runs_snap_cell(sn, 1, 9).num == 7);
	assert_true(runs_snap_cell(sn, 1, 10).present && isnan(runs_snap_cell(sn, 1, 10).num));
	assert_false(runs_snap_cell(sn, 0, 13).present);         /* sparklines are loaded apart */
	runs_snap_unref(sn);
}

/* Escapes, bidi, broken UTF-8 and huge values come out clean and cut between characters. */
static void awkward_texts(void **state)
{
	(void)state;
	static char huge[3 << 20];
	memset(huge, 'x', sizeof huge);
	for (size_t i = 253; i + 2 < 600; i += 2)
		memcpy(huge + i, "\xc3\xa9", 2);
	put_run((struct new_run){ .id = 1, .name = "\x1b[31mred\xff\xe2\x80\xae" });
	put_text(2, 1, "t", huge, sizeof huge);
	put_text(1, 1, "p", "a\0b", 3);
	commit(TOPIC_RUNS);
	struct col cols[] = { { COL_NAME, NULL }, { COL_TAG, "t" }, { COL_PARAM, "p" } };
	struct runs_snap *sn = build(&(struct runs_query){ .cols = cols, .n_cols = 3 }, NULL);
	for (size_t c = 0; c < 3; c++) {
		const char *text = runs_snap_cell(sn, 0, c).text;
		assert_true(text_is_clean(text, strlen(text), 0));
		assert_true(strlen(text) <= CELL_MAX);
	}
	assert_int_equal(strlen(runs_snap_cell(sn, 0, 1).text), 255);      /* 253 + one é; half of the next would be 256 */
	assert_non_null(strstr(runs_snap_cell(sn, 0, 0).text, "red"));
	runs_snap_unref(sn);
}

static void put_family(void)
{
	/* p(c1 c2(g)) q r; start times make p older than its children, q newest */
	put_run((struct new_run){ .id = 1, .name = "p", .start = 10 });
	put_run((struct new_run){ .id = 2, .name = "c1", .parent = "u1", .start = 20 });
	put_run((struct new_run){ .id = 3, .name = "c2", .parent = "u1", .start = 30 });
	put_run((struct new_run){ .id = 4, .name = "g", .parent = "u3", .start = 40 });
	put_run((struct new_run){ .id = 5, .name = "q", .start = 50 });
	put_run((struct new_run){ .id = 6, .name = "r", .start = 5 });
	static const double m[] = { 3, 9, 1, 2, NAN, 5 };
	for (int i = 0; i < 6; i++)
		put_metric(i + 1, "m", m[i]);
}

static void tree(void **state)
{
	(void)state;
	put_family();
	commit(TOPIC_RUNS);
	struct run_sort by = { { COL_METRIC, "m" }, false };
	expect_query(&(struct runs_query){ .tree = true }, "q p(c2(g) c1) r");
	expect_query(&(struct runs_query){ .tree = true, .sort = &by, .n_sort = 1 }, "p(c2(g) c1) r q");
	by.desc = true;
	expect_query(&(struct runs_query){ .tree = true, .sort = &by, .n_sort = 1 }, "r p(c1 c2(g)) q");
	/* a match brings its ancestors; they are context and do not count */
	struct runs_snap *sn = build(&(struct runs_query){ .tree = true, .filter = "name=g" }, NULL);
	expect_shape(sn, "p*(c2*(g))");
	assert_int_equal(runs_snap_matched(sn), 1);
	assert_int_equal(runs_snap_total(sn), 6);
	assert_int_equal(runs_snap_find(sn, 5), -1);
	assert_int_equal(runs_snap_find(sn, 99), -1);
	runs_snap_unref(sn);
	expect_query(&(struct runs_query){ .tree = true, .filter = "m < 3", .sort = &by, .n_sort = 1 }, "p*(c2(g))");
	expect_query(&(struct runs_query){ .tree = true, .filter = "name=p" }, "p");
	expect_query(&(struct runs_query){ .tree = true, .filter = "name=zzz" }, "");
	expect_query(&(struct runs_query){ .filter = "m < 3" }, "g c2");
}

/* Parents that are elsewhere, deleted, missing, or one's own descendants. */
static void odd_parents(void **state)
{
	(void)state;
	put_experiment(2, "two", false);
	put_run((struct new_run){ .id = 1, .name = "far", .experiment = 2, .start = 1 });
	put_run((struct new_run){ .id = 2, .name = "elsewhere", .parent = "u1", .start = 90 });
	put_run((struct new_run){ .id = 3, .name = "missing", .parent = "nobody", .start = 80 });
	put_run((struct new_run){ .id = 4, .name = "self", .parent = "u4", .start = 70 });
	put_run((struct new_run){ .id = 5, .name = "a", .parent = "u7", .start = 60 });
	put_run((struct new_run){ .id = 6, .name = "b", .parent = "u5", .start = 50 });
	put_run((struct new_run){ .id = 7, .name = "c", .parent = "u6", .start = 40 });
	put_run((struct new_run){ .id = 8, .name = "tail", .parent = "u6", .start = 30 });
	put_run((struct new_run){ .id = 9, .name = "gone", .start = 20, .deleted = true });
	put_run((struct new_run){ .id = 10, .name = "orphan", .parent = "u9", .start = 10 });
	commit(TOPIC_RUNS);
	/* the ring a -> c -> b -> a is opened at c, its oldest */
	expect_query(&(struct runs_query){ .tree = true }, "elsewhere missing self c(a(b(tail))) orphan far");
	expect_query(&(struct runs_query){ .tree = true, .deleted = true }, "elsewhere missing self c(a(b(tail))) gone(orphan) far");
	expect_query(&(struct runs_query){ .tree = true, .filter = "tail" }, "c*(a*(b*(tail)))");
}

static void deep_tree(void **state)
{
	(void)state;
	enum { DEPTH = 70000 };
	for (int i = 0; i < DEPTH; i++) {
		char parent[16];
		snprintf(parent, sizeof parent, "u%d", i);
		put_run((struct new_run){ .id = i + 1, .start = i, .parent = i ? parent : NULL });
	}
	commit(TOPIC_RUNS);
	struct runs_snap *sn = build(&(struct runs_query){ .tree = true }, NULL);
	assert_int_equal(runs_snap_count(sn), DEPTH);
	assert_int_equal(runs_snap_row(sn, 0)->subtree, DEPTH - 1);
	assert_int_equal(runs_snap_row(sn, 1000)->depth, 1000);
	assert_int_equal(runs_snap_row(sn, DEPTH - 1)->depth, UINT16_MAX);
	assert_int_equal(runs_snap_row(sn, DEPTH - 1)->subtree, 0);
	runs_snap_unref(sn);
}

static void experiments_chosen(void **state)
{
	(void)state;
	put_experiment(2, "two", false);
	put_experiment(3, "buried", true);
	put_run((struct new_run){ .id = 1, .name = "a", .start = 4 });
	put_run((struct new_run){ .id = 2, .name = "b", .experiment = 2, .start = 3 });
	put_run((struct new_run){ .id = 3, .name = "c", .experiment = 3, .start = 2 });
	put_run((struct new_run){ .id = 4, .name = "d", .deleted = true, .start = 1 });
	commit(TOPIC_RUNS);
	static const int64_t one[] = { 1 }, both[] = { 2, 1 }, buried[] = { 3 }, twice[] = { 1, 1 }, nobody[] = { 77 };
	expect_query(&(struct runs_query){ 0 }, "a b");
	expect_query(&(struct runs_query){ .deleted = true }, "a b c d");
	expect_query(&(struct runs_query){ .experiments = one, .n_experiments = 1 }, "a");
	expect_query(&(struct runs_query){ .experiments = one, .n_experiments = 1, .deleted = true }, "a d");
	expect_query(&(struct runs_query){ .experiments = both, .n_experiments = 2 }, "a b");
	expect_query(&(struct runs_query){ .experiments = buried, .n_experiments = 1 }, "c");
	expect_query(&(struct runs_query){ .experiments = twice, .n_experiments = 2 }, "a");
	expect_query(&(struct runs_query){ .experiments = nobody, .n_experiments = 1 }, "");
	struct runs_snap *sn = build(&(struct runs_query){ .experiments = nobody, .n_experiments = 1, .filter = "word metrics.x>1", .tree = true }, NULL);
	assert_int_equal(runs_snap_count(sn) + runs_snap_matched(sn) + runs_snap_total(sn), 0);
	runs_snap_unref(sn);
}

static void filters(void **state)
{
	(void)state;
	put_experiment(2, "churn", false);
	put_run((struct new_run){ .id = 1, .name = "alpha", .user = "ann", .source = "train.py", .start = NOW - 3600000, .end = NOW - 3000000, .status = RUN_FAILED });
	put_run((struct new_run){ .id = 2, .name = "beta", .user = "bob", .start = NOW - 7200000, .end = NO_TIME, .status = RUN_RUNNING, .experiment = 2 });
	put_run((struct new_run){ .id = 3, .name = "gamma", .start = NO_TIME, .end = NO_TIME });
	put_metric3(1, "x", 1, 0.1, 5);
	put_metric(2, "x", NAN);
	put_param(2, "x", "7");          /* behind the metric of the same name */
	put_param(3, "x", "9");
	put_param(3, "depth", "None");
	put_param(1, "depth", "8");
	put_tag(1, "team", "search");
	put_tag(2, "team", "ads");
	put_tag(2, "mlflow.note.content", "Caf\xc3\xa9 run, needs \x1b[1m work");
	commit(TOPIC_RUNS);
	static const struct { const char *filter, *shape; } rows[] = {
		{ "", "alpha beta gamma" }, { "a", "alpha beta gamma" }, { "alp", "alpha" }, { "SEARCH", "alpha" }, { "caf\xc3\x89 work", "beta" }, { "-caf", "alpha gamma" }, { "u3", "gamma" },
		{ "train.py", "alpha" }, { "user=bob", "beta" }, { "user!=bob", "alpha gamma" }, { "experiment:churn", "beta" }, { "state=r", "beta" }, { "state=failed", "alpha" },
		{ "age < 90m", "alpha" }, { "age >= 2h", "beta" }, { "took = 10m", "alpha" }, { "took > 1h", "beta" }, { "-took > 1h", "alpha gamma" },
		{ "x > 0", "alpha gamma" }, { "x = 9", "gamma" }, { "x = 7", "" }, { "x = nan", "beta" }, { "metrics.x > 0", "alpha" }, { "params.x > 8", "gamma" }, { "x:max > 4", "alpha" },
		{ "metrics.x:min < 0.5", "alpha" }, { "depth > 6", "alpha" }, { "depth = None", "gamma" }, { "depth : n", "gamma" }, { "tags.team ~ ^(ads|search)$", "alpha beta" },
		{ "team !~ ads", "alpha" }, { "NOT team=ads", "alpha gamma" }, { "name ~ ^A", "alpha" }, { "id = u2", "beta" }, { "x > 0 alpha", "alpha" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct runs_snap *sn = build(&(struct runs_query){ .filter = rows[i].filter }, NULL);
		if (*runs_snap_filter_note(sn))
			fail_msg("\"%s\": %s", rows[i].filter, runs_snap_filter_note(sn));
		runs_snap_unref(sn);
		expect_filtered(rows[i].filter, rows[i].shape);
	}
}

static void filter_notes(void **state)
{
	(void)state;
	put_run((struct new_run){ .id = 1, .name = "a" });
	put_metric(1, "loss", 1);
	commit(TOPIC_RUNS);
	static const struct { const char *filter, *said; size_t rows; } rows[] = {
		{ "metrics.los < 1", "no run here has the metric \"los\"", 0 }, { "params.loss = 1", "no run here has the param \"loss\"", 0 }, { "tags.x:y", "no run here has the tag \"x\"", 0 },
		{ "lr > 1 loss < \x1b", "no run here has the metric, param or tag \"lr\"", 0 }, { "loss >", "loss needs a value", 1 }, { "loss > zz=1 nope:1", "\"nope\"", 0 },
		{ "name ~ ^(a+)+$", "", 1 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct runs_snap *sn = build(&(struct runs_query){ .filter = rows[i].filter }, NULL);
		if (!strstr(runs_snap_filter_note(sn), rows[i].said) || (!*rows[i].said && *runs_snap_filter_note(sn)))
			fail_msg("\"%s\" says: %s", rows[i].filter, runs_snap_filter_note(sn));
		assert_true(text_is_clean(runs_snap_filter_note(sn), strlen(runs_snap_filter_note(sn)), 0));
		assert_int_equal(runs_snap_count(sn), rows[i].rows);
		runs_snap_unref(sn);
	}
}

/* The first frame: the newest runs, complete in themselves. */
static void first_rows(void **state)
{
	(void)state;
	put_experiment(2, "two", false);
	put_run((struct new_run){ .id = 500, .name = "sweep", .start = 1 });
	for (int i = 1; i <= 100; i++) {
		char name[16];
		snprintf(name, sizeof name, "r%d", i);
		put_run((struct new_run){ .id = i, .name = name, .experiment = 1 + i % 2, .start = 1000 + i, .parent = i == 100 || i == 99 ? "u500" : NULL, .deleted = i == 97 });
		put_metric(i, "m", i);
	}
	commit(TOPIC_RUNS);
	struct col col = { COL_METRIC, "m" };
	struct runs_snap *sn = build(&(struct runs_query){ .first = 5, .cols = &col, .n_cols = 1 }, NULL);
	assert_true(runs_snap_partial(sn));
	assert_int_equal(runs_snap_total(sn), 100);
	expect_shape(sn, "r100 r99 r98 r96 r95");
	assert_true(runs_snap_cell(sn, 0, 0).num == 100);
	/* complete next time, columns in the right rows */
	struct runs_snap *all = build(&(struct runs_query){ .cols = &col, .n_cols = 1 }, sn);
	assert_false(runs_snap_partial(all));
	assert_int_equal(runs_snap_count(all), 100);
	for (size_t i = 0; i < 99; i++)
		assert_true(runs_snap_cell(all, i, 0).num == (double)runs_snap_row(all, i)->id);
	runs_snap_unref(sn);
	/* r99 is in the other experiment than the sweep: a root */
	sn = build(&(struct runs_query){ .first = 3, .tree = true }, NULL);
	expect_shape(sn, "r99 r98 sweep(r100)");
	runs_snap_unref(sn);
	sn = build(&(struct runs_query){ .first = 200 }, NULL);
	assert_false(runs_snap_partial(sn));
	assert_int_equal(runs_snap_count(sn), 100);
	runs_snap_unref(sn);
	/* a whole snapshot that is still true is better than a partial one */
	sn = build(&(struct runs_query){ .first = 5 }, all);
	assert_false(runs_snap_partial(sn));
	runs_snap_unref(sn);
	runs_snap_unref(all);
}

static void parts_are_reused(void **state)
{
	(void)state;
	put_run((struct new_run){ .id = 1, .name = "a", .start = 1 });
	put_run((struct new_run){ .id = 2, .name = "b", .start = 2 });
	put_metric(1, "m", 1);
	put_metric(2, "m", 2);
	put_param(1, "p", "x");
	commit(TOPIC_RUNS | TOPIC_METRICS);
	struct col cols[] = { { COL_METRIC, "m" }, { COL_PARAM, "p" } };
	struct runs_query q = { .cols = cols, .n_cols = 2, .filter = "a" };
	struct runs_snap *one = build(&q, NULL);
	/* nothing changed: everything is taken over, whatever filter and order say */
	struct run_sort by = { { COL_METRIC, "m" }, true };
	q.filter = "b m > 0";
	q.sort = &by;
	q.n_sort = 1;
	struct runs_snap *two = build(&q, one);
	assert_ptr_equal(two->base, one->base);
	assert_non_null(two->base->words);
	assert_ptr_equal(two->col_data[0], one->col_data[0]);
	assert_ptr_equal(two->col_data[1], one->col_data[1]);
	expect_shape(two, "b");
	/* a metric changed: metrics are read again, the rest is not */
	change();
	OK(store_exec(db, "UPDATE metric SET last = 7 WHERE run_id = 1", &why));
	commit(TOPIC_METRICS);
	q.filter = NULL;
	struct runs_snap *three = build(&q, two);
	assert_ptr_equal(three->base, two->base);
	assert_ptr_not_equal(three->col_data[0], two->col_data[0]);
	assert_ptr_equal(three->col_data[1], two->col_data[1]);
	expect_shape(three, "a b");
	assert_true(runs_snap_cell(three, 0, 0).num == 7);
	/* the old one is what it was */
	assert_true(runs_snap_cell(one, 0, 0).num == 1);
	runs_snap_unref(two);
	/* words can be read ahead */
	struct runs_snap *ahead = build(&(struct runs_query){ .cols = cols, .n_cols = 2 }, NULL);
	struct runs_snap *late = build(&(struct runs_query){ .cols = cols, .n_cols = 2 }, NULL);
	assert_null(ahead->base->words);
	OK(runs_snap_words(db, ahead, &why));
	const struct runs_words *read = ahead->base->words;
	assert_non_null(read);
	struct runs_snap *found = build(&(struct runs_query){ .filter = "b" }, ahead);
	assert_ptr_equal(found->base->words, read);
	expect_shape(found, "b");
	runs_snap_unref(found);
	runs_snap_unref(ahead);
	/* a run came: everything is read again */
	change();
	put_run((struct new_run){ .id = 3, .name = "c", .start = 3 });
	commit(TOPIC_RUNS);
	OK(runs_snap_words(db, late, &why));
	assert_null(late->base->words);              /* of runs that are no more what they were */
	runs_snap_unref(late);
	struct runs_snap *four = build(&q, three);
	assert_ptr_not_equal(four->base, three->base);
	assert_int_equal(runs_snap_count(four), 3);
	/* something else changed: nothing is read again; other experiments are others */
	change();
	commit(TOPIC_MODELS);
	struct runs_snap *five = build(&q, four);
	assert_ptr_equal(five->base, four->base);
	assert_ptr_equal(five->col_data[0], four->col_data[0]);
	static const int64_t only[] = { 1 };
	q.experiments = only;
	q.n_experiments = 1;
	struct runs_snap *six = build(&q, five);
	assert_ptr_not_equal(six->base, five->base);
	struct runs_snap *held = runs_snap_ref(six);
	runs_snap_unref(six);
	expect_shape(held, "a b c");
	runs_snap_unref(held);
	runs_snap_unref(five);
	runs_snap_unref(four);
	runs_snap_unref(three);
	expect_shape(one, "a");
	runs_snap_unref(one);
}

/* Runs of the base that lie far apart in the table are looked up one by one; both ways must agree. */
static void sparse_runs(void **state)
{
	(void)state;
	put_experiment(2, "two", false);
	for (int i = 1; i <= 400; i++) {
		put_run((struct new_run){ .id = i, .experiment = i % 40 ? 1 : 2, .start = i });
		put_metric(i, "m", i);
		put_param(i, "p", i % 80 ? "odd" : "even");
	}
	commit(TOPIC_RUNS);
	static const int64_t two[] = { 2 };
	struct col cols[] = { { COL_METRIC, "m" }, { COL_PARAM, "p" } };
	struct runs_snap *sn = build(&(struct runs_query){ .experiments = two, .n_experiments = 1, .cols = cols, .n_cols = 2 }, NULL);
	assert_int_equal(runs_snap_count(sn), 10);
	for (size_t i = 0; i < 10; i++) {
		assert_true(runs_snap_cell(sn, i, 0).num == (double)runs_snap_row(sn, i)->id);
		assert_string_equal(runs_snap_cell(sn, i, 1).text, runs_snap_row(sn, i)->id % 80 ? "odd" : "even");
	}
	runs_snap_unref(sn);
}

/* Radix keys and ranks against the comparison they stand for. */
static void ranks_follow_the_comparison(void **state)
{
	(void)state;
	enum { N = 500 };
	static char texts[N][24];
	const char *at[N];
	uint64_t rank[N];
	uint32_t seed = 1;
	for (int i = 0; i < N; i++) {
		size_t n = 0, prefix = i % 3 ? 6 : 0;
		memcpy(texts[i], "Common", prefix);
		for (n = prefix; n < prefix + i % 14; n++) {
			seed = seed * 1664525u + 1013904223u;
			texts[i][n] = "abAB0\xc3"[seed >> 16 & 3 ? seed >> 20 & 3 : seed >> 24 & 5];
		}
		at[i] = texts[i];
	}
	runs_text_ranks(at, N, rank);
	for (int i = 0; i < N; i++)
		for (int k = 0; k < N; k++) {
			int order = runs_text_order(at[i], strlen(at[i]), at[k], strlen(at[k]));
			assert_int_equal(order < 0, rank[i] < rank[k]);
			assert_int_equal(order == 0, rank[i] == rank[k]);
		}
	commit(TOPIC_RUNS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(columns_as_text), TEST(bare_keys_resolve), TEST(default_order), TEST(numbers_and_missing), TEST(params_sort), TEST(texts_sort), TEST(several_columns),
		TEST(attribute_cells), TEST(awkward_texts), TEST(tree), TEST(odd_parents), TEST(deep_tree), TEST(experiments_chosen), TEST(filters), TEST(filter_notes),
		TEST(first_rows), TEST(parts_are_reused), TEST(sparse_runs), TEST(ranks_follow_the_comparison),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The shell commands of runs, as scripts see them: JSON that is read back, tables in a pipe, refusals. */
#include <pthread.h>
#include <signal.h>

#include "core/base/fs.h"
#include "core/runs/verbs.h"
#include "tests/unit/verbs_help.h"

#define RUN(json, name, ...) run_verb(runs_verbs, runs_n_verbs, json, name, (const char *const[]){ __VA_ARGS__, NULL })
#define RUN0(json, name) run_verb(runs_verbs, runs_n_verbs, json, name, (const char *const[]){ NULL })

static const char *text_at(const json_t *j, const char *key)
{
	return json_string_value(json_object_get(j, key));
}

static int64_t int_at(const json_t *j, const char *key)
{
	const json_t *v = json_object_get(j, key);
	assert_true(json_is_integer(v));
	return json_integer_value(v);
}

static int make_workspace(void **state)
{
	if (help_folder_make(state))
		return -1;
	verbs_ready();
	return 0;
}

static int forget_workspace(void **state)
{
	verbs_done();
	return help_folder_remove(state);
}

static void fill(void)
{
	put_experiment(1, "churn", false);
	put_experiment(2, "wine\x1b", false);
	put_experiment(3, "old", true);
	put_run((struct new_run){ .id = 1, .uuid = "aaaa1111", .name = "one", .user = "ann", .source = "t.py", .start = 1000, .end = 3500 });
	put_run((struct new_run){ .id = 2, .uuid = "bbbb2222", .name = "two\nlines", .start = 2000, .end = NO_TIME, .status = RUN_RUNNING });
	put_run((struct new_run){ .id = 3, .uuid = "cccc3333", .name = "three", .experiment = 2, .start = 3000, .end = 3000, .parent = "aaaa1111" });
	put_run((struct new_run){ .id = 4, .uuid = "dddd4444", .name = "gone", .start = 4000, .end = 4000, .deleted = true });
	struct point p[] = { { 0, 10, 0.5 }, { 1, 20, 0.1 + 0.2 }, { 1, 21, NAN }, { 2, 30, INFINITY }, { -3, 5, -INFINITY } };
	put_series(1, "loss", p, 5);
	put_metric(2, "loss", NAN);
	put_metric(3, "loss", 1e-300);
	put_param(1, "lr", "0.030");
	put_param(2, "lr", "0.1");
	put_text(1, 1, "odd", "tab\there\nand \xff there", 20);
	put_tag(1, "mlflow.note.content", "# caf\xc3\xa9");
	commit(TOPIC_RUNS | TOPIC_METRICS);
}

static void rows_are_complete(void **state)
{
	(void)state;
	commit(TOPIC_RUNS);
	for (size_t i = 0; i < runs_n_verbs; i++) {
		const struct verb *v = &runs_verbs[i];
		assert_true(v->name && v->args && v->help && *v->help && v->run);
		assert_true(v->help[strlen(v->help) - 1] != '.');
		for (size_t k = 0; k < v->n_opts; k++)
			assert_true(v->opts[k].help && (v->opts[k].type == OPT_FLAG) == !v->opts[k].arg);
	}
}

static void experiments_json(void **state)
{
	(void)state;
	fill();
	OK(RUN0(true, "experiments list"));
	json_t *j = document(), *list = json_object_get(j, "experiments"), *x = json_array_get(list, 0);
	assert_int_equal(int_at(j, "total"), 3);
	assert_int_equal(json_array_size(list), 3);
	assert_string_equal(text_at(x, "name"), "churn");
	assert_string_equal(text_at(x, "experiment_id"), "1");
	assert_string_equal(text_at(x, "lifecycle_stage"), "active");
	assert_true(int_at(x, "runs") == 2 && int_at(x, "running") == 1 && int_at(x, "deleted_runs") == 1 && int_at(x, "creation_time_ms") == 1000);
	assert_true(json_is_null(json_object_get(x, "last_update_time_ms")));
	assert_string_equal(text_at(json_array_get(list, 1), "name"), "wine\x1b");          /* programs get what is stored */
	assert_string_equal(text_at(json_array_get(list, 2), "lifecycle_stage"), "deleted");
	json_decref(j);
	OK(RUN0(false, "experiments list"));
	assert_non_null(strstr(printed, "1\tchurn\t2\t1\t1\tactive\t1970-01-01T00:00:01.000Z\n"));
	assert_null(strchr(printed, '\x1b'));
}

static void runs_json(void **state)
{
	(void)state;
	fill();
	OK(RUN0(true, "runs list"));
	json_t *j = document(), *list = json_object_get(j, "runs");
	assert_int_equal(int_at(j, "total"), 3);
	static const char *const order[] = { "cccc3333", "bbbb2222", "aaaa1111" };
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(text_at(json_array_get(list, i), "run_id"), order[i]);
	json_t *one = json_array_get(list, 2), *two = json_array_get(list, 1), *three = json_array_get(list, 0);
	assert_string_equal(text_at(one, "run_name"), "one");
	assert_string_equal(text_at(one, "experiment"), "churn");
	assert_string_equal(text_at(one, "status"), "FINISHED");
	assert_true(int_at(one, "start_time_ms") == 1000 && int_at(one, "end_time_ms") == 3500);
	assert_string_equal(text_at(json_object_get(one, "params"), "lr"), "0.030");
	assert_string_equal(text_at(json_object_get(one, "params"), "odd"), "tab\there\nand \xef\xbf\xbd there");
	assert_string_equal(text_at(json_object_get(one, "tags"), "mlflow.note.content"), "# caf\xc3\xa9");
	assert_string_equal(text_at(json_object_get(one, "metrics"), "loss"), "Infinity");      /* the greatest step */
	assert_string_equal(text_at(two, "run_name"), "two\nlines");
	assert_string_equal(text_at(two, "status"), "RUNNING");
	assert_true(json_is_null(json_object_get(two, "end_time_ms")));
	assert_string_equal(text_at(json_object_get(two, "metrics"), "loss"), "NaN");
	assert_int_equal(json_object_size(json_object_get(two, "tags")), 0);
	assert_true(json_real_value(json_object_get(json_object_get(three, "metrics"), "loss")) == 1e-300);
	assert_string_equal(text_at(three, "parent_run_id"), "aaaa1111");
	json_decref(j);
}

static void expect_ids(const char *ids, int64_t total)
{
	json_t *j = document(), *r;
	struct str got = STR_INIT;
	size_t i;
	json_array_foreach(json_object_get(j, "runs"), i, r)
		str_addf(&got, "%s%.1s", i ? " " : "", text_at(r, "run_id"));
	assert_string_equal(got.p, ids);
	assert_int_equal(int_at(j, "total"), total);
	str_free(&got);
	json_decref(j);
}

static void runs_options(void **state)
{
	(void)state;
	fill();
	OK(RUN(true, "runs list", "--limit", "1"));
	expect_ids("c", 3);
	OK(RUN(true, "runs list", "--limit=0"));
	expect_ids("", 3);
	OK(RUN(true, "runs list", "--experiment", "churn"));
	expect_ids("b a", 2);
	OK(RUN(true, "runs list", "--experiment", "2"));
	expect_ids("c", 1);
	OK(RUN(true, "runs list", "--deleted"));
	expect_ids("d c b a", 4);
	OK(RUN(true, "runs list", "--filter", "params.lr > 0.01"));
	expect_ids("b a", 2);
	OK(RUN(true, "runs list", "--sort", "loss"));
	expect_ids("c a b", 3);
	OK(RUN(true, "runs list", "--sort", "metrics.loss:desc"));
	expect_ids("a c b", 3);
	OK(RUN(true, "runs list", "--sort", "state,name:desc"));
	expect_ids("b c a", 3);
	OK(RUN(true, "runs list", "--sort", "loss:min:desc"));
	expect_ids("a c b", 3);
	OK(RUN(false, "runs list", "--sort", "metrics.loss:foo"));
	assert_string_equal(told, "note: no run has the metric \"loss:foo\"\n");
	OK(RUN(false, "runs list", "--sort", "metrics.loss:desc", "--columns", "name,params.lr,params.loss"));
	assert_string_equal(told, "note: no run has the param \"loss\"\n");
	OK(RUN(true, "runs list", "--columns", "name,lr,metrics.nope", "--filter", "one"));
	json_t *j = document(), *r = json_array_get(json_object_get(j, "runs"), 0);
	assert_int_equal(json_object_size(json_object_get(r, "params")), 1);
	assert_int_equal(json_object_size(json_object_get(r, "metrics")), 0);
	assert_int_equal(json_object_size(json_object_get(r, "tags")), 0);
	json_decref(j);
	/* what a pane forgives while typing is an error here; an unknown key is said */
	assert_int_equal(RUN(true, "runs list", "--filter", "loss >"), ST_USAGE);
	assert_non_null(strstr(why.text, "filter: loss needs a value"));
	assert_int_equal(printed_n, 0);
	assert_int_equal(RUN(true, "runs list", "--filter", "loss > \"abc\" one"), ST_USAGE);
	assert_string_equal(why.text, "filter: loss > \"abc\": a metric needs a number; a text is params.loss or tags.loss");
	assert_int_equal(printed_n, 0);
	OK(RUN(true, "runs list", "--filter", "loss <= \"0.5\""));
	expect_ids("c", 1);
	OK(RUN(true, "runs list", "--filter", "params.loss > \"abc\""));
	expect_ids("", 0);
	OK(RUN(true, "runs list", "--filter", "metrics.los > 1"));
	expect_ids("", 0);
	assert_non_null(strstr(told, "no run here has the metric \"los\""));
	assert_int_equal(RUN(true, "runs list", "--experiment", "nope\x1b"), ST_NOT_FOUND);
	assert_null(strchr(why.text, '\x1b'));
	assert_int_equal(RUN(true, "runs list", "--columns", "nope"), ST_USAGE);
	assert_int_equal(RUN(true, "runs list", "--sort", "nope:desc"), ST_USAGE);
	assert_int_equal(RUN(true, "runs list", "--limit", "-1"), ST_USAGE);
	assert_int_equal(RUN(true, "runs list", "--limit", "x"), ST_USAGE);
}

/* In a pipe: a header, a line per run, tabs between, every digit. */
static void runs_table(void **state)
{
	(void)state;
	fill();
	OK(RUN(false, "runs list", "--columns", "id,name,state,start,took,loss:max,loss,params.lr,odd,user"));
	const char *const lines[] = {
		"id\tname\tstate\tstart\ttook\tmetrics.loss:max\tmetrics.loss\tparams.lr\tparams.odd\tuser\n",
		"cccc3333\tthree\tFINISHED\t1970-01-01T00:00:03.000Z\t0\t1e-300\t1e-300\t\t\t\n",
		"\naaaa1111\tone\tFINISHED\t1970-01-01T00:00:01.000Z\t2.5\t0.5\tInfinity\t0.030\ttab here and \xef\xbf\xbd there\tann\n",
	};
	for (size_t i = 0; i < 3; i++)
		if (!strstr(printed, lines[i]))
			fail_msg("no \"%s\" in\n%s", lines[i], printed);
	size_t n = 0;
	for (const char *p = printed; (p = strchr(p, '\n')); p++)
		n++;
	assert_int_equal(n, 4);                  /* a name with a newline is one line */
	OK(RUN0(false, "runs list"));
	assert_ptr_equal(strstr(printed, "id\tname\texperiment\tstate\tuser\tstart\ttook\tmetrics.loss\tparams.lr\tparams.odd\n"), printed);
}

static void show(void **state)
{
	(void)state;
	fill();
	OK(RUN(true, "runs show", "aaaa"));
	json_t *j = document(), *m = json_object_get(json_object_get(j, "metric_summaries"), "loss");
	assert_string_equal(text_at(j, "run_id"), "aaaa1111");
	assert_string_equal(text_at(j, "note"), "# caf\xc3\xa9");
	assert_string_equal(text_at(m, "last"), "Infinity");
	assert_true(json_real_value(json_object_get(m, "min")) == 0.1 + 0.2 && int_at(m, "min_step") == 1);
	assert_true(json_real_value(json_object_get(m, "max")) == 0.5 && int_at(m, "max_step") == 0);
	assert_true(int_at(m, "points") == 5 && int_at(m, "nan") == 1 && int_at(m, "step") == 2 && int_at(m, "timestamp_ms") == 30);
	assert_int_equal(json_array_size(json_object_get(j, "datasets")) + json_array_size(json_object_get(j, "models")), 0);
	json_decref(j);
	OK(RUN(true, "runs show", "two\nlines"));
	j = document();
	m = json_object_get(json_object_get(j, "metric_summaries"), "loss");
	assert_string_equal(text_at(m, "last"), "NaN");
	assert_true(json_is_null(json_object_get(m, "min_step")));
	json_decref(j);
	OK(RUN(false, "runs show", "one"));
	assert_non_null(strstr(printed, "id\taaaa1111\n"));
	assert_non_null(strstr(printed, "loss\tInfinity\t2\t0.30000000000000004\t1\t0.5\t0\t5\n"));
	assert_non_null(strstr(printed, "\nnote\n# caf\xc3\xa9\n"));
	assert_int_equal(RUN(true, "runs show", "nobody"), ST_NOT_FOUND);
	assert_int_equal(RUN0(true, "runs show"), ST_USAGE);
}

static void metric_points(void **state)
{
	(void)state;
	fill();
	OK(RUN(true, "metrics get", "one", "loss"));
	json_t *j = document(), *p = json_object_get(j, "points");
	static const struct { int64_t step, ms; const char *text; double value; } expected[] = {
		{ -3, 5, "-Infinity", 0 }, { 0, 10, NULL, 0.5 }, { 1, 20, NULL, 0.1 + 0.2 }, { 1, 21, "NaN", 0 }, { 2, 30, "Infinity", 0 },
	};
	assert_int_equal(json_array_size(p), 5);
	for (size_t i = 0; i < 5; i++) {
		const json_t *q = json_array_get(p, i);
		assert_int_equal(json_integer_value(json_array_get(q, 0)), expected[i].step);
		assert_int_equal(json_integer_value(json_array_get(q, 1)), expected[i].ms);
		if (expected[i].text)
			assert_string_equal(json_string_value(json_array_get(q, 2)), expected[i].text);
		else
			assert_true(json_real_value(json_array_get(q, 2)) == expected[i].value);
	}
	assert_string_equal(text_at(j, "run_id"), "aaaa1111");
	assert_string_equal(text_at(j, "key"), "loss");
	assert_int_equal(int_at(j, "count"), 5);
	assert_string_equal(text_at(j, "min"), "-Infinity");         /* only NaN is no value */
	assert_string_equal(text_at(j, "max"), "Infinity");
	assert_string_equal(text_at(j, "last"), "Infinity");
	json_decref(j);
	OK(RUN(true, "metrics get", "one", "loss", "--from", "0", "--to=1"));
	j = document();
	assert_int_equal(int_at(j, "count"), 3);
	assert_string_equal(text_at(j, "last"), "NaN");
	json_decref(j);
	OK(RUN(true, "metrics get", "one", "loss", "--from", "100"));
	j = document();
	assert_true(int_at(j, "count") == 0 && json_is_null(json_object_get(j, "min")) && json_is_null(json_object_get(j, "last")));
	json_decref(j);
	OK(RUN(false, "metrics get", "one", "loss"));
	assert_string_equal(printed, "step\ttimestamp_ms\tvalue\n-3\t5\t-Infinity\n0\t10\t0.5\n1\t20\t0.30000000000000004\n1\t21\tNaN\n2\t30\tInfinity\n");
	assert_int_equal(RUN(true, "metrics get", "one", "los"), ST_NOT_FOUND);
	assert_non_null(strstr(why.text, "did you mean \"loss\"?"));
	assert_int_equal(RUN(true, "metrics get", "three", "zzz"), ST_NOT_FOUND);
	assert_int_equal(RUN(true, "metrics get", "one", "loss", "--points", "4"), ST_USAGE);
	assert_int_equal(RUN(true, "metrics get", "one", "loss", "--from", "2", "--to", "1"), ST_USAGE);
}

/* Fewer points: never more than asked, in order, all of them real, both ends and every extreme among them. */
static void fewer_points(void **state)
{
	(void)state;
	enum { N = 20000 };
	static struct point p[N];
	put_experiment(1, "e", false);
	put_run((struct new_run){ .id = 1, .name = "long" });
	for (int i = 0; i < N; i++)
		p[i] = (struct point){ i * 3, 1000 + i, i == 7777 ? 99 : i == 12345 ? -99 : i == 500 ? NAN : i == 501 ? -INFINITY : (i * 37 % 100) / 100.0 };
	put_series(1, "m", p, N);
	commit(TOPIC_RUNS);
	static const char wanted[][8] = { "5", "9", "100", "1000", "20000" };
	for (size_t k = 0; k < 5; k++) {
		OK(RUN(true, "metrics get", "long", "m", "--points", wanted[k]));
		json_t *j = document(), *list = json_object_get(j, "points"), *q;
		size_t i;
		int64_t before = -1;
		bool high = false, low = false, odd = false;
		assert_true(json_array_size(list) <= (size_t)strtoul(wanted[k], NULL, 10));
		json_array_foreach(list, i, q) {
			int64_t step = json_integer_value(json_array_get(q, 0));
			const json_t *v = json_array_get(q, 2);
			assert_true(step > before && step % 3 == 0 && json_integer_value(json_array_get(q, 1)) == 1000 + step / 3);
			double real = p[step / 3].value;
			assert_true(json_is_string(v) ? !isfinite(real) : json_number_value(v) == real);
			high |= real == 99;
			low |= real == -99;
			odd |= !isfinite(real);
			before = step;
		}
		assert_true(high && low && odd);
		assert_int_equal(json_integer_value(json_array_get(json_array_get(list, 0), 0)), 0);
		assert_int_equal(before, (N - 1) * 3);
		assert_int_equal(int_at(j, "count"), N);
		if (k == 4)
			assert_int_equal(json_array_size(list), N);
		json_decref(j);
	}
}

static void artifact_files(void **state)
{
	(void)state;
	put_experiment(1, "e", false);
	put_run((struct new_run){ .id = 1, .uuid = "aaaa1111", .name = "one" });
	put_run((struct new_run){ .id = 2, .uuid = "bbbb2222", .name = "remote" });
	char *dir = mem_strdup(in_folder("mlruns/1/aaaa1111/artifacts/plots"));
	OK(fs_mkdirs(dir, &why));
	OK(fs_replace(in_folder("mlruns/1/aaaa1111/artifacts/plots/a.txt"), "text\xff\n", 6, &why));
	OK(fs_replace(in_folder("mlruns/1/aaaa1111/artifacts/plots2"), "", 0, &why));
	*strrchr(dir, '/') = '\0';
	sqlite3_stmt *st = prepared("UPDATE run SET artifact_uri = CASE id WHEN 1 THEN ?1 ELSE 's3://b/1' END");
	bind_text(st, 1, dir);
	step_done(st);
	commit(TOPIC_RUNS);
	OK(RUN(true, "artifacts list", "one"));
	json_t *j = document(), *files = json_object_get(j, "files");
	assert_int_equal(int_at(j, "total"), 3);
	assert_string_equal(text_at(j, "root"), dir);
	assert_string_equal(text_at(json_array_get(files, 1), "path"), "plots/a.txt");
	assert_int_equal(int_at(json_array_get(files, 1), "size"), 6);
	assert_true(json_is_true(json_object_get(json_array_get(files, 0), "is_dir")));
	json_decref(j);
	OK(RUN(false, "artifacts list", "one", "plots/"));
	assert_string_equal(printed, "path\tsize\nplots/\t\nplots/a.txt\t6\n");
	OK(RUN(false, "artifacts cat", "one", "plots/a.txt"));
	assert_int_equal(printed_n, 6);
	assert_memory_equal(printed, "text\xff\n", 6);          /* bytes as they are */
	OK(RUN(true, "artifacts cat", "one", "plots/a.txt"));
	j = document();
	assert_string_equal(text_at(j, "text"), "text\xef\xbf\xbd\n");
	assert_true(json_is_false(json_object_get(j, "exact")) && json_is_false(json_object_get(j, "cut")) && int_at(j, "size") == 6);
	json_decref(j);
	assert_int_equal(RUN(true, "artifacts list", "one", "nope"), ST_NOT_FOUND);
	assert_int_equal(RUN(false, "artifacts cat", "one", "nope"), ST_NOT_FOUND);
	assert_int_equal(RUN(false, "artifacts cat", "one", "../x"), ST_REFUSED);
	assert_int_equal(RUN(true, "artifacts list", "one", ".."), ST_REFUSED);
	assert_int_equal(RUN(true, "artifacts list", "one", "plots/.."), ST_REFUSED);
	assert_int_equal(RUN(false, "artifacts cat", "one", "plots/"), ST_REFUSED);
	assert_non_null(strstr(why.text, "is a folder"));
	assert_int_equal(RUN(false, "artifacts cat", "one", "plots"), ST_REFUSED);
	assert_int_equal(RUN(false, "artifacts list", "remote"), ST_UNREACHABLE);
	free(dir);
}

static char *demo_store(void)
{
	const char *srcdir = getenv("srcdir");
	char *source = fs_join(srcdir ? srcdir : ".", "app/demo/mlflow.db"), *copy = mem_strdup(in_folder("mlflow.db"));
	struct str bytes = STR_INIT;
	OK(fs_read(source, 64 << 20, &bytes, &why));
	OK(fs_replace(copy, bytes.p, bytes.len, &why));
	str_free(&bytes);
	free(source);
	return copy;
}

static void importing(void **state)
{
	(void)state;
	commit(TOPIC_SOURCES);
	char *store = demo_store();
	OK(RUN(true, "import", store));
	json_t *j = document(), *s = json_array_get(json_object_get(j, "sources"), 0);
	assert_string_equal(text_at(s, "status"), "ok");
	assert_int_equal(int_at(s, "runs"), 82);
	assert_true(int_at(s, "points") > 1000 && int_at(s, "problems") == 0 && json_is_false(json_object_get(s, "unchanged")));
	assert_int_equal(json_array_size(json_object_get(s, "problem_lines")), 0);
	json_decref(j);
	OK(RUN(false, "import", store));
	assert_non_null(strstr(printed, "unchanged"));
	OK(RUN(true, "runs list", "--limit", "1"));
	j = document();
	assert_int_equal(int_at(j, "total"), 78);         /* four are deleted */
	json_decref(j);
	/* one bad path is told and does not keep the other from coming in */
	char nothing[160];
	snprintf(nothing, sizeof nothing, "%s", in_folder("nothing.db"));
	assert_true(RUN(true, "import", nothing, store) != ST_OK);
	j = document();
	assert_int_equal(json_array_size(json_object_get(j, "sources")), 2);
	assert_string_not_equal(text_at(json_array_get(json_object_get(j, "sources"), 0), "status"), "ok");
	assert_string_equal(text_at(json_array_get(json_object_get(j, "sources"), 1), "status"), "ok");
	json_decref(j);
	ws.read_only = true;
	assert_int_equal(RUN(true, "import", store), ST_REFUSED);
	assert_int_equal(RUN0(true, "import"), ST_USAGE);
	free(store);
}

static void block_interrupt(bool on)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	pthread_sigmask(on ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

/* The signal is there before the import begins: it ends at once, and the next one does the work. */
static void interrupted(void **state)
{
	(void)state;
	commit(TOPIC_SOURCES);
	char *store = demo_store();
	block_interrupt(true);
	kill(getpid(), SIGINT);
	enum status st = RUN(false, "import", store);
	block_interrupt(false);
	assert_true(st == ST_CANCELLED || st == ST_OK);      /* OK: it was done before anybody looked */
	OK(RUN(true, "import", store));
	OK(RUN(true, "runs list", "--limit", "0"));
	json_t *j = document();
	assert_int_equal(int_at(j, "total"), 78);         /* four are deleted */
	json_decref(j);
	free(store);
}

/* Waits for the report of the first import, then interrupts. */
static void *interrupter(void *arg)
{
	char line[4096];
	FILE *f = fdopen(*(int *)arg, "r");
	bool got = fgets(line, sizeof line, f) && strstr(line, "82 runs");
	kill(getpid(), SIGINT);
	while (fgets(line, sizeof line, f))
		;
	fclose(f);
	return got ? arg : NULL;
}

static void following(void **state)
{
	(void)state;
	commit(TOPIC_SOURCES);
	char *store = demo_store(), *words[] = { store, mem_strdup("--follow"), NULL };
	int ends[2];
	pthread_t thread;
	void *got;
	assert_int_equal(pipe(ends), 0);
	block_interrupt(true);
	assert_int_equal(pthread_create(&thread, NULL, interrupter, &ends[0]), 0);
	struct verb_args *a;
	struct out o = { .out = fdopen(ends[1], "w"), .msg = open_memstream(&told, &told_n), .utf8 = true };
	OK(verb_parse(&runs_verbs[0], 2, words, &a, &why));
	assert_string_equal(runs_verbs[0].name, "import");
	OK(runs_verbs[0].run(&ws, a, &o, &why));             /* being interrupted is its regular end */
	fclose(o.out);
	fclose(o.msg);
	pthread_join(thread, &got);
	block_interrupt(false);
	assert_non_null(got);
	assert_non_null(strstr(told, "following"));
	verb_args_free(a);
	free(words[1]);
	free(store);
}

#undef TEST
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_workspace, forget_workspace)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rows_are_complete), TEST(experiments_json), TEST(runs_json), TEST(runs_options), TEST(runs_table), TEST(show), TEST(metric_points), TEST(fewer_points),
		TEST(artifact_files), TEST(importing), TEST(interrupted), TEST(following),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

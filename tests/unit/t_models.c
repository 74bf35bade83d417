/* Reading the registry: names, lists, boards, timelines, versions, MLmodel, lineage, cards. */
#include "tests/unit/models_help.h"

#include <math.h>

#include "core/base/fs.h"
#include "core/registry/card.h"
#include "core/registry/change.h"
#include "core/registry/decide.h"
#include "core/registry/digest.h"
#include "core/registry/lineage.h"
#include "core/registry/mlmodel.h"
#include "core/registry/regsql.h"
#include "core/registry/when.h"

static struct actor me(void)
{
	struct actor who;
	actor_self(&who);
	return who;
}

static void put(const char *path, const char *text)
{
	char *copy = mem_strdup(in_folder(path)), *slash = strrchr(copy, '/');
	*slash = '\0';
	OK(fs_mkdirs(copy, &why));
	OK(fs_replace(in_folder(path), text, strlen(text), &why));
	free(copy);
}

/* Run `id` "run<id>" with accuracy; versions name it by its uuid "r<id>". */
static void source_run(int64_t id, double accuracy)
{
	source_says("INSERT OR IGNORE INTO experiment(id, source_id, ext_id, name) VALUES(1, 1, '1', 'exp one');"
		"INSERT OR IGNORE INTO name(id, text) VALUES(1, 'accuracy'), (2, 'depth');"
		"INSERT INTO run(id, experiment_id, source_id, uuid, name, status) VALUES(%" PRId64 ", 1, 1, 'r%" PRId64 "', 'run%" PRId64 "', 3);"
		"INSERT INTO param(name_id, run_id, value) VALUES(2, %" PRId64 ", '%" PRId64 "')", id, id, id, id, id);
	source_says("INSERT INTO metric(name_id, run_id, n, first_step, last_step, first_ms, last_ms, last) VALUES(1, %" PRId64 ", 1, 0, 0, 0, 0, %.17g)", id, accuracy);
}

static void version_of_run(int64_t model, int64_t version, int64_t run)
{
	source_says("UPDATE model_version SET run_uuid = 'r%" PRId64 "' WHERE model_id = %" PRId64 " AND version = %" PRId64, run, model, version);
}

/* churn: v1 Archived, v2 Production, v3 and v4 Staging, v5 None; run i belongs to version i. */
static void churn(void)
{
	static const char *const stages[] = { "Archived", "Production", "Staging", "Staging", "None" };
	source_model(1, "churn");
	for (int v = 1; v <= 5; v++) {
		source_version(1, v, stages[v - 1], NOW - (60 - v) * DAY, NOW - (30 - v) * DAY);
		source_run(v, 0.90 + 0.01 * v);
		version_of_run(1, v, v);
	}
	source_alias(1, "champion", 2);
	source_alias(1, "challenger", 3);
	adopt();
}

/* ---- names ---- */

static void models_by_name(void **state)
{
	(void)state;
	int64_t id;
	source_model(1, "churn");
	source_says("INSERT INTO model(id, source_id, namespace, name) VALUES(2, 1, 'team', 'churn'), (3, 1, 'default', 'a/b'); INSERT INTO source(id, kind, uri, first_ms, last_ms)"
		" VALUES(3, 'mlruns', '/else/where', 0, 0); INSERT INTO model(id, source_id, name, deleted) VALUES(4, 3, 'churn', 1), (5, 3, 'wine', 0), (6, 1, 'wine', 0)");
	OK(model_find(db, "churn", &id, &why));
	assert_int_equal(id, 1);                                   /* the other one is deleted */
	OK(model_find(db, "team/churn", &id, &why));
	assert_int_equal(id, 2);
	OK(model_find(db, "a/b", &id, &why));
	assert_int_equal(id, 3);
	assert_int_equal(model_find(db, "wine", &id, &why), ST_USAGE);
	assert_non_null(strstr(why.text, "where:wine"));
	OK(model_find(db, "mlflow.db:wine", &id, &why));
	assert_int_equal(id, 6);
	assert_int_equal(model_find(db, "chrun", &id, &why), ST_NOT_FOUND);
	assert_non_null(strstr(why.text, "near it: churn"));
	assert_int_equal(model_find(db, "zebra", &id, &why), ST_NOT_FOUND);
	assert_int_equal(model_find(db, "", &id, &why), ST_NOT_FOUND);
	assert_int_equal(model_find(db, "x\033[2J", &id, &why), ST_NOT_FOUND);
	assert_null(strchr(why.text, '\033'));
}

static void assert_version(const char *text, int64_t expected)
{
	int64_t v;
	enum status st = version_find(db, 1, text, &v, &why);
	if (expected ? st != ST_OK || v != expected : st != ST_NOT_FOUND || v != 0)
		fail_msg("%s: %s, version %" PRId64 ", %s", text, status_name(st), v, why.text);
}

static void versions_by_name(void **state)
{
	(void)state;
	churn();
	assert_version("3", 3);
	assert_version("v3", 3);
	assert_version("V3", 3);
	assert_version("champion", 2);
	assert_version("@champion", 2);
	assert_version("Champion", 0);
	assert_version("@Production", 0);
	assert_version("Staging", 4);                              /* the newest in the lane */
	assert_version("production", 2);
	assert_version("latest", 5);
	assert_version("9", 0);
	assert_version("99999999999999999999999", 0);
	assert_version("", 0);
	assert_version("@", 0);
	assert_non_null(strstr(why.text, "challenger"));
	source_says("UPDATE model_version SET deleted = 1 WHERE version IN (4, 5)");
	adopt();
	assert_version("Staging", 3);
	assert_version("latest", 3);
	assert_version("5", 5);                                    /* it is gone, its history is not */
}

/* ---- lists ---- */

static void list_of_models(void **state)
{
	(void)state;
	struct reg_models *m;
	churn();
	source_model(2, "Atlas");
	source_says("INSERT INTO model(id, source_id, name, is_prompt) VALUES(3, 1, 'a prompt', 1)");
	source_says("INSERT INTO model(id, source_id, name, deleted) VALUES(4, 1, 'gone', 1)");
	OK(models_load(db, false, false, &m, &why));
	assert_int_equal(m->n, 2);
	assert_string_equal(m->at[0].name, "Atlas");
	assert_int_equal(m->at[0].versions, 0);
	assert_int_equal(m->at[0].production, 0);
	assert_string_equal(m->at[1].name, "churn");
	assert_int_equal(m->at[1].versions, 5);
	assert_int_equal(m->at[1].latest, 5);
	assert_int_equal(m->at[1].production, 2);
	assert_string_equal(m->at[1].aliases, "challenger 3, champion 2");
	assert_string_equal(m->at[1].source, "/nowhere/mlflow.db");
	models_free(m);
	OK(models_load(db, true, true, &m, &why));
	assert_int_equal(m->n, 4);
	models_free(m);
}

static const struct reg_lane *lane(const struct reg_board *b, const char *name)
{
	for (size_t i = 0; i < b->n_lanes; i++)
		if (!strcmp(b->lanes[i].name, name))
			return &b->lanes[i];
	fail_msg("no lane %s", name);
	return NULL;
}

static void board_by_stage(void **state)
{
	(void)state;
	struct reg_board *b;
	churn();
	source_stage(1, 1, "Canary", NOW);
	adopt();
	OK(board_load(db, 1, false, 0, &b, &why));
	assert_string_equal(b->headline, "accuracy");
	assert_int_equal(lane(b, "Staging")->n, 2);
	assert_int_equal(lane(b, "Staging")->at[0].version, 4);    /* newest stage change first */
	assert_int_equal(lane(b, "Canary")->n, 1);                 /* no lane of the policy, and there all the same */
	const struct reg_card_row *c = &lane(b, "Staging")->at[0];
	assert_string_equal(c->next, "Production");
	assert_true(c->has_headline && c->has_delta);
	assert_true(fabs(c->headline - 0.94) < 1e-9 && fabs(c->delta - 0.02) < 1e-9);
	assert_false(c->better || c->worse);                       /* nothing says which way is better */
	assert_string_equal(c->run_name, "run4");
	assert_false(lane(b, "Production")->at[0].has_delta);
	assert_string_equal(lane(b, "Production")->at[0].aliases, "champion");
	board_free(b);
	OK(board_load(db, 1, false, 1, &b, &why));
	assert_int_equal(lane(b, "Staging")->n, 1);
	assert_int_equal(lane(b, "Staging")->total, 2);
	board_free(b);
	assert_int_equal(board_load(db, 99, false, 0, &b, &why), ST_NOT_FOUND);
}

/* Of every monitor the newest verdict about the version or about all; of those the worst. */
static void cards_say_what_drift_reports_say(void **state)
{
	(void)state;
	struct reg_board *b;
	churn();
	source_says("INSERT INTO drift_verdict(model, version, monitor, ms, verdict, report) VALUES('churn', 0, 'weekly', 1000, 'drifted', 'drift report 1'),"
		"('churn', 0, 'weekly', 2000, 'stable', 'drift report 2'), ('churn', 2, 'daily', 1500, 'watch', 'drift report 3'), ('wine', 0, 'daily', 9000, 'drifted', '')");
	OK(board_load(db, 1, false, 0, &b, &why));
	const struct reg_drift *in_use = &lane(b, "Production")->at[0].drift, *other = &lane(b, "Staging")->at[0].drift;
	assert_string_equal(in_use->verdict, "watch");
	assert_string_equal(in_use->monitor, "daily");
	assert_string_equal(in_use->report, "drift report 3");
	assert_int_equal(in_use->ms, 1500);
	assert_string_equal(other->verdict, "stable");
	assert_string_equal(other->monitor, "weekly");
	board_free(b);
}

static void board_by_alias(void **state)
{
	(void)state;
	struct reg_board *b;
	churn();
	source_alias(1, "ghost", 9);
	adopt();
	OK(board_load(db, 1, true, 0, &b, &why));
	assert_int_equal(b->n_lanes, 4);
	assert_int_equal(lane(b, "champion")->at[0].version, 2);
	assert_int_equal(lane(b, "ghost")->n, 0);
	assert_int_equal(lane(b, "no alias")->n, 3);
	board_free(b);
}

static void board_with_gates(void **state)
{
	(void)state;
	struct reg_board *b;
	put("policy.yaml", "rules:\n  - name: ready\n    from: Staging\n    to: Production\n    gates:\n      - accuracy >= production + 0.015\n    approvals: 1\n");
	churn();
	OK(board_load(db, 1, false, 0, &b, &why));
	const struct reg_card_row *good = &lane(b, "Staging")->at[0], *bad = &lane(b, "Staging")->at[1];
	assert_string_equal(good->lights, "y?");
	assert_string_equal(bad->lights, "n?");
	assert_true(*bad->why_not && *good->why_not);
	assert_true(good->better && !good->worse);
	board_free(b);
}

/* ---- time ---- */

static void timeline_and_its_edges(void **state)
{
	(void)state;
	struct reg_timeline *t;
	source_model(1, "churn");
	source_version(1, 1, "Production", NOW - 9 * DAY, NOW - 8 * DAY);
	source_version(1, 2, "Staging", NOW - 9 * DAY, NOW - 8 * DAY);
	adopt();
	clock_set_wall_ms(NOW + 2 * DAY);
	source_stage(1, 2, "Production", NOW + DAY);
	source_stage(1, 1, "Archived", NOW + DAY);
	adopt();
	OK(timeline_load(db, 1, &t, &why));
	assert_int_equal(t->n, 4);
	assert_int_equal(t->first_ms, NOW - 8 * DAY);
	assert_int_equal(t->last_ms, NOW + DAY);
	assert_null(timeline_at(t, "stage", "Production", NOW - 8 * DAY - 1));
	assert_int_equal(timeline_at(t, "stage", "Production", NOW - 8 * DAY)->version, 1);
	assert_int_equal(timeline_at(t, "stage", "Production", NOW + DAY - 1)->version, 1);
	assert_int_equal(timeline_at(t, "stage", "Production", NOW + DAY)->version, 2);
	assert_int_equal(timeline_at(t, "stage", "Production", INT64_MAX - 1)->version, 2);
	assert_null(timeline_at(t, "stage", "Staging", NOW + DAY));
	assert_null(timeline_at(t, "alias", "Production", NOW));
	assert_false(timeline_at(t, "stage", "Production", NOW)->from_known);
	timeline_free(t);
}

/* Nothing was adopted, as in a workspace that may only be read: what the source says is shown all the same. */
static void timeline_without_adoption(void **state)
{
	(void)state;
	struct reg_timeline *t;
	source_model(1, "churn");
	source_version(1, 1, "Production", NOW - 9 * DAY, NOW - 8 * DAY);
	source_alias(1, "champion", 1);
	OK(timeline_load(db, 1, &t, &why));
	assert_int_equal(t->n, 2);
	assert_int_equal(timeline_at(t, "stage", "Production", NOW)->version, 1);
	assert_int_equal(timeline_at(t, "alias", "champion", NOW)->version, 1);
	timeline_free(t);
}

static void moments(void **state)
{
	(void)state;
	static const struct { const char *text; int64_t ms; } good[] = {
		{ "2026-11-20T00:00Z", 1795132800000 }, { "2026-11-20 01:30:15.250+01:30", 1795132815250 }, { "1970-01-01T00:00:00Z", 0 }, { "2024-02-29T00:00Z", 1709164800000 },
		{ "3d", NOW - 3 * DAY }, { "2h30m", NOW - 9000000 }, { "now", NOW }, { "2026-11-20", 1795132800000 }, { "2026-11-20 14:30", 1795185000000 },
	};
	static const char *const bad[] = { "", "yesterday", "2026-13-01", "2026-02-30", "2026-11-20T25:00", "2026-11-20T", "2026-11-20Z1", "5", "-3d", "2026-11-20T10:00+99:00", "1e300d" };
	int64_t ms;
	setenv("TZ", "UTC", 1);
	tzset();
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		OK(when_parse(good[i].text, NOW, &ms, &why));
		if (ms != good[i].ms)
			fail_msg("%s: %" PRId64 ", not %" PRId64, good[i].text, ms, good[i].ms);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (when_parse(bad[i], NOW, &ms, &why) != ST_USAGE)
			fail_msg("%s is taken", bad[i]);
}

/* ---- versions and their files ---- */

static const char mlmodel[] =
	"artifact_path: model\nflavors:\n  python_function:\n    python_version: 3.11.4\n  sklearn:\n    pickled_model: model.pkl\n    sklearn_version: 1.5.0\n"
	"mlflow_version: 2.17.2\nmodel_size_bytes: 1234\nmodel_uuid: abc\nsignature:\n"
	"  inputs: '[{\"type\": \"double\", \"name\": \"a\", \"required\": true}, {\"type\": \"long\", \"name\": \"b\", \"required\": false}]'\n"
	"  outputs: '[{\"type\": \"tensor\", \"tensor-spec\": {\"dtype\": \"float32\", \"shape\": [-1, 3]}}]'\n  params: null\n";

static void whole_version(void **state)
{
	(void)state;
	struct reg_version *v;
	churn();
	put("m/MLmodel", mlmodel);
	put("m/python_env.yaml", "python: 3.11.4\nbuild_dependencies:\n- pip==24\n");
	put("m/requirements.txt", "# what it needs\nnumpy==2.1.0\n\nscikit-learn==1.5.0\r\n");
	source_says("UPDATE model_version SET source = '%s', description = 'of the source' WHERE version = 4", in_folder("m"));
	source_says("INSERT INTO model_version_tag(version_id, key, value) VALUES(104, 'owner', 'growth'), (104, 'old', '1')");
	struct actor who = me();
	OK(decide_tag(db, &who, 1, 4, "old", NULL, &why));
	OK(decide_tag(db, &who, 1, 4, "tier", "gold", &why));
	OK(decide_describe(db, &who, 1, 4, "said here", &why));
	OK(version_load(db, 1, 4, &v, &why));
	assert_string_equal(v->flavors, "sklearn 1.5.0, python_function 3.11.4");
	assert_string_equal(v->signature, "in: a double, b long?; out: tensor float32 (-1, 3)");
	assert_string_equal(v->environment, "python 3.11.4\nnumpy==2.1.0\nscikit-learn==1.5.0");
	assert_int_equal(v->bytes, 1234);
	assert_string_equal(v->mlmodel_note, "");
	assert_string_equal(v->description, "said here");
	assert_int_equal(v->n_tags, 2);
	assert_string_equal(v->tags[0].key, "owner");
	assert_string_equal(v->tags[1].value, "gold");
	assert_string_equal(v->experiment, "exp one");
	assert_int_equal(v->n_metrics, 1);
	assert_true(v->metrics[0].has_value && !v->metrics[0].has_then);
	assert_int_equal(v->n_params, 1);
	assert_string_equal(v->digest_state, "not computed");
	version_free(v);
	assert_int_equal(version_load(db, 1, 77, &v, &why), ST_NOT_FOUND);
}

static void broken_mlmodels(void **state)
{
	(void)state;
	static const struct { const char *text, *flavors; bool note; } files[] = {
		{ "flavors: [", "", true }, { "just words", "", true }, { "- a\n- b\n", "", true }, { "flavors: 3\nsignature: {inputs: 'no json'}\n", "", false },
		{ "flavors:\n  x:\n    x_version: 2.0\n", "x 2", false }, { "flavors: {keras: null}\n", "keras", false }, { "a: &x 1\nb: *x\n", "", true }, { "", "", true },
		{ "flavors: {\"\\e[2Jx\": {}}\n", NULL, false },
	};
	struct reg_version *v;
	churn();
	source_says("UPDATE model_version SET source = '%s' WHERE version = 4", in_folder("m"));
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		put("m/MLmodel", files[i].text);
		OK(version_load(db, 1, 4, &v, &why));
		if (files[i].flavors && strcmp(v->flavors, files[i].flavors))
			fail_msg("%s: flavours %s", files[i].text, v->flavors);
		assert_null(strchr(v->flavors, '\033'));
		if ((*v->mlmodel_note != '\0') != files[i].note)
			fail_msg("%s: note %s", files[i].text, v->mlmodel_note);
		version_free(v);
	}
	unlink(in_folder("m/MLmodel"));
	assert_int_equal(mkfifo(in_folder("m/MLmodel"), 0600), 0);           /* must not be waited for */
	OK(version_load(db, 1, 4, &v, &why));
	assert_true(*v->mlmodel_note);
	version_free(v);
}

static const struct reg_diff_row *diff_row(const struct reg_diff *d, const char *kind, const char *key)
{
	for (size_t i = 0; i < d->n; i++)
		if (!strcmp(d->at[i].kind, kind) && !strcmp(d->at[i].key, key))
			return &d->at[i];
	fail_msg("no row %s %s", kind, key);
	return NULL;
}

static void side_by_side(void **state)
{
	(void)state;
	struct reg_diff *d;
	churn();
	put("a/MLmodel", mlmodel);
	put("a/requirements.txt", "numpy==2.1.0\npandas==2.0\n");
	put("b/MLmodel", mlmodel);
	put("b/requirements.txt", "numpy==2.2.0\nscipy>=1\n");
	source_says("UPDATE model_version SET source = '%s' WHERE version = 3", in_folder("a"));
	source_says("UPDATE model_version SET source = '%s' WHERE version = 4", in_folder("b"));
	OK(versions_compare(db, 1, 3, 4, &d, &why));
	const struct reg_diff_row *r = diff_row(d, "metric", "accuracy");
	assert_true(r->numeric && !r->same && fabs(r->db - r->da - 0.01) < 1e-9);
	assert_true(diff_row(d, "signature", "signature")->same);
	assert_string_equal(diff_row(d, "environment", "numpy")->b, "2.2.0");
	assert_string_equal(diff_row(d, "environment", "pandas")->b, "");
	assert_string_equal(diff_row(d, "environment", "scipy")->a, "");
	assert_string_equal(diff_row(d, "param", "depth")->a, "3");
	diff_free(d);
	assert_int_equal(versions_compare(db, 1, 3, 99, &d, &why), ST_NOT_FOUND);
}

/* ---- lineage ---- */

static void link_to(int64_t version, const char *kind, const char *target)
{
	struct actor who = me();
	OK(decide_link(db, &who, 1, version, &(struct register_link){ kind, target, NULL }, false, &why));
}

static bool has_node(const struct lineage_node *at, size_t n, enum lineage_kind kind, const char *name, const char *edge)
{
	for (size_t i = 0; i < n; i++)
		if (at[i].kind == kind && !strcmp(at[i].name, name) && (!edge || !strcmp(at[i].edge, edge)))
			return true;
	return false;
}

static void lineage_both_ways(void **state)
{
	(void)state;
	struct lineage *l;
	churn();
	source_says("INSERT INTO run(id, experiment_id, source_id, uuid, name, status) VALUES(90, 1, 1, 'parent', 'sweep', 3); UPDATE run SET parent = 'parent' WHERE id = 3;"
		"INSERT INTO dataset(id, experiment_id, name, digest) VALUES(1, 1, 'customers', '9f2c'); INSERT INTO run_dataset(run_id, dataset_id, tags) VALUES(3, 1, '{\"mlflow.data.context\":\"train\"}')");
	link_to(3, "fine_tuned_from", "churn/2");
	link_to(3, "feature", "profile:tenure");
	link_to(3, "deployed", "eu-west");
	OK(lineage_load(db, 1, 3, &l, &why));
	assert_string_equal(l->up[0].name, "churn v3");
	assert_true(has_node(l->up, l->n_up, LINEAGE_RUN, "run3", "made by"));
	assert_true(has_node(l->up, l->n_up, LINEAGE_RUN, "sweep", "part of"));
	assert_true(has_node(l->up, l->n_up, LINEAGE_VERSION, "churn v2", "fine tuned from"));
	assert_true(has_node(l->up, l->n_up, LINEAGE_RUN, "run2", "made by"));
	assert_true(has_node(l->up, l->n_up, LINEAGE_FEATURE, "profile:tenure", NULL));
	assert_true(has_node(l->up, l->n_up, LINEAGE_DATASET, "customers", NULL));
	assert_true(has_node(l->down, l->n_down, LINEAGE_PLACE, "eu-west", "deployed"));
	lineage_free(l);
	OK(lineage_load(db, 1, 2, &l, &why));
	assert_true(has_node(l->down, l->n_down, LINEAGE_VERSION, "churn v3", "fine tuned from"));
	assert_true(has_node(l->down, l->n_down, LINEAGE_PLACE, "eu-west", NULL));
	lineage_free(l);
	assert_int_equal(lineage_load(db, 1, 99, &l, &why), ST_NOT_FOUND);
}

/* Links in a circle are data like any other: what is written straight into the table, past the checks. */
static void raw_links(const char *sql)
{
	struct change c;
	struct actor who = me();
	OK(change_begin(&c, db, &who, ACT_LINK, "model:churn", 1, -1, &why));
	OK(change_record(&c, NULL, "model:churn", NULL, NULL, "links of a test", &why));
	OK(store_exec(db, sql, &why));
	OK(change_commit(&c, TOPIC_MODELS, &why));
}

static void lineage_in_a_circle(void **state)
{
	(void)state;
	struct lineage *l;
	size_t seen = 0;
	churn();
	raw_links("INSERT INTO reg_link(version_id, kind, target) VALUES(102, 'retrained_on', 'churn/3'), (103, 'retrained_on', 'churn/2')");
	OK(lineage_load(db, 1, 2, &l, &why));
	assert_false(l->cut);
	for (size_t i = 0; i < l->n_up; i++)
		seen += l->up[i].seen;
	assert_int_equal(seen, 1);
	lineage_free(l);
}

static void lineage_limits(void **state)
{
	(void)state;
	struct lineage *l;
	churn();
	raw_links("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000) INSERT INTO reg_link(version_id, kind, target) SELECT 102, 'deployed', 'place ' || i FROM n");
	OK(lineage_load(db, 1, 2, &l, &why));
	assert_true(l->cut);
	assert_int_equal(l->n_down, 4096);
	lineage_free(l);
	source_says("WITH RECURSIVE n(i) AS (SELECT 6 UNION ALL SELECT i + 1 FROM n WHERE i < 120) INSERT INTO model_version(id, model_id, version, stage) SELECT 100 + i, 1, i, 'None' FROM n");
	raw_links("INSERT INTO reg_link(version_id, kind, target) SELECT id, 'retrained_on', 'churn/' || (version - 1) FROM model_version WHERE version > 6");
	OK(lineage_load(db, 1, 120, &l, &why));
	assert_true(l->cut);
	assert_int_equal(l->n_up, 65);
	lineage_free(l);
}

/* ---- cards ---- */

static void cards(void **state)
{
	(void)state;
	struct str text = STR_INIT;
	struct actor who = me();
	int64_t rev;
	churn();
	source_says("INSERT INTO model_version_tag(version_id, key, value) VALUES(104, 'owner', 'growth team')");
	OK(card_load(db, 1, 4, &text, &rev, &why));
	assert_int_equal(rev, 0);
	assert_true(card_has_section(text.p, text.len, "metrics"));
	assert_true(card_has_section(text.p, text.len, "owner"));
	assert_non_null(strstr(text.p, "growth team"));
	assert_false(card_has_section(text.p, text.len, "intended use"));
	assert_false(card_has_section(text.p, text.len, "data"));
	const char *of_model = "# churn\n\n## Data\n\nall of them\n";
	OK(card_save(db, &who, 1, 0, of_model, strlen(of_model), 0, &why));
	str_clear(&text);
	OK(card_load(db, 1, 4, &text, &rev, &why));
	assert_int_equal(rev, 0);                                  /* the model's card, until the version has its own */
	assert_non_null(strstr(text.p, "all of them"));
	OK(card_save(db, &who, 1, 4, "mine\n", 5, 0, &why));
	assert_int_equal(card_save(db, &who, 1, 4, "other\n", 6, 0, &why), ST_REFUSED);
	assert_non_null(strstr(why.text, "meanwhile"));
	OK(card_save(db, &who, 1, 4, "mine, again\n", 12, 1, &why));
	int64_t records = number_of(db, "SELECT count(*) FROM audit");
	OK(card_save(db, &who, 1, 4, "mine, again\n", 12, 2, &why));
	assert_int_equal(number_of(db, "SELECT count(*) FROM audit"), records);
	assert_int_equal(number_of(db, "SELECT count(*) FROM reg_card WHERE version = 4"), 2);
	assert_int_equal(card_save(db, &who, 1, 4, " \n ", 3, 2, &why), ST_USAGE);
	assert_int_equal(card_save(db, &who, 1, 4, "a\0b", 3, 2, &why), ST_USAGE);
	assert_int_equal(card_save(db, &who, 1, 4, "\xff", 1, 2, &why), ST_USAGE);
	str_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(models_by_name), TEST(versions_by_name), TEST(list_of_models), TEST(board_by_stage), TEST(board_by_alias), TEST(cards_say_what_drift_reports_say), TEST(board_with_gates), TEST(timeline_and_its_edges),
		TEST(timeline_without_adoption), TEST(moments), TEST(whole_version), TEST(broken_mlmodels), TEST(side_by_side), TEST(lineage_both_ways), TEST(lineage_in_a_circle),
		TEST(lineage_limits), TEST(cards),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

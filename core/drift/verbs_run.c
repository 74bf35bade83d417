/* drift run: read both sides, compare, print, write, store, and say by the exit code what came out. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/drift/export.h"
#include "core/drift/job.h"
#include "core/drift/remember.h"
#include "core/drift/verbs_impl.h"
#include "core/registry/models.h"

/* ---- what was asked ---- */

static enum status take_share(const struct verb_args *a, const char *name, double most, double *out, struct err *e)
{
	const char *text = verb_opt(a, name);
	char *end;
	*out = 0;
	if (!text)
		return ST_OK;
	errno = 0;
	*out = strtod(text, &end);
	if (end == text || *end || errno || !(*out > 0) || *out > most)
		return err_set(e, ST_USAGE, "--%s needs a number above 0%s, not '%s'", name, most <= 1 ? " and at most 1" : "", text);
	return ST_OK;
}

/* Columns and tests by name; `tests` has room for VERDICT_TESTS. */
static enum status take_names(const struct verb_args *a, struct drift_options *o, const struct drift_test **tests, struct arena *room, struct err *e)
{
	struct verb_list columns, names;
	enum status st = verb_list(a, "columns", room, &columns, e);
	if (st == ST_OK)
		st = verb_list(a, "tests", room, &names, e);
	if (st != ST_OK)
		return st;
	for (size_t i = 0; i < names.n; i++) {
		if (i == VERDICT_TESTS)
			return err_set(e, ST_USAGE, "at most %d tests at once", VERDICT_TESTS);
		tests[i] = drift_test_find(names.at[i]);
		if (!tests[i])
			return err_set(e, ST_USAGE, "there is no test '%s'; mlyard drift tests lists them", names.at[i]);
		for (size_t k = 0; k < i; k++)
			if (tests[k] == tests[i])
				return err_set(e, ST_USAGE, "the test '%s' is named twice", names.at[i]);
	}
	o->columns = columns.at, o->n_columns = columns.n, o->tests = tests, o->n_tests = names.n;
	return ST_OK;
}

/* A second file of a side would be left out unseen. */
static enum status check_sides(const struct verb_args *a, struct err *e)
{
	static const char *const sides[] = { "reference", "current" };
	for (int i = 0; i < 2; i++) {
		const char *name = verb_opt(a, sides[i]);
		if (!name || !*name)
			return err_set(e, ST_USAGE, "name both sides: drift run --reference FILE --current FILE");
		if (verb_opt_at(a, sides[i], 1))
			return err_set(e, ST_USAGE, "--%s is given twice; a side is one file, table or query", sides[i]);
	}
	return ST_OK;
}

static enum status take_options(const struct verb_args *a, struct drift_options *o, struct err *e)
{
	const char *compat = verb_opt(a, "compat");
	if (compat && strcmp(compat, "evidently") != 0)
		return err_set(e, ST_USAGE, "--compat knows 'evidently' only, not '%s'", compat);
	o->evidently = compat != NULL;
	o->time_column = verb_opt(a, "time");
	o->no_calibration = verb_flag(a, "no-calibration");
	o->name = verb_opt(a, "name");
	enum status st = take_share(a, "alpha", 1, &o->alpha, e);
	if (st == ST_OK)
		st = take_share(a, "share", 1, &o->share, e);
	if (st == ST_OK)
		st = take_share(a, "threshold", INFINITY, &o->threshold, e);
	if (st == ST_OK && !o->evidently && (o->share > 0 || o->threshold > 0))
		st = err_set(e, ST_USAGE, "--share and --threshold belong to --compat evidently");
	if (st == ST_OK)
		st = check_sides(a, e);
	if (st == ST_OK && verb_flag(a, "save") && verb_flag(a, "no-save"))
		st = err_set(e, ST_USAGE, "--save and --no-save say different things");
	if (st == ST_OK && verb_flag(a, "joint") && verb_flag(a, "no-joint"))
		st = err_set(e, ST_USAGE, "--joint and --no-joint say different things");
	bool draws = false;
	for (int i = 0; st == ST_OK && verb_opt_at(a, "out", i); i++) {
		st = report_export_check(verb_opt_at(a, "out", i), e);
		draws |= report_export_draws(verb_opt_at(a, "out", i));
	}
	return st == ST_OK && verb_flag(a, "all-pictures") && !draws ? err_set(e, ST_USAGE, "--all-pictures belongs to --out FILE.html") : st;
}

/* ---- where it is stored ---- */

struct place { struct workspace *ws; struct store *s; char *model; int64_t version; };

static enum status find_model(struct place *p, const char *word, struct err *e)
{
	const char *slash = strrchr(word, '/');
	int64_t id;
	p->model = mem_strndup(word, slash ? (size_t)(slash - word) : strlen(word));
	enum status st = model_find(p->s, p->model, &id, e);
	return st == ST_OK && slash ? version_find(p->s, id, slash + 1, &p->version, e) : st;
}

/* Opened before the work, so that a name that is wrong is told at once. */
static enum status place_open(struct place *p, const struct verb_args *a, struct err *e)
{
	const char *model = verb_opt(a, "model"), *file = verb_opt(a, "workspace");
	bool wanted = !verb_flag(a, "no-save") && (verb_flag(a, "save") || model || file);
	*p = (struct place){ 0 };
	if (!wanted && !model)
		return ST_OK;
	struct workspace_spec spec = { .file = file, .read_only = verb_flag(a, "read-only"), .must_exist = model != NULL };
	enum status st = workspace_open(&spec, &p->ws, e);
	if (st == ST_OK)
		p->s = store_get(p->ws->pool, e);
	if (st == ST_OK && !p->s)
		st = ST_FAILED;
	if (st == ST_OK && wanted && p->ws->read_only)
		st = err_set(e, ST_REFUSED, "the workspace is read-only; --no-save stores nothing");
	return st == ST_OK && model ? find_model(p, model, e) : st;
}

static void place_close(struct place *p)
{
	if (p->s)
		store_put(p->ws->pool, p->s);
	workspace_close(p->ws);
	free(p->model);
}

/* ---- doing it ---- */

static enum status check_worse(const struct report_performance *p, struct err *e)
{
	for (size_t i = 0; i < p->n_metrics; i++)
		if (p->metrics[i].worse)
			return err_set(e, ST_CHECK, "the model got worse: %s was %g and is %g%s", p->metrics[i].title, p->metrics[i].ref, p->metrics[i].cur, p->metrics[i].estimated ? " (estimated)" : "");
	return ST_OK;
}

/* A gate that lets empty data pass is none. */
static enum status check_drift(const struct report *r, struct err *e)
{
	if (r->drifted)
		return err_set(e, ST_CHECK, "the data drifted: %zu of %zu columns", r->n_drifted, r->n_compared);
	return r->n_compared || strcmp(r->verdict, "watch") != 0 ? ST_OK : err_set(e, ST_CHECK, "nothing could be compared, so nothing says that the data did not drift");
}

static enum status hand_out(const struct verb_args *a, struct place *p, const struct report *r, struct out *o, struct err *e)
{
	int64_t id = 0;
	enum status st = drift_print(o, r, e);
	for (int i = 0; st == ST_OK && verb_opt_at(a, "out", i); i++)
		st = report_export(r, verb_opt_at(a, "out", i), &(struct export_options){ verb_flag(a, "all-pictures") }, e);
	if (st == ST_OK && p->s && !verb_flag(a, "no-save")) {
		st = report_save(p->s, r, &id, e);
		if (st == ST_OK)
			fprintf(o->msg, "stored as drift report %lld\n", (long long)id);
	}
	if (st == ST_OK && verb_flag(a, "fail-on-drift"))
		st = check_drift(r, e);
	if (st == ST_OK && verb_flag(a, "fail-on-worse"))
		st = check_worse(&r->performance, e);
	return st;
}

static enum joint_choice take_joint(const struct verb_args *a)
{
	return verb_flag(a, "no-joint") ? JOINT_NEVER : verb_flag(a, "joint") ? JOINT_ALWAYS : JOINT_USUAL;
}

/* What was named before for these files completes what is named now; the reference's files first. Then what is named now is remembered for both. */
static enum status remember(const struct verb_args *a, const struct place *p, struct drift_job *j, struct arena *room, struct err *e)
{
	struct remembered said = { j->read_reference.types, j->read_reference.n_types, j->roles, NULL }, known = said;
	const char **notes = arena_array(room, 2, sizeof *notes);
	const char *const sources[2] = { remember_source(j->reference, j->read_reference.query, room), remember_source(j->current, j->read_current.query, room) };
	const bool keep = p->s && !p->ws->read_only && !verb_flag(a, "no-save"), named = said.n_types || verb_names_roles(a);
	enum status st = verb_flag(a, "forget-types") && !keep ? err_set(e, ST_USAGE, "--forget-types needs the workspace that remembers: -w FILE, --model or --save") : ST_OK;
	for (int i = 0; i < 2 && st == ST_OK && verb_flag(a, "forget-types"); i++)
		st = remember_forget(p->s, sources[i], e);
	for (int i = 0; i < 2 && st == ST_OK && p->s; i++) {
		known.note = NULL;
		st = remember_load(p->s, sources[i], &known, room, e);
		if (st == ST_OK && known.note)
			notes[j->compare.n_notes++] = known.note;
	}
	for (int i = 0; i < 2 && st == ST_OK && keep && named; i++)
		st = remember_save(p->s, sources[i], &said, e);
	j->read_reference.types = known.types, j->read_reference.n_types = known.n_types;
	j->roles = known.roles;
	j->compare.notes = notes;
	return st;
}

static enum status run(const struct verb_args *a, struct place *p, const struct drift_options *opt, struct arena *room, struct out *o, struct err *e)
{
	struct drift_job job = { .reference = verb_opt(a, "reference"), .current = verb_opt(a, "current"), .compare = *opt };
	struct report *r = NULL;
	job.joint = take_joint(a);
	job.no_digest = !o->json && !verb_opt(a, "out") && !(p->s && !verb_flag(a, "no-save"));
	job.compare.model = p->model, job.compare.version = p->version;
	enum status st = verb_job(a, &job, room, e);
	if (st == ST_OK)
		st = remember(a, p, &job, room, e);
	if (st == ST_OK)
		st = drift_job_run(&job, NULL, &r, e);
	if (st == ST_OK)
		st = hand_out(a, p, r, o, e);
	report_free(r);
	return st;
}

DRIFT_VERB(verb_drift_run)
{
	const struct drift_test *tests[VERDICT_TESTS];
	struct drift_options opt = { 0 };
	struct arena *room = arena_new();
	struct place place = { 0 };
	(void)ws;
	enum status st = take_options(a, &opt, e);
	if (st == ST_OK)
		st = take_names(a, &opt, tests, room, e);
	if (st == ST_OK)
		st = place_open(&place, a, e);
	if (st == ST_OK)
		st = run(a, &place, &opt, room, o, e);
	place_close(&place);
	arena_free(room);
	return st;
}

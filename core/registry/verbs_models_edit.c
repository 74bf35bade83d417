/* Commands that change models: words taken apart, then one decision each (decide.h). */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/registry/decide.h"
#include "core/registry/digest.h"
#include "core/registry/models_impl.h"
#include "core/registry/verbs_impl.h"

/* ---- links ---- */

struct links { struct arena *a; struct register_link *at; size_t n, cap; };

static void link_add(struct links *l, const char *kind, const char *target, const char *detail)
{
	MEM_GROW(l->at, l->cap, l->n + 1);
	l->at[l->n++] = (struct register_link){ kind, target, detail };
}

/* NAME[@DIGEST][:SPLIT]; the marks are looked for from the right, names may hold both. */
static void dataset_add(struct links *l, const char *text)
{
	const char *colon = strrchr(text, ':'), *at = strrchr(text, '@');
	struct str detail = STR_INIT;
	struct jsonw w;
	if (colon && at && at > colon)
		colon = NULL;                            /* a ':' in the name */
	if (colon && strchr(colon, '/'))
		colon = NULL;                            /* s3://bucket/file */
	const char *end = at ? at : colon ? colon : text + strlen(text);
	jsonw_init(&w, &detail);
	jsonw_open(&w, '{');
	if (at) {
		jsonw_put_strn(&w, "digest", at + 1, colon ? (size_t)(colon - at - 1) : strlen(at + 1));
	}
	if (colon)
		jsonw_put_str(&w, "split", colon + 1);
	jsonw_close(&w, '}');
	link_add(l, "dataset", arena_strndup(l->a, text, (size_t)(end - text)), arena_strdup(l->a, detail.p));
	str_free(&detail);
}

/* KIND:TARGET. Kinds may be written with '-', and "fine-tuned" for fine_tuned_from. */
static enum status kind_add(struct links *l, const char *text, const char *example, struct err *e)
{
	static const struct { const char *word, *kind; } words[] = {
		{ "fine_tuned_from", "fine_tuned_from" }, { "fine_tuned", "fine_tuned_from" }, { "distilled_from", "distilled_from" }, { "distilled", "distilled_from" },
		{ "retrained_on", "retrained_on" }, { "retrained", "retrained_on" }, { "feature", "feature" }, { "deployed", "deployed" },
	};
	const char *colon = strchr(text, ':');
	if (!colon || !colon[1])
		return err_set(e, ST_USAGE, "\"%.100s\": write KIND:TARGET, as in %s", text, example);
	char *kind = arena_strndup(l->a, text, (size_t)(colon - text));
	for (char *p = kind; *p; p++)
		*p = *p == '-' ? '_' : *p;
	if (!strcmp(kind, "dataset")) {
		dataset_add(l, colon + 1);
		return ST_OK;
	}
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(kind, words[i].word)) {
			link_add(l, words[i].kind, colon + 1, NULL);
			return ST_OK;
		}
	return err_set(e, ST_USAGE, "\"%.60s\" is no kind of link; there are fine_tuned_from, distilled_from, retrained_on, dataset, feature and deployed", kind);
}

static enum status links_of(const struct verb_args *a, struct links *l, struct err *e)
{
	const char *text;
	enum status rc = ST_OK;
	for (int i = 0; rc == ST_OK && (text = verb_opt_at(a, "parent", i)); i++)
		rc = kind_add(l, text, "fine_tuned_from:churn/4", e);
	for (int i = 0; (text = verb_opt_at(a, "dataset", i)); i++)
		dataset_add(l, text);
	for (int i = 0; (text = verb_opt_at(a, "feature", i)); i++)
		link_add(l, "feature", text, NULL);
	return rc;
}

static void links_free(struct links *l)
{
	free(l->at);
	arena_free(l->a);
}

/* ---- commands ---- */

VERB_FN(verb_models_register)
{
	struct store *s;
	struct actor who;
	struct links l = { .a = arena_new() };
	int64_t version = 0;
	enum status rc = links_of(a, &l, e);
	if (rc == ST_OK)
		rc = reg_verb_open(ws, o, &s, e);
	if (rc == ST_OK) {
		const struct register_spec spec = { .model = verb_arg(a, 0), .run = verb_opt(a, "run"), .source = verb_opt(a, "source"), .description = verb_opt(a, "description"),
			.semver = verb_opt(a, "semver"), .path = verb_opt(a, "path"), .links = l.at, .n_links = l.n };
		actor_self(&who);
		rc = decide_register(s, &who, &spec, &version, e);
		store_put(ws->pool, s);
	}
	links_free(&l);
	return rc == ST_OK ? reg_verb_said(o, verb_arg(a, 0), version, e) : rc;
}

/* The model, and the version when one is named before the last argument. */
static enum status subject(struct workspace *ws, const struct verb_args *a, bool has_version, struct out *o, struct store **s, int64_t *model_id, int64_t *version, struct err *e)
{
	*version = 0;
	return has_version ? reg_verb_version(ws, a, 1, o, s, model_id, version, e) : reg_verb_model(ws, a, o, s, model_id, e);
}

VERB_FN(verb_models_describe)
{
	struct store *s;
	struct actor who;
	int64_t id, version;
	int last = verb_argc(a) - 1;
	enum status rc = subject(ws, a, last == 2, o, &s, &id, &version, e);
	if (rc != ST_OK)
		return rc;
	actor_self(&who);
	rc = decide_describe(s, &who, id, version, verb_arg(a, last), e);
	store_put(ws->pool, s);
	return rc == ST_OK ? reg_verb_said(o, verb_arg(a, 0), version, e) : rc;
}

VERB_FN(verb_models_tag)
{
	struct store *s;
	struct actor who;
	int64_t id, version;
	int last = verb_argc(a) - 1;
	const char *text = verb_arg(a, last), *equals = strchr(text, '=');
	const bool removes = verb_flag(a, "remove");
	if (!removes && (!equals || equals == text))
		return err_set(e, ST_USAGE, "write KEY=VALUE; --remove KEY removes a tag");
	enum status rc = subject(ws, a, last == 2, o, &s, &id, &version, e);
	if (rc != ST_OK)
		return rc;
	char *key = removes ? mem_strdup(text) : mem_strndup(text, (size_t)(equals - text));
	actor_self(&who);
	rc = decide_tag(s, &who, id, version, key, removes ? NULL : equals + 1, e);
	free(key);
	store_put(ws->pool, s);
	return rc == ST_OK ? reg_verb_said(o, verb_arg(a, 0), version, e) : rc;
}

VERB_FN(verb_models_alias)
{
	struct store *s;
	struct actor who;
	int64_t id, version = 0;
	const bool removes = verb_flag(a, "remove");
	if (removes != (verb_argc(a) == 2))
		return err_set(e, ST_USAGE, removes ? "--remove takes no version: models alias NAME ALIAS --remove" : "which version? models alias NAME ALIAS V; --remove removes the alias");
	enum status rc = removes ? reg_verb_model(ws, a, o, &s, &id, e) : reg_verb_version(ws, a, 2, o, &s, &id, &version, e);
	if (rc != ST_OK)
		return rc;
	actor_self(&who);
	rc = decide_alias(s, &who, id, verb_arg(a, 1), version, verb_opt(a, "reason") ? verb_opt(a, "reason") : "", e);
	store_put(ws->pool, s);
	return rc == ST_OK ? reg_verb_said(o, verb_arg(a, 0), version, e) : rc;
}

VERB_FN(verb_models_delete)
{
	struct store *s;
	struct actor who;
	int64_t id, version;
	if (!verb_opt(a, "reason"))
		return err_set(e, ST_USAGE, "say why: --reason R");
	enum status rc = subject(ws, a, verb_argc(a) == 2, o, &s, &id, &version, e);
	if (rc != ST_OK)
		return rc;
	actor_self(&who);
	rc = decide_delete(s, &who, id, version, verb_opt(a, "reason"), e);
	store_put(ws->pool, s);
	return rc == ST_OK ? reg_verb_said(o, verb_arg(a, 0), version, e) : rc;
}

VERB_FN(verb_models_link)
{
	struct store *s;
	struct actor who;
	int64_t id, version;
	struct links l = { .a = arena_new() };
	enum status rc = kind_add(&l, verb_arg(a, 2), "dataset:customers@9f2c:train or deployed:eu-west", e);
	if (rc == ST_OK)
		rc = reg_verb_version(ws, a, 1, o, &s, &id, &version, e);
	if (rc == ST_OK) {
		actor_self(&who);
		rc = decide_link(s, &who, id, version, &l.at[0], verb_flag(a, "remove"), e);
		store_put(ws->pool, s);
	}
	links_free(&l);
	return rc == ST_OK ? reg_verb_said(o, verb_arg(a, 0), version, e) : rc;
}

/* ---- digest ---- */

enum { BAR_EVERY_MS = 100 };
struct digesting { struct workspace *ws; int64_t model_id, version; struct digest d; bool ended; enum status st; struct err err; };

static enum status digest_work(struct task *t, void *arg, struct err *e)
{
	struct digesting *x = arg;
	struct actor who;
	struct store *s = store_get(x->ws->pool, e);
	if (!s)
		return ST_FAILED;
	actor_self(&who);
	enum status rc = digest_version(s, &who, x->model_id, x->version, t, &x->d, e);
	store_put(x->ws->pool, s);
	return rc;
}

static void digest_done(void *arg, enum status st, const struct err *e)
{
	struct digesting *x = arg;
	x->st = st;
	x->err = *e;
	x->ended = true;
}

static void digest_bar(struct tasks *tasks, struct out *o, int64_t began_us)
{
	struct task_info info;
	char done[FMT_MAX], total[FMT_MAX], rate[FMT_MAX];
	double seconds = (double)(clock_mono_us() - began_us) / 1e6;
	if (!isatty(fileno(o->msg)) || !tasks_list(tasks, &info, 1) || info.state != TASK_RUNNING || info.total <= 0 || seconds < 0.5)
		return;
	fprintf(o->msg, "\r%3d %%  %s of %s, %s/s   ", (int)(100.0 * (double)info.done / (double)info.total), fmt_bytes(done, info.done), fmt_bytes(total, info.total),
		fmt_bytes(rate, (int64_t)((double)info.done / seconds)));
}

/* Nothing is recorded before all is read, so that an interrupt may simply end the program. */
static void digest_run(struct digesting *x, struct out *o)
{
	struct tasks *tasks = tasks_new(1, 1);
	int64_t began = clock_mono_us();
	tasks_submit(tasks, &(struct task_spec){ .title = "digest", .cls = TASK_LONG, .work = digest_work, .done = digest_done, .arg = x });
	while (!x->ended) {
		struct pollfd fd = { .fd = tasks_fd(tasks), .events = POLLIN };
		(void)poll(&fd, 1, BAR_EVERY_MS);
		tasks_drain(tasks);
		digest_bar(tasks, o, began);
	}
	if (isatty(fileno(o->msg)))
		fputs("\r\033[K", o->msg);
	tasks_free(tasks);
}

static enum status digest_print(const struct digesting *x, const char *model, struct out *o, struct err *e)
{
	char hex[2 * DIGEST_BYTES_OUT + 1], size[FMT_MAX], count[FMT_MAX];
	struct json_out j;
	reg_hex(x->d.hash, sizeof x->d.hash, hex);
	if (!o->json) {
		fprintf(o->out, "%s  %s in %s %s\n", hex, fmt_bytes(size, x->d.bytes), fmt_count(count, x->d.files), x->d.files == 1 ? "file" : "files");
		return out_check(o->out, e);
	}
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '{');
	jsonw_put_str(&j.w, "model", model);
	jsonw_put_int(&j.w, "version", x->version);
	jsonw_put_str(&j.w, "digest", hex);
	jsonw_put_int(&j.w, "bytes", x->d.bytes);
	jsonw_put_int(&j.w, "files", x->d.files);
	jsonw_close(&j.w, '}');
	return json_out_end(&j, e);
}

VERB_FN(verb_models_digest)
{
	struct store *s;
	struct digesting x = { .ws = ws };
	enum status rc = reg_verb_version(ws, a, 1, o, &s, &x.model_id, &x.version, e);
	if (rc != ST_OK)
		return rc;
	store_put(ws->pool, s);
	digest_run(&x, o);
	return x.st == ST_OK ? digest_print(&x, verb_arg(a, 0), o, e) : err_set(e, x.st, "%s", x.err.text);
}

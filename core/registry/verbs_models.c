/* The table of the commands about models, and what they share. */
#include "core/registry/verbs_impl.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"

static const struct verb_opt list_opts[] = {
	{ "deleted", OPT_FLAG, NULL, "Also models that were deleted" },
	{ "prompts", OPT_FLAG, NULL, "Also prompts, which MLflow keeps among the models" },
};
static const struct verb_opt versions_opts[] = {
	{ "deleted", OPT_FLAG, NULL, "Also versions that were deleted" },
};
static const struct verb_opt at_opts[] = {
	{ "when", OPT_STRING, "DATE", "The moment: 2026-11-20, with a time and a zone if you like (2026-11-20T14:30Z), or how long ago (3d); now otherwise" },
};
static const struct verb_opt register_opts[] = {
	{ "run", OPT_STRING, "RUN", "The run that made it: its id, the beginning of it, or its name" },
	{ "source", OPT_STRING, "URI", "Where its files lie; the model among the run's files otherwise" },
	{ "path", OPT_STRING, "PATH", "Of the model among the run's files, when there are several" },
	{ "semver", OPT_STRING, "V", "A semantic version, greater than all before it" },
	{ "parent", OPT_STRING, "KIND:NAME/V", "What it came from: fine_tuned_from, distilled_from or retrained_on; may be given several times" },
	{ "dataset", OPT_STRING, "NAME[@DIGEST][:SPLIT]", "Data it was made of; may be given several times" },
	{ "feature", OPT_STRING, "VIEW[:FEATURE]", "A feature it uses; may be given several times" },
	{ "description", OPT_STRING, "TEXT", "What it is" },
};
static const struct verb_opt tag_opts[] = {
	{ "remove", OPT_FLAG, NULL, "Remove the tag KEY" },
};
static const struct verb_opt alias_opts[] = {
	{ "remove", OPT_FLAG, NULL, "Remove the alias" },
	{ "reason", OPT_STRING, "R", "Why, for the record" },
};
static const struct verb_opt delete_opts[] = {
	{ "reason", OPT_STRING, "R", "Why, for the record (required)" },
};
static const struct verb_opt link_opts[] = {
	{ "remove", OPT_FLAG, NULL, "Remove the link" },
};
static const struct verb_opt card_opts[] = {
	{ "edit", OPT_FLAG, NULL, "Edit it in $VISUAL or $EDITOR and save it" },
	{ "set", OPT_FILE, "FILE", "Save this text (- reads standard input)" },
	{ "check", OPT_FLAG, NULL, "Say which sections are not written; exit 10 when there are any" },
};
#define OPTS(rows) rows, sizeof rows / sizeof *rows

static const struct verb rows[] = {
	{ "models list", "", "List the registered models", OPTS(list_opts), VERB_READS, 0, 0, verb_models_list },
	{ "models show", "NAME [V]", "Show everything known about a model or one of its versions (a number, an alias, a lane, a semantic version)", NULL, 0, VERB_READS, 1, 2, verb_models_show },
	{ "models versions", "NAME", "List the versions of a model", OPTS(versions_opts), VERB_READS, 1, 1, verb_models_versions },
	{ "models compare", "NAME V1 V2", "Show two versions side by side", NULL, 0, VERB_READS, 3, 3, verb_models_compare },
	{ "models at", "NAME", "Show what held each lane and alias at a moment", OPTS(at_opts), VERB_READS, 1, 1, verb_models_at },
	{ "models timeline", "NAME", "List who held each lane and alias from when to when", NULL, 0, VERB_READS, 1, 1, verb_models_timeline },
	{ "models lineage", "NAME V", "Show what a version came from and what came of it", NULL, 0, VERB_READS, 2, 2, verb_models_lineage },
	{ "models register", "NAME", "Register a run's model as the next version of a model that lives here", OPTS(register_opts), VERB_WRITES, 1, 1, verb_models_register },
	{ "models describe", "NAME [V] TEXT", "Describe a model or a version", NULL, 0, VERB_WRITES, 2, 3, verb_models_describe },
	{ "models tag", "NAME [V] KEY=VALUE", "Set a tag of a model or a version", OPTS(tag_opts), VERB_WRITES, 2, 3, verb_models_tag },
	{ "models alias", "NAME ALIAS [V]", "Point an alias at a version", OPTS(alias_opts), VERB_WRITES, 2, 3, verb_models_alias },
	{ "models link", "NAME V KIND:TARGET", "Say what a version came from (fine_tuned_from, distilled_from, retrained_on, dataset, feature) or where it runs (deployed)",
		OPTS(link_opts), VERB_WRITES, 3, 3, verb_models_link },
	{ "models digest", "NAME V", "Compute the digest of a version's files and record it", NULL, 0, VERB_WRITES, 2, 2, verb_models_digest },
	{ "models card", "NAME [V]", "Print, edit, save or check a model card", OPTS(card_opts), VERB_READS, 1, 2, verb_models_card },
	{ "models delete", "NAME [V]", "Delete a version, or a model with all its versions; their history stays", OPTS(delete_opts), VERB_WRITES, 1, 2, verb_models_delete },
};
const struct verb_table models_verbs = { rows, sizeof rows / sizeof *rows };

enum status reg_verb_open(struct workspace *ws, struct out *o, struct store **s, struct err *e)
{
	struct err why;
	int n;
	*s = store_get(ws->pool, e);
	if (!*s)
		return ST_FAILED;
	if (!ws->read_only && models_adopt_due(*s) && models_adopt(*s, &n, &why) != ST_OK)
		fprintf(o->msg, "note: what the sources changed was not taken over: %s\n", why.text);
	return ST_OK;
}

enum status reg_verb_model(struct workspace *ws, const struct verb_args *a, struct out *o, struct store **s, int64_t *model_id, struct err *e)
{
	enum status rc = reg_verb_open(ws, o, s, e);
	if (rc != ST_OK)
		return rc;
	rc = model_find(*s, verb_arg(a, 0), model_id, e);
	if (rc != ST_OK) {
		store_put(ws->pool, *s);
		*s = NULL;
	}
	return rc;
}

enum status reg_verb_version(struct workspace *ws, const struct verb_args *a, int i, struct out *o, struct store **s, int64_t *model_id, int64_t *version, struct err *e)
{
	enum status rc = reg_verb_model(ws, a, o, s, model_id, e);
	if (rc != ST_OK)
		return rc;
	rc = version_find(*s, *model_id, verb_arg(a, i), version, e);
	if (rc != ST_OK) {
		store_put(ws->pool, *s);
		*s = NULL;
	}
	return rc;
}

enum status reg_verb_said(struct out *o, const char *model, int64_t version, struct err *e)
{
	struct json_out j;
	if (!o->json) {
		out_text(o, e->text, strlen(e->text));
		fputc('\n', o->out);
		return out_check(o->out, e);
	}
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '{');
	jsonw_put_str(&j.w, "model", model);
	jsonw_put_nonzero(&j.w, "version", version);
	jsonw_put_str(&j.w, "message", e->text);
	jsonw_close(&j.w, '}');
	return json_out_end(&j, e);
}

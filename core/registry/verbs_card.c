/* models card: printed, checked, saved from a file, or edited in the user's editor. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/editor.h"
#include "core/base/fs.h"
#include "core/base/mem.h"
#include "core/registry/card.h"
#include "core/registry/models_impl.h"
#include "core/registry/policy.h"
#include "core/registry/verbs_impl.h"

struct card { struct store *s; int64_t model_id, version, rev; struct str text; const char *model; };

static enum status print_card(const struct card *c, struct out *o, struct err *e)
{
	struct json_out j;
	if (!o->json) {
		out_text(o, c->text.p, c->text.len);
		if (!c->text.len || c->text.p[c->text.len - 1] != '\n')
			fputc('\n', o->out);
		return out_check(o->out, e);
	}
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '{');
	jsonw_put_str(&j.w, "model", c->model);
	jsonw_put_nonzero(&j.w, "version", c->version);
	jsonw_put_int(&j.w, "rev", c->rev);
	jsonw_put_str(&j.w, "text", c->text.p);
	jsonw_close(&j.w, '}');
	return json_out_end(&j, e);
}

static enum status check_print(const struct card *c, const struct policy *p, const char *missing, struct out *o, struct err *e)
{
	struct json_out j;
	if (!o->json) {
		fprintf(o->out, *missing ? "not written: %s\n" : "all sections are written\n", missing);
		return out_check(o->out, e);
	}
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '{');
	jsonw_put_bool(&j.w, "complete", !*missing);
	jsonw_put_open(&j.w, "missing", '[');
	for (size_t i = 0; i < p->n_card_sections; i++)
		if (!card_has_section(c->text.p, c->text.len, p->card_sections[i]))
			jsonw_str(&j.w, p->card_sections[i]);
	jsonw_close(&j.w, ']');
	jsonw_close(&j.w, '}');
	return json_out_end(&j, e);
}

static enum status check_card(const struct card *c, struct out *o, struct err *e)
{
	struct policy *p;
	struct str missing = STR_INIT;
	enum status rc = policy_load(c->s, &p, NULL, e);
	if (rc != ST_OK)
		return rc;
	card_missing(c->text.p, c->text.len, p->card_sections, p->n_card_sections, &missing);
	rc = check_print(c, p, missing.p, o, e);
	if (rc == ST_OK && missing.len)
		rc = err_set(e, ST_CHECK, "the card lacks: %s", missing.p);
	policy_free(p);
	str_free(&missing);
	return rc;
}

static enum status save(struct card *c, const struct str *text, struct out *o, struct err *e)
{
	struct actor who;
	actor_self(&who);
	enum status rc = card_save(c->s, &who, c->model_id, c->version, text->p, text->len, c->rev, e);
	return rc == ST_OK ? reg_verb_said(o, c->model, c->version, e) : rc;
}

static enum status read_stdin(struct str *out, struct err *e)
{
	char piece[1 << 14];
	size_t n;
	while ((n = fread(piece, 1, sizeof piece, stdin)) > 0 && out->len <= CARD_MOST_BYTES)
		str_addn(out, piece, n);
	return ferror(stdin) ? err_set(e, ST_FAILED, "standard input cannot be read") : ST_OK;
}

static enum status save_file(struct card *c, const char *path, struct out *o, struct err *e)
{
	struct str text = STR_INIT;
	enum status rc = strcmp(path, "-") ? fs_read(path, CARD_MOST_BYTES, &text, e) : read_stdin(&text, e);
	if (rc == ST_OK)
		rc = save(c, &text, o, e);
	str_free(&text);
	return rc;
}

/* ---- the editor ---- */

static enum status edit_card(struct card *c, struct out *o, struct err *e)
{
	char *path;
	struct str text = STR_INIT;
	enum status rc = editor_run(c->text.p, c->text.len, ".md", CARD_MOST_BYTES, &text, &path, e);
	if (rc != ST_OK && !path) {
		str_free(&text);
		return rc;
	}
	if (rc == ST_OK && !c->rev && text.len == c->text.len && !memcmp(text.p, c->text.p, text.len)) {
		err_set(e, ST_OK, "nothing was changed; nothing was saved");
		rc = reg_verb_said(o, c->model, c->version, e);
	} else if (rc == ST_OK) {
		rc = save(c, &text, o, e);
	}
	if (rc == ST_OK)
		unlink(path);
	else
		fprintf(o->msg, "your text is still in %s\n", path);
	free(path);
	str_free(&text);
	return rc;
}

VERB_FN(verb_models_card)
{
	struct card c = { .text = STR_INIT, .model = verb_arg(a, 0) };
	const bool writes = verb_flag(a, "edit") || verb_opt(a, "set");
	if (writes && ws->read_only)
		return err_set(e, ST_REFUSED, "the workspace is open for reading only: a card cannot be saved");
	enum status rc = verb_argc(a) == 2 ? reg_verb_version(ws, a, 1, o, &c.s, &c.model_id, &c.version, e) : reg_verb_model(ws, a, o, &c.s, &c.model_id, e);
	if (rc != ST_OK)
		return rc;
	rc = card_load(c.s, c.model_id, c.version, &c.text, &c.rev, e);
	if (rc == ST_OK && verb_opt(a, "set"))
		rc = save_file(&c, verb_opt(a, "set"), o, e);
	else if (rc == ST_OK && verb_flag(a, "edit"))
		rc = edit_card(&c, o, e);
	else if (rc == ST_OK)
		rc = verb_flag(a, "check") ? check_card(&c, o, e) : print_card(&c, o, e);
	str_free(&c.text);
	store_put(ws->pool, c.s);
	return rc;
}

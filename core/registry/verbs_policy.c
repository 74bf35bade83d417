/* policy check, show, apply: the policy in the shell.
 *
 * Three texts are told apart: the file that is named or lies beside the workspace, the text in force, and the default that holds without either.
 * check reads the first and says how it stands to the second; show prints the one that holds, byte for byte, so that what is printed can
 * be saved as a file again; apply makes the first the second. */
#include "core/registry/verbs_policy.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/fs.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/registry/policy_impl.h"
#include "core/registry/regsql.h"
#include "core/registry/verbs_impl.h"

static void put_line(struct out *o, struct str *line)
{
	str_addc(line, '\n');
	out_text(o, line->p, line->len);
	str_free(line);
}

static void put_json(struct out *o, struct str *text)
{
	str_addc(text, '\n');
	fwrite(text->p, 1, text->len, o->out);
	str_free(text);
}

/* The last text that came into force; version 0: none. Freed by the caller. */
struct in_force { int64_t version, ms; char *text, *by; };

static enum status read_in_force(struct store *s, struct in_force *out, struct err *e)
{
	*out = (struct in_force){ 0 };
	sqlite3_stmt *q = reg_query(s, e, "SELECT version, ms, actor, text FROM reg_policy ORDER BY version DESC LIMIT 1", "");
	if (!q)
		return ST_FAILED;
	int rc = sqlite3_step(q);
	if (rc == SQLITE_ROW) {
		struct str by = STR_INIT;
		text_clean(&by, reg_column(q, 2), (size_t)sqlite3_column_bytes(q, 2), 0);
		*out = (struct in_force){ sqlite3_column_int64(q, 0), sqlite3_column_int64(q, 1), mem_strdup(reg_column(q, 3)), str_take(&by) };
	}
	return reg_done(s, q, rc, e);
}

static void in_force_free(struct in_force *f)
{
	free(f->text);
	free(f->by);
}

/* ---- check ---- */

struct checking { const char *file; struct str text, findings, warnings; struct policy *p; struct in_force now; bool workspace; };

static void checking_free(struct checking *c)
{
	str_free(&c->text);
	str_free(&c->findings);
	str_free(&c->warnings);
	policy_free(c->p);
	in_force_free(&c->now);
}

static bool is_in_force(const struct checking *c)
{
	return c->now.version && strcmp(c->now.text, c->text.p) == 0;
}

/* "14:" */
static int64_t take_number(const char **p)
{
	char *end;
	int64_t n = strtol(*p, &end, 10);
	*p = end + (*end == ':');
	return n;
}

static void json_lines(struct jsonw *w, const char *key, const struct checking *c, const struct str *lines)
{
	size_t prefix = strlen(c->file);
	jsonw_put_open(w, key, '[');
	for (const char *p = lines->p; *p; p += strcspn(p, "\n"), p += *p == '\n') {
		const char *end = p + strcspn(p, "\n"), *rest = p + (strncmp(p, c->file, prefix) == 0 && p[prefix] == ':' ? prefix + 1 : 0);
		int64_t line = take_number(&rest), column = take_number(&rest);
		rest += strspn(rest, " ");
		jsonw_open(w, '{');
		jsonw_put_int(w, "line", line);
		jsonw_put_int(w, "column", column);
		jsonw_put_strn(w, "text", rest, (size_t)(end - rest));
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void print_check_json(const struct checking *c, struct out *o)
{
	struct str text = STR_INIT;
	struct jsonw w;
	jsonw_init(&w, &text);
	jsonw_open(&w, '{');
	jsonw_put_str(&w, "file", c->file);
	jsonw_put_bool(&w, "ok", c->p != NULL);
	json_lines(&w, "findings", c, &c->findings);
	json_lines(&w, "warnings", c, &c->warnings);
	jsonw_put_nonzero(&w, "policy_version", c->now.version);
	jsonw_put_bool(&w, "in_force", is_in_force(c));
	jsonw_close(&w, '}');
	put_json(o, &text);
}

static void print_check(const struct checking *c, struct out *o)
{
	struct str line = STR_INIT;
	if (!c->p) {
		out_text(o, c->findings.p, c->findings.len);
		return;
	}
	out_text(o, c->warnings.p, c->warnings.len);
	str_addf(&line, "%s: no findings; lanes: %zu, rules: %zu, freezes: %zu", c->file, c->p->n_lanes, c->p->n_rules, c->p->n_freezes);
	if (is_in_force(c))
		str_addf(&line, "; in force as policy %" PRId64, c->now.version);
	else if (c->now.version)
		str_addf(&line, "; not in force, policy %" PRId64 " is: mlyard policy apply %s", c->now.version, c->file);
	else if (c->workspace)
		str_add(&line, "; no policy is in force yet: the first decision takes the one beside the workspace");
	put_line(o, &line);
}

/* With a file and no workspace named there need be none: CI checks what is in the repository. */
static enum status look_at_workspace(const struct verb_args *a, struct checking *c, char **file, struct err *e)
{
	const struct workspace_spec spec = { .file = verb_opt(a, "workspace"), .read_only = true, .must_exist = true };
	struct workspace *ws = NULL;
	enum status rc = workspace_open(&spec, &ws, e);
	if (rc != ST_OK && verb_argc(a) && !spec.file)
		return ST_OK;
	struct store *s = rc == ST_OK ? store_get(ws->pool, e) : NULL;
	if (s) {
		c->workspace = true;
		rc = read_in_force(s, &c->now, e);
		*file = policy_file(s);
		store_put(ws->pool, s);
	} else if (rc == ST_OK) {
		rc = ST_FAILED;
	}
	workspace_close(ws);
	return rc;
}

static enum status no_file(const char *path, struct err *e)
{
	return err_set(e, ST_NOT_FOUND, "there is no %s, so the default policy holds; `mlyard policy show` prints it as a start", path);
}

enum status verb_policy_check(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	(void)ws;
	struct checking c = { .text = STR_INIT, .findings = STR_INIT, .warnings = STR_INIT };
	char *beside = NULL;
	enum status rc = look_at_workspace(a, &c, &beside, e);
	c.file = verb_argc(a) ? verb_arg(a, 0) : beside;
	if (rc == ST_OK && !verb_argc(a) && !fs_is_file(c.file))
		rc = no_file(c.file, e);
	if (rc == ST_OK)
		rc = fs_read(c.file, POLICY_MOST_BYTES, &c.text, e);
	if (rc == ST_OK) {
		enum status parsed = policy_parse(c.text.p, c.text.len, c.file, &c.p, &c.findings, NULL);
		if (parsed == ST_OK)
			policy_warnings(c.p, &c.warnings);
		if (o->json)
			print_check_json(&c, o);
		else
			print_check(&c, o);
		if (parsed != ST_OK)
			rc = err_set(e, ST_CHECK, "%s does not hold as a policy", c.file);
	}
	checking_free(&c);
	free(beside);
	return rc;
}

/* ---- show ---- */

static const char default_text[] =
	"# The policy of a workspace without one. Save it as policy.yaml beside the workspace file and add rules;\n"
	"# docs/policy.md says what there is.\n"
	"version: 1\n"
	"lanes: [None, Development, Staging, Production, Archived]\n"
	"single: [Production]      # one version at a time; the one before it goes to the archive\n"
	"archive: Archived\n"
	"rules: []\n";

static void json_gates(struct jsonw *w, const char *key, const struct gate_spec *gates, size_t n)
{
	jsonw_put_open(w, key, '[');
	for (size_t i = 0; i < n; i++)
		jsonw_str(w, gates[i].text);
	jsonw_close(w, ']');
}

static void json_rule(struct jsonw *w, const struct policy_rule *r)
{
	jsonw_open(w, '{');
	jsonw_put_str(w, "name", r->name);
	jsonw_put_int(w, "line", r->line);
	jsonw_put_str(w, "models", r->models);
	jsonw_put_str(w, "from", r->from);
	jsonw_put_str(w, "to", r->to);
	json_gates(w, "gates", r->gates, r->n_gates);
	jsonw_put_strs(w, "checklist", r->checklist, r->n_checklist);
	jsonw_put_open(w, "approvals", '{');
	jsonw_put_int(w, "needed", r->approvals);
	jsonw_put_str(w, "role", member_role_name(r->approver_role));
	jsonw_put_strs(w, "from", r->approvers, r->n_approvers);
	jsonw_put_bool(w, "separate_uids", r->separate_uids);
	jsonw_put_int(w, "expire_ms", r->request_ms);
	jsonw_close(w, '}');
	jsonw_put_strs(w, "aliases", r->aliases, r->n_aliases);
	jsonw_put_bool(w, "automatic", r->automatic);
	jsonw_put_open(w, "rollback", '{');
	jsonw_put_bool(w, "waive_gates", r->waive_on_rollback);
	jsonw_put_bool(w, "waive_approvals", r->waive_approvals_on_rollback);
	json_gates(w, "when", r->rollback_when, r->n_rollback_when);
	jsonw_close(w, '}');
	jsonw_close(w, '}');
}

static void json_roles(struct jsonw *w, const struct policy *p)
{
	jsonw_put_open(w, "roles", '{');
	for (size_t i = 0; i < p->n_members; i++)
		jsonw_put_str(w, p->members[i].name, member_role_name(p->members[i].role));
	jsonw_close(w, '}');
	jsonw_put_str(w, "default_role", member_role_name(p->default_role));
}

static void json_freezes(struct jsonw *w, const struct policy *p)
{
	jsonw_put_open(w, "freeze", '[');
	for (size_t i = 0; i < p->n_freezes; i++) {
		const struct freeze *f = &p->freezes[i];
		jsonw_open(w, '{');
		jsonw_put_int(w, "from_ms", f->from_ms);
		jsonw_put_int(w, "to_ms", f->to_ms);
		jsonw_put_str(w, "models", f->models);
		jsonw_put_str(w, "lane", f->lane);
		jsonw_put_str(w, "reason", f->why);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void print_policy_json(const struct policy *p, const struct in_force *now, const char *note, const char *source, struct out *o)
{
	struct str text = STR_INIT;
	struct jsonw w;
	jsonw_init(&w, &text);
	jsonw_open(&w, '{');
	jsonw_put_int(&w, "policy_version", p->version);
	jsonw_put_str(&w, "note", note);
	jsonw_put_str(&w, "by", now->by);
	jsonw_put_nonzero(&w, "since_ms", now->version ? now->ms : 0);
	jsonw_put_strs(&w, "lanes", p->lanes, p->n_lanes);
	jsonw_put_strs(&w, "single", p->single, p->n_single);
	jsonw_put_str(&w, "archive", p->archive);
	jsonw_put_str(&w, "headline", p->headline);
	jsonw_put_bool(&w, "strict", p->strict);
	jsonw_put_strs(&w, "card_sections", p->card_sections, p->n_card_sections);
	json_roles(&w, p);
	json_freezes(&w, p);
	jsonw_put_open(&w, "rules", '[');
	for (size_t i = 0; i < p->n_rules; i++)
		json_rule(&w, &p->rules[i]);
	jsonw_close(&w, ']');
	jsonw_put_str(&w, "text", source);
	jsonw_close(&w, '}');
	put_json(o, &text);
}

/* Comment lines, so that what is printed is a policy file whatever goes with it. */
static void print_policy(const struct in_force *now, const char *note, const char *source, struct out *o)
{
	struct str head = STR_INIT;
	char since[FMT_MAX];
	if (o->tty && now->version)
		str_addf(&head, "# policy %" PRId64 ", in force since %s by %s\n", now->version, fmt_time(since, now->ms), now->by);
	if (o->tty && *note)
		str_addf(&head, "# %s\n", note);
	out_text(o, head.p, head.len);
	out_text(o, source, strlen(source));
	str_free(&head);
}

/* The text that holds: in force, else the file's, else the default. */
static enum status text_that_holds(struct store *s, const struct policy *p, const struct in_force *now, struct str *out, struct err *e)
{
	char *path = policy_file(s);
	enum status rc = ST_OK;
	if (now->version)
		str_add(out, now->text);
	else if (strcmp(p->name, "policy.yaml") == 0)
		rc = fs_read(path, POLICY_MOST_BYTES, out, e);
	else
		str_add(out, default_text);
	free(path);
	return rc;
}

enum status verb_policy_show(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	(void)a;
	struct policy *p = NULL;
	struct in_force now = { 0 };
	struct str text = STR_INIT;
	char *note = NULL;
	struct store *s = store_get(ws->pool, e);
	if (!s)
		return ST_FAILED;
	enum status rc = policy_load(s, &p, &note, e);
	if (rc == ST_OK)
		rc = read_in_force(s, &now, e);
	if (rc == ST_OK)
		rc = text_that_holds(s, p, &now, &text, e);
	if (rc == ST_OK && o->json)
		print_policy_json(p, &now, note, text.p, o);
	else if (rc == ST_OK)
		print_policy(&now, note, text.p, o);
	str_free(&text);
	in_force_free(&now);
	free(note);
	policy_free(p);
	store_put(ws->pool, s);
	return rc;
}

/* ---- apply ---- */

static enum status apply(struct store *s, const struct verb_args *a, struct out *o, struct err *e)
{
	struct str text = STR_INIT;
	struct in_force now = { 0 };
	struct actor self;
	char *beside = policy_file(s);
	const char *file = verb_argc(a) ? verb_arg(a, 0) : beside;
	actor_self(&self);
	enum status rc = !verb_argc(a) && !fs_is_file(file) ? no_file(file, e) : fs_read(file, POLICY_MOST_BYTES, &text, e);
	if (rc == ST_OK)
		rc = policy_apply(s, &self, text.p, text.len, verb_opt(a, "reason"), e);
	if (rc == ST_OK)
		rc = read_in_force(s, &now, e);
	if (rc == ST_OK && o->json) {
		struct str json = STR_INIT;
		struct jsonw w;
		jsonw_init(&w, &json);
		jsonw_open(&w, '{');
		jsonw_put_int(&w, "policy_version", now.version);
		jsonw_put_str(&w, "file", file);
		jsonw_close(&w, '}');
		put_json(o, &json);
	} else if (rc == ST_OK) {
		struct str line = STR_INIT;
		str_add(&line, e->text);
		put_line(o, &line);
	}
	in_force_free(&now);
	str_free(&text);
	free(beside);
	return rc;
}

enum status verb_policy_apply(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	struct err own;
	if (!verb_opt(a, "reason"))
		return err_set(e, ST_USAGE, "policy apply needs --reason: those who read the history later need to know why");
	struct store *s = store_get(ws->pool, e);
	if (!s)
		return ST_FAILED;
	enum status rc = apply(s, a, o, &own);
	store_put(ws->pool, s);
	return rc == ST_OK ? ST_OK : err_set(e, rc, "%s", own.text);
}

/* policy.yaml -> struct policy: the document's own sections, and how values are read with their place.
 *
 * Method   yamldoc gives a tree whose nodes know line and column. A map is read through a table of its keys; each row's function
 *          takes one value. Whatever is wrong is put down as a finding and reading goes on with what makes sense, so that one run
 *          shows everything; the findings are sorted by place at the end. With any finding there is no policy.
 * Order    of the tables, not of the file: lanes come before what names lanes.
 * Text     stays as it was written where it is compared (metrics, tags), and must be free of control characters everywhere.
 */
#include "core/registry/policy_impl.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/text.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
enum { LANE_MAX = 64 };

/* ---- sections of the document ---- */

bool read_role(struct reading *r, const struct yamldoc_node *x, enum member_role *out)
{
	for (enum member_role role = 0; role < MEMBER_ROLES; role++)
		if (x->kind == YAMLDOC_SCALAR && strcmp(x->text, member_role_name(role)) == 0) {
			*out = role;
			return true;
		}
	wrong_kind(r, x, "viewer, contributor, approver or admin");
	return false;
}

static void take_version(struct reading *r, const struct yamldoc_node *x, void *into)
{
	(void)into;
	int version;
	read_int(r, x, 1, 1, &version);
}

static const char *lane_wrong(const char *lane)
{
	if (strlen(lane) > LANE_MAX)
		return "is too long for a lane";
	return strpbrk(lane, "*?@`,/") ? "is no name for a lane: * ? @ ` , and / mean something else" : NULL;
}

static void take_lanes(struct reading *r, const struct yamldoc_node *x, void *into)
{
	struct policy *p = into;
	size_t n;
	const char **lanes = read_words(r, x, POLICY_MOST_LANES, &n);
	if (!n)
		return;
	p->lanes = lanes;
	p->n_lanes = 0;
	for (size_t i = 0; i < n; i++) {
		if (lane_wrong(lanes[i]))
			finding_at(r, x->at, "%s %s", quoted(r, lanes[i], strlen(lanes[i])), lane_wrong(lanes[i]));
		else if (policy_lane(p, lanes[i]))
			finding_at(r, x->at, "the lane %s is there twice; case does not tell lanes apart", quoted(r, lanes[i], strlen(lanes[i])));
		else
			p->lanes[p->n_lanes++] = lanes[i];
	}
	if (!policy_lane(p, "None"))
		finding_at(r, x->at, "the lane \"None\" is missing: new versions start there");
}

const char *read_lane(struct reading *r, const struct yamldoc_node *x, const char *name)
{
	const char *lane = policy_lane(policy_of(r), name);
	if (lane)
		return lane;
	const char *near = word_nearest(name, policy_of(r)->lanes, policy_of(r)->n_lanes);
	if (near)
		finding_at(r, x->at, "there is no lane %s; did you mean \"%s\"?", quoted(r, name, strlen(name)), near);
	else
		finding_at(r, x->at, "there is no lane %s", quoted(r, name, strlen(name)));
	return NULL;
}

static void take_archive(struct reading *r, const struct yamldoc_node *x, void *into)
{
	struct policy *p = into;
	const char *name = read_word(r, x, POLICY_WORD_MAX), *lane = name ? read_lane(r, x, name) : NULL;
	if (lane)
		p->archive = lane;
}

static void take_single(struct reading *r, const struct yamldoc_node *x, void *into)
{
	struct policy *p = into;
	size_t n;
	const char **names = read_words(r, x, POLICY_MOST_LANES, &n);
	p->single = names;
	p->n_single = 0;
	for (size_t i = 0; i < n; i++) {
		const char *lane = read_lane(r, x, names[i]);
		if (lane && strcasecmp(lane, p->archive) == 0)
			finding_at(r, x->at, "%s takes what leaves the single lanes, so it cannot be one", quoted(r, lane, strlen(lane)));
		else if (lane)
			p->single[p->n_single++] = lane;
	}
}

static void take_headline(struct reading *r, const struct yamldoc_node *x, void *into)
{
	((struct policy *)into)->headline = read_word(r, x, POLICY_WORD_MAX);
}

static void take_strict(struct reading *r, const struct yamldoc_node *x, void *into)
{
	read_bool(r, x, &((struct policy *)into)->strict);
}

static void take_sections(struct reading *r, const struct yamldoc_node *x, void *into)
{
	struct policy *p = into;
	p->card_sections = read_words(r, x, POLICY_MOST_WORDS, &p->n_card_sections);
}

static void add_member(struct reading *r, const struct yamldoc_node *x, const char *name, enum member_role role)
{
	struct policy *p = policy_of(r);
	for (size_t i = 0; i < p->n_members; i++)
		if (strcmp(p->members[i].name, name) == 0) {
			finding_at(r, x->at, "%s has the role %s already", quoted(r, name, strlen(name)), member_role_name(p->members[i].role));
			return;
		}
	p->members[p->n_members++] = (struct policy_member){ name, role };
}

static void take_members(struct reading *r, const struct yamldoc_node *x, enum member_role role)
{
	size_t n;
	const char **names = read_words(r, x, POLICY_MOST_WORDS, &n);
	for (size_t i = 0; i < n; i++)
		add_member(r, x, names[i], role);
}

static void take_viewers(struct reading *r, const struct yamldoc_node *x, void *into) { (void)into; take_members(r, x, MEMBER_VIEWER); }
static void take_contributors(struct reading *r, const struct yamldoc_node *x, void *into) { (void)into; take_members(r, x, MEMBER_CONTRIBUTOR); }
static void take_approvers(struct reading *r, const struct yamldoc_node *x, void *into) { (void)into; take_members(r, x, MEMBER_APPROVER); }
static void take_admins(struct reading *r, const struct yamldoc_node *x, void *into) { (void)into; take_members(r, x, MEMBER_ADMIN); }

/* Without roles everybody may everything; who names some means that the others may not. */
static void take_roles(struct reading *r, const struct yamldoc_node *x, void *into)
{
	static const struct field fields[] = {
		{ "admin", take_admins }, { "approver", take_approvers }, { "contributor", take_contributors }, { "viewer", take_viewers },
	};
	struct policy *p = into;
	((struct policy_reading *)r->of)->has_roles = true;
	p->default_role = MEMBER_VIEWER;
	p->members = arena_array(p->arena, POLICY_MOST_WORDS * COUNT(fields), sizeof *p->members);
	read_map(r, x, "the section of roles", fields, COUNT(fields), p);
}

static void take_default_role(struct reading *r, const struct yamldoc_node *x, void *into)
{
	read_role(r, x, &((struct policy *)into)->default_role);
}

static void check_admin(struct reading *r, const struct yamldoc_node *root)
{
	const struct policy *p = policy_of(r);
	bool somebody = p->default_role == MEMBER_ADMIN;
	for (size_t i = 0; i < p->n_members; i++)
		somebody |= p->members[i].role == MEMBER_ADMIN;
	const struct yamldoc_node *roles = yamldoc_get(root, "roles"), *x = roles ? roles : yamldoc_get(root, "default_role");
	if (!somebody && x)
		finding_at(r, x->key_at, "nobody is an admin, so nobody could ever change this policy");
}

/* ---- freezes ---- */

struct freeze_in { struct freeze f; bool has_from, has_to; };

static bool read_date(struct reading *r, const struct yamldoc_node *x, bool end, int64_t *ms)
{
	if (x->kind == YAMLDOC_SCALAR && strlen(x->text) == x->n && policy_date(x->text, end, ms))
		return true;
	wrong_kind(r, x, "a date, like 2026-12-20 or 2026-12-20T18:00Z,");
	return false;
}

static void take_freeze_from(struct reading *r, const struct yamldoc_node *x, void *into)
{
	struct freeze_in *in = into;
	in->has_from = read_date(r, x, false, &in->f.from_ms);
}

static void take_freeze_to(struct reading *r, const struct yamldoc_node *x, void *into)
{
	struct freeze_in *in = into;
	in->has_to = read_date(r, x, true, &in->f.to_ms);
	if (in->has_from && in->has_to && in->f.to_ms <= in->f.from_ms)
		finding_at(r, x->at, "the freeze ends before it begins");
}

static void take_freeze_models(struct reading *r, const struct yamldoc_node *x, void *into)
{
	const char *glob = read_word(r, x, POLICY_WORD_MAX);
	if (glob)
		((struct freeze_in *)into)->f.models = glob;
}

static void take_freeze_lane(struct reading *r, const struct yamldoc_node *x, void *into)
{
	const char *glob = read_word(r, x, POLICY_WORD_MAX), *lane = glob;
	if (glob && policy_glob_is_literal(glob) && *glob != '@')
		lane = read_lane(r, x, glob);
	if (lane)
		((struct freeze_in *)into)->f.lane = lane;
}

static void take_freeze_reason(struct reading *r, const struct yamldoc_node *x, void *into)
{
	const char *why = read_word(r, x, POLICY_REASON_MAX);
	if (why)
		((struct freeze_in *)into)->f.why = why;
}

static void take_freezes(struct reading *r, const struct yamldoc_node *x, void *into)
{
	static const struct field fields[] = {
		{ "from", take_freeze_from }, { "to", take_freeze_to }, { "models", take_freeze_models }, { "lane", take_freeze_lane }, { "reason", take_freeze_reason },
	};
	struct policy *p = into;
	size_t n;
	if (!read_list(r, x, POLICY_MOST_FREEZES, &n))
		return;
	p->freezes = arena_array(p->arena, n, sizeof *p->freezes);
	for (const struct yamldoc_node *item = x->child; item; item = item->next) {
		struct freeze_in in = { .f = { .models = "*", .lane = "*", .why = "", .line = item->at.line } };
		bool map = read_map(r, item, "a freeze", fields, COUNT(fields), &in);
		if (map && (!yamldoc_get(item, "from") || !yamldoc_get(item, "to")))
			finding_at(r, item->at, "a freeze needs \"from\" and \"to\"");
		p->freezes[p->n_freezes++] = in.f;
	}
}

static void take_rules(struct reading *r, const struct yamldoc_node *x, void *into)
{
	(void)into;
	read_rules(r, x);
}

/* ---- the whole ---- */

static void read_document(struct reading *r, const struct yamldoc_node *root)
{
	static const struct field fields[] = {
		{ "version", take_version }, { "lanes", take_lanes }, { "archive", take_archive }, { "single", take_single }, { "headline", take_headline },
		{ "strict", take_strict }, { "card_sections", take_sections }, { "roles", take_roles }, { "default_role", take_default_role },
		{ "freeze", take_freezes }, { "rules", take_rules },
	};
	struct policy *p = policy_of(r);
	if (!read_map(r, root, "a policy", fields, COUNT(fields), p))
		return;
	check_admin(r, root);
	if (!policy_lane(p, p->archive))
		finding_at(r, yamldoc_get(root, "lanes")->at, "there is no lane \"%s\" for what leaves the others; name one with \"archive\"", p->archive);
	for (size_t i = 0; i < p->n_single && !yamldoc_get(root, "single"); i++)
		if (!policy_lane(p, p->single[i]))
			p->n_single = 0;
}

static enum status whole_text_wrong(const char *text, size_t n, const char *name, struct err *e)
{
	if (n > POLICY_MOST_BYTES)
		return err_set(e, ST_FAILED, "%s: longer than the %d KiB that a policy may have", name, POLICY_MOST_BYTES >> 10);
	if (!text_utf8_valid(text, n))
		return err_set(e, ST_FAILED, "%s: not UTF-8", name);
	return ST_OK;
}

enum status policy_parse(const char *text, size_t n, const char *name, struct policy **out, struct str *findings, struct err *e)
{
	struct yamldoc *y = NULL;
	struct err own;
	*out = NULL;
	enum status rc = whole_text_wrong(text, n, name, &own);
	if (rc == ST_OK)
		rc = yamldoc_parse(text, n, name, &y, &own);
	if (rc != ST_OK) {
		if (findings)
			str_addf(findings, "%s\n", own.text);
		return err_set(e, ST_FAILED, "%s", own.text);
	}
	struct policy_reading of = { .p = policy_default() };
	struct reading r = { .arena = of.p->arena, .of = &of };
	of.p->name = arena_strdup(of.p->arena, name);
	policy_hash_of(text, n, of.p->hash);
	read_document(&r, yamldoc_root(y));
	rc = findings_report(&r, name, "policy check", findings, e);
	yamldoc_free(y);
	if (rc == ST_OK)
		*out = of.p;
	else
		policy_free(of.p);
	return rc;
}

/* The rules of policy.yaml.
 *
 * Extending  a rule takes from the rule it extends whatever it does not say itself. Lists of gates, of checklist items and
 *            of aliases are added to, the inherited ones first, so that a rule can be stricter than its base and never laxer by accident.
 *            Bases may stand anywhere in the file; they are filled in first, depth-first, and a rule met again while it is still open is
 *            a circle.
 * Templates  a rule without `to`, which another extends, is only that.
 */
#include "core/registry/policy_impl.h"

#include <string.h>
#include <strings.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))
static const int64_t week_ms = INT64_C(7) * 86400 * 1000;

/* ---- one rule as it is written ---- */

static void take_name(struct reading *r, const struct yamldoc_node *x, void *into)
{
	((struct policy_rule *)into)->name = read_word(r, x, POLICY_WORD_MAX);
}

static void take_extends(struct reading *r, const struct yamldoc_node *x, void *into)
{
	(void)into;
	read_word(r, x, POLICY_WORD_MAX);
}

static void take_models(struct reading *r, const struct yamldoc_node *x, void *into)
{
	const char *glob = read_word(r, x, POLICY_WORD_MAX);
	if (glob)
		((struct policy_rule *)into)->models = glob;
}

/* A lane's name as the lanes spell it; a glob that matches at least one; an alias. NULL after a finding. */
static const char *lane_glob(struct reading *r, const struct yamldoc_node *x, bool alias_too)
{
	const char *glob = read_word(r, x, POLICY_WORD_MAX);
	if (!glob)
		return NULL;
	if (*glob == '@' && alias_too) {
		const char *wrong = policy_glob_is_literal(glob) ? policy_alias_wrong(glob + 1) : NULL;
		if (wrong)
			finding_at(r, x->at, "%s: %s", quoted(r, glob, strlen(glob)), wrong);
		return glob;
	}
	if (policy_glob_is_literal(glob))
		return read_lane(r, x, glob);
	for (size_t i = 0; i < policy_of(r)->n_lanes; i++)
		if (policy_glob(glob, policy_of(r)->lanes[i], true))
			return glob;
	finding_at(r, x->at, "%s matches no lane", quoted(r, glob, strlen(glob)));
	return NULL;
}

static void take_from(struct reading *r, const struct yamldoc_node *x, void *into)
{
	const char *glob = lane_glob(r, x, false);
	if (glob)
		((struct policy_rule *)into)->from = glob;
}

static void take_to(struct reading *r, const struct yamldoc_node *x, void *into)
{
	((struct policy_rule *)into)->to = lane_glob(r, x, true);
}

static void take_gates(struct reading *r, const struct yamldoc_node *x, void *into)
{
	struct policy_rule *rule = into;
	rule->gates = read_gates(r, x, false, &rule->n_gates);
}

static void take_checklist(struct reading *r, const struct yamldoc_node *x, void *into)
{
	struct policy_rule *rule = into;
	rule->checklist = read_words(r, x, POLICY_MOST_GATES, &rule->n_checklist);
}

static void take_aliases(struct reading *r, const struct yamldoc_node *x, void *into)
{
	struct policy_rule *rule = into;
	size_t n;
	const char **names = read_words(r, x, COUNT(rule->aliases), &n);
	for (size_t i = 0; i < n; i++) {
		const char *name = *names[i] == '@' ? names[i] + 1 : names[i], *wrong = policy_alias_wrong(name);
		if (wrong)
			finding_at(r, x->at, "%s: %s", quoted(r, names[i], strlen(names[i])), wrong);
		else
			rule->aliases[rule->n_aliases++] = name;
	}
}

static void take_automatic(struct reading *r, const struct yamldoc_node *x, void *into)
{
	read_bool(r, x, &((struct policy_rule *)into)->automatic);
}

/* ---- approvals ---- */

static void take_needed(struct reading *r, const struct yamldoc_node *x, void *into)
{
	read_int(r, x, 0, POLICY_MOST_APPROVALS, &((struct policy_rule *)into)->approvals);
}

static void take_approver_role(struct reading *r, const struct yamldoc_node *x, void *into)
{
	struct policy_rule *rule = into;
	if (read_role(r, x, &rule->approver_role) && rule->approver_role < MEMBER_APPROVER)
		finding_at(r, x->at, "a %s may not approve: approver or admin", member_role_name(rule->approver_role));
}

static void take_approvers(struct reading *r, const struct yamldoc_node *x, void *into)
{
	struct policy_rule *rule = into;
	rule->approvers = read_words(r, x, POLICY_MOST_WORDS, &rule->n_approvers);
	if (rule->n_approvers && rule->n_approvers < (size_t)rule->approvals)
		finding_at(r, x->at, "%d approvals are needed, and only %zu may give one", rule->approvals, rule->n_approvers);
}

static void take_separate(struct reading *r, const struct yamldoc_node *x, void *into)
{
	read_bool(r, x, &((struct policy_rule *)into)->separate_uids);
}

static void take_expire(struct reading *r, const struct yamldoc_node *x, void *into)
{
	read_span(r, x, &((struct policy_rule *)into)->request_ms);
}

/* How many there are who may approve under this rule; SIZE_MAX: not known by name. */
static size_t possible_approvers(const struct reading *r, const struct policy_rule *rule)
{
	size_t n = 0;
	if (!policy_has_roles(r) || policy_of(r)->default_role >= rule->approver_role)
		return SIZE_MAX;
	for (size_t i = 0; i < policy_of(r)->n_members; i++)
		n += policy_of(r)->members[i].role >= rule->approver_role;
	return n;
}

static void check_approvers(struct reading *r, const struct yamldoc_node *x, const struct policy_rule *rule)
{
	size_t n = possible_approvers(r, rule);
	if (n < (size_t)rule->approvals)
		finding_at(r, x->at, "%d approvals are needed, and the roles name only %zu who may give one", rule->approvals, n);
	const struct yamldoc_node *from = yamldoc_get(x, "from");
	for (size_t i = 0; i < rule->n_approvers && from; i++)
		if (policy_has_roles(r) && policy_role(policy_of(r), rule->approvers[i]) < rule->approver_role)
			finding_at(r, from->at, "%s may not approve: the role is %s, and %s is needed", quoted(r, rule->approvers[i], strlen(rule->approvers[i])),
				member_role_name(policy_role(policy_of(r), rule->approvers[i])), member_role_name(rule->approver_role));
}

static void take_approvals(struct reading *r, const struct yamldoc_node *x, void *into)
{
	static const struct field fields[] = {
		{ "needed", take_needed }, { "role", take_approver_role }, { "from", take_approvers }, { "separate_uids", take_separate }, { "expire", take_expire },
	};
	struct policy_rule *rule = into;
	if (x->kind == YAMLDOC_SCALAR)
		take_needed(r, x, rule);
	else if (read_map(r, x, "the section of approvals", fields, COUNT(fields), rule) && !yamldoc_get(x, "needed"))
		finding_at(r, x->at, "how many approvals are \"needed\"?");
	check_approvers(r, x, rule);
}

/* ---- rollback ---- */

static void take_waive_gates(struct reading *r, const struct yamldoc_node *x, void *into)
{
	read_bool(r, x, &((struct policy_rule *)into)->waive_on_rollback);
}

static void take_waive_approvals(struct reading *r, const struct yamldoc_node *x, void *into)
{
	read_bool(r, x, &((struct policy_rule *)into)->waive_approvals_on_rollback);
}

static void take_when(struct reading *r, const struct yamldoc_node *x, void *into)
{
	struct policy_rule *rule = into;
	rule->rollback_when = read_gates(r, x, true, &rule->n_rollback_when);
}

static void take_rollback(struct reading *r, const struct yamldoc_node *x, void *into)
{
	static const struct field fields[] = { { "waive_gates", take_waive_gates }, { "waive_approvals", take_waive_approvals }, { "when", take_when } };
	read_map(r, x, "the section of rollback", fields, COUNT(fields), into);
}

/* ---- extending ---- */

static bool says(const struct rule_in *in, const char *key)
{
	return yamldoc_get(in->node, key) != NULL;
}

/* base's items, then the own ones. A chain of rules must not grow without end. */
static void *joined(struct reading *r, const struct rule_in *in, const void *base, size_t n_base, void *own, size_t *n_own, size_t size)
{
	if (n_base + *n_own > POLICY_MOST_WORDS) {
		finding_at(r, in->node->at, "at most %d items of a list, with the inherited ones", POLICY_MOST_WORDS);
		return own;
	}
	char *out = arena_array(r->arena, n_base + *n_own, size);
	if (n_base)
		memcpy(out, base, n_base * size);
	if (*n_own)
		memcpy(out + n_base * size, own, *n_own * size);
	*n_own += n_base;
	return out;
}

static void inherit_aliases(struct reading *r, struct rule_in *in, const struct policy_rule *base)
{
	struct policy_rule *rule = &in->r;
	for (size_t i = 0; i < base->n_aliases; i++) {
		size_t same = 0;
		while (same < rule->n_aliases && strcmp(rule->aliases[same], base->aliases[i]) != 0)
			same++;
		if (same < rule->n_aliases)
			continue;
		if (rule->n_aliases == COUNT(rule->aliases)) {
			finding_at(r, in->node->at, "at most %zu aliases, with the inherited ones", COUNT(rule->aliases));
			return;
		}
		rule->aliases[rule->n_aliases++] = base->aliases[i];
	}
}

static void inherit(struct reading *r, struct rule_in *in, const struct policy_rule *base)
{
	struct policy_rule *own = &in->r;
	own->models = says(in, "models") ? own->models : base->models;
	own->from = says(in, "from") ? own->from : base->from;
	own->to = says(in, "to") ? own->to : base->to;
	own->automatic = says(in, "automatic") ? own->automatic : base->automatic;
	own->gates = joined(r, in, base->gates, base->n_gates, own->gates, &own->n_gates, sizeof *own->gates);
	own->checklist = joined(r, in, base->checklist, base->n_checklist, own->checklist, &own->n_checklist, sizeof *own->checklist);
	inherit_aliases(r, in, base);
	if (!says(in, "approvals")) {
		own->approvals = base->approvals;
		own->approver_role = base->approver_role;
		own->approvers = base->approvers;
		own->n_approvers = base->n_approvers;
		own->separate_uids = base->separate_uids;
		own->request_ms = base->request_ms;
	}
	if (!says(in, "rollback")) {
		own->waive_on_rollback = base->waive_on_rollback;
		own->waive_approvals_on_rollback = base->waive_approvals_on_rollback;
		own->rollback_when = base->rollback_when;
		own->n_rollback_when = base->n_rollback_when;
	}
}

static struct rule_in *rule_named(struct rule_in *in, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (in[i].r.name && strcmp(in[i].r.name, name) == 0)
			return &in[i];
	return NULL;
}

static void no_base(struct reading *r, const struct yamldoc_node *x, const struct rule_in *in, size_t n)
{
	const char **names = arena_array(r->arena, n, sizeof *names);
	for (size_t i = 0; i < n; i++)
		names[i] = in[i].r.name ? in[i].r.name : "";
	const char *near = word_nearest(x->text, names, n);
	if (near && *near)
		finding_at(r, x->at, "there is no rule %s; did you mean \"%s\"?", quoted(r, x->text, x->n), near);
	else
		finding_at(r, x->at, "there is no rule %s", quoted(r, x->text, x->n));
}

/* Fills a rule in after its base. The chain is walked, not recursed into, so that its length is no matter. */
static void resolve(struct reading *r, struct rule_in *in, size_t n, struct rule_in *first)
{
	struct rule_in **chain = arena_array(r->arena, n, sizeof *chain);
	size_t depth = 0;
	for (struct rule_in *at = first; at && at->state != RULE_DONE;) {
		const struct yamldoc_node *x = yamldoc_get(at->node, "extends");
		at->state = RULE_OPEN;
		chain[depth++] = at;
		struct rule_in *base = x && x->kind == YAMLDOC_SCALAR && x->n ? rule_named(in, n, x->text) : NULL;
		if (x && x->kind == YAMLDOC_SCALAR && x->n && !base)
			no_base(r, x, in, n);
		if (base)
			base->extended = true;
		if (base && base->state == RULE_OPEN) {
			finding_at(r, x->at, "rules extend each other in a circle: this one comes back to %s in line %d", quoted(r, base->r.name, strlen(base->r.name)), base->r.line);
			base = NULL;
		}
		at->base = base;
		at = base;
	}
	while (depth-- > 0) {
		if (chain[depth]->base)
			inherit(r, chain[depth], &chain[depth]->base->r);
		chain[depth]->state = RULE_DONE;
	}
}

/* ---- all rules ---- */

static void read_rule(struct reading *r, const struct yamldoc_node *x, struct rule_in *in)
{
	static const struct field fields[] = {
		{ "name", take_name }, { "extends", take_extends }, { "models", take_models }, { "from", take_from }, { "to", take_to }, { "gates", take_gates },
		{ "checklist", take_checklist }, { "approvals", take_approvals }, { "aliases", take_aliases }, { "automatic", take_automatic }, { "rollback", take_rollback },
	};
	*in = (struct rule_in){ .node = x, .r = { .line = x->at.line, .models = "*", .from = "*", .approver_role = MEMBER_APPROVER, .request_ms = week_ms } };
	if (read_map(r, x, "a rule", fields, COUNT(fields), &in->r) && !yamldoc_get(x, "name"))
		finding_at(r, x->at, "a rule needs a \"name\": refusals are told by it");
}

void read_rules(struct reading *r, const struct yamldoc_node *list)
{
	size_t n, i = 0;
	if (!read_list(r, list, POLICY_MOST_RULES, &n))
		return;
	struct rule_in *in = arena_array(r->arena, n, sizeof *in);
	for (const struct yamldoc_node *x = list->child; x; x = x->next)
		read_rule(r, x, &in[i++]);
	for (i = 0; i < n; i++)
		if (in[i].state == RULE_NEW)
			resolve(r, in, n, &in[i]);
	check_rules(r, in, n);
	policy_of(r)->rules = arena_array(r->arena, n, sizeof *policy_of(r)->rules);
	for (i = 0; i < n; i++)
		if (in[i].r.to)
			policy_of(r)->rules[policy_of(r)->n_rules++] = in[i].r;
}

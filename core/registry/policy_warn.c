/* What a policy allows that its author may not have meant: no errors, so they stop nothing.
 *
 * Free moves   a rule that asks for something before a lane is entered, but only from some lanes. Unless the policy is strict, a move without a rule
 *              is free: from the other lanes the same lane is entered without the gates. A glob of models stands for its models: as a name it is
 *              matched by every rule that covers all of them.
 */
#include <string.h>
#include <strings.h>

#include "core/registry/policy_impl.h"

static bool asks(const struct policy_rule *r)
{
	return r->n_gates || r->approvals || r->n_checklist;
}

/* The first rule that speaks of these models and this lane tells of it. */
static bool told_before(const struct policy *p, size_t rule, const char *lane)
{
	for (size_t i = 0; i < rule; i++) {
		const struct policy_rule *r = &p->rules[i];
		if (r->to && asks(r) && !strcmp(r->models, p->rules[rule].models) && policy_glob(r->to, lane, true))
			return true;
	}
	return false;
}

static size_t free_lanes(const struct policy *p, const struct policy_rule *r, const char *lane, struct str *out)
{
	size_t n = 0;
	for (size_t i = 0; i < p->n_lanes; i++)
		if (strcasecmp(p->lanes[i], lane) != 0 && !policy_rule_for(p, r->models, p->lanes[i], lane))
			str_addf(out, "%s%s", n++ ? ", " : "", p->lanes[i]);
	return n;
}

void policy_warnings(const struct policy *p, struct str *out)
{
	struct str lanes = STR_INIT;
	for (size_t i = 0; i < p->n_rules && !p->strict; i++) {
		const struct policy_rule *r = &p->rules[i];
		for (size_t k = 0; k < p->n_lanes && r->to && *r->to != '@' && asks(r); k++) {
			if (!policy_glob(r->to, p->lanes[k], true) || told_before(p, i, p->lanes[k]))
				continue;
			str_clear(&lanes);
			if (free_lanes(p, r, p->lanes[k], &lanes))
				str_addf(out, "%s:%d:1: the rule \"%s\" guards %s from %s only: from %s a version moves there without any rule; say from: \"*\", or strict: true\n",
					p->name, r->line, r->name ? r->name : "", p->lanes[k], r->from, lanes.p);
		}
	}
	str_free(&lanes);
}

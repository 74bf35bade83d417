/* What must hold between the rules of a policy.
 *
 * Never applies   the first rule that matches is the one, so a rule whose moves all match an earlier one is dead, unless others extend it. Lanes are few: `from` and `to` become
 *                 sets of bits; patterns of models are compared as texts.
 * Circles         automatic moves are edges between lanes; into a single lane also the one to the archive that its holder takes. Starting
 *                 at the target of each automatic rule, over the edges of automatic rules that may be about the same models, no
 *                 lane may be reached from which the rule moves: versions would go round for ever. Patterns are compared two at a
 *                 time, by what stands before the first and after the last *.
 */
#include "core/registry/policy_impl.h"

#include <string.h>
#include <strings.h>

typedef uint32_t lane_set;           /* bit i: p->lanes[i] */
_Static_assert(POLICY_MOST_LANES <= 32, "lanes are bits of a lane_set");

bool policy_glob_is_literal(const char *glob)
{
	return !strpbrk(glob, "*?");
}

/* Aliases are no lanes: the empty set. */
static lane_set lanes_of(const struct policy *p, const char *glob)
{
	lane_set set = 0;
	for (size_t i = 0; i < p->n_lanes && *glob != '@'; i++)
		if (policy_glob(glob, p->lanes[i], true))
			set |= (lane_set)1 << i;
	return set;
}

static size_t lane_number(const struct policy *p, const char *lane)
{
	size_t i = 0;
	while (i < p->n_lanes && strcasecmp(p->lanes[i], lane) != 0)
		i++;
	return i;
}

static struct yamldoc_place place_of(const struct rule_in *in, const char *key)
{
	const struct yamldoc_node *x = yamldoc_get(in->node, key);
	return x ? x->at : in->node->at;
}

static const char *named(struct reading *r, const struct rule_in *in)
{
	return in->r.name ? quoted(r, in->r.name, strlen(in->r.name)) : "without a name";
}

/* ---- one rule ---- */

static void check_name(struct reading *r, const struct rule_in *in, size_t i)
{
	for (size_t k = 0; k < i && in[i].r.name; k++)
		if (in[k].r.name && strcmp(in[k].r.name, in[i].r.name) == 0) {
			finding_at(r, place_of(&in[i], "name"), "there is a rule %s in line %d already", named(r, &in[i]), in[k].r.line);
			return;
		}
}

static void check_target(struct reading *r, const struct rule_in *in)
{
	const struct policy_rule *rule = &in->r;
	if (!rule->to && !in->extended && !yamldoc_get(in->node, "to"))
		finding_at(r, in->node->at, "the rule %s says no \"to\", and no rule extends it", named(r, in));
	if (!rule->to)
		return;
	lane_set to = lanes_of(policy_of(r), rule->to), from = lanes_of(policy_of(r), rule->from);
	if (to && (to & (to - 1)) == 0 && from == to)
		finding_at(r, place_of(in, "to"), "the rule %s moves nowhere: from %s to %s", named(r, in), rule->from, rule->to);
	for (size_t i = 0; i < rule->n_rollback_when; i++)
		if (rule->rollback_when[i].relative && strcasecmp(rule->rollback_when[i].lane, rule->to) == 0) {
			struct yamldoc_place at = { rule->rollback_when[i].line, rule->rollback_when[i].col };
			finding_at(r, at, "this compares the version in %s with itself", rule->to);
		}
}

static void check_automatic(struct reading *r, const struct rule_in *in)
{
	if (in->r.automatic && in->r.to && (*in->r.to == '@' || !policy_glob_is_literal(in->r.to)))
		finding_at(r, place_of(in, "automatic"), "an automatic rule needs one lane as its \"to\"");
	if (in->r.automatic && in->r.to && !in->r.n_gates && !in->r.approvals && !in->r.n_checklist)
		finding_at(r, place_of(in, "automatic"), "the rule %s is automatic and asks for nothing: everything would move at once", named(r, in));
}

/* ---- order ---- */

static bool covers(const char *a, const char *b)
{
	return strcmp(a, "*") == 0 || strcmp(a, b) == 0 || (policy_glob_is_literal(b) && policy_glob(a, b, false));
}

static bool hides(const struct policy *p, const struct policy_rule *a, const struct policy_rule *b)
{
	lane_set from = lanes_of(p, b->from), to = lanes_of(p, b->to);
	bool target = *a->to == '@' || *b->to == '@' ? covers(a->to, b->to) && *a->to == *b->to : (to & ~lanes_of(p, a->to)) == 0;
	return target && (from & ~lanes_of(p, a->from)) == 0 && covers(a->models, b->models);
}

static void check_order(struct reading *r, const struct rule_in *in, size_t i)
{
	for (size_t k = 0; k < i && in[i].r.to && !in[i].extended; k++)
		if (in[k].r.to && hides(policy_of(r), &in[k].r, &in[i].r)) {
			finding_at(r, in[i].node->at, "the rule %s never applies: %s in line %d comes first and matches every move of it; put the narrower rule before",
				named(r, &in[i]), named(r, &in[k]), in[k].r.line);
			return;
		}
}

/* ---- circles of automatic moves ---- */

static bool may_overlap(const char *a, const char *b)
{
	if (policy_glob_is_literal(a) || policy_glob_is_literal(b))
		return policy_glob_is_literal(a) ? policy_glob(b, a, false) : policy_glob(a, b, false);
	size_t head_a = strcspn(a, "*?"), head_b = strcspn(b, "*?"), head = head_a < head_b ? head_a : head_b;
	size_t n = strlen(a), m = strlen(b), tail = 0;
	while (tail < n && tail < m && !strchr("*?", a[n - 1 - tail]) && !strchr("*?", b[m - 1 - tail])) {
		if (a[n - 1 - tail] != b[m - 1 - tail])
			return false;
		tail++;
	}
	return memcmp(a, b, head) == 0;
}

/* Where one automatic step may lead from a lane, for models of this rule. */
static lane_set step(const struct policy *p, const struct rule_in *in, size_t n, const struct policy_rule *about, size_t lane)
{
	lane_set out = 0;
	bool moved_into = false;
	for (size_t i = 0; i < n; i++) {
		const struct policy_rule *x = &in[i].r;
		if (!x->automatic || !x->to || !may_overlap(x->models, about->models))
			continue;
		if (lanes_of(p, x->from) & (lane_set)1 << lane)
			out |= lanes_of(p, x->to);
		moved_into |= (lanes_of(p, x->to) & (lane_set)1 << lane) != 0;
	}
	size_t archive = lane_number(p, p->archive);
	if (moved_into && policy_lane_single(p, p->lanes[lane]) && archive < p->n_lanes)
		out |= (lane_set)1 << archive;
	return out & ~((lane_set)1 << lane);
}

static void check_circle(struct reading *r, const struct rule_in *in, size_t n, size_t i)
{
	const struct policy *p = policy_of(r);
	lane_set target = lanes_of(p, in[i].r.to), seen = target, next = target, home = lanes_of(p, in[i].r.from) & ~target;
	size_t came_from[POLICY_MOST_LANES] = { 0 };
	while (next) {
		size_t lane = (size_t)__builtin_ctz(next);
		lane_set more = step(p, in, n, &in[i].r, lane) & ~seen;
		next = (next & (next - 1)) | more;
		seen |= more;
		for (size_t k = 0; k < p->n_lanes; k++)
			if (more & (lane_set)1 << k)
				came_from[k] = lane;
	}
	if (!(seen & home))
		return;
	size_t start = (size_t)__builtin_ctz(seen & home), end = lane_number(p, in[i].r.to);
	const char *path = p->lanes[start];
	for (size_t at = came_from[start];; at = came_from[at]) {
		path = arena_printf(p->arena, "%s → %s", p->lanes[at], path);
		if (at == end)
			break;
	}
	finding_at(r, place_of(&in[i], "automatic"), "automatic moves go in a circle: %s → %s", p->lanes[start], path);
}

void check_rules(struct reading *r, const struct rule_in *in, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		check_name(r, in, i);
		check_target(r, &in[i]);
		check_automatic(r, &in[i]);
		check_order(r, in, i);
	}
	for (size_t i = 0; i < n; i++)
		if (in[i].r.automatic && in[i].r.to && lanes_of(policy_of(r), in[i].r.to) && policy_glob_is_literal(in[i].r.to))
			check_circle(r, in, n, i);
}

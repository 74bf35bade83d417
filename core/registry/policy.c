#include "core/registry/policy_impl.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"

static const char *const default_lanes[] = { "None", "Development", "Staging", "Production", "Archived" };
static const char *const default_single[] = { "Production" };
static const char *const default_sections[] = { "intended use", "data", "metrics", "limitations", "fairness", "owner" };

enum { DEFAULT_ARCHIVE = 4 };
#define COUNT(a) (sizeof(a) / sizeof *(a))

static const char **words(struct arena *a, const char *const *from, size_t n)
{
	const char **out = arena_array(a, n, sizeof *out);
	memcpy(out, from, n * sizeof *out);
	return out;
}

struct policy *policy_default(void)
{
	struct policy *p = mem_zalloc(sizeof *p);
	p->arena = arena_new();
	p->name = "the default policy";
	p->n_lanes = COUNT(default_lanes);
	p->lanes = words(p->arena, default_lanes, p->n_lanes);
	p->n_single = COUNT(default_single);
	p->single = words(p->arena, default_single, p->n_single);
	p->archive = p->lanes[DEFAULT_ARCHIVE];
	p->n_card_sections = COUNT(default_sections);
	p->card_sections = words(p->arena, default_sections, p->n_card_sections);
	p->default_role = MEMBER_ADMIN;
	policy_hash_of(NULL, 0, p->hash);
	return p;
}

void policy_free(struct policy *p)
{
	if (!p)
		return;
	arena_free(p->arena);
	free(p);
}

/* ---- lanes ---- */

static size_t lane_index(const struct policy *p, const char *text)
{
	size_t i = 0;
	while (i < p->n_lanes && strcasecmp(p->lanes[i], text) != 0)
		i++;
	return i;
}

const char *policy_lane(const struct policy *p, const char *text)
{
	size_t i = lane_index(p, text);
	return i < p->n_lanes ? p->lanes[i] : NULL;
}

bool policy_lane_single(const struct policy *p, const char *lane)
{
	for (size_t i = 0; i < p->n_single; i++)
		if (strcasecmp(p->single[i], lane) == 0)
			return true;
	return false;
}

static bool is_archive(const struct policy *p, size_t i)
{
	return strcasecmp(p->lanes[i], p->archive) == 0;
}

const char *policy_next_lane(const struct policy *p, const char *lane)
{
	size_t i = lane_index(p, lane);
	if (i == p->n_lanes || is_archive(p, i))
		return NULL;
	do
		i++;
	while (i < p->n_lanes && is_archive(p, i));
	return i < p->n_lanes ? p->lanes[i] : NULL;
}

const char *policy_prev_lane(const struct policy *p, const char *lane)
{
	size_t i = lane_index(p, lane);
	if (i == p->n_lanes)
		return NULL;
	while (i-- > 0)
		if (!is_archive(p, i))
			return p->lanes[i];
	return NULL;
}

/* ---- rules ---- */

/* The next character of UTF-8. */
static const char *next_character(const char *text)
{
	do
		text++;
	while (((unsigned char)*text & 0xc0) == 0x80);
	return text;
}

bool policy_glob(const char *glob, const char *text, bool any_case)
{
	const char *star = NULL, *resume = NULL;
	while (*text) {
		if (*glob == '*') {
			star = ++glob;
			resume = text;
		} else if (*glob == '?') {
			glob++;
			text = next_character(text);
		} else if (any_case ? !strncasecmp(glob, text, 1) : *glob == *text) {
			glob++;
			text++;
		} else if (star) {
			glob = star;
			text = ++resume;
		} else {
			return false;
		}
	}
	while (*glob == '*')
		glob++;
	return !*glob;
}

/* Aliases are case-sensitive names of their own; a glob of lanes never means them. */
static bool target_matches(const char *glob, const char *to)
{
	if ((*glob == '@') != (*to == '@'))
		return false;
	return policy_glob(glob, to, *to != '@');
}

bool policy_rule_leads(const struct policy_rule *r, const char *model, const char *to)
{
	return policy_glob(r->models, model, false) && target_matches(r->to, to);
}

const struct policy_rule *policy_rule_for(const struct policy *p, const char *model, const char *from, const char *to)
{
	for (size_t i = 0; i < p->n_rules; i++)
		if (policy_rule_leads(&p->rules[i], model, to) && policy_glob(p->rules[i].from, from, true))
			return &p->rules[i];
	return NULL;
}

const struct policy_rule *policy_rollback_rule(const struct policy *p, const char *model, const char *from, const char *to)
{
	const struct policy_rule *own = policy_rule_for(p, model, from, to);
	for (size_t i = 0; i < p->n_rules && !own; i++)
		if (policy_rule_leads(&p->rules[i], model, to))
			own = &p->rules[i];
	return own;
}

/* A freeze without a lane holds for aliases, too. */
const struct freeze *policy_frozen(const struct policy *p, const char *model, const char *to, int64_t now_ms)
{
	for (size_t i = 0; i < p->n_freezes; i++) {
		const struct freeze *f = &p->freezes[i];
		bool lane = strcmp(f->lane, "*") == 0 || target_matches(f->lane, to);
		if (now_ms >= f->from_ms && now_ms < f->to_ms && lane && policy_glob(f->models, model, false))
			return f;
	}
	return NULL;
}

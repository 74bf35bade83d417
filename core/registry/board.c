/* The board of one model: its versions as cards in lanes.
 *
 * All versions are read in one query and put into lanes; what costs more than a row (aliases aside) is asked only for the cards that are shown: the
 * headline metric, the gates to the next lane, the open request, how long an archived version was in use. Everything is one
 * read transaction, so that the lights belong to the stages beside them. */
#include "core/registry/models.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/registry/digest.h"
#include "core/registry/models_impl.h"
#include "core/registry/regsql.h"

#define PRODUCTION "Production"
enum { HEADLINE_VERSIONS = 8 };      /* so many of the newest say which metric is common where no policy names one */

struct building {
	struct store *s; struct policy *p; struct reg_board *b;
	struct reg_card_row *cards; size_t n, cap;
	int direction;                   /* of the headline: 1 more is better, -1 less is, 0 unknown */
	int64_t production; double production_value; bool production_has;
	int64_t now_ms;
};

/* ---- the cards ---- */

static enum status load_cards(struct building *x, struct err *e)
{
	struct arena *a = x->b->arena;
	sqlite3_stmt *st = reg_query(x->s, e, "SELECT v.id, v.version," REG_SINCE ", v.created_ms, coalesce(r.bytes, 0), r.digest IS NOT NULL," REG_STAGE ", r.semver, v.run_uuid, v.user,"
		" coalesce(r.description, v.description), r.registered_by, (SELECT name FROM run WHERE uuid = v.run_uuid ORDER BY deleted LIMIT 1),"
		" coalesce((SELECT h.from_known FROM reg_held h WHERE h.model_id = v.model_id AND h.kind = 'stage' AND h.version = v.version AND h.to_ms IS NULL LIMIT 1), 0)"
		" FROM" REG_VERSIONS "WHERE v.model_id = ?1 AND NOT" REG_DELETED "ORDER BY 3 DESC, v.version DESC", "i", x->b->model_id);
	if (!st)
		return ST_FAILED;
	while (sqlite3_step(st) == SQLITE_ROW) {
		MEM_GROW(x->cards, x->cap, x->n + 1);
		const char *user = reg_cell(a, st, 9), *by = reg_cell(a, st, 11);
		x->cards[x->n++] = (struct reg_card_row){ .version_id = sqlite3_column_int64(st, 0), .version = sqlite3_column_int64(st, 1), .stage_since_ms = reg_cell_ms(st, 2),
			.created_ms = reg_cell_ms(st, 3), .bytes = sqlite3_column_int64(st, 4), .digest_ok = sqlite3_column_int(st, 5) != 0, .stage = reg_cell(a, st, 6),
			.semver = reg_cell(a, st, 7), .run_uuid = reg_cell(a, st, 8), .user = *by ? by : user, .description = reg_cell(a, st, 10), .run_name = reg_cell(a, st, 12),
			.since_known = sqlite3_column_int(st, 13) != 0, .aliases = "", .next = "", .lights = "", .failing = "", .why_not = "", .request_to = "", .how = "", .drift = { .verdict = "" } };
	}
	return reg_end(x->s, st, e);
}

static struct reg_card_row *card_of(struct building *x, int64_t version)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->cards[i].version == version)
			return &x->cards[i];
	return NULL;
}

/* Puts the aliases on the cards. names: every alias once, in order, in the arena. */
static enum status load_aliases(struct building *x, const char ***names, int64_t **targets, size_t *n, struct err *e)
{
	struct arena *a = x->b->arena;
	size_t cap_names = 0, cap_targets = 0;
	*n = 0;
	sqlite3_stmt *st = reg_query(x->s, e, REG_ALIASES, "i", x->b->model_id);
	if (!st)
		return ST_FAILED;
	while (sqlite3_step(st) == SQLITE_ROW) {
		MEM_GROW(*names, cap_names, *n + 1);
		MEM_GROW(*targets, cap_targets, *n + 1);
		(*names)[*n] = reg_cell(a, st, 0);
		(*targets)[*n] = sqlite3_column_int64(st, 1);
		struct reg_card_row *c = card_of(x, (*targets)[*n]);
		if (c)
			c->aliases = *c->aliases ? arena_printf(a, "%s, %s", c->aliases, (*names)[*n]) : (*names)[*n];
		++*n;
	}
	return reg_end(x->s, st, e);
}

/* ---- lanes ---- */

static struct reg_lane *lane_add(struct building *x, size_t *cap, const char *name)
{
	MEM_GROW(x->b->lanes, *cap, x->b->n_lanes + 1);
	struct reg_lane *l = &x->b->lanes[x->b->n_lanes++];
	*l = (struct reg_lane){ .name = arena_strdup(x->b->arena, name) };
	return l;
}

/* The policy's lanes, then those that versions are in all the same: a source may know others. */
static void lanes_by_stage(struct building *x)
{
	struct map *lanes = map_new();
	size_t cap = 0;
	for (size_t i = 0; i < x->p->n_lanes; i++) {
		map_add(lanes, x->p->lanes[i], strlen(x->p->lanes[i]), NULL);
		lane_add(x, &cap, x->p->lanes[i]);
	}
	for (size_t i = 0; i < x->n; i++) {
		bool added;
		size_t at = map_add(lanes, x->cards[i].stage, strlen(x->cards[i].stage), &added);
		if (added)
			lane_add(x, &cap, x->cards[i].stage);
		x->b->lanes[at].total++;
	}
	for (size_t i = 0; i < x->b->n_lanes; i++)
		x->b->lanes[i].at = arena_array(x->b->arena, x->b->lanes[i].total, sizeof(struct reg_card_row));
	for (size_t i = 0; i < x->n; i++) {
		struct reg_lane *l = &x->b->lanes[map_find(lanes, x->cards[i].stage, strlen(x->cards[i].stage))];
		l->at[l->n++] = x->cards[i];
	}
	map_free(lanes);
}

static void lanes_by_alias(struct building *x, const char *const *names, const int64_t *targets, size_t n)
{
	size_t cap = 0;
	for (size_t i = 0; i < n; i++) {
		struct reg_lane *l = lane_add(x, &cap, names[i]);
		const struct reg_card_row *c = card_of(x, targets[i]);
		l->at = arena_array(x->b->arena, 1, sizeof *l->at);
		if (c)
			l->at[l->n++] = *c;
		l->total = l->n;
	}
	struct reg_lane *rest = lane_add(x, &cap, "no alias");
	rest->at = arena_array(x->b->arena, x->n, sizeof *rest->at);
	for (size_t i = 0; i < x->n; i++)
		if (!*x->cards[i].aliases)
			rest->at[rest->n++] = x->cards[i];
	rest->total = rest->n;
}

/* ---- the headline ---- */

/* Which metric: the policy's, else that of the first metric gate on a move of this model from lane to lane, the last move first, else the one that
 * most versions have. */
static const struct gate_spec *first_metric_gate(const struct building *x, const char *key)
{
	for (size_t i = x->p->n_lanes; i-- > 0;) {
		const char *to = policy_next_lane(x->p, x->p->lanes[i]);
		const struct policy_rule *r = to ? policy_rule_for(x->p, x->b->model, x->p->lanes[i], to) : NULL;
		for (size_t g = 0; r && g < r->n_gates; g++)
			if (r->gates[g].kind == GATE_METRIC && (!key || !strcmp(r->gates[g].key, key)))
				return &r->gates[g];
	}
	return NULL;
}

static enum status common_metric(struct building *x, struct err *e)
{
	sqlite3_stmt *st = reg_query(x->s, e, "SELECT n.text FROM (SELECT run_uuid FROM model_version WHERE model_id = ?1 AND run_uuid <> '' ORDER BY version DESC LIMIT ?2) v"
		" JOIN run r ON r.uuid = v.run_uuid JOIN metric t ON t.run_id = r.id JOIN name n ON n.id = t.name_id GROUP BY n.id ORDER BY count(*) DESC, n.text LIMIT 1",
		"ii", x->b->model_id, (int64_t)HEADLINE_VERSIONS);
	if (!st)
		return ST_FAILED;
	x->b->headline = sqlite3_step(st) == SQLITE_ROW ? arena_strdup(x->b->arena, (const char *)sqlite3_column_text(st, 0)) : "";
	return reg_end(x->s, st, e);
}

static enum status choose_headline(struct building *x, struct err *e)
{
	static const int directions[] = { [GATE_LT] = -1, [GATE_LE] = -1, [GATE_GT] = 1, [GATE_GE] = 1, [GATE_EQ] = 0, [GATE_NE] = 0 };
	const struct gate_spec *g = first_metric_gate(x, x->p->headline);
	if (g)
		x->direction = directions[g->op];
	x->b->headline = x->p->headline ? arena_strdup(x->b->arena, x->p->headline) : g ? arena_strdup(x->b->arena, g->key) : "";
	return *x->b->headline ? ST_OK : common_metric(x, e);
}

/* The joins are in this order because there are few runs of that id and many with that metric; without statistics the planner would guess wrong. */
enum status version_metric(struct store *s, int64_t version_id, const char *key, double *value, bool *has, struct err *e)
{
	static const char *const sources[] = {
		"SELECT t.last FROM model_version v CROSS JOIN run r ON r.uuid = v.run_uuid CROSS JOIN metric t ON t.run_id = r.id AND t.name_id = (SELECT id FROM name WHERE text = ?2)"
		" WHERE v.id = ?1 ORDER BY r.source_id = (SELECT source_id FROM model WHERE id = v.model_id) DESC LIMIT 1",
		"SELECT t.value FROM model_version v CROSS JOIN logged_model l ON l.model_id = substr(v.source, 9) AND l.source_id IN (SELECT id FROM source)"
		" JOIN logged_model_metric t ON t.logged_model_id = l.id AND t.key = ?2 WHERE v.id = ?1 AND v.source LIKE 'models:/m-%' ORDER BY t.step DESC, t.ms DESC LIMIT 1",
	};
	*has = false;
	for (size_t i = 0; i < sizeof sources / sizeof *sources && !*has; i++) {
		sqlite3_stmt *st = reg_query(s, e, sources[i], "it", version_id, key);
		if (!st)
			return ST_FAILED;
		*has = sqlite3_step(st) == SQLITE_ROW && sqlite3_column_type(st, 0) != SQLITE_NULL;
		*value = *has ? sqlite3_column_double(st, 0) : NAN;
		enum status rc = reg_end(s, st, e);
		if (rc != ST_OK)
			return rc;
	}
	return ST_OK;
}

static enum status production_value(struct building *x, struct err *e)
{
	int64_t id = 0;
	for (size_t i = 0; i < x->n; i++)
		if (!strcmp(x->cards[i].stage, PRODUCTION) && x->cards[i].version > x->production) {
			x->production = x->cards[i].version;
			id = x->cards[i].version_id;
		}
	return id && *x->b->headline ? version_metric(x->s, id, x->b->headline, &x->production_value, &x->production_has, e) : ST_OK;
}

static enum status fill_headline(struct building *x, struct reg_card_row *c, struct err *e)
{
	if (!*x->b->headline)
		return ST_OK;
	enum status rc = version_metric(x->s, c->version_id, x->b->headline, &c->headline, &c->has_headline, e);
	c->has_delta = c->has_headline && x->production_has && c->version != x->production;
	c->delta = c->has_delta ? c->headline - x->production_value : 0;
	c->better = c->has_delta && c->delta * x->direction > 0;
	c->worse = c->has_delta && c->delta * x->direction < 0;
	return rc;
}

/* ---- gates and requests ---- */

/* A light a gate, then one for what only people can give. */
static void take_report(struct building *x, struct reg_card_row *c, const struct gate_report *r)
{
	struct str lights = STR_INIT;
	bool ticked = true;
	for (size_t i = 0; i < r->n; i++) {
		bool bad = !r->at[i].waived && !r->at[i].ok;
		str_addc(&lights, r->at[i].waived ? 'w' : bad ? 'n' : 'y');
		if (bad && !*c->failing)
			c->failing = arena_strdup(x->b->arena, r->at[i].name);
	}
	for (size_t i = 0; i < r->n_checklist; i++)
		ticked &= r->checked[i];
	if (!ticked || r->approvals_given < r->approvals_needed)
		str_addc(&lights, '?');
	c->lights = arena_strdup(x->b->arena, lights.p);
	c->why_not = arena_strdup(x->b->arena, r->why_not ? r->why_not : "");
	str_free(&lights);
}

static enum status fill_gates(struct building *x, struct reg_card_row *c, struct err *e)
{
	const char *next = policy_next_lane(x->p, c->stage);
	struct gate_report *r;
	if (!next)
		return ST_OK;
	c->next = arena_strdup(x->b->arena, next);
	enum status rc = gates_check(x->s, x->p, x->b->model_id, c->version, next, GATES_FOR_PROMOTION, NULL, 0, &r, e);
	if (rc != ST_OK)
		return rc;
	take_report(x, c, r);
	gate_report_free(r);
	return ST_OK;
}

static enum status fill_request(struct building *x, struct reg_card_row *c, struct err *e)
{
	struct gate_report *r;
	sqlite3_stmt *st = reg_query(x->s, e, "SELECT id, created_ms, to_stage FROM reg_request WHERE model_id = ?1 AND state = 'open' AND version = ?2 AND expires_ms > ?3 ORDER BY id DESC LIMIT 1",
		"iii", x->b->model_id, c->version, x->now_ms);
	if (!st)
		return ST_FAILED;
	if (sqlite3_step(st) == SQLITE_ROW) {
		c->request_id = sqlite3_column_int64(st, 0);
		c->request_ms = sqlite3_column_int64(st, 1);
		c->request_to = reg_cell(x->b->arena, st, 2);
	}
	enum status rc = reg_end(x->s, st, e);
	if (rc != ST_OK || !c->request_id)
		return rc;
	rc = gates_check(x->s, x->p, x->b->model_id, c->version, c->request_to, GATES_FOR_PROMOTION, NULL, 0, &r, e);
	if (rc == ST_USAGE || rc == ST_NOT_FOUND)
		return ST_OK;                    /* asked for a lane that the policy no longer has: the request is shown without its count */
	if (rc == ST_OK) {
		c->approvals_given = r->approvals_given;
		c->approvals_needed = r->approvals_needed;
		gate_report_free(r);
	}
	return rc;
}

/* What an archived version was: how long in production, and what ended it. */
static enum status fill_past(struct building *x, struct reg_card_row *c, struct err *e)
{
	if (strcmp(c->stage, x->p->archive))
		return ST_OK;
	sqlite3_stmt *st = reg_query(x->s, e, "SELECT h.to_ms - h.from_ms, (SELECT n.how FROM reg_held n WHERE n.model_id = h.model_id AND n.kind = 'stage' AND n.name = h.name"
		" AND n.from_seq = h.to_seq AND n.version <> h.version LIMIT 1) FROM reg_held h WHERE h.model_id = ?1 AND h.kind = 'stage' AND h.version = ?2 AND h.name = '" PRODUCTION "'"
		" AND h.to_ms IS NOT NULL ORDER BY h.to_ms DESC LIMIT 1", "ii", x->b->model_id, c->version);
	if (!st)
		return ST_FAILED;
	if (sqlite3_step(st) == SQLITE_ROW) {
		c->held_ms = sqlite3_column_int64(st, 0);
		c->how = strcmp(reg_cell(x->b->arena, st, 1), "rollback") ? "replaced" : "rolled back";
	}
	return reg_end(x->s, st, e);
}

/* A digest counts as long as the files are those it was computed over. */
static enum status fill_digest(struct building *x, struct reg_card_row *c, struct err *e)
{
	struct str state = STR_INIT;
	enum status rc = c->digest_ok ? digest_state(x->s, x->b->model_id, c->version, &state, e) : ST_OK;
	c->digest_ok = c->digest_ok && !strcmp(state.p, "verified");
	str_free(&state);
	return rc;
}

static enum status fill_shown(struct building *x, size_t most, struct err *e)
{
	enum status rc = ST_OK;
	for (size_t i = 0; i < x->b->n_lanes && rc == ST_OK; i++) {
		struct reg_lane *l = &x->b->lanes[i];
		if (most && l->n > most)
			l->n = most;
		for (size_t k = 0; k < l->n && rc == ST_OK; k++) {
			struct reg_card_row *c = &l->at[k];
			rc = fill_headline(x, c, e);
			if (rc == ST_OK)
				rc = fill_gates(x, c, e);
			if (rc == ST_OK)
				rc = fill_request(x, c, e);
			if (rc == ST_OK)
				rc = fill_past(x, c, e);
			if (rc == ST_OK)
				rc = fill_digest(x, c, e);
			if (rc == ST_OK)
				rc = version_drift(x->s, x->b->arena, x->b->model_id, c->version, &c->drift, e);
		}
	}
	return rc;
}

/* ---- all of it ---- */

static enum status name_board(struct building *x, struct err *e)
{
	struct reg_name name = { .name = "" };
	char *note = NULL;
	enum status rc = model_name(x->s, x->b->model_id, x->b->arena, &name, e);
	if (rc == ST_OK)
		rc = reg_int(x->s, e, 0, &x->b->rev, "SELECT rev FROM reg_model WHERE model_id = ?", "i", x->b->model_id);
	if (rc == ST_OK)
		rc = policy_load(x->s, &x->p, &note, e);
	x->b->model = name.name;
	x->b->policy_note = arena_strdup(x->b->arena, note ? note : "");
	x->b->policy_version = rc == ST_OK ? x->p->version : 0;
	free(note);
	return rc;
}

static enum status build(struct building *x, size_t most, struct err *e)
{
	const char **names = NULL;
	int64_t *targets = NULL;
	size_t n_aliases = 0;
	enum status rc = name_board(x, e);
	if (rc == ST_OK)
		rc = load_cards(x, e);
	if (rc == ST_OK)
		rc = load_aliases(x, &names, &targets, &n_aliases, e);
	if (rc == ST_OK)
		rc = choose_headline(x, e);
	if (rc == ST_OK)
		rc = production_value(x, e);
	if (rc == ST_OK && x->b->by_alias)
		lanes_by_alias(x, names, targets, n_aliases);
	else if (rc == ST_OK)
		lanes_by_stage(x);
	if (rc == ST_OK)
		rc = fill_shown(x, most, e);
	x->b->lanes = reg_keep(x->b->arena, x->b->lanes, x->b->n_lanes, sizeof *x->b->lanes);
	free(names);
	free(targets);
	return rc;
}

enum status board_load(struct store *s, int64_t model_id, bool by_alias, size_t most, struct reg_board **out, struct err *e)
{
	struct arena *a = arena_new();
	struct reg_board *b = arena_zalloc(a, sizeof *b);
	struct building x = { .s = s, .b = b, .now_ms = clock_wall_ms() };
	*b = (struct reg_board){ .arena = a, .model_id = model_id, .by_alias = by_alias, .headline = "", .policy_note = "" };
	*out = NULL;
	enum status rc = store_read_begin(s, e);
	if (rc == ST_OK) {
		rc = build(&x, most, e);
		store_read_end(s);
	}
	policy_free(x.p);
	free(x.cards);
	if (rc == ST_OK)
		*out = b;
	else
		arena_free(a);
	return rc;
}

void board_free(struct reg_board *b)
{
	if (b)
		arena_free(b->arena);
}

/* Design
 *
 * Random sequences of everything that people do with a registry, by several of them, against a model of a few lines: the model says for
 * each step whether it must be allowed and what must be so afterwards; then the tables are asked (see machine.h), the log is
 * replayed, and from time to time verified. Seeds are fixed; a failure prints its seed and step.
 * What the model knows: lanes, single lanes, one rule (Staging to Production, with approvals and the alias champion), requests that
 * expire, votes that a new policy voids, deletion. It knows nothing of how the program does any of it.
 */
#include <strings.h>

#include "tests/unit/machine.h"

enum { MODELS = 2, VERSIONS_MOST = 24, REQUESTS_MOST = 400, SEEDS = 6, STEPS = 120 };
static const char *const lanes[] = { "None", "Development", "Staging", "Production", "Archived" };
enum { NONE, DEVELOPMENT, STAGING, PRODUCTION, ARCHIVED, LANES };
static const char *const names[MODELS] = { "churn", "fraud" };
static const char *const aliases[] = { "champion", "challenger" };
enum { CHAMPION, CHALLENGER, ALIASES };

#define ROLES "version: 1\nroles:\n  admin: [admin]\n  approver: [first approver, second approver, registrar]\n  viewer: [reader]\ndefault_role: contributor\n"
#define RULE "rules:\n  - {name: up, from: Staging, to: Production, aliases: ['@champion'], rollback: {waive_gates: true, waive_approvals: true}, approvals: "
static const struct { const char *text; int approvals; bool staging_single; } policies[] = {
	{ ROLES RULE "0}\n", 0, false },
	{ ROLES RULE "1}\n", 1, false },
	{ ROLES "single: [Staging, Production]\n" RULE "2}\n", 2, true },
};

struct m_version { int lane; bool deleted; int by; };
struct m_request { int model, version, from, to, by; const char *state; int64_t expires_ms; int voted_policy[PEOPLE]; };   /* 0: no vote; else the policy's version */
struct m_held { int version; bool rollback; };
struct m_model { struct m_version v[VERSIONS_MOST]; int n; int alias[ALIASES]; int alias_came[ALIASES]; struct m_held held[LANES][512]; int n_held[LANES]; int since[VERSIONS_MOST]; };
struct world { struct m_model m[MODELS]; struct m_request q[REQUESTS_MOST]; int n_q, policy, policy_version, tick; };

static int role_of(int p)
{
	return p == ADMIN ? MEMBER_ADMIN : p == FIRST || p == SECOND || p == REGISTRAR ? MEMBER_APPROVER : p == READER ? MEMBER_VIEWER : MEMBER_CONTRIBUTOR;
}

static bool single(const struct world *w, int lane) { return lane == PRODUCTION || (lane == STAGING && policies[w->policy].staging_single); }

static uint64_t at_seed;
static int at_step;

/* ---- what a move does, in the model ---- */

static void enter(struct world *w, struct m_model *m, int version, int lane, bool rollback)
{
	m->v[version].lane = lane;
	m->since[version] = w->tick;
	m->held[lane][m->n_held[lane]++] = (struct m_held){ version, rollback };
}

static struct m_request *open_for(struct world *w, int which, int version, int to)
{
	for (int i = 1; i <= w->n_q; i++)
		if (w->q[i].model == which && w->q[i].version == version && w->q[i].to == to && !strcmp(w->q[i].state, "open"))
			return &w->q[i];
	return NULL;
}

static void overtake(struct world *w, int which, int version)
{
	for (int i = 1; i <= w->n_q; i++)
		if (w->q[i].model == which && w->q[i].version == version && !strcmp(w->q[i].state, "open"))
			w->q[i].state = "withdrawn";
}

static void set_alias(struct world *w, struct m_model *m, int alias, int version)
{
	if (m->alias[alias] == version)
		return;
	m->alias[alias] = version;
	m->alias_came[alias] = w->tick;
}

static void move(struct world *w, int which, int version, int to, int current, bool rollback)
{
	struct m_model *m = &w->m[which];
	bool rule = rollback ? to == PRODUCTION : m->v[version].lane == STAGING && to == PRODUCTION;
	struct m_request *asked = open_for(w, which, version, to);
	int came = current ? m->since[current] : -1;
	bool returns[ALIASES];
	for (int a = 0; a < ALIASES; a++)
		returns[a] = rollback && current && m->alias[a] == current && m->alias_came[a] == came;
	w->tick++;
	if (asked)
		asked->state = "done";
	for (int i = 1; i <= m->n; i++)
		if (i != version && !m->v[i].deleted && m->v[i].lane == to && (single(w, to) || i == current)) {
			enter(w, m, i, ARCHIVED, false);
			overtake(w, which, i);
		}
	enter(w, m, version, to, rollback);
	overtake(w, which, version);
	if (rule)
		set_alias(w, m, CHAMPION, version);
	for (int a = 0; a < ALIASES; a++)
		if (returns[a])
			set_alias(w, m, a, version);
}

static int good(const struct world *w, const struct m_request *q)
{
	int n = 0;
	for (int p = 0; q && p < PEOPLE; p++)
		n += q->voted_policy[p] == w->policy_version;
	return n;
}

static void expire(struct world *w)
{
	for (int i = 1; i <= w->n_q; i++)
		if (!strcmp(w->q[i].state, "open") && w->q[i].expires_ms <= now_ms)
			w->q[i].state = "expired";
}

/* Which version a rollback brings back; 0: none. *current: who holds the lane, the latest to come. */
static int goes_back_to(const struct world *w, int which, int lane, int *current)
{
	const struct m_model *m = &w->m[which];
	int stack[512], n = 0, latest = -1;
	*current = 0;
	for (int i = 1; i <= m->n; i++)
		if (!m->v[i].deleted && m->v[i].lane == lane && m->since[i] >= latest) {
			latest = m->since[i];
			*current = i;
		}
	for (int i = 0; i < m->n_held[lane]; i++) {
		int at = n;
		while (m->held[lane][i].rollback && at > 0 && stack[at - 1] != m->held[lane][i].version)
			at--;
		if (m->held[lane][i].rollback && at > 0)
			n = at;
		else
			stack[n++] = m->held[lane][i].version;
	}
	if (*current) {
		while (n > 0 && stack[n - 1] != *current)
			n--;
		n -= n > 0;
	}
	for (; n > 0; n--)
		if (stack[n - 1] != *current && !m->v[stack[n - 1]].deleted && m->v[stack[n - 1]].lane != lane)
			return stack[n - 1];
	return 0;
}

/* ---- steps: what is tried, what the model expects ---- */

#define EXPECT(w, call, allowed) expect((w), (call), (allowed), #call, __LINE__)
static bool expect(const struct world *w, enum status st, bool allowed, const char *what, int line)
{
	(void)w;
	if (st == ST_FAILED || (st == ST_OK) != allowed)
		fail_msg("line %d: %s: %s (%s), but it had to be %s", line, what, status_name(st), why.text, allowed ? "allowed" : "refused");
	return st == ST_OK;
}

static int any_version(const struct world *w, int which) { return (int)chance((uint32_t)w->m[which].n + 1) + 1; }
static bool lives(const struct world *w, int which, int v) { return v <= w->m[which].n && !w->m[which].v[v].deleted; }

static void step_register(struct world *w, int p, int which)
{
	struct m_model *m = &w->m[which];
	int64_t v;
	if (m->n + 1 >= VERSIONS_MOST)
		return;
	if (!EXPECT(w, try_register((enum person)p, names[which], NULL, &v), role_of(p) >= MEMBER_CONTRIBUTOR))
		return;
	w->tick++;
	m->n++;
	assert_int_equal(v, m->n);
	m->v[v] = (struct m_version){ .by = p };
	enter(w, m, (int)v, NONE, false);
}

static void try_move(struct world *w, int p, int which, int v, int to)
{
	bool allowed = role_of(p) >= MEMBER_CONTRIBUTOR && lives(w, which, v);
	expire(w);
	if (allowed) {
		int from = w->m[which].v[v].lane;
		allowed = from != to && (from != STAGING || to != PRODUCTION || good(w, open_for(w, which, v, to)) >= policies[w->policy].approvals);
	}
	if (EXPECT(w, try_promote((enum person)p, names[which], v, lanes[to]), allowed))
		move(w, which, v, to, 0, false);
}

static void step_promote(struct world *w, int p, int which)
{
	try_move(w, p, which, any_version(w, which), (int)chance(LANES));
}

static void step_rollback(struct world *w, int p, int which)
{
	int current, lane = chance(3) ? PRODUCTION : (int)chance(LANES), back = goes_back_to(w, which, lane, &current);
	int64_t v;
	if (EXPECT(w, try_rollback((enum person)p, names[which], lanes[lane], &v), role_of(p) >= MEMBER_CONTRIBUTOR && back)) {
		assert_int_equal(v, back);
		expire(w);
		move(w, which, back, lane, current, true);
	}
}

static void step_delete(struct world *w, int p, int which)
{
	int v = any_version(w, which);
	struct actor who = me((enum person)p);
	struct m_model *m = &w->m[which];
	if (!EXPECT(w, decide_delete(s, &who, model(names[which]), v, "not needed", &why), role_of(p) == MEMBER_ADMIN && lives(w, which, v) && !single(w, m->v[v].lane)))
		return;
	expire(w);
	w->tick++;
	m->v[v].deleted = true;
	overtake(w, which, v);
	for (int a = 0; a < ALIASES; a++)
		if (m->alias[a] == v)
			m->alias[a] = 0;
}

static void step_alias(struct world *w, int p, int which)
{
	int v = chance(4) ? any_version(w, which) : 0, a = (int)chance(ALIASES);
	struct actor who = me((enum person)p);
	if (EXPECT(w, decide_alias(s, &who, model(names[which]), aliases[a], v, "", &why), role_of(p) >= MEMBER_CONTRIBUTOR && (!v || lives(w, which, v)))) {
		w->tick++;
		set_alias(w, &w->m[which], a, v);
	}
}

static void try_ask(struct world *w, int p, int which, int v, int to)
{
	int64_t id;
	if (w->n_q + 1 >= REQUESTS_MOST)
		return;
	expire(w);
	bool allowed = role_of(p) >= MEMBER_CONTRIBUTOR && lives(w, which, v) && w->m[which].v[v].lane != to && !open_for(w, which, v, to);
	if (!EXPECT(w, try_request((enum person)p, names[which], v, lanes[to], &id), allowed))
		return;
	assert_int_equal(id, ++w->n_q);
	w->q[id] = (struct m_request){ .model = which, .version = v, .from = w->m[which].v[v].lane, .to = to, .by = p, .state = "open", .expires_ms = now_ms + 7 * 24 * HOUR_MS };
}

static void step_request(struct world *w, int p, int which)
{
	try_ask(w, p, which, any_version(w, which), chance(3) ? PRODUCTION : (int)chance(LANES));
}

static void try_answer(struct world *w, int p, int id, bool approve)
{
	struct m_request *q = &w->q[id];
	expire(w);
	const struct m_version *v = &w->m[q->model].v[q->version];
	bool allowed = role_of(p) >= MEMBER_APPROVER && !strcmp(q->state, "open") && !v->deleted && p != q->by && p != v->by && q->voted_policy[p] != w->policy_version;
	if (!EXPECT(w, try_vote((enum person)p, id, approve), allowed))
		return;
	if (approve)
		q->voted_policy[p] = w->policy_version;
	else
		q->state = "rejected";
}

static void step_vote(struct world *w, int p, int which)
{
	(void)which;
	if (w->n_q)
		try_answer(w, p, w->n_q - (int)chance(w->n_q < 4 ? (uint32_t)w->n_q : 4), chance(5) > 0);
}

static void step_policy(struct world *w, int p, int which)
{
	(void)which;
	int next = (int)chance(3);
	struct actor who = me((enum person)p);
	if (next == w->policy || chance(2))
		return;
	if (EXPECT(w, policy_apply(s, &who, policies[next].text, strlen(policies[next].text), "other rules", &why), role_of(p) == MEMBER_ADMIN)) {
		w->policy = next;
		w->policy_version++;
	}
}

/* What people mean to do: into Staging, asked for, approved by some, moved; each part may be refused. */
static void step_whole_way(struct world *w, int p, int which)
{
	static const enum person voters[] = { FIRST, SECOND, ADMIN };
	int v = any_version(w, which);
	try_move(w, p, which, v, STAGING);
	try_ask(w, p, which, v, PRODUCTION);
	for (int i = 0; i < 3 && w->n_q; i++)
		if (chance(4))
			try_answer(w, voters[i], w->n_q, true);
	if (!chance(4))
		step_policy(w, ADMIN, which);
	try_move(w, p, which, v, PRODUCTION);
}

static void step_withdraw(struct world *w, int p, int which)
{
	(void)which;
	if (!w->n_q)
		return;
	int id = (int)chance((uint32_t)w->n_q) + 1;
	struct m_request *q = &w->q[id];
	struct actor who = me((enum person)p);
	expire(w);
	bool allowed = role_of(p) >= MEMBER_CONTRIBUTOR && !strcmp(q->state, "open") && (p == q->by || p == ADMIN);
	if (EXPECT(w, decide_withdraw(s, &who, id, "", &why), allowed))
		q->state = "withdrawn";
}

static void step_clock(struct world *w, int p, int which)
{
	(void)w, (void)p, (void)which;
	turn_clock((int64_t)chance(48) * HOUR_MS);
}

static void (*const steps[])(struct world *, int, int) = {
	step_register, step_promote, step_promote, step_rollback, step_rollback, step_delete, step_alias, step_request, step_vote, step_vote, step_withdraw, step_policy, step_clock,
	step_whole_way, step_whole_way, step_whole_way,
};

/* ---- the model against the tables ---- */

static void worlds_agree(const struct world *w)
{
	for (int m = 0; m < MODELS; m++) {
		for (int v = 1; v <= w->m[m].n; v++)
			assert_string_equal(stage_of(names[m], v), lanes[w->m[m].v[v].lane]);
		for (int a = 0; a < ALIASES && w->m[m].n; a++)
			assert_int_equal(strtoll(alias_of(names[m], aliases[a]), NULL, 10), w->m[m].alias[a]);
	}
	for (int i = 1; i <= w->n_q; i++) {
		const char *state = ask("SELECT CASE WHEN state = 'open' AND expires_ms <= %" PRId64 " THEN 'expired' ELSE state END FROM reg_request WHERE id = %d", now_ms, i);
		const char *mine = !strcmp(w->q[i].state, "open") && w->q[i].expires_ms <= now_ms ? "expired" : w->q[i].state;
		assert_string_equal(state, mine);
	}
}

static void run(uint64_t seed, struct replay *r)
{
	struct world *w = mem_zalloc(sizeof *w);
	chance_state = seed;
	w->policy = (int)(seed % 3);
	apply_policy(policies[w->policy].text);
	w->policy_version = 1;
	for (int m = 0; m < MODELS; m++)
		step_register(w, REGISTRAR, m);
	for (int i = 0; i < STEPS; i++) {
		at_seed = seed;
		at_step = i;
		steps[chance(sizeof steps / sizeof *steps)](w, (int)chance(PEOPLE), (int)chance(MODELS));
		worlds_agree(w);
		machine_agrees(r);
		if (i % 50 == 49)
			log_is_whole();
	}
	at_step = STEPS;
	free(w);
}

static void any_sequence_keeps_what_must_hold(void **state)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct replay *r = mem_zalloc(sizeof *r);
		if (seed > 1)
			assert_int_equal(decide_begin(state), 0);
		run(seed, r);
		free(r);
		if (seed < SEEDS)
			assert_int_equal(decide_end(state), 0);
	}
}

static int end(void **state)
{
	if (at_step != STEPS)
		print_error("seed %" PRIu64 ", step %d\n", at_seed, at_step);
	return decide_end(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(any_sequence_keeps_what_must_hold, decide_begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

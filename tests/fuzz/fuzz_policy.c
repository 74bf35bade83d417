/* policy.yaml: whatever the text, there is a policy or there are findings, never both; findings are clean lines with a place that lies in
 * the text; what a policy names exists, and its rules are found. */
#include <math.h>
#include <string.h>

#include "core/base/text.h"
#include "core/registry/policy_impl.h"
#include "tests/fuzz/fuzz.h"

static int lines_of(const uint8_t *data, size_t size)
{
	int n = 1;
	for (size_t i = 0; i < size; i++)
		n += data[i] == '\n' || data[i] == '\r' || data[i] == 0x85 || data[i] == 0xa8 || data[i] == 0xa9;   /* all that YAML breaks lines at */
	return n;
}

static void check_findings(const char *text, int lines)
{
	for (const char *p = text; *p;) {
		size_t n = strcspn(p, "\n");
		int line = 0, column = 0;
		MUST(p[n] == '\n' && text_is_clean(p, n, 0) && strncmp(p, "policy.yaml:", 12) == 0);
		if (sscanf(p, "policy.yaml:%d:%d:", &line, &column) == 2)
			MUST(line >= 1 && line <= lines + 1 && column >= 1);
		p += n + 1;
	}
}

static void check_gates(const struct policy *p, const struct gate_spec *g, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		MUST(g[i].kind < GATE_KINDS && g[i].name && g[i].text && g[i].line > 0 && g[i].col > 0);
		MUST(isfinite(g[i].scale) && isfinite(g[i].offset) && g[i].relative == (g[i].lane != NULL));
		MUST(!g[i].lane || policy_lane(p, g[i].lane) == g[i].lane);
		MUST((g[i].kind != GATE_METRIC && g[i].kind != GATE_TAG) || g[i].key);
		MUST(g[i].kind != GATE_MIN_AGE || g[i].min_ms > 0);
		MUST(g[i].kind != GATE_CARD || g[i].n_sections || !p->n_card_sections);
	}
}

static void check_policy(const struct policy *p)
{
	MUST(policy_lane(p, "None") && policy_lane(p, p->archive) && !policy_lane_single(p, p->archive));
	for (size_t i = 0; i < p->n_single; i++)
		MUST(policy_lane(p, p->single[i]));
	for (size_t i = 0; i < p->n_lanes; i++) {
		const char *next = policy_next_lane(p, p->lanes[i]), *prev = policy_prev_lane(p, p->lanes[i]);
		MUST(!next || strcmp(policy_prev_lane(p, next) ? policy_prev_lane(p, next) : "", p->lanes[i]) == 0);
		MUST(!prev || strcmp(prev, p->lanes[i]) != 0);
	}
	for (size_t i = 0; i < p->n_rules; i++) {
		const struct policy_rule *r = &p->rules[i];
		MUST(r->name && r->models && r->from && r->to && r->request_ms > 0 && r->n_aliases <= 8);
		check_gates(p, r->gates, r->n_gates);
		check_gates(p, r->rollback_when, r->n_rollback_when);
		const struct policy_rule *found = policy_rule_for(p, r->models, r->from, r->to);
		MUST(!found || (found >= p->rules && found <= r));
	}
	for (size_t i = 0; i < p->n_freezes; i++)
		MUST(p->freezes[i].from_ms < p->freezes[i].to_ms && policy_frozen(p, p->freezes[i].models, p->lanes[0], INT64_MIN) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct policy *p;
	struct str findings = STR_INIT;
	struct err e = { 0 };
	enum status rc = policy_parse((const char *)data, size, "policy.yaml", &p, &findings, &e);
	MUST((rc == ST_OK) == (p != NULL) && (rc == ST_OK) == !findings.len);
	MUST(rc == ST_OK || (rc == ST_FAILED && e.code == ST_FAILED && e.text[0]));
	check_findings(findings.p, lines_of(data, size));
	if (p)
		check_policy(p);
	policy_free(p);
	str_free(&findings);
	return 0;
}

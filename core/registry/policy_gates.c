/* Gates as policy.yaml writes them: a metric expression, or a map with the gate's kind as its key. */
#include "core/registry/policy_impl.h"

#include <string.h>
#include <strings.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* One item of a list of gates. from: which key said what it is. */
struct gate_in {
	struct gate_spec g;
	bool when, wrong;
	const struct yamldoc_node *kind, *value, *if_missing;
};

/* ---- metrics ---- */

/* Where byte `at` of a scalar stands. Only right for text on one line without escapes, which expressions are. */
static struct yamldoc_place inside(const struct yamldoc_node *x, size_t at)
{
	struct yamldoc_place p = x->at;
	p.col += !x->plain;
	for (size_t i = 0; i < at && i < x->n; i++)
		p.col += ((unsigned char)x->text[i] & 0xc0) != 0x80;
	return p;
}

static void take_metric(struct reading *r, const struct yamldoc_node *x, void *into)
{
	struct gate_in *in = into;
	struct expr_wrong wrong;
	const char *text = read_word(r, x, POLICY_REASON_MAX);
	in->kind = x;
	in->wrong = true;
	if (!text)
		return;
	if (!policy_expr(policy_of(r), r->arena, text, &in->g, &wrong)) {
		finding_at(r, inside(x, wrong.at), "%s", wrong.why);
		return;
	}
	in->g.kind = GATE_METRIC;
	in->g.name = in->g.key;
	in->g.text = text;
	in->wrong = false;
}

/* ---- the other kinds ---- */

static void take_min_age(struct reading *r, const struct yamldoc_node *x, void *into)
{
	struct gate_in *in = into;
	in->kind = x;
	in->wrong = !read_span(r, x, &in->g.min_ms);
	in->g.kind = GATE_MIN_AGE;
	in->g.name = "age";
	in->g.text = in->wrong ? "" : arena_printf(r->arena, "min_age: %s", x->text);
}

/* As a gate: no worse than this. As a condition to roll back: this bad, or worse. */
static void take_drift(struct reading *r, const struct yamldoc_node *x, void *into)
{
	static const char *const verdicts[] = { "stable", "watch", "drifted" };
	struct gate_in *in = into;
	in->kind = x;
	for (size_t i = 0; i < 2 && !in->g.value; i++)
		if (x->kind == YAMLDOC_SCALAR && strcmp(x->text, verdicts[i + in->when]) == 0)
			in->g.value = verdicts[i + in->when];
	in->wrong = !in->g.value;
	if (in->wrong)
		wrong_kind(r, x, in->when ? "the verdict that turns it red, watch or drifted," : "the worst verdict allowed, stable or watch,");
	in->g.kind = GATE_DRIFT;
	in->g.op = in->when ? GATE_GE : GATE_LE;
	in->g.name = "drift";
	in->g.text = in->wrong ? "" : arena_printf(r->arena, "drift: %s", in->g.value);
}

static void take_tag(struct reading *r, const struct yamldoc_node *x, void *into)
{
	struct gate_in *in = into;
	in->kind = x;
	in->g.kind = GATE_TAG;
	in->g.key = read_word(r, x, POLICY_WORD_MAX);
	in->wrong = !in->g.key;
	in->g.name = in->wrong ? "" : arena_printf(r->arena, "tag %s", in->g.key);
	in->g.text = in->wrong ? "" : arena_printf(r->arena, "tag: %s", in->g.key);
}

static void take_card(struct reading *r, const struct yamldoc_node *x, void *into)
{
	struct gate_in *in = into;
	in->kind = x;
	in->g.kind = GATE_CARD;
	in->g.name = "card";
	in->g.text = "card: complete";
	if (x->kind == YAMLDOC_SCALAR && strcmp(x->text, "complete") == 0) {
		in->g.sections = policy_of(r)->card_sections;
		in->g.n_sections = policy_of(r)->n_card_sections;
		return;
	}
	in->g.sections = read_words(r, x, POLICY_MOST_WORDS, &in->g.n_sections);
	in->wrong = !in->g.n_sections;
	if (in->wrong && x->kind == YAMLDOC_LIST && !x->child)
		finding_at(r, x->at, "name the sections of the card, or write: card: complete");
	struct str text = STR_INIT;
	for (size_t i = 0; i < in->g.n_sections; i++)
		str_addf(&text, "%s%s", i ? ", " : "card: ", in->g.sections[i]);
	in->g.text = arena_strdup(r->arena, text.p);
	str_free(&text);
}

static void take_digest(struct reading *r, const struct yamldoc_node *x, void *into)
{
	struct gate_in *in = into;
	in->kind = x;
	in->g.kind = GATE_DIGEST;
	in->g.name = "digest";
	in->g.text = "digest: verified";
	in->wrong = x->kind != YAMLDOC_SCALAR || strcmp(x->text, "verified") != 0;
	if (in->wrong)
		wrong_kind(r, x, "\"verified\"");
}

/* ---- what goes with a kind ---- */

static void take_value(struct reading *r, const struct yamldoc_node *x, void *into)
{
	struct gate_in *in = into;
	if (in->kind && in->g.kind != GATE_TAG) {
		finding_at(r, x->key_at, "only a gate of a tag has a \"value\"");
		return;
	}
	in->g.value = read_word(r, x, POLICY_REASON_MAX);
	if (in->g.value)
		in->g.text = arena_printf(r->arena, "tag: %s = %s", in->g.key ? in->g.key : "", in->g.value);
}

static void take_if_missing(struct reading *r, const struct yamldoc_node *x, void *into)
{
	struct gate_in *in = into;
	bool refuse = x->kind == YAMLDOC_SCALAR && strcmp(x->text, "refuse") == 0, allow = x->kind == YAMLDOC_SCALAR && strcmp(x->text, "allow") == 0;
	bool fits = in->g.kind == GATE_DRIFT || (in->g.kind == GATE_METRIC && in->g.relative);
	if (!refuse && !allow)
		wrong_kind(r, x, "allow or refuse");
	else if (in->kind && !in->wrong && (in->when || !fits))
		finding_at(r, x->key_at, "\"if_missing\" belongs to gates of drift and to comparisons with a lane; a missing %s always fails",
			in->g.kind == GATE_METRIC ? "metric" : "value");
	in->g.if_missing_refuse = refuse;
}

static void read_gate_map(struct reading *r, const struct yamldoc_node *x, struct gate_in *in)
{
	static const struct field fields[] = {
		{ "metric", take_metric }, { "drift", take_drift }, { "min_age", take_min_age }, { "tag", take_tag }, { "card", take_card },
		{ "digest", take_digest }, { "value", take_value }, { "if_missing", take_if_missing },
	};
	static const char *const kinds[] = { "metric", "drift", "min_age", "tag", "card", "digest" };
	int given = 0;
	for (size_t i = 0; i < COUNT(kinds); i++)
		given += yamldoc_get(x, kinds[i]) != NULL;
	if (given > 1) {
		finding_at(r, x->at, "one gate an item: begin a new line with \"- \" for the next");
		return;
	}
	if (!read_map(r, x, "a gate", fields, COUNT(fields), in))
		return;
	if (!given)
		finding_at(r, x->at, "this is no gate: one of metric, min_age, drift, tag, card or digest is missing");
	if (in->when && in->kind && in->g.kind != GATE_METRIC && in->g.kind != GATE_DRIFT)
		finding_at(r, in->kind->at, "only metrics and drift can turn a version red");
}

struct gate_spec *read_gates(struct reading *r, const struct yamldoc_node *list, bool when, size_t *n)
{
	size_t most;
	*n = 0;
	if (!read_list(r, list, POLICY_MOST_GATES, &most))
		return NULL;
	struct gate_spec *gates = arena_array(r->arena, most, sizeof *gates);
	for (const struct yamldoc_node *x = list->child; x; x = x->next) {
		struct gate_in in = { .g = { .line = x->at.line, .col = x->at.col }, .when = when };
		if (x->kind == YAMLDOC_SCALAR)
			take_metric(r, x, &in);
		else
			read_gate_map(r, x, &in);
		if (in.kind && !in.wrong)
			gates[(*n)++] = in.g;
	}
	return gates;
}

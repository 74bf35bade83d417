/* Metric gates: METRIC OP EXPR.
 *
 * Grammar   gate   := metric op sum
 *           metric := word | `anything`                      a word ends at a blank, ` or one of < > = !
 *           op     := < | <= | > | >= | == | !=
 *           sum    := [-] term { (+ | -) term }
 *           term   := number [* lane] | lane [* number]
 *           lane   := word of letters, digits and _ | `anything`
 * Method    one pass, left to right. Every sum of that kind is scale * lane + offset, so that is what is kept; a second lane
 *           cannot be said and is an error.
 */
#include "core/registry/policy_impl.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "core/base/text.h"
#include "core/runs/number.h"

struct expr {
	const struct policy *p; struct arena *a; struct gate_spec *g;
	const char *start, *at;
	struct expr_wrong *wrong;
};

static bool fail(struct expr *x, const char *at, const char *why)
{
	*x->wrong = (struct expr_wrong){ (size_t)(at - x->start), why };
	return false;
}

static void skip_blanks(struct expr *x)
{
	x->at += strspn(x->at, " \t\n");
}

/* `anything`; *out NULL when there is no backtick here. */
static bool take_backticks(struct expr *x, const char **out)
{
	*out = NULL;
	if (*x->at != '`')
		return true;
	size_t n = strcspn(x->at + 1, "`");
	if (!x->at[1 + n])
		return fail(x, x->at, "this ` has no partner");
	if (!n)
		return fail(x, x->at, "a name is missing between the backticks");
	*out = arena_strndup(x->a, x->at + 1, n);
	x->at += n + 2;
	return true;
}

static bool take_metric(struct expr *x)
{
	if (!take_backticks(x, &x->g->key))
		return false;
	if (x->g->key)
		return true;
	size_t n = strcspn(x->at, " \t\n`<>=!");
	if (!n)
		return fail(x, x->at, "the name of a metric is missing; like: accuracy >= 0.9");
	x->g->key = arena_strndup(x->a, x->at, n);
	x->at += n;
	return true;
}

static bool take_op(struct expr *x)
{
	static const struct { const char *text; enum gate_op op; } ops[] = {      /* longer ones before what they start with */
		{ "<=", GATE_LE }, { ">=", GATE_GE }, { "==", GATE_EQ }, { "!=", GATE_NE }, { "<", GATE_LT }, { ">", GATE_GT },
	};
	for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
		if (strncmp(x->at, ops[i].text, strlen(ops[i].text)) == 0) {
			x->g->op = ops[i].op;
			x->at += strlen(ops[i].text);
			return true;
		}
	return fail(x, x->at, *x->at == '=' ? "to be equal is written ==" : "one of < <= > >= == != is missing; names with blanks stand in backticks");
}

static bool take_number(struct expr *x, double *out)
{
	const char *p = x->at;
	p += strspn(p, "0123456789.");
	if (*p == 'e' || *p == 'E') {
		const char *digits = p + 1 + (p[1] == '-' || p[1] == '+');
		if (isdigit((unsigned char)*digits))
			p = digits + strspn(digits, "0123456789");
	}
	if (!number_parse(x->at, (size_t)(p - x->at), out) || !isfinite(*out))
		return fail(x, x->at, "this is no number");
	x->at = p;
	return true;
}

static bool no_lane(struct expr *x, const char *at, const char *name)
{
	struct str clean = STR_INIT;
	text_clean(&clean, name, strnlen(name, POLICY_WORD_MAX), 0);
	const char *near = word_nearest(name, x->p->lanes, x->p->n_lanes);
	const char *why = near ? arena_printf(x->a, "there is no lane \"%s\"; did you mean \"%s\"?", clean.p, near)
		: arena_printf(x->a, "there is no lane \"%s\" to compare with", clean.p);
	str_free(&clean);
	return fail(x, at, why);
}

static bool take_lane(struct expr *x)
{
	const char *begin = x->at, *name;
	if (!take_backticks(x, &name))
		return false;
	if (!name) {
		while (isalnum((unsigned char)*x->at) || *x->at == '_' || (unsigned char)*x->at >= 0x80)
			x->at++;
		if (x->at == begin)
			return fail(x, begin, *begin ? "a number or the name of a lane was expected here" : "a number or the name of a lane is missing at the end");
		name = arena_strndup(x->a, begin, (size_t)(x->at - begin));
	}
	const char *lane = policy_lane(x->p, name);
	if (!lane)
		return no_lane(x, begin, name);
	if (x->g->lane && x->g->lane != lane)
		return fail(x, begin, "only one lane can be compared with");
	x->g->lane = lane;
	x->g->relative = true;
	return true;
}

static bool starts_number(const struct expr *x)
{
	return isdigit((unsigned char)*x->at) || *x->at == '.';
}

static bool take_term(struct expr *x, double sign)
{
	double factor = 1;
	bool number_first = starts_number(x);
	if (number_first ? !take_number(x, &factor) : !take_lane(x))
		return false;
	skip_blanks(x);
	if (*x->at != '*') {
		*(number_first ? &x->g->offset : &x->g->scale) += sign * factor;
		return true;
	}
	x->at++;
	skip_blanks(x);
	if (number_first == starts_number(x))
		return fail(x, x->at, number_first ? "a lane was expected here; like: 1.1 * production" : "a lane is multiplied by a number; like: production * 1.1");
	if (number_first ? !take_lane(x) : !take_number(x, &factor))
		return false;
	x->g->scale += sign * factor;
	skip_blanks(x);
	return true;
}

static bool take_sum(struct expr *x)
{
	double sign = 1;
	if (*x->at == '-') {
		sign = -1;
		x->at++;
	}
	for (;;) {
		skip_blanks(x);
		if (!take_term(x, sign))
			return false;
		if (!*x->at)
			return true;
		if (*x->at != '+' && *x->at != '-')
			return fail(x, x->at, "only + - and * are understood here; like: production * 1.1 + 0.01");
		sign = *x->at++ == '-' ? -1 : 1;
	}
}

bool policy_expr(const struct policy *p, struct arena *a, const char *text, struct gate_spec *g, struct expr_wrong *wrong)
{
	struct expr x = { .p = p, .a = a, .g = g, .start = text, .at = text, .wrong = wrong };
	g->lane = NULL;
	g->relative = false;
	g->scale = g->offset = 0;
	skip_blanks(&x);
	if (!take_metric(&x))
		return false;
	skip_blanks(&x);
	if (!take_op(&x))
		return false;
	skip_blanks(&x);
	if (!take_sum(&x))
		return false;
	if (!isfinite(g->scale) || !isfinite(g->offset))
		return fail(&x, text, "the limit is too large for a number");
	return true;
}

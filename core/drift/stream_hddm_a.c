/* stream_hddm_a -- Hoeffding's bounds on averages (Frias-Blanco et al. 2014): the error rate up to the cut where it was surely lowest (highest) against the rate of all; a difference beyond
 * Hoeffding's bound at the given confidence is a warning or a drift. One-sided (rises) unless two_sided is not 0. Memory: a few numbers. */
#include <math.h>
#include "core/drift/stream.h"

enum { DRIFT, WARN, TWO_SIDED };
struct hddm { double p[3]; struct running all, low, high; bool fired; };
extern const struct stream_class stream_hddm_a;

static void start(struct hddm *s)
{
	s->all = s->low = s->high = (struct running){ 0, 0 };
	s->fired = false;
}

static void init(void *state, const double *params, uint64_t seed)
{
	struct hddm *s = state;
	(void)seed;
	for (int i = 0; i < 3; i++)
		s->p[i] = params ? params[i] : stream_hddm_a.defaults[i];
	start(s);
}

static double bound(double n, double confidence)
{
	return sqrt(1 / (2 * n) * log(1 / confidence));
}

static bool apart(struct running part, struct running all, double gap, double confidence)
{
	if (part.n == all.n)
		return false;
	double m = (all.n - part.n) / part.n * (1 / all.n);
	return gap >= sqrt(m / 2 * log(2 / confidence));
}

static enum stream_state add(void *state, double v)
{
	struct hddm *s = state;
	if (!isfinite(v))
		return STREAM_QUIET;
	if (s->fired)
		start(s);
	s->all = running_add(s->all, v != 0);
	double here = bound(s->all.n, s->p[DRIFT]);
	if (s->low.n == 0 || s->low.mean + bound(s->low.n, s->p[DRIFT]) >= s->all.mean + here)
		s->low = s->all;
	if (s->high.n == 0 || s->high.mean - bound(s->high.n, s->p[DRIFT]) <= s->all.mean - here)
		s->high = s->all;
	double rise = s->all.mean - s->low.mean, fall = s->high.mean - s->all.mean;
	bool both = s->p[TWO_SIDED] != 0;
	s->fired = apart(s->low, s->all, rise, s->p[DRIFT]) || (both && apart(s->high, s->all, fall, s->p[DRIFT]));
	bool warned = apart(s->low, s->all, rise, s->p[WARN]) || (both && apart(s->high, s->all, fall, s->p[WARN]));
	return s->fired ? STREAM_DRIFT : warned ? STREAM_WARNING : STREAM_QUIET;
}

static void done(void *state)
{
	(void)state;
}

const struct stream_class stream_hddm_a = {
	.id = "hddm_a", .title = "HDDM_A", .source = "Frias-Blanco, del Campo-Avila, Ramos-Jimenez, Morales-Bueno, Ortiz-Diaz and Caballero-Mota 2014", .errors_only = true,
	.params = { "drift", "warning", "two_sided" }, .defaults = { 0.001, 0.005, 0 },
	.size = sizeof(struct hddm), .init = init, .add = add, .done = done,
};

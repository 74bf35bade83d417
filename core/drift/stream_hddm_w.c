/* stream_hddm_w -- McDiarmid's bounds on exponentially weighted averages (Frias-Blanco et al. 2014): the average up to the cut where it was surely lowest (highest) against the average
 * since. Recent errors weigh `lambda`. One-sided (rises) unless two_sided is not 0. Memory: a few numbers. */
#include <math.h>
#include "core/drift/stream.h"

enum { DRIFT, WARN, LAMBDA, TWO_SIDED };
struct average { double mean, bound; bool any; };        /* bound: sum of squared weights */
struct hddm { double p[4]; struct average all, low, after_low, high, after_high; double low_at, high_at; bool fired; };
static const struct average nothing = { 0, 1, false };
extern const struct stream_class stream_hddm_w;

static void start(struct hddm *s)
{
	s->all = s->low = s->after_low = s->high = s->after_high = nothing;
	s->low_at = INFINITY, s->high_at = -INFINITY, s->fired = false;
}

static void init(void *state, const double *params, uint64_t seed)
{
	struct hddm *s = state;
	(void)seed;
	for (int i = 0; i < 4; i++)
		s->p[i] = params ? params[i] : stream_hddm_w.defaults[i];
	start(s);
}

static struct average weigh(struct average a, double v, double lambda)
{
	a.mean = a.any ? lambda * v + (1 - lambda) * a.mean : v;
	a.bound = lambda * lambda + (1 - lambda) * (1 - lambda) * a.bound;
	a.any = true;
	return a;
}

static double bound(double squares, double confidence)
{
	return sqrt(squares * log(1 / confidence) / 2);
}

static bool rose(const struct average *from, const struct average *to, double confidence)
{
	return from->any && to->any && to->mean - from->mean > bound(from->bound + to->bound, confidence);
}

static void move_cuts(struct hddm *s, double v)
{
	double eps = bound(s->all.bound, s->p[DRIFT]);
	if (s->all.mean + eps < s->low_at)
		s->low_at = s->all.mean + eps, s->low = s->all, s->after_low = nothing;
	else
		s->after_low = weigh(s->after_low, v, s->p[LAMBDA]);
	if (s->all.mean - eps > s->high_at)
		s->high_at = s->all.mean - eps, s->high = s->all, s->after_high = nothing;
	else
		s->after_high = weigh(s->after_high, v, s->p[LAMBDA]);
}

static enum stream_state add(void *state, double v)
{
	struct hddm *s = state;
	if (!isfinite(v))
		return STREAM_QUIET;
	if (s->fired)
		start(s);
	v = v != 0;
	s->all = weigh(s->all, v, s->p[LAMBDA]);
	move_cuts(s, v);
	bool both = s->p[TWO_SIDED] != 0;
	s->fired = rose(&s->low, &s->after_low, s->p[DRIFT]) || (both && rose(&s->after_high, &s->high, s->p[DRIFT]));
	bool warned = rose(&s->low, &s->after_low, s->p[WARN]) || (both && rose(&s->after_high, &s->high, s->p[WARN]));
	return s->fired ? STREAM_DRIFT : warned ? STREAM_WARNING : STREAM_QUIET;
}

static void done(void *state)
{
	(void)state;
}

const struct stream_class stream_hddm_w = {
	.id = "hddm_w", .title = "HDDM_W", .source = "Frias-Blanco, del Campo-Avila, Ramos-Jimenez, Morales-Bueno, Ortiz-Diaz and Caballero-Mota 2014", .errors_only = true,
	.params = { "drift", "warning", "lambda", "two_sided" }, .defaults = { 0.001, 0.005, 0.05, 0 },
	.size = sizeof(struct hddm), .init = init, .add = add, .done = done,
};

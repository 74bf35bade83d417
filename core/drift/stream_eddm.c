/* stream_eddm -- early drift detection method (Baena-Garcia et al. 2006): the mean distance between errors plus two deviations, relative to its greatest; warning below alpha, drift
 * below beta. Fires often on stationary streams: never a default. Memory: a few numbers. */
#include <math.h>
#include "core/drift/stream.h"

enum { LEAST, ALPHA, BETA };
struct eddm { double p[3]; struct running gap; double squares, n, last, most; bool fired, warned; };
extern const struct stream_class stream_eddm;

static void start(struct eddm *s)
{
	s->gap = (struct running){ 0, 0 };
	s->squares = s->n = s->last = 0, s->most = -1, s->fired = s->warned = false;
}

static void init(void *state, const double *params, uint64_t seed)
{
	struct eddm *s = state;
	(void)seed;
	for (int i = 0; i < 3; i++)
		s->p[i] = params ? params[i] : stream_eddm.defaults[i];
	start(s);
}

static void error(struct eddm *s)
{
	double gap = s->n - s->last, before = s->gap.mean;
	s->last = s->n;
	s->gap = running_add(s->gap, gap);
	s->squares += (gap - before) * (gap - s->gap.mean);
	if (!(s->n > s->p[LEAST]))
		return;
	double level = s->gap.mean + 2 * sqrt(s->gap.n > 1 ? s->squares / (s->gap.n - 1) : 0);
	if (level > s->most) {
		s->most = level;
	} else if (s->gap.n > s->p[LEAST]) {
		s->fired = level / s->most < s->p[BETA];
		if (!s->fired)
			s->warned = level / s->most < s->p[ALPHA];
	}
}

static enum stream_state add(void *state, double v)
{
	struct eddm *s = state;
	if (!isfinite(v))
		return STREAM_QUIET;
	if (s->fired)
		start(s);
	s->n++;
	if (v != 0)
		error(s);
	return s->fired ? STREAM_DRIFT : s->warned ? STREAM_WARNING : STREAM_QUIET;
}

static void done(void *state)
{
	(void)state;
}

const struct stream_class stream_eddm = {
	.id = "eddm", .title = "EDDM", .source = "Baena-Garcia, del Campo-Avila, Fidalgo, Bifet, Gavalda and Morales-Bueno 2006", .errors_only = true,
	.params = { "min_errors", "alpha", "beta" }, .defaults = { 30, 0.95, 0.9 },
	.size = sizeof(struct eddm), .init = init, .add = add, .done = done,
};

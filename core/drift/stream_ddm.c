/* stream_ddm -- drift detection method (Gama, Medas, Castillo and Rodrigues 2004): the error rate p and its deviation s = sqrt(p(1-p)/n); warning and drift when p + s exceeds its least
 * value by so many deviations. Sees rises only; early false alarms are common. Memory: a few numbers. */
#include <math.h>
#include "core/drift/stream.h"

enum { LEAST, WARN, DRIFT };
struct ddm { double p[3]; struct running rate; double p_min, s_min; bool fired; };
extern const struct stream_class stream_ddm;

static void start(struct ddm *s)
{
	s->rate = (struct running){ 0, 0 };
	s->p_min = s->s_min = INFINITY, s->fired = false;
}

static void init(void *state, const double *params, uint64_t seed)
{
	struct ddm *s = state;
	(void)seed;
	for (int i = 0; i < 3; i++)
		s->p[i] = params ? params[i] : stream_ddm.defaults[i];
	start(s);
}

static enum stream_state add(void *state, double v)
{
	struct ddm *s = state;
	if (!isfinite(v))
		return STREAM_QUIET;
	if (s->fired)
		start(s);
	s->rate = running_add(s->rate, v != 0);
	double p = s->rate.mean, dev = sqrt(p * (1 - p) / s->rate.n);
	if (!(s->rate.n > s->p[LEAST]))
		return STREAM_QUIET;
	if (p + dev <= s->p_min + s->s_min)
		s->p_min = p, s->s_min = dev;
	s->fired = p + dev > s->p_min + s->p[DRIFT] * s->s_min;
	if (s->fired)
		return STREAM_DRIFT;
	return p + dev > s->p_min + s->p[WARN] * s->s_min ? STREAM_WARNING : STREAM_QUIET;
}

static void done(void *state)
{
	(void)state;
}

const struct stream_class stream_ddm = {
	.id = "ddm", .title = "DDM", .source = "Gama, Medas, Castillo and Rodrigues 2004", .errors_only = true,
	.params = { "min_values", "warning", "drift" }, .defaults = { 30, 2, 3 },
	.size = sizeof(struct ddm), .init = init, .add = add, .done = done,
};

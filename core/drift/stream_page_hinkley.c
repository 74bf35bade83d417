/* stream_page_hinkley -- Page 1954, Hinkley 1971, with forgetting: cumulated deviations from the running mean, less a tolerance; an alarm when they stand `lambda` above their least
 * (a rise) or below their greatest (a fall). lambda is in the data's unit: scale data to a deviation near 1 first. Memory: a few numbers. */
#include <math.h>
#include "core/drift/stream.h"

enum { LEAST, DELTA, LAMBDA, ALPHA };
struct page { double p[4]; struct running mean; double up, down, least, most; bool fired; };
extern const struct stream_class stream_page_hinkley;

static void start(struct page *s)
{
	s->mean = (struct running){ 0, 0 };
	s->up = s->down = 0, s->least = INFINITY, s->most = -1, s->fired = false;
}

static void init(void *state, const double *params, uint64_t seed)
{
	struct page *s = state;
	(void)seed;
	for (int i = 0; i < 4; i++)
		s->p[i] = params ? params[i] : stream_page_hinkley.defaults[i];
	start(s);
}

static enum stream_state add(void *state, double v)
{
	struct page *s = state;
	if (!isfinite(v))
		return STREAM_QUIET;
	if (s->fired)
		start(s);
	s->mean = running_add(s->mean, v);
	double dev = v - s->mean.mean;
	s->up = s->p[ALPHA] * s->up + dev - s->p[DELTA];
	s->down = s->p[ALPHA] * s->down + dev + s->p[DELTA];
	s->least = fmin(s->least, s->up), s->most = fmax(s->most, s->down);
	s->fired = s->mean.n >= s->p[LEAST] && (s->up - s->least > s->p[LAMBDA] || s->most - s->down > s->p[LAMBDA]);
	return s->fired ? STREAM_DRIFT : STREAM_QUIET;
}

static void done(void *state)
{
	(void)state;
}

const struct stream_class stream_page_hinkley = {
	.id = "page_hinkley", .title = "Page-Hinkley", .source = "Page 1954; Hinkley 1971",
	.params = { "min_values", "delta", "lambda", "alpha" }, .defaults = { 30, 0.005, 50, 1 - 0.0001 },
	.size = sizeof(struct page), .init = init, .add = add, .done = done,
};

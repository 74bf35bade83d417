/* stream_kswin -- Kolmogorov-Smirnov windowing (Raab, Heusinger and Schleif 2020): the newest `stat` values of a window against as many drawn without replacement from its older ones;
 * a drift when p <= alpha and D > 0.1. Draws come from the seed, anew after each detection. Memory: the window, at most 10,000 values. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/mem.h"
#include "core/drift/pair.h"
#include "core/drift/random.h"
#include "core/drift/special.h"
#include "core/drift/stream.h"

enum { ALPHA, WINDOW, STAT, MOST = 10000 };
struct kswin {
	double alpha; size_t window, stat, n;
	double *value, *old, *new, *scratch;         /* value: the window, oldest first */
	uint64_t seed; struct random random;
	bool fired;
};
extern const struct stream_class stream_kswin;

static void init(void *state, const double *params, uint64_t seed)
{
	struct kswin *s = state;
	const double *p = params ? params : stream_kswin.defaults;
	*s = (struct kswin){ .alpha = p[ALPHA], .seed = seed, .random = { seed } };
	s->window = (size_t)fmin(MOST, fmax(4, p[WINDOW])), s->stat = (size_t)fmin((double)(s->window / 2), fmax(2, p[STAT]));
	s->value = mem_array(s->window + 3 * s->window, sizeof *s->value);
	s->old = s->value + s->window, s->new = s->old + s->window, s->scratch = s->new + s->window;
}

/* The greatest difference of two sorted samples of one size, in steps of 1/size. */
static double greatest(const double *x, const double *y, size_t n)
{
	size_t i = 0, j = 0, most = 0;
	while (i < n && j < n) {
		double v = x[i] < y[j] ? x[i] : y[j];
		while (i < n && x[i] == v)
			i++;
		while (j < n && y[j] == v)
			j++;
		size_t gap = i > j ? i - j : j - i;
		most = gap > most ? gap : most;
	}
	return (double)most / (double)n;
}

static void draw(struct kswin *s)
{
	size_t left = s->window - s->stat, n = 0;
	for (size_t i = 0; n < s->stat; i++, left--)
		if (random_below(&s->random, left) < s->stat - n)
			s->old[n++] = s->value[i];
}

static bool changed(struct kswin *s)
{
	draw(s);
	memcpy(s->new, s->value + s->window - s->stat, s->stat * sizeof *s->new);
	sort_doubles(s->old, s->scratch, s->stat);
	sort_doubles(s->new, s->scratch, s->stat);
	double d = greatest(s->old, s->new, s->stat);
	return d > 0.1 && smirnov_two_sample_exact(d, (int)s->stat, (int)s->stat) <= s->alpha;
}

static enum stream_state add(void *state, double v)
{
	struct kswin *s = state;
	if (!isfinite(v))
		return STREAM_QUIET;
	if (s->fired)
		s->fired = false, s->n = 0, s->random = (struct random){ s->seed };
	if (s->n == s->window)
		memmove(s->value, s->value + 1, --s->n * sizeof *s->value);
	s->value[s->n++] = v;
	s->fired = s->n == s->window && changed(s);
	return s->fired ? STREAM_DRIFT : STREAM_QUIET;
}

static void done(void *state)
{
	struct kswin *s = state;
	free(s->value);
	s->value = NULL;
}

const struct stream_class stream_kswin = {
	.id = "kswin", .title = "KSWIN", .source = "Raab, Heusinger and Schleif 2020",
	.params = { "alpha", "window", "stat" }, .defaults = { 0.005, 100, 30 },
	.size = sizeof(struct kswin), .init = init, .add = add, .done = done,
};

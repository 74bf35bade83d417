/* Wasserstein distance of order 1, normalised: the area between F and G over the reference's population standard deviation.
 * From 0; in standard deviations. Where the reference is constant, the pooled deviation takes its place (both constant and equal: 0).
 * Evidently's variant divides by max(sd, 0.001), so that columns of tiny scale never drift there.
 * Expected with no drift: sqrt(2/pi) sqrt(1/n + 1/m) times the integral of sqrt(H (1 - H)), H the pooled distribution (del Barrio, Gine and
 * Matran 1999), taken over 1,000 pooled quantiles. */
#include <math.h>
#include "core/drift/drift_test.h"
#include "core/drift/wasserstein.h"

double wasserstein_noise(const struct pair *p)
{
	enum { STEPS = 1000 };
	struct pooled from = { 0, 0 };
	double unit = p->walk.unit, before = pair_quantile_on(p, 0, &from) / unit, sum = 0;
	for (int i = 1; i <= STEPS; i++) {
		double at = pair_quantile_on(p, (double)i / STEPS, &from) / unit, h = (i - 0.5) / STEPS;
		sum += sqrt(h * (1 - h)) * (at - before), before = at;
	}
	return sqrt(M_2_PI) * sqrt(1 / (double)p->ref.n + 1 / (double)p->cur.n) * sum;
}

/* In the walk's unit. */
static double pooled_sd(const struct pair *p)
{
	double n = (double)p->ref.n, m = (double)p->cur.n, u = p->walk.unit, a = p->ref.unit / u, b = p->cur.unit / u;
	double gap = p->ref.mean / u - p->cur.mean / u;
	return sqrt((p->ref.m2 * a * a + p->cur.m2 * b * b + gap * gap * n * m / (n + m)) / (n + m));
}

static void run(const struct pair *p, const struct test_options *o, struct test_result *r)
{
	double unit = p->walk.unit, u = p->ref.unit, sd = side_sd(&p->ref, 0), noise = wasserstein_noise(p);
	if (o->evidently) {
		sd = sqrt(p->ref.m2 * u * u / (double)p->ref.n);        /* squares overflow there */
		r->statistic = p->walk.area * unit / fmax(sd, 0.001);
		r->null_value = noise * unit / fmax(sd, 0.001);
	} else {
		bool constant = p->ref.distinct == 1;
		double norm = constant ? pooled_sd(p) : sqrt(p->ref.m2 / (double)p->ref.n) * (p->ref.unit / unit);
		r->statistic = p->walk.area == 0 ? 0 : p->walk.area / norm;
		r->null_value = constant ? NAN : noise / norm;
	}
	r->effect = r->statistic;
	r->extra[0] = sd;
}

const struct drift_test drift_test_wasserstein = {
	.id = "wasserstein", .title = "Wasserstein distance (normalised)", .source = "Vaserstein 1969; del Barrio, Gine and Matran 1999",
	.kind = TEST_DISTANCE, .types = FOR_NUMBERS, .effect = "W/sd", .extra_names = { "sd" }, .effect_floor = 0.1,
	.evidently_id = "wasserstein", .evidently_title = "Wasserstein distance (normed)", .evidently_threshold = 0.1, .evidently_op = 'g', .run = run,
};

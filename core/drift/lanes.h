/* lanes -- two doubles at a time, as every processor of the 64-bit kinds has them in a register. Sums over lanes have a stated order, so that the result is the same everywhere;
 * wider vectors would be kept in memory where the processor lacks them. */
#ifndef MLYARD_DRIFT_LANES_H
#define MLYARD_DRIFT_LANES_H
#include <stddef.h>
#include <string.h>

typedef double lanes __attribute__((vector_size(16)));

static inline lanes lanes_at(const double *p)
{
	lanes v;
	memcpy(&v, p, sizeof v);
	return v;
}

static inline void lanes_put(double *p, lanes v) { memcpy(p, &v, sizeof v); }

/* Sum of a * b. */
static inline double lanes_dot(const double *a, const double *b, size_t n)
{
	lanes s = { 0 }, t = { 0 }, u = { 0 }, v = { 0 };
	double rest = 0;
	size_t i = 0;
	for (; i + 8 <= n; i += 8) {
		s += lanes_at(a + i) * lanes_at(b + i), t += lanes_at(a + i + 2) * lanes_at(b + i + 2);
		u += lanes_at(a + i + 4) * lanes_at(b + i + 4), v += lanes_at(a + i + 6) * lanes_at(b + i + 6);
	}
	for (; i < n; i++)
		rest += a[i] * b[i];
	s = (s + t) + (u + v);
	return s[0] + s[1] + rest;
}
#endif

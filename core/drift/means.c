#include <math.h>
#include "core/drift/means.h"

void means_of(const struct pair *p, bool natural, struct means *out)
{
	double unit = natural ? 1 : p->walk.unit, a = p->ref.unit / unit, b = p->cur.unit / unit;
	out->n = (double)p->ref.n, out->m = (double)p->cur.n;
	out->gap = p->ref.mean / unit - p->cur.mean / unit;
	out->m2_ref = p->ref.m2 * a * a, out->m2_cur = p->cur.m2 * b * b;
	double pooled = sqrt((out->m2_ref + out->m2_cur) / (out->n + out->m - 2));
	out->cohen_d = out->gap == 0 && !natural ? 0 : -out->gap / pooled;
	if (out->n + out->m <= 2)
		out->cohen_d = NAN;
}

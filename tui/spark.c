/* A line of values in a row of cells. Braille and ASCII draw through the chart's raster; eighth blocks show one level a
 * cell: of the values that fall into it the one that differs most from the cell before (the first: from the mean), so
 * that a spike in either direction stays. */
#include <math.h>
#include <stdlib.h>
#include "tui/chart_parts.h"

enum { LEVELS = 8 };

static bool range_of(const double *v, int n, double *lo, double *hi)
{
	*lo = INFINITY, *hi = -INFINITY;
	for (int i = 0; i < n; i++)
		if (isfinite(v[i])) {
			*lo = v[i] < *lo ? v[i] : *lo;
			*hi = v[i] > *hi ? v[i] : *hi;
		}
	return *lo <= *hi;
}

static void spark_dots(struct paint *p, int x, int y, int width, struct pen pen, const double *v, int n, double lo, double hi)
{
	struct raster r;
	struct raster_pen line;
	struct axis ax, ay;
	axis_set(&ax, 0, n > 1 ? n - 1 : 1, false);
	axis_set(&ay, lo, hi, false);
	raster_init(&r, width, 1, &ax, &ay);
	raster_begin(&line, &r, RASTER_LINE, 0);
	for (int i = 0; i < n; i++)
		raster_to(&line, i, v[i]);
	if (n == 1)
		raster_to(&line, 1, v[0]);                  /* one value: a level line */
	raster_lift(&line);
	for (int i = 0; i < width; i++)
		if (r.mask[RASTER_LINE][i])
			paint_put(p, x + i, y, pen, raster_glyph(r.mask[RASTER_LINE][i], p->ascii ? GLYPHS_ASCII : p->glyphs));
	raster_done(&r);
}

static int level(const struct axis *a, double v)
{
	int l = (int)lrint(axis_pos(a, v) * (LEVELS - 1));
	return l < 0 ? 0 : l >= LEVELS ? LEVELS - 1 : l;
}

static double mean_of(const double *v, int n)
{
	double sum = 0;
	int k = 0;
	for (int i = 0; i < n; i++)
		if (isfinite(v[i])) {
			sum += v[i] / n;
			k++;
		}
	return k ? sum * n / k : 0;
}

static void spark_blocks(struct paint *p, int x, int y, int width, struct pen pen, const double *v, int n, double lo, double hi)
{
	struct axis a;
	axis_set(&a, lo, hi, false);
	int before = level(&a, mean_of(v, n));
	for (int i = 0; i < width; i++) {
		int from = (int)((int64_t)i * n / width), to = (int)((int64_t)(i + 1) * n / width), best = -1;
		for (int k = from; k < (to > from ? to : from + 1); k++) {
			int l = isfinite(v[k]) ? level(&a, v[k]) : -1;
			if (l >= 0 && (best < 0 || abs(l - before) > abs(best - before)))
				best = l;
		}
		if (best >= 0)
			paint_put(p, x + i, y, pen, 0x2581u + (uint32_t)best);
		before = best >= 0 ? best : before;
	}
}

void spark_paint_scaled(struct paint *p, int x, int y, int width, struct pen pen, const double *v, int n, double lo, double hi)
{
	if (width < 1 || n < 1)
		return;
	if (p->glyphs == GLYPHS_BLOCK && !p->ascii)
		spark_blocks(p, x, y, width, pen, v, n, lo, hi);
	else
		spark_dots(p, x, y, width, pen, v, n, lo, hi);
}

void spark_paint(struct paint *p, int x, int y, int width, struct pen pen, const double *v, int n)
{
	double lo, hi;
	if (width < 1 || n < 1 || !range_of(v, n, &lo, &hi))
		return;
	axis_open(&lo, &hi, false);
	spark_paint_scaled(p, x, y, width, pen, v, n, lo, hi);
}

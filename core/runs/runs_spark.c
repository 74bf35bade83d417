/* Sparklines: one metric's course over a handful of cells, for the runs on screen.
 *
 * A cell shows the last value of the points that fall into it; between cells with points the line is drawn
 * straight, so that three points make a line and not three dots. A cell whose points are all NaN stays
 * empty and breaks the line. The x-axis is the step; a metric logged without steps goes by time.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/runs/runs.h"

struct scale { int64_t lo, hi; int width; };

static int cell_of(const struct scale *k, int64_t x)
{
	if (k->hi == k->lo)
		return 0;
	double share = ((double)x - (double)k->lo) / ((double)k->hi - (double)k->lo);
	int at = (int)(share * (k->width - 1) + 0.5);
	return at < 0 ? 0 : at >= k->width ? k->width - 1 : at;
}

/* Straight lines between the cells that points fell into; `broken` cells end a line. */
static void join(double *v, const bool *broken, int width)
{
	int from = -1;
	for (int i = 0; i < width; i++) {
		if (broken[i])
			from = -1;
		if (isnan(v[i]))
			continue;
		for (int k = from + 1; from >= 0 && k < i; k++)
			v[k] = v[from] + (v[i] - v[from]) * (k - from) / (i - from);
		from = isfinite(v[i]) ? i : -1;
	}
}

static enum status spark_one(struct store *s, int64_t run, int64_t name, int width, bool *broken, double *out, struct err *e)
{
	struct series_sum sum;
	struct bucket *b = NULL;
	size_t n = 0;
	enum status rc = series_summary(s, run, name, &sum, e);
	if (rc == ST_NOT_FOUND)
		return ST_OK;
	if (rc != ST_OK)
		return rc;
	enum series_axis axis = sum.first_step == sum.last_step ? AXIS_TIME : AXIS_STEP;
	/* Times need not be ordered like steps: the window is open, the ends come from the data. */
	rc = series_buckets(s, run, name, axis, INT64_MIN, INT64_MAX, width, &b, &n, e);
	struct scale k = { n ? b[0].x0 : 0, n ? b[n - 1].x1 : 0, width };
	memset(broken, 0, (size_t)width * sizeof *broken);
	for (size_t i = 0; i < n && rc == ST_OK; i++) {
		/* All at one moment: spread by order. */
		int at = k.lo == k.hi ? (int)(i * (size_t)(width - 1) / (n > 1 ? n - 1 : 1)) : cell_of(&k, b[i].x1);
		if (!isnan(b[i].last))
			out[at] = b[i].last;
		else if (b[i].n == b[i].nan && isnan(out[at]))
			broken[at] = true;
	}
	for (int i = 0; i < width; i++)
		broken[i] = broken[i] && isnan(out[i]);
	join(out, broken, width);
	free(b);
	return rc;
}

enum status runs_spark(struct store *s, const int64_t *run_ids, size_t n, const char *key, int width, double *out, struct err *e)
{
	int64_t name = run_name_id(s, key);
	bool broken[1024];
	if (width < 1 || width > (int)(sizeof broken / sizeof *broken))
		return err_set(e, ST_USAGE, "a sparkline is 1 to 1024 cells wide");
	for (size_t i = 0; i < n * (size_t)width; i++)
		out[i] = NAN;
	enum status rc = name ? store_read_begin(s, e) : ST_OK;
	if (!name || rc != ST_OK)
		return rc;
	for (size_t i = 0; i < n && rc == ST_OK; i++)
		rc = spark_one(s, run_ids[i], name, width, broken, out + i * (size_t)width, e);
	store_read_end(s);
	return rc;
}

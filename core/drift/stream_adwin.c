/* stream_adwin -- adaptive windowing (Bifet and Gavalda 2007): the window grows while its parts agree, and its oldest part is dropped when two parts' means differ by more than
 * chance allows.
 *
 * The window is an exponential histogram: row r holds up to max_buckets + 1 buckets of 2^r values, oldest first, as sum and sum of squared deviations. When a row overflows, its
 * two oldest become one of the next row. So W values take O(log W) memory and every cut between buckets is tried in O(log W), each `clock` values.
 * A cut with n0, n1 values is a change when |mean0 - mean1| > sqrt(2 m s^2 d) + 2/3 m d, m = 1/(n0-w+1) + 1/(n1-w+1), d = ln(2 ln W / delta), s^2 the window's variance.
 * Memory: 40 rows. Parameters: delta; values between tries; buckets a row, 2 to 15; least values w on either side; no try before `grace` values.
 */
#include <math.h>
#include <string.h>
#include "core/drift/stream.h"

enum { ROWS = 40, MOST_BUCKETS = 15 };
enum { DELTA, CLOCK, BUCKETS, WINDOW, GRACE };

struct bucket { double sum, dev; };
struct row { int n; struct bucket b[MOST_BUCKETS + 1]; };
struct adwin {
	double delta, least, grace; int clock, most;
	struct row row[ROWS]; int rows;
	double width, total, dev;
	uint64_t ticks;
	bool fired;
};


extern const struct stream_class stream_adwin;

static void start(struct adwin *a)
{
	memset(a->row, 0, sizeof a->row);
	a->rows = 1, a->width = a->total = a->dev = 0, a->ticks = 0, a->fired = false;
}

static void init(void *state, const double *params, uint64_t seed)
{
	struct adwin *a = state;
	const double *p = params ? params : stream_adwin.defaults;
	(void)seed;
	*a = (struct adwin){ .delta = p[DELTA], .least = fmax(1, p[WINDOW]), .grace = p[GRACE] };
	a->clock = (int)fmin(1e6, fmax(1, p[CLOCK])), a->most = (int)fmin(MOST_BUCKETS, fmax(2, p[BUCKETS]));
	start(a);
}

static void drop_first(struct row *r, int n)
{
	r->n -= n;
	memmove(r->b, r->b + n, (size_t)r->n * sizeof *r->b);
}

static void fold(struct adwin *a)
{
	for (int i = 0; i + 1 < ROWS && a->row[i].n > a->most; i++) {
		struct row *r = &a->row[i], *next = &a->row[i + 1];
		double n = ldexp(1, i), gap = r->b[0].sum / n - r->b[1].sum / n;
		next->b[next->n++] = (struct bucket){ r->b[0].sum + r->b[1].sum, r->b[0].dev + r->b[1].dev + n * n * gap * gap / (2 * n) };
		drop_first(r, 2);
		if (a->rows < i + 2)
			a->rows = i + 2;
	}
}

static void insert(struct adwin *a, double v)
{
	struct row *r = &a->row[0];
	r->b[r->n++] = (struct bucket){ v, 0 };
	a->width++;
	if (a->width > 1) {
		double gap = v - a->total / (a->width - 1);
		a->dev += (a->width - 1) * gap * gap / a->width;
	}
	a->total += v;
	fold(a);
}

static void forget_oldest(struct adwin *a)
{
	struct row *r = &a->row[a->rows - 1];
	double n = ldexp(1, a->rows - 1), gap;
	a->width -= n, a->total -= r->b[0].sum;
	gap = r->b[0].sum / n - a->total / a->width;
	a->dev -= r->b[0].dev + n * a->width * gap * gap / (n + a->width);
	drop_first(r, 1);
	while (a->rows > 1 && a->row[a->rows - 1].n == 0)
		a->rows--;
}

static bool differs(const struct adwin *a, double n0, double n1, double gap)
{
	double d = log(2 * log(a->width) / a->delta), m = 1 / (n0 - a->least + 1) + 1 / (n1 - a->least + 1);
	return fabs(gap) > sqrt(2 * m * (a->dev / a->width) * d) + 2.0 / 3 * d * m;
}

/* Tries all cuts from the oldest on; true: one held, and the oldest bucket is gone. */
static bool cut(struct adwin *a)
{
	double n0 = 0, n1 = a->width, u0 = 0, u1 = a->total;
	for (int i = a->rows - 1; i >= 0; i--)
		for (int k = 0; k < a->row[i].n; k++) {
			double n = ldexp(1, i), u = a->row[i].b[k].sum;
			n0 += n, n1 -= n, u0 += u, u1 -= u;
			if (i == 0 && k == a->row[i].n - 1)
				return false;
			if (n0 >= a->least && n1 >= a->least && differs(a, n0, n1, u0 / n0 - u1 / n1)) {
				forget_oldest(a);
				return true;
			}
		}
	return false;
}

static enum stream_state add(void *state, double v)
{
	struct adwin *a = state;
	if (!isfinite(v))
		return STREAM_QUIET;
	if (a->fired)
		start(a);
	insert(a, v);
	if (++a->ticks % (uint64_t)a->clock == 0 && a->width > a->grace)
		while (cut(a))
			a->fired = true;
	return a->fired ? STREAM_DRIFT : STREAM_QUIET;
}

static void done(void *state)
{
	(void)state;
}

const struct stream_class stream_adwin = {
	.id = "adwin", .title = "ADWIN", .source = "Bifet and Gavalda 2007",
	.params = { "delta", "clock", "max_buckets", "min_window", "grace" }, .defaults = { 0.002, 32, 5, 5, 10 },
	.size = sizeof(struct adwin), .init = init, .add = add, .done = done,
};

/* pair -- one column of reference and current data, made ready once so that every test is a look.
 *
 * Numbers  cleaned of missing and infinite values (counted), -0 made 0, sorted by radix; one merge walk over the pooled distinct values
 *          gives everything that distribution tests need (struct walk), a second one on demand what rank tests need (struct ranks).
 * Words    the union of both sides' categories in bytewise order, with counts.
 * Threads  immutable once made; columns are made in parallel.
 */
#ifndef MLYARD_DRIFT_PAIR_H
#define MLYARD_DRIFT_PAIR_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/base/status.h"
#include "core/io/frame.h"

struct side {
	const double *sorted; size_t n;          /* finite values ascending; NULL for words */
	size_t rows, missing, nan, inf;          /* rows before cleaning; missing holds nan */
	double mean, m2, min, max;               /* two-pass mean; sum of squared deviations of x / unit; NaN when empty */
	double spread;                           /* sum of distances from the median, / unit; likewise */
	double unit;                             /* a power of two, 1 unless values are so large or small that squares leave the range */
	size_t distinct; bool integer;           /* integer: read as whole numbers with none missing */
};
/* One walk over the distinct pooled values v1 < v2 < ...; F, G: empirical distribution functions of reference (n) and current (m). */
struct walk {
	double d_plus, d_minus, d_at; int d_sign;   /* sup(F-G), sup(G-F); where |F-G| is greatest; 1 when F is the greater there, else -1 */
	double unit;                             /* the greater of both sides' */
	double area;                             /* sum |F-G| dv / unit */
	size_t distinct;
};
/* What needs more of that walk; made for the tests that ask. */
struct ranks {
	double area2;                            /* sum (F-G)^2 dv / unit */
	double cross;                            /* sum F(1-G) + G(1-F) dv / unit: the mean distance of a reference to a current value */
	double rank_sum;                         /* of the reference, midranks */
	double tie3;                             /* sum t^3 - t over tie groups */
	double cvm_t;                            /* two-sample Cramer-von Mises T with midranks (Anderson 1962), from whole numbers: no cancellation */
	double ad2;                              /* A^2akN, midrank version (Scholz and Stephens 1987, eq. 7) */
};
#define PAIR_NUMBER_CATS 50                  /* numbers of more distinct values have no categories */
struct category { struct frame_word word; double value, ref, cur; };   /* value: of numbers, NaN of words; ref, cur: counts */
struct pair {
	const char *name; enum frame_type type;  /* of the reference; a current of another type is said in `note` */
	struct side ref, cur;
	struct walk walk;                        /* numbers with n, m > 0 */
	struct category *cats; size_t n_cats; size_t n_ref, n_cur;   /* words bytewise, and numbers with few distinct values, ascending; n_*: non-missing */
	uint32_t *row_ref, *row_cur;             /* words: index into cats of each non-missing row, in row order; NULL for numbers */
	size_t n_new, n_lost;                    /* categories with ref == 0; with cur == 0 */
	char *note;                              /* "" or what is odd */
	void *memory;
};
/* From columns of two frames (types may differ; either may be NULL: then only counts). */
enum status pair_new(const struct frame_col *ref, const struct frame_col *cur, struct pair **out, struct err *e);
/* From plain arrays, in any order, NaN as missing; `integer` stays false. For tests and for streams of metrics. */
enum status pair_numbers(const double *x, size_t n, const double *y, size_t m, struct pair **out, struct err *e);
void pair_free(struct pair *p);
void pair_ranks(const struct pair *p, struct ranks *out);        /* numbers, both sides with values */
/* Memory that pairs one after the other share, so that it is touched for the first time once; zeroed to begin with. A pair made with a room lives until the next one. */
struct pair_room { double *at[3]; size_t cap[3]; };
enum status pair_new_in(struct pair_room *room, const struct frame_col *ref, const struct frame_col *cur, struct pair **out, struct err *e);
void pair_room_free(struct pair_room *r);
/* Ascending sort of finite doubles by radix; scratch of the same length. */
void sort_doubles(double *a, double *scratch, size_t n);
/* Linear quantile of sorted values as NumPy computes it; q in 0..1. */
double quantile_sorted(const double *sorted, size_t n, double q);
/* The same of both sides together. */
double pair_quantile(const struct pair *p, double q);
/* The same for one q after the other, none less than the one before, from where that one was: zeroed to begin with. */
struct pooled { size_t k, i; };              /* of the k smallest values i are the reference's */
double pair_quantile_on(const struct pair *p, double q, struct pooled *from);
/* Population standard deviation of a side, or with `lost` degrees of freedom fewer; NaN when there are none left. */
double side_sd(const struct side *s, size_t lost);
/* Values below, or at most, v. */
size_t count_below(const double *sorted, size_t n, double v);
size_t count_to(const double *sorted, size_t n, double v);
#endif

/* histogram -- two distributions over common edges: the reference as a filled area, the current data as an outline over it.
 *
 * Tells apart   by shape as well as by colour: the area is solid (shaded in blocks, ':' in ASCII), the outline is a line.
 * Axes     of chart.h: y is the share of all rows of a side in per cent, x the values; a first row says who is who.
 * Beside   both beside each other on one scale, where there are HISTOGRAM_BESIDE columns or more; else over each other.
 * Honest   a bar that holds anything never vanishes; where bars are narrower than a dot, the highest is drawn. What lies beyond the
 *          edges counts as rows and is said in the first row.
 * Threads  pure: paints from what is handed in, keeps nothing.
 */
#ifndef MLYARD_TUI_HISTOGRAM_H
#define MLYARD_TUI_HISTOGRAM_H
#include "tui/widget.h"

enum { HISTOGRAM_BESIDE = 56 };
struct histogram {
	size_t n; const double *edges;               /* n + 1, rising */
	const double *ref, *cur;                     /* n each: rows a bar; NULL: nothing is known of that side */
	double ref_beyond[2], cur_beyond[2];         /* rows below the first edge and above the last; NaN: unknown */
	bool beside;
};
void histogram_paint(const struct histogram *h, struct paint *p);
double histogram_rows(const double *bars, size_t n, const double beyond[2]);    /* of a side; 0: none */
#endif

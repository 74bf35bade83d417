/* power -- how often a change of a stated size is found: by the default verdict and by Evidently's rule, on the same data.
 *
 * power TRIALS FILE.svg writes the picture and prints the tables, both for docs/drift.md. Each trial draws five columns anew: one that changes and four that do not (two normal, one normal with
 * 2 % missing, three categories). Both verdicts come from one comparison in Evidently's mode, whose scores are Evidently's to 1e-8 and which tells ours beside them.
 * "column": the changed column is flagged; "data set": the whole is. With 300 trials a share is uncertain by up to 3 points (one standard deviation). Seeded: equal counts each time.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/drift/random.h"
#include "core/drift/verdict.h"

enum { KINDS = 4, POINTS = 6, SIZES = 4, COLUMNS = 5, LABELS = 3, SHARES = 4 };
enum { OUR_COLUMN, THEIR_COLUMN, OUR_SET, THEIR_SET };
static const size_t sizes[SIZES][2] = { { 200, 200 }, { 1000, 200 }, { 1001, 1001 }, { 10000, 10000 } };
struct kind { const char *title, *axis; double at[POINTS]; };
static const struct kind kinds[KINDS] = {
	{ "Mean", "shift, in standard deviations", { 0, 0.05, 0.1, 0.2, 0.3, 0.5 } },
	{ "Scale", "standard deviation, times", { 1, 1.05, 1.1, 1.2, 1.35, 1.5 } },
	{ "Categories", "share that moved", { 0, 0.02, 0.05, 0.1, 0.15, 0.2 } },
	{ "Missing", "share missing, from 0.02", { 0.02, 0.03, 0.04, 0.06, 0.1, 0.2 } },
};
static double found[KINDS][SIZES][POINTS][SHARES];

/* ---- data ---- */

struct made { struct arena *a; struct frame f; struct frame_col cols[COLUMNS]; struct random r; };

static struct frame_col *column(struct made *m, const char *name, enum frame_type type)
{
	struct frame_col *c = &m->cols[m->f.n_cols++];
	*c = (struct frame_col){ .name = arena_strdup(m->a, name), .type = type, .n = m->f.n_rows };
	return c;
}

static void normals(struct made *m, const char *name, double mean, double sd, double missing)
{
	struct frame_col *c = column(m, name, FRAME_NUMBER);
	c->num = arena_array(m->a, c->n, sizeof *c->num);
	for (size_t i = 0; i < c->n; i++) {
		bool gone = missing > 0 && random_unit(&m->r) < missing;
		c->num[i] = gone ? NAN : mean + sd * random_normal(&m->r);
		c->missing += gone;
	}
}

static void labels(struct made *m, const char *name, double moved)
{
	static struct frame_word words[LABELS] = { { "a", 1 }, { "b", 1 }, { "c", 1 } };
	struct frame_col *c = column(m, name, FRAME_CATEGORY);
	c->words = words, c->n_words = LABELS;
	c->code = arena_array(m->a, c->n, sizeof *c->code);
	for (size_t i = 0; i < c->n; i++) {
		double u = random_unit(&m->r);
		c->code[i] = u < 0.5 - moved ? 0 : u < 0.8 ? 1 : 2;
	}
}

static void make(struct made *m, size_t rows, uint64_t seed, size_t kind, double at)
{
	*m = (struct made){ .a = arena_new(), .r = { seed } };
	m->f.cols = m->cols, m->f.n_rows = rows, m->f.name = arena_strdup(m->a, "made");
	str_init(&m->f.notes);
	if (kind == 2)
		labels(m, "changed", at);
	else
		normals(m, "changed", kind == 0 ? at : 0, kind == 1 ? at : 1, kind == 3 ? at : 0);
	normals(m, "x", 0, 1, 0), normals(m, "y", 10, 3, 0), normals(m, "z", 0, 1, 0.02), labels(m, "kind", 0);
}

/* ---- trials ---- */

static void run_trial(size_t kind, size_t size, size_t point, uint64_t trial, double out[SHARES])
{
	const struct drift_options o = { .evidently = true, .threads = 1 };
	const struct kind *k = &kinds[kind];
	uint64_t seed = (((uint64_t)kind * SIZES + size) * POINTS + point) * 100000 + trial;
	struct made ref, cur;
	struct report *r;
	struct err e;
	make(&ref, sizes[size][0], 2 * seed + 1, kind, k->at[0]), make(&cur, sizes[size][1], 2 * seed + 2, kind, k->at[point]);
	if (drift_compare(&ref.f, &cur.f, &o, &r, &e) != ST_OK) {
		fprintf(stderr, "%s\n", e.text);
		exit(1);
	}
	const struct report_column *c = report_column(r, "changed");
	out[OUR_COLUMN] += c->other_drifted, out[THEIR_COLUMN] += c->drifted, out[OUR_SET] += r->other_drifted, out[THEIR_SET] += r->drifted;
	report_free(r);
	arena_free(ref.a), arena_free(cur.a);
}

static void run_all(int trials)
{
	for (size_t k = 0; k < KINDS; k++)
		for (size_t s = 0; s < SIZES; s++)
			for (size_t p = 0; p < POINTS; p++) {
				for (int t = 0; t < trials; t++)
					run_trial(k, s, p, (uint64_t)t, found[k][s][p]);
				for (size_t i = 0; i < SHARES; i++)
					found[k][s][p][i] *= 100.0 / trials;
			}
}

/* ---- tables ---- */

static void print_tables(void)
{
	static const char *const who[SHARES] = { "column, mlyard", "column, Evidently", "data set, mlyard", "data set, Evidently" };
	for (size_t k = 0; k < KINDS; k++) {
		printf("| %s: %s | rows |", kinds[k].title, kinds[k].axis);
		for (size_t p = 0; p < POINTS; p++)
			printf(" %g |", kinds[k].at[p]);
		printf("\n|---|---|---:|---:|---:|---:|---:|---:|\n");
		for (size_t i = 0; i < SHARES; i++)
			for (size_t s = 0; s < SIZES; s++) {
				printf("| %s | %zu, %zu |", who[i], sizes[s][0], sizes[s][1]);
				for (size_t p = 0; p < POINTS; p++)
					printf(" %.0f |", found[k][s][p][i]);
				printf("\n");
			}
		printf("\n");
	}
}

/* ---- picture: a panel a kind and pair of sizes ---- */

enum { PANEL_W = 190, PANEL_H = 96, GAP_X = 24, GAP_Y = 44, LEFT = 96, TOP = 44 };

static void line(FILE *f, size_t k, size_t s, size_t share, double x, double y, const char *style)
{
	const struct kind *kind = &kinds[k];
	fprintf(f, "<polyline fill=\"none\" class=\"%s\" points=\"", style);
	for (size_t p = 0; p < POINTS; p++)
		fprintf(f, "%s%.1f,%.1f", p ? " " : "", x + (kind->at[p] - kind->at[0]) / (kind->at[POINTS - 1] - kind->at[0]) * PANEL_W, y + PANEL_H * (1 - found[k][s][p][share] / 100));
	fprintf(f, "\"/>\n");
}

static void panel(FILE *f, size_t k, size_t s)
{
	double x = LEFT + (double)s * (PANEL_W + GAP_X), y = TOP + (double)k * (PANEL_H + GAP_Y);
	fprintf(f, "<path fill=\"none\" class=\"a\" d=\"M%g %gv%dh%dM%g %gh%d\"/>\n", x, y, PANEL_H, PANEL_W, x, y + PANEL_H * 0.95, PANEL_W);
	line(f, k, s, THEIR_COLUMN, x, y, "e"), line(f, k, s, OUR_SET, x, y, "d"), line(f, k, s, OUR_COLUMN, x, y, "m");
	for (size_t p = 0; p < POINTS; p += POINTS - 1)
		fprintf(f, "<text x=\"%g\" y=\"%g\" text-anchor=\"%s\">%g</text>\n", p ? x + PANEL_W : x, y + PANEL_H + 13, p ? "end" : "start", kinds[k].at[p]);
	if (s == 0)
		fprintf(f, "<text class=\"t\" x=\"8\" y=\"%g\">%s</text><text x=\"%g\" y=\"%g\" text-anchor=\"end\">100 %%</text><text x=\"%g\" y=\"%g\" text-anchor=\"end\">0</text>"
			"<text x=\"%g\" y=\"%g\">%s</text>\n", y + PANEL_H / 2.0, kinds[k].title, x - 4, y + 8, x - 4, y + PANEL_H, x, y + PANEL_H + 26, kinds[k].axis);
	if (k == 0)
		fprintf(f, "<text class=\"t\" x=\"%g\" y=\"%d\">%zu v %zu rows</text>\n", x, TOP - 10, sizes[s][0], sizes[s][1]);
}

static int draw(const char *path)
{
	FILE *f = fopen(path, "w");
	if (!f) {
		perror(path);
		return 1;
	}
	int w = LEFT + SIZES * (PANEL_W + GAP_X), h = TOP + KINDS * (PANEL_H + GAP_Y) + 24;
	fprintf(f, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" font-family=\"system-ui,sans-serif\" font-size=\"11\">\n<style>polyline{stroke-width:2}"
		".m{stroke:#0b6bcb}.d{stroke:#0b6bcb;stroke-width:1;stroke-dasharray:2 3}.e{stroke:#c2410c;stroke-dasharray:6 3}.a{stroke:#bbb}.t{font-weight:bold;font-size:12px}</style>\n"
		"<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n", w, h, w, h, w, h);
	for (size_t k = 0; k < KINDS; k++)
		for (size_t s = 0; s < SIZES; s++)
			panel(f, k, s);
	fprintf(f, "<path stroke=\"#0b6bcb\" stroke-width=\"2\" d=\"M%d %dh24\"/><text x=\"%d\" y=\"%d\">column, mlyard</text><path stroke=\"#c2410c\" stroke-width=\"2\" stroke-dasharray=\"6 3\" d=\"M%d %dh24\"/>"
		"<text x=\"%d\" y=\"%d\">column, Evidently's rule</text><path stroke=\"#0b6bcb\" stroke-dasharray=\"2 3\" d=\"M%d %dh24\"/><text x=\"%d\" y=\"%d\">data set, mlyard</text>\n</svg>\n",
		LEFT, h - 12, LEFT + 30, h - 8, LEFT + 150, h - 12, LEFT + 180, h - 8, LEFT + 350, h - 12, LEFT + 380, h - 8);
	return fclose(f) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
	int trials = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 0;
	if (argc != 3 || trials < 1 || trials > 100000) {
		fprintf(stderr, "power TRIALS FILE.svg\n");
		return 2;
	}
	run_all(trials);
	print_tables();
	return draw(argv[2]);
}

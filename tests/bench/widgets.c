/* Paints widgets with made-up data: prints the cells as text (for eyes), or times the painting.
 * widgets [SCENE|table|PICTURE.png [WIDTH HEIGHT [braille|block|ascii]]]     widgets --time */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/chart.h"
#include "tui/image.h"
#include "tui/table.h"

enum { CURVES_MAX = 64 };
enum kind { LOSS, ACC, NOISY, SPIKE, SINE };
struct scene { const char *name; int curves; enum kind kind; bool smooth, log_y, log_x, cross, grid; enum chart_x x; };
static const struct scene scenes[] = {
	{ .name = "one", .curves = 1, .grid = true }, { .name = "three", .curves = 3 }, { .name = "eight", .curves = 8 }, { .name = "many", .curves = 40 },
	{ .name = "noisy", .curves = 2, .kind = NOISY, .smooth = true }, { .name = "spike", .curves = 1, .kind = SPIKE },
	{ .name = "sine", .curves = 2, .kind = SINE, .grid = true },
	{ .name = "cross", .curves = 5, .cross = true, .smooth = true }, { .name = "log", .curves = 3, .log_y = true, .log_x = true },
	{ .name = "wall", .curves = 3, .kind = ACC, .x = CHART_WALL, .cross = true }, { .name = "relative", .curves = 2, .kind = ACC, .x = CHART_RELATIVE },
};
struct curves { struct chart_series s[CURVES_MAX]; char label[CURVES_MAX][32]; int n; };

static double random_unit(uint64_t *s)
{
	*s = *s * 6364136223846793005u + 1442695040888963407u;
	return (double)(*s >> 40) / (double)(1u << 24);
}

static double value(enum kind kind, double t, int i, uint64_t *rng)
{
	double noise = random_unit(rng) - 0.5;
	switch (kind) {
	case LOSS: return 0.21 + 0.013 * i + 0.5 * exp(-t * (6 + i % 5)) + 0.03 * noise * exp(-t * 2);
	case ACC: return 0.95 - 0.02 * i - 0.6 * exp(-t * (5 + i)) + 0.01 * noise;
	case NOISY: return 1.0 / (1 + 8 * t) + 0.4 * noise + i * 0.3;
	case SPIKE: return t > 0.5 && t < 0.502 ? 9.5 : 1.2 + 0.1 * noise;
	case SINE: return sin(t * 12 + i) * (1 + i);
	}
	return NAN;
}

/* n buckets of `per` points each. */
static struct chart_bucket *buckets(enum kind kind, int n, int per, int curve, enum chart_x x, double smooth)
{
	struct chart_bucket *b = mem_array((size_t)n, sizeof *b);
	double x0 = x == CHART_WALL ? 1763727600e3 + curve * 120e3 : 0, dx = x == CHART_STEP ? 1 : 2750, s = 0, decay = 1;
	uint64_t rng = (uint64_t)curve + 1;
	for (int i = 0; i < n; i++) {
		b[i] = (struct chart_bucket){ .n = (uint32_t)per, .min = INFINITY, .max = -INFINITY };
		for (int k = 0; k < per; k++) {
			int at = i * per + k;
			double xk = x0 + at * dx, y = value(kind, (double)at / (n * per), curve, &rng);
			s = s * smooth + (1 - smooth) * y;
			decay *= smooth;
			y = s / (1 - decay);
			if (k == 0) { b[i].x0 = xk; b[i].first = y; }
			if (y < b[i].min) { b[i].min = y; b[i].x_min = xk; }
			if (y > b[i].max) { b[i].max = y; b[i].x_max = xk; }
			b[i].x1 = xk;
			b[i].last = y;
		}
	}
	return b;
}

static void curves_make(struct curves *c, const struct scene *sc, int n, int per)
{
	c->n = sc->curves;
	for (int i = 0; i < c->n; i++) {
		int len = n - n / 10 * (i % 3);
		snprintf(c->label[i], sizeof c->label[i], i % 3 == 2 ? "gbm-wide-%d" : "trial-%d", i);
		struct chart_series *s = &c->s[i];
		*s = (struct chart_series){ .label = c->label[i], .role = i < 8 ? role_series((unsigned)i) : ROLE_DIM, .n_raw = (size_t)len, .focused = i == 0 };
		s->raw = buckets(sc->kind, len, per, i, sc->x, 0);
		if (sc->smooth) {
			s->smooth = buckets(sc->kind, len, per, i, sc->x, 0.9);
			s->n_smooth = (size_t)len;
		}
		s->last = s->raw[len - 1].last;
	}
}

static void curves_free(struct curves *c)
{
	for (int i = 0; i < c->n; i++) {
		free((void *)(uintptr_t)c->s[i].raw);
		free((void *)(uintptr_t)c->s[i].smooth);
	}
}

static struct chart chart_of(const struct scene *sc, const struct curves *c)
{
	struct chart ch = { .title = "val/loss", .series = c->s, .n_series = (size_t)c->n, .log_x = sc->log_x, .log_y = sc->log_y, .labels = true,
		.grid = sc->grid, .x_kind = sc->x, .has_crosshair = sc->cross, .crosshair = c->s[0].raw[c->s[0].n_raw * 2 / 3].x0 };
	snprintf(ch.footer, sizeof ch.footer, "%zu points a curve%s", c->s[0].n_raw, sc->smooth ? ", smoothed 0.9, raw dim" : "");
	return ch;
}

static enum glyphs glyphs_named(const char *name)
{
	return strcmp(name, "ascii") == 0 ? GLYPHS_ASCII : strcmp(name, "block") == 0 ? GLYPHS_BLOCK : GLYPHS_BRAILLE;
}

static void show(const struct scene *sc, int w, int h, const char *glyphs)
{
	struct surface *s = surface_new(w, h);
	struct paint p = { .s = s, .r = surface_all(s), .focus = true, .glyphs = glyphs_named(glyphs), .ascii = glyphs_named(glyphs) == GLYPHS_ASCII };
	struct str out = STR_INIT;
	struct curves c;
	curves_make(&c, sc, 600, 1);
	struct chart ch = chart_of(sc, &c);
	chart_paint(&ch, &p);
	surface_dump(s, &out);
	fputs(out.p, stdout);
	curves_free(&c);
	str_free(&out);
	surface_free(s);
}

/* ---- a table of runs ---- */

enum { RUN_COLS = 12, RUN_SPARK = 40 };
static struct table_col run_cols[RUN_COLS] = {
	{ .title = "name", .min = 14, .max = 28, .align = -1, .weight = 255, .pinned = true },
	{ .title = "state", .min = 6, .max = 12, .align = -1, .weight = 250, .pinned = true },
	{ .title = "age", .align = 1, .weight = 200 }, { .title = "took", .align = 1, .weight = 120 },
	{ .title = "lr", .align = 1, .weight = 180 }, { .title = "depth", .align = 1, .weight = 110 },
	{ .title = "val_auc", .align = 1, .weight = 220, .sort = -1, .sort_rank = 1 }, { .title = "loss", .align = 1, .weight = 210 },
	{ .title = "user", .min = 4, .max = 10, .align = -1, .weight = 60 }, { .title = "source", .min = 8, .max = 20, .align = -1, .weight = 50 },
	{ .title = "loss by step", .min = 12, .max = 30, .align = -1, .weight = 20, .spark = true }, { .title = "git", .min = 7, .align = -1, .weight = 40 },
};

static void run_row(void *data, size_t i, struct table_row *out)
{
	(void)data;
	out->marked = i % 5 == 1;
	out->role = (uint8_t)role_series((unsigned)i / 5);
	out->prefix = i % 10 == 2 ? "\u25be " : i % 10 > 2 && i % 10 < 5 ? "\u251c " : i % 10 == 5 ? "\u2514 " : "  ";
}

static void run_cell(void *data, size_t i, size_t col, char *buf, size_t cap, struct table_cell *out)
{
	static double spark[RUN_SPARK];
	static const char *const state[] = { "\u2713 done", "\u2717 failed", "\u25cf 62 %" };
	bool bad = i % 7 == 6;
	(void)data;
	out->text = buf;
	buf[0] = '\0';
	switch (col) {
	case 0: snprintf(buf, cap, i % 4 ? "trial-%zu" : "gbm-wide-and-deep-%zu", i); out->pen = PEN(ROLE_STRONG); break;
	case 1: out->text = state[bad ? 1 : i % 11 == 10 ? 2 : 0]; out->pen = PEN(bad ? ROLE_BAD : ROLE_GOOD); break;
	case 2: snprintf(buf, cap, "%zu%c", i % 23 + 1, "hdm"[i % 3]); break;
	case 3: snprintf(buf, cap, "%zum%02zus", i % 15, i * 7 % 60); break;
	case 4: snprintf(buf, cap, i % 3 ? "0.03" : "3e-05"); break;
	case 5: snprintf(buf, cap, i % 6 ? "%zu" : "\u00b7", i % 9 + 2); break;
	case 6: snprintf(buf, cap, "%.4f", 0.95 - (double)i / 100); break;
	case 7: snprintf(buf, cap, bad ? "NaN" : "%.*f", (int)(i % 3) + 2, 0.21 + (double)(i * i % 1000) / 10); break;
	case 8: out->text = i % 2 ? "anna" : "bob"; break;
	case 9: snprintf(buf, cap, "train_%zu.py", i % 3); break;
	case 10:
		for (int k = 0; k < RUN_SPARK; k++)
			spark[k] = exp(-k / (4.0 + (double)(i % 9)));
		out->spark = spark;
		out->n_spark = RUN_SPARK;
		break;
	default: snprintf(buf, cap, "%07zx", i * 7919);
	}
}

static void show_table(int w, int h, const char *glyphs)
{
	struct surface *s = surface_new(w, h);
	struct paint p = { .s = s, .r = surface_all(s), .focus = true, .glyphs = glyphs_named(glyphs), .ascii = glyphs_named(glyphs) == GLYPHS_ASCII };
	struct table t;
	struct str out = STR_INIT;
	table_init(&t);
	t.cols = run_cols;
	t.n_cols = RUN_COLS;
	t.n_rows = 1000000;
	t.row = run_row;
	t.cell = run_cell;
	t.cursor = 3;
	table_paint(&t, &p);
	surface_dump(s, &out);
	fputs(out.p, stdout);
	str_free(&out);
	surface_free(s);
}

/* ---- a picture ---- */

static void show_picture(const char *file, int w, int h, const char *glyphs)
{
	struct str bytes = STR_INIT, out = STR_INIT;
	struct image *im;
	struct err e = { 0 };
	char buf[65536];
	FILE *f = fopen(file, "rb");
	for (size_t n; f && (n = fread(buf, 1, sizeof buf, f)) > 0;)
		str_addn(&bytes, buf, n);
	if (f)
		fclose(f);
	if (image_png_decode(bytes.p, bytes.len, &im, &e) != ST_OK) {
		puts(e.text);
	} else {
		struct surface *s = surface_new(w, h);
		struct paint p = { .s = s, .r = surface_all(s), .glyphs = glyphs_named(glyphs), .ascii = glyphs_named(glyphs) == GLYPHS_ASCII };
		image_paint(im, &p, PEN(ROLE_TEXT));
		surface_dump(s, &out);
		fputs(out.p, stdout);
		surface_free(s);
		image_free(im);
	}
	str_free(&bytes);
	str_free(&out);
}

/* ---- times ---- */

/* Processor time: what else runs on the machine does not count. */
static double now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void report(const char *what, double *ms, int n)
{
	qsort(ms, (size_t)n, sizeof *ms, by_size);
	printf("%-44s median %.3f ms  p99 %.3f ms\n", what, ms[n / 2], ms[n * 99 / 100]);
}

enum { ROUNDS = 500 };

static void time_charts(const char *what, const struct scene *sc, int n, int per)
{
	static double ms[ROUNDS];
	struct surface *s = surface_new(200, 50);
	struct curves c[20];
	struct chart ch[20];
	for (int i = 0; i < 20; i++) {
		curves_make(&c[i], sc, n, per);
		ch[i] = chart_of(sc, &c[i]);
	}
	for (int k = 0; k < ROUNDS; k++) {
		double t0 = now_ms();
		surface_clear(s);
		for (int i = 0; i < 20; i++) {
			struct paint p = { .s = s, .r = { i % 5 * 40, i / 5 * 12, 39, 12 } };
			chart_paint(&ch[i], &p);
		}
		ms[k] = now_ms() - t0;
	}
	report(what, ms, ROUNDS);
	for (int i = 0; i < 20; i++)
		curves_free(&c[i]);
	surface_free(s);
}

static void time_table(void)
{
	static double ms[ROUNDS];
	struct surface *s = surface_new(200, 50);
	struct paint p = { .s = s, .r = surface_all(s) };
	struct table t;
	table_init(&t);
	t.cols = run_cols;
	t.n_cols = RUN_COLS;
	t.n_rows = 1000000;
	t.row = run_row;
	t.cell = run_cell;
	for (int k = 0; k < ROUNDS; k++) {
		double t0 = now_ms();
		surface_clear(s);
		table_move(&t, 1000);
		table_paint(&t, &p);
		ms[k] = now_ms() - t0;
	}
	report("table of a million rows, 12 columns", ms, ROUNDS);
	surface_free(s);
}

static void times(void)
{
	time_table();
	static const struct scene plain = { .curves = 1 }, noisy = { .curves = 1, .kind = NOISY }, smooth = { .curves = 1, .kind = NOISY, .smooth = true },
		logs = { .curves = 1, .log_x = true, .log_y = true }, five = { .curves = 5, .kind = NOISY };
	time_charts("20 charts, 1,600 buckets of 64", &plain, 1600, 64);
	time_charts("20 charts, noisy", &noisy, 1600, 64);
	time_charts("20 charts, noisy, raw and smoothed", &smooth, 1600, 64);
	time_charts("20 charts, log x and y", &logs, 1600, 64);
	time_charts("20 charts of 5 series", &five, 1600, 64);
}

int main(int argc, char **argv)
{
	int w = argc > 3 ? (int)strtol(argv[2], NULL, 10) : 100, h = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 20;
	if (argc > 1 && strcmp(argv[1], "--time") == 0) {
		times();
		return 0;
	}
	if (argc > 1 && strchr(argv[1], '.')) {
		show_picture(argv[1], w, h, argc > 4 ? argv[4] : "braille");
		return 0;
	}
	if (argc < 2 || strcmp(argv[1], "table") == 0)
		show_table(w, h, argc > 4 ? argv[4] : "braille");
	for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++)
		if (argc < 2 || strcmp(argv[1], scenes[i].name) == 0)
			show(&scenes[i], w, h, argc > 4 ? argv[4] : "braille");
	return 0;
}

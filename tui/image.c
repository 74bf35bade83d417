/* Pictures as dots.
 *
 * Steps      every dot takes a tone 0..1 from the pixels under it; tones are stretched; error diffusion (Floyd and
 *            Steinberg, serpentine) turns them into dots; dots into the glyph of a cell.
 * Ink        a plot is told by one colour that covers at least two fifths of the picture. The tone of a pixel is then its distance
 *            from that colour, and a dot takes more from the strongest pixel under it than from the mean: a line one pixel wide
 *            survives being shrunk sixfold.
 * Luminance  dots add up as light does, so brightness is brought from the screen's gamma to light first. */
#include "tui/image.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/mem.h"
#include "tui/chart_parts.h"

enum { BINS = 16 * 16 * 16, SAMPLES = 1 << 16, TONES = 256, FAINT = 20 /* of 255: a tint of the ground, not ink */ };
struct grid { int w, h; float *tone; };

struct image *image_new(int w, int h)
{
	if (w < 1 || h < 1 || w > IMAGE_SIDE_MAX || h > IMAGE_SIDE_MAX || (int64_t)w * h > IMAGE_PIXELS_MAX)
		return NULL;
	uint8_t *rgba = mem_try((size_t)w * (size_t)h, 4);
	if (!rgba)
		return NULL;
	memset(rgba, 0, (size_t)w * (size_t)h * 4);
	struct image *im = mem_alloc(sizeof *im);
	*im = (struct image){ .w = w, .h = h, .file_w = w, .file_h = h, .rgba = rgba };
	return im;
}

void image_free(struct image *im)
{
	if (!im)
		return;
	free(im->rgba);
	free(im);
}

static const uint8_t *pixel(const struct image *im, int x, int y)
{
	return im->rgba + ((size_t)y * (size_t)im->w + (size_t)x) * 4;
}

/* ---- shrinking ---- */

static void average(const struct image *im, int x0, int y0, int k, uint8_t out[4])
{
	unsigned sum[4] = { 0 }, n = 0;
	for (int y = y0; y < y0 + k && y < im->h; y++)
		for (int x = x0; x < x0 + k && x < im->w; x++, n++)
			for (int c = 0; c < 4; c++)
				sum[c] += pixel(im, x, y)[c];
	for (int c = 0; c < 4; c++)
		out[c] = (uint8_t)(sum[c] / n);
}

struct image *image_shrink(struct image *im)
{
	int k = 1, w = im->w, h = im->h;
	while ((int64_t)w * h > IMAGE_KEPT_MAX) {
		k++;
		w = (im->w + k - 1) / k;
		h = (im->h + k - 1) / k;
	}
	struct image *small = k > 1 ? image_new(w, h) : NULL;
	if (!small)
		return im;
	small->file_w = im->file_w;
	small->file_h = im->file_h;
	small->tone = im->tone;
	for (int y = 0; y < h; y++)
		for (int x = 0; x < w; x++)
			average(im, x * k, y * k, k, small->rgba + ((size_t)y * (size_t)w + (size_t)x) * 4);
	image_free(im);
	return small;
}

/* ---- tones ---- */

/* A colour that covers at least two fifths of the picture: what a plot stands on. Transparent counts as a colour too. */
static bool ground_of(const struct image *im, uint8_t out[4])
{
	uint32_t *count = mem_zalloc((BINS + 1) * sizeof *count), n = 0, best = 0;
	size_t pixels = (size_t)im->w * (size_t)im->h, step = pixels / SAMPLES + 1;
	for (size_t i = 0; i < pixels; i += step, n++) {
		const uint8_t *c = im->rgba + i * 4;
		count[c[3] < 128 ? BINS : c[0] >> 4 << 8 | c[1] >> 4 << 4 | c[2] >> 4]++;
	}
	for (uint32_t b = 1; b <= BINS; b++)
		best = count[b] > count[best] ? b : best;
	bool found = count[best] * 5 >= n * 2;
	unsigned sum[3] = { 0 }, members = 0;
	for (size_t i = 0; found && best < BINS && i < pixels; i += step) {
		const uint8_t *c = im->rgba + i * 4;
		if (c[3] < 128 || (uint32_t)(c[0] >> 4 << 8 | c[1] >> 4 << 4 | c[2] >> 4) != best)
			continue;
		members++;
		for (int k = 0; k < 3; k++)
			sum[k] += c[k];
	}
	for (int k = 0; k < 3; k++)
		out[k] = (uint8_t)(members ? sum[k] / members : 255);
	out[3] = best < BINS ? 255 : 0;
	free(count);
	return found;
}

static float ink_of(const uint8_t *c, const uint8_t *ground)
{
	int far = 0;
	if (c[3] < 128)
		return 0;
	for (int k = 0; k < 3; k++) {
		int d = abs(c[k] - ground[k]);
		far = d > far ? d : far;
	}
	return far < FAINT ? 0 : (float)far / 255;
}

static float light_of(const uint8_t *c)
{
	float y = (0.2126f * (float)c[0] + 0.7152f * (float)c[1] + 0.0722f * (float)c[2]) / 255 * ((float)c[3] / 255);
	return powf(y, 1.8f);
}

/* Tone of the pixels x0..x1, y0..y1 (ends excluded). ground NULL: luminance. */
static float tone_of(const struct image *im, int x0, int y0, int x1, int y1, const uint8_t *ground)
{
	float sum = 0, most = 0;
	for (int y = y0; y < y1; y++)
		for (int x = x0; x < x1; x++) {
			float v = ground ? ink_of(pixel(im, x, y), ground) : light_of(pixel(im, x, y));
			sum += v;
			most = v > most ? v : most;
		}
	float mean = sum / (float)((x1 - x0) * (y1 - y0));
	return ground ? 0.35f * mean + 0.65f * most : mean;
}

static int source(int at, int of, int size)
{
	return (int)((int64_t)at * size / of);
}

static void take_tones(const struct image *im, struct grid *g, const uint8_t *ground)
{
	for (int y = 0; y < g->h; y++)
		for (int x = 0; x < g->w; x++) {
			int x0 = source(x, g->w, im->w), x1 = source(x + 1, g->w, im->w);
			int y0 = source(y, g->h, im->h), y1 = source(y + 1, g->h, im->h);
			g->tone[(size_t)y * (size_t)g->w + (size_t)x] = tone_of(im, x0, y0, x1 > x0 ? x1 : x0 + 1, y1 > y0 ? y1 : y0 + 1, ground);
		}
}

/* Brings the tones between two percentiles to 0..1. */
static void stretch(struct grid *g, float low, float high)
{
	size_t n = (size_t)g->w * (size_t)g->h, count[TONES] = { 0 }, seen = 0;
	int lo = -1, hi = TONES - 1;
	for (size_t i = 0; i < n; i++)
		count[(int)(g->tone[i] * (TONES - 1))]++;
	for (int i = 0; i < TONES; i++) {
		seen += count[i];
		if (lo < 0 && (float)seen > low * (float)n)
			lo = i;
		if ((float)seen >= high * (float)n) {
			hi = i;
			break;
		}
	}
	if (hi - lo < 3)
		return;
	for (size_t i = 0; i < n; i++) {
		float v = (g->tone[i] * (TONES - 1) - (float)lo) / (float)(hi - lo);
		g->tone[i] = v < 0 ? 0 : v > 1 ? 1 : v;
	}
}

/* ---- dots ---- */

/* Tones become 0 or 1; the error goes on to the neighbours, rows in alternating directions. */
static void diffuse(struct grid *g)
{
	for (int y = 0; y < g->h; y++) {
		int d = y & 1 ? -1 : 1;
		float *row = g->tone + (size_t)y * (size_t)g->w, *below = y + 1 < g->h ? row + g->w : NULL;
		for (int k = 0; k < g->w; k++) {
			int x = d > 0 ? k : g->w - 1 - k, next = x + d, back = x - d;
			float v = row[x], err = v - (v >= 0.5f);
			row[x] = v >= 0.5f;
			if (next >= 0 && next < g->w)
				row[next] += err * 7 / 16;
			if (!below)
				continue;
			if (back >= 0 && back < g->w)
				below[back] += err * 3 / 16;
			below[x] += err * 5 / 16;
			if (next >= 0 && next < g->w)
				below[next] += err / 16;
		}
	}
}

static bool lit(const struct grid *g, int x, int y)
{
	return g->tone[(size_t)y * (size_t)g->w + (size_t)x] >= 0.5f;
}

/* The cell's dots in braille order; of blocks each quarter fills two. */
static uint8_t mask_at(const struct grid *g, int cx, int cy, int rows)
{
	static const uint8_t bit[2][4] = { { 0x01, 0x02, 0x04, 0x40 }, { 0x08, 0x10, 0x20, 0x80 } };
	uint8_t mask = 0;
	for (int x = 0; x < 2; x++)
		for (int y = 0; y < 4; y++)
			if (lit(g, cx * 2 + x, cy * rows + y * rows / 4))
				mask |= bit[x][y];
	return mask;
}

static uint32_t shade(float tone)
{
	static const char ramp[] = " .:-=+*#%@";
	int i = (int)lrintf(tone * (sizeof ramp - 2));
	return (unsigned char)ramp[i < 0 ? 0 : i > (int)sizeof ramp - 2 ? (int)sizeof ramp - 2 : i];
}

/* ---- painting ---- */

void image_cells(const struct image *im, int w, int h, int *out_w, int *out_h)
{
	double scale = fmin((double)w / im->w, 2.0 * h / im->h);
	int cw = (int)lrint(im->w * scale), ch = (int)lrint(im->h * scale / 2);
	*out_w = cw < 1 ? 1 : cw > w ? w : cw;
	*out_h = ch < 1 ? 1 : ch > h ? h : ch;
}

static void tones_for(const struct image *im, struct grid *g)
{
	uint8_t ground[4];
	bool ink = im->tone == IMAGE_INK || im->tone == IMAGE_AUTO;
	if (ink && !ground_of(im, ground))
		ink = im->tone == IMAGE_INK;
	take_tones(im, g, ink ? ground : NULL);
	stretch(g, ink ? 0 : 0.01f, 0.99f);
	if (im->tone == IMAGE_DARK)
		for (size_t i = 0; i < (size_t)g->w * (size_t)g->h; i++)
			g->tone[i] = 1 - g->tone[i];
}

void image_paint(const struct image *im, struct paint *p, struct pen pen)
{
	enum glyphs glyphs = p->ascii ? GLYPHS_ASCII : p->glyphs;
	int w, h, cols = glyphs == GLYPHS_ASCII ? 1 : 2, rows = glyphs == GLYPHS_ASCII ? 1 : glyphs == GLYPHS_BLOCK ? 2 : 4;
	if (p->r.w < 1 || p->r.h < 1)
		return;
	image_cells(im, p->r.w, p->r.h, &w, &h);
	struct grid g = { w * cols, h * rows, NULL };
	g.tone = mem_array((size_t)g.w * (size_t)g.h, sizeof *g.tone);
	tones_for(im, &g);
	if (glyphs != GLYPHS_ASCII)
		diffuse(&g);
	for (int y = 0; y < h; y++)
		for (int x = 0; x < w; x++) {
			uint8_t mask = glyphs == GLYPHS_ASCII ? 0 : mask_at(&g, x, y, rows);
			uint32_t ch = glyphs == GLYPHS_ASCII ? shade(g.tone[(size_t)y * (size_t)w + (size_t)x]) : mask ? raster_glyph(mask, glyphs) : ' ';
			if (ch != ' ')
				paint_put(p, x, y, pen, ch);
		}
	free(g.tone);
}

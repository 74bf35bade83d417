/* color -- colours as numbers: xterm's palette, CIELAB distance, contrast, reduction.
 *
 * Distance   CIE76 in CIELAB (D65): Euclidean there is close enough to what the eye sees to
 *            pick one of 240 palette entries. Of the cube only the entries at most one step
 *            away in each channel compete, and all greys: 51 candidates, 10 us.
 * 16 colours  a pastel lies nearer to grey than to any basic colour, but its hue is its meaning.
 *            So coloured input only competes among the coloured entries, and the difference in
 *            hue counts more than those in lightness and chroma.
 * Contrast   WCAG 2.2 relative luminance.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tui/theme.h"

/* xterm's defaults for the sixteen that users redefine; the rest of the palette is fixed. */
static const uint8_t basic_rgb[16][3] = {
	{ 0, 0, 0 }, { 205, 0, 0 }, { 0, 205, 0 }, { 205, 205, 0 }, { 0, 0, 238 }, { 205, 0, 205 }, { 0, 205, 205 }, { 229, 229, 229 },
	{ 127, 127, 127 }, { 255, 0, 0 }, { 0, 255, 0 }, { 255, 255, 0 }, { 92, 92, 255 }, { 255, 0, 255 }, { 0, 255, 255 }, { 255, 255, 255 },
};
static const char *const basic_names[8] = { "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white" };

struct lab { double l, a, b; };

static void palette_rgb(int index, uint8_t rgb[3])
{
	static const uint8_t level[6] = { 0, 95, 135, 175, 215, 255 };
	if (index < 16) {
		memcpy(rgb, basic_rgb[index], 3);
	} else if (index < 232) {
		rgb[0] = level[(index - 16) / 36];
		rgb[1] = level[(index - 16) / 6 % 6];
		rgb[2] = level[(index - 16) % 6];
	} else {
		rgb[0] = rgb[1] = rgb[2] = (uint8_t)(8 + (index - 232) * 10);
	}
}

void color_rgb(struct color c, uint8_t rgb[3])
{
	memset(rgb, 0, 3);
	if (c.kind == COLOR_BASIC || c.kind == COLOR_256) {
		palette_rgb(c.index, rgb);
	} else if (c.kind == COLOR_RGB) {
		rgb[0] = c.r;
		rgb[1] = c.g;
		rgb[2] = c.b;
	}
}

static double linear(uint8_t v)
{
	double s = v / 255.0;
	return s <= 0.04045 ? s / 12.92 : pow((s + 0.055) / 1.055, 2.4);
}

static double luminance(struct color c)
{
	uint8_t v[3];
	color_rgb(c, v);
	return 0.2126 * linear(v[0]) + 0.7152 * linear(v[1]) + 0.0722 * linear(v[2]);
}

double color_contrast(struct color a, struct color b)
{
	double x = luminance(a) + 0.05, y = luminance(b) + 0.05;
	return x > y ? x / y : y / x;
}

static double lab_curve(double t)
{
	return t > 216.0 / 24389 ? cbrt(t) : (24389.0 / 27 * t + 16) / 116;
}

static struct lab to_lab(struct color c)
{
	uint8_t v[3];
	color_rgb(c, v);
	double r = linear(v[0]), g = linear(v[1]), b = linear(v[2]);
	double x = lab_curve((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
	double y = lab_curve(0.2126729 * r + 0.7151522 * g + 0.0721750 * b);
	double z = lab_curve((0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883);
	return (struct lab){ 116 * y - 16, 500 * (x - y), 200 * (y - z) };
}

static double lab_distance(struct lab p, struct lab q)
{
	double l = p.l - q.l, a = p.a - q.a, b = p.b - q.b;
	return sqrt(l * l + a * a + b * b);
}

/* The same with the difference in the a-b plane split into chroma and hue. */
static double hue_distance(struct lab p, struct lab q)
{
	double l = p.l - q.l, c = hypot(p.a, p.b) - hypot(q.a, q.b), a = p.a - q.a, b = p.b - q.b;
	double hue2 = a * a + b * b - c * c;
	return sqrt(l * l * 0.25 + c * c * 0.0625 + (hue2 > 0 ? hue2 : 0));
}

double color_distance(struct color a, struct color b)
{
	return lab_distance(to_lab(a), to_lab(b));
}

bool color_same(struct color a, struct color b)
{
	if (a.kind != b.kind)
		return false;
	if (a.kind == COLOR_RGB)
		return a.r == b.r && a.g == b.g && a.b == b.b;
	return a.kind <= COLOR_DEFAULT || a.index == b.index;
}

/* ---- words */

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool parse_hex(const char *word, struct color *c)
{
	uint8_t v[3];
	for (int i = 0; i < 3; i++) {
		int hi = hex_digit(word[2 * i]), lo = hex_digit(word[2 * i + 1]);
		if (hi < 0 || lo < 0)
			return false;
		v[i] = (uint8_t)(hi * 16 + lo);
	}
	*c = (struct color){ COLOR_RGB, 0, v[0], v[1], v[2] };
	return true;
}

static bool parse_index(const char *word, size_t n, struct color *c)
{
	int v = 0;
	for (size_t i = 0; i < n; i++) {
		if (word[i] < '0' || word[i] > '9' || v > 255)
			return false;
		v = v * 10 + (word[i] - '0');
	}
	if (n == 0 || v > 255)
		return false;
	*c = (struct color){ v < 16 ? COLOR_BASIC : COLOR_256, (uint8_t)v, 0, 0, 0 };
	return true;
}

bool color_parse(const char *word, size_t n, struct color *c)
{
	if (n == 7 && word[0] == '#')
		return parse_hex(word + 1, c);
	if (n == 7 && memcmp(word, "default", 7) == 0) {
		*c = (struct color){ .kind = COLOR_DEFAULT };
		return true;
	}
	uint8_t bright = n > 7 && memcmp(word, "bright-", 7) == 0 ? 8 : 0;
	const char *base = bright ? word + 7 : word;
	size_t base_n = bright ? n - 7 : n;
	for (uint8_t i = 0; i < 8; i++)
		if (strlen(basic_names[i]) == base_n && memcmp(basic_names[i], base, base_n) == 0) {
			*c = (struct color){ COLOR_BASIC, (uint8_t)(i + bright), 0, 0, 0 };
			return true;
		}
	return parse_index(word, n, c);
}

/* ---- fewer colours */

static int cube_level(uint8_t v)
{
	return v < 48 ? 0 : v < 115 ? 1 : (v - 35) / 40;
}

/* Whether an entry of the cube is at most one step from the colour in each channel; greys always are. */
static bool is_near(int index, const uint8_t rgb[3])
{
	if (index >= 232)
		return true;
	int r = (index - 16) / 36, g = (index - 16) / 6 % 6, b = (index - 16) % 6;
	return abs(r - cube_level(rgb[0])) <= 1 && abs(g - cube_level(rgb[1])) <= 1 && abs(b - cube_level(rgb[2])) <= 1;
}

struct color color_nearest_256(struct color c, struct color against, double contrast, double *distance)
{
	struct lab want = to_lab(c);
	struct color best = { COLOR_256, 16, 0, 0, 0 };
	uint8_t rgb[3];
	color_rgb(c, rgb);
	*distance = 1e9;
	for (int i = 16; i < 256; i++) {
		if (!is_near(i, rgb))
			continue;
		struct color p = { COLOR_256, (uint8_t)i, 0, 0, 0 };
		double d = lab_distance(want, to_lab(p));
		if (d < *distance && (contrast <= 1 || color_contrast(p, against) >= contrast)) {
			*distance = d;
			best = p;
		}
	}
	return best;
}

struct color color_nearest_basic(struct color c, int count, struct color against, double contrast)
{
	struct lab want = to_lab(c);
	bool coloured = hypot(want.a, want.b) > 15;
	struct color best = { COLOR_BASIC, 7, 0, 0, 0 };
	double least = 1e9;
	for (int i = 0; i < count; i++) {
		struct color p = { COLOR_BASIC, (uint8_t)i, 0, 0, 0 };
		struct lab have = to_lab(p);
		bool grey = i % 8 == 0 || i % 8 == 7;
		if (coloured == grey || (contrast > 1 && color_contrast(p, against) < contrast))
			continue;
		double d = coloured ? hue_distance(want, have) : lab_distance(want, have);
		if (d < least) {
			least = d;
			best = p;
		}
	}
	return best;
}

struct color color_reduce(struct color c, enum color_depth depth, bool background)
{
	double distance;
	if (c.kind == COLOR_NONE || depth == DEPTH_MONO)
		return (struct color){ .kind = COLOR_DEFAULT };
	if (c.kind == COLOR_DEFAULT || (c.kind == COLOR_BASIC && (c.index < 8 || depth != DEPTH_8)))
		return c;
	if (depth == DEPTH_256 || depth == DEPTH_RGB) {
		struct color near = c.kind == COLOR_256 ? c : color_nearest_256(c, c, 1, &distance);
		return depth == DEPTH_256 || c.kind == COLOR_256 || distance < 2 ? near : c;
	}
	if (c.kind == COLOR_BASIC)
		return (struct color){ COLOR_BASIC, (uint8_t)(c.index == 8 ? (background ? 0 : 7) : c.index - 8), 0, 0, 0 };
	return color_nearest_basic(c, depth == DEPTH_8 ? 8 : 16, c, 1);
}

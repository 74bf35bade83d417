/* Pictures: decoding within limits, shrinking, ink and luminance, and what they look like in cells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/str.h"
#include "tests/unit/screen.h"
#include "tui/image.h"

static void put(struct image *im, int x, int y, unsigned rgb)
{
	uint8_t *c = im->rgba + ((size_t)y * (size_t)im->w + (size_t)x) * 4;
	c[0] = (uint8_t)(rgb >> 16), c[1] = (uint8_t)(rgb >> 8), c[2] = (uint8_t)rgb, c[3] = 255;
}

/* A plot: white ground, a black frame, a blue curve one pixel wide. */
static struct image *plot(int w, int h)
{
	struct image *im = image_new(w, h);
	memset(im->rgba, 255, (size_t)w * (size_t)h * 4);
	for (int x = w / 10; x < w; x++)
		put(im, x, h - h / 10, 0x000000);
	for (int y = 0; y <= h - h / 10; y++)
		put(im, w / 10, y, 0x000000);
	for (int x = w / 10; x < w; x++) {
		int y = h * 8 / 10 * 20 / (20 + (x - w / 10) * 100 / w) + h / 20;
		put(im, x, h - h / 10 - y, 0x1f77b4);
	}
	return im;
}

/* A grey ramp from left to right, like a photo. */
static struct image *ramp(int w, int h)
{
	struct image *im = image_new(w, h);
	for (int y = 0; y < h; y++)
		for (int x = 0; x < w; x++)
			put(im, x, y, (unsigned)(x * 255 / (w - 1)) * 0x010101u);
	return im;
}

static void assert_image(const struct image *im, int w, int h, enum glyphs g, const char *name)
{
	struct screen sc = screen_new(w, h, g);
	image_paint(im, &sc.p, PEN(ROLE_TEXT));
	screen_assert(&sc, name);
	screen_free(&sc);
}

static void pictures(void **state)
{
	(void)state;
	struct image *im = plot(300, 200);
	assert_image(im, 40, 14, GLYPHS_BRAILLE, "image-plot-braille");
	assert_image(im, 40, 14, GLYPHS_BLOCK, "image-plot-block");
	assert_image(im, 40, 14, GLYPHS_ASCII, "image-plot-ascii");
	image_free(im);
	im = ramp(256, 64);
	assert_image(im, 40, 5, GLYPHS_BRAILLE, "image-ramp-braille");
	assert_image(im, 40, 5, GLYPHS_BLOCK, "image-ramp-block");
	assert_image(im, 40, 5, GLYPHS_ASCII, "image-ramp-ascii");
	im->tone = IMAGE_DARK;
	assert_image(im, 40, 5, GLYPHS_ASCII, "image-ramp-dark-ascii");
	image_free(im);
}

static void shape_is_kept(void **state)
{
	(void)state;
	static const struct { int iw, ih, w, h, cw, ch; } cases[] = { { 100, 100, 40, 40, 40, 20 }, { 100, 100, 40, 10, 20, 10 }, { 1000, 10, 40, 10, 40, 1 },
		{ 10, 1000, 40, 10, 1, 10 }, { 640, 480, 80, 24, 64, 24 }, { 1, 1, 10, 3, 6, 3 } };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct image *im = image_new(cases[i].iw, cases[i].ih);
		int w, h;
		image_cells(im, cases[i].w, cases[i].h, &w, &h);
		assert_int_equal(w, cases[i].cw);
		assert_int_equal(h, cases[i].ch);
		image_free(im);
	}
}

static void impossible_sizes_are_refused(void **state)
{
	(void)state;
	assert_null(image_new(0, 5));
	assert_null(image_new(5, -1));
	assert_null(image_new(IMAGE_SIDE_MAX + 1, 1));
	assert_null(image_new(IMAGE_SIDE_MAX, IMAGE_SIDE_MAX));
}

static void shrinking_averages(void **state)
{
	(void)state;
	struct image *im = image_new(4000, 1000);
	for (int y = 0; y < 1000; y++)
		for (int x = 0; x < 4000; x++)
			put(im, x, y, (x + y) % 2 ? 0xffffff : 0x000000);
	im = image_shrink(im);
	assert_true((int64_t)im->w * im->h <= IMAGE_KEPT_MAX);
	assert_true(im->file_w == 4000 && im->file_h == 1000 && im->w == 2000 && im->h == 500);
	assert_true(im->rgba[0] == 127 && im->rgba[4] == 127 && im->rgba[3] == 255);
	image_free(im);
	im = image_new(10, 10);
	assert_ptr_equal(image_shrink(im), im);
	image_free(im);
}

static void a_line_of_one_pixel_survives(void **state)
{
	(void)state;
	for (int scale = 1; scale <= 8; scale++) {
		struct image *im = image_new(80 * scale, 80 * scale);
		memset(im->rgba, 255, (size_t)im->w * (size_t)im->h * 4);
		for (int x = 0; x < im->w; x++)
			put(im, x, im->h / 3, 0x202020);
		struct screen sc = screen_new(40, 20, GLYPHS_BRAILLE);
		image_paint(im, &sc.p, PEN(ROLE_TEXT));
		int lit = 0;
		for (int x = 0; x < 40; x++)
			for (int y = 0; y < 20; y++)
				lit += screen_at(&sc, x, y) != ' ';
		assert_true(lit >= 38 && lit <= 80);
		screen_free(&sc);
		image_free(im);
	}
}

static void painting_stays_inside(void **state)
{
	(void)state;
	uint64_t s = 3;
	for (int k = 0; k < 200; k++) {
		s = s * 6364136223846793005u + 1442695040888963407u;
		struct image *im = image_new(1 + (int)(s >> 33) % 90, 1 + (int)(s >> 45) % 70);
		for (size_t i = 0; i < (size_t)im->w * (size_t)im->h * 4; i++) {
			s = s * 6364136223846793005u + 1442695040888963407u;
			im->rgba[i] = (uint8_t)(s >> 40);
		}
		im->tone = (enum image_tone)(k % 4);
		struct screen sc = screen_framed(1 + (int)(s >> 33) % 50, 1 + (int)(s >> 50) % 20, (enum glyphs)(k % 3));
		image_paint(im, &sc.p, PEN(ROLE_TEXT));
		screen_assert_margin(&sc);
		screen_free(&sc);
		image_free(im);
	}
	struct image *clear = image_new(20, 20);               /* wholly transparent: nothing to see */
	struct screen sc = screen_new(20, 10, GLYPHS_BRAILLE);
	image_paint(clear, &sc.p, PEN(ROLE_TEXT));
	assert_true(screen_blank(&sc));
	screen_free(&sc);
	image_free(clear);
}

/* ---- PNG ---- */

static void on_write(png_structp png, png_bytep bytes, size_t n)
{
	str_addn(png_get_io_ptr(png), bytes, n);
}

static void encode(struct str *out, int w, int h, int depth, int type, int interlace, uint8_t *row)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png_create_info_struct(png);
	assert_non_null(info);
	png_set_write_fn(png, out, on_write, NULL);
	png_set_IHDR(png, info, (png_uint_32)w, (png_uint_32)h, depth, type, interlace, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	if (type == PNG_COLOR_TYPE_PALETTE) {
		static const png_color palette[2] = { { 255, 0, 0 }, { 0, 0, 255 } };
		png_set_PLTE(png, info, palette, 2);
	}
	png_write_info(png, info);
	for (int pass = interlace ? png_set_interlace_handling(png) : 1; pass > 0; pass--)
		for (int y = 0; y < h; y++)
			png_write_row(png, row);
	png_write_end(png, info);
	png_destroy_write_struct(&png, &info);
}

static void every_pixel_format_decodes(void **state)
{
	(void)state;
	uint8_t row[8 * 8];
	static const struct { int depth, type; uint8_t fill, want[4]; } cases[] = {
		{ 8, PNG_COLOR_TYPE_GRAY, 100, { 100, 100, 100, 255 } }, { 1, PNG_COLOR_TYPE_GRAY, 255, { 255, 255, 255, 255 } },
		{ 16, PNG_COLOR_TYPE_GRAY, 0x40, { 0x40, 0x40, 0x40, 255 } }, { 8, PNG_COLOR_TYPE_RGB, 77, { 77, 77, 77, 255 } },
		{ 8, PNG_COLOR_TYPE_RGB_ALPHA, 50, { 50, 50, 50, 50 } }, { 16, PNG_COLOR_TYPE_RGB_ALPHA, 0x33, { 0x33, 0x33, 0x33, 0x33 } },
		{ 8, PNG_COLOR_TYPE_GRAY_ALPHA, 9, { 9, 9, 9, 9 } }, { 1, PNG_COLOR_TYPE_PALETTE, 255, { 0, 0, 255, 255 } },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (int interlace = 0; interlace < 2; interlace++) {
			struct str s = STR_INIT;
			struct image *im;
			struct err e = { 0 };
			memset(row, cases[i].fill, sizeof row);
			encode(&s, 8, 5, cases[i].depth, cases[i].type, interlace, row);
			assert_int_equal(image_png_decode(s.p, s.len, &im, &e), ST_OK);
			assert_true(im->w == 8 && im->h == 5);
			for (int k = 0; k < 8 * 5; k++)
				assert_memory_equal(im->rgba + k * 4, cases[i].want, 4);
			image_free(im);
			str_free(&s);
		}
}

static void broken_files_say_why(void **state)
{
	(void)state;
	uint8_t row[400];
	struct str s = STR_INIT;
	struct image *im;
	struct err e = { 0 };
	for (size_t i = 0; i < sizeof row; i++)
		row[i] = (uint8_t)(i * 7);
	encode(&s, 100, 30, 8, PNG_COLOR_TYPE_RGB_ALPHA, 0, row);
	for (size_t n = 0; n + 40 < s.len; n++) {              /* cut somewhere within the pixels or before */
		assert_int_equal(image_png_decode(s.p, n, &im, &e), ST_USAGE);
		assert_null(im);
		assert_true(e.text[0]);
	}
	for (size_t i = 8; i < s.len; i += 3) {                /* any flipped bit: a picture or words, never worse */
		s.p[i] ^= 0x10;
		if (image_png_decode(s.p, s.len, &im, &e) == ST_OK)
			image_free(im);
		s.p[i] ^= 0x10;
	}
	assert_int_equal(image_png_decode("GIF89a..........", 16, &im, &e), ST_USAGE);
	assert_string_equal(e.text, "not a PNG picture");
	assert_int_equal(image_png_decode("", 0, &im, NULL), ST_USAGE);
	str_free(&s);
}

static void too_many_pixels_are_refused(void **state)
{
	(void)state;
	static const uint8_t head[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R',
		0, 0, 0x20, 0, 0, 0, 0x20, 0, 8, 6, 0, 0, 0, 0x3b, 0x1d, 0xd9, 0x44 };
	struct image *im;
	struct err e = { 0 };
	assert_int_equal(image_png_decode(head, sizeof head, &im, &e), ST_USAGE);
	assert_null(im);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pictures), cmocka_unit_test(shape_is_kept), cmocka_unit_test(impossible_sizes_are_refused), cmocka_unit_test(shrinking_averages),
		cmocka_unit_test(a_line_of_one_pixel_survives), cmocka_unit_test(painting_stays_inside), cmocka_unit_test(every_pixel_format_decodes),
		cmocka_unit_test(broken_files_say_why), cmocka_unit_test(too_many_pixels_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

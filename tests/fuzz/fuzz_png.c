/* Pictures from outside: whatever the bytes, decoding ends with a picture within its limits or with words, and painting it stays
 * within the cells it was given. */
#include <string.h>
#include "tests/fuzz/fuzz.h"
#include "tui/image.h"

static void paint(struct image *im, enum glyphs glyphs)
{
	struct surface *s = surface_new(24, 10);
	struct paint p = { .s = s, .r = { 2, 1, 20, 8 }, .glyphs = glyphs };
	int w, h;
	image_cells(im, 20, 8, &w, &h);
	MUST(w >= 1 && w <= 20 && h >= 1 && h <= 8);
	image_paint(im, &p, PEN(ROLE_TEXT));
	for (int y = 0; y < 10; y++)
		for (int x = 0; x < 24; x++)
			if (y < 1 || y >= 9 || x < 2 || x >= 22)
				MUST(surface_row(s, y)[x].ch == ' ');
	surface_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image *im;
	struct err e = { 0 };
	enum status st = image_png_decode(data, size, &im, &e);
	if (st != ST_OK) {
		MUST(!im && e.text[0]);
		return 0;
	}
	MUST(im->w >= 1 && im->h >= 1 && (int64_t)im->w * im->h <= IMAGE_KEPT_MAX + IMAGE_SIDE_MAX);
	for (int g = GLYPHS_BRAILLE; g <= GLYPHS_ASCII; g++)
		paint(im, (enum glyphs)g);
	image_free(im);
	return 0;
}

/* PNG through libpng. Its errors come back by longjmp to decode(), which holds all that must be freed in one struct; nothing that
 * changes after setjmp lives in a local. Limits are set before anything is allocated: sides, pixels, and 8 MB for any
 * other chunk. */
#include "tui/image.h"
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

enum { CHUNK_BYTES_MAX = 8 << 20, CHUNKS_MAX = 128, SIGNATURE = 8 };

struct reader {
	const uint8_t *at;
	size_t left;
	png_structp png;
	png_infop info;
	struct image *im;
	char message[160];
};

static void on_error(png_structp png, png_const_charp message)
{
	struct reader *r = png_get_error_ptr(png);
	snprintf(r->message, sizeof r->message, "%s", message);
	png_longjmp(png, 1);
}

/* Warnings are about metadata that a preview does not use. */
static void on_warning(png_structp png, png_const_charp message)
{
	(void)png;
	(void)message;
}

static void on_read(png_structp png, png_bytep out, size_t n)
{
	struct reader *r = png_get_io_ptr(png);
	if (n > r->left)
		png_error(png, "the file is cut off");
	memcpy(out, r->at, n);
	r->at += n;
	r->left -= n;
}

/* Everything becomes 8-bit RGBA. */
static void ask_for_rgba(struct reader *r)
{
	png_set_expand(r->png);
	png_set_scale_16(r->png);
	png_set_gray_to_rgb(r->png);
	png_set_add_alpha(r->png, 0xFF, PNG_FILLER_AFTER);
}

static void read_pixels(struct reader *r)
{
	png_uint_32 w = png_get_image_width(r->png, r->info), h = png_get_image_height(r->png, r->info);
	if ((uint64_t)w * h > IMAGE_PIXELS_MAX)
		png_error(r->png, "more than 16 million pixels");
	ask_for_rgba(r);
	int passes = png_set_interlace_handling(r->png);
	png_read_update_info(r->png, r->info);
	if (png_get_rowbytes(r->png, r->info) != (size_t)w * 4)
		png_error(r->png, "unknown pixel format");
	r->im = image_new((int)w, (int)h);
	if (!r->im)
		png_error(r->png, "not enough memory for its pixels");
	for (int pass = 0; pass < passes; pass++)
		for (png_uint_32 y = 0; y < h; y++)
			png_read_row(r->png, r->im->rgba + (size_t)y * w * 4, NULL);
}

static bool decode(struct reader *r)
{
	r->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, r, on_error, on_warning);
	r->info = r->png ? png_create_info_struct(r->png) : NULL;
	if (!r->info) {
		snprintf(r->message, sizeof r->message, "the PNG library does not start");
		return false;
	}
	if (setjmp(png_jmpbuf(r->png)))
		return false;
	png_set_user_limits(r->png, IMAGE_SIDE_MAX, IMAGE_SIDE_MAX);
	png_set_chunk_cache_max(r->png, CHUNKS_MAX);
	png_set_chunk_malloc_max(r->png, CHUNK_BYTES_MAX);
	png_set_read_fn(r->png, r, on_read);
	png_read_info(r->png, r->info);
	read_pixels(r);
	return true;
}

enum status image_png_decode(const void *bytes, size_t n, struct image **out, struct err *e)
{
	struct reader r = { .at = bytes, .left = n };
	*out = NULL;
	if (n < SIGNATURE || png_sig_cmp(bytes, 0, SIGNATURE) != 0)
		return err_set(e, ST_USAGE, "not a PNG picture");
	bool ok = decode(&r);
	png_destroy_read_struct(&r.png, &r.info, NULL);
	if (!ok) {
		image_free(r.im);
		return err_set(e, ST_USAGE, "this PNG picture cannot be shown: %s", r.message);
	}
	*out = image_shrink(r.im);
	return ST_OK;
}

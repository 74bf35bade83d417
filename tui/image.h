/* image -- a picture in cells, without colours: dots, blocks or ASCII shades.
 *
 * Why      cells carry roles, not colours, so a preview shows brightness: braille dots (2x4 a cell, error diffusion), quarter
 *          blocks (2x2), or a ramp of ASCII characters (one shade a cell).
 * Plots    a picture that is mostly one flat colour (a plot on white) is drawn as ink: what differs from that
 *          colour becomes dots, thin lines are kept when shrunk. Other pictures (photos) are drawn by luminance, stretched
 *          between their 1st and 99th percentile.
 * Limits   see image_png_decode; painting costs about one pass over the pixels.
 */
#ifndef MLYARD_TUI_IMAGE_H
#define MLYARD_TUI_IMAGE_H
#include <stdint.h>
#include "core/base/status.h"
#include "tui/widget.h"
enum { IMAGE_SIDE_MAX = 16384, IMAGE_PIXELS_MAX = 16 << 20, IMAGE_KEPT_MAX = 1 << 20 };
enum image_tone { IMAGE_AUTO, IMAGE_INK, IMAGE_LIGHT, IMAGE_DARK /* luminance, inverted: for light themes */ };
struct image { int w, h, file_w, file_h; uint8_t *rgba; enum image_tone tone; };   /* file_*: before it was shrunk to IMAGE_KEPT_MAX pixels */
/* ST_USAGE: not such a picture, broken, cut off or over the limits, with the reason in words. */
enum status image_png_decode(const void *bytes, size_t n, struct image **out, struct err *e);
struct image *image_new(int w, int h);                      /* transparent; 1..IMAGE_SIDE_MAX and IMAGE_PIXELS_MAX; NULL: no memory */
void image_free(struct image *im);
/* Averages down to IMAGE_KEPT_MAX pixels; takes im, may return it as it is. */
struct image *image_shrink(struct image *im);
/* Cells that the picture takes when drawn as large as w x h cells allow, with its shape kept (a cell is twice as high as wide). */
void image_cells(const struct image *im, int w, int h, int *out_w, int *out_h);
/* As large as fits p, in its upper left corner. */
void image_paint(const struct image *im, struct paint *p, struct pen pen);
#endif

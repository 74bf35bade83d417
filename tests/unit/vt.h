/* vt -- a small terminal for tests: takes the bytes a program sends and holds what would be seen.
 *
 * Independent of the emitter that it checks. What it does not know is counted, and tests
 * assert that nothing was.
 */
#ifndef MLYARD_TESTS_VT_H
#define MLYARD_TESTS_VT_H
#include <stdbool.h>
#include <stddef.h>
#include "core/base/str.h"
#include "tui/theme.h"

struct vt_cell { char text[64]; struct color fg, bg; unsigned attr; int width; };   /* width 0: right half of a wide character */
struct vt {
	int w, h, x, y, top, bottom;
	bool wrap;               /* the last column was written; the next character wraps */
	bool bce;                /* erasing paints the current background */
	bool clusters;           /* knows grapheme clusters; else draws their parts side by side */
	bool alternate, cursor, paste, mouse;
	struct color fg, bg;
	unsigned attr;
	int unknown, clears, wrapped;        /* wrapped: characters that went to the next row by themselves */
	struct vt_cell *cells, last;
	struct str rest;         /* of a sequence or character that is not complete */
};
void vt_init(struct vt *v, int w, int h);
void vt_done(struct vt *v);
void vt_feed(struct vt *v, const char *bytes, size_t n);
struct vt_cell *vt_at(struct vt *v, int x, int y);
#endif

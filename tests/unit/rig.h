/* rig -- a terminal that is painted through the real emitter, and one (vt.h) that reads its bytes. */
#ifndef MLYARD_TESTS_RIG_H
#define MLYARD_TESTS_RIG_H
#include "tui/term.h"
#include "vt.h"

struct rig {
	struct term *t;
	struct surface *s;
	struct str sink;
	struct vt vt;
	struct theme theme;
	uint8_t attrs, ncv;
	size_t bytes;            /* of the last frame */
};
void rig_open(struct rig *r, const char *name, int w, int h, const char *theme, int depth, bool ascii);
void rig_close(struct rig *r);
void rig_present(struct rig *r);                 /* paints r->s and feeds r->vt */
/* Fails unless r->vt shows r->s, cell by cell with its style. spill: but for the cells of clusters. */
void rig_check(struct rig *r, bool spill);
void rig_show(struct rig *r);                    /* both */
#endif

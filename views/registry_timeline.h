/* registry_timeline -- what the two rooms of the timeline share: lanes of bars over a window of time. */
#ifndef MLYARD_VIEWS_REGISTRY_TIMELINE_H
#define MLYARD_VIEWS_REGISTRY_TIMELINE_H
#include "views/registry_internal.h"

enum { TIMELINE_TRACKS = 4, TIMELINE_LABEL_W = 15, TIMELINE_HOLDS_W = 6 };

/* One stage or alias. Its spans lie on tracks, so that those which overlap do not cover each other. */
struct timeline_span { const struct reg_held_row *held; int track; };
struct timeline_lane { const char *kind, *name; struct timeline_span *at; size_t n; int tracks; };
struct timeline {
	struct reg_timeline *data; struct err err;
	struct timeline_lane *lanes; size_t n_lanes;             /* stages, the highest first, the archive last; then aliases */
	size_t lane, top; int rows;                              /* cursor; first shown; rows for bars at the last paint */
	char *lane_kind, *lane_name;                             /* the lane under the cursor, kept over loads */
	int64_t now_ms, at_ms, lo_ms, hi_ms;                     /* the cursor over time; the window, lo == hi: all of it */
	bool follow;                                             /* the cursor stays at now */
	int plot_x, plot_w, plot_y, *lane_y;                     /* kept: where the bars were painted */
};
struct timeline *timeline_of(const struct registry_view *v);
const struct timeline_lane *timeline_lane(const struct registry_view *v);           /* under the cursor; NULL: none */
void timeline_window(const struct timeline *t, int64_t *lo_ms, int64_t *hi_ms);     /* what is shown */
/* The span that holds the lane at a moment, the newest of several; *others: how many more there are. NULL: none. */
const struct reg_held_row *timeline_holder(const struct timeline_lane *l, int64_t ms, size_t *others);
/* The span that begins or ends exactly then, and the record that says so (0: none does). NULL: nothing happened then. */
const struct reg_held_row *timeline_event(const struct timeline_lane *l, int64_t ms, int64_t *seq);
void timeline_paint(struct registry_view *v, struct paint *p);
#endif

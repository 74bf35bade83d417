/* role -- the names of meanings that views paint with; a theme gives each its colours.
 *
 * Few colours, each with one meaning. A role without a line in the theme takes its
 * parent's style. Cells carry role numbers, so that a theme change is a repaint.
 */
#ifndef MLYARD_TUI_ROLE_H
#define MLYARD_TUI_ROLE_H
/* X(id, "name in themes", parent id) */
#define ROLE_LIST(X) \
	X(TEXT, "text", TEXT)                 /* the default; its bg is the screen's */ \
	X(DIM, "text.dim", TEXT)              /* labels, units, missing values */ \
	X(STRONG, "text.strong", TEXT)        /* titles, names */ \
	X(ACCENT, "accent", STRONG)           /* focus, keys that can be pressed */ \
	X(RULE, "rule", DIM)                  /* lines between panes */ \
	X(RULE_FOCUS, "rule.focus", ACCENT) \
	X(TITLE, "title", TEXT)               /* title of a pane without focus */ \
	X(TITLE_FOCUS, "title.focus", ACCENT) \
	X(BAR, "bar", TEXT)                   /* top and bottom line */ \
	X(BAR_DIM, "bar.dim", DIM) \
	X(BAR_KEY, "bar.key", ACCENT) \
	X(TAB, "tab", BAR) X(TAB_ACTIVE, "tab.active", ACCENT) \
	X(HEAD, "table.head", DIM)            /* column titles */ \
	X(HEAD_SORT, "table.head.sort", ACCENT) \
	X(CURSOR, "list.cursor", TEXT)        /* background of the row under the cursor */ \
	X(CURSOR_OFF, "list.cursor.off", CURSOR) /* the same without focus */ \
	X(MARK, "list.mark", ACCENT) \
	X(MATCH, "list.match", ACCENT)        /* found text */ \
	X(GOOD, "state.good", TEXT) X(WARN, "state.warn", TEXT) X(BAD, "state.bad", TEXT) X(LIVE, "state.live", GOOD) X(OFF, "state.off", DIM) \
	X(INPUT, "input", TEXT) X(INPUT_HINT, "input.hint", DIM) X(SELECTION, "selection", CURSOR) \
	X(DIALOG, "dialog", TEXT) X(DIALOG_RULE, "dialog.rule", RULE_FOCUS) \
	X(AXIS, "chart.axis", DIM) X(GRID, "chart.grid", RULE) X(CROSSHAIR, "chart.crosshair", ACCENT) X(RAW, "chart.raw", DIM) \
	X(FILL, "chart.fill", S1)             /* an area: its bg is the same colour, so that lines can cross it */ \
	X(S1, "chart.series1", TEXT) X(S2, "chart.series2", TEXT) X(S3, "chart.series3", TEXT) X(S4, "chart.series4", TEXT) \
	X(S5, "chart.series5", TEXT) X(S6, "chart.series6", TEXT) X(S7, "chart.series7", TEXT) X(S8, "chart.series8", TEXT) \
	X(HEAT0, "heat.calm", RULE) X(HEAT1, "heat.slight", DIM) X(HEAT2, "heat.some", GOOD) X(HEAT3, "heat.watch", WARN) \
	X(HEAT4, "heat.drifted", BAD) X(HEAT5, "heat.strong", BAD) /* a map of severities, calm to strong */ \
	X(SPARK, "spark", S1) X(PROGRESS, "progress", ACCENT) \
	X(CODE_KEY, "code.key", ACCENT) X(CODE_STRING, "code.string", GOOD) X(CODE_NUMBER, "code.number", S1)
enum role {
#define X(id, name, parent) ROLE_##id,
	ROLE_LIST(X)
#undef X
	ROLE_COUNT
};
enum role role_series(unsigned i);                 /* S1..S8, round and round */
const char *role_name(enum role r);
int role_find(const char *name, unsigned long n);  /* -1: no such role */
enum role role_parent(enum role r);                /* TEXT's parent is TEXT */
#endif

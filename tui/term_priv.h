/* term_priv -- what the files of the terminal share; nobody else includes it but the emitter's tests.
 *
 *   term.c         interface, null back end, frames: what is painted when
 *   term_caps.c    what terminfo and the environment say (the only file with curses headers)
 *   term_life.c    modes of the tty, reading, writing, restoring
 *   term_cells.c   surface to terminal cells: colours of the theme, clusters, ASCII twins
 *   term_style.c   palette, and the shortest SGR sequence between two pens
 *   term_move.c    the shortest way from one cell to another
 *   term_frame.c   difference of two screens to bytes (with term_diff.c, term_pass.c)
 *   term_scroll.c  finds rows that only moved
 */
#ifndef MLYARD_TUI_TERM_PRIV_H
#define MLYARD_TUI_TERM_PRIV_H
#include "core/base/map.h"
#include "tui/term.h"
#include "tui/term_caps.h"

/* A cell as the terminal shows it. A blank without underline, reverse or strike has fg 0 and attr 0: they cannot be seen. */
struct tcell { uint32_t ch; uint8_t fg, bg, attr, w; };   /* w: cells it covers; 0: right half; ch & CELL_CLUSTER: index into clusters */
enum { TCELL_UNKNOWN = 0x7FFFFFFF, ATTR_SHOWS_ON_BLANK = ATTR_UNDERLINE | ATTR_REVERSE | ATTR_STRIKE };
struct tpen { uint8_t fg, bg, attr; };

/* Colours in use, with their SGR parameters; entry 0 is the terminal's default. */
struct palette_entry { struct color color; char fg[20], bg[20]; uint8_t fg_n, bg_n; };
struct palette {
	struct palette_entry at[256];
	int n;
	uint8_t fg[ROLE_COUNT], bg[ROLE_COUNT], attr[ROLE_COUNT];
};
void palette_build(struct palette *p, const struct tcaps *c, const struct theme *theme, enum color_depth depth);
/* The shortest sequence from one pen to another; from NULL: the pen is unknown. */
enum { SGR_MAX = 80 };
size_t sgr_change(const struct palette *p, const struct tcaps *c, const struct tpen *from, struct tpen to, char out[SGR_MAX]);
/* The pen for a blank on `bg` that is cheapest to reach. */
struct tpen pen_for_blank(struct tpen now, uint8_t bg);
bool pen_shows_blank(struct tpen p, uint8_t bg);

struct term {
	struct term_caps caps;
	struct tcaps tc;
	struct palette palette;
	struct theme theme;
	struct map *clusters;            /* their text; the index is in cells */
	int w, h;
	struct tcell *front, *back;      /* what the terminal shows; what it should */
	bool ascii;                      /* twins are wanted, see term_set_ascii */
	bool front_known, clear_first;   /* clear_first: the next frame begins with a clear */
	bool stale;                      /* back is newer than what was composed */
	int cursor_x, cursor_y;          /* wanted; x < 0: hidden */
	bool cursor_shown, cursor_known;
	int x, y;                        /* where the terminal's cursor is; -1: unknown */
	struct tpen pen;
	bool pen_known;
	struct str out;                  /* bytes on their way, from `sent` on */
	size_t sent;
	struct str *sink;                /* tests: bytes go here */
	bool null, entered, dead, suspended;
	struct decoder *decoder;
	struct life *life;               /* term_life.c */
	uint64_t written;
};

void term_capture(struct term *t, const struct surface *s);
uint8_t ascii_twin(uint32_t cp);                         /* printable ASCII for any code point */
size_t tcell_bytes(const struct term *t, const struct tcell *c, char out[64]);

/* Appends to t->out what turns front into back; front equals back afterwards. */
void frame_compose(struct term *t);

/* Motion ------------------------------------------------------------------ */
struct mover { const struct term *t; const struct tcell *cells; const uint8_t *todo; int x, y; struct tpen pen; };
enum { MOVE_MAX = 96 };
enum { CSI_MAX = 16 };
size_t csi_bytes(int n, char final, char out[CSI_MAX]);  /* CSI n final; 1 is left out */
size_t move_bytes(const struct mover *m, int y, int x, char out[MOVE_MAX]);

/* Scroll: rows top..bottom move up by `by` (down when negative). */
struct scroll { int top, bottom, by; };
bool scroll_find(const struct term *t, struct scroll *s);

/* term_life.c: `term` owns one of these when it is a real terminal. */
struct life;
enum status life_open(struct term *t, struct err *e);    /* raw mode, sizes; nothing is written */
void life_close(struct term *t);
void life_enter(struct term *t);                         /* the entering bytes into t->out */
void life_leave(struct term *t);                         /* what is pending or not, then the restoring bytes and the modes */
bool life_resume(struct term *t);
void life_size(struct term *t);                          /* into t->w, t->h */
void life_write(struct term *t);                         /* as much of t->out as is taken at once */
bool life_pending(const struct term *t);
int life_fd(const struct term *t);
/* Hands what can be read now to the decoder; false at the end. */
bool life_read(struct term *t, event_fn fn, void *arg);
void term_send(struct term *t);                          /* composes the newest frame and sends it */
void term_resize_to(struct term *t, int w, int h);
#endif

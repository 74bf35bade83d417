/* term -- the terminal: takes a surface, gives events. Two back ends: a real one and none.
 *
 * Output   own diff of two surfaces over terminfo capabilities (ncurses' low level), one
 *          write per frame: cursor moves, erase, repeat and scroll regions are chosen by
 *          their byte cost. No full clear after the start but on resize and redraw.
 *          No reply of the terminal is ever waited for. What a slow line does not take at once
 *          stays pending and term_read() goes on with it; frames presented meanwhile are
 *          skipped but for the newest.
 * Depth    from COLORTERM, terminfo and NO_COLOR, overridable. A locale that is not UTF-8
 *          gets ASCII twins (drawing, braille, ellipsis).
 * Life     the terminal is restored on close, suspend, and by term_emergency_restore() from
 *          a signal handler (async-signal-safe: one prepared write and tcsetattr).
 * Threads  UI thread only.
 */
#ifndef MLYARD_TUI_TERM_H
#define MLYARD_TUI_TERM_H
#include <stdbool.h>
#include "core/base/status.h"
#include "tui/event.h"
#include "tui/surface.h"
#include <stdint.h>
#include "tui/theme.h"

struct term;
struct term_caps { int w, h; enum color_depth depth; bool utf8, braille, mouse, paste, scroll; const char *name; };
struct term_options { int depth; /* enum color_depth or -1 */ bool ascii, no_mouse, no_repeat; /* do not use REP, which some terminals lack */ };
/* ST_REFUSED when there is no terminal or it cannot move its cursor (TERM=dumb), with the cure in words. */
enum status term_open(const struct term_options *o, struct term **out, struct err *e);
struct term *term_open_null(int w, int h, enum color_depth depth, bool utf8);   /* tests: present() only keeps the cells */
void term_null_resize(struct term *t, int w, int h);     /* the null one and the sink only */
/* Tests and measurements: the real output of the terminal `name` appended to `sink`; no tty. NULL: see term_open. */
struct term *term_open_sink(const char *name, int w, int h, const struct term_options *o, struct str *sink, struct err *e);
void term_dump(const struct term *t, struct str *out);   /* text of what was presented last, ASCII twins included, right-trimmed */
void term_close(struct term *t);
const struct term_caps *term_caps(const struct term *t);
int term_fd(const struct term *t);                       /* watch it for POLLIN: input, or room for pending output; -1 for none */
/* Reads what is there and hands out events; false at end of input or error (then the program ends). */
bool term_read(struct term *t, event_fn fn, void *arg);
int term_wait_ms(const struct term *t);                  /* see decoder_wait_ms */
void term_flush_input(struct term *t, event_fn fn, void *arg);
void term_check_size(struct term *t, event_fn fn, void *arg);   /* after SIGWINCH: EV_RESIZE when it changed */
void term_set_theme(struct term *t, const struct theme *theme); /* next present repaints */
void term_present(struct term *t, const struct surface *s);     /* s has the size of caps; writes the difference */
void term_set_ascii(struct term *t, bool ascii);         /* from the next present on: ASCII twins although the terminal knows UTF-8 */
void term_redraw(struct term *t);                        /* next present paints everything anew */
void term_suspend(struct term *t);                       /* restore, so that the process can stop or run a child */
void term_resume(struct term *t);
/* OSC 52 (wrapped for tmux and screen). False: more than 74,994 bytes, which terminals refuse; nothing is copied. */
bool term_copy(struct term *t, const char *text, size_t n);
void term_bell(struct term *t);
uint64_t term_bytes_written(const struct term *t);
void term_emergency_restore(void);                       /* async-signal-safe; harmless when no terminal is open */
#endif

/* term_caps -- what terminfo and the environment say about a terminal.
 *
 * Apart from term_priv.h, because the system's <term.h> has a struct term of its own.
 */
#ifndef MLYARD_TUI_TERM_CAPS_H
#define MLYARD_TUI_TERM_CAPS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/base/status.h"
#include "tui/theme.h"

/* What the terminal can do. Capabilities count only in their ECMA-48 form, which every terminal in
 * use speaks: then parameters may be left out or shortened, and bytes counted. */
struct tcaps {
	bool am, xenl, bce, csr, ind, ri, indn, rin, ech, el, rep, rep_utf8, hpa, vpa, cuf, cub, cuu, cud;
	bool ansi_cup, sgr_off;          /* sgr_off: 22, 24 ... turn single attributes off */
	bool mouse, paste, bright, braille;
	uint8_t attrs, ncv;              /* enum attr: known; not together with colours */
	int colors;
	char *cup, *smcup, *rmcup, *clear, *civis, *cnorm, *bel;   /* "" when missing; cup: only when not ANSI */
	char name[64];
};
/* ST_REFUSED when no entry of the chain can move the cursor. */
enum status tcaps_load(struct tcaps *c, const char *term, struct err *e);
void tcaps_done(struct tcaps *c);
enum color_depth tcaps_depth(const struct tcaps *c);
size_t tcaps_cup(const struct tcaps *c, int y, int x, char out[64]);
#endif

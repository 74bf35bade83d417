/* term_caps -- terminfo and the environment, read once into a struct of flags.
 *
 * Why      a capability is used only when it has exactly the ECMA-48 form (delays apart). Then the
 *          emitter may leave out default parameters, join SGR codes and know the length of everything
 *          without running tparm; what is odd about a terminal leaves a flag unset and
 *          costs bytes, not correctness. The exceptions are cup, which is run through tparm
 *          when it is not ANSI, and the strings that are sent once.
 * Lies     most emulators say TERM=xterm-256color, whatever they can. So left and right margins are
 *          never used (few have them, and CSI s means something else to the rest), and REP is left out where
 *          it is known to be missing: under mosh, in JetBrains' terminal, inside tmux or screen
 *          when TERM names another terminal. tmux before 3.5 repeats ASCII only; behind an SSH line
 *          its TMUX variable cannot be seen, so there nothing but ASCII is repeated.
 * Silence  the entries of tmux are those of screen of long ago and do not say that it erases in colour, which makes a
 *          screen with a background three times as long. Since 2.4 (2017) it does; older ones do not call
 *          themselves tmux by default. Since 3.2 it says its name in TERM_PROGRAM, also when TERM names screen; that one repeats.
 */
#include "tui/term_caps.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/surface.h"
#include <curses.h>
/* after the others: it defines words like "lines" */
#include <term.h>

static const char *string_of(const char *name)
{
	const char *s = tigetstr(name);
	return s && s != (const char *)(intptr_t)-1 ? s : "";
}

/* A copy without delays ($<50>), which no line of today needs. */
static char *plain_copy(const char *s)
{
	struct str out = STR_INIT;
	while (*s) {
		const char *end = s[0] == '$' && s[1] == '<' ? strchr(s, '>') : NULL;
		if (end) {
			s = end + 1;
			continue;
		}
		str_addc(&out, *s++);
	}
	return str_take(&out);
}

static char *copy_of(const char *name)
{
	return plain_copy(string_of(name));
}

static bool is(const char *name, const char *ansi)
{
	char *s = copy_of(name);
	bool same = strcmp(s, ansi) == 0;
	free(s);
	return same;
}

static bool ends(const char *name, const char *ansi)
{
	const char *s = string_of(name);
	size_t n = strlen(s), m = strlen(ansi);
	return n >= m && strcmp(s + n - m, ansi) == 0;
}

static bool starts(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

static bool flag_of(const char *name)
{
	return tigetflag(name) == 1;
}

static const char *env(const char *name)
{
	const char *v = getenv(name);
	return v ? v : "";
}

/* ---- who is between us and the glass */

static bool process_of(long pid, char name[32], long *parent)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%ld/stat", pid);
	FILE *f = fopen(path, "re");
	if (!f)
		return false;
	int n = fscanf(f, "%*d (%31[^)]) %*c %ld", name, parent);
	fclose(f);
	return n == 2;
}

static bool under_mosh(void)
{
	long pid = getppid();
	char name[32];
	for (int up = 0; up < 8 && pid > 1 && process_of(pid, name, &pid); up++)
		if (starts(name, "mosh-server"))
			return true;
	return false;
}

static bool repeat_is_safe(const char *term)
{
	bool multiplexed = *env("TMUX") || *env("STY");
	bool says_so = starts(term, "tmux") || starts(term, "screen");
	return (!multiplexed || says_so) && !starts(env("TERMINAL_EMULATOR"), "JetBrains") && !under_mosh();
}

/* ---- reading the entry */

static void read_motion(struct tcaps *c)
{
	c->am = flag_of("am");
	c->xenl = flag_of("xenl");
	c->ansi_cup = is("cup", "\033[%i%p1%d;%p2%dH");
	c->cup = c->ansi_cup ? mem_strdup("") : mem_strdup(string_of("cup"));
	c->hpa = is("hpa", "\033[%i%p1%dG");
	c->vpa = is("vpa", "\033[%i%p1%dd");
	c->cuf = is("cuf", "\033[%p1%dC");
	c->cub = is("cub", "\033[%p1%dD");
	c->cuu = is("cuu", "\033[%p1%dA");
	c->cud = is("cud", "\033[%p1%dB");
	c->csr = is("csr", "\033[%i%p1%d;%p2%dr");
	c->ind = is("ind", "\n");
	c->ri = is("ri", "\033M");
	c->indn = is("indn", "\033[%p1%dS");
	c->rin = is("rin", "\033[%p1%dT");
}

static void read_erasing(struct tcaps *c, const char *term)
{
	bool named = starts(term, "tmux");
	bool recent = strcmp(env("TERM_PROGRAM"), "tmux") == 0 && (named || starts(term, "screen"));
	c->bce = flag_of("bce") || named || recent;
	c->ech = is("ech", "\033[%p1%dX") || named || recent;
	c->el = is("el", "\033[K");
	c->rep = (ends("rep", "\033[%p2%{1}%-%db") || recent) && repeat_is_safe(term);
	c->rep_utf8 = c->rep && !named && !recent && !*env("SSH_CONNECTION") && !*env("SSH_TTY");
}

static void read_style(struct tcaps *c)
{
	static const struct { const char *name, *ansi; uint8_t attr; } attrs[] = {
		{ "bold", "\033[1m", ATTR_BOLD }, { "dim", "\033[2m", ATTR_DIM }, { "smul", "\033[4m", ATTR_UNDERLINE }, { "rev", "\033[7m", ATTR_REVERSE },
		{ "sitm", "\033[3m", ATTR_ITALIC }, { "smxx", "\033[9m", ATTR_STRIKE },
	};
	for (size_t i = 0; i < sizeof attrs / sizeof *attrs; i++)
		if (is(attrs[i].name, attrs[i].ansi))
			c->attrs |= attrs[i].attr;
	int ncv = tigetnum("ncv");
	if (ncv > 0)
		c->ncv = (uint8_t)((ncv & 2 ? ATTR_UNDERLINE : 0) | (ncv & 4 ? ATTR_REVERSE : 0) | (ncv & 16 ? ATTR_DIM : 0) | (ncv & 32 ? ATTR_BOLD : 0));
	c->sgr_off = is("rmul", "\033[24m");
	const char *setaf = string_of("setaf");
	bool ansi_colour = *setaf && strcmp(tparm(setaf, 1L), "\033[31m") == 0;
	c->colors = ansi_colour || strstr(setaf, "38;5;") ? tigetnum("colors") : 0;
	c->bright = c->colors >= 16 && strcmp(tparm(setaf, 9L), "\033[91m") == 0;
}

static void read_once(struct tcaps *c, const char *term)
{
	c->smcup = copy_of("smcup");
	c->rmcup = copy_of("rmcup");
	c->clear = copy_of("clear");
	c->civis = copy_of("civis");
	c->cnorm = copy_of("cnorm");
	c->bel = copy_of("bel");
	static const char *const modern[] = { "xterm", "tmux", "rxvt", "alacritty", "kitty", "foot", "screen", "st-", "vte", "konsole", "wezterm", "ghostty", "contour" };
	for (size_t i = 0; i < sizeof modern / sizeof *modern; i++)
		c->paste |= starts(term, modern[i]) || starts(c->name, modern[i]);
	c->paste |= *string_of("BE") != 0;
	c->mouse = starts(string_of("kmous"), "\033[M") || starts(string_of("kmous"), "\033[<");
	c->braille = !starts(term, "linux") && !starts(term, "vt");
}

void tcaps_done(struct tcaps *c)
{
	char **strings[] = { &c->cup, &c->smcup, &c->rmcup, &c->clear, &c->civis, &c->cnorm, &c->bel };
	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
		free(*strings[i]);
		*strings[i] = NULL;
	}
}

static bool load_entry(struct tcaps *c, const char *entry, const char *term)
{
	int why;
	if (!*entry || setupterm(entry, STDOUT_FILENO, &why) != OK)
		return false;
	bool moves = *string_of("cup") && *string_of("clear");
	if (moves) {
		snprintf(c->name, sizeof c->name, "%s", entry);
		read_motion(c);
		read_erasing(c, term);
		read_style(c);
		read_once(c, term);
	}
	/* tparm needs the entry for an odd cup; else nothing does any more. */
	if (!moves || c->ansi_cup)
		del_curterm(cur_term);
	return moves;
}

enum status tcaps_load(struct tcaps *c, const char *term, struct err *e)
{
	memset(c, 0, sizeof *c);
	if (!*term || strcmp(term, "dumb") == 0 || strcmp(term, "unknown") == 0)
		return err_set(e, ST_REFUSED, "TERM=%s cannot move the cursor; set TERM to your terminal's name, or use the commands that print", term);
	const char *chain[] = { term, "xterm-256color", "xterm", "vt100" };
	int why, known = setupterm(term, STDOUT_FILENO, &why) == OK;
	if (known)
		del_curterm(cur_term);
	for (int i = 0; i < (known ? 1 : 4); i++)
		if (load_entry(c, chain[i], term))
			return ST_OK;
	if (known)
		return err_set(e, ST_REFUSED, "TERM=%s cannot move the cursor; set TERM to your terminal's name, or use the commands that print", term);
	return err_set(e, ST_REFUSED, "terminfo knows neither TERM=%s nor xterm; install ncurses-base, or set TERMINFO to your terminal's database", term);
}

size_t tcaps_cup(const struct tcaps *c, int y, int x, char out[64])
{
	if (c->ansi_cup) {
		if (x == 0)
			return (size_t)(y == 0 ? snprintf(out, 64, "\033[H") : snprintf(out, 64, "\033[%dH", y + 1));
		return (size_t)snprintf(out, 64, "\033[%d;%dH", y + 1, x + 1);
	}
	char *s = plain_copy(tparm(c->cup, (long)y, (long)x));
	size_t n = strnlen(s, 63);
	memcpy(out, s, n);
	out[n] = 0;
	free(s);
	return n;
}

enum color_depth tcaps_depth(const struct tcaps *c)
{
	const char *colorterm = env("COLORTERM");
	if (*env("NO_COLOR") || c->colors < 8)
		return DEPTH_MONO;
	bool rgb = strcmp(colorterm, "truecolor") == 0 || strcmp(colorterm, "24bit") == 0;
	/* GNU screen passes COLORTERM on from outside but not the colours. */
	bool through = !starts(c->name, "screen") || *env("TMUX");
	if (c->colors >= 256)
		return (rgb && through) || c->colors > 256 ? DEPTH_RGB : DEPTH_256;
	return c->colors >= 16 ? DEPTH_16 : DEPTH_8;
}

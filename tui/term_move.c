/* term_move -- the shortest bytes that bring the cursor from one cell to another.
 *
 * A way is a vertical and a horizontal part; the parts do not influence each other but for the carriage
 * return, so the best of each makes the best of both, against one absolute move. On its row
 * the cursor may also be carried over cells by writing them: those that already show what is
 * to be there in the pen in hand, and those that are painted later anyway (with blanks).
 * LF and RI are safe: the target is on the screen, so neither ever scrolls, and the tty does not
 * translate LF (OPOST is off).
 */
#include "tui/term_priv.h"
#include <string.h>

enum { CARRY_MAX = 8 };
struct way { char s[MOVE_MAX]; size_t n; bool ok; };

static void offer(struct way *best, const char *s, size_t n)
{
	if (best->ok && n >= best->n)
		return;
	memcpy(best->s, s, n);
	best->n = n;
	best->ok = true;
}

static size_t put_number(char *out, int n)
{
	char digits[12];
	size_t len = 0;
	do
		digits[len++] = (char)('0' + n % 10);
	while (n /= 10);
	for (size_t i = 0; i < len; i++)
		out[i] = digits[len - 1 - i];
	return len;
}

size_t csi_bytes(int n, char final, char out[CSI_MAX])
{
	size_t len = 2;
	out[0] = '\033';
	out[1] = '[';
	if (n != 1)
		len += put_number(out + len, n);
	out[len] = final;
	return len + 1;
}

static size_t cup_bytes(const struct tcaps *c, int y, int x, char out[64])
{
	if (!c->ansi_cup)
		return tcaps_cup(c, y, x, out);
	size_t n = 2;
	out[0] = '\033';
	out[1] = '[';
	if (y > 0)
		n += put_number(out + n, y + 1);
	if (x > 0) {
		out[n++] = ';';
		n += put_number(out + n, x + 1);
	}
	out[n] = 'H';
	return n + 1;
}

static void offer_csi(struct way *best, int n, char final)
{
	char s[CSI_MAX];
	offer(best, s, csi_bytes(n, final, s));
}

static void offer_repeated(struct way *best, const char *unit, int times)
{
	char s[MOVE_MAX];
	size_t len = strlen(unit), n = 0;
	if (times > 12)
		return;
	for (int i = 0; i < times; i++, n += len)
		memcpy(s + n, unit, len);
	offer(best, s, n);
}

static void vertical(const struct mover *m, int y, struct way *best)
{
	const struct tcaps *c = &m->t->tc;
	int down = y - m->y;
	if (down == 0) {
		offer(best, "", 0);
		return;
	}
	if (down > 0) {
		if (c->ind)
			offer_repeated(best, "\n", down);
		if (c->cud)
			offer_csi(best, down, 'B');
	} else {
		if (c->ri)
			offer_repeated(best, "\033M", -down);
		if (c->cuu)
			offer_csi(best, -down, 'A');
	}
	if (c->vpa)
		offer_csi(best, y + 1, 'd');
}

/* Writes over cells from..to of row y when that is possible without changing the pen. */
static void carry(const struct mover *m, int y, int from, int to, struct way *best)
{
	char s[MOVE_MAX];
	size_t n = 0;
	if (to - from > CARRY_MAX)
		return;
	const struct tcell *row = m->cells + (size_t)y * (size_t)m->t->w;
	const uint8_t *todo = m->todo + (size_t)y * (size_t)m->t->w;
	for (int x = from; x < to; x++) {
		const struct tcell *c = row + x;
		bool blank = c->ch == ' ' && !(c->attr & ATTR_SHOWS_ON_BLANK);
		if (todo[x] || (blank && pen_shows_blank(m->pen, c->bg)))
			s[n++] = ' ';
		else if (c->w == 1 && !(c->ch & CELL_CLUSTER) && c->ch != TCELL_UNKNOWN && c->fg == m->pen.fg && c->bg == m->pen.bg && c->attr == m->pen.attr)
			n += tcell_bytes(m->t, c, s + n);
		else
			return;
	}
	offer(best, s, n);
}

/* From column `from` (-1: unknown) to x on row y. */
static void horizontal(const struct mover *m, int y, int from, int x, struct way *best)
{
	const struct tcaps *c = &m->t->tc;
	if (from == x) {
		offer(best, "", 0);
		return;
	}
	if (from >= 0 && from < x) {
		carry(m, y, from, x, best);
		if (c->cuf)
			offer_csi(best, x - from, 'C');
	} else if (from > x) {
		offer_repeated(best, "\b", from - x);
		if (c->cub)
			offer_csi(best, from - x, 'D');
	}
	if (c->hpa)
		offer_csi(best, x + 1, 'G');
	if (x == 0)
		offer(best, "\r", 1);
	else if (c->cuf && from != 0) {
		char s[1 + CSI_MAX] = "\r";
		offer(best, s, 1 + csi_bytes(x, 'C', s + 1));
	}
}

size_t move_bytes(const struct mover *m, int y, int x, char out[MOVE_MAX])
{
	struct way down = { .ok = false }, across = { .ok = false }, best = { .ok = false };
	char cup[64];
	if (m->y >= 0) {
		vertical(m, y, &down);
		horizontal(m, y, m->x, x, &across);
	}
	offer(&best, cup, cup_bytes(&m->t->tc, y, x, cup));
	if (down.ok && across.ok && down.n + across.n < best.n) {
		memcpy(best.s, down.s, down.n);
		memcpy(best.s + down.n, across.s, across.n);
		best.n = down.n + across.n;
	}
	memcpy(out, best.s, best.n);
	return best.n;
}

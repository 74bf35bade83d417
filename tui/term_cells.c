/* term_cells -- from the surface's cells (characters and roles) to the terminal's (characters and
 * colour numbers), and the ASCII twins of what a terminal without UTF-8 cannot show.
 *
 * Cells are compared after this step, so two roles that look the same cost nothing, nor does
 * the colour of a blank. Clusters get numbers that stay the same from frame to frame.
 */
#include "tui/term_priv.h"
#include <string.h>
#include <utf8proc.h>
#include "core/base/text.h"

enum { CLUSTERS_MAX = 1 << 16 };

/* ---- ASCII */

static const struct { uint16_t first; const char *twins; } twin_ranges[] = {
	{ 0x2010, "------|_'','\"\"\"\"++*>.:~." },            /* dashes, quotes, dots */
	{ 0x2190, "<^>v-|" },                                  /* arrows */
	{ 0x2580, "\"_.:-=+*####|||||.:%'|..'#\\##'/#" },       /* blocks: a ramp, halves, shades, quarters */
};
static const struct { uint16_t cp; char twin; } twins[] = {
	{ 0x00A0, ' ' }, { 0x00B7, '.' }, { 0x00B1, '+' }, { 0x00D7, 'x' }, { 0x00F7, '/' }, { 0x00B5, 'u' }, { 0x00B0, 'o' }, { 0x2026, '~' }, { 0x2212, '-' },
	{ 0x2248, '~' }, { 0x2260, '#' }, { 0x2264, '<' }, { 0x2265, '>' }, { 0x221E, '8' }, { 0x2713, '+' }, { 0x2714, '+' }, { 0x2717, 'x' }, { 0x2718, 'x' },
	{ 0x25CF, '*' }, { 0x25CB, 'o' }, { 0x25CC, 'o' }, { 0x25C6, '#' }, { 0x25C7, 'o' }, { 0x25A0, '#' }, { 0x25A1, 'o' }, { 0x25AA, '*' }, { 0x2022, '*' },
	{ 0x25B2, '^' }, { 0x25B4, '^' }, { 0x25B3, '^' }, { 0x25BC, 'v' }, { 0x25BE, 'v' }, { 0x25BD, 'v' }, { 0x25B6, '>' }, { 0x25B8, '>' }, { 0x25BA, '>' },
	{ 0x25C0, '<' }, { 0x25C2, '<' }, { 0x25C4, '<' }, { 0x2605, '*' }, { 0x2606, '*' }, { 0x23CE, '<' },
	{ 0x21E7, '^' }, { 0x21B5, '<' }, { 0x21B3, '>' }, { 0x25CA, 'o' }, { 0x2032, '\'' }, { 0x2033, '"' },
};

/* Dots of a braille glyph: bits 0 1 2 6 go down the left column, 3 4 5 7 down the right one. A curve in braille is mostly a
 * stroke, so the twin follows its height and its slope; what is denser becomes ever darker. */
static uint8_t braille_twin(unsigned dots)
{
	static const uint8_t bit[2][4] = { { 1, 2, 4, 64 }, { 8, 16, 32, 128 } };
	int count = 0, sum = 0, in_row = 0, n[2] = { 0, 0 }, mean[2] = { 0, 0 };
	for (int col = 0; col < 2; col++)
		for (int row = 0; row < 4; row++)
			if (dots & bit[col][row]) {
				count++;
				sum += row;
				in_row |= 1 << row;
				n[col]++;
				mean[col] += row;
			}
	if (count == 0)
		return ' ';
	if (count >= 7)
		return '#';
	if (count >= 5)
		return '%';
	if (!n[0] || !n[1]) {
		if (count >= 3)
			return '|';
		return count == 2 ? (in_row & 8 ? ',' : in_row & 1 ? '\'' : ':') : in_row == 1 ? '\'' : in_row == 8 ? '.' : in_row == 2 ? '`' : ',';
	}
	int slope = 2 * mean[1] / n[1] - 2 * mean[0] / n[0];
	if (slope >= 3)
		return '\\';
	if (slope <= -3)
		return '/';
	if (count > 2)
		return ':';
	return sum <= 1 ? '"' : sum <= 4 ? '-' : '_';
}

/* Lines and their joints, U+2500..U+257F. */
static uint8_t box_twin(uint32_t cp)
{
	if (cp <= 0x250B || (cp >= 0x254C && cp <= 0x254F))
		return cp & 2 ? '|' : '-';
	if (cp <= 0x2551)
		return cp == 0x2550 ? '-' : cp == 0x2551 ? '|' : '+';
	if (cp <= 0x2573)
		return cp == 0x2571 ? '/' : cp == 0x2572 ? '\\' : cp == 0x2573 ? 'X' : '+';
	return cp & 1 ? '|' : '-';
}

static uint8_t table_twin(uint32_t cp)
{
	for (size_t i = 0; i < sizeof twins / sizeof *twins; i++)
		if (twins[i].cp == cp)
			return (uint8_t)twins[i].twin;
	for (size_t i = 0; i < sizeof twin_ranges / sizeof *twin_ranges; i++)
		if (cp >= twin_ranges[i].first && cp - twin_ranges[i].first < strlen(twin_ranges[i].twins))
			return (uint8_t)twin_ranges[i].twins[cp - twin_ranges[i].first];
	return cp >= 0x2500 && cp <= 0x257F ? box_twin(cp) : 0;
}

/* The letter under the accents, when it is an ASCII one. */
static uint8_t base_letter(uint32_t cp)
{
	utf8proc_int32_t parts[32];
	int boundary = 0;
	utf8proc_ssize_t n = utf8proc_decompose_char((utf8proc_int32_t)cp, parts, 32, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT, &boundary);
	return n > 0 && n <= 32 && parts[0] >= 0x20 && parts[0] < 0x7F ? (uint8_t)parts[0] : 0;
}

uint8_t ascii_twin(uint32_t cp)
{
	if (cp < 0x80)
		return cp >= 0x20 && cp < 0x7F ? (uint8_t)cp : '?';
	if (cp >= 0x2800 && cp <= 0x28FF)
		return braille_twin(cp - 0x2800);
	uint8_t twin = table_twin(cp);
	twin = twin ? twin : base_letter(cp);
	return twin ? twin : '?';
}

/* ---- cells */

/* Cells that a terminal takes for the cluster that does not know it for one. */
static int width_in_parts(const char *text, size_t n)
{
	int width = 0;
	uint32_t cp;
	for (size_t i = 0, used; i < n; i += used) {
		used = text_decode(text + i, n - i, &cp);
		width += text_width(text + i, used);
	}
	return width;
}

static bool shows_twins(const struct term *t)
{
	return t->ascii || !t->caps.utf8;
}

/* `room`: cells to the end of the row. What might reach beyond it would scroll the screen, so only its first character is shown. */
static uint32_t cluster_id(struct term *t, const struct surface *s, const struct cell *c, int room)
{
	char text[64];
	size_t n = surface_cell_text(s, c, text);
	uint32_t first;
	text_decode(text, n, &first);
	if (shows_twins(t))
		return ascii_twin(first);
	if (width_in_parts(text, n) > room)
		return first;
	bool full = map_count(t->clusters) >= CLUSTERS_MAX;
	int64_t at = full ? map_find(t->clusters, text, n) : (int64_t)map_add(t->clusters, text, n, NULL);
	return at < 0 ? 0xFFFD : CELL_CLUSTER | (uint32_t)at;
}

size_t tcell_bytes(const struct term *t, const struct tcell *c, char out[64])
{
	size_t n;
	if (!(c->ch & CELL_CLUSTER))
		return text_encode(c->ch, out);
	const char *text = map_key(t->clusters, c->ch & ~CELL_CLUSTER, &n);
	memcpy(out, text, n);
	return n;
}

struct looks { struct cell of; struct tcell pen; };

/* Fills l->pen for cells with c's roles; neighbours mostly share them. */
static void look(const struct term *t, const struct cell *c, struct looks *l)
{
	const struct palette *p = &t->palette;
	bool screen = c->bg == ROLE_TEXT;
	uint8_t attr = (c->attr | p->attr[c->fg] | (screen ? 0 : p->attr[c->bg])) & t->tc.attrs;
	l->of = *c;
	l->pen = (struct tcell){ ' ', p->fg[c->fg], screen ? p->bg[c->fg] : p->bg[c->bg], attr, 1 };
	if (l->pen.fg || l->pen.bg)
		l->pen.attr &= (uint8_t)~t->tc.ncv;
}

static uint32_t character(struct term *t, const struct surface *s, const struct cell *c, int room)
{
	if (c->ch & CELL_CLUSTER)
		return cluster_id(t, s, c, room);
	return c->ch >= 0x80 && shows_twins(t) ? ascii_twin(c->ch) : c->ch;
}

static void capture_row(struct term *t, const struct surface *s, int y, struct looks *l)
{
	const struct cell *from = surface_row(s, y);
	struct tcell *to = t->back + (size_t)y * (size_t)t->w;
	for (int x = 0; x < t->w; x++, from++) {
		if (from->fg != l->of.fg || from->bg != l->of.bg || from->attr != l->of.attr)
			look(t, from, l);
		struct tcell c = l->pen;
		c.ch = character(t, s, from, t->w - x);
		if (c.ch == 0 && (shows_twins(t) || x == 0)) {
			c.ch = ' ';          /* the twin of a wide character is narrow */
		} else if (c.ch == 0) {
			c.w = 0;
			to[x - 1].w = 2;
		}
		if (c.ch == ' ' && !(c.attr & ATTR_SHOWS_ON_BLANK))
			c.fg = c.attr = 0;
		to[x] = c;
	}
}

void term_capture(struct term *t, const struct surface *s)
{
	if (map_count(t->clusters) >= CLUSTERS_MAX) {
		/* Old numbers are forgotten, so nothing on the screen can be compared with them any more. */
		map_free(t->clusters);
		t->clusters = map_new();
		t->front_known = false;
	}
	struct looks l;
	look(t, surface_row(s, 0), &l);
	for (int y = 0; y < t->h; y++)
		capture_row(t, s, y, &l);
	surface_get_cursor(s, &t->cursor_x, &t->cursor_y);
	t->stale = true;
}

#include "tui/theme.h"
#include <stdlib.h>
#include <string.h>
#include "core/base/fs.h"
#include "core/base/text.h"
#include "tui/lines.h"
#include "tui/surface.h"
#include "tui/theme_table.inc"

enum { FILE_MAX = 64 << 10, BUILTINS = sizeof builtin_themes / sizeof *builtin_themes };

struct word { const char *p; size_t n; };

static bool word_is(struct word w, const char *text)
{
	return strlen(text) == w.n && memcmp(w.p, text, w.n) == 0;
}

size_t theme_builtin_count(void)
{
	return BUILTINS;
}

const char *theme_builtin_name(size_t i)
{
	return builtin_themes[i].name;
}

/* ---- parsing */

/* What a line says about a role; fg and bg of kind COLOR_NONE are the parent's. */
struct spec { bool given; struct style style; };

static bool parse_attr(struct word w, uint8_t *attr)
{
	static const struct { const char *name; uint8_t bit; } attrs[] = {
		{ "bold", ATTR_BOLD }, { "dim", ATTR_DIM }, { "underline", ATTR_UNDERLINE }, { "reverse", ATTR_REVERSE },
		{ "italic", ATTR_ITALIC }, { "strike", ATTR_STRIKE },
	};
	for (size_t i = 0; i < sizeof attrs / sizeof *attrs; i++)
		if (word_is(w, attrs[i].name)) {
			*attr |= attrs[i].bit;
			return true;
		}
	return false;
}

static void parse_style(struct lines *l, struct spec *spec)
{
	struct word w;
	struct style st = { { .kind = COLOR_NONE }, { .kind = COLOR_NONE }, 0 };
	bool any = false, on = false;
	while (lines_word(l, &w.p, &w.n)) {
		struct color *to = on ? &st.bg : &st.fg;
		any = true;
		if (!on && word_is(w, "on")) {
			on = true;
		} else if (to->kind == COLOR_NONE && color_parse(w.p, w.n, to)) {
			continue;
		} else if (!parse_attr(w, &st.attr)) {
			lines_problem(l, w.p, "'%.*s' is no colour and no attribute; use #rrggbb, a name like bright-blue, 0..255, or bold", (int)w.n, w.p);
			return;
		}
	}
	if (!any || (on && st.bg.kind == COLOR_NONE)) {
		lines_problem(l, NULL, on ? "a colour is missing after 'on'" : "the style is missing: role = colour [on colour] [bold ...]");
		return;
	}
	*spec = (struct spec){ true, st };
}

static void parse_kind(struct lines *l, struct theme *t)
{
	struct word w;
	lines_word(l, &w.p, &w.n);
	if (word_is(w, "dark") || word_is(w, "light"))
		t->light = w.p[0] == 'l';
	else
		lines_problem(l, w.p, "kind is dark or light");
}

static void set_name(struct theme *t, const char *p, size_t n)
{
	struct str clean = STR_INIT, fit = STR_INIT;
	text_clean(&clean, p, n < 200 ? n : 200, 0);
	text_fit(&fit, clean.p, clean.len, 20);
	if (fit.len && fit.len < sizeof t->name)
		memcpy(t->name, fit.p, fit.len + 1);
	str_free(&clean);
	str_free(&fit);
}

static void parse_line(struct lines *l, struct theme *t, struct spec *specs)
{
	struct word key, eq;
	lines_word(l, &key.p, &key.n);
	if (!lines_word(l, &eq.p, &eq.n) || !word_is(eq, "=")) {
		lines_problem(l, eq.p, "a line is: role = colour [on colour] [bold ...]");
		return;
	}
	if (word_is(key, "name")) {
		while (l->at < l->stop && *l->at == ' ')
			l->at++;
		set_name(t, l->at, (size_t)(l->stop - l->at));
		return;
	}
	if (word_is(key, "kind")) {
		parse_kind(l, t);
		return;
	}
	int role = role_find(key.p, key.n);
	if (role < 0)
		lines_problem(l, key.p, "unknown role '%.*s'", (int)key.n, key.p);
	else
		parse_style(l, &specs[role]);
}

static struct style inherit(const struct spec *s, const struct style *parent)
{
	struct style st = *parent;
	if (!s->given)
		return st;
	if (s->style.fg.kind != COLOR_NONE)
		st.fg = s->style.fg;
	if (s->style.bg.kind != COLOR_NONE)
		st.bg = s->style.bg;
	st.attr = s->style.attr;
	return st;
}

/* A role stands after its parent in no particular order, so walk up each time; the chain is at most a handful long. */
static struct style resolve(const struct spec *specs, enum role r)
{
	static const struct style plain = { { .kind = COLOR_DEFAULT }, { .kind = COLOR_DEFAULT }, 0 };
	if (r == ROLE_TEXT)
		return inherit(&specs[r], &plain);
	struct style parent = resolve(specs, role_parent(r));
	return inherit(&specs[r], &parent);
}

void theme_parse(struct theme *t, const char *where, const char *text, size_t n, struct str *problems)
{
	struct spec specs[ROLE_COUNT];
	struct lines l;
	memset(specs, 0, sizeof specs);
	memset(t, 0, sizeof *t);
	const char *base = strrchr(where, '/') ? strrchr(where, '/') + 1 : where;
	set_name(t, base, strcspn(base, "."));
	lines_init(&l, where, text, n, problems);
	while (lines_next(&l))
		parse_line(&l, t, specs);
	for (int r = 0; r < ROLE_COUNT; r++)
		t->style[r] = resolve(specs, (enum role)r);
}

/* ---- finding */

static bool load_builtin(struct theme *t, const char *name, struct str *problems)
{
	for (size_t i = 0; i < BUILTINS; i++)
		if (strcmp(builtin_themes[i].name, name) == 0) {
			theme_parse(t, name, (const char *)builtin_themes[i].bytes, builtin_themes[i].n, problems);
			return true;
		}
	return false;
}

static bool is_builtin(const char *name)
{
	for (size_t i = 0; i < BUILTINS; i++)
		if (strcmp(builtin_themes[i].name, name) == 0)
			return true;
	return false;
}

char *theme_path(const char *name)
{
	if (is_builtin(name))
		return NULL;
	if (strchr(name, '/') || fs_is_file(name))
		return fs_join(".", name);
	char *dir = fs_config_dir();
	struct str file = STR_INIT;
	str_addf(&file, "%s/themes/%s.theme", dir, name);
	free(dir);
	return str_take(&file);
}

enum status theme_load(struct theme *t, const char *name, struct str *problems, struct err *e)
{
	if (load_builtin(t, name, problems))
		return ST_OK;
	struct str text = STR_INIT, known = STR_INIT;
	char *path = theme_path(name);
	enum status st = ST_NOT_FOUND;
	if (fs_is_file(path) || strchr(name, '/')) {
		st = fs_read(path, FILE_MAX, &text, e);
		if (st == ST_OK)
			theme_parse(t, path, text.p, text.len, problems);
	} else {
		for (size_t i = 0; i < BUILTINS; i++)
			str_addf(&known, "%s%s", i ? ", " : "", builtin_themes[i].name);
		err_set(e, st, "no theme '%s': no file %s; built in are %s", name, path, known.p);
	}
	free(path);
	str_free(&text);
	str_free(&known);
	return st;
}

/* ---- reduction */

static bool is_row_bg(enum role r)
{
	return r == ROLE_CURSOR || r == ROLE_CURSOR_OFF || r == ROLE_SELECTION;
}

/* The palette is coarse in the dark and the light corner where row backgrounds live: the nearest entry may be the screen's own
 * or too loud to read on. This one is the nearest that is neither. */
static struct color row_bg_256(const struct theme *t, struct color want)
{
	struct color best = color_reduce(want, DEPTH_256, true), paper = t->style[ROLE_TEXT].bg;
	double least = 1e9;
	for (int i = 16; i < 256; i++) {
		struct color p = { COLOR_256, (uint8_t)i, 0, 0, 0 };
		double d = color_distance(p, want);
		if (d >= least || color_distance(p, paper) < 4)
			continue;
		static const enum role readers[] = { ROLE_DIM, ROLE_BAD, ROLE_OFF, ROLE_WARN, ROLE_ACCENT, ROLE_GOOD };
		bool readable = true;
		for (size_t k = 0; k < sizeof readers / sizeof *readers && readable; k++)
			readable = color_contrast(t->style[readers[k]].fg, p) >= 4.5;
		if (readable) {
			best = p;
			least = d;
		}
	}
	return best;
}

/* With 256 colours a text keeps (nearly) the contrast that its author gave it, if need be at the price of its tint. */
static void reduce_plain(const struct theme *in, enum color_depth depth, struct theme *out)
{
	for (int r = 0; r < ROLE_COUNT; r++) {
		const struct style *from = &in->style[r];
		double distance, least = color_contrast(from->fg, from->bg) * 0.95;
		bool text = depth == DEPTH_256 && from->fg.kind == COLOR_RGB && from->bg.kind != COLOR_DEFAULT;
		out->style[r].fg = text ? color_nearest_256(from->fg, from->bg, least < 7 ? least : 7, &distance) : color_reduce(from->fg, depth, false);
		bool row = depth == DEPTH_256 && is_row_bg((enum role)r) && from->bg.kind == COLOR_RGB;
		out->style[r].bg = row ? row_bg_256(in, from->bg) : color_reduce(from->bg, depth, true);
	}
}

static void reduce_mono(const struct theme *in, struct theme *out)
{
	struct theme mono;
	load_builtin(&mono, "mono", NULL);
	for (int r = 0; r < ROLE_COUNT; r++) {
		out->style[r].fg = out->style[r].bg = (struct color){ .kind = COLOR_DEFAULT };
		out->style[r].attr = in->style[r].attr | mono.style[r].attr;
	}
}

/* Eight colours: the bright ones are the plain ones in bold, but grey, which is plain white. */
static void fold_bright(struct style *st)
{
	if (st->fg.kind != COLOR_BASIC || st->fg.index < 8)
		return;
	st->attr |= st->fg.index > 8 ? ATTR_BOLD : 0;
	st->fg.index = st->fg.index == 8 ? 7 : st->fg.index - 8;
}

static void reduce_basic(const struct theme *in, enum color_depth depth, struct theme *out)
{
	int count = depth == DEPTH_8 ? 8 : 16;
	struct color paper = in->style[ROLE_TEXT].bg, ground = { COLOR_BASIC, in->light ? 15 : 0, 0, 0, 0 };
	struct color screen = paper.kind == COLOR_DEFAULT ? paper : (struct color){ COLOR_BASIC, in->light ? (uint8_t)(count - 1) : 0, 0, 0, 0 };
	for (int r = 0; r < ROLE_COUNT; r++) {
		const struct style *from = &in->style[r];
		struct style *to = &out->style[r];
		struct color under = ground;
		to->bg = screen;
		if (is_row_bg((enum role)r) && !color_same(from->bg, paper))
			to->attr |= r == ROLE_CURSOR_OFF ? ATTR_UNDERLINE : ATTR_REVERSE;
		else if (from->bg.kind == COLOR_BASIC && (from->bg.index < count))
			under = to->bg = from->bg;
		else if (from->bg.kind != COLOR_DEFAULT && color_contrast(from->bg, paper.kind == COLOR_DEFAULT ? ground : paper) > 2.5)
			under = to->bg = color_nearest_basic(from->bg, 8, from->bg, 1);
		if (from->fg.kind == COLOR_256 || from->fg.kind == COLOR_RGB)
			to->fg = color_nearest_basic(from->fg, 16, under, 3);
		if (depth == DEPTH_8)
			fold_bright(to);
	}
}

void theme_reduce(const struct theme *in, enum color_depth depth, struct theme *out)
{
	struct theme t = *in;
	if (depth == DEPTH_MONO)
		reduce_mono(in, &t);
	else if (depth <= DEPTH_16)
		reduce_basic(in, depth, &t);
	else
		reduce_plain(in, depth, &t);
	*out = t;
}

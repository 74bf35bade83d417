#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "tests/unit/screen.h"

static struct screen make(int w, int h, int margin, enum glyphs glyphs)
{
	struct screen sc = { .s = surface_new(w + 2 * margin, h + 2 * margin) };
	sc.p = (struct paint){ .s = sc.s, .r = { margin, margin, w, h }, .focus = true, .glyphs = glyphs, .ascii = glyphs == GLYPHS_ASCII };
	return sc;
}

struct screen screen_new(int w, int h, enum glyphs glyphs)
{
	return make(w, h, 0, glyphs);
}

struct screen screen_framed(int w, int h, enum glyphs glyphs)
{
	struct screen sc = make(w, h, SCREEN_MARGIN, glyphs);
	struct rect all = surface_all(sc.s);
	surface_fill(sc.s, all, all, PEN(ROLE_BAD), '#');
	surface_fill(sc.s, all, sc.p.r, PEN(ROLE_TEXT), ' ');
	return sc;
}

void screen_free(struct screen *sc)
{
	surface_free(sc->s);
}

void screen_assert_margin(const struct screen *sc)
{
	for (int y = 0; y < surface_h(sc->s); y++)
		for (int x = 0; x < surface_w(sc->s); x++) {
			const struct cell *c = &surface_row(sc->s, y)[x];
			if (!rect_has(sc->p.r, x, y) && (c->ch != '#' || c->fg != ROLE_BAD || c->bg != ROLE_TEXT || c->attr))
				fail_msg("cell %d,%d outside of %dx%d cells was painted", x, y, sc->p.r.w, sc->p.r.h);
		}
}

const struct cell *screen_cell(const struct screen *sc, int x, int y)
{
	return &surface_row(sc->s, sc->p.r.y + y)[sc->p.r.x + x];
}

uint32_t screen_at(const struct screen *sc, int x, int y)
{
	return screen_cell(sc, x, y)->ch;
}

bool screen_blank(const struct screen *sc)
{
	for (int y = 0; y < sc->p.r.h; y++)
		for (int x = 0; x < sc->p.r.w; x++)
			if (screen_at(sc, x, y) != ' ')
				return false;
	return true;
}

static void path_of(const char *name, char *out, size_t cap)
{
	const char *srcdir = getenv("srcdir");
	snprintf(out, cap, "%s/tests/data/screens/%s.txt", srcdir ? srcdir : ".", name);
}

static void read_file(const char *path, struct str *out)
{
	char buf[4096];
	FILE *f = fopen(path, "r");
	if (!f)
		fail_msg("%s is missing (MLYARD_UPDATE_SCREENS=1 writes it)", path);
	for (size_t n; f && (n = fread(buf, 1, sizeof buf, f)) > 0;)
		str_addn(out, buf, n);
	if (f)
		fclose(f);
}

void screen_assert(const struct screen *sc, const char *name)
{
	char path[512];
	struct str got = STR_INIT, want = STR_INIT;
	path_of(name, path, sizeof path);
	surface_dump(sc->s, &got);
	if (getenv("MLYARD_UPDATE_SCREENS")) {
		FILE *f = fopen(path, "w");
		assert_non_null(f);
		fputs(got.p, f);
		assert_int_equal(fclose(f), 0);
	} else {
		read_file(path, &want);
		if (strcmp(got.p, want.p) != 0) {
			fprintf(stderr, "--- kept:\n%s--- painted:\n%s", want.p, got.p);      /* longer than cmocka's messages may be */
			fail_msg("%s differs", name);
		}
	}
	str_free(&got);
	str_free(&want);
}

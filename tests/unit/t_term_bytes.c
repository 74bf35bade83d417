/* The bytes and the time of frames, on a screen like the Runs view: 200x50, experiments, runs, detail, chart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "rig.h"

struct runs_screen { int cursor, top; bool chart; int tick; };

static void paint_row(struct surface *s, struct rect pane, int y, int i, bool cursor)
{
	unsigned id = (unsigned)(i + 11) * 2654435761u;
	struct pen text = PEN(ROLE_TEXT), dim = PEN(ROLE_DIM);
	if (i % 9 == 4)
		surface_put(s, pane, 1, y, PEN(ROLE_MARK), 0x25C6);
	surface_textf(s, pane, 3, y, text, "%s%s-%s-%u", i % 5 == 3 ? "├ " : "", (id & 1) ? "gbm" : "mlp", (id & 2) ? "seed" : "trial", id % 997);
	bool bad = id % 11 == 0;
	surface_text(s, pane, 28, y, PEN(bad ? ROLE_BAD : ROLE_GOOD), bad ? "✗ failed" : "✓ done");
	surface_textf(s, pane, 39, y, text, "%3ud", id % 90);
	surface_textf(s, pane, 45, y, text, "%2um%02us", id % 60, id / 60 % 60);
	surface_text(s, pane, 53, y, text, "ada");
	for (int c = 0; c < 8; c++) {
		unsigned v = (id >> c) * 40503u;
		if (v % 13 == 0)
			surface_put(s, pane, 62 + c * 11 + 9, y, dim, 0xB7);
		else
			surface_textf(s, pane, 62 + c * 11 + 4, y, text, "0.%04u", v % 10000);
	}
	if (pane.w > 170)
		for (int x = 0; x < 12; x++)
			surface_put(s, pane, 152 + x, y, PEN(ROLE_SPARK), x < 3 ? 0x2809u + (id >> x & 3) * 9u : 0x28C0);
	if (cursor) {
		surface_paint_bg(s, pane, (struct rect){ 0, y, pane.w, 1 }, ROLE_CURSOR);
		surface_put(s, pane, 0, y, PEN_ON(ROLE_ACCENT, ROLE_CURSOR), 0x258C);
	}
}

static void paint_bars(struct surface *s)
{
	struct rect all = surface_all(s), low = { 0, all.h - 1, all.w, 1 };
	surface_fill(s, all, (struct rect){ 0, 0, all.w, 1 }, PEN(ROLE_BAR), ' ');
	int x = surface_text(s, all, 1, 0, PEN_ON(ROLE_STRONG, ROLE_BAR), "mlyard  demo");
	static const char *const tabs[] = { " 2 Registry ", " 3 Features ", " 4 Drift ", " 5 Chat ", " 6 Tasks " };
	x = surface_text(s, all, x + 8, 0, PEN(ROLE_TAB_ACTIVE), " 1 Runs ");
	for (int i = 0; i < 5; i++)
		x = surface_text(s, all, x, 0, PEN(ROLE_TAB), tabs[i]);
	surface_text(s, all, all.w - 20, 0, PEN(ROLE_BAR_DIM), "mlflow.db 12 s ago");
	surface_fill(s, low, (struct rect){ 0, 0, all.w, 1 }, PEN(ROLE_BAR), ' ');
	static const char *const hints[] = { "space", "mark", "/", "filter", "s", "sort", "c", "columns", "v", "charts", "?", "help", ":", "command" };
	x = 1;
	for (int i = 0; i < 14; i += 2) {
		x = surface_text(s, low, x, 0, PEN(ROLE_BAR_KEY), hints[i]) + 1;
		x = surface_text(s, low, x, 0, PEN(ROLE_BAR), hints[i + 1]) + 2;
	}
}

static void paint_title(struct surface *s, struct rect at, const char *title, bool focus)
{
	surface_hline(s, at, 0, 0, at.w, PEN(focus ? ROLE_RULE_FOCUS : ROLE_RULE));
	surface_textf(s, at, 1, 0, PEN(focus ? ROLE_TITLE_FOCUS : ROLE_TITLE), " %s ", title);
}

static void paint_chart(struct surface *s, struct rect r, int tick)
{
	for (int y = 0; y < r.h - 1; y += 4)
		surface_textf(s, r, 0, y, PEN(ROLE_AXIS), "%.2f ┤", 0.7 - y * 0.03);
	for (int k = 0; k < 3; k++)
		for (int x = 7; x < r.w - 12; x++) {
			double v = exp(-(x + tick) / (30.0 + 9 * k)) + 0.02 * ((x * 7 + k * 3 + tick) % 5);
			int y = (int)((1 - v) * (r.h - 4));
			surface_put(s, r, x, y < 0 ? 0 : y, PEN(role_series((unsigned)k)), 0x2812u + (unsigned)(x * 5 + k) % 16 * 8);
		}
	surface_textf(s, r, 5, r.h - 1, PEN(ROLE_AXIS), "└┬");
	surface_text(s, r, 7, r.h - 1, PEN(ROLE_AXIS), "────────────────────────────┬────────────────────────────┬────────────────────────────┬───────────");
}

static void paint_runs(struct surface *s, const struct runs_screen *r)
{
	surface_clear(s);
	struct rect all = surface_all(s);
	int left = 23, upper = r->chart ? 30 : all.h - 2;
	paint_bars(s);
	struct rect list = { 0, 2, left - 1, upper - 1 }, runs = { left, 3, all.w - left, upper - 2 };
	paint_title(s, (struct rect){ 0, 1, left - 1, 1 }, "Experiments", false);
	paint_title(s, (struct rect){ left, 1, all.w - left, 1 }, "Runs of churn-gbm · 1,024 · val_auc > 0.9 · 3 marked", true);
	static const char *const names[] = { "all experiments    60", "churn-gbm          24", "digits-mlp         20", "wine-sweeps        16", "", "archived", "first-tries         8" };
	for (int i = 0; i < 7; i++)
		surface_text(s, list, 1, i, PEN(i > 4 ? ROLE_DIM : ROLE_TEXT), names[i]);
	surface_paint_bg(s, list, (struct rect){ 0, 1, list.w, 1 }, ROLE_CURSOR_OFF);
	surface_vline(s, all, left - 1, 1, all.h - 2, PEN(ROLE_RULE));
	surface_text(s, all, left + 3, 2, PEN(ROLE_HEAD), "name                     state       age    took    user          lr      depth    val_auc       loss   accuracy    f1");
	surface_text(s, all, left + 92, 2, PEN(ROLE_HEAD_SORT), "val_auc ▾");
	for (int y = 0; y < runs.h; y++)
		paint_row(s, runs, y, r->top + y, r->top + y == r->cursor);
	if (!r->chart)
		return;
	paint_title(s, (struct rect){ 0, upper + 1, left - 1, 1 }, "trial-5", false);
	for (int i = 0; i < 12; i++) {
		surface_textf(s, all, 1, upper + 2 + i, PEN(ROLE_DIM), "metric_%d", i);
		surface_textf(s, all, 13, upper + 2 + i, PEN(ROLE_TEXT), "0.%04d", (r->cursor * 37 + i * 411) % 10000);
	}
	paint_title(s, (struct rect){ left, upper + 1, all.w - left, 1 }, "loss · 3 runs · by step · smoothed 0.6", false);
	paint_chart(s, (struct rect){ left + 1, upper + 2, all.w - left - 1, all.h - upper - 3 }, r->tick);
}

static size_t frame(struct rig *r, const struct runs_screen *screen)
{
	paint_runs(r->s, screen);
	rig_show(r);
	return r->bytes;
}

static void measure(const char *term, const char *theme, int depth, bool checked)
{
	struct rig r;
	struct runs_screen a = { .cursor = 5 };
	rig_open(&r, term, 200, 50, theme, depth, false);
	size_t table = frame(&r, &a);
	a.cursor++;
	size_t key = frame(&r, &a);
	rig_close(&r);
	struct runs_screen b = { .cursor = 27, .chart = true };
	rig_open(&r, term, 200, 50, theme, depth, false);
	size_t page = frame(&r, &b);
	b.cursor = b.top = 1;
	b.cursor = 28;
	size_t past = frame(&r, &b);
	b.tick = 1;
	size_t chart = frame(&r, &b);
	b.cursor += 20;
	b.top += 20;
	size_t jump = frame(&r, &b);
	struct runs_screen c = { .cursor = 47 };
	frame(&r, &c);
	c.top = 1;
	c.cursor = 48;
	size_t tall = frame(&r, &c);
	printf("%-14s %-6s depth %d%s: table %5zu, with chart %5zu, cursor key %3zu, past the last row %4zu (no chart %4zu), page %5zu, new chart %5zu\n",
		term, theme, depth, getenv("SSH_TTY") ? " ssh" : "", table, page, key, past, tall, jump, chart);
	rig_close(&r);
	if (!checked)
		return;
	assert_true(table <= 10240);
	assert_true(page <= 12288);
	assert_true(key <= 450);
	assert_true(past <= 1024);
	assert_true(tall <= 1024);
}

static void the_byte_budget_holds(void **state)
{
	(void)state;
	static const char *const hide[] = { "SSH_TTY", "SSH_CONNECTION", "TMUX", "STY", "TERM_PROGRAM", "TERMINAL_EMULATOR" };
	for (size_t i = 0; i < sizeof hide / sizeof *hide; i++)
		unsetenv(hide[i]);
	measure("xterm-256color", "night", DEPTH_256, true);
	measure("xterm-256color", "night", DEPTH_RGB, true);
	measure("xterm-256color", "dusk", DEPTH_RGB, false);
	measure("xterm-256color", "basic", DEPTH_256, true);
	measure("xterm-256color", "mono", DEPTH_256, true);
	measure("tmux-256color", "night", DEPTH_256, false);
	measure("linux", "night", DEPTH_8, false);
	measure("vt100", "mono", DEPTH_MONO, false);
	setenv("SSH_TTY", "x", 1);
	measure("xterm-256color", "night", DEPTH_RGB, false);
	unsetenv("SSH_TTY");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_byte_budget_holds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

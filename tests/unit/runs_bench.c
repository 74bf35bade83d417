#include "tests/unit/runs_bench.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/fs.h"
#include "core/base/mem.h"

static void drained(void *arg, int fd, short revents)
{
	(void)fd, (void)revents;
	tasks_drain(((struct bench *)arg)->tasks);
}

static void paint(void *arg)
{
	ui_paint(((struct bench *)arg)->ui);
}

void bench_settle(struct bench *b)
{
	do
		loop_turn(b->loop, tasks_idle(b->tasks) ? 0 : 1000);
	while (!ui_idle(b->ui));
}

void bench_start(struct bench *b, int w, int h, bool utf8)
{
	static char title[] = "test";
	struct err e = { 0 };
	setenv("HOME", b->fx.dir, 1);
	unsetenv("XDG_CONFIG_HOME");
	clock_set_wall_ms(FIXTURE_NOW);
	b->ws = (struct workspace){ .pool = b->fx.pool, .title = title };
	b->loop = loop_new();
	b->tasks = tasks_new(2, 1);
	b->term = term_open_null(w, h, DEPTH_256, utf8);
	loop_watch(b->loop, tasks_fd(b->tasks), POLLIN, drained, b);
	b->ui = ui_new(&(struct ui_spec){ .ws = &b->ws, .loop = b->loop, .tasks = b->tasks, .term = b->term }, &e);
	if (!b->ui)
		fail_msg("%s", e.text);
	loop_before_sleep(b->loop, paint, b);
	bench_settle(b);
}

void bench_stop(struct bench *b)
{
	ui_free(b->ui);
	tasks_free(b->tasks);
	term_close(b->term);
	loop_free(b->loop);
}

struct bench *bench_open(int w, int h, bool utf8, void (*fill)(struct fixture *))
{
	struct bench *b = mem_zalloc(sizeof *b);
	str_init(&b->text);
	fx_open(&b->fx);
	if (fill)
		fill(&b->fx);
	fx_commit(&b->fx);
	bench_start(b, w, h, utf8);
	return b;
}

void bench_close(struct bench *b)
{
	bench_stop(b);
	fx_close(&b->fx);
	clock_set_wall_ms(-1);
	str_free(&b->text);
	free(b);
}

void bench_run(struct bench *b, const char *line)
{
	struct err e = { 0 };
	if (ui_run_line(b->ui, line, &e) != ST_OK)
		fail_msg("%s: %s", line, e.text);
	bench_settle(b);
}

void bench_refused(struct bench *b, const char *line, const char *words)
{
	struct err e = { 0 };
	if (ui_run_line(b->ui, line, &e) == ST_OK)
		fail_msg("%s succeeded", line);
	if (!strstr(e.text, words))
		fail_msg("%s: \"%s\" lacks \"%s\"", line, e.text, words);
	bench_settle(b);
}

void bench_keys(struct bench *b, const char *names)
{
	while (*names) {
		size_t n = strcspn(names, " ");
		struct event ev = { .type = EV_KEY };
		assert_true(key_parse(names, n, &ev.key));
		ui_event(b->ui, &ev);
		names += n + strspn(names + n, " ");
	}
	bench_settle(b);
}

void bench_mouse(struct bench *b, enum mouse_kind kind, int x, int y)
{
	ui_event(b->ui, &(struct event){ .type = EV_MOUSE, .mouse = kind, .button = 1, .x = x, .y = y });
	bench_settle(b);
}

void bench_click(struct bench *b, int x, int y)
{
	bench_mouse(b, MOUSE_PRESS, x, y);
	bench_mouse(b, MOUSE_RELEASE, x, y);
}

const char *bench_screen(struct bench *b)
{
	str_clear(&b->text);
	term_dump(b->term, &b->text);
	return b->text.p;
}

const char *bench_model(struct bench *b, const char *key)
{
	char start_of[64];
	str_clear(&b->text);
	str_addc(&b->text, '\n');
	ui_model(b->ui, &b->text);
	snprintf(start_of, sizeof start_of, "\n%s: ", key);
	char *at = strstr(b->text.p, start_of);
	if (!at)
		fail_msg("the model lacks %s in%s", key, b->text.p);
	at += strlen(start_of);
	at[strcspn(at, "\n")] = '\0';
	return at;
}

void bench_expect_on_screen(struct bench *b, const char *words)
{
	if (!strstr(bench_screen(b), words))
		fail_msg("\"%s\" is not on\n%s", words, b->text.p);
}

void bench_expect_gone(struct bench *b, const char *words)
{
	if (strstr(bench_screen(b), words))
		fail_msg("\"%s\" is on\n%s", words, b->text.p);
}

void bench_compare(struct bench *b, const char *name)
{
	bench_compare_file(b, "runs", name);
}

void bench_compare_file(struct bench *b, const char *view, const char *name)
{
	const char *dir = getenv("srcdir");
	char path[512];
	struct str want = STR_INIT;
	struct err e = { 0 };
	snprintf(path, sizeof path, "%s/tests/data/screens/%s-%s.txt", dir ? dir : ".", view, name);
	bench_screen(b);
	if (getenv("MLYARD_WRITE_SCREENS")) {
		assert_int_equal(fs_replace(path, b->text.p, b->text.len, &e), ST_OK);
		return;
	}
	if (fs_read(path, 1 << 20, &want, &e) != ST_OK)
		fail_msg("%s", e.text);
	if (strcmp(want.p, b->text.p))
		fail_msg("%s: the screen is\n%s\nit was\n%s", path, b->text.p, want.p);
	str_free(&want);
}

void bench_change(struct bench *b, void (*fn)(struct fixture *))
{
	struct err e = { 0 };
	b->fx.s = store_get(b->fx.pool, &e);
	assert_int_equal(store_begin(b->fx.s, &e), ST_OK);
	fn(&b->fx);
	fx_commit(&b->fx);
	ui_changed(b->ui, TOPIC_RUNS | TOPIC_METRICS);
	bench_settle(b);
}

#include "app/script.h"

#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/fs.h"
#include "core/base/mem.h"
#include "core/base/text.h"

enum { SCRIPT_LIMIT = 4 << 20, SIZE_LIMIT = 1000 };

struct run { const struct script_env *env; FILE *out; };

struct term *script_terminal(void)
{
	static const char *const depths[] = { "mono", "8", "16", "256", "rgb" };
	int w = 120, h = 36, depth = DEPTH_256;
	const char *size = getenv("MLYARD_SIZE"), *colors = getenv("MLYARD_COLORS");
	if (size && (sscanf(size, "%dx%d", &w, &h) != 2 || w < 1 || h < 1 || w > SIZE_LIMIT || h > SIZE_LIMIT))
		w = 120, h = 36;
	for (int i = 0; colors && i < 5; i++)
		if (!strcmp(colors, depths[i]))
			depth = i;
	return term_open_null(w, h, (enum color_depth)depth, !strcmp(nl_langinfo(CODESET), "UTF-8"));
}

static void settle(const struct script_env *env)
{
	do
		loop_turn(env->loop, tasks_idle(env->tasks) ? 5 : 1000);
	while (!ui_quit_asked(env->ui, NULL) && (!ui_idle(env->ui) || !background_settled(env->background)));
}

/* ---- steps: each takes the rest of the line ------------------------------------------------------------ */

typedef enum status (*step_fn)(struct run *r, const char *rest, struct err *e);

static enum status step_size(struct run *r, const char *rest, struct err *e)
{
	struct event ev = { .type = EV_RESIZE };
	if (sscanf(rest, "%d %d", &ev.w, &ev.h) != 2 || ev.w < 1 || ev.h < 1 || ev.w > SIZE_LIMIT || ev.h > SIZE_LIMIT)
		return err_set(e, ST_USAGE, "size wants columns and rows, 1 to %d", SIZE_LIMIT);
	term_null_resize(r->env->term, ev.w, ev.h);
	ui_event(r->env->ui, &ev);
	return ST_OK;
}

static enum status step_key(struct run *r, const char *rest, struct err *e)
{
	while (*rest) {
		size_t n = strcspn(rest, " ");
		struct event ev = { .type = EV_KEY };
		if (!key_parse(rest, n, &ev.key))
			return err_set(e, ST_USAGE, "\"%.*s\" is no key", (int)n, rest);
		ui_event(r->env->ui, &ev);
		rest += n + strspn(rest + n, " ");
	}
	return ST_OK;
}

static enum status step_type(struct run *r, const char *rest, struct err *e)
{
	(void)e;
	for (size_t n = strlen(rest), used; n; rest += used, n -= used) {
		struct event ev = { .type = EV_KEY };
		used = text_decode(rest, n, &ev.key);
		ui_event(r->env->ui, &ev);
	}
	return ST_OK;
}

static enum status step_paste(struct run *r, const char *rest, struct err *e)
{
	(void)e;
	ui_event(r->env->ui, &(struct event){ .type = EV_PASTE, .text = rest, .n = strlen(rest) });
	return ST_OK;
}

static enum status step_mouse(struct run *r, const char *rest, struct err *e)
{
	struct event ev = { .type = EV_MOUSE, .mouse = MOUSE_PRESS, .button = 1 };
	char what[16] = "";
	if (sscanf(rest, "%d %d %15s", &ev.x, &ev.y, what) < 2)
		return err_set(e, ST_USAGE, "mouse wants a column and a row");
	if (!strcmp(what, "wheel-up"))
		ev.mouse = MOUSE_WHEEL_UP;
	else if (!strcmp(what, "wheel-down"))
		ev.mouse = MOUSE_WHEEL_DOWN;
	ui_event(r->env->ui, &ev);
	if (ev.mouse == MOUSE_PRESS) {
		ev.mouse = MOUSE_RELEASE;
		ui_event(r->env->ui, &ev);
	}
	return ST_OK;
}

static enum status step_now(struct run *r, const char *rest, struct err *e)
{
	char *end;
	long long ms = strtoll(rest, &end, 10);
	if (*end || ms < 0)
		return err_set(e, ST_USAGE, "now wants Unix milliseconds");
	clock_set_wall_ms(ms);
	ui_changed(r->env->ui, TOPIC_CLOCK);
	ui_dirty(r->env->ui);
	return ST_OK;
}

static enum status step_changed(struct run *r, const char *rest, struct err *e)
{
	(void)rest, (void)e;
	ui_changed(r->env->ui, ~0u);
	return ST_OK;
}

/* As the terminal shows it, ASCII twins and all. */
static void print_screen(struct run *r)
{
	struct str s = STR_INIT;
	term_dump(r->env->term, &s);
	fwrite(s.p, 1, s.len, r->out);
	str_free(&s);
}

static enum status step_screen(struct run *r, const char *rest, struct err *e)
{
	(void)rest, (void)e;
	print_screen(r);
	return ST_OK;
}

static enum status step_styles(struct run *r, const char *rest, struct err *e)
{
	(void)rest, (void)e;
	struct str s = STR_INIT;
	surface_dump_styles(ui_surface(r->env->ui), &s);
	fwrite(s.p, 1, s.len, r->out);
	str_free(&s);
	return ST_OK;
}

static enum status step_model(struct run *r, const char *rest, struct err *e)
{
	(void)rest, (void)e;
	struct str s = STR_INIT;
	ui_model(r->env->ui, &s);
	fwrite(s.p, 1, s.len, r->out);
	str_free(&s);
	return ST_OK;
}

static bool on_screen(struct run *r, const char *text)
{
	struct str s = STR_INIT;
	term_dump(r->env->term, &s);
	bool found = strstr(s.p, text) != NULL;
	str_free(&s);
	return found;
}

static enum status step_expect(struct run *r, const char *rest, struct err *e)
{
	return on_screen(r, rest) ? ST_OK : err_set(e, ST_CHECK, "the screen lacks \"%s\"", rest);
}

static enum status step_reject(struct run *r, const char *rest, struct err *e)
{
	return on_screen(r, rest) ? err_set(e, ST_CHECK, "the screen has \"%s\"", rest) : ST_OK;
}

static enum status step_expect_model(struct run *r, const char *rest, struct err *e)
{
	struct str s = STR_INIT;
	str_addc(&s, '\n');
	ui_model(r->env->ui, &s);
	struct str line = STR_INIT;
	str_addf(&line, "\n%s\n", rest);
	bool found = strstr(s.p, line.p) != NULL;
	str_free(&s);
	str_free(&line);
	return found ? ST_OK : err_set(e, ST_CHECK, "the model lacks the line \"%s\"", rest);
}

static enum status step_fails(struct run *r, const char *rest, struct err *e)
{
	struct err why = { 0 };
	enum status st = ui_run_line(r->env->ui, rest, &why);
	return st != ST_OK ? ST_OK : err_set(e, ST_CHECK, "\"%s\" succeeded", rest);
}

static enum status step_command(struct run *r, const char *line, struct err *e)
{
	return ui_run_line(r->env->ui, line, e);
}

static const struct { const char *word; step_fn fn; } steps[] = {
	{ "size", step_size }, { "key", step_key }, { "type", step_type }, { "paste", step_paste }, { "mouse", step_mouse }, { "now", step_now }, { "changed", step_changed },
	{ "screen", step_screen }, { "styles", step_styles }, { "model", step_model }, { "expect", step_expect }, { "reject", step_reject },
	{ "expect-model", step_expect_model }, { "fails", step_fails },
};

static enum status run_line(struct run *r, const char *line, struct err *e)
{
	size_t n = strcspn(line, " ");
	if (!*line || *line == '#')
		return ST_OK;
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
		if (strlen(steps[i].word) == n && !strncmp(steps[i].word, line, n))
			return steps[i].fn(r, line + n + (line[n] == ' '), e);
	return step_command(r, line, e);
}

enum status script_run(const struct script_env *env, const char *path, FILE *out, struct err *e)
{
	struct str text = STR_INIT;
	struct run r = { env, out };
	enum status st = fs_read(path, SCRIPT_LIMIT, &text, e);
	int number = 0;
	if (st == ST_OK)
		settle(env);
	for (char *line = text.p; st == ST_OK && *line && !ui_quit_asked(env->ui, NULL);) {
		size_t n = strcspn(line, "\n");
		char *one = mem_strndup(line, n);
		number++;
		st = run_line(&r, one, e);
		settle(env);
		if (st != ST_OK) {
			err_wrap(e, "%s:%d", path, number);
			print_screen(&r);
		}
		free(one);
		line += n + (line[n] == '\n');
	}
	fflush(out);
	str_free(&text);
	return st;
}

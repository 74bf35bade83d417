#include "app/background.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/notice.h"
#include "core/registry/models.h"
#include "core/runs/import.h"

/* One source: at most one import of it at a time; a change meanwhile is remembered in `again`. */
struct source { struct background *owner; char *path; uint64_t task; bool again, once, failed, waits; };   /* waits: until the disk has room */
struct background {
	struct ui *ui; struct workspace *ws; struct loop *loop; struct tasks *tasks;
	struct source *at; size_t n;
	struct follow *follow; int timer, watched_fd;
	bool stopping;
};
struct import_arg { struct source *source; bool hot; struct import_report report; };

static void start(struct source *s);

static enum status work(struct task *t, void *arg, struct err *e)
{
	struct import_arg *a = arg;
	struct store_pool *pool = a->source->owner->ws->pool;
	struct err why;
	enum status st = a->hot ? import_hot(pool, a->source->path, t, &a->report, e) : import_path(pool, a->source->path, t, &a->report, e);
	if (st == ST_OK && models_adopt_pool(pool, &why) != ST_OK)
		log_add(LOG_WARN, "what the source says of models was not taken over: %s", why.text);
	return st;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash && slash[1] ? slash + 1 : path;
}

static void say_result(const struct source *s, const struct import_report *r)
{
	if (r->problems) {
		int n = (int)strcspn(r->lines.p, "\n");
		notice_post(s->path, NOTICE_WARN, "tab log", "%s: %lld could not be read: %.*s", base_name(s->path), (long long)r->problems, n, r->lines.p);
		for (const char *l = r->lines.p; *l; l += strcspn(l, "\n"), l += *l == '\n')
			log_add(LOG_WARN, "%s: %.*s", base_name(s->path), (int)strcspn(l, "\n"), l);
	} else if (!r->unchanged || s->failed) {
		notice_clear(s->path);
	}
	if (!s->once && !r->unchanged) {
		char runs[FMT_MAX], points[FMT_MAX], took[FMT_MAX];
		ui_message(s->owner->ui, ST_OK, "%s: %s runs, %s points in %s", base_name(s->path), fmt_count(runs, r->runs), fmt_count(points, r->points), fmt_duration(took, r->took_ms));
	}
}

static void count_unread(const struct background *b)
{
	size_t n = 0;
	for (size_t i = 0; i < b->n; i++)
		n += b->at[i].failed;
	ui_unread_sources(b->ui, n);
}

static void done(void *arg, enum status st, const struct err *e)
{
	struct import_arg *a = arg;
	struct source *s = a->source;
	struct background *b = s->owner;
	s->task = 0;
	s->waits = st != ST_OK && store_pool_read_only(b->ws->pool);
	if (st == ST_OK)
		say_result(s, &a->report);
	else if (st != ST_CANCELLED)
		notice_post(s->path, NOTICE_BAD, "tab log", "%s: %s", base_name(s->path), e->text);
	s->failed = st != ST_OK;
	bool changed = st != ST_OK || !a->report.unchanged;
	import_report_free(&a->report);
	free(a);
	s->once = true;
	if (b->stopping)
		return;
	count_unread(b);
	if (changed)
		ui_changed(b->ui, TOPIC_RUNS | TOPIC_METRICS | TOPIC_MODELS | TOPIC_SOURCES);
	if (b->follow)
		follow_rescan(b->follow, s->path);
	if (s->again)
		start(s);
}

static void start(struct source *s)
{
	struct background *b = s->owner;
	if (s->task) {
		s->again = true;
		return;
	}
	s->again = s->waits = false;
	struct import_arg *a = mem_zalloc(sizeof *a);
	a->source = s;
	a->hot = s->once;
	str_init(&a->report.lines);
	struct str title = STR_INIT;
	str_addf(&title, "import %s", base_name(s->path));
	s->task = tasks_submit(b->tasks, &(struct task_spec){ .title = title.p, .cls = TASK_LONG, .hidden = s->once, .work = work, .done = done, .arg = a });
	str_free(&title);
	if (!s->once)
		ui_watch_tasks(b->ui);
}

static void take_due(struct background *b)
{
	if (b->stopping)
		return;
	for (size_t i = 0; i < b->n; i++)
		if (b->at[i].waits && !store_pool_read_only(b->ws->pool))
			start(&b->at[i]);
	for (char *const *p = follow_due(b->follow); *p; p++)
		for (size_t i = 0; i < b->n; i++)
			if (!strcmp(b->at[i].path, *p))
				start(&b->at[i]);
}

static void poll_sources(void *arg)
{
	struct background *b = arg;
	take_due(b);
	b->timer = loop_after(b->loop, follow_poll_ms(b->follow), poll_sources, b);
}

static void follow_ready(void *arg, int fd, short revents)
{
	(void)fd, (void)revents;
	take_due(arg);
}

struct background *background_new(struct ui *ui, struct workspace *ws, struct loop *loop, struct tasks *tasks)
{
	struct background *b = mem_zalloc(sizeof *b);
	*b = (struct background){ .ui = ui, .ws = ws, .loop = loop, .tasks = tasks, .watched_fd = -1 };
	while (ws->sources && ws->sources[b->n])
		b->n++;
	if (!b->n || store_pool_read_only(ws->pool))
		return b;
	b->at = mem_array(b->n, sizeof *b->at);
	for (size_t i = 0; i < b->n; i++)
		b->at[i] = (struct source){ .owner = b, .path = ws->sources[i] };
	b->follow = follow_new(ws->pool, ws->sources);
	for (size_t i = 0; i < b->n; i++)
		start(&b->at[i]);
	if ((b->watched_fd = follow_fd(b->follow)) >= 0)
		loop_watch(loop, b->watched_fd, POLLIN, follow_ready, b);
	b->timer = loop_after(loop, follow_poll_ms(b->follow), poll_sources, b);
	return b;
}

void background_stop(struct background *b)
{
	b->stopping = true;
	for (size_t i = 0; i < b->n && b->at; i++)
		if (b->at[i].task)
			tasks_cancel(b->tasks, b->at[i].task);
	if (b->timer)
		loop_cancel(b->loop, b->timer);
	if (b->watched_fd >= 0)
		loop_unwatch(b->loop, b->watched_fd);
	if (b->follow)
		follow_stop(b->follow);
}

void background_free(struct background *b)
{
	if (b->follow)
		follow_free(b->follow);
	free(b->at);
	free(b);
}

bool background_settled(const struct background *b)
{
	for (size_t i = 0; i < b->n && b->at; i++)
		if (!b->at[i].once)
			return false;
	return true;
}

/* Commands of the report page: which report, which part of it, which picture, which order. */
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "views/drift_commands.h"
#include "views/drift_report.h"

const char *drift_why_no_report(const struct cmd_ctx *c)
{
	const struct drift_view *v = c->view;
	return drift_page_id(v) != DRIFT_PAGE_report ? "no report is open" : report_page(v)->shown ? NULL : "the report is still being read";
}

static bool word_of(const char *const *names, int n, const char *word, int *at)
{
	for (int i = 0; i < n; i++)
		if (strcmp(names[i], word) == 0) {
			*at = i;
			return true;
		}
	return false;
}

static void complete(const char *const *names, int n, const char *word, struct str *out)
{
	for (int i = 0; i < n; i++)
		if (text_fuzzy(names[i], word))
			str_addf(out, "%s\n", names[i]);
}

void drift_complete_tab(struct cmd_ctx *c, int index, const char *word, struct str *out)
{
	(void)c, (void)index;
	complete(report_tab_names, TAB_COUNT, word, out);
}

void drift_complete_order(struct cmd_ctx *c, int index, const char *word, struct str *out)
{
	(void)c, (void)index;
	complete(report_order_names, ORDER_COUNT, word, out);
}

/* The newest of all groups, or the one with this number: then with the series that it belongs to. */
static const char *group_of(const struct drift_view *v, int64_t *id)
{
	const struct pulse_window *newest = NULL;
	const char *name = NULL;
	for (size_t i = 0; v->pulse && i < v->pulse->n; i++)
		for (size_t k = 0; k < v->pulse->groups[i].n_windows; k++) {
			const struct pulse_window *w = &v->pulse->groups[i].windows[k];
			if (w->report_id && (*id ? w->report_id == *id : !newest || w->report_id > newest->report_id))
				newest = w, name = v->pulse->groups[i].name;
		}
	*id = newest && !*id ? newest->report_id : *id;
	return name;
}

DRIFT_CMD(report)
{
	struct drift_view *v = c->view;
	char *end = NULL;
	int64_t id = argc > 1 ? strtoll(argv[1], &end, 10) : 0;
	if (argc > 1 && (*end || id < 1))
		return err_set(e, ST_USAGE, "\"%s\" is not the number of a report", argv[1]);
	const char *group = group_of(v, &id);
	if (!id)
		return err_set(e, ST_REFUSED, "no report is stored here");
	drift_go(v, DRIFT_PAGE_report, &(struct drift_subject){ id, group ? group : "", NULL });
	return ST_OK;
}

DRIFT_CMD(report_tab)
{
	struct report_page *s = report_page(((struct drift_view *)c->view));
	int to = ((int)s->tab + (c->arg < 0 ? TAB_COUNT - 1 : 1)) % TAB_COUNT;
	if (argc > 1 && !word_of(report_tab_names, TAB_COUNT, argv[1], &to))
		return err_set(e, ST_USAGE, "there is no tab \"%s\"", argv[1]);
	s->tab = (enum report_tab)to;
	return ST_OK;
}

DRIFT_CMD(report_picture)
{
	struct report_page *s = report_page(((struct drift_view *)c->view));
	const struct report_column *col = report_chosen(s);
	(void)argc, (void)argv;
	enum report_picture_mode mode = (enum report_picture_mode)c->arg;
	s->tab = TAB_FEATURES;
	s->picture = mode == s->picture ? PICTURE_HISTOGRAM : mode;
	if (col && !report_has_picture(col, s->picture))
		return err_set(e, ST_OK, "this report holds no quantiles of %s", col->name);
	return ST_OK;
}

DRIFT_CMD(report_sort)
{
	struct report_page *s = report_page(((struct drift_view *)c->view));
	int to = ((int)s->order + 1) % ORDER_COUNT;
	if (argc > 1 && !word_of(report_order_names, ORDER_COUNT, argv[1], &to))
		return err_set(e, ST_USAGE, "\"%s\" is no order: severity, name or position", argv[1]);
	s->order = (enum report_order)to;
	report_list_sort(s);
	return ST_OK;
}

DRIFT_CMD(report_only)
{
	struct drift_view *v = c->view;
	struct report_page *s = report_page(v);
	(void)argc, (void)argv, (void)e;
	s->only = !s->only;
	report_list_sort(s);
	report_follow(v);
	return ST_OK;
}

DRIFT_CMD(report_column)
{
	struct drift_view *v = c->view;
	if (!report_column(report_page(v)->shown, argv[1]))
		return err_set(e, ST_NOT_FOUND, "the report has no column \"%s\"", argv[1]);
	(void)argc;
	report_choose(v, argv[1]);
	return ST_OK;
}

void drift_complete_column(struct cmd_ctx *c, int index, const char *word, struct str *out)
{
	const struct report *r = drift_page_id(c->view) == DRIFT_PAGE_report ? report_page(c->view)->shown : NULL;
	(void)index;
	for (size_t i = 0; r && i < r->n_columns; i++)
		if (text_fuzzy(r->columns[i].name, word))
			str_addf(out, "%s\n", r->columns[i].name);
}

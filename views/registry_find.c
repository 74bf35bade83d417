/* Searching a page, and the ways out of it to a run or a version of any model. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "views/registry_commands.h"
#include "views/registry_internal.h"

static void searched(void *view, const char *needle)
{
	struct registry_view *v = view;
	const struct registry_page *top = registry_page(v);
	if (needle && *needle && top->find && !top->find(v, needle, 1))
		ui_message(v->ui, ST_NOT_FOUND, "\"%s\" is not on this page", needle);
}

REGISTRY_CMD(find)
{
	struct registry_view *v = c->view;
	if (argc > 1)
		return registry_page(v)->find(v, argv[1], 1) ? ST_OK : err_set(e, ST_NOT_FOUND, "\"%s\" is not on this page", argv[1]);
	if (c->arg)
		return registry_page(v)->find(v, NULL, (int)c->arg) ? ST_OK : err_set(e, ST_NOT_FOUND, "no further match");
	ui_prompt(v->ui, v, &(struct ui_prompt){ .prompt = "find: ", .history = "find", .done = searched });
	return ST_OK;
}

const char *registry_why_no_find(const struct cmd_ctx *c)
{
	const struct registry_view *v = c->view;
	return registry_page(v)->find ? NULL : "this page has nothing to search";
}

enum status registry_to_run(struct registry_view *v, const char *uuid, struct err *e)
{
	struct str line = STR_INIT;
	str_add(&line, "runs.goto ");
	cmd_quote(&line, uuid);
	enum status st = ui_run_line(v->ui, "tab runs", e);
	if (st == ST_OK)
		st = ui_run_line(v->ui, line.p, e);
	str_free(&line);
	return st;
}

void registry_to_version(struct registry_view *v, int64_t model_id, int64_t version)
{
	if (model_id != v->model_id)
		models_choose(v, model_id);      /* leaves what is about the other model */
	registry_go(v, PAGE_version, &(struct registry_subject){ .version = version });
}

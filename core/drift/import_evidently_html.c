/* Pages of Evidently (save_html): "var ID = {"name", "widgets"};" and "var additional_graphs_ID = {...};" inside a script element, both plain JSON as Python writes it. What the page draws
 * is all that it holds, so scores are rounded as the page shows them. */
#include <string.h>

#include "core/drift/import_evidently_impl.h"

/* The object behind "var NAME = "; *next: where to look on. NULL: no such variable, or no JSON. */
static json_t *object_after(const char *from, size_t n, const char *sign, const char **next)
{
	const char *end = from + n, *at = memmem(from, n, sign, strlen(sign)), *equals = at ? memchr(at, '=', (size_t)(end - at)) : NULL;
	*next = at ? at + strlen(sign) : end;
	if (!equals || equals - at > 200)
		return NULL;
	const char *stop = memmem(equals, (size_t)(end - equals), "</script>", 9);
	struct str s = STR_INIT;
	evidently_plain(equals + 1, (size_t)((stop ? stop : end) - equals) - 1, &s);
	json_t *o = json_loadb(s.p ? s.p : "", s.len, JSON_DISABLE_EOF_CHECK, NULL);
	str_free(&s);
	return o;
}

json_t *evidently_page(const char *text, size_t n)
{
	const char *end = text + n, *next = text;
	json_t *page = NULL, *graphs;
	size_t lead = 0;
	while (lead < n && strchr(" \t\r\n\xef\xbb\xbf", text[lead]))
		lead++;
	if (lead == n || text[lead] != '<')
		return NULL;
	for (int tries = 0; !page && next < end && tries < 8; tries++) {
		page = object_after(next, (size_t)(end - next), "var ", &next);
		if (page && !json_is_array(json_object_get(page, "widgets"))) {
			json_decref(page);
			page = NULL;
		}
	}
	graphs = page ? object_after(next, (size_t)(end - next), "var additional_graphs_", &next) : NULL;
	if (page)
		json_object_set_new(page, "additional_graphs", graphs ? graphs : json_object());
	return page;
}

static bool sniff(const json_t *o) { return json_object_get(o, "additional_graphs") && json_is_array(json_object_get(o, "widgets")); }

static void read(struct taking *t, const json_t *o)
{
	evidently_widgets(t, json_object_get(o, "widgets"), json_object_get(o, "additional_graphs"));
}

const struct dialect evidently_html = { "a page", sniff, read };

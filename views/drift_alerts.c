/* Alerts of the Drift view. */
#include "views/drift_internal.h"

static void page_paint(struct drift_view *v, struct paint *p)
{
	static const char *const lines[] = { "Alerts", "{cancel} goes back" };
	ui_rule(p, (struct rect){ p->r.x, p->r.y, p->r.w, 1 }, "Alerts", NULL, p->focus);
	struct paint inner = paint_sub(p, 0, 1, p->r.w, p->r.h - 1);
	drift_empty(v, &inner, lines, 2);
}

static void page_model(const struct drift_view *v, struct str *out)
{
	(void)v;
	str_add(out, "alerts: 0\n");
}

static const char *page_hints(const struct drift_view *v)
{
	(void)v;
	return "cancel back; drift.refresh refresh; help help; palette command; quit quit";
}

static void page_move(struct drift_view *v, enum drift_move m)
{
	(void)v, (void)m;
}

const struct drift_page drift_page_alerts = { .id = "alerts", .context = "drift.alerts", .paint = page_paint, .model = page_model, .hints = page_hints, .move = page_move };

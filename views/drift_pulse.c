/* The pulse: monitors and series of reports, their columns by windows. */
#include "views/drift_internal.h"

#include <stdio.h>

static void pulse_paint(struct drift_view *v, struct paint *p)
{
	static const char *const none[] = { "Nothing has been compared yet.", "A monitor looks at every new window of your data by itself:",
		"  mlyard monitor example > m.yaml    then    mlyard monitor add m.yaml", "Or compare two files once:",
		"  mlyard drift run --reference R.csv --current C.csv" };
	ui_rule(p, (struct rect){ p->r.x, p->r.y, p->r.w, 1 }, "Pulse", NULL, p->focus);
	struct paint inner = paint_sub(p, 0, 1, p->r.w, p->r.h - 1);
	if (v->loaded && !v->pulse->n)
		drift_empty(v, &inner, none, sizeof none / sizeof *none);
	for (size_t i = 0; v->pulse && i < v->pulse->n; i++)
		paint_text(&inner, 2, (int)i, PEN(ROLE_TEXT), v->pulse->groups[i].name);
}

static void pulse_model(const struct drift_view *v, struct str *out)
{
	(void)v, (void)out;
}

static const char *pulse_hints(const struct drift_view *v)
{
	(void)v;
	return "drift.alerts alerts; drift.reports reports; help help; palette command; quit quit";
}

static void pulse_move(struct drift_view *v, enum drift_move m)
{
	(void)v, (void)m;
}

const struct drift_page drift_page_pulse = { .id = "pulse", .context = "drift.pulse", .paint = pulse_paint, .model = pulse_model, .hints = pulse_hints, .move = pulse_move };

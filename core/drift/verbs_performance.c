/* How `drift run` and `drift show` print performance: a table of metrics, the slices that got worse, what estimates rest on. */
#include <math.h>
#include <string.h>

#include "core/base/text.h"
#include "core/drift/verbs_impl.h"

enum { SLICES_SHOWN = 5 };

static void value_cell(struct out_table *t, double v)
{
	char buf[FMT_MAX];
	out_table_cell(t, isnan(v) ? NULL : fmt_metric(buf, v));
}

static void print_metrics(struct out *o, const struct report_performance *p)
{
	static const char *const titles[] = { "metric", "reference", "current", "from", "to", "verdict" };
	struct out_table *t = out_table_new(o);
	for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
		out_table_column(t, titles[i], i == 0 || i == 5 ? OUT_LEFT : OUT_RIGHT);
	for (size_t i = 0; i < p->n_metrics; i++) {
		const struct report_metric *m = &p->metrics[i];
		out_table_cell(t, m->title);
		value_cell(t, m->ref), value_cell(t, m->cur), value_cell(t, m->low), value_cell(t, m->high);
		out_table_cell(t, m->worse ? m->estimated ? "WORSE (estimated)" : "WORSE" : m->estimated ? "estimated" : "");
	}
	out_table_end(t);
}

static void line_out(struct out *o, const char *text)
{
	struct str s = STR_INIT;
	text_clean(&s, text, strlen(text), 0);
	str_addc(&s, '\n');
	out_text(o, s.p, s.len);
	str_free(&s);
}

static void print_slices(struct out *o, const struct report_performance *p)
{
	size_t worse = 0;
	for (size_t i = 0; i < p->n_segments && p->segments[i].worse; i++)
		worse++;
	for (size_t i = 0; i < worse && i < SLICES_SHOWN; i++) {
		const struct report_segment *s = &p->segments[i];
		char from[FMT_MAX], to[FMT_MAX], rows[FMT_MAX];
		struct str line = STR_INIT;
		str_addf(&line, "worse where %s is %s: %s %s \xe2\x86\x92 %s (%s rows)", s->column, s->value, p->segment_metric, fmt_metric(from, s->ref), fmt_metric(to, s->cur), fmt_count(rows, (int64_t)s->rows_cur));
		line_out(o, line.p);
		str_free(&line);
	}
	if (worse > SLICES_SHOWN) {
		struct str line = STR_INIT;
		str_addf(&line, "and in %zu more slices", worse - SLICES_SHOWN);
		line_out(o, line.p);
		str_free(&line);
	}
}

void performance_print(struct out *o, const struct report *r)
{
	const struct report_performance *p = &r->performance;
	if (!p->target || (!*p->target && !p->n_metrics))
		return;
	line_out(o, "");
	line_out(o, p->n_metrics ? "Performance" : "Performance: not known");
	if (p->n_metrics)
		print_metrics(o, p);
	print_slices(o, p);
	if (p->sample && *p->sample)
		line_out(o, p->sample);
	if (*p->assumption)
		line_out(o, p->assumption);
	if (*p->why_not)
		line_out(o, p->why_not);
}

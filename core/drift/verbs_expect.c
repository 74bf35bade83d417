/* drift expect, drift check: expectations proposed from a reference, and held against a batch. */
#include <string.h>
#include <unistd.h>

#include "core/base/fs.h"
#include "core/drift/expect.h"
#include "core/drift/verbs_impl.h"

enum { FILE_LIMIT = 32 << 20 };

DRIFT_VERB(verb_drift_expect)
{
	struct frame_options read = { 0 };
	const char *from = verb_opt(a, "from"), *to = verb_opt(a, "out");
	struct frame *f = NULL;
	struct str text = STR_INIT;
	(void)ws;
	if (!from)
		return err_set(e, ST_USAGE, "name the reference: drift expect --from FILE");
	if (to && !verb_flag(a, "force") && access(to, F_OK) == 0)
		return err_set(e, ST_REFUSED, "%s is there already, and may have been edited; --force replaces it", to);
	enum status st = verb_size(a, "pipe-limit", &read.pipe_limit, e);
	if (st == ST_OK)
		st = frame_read(from, &read, NULL, &f, e);
	if (st == ST_OK) {
		expect_propose(f, &text);
		if (to)
			st = fs_replace(to, text.p, text.len, e);
		if (st == ST_OK && o->json)
			st = verb_facts(o, (const struct verb_fact[]){ { "from", from, 0 }, { "file", to, 0 }, { "text", text.p, 0 } }, 3, e);
		else if (!to)
			out_text(o, text.p, text.len);
	}
	if (st == ST_OK)
		st = out_check(o->out, e);
	frame_free(f);
	str_free(&text);
	return st;
}

static enum status print_json(struct out *o, const struct expect_results *r, struct err *e)
{
	struct json_out j;
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '{');
	jsonw_put_bool(&j.w, "ok", r->failed == 0);
	jsonw_put_open(&j.w, "checks", '[');
	for (size_t i = 0; i < r->n; i++) {
		const struct expect_result *x = &r->at[i];
		const struct { const char *key, *value; } words[] = { { "column", x->column }, { "check", x->check }, { "expected", x->expected }, { "found", x->found } };
		jsonw_open(&j.w, '{');
		for (size_t k = 0; k < sizeof words / sizeof *words; k++)
			jsonw_put_str(&j.w, words[k].key, words[k].value);
		jsonw_put_int(&j.w, "line", x->line);
		jsonw_put_bool(&j.w, "ok", x->ok);
		jsonw_close(&j.w, '}');
	}
	jsonw_close(&j.w, ']');
	jsonw_close(&j.w, '}');
	return json_out_end(&j, e);
}

/* For people what does not hold, for programs everything. */
static enum status print(struct out *o, const struct expect_results *r, struct err *e)
{
	static const char *const titles[] = { "column", "check", "expected", "found", "verdict" };
	if (o->json)
		return print_json(o, r, e);
	struct out_table *t = out_table_new(o);
	for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
		out_table_column(t, titles[i], OUT_LEFT);
	for (size_t i = 0; i < r->n; i++) {
		const struct expect_result *x = &r->at[i];
		if (o->tty && x->ok)
			continue;
		out_table_cell(t, *x->column ? x->column : NULL), out_table_cell(t, x->check), out_table_cell(t, x->expected), out_table_cell(t, x->found);
		out_table_cell(t, x->ok ? "holds" : "FAILS");
	}
	out_table_end(t);
	return out_check(o->out, e);
}

DRIFT_VERB(verb_drift_check)
{
	struct frame_options read = { 0 };
	struct str text = STR_INIT;
	struct expectations *x = NULL;
	struct expect_results *r = NULL;
	struct frame *f = NULL;
	(void)ws;
	enum status st = verb_size(a, "pipe-limit", &read.pipe_limit, e);
	if (st == ST_OK)
		st = fs_read(verb_arg(a, 0), FILE_LIMIT, &text, e);
	if (st == ST_OK)
		st = expect_parse(text.p, text.len, verb_arg(a, 0), &x, e);
	if (st == ST_OK)
		st = frame_read(verb_arg(a, 1), &read, NULL, &f, e);
	if (st == ST_OK) {
		expectations_check(x, f, &r);
		st = print(o, r, e);
	}
	if (st == ST_OK && r->failed)
		st = err_set(e, ST_CHECK, "%zu of %zu expectations do not hold", r->failed, r->n);
	expect_results_free(r);
	expectations_free(x);
	frame_free(f);
	str_free(&text);
	return st;
}

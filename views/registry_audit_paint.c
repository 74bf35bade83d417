/* The picture of the audit page: a table of records, below it what the one under the cursor changed, in the title whether the chain holds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "views/registry_audit.h"

enum { COL_SEQ, COL_WHEN, COL_ACTOR, COL_ACTION, COL_OBJECT, COL_REASON, COLS, DETAIL_MIN = 5, DETAIL_MOST = 16, LIST_LEAST = 8 };

/* "model:churn/7" as people say it: "churn v7". */
static const char *object_words(const char *object, char *buf, size_t cap)
{
	if (strncmp(object, "model:", 6))
		return object;
	const char *name = object + 6, *slash = strrchr(name, '/');
	bool version = slash && slash[1] && strspn(slash + 1, "0123456789") == strlen(slash + 1);
	snprintf(buf, cap, version ? "%.*s v%s" : "%.*s%s", version ? (int)(slash - name) : (int)strlen(name), name, version ? slash + 1 : "");
	return buf;
}

static void cell(void *data, size_t i, size_t col, char *buf, size_t cap, struct table_cell *out)
{
	const struct audit_view *a = data;
	const struct audit_row *r = &a->data->at[i];
	char when[FMT_MAX];
	out->pen = PEN(ROLE_TEXT);
	switch (col) {
	case COL_SEQ:
		snprintf(buf, cap, "%lld", (long long)r->seq);
		out->text = buf;
		out->pen = PEN(a->proof.first_bad == r->seq ? ROLE_BAD : ROLE_DIM);
		break;
	case COL_WHEN:
		snprintf(buf, cap, "%.16s", fmt_time(when, r->ms));
		out->text = buf;
		out->pen = PEN(ROLE_DIM);
		break;
	case COL_ACTOR: out->text = r->actor; break;
	case COL_ACTION: out->text = r->action; out->pen = PEN(ROLE_STRONG); break;
	case COL_OBJECT: out->text = object_words(r->object, buf, cap); break;
	default: out->text = r->reason; out->pen = PEN(ROLE_DIM); break;
	}
}

static void row(void *data, size_t i, struct table_row *out)
{
	const struct audit_view *a = data;
	if (a->proof.first_bad == a->data->at[i].seq) {
		out->marked = true;
		out->role = ROLE_BAD;
		out->sign = '!';
	}
}

void audit_table_init(struct audit_view *a)
{
	static const struct table_col cols[COLS] = {
		[COL_SEQ] = { .title = "record", .min = 6, .max = 10, .align = 1, .weight = 255, .firm = true },
		[COL_WHEN] = { .title = "when", .min = 16, .max = 16, .align = -1, .weight = 210, .firm = true },
		[COL_ACTOR] = { .title = "who", .min = 9, .max = 24, .align = -1, .weight = 120 },
		[COL_ACTION] = { .title = "did", .min = 15, .max = 24, .align = -1, .weight = 255, .firm = true },
		[COL_OBJECT] = { .title = "to", .min = 14, .max = 44, .align = -1, .weight = 200 },
		[COL_REASON] = { .title = "why", .min = 18, .max = 120, .align = -1, .weight = 50 },
	};
	a->cols = mem_array(COLS, sizeof *a->cols);
	memcpy(a->cols, cols, sizeof cols);
	table_init(&a->table);
	a->table.cols = a->cols;
	a->table.n_cols = COLS;
	a->table.show_marks = true;
	a->table.data = a;
	a->table.cell = cell;
	a->table.row = row;
}

/* ---- title -------------------------------------------------------------------------------------------------- */

static enum role proof_words(const struct audit_view *a, bool ascii, struct str *out)
{
	const struct audit_proof *p = &a->proof;
	char n[FMT_MAX], took[FMT_MAX];
	if (p->running) {
		str_add(out, "verifying");
		return ROLE_DIM;
	}
	if (!p->known) {
		str_add(out, p->st == ST_OK ? "not verified yet" : "not verified");
		return ROLE_DIM;
	}
	if (p->st == ST_OK) {
		str_addf(out, "%s verified to #%s, %lld checkpoint%s, %s ms", ascii ? "+" : "✓", fmt_count(n, p->seq), (long long)p->checkpoints, p->checkpoints == 1 ? "" : "s",
			fmt_number(took, p->ms, 2));
		return ROLE_GOOD;
	}
	if (p->first_bad)
		str_addf(out, "%s does not hold: first bad record #%s", ascii ? "x" : "✗", fmt_count(n, p->first_bad));
	else
		str_addf(out, "%s does not hold: %s", ascii ? "x" : "✗", p->err.text);
	return ROLE_BAD;
}

/* Where there is no room for more. */
static void short_proof(const struct audit_view *a, bool ascii, struct str *out)
{
	const struct audit_proof *p = &a->proof;
	char n[FMT_MAX];
	if (p->running || !p->known)
		return;
	str_clear(out);
	if (p->st == ST_OK)
		str_addf(out, "%s to #%s", ascii ? "+" : "✓", fmt_count(n, p->seq));
	else if (p->first_bad)
		str_addf(out, "%s bad: #%s", ascii ? "x" : "✗", fmt_count(n, p->first_bad));
	else
		str_addf(out, "%s does not hold", ascii ? "x" : "✗");
}

static void paint_title(const struct registry_view *v, struct paint *p)
{
	const struct audit_view *a = audit_of(v);
	struct str title = STR_INIT, proof = STR_INIT;
	char n[FMT_MAX], all[FMT_MAX];
	enum role role = proof_words(a, p->ascii, &proof);
	int64_t total = a->data ? a->data->total : 0;
	str_addf(&title, "Audit log · %s%s", fmt_count(n, a->filter.line && a->data ? (int64_t)a->data->n : total), a->filter.line && a->data && !a->all ? "+" : "");
	if (a->filter.line)
		str_addf(&title, " of %s · %s", fmt_count(all, total), a->filter.line);
	if (a->before_seq)
		str_addf(&title, " · before #%s", fmt_count(all, a->before_seq));
	int w = p->r.w, pw = text_width(proof.p, proof.len), tw = text_width(title.p, title.len);
	if (pw > w - tw - 6) {
		short_proof(a, p->ascii, &proof);
		pw = text_width(proof.p, proof.len);
	}
	if (pw > w - tw - 6 && pw > w / 3)
		pw = w / 3;
	ui_rule(p, (struct rect){ p->r.x, p->r.y, w, 1 }, title.p, NULL, p->focus);
	if (pw > 8) {
		paint_put(p, w - pw - 3, 0, PEN(ROLE_RULE), ' ');
		paint_field(p, w - pw - 2, 0, pw, -1, PEN(role), proof.p, proof.len);
		paint_put(p, w - 2, 0, PEN(ROLE_RULE), ' ');
	}
	str_free(&title);
	str_free(&proof);
}

/* ---- detail --------------------------------------------------------------------------------------------------- */

static void detail_lines(const struct audit_row *r, bool ascii, struct str *out)
{
	char when[FMT_MAX];
	str_addf(out, "%s, uid %lld%s%s, %s\n", r->actor, (long long)r->uid, *r->key_id ? ", key " : "", r->key_id, fmt_time(when, r->ms));
	if (*r->reason)
		str_addf(out, "%s\n", r->reason);
	audit_changes(r, ascii, out);
	str_add(out, "hash ");
	for (int i = 0; i < AUDIT_HASH; i++)
		str_addf(out, "%02x", r->hash[i]);
	str_addc(out, '\n');
}

static int count_lines(const struct str *s)
{
	int n = 0;
	for (size_t i = 0; i < s->len; i++)
		n += s->p[i] == '\n';
	return n;
}

static void paint_detail(const struct paint *p, int y, int h, const struct audit_row *r, const struct str *lines)
{
	const char *at = lines->p;
	char title[200];
	snprintf(title, sizeof title, "#%lld %.80s %.100s", (long long)r->seq, r->action, r->object);
	struct paint whole = *p;
	ui_rule(&whole, (struct rect){ p->r.x, p->r.y + y, p->r.w, 1 }, title, NULL, false);
	for (int i = 0; i < h - 1 && *at; i++) {
		size_t n = strcspn(at, "\n"), key = strcspn(at, ":\n");
		bool field = i > 0 && key < n && key < 32 && at[key + 1] == ' ';
		if (field) {
			paint_field(p, 2, y + 1 + i, (int)key < 18 ? 18 : (int)key + 1, -1, PEN(ROLE_DIM), at, key);
			int x = (int)key < 18 ? 20 : (int)key + 3;
			paint_field(p, x, y + 1 + i, p->r.w - x - 1, -1, PEN(ROLE_TEXT), at + key + 2, n - key - 2);
		} else {
			paint_field(p, 2, y + 1 + i, p->r.w - 3, -1, PEN(i ? ROLE_DIM : ROLE_TEXT), at, n);
		}
		at += n + (at[n] == '\n');
	}
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

void audit_paint(struct registry_view *v, struct paint *p)
{
	struct audit_view *a = audit_of(v);
	static const char *const none[] = { "Nothing was recorded yet.", "", "Every change of the registry makes a record here: {registry.promote} moves a version,",
		"{registry.alias} names it, {registry.request} asks others" };
	static const char *const narrowed[] = { "No record fits the filter.", "", "{audit.clear} shows all of them, {audit.filter} changes it" };
	const char *words[] = { a->err.code ? a->err.text : "reading the log" };
	paint_title(v, p);
	struct paint inner = paint_sub(p, 0, 1, p->r.w, p->r.h - 1);
	if (!a->data || a->err.code || !a->data->n) {
		bool reading = !a->data || a->err.code;
		ui_empty(v->ui, &inner, reading ? words : a->filter.line ? narrowed : none, reading ? 1 : a->filter.line ? 3 : 4);
		return;
	}
	const struct audit_row *r = audit_row(v);
	struct str lines = STR_INIT;
	if (r)
		detail_lines(r, p->ascii, &lines);
	int h = count_lines(&lines) + 1;
	h = h < DETAIL_MIN ? DETAIL_MIN : h > DETAIL_MOST ? DETAIL_MOST : h;
	if (inner.r.h - h < LIST_LEAST)
		h = inner.r.h - LIST_LEAST;
	h = h < DETAIL_MIN ? 0 : h;
	struct paint list = paint_sub(&inner, 0, 0, inner.r.w, inner.r.h - h);
	list.focus = p->focus;
	table_paint(&a->table, &list);
	if (h && r)
		paint_detail(p, p->r.h - h, h, r, &lines);
	str_free(&lines);
}

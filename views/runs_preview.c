/* What Enter shows of a row of the detail: whole values, notes, schemas, and files as what they are.
 *
 * Limits   TEXT_LIMIT bytes of a text, PICTURE_LIMIT of a picture; the title says when there is more. A file is what
 *          its bytes say, not its name: PNG by its signature, JSON when it parses, CSV when it has a comma or tab in its first
 *          line, text when it is UTF-8 without NUL, else the first bytes as hex.
 * Safety   all of it is foreign: text passes text_clean() in the task, pictures the decoder's own limits. */
#include "views/runs_internal.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/base/text.h"

enum { TEXT_LIMIT = 512 << 10, PICTURE_LIMIT = 16 << 20, CSV_COLUMNS = 64, CSV_ROWS = 2000, CSV_CELL = 40, HEX_BYTES = 1024 };

/* ---- bytes to readable text -------------------------------------------------------------------------- */

static bool lay_out_json(const char *bytes, size_t n, struct str *out)
{
	size_t i = 0;
	while (i < n && isspace((unsigned char)bytes[i]))
		i++;
	if (i == n || (bytes[i] != '{' && bytes[i] != '['))
		return false;
	json_t *all = json_loadb(bytes, n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	char *text = all ? json_dumps(all, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) : NULL;
	if (text)
		text_clean(out, text, strlen(text), TEXT_LINES);
	free(text);
	json_decref(all);
	return text != NULL;
}

static void hex_dump(const char *bytes, size_t n, struct str *out)
{
	size_t most = n < HEX_BYTES ? n : HEX_BYTES;
	str_addf(out, "not a text; the first %zu bytes\n\n", most);
	for (size_t i = 0; i < most; i += 16) {
		str_addf(out, "%06zx ", i);
		for (size_t k = i; k < i + 16; k++)
			if (k < most)
				str_addf(out, "%s%02x", k % 8 ? " " : "  ", (unsigned char)bytes[k]);
			else
				str_add(out, k % 8 ? "   " : "    ");
		str_add(out, "  ");
		for (size_t k = i; k < i + 16 && k < most; k++)
			str_addc(out, bytes[k] >= 0x20 && bytes[k] < 0x7f ? bytes[k] : '.');
		str_addc(out, '\n');
	}
}

/* ---- CSV ------------------------------------------------------------------------------------------------- */

struct csv { struct str *cells; size_t n, cap, cols, cols_now; int width[CSV_COLUMNS]; bool number[CSV_COLUMNS]; size_t rows; };

static bool looks_like_number(const char *s)
{
	char *end;
	(void)strtod(s, &end);
	return end != s && !*end;
}

static void csv_cell(struct csv *t, struct str *raw)
{
	if (t->cols_now < CSV_COLUMNS && t->rows < CSV_ROWS) {
		MEM_GROW(t->cells, t->cap, t->n + 1);
		struct str clean = STR_INIT, cut = STR_INIT;
		text_clean(&clean, raw->p, raw->len, 0);
		int w = text_fit(&cut, clean.p, clean.len, CSV_CELL);
		size_t c = t->cols_now;
		t->width[c] = w > t->width[c] ? w : t->width[c];
		t->number[c] &= !t->rows || !cut.len || looks_like_number(cut.p);
		str_free(&clean);
		t->cells[t->n++] = cut;
	}
	t->cols_now++;
	str_clear(raw);
}

/* Short lines are filled up, long ones cut, so that every row has the first row's columns. */
static void csv_row(struct csv *t)
{
	struct str none = STR_INIT;
	if (t->rows >= CSV_ROWS) {
		t->rows++;
		t->cols_now = 0;
		return;
	}
	if (!t->rows)
		t->cols = t->cols_now < CSV_COLUMNS ? t->cols_now : CSV_COLUMNS;
	while (t->cols_now < t->cols)
		csv_cell(t, &none);
	for (; t->cols_now > t->cols; t->cols_now--)
		if (t->cols_now <= CSV_COLUMNS)
			str_free(&t->cells[--t->n]);
	t->rows++;
	t->cols_now = 0;
}

static void csv_parse(struct csv *t, const char *s, size_t n, char comma)
{
	struct str cell = STR_INIT;
	bool quoted = false;
	for (size_t i = 0; i < n; i++) {
		if (quoted && s[i] == '"' && i + 1 < n && s[i + 1] == '"') {
			str_addc(&cell, '"');
			i++;
		} else if (s[i] == '"' && (quoted || !cell.len)) {
			quoted = !quoted;
		} else if (!quoted && s[i] == comma) {
			csv_cell(t, &cell);
		} else if (!quoted && s[i] == '\n') {
			csv_cell(t, &cell);
			csv_row(t);
		} else if (quoted || s[i] != '\r') {
			str_addc(&cell, s[i]);
		}
	}
	if (cell.len || t->cols_now) {
		csv_cell(t, &cell);
		csv_row(t);
	}
	str_free(&cell);
}

static void csv_write(const struct csv *t, struct str *out)
{
	size_t rows = t->rows < CSV_ROWS ? t->rows : CSV_ROWS;
	for (size_t r = 0; r < rows; r++) {
		for (size_t c = 0; c < t->cols; c++) {
			const struct str *cell = &t->cells[r * t->cols + c];
			size_t pad = (size_t)(t->width[c] - text_width(cell->p, cell->len));
			str_addrep(out, ' ', (c ? 2 : 0) + (t->number[c] ? pad : 0));
			str_addn(out, cell->p, cell->len);
			if (!t->number[c] && c + 1 < t->cols)
				str_addrep(out, ' ', pad);
		}
		str_addc(out, '\n');
		for (size_t c = 0; !r && c < t->cols; c++) {
			str_addrep(out, ' ', c ? 2 : 0);
			str_addrep(out, '-', (size_t)t->width[c]);
		}
		if (!r)
			str_addc(out, '\n');
	}
	if (t->rows > rows)
		str_addf(out, "%zu more rows\n", t->rows - rows);
}

static bool lay_out_csv(const char *path, const char *bytes, size_t n, struct str *out)
{
	const char *dot = strrchr(path, '.');
	bool tsv = dot && !strcasecmp(dot, ".tsv");
	if (!dot || (!tsv && strcasecmp(dot, ".csv")))
		return false;
	struct csv t = { 0 };
	for (size_t c = 0; c < CSV_COLUMNS; c++)
		t.number[c] = true;
	csv_parse(&t, bytes, n, tsv ? '\t' : ',');
	csv_write(&t, out);
	for (size_t i = 0; i < t.n; i++)
		str_free(&t.cells[i]);
	free(t.cells);
	return true;
}

static void lay_out(const char *path, const char *bytes, size_t n, bool whole, struct str *out)
{
	if (!n)
		str_add(out, "the file is empty\n");
	else if (memchr(bytes, '\0', n < 4096 ? n : 4096))
		hex_dump(bytes, n, out);
	else if (!(whole && lay_out_json(bytes, n, out)) && !lay_out_csv(path, bytes, n, out))
		text_clean(out, bytes, n, TEXT_LINES);
}

void preview_text(struct runs_view *v, const char *title, const char *bytes, size_t n)
{
	struct str text = STR_INIT;
	lay_out("", bytes, n, true, &text);
	ui_text(v->ui, title, text.p, text.len, true);
	str_free(&text);
}

/* ---- files, in a task ---------------------------------------------------------------------------------------- */

struct preview_trip { int64_t run; char *path; struct str title, text; struct image *picture; };

static void preview_drop(void *arg)
{
	struct preview_trip *t = arg;
	free(t->path);
	str_free(&t->title);
	str_free(&t->text);
	image_free(t->picture);
	free(t);
}

static bool is_png(const struct str *bytes)
{
	return bytes->len > 8 && !memcmp(bytes->p, "\x89PNG\r\n\x1a\n", 8);
}

static enum status read_picture(struct preview_trip *t, const struct run_detail *run, struct err *e)
{
	struct str bytes = STR_INIT;
	int64_t size = 0;
	enum status st = artifacts_read(run, t->path, PICTURE_LIMIT, &bytes, &size, e);
	if (st == ST_OK && size > PICTURE_LIMIT)
		st = err_set(e, ST_REFUSED, "%s is larger than %d MB, the limit for pictures", t->path, PICTURE_LIMIT >> 20);
	if (st == ST_OK)
		st = image_png_decode(bytes.p, bytes.len, &t->picture, e);
	if (st == ST_OK)
		str_addf(&t->title, " · %d×%d", t->picture->file_w, t->picture->file_h);
	str_free(&bytes);
	return st;
}

static enum status preview_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct preview_trip *t = arg;
	struct run_detail *run = NULL;
	struct str bytes = STR_INIT;
	int64_t size = 0;
	char a[FMT_MAX], b[FMT_MAX];
	(void)task;
	enum status st = run_detail_load_parts(s, t->run, RUN_MODELS, &run, e);
	if (st == ST_OK)
		st = artifacts_read(run, t->path, TEXT_LIMIT, &bytes, &size, e);
	if (st == ST_OK) {
		text_clean(&t->title, t->path, strlen(t->path), 0);
		str_addf(&t->title, " · %s", fmt_bytes(a, size));
		if (is_png(&bytes)) {
			st = read_picture(t, run, e);
		} else {
			bool whole = (int64_t)bytes.len == size;
			if (!whole)
				str_addf(&t->title, ", the first %s", fmt_bytes(b, (int64_t)bytes.len));
			lay_out(t->path, bytes.p, bytes.len, whole, &t->text);
		}
	}
	str_free(&bytes);
	run_detail_free(run);
	return st;
}

static void preview_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct runs_view *v = view;
	struct preview_trip *t = arg;
	if (st != ST_OK) {
		if (st != ST_CANCELLED)
			ui_message(v->ui, st, "%s", e->text);
	} else if (t->picture) {
		preview_close(v);
		v->det.picture = t->picture;
		v->det.picture_title = str_take(&t->title);
		t->picture = NULL;
	} else {
		ui_text(v->ui, t->title.p, t->text.p, t->text.len, false);
	}
	preview_drop(t);
}

void preview_file(struct runs_view *v, const struct artifact *a)
{
	struct preview_trip *t = mem_zalloc(sizeof *t);
	t->run = v->det.run->row.id;
	t->path = mem_strdup(a->path);
	str_init(&t->title);
	str_init(&t->text);
	ui_task(v->ui, v, &(struct ui_task){ .title = "preview", .cls = TASK_QUICK, .hidden = true, .slot = SLOT_PREVIEW,
		.work = preview_work, .apply = preview_apply, .drop = preview_drop, .arg = t });
}

void preview_close(struct runs_view *v)
{
	image_free(v->det.picture);
	free(v->det.picture_title);
	v->det.picture = NULL;
	v->det.picture_title = NULL;
}

void preview_paint(struct runs_view *v, struct paint *p)
{
	int w, h;
	struct rect title = { p->r.x, p->r.y, p->r.w, 1 };
	ui_rule(p, title, v->det.picture_title, NULL, p->focus);
	struct paint inner = paint_sub(p, 1, 2, p->r.w - 2, p->r.h - 3);
	image_cells(v->det.picture, inner.r.w, inner.r.h, &w, &h);
	struct paint middle = paint_sub(&inner, (inner.r.w - w) / 2, 0, w, inner.r.h);
	image_paint(v->det.picture, &middle, PEN(ROLE_TEXT));
}

/* ---- the row under the cursor ------------------------------------------------------------------------------------ */

static void open_dataset(struct runs_view *v, const struct run_dataset *s)
{
	const struct { const char *name, *value; } parts[] = { { "name", s->name }, { "digest", s->digest }, { "context", s->context },
		{ "source type", s->source_type }, { "source", s->source }, { "schema", s->schema }, { "profile", s->profile }, { "tags", s->tags } };
	struct str text = STR_INIT, title = STR_INIT;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (!parts[i].value || !*parts[i].value)
			continue;
		str_addf(&text, "%s\n", parts[i].name);
		lay_out("", parts[i].value, strlen(parts[i].value), true, &text);
		str_add(&text, "\n\n");
	}
	str_add(&title, "Data set ");
	text_clean(&title, s->name ? s->name : "", s->name ? strlen(s->name) : 0, 0);
	ui_text(v->ui, title.p, text.p, text.len, true);
	str_free(&text);
	str_free(&title);
}

static void open_item(struct runs_view *v, const struct detail_row *r, const struct run_item *item)
{
	preview_text(v, r->key, item->value, item->n);
}

static void open_parent(struct runs_view *v)
{
	const struct run_row *r = detail_parent(v);
	if (r)
		table_goto(v, r->id);
	else
		ui_message(v->ui, ST_NOT_FOUND, "the parent run is not in this table");
}

void detail_open_row(struct runs_view *v)
{
	struct runs_detail *d = &v->det;
	if (d->cursor >= d->n)
		return;
	const struct detail_row *r = &d->rows[d->cursor];
	switch ((enum detail_kind)r->kind) {
	case DROW_PARAM: open_item(v, r, &d->run->params[r->index]); break;
	case DROW_TAG: open_item(v, r, &d->run->tags[r->index]); break;
	case DROW_NOTE: preview_text(v, "Note", d->run->note, strlen(d->run->note)); break;
	case DROW_DATASET: open_dataset(v, &d->run->datasets[r->index]); break;
	case DROW_PARENT: open_parent(v); break;
	case DROW_METRIC:
		if (!chart_select_metric(v, d->run->metrics[r->index].key))
			ui_message(v->ui, ST_OK, "%s has a single point; there is no curve to draw", r->key);
		break;
	case DROW_FILE:
		if (d->files->at[r->index].is_dir)
			ui_message(v->ui, ST_OK, "%s is a folder; its files are below", r->key);
		else
			preview_file(v, &d->files->at[r->index]);
		break;
	case DROW_FACT: case DROW_MODEL:
		preview_text(v, r->key, r->value, strlen(r->value));
		break;
	case DROW_TEXT: case DROW_HEAD: case DROW_STATE:
		break;
	}
}

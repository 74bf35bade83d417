/* artifacts list, artifacts cat: the files of a run in the shell. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/runs/artifacts.h"
#include "core/runs/verbs_impl.h"

enum { LIST_MAX = 100000, PIECE = 1 << 16 };

/* The entry is PATH itself or lies below it. */
static bool below(const char *path, const char *wanted)
{
	size_t n = strlen(wanted);
	return !n || (!strncmp(path, wanted, n) && (!path[n] || path[n] == '/'));
}

/* "plots/" and "plots" are one; "" and "." everything. */
static char *wanted_path(const char *arg)
{
	char *path = mem_strdup(!arg || !strcmp(arg, ".") ? "" : arg);
	size_t n = strlen(path);
	while (n && path[n - 1] == '/')
		path[--n] = '\0';
	return path;
}

/* ".." as a part of the path: refused as such, whether or not there is something. */
static enum status stay_below(const char *path, struct err *e)
{
	struct str clean = STR_INIT;
	enum status rc = ST_OK;
	for (const char *p = path; *p && rc == ST_OK; p += strcspn(p, "/"), p += *p == '/')
		if (!strncmp(p, "..", 2) && (!p[2] || p[2] == '/'))
			rc = err_set(e, ST_REFUSED, "%s leads out of the run's folder; name what the listing shows", verb_clean(&clean, path));
	str_free(&clean);
	return rc;
}

static enum status files_json(const struct artifacts *x, const struct run_detail *d, const char *wanted, struct out *o, struct err *e)
{
	struct json_out j;
	int64_t n = 0;
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '{');
	jsonw_put_str(&j.w, "run_id", d->row.uuid);
	jsonw_put_str(&j.w, "root", x->root);
	jsonw_put_open(&j.w, "files", '[');
	for (size_t i = 0; i < x->n; i++) {
		if (!below(x->at[i].path, wanted))
			continue;
		n++;
		jsonw_open(&j.w, '{');
		jsonw_put_str(&j.w, "path", x->at[i].path);
		jsonw_put_bool(&j.w, "is_dir", x->at[i].is_dir);
		jsonw_key(&j.w, "size");
		if (x->at[i].is_dir)
			jsonw_null(&j.w);
		else
			jsonw_int(&j.w, x->at[i].size);
		jsonw_close(&j.w, '}');
		json_out_step(&j);
	}
	jsonw_close(&j.w, ']');
	jsonw_put_int(&j.w, "total", n);
	jsonw_put_bool(&j.w, "cut", x->cut);
	jsonw_close(&j.w, '}');
	return json_out_end(&j, e);
}

static enum status files_table(const struct artifacts *x, const char *wanted, struct out *o, struct err *e)
{
	char buf[FMT_MAX];
	struct out_table *t = out_table_new(o);
	struct str name = STR_INIT;
	out_table_column(t, "path", OUT_LEFT);
	out_table_column(t, "size", OUT_RIGHT);
	for (size_t i = 0; i < x->n; i++) {
		const struct artifact *f = &x->at[i];
		if (!below(f->path, wanted))
			continue;
		str_clear(&name);
		str_add(&name, f->path);
		str_add(&name, f->is_dir ? "/" : "");
		out_table_cell(t, name.p);
		if (f->is_dir)
			out_table_cell(t, NULL);
		else if (o->tty)
			out_table_cell(t, fmt_bytes(buf, f->size));
		else
			out_table_cellf(t, "%" PRId64, f->size);
	}
	out_table_end(t);
	str_free(&name);
	if (o->tty && !x->n)
		fputs("no files\n", o->out);
	return out_check(o->out, e);
}

static enum status list(const struct run_detail *d, const char *wanted, struct out *o, struct err *e)
{
	struct artifacts *x;
	enum status rc = artifacts_list(d, LIST_MAX, &x, e);
	if (rc != ST_OK)
		return rc;
	bool any = !*wanted;
	for (size_t i = 0; i < x->n && !any; i++)
		any = below(x->at[i].path, wanted);
	if (x->cut)
		fprintf(o->msg, "note: only the first %d entries are listed\n", LIST_MAX);
	if (x->skipped)
		fprintf(o->msg, "note: %zu left out: links, devices, or not readable\n", x->skipped);
	struct str clean = STR_INIT;
	if (!any)
		rc = err_set(e, ST_NOT_FOUND, "%s: no such file among the run's files", verb_clean(&clean, wanted));
	else
		rc = o->json ? files_json(x, d, wanted, o, e) : files_table(x, wanted, o, e);
	str_free(&clean);
	artifacts_free(x);
	return rc;
}

static enum status detail(struct workspace *ws, const struct verb_args *a, struct run_detail **d, struct err *e)
{
	struct store *s;
	int64_t id;
	enum status rc = verb_run(ws, a, &s, &id, e);
	if (rc != ST_OK)
		return rc;
	rc = run_detail_load(s, id, d, e);
	store_put(ws->pool, s);
	return rc;
}

enum status verb_artifacts_list(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	struct run_detail *d;
	enum status rc = detail(ws, a, &d, e);
	if (rc != ST_OK)
		return rc;
	char *wanted = wanted_path(verb_arg(a, 1));
	rc = stay_below(wanted, e);
	if (rc == ST_OK)
		rc = list(d, wanted, o, e);
	free(wanted);
	run_detail_free(d);
	return rc;
}

/* How much of a piece to print now: on a terminal whole lines, so that no character is torn between two pieces. */
static size_t printable(const struct out *o, const char *piece, size_t n)
{
	const char *line_end = o->tty && n == PIECE ? memrchr(piece, '\n', n) : NULL;
	return line_end ? (size_t)(line_end - piece) + 1 : n;
}

static enum status copy_out(int fd, const char *path, struct out *o, struct err *e)
{
	struct str clean = STR_INIT;
	enum status rc = ST_OK;
	char *piece = mem_alloc(PIECE);
	size_t held = 0;
	while (rc == ST_OK && !ferror(o->out)) {
		ssize_t n = read(fd, piece + held, PIECE - held);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			rc = err_set(e, ST_FAILED, "%s: %s", verb_clean(&clean, path), strerror(errno));
		else if (o->tty && memchr(piece + held, '\0', (size_t)n))
			rc = err_set(e, ST_REFUSED, "%s is no text: send it to a file with >", verb_clean(&clean, path));
		if (rc != ST_OK)
			break;
		size_t have = held + (size_t)n, out = n ? printable(o, piece, have) : have;
		out_text(o, piece, out);
		held = have - out;
		memmove(piece, piece + out, held);
		if (!n)
			break;
	}
	free(piece);
	str_free(&clean);
	return rc == ST_OK ? out_check(o->out, e) : rc;
}

/* A document holds the text itself; bytes that are not UTF-8 become U+FFFD there, then "exact" is false. */
static enum status cat_json(const struct run_detail *d, const char *path, struct out *o, struct err *e)
{
	enum { JSON_MAX = 16 << 20 };
	struct str text = STR_INIT;
	int64_t size = 0;
	struct json_out j;
	enum status rc = artifacts_read(d, path, JSON_MAX, &text, &size, e);
	if (rc == ST_OK) {
		json_out_init(&j, o->out);
		jsonw_open(&j.w, '{');
		jsonw_put_str(&j.w, "run_id", d->row.uuid);
		jsonw_put_str(&j.w, "path", path);
		jsonw_put_int(&j.w, "size", size);
		jsonw_put_bool(&j.w, "cut", size > (int64_t)text.len);
		jsonw_put_bool(&j.w, "exact", text_utf8_valid(text.p, text.len));
		jsonw_put_strn(&j.w, "text", text.p, text.len);
		jsonw_close(&j.w, '}');
		rc = json_out_end(&j, e);
	}
	str_free(&text);
	return rc;
}

enum status verb_artifacts_cat(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	struct run_detail *d;
	int64_t size;
	enum status rc = detail(ws, a, &d, e);
	if (rc != ST_OK)
		return rc;
	char *path = wanted_path(verb_arg(a, 1));
	rc = stay_below(path, e);
	if (rc == ST_OK && o->json) {
		rc = cat_json(d, path, o, e);
	} else if (rc == ST_OK) {
		struct err why = { .code = ST_FAILED };
		int fd = artifacts_open(d, path, &size, &why);
		rc = fd < 0 ? err_set(e, why.code, "%s", why.text) : copy_out(fd, path, o, e);
		if (fd >= 0)
			close(fd);
	}
	free(path);
	run_detail_free(d);
	return rc;
}

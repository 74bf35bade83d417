#include "core/drift/export.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/fs.h"
#include "core/base/mem.h"

/* One of both: only what draws has a choice. */
static const struct { const char *end; void (*write)(struct str *, const struct report *); void (*draw)(struct str *, const struct report *, const struct export_options *); } formats[] = {
	{ ".html", NULL, export_html }, { ".htm", NULL, export_html }, { ".md", export_markdown, NULL }, { ".json", export_json, NULL }, { ".csv", export_csv, NULL },
};
enum { FORMATS = sizeof formats / sizeof *formats };

static int format_of(const char *path)
{
	size_t n = strlen(path);
	for (int i = 0; i < FORMATS; i++) {
		size_t k = strlen(formats[i].end);
		if (n > k && strcmp(path + n - k, formats[i].end) == 0)
			return i;
	}
	return -1;
}

enum status report_export_check(const char *path, struct err *e)
{
	if (format_of(path) < 0)
		return err_set(e, ST_USAGE, "%s: the name must end in .html, .md, .json or .csv", path);
	if (fs_is_dir(path))
		return err_set(e, ST_USAGE, "%s is a folder; name a file in it", path);
	const char *slash = strrchr(path, '/');
	char *folder = slash ? mem_strndup(path, slash == path ? 1 : (size_t)(slash - path)) : mem_strdup(".");
	const enum status st = access(folder, W_OK | X_OK) == 0 ? ST_OK : err_set(e, errno == ENOENT ? ST_NOT_FOUND : ST_FAILED, "cannot write %s: %s: %s", path, folder, strerror(errno));
	free(folder);
	return st;
}

bool report_export_draws(const char *path)
{
	const int f = format_of(path);
	return f >= 0 && formats[f].draw;
}

enum status report_export(const struct report *r, const char *path, const struct export_options *opt, struct err *e)
{
	struct str s = STR_INIT;
	enum status st = report_export_check(path, e);
	if (st == ST_OK) {
		const int f = format_of(path);
		if (formats[f].draw)
			formats[f].draw(&s, r, opt);
		else
			formats[f].write(&s, r);
		st = fs_replace(path, s.p, s.len, e);
	}
	str_free(&s);
	return st;
}

void export_json(struct str *out, const struct report *r)
{
	struct jsonw w;
	jsonw_init(&w, out);
	report_json(&w, r);
	str_addc(out, '\n');
}

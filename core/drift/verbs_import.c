/* drift import: documents of this program and of Evidently become stored reports. */
#include <string.h>

#include "core/base/fs.h"
#include "core/drift/import_evidently.h"
#include "core/drift/verbs_impl.h"

enum { FILE_LIMIT = 256 << 20 };

static enum status read_any(const char *path, struct report **out, struct err *e)
{
	struct str text = STR_INIT;
	*out = NULL;
	enum status st = fs_read(path, FILE_LIMIT, &text, e);
	if (st == ST_OK)
		st = strstr(text.p, "\"mlyard drift report ") ? report_read(text.p, text.len, path, out, e) : import_evidently(text.p, text.len, path, out, e);
	if (st == ST_OK && (st = report_check(*out, path, e)) != ST_OK) {
		report_free(*out);
		*out = NULL;
	}
	str_free(&text);
	return st;
}

DRIFT_VERB(verb_drift_import)
{
	struct report *r;
	int64_t id = 0;
	enum status st = read_any(verb_arg(a, 0), &r, e);
	struct store *s = st == ST_OK ? store_get(ws->pool, e) : NULL;
	if (st == ST_OK)
		st = s ? report_save(s, r, &id, e) : ST_FAILED;
	if (s)
		store_put(ws->pool, s);
	if (st == ST_OK) {
		st = drift_print(o, r, e);
		fprintf(o->msg, "stored as drift report %lld\n", (long long)id);
	}
	report_free(r);
	return st;
}

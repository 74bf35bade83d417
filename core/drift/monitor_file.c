/* The monitor's file -> struct monitor_file: one table of keys a map, findings with their place (core/io/yamlread.h).
 *
 * What needs two keys to judge (a time window needs a time column, rows need a table) is checked after all were read. */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "core/base/fs.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/drift/drift_test.h"
#include "core/drift/monitor_impl.h"
#include "core/registry/when.h"
#include "core/runs/number.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define MAP(r, x, what, fields, into) read_map(r, x, what, fields, COUNT(fields), into)
#define TAKE(name) static void name(struct reading *r, const struct yamldoc_node *x, void *into)
enum { PATH_LIMIT = 4000, QUERY_LIMIT = 100000, MOST_SEGMENTS = 64, SHORTEST_WINDOW_MS = 60000, DAY_MS = 86400000 };

/* ---- values ---- */

double *monitor_take_number(struct reading *r, const struct yamldoc_node *x, double least, double most, double *out)
{
	double v;
	if (x->kind == YAMLDOC_SCALAR && number_parse(x->text, x->n, &v) && v >= least && v <= most) {
		*out = v;
		return out;
	}
	wrong_kind(r, x, most < HUGE_VAL ? arena_printf(r->arena, "a number from %g to %g", least, most) : "a number that is not negative");
	return NULL;
}

static void take_text(struct reading *r, const struct yamldoc_node *x, size_t most, const char **out)
{
	const char *text = read_word(r, x, most);
	if (text)
		*out = text;
}

static void take_whole(struct reading *r, const struct yamldoc_node *x, int64_t most, int64_t *out)
{
	int64_t v;
	if (yamldoc_int(x, &v) && v >= 1 && v <= most)
		*out = v;
	else
		wrong_kind(r, x, arena_printf(r->arena, "a whole number from 1 to %lld", (long long)most));
}

/* ---- name, model, reference ---- */

TAKE(take_name)
{
	struct monitor_file *f = into;
	const char *name = read_word(r, x, MONITOR_NAME_MAX);
	if (!name)
		return;
	if (strpbrk(name, " /\\'\"*?") || *name == '-' || *name == '.')
		finding_at(r, x->at, "%s is no name for a monitor: blanks, quotes, / \\ * and ? mean something else to shells, and so does - or . at its beginning",
		quoted(r, name, strlen(name)));
	else
		f->name = name;
}

TAKE(take_model)
{
	struct monitor_file *f = into;
	const char *name = read_word(r, x, YAMLREAD_WORD_MAX), *slash = name ? strrchr(name, '/') : NULL;
	if (!name)
		return;
	f->model = slash ? arena_strndup(r->arena, name, (size_t)(slash - name)) : name;
	f->version = slash ? slash + 1 : "";
	if (!*f->model || (slash && !*f->version))
		finding_at(r, x->at, "a model is named as NAME or NAME/VERSION, not %s", quoted(r, name, strlen(name)));
}

static bool is_postgres(const char *path) { return !strncmp(path, "postgres://", 11) || !strncmp(path, "postgresql://", 13); }

/* libpq has ~/.pgpass and services for passwords. The text is not quoted: it holds one. */
static void check_database(struct reading *r, const struct yamldoc_node *x, const char *address)
{
	const char *user = is_postgres(address) ? strstr(address, "://") + 3 : "", *at = strpbrk(user, "@/?");
	if ((at && *at == '@' && memchr(user, ':', (size_t)(at - user))) || (*user && strstr(address, "password=")))
		finding_at(r, x->at, "the address holds a password, and this file is no place for it; write it to ~/.pgpass, or name a service of libpq");
}

TAKE(take_reference_path) { take_text(r, x, PATH_LIMIT, &((struct monitor_file *)into)->reference); }
TAKE(take_reference_query) { take_text(r, x, QUERY_LIMIT, &((struct monitor_file *)into)->reference_query); }

TAKE(take_reference)
{
	static const struct field fields[] = { { "path", take_reference_path }, { "query", take_reference_query } };
	struct monitor_file *f = into;
	if (x->kind == YAMLDOC_SCALAR)
		take_text(r, x, PATH_LIMIT, &f->reference);
	else if (MAP(r, x, "a reference", fields, f) && !yamldoc_get(x, "path"))
		finding_at(r, x->at, "the reference has no path");
	check_database(r, x, f->reference);
}

/* ---- source ---- */

static void take_source_path(struct reading *r, const struct yamldoc_node *x, struct monitor_file *f, enum source_kind kind)
{
	if (f->source.kind)
		finding_at(r, x->key_at, "a source is one of folder, file, sqlite and postgres, not two of them");
	f->source.kind = kind;
	take_text(r, x, PATH_LIMIT, &f->source.path);
	check_database(r, x, f->source.path);
}

TAKE(take_folder) { take_source_path(r, x, into, SOURCE_FOLDER); }
TAKE(take_file) { take_source_path(r, x, into, SOURCE_FILE); }
TAKE(take_sqlite) { take_source_path(r, x, into, SOURCE_SQLITE); }
TAKE(take_postgres)
{
	struct monitor_file *f = into;
	take_source_path(r, x, f, SOURCE_POSTGRES);
	if (*f->source.path && !is_postgres(f->source.path))
		finding_at(r, x->at, "an address of PostgreSQL is needed here: postgres://HOST/DATABASE?table=NAME");
}
TAKE(take_glob)
{
	struct monitor_file *f = into;
	take_text(r, x, YAMLREAD_WORD_MAX, &f->source.glob);
	if (strchr(f->source.glob, '/'))
		finding_at(r, x->at, "the glob is about names in the folder; it has no /");
}
TAKE(take_query) { take_text(r, x, QUERY_LIMIT, &((struct monitor_file *)into)->source.query); }

TAKE(take_source)
{
	static const struct field fields[] = { { "folder", take_folder }, { "file", take_file }, { "sqlite", take_sqlite }, { "postgres", take_postgres },
		{ "glob", take_glob }, { "table", take_query }, { "query", take_query } };
	struct monitor_file *f = into;
	if (!MAP(r, x, "a source", fields, f))
		return;
	const enum source_kind kind = f->source.kind;
	const struct yamldoc_node *glob = yamldoc_get(x, "glob"), *table = yamldoc_get(x, "table"), *query = yamldoc_get(x, "query");
	if (!kind)
		finding_at(r, x->at, "a source needs one of folder, file, sqlite and postgres");
	if (glob && kind && kind != SOURCE_FOLDER)
		finding_at(r, glob->key_at, "a glob belongs to a folder");
	if (kind && kind != SOURCE_SQLITE && (table || (query && kind != SOURCE_POSTGRES)))
		finding_at(r, (table ? table : query)->key_at, "a table or a query belongs to sqlite, a query also to postgres");
	if (kind == SOURCE_SQLITE && !table == !query)
		finding_at(r, x->at, "sqlite needs a table or a query%s", table ? ", not both" : "");
}

/* ---- window, schedule ---- */

TAKE(take_every)
{
	struct monitor_window *w = into;
	if (read_span(r, x, &w->every_ms) && w->every_ms < SHORTEST_WINDOW_MS)
		finding_at(r, x->at, "a window of less than a minute is too short to compare");
	w->kind = WINDOW_TIME;
}
TAKE(take_time) { take_text(r, x, YAMLREAD_WORD_MAX, &((struct monitor_window *)into)->time); }
TAKE(take_wait) { read_span(r, x, &((struct monitor_window *)into)->wait_ms); }
TAKE(take_settle) { read_span(r, x, &((struct monitor_window *)into)->settle_ms); }
TAKE(take_rows)
{
	struct monitor_window *w = into;
	take_whole(r, x, INT32_MAX, &w->rows);
	w->kind = WINDOW_ROWS;
}
TAKE(take_step) { take_whole(r, x, INT32_MAX, &((struct monitor_window *)into)->step); }
TAKE(take_files)
{
	int64_t n = 1;
	take_whole(r, x, 1, &n);
	((struct monitor_window *)into)->kind = WINDOW_FILES;
}

TAKE(take_zone)
{
	const char *name = read_word(r, x, ZONE_NAME_MAX);
	struct err why;
	if (name && zone_load(name, r->arena, &((struct monitor_window *)into)->zone, &why) != ST_OK)
		finding_at(r, x->at, "%s", why.text);
}

static void belongs(struct reading *r, const struct yamldoc_node *map, const char *key, bool ok, const char *to)
{
	const struct yamldoc_node *x = yamldoc_get(map, key);
	if (x && !ok)
		finding_at(r, x->key_at, "\"%s\" belongs to windows of %s", key, to);
}

TAKE(take_window)
{
	static const struct field fields[] = { { "every", take_every }, { "time", take_time }, { "wait", take_wait }, { "rows", take_rows }, { "step", take_step },
		{ "files", take_files }, { "settle", take_settle }, { "zone", take_zone } };
	struct monitor_window *w = &((struct monitor_file *)into)->window;
	w->wait_ms = -1;
	if (!MAP(r, x, "a window", fields, w))
		return;
	const bool every = yamldoc_get(x, "every"), rows = yamldoc_get(x, "rows"), files = yamldoc_get(x, "files"), time = every && !files;
	if (time + rows + files != 1)
		finding_at(r, x->at, "a window needs one of every (time), rows and files%s", every || rows || files ? ", not several" : "");
	belongs(r, x, "time", time, "time (every:)");
	belongs(r, x, "wait", every, "time (every:)");
	belongs(r, x, "zone", every, "time (every:)");
	belongs(r, x, "step", rows, "rows");
	belongs(r, x, "settle", files, "files");
	if (w->zone && w->every_ms % DAY_MS)
		finding_at(r, yamldoc_get(x, "zone")->at, "a zone belongs to windows of whole days, like 1d or 1w: shorter ones are the same everywhere");
	if (!w->step)
		w->step = w->rows;
	if (w->wait_ms < 0)
		w->wait_ms = w->every_ms;
}

TAKE(take_schedule_every) { read_span(r, x, &((struct monitor_file *)into)->schedule_ms); }
TAKE(take_schedule)
{
	static const struct field fields[] = { { "every", take_schedule_every } };
	if (x->kind == YAMLDOC_SCALAR)
		take_schedule_every(r, x, into);
	else
		MAP(r, x, "a schedule", fields, into);
}

TAKE(take_start)
{
	struct monitor_file *f = into;
	struct err why;
	f->has_start = x->kind == YAMLDOC_SCALAR && strlen(x->text) == x->n && when_parse(x->text, 0, &f->start_ms, &why) == ST_OK && f->start_ms > 0;
	if (!f->has_start)
		wrong_kind(r, x, "a date, like 2026-11-20 or 2026-11-20T14:30Z,");
}

TAKE(take_catch_up) { read_int(r, x, 1, 10000, &((struct monitor_file *)into)->catch_up); }
TAKE(take_missing)
{
	static const char *const words[] = { [MISSING_TELL] = "tell", [MISSING_IGNORE] = "ignore", [MISSING_ALERT] = "alert" };
	const char *word = read_word(r, x, YAMLREAD_WORD_MAX);
	size_t i = 0;
	while (word && i < COUNT(words) && strcmp(word, words[i]))
		i++;
	if (i == COUNT(words))
		wrong_kind(r, x, "tell, ignore or alert");
	else
		((struct monitor_file *)into)->missing = (enum missing)i;
}

/* ---- comparing ---- */

TAKE(take_tests)
{
	struct monitor_file *f = into;
	size_t n;
	const char **names = read_words(r, x, VERDICT_TESTS, &n), **ids = arena_array(r->arena, drift_test_count(), sizeof *ids);
	f->tests = arena_array(r->arena, n + 1, sizeof *f->tests);
	for (size_t i = 0; i < drift_test_count(); i++)
		ids[i] = drift_test_at(i)->id;
	for (size_t i = 0; i < n; i++) {
		const struct drift_test *t = drift_test_find(names[i]);
		const char *near = t ? NULL : word_nearest(names[i], ids, drift_test_count());
		if (t)
			f->tests[f->n_tests++] = t;
		else
			finding_at(r, x->at, "there is no test %s; %s%s%s", quoted(r, names[i], strlen(names[i])), near ? "did you mean \"" : "mlyard drift tests lists them",
			near ? near : "", near ? "\"?" : "");
	}
}

TAKE(take_columns)
{
	struct monitor_file *f = into;
	f->columns = read_words(r, x, MONITOR_MOST_COLUMNS, &f->n_columns);
}

static bool type_named(const char *word, enum frame_type *out)
{
	for (int t = 0; t < FRAME_TYPES; t++)
		if (!strcmp(word, frame_type_name((enum frame_type)t))) {
			*out = (enum frame_type)t;
			return true;
		}
	return false;
}

TAKE(take_types)
{
	struct monitor_file *f = into;
	size_t n = 0;
	if (x->kind != YAMLDOC_MAP) {
		wrong_kind(r, x, "a map from column to type");
		return;
	}
	for (const struct yamldoc_node *c = x->child; c; c = c->next)
		n++;
	f->types = arena_array(r->arena, n, sizeof *f->types);
	for (const struct yamldoc_node *c = x->child; c; c = c->next) {
		struct frame_override *o = &f->types[f->n_types];
		const char *word = read_word(r, c, YAMLREAD_WORD_MAX);
		o->name = arena_strndup(r->arena, c->key, c->key_n);
		if (word && !type_named(word, &o->type))
			wrong_kind(r, c, "numeric, boolean, datetime, categorical or text");
		else if (word)
			f->n_types++;
	}
}

static void take_role(struct reading *r, const struct yamldoc_node *x, const char **out) { take_text(r, x, YAMLREAD_WORD_MAX, out); }
TAKE(take_target) { take_role(r, x, &((struct drift_roles *)into)->target); }
TAKE(take_prediction) { take_role(r, x, &((struct drift_roles *)into)->prediction); }
TAKE(take_probability) { take_role(r, x, &((struct drift_roles *)into)->probability); }
TAKE(take_timestamp) { take_role(r, x, &((struct drift_roles *)into)->timestamp); }
TAKE(take_id) { take_role(r, x, &((struct drift_roles *)into)->id); }
TAKE(take_positive) { take_role(r, x, &((struct drift_roles *)into)->positive); }
TAKE(take_threshold) { monitor_take_number(r, x, 0, 1, &((struct drift_roles *)into)->threshold); }
TAKE(take_segments)
{
	struct drift_roles *roles = into;
	roles->segments = read_words(r, x, MOST_SEGMENTS, &roles->n_segments);
}

TAKE(take_probabilities)
{
	struct drift_roles *roles = into;
	size_t n = 0;
	if (x->kind != YAMLDOC_MAP) {
		wrong_kind(r, x, "a map from class to column");
		return;
	}
	for (const struct yamldoc_node *c = x->child; c; c = c->next)
		n++;
	struct class_column *list = arena_array(r->arena, n, sizeof *list);
	for (const struct yamldoc_node *c = x->child; c; c = c->next) {
		struct class_column *to = &list[roles->n_probabilities];
		to->of = arena_strndup(r->arena, c->key, c->key_n);
		take_role(r, c, &to->column);
		roles->n_probabilities += to->column != NULL;
	}
	roles->probabilities = list;
}

TAKE(take_roles)
{
	static const struct field fields[] = { { "target", take_target }, { "prediction", take_prediction }, { "probability", take_probability }, { "probabilities", take_probabilities },
		{ "timestamp", take_timestamp },
		{ "id", take_id }, { "positive", take_positive }, { "threshold", take_threshold }, { "segments", take_segments } };
	MAP(r, x, "the section of roles", fields, &((struct monitor_file *)into)->roles);
}

static void take_sign(struct reading *r, const struct yamldoc_node *x, char *out)
{
	if (x->kind == YAMLDOC_SCALAR && x->n == 1)
		*out = *x->text;
	else if (x->kind == YAMLDOC_SCALAR && x->n == 2 && !memcmp(x->text, "\\t", 2))
		*out = '\t';
	else
		wrong_kind(r, x, "one character");
}
TAKE(take_delimiter) { take_sign(r, x, &((struct frame_options *)into)->delimiter); }
TAKE(take_decimal) { take_sign(r, x, &((struct frame_options *)into)->decimal); }
TAKE(take_encoding) { take_text(r, x, YAMLREAD_WORD_MAX, &((struct frame_options *)into)->encoding); }
TAKE(take_format) { take_text(r, x, YAMLREAD_WORD_MAX, &((struct frame_options *)into)->format); }
TAKE(take_header)
{
	bool header = true;
	read_bool(r, x, &header);
	((struct frame_options *)into)->no_header = !header;
}

TAKE(take_read)
{
	static const struct field fields[] = { { "format", take_format }, { "delimiter", take_delimiter }, { "decimal", take_decimal },
		{ "encoding", take_encoding }, { "header", take_header } };
	MAP(r, x, "the section on reading", fields, &((struct monitor_file *)into)->read);
}

TAKE(take_alpha)
{
	struct monitor_file *f = into;
	if (monitor_take_number(r, x, 0, 1, &f->alpha) && !(f->alpha > 0))
		finding_at(r, x->at, "alpha is above 0");
}

TAKE(take_compat)
{
	const char *word = read_word(r, x, YAMLREAD_WORD_MAX);
	if (word && strcmp(word, "evidently"))
		wrong_kind(r, x, "evidently");
	((struct monitor_file *)into)->evidently = word != NULL;
}

TAKE(take_calibrate)
{
	bool yes = true;
	read_bool(r, x, &yes);
	((struct monitor_file *)into)->no_calibration = !yes;
}

/* ---- the whole ---- */

static void check_whole(struct reading *r, const struct yamldoc_node *root, struct monitor_file *f)
{
	static const char *const needed[] = { "name", "reference", "source", "window" };
	for (size_t i = 0; i < COUNT(needed); i++)
		if (!yamldoc_get(root, needed[i]))
			finding_at(r, root->at, "a monitor needs \"%s\"; mlyard monitor example prints one", needed[i]);
	const struct yamldoc_node *w = yamldoc_get(root, "window");
	if (!w || !f->source.kind || !f->window.kind)
		return;
	if (f->source.kind == SOURCE_FOLDER && f->window.kind != WINDOW_FILES)
		finding_at(r, w->at, "the windows of a folder are its files (files: 1); for windows of time or rows name one file or a table");
	if (f->source.kind != SOURCE_FOLDER && f->window.kind == WINDOW_FILES)
		finding_at(r, w->at, "windows of files need a folder");
	if (f->window.kind == WINDOW_TIME && !f->window.time)
		f->window.time = f->roles.timestamp;
	if (f->window.kind == WINDOW_TIME && !f->window.time)
		finding_at(r, w->at, "a window of time needs its column: time: NAME, or the role timestamp");
}

static void read_document(struct reading *r, const struct yamldoc_node *root, struct monitor_file *f)
{
	static const struct field fields[] = {
		{ "name", take_name }, { "model", take_model }, { "reference", take_reference }, { "source", take_source }, { "window", take_window }, { "start", take_start },
		{ "schedule", take_schedule }, { "catch_up", take_catch_up }, { "missing", take_missing }, { "tests", take_tests }, { "columns", take_columns },
		{ "types", take_types },
		{ "roles", take_roles }, { "read", take_read }, { "alpha", take_alpha }, { "compat", take_compat }, { "calibrate", take_calibrate },
		{ "limits", monitor_take_limits },
		{ "tell", monitor_take_tell }, { "on_red", monitor_take_on_red },
	};
	if (MAP(r, root, "a monitor", fields, f))
		check_whole(r, root, f);
}

static struct monitor_file *file_new(const char *path)
{
	struct arena *a = arena_new();
	struct monitor_file *f = arena_zalloc(a, sizeof *f);
	const char *slash = strrchr(path, '/');
	f->arena = a;
	f->path = arena_strdup(a, path);
	f->folder = !slash ? "." : slash == path ? "/" : arena_strndup(a, path, (size_t)(slash - path));
	f->name = f->model = f->version = f->reference = f->source.path = "";
	f->source.glob = "*";
	f->catch_up = MONITOR_CATCH_UP;
	f->limits.after = f->limits.clear = 1;
	return f;
}

void monitor_file_free(struct monitor_file *f)
{
	if (f)
		arena_free(f->arena);
}

static enum status text_wrong(const char *text, size_t n, const char *path, struct err *e)
{
	if (n > MONITOR_MOST_BYTES)
		return err_set(e, ST_FAILED, "%s: longer than the %d KiB that a monitor's file may have", path, MONITOR_MOST_BYTES >> 10);
	return text_utf8_valid(text, n) ? ST_OK : err_set(e, ST_FAILED, "%s: not UTF-8", path);
}

enum status monitor_read(const char *text, size_t n, const char *path, struct monitor_file **out, struct str *findings, struct err *e)
{
	struct yamldoc *y = NULL;
	struct err own;
	*out = NULL;
	enum status st = text_wrong(text, n, path, &own);
	if (st == ST_OK)
		st = yamldoc_parse(text, n, path, &y, &own);
	if (st != ST_OK) {
		if (findings)
			str_addf(findings, "%s\n", own.text);
		return err_set(e, ST_FAILED, "%s", own.text);
	}
	struct monitor_file *f = file_new(path);
	struct reading r = { .arena = f->arena, .of = f };
	read_document(&r, yamldoc_root(y), f);
	st = findings_report(&r, path, "monitor check", findings, e);
	yamldoc_free(y);
	if (st == ST_OK)
		*out = f;
	else
		monitor_file_free(f);
	return st;
}

enum status monitor_parse(const char *text, size_t n, const char *path, struct monitor_file **out, struct err *e)
{
	return monitor_read(text, n, path, out, NULL, e);
}

enum status monitor_load(const char *path, struct monitor_file **out, struct str *text, struct str *findings, struct err *e)
{
	struct str own = STR_INIT, *into = text ? text : &own;
	*out = NULL;
	enum status st = fs_read(path, MONITOR_MOST_BYTES + 1, into, e);
	if (st == ST_OK)
		st = monitor_read(into->p, into->len, path, out, findings, e);
	str_free(&own);
	return st;
}

char *monitor_path(const struct monitor_file *f, const char *path) { return is_postgres(path) ? mem_strdup(path) : fs_join(f->folder, path); }

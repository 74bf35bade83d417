#include "app/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/base/fmt.h"
#include "core/base/fs.h"
#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/registry/audit.h"
#include "core/runs/import.h"
#include "core/store/store.h"
#include "core/workspace.h"

static const int64_t WAL_LARGE = 64LL << 20;
static const char AREA[] = "workspace";

void finding_add(struct findings *f, enum finding_state state, const char *area, const char *name, const char *cure, const char *fmt, ...)
{
	struct str value = STR_INIT;
	va_list ap;
	va_start(ap, fmt);
	text_vcleanf(&value, fmt, ap);
	va_end(ap);
	MEM_GROW(f->at, f->cap, f->n + 1);
	f->at[f->n++] = (struct finding){ area, name, state == FINDING_OK ? NULL : cure, str_take(&value), state };
}

static void findings_free(struct findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->at[i].value);
	free(f->at);
}

/* ---- the workspace ---- */

static int64_t size_of(const char *file, const char *suffix)
{
	struct str path = STR_INIT;
	struct stat st;
	str_addf(&path, "%s%s", file, suffix);
	int64_t n = stat(path.p, &st) == 0 ? (int64_t)st.st_size : -1;
	str_free(&path);
	return n;
}

static void check_file(struct findings *f, const char *file)
{
	char size[FMT_MAX];
	struct stat st;
	int64_t wal = size_of(file, "-wal");
	fmt_bytes(size, size_of(file, ""));
	if (stat(file, &st) == 0 && st.st_mode & S_IWOTH)
		finding_add(f, FINDING_BAD, AREA, "file", "Take the right to write from others: chmod o-w", "%s can be written by everybody", file);
	else
		finding_add(f, FINDING_OK, AREA, "file", NULL, "%s, %s", file, size);
	if (wal > WAL_LARGE)
		finding_add(f, FINDING_WARN, AREA, "log", "Close the programs that keep it open; the next write folds it in", "the write-ahead log has %s", fmt_bytes(size, wal));
}

static void check_gate(struct findings *f, const char *file)
{
	struct str path = STR_INIT;
	str_addf(&path, "%s.gate", file);
	int fd = open(path.p, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		finding_add(f, FINDING_OK, AREA, "gate", NULL, "free, never used");
	else if (fd < 0)
		finding_add(f, FINDING_BAD, AREA, "gate", "Give yourself the right to read and write it", "%s: %s", path.p, strerror(errno));
	else if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		finding_add(f, FINDING_OK, AREA, "gate", NULL, "free");
	else
		finding_add(f, FINDING_OK, AREA, "gate", NULL, "held: another mlyard writes now");
	if (fd >= 0)
		close(fd);
	str_free(&path);
}

static int64_t ask_int(struct store *s, const char *sql, int64_t otherwise)
{
	sqlite3_stmt *q = store_stmt(s, sql, NULL);
	int64_t v = q && sqlite3_step(q) == SQLITE_ROW ? sqlite3_column_int64(q, 0) : otherwise;
	if (q)
		sqlite3_reset(q);
	return v;
}

static void check_schema(struct findings *f, struct store *s)
{
	int64_t has = ask_int(s, "PRAGMA user_version", -1);
	int knows = store_schema_version();
	if (has > knows)
		finding_add(f, FINDING_WARN, AREA, "schema", "Use a newer mlyard to write to it", "%" PRId64 ", newer than this program's %d: read-only", has, knows);
	else if (has < knows)
		finding_add(f, FINDING_OK, AREA, "schema", NULL, "%" PRId64 ", brought up to %d at the next writing open, after a backup", has, knows);
	else
		finding_add(f, FINDING_OK, AREA, "schema", NULL, "%" PRId64, has);
}

static void check_journal(struct findings *f, struct store_pool *pool)
{
	const char *network = store_pool_network(pool);
	if (network)
		finding_add(f, FINDING_WARN, AREA, "journal", "Slower, but safe; a local disk is faster",
			"it lies on %s, where programs on several machines cannot share a log: rollback journal", network);
	else
		finding_add(f, FINDING_OK, AREA, "journal", NULL, "write-ahead log");
}

static void check_integrity(struct findings *f, struct store *s, bool quick)
{
	struct str lines = STR_INIT;
	struct err e = { 0 };
	enum status st = store_verify(s, quick, NULL, &lines, &e);
	if (st == ST_OK)
		finding_add(f, FINDING_OK, AREA, "integrity", NULL, "%s", quick ? "quick check clean" : "pages, references and counts clean");
	else
		finding_add(f, FINDING_BAD, AREA, "integrity", "Put the last backup back, or import the sources into a new workspace",
			"%.*s", (int)(lines.len ? strcspn(lines.p, "\n") : 300), lines.len ? lines.p : e.text);
	str_free(&lines);
}

/* Only where there are monitors: an older schema has none, and then the question fails. */
static void check_outbox(struct findings *f, struct store *s)
{
	const int64_t monitors = ask_int(s, "SELECT count(*) FROM monitor", 0), failed = ask_int(s, "SELECT count(*) FROM outbox WHERE state = 'failed'", 0);
	const int64_t waiting = ask_int(s, "SELECT count(*) FROM outbox WHERE state IN ('waiting', 'sending')", 0);
	if (failed > 0)
		finding_add(f, FINDING_WARN, AREA, "alerts", "mlyard alerts list says which; mlyard alerts retry tries again", "%" PRId64 " message%s given up: not everybody was told", failed,
			failed == 1 ? " was" : "s were");
	else if (monitors > 0)
		finding_add(f, FINDING_OK, AREA, "alerts", NULL, "%" PRId64 " message%s wait%s to be sent", waiting, waiting == 1 ? "" : "s", waiting == 1 ? "s" : "");
}

static void check_audit(struct findings *f, struct store *s, bool quick)
{
	struct audit_report r;
	struct audit_head head;
	struct err e = { 0 };
	char count[FMT_MAX];
	enum status st = audit_head(s, &head, &e);
	if (st == ST_OK && quick)
		st = audit_memory_check(s, &e);
	if (st != ST_OK || quick) {
		finding_add(f, st == ST_OK ? FINDING_OK : FINDING_BAD, AREA, "audit log", "Run: mlyard audit verify", "%s",
			st != ST_OK ? e.text : head.seq ? "holds what was seen here before" : "empty");
		return;
	}
	st = audit_verify(s, 0, 0, NULL, &r, &e);
	if (st != ST_OK)
		finding_add(f, FINDING_BAD, AREA, "audit log", "Run: mlyard audit verify", "%s", e.text);
	else
		finding_add(f, FINDING_OK, AREA, "audit log", NULL, "%s record%s, %" PRId64 " signed checkpoint%s, all hold", fmt_count(count, r.records),
			r.records == 1 ? "" : "s", r.checkpoints, r.checkpoints == 1 ? "" : "s");
	audit_report_free(&r);
}

static void check_clock(struct findings *f, struct store *s)
{
	struct err e = { 0 };
	int64_t seq;
	if (audit_clock_check(s, &seq, &e) != ST_OK)
		finding_add(f, FINDING_BAD, AREA, "registry time", "If this machine's clock is right: mlyard audit acknowledge --reason TEXT", "%s", e.text);
}

static void check_sources(struct findings *f, struct store *s)
{
	int64_t n = 0, gone = 0;
	sqlite3_stmt *q = store_stmt(s, "SELECT uri FROM source", NULL);
	struct str first = STR_INIT;
	while (q && sqlite3_step(q) == SQLITE_ROW) {
		const char *uri = (const char *)sqlite3_column_text(q, 0);
		n++;
		if (!uri || access(uri, R_OK) == 0)
			continue;
		if (gone++ == 0)
			str_add(&first, uri);
	}
	if (q)
		sqlite3_reset(q);
	if (gone)
		finding_add(f, FINDING_WARN, AREA, "sources", "Mount it again, or ignore this: what was imported stays",
			"%" PRId64 " of %" PRId64 " cannot be read, the first: %s", gone, n, first.p);
	else
		finding_add(f, FINDING_OK, AREA, "sources", NULL, "%" PRId64, n);
	str_free(&first);
}

static void check_open(struct findings *f, const char *file, bool quick)
{
	struct store_pool *pool = NULL;
	struct err e = { 0 };
	struct store *s = NULL;
	if (store_pool_open(file, STORE_READ_ONLY, &pool, &e) == ST_OK)
		s = store_get(pool, &e);
	if (!s && e.code == ST_NOT_FOUND) {
		finding_add(f, FINDING_OK, AREA, "open", NULL, "%s", e.text);      /* a first import that was killed early leaves this */
	} else if (!s) {
		finding_add(f, FINDING_BAD, AREA, "open", e.code == ST_REFUSED ? "Do as it says; the file was left alone and need not be damaged"
			: "Put the last backup back, or give another file with -w", "%s", e.text);
	} else {
		check_schema(f, s);
		check_gate(f, file);
		check_journal(f, pool);
		check_integrity(f, s, quick);
		check_audit(f, s, quick);
		if (quick)
			check_clock(f, s);
		check_sources(f, s);
		check_outbox(f, s);
		store_put(pool, s);
	}
	if (pool)
		store_pool_close(pool);
}

static uint32_t be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The bytes that a SQLite file says it has, -1 when it does not say. Pages that are only in a log are not missing. */
static int64_t size_told(const char *file)
{
	unsigned char h[100];
	FILE *in = fs_is_file(file) && size_of(file, "-wal") <= 0 ? fopen(file, "rbe") : NULL;
	bool whole = in && fread(h, 1, sizeof h, in) == sizeof h;
	if (in)
		fclose(in);
	if (!whole || memcmp(h + 24, h + 92, 4) != 0)
		return -1;
	int64_t page = h[16] << 8 | h[17];
	return (page == 1 ? 65536 : page) * (int64_t)be32(h + 28);
}

static void check_source(struct findings *f, const char *source)
{
	char has[FMT_MAX], told[FMT_MAX];
	if (size_told(source) > size_of(source, ""))
		finding_add(f, FINDING_BAD, "paths", "path", "Copy it again, or put a backup of it back",
			"%s: cut short, %s of %s", source, fmt_bytes(has, size_of(source, "")), fmt_bytes(told, size_told(source)));
	else
		finding_add(f, FINDING_OK, "paths", "path", NULL, "%s: %s", source, import_probe(source)->title);
}

/* What a given path holds; a workspace file is checked as such. */
static void check_path(struct findings *f, const char *path)
{
	char **found;
	struct err e = { 0 };
	if (workspace_is_file(path))
		return;
	if (import_find(path, &found, &e) != ST_OK) {
		finding_add(f, FINDING_BAD, "paths", "path", "Give an MLflow database (mlflow.db), an mlruns folder, or a folder that holds one", "%s", e.text);
		return;
	}
	for (size_t i = 0; found[i]; i++)
		check_source(f, found[i]);
	import_paths_free(found);
}

static void check_workspace(struct findings *f, const struct verb_args *a)
{
	char **paths = mem_array((size_t)verb_argc(a) + 1, sizeof *paths), *file = NULL;
	struct err e = { 0 };
	for (int i = 0; i < verb_argc(a); i++) {
		paths[i] = mem_strdup(verb_arg(a, i));
		check_path(f, paths[i]);
	}
	paths[verb_argc(a)] = NULL;
	struct workspace_spec spec = { .file = verb_opt(a, "workspace"), .paths = paths };
	if (workspace_locate(&spec, &file, &e) != ST_OK) {
		finding_add(f, FINDING_BAD, AREA, "file", "Check the path", "%s", e.text);
	} else if (access(file, F_OK) < 0) {
		finding_add(f, spec.file ? FINDING_BAD : FINDING_OK, AREA, "file", "Make it with mlyard -w FILE import PATH", "%s does not exist yet", file);
	} else {
		check_file(f, file);
		check_open(f, file, verb_flag(a, "quick"));
	}
	for (int i = 0; i < verb_argc(a); i++)
		free(paths[i]);
	free(paths);
	free(file);
}

/* ---- the report ---- */

static const char *state_name(enum finding_state s)
{
	return s == FINDING_OK ? "ok" : s == FINDING_WARN ? "warn" : "bad";
}

static void print_json(const struct findings *f, bool good, struct out *o)
{
	struct str s = STR_INIT;
	struct jsonw w;
	jsonw_init(&w, &s);
	jsonw_open(&w, '{');
	jsonw_put_bool(&w, "ok", good);
	jsonw_put_open(&w, "checks", '[');
	for (size_t i = 0; i < f->n; i++) {
		const struct finding *x = &f->at[i];
		const char *const pairs[][2] = { { "area", x->area }, { "name", x->name }, { "state", state_name(x->state) }, { "value", x->value }, { "cure", x->cure } };
		jsonw_open(&w, '{');
		for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++)
			jsonw_put_str(&w, pairs[k][0], pairs[k][1]);
		jsonw_close(&w, '}');
	}
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
	fprintf(o->out, "%s\n", s.p);
	str_free(&s);
}

static void print_table(const struct findings *f, struct out *o)
{
	struct out_table *t = out_table_new(o);
	out_table_column(t, "state", OUT_LEFT);
	out_table_column(t, "area", OUT_LEFT);
	out_table_column(t, "check", OUT_LEFT);
	out_table_column(t, "value", OUT_LEFT);
	out_table_column(t, "cure", OUT_LEFT);
	for (size_t i = 0; i < f->n; i++) {
		const struct finding *x = &f->at[i];
		out_table_cell(t, state_name(x->state));
		out_table_cell(t, x->area);
		out_table_cell(t, x->name);
		out_table_cell(t, x->value);
		out_table_cell(t, x->cure ? x->cure : "");
	}
	out_table_end(t);
}

/* For people: a line each, nothing cut, the cure below what needs one. */
static void print_lines(const struct findings *f, struct out *o)
{
	struct str s = STR_INIT;
	for (size_t i = 0; i < f->n; i++) {
		const struct finding *x = &f->at[i];
		str_addf(&s, "%-4s  %-9s  %-15s  %s\n", state_name(x->state), x->area, x->name, x->value);
		if (x->cure)
			str_addf(&s, "%*s-> %s\n", 34, "", x->cure);
	}
	out_text(o, s.p, s.len);
	str_free(&s);
}

enum status doctor_run(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	(void)ws;
	struct findings f = { 0 };
	size_t bad = 0;
	check_workspace(&f, a);
	doctor_libraries(&f);
	doctor_terminal(&f);
	doctor_folders(&f);
	for (size_t i = 0; i < f.n; i++)
		bad += f.at[i].state == FINDING_BAD;
	if (o->json)
		print_json(&f, bad == 0, o);
	else if (o->tty)
		print_lines(&f, o);
	else
		print_table(&f, o);
	findings_free(&f);
	return bad ? err_set(e, ST_CHECK, "%zu check%s did not hold", bad, bad == 1 ? "" : "s") : ST_OK;
}

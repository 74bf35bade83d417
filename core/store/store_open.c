/* store_open -- from a path to a pool: look at the file, open, recognise, make or migrate.
 *
 * Order    1 the path: a plain file (or none), no symbolic link, not writable by everybody, on what file
 *            system; can we write it?
 *          2 a connection with everything hardened; SQLite itself says whether it is a database (an
 *            open() and close() of our own would drop the POSIX locks other connections hold).
 *          3 application_id and user_version: ours, empty, somebody else's, older, newer.
 *          4 under the gate: make the schema or bring it up to date, set the journal mode. What was
 *            found in 3 is looked at again there, because two programs may open a new file at once.
 * Files    made with 0600; SQLite gives its -wal and -shm the same rights.
 */
#include "core/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/notice.h"
#include "core/store/series_codec.h"
#include "core/store/store_internal.h"
#include "core/store/schema.inc"

/* The migrations are the files compiled in: schema.sql makes schema 1 from nothing; each further file goes one schema on. */
int store_schema_version(void) { return (int)(sizeof schema_files / sizeof *schema_files); }

static int newest_schema(const struct store_pool *p)
{
	return p->tuning.steps ? p->tuning.n_steps : store_schema_version();
}

static const char *step_sql(const struct store_pool *p, int i)
{
	return p->tuning.steps ? p->tuning.steps[i] : (const char *)schema_files[i].bytes;
}

bool store_sqlite_has_wal_race(void)
{
	int v = sqlite3_libversion_number();
	return v < 3051003 && !(v >= 3044006 && v < 3045000) && !(v >= 3050007 && v < 3051000);
}

/* ---- the path ---- */

/* File systems where the shared memory that a WAL needs, or locks of several machines, cannot be trusted. Of FUSE nobody
 * can tell from outside whether it is of the network. */
static const struct { unsigned kind; const char *name; } network_kinds[] = {
	{ NFS_SUPER_MAGIC, "NFS" }, { SMB_SUPER_MAGIC, "SMB" }, { 0xff534d42, "CIFS" }, { 0xfe534d42, "SMB2" }, { V9FS_MAGIC, "9p" }, { 0x65735546, "FUSE" },
	{ CODA_SUPER_MAGIC, "Coda" }, { AFS_SUPER_MAGIC, "AFS" }, { AFS_FS_MAGIC, "AFS" }, { 0x00c36400, "Ceph" }, { 0x0bd00bd0, "Lustre" }, { 0x47504653, "GPFS" },
	{ 0x19830326, "BeeGFS" }, { 0xaad7aaea, "PanFS" }, { 0x01161970, "GFS2" }, { OCFS2_SUPER_MAGIC, "OCFS2" }, { 0x786f4256, "vboxsf" }, { 0xbacbacbc, "vmhgfs" },
};

static const char *network_of(const char *folder, unsigned kind)
{
	struct statfs fs;
	if (!kind)
		kind = statfs(folder, &fs) == 0 ? (unsigned)fs.f_type : 0;
	for (size_t i = 0; i < sizeof network_kinds / sizeof *network_kinds; i++)
		if (kind == network_kinds[i].kind)
			return network_kinds[i].name;
	return NULL;
}

const char *store_pool_network(const struct store_pool *p) { return p->network; }

static void read_only_because(struct store_pool *p, char *why)
{
	p->read_only = true;
	free(p->why);
	p->why = why;
}

/* p->path and p->gate_path; the folder must be there. */
static enum status resolve(struct store_pool *p, const char *path, char **folder, struct err *e)
{
	char *copy = mem_strdup(path), *base = mem_strdup(path);
	char *real = realpath(dirname(copy), NULL);
	enum status st = ST_OK;
	if (!real) {
		st = err_set(e, errno == ENOENT ? ST_NOT_FOUND : ST_FAILED, "cannot open %s: its folder: %s", path, strerror(errno));
	} else {
		struct str s = STR_INIT;
		str_addf(&s, "%s/%s", strcmp(real, "/") == 0 ? "" : real, basename(base));
		p->path = mem_strdup(s.p);
		str_add(&s, ".gate");
		p->gate_path = str_take(&s);
	}
	*folder = real;
	free(copy);
	free(base);
	return st;
}

static enum status make_file(struct store_pool *p, unsigned flags, struct err *e)
{
	if (!(flags & STORE_CREATE) || (flags & STORE_READ_ONLY))
		return err_set(e, ST_NOT_FOUND, "there is no workspace %s; importing into it makes it", p->path);
	struct stat st;
	int fd = open(p->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 && errno != EEXIST)
		return err_set(e, ST_FAILED, "cannot make %s: %s; check the rights of its folder", p->path, strerror(errno));
	if (fd < 0 ? lstat(p->path, &st) == 0 : fstat(fd, &st) == 0)
		p->made = fd >= 0, p->dev = st.st_dev, p->ino = st.st_ino;
	if (fd >= 0)
		close(fd);
	return ST_OK;
}

static bool is_still(const char *path, dev_t dev, ino_t ino, bool empty)
{
	struct stat st;
	return lstat(path, &st) == 0 && st.st_dev == dev && st.st_ino == ino && !(empty && st.st_size);
}

/* A first start that failed (a full disk) leaves nothing behind, neither the empty file nor its gate. Only the gate's holder may take the file away; who waited
 * for the gate meanwhile finds in prepare_file() that the file is gone. */
static void unmake_file(const struct store_pool *p)
{
	static const char *const beside[] = { "-journal", "-wal", "-shm", "" };
	const int gate = open(p->gate_path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	struct str s = STR_INIT;
	const bool alone = gate < 0 ? errno == ENOENT : flock(gate, LOCK_EX | LOCK_NB) == 0;
	if (alone && is_still(p->path, p->dev, p->ino, true)) {
		for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
			str_clear(&s);
			str_addf(&s, "%s%s", p->path, beside[i]);
			unlink(s.p);
		}
		if (gate >= 0)
			unlink(p->gate_path);
	}
	if (gate >= 0)
		close(gate);
	str_free(&s);
}

static enum status look_at_file(struct store_pool *p, const char *folder, unsigned flags, struct err *e)
{
	struct stat st;
	if (lstat(p->path, &st) < 0)
		return errno == ENOENT ? make_file(p, flags, e) : err_set(e, ST_FAILED, "cannot open %s: %s", p->path, strerror(errno));
	p->dev = st.st_dev, p->ino = st.st_ino;
	if (S_ISLNK(st.st_mode))
		return err_set(e, ST_REFUSED, "%s is a symbolic link; give the path it points to", p->path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ST_REFUSED, "%s is %s, not a workspace file", p->path, S_ISDIR(st.st_mode) ? "a folder" : "no plain file");
	if (st.st_mode & S_IWOTH)
		return err_set(e, ST_REFUSED, "%s can be written by everybody on this machine; chmod o-w it first", p->path);
	if (access(p->path, R_OK) < 0)
		return err_set(e, ST_FAILED, "cannot read %s: %s; check its rights", p->path, strerror(errno));
	if (access(p->path, W_OK) < 0)
		read_only_because(p, mem_strdup(errno == EROFS ? "its file system is read-only" : "you may not write the file"));
	else if (access(folder, W_OK) < 0)
		read_only_because(p, mem_strdup("you may not write its folder"));
	if (flags & STORE_READ_ONLY)
		read_only_because(p, mem_strdup("opened read-only as asked"));
	return ST_OK;
}

/* Without write access to the folder SQLite cannot make the -shm that reading a WAL file needs; when there is
 * no WAL either, nobody is writing, and the file can be read as one that does not change. */
static bool nothing_beside(const struct store_pool *p, const char *folder)
{
	struct str s = STR_INIT;
	bool none = access(folder, W_OK) < 0;
	for (int i = 0; i < 2; i++) {
		str_clear(&s);
		str_addf(&s, "%s-%s", p->path, i ? "shm" : "wal");
		none = none && access(s.p, F_OK) < 0;
	}
	str_free(&s);
	return none;
}

/* ---- a connection ---- */

static void hardened(sqlite3 *db)
{
	static const struct { int op, value; } rows[] = {
		{ SQLITE_DBCONFIG_DEFENSIVE, 1 }, { SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 }, { SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
		{ SQLITE_DBCONFIG_DQS_DDL, 0 }, { SQLITE_DBCONFIG_DQS_DML, 0 }, { SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
		{ SQLITE_DBCONFIG_ENABLE_FKEY, 1 }, { SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		sqlite3_db_config(db, rows[i].op, rows[i].value, NULL);
	sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
}

/* file:...?immutable=1 with what a URI cannot hold written as %XX. */
static char *immutable_uri(const char *path)
{
	struct str s = STR_INIT;
	str_add(&s, "file:");
	for (; *path; path++) {
		if (strchr("%?#", *path))
			str_addf(&s, "%%%02X", (unsigned char)*path);
		else
			str_addc(&s, *path);
	}
	str_add(&s, "?immutable=1");
	return str_take(&s);
}

struct store *store_conn_open(struct store_pool *p, struct err *e)
{
	struct store *s = mem_zalloc(sizeof *s);
	s->pool = p;
	s->gate_fd = -1;
	int flags = (p->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
	char *uri = p->immutable ? immutable_uri(p->path) : NULL;
	int rc = sqlite3_open_v2(uri ? uri : p->path, &s->db, flags | (uri ? SQLITE_OPEN_URI : 0), NULL);
	free(uri);
	if (rc == SQLITE_OK) {
		sqlite3_extended_result_codes(s->db, 1);
		hardened(s->db);
		sqlite3_busy_handler(s->db, store_busy, s);
		sqlite3_commit_hook(s->db, store_on_commit, s);
		sqlite3_update_hook(s->db, store_on_row, s);
		rc = sqlite3_exec(s->db, "PRAGMA wal_autocheckpoint = 0; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;"
			" PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;", NULL, NULL, NULL);
	}
	if (rc == SQLITE_OK)
		return s;
	store_sqlite_error(s->db, p->path, e, "cannot open");
	store_conn_close(s);
	return NULL;
}

void store_conn_close(struct store *s)
{
	store_forget_statements(s);
	sqlite3_close(s->db);
	codec_free(s->codec);
	if (s->gate_fd >= 0)
		close(s->gate_fd);      /* the lock goes with it */
	free(s);
}

/* ---- whose file is it, and how old ---- */

struct identity { int64_t application, schema, tables, foreign_triggers; };

/* A file from elsewhere could bring triggers that run when we write. Ours guard the audit log. */
static const char foreign_triggers[] = "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'"
	" AND NOT (tbl_name = 'audit' AND name IN ('audit_no_update', 'audit_no_delete', 'audit_no_gap'))";

static enum status identify(struct store *s, struct identity *id, struct err *e)
{
	enum status st = store_read_begin(s, e);          /* another program may be making the schema at this moment */
	if (st != ST_OK)
		return st;
	id->application = store_query_int(s, "PRAGMA application_id", 0, &st, e);
	if (st == ST_OK)
		id->schema = store_query_int(s, "PRAGMA user_version", 0, &st, e);
	if (st == ST_OK)
		id->tables = store_query_int(s, "SELECT count(*) FROM sqlite_schema", 0, &st, e);
	if (st == ST_OK)
		id->foreign_triggers = store_query_int(s, foreign_triggers, 0, &st, e);
	store_read_end(s);
	return st;
}

static bool is_empty(const struct identity *id) { return !id->application && !id->tables && !id->schema; }
static bool is_ours(const struct identity *id) { return id->application == STORE_APPLICATION_ID && id->schema > 0; }

static enum status refuse_foreign(struct store *s, const struct identity *id, struct err *e)
{
	enum status st;
	const char *path = s->pool->path;
	if (id->application == STORE_APPLICATION_ID)
		return err_set(e, ST_FAILED, "%s names no schema and is damaged; a backup can take its place", path);
	if (is_empty(id))
		return err_set(e, ST_NOT_FOUND, "%s is empty so far; importing into it makes it a workspace", path);
	int64_t mlflow = store_query_int(s, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('alembic_version', 'experiments', 'runs')", 0, &st, NULL);
	if (mlflow == 3)
		return err_set(e, ST_REFUSED, "%s is an MLflow database, not a workspace; give it without -w, or import it", path);
	return err_set(e, ST_REFUSED, "%s is a database of another program, not a workspace; it was left alone", path);
}

static enum status run_steps(struct store *s, int64_t from, struct err *e)
{
	enum status st = store_exec(s, "BEGIN EXCLUSIVE", e);
	int newest = newest_schema(s->pool);
	for (int64_t i = from; st == ST_OK && i < newest; i++)
		st = store_exec(s, step_sql(s->pool, (int)i), e);
	char end[160];
	snprintf(end, sizeof end, "PRAGMA application_id = %d; PRAGMA user_version = %d", STORE_APPLICATION_ID, newest);
	if (st == ST_OK)
		st = store_exec(s, end, e);
	if (st == ST_OK && store_query_int(s, "SELECT count(*) FROM pragma_foreign_key_check", 0, &st, e) > 0)
		st = err_set(e, ST_FAILED, "%s: after the change of schema rows would point nowhere; nothing was changed", s->pool->path);
	if (st == ST_OK) {
		s->committing = true;
		st = store_exec(s, "COMMIT", e);
		s->committing = false;
	}
	if (!sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return st;
}

static enum status bring_up_to_date(struct store *s, const struct identity *id, struct err *e)
{
	enum status st = ST_OK;
	if (id->schema) {
		struct str copy = STR_INIT;
		str_addf(&copy, "%s.schema-%lld.bak", s->pool->path, (long long)id->schema);
		st = store_copy(s, copy.p, true, NULL, e);
		if (st == ST_OK)
			log_add(LOG_INFO, "%s: schema %lld is brought up to date; the file as it was is %s", s->pool->path, (long long)id->schema, copy.p);
		str_free(&copy);
	}
	/* Steps may rebuild tables that others refer to; run_steps() checks the references before it commits. */
	if (st == ST_OK)
		st = store_exec(s, "PRAGMA foreign_keys = OFF", e);
	if (st == ST_OK)
		st = run_steps(s, id->schema, e);
	store_exec(s, "PRAGMA foreign_keys = ON", NULL);
	return st == ST_OK ? ST_OK : err_wrap(e, id->schema ? "cannot bring the workspace up to date" : "cannot make the workspace");
}

static enum status set_journal(struct store *s, struct err *e)
{
	const char *want = s->pool->network ? "delete" : "wal";
	sqlite3_stmt *q = store_stmt(s, s->pool->network ? "PRAGMA journal_mode = DELETE" : "PRAGMA journal_mode = WAL", e);
	if (!q)
		return ST_FAILED;
	s->committing = true;            /* the mode is a field of the file and is committed like one */
	int rc = sqlite3_step(q);
	bool done = rc == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(q, 0), want) == 0;
	enum status st = rc == SQLITE_ROW ? ST_OK : store_error(s, e, "cannot set the journal mode");
	if (sqlite3_reset(q) != SQLITE_OK && st == ST_OK)
		st = store_error(s, e, "cannot set the journal mode");
	s->committing = false;
	if (st == ST_OK && !done)
		st = err_set(e, ST_FAILED, "%s: the journal mode cannot be made \"%s\"; close other programs that have the file open", s->pool->path, want);
	return st;
}

static bool journal_fits(struct store *s)
{
	sqlite3_stmt *q = store_stmt(s, "PRAGMA journal_mode", NULL);
	bool wal = q && sqlite3_step(q) == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(q, 0), "wal") == 0;
	if (q)
		sqlite3_reset(q);
	return wal == !s->pool->network;
}

static enum status prepare_file(struct store *s, unsigned flags, struct err *e)
{
	struct identity id;
	int newest = newest_schema(s->pool);
	enum status st = store_gate_lock(s, store_gate_wait_ms(s->pool), e);
	if (st != ST_OK)
		return st;
	st = identify(s, &id, e);
	if (st == ST_OK && is_empty(&id) && s->pool->ino && !is_still(s->pool->path, s->pool->dev, s->pool->ino, false))
		st = err_set(e, ST_FAILED, "%s was taken away while it was opened, by a start that failed; start again", s->pool->path);
	if (st == ST_OK && !is_ours(&id) && !(is_empty(&id) && (flags & STORE_CREATE)))
		st = refuse_foreign(s, &id, e);
	if (st == ST_OK && id.schema < newest)
		st = bring_up_to_date(s, &id, e);
	if (st == ST_OK && !journal_fits(s))
		st = set_journal(s, e);
	store_gate_unlock(s);
	return st;
}

static enum status recognise(struct store *s, unsigned flags, bool *again, struct err *e)
{
	struct store_pool *p = s->pool;
	struct identity id;
	int newest = newest_schema(p);
	enum status st = identify(s, &id, e);
	if (st != ST_OK)
		return st;
	if (!is_ours(&id) && !(is_empty(&id) && (flags & STORE_CREATE) && !p->read_only))
		return refuse_foreign(s, &id, e);
	if (id.schema > newest && !p->read_only) {
		struct str why = STR_INIT;
		str_addf(&why, "a newer mlyard wrote it (schema %lld, this one knows %d); update mlyard to write", (long long)id.schema, newest);
		read_only_because(p, str_take(&why));
		*again = true;
		return ST_OK;
	}
	if (id.foreign_triggers > 0 && !p->read_only) {
		read_only_because(p, mem_strdup("it holds triggers that mlyard did not make; `DROP TRIGGER` them with sqlite3 when you know where they come from"));
		*again = true;
		return ST_OK;
	}
	if (p->read_only && id.schema < newest)
		return err_set(e, ST_REFUSED, "%s has the older schema %lld and is read-only (%s); open it writable once", p->path, (long long)id.schema, p->why);
	if (p->read_only && p->network && !p->immutable && !journal_fits(s))
		return err_set(e, ST_REFUSED, "%s lies on %s with a journal that only a local disk can share, and is read-only (%s); open it writable once, which"
			" changes that, or copy it to a local disk", p->path, p->network, p->why);
	if (p->read_only)
		return ST_OK;
	return id.schema == newest && journal_fits(s) ? ST_OK : prepare_file(s, flags, e);
}

/* A program that was killed while it made or converted the file may have left its rollback journal. A read-only connection
 * cannot roll it back and would fail for ever; a plain one does so with its first look, under the gate of nobody: SQLite's own
 * locks order this. Only where we may write; else the opening itself says what is wrong. */
static void finish_killed_write(const struct store_pool *p, const char *folder)
{
	struct str journal = STR_INIT;
	struct stat st;
	sqlite3 *db = NULL;
	str_addf(&journal, "%s-journal", p->path);
	bool left = stat(journal.p, &st) == 0 && st.st_size > 0;
	str_free(&journal);
	if (!left || access(p->path, W_OK) < 0 || access(folder, W_OK) < 0)
		return;
	if (sqlite3_open_v2(p->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, NULL) == SQLITE_OK) {
		sqlite3_busy_timeout(db, STORE_BUSY_MS);
		if (sqlite3_exec(db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL) != SQLITE_OK)
			log_add(LOG_WARN, "%s: the journal of a killed write could not be rolled back: %s", p->path, sqlite3_errmsg(db));
	}
	sqlite3_close(db);
}

/* Nothing beside the file is needed to read it: its log is empty. */
static bool whole_without_log(const struct store_pool *p)
{
	struct str wal = STR_INIT;
	struct stat file, log;
	str_addf(&wal, "%s-wal", p->path);
	bool whole = stat(p->path, &file) == 0 && file.st_size > 0 && (stat(wal.p, &log) < 0 || log.st_size == 0);
	str_free(&wal);
	return whole;
}

static enum status open_first(struct store_pool *p, unsigned flags, struct err *e)
{
	for (;;) {
		bool again = false;
		struct store *s = store_conn_open(p, e);
		if (!s)
			return e ? e->code : ST_FAILED;
		enum status st = recognise(s, flags, &again, e);
		if (st == ST_OK && !again) {
			p->idle = s;
			return ST_OK;
		}
		store_conn_close(s);
		if (st != ST_OK)
			return st;
	}
}

/* Even a reader needs a little space, for the memory that those who share the file share. Without it the file can still be
 * read as one that does not change. */
static enum status open_on_full_disk(struct store_pool *p, unsigned flags, struct err *e)
{
	struct err first = *e;
	if (!p->read_only)
		read_only_because(p, mem_strdup("its disk is full; free some space and open it again to change something"));
	p->immutable = true;
	enum status st = open_first(p, flags, e);
	if (st != ST_OK)
		*e = first;
	return st;
}

enum status store_pool_open_tuned(const char *path, unsigned flags, const struct store_tuning *tuning, struct store_pool **out, struct err *e)
{
	struct err words;
	struct store_pool *p = mem_zalloc(sizeof *p);
	char *folder = NULL;
	if (!e)
		e = &words;
	p->tuning = *tuning;
	pthread_mutex_init(&p->mu, NULL);
	enum status st = resolve(p, path, &folder, e);
	if (st == ST_OK)
		st = look_at_file(p, folder, flags, e);
	if (st == ST_OK) {
		p->network = network_of(folder, tuning->fs_kind);
		if (p->read_only)
			finish_killed_write(p, folder);
		p->immutable = p->read_only && nothing_beside(p, folder);
		st = open_first(p, flags, e);
		if (st == ST_FAILED && !p->immutable && store_no_room(p) && whole_without_log(p))
			st = open_on_full_disk(p, flags, e);
	}
	free(folder);
	if (st != ST_OK) {
		if (p->made)
			unmake_file(p);
		store_pool_close(p);
		return st;
	}
	if (p->read_only && !(flags & STORE_READ_ONLY))
		notice_post("store.read-only", NOTICE_WARN, NULL, "%s is opened read-only: %s", p->path, p->why);
	*out = p;
	return ST_OK;
}

enum status store_pool_open(const char *path, unsigned flags, struct store_pool **out, struct err *e)
{
	return store_pool_open_tuned(path, flags, &(struct store_tuning){ 0 }, out, e);
}

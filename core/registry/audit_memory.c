/* audit_memory -- what this user last saw of the log, kept outside of the workspace: everybody who opens it is a witness.
 *
 * File     $XDG_STATE_HOME/mlyard/<uuid>.head: one JSON object with number and hash of the newest record seen, and the newest checkpoint.
 * Rules    the memory never goes back: it is replaced by a newer head only, under a lock, after the file was found to hold what is
 *          remembered. It is written after a commit, so a rolled-back record is never remembered.
 * Order    the memory is read before the log. Whoever writes it has committed first, so a log read later holds the record.
 *          Inside a read transaction that began earlier it may not, and nothing can be said.
 * Broken   when an admin has accepted the loss after we last looked (audit.acknowledge), it is told once and the new history is remembered.
 *          A memory that does not parse proves nothing and is told, too: who may write it could as well have removed it.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/fmt.h"
#include "core/base/fs.h"
#include "core/base/jsonw.h"
#include "core/base/notice.h"
#include "core/base/text.h"
#include "core/registry/audit_impl.h"
#include "core/registry/change.h"
#include "core/registry/regsql.h"
#include "core/secret/private.h"

static const char memory_format[] = "mlyard-head-1", notice_key[] = "audit.memory", broken_key[] = "audit.broken";
enum { LOCK_WAIT_US = 5000000, LOCK_PAUSE_US = 500 };

/* ---- the file ---- */

static char *memory_path(const char *uuid)
{
	struct str name = STR_INIT;
	char *dir = fs_state_dir();
	str_addf(&name, "%s.head", uuid);
	char *path = fs_join(dir, name.p);
	str_free(&name);
	free(dir);
	return path;
}

static bool take_int(json_t *root, const char *key, int64_t least, int64_t *out)
{
	json_t *v = json_object_get(root, key);
	*out = json_integer_value(v);
	return json_is_integer(v) && *out >= least;
}

static bool take_hash(json_t *root, unsigned char hash[AUDIT_HASH])
{
	const char *hex = json_string_value(json_object_get(root, "hash"));
	size_t n = 0;
	return hex && strlen(hex) == 2 * AUDIT_HASH && sodium_hex2bin(hash, AUDIT_HASH, hex, 2 * AUDIT_HASH, NULL, &n, NULL) == 0 && n == AUDIT_HASH;
}

/* Also part of a file's name. */
static bool is_uuid(const char *text)
{
	return text && strlen(text) == AUDIT_UUID && strspn(text, "0123456789abcdef-") == AUDIT_UUID;
}

enum status audit_memory_parse(const char *text, size_t n, const char *name, struct audit_memory *out, struct err *e)
{
	json_error_t why;
	*out = (struct audit_memory){ .checkpoint = 0 };
	json_t *root = json_loadb(text, n, JSON_REJECT_DUPLICATES, &why);
	const char *format = json_string_value(json_object_get(root, "format")), *uuid = json_string_value(json_object_get(root, "workspace"));
	bool good = format && strcmp(format, memory_format) == 0 && is_uuid(uuid) && take_int(root, "seq", 1, &out->head.seq) && take_hash(root, out->head.hash)
		&& take_int(root, "ms", 0, &out->head.ms) && take_int(root, "kept_ms", 0, &out->kept_ms) && take_int(root, "checkpoint", 0, &out->checkpoint);
	if (good)
		memcpy(out->uuid, uuid, AUDIT_UUID + 1);
	json_decref(root);
	return good ? ST_OK : err_set(e, ST_REFUSED, "%s: what was remembered of the audit log cannot be read; remove the file to begin anew", name);
}

static void memory_format_to(const struct audit_memory *m, struct str *out)
{
	struct jsonw w;
	char hex[2 * AUDIT_HASH + 1];
	audit_hex(m->head.hash, hex);
	jsonw_init(&w, out);
	jsonw_open(&w, '{');
	jsonw_put_str(&w, "format", memory_format);
	jsonw_put_str(&w, "workspace", m->uuid);
	jsonw_put_int(&w, "seq", m->head.seq);
	jsonw_put_str(&w, "hash", hex);
	jsonw_put_int(&w, "ms", m->head.ms);
	jsonw_put_int(&w, "kept_ms", m->kept_ms);
	jsonw_put_int(&w, "checkpoint", m->checkpoint);
	jsonw_close(&w, '}');
	str_addc(out, '\n');
}

enum status audit_memory_load(const char *uuid, struct audit_memory *out, struct err *e)
{
	char text[AUDIT_MEMORY_MOST], *path = memory_path(uuid);
	size_t n;
	*out = (struct audit_memory){ .checkpoint = 0 };
	enum status st = private_read(path, text, sizeof text, &n, e);
	if (st == ST_OK)
		st = audit_memory_parse(text, n, path, out, e);
	if (st == ST_OK && strcmp(out->uuid, uuid) != 0)
		st = err_set(e, ST_REFUSED, "%s: remembers another workspace; remove the file to begin anew", path);
	free(path);
	return st;
}

/* Programs of one user take turns; -1 when they do not. */
static int lock_memory(const char *path)
{
	struct str name = STR_INIT;
	str_addf(&name, "%s.lock", path);
	int fd = open(name.p, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	str_free(&name);
	for (int waited = 0; fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0; waited += LOCK_PAUSE_US) {
		if (errno != EINTR && (errno != EWOULDBLOCK || waited >= LOCK_WAIT_US)) {
			close(fd);
			return -1;
		}
		usleep(LOCK_PAUSE_US);
	}
	return fd;
}

/* ---- comparing ---- */

static const char *on_date(char buf[FMT_MAX], int64_t ms)
{
	return fmt_time(buf, ms);
}

static enum status broken_record(struct store *s, const struct audit_memory *m, bool there, struct err *e)
{
	char saw[FMT_MAX];
	struct audit_head head;
	if (there)
		return err_set(e, ST_CHECK, "history was replaced: record %lld is not the one that was seen here on %s", (long long)m->head.seq, on_date(saw, m->kept_ms));
	enum status st = audit_head(s, &head, e);
	return st != ST_OK ? st : err_set(e, ST_CHECK, "history was cut: the audit log ends at record %lld, but record %lld was seen here on %s; "
		"is this an older copy of the file?", (long long)head.seq, (long long)m->head.seq, on_date(saw, m->kept_ms));
}

static enum status same_record(struct store *s, const struct audit_memory *m, struct err *e)
{
	sqlite3_stmt *q = reg_query(s, e, "SELECT hash FROM audit WHERE seq = ?", "i", m->head.seq);
	if (!q)
		return ST_FAILED;
	int rc = sqlite3_step(q);
	bool there = rc == SQLITE_ROW;
	bool same = there && sqlite3_column_bytes(q, 0) == AUDIT_HASH && memcmp(sqlite3_column_blob(q, 0), m->head.hash, AUDIT_HASH) == 0;
	enum status st = reg_done(s, q, rc, e);
	if (st != ST_OK || same)
		return st;
	bool old_view = !sqlite3_get_autocommit(store_db(s)) && !store_in_write(s);
	return old_view && !there ? ST_OK : broken_record(s, m, there, e);
}

static enum status same_checkpoint(struct store *s, const struct audit_memory *m, struct err *e)
{
	int64_t n = 0;
	bool old_view = !sqlite3_get_autocommit(store_db(s)) && !store_in_write(s);
	enum status st = m->checkpoint && !old_view ? reg_int(s, e, 0, &n, "SELECT n FROM audit_checkpoint WHERE n = ?", "i", m->checkpoint) : ST_OK;
	if (st != ST_OK || n || !m->checkpoint || old_view)
		return st;
	char saw[FMT_MAX];
	return err_set(e, ST_CHECK, "signed checkpoint %lld of the audit log was seen here on %s and is gone", (long long)m->checkpoint, on_date(saw, m->kept_ms));
}

/* Has somebody accepted a broken history since we last looked? Then the words say who. */
static bool accepted_since(struct store *s, const struct audit_memory *m, struct err *e)
{
	sqlite3_stmt *q = reg_query(s, NULL, "SELECT seq, actor, ms, reason FROM audit WHERE action = 'audit.acknowledge' AND object = 'workspace' AND ms >= ? ORDER BY seq DESC LIMIT 1", "i", m->kept_ms);
	if (!q)
		return false;
	bool found = sqlite3_step(q) == SQLITE_ROW;
	if (found) {
		struct str who = STR_INIT, reason = STR_INIT;
		char date[FMT_MAX];
		const char *actor = reg_column(q, 1), *text = reg_column(q, 3);
		text_clean(&who, actor, strlen(actor), 0);
		text_clean(&reason, text, strlen(text), 0);
		err_set(e, ST_OK, "%s accepted this on %s (record %lld): %s", who.p, on_date(date, sqlite3_column_int64(q, 2)), (long long)sqlite3_column_int64(q, 0), reason.p);
		str_free(&who);
		str_free(&reason);
	}
	sqlite3_reset(q);
	return found;
}

/* ST_OK also when the loss was accepted. */
static enum status compare(struct store *s, const struct audit_memory *m, struct err *e)
{
	struct err accepted;
	enum status st = same_record(s, m, e);
	if (st == ST_OK)
		st = same_checkpoint(s, m, e);
	if (st != ST_CHECK || !accepted_since(s, m, &accepted))
		return st;
	notice_post("audit.accepted", NOTICE_WARN, NULL, "%s. %s", e->text, accepted.text);
	return ST_OK;
}

/* What is remembered of this workspace; seq 0: nothing. */
static enum status remembered(struct store *s, char uuid[AUDIT_UUID + 1], struct audit_memory *m, struct err *e)
{
	struct err odd;
	*m = (struct audit_memory){ .checkpoint = 0 };
	enum status st = audit_uuid(s, uuid, e);
	if (st != ST_OK || !*uuid)
		return st;
	if (!is_uuid(uuid))
		return err_set(e, ST_CHECK, "the workspace's identity was changed: it is no UUID");
	st = audit_memory_load(uuid, m, &odd);
	if (st != ST_OK && st != ST_NOT_FOUND)
		notice_post(notice_key, NOTICE_WARN, NULL, "%s", odd.text);
	return ST_OK;
}

enum status audit_memory_check(struct store *s, struct err *e)
{
	char uuid[AUDIT_UUID + 1];
	struct audit_memory m;
	struct err words;
	if (!e)
		e = &words;
	enum status st = remembered(s, uuid, &m, e);
	return st == ST_OK && m.head.seq ? compare(s, &m, e) : st;
}

/* ---- keeping ---- */

static enum status now_there(struct store *s, const char *uuid, struct audit_memory *m, struct err *e)
{
	struct audit_signed last;
	*m = (struct audit_memory){ .kept_ms = clock_wall_ms() };
	memcpy(m->uuid, uuid, AUDIT_UUID + 1);
	enum status st = audit_signed_last(s, &last, e);
	m->checkpoint = last.n;
	return st == ST_OK ? audit_head(s, &m->head, e) : st;
}

static enum status write_memory(const char *path, const struct audit_memory *m, struct err *e)
{
	struct str text = STR_INIT;
	memory_format_to(m, &text);
	enum status st = private_replace(path, text.p, text.len, e);
	str_free(&text);
	return st;
}

static bool is_newer(const struct audit_memory *now, const struct audit_memory *was)
{
	return now->head.seq > was->head.seq || (now->head.seq == was->head.seq && now->checkpoint > was->checkpoint);
}

/* Under the lock. `accept`: whatever is remembered gives way. */
static enum status renew(struct store *s, const char *uuid, const char *path, bool accept, struct err *e)
{
	struct audit_memory was, now;
	enum status st = audit_memory_load(uuid, &was, NULL);
	bool any = st == ST_OK, replaced = accept;
	st = any && !accept ? same_record(s, &was, e) : ST_OK;
	if (st == ST_OK && any && !accept)
		st = same_checkpoint(s, &was, e);
	if (st == ST_CHECK) {
		st = compare(s, &was, e);
		replaced = st == ST_OK;
	}
	if (st == ST_OK)
		st = now_there(s, uuid, &now, e);
	if (st != ST_OK || !now.head.seq)
		return st;
	return !any || replaced || is_newer(&now, &was) ? write_memory(path, &now, e) : ST_OK;
}

static enum status keep(struct store *s, bool accept, struct err *e)
{
	char uuid[AUDIT_UUID + 1];
	if (store_in_write(s))
		return err_set(e, ST_REFUSED, "what is not committed yet is not remembered");
	enum status st = audit_uuid(s, uuid, e);
	if (st != ST_OK || !is_uuid(uuid))
		return st;
	char *path = memory_path(uuid), *dir = fs_state_dir();
	st = fs_mkdirs(dir, e);
	int lock = st == ST_OK ? lock_memory(path) : -1;
	if (st == ST_OK && lock < 0)
		st = err_set(e, ST_FAILED, "cannot lock %s.lock: %s", path, strerror(errno));
	if (st == ST_OK)
		st = renew(s, uuid, path, accept, e);
	if (lock >= 0)
		close(lock);
	free(path);
	free(dir);
	return st;
}

enum status audit_memory_keep(struct store *s, struct err *e)
{
	struct err words;
	return keep(s, false, e ? e : &words);
}

/* ---- accepting ---- */

static void put_head(struct str *out, const struct audit_head *h, int64_t checkpoint)
{
	struct jsonw w;
	char hex[2 * AUDIT_HASH + 1];
	audit_hex(h->hash, hex);
	jsonw_init(&w, out);
	jsonw_open(&w, '{');
	jsonw_put_int(&w, "seq", h->seq);
	jsonw_put_str(&w, "hash", hex);
	jsonw_put_int(&w, "checkpoint", checkpoint);
	jsonw_close(&w, '}');
}

enum status audit_accept(struct store *s, const struct actor *who, const char *subject, const char *before, const char *after, const char *reason, struct err *e)
{
	struct change c;
	enum status st = change_begin(&c, s, who, ACT_ACKNOWLEDGE, subject, 0, -1, e);
	if (st == ST_OK) {
		st = change_record(&c, NULL, subject, before, after, reason, e);
		if (st == ST_OK)
			st = change_commit(&c, 0, e);
		else
			change_cancel(&c);
	}
	return st;
}

static enum status record_acceptance(struct store *s, const struct actor *who, const struct audit_memory *was, const struct audit_memory *now, const char *reason, struct err *e)
{
	struct str before = STR_INIT, after = STR_INIT;
	put_head(&before, &was->head, was->checkpoint);
	put_head(&after, &now->head, now->checkpoint);
	enum status st = audit_accept(s, who, "workspace", before.p, after.p, reason, e);
	str_free(&before);
	str_free(&after);
	return st;
}

enum status audit_acknowledge(struct store *s, const struct actor *who, const char *reason, struct err *e)
{
	char uuid[AUDIT_UUID + 1];
	struct audit_memory was, now;
	if (!reason || !reason[strspn(reason, " \t\n")])
		return err_set(e, ST_USAGE, "accepting a broken history needs a reason");
	enum status st = audit_memory_check(s, e);
	if (st == ST_OK)
		return audit_clock_accept(s, who, reason, e);
	if (st != ST_CHECK)
		return st;
	st = remembered(s, uuid, &was, e);
	if (st == ST_OK)
		st = now_there(s, uuid, &now, e);
	if (st == ST_OK)
		st = record_acceptance(s, who, &was, &now, reason, e);
	if (st == ST_OK)
		st = keep(s, true, e);
	if (st == ST_OK)
		notice_clear(broken_key);
	return st;
}

/* key init, key show, key revoke: this user's keys. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/fs.h"
#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/registry/audit.h"
#include "core/registry/verbs.h"
#include "core/secret/key.h"
#include "core/workspace.h"

/* ---- init ---- */

/* The file is made when it is not there: a key file is nothing but random bytes. */
static enum status with_key_file(const char *path, const char *file, const char *owner, struct key_public *out, struct err *e)
{
	enum status st = fs_is_file(file) ? ST_OK : key_file_create(file, e);
	if (st == ST_OK)
		st = key_create(path, KEY_APPROVAL, KEY_SEAL_FILE, owner, &(struct key_secret){ .key_file = file }, out, e);
	return st;
}

static enum status with_passphrase(const char *path, const char *owner, struct key_public *out, struct err *e)
{
	struct key_secret how = { 0 };
	char *pass;
	enum status st = key_ask_passphrase("passphrase for your new key: ", true, &pass, &how.n, e);
	if (st != ST_OK)
		return st;
	how.passphrase = pass;
	st = key_create(path, KEY_APPROVAL, KEY_SEAL_PASSPHRASE, owner, &how, out, e);
	sodium_free(pass);
	return st;
}

static enum status key_is_new(const char *path, struct err *e)
{
	struct key_public have;
	enum status st = key_read_public(path, &have, e);
	if (st == ST_OK)
		return err_set(e, ST_REFUSED, "there is a key already: %s of %s, %s; move the file away to make another", have.id, have.owner, path);
	return st == ST_NOT_FOUND ? ST_OK : st;
}

static void json_key(struct jsonw *w, const struct key_public *k, const char *path)
{
	static const char *const seals[] = { "passphrase", "file", "none" };
	char hex[2 * KEY_PUBLIC + 1];
	const struct { const char *key, *value; } members[] = { { "kind", key_kind_name(k->kind) }, { "id", k->id }, { "owner", k->owner }, { "seal", seals[k->seal] },
		{ "public", sodium_bin2hex(hex, sizeof hex, k->bytes, KEY_PUBLIC) }, { "file", path } };
	jsonw_open(w, '{');
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		jsonw_put_str(w, members[i].key, members[i].value);
	jsonw_put_int(w, "created_ms", k->created_ms);
	jsonw_close(w, '}');
}

static void print_made(struct out *o, const struct key_public *k, const char *path)
{
	struct str text = STR_INIT;
	if (o->json) {
		struct jsonw w;
		jsonw_init(&w, &text);
		json_key(&w, k, path);
	} else {
		str_addf(&text, "key %s of %s is in %s; it is introduced to a workspace with the first approval", k->id, k->owner, path);
	}
	str_addc(&text, '\n');
	out_text(o, text.p, text.len);
	str_free(&text);
}

static enum status key_init_run(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	(void)ws;
	struct actor self;
	struct key_public made;
	const char *file = verb_opt(a, "key-file"), *name = verb_opt(a, "name");
	char *path = key_path(KEY_APPROVAL);
	actor_self(&self);
	enum status st = key_is_new(path, e);
	if (st == ST_OK)
		st = file ? with_key_file(path, file, name ? name : self.name, &made, e) : with_passphrase(path, name ? name : self.name, &made, e);
	if (st == ST_OK)
		print_made(o, &made, path);
	free(path);
	return st;
}

/* ---- show ---- */

static const char *const seal_words[] = { "a passphrase", "a key file", "nothing, it signs unattended" };

static void show_one(struct out *o, struct out_table *t, const struct key_public *k, const char *path)
{
	char when[FMT_MAX];
	out_table_cell(t, key_kind_name(k->kind));
	out_table_cell(t, k->id);
	out_table_cell(t, k->owner);
	out_table_cell(t, seal_words[k->seal]);
	out_table_cell(t, o->tty ? fmt_time(when, k->created_ms) : fmt_time_iso(when, k->created_ms));
	out_table_cell(t, path);
}

static void show_table(struct out *o, const struct key_public *keys, char *const *paths, size_t n)
{
	struct out_table *t = out_table_new(o);
	static const char *const titles[] = { "kind", "id", "owner", "sealed with", "created", "file" };
	for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
		out_table_column(t, titles[i], OUT_LEFT);
	for (size_t i = 0; i < n; i++)
		show_one(o, t, &keys[i], paths[i]);
	out_table_end(t);
}

static void show_json(struct out *o, const struct key_public *keys, char *const *paths, size_t n)
{
	struct str text = STR_INIT;
	struct jsonw w;
	jsonw_init(&w, &text);
	jsonw_open(&w, '{');
	jsonw_put_open(&w, "keys", '[');
	for (size_t i = 0; i < n; i++)
		json_key(&w, &keys[i], paths[i]);
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
	str_addc(&text, '\n');
	out_text(o, text.p, text.len);
	str_free(&text);
}

static enum status key_show_run(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	(void)ws, (void)a;
	struct key_public keys[KEY_KINDS];
	char *paths[KEY_KINDS], *all[KEY_KINDS];
	size_t n = 0;
	enum status st = ST_OK;
	struct err none;
	for (int kind = 0; kind < KEY_KINDS; kind++) {
		all[kind] = key_path((enum key_kind)kind);
		enum status one = st == ST_OK ? key_read_public(all[kind], &keys[n], &none) : ST_NOT_FOUND;
		if (one == ST_OK)
			paths[n++] = all[kind];
		else if (one != ST_NOT_FOUND)
			st = err_set(e, one, "%s", none.text);
	}
	if (st == ST_OK && !n)
		st = err_set(e, ST_NOT_FOUND, "there is no key at %s; make one with: mlyard key init", all[KEY_APPROVAL]);
	if (st == ST_OK)
		(o->json ? show_json : show_table)(o, keys, paths, n);
	for (int kind = 0; kind < KEY_KINDS; kind++)
		free(all[kind]);
	return st;
}

/* ---- revoke ---- */

static enum status key_revoke_run(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	struct actor self;
	const char *reason = verb_opt(a, "reason");
	struct store *s = store_get(ws->pool, e);
	if (!s)
		return ST_FAILED;
	actor_self(&self);
	enum status st = audit_key_revoke(s, &self, verb_arg(a, 0), reason, e);
	if (st == ST_OK)
		fprintf(o->msg, "key %s is out of use in this workspace\n", verb_arg(a, 0));
	store_put(ws->pool, s);
	return st;
}

static const struct verb_opt init_opts[] = {
	{ "key-file", OPT_FILE, "FILE", "Seal it with this file instead of a passphrase; made when it is not there" },
	{ "name", OPT_STRING, "NAME", "Whose key it is, when not yours by $MLYARD_USER or login" },
};
static const struct verb_opt revoke_opts[] = { { "reason", OPT_STRING, "TEXT", "Why; it is recorded" } };

static const struct verb key_rows[] = {
	{ "key init", "", "Make the key that your approvals are signed with", init_opts, 2, VERB_NO_WORKSPACE, 0, 0, key_init_run },
	{ "key show", "", "Show your keys, without their secrets", NULL, 0, VERB_NO_WORKSPACE, 0, 0, key_show_run },
	{ "key revoke", "ID", "Take a key out of use in this workspace", revoke_opts, 1, VERB_WRITES, 1, 1, key_revoke_run },
};
const struct verb_table key_verbs = { key_rows, sizeof key_rows / sizeof *key_rows };

/* The key file: one JSON object whose members are all known and all needed. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/jsonw.h"
#include "core/base/text.h"
#include "core/secret/key_impl.h"

static const char format_name[] = "mlyard-key-1";
static const char *const kind_names[KEY_KINDS] = { "approval", "witness" };
static const char *const seal_names[] = { "passphrase", "file", "none" };

const char *key_kind_name(enum key_kind k)
{
	return kind_names[k];
}

size_t key_file_secret_bytes(enum key_seal seal)
{
	return seal == KEY_SEAL_NONE ? KEY_SEED : KEY_SEED + KEY_TAG;
}

/* ---- reading ---- */

struct members { json_t *root; const char *name; size_t taken; struct err *e; };

static json_t *member(struct members *m, const char *key, json_type type)
{
	json_t *v = json_object_get(m->root, key);
	if (v && json_typeof(v) == type) {
		m->taken++;
		return v;
	}
	err_set(m->e, ST_REFUSED, "%s: \"%s\" is %s; this is no key file of this version", m->name, key, v ? "of the wrong type" : "missing");
	return NULL;
}

static bool take_hex(struct members *m, const char *key, unsigned char *out, size_t n)
{
	const char *hex = json_string_value(member(m, key, JSON_STRING)), *end;
	size_t got = 0;
	if (!hex)
		return false;
	if (strlen(hex) == 2 * n && sodium_hex2bin(out, n, hex, 2 * n, NULL, &got, &end) == 0 && got == n && !*end)
		return true;
	err_set(m->e, ST_REFUSED, "%s: \"%s\" must be %zu hexadecimal digits", m->name, key, 2 * n);
	return false;
}

static bool take_word(struct members *m, const char *key, const char *const *words, size_t n, unsigned *out)
{
	const char *text = json_string_value(member(m, key, JSON_STRING));
	for (*out = 0; text && *out < n; ++*out)
		if (strcmp(words[*out], text) == 0)
			return true;
	if (text)
		err_set(m->e, ST_REFUSED, "%s: \"%s\" has a value this mlyard does not know", m->name, key);
	return false;
}

static bool take_limit(struct members *m, const char *key, json_int_t least, json_int_t most, uint64_t *out)
{
	json_t *v = member(m, key, JSON_INTEGER);
	json_int_t n = json_integer_value(v);
	if (!v)
		return false;
	*out = (uint64_t)n;
	if (n >= least && n <= most)
		return true;
	err_set(m->e, ST_REFUSED, "%s: \"%s\" must be %lld to %lld", m->name, key, (long long)least, (long long)most);
	return false;
}

static bool take_owner(struct members *m, char *out)
{
	const char *text = json_string_value(member(m, "owner", JSON_STRING));
	size_t n = text ? strlen(text) : 0;
	if (!text)
		return false;
	if (n > KEY_OWNER_MAX || !text_is_clean(text, n, 0)) {
		err_set(m->e, ST_REFUSED, "%s: \"owner\" must be at most %d bytes without control characters", m->name, KEY_OWNER_MAX);
		return false;
	}
	memcpy(out, text, n + 1);
	return true;
}

static bool take_head(struct members *m, struct key_public *p)
{
	static const char *const formats[] = { format_name };
	unsigned ignored, kind, seal;
	json_t *created;
	if (!take_word(m, "format", formats, 1, &ignored) || !take_word(m, "kind", kind_names, KEY_KINDS, &kind)
		|| !take_word(m, "seal", seal_names, sizeof seal_names / sizeof *seal_names, &seal) || !take_owner(m, p->owner)
		|| !take_hex(m, "public", p->bytes, KEY_PUBLIC) || !(created = member(m, "created_ms", JSON_INTEGER)))
		return false;
	p->kind = (enum key_kind)kind;
	p->seal = (enum key_seal)seal;
	p->created_ms = json_integer_value(created);
	key_public_id(p->bytes, p->id);
	if (p->seal != KEY_SEAL_NONE || p->kind == KEY_WITNESS)
		return true;
	err_set(m->e, ST_REFUSED, "%s: only witness keys may lie unsealed", m->name);
	return false;
}

static bool take_all(struct members *m, struct key_file *k)
{
	if (!take_head(m, &k->pub) || !take_hex(m, "secret", k->secret, key_file_secret_bytes(k->pub.seal)))
		return false;
	if (k->pub.seal != KEY_SEAL_NONE && !take_hex(m, "nonce", k->nonce, KEY_NONCE))
		return false;
	/* A file must not make us spend more memory or time than making it did. */
	if (k->pub.seal == KEY_SEAL_PASSPHRASE && (!take_limit(m, "ops", crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_OPSLIMIT_MODERATE, &k->ops)
			|| !take_limit(m, "mem", crypto_pwhash_MEMLIMIT_MIN, crypto_pwhash_MEMLIMIT_MODERATE, &k->mem) || !take_hex(m, "salt", k->salt, KEY_SALT)))
		return false;
	if (m->taken == json_object_size(m->root))
		return true;
	err_set(m->e, ST_REFUSED, "%s: has members that this mlyard does not know", m->name);
	return false;
}

enum status key_file_parse(const char *text, size_t n, const char *name, struct key_file *out, struct err *e)
{
	json_error_t why;
	*out = (struct key_file){ .pub = { .created_ms = 0 } };
	json_t *root = json_loadb(text, n, JSON_REJECT_DUPLICATES, &why);
	if (!json_is_object(root)) {
		json_decref(root);
		return err_set(e, ST_REFUSED, "%s: is no key file", name);
	}
	struct members m = { root, name, 0, e };
	bool good = take_all(&m, out);
	json_decref(root);
	return good ? ST_OK : ST_REFUSED;
}

/* ---- writing ---- */

static void put_hex(struct jsonw *w, const char *key, const unsigned char *bytes, size_t n)
{
	char hex[2 * (KEY_SEED + KEY_TAG) + 1];
	jsonw_put_str(w, key, sodium_bin2hex(hex, sizeof hex, bytes, n));
	sodium_memzero(hex, sizeof hex);
}

void key_file_format(const struct key_file *k, struct str *out)
{
	struct jsonw w;
	str_reserve(out, KEY_FILE_MOST);         /* so that growing leaves no copy of a seed behind */
	jsonw_init(&w, out);
	jsonw_open(&w, '{');
	jsonw_put_str(&w, "format", format_name);
	jsonw_put_str(&w, "kind", kind_names[k->pub.kind]);
	jsonw_put_str(&w, "owner", k->pub.owner);
	put_hex(&w, "public", k->pub.bytes, KEY_PUBLIC);
	jsonw_put_int(&w, "created_ms", k->pub.created_ms);
	jsonw_put_str(&w, "seal", seal_names[k->pub.seal]);
	if (k->pub.seal == KEY_SEAL_PASSPHRASE) {
		jsonw_put_int(&w, "ops", (int64_t)k->ops);
		jsonw_put_int(&w, "mem", (int64_t)k->mem);
		put_hex(&w, "salt", k->salt, KEY_SALT);
	}
	if (k->pub.seal != KEY_SEAL_NONE)
		put_hex(&w, "nonce", k->nonce, KEY_NONCE);
	put_hex(&w, "secret", k->secret, key_file_secret_bytes(k->pub.seal));
	jsonw_close(&w, '}');
	str_addc(out, '\n');
}

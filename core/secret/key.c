/* key -- making, sealing, unlocking, signing.
 *
 * Sealing  XChaCha20-Poly1305 over the 32-byte seed. What stands in clear beside it (version, kind, owner, public key, time, seal, the
 *          limits and the salt) is its associated data, field by field with lengths: a file whose clear part was changed does not open.
 * Check    after opening, the public key is derived from the seed and compared: also a key that was never sealed is whole or refused.
 * Wiping   seeds and sealing keys live in sodium_malloc; text that held an unsealed seed is wiped before it is freed.
 */
#include "core/secret/key.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/fs.h"
#include "core/base/text.h"
#include "core/secret/key_impl.h"

struct key { struct key_public pub; unsigned char secret[crypto_sign_SECRETKEYBYTES]; };

static enum status start_sodium(struct err *e)
{
	return sodium_init() >= 0 ? ST_OK : err_set(e, ST_FAILED, "libsodium does not start: no source of random numbers");
}

char *key_path(enum key_kind kind)
{
	struct str name = STR_INIT;
	char *dir = fs_config_dir();
	str_addf(&name, "keys/%s.key", key_kind_name(kind));
	char *path = fs_join(dir, name.p);
	str_free(&name);
	free(dir);
	return path;
}

void key_public_id(const unsigned char pub[KEY_PUBLIC], char id[KEY_ID_HEX + 1])
{
	unsigned char digest[crypto_generichash_BYTES];
	crypto_generichash(digest, sizeof digest, pub, KEY_PUBLIC, NULL, 0);
	sodium_bin2hex(id, KEY_ID_HEX + 1, digest, KEY_ID_HEX / 2);
}

const struct key_public *key_of(const struct key *k)
{
	return &k->pub;
}

void key_free(struct key *k)
{
	sodium_free(k);                  /* wipes */
}

/* ---- the sealing key ---- */

static enum status from_key_file(const char *path, unsigned char sealing[KEY_SEALING], struct err *e)
{
	unsigned char bytes[KEY_SEALING];
	size_t n;
	enum status st = private_read(path, bytes, sizeof bytes, &n, e);
	if (st == ST_OK && n != sizeof bytes)
		st = err_set(e, ST_REFUSED, "%s: a key file holds %d bytes, this one has %zu", path, KEY_SEALING, n);
	if (st == ST_OK)
		memcpy(sealing, bytes, sizeof bytes);
	sodium_memzero(bytes, sizeof bytes);
	return st;
}

static bool from_passphrase(const struct key_file *f, const struct key_secret *how, unsigned char sealing[KEY_SEALING])
{
	return crypto_pwhash(sealing, KEY_SEALING, how->passphrase, how->n, f->salt, f->ops, (size_t)f->mem, crypto_pwhash_ALG_ARGON2ID13) == 0;
}

static enum status sealing_key(const struct key_file *f, const struct key_secret *how, unsigned char sealing[KEY_SEALING], struct err *e)
{
	if (f->pub.seal == KEY_SEAL_FILE && how && how->key_file)
		return from_key_file(how->key_file, sealing, e);
	if (f->pub.seal == KEY_SEAL_FILE)
		return err_set(e, ST_REFUSED, "the key is sealed with a key file; name it");
	if (!how || !how->passphrase)
		return err_set(e, ST_REFUSED, "the key is sealed with a passphrase");
	if (from_passphrase(f, how, sealing))
		return ST_OK;
	return err_set(e, ST_FAILED, "not enough memory to unlock the key (%llu MB); close something and try again", (unsigned long long)f->mem >> 20);
}

static void add_field(struct str *out, const void *bytes, size_t n)
{
	unsigned char length[8];
	for (int i = 0; i < 8; i++)
		length[i] = (unsigned char)((uint64_t)n >> 8 * i);
	str_addn(out, length, sizeof length);
	str_addn(out, bytes, n);
}

static void add_number(struct str *out, uint64_t v)
{
	unsigned char bytes[8];
	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(v >> 8 * i);
	add_field(out, bytes, sizeof bytes);
}

static void associated(const struct key_file *f, struct str *out)
{
	static const char domain[] = "mlyard/key/v1";
	add_field(out, domain, sizeof domain - 1);
	add_number(out, f->pub.kind);
	add_number(out, f->pub.seal);
	add_field(out, f->pub.owner, strlen(f->pub.owner));
	add_field(out, f->pub.bytes, KEY_PUBLIC);
	add_number(out, (uint64_t)f->pub.created_ms);
	add_number(out, f->ops);
	add_number(out, f->mem);
	add_field(out, f->salt, KEY_SALT);
}

static void seal(struct key_file *f, const unsigned char seed[KEY_SEED], const unsigned char sealing[KEY_SEALING])
{
	struct str ad = STR_INIT;
	associated(f, &ad);
	randombytes_buf(f->nonce, sizeof f->nonce);
	crypto_aead_xchacha20poly1305_ietf_encrypt(f->secret, NULL, seed, KEY_SEED, (const unsigned char *)ad.p, ad.len, NULL, f->nonce, sealing);
	str_free(&ad);
}

static bool unseal(const struct key_file *f, unsigned char seed[KEY_SEED], const unsigned char sealing[KEY_SEALING])
{
	struct str ad = STR_INIT;
	associated(f, &ad);
	bool good = crypto_aead_xchacha20poly1305_ietf_decrypt(seed, NULL, NULL, f->secret, sizeof f->secret, (const unsigned char *)ad.p, ad.len, f->nonce, sealing) == 0;
	str_free(&ad);
	return good;
}

/* ---- making ---- */

static enum status check_wish(enum key_kind kind, enum key_seal how, const char *owner, const struct key_secret *secret, struct err *e)
{
	size_t n = strlen(owner);
	if (!n || n > KEY_OWNER_MAX || !text_is_clean(owner, n, 0))
		return err_set(e, ST_USAGE, "the name of a key's owner has 1 to %d bytes and no control characters", KEY_OWNER_MAX);
	if (how == KEY_SEAL_NONE && kind != KEY_WITNESS)
		return err_set(e, ST_USAGE, "a person's key is sealed with a passphrase or a key file");
	if (how == KEY_SEAL_PASSPHRASE && (!secret || !secret->passphrase || secret->n < KEY_PASSPHRASE_MIN || secret->n > KEY_PASSPHRASE_MAX))
		return err_set(e, ST_USAGE, "a passphrase has %d to %d bytes", KEY_PASSPHRASE_MIN, KEY_PASSPHRASE_MAX);
	if (how == KEY_SEAL_FILE && (!secret || !secret->key_file))
		return err_set(e, ST_USAGE, "sealing with a key file needs its name");
	return ST_OK;
}

static enum status new_sealing_key(struct key_file *f, const struct key_secret *how, unsigned char sealing[KEY_SEALING], struct err *e)
{
	if (f->pub.seal == KEY_SEAL_FILE)
		return from_key_file(how->key_file, sealing, e);
	randombytes_buf(f->salt, sizeof f->salt);
	f->ops = crypto_pwhash_OPSLIMIT_MODERATE;
	f->mem = crypto_pwhash_MEMLIMIT_MODERATE;
	if (from_passphrase(f, how, sealing))
		return ST_OK;
	f->ops = crypto_pwhash_OPSLIMIT_INTERACTIVE;
	f->mem = crypto_pwhash_MEMLIMIT_INTERACTIVE;
	return sealing_key(f, how, sealing, e);
}

/* Everything secret of one making or unlocking, in guarded memory. */
struct workbench { unsigned char seed[KEY_SEED], sealing[KEY_SEALING], secret[crypto_sign_SECRETKEYBYTES]; };

static enum status make(struct key_file *f, struct workbench *b, const struct key_secret *how, struct err *e)
{
	randombytes_buf(b->seed, sizeof b->seed);
	crypto_sign_seed_keypair(f->pub.bytes, b->secret, b->seed);
	key_public_id(f->pub.bytes, f->pub.id);
	if (f->pub.seal == KEY_SEAL_NONE) {
		memcpy(f->secret, b->seed, sizeof b->seed);
		return ST_OK;
	}
	enum status st = new_sealing_key(f, how, b->sealing, e);
	if (st == ST_OK)
		seal(f, b->seed, b->sealing);
	return st;
}

static enum status write_key(const char *path, const struct key_file *f, struct err *e)
{
	struct str text = STR_INIT;
	key_file_format(f, &text);
	enum status st = private_create(path, text.p, text.len, e);
	sodium_memzero(text.p, text.len);
	str_free(&text);
	return st;
}

enum status key_create(const char *path, enum key_kind kind, enum key_seal how, const char *owner, const struct key_secret *secret, struct key_public *out, struct err *e)
{
	struct key_file f = { .pub = { .kind = kind, .seal = how, .created_ms = clock_wall_ms() } };
	enum status st = check_wish(kind, how, owner, secret, e);
	if (st == ST_OK)
		st = start_sodium(e);
	if (st != ST_OK)
		return st;
	struct workbench *b = sodium_malloc(sizeof *b);
	if (!b)
		return err_set(e, ST_FAILED, "no memory that can be kept from the disk for a key");
	memcpy(f.pub.owner, owner, strlen(owner) + 1);
	st = make(&f, b, secret, e);
	sodium_free(b);
	if (st == ST_OK)
		st = write_key(path, &f, e);
	if (st == ST_OK && out)
		*out = f.pub;
	sodium_memzero(&f, sizeof f);
	return st;
}

enum status key_file_create(const char *path, struct err *e)
{
	unsigned char bytes[KEY_SEALING];
	enum status st = start_sodium(e);
	if (st != ST_OK)
		return st;
	randombytes_buf(bytes, sizeof bytes);
	st = private_create(path, bytes, sizeof bytes, e);
	sodium_memzero(bytes, sizeof bytes);
	return st;
}

/* ---- reading ---- */

static enum status read_key(const char *path, struct key_file *f, struct err *e)
{
	char text[KEY_FILE_MOST];
	size_t n;
	enum status st = start_sodium(e);
	if (st == ST_OK)
		st = private_read(path, text, sizeof text, &n, e);
	if (st == ST_NOT_FOUND)
		return err_set(e, st, "there is no key at %s; make one with: mlyard key init", path);
	if (st == ST_OK)
		st = key_file_parse(text, n, path, f, e);
	sodium_memzero(text, sizeof text);
	return st;
}

enum status key_read_public(const char *path, struct key_public *out, struct err *e)
{
	struct key_file f;
	enum status st = read_key(path, &f, e);
	if (st != ST_OK)
		return st;
	*out = f.pub;
	sodium_memzero(&f, sizeof f);
	return ST_OK;
}

static enum status open_seed(const char *path, const struct key_file *f, const struct key_secret *how, struct workbench *b, struct err *e)
{
	if (f->pub.seal == KEY_SEAL_NONE) {
		memcpy(b->seed, f->secret, sizeof b->seed);
		return ST_OK;
	}
	enum status st = sealing_key(f, how, b->sealing, e);
	if (st != ST_OK)
		return st;
	if (unseal(f, b->seed, b->sealing))
		return ST_OK;
	return err_set(e, ST_REFUSED, "wrong %s, or the file was changed: %s does not open", f->pub.seal == KEY_SEAL_FILE ? "key file" : "passphrase", path);
}

static enum status unlock(const char *path, const struct key_file *f, const struct key_secret *how, struct workbench *b, struct key **out, struct err *e)
{
	unsigned char derived[KEY_PUBLIC];
	enum status st = open_seed(path, f, how, b, e);
	if (st != ST_OK)
		return st;
	crypto_sign_seed_keypair(derived, b->secret, b->seed);
	if (sodium_memcmp(derived, f->pub.bytes, sizeof derived) != 0)
		return err_set(e, ST_REFUSED, "%s: the public key does not belong to the secret one; the file was changed", path);
	struct key *k = sodium_malloc(sizeof *k);
	if (!k)
		return err_set(e, ST_FAILED, "no memory that can be kept from the disk for a key");
	k->pub = f->pub;
	memcpy(k->secret, b->secret, sizeof k->secret);
	sodium_mprotect_readonly(k);
	*out = k;
	return ST_OK;
}

enum status key_unlock(const char *path, const struct key_secret *how, struct key **out, struct err *e)
{
	struct key_file f;
	*out = NULL;
	enum status st = read_key(path, &f, e);
	if (st != ST_OK)
		return st;
	struct workbench *b = sodium_malloc(sizeof *b);
	st = b ? unlock(path, &f, how, b, out, e) : err_set(e, ST_FAILED, "no memory that can be kept from the disk for a key");
	sodium_free(b);
	sodium_memzero(&f, sizeof f);
	return st;
}

/* ---- signatures ---- */

static void signed_bytes(struct str *out, const char *domain, const void *msg, size_t n)
{
	str_reserve(out, strlen(domain) + 1 + n);
	str_addn(out, domain, strlen(domain) + 1);
	str_addn(out, msg, n);
}

void key_sign(const struct key *k, const char *domain, const void *msg, size_t n, unsigned char sig[KEY_SIGNATURE])
{
	struct str whole = STR_INIT;
	signed_bytes(&whole, domain, msg, n);
	crypto_sign_detached(sig, NULL, (const unsigned char *)whole.p, whole.len, k->secret);
	str_free(&whole);
}

bool key_verify(const unsigned char pub[KEY_PUBLIC], const char *domain, const void *msg, size_t n, const unsigned char sig[KEY_SIGNATURE])
{
	struct str whole = STR_INIT;
	signed_bytes(&whole, domain, msg, n);
	bool good = crypto_sign_verify_detached(sig, (const unsigned char *)whole.p, whole.len, pub) == 0;
	str_free(&whole);
	return good;
}

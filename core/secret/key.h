/* key -- a person's Ed25519 key: made, sealed, unlocked, used to sign and verify.
 *
 * File     JSON, mode 0600, under $XDG_CONFIG_HOME/mlyard/keys/: approval.key and witness.key. Public part in clear; the secret seed is
 *          encrypted with XChaCha20-Poly1305 under a key that comes from a passphrase (argon2id, libsodium's MODERATE,
 *          INTERACTIVE when memory is short; limits read from a file are capped at MODERATE's) or from a key file of 32 random
 *          bytes (0600). The associated data binds version, kind, owner and public key.
 * Refuses  links, files of other owners, files that group or others can read (ST_REFUSED with the chmod to do).
 * Signs    domain || 0 || message, with one domain per purpose ("mlyard/approval/v1"), so that a signature made for one
 *          thing is none for another.
 * Memory   unlocked keys live in sodium_malloc; passphrases are wiped by who read them.
 * Threads  pure; a struct key belongs to its caller. Unlocking takes 40 to 400 ms: use a task.
 */
#ifndef MLYARD_SECRET_KEY_H
#define MLYARD_SECRET_KEY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/base/status.h"

enum { KEY_PUBLIC = 32, KEY_SIGNATURE = 64, KEY_ID_HEX = 16, KEY_OWNER_MAX = 128, KEY_PASSPHRASE_MAX = 1024, KEY_PASSPHRASE_MIN = 8 };
enum key_kind { KEY_APPROVAL, KEY_WITNESS, KEY_KINDS };
enum key_seal { KEY_SEAL_PASSPHRASE, KEY_SEAL_FILE, KEY_SEAL_NONE };       /* NONE: witness keys only */
const char *key_kind_name(enum key_kind k);                              /* "approval" */

struct key_public {
	unsigned char bytes[KEY_PUBLIC];
	char id[KEY_ID_HEX + 1];             /* hex of the first 8 bytes of BLAKE2b-256(public) */
	char owner[KEY_OWNER_MAX + 1];
	enum key_kind kind; enum key_seal seal;
	int64_t created_ms;
};
struct key;                              /* unlocked */

/* Where this user's key of a kind lies; new string. */
char *key_path(enum key_kind kind);
/* What unlocks: exactly one of the two. passphrase need not end with NUL. */
struct key_secret { const char *passphrase; size_t n; const char *key_file; };
/* Makes a key at `path` (must not exist; folders are made). ST_USAGE: passphrase too short. */
enum status key_create(const char *path, enum key_kind kind, enum key_seal seal, const char *owner, const struct key_secret *how, struct key_public *out, struct err *e);
/* A new key file for KEY_SEAL_FILE; must not exist. */
enum status key_file_create(const char *path, struct err *e);
/* The public part, without unlocking. ST_NOT_FOUND names `mlyard key init`. */
enum status key_read_public(const char *path, struct key_public *out, struct err *e);
/* ST_REFUSED: wrong passphrase or key file (the two cannot be told from damage). */
enum status key_unlock(const char *path, const struct key_secret *how, struct key **out, struct err *e);
void key_free(struct key *k);
const struct key_public *key_of(const struct key *k);
void key_public_id(const unsigned char pub[KEY_PUBLIC], char id[KEY_ID_HEX + 1]);

void key_sign(const struct key *k, const char *domain, const void *msg, size_t n, unsigned char sig[KEY_SIGNATURE]);
bool key_verify(const unsigned char pub[KEY_PUBLIC], const char *domain, const void *msg, size_t n, const unsigned char sig[KEY_SIGNATURE]);

/* Asks on the controlling terminal without echo (restores it on every way out, signals too), or reads the first
 * line of $MLYARD_PASSPHRASE_FILE (0600). *pass: sodium_malloc'ed, caller sodium_free()s. ST_REFUSED: neither is there. `again`: asked twice. */
enum status key_ask_passphrase(const char *prompt, bool again, char **pass, size_t *n, struct err *e);
#endif

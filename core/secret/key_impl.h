/* key_impl -- what the files of this folder share: a key file taken apart. */
#ifndef MLYARD_SECRET_KEY_IMPL_H
#define MLYARD_SECRET_KEY_IMPL_H
#include <sodium.h>

#include "core/base/str.h"
#include "core/secret/key.h"
#include "core/secret/private.h"

enum {
	KEY_SEED = crypto_sign_SEEDBYTES, KEY_SALT = crypto_pwhash_SALTBYTES, KEY_NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	KEY_TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES, KEY_SEALING = crypto_aead_xchacha20poly1305_ietf_KEYBYTES, KEY_FILE_MOST = 4096,
};

/* A key file. With KEY_SEAL_NONE `secret` begins with the seed itself; ops, mem and salt belong to KEY_SEAL_PASSPHRASE. */
struct key_file {
	struct key_public pub;
	uint64_t ops, mem;
	unsigned char salt[KEY_SALT], nonce[KEY_NONCE], secret[KEY_SEED + KEY_TAG];
};
/* name: for messages. Refuses what it does not know, limits above MODERATE's, and a public key that does not fit the id rules. */
enum status key_file_parse(const char *text, size_t n, const char *name, struct key_file *out, struct err *e);
void key_file_format(const struct key_file *k, struct str *out);
size_t key_file_secret_bytes(enum key_seal seal);
#endif

/* Key files: what is taken can be written and read again, what is not is refused in words; nothing is asked for beyond the limits. */
#include <string.h>
#include "core/secret/key_impl.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct key_file k, again;
	struct err e = { 0 };
	struct str text = STR_INIT;
	enum status st = key_file_parse((const char *)data, size, "k", &k, &e);
	MUST(st == ST_OK || (st == ST_REFUSED && !strncmp(e.text, "k: ", 3)));
	if (st != ST_OK)
		return 0;
	MUST(k.ops <= crypto_pwhash_OPSLIMIT_MODERATE && k.mem <= crypto_pwhash_MEMLIMIT_MODERATE);
	MUST(strlen(k.pub.owner) <= KEY_OWNER_MAX && strlen(k.pub.id) == KEY_ID_HEX);
	MUST(k.pub.seal != KEY_SEAL_NONE || k.pub.kind == KEY_WITNESS);
	key_file_format(&k, &text);
	MUST(key_file_parse(text.p, text.len, "k", &again, NULL) == ST_OK);
	MUST(!memcmp(&k.pub.bytes, &again.pub.bytes, KEY_PUBLIC) && !memcmp(k.secret, again.secret, key_file_secret_bytes(k.pub.seal)));
	MUST(!strcmp(k.pub.owner, again.pub.owner) && k.pub.created_ms == again.pub.created_ms);
	str_free(&text);
	return 0;
}

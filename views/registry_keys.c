/* Votes: a person's key is unlocked with what seals it, used once, and gone. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "views/registry_acts.h"

static struct deed *waiting(struct registry_view *v)
{
	struct deed *d = v->deed;
	v->deed = NULL;
	return d;
}

static void passphrase_given(void *view, const char *text)
{
	struct registry_view *v = view;
	struct deed *d = waiting(v);
	if (!d || !text || !*text) {
		ui_message(v->ui, ST_OK, "nothing was signed");
		deed_free(d);
		return;
	}
	size_t n = strlen(text);
	d->secret = sodium_malloc(n + 1);
	if (!d->secret)
		mem_exhausted(n);
	memcpy(d->secret, text, n + 1);
	deed_go(v, d);
}

static void key_file_given(void *view, const char *text)
{
	struct registry_view *v = view;
	struct deed *d = waiting(v);
	if (!d || !text || !*text) {
		ui_message(v->ui, ST_OK, "nothing was signed");
		deed_free(d);
		return;
	}
	d->key_file = mem_strdup(text);
	deed_go(v, d);
}

static void ask(struct registry_view *v, struct deed *d, const struct ui_prompt *p)
{
	v->deed = d;
	ui_prompt(v->ui, v, p);
}

bool deed_has_key(struct registry_view *v, struct deed *d)
{
	struct key_public key;
	struct err e = { 0 };
	char *path = key_path(KEY_APPROVAL);
	const char *file = getenv("MLYARD_KEY_FILE");
	enum status st = key_read_public(path, &key, &e);
	free(path);
	if (st != ST_OK) {
		ui_message(v->ui, st, "%s", st == ST_NOT_FOUND ? "a vote is signed and there is no key yet: mlyard key init makes one" : e.text);
		deed_free(d);
		return false;
	}
	if (d->secret || d->key_file)
		return true;
	if (key.seal == KEY_SEAL_PASSPHRASE)
		ask(v, d, &(struct ui_prompt){ .prompt = "passphrase of your key: ", .done = passphrase_given, .secret = true });
	else if (file && *file)
		d->key_file = mem_strdup(file);
	else
		ask(v, d, &(struct ui_prompt){ .prompt = "key file of your key: ", .history = "registry.key-file", .done = key_file_given });
	return d->key_file != NULL;
}

enum status deed_vote(struct store *s, struct deed *d, bool approve, struct err *e)
{
	struct key_secret how = { .passphrase = d->secret, .n = d->secret ? strlen(d->secret) : 0, .key_file = d->key_file };
	struct key *key = NULL;
	char *path = key_path(KEY_APPROVAL);
	enum status st = key_unlock(path, &how, &key, e);
	free(path);
	sodium_free(d->secret);
	d->secret = NULL;
	if (st == ST_OK)
		st = decide_vote(s, &d->who, key, d->request, approve, d->text, e);
	key_free(key);
	return st;
}

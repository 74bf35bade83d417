#include "core/registry/actor.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/str.h"
#include "core/base/text.h"

enum { PASSWD_BUFFER = 4096 };

static void put_name(struct actor *out, const char *name)
{
	struct str clean = STR_INIT;
	text_clean(&clean, name, strnlen(name, ACTOR_NAME_MAX), 0);
	const char *from = clean.p + strspn(clean.p, " ");       /* "admin " would look like admin and be another */
	snprintf(out->name, sizeof out->name, "%s", from);
	for (size_t n = strlen(out->name); n && out->name[n - 1] == ' '; n--)
		out->name[n - 1] = '\0';
	str_free(&clean);
	if (!*out->name)
		snprintf(out->name, sizeof out->name, "uid %lld", (long long)out->uid);
}

void actor_named(struct actor *out, const char *name)
{
	*out = (struct actor){ .uid = geteuid() };
	put_name(out, name);
}

void actor_self(struct actor *out)
{
	char buffer[PASSWD_BUFFER];
	struct passwd entry, *found = NULL;
	const char *said = getenv("MLYARD_USER");
	getpwuid_r(geteuid(), &entry, buffer, sizeof buffer, &found);      /* nobody found: the uid is the name */
	actor_named(out, said && *said ? said : found ? found->pw_name : "");
	if (strncmp(out->name, "source ", 7) == 0 || strcmp(out->name, "policy") == 0)
		actor_named(out, "");        /* these names are the program's own */
	char *path = key_path(KEY_APPROVAL);
	struct key_public key;
	if (key_read_public(path, &key, NULL) == ST_OK)
		snprintf(out->key_id, sizeof out->key_id, "%s", key.id);
	free(path);
}

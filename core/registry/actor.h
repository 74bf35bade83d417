/* actor -- who acts: a name, the user id the system vouches for, a key, and whether it is a program.
 *
 * In a shared file the name is what the process says of itself ($MLYARD_USER, else the login name), so it is advice;
 * the uid is recorded beside it, and approvals count by key (decide.h). An agent may do what its user may,
 * but never approve, change policy, delete or introduce keys (change.h).
 */
#ifndef MLYARD_REGISTRY_ACTOR_H
#define MLYARD_REGISTRY_ACTOR_H
#include <stdbool.h>
#include <stdint.h>
#include "core/secret/key.h"

enum { ACTOR_NAME_MAX = 128 };
struct actor {
	char name[ACTOR_NAME_MAX + 1];       /* cleaned; never empty */
	int64_t uid;
	char key_id[KEY_ID_HEX + 1];         /* "" when there is no key */
	bool agent;
};
/* This process: name (never one of those below: then the uid is the name), uid, and the id of the user's approval key where one is readable. */
void actor_self(struct actor *out);
/* Somebody else's hand in this process: imports ("source"), automatic moves ("policy"). uid of the process. */
void actor_named(struct actor *out, const char *name);
#endif

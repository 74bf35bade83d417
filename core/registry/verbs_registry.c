/* The shell commands of the registry, a row a table; the order is that of the manual. */
#include "core/registry/verbs.h"

const struct verb_table *const registry_verbs[] = {
	&gates_verbs,
	&audit_verbs,
	&key_verbs,
	&models_verbs,
	&decide_verbs,
	NULL,
};

#include "tui/role.h"
#include <string.h>

static const struct { const char *name; enum role parent; } roles[ROLE_COUNT] = {
#define X(id, name, parent) { name, ROLE_##parent },
	ROLE_LIST(X)
#undef X
};

enum role role_series(unsigned i)
{
	return (enum role)(ROLE_S1 + i % 8);
}

const char *role_name(enum role r)
{
	return r < ROLE_COUNT ? roles[r].name : "?";
}

int role_find(const char *name, unsigned long n)
{
	for (int r = 0; r < ROLE_COUNT; r++)
		if (strlen(roles[r].name) == n && memcmp(roles[r].name, name, n) == 0)
			return r;
	return -1;
}

enum role role_parent(enum role r)
{
	return r < ROLE_COUNT ? roles[r].parent : ROLE_TEXT;
}

#include "core/drift/report.h"

#include <stdlib.h>
#include <string.h>

void report_free(struct report *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n_more; i++)
		arena_free(r->more[i]);
	arena_free(r->arena);
}

const struct report_column *report_column(const struct report *r, const char *name)
{
	for (size_t i = 0; i < r->n_columns; i++)
		if (strcmp(r->columns[i].name, name) == 0)
			return &r->columns[i];
	return NULL;
}

#include <string.h>
#include "core/drift/stream.h"

#define X(id) extern const struct stream_class stream_##id;
#include "core/drift/stream_table.inc"
#undef X
static const struct stream_class *const table[] = {
#define X(id) &stream_##id,
#include "core/drift/stream_table.inc"
#undef X
};

size_t stream_count(void)
{
	return sizeof table / sizeof *table;
}

const struct stream_class *stream_at(size_t i)
{
	return i < stream_count() ? table[i] : NULL;
}

const struct stream_class *stream_find(const char *id)
{
	for (size_t i = 0; i < stream_count(); i++)
		if (!strcmp(table[i]->id, id))
			return table[i];
	return NULL;
}

struct running running_add(struct running r, double v)
{
	r.n++;
	r.mean += 1 / r.n * (v - r.mean);
	return r;
}

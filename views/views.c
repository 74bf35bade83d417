#include "views/view.h"

#define X(id) extern const struct view_class view_##id;
#include "views/view_table.inc"
#undef X

static const struct view_class *const table[] = {
#define X(id) &view_##id,
#include "views/view_table.inc"
#undef X
};

size_t view_count(void)
{
	return sizeof table / sizeof table[0];
}

const struct view_class *view_at(size_t i)
{
	return i < view_count() ? table[i] : NULL;
}

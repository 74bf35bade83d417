#include "core/drift/notify.h"

static const struct notify_kind *const kinds[] = {
#define X(id) &notify_##id,
#include "core/drift/notify_table.inc"
#undef X
};

size_t notify_count(void) { return sizeof kinds / sizeof *kinds; }
const struct notify_kind *notify_at(size_t i) { return kinds[i]; }

#include "core/drift/notify.h"

static const struct notify_kind *const kinds[] = { &notify_slack, &notify_pagerduty, &notify_webhook, &notify_email, &notify_command };

size_t notify_count(void) { return sizeof kinds / sizeof *kinds; }
const struct notify_kind *notify_at(size_t i) { return kinds[i]; }

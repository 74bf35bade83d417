#include "core/drift/notify.h"

#include <string.h>

static const struct notify_kind *const kinds[] = { &notify_slack, &notify_pagerduty, &notify_webhook, &notify_email, &notify_command };

size_t notify_count(void) { return sizeof kinds / sizeof *kinds; }
const struct notify_kind *notify_at(size_t i) { return kinds[i]; }

const struct notify_kind *notify_find(const char *id)
{
	for (size_t i = 0; i < notify_count(); i++)
		if (!strcmp(kinds[i]->id, id))
			return kinds[i];
	return NULL;
}

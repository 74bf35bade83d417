/* audit_help -- a workspace in a folder of its own, with keys and memory in the same folder, and records to write. */
#ifndef MLYARD_TESTS_AUDIT_HELP_H
#define MLYARD_TESTS_AUDIT_HELP_H
#include "tests/unit/store_help.h"

#include "core/base/clock.h"
#include "core/registry/audit.h"

static struct store_pool *pool;
static struct store *s;
static struct actor somebody;

static inline void help_open(void)
{
	pool = pool_of("w.db");
	s = conn_of(pool);
}

static inline void help_close(void)
{
	store_put(pool, s);
	store_pool_close(pool);
}

/* Forgets what was remembered of the log. */
static inline void help_forget(void)
{
	nftw(in_folder("state"), help_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline int help_begin(void **state)
{
	if (help_folder_make(state) != 0)
		return -1;
	setenv("XDG_CONFIG_HOME", in_folder("config"), 1);
	setenv("XDG_STATE_HOME", in_folder("state"), 1);
	setenv("MLYARD_USER", "requester", 1);
	clock_set_wall_ms(INT64_C(1795300000000));
	actor_self(&somebody);
	help_open();
	return 0;
}

static inline int help_end(void **state)
{
	help_close();
	clock_set_wall_ms(-1);
	return help_folder_remove(state);
}

/* n records in one change. */
static inline void help_records(int n)
{
	OK(store_begin(s, &why));
	for (int i = 0; i < n; i++) {
		char object[32];
		snprintf(object, sizeof object, "model:m%d/%d", i % 3, i);
		struct audit_entry x = { "version.describe", object, i % 2 ? "{\"description\":\"old\"}" : NULL, "{\"description\":\"new\"}", "because" };
		OK(audit_append(s, &somebody, &x, NULL, &why));
	}
	OK(store_commit(s, 0, &why));
}
#endif

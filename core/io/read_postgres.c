/* A table or a SELECT of a PostgreSQL server, by its address. What fits into the budget is read, the rest counted where it lies (postgres_sketch.c). Without libpq at configure
 * the address is still known, so that words say what is missing. */
#include "config.h"

#include <string.h>

#include "core/io/frame_build.h"
#ifdef HAVE_LIBPQ
#include "core/io/postgres.h"
#else
#define postgres_plan NULL
#define postgres_sketch NULL

static enum status postgres_read(const char *path, const struct frame_options *o, struct task *t, struct frame **out, struct err *e)
{
	(void)path, (void)o, (void)t, (void)out;
	return err_set(e, ST_REFUSED, "PostgreSQL is not read here: the program was built without libpq (configure --with-postgres)");
}
#endif

static bool postgres_probe(const char *path, const unsigned char *head, size_t n)
{
	(void)head, (void)n;
	return strncmp(path, "postgres://", 11) == 0 || strncmp(path, "postgresql://", 13) == 0;
}

extern const struct frame_reader frame_reader_postgres;
const struct frame_reader frame_reader_postgres = { "postgres", "PostgreSQL table or query", postgres_probe, postgres_read, postgres_plan, postgres_sketch, .named = true, .queries = true };

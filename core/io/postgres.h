/* postgres -- a table or a SELECT of a PostgreSQL server: what its reader and its counting share.
 *
 * Names    postgres://[user@][host[:port]][/database][?table=NAME&query=SQL&...] as libpq has them, with two parameters of our own; frame_options.query says the same.
 *          NAME is [schema.]table as written; parts with dots stand in double quotes.
 * Secrets  a password in the address is refused: arguments can be seen by others. PGPASSFILE, PGPASSWORD or a service hold it. Names given to reports carry user, host and
 *          database only.
 * Safety   one transaction, REPEATABLE READ READ ONLY, so that all counts are of one moment; every statement goes through the extended protocol, which takes one statement only;
 *          names are quoted; a statement that runs longer than half an hour is ended by the server, unless a limit is set there. Cancelled by PQcancel.
 */
#ifndef MLYARD_IO_POSTGRES_H
#define MLYARD_IO_POSTGRES_H
#include <libpq-fe.h>

#include "core/io/frame_build.h"

enum { POSTGRES_ROWS = 1024 };                             /* between two looks at progress and cancel */
struct postgres_column {
	char *name, *value;                                    /* value: an expression over the source that gives float8 or text */
	enum frame_type type; bool integer, wanted;            /* NUMBER, BOOLEAN, TIME, CATEGORY */
};
struct postgres {
	const struct frame_options *o; struct task *task;
	PGconn *db;
	char *name;                                            /* without secrets */
	char *from;                                            /* "schema"."table", or (SELECT ...) AS source */
	char *table; double bytes, rows;                       /* of a plain table, as the server estimates them; NULL, NAN: a query or a view */
	struct postgres_column *cols; size_t n_cols;
	double seen;                                           /* rows, of all statements */
};
enum status postgres_open(const char *address, const struct frame_options *o, struct task *t, struct postgres **out, struct err *e);
void postgres_close(struct postgres *p);
/* Runs a statement row by row; each row goes to `row`, which may refuse. params: text. */
typedef enum status (*postgres_row)(void *arg, const PGresult *r, struct err *e);
enum status postgres_rows(struct postgres *p, const char *sql, int n_params, const char *const *params, postgres_row row, void *arg, struct err *e);
double postgres_double(const PGresult *r, int column);     /* NaN for NULL */

enum status postgres_plan(const char *path, const struct frame_options *o, struct task *t, struct sketch_plan **out, struct err *e);
enum status postgres_sketch(const char *path, const struct frame_options *o, const struct sketch_plan *plan, struct task *t, struct sketch **out, struct err *e);
enum status postgres_read(const char *path, const struct frame_options *o, struct task *t, struct frame **out, struct err *e);
#endif

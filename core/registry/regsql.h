/* regsql -- a statement and its values in one call; for the files of this folder that change the registry.
 *
 * Types    a letter a value: i int64_t, t text (NULL: null), b blob (pointer, then size_t).
 * Errors   reg_query returns NULL and fills e. Rows are read with sqlite3_step until it says SQLITE_DONE; reg_done tells
 *          the end from a failure and resets the statement.
 */
#ifndef MLYARD_REGISTRY_REGSQL_H
#define MLYARD_REGISTRY_REGSQL_H
#include <stdint.h>
#include "core/store/store.h"

/* What people, policies and records call model m: its name, with its MLflow workspace before it when that is not the default one. */
#define REG_MODEL_NAME "(CASE m.namespace WHEN 'default' THEN '' ELSE m.namespace || '/' END || m.name)"

sqlite3_stmt *reg_query(struct store *s, struct err *e, const char *sql, const char *types, ...);
/* rc: what the last sqlite3_step said. */
enum status reg_done(struct store *s, sqlite3_stmt *q, int rc, struct err *e);
/* A statement without rows. */
enum status reg_exec(struct store *s, struct err *e, const char *sql, const char *types, ...);
/* First column of the first row, `missing` when there is none or it is NULL. */
enum status reg_int(struct store *s, struct err *e, int64_t missing, int64_t *out, const char *sql, const char *types, ...);
/* The same for a text: new string, NULL when there is none. */
enum status reg_text(struct store *s, struct err *e, char **out, const char *sql, const char *types, ...);
/* A text column as it is, never NULL. */
const char *reg_column(sqlite3_stmt *q, int i);
#endif

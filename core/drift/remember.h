/* remember -- types and roles of columns that a person named for a source of data, so that they need not be named again.
 *
 * Source   the real path of a file, with "#query" behind it where a table or query was named; a file also knows what was said of its folder.
 * Said     what a run says itself goes before what is remembered; saving adds to what is there.
 */
#ifndef MLYARD_DRIFT_REMEMBER_H
#define MLYARD_DRIFT_REMEMBER_H
#include "core/base/arena.h"
#include "core/drift/roles.h"
#include "core/store/store.h"

struct remembered { const struct frame_override *types; size_t n_types; struct drift_roles roles; const char *note; };      /* note: what was taken from memory, in words; NULL: nothing */
const char *remember_source(const char *path, const char *query, struct arena *a);
/* Completes `known` (types and roles as said) with what is remembered for the source; texts live in the arena. */
enum status remember_load(struct store *s, const char *source, struct remembered *known, struct arena *a, struct err *e);
enum status remember_save(struct store *s, const char *source, const struct remembered *said, struct err *e);
enum status remember_forget(struct store *s, const char *source, struct err *e);
/* The type called so; false: there is none. */
bool remember_type(const char *word, enum frame_type *out);
#endif

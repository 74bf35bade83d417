/* yamldoc -- small YAML documents as a tree: the meta files of trackers.
 *
 * Reads    one document of maps, lists and scalars in any style, through libyaml.
 * Errors   ST_FAILED with file, line and column. Aliases are refused: nothing we read has
 *          them, and they are how a small file becomes a large tree.
 * Limits   32 MB, 100,000 nodes, 16 levels.
 * Names    not yaml_*: libyaml exports such ones.
 * Owns     the document owns its nodes and texts.
 * Threads  pure; one document at a time per caller.
 */
#ifndef MLYARD_IO_YAMLDOC_H
#define MLYARD_IO_YAMLDOC_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/base/status.h"
#include "core/base/str.h"

enum { YAMLDOC_MOST_BYTES = 32 << 20, YAMLDOC_MOST_NODES = 100000, YAMLDOC_MOST_DEPTH = 16 };
enum yamldoc_kind { YAMLDOC_SCALAR, YAMLDOC_MAP, YAMLDOC_LIST };
struct yamldoc_node {
	enum yamldoc_kind kind;
	const char *key; size_t key_n;           /* in a map; "" else */
	const char *text; size_t n;              /* of a scalar; may hold any byte */
	bool plain;                              /* unquoted: null, numbers and booleans are meant as such */
	struct yamldoc_place { int line, col; } key_at, at;   /* where key and value begin, from 1, in characters; a quote is part of the value */
	struct yamldoc_node *child, *next;
};
struct yamldoc;
/* `name` is what error words call it. */
enum status yamldoc_parse(const char *p, size_t n, const char *name, struct yamldoc **out, struct err *e);
const struct yamldoc_node *yamldoc_root(const struct yamldoc *y);
void yamldoc_free(struct yamldoc *y);

const struct yamldoc_node *yamldoc_get(const struct yamldoc_node *map, const char *key);   /* NULL: absent; map may be NULL */
bool yamldoc_is_null(const struct yamldoc_node *x);                    /* absent, empty plain scalar, null, ~ */
bool yamldoc_int(const struct yamldoc_node *x, int64_t *out);          /* a whole decimal number, quoted or not */
void yamldoc_to_json(const struct yamldoc_node *x, struct str *out);   /* scalars that YAML would read as numbers or words become such */
#endif

/* yaml -- small YAML documents as a tree: the meta files of trackers.
 *
 * Reads    one document of maps, lists and scalars in any style, through libyaml.
 * Errors   ST_FAILED with file, line and column. Aliases are refused: nothing we read has
 *          them, and they are how a small file becomes a large tree.
 * Limits   32 MB, 100,000 nodes, 16 levels.
 * Owns     the document owns its nodes and texts.
 * Threads  pure; one document at a time per caller.
 */
#ifndef MLYARD_IO_YAML_H
#define MLYARD_IO_YAML_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/base/status.h"
#include "core/base/str.h"

enum { YAML_MOST_BYTES = 32 << 20, YAML_MOST_NODES = 100000, YAML_MOST_DEPTH = 16 };
enum yaml_kind { YAML_SCALAR, YAML_MAP, YAML_LIST };
struct yaml_node {
	enum yaml_kind kind;
	const char *key; size_t key_n;           /* in a map; "" else */
	const char *text; size_t n;              /* of a scalar; may hold any byte */
	bool plain;                              /* unquoted: null, numbers and booleans are meant as such */
	struct yaml_node *child, *next;
};
struct yaml;
/* `name` is what error words call it. */
enum status yaml_parse(const char *p, size_t n, const char *name, struct yaml **out, struct err *e);
const struct yaml_node *yaml_root(const struct yaml *y);
void yaml_free(struct yaml *y);

const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);   /* NULL: absent; map may be NULL */
bool yaml_is_null(const struct yaml_node *x);                    /* absent, empty plain scalar, null, ~ */
bool yaml_int(const struct yaml_node *x, int64_t *out);          /* a whole decimal number, quoted or not */
void yaml_to_json(const struct yaml_node *x, struct str *out);   /* scalars that YAML would read as numbers or words become such */
#endif

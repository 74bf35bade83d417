/* lineage -- the graph from data and features through runs to versions to where they are deployed, both ways.
 *
 * Edges    data set -> run (inputs), feature -> version, parent run -> run, run -> logged model -> version, version -> version (fine-tuned, distilled,
 *          retrained), version -> place (deployed). From the tables; nothing is guessed.
 * Limits   4,096 nodes and 64 levels; what is cut is said. A node met again is shown once more without its children ("seen above").
 */
#ifndef MLYARD_REGISTRY_LINEAGE_H
#define MLYARD_REGISTRY_LINEAGE_H
#include <stdbool.h>
#include <stdint.h>
#include "core/base/arena.h"
#include "core/base/status.h"
#include "core/store/store.h"

enum lineage_kind { LINEAGE_DATASET, LINEAGE_FEATURE, LINEAGE_RUN, LINEAGE_LOGGED, LINEAGE_VERSION, LINEAGE_PLACE };
struct lineage_node { enum lineage_kind kind; const char *name, *detail, *edge; int64_t model_id, version, run_id; int depth; bool seen, last; };   /* edge: how it hangs on its parent row */
struct lineage { struct arena *arena; struct lineage_node *up, *down; size_t n_up, n_down; bool cut; };   /* depth-first; up: what it came from, down: what came of it; row 0 of both is the version */
enum status lineage_load(struct store *s, int64_t model_id, int64_t version, struct lineage **out, struct err *e);
void lineage_free(struct lineage *l);
#endif

/* demo_registry -- the demo's registry: what a team decided about the demo's models, done once through the functions that everybody uses.
 *
 * Why      a board, a timeline and an audit log without decisions show nothing. So the first `mlyard demo` imports the store and
 *          lets four roles decide: promotions with signed approvals, a rollback, a rejection, an alias moved, a request that waits for its second
 *          approval. A version that does not pass its gates needs no help. Every number is that of the real runs.
 * Times    spread between the end of the store's last version and now, at most a month, through the injected clock.
 * Keys     of the roles lie in a folder beside the demo's workspace file, sealed by a key file there: they protect nothing.
 * Again    how far it came is kept in the workspace (setting demo.registry): killed half-way it goes on there, and a
 *          demo that is done costs one query.
 */
#ifndef MLYARD_APP_DEMO_REGISTRY_H
#define MLYARD_APP_DEMO_REGISTRY_H
#include "core/workspace.h"
/* Before threads start: turns the clock and the folder of keys, and puts both back. */
enum status demo_registry(struct workspace *ws, struct err *e);
#endif

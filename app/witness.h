/* witness -- while the interface is open: signs the audit log when a checkpoint is due, also when nothing happened. */
#ifndef MLYARD_APP_WITNESS_H
#define MLYARD_APP_WITNESS_H
#include "core/base/loop.h"
#include "core/base/tasks.h"
#include "core/workspace.h"

struct witness;
struct witness *witness_new(struct workspace *ws, struct loop *loop, struct tasks *tasks);
void witness_stop(struct witness *w);
void witness_free(struct witness *w);    /* after the tasks are gone */
#endif

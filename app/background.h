/* background -- imports that run while the interface is open, and following their sources. */
#ifndef MLYARD_APP_BACKGROUND_H
#define MLYARD_APP_BACKGROUND_H
#include "core/workspace.h"
#include "views/ui.h"
struct background;
/* Starts an import of every source, then follows them. */
struct background *background_new(struct ui *ui, struct workspace *ws, struct loop *loop, struct tasks *tasks);
void background_stop(struct background *b);      /* no further import starts; running ones are cancelled; nothing is watched any more */
void background_free(struct background *b);      /* after its tasks have ended */
bool background_settled(const struct background *b);   /* every source was imported once */
#endif

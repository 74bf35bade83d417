/* doctor -- looks at everything the program stands on and says what is wrong and how to cure it. */
#ifndef MLYARD_APP_DOCTOR_H
#define MLYARD_APP_DOCTOR_H
#include <stddef.h>
#include "core/base/verb.h"

enum finding_state { FINDING_OK, FINDING_WARN, FINDING_BAD };
struct finding { const char *area, *name, *cure; char *value; enum finding_state state; };
struct findings { struct finding *at; size_t n, cap; };
/* area, name and cure are static; cure is shown unless state is ok. */
void finding_add(struct findings *f, enum finding_state state, const char *area, const char *name, const char *cure, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));

void doctor_libraries(struct findings *f);
void doctor_terminal(struct findings *f);
void doctor_folders(struct findings *f);
/* ST_CHECK when something is bad. Makes and changes nothing. */
enum status doctor_run(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e);
#endif

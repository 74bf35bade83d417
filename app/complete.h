/* complete -- completion scripts and the manual page, generated from the verb table. */
#ifndef MLYARD_APP_COMPLETE_H
#define MLYARD_APP_COMPLETE_H
#include "core/base/status.h"
#include "core/base/str.h"
/* what: bash, zsh, fish or man. ST_USAGE for anything else. */
enum status complete_print(const char *what, struct str *out, struct err *e);
void manual_print(struct str *out);
#endif

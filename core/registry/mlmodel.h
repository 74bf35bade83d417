/* mlmodel -- what the MLmodel file of a saved model says, and the environment files beside it.
 *
 * Reads    regular files of the model's folder, never through links; at most 1 MB of MLmodel, 256 KB of each other.
 * Errors   a file that is missing or broken is told in words and never stops anything.
 */
#ifndef MLYARD_REGISTRY_MLMODEL_H
#define MLYARD_REGISTRY_MLMODEL_H
#include <stdint.h>
#include "core/base/arena.h"
#include "core/base/status.h"
#include "core/base/str.h"

/* The MLmodel file under root as JSON. ST_NOT_FOUND: there is none. */
enum status mlmodel_read(const char *root, struct str *json, struct err *e);
/* Texts are cleaned, never NULL. bytes: as the file says, 0 when it does not. */
struct mlmodel { const char *flavors, *signature, *model_id, *run_id; int64_t bytes; };
void mlmodel_describe(const char *json, struct arena *a, struct mlmodel *out);
/* Names of the columns that the signature takes in, cleaned; *n of them. */
const char *const *mlmodel_inputs(const char *json, struct arena *a, size_t *n);
/* "python 3.11.4", then a requirement a line, from python_env.yaml, requirements.txt, else conda.yaml; "" when there is nothing. */
const char *mlmodel_environment(const char *root, struct arena *a);
#endif

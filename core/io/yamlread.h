/* yamlread -- how files that people write (policies, monitors) are read from their tree: values with their place, and findings.
 *
 * Method   a map is read through a table of its keys; each row's function takes one value. Whatever is wrong is put down as a finding
 *          with line and column, and reading goes on with what makes sense, so that one run shows everything.
 * Words    of the document are quoted cleaned and short.
 */
#ifndef MLYARD_IO_YAMLREAD_H
#define MLYARD_IO_YAMLREAD_H
#include "core/base/arena.h"
#include "core/io/yamldoc.h"

enum { YAMLREAD_WORD_MAX = 256, YAMLREAD_MOST_FINDINGS = 200 };
struct finding { struct yamldoc_place at; size_t nth; const char *text; };
struct reading {
	struct arena *arena;                         /* of what is being made; texts live there */
	void *of;                                    /* what the reader of this kind of file wants at hand */
	struct finding *findings; size_t n_findings, cap;
};
void finding_at(struct reading *r, struct yamldoc_place at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Text of the document as messages quote it: cleaned, short. The arena's. */
const char *quoted(struct reading *r, const char *text, size_t n);

void wrong_kind(struct reading *r, const struct yamldoc_node *x, const char *needed);
/* Each puts down a finding and returns false, NULL or nothing when the value is not of its kind. */
const char *read_word(struct reading *r, const struct yamldoc_node *x, size_t most);      /* not empty, clean */
bool read_bool(struct reading *r, const struct yamldoc_node *x, bool *out);
bool read_int(struct reading *r, const struct yamldoc_node *x, int least, int most, int *out);
bool read_span(struct reading *r, const struct yamldoc_node *x, int64_t *ms);
/* A list of words, or one word. Its length in *n; doubles are a finding. */
const char **read_words(struct reading *r, const struct yamldoc_node *x, size_t most, size_t *n);
/* How many items a list has; false: it is none, or too long. */
bool read_list(struct reading *r, const struct yamldoc_node *x, size_t most, size_t *n);
/* Maps. The values are taken in the order of the table; unknown and doubled keys are findings. `what` names it: "a rule". */
struct field { const char *key; void (*take)(struct reading *r, const struct yamldoc_node *x, void *into); };
bool read_map(struct reading *r, const struct yamldoc_node *map, const char *what, const struct field *fields, size_t n, void *into);
/* Findings by place, a line each, appended to `findings` (may be NULL); frees them. ST_FAILED with the first one when there are some; `command`: what lists all, or NULL. */
enum status findings_report(struct reading *r, const char *name, const char *command, struct str *findings, struct err *e);

/* "24h", "7d", "1d12h": a unit is required, the span is more than nothing and at most ten years. */
bool word_span(const char *text, int64_t *ms);
/* The word that was probably meant, NULL: none is near. */
const char *word_nearest(const char *typed, const char *const *words, size_t n);
#endif

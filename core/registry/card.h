/* card -- model cards: Markdown with required sections, filled in from what is known, kept in all its versions.
 *
 * Sections "## " headings: intended use, data, metrics, limitations, fairness, owner (policy.h may name others; case does not matter). A section counts as
 *          written when it holds text other than HTML comments and the hint of the template.
 */
#ifndef MLYARD_REGISTRY_CARD_H
#define MLYARD_REGISTRY_CARD_H
#include <stdbool.h>
#include <stdint.h>
#include "core/base/arena.h"
#include "core/base/status.h"
#include "core/base/str.h"
#include "core/registry/actor.h"
#include "core/store/store.h"

enum { CARD_MOST_BYTES = 1 << 20 };
#define CARD_HINT "Not written yet."     /* what the template says where nothing is known */
/* The newest text: the version's own, else the model's, else the template filled in from what is known. *rev 0: template. */
enum status card_load(struct store *s, int64_t model_id, int64_t version, struct str *out, int64_t *rev, struct err *e);
/* Saves a new revision (action "model.card"); unchanged text saves nothing. expect_rev: what was edited; ST_REFUSED when somebody saved meanwhile. */
enum status card_save(struct store *s, const struct actor *who, int64_t model_id, int64_t version, const char *text, size_t n, int64_t expect_rev, struct err *e);
/* Every saved text of exactly this card (version 0: the model's own), oldest first. */
struct card_revision { int64_t rev, ms; const char *actor; };
struct card_revisions { struct arena *arena; struct card_revision *at; size_t n; };
enum status card_revisions(struct store *s, int64_t model_id, int64_t version, struct card_revisions **out, struct err *e);
void card_revisions_free(struct card_revisions *r);
enum status card_load_revision(struct store *s, int64_t model_id, int64_t version, int64_t rev, struct str *out, struct err *e);
/* Is this section written? Pure. */
bool card_has_section(const char *text, size_t n, const char *section);
/* Sections of `wanted` that are missing or empty, comma-separated; "" when complete. */
void card_missing(const char *text, size_t n, const char *const *wanted, size_t n_wanted, struct str *out);
#endif

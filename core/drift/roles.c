#include "core/drift/roles.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/drift/pair.h"

/* ---- what a name says ---- */

static const char *const target_names[] = { "target", "label", "y_true", "truth", "ground_truth", NULL };
static const char *const prediction_names[] = { "prediction", "predicted", "y_pred", "y_hat", NULL };
static const char *const probability_names[] = { "probability", "proba", "score", "y_proba", "y_prob", "y_score", "predicted_probability", NULL };
static const char *const timestamp_names[] = { "timestamp", "ts", "time", "datetime", "date", NULL };

static bool any_column(const struct frame_col *c) { (void)c; return true; }
static bool is_time(const struct frame_col *c) { return c->type == FRAME_TIME; }

/* A score that is no probability (a credit score, say) is a column like others. */
static bool is_share(const struct frame_col *c)
{
	if (c->type != FRAME_NUMBER && c->type != FRAME_BOOLEAN)
		return false;
	for (size_t i = 0; i < c->n; i++)
		if (c->num[i] < 0 || c->num[i] > 1)
			return false;
	return c->missing < c->n;
}

static bool all_differ(const struct frame_col *c)
{
	if (c->missing || c->n < 2)
		return false;
	if (!c->num)
		return c->n_words == c->n;
	double *v = mem_array(2 * c->n, sizeof *v);
	memcpy(v, c->num, c->n * sizeof *v);
	bool distinct = c->inf == 0;
	if (distinct)
		sort_doubles(v, v + c->n, c->n);
	for (size_t i = 1; distinct && i < c->n; i++)
		distinct = v[i] != v[i - 1];
	free(v);
	return distinct;
}

bool roles_may_be_id(const struct frame_col *c)
{
	size_t n = strlen(c->name);
	bool named = strcasecmp(c->name, "id") == 0 || (n > 3 && strcasecmp(c->name + n - 3, "_id") == 0);
	return named && (c->integer || !c->num) && all_differ(c);
}

/* ---- finding ---- */

/* Names earlier in the list go before later ones, whatever the order of columns is. */
static const char *find_named(const struct frame *f, const char *const *names, bool (*fits)(const struct frame_col *))
{
	for (; *names; names++)
		for (size_t i = 0; i < f->n_cols; i++)
			if (strcasecmp(f->cols[i].name, *names) == 0 && fits(&f->cols[i]))
				return f->cols[i].name;
	return NULL;
}

static const char *only_time(const struct frame *f)
{
	const char *found = NULL;
	for (size_t i = 0; i < f->n_cols; i++)
		if (f->cols[i].type == FRAME_TIME) {
			if (found)
				return NULL;
			found = f->cols[i].name;
		}
	return found;
}

static const char *find_id(const struct frame *f)
{
	for (size_t i = 0; i < f->n_cols; i++)
		if (roles_may_be_id(&f->cols[i]))
			return f->cols[i].name;
	return NULL;
}

static const char *find_time(const struct frame *f)
{
	const char *name = find_named(f, timestamp_names, is_time);
	return name ? name : only_time(f);
}

static const char *find_target(const struct frame *f) { return find_named(f, target_names, any_column); }
static const char *find_prediction(const struct frame *f) { return find_named(f, prediction_names, any_column); }
static const char *find_probability(const struct frame *f) { return find_named(f, probability_names, is_share); }

/* ---- settling ---- */

enum { TARGET, PREDICTION, PROBABILITY, TIMESTAMP, ID, ROLES };
static const struct { const char *word; size_t offset; const char *(*find)(const struct frame *f); } roles_known[ROLES] = {
	[TARGET] = { "target", offsetof(struct drift_roles, target), find_target },
	[PREDICTION] = { "prediction", offsetof(struct drift_roles, prediction), find_prediction },
	[PROBABILITY] = { "probability", offsetof(struct drift_roles, probability), find_probability },
	[TIMESTAMP] = { "timestamp", offsetof(struct drift_roles, timestamp), find_time },
	[ID] = { "id", offsetof(struct drift_roles, id), find_id },
};

static const char **slot(struct drift_roles *r, int i) { return (const char **)(void *)((char *)r + roles_known[i].offset); }
static const char *name_in(const struct drift_roles *r, int i) { return *(const char *const *)(const void *)((const char *)r + roles_known[i].offset); }

static int role_at(const struct drift_roles *r, const char *column)
{
	for (int i = 0; i < ROLES; i++)
		if (name_in(r, i) && *name_in(r, i) && strcmp(name_in(r, i), column) == 0)
			return i;
	return ROLES;
}

static enum status check_named(const struct drift_roles *r, const struct frame *ref, struct err *e)
{
	for (int i = 0; i < ROLES; i++) {
		const char *name = name_in(r, i);
		if (!name || !*name)
			continue;
		if (!frame_find(ref, name))
			return err_set(e, ST_USAGE, "the reference has no column '%s', which is to be the %s", name, roles_known[i].word);
		if (role_at(r, name) != i)
			return err_set(e, ST_USAGE, "the column '%s' cannot be both %s and %s", name, roles_known[role_at(r, name)].word, roles_known[i].word);
	}
	for (size_t i = 0; i < r->n_probabilities; i++) {
		const char *name = r->probabilities[i].column;
		if (!frame_find(ref, name))
			return err_set(e, ST_USAGE, "the reference has no column '%s', which is to be the probability of the class '%s'", name, r->probabilities[i].of);
		if (role_at(r, name) != ROLES)
			return err_set(e, ST_USAGE, "the column '%s' cannot be both %s and the probability of a class", name, roles_known[role_at(r, name)].word);
	}
	for (size_t i = 0; i < r->n_segments; i++)
		if (!frame_find(ref, r->segments[i]))
			return err_set(e, ST_USAGE, "the reference has no column '%s' to slice by", r->segments[i]);
	return ST_OK;
}

static bool is_class_column(const struct drift_roles *r, const char *name)
{
	for (size_t i = 0; i < r->n_probabilities; i++)
		if (strcmp(r->probabilities[i].column, name) == 0)
			return true;
	return false;
}

enum status roles_settle(struct drift_roles *roles, const struct frame *ref, const struct frame *cur, struct arena *a, struct err *e)
{
	(void)cur;
	enum status st = check_named(roles, ref, e);
	for (int i = 0; st == ST_OK && i < ROLES; i++) {
		const char **name = slot(roles, i);
		if (*name)
			continue;
		const char *found = roles_known[i].find(ref);
		*name = found && role_at(roles, found) == ROLES && !is_class_column(roles, found) ? arena_strdup(a, found) : "";
	}
	return st;
}

const char *roles_of(const struct drift_roles *roles, const char *column)
{
	int i = role_at(roles, column);
	if (i < ROLES)
		return roles_known[i].word;
	if (is_class_column(roles, column))
		return "probability";
	for (size_t k = 0; k < roles->n_segments; k++)
		if (strcmp(roles->segments[k], column) == 0)
			return "segment";
	return "";
}

/* How each kind of gate measures a version: one function a kind, in a table.
 *
 * Each fills value, limit and source in words, and `ok`; metrics also their numbers. What is absent is told from what is bad: an absent
 * metric fails, an absent drift report or an empty lane to compare with holds unless the rule says otherwise, and each says so.
 * Names are looked up as they are stored and cleaned when they are shown. Every lookup is one indexed query. */
#include "core/registry/gates_impl.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/registry/card.h"
#include "core/registry/digest.h"
#include "core/registry/models.h"
#include "core/registry/models_impl.h"
#include "core/registry/regsql.h"
#include "core/runs/number.h"

enum { DIGITS = 6, SHORT_ID = 8 };

static bool holds(double value, enum gate_op op, double limit)
{
	switch (op) {
	case GATE_LT: return value < limit;
	case GATE_LE: return value <= limit;
	case GATE_GT: return value > limit;
	case GATE_GE: return value >= limit;
	case GATE_EQ: return value == limit;
	case GATE_NE: return value < limit || value > limit;       /* NaN differs from all, and proves nothing */
	}
	return false;
}

static const char *const op_text[] = { [GATE_LT] = "<", [GATE_LE] = "<=", [GATE_GT] = ">", [GATE_GE] = ">=", [GATE_EQ] = "==", [GATE_NE] = "!=" };

enum status lane_holder(struct measuring *m, const char *lane, int64_t *version, int64_t *version_id, struct err *e)
{
	*version = *version_id = 0;
	sqlite3_stmt *q = reg_query(m->s, e, "SELECT v.version, v.id FROM" REG_VERSIONS "WHERE v.model_id = ?1 AND" REG_STAGE "= ?2 COLLATE NOCASE AND NOT" REG_DELETED
		"AND v.version <> ?3 ORDER BY v.version DESC LIMIT 1", "iti", m->r->model_id, lane, m->r->version);
	if (!q)
		return ST_FAILED;
	if (sqlite3_step(q) == SQLITE_ROW) {
		*version = sqlite3_column_int64(q, 0);
		*version_id = sqlite3_column_int64(q, 1);
	}
	return reg_end(m->s, q, e);
}

/* ---- metrics ---- */

/* A row is (value or NULL for NaN, name, id) of where a metric was found. */
static const struct { const char *sql, *words; } places[] = {
	{ "SELECT t.last, r.name, r.uuid FROM model_version v CROSS JOIN run r ON r.uuid = v.run_uuid CROSS JOIN metric t ON t.run_id = r.id AND t.name_id = (SELECT id FROM name WHERE text = ?2)"
		" WHERE v.id = ?1 ORDER BY r.source_id = (SELECT source_id FROM model WHERE id = v.model_id) DESC, r.id LIMIT 1", "run" },
	{ "SELECT t.value, coalesce(l.name, ''), l.model_id FROM model_version v JOIN logged_model l ON l.model_id = substr(v.source, 9) AND l.source_id IN (SELECT id FROM source)"
		" JOIN logged_model_metric t ON t.logged_model_id = l.id AND t.key = ?2 WHERE v.id = ?1 AND v.source LIKE 'models:/m-%' ORDER BY t.step DESC, t.ms DESC LIMIT 1",
		"logged model" },
};

static const char *place_words(struct arena *a, const char *what, const char *name, const char *id)
{
	return arena_printf(a, "%s %s%s%.*s", what, name, *name ? " " : "", SHORT_ID, id);
}

static enum status metric_in_rows(struct measuring *m, int64_t version_id, const char *key, struct measured *out, struct err *e)
{
	struct arena *a = m->r->arena;
	enum status rc = ST_OK;
	for (size_t i = 0; i < sizeof places / sizeof *places && rc == ST_OK && !out->there; i++) {
		sqlite3_stmt *q = reg_query(m->s, e, places[i].sql, "it", version_id, key);
		if (!q)
			return ST_FAILED;
		if (sqlite3_step(q) == SQLITE_ROW) {
			double value = sqlite3_column_type(q, 0) == SQLITE_NULL ? NAN : sqlite3_column_double(q, 0);
			*out = (struct measured){ true, value, place_words(a, places[i].words, reg_cell(a, q, 1), reg_cell(a, q, 2)) };
		}
		rc = reg_end(m->s, q, e);
	}
	return rc;
}

/* The tag of a version as it holds here; *there false: none, or removed. The value is as it is stored. */
static enum status version_tag(struct measuring *m, int64_t version_id, const char *key, bool *there, bool *here, const char **value, struct err *e)
{
	*there = *here = false;
	*value = "";
	sqlite3_stmt *q = reg_query(m->s, e, "SELECT t.value, 1 FROM model_version v JOIN reg_tag t ON t.model_id = v.model_id AND t.version = v.version AND t.key = ?2 WHERE v.id = ?1"
		" UNION ALL SELECT value, 0 FROM model_version_tag WHERE version_id = ?1 AND key = ?2 LIMIT 1", "it", version_id, key);
	if (!q)
		return ST_FAILED;
	if (sqlite3_step(q) == SQLITE_ROW && sqlite3_column_type(q, 0) != SQLITE_NULL) {
		*there = true;
		*here = sqlite3_column_int(q, 1) != 0;
		*value = arena_strndup(m->r->arena, (const char *)sqlite3_column_text(q, 0), (size_t)sqlite3_column_bytes(q, 0));
	}
	return reg_end(m->s, q, e);
}

enum status measure_metric(struct measuring *m, int64_t version_id, const char *key, struct measured *out, struct err *e)
{
	const char *text;
	bool there, here;
	double v;
	*out = (struct measured){ false, NAN, "" };
	enum status rc = metric_in_rows(m, version_id, key, out, e);
	if (rc != ST_OK || out->there)
		return rc;
	rc = version_tag(m, version_id, key, &there, &here, &text, e);
	if (rc == ST_OK && there && number_parse(text, strlen(text), &v))
		*out = (struct measured){ true, v, arena_printf(m->r->arena, "tag %s", reg_clean(m->r->arena, key, strlen(key), 0)) };
	return rc;
}

/* Two numbers in few digits, or in all of them where few would make them look alike. */
static void put_numbers(struct arena *a, struct gate_result *g, enum gate_op op)
{
	char value[FMT_MAX], limit[FMT_MAX];
	fmt_number(value, g->number, DIGITS);
	fmt_number(limit, g->bound, DIGITS);
	bool exact = g->has_number && strcmp(value, limit) == 0;
	if (g->has_number)
		g->value = arena_strdup(a, exact ? fmt_exact(value, g->number) : value);
	g->limit = arena_printf(a, "%s %s", op_text[op], exact ? fmt_exact(limit, g->bound) : limit);
}

static const char *where_words(struct measuring *m, const char *lane, int64_t version)
{
	return arena_printf(m->r->arena, "v%" PRId64 " in %s", version, lane);
}

/* What it is compared with. g->has_bound stays false when there is nothing to compare; then ok and limit are set. */
static enum status bound_of(struct measuring *m, struct gate_result *g, const char **against, struct err *e)
{
	struct arena *a = m->r->arena;
	struct measured other;
	int64_t version, version_id;
	char text[FMT_MAX];
	g->has_bound = !g->spec->relative;
	g->bound = g->spec->offset;
	if (!g->spec->relative)
		return ST_OK;
	enum status rc = lane_holder(m, g->spec->lane, &version, &version_id, e);
	if (rc != ST_OK || !version) {
		g->ok = !g->spec->if_missing_refuse;
		g->limit = arena_printf(a, "nothing in %s to compare with", g->spec->lane);
		return rc;
	}
	rc = measure_metric(m, version_id, g->spec->key, &other, e);
	if (rc == ST_OK && (!other.there || isnan(other.value))) {
		g->ok = false;
		g->limit = arena_printf(a, "%s of %s", other.there ? "NaN" : "no value", where_words(m, g->spec->lane, version));
		return rc;
	}
	g->has_bound = true;
	g->bound = g->spec->scale * other.value + g->spec->offset;
	*against = arena_printf(a, "; %s has %s", where_words(m, g->spec->lane, version), fmt_number(text, other.value, DIGITS));
	return rc;
}

static enum status measure_number(struct measuring *m, struct gate_result *g, struct err *e)
{
	struct measured own;
	const char *against = "";
	g->name = reg_clean(m->r->arena, g->spec->key, strlen(g->spec->key), 0);
	enum status rc = measure_metric(m, m->r->version_id, g->spec->key, &own, e);
	if (rc == ST_OK)
		rc = bound_of(m, g, &against, e);
	if (rc != ST_OK)
		return rc;
	g->has_number = own.there;
	g->number = own.value;
	if (g->has_bound) {
		g->ok = own.there && holds(own.value, g->spec->op, g->bound);
		put_numbers(m->r->arena, g, g->spec->op);
	} else if (own.there) {
		char text[FMT_MAX];
		g->value = arena_strdup(m->r->arena, fmt_number(text, own.value, DIGITS));
	}
	g->ok &= own.there && !isnan(own.value);
	g->source = own.there ? arena_printf(m->r->arena, "%s%s", own.from, against) : "neither its run, nor its logged model, nor a tag has it";
	return ST_OK;
}

/* ---- the others ---- */

static enum status measure_age(struct measuring *m, struct gate_result *g, struct err *e)
{
	(void)e;
	char age[FMT_MAX], limit[FMT_MAX], since[FMT_MAX];
	int64_t ms = m->since_ms == INT64_MIN ? 0 : m->now_ms - m->since_ms;
	g->name = arena_printf(m->r->arena, "age in %s", m->r->from);
	g->limit = arena_printf(m->r->arena, ">= %s", fmt_duration(limit, g->spec->min_ms));
	g->ok = ms >= g->spec->min_ms;
	if (m->since_ms == INT64_MIN) {
		g->source = "nobody knows since when";
		return ST_OK;
	}
	g->value = arena_printf(m->r->arena, "%s%s", m->since_known ? "" : "at least ", fmt_duration(age, ms > 0 ? ms : 0));
	g->source = arena_printf(m->r->arena, "since %s%s", fmt_time(since, m->since_ms), m->since_known ? "" : " or before");
	return ST_OK;
}

/* "income, drift report 12 of 2026-11-20 08:00:00" */
static const char *drift_source(struct arena *a, const struct reg_drift *d)
{
	char when[FMT_MAX];
	return arena_printf(a, "%s%s%s of %s", d->monitor, *d->monitor ? ", " : "", *d->report ? d->report : "report", fmt_time(when, d->ms));
}

static enum status measure_drift(struct measuring *m, struct gate_result *g, struct err *e)
{
	struct reg_drift d;
	int limit = reg_drift_badness(g->spec->value);
	bool as_gate = g->spec->op == GATE_LE;
	g->limit = arena_printf(m->r->arena, as_gate ? "%s" : "%s or worse", as_gate && limit ? "no worse than watch" : g->spec->value);
	enum status st = version_drift(m->s, m->r->arena, m->r->model_id, m->r->version, &d, e);
	if (st != ST_OK)
		return st;
	if (*d.verdict) {
		int worst = reg_drift_badness(d.verdict);
		g->ok = as_gate ? worst <= limit : worst >= limit;
		g->value = d.verdict;
		g->source = drift_source(m->r->arena, &d);
	} else {
		g->ok = as_gate && !g->spec->if_missing_refuse;
		g->value = "no report";
		g->source = "no drift report about this version";
	}
	return ST_OK;
}

static enum status measure_tag(struct measuring *m, struct gate_result *g, struct err *e)
{
	const char *value;
	bool there, here;
	enum status rc = version_tag(m, m->r->version_id, g->spec->key, &there, &here, &value, e);
	g->limit = g->spec->value ? arena_printf(m->r->arena, "= %s", g->spec->value) : "set";
	g->value = reg_clean(m->r->arena, value, strlen(value), 0);
	g->ok = there && *value && (!g->spec->value || strcmp(value, g->spec->value) == 0);
	g->source = there ? here ? "tag set here" : "tag of the source" : "no such tag";
	return rc;
}

/* The saved card: a template that nobody saved is none. */
static enum status measure_card(struct measuring *m, struct gate_result *g, struct err *e)
{
	struct str missing = STR_INIT;
	const struct gate_spec *x = g->spec;
	g->limit = arena_printf(m->r->arena, "%zu section%s", x->n_sections, x->n_sections == 1 ? "" : "s");
	g->source = "no card was saved";
	sqlite3_stmt *q = reg_query(m->s, e, "SELECT text, version, rev FROM reg_card WHERE model_id = ?1 AND version IN (0, ?2) ORDER BY version DESC, rev DESC LIMIT 1", "ii",
		m->r->model_id, m->r->version);
	if (!q)
		return ST_FAILED;
	if (sqlite3_step(q) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(q, 0);
		card_missing(text, (size_t)sqlite3_column_bytes(q, 0), x->sections, x->n_sections, &missing);
		g->ok = !missing.len;
		g->value = g->ok ? "complete" : arena_printf(m->r->arena, "missing: %s", missing.p);
		g->source = arena_printf(m->r->arena, "card of the %s, revision %" PRId64, sqlite3_column_int64(q, 1) ? "version" : "model", (int64_t)sqlite3_column_int64(q, 2));
	}
	str_free(&missing);
	return reg_end(m->s, q, e);
}

enum status measure_files(struct measuring *m, struct err *e)
{
	struct str words = STR_INIT;
	enum status rc = ST_OK;
	if (!m->digest_state) {
		rc = digest_state(m->s, m->r->model_id, m->r->version, &words, e);
		m->digest_state = arena_strdup(m->r->arena, words.p);
		str_free(&words);
	}
	return rc;
}

static enum status measure_digest(struct measuring *m, struct gate_result *g, struct err *e)
{
	enum status rc = measure_files(m, e);
	g->limit = "verified";
	g->value = rc == ST_OK ? m->digest_state : "";
	g->ok = rc == ST_OK && strcmp(m->digest_state, "verified") == 0;
	g->source = "names, sizes and times of the files";
	return rc;
}

enum status measure_gate(struct measuring *m, struct gate_result *g, struct err *e)
{
	static enum status (*const measures[GATE_KINDS])(struct measuring *, struct gate_result *, struct err *) = {
		[GATE_METRIC] = measure_number, [GATE_MIN_AGE] = measure_age, [GATE_DRIFT] = measure_drift, [GATE_TAG] = measure_tag, [GATE_CARD] = measure_card,
		[GATE_DIGEST] = measure_digest,
	};
	g->name = g->spec->name;
	g->value = g->limit = g->source = "";
	return measures[g->spec->kind](m, g, e);
}

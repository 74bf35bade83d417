/* Columns as text ("metrics.loss:min") and back; the words of a status. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/runs/runs.h"
#include "core/runs/runs_impl.h"

static const struct { const char *name; enum col_kind kind; bool number; } attributes[] = {
	{ "name", COL_NAME, false }, { "state", COL_STATE, false }, { "age", COL_AGE, true }, { "took", COL_TOOK, true },
	{ "user", COL_USER, false }, { "source", COL_SOURCE, false }, { "experiment", COL_EXPERIMENT, false }, { "id", COL_ID, false },
	{ "start", COL_START, true }, { "end", COL_END, true },
	/* what MLflow calls them */
	{ "run_name", COL_NAME, false }, { "status", COL_STATE, false }, { "duration", COL_TOOK, true }, { "user_id", COL_USER, false },
	{ "run_id", COL_ID, false }, { "start_time", COL_START, true }, { "end_time", COL_END, true },
};
static const struct { const char *prefix; enum col_kind kind; } prefixes[] = {
	{ "metrics.", COL_METRIC }, { "params.", COL_PARAM }, { "tags.", COL_TAG }, { "spark.", COL_SPARK },
	{ "metric.", COL_METRIC }, { "param.", COL_PARAM }, { "tag.", COL_TAG },
};
static const struct { const char *suffix; enum col_kind kind; } aggregates[] = {
	{ ":last", COL_METRIC }, { ":min", COL_METRIC_MIN }, { ":max", COL_METRIC_MAX },
};
#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct run_status_words statuses[] = {
	[0] = { "UNKNOWN", "unknown", "?", "?" },
	[RUN_RUNNING] = { "RUNNING", "running", "●", "*" },
	[RUN_SCHEDULED] = { "SCHEDULED", "waiting", "◌", "o" },
	[RUN_FINISHED] = { "FINISHED", "done", "✓", "+" },
	[RUN_FAILED] = { "FAILED", "failed", "✗", "x" },
	[RUN_KILLED] = { "KILLED", "killed", "■", "#" },
};

const struct run_status_words *run_status_words(int status)
{
	return &statuses[status > 0 && status < (int)COUNT(statuses) ? status : 0];
}

const struct run_status_words *run_status_named(const char *name)
{
	size_t i = COUNT(statuses) - 1;
	while (i && strcasecmp(name, statuses[i].name) != 0)
		i--;
	return &statuses[i];
}

const char *run_status_name(enum run_status s)
{
	return run_status_words((int)s)->name;
}

/* Index of the aggregate that s ends with, or -1. */
static int aggregate_of(const char *s, size_t n)
{
	for (size_t i = 0; i < COUNT(aggregates); i++) {
		size_t k = strlen(aggregates[i].suffix);
		if (n > k && !memcmp(s + n - k, aggregates[i].suffix, k))
			return (int)i;
	}
	return -1;
}

static enum status col_unknown(const char *text, struct err *e)
{
	struct str name = STR_INIT;
	text_clean(&name, text, strnlen(text, 80), 0);
	err_set(e, ST_USAGE, "no column \"%s\": use name, state, age, took, user, source, experiment, id, start, end, "
		"metrics.KEY[:last|min|max], params.KEY, tags.KEY, spark.KEY", name.p);
	str_free(&name);
	return ST_USAGE;
}

enum status col_parse(const char *text, struct col *out, char **key_storage, struct err *e)
{
	*key_storage = NULL;
	for (size_t i = 0; i < COUNT(attributes); i++)
		if (!strcmp(text, attributes[i].name)) {
			*out = (struct col){ attributes[i].kind, NULL };
			return ST_OK;
		}
	for (size_t i = 0; i < COUNT(prefixes); i++) {
		size_t n = strlen(prefixes[i].prefix);
		const char *key = text + n;
		if (strncmp(text, prefixes[i].prefix, n) || !*key)
			continue;
		size_t len = strlen(key);
		int aggregate = prefixes[i].kind == COL_METRIC ? aggregate_of(key, len) : -1;
		if (aggregate >= 0)
			len -= strlen(aggregates[aggregate].suffix);
		*key_storage = mem_strndup(key, len);
		*out = (struct col){ aggregate >= 0 ? aggregates[aggregate].kind : prefixes[i].kind, *key_storage };
		return ST_OK;
	}
	return col_unknown(text, e);
}

void col_format(struct str *out, const struct col *c)
{
	for (size_t i = 0; i < COUNT(attributes) && !c->key; i++)
		if (attributes[i].kind == c->kind) {
			str_add(out, attributes[i].name);
			return;
		}
	const char *key = c->key ? c->key : "";
	bool metric = c->kind == COL_METRIC || c->kind == COL_METRIC_MIN || c->kind == COL_METRIC_MAX;
	for (size_t i = 0; i < COUNT(prefixes); i++)
		if (prefixes[i].kind == (metric ? COL_METRIC : c->kind)) {
			str_add(out, prefixes[i].prefix);
			break;
		}
	str_add(out, key);
	/* The plain value needs no suffix, unless the key itself ends like one. */
	for (size_t i = 0; metric && i < COUNT(aggregates); i++)
		if (aggregates[i].kind == c->kind && (c->kind != COL_METRIC || aggregate_of(key, strlen(key)) >= 0))
			str_add(out, aggregates[i].suffix);
}

bool col_is_number(enum col_kind k)
{
	for (size_t i = 0; i < COUNT(attributes); i++)
		if (attributes[i].kind == k)
			return attributes[i].number;
	return k == COL_METRIC || k == COL_METRIC_MIN || k == COL_METRIC_MAX;
}

static bool key_known(struct store *s, int64_t name_id, int kind)
{
	sqlite3_stmt *q = store_stmt(s, "SELECT 1 FROM experiment_key WHERE kind = ?1 AND name_id = ?2 LIMIT 1", NULL);
	if (!q)
		return false;
	sqlite3_bind_int(q, 1, kind);
	sqlite3_bind_int64(q, 2, name_id);
	bool known = sqlite3_step(q) == SQLITE_ROW;
	sqlite3_reset(q);
	return known;
}

bool col_known(struct store *s, const struct col *c)
{
	int64_t id = c->key ? run_name_id(s, c->key) : 0;
	return !c->key || (id && key_known(s, id, c->kind == COL_PARAM ? 1 : c->kind == COL_TAG ? 2 : 0));
}

enum status col_resolve(struct store *s, const char *text, struct col *out, char **key_storage, struct err *e)
{
	static const enum col_kind kinds[] = { COL_METRIC, COL_PARAM, COL_TAG };     /* experiment_key.kind is the index */
	enum status st = col_parse(text, out, key_storage, e);
	if (st == ST_OK)
		return st;
	size_t len = strlen(text);
	int aggregate = aggregate_of(text, len);
	char *key = mem_strndup(text, aggregate < 0 ? len : len - strlen(aggregates[aggregate].suffix));
	int64_t id = run_name_id(s, text), cut_id = aggregate < 0 ? 0 : run_name_id(s, key);
	for (int k = 0; id && k < (int)COUNT(kinds); k++)
		if (key_known(s, id, k)) {
			free(key);
			*key_storage = mem_strdup(text);
			*out = (struct col){ kinds[k], *key_storage };
			return ST_OK;
		}
	if (cut_id && key_known(s, cut_id, 0)) {
		*key_storage = key;
		*out = (struct col){ aggregates[aggregate].kind, key };
		return ST_OK;
	}
	free(key);
	return st;
}

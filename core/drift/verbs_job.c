/* drift run: how its options say what is read and what columns mean. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/drift/remember.h"
#include "core/drift/verbs_impl.h"

static const double least_size = 1e6;

/* 512MB, 2G, 1.5GiB, or bytes. */
enum status verb_size(const struct verb_args *a, const char *option, size_t *out, struct err *e)
{
	static const struct { const char *word; double times; } units[] = { { "", 1 }, { "b", 1 }, { "k", 1e3 }, { "kb", 1e3 }, { "kib", 0x1p10 }, { "m", 1e6 }, { "mb", 1e6 },
		{ "mib", 0x1p20 }, { "g", 1e9 }, { "gb", 1e9 }, { "gib", 0x1p30 }, { "t", 1e12 }, { "tb", 1e12 }, { "tib", 0x1p40 } };
	const char *text = verb_opt(a, option);
	char *end;
	if (!text)
		return ST_OK;
	errno = 0;
	const double n = strtod(text, &end);
	for (size_t i = 0; end > text && !errno && i < sizeof units / sizeof *units; i++)
		if (!strcasecmp(units[i].word, end) && n * units[i].times >= least_size && n * units[i].times <= 0x1p50) {
			*out = (size_t)(n * units[i].times);
			return ST_OK;
		}
	return err_set(e, ST_USAGE, "--%s needs a size from 1MB on, such as 512MB or 2GiB, not '%.60s'", option, text);
}

static enum status take_delimiter(const char *text, char *out, struct err *e)
{
	if (!text)
		return ST_OK;
	if (!strcmp(text, "tab") || !strcmp(text, "\\t"))
		text = "\t";
	if (strlen(text) != 1 || strchr("\"\r\n", *text))
		return err_set(e, ST_USAGE, "--delimiter needs one character, or 'tab', not '%.60s'", text);
	*out = *text;
	return ST_OK;
}

static enum status take_types(const struct verb_args *a, struct frame_options *o, struct arena *room, struct err *e)
{
	struct verb_list pairs;
	enum status st = verb_list(a, "types", room, &pairs, e);
	struct frame_override *types = st == ST_OK ? arena_array(room, pairs.n + 1, sizeof *types) : NULL;
	for (size_t i = 0; st == ST_OK && i < pairs.n; i++) {
		char *pair = arena_strdup(room, pairs.at[i]), *sign = strrchr(pair, '=');
		if (!sign || sign == pair || !remember_type(sign + 1, &types[i].type))
			return err_set(e, ST_USAGE, "--types needs column=type with numeric, boolean, datetime, categorical or text, not '%.200s'", pair);
		*sign = '\0';
		types[i].name = pair;
	}
	o->types = types, o->n_types = pairs.n;
	return st;
}

static enum status take_probabilities(const struct verb_args *a, struct drift_roles *r, struct arena *room, struct err *e)
{
	struct verb_list pairs;
	enum status st = verb_list(a, "probabilities", room, &pairs, e);
	struct class_column *list = arena_array(room, st == ST_OK ? pairs.n : 0, sizeof *list);
	for (size_t i = 0; st == ST_OK && i < pairs.n; i++) {
		char *pair = arena_strdup(room, pairs.at[i]), *sign = strrchr(pair, '=');
		if (!sign || sign == pair || !sign[1])
			return err_set(e, ST_USAGE, "--probabilities needs class=column, not '%.200s'", pair);
		*sign = '\0';
		list[i] = (struct class_column){ pair, sign + 1 };
	}
	r->probabilities = list, r->n_probabilities = st == ST_OK ? pairs.n : 0;
	return st;
}

static enum status take_roles(const struct verb_args *a, struct drift_roles *r, struct arena *room, struct err *e)
{
	struct verb_list segments;
	r->target = verb_opt(a, "target"), r->prediction = verb_opt(a, "prediction"), r->probability = verb_opt(a, "probability");
	r->timestamp = verb_opt(a, "timestamp"), r->id = verb_opt(a, "id"), r->positive = verb_opt(a, "positive");
	enum status st = verb_list(a, "segments", room, &segments, e);
	r->segments = segments.at, r->n_segments = segments.n;
	return st == ST_OK ? take_probabilities(a, r, room, e) : st;
}

bool verb_names_roles(const struct verb_args *a)
{
	static const char *const names[] = { "target", "prediction", "probability", "probabilities", "timestamp", "id", "segments" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (verb_opt(a, names[i]))
			return true;
	return false;
}

enum status verb_job(const struct verb_args *a, struct drift_job *j, struct arena *room, struct err *e)
{
	struct frame_options *o = &j->read_reference;
	enum status st = verb_size(a, "budget", &o->budget, e);
	if (st == ST_OK)
		st = verb_size(a, "pipe-limit", &o->pipe_limit, e);
	if (st == ST_OK)
		st = take_delimiter(verb_opt(a, "delimiter"), &o->delimiter, e);
	if (st == ST_OK)
		st = take_types(a, o, room, e);
	if (st == ST_OK)
		st = take_roles(a, &j->roles, room, e);
	o->format = verb_opt(a, "format"), o->encoding = verb_opt(a, "encoding"), o->no_header = verb_flag(a, "no-header");
	j->read_current = *o;
	o->query = verb_opt(a, "reference-query"), j->read_current.query = verb_opt(a, "current-query");
	return st;
}

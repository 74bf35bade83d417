/* The shell commands of drift and data quality; the order is that of the manual. */
#include <stdlib.h>

#include "core/drift/drift_test.h"
#include "core/drift/verbs_impl.h"

static const char *kind_words(const struct drift_test *t) { return t->kind == TEST_P_VALUE ? "p-value" : "distance"; }

static void types_words(const struct drift_test *t, struct str *out)
{
	static const struct { unsigned bit; const char *word; } types[] = { { FOR_NUMBERS, "numbers" }, { FOR_WORDS, "categories" }, { FOR_TEXT, "text" } };
	str_clear(out);
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (t->types & types[i].bit)
			str_addf(out, "%s%s", out->len ? ", " : "", types[i].word);
}

static enum status tests_json(struct out *o, struct err *e)
{
	struct json_out j;
	struct str types = STR_INIT;
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '[');
	for (size_t i = 0; i < drift_test_count(); i++) {
		const struct drift_test *t = drift_test_at(i);
		types_words(t, &types);
		const struct { const char *key, *value; } words[] = { { "name", t->id }, { "title", t->title }, { "kind", kind_words(t) }, { "for", types.p }, { "effect", t->effect },
			{ "evidently", t->evidently_id }, { "source", t->source } };
		jsonw_open(&j.w, '{');
		for (size_t k = 0; k < sizeof words / sizeof *words; k++)
			jsonw_put_str(&j.w, words[k].key, words[k].value);
		jsonw_put_num(&j.w, "floor", t->effect_floor);
		jsonw_close(&j.w, '}');
	}
	jsonw_close(&j.w, ']');
	str_free(&types);
	return json_out_end(&j, e);
}

static DRIFT_VERB(verb_drift_tests)
{
	static const char *const titles[] = { "test", "title", "gives", "for", "effect", "floor", "Evidently", "source" };
	struct str types = STR_INIT;
	char number[FMT_MAX];
	(void)ws, (void)a;
	if (o->json)
		return tests_json(o, e);
	struct out_table *t = out_table_new(o);
	for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
		out_table_column(t, titles[i], i == 5 ? OUT_RIGHT : OUT_LEFT);
	for (size_t i = 0; i < drift_test_count(); i++) {
		const struct drift_test *x = drift_test_at(i);
		types_words(x, &types);
		out_table_cell(t, x->id), out_table_cell(t, x->title), out_table_cell(t, kind_words(x)), out_table_cell(t, types.p), out_table_cell(t, x->effect);
		out_table_cell(t, x->effect_floor == x->effect_floor ? fmt_number(number, x->effect_floor, 3) : NULL);
		out_table_cell(t, x->evidently_id), out_table_cell(t, x->source);
	}
	out_table_end(t);
	str_free(&types);
	return out_check(o->out, e);
}

#define PIPE_LIMIT { "pipe-limit", OPT_STRING, "SIZE", "Of a pipe at most this is copied before it is read (default 64GiB)" }
static const struct verb_opt run_opts[] = {
	{ "reference", OPT_FILE, "FILE", "The data to compare with (required)" },
	{ "current", OPT_FILE, "FILE", "The data to judge (required)" },
	{ "columns", OPT_STRING, "A,B", "Only these columns; a name with a comma stands in quotes as in CSV" },
	{ "types", OPT_STRING, "A=T,B=U", "Types of columns: numeric, boolean, datetime, categorical or text" },
	{ "target", OPT_STRING, "COLUMN", "What was to be predicted" },
	{ "prediction", OPT_STRING, "COLUMN", "What the model said" },
	{ "probability", OPT_STRING, "COLUMN", "How sure it was of the positive class" },
	{ "probabilities", OPT_STRING, "C=A,D=B", "Of more than two classes: the column of each class's probability" },
	{ "positive", OPT_STRING, "VALUE", "The class that the probability is about" },
	{ "id", OPT_STRING, "COLUMN", "Names rows; is not compared" },
	{ "timestamp", OPT_STRING, "COLUMN", "When a row was made; is not compared" },
	{ "segments", OPT_STRING, "A,B", "Columns to slice performance by" },
	{ "forget-types", OPT_FLAG, NULL, "Forget types and roles that were named for these files before" },
	{ "budget", OPT_STRING, "SIZE", "Memory for both sides, such as 512MB (default 1GiB); beyond it data are sketched" },
	PIPE_LIMIT,
	{ "reference-query", OPT_STRING, "SQL", "Of a SQLite file or a PostgreSQL server: a table or a SELECT" },
	{ "current-query", OPT_STRING, "SQL", "The same of the current side" },
	{ "format", OPT_STRING, "F", "csv, jsonl, parquet or sqlite, where the content does not tell" },
	{ "delimiter", OPT_STRING, "C", "Of delimited text: a character, or tab" },
	{ "encoding", OPT_STRING, "E", "Of delimited text: utf-8, latin-1, utf-16le or utf-16be" },
	{ "no-header", OPT_FLAG, NULL, "Delimited text begins with data; columns are c1, c2, ..." },
	{ "tests", OPT_STRING, "T,U", "These tests instead of those chosen by type; see drift tests" },
	{ "alpha", OPT_STRING, "A", "Level of the adjusted p-values (default 0.05)" },
	{ "compat", OPT_STRING, "evidently", "Judge as Evidently does, and say where that differs" },
	{ "threshold", OPT_STRING, "X", "With --compat: this threshold for every column" },
	{ "share", OPT_STRING, "X", "With --compat: the share of columns from which the data set drifts (default 0.5)" },
	{ "time", OPT_STRING, "COLUMN", "The reference's time axis, on whose chunks floors are calibrated" },
	{ "no-calibration", OPT_FLAG, NULL, "The floors of the tests, also where there is a time axis" },
	{ "joint", OPT_FLAG, NULL, "Compare all columns together also where there are more than 200, and with --compat" },
	{ "no-joint", OPT_FLAG, NULL, "Do not compare all columns together" },
	{ "out", OPT_FILE, "FILE", "Write the report: .html, .md, .json or .csv; may be given several times" },
	{ "all-pictures", OPT_FLAG, NULL, "With --out FILE.html: draw every column, also beyond the 200 that matter most" },
	{ "fail-on-drift", OPT_FLAG, NULL, "Exit with 10 when the data set drifts" },
	{ "fail-on-worse", OPT_FLAG, NULL, "Exit with 10 when a metric of the model is worse than on the reference" },
	{ "model", OPT_STRING, "NAME[/V]", "The report is about this model; drift gates see its verdict" },
	{ "name", OPT_STRING, "NAME", "What the report is called" },
	{ "save", OPT_FLAG, NULL, "Store the report in the workspace also where no model is named" },
	{ "no-save", OPT_FLAG, NULL, "Store nothing" },
};
static const struct verb_opt list_opts[] = { { "model", OPT_STRING, "NAME", "Only reports about this model" }, { "limit", OPT_INT, "N", "At most N reports; 0: all (default 50)" } };
static const struct verb_opt export_opts[] = { { "all-pictures", OPT_FLAG, NULL, "In HTML: draw every column, also beyond the 200 that matter most" } };
static const struct verb_opt expect_opts[] = { { "from", OPT_FILE, "FILE", "The reference (required)" }, { "out", OPT_FILE, "FILE", "Write to this file instead of printing" },
	{ "force", OPT_FLAG, NULL, "Replace the file when it exists" }, PIPE_LIMIT };
static const struct verb_opt check_opts[] = { PIPE_LIMIT };
static const struct verb_opt stream_opts[] = {
	{ "detector", OPT_STRING, "D,E", "These detectors, or all (default adwin,hddm_a); hddm_a and its like need values of 0 and 1" },
	{ "file", OPT_FILE, "FILE", "Values of a data file, in its order, instead of a run's metric" },
	{ "column", OPT_STRING, "NAME", "With --file: the column to watch" },
	{ "time", OPT_STRING, "NAME", "With --file: the column that says when" },
	{ "query", OPT_STRING, "SQL", "With --file of SQLite: the table, or a SELECT" },
	PIPE_LIMIT,
	{ "fail-on-drift", OPT_FLAG, NULL, "Exit with 10 when a detector saw a change" },
};
#define OPTS(rows) rows, sizeof rows / sizeof *rows

const struct verb drift_verbs[] = {
	{ "drift run", "", "Compare current data with a reference, column by column", OPTS(run_opts), VERB_NO_WORKSPACE, 0, 0, verb_drift_run },
	{ "drift list", "", "List the drift reports of the workspace, newest first", OPTS(list_opts), VERB_READS, 0, 0, verb_drift_list },
	{ "drift show", "ID", "Print a report again; ID may be 'last'", NULL, 0, VERB_READS, 1, 1, verb_drift_show },
	{ "drift compare", "ID ID", "Put two reports on one reference side by side", NULL, 0, VERB_READS, 2, 2, verb_drift_compare },
	{ "drift export", "ID FILE", "Write a report as .html, .md, .json or .csv", OPTS(export_opts), VERB_READS, 2, 2, verb_drift_export },
	{ "drift import", "FILE", "Store a report from a JSON document: exported here, or a report or snapshot of Evidently", NULL, 0, VERB_WRITES, 1, 1, verb_drift_import },
	{ "drift stream", "[RUN METRIC]", "Find where a metric of a run, or a column of a file, changes along the way", OPTS(stream_opts), VERB_NO_WORKSPACE, 0, 2, verb_drift_stream },
	{ "drift expect", "", "Propose expectations from a reference, as a file to edit", OPTS(expect_opts), VERB_NO_WORKSPACE, 0, 0, verb_drift_expect },
	{ "drift check", "FILE DATA", "Hold data against a file of expectations; exit 10 when one fails", OPTS(check_opts), VERB_NO_WORKSPACE, 2, 2, verb_drift_check },
	{ "drift tests", "", "List the statistical tests with their floors and sources", NULL, 0, VERB_NO_WORKSPACE, 0, 0, verb_drift_tests },
};
const size_t drift_n_verbs = sizeof drift_verbs / sizeof *drift_verbs;

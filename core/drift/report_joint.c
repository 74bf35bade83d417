/* report_joint -- what all columns show together and the words of text columns: as JSON, and as a line for people. */
#include <jansson.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/drift/report_parts.h"

static void write_one(struct jsonw *w, const struct report_joint *j)
{
	jsonw_open(w, '{');
	jsonw_put_str(w, "name", j->name);
	jsonw_put_str(w, "title", j->title);
	jsonw_put_str(w, "text", j->text);
	jsonw_put_known(w, "statistic", j->statistic);
	jsonw_put_known(w, "low", j->low);
	jsonw_put_known(w, "high", j->high);
	jsonw_put_known(w, "p_value", j->p_value);
	jsonw_put_known(w, "threshold", j->threshold);
	jsonw_put_bool(w, "drifted", j->drifted);
	if (j->sampled)
		jsonw_put_bool(w, "sampled", true);
	if (*j->why_not)
		jsonw_put_str(w, "why_not", j->why_not);
	jsonw_put_open(w, "weights", '[');
	for (size_t i = 0; i < j->n_weights; i++) {
		jsonw_open(w, '{');
		jsonw_put_str(w, "name", j->weights[i].name);
		jsonw_put_known(w, "weight", j->weights[i].weight);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
	jsonw_close(w, '}');
}

void report_joint_json(struct jsonw *w, const struct report *r)
{
	if (!r->n_joint)
		return;
	jsonw_put_open(w, "joint", '[');
	for (size_t i = 0; i < r->n_joint; i++)
		write_one(w, &r->joint[i]);
	jsonw_close(w, ']');
}

void report_words_json(struct jsonw *w, const struct report_column *c)
{
	if (!c->n_words)
		return;
	jsonw_put_open(w, "words", '[');
	for (size_t i = 0; i < c->n_words; i++) {
		jsonw_open(w, '{');
		jsonw_put_str(w, "word", c->words[i].word);
		jsonw_put_known(w, "weight", c->words[i].weight);
		jsonw_put_known(w, "share_ref", c->words[i].ref);
		jsonw_put_known(w, "share_cur", c->words[i].cur);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

/* ---- reading ---- */

static void read_one(struct arena *a, const json_t *o, struct report_joint *j)
{
	const json_t *list = json_object_get(o, "weights");
	*j = (struct report_joint){ .name = get_text(a, o, "name"), .title = get_text(a, o, "title"), .text = get_text(a, o, "text"), .statistic = get_number(o, "statistic"), .low = get_number(o, "low"),
		.high = get_number(o, "high"), .p_value = get_number(o, "p_value"), .threshold = get_number(o, "threshold"), .drifted = get_yes(o, "drifted"), .sampled = get_yes(o, "sampled"),
		.why_not = get_text(a, o, "why_not"), .n_weights = get_length(list, MOST_PARTS) };
	struct report_weight *w = arena_array(a, j->n_weights, sizeof *w);
	for (size_t i = 0; i < j->n_weights; i++)
		w[i] = (struct report_weight){ get_text(a, json_array_get(list, i), "name"), get_number(json_array_get(list, i), "weight") };
	j->weights = w;
}

void report_joint_read(struct report *r, const json_t *document)
{
	const json_t *list = json_object_get(document, "joint");
	r->n_joint = get_length(list, MOST_PARTS);
	struct report_joint *j = arena_array(r->arena, r->n_joint, sizeof *j);
	for (size_t i = 0; i < r->n_joint; i++)
		read_one(r->arena, json_array_get(list, i), &j[i]);
	r->joint = j;
}

void report_words_read(struct arena *a, const json_t *column, struct report_column *c)
{
	const json_t *list = json_object_get(column, "words");
	c->n_words = get_length(list, MOST_PARTS);
	struct report_word *w = arena_array(a, c->n_words, sizeof *w);
	for (size_t i = 0; i < c->n_words; i++) {
		const json_t *x = json_array_get(list, i);
		w[i] = (struct report_word){ get_text(a, x, "word"), get_number(x, "weight"), get_number(x, "share_ref"), get_number(x, "share_cur") };
	}
	c->words = w;
}

/* ---- in words ---- */

enum { NAMED = 5 };

void report_joint_line(struct str *out, const struct report_joint *j)
{
	str_addf(out, "%s%s: %s", j->title, j->drifted ? " (drifted)" : "", *j->why_not ? j->why_not : j->text);
	for (size_t i = 0; j->drifted && strcmp(j->name, "domain_classifier") == 0 && i < j->n_weights && i < NAMED; i++) {
		char weight[FMT_MAX];
		str_addf(out, "%s%s (%s)", i ? ", " : "; most by ", j->weights[i].name, fmt_number(weight, j->weights[i].weight, 2));
	}
}

void report_words_line(struct str *out, const struct report_column *c)
{
	for (size_t i = 0; i < c->n_words; i++) {
		char from[FMT_MAX], to[FMT_MAX];
		str_addf(out, "%s%s %s \xe2\x86\x92 %s %%", i ? ", " : "Words that tell the sides apart, with the share of texts that hold them: ", c->words[i].word, fmt_number(from, 100 * c->words[i].ref, 2),
			fmt_number(to, 100 * c->words[i].cur, 2));
	}
}

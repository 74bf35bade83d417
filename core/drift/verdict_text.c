/* verdict_text -- a text column beside the length of its texts: can they be told apart by their words, are there words that the reference does not know, has the
 * share of letters changed?
 *
 * One p a column goes into the adjustment over all columns: the smallest of those that decide together (length and these), times their number (Bonferroni).
 * Each has a floor of its own: 2 AUC - 1 (Somers' D) of 0.1, which is an AUC of 0.55, and 5 points of the two shares.
 */
#include <math.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/drift/verdict_impl.h"

enum { WORDS_NAMED = 5 };
static const double least_weight = 0.3;          /* of the first word's: what follows says little */

void text_compare(struct column_work *w)
{
	joint_text(w->ref, w->cur, w->arena, &w->text);
	w->has_text = true;
	w->out.words = w->text.words, w->out.n_words = w->text.n_words;
}

static const char *const content_tests[] = { "text_classifier", "unknown_words", "letters" };

bool is_content_test(const struct report_test *t)
{
	for (size_t i = 0; i < sizeof content_tests / sizeof *content_tests; i++)
		if (strcmp(t->name, content_tests[i]) == 0)
			return true;
	return false;
}

static void add(struct column_work *w, size_t which, const char *title, const char *effect_name, double statistic, double p, double effect, double floor_, double null_value)
{
	w->tests[w->n_tests++] = (struct report_test){ .name = content_tests[which], .title = title, .effect_name = effect_name, .statistic = statistic, .p_value = p, .p_adjusted = NAN,
		.effect = effect, .threshold = floor_, .null_value = null_value, .low = NAN, .high = NAN, .why_not = isnan(p) ? "too few texts" : "" };
}

void text_tests(struct column_work *w)
{
	const struct text_result *x = &w->text;
	size_t best = SIZE_MAX, first = w->n_tests;
	add(w, 0, "Text classifier", "2 AUC - 1", x->auc, x->p, 2 * x->auc - 1, 0.1, 0.5);
	add(w, 1, "Words unknown to the reference", "change of share", x->oov_cur, x->oov_p, x->oov_cur - x->oov_ref, 0.05, x->oov_ref);
	add(w, 2, "Letters among the characters", "change of share", x->letters_cur, x->letters_p, x->letters_cur - x->letters_ref, 0.05, x->letters_ref);
	w->together = 0;
	for (size_t i = 0; i < w->n_tests; i++) {
		const struct report_test *t = &w->tests[i];
		if ((i < first && !t->primary) || isnan(t->p_value))
			continue;
		w->together++;
		if (best >= w->n_tests || t->p_value < w->tests[best].p_value)
			best = i;
	}
	for (size_t i = 0; i < w->n_tests; i++)
		w->tests[i].primary = i == best;
}

/* The words that tell most, each with how many of a hundred texts hold it. */
void text_reason(struct column_work *w)
{
	const struct report_column *c = &w->out;
	struct str line = STR_INIT;
	char from[FMT_MAX], to[FMT_MAX];
	for (size_t i = 0; i < c->n_words && i < WORDS_NAMED && fabs(c->words[i].weight) >= least_weight * fabs(c->words[0].weight); i++)
		str_addf(&line, "%s'%s' %s \xe2\x86\x92 %s %%", i ? ", " : "", c->words[i].word, fmt_number(from, 100 * c->words[i].ref, 2), fmt_number(to, 100 * c->words[i].cur, 2));
	if (line.len)
		work_reason(w, "texts that hold %s", line.p);
	str_free(&line);
}

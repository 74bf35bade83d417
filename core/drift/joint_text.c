/* joint_text -- do two columns of texts speak of different things?
 *
 * Sample   at most 4,000 texts a side (classifier.h says how they are drawn), the first 4,096 bytes of each.
 * Words    runs of letters, marks, digits and apostrophes within, in lower case; ideographs and kana stand for themselves; every digit is read as 0, so that no
 *          number is a word of its own; what is longer than 60 bytes is cut. Malformed bytes end a word.
 * Rows     TF-IDF: (1 + ln count) * (1 + ln((1 + N) / (1 + texts that hold it))), of length 1 (Salton and Buckley 1988). Words in one text only are left out.
 *          Words are numbered by first sight; from 2^16 on they share the numbers of earlier ones.
 * Unknown  the words of every second reference text are the vocabulary; the other reference texts say how many unknown ones to expect.
 * p        of the classifier by AUC; of the shares of unknown words and of letters by Mann and Whitney's test over the texts.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/drift/classifier.h"
#include "core/drift/drift_test.h"
#include "core/drift/joint.h"
#include "core/drift/special.h"

enum { MOST_TEXTS = 4000, TEXT_BYTES = 4096, WORD_BYTES = 60, FEATURES = 1 << 16, WORDS_SHOWN = 25, WORD_TEXTS = 3 };

struct word { uint32_t texts[2], last, feature; bool known; };       /* texts that hold it; last: the last of them + 1 */
struct doc { size_t first, n; double letters, characters; };         /* tokens; characters that are no space */
struct texts {
	struct map *map; struct word *word; size_t room;
	uint32_t *token; size_t n_tokens, token_room;
	struct doc *doc; size_t n, side[2];          /* reference first */
};

/* ---- words ---- */

enum kind { GAP, SPACE, LETTER, DIGIT, WITHIN, SINGLE };      /* WITHIN: part of a word that has begun */

static bool is_single(uint32_t cp)
{
	return (cp >= 0x3040 && cp <= 0x30FF) || (cp >= 0x3400 && cp <= 0x9FFF) || (cp >= 0xF900 && cp <= 0xFAFF) || (cp >= 0x20000 && cp <= 0x3FFFF);
}

static enum kind kind_of(uint32_t cp)
{
	if (cp < 0x80) {
		bool letter = (cp | 32) >= 'a' && (cp | 32) <= 'z';
		return letter ? LETTER : cp >= '0' && cp <= '9' ? DIGIT : cp == '\'' ? WITHIN : cp <= ' ' ? SPACE : GAP;
	}
	if (is_single(cp))
		return SINGLE;
	switch (utf8proc_category((utf8proc_int32_t)cp)) {
	case UTF8PROC_CATEGORY_LU: case UTF8PROC_CATEGORY_LL: case UTF8PROC_CATEGORY_LT: case UTF8PROC_CATEGORY_LM: case UTF8PROC_CATEGORY_LO:
		return LETTER;
	case UTF8PROC_CATEGORY_ND:
		return DIGIT;
	case UTF8PROC_CATEGORY_MN: case UTF8PROC_CATEGORY_MC: case UTF8PROC_CATEGORY_ME:
		return WITHIN;
	case UTF8PROC_CATEGORY_ZS: case UTF8PROC_CATEGORY_ZL: case UTF8PROC_CATEGORY_ZP:
		return SPACE;
	default:
		return cp == 0x2019 ? WITHIN : GAP;      /* the apostrophe of print */
	}
}

struct spelling { char p[WORD_BYTES + 4]; size_t n; };

static void end_word(struct texts *t, struct spelling *s, size_t doc)
{
	if (!s->n)
		return;
	uint32_t id = (uint32_t)map_add(t->map, s->p, s->n, NULL);
	if (id >= t->room) {
		size_t had = t->room;
		MEM_GROW(t->word, t->room, (size_t)id + 1);
		memset(t->word + had, 0, (t->room - had) * sizeof *t->word);
	}
	MEM_GROW(t->token, t->token_room, t->n_tokens + 1);
	t->token[t->n_tokens++] = id;
	struct word *w = &t->word[id];
	if (w->last != doc + 1)
		w->texts[doc >= t->side[0]]++, w->last = (uint32_t)doc + 1;
	s->n = 0;
}

static void add_character(struct texts *t, struct spelling *s, uint32_t cp, enum kind kind, size_t doc)
{
	if (kind == SINGLE || kind == GAP || kind == SPACE)
		end_word(t, s, doc);
	if (kind == GAP || kind == SPACE || (kind == WITHIN && !s->n) || s->n >= WORD_BYTES)
		return;
	cp = kind == DIGIT ? '0' : cp < 0x80 ? (cp >= 'A' && cp <= 'Z' ? cp + 32 : cp) : (uint32_t)utf8proc_tolower((utf8proc_int32_t)cp);
	s->n += text_encode(cp, s->p + s->n);
	if (kind == SINGLE)
		end_word(t, s, doc);
}

static void read_text(struct texts *t, const struct frame_word *w, size_t doc)
{
	struct spelling s = { .n = 0 };
	struct doc *d = &t->doc[doc];
	size_t n = w->n < TEXT_BYTES ? w->n : TEXT_BYTES;
	*d = (struct doc){ .first = t->n_tokens };
	for (size_t i = 0; i < n; ) {
		uint32_t cp;
		i += text_decode(w->p + i, n - i, &cp);
		enum kind kind = kind_of(cp);
		d->characters += kind != SPACE, d->letters += kind == LETTER || kind == SINGLE;
		add_character(t, &s, cp, kind, doc);
	}
	end_word(t, &s, doc);
	d->n = t->n_tokens - d->first;
}

/* ---- the sample ---- */

/* Codes of sampled rows that are not missing. */
static size_t draw(const struct frame_col *c, uint64_t seed, uint32_t *code)
{
	uint32_t *want = mem_array(MOST_TEXTS, sizeof *want);
	size_t there = 0, k = 0, seen = 0;
	for (size_t i = 0; i < c->n; i++)
		there += c->code[i] != FRAME_NO_CODE;
	size_t n = sample_rows(there, MOST_TEXTS, seed, want);
	for (size_t i = 0; i < c->n && k < n; i++)
		if (c->code[i] != FRAME_NO_CODE && seen++ == want[k])
			code[k++] = c->code[i];
	free(want);
	return k;
}

static void read_sides(struct texts *t, const struct frame_col *ref, const struct frame_col *cur)
{
	uint32_t *code = mem_array(2 * MOST_TEXTS, sizeof *code);
	t->map = map_new();
	t->side[0] = draw(ref, 21, code);
	t->side[1] = draw(cur, 22, code + t->side[0]);
	t->n = t->side[0] + t->side[1];
	t->doc = mem_array(t->n + 1, sizeof *t->doc);
	for (size_t i = 0; i < t->n; i++)
		read_text(t, &(i < t->side[0] ? ref : cur)->words[code[i]], i);
	free(code);
}

static void texts_free(struct texts *t)
{
	map_free(t->map);
	free(t->word), free(t->token), free(t->doc);
}

/* ---- shares of a text: unknown words, letters ---- */

static void learn_vocabulary(struct texts *t)
{
	for (size_t i = 0; i < t->side[0]; i += 2)
		for (size_t k = 0; k < t->doc[i].n; k++)
			t->word[t->token[t->doc[i].first + k]].known = true;
}

/* Share of words that the vocabulary lacks; NaN: no words. */
static double unknown_share(const struct texts *t, size_t doc)
{
	const struct doc *d = &t->doc[doc];
	size_t unknown = 0;
	for (size_t k = 0; k < d->n; k++)
		unknown += !t->word[t->token[d->first + k]].known;
	return d->n ? (double)unknown / (double)d->n : NAN;
}

static double letter_share(const struct texts *t, size_t doc)
{
	const struct doc *d = &t->doc[doc];
	return d->characters > 0 ? d->letters / d->characters : NAN;
}

static double mean_of(const double *v, size_t n)
{
	double sum = 0, k = 0;
	for (size_t i = 0; i < n; i++)
		if (!isnan(v[i]))
			sum += v[i], k++;
	return k > 0 ? sum / k : NAN;
}

/* NaN with too few texts. */
static double rank_p(const double *x, size_t n, const double *y, size_t m)
{
	struct pair *p;
	struct test_result r = { .p = NAN };
	struct err e;
	if (n < CLASSIFIER_FEWEST_ROWS / 2 || m < CLASSIFIER_FEWEST_ROWS / 2 || pair_numbers(x, n, y, m, &p, &e) != ST_OK)
		return NAN;
	drift_test_run(drift_test_find("mann_whitney"), p, NULL, &r);
	pair_free(p);
	return r.p;
}

/* first, step: which texts of the reference; all current ones. */
static void compare_shares(const struct texts *t, double (*share)(const struct texts *, size_t), size_t first, size_t step, double *ref, double *cur, double *p)
{
	double *x = mem_array(t->n + 1, sizeof *x), *y = mem_array(t->n + 1, sizeof *y);
	size_t n = 0, m = 0;
	for (size_t i = first; i < t->side[0]; i += step)
		x[n++] = share(t, i);
	for (size_t i = t->side[0]; i < t->n; i++)
		y[m++] = share(t, i);
	*ref = mean_of(x, n), *cur = mean_of(y, m), *p = rank_p(x, n, y, m);
	free(x), free(y);
}

/* ---- the classifier ---- */

static const uint32_t no_feature = UINT32_MAX;

static size_t number_features(struct texts *t, double **idf)
{
	size_t n = map_count(t->map), k = 0;
	uint32_t *texts = mem_zalloc(FEATURES * sizeof *texts);
	for (size_t i = 0; i < n; i++) {
		struct word *w = &t->word[i];
		w->feature = w->texts[0] + w->texts[1] < 2 ? no_feature : (uint32_t)(k++ & (FEATURES - 1));
		if (w->feature != no_feature)
			texts[w->feature] += w->texts[0] + w->texts[1];
	}
	k = k < FEATURES ? k : FEATURES;
	*idf = mem_array(k + 1, sizeof **idf);
	for (size_t i = 0; i < k; i++)
		(*idf)[i] = 1 + log((1 + (double)t->n) / (1 + fmin(texts[i], (double)t->n)));
	free(texts);
	return k;
}

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

struct matrix { size_t *start; uint32_t *index; float *value; bool *positive; size_t n; };

/* list: room for the longest text's features. */
static void add_row(struct matrix *m, const struct texts *t, size_t doc, const double *idf, uint32_t *list)
{
	const struct doc *d = &t->doc[doc];
	size_t n = 0, first = m->n;
	double squares = 0;
	for (size_t k = 0; k < d->n; k++) {
		uint32_t f = t->word[t->token[d->first + k]].feature;
		if (f != no_feature)
			list[n++] = f;
	}
	qsort(list, n, sizeof *list, ascending);
	for (size_t i = 0, k; i < n; i = k) {
		for (k = i; k < n && list[k] == list[i]; )
			k++;
		double v = (1 + log((double)(k - i))) * idf[list[i]];
		m->index[m->n] = list[i], m->value[m->n++] = (float)v;
		squares += v * v;
	}
	for (size_t i = first; i < m->n; i++)
		m->value[i] = (float)(m->value[i] / sqrt(squares));
	m->start[doc + 1] = m->n;
}

static void matrix_fill(struct matrix *m, const struct texts *t, const double *idf)
{
	uint32_t *list = mem_array(TEXT_BYTES + 1, sizeof *list);
	m->start = mem_zalloc((t->n + 1) * sizeof *m->start);
	m->index = mem_array(t->n_tokens + 1, sizeof *m->index);
	m->value = mem_array(t->n_tokens + 1, sizeof *m->value);
	m->positive = mem_zalloc(t->n + 1);
	for (size_t i = 0; i < t->n; i++) {
		add_row(m, t, i, idf, list);
		m->positive[i] = i >= t->side[0];
	}
	free(list);
}

/* ---- words that tell ---- */

static int by_weight(const void *a, const void *b)
{
	const struct report_word *x = a, *y = b;
	double p = fabs(x->weight), q = fabs(y->weight);
	return p > q ? -1 : p < q ? 1 : strcmp(x->word, y->word);
}

static void take_words(const struct texts *t, const struct logistic *m, struct arena *a, struct text_result *out)
{
	size_t n = map_count(t->map), k = 0;
	struct report_word *w = mem_array(n + 1, sizeof *w), *kept;
	for (size_t i = 0; i < n; i++) {
		const struct word *x = &t->word[i];
		double ref = (double)x->texts[0] / (double)t->side[0], cur = (double)x->texts[1] / (double)t->side[1];
		if (x->feature != no_feature && x->texts[0] + x->texts[1] >= WORD_TEXTS && (cur - ref) * m->weights[x->feature] > 0)
			w[k++] = (struct report_word){ map_key(t->map, i, NULL), m->weights[x->feature], ref, cur };
	}
	qsort(w, k, sizeof *w, by_weight);
	k = k < WORDS_SHOWN ? k : WORDS_SHOWN;
	kept = arena_array(a, k, sizeof *kept);
	for (size_t i = 0; i < k; i++) {
		struct str clean = STR_INIT;
		text_clean(&clean, w[i].word, strlen(w[i].word), 0);
		kept[i] = w[i];
		kept[i].word = arena_strndup(a, clean.p, clean.len);
		str_free(&clean);
	}
	out->words = kept, out->n_words = k;
	free(w);
}

static void classify(struct texts *t, struct arena *a, struct text_result *out)
{
	struct matrix m = { 0 };
	struct auc auc;
	struct logistic model;
	double *idf;
	size_t features = number_features(t, &idf);
	matrix_fill(&m, t, idf);
	const struct logistic_rows x = { .n = t->n, .n_columns = features, .start = m.start, .index = m.index, .value = m.value, .positive = m.positive };
	if (classifier_auc(&x, &auc)) {
		out->auc = auc.value, out->low = auc.low, out->high = auc.high, out->p = auc.p;
		out->null_auc = 0.5 + normal_quantile(0.95) * sqrt(auc.null_variance);
		if (auc.low > 0.5) {
			logistic_fit(&x, NULL, 0, &(struct logistic_options){ .tolerance = 1e-3, .rounds = 50 }, &model);
			take_words(t, &model, a, out);
			logistic_free(&model);
		}
	} else {
		out->why_not = arena_printf(a, "fewer than %d texts on a side", CLASSIFIER_FEWEST_ROWS);
	}
	free(m.start), free(m.index), free(m.value), free(m.positive), free(idf);
}

void joint_text(const struct frame_col *ref, const struct frame_col *cur, struct arena *a, struct text_result *out)
{
	struct texts t = { .n = 0 };
	*out = (struct text_result){ .auc = NAN, .low = NAN, .high = NAN, .p = NAN, .null_auc = NAN, .why_not = "" };
	read_sides(&t, ref, cur);
	learn_vocabulary(&t);
	compare_shares(&t, unknown_share, 1, 2, &out->oov_ref, &out->oov_cur, &out->oov_p);
	compare_shares(&t, letter_share, 0, 1, &out->letters_ref, &out->letters_cur, &out->letters_p);
	classify(&t, a, out);
	texts_free(&t);
}

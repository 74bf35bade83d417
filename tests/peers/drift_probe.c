/* drift_probe -- tests and detectors for a script that compares them with another library's. Standard input holds requests: a line, and the values it announces as doubles.
 *
 * numbers N M      N values of the reference, M of the current side: a line of JSON, test -> [statistic, p, effect], ours and, after "/", Evidently's variant
 * words N M        the same of categories, given as whole numbers
 * stream ID N P... N values for the detector, with the parameters as they stand in its row: {"drift":[indices],"warning":[indices]}
 * A number that JSON cannot say is null, "inf" or "-inf"; a test that refuses gives its words. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/drift/drift_test.h"
#include "core/drift/stream.h"

enum { MOST = 1 << 22, MOST_PERMUTED = 600 };

static void put_number(double v)
{
	if (isfinite(v))
		printf("%.17g", v);
	else
		fputs(isnan(v) ? "null" : v > 0 ? "\"inf\"" : "\"-inf\"", stdout);
}

/* Evidently's permutations of many rows take seconds and say nothing new. */
static bool takes_long(const struct drift_test *t, const struct pair *p, bool evidently)
{
	return evidently && p->n_ref + p->n_cur > MOST_PERMUTED && (!strcmp(t->id, "mmd") || !strcmp(t->id, "total_variation"));
}

static void put_test(const struct drift_test *t, const struct pair *p, bool evidently, bool first)
{
	/* permutations have their own random numbers everywhere: few are enough to see the statistic */
	const struct test_options o = { .evidently = evidently, .permutations = 1, .seed = 1 };
	struct test_result r;
	drift_test_run(t, p, &o, &r);
	printf("%s\"%s%s\":", first ? "" : ",", t->id, evidently ? "/" : "");
	if (r.why_not) {
		printf("\"%s\"", r.why_not);
		return;
	}
	const double v[] = { r.statistic, r.p, r.effect };
	for (size_t i = 0; i < 3; i++) {
		putchar(i ? ',' : '[');
		put_number(v[i]);
	}
	putchar(']');
}

static void put_tests(struct pair *p)
{
	putchar('{');
	for (size_t i = 0; i < drift_test_count(); i++)
		for (int evidently = 0; evidently < 2; evidently++)
			if (!takes_long(drift_test_at(i), p, evidently))
				put_test(drift_test_at(i), p, evidently, i == 0 && !evidently);
	puts("}");
	pair_free(p);
}

static struct pair *pair_of_words(const double *v, size_t n, size_t m, struct err *e)
{
	static char names[1000][8];
	static struct frame_word words[1000];
	uint32_t *code = mem_array(n + m, sizeof *code);
	char name[] = "c";
	struct pair *p = NULL;
	for (size_t i = 0; i < 1000; i++) {
		snprintf(names[i], sizeof names[i], "w%03zu", i);
		words[i] = (struct frame_word){ names[i], 4 };
	}
	for (size_t i = 0; i < n + m; i++)
		code[i] = v[i] >= 0 && v[i] < 1000 ? (uint32_t)v[i] : 0;
	const struct frame_col ref = { .name = name, .type = FRAME_CATEGORY, .n = n, .code = code, .words = words, .n_words = 1000 };
	const struct frame_col cur = { .name = name, .type = FRAME_CATEGORY, .n = m, .code = code + n, .words = words, .n_words = 1000 };
	pair_new(&ref, &cur, &p, e);
	free(code);
	return p;
}

static void put_indices(const char *name, const size_t *at, size_t n)
{
	printf("\"%s\":[", name);
	for (size_t i = 0; i < n; i++)
		printf("%s%zu", i ? "," : "", at[i]);
	putchar(']');
}

static bool put_stream(const char *id, const char *params, const double *v, size_t n)
{
	const struct stream_class *c = stream_find(id);
	double told[8];
	size_t *at[2], count[2] = { 0, 0 };
	if (!c)
		return false;
	memcpy(told, c->defaults, sizeof told);
	for (size_t i = 0; i < 8 && c->params[i] && *params; i++) {
		char *end;
		told[i] = strtod(params, &end);
		params = end + strspn(end, " \n");
	}
	for (size_t k = 0; k < 2; k++)
		at[k] = mem_array(n + 1, sizeof *at[k]);
	void *state = mem_alloc(c->size);
	c->init(state, told, 1);
	for (size_t i = 0; i < n; i++) {
		const enum stream_state s = c->add(state, v[i]);
		if (s != STREAM_QUIET)
			at[s == STREAM_WARNING][count[s == STREAM_WARNING]++] = i;
	}
	c->done(state);
	putchar('{');
	put_indices("drift", at[0], count[0]);
	putchar(',');
	put_indices("warning", at[1], count[1]);
	puts("}");
	free(state), free(at[0]), free(at[1]);
	return true;
}

static double *take_values(size_t n)
{
	double *v = n && n <= MOST ? mem_array(n, sizeof *v) : NULL;
	if (v && fread(v, sizeof *v, n, stdin) == n)
		return v;
	free(v);
	return NULL;
}

static bool answer(const char *line)
{
	struct err e = { 0 };
	struct pair *p = NULL;
	size_t n, m = 0;
	char id[32];
	int used = 0;
	const bool numbers = sscanf(line, "numbers %zu %zu", &n, &m) == 2, words = !numbers && sscanf(line, "words %zu %zu", &n, &m) == 2;
	if (!numbers && !words && sscanf(line, "stream %31s %zu %n", id, &n, &used) != 2)
		return false;
	double *v = take_values(n + m);
	if (!v)
		return false;
	if (numbers)
		pair_numbers(v, n, v + n, m, &p, &e);
	else if (words)
		p = pair_of_words(v, n, m, &e);
	bool ok = p || used;
	if (p)
		put_tests(p);
	else if (used)
		ok = put_stream(id, line + used, v, n);
	free(v);
	return ok;
}

int main(void)
{
	char line[256];
	while (fgets(line, sizeof line, stdin)) {
		if (!answer(line)) {
			fprintf(stderr, "drift_probe: cannot answer: %s", line);
			return 2;
		}
		fflush(stdout);
	}
	return 0;
}

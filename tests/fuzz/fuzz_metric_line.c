/* Metric lines: what is accepted has two to six words, a number where numbers belong, and says the same when written again. */
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include "core/runs/metric_line.h"
#include "tests/fuzz/fuzz.h"

static void check(const char *p, size_t n, bool model)
{
	struct metric_line a, b;
	char text[128];

	if (!metric_line_parse(p, n, model, &a))
		return;
	const int m = snprintf(text, sizeof text, "%" PRId64 " %.17g %" PRId64 "%s", a.ms, a.value, a.step, model ? " r" : "");

	MUST(metric_line_parse(text, (size_t)m, model, &b));
	MUST(a.ms == b.ms && a.step == b.step && (a.value == b.value || (isnan(a.value) && isnan(b.value))));
	MUST(!a.run.n || (a.run.p >= p && a.run.p + a.run.n <= p + n));
	MUST(!a.digest.n || (a.digest.p > a.dataset.p && a.digest.p + a.digest.n <= p + n));
	MUST(model == (a.run.n > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1);    /* exactly as long: no byte beyond the line may be looked at */
	double d;
	int64_t i;

	MUST(copy);
	memcpy(copy, data, size);
	check(copy, size, false);
	check(copy, size, true);
	if (size < 64 && metric_integer(copy, size, &i))
		MUST(metric_number(copy, size, &d) && fabs(d - (double)i) <= fabs((double)i) * 1e-15);
	free(copy);
	return 0;
}

/* expect_propose -- expectations that a reference suggests.
 *
 * Ranges are those of the reference, widened by a tenth of their length, because the next sample's extremes lie beyond this one's half of the time; a range from 0
 * on keeps the 0. Missing: the share seen, doubled, and a percentage point more; none where none was seen in 100 rows or more.
 * A column that names rows goes on with the next batch: it is unique, and has no range.
 * Values are proposed for categories and truth values of at most EXPECT_VALUES values.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/drift/expect.h"
#include "core/drift/roles.h"

/* In double quotes, as YAML reads them; bytes that are no UTF-8 as U+FFFD. */
static void quoted(struct str *out, const char *p, size_t n)
{
	str_addc(out, '"');
	for (size_t i = 0; i < n; ) {
		uint32_t cp;
		char utf8[4];
		size_t len = text_decode(p + i, n - i, &cp);
		if (cp == '"' || cp == '\\')
			str_addf(out, "\\%c", (char)cp);
		else if (cp < 0x20 || cp == 0x7F || (cp >= 0x80 && cp < 0xA0) || cp == 0xFEFF || cp == 0x2028 || cp == 0x2029)
			str_addf(out, "\\u%04X", (unsigned)cp);
		else
			str_addn(out, utf8, text_encode(cp, utf8));
		i += len;
	}
	str_addc(out, '"');
}

static void number(struct str *out, const char *key, double v)
{
	char buf[FMT_MAX];
	str_addf(out, ", %s: %s", key, fmt_exact(buf, v));
}

static double up(double share) { return ceil(share * 1000) / 1000; }

static void propose_missing(struct str *out, const struct frame_col *c)
{
	double share = c->n ? (double)c->missing / (double)c->n : 0;
	number(out, "missing_at_most", c->missing == 0 && c->n >= 100 ? 0 : fmin(1, up(2 * share + 0.01)));
}

static void propose_range(struct str *out, const struct frame_col *c)
{
	double lo = INFINITY, hi = -INFINITY;
	for (size_t i = 0; i < c->n; i++)
		if (isfinite(c->num[i]))
			lo = fmin(lo, c->num[i]), hi = fmax(hi, c->num[i]);
	if (lo > hi)
		return;
	double room = c->integer ? floor((hi - lo) / 10) : (hi - lo) / 10;
	if (!isfinite(room))
		return;
	number(out, "min", lo >= 0 && lo - room < 0 ? 0 : lo - room);
	number(out, "max", hi + room);
}

static int by_bytes(const void *a, const void *b)
{
	const struct frame_word *x = a, *y = b;
	int way = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);
	return way ? way : x->n < y->n ? -1 : x->n > y->n;
}

static void propose_values(struct str *out, const struct frame_col *c)
{
	if (c->n_words == 0)
		return;
	if (c->n_words > EXPECT_VALUES) {
		number(out, "distinct_at_most", 2 * (double)c->n_words);
		return;
	}
	struct frame_word *w = mem_array(c->n_words, sizeof *w);
	memcpy(w, c->words, c->n_words * sizeof *w);
	qsort(w, c->n_words, sizeof *w, by_bytes);
	str_add(out, ", values: [");
	for (size_t i = 0; i < c->n_words; i++) {
		str_add(out, i ? ", " : "");
		quoted(out, w[i].p, w[i].n);
	}
	str_addc(out, ']');
	free(w);
}

static void propose_column(struct str *out, const struct frame_col *c)
{
	str_add(out, "- {name: ");
	quoted(out, c->name, strlen(c->name));
	str_addf(out, ", type: %s, required: true", frame_type_name(c->type));
	propose_missing(out, c);
	if (roles_may_be_id(c))
		str_add(out, ", unique: true");
	else if (c->type == FRAME_NUMBER)
		propose_range(out, c);
	else if (c->type == FRAME_CATEGORY)
		propose_values(out, c);
	str_add(out, "}\n");
}

void expect_propose(const struct frame *ref, struct str *out)
{
	struct str name = STR_INIT;
	text_clean(&name, ref->name, strlen(ref->name), 0);
	str_addf(out, "# proposed from %s, %zu rows; check a batch with: mlyard drift check THIS-FILE BATCH\n", name.p, ref->n_rows);
	str_addf(out, "rows: {min: %zu}\nduplicates_at_most: 0.01\ncolumns:\n", ref->n_rows / 10);
	for (size_t i = 0; i < ref->n_cols; i++)
		propose_column(out, &ref->cols[i]);
	if (!ref->n_cols)
		str_add(out, "[]\n");
	str_free(&name);
}

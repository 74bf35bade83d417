/* Two versions side by side: for each kind of thing the union of both sides' keys, in order. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/registry/models.h"
#include "core/registry/models_impl.h"

struct building { struct arena *a; struct reg_diff_row *at; size_t n, cap, differing; };

static void row_add(struct building *b, const char *kind, const char *key, const char *x, const char *y)
{
	MEM_GROW(b->at, b->cap, b->n + 1);
	bool same = !strcmp(x, y);
	b->at[b->n++] = (struct reg_diff_row){ .kind = kind, .key = key, .a = x, .b = y, .same = same };
	b->differing += !same;
}

static const char *number_text(struct arena *a, bool has, double v)
{
	char buf[FMT_MAX];
	return has ? arena_strdup(a, fmt_exact(buf, v)) : "";
}

static void metric_row(struct building *b, const struct reg_metric *x, const struct reg_metric *y)
{
	row_add(b, "metric", x ? x->key : y->key, number_text(b->a, x && x->has_value, x ? x->value : 0), number_text(b->a, y && y->has_value, y ? y->value : 0));
	struct reg_diff_row *r = &b->at[b->n - 1];
	r->numeric = x && y && x->has_value && y->has_value;
	r->da = x && x->has_value ? x->value : NAN;
	r->db = y && y->has_value ? y->value : NAN;
}

static void add_metrics(struct building *b, const struct reg_version *va, const struct reg_version *vb)
{
	size_t i = 0, k = 0;
	while (i < va->n_metrics || k < vb->n_metrics) {
		const struct reg_metric *x = i < va->n_metrics ? &va->metrics[i] : NULL, *y = k < vb->n_metrics ? &vb->metrics[k] : NULL;
		int order = !x ? 1 : !y ? -1 : strcmp(x->key, y->key);
		metric_row(b, order <= 0 ? x : NULL, order >= 0 ? y : NULL);
		i += order <= 0;
		k += order >= 0;
	}
}

/* Both sides are in the order of their keys. */
static void add_pairs(struct building *b, const char *kind, const struct reg_kv *xs, size_t nx, const struct reg_kv *ys, size_t ny)
{
	for (size_t i = 0, k = 0; i < nx || k < ny;) {
		int order = i == nx ? 1 : k == ny ? -1 : strcmp(xs[i].key, ys[k].key);
		row_add(b, kind, order <= 0 ? xs[i].key : ys[k].key, order <= 0 ? xs[i].value : "", order >= 0 ? ys[k].value : "");
		i += order <= 0;
		k += order >= 0;
	}
}

struct pairs { struct reg_kv *at; size_t n, cap; };

static int by_key(const void *a, const void *b)
{
	const struct reg_kv *x = a, *y = b;
	int order = strcmp(x->key, y->key);
	return order ? order : strcmp(x->value, y->value);
}

static void pair_add(struct pairs *p, const char *key, const char *value)
{
	MEM_GROW(p->at, p->cap, p->n + 1);
	p->at[p->n++] = (struct reg_kv){ key, value };
}

static void pairs_sort(struct pairs *p)
{
	if (p->n)
		qsort(p->at, p->n, sizeof *p->at, by_key);
}

/* "python 3.11.4" and requirements like "numpy==2.1.0": the name up to the first character that cannot be in one. */
static struct pairs environment_pairs(struct arena *a, const char *text)
{
	struct pairs p = { 0 };
	for (const char *end; *text; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		size_t n = strcspn(text, " =<>!~;[@\n");
		const char *rest = text + n + strspn(text + n, " =");
		pair_add(&p, arena_strndup(a, text, n), arena_strndup(a, rest, rest < end ? (size_t)(end - rest) : 0));
	}
	pairs_sort(&p);
	return p;
}

static struct pairs link_pairs(struct arena *a, const struct reg_version *v, bool data)
{
	struct pairs p = { 0 };
	for (size_t i = 0; i < v->n_links; i++) {
		const struct reg_link_row *l = &v->links[i];
		if (data != !strcmp(l->kind, "dataset"))
			continue;
		pair_add(&p, data ? l->target : arena_printf(a, "%s %s", l->kind, l->target), *l->detail ? l->detail : "yes");
	}
	pairs_sort(&p);
	return p;
}

static void add_sorted(struct building *b, const char *kind, struct pairs x, struct pairs y)
{
	add_pairs(b, kind, x.at, x.n, y.at, y.n);
	free(x.at);
	free(y.at);
}

static const char *bytes_text(struct arena *a, int64_t n)
{
	return n ? arena_printf(a, "%lld", (long long)n) : "";
}

static void build(struct building *b, const struct reg_version *x, const struct reg_version *y)
{
	add_metrics(b, x, y);
	add_pairs(b, "param", x->params, x->n_params, y->params, y->n_params);
	row_add(b, "signature", "signature", x->signature, y->signature);
	row_add(b, "flavor", "flavors", x->flavors, y->flavors);
	row_add(b, "size", "bytes", bytes_text(b->a, x->bytes), bytes_text(b->a, y->bytes));
	row_add(b, "digest", "digest", x->digest, y->digest);
	add_sorted(b, "data", link_pairs(b->a, x, true), link_pairs(b->a, y, true));
	add_sorted(b, "link", link_pairs(b->a, x, false), link_pairs(b->a, y, false));
	add_sorted(b, "environment", environment_pairs(b->a, x->environment), environment_pairs(b->a, y->environment));
	add_pairs(b, "tag", x->tags, x->n_tags, y->tags, y->n_tags);
	row_add(b, "stage", "stage", x->stage, y->stage);
	row_add(b, "run", "run", x->run_uuid, y->run_uuid);
}

enum status versions_compare(struct store *s, int64_t model_id, int64_t va, int64_t vb, struct reg_diff **out, struct err *e)
{
	struct reg_version *x = NULL, *y = NULL;
	*out = NULL;
	enum status rc = version_load(s, model_id, va, &x, e);
	if (rc == ST_OK)
		rc = version_load(s, model_id, vb, &y, e);
	if (rc != ST_OK) {
		version_free(x);
		version_free(y);
		return rc;
	}
	struct building b = { .a = arena_new() };
	build(&b, x, y);
	struct reg_diff *d = arena_zalloc(b.a, sizeof *d);
	*d = (struct reg_diff){ .arena = b.a, .a = x, .b = y, .n = b.n, .differing = b.differing, .at = reg_keep(b.a, b.at, b.n, sizeof *b.at) };
	*out = d;
	return ST_OK;
}

void diff_free(struct reg_diff *d)
{
	if (!d)
		return;
	version_free(d->a);
	version_free(d->b);
	arena_free(d->arena);
}

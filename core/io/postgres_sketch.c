/* Counting where the data lie: a plan from a sample that the server draws, then per column one statement that counts bins.
 *
 * Sample   of a plain table by TABLESAMPLE SYSTEM with a fixed seed (blocks: quick, and a sample of neighbours, which costs width of bounds, never their truth); of anything
 *          else rows drawn by random() < p after a count.
 * Bins     width_bucket(x, thresholds) is the number of thresholds at most x. The sketch's bins end with their edge (edge[i-1] < x <= edge[i]), so thresholds are the next
 *          double above each edge: then both are the same bins to the last value.
 * Moments  of all columns in one pass: count, mean, and var_pop times count (which the server sums by the method of Youngs and Cramer, 1971), least and greatest.
 * Words    exact counts of the SKETCH_WORDS most frequent; the count of the next one is what any other word has at most.
 */
#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/io/postgres.h"
#include "core/io/sketch_impl.h"

enum { SAMPLE_ROWS = 200000, SAMPLE_VALUES = 4000000, AT_ONCE = 100, AGGREGATES = 7 };
#define FINITE "x IS NOT NULL AND x <> 'NaN' AND x <> 'Infinity' AND x <> '-Infinity'"

static const struct postgres_column *column_called(const struct postgres *p, const char *name)
{
	for (size_t i = 0; i < p->n_cols; i++)
		if (strcmp(p->cols[i].name, name) == 0 && p->cols[i].wanted)
			return &p->cols[i];
	return NULL;
}

static bool is_words(enum frame_type t) { return t == FRAME_CATEGORY || t == FRAME_TEXT; }

/* ---- the plan ---- */

struct sampling { double **v; size_t *n, cap, n_cols, rows; };

static enum status add_sample(void *arg, const PGresult *r, struct err *e)
{
	struct sampling *s = arg;
	(void)e;
	if (++s->rows > s->cap)
		return ST_OK;
	for (size_t j = 0; j < s->n_cols; j++) {
		const double x = postgres_double(r, (int)j);
		if (isfinite(x))
			s->v[j][s->n[j]++] = x;
	}
	return ST_OK;
}

static enum status take_number(void *arg, const PGresult *r, struct err *e)
{
	(void)e;
	*(double *)arg = postgres_double(r, 0);
	return ST_OK;
}

/* The part of the rows to draw. */
static enum status sample_clause(struct postgres *p, size_t rows, struct str *sql, struct err *e)
{
	double all = p->rows;
	struct str count = STR_INIT;
	str_addf(&count, "SELECT count(*) FROM %s", p->from);
	const enum status st = p->table ? ST_OK : postgres_rows(p, count.p, 0, NULL, take_number, &all, e);
	str_free(&count);
	const double part = all > 0 ? 1.2 * (double)rows / all : 1;
	str_add(sql, p->from);
	if (part < 1)
		str_addf(sql, p->table ? " TABLESAMPLE SYSTEM (%.10f) REPEATABLE (42)" : " WHERE random() < %.12f", p->table ? part * 100 : part);
	return st;
}

static enum status draw_sample(struct postgres *p, struct sampling *s, struct err *e)
{
	struct str sql = STR_INIT;
	str_add(&sql, "SELECT ");
	for (size_t i = 0, k = 0; i < p->n_cols; i++)
		if (p->cols[i].wanted && !is_words(p->cols[i].type))
			str_addf(&sql, "%s%s", k++ ? ", " : "", p->cols[i].value);
	str_add(&sql, " FROM ");
	enum status st = sample_clause(p, s->cap, &sql, e);
	if (st == ST_OK)
		st = postgres_rows(p, sql.p, 0, NULL, add_sample, s, e);
	str_free(&sql);
	return st;
}

static struct sketch_plan *plan_of(const struct postgres *p, struct sampling *s)
{
	struct sketch_plan *plan = mem_zalloc(sizeof *plan);
	size_t columns = 0, k = 0;
	for (size_t i = 0; i < p->n_cols; i++)
		columns += p->cols[i].wanted;
	for (size_t i = 0; i < p->n_cols; i++) {
		const struct postgres_column *c = &p->cols[i];
		if (!c->wanted)
			continue;
		const bool words = is_words(c->type);
		sketch_plan_add(plan, c->name, c->type, words ? NULL : s->v[k], words ? 0 : s->n[k], p->o->budget, columns);
		k += !words;
	}
	plan->sampled = s->rows;
	return plan;
}

enum status postgres_plan(const char *path, const struct frame_options *o, struct task *t, struct sketch_plan **out, struct err *e)
{
	struct postgres *p;
	struct sampling s = { 0 };
	enum status st = postgres_open(path, o, t, &p, e);
	if (st != ST_OK)
		return st;
	for (size_t i = 0; i < p->n_cols; i++)
		s.n_cols += p->cols[i].wanted && !is_words(p->cols[i].type);
	s.cap = s.n_cols && SAMPLE_VALUES / s.n_cols < SAMPLE_ROWS ? SAMPLE_VALUES / s.n_cols : SAMPLE_ROWS;
	s.v = mem_array(s.n_cols + 1, sizeof *s.v), s.n = mem_array(s.n_cols + 1, sizeof *s.n);
	for (size_t j = 0; j < s.n_cols; j++)
		s.v[j] = mem_array(s.cap + 1, sizeof **s.v);
	if (s.n_cols)
		st = draw_sample(p, &s, e);
	if (st == ST_OK)
		*out = plan_of(p, &s);
	for (size_t j = 0; j < s.n_cols; j++)
		free(s.v[j]);
	free(s.v), free(s.n);
	postgres_close(p);
	return st;
}

/* ---- moments of all ---- */

struct counting { struct postgres *p; struct sketch *s; struct sketch_col *c; const struct postgres_column **cols; size_t first, n; crypto_generichash_state hash; };

static enum status take_moments(void *arg, const PGresult *r, struct err *e)
{
	struct counting *g = arg;
	(void)e;
	g->s->n_rows = (size_t)postgres_double(r, 0);
	for (size_t k = 0; k < g->n; k++) {
		struct sketch_col *c = &g->s->cols[g->first + k];
		if (!g->cols[g->first + k])
			continue;
		const int at = 1 + (int)k * AGGREGATES;
		const double have = postgres_double(r, at), nan = postgres_double(r, at + 1), finite = postgres_double(r, at + 2);
		c->absent = false, c->integer = g->cols[g->first + k]->integer;
		c->n = g->s->n_rows, c->nan = (size_t)nan;
		c->missing = c->n - (size_t)have + c->nan;
		if (!c->count)
			continue;
		c->inf = (size_t)(have - nan - finite);
		if (finite > 0)
			sketch_moments_add(c, (size_t)finite, postgres_double(r, at + 3), postgres_double(r, at + 4) * finite, postgres_double(r, at + 5), postgres_double(r, at + 6));
	}
	return ST_OK;
}

/* Words have a count only; the other aggregates are there so that every column has as many. */
static void add_aggregates(struct str *sql, const struct postgres_column *c, const struct sketch_col *to, size_t k)
{
	if (!c || !to->count) {
		str_addf(sql, ", count(%s), 0, 0, NULL, NULL, NULL, NULL", c ? c->value : "NULL");
		return;
	}
	str_addf(sql, ", count(c%zu), count(*) FILTER (WHERE c%zu = 'NaN')", k, k);
	static const char *const over[] = { "count(*)", "avg(c%zu)", "var_pop(c%zu)", "min(c%zu)", "max(c%zu)" };
	for (size_t i = 0; i < 5; i++) {
		str_add(sql, ", ");
		for (const char *f = over[i]; *f; f++)
			if (*f == '%') {
				str_addf(sql, "%zu", k);
				f += 2;
			} else {
				str_addc(sql, *f);
			}
		str_addf(sql, " FILTER (WHERE c%zu > '-Infinity' AND c%zu < 'Infinity')", k, k);
	}
}

static enum status count_moments(struct counting *g, struct err *e)
{
	enum status st = ST_OK;
	for (g->first = 0; st == ST_OK && g->first < g->s->n_cols; g->first += AT_ONCE) {
		struct str sql = STR_INIT;
		g->n = g->s->n_cols - g->first < AT_ONCE ? g->s->n_cols - g->first : AT_ONCE;
		str_add(&sql, "SELECT count(*)");
		for (size_t k = 0; k < g->n; k++)
			add_aggregates(&sql, g->cols[g->first + k], &g->s->cols[g->first + k], k);
		str_add(&sql, " FROM (SELECT *");
		for (size_t k = 0; k < g->n; k++)
			if (g->cols[g->first + k] && g->s->cols[g->first + k].count)
				str_addf(&sql, ", %s AS c%zu", g->cols[g->first + k]->value, k);
		str_addf(&sql, " FROM %s) AS counted", g->p->from);
		st = postgres_rows(g->p, sql.p, 0, NULL, take_moments, g, e);
		str_free(&sql);
	}
	return st;
}

/* ---- bins and words of one ---- */

static enum status take_bin(void *arg, const PGresult *r, struct err *e)
{
	struct counting *g = arg;
	const double bin = postgres_double(r, 0), count = postgres_double(r, 1);
	if (!(bin >= 0) || bin > (double)g->c->edges->n || !(count >= 0))
		return err_set(e, ST_FAILED, "%.200s: the server counted a bin that does not exist", g->p->name);
	sketch_bin_add(g->c, (size_t)bin, (uint64_t)count, postgres_double(r, 2));
	const double hashed[] = { bin, count };
	crypto_generichash_update(&g->hash, (const unsigned char *)hashed, sizeof hashed);
	return ST_OK;
}

static enum status count_bins(struct counting *g, const struct postgres_column *c, struct err *e)
{
	struct str sql = STR_INIT, edges = STR_INIT;
	str_addc(&edges, '{');
	for (size_t i = 0; i < g->c->edges->n; i++)
		str_addf(&edges, "%s%.17g", i ? "," : "", nextafter(g->c->edges->edge[i], INFINITY));
	str_addc(&edges, '}');
	const char *const params[] = { edges.p };
	str_addf(&sql, "SELECT %s, count(*), sum(x) FROM (SELECT %s AS x FROM %s) AS counted WHERE " FINITE " GROUP BY 1",
		g->c->edges->n ? "width_bucket(x, $1::float8[])" : "cardinality($1::float8[])", c->value, g->p->from);
	const enum status st = postgres_rows(g->p, sql.p, 1, params, take_bin, g, e);
	str_free(&sql), str_free(&edges);
	return st;
}

struct words { struct counting *g; size_t n; };

static enum status take_word(void *arg, const PGresult *r, struct err *e)
{
	struct words *w = arg;
	struct sketch_col *c = w->g->c;
	const char *p = PQgetvalue(r, 0, 0);
	const size_t n = (size_t)PQgetlength(r, 0, 0);
	const double count = postgres_double(r, 1);
	(void)e;
	crypto_generichash_update(&w->g->hash, (const unsigned char *)p, n);
	crypto_generichash_update(&w->g->hash, (const unsigned char *)&count, sizeof count);
	if (frame_is_missing(p, n))
		c->missing += (size_t)count;
	else if (w->n++ < SKETCH_WORDS)
		sketch_word_add(c, p, n, (uint64_t)count);
	else
		((struct sketch_counts *)c->state)->error = (uint64_t)count;
	return ST_OK;
}

static enum status count_words(struct counting *g, const struct postgres_column *c, struct err *e)
{
	struct str sql = STR_INIT;
	struct words w = { g, 0 };
	size_t missing = 0;
	while (frame_missing_words[missing])
		missing++;
	/* enough that one more than the limit is left when all spellings of missing values are among them */
	str_addf(&sql, "SELECT x, count(*) FROM (SELECT %s AS x FROM %s) AS counted WHERE x IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %zu", c->value, g->p->from, SKETCH_WORDS + 2 + missing);
	const enum status st = postgres_rows(g->p, sql.p, 0, NULL, take_word, &w, e);
	str_free(&sql);
	return st;
}

static enum status count_all(struct counting *g, struct err *e)
{
	enum status st = count_moments(g, e);
	for (size_t j = 0; st == ST_OK && j < g->s->n_cols; j++) {
		g->c = &g->s->cols[j];
		if (g->cols[j])
			st = g->c->count ? count_bins(g, g->cols[j], e) : count_words(g, g->cols[j], e);
	}
	return st;
}

enum status postgres_sketch(const char *path, const struct frame_options *o, const struct sketch_plan *plan, struct task *t, struct sketch **out, struct err *e)
{
	struct counting g = { 0 };
	enum status st = postgres_open(path, o, t, &g.p, e);
	if (st != ST_OK)
		return st;
	g.s = sketch_new(g.p->name, plan);
	g.cols = mem_array(plan->n_cols + 1, sizeof *g.cols);
	crypto_generichash_init(&g.hash, NULL, 0, 32);
	for (size_t j = 0; j < plan->n_cols; j++) {
		const struct postgres_column *c = column_called(g.p, plan->cols[j].name);
		const bool words = is_words(plan->cols[j].type);
		if (c && is_words(c->type) != words)
			str_addf(&g.s->notes, "column %.100s is %s there and %s in the reference: not counted\n", c->name, is_words(c->type) ? "words" : "numbers", words ? "words" : "numbers");
		else
			g.cols[j] = c;
	}
	st = count_all(&g, e);
	crypto_generichash_final(&g.hash, g.s->digest, 32);
	sketch_finish(g.s);
	if (st == ST_OK)
		*out = g.s;
	else
		sketch_free(g.s);
	free(g.cols);
	postgres_close(g.p);
	return st;
}

/* Sketches by readers that read in parts: a table of some of the rows is made as always, added to the sketch, and forgotten. The plan comes from one such table of rows from all over the
 * data, the types in it are then held for every part, so that no part is taken for words that the next takes for numbers. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/io/sketch_impl.h"

enum { SAMPLE_PART = 4, ROWS_PART = 32, LEAST_SAMPLE = 1 << 20, LEAST_PART = 64 << 10 };

static size_t part_of(size_t budget, size_t part, size_t least)
{
	budget = (budget ? budget : FRAME_BUDGET) / part;
	return budget > least ? budget : least;
}

size_t sketch_sample_room(size_t budget) { return part_of(budget, SAMPLE_PART, LEAST_SAMPLE); }

struct frame_override *sketch_guesses(const struct sketch_plan *plan)
{
	struct frame_override *g = mem_array(plan->n_cols + 1, sizeof *g);
	for (size_t j = 0; j < plan->n_cols; j++)
		g[j] = (struct frame_override){ plan->cols[j].name, plan->cols[j].type };
	return g;
}

enum status sketch_part(struct sketch_parts *p, struct frame_builder **b, struct err *e)
{
	struct frame *f = NULL;
	const enum status rc = frame_builder_finish(*b, p->o, &f, e);
	if (rc == ST_OK) {
		sketch_add(p->s, f);
		p->rows += f->n_rows;
	}
	frame_free(f);
	frame_builder_free(*b);
	*b = frame_builder_new(p->s->name);
	return rc;
}

enum status sketch_filled_plan(const struct sketch_filler *f, const char *path, const struct frame_options *o, struct task *t, struct sketch_plan **out, struct err *e)
{
	struct sketch_parts p = { .room = sketch_sample_room(o->budget), .sample = true, .o = o };
	struct frame *sample = NULL;
	const enum status rc = f->fill(path, o, &p, t, &sample, e);
	*out = rc == ST_OK ? sketch_plan_of(sample, o->budget) : NULL;
	frame_free(sample);
	return rc;
}

enum status sketch_filled(const struct sketch_filler *f, const char *path, const struct frame_options *o, const struct sketch_plan *plan, struct task *t, struct sketch **out, struct err *e)
{
	struct frame_override *guesses = sketch_guesses(plan);
	struct frame_options mine = *o;
	struct sketch *s = sketch_new(path, plan);
	s->rows = sketch_rows_new(plan);
	struct sketch_parts p = { .room = part_of(o->budget, ROWS_PART, LEAST_PART), .o = &mine, .s = s };
	struct frame *last = NULL;
	mine.guesses = guesses, mine.n_guesses = plan->n_cols, mine.lax = true;        /* a part need not have every column */
	const enum status rc = f->fill(path, &mine, &p, t, &last, e);
	*out = NULL;
	if (rc == ST_OK) {
		sketch_add(s, last);
		sketch_finish(s);
		str_add(&s->notes, last->notes.p);
		memcpy(s->digest, last->digest, sizeof s->digest);
		*out = s;
		s = NULL;
	}
	frame_free(last);
	sketch_free(s);
	free(guesses);
	return rc;
}

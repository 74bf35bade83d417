/* parquet_impl -- what the files of the reader of Parquet share: a reading, its columns and jobs. */
#ifndef MLYARD_IO_PARQUET_IMPL_H
#define MLYARD_IO_PARQUET_IMPL_H
#include <pthread.h>
#include <stdatomic.h>

#include "core/io/dict.h"
#include "core/io/frame_build.h"
#include "core/io/parquet.h"

struct parquet_column {
	size_t leaf; const struct parquet_kind *kind; const enum frame_type *told; bool words;
	double *num; uint32_t *code; struct dict dict;
	size_t nan, inf, missing, large;               /* of numbers; under the lock */
};
enum parquet_what { PARQUET_DIGEST, PARQUET_COLUMN };
struct parquet_job { enum parquet_what what; size_t col, from, to; };      /* from, to: row groups, or parts of the digest */
struct parquet_range { uint64_t at; size_t bytes; };
struct parquet_worker { struct parquet_pages pages; struct arena *arena; atomic_size_t held; unsigned char *block; };
struct parquet_reading {
	struct parquet_file file; const struct frame_options *o; struct task *task; struct frame *f;
	struct parquet_column *cols; size_t n;
	struct parquet_range *parts; unsigned char (*sums)[32]; size_t n_parts, cap_parts;
	struct parquet_job *jobs; size_t n_jobs, cap_jobs;
	struct parquet_worker *workers; int n_workers;
	atomic_size_t next; size_t base, budget;
	pthread_mutex_t mu; uint64_t done, total; enum status rc; struct err err;
	atomic_bool stop;
	bool lent;                                     /* the file is another reading's, of which this is a part */
};
/* parquet_fill.c: pages into columns */
void parquet_fail(struct parquet_reading *r, enum status rc, const struct err *e);
char *parquet_clean(const char *s);                    /* to show; to be freed */
bool parquet_going_on(struct parquet_reading *r);
void parquet_advance(struct parquet_reading *r, uint64_t bytes);
void parquet_read_column(struct parquet_reading *r, struct parquet_worker *w, const struct parquet_job *j);
/* read_parquet.c. Columns are chosen first; then r->f has their names. With arrays the table is read and settled; without them only the digest is made. */
enum status parquet_columns(struct parquet_reading *r, struct err *e);
enum status parquet_arrays(struct parquet_reading *r, struct err *e);
enum status parquet_run(struct parquet_reading *r, bool table, bool digest, struct err *e);
void parquet_note_large(struct parquet_reading *r);
void parquet_reading_free(struct parquet_reading *r);
/* parquet_sketch.c */
enum status parquet_plan(const char *path, const struct frame_options *o, struct task *t, struct sketch_plan **out, struct err *e);
enum status parquet_sketch(const char *path, const struct frame_options *o, const struct sketch_plan *plan, struct task *t, struct sketch **out, struct err *e);
#endif

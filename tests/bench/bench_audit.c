/* What the audit log does in a second: records appended, verified, remembered. Prints, asserts nothing.
 * bench_audit [RECORDS] [FOLDER], or bench_audit FILE to verify the log of a workspace. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/registry/audit.h"

static struct err why;

static void must(enum status st)
{
	if (st == ST_OK)
		return;
	fprintf(stderr, "%s\n", why.text);
	exit(1);
}

static double seconds_of_cpu(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Records as promotions write them: about 400 bytes each; of another action, because there is no timeline that they could be held against. */
static void append(struct store *s, const struct actor *who, long from, long n)
{
	must(store_begin(s, &why));
	for (long i = from; i < from + n; i++) {
		char object[48], before[160], after[160];
		snprintf(object, sizeof object, "model:model-%ld/%ld", i % 500, i % 20);
		snprintf(before, sizeof before, "{\"stage\":\"Staging\",\"versions\":{\"%ld\":{\"stage\":\"Staging\",\"deleted\":false}}}", i % 20);
		snprintf(after, sizeof after, "{\"stage\":\"Production\",\"versions\":{\"%ld\":{\"stage\":\"Production\",\"deleted\":false}},\"behind_ms\":0}", i % 20);
		struct audit_entry x = { "model.auto", object, before, after, "better than the one before it on all slices" };
		must(audit_append(s, who, &x, NULL, &why));
	}
	must(store_commit(s, 0, &why));
}

static void bench_verify(struct store *s)
{
	for (int round = 0; round < 3; round++) {
		struct audit_report r;
		double cpu = seconds_of_cpu();
		int64_t t = clock_mono_us();
		must(audit_verify(s, 0, 0, NULL, &r, &why));
		double took = (double)(clock_mono_us() - t) / 1e6, worked = seconds_of_cpu() - cpu;
		printf("  verify: %.0f records/s (%.0f by processor time), %lld checkpoints\n", (double)r.records / took, (double)r.records / worked, (long long)r.checkpoints);
		audit_report_free(&r);
	}
}

static void bench_small(struct store *s, const struct actor *who)
{
	enum { ROUNDS = 200 };
	int64_t t = clock_mono_us();
	for (int i = 0; i < ROUNDS; i++)
		must(audit_memory_check(s, &why));
	printf("  memory checked: %.0f us\n", (double)(clock_mono_us() - t) / ROUNDS);
	double keep = 0;
	for (int i = 0; i < ROUNDS; i++) {
		append(s, who, i, 1);
		t = clock_mono_us();
		must(audit_memory_keep(s, &why));
		keep += (double)(clock_mono_us() - t);
	}
	printf("  memory kept: %.0f us\n", keep / ROUNDS);
	t = clock_mono_us();
	for (int i = 0; i < 20; i++)
		must(audit_checkpoint(s, who, true, &why));
	printf("  checkpoint, committed: %.0f us\n", (double)(clock_mono_us() - t) / 20);
}

static int verify_file(const char *path)
{
	struct store_pool *pool;
	must(store_pool_open(path, STORE_READ_ONLY, &pool, &why));
	struct store *s = store_get(pool, &why);
	bench_verify(s);
	store_put(pool, s);
	store_pool_close(pool);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && access(argv[1], R_OK) == 0)
		return verify_file(argv[1]);
	long n = argc > 1 ? strtol(argv[1], NULL, 10) : 1000000;
	char folder[4096], path[4200];
	struct store_pool *pool;
	struct actor who;
	snprintf(folder, sizeof folder, "%s/mlyard-bench-XXXXXX", argc > 2 ? argv[2] : "/tmp");
	if (n < 1 || !mkdtemp(folder))
		return 2;
	setenv("XDG_STATE_HOME", folder, 1);
	setenv("XDG_CONFIG_HOME", folder, 1);
	snprintf(path, sizeof path, "%s/bench.db", folder);
	must(store_pool_open(path, STORE_CREATE, &pool, &why));
	struct store *s = store_get(pool, &why);
	actor_self(&who);
	int64_t t = clock_mono_us();
	for (long i = 0; i < n; i += AUDIT_CHECKPOINT_EVERY) {
		append(s, &who, i, n - i < AUDIT_CHECKPOINT_EVERY ? n - i : AUDIT_CHECKPOINT_EVERY);
		must(audit_checkpoint(s, &who, false, &why));
	}
	printf("%ld records, one change and one checkpoint each %d\n  append: %.0f records/s\n", n, AUDIT_CHECKPOINT_EVERY, (double)n / ((double)(clock_mono_us() - t) / 1e6));
	must(store_checkpoint(s, true, &why));
	bench_verify(s);
	bench_small(s, &who);
	store_put(pool, s);
	store_pool_close(pool);
	printf("  the files are in %s\n", folder);
	return 0;
}

/* Digests: what changes them, what does not, what is noticed; where a version's files are; what is recorded. */
#include "tests/unit/models_help.h"

#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <sys/time.h>

#include "core/base/fs.h"
#include "core/registry/digest.h"

static void put_file(const char *path, const char *text, size_t n)
{
	char *copy = mem_strdup(in_folder(path)), *slash = strrchr(copy, '/');
	*slash = '\0';
	OK(fs_mkdirs(copy, &why));
	FILE *f = fopen(in_folder(path), "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	fclose(f);
	free(copy);
}

static void put(const char *path, const char *text) { put_file(path, text, strlen(text)); }

static struct digest digest_of(const char *root)
{
	struct digest d;
	OK(digest_path(in_folder(root), NULL, &d, NULL, &why));
	return d;
}

static void assert_same(struct digest a, struct digest b) { assert_memory_equal(a.hash, b.hash, sizeof a.hash); }
static void assert_other(struct digest a, struct digest b) { assert_memory_not_equal(a.hash, b.hash, sizeof a.hash); }

static char *stamp_of(const char *root)
{
	struct str out = STR_INIT;
	OK(digest_stamp(in_folder(root), &out, &why));
	return str_take(&out);
}

/* The definition, written down a second time: domain, then length and bytes of the path, length and bytes of the file. */
static void add(crypto_generichash_blake2b_state *h, const char *p, size_t n, bool counted)
{
	unsigned char length[8];
	for (int i = 0; i < 8; i++)
		length[i] = (unsigned char)((uint64_t)n >> 8 * i);
	if (counted)
		crypto_generichash_blake2b_update(h, length, 8);
	crypto_generichash_blake2b_update(h, (const unsigned char *)p, n);
}

static void as_defined(void **state)
{
	(void)state;
	crypto_generichash_blake2b_state h;
	unsigned char expected[32];
	put("m/b", "second");
	put("m/a/deep", "first");
	crypto_generichash_blake2b_init(&h, NULL, 0, 32);
	add(&h, "mlyard/digest/v1", 16, false);
	add(&h, "a/deep", 6, true);
	add(&h, "first", 5, true);
	add(&h, "b", 1, true);
	add(&h, "second", 6, true);
	crypto_generichash_blake2b_final(&h, expected, 32);
	struct digest d = digest_of("m");
	assert_memory_equal(d.hash, expected, 32);
	assert_int_equal(d.bytes, 11);
	assert_int_equal(d.files, 2);
}

static void what_changes_it(void **state)
{
	(void)state;
	put("m/a", "one");
	put("m/sub/b", "two");
	struct digest first = digest_of("m");
	put("m/a", "onf");                                         /* a byte */
	assert_other(first, digest_of("m"));
	put("m/a", "one");
	assert_same(first, digest_of("m"));
	rename(in_folder("m/a"), in_folder("m/c"));
	assert_other(first, digest_of("m"));
	rename(in_folder("m/c"), in_folder("m/a"));
	put("m/d", "");                                            /* an empty file */
	assert_other(first, digest_of("m"));
	unlink(in_folder("m/d"));
	put("m/a", "onet");                                        /* bytes that move from file to file */
	put("m/sub/b", "wo");
	assert_other(first, digest_of("m"));
	put("m/a", "one");
	put("m/sub/b", "two");
	assert_same(first, digest_of("m"));
	unlink(in_folder("m/sub/b"));
	assert_other(first, digest_of("m"));
}

static void what_does_not(void **state)
{
	(void)state;
	put("m/a", "one");
	put("secret", "elsewhere");
	struct digest first = digest_of("m");
	assert_int_equal(symlink("../secret", in_folder("m/link")), 0);
	assert_int_equal(mkdir(in_folder("m/empty"), 0700), 0);
	assert_int_equal(mkfifo(in_folder("m/pipe"), 0600), 0);
	assert_int_equal(symlink("..", in_folder("m/up")), 0);
	assert_same(first, digest_of("m"));
	put("copy/a", "one");                                      /* another place, other times */
	assert_same(first, digest_of("copy"));
}

static void one_file_and_none(void **state)
{
	(void)state;
	struct digest d;
	put("m/model.bin", "weights");
	assert_int_equal(digest_of("m/model.bin").files, 1);
	assert_same(digest_of("m"), digest_of("m/model.bin"));     /* a folder with that file in it */
	assert_int_equal(mkdir(in_folder("nothing"), 0700), 0);
	assert_int_equal(digest_of("nothing").files, 0);
	assert_int_equal(digest_path(in_folder("gone"), NULL, &d, NULL, &why), ST_NOT_FOUND);
}

static void stamps(void **state)
{
	(void)state;
	put("m/a", "one");
	char *first = stamp_of("m"), *same = stamp_of("m");
	assert_string_equal(first, same);
	struct timeval times[2] = { { 5, 0 }, { 5, 0 } };
	assert_int_equal(utimes(in_folder("m/a"), times), 0);
	char *touched = stamp_of("m");
	assert_string_not_equal(first, touched);
	put("m/b", "");
	char *more = stamp_of("m");
	assert_string_not_equal(touched, more);
	free(first), free(same), free(touched), free(more);
}

/* ---- while it is read ---- */

struct meddler { bool done; struct digest d; enum status st; struct err err; };

static enum status read_it(struct task *t, void *arg, struct err *e)
{
	struct meddler *m = arg;
	return digest_path(in_folder("m"), t, &m->d, NULL, e);
}

static void read_done(void *arg, enum status st, const struct err *e)
{
	struct meddler *m = arg;
	m->st = st;
	m->err = *e;
	m->done = true;
}

static void cancelled_while_reading(void **state)
{
	(void)state;
	struct meddler m = { 0 };
	char *big = mem_zalloc(32 << 20);
	put_file("m/big", big, 32 << 20);
	free(big);
	struct tasks *ts = tasks_new(1, 1);
	uint64_t id = tasks_submit(ts, &(struct task_spec){ .title = "digest", .cls = TASK_LONG, .work = read_it, .done = read_done, .arg = &m });
	tasks_cancel(ts, id);
	while (!m.done)
		tasks_drain(ts);
	assert_int_equal(m.st, ST_CANCELLED);
	tasks_free(ts);
}

static _Atomic bool stop_writing;

static void *keep_writing(void *arg)
{
	const char *path = arg;
	while (!stop_writing) {
		FILE *f = fopen(path, "r+b");
		if (f) {
			fputc('x', f);
			fclose(f);
		}
	}
	return NULL;
}

static void changed_while_read(void **state)
{
	(void)state;
	struct digest d;
	pthread_t writer;
	char path[160];
	char *big = mem_zalloc(16 << 20);
	put_file("m/big", big, 16 << 20);
	free(big);
	snprintf(path, sizeof path, "%s", in_folder("m/big"));
	stop_writing = false;
	assert_int_equal(pthread_create(&writer, NULL, keep_writing, path), 0);
	enum status st = ST_OK;
	for (int i = 0; i < 50 && st == ST_OK; i++)
		st = digest_path(in_folder("m"), NULL, &d, NULL, &why);
	stop_writing = true;
	pthread_join(writer, NULL);
	assert_int_equal(st, ST_CHECK);
	assert_non_null(strstr(why.text, "changed while they were read"));
}

/* ---- of versions ---- */

static void version_at(int64_t version, const char *source, const char *storage)
{
	source_says("INSERT INTO model_version(id, model_id, version, stage, source, storage_location, run_uuid) VALUES(%" PRId64 ", 1, %" PRId64 ", 'None', '%s', %s%s%s, 'r1')",
		100 + version, version, source, storage ? "'" : "", storage ? storage : "NULL", storage ? "'" : "");
}

static void assert_files(int64_t version, const char *end)
{
	char *root = NULL;
	OK(version_files(db, 1, version, &root, &why));
	size_t n = strlen(root);
	assert_true(n >= strlen(end) && !strcmp(root + n - strlen(end), end));
	free(root);
}

static void where_files_lie(void **state)
{
	(void)state;
	char *root;
	source_model(1, "churn");
	source_says("UPDATE source SET uri = '%s' WHERE id = 1", in_folder("store/mlflow.db"));
	source_says("INSERT INTO experiment(id, source_id, ext_id, name) VALUES(1, 1, '1', 'e'); INSERT INTO run(id, experiment_id, source_id, uuid, status, artifact_uri)"
		" VALUES(1, 1, 1, '0123456789abcdef0123456789abcdef', 3, '/moved/mlruns/1/0123456789abcdef0123456789abcdef/artifacts')");
	source_says("INSERT INTO logged_model(source_id, model_id, experiment_id, name, artifact_uri) VALUES(1, 'm-0123456789abcdef0123456789abcdef', 1, 'lm', 'mlflow-artifacts:/1/models/m-0123456789abcdef0123456789abcdef/artifacts')");
	put("here/model/MLmodel", "x: 1");
	put("store/mlruns/1/0123456789abcdef0123456789abcdef/artifacts/model/MLmodel", "x: 1");
	put("store/mlartifacts/1/models/m-0123456789abcdef0123456789abcdef/artifacts/MLmodel", "x: 1");
	version_at(1, in_folder("here/model"), NULL);
	version_at(2, "runs:/0123456789abcdef0123456789abcdef/model", NULL);
	version_at(3, "models:/m-0123456789abcdef0123456789abcdef", NULL);
	version_at(4, "models:/churn/2", NULL);
	version_at(5, "/moved/mlruns/1/0123456789abcdef0123456789abcdef/artifacts/model", NULL);
	version_at(6, "models:/churn/6", NULL);
	version_at(7, "models:/churn/99", NULL);
	version_at(8, "s3://bucket/model", NULL);
	version_at(9, "models:/m-ffffffffffffffffffffffffffffffff", NULL);
	version_at(10, "runs:/0123456789abcdef0123456789abcdef/../../../../secret", NULL);
	version_at(11, "", NULL);
	version_at(12, "ignored", in_folder("here/model"));
	assert_files(1, "here/model");
	assert_files(2, "artifacts/model");
	assert_files(3, "m-0123456789abcdef0123456789abcdef/artifacts");
	assert_files(4, "artifacts/model");
	assert_files(5, "store/mlruns/1/0123456789abcdef0123456789abcdef/artifacts/model");
	assert_files(12, "here/model");
	assert_int_equal(version_files(db, 1, 6, &root, &why), ST_NOT_FOUND);
	assert_non_null(strstr(why.text, "circle"));
	assert_int_equal(version_files(db, 1, 7, &root, &why), ST_NOT_FOUND);
	assert_int_equal(version_files(db, 1, 8, &root, &why), ST_UNREACHABLE);
	assert_int_equal(version_files(db, 1, 9, &root, &why), ST_NOT_FOUND);
	assert_int_equal(version_files(db, 1, 11, &root, &why), ST_NOT_FOUND);
	assert_int_equal(version_files(db, 1, 77, &root, &why), ST_NOT_FOUND);
	assert_int_equal(version_files(db, 1, 10, &root, &why), ST_NOT_FOUND);
}

static void assert_state(const char *expected)
{
	struct str out = STR_INIT;
	OK(digest_state(db, 1, 1, &out, &why));
	if (strncmp(out.p, expected, strlen(expected)))
		fail_msg("%s, not %s", out.p, expected);
	str_free(&out);
}

static void recorded(void **state)
{
	(void)state;
	struct actor who;
	struct digest d;
	source_model(1, "churn");
	put("here/model/MLmodel", "flavors:\n  sklearn: {sklearn_version: 1.5.0}\n");
	put("here/model/model.pkl", "weights");
	version_at(1, in_folder("here/model"), NULL);
	adopt();
	actor_self(&who);
	assert_state("not computed");
	OK(digest_version(db, &who, 1, 1, NULL, &d, &why));
	assert_state("verified");
	assert_int_equal(number_of(db, "SELECT bytes FROM reg_version"), d.bytes);
	assert_int_equal(number_of(db, "SELECT files FROM reg_version"), 2);
	assert_string_equal(text_of("SELECT action || ' ' || object FROM audit ORDER BY seq DESC LIMIT 1"), "model.digest model:churn/1");
	int64_t records = number_of(db, "SELECT count(*) FROM audit");
	OK(digest_version(db, &who, 1, 1, NULL, &d, &why));        /* nothing new: no record */
	assert_int_equal(number_of(db, "SELECT count(*) FROM audit"), records);
	put("here/model/model.pkl", "others!");
	assert_state("changed since");
	OK(digest_version(db, &who, 1, 1, NULL, &d, &why));
	assert_string_equal(text_of("SELECT reason FROM audit ORDER BY seq DESC LIMIT 1"), "the files are not those of the digest before");
	assert_state("verified");
	help_remove_one(in_folder("here/model/model.pkl"), NULL, 0, NULL);
	assert_state("changed since");
	rename(in_folder("here/model"), in_folder("here/gone"));
	assert_state("files not here");
	assert_int_equal(digest_version(db, &who, 1, 1, NULL, &d, &why), ST_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(as_defined), TEST(what_changes_it), TEST(what_does_not), TEST(one_file_and_none), TEST(stamps), TEST(cancelled_while_reading), TEST(changed_while_read),
		TEST(where_files_lie), TEST(recorded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

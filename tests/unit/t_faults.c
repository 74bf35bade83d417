/* When the disk fails: every call the store makes of the file system fails once, or from then on; and files that were cut
 * short or changed. Nothing acknowledged is lost, nothing is half done, nothing crashes, and somebody is told. */
#include "tests/unit/store_help.h"

#include <fcntl.h>

#include "core/base/fs.h"
#include "core/base/topic.h"
#include "tests/unit/shim_vfs.h"

/* ---- calls that fail ---- */

static struct fault { long at, seen; bool from_then_on; long given; } fault;

static int fail_call(enum shim_call call)
{
	static const int errors[] = {
		[SHIM_OPEN] = SQLITE_CANTOPEN, [SHIM_DELETE] = SQLITE_IOERR_DELETE, [SHIM_READ] = SQLITE_IOERR_READ, [SHIM_WRITE] = SQLITE_FULL,
		[SHIM_TRUNCATE] = SQLITE_IOERR_TRUNCATE, [SHIM_SYNC] = SQLITE_IOERR_FSYNC, [SHIM_LOCK] = SQLITE_OK, [SHIM_SHM_LOCK] = SQLITE_OK,
		[SHIM_SHM_MAP] = SQLITE_IOERR_SHMMAP, [SHIM_UNFETCH] = SQLITE_OK,
	};
	if (errors[call] == SQLITE_OK)
		return SQLITE_OK;
	fault.seen++;
	if (fault.from_then_on ? fault.seen < fault.at : fault.seen != fault.at)
		return SQLITE_OK;
	fault.given++;
	return call == SHIM_WRITE && fault.at % 3 == 0 ? SQLITE_IOERR_WRITE : errors[call];
}

enum { COMMITS = 14 };

/* How many points the series has after so many commits. */
static int64_t points_after(int64_t commits)
{
	int64_t n = 0;
	for (int64_t i = 0; i < commits; i++)
		n += i % 5 == 3 ? 2500 : 3;
	return n;
}

static enum status one_commit(struct store *s, int64_t i)
{
	struct point p[2500];
	char text[16];
	int64_t from = points_after(i), n = points_after(i + 1) - from;
	for (int64_t k = 0; k < n; k++)
		p[k] = (struct point){ from + k, (from + k) * 1000, 1.0 / (double)(from + k + 1) };
	snprintf(text, sizeof text, "%d", (int)i + 1);
	enum status st = store_begin(s, &why);
	if (st == ST_OK && i == 0)
		st = store_exec(s, "INSERT INTO source(id, kind, uri, first_ms, last_ms) VALUES(1, 'test', 'test:', 0, 0);"
			"INSERT INTO experiment(id, source_id, ext_id, name) VALUES(1, 1, '1', 'e');"
			"INSERT INTO run(id, experiment_id, source_id, uuid, status) VALUES(1, 1, 1, 'r', 1); INSERT INTO name(id, text) VALUES(1, 'm');", &why);
	if (st == ST_OK)
		st = series_append(s, 1, 1, p, (size_t)n, true, NULL, &why);
	if (st == ST_OK)
		st = store_set_setting(s, "commits", text, &why);
	if (st == ST_OK)
		return store_commit(s, TOPIC_METRICS, &why);
	assert_int_not_equal(why.text[0], 0);
	store_rollback(s);
	return st;
}

/* A small life of a workspace; goes on after errors as a program would that shows them. Returns what was acknowledged. */
static int64_t live(void)
{
	struct store_pool *p = NULL;
	int64_t done = 0;
	for (int attempt = 0; attempt < 3 && !p; attempt++)
		store_pool_open(in_folder("f.db"), STORE_CREATE, &p, &why);
	struct store *s = p ? store_get(p, &why) : NULL;
	if (s) {
		for (int tries = 0; done < COMMITS && tries < COMMITS + 3; tries++) {
			struct bucket *b;
			size_t n;
			done += one_commit(s, done) == ST_OK;
			if (tries % 6 == 5)
				store_checkpoint(s, true, &why);
			series_buckets(s, 1, 1, AXIS_STEP, 0, 3000, 20, &b, &n, &why);
			free(b);
		}
		store_backup(p, in_folder("f.bak"), true, NULL, &why);
		store_put(p, s);
	}
	store_pool_close(p);
	return done;
}

static void check_life(int64_t acknowledged)
{
	struct store_pool *p = pool_of("f.db");
	struct store *s = conn_of(p);
	struct str out = STR_INIT;
	if (store_verify(s, false, NULL, &out, &why) != ST_OK)
		fail_msg("fault %ld: %s\n%s", fault.at, why.text, out.p);
	str_free(&out);
	char *text = store_setting(s, "commits");
	int64_t commits = text ? strtoll(text, NULL, 10) : 0;
	free(text);
	assert_in_range(commits, acknowledged, acknowledged + 1);
	assert_int_equal(number_of(s, "SELECT coalesce(max(n), 0) FROM metric"), points_after(commits));
	store_put(p, s);
	store_pool_close(p);
}

static void clear_folder(void)
{
	help_folder_remove(NULL);
	assert_int_equal(mkdir(help_folder, 0700), 0);
}

static void every_call_fails_once_or_for_good(void **state)
{
	(void)state;
	shim_install();
	shim.no_sync = true;
	for (int mode = 0; mode < 2; mode++) {
		long given = 1;
		for (long at = 1; given; at += at < 60 ? 1 : 7) {
			fault = (struct fault){ .at = at, .from_then_on = mode };
			shim.step = fail_call;
			int64_t acknowledged = live();
			shim.step = NULL;
			given = fault.given;
			check_life(acknowledged);
			clear_folder();
		}
		assert_true(fault.at > 100);
	}
	shim_remove();
}

static int always_full(enum shim_call call)
{
	return call == SHIM_WRITE ? SQLITE_FULL : SQLITE_OK;
}

static void a_full_disk_is_called_that(void **state)
{
	(void)state;
	shim_install();
	shim.no_sync = true;
	struct store_pool *p = pool_of("f.db");
	struct store *s = conn_of(p);
	OK(store_set_setting(s, "k", "before", &why));
	shim.step = always_full;
	assert_int_equal(store_set_setting(s, "k", "after", &why), ST_FAILED);
	assert_non_null(strstr(why.text, "disk is full"));
	assert_non_null(strstr(why.text, "nothing was half done"));
	assert_int_equal(store_backup(p, in_folder("f.bak"), false, NULL, &why), ST_FAILED);
	assert_non_null(strstr(why.text, "disk is full"));
	assert_int_equal(access(in_folder("f.bak"), F_OK), -1);
	shim.step = NULL;
	char *v = store_setting(s, "k");
	assert_string_equal(v, "before");
	free(v);
	OK(store_set_setting(s, "k", "after", &why));
	store_put(p, s);
	store_pool_close(p);
	shim_remove();
}

/* ---- files that are not as they were ---- */

static uint64_t random_state = 20240229;

static uint64_t rnd(void)
{
	random_state ^= random_state << 13, random_state ^= random_state >> 7, random_state ^= random_state << 17;
	return random_state;
}

static size_t below(size_t n) { return (size_t)(rnd() % n); }

static void write_whole(const char *path, const void *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), (ssize_t)n);
	close(fd);
}

static void make_sound_file(struct str *out)
{
	struct store_pool *p = pool_of("f.db");
	struct store *s = conn_of(p);
	struct point points[9000];
	for (int64_t i = 0; i < COMMITS; i++)
		OK(one_commit(s, i));
	for (int i = 0; i < 9000; i++)
		points[i] = (struct point){ i / 3, INT64_C(1760000000000) + i * 700 - (i % 50 ? 0 : 5000), (double)(rnd() >> 11) };
	OK(store_begin(s, &why));
	OK(store_exec(s, "INSERT INTO run(id, experiment_id, source_id, uuid, status) VALUES(2, 1, 1, 's', 1)", &why));
	OK(series_append(s, 2, 1, points, 9000, true, NULL, &why));
	OK(store_commit(s, TOPIC_METRICS, &why));
	store_put(p, s);
	store_pool_close(p);
	OK(fs_read(in_folder("f.db"), 16 << 20, out, &why));
}

static size_t spoil(char *bytes, size_t n)
{
	switch (below(6)) {
	case 0:
		return below(n);                                       /* cut short */
	case 1:
		for (size_t i = 1 + below(30); i; i--)
			bytes[below(n)] ^= (char)(1 << below(8));
		break;
	case 2:
		bytes[below(n)] ^= (char)(1 << below(8));
		break;
	case 3:
		memset(bytes + below(n / 4096) * 4096, 0, 4096);       /* a page of zeroes */
		break;
	case 4:
		memmove(bytes + below(n / 4096) * 4096, bytes + below(n / 4096) * 4096, 4096);
		break;
	default:
		for (size_t i = 1 + below(8); i; i--)
			bytes[below(100)] = (char)rnd();                   /* the header */
	}
	return n;
}

static bool take_point(void *arg, const struct point *p)
{
	*(double *)arg += p->value;
	return true;
}

/* Whatever the answers are, there must be some. */
static bool use_file(unsigned flags)
{
	struct store_pool *p;
	struct bucket *b;
	struct str out = STR_INIT;
	double sum = 0;
	size_t n;
	if (store_pool_open(in_folder("x.db"), flags, &p, &why) != ST_OK)
		return false;
	struct store *s = store_get(p, &why);
	bool sound = s && store_verify(s, false, NULL, &out, &why) == ST_OK;
	for (int run = 1; s && run <= 2; run++) {
		for (int axis = 0; axis < 2; axis++) {
			series_buckets(s, run, 1, (enum series_axis)axis, INT64_MIN, INT64_MAX, 50, &b, &n, &why);
			free(b);
			series_each(s, run, 1, (enum series_axis)axis, 10, 4000, take_point, &sum, &why);
		}
		struct point one = { 50, 1, 2 };
		if (store_begin(s, &why) == ST_OK && series_append(s, run, 1, &one, 1, true, NULL, &why) == ST_OK)
			store_commit(s, TOPIC_METRICS, &why);
		store_rollback(s);
	}
	free(s ? store_setting(s, "commits") : NULL);
	store_put(p, s);
	store_pool_close(p);
	str_free(&out);
	return sound;
}

static void spoiled_files_are_survived(void **state)
{
	(void)state;
	shim_install();
	shim.no_sync = true;
	struct str sound = STR_INIT;
	make_sound_file(&sound);
	write_whole(in_folder("x.db"), sound.p, sound.len);
	assert_true(use_file(0));
	int noticed = 0;
	char *bytes = mem_alloc(sound.len);
	for (int i = 0; i < 400; i++) {
		static const char *const beside[] = { "x.db-wal", "x.db-shm", "x.db-journal" };
		memcpy(bytes, sound.p, sound.len);
		size_t n = spoil(bytes, sound.len);
		for (size_t k = 0; k < 3; k++)
			unlink(in_folder(beside[k]));
		write_whole(in_folder("x.db"), bytes, n);
		noticed += !use_file(i % 3 ? 0 : STORE_READ_ONLY);
	}
	assert_true(noticed > 300);        /* the rest hit free pages or did not matter */
	free(bytes);
	str_free(&sound);
	shim_remove();
}

/* A block whose bits flip is noticed when it is read, not only by doctor: SQLite itself would not know. */
static void a_flipped_bit_in_a_block_is_noticed(void **state)
{
	(void)state;
	struct str sound = STR_INIT;
	make_sound_file(&sound);
	struct store_pool *p = pool_of("f.db");
	struct store *s = conn_of(p);
	int64_t bytes = number_of(s, "SELECT length(data) FROM block WHERE run_id = 2 AND level = 0 AND seq = 0");
	for (int i = 0; i < 60; i++) {
		struct bucket *b;
		size_t n;
		size_t at = below((size_t)bytes);
		OK(store_begin(s, &why));
		sqlite3_blob *blob;
		int64_t id = number_of(s, "SELECT id FROM block WHERE run_id = 2 AND level = 0 AND seq = 0");
		unsigned char byte;
		assert_int_equal(sqlite3_blob_open(store_db(s), "main", "block", "data", id, 1, &blob), SQLITE_OK);
		assert_int_equal(sqlite3_blob_read(blob, &byte, 1, (int)at), SQLITE_OK);
		byte ^= (unsigned char)(1 << below(8));
		assert_int_equal(sqlite3_blob_write(blob, &byte, 1, (int)at), SQLITE_OK);
		sqlite3_blob_close(blob);
		assert_int_equal(series_buckets(s, 2, 1, AXIS_STEP, 0, 100, 20, &b, &n, &why), ST_FAILED);
		assert_non_null(strstr(why.text, "damaged"));
		store_rollback(s);
	}
	store_put(p, s);
	store_pool_close(p);
	str_free(&sound);
}

#define EACH(f) cmocka_unit_test_setup_teardown(f, help_folder_make, help_folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(every_call_fails_once_or_for_good), EACH(a_full_disk_is_called_that), EACH(spoiled_files_are_survived), EACH(a_flipped_bit_in_a_block_is_noticed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

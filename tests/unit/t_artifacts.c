/* Files of a run: where they are looked for, what is listed, and everything that must not be followed. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "core/base/fs.h"
#include "core/runs/artifacts.h"
#include "tests/unit/store_help.h"

#define UUID "0a1b2c3d4e5f60718293a4b5c6d7e8f9"

static void make_file(const char *path, const char *text)
{
	char *dir = mem_strdup(in_folder(path));
	*strrchr(dir, '/') = '\0';
	OK(fs_mkdirs(dir, &why));
	OK(fs_replace(in_folder(path), text, strlen(text), &why));
	free(dir);
}

static struct run_detail *run_at(const char *uri, const char *source)
{
	static struct run_detail d;
	d = (struct run_detail){ .artifact_uri = uri, .source_uri = source };
	d.row.uuid = UUID;
	return &d;
}

/* "dir/ dir/file=size file=size" and what else the listing says. */
static void expect_list(const struct run_detail *d, size_t most, const char *expected, bool cut, size_t skipped)
{
	struct artifacts *x = NULL;
	struct str s = STR_INIT;
	OK(artifacts_list(d, most, &x, &why));
	for (size_t i = 0; i < x->n; i++) {
		const struct artifact *f = &x->at[i];
		int slashes = 0;
		for (const char *p = f->path; *p; p++)
			slashes += *p == '/';
		assert_int_equal(f->depth, slashes);
		str_addf(&s, f->is_dir ? "%s%s/" : "%s%s=%lld", i ? " " : "", f->path, (long long)f->size);
	}
	assert_string_equal(s.p, expected);
	assert_int_equal(x->cut, cut);
	assert_int_equal(x->skipped, skipped);
	str_free(&s);
	artifacts_free(x);
}

static void expect_root(const char *uri, const char *source, const char *root, bool exists)
{
	char *found = NULL;
	bool there;
	enum status st = artifacts_root(run_at(uri, source), &found, &there, &why);
	if (st != ST_OK)
		fail_msg("%s: %s", uri, why.text);
	assert_string_equal(found, in_folder(root));
	assert_int_equal(there, exists);
	free(found);
}

static void expect_no_root(const char *uri, const char *source, enum status st, const char *said)
{
	char *found = NULL;
	bool there;
	assert_int_equal(artifacts_root(run_at(uri, source), &found, &there, &why), st);
	if (!strstr(why.text, said))
		fail_msg("%s", why.text);
}

static void recorded_places(void **state)
{
	(void)state;
	char uri[300];
	make_file("p/mlruns/1/" UUID "/artifacts/a.txt", "x");
	make_file("p/with space/1/" UUID "/artifacts/a.txt", "x");
	const char *source = in_folder("p/mlflow.db");
	char *source_kept = mem_strdup(source);
	static const char *const forms[] = { "%s", "file://%s", "file://localhost%s", "file:%s" };
	for (size_t i = 0; i < 4; i++) {
		#pragma GCC diagnostic push
		#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(uri, sizeof uri, forms[i], in_folder("p/mlruns/1/" UUID "/artifacts"));
		#pragma GCC diagnostic pop
		expect_root(uri, source_kept, "p/mlruns/1/" UUID "/artifacts", true);
	}
	snprintf(uri, sizeof uri, "file://%s/p/with%%20space/1/" UUID "/artifacts", help_folder);
	expect_root(uri, source_kept, "p/with space/1/" UUID "/artifacts", true);
	free(source_kept);
}

/* A store that was copied here: the recorded path is of another machine. */
static void copied_stores(void **state)
{
	(void)state;
	char db[200], folder[200];
	make_file("c/mlruns/1/" UUID "/artifacts/a.txt", "x");
	make_file("c/mlruns/1/models/m-1/artifacts/MLmodel", "x");
	make_file("c/mlartifacts/2/" UUID "/artifacts/a.txt", "x");
	make_file("c/mlruns/workspaces/w/3/" UUID "/artifacts/a.txt", "x");
	snprintf(db, sizeof db, "%s/c/mlflow.db", help_folder);
	snprintf(folder, sizeof folder, "%s/c/mlruns", help_folder);
	expect_root("/home/someone/train/mlruns/1/" UUID "/artifacts", db, "c/mlruns/1/" UUID "/artifacts", true);
	expect_root("/home/someone/train/mlruns/1/" UUID "/artifacts", folder, "c/mlruns/1/" UUID "/artifacts", true);
	expect_root("file:///C:/Users/ann/mlruns/1/" UUID "/artifacts", db, "c/mlruns/1/" UUID "/artifacts", true);
	expect_root("mlruns/1/" UUID "/artifacts", db, "c/mlruns/1/" UUID "/artifacts", true);
	expect_root("./mlruns/1/" UUID "/artifacts", db, "c/./mlruns/1/" UUID "/artifacts", true);
	expect_root("/elsewhere/1/" UUID "/artifacts", db, "c/mlruns/1/" UUID "/artifacts", true);
	expect_root("mlflow-artifacts:/2/" UUID "/artifacts", db, "c/mlartifacts/2/" UUID "/artifacts", true);
	expect_root("mlflow-artifacts://host:5000/2/" UUID "/artifacts", db, "c/mlartifacts/2/" UUID "/artifacts", true);
	expect_root("mlflow-artifacts:/workspaces/w/3/" UUID "/artifacts", db, "c/mlruns/workspaces/w/3/" UUID "/artifacts", true);
	expect_root("/x/mlruns/1/models/m-1/artifacts", db, "c/mlruns/1/models/m-1/artifacts", true);
	/* the experiment is here, the run has no files */
	expect_root("/home/someone/train/mlruns/1/ffffffffffffffffffffffffffffffff/artifacts", db, "c/mlruns/1/ffffffffffffffffffffffffffffffff/artifacts", false);
	struct artifacts *x;
	OK(artifacts_list(run_at("/home/someone/train/mlruns/1/ffffffffffffffffffffffffffffffff/artifacts", db), 10, &x, &why));
	assert_int_equal(x->n, 0);
	artifacts_free(x);
	/* never logged anything at all, but recorded beside the source */
	char beside[300];
	snprintf(beside, sizeof beside, "%s/c/elsewhere/9/" UUID "/artifacts", help_folder);
	expect_root(beside, db, "c/elsewhere/9/" UUID "/artifacts", false);
	expect_no_root("/home/someone/train/mlruns/9/" UUID "/artifacts", db, ST_NOT_FOUND, "not on this machine");
	expect_no_root("/home/ann/../../1/" UUID "/artifacts", db, ST_NOT_FOUND, "not on this machine");
	expect_no_root("../../../" UUID "/artifacts", db, ST_NOT_FOUND, "not on this machine");
	expect_no_root("", db, ST_NOT_FOUND, "records no place");
	expect_no_root("s3://bucket/1/" UUID "/artifacts", db, ST_UNREACHABLE, "s3://bucket");
	expect_no_root("file://otherhost/x/" UUID "/artifacts", db, ST_UNREACHABLE, "otherhost");
	expect_no_root("dbfs:/x\x1b[31m/artifacts", db, ST_UNREACHABLE, "dbfs:/x");
	assert_null(strchr(why.text, '\x1b'));
}

static char *root_path;
static struct run_detail *nasty_run(void)
{
	make_file("n/1/" UUID "/artifacts/b.txt", "bb");
	make_file("n/1/" UUID "/artifacts/a/z.bin", "zzz");
	make_file("n/1/" UUID "/artifacts/a/deep/c.json", "{}");
	make_file("n/1/" UUID "/artifacts/B/empty", "");
	make_file("n/secret.txt", "secret");
	free(root_path);
	root_path = mem_strdup(in_folder("n/1/" UUID "/artifacts"));
	return run_at(root_path, "/nowhere/mlflow.db");
}

static void at_root(char out[300], const char *name)
{
	snprintf(out, 300, "%s/%s", root_path, name);
}

static void listing(void **state)
{
	(void)state;
	struct run_detail *d = nasty_run();
	expect_list(d, 100, "B/ B/empty=0 a/ a/deep/ a/deep/c.json=2 a/z.bin=3 b.txt=2", false, 0);
	expect_list(d, 7, "B/ B/empty=0 a/ a/deep/ a/deep/c.json=2 a/z.bin=3 b.txt=2", false, 0);
	expect_list(d, 3, "B/ B/empty=0 a/", true, 0);
	expect_list(d, 0, "", true, 0);
}

static struct run_detail *run_with_links(void)
{
	static const char *const links[][2] = {
		{ "../../../secret.txt", "out" }, { "../../..", "up" }, { "loop", "loop" }, { "a", "inner" }, { "/dev/null", "a/null" },
	};
	char at[300];
	struct run_detail *d = nasty_run();
	for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
		at_root(at, links[i][1]);
		assert_int_equal(symlink(links[i][0], at), 0);
	}
	at_root(at, "pipe");
	assert_int_equal(mkfifo(at, 0600), 0);
	return d;
}

/* Whether everything that must be refused is; `kernel`: a linked folder is told from a missing one. */
static bool refuses(const struct run_detail *d, bool kernel)
{
	const enum status linked = kernel ? ST_REFUSED : ST_NOT_FOUND;
	const struct { const char *path; enum status st; } rows[] = {
		{ "out", ST_REFUSED }, { "up/secret.txt", linked }, { "loop", ST_REFUSED }, { "inner/z.bin", linked }, { "pipe", ST_REFUSED }, { "a/null", ST_REFUSED },
		{ "../../../secret.txt", ST_USAGE }, { "a/../b.txt", ST_USAGE }, { "/etc/passwd", ST_USAGE }, { "", ST_USAGE }, { ".", ST_USAGE }, { "..", ST_USAGE }, { "a//z.bin", ST_USAGE },
		{ "a/", ST_USAGE }, { "./b.txt", ST_USAGE }, { "a", ST_REFUSED }, { "nope", ST_NOT_FOUND }, { "b.txt/x", ST_NOT_FOUND }, { "no\x1bpe", ST_NOT_FOUND },
		{ "b.txt", ST_OK }, { "a/deep/c.json", ST_OK },
	};
	bool good = true;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str out = STR_INIT;
		int64_t size = -1;
		why = (struct err){ .code = ST_OK };
		enum status st = artifacts_read(d, rows[i].path, 100, &out, &size, &why);
		if (st != rows[i].st || (st != ST_OK && out.len) || strchr(why.text, '\x1b')) {
			print_error("%s: %s: %s\n", rows[i].path, status_name(st), why.text);
			good = false;
		}
		str_free(&out);
	}
	return good;
}

static void links_and_devices(void **state)
{
	(void)state;
	struct run_detail *d = run_with_links();
	expect_list(d, 100, "B/ B/empty=0 a/ a/deep/ a/deep/c.json=2 a/z.bin=3 b.txt=2", false, 6);
	char at[300];
	struct open_how how = { .flags = O_RDONLY };
	at_root(at, "b.txt");
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, at, &how, sizeof how);
	assert_true(refuses(d, fd >= 0));
	if (fd >= 0)
		close(fd);
}

/* A kernel that does not know openat2, as a filter on this process's calls. */
static bool deny_openat2(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof code / sizeof *code, code };
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static void old_kernels(void **state)
{
	(void)state;
	struct run_detail *d = run_with_links();
	int status;
	pid_t child = fork();
	if (!child)
		_exit(!deny_openat2() ? 2 : refuses(d, false) ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 2)
		skip();                          /* this machine lets nobody filter calls */
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void reading(void **state)
{
	(void)state;
	struct run_detail *d = nasty_run();
	struct str out = STR_INIT;
	int64_t size;
	OK(artifacts_read(d, "a/deep/c.json", 100, &out, &size, &why));
	assert_string_equal(out.p, "{}");
	assert_int_equal(size, 2);
	OK(artifacts_read(d, "a/z.bin", 2, &out, &size, &why));       /* appends, bounded */
	assert_string_equal(out.p, "{}zz");
	assert_int_equal(size, 3);
	OK(artifacts_read(d, "B/empty", 2, &out, &size, &why));
	assert_int_equal(size, 0);
	str_clear(&out);
	char *big = mem_alloc(200001);
	memset(big, 'q', 200000);
	big[200000] = '\0';
	make_file("n/1/" UUID "/artifacts/big", big);
	OK(artifacts_read(d, "big", 1 << 20, &out, &size, &why));
	assert_true(out.len == 200000 && size == 200000 && !strcmp(out.p, big));
	free(big);
	str_free(&out);
	assert_int_equal(artifacts_read(run_at("s3://b/x", ""), "x", 1, &out, &size, &why), ST_UNREACHABLE);
	/* a run without a folder has no such file */
	char empty[300];
	snprintf(empty, sizeof empty, "%s/n/1/ffff/artifacts", help_folder);
	assert_int_equal(artifacts_read(run_at(empty, "/nowhere/x.db"), "x", 1, &out, &size, &why), ST_NOT_FOUND);
}

/* What was logged as a model lies elsewhere and is shown by its name; a second of that name by its id. */
static void models_of_the_run(void **state)
{
	(void)state;
	struct run_detail d = *nasty_run();
	make_file("n/1/models/m-1/artifacts/MLmodel", "one");
	make_file("n/1/models/m-2/artifacts/data/w", "two");
	make_file("n/1/models/m-3/artifacts/w", "in");
	struct run_model models[] = {
		{ "m-1", true, 0, "best", "/elsewhere/n/1/models/m-1/artifacts" }, { "m-2", true, 1, "best", "/elsewhere/n/1/models/m-2/artifacts" },
		{ "m-3", false, 0, "input", "/elsewhere/n/1/models/m-3/artifacts" }, { "m-4", true, 0, "gone", "/elsewhere/n/1/models/m-4/artifacts" },
		{ "m-5", true, 0, "../up", "s3://b/m-5" }, { "m-6", true, 0, "", "" },
	};
	char source[200];
	snprintf(source, sizeof source, "%s/mlflow.db", help_folder);
	d.source_uri = source;
	d.models = models;
	d.n_models = 6;
	expect_list(&d, 100, "B/ B/empty=0 a/ a/deep/ a/deep/c.json=2 a/z.bin=3 best/ best/MLmodel=3 m-2/ m-2/data/ m-2/data/w=3 b.txt=2", false, 0);
	struct str out = STR_INIT;
	int64_t size;
	OK(artifacts_read(&d, "best/MLmodel", 10, &out, &size, &why));
	OK(artifacts_read(&d, "m-2/data/w", 10, &out, &size, &why));
	OK(artifacts_read(&d, "b.txt", 10, &out, &size, &why));
	assert_string_equal(out.p, "onetwobb");
	assert_int_equal(artifacts_read(&d, "best/nope", 10, &out, &size, &why), ST_NOT_FOUND);
	assert_int_equal(artifacts_read(&d, "best", 10, &out, &size, &why), ST_REFUSED);
	assert_int_equal(artifacts_read(&d, "input/w", 10, &out, &size, &why), ST_NOT_FOUND);
	str_free(&out);
	/* the run's own folder is elsewhere: the models are still there */
	d.artifact_uri = "s3://b/1";
	expect_list(&d, 100, "best/ best/MLmodel=3 m-2/ m-2/data/ m-2/data/w=3", false, 0);
	d.n_models = 0;
	struct artifacts *x;
	assert_int_equal(artifacts_list(&d, 10, &x, &why), ST_UNREACHABLE);
}

/* Folders in folders in folders: the listing ends and says so. */
static void depth_is_bounded(void **state)
{
	(void)state;
	struct run_detail *d = nasty_run();
	struct str path = STR_INIT;
	str_add(&path, root_path);
	for (int i = 0; i < 100; i++)
		str_add(&path, "/d");
	OK(fs_mkdirs(path.p, &why));
	struct artifacts *x;
	OK(artifacts_list(d, 1000, &x, &why));
	assert_true(x->cut);
	assert_int_equal(x->n, 7 + 64);
	artifacts_free(x);
	str_free(&path);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, help_folder_make, help_folder_remove)
	const struct CMUnitTest tests[] = {
		TEST(recorded_places), TEST(copied_stores), TEST(listing), TEST(links_and_devices), TEST(old_kernels), TEST(reading), TEST(models_of_the_run), TEST(depth_is_bounded),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(root_path);
	return failed;
}

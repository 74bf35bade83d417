/* Listing and opening files below a run's folder.
 *
 * The folder's content comes from outside: links may point anywhere, names may hold anything, a FIFO would
 * block an open for ever. So nothing is followed, everything is opened beneath the root with O_NONBLOCK and
 * looked at before it is read, and a listing has limits in entries, depth and directory reads.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef HAVE_LINUX_OPENAT2_H
#include <linux/openat2.h>
#endif

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/runs/artifacts.h"

enum { DEPTH_MAX = 64, FILE_FLAGS = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW };

/* Words with a path from outside in them. */
static enum status fail(struct err *e, enum status code, const char *path, const char *words)
{
	struct str clean = STR_INIT;
	text_clean(&clean, path, strnlen(path, 300), 0);
	err_set(e, code, "%s: %s", clean.p, words);
	str_free(&clean);
	return code;
}

static enum status fail_errno(struct err *e, const char *path, int why)
{
	switch (why) {
	case ENOENT: case ENOTDIR: return fail(e, ST_NOT_FOUND, path, "no such file among the run's files");
	case ELOOP: case EXDEV: case EMLINK: return fail(e, ST_REFUSED, path, "is a link or leads out of the run's folder; links are not followed");
	case ENXIO: return fail(e, ST_REFUSED, path, "is not a regular file");
	default: return fail(e, ST_FAILED, path, strerror(why));
	}
}

/* A relative path of plain names: what listings give, and all that opening takes. */
static bool path_is_plain(const char *path)
{
	for (;;) {
		size_t n = strcspn(path, "/");
		if (!n || (n == 1 && path[0] == '.') || (n == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		if (!path[n])
			return true;
		path += n + 1;
	}
}

static int open_resolved(int root, const char *path)
{
#if defined HAVE_LINUX_OPENAT2_H && defined SYS_openat2
	struct open_how how = { .flags = FILE_FLAGS, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS };
	return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
#else
	(void)root, (void)path;
	errno = ENOSYS;
	return -1;
#endif
}

/* The same by hand: each folder without following links. */
static int open_by_parts(int root, const char *path)
{
	char *copy = mem_strdup(path), *part = copy, *slash;
	int at = dup(root);
	while (at >= 0 && (slash = strchr(part, '/'))) {
		*slash = '\0';
		int next = openat(at, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		int why = errno;
		close(at);
		errno = why;
		at = next;
		part = slash + 1;
	}
	int fd = at < 0 ? -1 : openat(at, part, FILE_FLAGS);
	int why = errno;
	if (at >= 0)
		close(at);
	free(copy);
	errno = why;
	return fd;
}

static int open_beneath(int root, const char *path)
{
	int fd = open_resolved(root, path);
	/* Old kernels do not know the call; sandboxes answer EPERM for calls they do not know. */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM || errno == EINVAL))
		fd = open_by_parts(root, path);
	return fd;
}

static int open_regular(int root, const char *path, int64_t *size, struct err *e)
{
	struct stat sb;
	int fd = open_beneath(root, path);
	if (fd < 0) {
		fail_errno(e, path, errno);
		return -1;
	}
	if (fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode)) {
		*size = (int64_t)sb.st_size;
		return fd;
	}
	fail(e, ST_REFUSED, path, S_ISDIR(sb.st_mode) ? "is a folder" : "is not a regular file");
	close(fd);
	return -1;
}

static int open_folder(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int open_below_root(const char *root, const char *path, int64_t *size, struct err *e)
{
	int dir = open_folder(root);
	if (dir < 0) {
		fail_errno(e, root, errno);
		return -1;
	}
	int fd = open_regular(dir, path, size, e);
	close(dir);
	return fd;
}

static int open_of_run(const struct run_detail *run, const char *path, int64_t *size, struct err *e)
{
	char *root;
	bool exists;
	int fd = -1;
	if (artifacts_root(run, &root, &exists, e) != ST_OK)
		return -1;
	if (exists)
		fd = open_below_root(root, path, size, e);
	else
		fail_errno(e, path, ENOENT);
	free(root);
	return fd;
}

/* A model of the run as a folder in its listing. */
struct model_folder { const char *name; char *root; };
struct model_folders { struct model_folder *at; size_t n; };

static bool name_taken(const struct model_folders *m, const char *name)
{
	for (size_t i = 0; i < m->n; i++)
		if (!strcmp(m->at[i].name, name))
			return true;
	return false;
}

/* Only models that the run made, and whose files are here. */
static struct model_folders find_models(const struct run_detail *run)
{
	struct model_folders m = { mem_array(run->n_models, sizeof *m.at), 0 };
	for (size_t i = 0; i < run->n_models; i++) {
		const struct run_model *x = &run->models[i];
		char *root;
		bool exists;
		if (!x->output || !*x->artifact_uri || artifacts_place(x->artifact_uri, x->model_id, run->source_uri, &root, &exists, NULL) != ST_OK)
			continue;
		const char *name = path_is_plain(x->name) && !strchr(x->name, '/') && !name_taken(&m, x->name) ? x->name : x->model_id;
		if (exists && path_is_plain(name) && !strchr(name, '/') && !name_taken(&m, name))
			m.at[m.n++] = (struct model_folder){ name, root };
		else
			free(root);
	}
	return m;
}

static void models_free(struct model_folders *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->at[i].root);
	free(m->at);
}

/* "model/MLmodel" below the folder of the model of that name; -1 with e untouched when there is none. */
static int open_of_model(const struct run_detail *run, const char *path, int64_t *size, struct err *e)
{
	struct model_folders m = find_models(run);
	size_t n = strcspn(path, "/");
	int fd = -1;
	for (size_t i = 0; i < m.n; i++)
		if (strlen(m.at[i].name) == n && !memcmp(m.at[i].name, path, n)) {
			if (path[n])
				fd = open_below_root(m.at[i].root, path + n + 1, size, e);
			else
				fail(e, ST_REFUSED, path, "is a folder");
		}
	models_free(&m);
	return fd;
}

int artifacts_open(const struct run_detail *run, const char *path, int64_t *size, struct err *e)
{
	struct err why = { .code = ST_OK };
	if (!path_is_plain(path)) {
		fail(e, ST_USAGE, path, "name a file below the run's folder, as the listing shows it");
		return -1;
	}
	int fd = open_of_run(run, path, size, &why);
	if (fd < 0 && run->n_models)
		fd = open_of_model(run, path, size, &why);
	if (fd < 0)
		err_set(e, why.code, "%s", why.text);
	return fd;
}

enum status artifacts_read(const struct run_detail *run, const char *path, size_t limit, struct str *out, int64_t *size, struct err *e)
{
	struct err why = { .code = ST_OK };
	int fd = artifacts_open(run, path, size, &why);
	if (fd < 0)
		return err_set(e, why.code, "%s", why.text);
	size_t got = 0;
	ssize_t n = 1;
	while (got < limit && n) {
		size_t want = limit - got < 65536 ? limit - got : 65536;
		str_reserve(out, want);
		n = read(fd, out->p + out->len, want);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		out->len += (size_t)n;
		out->p[out->len] = '\0';
		got += (size_t)n;
	}
	int failed = errno;
	close(fd);
	return n < 0 ? fail_errno(e, path, failed) : ST_OK;
}

struct entry { char *name; int64_t size; bool is_dir; const char *elsewhere; /* a model's folder */ };
struct folder { struct entry *at; size_t n, cap; };
struct lister { struct artifacts *out; size_t most, cap; struct str path; };

static int folders_first(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	if (x->is_dir != y->is_dir)
		return x->is_dir ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* Reads one folder, at most as many entries as the listing may still take. */
static void folder_read(struct lister *l, DIR *dir, struct folder *f)
{
	struct dirent *d;
	struct stat sb;
	size_t room = l->most - l->out->n, seen = 0;
	while ((d = readdir(dir))) {
		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
			continue;
		if (f->n > room || seen++ > 4 * room + 1000) {
			l->out->cut = true;
			break;
		}
		if (fstatat(dirfd(dir), d->d_name, &sb, AT_SYMLINK_NOFOLLOW) < 0 || !(S_ISREG(sb.st_mode) || S_ISDIR(sb.st_mode))) {
			l->out->skipped++;
			continue;
		}
		MEM_GROW(f->at, f->cap, f->n + 1);
		f->at[f->n++] = (struct entry){ mem_strdup(d->d_name), S_ISREG(sb.st_mode) ? (int64_t)sb.st_size : 0, S_ISDIR(sb.st_mode), NULL };
	}
}

static void list_folder(struct lister *l, int fd, struct folder *f, int depth);

/* Depth is bounded, so recursion is. */
static void list_entry(struct lister *l, int parent, const struct entry *x, int depth)
{
	if (l->out->n >= l->most) {
		l->out->cut = true;
		return;
	}
	size_t prefix = l->path.len;
	str_add(&l->path, x->name);
	MEM_GROW(l->out->at, l->cap, l->out->n + 1);
	l->out->at[l->out->n++] = (struct artifact){ mem_strdup(l->path.p), x->size, x->is_dir, depth };
	str_addc(&l->path, '/');
	if (x->is_dir && depth + 1 == DEPTH_MAX) {
		l->out->cut = true;
	} else if (x->is_dir) {
		int fd = x->elsewhere ? open_folder(x->elsewhere) : openat(parent, x->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		struct folder inner = { 0 };
		if (fd >= 0)
			list_folder(l, fd, &inner, depth + 1);
		else
			l->out->skipped++;             /* not ours to read */
	}
	str_cut(&l->path, prefix);
}

/* Takes fd (-1: nothing but what f has already) and the entries of f. */
static void list_folder(struct lister *l, int fd, struct folder *f, int depth)
{
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (dir)
		folder_read(l, dir, f);
	else if (fd >= 0)
		close(fd);
	if (f->n)
		qsort(f->at, f->n, sizeof *f->at, folders_first);
	for (size_t i = 0; i < f->n; i++) {
		list_entry(l, dir ? dirfd(dir) : -1, &f->at[i], depth);
		free(f->at[i].name);
	}
	free(f->at);
	if (dir)
		closedir(dir);
}

/* The models' folders stand among the run's own. */
static void list_models(const struct model_folders *m, struct folder *top)
{
	for (size_t i = 0; i < m->n; i++) {
		MEM_GROW(top->at, top->cap, top->n + 1);
		top->at[top->n++] = (struct entry){ mem_strdup(m->at[i].name), 0, true, m->at[i].root };
	}
}

enum status artifacts_list(const struct run_detail *run, size_t most, struct artifacts **out, struct err *e)
{
	char *root = NULL;
	bool exists = false;
	struct model_folders m = find_models(run);
	enum status rc = artifacts_root(run, &root, &exists, e);
	int fd = rc == ST_OK && exists ? open_folder(root) : -1;
	if (rc == ST_OK && exists && fd < 0)
		rc = fail_errno(e, root, errno);
	if (rc != ST_OK && !m.n) {
		free(root);
		models_free(&m);
		return rc;
	}
	struct lister l = { .out = mem_zalloc(sizeof *l.out), .most = most, .path = STR_INIT };
	struct folder top = { 0 };
	l.out->root = root ? root : mem_strdup(m.at[0].root);
	list_models(&m, &top);
	list_folder(&l, fd, &top, 0);
	str_free(&l.path);
	models_free(&m);
	*out = l.out;
	return ST_OK;
}

void artifacts_free(struct artifacts *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->n; i++)
		free(a->at[i].path);
	free(a->at);
	free(a->root);
	free(a);
}

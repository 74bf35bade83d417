/* One number for all files of a version.
 *
 * List     the folder is walked once, links are not followed; each file with its size, time and inode. Sorted by path, the list alone gives the
 *          stamp: how many files, how many bytes, BLAKE2b over all entries.
 * Read     file after file in that order, in blocks of BLOCK, which stay in the processor's cache (blocks of a megabyte cost three times as
 *          much to copy). The kernel is asked for AHEAD bytes beforehand, in pieces of ASK, so that the disk gets large requests and works
 *          while this block is hashed. One hash state over everything: nothing is kept but the list.
 * Changed  an open file must be the one that was listed (inode, size, time), give as many bytes as it said, and still say so at its end; and the
 *          list made once more at the very end must give the same stamp. Else the number would be one of no state the folder ever was in. */
#include "core/registry/digest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"

enum { BLOCK = 1 << 16, ASK = 2 << 20, AHEAD = 8 << 20, MOST_FILES = 1000000, MOST_DEPTH = 64, STAMP_BYTES = 16 };

struct entry { char *path; int64_t size, mtime_ns; uint64_t inode; };
struct listing { struct entry *at; size_t n, cap; int64_t bytes; };
struct hashing { struct listing *l; crypto_generichash_blake2b_state hash; unsigned char *block; struct task *t; int64_t done; };

static void listing_free(struct listing *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->at[i].path);
	free(l->at);
	*l = (struct listing){ 0 };
}

static enum status cannot(struct err *e, const char *what, const char *path)
{
	int why = errno;
	struct str clean = STR_INIT;
	text_clean(&clean, path, strnlen(path, 300), 0);
	err_set(e, why == ENOENT || why == ENOTDIR ? ST_NOT_FOUND : ST_FAILED, "cannot %s %s: %s", what, clean.p, strerror(why));
	str_free(&clean);
	return why == ENOENT || why == ENOTDIR ? ST_NOT_FOUND : ST_FAILED;
}

static enum status changed(struct err *e, const char *path)
{
	struct str clean = STR_INIT;
	text_clean(&clean, path, strnlen(path, 300), 0);
	err_set(e, ST_CHECK, "the files changed while they were read (%s); compute the digest again when nobody writes them", clean.p);
	str_free(&clean);
	return ST_CHECK;
}

/* ---- the list ---- */

static void entry_of(struct entry *x, const struct stat *st)
{
	x->size = st->st_size;
	x->mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
	x->inode = st->st_ino;
}

static enum status list_file(struct listing *l, const char *path, const struct stat *st, struct err *e)
{
	if (l->n == MOST_FILES)
		return err_set(e, ST_REFUSED, "more than %d files: a model's folder is meant, not a whole disk", MOST_FILES);
	MEM_GROW(l->at, l->cap, l->n + 1);
	struct entry *x = &l->at[l->n++];
	x->path = mem_strdup(path);
	entry_of(x, st);
	l->bytes += x->size;
	return ST_OK;
}

static enum status list_folder(struct listing *l, int fd, struct str *path, int depth, struct err *e);

static enum status list_entry(struct listing *l, int folder, const char *name, struct str *path, int depth, struct err *e)
{
	struct stat st;
	size_t was = path->len;
	enum status rc = ST_OK;
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? changed(e, name) : cannot(e, "look at", name);
	str_addf(path, "%s%s", was ? "/" : "", name);
	if (S_ISREG(st.st_mode)) {
		rc = list_file(l, path->p, &st, e);
	} else if (S_ISDIR(st.st_mode)) {
		int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		rc = fd < 0 ? cannot(e, "open", path->p) : list_folder(l, fd, path, depth + 1, e);
	}
	str_cut(path, was);
	return rc;
}

/* Owns fd. */
static enum status list_folder(struct listing *l, int fd, struct str *path, int depth, struct err *e)
{
	DIR *d = depth > MOST_DEPTH ? NULL : fdopendir(fd);
	enum status rc = ST_OK;
	if (!d) {
		rc = depth > MOST_DEPTH ? err_set(e, ST_REFUSED, "folders deeper than %d: %.200s", MOST_DEPTH, path->p) : cannot(e, "list", path->p);
		close(fd);
		return rc;
	}
	for (struct dirent *x; rc == ST_OK && (errno = 0, x = readdir(d));)
		if (strcmp(x->d_name, ".") && strcmp(x->d_name, ".."))
			rc = list_entry(l, dirfd(d), x->d_name, path, depth, e);
	if (rc == ST_OK && errno)
		rc = cannot(e, "list", path->p);
	closedir(d);
	return rc;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->path, ((const struct entry *)b)->path);
}

/* root is a folder, or one file, whose name is then its path. *folder: for opening the entries. */
static enum status list_root(const char *root, struct listing *l, int *folder, struct err *e)
{
	struct stat st;
	struct str path = STR_INIT;
	enum status rc;
	*folder = -1;
	if (stat(root, &st) != 0)
		return cannot(e, "look at", root);
	if (S_ISREG(st.st_mode)) {
		const char *slash = strrchr(root, '/');
		char *above = slash ? mem_strndup(root, (size_t)(slash - root) + 1) : mem_strdup(".");
		*folder = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		rc = *folder < 0 ? cannot(e, "open", above) : list_file(l, slash ? slash + 1 : root, &st, e);
		free(above);
		return rc;
	}
	*folder = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int copy = *folder < 0 ? -1 : openat(*folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rc = copy < 0 ? cannot(e, "open", root) : list_folder(l, copy, &path, 1, e);
	str_free(&path);
	if (l->n)
		qsort(l->at, l->n, sizeof *l->at, by_path);
	return rc;
}

static void add_number(crypto_generichash_blake2b_state *h, uint64_t v)
{
	unsigned char bytes[8];
	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(v >> 8 * i);
	crypto_generichash_blake2b_update(h, bytes, sizeof bytes);
}

static void add_path(crypto_generichash_blake2b_state *h, const char *path)
{
	size_t n = strlen(path);
	add_number(h, n);
	crypto_generichash_blake2b_update(h, (const unsigned char *)path, n);
}

static void stamp_of(const struct listing *l, struct str *out)
{
	crypto_generichash_blake2b_state h;
	unsigned char hash[STAMP_BYTES];
	char hex[2 * STAMP_BYTES + 1];
	crypto_generichash_blake2b_init(&h, NULL, 0, sizeof hash);
	for (size_t i = 0; i < l->n; i++) {
		add_path(&h, l->at[i].path);
		add_number(&h, (uint64_t)l->at[i].size);
		add_number(&h, (uint64_t)l->at[i].mtime_ns);
		add_number(&h, l->at[i].inode);
	}
	crypto_generichash_blake2b_final(&h, hash, sizeof hash);
	sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
	str_addf(out, "%zu files %" PRId64 " bytes %s", l->n, l->bytes, hex);
}

enum status digest_stamp(const char *root, struct str *out, struct err *e)
{
	struct listing l = { 0 };
	int folder;
	enum status rc = list_root(root, &l, &folder, e);
	if (rc == ST_OK)
		stamp_of(&l, out);
	if (folder >= 0)
		close(folder);
	listing_free(&l);
	return rc;
}

/* ---- reading ---- */

static bool same_file(int fd, const struct entry *x)
{
	struct stat st;
	struct entry now;
	if (fstat(fd, &st) != 0)
		return false;
	entry_of(&now, &st);
	return now.size == x->size && now.mtime_ns == x->mtime_ns && now.inode == x->inode;
}

static enum status hash_bytes(struct hashing *h, int fd, const struct entry *x, struct err *e)
{
	int64_t at = 0;
	posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	posix_fadvise(fd, 0, AHEAD, POSIX_FADV_WILLNEED);
	while (at <= x->size) {
		if (task_cancelled(h->t))
			return err_set(e, ST_CANCELLED, "the digest was stopped");
		ssize_t n = read(fd, h->block, BLOCK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return cannot(e, "read", x->path);
		if (!n)
			break;
		at += n;
		if (at % ASK == 0)
			posix_fadvise(fd, at + AHEAD - ASK, ASK, POSIX_FADV_WILLNEED);          /* only what was not asked for yet */
		crypto_generichash_blake2b_update(&h->hash, h->block, (size_t)n);
		h->done += n;
		if (h->t)
			task_progress(h->t, h->done, h->l->bytes);
	}
	return at == x->size && same_file(fd, x) ? ST_OK : changed(e, x->path);
}

static enum status hash_file(struct hashing *h, int folder, const struct entry *x, struct err *e)
{
	int fd = openat(folder, x->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == ELOOP ? changed(e, x->path) : cannot(e, "open", x->path);
	add_path(&h->hash, x->path);
	add_number(&h->hash, (uint64_t)x->size);
	enum status rc = same_file(fd, x) ? hash_bytes(h, fd, x, e) : changed(e, x->path);
	close(fd);
	return rc;
}

static enum status hash_all(struct listing *l, int folder, struct task *t, struct digest *out, struct err *e)
{
	static const char domain[] = "mlyard/digest/v1";
	struct hashing h = { .l = l, .t = t, .block = mem_alloc(BLOCK) };
	enum status rc = ST_OK;
	crypto_generichash_blake2b_init(&h.hash, NULL, 0, DIGEST_BYTES_OUT);
	crypto_generichash_blake2b_update(&h.hash, (const unsigned char *)domain, sizeof domain - 1);
	for (size_t i = 0; i < l->n && rc == ST_OK; i++)
		rc = hash_file(&h, folder, &l->at[i], e);
	crypto_generichash_blake2b_final(&h.hash, out->hash, sizeof out->hash);
	out->bytes = l->bytes;
	out->files = (int64_t)l->n;
	free(h.block);
	return rc;
}

enum status digest_path(const char *root, struct task *t, struct digest *out, struct str *stamp, struct err *e)
{
	struct listing l = { 0 };
	struct str before = STR_INIT, after = STR_INIT;
	int folder;
	if (sodium_init() < 0)                   /* it also chooses the implementation that suits the processor */
		return err_set(e, ST_FAILED, "libsodium does not start");
	enum status rc = list_root(root, &l, &folder, e);
	if (rc == ST_OK) {
		stamp_of(&l, &before);
		rc = hash_all(&l, folder, t, out, e);
	}
	if (rc == ST_OK)
		rc = digest_stamp(root, &after, e);
	if (rc == ST_OK && strcmp(before.p, after.p))
		rc = changed(e, root);
	if (rc == ST_OK && stamp)
		str_add(stamp, after.p);
	if (folder >= 0)
		close(folder);
	listing_free(&l);
	str_free(&before);
	str_free(&after);
	return rc;
}

/* Folders of a file store: listing, stamps, bounded reads; values out of meta files. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/base/mem.h"
#include "core/runs/hash.h"
#include "core/runs/mlruns.h"

enum { UNSETTLED_NS = 50000000, CHUNK = 1 << 16 };

int dir_open(int at, const char *name) { return openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); }

bool dir_has(struct mlruns *m, int at, const char *folder, const char *name, const char *path)
{
	struct str rel = STR_INIT;
	struct stat sb;

	str_addf(&rel, "%s/%s", folder, name);
	const int failed = fstatat(at, rel.p, &sb, 0);

	if (failed && errno != ENOENT && errno != ENOTDIR) {
		import_problem(m->job, "%s/%s: cannot be read (%s); what was imported of it stays", path, rel.p, strerror(errno));
		m->damaged = true;
	}
	str_free(&rel);
	return !failed && S_ISREG(sb.st_mode);
}

static int compare_names(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

char **dir_names(struct mlruns *m, int at, const char *name, const char *path)
{
	const int fd = dir_open(at, name);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	char **names = NULL;
	size_t n = 0, cap = 0;

	if (!d) {
		if (fd >= 0)
			close(fd);
		if (errno != ENOENT && errno != ENOTDIR) {
			import_problem(m->job, "%s/%s: cannot be listed (%s); what lies in it is left as it was", path, name, strerror(errno));
			m->damaged = true;
		}
		return NULL;
	}
	MEM_GROW(names, cap, 1);
	for (struct dirent *x; (x = readdir(d)) && n < MLRUNS_MOST_FILES;) {
		if (x->d_name[0] == '.')
			continue;
		MEM_GROW(names, cap, n + 2);
		names[n++] = mem_strdup(x->d_name);
	}
	names[n] = NULL;
	closedir(d);
	qsort(names, n, sizeof *names, compare_names);
	return names;
}

void dir_names_free(char **names)
{
	for (size_t i = 0; names && names[i]; i++)
		free(names[i]);
	free(names);
}

/* ---- units ---- */

/* Also lets the unit be looked at again next time, whatever its stamp says. */
static void unit_problem(struct unit *u, const char *rel, const char *why)
{
	import_problem(u->m->job, "%s/%s: cannot be read (%s)", u->path, rel, why);
	u->unsettled = true;
}

static void add_file(struct unit *u, const char *rel, const struct stat *sb)
{
	const int64_t changed = (int64_t)sb->st_ctim.tv_sec * 1000000000 + sb->st_ctim.tv_nsec;
	uint64_t h = hash_bytes(HASH_START, rel, strlen(rel));

	MEM_GROW(u->files, u->cap, u->n + 1);
	u->files[u->n++] = (struct unit_file){ arena_strdup(u->arena, rel), sb->st_size, changed, sb->st_ino };
	h = hash_word(hash_word(h, sb->st_ino), (uint64_t)sb->st_size);
	u->stamp += hash_word(h, (uint64_t)changed);
	u->unsettled |= u->m->now_ns - changed < UNSETTLED_NS && u->m->now_ns >= changed;
}

static void add_folder(struct unit *u, const char *rel, int depth);

static void add_entry(struct unit *u, const char *rel, int depth)
{
	struct stat sb;

	if (fstatat(u->fd, rel, &sb, 0) != 0) {
		if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
			return;
		unit_problem(u, rel, strerror(errno));
		u->m->damaged = true;
		return;
	}
	if (S_ISREG(sb.st_mode))
		add_file(u, rel, &sb);
	else if (S_ISDIR(sb.st_mode) && (depth == 0 || (fstatat(u->fd, rel, &sb, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(sb.st_mode))))
		add_folder(u, rel, depth + 1);
}

static void add_folder(struct unit *u, const char *rel, int depth)
{
	const int fd = dir_open(u->fd, rel);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct str path = STR_INIT;

	if (!d || depth > MLRUNS_MOST_DEPTH) {
		import_problem(u->m->job, "%s/%s: %s", u->path, rel, d ? "nested too deeply; what lies below is not read" : strerror(errno));
		u->m->damaged = true;
		if (d)
			closedir(d);
		else if (fd >= 0)
			close(fd);
		return;
	}
	for (struct dirent *x; (x = readdir(d)) && u->n < MLRUNS_MOST_FILES;) {
		if (!strcmp(x->d_name, ".") || !strcmp(x->d_name, ".."))
			continue;
		str_clear(&path);
		str_addf(&path, "%s/%s", rel, x->d_name);
		add_entry(u, path.p, depth);
	}
	closedir(d);
	str_free(&path);
}

static int compare_files(const void *a, const void *b)
{
	return strcmp(((const struct unit_file *)a)->rel, ((const struct unit_file *)b)->rel);
}

bool unit_open(struct mlruns *m, struct unit *u, int at, const char *at_path, const char *name, const char *const *parts)
{
	struct str path = STR_INIT;

	*u = (struct unit){ .m = m, .fd = dir_open(at, name) };
	if (u->fd < 0) {
		if (errno != ENOENT && errno != ENOTDIR) {
			import_problem(m->job, "%s/%s: cannot be opened (%s)", at_path, name, strerror(errno));
			m->damaged = true;
		}
		return false;
	}
	str_addf(&path, "%s/%s", at_path, name);
	u->path = str_take(&path);
	u->arena = arena_new();
	for (size_t i = 0; parts[i]; i++)
		add_entry(u, parts[i], 0);
	if (u->n)
		qsort(u->files, u->n, sizeof *u->files, compare_files);
	return true;
}

void unit_close(struct unit *u)
{
	if (u->fd >= 0)
		close(u->fd);
	arena_free(u->arena);
	free(u->files);
	free(u->path);
}

const struct unit_file *unit_file(const struct unit *u, const char *rel)
{
	const struct unit_file want = { .rel = rel };

	return u->n ? bsearch(&want, u->files, u->n, sizeof *u->files, compare_files) : NULL;
}

bool unit_is_part(const struct unit_file *f, const char *part, const char **key)
{
	const size_t n = strlen(part);

	if (strncmp(f->rel, part, n) != 0 || f->rel[n] != '/')
		return false;
	*key = f->rel + n + 1;
	return true;
}

int unit_open_file(struct unit *u, const char *rel)
{
	struct stat sb;
	const int fd = openat(u->fd, rel, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd >= 0 && fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode))
		return fd;
	unit_problem(u, rel, fd < 0 ? strerror(errno) : "not a file");
	if (fd >= 0)
		close(fd);
	return -1;
}

bool unit_read(struct unit *u, const char *rel, size_t limit, struct str *out)
{
	const int fd = unit_open_file(u, rel);
	const size_t start = out->len;
	char chunk[CHUNK];
	ssize_t n = 1;

	if (fd < 0)
		return false;
	while (n > 0 && out->len - start <= limit && (n = read(fd, chunk, sizeof chunk)) > 0)
		str_addn(out, chunk, (size_t)n);
	if (n < 0)
		unit_problem(u, rel, strerror(errno));
	else if (out->len - start > limit)
		unit_problem(u, rel, "longer than what is read of one file");
	close(fd);
	return n >= 0 && out->len - start <= limit;
}

struct yamldoc *unit_yaml(struct unit *u, const char *rel)
{
	struct str text = STR_INIT, name = STR_INIT;
	struct yamldoc *y = NULL;
	struct err why;

	str_addf(&name, "%s/%s", u->path, rel);
	if (unit_read(u, rel, YAMLDOC_MOST_BYTES, &text) && yamldoc_parse(text.p, text.len, name.p, &y, &why) != ST_OK)
		import_problem(u->m->job, "%s; this folder is left out until it is mended", why.text);
	u->unsettled |= !y;
	if (y && yamldoc_root(y)->kind != YAMLDOC_MAP) {
		import_problem(u->m->job, "%s: not the \"key: value\" lines that were expected; this folder is left out until it is mended", name.p);
		yamldoc_free(y);
		y = NULL;
		u->unsettled = true;
	}
	str_free(&text);
	str_free(&name);
	return y;
}

void unit_put_set(struct unit *u, const char *part, enum sink_set set, size_t owner)
{
	struct str value = STR_INIT;
	const char *key;
	bool whole = true;

	sink_track(u->m->sink, set);
	for (size_t i = 0; i < u->n; i++) {
		if (!unit_is_part(&u->files[i], part, &key))
			continue;
		str_clear(&value);
		if (unit_read(u, u->files[i].rel, MLRUNS_MOST_VALUE, &value))
			sink_item(u->m->sink, set, owner, val_str(key), val_text(value.p, value.len));
		else
			whole = false;
	}
	if (whole)
		sink_keep_owner(u->m->sink, set, owner);
	str_free(&value);
}

/* ---- values ---- */

struct val meta_text(const struct yamldoc_node *map, const char *key)
{
	const struct yamldoc_node *x = yamldoc_get(map, key);

	return yamldoc_is_null(x) || x->kind != YAMLDOC_SCALAR ? val_null() : val_text(x->text, x->n);
}

struct val meta_word(const struct yamldoc_node *map, const char *key)
{
	const struct val v = meta_text(map, key);

	return v.type == VAL_NULL ? val_text("", 0) : v;
}

struct val meta_int(const struct yamldoc_node *map, const char *key)
{
	int64_t i;

	return yamldoc_int(yamldoc_get(map, key), &i) ? val_int(i) : val_null();
}

bool meta_is(const struct yamldoc_node *map, const char *key, const char *word)
{
	const struct yamldoc_node *x = yamldoc_get(map, key);

	return x && x->kind == YAMLDOC_SCALAR && x->n == strlen(word) && !memcmp(x->text, word, x->n);
}

struct val meta_deleted(const struct yamldoc_node *map) { return val_int(meta_is(map, "lifecycle_stage", "deleted")); }

/* Frames that several jobs share. A side belongs to a path with its size and time of change as they were before it was read; where the reference is read anew, the
 * current side, which was read like it, is read anew as well. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/drift/job_impl.h"
#include "core/runs/hash.h"

struct drift_kept { struct { struct frame *frame; char *path; uint64_t stamp; } side[2]; };

struct drift_kept *drift_kept_new(void) { return mem_zalloc(sizeof(struct drift_kept)); }

static void forget(struct drift_kept *k, int i)
{
	frame_free(k->side[i].frame);
	free(k->side[i].path);
	k->side[i].frame = NULL, k->side[i].path = NULL;
}

void drift_kept_free(struct drift_kept *k)
{
	if (!k)
		return;
	forget(k, 0), forget(k, 1);
	free(k);
}

static uint64_t stamp_of(const char *path)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return 0;
	const uint64_t h = hash_word(hash_word(HASH_START, (uint64_t)st.st_ino), (uint64_t)st.st_size);
	return hash_word(hash_word(h, (uint64_t)st.st_mtim.tv_sec), (uint64_t)st.st_mtim.tv_nsec);
}

struct frame *kept_frame(struct drift_kept *k, int i, const char *path)
{
	const uint64_t stamp = stamp_of(path);
	if (k->side[i].frame && stamp == k->side[i].stamp && !strcmp(path, k->side[i].path))
		return k->side[i].frame;
	forget(k, i);
	if (!i)
		forget(k, 1);
	k->side[i].path = mem_strdup(path), k->side[i].stamp = stamp;
	return NULL;
}

void keep_frame(struct drift_kept *k, int i, struct frame *f) { k->side[i].frame = f; }

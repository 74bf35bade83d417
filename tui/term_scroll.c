/* term_scroll -- finds a block of rows that stand elsewhere on the screen already.
 *
 * Each row is hashed in blocks of eight cells, so that panes beside each other move apart. Blocks that changed
 * vote for the distances at which they stood before. For the distances with most votes the rows are weighed: bytes of
 * the blocks that the move would save, less those of blocks that stand right without it; the best stretch of rows
 * is the one with the largest sum (Kadane). It is only a proposal: the caller composes the frame with and without it and
 * sends the shorter one. Only frames that change several rows come here.
 */
#include "tui/term_priv.h"
#include <stdlib.h>
#include <string.h>
#include "core/base/mem.h"

enum { BLOCK = 8, WORTH = 24, CANDIDATES = 4 };

struct block { uint64_t hash; int weight; };

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9E3779B97F4A7C15u;
	return h ^ h >> 29;
}

static void hash_screen(const struct tcell *cells, int w, int h, struct block *out)
{
	for (int y = 0; y < h; y++)
		for (int x = 0; x < w; x += BLOCK, out++) {
			const struct tcell *row = cells + (size_t)y * (size_t)w;
			*out = (struct block){ 0, 0 };
			for (int i = x; i < w && i < x + BLOCK; i++) {
				uint64_t v;
				memcpy(&v, row + i, sizeof v);
				out->hash = mix(out->hash, v);
				out->weight += row[i].ch == ' ' ? 0 : row[i].ch < 0x80 ? 1 : 3;
			}
		}
}

/* Bytes saved on new row y when old row `from` stands there instead of old row y. */
static int saved(const struct block *now, const struct block *stays, const struct block *comes, int n)
{
	int sum = 0;
	for (int i = 0; i < n; i++)
		sum += ((now[i].hash == comes[i].hash) - (now[i].hash == stays[i].hash)) * (now[i].weight + 1);
	return sum;
}

/* Each block that changed and is not blank votes for the distances at which it stood before. */
static void vote(const struct block *old, const struct block *now, int rows, int n, int *votes)
{
	for (int y = 0; y < rows; y++)
		for (int i = 0; i < n; i++) {
			const struct block *b = now + y * n + i;
			if (b->weight == 0 || b->hash == old[y * n + i].hash)
				continue;
			for (int from = 0; from < rows; from++)
				if (old[from * n + i].hash == b->hash)
					votes[from - y + rows] += b->weight;
		}
}

/* The best stretch of rows for one distance, if it saves more than *best. */
static void weigh(const struct block *old, const struct block *now, int rows, int n, int by, int *best, struct scroll *s)
{
	int run = 0, start = 0;
	for (int y = by < 0 ? -by : 0; y < rows && y + by < rows; y++) {
		if (run <= 0) {
			run = 0;
			start = y;
		}
		run += saved(now + y * n, old + y * n, old + (y + by) * n, n);
		if (run > *best) {
			*best = run;
			*s = (struct scroll){ by > 0 ? start : start + by, by > 0 ? y + by : y, by };
		}
	}
}

bool scroll_find(const struct term *t, struct scroll *s)
{
	if (!t->tc.csr || t->h < 3)
		return false;
	int n = (t->w + BLOCK - 1) / BLOCK, best = WORTH;
	size_t count = (size_t)n * (size_t)t->h;
	struct block *old = mem_array(2 * count, sizeof *old), *now = old + count;
	int *votes = mem_array(2 * (size_t)t->h + 1, sizeof *votes);
	hash_screen(t->front, t->w, t->h, old);
	hash_screen(t->back, t->w, t->h, now);
	vote(old, now, t->h, n, votes);
	for (int k = 0; k < CANDIDATES; k++) {
		int top = 2;
		for (int i = 2; i <= 2 * t->h - 2; i++)
			top = votes[i] > votes[top] ? i : top;
		if (votes[top] <= WORTH)
			break;
		votes[top] = 0;
		weigh(old, now, t->h, n, top - t->h, &best, s);
	}
	free(votes);
	free(old);
	return best > WORTH;
}

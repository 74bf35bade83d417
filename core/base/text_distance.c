#include "core/base/text.h"

#include <limits.h>
#include <string.h>

enum { WORD_MAX = 31 };

static int least(int a, int b, int c)
{
	int m = a < b ? a : b;
	return m < c ? m : c;
}

int text_distance(const char *a, const char *b)
{
	int d[WORD_MAX + 1][WORD_MAX + 1];
	size_t len_a = strlen(a), len_b = strlen(b);
	if (len_a > WORD_MAX || len_b > WORD_MAX)
		return strcmp(a, b) == 0 ? 0 : INT_MAX;
	int n = (int)len_a, m = (int)len_b;
	for (int i = 0; i <= n; i++) {
		for (int j = 0; j <= m; j++) {
			if (i == 0 || j == 0) {
				d[i][j] = i + j;
				continue;
			}
			int change = a[i - 1] != b[j - 1];
			d[i][j] = least(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && d[i - 2][j - 2] + 1 < d[i][j])
				d[i][j] = d[i - 2][j - 2] + 1;
		}
	}
	return d[n][m];
}

bool text_near(const char *typed, const char *word, int *best)
{
	int d = text_distance(typed, word);
	if (d >= *best || d > 1 + (int)strlen(word) / 4)
		return false;
	*best = d;
	return true;
}

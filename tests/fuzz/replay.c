/* Runs a fuzz target without a fuzzer: over each seed, each of its beginnings and some one-byte changes of it. */
#include <dirent.h>
#include <string.h>
#include "tests/fuzz/fuzz.h"

enum { SEED_MAX = 1 << 20, MUTATED_MAX = 2048 };

static void run_copy(const uint8_t *data, size_t n)
{
	uint8_t *exact = malloc(n ? n : 1);     /* its end is where a sanitiser looks */
	MUST(exact);
	memcpy(exact, data, n);
	LLVMFuzzerTestOneInput(exact, n);
	free(exact);
}

static void run_variants(uint8_t *data, size_t n)
{
	static const uint8_t changes[] = { 0x01, 0x80, 0xFF, 0x20 };
	run_copy(data, n);
	for (size_t i = 0; i < n && n <= MUTATED_MAX; i++) {
		run_copy(data, i);
		uint8_t was = data[i];
		data[i] = was ^ changes[i % sizeof changes];
		run_copy(data, n);
		data[i] = was;
	}
}

static void run_file(const char *path)
{
	static uint8_t data[SEED_MAX];
	FILE *f = fopen(path, "rb");
	if (!f) {
		perror(path);
		exit(1);
	}
	size_t n = fread(data, 1, sizeof data, f);
	fclose(f);
	run_variants(data, n);
}

static int run_folder(const char *folder)
{
	DIR *d = opendir(folder);
	int count = 0;
	for (struct dirent *entry; d && (entry = readdir(d));) {
		char path[4096 + 257];
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		run_file(path);
		count++;
	}
	if (d)
		closedir(d);
	return count;
}

int main(int argc, char *argv[])
{
	char folder[4096];
	for (int i = 1; i < argc; i++)
		run_file(argv[i]);
	if (argc > 1)
		return 0;
	const char *name = strstr(argv[0], "fuzz_"), *srcdir = getenv("srcdir");
	for (const char *next = name; next; next = strstr(next + 1, "fuzz_"))
		name = next;
	MUST(name);
	snprintf(folder, sizeof folder, "%s/tests/data/fuzz/%s", srcdir ? srcdir : ".", name + strlen("fuzz_"));
	int count = run_folder(folder);
	printf("%s: %d seeds\n", folder, count);
	return count ? 0 : 1;
}

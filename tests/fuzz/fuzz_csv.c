/* Delimited text: every frame that comes out is consistent, whatever went in; and where text may be cut does not depend on how much of it is seen. */
#include "core/io/csv.h"
#include "tests/fuzz/fuzz_table.h"

/* Cut anywhere: the beginning and the rest hold together the records of the whole. */
static void check_cuts(const char *p, size_t n)
{
	static const struct csv_dialect d = { ',', '"', '.', false };
	size_t whole, first, rest;
	csv_cut(&d, p, n, true, &whole);
	for (size_t k = n > 64 ? n - 64 : 0; k < n; k++) {
		const size_t cut = csv_cut(&d, p, k, false, &first);
		MUST(cut <= k && (cut == 0) == (first == 0));
		csv_cut(&d, p + cut, n - cut, true, &rest);
		MUST(first + rest == whole);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_cuts((const char *)data, size);
	return fuzz_table("csv", data, size);
}

/* JSON Lines: every frame that comes out is consistent, whatever went in. */
#include "tests/fuzz/fuzz_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_table("jsonl", data, size);
}

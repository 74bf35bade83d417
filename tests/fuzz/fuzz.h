/* fuzz -- what every fuzz target shares. A target ends the process when an invariant does not hold. */
#ifndef MLYARD_TESTS_FUZZ_H
#define MLYARD_TESTS_FUZZ_H
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#define MUST(condition) do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
#endif

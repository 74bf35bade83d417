/* MLmodel files, as YAML and as the JSON that is recorded of them: whatever they say, what is told of them is clean text. */
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/io/yamldoc.h"
#include "core/registry/mlmodel.h"
#include "tests/fuzz/fuzz.h"

static void describe(const char *json)
{
	struct arena *a = arena_new();
	struct mlmodel m;
	mlmodel_describe(json, a, &m);
	const char *const texts[] = { m.flavors, m.signature, m.model_id, m.run_id };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		MUST(texts[i] && text_is_clean(texts[i], strlen(texts[i]), 0));
	MUST(m.bytes >= 0);
	arena_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct yamldoc *y = NULL;
	struct str json = STR_INIT;
	char *text = mem_strndup((const char *)data, size);
	describe(text);
	if (yamldoc_parse((const char *)data, size, "MLmodel", &y, NULL) == ST_OK) {
		if (yamldoc_root(y))
			yamldoc_to_json(yamldoc_root(y), &json);
		describe(json.p);
	}
	yamldoc_free(y);
	str_free(&json);
	free(text);
	return 0;
}

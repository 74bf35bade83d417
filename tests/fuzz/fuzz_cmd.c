/* Command lines: what splits can be quoted and splits again into the same words; any word survives quoting. */
#include <string.h>
#include "core/base/mem.h"
#include "core/base/cmd.h"
#include "tests/fuzz/fuzz.h"

static void check_line(const char *line)
{
	char *buf, *again, *argv[CMD_MAX_ARGS + 1], *argv2[CMD_MAX_ARGS + 1];
	int argc, argc2;
	struct err e = { 0 };
	struct str quoted = STR_INIT;
	if (cmd_split(line, &buf, &argc, argv, &e) != ST_OK) {
		MUST(!buf && argc == 0 && e.code == ST_USAGE && e.text[0]);
		return;
	}
	for (int i = 0; i < argc; i++) {
		cmd_quote(&quoted, argv[i]);
		str_add(&quoted, i & 1 ? " \t" : " ");
	}
	MUST(cmd_split(quoted.p, &again, &argc2, argv2, NULL) == ST_OK && argc2 == argc && !argv2[argc2]);
	for (int i = 0; i < argc; i++)
		MUST(strcmp(argv[i], argv2[i]) == 0);
	free(buf);
	free(again);
	str_free(&quoted);
}

static void check_word(const char *word)
{
	char *buf, *argv[CMD_MAX_ARGS + 1];
	int argc;
	struct str quoted = STR_INIT;
	cmd_quote(&quoted, word);
	MUST(cmd_split(quoted.p, &buf, &argc, argv, NULL) == ST_OK && argc == 1 && strcmp(argv[0], word) == 0);
	free(buf);
	str_free(&quoted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_strndup((const char *)data, size);
	MUST(text);
	check_line(text);
	check_word(text);
	free(text);
	return 0;
}

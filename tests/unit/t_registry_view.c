/* The Registry view, driven through the workbench: the board, the promotion sheet, votes, and what others do meanwhile. */
#include "tests/unit/registry_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the board ------------------------------------------------------------------------------------------------------- */

static void the_board_shows_where_each_version_stands(void **state)
{
	(void)state;
	struct registry_bench *r = registry_bench_open(REQUESTER, 160, 50, true);
	fprintf(stderr, "%s\n", bench_screen(r->b));
	expect(r->b, "model", "churn");
	expect(r->b, "board", "None=1 Development=0 Staging=2 Production=1 Archived=1");
	expect(r->b, "lane", "Staging");
	registry_bench_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_board_shows_where_each_version_stands),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

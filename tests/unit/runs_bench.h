/* The Runs view on a bench: driven through the workbench on a terminal that only keeps its cells, over a fixture of runs. */
#ifndef MLYARD_TESTS_RUNS_BENCH_H
#define MLYARD_TESTS_RUNS_BENCH_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "tests/unit/runs_fixture.h"
#include "views/ui.h"

struct bench { struct fixture fx; struct workspace ws; struct loop *loop; struct tasks *tasks; struct term *term; struct ui *ui; struct str text; };
struct bench *bench_open(int w, int h, bool utf8, void (*fill)(struct fixture *));
void bench_close(struct bench *b);
/* The program alone, over what b->fx holds: to be left and entered again. */
void bench_start(struct bench *b, int w, int h, bool utf8);
void bench_stop(struct bench *b);
void bench_settle(struct bench *b);
/* A command that must succeed. */
void bench_run(struct bench *b, const char *line);
/* One that must not, and says so in these words. */
void bench_refused(struct bench *b, const char *line, const char *words);
void bench_keys(struct bench *b, const char *names);
void bench_mouse(struct bench *b, enum mouse_kind kind, int x, int y);
void bench_click(struct bench *b, int x, int y);
/* What another program would write while the view is open. */
void bench_change(struct bench *b, void (*fn)(struct fixture *));
/* As the terminal shows it, in b->text. */
const char *bench_screen(struct bench *b);
/* The rest of the model's line "key: ...", in b->text. */
const char *bench_model(struct bench *b, const char *key);
#define expect(b, key, value) assert_string_equal(bench_model((b), (key)), (value))
void bench_expect_on_screen(struct bench *b, const char *words);
void bench_expect_gone(struct bench *b, const char *words);
/* With tests/data/screens/runs-NAME.txt; MLYARD_WRITE_SCREENS=1 writes it anew, for looking at the difference. */
void bench_compare(struct bench *b, const char *name);
void bench_compare_file(struct bench *b, const char *view, const char *name);       /* VIEW-NAME.txt */
#endif

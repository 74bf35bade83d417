/* Several processes on one file, at random and all at once; processes killed in the middle of what they do. What holds then is asked of the
 * tables and of the whole log (machine.h): at no record two versions of a model in Production, nothing without its record, nothing half. */
#include <signal.h>
#include <sys/wait.h>

#include "tests/unit/machine.h"

enum { PROCESSES = 3, STEPS = 60, KILLS = 12 };
static const char *const lanes[] = { "Development", "Staging", "Production", "Archived" };
static const char *const names[] = { "churn", "fraud" };
static struct replay replayed;

/* Nothing is open in the parent while there are children. */
static int files_only(void **state)
{
	if (decide_begin(state) != 0)
		return -1;
	apply_policy("version: 1\nrules:\n  - {name: up, from: Staging, to: Production, approvals: 1, aliases: ['@champion'], rollback: {waive_gates: true, waive_approvals: true}}\n");
	registered("churn");
	registered("fraud");
	store_put(pool, s);
	store_pool_close(pool);
	pool = NULL;
	memset(&replayed, 0, sizeof replayed);
	return 0;
}

static void open_again(void)
{
	pool = pool_of("w.db");
	s = conn_of(pool);
}

/* ---- what a process does ---- */

/* Refusals are fine: others were faster. Failures are not. */
static void must_work(enum status st)
{
	if (st != ST_FAILED && st != ST_CHECK)
		return;
	fprintf(stderr, "%s\n", why.text);
	_exit(1);
}

static void one_step(enum person p)
{
	const char *name = names[chance(2)];
	struct actor who = me(p);
	int64_t v = chance(8) + 1, id;
	switch (chance(9)) {
	case 0: must_work(try_register(p, name, NULL, &v)); break;
	case 1: must_work(try_rollback(p, name, "Production", &v)); break;
	case 2: must_work(decide_alias(s, &who, model(name), "challenger", chance(3) ? v : 0, "", &why)); break;
	case 3: must_work(decide_delete(s, &who, model(name), v, "not needed", &why)); break;
	case 4:
		must_work(try_promote(p, name, v, "Staging"));
		must_work(try_request(p, name, v, "Production", &id));
		break;
	case 5: must_work(try_vote(p, (int64_t)chance(40) + 1, true)); break;
	case 6: must_work(try_promote_at(p, name, v, "Production", strtoll(ask("SELECT rev FROM reg_model g JOIN model m ON m.id = g.model_id WHERE m.name = '%s'", name), NULL, 10))); break;
	default: must_work(try_promote(p, name, v, lanes[chance(4)])); break;
	}
}

static void process(enum person p, uint64_t seed)
{
	chance_state = seed;
	open_again();
	for (int i = 0; i < STEPS; i++)
		one_step(p);
	store_put(pool, s);
	store_pool_close(pool);
}

static pid_t start(void (*fn)(enum person, uint64_t), enum person p, uint64_t seed)
{
	fflush(NULL);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		fn(p, seed);
		_exit(0);
	}
	return pid;
}

static void processes_take_turns(void **state)
{
	(void)state;
	static const enum person who[PROCESSES] = { REQUESTER, FIRST, ADMIN };
	pid_t pids[PROCESSES];
	for (int i = 0; i < PROCESSES; i++)
		pids[i] = start(process, who[i], 100 + (uint64_t)i);
	for (int i = 0; i < PROCESSES; i++) {
		int status;
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	open_again();
	machine_agrees(&replayed);
	log_is_whole();
	assert_string_equal(ask("SELECT count(DISTINCT actor) >= 3 FROM audit WHERE action = 'model.promote'"), "1");
}

/* ---- the same move, by all at once ---- */

static int64_t same_rev;
static void promote_as_seen(enum person p, uint64_t seed)
{
	open_again();
	enum status st = try_promote_at(p, "churn", 1, seed % 2 ? "Development" : "Archived", same_rev);
	store_put(pool, s);
	store_pool_close(pool);
	_exit(st == ST_OK ? 10 : st == ST_REFUSED && strstr(why.text, "changed since you looked") ? 20 : 30);
}

static void of_all_who_saw_the_same_one_wins(void **state)
{
	(void)state;
	pid_t pids[PROCESSES];
	int won = 0, told = 0;
	open_again();
	same_rev = strtoll(ask("SELECT rev FROM reg_model WHERE model_id = %" PRId64, model("churn")), NULL, 10);
	store_put(pool, s);
	store_pool_close(pool);
	for (int i = 0; i < PROCESSES; i++)
		pids[i] = start(promote_as_seen, (enum person)i, (uint64_t)i);
	for (int i = 0; i < PROCESSES; i++) {
		int status;
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		won += WIFEXITED(status) && WEXITSTATUS(status) == 10;
		told += WIFEXITED(status) && WEXITSTATUS(status) == 20;
	}
	assert_int_equal(won, 1);
	assert_int_equal(told, PROCESSES - 1);
	open_again();
	machine_agrees(&replayed);
}

/* ---- killed ---- */

static int pipe_ends[2];

static void promote_for_ever(enum person p, uint64_t seed)
{
	chance_state = seed;
	open_again();
	for (;;) {
		one_step(p);
		if (write(pipe_ends[1], ".", 1) != 1)
			_exit(1);
	}
}

/* After some steps, and then a little later: somewhere in the middle of the next one. */
static void killed_processes_leave_nothing_half(void **state)
{
	(void)state;
	for (int i = 0; i < KILLS; i++) {
		char dot;
		assert_int_equal(pipe(pipe_ends), 0);
		pid_t pid = start(promote_for_ever, ADMIN, 1000 + (uint64_t)i);
		close(pipe_ends[1]);
		chance_state = 77 + (uint64_t)i;
		for (uint32_t steps = chance(6) + 1; steps > 0; steps--)
			assert_int_equal(read(pipe_ends[0], &dot, 1), 1);
		int64_t until = clock_mono_us() + chance(4000);
		while (clock_mono_us() < until)
			;
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		close(pipe_ends[0]);
		open_again();
		machine_agrees(&replayed);
		log_is_whole();
		store_put(pool, s);
		store_pool_close(pool);
		pool = NULL;
	}
	open_again();
}

static int end(void **state)
{
	if (!pool)
		open_again();
	return decide_end(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(processes_take_turns, files_only, end),
		cmocka_unit_test_setup_teardown(of_all_who_saw_the_same_one_wins, files_only, end),
		cmocka_unit_test_setup_teardown(killed_processes_leave_nothing_half, files_only, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

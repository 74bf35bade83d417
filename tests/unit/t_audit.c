/* The audit chain: appending, its head, keys that are introduced. */
#include "tests/unit/audit_help.h"

static void records_are_chained(void **state)
{
	(void)state;
	struct audit_head head;
	char uuid[AUDIT_UUID + 1], again[AUDIT_UUID + 1];
	OK(audit_head(s, &head, &why));
	assert_int_equal(head.seq, 0);
	OK(audit_uuid(s, uuid, &why));
	assert_string_equal(uuid, "");
	help_records(5);
	OK(audit_head(s, &head, &why));
	assert_int_equal(head.seq, 5);
	assert_int_equal(head.ms, INT64_C(1795300000000));
	OK(audit_uuid(s, uuid, &why));
	assert_int_equal(strlen(uuid), AUDIT_UUID);
	assert_int_equal(uuid[14], '4');
	assert_int_equal(number_of(s, "SELECT count(*) FROM audit a JOIN audit b ON b.seq = a.seq + 1 AND b.prev = a.hash"), 4);
	assert_int_equal(number_of(s, "SELECT count(DISTINCT hash) FROM audit WHERE length(hash) = 32 AND length(prev) = 32"), 5);
	assert_int_equal(number_of(s, "SELECT count(*) FROM audit WHERE actor = 'requester' AND uid >= 0 AND up_ms > 0 AND reason = 'because'"), 5);
	help_records(1);
	OK(audit_uuid(s, again, &why));
	assert_string_equal(uuid, again);
}

static void a_record_without_a_change_is_refused(void **state)
{
	(void)state;
	struct audit_entry x = { "a", "b", NULL, NULL, "" };
	assert_int_equal(audit_append(s, &somebody, &x, NULL, &why), ST_REFUSED);
	OK(store_begin(s, &why));
	OK(audit_append(s, &somebody, &x, NULL, &why));
	store_rollback(s);
	assert_int_equal(number_of(s, "SELECT count(*) FROM audit"), 0);
	assert_int_equal(number_of(s, "SELECT count(*) FROM reg_workspace"), 0);
}

static void a_key_is_introduced_once(void **state)
{
	(void)state;
	struct key_public k;
	OK(key_create(in_folder("w.key"), KEY_WITNESS, KEY_SEAL_NONE, "requester", NULL, &k, &why));
	for (int i = 0; i < 2; i++) {
		OK(store_begin(s, &why));
		OK(audit_key_introduce(s, &somebody, &k, &why));
		if (i)
			store_rollback(s);
		else
			OK(store_commit(s, 0, &why));
	}
	assert_int_equal(number_of(s, "SELECT count(*) FROM audit WHERE action = 'key.introduce' AND object = 'key:' || (SELECT key_id FROM reg_key)"
		" AND json_extract(after, '$.public') = (SELECT lower(hex(public)) FROM reg_key)"), 1);
	struct key_public twin = k;
	twin.bytes[0] ^= 1;
	OK(store_begin(s, &why));
	assert_int_equal(audit_key_introduce(s, &somebody, &twin, &why), ST_REFUSED);
	OK(store_exec(s, "UPDATE reg_key SET revoked_ms = 1", &why));
	assert_int_equal(audit_key_introduce(s, &somebody, &k, &why), ST_REFUSED);
	assert_non_null(strstr(why.text, "revoked"));
	store_rollback(s);
}

#define EACH(f) cmocka_unit_test_setup_teardown(f, help_begin, help_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(records_are_chained), EACH(a_record_without_a_change_is_refused), EACH(a_key_is_introduced_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

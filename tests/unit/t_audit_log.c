/* Reading the log, exporting it, keys taken out of use, and tables that say something else than the log. */
#include "tests/unit/audit_help.h"

#include <jansson.h>
#include <sodium.h>

#include "core/registry/audit_impl.h"
#include "core/registry/models.h"

static void append(const char *actor, const char *action, const char *object, const char *after, const char *reason)
{
	struct actor who;
	struct audit_entry x = { action, object, NULL, after, reason };
	actor_named(&who, actor);
	OK(store_begin(s, &why));
	OK(audit_append(s, &who, &x, NULL, &why));
	OK(store_commit(s, 0, &why));
}

static void some_history(void)
{
	append("requester", "model.register", "model:churn/1", "{\"a\":1}", "first");
	append("requester", "model.register", "model:churn2/1", NULL, "another model");
	clock_set_wall_ms(clock_wall_ms() + 1000);
	append("first approver", "request.approve", "request:1", NULL, "looks RIGHT");
	append("requester", "model.promote", "model:churn/1", "{\"stage\":\"Production\"}", "to production");
	append("requester", "model", "model:churn", NULL, "\x1b[31mred");
}

static size_t found(struct audit_query q, int64_t first)
{
	struct audit_rows *r;
	OK(audit_rows_load(s, &q, &r, &why));
	size_t n = r->n;
	assert_int_equal(r->total, 5);
	assert_int_equal(n ? r->at[0].seq : 0, first);
	audit_rows_free(r);
	return n;
}

static void the_log_is_read_newest_first_and_filtered(void **state)
{
	(void)state;
	some_history();
	int64_t now = clock_wall_ms();
	assert_int_equal(found((struct audit_query){ 0 }, 5), 5);
	assert_int_equal(found((struct audit_query){ .most = 2 }, 5), 2);
	assert_int_equal(found((struct audit_query){ .most = 2, .before_seq = 4 }, 3), 2);
	assert_int_equal(found((struct audit_query){ .object_prefix = "model:churn" }, 5), 3);
	assert_int_equal(found((struct audit_query){ .object_prefix = "model:churn/1" }, 4), 2);
	assert_int_equal(found((struct audit_query){ .object_prefix = "model:chur" }, 0), 0);
	assert_int_equal(found((struct audit_query){ .actor = "first approver" }, 3), 1);
	assert_int_equal(found((struct audit_query){ .action_prefix = "model" }, 5), 4);
	assert_int_equal(found((struct audit_query){ .action_prefix = "model.promote" }, 4), 1);
	assert_int_equal(found((struct audit_query){ .action_prefix = "mod" }, 0), 0);
	assert_int_equal(found((struct audit_query){ .since_ms = now }, 5), 3);
	assert_int_equal(found((struct audit_query){ .until_ms = now }, 2), 2);
	assert_int_equal(found((struct audit_query){ .text = "right" }, 3), 1);
	assert_int_equal(found((struct audit_query){ .text = "production", .most = 1 }, 4), 1);
}

static void texts_are_cleaned_for_people(void **state)
{
	(void)state;
	struct audit_rows *r;
	some_history();
	OK(audit_rows_load(s, &(struct audit_query){ .most = 1 }, &r, &why));
	assert_null(strchr(r->at[0].reason, '\x1b'));
	assert_non_null(strstr(r->at[0].reason, "red"));
	assert_string_equal(r->at[0].before, "");
	audit_rows_free(r);
}

/* ---- export ---- */

static const char *text_of(json_t *line, const char *key, struct audit_text *out)
{
	json_t *v = json_object_get(line, key);
	*out = (struct audit_text){ json_string_value(v), json_string_length(v) };
	return out->p;
}

static void hex_of(json_t *line, const char *key, unsigned char out[AUDIT_HASH])
{
	size_t n;
	const char *hex = json_string_value(json_object_get(line, key));
	assert_int_equal(sodium_hex2bin(out, AUDIT_HASH, hex, strlen(hex), NULL, &n, NULL), 0);
	assert_int_equal(n, AUDIT_HASH);
}

/* The hashes of an exported record can be computed from its line alone. */
static void check_line(json_t *line, unsigned char prev[AUDIT_HASH])
{
	static const char *const texts[AUDIT_TEXTS] = { "actor", "key_id", "action", "object", "before", "after", "reason" };
	unsigned char said[AUDIT_HASH], hash[AUDIT_HASH];
	struct str scratch = STR_INIT;
	struct audit_record r = { .prev = prev };
	hex_of(line, "prev", said);
	assert_memory_equal(said, prev, AUDIT_HASH);
	r.seq = json_integer_value(json_object_get(line, "seq"));
	r.ms = json_integer_value(json_object_get(line, "ms"));
	r.up_ms = json_integer_value(json_object_get(line, "up_ms"));
	r.uid = json_integer_value(json_object_get(line, "uid"));
	for (int i = 0; i < AUDIT_TEXTS; i++)
		text_of(line, texts[i], &r.text[i]);
	audit_hash(&r, &scratch, hash);
	hex_of(line, "hash", said);
	assert_memory_equal(said, hash, AUDIT_HASH);
	memcpy(prev, hash, AUDIT_HASH);
	str_free(&scratch);
}

static void an_export_can_be_verified_elsewhere(void **state)
{
	(void)state;
	char *bytes;
	size_t n;
	unsigned char prev[AUDIT_HASH];
	int records = 0, others = 0;
	some_history();
	OK(audit_checkpoint(s, &somebody, true, &why));
	FILE *f = open_memstream(&bytes, &n);
	OK(audit_export(s, &(struct audit_query){ 0 }, f, NULL, &why));
	fclose(f);
	for (char *p = bytes; *p; ) {
		size_t len = strcspn(p, "\n");
		json_error_t odd;
		json_t *line = json_loadb(p, len, 0, &odd);
		assert_non_null(line);
		const char *type = json_string_value(json_object_get(line, "type"));
		if (!strcmp(type, "workspace"))
			audit_genesis(json_string_value(json_object_get(line, "uuid")), prev);
		else if (!strcmp(type, "record"))
			check_line(line, prev), records++;
		else
			others++;
		json_decref(line);
		p += len + 1;
	}
	assert_int_equal(records, 6);
	assert_int_equal(others, 2);
	free(bytes);
}

static void what_is_no_utf8_is_exported_in_hex(void **state)
{
	(void)state;
	char *bytes;
	size_t n;
	append("requester", "model.describe", "model:x", NULL, "caf\xe9");
	FILE *f = open_memstream(&bytes, &n);
	OK(audit_export(s, &(struct audit_query){ 0 }, f, NULL, &why));
	fclose(f);
	assert_non_null(strstr(bytes, "\"reason\":{\"hex\":\"636166e9\"}"));
	free(bytes);
}

/* ---- keys out of use ---- */

static void a_key_is_revoked_with_a_record(void **state)
{
	(void)state;
	struct key_public k;
	struct audit_report r;
	struct actor other;
	OK(key_create(in_folder("w.key"), KEY_WITNESS, KEY_SEAL_NONE, "requester", NULL, &k, &why));
	OK(store_begin(s, &why));
	OK(audit_key_introduce(s, &somebody, &k, &why));
	OK(store_commit(s, 0, &why));
	assert_int_equal(audit_key_revoke(s, &somebody, "no id", "x", &why), ST_USAGE);
	assert_int_equal(audit_key_revoke(s, &somebody, "0011223344556677", "x", &why), ST_NOT_FOUND);
	assert_int_equal(audit_key_revoke(s, &somebody, k.id, "", &why), ST_USAGE);
	actor_named(&other, "program");
	other.agent = true;
	assert_int_equal(audit_key_revoke(s, &other, k.id, "x", &why), ST_REFUSED);
	OK(audit_key_revoke(s, &somebody, k.id, "the machine was lost", &why));
	assert_int_equal(audit_key_revoke(s, &somebody, k.id, "again", &why), ST_REFUSED);
	assert_int_equal(number_of(s, "SELECT count(*) FROM reg_key WHERE revoked_ms IS NOT NULL"), 1);
	assert_int_equal(number_of(s, "SELECT count(*) FROM audit WHERE action = 'key.revoke' AND reason = 'the machine was lost'"), 1);
	OK(audit_verify(s, 0, 0, NULL, &r, &why));
	audit_report_free(&r);
}

/* ---- tables against the log ---- */

static void verify_says(enum status expected, const char *words)
{
	struct audit_report r;
	enum status st = audit_verify(s, 0, 0, NULL, &r, &why);
	if (st != expected || (words && !strstr(r.findings.p, words)))
		fail_msg("%s: %s\n%s", status_name(st), why.text, r.findings.p);
	audit_report_free(&r);
}

static void change_behind(const char *sql)
{
	sqlite3 *db;
	char *message = NULL;
	assert_int_equal(sqlite3_open(in_folder("w.db"), &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", sql, message);
	sqlite3_close(db);
}

static void stages_and_aliases_are_what_the_log_says(void **state)
{
	(void)state;
	int n;
	OK(store_begin(s, &why));
	OK(store_exec(s, "INSERT INTO source(id, kind, uri, first_ms, last_ms) VALUES(1, 'test', 'test:', 0, 0);"
		"INSERT INTO model(id, source_id, name, created_ms, updated_ms) VALUES(1, 1, 'churn', 1, 1);"
		"INSERT INTO model_version(id, model_id, version, stage, created_ms, updated_ms) VALUES(1, 1, 1, 'Production', 1, 1), (2, 1, 2, 'Staging', 1, 1);"
		"INSERT INTO model_alias(model_id, alias, version) VALUES(1, 'champion', 1)", &why));
	OK(store_commit(s, 0, &why));
	OK(models_adopt(s, &n, &why));
	assert_int_equal(n, 1);
	verify_says(ST_OK, NULL);
	static const struct { const char *sql, *words, *undo; } cases[] = {
		{ "UPDATE reg_version SET stage = 'Production' WHERE version_id = 2", "churn v2 is in Production, and record 1 says Staging", "UPDATE reg_version SET stage = 'Staging' WHERE version_id = 2" },
		{ "UPDATE reg_version SET deleted = 1 WHERE version_id = 1", "churn v1 is deleted, and record 1 says otherwise", "UPDATE reg_version SET deleted = 0" },
		{ "UPDATE reg_alias SET version = 2", "alias champion of churn points to v2, and record 1 says v1", "UPDATE reg_alias SET version = 1" },
		{ "UPDATE reg_held SET name = 'Archived' WHERE kind = 'stage' AND version = 1", "the timeline says otherwise", "UPDATE reg_held SET name = 'Production' WHERE kind = 'stage' AND version = 1" },
		{ "UPDATE reg_held SET from_seq = 77 WHERE version = 2", "names record 77", "UPDATE reg_held SET from_seq = 1 WHERE version = 2" },
		{ "INSERT INTO reg_alias(model_id, alias, version, since_ms) VALUES(1, 'sly', 2, 0)", "alias sly of churn points to v2, and no record says so", "DELETE FROM reg_alias WHERE alias = 'sly'" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		change_behind(cases[i].sql);
		verify_says(ST_CHECK, cases[i].words);
		change_behind(cases[i].undo);
		verify_says(ST_OK, NULL);
	}
	/* A later record has the last word. */
	append("requester", "model.promote", "model:churn/2", "{\"versions\":{\"2\":{\"stage\":\"Production\",\"deleted\":false}}}", "x");
	verify_says(ST_CHECK, "churn v2 is in Staging, and record 2 says Production");
	/* What is said of another model does not count. */
	append("requester", "model.promote", "model:churn2/2", "{\"versions\":{\"2\":{\"stage\":\"None\",\"deleted\":false}}}", "x");
	verify_says(ST_CHECK, "churn v2 is in Staging, and record 2 says Production");
}

#define EACH(f) cmocka_unit_test_setup_teardown(f, help_begin, help_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(the_log_is_read_newest_first_and_filtered), EACH(texts_are_cleaned_for_people), EACH(an_export_can_be_verified_elsewhere),
		EACH(what_is_no_utf8_is_exported_in_hex), EACH(a_key_is_revoked_with_a_record), EACH(stages_and_aliases_are_what_the_log_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

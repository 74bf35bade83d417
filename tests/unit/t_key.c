/* Keys: made, sealed, unlocked; files that are refused; signatures. */
#include "tests/unit/store_help.h"

#include <fcntl.h>

#include "core/base/fs.h"
#include "core/registry/actor.h"
#include "core/secret/key_impl.h"

static struct key_public pub;

static void witness_here(void)
{
	OK(key_create(in_folder("keys/w.key"), KEY_WITNESS, KEY_SEAL_NONE, "first approver", NULL, &pub, &why));
}

static void a_witness_key_signs_without_being_asked(void **state)
{
	(void)state;
	struct key *k;
	struct key_public read;
	unsigned char sig[KEY_SIGNATURE];
	witness_here();
	assert_int_equal(mode_of("keys/w.key"), 0600);
	assert_int_equal(mode_of("keys"), 0700);
	OK(key_read_public(in_folder("keys/w.key"), &read, &why));
	assert_memory_equal(read.bytes, pub.bytes, KEY_PUBLIC);
	assert_string_equal(read.id, pub.id);
	assert_string_equal(read.owner, "first approver");
	assert_int_equal(strlen(pub.id), KEY_ID_HEX);
	OK(key_unlock(in_folder("keys/w.key"), NULL, &k, &why));
	assert_string_equal(key_of(k)->id, pub.id);
	key_sign(k, "mlyard/a", "message", 7, sig);
	assert_true(key_verify(pub.bytes, "mlyard/a", "message", 7, sig));
	assert_false(key_verify(pub.bytes, "mlyard/b", "message", 7, sig));
	assert_false(key_verify(pub.bytes, "mlyard/a", "massage", 7, sig));
	assert_false(key_verify(pub.bytes, "mlyard/a", "message", 6, sig));
	sig[5] ^= 1;
	assert_false(key_verify(pub.bytes, "mlyard/a", "message", 7, sig));
	key_free(k);
}

static void an_existing_key_is_never_replaced(void **state)
{
	(void)state;
	struct key_public second;
	witness_here();
	assert_int_equal(key_create(in_folder("keys/w.key"), KEY_WITNESS, KEY_SEAL_NONE, "x", NULL, &second, &why), ST_REFUSED);
	OK(key_read_public(in_folder("keys/w.key"), &second, &why));
	assert_string_equal(second.id, pub.id);
}

static void a_passphrase_seals(void **state)
{
	(void)state;
	struct key *k;
	struct str text = STR_INIT;
	struct key_secret right = { "correct horse", 13, NULL }, wrong = { "correct house", 13, NULL }, none = { 0 };
	char *path = mem_strdup(in_folder("a.key"));
	OK(key_create(path, KEY_APPROVAL, KEY_SEAL_PASSPHRASE, "first approver", &right, &pub, &why));
	OK(key_unlock(path, &right, &k, &why));
	assert_memory_equal(key_of(k)->bytes, pub.bytes, KEY_PUBLIC);
	key_free(k);
	assert_int_equal(key_unlock(path, &wrong, &k, &why), ST_REFUSED);
	assert_null(k);
	assert_int_equal(key_unlock(path, &none, &k, &why), ST_REFUSED);
	assert_non_null(strstr(why.text, "passphrase"));
	/* The clear part is bound: another owner's name does not open. */
	OK(fs_read(path, 1 << 16, &text, &why));
	char *owner = strstr(text.p, "first");
	assert_non_null(owner);
	memcpy(owner, "other", 5);
	OK(fs_replace(path, text.p, text.len, &why));
	assert_int_equal(key_unlock(path, &right, &k, &why), ST_REFUSED);
	str_free(&text);
	free(path);
}

static void what_is_too_short_or_too_open_is_refused(void **state)
{
	(void)state;
	struct key_secret shortest = { "1234567", 7, NULL };
	assert_int_equal(key_create(in_folder("a.key"), KEY_APPROVAL, KEY_SEAL_PASSPHRASE, "x", &shortest, NULL, &why), ST_USAGE);
	assert_int_equal(key_create(in_folder("a.key"), KEY_APPROVAL, KEY_SEAL_NONE, "x", NULL, NULL, &why), ST_USAGE);
	assert_int_equal(key_create(in_folder("a.key"), KEY_APPROVAL, KEY_SEAL_FILE, "x", &(struct key_secret){ 0 }, NULL, &why), ST_USAGE);
	assert_int_equal(key_create(in_folder("a.key"), KEY_WITNESS, KEY_SEAL_NONE, "", NULL, NULL, &why), ST_USAGE);
	assert_int_equal(key_create(in_folder("a.key"), KEY_WITNESS, KEY_SEAL_NONE, "a\x1b[31m", NULL, NULL, &why), ST_USAGE);
	assert_int_equal(access(in_folder("a.key"), F_OK), -1);
}

static void a_key_file_seals(void **state)
{
	(void)state;
	struct key *k;
	char *file = mem_strdup(in_folder("file"));
	struct key_secret how = { NULL, 0, file };
	OK(key_file_create(how.key_file, &why));
	assert_int_equal(key_file_create(how.key_file, &why), ST_REFUSED);
	assert_int_equal(mode_of("file"), 0600);
	OK(key_create(in_folder("a.key"), KEY_APPROVAL, KEY_SEAL_FILE, "x", &how, &pub, &why));
	OK(key_unlock(in_folder("a.key"), &how, &k, &why));
	key_free(k);
	chmod(how.key_file, 0640);
	assert_int_equal(key_unlock(in_folder("a.key"), &how, &k, &why), ST_REFUSED);
	assert_non_null(strstr(why.text, "chmod 600"));
	unlink(how.key_file);
	assert_int_equal(key_unlock(in_folder("a.key"), &how, &k, &why), ST_NOT_FOUND);
	OK(key_file_create(how.key_file, &why));
	assert_int_equal(key_unlock(in_folder("a.key"), &how, &k, &why), ST_REFUSED);
	OK(fs_replace(how.key_file, "short", 5, &why));
	assert_int_equal(key_unlock(in_folder("a.key"), &how, &k, &why), ST_REFUSED);
	assert_non_null(strstr(why.text, "32 bytes"));
	free(file);
}

static void files_that_others_could_reach_are_refused(void **state)
{
	(void)state;
	struct key_public read;
	witness_here();
	char *path = mem_strdup(in_folder("keys/w.key"));
	assert_int_equal(symlink(path, in_folder("link")), 0);
	assert_int_equal(key_read_public(in_folder("link"), &read, &why), ST_REFUSED);
	assert_non_null(strstr(why.text, "symbolic link"));
	static const mode_t open_modes[] = { 0640, 0604, 0620, 0601 };
	for (size_t i = 0; i < 4; i++) {
		chmod(path, open_modes[i]);
		assert_int_equal(key_read_public(path, &read, &why), ST_REFUSED);
		assert_non_null(strstr(why.text, "chmod 600"));
	}
	chmod(path, 0600);
	OK(key_read_public(path, &read, &why));
	assert_int_equal(key_read_public(in_folder("keys"), &read, &why), ST_REFUSED);
	assert_int_equal(mkfifo(in_folder("fifo"), 0600), 0);
	assert_int_equal(key_read_public(in_folder("fifo"), &read, &why), ST_REFUSED);
	assert_int_equal(key_read_public(in_folder("nothing"), &read, &why), ST_NOT_FOUND);
	assert_non_null(strstr(why.text, "key init"));
	free(path);
}

/* Every member taken away, every one twice, and limits that would cost memory. */
static void odd_key_files_are_refused(void **state)
{
	(void)state;
	struct key_file k = { .pub = { .kind = KEY_APPROVAL, .seal = KEY_SEAL_PASSPHRASE, .owner = "x" }, .ops = 3, .mem = 8192 }, read;
	struct str text = STR_INIT;
	key_file_format(&k, &text);
	OK(key_file_parse(text.p, text.len, "k", &read, &why));
	k.mem = crypto_pwhash_MEMLIMIT_MODERATE + 1;
	str_clear(&text);
	key_file_format(&k, &text);
	assert_int_equal(key_file_parse(text.p, text.len, "k", &read, &why), ST_REFUSED);
	assert_non_null(strstr(why.text, "\"mem\""));
	k.mem = 8192;
	k.ops = 1000;
	str_clear(&text);
	key_file_format(&k, &text);
	assert_int_equal(key_file_parse(text.p, text.len, "k", &read, &why), ST_REFUSED);
	k.ops = 3;
	str_clear(&text);
	key_file_format(&k, &text);
	text.p[text.len - 2] = ',';
	str_cut(&text, text.len - 1);
	str_add(&text, "\"more\":1}");
	assert_int_equal(key_file_parse(text.p, text.len, "k", &read, &why), ST_REFUSED);
	assert_non_null(strstr(why.text, "does not know"));
	static const char *const odd[] = { "", "{}", "[]", "null", "{\"format\":1}", "{\"format\":\"mlyard-key-2\"}", "{\"format\":\"mlyard-key-1\"" };
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
		assert_int_equal(key_file_parse(odd[i], strlen(odd[i]), "k", &read, &why), ST_REFUSED);
	k.pub.seal = KEY_SEAL_NONE;
	str_clear(&text);
	key_file_format(&k, &text);
	assert_int_equal(key_file_parse(text.p, text.len, "k", &read, &why), ST_REFUSED);
	assert_non_null(strstr(why.text, "unsealed"));
	str_free(&text);
}

static void an_unsealed_key_with_another_public_part_is_refused(void **state)
{
	(void)state;
	struct key *k;
	struct str text = STR_INIT;
	witness_here();
	OK(fs_read(in_folder("keys/w.key"), 1 << 16, &text, &why));
	char *hex = strstr(text.p, "\"public\":\"") + 10;
	*hex = *hex == '0' ? '1' : '0';
	OK(fs_replace(in_folder("keys/w.key"), text.p, text.len, &why));
	assert_int_equal(key_unlock(in_folder("keys/w.key"), NULL, &k, &why), ST_REFUSED);
	str_free(&text);
}

static void an_actor_has_a_name_and_the_id_of_his_key(void **state)
{
	(void)state;
	struct actor a;
	setenv("XDG_CONFIG_HOME", help_folder, 1);
	setenv("MLYARD_USER", "first\x1b approver", 1);
	actor_self(&a);
	assert_null(strchr(a.name, '\x1b'));
	assert_string_equal(a.key_id, "");
	assert_int_equal(a.uid, geteuid());
	char *path = key_path(KEY_APPROVAL);
	OK(key_file_create(in_folder("file"), &why));
	OK(key_create(path, KEY_APPROVAL, KEY_SEAL_FILE, "x", &(struct key_secret){ NULL, 0, in_folder("file") }, &pub, &why));
	actor_self(&a);
	assert_string_equal(a.key_id, pub.id);
	free(path);
}

#define EACH(f) cmocka_unit_test_setup_teardown(f, help_folder_make, help_folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(a_witness_key_signs_without_being_asked), EACH(an_existing_key_is_never_replaced), EACH(a_passphrase_seals),
		EACH(what_is_too_short_or_too_open_is_refused), EACH(a_key_file_seals), EACH(files_that_others_could_reach_are_refused),
		EACH(odd_key_files_are_refused), EACH(an_unsealed_key_with_another_public_part_is_refused),
		EACH(an_actor_has_a_name_and_the_id_of_his_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

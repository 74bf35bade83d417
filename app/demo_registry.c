/* Design
 *
 * A table of steps, each one decision: when (a share of the time there is), who, what. A step is done when its function says ST_OK, or
 * ST_REFUSED: a process that was killed between the decision and the note of it meets its own decision again, and that is
 * what refuses it. Anything else ends the demo's history there for this time; the demo itself opens all the same.
 */
#include "app/demo_registry.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/fs.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/registry/card.h"
#include "core/registry/decide.h"
#include "core/registry/digest.h"
#include "core/registry/models.h"
#include "core/registry/regsql.h"
#include "core/runs/import.h"

enum role { REQUESTER, FIRST, SECOND, ADMIN, ROLES };
static const char *const role_names[ROLES] = { "requester", "first approver", "second approver", "admin" };
static const char *const key_names[ROLES] = { "requester.key", "first-approver.key", "second-approver.key", "admin.key" };
static const char setting[] = "demo.registry";

struct seeding {
	struct store *s;
	const char *folder;                      /* of the keys */
	struct key *keys[ROLES];
	int64_t start_ms, end_ms;
	size_t done;
};

/* what: of the table of acts below. model, version, to: what it is about; text: the reason, the comment or the card. */
struct step {
	int permille; enum role who;
	enum status (*act)(struct seeding *d, const struct actor *who, int64_t model, const struct step *x, struct err *e);
	const char *model; int64_t version; const char *to, *text;
	bool ticked;
};

/* ---- what is done ---- */

static enum status put_policy(struct seeding *d, const struct actor *who, int64_t model, const struct step *x, struct err *e)
{
	(void)model;
	struct str text = STR_INIT;
	char *dir, *file;
	enum status rc = workspace_demo_dir(&dir, e);
	if (rc != ST_OK)
		return rc;
	file = fs_join(dir, "policy.yaml");
	rc = fs_read(file, POLICY_MOST_BYTES, &text, e);
	if (rc == ST_OK)
		rc = policy_apply(d->s, who, text.p, text.len, x->text, e);
	str_free(&text);
	free(file);
	free(dir);
	return rc;
}

static enum status digest(struct seeding *d, const struct actor *who, int64_t model, const struct step *x, struct err *e)
{
	struct digest result;
	return digest_version(d->s, who, model, x->version, NULL, &result, e);
}

static enum status card(struct seeding *d, const struct actor *who, int64_t model, const struct step *x, struct err *e)
{
	struct str now = STR_INIT;
	int64_t rev;
	enum status rc = card_load(d->s, model, x->version, &now, &rev, e);
	if (rc == ST_OK && !rev)
		rc = card_save(d->s, who, model, x->version, x->text, strlen(x->text), rev, e);
	str_free(&now);
	return rc;
}

static enum status alias(struct seeding *d, const struct actor *who, int64_t model, const struct step *x, struct err *e)
{
	return decide_alias(d->s, who, model, x->to, x->version, x->text, e);
}

static enum status request(struct seeding *d, const struct actor *who, int64_t model, const struct step *x, struct err *e)
{
	const bool tick = true;
	int64_t id;
	const struct move m = { .model_id = model, .version = x->version, .to = x->to, .reason = x->text, .expect_rev = -1, .checked = x->ticked ? &tick : NULL, .n_checked = x->ticked };
	return decide_request(d->s, who, &m, &id, e);
}

/* Of the open request about the version. */
static enum status vote_on(struct seeding *d, const struct actor *who, int64_t model, const struct step *x, bool approve, struct err *e)
{
	int64_t id;
	enum status rc = reg_int(d->s, e, 0, &id, "SELECT max(id) FROM reg_request WHERE model_id = ? AND version = ? AND state = 'open'", "ii", model, x->version);
	if (rc == ST_OK && !id)
		return err_set(e, ST_REFUSED, "there is no open request");
	return rc == ST_OK ? decide_vote(d->s, who, d->keys[x->who], id, approve, x->text, e) : rc;
}

static enum status approve(struct seeding *d, const struct actor *who, int64_t model, const struct step *x, struct err *e)
{
	return vote_on(d, who, model, x, true, e);
}

static enum status reject(struct seeding *d, const struct actor *who, int64_t model, const struct step *x, struct err *e)
{
	return vote_on(d, who, model, x, false, e);
}

static enum status promote(struct seeding *d, const struct actor *who, int64_t model, const struct step *x, struct err *e)
{
	const struct move m = { .model_id = model, .version = x->version, .to = x->to, .reason = x->text, .expect_rev = -1 };
	return decide_promote(d->s, who, &m, e);
}

static enum status roll_back(struct seeding *d, const struct actor *who, int64_t model, const struct step *x, struct err *e)
{
	int64_t version;
	return decide_rollback(d->s, who, model, x->to, x->text, -1, &version, e);
}

static const char screening_card[] =
	"# cancer-screening v2\n\n"
	"## Intended use\n\nTo try out this program. It sorts a pile for doctors to look at; it decides nothing.\n\n"
	"## Data\n\nThe breast cancer data set that comes with scikit-learn: 569 samples, 30 measured features.\n\n"
	"## Limitations\n\nOne small public data set from one clinic. Its weights were not kept.\n\n"
	"## Owner\n\nWhoever runs the demo.\n";

static const struct step steps[] = {
	{ 0, ADMIN, put_policy, NULL, 0, NULL, "the first rules for these models", false },
	{ 10, REQUESTER, digest, "digits-classifier", 4, NULL, NULL, false },
	{ 15, REQUESTER, digest, "cancer-screening", 1, NULL, NULL, false },
	{ 20, REQUESTER, digest, "diabetes-progression", 1, NULL, NULL, false },
	{ 30, REQUESTER, digest, "diabetes-progression", 2, NULL, NULL, false },
	{ 60, REQUESTER, promote, "diabetes-progression", 2, "Staging", "lasso has the lower error", false },
	{ 110, REQUESTER, request, "diabetes-progression", 2, "Production", "val_rmse 53.92 against 54.43 of v1", false },
	{ 180, FIRST, approve, "diabetes-progression", 2, NULL, "fewer features, and no worse", false },
	{ 190, REQUESTER, promote, "diabetes-progression", 2, "Production", "approved", false },
	{ 260, REQUESTER, digest, "cancer-screening", 3, NULL, NULL, false },
	{ 280, REQUESTER, request, "cancer-screening", 3, "Production", "precision_malignant 0.963", true },
	{ 340, SECOND, reject, "cancer-screening", 3, NULL, "val_f1 0.970, and v1 has 0.978", false },
	{ 400, REQUESTER, digest, "wine-cultivar", 2, NULL, NULL, false },
	{ 410, REQUESTER, request, "wine-cultivar", 2, "Production", "val_acc 0.978, and nothing is in Production yet", false },
	{ 450, SECOND, approve, "wine-cultivar", 2, NULL, "", false },
	{ 460, REQUESTER, promote, "wine-cultivar", 2, "Production", "approved", false },
	{ 560, ADMIN, roll_back, "diabetes-progression", 0, "Production", "back to least squares until the dropped features were looked at", false },
	{ 640, REQUESTER, digest, "cancer-screening", 2, NULL, NULL, false },
	{ 650, REQUESTER, promote, "cancer-screening", 2, "Staging", "few-features: as good as v1 with fewer columns", false },
	{ 660, REQUESTER, alias, "cancer-screening", 2, "challenger", "val_acc 0.979 against 0.972 of v3", false },
	{ 700, REQUESTER, card, "cancer-screening", 2, NULL, screening_card, false },
	{ 740, REQUESTER, digest, "digits-classifier", 3, NULL, NULL, false },
	{ 800, REQUESTER, request, "cancer-screening", 2, "Production", "val_f1 as good as v1, and it needs fewer measurements", true },
	{ 880, FIRST, approve, "cancer-screening", 2, NULL, "the card says what it is for", false },
};
enum { STEPS = sizeof steps / sizeof *steps };

/* ---- keys and time ---- */

static enum status open_key(struct seeding *d, enum role role, const char *key_file, struct err *e)
{
	const struct key_secret how = { .key_file = key_file };
	char *path = fs_join(d->folder, key_names[role]);
	enum status rc = fs_is_file(path) ? ST_OK : key_create(path, KEY_APPROVAL, KEY_SEAL_FILE, role_names[role], &how, NULL, e);
	if (rc == ST_OK)
		rc = key_unlock(path, &how, &d->keys[role], e);
	free(path);
	return rc;
}

static enum status open_keys(struct seeding *d, struct err *e)
{
	char *key_file = fs_join(d->folder, "key-file");
	enum status rc = fs_mkdirs(d->folder, e);
	if (rc == ST_OK && !fs_is_file(key_file))
		rc = key_file_create(key_file, e);
	for (enum role r = 0; r < ROLES && rc == ST_OK; r++)
		rc = open_key(d, r, key_file, e);
	free(key_file);
	return rc;
}

/* Later steps lie closer together: what happened lately is what one looks at. */
static int64_t time_of(const struct seeding *d, const struct step *x)
{
	int64_t left = 1000 - x->permille;
	return d->end_ms - (d->end_ms - d->start_ms) * left / 1000 * left / 1000;
}

/* "STEP START END", or the time there is. */
static enum status read_progress(struct seeding *d, struct err *e)
{
	const int64_t month_ms = INT64_C(30) * 86400 * 1000, pause_ms = 60 * 1000, now = clock_wall_ms();
	int64_t newest;
	char *kept = store_setting(d->s, setting);
	bool known = kept && sscanf(kept, "%zu %" SCNd64 " %" SCNd64, &d->done, &d->start_ms, &d->end_ms) == 3;
	free(kept);
	if (known)
		return ST_OK;
	enum status rc = reg_int(d->s, e, now, &newest, "SELECT max(coalesce(updated_ms, created_ms)) FROM model_version", "");
	d->start_ms = newest + pause_ms > now - month_ms ? newest + pause_ms : now - month_ms;
	d->end_ms = now > d->start_ms ? now : d->start_ms;
	return rc;
}

static enum status write_progress(struct seeding *d, struct err *e)
{
	char text[80];
	snprintf(text, sizeof text, "%zu %" PRId64 " %" PRId64, d->done, d->start_ms, d->end_ms);
	return store_set_setting(d->s, setting, text, e);
}

/* ---- doing it ---- */

static enum status take_step(struct seeding *d, const struct step *x, struct err *e)
{
	struct actor who;
	int64_t model = 0;
	actor_named(&who, role_names[x->who]);
	snprintf(who.key_id, sizeof who.key_id, "%s", key_of(d->keys[x->who])->id);
	clock_set_wall_ms(time_of(d, x));
	enum status rc = x->model ? model_find(d->s, x->model, &model, e) : ST_OK;
	return rc == ST_OK ? x->act(d, &who, model, x, e) : rc;
}

static enum status take_steps(struct seeding *d, struct err *e)
{
	int adopted;
	clock_set_wall_ms(d->start_ms);
	enum status rc = models_adopt(d->s, &adopted, e);
	while (rc == ST_OK && d->done < STEPS) {
		struct err why = { 0 };
		rc = take_step(d, &steps[d->done], &why);
		if (rc == ST_REFUSED)
			log_add(LOG_WARN, "demo, step %zu: %s", d->done + 1, why.text);
		else if (rc != ST_OK)
			return err_set(e, rc, "step %zu: %s", d->done + 1, why.text);
		d->done++;
		rc = write_progress(d, e);
	}
	return rc;
}

/* A PATH that begins like the workspace's file. New string. */
static char *folder_of(const struct workspace *ws)
{
	struct str path = STR_INIT;
	str_addf(&path, "%s.roles", store_pool_path(ws->pool));
	return str_take(&path);
}

/* The witness key is made where the roles' keys are: the demo leaves nothing among the user's own. */
static enum status with_folder(struct seeding *d, struct err *e)
{
	static const char variable[] = "XDG_CONFIG_HOME";
	const char *set = getenv(variable);
	char *before = set ? mem_strdup(set) : NULL;
	int64_t clock_before;
	enum status rc = open_keys(d, e);
	setenv(variable, d->folder, 1);
	clock_before = clock_set_wall_ms(d->start_ms);
	if (rc == ST_OK)
		rc = take_steps(d, e);
	clock_set_wall_ms(clock_before);
	if (before)
		setenv(variable, before, 1);
	else
		unsetenv(variable);
	free(before);
	for (enum role r = 0; r < ROLES; r++)
		key_free(d->keys[r]);
	return rc;
}

static enum status import_all(struct workspace *ws, struct err *e)
{
	enum status rc = ST_OK;
	for (char **s = ws->sources; *s && rc == ST_OK; s++) {
		struct import_report r = { .lines = STR_INIT };
		rc = import_path(ws->pool, *s, NULL, &r, e);
		import_report_free(&r);
	}
	return rc;
}

static bool is_done(struct workspace *ws)
{
	size_t done = 0;
	struct store *s = store_get(ws->pool, NULL);
	char *kept = s ? store_setting(s, setting) : NULL;
	if (kept)
		sscanf(kept, "%zu", &done);
	free(kept);
	if (s)
		store_put(ws->pool, s);
	return done == STEPS;
}

enum status demo_registry(struct workspace *ws, struct err *e)
{
	if (ws->read_only || is_done(ws))
		return ST_OK;
	enum status rc = import_all(ws, e);
	if (rc != ST_OK)
		return rc;
	char *folder = folder_of(ws);
	struct seeding d = { .s = store_get(ws->pool, e), .folder = folder };
	rc = d.s ? read_progress(&d, e) : ST_FAILED;
	if (rc == ST_OK)
		rc = with_folder(&d, e);
	if (d.s)
		store_put(ws->pool, d.s);
	free(folder);
	return rc;
}

#include "core/registry/gates_impl.h"

#include <math.h>
#include <sodium.h>
#include <string.h>

#include "core/registry/models_impl.h"
#include "core/registry/regsql.h"

static const char domain[] = "mlyard/basis/v1";

static void put(crypto_generichash_state *h, const void *bytes, size_t n)
{
	unsigned char length[8];
	for (int i = 0; i < 8; i++)
		length[i] = (unsigned char)((uint64_t)n >> 8 * i);
	crypto_generichash_update(h, length, sizeof length);
	crypto_generichash_update(h, bytes, n);
}

/* One NaN is as good as another, and so are the two zeros. */
static void put_number(crypto_generichash_state *h, double v)
{
	unsigned char bytes[8];
	uint64_t bits;
	v = isnan(v) ? NAN : v + 0.0;
	memcpy(&bits, &v, sizeof bits);
	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(bits >> 8 * i);
	put(h, bytes, sizeof bytes);
}

/* The artifact: its recorded digest, and whether the files are still those. */
static enum status put_artifact(struct measuring *m, crypto_generichash_state *h, struct err *e)
{
	sqlite3_stmt *q = reg_query(m->s, e, "SELECT digest FROM reg_version WHERE version_id = ?1", "i", m->r->version_id);
	if (!q)
		return ST_FAILED;
	bool there = sqlite3_step(q) == SQLITE_ROW && sqlite3_column_bytes(q, 0);
	put(h, there ? sqlite3_column_blob(q, 0) : "", there ? (size_t)sqlite3_column_bytes(q, 0) : 0);
	enum status rc = reg_end(m->s, q, e);
	if (rc == ST_OK && there)
		rc = measure_files(m, e);
	const char *changed = rc == ST_OK && there && strcmp(m->digest_state, "changed since") == 0 ? "changed" : "";
	put(h, changed, strlen(changed));
	return rc;
}

static enum status put_metrics(struct measuring *m, crypto_generichash_state *h, const char *sql, int64_t id, struct err *e)
{
	sqlite3_stmt *q = reg_query(m->s, e, sql, "i", id);
	int rc;
	if (!q)
		return ST_FAILED;
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		put(h, sqlite3_column_text(q, 0), (size_t)sqlite3_column_bytes(q, 0));
		put_number(h, sqlite3_column_type(q, 1) == SQLITE_NULL ? NAN : sqlite3_column_double(q, 1));
	}
	put(h, "", 0);
	return reg_done(m->s, q, rc, e);
}

enum status measure_basis(struct measuring *m, struct err *e)
{
	crypto_generichash_state h;
	crypto_generichash_init(&h, NULL, 0, POLICY_HASH);
	put(&h, domain, sizeof domain - 1);
	put(&h, m->r->policy->hash, POLICY_HASH);
	put(&h, m->r->from, strlen(m->r->from));
	put(&h, m->r->to, strlen(m->r->to));
	enum status rc = put_artifact(m, &h, e);
	if (rc == ST_OK)
		rc = put_metrics(m, &h, "SELECT n.text, t.last FROM metric t JOIN name n ON n.id = t.name_id WHERE t.run_id = ?1 ORDER BY n.text", m->run_id, e);
	if (rc == ST_OK)
		rc = put_metrics(m, &h, "SELECT t.key, t.value FROM model_version v JOIN logged_model l ON l.model_id = substr(v.source, 9) AND l.source_id IN (SELECT id FROM source)"
			" JOIN logged_model_metric t ON t.logged_model_id = l.id WHERE v.id = ?1 AND v.source LIKE 'models:/m-%' ORDER BY t.key, t.step, t.ms, t.run_uuid", m->r->version_id, e);
	crypto_generichash_final(&h, m->r->basis, POLICY_HASH);
	return rc;
}

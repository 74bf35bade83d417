/* Columns of the run table: a list of specs ("metrics.val_acc:min") with width and pin, kept per experiment.
 *
 * The list is the user's; the snapshot answers for the list it was asked with. The two differ between a change
 * and the next answer, so cells are looked up by spec (table_place_columns). Saved as JSON, because keys may hold
 * any character: [["name",0,true],["metrics.val acc",12,false]]. */
#include "views/runs_internal.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"

/* ---- the list -------------------------------------------------------------------------------- */

static char *column_title(const struct col *c)
{
	static const char *const ends[COL_KINDS] = { [COL_METRIC_MIN] = " min", [COL_METRIC_MAX] = " max", [COL_SPARK] = " by step" };
	struct str t = STR_INIT;
	if (!c->key) {
		col_format(&t, c);
		return str_take(&t);
	}
	text_clean(&t, c->key, strlen(c->key), 0);
	if (ends[c->kind])
		str_add(&t, ends[c->kind]);
	return str_take(&t);
}

bool columns_add(struct runs_columns *c, const char *spec, struct err *e)
{
	struct runs_column fresh = { 0 };
	if (col_parse(spec, &fresh.col, &fresh.key, e) != ST_OK)
		return false;
	struct str text = STR_INIT;
	col_format(&text, &fresh.col);
	fresh.spec = str_take(&text);
	if (columns_find(c, fresh.spec) >= 0) {
		free(fresh.spec);
		free(fresh.key);
		err_set(e, ST_REFUSED, "%s is a column already", spec);
		return false;
	}
	fresh.title = column_title(&fresh.col);
	MEM_GROW(c->at, c->cap, c->n + 1);
	c->at[c->n++] = fresh;
	return true;
}

enum status columns_resolve(struct runs_view *v, const char *word, struct col *out, char **key, struct err *e)
{
	struct store_pool *pool = ui_workspace(v->ui)->pool;
	struct err why = { 0 };
	struct store *s = store_get(pool, &why);
	*key = NULL;
	if (!s)
		return err_set(e, why.code, "%s", why.text);
	enum status st = col_resolve(s, word, out, key, &why);
	store_put(pool, s);
	return st == ST_OK ? st : err_set(e, st, "no column \"%.40s\"; %s", word, runs_words(v, "{runs.columns} lists them"));
}

int64_t columns_find(const struct runs_columns *c, const char *spec)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->at[i].spec, spec))
			return (int64_t)i;
	return -1;
}

static void column_done(struct runs_column *c)
{
	free(c->spec);
	free(c->title);
	free(c->key);
}

void columns_clear(struct runs_columns *c)
{
	for (size_t i = 0; i < c->n; i++)
		column_done(&c->at[i]);
	free(c->at);
	*c = (struct runs_columns){ 0 };
}

void columns_remove(struct runs_columns *c, size_t i)
{
	column_done(&c->at[i]);
	memmove(&c->at[i], &c->at[i + 1], (c->n - i - 1) * sizeof *c->at);
	c->n--;
}

void columns_copy(struct runs_columns *to, const struct runs_columns *from)
{
	columns_clear(to);
	for (size_t i = 0; i < from->n; i++)
		if (columns_add(to, from->at[i].spec, NULL)) {
			to->at[to->n - 1].width = from->at[i].width;
			to->at[to->n - 1].pinned = from->at[i].pinned;
		}
}

/* ---- kept as text ------------------------------------------------------------------------------ */

void columns_save(const struct runs_columns *c, struct str *out)
{
	json_t *all = json_array();
	for (size_t i = 0; i < c->n; i++) {
		json_t *spec = json_string(c->at[i].spec);       /* NULL for bytes that are not UTF-8: such a column lasts until the program ends */
		if (spec)
			json_array_append_new(all, json_pack("[o,i,b]", spec, c->at[i].width, c->at[i].pinned));
	}
	char *text = json_dumps(all, JSON_COMPACT);
	if (text)
		str_add(out, text);
	free(text);
	json_decref(all);
}

bool columns_load(struct runs_columns *c, const char *text)
{
	json_t *all = text ? json_loads(text, 0, NULL) : NULL, *row;
	size_t i;
	json_array_foreach(all, i, row) {
		const char *spec;
		int width, pinned;
		if (json_unpack(row, "[s,i,b]", &spec, &width, &pinned) || !columns_add(c, spec, NULL))
			continue;
		c->at[c->n - 1].width = width < 0 ? 0 : width > 200 ? 200 : width;
		c->at[c->n - 1].pinned = pinned;
	}
	json_decref(all);
	return c->n > 0;
}

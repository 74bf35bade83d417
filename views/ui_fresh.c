/* How old the data is: when anything new was last read from a source, and whether one of them cannot be read. Said in minutes at the finest, so that
 * a screen on which nothing happens is painted once a minute at most. */
#include "views/ui_internal.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/fmt.h"

enum { MINUTE_MS = 60 * 1000 };

void ui_data_words(const struct ui *ui, bool brief, struct str *out)
{
	char age[FMT_MAX];
	if (!ui->data_ms)
		return;
	int64_t old = clock_wall_ms() - ui->data_ms;
	str_addf(out, "%s%s", ui->unread ? "! " : "", brief ? "" : "data ");
	if (old < MINUTE_MS)
		str_add(out, "now");
	else
		str_addf(out, "%s ago", fmt_age(age, old));
}

void ui_data_tick(struct ui *ui)
{
	struct str words = STR_INIT;
	ui_data_words(ui, false, &words);
	if (strcmp(words.p, ui->data_shown) != 0) {
		snprintf(ui->data_shown, sizeof ui->data_shown, "%s", words.p);
		ui->dirty = true;
	}
	str_free(&words);
}

/* Decisions made here have a source of their own, which nobody reads from. */
void ui_data_read(struct ui *ui)
{
	struct err e = { .code = ST_OK };
	struct store *s = store_get(ui->spec.ws->pool, &e);
	sqlite3_stmt *q = s ? store_stmt(s, "SELECT max(last_ms) FROM source WHERE kind <> 'local'", &e) : NULL;
	if (q && sqlite3_step(q) == SQLITE_ROW)
		ui->data_ms = sqlite3_column_int64(q, 0);
	if (q)
		sqlite3_reset(q);
	if (s)
		store_put(ui->spec.ws->pool, s);
	ui_data_tick(ui);
}

void ui_unread_sources(struct ui *ui, size_t n)
{
	ui->unread = n;
	ui_data_tick(ui);
}

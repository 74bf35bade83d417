/* The connection, its one transaction, and reading whole tables.
 *
 * Address  libpq parses it after our own parameters are taken out, so that services, ~/.pgpass and PG* variables work as everywhere. What libpq made of it is looked through for
 *          a password before anything connects.
 * Columns  the server describes the source; each column becomes one expression that gives a number as float8 (times: milliseconds since 1970) or text, for reading and
 *          for counting alike.
 * Rows     in single-row mode: memory holds what the frame holds. While the server is silent the socket is watched ten times a second for a wish to stop. */
#include "core/io/postgres.h"

#include <ctype.h>
#include <math.h>
#include <poll.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/base/text.h"

enum { WAIT_MS = 100, MOST_ADDRESS = 8192 };

/* ---- errors ---- */

static enum status server_error(const struct postgres *p, const PGresult *r, const char *what, struct err *e)
{
	const char *said = r && PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) ? PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : p->db ? PQerrorMessage(p->db) : "";
	struct str clean = STR_INIT;
	text_clean(&clean, said, strcspn(said, "\n"), 0);
	const bool stopped = task_cancelled(p->task);
	err_set(e, stopped ? ST_CANCELLED : ST_FAILED, stopped ? "cancelled" : "%.200s: %s: %.250s", p->name, what, clean.p ? clean.p : "");
	str_free(&clean);
	return stopped ? ST_CANCELLED : ST_FAILED;
}

/* ---- statements ---- */

static void ask_to_stop(PGconn *db)
{
	char words[256];
	PGcancel *c = PQgetCancel(db);
	if (c)
		PQcancel(c, words, sizeof words);
	PQfreeCancel(c);
}

/* The next result, with an ear for a wish to stop. NULL: there are no more. */
static PGresult *next_result(struct postgres *p)
{
	bool told = false;
	while (PQisBusy(p->db)) {
		struct pollfd socket = { .fd = PQsocket(p->db), .events = POLLIN };
		poll(&socket, 1, WAIT_MS);
		if (!told && task_cancelled(p->task)) {
			ask_to_stop(p->db);
			told = true;
		}
		if (!PQconsumeInput(p->db))
			break;
	}
	return PQgetResult(p->db);
}

enum status postgres_rows(struct postgres *p, const char *sql, int n_params, const char *const *params, postgres_row row, void *arg, struct err *e)
{
	enum status st = ST_OK;
	bool asked = false;
	if (!PQsendQueryParams(p->db, sql, n_params, NULL, params, NULL, NULL, 0) || !PQsetSingleRowMode(p->db))
		return server_error(p, NULL, "cannot ask", e);
	for (PGresult *r; (r = next_result(p)); PQclear(r)) {
		const ExecStatusType got = PQresultStatus(r);
		if (got == PGRES_SINGLE_TUPLE && st == ST_OK && row)
			st = row(arg, r, e);
		else if (got != PGRES_SINGLE_TUPLE && got != PGRES_TUPLES_OK && got != PGRES_COMMAND_OK && st == ST_OK)
			st = server_error(p, r, "the server says", e);
		p->seen++;
		if (fmod(p->seen, POSTGRES_ROWS) == 0)
			task_progress(p->task, (int64_t)p->seen, 0);
		if (st == ST_OK && task_cancelled(p->task))
			st = err_set(e, ST_CANCELLED, "cancelled");
		if (st != ST_OK && !asked) {
			ask_to_stop(p->db);          /* what it still sends is thrown away */
			asked = true;
		}
	}
	return st;
}

double postgres_double(const PGresult *r, int column)
{
	return PQgetisnull(r, 0, column) ? NAN : strtod(PQgetvalue(r, 0, column), NULL);
}

static enum status do_all(struct postgres *p, const char *const *statements, struct err *e)
{
	enum status st = ST_OK;
	for (; st == ST_OK && *statements; statements++)
		st = postgres_rows(p, *statements, 0, NULL, NULL, NULL, e);
	return st;
}

/* ---- the address ---- */

static int hex(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; }

static char *decoded(const char *p, size_t n)
{
	struct str s = STR_INIT;
	for (size_t i = 0; i < n; i++)
		if (p[i] == '%' && i + 2 < n && hex(p[i + 1]) >= 0 && hex(p[i + 2]) >= 0) {
			str_addc(&s, (char)(hex(p[i + 1]) * 16 + hex(p[i + 2])));
			i += 2;
		} else {
			str_addc(&s, p[i] == '+' ? ' ' : p[i]);
		}
	char *out = mem_strdup(s.p ? s.p : "");
	str_free(&s);
	return out;
}

/* Takes our own parameters out; the rest is libpq's. */
static void split_address(const char *address, struct str *rest, char **source)
{
	const char *query = strchr(address, '?');
	str_addn(rest, address, query ? (size_t)(query - address) : strlen(address));
	char sign = '?';
	for (const char *p = query ? query + 1 : ""; *p;) {
		const size_t n = strcspn(p, "&"), key = strcspn(p, "=&");
		if (key < n && ((key == 5 && !strncmp(p, "table", 5)) || (key == 5 && !strncmp(p, "query", 5)))) {
			free(*source);
			*source = decoded(p + key + 1, n - key - 1);
		} else if (n) {
			str_addf(rest, "%c%.*s", sign, (int)n, p);
			sign = '&';
		}
		p += n + (p[n] == '&');
	}
}

/* "postgres://user@host:port/database": what names and messages carry. */
static char *plain_name(const PQconninfoOption *all, const char *source)
{
	struct str s = STR_INIT;
	static const struct { const char *key, *before, *after; } parts[] = { { "user", "", "@" }, { "host", "", "" }, { "port", ":", "" }, { "dbname", "/", "" } };
	str_add(&s, "postgres://");
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		for (const PQconninfoOption *o = all; o->keyword; o++)
			if (strcmp(o->keyword, parts[i].key) == 0 && o->val)
				str_addf(&s, "%s%.100s%s", parts[i].before, o->val, parts[i].after);
	if (source)
		str_addf(&s, " %.200s", source);
	struct str clean = STR_INIT;
	text_clean(&clean, s.p, s.len, 0);
	char *out = mem_strdup(clean.p);
	str_free(&s), str_free(&clean);
	return out;
}

static enum status check_address(const char *rest, const char *source, char **name, struct err *e)
{
	char *why = NULL;
	enum status st = ST_OK;
	PQconninfoOption *all = PQconninfoParse(rest, &why);
	if (!all)                                    /* what libpq says may quote the address, and with it a password */
		st = err_set(e, ST_USAGE, "this is no address of a PostgreSQL server; it looks like postgres://user@host/database?table=NAME");
	for (const PQconninfoOption *o = all; st == ST_OK && o->keyword; o++)
		if (o->val && (strcmp(o->keyword, "password") == 0 || strcmp(o->keyword, "sslpassword") == 0))
			st = err_set(e, ST_REFUSED, "a password in an address can be seen by others: put it into ~/.pgpass, a service file or PGPASSWORD");
	if (st == ST_OK)
		*name = plain_name(all, source);
	PQconninfoFree(all);
	PQfreemem(why);
	return st;
}

static enum status connect_to(struct postgres *p, const char *rest, struct err *e)
{
	const char *const keys[] = { "connect_timeout", "fallback_application_name", "client_encoding", "dbname", NULL };
	const char *const values[] = { "15", "mlyard", "UTF8", rest, NULL };       /* what the address says comes last and counts */
	static const char *const begin[] = { "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY", "SET LOCAL extra_float_digits = 1", "SET LOCAL TimeZone = 'UTC'",
		"SET LOCAL DateStyle = 'ISO'", "SET LOCAL bytea_output = 'hex'",
		"SELECT set_config('statement_timeout', '30min', true) WHERE current_setting('statement_timeout') = '0'", NULL };
	p->db = PQconnectdbParams(keys, values, 1);
	if (PQstatus(p->db) == CONNECTION_OK)
		return do_all(p, begin, e);
	const enum status st = server_error(p, NULL, "cannot connect", e);
	return st == ST_FAILED ? (e->code = ST_UNREACHABLE) : st;
}

/* ---- the source ---- */

static void add_quoted(struct str *sql, const char *name, size_t n)
{
	str_addc(sql, '"');
	for (size_t i = 0; i < n; i++)
		str_addf(sql, name[i] == '"' ? "\"\"" : "%c", name[i]);
	str_addc(sql, '"');
}

/* schema.table, parts in double quotes taken as they are. */
static void quote_table(struct str *sql, const char *name)
{
	while (*name) {
		if (*name == '"') {
			struct str part = STR_INIT;
			for (name++; *name && !(*name == '"' && name[1] != '"'); name++) {
				str_addc(&part, *name);
				name += *name == '"';
			}
			add_quoted(sql, part.p ? part.p : "", part.len);
			str_free(&part);
			name += *name == '"';
		} else {
			const size_t n = strcspn(name, ".");
			add_quoted(sql, name, n);
			name += n;
		}
		if (*name) {
			str_addc(sql, '.');
			name += *name == '.';
		}
	}
}

static bool is_select(const char *sql)
{
	while (isspace((unsigned char)*sql) || *sql == '(')
		sql++;
	return !strncasecmp(sql, "select", 6) || !strncasecmp(sql, "with", 4) || !strncasecmp(sql, "values", 6);
}

static enum status take_estimate(void *arg, const PGresult *r, struct err *e)
{
	struct postgres *p = arg;
	(void)e;
	p->bytes = postgres_double(r, 0), p->rows = postgres_double(r, 1);
	return ST_OK;
}

static enum status choose_source(struct postgres *p, const char *source, struct err *e)
{
	struct str s = STR_INIT;
	enum status st = ST_OK;
	p->bytes = p->rows = NAN;
	if (!source || !*source)
		return err_set(e, ST_USAGE, "%.200s: name a table or a SELECT: ?table=NAME, ?query=SQL, or the option for queries", p->name);
	if (is_select(source)) {
		size_t n = strlen(source);
		while (n && (source[n - 1] == ';' || isspace((unsigned char)source[n - 1])))
			n--;
		str_add(&s, "(");
		str_addn(&s, source, n);
		str_add(&s, "\n) AS source");
		p->from = mem_strdup(s.p);
	} else {
		quote_table(&s, source);
		p->from = mem_strdup(s.p);
		const char *const table[] = { p->from };
		st = postgres_rows(p, "SELECT pg_table_size(c.oid), c.reltuples FROM pg_class c WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'm') AND c.reltuples > 0", 1, table, take_estimate, p, e);
		if (st == ST_OK && !isnan(p->rows))
			p->table = mem_strdup(p->from);
	}
	str_free(&s);
	return st;
}

/* ---- columns ---- */

/* How the server's types are taken; what is not here is text. */
static const struct { Oid oid; enum frame_type type; bool integer; const char *before, *after; } types[] = {
	{ 21, FRAME_NUMBER, true, "", "::float8" }, { 23, FRAME_NUMBER, true, "", "::float8" }, { 20, FRAME_NUMBER, true, "", "::float8" }, { 700, FRAME_NUMBER, false, "", "::float8" },
	{ 701, FRAME_NUMBER, false, "", "" }, { 1700, FRAME_NUMBER, false, "", "::float8" }, { 26, FRAME_NUMBER, true, "", "::int8::float8" }, { 16, FRAME_BOOLEAN, false, "", "::int::float8" },
	{ 1082, FRAME_TIME, false, "(extract(epoch FROM ", ")*1000)::float8" }, { 1114, FRAME_TIME, false, "(extract(epoch FROM ", ")*1000)::float8" },
	{ 1184, FRAME_TIME, false, "(extract(epoch FROM ", ")*1000)::float8" },
};

static void take_column(struct postgres *p, struct postgres_column *c, const char *name, Oid oid)
{
	struct str value = STR_INIT, quoted = STR_INIT;
	const enum frame_type *told = frame_told(p->o, name);
	size_t row = sizeof types / sizeof *types;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (types[i].oid == oid)
			row = i;
	const bool words = row == sizeof types / sizeof *types || (told && (*told == FRAME_CATEGORY || *told == FRAME_TEXT));
	add_quoted(&quoted, name, strlen(name));
	if (!words && types[row].type == FRAME_TIME)         /* 'infinity' is a time there, and none here */
		str_addf(&value, "CASE WHEN isfinite(%s) THEN %s%s%s END", quoted.p, types[row].before, quoted.p, types[row].after);
	else if (!words)
		str_addf(&value, "%s%s%s", types[row].before, quoted.p, types[row].after);
	else
		str_addf(&value, "%s::text", quoted.p);
	*c = (struct postgres_column){ mem_strdup(name), mem_strdup(value.p), words ? (told && *told == FRAME_TEXT ? FRAME_TEXT : FRAME_CATEGORY) : types[row].type,
		!words && types[row].integer, frame_wants(p->o, name) };
	str_free(&value), str_free(&quoted);
}

static enum status describe(struct postgres *p, struct err *e)
{
	struct str sql = STR_INIT;
	str_addf(&sql, "SELECT * FROM %s", p->from);
	PGresult *r = PQprepare(p->db, "", sql.p, 0, NULL);
	str_free(&sql);
	enum status st = PQresultStatus(r) == PGRES_COMMAND_OK ? ST_OK : server_error(p, r, "cannot read this", e);
	PQclear(r);
	if (st != ST_OK)
		return st;
	r = PQdescribePrepared(p->db, "");
	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		st = server_error(p, r, "cannot describe this", e);
	p->n_cols = st == ST_OK ? (size_t)PQnfields(r) : 0;
	p->cols = mem_array(p->n_cols + 1, sizeof *p->cols);
	for (size_t i = 0; i < p->n_cols; i++)
		take_column(p, &p->cols[i], PQfname(r, (int)i), PQftype(r, (int)i));
	PQclear(r);
	return st;
}

/* ---- all ---- */

void postgres_close(struct postgres *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n_cols; i++) {
		free(p->cols[i].name);
		free(p->cols[i].value);
	}
	PQfinish(p->db);                             /* the transaction ends with it */
	free(p->cols), free(p->name), free(p->from), free(p->table);
	free(p);
}

enum status postgres_open(const char *address, const struct frame_options *o, struct task *t, struct postgres **out, struct err *e)
{
	struct postgres *p = mem_zalloc(sizeof *p);
	struct str rest = STR_INIT;
	char *source = NULL;
	p->o = o, p->task = t, p->rows = p->bytes = NAN;
	*out = NULL;
	if (strlen(address) < MOST_ADDRESS)
		split_address(address, &rest, &source);
	const char *asked = o->query ? o->query : source;
	enum status st = check_address(rest.p ? rest.p : "", asked, &p->name, e);
	if (st == ST_OK)
		st = connect_to(p, rest.p, e);
	if (st == ST_OK)
		st = choose_source(p, asked, e);
	if (st == ST_OK)
		st = describe(p, e);
	str_free(&rest);
	free(source);
	if (st == ST_OK)
		*out = p;
	else
		postgres_close(p);
	return st;
}

/* ---- reading it whole ---- */

struct reading { struct postgres *p; struct frame_builder *b; size_t *at; size_t budget; crypto_generichash_state hash; };

static enum status add_row(void *arg, const PGresult *r, struct err *e)
{
	struct reading *g = arg;
	for (int i = 0, n = PQnfields(r); i < n; i++) {
		const struct postgres_column *c = &g->p->cols[g->at[i]];
		const char *v = PQgetvalue(r, 0, i);
		const uint32_t len = PQgetisnull(r, 0, i) ? UINT32_MAX : (uint32_t)PQgetlength(r, 0, i);
		crypto_generichash_update(&g->hash, (const unsigned char *)&len, sizeof len);
		if (len == UINT32_MAX)
			continue;
		crypto_generichash_update(&g->hash, (const unsigned char *)v, len);
		if (c->type == FRAME_NUMBER)
			frame_builder_number(g->b, (size_t)i, strtod(v, NULL), c->integer);
		else if (c->type == FRAME_BOOLEAN)
			frame_builder_boolean(g->b, (size_t)i, *v == '1');
		else if (c->type == FRAME_TIME)
			frame_builder_time(g->b, (size_t)i, strtod(v, NULL));
		else
			frame_builder_text(g->b, (size_t)i, v, len);
	}
	frame_builder_end_row(g->b);
	const size_t rows = frame_builder_rows(g->b);
	if (rows > FRAME_MOST_ROWS)
		return err_set(e, ST_REFUSED, "%.300s: more than %zu rows", g->p->name, FRAME_MOST_ROWS);
	return rows % POSTGRES_ROWS == 0 && frame_builder_bytes(g->b) > g->budget ? frame_too_large(e, g->p->name, frame_builder_bytes(g->b), g->budget) : ST_OK;
}

static enum status read_all(struct reading *g, struct err *e)
{
	struct str sql = STR_INIT;
	size_t n = 0;
	str_add(&sql, "SELECT ");
	for (size_t i = 0; i < g->p->n_cols; i++) {
		const struct postgres_column *c = &g->p->cols[i];
		if (!c->wanted)
			continue;
		str_addf(&sql, "%s%s", n ? ", " : "", c->value);
		frame_builder_column(g->b, c->name, strlen(c->name));
		g->at[n++] = i;
	}
	str_addf(&sql, " FROM %s", g->p->from);
	enum status st = n ? postgres_rows(g->p, sql.p, 0, NULL, add_row, g, e) : err_set(e, ST_NOT_FOUND, "%.300s: none of the columns asked for", g->p->name);
	str_free(&sql);
	return st;
}

enum status postgres_read(const char *path, const struct frame_options *o, struct task *t, struct frame **out, struct err *e)
{
	struct reading g = { .budget = o->budget ? o->budget : FRAME_BUDGET };
	enum status st = postgres_open(path, o, t, &g.p, e);
	if (st != ST_OK)
		return st;
	/* 8 bytes a value; the server's own estimate, so that a table that cannot fit is not fetched to find out */
	size_t wanted = 0;
	for (size_t i = 0; i < g.p->n_cols; i++)
		wanted += g.p->cols[i].wanted;
	if (g.p->table && g.p->rows * 8 * (double)wanted > (double)g.budget)
		st = frame_too_large(e, g.p->name, (size_t)(g.p->rows * 8 * (double)wanted), g.budget);
	g.b = frame_builder_new(g.p->name);
	g.at = mem_array(g.p->n_cols + 1, sizeof *g.at);
	crypto_generichash_init(&g.hash, NULL, 0, 32);
	if (st == ST_OK)
		st = read_all(&g, e);
	crypto_generichash_final(&g.hash, frame_builder_frame(g.b)->digest, 32);
	if (st == ST_OK)
		st = frame_builder_finish(g.b, o, out, e);
	frame_builder_free(g.b);
	free(g.at);
	postgres_close(g.p);
	return st;
}

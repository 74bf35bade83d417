/* The part of doctor that looks at the machine: libraries, terminal, locale, folders. */
#include <curl/curl.h>
#include <errno.h>
#include <jansson.h>
#include <langinfo.h>
#include <locale.h>
#include <png.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utf8proc.h>
#include <yaml.h>
#include <zstd.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include "app/doctor.h"
#include "core/base/fs.h"
#include "core/base/mem.h"
#include "core/store/store.h"
#include "core/workspace.h"
#include "tui/term_probe.h"

enum { MIN_COLUMNS = 40, MIN_ROWS = 12 };

static void sqlite_library(struct findings *f)
{
	const char *note = store_sqlite_has_wal_race() ? ", its WAL-reset race held off by the write gate" : "";
	finding_add(f, FINDING_OK, "libraries", "sqlite", NULL, "%s%s", sqlite3_libversion(), note);
	if (!sqlite3_threadsafe())
		finding_add(f, FINDING_BAD, "libraries", "sqlite threads", "Use a SQLite that was compiled with SQLITE_THREADSAFE=1", "compiled without threads");
}

void doctor_libraries(struct findings *f)
{
	char pcre[64] = "?";
	struct term_probe t;
	term_probe(&t);
	pcre2_config(PCRE2_CONFIG_VERSION, pcre);
	pcre[strcspn(pcre, " ")] = '\0';
	sqlite_library(f);
	finding_add(f, FINDING_OK, "libraries", "ncurses", NULL, "%s", t.library);
	finding_add(f, FINDING_OK, "libraries", "curl", NULL, "%s", curl_version_info(CURLVERSION_NOW)->version);
	finding_add(f, FINDING_OK, "libraries", "jansson", NULL, "%s", jansson_version_str());
	finding_add(f, FINDING_OK, "libraries", "pcre2", NULL, "%s", pcre);
	finding_add(f, FINDING_OK, "libraries", "sodium", NULL, "%s", sodium_version_string());
	finding_add(f, FINDING_OK, "libraries", "utf8proc", NULL, "%s, Unicode %s", utf8proc_version(), utf8proc_unicode_version());
	finding_add(f, FINDING_OK, "libraries", "zstd", NULL, "%s", ZSTD_versionString());
	finding_add(f, FINDING_OK, "libraries", "yaml", NULL, "%s", yaml_get_version_string());
	finding_add(f, FINDING_OK, "libraries", "png", NULL, "%s", png_get_libpng_ver(NULL));
}

static void terminal_size(struct findings *f)
{
	struct winsize ws = { 0 };
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) < 0 || !ws.ws_col)
		finding_add(f, FINDING_WARN, "terminal", "size", "Set it with stty cols 80 rows 24", "the terminal does not say");
	else if (ws.ws_col < MIN_COLUMNS || ws.ws_row < MIN_ROWS)
		finding_add(f, FINDING_WARN, "terminal", "size", "Make it at least 40 columns by 12 rows", "%dx%d", ws.ws_col, ws.ws_row);
	else
		finding_add(f, FINDING_OK, "terminal", "size", NULL, "%dx%d", ws.ws_col, ws.ws_row);
}

static void terminal_colors(struct findings *f, const struct term_probe *t)
{
	const char *no = getenv("NO_COLOR"), *truecolor = getenv("COLORTERM");
	if (no && *no)
		finding_add(f, FINDING_OK, "terminal", "colours", NULL, "none: NO_COLOR is set");
	else if (truecolor && (!strcmp(truecolor, "truecolor") || !strcmp(truecolor, "24bit")))
		finding_add(f, FINDING_OK, "terminal", "colours", NULL, "24 bit");
	else
		finding_add(f, FINDING_OK, "terminal", "colours", NULL, "%d", t->colors > 0 ? t->colors : 0);
}

static void terminal_type(struct findings *f, const struct term_probe *t)
{
	const char *term = getenv("TERM");
	if (!term || !*term)
		finding_add(f, FINDING_WARN, "terminal", "TERM", "Set TERM, for example to xterm-256color", "not set");
	else if (!t->known)
		finding_add(f, FINDING_WARN, "terminal", "TERM", "Install its terminfo entry or set TERM=xterm-256color", "%s has no terminfo entry here", term);
	else if (!t->cursor)
		finding_add(f, FINDING_WARN, "terminal", "TERM", "Use a terminal with cursor addressing for the interface; commands work", "%s cannot move its cursor", term);
	else
		finding_add(f, FINDING_OK, "terminal", "TERM", NULL, "%s", term);
}

void doctor_terminal(struct findings *f)
{
	const char *codeset = nl_langinfo(CODESET), *locale = setlocale(LC_CTYPE, NULL);
	struct term_probe t;
	term_probe(&t);
	if (isatty(STDOUT_FILENO)) {
		terminal_type(f, &t);
		terminal_colors(f, &t);
		terminal_size(f);
		finding_add(f, FINDING_OK, "terminal", "scroll regions", NULL, "%s", t.scroll ? "yes" : "no: more bytes per scroll");
		finding_add(f, FINDING_OK, "terminal", "bracketed paste", NULL, "%s", t.paste ? "yes" : "not by its terminfo entry");
		finding_add(f, FINDING_OK, "terminal", "mouse", NULL, "%s", t.mouse ? "yes" : "not by its terminfo entry");
	} else {
		finding_add(f, FINDING_OK, "terminal", "output", NULL, "no terminal: tables are printed plainly");
	}
	if (strcmp(codeset, "UTF-8") == 0)
		finding_add(f, FINDING_OK, "terminal", "locale", NULL, "%s", locale ? locale : "?");
	else
		finding_add(f, FINDING_WARN, "terminal", "locale", "Set LC_ALL=C.UTF-8 to get line drawing, braille charts and names in full", "%s is %s: drawing in ASCII",
			locale ? locale : "?", codeset);
}

/* The folder itself, or the nearest one above it that exists. */
static void nearest_existing(char *path)
{
	struct stat st;
	while (stat(path, &st) < 0 && errno == ENOENT) {
		char *slash = strrchr(path, '/');
		if (!slash || slash == path)
			return;
		*slash = '\0';
	}
}

static void one_folder(struct findings *f, const char *name, char *dir)
{
	struct stat st;
	char *nearest = mem_strdup(dir);
	nearest_existing(nearest);
	if (stat(dir, &st) == 0 && st.st_mode & S_IWOTH)
		finding_add(f, FINDING_BAD, "folders", name, "Take the right to write from others: chmod o-w", "%s can be written by everybody", dir);
	else if (access(nearest, W_OK | X_OK) < 0)
		finding_add(f, FINDING_WARN, "folders", name, "Make it writable, or point the XDG variable elsewhere", "%s: %s", nearest, strerror(errno));
	else
		finding_add(f, FINDING_OK, "folders", name, NULL, "%s%s", dir, strcmp(dir, nearest) ? " (made when needed)" : "");
	free(nearest);
	free(dir);
}

void doctor_folders(struct findings *f)
{
	one_folder(f, "data", fs_data_dir());
	one_folder(f, "config", fs_config_dir());
	one_folder(f, "cache", fs_cache_dir());
	char *demo;
	struct err e = { 0 };
	if (workspace_demo_dir(&demo, &e) == ST_OK)
		finding_add(f, FINDING_OK, "folders", "demo", NULL, "%s", demo);
	else
		finding_add(f, FINDING_WARN, "folders", "demo", "Reinstall with make install, or set MLYARD_DEMO", "%s", e.text);
	free(demo);
}

/* Commands that apply everywhere. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/base/verb.h"
#include "views/ui_internal.h"

#define CMD(name) static enum status name(struct cmd_ctx *c, int argc, char *const argv[], struct err *e)
#define UNUSED (void)c, (void)argc, (void)argv, (void)e

CMD(quit)
{
	UNUSED;
	((struct ui *)c->ui)->quit = true;
	return ST_OK;
}

/* Where nothing is open, going back only takes the message away; views have their own "cancel" for what they can undo. */
CMD(cancel)
{
	UNUSED;
	((struct ui *)c->ui)->message_set = false;
	return ST_OK;
}

CMD(palette)
{
	UNUSED;
	ui_open_palette(c->ui, argc > 1 ? argv[1] : "");
	return ST_OK;
}

CMD(help)
{
	UNUSED;
	ui_open_help(c->ui);
	return ST_OK;
}

CMD(notices)
{
	UNUSED;
	ui_open_notices(c->ui);
	return ST_OK;
}

static int tab_named(const struct ui *ui, const char *name)
{
	for (int i = 0; i < ui->n_tabs; i++)
		if (!strcmp(name, ui->tab[i].cls->id) || (strlen(name) == 1 && name[0] == '1' + i))
			return i;
	return -1;
}

CMD(tab_go)
{
	struct ui *ui = c->ui;
	UNUSED;
	int i = tab_named(ui, argv[1]);
	if (i >= 0) {
		ui_set_tab(ui, i);
		return ST_OK;
	}
	return err_set(e, ST_NOT_FOUND, "there is no tab \"%s\"; 1 to %d or a name", argv[1], ui->n_tabs);
}

static void tab_names(struct cmd_ctx *c, int index, const char *word, struct str *out)
{
	struct ui *ui = c->ui;
	for (int i = 0; index == 1 && i < ui->n_tabs; i++)
		if (!strncmp(ui->tab[i].cls->id, word, strlen(word)))
			str_addf(out, "%s\n", ui->tab[i].cls->id);
}

CMD(tab_step)
{
	UNUSED;
	struct ui *ui = c->ui;
	ui_set_tab(ui, (ui->active + ui->n_tabs + (int)c->arg) % ui->n_tabs);
	return ST_OK;
}

CMD(split)
{
	UNUSED;
	struct ui *ui = c->ui;
	int i = argc > 1 ? tab_named(ui, argv[1]) : ui->side >= 0 ? -1 : (ui->active + 1) % ui->n_tabs;
	if (argc > 1 && i < 0)
		return err_set(e, ST_NOT_FOUND, "there is no tab \"%s\"; 1 to %d or a name", argv[1], ui->n_tabs);
	ui_set_side(ui, i);
	if (i >= 0 && !ui_split_shown(ui))
		return err_set(e, ST_OK, "two tabs side by side need 100 columns; the second one waits for them");
	return ST_OK;
}

static const char *no_split(const struct cmd_ctx *c)
{
	return ui_split_shown(c->ui) ? NULL : "only one tab is shown; split shows a second one";
}

CMD(split_focus)
{
	UNUSED;
	ui_swap_focus(c->ui);
	return ST_OK;
}

CMD(redraw)
{
	UNUSED;
	term_redraw(((struct ui *)c->ui)->spec.term);
	return ST_OK;
}

CMD(suspend)
{
	UNUSED;
	raise(SIGTSTP);                      /* the loop's handler restores the terminal and stops the process */
	return ST_OK;
}

static enum status set_theme(struct ui *ui, const char *name, struct err *e)
{
	enum status st = ui_load_theme(ui, name, e);
	if (st != ST_OK)
		return st;
	ui_set_setting(ui, "theme", name);
	return err_set(e, ST_OK, "theme %s", name);
}

CMD(theme)
{
	UNUSED;
	return set_theme(c->ui, argv[1], e);
}

static void theme_names(struct cmd_ctx *c, int index, const char *word, struct str *out)
{
	(void)c;
	for (size_t i = 0; index == 1 && i < theme_builtin_count(); i++)
		if (!strncmp(theme_builtin_name(i), word, strlen(word)))
			str_addf(out, "%s\n", theme_builtin_name(i));
}

CMD(theme_next)
{
	UNUSED;
	struct ui *ui = c->ui;
	size_t n = theme_builtin_count(), at = n - 1;
	for (size_t i = 0; i < n; i++)
		if (!strcmp(theme_builtin_name(i), ui->theme_name))
			at = i;
	return set_theme(ui, theme_builtin_name((at + 1) % n), e);
}

CMD(keymap)
{
	UNUSED;
	enum status st = ui_load_keymap(c->ui, argv[1], e);
	if (st != ST_OK)
		return st;
	ui_set_setting(c->ui, "keymap", argv[1]);
	return err_set(e, ST_OK, "keymap %s", argv[1]);
}

static void keymap_names(struct cmd_ctx *c, int index, const char *word, struct str *out)
{
	(void)c;
	for (size_t i = 0; index == 1 && i < keymap_builtin_count(); i++)
		if (!strncmp(keymap_builtin_name(i), word, strlen(word)))
			str_addf(out, "%s\n", keymap_builtin_name(i));
}

static const char *const glyph_names[] = { "braille", "block", "ascii" };

static enum status set_glyphs(struct ui *ui, int i, struct err *e)
{
	if (i < 2 && !term_caps(ui->spec.term)->utf8)
		return err_set(e, ST_REFUSED, "this terminal's locale is not UTF-8; only ascii can be drawn");
	ui->glyphs = (enum glyphs)i;
	ui_set_setting(ui, "glyphs", glyph_names[i]);
	ui_changed(ui, TOPIC_SETTINGS);
	return err_set(e, ST_OK, "charts in %s", glyph_names[i]);
}

CMD(glyphs)
{
	UNUSED;
	for (int i = 0; i < 3; i++)
		if (!strcmp(argv[1], glyph_names[i]))
			return set_glyphs(c->ui, i, e);
	return err_set(e, ST_USAGE, "glyphs are braille, block or ascii, not \"%s\"", argv[1]);
}

static void glyphs_complete(struct cmd_ctx *c, int index, const char *word, struct str *out)
{
	(void)c;
	for (int i = 0; index == 1 && i < 3; i++)
		if (!strncmp(glyph_names[i], word, strlen(word)))
			str_addf(out, "%s\n", glyph_names[i]);
}

CMD(glyphs_next)
{
	UNUSED;
	struct ui *ui = c->ui;
	return set_glyphs(ui, ((int)ui->glyphs + 1) % 3, e);
}

CMD(history)
{
	UNUSED;
	struct log_line *lines;
	size_t n = log_lines(&lines, 500);
	struct str text = STR_INIT;
	for (size_t i = n; i-- > 0;) {
		char when[FMT_MAX];
		str_addf(&text, "%s  %s\n", fmt_time(when, lines[i].ms), lines[i].text);
	}
	log_lines_free(lines, n);
	ui_text(c->ui, "Messages, newest first", text.p, text.len, true);
	str_free(&text);
	return ST_OK;
}

const struct cmd ui_cmds[] = {
	{ .name = "quit", .help = "Leave the program", .run = quit },
	{ .name = "cancel", .help = "Go back", .flags = CMD_HIDDEN, .run = cancel },
	{ .name = "palette", .args = "[TEXT]", .help = "Find and run any command", .max_args = 1, .run = palette },
	{ .name = "help", .help = "List the keys that work here, and run one", .run = help },
	{ .name = "tab", .args = "N|NAME", .help = "Go to a tab", .min_args = 1, .max_args = 1, .run = tab_go, .complete = tab_names },
	{ .name = "tab.next", .help = "Go to the next tab", .run = tab_step, .arg = 1 },
	{ .name = "tab.prev", .help = "Go to the previous tab", .run = tab_step, .arg = -1 },
	{ .name = "split", .args = "[N|NAME]", .help = "Show a second tab beside this one, or only this one again", .max_args = 1, .run = split, .complete = tab_names },
	{ .name = "split.focus", .help = "Go to the tab at the other side", .run = split_focus, .why_not = no_split },
	{ .name = "notices", .help = "Show what needs a person", .run = notices },
	{ .name = "message.history", .help = "Show earlier messages", .run = history },
	{ .name = "theme", .args = "NAME|FILE", .help = "Change the colours", .min_args = 1, .max_args = 1, .run = theme, .complete = theme_names },
	{ .name = "theme.next", .help = "Try the next built-in theme", .run = theme_next },
	{ .name = "keymap", .args = "NAME|FILE", .help = "Change the keys", .min_args = 1, .max_args = 1, .run = keymap, .complete = keymap_names },
	{ .name = "glyphs", .args = "braille|block|ascii", .help = "Choose how charts are drawn; ascii: the whole screen", .min_args = 1, .max_args = 1, .run = glyphs, .complete = glyphs_complete },
	{ .name = "glyphs.next", .help = "Draw charts in braille, blocks or ASCII, in turn", .run = glyphs_next },
	{ .name = "redraw", .help = "Paint the whole screen anew", .run = redraw },
	{ .name = "suspend", .help = "Stop the program and return to the shell", .run = suspend },
};
const size_t ui_cmds_count = sizeof ui_cmds / sizeof ui_cmds[0];

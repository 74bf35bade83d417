/* registry_internal -- what the rooms of the Registry view share: its state, its pages, who answers for which part.
 *
 * Shape    models at the left (a drawer below 100 columns), at the right one page of a stack. The board lies at the bottom of the
 *          stack and is always loaded for the chosen model; Enter and commands put pages on top (registry_go), Escape takes them off.
 * Rooms    registry.c            the view class: life, load of models and board, picture, hints, model
 *          registry_commands.c   the command table
 *          registry_panes.c      focus, drawer, the stack of pages, mouse
 *          registry_models.c     the list at the left
 *          registry_board.c      lanes and cards: cursor, moves       registry_board_paint.c   their picture
 *          registry_sheet.c      the promotion sheet                  registry_sheet_paint.c   its picture   registry_sheet_read.c   what it shows
 *          registry_requests.c   who asks for what, over all models
 *          registry_acts.c       decisions: what they ask, and the task that makes them
 *          registry_keys.c       votes: the approval key and its passphrase
 *          registry_timeline.c   who held what when                   registry_timeline_paint.c   its picture
 *          registry_version.c    one version, in facts (registry_facts.h)     registry_compare.c   two of them, and the marks
 *          registry_lineage.c    where it came from                   registry_card.c   the model card
 *          registry_audit.c      the log                              registry_audit_words.c   filter, records in words   registry_audit_paint.c   its picture
 *          registry_find.c       searching a page; ways out to runs and versions
 * A page   is one file that defines `const struct registry_page page_<id>` and one X(<id>) in REGISTRY_PAGES below. It gets PAGE_<id>, a task
 *          slot REG_SLOT(PAGE_<id>), the key context "registry.<id>" and a place for its state, v->state[PAGE_<id>], made by its open().
 *          Its commands are rows of registry_commands.c with their functions beside what they change; a command that brings it up is
 *          a row with .run = registry_cmd_page, .arg = PAGE_<id>. list.* commands arrive at move(), Enter at enter(), Escape at leave().
 * Flow     want() starts a task when what is shown is not what is asked for; apply puts the answer in place; painting only reads.
 *          While an answer is under way the old one stays on the screen, when it is about the same thing.
 * Numbers  models and versions are kept by id and number, never by row, so that everything survives a refresh.
 */
#ifndef MLYARD_VIEWS_REGISTRY_INTERNAL_H
#define MLYARD_VIEWS_REGISTRY_INTERNAL_H
#include "core/base/fmt.h"
#include "core/registry/decide.h"
#include "core/registry/models.h"
#include "views/ui.h"

#define REGISTRY_PAGES(X) X(board) X(sheet) X(requests) X(timeline) X(version) X(compare) X(lineage) X(card) X(audit)
enum registry_page_id {
#define X(id) PAGE_##id,
	REGISTRY_PAGES(X)
#undef X
	REG_PAGES
};
enum { REG_SLOT_LOAD, REG_SLOT_ACT, REG_SLOT_DIGEST, REG_SLOT_VERIFY, REG_SLOT_EXPORT, REG_SLOT_CARD, REG_SLOT_PAGES, REG_STACK = 8, REG_WIDE = 100, REG_TALL = 28 /* rows between the bars */ };
#define REG_SLOT(page) (REG_SLOT_PAGES + (int)(page))
_Static_assert(REG_SLOT(REG_PAGES) <= 16, "the workbench has 16 slots a view");

/* What a page is about, beside the chosen model. Numbers 0 and texts NULL where the page needs none. */
struct registry_subject { int64_t version, other, request, seq; char *lane; };      /* seq: of an audit record. lane: of a sheet, where to; owned by the stack */
enum registry_move { REG_DOWN, REG_UP, REG_PAGE_DOWN, REG_PAGE_UP, REG_HALF_DOWN, REG_HALF_UP, REG_TOP, REG_BOTTOM, REG_LEFT, REG_RIGHT };

#define REGISTRY_MIRROR "this is a mirror, which may be deleted: name a workspace (mlyard -w FILE PATH)"

struct registry_view;
struct deed;
struct registry_page {
	const char *id, *context;                /* "timeline", "registry.timeline" */
	bool of_model;                           /* about a model as a whole: stays when another model is chosen; others are left */
	bool panel;                              /* lies below the board where there are REG_TALL rows */
	void *(*open)(struct registry_view *v);                                     /* made with the view; starts nothing; may be NULL */
	void (*close)(void *state);                                                 /* may be NULL */
	void (*want)(struct registry_view *v, bool again);                          /* it came up, or (again) what it shows may have changed */
	void (*paint)(struct registry_view *v, struct paint *p);                    /* its whole area, title rule included */
	int (*rows)(struct registry_view *v, int width);                            /* a panel's height, its rule included; NULL: half of it */
	void (*model)(const struct registry_view *v, struct str *out);              /* "key: value" lines */
	const char *(*hints)(const struct registry_view *v);
	void (*move)(struct registry_view *v, enum registry_move m);                /* may be NULL */
	enum status (*enter)(struct registry_view *v, struct err *e);               /* may be NULL */
	bool (*leave)(struct registry_view *v);                                     /* one step back inside; false: leave the page. May be NULL */
	int64_t (*version)(const struct registry_view *v);                          /* under its cursor; NULL: the subject's */
	int64_t (*request)(const struct registry_view *v);                          /* the open request under its cursor; NULL: the card's */
	void (*mouse)(struct registry_view *v, const struct event *ev, int x, int y);   /* cell in its area; may be NULL */
	/* Searches what it shows: NULL: the same again; dir 1 or -1. False: no (further) match. NULL: nothing to search. */
	bool (*find)(struct registry_view *v, const char *needle, int dir);
};
#define X(id) extern const struct registry_page page_##id;
REGISTRY_PAGES(X)
#undef X

/* ---- panes and the stack ------------------------------------------------------------------- */
enum registry_focus { FOCUS_MODELS, FOCUS_PAGE };
struct registry_stop { enum registry_page_id page; struct registry_subject about; };
struct registry_panes {
	enum registry_focus focus;
	bool drawer, folded, zoom;               /* drawer: the models laid over the page; folded: they are not wanted beside it */
	int models_w, panel_h;                   /* 0: chosen by the size of the screen */
	struct rect area, models, page, panel;   /* kept: where they were painted; w 0: not at all. panel: of a page that lies below the board */
};
void registry_panes_load(struct registry_view *v);
void registry_panes_place(struct registry_view *v, struct rect area);
void registry_panes_paint(struct registry_view *v, struct paint *p);
void registry_vline(struct paint *p, int x, int y, int h);   /* between panes, from a title rule down, joined with it; cells of the screen */
void registry_mouse(void *view, const struct event *ev, struct rect r);
void registry_focus(struct registry_view *v, enum registry_focus f);

const struct registry_page *registry_page(const struct registry_view *v);       /* on top of the stack */
enum registry_page_id registry_page_id(const struct registry_view *v);
const struct registry_subject *registry_about(const struct registry_view *v);   /* of the top */
/* Puts a page on top (a page that is there already comes up with the new subject, what lay on it goes). */
void registry_go(struct registry_view *v, enum registry_page_id page, const struct registry_subject *about);
bool registry_leave(struct registry_view *v);                /* the top page, unless it is the board */
void registry_home(struct registry_view *v);                 /* down to the board */
/* Rows that a move means in a list of n rows with a page of `page`. For up and down moves. */
long registry_rows_of(enum registry_move m, int page, size_t n);

/* ---- models ---------------------------------------------------------------------------------- */
struct registry_models { struct reg_models *list; size_t cursor, top; int page; size_t waiting; };   /* waiting: requests that wait for the user's vote */
const struct reg_model_row *models_row(const struct registry_view *v);           /* the chosen one; NULL: none */
const struct reg_model_row *models_by_name(const struct registry_view *v, const char *name);
void models_choose(struct registry_view *v, int64_t model_id);
void models_sync(struct registry_view *v);                   /* cursor onto the chosen model after a load */
void models_move(struct registry_view *v, enum registry_move m);
int models_wanted_w(const struct registry_view *v);          /* cells for the longest name and what stands beside it */
void models_paint(struct registry_view *v, struct paint *p);
void models_click(struct registry_view *v, int y);

/* ---- board ------------------------------------------------------------------------------------- */
enum { BOARD_FIRST = 64, REG_LANES_SHOWN = 64 };           /* cards a lane is asked for at first; lanes that can be walked through */
struct lane_place { size_t lane; int x, w; };                /* x in the page's area, w without the line behind it */
struct lane_state { char *name; size_t cursor, top; int shown; };
struct registry_board {
	struct reg_board *data;
	bool by_alias; size_t most;              /* the question: lanes, and cards a lane is asked for */
	size_t lane, first;                      /* cursor; first lane of the window when they do not all fit */
	struct lane_state *lanes; size_t n_lanes;    /* as data->lanes */
	struct lane_place *at; size_t n_at, cap_at; int others_x;    /* kept: of the last paint; others_x: column of what is not shown, 0: none */
	int64_t version;                         /* under the cursor; 0: none */
	int version_w;                           /* cells for the longest version on the board */
};
void board_install(struct registry_view *v, struct reg_board *b);
void board_done(struct registry_view *v);
const struct reg_card_row *board_card(const struct registry_view *v);                       /* under the cursor */
const struct reg_card_row *board_find(const struct registry_view *v, int64_t version);      /* among those loaded */
void board_to(struct registry_view *v, int64_t version);     /* the cursor onto a version, if it is on the board */
int board_card_rows(const struct registry_view *v, const struct reg_lane *lane, const struct reg_card_row *c);    /* with the blank one below */
void board_places(struct registry_view *v, int w);           /* which lanes are shown, where */
void board_paint(struct registry_view *v, struct paint *p);

/* ---- signs and words that all pages share -------------------------------------------------------- */
/* Holds, does not, waits, was waived ('y' 'n' '?' 'w', as in reg_card_row.lights). */
const char *registry_sign(const struct paint *p, char light);
enum role registry_light_role(char light);
char *registry_ago(char *buf, int64_t then_ms);              /* "5d"; "" when unknown; buf as for fmt.h */
/* Texts with {command} in them become keys; borrowed until the next call. */
const char *registry_words(const struct registry_view *v, const char *text);

/* ---- the view ---------------------------------------------------------------------------------------- */
struct registry_view {
	struct ui *ui;
	struct registry_panes panes;
	struct registry_stop stack[REG_STACK]; int n_stack;      /* [0]: the board */
	void *state[REG_PAGES];
	int64_t model_id;                        /* the chosen model; 0: none yet */
	char *model_name;                        /* its name, from the settings before the first load */
	struct registry_models models;
	struct registry_board board;
	struct policy *policy;                   /* in force when the board was read; NULL before */
	bool mirror;                             /* mirror: no place for decisions */
	int64_t marked[2], marked_of;            /* versions to compare, 0: none; of which model */
	bool loaded, loading, again; struct err load_err;
	int follow_timer;
	struct deed *deed; bool acting;          /* a decision that waits for an answer; one is being written (registry_acts.h) */
	struct str words;
};
bool registry_preview(const struct registry_view *v);        /* the board is on top, and below it is room for what its card needs to go on */
void sheet_follow(struct registry_view *v);                  /* the card under the cursor is another one, or may have changed */
void registry_load(struct registry_view *v);                 /* models, and the board of the chosen one; supersedes what is under way */
void registry_reload(struct registry_view *v);               /* the same question after what is under way */
bool registry_marked(const struct registry_view *v, int64_t version);
/* Ways out of a page: to the Runs view, uuid or number; to a version of any model. */
enum status registry_to_run(struct registry_view *v, const char *uuid, struct err *e);
void registry_to_version(struct registry_view *v, int64_t model_id, int64_t version);
/* The version that commands are about: under the cursor of the top page, else its subject's; 0: none. */
int64_t registry_version(const struct registry_view *v);
const struct reg_card_row *registry_card(const struct registry_view *v);         /* its card; NULL when it is not on the board */
#endif

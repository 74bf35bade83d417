/* export -- a report as one file: HTML with SVG, Markdown, JSON, CSV. A format is a function and a row in export.c.
 *
 * Text from outside is cleaned and escaped for where it goes; HTML needs no script, no network and no other file.
 */
#ifndef MLYARD_DRIFT_EXPORT_H
#define MLYARD_DRIFT_EXPORT_H
#include "core/drift/report.h"
/* Where a page has more columns than it draws (EXPORT_DRIFTED of those that drift, then the next by severity up to EXPORT_PICTURES in all), the others are rows of its
 * table without pictures, and the page says so. all_pictures draws them all: some 6 KB a column. */
enum { EXPORT_PICTURES = 200, EXPORT_DRIFTED = 500 };
struct export_options { bool all_pictures; };
/* By the end of the name; ST_USAGE when it is none of the formats. Replaces the file whole. */
enum status report_export(const struct report *r, const char *path, const struct export_options *opt, struct err *e);
bool report_export_draws(const char *path);                          /* the name is that of a format with pictures */
enum status report_export_check(const char *path, struct err *e);    /* before work is done for it */
void export_html(struct str *out, const struct report *r, const struct export_options *opt);
void export_markdown(struct str *out, const struct report *r);
void export_csv(struct str *out, const struct report *r);
void export_json(struct str *out, const struct report *r);
#endif

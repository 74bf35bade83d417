/* export_html -- what the files that write a report as HTML share. Every text from outside goes through html_text; numbers are ours. */
#ifndef MLYARD_DRIFT_EXPORT_HTML_H
#define MLYARD_DRIFT_EXPORT_HTML_H
#include "core/base/str.h"
#include "core/drift/report.h"

void html_text(struct str *out, const char *s);                              /* cleaned, without < > & " ' */
void html_element(struct str *out, const char *tag, const char *text);
void html_number(struct str *out, double v, int digits);                     /* a cell of a table; NaN: an empty one */
void html_count(struct str *out, double n);                                 /* the same with commas */
void html_metric(struct str *out, double v);                                 /* four significant digits throughout */
void html_share(struct str *out, double v);                                  /* the same in per cent */

/* Pictures: inline SVG. */
void html_mini(struct str *out, const struct report_column *c);              /* both sides in the size of a word */
void html_pictures(struct str *out, const struct report_column *c);          /* histograms or bars, distribution functions, quantiles as strips */
void html_calibration(struct str *out, const struct report_performance *p);

/* Sections; nothing where there is nothing to say. */
void html_performance(struct str *out, const struct report_performance *p);
void html_joint(struct str *out, const struct report *r);
void html_quality(struct str *out, const struct report *r);
void html_about(struct str *out, const struct report *r);
#endif

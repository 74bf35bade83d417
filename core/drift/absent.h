/* absent -- categories that one side lacks, and how many of them chance would make. */
#ifndef MLYARD_DRIFT_ABSENT_H
#define MLYARD_DRIFT_ABSENT_H
#include <stdbool.h>
struct pair;
struct test_result;
/* of_ref: categories that the reference lacks (new ones), else those that the current data lack. */
void absent_count(const struct pair *p, bool of_ref, struct test_result *r);
#endif

/* zone -- a time zone of the IANA database: which offset local clocks had at a moment, and when their days begin.
 *
 * Reads    TZif files of version 2 and later (RFC 8536) from $TZDIR or /usr/share/zoneinfo; beyond their last transition the rule in their footer (POSIX TZ).
 *          Not through TZ and localtime, which all threads of a process share.
 * Names    as "Europe/Berlin"; letters, digits and _ + - / only, and no way out of the folder. "UTC" needs no file.
 * Limits   a file of 64 KiB; offsets below 26 hours; files that count leap seconds ("right/...") are refused.
 * Owns     a zone lives in the arena it was given. Immutable, threads may share it.
 */
#ifndef MLYARD_IO_ZONE_H
#define MLYARD_IO_ZONE_H
#include <stddef.h>
#include <stdint.h>
#include "core/base/arena.h"
#include "core/base/status.h"

enum { ZONE_NAME_MAX = 64, ZONE_MOST_BYTES = 64 << 10 };
struct zone;
enum status zone_load(const char *name, struct arena *a, const struct zone **out, struct err *e);
/* The same from bytes. */
enum status zone_parse(const char *name, const void *bytes, size_t n, struct arena *a, const struct zone **out, struct err *e);
const char *zone_name(const struct zone *z);
int zone_offset_s(const struct zone *z, int64_t utc_s);                  /* local time minus UTC */
/* When the local clock comes to midnight of a day (counted from 1970-01-01); where it skips midnight, when it skips it. Days that do not exist begin and end together. */
int64_t zone_midnight_s(const struct zone *z, int64_t day);
#endif

/* clock -- time as an injected value. Tests set it; nothing else reads the system's clock. */
#ifndef MLYARD_BASE_CLOCK_H
#define MLYARD_BASE_CLOCK_H
#include <stdint.h>
int64_t clock_wall_ms(void);      /* Unix milliseconds; the value of MLYARD_NOW_MS when that is set (for tests) */
int64_t clock_mono_us(void);      /* monotonic microseconds, never injected */
int64_t clock_boot_ms(void);      /* since the machine started, time asleep included; never injected */
int64_t clock_set_wall_ms(int64_t ms);   /* < 0: the real clock again. Returns what was set before, < 0: nothing */
#endif

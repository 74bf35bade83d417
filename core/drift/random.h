/* random -- numbers for permutations: a small fast generator of ours, and the Mersenne Twister where another tool's draws are reproduced.
 * Both are plain state of the caller; equal seeds give equal draws on every machine. */
#ifndef MLYARD_DRIFT_RANDOM_H
#define MLYARD_DRIFT_RANDOM_H
#include <stdint.h>

struct random { uint64_t s; };                                  /* SplitMix64 (Steele, Lea and Flood 2014) */
uint64_t random_next(struct random *r);
double random_unit(struct random *r);                           /* [0, 1) in steps of 2^-53 */
uint64_t random_below(struct random *r, uint64_t n);            /* 0 .. n-1, n > 0 */
double random_normal(struct random *r);

struct twister { uint32_t s[624]; int at; };                    /* Matsumoto and Nishimura 1998 */
void twister_seed(struct twister *t, uint32_t seed);
uint32_t twister_next(struct twister *t);
uint32_t twister_to(struct twister *t, uint32_t most);          /* 0 .. most, by rejection under a mask */
#endif

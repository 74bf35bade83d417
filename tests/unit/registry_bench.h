/* The Registry view on a bench: the runs of the fixture, and models whose life was decided step by step by people with keys.
 *
 *   churn   v1 was in Production, v2 is (champion), v3 in Staging waits for a second approval, v4 in Staging fails a gate, v5 is new
 *   digits  one version, nobody asked anything
 */
#ifndef MLYARD_TESTS_REGISTRY_BENCH_H
#define MLYARD_TESTS_REGISTRY_BENCH_H
#include "core/registry/decide.h"
#include "tests/unit/runs_bench.h"

enum person { REQUESTER, REGISTRAR, FIRST, SECOND, READER, PEOPLE };
struct registry_bench { struct bench *b; char dir[64]; struct key *keys[PEOPLE]; int64_t now_ms, churn, digits, request; };
/* Opens the workspace as this person, in the Registry tab. */
struct registry_bench *registry_bench_open(enum person who, int w, int h, bool utf8);
void registry_bench_close(struct registry_bench *r);
/* What somebody else does meanwhile: done in the store, then told to the view. */
enum status registry_bench_promote(struct registry_bench *r, enum person who, int64_t version, const char *to);
void registry_bench_delete(struct registry_bench *r, enum person who, int64_t version);
void registry_bench_vote(struct registry_bench *r, enum person who, int64_t request, bool approve);
void registry_bench_told(struct registry_bench *r);
/* This person's approval key where the program looks for it. */
void registry_bench_key(struct registry_bench *r, enum person who, const char *passphrase);
#endif

/* wasserstein -- what both forms of the distance share. */
#ifndef MLYARD_DRIFT_WASSERSTEIN_H
#define MLYARD_DRIFT_WASSERSTEIN_H
struct pair;
/* The distance that chance alone is expected to show at these sample sizes, in the walk's unit. */
double wasserstein_noise(const struct pair *p);
#endif

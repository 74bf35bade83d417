#include "core/drift/random.h"
#include "core/drift/special.h"

uint64_t random_next(struct random *r)
{
	uint64_t z = r->s += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

double random_unit(struct random *r)
{
	return (double)(random_next(r) >> 11) * 0x1p-53;
}

uint64_t random_below(struct random *r, uint64_t n)
{
	uint64_t most = UINT64_MAX - UINT64_MAX % n, v;
	do
		v = random_next(r);
	while (v >= most);
	return v % n;
}

double random_normal(struct random *r)
{
	return normal_quantile(((double)(random_next(r) >> 11) + 0.5) * 0x1p-53);
}

void twister_seed(struct twister *t, uint32_t seed)
{
	t->s[0] = seed;
	for (uint32_t i = 1; i < 624; i++)
		t->s[i] = 1812433253u * (t->s[i - 1] ^ t->s[i - 1] >> 30) + i;
	t->at = 624;
}

static void twist(struct twister *t)
{
	for (int i = 0; i < 624; i++) {
		uint32_t y = (t->s[i] & 0x80000000u) | (t->s[(i + 1) % 624] & 0x7fffffffu);
		t->s[i] = t->s[(i + 397) % 624] ^ y >> 1 ^ (y & 1 ? 0x9908b0dfu : 0);
	}
	t->at = 0;
}

uint32_t twister_next(struct twister *t)
{
	if (t->at >= 624)
		twist(t);
	uint32_t y = t->s[t->at++];
	y ^= y >> 11;
	y ^= y << 7 & 0x9d2c5680u;
	y ^= y << 15 & 0xefc60000u;
	return y ^ y >> 18;
}

uint32_t twister_to(struct twister *t, uint32_t most)
{
	uint32_t mask = most, v;
	for (int s = 1; s < 32; s *= 2)
		mask |= mask >> s;
	do
		v = twister_next(t) & mask;
	while (v > most);
	return v;
}

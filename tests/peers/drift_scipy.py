"""drift_scipy.py PROGRAM [SEED [SETS]] -- every two-sample test and distance on random data sets of many shapes, sizes and scales, ours (tests/peers/drift_probe)
against SciPy's. Distances must agree to 1e-9 relative, p to 1e-8 relative or 1e-14 absolute; looser only by a row of EXPLAINED. Prints seed and number of the set that differs.

Values beyond 1e100 or below 1e-100 overflow and vanish in SciPy's squares: it is given the same values times a power of two, under which all statistics are the same or
move by that power."""
import inspect
import math
import random
import sys
import warnings

import numpy
import scipy
from scipy import stats
from scipy.spatial import distance

from drift_probe import Probe, near, number

warnings.simplefilter("ignore")
numpy.seterr(all="ignore")

def coarse(c):
    """Means near 1e9 are doubles with steps of 1.2e-7: so much of their difference, in standard errors."""
    return 6e-7 * math.sqrt(min(c.n, c.m))


def least_gap(c):
    return c.n == c.m and stats.ks_2samp(c.x, c.y).statistic * c.n < 1.5


# (what, when, absolute tolerance or its function, relative tolerance, why)
EXPLAINED = [
    ("cramer_von_mises/ p", lambda c: True, 1e-13, 1e-8, "both are 1 minus a series that stops at 1e-7 of its sum: small p are noise"),
    ("cramer_von_mises p", lambda c: c.n > 20 or c.m > 20, 4e-7, 1e-8, "ours integrates the tail, SciPy's is 1 minus a series that stops at 1e-7"),
    ("ks p", lambda c: least_gap(c), 1e-3, 1e-8, "SciPy's exact p of 1 comes out above 1 by rounding, and it takes the asymptotic one instead"),
    ("hellinger/ statistic", lambda c: True, 1e-6, 1e-9, "the square root of 1 minus a sum near 1 keeps half of the digits"),
    ("t statistic", lambda c: c.offset, coarse, 1e-9, "a difference of means that cancel"),
    ("welch statistic", lambda c: c.offset, coarse, 1e-9, "as t"),
    ("t p", lambda c: c.offset, coarse, 1e-8, "as its statistic"),
    ("welch p", lambda c: c.offset, coarse, 1e-8, "as t"),
    ("t statistic", lambda c: True, 1e-12, 1e-9, "a difference of means that cancel: summed in another order"),
    ("welch statistic", lambda c: True, 1e-12, 1e-9, "as t"),
    ("levene statistic", lambda c: c.n == 2 and c.m == 2, math.inf, 0, "two values a side are equally far from their median: division by 0, or by what SciPy's rounding leaves of it"),
    ("levene statistic", lambda c: c.offset, coarse, 1e-6, "as t"),
    ("levene p", lambda c: c.offset, coarse, 1e-6, "as t"),
    ("levene statistic", lambda c: True, 1e-12, 1e-9, "as t, of distances from the median"),
    ("epps_singleton/ statistic", lambda c: True, 1e-9, 1e-7, "the inverse of a covariance that may be close to singular"),
    ("epps_singleton/ p", lambda c: True, 1e-13, 1e-6, "as its statistic"),
    ("anderson/ statistic", lambda c: True, 1e-11, 1e-9, "standardised: a difference that cancels"),
    ("mmd/ statistic", lambda c: True, 1e-12, 1e-9, "a difference of sums near 1"),
]
# Not compared: our Cramer-von Mises of tied values. SciPy's takes the spread within ties for a difference of the sides, so that its p is near 0 for equal columns of a few
# values; tests/unit/t_drift_tests counts the false alarms of ours. Evidently's variant is compared there too.


class Case:
    def __init__(self, x, y, power=0, offset=False):
        self.x, self.y, self.power, self.offset, self.n, self.m = x, y, power, offset, len(x), len(y)


def size(r):
    return int(10 ** r.choice([r.uniform(0, 1.4), r.uniform(1, 3), r.uniform(2, 4.3)]))


def draw(g, r, n, kind, shift, stretch):
    if kind == "normal":
        v = g.standard_normal(n)
    elif kind == "lognormal":
        v = g.lognormal(0, 1.5, n)
    elif kind == "cauchy":
        v = g.standard_cauchy(n)
    elif kind == "uniform":
        v = g.random(n)
    elif kind == "two humps":
        v = g.standard_normal(n) + 6 * (g.random(n) < 0.3)
    elif kind == "rounded":
        return numpy.round(g.standard_normal(n) * stretch + shift, 1)
    elif kind == "whole":
        return numpy.floor(g.random(n) * 40 + 3 * shift)
    elif kind == "few":
        return numpy.floor(g.random(n) * 4 + shift)
    elif kind == "zeros":
        return numpy.where(g.random(n) < 0.7, 0.0, g.exponential(1 + abs(shift), n))
    else:
        v = g.exponential(1, n)
    return v * stretch + shift


KINDS = ["normal", "lognormal", "cauchy", "uniform", "two humps", "rounded", "whole", "few", "zeros", "exponential"]


def numeric_case(g, r):
    n = size(r)
    m = n if r.random() < 0.25 else size(r)
    kind = r.choice(KINDS)
    shift, stretch = r.choice([(0, 1), (0, 1), (0.05, 1), (0.5, 1), (3, 1), (0, 1.3), (100, 1)])
    x, y = draw(g, r, n, kind, 0, 1), draw(g, r, m, kind, shift, stretch)
    power, offset = 0, False
    if r.random() < 0.15:
        power = r.choice([-980, -500, 500, 980])
    elif r.random() < 0.1:
        x, y, offset = x + 1e9, y + 1e9, True
    return Case(x, y, power, offset)


def shares(x, y):
    """As the distances of bins take them: equal bins over both sides by Sturges' rule, or the distinct values where the reference has at most 20."""
    both = numpy.concatenate([x, y])
    if len(numpy.unique(x)) > 20:
        edges = numpy.histogram_bin_edges(both, "sturges")
        return numpy.histogram(x, edges)[0] / len(x), numpy.histogram(y, edges)[0] / len(y)
    values = numpy.unique(both)
    return (numpy.array([numpy.sum(v == k) for k in values]) / len(v) for v in (x, y))


def filled(p):
    least = p[p > 0].min()
    return numpy.where(p == 0, least / 1e6 if least <= 0.0001 else 0.0001, p)


def anderson(x, y):
    options = {"variant": "midrank"} if "variant" in inspect.signature(stats.anderson_ksamp).parameters else {}
    a = stats.anderson_ksamp([x, y], **options)
    return a.statistic, getattr(a, "pvalue", None) if hasattr(a, "pvalue") else a.significance_level


def hellinger(x, y):
    both = numpy.concatenate([x, y])
    edges = numpy.histogram_bin_edges(numpy.unique(both), "sturges")
    f, g = (numpy.histogram(v, edges, density=True)[0] for v in (x, y))
    return math.sqrt(1 - min(1, max(0, float(numpy.sum(numpy.sqrt(f * g)) * (edges[1] - edges[0])))))


def mmd(x, y):
    """The unbiased squared discrepancy with a Gaussian kernel whose width is the median squared distance within x."""
    xx, yy, xy = ((a[:, None] - b[None, :]) ** 2 for a, b in ((x, x), (y, y), (x, y)))
    median = numpy.percentile(xx, 50, method="nearest")
    xx, yy, xy = (numpy.exp(-k / (median if median > 0 else 1)) for k in (xx, yy, xy))
    within = [(k.sum() - numpy.trace(k)) / (len(k) * (len(k) - 1)) for k in (xx, yy)]
    return float(within[0] + within[1] - 2 * xy.mean())


def numeric_wants(c):
    """name -> value; a name ends in what it is: statistic or p."""
    x, y, one = c.x, c.y, 2.0 ** c.power
    want = {}

    def both(name, result):
        want[name + " statistic"], want[name + " p"] = float(result[0]), float(result[1])

    k = stats.ks_2samp(x, y)
    both("ks", (k.statistic, k.pvalue))
    plain, sd = stats.wasserstein_distance(x, y), float(numpy.std(x))
    want["wasserstein_plain statistic"] = plain * one
    if len(numpy.unique(x)) > 1:
        want["wasserstein statistic"] = plain / sd
        if c.power == 0:
            want["wasserstein/ statistic"] = plain / max(sd, 0.001)
    want["energy statistic"] = stats.energy_distance(x, y) * math.sqrt(one)
    distinct = len(numpy.unique(numpy.concatenate([x, y])))
    if c.n > 1 and c.m > 1 and distinct > 1:
        if max(c.n, c.m) > 20 or distinct == c.n + c.m:
            r = stats.cramervonmises_2samp(x, y)
            both("cramer_von_mises" if max(c.n, c.m) <= 20 else "cramer_von_mises/", (r.statistic, r.pvalue))
        if max(c.n, c.m) > 20 and distinct == c.n + c.m:
            want["cramer_von_mises p"] = want["cramer_von_mises/ p"]
        both("anderson/", anderson(x, y))
    if c.n * c.m < 1000000 or min(c.n, c.m) > 8:
        two, less = (stats.mannwhitneyu(x, y, alternative=a) for a in ("two-sided", "less"))
        both("mann_whitney", two)
        want["mann_whitney/ p"] = float(less.pvalue)
    if c.n > 1 and c.m > 1 and len(numpy.unique(x)) > 1 and len(numpy.unique(y)) > 1:
        both("t", stats.ttest_ind(x, y))
        both("welch", stats.ttest_ind(x, y, equal_var=False))
        if distinct > 2:
            both("levene", stats.levene(x, y, center="median"))
    if c.n >= 5 and c.m >= 5 and not c.offset and stats.iqr(numpy.concatenate([x, y])) > 0:
        both("epps_singleton/", stats.epps_singleton_2samp(x, y))
    if not c.offset and distinct > 1:
        p, q = shares(x, y)
        want["jensen_shannon/ statistic"] = float(distance.jensenshannon(p, q))
        p, q = filled(p), filled(q)
        want["psi/ statistic"] = float(numpy.sum((p - q) * numpy.log(p / q)))
        want["kl/ statistic"] = float(stats.entropy(p, q))
        if c.power == 0:
            want["hellinger/ statistic"] = hellinger(x, y)
        if c.power == 0 and not c.offset and c.n > 1 and c.m > 1 and c.n + c.m <= 600:
            want["mmd/ statistic"] = mmd(x, y)
    return want


def word_case(g, r):
    k = r.choice([1, 2, 2, 2, 3, 5, 20, 200])
    n, m = size(r), size(r)
    weights = g.dirichlet(numpy.full(k, r.choice([0.3, 1, 10])))
    other = weights if r.random() < 0.5 else g.dirichlet(numpy.full(k, 1))
    return Case(g.choice(k, n, p=weights).astype(float), g.choice(k, m, p=other).astype(float))


def word_wants(c):
    keys = numpy.unique(numpy.concatenate([c.x, c.y]))
    o, e = numpy.array([numpy.sum(c.y == k) for k in keys]), numpy.array([numpy.sum(c.x == k) for k in keys])
    p, q = e / c.n, o / c.m
    want = {"total_variation statistic": float(numpy.abs(p - q).sum() / 2), "jensen_shannon/ statistic": float(distance.jensenshannon(p, q))}
    want["hellinger/ statistic"] = math.sqrt(max(0, 1 - float(numpy.sqrt(p * q).sum())))
    f, g = filled(p), filled(q)
    want["psi/ statistic"], want["kl/ statistic"] = float(numpy.sum((f - g) * numpy.log(f / g))), float(stats.entropy(f, g))
    if len(keys) == 1:
        return want
    table = numpy.array([e, o])
    chi, g2 = stats.chi2_contingency(table), stats.chi2_contingency(table, lambda_="log-likelihood", correction=False)
    want["chi_square statistic"], want["chi_square p"] = float(chi[0]), float(chi[1])
    want["g statistic"], want["g p"] = float(g2[0]), float(g2[1])
    expected = e * (c.m / c.n)
    if numpy.all(e > 0):
        x2 = float(numpy.sum((o - expected) ** 2 / expected))
        want["chi_square/ statistic"], want["chi_square/ p"] = x2, float(stats.chi2.sf(x2, len(keys) - 1))
    if len(keys) == 2:
        want["fisher p"] = float(stats.fisher_exact(table)[1])
        p1, p2, pooled = 1 - p[0], 1 - q[0], (e[1] + o[1]) / (c.n + c.m)
        z = (p1 - p2) / math.sqrt(pooled * (1 - pooled) * (1 / c.n + 1 / c.m))
        want["z/ p"] = float(2 * stats.norm.sf(abs(z)))
    return want


def tolerance(name, case):
    relative, absolute = (1e-8, 1e-14) if name.endswith(" p") else (1e-9, 1e-15)
    for what, when, more_absolute, more_relative, _ in EXPLAINED:
        if what == name and when(case):
            return more_relative, more_absolute(case) if callable(more_absolute) else more_absolute
    return relative, absolute


def differences(case, got, want, where):
    bad = 0
    for name, value in want.items():
        test, field = name.split(" ")
        ours = got[test]
        if isinstance(ours, str):
            print("%s: %s: we refuse (%s), SciPy says %r" % (where, name, ours, value))
            bad += 1
            continue
        mine = number(ours[0 if field == "statistic" else 1])
        if not near(mine, value, *tolerance(name, case)):
            print("%s: %s: %.17g, SciPy %.17g (n %d, m %d, power %d)" % (where, name, mine, value, case.n, case.m, case.power))
            bad += 1
    return bad


def main():
    seed, sets = int(sys.argv[2]) if len(sys.argv) > 2 else 20261121, int(sys.argv[3]) if len(sys.argv) > 3 else 300
    print("SciPy %s, NumPy %s, seed %d, %d data sets" % (scipy.__version__, numpy.__version__, seed, sets))
    probe, bad, compared = Probe(sys.argv[1]), 0, 0
    for i in range(sets):
        r, g = random.Random(seed + i), numpy.random.default_rng([seed, i])
        words = i % 4 == 3
        case = word_case(g, r) if words else numeric_case(g, r)
        scaled = [float(v) * 2.0 ** case.power for v in case.x] + [float(v) * 2.0 ** case.power for v in case.y]
        got = probe.ask("%s %d %d" % ("words" if words else "numbers", case.n, case.m), scaled)
        want = word_wants(case) if words else numeric_wants(case)
        compared += len(want)
        bad += differences(case, got, want, "set %d" % i)
    probe.close()
    print("%s - %d values of %d data sets compared, %d differ" % ("not ok" if bad else "ok", compared, sets, bad))
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())

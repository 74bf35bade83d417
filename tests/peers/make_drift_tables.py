#!/usr/bin/env python3
"""Writes tests/data/drift/special.txt: values of distribution functions to 17 digits, from mpmath at 60 digits, whole-number counting, and SciPy.

Needs mpmath and SciPy. Each line: function, arguments, value. Run: make_drift_tables.py > tests/data/drift/special.txt"""
import itertools
import math
from fractions import Fraction

import mpmath as mp
from scipy.stats import kstwo

mp.mp.dps = 60


def out(name, *args):
    *args, value = args
    print(name, *(repr(float(a)) for a in args), mp.nstr(mp.mpf(value), 20, min_fixed=0, max_fixed=0))


def q(x):
    """The double itself, not the decimal it was written as."""
    return mp.mpf(float(x))


def gamma(*args, **kwargs):
    return converged(mp.gammainc, *args, **kwargs)


def beta(*args, **kwargs):
    return converged(mp.betainc, *args, **kwargs)


def converged(f, *args, **kwargs):
    """0, which is not written, where the series does not converge."""
    try:
        return f(*args, **kwargs)
    except mp.libmp.NoConvergence:
        return mp.mpf(0)


def normals():
    for z in (-37.5, -8.3, -2.5, -0.1, 0, 0.3, 1, 1.96, 3, 5.5, 8.2, 12, 20, 30, 37.5):
        out("normal_upper", z, mp.erfc(q(z) / mp.sqrt(2)) / 2)
        out("normal_two_sided", z, mp.erfc(abs(q(z)) / mp.sqrt(2)))
    for p in (1e-300, 1e-100, 1e-17, 1e-9, 0.001, 0.024, 0.075, 0.3, 0.5, 0.6, 0.925, 0.975, 0.9999, 1 - 1e-9):
        tail = mp.log(min(q(p), 1 - q(p)))
        z = mp.findroot(lambda z: mp.log(mp.erfc(z / mp.sqrt(2)) / 2) - tail, (0, mp.sqrt(max(0.1, -2 * tail))), solver="anderson")
        out("normal_quantile", p, z if p > 0.5 else -z)


def gammas():
    for a in (0.5, 1, 1.5, 2.5, 10, 50.5, 500, 5000.5):
        for f in (0.01, 0.5, 0.9, 0.99, 1, 1.01, 1.1, 2, 5):
            x = a * f
            for name, lo, hi in (("gamma_q", q(x), mp.inf), ("gamma_p", 0, q(x))):
                v = gamma(q(a), lo, hi, regularized=True)
                if v > mp.mpf("1e-300"):
                    out(name, a, x, v)
    for df, x in itertools.product((1, 2, 5, 29, 1000), (0.001, 1, 10, 100, 1000, 1300)):
        v = gamma(mp.mpf(df) / 2, q(x) / 2, mp.inf, regularized=True)
        if v > mp.mpf("1e-300"):
            out("chi2_upper", x, df, v)


def betas():
    for a, b, x in itertools.product((0.5, 2, 37.5, 5000.5), (0.5, 3, 999), (1e-6, 0.1, 0.5, 0.73, 0.999)):
        v = beta(q(a), q(b), 0, q(x), regularized=True)
        if v > mp.mpf("1e-300"):
            out("beta_i", a, b, x, v)
    for t, df in itertools.product((0.01, 0.5, 1.96, 4.5, 12, 30), (1, 2.5, 10, 398, 99999, 2e6, 1e8)):
        t2, d = q(t) ** 2, q(df)
        v = beta(d / 2, mp.mpf(1) / 2, 0, d / (d + t2), regularized=True) if df < 1e5 else student_large(q(t), d)
        if v > mp.mpf("1e-300"):
            out("student_two_sided", t, df, v)
    for f, d1, d2 in itertools.product((0.1, 1, 3.5, 20), (1, 4, 30), (2, 17, 5000)):
        d1m, d2m = mp.mpf(d1), mp.mpf(d2)
        v = beta(d2m / 2, d1m / 2, 0, d2m / (d2m + d1m * q(f)), regularized=True)
        if v > mp.mpf("1e-300"):
            out("f_upper", f, d1, d2, v)


def student_large(t, d):
    norm = mp.exp(mp.loggamma((d + 1) / 2) - mp.loggamma(d / 2)) / mp.sqrt(d * mp.pi)
    top = mp.exp(-(d + 1) / 2 * mp.log1p(t * t / d))        # quad stops at an absolute error
    return 2 * norm * top * mp.quad(lambda u: mp.exp(-(d + 1) / 2 * mp.log1p(u * u / d)) / top, [t + k / (t + 1) for k in range(0, 141, 2)])


def binomials():
    for n, k in ((10, 3), (10, 0), (100.5, 20.25), (1e4, 5000), (1e6, 3), (1e6, 499999), (5e8, 1e8)):
        n, k = q(n), q(k)
        out("log_binomial", n, k, mp.loggamma(n + 1) - mp.loggamma(k + 1) - mp.loggamma(n - k + 1))
    for k, n, p in ((0, 10, 0.3), (3, 10, 0.3), (10, 10, 0.3), (450, 1000, 0.5), (1e5, 1e6, 0.1), (300000, 1e6, 0.25), (7.5, 20.25, 0.4), (999999, 1e6, 0.999)):
        k, n, p = q(k), q(n), q(p)
        v = mp.exp(mp.loggamma(n + 1) - mp.loggamma(k + 1) - mp.loggamma(n - k + 1) + k * mp.log(p) + (n - k) * mp.log1p(-p))
        if v > mp.mpf("1e-300"):
            out("binomial_pmf", k, n, p, v)
    for n in (0.5, 1, 7.25, 15, 16, 100, 1e5, 1e12):
        n = q(n)
        out("stirling_error", n, mp.loggamma(n + 1) - (n + mp.mpf(1) / 2) * mp.log(n) + n - mp.log(2 * mp.pi) / 2)
    for x, np_ in ((10, 10.5), (10, 30), (1e6, 1.0001e6), (0.5, 1e-3), (1e6, 1e6 + 1)):
        x, n = q(x), q(np_)
        out("bd0", x, n, x * mp.log(x / n) + n - x)
    for x in (1e-8, 0.001, 0.3, 1, 5.5, 40, 300, 690):
        out("bessel_k_quarter", x, mp.besselk(mp.mpf(1) / 4, q(x)))


def fisher(a, b, c, d):
    row, col, n = a + b, a + c, a + b + c + d
    ways = {k: math.comb(col, k) * math.comb(n - col, row - k) for k in range(max(0, row + col - n), min(row, col) + 1)}
    return mp.mpf(sum(w for w in ways.values() if w <= ways[a])) / math.comb(n, row)


def tables():
    for t in ((3, 1, 1, 3), (10, 0, 0, 10), (8, 2, 1, 5), (150, 20, 120, 60), (1000, 5, 990, 30), (50, 50, 50, 50), (0, 7, 0, 9), (5000, 4000, 4700, 4300)):
        out("hypergeometric_two_sided", *t, fisher(*t))


def limits():
    def cvm(x):
        def term(k):
            y, w = 4 * k + 1, mp.mpf(4 * k + 1) ** 2 / (16 * x)
            return mp.exp(mp.loggamma(k + mp.mpf(1) / 2) - mp.loggamma(k + 1)) / (mp.pi ** mp.mpf(1.5) * mp.sqrt(x)) * mp.sqrt(y) * mp.exp(-w) * mp.besselk(mp.mpf(1) / 4, w)
        return 1 - mp.fsum(term(k) for k in range(60))

    def ad(z):
        def part(j):
            c = mp.mpf(4 * j + 1) ** 2 * mp.pi ** 2 / (8 * z)
            inner = mp.quad(lambda w: mp.exp(z / (8 * (w * w + 1)) - c * w * w), [0, 0.25, 0.5, 1, 2, 4, 8, 16, 64])
            return mp.binomial(mp.mpf(-1) / 2, j) * (4 * j + 1) * mp.exp(-c) * inner
        return 1 - mp.sqrt(2 * mp.pi) / z * mp.fsum(part(j) for j in range(26))
    for x in (0.02, 0.05, 0.1, 0.25, 0.461, 0.743, 1.2, 3, 5):
        out("cvm_limit_upper", x, cvm(q(x)))
    for z in (0.1, 0.3, 0.8, 1.5, 2.492, 3.857, 6, 10):
        out("ad_limit_upper", z, ad(q(z)))


def kolmogorov():
    for n, d in ((1, 0.7), (2, 0.3), (5, 0.25), (10, 0.274), (20, 0.45), (50, 0.06), (100, 0.2), (140, 0.05), (140, 0.3)):
        out("kolmogorov_upper", n, d, durbin(n, Fraction(float(d))))
    for n, d in ((1000, 0.02), (1000, 0.06), (1000, 0.1), (5000, 0.009), (20000, 0.01), (20000, 0.03), (250000, 0.002), (500000, 0.0025)):
        out("kolmogorov_upper", n, d, kstwo.sf(d, n))


def durbin(n, d):
    """1 - P(D_n < d) by the matrix of Marsaglia, Tsang and Wang in exact fractions."""
    k = math.floor(n * d) + 1
    m, h = 2 * k - 1, k - n * d
    H = [[Fraction(0 if i - j + 1 < 0 else 1) for j in range(m)] for i in range(m)]
    for i in range(m):
        H[i][0] -= h ** (i + 1)
        H[m - 1][i] -= h ** (m - i)
    H[m - 1][0] += (2 * h - 1) ** m if 2 * h - 1 > 0 else 0
    for i in range(m):
        for j in range(m):
            if i - j + 1 > 0:
                H[i][j] /= math.factorial(i - j + 1)
    M = mp.matrix([[mp.mpf(v.numerator) / v.denominator for v in row] for row in H])
    return 1 - (M ** n)[k - 1, k - 1] * mp.factorial(n) / mp.mpf(n) ** n


def paths(n, m, h):
    """Share of paths from (0, 0) to (n, m) with some |i m - j n| g/(...) at least h/lcm, in whole numbers."""
    g = math.gcd(n, m)
    a, b = m // g, n // g
    row = None
    for i in range(n + 1):
        new = []
        for j in range(m + 1):
            ways = (1 if i == j == 0 else (row[j] if row and i else 0) + (new[j - 1] if j else 0))
            new.append(ways if abs(i * a - j * b) < h else 0)
        row = new
    return 1 - Fraction(row[m], math.comb(n + m, n))


def smirnov():
    for n, m, h in ((5, 5, 3), (8, 8, 2), (200, 200, 30), (7, 5, 14), (30, 20, 25), (100, 90, 400), (60, 200, 150), (150, 151, 6000), (1, 5, 4), (400, 399, 90000), (500, 300, 1100), (300, 500, 1100), (1000, 999, 600000), (700, 1000, 5000)):
        p = paths(n, m, h)
        lcm = n * m // math.gcd(n, m)
        print("smirnov", repr(h / lcm), n, m, mp.nstr(mp.mpf(p.numerator) / p.denominator, 20, min_fixed=0, max_fixed=0))


for f in (normals, gammas, betas, binomials, tables, limits, kolmogorov, smirnov):
    f()

/* t_drift_special -- distribution functions against tables of 60-digit arithmetic (tests/peers/make_drift_tables.py), their edges, and each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/drift/special.h"
#include "tests/unit/drift_help.h"

static double smirnov(double d, double n, double m)
{
	return smirnov_two_sample_exact(d, (int)n, (int)m);
}

union call { double (*f1)(double); double (*f2)(double, double); double (*f3)(double, double, double); double (*f4)(double, double, double, double); };
static const struct row { const char *name; int args; union call f; double relative, absolute; } rows[] = {
	{ "normal_upper", 1, { .f1 = normal_upper }, 2e-13, 0 },      /* at z = 37 the argument's own rounding is 1.5e-13 */
	{ "normal_two_sided", 1, { .f1 = normal_two_sided }, 2e-13, 0 },
	{ "normal_quantile", 1, { .f1 = normal_quantile }, 1e-14, 1e-15 },
	{ "gamma_q", 2, { .f2 = gamma_q }, 1e-12, 0 },
	{ "gamma_p", 2, { .f2 = gamma_p }, 1e-12, 0 },
	{ "chi2_upper", 2, { .f2 = chi2_upper }, 1e-12, 0 },
	{ "beta_i", 3, { .f3 = beta_i }, 1e-12, 0 },
	{ "student_two_sided", 2, { .f2 = student_two_sided }, 1e-12, 0 },
	{ "f_upper", 3, { .f3 = f_upper }, 1e-12, 0 },
	{ "log_binomial", 2, { .f2 = log_binomial }, 1e-14, 1e-15 },
	{ "binomial_pmf", 3, { .f3 = binomial_pmf }, 1e-12, 0 },
	{ "stirling_error", 1, { .f1 = stirling_error }, 1e-13, 1e-14 },
	{ "bd0", 2, { .f2 = bd0 }, 1e-13, 0 },
	{ "bessel_k_quarter", 1, { .f1 = bessel_k_quarter }, 1e-13, 0 },
	{ "hypergeometric_two_sided", 4, { .f4 = hypergeometric_two_sided }, 1e-11, 0 },
	{ "cvm_limit_upper", 1, { .f1 = cvm_limit_upper }, 1e-12, 0 },
	{ "ad_limit_upper", 1, { .f1 = ad_limit_upper }, 1e-12, 0 },
	{ "kolmogorov_upper", 2, { .f2 = kolmogorov_upper }, 1e-10, 1e-14 },
	{ "smirnov", 3, { .f3 = smirnov }, 1e-12, 0 },
};

static double call(const struct row *r, const double a[4])
{
	switch (r->args) {
	case 1: return r->f.f1(a[0]);
	case 2: return r->f.f2(a[0], a[1]);
	case 3: return r->f.f3(a[0], a[1], a[2]);
	default: return r->f.f4(a[0], a[1], a[2], a[3]);
	}
}

static int check_line(char *line)
{
	char *save, *name = strtok_r(line, " ", &save);
	const struct row *r = NULL;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (!strcmp(rows[i].name, name))
			r = &rows[i];
	if (!r)
		fail_msg("no function %s", name);
	double a[4] = { 0 }, want;
	for (int i = 0; i < r->args; i++)
		a[i] = strtod(strtok_r(NULL, " ", &save), NULL);
	want = strtod(strtok_r(NULL, " ", &save), NULL);
	double got = call(r, a);
	if (near(got, want, r->relative, r->absolute))
		return 0;
	print_error("%s(%.17g, %.17g, %.17g): got %.17g, want %.17g (%.2g)\n", name, a[0], a[1], a[2], got, want, fabs(got - want) / fabs(want));
	return 1;
}

static void tables(void **state)
{
	size_t size, lines = 0;
	int wrong = 0;
	char *text = golden_read("special.txt", &size), *save, *line;
	(void)state;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save), lines++)
		wrong += check_line(line);
	free(text);
	assert_true(lines > 350);
	assert_int_equal(wrong, 0);
}

static void edges(void **state)
{
	(void)state;
	assert_true(isnan(gamma_q(0, 1)) && isnan(gamma_q(1, -1)) && isnan(chi2_upper(1, 0)) && isnan(chi2_upper(NAN, 1)));
	assert_true(chi2_upper(INFINITY, 3) == 0 && chi2_upper(-1, 3) == 1 && chi2_upper(0, 3) == 1);
	assert_true(isnan(beta_i(1, 1, -0.1)) && isnan(beta_i(1, 1, 1.1)) && beta_i(2, 3, 0) == 0 && beta_i(2, 3, 1) == 1);
	assert_true(student_two_sided(INFINITY, 3) == 0 && student_two_sided(0, 3) == 1 && isnan(student_two_sided(1, 0)));
	assert_true(student_two_sided(1e200, 5) == 0 && isnan(student_two_sided(NAN, 5)));
	assert_true(f_upper(0, 1, 1) == 1 && f_upper(INFINITY, 1, 1) == 0 && isnan(f_upper(1, -1, 1)));
	assert_true(isnan(normal_quantile(-0.1)) && normal_quantile(0) == -INFINITY && normal_quantile(1) == INFINITY);
	assert_true(isnan(log_binomial(3, 4)) && log_binomial(3, 0) == 0 && isnan(binomial_pmf(1, 2, 1.5)));
	assert_true(binomial_pmf(0, 0, 0.5) == 1 && binomial_pmf(0, 5, 0) == 1 && binomial_pmf(5, 5, 1) == 1 && binomial_pmf(2, 5, 0) == 0);
	assert_true(kolmogorov_upper(10, 0) == 1 && kolmogorov_upper(10, 1) == 0 && isnan(kolmogorov_upper(0, 0.5)) && isnan(kolmogorov_upper(5, NAN)));
	assert_true(isnan(smirnov_two_sample_exact(0.1, 0, 5)) && isnan(smirnov_two_sample_exact(0.1, 5, 10001)));
	assert_true(smirnov_two_sample_exact(0, 5, 7) == 1 && smirnov_two_sample_exact(1, 10000, 9999) == 0);
	assert_true(hypergeometric_two_sided(0, 0, 3, 4) == 1 && isnan(hypergeometric_two_sided(-1, 0, 3, 4)));
	assert_true(cvm_limit_upper(0) == 1 && ad_limit_upper(0) == 1 && isnan(ad_limit_upper(NAN)) && ad_limit_upper(800) >= 0);
	assert_true(isnan(bessel_k_quarter(-1)) && bessel_k_quarter(0) == INFINITY && bessel_k_quarter(800) == 0);
	assert_true(isnan(stirling_error(-1)) && isnan(bd0(1, 0)) && bd0(0, 3) == 3);
}

/* Where one method takes over from another both must agree, so p must fall smoothly there. */
static void seams(void **state)
{
	static const double n[] = { 10, 100, 140, 141, 500, 5000, 60000, 150000 };
	(void)state;
	for (size_t i = 0; i < sizeof n / sizeof *n; i++) {
		double before = 1;
		for (double z = 0.15; z < 6; z += 0.01) {
			double p = kolmogorov_upper(n[i], z / sqrt(n[i]));
			if (!(p >= 0 && p <= before * (1 + 1e-6) + 1e-7))
				fail_msg("n %g z %g: %.12g after %.12g", n[i], z, p, before);
			before = p;
		}
	}
	for (double x = 0.001; x < 8; x += 0.003) {
		assert_true(cvm_limit_upper(x) <= cvm_limit_upper(x - 0.0005) + 1e-13);
		assert_true(ad_limit_upper(x) <= ad_limit_upper(x - 0.0005) + 1e-13);
	}
	for (double df = 1; df < 60; df += 7)
		for (double p = 1e-6; p < 1; p *= 3)
			assert_true(near(chi2_upper(chi2_quantile(p, df), df), p, 1e-9, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(tables), cmocka_unit_test(edges), cmocka_unit_test(seams) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

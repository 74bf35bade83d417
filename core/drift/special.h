/* special -- the distribution functions that tests need, to 1e-12 relative or better in the tails as well.
 *
 * Every function names its method and source in special*.c; all are pure; arguments outside the domain give NaN.
 */
#ifndef MLYARD_DRIFT_SPECIAL_H
#define MLYARD_DRIFT_SPECIAL_H
double normal_upper(double z);                       /* 1 - Phi(z) */
double normal_quantile(double p);                    /* Wichura AS 241 */
double gamma_q(double a, double x);                  /* regularised upper incomplete gamma */
double gamma_p(double a, double x);                   /* lower: 1 - gamma_q, without the difference */
double chi2_upper(double x, double df);
double beta_i(double a, double b, double x);         /* regularised incomplete beta */
double student_two_sided(double t, double df);
double f_upper(double f, double d1, double d2);
double log_binomial(double n, double k);             /* ln C(n, k) by stirlerr (Loader 2000) */
double binomial_pmf(double k, double n, double p);   /* saddle-point form; k and n may be any reals >= 0 */
double stirling_error(double n);                     /* ln n! - Stirling */
double bd0(double x, double np);                     /* deviance part */
double bessel_k_quarter(double x);                   /* K_{1/4} */
double normal_two_sided(double z);                   /* 2 (1 - Phi(|z|)) */
double chi2_quantile(double p, double df);           /* the value that chi-square exceeds with probability p */
double hypergeometric_two_sided(double a, double b, double c, double d);   /* Fisher: 2x2 tables at most as likely as this one */
double ad_limit_upper(double z);                     /* P(A^2 > z), limit of Anderson and Darling's statistic */
double cvm_limit_upper(double z);                    /* P(W^2 > z), limit of Cramer and von Mises' statistic */
double kolmogorov_upper(double n, double d);         /* P(D_n >= d), one-sample exact distribution, two-sided; n >= 1 whole */
double smirnov_two_sample_exact(double d, int n, int m);   /* P(D >= d), two-sided, lattice paths (Hodges 1957); n, m <= 10,000 */
#endif

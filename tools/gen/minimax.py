#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Finds the polynomials of lib/ref/expr/math_f32.h, math_f64.h and math_table_f32.h.

Prints, for each polynomial, its coefficients (lowest power first, as C constants of its type) and the largest
weighted error of the rounded polynomial. The method is Remez' exchange; coefficients are rounded to the type one
after the other, lowest power first, each time fitting the remaining ones anew, so that the higher ones make up
for what rounding did to the lower ones. Knows nothing of how the headers evaluate them.

Usage: minimax.py [name...]        python3 with mpmath
"""
import struct
import sys

import mpmath as mp

mp.mp.prec = 240


def remez(f, w, degree, lo, hi):
    """Coefficients of the polynomial p of this degree that minimises max |w (f - p)| on [lo, hi]."""
    n = degree + 2
    nodes = [(lo + hi) / 2 - (hi - lo) / 2 * mp.cos(mp.pi * (2 * i + 1) / (2 * n)) for i in range(n)]
    nodes = [x if abs(x) > (hi - lo) / 1000 else (hi - lo) / 100 for x in nodes] # the weight may vanish at 0
    grid = [(lo + hi) / 2 - (hi - lo) / 2 * mp.cos(mp.pi * (i + mp.mpf(1) / 2) / (24 * n)) for i in range(24 * n)]
    values = [(x, f(x), w(x)) for x in grid]
    for _ in range(12):
        a = mp.matrix(n, n)
        b = mp.matrix(n, 1)
        for i, x in enumerate(nodes):
            for j in range(degree + 1):
                a[i, j] = x ** j
            a[i, degree + 1] = (-1) ** i / w(x)
            b[i] = f(x)
        c = list(mp.lu_solve(a, b))
        level = abs(c.pop())
        errors = [(wx * (fx - mp.polyval(c[::-1], x)), x) for x, fx, wx in values]
        peaks = []
        for e, x in errors: # the largest of each run of one sign
            if peaks and (e > 0) == (peaks[-1][0] > 0):
                if abs(e) > abs(peaks[-1][0]):
                    peaks[-1] = (e, x)
            else:
                peaks.append((e, x))
        while len(peaks) > n: # drop the smaller end
            peaks.pop(0 if abs(peaks[0][0]) < abs(peaks[-1][0]) else -1)
        if len(peaks) < n or max(abs(e) for e, _ in peaks) < level * mp.mpf("1.01"):
            break
        nodes = [x for _, x in peaks]
    return c


def to_type(x, bits):
    m, e = mp.frexp(x)
    return mp.ldexp(mp.nint(mp.ldexp(m, bits)), int(e) - bits)


def worst(f, w, c, lo, hi):
    """The largest weighted error of the polynomial with coefficients c, on a grid."""
    grid = [lo + (hi - lo) * (i + mp.mpf(1) / 3) / 500 for i in range(500)]
    return max(abs(w(x) * (f(x) - mp.polyval(c[::-1], x))) for x in grid)


def fit(f, w, degree, lo, hi, bits):
    """As remez, with coefficients of this many bits; also the error that is left."""
    lo, hi = mp.mpf(lo), mp.mpf(hi)
    c = remez(f, w, degree, lo, hi)
    for k in range(degree + 1):
        c[k] = to_type(c[k], bits)
        done = c[:k + 1]
        if k == degree:
            break
        again = done + remez(lambda x: (f(x) - mp.polyval(done[::-1], x)) / x ** (k + 1),
                             lambda x: w(x) * abs(x) ** (k + 1), degree - k - 1, lo, hi)
        if worst(f, w, again, lo, hi) < worst(f, w, c, lo, hi):
            c = again
    return c, worst(f, w, c, lo, hi)


def hexfloat(x, bits):
    if x == 0:
        return "0.0"
    m, e = mp.frexp(abs(x))
    digits = (bits + 2) // 4
    whole = int(mp.ldexp(m, 1 + 4 * digits))
    frac = ("%0*x" % (digits, whole - (1 << 4 * digits))).rstrip("0") or "0"
    return "%s0x1.%sp%+d" % ("-" if x < 0 else "", frac, int(e) - 1)


def erfcx(x):
    return mp.exp(x * x) * mp.erfc(x)


def near0(f, series):
    """f, but its series near 0, where f cancels."""
    return lambda x: series(x) if abs(x) < mp.mpf(2) ** -30 else f(x)


LN2 = mp.log(2)
HALF_LN2 = LN2 / 2 * mp.mpf("1.0001")
SQRT1_2 = mp.sqrt(mp.mpf(1) / 2)

# exp(r) = 1 + r + r^2/2 + r^3 p(r), |r| <= ln2 / 2; the small one, for results near 1, has 1, 1, 1/2 in front
exp_p = near0(lambda r: (mp.exp(r) - 1 - r - r * r / 2) / r ** 3, lambda r: mp.mpf(1) / 6 + r / 24 + r * r / 120)
# 2^f = 1 + f p(f), |f| <= 1/2
exp2_p = near0(lambda f: (mp.mpf(2) ** f - 1) / f, lambda f: LN2 + f * LN2 ** 2 / 2)
# sinh(r) = r + r^3 p(r^2), cosh(r) = 1 + r^2 p(r^2), of the same r; atanh(x) = x + x^3 p(x^2), x <= 0.27
sinh_p = near0(lambda z: (mp.sinh(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, lambda z: mp.mpf(1) / 6 + z / 120)
cosh_p = near0(lambda z: (mp.cosh(mp.sqrt(z)) - 1) / z, lambda z: mp.mpf(1) / 2 + z / 24)
atanh_p = near0(lambda z: (mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, lambda z: mp.mpf(1) / 3 + z / 5)
# asinh(x) = x + x^3 p(x^2), acosh(1 + u) = sqrt(2 u) (1 + u p(u)), x and u <= 1/2
asinh_p = near0(lambda z: (mp.asinh(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, lambda z: -mp.mpf(1) / 6 + 3 * z / 40)
acosh_p = near0(lambda u: (mp.acosh(1 + u) / mp.sqrt(2 * u) - 1) / u, lambda u: -mp.mpf(1) / 12 + 3 * u / 160)
# log(1 + r) / log(b) = r / log(b) + r^2 p(r), r of LOG_TABLE; for pow log(1 + f) = f - f^2 / 2 + f^3 p(f)
def log_of_base(b):
    log_b = mp.log(b)
    return near0(lambda r: (mp.log(1 + r) - r) / r ** 2 / log_b, lambda r: (-mp.mpf(1) / 2 + r / 3 - r * r / 4) / log_b)


LOG_RANGE_f32 = mp.mpf("-0.044"), mp.mpf("0.06")
LOG_RANGE_f64 = -mp.mpf(1) / 32, mp.mpf(1) / 32
log_w = near0(lambda r: abs(r ** 2 / mp.log(1 + r)), abs)
log_near_p = near0(lambda f: (mp.log(1 + f) - f + f * f / 2) / f ** 3, lambda f: mp.mpf(1) / 3 - f / 4 + f * f / 5)
log_near_w = near0(lambda f: abs(f ** 3 / mp.log(1 + f)), lambda f: f ** 2)
# erf(x) = x + x e(x^2)
erf_e = near0(lambda z: mp.erf(mp.sqrt(z)) / mp.sqrt(z) - 1, lambda z: 2 / mp.sqrt(mp.pi) * (1 - z / 3) - 1)

# sin(r) = r + r^3 s(r^2), cos(r) = 1 - r^2 / 2 + r^4 c(r^2), |r| <= pi / 4 and a little beyond
sin_s = near0(lambda z: (mp.sin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, lambda z: -mp.mpf(1) / 6 + z / 120)
sin_w = near0(lambda z: z * mp.sqrt(z) / mp.sin(mp.sqrt(z)), lambda z: z)
cos_c = near0(lambda z: (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z ** 2, lambda z: mp.mpf(1) / 24 - z / 720)
QUARTER = (mp.pi / 4 * mp.mpf("1.01")) ** 2
tan_p = near0(lambda z: (mp.tan(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, lambda z: mp.mpf(1) / 3 + 2 * z / 15)
# atan(x) = x + x^3 a(x^2), x <= tan(pi / 8), or 1/8; asin(x) = x + x^3 b(x^2), x <= 1/2
atan_a = near0(lambda z: (mp.atan(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, lambda z: -mp.mpf(1) / 3 + z / 5)
asin_b = near0(lambda z: (mp.asin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, lambda z: mp.mpf(1) / 6 + 3 * z / 40)


def tail(c):
    """erfcx(y / sqrt 2) / 2 * (y + c) as a function of t = (y - c) / (y + c); that of erf is y = sqrt 2 * x."""
    def g(t):
        y = c * (1 + t) / (1 - t)
        return erfcx(y * SQRT1_2) / 2 * (y + c)
    return g


def tail_fit(c, most, degree, bits):
    g = tail(mp.mpf(c))
    return g, lambda t: 1 / g(t), degree, -1, (mp.mpf(most) - mp.mpf(c)) / (mp.mpf(most) + mp.mpf(c)), bits


# log Γ(x) = (x - 1/2) (log x - 1) + (log(2 π) - 1) / 2 + s(1 / x^2) / x
def stirling(z):
    x = 1 / mp.sqrt(z)
    return x * (mp.loggamma(x) - (x - mp.mpf(1) / 2) * (mp.log(x) - 1) - (mp.log(2 * mp.pi) - 1) / 2)


NORMAL_MEMO = {}


def normal_of(w):
    """The quantile of the normal distribution at (1 + x) / 2, over x, for the x of w = -log(1 - x^2)."""
    if w not in NORMAL_MEMO:
        x = mp.sqrt(-mp.expm1(-w))
        near = mp.sqrt(mp.pi / 2) * (1 + mp.pi * x * x / 12)
        NORMAL_MEMO[w] = mp.sqrt(2) * mp.erfinv(x) / x if w > mp.mpf(2) ** -60 else near
    return NORMAL_MEMO[w]


def normal_fit(c, lo, hi, root, degree, bits):
    """On [lo, hi], about c, of w or of its square root."""
    g = (lambda t: normal_of((t + c) ** 2)) if root else (lambda t: normal_of(t + c))
    return g, lambda t: 1 / g(t), degree, mp.mpf(lo) - c, mp.mpf(hi) - c, bits


POLYS = {
    # name: (function, weight, degree, from, to, bits)
    "EXP_f32": (exp_p, lambda r: abs(r) ** 3, 4, -HALF_LN2, HALF_LN2, 24),
    "EXP_f64": (exp_p, lambda r: abs(r) ** 3, 9, -HALF_LN2, HALF_LN2, 53),
    "EXP_SMALL_f32": (exp_p, lambda r: abs(r) ** 3, 3, -HALF_LN2, HALF_LN2, 24),
    "EXP_SMALL_f64": (exp_p, lambda r: abs(r) ** 3, 8, -HALF_LN2, HALF_LN2, 53),
    "EXP2_f32": (exp2_p, abs, 5, -mp.mpf(1) / 2, mp.mpf(1) / 2, 24),
    "EXP2_f64": (exp2_p, abs, 11, -mp.mpf(1) / 2, mp.mpf(1) / 2, 53),
    "SINH_f32": (sinh_p, lambda z: z, 2, 0, HALF_LN2 ** 2, 24),
    "SINH_f64": (sinh_p, lambda z: z, 4, 0, HALF_LN2 ** 2, 53),
    "COSH_f32": (cosh_p, lambda z: z, 2, 0, HALF_LN2 ** 2, 24),
    "COSH_f64": (cosh_p, lambda z: z, 5, 0, HALF_LN2 ** 2, 53),
    "ATANH_f32": (atanh_p, lambda z: z, 3, 0, mp.mpf("0.27") ** 2, 24),
    "ATANH_f64": (atanh_p, lambda z: z, 9, 0, mp.mpf("0.27") ** 2, 53),
    "ASINH_f32": (asinh_p, lambda z: z, 4, 0, mp.mpf(1) / 4, 24),
    "ASINH_f64": (asinh_p, lambda z: z, 10, 0, mp.mpf(1) / 4, 53),
    "ACOSH_f32": (acosh_p, lambda u: u, 4, 0, mp.mpf(1) / 2, 24),
    "ACOSH_f64": (acosh_p, lambda u: u, 10, 0, mp.mpf(1) / 2, 53),
    "TAN_f32": (tan_p, lambda z: z, 6, 0, QUARTER, 24),
    "TAN_f64": (tan_p, lambda z: z, 14, 0, QUARTER, 53),
    "ATAN_NEAR_f32": (atan_a, lambda z: z, 2, 0, mp.mpf("0.0157"), 24),
    "SIN_f32": (sin_s, sin_w, 2, 0, QUARTER, 24),
    "SIN_f64": (sin_s, sin_w, 5, 0, QUARTER, 53),
    "COS_f32": (cos_c, lambda z: z ** 2, 2, 0, QUARTER, 24),
    "COS_f64": (cos_c, lambda z: z ** 2, 6, 0, QUARTER, 53),
    "ATAN_f32": (atan_a, lambda z: z, 4, 0, mp.mpf("0.172"), 24),
    "ATAN_f64": (atan_a, lambda z: z, 10, 0, mp.mpf("0.172"), 53),
    "ASIN_f32": (asin_b, lambda z: z, 4, 0, mp.mpf(1) / 4, 24),
    "ASIN_f64": (asin_b, lambda z: z, 11, 0, mp.mpf(1) / 4, 53),
    "STIRLING_f32": (stirling, lambda z: mp.mpf(1), 1, mp.mpf(2) ** -60, mp.mpf(1) / 121, 24),
    "STIRLING_f64": (stirling, lambda z: mp.mpf(1), 5, mp.mpf(2) ** -60, mp.mpf(1) / 121, 53),
    "LOG_NEAR_f32": (log_near_p, log_near_w, 3, *LOG_RANGE_f32, 24),
    "LOG_NEAR_f64": (log_near_p, log_near_w, 7, -mp.mpf(1) / 120, mp.mpf(1) / 120, 53),
    "LOG_f32": (log_of_base(mp.e), log_w, 3, *LOG_RANGE_f32, 24),
    "LOG_f64": (log_of_base(mp.e), log_w, 7, *LOG_RANGE_f64, 53),
    "LOG2_f32": (log_of_base(2), log_w, 3, *LOG_RANGE_f32, 24),
    "LOG2_f64": (log_of_base(2), log_w, 7, *LOG_RANGE_f64, 53),
    "LOG10_f32": (log_of_base(10), log_w, 3, *LOG_RANGE_f32, 24),
    "LOG10_f64": (log_of_base(10), log_w, 7, *LOG_RANGE_f64, 53),
    "TAIL_f32": tail_fit("2.3515625", 15, 10, 24),
    "TAIL_f64": tail_fit("5.5", 39, 22, 53),
    "NORMAL_NEAR_f32": normal_fit(mp.mpf("2.5"), 0, 5, False, 10, 24),
    "NORMAL_FAR_f32": normal_fit(mp.mpf("3.5"), mp.sqrt(5), "4.7", True, 11, 24),
    "NORMAL_NEAR_f64": normal_fit(mp.mpf("3.125"), 0, "6.25", False, 24, 53),
    "NORMAL_FAR_f64": normal_fit(mp.mpf("4.25"), "2.5", "6", True, 29, 53),
    "ERF_NEAR_f64": (erf_e, lambda z: 1, 13, 0, 1, 53),
}


def bits_f32(x):
    return struct.unpack("<I", struct.pack("<f", x))[0]


def f32_of(bits):
    return struct.unpack("<f", struct.pack("<I", bits))[0]


def exact_point(f, lo, hi):
    """A float, of those around some points in the middle third, where f is very nearly a float too (Gal's method)."""
    near = [f32_of(bits_f32(lo + (hi - lo) * (24 + k) / 64) + d) for k in range(17) for d in range(-20, 21)]
    near += [f32_of(bits_f32((lo + hi) / 2) + d) for d in range(-200, 201)]
    return min(near, key=lambda x: abs(1 - to_type(f(mp.mpf(x)), 24) / f(mp.mpf(x))))


def table(f, slope, top, degree=6):
    """
    Rows of coefficients for f on [0, 1/8) and then on halves of octaves up to top: row 0 is the point m that the
    polynomial is about, row 1 f(m), row 2 on the polynomial (f(m + t) - f(m)) / t, less 1 in the first interval.
    """
    columns, lo, worst_error = [], 0.0, 0
    while lo < top:
        hi = f32_of(bits_f32(lo) + (1 << 22)) if lo else 0.125
        m = mp.mpf(exact_point(f, lo, min(hi, top))) if lo else mp.mpf(0)
        g = near0(lambda t: (f(m + t) - f(m)) / t, lambda t: slope(m))
        if not lo:
            g = near0(lambda t: f(t) / t - 1, lambda t: slope(0) - 1)
        c, err = fit(g, near0(lambda t: abs(t / f(m + t)), lambda t: abs(t / f(m)) if lo else 1 / slope(0)), degree, lo - m,
                     min(hi, top) - m, 24)
        columns.append([m, to_type(f(m), 24) if lo else m] + c)
        worst_error = max(worst_error, err)
        lo = hi
    columns += [[mp.mpf(0)] * len(columns[0])] * (16 - len(columns))
    return list(zip(*columns)), worst_error


def shifted_table(f, slope, shift, degree, zero):
    """
    As table, but for quarters of octaves of x + shift, sixteen in all, column i holding the one whose float has i in the bits from
    the second of the fraction on; zero: the first is about 0, where f is 0 and g the limit of f(t) / t.
    """
    columns, lo, worst_error = [None] * 16, shift, 0
    while lo < 16 * shift:
        hi = f32_of(bits_f32(lo) + (1 << 21))
        first = zero is not None and lo == shift
        m = mp.mpf(0) if first else mp.mpf(exact_point(f, lo - shift, hi - shift))
        g = near0(lambda t: (f(m + t) - f(m)) / t, lambda t: zero if first else slope(m))
        w = near0(lambda t: abs(t / f(m + t)), lambda t: 1 / zero if first else abs(t / f(m)))
        c, err = fit(g, w, degree, lo - shift - m, hi - shift - m, 24)
        columns[bits_f32(lo) >> 21 & 15] = [m, to_type(f(m), 24)] + c
        worst_error = max(worst_error, err)
        lo = hi
    return list(zip(*columns)), worst_error


def normal_tail(y):
    """Of the standard normal distribution: y times what is above y, times e^(y^2 / 2)."""
    return y * erfcx(y * SQRT1_2) / 2


def normal_tail_slope(y):
    return erfcx(y * SQRT1_2) / 2 * (1 + y * y) - y / mp.sqrt(2 * mp.pi)


TABLES = {
    "TANH_TABLE_f32": (table, mp.tanh, lambda x: 1 - mp.tanh(x) ** 2, 9.02),
    "ERF_TABLE_f32": (table, mp.erf, lambda x: 2 / mp.sqrt(mp.pi) * mp.exp(-x * x), 4.0),
    "ERFC_TABLE_f32": (shifted_table, erfcx, lambda x: 2 * x * erfcx(x) - 2 / mp.sqrt(mp.pi), 0.75, 5, None),
    "GELU_TABLE_f32": (shifted_table, normal_tail, normal_tail_slope, 1.0, 4, mp.mpf(1) / 2),
}


def print_rows(rows, bits):
    width, suffix = (4, "f,") if bits == 24 else (3, ",")
    for row in rows:
        words = [hexfloat(x, bits) + suffix for x in row]
        print("\t{\n" + "\n".join("\t\t" + " ".join(words[i:i + width]) for i in range(0, 16, width)) + "\n\t},")


def print_table(name):
    make, *rest = TABLES[name]
    rows, err = make(*rest)
    print("%s: error 2^%.2f" % (name, float(mp.log(err, 2))))
    print_rows(rows, 24)


def print_atan():
    """The middles of table's intervals, the last from 16 on, and their arc tangents."""
    rows, lo = [[mp.mpf(0)], [mp.mpf(0)]], 0.125
    while len(rows[0]) < 16:
        hi = f32_of(bits_f32(lo) + (1 << 22)) if lo < 16 else 64.0
        rows[0].append(mp.mpf(exact_point(mp.atan, lo, hi)))
        rows[1].append(to_type(mp.atan(rows[0][-1]), 24))
        lo = hi
    print("ATAN_TABLE_f32:")
    print_rows(rows, 24)


def print_lgamma(bits, degree):
    """
    log Γ on sixteen intervals of a quarter of a binade by the bits, from 11/16 to 11, each about a simple number m: row 0 is
    m, rows 1 and 2 log Γ(m), rows 3 and 4 the slope at m, the rest the coefficients of what remains, over t^2.
    """
    columns, worst_error = [], 0
    for j in range(-2, 14):
        m = mp.mpf(4 + (j % 4)) / 4 * mp.mpf(2) ** (j // 4)
        below = mp.mpf(2) ** ((j - 1) // 4) / 8
        above = mp.mpf(2) ** (j // 4) / 8
        f, slope = mp.loggamma(m), mp.digamma(m)
        g = near0(lambda t: (mp.loggamma(m + t) - f - slope * t) / t ** 2, lambda t: mp.polygamma(1, m) / 2)
        w = near0(lambda t: abs(t * t / mp.loggamma(m + t)), lambda t: abs(t / slope) if f == 0 else abs(t * t / f))
        c = [to_type(x, bits) for x in remez(g, w, degree, -below, above)]
        err = worst(g, w, c, -below, above)
        high, tilt = to_type(f, bits), to_type(slope, bits)
        columns.append([m, high, to_type(f - high, bits), tilt, to_type(slope - tilt, bits)] + c)
        worst_error = max(worst_error, err)
    print("LGAMMA_TABLE: error 2^%.2f" % float(mp.log(worst_error, 2)))
    print_rows(list(zip(*columns)), bits)


LGAMMA = {"LGAMMA_TABLE_f32": (24, 4), "LGAMMA_TABLE_f64": (53, 12)}


def main():
    for name in sys.argv[1:] or list(POLYS) + list(TABLES) + ["ATAN_TABLE_f32"] + list(LGAMMA):
        if name in LGAMMA:
            print_lgamma(*LGAMMA[name])
            continue
        if name in TABLES:
            print_table(name)
            continue
        if name == "ATAN_TABLE_f32":
            print_atan()
            continue
        f, w, degree, lo, hi, bits = POLYS[name]
        c, err = fit(f, w, degree, lo, hi, bits)
        print("%s: degree %d on [%s, %s], error 2^%.2f" %
              (name, degree, mp.nstr(mp.mpf(lo), 6), mp.nstr(mp.mpf(hi), 6), float(mp.log(err, 2))))
        print("".join("\t%s,\n" % (hexfloat(x, bits) + ("f" if bits == 24 else "")) for x in c), end="")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/golden: chosen operands and correctly rounded results of the elementary functions, as hex bits.

One file per function and type, FUNCTION.TYPE.hex. Lines that start with # are comments; the line "max_ulp N" says how
many units in the last place a result may be off, from lib/ops.def; each other line holds the bits of the operands
and of the result. A NaN result is written as the quiet NaN and stands for any. The points are the same on every
run. Knows nothing of how the library computes.

Usage: golden.py [function...]      in the root of the repository; python3 with mpmath
"""
import os
import random
import re
import struct
import sys

import mpmath as mp

mp.mp.prec = 200
INF, NAN = float("inf"), float("nan")
COUNT = 240 # random points per function and type


class Type:
    def __init__(self, name, bits, mantissa):
        self.name, self.bits, self.mantissa = name, bits, mantissa
        self.emax = (1 << (bits - mantissa - 2)) - 1 # of 2^e <= x < 2^(e+1)
        self.emin = 1 - self.emax
        self.codes = ("<f", "<I") if bits == 32 else ("<d", "<Q")

    def to_bits(self, x):
        return struct.unpack(self.codes[1], struct.pack(self.codes[0], x))[0]

    def from_bits(self, i):
        return struct.unpack(self.codes[0], struct.pack(self.codes[1], i & ((1 << self.bits) - 1)))[0]

    def round(self, x):
        """The bits of the mpf x, to nearest even; overflow and underflow as IEEE 754. Never called with 0."""
        sign, x = (1 << (self.bits - 1) if x < 0 else 0), abs(x)
        e = max(int(mp.floor(mp.log(x, 2))), self.emin)
        while x >= mp.ldexp(1, e + 1):
            e += 1
        while x < mp.ldexp(1, e) and e > self.emin:
            e -= 1
        units = int(mp.nint(mp.ldexp(x, self.mantissa - e))) # nint: halves to even
        # In the order of their bits floats count up by units; a carry runs into the exponent, and at last to Inf.
        return sign | min(((e - self.emin) << self.mantissa) + units, (2 * self.emax + 1) << self.mantissa)

    def nan(self):
        return ((2 * self.emax + 1) << self.mantissa) | 1 << (self.mantissa - 1)


F32, F64 = Type("f32", 32, 23), Type("f64", 64, 52)


def phi_tail(y):
    return mp.erfc(y / mp.sqrt(2)) / 2


def gelu(a):
    return a * phi_tail(-a)


def sigmoid(a):
    return 1 / (1 + mp.exp(-a))


def gelu_tanh(a):
    return a * sigmoid(2 * mp.sqrt(2 / mp.pi) * (a + mp.mpf("0.044715") * a ** 3))


# Operations with numbers, and the numbers their results are for; tests/truth.h has the same.
NUMBERS = {"elu": (0.75, 0), "celu": (1.5, 0), "softplus": (1.5, 20)}
SELU, SELU_ALPHA = mp.mpf("1.0507009873554804934193349852946"), mp.mpf("1.6732632423543772848170429916717")


def softplus(a):
    beta, limit = NUMBERS["softplus"]
    return a if beta * a > limit else mp.log1p(mp.exp(beta * a)) / beta


def mish(a):
    t = mp.exp(a) * (mp.exp(a) + 2)
    return a * t / (t + 2)


# function: (formula on finite numbers inside its domain, limit at -Inf, at +Inf, numbers with something to see around
# them). silu and gelu at -Inf are -Inf times 0.
FUNCTIONS = {
    "exp": (mp.exp, 0.0, INF, (88.7228, -87.3365, -103.972, 709.7827, -708.396, -745.133, 0.3466, 1.0397)),
    "exp2": (lambda a: mp.mpf(2) ** a, 0.0, INF, (128, -126, -149, -150, 1024, -1022, -1074, -1075, 0.5, 1.5)),
    "expm1": (mp.expm1, -1.0, INF, (88.7228, 709.7827, -17.33, -37.43, 17.33, 36.7, 0.3466, -0.3466, 1.0397, -1.0397)),
    "log": (mp.log, NAN, INF, (1, 0.75, 1.5, 0.70710678, 1.41421356, 2, 0.5, 2.718281828)),
    "log2": (lambda a: mp.log(a, 2), NAN, INF, (1, 0.75, 1.5, 0.70710678, 1.41421356, 2, 8, 0.125)),
    "log10": (mp.log10, NAN, INF, (1, 0.75, 1.5, 10, 100, 1000, 1e10, 0.1, 0.001)),
    "log1p": (mp.log1p, NAN, INF, (-1, -0.25, 0.5, -0.5, 1, -0.9999999, 1.6777216e7, 9.007e15, 1e19, 1e30)),
    "tanh": (mp.tanh, -1.0, 1.0, (0.1733, 0.52, 0.55, 1, 8.66, 9.01, 9.02, 18.7, 19.06, 22)),
    "sinh": (mp.sinh, -INF, INF, (88.7228, 89.4159, 709.78, 710.475, 0.3466, 1.0397, 1e-4, 1e-8)),
    "cosh": (mp.cosh, INF, INF, (88.7228, 89.4159, 709.78, 710.475, 0.3466, 1.0397)),
    "asinh": (mp.asinh, -INF, INF, (1e-4, 0.5, 1, 16384, 1.07e9, 0.2887)),
    "acosh": (mp.acosh, NAN, INF, (1, 1.0001, 1.03125, 2, 16384, 1.07e9)),
    "atanh": (mp.atanh, NAN, NAN, (1, 0.999999, 0.5, 0.111, 0.2)),
    "sin": (mp.sin, NAN, NAN, (0.7853982, 1.5707963, 3.1415927, 22, 355, 32768, 1.07e9, 6e30, 6381956970095103.0 * 2.0 ** 70)),
    "cos": (mp.cos, NAN, NAN, (0.7853982, 1.5707963, 4.712389, 11, 355, 32768, 1.07e9, 6e30, 6381956970095103.0 * 2.0 ** 70)),
    "tan": (mp.tan, NAN, NAN, (0.7853982, 1.5707963, 3.1415927, 11, 355, 32768, 1.07e9, 6e30, 6381956970095103.0 * 2.0 ** 70)),
    "asin": (mp.asin, NAN, NAN, (1, 0.5, 0.7071)),
    "acos": (mp.acos, NAN, NAN, (1, 0.5, 0.7071)),
    "atan": (mp.atan, float(-mp.pi / 2), float(mp.pi / 2), (1, 0.4142, 2.414, 1.6e7, 9e15)),
    "cbrt": (lambda a: mp.cbrt(a) if a > 0 else -mp.cbrt(-a), -INF, INF, (1, 8, 27, 1000, 0.125, 1.1e12, 1e-12)),
    "erf": (mp.erf, -1.0, 1.0, (1, 1.625, 2.25, 3.125, 3.92, 4, 5.86, 6, 0.5)),
    "elu": (lambda a: a if a > 0 else mp.mpf(0.75) * mp.expm1(a), -0.75, INF, (-17.33, -0.3466, -1.0397)),
    "selu": (lambda a: SELU * (a if a > 0 else SELU_ALPHA * mp.expm1(a)), float(-SELU * SELU_ALPHA), INF,
             (-17.33, -0.3466, -1.0397, 1)),
    "celu": (lambda a: a if a > 0 else mp.mpf(1.5) * mp.expm1(a / 1.5), -1.5, INF, (-17.33, -0.3466, -1.0397)),
    "logsigmoid": (lambda a: -mp.log1p(mp.exp(-a)), -INF, -0.0, (17.33, 87.34, 103.97, 708.4, 745.13, -17.33, 1)),
    "mish": (mish, NAN, INF, (-87.3365, -91.8, -103.972, -108.6, -708.396, -751, 17.33, -1.192)),
    "softplus": (softplus, 0.0, INF, (-58.22, -69.3, -472.26, -496.7, 13.3333, 0.231)),
    "erfc": (mp.erfc, 2.0, 0.0, (0.25, 0.5, 1, 9.19, 10.05, 26.5, 27.2, -0.477, 0.477)),
    "lgamma": (lambda a: mp.re(mp.loggamma(a)), INF, INF, (1, 2, 0.6875, 11, 1.4616, 1e-10, 1e30, 4e36, 2.5e305)),
    "deg2rad": (lambda a: a * mp.pi / 180, -INF, INF, (1, 45, 180)),
    "rad2deg": (lambda a: a * 180 / mp.pi, -INF, INF, (1, 3.14159, 1.7e306, 5.9e36)),
    "rsqrt": (lambda a: 1 / mp.sqrt(a), NAN, 0.0, (1, 2, 4, 0.5, 0.25, 3)),
    "sigmoid": (sigmoid, 0.0, 1.0, (-87.3365, -103.972, 17.33, -708.396, -745.133, 37, 0.3466, 1)),
    "silu": (lambda a: a * sigmoid(a), NAN, INF, (-87.3365, -91.8, -103.972, -108.6, -708.396, -751, 17.33, 1.278)),
    "gelu": (gelu, NAN, INF, (-0.7518, -5, -12.75, -13.1, -14, -14.37, -37, -37.5, -38.5, -8, 6)),
    "gelu_tanh": (gelu_tanh, NAN, INF, (-0.7525, -5, -9.5, -10.05, -10.8, -21, -21.5, -22, 5)),
}

# Found by tests/test_exhaustive.c: where the library's results were furthest off, at one time or another.
HARD_F32 = {
    "exp": ("-0x1.5f0e9ap+6", "-0x1.5dbba4p+6", "-0x1.5ea6e4p+6"),
    "exp2": ("-0x1.f8477ap+6", "-0x1.f9c1dap+6"),
    "expm1": ("0x1.1244e6p+4", "0x1.63bc7cp-2", "0x1.91dcfp-2", "0x1.6182c8p+6", "0x1.6bc81ap-2", "-0x1.0fb75ep+4"),
    "log": ("0x1.44185cp+0", "0x1.7bb4b8p+0"),
    "log2": ("0x1.65c046p+0", "0x1.7b252p-1", "0x1.7ac8a2p-1"),
    "log10": ("0x1.5375e2p+0", "0x1.7bb4b8p+0"),
    "log1p": ("0x1.dd266ap-2", "0x1.ee9416p-2"),
    "tanh": ("0x1.62e5f2p-3", "-0x1.18dc9p+3", "0x1.7c2dbcp-3", "0x1.8b0d22p-3", "-0x1.151446p+3", "0x1.79d6ecp+1"),
    "sinh": ("-0x1.5c0844p+6",),
    "cosh": ("0x1.e98c52p+1",),
    "asinh": ("-0x1.9e94c4p-2",),
    "acosh": ("0x1.146c42p+0",),
    "atanh": ("-0x1.8e1464p-3",),
    "sin": ("0x1.2d97c8p+6", "-0x1.a42f82p+114", "0x1.46c9e2p+4", "0x1.f95b0cp+116"),
    "cos": ("0x1.9bc5p+14", "-0x1.63d776p+108", "0x1.804f04p+47", "0x1.f95b0cp+116"),
    "tan": ("0x1.b7d2bp+4", "0x1.f3f8a8p+1", "-0x1.2d97cep+1", "0x1.f95b0cp+116"),
    "asin": ("-0x1.0cec02p-1",),
    "acos": ("0x1.3d7438p-1",),
    "atan": ("-0x1.010e16p+0", "-0x1.043e2p+0"),
    "cbrt": ("0x1.007a1ap-5",),
    "erf": ("-0x1.34bd48p+0", "0x1.751952p+2", "0x1.f98c12p-1"),
    "erfc": ("0x1.26dd56p+3",), "lgamma": (), "deg2rad": (), "rad2deg": (), "elu": (), "selu": (), "celu": (), "logsigmoid": (), "mish": (), "softplus": (),
    "rsqrt": ("0x1.745472p+16",),
    "sigmoid": ("-0x1.5d6c2ep+1", "-0x1.9ddf58p-8"),
    "silu": ("-0x1.f5d666p+0", "-0x1.00ccaep+1", "-0x1.62e52ep+9"),
    "gelu": ("-0x1.ef0f8cp-5", "-0x1.f7239ep-8", "-0x1.d7b86p-5", "0x1.d4523p-10", "-0x1.0a1dccp-4",
             "-0x1.8a8f14p+3", "-0x1.a2fd88p+3", "-0x1.5c72a8p-2",
             "-0x1.1f5c2ep-3"),
    "gelu_tanh": ("-0x1.d25584p+0", "-0x1.5439fep-2", "-0x1.5292a8p+4"),
}

# Most of the random operands are drawn below this, where the function does something; the rest from all bits.
COMMON = {"lgamma": 40, "deg2rad": 1000, "rad2deg": 1000, "elu": 20, "selu": 20, "celu": 30, "asinh": 10, "atanh": 1, "sin": 400, "cos": 400, "tan": 400, "asin": 1, "acos": 1, "atan": 10, "cbrt": 1000}
REACH = COMMON | {"erfc": 10, "logsigmoid": 105, "mish": 110, "softplus": 70, "sinh": 90, "cosh": 90, "exp": 110, "exp2": 152, "expm1": 90, "tanh": 10, "erf": 4.5, "sigmoid": 110, "silu": 110, "gelu": 15,
         "gelu_tanh": 12}
REACH_F64 = COMMON | {"erfc": 27, "logsigmoid": 746, "mish": 752, "softplus": 500, "sinh": 711, "cosh": 711, "exp": 750, "exp2": 1076, "expm1": 710, "tanh": 20, "erf": 6.5, "sigmoid": 750, "silu": 755, "gelu": 39,
             "gelu_tanh": 23}
ODD = ("deg2rad", "rad2deg", "elu", "selu", "celu", "mish", "sinh", "asinh", "atanh", "sin", "tan", "asin", "atan", "cbrt", "expm1", "log1p", "tanh", "erf", "silu", "gelu", "gelu_tanh") # f(±0) = ±0
DOMAIN = {"log": (0, INF), "log2": (0, INF), "log10": (0, INF), "log1p": (-1, INF), "rsqrt": (0, INF), "acosh": (1, INF),
          "atanh": (-1, 1), "asin": (-1, 1), "acos": (-1, 1)} # NaN outside
FAR = ("exp", "exp2", "expm1", "tanh", "erf", "sigmoid", "silu", "gelu", "gelu_tanh", "sinh", "cosh", "elu", "selu", "celu", "logsigmoid",
       "mish", "softplus", "erfc") # soon at their limits


def value(name, t, a):
    """The result's bits for the operand a, a float."""
    formula, at_minus, at_plus, _ = FUNCTIONS[name]
    if a != a:
        return t.nan()
    if a in (INF, -INF):
        limit = at_plus if a > 0 else at_minus
        return t.nan() if limit != limit else t.to_bits(limit)
    if a == 0:
        if name in ODD:
            return t.to_bits(a)
        if name in ("log", "log2", "log10"):
            return t.to_bits(-INF)
        if name == "rsqrt":
            return t.to_bits(-INF if str(a)[0] == "-" else INF)
    low, high = DOMAIN.get(name, (-INF, INF))
    if not low <= a <= high:
        return t.nan()
    if name == "lgamma" and a <= 0 and a == int(a):
        return t.to_bits(INF)
    if name == "log1p" and a == -1:
        return t.to_bits(-INF)
    if name == "atanh" and abs(a) == 1:
        return t.to_bits(a * INF)
    return finite(name, formula, t, mp.mpf(a))


def finite(name, formula, t, a):
    if name in FAR and abs(a) > 4 * REACH_F64[name]: # far outside; mpmath would take forever
        if name in ("silu", "gelu", "gelu_tanh", "mish"):
            return t.to_bits(float(a)) if a > 0 else t.to_bits(-0.0)
        if name in ("elu", "celu", "softplus") and a > 0 or name == "logsigmoid" and a < 0:
            return t.to_bits(float(a))
        if name == "selu" and a > 0:
            return t.round(formula(a))
        return value(name, t, INF if a > 0 else -INF)
    with mp.workprec(200 + 2 * abs(int(mp.floor(mp.log(abs(a), 2)))) if a else 200):
        y = formula(a)
        return t.round(y) if y else 0


def hypot(t, a, b):
    if INF in (abs(a), abs(b)):
        return t.to_bits(INF)
    if a != a or b != b:
        return t.nan()
    with mp.workprec(5000):
        y = mp.sqrt(mp.mpf(a) ** 2 + mp.mpf(b) ** 2)
        return t.round(y) if y else 0


def is_odd(b):
    return abs(b) < 2.0 ** 60 and int(b) == b and int(b) % 2 == 1


def power(t, a, b):
    """C's pow, Annex F."""
    if b == 0 or a == 1:
        return t.to_bits(1.0)
    if a != a or b != b:
        return t.nan()
    negative = struct.pack("<d", a)[7] >> 7
    sign = (1 << (t.bits - 1)) if negative and is_odd(b) else 0
    if b in (INF, -INF):
        return t.to_bits(1.0 if abs(a) == 1 else INF if (abs(a) > 1) == (b > 0) else 0.0)
    if a == 0 or abs(a) == INF:
        return sign | t.to_bits(INF if (a == 0) == (b < 0) else 0.0)
    if negative and int(b) != b:
        return t.nan()
    if abs(mp.mpf(b) * mp.log(abs(mp.mpf(a)), 2)) > 4 * t.emax:
        return sign | t.to_bits(INF if (abs(a) > 1) == (b > 0) else 0.0)
    with mp.workprec(1200):
        return sign | t.round(mp.power(abs(mp.mpf(a)), mp.mpf(b)))


def angle(t, a, b):
    """C's atan2, Annex F."""
    if a != a or b != b:
        return t.nan()
    if a == 0 and struct.pack("<d", b)[7] >> 7 == 0:
        return t.to_bits(a)
    sign = struct.pack("<d", a)[7] >> 7 << (t.bits - 1)
    left = struct.pack("<d", b)[7] >> 7
    if INF in (abs(a), abs(b)) or 0 in (a, b):
        turn = mp.mpf(1) / 2 # of π
        if abs(a) == abs(b):
            turn = mp.mpf(3 if left else 1) / 4 if a else mp.mpf(left)
        elif abs(b) == INF or a == 0:
            turn = mp.mpf(left)
        return sign | (t.round(turn * mp.pi) if turn else 0)
    with mp.workprec(5000):
        return sign | t.round(mp.atan2(abs(mp.mpf(a)), mp.mpf(b)))


def power_pairs(t, rng):
    out = [(a, b) for a in (0.0, 1.0, 2.0, 0.5, 3.0, INF, NAN, 1.0000001, 0.9999999) for s in (a, -a)
           for b in (0.0, 1.0, 2.0, 3.0, 0.5, 1e10, 1e30, INF, NAN, 16777217.0) for p in ((s, b), (s, -b))]
    for k in range(3 * COUNT):
        a = 2.0 ** rng.uniform(-t.emax, t.emax) if k % 2 else 1 + rng.uniform(-1, 1) * 2.0 ** rng.uniform(-20, -1)
        a = t.from_bits(t.to_bits(a))
        if a == 1 or a == 0:
            continue
        most = abs(float((t.emax + 30) / mp.log(mp.mpf(a), 2)))
        b = rng.choice((1, -1)) * min(most, 1e30) * (rng.random() if k % 3 else 2.0 ** rng.uniform(-20, 0))
        out.append((a, t.from_bits(t.to_bits(b))))
    return out + [(-a, float(rng.randrange(-20, 21))) for a in (1.1, 1.5, 2.0, 3.0, 0.7, 1e-3) for _ in range(4)]


def everywhere(t):
    """Operands any function is tried on: zeros, ends, denormals, powers of two, one."""
    top = (2 * t.emax + 1) << t.mantissa
    bits = [0, 1, 2, 3, (1 << t.mantissa) - 1, 1 << t.mantissa, (1 << t.mantissa) + 1, top - 1, top]
    bits += [1 << k for k in range(2, t.mantissa, 5)]
    bits += [t.to_bits(2.0 ** k) + d for k in range(t.emin, t.emax, t.emax // 12) for d in (-1, 0, 1)]
    bits += [t.to_bits(2.0 ** k) + d for k in range(-4, 9) for d in (-1, 0, 1)]
    return [i | s << (t.bits - 1) for i in bits for s in (0, 1)] + [t.nan()]


def operands(name, t, rng):
    reach = (REACH if t is F32 else REACH_F64).get(name)
    bits = everywhere(t)
    for x in FUNCTIONS[name][3]:
        if abs(x) < 2.0 ** t.emax:
            bits += [t.to_bits(x) + d for d in (-2, -1, 0, 1, 2)]
            bits += [t.to_bits(-x) + d for d in (-1, 0, 1)]
    if t is F32:
        bits += [t.to_bits(float.fromhex(x)) for x in HARD_F32[name]]
    for i in range(COUNT):
        if i % 4 == 0 or not reach and i % 2:
            bits.append(rng.getrandbits(t.bits - 1) | (rng.getrandbits(1) << (t.bits - 1) if reach else 0))
        elif reach:
            bits.append(t.to_bits(rng.choice((1, -1)) * (reach * rng.random() if i % 4 == 1 else
                                                         reach * 2.0 ** rng.uniform(-30, 0))))
        else:
            bits.append(t.to_bits(2.0 ** rng.uniform(-3, 3) if name != "log1p" else
                                  rng.choice((1, -1)) * 2.0 ** rng.uniform(-40, 0)))
    if name == "lgamma": # between integers below -2 the tolerance is in other units; tests/test_golden.c draws some
        bits = [i for i in bits if not t.from_bits(i) < -2 or t.from_bits(i) == -INF or t.from_bits(i) % 1 == 0]
    return sorted(set(bits))


def pairs(t, rng):
    ends = [t.from_bits(i) for i in everywhere(t)]
    out = [(a, b) for a in ends[::9] for b in ends[::10]]
    out += [(3.0, 4.0), (NAN, INF), (-INF, NAN), (NAN, 1.0), (-0.0, -0.0)]
    for _ in range(COUNT):
        a = t.from_bits(rng.getrandbits(t.bits))
        out.append((a, t.from_bits(t.to_bits(a) ^ rng.getrandbits(t.mantissa)
                                   ^ rng.getrandbits(rng.randrange(1, 5)) << t.mantissa) if a == a else 1.0))
    return out


def max_ulp(name, t):
    with open("lib/ops.def") as f:
        n = int(re.search(r"^OP\(%s,.*?ULP\((\d+)\)" % name, f.read(), re.M).group(1))
    return n if t is F32 else 2 * n


def write(name, t):
    rng = random.Random("%s %s" % (name, t.name))
    digits = t.bits // 4
    with open(os.path.join("tests", "golden", "%s.%s.hex" % (name, t.name)), "w") as f:
        f.write("# %s, %s: bits of the operands and of the correctly rounded result; from tools/gen/golden.py\n"
                % (name, t.name))
        f.write("max_ulp %d\n" % max_ulp(name, t))
        if name in NUMBERS:
            f.write("numbers %g %g\n" % NUMBERS[name])
        if name in DRAWS:
            f.write("numbers 0 1\n")
            for i in draws(t, rng):
                f.write("%0*x %0*x\n" % (digits, i, digits, t.round(DRAWS[name](*magnitude(t, i)))))
        elif name in BINARY:
            formula, operand_pairs = BINARY[name]
            for a, b in operand_pairs(t, rng):
                a, b = (t.from_bits(t.to_bits(x)) for x in (a, b))
                f.write("%0*x %0*x %0*x\n" % (digits, t.to_bits(a), digits, t.to_bits(b), digits, formula(t, a, b)))
        else:
            for i in operands(name, t, rng):
                f.write("%0*x %0*x\n" % (digits, i, digits, value(name, t, t.from_bits(i))))


def added(base):
    def formula(t, a, b):
        if a != a or b != b:
            return t.nan()
        if INF in (a, b):
            return t.to_bits(INF)
        most, least = max(a, b), min(a, b)
        if most == -INF or least < most - 10000:
            return t.to_bits(most)
        return t.round(most + mp.log1p(mp.power(base, mp.mpf(least) - mp.mpf(most))) / mp.log(base))
    return formula


def sum_pairs(t, rng):
    """No less than 0, where the tolerance is in units of the result."""
    out = [(0.0, 0.0), (INF, 1.0), (-INF, 2.0), (NAN, 1.0), (1.0, NAN), (INF, INF), (-INF, -INF), (INF, -INF), (1e30, 1.0)]
    return out + [tuple(abs(t.from_bits(t.to_bits(x))) for x in (a, a + rng.gauss(0, 20)))
                  for a in (rng.uniform(0, 50) for _ in range(COUNT))]


def magnitude(t, bits):
    """Of random bits: x in (0, 1) of the highest of them, and the sign in the lowest."""
    width = 31 if t is F32 else 51
    return (mp.mpf(bits >> (t.bits - width)) + mp.mpf(1) / 2) / 2 ** width, -1 if bits & 1 else 1


def draws(t, rng):
    top = 1 << t.bits
    out = [0, 1, top - 1, top - 2, top // 2, top // 2 + 1, top // 2 - 1]
    out += [top - (1 << k) - d for k in range(t.bits) for d in (0, 1)] + [(1 << k) + d for k in range(t.bits) for d in (0, 1)]
    return sorted(set(i % top for i in out + [rng.getrandbits(t.bits) for _ in range(3 * COUNT)]))


# Of random bits rather than of a number; with numbers 0 and 1.
DRAWS = {"random_normal": lambda x, sign: sign * mp.sqrt(2) * mp.erfinv(x), "random_exponential": lambda x, sign: -mp.log(1 - x)}

BINARY = {"logaddexp": (added(mp.e), sum_pairs), "logaddexp2": (added(mp.mpf(2)), sum_pairs), "hypot": (hypot, pairs), "atan2": (angle, pairs), "pow": (power, power_pairs),
          "float_power": (power, power_pairs)}


def main():
    os.makedirs(os.path.join("tests", "golden"), exist_ok=True)
    for name in sys.argv[1:] or list(FUNCTIONS) + list(BINARY) + list(DRAWS):
        for t in (F64,) if name == "float_power" else (F32, F64):
            write(name, t)


if __name__ == "__main__":
    main()

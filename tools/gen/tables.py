#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints the number tables of lib/ref/expr: math_table_turns.h (argument turns) and math_table_log.h (argument log).

Knows nothing of how the expressions use them but what the printed comments say.

Usage: tables.py turns|log        python3 with mpmath
"""
import struct
import sys

import mpmath as mp

from minimax import hexfloat, to_type

mp.mp.prec = 1400

TYPES = {"f32": (24, "<f", "<I"), "f64": (53, "<d", "<Q")}


def print_rows(name, tag, rows):
    bits = TYPES[tag][0]
    width = 4 if tag == "f32" else 3
    print("\nstatic const e%s %s_%s[%d][%d] = {" % (tag, name, tag, len(rows), len(rows[0])))
    for row in rows:
        words = [hexfloat(x, bits) + ("f," if tag == "f32" else ",") for x in row]
        print("\t{\n" + "\n".join("\t\t" + " ".join(words[i:i + width]) for i in range(0, len(words), width)) + "\n\t},")
    print("};")


def parts(x, bits, n):
    """x as a sum of n numbers of this many bits."""
    out = []
    for _ in range(n):
        out.append(to_type(x, bits))
        x -= out[-1]
    return out


def turns(tag, first, step, n):
    bits = TYPES[tag][0]
    columns = []
    for g in range(n):
        x = mp.ldexp(1, first - (bits - 1) + step * g) / mp.pi
        columns.append(parts(x - 2 * mp.nint(x / 2), bits, 4))
    print_rows("TURNS", tag, list(zip(*columns)))


TURNS_HEAD = """/* SPDX-License-Identifier: MIT */
/*
 * 2^e / π less the nearest even number, as a sum of four numbers, one to a row; printed by tools/gen/tables.py. Column g
 * is for the exponent e = LARGE - MANTISSA + g·STEP, constants of expr/math_trig.h's types.
 * No include guard: included once per vocabulary, by expr/math_f32.h.
 */"""


def short(lo, hi):
    """
    About the reciprocal of the numbers from lo to hi, of so few bits that where the logarithm is small its product with any of
    them, less 1, is exact, and in a lower binade than the logarithm.
    """
    step = 64 if lo > mp.mpf("1.1") else 32
    c = mp.nint(2 * step / (lo + hi)) / step
    return c + mp.mpf(1) / step if 1 < lo and step == 32 else c


def log_table(name, tag, n, bases):
    """bases: of each logarithm its base and the last place of the high part, so that adding a multiple of log(2) to it is exact."""
    bits, real, word = TYPES[tag]
    shift = bits - 1 - n.bit_length() + 1
    unpack = lambda i: struct.unpack(real, struct.pack(word, i))[0]
    one = struct.unpack(word, struct.pack(real, 1.0))[0]
    base = one - (n // 2 << shift) - (1 << shift - 1)
    columns = []
    for j in range(n):
        lo, hi = (unpack(base + (i << shift)) for i in (j, j + 1))
        lo, hi = mp.mpf(lo), mp.mpf(hi)
        c = short(lo, hi) if tag == "f32" else to_type(2 / (lo + hi), bits)
        c = mp.mpf(1) if j == n // 2 else c
        column = [c]
        for b, low in bases:
            log = -mp.log(c, b)
            high = mp.ldexp(mp.nint(mp.ldexp(log, low)), -low)
            column += [high, to_type(log - high, bits)]
        columns.append(column)
    print("\n#define %s_BASE_%s %s%s" % (name, tag, hexfloat(mp.mpf(unpack(base)), bits), "f" if tag == "f32" else ""))
    print("#define %s_BITS_%s %d" % (name, tag, n.bit_length() - 1))
    print_rows(name + "_TABLE", tag, list(zip(*columns)))


LOG_HEAD = """/* SPDX-License-Identifier: MIT */
/*
 * [BASE, 2·BASE) in intervals of equal length by the bits of a float, of which one is about 1; printed by tools/gen/tables.py.
 * Row 0: a number c near the reciprocals of the interval, 1 about 1; rows 1 and 2: -log2(c) as a sum, row 1 short
 * enough for an exponent to be added exactly; rows 3 and 4, 5 and 6: the same of log and log10 for the high part of k·log(2).
 * LOG2, for pow, is the same with more intervals of f64.
 * No include guard: included once per vocabulary, by expr/math_f32.h.
 */"""


def main():
    if sys.argv[1:] == ["turns"]:
        print(TURNS_HEAD)
        turns("f32", 15, 8, 16)
        turns("f64", 30, 16, 64)
    elif sys.argv[1:] == ["log"]:
        print(LOG_HEAD)
        log_table("LOG", "f32", 16, ((2, 15), (mp.e, 16), (10, 17)))
        for name in ("BASE", "BITS", "TABLE"):
            print("#define LOG2_%s_f32 LOG_%s_f32" % (name, name))
        log_table("LOG", "f64", 16, ((2, 40), (mp.e, 42), (10, 43)))
        log_table("LOG2", "f64", 64, ((2, 40),))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()

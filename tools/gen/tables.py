#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints the number tables of lib/ref/expr: math_table_turns.h (argument turns) and math_table_log2.h (argument log2).

Knows nothing of how the expressions use them but what the printed comments say.

Usage: tables.py turns|log2        python3 with mpmath
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


def log2_table(tag, n, low):
    """low: the last place of the high part, so that adding an exponent to it is exact."""
    bits, real, word = TYPES[tag]
    shift = bits - 1 - n.bit_length() + 1
    unpack = lambda i: struct.unpack(real, struct.pack(word, i))[0]
    one = struct.unpack(word, struct.pack(real, 1.0))[0]
    base = one - (n // 2 << shift) - (1 << shift - 1)
    columns = []
    for j in range(n):
        lo, hi = (unpack(base + (i << shift)) for i in (j, j + 1))
        c = mp.mpf(1) if j == n // 2 else to_type(2 / (mp.mpf(lo) + mp.mpf(hi)), bits)
        log = -mp.log(c, 2)
        high = mp.ldexp(mp.nint(mp.ldexp(log, low)), -low)
        columns.append([c, high, to_type(log - high, bits)])
    print("\n#define LOG2_BASE_%s %s%s" % (tag, hexfloat(mp.mpf(unpack(base)), bits), "f" if tag == "f32" else ""))
    print("#define LOG2_BITS_%s %d" % (tag, n.bit_length() - 1))
    print_rows("LOG2_TABLE", tag, list(zip(*columns)))


LOG2_HEAD = """/* SPDX-License-Identifier: MIT */
/*
 * For pow: [BASE, 2·BASE) in intervals of equal length by the bits of a float, of which one is about 1; printed by
 * tools/gen/tables.py. Row 0: a number c near the reciprocal of the interval's middle, 1 about 1; rows 1 and 2: -log2(c) as
 * a sum, row 1 short enough for an exponent to be added exactly.
 * No include guard: included once per vocabulary, by expr/math_f32.h.
 */"""


def main():
    if sys.argv[1:] == ["turns"]:
        print(TURNS_HEAD)
        turns("f32", 15, 8, 16)
        turns("f64", 30, 16, 64)
    elif sys.argv[1:] == ["log2"]:
        print(LOG2_HEAD)
        log2_table("f32", 16, 15)
        log2_table("f64", 64, 40)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The cases of bench_gpu beside PyTorch CUDA on the same card: both times and their ratio, as a table of docs/bench-gpu.md.

TF32 is off. The calls are those that the cases' names suggest, with out= where there is one. PyTorch's time is that of one of
4 calls between two events, the median of 15; ours is what bench_gpu prints.

Usage: bench/gpu_torch.py [--bench build/release/bench/bench_gpu] [part of a case's name…]
"""

import argparse
import re
import statistics
import subprocess
import time

import torch
from torch.nn import functional

WARM_UP = 0.6  # seconds, as bench_gpu
SETS = 4

TYPES = {"float32": torch.float32, "float64": torch.float64, "float16": torch.float16, "bfloat16": torch.bfloat16,
         "uint8": torch.uint8, "int8": torch.int8}

# Of the tensors t, t[0] the result.
CALLS = {
    "add": lambda t: torch.add(t[1], t[2], out=t[0]),
    "exp": lambda t: torch.exp(t[1], out=t[0]),
    "gelu": lambda t: functional.gelu(t[1]),
    "copy": lambda t: t[0].copy_(t[1]),
    "transpose": lambda t: t[0].copy_(t[1].t()),
    "sum0": lambda t: torch.sum(t[1], 0, out=t[0]),
    "sum1": lambda t: torch.sum(t[1], 1, out=t[0]),
    "var1": lambda t: torch.var(t[1], 1, correction=0, out=t[0]),
    "softmax": lambda t: torch.softmax(t[1], 1, out=t[0]),
    "softmax0": lambda t: torch.softmax(t[1], 0, out=t[0]),
    "norm": lambda t: functional.layer_norm(t[1], t[1].shape[1:], t[2], t[3]),
    "matmul": lambda t: torch.matmul(t[1], t[2], out=t[0]),
    "linear": lambda t: functional.linear(t[1], t[2]),
    "conv": lambda t: functional.conv2d(t[1], t[2], padding=1),
    "attention": lambda t: functional.scaled_dot_product_attention(t[1], t[2], t[3], scale=0.125),
}


def tensors(dtype, shapes):
    if not dtype.is_floating_point:
        return [torch.randint(0, 100, s, dtype=dtype, device="cuda") for s in shapes]
    return [(torch.rand(s, device="cuda") * 4 - 2).to(dtype) for s in shapes]


def measure(call, sets):
    """Microseconds of a call."""
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    begin, times = time.monotonic(), []
    while time.monotonic() - begin < WARM_UP:
        for t in sets:
            call(t)
        torch.cuda.synchronize()
    for _ in range(15):
        start.record()
        for t in sets:
            call(t)
        end.record()
        end.synchronize()
        times.append(start.elapsed_time(end) * 1000 / len(sets))
    return statistics.median(times)


def ours(bench, parts):
    """Name, microseconds alone and each, rate and agreement of each case."""
    text = subprocess.run([bench, *parts], stdout=subprocess.PIPE, text=True, check=True).stdout
    line = re.compile(r"(.*?)\s+(same|near|WRONG)\s+first\s+\S+\s+alone\s+(\S+)\s+each\s+(\S+) us\s+(\S+ \S+)")
    return {m[1]: (float(m[3]), float(m[4]), m[5], m[2]) for m in map(line.match, text.splitlines()) if m}


def number(x):
    return f"{x:,.0f}" if x >= 100 else f"{x:.1f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bench", default="build/release/bench/bench_gpu")
    parser.add_argument("part", nargs="*")
    args = parser.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    found = ours(args.bench, args.part)
    print(f"{torch.cuda.get_device_name()}, PyTorch {torch.__version__}\n")
    print("| case | alone | each | rate | PyTorch | PyTorch / ours |\n|---|---|---|---|---|---|")
    for row in subprocess.run([args.bench, "--list"], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines():
        name, operation, dtype, *shapes = row.split("\t")
        if name not in found:
            continue
        alone, each, rate, agreement = found[name]
        shapes = [tuple(map(int, s.split(","))) for s in shapes]
        try:
            theirs = measure(CALLS[operation], [tensors(TYPES[dtype], shapes) for _ in range(SETS)])
        except (RuntimeError, KeyError) as e:
            theirs, agreement = float("nan"), f"{agreement} ({str(e).splitlines()[0]})"
        torch.cuda.empty_cache()
        measurable = alone >= 150 and alone <= 3 * each
        print(f"| {name} | {number(alone)} | {number(each)} | {rate if measurable else ''} | {number(theirs)} | "
              f"{f'{theirs / each:.2f}' if measurable else ''} |{' ' + agreement if 'WRONG' in agreement or '(' in agreement else ''}", flush=True)


if __name__ == "__main__":
    main()

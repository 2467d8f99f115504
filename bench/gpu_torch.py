#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The cases of bench_gpu beside PyTorch CUDA on the same card: both times and their ratios, as a table of docs/bench-gpu.md.

TF32 is off. The calls are those that the cases' names suggest, with out= where there is one. PyTorch's times are those of one call
and torch.cuda.synchronize(), by the processor's clock, the median of 15 (alone); and of one of 4 calls between two events, the
median of 15 (each). Chains are CUDA graphs, transfers are from and to pinned memory. Ours are what bench_gpu prints.

Usage: bench/gpu_torch.py [--bench build/release/bench/bench_gpu] [part of a case's name…]    without one, the cases of the table
       bench/gpu_torch.py --all
       bench/gpu_torch.py --operations FILE    elementwise ones of 100M numbers, all that FILE lists: gen/ops.tsv of a build
"""

import argparse
import re
import statistics
import subprocess
import time

import torch
from torch.nn import functional

WARM_UP = 0.15  # seconds: operands are made on the card, which stays awake
SETS = 4
TIMES = 15

# Cases of the table: parts of their names.
TABLE = ["add 1K", "add 1M", "add 100M", "copy 100M", "exp 100M", "log 100M", "erf", "tanh", "sin", "lgamma",
         "pow", "gelu", "sum 1 x", "sum 1M x",
         "sum 10K x 10K", "sum columns 10K", "sum columns 4", "argmax", "dot", "var", "softmax", "layer_norm", "matmul",
         "linear 4096", "linear 128", "linear 1 x", "conv", "attention", "30 operations", "load"]

TYPES = {"float32": torch.float32, "float64": torch.float64, "float16": torch.float16, "bfloat16": torch.bfloat16,
         "uint8": torch.uint8, "int8": torch.int8}

# Of the tensors t, t[0] the result.
CALLS = {
    "add": lambda t: torch.add(t[1], t[2], out=t[0]),
    "exp": lambda t: torch.exp(t[1], out=t[0]),
    "log": lambda t: torch.log(t[1], out=t[0]),
    "erf": lambda t: torch.erf(t[1], out=t[0]),
    "tanh": lambda t: torch.tanh(t[1], out=t[0]),
    "sin": lambda t: torch.sin(t[1], out=t[0]),
    "lgamma": lambda t: torch.lgamma(t[1], out=t[0]),
    "pow": lambda t: torch.pow(t[1], t[2], out=t[0]),
    "gelu": lambda t: functional.gelu(t[1]),
    "copy": lambda t: t[0].copy_(t[1]),
    "transpose": lambda t: t[0].copy_(t[1].t()),
    "sum0": lambda t: torch.sum(t[1], 0, out=t[0]),
    "sum1": lambda t: torch.sum(t[1], 1, out=t[0]),
    "argmax": lambda t: torch.argmax(t[1], 1),
    "dot": lambda t: torch.dot(t[1][0], t[2][0]),
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


def wall(call):
    """Microseconds of a call until the card is done."""
    times = []
    for _ in range(TIMES):
        begin = time.perf_counter()
        call()
        torch.cuda.synchronize()
        times.append((time.perf_counter() - begin) * 1e6)
    return statistics.median(times)


def warm_up(call):
    begin = time.monotonic()
    while time.monotonic() - begin < WARM_UP:
        call()
        torch.cuda.synchronize()


def measure(call, sets):
    """Microseconds of a call alone and of one of several."""
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    times = []
    warm_up(lambda: [call(t) for t in sets] and None)
    alone = wall(lambda: call(sets[0]))
    for _ in range(TIMES):
        start.record()
        for t in sets:
            call(t)
        end.record()
        end.synchronize()
        times.append(start.elapsed_time(end) * 1000 / len(sets))
    return alone, statistics.median(times)


def special(operation, n):
    """What a special case of bench_gpu does, as a call."""
    x, host, result = torch.full((n,), 0.5, device="cuda"), torch.full((n,), 0.5).pin_memory(), torch.empty(n).pin_memory()
    if operation == "upload":
        return lambda: x.copy_(host, non_blocking=True)
    if operation == "download":
        return lambda: result.copy_(x, non_blocking=True)

    def chain():
        y = x
        for _ in range(10):
            y = torch.sigmoid(y * 1.01 + 0.1)
        return y

    chain()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        y = chain()
    if operation == "chain":
        return graph.replay

    def around():
        x.copy_(host, non_blocking=True)
        graph.replay()
        result.copy_(y, non_blocking=True)

    return around


def theirs(operation, dtype, shapes):
    if operation in ("upload", "download", "chain", "round"):
        call = special(operation, shapes[0][0])
        warm_up(call)
        return (wall(call),) * 2
    return measure(CALLS[operation], [tensors(TYPES[dtype], shapes) for _ in range(SETS)])


def ours(bench, parts):
    """Name, microseconds alone and each, rate and agreement of each case."""
    text = subprocess.run([bench, *parts], stdout=subprocess.PIPE, text=True, check=True).stdout
    line = re.compile(r"(.*?)\s+(same|near|WRONG)\s+first\s+\S+\s+alone\s+(\S+)\s+each\s+(\S+) us\s+(\S+ \S+)")
    return {m[1]: (float(m[3]), float(m[4]), m[5], m[2]) for m in map(line.match, text.splitlines()) if m}


def operations(bench, table):
    """Every operation on one or two f32 operands that PyTorch has under a name of its own."""
    names = {"power": "pow", "absolute": "abs", "invert": "bitwise_not", "rint": "round", "cbrt": None}
    words = {}
    for row in open(table):
        name, family, dtypes, result, *_ = row.split("\t")
        if family in ("UNARY", "BINARY") and result == "SAME" and "float32" in dtypes:
            their = names.get(name, name)
            call = getattr(torch, their or "", None) or getattr(functional, their or "", None)
            words[name] = ("2" if family == "BINARY" else "") + name, call
    found = ours(bench, ["--operations", *(word for word, _ in words.values())])
    print("| operation | each | PyTorch each | PyTorch / ours |\n|---|---|---|---|")
    for name, (word, call) in words.items():
        if name not in found:
            print(f"| {name} | not timed |", flush=True)
            continue
        theirs = float("nan")
        if call:
            t = tensors(torch.float32, [(100 << 20,)] * (2 if word[0] == "2" else 1))
            try:
                theirs = measure(lambda t: call(*t), [t] * SETS)[1]
            except (RuntimeError, TypeError):
                pass
        each = found[name][1]
        wrong = " WRONG" if found[name][3] == "WRONG" else ""
        print(f"| {name}{wrong} | {number(each)} | {number(theirs)} | {theirs / each:.2f} |", flush=True)


def number(x):
    return f"{x:,.0f}" if x >= 100 else f"{x:.1f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bench", default="build/release/bench/bench_gpu")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--operations", metavar="FILE")
    parser.add_argument("part", nargs="*")
    args = parser.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    if args.operations:
        return operations(args.bench, args.operations)
    found = ours(args.bench, args.part or ([] if args.all else TABLE))
    print(f"{torch.cuda.get_device_name()}, PyTorch {torch.__version__}\n")
    print("| case | alone | each | rate | PyTorch alone | PyTorch each | alone, PyTorch / ours | each, PyTorch / ours |")
    print("|---|---|---|---|---|---|---|---|")
    for row in subprocess.run([args.bench, "--list"], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines():
        name, operation, dtype, *shapes = row.split("\t")
        if name not in found:
            continue
        alone, each, rate, agreement = found[name]
        shapes = [tuple(map(int, s.split(","))) for s in shapes]
        try:
            their_alone, their_each = theirs(operation, dtype, shapes)
        except (RuntimeError, KeyError) as e:
            their_alone = their_each = float("nan")
            agreement = f"{agreement} ({str(e).splitlines()[0]})"
        torch.cuda.empty_cache()
        measurable = alone >= 150 and alone <= 3 * each
        print(f"| {name} | {number(alone)} | {number(each)} | {rate if measurable else ''} | {number(their_alone)} | "
              f"{number(their_each)} | {their_alone / alone:.2f} | {f'{their_each / each:.2f}' if measurable else ''} |"
              f"{' ' + agreement if 'WRONG' in agreement or '(' in agreement else ''}", flush=True)


if __name__ == "__main__":
    main()

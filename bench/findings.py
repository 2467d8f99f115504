# SPDX-License-Identifier: MIT
"""What bench/versus found, put in order: rows, summaries, and how figures are shown. Times nothing, writes nothing."""
import collections
import datetime
import math
import os
import platform
import statistics
import subprocess

from cases import ROOT

NAMES = {"trueno": "Trueno", "numpy": "NumPy", "torch": "PyTorch", "onnxruntime": "ONNX Runtime",
         "numexpr": "numexpr", "openblas": "OpenBLAS", "blis": "BLIS", "onednn": "oneDNN"}
GROUPS = ("elementwise", "reductions", "rows", "products", "convolutions", "memory", "chains")
EVEN = 0.97  # ratios from here to 1 / EVEN count as even


def plural(n, word):
    return f"{n} {word}{'' if n == 1 else 's'}"


def row(case, threads, times):
    """One case with one number of threads. ns: a call's median; ratio: peer / ours, [least, median, greatest] round."""
    ours = times["trueno"]
    peers = {name: t for name, t in times.items() if name != "trueno" and t.rounds and ours.rounds}
    ratios = {name: sorted(p / o for o, p in zip(ours.rounds, t.rounds)) for name, t in peers.items()}
    return {"case": case.key, "op": case.op, "group": case.group, "dtype": case.dtype, "size": case.size,
            "threads": threads, "flops": case.flops,
            "ns": {n: round(t.ns, 2) for n, t in times.items() if t.rounds},
            "ratio": {n: [round(x, 4) for x in (r[0], statistics.median(r), r[-1])] for n, r in ratios.items()},
            "noisy": sorted(n for n, t in times.items() if t.noisy),
            "statement": {n: t.statement for n, t in peers.items() if t.statement},
            "refused": {n: t.refused for n, t in times.items() if t.refused}}


def best(r):
    """(name, [least, median, greatest]) of the fastest peer of a row; None if none ran."""
    return min(r["ratio"].items(), key=lambda item: item[1][1], default=None)


def ratio(r):
    return best(r)[1][1]


def machine():
    """The processor's name, its caches and how many CPUs this process may use."""
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")),
                 platform.machine())
    return f"{model}, {len(os.sched_getaffinity(0))} CPUs"


def commit():
    done = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=10"],
                          capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def group_summary(rows):
    """One line a group and number of threads, over the rows some peer ran too."""
    lines = []
    for group in GROUPS:
        for threads in sorted({r["threads"] for r in rows}):
            some = [r for r in rows if r["group"] == group and r["threads"] == threads and r["ratio"]]
            if not some:
                continue
            q = [ratio(r) for r in some]
            by_peer = collections.defaultdict(list)
            for r in some:
                for name, (_, median, _) in r["ratio"].items():
                    by_peer[name].append(math.log(median))
            lines.append({"group": group, "threads": threads, "cases": len(some), "won": sum(x > 1 / EVEN for x in q),
                          "even": sum(EVEN <= x <= 1 / EVEN for x in q), "lost": sum(x < EVEN for x in q),
                          "best": math.exp(statistics.fmean(map(math.log, q))),
                          "peers": {n: math.exp(statistics.fmean(v)) for n, v in by_peer.items()}})
    return lines


def document(rows, versions, missing, args, left, level):
    return {"format": 1, "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
            "commit": commit(), "machine": machine(), "level": level,
            "versions": {n: v for n, v in versions.items() if n != "trueno"}, "missing": missing, "quick": args.quick,
            "filter": args.filter, "left": left, "summary": group_summary(rows), "rows": rows}


def show(ns):
    return f"{ns:.0f} ns" if ns < 1e3 else f"{ns / 1e3:.3g} µs" if ns < 999.5e3 else f"{ns / 1e6:.3g} ms"


def times(x):
    return f"{x:.2f}×" if x < 10 else f"{x:.0f}×"


def heading(doc):
    """What a reader must know before any figure, one sentence a line."""
    peers = ", ".join(f"{NAMES[n]} {v}".strip() for n, v in doc["versions"].items())
    yield f"{doc['machine']}; our level {doc['level']}; commit {doc['commit']}, {doc['date']}."
    yield f"Peers: {peers or 'none'}."
    yield ("Ratio: the fastest peer's time over ours, the median of paired rounds; above 1, we are faster. "
           f"Within {100 * (1 - EVEN):.0f} % is even.")
    if doc["quick"]:
        yield "Made with --quick: one short round, nothing repeated."
    if doc["left"]:
        yield f"{doc['left']} cases were left when the time was up."
    for name in doc["missing"]:
        yield f"{NAMES[name]} could not be run here."


def by_size(rows):
    """(sizes, {op: {size: row}}) of one-dimensional f32 rows (i32 where an operation has no f32)."""
    table = collections.defaultdict(dict)
    for r in rows:
        if r["size"].isdigit() and not r["case"].endswith(" new") and r["dtype"] in ("float32", "int32"):
            table[r["op"], r["dtype"]][int(r["size"])] = r
    usual = {op: d for op, d in table if d == "float32"}
    table = {op: v for (op, d), v in table.items() if usual.get(op, d) == d}
    return sorted({s for v in table.values() for s in v}), table


def losses(doc):
    """Rows slower than the fastest peer, the worst first."""
    return sorted((r for r in doc["rows"] if r["ratio"] and ratio(r) < 1), key=ratio)

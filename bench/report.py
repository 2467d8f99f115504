# SPDX-License-Identifier: MIT
"""Writes what bench/versus found: JSON, Markdown, the terminal; bench/page.py makes the HTML."""
import collections
import json
import os
import pathlib

import page
from findings import EVEN, GROUPS, NAMES, best, by_size, heading, losses, plural, ratio, show, times


def cell(r):
    """Ours and the ratio, or ours alone."""
    if "trueno" not in r["ns"]:
        return "fails"
    text = show(r["ns"]["trueno"])
    if not r["ratio"]:
        return text
    q = ratio(r)
    return f"{text}, {'**' if q < EVEN else ''}{times(q)}{'**' if q < EVEN else ''}"


def markdown(doc):
    """The report's tables as text."""
    yield "# The CPU driver beside its peers\n"
    yield "Made by `bench/versus`; do not edit. [bench.md](bench.md) says how it measures.\n"
    yield "\n".join(f"* {line}" for line in heading(doc)) + "\n"
    yield "| group | threads | cases | faster | even | slower | geometric mean of ratios |"
    yield "|---|---|---|---|---|---|---|"
    for s in doc["summary"]:
        peers = ", ".join(f"{NAMES[n]} {times(q)}" for n, q in s["peers"].items())
        yield (f"| {s['group']} | {s['threads']} | {s['cases']} | {s['won']} | {s['even']} | {s['lost']} | "
               f"{times(s['best'])} (by peer: {peers}) |")
    yield "\nBelow: our time, and the ratio to the fastest peer, in bold where it is slower than that."
    for threads in sorted({r["threads"] for r in doc["rows"]}):
        rows = [r for r in doc["rows"] if r["threads"] == threads]
        sizes, table = by_size([r for r in rows if r["group"] in ("elementwise", "reductions", "rows", "memory")])
        if table:
            yield f"\n## Operations by number of elements, {plural(threads, 'thread')}\n"
            yield "| operation | " + " | ".join(f"{s:,}" for s in sizes) + " |"
            yield "|---" * (len(sizes) + 1) + "|"
            for op, cells in table.items():
                yield f"| {op} | " + " | ".join(cell(cells[s]) if s in cells else "" for s in sizes) + " |"
    rest = collections.defaultdict(dict)
    flat = {id(r) for t in {r["threads"] for r in doc["rows"]} for v in
            by_size([r for r in doc["rows"] if r["threads"] == t and r["group"] != "products"])[1].values()
            for r in v.values()}
    for r in doc["rows"]:
        if id(r) not in flat:
            rest[r["group"], r["case"]][r["threads"]] = r
    settings = sorted({r["threads"] for r in doc["rows"]})
    for group in GROUPS:
        some = {case: found for (g, case), found in rest.items() if g == group}
        if some:
            yield f"\n## {group.capitalize()}: shapes, types and layouts\n"
            yield "| case | " + " | ".join(f"{plural(t, 'thread')} | fastest peer" for t in settings) + " |"
            yield "|---" * (1 + 2 * len(settings)) + "|"
            for case, found in some.items():
                text = [f"{cell(found[t])} | {NAMES[best(found[t])[0]] if found[t]['ratio'] else ''}"
                        if t in found else " | " for t in settings]
                yield f"| {case} | " + " | ".join(text) + " |"


def atomically(path, text):
    temporary = path.with_name(path.name + ".new")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)


def write(out, doc):
    """OUT.json, OUT.md, OUT.html; each is there as a whole or as it was."""
    pathlib.Path(out).parent.mkdir(parents=True, exist_ok=True)
    rows = ",\n".join(json.dumps(r, separators=(",", ":")) for r in doc["rows"])
    head = json.dumps({k: v for k, v in doc.items() if k != "rows"}, indent=1)
    atomically(pathlib.Path(out + ".json"), f"{head[:-2]},\n \"rows\": [\n{rows}\n]}}\n")
    atomically(pathlib.Path(out + ".md"), "\n".join(markdown(doc)) + "\n")
    atomically(pathlib.Path(out + ".html"), page.html(doc))


def summary(doc, stream):
    """For the terminal: groups, then what is slower than some peer."""
    for line in heading(doc):
        print(line, file=stream)
    for s in doc["summary"]:
        print(f"{s['group']:14} {plural(s['threads'], 'thread'):10} {s['cases']:4} cases: {s['won']:4} faster "
              f"{s['even']:4} even {s['lost']:4} slower, mean {times(s['best'])}", file=stream)
    if losses(doc):
        print(f"\n{'slower than the fastest peer':52} threads       ours         peer  ratio (rounds)", file=stream)
    for r in losses(doc):
        name, (low, median, high) = best(r)
        print(f"{r['case']:52} {r['threads']:7} {show(r['ns']['trueno']):>10} {show(r['ns'][name]):>10}  "
              f"{median:5.2f} ({low:.2f}-{high:.2f}) {NAMES[name]}{' noisy' if r['noisy'] else ''}", file=stream)
    for r in doc["rows"]:
        for name, why in r["refused"].items():
            if name == "trueno" or "differs" in why:
                print(f"{r['case']}: {NAMES[name]}: {why}", file=stream)

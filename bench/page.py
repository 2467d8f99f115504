# SPDX-License-Identifier: MIT
"""The report of bench/versus as one page of HTML with its drawings inside: no script, nothing fetched, prints well."""
import html as text
import math

from findings import GROUPS, NAMES, best, by_size, heading, losses, plural, show

COLOURS = {"trueno": "#1b4f9c", "numpy": "#4b8f4b", "torch": "#d1602b", "onnxruntime": "#7a5ba8",
           "numexpr": "#8a8a8a", "openblas": "#b8860b", "blis": "#b04a6f", "onednn": "#2f8f8f"}
STYLE = """
:root { color-scheme: light }
body { font: 15px/1.45 system-ui, sans-serif; color: #1d2430; background: #fff; max-width: 1120px; margin: 2em auto;
       padding: 0 1.2em }
h1 { font-size: 1.7em; margin: 0 0 .3em } h2 { font-size: 1.2em; margin: 2.2em 0 .5em; break-after: avoid }
h3 { font-size: 1em; margin: 1.4em 0 .4em; break-after: avoid }
p, ul { max-width: 75ch } .meta { color: #566; padding-left: 1.1em }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; margin: .4em 0 }
th { text-align: right; font-weight: 600; border-bottom: 1.5px solid #1d2430; padding: 3px 8px; vertical-align: bottom }
td { text-align: right; border-bottom: 1px solid #e3e6ea; padding: 2px 8px; white-space: nowrap }
th:first-child, td:first-child, .l { text-align: left }
thead { display: table-header-group } tr { break-inside: avoid }
small { color: #556; font-size: .85em } figure { margin: .6em 0 1.2em; break-inside: avoid }
svg { max-width: 100%; height: auto; display: block } svg text { font: 12px system-ui, sans-serif; fill: #1d2430 }
.a0 { background: #b2402f; color: #fff } .a1 { background: #e08a75 } .a2 { background: #f6d5cb }
.a3 { background: #f4f4f2 } .a4 { background: #dbe8f4 } .a5 { background: #b5d0ea } .a6 { background: #7fb0da }
.a7 { background: #3f7fbf; color: #fff }
.a0 small, .a1 small, .a6 small, .a7 small { color: inherit }
@media print { body { margin: 0; max-width: none; font-size: 11px } table { font-size: 9px } h2 { margin-top: 1.4em }
  td, th { padding: 1px 4px } * { -webkit-print-color-adjust: exact; print-color-adjust: exact } }
"""
STEPS = (0.5, 0.8, 0.97, 1 / 0.97, 1.5, 3, 8)  # between a0 and a7
PER_FIGURE = 14
LEAST, MOST = 0.125, 64  # ratios a strip shows; others lie at its ends


def shade(q):
    return f"a{sum(q >= step for step in STEPS)}"


def number(q):
    return f"{q:.2f}" if q < 10 else f"{q:.0f}"


def strip(lines):
    """Every case a dot at its ratio to the fastest peer, one line for each (label, rows)."""
    left, width, height = 190, 1080, 34
    scale = (width - left - 40) / math.log(MOST / LEAST)
    bottom = 26 + height * len(lines)
    ticks = [2.0 ** k for k in range(-3, 7)]

    def x(q):
        return left + scale * math.log(min(max(q, LEAST), MOST) / LEAST)

    out = [f'<svg viewBox="0 0 {width} {bottom + 24}" role="img" aria-label="ratios by group">']
    for t in ticks:
        heavy = ' stroke="#1d2430" stroke-width="1.4"' if t == 1 else ' stroke="#dde1e6"'
        out.append(f'<line x1="{x(t):.1f}" x2="{x(t):.1f}" y1="14" y2="{bottom}"{heavy}/>'
                   f'<text x="{x(t):.1f}" y="{bottom + 16}" text-anchor="middle">{t:g}×</text>')
    out.append(f'<text x="{x(1) - 8:.1f}" y="10" text-anchor="end">a peer is faster</text>'
               f'<text x="{x(1) + 8:.1f}" y="10">Trueno is faster</text>')
    for i, (label, rows) in enumerate(lines):
        middle = 14 + height * (i + 0.5)
        out.append(f'<text x="0" y="{middle + 4:.1f}">{text.escape(label)}</text>')
        taken = {}
        for r in sorted(rows, key=lambda r: best(r)[1][1]):
            name, (_, q, _) = best(r)
            place = round(x(q) / 4)
            taken[place] = taken.get(place, 0) + 1
            k = taken[place]
            y = middle + min((k // 2) * 3.2, 14) * (1 if k % 2 else -1)
            out.append(f'<circle cx="{x(q):.1f}" cy="{y:.1f}" r="2.6" fill="{"#b2402f" if q < 0.97 else "#3f7fbf"}" '
                       f'fill-opacity=".75"><title>{text.escape(r["case"])}: {number(q)}× {NAMES[name]}'
                       "</title></circle>")
    return "".join(out) + "</svg>"


def figures(rows, unit, value):
    """Bars of all rows on one scale, in drawings that fit a sheet of paper."""
    most = max(value(r, s) for r in rows for s in r["ns"])
    parts = [rows[i:i + PER_FIGURE] for i in range(0, len(rows), PER_FIGURE)]
    return "".join(f"<figure>{bars(part, most, unit, value)}</figure>" for part in parts)


def bars(rows, most, unit, value):
    """One block of bars a row, a bar for each side: the longer, the faster. value(row, side) is in unit."""
    sides = [s for s in NAMES if any(s in r["ns"] for r in rows)]
    left, width, thick, gap = 330, 1080, 8, 9
    out, y = [], 24
    for i, s in enumerate(sides):
        at = left + 108 * i
        out.append(f'<rect x="{at}" y="4" width="10" height="10" fill="{COLOURS[s]}"/>'
                   f'<text x="{at + 14}" y="13">{NAMES[s]}</text>')
    for r in rows:
        here = [s for s in sides if s in r["ns"]]
        out.append(f'<text x="0" y="{y + thick * len(here) / 2 + 4:.1f}">{text.escape(r["case"])}</text>')
        for s in here:
            v = value(r, s)
            length = max(1.0, (width - left - 70) * v / most)
            out.append(f'<rect x="{left}" y="{y}" width="{length:.1f}" height="{thick - 1}" fill="{COLOURS[s]}">'
                       f'<title>{NAMES[s]}: {number(v)} {unit}</title></rect>')
            if s == "trueno":
                out.append(f'<text x="{left + length + 5:.1f}" y="{y + thick - 1}">{v:.0f} {unit}</text>')
            y += thick
        y += gap
    return f'<svg viewBox="0 0 {width} {y}" role="img" aria-label="{unit}">{"".join(out)}</svg>'


def sized(rows):
    """Operations down, numbers of elements across; the shade is the ratio."""
    sizes, table = by_size(rows)
    out = ["<table><thead><tr><th>operation</th>" + "".join(f"<th>{s:,}</th>" for s in sizes) + "</tr></thead>"]
    for op, cells in table.items():
        out.append(f"<tr><td>{text.escape(op)}</td>")
        for s in sizes:
            r = cells.get(s)
            if not r or "trueno" not in r["ns"]:
                out.append("<td></td>")
                continue
            ours = f"<small>{show(r['ns']['trueno'])}</small>"
            if not r["ratio"]:
                out.append(f"<td>{ours}</td>")
                continue
            name, (low, q, high) = best(r)
            tip = f"{NAMES[name]} {show(r['ns'][name])}; rounds {number(low)} to {number(high)}"
            out.append(f'<td class="{shade(q)}" title="{tip}">{number(q)}× {ours}</td>')
        out.append("</tr>")
    return "".join(out) + "</table>"


def listed(rows):
    """A line for each case with every side's ratio."""
    sides = [s for s in NAMES if s != "trueno" and any(s in r["ratio"] for r in rows)]
    out = ["<table><thead><tr><th>case</th><th>threads</th><th>Trueno</th>" +
           "".join(f"<th>{NAMES[s]}</th>" for s in sides) + "</tr></thead>"]
    for r in rows:
        ours = show(r["ns"]["trueno"]) if "trueno" in r["ns"] else "fails"
        out.append(f"<tr><td>{text.escape(r['case'])}</td><td>{r['threads']}</td><td>{ours}</td>")
        for s in sides:
            if s in r["ratio"]:
                low, q, high = r["ratio"][s]
                out.append(f'<td class="{shade(q)}" title="{show(r["ns"][s])}; rounds {number(low)} to '
                           f'{number(high)}">{number(q)}×</td>')
            else:
                out.append("<td></td>")
        out.append("</tr>")
    return "".join(out) + "</table>"


def summary_table(doc):
    peers = [s for s in NAMES if any(s in line["peers"] for line in doc["summary"])]
    out = ["<table><thead><tr><th>group</th><th>threads</th><th>cases</th><th>faster</th><th>even</th><th>slower</th>"
           "<th>fastest peer</th>" + "".join(f"<th>{NAMES[p]}</th>" for p in peers) + "</tr></thead>"]
    for s in doc["summary"]:
        means = [s["best"]] + [s["peers"].get(p) for p in peers]
        out.append(f"<tr><td>{s['group']}</td>" + "".join(
            f"<td>{s[k]}</td>" for k in ("threads", "cases", "won", "even", "lost")) + "".join(
            f'<td class="{shade(q)}">{number(q)}×</td>' if q else "<td></td>" for q in means) + "</tr>")
    return "".join(out) + "</table>"


def sections(doc):
    rows = doc["rows"]
    settings = sorted({r["threads"] for r in rows})
    yield "<h1>Trueno on the CPU, beside its peers</h1>"
    yield '<ul class="meta">' + "".join(f"<li>{text.escape(line)}</li>" for line in heading(doc)) + "</ul>"
    yield "<h2>Summary</h2><p>Geometric means of the ratios, peer time over ours, by group.</p>" + summary_table(doc)
    lines = [(f"{g}, {plural(t, 'thread')}", [r for r in rows if r["group"] == g and r["threads"] == t and r["ratio"]])
             for g in GROUPS for t in settings]
    lines = [(label, some) for label, some in lines if some]
    if lines:
        yield "<p>Each dot is one case against whichever peer is fastest in it.</p><figure>"
        yield strip(lines) + "</figure>"
    for group in ("products", "convolutions"):
        for t in settings:
            some = [r for r in rows if r["group"] == group and r["threads"] == t and r["flops"] and r["ratio"]]
            for kind, of in (("", [r for r in some if r["dtype"] == "float32"]),
                             (" of other types", [r for r in some if r["dtype"] != "float32"])):
                if of:
                    yield f"<h2>{group.capitalize()}{kind}, {plural(t, 'thread')}</h2>"
                    yield figures(of, "GFLOPS", lambda r, s: r["flops"] / r["ns"][s])
    for t in settings:
        some = [r for r in rows if r["threads"] == t and r["group"] in ("elementwise", "reductions", "rows", "memory")]
        if by_size(some)[1]:
            yield f"<h2>Operations by number of elements, {plural(t, 'thread')}</h2>"
            yield "<p>Ratio to the fastest peer, and our time a call.</p>" + sized(some)
    for group in GROUPS:
        some = [r for r in rows if r["group"] == group and not (r["size"].isdigit() and group != "products" and
                                                                r["dtype"] == "float32" and group != "chains")]
        if some:
            yield f"<h2>{group.capitalize()}: shapes, types and layouts</h2>" + listed(some)
    lost = losses(doc)
    if lost:
        yield "<h2>Where a peer is faster</h2>" + listed(lost)
    yield "<h2>What the sides ran</h2><p>Trueno: one call of the C interface a case, results into given memory; "\
          "runs of operations as a plan. Peers, by the statement timed:</p>" + statements(rows)


def statements(rows):
    """Of each operation and peer, one statement."""
    found = {}
    for r in rows:
        for s, statement in r["statement"].items():
            if statement and len(statement) < 200:
                found.setdefault(r["op"], {}).setdefault(s, statement)
    out = ["<table><thead><tr><th>operation</th><th class=l>statements</th></tr></thead>"]
    for op, by in found.items():
        shown = "<br>".join(f"{NAMES[s]}: <code>{text.escape(t)}</code>" for s, t in by.items() if s != "onnxruntime")
        if shown:
            out.append(f"<tr><td>{text.escape(op)}</td><td class=l style='white-space:normal'>{shown}</td></tr>")
    return "".join(out) + "</table>"


def html(doc):
    body = "\n".join(sections(doc))
    return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Trueno on the CPU</title>'
            f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>\n<body>\n{body}\n'
            "</body></html>\n")

# SPDX-License-Identifier: MIT
"""einsum_path: orders of contracting the operands of an einsum two by two, as NumPy finds them (Smith and Gray, opt_einsum,
JOSS 3(26), 2018). The library has its own order, whatever is found here."""
import itertools
import math
import re

from ._create import asarray
from ._product import as_text

__all__ = ["einsum_path"]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def parsed(operands):
    """([letters of an operand, …], letters of the result, [arrays]): an ellipsis becomes letters, and -> is there."""
    if not operands:
        raise ValueError("No input operands")
    text, arrays = (operands[0], list(operands[1:])) if isinstance(operands[0], str) else as_text(operands)
    text, arrays = text.replace(" ", ""), [asarray(a) for a in arrays]
    inputs, arrow, result = text.partition("->")
    inputs, known = inputs.split(","), set(text)
    if len(inputs) != len(arrays):
        raise ValueError("Number of einsum subscripts must be equal to the number of operands.")
    for s in [*inputs, result]:
        if not re.fullmatch(r"[A-Za-z]*(\.\.\.)?[A-Za-z]*", s):
            raise ValueError(f"einsum subscripts {s!r} are not letters and at most one ellipsis")
    for s, a in zip(inputs, arrays):
        if "..." in s and a.ndim < len(s) - 3:
            raise ValueError(f"Ellipses lengths do not match: {s!r} has more letters than its operand's {a.ndim} dimensions")
    if len(set(result.replace(".", ""))) < len(result.replace(".", "")):
        raise ValueError(f"Output subscripts {result!r} name an index twice")
    unused = [c for c in LETTERS if c not in known]
    longest = max([a.ndim - len(s) + 3 for s, a in zip(inputs, arrays) if "..." in s], default=0)
    free = "".join(unused[:max(longest, 0)])
    inputs = [s.replace("...", free[len(free) - (a.ndim - len(s) + 3):] if "..." in s else "") for s, a in zip(inputs, arrays)]
    if arrow:
        result = result.replace("...", free)
    else:
        letters = "".join(inputs)
        result = free + "".join(c for c in sorted(set(letters)) if letters.count(c) == 1 and c not in free)
    for c in result:
        if c not in "".join(inputs):
            raise ValueError(f"Output character {c} did not appear in the input")
    return inputs, result, arrays


def sizes_of(inputs, arrays):
    sizes = {}
    for k, (letters, a) in enumerate(zip(inputs, arrays)):
        if len(letters) != a.ndim:
            raise ValueError(f"Einstein sum subscript {letters} does not contain the correct number of indices for operand {k}.")
        for c, n in zip(letters, a.shape):
            if sizes.get(c, 1) != 1 and n not in (1, sizes[c]):
                raise ValueError(f"Size of label '{c}' for operand {k} ({sizes[c]}) does not match previous terms ({n}).")
            sizes[c] = max(n, sizes.get(c, 1)) if n else 0
    return sizes


class Contractions:
    """What contracting some of a list of operands, sets of letters, gives and costs."""

    def __init__(self, result, sizes, limit):
        self.result, self.sizes, self.limit = frozenset(result), sizes, limit

    def size(self, letters):
        return math.prod(self.sizes[c] for c in letters)

    def cost(self, letters, sums, terms):
        return self.size(letters) * (max(1, terms - 1) + bool(sums))

    def of(self, places, operands):
        """(result, all operands afterwards, letters that are summed over, letters that take part)"""
        taking = frozenset().union(*(operands[i] for i in places))
        rest = [s for i, s in enumerate(operands) if i not in places]
        kept = taking & self.result.union(*rest)
        return kept, [*rest, kept], taking - kept, taking

    def possible(self, places, operands, spent, most):
        """[how it compares, places, all operands afterwards], or None if it takes too much memory or is no better."""
        kept, after, sums, taking = self.of(places, operands)
        size = self.size(kept)
        cost = self.cost(taking, sums, len(places))
        if size > self.limit or spent + cost > most:
            return None
        return (size - sum(self.size(operands[i]) for i in places), cost), places, after

    def optimal(self, operands):
        """The cheapest of all orders."""
        found = [(0, [], operands)]
        for left in range(len(operands), 1, -1):
            further = []
            for cost, path, now in found:
                for places in itertools.combinations(range(left), 2):
                    kept, after, sums, taking = self.of(places, now)
                    if self.size(kept) <= self.limit:
                        further.append((cost + self.cost(taking, sums, 2), [*path, places], after))
            if not further:
                return [*min(found, key=lambda x: x[0])[1], tuple(range(left))]
            found = further
        return min(found, key=lambda x: x[0])[1]

    def greedy(self, operands):
        """Always the two that leave the least, the cheaper of equals; those without a common letter only if none has one."""
        if len(operands) < 3:
            return [tuple(range(len(operands)))]
        kept, _, sums, taking = self.of(range(len(operands)), operands)
        most, spent, path, known = self.cost(taking, sums, len(operands)), 0, [], []
        pairs = itertools.combinations(range(len(operands)), 2)
        for _ in range(len(operands) - 1):
            known += filter(None, (self.possible(p, operands, spent, most) for p in pairs
                                   if operands[p[0]] & operands[p[1]]))
            if not known:
                known = list(filter(None, (self.possible(p, operands, spent, most) for p in
                                           itertools.combinations(range(len(operands)), 2))))
            if not known:
                return [*path, tuple(range(len(operands)))]
            best = min(known, key=lambda x: x[0])
            (_, cost), (x, y), operands = best
            path.append((x, y))
            spent += cost
            known = [moved(other, x, y, operands) for other in known if not {x, y} & {*other[1]}]
            last = len(operands) - 1
            pairs = ((i, last) for i in range(last))
        return path


def moved(other, x, y, operands):
    """A possible contraction after that of x and y: its places, and what follows, without those and with their result."""
    how, (a, b), after = other
    after = list(after)
    for gone in (y, x):
        del after[gone - (gone > a) - (gone > b)]
    after.insert(len(after) - 1, operands[-1])
    return how, (a - (a > x) - (a > y), b - (b > x) - (b > y)), after


def method_of(optimize):
    """(False, "greedy", "optimal" or a path, limit of elements or None)"""
    if optimize is None or optimize is False:
        return False, None
    if optimize is True:
        return "greedy", None
    if isinstance(optimize, str):
        name, limit = optimize, None
    elif len(optimize) and optimize[0] == "einsum_path":
        return [tuple(p) for p in optimize[1:]], None
    elif len(optimize) == 2 and isinstance(optimize[0], str) and isinstance(optimize[1], (int, float)):
        name, limit = optimize[0], int(optimize[1])
    else:
        raise TypeError(f"Did not understand the path: {optimize!s}")
    if name not in ("greedy", "optimal"):
        raise KeyError("Path name %s not found" % name)
    return name, limit


def steps(path, inputs, result, work):
    """[(letters of the step's operands, of its result, of what is left, its cost), …] of a path."""
    found = []
    for k, places in enumerate(path):
        places = tuple(sorted(places, reverse=True))
        kept, _, sums, taking = work.of(places, [frozenset(s) for s in inputs])
        cost = work.cost(taking, sums, len(places))
        parts = [inputs.pop(i) for i in places]
        last = k == len(path) - 1
        new = result if last else "".join(sorted(kept, key=lambda c: (work.sizes[c], c)))
        inputs.append(new)
        found.append((",".join(parts) + "->" + new, ",".join(inputs), cost, work.size(kept)))
    if len(inputs) != 1:
        raise RuntimeError(f"Invalid einsum_path is specified: {len(inputs) - 1} more operands has to be contracted.")
    return found


def report(text, sizes, naive, found):
    total, largest = sum(step[2] for step in found), max(step[3] for step in found)
    scaling = max(len({*step[0]} - {*",->"}) for step in found)
    lines = [f"  Complete contraction:  {text}", f"         Naive scaling:  {len(sizes)}",
             f"     Optimized scaling:  {scaling}", f"      Naive FLOP count:  {naive:.3e}",
             f"  Optimized FLOP count:  {total:.3e}", f"   Theoretical speedup:  {naive / total if total else 1:3.3f}",
             f"  Largest intermediate:  {largest:.3e} elements", "-" * 74, "%6s %24s %40s" % ("scaling", "current", "remaining"),
             "-" * 74]
    lines += ["%4d    %24s %40s" % (len({*step} - {*",->"}), step, f"{left}->{text.partition('->')[2]}")
              for step, left, _, _ in found]
    return "\n".join(lines)


def einsum_path(*operands, optimize="greedy", einsum_call=False):
    """(["einsum_path", places of the operands of a step, …], a text about it)"""
    method, limit = method_of(optimize)
    inputs, result, arrays = parsed(operands)
    sizes = sizes_of(inputs, arrays)
    sets, letters = [frozenset(s) for s in inputs], frozenset("".join(inputs))
    work = Contractions(result, sizes, math.inf)
    work.limit = max(map(work.size, [*inputs, result])) if limit is None else limit
    if isinstance(method, list):
        path = method
    elif not method or len(inputs) < 3 or letters == frozenset(result):
        path = [tuple(range(len(inputs)))]
    else:
        path = getattr(work, method)(sets)
    naive = work.cost(letters, sum(map(len, sets)) > len(letters), len(inputs))
    return ["einsum_path", *path], report(f"{','.join(inputs)}->{result}", sizes, naive, steps(path, list(inputs), result, work))

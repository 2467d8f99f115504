# SPDX-License-Identifier: MIT
"""Paired timing on a machine that others use: sides take turns within one case, round by round, and what is compared is
the ratio within a round.

A window of one side is measured again when its threads waited for a processor, or when a processor it used was slow
before or after it: cores of a shared host flip for seconds into a mode in which calls take nearly twice as long while
arithmetic does not. Knows sides by what bench/sides.py lets them do.
"""
import dataclasses
import math
import os
import pathlib
import statistics
import tempfile

import numpy as np

from sides import Refused, dtype_of

MOST_WAITED = 0.03  # of a window
SLOW = 1.25         # times the best probe
LONG = 1e9          # nanoseconds; calls of all sides together that take longer get two rounds
TILE = 1 << 16      # operands repeat after so many elements
MOST_COMPARED = 1 << 20  # elements of a result

DRAWS = {
    "REAL": lambda rng, n: rng.standard_normal(n), "ABOVE_M1": lambda rng, n: rng.uniform(-0.9, 4, n),
    "NONZERO": lambda rng, n: rng.uniform(0.5, 2, n) * rng.choice((-1, 1), n),
    "POSITIVE": lambda rng, n: rng.uniform(0.1, 4, n), "SHIFT": lambda rng, n: rng.integers(0, 8, n),
    "UNIT": lambda rng, n: rng.uniform(-0.95, 0.95, n), "ABOVE_1": lambda rng, n: rng.uniform(1, 5, n),
}


def values(operand, count, seed):
    """count elements within the operand's domain, repeating after TILE."""
    rng, n, dtype = np.random.default_rng(seed), min(count, TILE), dtype_of(operand.dtype)
    domain, _, bound = operand.domain.partition(" ")
    if domain == "INDEX":
        return rng.integers(0, int(bound), count).astype(dtype)
    if domain == "ONCE":
        return rng.permutation(int(bound))[:count].astype(dtype)
    if domain == "ASCENDING":
        return np.sort(rng.standard_normal(count)).astype(dtype)
    if domain == "HALF":
        return rng.permutation(np.arange(count) % 2).astype(dtype)
    if dtype == bool:
        tile = rng.integers(0, 2, n).astype(bool)
    elif dtype.kind in "iu" and operand.domain != "SHIFT":
        tile = rng.integers(1 if dtype.kind == "u" or operand.domain != "REAL" else -100, 100, n)
    else:
        tile = DRAWS[operand.domain](rng, n)
    return np.resize(tile.astype(dtype), count)


@dataclasses.dataclass
class Times:
    """Of one side in one case: a median for each round, nanoseconds a call."""

    rounds: list = dataclasses.field(default_factory=list)
    noisy: int = 0      # rounds that no repetition made clean
    statement: str = ""
    refused: str = ""   # why there are no times

    @property
    def ns(self):
        return statistics.median(self.rounds)


class Sampler:
    """Times cases on sides; ours is sides[0]."""

    def __init__(self, sides, cpus, window, rounds=3, tries=3):
        self.sides, self.cpus, self.window, self.rounds, self.tries = sides, cpus, window, rounds, tries
        self.best = {}
        memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
        self.folder = tempfile.TemporaryDirectory(prefix="versus-", dir=memory)

    def close(self):
        self.folder.cleanup()

    def files(self, case):
        paths = []
        for i, o in enumerate(case.operands):
            path = pathlib.Path(self.folder.name) / f"operand{i}"
            count = int(np.prod(o.shape)) * (2 if o.layout == "s" else 1)
            values(o, count, i).tofile(path)
            paths.append(path)
        return paths

    def slow(self):
        """Whether a processor in use is slower than it has been."""
        ours, found = self.sides[0], False
        ours.wake()
        for cpu in self.cpus:
            ns = float(ours.ask(f"probe {cpu}"))
            self.best[cpu] = min(ns, self.best.get(cpu, ns))
            found |= ns > SLOW * self.best[cpu]
        ours.rest()
        return found

    def sample(self, side):
        """(median, whether it was disturbed) of one window, repeated while disturbed."""
        for attempt in range(self.tries):
            slow = self.slow()
            side.wake()
            before = side.waited()
            calls, _, median, _ = map(float, side.ask(f"time {self.window}").split())
            waited = (side.waited() - before) / max(calls * median, 1)
            side.rest()
            if not (slow or waited > MOST_WAITED or self.slow()):
                return median, False
        return median, True

    def result(self, side):
        path = pathlib.Path(self.folder.name) / "result"
        side.wake()
        dtype = side.ask(f"result {path}")
        side.rest()
        return np.fromfile(path, dtype_of(dtype))

    def load(self, side, case, files):
        side.wake()
        try:
            side.load(case, files)
        finally:
            side.rest()

    def run(self, case):
        """{side's name: Times}"""
        files, times = self.files(case), {side.name: Times() for side in self.sides}
        ready, reference = [], None
        for side in self.sides:
            try:
                self.load(side, case, files)
                if side is self.sides[0]:
                    reference = self.result(side)
                elif not (spread_alike if case.op.startswith("random_") else alike)(reference, self.result(side)):
                    raise Refused("its result differs")
                ready.append(side)
                times[side.name].statement = side.statement
            except Refused as e:
                times[side.name].refused = str(e)
            if side is self.sides[0] and not ready:
                return times
        for r in range(self.rounds):
            if r > 1 and sum(t.ns for t in times.values() if t.rounds) > LONG:
                break
            turn = r % len(ready)
            for side in ready[turn:] + ready[:turn]:
                median, noisy = self.sample(side)
                times[side.name].rounds.append(median)
                times[side.name].noisy += noisy
        for side in ready:
            side.wake()
            side.ask("clear")
            side.rest()
        return times


def spread_alike(a, b):
    """Whether two results are random numbers of about the same mean."""
    a, b = (x.astype(np.float64) for x in (a, b))
    return a.size == b.size and bool(abs(a.mean() - b.mean()) <= 8 * a.std() / math.sqrt(a.size))


def alike(a, b):
    """Whether two results are of the same operation: a guard against comparing different work, no test of rounding."""
    if a.size != b.size:
        return False
    a, b = a[:MOST_COMPARED], b[:MOST_COMPARED]
    if a.dtype == bool or a.dtype.kind in "iu":
        return bool(np.mean(a.astype(np.float64) == b.astype(np.float64)) > 0.98)
    a, b = a.astype(np.float64), b.astype(np.float64)
    both = np.isfinite(a) & np.isfinite(b)
    scale = np.abs(a[both]).max(initial=0)
    close = np.abs(a - b) <= 0.02 * np.abs(a) + 1e-3 * scale
    return bool(np.mean(np.where(both, close, np.isnan(a) == np.isnan(b))) > 0.98)

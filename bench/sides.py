# SPDX-License-Identifier: MIT
"""The sides of bench/versus: processes that load a case and time it, one for each library and number of threads.

A side is stopped (SIGSTOP) whenever another works, so that its idle threads poll on nobody's processor. Knows how to
tell each side a case; what a case means is bench/cases.py's.
"""
import json
import os
import pathlib
import select
import signal
import struct
import subprocess
import sys

import numpy as np

from cases import ROOT, trueno_ops

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE = 60  # seconds, for one answer

# Families whose functions take operands alone.
PLAIN = ("UNARY", "BINARY", "TERNARY", "SELECT", "MATMUL", "VECDOT", "LINEAR", "EMBEDDING",
         "NONZERO", "COMPRESS")


# Those whose second operand is a weight, which our side freezes: oneDNN's lies packed too, and ONNX Runtime's is a constant.
WEIGHTED = ("LINEAR", "CONV", "CONV_TRANSPOSE")


class Refused(Exception):
    """The side cannot run the case; the text says why."""


class Broken(Exception):
    """The side is not there, has died, or does not answer."""

    def __init__(self, why, side):
        super().__init__(why)
        self.side = side


def packed(row, attrs):
    """(type, rank, attributes in hexadecimal) of a step, as an entry of the ring holds them (uapi/trueno/ring.h)."""
    family, dtype, rank, data = row.family, attrs.get("dtype", "-"), 0, b""
    if family in PLAIN or family == "CAST":
        return dtype, rank, "-"
    if family in trueno_ops.PARAMS:
        data = bytes(trueno_ops.structure(trueno_ops.PARAMS[family], attrs))
    elif family == "SEARCH":
        data = struct.pack("<I", 0)
    elif "axes" in attrs:
        data = struct.pack("<II16xd", trueno_ops.axis_bits(attrs["axes"]), 0, attrs.get("value", 0))
    elif "axis" in attrs:
        data = struct.pack("<q", attrs["axis"])
    elif "p" in attrs:
        data = struct.pack(f"<{len(attrs)}d", *attrs.values())
    elif "range" in attrs:
        data = struct.pack("<2d", *attrs["range"])
    elif "random" in attrs:
        whole = "uint64" in row.dtypes
        data = struct.pack("<2q" if whole else "<2d", *map(int if whole else float, attrs["random"]))
    elif "value" in attrs:
        data = struct.pack("<d", attrs["value"])
    else:
        numbers = next(iter(attrs.values()))
        rank, data = len(numbers), struct.pack(f"<{len(numbers)}q", *numbers)
    return dtype, rank, data.hex() or "-"


class Side:
    """One process. Subclasses say how it is started and how it is told a case."""

    name = ""
    program = ()

    def __init__(self, threads, cpus, environment=()):
        self.threads, self.cpus, self.statement, self.version = threads, cpus, "", ""
        environ = dict(os.environ, OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS=str(threads),
                       BLIS_NUM_THREADS=str(threads), MKL_NUM_THREADS=str(threads), **dict(environment))
        try:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=subprocess.DEVNULL, text=True, bufsize=1, env=environ, cwd=ROOT,
                                            preexec_fn=lambda: os.sched_setaffinity(0, cpus))
            self.hello()
        except (OSError, Refused) as e:
            raise Broken(str(e), self)
        self.rest()

    def command(self):
        return [str(p) for p in self.program]

    def hello(self):
        """Waits until the process is ready; sets version."""
        raise NotImplementedError

    def load(self, case, files):
        """Makes case what is timed; files holds each operand's elements. Raises Refused."""
        raise NotImplementedError

    def ask(self, line):
        """Sends a line and returns the answer's words after "ok"."""
        try:
            if line:
                self.process.stdin.write(line + "\n")
                self.process.stdin.flush()
            if not select.select([self.process.stdout], [], [], PATIENCE)[0]:
                raise Broken(f"{self.name} did not answer for {PATIENCE} s", self)
            answer = self.process.stdout.readline()
        except OSError:
            answer = ""
        word, _, rest = answer.rstrip("\n").partition(" ")
        if word == "ok":
            return rest
        if word == "error":
            raise Refused(rest)
        raise Broken(f"{self.name} ended with status {self.process.wait()}", self)

    def wake(self):
        self.process.send_signal(signal.SIGCONT)

    def rest(self):
        self.process.send_signal(signal.SIGSTOP)

    def waited(self):
        """Nanoseconds that threads of the process were ready to run and had no processor."""
        total = 0
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/schedstat"):
            try:
                total += int(task.read_text().split()[1])
            except (OSError, IndexError):
                pass  # a thread that has just ended, or a kernel without the figures
        return total

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        try:
            self.process.stdin.close()
        except OSError:
            pass  # a line that it did not live to read


class Trueno(Side):
    name = "trueno"

    def __init__(self, threads, cpus, build=trueno_ops.BUILD, environment=(), runner=()):
        """runner: what runs the program of a build for another processor."""
        self.program = (*runner, build / "bench/side_trueno")
        self.rows = {row.name: row for row in trueno_ops.table()}
        super().__init__(threads, cpus, environment)

    def hello(self):
        self.version = self.ask(f"threads {self.threads}")

    def lines(self, case, files):
        """The case as commands of bench/side_trueno.c."""
        yield "clear"
        for o, path in zip(case.operands, files):
            yield f"operand {o.dtype} {','.join(map(str, o.shape)) or '-'} {o.layout} {path}"
        for step in case.steps:
            row = self.rows[step.op]
            numbers = " ".join("-" if i is None else str(i) for i in (step.into, *step.src))
            yield "step {} {} {} {} {}".format(step.op, *packed(row, step.attrs), numbers)
        for i in sorted({s.src[1] for s in case.steps if self.rows[s.op].family in WEIGHTED}):
            if i < len(case.operands):
                yield f"freeze {i}"
        yield "ready out" if case.out else "ready new"

    def load(self, case, files):
        for line in self.lines(case, files):
            self.ask(line)


class Python(Side):
    """A library for Python, in an interpreter of its own."""

    def __init__(self, threads, cpus):
        self.program = (sys.executable, HERE / "side_python.py", self.name, threads)
        self.rows = {row.name: row.family for row in trueno_ops.table()}
        super().__init__(threads, cpus)

    def hello(self):
        self.version = self.ask("")

    def load(self, case, files):
        operands = [{"dtype": o.dtype, "shape": o.shape, "layout": o.layout, "file": str(f)}
                    for o, f in zip(case.operands, files)]
        steps = [{"op": s.op, "family": self.rows[s.op], "src": s.src, "attrs": s.attrs,
                  "into": s.into} for s in case.steps]
        self.statement = self.ask("case " + json.dumps({"operands": operands, "steps": steps, "out": case.out,
                                                        "group": case.group, "dtype": case.dtype}))


class NumPy(Python):
    name = "numpy"


class Torch(Python):
    name = "torch"


class OnnxRuntime(Python):
    name = "onnxruntime"


class NumExpr(Python):
    name = "numexpr"


class Program(Side):
    """A C library in a small program of bench/, built by `make bench-sides`."""

    def __init__(self, threads, cpus):
        self.program = (trueno_ops.BUILD / "bench" / self.program[0], *self.program[1:])
        super().__init__(threads, cpus)

    def hello(self):
        self.version = self.ask("")

    def order(self, case):
        """The command that makes the one step ready; None if the library has no such thing."""
        raise NotImplementedError

    def load(self, case, files):
        line = self.order(case) if len(case.steps) == 1 else None
        if line is None:
            raise Refused("no such operation")
        self.ask("clear")
        for o, path in zip(case.operands, files):
            self.ask(f"operand {o.dtype} {','.join(map(str, o.shape))} {o.layout} {path}")
        self.ask(line)
        self.statement = line


class Blas(Program):
    def order(self, case):
        if case.dtype not in ("float32", "float64"):
            return None
        a, b = case.operands[0].shape, case.operands[-1].shape
        if case.op == "vecdot" and len(a) == len(b) == 1:
            return f"dot {a[0]}"
        if case.op == "matmul" and len(a) == len(b) >= 2:
            return f"multiply {int(np.prod(a[:-2]))} {a[-2]} {b[-1]} {a[-1]}"
        return None


class OpenBlas(Blas):
    name = "openblas"
    program = ("side_blas", "libopenblas.so.0")


class Blis(Blas):
    name = "blis"
    program = ("side_blas", "libblis.so.4")


class OneDnn(Program):
    name = "onednn"
    program = ("side_dnnl",)

    def order(self, case):
        attrs = case.steps[0].attrs
        if case.op in ("matmul", "matmul_as", "linear"):
            return "linear" if case.op == "linear" else "matmul"
        if case.op in ("softmax", "log_softmax"):
            return f"{case.op} {attrs['axis']}"
        if case.op == "layer_norm":
            return f"layer_norm {attrs['value']}"
        if case.op in ("conv1d", "conv2d", "conv3d") and "dilation" not in attrs:
            return " ".join(map(str, ["conv", attrs["groups"], *attrs["stride"], *attrs["padding"]]))
        return None


PEERS = {side.name: side for side in (NumPy, Torch, OnnxRuntime, NumExpr, OpenBlas, Blis, OneDnn)}


def dtype_of(name):
    """NumPy's type of that name, bfloat16 included where there is one."""
    if name == "bfloat16":
        import ml_dtypes

        return np.dtype(ml_dtypes.bfloat16)
    return np.dtype(name)

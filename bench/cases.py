# SPDX-License-Identifier: MIT
"""What bench/versus times: every row of the op table at several sizes, and the shapes of models.

A case is operands and steps; a step is one operation on operands and on results of steps before it. It says nothing of
how a side computes it. A row of a family known here needs nothing; a new family needs one entry in FAMILIES.
"""
import dataclasses
import math
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/python"))
import trueno_ops  # noqa: E402

SIZES = (16, 1000, 100_000, 1_000_000)
HUGE = 10_000_000
SHORT = {"float32": "f32", "float64": "f64", "float16": "f16", "bfloat16": "bf16", "bool": "bool"}
SHORT.update({f"{sign}int{bits}": f"{'u' if sign else 'i'}{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)})

# Rows that stand for their kind where all rows would take too long: other types, other layouts, ten million elements.
TYPED = ("add", "multiply", "divide", "exp", "log", "tanh", "sqrt", "maximum", "less", "where", "sum", "max", "argmax",
         "softmax", "copy")
LAID_OUT = ("add", "exp", "sum", "max", "copy", "where")
HUGE_ROWS = ("add", "exp", "sum", "max", "argmax", "softmax", "copy", "where", "gelu")


# Numbers of operations that take some: PyTorch's defaults, and round to two decimals.
NUMBERS = {"round": (100.0, 1.0), "leaky_relu": (0.01,), "elu": (1.0,), "celu": (1.0,), "hardtanh": (-1.0, 1.0),
           "softplus": (1.0, 20.0), "threshold": (0.1, 20.0), "hardshrink": (0.5,), "softshrink": (0.5,)}


@dataclasses.dataclass(frozen=True)
class Operand:
    dtype: str
    shape: tuple
    layout: str = "c"  # s: every other element of the last axis of a larger one; t: last two axes exchanged
    domain: str = "REAL"

    @property
    def text(self):
        return "x".join(map(str, self.shape)) + {"c": "", "s": " strided", "t": " transposed"}[self.layout]


@dataclasses.dataclass(frozen=True)
class Step:
    op: str
    src: tuple  # of operands, then of steps; None where an operand is left out
    attrs: dict = dataclasses.field(default_factory=dict)
    into: int = None  # the operand that is written, for operations that make no result of their own


@dataclasses.dataclass(frozen=True)
class Case:
    op: str  # the row, or the name of a chain
    group: str
    size: str
    operands: tuple
    steps: tuple
    dtype: str = "float32"
    out: bool = True  # results go where the last ones went, on every side that can
    flops: float = 0

    @property
    def key(self):
        return f"{self.op} {SHORT.get(self.dtype, self.dtype)} {self.size}{'' if self.out else ' new'}"


def numel(shape):
    return math.prod(shape)


def evaluated(row):
    """The type a row is timed in if one must do."""
    return next(d for d in ("float32", "int32", *row.dtypes) if d in row.dtypes)


def one(row, group, operands, attrs=None, size=None, dtype=None, flops=0, out=True, into=None):
    """A case of one step on all its operands; into, which is then the last of them, is only written."""
    operands = tuple(operands)
    step = Step(row.name, tuple(i for i in range(len(operands)) if i != into), attrs or {}, into)
    return Case(row.name, group, size or operands[0].text, operands, (step,), dtype or operands[0].dtype, out, flops)


def domains(row, count):
    """Where each operand is drawn from: of NONZERO and SHIFT rows the last one alone is bound."""
    if row.domain in ("NONZERO", "SHIFT"):
        return ["REAL"] * (count - 1) + [row.domain]
    return [row.domain] * count


def map_operands(row, dtype, shapes):
    """shapes: of each operand, or (shape, layout)."""
    wheres = domains(row, len(shapes))
    types = ["bool" if row.family == "SELECT" and i == 0 else dtype for i in range(len(shapes))]
    return [Operand(t, *s, domain=w) if isinstance(s[0], tuple) else Operand(t, s, domain=w)
            for t, s, w in zip(types, shapes, wheres)]


def other_types(row):
    """Of TYPED rows, the types beyond the usual one that mean a path of their own."""
    if row.name not in TYPED:
        return
    half = any(d in row.dtypes for d in ("float32",))
    for dtype in ("float64", "int32", "int64", "uint8", "float16", "bfloat16"):
        if dtype != evaluated(row) and (dtype in row.dtypes or half and dtype in ("float16", "bfloat16")):
            yield dtype


def elementwise(row):
    count = {"BINARY": 2, "TERNARY": 3, "SELECT": 3}.get(row.family, 1)
    attrs = {"dtype": "int32"} if row.name == "astype" else {}
    if row.family in ("UNARY1", "UNARY2", "DECIMALS"):
        attrs = dict(zip("pq", NUMBERS.get(row.name, (0.5, 1.0))))
    dtype, group = evaluated(row) if row.family != "CAST" else "float32", "elementwise"

    def case(shapes, dtype=dtype, size=None, out=True):
        return one(row, group, map_operands(row, dtype, shapes), attrs, size, dtype, out=out)

    for n in SIZES + ((HUGE,) if row.name in HUGE_ROWS else ()):
        yield case([(n,)] * count, size=str(n))
    for other in other_types(row):
        for n in (1000, 1_000_000):
            yield case([(n,)] * count, other, str(n))
    if row.name in ("add", "exp"):
        for n in (16, 1000):
            yield case([(n,)] * count, size=str(n), out=False)
    if row.name in LAID_OUT:
        square = (1000, 1000)
        yield case([(square, "s")] * count, size="1000x1000 strided")
        yield case([(square, "t")] + [square] * (count - 1), size="1000x1000 transposed")
        if count > 1:
            yield case([square] + [(1000,)] * (count - 1), size="1000x1000 with a row")
            yield case([square] + [(1000, 1)] * (count - 1), size="1000x1000 with a column")
    if row.name == "astype":
        for source, to in (("int32", "float32"), ("uint8", "float32"), ("float64", "float32"), ("float16", "float32"),
                           ("float32", "float16"), ("float32", "bfloat16"), ("float32", "float64")):
            yield one(row, group, [Operand(source, (1_000_000,))], {"dtype": to}, f"1000000 to {SHORT[to]}", source)


def fill(row):
    for n in SIZES:
        yield one(row, "memory", [Operand("float32", (n,))], {"value": 1.5}, into=0)


def reduce(row):
    number = {"VECTOR_NORM": {"value": 2.0}, "QUANTILE": {"value": 0.25}}.get(row.family, {})

    def case(shape, axes, size=None, dtype=evaluated(row), layout="c"):
        note = "" if axes is None else " axis " + ",".join(map(str, axes))
        return one(row, "reductions", [Operand(dtype, shape, layout)], {"axes": axes, **number},
                   size or Operand(dtype, shape, layout).text + note)

    for n in SIZES + ((HUGE,) if row.name in HUGE_ROWS else ()):
        yield case((n,), None)
    for axis in (0, 1):
        yield case((1024, 1024), (axis,))
    if row.name in ("sum", "mean", "max", "argmax"):
        yield case((64, 128, 128), (1,))
        yield case((100_000, 8), (0,))
        yield case((100_000, 8), (1,))
    if row.name == "mean":
        yield case((32, 256, 14, 14), (2, 3))
    for dtype in other_types(row):
        for n in (1000, 1_000_000):
            yield case((n,), None, dtype=dtype)
    if row.name in LAID_OUT:
        yield case((1000, 1000), None, layout="s")
        yield case((1000, 1000), (1,), layout="t")


def scan(row):
    for n in SIZES:
        yield one(row, "reductions", [Operand(evaluated(row), (n,))], {"axis": 0})
    for axis in (0, 1):
        yield one(row, "reductions", [Operand(evaluated(row), (1024, 1024))], {"axis": axis}, f"1024x1024 axis {axis}")


def sort(row):
    for n in SIZES:
        yield one(row, "rows", [Operand("float32", (n,))], {"axis": 0})
    for dtype in ("float64", "int32", "int64"):
        yield one(row, "rows", [Operand(dtype, (1_000_000,))], {"axis": 0})
    for axis in (0, 1):
        yield one(row, "rows", [Operand("float32", (1024, 1024))], {"axis": axis}, f"1024x1024 axis {axis}")


def search(row):
    """As many values as there are elements, in any order; and a million among a few."""
    for among, n in ((16, 16), (1000, 1000), (100_000, 100_000), (1_000_000, 1_000_000), (100, 1_000_000)):
        yield one(row, "rows", [Operand("float32", (among,), domain="ASCENDING"), Operand("float32", (n,))],
                  size=f"{n} in {among}")


def count_up(row):
    for n in SIZES:
        yield one(row, "memory", [Operand("float32", (n,))], {"range": (0.0, 1.0)}, into=0)


# Of random distributions, in the order the row has them; integers for integers.
PARAMETERS = {"random_integers": (0, 1000), "random_bernoulli": (0.3, 0.0), "random_loggamma": (2.0, 1.0),
              "random_poisson": (3.0, 0.0), "random_binomial": (0.3, 100.0)}


def random(row):
    dtype = "bool" if row.result == "BOOL" else evaluated(row)
    for n in SIZES:
        for of in (dtype, "float64") if dtype == "float32" else (dtype,):
            yield one(row, "elementwise", [Operand(of, (n,))], {"random": PARAMETERS.get(row.name, (0.0, 1.0))}, str(n),
                      of, into=0)


def softmax(row):
    shapes = [((n,), -1) for n in SIZES + ((HUGE,) if row.name in HUGE_ROWS else ())]
    shapes += [((1024, 1024), -1), ((1024, 1024), 0), ((12, 128, 128), -1), ((128, 30522), -1)]
    for shape, axis in shapes:
        operand = Operand("float32", shape)
        yield one(row, "rows", [operand], {"axis": axis}, operand.text + (f" axis {axis}" if axis != -1 else ""))
    for dtype in other_types(row):
        yield one(row, "rows", [Operand(dtype, (1024, 1024))], {"axis": -1})


def norm(row):
    for shape in ((16, 16), (32, 384), (128, 768), (1024, 1024), (8, 512, 768)):
        yield one(row, "rows", [Operand("float32", shape), Operand("float32", shape[-1:]),
                                Operand("float32", shape[-1:])], {"value": 1e-5})


def product(row, m, n, k, batch=(), dtype="float32"):
    a, b = Operand(dtype, batch + (m, k)), Operand(dtype, batch + (k, n))
    size = str(m) if m == n == k and not batch else f"{a.text} @ {b.text}"
    return one(row, "products", [a, b], size=size, flops=2.0 * numel(batch) * m * n * k)


def matmul(row):
    if row.name == "matmul_as":
        for n in (64, 256, 1024, 2048):
            ints = [Operand("int8", (n, n))] * 2
            yield one(row, "products", ints, {"dtype": "int32"}, f"{n} to i32", "int8", 2.0 * n ** 3)
        return
    for n in (16, 64, 128, 256, 512, 1024, 2048, 4096):
        yield product(row, n, n, n)
    for n in (64, 256, 1024):
        yield product(row, n, n, n, dtype="float64")
    for dtype in ("float16", "bfloat16"):
        for n in (256, 1024):
            yield product(row, n, n, n, dtype=dtype)
    for m, n, k in ((1, 1024, 1024), (1, 4096, 4096), (1024, 1, 1024), (8, 1024, 1024), (32, 768, 768),
                    (4096, 64, 64), (64, 64, 4096)):
        yield product(row, m, n, k)
    yield product(row, 128, 128, 64, (12,))
    yield product(row, 128, 64, 128, (12,))
    yield product(row, 32, 32, 32, (256,))
    yield product(row, 256, 256, 256, dtype="int32")


def vecdot(row):
    for shape in [(n,) for n in SIZES] + [(1024, 1024)]:
        yield one(row, "reductions", [Operand("float32", shape)] * 2)
    yield one(row, "reductions", [Operand("float64", (1_000_000,))] * 2)


def linear(row):
    for m, n, k in ((1, 1000, 2048), (1, 768, 768), (32, 384, 384), (128, 768, 768), (128, 3072, 768),
                    (128, 768, 3072), (64, 10, 784), (512, 1024, 1024)):
        operands = [Operand("float32", s) for s in ((m, k), (n, k), (n,))]
        yield one(row, "products", operands, size=f"{m}x{k} to {n}", flops=2.0 * m * n * k)


def attention(row):
    for batch, heads, length, head in ((1, 12, 32, 32), (1, 12, 128, 64), (1, 12, 512, 64), (8, 12, 128, 64)):
        q = Operand("float32", (batch, heads, length, head))
        yield one(row, "products", [q] * 3, {"value": head ** -0.5}, flops=4.0 * batch * heads * length ** 2 * head)


# channels in, channels out, kernel, stride, size of the image, groups
RESNET = ((3, 64, 7, 2, 224, 1), (64, 64, 1, 1, 56, 1), (64, 64, 3, 1, 56, 1), (64, 256, 1, 1, 56, 1),
          (256, 64, 1, 1, 56, 1), (256, 128, 1, 1, 56, 1), (128, 128, 3, 2, 56, 1), (128, 128, 3, 1, 28, 1),
          (128, 512, 1, 1, 28, 1), (256, 512, 1, 2, 56, 1), (256, 256, 3, 1, 14, 1), (256, 1024, 1, 1, 14, 1),
          (512, 512, 3, 1, 7, 1), (512, 2048, 1, 1, 7, 1), (2048, 512, 1, 1, 7, 1))
MOBILENET = ((3, 32, 3, 2, 224, 1), (32, 32, 3, 1, 112, 32), (16, 96, 1, 1, 112, 1), (96, 96, 3, 2, 112, 96),
             (144, 144, 3, 1, 56, 144), (24, 144, 1, 1, 56, 1), (192, 192, 3, 1, 28, 192), (384, 384, 3, 1, 14, 384),
             (64, 384, 1, 1, 14, 1), (960, 960, 3, 1, 7, 960), (320, 1280, 1, 1, 7, 1))


def convolution(row, layers, spatial, batch=1):
    for inputs, outputs, kernel, stride, image, groups in layers:
        transposed = row.family == "CONV_TRANSPOSE"
        weight = (inputs, outputs // groups) if transposed else (outputs, inputs // groups)
        operands = [Operand("float32", (batch, inputs) + (image,) * spatial),
                    Operand("float32", weight + (kernel,) * spatial), Operand("float32", (outputs,))]
        attrs = {"stride": [stride] * spatial, "padding": [kernel // 2] * spatial, "groups": groups}
        places = image if transposed else (image + 2 * (kernel // 2) - kernel) // stride + 1
        flops = 2.0 * batch * inputs * outputs // groups * kernel ** spatial * places ** spatial
        size = f"{operands[0].text} to {outputs}, {'x'.join([str(kernel)] * spatial)}"
        size += (f" /{stride}" if stride > 1 else "") + (f", {groups} groups" if groups > 1 else "")
        yield one(row, "convolutions", operands, attrs, size, flops=flops)


def conv(row):
    spatial = int(row.name[-2])
    if row.name == "conv2d":
        yield from convolution(row, RESNET + MOBILENET, spatial)
        yield from convolution(row, ((64, 64, 3, 1, 56, 1), (512, 512, 3, 1, 7, 1)), spatial, batch=8)
    else:
        image = {1: 1000, 2: 28, 3: 16}[spatial]
        yield from convolution(row, ((16, 32, 3, 1, image, 1), (32, 32, 3, 2, image, 1)), spatial)


def pool(row):
    spatial = int(row.name[-2])
    image = {1: (1, 64, 4096), 2: (1, 64, 112, 112), 3: (1, 16, 32, 32, 32)}[spatial]
    kernels = {"output": [7] * spatial} if row.family == "ADAPTIVE_POOL" else \
        {"kernel": [3] * spatial, "stride": [2] * spatial, "padding": [1] * spatial}
    yield one(row, "convolutions", [Operand("float32", image)], kernels)
    if row.family == "ADAPTIVE_POOL":
        yield one(row, "convolutions", [Operand("float32", (1, 2048) + (7,) * spatial)], {"output": [1] * spatial})


def take(row):
    for shape, count in (((1000,), 1000), ((1_000_000,), 1_000_000), ((30522, 768), 128), ((1000, 1000), 500)):
        yield one(row, "memory", [Operand("float32", shape), Operand("int64", (count,), domain=f"INDEX {shape[0]}")],
                  {"axis": 0}, f"{count} of {'x'.join(map(str, shape))}")


def interpolate(row):
    spatial = int(row.name[-2])
    shape = {1: (1, 64, 4096), 2: (1, 64, 56, 56), 3: (1, 16, 16, 16, 16)}[spatial]
    for mode, code in (("nearest", 0), (("linear", "bilinear", "trilinear")[spatial - 1], 2)):
        yield one(row, "convolutions", [Operand("float32", shape)], {"scale": [2.0] * spatial, "mode": code},
                  f"{Operand('float32', shape).text} by 2 {mode}")


def put(row):
    for shape, count in (((1000,), 1000), ((1_000_000,), 100_000), ((1000, 1000), 500)):
        given, indices = Operand("float32", (count,) + shape[1:]), Operand("int64", (count,), domain=f"ONCE {shape[0]}")
        yield one(row, "memory", [given, indices, Operand("float32", shape)], {"axis": 0},
                  f"{count} into {'x'.join(map(str, shape))}", into=2)


def ravel(row):
    for n in (1000, 1_000_000):
        yield one(row, "memory", [Operand("int64", (n,), domain="INDEX 1000")], {"place": (1000, 8, 0, 0)})


def found(row):
    """Of n elements half are found."""
    for n in SIZES:
        mask, half = Operand("bool", (n,), domain="HALF"), n // 2
        if row.family == "NONZERO":
            yield one(row, "memory", [mask, Operand("int64", (half,))], size=f"half of {n}", into=1)
        else:
            yield one(row, "memory", [Operand("float32", (n,)), mask, Operand("float32", (half,))],
                      size=f"half of {n}", into=2)


def embedding(row):
    for count, rows, width in ((128, 30522, 768), (4096, 30522, 384), (1000, 1000, 16)):
        indices = Operand("int64", (count,), domain=f"INDEX {rows}")
        yield one(row, "memory", [indices, Operand("float32", (rows, width))], {}, f"{count} of {rows}x{width}",
                  "float32")


def view(row):
    attrs = {"reshape": {"shape": (500, 2000)}, "permute": {"perm": (1, 0)}, "slice": {"slice": (0, 10, 900, 3)},
             "broadcast_to": {"shape": (4, 1000, 1000)}, "diagonal": {"diagonal": (0, 0, 1)}}.get(row.name)
    if attrs:  # a view that is new here has none, and the test of the list says so
        yield one(row, "memory", [Operand("float32", (1000, 1000))], attrs, out=False)


FAMILIES = {"UNARY": elementwise, "UNARY1": elementwise, "UNARY2": elementwise, "DECIMALS": elementwise,
            "BINARY": elementwise, "TERNARY": elementwise, "SELECT": elementwise, "CAST": elementwise, "FILL": fill,
            "RANGE": count_up, "RANDOM": random, "RANDOM_TRY": random, "REDUCE": reduce, "ARGREDUCE": reduce,
            "VECTOR_NORM": reduce, "MEDIAN": reduce, "QUANTILE": reduce, "SCAN": scan, "SORT": sort, "SEARCH": search,
            "SOFTMAX": softmax, "NORM": norm,
            "MATMUL": matmul, "VECDOT": vecdot, "LINEAR": linear, "ATTENTION": attention, "CONV": conv,
            "CONV_TRANSPOSE": conv, "MAX_POOL": pool, "AVG_POOL": pool, "ADAPTIVE_POOL": pool,
            "INTERPOLATE": interpolate, "TAKE": take, "EMBEDDING": embedding,
            "PUT": put, "RAVEL": ravel, "NONZERO": found, "COMPRESS": found, "VIEW": view}


def chain(name, operands, *steps, dtype="float32"):
    """steps: (op, sources…[, attributes]); a source counts operands, then steps."""
    made = [Step(op, tuple(x for x in rest if not isinstance(x, dict)),
                 next((x for x in rest if isinstance(x, dict)), {})) for op, *rest in steps]
    return Case(name, "chains", operands[0].text, tuple(operands), tuple(made), dtype)


def chains():
    """Runs of operations as programs have them; ours are recorded as a plan."""
    for n in (1000, 100_000, 1_000_000):
        x = Operand("float32", (n,))
        yield chain("sigmoid(x*a+b)*c", [x] * 4, ("multiply", 0, 1), ("add", 4, 2), ("sigmoid", 5), ("multiply", 6, 3))
        yield chain("mean((x-y)^2)", [x] * 2, ("subtract", 0, 1), ("square", 2), ("mean", 3, {"axes": None}))
        thirty = [("multiply", 0, 1)]
        for i in range(29):
            thirty.append((("add", "multiply", "subtract", "maximum", "tanh")[i % 5],) +
                          ((i + 2,) if i % 5 == 4 else (i + 2, 1)))
        yield chain("30 operations", [x] * 2, *thirty)
    rows, weight = Operand("float32", (128, 768)), Operand("float32", (768,))
    yield chain("layer_norm(x+y)", [rows, rows, weight, weight], ("add", 0, 1),
                ("layer_norm", 4, 2, 3, {"value": 1e-5}))
    yield chain("gelu(linear)", [rows, Operand("float32", (3072, 768)), Operand("float32", (3072,))],
                ("linear", 0, 1, 2), ("gelu", 3))
    yield chain("mlp 784-128-10", [Operand("float32", s) for s in ((64, 784), (128, 784), (128,), (10, 128), (10,))],
                ("linear", 0, 1, 2), ("relu", 5), ("linear", 6, 3, 4), ("softmax", 7, {"axis": -1}))
    image = [Operand("float32", s) for s in ((1, 64, 56, 56), (64, 64, 3, 3), (64,))]
    conv3 = {"stride": [1, 1], "padding": [1, 1], "groups": 1}
    yield chain("relu(conv2d)", image, ("conv2d", 0, 1, 2, conv3), ("relu", 3))
    yield chain("relu(conv2d+x)", image, ("conv2d", 0, 1, 2, conv3), ("add", 3, 0), ("relu", 4))


def table():
    return trueno_ops.table()


def cases():
    """All of them, in the order of the table; keys are unique."""
    made = [case for row in table() if row.family in FAMILIES for case in FAMILIES[row.family](row)] + list(chains())
    return list({case.key: case for case in made}.values())


def small(case):
    """For who counts instructions: larger cases say little new, and emulators are slow."""
    return case.flops <= 5e6 and all(numel(o.shape) <= 20_000 for o in case.operands)


def matching(words):
    """Cases whose key contains one of the words, which are separated by commas; all of them for ""."""
    wanted = [w for w in words.split(",") if w]
    return [c for c in cases() if not wanted or any(w in c.key for w in wanted)]

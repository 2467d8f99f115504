#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A side of bench/versus that is a Python library: side_python.py numpy|torch|onnxruntime|numexpr.

Reads commands and answers as bench/side.c does, but takes a case as JSON. What is timed is one Python statement, by
timeit, so that a call costs what it costs a user and nothing of ours; out= is used where the library has it.
"""
import json
import os
import sys
import time
import timeit

import numpy as np

LEAST_SAMPLES, MOST_SAMPLES, LEAST_SAMPLE, LONG_CALL = 3, 101, 20e-6, 0.05  # as bench/measure.c


class Unable(Exception):
    """The library has no such operation, or not for these operands."""


# A template's {0} … are operands; {out} is where out= goes; other names are attributes. A row that is not named here
# is the library's function of the same name.
NUMPY = {
    "round": "np.round({0}, 2{out})", "leaky_relu": "np.where({0} > 0, {0}, {0} * {p})",
    "norm": "np.linalg.norm({0}, axis={axes})", "quantile": "np.quantile({0}, {value}, axis={axes})",
    "nanquantile": "np.nanquantile({0}, {value}, axis={axes})", "logsumexp": None, "cummax": None, "cummin": None,
    "cumsum": "np.cumsum({0}, axis={axis}{out})", "cumprod": "np.cumprod({0}, axis={axis}{out})",
    "sort": "np.sort({0}, {axis}, kind='stable')", "argsort": "np.argsort({0}, {axis}, kind='stable')",
    "searchsorted": "np.searchsorted({0}, {1})",
    "arange": "np.arange(y.size, dtype=np.float32)",
    "random_bits": "rng.integers(0, 2**64, y.size, np.uint64)", "random_uniform": "rng.random(y.size, y.dtype{out})",
    "random_normal": "rng.standard_normal(y.size, y.dtype{out})",
    "random_exponential": "rng.standard_exponential(y.size, y.dtype{out})",
    "random_bernoulli": "rng.random(y.size) < {random[0]}",
    "random_integers": "rng.integers({random[0]}, {random[1]}, y.size, np.uint64)",
    "random_loggamma": "np.log(rng.standard_gamma({random[0]}, y.size))",
    "random_poisson": "rng.poisson({random[0]}, y.size)", "random_binomial": "rng.binomial({random[1]}, {random[0]}, y.size)",
    "index_copy": "y.__setitem__({1}, {0})", "index_add": "np.add.at(y, {1}, {0})",
    "flatnonzero": "np.flatnonzero({0})", "masked_select": "{0}[{1}]",
    "matmul_as": "np.matmul({0}, {1}, dtype=np.{dtype}{out})", "diagonal": "{0}.diagonal()",
    "fma": "{0} * {1} + {2}", "lerp": "{0} + {2} * ({1} - {0})", "rsqrt": "1 / np.sqrt({0})",
    "where": "np.where({0}, {1}, {2})", "erf": None, "gelu": None, "clip": "np.clip({0}, {1}, {2}{out})",
    "sigmoid": "1 / (1 + np.exp(-{0}))", "silu": "{0} / (1 + np.exp(-{0}))", "relu": "np.maximum({0}, 0{out})",
    "gelu_tanh": "0.5 * {0} * (1 + np.tanh(0.7978845608 * ({0} + 0.044715 * {0} * {0} * {0})))",
    "count_nonzero": "np.count_nonzero({0}, axis={axes})", "layer_norm": None, "attention": None,
    "softmax": "(e := np.exp({0} - {0}.max(axis={axis}, keepdims=True))) / e.sum(axis={axis}, keepdims=True)",
    "log_softmax": "(d := {0} - {0}.max(axis={axis}, keepdims=True)) - "
                   "np.log(np.exp(d).sum(axis={axis}, keepdims=True))",
    "linear": "{0} @ {1}.T + {2}", "embedding": "{1}[{0}]", "take": "np.take({0}, {1}, axis={axis})",
    "copy": "np.copyto(y, {0})", "astype": "{0}.astype(np.{dtype})", "fill": "y.fill({value})",
    "reshape": "{0}.reshape({shape})", "permute": "{0}.transpose({perm})",
    "slice": "{0}[{slice[1]}:{slice[2]}:{slice[3]}]", "broadcast_to": "np.broadcast_to({0}, {shape})",
}
TORCH = {
    "round": "torch.round({0}, decimals=2{out})",
    "norm": "torch.linalg.vector_norm({0}{dim}{out})", "cumsum": "torch.cumsum({0}, {axis}{out})",
    "cumprod": "torch.cumprod({0}, {axis}{out})", "cummax": "torch.cummax({0}, {axis}).values",
    "cummin": "torch.cummin({0}, {axis}).values", "arange": "torch.arange(y.numel(), dtype=torch.float32{out})",
    "sort": "torch.sort({0}, dim={axis}, stable=True).values",
    "argsort": "torch.argsort({0}, dim={axis}, stable=True)",
    "random_uniform": "torch.rand(y.shape, dtype=y.dtype{out})", "random_normal": "torch.randn(y.shape, dtype=y.dtype{out})",
    "random_exponential": "y.exponential_()", "random_bernoulli": "y.bernoulli_({random[0]})",
    "random_integers": "torch.randint({random[0]}, {random[1]}, y.shape)",
    "ptp": None, "median": "torch.quantile({0}, 0.5{dim})", "nanmedian": "torch.nanquantile({0}, 0.5{dim})",
    "quantile": "torch.quantile({0}, {value}{dim})", "nanquantile": "torch.nanquantile({0}, {value}{dim})",
    "logsumexp": "torch.logsumexp({0}, {last})",
    "index_copy": "y.index_copy_({axis}, {1}, {0})", "index_add": "y.index_add_({axis}, {1}, {0})",
    "flatnonzero": "torch.nonzero({0})", "masked_select": "torch.masked_select({0}, {1}{out})",
    "matmul_as": "torch._int_mm({0}, {1}{out})", "vecdot": "torch.linalg.vecdot({0}, {1}{out})",
    "fma": "torch.addcmul({2}, {0}, {1}{out})", "rint": "torch.round({0}{out})", "equal": "torch.eq({0}, {1}{out})",
    "invert": "torch.bitwise_not({0}{out})", "left_shift": "torch.bitwise_left_shift({0}, {1}{out})",
    "right_shift": "torch.bitwise_right_shift({0}, {1}{out})", "relu": "F.relu({0})", "silu": "F.silu({0})",
    "gelu": "F.gelu({0})", "gelu_tanh": "F.gelu({0}, approximate='tanh')", "isnan": "torch.isnan({0})",
    "isinf": "torch.isinf({0})", "isfinite": "torch.isfinite({0})", "clip": "torch.clamp({0}, {1}, {2}{out})",
    "min": "torch.amin({0}{dim}{out})", "max": "torch.amax({0}{dim}{out})", "argmin": "torch.argmin({0}{dim}{out})",
    "var": "torch.var({0}{dim}, correction=0)", "std": "torch.std({0}{dim}, correction=0)",
    "softmax": "torch.softmax({0}, {axis}{out})", "log_softmax": "torch.log_softmax({0}, {axis}{out})",
    "layer_norm": "F.layer_norm({0}, {0}.shape[-1:], {1}, {2}, {value})",
    "linear": "F.linear({0}, {1}, {2})", "attention": "F.scaled_dot_product_attention({0}, {1}, {2}, scale={value})",
    "take": "torch.index_select({0}, {axis}, {1}{out})", "copy": "y.copy_({0})", "astype": "{0}.to(torch.{dtype})",
    "embedding": "F.embedding({0}, {1})",
    "fill": "y.fill_({value})", "reshape": "{0}.reshape({shape})", "permute": "{0}.permute({perm})",
    "slice": "{0}[{slice[1]}:{slice[2]}:{slice[3]}]", "broadcast_to": "{0}.broadcast_to({shape})",
}
NUMEXPR = {
    "add": "{0} + {1}", "subtract": "{0} - {1}", "multiply": "{0} * {1}", "divide": "{0} / {1}", "negative": "-{0}",
    "absolute": "abs({0})", "square": "{0} * {0}", "sqrt": "sqrt({0})", "exp": "exp({0})", "expm1": "expm1({0})",
    "log": "log({0})", "log10": "log10({0})", "log1p": "log1p({0})", "tanh": "tanh({0})", "sin": "sin({0})",
    "cos": "cos({0})", "tan": "tan({0})", "sinh": "sinh({0})", "cosh": "cosh({0})", "arctan": "arctan({0})",
    "fma": "{0} * {1} + {2}", "sigmoid": "1 / (1 + exp(-({0})))", "where": "where({0}, {1}, {2})",
    "less": "{0} < {1}", "greater": "{0} > {1}", "equal": "{0} == {1}", "maximum": "where({0} > {1}, {0}, {1})",
    "minimum": "where({0} < {1}, {0}, {1})", "floor": "floor({0})", "ceil": "ceil({0})",
}
# ONNX operator, and attributes made from the step's.
ONNX = {
    "add": "Add", "subtract": "Sub", "multiply": "Mul", "divide": "Div", "negative": "Neg", "absolute": "Abs",
    "sign": "Sign", "reciprocal": "Reciprocal", "sqrt": "Sqrt", "floor": "Floor", "ceil": "Ceil", "rint": "Round",
    "exp": "Exp", "log": "Log", "tanh": "Tanh", "erf": "Erf", "relu": "Relu", "sigmoid": "Sigmoid", "where": "Where",
    "minimum": "Min", "maximum": "Max", "sin": "Sin", "cos": "Cos", "tan": "Tan", "sinh": "Sinh", "cosh": "Cosh",
    "arcsin": "Asin", "arccos": "Acos", "arctan": "Atan", "softplus": "Softplus", "softsign": "Softsign",
    "mish": "Mish", "selu": "Selu", "elu": "Elu", "hardswish": "HardSwish", "hard_swish": "HardSwish",
    "power": "Pow", "equal": "Equal", "less": "Less", "greater": "Greater", "isnan": "IsNaN", "logical_not": "Not",
    "gelu": "Gelu", "gelu_tanh": ("Gelu", lambda a: {"approximate": "tanh"}),
    "norm": "ReduceL2", "logsumexp": "ReduceLogSumExp",
    "sum": "ReduceSum", "mean": "ReduceMean", "prod": "ReduceProd", "max": "ReduceMax", "min": "ReduceMin",
    "argmax": ("ArgMax", lambda a: {"axis": a["axes"][0], "keepdims": 0}),
    "argmin": ("ArgMin", lambda a: {"axis": a["axes"][0], "keepdims": 0}),
    "softmax": ("Softmax", lambda a: {"axis": a["axis"]}), "log_softmax": ("LogSoftmax", lambda a: {"axis": a["axis"]}),
    "layer_norm": ("LayerNormalization", lambda a: {"axis": -1, "epsilon": a["value"]}),
    "matmul": "MatMul", "matmul_as": "MatMulInteger", "linear": ("Gemm", lambda a: {"transB": 1}),
    "take": ("Gather", lambda a: {"axis": a["axis"]}),
}
WINDOWS = {"CONV": "Conv", "CONV_TRANSPOSE": "ConvTranspose", "MAX_POOL": "MaxPool", "AVG_POOL": "AveragePool"}
REDUCES = ("ReduceL2", "ReduceLogSumExp", "ReduceSum", "ReduceMean", "ReduceProd", "ReduceMax", "ReduceMin")


class Library:
    """Subclasses set names for a statement to use, statement and result()."""

    def __init__(self, threads):
        self.threads = threads

    def load(self, case):
        """Leaves a statement of which result() is the value; raises Unable or what the library raises."""
        raise NotImplementedError

    @staticmethod
    def stored(o):
        """The shape of what the file holds."""
        shape = list(o["shape"])
        if o["layout"] == "s":
            shape[-1] *= 2
        elif o["layout"] == "t" and len(shape) > 1:
            shape[-2:] = shape[:-3:-1]
        return shape

    def operand(self, o):
        """The operand as NumPy has it, with the layout's strides, in memory of its own."""
        a = np.fromfile(o["file"], np.dtype(o["dtype"])).reshape(self.stored(o))
        return {"c": a, "s": a[..., ::2], "t": a.swapaxes(-1, -2) if a.ndim > 1 else a}[o["layout"]]

    def expression(self, templates, step, names):
        """The step as Python, out= left open."""
        attrs = {k: tuple(v) if isinstance(v, list) else v for k, v in step["attrs"].items()}
        if len(attrs.get("axes") or ()) == 1:
            attrs["axes"] = attrs["axes"][0]  # some functions take one axis only
        template = templates.get(step["op"], "")
        if template is None:
            raise Unable(f"no {step['op']}")
        if not template:
            template = self.default(step)
        args = ["None" if i is None else names[i] for i in step["src"]]
        axes = attrs.setdefault("axes")
        dim, last = ("", -1) if axes is None else (f", dim={axes}", axes)
        try:
            return template.format(*args, out="{out}", dim=dim, last=last, **attrs)
        except (IndexError, KeyError, TypeError) as e:
            raise Unable(f"{step['op']}: {e!r}")

    def compose(self, case, templates, names):
        """The case as one statement; of one step, with {out} where out= can stand."""
        lines = []
        for i, step in enumerate(case["steps"]):
            text = self.expression(templates, step, names)
            last = i == len(case["steps"]) - 1
            names = names + [f"t{i}"]
            lines.append(text if last else f"t{i} = {text.replace('{out}', '')}")
        return "; ".join(lines)

    def choose_destination(self, case):
        if case["steps"][0]["into"] is not None:
            self.names["y"] = self.names[f"v{case['steps'][0]['into']}"]

    def prepare(self, case, text):
        """Chooses between out= and a new result by trying; self.names["y"] is the last result."""
        *first, last = text.split("; ")
        exec("; ".join(first), self.names)
        try:
            y = eval(last.replace("{out}", ""), self.names)
        except NameError:  # y.copy_(…): the first run makes y
            self.names["y"] = self.like(self.names["v0"])
            y = eval(last.replace("{out}", ""), self.names)
        if y is not None:
            self.names["y"] = y
        self.statement = text.replace("{out}", "")
        if case["out"] and "{out}" in last:
            with_out = last.replace("{out}", ", out=y")
            try:
                exec(with_out, self.names)
                self.statement = text.replace("{out}", ", out=y")
            except (TypeError, RuntimeError, ValueError):
                pass

    def result(self):
        return np.asarray(self.names["y"])


class NumPy(Library):
    version = np.__version__

    def like(self, a):
        return np.empty(a.shape, a.dtype)

    def default(self, step):
        if step["op"] not in dir(np):
            raise Unable(f"no {step['op']}")
        args = ", ".join(f"{{{i}}}" for i in range(len(step["src"])))
        if "axes" in step["attrs"]:
            return f"np.{step['op']}({args}, axis={{axes}}{{out}})"
        if not isinstance(getattr(np, step["op"]), np.ufunc) and step["op"] != "matmul":
            raise Unable(f"no {step['op']}")
        return f"np.{step['op']}({args}{{out}})"

    def load(self, case):
        if any(o["dtype"] == "bfloat16" for o in case["operands"]) or case["dtype"] == "bfloat16":
            raise Unable("no bfloat16")
        if case["steps"][0]["op"] == "matmul_as" and case["operands"][0]["shape"][-1] > 512:
            raise Unable("its integer products take a minute")
        names = [f"v{i}" for i in range(len(case["operands"]))]
        self.names = dict(zip(names, map(self.operand, case["operands"])), np=np, rng=np.random.default_rng(1))
        self.choose_destination(case)
        self.prepare(case, self.compose(case, NUMPY, names))


class Torch(Library):
    def __init__(self, threads):
        super().__init__(threads)
        import torch

        torch.set_num_threads(threads)
        torch.set_grad_enabled(False)
        self.torch, self.version = torch, torch.__version__.split("+")[0]

    def like(self, a):
        return self.torch.empty(a.shape, dtype=a.dtype)

    def operand(self, o):
        half = o["dtype"] == "bfloat16"
        stored = {"dtype": "int16" if half else o["dtype"], "shape": self.stored(o), "layout": "c", "file": o["file"]}
        base = self.torch.from_numpy(super().operand(stored)).clone()
        base = base.view(self.torch.bfloat16) if half else base
        return {"c": base, "s": base[..., ::2], "t": base.transpose(-1, -2) if base.dim() > 1 else base}[o["layout"]]

    def default(self, step):
        op, attrs = step["op"], step["attrs"]
        args = ", ".join(f"{{{i}}}" for i in range(len(step["src"])))
        if step["family"] in ("CONV", "CONV_TRANSPOSE"):
            return f"F.{op}({args}, stride={{stride}}, padding={{padding}}, groups={{groups}})"
        if step["family"] in ("MAX_POOL", "AVG_POOL"):
            return f"F.{op}({args}, {{kernel}}, {{stride}}, {{padding}})"
        if step["family"] == "ADAPTIVE_POOL":
            return f"F.{op}({args}, {{output}})"
        if step["family"] in ("UNARY1", "UNARY2"):
            return f"F.{op}({args}, {{p}})" if "q" not in attrs else f"F.{op}({args}, {{p}}, {{q}})"
        if step["family"] == "INTERPOLATE":
            mode = "nearest" if attrs["mode"] == 0 else ("linear", "bilinear", "trilinear")[len(attrs["scale"]) - 1]
            return f"F.interpolate({args}, scale_factor={{scale}}, mode='{mode}')"
        if "axes" in attrs:
            if attrs["axes"] is not None and op in ("all", "any", "prod", "argmax", "argmin"):
                return f"torch.{op}({args}, dim={{axes}}{{out}})"
            return f"torch.{op}({args}{{dim}}{{out}})"
        for prefix, module in (("torch", self.torch), ("torch.special", self.torch.special),
                               ("F", self.torch.nn.functional)):
            if hasattr(module, op):
                return f"{prefix}.{op}({args}{{out}})"
        raise Unable(f"no {op}")

    def load(self, case):
        names = [f"v{i}" for i in range(len(case["operands"]))]
        self.names = dict(zip(names, map(self.operand, case["operands"])), torch=self.torch, F=self.torch.nn.functional)
        self.choose_destination(case)
        self.prepare(case, self.compose(case, TORCH, names))

    def result(self):
        y = self.names["y"]
        return (y.float() if y.dtype == self.torch.bfloat16 else y).numpy()


class NumExpr(Library):
    def __init__(self, threads):
        super().__init__(threads)
        import numexpr

        numexpr.set_num_threads(threads)
        self.numexpr, self.version = numexpr, numexpr.__version__

    def load(self, case):
        types = {o["dtype"] for o in case["operands"]}
        if not types <= {"float32", "float64", "int32", "int64", "bool"}:
            raise Unable("no such type")
        if case["group"] not in ("elementwise", "chains"):
            raise Unable("elementwise only")
        names = [f"v{i}" for i in range(len(case["operands"]))]
        self.names = dict(zip(names, map(self.operand, case["operands"])), evaluate=self.numexpr.evaluate,
                          again=self.numexpr.re_evaluate)
        texts = list(names)
        for step in case["steps"]:
            if step["op"] not in NUMEXPR:
                raise Unable(f"no {step['op']}")
            texts.append("(" + NUMEXPR[step["op"]].format(*(texts[i] for i in step["src"])) + ")")
            if len(texts[-1]) > 4000:
                raise Unable("the expression grows too long")
        self.names["text"] = texts[-1]
        self.names["y"] = eval("evaluate(text)", self.names)
        self.statement = "again(out=y)" if case["out"] else "again()"
        exec(self.statement, self.names)


class OnnxRuntime(Library):
    def __init__(self, threads):
        super().__init__(threads)
        import onnx
        import onnxruntime

        self.onnx, self.ort, self.version = onnx, onnxruntime, onnxruntime.__version__

    def node(self, step, inputs, output, constants):
        helper, attrs = self.onnx.helper, step["attrs"]
        if step["family"] in WINDOWS:
            rank = len(attrs["padding"])
            named = {"strides": attrs["stride"], "pads": list(attrs["padding"]) * 2}
            if "CONV" in step["family"]:
                named["group"] = attrs["groups"]
            else:
                named["kernel_shape"] = attrs["kernel"]
                if step["family"] == "AVG_POOL":
                    named["count_include_pad"] = 1
            assert rank == len(attrs["stride"])
            return [helper.make_node(WINDOWS[step["family"]], inputs, [output], **named)]
        if step["op"] == "silu":
            return [helper.make_node("Sigmoid", inputs, [output + "s"]),
                    helper.make_node("Mul", [inputs[0], output + "s"], [output])]
        if step["op"] == "square":
            return [helper.make_node("Mul", inputs * 2, [output])]
        made = ONNX.get(step["op"])
        if made is None:
            raise Unable(f"no {step['op']}")
        name, attributes = made if isinstance(made, tuple) else (made, lambda a: {})
        if name in ("ArgMax", "ArgMin") and attrs["axes"] is None:
            raise Unable("one axis only")
        if name in REDUCES and attrs["axes"] is not None:
            axes = self.onnx.numpy_helper.from_array(np.array(attrs["axes"], np.int64), output + "axes")
            constants.append(axes)
            inputs = inputs + [axes.name]
        named = {"keepdims": 0} if name in REDUCES else attributes(attrs)
        return [helper.make_node(name, inputs, [output], **named)]

    def load(self, case):
        if case["group"] == "memory" or not case["out"] or any(o["layout"] != "c" for o in case["operands"]):
            raise Unable("dense operands and new memory for each result only")
        helper, proto = self.onnx.helper, self.onnx.TensorProto
        count, nodes, constants = len(case["operands"]), [], []
        for i, step in enumerate(case["steps"]):
            inputs = ["" if k is None else f"v{k}" for k in step["src"]]
            nodes += self.node(step, inputs, f"v{count + i}", constants)
        kinds = [getattr(proto, {"float32": "FLOAT", "float64": "DOUBLE", "bfloat16": "BFLOAT16"}.get(
            o["dtype"], o["dtype"].upper())) for o in case["operands"]]
        values = [self.operand(o) for o in case["operands"]]
        # Weights are constants of a model, which the optimizer may re-lay; the first operand is what flows.
        fixed = {k for step in case["steps"] if step["family"] in ("CONV", "CONV_TRANSPOSE", "LINEAR", "NORM")
                 for k in step["src"][1:] if k is not None and k < count}
        constants += [self.onnx.numpy_helper.from_array(values[k], f"v{k}") for k in sorted(fixed)]
        flowing = [k for k in range(count) if k not in fixed]
        inputs = [helper.make_tensor_value_info(f"v{k}", kinds[k], case["operands"][k]["shape"]) for k in flowing]
        last = f"v{count + len(case['steps']) - 1}"
        graph = helper.make_graph(nodes, "case", inputs, [helper.make_empty_tensor_value_info(last)], constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
        options = self.ort.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = self.threads, 4
        session = self.ort.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
        bound = session.io_binding()
        for k in flowing:
            bound.bind_ortvalue_input(f"v{k}", self.ort.OrtValue.ortvalue_from_numpy(values[k]))
        session.run_with_iobinding(self.bind_output(session, bound, last))
        self.names = {"run": session.run_with_iobinding, "bound": bound}
        self.statement, self.bound = "run(bound)", bound

    def bind_output(self, session, bound, last):
        """Runs once to learn the result's shape, then binds memory of that shape: out=."""
        bound.bind_output(last)
        session.run_with_iobinding(bound)
        bound.bind_ortvalue_output(last, bound.get_outputs()[0])
        return bound

    def result(self):
        return self.bound.get_outputs()[0].numpy()


LIBRARIES = {"numpy": NumPy, "torch": Torch, "numexpr": NumExpr, "onnxruntime": OnnxRuntime}


def measure(timer, seconds):
    """(calls, low quartile, median, high quartile), nanoseconds a call; as bench/measure.c does it."""
    once, inner, times = timer.timeit(1), 1, []
    if once < seconds:
        once = timer.timeit(2) / 2
    while once * inner < LEAST_SAMPLE:
        inner *= 2
        once = timer.timeit(inner) / inner
    least, end = 1 if once > LONG_CALL else LEAST_SAMPLES, time.perf_counter() + seconds
    while len(times) < MOST_SAMPLES and (len(times) < least or time.perf_counter() < end):
        times.append(1e9 * timer.timeit(inner) / inner)
    times.sort()
    n = len(times)
    return n * inner, times[n // 4], times[n // 2], times[n - 1 - n // 4]


def obey(library, word, rest):
    if word == "case":
        library.load(json.loads(rest))
        library.timer = timeit.Timer(library.statement, globals=library.names)
        return " " + library.statement
    if word == "time":
        return " {} {:.2f} {:.2f} {:.2f}".format(*measure(library.timer, float(rest)))
    if word == "result":
        y = np.ascontiguousarray(library.result())
        y.tofile(rest)
        return f" {y.dtype}"
    if word == "clear":
        library.names, library.timer = {}, None
        return ""
    raise Unable(f"unknown command {word}")


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer
    library = LIBRARIES[sys.argv[1]](int(sys.argv[2]))
    print("ok", library.version, file=answers, flush=True)
    for line in sys.stdin:
        word, _, rest = line.rstrip("\n").partition(" ")
        if word == "quit":
            break
        try:
            print("ok" + obey(library, word, rest), file=answers, flush=True)
        except Exception as e:  # whatever a library refuses a case with
            print("error", " ".join(f"{type(e).__name__}: {e}".split())[:300], file=answers, flush=True)


if __name__ == "__main__":
    main()

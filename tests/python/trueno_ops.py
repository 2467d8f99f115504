# SPDX-License-Identifier: MIT
"""Every operation of the table through the C ABI, on NumPy arrays; the table is read from the build's ops.tsv.

    ops = Ops(threads=2)
    ops.add(a, b)          # a NumPy array
    ops.sum(a, axes=(0, -1), keepdims=True)

Errors raise TruenoError with the library's status and message. Python numbers go in as weak scalars.
"""
import ctypes

import numpy as np

from trueno_c import BUILD, LIB, ContextParams

DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "bfloat16",
          "float32", "float64", "complex64", "complex128"]
CODE = {name: code for code, name in enumerate(DTYPES)}
ALL_AXES = 0xFFFFFFFF
METHODS = ["linear", "lower", "higher", "nearest", "midpoint"]
P, I64 = ctypes.c_void_p, ctypes.c_int64


class ConvParams(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int32 * 3) for name in ("stride", "padding", "dilation", "output_padding")] + \
               [("groups", ctypes.c_int32), ("flags", ctypes.c_uint32)]


class PoolParams(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int32 * 3) for name in ("kernel", "stride", "padding", "dilation", "output")] + \
               [("flags", ctypes.c_uint32)]


class InterpolateParams(ctypes.Structure):
    _fields_ = [("size", ctypes.c_int32 * 3), ("mode", ctypes.c_uint32), ("scale", ctypes.c_double * 3),
                ("flags", ctypes.c_uint32), ("reserved", ctypes.c_uint32)]


# Families whose last arguments are numbers, and how many.
NUMBERS = {"UNARY1": 1, "UNARY2": 2, "DECIMALS": 1}

# Families that take a structure of parameters.
PARAMS = {"CONV": ConvParams, "CONV_TRANSPOSE": ConvParams, "MAX_POOL": PoolParams, "AVG_POOL": PoolParams,
          "ADAPTIVE_POOL": PoolParams, "INTERPOLATE": InterpolateParams}


class TruenoError(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Row:
    def __init__(self, line):
        self.name, self.family, dtypes, self.result, ulp, self.domain, self.doc = line.rstrip("\n").split("\t")
        self.dtypes, self.ulp = dtypes.split(","), int(ulp)


def table():
    with open(BUILD / "gen/ops.tsv", encoding="utf-8") as f:
        return [Row(line) for line in f]


def axis_bits(axes):
    if axes is None:
        return ALL_AXES
    bits = 0
    for a in np.atleast_1d(axes):
        bits |= 1 << int(a) if a >= 0 else 1 << (int(a) + 16)
    return bits


def structure(kind, values):
    """kind with these fields; a short sequence fills the front of an array."""
    s = kind()
    for name, value in values.items():
        if np.ndim(value):
            getattr(s, name)[: len(value)] = list(value)
        else:
            setattr(s, name, value)
    return s


def load():
    c = ctypes.CDLL(str(LIB))
    c.tr_context_create.argtypes = [ctypes.POINTER(P), ctypes.POINTER(ContextParams), ctypes.c_char_p, ctypes.c_size_t]
    for name, result, args in [
            ("tr_context_destroy", None, [P]), ("tr_scope_begin", None, [P]), ("tr_scope_end", ctypes.c_int, [P]),
            ("tr_batch_begin", None, [P]), ("tr_batch_end", ctypes.c_int, [P]),
            ("tr_error", ctypes.c_int, [P]), ("tr_error_clear", None, [P]), ("tr_error_message", ctypes.c_char_p, [P]),
            ("tr_borrow", P, [P, ctypes.c_int, ctypes.c_int, P, P, ctypes.c_uint, P, P]),
            ("tr_reshape", P, [P, ctypes.c_int, P]), ("tr_permute", P, [P, P]),
            ("tr_slice_axis", P, [P, ctypes.c_int, I64, I64, I64]),
            ("tr_broadcast_to", P, [P, ctypes.c_int, P]),
            ("tr_scalar", P, [P, ctypes.c_double]), ("tr_scalar_int", P, [P, I64]),
            ("tr_read", ctypes.c_int, [P, P, ctypes.c_size_t]),
            ("tr_ndim", ctypes.c_int, [P]), ("tr_shape", ctypes.POINTER(I64), [P]), ("tr_dtype_of", ctypes.c_int, [P])]:
        f = getattr(c, name)
        f.restype, f.argtypes = result, args
    for row in table():
        args = {"UNARY": [P], "UNARY1": [P, ctypes.c_double], "UNARY2": [P] + [ctypes.c_double] * 2,
                "DECIMALS": [P, ctypes.c_int], "BINARY": [P] * 2, "TERNARY": [P] * 3, "SELECT": [P] * 3, "VECDOT": [P] * 2,
                "MATMUL": [P, P, ctypes.c_int] if row.name == "matmul_as" else [P] * 2,
                "LINEAR": [P] * 3, "REDUCE": [P, ctypes.c_uint32, ctypes.c_uint32],
                "ARGREDUCE": [P, ctypes.c_uint32, ctypes.c_uint32], "SOFTMAX": [P, ctypes.c_int],
                "VECTOR_NORM": [P, ctypes.c_double, ctypes.c_uint32, ctypes.c_uint32],
                "MEDIAN": [P, ctypes.c_uint32, ctypes.c_uint32],
                "QUANTILE": [P, ctypes.c_double, ctypes.c_uint32, ctypes.c_uint32],
                "SCAN": [P, ctypes.c_int, ctypes.c_uint32], "SORT": [P, ctypes.c_int],
                "SEARCH": [P, P, ctypes.c_uint32],
                "NORM": [P, P, P, ctypes.c_double], "ATTENTION": [P, P, P, P, ctypes.c_double],
                "TAKE": [P, P, ctypes.c_int], "EMBEDDING": [P] * 2,
                "CAST": [P, ctypes.c_int] if row.name == "astype" else [P]}
        if row.family in PARAMS:
            args[row.family] = [P] * (3 if "CONV" in row.family else 1) + [ctypes.POINTER(PARAMS[row.family])]
        if row.family in args:
            f = getattr(c, "tr_" + row.name)
            f.restype, f.argtypes = P, args[row.family]
    return c


class Ops:
    """One context; op names of the table are methods."""

    def __init__(self, threads=0):
        self.c, self.ctx, self.alive = load(), P(), []
        why = ctypes.create_string_buffer(256)
        if self.c.tr_context_create(ctypes.byref(self.ctx), ctypes.byref(ContextParams(threads=threads)), why, 256):
            raise RuntimeError(why.value.decode())
        self.rows = {row.name: row for row in table()}

    def __del__(self):
        if getattr(self, "ctx", None):
            self.c.tr_context_destroy(self.ctx)

    def __getattr__(self, name):
        row = self.__dict__.get("rows", {}).get(name)
        if row is None:
            raise AttributeError(name)
        return lambda *args, **kw: self.call(row, *args, **kw)

    def tensor(self, x):
        if isinstance(x, int) and not isinstance(x, bool):
            return self.check(self.c.tr_scalar_int(self.ctx, x))
        if isinstance(x, float):
            return self.check(self.c.tr_scalar(self.ctx, x))
        x = np.asarray(x)
        dense = np.array(x, order="C", copy=True)
        shape = (I64 * max(x.ndim, 1))(*x.shape)
        self.alive.append(dense)
        return self.check(self.c.tr_borrow(self.ctx, CODE[str(x.dtype)], x.ndim, shape, dense.ctypes.data, 0, None, None))

    def check(self, t):
        if not t:
            status, message = self.c.tr_error(self.ctx), self.c.tr_error_message(self.ctx).decode()
            self.c.tr_error_clear(self.ctx)
            raise TruenoError(status, message)
        return t

    def array(self, t):
        """t's values as a NumPy array."""
        shape = tuple(self.c.tr_shape(t)[: self.c.tr_ndim(t)])
        out = np.empty(shape, DTYPES[self.c.tr_dtype_of(t)])
        if self.c.tr_read(t, out.ctypes.data, out.nbytes):
            self.check(None)
        return out

    def call(self, row, *args, axes=None, axis=-1, keepdims=False, ddof=0, dtype=None, eps=0.0, **params):
        self.alive = []
        self.c.tr_scope_begin(self.ctx)
        try:
            numbers = NUMBERS.get(row.family, 0)
            extra, args = list(args[len(args) - numbers:]), args[:len(args) - numbers]
            tensors = [None if a is None else self.tensor(a) for a in args]
            if row.family in ("REDUCE", "ARGREDUCE", "MEDIAN", "VECTOR_NORM", "QUANTILE"):
                flags = int(keepdims) | (CODE[dtype] + 1) << 8 if dtype else int(keepdims)
                number = {"VECTOR_NORM": params.get("p"), "QUANTILE": params.get("q")}.get(row.family)
                method = METHODS.index(params.get("method", "linear"))
                extra = [] if number is None else [number]
                extra += [axis_bits(axes), flags | ddof << 16 | method << 24]
            elif row.family == "SCAN":
                extra = [axis, (CODE[dtype] + 1) << 8 if dtype else 0]
            elif row.family in ("SOFTMAX", "TAKE", "SORT"):
                extra = [axis]
            elif row.family == "SEARCH":
                extra = [params.get("flags", 0)]
            elif row.family in ("NORM", "ATTENTION"):
                extra = [eps if row.family == "NORM" else params.get("scale", 1.0)]
            elif row.family in PARAMS:
                extra = [ctypes.byref(structure(PARAMS[row.family], params))]
            elif row.name in ("astype", "matmul_as"):
                extra = [CODE[dtype]]
            return self.array(self.check(getattr(self.c, "tr_" + row.name)(*tensors, *extra)))
        finally:
            self.c.tr_scope_end(self.ctx)

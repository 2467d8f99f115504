# SPDX-License-Identifier: MIT
"""Element types: their limits, promotion and casting rules, and the array API's inspection functions."""
from . import _core

__all__ = ["can_cast", "finfo", "iinfo", "isdtype", "issubdtype", "isscalar", "promote_types", "result_type",
           "__array_namespace_info__"]

KINDS = {"bool": "b", "signed integer": "i", "unsigned integer": "u", "integral": "iu", "real floating": "f",
         "complex floating": "c", "numeric": "iufc"}
NAMES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64",
         "complex64", "complex128"]


def type_of(x):
    return x.dtype if hasattr(x, "dtype") else _core.dtype(x)


class finfo:
    """Limits of a floating type, as Python floats."""

    DIGITS = {"float16": (10, 5), "bfloat16": (7, 8), "float32": (23, 8), "float64": (52, 11)}

    def __init__(self, dtype):
        self.dtype = type_of(dtype)
        if self.dtype.kind == "c":
            self.dtype = _core.float32 if self.dtype == "complex64" else _core.float64
        if self.dtype.kind != "f":
            raise ValueError(f"finfo: {self.dtype} is no floating type")
        self.nmant, exponent = self.DIGITS[self.dtype.name]
        self.bits, self.eps = 8 * self.dtype.itemsize, 2.0 ** -self.nmant
        self.maxexp = 2 ** (exponent - 1)
        self.minexp = 2 - self.maxexp
        self.max = (2.0 - self.eps) * 2.0 ** (self.maxexp - 1)
        self.min, self.smallest_normal = -self.max, 2.0 ** self.minexp
        self.tiny, self.smallest_subnormal = self.smallest_normal, 2.0 ** (self.minexp - self.nmant)
        self.precision = int(self.nmant * 0.30103)
        self.resolution = 10.0 ** -self.precision

    def __repr__(self):
        return f"finfo(resolution={self.resolution}, min={self.min}, max={self.max}, dtype={self.dtype})"


class iinfo:
    """Limits of an integer type."""

    def __init__(self, dtype):
        self.dtype = type_of(dtype)
        if self.dtype.kind not in "iu":
            raise ValueError(f"Invalid integer data type {self.dtype}.")
        self.kind, self.bits = self.dtype.kind, 8 * self.dtype.itemsize
        self.min = 0 if self.kind == "u" else -(1 << (self.bits - 1))
        self.max = (1 << self.bits - (self.kind == "i")) - 1

    def __repr__(self):
        return f"iinfo(min={self.min}, max={self.max}, dtype={self.dtype})"


def promote_types(type1, type2):
    return _core.promote_types(_core.dtype(type1), _core.dtype(type2))


def result_type(*arrays_and_dtypes):
    """The type that all promote to; Python numbers only lend their kind."""
    strong, weak = [], []
    for x in arrays_and_dtypes:
        (weak if isinstance(x, (bool, int, float, complex)) else strong).append(x)
    if not strong and not weak:
        raise ValueError("at least one array or dtype is required")
    result = None
    for x in strong:
        result = type_of(x) if result is None else promote_types(result, type_of(x))
    kinds = {bool: ("b", "bool"), int: ("i", "int64"), float: ("f", "float64"), complex: ("c", "complex128")}
    for x in sorted(weak, key=lambda x: "bifc".index(kinds[type(x)][0])):
        kind, own = kinds[type(x)]
        if result is None:
            result = _core.dtype(own)
        elif "biufc".index(kind) > "biufc".index("i" if result.kind == "u" else result.kind):
            narrow = {"float16": "complex64", "float32": "complex64"}.get(result.name, own)
            result = _core.dtype(narrow if kind == "c" else own)
    return result


def can_cast(from_, to, casting="safe"):
    a, b = type_of(from_), type_of(to)
    if casting == "unsafe" or a == b:
        return True
    if casting in ("no", "equiv"):
        return False
    if promote_types(a, b) == b:
        return True
    order = "buifc"
    return casting == "same_kind" and (order.index(a.kind) <= order.index(b.kind) and a.kind != "i" or
                                       a.kind == b.kind or a.kind == "i" and b.kind in "ifc")


def isdtype(dtype, kind):
    if isinstance(kind, tuple):
        return any(isdtype(dtype, k) for k in kind)
    if isinstance(kind, str) and kind in KINDS:
        return dtype.kind in KINDS[kind]
    if isinstance(kind, str):
        raise ValueError(f"isdtype: {kind!r} is none of {', '.join(KINDS)}")
    return dtype == kind


def issubdtype(arg1, arg2):
    return _core.dtype(arg1) == arg2


def isscalar(x):
    return isinstance(x, (bool, int, float, complex, str, bytes))


class Info:
    """The array API's namespace inspection."""

    def capabilities(self):
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 8}

    def default_device(self):
        return "cpu"

    def devices(self):
        return ["cpu"]

    def default_dtypes(self, *, device=None):
        return {"real floating": _core.float64, "complex floating": _core.complex128, "integral": _core.int64,
                "indexing": _core.int64}

    def dtypes(self, *, device=None, kind=None):
        known = {name: getattr(_core, name) for name in NAMES}
        return known if kind is None else {n: d for n, d in known.items() if isdtype(d, kind)}


def __array_namespace_info__():
    return Info()

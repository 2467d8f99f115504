# SPDX-License-Identifier: MIT
"""Element types: their limits, promotion and casting rules, and the array API's inspection functions."""
from . import _core

__all__ = ["can_cast", "common_type", "finfo", "iinfo", "isdtype", "issubdtype", "isscalar", "min_scalar_type", "mintypecode",
           "promote_types", "result_type", "typecodes", "typename", "sctypeDict", "generic", "number", "integer",
           "signedinteger", "unsignedinteger", "inexact", "floating", "complexfloating",
           "__array_namespace_info__"]

generic, number, integer, inexact = _core.generic, _core.number, _core.integer, _core.inexact
signedinteger, unsignedinteger = _core.signedinteger, _core.unsignedinteger
floating, complexfloating = _core.floating, _core.complexfloating
CATEGORIES = {generic, number, integer, inexact, signedinteger, unsignedinteger, floating, complexfloating}
CATEGORIES_BY_NAME = {c.__name__: c for c in CATEGORIES}
KINDS = {"bool": "b", "signed integer": "i", "unsigned integer": "u", "integral": "iu", "real floating": "f",
         "complex floating": "c", "numeric": "iufc"}
NAMES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64",
         "complex64", "complex128"]


# Of NumPy's letters those that have a type here.
typecodes = {"Character": "", "Integer": "bhilqnp", "UnsignedInteger": "BHILQNP", "Float": "efd", "Complex": "FD",
             "AllInteger": "bBhHiIlLqQnNpP", "AllFloat": "efdFD", "Datetime": "", "All": "?bhilqnpBHILQNPefdFD"}
CHARS = {"bool": "?", "int8": "b", "int16": "h", "int32": "i", "int64": "l", "uint8": "B", "uint16": "H", "uint32": "I",
         "uint64": "L", "float16": "e", "bfloat16": "E", "float32": "f", "float64": "d", "complex64": "F",
         "complex128": "D"}
NUMBERS = {"bool": 0, "int8": 1, "uint8": 2, "int16": 3, "uint16": 4, "int32": 5, "uint32": 6, "int64": 7, "uint64": 8,
           "float32": 11, "float64": 12, "complex64": 14, "complex128": 15, "float16": 23, "bfloat16": 256}
sctypeDict = {name: getattr(_core, name) for name in CHARS}


def type_of(x):
    if isinstance(x, (_core.dtype, type, str)):
        return _core.dtype(x)
    if hasattr(x, "dtype"):
        return _core.dtype(x.dtype)
    return _core.asarray(x, None, None).dtype if isinstance(x, (bool, int, float, complex)) else _core.dtype(x)


def is_category(x):
    """Whether x is a class of types, such as floating, rather than one type."""
    return isinstance(x, type) and issubclass(x, _core.generic) and x in CATEGORIES


def newbyteorder(self, new_order="S"):
    """Only the machine's own order, little-endian, is one of the library's."""
    if self.itemsize > 1 and new_order not in ("=", "<", "|", "N", "L", "I", "native", "little", "ignore"):
        if new_order not in ("S", ">", "B", "swap", "big"):
            raise ValueError(f"{new_order!r} is an unrecognized byteorder")
        raise _core.UnsupportedDTypeError(f"data type '>{self.str[1:]}' not understood")
    return self


def install():
    """What a dtype has besides the extension's own attributes."""
    own = {"char": lambda self: CHARS[self.name], "num": lambda self: NUMBERS[self.name],
           "alignment": lambda self: self.itemsize // 2 if self.kind == "c" else self.itemsize,
           "byteorder": lambda self: "|" if self.itemsize == 1 else "=", "isnative": lambda self: True,
           "hasobject": lambda self: False, "fields": lambda self: None, "names": lambda self: None,
           "subdtype": lambda self: None, "metadata": lambda self: None, "base": lambda self: self,
           "shape": lambda self: (), "ndim": lambda self: 0, "flags": lambda self: 0,
           "isbuiltin": lambda self: 1, "isalignedstruct": lambda self: False, "descr": lambda self: [("", self.str)],
           "__numpy_dtype__": numpy_dtype}
    for name, get in own.items():
        setattr(_core.dtype, name, property(get))
    for name, method in {"newbyteorder": newbyteorder, "__bool__": lambda self: True}.items():
        setattr(_core.dtype, name, method)
    _core.generic.__numpy_dtype__ = NumpyDtype()


def numpy_dtype(self):
    import numpy
    return numpy.dtype(self.str if self != "bfloat16" else "bfloat16")


class NumpyDtype:
    """What NumPy asks a class of scalars for, and a scalar for that has no buffer."""

    def __get__(self, instance, cls):
        if is_category(cls):
            raise AttributeError("__numpy_dtype__")
        return numpy_dtype(_core.dtype(cls))


install()


class finfo:
    """Limits of a floating type, as arrays of it without axes."""

    DIGITS = {"float16": (10, 5), "bfloat16": (7, 8), "float32": (23, 8), "float64": (52, 11)}

    KNOWN = {}

    def __new__(cls, dtype):
        try:
            dtype = type_of(dtype)
        except TypeError:
            raise ValueError(f"data type {dtype!r} not inexact") from None
        if dtype.kind == "c":
            dtype = _core.dtype("float32" if dtype == "complex64" else "float64")
        if dtype.kind != "f":
            raise ValueError(f"data type {dtype!r} not inexact")
        if dtype not in cls.KNOWN:
            self = cls.KNOWN[dtype] = object.__new__(cls)
            self.fill(dtype)
        return cls.KNOWN[dtype]

    def fill(self, dtype):
        self.dtype = dtype
        self.nmant, self.iexp = self.DIGITS[dtype.name]
        self.bits, eps, maxexp = 8 * dtype.itemsize, 2.0 ** -self.nmant, 2 ** (self.iexp - 1)
        self.maxexp, self.minexp, self.machep, self.negep = maxexp, 2 - maxexp, -self.nmant, -self.nmant - 1
        self.nexp = self.iexp
        greatest = (2.0 - eps) * 2.0 ** (maxexp - 1)
        self.precision = int(self.nmant * 0.30103)
        for name, x in {"eps": eps, "epsneg": eps / 2, "max": greatest, "min": -greatest,
                        "smallest_normal": 2.0 ** self.minexp, "tiny": 2.0 ** self.minexp,
                        "smallest_subnormal": 2.0 ** (self.minexp - self.nmant),
                        "resolution": 10.0 ** -self.precision}.items():
            setattr(self, name, dtype.type(x))

    def __repr__(self):
        return f"finfo(resolution={self.resolution}, min={self.min}, max={self.max}, dtype={self.dtype})"

    def __str__(self):
        lines = [f"Machine parameters for {self.dtype}", "-" * 67]
        for pair in (("precision", "resolution"), ("machep", "eps"), ("negep", "epsneg"), ("minexp", "tiny"),
                     ("maxexp", "max"), ("nexp", "min"), ("smallest_normal", "smallest_subnormal")):
            lines.append("   ".join(f"{n} = {getattr(self, n)}" for n in pair))
        return "\n".join([*lines, "-" * 67]) + "\n"


class iinfo:
    """Limits of an integer type."""

    def __init__(self, int_type):
        try:
            self.dtype = type_of(int_type)
        except TypeError:
            raise ValueError(f"Invalid integer data type {int_type!r}.") from None
        if self.dtype.kind not in "iu":
            raise ValueError(f"Invalid integer data type {self.dtype.kind!r}.")
        self.key = f"{self.dtype.kind}{8 * self.dtype.itemsize}"
        self.kind, self.bits = self.dtype.kind, 8 * self.dtype.itemsize
        self.min = 0 if self.kind == "u" else -(1 << (self.bits - 1))
        self.max = (1 << self.bits - (self.kind == "i")) - 1

    def __repr__(self):
        return f"iinfo(min={self.min}, max={self.max}, dtype={self.dtype})"

    def __str__(self):
        rule = "-" * 63
        return (f"Machine parameters for {self.dtype}\n{rule}\nmin = {self.min}\nmax = {self.max}\n{rule}\n")


def promote_types(type1, type2):
    return _core.promote_types(_core.dtype(type1), _core.dtype(type2))


def result_type(*arrays_and_dtypes):
    """The type that all promote to; Python numbers only lend their kind."""
    strong, weak = [], []
    for x in arrays_and_dtypes:
        (weak if type(x) in (bool, int, float, complex) else strong).append(x)  # NumPy's own scalars are strong
    if not strong and not weak:
        raise ValueError("at least one array or dtype is required")
    result = None
    for kind in sorted(map(type_of, strong), key=lambda d: "cfiub".index("i" if d.kind == "u" else d.kind)):
        result = kind if result is None else promote_types(result, kind)
    kinds = {bool: ("b", "bool"), int: ("i", "int64"), float: ("f", "float64"), complex: ("c", "complex128")}
    for x in sorted(weak, key=lambda x: "bifc".index(kinds[type(x)][0])):
        kind, own = kinds[type(x)]
        if result is None:
            result = _core.dtype(own)
        elif "biufc".index(kind) > "biufc".index("i" if result.kind == "u" else result.kind):
            narrow = {"float16": "complex64", "float32": "complex64"}.get(result.name, own)
            result = _core.dtype(narrow if kind == "c" else own)
    return result


CASTINGS = ("no", "equiv", "safe", "same_kind", "unsafe")


def check_casting(casting):
    if not isinstance(casting, str):
        raise TypeError(f"casting must be a string, not {type(casting).__name__}")
    if casting not in CASTINGS:
        raise ValueError(f"casting must be one of 'no', 'equiv', 'safe', 'same_kind', or 'unsafe' (got {casting!r})")


def can_cast(from_, to, casting="safe"):
    if isinstance(from_, (bool, int, float, complex)):
        raise TypeError("can_cast() does not support Python ints, floats, and complex because the result used to depend "
                        "on the value.")
    a, b = type_of(from_), type_of(to)
    check_casting(casting)
    if casting == "unsafe" or a == b:
        return True
    if casting in ("no", "equiv"):
        return False
    if promote_types(a, b) == b:
        return True
    order = "buifc"
    return casting == "same_kind" and (order.index(a.kind) <= order.index(b.kind) and a.kind != "i" or
                                       a.kind == b.kind or a.kind == "i" and b.kind in "ifc")


def is_type(x):
    """Whether x is an element type, as itself or as the class of its scalars."""
    return isinstance(x, _core.dtype) or isinstance(x, type) and issubclass(x, _core.generic) and not is_category(x)


def isdtype(dtype, kind):
    if not is_type(dtype):
        raise TypeError(f"dtype argument must be a NumPy dtype, but it is a {type(dtype)}.")
    dtype = _core.dtype(dtype)
    if isinstance(kind, tuple):
        if not kind:
            raise ValueError("kind argument is empty")
        return any(isdtype(dtype, k) for k in kind)
    if isinstance(kind, str) and kind in KINDS:
        return dtype.kind in KINDS[kind]
    if isinstance(kind, str):
        raise ValueError(f"kind argument is a string, but {kind!r} is not a known kind name: {', '.join(KINDS)}")
    if not is_type(kind):
        raise TypeError(f"kind argument must be comprised of NumPy dtypes or strings only, but is a {type(kind)}.")
    return dtype == kind


def scalar_class(x):
    """The class of scalars that x names, which may be one of several types."""
    known = CATEGORIES_BY_NAME.get(getattr(x, "__name__", None))
    return x if isinstance(x, type) and issubclass(x, _core.generic) else known or _core.dtype(x).type


def issubdtype(arg1, arg2):
    """Whether a type, or a class of types, is within another."""
    return issubclass(scalar_class(arg1), scalar_class(arg2))


def isscalar(x):
    """Whether x is a number or text."""
    import numbers
    return isinstance(x, (str, bytes, numbers.Number, _core.generic))


def min_scalar_type(a):
    """The smallest type that holds the number a; the type of an array with axes."""
    a = _core.asarray(a, None, None)
    if a.ndim or a.dtype.kind == "b":
        return a.dtype
    x = a.item()
    if a.dtype.kind in "iu":
        kinds = ("uint8", "uint16", "uint32", "uint64") if x >= 0 else ("int8", "int16", "int32", "int64")
        return _core.dtype(next(k for k in kinds if iinfo(k).min <= x <= iinfo(k).max))
    kinds = ("float16", "float32") if a.dtype.kind == "f" else ("complex64",)
    parts = (x,) if a.dtype.kind == "f" else (x.real, x.imag)
    for kind in kinds:
        limit = float(finfo(kind).max)
        if all(p != p or abs(p) == float("inf") or abs(p) <= limit for p in parts) and kind != a.dtype:
            return _core.dtype(kind)
    return a.dtype


def common_type(*arrays):
    """The floating type that all arrays can be converted to; of integers it is float64."""
    kinds = [_core.asarray(a, None, None).dtype for a in arrays]
    if any(d.kind == "b" for d in kinds):
        raise TypeError("can't get common type for non-numeric array")
    result = _core.dtype("float16")
    for d in kinds:
        result = promote_types(result, _core.float64 if d.kind in "iu" else d)
    return result


def mintypecode(typechars, typeset="GDFgdf", default="d"):
    chars = [t if isinstance(t, str) else _core.asarray(t, None, None).dtype.char for t in typechars]
    known = sorted((t for t in chars if t in typeset), key="GDFgdfeqlihbQLIHB?".find)
    if not known:
        return default
    return "D" if "F" in known and "d" in known else known[0]


def typename(char):
    names = {"?": "bool", "b": "signed char", "B": "unsigned char", "h": "short", "H": "unsigned short", "i": "integer",
             "I": "unsigned integer", "l": "long integer", "L": "unsigned long integer", "q": "long long integer",
             "Q": "unsigned long long integer", "f": "single precision", "d": "double precision",
             "F": "complex single precision", "D": "complex double precision"}
    return names[char]


class Info:
    """The array API's namespace inspection."""

    def capabilities(self):
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 8}

    def default_device(self):
        return "cpu"

    def devices(self):
        return ["cpu"]

    def default_dtypes(self, *, device=None):
        return {kind: _core.dtype(name) for kind, name in {"real floating": "float64", "complex floating": "complex128",
                                                           "integral": "int64", "indexing": "int64"}.items()}

    def dtypes(self, *, device=None, kind=None):
        known = {name: _core.dtype(name) for name in NAMES}
        return known if kind is None else {n: d for n, d in known.items() if isdtype(d, kind)}


def __array_namespace_info__():
    return Info()

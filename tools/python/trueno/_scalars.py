# SPDX-License-Identifier: MIT
"""What the classes of scalars have besides what they have from ndarray, of which they are kinds without axes."""
import numbers
import types

from . import _core

ALIAS = "tn"  # what the package is called in the text of its scalars


def text(self):
    from . import _format
    if self.dtype.kind != "c":
        return _format.array_str(self)
    real, imag = (str(x).removesuffix(".0") for x in (self.real, self.imag))
    if real == "0":
        return f"{imag}j"
    return f"({real}{'' if imag[0] == '-' else '+'}{imag}j)"


def representation(self):
    """As the classes are called where this package is imported as tn; as NumPy's before 2, the text alone."""
    from . import _format
    if _format.get_printoptions()["legacy"] == "1.25":
        return text(self)
    if self.dtype == "bool":
        return f"{ALIAS}.{bool(self)}_"
    return f"{ALIAS}.{type(self).__name__}({text(self).strip('()')})"


def is_integer(self):
    """Whether it is a whole number."""
    kind = self.dtype.kind
    return kind in "iu" or self.item().is_integer()


def as_integer_ratio(self):
    return self.item().as_integer_ratio()


def bit_count(self):
    """How many bits of the magnitude are 1."""
    return abs(self.item()).bit_count()


def view(self, dtype=None, type=None):
    """The same bytes as a scalar of another type."""
    dtype = self.dtype if dtype is None else _core.dtype(dtype)
    if dtype.itemsize != self.itemsize:
        return _core.from_bytes(dtype, (self.itemsize // dtype.itemsize,), self.tobytes())
    return _core.from_bytes(dtype, (), self.tobytes())[()]


def part(name):
    def get(self):
        if self.dtype.kind != "c":
            return self if name == "real" else type(self)(0)
        return type_of_part(self)(getattr(self.item(), name))
    return property(get)


def type_of_part(self):
    return _core.float32 if self.dtype == "complex64" else _core.float64


def astype(self, dtype, order="K", casting="unsafe", subok=True, copy=True):
    from ._methods import astype as of_array
    return of_array(_core.asarray(self, None, None), dtype, order, casting, subok, copy)[()]


def rebuild(dtype, data):
    return _core.from_bytes(dtype, (), data)[()]


def reduce_ex(self, protocol):
    return rebuild, (self.dtype.name, self.tobytes())


def fill(self, value):
    raise TypeError("a scalar never changes")


def no_base(cls, **kwds):
    raise TypeError("trueno.ndarray is no base for other classes")


def install():
    generic, number = _core.generic, _core.number
    own = {"__repr__": representation, "__str__": text, "view": view, "real": part("real"), "imag": part("imag"),
           "astype": astype, "__reduce_ex__": reduce_ex, "__copy__": lambda self: self, "conj": conjugate,
           "conjugate": conjugate, "__deepcopy__": lambda self, memo: self, "__array_priority__": -1000000.0, "fill": fill,
           "__init_subclass__": classmethod(lambda cls, **kwds: None), "byteswap": byteswap}
    for name, value in own.items():
        setattr(generic, name, value)
    _core.ndarray.__init_subclass__ = classmethod(no_base)
    for cls in (_core.integer, _core.floating):
        cls.is_integer = is_integer
    _core.floating.as_integer_ratio = as_integer_ratio
    _core.integer.bit_count = bit_count
    for cls in (_core.integer,):
        cls.numerator, cls.denominator = property(lambda self: self), property(lambda self: type(self)(1))
    number.__class_getitem__ = classmethod(types.GenericAlias)
    numbers.Integral.register(_core.integer)
    numbers.Complex.register(_core.inexact)
    numbers.Real.register(_core.floating)
    numbers.Number.register(number)
    for cls in (_core.ndarray, generic, *generic_classes()):
        cls.__module__ = "trueno"


def generic_classes():
    known, todo = [], [_core.generic]
    while todo:
        cls = todo.pop()
        known.append(cls)
        todo += cls.__subclasses__()
    return known


def conjugate(self):
    return self if self.dtype.kind != "c" else type(self)(self.item().conjugate())


def byteswap(self, inplace=False):
    if inplace:
        raise ValueError("cannot byteswap a scalar in-place")
    return _core.from_bytes(self.dtype, (), self.tobytes()[::-1] if self.dtype.kind != "c" else b"".join(
        self.tobytes()[i:i + self.itemsize // 2][::-1] for i in (0, self.itemsize // 2)))[()]

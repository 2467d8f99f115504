# SPDX-License-Identifier: MIT
"""Activations that take numbers, under PyTorch's names for these and with its defaults; and complex numbers' parts."""
import math

from . import _core
from ._create import asarray

# For each operation the names of its numbers and their defaults.
NUMBERS = {"leaky_relu": {"negative_slope": 0.01}, "elu": {"alpha": 1.0}, "celu": {"alpha": 1.0},
           "hardtanh": {"min_val": -1.0, "max_val": 1.0}, "softplus": {"beta": 1.0, "threshold": 20.0},
           "threshold": {"threshold": None, "value": None}, "hardshrink": {"lambd": 0.5}, "softshrink": {"lambd": 0.5}}
__all__ = ["angle", "glu", "imag", "iscomplex", "iscomplexobj", "isreal", "isrealobj", "real", "real_if_close", *NUMBERS]


def with_numbers(name, defaults):
    op = _core.ops[name]

    def function(a, *args, out=None, **named):
        values = dict(defaults, **dict(zip(defaults, args)), **named)
        if len(args) > len(defaults) or len(values) != len(defaults) or None in values.values():
            raise TypeError(f"{name}() takes an array and {', '.join(defaults)}")
        return op(a, *values.values(), out=out)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{op.__doc__}\n{', '.join(f'{k} = {v}' for k, v in defaults.items())}"
    return function


globals().update({name: with_numbers(name, defaults) for name, defaults in NUMBERS.items()})


def glu(a, axis=-1):
    """x * sigmoid(z) of the two halves x and z of an axis."""
    return _core.glu(asarray(a), axis)


def as_given(x, y):
    """y, a part of x, as a scalar where x is no array."""
    return y if isinstance(x, _core.ndarray) or y.ndim else y[()]


def real(val, /):
    return val.real if isinstance(val, (int, float, complex)) else as_given(val, _core.real(asarray(val)))


def imag(val, /):
    return val.imag if isinstance(val, (int, float, complex)) else as_given(val, _core.imag(asarray(val)))


def angle(z, deg=False):
    y = _core.angle(asarray(z))
    return y * (180 / math.pi) if deg else y


def kind_of(x):
    kind = getattr(getattr(x, "dtype", None), "kind", None)
    return asarray(x).dtype.kind if kind is None else kind


def iscomplexobj(x):
    return kind_of(x) == "c"


def isrealobj(x):
    return not iscomplexobj(x)


def iscomplex(x):
    """Which elements have an imaginary part that is not 0."""
    x = asarray(x)
    return _core.ops["not_equal"](_core.imag(x), 0) if x.dtype.kind == "c" else _core.zeros(x.shape, "bool")[()]


def isreal(x):
    return _core.ops["equal"](_core.imag(asarray(x)), 0)


def real_if_close(a, tol=100):
    """The real part, if every imaginary one is nearer to 0 than tol, or than tol machine epsilons for a tol above 1."""
    a = asarray(a)
    if a.dtype.kind != "c":
        return a
    if tol > 1:
        tol *= 2.0 ** (-23 if a.dtype == "complex64" else -52)
    ops = _core.ops
    return _core.real(a) if ops["all"](ops["absolute"](_core.imag(a)) < tol) else a

# SPDX-License-Identifier: MIT
"""Activations that take numbers, under PyTorch's names for these and with its defaults; and complex numbers' parts."""
from . import _core
from ._create import asarray

# For each operation the names of its numbers and their defaults.
NUMBERS = {"leaky_relu": {"negative_slope": 0.01}, "elu": {"alpha": 1.0}, "celu": {"alpha": 1.0},
           "hardtanh": {"min_val": -1.0, "max_val": 1.0}, "softplus": {"beta": 1.0, "threshold": 20.0},
           "threshold": {"threshold": None, "value": None}, "hardshrink": {"lambd": 0.5}, "softshrink": {"lambd": 0.5}}
__all__ = ["angle", "glu", "imag", "iscomplexobj", "isrealobj", "real", *NUMBERS]


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


def real(x, /):
    return _core.real(asarray(x))


def imag(x, /):
    return _core.imag(asarray(x))


def angle(x, /):
    return _core.angle(asarray(x))


def iscomplexobj(x):
    return asarray(x).dtype.kind == "c"


def isrealobj(x):
    return not iscomplexobj(x)

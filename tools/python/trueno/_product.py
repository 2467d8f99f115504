# SPDX-License-Identifier: MIT
"""Products with NumPy's arguments. matmul and vecdot are operations of the table."""
import operator

from . import _core
from ._create import asarray

__all__ = ["dot", "einsum", "inner", "kron", "matvec", "outer", "tensordot", "trace", "vdot", "vecmat"]


def into(y, out):
    return y if out is None else _core.ops["astype"](y, out=out)


def dot(a, b, out=None):
    return into(_core.dot(asarray(a), asarray(b)), out)


def vdot(a, b, /):
    return _core.vdot(asarray(a), asarray(b))


def inner(a, b, /):
    return _core.inner(asarray(a), asarray(b))


def outer(a, b, out=None):
    return into(_core.outer(asarray(a), asarray(b)), out)


def matvec(x1, x2, /, out=None):
    return into(_core.matvec(asarray(x1), asarray(x2)), out)


def vecmat(x1, x2, /, out=None):
    return into(_core.vecmat(asarray(x1), asarray(x2)), out)


def kron(a, b):
    return _core.kron(asarray(a), asarray(b))


def trace(a, offset=0, axis1=0, axis2=1, dtype=None, out=None):
    y = _core.trace(asarray(a, dtype), offset, axis1, axis2)
    return into(y if dtype is None else asarray(y, dtype), out)


def tensordot(a, b, /, axes=2):
    a, b = asarray(a), asarray(b)
    try:
        n = operator.index(axes)
    except TypeError:
        of_a, of_b = axes
        return _core.tensordot(a, b, of_a, of_b)
    return _core.tensordot(a, b, range(-n, 0), range(n))


def einsum(subscripts, /, *operands, out=None, optimize=True):
    return into(_core.einsum(subscripts.replace(" ", ""), [asarray(x) for x in operands]), out)

# SPDX-License-Identifier: MIT
"""Products with NumPy's arguments. matmul and vecdot are operations of the table."""
import operator
import warnings

from . import _core
from ._create import asarray, in_order
from ._manip import as_axis
from ._types import can_cast, check_casting

__all__ = ["cross", "dot", "einsum", "inner", "kron", "matvec", "outer", "tensordot", "trace", "vdot", "vecmat"]


def into(y, out, casting="unsafe"):
    """y, or out with y in it, which may be any writable buffer."""
    if out is None:
        return y
    try:
        to = out if isinstance(out, _core.ndarray) else _core.asarray(memoryview(out), None, False)
    except TypeError:
        raise TypeError("return arrays must be of ArrayType") from None
    if to.shape != y.shape:
        raise ValueError(f"output array has wrong shape: {to.shape} instead of {y.shape}")
    if not can_cast(y.dtype, to.dtype, casting):
        raise TypeError(f"Cannot cast the result from {y.dtype!r} to the output array's {to.dtype!r} according to the rule "
                        f"'{casting}'")
    _core.ops["astype"](y, out=to)
    return out


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


def cross(a, b, axisa=-1, axisb=-1, axisc=-1, axis=None):
    """a × b of the vectors along axes of 3 elements, or of 2, whose third is 0; of two such only the third element."""
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = asarray(a), asarray(b)
    if not a.ndim or not b.ndim:
        raise ValueError("At least one array has zero dimension")
    a, b = (_core.moveaxis(x, as_axis(i, x.ndim, name), -1) for x, i, name in ((a, axisa, "axisa"), (b, axisb, "axisb")))
    sizes = a.shape[-1], b.shape[-1]
    if not {*sizes} <= {2, 3}:
        raise ValueError("Both input arrays must be (arrays of) 3-dimensional vectors, but they are "
                         f"{sizes[0]} and {sizes[1]} dimensional instead.")
    if sizes != (3, 3):
        warnings.warn("Arrays of 2-dimensional vectors are deprecated. Use arrays of 3-dimensional vectors instead.",
                      DeprecationWarning, stacklevel=2)
    if sizes == (2, 2):
        return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    a, b = (x if x.shape[-1] == 3 else _core.concatenate([x, _core.zeros((*x.shape[:-1], 1), x.dtype)], -1) for x in (a, b))
    y = _core.cross(a, b, -1)
    return _core.moveaxis(y, -1, as_axis(axisc, y.ndim, "axisc"))


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


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def as_text(parts):
    """einsum(a, [0, 1], b, [1, 2], [0, 2]) as subscripts and operands."""
    def letters(axes):
        text = ""
        for i in axes:
            if i is not Ellipsis and not 0 <= operator.index(i) < len(LETTERS):
                raise ValueError(f"subscript is not within the valid range [0, {len(LETTERS)})")
            text += "..." if i is Ellipsis else LETTERS[i]
        return text
    pairs = len(parts) // 2
    text = ",".join(letters(parts[2 * i + 1]) for i in range(pairs))
    if len(parts) % 2:
        text += "->" + letters(parts[-1])
    return text, list(parts[:2 * pairs:2])


def einsum(*operands, out=None, optimize=False, dtype=None, order="K", casting="safe"):
    """The sum of products that the subscripts name; the library chooses the order, whatever path optimize has."""
    check_casting(casting)
    if optimize is not False and optimize is not True:
        from ._path import einsum_path
        einsum_path(*operands, optimize=optimize)
    if not operands or len(operands) < 2:
        raise ValueError("must specify the einstein sum subscripts string and at least one operand, or at least one operand "
                         "and its corresponding subscripts list")
    text, parts = (operands[0], operands[1:]) if isinstance(operands[0], str) else as_text(operands)
    arrays = [asarray(x) for x in parts]
    if dtype is not None:
        for a in arrays:
            if not can_cast(a.dtype, dtype, casting):
                raise TypeError(f"Cannot cast array data from {a.dtype!r} to {_core.dtype(dtype)!r} according to the rule "
                                f"'{casting}'")
        arrays = [asarray(a, dtype) for a in arrays]
    if order in ("A", "a"):
        order = "F" if all(a.T.c_contiguous for a in arrays) else "C"
    y = into(_core.einsum(text.replace(" ", ""), arrays), out)
    if order in ("C", "c") and out is None and not y.c_contiguous:
        y = asarray(y, copy=True)
    return in_order(y, order, out)

# SPDX-License-Identifier: MIT
"""Linear algebra with NumPy's names and arguments, computed by LAPACK: trueno.linalg."""
import builtins
import math
import operator
import typing
import warnings

from . import _core, _manip, _product, _sets
from ._core import LinAlgError
from ._create import asarray
from ._types import finfo

__all__ = ["LinAlgError", "cholesky", "cond", "cross", "det", "diagonal", "eig", "eigh", "eigvals", "eigvalsh", "inv",
           "lstsq", "matmul", "matrix_norm", "matrix_power", "matrix_rank", "matrix_transpose", "multi_dot", "norm",
           "outer", "pinv", "qr", "slogdet", "solve", "svd", "svdvals", "tensordot", "tensorinv", "tensorsolve", "trace",
           "vecdot", "vector_norm"]

ops = _core.ops
matmul, vecdot = ops["matmul"], ops["vecdot"]

EigResult = typing.NamedTuple("EigResult", [("eigenvalues", _core.ndarray), ("eigenvectors", _core.ndarray)])
EighResult = typing.NamedTuple("EighResult", [("eigenvalues", _core.ndarray), ("eigenvectors", _core.ndarray)])
QRResult = typing.NamedTuple("QRResult", [("Q", _core.ndarray), ("R", _core.ndarray)])
SlogdetResult = typing.NamedTuple("SlogdetResult", [("sign", _core.ndarray), ("logabsdet", _core.ndarray)])
SVDResult = typing.NamedTuple("SVDResult", [("U", _core.ndarray), ("S", _core.ndarray), ("Vh", _core.ndarray)])

# The order of enum tr_matrix_norm.
ORDERS = {key: i for i, keys in enumerate([(None, "fro", "f"), ("nuc",), (1,), (-1,), (2,), (-2,), (math.inf,),
                                           (-math.inf,)]) for key in keys}


def solve(a, b):
    a, b = asarray(a), asarray(b)
    if b.ndim == 0:
        raise ValueError("solve: b has no axis")
    return _core.solve(a, b)


def inv(a):
    return _core.inv(asarray(a))


def scalar(y):
    return y if y.ndim else y[()]


def det(a):
    return scalar(_core.det(asarray(a)))


def slogdet(a):
    return SlogdetResult(*map(scalar, _core.slogdet(asarray(a))))


def cholesky(a, /, *, upper=False):
    return _core.cholesky(asarray(a), upper)


OLD_MODES = {"f": "reduced", "full": "reduced", "e": "raw", "economic": "raw"}


def qr(a, mode="reduced"):
    """Modes are NumPy's: reduced, complete, r, raw."""
    modes = ["reduced", "complete", "r", "raw"]
    if mode in OLD_MODES:
        warnings.warn(f"The mode {mode!r} of qr is deprecated in favour of {OLD_MODES[mode]!r}", DeprecationWarning, stacklevel=2)
        mode = OLD_MODES[mode]
        if mode == "raw":
            return _core.qr(asarray(a), modes.index(mode))[0].mT  # R and the reflectors, without their factors
    if mode not in modes:
        raise ValueError(f"Unrecognized mode '{mode}'")
    y = _core.qr(asarray(a), modes.index(mode))
    return y if mode == "r" else y if mode == "raw" else QRResult(*y)


def hermitian_svd(a, compute_uv):
    """By eigenvalues: their magnitudes, and eigenvectors with their signs."""
    if not compute_uv:
        return _manip.flip(sort(ops["absolute"](_core.eigvalsh(a, False))), -1)
    w, v = _core.eigh(a, False)
    order = _manip.flip(argsort(ops["absolute"](w)), -1)
    w, v = _sets.take_along_axis(w, order), _sets.take_along_axis(v, order[..., None, :])
    vh = ops["multiply"](conjugate_transpose(v), ops["copysign"](_core.ones((), w.dtype), w)[..., None])
    return SVDResult(v, ops["absolute"](w), vh)


def sort(a):
    return _sets.take_along_axis(a, argsort(a))


def argsort(a):
    """Along the last axis, short as it is."""
    rows = _core.reshape(a, (math.prod(a.shape[:-1]), a.shape[-1])).tolist()
    order = [i for row in rows for i in sorted(range(len(row)), key=row.__getitem__)]
    return _core.reshape(_core.asarray(order, "int64", None), a.shape)


def conjugate_transpose(a):
    return _core.conjugate(_manip.matrix_transpose(a))


def svd(a, full_matrices=True, compute_uv=True, hermitian=False):
    a = asarray(a)
    if hermitian:
        return hermitian_svd(a, compute_uv)
    return SVDResult(*_core.svd(a, full_matrices)) if compute_uv else _core.svdvals(a)


def svdvals(x, /):
    return _core.svdvals(asarray(x))


def upper_of(UPLO):
    if UPLO.upper() not in ("L", "U"):
        raise ValueError("UPLO argument must be 'L' or 'U'")
    return UPLO.upper() == "U"


def eigh(a, UPLO="L"):
    return EighResult(*_core.eigh(asarray(a), upper_of(UPLO)))


def eigvalsh(a, UPLO="L"):
    return _core.eigvalsh(asarray(a), upper_of(UPLO))


def is_real(a, w):
    """Whether eigenvalues w of a can do without imaginary parts."""
    return a.dtype.kind != "c" and not builtins.bool(ops["any"](_core.imag(w)))


def without_imaginary(a):
    return _core.asarray(_core.real(a), None, True)


def eig(a):
    a = asarray(a)
    w, v = _core.eig(a)
    return EigResult(*map(without_imaginary, (w, v))) if is_real(a, w) else EigResult(w, v)


def eigvals(a):
    a = asarray(a)
    w = _core.eigvals(a)
    return without_imaginary(w) if is_real(a, w) else w


def lstsq(a, b, rcond=None):
    a, b = asarray(a), asarray(b)
    if a.ndim == 2 and b.ndim in (1, 2) and a.shape[0] != b.shape[0]:
        raise LinAlgError(f"Incompatible dimensions: lstsq of a matrix {a.shape} and right-hand sides {b.shape}")
    (x, residuals, s), rank = _core.lstsq(a, b, math.nan if rcond is None else float(rcond))
    return x, residuals, rank, s


NOT_GIVEN = object()


def pinv(a, rcond=None, hermitian=False, *, rtol=NOT_GIVEN):
    a = asarray(a)
    if rcond is not None and rtol is not NOT_GIVEN:
        raise ValueError("`rtol` and `rcond` can't be both set.")
    limit = rcond if rcond is not None else 1e-15 if rtol is NOT_GIVEN else rtol
    return _core.pinv(a, None if limit is None else asarray(limit), hermitian)


def matrix_rank(A, tol=None, hermitian=False, *, rtol=None):
    if rtol is not None and tol is not None:
        raise ValueError("`tol` and `rtol` can't be both set.")
    a = asarray(A)
    y = _core.matrix_rank(a, None if tol is None else asarray(tol), None if rtol is None else asarray(rtol), hermitian)
    return y if a.ndim >= 2 else int(y)


def matrix_power(a, n):
    a, n = asarray(a), operator.index(n)
    if builtins.abs(n) >> 62 == 0:
        return _core.matrix_power(a, n)
    square, y, n = inv(a) if n < 0 else a, None, builtins.abs(n)
    while n:
        if n & 1:
            y = square if y is None else y @ square
        square, n = square @ square, n >> 1
    return y


def order_of(ord):
    try:
        return ORDERS[ord]
    except (KeyError, TypeError):
        raise ValueError("Invalid norm order for matrices.") from None


def cond(x, p=None):
    return _core.cond(asarray(x), ORDERS[2] if p is None else order_of(p))


def of_matrices(x, axes, ord, keepdims):
    row, column = (_manip.as_axis(i, x.ndim) for i in axes)
    if row == column:
        raise ValueError("Duplicate axes given.")
    y = _core.matrix_norm(_manip.moveaxis(x, (row, column), (-2, -1)), order_of(ord), False)
    return _manip.expand_dims(y, (row, column)) if keepdims else y


def of_vectors(x, axes, ord, keepdims):
    axes = _manip.as_axes(axes, x.ndim)
    if isinstance(ord, str):
        raise ValueError(f"Invalid norm order '{ord}' for vectors")
    if x.dtype.kind in "biu":
        x = _core.asarray(x, "float64", None)
    if x.dtype.kind == "c":
        x = ops["absolute"](x)
    if ord == math.inf and not x.size:
        return ops["sum"](ops["absolute"](x), axis=axes, keepdims=keepdims)
    return ops["norm"](x, 2.0 if ord is None else float(ord), axis=axes, keepdims=keepdims)


def norm(x, ord=None, axis=None, keepdims=False):
    x = asarray(x)
    if axis is None:
        if ord is None or ord in ("f", "fro") and x.ndim == 2 or ord == 2 and x.ndim == 1:
            y = of_vectors(_core.ravel(x), 0, None, False)
            return _core.reshape(y, (1,) * x.ndim) if keepdims else y
        axis = tuple(range(x.ndim))
    elif not isinstance(axis, tuple):
        try:
            axis = (operator.index(axis),)
        except TypeError:
            raise TypeError("'axis' must be None, an integer or a tuple of integers") from None
    if len(axis) == 1:
        return of_vectors(x, axis[0], ord, keepdims)
    if len(axis) == 2:
        return of_matrices(x, axis, ord, keepdims)
    raise ValueError("Improper number of dimensions to norm.")


def matrix_norm(x, /, *, keepdims=False, ord="fro"):
    return norm(x, ord, (-2, -1), keepdims)


def vector_norm(x, /, *, axis=None, keepdims=False, ord=2):
    x = asarray(x)
    if axis is None:
        y = of_vectors(_core.ravel(x), 0, ord, False)
        return _core.reshape(y, (1,) * x.ndim) if keepdims else y
    return of_vectors(x, axis, ord, keepdims)


def multi_dot(arrays, *, out=None):
    return _product.into(_core.multi_dot([asarray(a) for a in arrays]), out)


def tensorsolve(a, b, axes=None):
    return _core.tensorsolve(asarray(a), asarray(b), () if axes is None else axes)


def tensorinv(a, ind=2):
    return _core.tensorinv(asarray(a), operator.index(ind))


def cross(x1, x2, /, *, axis=-1):
    x1, x2 = asarray(x1), asarray(x2)
    for x in (x1, x2):
        if x.shape[_manip.as_axis(axis, x.ndim)] != 3:
            raise ValueError("Both input arrays must be (arrays of) 3-dimensional vectors, but they are "
                             f"{x1.shape[axis]} and {x2.shape[axis]} dimensional instead.")
    return _core.cross(x1, x2, axis)


def outer(x1, x2, /):
    x1, x2 = asarray(x1), asarray(x2)
    if x1.ndim != 1 or x2.ndim != 1:
        raise ValueError(f"Input arrays must be one-dimensional, but they are {x1.ndim=} and {x2.ndim=}.")
    return _core.outer(x1, x2)


def diagonal(x, /, *, offset=0):
    return _core.diagonal(asarray(x), offset, -2, -1)


def trace(x, /, *, offset=0, dtype=None):
    return _product.trace(x, offset, -2, -1, dtype)


def matrix_transpose(x, /):
    return _manip.matrix_transpose(x)


def tensordot(x1, x2, /, *, axes=2):
    return _product.tensordot(x1, x2, axes=axes)

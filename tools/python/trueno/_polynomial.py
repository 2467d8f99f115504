# SPDX-License-Identifier: MIT
"""Polynomials as their coefficients, the highest power's first: polyfit, roots and the like, and poly1d."""
import builtins
import operator
import re
import warnings

from . import _core
from ._create import asarray, array, diag, ones, zeros
from ._fft import convolve
from ._linalg import eigvals, inv, lstsq
from ._manip import atleast_1d, concatenate
from ._numeric import vander
from ._samples import trim_zeros
from ._stats import allclose
from ._types import finfo, isscalar, mintypecode, result_type
from .exceptions import RankWarning

__all__ = ["poly", "poly1d", "polyadd", "polyder", "polydiv", "polyfit", "polyint", "polymul", "polysub", "polyval", "roots"]
ops = _core.ops


def coefficients(p):
    return p.coeffs if isinstance(p, poly1d) else atleast_1d(p)


def like(y, *given):
    """y as a poly1d where one was given."""
    return poly1d(y) if builtins.any(isinstance(p, poly1d) for p in given) else y


def poly(seq_of_zeros):
    """The polynomial with these zeros, or the characteristic one of a square matrix."""
    z = atleast_1d(seq_of_zeros)
    if z.ndim == 2 and z.shape[0] == z.shape[1] != 0:
        z = eigvals(z)
    elif z.ndim == 1:
        z = asarray(z, mintypecode(z.dtype.char))
    else:
        raise ValueError("input must be 1d or non-empty square 2d array.")
    if not z.size:
        return 1.0
    y = ones((1,), z.dtype)
    for zero in z:
        y = convolve(y, asarray([1, -zero], z.dtype))
    if y.dtype.kind == "c":
        z = asarray(z, "complex128")
        if builtins.bool(ops["all"](ops["sort"](z) == ops["sort"](_core.conjugate(z)))):
            y = array(y.real)
    return y


def roots(p):
    """The zeros of a polynomial: its companion matrix's eigenvalues."""
    p = coefficients(p)
    if p.ndim != 1:
        raise ValueError("Input must be a rank-1 array.")
    places = _core.flatnonzero(p != 0).tolist()
    if not places:
        return zeros((0,))
    trailing = p.size - places[-1] - 1
    p = p[places[0]:places[-1] + 1]
    if p.dtype.kind not in "fc":
        p = asarray(p, "float64")
    y = zeros((0,))
    if p.size > 1:
        companion = array(diag(ones((p.size - 2,), p.dtype), -1))
        companion[0] = -p[1:] / p[0]
        y = eigvals(companion)
    return concatenate((y, zeros((trailing,), y.dtype)))


def order_of(m, other):
    m = int(m)
    if m < 0:
        raise ValueError(f"Order of {'derivative' if other == 'polyint' else 'integral'} must be positive (see {other})")
    return m


def polyint(p, m=1, k=None):
    """The m-th integral, with the constants k."""
    m, y = order_of(m, "polyder"), asarray(p)
    k = zeros((m,)) if k is None else atleast_1d(k)
    if k.size == 1 and m > 1:
        k = _core.broadcast_to(k, (m,))
    if k.size < m:
        raise ValueError("k must be a scalar or a rank-1 array of length 1 or >m.")
    for i in range(m):
        y = concatenate((y / _core.arange_int("int64", y.size, 0, -1), k[i:i + 1]))
    return like(y, p)


def polyder(p, m=1):
    """The m-th derivative."""
    y = asarray(p)
    for _ in range(order_of(m, "polyint")):
        y = y[:-1] * _core.arange_int("int64", builtins.max(y.size - 1, 0), 0, -1)
    return like(y, p)


def weighted(w, lhs, rhs):
    w = asarray(w) + 0.0
    if w.ndim != 1:
        raise TypeError("expected a 1-d array for weights")
    if w.size != rhs.shape[0]:
        raise TypeError("expected w and y to have the same length")
    return lhs * w[:, None], rhs * (w[:, None] if rhs.ndim == 2 else w)


def polyfit(x, y, deg, rcond=None, full=False, w=None, cov=False):
    """The polynomial of degree deg with the least sum of squares of differences from y at x; further results if asked."""
    terms, x, y = int(deg) + 1, asarray(x) + 0.0, asarray(y) + 0.0
    if deg < 0:
        raise ValueError("expected deg >= 0")
    if x.ndim != 1:
        raise TypeError("expected 1D vector for x")
    if not x.size:
        raise TypeError("expected non-empty vector for x")
    if y.ndim not in (1, 2):
        raise TypeError("expected 1D or 2D array for y")
    if x.size != y.shape[0]:
        raise TypeError("expected x and y to have same length")
    rcond = x.size * float(finfo(x.dtype).eps) if rcond is None else rcond
    lhs, rhs = vander(x, terms), y
    if w is not None:
        lhs, rhs = weighted(w, lhs, rhs)
    scale = ops["sqrt"](ops["sum"](lhs * lhs, 0))
    lhs = lhs / scale
    c, residuals, rank, s = lstsq(lhs, rhs, rcond)
    c = c / (scale if c.ndim == 1 else scale[:, None])
    if full:
        return c, residuals, rank, s, rcond
    if rank != terms:
        warnings.warn("Polyfit may be poorly conditioned", RankWarning, stacklevel=2)
    if builtins.isinstance(cov, builtins.bool) and not cov:
        return c
    spread = inv(lhs.T @ lhs) / (scale[:, None] * scale)
    factor = asarray(1.0)
    if not (isinstance(cov, str) and cov == "unscaled"):
        if x.size <= terms:
            raise ValueError("the number of data points must exceed order to scale the covariance matrix")
        factor = residuals / (x.size - terms)
    return c, (spread if y.ndim == 1 else spread[:, :, None]) * factor


def polyval(p, x):
    """The values at x, which may be a polynomial, by Horner's rule."""
    p, y = asarray(p), 0
    if not isinstance(x, poly1d):
        x = asarray(x)
        y = zeros(x.shape, x.dtype)[()]
    for coefficient in p:
        y = y * x + coefficient
    return y


def both(op, a1, a2):
    """op of the coefficients of equal powers."""
    a, b = coefficients(a1), coefficients(a2)
    n = builtins.max(a.size, b.size)
    return like(op(*(concatenate((zeros((n - p.size,), p.dtype), p)) if p.size < n else p for p in (a, b))), a1, a2)


def polyadd(a1, a2):
    return both(ops["add"], a1, a2)


def polysub(a1, a2):
    return both(ops["subtract"], a1, a2)


def polymul(a1, a2):
    return like(convolve(poly1d(a1).coeffs, poly1d(a2).coeffs), a1, a2)


def polydiv(u, v):
    """Quotient and rest."""
    a, b = coefficients(u) + 0.0, coefficients(v) + 0.0
    kind, n = result_type(a, b), b.size
    q, rest = zeros((builtins.max(a.size - n + 1, 1),), kind), array(a, kind)
    scale = 1.0 / b[0]
    for i in range(a.size - n + 1):
        q[i] = scale * rest[i]
        rest[i:i + n] -= q[i] * b
    while rest.size > 1 and allclose(rest[0], 0, rtol=1e-14):
        rest = rest[1:]
    return like(q, u, v), like(rest, u, v)


def coefficient_text(c):
    def text(x):
        return f"{x.item():.4g}"
    if c.imag == 0:
        return text(c.real)
    return f"{text(c.imag)}j" if c.real == 0 else f"({text(c.real)} + {text(c.imag)}j)"


def raised(text, width=70):
    """The powers written **n in a line of their own above."""
    out, above, below = "", "", ""
    for part, power in re.findall(r"(.*?)\*\*(\d+)", text):
        upper, lower = " " * (len(part) - 1) + power, part + " " * (len(power) - 1)
        if len(below) + len(lower) > width or len(above) + len(upper) > width:
            out += f"{above}\n{below}\n "
            above = below = ""
        above, below = above + upper, below + lower
    return f" {out}{above}\n{below}{text[text.rfind('**'):].lstrip('*').lstrip('0123456789') if '**' in text else text}"


class poly1d:
    """A polynomial in one variable, of its coefficients or, if r, its zeros; p(x) are its values."""
    __hash__ = None

    def __init__(self, c_or_r, r=False, variable=None):
        if isinstance(c_or_r, poly1d):
            self.held, self.variable_ = c_or_r.held, variable or c_or_r.variable_
            return
        p = atleast_1d(poly(c_or_r) if r else c_or_r)
        if p.ndim > 1:
            raise ValueError("Polynomial must be 1d only.")
        p = trim_zeros(p, "f")
        self.held, self.variable_ = p if p.size else zeros((1,), p.dtype), variable or "x"

    def set_coeffs(self, value):
        if value is not self.held:
            raise AttributeError("Cannot set attribute")

    coeffs = c = coef = coefficients = property(lambda self: self.held, set_coeffs)
    variable = property(lambda self: self.variable_)
    order = o = property(lambda self: self.held.size - 1)
    roots = r = property(lambda self: roots(self.held))

    def __array__(self, dtype=None, copy=None):
        return self.held.__array__(dtype, copy)

    def __repr__(self):
        return f"poly1d({repr(self.held)[6:-1]})"

    def __str__(self):
        n, text = self.order, ""
        for i, c in enumerate(self.held):
            number, power = coefficient_text(c), n - i
            if number == "0":
                continue
            term = number + ("" if power == 0 else f" {self.variable}" if power == 1 else f" {self.variable}**{power}")
            text += term if not text else f" - {term[1:]}" if term[0] == "-" else f" + {term}"
        return raised(text or "0")

    def __len__(self):
        return self.order

    def __iter__(self):
        return iter(self.held)

    def __getitem__(self, power):
        return self.held[self.order - power] if 0 <= power <= self.order else self.held.dtype.type(0)

    def __setitem__(self, power, value):
        power = operator.index(power)
        if power < 0:
            raise ValueError("Does not support negative powers.")
        if power > self.order:
            self.held = concatenate((zeros((power - self.order,), self.held.dtype), self.held))
        self.held[self.order - power] = value

    def __call__(self, val):
        return polyval(self.held, val)

    def __eq__(self, other):
        if not isinstance(other, poly1d):
            return NotImplemented
        return self.held.shape == other.held.shape and builtins.bool(ops["all"](self.held == other.held))

    def __neg__(self):
        return poly1d(-self.held)

    def __pos__(self):
        return self

    def __add__(self, other):
        return polyadd(self, poly1d(other))

    __radd__ = __add__

    def __sub__(self, other):
        return polysub(self, poly1d(other))

    def __rsub__(self, other):
        return polysub(poly1d(other), self)

    def __mul__(self, other):
        return poly1d(self.held * other) if isscalar(other) else polymul(self, other)

    __rmul__ = __mul__

    def __truediv__(self, other):
        return poly1d(self.held / other) if isscalar(other) else polydiv(self, poly1d(other))

    def __rtruediv__(self, other):
        return poly1d(other / self.held) if isscalar(other) else polydiv(poly1d(other), self)

    def __pow__(self, n):
        if not isscalar(n) or int(n) != n or n < 0:
            raise ValueError("Power to non-negative integers only.")
        y = poly1d([1])
        for _ in range(int(n)):
            y = polymul(self, y)
        return y

    def integ(self, m=1, k=0):
        return poly1d(polyint(self.held, m, k))

    def deriv(self, m=1):
        return poly1d(polyder(self.held, m))


poly1d.__module__ = "trueno"

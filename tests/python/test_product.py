# SPDX-License-Identifier: MIT
"""Products by their NumPy names (dot … einsum) against NumPy: random shapes, strides, types and subscripts.

Operands hold small whole numbers, so that every sum is exact and any order of adding gives the same bits.
"""
import ctypes

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from trueno_ops import I64, Ops, P, TruenoError

TYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64"]


class Products(Ops):
    """Adds functions that are no rows of the table, on views made by the library as NumPy made its own."""

    def __init__(self):
        super().__init__(threads=2)
        c, ints = self.c, ctypes.POINTER(ctypes.c_int)
        for name, args in [("dot", [P, P]), ("vdot", [P, P]), ("inner", [P, P]), ("outer", [P, P]), ("matvec", [P, P]),
                           ("vecmat", [P, P]), ("kron", [P, P]), ("trace", [P, I64, ctypes.c_int, ctypes.c_int]),
                           ("diagonal", [P, I64, ctypes.c_int, ctypes.c_int]),
                           ("tensordot", [P, P, ctypes.c_int, ints, ints]),
                           ("einsum", [ctypes.c_char_p, ctypes.POINTER(P), ctypes.c_int])]:
            f = getattr(c, "tr_" + name)
            f.restype, f.argtypes = P, args

    def view(self, v):
        """v: an array, or a View."""
        if not isinstance(v, View):
            return self.tensor(v)
        t = self.tensor(v.base)
        for axis, step in enumerate(v.steps):
            none = -2**63
            t = self.check(self.c.tr_slice_axis(t, axis, none, none, step))
        return self.check(self.c.tr_permute(t, (ctypes.c_int * max(v.base.ndim, 1))(*v.perm)))

    def product(self, name, operands, *rest):
        self.alive = []
        self.c.tr_scope_begin(self.ctx)
        try:
            return self.array(self.check(getattr(self.c, "tr_" + name)(*map(self.view, operands), *rest)))
        finally:
            self.c.tr_scope_end(self.ctx)

    def tensordot(self, a, b, axes):
        i, j = ((ctypes.c_int * max(len(x), 1))(*x) for x in axes)
        return self.product("tensordot", [a, b], len(axes[0]), i, j)

    def einsum(self, subscripts, *operands, batch=False):
        self.alive = []
        self.c.tr_scope_begin(self.ctx)
        if batch:
            self.c.tr_batch_begin(self.ctx)
        try:
            t = self.c.tr_einsum(subscripts.encode(), (P * len(operands))(*map(self.view, operands)), len(operands))
            return self.array(self.check(t))
        finally:
            if batch:
                self.c.tr_batch_end(self.ctx)
            self.c.tr_scope_end(self.ctx)


class View:
    """A permuted and strided view: base[::steps] with axes in the order perm."""

    def __init__(self, base, steps, perm):
        self.base, self.steps, self.perm = base, steps, perm
        self.array = base[tuple(slice(None, None, s) for s in steps)].transpose(perm)


OPS = Products()


def array_of(x):
    return x.array if isinstance(x, View) else x


@st.composite
def operands(draw, shape, dtype):
    """A view of this shape."""
    n = len(shape)
    perm = draw(st.permutations(range(n)))
    steps = [draw(st.sampled_from([1, 1, 1, 2, -1])) for _ in range(n)]
    inverse = np.argsort(perm).astype(int)
    base = [shape[inverse[i]] * abs(steps[i]) for i in range(n)]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    low, high = (0, 2) if dtype == "bool" else (0, 4) if dtype.startswith("u") else (-3, 4)
    return View(rng.integers(low, high, base).astype(dtype), steps, perm)


def assert_equal(got, want, what):
    want = np.asarray(want)
    assert got.dtype == want.dtype, f"{what}: {got.dtype} for {want.dtype}"
    assert got.shape == want.shape, f"{what}: {got.shape} for {want.shape}"
    assert (got == want).all(), f"{what}: {got} for {want}"


SIZE = st.integers(0, 5)


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_einsum(data):
    letters = "abcdeA"
    size = {c: data.draw(st.sampled_from([0, 1, 2, 3, 3, 4, 5])) for c in letters}
    dots = data.draw(st.lists(st.integers(1, 3), max_size=2))
    n = data.draw(st.sampled_from([1, 2, 2, 2, 3, 3, 4]))
    dtype = data.draw(st.sampled_from(TYPES))
    terms, views = [], []
    for _ in range(n):
        term = "".join(data.draw(st.lists(st.sampled_from(letters), max_size=4)))
        shape = [size[c] for c in term]
        if len(set(term)) == len(term):  # sizes of 1 broadcast, but make no diagonal
            shape = [1 if s and data.draw(st.integers(0, 9)) == 0 else s for s in shape]
        if dots and data.draw(st.booleans()):
            at, lead = data.draw(st.integers(0, len(term))), data.draw(st.integers(0, len(dots)))
            shape[at:at] = [data.draw(st.sampled_from([1, s])) for s in dots[len(dots) - lead:]]
            term = term[:at] + "..." + term[at:]
        terms.append(term)
        views.append(data.draw(operands(shape, dtype)))
    subscripts = ",".join(terms)
    if data.draw(st.booleans()):
        used = sorted(set(subscripts) - set(",."))
        out = data.draw(st.permutations(used))[: data.draw(st.integers(0, len(used)))]
        out.insert(data.draw(st.integers(0, len(out))), "..." if "." in subscripts else "")
        subscripts += " -> " + "".join(out)
    arrays = [array_of(v) for v in views]
    want = np.einsum(subscripts, *arrays)
    assert_equal(OPS.einsum(subscripts, *views, batch=data.draw(st.booleans())), want, subscripts)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_einsum_of_mixed_types(data):
    subscripts = data.draw(st.sampled_from(["ij,jk->ik", "ij,ij->j", "ij,kl->ik", "ij,jk,kl->il", "bi,bij->bj"]))
    size = {c: data.draw(st.integers(1, 5)) for c in "ijklb"}
    views = [data.draw(operands([size[c] for c in t], data.draw(st.sampled_from(TYPES))))
             for t in subscripts.split("->")[0].split(",")]
    want = np.einsum(subscripts, *map(array_of, views))
    assume(np.isfinite(want).all())
    assert_equal(OPS.einsum(subscripts, *views), want, subscripts)


@pytest.mark.parametrize("subscripts, shapes", [
    ("ij,jk->ik", [(300, 200), (200, 130)]), ("ij,jk->ki", [(300, 200), (200, 130)]),
    ("bij,bkj->bik", [(7, 40, 64), (7, 50, 64)]), ("bhqd,bhkd->bhqk", [(2, 3, 33, 16), (2, 3, 40, 16)]),
    ("ij,ij->", [(200, 300), (200, 300)]), ("i,i->", [(70000,), (70000,)]), ("ib,ib->b", [(900, 33), (900, 33)]),
    ("ijk,jil->kl", [(20, 30, 40), (30, 20, 50)]), ("ab,bc,cd,de->ae", [(30, 2), (2, 90), (90, 3), (3, 40)]),
    ("a,b,c,d,e,f,g,h->ah", [(4,)] * 8)])
def test_large_einsum(subscripts, shapes):
    rng = np.random.default_rng(1)
    arrays = [rng.integers(-3, 4, s).astype(np.float32) for s in shapes]
    assert_equal(OPS.einsum(subscripts, *arrays), np.einsum(subscripts, *arrays, optimize=True), subscripts)


@pytest.mark.parametrize("subscripts, shapes, message", [
    ("ij,jk", [(2, 3)], r"is not for 1 operand"),
    ("ij", [(2, 3), (3, 2)], r"is not for 2 operands"),
    ("ijk->i", [(2, 3)], r'operand 1 is \[2,3\], but its subscripts "ijk" name 3 axes'),
    ("i->i", [(2, 3)], r"name 1 axes"),
    ("ij->k", [(2, 3)], r"at 6: the output names an axis that no operand has"),
    ("ij->ii", [(2, 3)], r"the output names an axis twice"),
    ("i?->i", [(2, 3)], r"at 2: neither a letter"),
    ("i.j->i", [(2, 3)], r"at 2: neither a letter"),
    ("...i...->i", [(2, 3)], r"a second ellipsis"),
    ("...i->i", [(2, 3)], r"the output lacks the operands'"),
    ("ij-i", [(2, 3)], r'"-" without ">"'),
    ("ij->i,j", [(2, 3)], r"the output is one term"),
    ("ij,jk->ik", [(2, 3), (4, 2)], r"axis 0 of operand 2, \[4,2\], has size 4, but the same axis of another has 3"),
    ("ii->i", [(2, 3)], r"operand 1, \[2,3\], has no diagonal of axes 0 and 1"),
    ("abcdefghi", [(1,) * 8], r"more letters than a tensor has axes"),
    ("abcdef,ghijkl", [(2,) * 6, (2,) * 6], r"more axes than a tensor"),
])
def test_einsum_refuses(subscripts, shapes, message):
    with pytest.raises(TruenoError, match=message):
        OPS.einsum(subscripts, *[np.zeros(s, np.float32) for s in shapes])
    assert_equal(OPS.einsum("ii->i", np.eye(3)), np.ones(3), "the context goes on")


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_pairs(data):
    name = data.draw(st.sampled_from(["dot", "inner", "vdot", "outer", "matvec", "vecmat", "kron"]))
    k, dtype = data.draw(SIZE), data.draw(st.sampled_from(TYPES))
    lead = [data.draw(st.lists(SIZE, max_size=2)) for _ in range(2)]
    batch = data.draw(st.lists(st.integers(1, 3), max_size=2))
    m = data.draw(SIZE)
    shapes = {"dot": (lead[0] + [k], lead[1][:1] + [k] + ([m] if lead[1] else [])), "inner": (lead[0] + [k], lead[1] + [k]),
              "vdot": (lead[0] + [k], [k] + lead[0][::-1]), "outer": (lead[0], lead[1]), "kron": (lead[0] + [m], lead[1]),
              "matvec": (batch + [m, k], batch[1:] + [k]), "vecmat": (batch[1:] + [k], batch + [k, m])}[name]
    x, y = (data.draw(operands(s, dtype)) for s in shapes)
    a, b = array_of(x), array_of(y)
    if name == "matvec":
        want = (a @ b[..., None])[..., 0]
    elif name == "vecmat":
        want = (a[..., None, :] @ b)[..., 0, :]
    else:
        want = getattr(np, name)(a, b)
    assert_equal(OPS.product(name, [x, y]), want, f"{name} {shapes}")


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_tensordot(data):
    dtype = data.draw(st.sampled_from(TYPES))
    common = data.draw(st.lists(SIZE, max_size=3))
    n = len(common)
    a, b = (data.draw(st.lists(st.integers(1, 4), max_size=2)) for _ in range(2))
    axes = [data.draw(st.permutations(range(n + len(own))))[:n] for own in (a, b)]
    shapes = []
    for own, where in zip((a, b), axes):
        shape, rest = [0] * (n + len(own)), list(own)
        for i, w in enumerate(where):
            shape[w] = common[i]
        for i in range(len(shape)):
            if i not in where:
                shape[i] = rest.pop(0)
        shapes.append(shape)
    x, y = (data.draw(operands(s, dtype)) for s in shapes)
    signed = [[i - len(s) if data.draw(st.booleans()) else i for i in w] for w, s in zip(axes, shapes)]
    want = np.tensordot(array_of(x), array_of(y), axes=axes)
    assert_equal(OPS.tensordot(x, y, signed), want, f"{shapes} {axes}")


@given(st.integers(0, 6), st.integers(0, 6), st.integers(-7, 7), st.booleans())
def test_diagonal_and_trace(rows, cols, offset, turned):
    x = np.arange(rows * cols * 2, dtype=np.int16).reshape(rows, 2, cols)
    axes = (2, 0) if turned else (0, -1)
    assert_equal(OPS.product("diagonal", [x], offset, *axes), x.diagonal(offset, *axes), "diagonal")
    assert_equal(OPS.product("trace", [x], offset, *axes), x.trace(offset, *axes), "trace")


@pytest.mark.parametrize("name, a, b, message", [
    ("dot", (3, 4), (3, 4), r"dot: shapes \[3,4\] and \[3,4\]: the last axis"),
    ("inner", (3, 4), (3, 5), r"inner: shapes \[3,4\] and \[3,5\]: the last axes must be equal"),
    ("vdot", (3, 4), (3, 5), r"vdot: .*as many elements"),
    ("matvec", (3, 4), (3,), r"matvec: shapes \[3,4\] and \[3\]"),
    ("vecmat", (4,), (3, 4), r"vecmat: shapes \[4\] and \[3,4\]"),
    ("matvec", (4,), (4,), r"matvec: .*it takes a matrix and a vector"),
    ("kron", (1,) * 5, (1,), r"kron: .*at most 4 axes"),
    ("dot", (2,) * 6, (2,) * 6, r"dot: .*more axes than a tensor"),
])
def test_pairs_refuse(name, a, b, message):
    with pytest.raises(TruenoError, match=message):
        OPS.product(name, [np.zeros(a), np.zeros(b)])


@pytest.mark.parametrize("axes, message", [(([0], [0]), "differ in size"), (([2], [0]), "axis 2"), (([0, 0], [1, 1]), "named twice"),
                                           (([0, 1, 0], [0, 1, 1]), "3 axes to sum over")])
def test_tensordot_refuses(axes, message):
    with pytest.raises(TruenoError, match=message):
        OPS.tensordot(np.zeros((2, 3)), np.zeros((3, 2)), axes)


@pytest.mark.parametrize("a", ["int8", "uint8", "bool"])
@pytest.mark.parametrize("b", ["int8", "uint8", "bool"])
@pytest.mark.parametrize("m, n, k", [(1, 1, 1), (3, 5, 7), (33, 70, 130), (1, 300, 65), (200, 1, 64), (64, 64, 1027)])
def test_eight_bits_to_thirty_two(a, b, m, n, k):
    rng = np.random.default_rng(m)
    x, y = (rng.integers(*((0, 2) if t == "bool" else (np.iinfo(t).min, np.iinfo(t).max + 1)), s).astype(t)
            for t, s in ((a, (m, k)), (b, (k, n))))
    want = np.matmul(x, y, dtype=np.int32)
    assert_equal(OPS.matmul_as(x, y, dtype="int32"), want, "matmul_as")


def test_matmul_as_refuses_what_numpy_refuses():
    x = np.ones((2, 2), np.float32)
    with pytest.raises(TypeError):
        np.matmul(x, x, dtype=np.int32)
    with pytest.raises(TruenoError, match="operand 1 is float32, which does not cast to int32"):
        OPS.matmul_as(x, x, dtype="int32")


@pytest.mark.parametrize("n", [1, 63, 64, 65, 1000, 1024, 1025, 5000, 300000])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dot_is_near_the_exact_sum(n, dtype):
    rng = np.random.default_rng(n)
    x, y = rng.normal(size=(2, n)).astype(dtype)
    exact = (x.astype(np.longdouble) * y.astype(np.longdouble)).sum()
    bound = np.abs(x.astype(np.longdouble) * y.astype(np.longdouble)).sum() * (np.log2(n + 1) + 16) * np.finfo(dtype).eps / 2
    assert abs(OPS.product("dot", [x, y]) - exact) <= bound

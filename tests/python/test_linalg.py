# SPDX-License-Identifier: MIT
"""trueno.linalg against numpy.linalg: random shapes, stacks, strides and types; results that are not unique are put
together again instead."""
import numpy as np
import pytest
import trueno as tn
from hypothesis import given, settings
from hypothesis import strategies as st

TYPES = ["float32", "float64", "complex64", "complex128", "int32", "bool"]
SIZE = st.integers(0, 6)
STACK = st.lists(st.integers(0, 3), max_size=3)


def tolerance(dtype):
    return 2e-3 if np.dtype(dtype) in (np.float32, np.complex64) else 1e-8


def assert_close(got, want, what=""):
    got, want = np.asarray(got), np.asarray(want)
    assert got.dtype == want.dtype, f"{what}: {got.dtype} for {want.dtype}"
    assert got.shape == want.shape, f"{what}: {got.shape} for {want.shape}"
    scale = max(1, np.abs(want[np.isfinite(want)]).max(initial=0))
    np.testing.assert_allclose(got / scale, want / scale, rtol=0, atol=tolerance(got.dtype), err_msg=what)


@st.composite
def matrices(draw, rows=SIZE, columns=None, stack=STACK, types=TYPES):
    """A view with steps and axes in any order, of normal numbers; square without columns."""
    m = draw(rows)
    shape = [*draw(stack), m, m if columns is None else draw(columns)]
    dtype = draw(st.sampled_from(types))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    perm = draw(st.permutations(range(len(shape))))
    steps = [draw(st.sampled_from([1, 1, -1, 2])) for _ in shape]
    base = [shape[perm[i]] * abs(steps[perm[i]]) for i in range(len(shape))]
    x = rng.normal(size=base) * 3
    if dtype.startswith("c"):
        x = x + 1j * rng.normal(size=base)
    x = x.astype(dtype).transpose(np.argsort(perm).astype(int))
    return x[tuple(slice(None, None, s) for s in steps)]


def well_conditioned(a):
    s = np.linalg.svd(a.astype("c16"), compute_uv=False)
    return not a.size or (s[..., -1] > 1e-2).all()


def adjoint(a):
    return a.conj().swapaxes(-1, -2)


def hermitian(a):
    a = a * 1.0 if a.dtype.kind in "bi" else a
    return a @ adjoint(a) + np.eye(a.shape[-1], dtype=a.dtype)


@settings(max_examples=300, deadline=None)
@given(matrices())
def test_square(a):
    assert_close(tn.linalg.det(a), np.linalg.det(a), "det")
    got, want = tn.linalg.slogdet(a), np.linalg.slogdet(a)
    assert_close(got.sign, want.sign, "sign")
    if well_conditioned(a):
        assert_close(got.logabsdet, want.logabsdet, "logabsdet")
        assert_close(tn.linalg.inv(a), np.linalg.inv(a), "inv")
        for order in (None, 1, -1, 2, -2, np.inf, -np.inf, "fro", "nuc") if a.size else ():
            assert_close(tn.linalg.cond(a, order), np.linalg.cond(a, order), f"cond {order}")


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_solve(data):
    n = data.draw(SIZE)
    a = data.draw(matrices(st.just(n), stack=st.sampled_from([[], [2], [3, 1]])))
    b = data.draw(matrices(st.just(n), SIZE, stack=st.sampled_from([[], [2], [1], [3, 2]])))
    if well_conditioned(a):
        assert_close(tn.linalg.solve(a, b), np.linalg.solve(a, b))
        if b.ndim == 2 and b.shape[1]:
            assert_close(tn.linalg.solve(a, b[:, 0]), np.linalg.solve(a, b[:, 0]))


@settings(max_examples=200, deadline=None)
@given(matrices(), st.booleans())
def test_hermitian(a, upper):
    h = hermitian(a)
    assert_close(tn.linalg.cholesky(h, upper=upper), np.linalg.cholesky(h, upper=upper), "cholesky")
    uplo = "u" if upper else "L"
    assert_close(tn.linalg.eigvalsh(h, uplo), np.linalg.eigvalsh(h, uplo), "eigvalsh")
    w, v = map(np.asarray, tn.linalg.eigh(h, uplo))
    assert_close(w, np.linalg.eigh(h, uplo).eigenvalues, "eigh")
    assert_close(h @ v, v * w[..., None, :], "eigenvectors")
    assert_close(tn.linalg.pinv(h, hermitian=True), np.linalg.pinv(h, hermitian=True), "pinv")
    assert_close(tn.linalg.matrix_rank(h, hermitian=True), np.linalg.matrix_rank(h, hermitian=True), "matrix_rank")
    u, s, vh = map(np.asarray, tn.linalg.svd(h, hermitian=True))
    assert_close((u * s[..., None, :]) @ vh, h, "svd")


@settings(max_examples=200, deadline=None)
@given(matrices())
def test_eig(a):
    w, v = map(np.asarray, tn.linalg.eig(a))
    want = np.linalg.eig(a)
    assert w.dtype == want.eigenvalues.dtype and v.dtype == want.eigenvectors.dtype
    assert_close((a @ v).astype(v.dtype), v * w[..., None, :], "eigenvectors")
    assert_close(np.linalg.norm(v, axis=-2), np.ones(w.shape, np.linalg.norm(v, axis=-2).dtype), "lengths")
    assert np.asarray(tn.linalg.eigvals(a)).dtype == want.eigenvalues.dtype


@settings(max_examples=300, deadline=None)
@given(matrices(columns=SIZE))
def test_factors(a):
    for mode in ("reduced", "complete", "r", "raw"):
        got, want = tn.linalg.qr(a, mode), np.linalg.qr(a, mode)
        for x, y in zip([got] if mode == "r" else got, [want] if mode == "r" else want):
            assert_close(x, y, f"qr {mode}")
    for full in (True, False):
        got, want = tn.linalg.svd(a, full_matrices=full), np.linalg.svd(a, full_matrices=full)
        assert_close(got.S, want.S, "svd")
        u, s, vh = map(np.asarray, got)
        assert (u.shape, vh.shape) == (want.U.shape, want.Vh.shape)
        k = s.shape[-1]
        assert_close((u[..., :k] * s[..., None, :]) @ vh[..., :k, :], a.astype(u.dtype), "svd")
        assert_close(u @ adjoint(u) if full else adjoint(u) @ u,
                     np.broadcast_to(np.eye(u.shape[-1], dtype=u.dtype), (*u.shape[:-2], *[u.shape[-1]] * 2)), "u")
    assert_close(tn.linalg.svdvals(a), np.linalg.svdvals(a), "svdvals")
    assert_close(tn.linalg.matrix_rank(a), np.linalg.matrix_rank(a), "matrix_rank")
    assert_close(tn.linalg.matrix_rank(a, 2.5), np.linalg.matrix_rank(a, 2.5), "matrix_rank")
    if np.linalg.cond(a).max(initial=0) < 1e3 if a.size else a.dtype.kind not in "bi":
        assert_close(tn.linalg.pinv(a), np.linalg.pinv(a), "pinv")


@settings(max_examples=200, deadline=None)
@given(matrices(columns=SIZE, stack=st.just([])), st.integers(0, 3), st.sampled_from([None, -1, 0.3]))
def test_lstsq(a, k, rcond):
    b = np.random.default_rng(k).normal(size=(a.shape[0], k)).astype(a.dtype if a.dtype.kind in "fc" else "f8")
    for b in (b, b[:, 0] if k else b):
        got, want = tn.linalg.lstsq(a, b, rcond), np.linalg.lstsq(a, b, rcond)
        assert got[2] == want[2]
        if not a.size or np.linalg.cond(a) < 1e3:
            assert_close(got[0], want[0], "x")
            assert_close(got[1], want[1], "residuals")
        assert_close(got[3], want[3], "singular values")


@settings(max_examples=200, deadline=None)
@given(matrices(columns=SIZE), st.booleans())
def test_norms(a, keepdims):
    for order in (None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf):
        if a.size or order in (None, "fro", "nuc", 1, 2, np.inf):
            got = tn.linalg.norm(a, order, (-2, -1), keepdims)
            assert_close(got, np.asarray(np.linalg.norm(a, order, (-2, -1), keepdims)).astype(got.dtype.name), f"norm {order}")
    for order in (None, 0, 1, 2, 3, -1, np.inf, -np.inf):
        if a.size and (order != -1 or a.all()):
            got = tn.linalg.norm(a, order, -1, keepdims)
            assert_close(got, np.asarray(np.linalg.norm(a, order, -1, keepdims)).astype(got.dtype.name), f"norm {order}")
    got = tn.linalg.norm(a, keepdims=keepdims)
    assert_close(got, np.asarray(np.linalg.norm(a, keepdims=keepdims)).astype(got.dtype.name), "norm")
    got = tn.linalg.vector_norm(a, keepdims=keepdims, ord=1)
    assert_close(got, np.asarray(np.linalg.vector_norm(a, keepdims=keepdims, ord=1)).astype(got.dtype.name), "vector_norm")


@settings(max_examples=100, deadline=None)
@given(matrices(), st.integers(-3, 9))
def test_matrix_power(a, n):
    if n >= 0 or well_conditioned(a):
        assert_close(tn.linalg.matrix_power(a, n), np.linalg.matrix_power(a, n))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=3, max_size=8), st.booleans(), st.booleans())
def test_multi_dot(sizes, first, last):
    rng = np.random.default_rng(len(sizes))
    parts = [rng.normal(size=s) for s in zip(sizes, sizes[1:])]
    parts[0] = parts[0][0] if first and sizes[0] else parts[0]
    parts[-1] = parts[-1][:, 0] if last and sizes[-1] else parts[-1]
    assert_close(tn.linalg.multi_dot(parts), np.linalg.multi_dot(parts))


def test_tensors():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 3, 6)), rng.normal(size=(2, 3))
    assert_close(tn.linalg.tensorsolve(a, b), np.linalg.tensorsolve(a, b))
    a = a.reshape(2, 3, 3, 2)
    assert_close(tn.linalg.tensorsolve(a, b.T, (0, 1)), np.linalg.tensorsolve(a, b.T, (0, 1)))
    assert_close(tn.linalg.tensorinv(a), np.linalg.tensorinv(a))
    assert_close(tn.linalg.tensorinv(a.reshape(6, 3, 2), 1), np.linalg.tensorinv(a.reshape(6, 3, 2), 1))
    a, b = rng.normal(size=(4, 1, 3)), rng.integers(0, 9, size=(5, 3))
    assert_close(tn.linalg.cross(a, b), np.linalg.cross(a, b))
    assert_close(tn.linalg.cross(b.T, b.T[::-1], axis=0), np.linalg.cross(b.T, b.T[::-1], axis=0))
    assert_close(tn.linalg.outer(b[0], b[1]), np.linalg.outer(b[0], b[1]))
    assert_close(tn.linalg.trace(a, offset=-1), np.linalg.trace(a, offset=-1))
    assert_close(tn.linalg.diagonal(b, offset=1), np.linalg.diagonal(b, offset=1))


def test_limits_broadcast():
    a = np.diag([1, 0.25, 0.05]) * np.ones((4, 1, 1))
    for rtol in (np.array([0.01, 0.1, 0.3, 2]), 0.1, None):
        assert_close(tn.linalg.pinv(a, rtol=rtol), np.linalg.pinv(a, rtol=rtol))
        assert_close(tn.linalg.matrix_rank(a, rtol=rtol), np.linalg.matrix_rank(a, rtol=rtol))
    assert_close(tn.linalg.matrix_rank(a, [0, 0.1, 0.3, 2]), np.linalg.matrix_rank(a, [0, 0.1, 0.3, 2]))


@pytest.mark.parametrize("call", [
    lambda m: m.inv(np.zeros((2, 2))), lambda m: m.inv(np.zeros((2, 3))), lambda m: m.inv(np.zeros(3)),
    lambda m: m.cholesky([[1, 2], [2, 1]]), lambda m: m.solve(np.zeros((2, 2)), [1, 2]), lambda m: m.eigvals([[np.nan]]),
    lambda m: m.matrix_power(np.zeros((2, 2)), -1), lambda m: m.tensorsolve(np.zeros((2, 3)), [1, 2]),
    lambda m: m.cond(np.zeros((0, 0))), lambda m: m.lstsq(np.zeros((2, 2)), np.zeros(3)), lambda m: m.qr([1, 2])])
def test_errors(call):
    with pytest.raises(np.linalg.LinAlgError):
        call(np.linalg)
    with pytest.raises(tn.linalg.LinAlgError) as error:
        call(tn.linalg)
    assert isinstance(error.value, ValueError) and str(error.value)


def test_refusals():
    for call in (lambda m: m.eigh(np.eye(2), "X"), lambda m: m.norm(np.eye(2), "nonsense"),
                 lambda m: m.norm(np.eye(2), None, (0, 0)), lambda m: m.norm(np.ones((2, 2, 2)), 2),
                 lambda m: m.qr(np.eye(2), "x"), lambda m: m.matrix_rank(np.eye(2), 1, rtol=1)):
        for module in (np.linalg, tn.linalg):
            with pytest.raises(ValueError):
                call(module)
    for module in (np.linalg, tn.linalg):
        with pytest.raises(TypeError):
            module.inv(np.eye(2, dtype="f2"))

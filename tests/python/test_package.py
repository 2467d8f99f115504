# SPDX-License-Identifier: MIT
"""The Python package beside NumPy: operators, functions, indexing, conversion, exchange of memory, errors."""
import copy
import gc
import operator
import os
import pathlib
import pickle
import platform
import subprocess
import sys
import threading
import weakref

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(pathlib.Path(os.environ.get("TRUENO_BUILD", ROOT / "build/release")) / "python"))
import trueno as tn  # noqa: E402

TYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64"]
RNG = np.random.default_rng(7)


def numbers(dtype, shape=(3, 4)):
    return RNG.integers(0, 2 if dtype == "bool" else 9, shape).astype(dtype)


def same(ours, theirs, rtol=0.0):
    theirs = np.asarray(theirs)
    assert isinstance(ours, tn.ndarray)
    assert (ours.shape, str(ours.dtype)) == (theirs.shape, str(theirs.dtype))
    np.testing.assert_allclose(np.asarray(ours), theirs, rtol=rtol, atol=0)


def outcome(f):
    """What f gives, or the class of what it raises."""
    try:
        return f()
    except (TypeError, ValueError, IndexError, OverflowError) as error:
        return type(error)


def is_type_error(x):
    return isinstance(x, type) and issubclass(x, TypeError)


BINARY = [operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.and_,
          operator.or_, operator.xor, operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge]


@pytest.mark.parametrize("f", BINARY, ids=lambda f: f.__name__)
def test_operators_and_promotion(f):
    with np.errstate(all="ignore"):
        for x in TYPES:
            for y in TYPES:
                a, b = numbers(x), numbers(y, (4,))
                theirs = outcome(lambda: f(a, b))
                ours = outcome(lambda: f(tn.asarray(a), tn.asarray(b)))
                if isinstance(theirs, type):
                    assert ours is theirs
                else:
                    same(ours, theirs)


@pytest.mark.parametrize("scalar", [3, -2, 2.5, True, 0])
@pytest.mark.parametrize("dtype", TYPES)
def test_python_scalars_are_weak(dtype, scalar):
    a = numbers(dtype)
    for f in (operator.add, operator.mul, operator.lt, operator.eq):
        for pair in (lambda x: (x, scalar), lambda x: (scalar, x)):
            with np.errstate(all="ignore"):
                theirs = outcome(lambda: f(*pair(a)))
            ours = outcome(lambda: f(*pair(tn.asarray(a))))
            if isinstance(theirs, type):
                assert ours is theirs
            else:
                same(ours, theirs)


def test_in_place_operators_write_the_same_memory():
    a = np.arange(6.0)
    t = tn.asarray(a)
    view = t[1:4]
    t += 1
    t *= t
    view -= 0.5
    np.testing.assert_array_equal(a, [1, 3.5, 8.5, 15.5, 25, 36])
    with pytest.raises(TypeError):
        tn.arange(3).__iadd__(0.5)
    with pytest.raises(ValueError):
        t += tn.ones((2, 6))


def test_numpy_on_the_left_and_lists():
    a = np.arange(3.0)
    same(a + tn.asarray(a), a + a)
    same([1, 2, 3] * tn.asarray(a), [1, 2, 3] * a)
    same(np.float32(2) * tn.ones(2, "float32"), np.float32(2) * np.ones(2, "float32"))
    assert tn.ones(2).__add__("x") is NotImplemented


@pytest.mark.parametrize("name", sorted(n for n in tn.ops if hasattr(np, n) and getattr(tn, n) is tn.ops[n]))
def test_operations_have_numpys_values(name):
    ours, theirs = getattr(tn, name), getattr(np, name)
    a = (RNG.random((4, 5)) * 0.8 + 0.1).astype("float64")
    if hasattr(theirs, "types") and is_type_error(outcome(lambda: theirs(*[1.5] * theirs.nin))):
        a = numbers("int32")
    b = a[::-1] + (0 if a.dtype == "int32" else 0.125)
    if name in ("where", "fma", "lerp"):
        args = (a > 0.5, a, b)
    elif name == "quantile" or name == "nanquantile":
        args = (a, 0.3)
    elif name == "take":
        args = (a, [3, 0, -1])
    elif name == "acosh":
        args = (a + 1,)
    elif name == "matmul":
        args = (a, b.T)
    else:
        args = (a, b)[: ours.nin]
    same(ours(*args), theirs(*args), 1e-13)
    assert name in ours.__doc__ and ours.__name__ == name
    out = tn.empty(np.shape(theirs(*args)), str(np.asarray(theirs(*args)).dtype))
    assert ours(*args, out=out) is out
    same(out, theirs(*args), 1e-13)


@pytest.mark.parametrize("name", ["sum", "prod", "mean", "var", "std", "min", "max", "any", "all"])
@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2), ()])
@pytest.mark.parametrize("keepdims", [False, True])
def test_reductions(name, axis, keepdims):
    a = RNG.random((2, 3, 4))
    theirs = getattr(np, name)(a, axis=axis, keepdims=keepdims)
    same(getattr(tn, name)(a, axis=axis, keepdims=keepdims), theirs, 1e-14)
    same(getattr(tn.asarray(a), name)(axis, keepdims=keepdims), theirs, 1e-14)


def test_arguments_of_operations():
    a = RNG.random((3, 4))
    t = tn.asarray(a)
    same(t.var(ddof=1), a.var(ddof=1), 1e-14)
    same(tn.sum(t, dtype="float32").astype("float64"), np.float64(a.astype("float32").sum()), 1e-6)
    same(tn.cumsum(t), np.cumsum(a), 1e-14)
    same(tn.cumsum(t, axis=1), np.cumsum(a, axis=1), 1e-14)
    same(tn.add(x1=t, x2=1), a + 1)
    same(t.argmax(axis=1), a.argmax(axis=1))
    for bad in (lambda: tn.add(t), lambda: tn.add(t, t, t, t, t), lambda: tn.add(t, t, nothing=1), lambda: tn.sum(t, axis="x"),
                lambda: tn.add(t, object()), lambda: tn.add(None, t), lambda: tn.add(t, t, out="x")):
        with pytest.raises(TypeError):
            bad()
    for bad in (lambda: tn.sum(t, axis=2), lambda: tn.sum(t, axis=(0, 0)), lambda: tn.add(t, tn.ones(3)),
                lambda: tn.quantile(t, 0.5, method="x"), lambda: tn.add(t, t, out=tn.ones(3))):
        with pytest.raises((ValueError, IndexError)):
            bad()


def test_networks_operations_take_their_parameters():
    torch = pytest.importorskip("torch")
    f = torch.nn.functional
    x, w = torch.randn(1, 2, 6, 6), torch.randn(3, 2, 3, 3)
    a, b = tn.from_dlpack(x), tn.from_dlpack(w)
    for ours, theirs in [
            (tn.conv2d(a, b, padding=1, stride=2), f.conv2d(x, w, padding=1, stride=2)),
            (tn.conv2d(a, b, padding=(1, 0)), f.conv2d(x, w, padding=(1, 0))),
            (tn.max_pool2d(a, 2), f.max_pool2d(x, 2)), (tn.adaptive_avg_pool2d(a, 3), f.adaptive_avg_pool2d(x, 3)),
            (tn.interpolate2d(a, scale=2.0), f.interpolate(x, scale_factor=2.0)), (tn.softmax(a, 1), torch.softmax(x, 1)),
            (tn.layer_norm(a, tn.ones(6, "float32"), tn.zeros(6, "float32")), f.layer_norm(x, (6,)))]:
        np.testing.assert_allclose(np.asarray(ours), theirs.numpy(), rtol=1e-4, atol=1e-5)


basic = st.one_of(st.integers(-4, 4), st.slices(5), st.just(Ellipsis), st.none(), st.just([0, 2]), st.just([True, False, True]),
                  st.just(np.array([[1], [0]])), st.just([]), st.booleans())


@settings(deadline=None, max_examples=300)
@given(st.lists(basic, max_size=4).map(tuple))
def test_indexing(key):
    a = np.arange(60).reshape(3, 4, 5)
    theirs = outcome(lambda: a[key])
    ours = outcome(lambda: tn.array(a)[key])
    if isinstance(theirs, type):
        assert isinstance(ours, type) and issubclass(ours, (IndexError, ValueError, TypeError))
        return
    same(ours, theirs)
    b, t = a.copy(), tn.array(a)
    b[key] = -1
    t[key] = -1
    same(t, b)


def test_length_iteration_and_truth():
    t = tn.arange(6).reshape(3, 2)
    assert len(t) == 3 and [row.tolist() for row in t] == [[0, 1], [2, 3], [4, 5]]
    assert 3 in t and 7 not in t and bool(tn.ones(1)) and not tn.zeros(())
    assert (int(tn.array(3.7)), float(tn.array(2)), complex(tn.array(2.0)), [10, 20][tn.array(1)]) == (3, 2.0, 2 + 0j, 20)
    for bad, error in [(lambda: bool(t), ValueError), (lambda: len(tn.ones(())), TypeError), (lambda: iter(tn.ones(())), TypeError),
                       (lambda: float(t), TypeError), (lambda: [1][tn.array(0.0)], TypeError), (lambda: hash(t), TypeError),
                       (lambda: t.item(), ValueError), (lambda: t.__delitem__(0), Exception)]:
        with pytest.raises(error):
            bad()
    assert t.item(3) == 3 and t.item(2, 1) == 5 and t.T.item(1) == 2


nested = st.recursive(st.one_of(st.booleans(), st.integers(-2**63, 2**63 - 1), st.floats(width=32)), lambda x: st.lists(x, max_size=3),
                      max_leaves=8)


@settings(deadline=None)
@given(nested)
def test_arrays_of_nested_lists(values):
    theirs = outcome(lambda: np.array(values))
    ours = outcome(lambda: tn.array(values))
    if isinstance(theirs, type):
        assert ours is theirs
    else:
        same(ours, theirs)
        assert repr(ours.tolist()) == repr(theirs.tolist())


@settings(deadline=None, max_examples=200)
@given(hnp.arrays(st.sampled_from(TYPES + ["complex64", "complex128"]), hnp.array_shapes(min_dims=0, max_dims=3, min_side=0)), st.data())
def test_buffers_both_ways(a, data):
    for axis in range(a.ndim):
        a = np.moveaxis(a, axis, 0)[:: data.draw(st.sampled_from([1, 2, -1]))]
    t = tn.asarray(a)
    back = np.asarray(t)
    np.testing.assert_array_equal(back, a)
    assert str(t.dtype) == str(a.dtype) and t.shape == a.shape
    if a.size:
        assert np.shares_memory(back, a)
        np.testing.assert_array_equal(np.from_dlpack(t), a)
        np.testing.assert_array_equal(np.asarray(tn.from_dlpack(a)), a)
        assert t.strides == back.strides


def test_owners_live_as_long_as_needed():
    class Array(np.ndarray):
        pass

    a = np.arange(4.0).view(Array)
    seen = weakref.ref(a)
    view = tn.asarray(a)[1:]
    del a
    gc.collect()
    assert seen() is not None and view.tolist() == [1, 2, 3]
    lent = np.asarray(tn.arange(5.0))
    gc.collect()
    assert lent.tolist() == [0, 1, 2, 3, 4]
    del view
    gc.collect()
    assert seen() is None


def test_read_only_memory_stays_as_it_is():
    a = np.arange(3.0)
    a.flags.writeable = False
    t = tn.asarray(a)
    for write in (lambda: t.__setitem__(0, 1), lambda: t.__iadd__(1), lambda: tn.broadcast_to(tn.ones(1), (3,)).fill(2)):
        with pytest.raises(ValueError):
            write()
    assert not np.asarray(t).flags.writeable and memoryview(t).readonly
    with pytest.raises(BufferError):
        t.__dlpack__()
    assert not np.from_dlpack(t).flags.writeable


def test_exchange_with_torch():
    torch = pytest.importorskip("torch")
    x = torch.arange(6.0).reshape(2, 3)
    t = tn.asarray(x.T)
    t += 1
    assert x[0].tolist() == [1, 2, 3] and t.shape == (3, 2)
    y = torch.from_dlpack(tn.ones(2, "bfloat16"))
    assert y.dtype == torch.bfloat16 and y.tolist() == [1, 1]
    same(tn.from_dlpack(torch.ones(2, dtype=torch.bfloat16)).astype("float32"), np.ones(2, "float32"))


@pytest.mark.parametrize("dtype", TYPES + ["bfloat16", "complex64"])
def test_pickles_and_copies(dtype):
    t = tn.ones((2, 3), dtype)
    for protocol in range(2, 6):
        for x in (t, t.T, t[:, ::2], t[:0]):
            y = pickle.loads(pickle.dumps(x, protocol))
            assert (y.shape, y.dtype) == (x.shape, x.dtype) and y.tolist() == x.tolist()
    assert copy.deepcopy(t).tolist() == t.tolist() and not tn.shares_memory(copy.copy(t), t)
    assert pickle.loads(pickle.dumps(t.dtype)) == dtype and pickle.loads(pickle.dumps(tn.add)) is not None


def test_element_types():
    kind = tn.dtype("float32")
    assert kind == "float32" and kind == tn.float32 and tn.float32 == kind and kind == np.float32
    assert tn.dtype("<f4") == np.dtype("f4") and kind != tn.float64 and kind != None  # noqa: E711
    assert tn.dtype(float) == "float64" and tn.dtype(int) is tn.dtype(tn.int64) and kind.type is tn.float32
    for outside in ("S3", object, str, "M8[ns]", "i4,f8", [("x", int)], ">i4", np.dtype(">i4"), "U", np.dtype("V8"), "c32"):
        with pytest.raises(tn.exceptions.UnsupportedDTypeError):
            tn.dtype(outside)
    for unknown in ("float33", "", "x", 3.5):
        with pytest.raises(TypeError) as caught:
            tn.dtype(unknown)
        assert caught.type is TypeError
    for x in TYPES:
        for y in TYPES:
            assert str(tn.promote_types(x, y)) == str(np.promote_types(x, y))
            assert tn.can_cast(x, y) == np.can_cast(x, y), (x, y)
            assert tn.can_cast(x, y, "same_kind") == np.can_cast(x, y, "same_kind"), (x, y)
        for scalar in (1, 1.5):
            assert str(tn.result_type(tn.ones(1, x), scalar)) == str(np.result_type(np.ones(1, x), scalar))
    for x in ("float16", "float32", "float64"):
        for field in ("bits", "eps", "max", "min", "smallest_normal"):
            assert getattr(tn.finfo(x), field) == getattr(np.finfo(x), field)
    assert (tn.iinfo("int8").min, tn.iinfo("uint64").max) == (-128, 2**64 - 1)
    with pytest.raises(OverflowError):
        tn.array([300], "uint8")


MANIPULATION = [
    lambda m, a: m.reshape(a, (4, -1)), lambda m, a: m.reshape(a, (4, 6), order="F"), lambda m, a: m.ravel(a, "F"),
    lambda m, a: m.transpose(a, (1, 0, 2)), lambda m, a: m.moveaxis(a, (0, 1), (-1, 0)), lambda m, a: m.rollaxis(a, 2),
    lambda m, a: m.expand_dims(a, (0, -1)), lambda m, a: m.squeeze(a[:1]), lambda m, a: m.concatenate([a, a[:, :1]], 1),
    lambda m, a: m.concatenate([a, a], None), lambda m, a: m.stack([a, a], -1), lambda m, a: m.vstack([a, a]),
    lambda m, a: m.hstack([a[0, 0], a[1, 1]]), lambda m, a: m.dstack([a, a]), lambda m, a: m.column_stack([a[0, 0], a[1, 1]]),
    lambda m, a: m.array_split(a, 3, 2)[1], lambda m, a: m.split(a, [1, 2], 1)[2], lambda m, a: m.flip(a, (0, 2)),
    lambda m, a: m.rot90(a, 3, (1, 2)), lambda m, a: m.roll(a, 5), lambda m, a: m.roll(a, (1, 2), (0, 1)),
    lambda m, a: m.tile(a, (2, 1, 1)), lambda m, a: m.repeat(a, 2, 1), lambda m, a: m.repeat(a, [1, 0, 2], 1),
    lambda m, a: m.pad(a, 1), lambda m, a: m.pad(a, ((0, 1), (1, 0), (2, 2)), mode="reflect"), lambda m, a: m.diagonal(a, 1, 0, 2),
    lambda m, a: m.nonzero(a % 3)[1], lambda m, a: m.argwhere(a > 20), lambda m, a: m.broadcast_to(a, (2, 2, 3, 4)),
    lambda m, a: m.take_along_axis(a, m.argmax(a, axis=2, keepdims=True), 2), lambda m, a: m.diff(a, 1, 1),
    lambda m, a: m.tril(a, -1), lambda m, a: m.diag(a[0, 0], 1), lambda m, a: m.eye(3, 4, 1), lambda m, a: m.tri(3, 4, 1),
    lambda m, a: m.arange(2, 9, 3), lambda m, a: m.arange(0.0, 1.0, 0.25), lambda m, a: m.linspace(0, 1, 7),
    lambda m, a: m.full((2, 2), 7), lambda m, a: m.full_like(a, 2.5), lambda m, a: m.meshgrid(a[0, 0], a[0, 1])[0],
    lambda m, a: m.indices((2, 3)), lambda m, a: m.einsum("ijk,ljk->il", a, a), lambda m, a: m.tensordot(a, a, ((1, 2), (1, 2))),
    lambda m, a: m.dot(a, a[0].T), lambda m, a: m.inner(a, a), lambda m, a: m.outer(a, a[0]), lambda m, a: m.kron(a[0], a[1]),
    lambda m, a: m.trace(a), lambda m, a: m.vdot(a, a), lambda m, a: m.round(a / 7, 2), lambda m, a: m.isclose(a, a + 1e-9),
    lambda m, a: m.extract(a > 5, a), lambda m, a: m.isin(a, [1, 5]), lambda m, a: m.average(a, 0), lambda m, a: m.percentile(a, 30),
    lambda m, a: m.clip(a, 3, 8), lambda m, a: a.clip(max=5), lambda m, a: m.clip(a, 4, None), lambda m, a: m.where(a > 3)[1],
    lambda m, a: m.where(a > 3, a, 0), lambda m, a: m.indices((2, 3), sparse=True)[1], lambda m, a: m.stack([a, a], dtype="float32"),
    lambda m, a: m.frombuffer(bytes(range(16)), "int32"), lambda m, a: m.atleast_3d(a[0]), lambda m, a: m.append(a, 3),
]


@pytest.mark.parametrize("f", MANIPULATION, ids=range(len(MANIPULATION)))
def test_creation_manipulation_and_products(f):
    a = np.arange(24.0).reshape(2, 3, 4)
    same(f(tn, tn.asarray(a)), f(np, a), 1e-15)


@settings(deadline=None, max_examples=300)
@given(hnp.arrays(st.sampled_from(["bool", "int8", "int64", "uint8", "float16", "float32", "float64"]),
                  hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)))
def test_text_is_numpys(a):
    assert str(tn.asarray(a)) == str(a)
    assert repr(tn.asarray(a)) == repr(a)


def test_long_arrays_are_cut_short():
    for a in (np.arange(1001), np.arange(2000.0).reshape(2, 1000), np.ones((8, 10, 20), "float32"), np.linspace(0, 1, 57),
              np.array([1e-9, 1.0]), np.array([np.nan, np.inf, -1.5]), np.array([123456789.125, 1.5]), np.zeros((0, 3))):
        assert repr(tn.asarray(a)) == repr(a) and str(tn.asarray(a)) == str(a)


def test_threads_share_the_context():
    a = RNG.random(40000)
    want, wrong = np.sqrt(a), []

    def work():
        t = tn.asarray(a)
        for _ in range(100):
            if not np.array_equal(np.asarray(tn.sqrt(t)), want) or (t[:8] + 1).shape != (8,):
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_calls_leave_nothing_behind():
    def once():
        a = tn.arange(6.0).reshape(2, 3)
        for f in (lambda: a + 1, lambda: a + tn.ones(4), lambda: a[0, [1]], lambda: a[9], lambda: tn.sum(a, axis=5),
                  lambda: tn.array([[1], [2, 3]]), lambda: memoryview(a), lambda: a.tolist(), lambda: pickle.dumps(a),
                  lambda: np.asarray(a[::1]), lambda: np.from_dlpack(a), lambda: tn.split(a, 2), lambda: tn.einsum("ij->ji", a)):
            outcome(f)

    once()
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(200):
        once()
    gc.collect()
    assert sys.getallocatedblocks() - before < 100


def test_views_by_strides_stay_inside():
    a = np.arange(10.0)
    t = tn.asarray(a)
    theirs = np.lib.stride_tricks.as_strided(a[2:], (3, 2), (16, 8))
    same(tn.as_strided(t[2:], (3, 2), (16, 8)), theirs)
    same(tn.as_strided(t[9:], (5,), (-16,)), a[9::-2])
    same(tn.as_strided(t, (0, 5), (8, 8)), np.zeros((0, 5)))
    with pytest.raises(ValueError):
        tn.as_strided(t, (3,), (0,)).fill(1)
    for shape, strides in [((11,), (8,)), ((3,), (40,)), ((2,), (-8,)), ((3,), (2**62,)), ((2, 2**62), (0, 8)), ((2,), (4,)),
                           ((2, 2), (8,))]:
        with pytest.raises(ValueError):
            tn.as_strided(t, shape, strides)


def test_the_wheel_installs(tmp_path):
    wheel = tmp_path / f"trueno-{tn.__version__}-cp311-abi3-linux_{platform.machine()}.whl"
    package = pathlib.Path(tn.__file__).resolve().parents[1]
    subprocess.run([sys.executable, ROOT / "tools/python/build.py", tn.__version__, package, wheel], check=True)
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--disable-pip-version-check",
                    "--target", tmp_path / "site", wheel], check=True)
    code = "import trueno; assert trueno.arange(3).sum() == 3; print(trueno.__file__)"
    where = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(tmp_path / "site")}, cwd=tmp_path, check=True,
                           capture_output=True, text=True)
    assert where.stdout.startswith(str(tmp_path / "site"))


def test_files(tmp_path):
    a = RNG.random((3, 4))
    tn.save(tmp_path / "a", tn.asarray(a).T)
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), a.T)
    same(tn.load(tmp_path / "a.npy"), a.T)
    for save in (tn.savez, tn.savez_compressed):
        save(tmp_path / "b", a, more=[1, 2])
        with np.load(tmp_path / "b.npz") as theirs:
            assert sorted(theirs) == ["arr_0", "more"] and theirs["more"].tolist() == [1, 2]
        same(tn.load(tmp_path / "b.npz")["arr_0"], a)
    for bad, error in [(lambda: tn.load(tmp_path / "none.npy"), OSError), (lambda: tn.save(tmp_path / "c", tn.ones(1, "bfloat16")), TypeError),
                       (lambda: tn._core.npz_save(tmp_path / "c", {"x": 1}, False), TypeError)]:
        with pytest.raises(error):
            bad()
    (tmp_path / "bad.npy").write_bytes(b"\x93NUMPY nonsense")
    with pytest.raises(ValueError):
        tn.load(tmp_path / "bad.npy")


def test_complex_numbers():
    a = (RNG.random((2, 3)) + 1j * RNG.random((2, 3))).astype("complex64")
    t = tn.asarray(a)
    for f in (lambda m, x: x + 1, lambda m, x: 2j * x, lambda m, x: m.absolute(x), lambda m, x: m.conj(x), lambda m, x: m.real(x),
              lambda m, x: x.imag, lambda m, x: x @ x.T, lambda m, x: m.sum(x), lambda m, x: m.round(x, 1), lambda m, x: m.angle(x)):
        same(f(tn, t), f(np, a), 1e-6)
    same(tn.ones(2, "float32") * 1j, np.ones(2, "float32") * 1j)
    assert repr(t) == repr(a) and t[0, 0].item() == a[0, 0].item()


def test_activations_have_pytorchs_numbers():
    torch = pytest.importorskip("torch")
    x = torch.randn(4, 6)
    for name in ("leaky_relu", "elu", "celu", "hardtanh", "softplus", "hardshrink", "softshrink", "glu"):
        theirs = getattr(torch.nn.functional, name)(x)
        np.testing.assert_allclose(np.asarray(getattr(tn, name)(tn.from_dlpack(x))), theirs.numpy(), rtol=1e-5, atol=1e-6)
    theirs = torch.nn.functional.threshold(x, 0.1, 20.0)
    np.testing.assert_array_equal(np.asarray(tn.threshold(tn.from_dlpack(x), 0.1, value=20.0)), theirs.numpy())
    with pytest.raises(TypeError):
        tn.threshold(tn.ones(2), 1.0)


class Interface:
    """What tells of memory of its own, and keeps it."""

    def __init__(self, a, **more):
        self.a = a
        self.__array_interface__ = dict(a.__array_interface__, **more)


class Dunder:
    def __init__(self, a):
        self.a = a

    def __len__(self):
        raise TypeError

    def __getitem__(self, i):
        raise TypeError

    def __array__(self, dtype=None, copy=None):
        return self.a


@pytest.mark.parametrize("like", [Interface, Dunder, memoryview, np.asarray])
@pytest.mark.parametrize("dtype", ["bool", "int16", "float32", "complex128"])
def test_array_likes_alone_and_in_sequences(like, dtype):
    a = np.arange(24).reshape(2, 3, 4).astype(dtype)[:, ::2, 1]
    for source in (a, tn.asarray(a)):
        y = tn.asarray(like(source))
        assert y.dtype == dtype and y.shape == a.shape and (np.asarray(y) == a).all()
        y = tn.array([[like(source), a], [source, list(a)]])
        assert y.dtype == dtype and y.shape == (2, 2, *a.shape) and (np.asarray(y) == a).all()
    with pytest.raises(ValueError, match="inhomogeneous"):
        tn.array([like(a), [1]])


def test_array_likes_share_memory_and_keep_it():
    a = np.arange(4.0)
    y = tn.asarray(Interface(a))
    y[1] = 7
    assert a[1] == 7 and tn.asarray(Interface(a, data=(a.ctypes.data, True))).flags.writeable is False
    y = tn.asarray(Interface(np.arange(3.0)))
    gc.collect()
    assert y.tolist() == [0, 1, 2]
    raw = Interface(np.arange(3.0), data=bytes(16) + np.arange(3.0).tobytes(), offset=16)
    assert tn.asarray(raw).tolist() == [0, 1, 2]


@pytest.mark.parametrize("more, error", [
    ({"strides": (3,)}, "whole elements"), ({"strides": (8, 8)}, "as many strides"), ({"typestr": None}, "lacks typestr"),
    ({"shape": None}, "lacks typestr or shape"), ({"data": b"1234"}, "beyond the memory")])
def test_array_interfaces_that_make_no_sense(more, error):
    given = Interface(np.arange(3.0), **more)
    given.__array_interface__ = {k: v for k, v in given.__array_interface__.items() if v is not None or k == "strides"}
    with pytest.raises(ValueError, match=error):
        tn.asarray(given)
    given.__array_interface__ = {"typestr": "f8", "shape": 3}
    with pytest.raises(TypeError, match="must be a tuple"):
        tn.asarray(given)
    given.__array_interface__ = 3
    with pytest.raises(ValueError, match="must be a dictionary"):
        tn.asarray(given)
    with pytest.raises(ValueError, match="not producing an array"):
        tn.asarray(Dunder([1]))


@pytest.mark.parametrize("order", ["C", "F", "A", None])
def test_bytes_in_either_order(order):
    a = np.arange(6.0).reshape(2, 3)
    for x in (a, a.T, a[:, ::2]):
        assert tn.asarray(x).tobytes(order) == x.tobytes(order)
    with pytest.raises(ValueError, match="order must be one of"):
        tn.asarray(a).tobytes("Q")


@pytest.mark.parametrize("x", [True, 3, -3.5, 2j, 1 << 63])
@pytest.mark.parametrize("dtype", [None, "bool", "int8", "uint64", "float16", "float32", "complex64"])
def test_arrays_of_one_number(x, dtype):
    def made(module):
        try:
            y = module.asarray(x, dtype)
            return y.shape, y.dtype.name, y.tolist()
        except (TypeError, OverflowError) as error:
            return type(error)
    assert made(tn) == made(np)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "uint64"])
def test_numbers_out_of_range_are_refused_one_by_one(dtype):
    for kind, x in (("", 300.7), ("", -3.5), ("", 1e10), ("uint64", 2**64 - 1), ("int64", -3)):
        def made(module):
            a, number = module.zeros(2, dtype), getattr(module, kind)(x) if kind else x
            try:
                a[1] = number
                return a.tolist() + module.array([number], dtype).tolist()
            except OverflowError as error:
                return type(error)
        assert made(tn) == made(np)


def test_texts_are_no_arrays():
    for x in (b"abc", [b"abc"], "abc"):
        with pytest.raises(tn.exceptions.UnsupportedDTypeError):
            tn.array(x)
    for x in (2j, [2j]):
        with pytest.raises(TypeError, match="not 'complex'"):
            tn.array(x, "float32")


def test_complex_types_are_numpys():
    for name in ("complex64", "complex128"):
        assert tn.dtype(name) == np.dtype(name) and tn.dtype("<c" + str(np.dtype(name).itemsize)) == name
    with pytest.raises(tn.exceptions.UnsupportedDTypeError):
        tn.dtype("c")


def test_a_scalar_repeats_sequences():
    assert [1, 2] * tn.int64(2) == tn.int8(2) * [1, 2] == [1, 2, 1, 2] and "ab" * tn.uint8(2) == "abab"
    for number in (tn.float64(2), tn.True_):
        with pytest.raises(TypeError, match="non-int"):
            [1] * number


def test_what_is_no_index_size_or_axis():
    a = tn.zeros((2, 3))
    for key in ((slice(0.0, None), 0.0), (0.0,), (slice(None), 1.5)):
        with pytest.raises(IndexError, match="only integers"):
            a[key]
    with pytest.raises(TypeError):
        a[0.0:1]
    for f in (lambda: a.reshape((True, 6)), lambda: tn.take(a, [0], axis=False), lambda: tn.zeros((True,)), lambda: a.sum(True)):
        with pytest.raises(TypeError):
            f()


def test_copies_that_a_view_cannot_avoid():
    a = tn.arange(6).reshape(2, 3)
    with pytest.raises(ValueError, match="Unable to avoid"):
        a.reshape((3, 2), order="F", copy=False)
    assert not tn.shares_memory(a.reshape((3, 2), order="F", copy=True), a)
    with pytest.raises(ValueError, match="not allowed"):
        tn.nonzero(tn.asarray(1))
    assert tn.roll(tn.arange(4), 1 << 100).tolist() == [0, 1, 2, 3] and isinstance(round(tn.int64(501), -2), tn.generic)
    with pytest.raises(RuntimeError):
        a.__dlpack__(stream=1)
    with pytest.raises(ValueError):
        tn.iinfo("hi")
    assert tn.real(3) == 3 and not isinstance(tn.imag(2j), tn.ndarray)


def test_flat_places_as_numpys():
    def of(module, key, value=None):
        a = module.arange(9).reshape(3, 3)[:, ::-1]
        try:
            if value is None:
                y = np.asarray(a.flat[key])
                return y.shape, y.tolist()
            a.flat[key] = value
            return a.tolist()
        except (IndexError, ValueError) as error:
            return type(error)
    keys = [0, -1, 9, slice(None), slice(5, 20), slice(None, None, -2), (), ..., [1, 3], [-1, -2], [], [True, 1], [True, False],
            None, (1, 2), np.array([[1, 2], [3, 4]]), np.arange(9) % 2 == 0, np.ones(4, bool), (slice(0, 2),)]
    for key in keys:
        assert of(tn, key) == of(np, key), key
        assert of(tn, key, 50) == of(np, key, 50), key
    for key in (True, False, [1.0, 2.0]):
        with pytest.warns(DeprecationWarning):
            assert of(tn, key) == of(np, key)


def test_products_of_plane_vectors():
    u, v, w = np.arange(8.0).reshape(4, 2), np.arange(8.0)[::-1].reshape(4, 2), np.arange(12.0).reshape(4, 3)
    for a, b in ((u, v), (u, w), (w, v)):
        with pytest.warns(DeprecationWarning):
            assert (np.asarray(tn.cross(a, b)) == np.cross(a, b)).all()


@pytest.mark.parametrize("args, kwds", [
    ((1.0, 1.0 + 1e-6), {}), ((1, 2), {"atol": 1}), ((np.float32(1), 1 - 2**-53), {"atol": 0, "rtol": 0}),
    ((np.float32(1), np.float64(1 - 2**-53)), {"atol": 0, "rtol": 0}), (([1, np.nan, np.inf], [1, np.nan, np.inf]), {"equal_nan": True}),
    ((np.inf, [1, np.inf, -np.inf]), {}), ((np.float32(1), 2), {"atol": 0, "rtol": (1 - 2**-53) / 2})])
def test_closeness(args, kwds):
    assert np.asarray(tn.isclose(*args, **kwds)).tolist() == np.isclose(*args, **kwds).tolist()
    with pytest.warns(RuntimeWarning, match="not valid"):
        tn.isclose(1, 1, atol=np.nan)


@pytest.mark.parametrize("name", ["asarray", "array", "zeros", "ones", "empty"])
def test_quick_functions_take_all_arguments(name):
    import inspect
    ours, theirs, what = getattr(tn, name), getattr(np, name), (2, 3)
    assert ours.__name__ == name and list(inspect.signature(ours).parameters)[1:3] == (["dtype", "order"] if name != "array" else
                                                                                    ["dtype", "copy"])
    for args, kwds in (((what,), {}), ((what, "int8"), {}), ((what,), {"dtype": "int8"}), ((what,), {"order": "F"}),
                       ((what, None), {}), ((what,), {"dtype": "float32", "order": "C"})):
        y, want = ours(*args, **kwds), theirs(*args, **kwds)
        assert (y.shape, y.dtype.name, y.flags.f_contiguous) == (want.shape, want.dtype.name, want.flags.f_contiguous)
        assert name == "empty" or (np.asarray(y) == want).all()
    for args, kwds in (((), {}), ((what, "int8", "C", "x"), {}), ((what,), {"nothing": 1}), ((what, "none"), {})):
        with pytest.raises(TypeError):
            ours(*args, **kwds)
    turned = tn.asarray(np.arange(6.0).reshape(2, 3).T)
    assert tn.array(turned).flags.f_contiguous and not tn.shares_memory(tn.array(turned), turned)


def test_shapes_of_views():
    a = tn.arange(6.0)
    for args in ((2, 3), ((2, 3),), (-1,), ([3, 2],), (np.int64(6),), ((tn.int8(3), -1),)):
        y = a.reshape(*args)
        assert y.shape == np.arange(6.0).reshape(*(x if not isinstance(x, tuple) else tuple(map(int, x)) for x in args)).shape
        assert y.base is a and tn.shares_memory(y, a)
    assert a.reshape(2, 3, order="F").tolist() == np.arange(6.0).reshape(2, 3, order="F").tolist()
    for args in ((4,), (-1, -1), ((2, 2),)):
        with pytest.raises(ValueError):
            a.reshape(*args)
    with pytest.raises(TypeError):
        a.reshape()


def test_elements_by_places():
    a = np.arange(24).reshape(2, 3, 4)
    for x in (a, a[::-1, :, ::2], a[0], a[0, 0], a.astype("complex64"), a.astype("float16") % 2 == 0):
        y = tn.array(x)[...]
        for key in ((0,) * x.ndim, (-1,) * x.ndim, (1,) * x.ndim):
            assert y[key] == x[key] and y[key].dtype == x.dtype
            y[key] = x[(0,) * x.ndim]
            assert y[key] == x[(0,) * x.ndim]
        for key in ((5,) * x.ndim, (-9,) * x.ndim, 7, 1 << 70):
            with pytest.raises(IndexError):
                y[key]
            with pytest.raises(IndexError):
                y[key] = 1
    with pytest.raises(ValueError, match="deleted"):
        del y[0]

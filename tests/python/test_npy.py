# SPDX-License-Identifier: MIT
"""npy and npz files against NumPy: each reads what the other wrote."""
import ctypes
import os
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from trueno_ops import DTYPES, Ops, TruenoError

OPS = Ops()
C, P = OPS.c, ctypes.c_void_p
for name, result, args in [
        ("tr_npy_load", P, [P, ctypes.c_char_p]), ("tr_npy_save", ctypes.c_int, [ctypes.c_char_p, P]),
        ("tr_npz_open", ctypes.c_int, [ctypes.POINTER(P), ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t]),
        ("tr_npz_close", None, [P]), ("tr_npz_count", ctypes.c_size_t, [P]),
        ("tr_npz_name", ctypes.c_char_p, [P, ctypes.c_size_t]), ("tr_npz_load", P, [P, P, ctypes.c_char_p]),
        ("tr_npz_save", ctypes.c_int, [ctypes.c_char_p, ctypes.POINTER(ctypes.c_char_p), ctypes.POINTER(P),
                                       ctypes.c_size_t, ctypes.c_uint, ctypes.c_char_p, ctypes.c_size_t])]:
    f = getattr(C, name)
    f.restype, f.argtypes = result, args

TYPES = [d for d in DTYPES if d != "bfloat16"]
ARRAYS = st.sampled_from(TYPES).flatmap(lambda d: hnp.arrays(
    np.dtype(d).newbyteorder("="), hnp.array_shapes(min_dims=0, max_dims=8, min_side=0, max_side=4)))


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return os.fspath(tmp_path_factory.mktemp("npy") / "x")


@pytest.fixture(autouse=True)
def scope():
    C.tr_scope_begin(OPS.ctx)
    yield
    C.tr_scope_end(OPS.ctx)


def load(path):
    return OPS.array(OPS.check(C.tr_npy_load(OPS.ctx, path.encode())))


def same(a, b):
    assert a.dtype == b.dtype.newbyteorder("=") and a.shape == b.shape
    assert a.tobytes() == b.astype(b.dtype.newbyteorder("=")).tobytes()


@settings(max_examples=300, deadline=None)
@given(x=ARRAYS, fortran=st.booleans(), swapped=st.booleans(), version=st.sampled_from([(1, 0), (2, 0), (3, 0)]))
def test_reads_what_numpy_writes(path, x, fortran, swapped, version):
    y = np.asarray(x.astype(x.dtype.newbyteorder()) if swapped else x, order="F" if fortran else "C")
    with open(path, "wb") as f:
        np.lib.format.write_array(f, y, version=version)
    same(load(path), y)


@settings(max_examples=300, deadline=None)
@given(x=ARRAYS, transposed=st.booleans())
def test_numpy_reads_what_is_written(path, x, transposed):
    t = OPS.tensor(x)
    if transposed:
        t, x = OPS.check(C.tr_permute(t, None)), x.T
    assert C.tr_npy_save(path.encode(), t) == 0
    y = np.load(path)
    same(y, x)
    assert y.flags.c_contiguous == x.flags.c_contiguous
    with open(path, "rb") as f, open(path + ".numpy", "wb") as g:
        np.save(g, x)
        g.flush()
        assert f.read() == open(path + ".numpy", "rb").read()  # to the byte, header included


@settings(max_examples=40, deadline=None)
@given(arrays=st.dictionaries(st.text("abc/é_0", min_size=1, max_size=6), ARRAYS, min_size=1, max_size=5),
       compressed=st.booleans())
def test_archives_go_both_ways(path, arrays, compressed):
    with open(path, "wb") as f:
        (np.savez_compressed if compressed else np.savez)(f, **arrays)
    npz, why = P(), ctypes.create_string_buffer(256)
    assert C.tr_npz_open(ctypes.byref(npz), path.encode(), why, 256) == 0, why.value
    names = [C.tr_npz_name(npz, i).decode() for i in range(C.tr_npz_count(npz))]
    assert names == list(arrays)
    tensors = [OPS.check(C.tr_npz_load(npz, OPS.ctx, n.encode())) for n in names]
    C.tr_npz_close(npz)
    for n, t in zip(names, tensors):
        same(OPS.array(t), arrays[n])
    n = len(names)
    assert C.tr_npz_save(path.encode(), (ctypes.c_char_p * n)(*[s.encode() for s in names]), (P * n)(*tensors), n,
                         int(compressed), why, 256) == 0, why.value
    with np.load(path) as z:
        assert sorted(z.files) == sorted(names)
        for name in names:
            same(z[name], arrays[name])


@pytest.mark.parametrize("x, what", [
    (np.array([object()]), "|O"), (np.array(["text"]), "<U4"), (np.array([b"bytes"]), "|S5"),
    (np.array(["2020-01-01"], "M8[D]"), "<M8[D]"), (np.zeros(2, [("a", "f4")]), "structured"),
    (np.zeros(2, np.longdouble), "f16")])
def test_refuses_other_types_by_name(path, x, what):
    np.save(open(path, "wb"), x)
    with pytest.raises(TruenoError, match=re.escape(what)):
        load(path)

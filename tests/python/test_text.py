# SPDX-License-Identifier: MIT
"""Numbers in text and plain files, against NumPy."""
import gzip
import io

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

tn = pytest.importorskip("trueno")

TYPES = ["bool", "int8", "int64", "uint8", "uint64", "float32", "float64", "complex64", "complex128"]


def same(y, want):
    assert (y.shape, y.dtype.name) == (want.shape, want.dtype.name)
    np.testing.assert_array_equal(np.asarray(y), want)


def tables(dtype):
    cell = st.floats(-1e6, 1e6, width=32) if dtype[0] in "fc" else st.booleans() if dtype == "bool" else \
        st.integers(np.iinfo(dtype).min, np.iinfo(dtype).max)
    return st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(cell, min_size=n, max_size=n), min_size=1, max_size=5))


@hypothesis.given(st.data(), st.sampled_from(TYPES), st.sampled_from([" ", ",", ";"]))
def test_saved_and_loaded(data, dtype, delimiter):
    a = np.array(data.draw(tables(dtype)), dtype)
    fmt = "%.17g" if a.dtype.kind in "fc" else "%d"
    mine, theirs = io.BytesIO(), io.BytesIO()
    tn.savetxt(mine, tn.asarray(a), fmt, delimiter, header="a\nb", footer="end")
    np.savetxt(theirs, a, fmt, delimiter, header="a\nb", footer="end")
    assert mine.getvalue() == theirs.getvalue()
    mine.seek(0)
    same(tn.loadtxt(mine, dtype, delimiter=None if delimiter == " " else delimiter, ndmin=2), a)


@pytest.mark.parametrize("kwds", [
    {}, {"usecols": 1}, {"usecols": (2, -3)}, {"skiprows": 1}, {"max_rows": 2}, {"unpack": True}, {"ndmin": 2},
    {"converters": {1: lambda s: -float(s)}}, {"converters": lambda s: float(s) + 1}, {"usecols": (-1,), "dtype": "int64"},
    {"encoding": "bytes", "converters": {0: lambda b: len(b)}}, {"usecols": 0, "ndmin": 2}, {"max_rows": 1}])
def test_arguments(kwds):
    text = "1.5, 2,3 # remark\n\n# all of it\n4,5e3,6\n  7 ,8,-9\n"
    same(tn.loadtxt(io.StringIO(text), delimiter=",", **kwds), np.loadtxt(io.StringIO(text), delimiter=",", **kwds))


def test_sources(tmp_path):
    plain, packed = tmp_path / "a.txt", tmp_path / "a.txt.gz"
    plain.write_text("1 2\r\n3 4\r\n")
    packed.write_bytes(gzip.compress(b"1 2\n3 4"))
    want = np.array([[1.0, 2.0], [3.0, 4.0]])
    for source in (plain, str(plain), packed, ["1 2", "3 4"], iter([b"1 2\n", "3 4\n"]), io.BytesIO(b"1 2\n3 4")):
        same(tn.loadtxt(source), want)
    with open(plain) as f:
        same(tn.loadtxt(f, max_rows=1), want[0])
        same(tn.loadtxt(f), want[1])
    tn.savetxt(packed, want)
    same(tn.loadtxt(packed), want)


def test_quotes_and_several_comments():
    same(tn.loadtxt(['"1\n",2 % x\n', '3,"4"\n'], delimiter=",", quotechar='"', comments="%"), np.array([[1.0, 2], [3, 4]]))
    same(tn.loadtxt(['"1" \n', '3 "4', '4" 5'], usecols=0, quotechar='"'), np.array([1.0, 3.0]))
    same(tn.loadtxt(["1 // a", "@ b", "2"], comments=["//", "@"]), np.array([1.0, 2.0]))


def test_complex_numbers():
    same(tn.loadtxt(["1+2j (3-4j) 5 (6j) 7+-8j"], "complex128"), np.array([1 + 2j, 3 - 4j, 5, 6j, 7 - 8j]))


@pytest.mark.parametrize("lines, kwds, text", [
    (["1 x"], {}, "could not convert string 'x' to float64 at row 0, column 2"),
    (["1", "300"], {"dtype": "int8"}, "could not convert string '300' to int8 at row 1, column 1"),
    (["1.0"], {"dtype": "int32"}, "could not convert string '1.0' to int32"),
    (["1_0"], {}, "could not convert"),
    (["1 2", "3"], {}, "the number of columns changed from 2 to 1 at row 2"),
    (["1 2"], {"usecols": 2}, "invalid column index 2 at row 1 with 2 columns"),
    (["1"], {"ndmin": 3}, "Illegal value of ndmin"),
    (["1"], {"skiprows": -1}, "must be nonnegative"),
    (["1"], {"comments": ""}, "cannot be an empty string"),
    (["1"], {"converters": {3: int}}, "converter specified for column 3"),
    (["(1"], {"dtype": "complex128"}, "could not convert"),
    (["1\r2"], {"delimiter": ","}, "embedded newline"),
    (3, {}, "fname must be")])
def test_bad_text(lines, kwds, text):
    with pytest.raises(ValueError, match=text):
        tn.loadtxt(lines, **kwds)


@pytest.mark.parametrize("kwds, text", [
    ({"delimiter": "\n"}, "cannot be a newline"), ({"delimiter": ""}, "control character must"),
    ({"quotechar": "''"}, "single unicode character"), ({"delimiter": ",", "comments": ","}, "incompatible"),
    ({"converters": 3}, "converters must be a dictionary"), ({"converters": {0: 3}}, "must be callable"),
    ({"converters": {"a": int}}, "keys of the converters"), ({"usecols": 1.5}, "usecols must be"),
    ({"max_rows": 1.0}, "must be an integer")])
def test_bad_arguments(kwds, text):
    with pytest.raises(TypeError, match=text):
        tn.loadtxt(["1"], **kwds)


def test_warnings():
    with pytest.warns(UserWarning, match="input contained no data"):
        assert tn.loadtxt(["# nothing"], ndmin=2).shape == (0, 1)
    with pytest.warns(UserWarning, match="Input line 2 contained no data"):
        tn.loadtxt(["1", "", "2"], max_rows=2)


@pytest.mark.parametrize("fmt, error", [("%d %d", ValueError), (["%d"], AttributeError), (3, ValueError)])
def test_bad_formats(fmt, error):
    with pytest.raises(error):
        tn.savetxt(io.BytesIO(), tn.ones((2, 3)), fmt)
    with pytest.raises(ValueError, match="Expected 1D or 2D"):
        tn.savetxt(io.BytesIO(), tn.asarray(1))


@hypothesis.given(st.data(), st.sampled_from(TYPES), st.integers(0, 3), st.integers(-1, 12))
def test_bytes_of_files(tmp_path_factory, data, dtype, offset, count):
    a = np.array(data.draw(tables(dtype)), dtype).ravel()
    path = tmp_path_factory.getbasetemp() / "elements"
    tn.asarray(a).tofile(path)
    offset *= a.itemsize
    if count < 0 and offset > a.nbytes:
        for module in (tn, np):
            with pytest.raises(ValueError):
                module.fromfile(path, dtype, count, offset=offset)
    else:
        same(tn.fromfile(path, dtype, count, offset=offset), np.fromfile(path, dtype, count, offset=offset))
    with open(path, "rb") as mine, open(path, "rb") as theirs:
        for n in (1, -1):
            same(tn.fromfile(mine, dtype, n), np.fromfile(theirs, dtype, n))
            assert mine.tell() == theirs.tell()


@hypothesis.given(st.lists(st.floats(allow_nan=False), max_size=6), st.sampled_from([",", " ", " ; ", "_x_"]), st.integers(-1, 4))
def test_text_of_files(tmp_path_factory, numbers, sep, count):
    text = sep.join(map(repr, numbers))
    path = tmp_path_factory.getbasetemp() / "numbers"
    path.write_text(text)
    want = np.array(numbers[:count] if count >= 0 else numbers, "float64")
    same(tn.fromfile(path, count=count, sep=sep), want)
    same(tn.fromstring(text, count=count, sep=sep), want)
    same(tn.fromstring(text.encode(), count=count, sep=sep), want)


def test_a_file_object_reads_on_where_its_elements_ended(tmp_path):
    path = tmp_path / "f"
    path.write_bytes(bytes(range(100)) * 1000)
    with open(path, "rb") as f:
        f.read(2)
        assert tn.fromfile(f, "uint8", 3).tolist() == [2, 3, 4] and f.tell() == 5 and f.read(2) == bytes([5, 6])
        assert tn.fromfile(f, "uint8", 2, offset=90).tolist() == [97, 98] and f.read(1) == bytes([99])


def test_what_files_refuse(tmp_path):
    path = tmp_path / "f"
    path.write_text("1 2,3")
    with pytest.raises(ValueError, match="unmatched data"):
        tn.fromfile(path, sep=" ")
    with pytest.raises(TypeError, match="only permitted for binary"):
        tn.fromfile(path, sep=" ", offset=1)
    with pytest.raises(OSError):
        tn.fromfile(io.BytesIO(b"12345678"))
    with pytest.raises(FileNotFoundError):
        tn.fromfile(tmp_path / "none")
    same(tn.fromstring("nan(x) -inf 1", sep=" "), np.array([np.nan, -np.inf, 1]))

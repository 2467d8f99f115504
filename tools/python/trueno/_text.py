# SPDX-License-Identifier: MIT
"""Numbers in text and in plain files: loadtxt, savetxt, fromfile and fromstring, with NumPy's arguments."""
import contextlib
import io
import operator
import os
import re
import warnings

from . import _core
from ._create import asarray
from ._manip import atleast_1d, atleast_2d, squeeze
from ._types import iinfo

__all__ = ["fromfile", "fromstring", "loadtxt", "savetxt"]


# ---- one number ----

EXPONENT = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:inf|infinity|nan))", re.I)


def real_number(text):
    if "_" in text:
        raise ValueError(text)
    return float(text)


def complex_number(text):
    """a, bj, a+bj and, as older files have it, a+-bj; in parentheses or not."""
    body = text.strip()
    if body.startswith("(") != body.endswith(")"):
        raise ValueError(text)
    body = body[1:-1].strip() if body.startswith("(") else body
    real = EXPONENT.match(body)
    if not real:
        raise ValueError(text)
    rest = body[real.end():]
    if rest in ("", "j"):
        return complex(float(real[0]), 0) if not rest else complex(0, float(real[0]))
    imag = EXPONENT.fullmatch(rest[1:-1] if rest[:2] == "+-" else rest[:-1])
    if rest[-1] != "j" or rest[0] not in "+-" or not imag:
        raise ValueError(text)
    return complex(float(real[0]), float(imag[0]))


def number_reader(dtype):
    """A function of a text that gives a number of the type, or ValueError."""
    if dtype.kind == "f":
        return real_number
    if dtype.kind == "c":
        return complex_number
    least, greatest = (iinfo(dtype).min, iinfo(dtype).max) if dtype.kind in "iu" else (-(1 << 63), (1 << 63) - 1)

    def whole_number(text):
        if "_" in text:
            raise ValueError(text)
        x = int(text)
        if not least <= x <= greatest:
            raise ValueError(text)
        return x if dtype.kind in "iu" else x != 0
    return whole_number


# ---- between separators ----

NAN = re.compile(r"([+-]?nan)\(\w*\)", re.I)


def separated(text, dtype, count, sep):
    """The first count numbers of the text, or all."""
    if isinstance(text, (bytes, bytearray, memoryview)):
        text = bytes(text).decode("latin1")
    parts = sep.split()
    between = r"\s*" + r"\s*".join(map(re.escape, parts)) + r"\s*" if parts else r"\s+"
    fields = re.split(between, text.strip(), maxsplit=count if count > 0 else 0)
    fields = fields[:count] if count >= 0 else fields
    if fields and not fields[-1]:  # a separator at the end
        fields.pop()
    read = complex_number if dtype.kind == "c" else int if dtype.kind in "iu" else real_number
    try:
        numbers = [read(NAN.sub(r"\1", field) if "(" in field and dtype.kind == "f" else field) for field in fields]
    except ValueError:
        raise ValueError("string or file could not be read to its end due to unmatched data") from None
    return _core.asarray([x != 0 for x in numbers] if dtype.kind == "b" else numbers, dtype, None)


def fromstring(string, dtype="float64", count=-1, *, sep, like=None):
    """Numbers written in text, between separators."""
    if sep == "":
        raise ValueError("The binary mode of fromstring is removed, use frombuffer instead")
    return separated(string, _core.dtype(dtype), operator.index(count), sep)


@contextlib.contextmanager
def beneath(file):
    """A raw file on the same file, from the file object's place on; the object is moved to where that was left."""
    at, number = file.tell(), operator.index(os.dup(file.fileno()))
    if not 0 <= number < 1 << 31:
        raise OSError(f"fromfile: {number} is no file")
    with io.FileIO(number, "r") as raw:
        before = raw.tell()  # the two have one place, ahead of the object's if that reads ahead
        raw.seek(at)
        yield raw
        at = raw.tell()
        raw.seek(before)
    file.seek(at)


def fromfile(file, dtype="float64", count=-1, sep="", offset=0, *, like=None):
    """The elements in a file, from its place plus offset on: their bytes or, with a separator, text."""
    dtype, count, offset = _core.dtype(dtype), operator.index(count), operator.index(offset)
    if sep and offset:
        raise TypeError("'offset' argument only permitted for binary files")
    if not hasattr(file, "fileno"):
        with open(os.fspath(file), "rb", buffering=0) as raw:
            return from_raw(raw, dtype, count, sep, offset)
    with beneath(file) as raw:
        return from_raw(raw, dtype, count, sep, offset)


def from_raw(raw, dtype, count, sep, offset):
    if sep:
        return separated(raw.read(), dtype, count, sep)
    at = raw.seek(offset, os.SEEK_CUR) if offset else raw.tell()
    size = os.fstat(raw.fileno()).st_size
    if count < 0 and at > size:
        raise ValueError(f"fromfile: byte {at} lies behind the end of the file, which has {size}")
    most = max(size - at, 0) // dtype.itemsize
    y = _core.empty((most if count < 0 else min(count, most),), dtype)
    view, got = memoryview(_core.reinterpret(y, "uint8", (y.nbytes,), (1,), 0, False)) if y.size else b"", 0
    while got < y.nbytes:
        n = raw.readinto(view[got:])
        if not n:
            raise OSError(f"fromfile: the file ended after {got} of {y.nbytes} bytes")
        got += n
    return y


# ---- tables ----

def text_of(x):
    return x.decode("latin1") if isinstance(x, bytes) else x


def control(name, c):
    """A control character, or None."""
    c = text_of(c)
    if c is None:
        return None
    if name == "quotechar" and (not isinstance(c, str) or len(c) > 1):
        raise TypeError("quotechar must be a single unicode character or None")
    if not isinstance(c, str) or len(c) != 1:
        raise TypeError(f"Text reading control character must be a single unicode character or None; but got: {c!r}")
    if c in "\r\n":
        raise TypeError(f"control character '{name}' cannot be a newline (`\\r` or `\\n`).")
    return c


def controls(comments, delimiter, quote):
    """(comments as a tuple, delimiter, quotechar), which may not be the same."""
    if comments is None:
        comments = ()
    else:
        comments = tuple(text_of(c) for c in ([comments] if isinstance(comments, (str, bytes)) else comments))
    if "" in comments:
        raise ValueError("comments cannot be an empty string. Use comments=None to disable comments.")
    delimiter, quote = control("delimiter", delimiter), control("quotechar", quote)
    if len(comments) == 1 and len(comments[0]) == 1:
        control("comments", comments[0])
        given = [c for c in (delimiter, quote, comments[0]) if c is not None]
        if len(set(given)) < len(given) or delimiter is None and any(c.isspace() for c in given):
            raise TypeError("The values for control characters 'delimiter', 'quotechar', and 'comments' are incompatible")
    elif comments and delimiter in comments:
        raise TypeError(f"Comment characters '{comments}' cannot include the delimiter '{delimiter}'")
    elif comments and quote is not None:
        raise ValueError("when multiple comments or a multi-character comment is given, quotes are not supported.  In this case "
                         "quotechar must be set to None.")
    elif quote is not None and (quote == delimiter or delimiter is None and quote.isspace()):
        raise TypeError("The values for control characters 'delimiter', 'quotechar', and 'comments' are incompatible")
    return comments, delimiter, quote


def opened(path, mode, encoding):
    """A text file by its path, compressed if its ending says so."""
    ending = os.path.splitext(path)[1]
    if ending == ".gz":
        import gzip as module
    elif ending == ".bz2":
        import bz2 as module
    elif ending in (".xz", ".lzma"):
        import lzma as module
    else:
        return open(path, mode, encoding=encoding)
    return module.open(path, mode, encoding=encoding)


@contextlib.contextmanager
def lines_of(source, encoding):
    """The lines of a path's file, or what iterating over source gives, as text."""
    if isinstance(source, (str, os.PathLike)):
        with opened(os.fspath(source), "rt", encoding) as f:
            yield f
        return
    try:
        lines = iter(source)
    except TypeError as error:
        raise ValueError(f"fname must be a string, filehandle, list of strings, or generator. Got {type(source)} instead.") \
            from error
    codec = encoding if encoding not in (None, "bytes") else getattr(source, "encoding", None) or "latin1"

    def decoded():
        for line in lines:
            line = line.decode(codec) if isinstance(line, bytes) else line
            if not isinstance(line, str):
                raise TypeError("non-string returned while reading data")
            yield line
    yield decoded()


def without_comment(line, comments):
    for c in comments:
        at = line.find(c)
        line = line if at < 0 else line[:at]
    return line


def plain_fields(line, comments, delimiter):
    line = without_comment(line, comments)
    if line[-1:] in ("\n", "\r"):
        line = line[:-2] if line.endswith("\r\n") else line[:-1]
    if "\n" in line or "\r" in line:
        raise ValueError("Found an unquoted embedded newline within a single line of input.  This is currently not supported.")
    if delimiter is None:
        return line.split()
    return line.split(delimiter) if line else []


def quoted_fields(line, more, comments, delimiter, quote):
    """As plain_fields, but what is quoted is one field, though it be of several lines."""
    fields, field, begun, i = [], "", False, 0
    inside = False
    while True:
        if i == len(line):
            line = next(more, None) if inside else None
            i = 0
            if line is None:
                break
            continue
        c = line[i]
        i += 1
        if inside:
            if c == quote and line[i:i + 1] == quote:
                field, i = field + c, i + 1
            elif c == quote:
                inside = False
            else:
                field += c
        elif c == quote and not field.strip():
            field, inside, begun = "", True, True
        elif c in comments:
            break
        elif c in "\r\n":
            if line[i:].strip("\r\n"):
                raise ValueError("Found an unquoted embedded newline within a single line of input.  This is currently not "
                                 "supported.")
            break
        elif c == delimiter or delimiter is None and c.isspace():
            if delimiter is not None or begun:
                fields.append(field)
                begun = delimiter is not None
            field = ""
        else:
            field, begun = field + c, True
    if begun or field:
        fields.append(field)
    return fields


def rows_of(lines, skip, most, comments, delimiter, quote):
    """The fields of each line that has any."""
    more, n, count, warned = iter(lines), 0, 0, most is None
    while count != most:
        line = next(more, None)
        if line is None:
            return
        n += 1
        if n <= skip:
            continue
        fields = plain_fields(line, comments, delimiter) if quote is None else \
            quoted_fields(line, more, comments, delimiter, quote)
        if fields:
            count += 1
            yield fields
        elif not warned:
            warned = True
            warnings.warn(f"Input line {n} contained no data and will not be counted towards `max_rows={most}`.", UserWarning,
                          stacklevel=4)


def columns_of(usecols):
    """Places of columns, or None."""
    if usecols is None:
        return None
    try:
        given = list(usecols)
    except TypeError:
        given = [usecols]
    places = []
    for x in given:
        try:
            places.append(operator.index(x))
        except TypeError:
            raise TypeError("usecols must be an int or a sequence of ints but it contains at least one element of type "
                            f"'{type(x).__name__}'") from None
        if not -1 << 63 <= places[-1] < 1 << 63:
            raise OverflowError("Python int too large to convert to C ssize_t")
    return places


def check_converters(converters):
    if converters is None or callable(converters):
        return
    if not isinstance(converters, dict):
        raise TypeError("converters must be a dictionary mapping columns to converter functions or a single callable.")
    for key, value in converters.items():
        if not hasattr(key, "__index__"):
            raise TypeError("keys of the converters dictionary must be integers; got " + repr(key))
        if not callable(value):
            raise TypeError("values of the converters dictionary must be callable, but the value associated with key "
                            f"{key!r} is not")


def converters_of(converters, n, columns, as_bytes):
    """{column: function} for a table of n columns, the negative ones counted from its end."""
    if not converters:
        return {}
    wrap = (lambda f: lambda text: text_of(f(text.encode("latin1")))) if as_bytes else lambda f: f
    if callable(converters):
        return dict.fromkeys(range(n), wrap(converters))
    known = {}
    for key, f in converters.items():
        if not -n <= key < n and columns is None:
            raise ValueError(f"converter specified for column {key}, which is invalid for the number of fields {n}.")
        known[key % n if -n <= key < 0 else key] = wrap(f)
    return known


def chosen(fields, columns, row):
    for k in columns:
        if not -len(fields) <= k < len(fields):
            raise ValueError(f"invalid column index {k} at row {row} with {len(fields)} columns")
    return [k % len(fields) for k in columns]


def table(rows, dtype, columns, converters, as_bytes):
    """(numbers of all rows, columns of each)"""
    numbers, width, row, read = [], None, 0, number_reader(dtype)
    for fields in rows:
        width = len(fields) if width is None else width
        if columns is None and len(fields) != width:
            raise ValueError(f"the number of columns changed from {width} to {len(fields)} at row {row + 1}; use `usecols` to "
                             "select a subset and avoid this error")
        if row == 0 or columns is not None:
            known = converters_of(converters, len(fields), columns, as_bytes)
        places = range(width) if columns is None else chosen(fields, columns, row + 1)
        try:
            if not known:
                numbers += map(read, fields if columns is None else [fields[k] for k in places])
            else:
                for k in places:
                    numbers.append(known[k](fields[k]) if k in known else read(fields[k]))
        except Exception as error:
            k = places[len(numbers) - row * len(places)]
            raise ValueError(f"could not convert string {fields[k]!r} to {dtype} at row {row}, column {k + 1}.") from error
        row += 1
    return numbers, row, width or 1 if columns is None else len(columns)


def count_of(n):
    if n is None:
        return None
    try:
        n = operator.index(n)
    except TypeError:
        raise TypeError("argument must be an integer") from None
    if n < 0:
        raise ValueError("argument must be nonnegative")
    return n


def loadtxt(fname, dtype="float64", comments="#", delimiter=None, converters=None, skiprows=0, usecols=None, unpack=False,
            ndmin=0, encoding=None, max_rows=None, *, quotechar=None, like=None):
    """The numbers of a text with one row a line: of a path, a file object or lines."""
    dtype, columns = _core.dtype(dtype), columns_of(usecols)
    check_converters(converters)
    if ndmin not in (0, 1, 2) or isinstance(ndmin, str):
        raise ValueError(f"Illegal value of ndmin keyword: {ndmin}")
    comments, delimiter, quote = controls(comments, delimiter, quotechar)
    skip, most = count_of(skiprows), count_of(max_rows)
    with lines_of(fname, None if encoding == "bytes" else encoding) as lines:
        numbers, n, width = table(rows_of(lines, skip, most, comments, delimiter, quote), dtype, columns, converters,
                                  encoding == "bytes")
    y = _core.reshape(_core.asarray(numbers, dtype, None), (n, width))
    if not n:
        warnings.warn(f'loadtxt: input contained no data: "{fname}"', UserWarning, stacklevel=2)
    if ndmin < 2:
        y = atleast_1d(squeeze(y)) if ndmin else squeeze(y)
    else:
        y = atleast_2d(y)
    return y.T if unpack else y


# ---- writing ----

def format_of(fmt, columns, is_complex, delimiter):
    """What a row is printed with."""
    if isinstance(fmt, (list, tuple)):
        if len(fmt) != columns:
            raise AttributeError(f"fmt has wrong shape.  {fmt}")
        return delimiter.join(fmt)
    if not isinstance(fmt, str):
        raise ValueError(f"invalid fmt: {fmt!r}")
    n = fmt.count("%")
    if n == 1:
        return delimiter.join([f" ({fmt}+{fmt}j)" if is_complex else fmt] * columns)
    if n != columns * (2 if is_complex else 1):
        raise ValueError(f"fmt has wrong number of % formats:  {fmt}")
    return fmt


def write_text(file, text, encoding):
    try:
        file.write(text)
    except TypeError:  # of bytes
        file.write(text.encode(encoding or "latin1"))


def savetxt(fname, X, fmt="%.18e", delimiter=" ", newline="\n", header="", footer="", comments="# ", encoding=None):
    """Writes one or two axes as text, one row a line."""
    if not hasattr(fname, "write"):
        if not isinstance(fname, (str, os.PathLike)):
            raise ValueError("fname must be a string or file handle")
        with opened(os.fspath(fname), "wt", encoding) as f:
            return savetxt(f, X, fmt, delimiter, newline, header, footer, comments)
    a = asarray(X)
    if a.ndim not in (1, 2):
        raise ValueError(f"Expected 1D or 2D array, got {a.ndim}D array instead")
    a = a[:, None] if a.ndim == 1 else a
    is_complex = a.dtype.kind == "c"
    delimiter, newline, fmt = text_of(delimiter), text_of(newline), text_of(fmt)
    form = format_of(fmt, a.shape[1], is_complex, delimiter)

    def remark(text):
        if text:
            write_text(fname, comments + text.replace("\n", "\n" + comments) + newline, encoding)
    remark(header)
    for row in a.tolist():
        try:
            if is_complex:
                line = (form % tuple(part for x in row for part in (x.real, x.imag))).replace("+-", "-")
            else:
                line = form % tuple(row)
        except TypeError as error:
            raise TypeError(f"Mismatch between array dtype ('{a.dtype}') and format specifier ('{form}')") from error
        write_text(fname, line + newline, encoding)
    remark(footer)

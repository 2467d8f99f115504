# SPDX-License-Identifier: MIT
"""What ndarray has besides the extension's own attributes: operations of the table, and functions of the same name."""
import math
import operator
import pickle
import sys
import warnings

from . import _activation, _core, _create, _format, _manip, _numeric, _places, _product, _scalars, _sets, _stats, _ufunc

OPERATIONS = """all any argmax argmin cumprod cumsum max mean min prod ptp std sum take var""".split()
FUNCTIONS = {_manip: "ravel swapaxes squeeze repeat diagonal nonzero copy".split(), _places: ["put"],
             _product: "dot trace".split(), _stats: ["clip"], _numeric: ["choose"]}


def reshape(self, *shape, order="C", copy=None):
    if not shape:
        raise TypeError("reshape() takes exactly 1 argument (0 given)")
    return _manip.reshape(self, shape[0] if len(shape) == 1 else shape, order, copy=copy)


def transpose(self, *axes):
    return _manip.transpose(self, axes[0] if len(axes) == 1 and not hasattr(axes[0], "__index__") else axes or None)


def astype(self, dtype, order="K", casting="unsafe", subok=True, copy=True):
    from ._types import can_cast, check_casting
    check_casting(casting)
    if not can_cast(self.dtype, dtype, casting):
        raise TypeError(f"Cannot cast array data from {self.dtype!r} to {_core.dtype(dtype)!r} according to the rule "
                        f"'{casting}'")
    if self.dtype.kind == "c" and _core.dtype(dtype).kind in "fiu":
        from .exceptions import ComplexWarning
        warnings.warn("Casting complex values to real discards the imaginary part", ComplexWarning, stacklevel=2)
    if order != "K" or copy and not self.c_contiguous:
        return _create.array(self, dtype, copy=copy or None, order=order)
    return _core.asarray(self, dtype, copy or None)


def flatten(self, order="C"):
    return _core.asarray(_manip.ravel(self, order), None, True)


def view(self, dtype=None, type=None):
    """The same memory, as elements of another type if dtype says so."""
    dtype = None if dtype is _core.ndarray else dtype
    dtype = self.dtype if dtype is None else _core.dtype(dtype)
    old, new = self.itemsize, dtype.itemsize
    if dtype == self.dtype:
        return self[...]
    shape, strides = list(self.shape), list(self.strides)
    if old != new:
        if not shape:
            raise ValueError("Changing the dtype of a 0d array is only supported if the itemsize is unchanged")
        if shape[-1] > 1 and strides[-1] != old:
            raise ValueError("To change to a dtype of a different size, the last axis must be contiguous")
        if shape[-1] * old % new:
            raise ValueError("When changing to a larger dtype, its size must be a divisor of the total size in bytes of the "
                             "last axis of the array.")
        shape[-1], strides[-1] = shape[-1] * old // new, new
    if any(s % new for s in strides):
        raise ValueError(f"view: the strides {self.strides} are not of whole elements of {dtype}")
    return _core.reinterpret(self, dtype, shape, [s // new for s in strides], 0, False)


class Flags:
    """a.flags, as attributes and by name."""
    NAMES = {"C": "c_contiguous", "F": "f_contiguous", "W": "writeable", "A": "aligned",
             "X": "writebackifcopy", "O": "owndata", "CA": "carray", "FA": "farray", "B": "behaved", "CONTIGUOUS": "c_contiguous",
             "FORTRAN": "f_contiguous", "FNC": "fnc", "FORC": "forc"}
    aligned, writebackifcopy = True, False

    def __init__(self, a):
        self.a = a

    c_contiguous = contiguous = property(lambda self: self.a.c_contiguous)
    f_contiguous = fortran = property(lambda self: self.a.T.c_contiguous)
    owndata = property(lambda self: self.a.base is None)
    forc = property(lambda self: self.c_contiguous or self.f_contiguous)
    fnc = property(lambda self: self.f_contiguous and not self.c_contiguous)
    behaved = property(lambda self: self.writeable)
    carray = property(lambda self: self.behaved and self.c_contiguous)
    farray = property(lambda self: self.behaved and self.fnc)
    num = property(lambda self: self.c_contiguous + 2 * self.f_contiguous + 4 * self.owndata + 256 + 1024 * self.writeable)

    @property
    def writeable(self):
        return not _core.readonly(self.a)

    @writeable.setter
    def writeable(self, value):
        if value and not self.writeable and not _core.make_writeable(self.a):
            raise ValueError("cannot set WRITEABLE flag to True of this array")
        if not value and self.writeable:
            _core.make_readonly(self.a)

    def __getitem__(self, name):
        try:
            return getattr(self, self.NAMES.get(name, name.lower()))
        except AttributeError:
            raise KeyError("Unknown flag") from None

    def __setitem__(self, name, value):
        if self.NAMES.get(name, name.lower()) != "writeable":
            raise KeyError("Unknown flag")
        self.writeable = value

    def __eq__(self, other):
        return isinstance(other, Flags) and self.num == other.num

    def __repr__(self):
        names = ("C_CONTIGUOUS", "F_CONTIGUOUS", "OWNDATA", "WRITEABLE", "ALIGNED", "WRITEBACKIFCOPY")
        return "".join(f"  {name} : {self[name]}\n" for name in names)


def setflags(self, write=None, align=None, uic=None):
    if write is not None:
        Flags(self).writeable = write


def array_ufunc(self, ufunc, method, *inputs, **kwds):
    """NumPy's functions of this package's arrays are this package's."""
    ours = getattr(sys.modules["trueno"], ufunc.__name__, None)
    if ours is None or not hasattr(ours, method):
        return NotImplemented
    out = kwds.get("out")
    if out is not None:
        kwds["out"] = tuple(x if x is None else _core.asarray(x, None, None) for x in out)
    y = getattr(ours, method)(*inputs, **kwds)
    return y if out is None else out[0] if len(out) == 1 else out


def array_wrap(self, array, context=None, return_scalar=False):
    """array as one of this package's: there are no classes derived from it."""
    y = _create.asarray(array)
    return y[()] if return_scalar and not y.ndim else y


def byteswap(self, inplace=False):
    """The bytes of each element turned around."""
    raw = _core.reinterpret(self if inplace else _core.asarray(self, None, True), "uint8", (*self.shape, self.itemsize),
                            (*self.strides, 1), 0, False)
    if inplace:
        raw[...] = _core.asarray(_core.flip(raw, 1 << self.ndim), None, True)
        return self
    turned = _core.asarray(_core.flip(raw, 1 << self.ndim), None, True)
    return view(turned, self.dtype)[..., 0]


def rounded(self, decimals=0, out=None):
    return _stats.around(self, decimals, out)


def array(self, dtype=None, copy=None):
    import numpy
    if self.dtype == "bfloat16":
        self = _core.asarray(self, "float32", None)
    return numpy.asarray(memoryview(self), dtype)


def rebuild(dtype, shape, data):
    return _core.from_bytes(dtype, shape, data)


def reduce_ex(self, protocol):
    exact = protocol >= 5 and self.c_contiguous and self.dtype != "bfloat16" and self.size
    return rebuild, (self.dtype.name, self.shape, pickle.PickleBuffer(self) if exact else self.tobytes())


def conjugate(self, out=None):
    if out is None and self.dtype.kind != "c":
        return self
    return _ufunc.conjugate(self, out=out)


def sizeof(self):
    return object.__sizeof__(self) + (self.nbytes if self.flags.owndata else 0)


class Ctypes:
    """a.ctypes: the array for foreign functions."""

    def __init__(self, a):
        self.a = a

    data = property(lambda self: self.a.__array_interface__["data"][0])
    shape = property(lambda self: self.shape_as("c_ssize_t"))
    strides = property(lambda self: self.strides_as("c_ssize_t"))
    _as_parameter_ = property(lambda self: self.data_as("c_void_p"))

    @staticmethod
    def type_of(obj):
        import ctypes
        return getattr(ctypes, obj) if isinstance(obj, str) else obj

    def data_as(self, obj):
        """The first element's address as that type of ctypes; it keeps the array."""
        import ctypes
        pointer = ctypes.cast(ctypes.c_void_p(self.data), self.type_of(obj))
        pointer._arr = self.a
        return pointer

    def shape_as(self, obj):
        return (self.type_of(obj) * self.a.ndim)(*self.a.shape)

    def strides_as(self, obj):
        return (self.type_of(obj) * self.a.ndim)(*self.a.strides)


def resize(self, *new_shape, refcheck=True):
    """Another shape in place: elements in C order as far as they go, then zeros."""
    shape = new_shape[0] if len(new_shape) == 1 and not hasattr(new_shape[0], "__index__") else new_shape
    if shape is None or shape == (None,):
        return
    shape = tuple(operator.index(n) for n in shape)
    if any(n < 0 for n in shape):
        raise ValueError("all elements of 'new_shape' must be non-negative")
    n, m = self.size, math.prod(shape)
    if m != n and not self.flags.owndata:
        raise ValueError("cannot resize this array: it does not own its data")
    if m != n and refcheck and sys.getrefcount(self) > 3:
        raise ValueError("cannot resize an array that references or is referenced by another array in this way.\n"
                         "Use the np.resize function or refcheck=False")
    line = _core.zeros((m,), self.dtype)
    line[:min(n, m)] = _manip.ravel(self)[:min(n, m)]
    _core.exchange(self, _core.reshape(line, shape))


def tofile(self, fid, sep="", format="%s"):
    """The elements in C order as bytes or, with a separator, as text; to a file or path."""
    if not hasattr(fid, "write"):
        with open(fid, "wb") as f:
            return tofile(self, f, sep, format)
    fid.fileno()  # what is no file says so
    if sep == "":
        data = self.tobytes()
    else:
        data = sep.join(str(x) if format == "%s" else format % (x,) for x in self.ravel().tolist()).encode()
    fid.flush()
    getattr(fid, "buffer", fid).write(data)  # beneath what encodes text


def dump(self, file):
    if hasattr(file, "write"):
        return pickle.dump(self, file, protocol=2)
    with open(file, "wb") as f:
        pickle.dump(self, f, protocol=2)


def namespace(self, *, api_version=None):
    if api_version not in (None, "2021.12", "2022.12", "2023.12", "2024.12"):
        raise ValueError(f"array API version {api_version!r} is not supported")
    return sys.modules["trueno"]


def to_device(self, device, /, *, stream=None):
    _create.on_cpu(device)
    return self


def set_flat(self, value):
    _places.flatiter(self)[...] = value


def round_to(self, ndigits=None):
    """round(a): a Python int of an array without axes, else as around."""
    return round(self.item()) if ndigits is None and self.ndim == 0 else _stats.around(self, ndigits or 0)


def set_real(self, value):
    _core.real(self)[...] = value


def set_imag(self, value):
    if self.dtype.kind != "c":
        raise TypeError("array does not have imaginary part to set")
    _core.imag(self)[...] = value


def install():
    cls = _core.ndarray
    for name in OPERATIONS:
        setattr(cls, name, _core.ops[name])
    for module, names in FUNCTIONS.items():
        for name in names:
            setattr(cls, name, getattr(module, name))
    _core.set_reshape(reshape)
    own = {"transpose": transpose, "astype": astype, "flatten": flatten, "view": view,
           "round": rounded, "__array__": array, "__reduce_ex__": reduce_ex, "__array_namespace__": namespace,
           "to_device": to_device, "resize": resize, "tofile": tofile, "dump": dump,
           "dumps": lambda self: pickle.dumps(self, protocol=2),
           "__repr__": _format.array_repr, "__str__": _format.array_str, "__format__": format_spec,
           "__copy__": _manip.copy, "__deepcopy__": lambda self, memo: _manip.copy(self), "__array_ufunc__": array_ufunc,
           "__array_priority__": 1000.0, "__module__": "trueno", "device": property(lambda self: "cpu"),
           "flat": property(_places.flatiter, set_flat), "flags": property(Flags), "setflags": setflags,
           "conj": conjugate, "conjugate": conjugate, "ctypes": property(Ctypes), "__sizeof__": sizeof,
           "compress": lambda self, condition, axis=None, out=None: _places.compress(condition, self, axis, out),
           "byteswap": byteswap, "__new__": staticmethod(_create.new_array), "__round__": round_to,
           "data": property(memoryview), "__array_wrap__": array_wrap,
           **_sets.METHODS, "real": property(_core.real, set_real), "imag": property(_core.imag, set_imag)}
    for name, value in own.items():
        setattr(cls, name, value)
    _scalars.install()


def format_spec(self, spec):
    if spec and self.ndim:
        raise TypeError("unsupported format string passed to trueno.ndarray.__format__")
    return format(self.item(), spec) if spec else _format.array_str(self)

# SPDX-License-Identifier: MIT
"""What ndarray has besides the extension's own attributes: operations of the table, and functions of the same name."""
import pickle
import sys

from . import _activation, _core, _create, _format, _manip, _numeric, _product, _sets, _stats

OPERATIONS = """all any argmax argmin cumprod cumsum max mean min prod ptp std sum take var""".split()
FUNCTIONS = {_manip: "ravel swapaxes squeeze repeat diagonal nonzero copy put".split(),
             _product: "dot trace".split(), _stats: ["clip"], _numeric: ["choose"]}


def reshape(self, *shape, order="C", copy=None):
    return _manip.reshape(self, shape[0] if len(shape) == 1 else shape, order, copy=copy)


def transpose(self, *axes):
    return _manip.transpose(self, axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes or None)


def astype(self, dtype, order="K", casting="unsafe", subok=True, copy=True):
    from ._types import can_cast
    if not can_cast(self.dtype, dtype, casting):
        raise TypeError(f"Cannot cast array data from {self.dtype!r} to {_core.dtype(dtype)!r} according to the rule "
                        f"'{casting}'")
    return _core.asarray(self, dtype, copy or None)


def flatten(self, order="C"):
    return _core.asarray(_manip.ravel(self, order), None, True)


def view(self, dtype=None):
    if dtype is not None and _core.dtype(dtype) != self.dtype:
        raise TypeError("view: another element type on the same memory is not supported; use frombuffer")
    return self[...]


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


def namespace(self, *, api_version=None):
    if api_version not in (None, "2021.12", "2022.12", "2023.12", "2024.12"):
        raise ValueError(f"array API version {api_version!r} is not supported")
    return sys.modules["trueno"]


def to_device(self, device, /, *, stream=None):
    _create.on_cpu(device)
    return self


class Flat:
    """a.flat: the elements in C order."""

    def __init__(self, base):
        self.base = base

    def __iter__(self):
        return iter(_core.ravel(self.base))

    def __len__(self):
        return self.base.size

    def __getitem__(self, key):
        return _core.ravel(self.base)[key]

    def __setitem__(self, key, value):
        if not self.base.c_contiguous:
            raise ValueError("flat: only a contiguous array can be written through")
        _core.ravel(self.base)[key] = value


def set_flat(self, value):
    Flat(self)[...] = value


def install():
    cls = _core.ndarray
    for name in OPERATIONS:
        setattr(cls, name, _core.ops[name])
    for module, names in FUNCTIONS.items():
        for name in names:
            setattr(cls, name, getattr(module, name))
    own = {"reshape": reshape, "transpose": transpose, "astype": astype, "flatten": flatten, "view": view,
           "round": rounded, "__array__": array, "__reduce_ex__": reduce_ex, "__array_namespace__": namespace,
           "to_device": to_device,
           "__repr__": _format.array_repr, "__str__": _format.array_str, "__format__": format_spec,
           "__copy__": _manip.copy, "__deepcopy__": lambda self, memo: _manip.copy(self), "__array_ufunc__": None,
           "__array_priority__": 1000.0, "__module__": "trueno", "device": property(lambda self: "cpu"),
           "flat": property(Flat, set_flat), "conj": _activation.conjugate,
           "conjugate": _activation.conjugate,
           **_sets.METHODS, "real": property(_core.real), "imag": property(_core.imag)}
    for name, value in own.items():
        setattr(cls, name, value)


def format_spec(self, spec):
    return format(self.item(), spec) if self.ndim == 0 and spec else _format.array_str(self)

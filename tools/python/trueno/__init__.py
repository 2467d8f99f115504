# SPDX-License-Identifier: MIT
"""Arrays in the manner of NumPy, computed by the trueno library.

    import trueno as tn
    a = tn.arange(12.0).reshape(3, 4)
    tn.softmax(a @ a.T, axis=-1)

Names, arguments and values are NumPy's, or the Python array API standard's where the two differ; activations,
convolutions and pooling have PyTorch's names. Operations come from the library's own table: trueno._core.ops.
"""
from ._core import __version__, bool, device_info, dtype, ndarray, ops
from ._core import complexfloating, floating, generic, inexact, integer, number, signedinteger, unsignedinteger
from ._core import bfloat16, complex64, complex128, float16, float32, float64
from ._core import int8, int16, int32, int64, uint8, uint16, uint32, uint64

globals().update(ops)

from ._activation import *  # noqa: E402
from ._create import *  # noqa: E402
from ._errors import *  # noqa: E402
from ._files import *  # noqa: E402
from ._histograms import *  # noqa: E402
from ._manip import *  # noqa: E402
from ._places import *  # noqa: E402
from ._nan import *  # noqa: E402
from ._numeric import *  # noqa: E402
from ._pad import *  # noqa: E402
from ._path import *  # noqa: E402
from ._polynomial import *  # noqa: E402
from ._product import *  # noqa: E402
from ._samples import *  # noqa: E402
from ._sets import *  # noqa: E402
from ._text import *  # noqa: E402
from ._types import *  # noqa: E402
from ._stats import *  # noqa: E402
from ._ufunc import *  # noqa: E402
from ._vectorize import *  # noqa: E402
from ._format import array2string, array_repr, array_str, base_repr, binary_repr  # noqa: E402
from ._format import get_printoptions, printoptions, set_printoptions  # noqa: E402
from ._fft import convolve, correlate  # noqa: E402
from . import _fft as fft, _linalg as linalg, _methods, exceptions, _random as random  # noqa: E402

euler_gamma = 0.5772156649015329
True_, False_ = bool(True), bool(False)
e, pi, inf, nan, newaxis = 2.718281828459045, 3.141592653589793, float("inf"), float("nan"), None
bool_, double, single, half, intp, uintp = bool, float64, float32, float16, int64, uint64
byte, short, intc, int_, long, longlong = int8, int16, int32, int64, int64, int64
ubyte, ushort, uintc, uint, ulong, ulonglong = uint8, uint16, uint32, uint64, uint64, uint64
csingle, cdouble = complex64, complex128
longdouble, clongdouble = float64, complex128  # as where C's long double is double
degrees, radians = ops["rad2deg"], ops["deg2rad"]
abs = ops["absolute"]
bitwise_invert, bitwise_left_shift, bitwise_right_shift = ops["invert"], ops["left_shift"], ops["right_shift"]
acos, acosh, arccos, arccosh = ops["acos"], ops["acosh"], ops["acos"], ops["acosh"]
arcsin, arcsinh, arctan, arctan2, arctanh = ops["asin"], ops["asinh"], ops["atan"], ops["atan2"], ops["atanh"]
amax, amin, round, fix = ops["max"], ops["min"], around, ops["trunc"]
power, true_divide, mod, bitwise_not = ops["pow"], ops["divide"], ops["remainder"], ops["invert"]
_methods.install()
__import__("sys").modules.update({"trueno.fft": fft, "trueno.linalg": linalg})

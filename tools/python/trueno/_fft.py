# SPDX-License-Identifier: MIT
"""Discrete Fourier transforms with NumPy's names and arguments, computed by FFTW: trueno.fft; convolve and correlate."""
import operator
import warnings

from . import _core
from ._create import asarray
from ._manip import as_axes, as_axis
from ._product import into

__all__ = ["fft", "fft2", "fftfreq", "fftn", "fftshift", "hfft", "ifft", "ifft2", "ifftn", "ifftshift", "ihfft", "irfft",
           "irfft2", "irfftn", "rfft", "rfft2", "rfftfreq", "rfftn"]

NORMS = {None: 0, "backward": 0, "ortho": 1, "forward": 2}
MODES = {"valid": 0, "same": 1, "full": 2}


def norm_of(norm):
    try:
        return NORMS[norm]
    except (KeyError, TypeError):
        raise ValueError(f'Invalid norm value {norm}; should be "backward", "ortho" or "forward".') from None


def along_axis(f, a, n, axis, norm, out):
    a = asarray(a)
    if n is not None:
        n = operator.index(n)
        if n < 1:
            raise ValueError(f"Invalid number of FFT data points ({n}) specified.")
    return into(f(a, n, as_axis(axis, a.ndim), norm_of(norm)), out, "same_kind")


def fft(a, n=None, axis=-1, norm=None, out=None):
    return along_axis(_core.fft, a, n, axis, norm, out)


def ifft(a, n=None, axis=-1, norm=None, out=None):
    return along_axis(_core.ifft, a, n, axis, norm, out)


def rfft(a, n=None, axis=-1, norm=None, out=None):
    return along_axis(_core.rfft, a, n, axis, norm, out)


def irfft(a, n=None, axis=-1, norm=None, out=None):
    return along_axis(_core.irfft, a, n, axis, norm, out)


def hfft(a, n=None, axis=-1, norm=None, out=None):
    return along_axis(_core.hfft, a, n, axis, norm, out)


def ihfft(a, n=None, axis=-1, norm=None, out=None):
    return along_axis(_core.ihfft, a, n, axis, norm, out)


def lengths_and_axes(a, s, axes):
    """-1 for lengths of no s; of one that is given, -1 is the axis as it is."""
    if axes is None:
        if s is not None:
            warnings.warn("`axes` should not be `None` if `s` is not `None` (Deprecated in NumPy 2.0). In a future version this "
                          "will raise an error and `s[i]` will correspond to the size along the transformed axis specified by "
                          "`axes[i]`.", DeprecationWarning, stacklevel=4)
        axes = range(-len(s), 0) if s is not None else range(a.ndim)
    axes = [as_axis(i, a.ndim) for i in axes]
    if s is None:
        return [-1] * len(axes), axes
    if len(s) != len(axes):
        raise ValueError("Shape and axes have different lengths.")
    if None in s:
        warnings.warn("Passing an array containing `None` values to `s` is deprecated in NumPy 2.0: -1 is the axis as it is.",
                      DeprecationWarning, stacklevel=4)
    return [a.shape[i] if n in (None, -1) else operator.index(n) for n, i in zip(s, axes)], axes


def along_axes(f, first, one, a, s, axes, norm, out):
    """f transforms along axes that are all different. Of others one transforms along each, in NumPy's order, but first along
    the last of them."""
    a = asarray(a)
    s, axes = lengths_and_axes(a, s, axes)
    if len(set(axes)) == len(axes):
        return into(f(a, axes, s, norm_of(norm)), out, "same_kind")
    steps = [[one, a.shape[i] if n == -1 else n, i] for n, i in zip(s, axes)]
    steps[-1][:2] = first, 2 * (steps[-1][1] - 1) if f is _core.irfftn and s[-1] == -1 else steps[-1][1]
    for step, n, axis in steps if f is _core.irfftn else reversed(steps):
        a = step(a, n, axis, norm)
    return into(a, out, "same_kind")


def fftn(a, s=None, axes=None, norm=None, out=None):
    return along_axes(_core.fftn, fft, fft, a, s, axes, norm, out)


def ifftn(a, s=None, axes=None, norm=None, out=None):
    return along_axes(_core.ifftn, ifft, ifft, a, s, axes, norm, out)


def rfftn(a, s=None, axes=None, norm=None, out=None):
    return along_axes(_core.rfftn, rfft, fft, a, s, axes, norm, out)


def irfftn(a, s=None, axes=None, norm=None, out=None):
    return along_axes(_core.irfftn, irfft, ifft, a, s, axes, norm, out)


def fft2(a, s=None, axes=(-2, -1), norm=None, out=None):
    return fftn(a, s, axes, norm, out)


def ifft2(a, s=None, axes=(-2, -1), norm=None, out=None):
    return ifftn(a, s, axes, norm, out)


def rfft2(a, s=None, axes=(-2, -1), norm=None, out=None):
    return rfftn(a, s, axes, norm, out)


def irfft2(a, s=None, axes=(-2, -1), norm=None, out=None):
    return irfftn(a, s, axes, norm, out)


def spacing(n, d):
    try:
        return operator.index(n), float(d)
    except TypeError:
        raise ValueError("n should be an integer") from None


def fftfreq(n, d=1.0, device=None):
    return _core.fftfreq(*spacing(n, d))


def rfftfreq(n, d=1.0, device=None):
    return _core.rfftfreq(*spacing(n, d))


def shifted(f, x, axes):
    x = asarray(x)
    if axes is None:
        return f(x, 0xFFFFFFFF)
    return f(x, sum(1 << i for i in as_axes(axes, x.ndim)))


def fftshift(x, axes=None):
    return shifted(_core.fftshift, x, axes)


def ifftshift(x, axes=None):
    return shifted(_core.ifftshift, x, axes)


def mode_of(mode):
    if isinstance(mode, str) and mode in MODES:
        return MODES[mode]
    if isinstance(mode, int) and mode in (0, 1, 2):
        return mode
    if isinstance(mode, (str, int)):
        raise ValueError(f"mode must be one of 'valid', 'same', or 'full' (got {mode!r})")
    raise TypeError(f"mode must be one of 'valid', 'same', or 'full' (got {mode!r})")


def convolve(a, v, mode="full"):
    a, v = asarray(a), asarray(v)
    a, v = (_core.reshape(x, 1) if x.ndim == 0 else x for x in (a, v))
    for name, x in (("a", a), ("v", v)):
        if not x.size:
            raise ValueError(f"{name} cannot be empty")
    return _core.convolve(a, v, mode_of(mode))


def correlate(a, v, mode="valid"):
    return _core.correlate(asarray(a), asarray(v), mode_of(mode))

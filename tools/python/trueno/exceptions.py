# SPDX-License-Identifier: MIT
"""Exceptions and warnings that NumPy has names for, and UnsupportedDTypeError, a TypeError: of an element type that only
NumPy has (texts, dates, objects, records, foreign byte orders)."""

from ._core import UnsupportedDTypeError  # noqa: F401

__all__ = ["AxisError", "ComplexWarning", "DTypePromotionError", "RankWarning", "TooHardError",
           "UnsupportedDTypeError", "VisibleDeprecationWarning", "ModuleDeprecationWarning"]


class AxisError(ValueError, IndexError):
    """AxisError(axis, ndim=None, msg_prefix=None): an axis an array does not have."""

    def __init__(self, axis, ndim=None, msg_prefix=None):
        if ndim is None and msg_prefix is None:
            text, axis = axis, None
        else:
            text = f"axis {axis} is out of bounds for array of dimension {ndim}"
            text = text if msg_prefix is None else f"{msg_prefix}: {text}"
        self.axis, self.ndim, self.text = axis, ndim, text
        super().__init__(text)

    def __str__(self):
        return self.text

    def __reduce__(self):
        return AxisError, (self.text,) if self.axis is None else (self.axis, self.ndim)


class ComplexWarning(RuntimeWarning):
    """An imaginary part is dropped."""


class VisibleDeprecationWarning(UserWarning):
    """Use that will end."""


class ModuleDeprecationWarning(DeprecationWarning):
    """A module whose use will end."""


class RankWarning(RuntimeWarning):
    """A matrix of deficient rank."""


class DTypePromotionError(TypeError):
    """Types without a common one."""


class TooHardError(RuntimeError):
    """A problem that would take too long."""

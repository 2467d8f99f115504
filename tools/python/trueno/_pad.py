# SPDX-License-Identifier: MIT
"""Padding in all of NumPy's modes. What the library pads at once goes there; the others are made of blocks, which are put
before and behind one axis after the other."""
import operator

from . import _core
from ._create import asarray, in_order, linspace
from ._manip import broadcast_to, concatenate, moveaxis
from ._places import ndindex

__all__ = ["pad"]
ops = _core.ops
OF_LIBRARY = ["constant", "edge", "reflect", "symmetric", "wrap"]
STATISTICS = {"maximum": "max", "minimum": "min", "mean": "mean", "median": "median"}
ARGUMENTS = {"constant": ("constant_values",), "linear_ramp": ("end_values",), "reflect": ("reflect_type",),
             "symmetric": ("reflect_type",), "edge": (), "wrap": (), "empty": (),
             **{name: ("stat_length",) for name in STATISTICS}}


def pairs(x, ndim):
    """x as a (before, after) for every axis."""
    if x is None:
        return [(None, None)] * ndim
    x = asarray(x)
    if x.ndim == 1 and x.size == 2 and ndim == 1 or x.ndim < 3:
        try:
            y = broadcast_to(x, (ndim, 2))
        except ValueError:
            raise ValueError(f"operands could not be broadcast together with remapped shapes [original->remapped]: {x.shape} "
                             f"and requested shape {(ndim, 2)}") from None
        return [tuple(y[i, k] for k in (0, 1)) for i in range(ndim)]
    raise ValueError("input operand has more dimensions than allowed by the axis remapping")


def whole_pairs(x, ndim, name="index"):
    """The same as Python's integers, none of them negative."""
    if x is None:
        return [(None, None)] * ndim
    if asarray(x).size and bool(ops["any"](asarray(x) < 0)):
        raise ValueError(f"{name} can't contain negative values")
    return [tuple(int(round(v.item())) for v in pair) for pair in pairs(x, ndim)]


def of_axes(widths, ndim):
    """A dictionary of widths by axis as widths of all axes."""
    every = [(0, 0)] * ndim
    for axis, width in widths.items():
        if isinstance(width, int):
            width = (width, width)
        if not isinstance(width, tuple) or len(width) != 2:
            raise TypeError(f"Invalid pad width for axis {axis}: {width!r}: an integer or a pair of integers is needed")
        every[axis] = width
    return every


def part(a, axis, start, stop):
    return a[(slice(None),) * axis + (slice(start, stop),)]


def block_like(a, axis, n, value):
    """n times value along the axis."""
    shape = [n if i == axis else m for i, m in enumerate(a.shape)]
    return broadcast_to(_core.asarray(value, a.dtype, None), shape)


# ---- blocks of one axis: (before, after) ----


def by_constant(a, axis, widths, values):
    return tuple(block_like(a, axis, n, v) for n, v in zip(widths, values))


def by_nothing(a, axis, widths):
    return tuple(_core.empty([n if i == axis else m for i, m in enumerate(a.shape)], a.dtype) for n in widths)


def by_ramp(a, axis, widths, ends):
    """From the end value to the edge, which it does not reach."""
    n, made = a.shape[axis], []
    for edge, width, end in ((part(a, axis, 0, 1), widths[0], ends[0]), (part(a, axis, n - 1, n), widths[1], ends[1])):
        edge = _core.squeeze(edge, axis)
        line = linspace(block_of(edge, end), edge, width, False, dtype=a.dtype, axis=axis)
        made.append(line if not made else _core.flip(line, 1 << axis))
    return tuple(made)


def block_of(like, value):
    return broadcast_to(_core.asarray(value, None, None), like.shape)


def by_statistic(a, axis, widths, lengths, name):
    n, made = a.shape[axis], []
    for k, (width, length) in enumerate(zip(widths, lengths)):
        length = n if length is None else min(length, n)
        some = part(a, axis, 0, length) if k == 0 else part(a, axis, n - length, n)
        y = ops[name](some, axis, keepdims=True)
        if a.dtype.kind in "iu" and y.dtype.kind == "f":
            y = ops["rint"](y)
        shape = [width if i == axis else m for i, m in enumerate(a.shape)]
        made.append(broadcast_to(_core.asarray(y, a.dtype, None), shape))
    return tuple(made)


def mirrored(a, axis, widths, own_edge, odd):
    """a with mirror images round it. What has been made so far is mirrored again until there is enough; whole periods of the
    original are, so that the two sides fit. odd: turned about the edge, twice its value less the image."""
    n, (before, after) = a.shape[axis], widths
    skip = 0 if own_edge else 1
    while before or after:
        m = a.shape[axis]
        period = n - skip
        reach = m // n * n if own_edge else (m - 1) // period * period
        blocks = [a]
        if before:
            k = min(reach, before)
            image = _core.flip(part(a, axis, skip, skip + k), 1 << axis)
            blocks.insert(0, 2 * part(a, axis, 0, 1) - image if odd else image)
            before -= k
        if after:
            k = min(reach, after)
            image = _core.flip(part(a, axis, m - skip - k, m - skip), 1 << axis)
            blocks.append(2 * part(a, axis, m - 1, m) - image if odd else image)
            after -= k
        a = concatenate(blocks, axis)
    return a


def around(a, axis, widths, blocks):
    return concatenate([blocks[0], a, blocks[1]], axis)


def by_function(a, widths, function, kwargs):
    """function(vector, widths, axis, kwargs) changes the margins of every vector in place."""
    y = _core.pad(a, [w[0] for w in widths], [w[1] for w in widths], 0, 0.0)
    for axis in range(y.ndim):
        lines = moveaxis(y, axis, -1)
        for place in ndindex(lines.shape[:-1]):
            function(lines[place], widths[axis], axis, kwargs)
    return y


def check_arguments(mode, kwargs):
    if mode not in ARGUMENTS:
        raise ValueError(f"mode '{mode}' is not supported")
    unknown = set(kwargs) - set(ARGUMENTS[mode])
    if unknown:
        raise ValueError(f"unsupported keyword arguments for mode '{mode}': {unknown}")


def at_once(a, mode, kwargs):
    """Whether the library has all of it: not of constants that differ or that a float64 does not hold."""
    if mode == "constant":
        value = kwargs.get("constant_values", 0)
        return isinstance(value, (bool, int, float)) and abs(value) < 2 ** 53 and a.dtype.kind != "b"
    return mode in OF_LIBRARY and kwargs.get("reflect_type", "even") == "even"


def pad(array, pad_width, mode="constant", **kwargs):
    a = asarray(array)
    if isinstance(pad_width, dict):
        pad_width = of_axes(pad_width, a.ndim)
    try:
        pad_width = asarray(pad_width)
    except TypeError:
        pad_width = asarray(float("nan"))
    if pad_width.dtype.kind != "i":
        raise TypeError("`pad_width` must be of integral type.")
    widths = whole_pairs(pad_width, a.ndim)
    if callable(mode):
        return by_function(a, widths, mode, kwargs)
    check_arguments(mode, kwargs)
    for axis, (n, width) in enumerate(zip(a.shape, widths)):
        if n == 0 and any(width) and mode not in ("constant", "empty"):
            raise ValueError(f"can't extend empty axis {axis} using modes other than 'constant' or 'empty'")
    if at_once(a, mode, kwargs):
        value = float(kwargs.get("constant_values", 0))
        y = _core.pad(a, [w[0] for w in widths], [w[1] for w in widths], OF_LIBRARY.index(mode), value)
    else:
        y = in_turn(a, widths, mode, kwargs)
        y = _core.asarray(y, None, True) if y is a else y
    return in_order(y, "F" if a.ndim > 1 and a.T.c_contiguous and not a.c_contiguous else "C")


def in_turn(y, widths, mode, kwargs):
    values = pairs(kwargs.get("constant_values", kwargs.get("end_values", 0)), y.ndim)
    lengths = whole_pairs(kwargs.get("stat_length"), y.ndim)
    if mode in ("maximum", "minimum") and any(0 in pair for pair in lengths):
        raise ValueError("stat_length of 0 yields no value for padding")
    for axis, width in enumerate(widths):
        if mode == "constant":
            y = around(y, axis, width, by_constant(y, axis, width, values[axis]))
        elif mode == "empty":
            y = around(y, axis, width, by_nothing(y, axis, width))
        elif not any(width):
            continue
        elif mode == "linear_ramp":
            y = around(y, axis, width, by_ramp(y, axis, width, values[axis]))
        elif mode in STATISTICS:
            y = around(y, axis, width, by_statistic(y, axis, width, lengths[axis], STATISTICS[mode]))
        elif y.shape[axis] == 1 and mode == "reflect":
            y = around(y, axis, width, by_constant(y, axis, width, (y, y)))
        else:
            y = mirrored(y, axis, width, mode == "symmetric", True)
    return y

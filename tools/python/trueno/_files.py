# SPDX-License-Identifier: MIT
"""npy and npz files with NumPy's arguments. Nothing in a file is ever executed."""
import os

from . import _core
from ._create import asarray

__all__ = ["load", "save", "savez", "savez_compressed"]


def with_ending(file, ending):
    path = os.fspath(file)
    return path if path.endswith(ending) else path + ending


def load(file):
    """The array of an npy file, which is mapped, or a dict of those of an npz file."""
    with open(file, "rb") as f:
        zipped = f.read(4).startswith(b"PK")
    return _core.npz_load(file) if zipped else _core.npy_load(file)


def save(file, arr):
    _core.npy_save(with_ending(file, ".npy"), asarray(arr))


def named(args, kwds):
    names = {f"arr_{i}": a for i, a in enumerate(args)}
    if names.keys() & kwds.keys():
        raise ValueError(f"Cannot use un-named variables and keyword {', '.join(names.keys() & kwds.keys())}")
    return {name: asarray(a) for name, a in {**names, **kwds}.items()}


def savez(file, *args, **kwds):
    _core.npz_save(with_ending(file, ".npz"), named(args, kwds), False)


def savez_compressed(file, *args, **kwds):
    _core.npz_save(with_ending(file, ".npz"), named(args, kwds), True)

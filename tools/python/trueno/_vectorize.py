# SPDX-License-Identifier: MIT
"""Python functions of elements, or of vectors and matrices, called for every one: for convenience, not for speed."""
import functools
import re

from . import _core
from ._create import asarray
from ._manip import broadcast_shapes
from ._places import ndindex

__all__ = ["vectorize"]
CORE = r"\(\s*(?:\w+\s*(?:,\s*\w+\s*)*,?)?\s*\)"
SIGNATURE = re.compile(rf"^\s*{CORE}\s*(?:,\s*{CORE}\s*)*->\s*{CORE}\s*(?:,\s*{CORE}\s*)*$")


def parse(signature):
    """[names of an operand's core axes, …] of operands and results."""
    if not SIGNATURE.match(signature) and not re.match(rf"^\s*->\s*{CORE}", signature):
        raise ValueError(f"not a valid gufunc signature: {signature}")
    return tuple([tuple(re.findall(r"\w+", core)) for core in re.findall(CORE, side)] for side in signature.split("->"))


def measure(sizes, shape, names, what):
    """Enters the sizes of an array's core axes, its last ones."""
    if not names:
        return
    if len(shape) < len(names):
        raise ValueError(f"{len(shape)}-dimensional argument does not have enough dimensions for all core dimensions "
                         f"({', '.join(names)})")
    for name, n in zip(names, shape[len(shape) - len(names):]):
        if sizes.setdefault(name, n) != n:
            raise ValueError(f"inconsistent size for core dimension {name!r}: {n!r} vs {sizes[name]!r}")


class vectorize:
    """vectorize(f)(a, b, …): f of the elements of arrays, which are broadcast. signature names core axes, as (n)->().

    otypes are the results' types, else those of the first results. What is excluded, by place or name, goes to f as it is.
    """

    def __init__(self, pyfunc=None, otypes=None, doc=None, excluded=None, cache=False, signature=None):
        if pyfunc is not None and not callable(pyfunc):
            raise TypeError("When used as a decorator, only accepts keyword arguments." if isinstance(pyfunc, str) else
                            "pyfunc must be a callable function.")
        self.pyfunc, self.cache, self.signature, self.excluded = pyfunc, cache, signature, set(excluded or ())
        if any(not isinstance(e, (str, int)) for e in self.excluded):
            raise TypeError("vectorize: what is excluded is named by places and names")
        self.core = None if signature is None else parse(signature)
        if otypes is not None and any(t in "OSUV" for t in (otypes if isinstance(otypes, str) else ())):
            raise TypeError(f"no data type is meant by {otypes!r}")
        self.otypes, self.given_doc = otypes, doc
        if pyfunc is not None:
            self.describe(pyfunc)

    def describe(self, f):
        self.__name__ = getattr(f, "__name__", type(f).__name__)
        self.__doc__ = f.__doc__ if self.given_doc is None else self.given_doc
        self.__wrapped__ = f

    def types(self):
        return None if self.otypes is None else [_core.dtype(t) for t in self.otypes]

    def __call__(self, *args, **kwargs):
        if self.pyfunc is None:
            if len(args) != 1 or kwargs or not callable(args[0]):
                raise TypeError("vectorize: a function is to be decorated")
            return vectorize(args[0], self.otypes, self.given_doc, self.excluded, self.cache, self.signature)
        if not (self.excluded or kwargs):
            return self.run(self.pyfunc, args)
        args, places = list(args), [i for i in range(len(args)) if i not in self.excluded]
        names = [name for name in kwargs if name not in self.excluded]

        def f(*varied):
            for i, value in zip(places, varied):
                args[i] = value
            kwargs.update(zip(names, varied[len(places):]))
            return self.pyfunc(*args, **kwargs)
        return self.run(f, [args[i] for i in places] + [kwargs[name] for name in names])

    def run(self, f, args):
        return self.of_cores(f, args) if self.core else self.of_elements(f, args)

    def of_elements(self, f, args):
        if not args:
            return asarray(f())
        arrays = [asarray(a) for a in args]
        shape = broadcast_shapes(*(a.shape for a in arrays))
        lines = [_core.ravel(_core.broadcast_to(a, shape)) for a in arrays]
        types, n = self.types(), lines[0].size
        if not n and types is None:
            raise ValueError("cannot call `vectorize` on size 0 inputs unless `otypes` is set")
        results = [f(*(line[i] for line in lines)) for i in range(n)]
        several = len(types) > 1 if types else isinstance(results[0], tuple)
        columns = list(zip(*results)) if several and n else [results] * (len(types) if types else 1)
        kinds = types or [asarray(column[0]).dtype for column in columns]
        y = tuple(_core.reshape(packed(column, kind), shape)[() if not shape else ...] for column, kind in zip(columns, kinds))
        return y if several else y[0]

    def of_cores(self, f, args):
        inputs, outputs = self.core
        if len(args) != len(inputs):
            raise TypeError(f"wrong number of positional arguments: expected {len(inputs)}, got {len(args)}")
        arrays, sizes = [asarray(a) for a in args], {}
        for a, names in zip(arrays, inputs):
            measure(sizes, a.shape, names, "argument")
        loops = [a.shape[:a.ndim - len(names)] for a, names in zip(arrays, inputs)]
        shape = broadcast_shapes(*loops)
        arrays = [_core.broadcast_to(a, shape + a.shape[len(loop):]) for a, loop in zip(arrays, loops)]
        types, made = self.types(), None
        for place in ndindex(shape):
            y = f(*(a[place] for a in arrays))
            count = len(y) if isinstance(y, tuple) else 1
            if count != len(outputs):
                raise ValueError(f"wrong number of outputs from pyfunc: expected {len(outputs)}, got {count}")
            y = [asarray(part) for part in (y if isinstance(y, tuple) else (y,))]
            for part, names in zip(y, outputs):
                measure(sizes, part.shape, names, "result")
            if made is None:
                made = empty_results(shape, sizes, outputs, types or [part.dtype for part in y])
            for whole, part in zip(made, y):
                whole[place] = part
        if made is None:
            if types is None:
                raise ValueError("cannot call `vectorize` on size 0 inputs unless `otypes` is set")
            if any(name not in sizes for names in outputs for name in names):
                raise ValueError("cannot call `vectorize` with a signature including new output dimensions on size 0 inputs")
            made = empty_results(shape, sizes, outputs, types)
        made = tuple(y[()] if not y.ndim else y for y in made)
        return made if len(outputs) > 1 else made[0]

    def __get__(self, instance, owner=None):
        return self if instance is None else functools.partial(self, instance)


def packed(column, kind):
    return _core.asarray(list(column), kind, None) if len(column) else _core.empty((0,), kind)


def empty_results(shape, sizes, outputs, types):
    return [_core.empty(shape + tuple(sizes[name] for name in names), kind) for names, kind in zip(outputs, types)]

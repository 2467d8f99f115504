# SPDX-License-Identifier: MIT
"""What makes an operation of the table one of NumPy's ufuncs: reduce, accumulate, reduceat, outer and at, and calls with
where=, casting=, order= and the like, which the extension hands over to general()."""
import inspect
import operator
import warnings

from . import _core, _errors
from ._create import asarray, in_order
from ._manip import as_axes, as_axis, broadcast_arrays, copyto
from ._types import CASTINGS, can_cast, check_casting, result_type
from .exceptions import AxisError

__all__ = ["ufunc", "divmod", "modf", "frexp", "ldexp", "spacing", "bitwise_count", "conjugate", "conj", "fabs",
           "float_power", "matvec", "vecmat", "nextafter", "_NoValue"]
ops = _core.ops
NOTHING = _NoValue = type("_NoValueType", (), {"__repr__": lambda self: "<no value>"})()
# Operations with a reduction, and a running one, of the table.
REDUCTIONS = {"add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min", "logical_and": "all",
              "logical_or": "any"}
SCANS = {"add": "cumsum", "multiply": "cumprod", "maximum": "cummax", "minimum": "cummin"}
IDENTITIES = {"add": 0, "multiply": 1, "logical_and": True, "logical_or": False, "logical_xor": False, "bitwise_and": -1,
              "bitwise_or": 0, "bitwise_xor": 0, "logaddexp": float("-inf"), "logaddexp2": float("-inf"), "hypot": 0,
              "gcd": 0}
SIGNATURES = {"matmul": "(n?,k),(k,m?)->(n?,m?)", "vecdot": "(n),(n)->()", "matvec": "(m,n),(n)->(m)",
              "vecmat": "(n),(n,m)->(m)"}
NAMES = {"absolute": "absolute", "pow": "power", "acos": "arccos", "asin": "arcsin", "atan": "arctan", "atan2": "arctan2",
         "acosh": "arccosh", "asinh": "arcsinh", "atanh": "arctanh"}


def unexpected(name, kwds):
    raise TypeError(f"{name}() got an unexpected keyword argument {next(iter(kwds))!r}")


def the_out(out):
    """out= as one array or None."""
    if isinstance(out, tuple):
        if len(out) != 1:
            raise ValueError("The 'out' tuple must have exactly one entry per ufunc output")
        out = out[0]
        if out is Ellipsis:
            raise TypeError("must use `...` as `out=...` and not per-operand/in a tuple")
    if out is None or out is Ellipsis:
        return None
    if hasattr(out, "__array_interface__") and not isinstance(out, _core.ndarray):
        return _core.asarray(out, None, False)
    if not isinstance(out, _core.ndarray) or isinstance(out, _core.generic):
        raise TypeError("return arrays must be of ArrayType")
    return out


def signature_dtype(name, dtype, signature, operands):
    """The type that dtype= or signature= asks to calculate in."""
    if signature is None:
        return dtype
    if dtype is not None:
        raise TypeError("cannot specify both 'signature' and 'dtype'")
    if isinstance(signature, bytes):
        signature = signature.decode("ascii")
    if not isinstance(signature, (str, tuple)):
        raise TypeError(f"the signature object to ufunc must be a string or a tuple, not {type(signature).__name__}")
    if len(signature) == 1:
        raise TypeError("a signature of one type is not allowed: use `dtype`, or fill the tuple with None")
    if isinstance(signature, str):
        signature = letters(signature, operands, name)
    if len(signature) != operands + 1:
        raise ValueError(f"a type-tuple must be specified of length {operands + 1} for ufunc '{name}'")
    kinds = {_core.dtype(s) for s in signature[:operands] if s is not None} or \
        {_core.dtype(s) for s in signature[operands:] if s is not None}
    if len(kinds) > 1:
        raise TypeError(f"No loop matching the specified signature and casting was found for ufunc {name}")
    return kinds.pop() if kinds else None


def letters(signature, operands, name):
    """The types of a text like dd->d."""
    if len(signature) != operands + 3 or signature[operands:operands + 2] != "->":
        raise ValueError(f"a type-string for {name}, requires {operands} typecode(s) before and 1 after the -> sign")
    try:
        return tuple(map(_core.dtype, signature.replace("->", "")))
    except _core.UnsupportedDTypeError:
        raise
    except TypeError:
        raise ValueError(f"{name}: {signature!r} names no types") from None


def number_fits(x, loop, casting):
    """Whether one of Python's numbers may be calculated with as an element of the type."""
    if casting in ("no", "equiv") and isinstance(x, (float, complex)) and not isinstance(x, int):
        return asarray(x).dtype == loop
    order = {bool: "biufc", int: "iufc", float: "fc", complex: "c"}
    return casting == "unsafe" or loop.kind in order[type(x)]


def shape_text(shape):
    return str(tuple(shape)).replace(" ", "")


def fits(shape, other):
    """Whether an array of that shape can be broadcast to the other."""
    return len(shape) <= len(other) and all(n in (1, m) for n, m in zip(reversed(shape), reversed(other)))


def cast_error(name, what, a, b, casting):
    raise TypeError(f"Cannot cast ufunc '{name}' {what} from {a!r} to {b!r} with casting rule '{casting}'")


def into(y, out, name, casting, where=True):
    if out is None:
        return y
    if out.shape != y.shape and not fits(y.shape, out.shape):
        raise ValueError(f"non-broadcastable output operand with shape {shape_text(out.shape)} doesn't match the broadcast "
                         f"shape {shape_text(y.shape)}")
    if not can_cast(y.dtype, out.dtype, casting):
        cast_error(name, "output", y.dtype, out.dtype, casting)
    copyto(out, y, "unsafe", where)
    return out


def elementwise(op, args, kwds):
    """op(*args) with NumPy's further arguments."""
    where, casting, order = kwds.pop("where", True), kwds.pop("casting", "same_kind"), kwds.pop("order", "K")
    kwds.pop("subok", None)
    signature = kwds.pop("signature", None)
    signature = kwds.pop("sig", None) if signature is None else signature
    check_casting(casting)
    n = op.nin
    args, given = list(args[:n]), args[n:]
    out, dtype = the_out(kwds.pop("out", given[0] if given else None)), kwds.pop("dtype", None)
    if len(args) < n:
        raise TypeError(f"{op.__name__}() takes from {n} to {n + 1} positional arguments but {len(args)} were given")
    if kwds:
        unexpected(op.__name__, kwds)
    dtype = signature_dtype(op.__name__, dtype, signature, n)
    if dtype is not None and _core.dtype(dtype) == "bool" and all(t.endswith("?") for t in op.types):
        dtype = None  # it is what the result has anyway
    loop = _core.dtype(dtype) if dtype is not None else result_type(*args) if casting in ("no", "equiv") else None
    for i, x in enumerate(args):
        number = type(x) in (bool, int, float, complex)
        if loop is not None and not (number_fits(x, loop, casting) if number else can_cast(asarray(x).dtype, loop, casting)):
            cast_error(op.__name__, f"input {i}", asarray(x).dtype, loop, casting)
    if dtype is None:
        y = op(*args)
    else:
        args = [float(x) if type(x) is int and loop.kind in "fc" else x for x in args]  # of any size
        y = op(*(_errors.cast(asarray(x), loop) for x in args))
        if loop.kind in "biu" and y.dtype.kind in "fc":
            raise TypeError(f"No loop matching the specified signature and casting was found for ufunc {op.__name__}")
    if where is not True:
        if out is None:
            warnings.warn("'where' used without 'out', expect unitialized memory in output. If this is intentional, use "
                          "out=None.", UserWarning, stacklevel=3)
        given, where = where, asarray(where)
        if where.dtype != "bool":
            if hasattr(given, "dtype"):
                raise TypeError(f"Cannot cast array data from {where.dtype!r} to dtype('bool') according to the rule 'safe'")
            where = _core.asarray(where, "bool", None)
        from ._manip import broadcast_shapes
        shape = broadcast_shapes(y.shape, where.shape)
        out = _core.empty(shape, y.dtype) if out is None else out
        y = _core.broadcast_to(y, shape)
    return in_order(into(y, out, op.__name__, casting, where), order, out)


def builtins_any(x):
    for each in x:
        if each:
            return True
    return False


def axes_of(axis, ndim):
    if axis is None:
        return tuple(range(ndim))
    if ndim == 0 and axis in (0, -1, ()):
        return ()
    return as_axes(axis, ndim)


def fold(self, a, first, where):
    """The elements along the first axis, one after the other."""
    n = a.shape[0]
    y, start = (a[0], 1) if first is None else (first, 0)
    for i in range(start, n):
        new = self(y, a[i])
        y = new if where is None else ops["where"](where[i], new, y)
    return y


def reduce(self, array, axis=0, dtype=None, out=None, keepdims=False, initial=NOTHING, where=True):
    """The elements along the axes as one: self(self(a[0], a[1]), a[2])…"""
    name = self.__name__
    if self.nin != 2 or not self.elementwise:
        raise ValueError("reduce only supported for binary functions")
    a, out = asarray(array), the_out(out)
    axes = axes_of(axis, a.ndim)
    if dtype is None and out is not None and name in ("add", "multiply"):
        dtype = out.dtype
    known = REDUCTIONS.get(name)
    if dtype is not None and known not in ("sum", "prod"):
        a, dtype = _core.asarray(a, dtype, None), None
    identity = IDENTITIES.get(name)
    if name in ("minimum", "maximum", "fmin", "fmax") or len(axes) > 1 and name in ("subtract", "divide", "pow"):
        if len(axes) > 1 and name in ("subtract", "divide", "pow"):
            raise ValueError(f"reduction operation '{name}' is not reorderable, so at most one axis may be specified")
    empty = builtins_any(a.shape[i] == 0 for i in axes)
    if empty and (initial is NOTHING and identity is None or initial is None):
        raise ValueError(f"zero-size array to reduction operation {name} which has no identity")
    if where is not True:
        where = asarray(where, "bool")
        if identity is None and (initial is NOTHING or initial is None):
            raise ValueError(f"reduction operation '{name}' does not have an identity, so to use a where mask one has to "
                             "specify 'initial'")
    if known and (not empty or identity is not None):
        if where is not True:
            rest = identity if identity is not None else _core.asarray(initial, a.dtype, None)
            kept = a if a.dtype.kind != "b" or known in ("all", "any") else _core.asarray(a, "int64", None)
            a = ops["where"](where, kept, rest)
        more = {"keepdims": keepdims} if dtype is None else {"keepdims": keepdims, "dtype": dtype}
        y = ops[known](a, axes, **more) if axes or a.ndim == 0 else unreduced(a, known, dtype)
        if initial is not NOTHING and initial is not None:
            y = negative_zeros(self(y, initial), a, axes, keepdims, initial) if known == "sum" else self(y, initial)
    else:
        y = folded(self, a, axes, initial, identity, where, keepdims)
    if out is not None and out.shape != y.shape:
        raise ValueError(f"non-broadcastable output operand with shape {shape_text(out.shape)} doesn't match the broadcast "
                         f"shape {shape_text(y.shape)}")
    return into(y, out, name, "same_kind" if out is None else "unsafe")


def negative_zeros(y, a, axes, keepdims, initial):
    """A sum that begins with -0 stays -0 as long as it meets no other number; the table's begins with 0."""
    initial = asarray(initial)
    if initial.ndim or initial.dtype.kind not in "fc" or y.dtype.kind not in "fc":
        return y
    if y.dtype.kind == "c":
        return _core.complex(*(negative_zeros(f(asarray(y)), f(a), axes, keepdims, f(initial)) for f in (_core.real, _core.imag)))
    if initial != 0 or not ops["signbit"](initial):
        return y
    negative = ops["all"](ops["signbit"](a), axes, keepdims=keepdims)
    return ops["where"](negative & (y == 0), _core.asarray(-0.0, y.dtype, None), y)[()]


def unreduced(a, known, dtype):
    """A reduction over no axes: every element alone."""
    return ops[known](_core.unsqueeze(a, 0), 0) if dtype is None else ops[known](_core.unsqueeze(a, 0), 0, dtype)


def folded(self, a, axes, initial, identity, where, keepdims):
    rest = [i for i in range(a.ndim) if i not in axes]
    shape = [a.shape[i] for i in rest]

    def lines(x):
        return _core.reshape(_core.permute(x, [*axes, *rest]), [count(a.shape[i] for i in axes), *shape])

    masks = None if where is True else lines(_core.broadcast_to(where, a.shape))
    first = None
    if initial is not NOTHING and initial is not None:
        first = _core.broadcast_to(_core.asarray(initial, None, None), shape)
    elif identity is not None and (masks is not None or builtins_any(a.shape[i] == 0 for i in axes)):
        start = identity if identity == identity // 1 and abs(identity) < 2 else float(identity)
        first = _core.broadcast_to(_core.asarray(start, a.dtype if a.dtype.kind != "u" or start >= 0 else None, None)
                                   if start != -1 else ~_core.zeros((), a.dtype), shape)
    y = fold(self, lines(a), first, masks)
    y = ops["copy"](y)
    return _core.reshape(y, [1 if i in axes else n for i, n in enumerate(a.shape)]) if keepdims else y


def count(sizes):
    n = 1
    for size in sizes:
        n *= size
    return n


def accumulate(self, array, axis=0, dtype=None, out=None):
    """The results of reduce over the first elements, the first two, …"""
    if self.nin != 2 or not self.elementwise:
        raise ValueError("accumulate only supported for binary functions")
    a, out = asarray(array), the_out(out)
    if a.ndim == 0:
        raise TypeError("cannot accumulate on a scalar")
    axis = as_axis(axis, a.ndim)
    if out is not None and out.shape != a.shape:
        raise ValueError(f"operands could not be broadcast together with shapes {a.shape} {out.shape}")
    known = SCANS.get(self.__name__)
    if known in ("cumsum", "cumprod"):
        return into(ops[known](a, axis, dtype), out, self.__name__, "unsafe")
    a = a if dtype is None else _core.asarray(a, dtype, None)
    if known and a.size:
        return into(ops[known](a, axis), out, self.__name__, "unsafe")
    lines = _core.moveaxis(a, axis, 0)
    parts = [lines[0]] if lines.shape[0] else []
    for i in range(1, lines.shape[0]):
        parts.append(self(parts[-1], lines[i]))
    y = _core.moveaxis(_core.stack(parts, 0), 0, axis) if parts else ops["copy"](a)
    return into(y, out, self.__name__, "unsafe")


def reduceat(self, array, indices, axis=0, dtype=None, out=None):
    """reduce over the slices between neighbouring indices; the element alone where the next is not greater."""
    if self.nin != 2 or not self.elementwise:
        raise ValueError("reduceat only supported for binary functions")
    a, out, places = asarray(array), the_out(out), [operator.index(i) for i in asarray(indices, "int64").tolist()]
    axis = as_axis(axis, a.ndim)
    lines, n = _core.moveaxis(a, axis, 0), a.shape[axis]
    parts = []
    for i, start in enumerate(places):
        if not 0 <= start < n:
            raise IndexError(f"index {start} out-of-bounds in {self.__name__}.reduceat [0, {n})")
        stop = places[i + 1] if i + 1 < len(places) else n
        parts.append(reduce(self, lines[start:stop if stop > start else start + 1], 0, dtype))
    if parts:
        y = _core.moveaxis(_core.stack(parts, 0), 0, axis)
    else:
        y = _core.zeros([*a.shape[:axis], 0, *a.shape[axis + 1:]], dtype or a.dtype)
    if out is not None and out.shape != y.shape:
        raise ValueError(f"operands could not be broadcast together with shapes {y.shape} {out.shape}")
    return into(y, out, self.__name__, "unsafe")


def outer(self, A, B, /, **kwds):
    """self of every pair of an element of A and one of B."""
    if self.nin != 2 or not self.elementwise:
        raise ValueError("outer product only supported for binary functions")
    a, b = asarray(A), asarray(B)
    return self(_core.reshape(a, [*a.shape, *[1] * b.ndim]), b, **kwds)


def at(self, a, indices, b=NOTHING, /):
    """a[indices] = self(a[indices], b), one index after the other, so that repeated ones count as often."""
    if not self.elementwise or self.nin > 2:
        raise TypeError("at only supported for unary and binary functions")
    if (self.nin == 2) == (b is NOTHING):
        raise ValueError("second operand needed for ufunc" if b is NOTHING else
                         "second operand provided when ufunc is unary")
    if hasattr(a, "__array_interface__") and not isinstance(a, _core.ndarray):
        a = _core.asarray(a, None, False)
    if not isinstance(a, _core.ndarray) or isinstance(a, _core.generic):
        raise TypeError("first operand must be array")
    places = _core.reshape(_core.arange_int("int64", 0, a.size, 1), a.shape)[indices]
    operands = () if b is NOTHING else (_core.ravel(_core.broadcast_to(asarray(b), places.shape)),)
    line = _core.ravel(a) if a.c_contiguous else _core.asarray(_core.ravel(a), None, True)
    for turn in turns(_core.ravel(places).tolist()):
        at_, turn = _core.asarray([p for p, _ in turn], "int64", None), _core.asarray([i for _, i in turn], "int64", None)
        y = self(line[at_], *(x[turn] for x in operands))
        line[at_] = _core.asarray(y, a.dtype, None)
    if not _core.overlap(line, a):
        a[...] = _core.reshape(line, a.shape)


def turns(places):
    """[(place, number), …] such that no place is twice in one list."""
    seen, lists = {}, []
    for i, place in enumerate(places):
        turn = seen.get(place, 0)
        seen[place] = turn + 1
        if turn == len(lists):
            lists.append([])
        lists[turn].append((place, i))
    return lists


def resolve_dtypes(self, dtypes, *, signature=None, casting=None, reduction=False):
    """The types an operation would take and give for operands of these."""
    known = [_core.zeros((), d) if isinstance(d, _core.dtype) else d(1) for d in dtypes[:self.nin]]
    y = self(*(_core.asarray(x, None, None) if isinstance(x, _core.ndarray) else x for x in known))
    loop = result_type(*known) if self.nin > 1 else known[0].dtype
    return (*[loop if y.dtype.kind == "b" else y.dtype] * self.nin, y.dtype)


def masked_count(a, axes, where, keepdims):
    return ops["sum"](_core.broadcast_to(where, a.shape), axes, keepdims=keepdims)


def moments(name, args, kwds):
    """mean, var and std with where= and mean=."""
    where, mean, initial = kwds.pop("where", True), kwds.pop("mean", None), kwds.pop("initial", NOTHING)
    names = ["a", "axis", "dtype", "out"] + ([] if name == "mean" else ["ddof"]) + ["keepdims"]
    given = dict(zip(names, args), **kwds)
    ddof = given.pop("correction", given.pop("ddof", 0))
    a, axis, dtype, out = asarray(given.pop("a")), given.pop("axis", None), given.pop("dtype", None), given.pop("out", None)
    keepdims = given.pop("keepdims", False)
    if given or initial is not NOTHING:
        unexpected(name, given or {"initial": initial})
    kind = result_type(a, 1.0) if dtype is None else dtype
    axes = axes_of(axis, a.ndim)
    where = _core.asarray(True if where is True else where, "bool", None)
    n = masked_count(a, axes, where, True)
    average = mean
    if mean is None:
        average = ops["sum"](ops["where"](where, a, 0), axes, kind, None, True) / n
    y = average
    if name != "mean":
        d = ops["where"](where, a - average, 0)
        square = ops["square"](ops["absolute"](d))
        y = ops["sum"](square, axes, None, None, True) / ops["maximum"](n - ddof, 0)
        y = ops["sqrt"](y) if name == "std" else y
    y = y if keepdims else _core.reshape(y, [s for i, s in enumerate(y.shape) if i not in axes])
    if _core.dtype(kind).kind == "c" and name != "mean":
        kind = "float32" if kind == "complex64" else "float64"
    y = _core.asarray(y, y.dtype if dtype is None and name == "mean" else kind, None)
    return into(y, the_out(out), name, "unsafe")


def gufunc(op, args, kwds):
    """matmul and vecdot with axes=, axis=, keepdims= and casting=."""
    axes, axis, keepdims = kwds.pop("axes", None), kwds.pop("axis", None), kwds.pop("keepdims", False)
    casting, order = kwds.pop("casting", "same_kind"), kwds.pop("order", "K")
    kwds.pop("subok", None)
    dtype = signature_dtype(op.__name__, kwds.pop("dtype", None), kwds.pop("signature", kwds.pop("sig", None)), 2)
    out = the_out(kwds.pop("out", args[2] if len(args) > 2 else None))
    check_casting(casting)
    if kwds:
        unexpected(op.__name__, kwds)
    operands = [asarray(x, dtype) for x in args[:2]]
    of_result = None
    if axes is not None and axis is not None:
        raise TypeError("cannot specify both 'axis' and 'axes'")
    own, of_one = CORES[op.__name__]
    if axis is not None:
        if op.__name__ != "vecdot":
            raise TypeError(f"{op.__name__}: axis can only be used with a single shared core dimension")
        axes = [axis, axis]
    if axes is not None:
        axes = [(operator.index(x),) if hasattr(x, "__index__") else tuple(x) for x in axes]
        if len(axes) < 2:
            raise ValueError(f"{op.__name__}: axes should be a list with an entry for all 3 inputs and outputs")
        for i in range(2):
            core = builtins_min(own[i], operands[i].ndim) if op.__name__ == "matmul" else own[i]
            if len(axes[i]) != core:
                raise AxisError(f"{op.__name__}: operand {i} has {core} core dimensions, but {len(axes[i])} dimensions are "
                                "specified by axes tuple.")
            operands[i] = to_back(operands[i], axes[i])
        of_result = axes[2] if len(axes) > 2 else None
        if of_result is not None and op.__name__ == "vecdot" and len(of_result) != bool(keepdims):
            raise AxisError(f"vecdot: operand 2 has {int(keepdims)} core dimensions, but {len(of_result)} dimensions are "
                            "specified by axes tuple.")
    y = of_one(*operands)
    if keepdims and op.__name__ == "vecdot":
        y = _core.unsqueeze(y, -1 if axis is None else as_axis(axis, y.ndim + 1))
    elif keepdims:
        raise TypeError(f"{op.__name__} does not support keepdims")
    if of_result:
        y = from_back(y, of_result)
    return in_order(into(y, out, op.__name__, casting), order, out)


CORES = {"matmul": ((2, 2), ops["matmul"]), "vecdot": ((1, 1), ops["vecdot"]), "matvec": ((2, 1), _core.matvec),
         "vecmat": ((1, 2), lambda a, b: _core.vecmat(_core.conjugate(a), b))}
builtins_min = min


def to_back(a, axes):
    axes = as_axes(axes, a.ndim)
    return _core.permute(a, [*(i for i in range(a.ndim) if i not in axes), *axes])


def from_back(a, axes):
    axes = as_axes(axes, a.ndim)
    order = list(range(a.ndim - len(axes)))
    for to, place in sorted(zip(axes, range(a.ndim - len(axes), a.ndim))):
        order.insert(to, place)
    return _core.permute(a, order)


def take(a, indices, axis=None, out=None, mode="raise"):
    """take with indices outside the axis wrapped around, or at its nearest end."""
    from ._places import bounded
    a, indices = asarray(a), asarray(indices, "int64")
    n = a.size if axis is None else a.shape[as_axis(axis, a.ndim)]
    if n == 0 and indices.size:
        raise IndexError("cannot do a non-empty take from an empty axes.")
    return ops["take"](a, bounded(indices, n, mode) if n else indices, axis, out)


def general(name, args, kwds):
    """What the extension calls for arguments outside an operation's form."""
    op = ops[name]
    if op.elementwise:
        return elementwise(op, args, kwds)
    if name in ("mean", "var", "std"):
        return moments(name, args, kwds)
    if name in ("matmul", "vecdot"):
        return gufunc(op, args, kwds)
    if name == "take" and set(kwds) <= {"a", "indices", "axis", "out", "mode"}:
        return take(**dict(zip(("a", "indices", "axis", "out", "mode"), args)), **kwds)
    kinds = {known: own for own, known in REDUCTIONS.items()}
    kwds.pop("subok", None)
    if name in kinds and set(kwds) <= {"axis", "dtype", "out", "keepdims", "initial", "where"}:
        names = ["a", "axis", "dtype", "out", "keepdims"] if name in ("sum", "prod") else ["a", "axis", "out", "keepdims"]
        given = {"axis": None, **dict(zip(names, args)), **kwds}
        return reduce(ops[kinds[name]], given.pop("a"), **given)
    unexpected(name, {k: v for k, v in kwds.items() if k not in ("axis", "out", "keepdims")} or kwds)


def signature_of(self):
    """A call's parameters, as inspect has them."""
    kinds = inspect.Parameter
    names = ("x",) if self.nin == 1 else [f"x{i + 1}" for i in range(self.nin)]
    given = [kinds(n, kinds.POSITIONAL_ONLY) for n in names]
    given.append(kinds("out", kinds.POSITIONAL_OR_KEYWORD, default=None if self.nout == 1 else (None,) * self.nout))
    own = {"where": True} if self.signature is None else {"axes": NOTHING, "axis": NOTHING, "keepdims": False}
    common = {"casting": "same_kind", "order": "K", "dtype": None, "subok": True, "signature": None}
    return inspect.Signature(given + [kinds(n, kinds.KEYWORD_ONLY, default=d) for n, d in {**own, **common}.items()])


class Kind(type):
    def __instancecheck__(cls, x):
        return isinstance(x, (_core.operation, Several)) and (x.elementwise or x.signature is not None)


class ufunc(metaclass=Kind):
    """The operations of the table that work element by element, or on vectors and matrices of it."""

    def __call__(self, *args, **kwds):
        raise TypeError("cannot create 'trueno.ufunc' instances")

    reduce, accumulate, reduceat, outer, at, resolve_dtypes = reduce, accumulate, reduceat, outer, at, resolve_dtypes


class Several:
    """An elementwise function of several operations of the table, with the manner of one."""
    elementwise, identity, signature = True, None, None

    def __init__(self, name, nin, nout, f, types, doc, cast=2):
        self.cast = cast  # operands that dtype= is about
        self.__name__ = self.__qualname__ = name
        self.nin, self.nout, self.f, self.types, self.__doc__ = nin, nout, f, types, doc
        self.nargs, self.ntypes = nin + nout, len(types)

    def __repr__(self):
        return f"<ufunc '{self.__name__}'>"

    def __call__(self, *args, out=None, where=True, casting="same_kind", order="K", dtype=None, subok=True, signature=None,
                 sig=None):
        check_casting(casting)
        if not self.nin <= len(args) <= self.nargs:
            raise TypeError(f"{self.__name__}() takes from {self.nin} to {self.nargs} positional arguments but {len(args)} "
                            "were given")
        outs = args[self.nin:] or (out if isinstance(out, tuple) else (out,) * (1 if self.nout == 1 else 0))
        if out is not None and not isinstance(out, tuple) and self.nout > 1:
            raise TypeError("'out' must be a tuple of arrays")
        outs = tuple(outs) + (None,) * (self.nout - len(outs))
        if len(outs) != self.nout:
            raise ValueError("The 'out' tuple must have exactly one entry per ufunc output")
        dtype = signature_dtype(self.__name__, dtype, sig if signature is None else signature, self.nin)
        operands = [x if isinstance(x, (bool, int, float)) and (dtype is None or i) else
                    asarray(x, dtype if i < self.cast else None) for i, x in enumerate(args[:self.nin])]
        ys = self.f(*operands)
        ys = ys if self.nout > 1 else (ys,)
        ys = tuple(placed(y, the_out(o), self.__name__, casting, where) for y, o in zip(ys, outs))
        return ys if self.nout > 1 else ys[0]

    reduce, accumulate, reduceat, outer, at = reduce, accumulate, reduceat, outer, at
    __signature__ = property(signature_of)

    def __reduce__(self):
        return self.__name__


class Product(Several):
    """A product of vectors and matrices that is none of the table, with the manner of one that is."""
    elementwise = False

    def __init__(self, name, signature, types, doc):
        super().__init__(name, 2, 1, None, types, doc)
        self.signature = signature

    def __call__(self, *args, **kwds):
        return gufunc(self, args, kwds)


def placed(y, out, name, casting, where):
    if where is not True and out is None:
        out = _core.empty(y.shape, y.dtype)
    return into(y, out, name, casting, where) if out is not None or y.ndim else y[()]


def _divmod(a, b):
    a, b = (x if isinstance(x, (int, float)) else asarray(x) for x in (a, b))
    return ops["floor_divide"](a, b), ops["remainder"](a, b)


def floats(x):
    x = asarray(x)
    return x if x.dtype.kind == "f" else _core.asarray(x, result_type(x, _core.dtype("float16")), None) if x.itemsize < 2 else \
        _core.asarray(x, "float32" if x.itemsize == 2 else "float64", None)


def _modf(x):
    x = floats(x)
    whole = ops["trunc"](x)
    part = ops["where"](ops["isinf"](x), _core.asarray(0, x.dtype, None), x - whole)
    return ops["copysign"](part, x), whole


def bits_of(x):
    """(bits, type of them, bits of mantissa, bias) of a floating array."""
    kind, mantissa, bias = {2: ("int16", 10, 15), 4: ("int32", 23, 127), 8: ("int64", 52, 1023)}[x.itemsize]
    x = _core.asarray(x, None, True)
    strides = [s // x.itemsize for s in x.strides]
    return _core.reinterpret(x, kind, x.shape, strides, 0, False), kind, mantissa, bias


def from_bits(bits, dtype):
    bits = _core.asarray(bits, None, True)
    return _core.reinterpret(bits, dtype, bits.shape, [s // bits.itemsize for s in bits.strides], 0, False)


def _frexp(x):
    x = floats(x)
    tiny = ops["absolute"](x) < 2.0 ** {2: -14, 4: -126, 8: -1022}[x.itemsize]
    up = {2: 12, 4: 25, 8: 54}[x.itemsize]
    scaled = ops["where"](tiny, x * _core.asarray(2.0 ** up, x.dtype, None), x)
    bits, kind, mantissa, bias = bits_of(scaled)
    ones = 2 * bias + 1
    exponent = (bits >> mantissa & ones) - (bias - 1)
    fraction = from_bits(bits & ~(ones << mantissa) | bias - 1 << mantissa, x.dtype)
    exponent = ops["where"](tiny, exponent - up, exponent)
    whole = ~ops["isfinite"](x) | (x == 0)
    return ops["where"](whole, x, fraction), _core.asarray(ops["where"](whole, 0, exponent), "int32", None)


def _ldexp(x, n):
    x, n = floats(x), asarray(n)
    if n.dtype.kind not in "iub" or n.dtype == "uint64":
        raise TypeError("ufunc 'ldexp' not supported for the input types: the exponent is to be an integer")
    n = ops["clip"](_core.asarray(n, "int64", None), -5000, 5000)
    y = _core.asarray(x, "float64", None)
    for _ in range(3):  # in steps whose powers are numbers, and so that only the last can round
        step = ops["clip"](n, -1000, 1000) if _ < 2 else n
        if x.itemsize == 8 and _ == 0:
            m, e = _frexp(y)
            y, n = m, n + e
            step = ops["clip"](n, -900, 900)
        y = y * ops["exp2"](_core.asarray(ops["clip"](step, -1000, 1000), "float64", None))
        n = n - ops["clip"](step, -1000, 1000)
    return _core.asarray(y, x.dtype, None)


def _spacing(x):
    x = floats(x)
    if x.itemsize == 2:  # the one above, whatever the sign
        y = _nextafter(x, _core.asarray(float("inf"), x.dtype, None)) - x
        return ops["where"](ops["isfinite"](x), y, _core.asarray(float("nan"), x.dtype, None))
    bits = bits_of(ops["absolute"](x))[0]
    y = ops["copysign"](from_bits(bits + 1, x.dtype) - ops["absolute"](x), ops["where"](x < 0, x, ops["absolute"](x)))
    return ops["where"](ops["isfinite"](x), y, _core.asarray(float("nan"), x.dtype, None))


def _nextafter(x, y):
    """Of halves by their bits: as numbers of float32, which the table calculates in, they are far apart."""
    kind = result_type(x, y)
    if kind != "float16":
        return ops["nextafter"](x, y)
    x, y = broadcast_arrays(_core.asarray(x, kind, None), _core.asarray(y, kind, None))
    bits = bits_of(x)[0]
    away = (y > x) == (x >= 0)
    stepped = ops["where"](x == 0, ops["where"](y > 0, 1, -0x7fff), ops["where"](away, bits + 1, bits - 1))
    stepped = from_bits(_core.asarray(stepped, "int16", None), kind)
    return ops["where"](ops["isnan"](x) | ops["isnan"](y), x + y, ops["where"](x == y, y, stepped))


def _bitwise_count(x):
    x = asarray(x)
    if x.dtype.kind not in "iub":
        raise TypeError("ufunc 'bitwise_count' not supported for the input types")
    wide = _core.asarray(ops["absolute"](x) if x.dtype.kind == "i" else x, "uint64", None)
    total = _core.zeros(x.shape, "uint64")
    for i in range(8 * x.itemsize):
        total = total + (wide >> i & 1)
    return _core.asarray(total, "uint8", None)


def _conjugate(x):
    return ops["copy"](_core.conjugate(asarray(x)))


FLOATS = ["e->e", "f->f", "d->d"]
divmod = Several("divmod", 2, 2, _divmod, [f"{2 * c}->{2 * c}" for c in "bBhHiIlLefd"], "Quotient, rounded down, and rest.")
modf = Several("modf", 1, 2, _modf, [f"{c}->{2 * c}" for c in "efd"], "Fraction and whole part, with the sign of x.")
frexp = Several("frexp", 1, 2, _frexp, [f"{c}->{c}i" for c in "efd"], "(m, e): x = m·2^e, |m| in [0.5, 1).")
ldexp = Several("ldexp", 2, 1, _ldexp, [f"{c}{e}->{c}" for c in "efd" for e in "il"], "x1·2^x2.", 1)
nextafter = Several("nextafter", 2, 1, _nextafter, [f"{2 * c}->{c}" for c in "efd"], ops["nextafter"].__doc__)
spacing = Several("spacing", 1, 1, _spacing, FLOATS, "Distance from x to the next number away from 0.")
bitwise_count = Several("bitwise_count", 1, 1, _bitwise_count, [f"{c}->B" for c in "bBhHiIlL"], "Bits that are 1 in |x|.")
conjugate = conj = Several("conjugate", 1, 1, _conjugate, [f"{c}->{c}" for c in "bBhHiIlLefdFD"], "The imaginary part negated.")
float_power = ops["float_power"]
fabs = Several("fabs", 1, 1, lambda x: ops["absolute"](floats(x)), FLOATS, "|x| as a floating-point number.")
matvec = Product("matvec", SIGNATURES["matvec"], ops["matmul"].types, "Matrices by vectors.")
vecmat = Product("vecmat", SIGNATURES["vecmat"], ops["matmul"].types, "Conjugated vectors by matrices.")


def install():
    _core.set_general(general)
    cls = _core.operation
    for f in (reduce, accumulate, reduceat, outer, at, resolve_dtypes):
        setattr(cls, f.__name__, f)
    cls.identity = property(lambda self: IDENTITIES.get(self.__name__))
    cls.signature = property(lambda self: SIGNATURES.get(self.__name__))
    cls.nargs = property(lambda self: self.nin + 1)
    cls.ntypes = property(lambda self: len(self.types))
    cls.__module__ = "trueno"


install()

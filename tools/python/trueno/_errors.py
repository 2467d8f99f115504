# SPDX-License-Identifier: MIT
"""Floating-point errors, as NumPy's errstate has them. The kernels keep no status flags: while anything but "ignore",
the default, is asked for, results are compared with their operands after each operation."""
import builtins
import contextvars
import operator
import warnings

from . import _core

__all__ = ["errstate", "geterr", "geterrcall", "seterr", "seterrcall"]
KINDS = ("divide", "over", "under", "invalid")
MODES = ("ignore", "warn", "raise", "call", "print", "log")
IGNORED = dict.fromkeys(KINDS, "ignore")
STATE = contextvars.ContextVar("errors", default=(IGNORED, None))
TEXTS = {"divide": "divide by zero encountered in {}", "over": "overflow encountered in {}",
         "under": "underflow encountered in {}", "invalid": "invalid value encountered in {}"}
# Whose infinite results of finite operands are poles, at these values of the last operand; None: all of them.
POLES = {"divide": (0,), "floor_divide": (0,), "reciprocal": (0,), "log": None, "log2": None, "log10": None,
         "log1p": None, "atanh": None, "lgamma": None, "rsqrt": (0,)}
EXACT = {"where", "copy", "astype", "absolute", "negative", "minimum", "maximum", "fmin", "fmax", "take", "clip", "sign"}


def geterr():
    return dict(STATE.get()[0])


def geterrcall():
    return STATE.get()[1]


def enter(modes, call):
    """The state from here on; the extension asks for checks only while there is something to do."""
    _core.set_check(check if any(m != "ignore" for m in modes.values()) else None)
    return STATE.set((modes, call))


def with_modes(all, named):
    modes = geterr()
    for kind in KINDS:
        mode = named.get(kind) or all
        if mode is not None:
            if mode not in MODES:
                raise ValueError(f"invalid error mode {mode!r}: {', '.join(MODES)}")
            modes[kind] = mode
    return modes


def seterr(all=None, divide=None, over=None, under=None, invalid=None):
    """Sets what is done about each kind of error; the modes before are returned."""
    before = geterr()
    enter(with_modes(all, {"divide": divide, "over": over, "under": under, "invalid": invalid}), geterrcall())
    return before


def seterrcall(func):
    """Sets the function, or object with a method write, of the modes call and log; the one before is returned."""
    before = geterrcall()
    if func is not None and not callable(func) and not callable(getattr(func, "write", None)):
        raise ValueError("Only callable can be used as callback")
    enter(geterr(), func)
    return before


class errstate:
    """A context, or decorator, with its own modes."""

    def __init__(self, *, call=Ellipsis, all=None, divide=None, over=None, under=None, invalid=None):
        self.call, self.all = call, all
        self.named = {"divide": divide, "over": over, "under": under, "invalid": invalid}
        self.before = None

    def __enter__(self):
        if self.before is not None:
            raise TypeError("Cannot enter `np.errstate` twice.")
        self.before = STATE.get()
        enter(with_modes(self.all, self.named), self.before[1] if self.call is Ellipsis else self.call)

    def __exit__(self, *exception):
        enter(*self.before)

    def __call__(self, f):
        import functools

        @functools.wraps(f)
        def within(*args, **kwds):
            with errstate(call=self.call, all=self.all, **self.named):
                return f(*args, **kwds)
        return within


def report(kind, name):
    modes, call = STATE.get()
    mode, text = modes[kind], TEXTS[kind].format(name)
    if mode == "raise":
        raise FloatingPointError(text)
    if mode == "warn":
        warnings.warn(text, RuntimeWarning, stacklevel=4)
    elif mode == "call":
        if call is None:
            raise NameError(f"python callback specified for {text} but no function found.")
        call(text.split(" encountered")[0], 1 << KINDS.index(kind))
    elif mode == "log":
        call.write(f"Warning: {text}\n")
    elif mode == "print":
        print(f"Warning: {text}")


def poles(name, last, found):
    """The places among found where an infinite result is a pole."""
    if name in POLES:
        values = POLES[name]
        return found if values is None else found & (last == values[0])
    return found & False


def of_floats(name, operands, y):
    ops = _core.ops
    some = [x for x in operands if x.dtype.kind in "fc"]
    nan, inf = ops["isnan"](y), ops["isinf"](y)
    for x in some:
        nan, inf = nan & ~ops["isnan"](x), inf & ops["isfinite"](x)
    zero_base = name in ("pow", "float_power") and inf & (operands[0] == 0)
    pole = zero_base if zero_base is not False else poles(name, operands[-1], inf)
    modes = STATE.get()[0]
    for kind, places in (("invalid", nan), ("divide", pole), ("over", inf & ~pole)):
        if modes[kind] != "ignore" and ops["any"](places):
            report(kind, name)
    if modes["under"] != "ignore" and name in ("multiply", "divide", "exp", "exp2", "pow", "square"):
        from ._types import finfo
        tiny = ops["absolute"](y) < finfo(y.dtype).smallest_normal
        for x in operands if name in ("multiply", "square") else operands[:1] if name == "divide" else ():
            tiny = tiny & (x != 0) & (ops["absolute"](x) >= finfo(y.dtype).smallest_normal)
        if ops["any"](tiny):
            report("under", name)


def of_integers(name, operands, y):
    if name not in ("floor_divide", "remainder", "fmod") or y.dtype.kind not in "iu":
        return
    modes, (a, b) = STATE.get()[0], operands
    if not y.size:
        return
    if modes["divide"] != "ignore" and _core.ops["any"](b == 0):
        report("divide", name)
    if modes["over"] != "ignore" and name == "floor_divide" and y.dtype.kind == "i":
        from ._types import iinfo
        if _core.ops["any"]((a == iinfo(y.dtype).min) & (b == -1)):
            report("over", name)


WRAPPED = {"add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "negative": operator.neg,
           "absolute": abs, "pow": operator.pow}


def of_scalars(name, operands, y):
    """Integers by themselves are looked at as NumPy does: one that does not fit its type is an overflow."""
    if name in WRAPPED and STATE.get()[0]["over"] != "ignore":
        numbers = [x.item() if isinstance(x, _core.generic) else x for x in operands]
        if name == "pow" and (numbers[1] < 0 or numbers[1] > 4096):
            return
        if y.item() != WRAPPED[name](*numbers):
            report("over", f"scalar {name}")


REDUCED = {"sum": "reduce", "prod": "reduce", "mean": "reduce", "cumsum": "accumulate", "cumprod": "accumulate",
           "matmul": "matmul", "vecdot": "vecdot"}


def of_reductions(name, operands, y):
    """A NaN or infinity that no operand had."""
    ops, modes = _core.ops, STATE.get()[0]
    if y.dtype.kind not in "fc":
        return
    for kind, odd, fine in (("invalid", ops["isnan"], None), ("over", ops["isinf"], ops["isfinite"])):
        if modes[kind] != "ignore" and ops["any"](odd(y)) and all(
                ops["all"](fine(x)) if fine else not ops["any"](odd(x)) for x in operands):
            report(kind, REDUCED[name])


def cast(a, dtype):
    """a as another type; what that cannot hold is reported."""
    y, dtype = _core.asarray(a, dtype, None), _core.dtype(dtype)
    modes, ops = STATE.get()[0], _core.ops
    if y is a or a.dtype.kind == "b" or dtype.kind in "iu" and a.dtype.kind in "iu" or \
            modes["invalid"] == modes["over"] == "ignore":
        return y
    real = _core.real(a)
    with errstate(all="ignore"):
        if dtype.kind in "iu":
            from ._types import iinfo
            limits = iinfo(dtype)
            bad = {"invalid": ~((real > limits.min - 1.0) & (real < limits.max + 1.0))}
        else:
            bad = {"over": ops["isinf"](_core.real(y)) & ops["isfinite"](real)} if dtype.kind in "fc" else {}
        bad = {kind: builtins.bool(ops["any"](places)) for kind, places in bad.items()}
    for kind, found in bad.items():
        if found and modes[kind] != "ignore":
            report(kind, "cast")
    return y


def check(name, operands, y, is_operator):
    """After an operation while checks are on: reports what its result shows."""
    if isinstance(y, _core.integer) and name in WRAPPED and all(isinstance(x, (_core.generic, int)) for x in operands):
        return of_scalars(name, operands, y) if is_operator else None
    if y.dtype.kind == "b" or name in EXACT or not (_core.ops[name].elementwise or name in REDUCED):
        return
    _core.set_check(None)
    try:
        operands = [_core.asarray(float(x) if type(x) is int and abs(x) >> 63 else x, None, None) for x in operands]
        of = of_reductions if name in REDUCED else of_floats if y.dtype.kind in "fc" else of_integers
        of(name, operands, y)
    finally:
        _core.set_check(check)

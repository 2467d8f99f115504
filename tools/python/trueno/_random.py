# SPDX-License-Identifier: MIT
"""trueno.random: generators with the methods of numpy.random.Generator, and functions of a global one.

A generator is a place in a stream of Philox4x32-10: the same numbers on every device and with any number of threads.
docs/numerics.md says which; they are not NumPy's.
"""
import hashlib
import math
import operator
import os
import struct
import sys

from . import _core
from ._create import asarray

LAYOUT = "<QQII"  # struct tr_generator: seed, position, stream, spawned
FIELDS = ("seed", "position", "stream", "spawned")
NUMBER = (int, float)


def shape_of(size):
    if size is None:
        return ()
    return (operator.index(size),) if hasattr(size, "__index__") else tuple(operator.index(n) for n in size)


def key(seed):
    """64 bits: those of an integer that has no more, else a hash."""
    if seed is None:
        return int.from_bytes(os.urandom(8), "little")
    if hasattr(seed, "__index__"):
        n = operator.index(seed)
        if n < 0:
            raise ValueError(f"expected non-negative integer: seed {n}")
        if n < 1 << 64:
            return n
        text = str(n)
    else:
        text = ",".join(str(key(n)) for n in seed)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def are_numbers(*values):
    return all(isinstance(v, NUMBER) for v in values)


def check(condition, name):
    """NumPy's words for a parameter that is not what it must be."""
    if not condition:
        raise ValueError(name)


def least(value):
    """The least of a number or an array of parameters; NaN if any is."""
    return value if isinstance(value, NUMBER) else float(_core.ops["min"](asarray(value))) if asarray(value).size else 0.0


class Generator:
    """default_rng(seed) makes one. Parameters that become location and scale may be arrays; the others are numbers."""

    def __init__(self, seed=None):
        self._state = bytearray(struct.pack(LAYOUT, key(seed), 0, 0, 0))

    # state

    @property
    def state(self):
        """{"seed", "position", "stream", "spawned"}: a copy; assigning it goes back there."""
        return dict(zip(FIELDS, struct.unpack(LAYOUT, self._state)))

    @state.setter
    def state(self, fields):
        self._state[:] = struct.pack(LAYOUT, *(fields[name] for name in FIELDS))

    def __getstate__(self):
        return self.state

    def __setstate__(self, fields):
        self._state = bytearray(struct.pack(LAYOUT, *(fields[name] for name in FIELDS)))

    def __repr__(self):
        return "Generator(Philox, seed={seed}, stream={stream}, position={position})".format(**self.state)

    def spawn(self, n_children):
        """Generators that share no numbers with this one or each other."""
        children = []
        for state in _core.random_spawn(self._state, n_children):
            child = Generator.__new__(Generator)
            child._state = state
            children.append(child)
        return children

    def jumped(self, jumps=1):
        """A generator at the beginning of the stream so many further on."""
        other = Generator.__new__(Generator)
        fields = self.state
        other.__setstate__({**fields, "position": 0, "stream": (fields["stream"] + jumps) % (1 << 32)})
        return other

    def advance(self, delta):
        """Passes over delta blocks of 16 bytes, or back if it is negative."""
        self.state = {**self.state, "position": (self.state["position"] + delta) % (1 << 64)}
        return self

    # draws

    def _fill(self, name, size, dtype, out, p=0.0, q=0.0):
        if out is None:
            out = _core.empty(shape_of(size), dtype)
        elif size is not None and shape_of(size) != out.shape:
            raise ValueError("size must match out.shape when used together")
        elif dtype is not None and out.dtype != _core.dtype(dtype):
            raise TypeError(f"Supplied output array has the wrong type. Expected {_core.dtype(dtype)}, got {out.dtype}")
        return _core.random_fill(name, self._state, out, p, q)

    def _spread(self, standard, size, *parameters):
        """A standard distribution of float64, of the parameters' shape if they have one and no size is given."""
        shape = _core.ops["add"](*map(asarray, parameters)).shape if len(parameters) == 2 else asarray(parameters[0]).shape
        return standard(shape if size is None else size)

    def random(self, size=None, dtype="float64", out=None):
        return self._fill("uniform", size, dtype, out, 0.0, 1.0)

    def uniform(self, low=0.0, high=1.0, size=None):
        if are_numbers(low, high):
            return self._fill("uniform", size, "float64", None, float(low), float(high))
        low, high = asarray(low), asarray(high)
        return self._spread(self.random, size, low, high) * (high - low) + low

    def standard_normal(self, size=None, dtype="float64", out=None):
        return self._fill("normal", size, dtype, out, 0.0, 1.0)

    def normal(self, loc=0.0, scale=1.0, size=None):
        if are_numbers(loc, scale):
            return self._fill("normal", size, "float64", None, float(loc), float(scale))
        check(least(scale) >= 0, "scale < 0")
        return self._spread(self.standard_normal, size, loc, scale) * asarray(scale) + asarray(loc)

    def standard_exponential(self, size=None, dtype="float64", method="zig", out=None):
        """method is for compatibility: the numbers are by inversion, of full precision on both sides."""
        return self._fill("exponential", size, dtype, out, 1.0)

    def exponential(self, scale=1.0, size=None):
        if are_numbers(scale):
            return self._fill("exponential", size, "float64", None, float(scale))
        check(least(scale) >= 0, "scale < 0")
        return self._spread(self.standard_exponential, size, scale) * asarray(scale)

    def standard_gamma(self, shape, size=None, dtype="float64", out=None):
        return self._fill("gamma", size, dtype, out, float(shape), 1.0)

    def gamma(self, shape, scale=1.0, size=None):
        return self._fill("gamma", size, "float64", None, float(shape), float(scale))

    def beta(self, a, b, size=None):
        return self._fill("beta", size, "float64", None, float(a), float(b))

    def poisson(self, lam=1.0, size=None):
        return self._fill("poisson", size, "int64", None, float(lam))

    def binomial(self, n, p, size=None):
        return _core.random_binomial(self._state, _core.empty(shape_of(size), "int64"), operator.index(n), float(p))

    def bernoulli(self, p=0.5, size=None):
        """bool, True with probability p."""
        return self._fill("bernoulli", size, "bool", None, float(p))

    def integers(self, low, high=None, size=None, dtype="int64", endpoint=False):
        """Of [low, high), or [0, low) without high; endpoint includes high."""
        low, high = (0, low) if high is None else (low, high)
        low, last = operator.index(low), operator.index(high) - (not endpoint)
        code = _core.dtype(dtype)
        if last < low:
            raise ValueError("low > high" if endpoint else "low >= high")
        bits = 8 * code.itemsize if code.kind != "b" else 1
        bounds = (-1 << bits - 1, (1 << bits - 1) - 1) if code.kind == "i" else (0, (1 << bits) - 1)
        if code.kind in "iub" and low < bounds[0]:
            raise ValueError(f"low is out of bounds for {code.name}")
        if code.kind in "iub" and last > bounds[1]:
            raise ValueError(f"high is out of bounds for {code.name}")
        out = _core.empty(shape_of(size), code)
        return _core.random_integers(self._state, out, low % (1 << 64), (last - low + 1) % (1 << 64))

    def bytes(self, length):
        words = self._fill("bits", -(-length // 8), "uint64", None)
        return memoryview(words).cast("B").tobytes()[:length]

    # orders

    def permutation(self, x, axis=0):
        """arange(x) in random order, or a copy of x with its slices along an axis in random order."""
        if hasattr(x, "__index__") and not isinstance(x, _core.ndarray):
            return _core.random_permutation(self._state, operator.index(x))
        x = _core.asarray(x, None, True)
        self.shuffle(x, axis)
        return x

    def shuffle(self, x, axis=0):
        """In place, as a whole along one axis."""
        if not isinstance(x, _core.ndarray):
            raise TypeError("shuffle: an array is needed, to be changed in place")
        _core.random_shuffle(self._state, x, axis)

    def choice(self, a, size=None, replace=True, p=None, axis=0, shuffle=True):
        """Elements of a, or of arange(a); without replacement always in random order."""
        whole = hasattr(a, "__index__") and not isinstance(a, _core.ndarray)
        a = operator.index(a) if whole else asarray(a)
        n = a if whole else a.shape[axis]
        if p is not None:
            p = memoryview(_core.asarray(asarray(p), "float64", True)).cast("B").tobytes()
        index = _core.random_choice(self._state, n, shape_of(size), replace, p)
        return index if whole else _core.ops["take"](a, index, axis)

    # distributions made of those above

    def chisquare(self, df, size=None):
        check(df > 0, "df <= 0")
        return self.gamma(df / 2, 2.0, size)

    def f(self, dfnum, dfden, size=None):
        return self.chisquare(dfnum, size) / dfnum / (self.chisquare(dfden, size) / dfden)

    def standard_t(self, df, size=None):
        normal = self.standard_normal(size)
        return normal / _core.ops["sqrt"](self.chisquare(df, size) / df)

    def standard_cauchy(self, size=None):
        return _core.ops["tan"]((self.random(size) - 0.5) * math.pi)

    def dirichlet(self, alpha, size=None):
        """Softmax of the logarithms of gamma variables, which does not fail for small alpha."""
        parts = [self._fill("loggamma", size, "float64", None, float(a), 1.0) for a in asarray(alpha).tolist()]
        check(least(alpha) > 0, "alpha <= 0")
        return _core.ops["softmax"](_core.stack(parts, -1), -1)

    def geometric(self, p, size=None):
        """Trials until the first success."""
        check(0 < p <= 1, "p <= 0, p > 1 or p contains NaNs")
        if p == 1:
            return _core.asarray(self.random(size) * 0 + 1, "int64", True)
        trials = _core.ops["floor"](self.standard_exponential(size) / -math.log1p(-p)) + 1
        return _core.asarray(trials, "int64", True)

    def gumbel(self, loc=0.0, scale=1.0, size=None):
        check(least(scale) >= 0, "scale < 0")
        return loc - self._two(size, loc, scale, lambda n: _core.ops["log"](self.standard_exponential(n)))

    def laplace(self, loc=0.0, scale=1.0, size=None):
        check(least(scale) >= 0, "scale < 0")
        return self._two(size, loc, scale, lambda n: self.standard_exponential(n) - self.standard_exponential(n)) + loc

    def logistic(self, loc=0.0, scale=1.0, size=None):
        check(least(scale) >= 0, "scale < 0")
        log = _core.ops["log"]
        return self._two(size, loc, scale, lambda n: log(_core.ops["expm1"](self.standard_exponential(n)))) + loc

    def _two(self, size, loc, scale, standard):
        return self._spread(standard, size, loc, scale) * scale

    def lognormal(self, mean=0.0, sigma=1.0, size=None):
        return _core.ops["exp"](self.normal(mean, sigma, size))

    def pareto(self, a, size=None):
        check(least(a) > 0, "a <= 0")
        return _core.ops["expm1"](self._spread(self.standard_exponential, size, a) / a)

    def power(self, a, size=None):
        check(least(a) > 0, "a <= 0")
        return _core.ops["pow"](-_core.ops["expm1"](-self._spread(self.standard_exponential, size, a)), 1.0 / a)

    def rayleigh(self, scale=1.0, size=None):
        check(least(scale) >= 0, "scale < 0")
        return _core.ops["sqrt"](self._spread(self.standard_exponential, size, scale) * 2) * scale

    def triangular(self, left, mode, right, size=None):
        check(left <= mode <= right and left < right, "left > mode, mode > right or left == right")
        u, middle = self.random(size), (mode - left) / (right - left)
        sqrt = _core.ops["sqrt"]
        below = left + sqrt(u * ((right - left) * (mode - left)))
        above = right - sqrt((1 - u) * ((right - left) * (right - mode)))
        return _core.ops["where"](u < middle, below, above)

    def weibull(self, a, size=None):
        check(least(a) > 0, "a <= 0")
        return _core.ops["pow"](self._spread(self.standard_exponential, size, a), 1.0 / a)


def default_rng(seed=None):
    """A generator; seed itself if it is one."""
    return seed if isinstance(seed, Generator) else Generator(seed)


_global = Generator()


def seed(seed=None):
    """Sets the generator behind this module's functions to the beginning of a seed."""
    _global.__init__(seed)


def get_state():
    return _global.state


def set_state(state):
    _global.state = state


def rand(*shape):
    return _global.random(shape)


def randn(*shape):
    return _global.standard_normal(shape)


def randint(low, high=None, size=None, dtype="int64"):
    return _global.integers(low, high, size, dtype)


def random_sample(size=None):
    return _global.random(size)


for _name in ("beta", "binomial", "bernoulli", "bytes", "chisquare", "choice", "dirichlet", "exponential", "f", "gamma",
              "geometric", "gumbel", "laplace", "logistic", "lognormal", "normal", "pareto", "permutation", "poisson", "power",
              "random", "rayleigh", "shuffle", "standard_cauchy", "standard_exponential", "standard_gamma",
              "standard_normal", "standard_t", "triangular", "uniform", "weibull"):
    globals()[_name] = getattr(_global, _name)

sys.modules[__package__ + ".random"] = sys.modules[__name__]  # for "from trueno.random import …"

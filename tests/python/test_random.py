# SPDX-License-Identifier: MIT
"""trueno.random: whether the numbers are distributed as they should be, and whether the methods are NumPy's.

Seeds are fixed, so that a test either always passes or never does. Bounds are those that a good generator passes with all but
about one seed in ten thousand.
"""
import math
import os
import pathlib
import pickle
import sys

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("TRUENO_BUILD", ROOT / "build/release"))
sys.path.insert(0, str(BUILD / "python"))
import trueno as tn  # noqa: E402

N = 400_000
SIGMAS = 4.2


def rng(seed=12345):
    return tn.random.default_rng(seed)


def draw(a):
    return np.asarray(a)


def kolmogorov(x, cdf):
    """√n times the largest distance between the empirical distribution and cdf; above 2.2 for one sample in ten thousand."""
    x = np.sort(np.asarray(x, np.float64).ravel())
    f, n = cdf(x), x.size
    return math.sqrt(n) * max((np.arange(1, n + 1) / n - f).max(), (f - np.arange(n) / n).max())


def chi_squared(counts, expected):
    """Pearson's statistic in standard deviations of its distribution, by Wilson and Hilferty's cube root."""
    counts, expected = np.asarray(counts, float), np.asarray(expected, float)
    k = counts.size - 1
    x = ((counts - expected) ** 2 / expected).sum()
    return ((x / k) ** (1 / 3) - (1 - 2 / (9 * k))) / math.sqrt(2 / (9 * k))


erf = np.vectorize(math.erf, otypes=[float])


def normal_cdf(x):
    """By erf at 20000 points, between which it is all but straight."""
    at = np.linspace(-8, 8, 20001)
    return np.interp(x, at, (1 + erf(at / math.sqrt(2))) / 2)


def gamma_cdf(a):
    """The regularised incomplete gamma function by its series."""
    def cdf(x):
        term = np.where(x > 0, np.exp(a * np.log(np.maximum(x, 1e-300)) - x - math.lgamma(a + 1)), 0)
        total, k = term.copy(), 1
        while (term > 1e-12 * total).any() and k < 2000:
            term = term * x / (a + k)
            total, k = total + term, k + 1
        return np.minimum(total, 1)
    return cdf


def logs(x):
    return np.log(np.maximum(x, 1e-300))


CONTINUOUS = {
    "uniform f32": (lambda g: g.random(N, dtype="float32"), lambda x: x),
    "uniform f64": (lambda g: g.random(N), lambda x: x),
    "uniform -3 to 5": (lambda g: g.uniform(-3, 5, N), lambda x: (x + 3) / 8),
    "normal f32": (lambda g: g.standard_normal(N, dtype="float32"), normal_cdf),
    "normal f64": (lambda g: g.standard_normal(N), normal_cdf),
    "normal 3, 0.1": (lambda g: g.normal(3, 0.1, N), lambda x: normal_cdf((x - 3) * 10)),
    "exponential f32": (lambda g: g.standard_exponential(N, dtype="float32"), lambda x: -np.expm1(-x)),
    "exponential f64": (lambda g: g.exponential(2.5, N), lambda x: -np.expm1(-x / 2.5)),
    "gamma 0.1": (lambda g: g.standard_gamma(0.1, N), gamma_cdf(0.1)),
    "gamma 0.7 f32": (lambda g: g.standard_gamma(0.7, N, dtype="float32"), gamma_cdf(0.7)),
    "gamma 1": (lambda g: g.standard_gamma(1, N), lambda x: -np.expm1(-x)),
    "gamma 2.5 by 3": (lambda g: g.gamma(2.5, 3, N), lambda x: gamma_cdf(2.5)(x / 3)),
    "gamma 50": (lambda g: g.standard_gamma(50, N), gamma_cdf(50)),
    "chisquare 3": (lambda g: g.chisquare(3, N), lambda x: gamma_cdf(1.5)(x / 2)),
    "beta 1, 3": (lambda g: g.beta(1, 3, N), lambda x: 1 - (1 - x) ** 3),
    "beta 0.02, 1": (lambda g: g.beta(0.02, 1, N), lambda x: x ** 0.02),
    "beta 1/2, 1/2": (lambda g: g.beta(0.5, 0.5, N), lambda x: 2 / math.pi * np.arcsin(np.sqrt(x))),
    "cauchy": (lambda g: g.standard_cauchy(N), lambda x: 0.5 + np.arctan(x) / math.pi),
    "student 2": (lambda g: g.standard_t(2, N), lambda x: 0.5 + x / (2 * np.sqrt(2 + x * x))),
    "f 2, 2": (lambda g: g.f(2, 2, N), lambda x: x / (1 + x)),
    "dirichlet": (lambda g: draw(g.dirichlet([1.0, 1, 1], N))[:, 0], lambda x: 1 - (1 - x) ** 2),
    "gumbel": (lambda g: g.gumbel(1, 2, N), lambda x: np.exp(-np.exp(-(x - 1) / 2))),
    "laplace": (lambda g: g.laplace(1, 2, N), lambda x: np.where(x < 1, np.exp(np.minimum(x - 1, 0) / 2) / 2,
                                                                 1 - np.exp(-np.maximum(x - 1, 0) / 2) / 2)),
    "logistic": (lambda g: g.logistic(1, 2, N), lambda x: 1 / (1 + np.exp(-(x - 1) / 2))),
    "lognormal": (lambda g: g.lognormal(0.5, 2, N), lambda x: normal_cdf((logs(x) - 0.5) / 2)),
    "pareto": (lambda g: g.pareto(2.5, N), lambda x: 1 - (1 + x) ** -2.5),
    "power": (lambda g: g.power(2.5, N), lambda x: x ** 2.5),
    "rayleigh": (lambda g: g.rayleigh(2, N), lambda x: -np.expm1(-x * x / 8)),
    "triangular": (lambda g: g.triangular(0, 1, 4, N), lambda x: np.where(x < 1, x * x / 4, 1 - (4 - x) ** 2 / 12)),
    "weibull": (lambda g: g.weibull(2.5, N), lambda x: -np.expm1(-x ** 2.5)),
}


@pytest.mark.parametrize("name", CONTINUOUS)
def test_distribution(name):
    make, cdf = CONTINUOUS[name]
    for seed in (1, 2):
        assert kolmogorov(make(rng(seed)), cdf) < 2.2


def test_kolmogorov_sees_what_it_should():
    """One part in a hundred of another shape is too much."""
    x = draw(rng().standard_normal(N))
    assert kolmogorov(x * 1.01, normal_cdf) > 2.2 and kolmogorov(x + 0.01, normal_cdf) > 2.2


def log_factorial(k):
    return np.vectorize(math.lgamma, otypes=[float])(np.asarray(k, float) + 1)


def poisson_pmf(lam):
    return lambda k: np.exp(k * math.log(lam) - lam - log_factorial(k))


def binomial_pmf(n, p):
    return lambda k: np.where(k <= n, np.exp(log_factorial(n) - log_factorial(k) - log_factorial(np.maximum(n - k, 0))
                                             + k * math.log(p) + (n - k) * math.log1p(-p)), 0)


def geometric_pmf(p):
    return lambda k: np.where(k > 0, p * (1 - p) ** np.maximum(k - 1.0, 0), 0)


DISCRETE = {f"poisson {lam}": (lambda g, lam=lam: g.poisson(lam, N), poisson_pmf(lam))
            for lam in (1e-3, 0.5, 3, 9.9, 10, 12.5, 100, 1e4)}
DISCRETE.update({f"binomial {n} {p}": (lambda g, n=n, p=p: g.binomial(n, p, N), binomial_pmf(n, p))
                 for n, p in ((1, 0.3), (20, 0.1), (20, 0.9), (20, 0.5), (25, 0.45), (100, 0.0999), (1000, 0.7), (10 ** 6, 1e-6),
                              (10 ** 6, 0.2))})
DISCRETE["geometric 0.3"] = (lambda g: g.geometric(0.3, N), geometric_pmf(0.3))
DISCRETE["integers 10"] = (lambda g: g.integers(10, size=N), lambda k: np.where(k < 10, 0.1, 0))


@pytest.mark.parametrize("name", DISCRETE)
def test_counts(name):
    """Pearson's test, values that are expected fewer than ten times taken together with their neighbours."""
    make, pmf = DISCRETE[name]
    x = draw(make(rng()))
    low, high = int(x.min()), int(x.max())
    k = np.arange(max(low - 100, 0), high + 100)
    expected = pmf(k) * N
    seen = np.bincount((x - k[0]).astype(int), minlength=k.size)
    bins, counts, total, count = [], [], 0, 0
    for e, c in zip(expected, seen):
        total, count = total + e, count + c
        if total >= 10:
            bins.append(total)
            counts.append(count)
            total = count = 0
    bins[-1] += total + N - expected.sum()
    counts[-1] += count
    assert sum(counts) == N
    if len(bins) > 1:
        assert abs(chi_squared(counts, bins)) < SIGMAS
    else:
        assert counts[0] == N


@pytest.mark.parametrize("lam", [1e6, 1e9, 1e14])
def test_large_poisson(lam):
    """As good as normal, corrected for its skewness by an eighth of a step of Wilson and Hilferty's."""
    x = draw(rng().poisson(lam, N)).astype(float)
    z = (3 * np.sqrt(lam)) * ((x + 2 / 3) / lam) ** (1 / 3) - 3 * math.sqrt(lam) if lam < 1e8 else (x - lam) / math.sqrt(lam)
    assert kolmogorov(z, normal_cdf) < 2.2


def test_large_binomial():
    n, p = 10 ** 12, 0.3
    x = draw(rng().binomial(n, p, N)).astype(float)
    assert kolmogorov((x - n * p) / math.sqrt(n * p * (1 - p)), normal_cdf) < 2.2


def test_tails_of_the_normal_distribution():
    """Counts beyond quantiles down to 10^-7, on either side, of 2^28 numbers."""
    tails = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7)
    at = [3.0902323061678132, 3.7190164854556804, 4.2648907939228247, 4.7534243088228987, 5.1993375821928165]
    g, block, blocks = rng(), 1 << 22, 64
    x = tn.empty(block, "float32")
    below, above = np.zeros(5), np.zeros(5)
    for _ in range(blocks):
        g.standard_normal(out=x, dtype="float32")
        far = draw(tn.masked_select(x, tn.abs(x) > 3)).astype(np.float64)
        below += [(far < -q).sum() for q in at]
        above += [(far > q).sum() for q in at]
    for i, p in enumerate(tails):
        expected = p * block * blocks
        assert abs(below[i] - expected) < SIGMAS * math.sqrt(expected)
        assert abs(above[i] - expected) < SIGMAS * math.sqrt(expected)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_ends(dtype):
    """[0, 1); and tails of the exponential distribution as thin as they should be."""
    g, n = rng(), 1 << 22
    u = draw(g.random(n, dtype=dtype))
    assert u.dtype == dtype and u.min() >= 0 and u.max() < 1
    assert abs((u < 1e-4).sum() - n * 1e-4) < SIGMAS * math.sqrt(n * 1e-4)
    e = draw(g.standard_exponential(n, dtype=dtype)).astype(np.float64)
    assert e.min() > 0
    for t in (5, 8, 10):
        expected = n * math.exp(-t)
        assert abs((e > t).sum() - expected) < SIGMAS * math.sqrt(expected)
        assert abs((e < math.exp(-t)).sum() - n * -math.expm1(-math.exp(-t))) < SIGMAS * math.sqrt(expected)


def correlation(x, y):
    return np.corrcoef(x, y)[0, 1] * math.sqrt(x.size)


def test_no_correlations():
    """Of neighbours, of blocks, of seeds that differ in a bit, of streams, children and their parent."""
    x = draw(rng(0).random(N))
    for lag in (1, 2, 3, 4, 8, 64, 512, 1000):
        assert abs(correlation(x[:-lag], x[lag:])) < SIGMAS
    g = rng(0)
    for other in (rng(1), rng(2), rng(1 << 32), rng(1 << 63), g.jumped(), g.jumped(1 << 16), *g.spawn(3)):
        assert abs(correlation(x, draw(other.random(N)))) < SIGMAS
    pairs = np.histogram2d(x[::2], x[1::2], 20)[0]
    assert abs(chi_squared(pairs.ravel(), np.full(400, N / 2 / 400))) < SIGMAS


def test_bits_are_even():
    words = np.frombuffer(rng().bytes(8 * N), np.uint64)
    for bit in range(64):
        ones = int((words >> np.uint64(bit) & np.uint64(1)).sum())
        assert abs(ones - N / 2) < 4.5 * math.sqrt(N / 4)
    assert abs(chi_squared(np.bincount(words.view(np.uint8), minlength=256), np.full(256, 8 * N / 256))) < SIGMAS


@pytest.mark.parametrize("high", [3 << 30, (1 << 32) - 5, (1 << 32) - 1, 1 << 32, (1 << 32) + 1, 3 << 61, (1 << 63) - 1, 1000])
def test_integers_are_unbiased(high):
    """As many in each of twelve equal parts, and of each remainder; multiplying 32 bits by 3·2^30 would favour thirds."""
    x = draw(rng().integers(high, size=N)).astype(object if high > 1 << 53 else np.int64)
    parts = np.bincount(np.asarray(x * 12 // high, int), minlength=12)
    assert abs(chi_squared(parts, [N * ((high * (i + 1) + 11) // 12 - (high * i + 11) // 12) / high for i in range(12)])) < SIGMAS
    rest = np.bincount(np.asarray(x % 3, int), minlength=3)
    assert abs(chi_squared(rest, [N * ((high + 2 - i) // 3) / high for i in range(3)])) < SIGMAS


def test_integers_of_every_type():
    g = rng()
    for name in ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"):
        info = np.iinfo(name)
        x = draw(g.integers(info.min, info.max, 2000, name, endpoint=True))
        assert x.dtype == name
        assert abs(np.mean(x.astype(float) > (float(info.min) + float(info.max)) / 2) - 0.5) < 0.06
        x = draw(g.integers(info.max - 2, info.max, 200, name, endpoint=True))
        assert set(x.tolist()) == {info.max - 2, info.max - 1, info.max}
        for low, high in ((info.min - 1, 5), (0, info.max + 2)):
            with pytest.raises(ValueError, match="out of bounds"):
                g.integers(low, high, dtype=name)
    assert set(draw(g.integers(0, 2, 100, bool)).tolist()) == {False, True}
    assert g.integers(5).shape == ()
    for args in ((5, 5), (0,), (3, 1)):
        with pytest.raises(ValueError, match="low >= high"):
            g.integers(*args)
    with pytest.raises(ValueError, match="low > high"):
        g.integers(3, 2, endpoint=True)
    with pytest.raises(TypeError):
        g.integers(3, dtype="float32")


def test_permutations_are_even():
    g, seen = rng(), {}
    for _ in range(24 * 400):
        order = tuple(g.permutation(4).tolist())
        seen[order] = seen.get(order, 0) + 1
    assert len(seen) == 24 and abs(chi_squared(list(seen.values()), np.full(24, 400))) < SIGMAS
    places = np.zeros((10, 10))
    for _ in range(4000):
        places[np.arange(10), draw(g.permutation(10))] += 1
    assert abs(chi_squared(places.ravel(), np.full(100, 400))) < SIGMAS


def test_permutation_and_shuffle():
    g = rng()
    assert sorted(g.permutation(1000).tolist()) == list(range(1000))
    x = tn.arange(12.0).reshape(4, 3)
    y = draw(g.permutation(x, axis=1))
    assert sorted(y[0].tolist()) == [0, 1, 2] and (y - y[0] == [[0], [3], [6], [9]]).all()
    assert (draw(x) == np.arange(12.0).reshape(4, 3)).all()
    g.shuffle(x)
    assert sorted(draw(x)[:, 0].tolist()) == [0, 3, 6, 9] and (draw(x)[:, 2] - draw(x)[:, 0] == 2).all()
    assert draw(g.permutation([5, 6, 7])).sum() == 18
    with pytest.raises(TypeError):
        g.shuffle([1, 2])
    with pytest.raises(ValueError):
        g.permutation(-1)


def test_choices():
    g, p = rng(), [0.1, 0, 0.5, 0.4]
    counts = np.bincount(draw(g.choice(4, N, p=p)), minlength=4)
    assert counts[1] == 0 and abs(chi_squared(counts[[0, 2, 3]], N * np.array([0.1, 0.5, 0.4]))) < SIGMAS
    assert abs(chi_squared(np.bincount(draw(g.choice(7, N)), minlength=7), np.full(7, N / 7))) < SIGMAS
    seen = np.zeros((4, 4))
    for _ in range(8000):
        i, j = g.choice(4, 2, replace=False, p=p).tolist()
        seen[i, j] += 1
    some = [(i, j) for i in (0, 2, 3) for j in (0, 2, 3) if i != j]
    assert seen.sum() == 8000 == sum(seen[i, j] for i, j in some)
    assert abs(chi_squared([seen[i, j] for i, j in some], [8000 * p[i] * p[j] / (1 - p[i]) for i, j in some])) < SIGMAS
    pairs = np.zeros((5, 5))
    for _ in range(8000):
        pairs[tuple(g.choice(5, 2, replace=False).tolist())] += 1
    assert np.trace(pairs) == 0 and abs(chi_squared(pairs[~np.eye(5, dtype=bool)], np.full(20, 400))) < SIGMAS
    a = tn.arange(12.0).reshape(3, 4)
    assert g.choice(a, (2, 5)).shape == (2, 5, 4) and g.choice(a, 6, axis=1).shape == (3, 6)
    assert g.choice([1.5, 2.5]).shape == ()
    for args in ((3, 4, False), (0, 1), (3, 1, True, [0.5, 0.6, 0.1]), (3, 1, True, [0.5, 0.5]), (2, 1, True, [1.5, -0.5]),
                 (2, 2, False, [1.0, 0.0]), (2, 1, True, [float("nan"), 1])):
        with pytest.raises(ValueError):
            g.choice(*args)


def test_dirichlet():
    x = draw(rng().dirichlet([0.01, 0.02, 3], 20000))
    assert np.allclose(x.sum(-1), 1) and np.isfinite(x).all()
    assert np.allclose(x.mean(0), np.array([0.01, 0.02, 3]) / 3.03, atol=2e-3)


def test_parameters_may_be_arrays():
    g = rng()
    loc, scale = np.array([[0.0], [100]]), np.array([1.0, 2, 3])
    x = draw(g.normal(loc, scale, (N // 10, 2, 3)))
    assert np.allclose(x.mean(0), np.broadcast_to(loc, (2, 3)), atol=0.08)
    assert np.allclose(x.std(0), np.broadcast_to(scale, (2, 3)), atol=0.05)
    assert g.normal(loc, scale).shape == (2, 3) and g.uniform(loc, loc + 1).shape == (2, 1)
    assert g.exponential([1.0, 2]).shape == (2,) and g.gumbel([1.0, 2], 1).shape == (2,)
    with pytest.raises(ValueError, match="scale < 0"):
        g.normal([0.0, 1], [1.0, -1])
    with pytest.raises(ValueError, match="scale < 0"):
        g.exponential([1.0, float("nan")])


def test_refusals():
    g = rng()
    state = g.state
    for call in (lambda: g.normal(0, -1), lambda: g.normal(0, float("nan"), 3), lambda: g.uniform(0, float("inf")),
                 lambda: g.exponential(-1), lambda: g.gamma(-1), lambda: g.beta(0, 1), lambda: g.poisson(-1),
                 lambda: g.poisson(float("nan")), lambda: g.binomial(-1, 0.5), lambda: g.binomial(5, 1.5),
                 lambda: g.bernoulli(2), lambda: g.random(-1), lambda: g.random((3, -2)), lambda: g.geometric(0),
                 lambda: g.weibull(0), lambda: g.triangular(0, 3, 2), lambda: g.chisquare(0), lambda: rng(-1),
                 lambda: g.random(4, out=tn.empty(3, "float64"))):
        with pytest.raises(ValueError):
            call()
    for call in (lambda: g.random(3, dtype="int32"), lambda: g.random(out=tn.empty(3, "float32")), lambda: g.random("a"),
                 lambda: g.random(1.5)):
        with pytest.raises(TypeError):
            call()
    assert g.state == state


def test_destinations():
    a, x = rng(), tn.zeros((4, 6), "float32")
    assert a.random(out=x, dtype="float32") is x
    assert (draw(x) == draw(rng().random((4, 6), dtype="float32"))).all()
    y = tn.zeros((6, 4), "float64").T
    a = rng()
    a.standard_normal(out=y)
    assert (draw(y) == draw(rng().standard_normal((4, 6)))).all()


def test_states():
    g = rng(7)
    first = draw(g.random(1001))
    state = g.state
    second = draw(g.random(10))
    assert state == {"seed": 7, "stream": 0, "position": 501, "spawned": 0}
    g.state = state
    assert (draw(g.random(10)) == second).all()
    again = pickle.loads(pickle.dumps(rng(7)))
    assert (draw(again.random(1001)) == first).all() and (draw(again.random(10)) == second).all()
    assert (draw(rng(7).advance(2).random(4)) == first[4:8]).all()
    assert (draw(rng(7).advance(5).advance(-5).random(4)) == first[:4]).all()
    children, more = g.spawn(2), rng(7).spawn(2)
    assert [c.state for c in children] == [c.state for c in more] and children[0].state != children[1].state
    assert g.spawn(1)[0].state not in [c.state for c in more] and g.state["spawned"] == 3
    assert g.jumped(3).state == {"seed": 7, "stream": 3, "position": 0, "spawned": 3}
    assert rng([1, 2]).state == rng([1, 2]).state != rng([2, 1]).state
    assert rng(1 << 64).state != rng(0).state
    assert tn.random.default_rng().state != tn.random.default_rng().state
    assert tn.random.default_rng(g) is g


def test_import():
    import trueno.random as module
    from trueno.random import default_rng

    assert module is tn.random and default_rng is tn.random.default_rng


def test_parameters_at_their_ends():
    g = rng()
    for x, want in ((g.binomial(5, 0, 9), 0), (g.binomial(5, 1, 9), 5), (g.binomial(0, 0.5, 9), 0), (g.poisson(0, 9), 0),
                    (g.gamma(0, 1, 9), 0), (g.gamma(2, 0, 9), 0), (g.normal(3, 0, 9), 3), (g.exponential(0, 9), 0),
                    (g.bernoulli(0, 9), 0), (g.bernoulli(1, 9), 1), (g.uniform(2, 2, 9), 2), (g.integers(7, 8, 9), 7),
                    (g.geometric(1, 9), 1)):
        assert (draw(x) == want).all()
    assert set(draw(g.beta(1e-10, 1e-10, 50)).tolist()) == {0.0, 1.0}
    assert np.isin(draw(g.normal(0, float("inf"), 9)), (-np.inf, np.inf)).all()
    assert np.allclose(draw(g.gamma(2.0 ** 53, 1, 9)), 2.0 ** 53, rtol=1e-6)


def test_threads_share_a_generator():
    """Calls of several threads take different numbers, together those that one thread takes."""
    import threading

    g, parts = rng(9), []
    threads = [threading.Thread(target=lambda: parts.extend(draw(g.random(50_000)) for _ in range(10))) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert (np.sort(np.concatenate(parts)) == np.sort(draw(rng(9).random(2_000_000)))).all()


def test_module_functions():
    tn.random.seed(3)
    a = draw(tn.random.rand(2, 3))
    state = tn.random.get_state()
    b = draw(tn.random.randn(5))
    tn.random.set_state(state)
    assert (draw(tn.random.standard_normal(5)) == b).all()
    tn.random.seed(3)
    assert (draw(tn.random.random((2, 3))) == a).all()
    assert tn.random.randint(5, size=3).shape == (3,) and draw(tn.random.randint(2, 5, 50)).min() == 2
    assert tn.random.rand().shape == () and tn.random.random_sample(3).shape == (3,)
    assert len(tn.random.bytes(7)) == 7
    for name in ("normal", "uniform", "choice", "permutation", "shuffle", "poisson", "gamma", "exponential"):
        assert callable(getattr(tn.random, name))


def test_methods_are_numpys():
    """Every method here that NumPy's Generator has takes its arguments by NumPy's names, in NumPy's order."""
    import inspect

    ours = [n for n in dir(tn.random.Generator) if not n.startswith("_")]
    for name in (n for n in ours if hasattr(np.random.Generator, n) and n not in ("bit_generator",)):
        text = getattr(np.random.Generator, name).__doc__.strip().splitlines()[0]
        theirs = [a.split("=")[0].strip(" *") for a in text[text.index("(") + 1:text.rindex(")")].split(",") if a.strip(" *")]
        mine = [p for p in inspect.signature(getattr(tn.random.Generator, name)).parameters if p != "self"]
        assert mine == theirs, name

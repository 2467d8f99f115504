# SPDX-License-Identifier: MIT
"""NumPy's own tests, run with this package in NumPy's place: how many of those it can be asked pass, by module.

The test modules of the installed NumPy are run as they are, but what they import from NumPy is a stand-in, from the
first line on: a name that is NumPy's and that this package has too is the package's, in decorators and parameters as in
the tests. While a module is imported, what the package lacks is NumPy's; a test that asks for it when it runs counts as
not covered, as do tests that fail because the package refuses an element type that only NumPy has (exceptions.
UnsupportedDTypeError), more than 8 axes or a class derived from arrays, and those that numpy_excluded.txt leaves out,
each with a reason. What NumPy itself skips or expects to fail is not counted. The names in HELPERS stay NumPy's.

Each module runs in a process of its own, which writes down every test's end; a process that dies or hangs is taken up
after the test that it was in, which counts as failed.

    numpy_suite.py [--write FILE] [MODULE…]     as test_numeric; default: those about what the package names
    numpy_suite.py --deaths [MODULE…]           fails if a test ended its process: for sanitizers, which do that
    -p numpy_suite                              as pytest's plugin, which is how it calls itself
"""
import builtins
import collections
import faulthandler
import fnmatch
import importlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import types

import numpy
import pytest

MODULES = ["test_arrayprint", "test_dlpack", "test_einsum", "test_indexing", "test_item_selection", "test_multiarray",
           "test_nep50_promotions", "test_numeric", "_core/test_shape_base", "test_ufunc", "test_umath",
           "test_array_coercion", "test_getlimits", "test_half", "test_scalarmath", "lib/test_function_base",
           "test_stride_tricks", "test_nanfunctions", "test_twodim_base", "test_index_tricks", "test_arraysetops", "test_histograms",
           "lib/test_shape_base", "test_arraypad", "test_type_check", "test_ufunclike", "linalg/test_linalg",
           "linalg/test_regression", "linalg/test_deprecations", "fft/test_pocketfft", "fft/test_helper"]
# Modules of NumPy's that the package has too.
PARTS = {"linalg", "fft", "random"}
HELPERS = {"random", "dtypes", "ma", "matrix", "recarray", "memmap", "polynomial", "char",
           "strings", "rec", "ctypeslib", "f2py", "test", "__version__", "version", "_CopyMode", "lib"}
# Modules whose first lines make what the package cannot: they are imported with NumPy, and exchanged afterwards.
LATE = {"test_ufunc", "test_numeric", "test_dlpack", "test_function_base", "test_linalg"}
SECONDS = {"module": 3000, "test": 600, "processor": 30}  # a module and a test at most; a test's time of the processor
HERE = pathlib.Path(__file__).resolve().parent


def names_of_numpy():
    """Where what NumPy shows under several names is known by one, the package is asked for that one."""
    public = {}
    for name in sorted(dir(numpy), key=lambda name: (name.startswith("_"), name)):
        value = getattr(numpy, name, None)
        made = type(value).__module__.startswith("numpy") and not isinstance(value, types.ModuleType)
        if (callable(value) or made) and name not in HELPERS:
            public.setdefault(id(value), []).append(name)
    return public


DIED = "the process died"


class Suite:
    """What the stand-ins share."""
    package = None      # ours
    running = False     # a test, rather than the import of its module
    public = {}         # names by identity of what NumPy has under them
    journal = None      # where the tests' ends are written

    @classmethod
    def say(cls, outcome, test, why=""):
        if cls.journal:
            with open(cls.journal, "a") as f:
                f.write(f"{outcome}\t{test}\t{' '.join(why.split())}\n")


def counterpart(value, name=None):
    """What the package has in the place of NumPy's value; value itself if it has nothing."""
    for known in ([name] if name else []) + Suite.public.get(id(value), []):
        if id(value) in Suite.public and hasattr(Suite.package, known) and known in Suite.public[id(value)]:
            return Array if value is numpy.ndarray else getattr(Suite.package, known)
    if isinstance(value, type) and value.__module__ == "numpy.exceptions":
        return getattr(Suite.package.exceptions, value.__name__, value)
    if type(value) is dict:
        return {counterpart(k): counterpart(v) for k, v in value.items()}
    if type(value) is list:
        value[:] = map(counterpart, value)
        return value
    return type(value)(map(counterpart, value)) if type(value) in (tuple, set) else value


def parameter(value):
    """A test's parameter, arrays included, as the package's."""
    if type(value) in (list, tuple):
        return type(value)(map(parameter, value))
    if type(value) is numpy.ndarray or isinstance(value, (numpy.generic, numpy.dtype)):
        try:
            known = Suite.package.dtype if isinstance(value, numpy.dtype) else Suite.package.array
            return known(value)[()] if isinstance(value, numpy.generic) else known(value)
        except (TypeError, ValueError, BufferError):
            return value
    return counterpart(value)


def not_covered(what):
    pytest.skip(f"not covered: {what}")


class ArrayType(type):
    def __instancecheck__(cls, x):
        return isinstance(x, (Suite.package.ndarray, numpy.ndarray) if cls is Array else numpy.ndarray)


def type_finder(theirs):
    """NumPy's function from names to types, with the package's types."""
    return lambda *args: counterpart(theirs(*map(as_numpy, args)))


class Array(numpy.ndarray, metaclass=ArrayType):
    """Stands for numpy.ndarray: a base for classes of NumPy's arrays, and the type of the package's."""

    def __new__(cls, *args, **kwds):
        if cls is not Array:
            return super().__new__(cls, *args, **kwds)
        return Suite.package.ndarray(*args, **kwds)


def as_numpy(x):
    """x with this package's arrays and types as NumPy's, inside of lists and tuples too."""
    if isinstance(x, (list, tuple)) and type(x) in (list, tuple):
        return type(x)(as_numpy(y) for y in x)
    if isinstance(x, type) and x in (Array, Suite.package.ndarray):
        return numpy.ndarray
    if isinstance(x, Suite.package.ndarray):
        return numpy.asarray(x)[()]
    if isinstance(x, type) and issubclass(x, Suite.package.generic):
        return getattr(numpy, x.__name__, x)
    return numpy.dtype(x.name) if isinstance(x, Suite.package.dtype) else x


def comparing(f):
    """An assertion of numpy.testing, which knows NumPy's arrays only."""
    def function(*args, **kwds):
        return f(*map(as_numpy, args), **{k: as_numpy(v) for k, v in kwds.items()})
    return function


COMPARISONS = {name for name in dir(numpy.testing)
               if name.startswith("assert_") and "raises" not in name and "warns" not in name}


class Helper:
    """Stands for an inner function of NumPy's, or one of its test helpers in C, which know no other arrays than its own."""

    def __init__(self, theirs):
        self.theirs = theirs

    def __call__(self, *args, **kwds):
        if Suite.running:
            not_covered("an inner function of NumPy's own")
        return self.theirs(*args, **kwds)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self()


MAKERS = {"array", "arange", "asarray", "dtype", "empty", "full", "ones", "zeros", "concatenate", "iinfo", "finfo",
          "frombuffer", "can_cast", "result_type", "promote_types"}


class Maker:
    """Stands for a function while a module is imported: NumPy's makes the parameters that the package's cannot."""

    def __init__(self, ours, theirs):
        self.ours, self.theirs = ours, theirs

    def __call__(self, *args, **kwds):
        try:
            return self.ours(*args, **kwds)
        except (TypeError, ValueError):
            if Suite.running:
                raise
            return self.theirs(*args, **kwds)

    def __getattr__(self, name):
        return getattr(self.ours, name)

    def __instancecheck__(self, x):
        return isinstance(x, self.ours)


class Drawn:
    """Stands for numpy.random, its generators and their methods: what they draw is made an array of the package's."""

    def __init__(self, value):
        self.__dict__["value"] = value

    def __getattr__(self, name):
        return drawn(getattr(self.value, name))

    def __call__(self, *args, **kwds):
        return drawn(self.value(*map(as_numpy, args), **{k: as_numpy(v) for k, v in kwds.items()}))


def drawn(value):
    if isinstance(value, (numpy.ndarray, numpy.generic)):
        return parameter(value)
    if type(value).__module__.split(".")[0] == "numpy" or isinstance(value, types.ModuleType) or callable(value):
        return Drawn(value)
    return value


class StandIn(types.ModuleType):
    """Stands for a module of NumPy's."""

    def __init__(self, module):
        super().__init__(module.__name__)
        self.__dict__["module"] = module
        if hasattr(module, "__path__"):
            self.__path__ = module.__path__
        if module.__name__.endswith("umath"):
            self.__dict__.update({name: counterpart(value, name) for name, value in vars(module).items()
                                  if isinstance(value, numpy.ufunc) and counterpart(value, name) is not value})

    def __getattr__(self, name):
        own = self.__dict__["module"]
        if re.search(r"\._\w*_tests?$", own.__name__):
            value = getattr(own, name)
            return value if isinstance(value, type) else Helper(value)
        if own is numpy and name not in HELPERS and not name.startswith("__"):
            if name == "ndarray":
                return Suite.package.ndarray if Suite.running else Array
            if name == "exceptions" or not isinstance(getattr(own, name, None), types.ModuleType):
                if hasattr(Suite.package, name):
                    ours = getattr(Suite.package, name)
                    return Maker(ours, getattr(own, name)) if name in MAKERS and not Suite.running else ours
                if Suite.running and hasattr(numpy, name):
                    not_covered(name)
        value = getattr(own, name)
        if Suite.running and "random" in HELPERS and (own is numpy and name == "random" or own is numpy.random):
            return drawn(value)
        if name == "obj2sctype":
            return type_finder(value)
        part = of_part(own.__name__, name, value)
        if part is not value:
            return part
        if isinstance(value, types.ModuleType) and value.__name__.split(".")[0] == "numpy" and name not in HELPERS - {"lib"}:
            return StandIn(value)
        if own.__name__ == "numpy.exceptions":
            return getattr(Suite.package.exceptions, name, value)
        if own.__name__.startswith("numpy.testing"):
            return comparing(value) if name in COMPARISONS else value
        return counterpart(value, name)

    def __dir__(self):
        return dir(self.__dict__["module"])


def of_part(module, name, value):
    """What a module of PARTS has under the name: the package's, or a stand-in for an inner function of NumPy's."""
    part = module.split(".")[1:2]
    if not part or part[0] not in PARTS - HELPERS or name.startswith("__"):
        return value
    ours = getattr(Suite.package, part[0])
    if hasattr(ours, name):
        return getattr(ours, name)
    if isinstance(value, types.FunctionType) and name.startswith("_"):
        return Helper(value)
    if Suite.running and name in getattr(numpy, part[0]).__all__:
        not_covered(f"{part[0]}.{name}")
    return value


class Late(types.ModuleType):
    """NumPy while a module of LATE is imported: all but the letters that tests are made for is its own."""

    def __init__(self, module):
        super().__init__(module.__name__)
        self.__dict__["module"] = module

    def __getattr__(self, name):
        return getattr(Suite.package if name == "typecodes" else self.__dict__["module"], name)


def standing_in(real):
    """__import__ that gives NumPy's test modules stand-ins."""
    def import_(name, globals=None, locals=None, fromlist=(), level=0):
        module = real(name, globals, locals, fromlist, level)
        importer = (globals or {}).get("__name__", "")
        if "hypothesis" in name:
            return module
        of_numpy = name.split(".")[0] == "numpy" and level == 0
        if not of_numpy or not re.search(r"(^|\.)test_\w+$", importer) or "numpy" not in (globals or {}).get("__file__", "") or \
           "_locales" in name:
            return module
        if not Suite.running and importer.split(".")[-1] in LATE:
            return Late(module) if name == "numpy" else module
        return StandIn(module)
    return import_


def pytest_configure(config):
    Suite.package = importlib.import_module("trueno")
    if any("/random/tests/" in arg for arg in config.args):
        HELPERS.discard("random")
    Suite.package.seterr(divide="warn", over="warn", invalid="warn")  # NumPy's defaults; the package's are to ignore
    importlib.import_module("trueno._scalars").ALIAS = "np"  # which the tests call the package
    Suite.public = names_of_numpy()
    Suite.journal = pathlib.Path(os.environ["TRUENO_NUMPY_JOURNAL"]) if "TRUENO_NUMPY_JOURNAL" in os.environ else None
    builtins.__import__ = standing_in(builtins.__import__)


TOO_MANY_AXES = re.compile(r"at most 8 |is outside 0\.\.8|more than 8 dimensions|number of dimensions ndmax=8")


def outside(error):
    """Why an exception says that a test is none of this package's, or None."""
    while error is not None:
        if isinstance(error, BaseExceptionGroup):
            reasons = [outside(each) for each in error.exceptions]
            return reasons[0] if all(reasons) else None
        if isinstance(error, Suite.package.exceptions.UnsupportedDTypeError):
            return "an element type"
        if isinstance(error, (TypeError, ValueError)) and TOO_MANY_AXES.search(str(error)):
            return "more than 8 axes"
        if isinstance(error, TypeError) and "is no base for other classes" in str(error):
            return "classes derived from arrays"
        error = error.__cause__ or error.__context__
    return None


def excluded():
    """(module, pattern, reason) for each line of numpy_excluded.txt; a line that starts with # begins a reason."""
    reason = ""
    for text in (HERE / "numpy_excluded.txt").read_text().splitlines():
        if text.startswith("# "):
            reason = text[2:]
        elif text:
            yield *text.split(" ", 1), reason


def pytest_collection_modifyitems(items):
    done = read(Suite.journal)[0] if Suite.journal else {}
    items[:] = [item for item in items if item.nodeid not in done]
    rules = collections.defaultdict(list)
    for module, pattern, reason in excluded():
        rules[module].append((pattern, reason))
    for item in items:
        path = pathlib.Path(item.path)
        name = item.nodeid.split("::", 1)[1]
        for key in ("*", path.stem, f"{path.parent.parent.name}/{path.stem}"):
            for pattern, reason in rules[key]:
                if fnmatch.fnmatchcase(name, pattern):
                    item.add_marker(pytest.mark.skip(reason=f"excluded: {reason}"))
    Suite.running = True
    for module in {item.module for item in items if item.path.stem in LATE}:
        exchange(module)
    for item in items:
        params = getattr(getattr(item, "callspec", None), "params", {})
        params.update({key: parameter(value) for key, value in params.items()})


def exchange(module):
    """Does for a module that has been imported what the stand-ins do for others."""
    for key, value in list(vars(module).items()):
        if isinstance(value, types.ModuleType) and value.__name__.split(".")[0] == "numpy":
            setattr(module, key, StandIn(vars(value).get("module", value)))
        elif "random" in HELPERS and (type(getattr(value, "__self__", None)).__module__ or "").startswith("numpy.random"):
            setattr(module, key, drawn(value))
        elif getattr(value, "__name__", None) in COMPARISONS:
            setattr(module, key, comparing(value))
        elif key == "obj2sctype":
            setattr(module, key, type_finder(value))
        elif isinstance(value, type) and value.__module__ == module.__name__:
            for name, inner in list(vars(value).items()):
                if type(inner) is dict:
                    setattr(value, name, counterpart(inner))
        elif value is getattr(numpy.exceptions, key, None):
            setattr(module, key, getattr(Suite.package.exceptions, key, value))
        elif not key.startswith("__"):
            for case in value if type(value) is list else ():
                if type(case).__module__ == module.__name__:
                    vars(case).update({name: parameter(x) for name, x in vars(case).items()})
            part = of_part(getattr(value, "__module__", None) or "", key, value)
            setattr(module, key, counterpart(value) if part is value else part)


class TooLong(BaseException):
    """A test that did not end."""


def too_long(signal, frame):
    raise TooLong(f"not done after {SECONDS['processor']} s")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item, nextitem):
    Suite.say("start", item.nodeid)
    signal.signal(signal.SIGPROF, too_long)
    signal.setitimer(signal.ITIMER_PROF, SECONDS["processor"])
    faulthandler.dump_traceback_later(SECONDS["test"], exit=True)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        faulthandler.cancel_dump_traceback_later()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    try:
        return (yield)
    except TooLong as error:
        raise AssertionError(str(error)) from None
    except (Exception, pytest.fail.Exception) as error:
        why = outside(error)
        if not why and "is no base for other classes" in str(error):
            why = "a class derived from arrays"
        if why:
            not_covered(why)
        raise


def pytest_runtest_logreport(report):
    """One line for each test: start, then passed, failed or skipped with the reason."""
    if hasattr(report, "wasxfail"):
        Suite.say("theirs", report.nodeid, "NumPy expects a failure")
    elif report.skipped:
        why = report.longrepr[2].removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else str(report.longrepr)
        ours = why.startswith(("not covered: ", "excluded: "))
        Suite.say("skipped" if ours else "theirs", report.nodeid, why)
    elif report.failed:
        Suite.say("failed", report.nodeid, getattr(getattr(report.longrepr, "reprcrash", None), "message", "")[:300])
    elif report.when == "call":
        Suite.say("passed", report.nodeid)


def pytest_sessionfinish(session, exitstatus):
    if exitstatus in (0, 1, 5):
        Suite.say("end", "")


def read(journal):
    """({test: (outcome, reason)}, whether the end was reached); a test that only began has failed."""
    outcomes, ended = {}, False
    for text in journal.read_text(errors="replace").splitlines() if journal.exists() else ():
        outcome, test, why = text.split("\t")
        ended |= outcome == "end"
        if outcome == "start":
            outcomes.setdefault(test, ("failed", DIED))
        elif test and (outcomes[test][0] != "failed" or outcomes[test][1] == DIED):
            outcomes[test] = (outcome, why)
    return outcomes, ended


def counts(outcomes):
    """(passed, failed, left out) of a module, how often for which reason, and the tests that ended their process."""
    by = collections.Counter(outcome for outcome, _ in outcomes.values())
    why = collections.Counter(reason for outcome, reason in outcomes.values() if outcome == "skipped")
    dead = [test for test, (outcome, reason) in outcomes.items() if outcome == "failed" and reason == DIED]
    return (by["passed"], by["failed"], by["skipped"]), why, dead


def run(name, folder):
    """(counts, reasons, deaths) of a module, or why there is no result."""
    part, _, stem = name.rpartition("/")
    found = [p for p in pathlib.Path(numpy.__file__).parent.glob(f"{part or '**'}/tests/{stem}.py")]
    if not found:
        return "no such module in this NumPy"
    journal = folder / f"{name.replace('/', '-')}.tsv"
    journal.unlink(missing_ok=True)
    env = dict(os.environ, PYTHONPATH=os.pathsep.join([str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]),
               TRUENO_NUMPY_JOURNAL=str(journal), NPY_AVAILABLE_MEM="2 GB")
    argv = [sys.executable, "-m", "pytest", "-q", "--tb=line", "-p", "numpy_suite", "-p", "no:cacheprovider",
            "--rootdir", str(folder), *map(str, found)]
    left = time.monotonic() + SECONDS["module"]
    ended, before, outcomes = False, -1, {}
    with open(journal.with_suffix(".log"), "w") as log:
        while not ended and before < len(outcomes):
            before = len(outcomes)
            try:
                subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env, cwd=folder,
                               timeout=max(1, left - time.monotonic()))
            except subprocess.TimeoutExpired:
                return f"stopped after {SECONDS['module']} s"
            outcomes, ended = read(journal)
    return counts(outcomes) if ended else "ended without a result"


def line(name, passed, failed, left_out):
    covered = passed + failed
    return (f"{name:24} {passed:6} passed of {covered:6} covered ({100 * passed / max(covered, 1):5.1f} %), "
            f"{left_out:6} left out of {covered + left_out:6} ({100 * left_out / max(covered + left_out, 1):5.1f} %)")


def table(rows, why):
    """The report as Markdown."""
    out = ["# NumPy's own tests", "", f"Written by `make numpy-tests`; NumPy {numpy.__version__}. Left out: tests of "
           "element types or names the package lacks, and those of", "[numpy_excluded.txt]"
           "(../tests/python/numpy_excluded.txt). What NumPy itself skips or expects to fail is not counted.", "",
           "| module | passed | covered | | left out | collected | |", "|---|---|---|---|---|---|---|"]
    for name, row in rows:
        if isinstance(row, str):
            out.append(f"| {name} | {row} | | | | | |")
            continue
        covered, collected = row[0] + row[1], sum(row)
        out.append(f"| {name} | {row[0]} | {covered} | {100 * row[0] / max(covered, 1):.1f} % | {row[2]} | {collected} | "
                   f"{100 * row[2] / max(collected, 1):.1f} % |")
    out += ["", "“no result”: not run, or not run to its end.", "", "| left out because | tests |", "|---|---|"]
    out += [f"| {reason} | {n} |" for reason, n in why.most_common()]
    return "\n".join(out) + "\n"


def main(names):
    write = pathlib.Path(names[1]) if names[:1] == ["--write"] else None
    deaths = names[:1] == ["--deaths"]
    names = names[2:] if write else names[1:] if deaths else names
    folder = pathlib.Path(os.environ.get("TRUENO_BUILD", "build/release")).resolve() / "numpy-tests"
    folder.mkdir(parents=True, exist_ok=True)
    total, rows, why, dead = [0, 0, 0], [], collections.Counter(), []
    for name in names or MODULES:
        result = run(name, folder)
        if isinstance(result, str):
            print(f"{name:24} {result}", flush=True)
            rows.append((name, result))
            dead.append(f"{name}: {result}")
            continue
        total = [a + b for a, b in zip(total, result[0])]
        why += result[1]
        rows.append((name, result[0]))
        dead += [name + test for test in result[2]]
        print(line(name, *result[0]), flush=True)
    print(line("all", *total))
    if write:
        write.write_text(table([*rows, ("all", tuple(total))], why))
    if deaths and dead:
        sys.exit("the process died in:\n  " + "\n  ".join(dead))


if __name__ == "__main__":
    main(sys.argv[1:])

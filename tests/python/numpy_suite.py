# SPDX-License-Identifier: MIT
"""NumPy's own tests, run with this package in NumPy's place: how many of those it can be asked pass, by module.

The test modules of the installed NumPy are imported as they are; then every name in them that is NumPy's and that this
package has too is exchanged, and `np` becomes a proxy. A test that asks for a name the package lacks counts as not
covered; the helpers in HELPERS stay NumPy's. Each module runs in a process of its own.

    numpy_suite.py [MODULE…]      as test_numeric; default: those about what the package names
    -p numpy_suite                as pytest's plugin, which is how it calls itself
"""
import importlib
import os
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree

import numpy
import pytest

MODULES = ["test_arraysetops", "test_histograms", "test_function_base", "test_twodim_base", "test_index_tricks",
           "test_nanfunctions", "test_arrayprint", "test_dlpack", "test_einsum", "test_indexing", "test_item_selection", "test_multiarray",
           "test_nep50_promotions", "test_numeric", "test_shape_base", "test_ufunc", "test_umath",
           "test_array_coercion", "test_getlimits", "test_half", "test_scalarmath"]
HELPERS = {"errstate", "random", "dtypes", "exceptions", "_core", "lib", "generic", "number", "integer", "floating",
           "inexact", "ndarray", "typecodes", "ma", "matrix", "VisibleDeprecationWarning", "ComplexWarning"}
SECONDS = 300


def as_numpy(x):
    """x with this package's arrays and types as NumPy's, inside of lists and tuples too."""
    if isinstance(x, (list, tuple)) and type(x) in (list, tuple):
        return type(x)(as_numpy(y) for y in x)
    if type(x).__module__ != "trueno":
        return x
    return numpy.asarray(x)[()] if hasattr(x, "shape") else numpy.dtype(x.name)


def comparing(f):
    """An assertion of numpy.testing, which knows NumPy's arrays only."""
    def function(*args, **kwds):
        return f(*map(as_numpy, args), **{k: as_numpy(v) for k, v in kwds.items()})
    return function


class Testing:
    """Stands for numpy.testing."""

    def __getattr__(self, name):
        value = getattr(numpy.testing, name)
        return comparing(value) if name in COMPARISONS else value


COMPARISONS = {name for name in dir(numpy.testing)
               if name.startswith("assert_") and "raises" not in name and "warns" not in name}


class Proxy:
    """Stands for the module numpy."""

    def __init__(self, package):
        self.package = package

    def __getattr__(self, name):
        if name == "testing":
            return Testing()
        if name in HELPERS:
            return getattr(numpy, name)
        if hasattr(self.package, name):
            return getattr(self.package, name)
        pytest.skip(f"not covered: {name}")


def exchange(module, package):
    names = {id(value): name for name, value in vars(numpy).items() if callable(value) and name not in HELPERS}
    for key, value in list(vars(module).items()):
        if value is numpy:
            setattr(module, key, Proxy(package))
        elif key in COMPARISONS:
            setattr(module, key, comparing(value))
        elif id(value) in names and not key.startswith("__"):
            setattr(module, key, getattr(package, names[id(value)], value))


def pytest_collection_modifyitems(items):
    package = importlib.import_module("trueno")
    for module in {item.module for item in items if hasattr(item, "module")}:
        exchange(module, package)


# Strings, dates, objects, records and foreign byte orders are no element types of the library.
OUTSIDE = re.compile(r"data type .* not understood|no array can be made of|'metadata' is an invalid keyword|"
                     r"cannot include dtype")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    try:
        return (yield)
    except (TypeError, ValueError) as error:
        if OUTSIDE.search(str(error)):
            pytest.skip("not covered: an element type")
        raise


def counts(path):
    cases = list(xml.etree.ElementTree.parse(path).iter("testcase"))
    bad = sum(c.find("failure") is not None or c.find("error") is not None for c in cases)
    left_out = sum(c.find("skipped") is not None for c in cases)
    return len(cases) - bad - left_out, bad, left_out


def run(name, folder):
    """(passed, failed, not covered) of a module, or why there is no result."""
    found = [p for p in pathlib.Path(numpy.__file__).parent.glob(f"**/tests/{name}.py")]
    if not found:
        return "no such module in this NumPy"
    report = folder / f"{name}.xml"
    report.unlink(missing_ok=True)
    here = str(pathlib.Path(__file__).resolve().parent)
    env = dict(os.environ, PYTHONPATH=os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])]))
    argv = [sys.executable, "-m", "pytest", "-q", "--tb=line", "-p", "numpy_suite", "-p", "no:cacheprovider",
            "--rootdir", str(folder), f"--junitxml={report}", *map(str, found)]
    with open(folder / f"{name}.log", "w") as log:
        try:
            subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env, timeout=SECONDS, cwd=folder)
        except subprocess.TimeoutExpired:
            return f"stopped after {SECONDS} s"
    return counts(report) if report.exists() else "ended without a result"


def line(name, passed, failed, left_out):
    return f"{name:28} {passed:6} passed of {passed + failed:6} covered, {left_out:6} not covered"


def main(names):
    folder = pathlib.Path(os.environ.get("TRUENO_BUILD", "build/release")).resolve() / "numpy-tests"
    folder.mkdir(parents=True, exist_ok=True)
    total = [0, 0, 0]
    for name in names or MODULES:
        result = run(name, folder)
        if isinstance(result, str):
            print(f"{name:28} {result}")
            continue
        total = [a + b for a, b in zip(total, result)]
        print(line(name, *result), flush=True)
    print(line("all", *total))


if __name__ == "__main__":
    main(sys.argv[1:])

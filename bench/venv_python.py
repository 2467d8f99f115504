# SPDX-License-Identifier: MIT
"""Importing this starts the program again under the Python environment that tools/setup makes, where the peers are."""
import os
import pathlib
import sys

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
VENV = pathlib.Path(os.environ.get("VENV") or CACHE / "trueno/venv")
if (VENV / "bin/python").exists() and pathlib.Path(sys.prefix) != VENV:
    os.execv(VENV / "bin/python", [str(VENV / "bin/python"), *sys.argv])

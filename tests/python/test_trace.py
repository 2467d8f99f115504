# SPDX-License-Identifier: MIT
"""Timelines of Python programs, which never destroy their context."""
import json
import os
import subprocess
import sys

import pytest

pytest.importorskip("trueno")


def test_a_program_leaves_its_timeline(tmp_path):
    path = tmp_path / "work.json"
    code = "import trueno as np; a = np.ones((3, 4)); b = np.exp(a @ a.T); print(b.shape)"
    p = subprocess.run([sys.executable, "-c", code], env=dict(os.environ, TRUENO_TRACE=str(path)), capture_output=True,
                       timeout=60)
    assert p.returncode == 0 and p.stdout == b"(3, 3)\n", p.stderr
    spans = [e for e in json.loads(path.read_text())["traceEvents"] if e["ph"] == "X"]
    assert {"matmul", "exp"} <= {e["name"] for e in spans}
    assert [e["args"]["shape"] for e in spans if e["name"] == "matmul"] == [[3, 3]]


def test_a_file_that_cannot_be_made_is_an_error(tmp_path):
    p = subprocess.run([sys.executable, "-c", "import trueno as np; np.ones(3)"], capture_output=True, timeout=60,
                       env=dict(os.environ, TRUENO_TRACE=str(tmp_path / "none" / "work.json")))
    assert p.returncode == 1 and b"No such file" in p.stderr and b"OSError" in p.stderr

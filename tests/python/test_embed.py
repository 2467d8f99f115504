# SPDX-License-Identifier: MIT
"""Sentence vectors against PyTorch's float32 forward pass of the same weights, and against themselves: alone and in
any company, on every number of threads, again and again without allocating."""
import random

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")
pytest.importorskip("tokenizers")
import bert  # noqa: E402
import trueno_c  # noqa: E402

if not trueno_c.LIB.exists():
    pytest.skip(f"no {trueno_c.LIB}", allow_module_level=True)
if not (trueno_c.MODEL / "model.safetensors").exists():
    pytest.skip(f"no model in {trueno_c.MODEL}", allow_module_level=True)

DATA = trueno_c.ROOT / "tests/data"


def corpus():
    texts = (DATA / "sentences.txt").read_bytes().splitlines()
    texts += (DATA / "ill_formed.txt").read_bytes().split(b"\n")
    words = b" ".join(texts[:40]).split()
    texts += [b"", b" ", b"\xff\xfe", b"a", b"nul \0 inside", b"tail \xe2\x82", "Ünïcödé 漢字 🙂".encode(),
              b" ".join(words[i % len(words)] for i in range(1000)), b"x" * 5000]
    return texts


@pytest.fixture(scope="module")
def ours():
    encoder = trueno_c.Encoder()
    yield encoder
    encoder.close()


@pytest.fixture(scope="module")
def vectors(ours):
    return ours.encode(corpus())


def reference(texts):
    """PyTorch's vectors, in batches of texts of like length. One thread: two that share busy cores stall each other."""
    torch.set_num_threads(1)
    encoder = bert.Encoder(trueno_c.MODEL)
    tokens = encoder.tokens(texts)
    order = sorted(range(len(texts)), key=lambda i: len(tokens[i]))
    out = np.empty((len(texts), 384), np.float32)
    for i in range(0, len(order), 16):
        out[order[i:i + 16]] = encoder.encode_tokens([tokens[j] for j in order[i:i + 16]])
    return out


def test_equals_pytorch(vectors):
    texts = corpus()
    assert len(texts) >= 200
    theirs = reference([t.decode(errors="replace") for t in texts])
    difference = np.abs(vectors - theirs).max(1)
    cosine = (vectors.astype(np.float64) * theirs).sum(1)
    cosine /= np.linalg.norm(vectors.astype(np.float64), axis=1) * np.linalg.norm(theirs.astype(np.float64), axis=1)
    worst = int(difference.argmax())
    print(f"max |difference| {difference.max():.3g}, least cosine {cosine.min():.9f}, {len(texts)} texts")
    assert difference.max() <= 1e-5, texts[worst][:80]
    assert cosine.min() >= 0.999999


def test_vectors_have_length_one(vectors):
    assert np.isfinite(vectors).all()
    np.testing.assert_allclose(np.linalg.norm(vectors.astype(np.float64), axis=1), 1, atol=1e-6)


def test_a_vector_does_not_depend_on_its_company(ours, vectors):
    texts = corpus()
    order = list(range(len(texts)))
    random.Random(1).shuffle(order)
    shuffled = ours.encode([texts[i] for i in order])
    assert np.array_equal(shuffled, vectors[order])
    for i in range(0, len(texts), 7):
        assert np.array_equal(ours.encode([texts[i]])[0], vectors[i]), texts[i][:80]


def test_a_vector_does_not_depend_on_threads(vectors):
    single = trueno_c.Encoder(threads=1)
    assert np.array_equal(single.encode(corpus()), vectors)
    single.close()


def test_replay_allocates_nothing(ours):
    texts = corpus()[:1]
    first = ours.encode(texts)
    before = ours.stats()
    for _ in range(20):
        assert np.array_equal(ours.encode(texts), first)
    after = ours.stats()
    assert after.allocs == before.allocs
    assert after.dispatched > before.dispatched


def test_no_texts(ours):
    assert ours.encode([]).shape == (0, ours.dim)


def test_long_texts_are_cut(ours):
    assert ours.tokens(b"word " * 1000) == 256
    assert np.array_equal(ours.encode([b"word " * 1000]), ours.encode([b"word " * 2000]))

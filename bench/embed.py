#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sentence embedding side by side: this library, PyTorch (eager) and ONNX Runtime, float32, text to vector.

Each round times all sides one after the other in changing order; quoted are medians, and the median over the rounds of
the ratio peer / ours (above 1: ours is faster). Everybody gets the same batching freedom: texts sorted by length, in
batches of at most as many tokens as suit that side best, found by trying. Tokenizing is included for all; the peers
use Hugging Face `tokenizers`. Vectors are compared before anything is timed.

Usage: bench/embed.py [--threads 1 2] [--texts 1000] [--rounds 7] [--skip-cold]
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/python"))
import numpy as np  # noqa: E402
import trueno_c  # noqa: E402

BUDGETS = (256, 512, 1024, 2048)


def onnx_model(folder):
    """The encoder as an ONNX graph: ids [batch, length] and an additive mask [batch, 1, 1, length] in, vectors out."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    from safetensors.numpy import load_file

    config = json.loads((folder / "config.json").read_text())
    weights = load_file(folder / "model.safetensors")
    hidden, heads, eps = config["hidden_size"], config["num_attention_heads"], config["layer_norm_eps"]
    nodes, constants = [], {}

    def constant(name, value):
        constants.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(op, *inputs, **attributes):
        name = f"{op}_{len(nodes)}"
        nodes.append(helper.make_node(op, list(inputs), [name], **attributes))
        return name

    def weight(name):
        return constant(name, weights[name])

    def linear(x, name):
        product = node("MatMul", x, constant(name + ".t", weights[name + ".weight"].T))
        return node("Add", product, weight(name + ".bias"))

    def norm(x, name):
        return node("LayerNormalization", x, weight(name + ".weight"), weight(name + ".bias"), axis=-1, epsilon=eps)

    def split(x, perm):
        return node("Transpose", node("Reshape", x, constant("split", np.array([0, 0, heads, hidden // heads]))),
                    perm=perm)

    x = node("Add", node("Gather", weight("embeddings.word_embeddings.weight"), "ids"),
             constant("type", weights["embeddings.token_type_embeddings.weight"][0]))
    length = node("Shape", "ids", start=1, end=2)
    positions = node("Slice", weight("embeddings.position_embeddings.weight"), constant("zero", np.array([0])), length)
    x = norm(node("Add", x, positions), "embeddings.LayerNorm")
    for i in range(config["num_hidden_layers"]):
        name = f"encoder.layer.{i}."
        q = split(linear(x, name + "attention.self.query"), [0, 2, 1, 3])
        k = split(linear(x, name + "attention.self.key"), [0, 2, 3, 1])
        v = split(linear(x, name + "attention.self.value"), [0, 2, 1, 3])
        scores = node("Mul", node("MatMul", q, k), constant("scale", np.float32((hidden // heads) ** -0.5)))
        y = node("MatMul", node("Softmax", node("Add", scores, "mask"), axis=-1), v)
        y = node("Reshape", node("Transpose", y, perm=[0, 2, 1, 3]), constant("join", np.array([0, 0, hidden])))
        x = norm(node("Add", linear(y, name + "attention.output.dense"), x), name + "attention.output.LayerNorm")
        y = linear(node("Gelu", linear(x, name + "intermediate.dense")), name + "output.dense")
        x = norm(node("Add", y, x), name + "output.LayerNorm")
    x = node("ReduceSum", node("Mul", x, "pool"), constant("axis1", np.array([1])), keepdims=0)
    nodes.append(helper.make_node("LpNormalization", [x], ["out"], axis=-1, p=2))
    inputs = [helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "length"]),
              helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["batch", 1, 1, "length"]),
              helper.make_tensor_value_info("pool", TensorProto.FLOAT, ["batch", "length", 1])]
    output = helper.make_tensor_value_info("out", TensorProto.FLOAT, ["batch", hidden])
    graph = helper.make_graph(nodes, "encoder", inputs, [output], list(constants.values()))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    onnx.checker.check_model(model)
    return model.SerializeToString()


class Batched:
    """A peer that runs one padded batch of token lists at a time."""

    budget = BUDGETS[0]

    def encode(self, texts):
        tokens = self.tokens(texts)
        order = sorted(range(len(texts)), key=lambda i: -len(tokens[i]))
        out = np.empty((len(texts), 384), np.float32)
        while order:
            n = max(1, self.budget // len(tokens[order[0]]))
            batch, order = order[:n], order[n:]
            out[batch] = self.run([tokens[i] for i in batch])
        return out

    def tune(self, texts):
        times = {}
        for self.budget in BUDGETS:
            self.encode(texts)
            times[self.budget] = timed(self.encode, texts)
        self.budget = min(times, key=times.get)


class Torch(Batched):
    def __init__(self, threads):
        import bert
        import torch

        torch.set_num_threads(threads)
        self.encoder = bert.Encoder(trueno_c.MODEL)
        self.tokens, self.run = self.encoder.tokens, self.encoder.encode_tokens


class Onnx(Batched):
    def __init__(self, threads):
        import onnxruntime as ort
        from tokenizers import Tokenizer

        options = ort.SessionOptions()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.intra_op_num_threads = threads
        self.session = ort.InferenceSession(onnx_model(trueno_c.MODEL), options, ["CPUExecutionProvider"])
        self.tokenizer = Tokenizer.from_file(str(trueno_c.MODEL / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(256)

    def tokens(self, texts):
        return [e.ids for e in self.tokenizer.encode_batch(list(texts))]

    def run(self, tokens):
        counts = np.array([len(t) for t in tokens])[:, None]
        length = int(counts.max())
        real = np.arange(length) < counts
        return self.session.run(None, {
            "ids": np.array([t + [0] * (length - len(t)) for t in tokens], np.int64),
            "mask": np.where(real, 0, -np.inf).astype(np.float32)[:, None, None],
            "pool": (real / counts).astype(np.float32)[..., None]})[0]


class Ours:
    def __init__(self, threads):
        self.encoder = trueno_c.Encoder(threads=threads)

    def encode(self, texts):
        return self.encoder.encode([t.encode() for t in texts])


def timed(f, *args):
    before = time.perf_counter()
    f(*args)
    return time.perf_counter() - before


def compare(label, sides, texts, rounds, repeat=1):
    """Prints medians in milliseconds and the peers' ratios to ours, which is the first side."""
    times = {name: [] for name in sides}
    for side in sides.values():
        side.encode(texts)
    for r in range(rounds):
        names = list(sides)
        for name in names[r % len(names):] + names[:r % len(names)]:
            time.sleep(0.2)  # idle workers of the side before poll for a while, on the CPUs this side needs
            sides[name].encode(texts[:1])
            times[name].append(statistics.median(timed(sides[name].encode, texts) for _ in range(repeat)))
    ours = times[next(iter(sides))]
    for name, t in times.items():
        ratio = statistics.median(b / a for a, b in zip(ours, t))
        print(f"{label:24} {name:20} {1e3 * statistics.median(t):10.3f} ms   {ratio:6.2f}x", flush=True)


def mixed(n):
    """n texts of 1 to 60 words made of the test sentences; deterministic."""
    words = (ROOT / "tests/data/sentences.txt").read_text(errors="replace").split()
    rng = np.random.default_rng(1)
    lengths = np.clip(rng.gamma(2.5, 6, n).astype(int), 1, 60)
    starts = rng.integers(0, len(words) - 60, n)
    return [" ".join(words[s:s + k]) for s, k in zip(starts, lengths)]


def cold_start(rounds):
    """exec to the first vector, in a process of its own."""
    python = "import sys; sys.path[:0] = {paths!r}; import embed; embed.{side}(1).encode(['A cold start.'])"
    paths = [str(ROOT / "bench"), str(ROOT / "tests/python")]
    commands = {"trueno embed": [str(trueno_c.BUILD / "trueno"), "embed", "--text", "A cold start."]}
    for side in ("Torch", "Onnx"):
        commands[f"python, {side}"] = [sys.executable, "-c", python.format(paths=paths, side=side)]
    environ = dict(os.environ, TRUENO_MODEL_DIR=str(trueno_c.MODEL))
    for name, command in commands.items():
        times = [timed(lambda: subprocess.run(command, check=True, env=environ, stdout=subprocess.DEVNULL))
                 for _ in range(rounds + 1)][1:]
        print(f"{'cold start':24} {name:20} {1e3 * statistics.median(times):10.3f} ms", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--texts", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--skip-cold", action="store_true")
    args = parser.parse_args()
    corpus = mixed(args.texts)
    for threads in args.threads:
        sides = {f"trueno, {threads}": Ours(threads), f"PyTorch, {threads}": Torch(threads),
                 f"ONNX Runtime, {threads}": Onnx(threads)}
        ours, *peers = sides.values()
        sample = corpus[:20]
        for peer in peers:
            assert np.abs(peer.encode(sample) - ours.encode(sample)).max() < 1e-5
            peer.tune(corpus[:100])
        compare("1 text, 32 tokens", sides, [" ".join(["time"] * 30)], args.rounds, repeat=5)
        compare("1 text, 128 tokens", sides, [" ".join(["time"] * 126)], args.rounds, repeat=3)
        compare(f"{args.texts} texts, mixed", sides, corpus, max(3, args.rounds // 2))
        del sides, ours, peers, peer
    if not args.skip_cold:
        cold_start(5)


if __name__ == "__main__":
    main()

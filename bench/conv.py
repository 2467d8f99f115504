#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Convolutions, pooling and resizing layer by layer: this library, PyTorch (oneDNN) and ONNX Runtime, float32.

Each round times all sides one after the other in changing order, each for a few milliseconds; quoted are the least
time of each side, in microseconds a call, and the median over the rounds of the ratio peer / ours (above 1: ours is
faster). Every side writes the layout it is given, C order unless --last, and results are compared before they are
timed. ONNX Runtime rearranges its weights before it is timed; PyTorch is called as a program would call it.
On one thread processor time is measured, so that other programs count less; on more, elapsed time.

Usage: bench/conv.py [--net resnet50 mobilenet other pool resize] [--threads 1] [--batch 1] [--rounds 7] [--last]
"""
import argparse
import ctypes
import pathlib
import random
import statistics
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/python"))
import numpy as np  # noqa: E402
import onnxruntime  # noqa: E402
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from trueno_ops import ConvParams, InterpolateParams, Ops, PoolParams, structure  # noqa: E402

MILLISECONDS = 3


def conv(cin, cout, size, kernel=1, stride=1, groups=1, **more):
    return {"op": "conv2d", "shape": (cin, size, size), "weight": (cout, cin // groups, kernel, kernel),
            "params": {"stride": stride, "padding": kernel // 2, "groups": groups, **more}}


def depthwise(channels, size, stride=1, kernel=3):
    return conv(channels, channels, size, kernel, stride, channels)


def transposed(cin, cout, size, kernel, stride, padding):
    return {"op": "conv_transpose2d", "shape": (cin, size, size), "weight": (cin, cout, kernel, kernel),
            "params": {"stride": stride, "padding": padding}}


def other(op, shape, **params):
    return {"op": op, "shape": shape, "params": params}


NETS = {
    "resnet50": [
        conv(3, 64, 224, 7, 2), conv(64, 64, 56), conv(64, 64, 56, 3), conv(64, 256, 56), conv(256, 64, 56),
        conv(256, 128, 56), conv(128, 128, 56, 3, 2), conv(128, 512, 28), conv(256, 512, 56, 1, 2), conv(512, 128, 28),
        conv(128, 128, 28, 3), conv(512, 256, 28), conv(256, 256, 28, 3, 2), conv(256, 1024, 14),
        conv(512, 1024, 28, 1, 2), conv(1024, 256, 14), conv(256, 256, 14, 3), conv(1024, 512, 14),
        conv(512, 512, 14, 3, 2), conv(512, 2048, 7), conv(1024, 2048, 14, 1, 2), conv(2048, 512, 7),
        conv(512, 512, 7, 3)],
    "mobilenet": [
        conv(3, 32, 224, 3, 2), depthwise(32, 112), conv(32, 16, 112), conv(16, 96, 112), depthwise(96, 112, 2),
        conv(96, 24, 56), conv(24, 144, 56), depthwise(144, 56), conv(144, 24, 56), depthwise(144, 56, 2),
        conv(144, 32, 28), conv(32, 192, 28), depthwise(192, 28), conv(192, 32, 28), depthwise(192, 28, 2),
        conv(192, 64, 14), conv(64, 384, 14), depthwise(384, 14), conv(384, 64, 14), conv(384, 96, 14),
        conv(96, 576, 14), depthwise(576, 14), conv(576, 96, 14), depthwise(576, 14, 2), conv(576, 160, 7),
        conv(160, 960, 7), depthwise(960, 7), conv(960, 160, 7), conv(960, 320, 7), conv(320, 1280, 7)],
    "other": [
        depthwise(144, 56, 1, 5), depthwise(144, 56, 2, 5), conv(128, 128, 28, 3, 1, 32), conv(64, 64, 56, 3, dilation=2),
        transposed(64, 64, 28, 4, 2, 1), transposed(256, 128, 14, 2, 2, 0), transposed(128, 64, 28, 3, 1, 1)],
    "pool": [
        other("max_pool2d", (64, 112, 112), kernel=3, stride=2, padding=1),
        other("max_pool2d", (64, 112, 112), kernel=2, stride=2, padding=0),
        other("max_pool2d", (192, 28, 28), kernel=3, stride=1, padding=1),
        other("avg_pool2d", (64, 56, 56), kernel=2, stride=2, padding=0),
        other("avg_pool2d", (192, 28, 28), kernel=3, stride=1, padding=1),
        other("adaptive_avg_pool2d", (2048, 7, 7), output=1), other("adaptive_avg_pool2d", (512, 14, 14), output=7),
        other("adaptive_avg_pool2d", (64, 56, 56), output=1)],
    "resize": [
        other("interpolate2d", (64, 28, 28), scale=2.0, mode=0), other("interpolate2d", (64, 28, 28), scale=2.0, mode=2),
        other("interpolate2d", (3, 480, 640), size=224, mode=2), other("interpolate2d", (21, 65, 65), size=513, mode=2)],
}


def describe(layer, batch):
    p, w = layer["params"], layer.get("weight")
    if w is None:
        return f"{layer['op']} {'x'.join(map(str, (batch, *layer['shape'])))} " + " ".join(
            f"{k}={v}" for k, v in p.items())
    turned = layer["op"] == "conv_transpose2d"
    cin, cout = layer["shape"][0], w[1] if turned else w[0]
    text = f"{'transposed ' if turned else ''}{w[2]}x{w[3]} {batch}x{cin}x{layer['shape'][1]}x{layer['shape'][2]} -> {cout}"
    return text + "".join(f" {k}={v}" for k, v in p.items() if k != "padding" and v != 1)


def flops(layer, y):
    w = layer.get("weight")
    if w is None:
        return 0
    if layer["op"] == "conv_transpose2d":
        return 2 * np.prod(layer["shape"]) * np.prod(w[1:]) * y.shape[0]
    return 2 * y.numel() * np.prod(w[1:])


def torch_call(layer, x, w, b):
    p = dict(layer["params"])
    f = getattr(F, layer["op"].replace("interpolate2d", "interpolate"))
    if w is not None:
        return lambda: f(x, w, b, **p)
    if layer["op"] == "interpolate2d":
        mode = ["nearest", "nearest-exact", "bilinear"][p["mode"]]
        size = {"scale_factor": p["scale"]} if "scale" in p else {"size": p["size"]}
        return lambda: f(x, mode=mode, **size)
    if layer["op"] == "adaptive_avg_pool2d":
        return lambda: f(x, p["output"])
    return lambda: f(x, p["kernel"], p["stride"], p["padding"])


def onnx_call(layer, x, w, b, y, threads):
    p, two = layer["params"], lambda v: [v, v]
    if w is None and layer["op"] not in ("max_pool2d", "avg_pool2d"):
        return None
    if w is not None:
        op = "Conv" if layer["op"] == "conv2d" else "ConvTranspose"
        attributes = {"strides": two(p.get("stride", 1)), "pads": two(p.get("padding", 0)) * 2,
                      "dilations": two(p.get("dilation", 1)), "group": p.get("groups", 1)}
        constants = [numpy_helper.from_array(w.numpy(), "w"), numpy_helper.from_array(b.numpy(), "b")]
    else:
        op = "MaxPool" if layer["op"] == "max_pool2d" else "AveragePool"
        attributes = {"kernel_shape": two(p["kernel"]), "strides": two(p["stride"]), "pads": two(p["padding"]) * 2}
        attributes |= {"count_include_pad": 1} if op == "AveragePool" else {}
        constants = []
    node = helper.make_node(op, ["x"] + [c.name for c in constants], ["y"], **attributes)
    graph = helper.make_graph([node], "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, y.shape)], constants)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    feed = {"x": x.numpy()}
    return lambda: session.run(None, feed)[0]


class Ours:
    """One call with its operands and result bound once."""

    def __init__(self, ops, layer, x, w, b, y):
        self.ops, self.y, self.keep = ops, y, (x, w, b)
        tensors = [self.tensor(t) for t in (y, x, w, b) if t is not None]
        kind = ConvParams if w is not None else InterpolateParams if layer["op"] == "interpolate2d" else PoolParams
        p = {k: v if k in ("groups", "mode", "flags") else (v, v) for k, v in layer["params"].items()}
        self.params = structure(kind, p)
        self.call = getattr(ops.c, f"tr_{layer['op']}_out")
        self.call.restype, self.call.argtypes = ctypes.c_int, [ctypes.c_void_p] * (len(tensors) + 1)
        self.args = (*tensors, ctypes.addressof(self.params))

    def tensor(self, t):
        """t, which may lie with its channels last, as a view."""
        last = t.ndim == 4 and not t.is_contiguous()
        if not last:
            return self.borrow(t.shape, t.data_ptr())
        n, c, h, w = t.shape
        perm = (ctypes.c_int * 4)(0, 3, 1, 2)
        return self.ops.check(self.ops.c.tr_permute(self.borrow((n, h, w, c), t.data_ptr()), perm))

    def borrow(self, shape, at):
        f = self.ops.c.tr_borrow
        return self.ops.check(f(self.ops.ctx, 11, len(shape), (ctypes.c_int64 * len(shape))(*shape), at, 0, None, None))

    def __call__(self):
        if self.call(*self.args):
            self.ops.check(None)
        return self.y


def seconds(call, n, clock):
    start = clock()
    for _ in range(n):
        call()
    return (clock() - start) / n


def measure(layer, args, ops):
    rng = np.random.default_rng(0)
    draw = lambda *shape: torch.from_numpy(rng.normal(size=shape).astype("f4"))
    x, w, b = draw(args.batch, *layer["shape"]), None, None
    if "weight" in layer:
        w = draw(*layer["weight"]) / np.sqrt(np.prod(layer["weight"][1:]))
        b = draw(w.shape[1] if layer["op"] == "conv_transpose2d" else w.shape[0])
    plain_x = x
    if args.last:
        x = x.contiguous(memory_format=torch.channels_last)
    want = torch_call(layer, x, w, b)()
    y = torch.zeros_like(want)
    sides = {"trueno": Ours(ops, layer, x, w, b, y), "torch": torch_call(layer, x, w, b)}
    if not args.last:
        ort = onnx_call(layer, plain_x, w, b, want, args.threads)
        sides |= {"onnxruntime": ort} if ort else {}
    for side, call in sides.items():
        error = np.abs(np.asarray(call()) - want.numpy()).max() / np.abs(want.numpy()).max()
        assert error < 1e-4, f"{side} differs by {error} on {describe(layer, args.batch)}"
    clock = time.process_time if args.threads == 1 else time.perf_counter
    count = {s: max(1, int(MILLISECONDS * 1e-3 / seconds(c, 2, clock))) for s, c in sides.items()}
    rounds, order = [], list(sides)
    for _ in range(args.rounds):
        random.shuffle(order)
        rounds.append({s: seconds(sides[s], count[s], clock) for s in order})
    best = {s: min(r[s] for r in rounds) for s in sides}
    ratio = {s: statistics.median(r[s] / r["trueno"] for r in rounds) for s in sides}
    return best, ratio, flops(layer, want) / best["trueno"] / 1e9


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--net", nargs="+", choices=NETS, default=list(NETS))
    args.add_argument("--threads", type=int, default=1)
    args.add_argument("--batch", type=int, default=1)
    args.add_argument("--rounds", type=int, default=7)
    args.add_argument("--only", default="", help="layers whose description contains this")
    args.add_argument("--last", action="store_true", help="channels last in memory, without ONNX Runtime")
    args = args.parse_args()
    torch.set_num_threads(args.threads)
    torch.set_grad_enabled(False)
    ops = Ops(args.threads)
    print("| layer | ours, µs | GFLOP/s | PyTorch, µs | ratio | ONNX Runtime, µs | ratio |\n|---|---|---|---|---|---|---|")
    for net in args.net:
        for layer in NETS[net]:
            if args.only not in describe(layer, args.batch):
                continue
            best, ratio, rate = measure(layer, args, ops)
            cells = [describe(layer, args.batch), f"{best['trueno'] * 1e6:.0f}", f"{rate:.0f}" if rate else ""]
            for side in ("torch", "onnxruntime"):
                cells += [f"{best[side] * 1e6:.0f}", f"{ratio[side]:.2f}"] if side in best else ["", ""]
            print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()

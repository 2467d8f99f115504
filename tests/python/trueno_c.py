# SPDX-License-Identifier: MIT
"""The library's encoder through its C ABI, for tests and benchmarks.

TRUENO_LIB names the library (default: $TRUENO_BUILD/libtrueno.so, else build/release/libtrueno.so) and
TRUENO_MODEL_DIR the model's folder (default: the cache that `trueno` fills).
"""
import ctypes
import os
import pathlib

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("TRUENO_BUILD", ROOT / "build/release"))
LIB = pathlib.Path(os.environ.get("TRUENO_LIB") or BUILD / "libtrueno.so")
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
MODEL = pathlib.Path(os.environ.get("TRUENO_MODEL_DIR") or CACHE / "trueno/models/all-MiniLM-L6-v2")


class ContextParams(ctypes.Structure):
    _fields_ = [("device", ctypes.c_char_p), ("threads", ctypes.c_uint), ("cache_bytes", ctypes.c_size_t),
                ("alloc", ctypes.c_void_p), ("free", ctypes.c_void_p), ("user", ctypes.c_void_p),
                ("exact", ctypes.c_uint), ("timeout_ms", ctypes.c_uint), ("trace", ctypes.c_char_p),
                ("kept_bytes", ctypes.c_size_t)]


class Stats(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in
                ("submitted", "dispatched", "fused", "flushes", "allocs", "bytes_live", "bytes_peak",
                 "bytes_kept")]


def load_library():
    c = ctypes.CDLL(str(LIB))
    p, size = ctypes.c_void_p, ctypes.c_size_t
    c.tr_context_create.argtypes = [ctypes.POINTER(p), ctypes.POINTER(ContextParams), ctypes.c_char_p, size]
    c.tr_context_destroy.argtypes = [p]
    c.tr_context_destroy.restype = None
    c.tr_stats.argtypes = [p, ctypes.POINTER(Stats)]
    c.tr_stats.restype = None
    c.tr_error_message.argtypes = [p]
    c.tr_error_message.restype = ctypes.c_char_p
    c.tr_encoder_load.argtypes = [ctypes.POINTER(p), p, ctypes.c_char_p, ctypes.c_char_p, size]
    c.tr_encoder_destroy.argtypes = [p]
    c.tr_encoder_destroy.restype = None
    c.tr_encoder_dim.argtypes = [p]
    c.tr_encoder_dim.restype = ctypes.c_int64
    c.tr_encoder_tokens.argtypes = [p, ctypes.c_char_p, size]
    c.tr_encoder_tokens.restype = ctypes.c_int64
    c.tr_encoder_encode.argtypes = [p, ctypes.POINTER(ctypes.c_char_p), ctypes.POINTER(size), size, p]
    return c


class Encoder:
    """vectors = Encoder(folder).encode(list of bytes)"""

    def __init__(self, folder=MODEL, threads=0):
        self.c = load_library()
        self.ctx, self.enc = ctypes.c_void_p(), ctypes.c_void_p()
        why = ctypes.create_string_buffer(512)
        params = ContextParams(threads=threads)
        if self.c.tr_context_create(ctypes.byref(self.ctx), ctypes.byref(params), why, len(why)):
            raise RuntimeError(why.value.decode(errors="replace"))
        if self.c.tr_encoder_load(ctypes.byref(self.enc), self.ctx, os.fsencode(folder), why, len(why)):
            self.close()
            raise RuntimeError(why.value.decode(errors="replace"))
        self.dim = self.c.tr_encoder_dim(self.enc)

    def encode(self, texts):
        n = len(texts)
        out = np.empty((n, self.dim), np.float32)
        lens = (ctypes.c_size_t * n)(*map(len, texts))
        err = self.c.tr_encoder_encode(self.enc, (ctypes.c_char_p * n)(*texts), lens, n, out.ctypes.data)
        if err:
            raise RuntimeError(f"{err}: {self.c.tr_error_message(self.ctx).decode()}")
        return out

    def tokens(self, text):
        return self.c.tr_encoder_tokens(self.enc, text, len(text))

    def stats(self):
        s = Stats()
        self.c.tr_stats(self.ctx, ctypes.byref(s))
        return s

    def close(self):
        self.c.tr_encoder_destroy(self.enc)
        self.c.tr_context_destroy(self.ctx)
        self.enc, self.ctx = ctypes.c_void_p(), ctypes.c_void_p()

# SPDX-License-Identifier: MIT
"""The sentence encoder in plain PyTorch, from the same folder: what ours is compared with, in tests and in bench/.

Written from the papers (BERT, Sentence-BERT) with torch.nn.functional only; float32, eager.
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from tokenizers import Tokenizer


class Encoder:
    """vectors = Encoder(folder).encode(texts); one batch of texts, padded to the longest."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        config = json.loads((folder / "config.json").read_text())
        self.heads = config["num_attention_heads"]
        self.layers = config["num_hidden_layers"]
        self.eps = config["layer_norm_eps"]
        self.max_tokens = json.loads((folder / "sentence_bert_config.json").read_text())["max_seq_length"]
        self.w = load_file(folder / "model.safetensors")
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(self.max_tokens)

    def tokens(self, texts):
        return [e.ids for e in self.tokenizer.encode_batch(list(texts))]

    def _linear(self, x, name):
        return F.linear(x, self.w[name + ".weight"], self.w[name + ".bias"])

    def _norm(self, x, name):
        return F.layer_norm(x, x.shape[-1:], self.w[name + ".weight"], self.w[name + ".bias"], self.eps)

    def _layer(self, x, mask, i):
        name = f"encoder.layer.{i}."
        batch, length, hidden = x.shape

        def heads(y):
            return y.view(batch, length, self.heads, hidden // self.heads).transpose(1, 2)

        q, k, v = (heads(self._linear(x, f"{name}attention.self.{p}")) for p in ("query", "key", "value"))
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        y = y.transpose(1, 2).reshape(batch, length, hidden)
        x = self._norm(self._linear(y, name + "attention.output.dense") + x, name + "attention.output.LayerNorm")
        y = F.gelu(self._linear(x, name + "intermediate.dense"))
        return self._norm(self._linear(y, name + "output.dense") + x, name + "output.LayerNorm")

    def forward(self, ids, real):
        """ids: int64[batch, length]; real: bool[batch, length], None if every token is."""
        x = F.embedding(ids, self.w["embeddings.word_embeddings.weight"])
        x = x + self.w["embeddings.token_type_embeddings.weight"][0]
        x = x + self.w["embeddings.position_embeddings.weight"][:ids.shape[1]]
        x = self._norm(x, "embeddings.LayerNorm")
        mask = None if real is None else torch.zeros(real.shape).masked_fill(~real, -math.inf)[:, None, None]
        for i in range(self.layers):
            x = self._layer(x, mask, i)
        if real is None:
            x = x.mean(1)
        else:
            x = (x * real[..., None]).sum(1) / real.sum(1, keepdim=True)
        return F.normalize(x, dim=1)

    @torch.inference_mode()
    def encode_tokens(self, tokens):
        length = max(map(len, tokens))
        ids = torch.tensor([t + [0] * (length - len(t)) for t in tokens])
        real = torch.tensor([[i < len(t) for i in range(length)] for t in tokens])
        return self.forward(ids, None if bool(real.all()) else real).numpy()

    def encode(self, texts):
        return self.encode_tokens(self.tokens(texts))

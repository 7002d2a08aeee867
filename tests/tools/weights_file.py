#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes model files of the right shapes without weights: the bytes behind the header are a hole in the file.

usage: weights_file.py llama FOLDER [layers] | llama-shards FOLDER [layers] | gguf FILE [layers]
"""
import json
import os
import struct
import sys

WIDTH, INNER, WORDS = 4096, 11008, 32000


def llama(layers):
    names = [("model.embed_tokens.weight", [WORDS, WIDTH])]
    for i in range(layers):
        at = f"model.layers.{i}."
        names += [(at + f"self_attn.{x}_proj.weight", [WIDTH, WIDTH]) for x in "qkvo"]
        names += [(at + "mlp.gate_proj.weight", [INNER, WIDTH]), (at + "mlp.up_proj.weight", [INNER, WIDTH]),
                  (at + "mlp.down_proj.weight", [WIDTH, INNER]),
                  (at + "input_layernorm.weight", [WIDTH]), (at + "post_attention_layernorm.weight", [WIDTH])]
    return names + [("model.norm.weight", [WIDTH]), ("lm_head.weight", [WORDS, WIDTH])]


def elements(shape):
    n = 1
    for size in shape:
        n *= size
    return n


def safetensors(path, tensors):
    header, at = {}, 0
    for name, shape in tensors:
        n = 2 * elements(shape)
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [at, at + n]}
        at += n
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + at)


def text(value):
    return struct.pack("<Q", len(value)) + value.encode()


def gguf(path, layers):
    named = {"self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
             "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
             "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm"}
    tensors = []
    for name, shape in llama(layers):
        for old, new in named.items():
            name = name.replace(old, new)
        name = name.replace("model.layers.", "blk.").replace("model.embed_tokens", "token_embd")
        tensors.append((name.replace("model.norm", "output_norm").replace("lm_head", "output"), shape))
    keys = {"block_count": layers, "attention.head_count": 32, "embedding_length": WIDTH}
    out = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), 1 + len(keys))
    out += text("general.architecture") + struct.pack("<I", 8) + text("llama")
    for key, value in keys.items():
        out += text("llama." + key) + struct.pack("<II", 4, value)
    at = 0
    for name, shape in tensors:
        out += text(name) + struct.pack("<I", len(shape)) + b"".join(struct.pack("<Q", n) for n in reversed(shape))
        out += struct.pack("<IQ", 1, at)
        at += 2 * elements(shape)
    out += bytes(-len(out) % 32)
    with open(path, "wb") as file:
        file.write(out)
        file.truncate(len(out) + at)


def main():
    kind, path = sys.argv[1:3]
    layers = int(sys.argv[3]) if len(sys.argv) > 3 else 32
    if kind == "gguf":
        return gguf(path, layers)
    os.makedirs(path, exist_ok=True)
    with open(os.path.join(path, "config.json"), "w") as file:
        json.dump({"architectures": ["LlamaForCausalLM"], "hidden_size": WIDTH, "num_attention_heads": 32,
                   "num_hidden_layers": layers, "tie_word_embeddings": False, "vocab_size": WORDS}, file)
    tensors = llama(layers)
    if kind == "llama":
        return safetensors(os.path.join(path, "model.safetensors"), tensors)
    half = len(tensors) // 2
    parts = {"model-00001-of-00002.safetensors": tensors[:half], "model-00002-of-00002.safetensors": tensors[half:]}
    for part, some in parts.items():
        safetensors(os.path.join(path, part), some)
    with open(os.path.join(path, "model.safetensors.index.json"), "w") as file:
        json.dump({"metadata": {"total_size": 0}, "weight_map": {n: p for p, some in parts.items() for n, _ in some}}, file)


main()

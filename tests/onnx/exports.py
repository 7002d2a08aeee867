#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What PyTorch's own exporter writes, sizes open and bound: the same multiply-adds as the layers' definitions give by hand.
Exported graphs compute their shapes while they run, so this is where a reader that cannot follow values gets lost. R-COUNT-03,
-05, -10."""

import os
import warnings

from lib_onnx import TMP, count, done_testing, equal, ok, size, skip_all

try:
    import torch
    from torch import nn
except ImportError as error:
    skip_all(f"{error}: tools/packages.txt, section demo")

warnings.simplefilter("ignore")
torch.manual_seed(1)


class Words(nn.Module):
    """Lookup, recurrent layer, one answer from the last step."""

    def __init__(self, kind):
        super().__init__()
        self.table = nn.Embedding(100, 24)
        self.layer = getattr(nn, kind)(24, 32, num_layers=2, bidirectional=True, batch_first=True)
        self.head = nn.Linear(64, 5)

    def forward(self, ids):
        return self.head(self.layer(self.table(ids))[0][:, -1])


class Encoder(nn.Module):
    """Two layers of the encoder that PyTorch ships."""

    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(64, 4, 128, dropout=0.0, batch_first=True)
        self.layers = nn.TransformerEncoder(layer, 2)

    def forward(self, x):
        return self.layers(x)


class Views(nn.Module):
    """Shapes taken apart and put together again, as vision transformers do."""

    def __init__(self):
        super().__init__()
        self.mix = nn.Linear(48, 10)

    def forward(self, x):
        b, c, h, w = x.shape
        x = x.reshape(b, c, h // 4, 4, w // 4, 4).permute(0, 2, 4, 1, 3, 5)
        return self.mix(x.reshape(b, (h // 4) * (w // 4), c * 16)).mean(1)


class Looped(nn.Module):
    """A loop of as many steps as the input says."""

    def __init__(self):
        super().__init__()
        self.step = nn.Linear(16, 16)

    def forward(self, x, n: int):
        for _ in range(n):
            x = torch.tanh(self.step(x))
        return x


def export(name, module, inputs, axes, opset=14):
    path = os.path.join(TMP, f"{name}.onnx")
    names = list(axes)
    module.train()  # else PyTorch 1.13 takes a fused path that its exporter does not know
    try:
        torch.onnx.export(module, inputs, path, input_names=names, dynamic_axes={k: v for k, v in axes.items() if v},
                          opset_version=opset, do_constant_folding=False, training=torch.onnx.TrainingMode.PRESERVE)
    except Exception as error:  # pylint: disable=broad-except
        ok(False, f"{name} is exported: {error}")
        return None
    return path


def check(name, path, binding, macs, parameters):
    if not path:
        return
    got = count(path, *(["--bind", binding] if binding else []))
    equal(size(got, "macs"), macs, f"{name} {binding or 'open'}: {macs} multiply-adds")
    equal(got.get("n_parameters"), parameters, f"{name}: {parameters} parameters")
    equal(got.get("missed"), [], f"{name}: nothing is left out")


def n_of(module):
    return sum(p.numel() for p in module.parameters())


BATCH = {0: "batch"}
SEQ = {0: "batch", 1: "seq"}
IMAGE = {0: "batch", 2: "high", 3: "wide"}

mlp = nn.Sequential(nn.Linear(20, 30), nn.GELU(), nn.Linear(30, 4), nn.Softmax(-1))
path = export("mlp", mlp, torch.zeros(3, 20), {"x": BATCH})
check("mlp", path, None, "720*batch", n_of(mlp))
check("mlp", path, "batch=7", 7 * 720, n_of(mlp))

cnn = nn.Sequential(
    nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3, stride=2, padding=1, groups=4),
    nn.Hardswish(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10))
path = export("cnn", cnn, torch.zeros(2, 3, 32, 48), {"x": IMAGE})
# 8 x 27 x 32 x 48, then 16 x 2 x 9 x 8 x 12 after two halvings, then 160
check("cnn", path, "batch=2,high=32,wide=48", 2 * (331776 + 27648 + 160), n_of(cnn))
# Odd sizes: 33 x 47 pools to 16 x 23 and strides to 8 x 12
check("cnn", path, "batch=1,high=33,wide=47", 8 * 27 * 33 * 47 + 288 * 8 * 12 + 160, n_of(cnn))

up = nn.Sequential(nn.ConvTranspose2d(6, 4, 3, stride=2, padding=1, output_padding=1), nn.Conv2d(4, 2, 1))
path = export("up", up, torch.zeros(1, 6, 10, 10), {"x": IMAGE})
# Each input value meets 4 x 9 weights; the output is twice as high and wide, 4 to 2 channels
check("up", path, "batch=3,high=10,wide=11", 3 * (6 * 110 * 36 + 8 * 440), n_of(up))

for kind, gates in (("LSTM", 4), ("GRU", 3), ("RNN", 1)):
    words = Words(kind)
    path = export(kind.lower(), words, torch.zeros(2, 7, dtype=torch.long), {"ids": SEQ})
    # two directions; the second layer reads both: gates x (24 + 32 + 64 + 32) x 32, twice
    per_token = 2 * gates * ((24 + 32) * 32 + (64 + 32) * 32)
    check(kind.lower(), path, "batch=2,seq=9", 2 * (9 * per_token + 64 * 5), n_of(words))

encoder = Encoder()
path = export("encoder", encoder, torch.zeros(2, 6, 64), {"x": SEQ})
# Two layers: four projections of 64 x 64, two of 64 x 128, scores and mixing 2 x 64 x seq
for batch, seq in ((2, 6), (5, 31)):
    check("encoder", path, f"batch={batch},seq={seq}", 2 * batch * seq * (4 * 64 * 64 + 2 * 64 * 128 + 2 * 64 * seq), n_of(encoder))

views = Views()
path = export("views", views, torch.zeros(2, 3, 16, 16), {"x": IMAGE})
check("views", path, "batch=2,high=32,wide=64", 2 * 8 * 16 * 480, n_of(views))

looped = torch.jit.script(Looped())
path = export("looped", looped, (torch.zeros(2, 16), torch.tensor(5)), {"x": BATCH, "n": None})
if path:
    got = count(path, "--bind", "batch=2")
    text = str(size(got, "macs"))
    ok(text.startswith("512*") and " + " not in text, f"looped: 512 multiply-adds a step, by a symbol for the steps: {text}")

done_testing()

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Networks of the literature, written node by node: multiply-adds and parameters are what docs/method/counting-derivations.md
derives by hand, to the integer. R-COUNT-01, -08, -10."""

from lib_onnx import Graph, count, done_testing, equal, size


def mlp():
    g = Graph()
    at = g.input("pixels", "batch", 784)
    for i, (n_in, n_out) in enumerate([(784, 512), (512, 256), (256, 10)]):
        at = g.node("Gemm", at, g.weight(f"w{i}", n_out, n_in), g.weight(f"b{i}", n_out), transB=1)
        if n_out != 10:
            at = g.node("Relu", at)
    g.output(at)
    return g


def lenet5():
    g = Graph()
    at = g.input("image", 1, 1, 32, 32)
    for name, n_in, n_out, size in (("c1", 1, 6, 5), ("c3", 6, 16, 5), ("c5", 16, 120, 5)):
        at = g.node("Conv", at, g.weight(f"{name}.w", n_out, n_in, size, size), g.weight(f"{name}.b", n_out), out=name)
        at = g.node("Tanh", at)
        if name != "c5":
            at = g.node("AveragePool", at, kernel_shape=[2, 2], strides=[2, 2])
    at = g.node("Flatten", at)
    for name, n_in, n_out in (("f6", 120, 84), ("out", 84, 10)):
        at = g.node("Gemm", at, g.weight(f"{name}.w", n_out, n_in), g.weight(f"{name}.b", n_out), transB=1, out=name)
    g.output(at)
    return g


def conv_bn(g, at, name, n_in, n_out, size, stride=1, group=1, act=None):
    """A convolution without bias, batch normalisation, activation: the brick of the two networks below."""
    pad = size // 2
    at = g.node("Conv", at, g.weight(f"{name}.weight", n_out, n_in // group, size, size), out=name, group=group,
                kernel_shape=[size, size], strides=[stride, stride], pads=[pad] * 4)
    statistics = [g.weight(f"{name}.bn.{part}", n_out) for part in ("scale", "bias", "mean", "var")]
    at = g.node("BatchNormalization", at, *statistics)
    if act == "relu6":
        return g.node("Clip", at, *(g.node("Constant", value_float=bound) for bound in (0.0, 6.0)))
    return g.node("Relu", at) if act else at


def head(g, at, n_in, n_out):
    at = g.node("Flatten", g.node("GlobalAveragePool", at))
    g.output(g.node("Gemm", at, g.weight("fc.weight", n_out, n_in), g.weight("fc.bias", n_out), transB=1, out="fc"))


def resnet50():
    g = Graph()
    at = conv_bn(g, g.input("image", "batch", 3, 224, 224), "conv1", 3, 64, 7, 2, act="relu")
    at = g.node("MaxPool", at, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    n_in = 64
    for stage, (width, n) in enumerate([(64, 3), (128, 4), (256, 6), (512, 3)]):
        for block in range(n):
            stride = 2 if stage and not block else 1
            name, back = f"layer{stage + 1}.{block}", at
            at = conv_bn(g, at, f"{name}.conv1", n_in, width, 1, act="relu")
            at = conv_bn(g, at, f"{name}.conv2", width, width, 3, stride, act="relu")
            at = conv_bn(g, at, f"{name}.conv3", width, 4 * width, 1)
            if not block:
                back = conv_bn(g, back, f"{name}.downsample", n_in, 4 * width, 1, stride)
            at = g.node("Relu", g.node("Add", at, back))
            n_in = 4 * width
    head(g, at, 2048, 1000)
    return g


def mobilenet_v2():
    g = Graph()
    at = conv_bn(g, g.input("image", 1, 3, 224, 224), "stem", 3, 32, 3, 2, act="relu6")
    n_in = 32
    rows = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
    for expand, n_out, n, first_stride in rows:
        for block in range(n):
            stride, wide = (1 if block else first_stride), n_in * expand
            name, back = f"b{n_out}.{block}", at
            if expand != 1:
                at = conv_bn(g, at, f"{name}.expand", n_in, wide, 1, act="relu6")
            at = conv_bn(g, at, f"{name}.depthwise", wide, wide, 3, stride, group=wide, act="relu6")
            at = conv_bn(g, at, f"{name}.project", wide, n_out, 1)
            if stride == 1 and n_in == n_out:
                at = g.node("Add", at, back)
            n_in = n_out
    head(g, conv_bn(g, at, "last", 320, 1280, 1, act="relu6"), 1280, 1000)
    return g


def norm(g, at, name, width):
    """Layer normalisation in plain operators, as opset 16 and before write it."""
    mean = g.node("ReduceMean", at, axes=[-1])
    off = g.node("Sub", at, mean)
    variance = g.node("ReduceMean", g.node("Mul", off, off), axes=[-1])
    at = g.node("Div", off, g.node("Sqrt", variance))
    return g.node("Add", g.node("Mul", at, g.weight(f"{name}.weight", width)), g.weight(f"{name}.bias", width))


def heads(g, at, name, n_heads, each, order=(0, 2, 1, 3)):
    shape = g.integers(f"{name}.shape", 0, 0, n_heads, each)
    return g.node("Transpose", g.node("Reshape", at, shape), perm=list(order))


def attention(g, at, name, width, n_heads, joint=False):
    each = width // n_heads
    if joint:  # one matrix for query, key and value, split afterwards
        all_three = g.linear(at, f"{name}.qkv", width, 3 * width)
        split = g.node("Split", all_three, n_out=3, axis=-1)
        q, k, v = split, f"{split}.1", f"{split}.2"
    else:
        q, k, v = (g.linear(at, f"{name}.{part}", width, width) for part in "qkv")
    q = heads(g, q, f"{name}.q", n_heads, each)
    k = heads(g, k, f"{name}.k", n_heads, each, (0, 2, 3, 1))
    v = heads(g, v, f"{name}.v", n_heads, each)
    scores = g.node("Softmax", g.node("MatMul", q, k, out=f"{name}/scores"), axis=-1)
    mixed = g.node("Transpose", g.node("MatMul", scores, v, out=f"{name}/mix"), perm=[0, 2, 1, 3])
    mixed = g.node("Reshape", mixed, g.integers(f"{name}.join", 0, 0, width))
    return g.linear(mixed, f"{name}.out", width, width)


def feed_forward(g, at, name, width):
    at = g.node("Erf", g.linear(at, f"{name}.up", width, 4 * width))
    return g.linear(at, f"{name}.down", 4 * width, width)


def bert_base():
    g = Graph(16)
    width = 768
    ids = g.input("ids", "batch", "seq", kind="INT64")
    kinds = g.input("kinds", "batch", "seq", kind="INT64")
    at = g.node("Gather", g.weight("word", 30522, width), ids)
    at = g.node("Add", at, g.node("Gather", g.weight("kind", 2, width), kinds))
    at = g.node("Add", at, g.node("Gather", g.weight("place", 512, width), g.input("places", 1, "seq", kind="INT64")))
    at = norm(g, at, "norm", width)
    for i in range(12):
        at = norm(g, g.node("Add", at, attention(g, at, f"{i}.attention", width, 12)), f"{i}.norm1", width)
        at = norm(g, g.node("Add", at, feed_forward(g, at, f"{i}.ff", width)), f"{i}.norm2", width)
    first = g.node("Gather", at, g.integers("zero", 0), axis=1)
    first = g.node("Squeeze", first, g.integers("one", 1))
    pooler = g.node("Gemm", first, g.weight("pooler.w", width, width), g.weight("pooler.b", width), transB=1)
    g.output(g.node("Tanh", pooler))
    return g


def gpt2_small():
    g = Graph(16)
    width = 768
    ids = g.input("ids", "batch", "seq", kind="INT64")
    table = g.weight("wte", 50257, width)
    at = g.node("Gather", table, ids)
    at = g.node("Add", at, g.node("Gather", g.weight("wpe", 1024, width), g.input("places", 1, "seq", kind="INT64")))
    for i in range(12):
        at = g.node("Add", at, attention(g, norm(g, at, f"{i}.norm1", width), f"{i}.attention", width, 12, joint=True))
        at = g.node("Add", at, feed_forward(g, norm(g, at, f"{i}.norm2", width), f"{i}.ff", width))
    at = norm(g, at, "norm", width)
    g.output(g.node("MatMul", at, g.node("Transpose", table, perm=[1, 0]), out="head"))
    return g


def vit_b16():
    g = Graph(16)
    width = 768
    at = g.input("image", 1, 3, 224, 224)
    at = g.node("Conv", at, g.weight("patch.w", width, 3, 16, 16), g.weight("patch.b", width), strides=[16, 16])
    at = g.node("Reshape", at, g.integers("patches", 0, width, -1))
    at = g.node("Transpose", at, perm=[0, 2, 1])
    at = g.node("Concat", g.weight("class", 1, 1, width), at, axis=1)
    at = g.node("Add", at, g.weight("place", 1, 197, width))
    for i in range(12):
        at = g.node("Add", at, attention(g, norm(g, at, f"{i}.norm1", width), f"{i}.attention", width, 12))
        at = g.node("Add", at, feed_forward(g, norm(g, at, f"{i}.norm2", width), f"{i}.ff", width))
    at = g.node("Gather", norm(g, at, "norm", width), g.integers("zero", 0), axis=1)
    at = g.node("Squeeze", at, g.integers("one", 1))
    g.output(g.node("Gemm", at, g.weight("head.w", 1000, width), g.weight("head.b", 1000), transB=1))
    return g


def lstm():
    g = Graph()
    at = g.input("words", 35, 20, 200)
    g.output(g.node("LSTM", at, g.weight("W", 1, 2600, 200), g.weight("R", 1, 2600, 650), g.weight("B", 1, 5200),
                    hidden_size=650, n_out=3))
    return g


def grouped_conv():
    g = Graph()
    at = g.input("x", 1, 128, 56, 56)
    g.output(g.node("Conv", at, g.weight("w", 128, 4, 3, 3), group=32, pads=[1, 1, 1, 1]))
    return g


def transposed_conv():
    g = Graph()
    at = g.input("x", 1, 128, 16, 16)
    g.output(g.node("ConvTranspose", at, g.weight("w", 128, 64, 4, 4), strides=[2, 2], pads=[1, 1, 1, 1]))
    return g


def einsum_attention():
    g = Graph()
    q, k, v = (g.input(name, 2, 8, 64, 32) for name in "qkv")
    scores = g.node("Softmax", g.node("Einsum", q, k, equation="bhid,bhjd->bhij"), axis=-1)
    g.output(g.node("Einsum", scores, v, equation="bhij,bhjd->bhid"))
    return g


# Multiply-adds of one pass, parameters, and what its open sizes are bound to. Derived in docs/method/counting-derivations.md.
ZOO = [
    (mlp, 535_040, 535_818, "batch=1"),
    (mlp, 64 * 535_040, 535_818, "batch=64"),
    (lenet5, 416_520, 61_706, None),
    (resnet50, 4_089_184_256, 25_557_032, "batch=1"),
    (resnet50, 32 * 4_089_184_256, 25_557_032, "batch=32"),
    (mobilenet_v2, 300_774_272, 3_504_872, None),
    (bert_base, 11_174_215_680, 109_482_240, "batch=1,seq=128"),
    (bert_base, 8 * (48_318_382_080 + 589_824), 109_482_240, "batch=8,seq=512"),
    (gpt2_small, 145_824_153_600, 124_439_808, "batch=1,seq=1024"),
    (vit_b16, 17_563_828_224, 86_567_656, None),
    (lstm, 1_547_000_000, 2_215_200, None),
    (grouped_conv, 14_450_688, 4_608, None),
    (transposed_conv, 33_554_432, 131_072, None),
    (einsum_attention, 4_194_304, 0, None),
]

# With their sizes left open: the polynomial that the derivation gives.
OPEN = [
    (mlp, "535040*batch"),
    (resnet50, "4089184256*batch"),
    (bert_base, "589824*batch + 84934656*batch*seq + 18432*batch*seq^2"),
    (gpt2_small, "123532032*batch*seq + 18432*batch*seq^2"),
]


def terms(text):
    """A polynomial as a set: the order of its terms is the printer's."""
    return {"*".join(sorted(term.split("*"))) for term in str(text).split(" + ")}


for build, macs, parameters, binding in ZOO:
    path = build().write(build.__name__, "com.microsoft")
    got = count(path, *(["--bind", binding] if binding else []))
    name = f"{build.__name__} {binding or ''}".strip()
    equal(size(got, "macs"), macs, f"{name}: {macs:,} multiply-adds")
    equal(got.get("n_parameters"), parameters, f"{name}: {parameters:,} parameters")
    equal(got.get("missed"), [], f"{name}: nothing is left out")

for build, polynomial in OPEN:
    got = count(build().write(build.__name__))
    equal(terms(size(got, "macs")), terms(polynomial), f"{build.__name__}, open: {polynomial}")

done_testing()

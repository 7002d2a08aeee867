#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real networks counted by Joulebook and by other tools.

usage: peers.py JOULEBOOK FOLDER [MODEL...]

Each network of torchvision, torch.nn and transformers, with random weights and no download, is exported in several ways by
torch.onnx.export into FOLDER (and removed again), counted by `joulebook count` with its sizes open and bound, and by what is
installed of onnx-tool, fvcore, ptflops, thop and torch's own FlopCounterMode. Lines: model, way, figures. A multiply-add of ours that
differs between ways, parameters other than the module's own, anything not counted, or a batch that is not told ends it with 1.
Without torch and onnx it says SKIP. By hand: it takes minutes and gigabytes of packages (docs/method/validation.md).
"""
import collections
import contextlib
import gc
import glob
import io
import json
import os
import subprocess
import sys
import warnings

warnings.simplefilter("ignore")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
try:
    import onnx
    import torch
except ImportError as missing:
    print("1..0 # SKIP %s" % missing)
    sys.exit(0)

BATCH = 2

# --- networks: module, example inputs, open axes of each, module's own parameters that an export leaves out ------------


def image(name, size=224, **more):
    def make():
        import torchvision
        found = torchvision.models
        for part in name.split("."):
            found = getattr(found, part)
        return found(weights=None, **more), [torch.randn(BATCH, 3, size, size)], [{0: "batch"}]

    return make


class First(torch.nn.Module):
    """The first tensor of what a module gives, by names of its inputs."""

    def __init__(self, inner, names, key=None, **more):
        super().__init__()
        self.inner, self.names, self.key, self.more = inner, names, key, more

    def forward(self, *inputs):
        out = self.inner(**dict(zip(self.names, inputs)), **self.more)
        return out[self.key] if self.key is not None else out[0]


class Positional(torch.nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, *inputs):
        return self.inner(*inputs)[0]


def segments():
    import torchvision
    net = torchvision.models.segmentation.deeplabv3_mobilenet_v3_large(weights=None, weights_backbone=None, aux_loss=False)
    return Keyed(net), [torch.randn(BATCH, 3, 224, 224)], [{0: "batch"}]


class Keyed(torch.nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return self.inner(x)["out"]


class Up(torch.nn.Module):
    """Down by two grouped convolutions, up by two transposed ones."""

    def __init__(self):
        super().__init__()
        self.down = torch.nn.Sequential(torch.nn.Conv2d(8, 32, 3, 2, 1, groups=4), torch.nn.ReLU(),
                                        torch.nn.Conv2d(32, 64, 3, 2, 1, groups=32))
        self.up = torch.nn.Sequential(torch.nn.ConvTranspose2d(64, 32, 4, 2, 1, groups=2), torch.nn.ReLU(),
                                      torch.nn.ConvTranspose2d(32, 8, 2, 2))

    def forward(self, x):
        return self.up(self.down(x))


class Pairs(torch.nn.Module):
    """Attention written as einsum."""

    def __init__(self):
        super().__init__()
        self.q, self.k, self.v = (torch.nn.Linear(64, 64) for _ in range(3))

    def forward(self, x):
        q, k, v = (m(x).unflatten(-1, (4, 16)) for m in (self.q, self.k, self.v))
        scores = torch.einsum("bihd,bjhd->bhij", q, k).softmax(-1)
        return torch.einsum("bhij,bjhd->bihd", scores, v).flatten(-2)


def recurrent(kind, **more):
    def make():
        net = getattr(torch.nn, kind)(128, 256, batch_first=True, **more)
        return Positional(net), [torch.randn(BATCH, 32, 128)], [{0: "batch"}]

    return make


def encoder():
    layer = torch.nn.TransformerEncoderLayer(256, 4, 1024, batch_first=True)
    return (torch.nn.TransformerEncoder(layer, 3, enable_nested_tensor=False), [torch.randn(BATCH, 32, 256)],
            [{0: "batch", 1: "seq"}])


def translator():
    net = torch.nn.Transformer(256, 4, 2, 2, 1024, batch_first=True)
    return net, [torch.randn(BATCH, 32, 256), torch.randn(BATCH, 16, 256)], [{0: "batch"}, {0: "batch"}]


def ids(high, seq, n=1):
    return [torch.randint(0, high, (BATCH, seq))] + [torch.ones(BATCH, seq, dtype=torch.int64)] * (n - 1)


def text(kind, config, seq, names, key=None, attention="sdpa", **sizes):
    def make():
        import transformers
        settings = getattr(transformers, config)(**sizes)
        settings._attn_implementation = attention
        net = getattr(transformers, kind)(settings)
        more = {"use_cache": False} if "use_cache" in settings.to_dict() else {}
        return (First(net, names, key, **more), ids(settings.vocab_size, seq, len(names)),
                [{0: "batch", 1: "seq"}] * len(names))

    return make


def both_sides():
    import transformers
    settings = transformers.T5Config(d_model=256, d_kv=32, d_ff=512, num_layers=2, num_heads=8, use_cache=False,
                                     decoder_start_token_id=0)
    net = transformers.T5ForConditionalGeneration(settings)
    return (First(net, ["input_ids", "decoder_input_ids"], use_cache=False), ids(1000, 32) + ids(1000, 16),
            [{0: "batch"}, {0: "batch"}])


def picture_and_text():
    import transformers
    net = transformers.CLIPModel(transformers.CLIPConfig())
    return (First(net.vision_model, ["pixel_values"], "pooler_output"), [torch.randn(BATCH, 3, 224, 224)], [{0: "batch"}])


LLAMA = dict(vocab_size=32000, hidden_size=512, intermediate_size=1408, num_hidden_layers=4, num_attention_heads=8,
             num_key_value_heads=2)
MODELS = {
    "resnet50": image("resnet50"),
    "mobilenet_v2": image("mobilenet_v2"),
    "efficientnet_b0": image("efficientnet_b0"),
    "densenet121": image("densenet121"),
    "shufflenet_v2_x1_0": image("shufflenet_v2_x1_0"),
    "convnext_tiny": image("convnext_tiny"),
    "vit_b_16": image("vit_b_16"),
    "swin_t": image("swin_t"),
    "deeplabv3_mobilenet": segments,
    "transposed": lambda: (Up(), [torch.randn(BATCH, 8, 64, 64)], [{0: "batch"}]),
    "einsum": lambda: (Pairs(), [torch.randn(BATCH, 32, 64)], [{0: "batch", 1: "seq"}]),
    "lstm": recurrent("LSTM", num_layers=2, bidirectional=True),
    "gru": recurrent("GRU"),
    "nn_encoder": encoder,
    "nn_transformer": translator,
    "bert_base": text("BertModel", "BertConfig", 128, ["input_ids", "attention_mask"], "pooler_output"),
    "bert_eager": text("BertModel", "BertConfig", 128, ["input_ids", "attention_mask"], "pooler_output", "eager"),
    "gpt2": text("GPT2LMHeadModel", "GPT2Config", 64, ["input_ids", "attention_mask"], "logits"),
    "llama_small": text("LlamaForCausalLM", "LlamaConfig", 64, ["input_ids", "attention_mask"], "logits", **LLAMA),
    "t5_small": both_sides,
    "clip_vision": picture_and_text,
}

# --- exports -----------------------------------------------------------------------------------------------------------


def varied(net):
    """Random weights all over: exporters keep one of equal tensors, and fresh norms and copied layers are equal."""
    with torch.no_grad():
        for tensor in net.parameters():
            tensor.add_(torch.rand_like(tensor) / 100)
        for module in net.modules():
            if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
                module.running_mean.add_(torch.rand_like(module.running_mean) / 100)
                module.running_var.add_(torch.rand_like(module.running_var) / 100)
    return net.eval()


def traced(opset, is_open=True, **more):
    def export(net, inputs, axes, path):
        names = ["in%d" % i for i in range(len(inputs))]
        for version in (opset, 14):  # attention of torch has no export before 14
            try:
                torch.onnx.export(net, tuple(inputs), path, opset_version=version, input_names=names,
                                  dynamic_axes=dict(zip(names, axes)) if is_open else None,
                                  **({} if torch.__version__.startswith("1.") else {"dynamo": False}), **more)
                return
            except torch.onnx.errors.UnsupportedOperatorError:
                if version >= 14:
                    raise

    return export


def captured(**more):
    def export(net, inputs, axes, path):
        sizes = tuple({axis: name for axis, name in one.items()} for one in axes)
        names = ["in%d" % i for i in range(len(inputs))]
        star = isinstance(net, (First, Positional))
        torch.onnx.export(net, tuple(inputs), path, dynamo=True, input_names=names,
                          dynamic_shapes=(sizes,) if star else sizes, **more)

    return export


KEPT = dict(training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)
WAYS = {
    "traced 13, as it stands": traced(13, **KEPT),
    "traced 17": traced(17),
    "traced 17, sizes fixed": traced(17, is_open=False),
    "captured, as it stands": captured(optimize=False),
    "captured": captured(),
}
if torch.__version__.startswith("1."):
    WAYS = {"traced 13, as it stands": traced(13, **KEPT), "traced 16": traced(16),
            "traced 16, functions": traced(16, export_modules_as_functions=True)}


def joulebook(program, path, bindings=()):
    command = [program, "count", path, "--json"]
    for name, value in bindings:
        command += ["--bind", "%s=%d" % (name, value)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return json.loads(done.stdout)[0]


def told(figure):
    return figure["value"] if figure["value"] is not None else figure["formula"] or "?"


# --- peers: (multiply-adds or operations, what by) ----------------------------------------------------------------------


def by_fvcore(net, inputs):
    from fvcore.nn import FlopCountAnalysis
    count = FlopCountAnalysis(net, tuple(inputs))
    count.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    return count.total(), dict(count.by_operator(), missed=dict(count.unsupported_ops()))


def by_ptflops(backend):
    def count(net, inputs):
        from ptflops import get_model_complexity_info

        class Named(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.net = net

            def forward(self, **named):
                return self.net(*[named[k] for k in sorted(named)])

        macs, _ = get_model_complexity_info(Named(), (1,), as_strings=False, print_per_layer_stat=False, backend=backend,
                                            input_constructor=lambda _: {"i%d" % i: x for i, x in enumerate(inputs)})
        return macs, {}

    return count


def by_thop(net, inputs):
    import thop
    macs, _ = thop.profile(net, tuple(inputs), verbose=False)
    return macs, {}


def by_torch(net, inputs):
    from torch.utils.flop_counter import FlopCounterMode
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(*inputs)
    parts = {str(k).rsplit(".", 1)[-1]: v for k, v in counter.get_flop_counts().get("Global", {}).items()}
    return counter.get_total_flops(), parts


def by_onnx_tool(path, inputs):
    import onnx_tool
    model = onnx_tool.Model(path, {"verbose": False, "constant_folding": True})
    model.graph.shape_infer({"in%d" % i: x.numpy() for i, x in enumerate(inputs)})
    model.graph.profile()
    parts = collections.Counter()
    for node in model.graph.nodemap.values():
        parts[node.op_type] += int(node.macs[0])
    return model.graph.macs[0], {k: v for k, v in parts.items() if v}


def asked(name, ask, *what):
    """A peer's figure, or its complaint: they are others' programs on models they may not know."""
    try:
        with quiet():
            figure, parts = ask(*what)
        print("  %-12s %s %s" % (name, int(figure), json.dumps(parts)))
    except BaseException as trouble:  # noqa: B902 (some of them exit)
        print("  %-12s none: %s" % (name, (type(trouble).__name__ + ": " + str(trouble)).replace("\n", " ")[:160]))


@contextlib.contextmanager
def quiet():
    """Neither what Python prints nor what the libraries below it do."""
    sys.stdout.flush()
    kept, null = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(null)


def drop(path):
    for one in glob.glob(path + "*"):
        os.unlink(one)


def count_one(program, folder, name):
    net, inputs, axes = MODELS[name]()
    net = varied(net)
    own = sum(p.numel() for p in net.parameters())
    print("%s: %d parameters of the module" % (name, own))
    troubles, seen, path = [], collections.defaultdict(list), os.path.join(folder, name + ".onnx")
    bindings = [("batch", BATCH)]
    if "seq" in axes[0].values():
        bindings.append(("seq", inputs[0].shape[1]))
    for way, export in WAYS.items():
        drop(path)
        try:
            with quiet():
                export(net, inputs, axes, path)
        except Exception as trouble:  # noqa: B902
            print("  %-24s no export: %s" % (way, str(trouble).replace("\n", " ")[:160]))
            continue
        try:
            opened = joulebook(program, path)
            count = joulebook(program, path, [b for b in bindings if b[0] in opened["open"]])
        except RuntimeError as trouble:
            print("  %-24s REFUSED %s" % (way, trouble))
            troubles.append("%s: refused" % way)
            continue
        macs = told(count["macs"])
        seen[macs].append(way)
        print("  %-24s opset %d macs %s flops %s parameters %d tied %d embedding %d buffers %d examples %s tokens %s open %s: %s" % (
            way, count["opset"], macs, told(count["flops"]), count["n_parameters"], count["n_tied"], count["n_embedding"],
            count["n_buffers"], told(opened["examples"]), told(opened["tokens"]), opened["open"], str(told(opened["macs"]))[:200]))
        for one in count["missed"]:
            print("    not counted: %s" % json.dumps(one))
        for note in count["notes"]:
            print("    note: %s" % note)
        if count["missed"]:
            troubles.append("%s: not counted" % way)
        if told(opened["examples"]) != (BATCH if "fixed" in way else "batch"):
            troubles.append("%s: examples" % way)
        if "as it stands" in way and count["n_parameters"] != own:
            troubles.append("%s: %d parameters of %d" % (way, count["n_parameters"], own))
        if count["open"]:
            troubles.append("%s: left open: %s" % (way, count["open"]))
        asked("onnx-tool", by_onnx_tool, path, inputs)
    drop(path)
    asked("torch (FLOP)", by_torch, net, inputs)
    asked("fvcore", by_fvcore, net, inputs)
    asked("ptflops", by_ptflops("pytorch"), net, inputs)
    asked("ptflops aten", by_ptflops("aten"), net, inputs)
    asked("thop", by_thop, net, inputs)
    if len(seen) > 1:
        troubles.append("ways differ: %s" % dict(seen))
    for trouble in troubles:
        print("  TROUBLE %s" % trouble)
    return not troubles


def main():
    if len(sys.argv) < 3 or set(sys.argv[3:]) - set(MODELS):
        sys.exit(__doc__.split("\n\n")[1] + "\nmodels: " + " ".join(MODELS))
    program, folder, wanted = sys.argv[1], sys.argv[2], sys.argv[3:]
    torch.set_num_threads(2)
    torch.manual_seed(1)
    os.makedirs(folder, exist_ok=True)
    print("torch %s, onnx %s" % (torch.__version__, onnx.__version__))
    is_good = True
    for name in wanted or MODELS:
        try:
            is_good &= count_one(program, folder, name)
        except ImportError as missing:
            print("%s: left out: %s" % (name, missing))
        except Exception as trouble:  # noqa: B902
            print("  TROUBLE %s: %s" % (name, str(trouble)[:200]))
            is_good = False
        sys.stdout.flush()
        gc.collect()
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""What the tests of `joulebook count` share: TAP, the command's answer, and graphs without the bytes of their weights."""

import json
import os
import subprocess
import sys
import tempfile

JOULEBOOK = os.environ.get("JOULEBOOK", "build/release/src/joulebook")
TMP = os.environ.get("JB_TMP") or tempfile.mkdtemp(prefix="joulebook-test.")

_n = _failed = 0


def diag(text):
    for line in str(text).splitlines():
        print(f"# {line}")


def ok(held, name):
    global _n, _failed
    _n += 1
    _failed += not held
    print(f"{'ok' if held else 'not ok'} {_n} - {name}", flush=True)
    return held


def equal(got, wanted, name):
    if not ok(got == wanted, name):
        diag(f"got    {got!r}\nwanted {wanted!r}")


def done_testing():
    print(f"1..{_n}")
    sys.exit(1 if _failed else 0)


def skip_all(why):
    print(f"1..0 # SKIP {why}")
    sys.exit(0)


def need_onnx():
    """The onnx package of JB_ONNX_PYTHON or of Debian; without it the tests are skipped."""
    try:
        import onnx
    except ImportError as error:
        skip_all(f"{error}: tools/packages.txt, section test")
    return onnx


def count(*arguments):
    """What `joulebook count --json` says of one file, or {} and what it said instead."""
    done = subprocess.run([JOULEBOOK, "count", "--json", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        diag(f"count {' '.join(arguments)}: exit {done.returncode}\n{done.stderr}")
        return {}
    return json.loads(done.stdout)[0]


def size(answer, key):
    """A number, or the formula where sizes are open."""
    cell = answer.get(key) or {}
    return cell.get("value") if cell.get("formula") is None else cell["formula"]


class Graph:
    """An ONNX graph that is written node by node. Weights have sizes and no bytes: they are said to lie in another file."""

    def __init__(self, opset=17):
        self.onnx = need_onnx()
        self.opset = opset
        self.nodes, self.weights, self.inputs, self.outputs = [], [], [], []

    def input(self, name, *sizes, kind="FLOAT"):
        of = getattr(self.onnx.TensorProto, kind)
        self.inputs.append(self.onnx.helper.make_tensor_value_info(name, of, sizes))
        return name

    def output(self, name):
        self.outputs.append(self.onnx.helper.make_empty_tensor_value_info(name))

    def weight(self, name, *sizes, kind="FLOAT"):
        tensor = self.onnx.TensorProto(name=name, data_type=getattr(self.onnx.TensorProto, kind), dims=sizes)
        tensor.data_location = self.onnx.TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="weights.bin")
        self.weights.append(tensor)
        return name

    def integers(self, name, *values):
        """A weight of known values: axes, shapes."""
        self.weights.append(
            self.onnx.helper.make_tensor(name, self.onnx.TensorProto.INT64, [len(values)], values))
        return name

    def node(self, op, *inputs, out=None, n_out=1, domain="", **attributes):
        """Its first output's name; the others are that name with .1, .2 ..."""
        name = out or f"{op}_{len(self.nodes)}"
        outputs = [name] + [f"{name}.{i}" for i in range(1, n_out)]
        self.nodes.append(
            self.onnx.helper.make_node(op, list(inputs), outputs, name=name, domain=domain, **attributes))
        return name

    def linear(self, of, name, n_in, n_out, bias=True):
        """of x W (+ b), as an exporter writes a linear layer over more than two dimensions."""
        at = self.node("MatMul", of, self.weight(f"{name}.weight", n_in, n_out), out=f"{name}/MatMul")
        if not bias:
            return at
        return self.node("Add", at, self.weight(f"{name}.bias", n_out), out=f"{name}/Add")

    def write(self, name, *imports):
        helper = self.onnx.helper
        graph = helper.make_graph(self.nodes, name, self.inputs, self.outputs, self.weights)
        opsets = [helper.make_opsetid("", self.opset)] + [helper.make_opsetid(domain, 1) for domain in imports]
        model = helper.make_model(graph, opset_imports=opsets, producer_name="joulebook tests")
        path = os.path.join(TMP, f"{name}.onnx")
        with open(path, "wb") as file:
            file.write(model.SerializeToString())
        return path

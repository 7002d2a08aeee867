#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the ONNX project's own operator tests as model files without any shape but those of the inputs.

usage: make_models.py FOLDER      (needs the `onnx` package: Debian's python3-onnx, or a newer one)

Each FOLDER/NAME.onnx has its outputs' shapes and types and all value_info taken away. Small inputs that decide a shape (integers,
scales, bounds) become initializers with the values of the test. FOLDER/truth.tsv: name, operator, and type and shape of each
output as the test's own data have them.
"""
import os
import sys
import warnings

import numpy

warnings.simplefilter("ignore")
for old, new in (("float", float), ("int", int), ("bool", bool), ("object", object), ("complex", complex)):
    if old not in numpy.__dict__:
        setattr(numpy, old, new)

import onnx  # noqa: E402
from onnx import numpy_helper  # noqa: E402
from onnx.backend.test.case import node as cases  # noqa: E402

INTEGERS = {onnx.TensorProto.INT64, onnx.TensorProto.INT32}
SMALL = 64


def all_cases():
    try:
        return cases.collect_testcases(None)
    except TypeError:
        return cases.collect_testcases()


def array_of(value):
    return value if isinstance(value, (numpy.ndarray, numpy.generic)) else None


def is_deciding(info, value):
    """A small input whose values, not only its shape, an operator may need: one axis at most, integers, or floats that scale."""
    kind = info.type.tensor_type.elem_type
    value = array_of(value)
    if value is None or not info.type.HasField("tensor_type") or numpy.ndim(value) > 1 or numpy.size(value) > SMALL:
        return False
    if kind in INTEGERS:
        return True
    return kind in (onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE) and (
        info.name in ("scales", "start", "limit", "delta") or numpy.ndim(value) == 0)


def told(value):
    """Sizes of an output; None: no tensor."""
    if isinstance(value, onnx.TensorProto):
        return ",".join(str(n) for n in value.dims)
    value = array_of(value)
    if value is None:
        return None
    return ",".join(str(n) for n in numpy.shape(value))


def strip(model, inputs):
    graph = model.graph
    del graph.value_info[:]
    keep = []
    for info, value in zip(graph.input, inputs):
        if is_deciding(info, value):
            tensor = numpy_helper.from_array(numpy.asarray(value), info.name)
            tensor.data_type = info.type.tensor_type.elem_type
            graph.initializer.append(tensor)
        else:
            keep.append(info)
    kept = [type(info).FromString(info.SerializeToString()) for info in keep]
    del graph.input[:]
    graph.input.extend(kept)
    for info in graph.output:
        info.ClearField("type")


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    n = 0
    with open(os.path.join(folder, "truth.tsv"), "w", encoding="utf-8") as truth:
        for case in all_cases():
            if case.model is None or not case.data_sets:
                continue
            model = onnx.ModelProto.FromString(case.model.SerializeToString())
            inputs, outputs = case.data_sets[0]
            columns = []
            for info, value in zip(model.graph.output, outputs):
                shape = told(value)
                kind = info.type.tensor_type.elem_type if info.type.HasField("tensor_type") else 0
                columns.append("-" if shape is None or kind == 0 else "%d:%s" % (kind, shape))
            strip(model, inputs)
            with open(os.path.join(folder, case.name + ".onnx"), "wb") as out:
                out.write(model.SerializeToString())
            operators = sorted({(node.domain + ":" if node.domain else "") + node.op_type for node in model.graph.node})
            truth.write("%s\t%s\t%s\n" % (case.name, "+".join(operators), "|".join(columns)))
            n += 1
    print("onnx %s: %d models" % (onnx.__version__, n))


main()

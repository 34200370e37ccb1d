"""The network that every engine runs, its input, and the truth in double precision.

VDSR's shape: 20 convolutions of 3x3 with ReLU between, 64 channels inside, the residual added to the input. The weights
are He-normal from a fixed seed and the biases zero, so that values keep their size from layer to layer; the input is
uniform noise of 0...1. Nothing is downloaded: every machine makes the same files.
"""
import json
import os
import struct
import subprocess
import sys

import numpy as np

from . import tflite

CHANNELS = [1] + [64] * 19 + [1]
MULTIPLY_ADDS = 9 * sum(a * b for a, b in zip(CHANNELS, CHANNELS[1:]))  # a pixel: 664,704

# Errors are taken over the upper left part of the plane, this many pixels a side: sums in double are slow.
TRUTH_SIDE = 512


def layers():
    """[(weights [outputs, inputs, 3, 3], bias [outputs])], float32."""
    random = np.random.default_rng(0)
    result = []
    for inputs, outputs in zip(CHANNELS, CHANNELS[1:]):
        weights = random.standard_normal((outputs, inputs, 3, 3)) * (2 / (9 * inputs)) ** 0.5
        result.append((weights.astype(np.float32), np.zeros(outputs, np.float32)))
    return result


def plane(size):
    """[height, width], float32."""
    width, height = size
    return np.random.default_rng(1).random((height, width), dtype=np.float32)


def truth(values, chain):
    """The output of a chain of layers for [height, width] in double precision: nine matrix products a layer."""
    height, width = values.shape
    maps = values[..., None].astype(np.float64)
    for index, (weights, bias) in enumerate(chain):
        padded = np.pad(maps, ((1, 1), (1, 1), (0, 0)))
        maps = np.zeros((height, width, len(bias))) + bias
        for dy in range(3):
            for dx in range(3):
                taps = weights[:, :, dy, dx].T.astype(np.float64)
                maps += padded[dy:dy + height, dx:dx + width] @ taps
        if index < len(chain) - 1:
            np.maximum(maps, 0, out=maps)
    return values + maps[..., 0]


def write_safetensors(path, layers):
    """A model file as Acuity reads it: a header of JSON after its length, then the values."""
    header, data = {}, b""
    for index, (weights, bias) in enumerate(layers):
        for name, values in (("weight", weights), ("bias", bias)):
            header[f"conv{index}.{name}"] = {
                "dtype": "F32", "shape": list(values.shape),
                "data_offsets": [len(data), len(data) + values.nbytes]}
            data += values.astype("<f4").tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


class Files:
    """The network and its input in each engine's format, made when first asked for."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)

    def _make(self, name, write):
        path = os.path.join(self.folder, name)
        if not os.path.exists(path):
            # Of the final name's kind, for some writers look at it.
            draft = os.path.join(self.folder, f"{os.getpid()}-{name}")
            write(draft)
            os.replace(draft, path)
        return path

    def input(self, size):
        return self._make("input-%dx%d.npy" % size, lambda path: np.save(path, plane(size)))

    def truth(self, size):
        """The upper left part of the true output. What lies beyond the layers' reach does not matter to it."""
        reach = len(CHANNELS) - 1

        def write(path):
            part = plane(size)[:TRUTH_SIDE + reach, :TRUTH_SIDE + reach]
            np.save(path, truth(part, layers())[:TRUTH_SIDE, :TRUTH_SIDE])
        return np.load(self._make("truth-%dx%d.npy" % size, write))

    def safetensors(self):
        return self._make("weights.safetensors", lambda path: write_safetensors(path, layers()))

    def onnx(self, size):
        import onnx
        from onnx import TensorProto, helper, numpy_helper

        def write(path):
            nodes, values, last = [], [], "input"
            for index, (weights, bias) in enumerate(layers()):
                values.append(numpy_helper.from_array(weights, f"weights{index}"))
                values.append(numpy_helper.from_array(bias, f"bias{index}"))
                nodes.append(helper.make_node(
                    "Conv", [last, f"weights{index}", f"bias{index}"], [f"sums{index}"],
                    kernel_shape=[3, 3], pads=[1, 1, 1, 1]))
                last = f"sums{index}"
                if index < len(CHANNELS) - 2:
                    nodes.append(helper.make_node("Relu", [last], [f"maps{index}"]))
                    last = f"maps{index}"
            nodes.append(helper.make_node("Add", ["input", last], ["output"]))
            shape = [1, 1, size[1], size[0]]
            ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
                    for name in ("input", "output")]
            graph = helper.make_graph(nodes, "vdsr", ends[:1], ends[1:], values)
            model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
            onnx.checker.check_model(model)
            onnx.save(model, path)
        return self._make("vdsr-%dx%d.onnx" % size, write)

    def ncnn(self):
        """The paths of the structure and of the weights."""
        def structure(path):
            lines = ["Input input 0 1 input", "Split split 1 2 input skip maps"]
            last = "maps"
            for index, (weights, bias) in enumerate(layers()):
                relu = " 9=1" if index < len(CHANNELS) - 2 else ""
                lines.append(
                    f"Convolution conv{index} 1 1 {last} maps{index} 0={len(bias)} 1=3 4=1 5=1 6={weights.size}{relu}")
                last = f"maps{index}"
            lines.append(f"BinaryOp sum 2 1 skip {last} output 0=0")
            # Of blobs: the input, its two copies, one of each layer, the output.
            head = ["7767517", f"{len(lines)} {len(CHANNELS) - 1 + 4}"]
            with open(path, "w") as file:
                file.write("\n".join(head + lines) + "\n")

        def numbers(path):
            with open(path, "wb") as file:
                for weights, bias in layers():
                    file.write(struct.pack("<I", 0) + weights.tobytes() + bias.tobytes())
        return self._make("vdsr.param", structure), self._make("vdsr.bin", numbers)

    def tflite(self, size):
        return self._make("vdsr-%dx%d.tflite" % size, lambda path: tflite.write(path, size, layers()))

    def mnn(self, size):
        def write(path):
            converter = os.path.join(os.path.dirname(sys.executable), "mnnconvert")
            subprocess.run(
                [converter, "-f", "ONNX", "--modelFile", self.onnx(size), "--MNNModel", path, "--bizCode", "acuity"],
                check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return self._make("vdsr-%dx%d.mnn" % size, write)

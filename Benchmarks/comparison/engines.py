"""Other engines, as their manuals have them run fastest: one adapter each.

An adapter is called in a process of its own, as `load(files, size, threads)`, and returns the engine's version and a
function that computes the plane once; numpy.asarray makes the output of what that returns.
"""
from dataclasses import dataclass, field
from typing import Callable

import numpy as np

from .network import layers


@dataclass
class Engine:
    """A row of the comparison."""
    title: str
    module: str
    load: Callable
    # Set before the process starts, for libraries read them when they are loaded.
    environment: dict = field(default_factory=dict)
    # Of those that are measured unless asked otherwise.
    default: bool = True


def torch(layout, bfloat16=False):
    def load(files, size, threads):
        import torch
        torch.set_num_threads(threads)
        modules = []
        for weights, bias in layers():
            module = torch.nn.Conv2d(weights.shape[1], weights.shape[0], 3, padding=1)
            module.weight.data, module.bias.data = torch.from_numpy(weights), torch.from_numpy(bias)
            modules += [module, torch.nn.ReLU(inplace=True)]
        network = torch.nn.Sequential(*modules[:-1]).eval().to(memory_format=getattr(torch, layout))
        plane = torch.from_numpy(np.load(files.input(size)))[None, None]
        maps = plane.to(memory_format=getattr(torch, layout))
        if bfloat16:
            network, maps = network.bfloat16(), maps.bfloat16()

        def run():
            with torch.inference_mode():
                return (plane + network(maps).float()).numpy()
        return torch.__version__, run
    return load


def onnx_runtime(files, size, threads):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = onnxruntime.InferenceSession(files.onnx(size), options, providers=["CPUExecutionProvider"])
    plane = np.load(files.input(size))[None, None]
    return onnxruntime.__version__, lambda: session.run(None, {"input": plane})[0]


def openvino(precision):
    def load(files, size, threads):
        import openvino
        core = openvino.Core()
        network = core.compile_model(core.read_model(files.onnx(size)), "CPU", {
            "INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1,
            "PERFORMANCE_HINT": "LATENCY", "EXECUTION_MODE_HINT": "PERFORMANCE"})
        request = network.create_infer_request()
        plane = np.load(files.input(size))[None, None]

        def run():
            request.infer({0: plane}, share_inputs=True)
            return request.get_output_tensor(0).data
        return openvino.__version__.split("-")[0], run
    return load


def ncnn(bfloat16):
    def load(files, size, threads):
        import ncnn
        network = ncnn.Net()
        network.opt.num_threads = threads
        network.opt.use_vulkan_compute = False
        network.opt.use_fp16_packed = network.opt.use_fp16_storage = network.opt.use_fp16_arithmetic = False
        network.opt.use_bf16_storage = bfloat16
        # Memory is kept from run to run, as a program that computes many pictures would.
        pools = ncnn.UnlockedPoolAllocator(), ncnn.PoolAllocator()
        network.opt.blob_allocator, network.opt.workspace_allocator = pools
        structure, weights = files.ncnn()
        if network.load_param(structure) != 0 or network.load_model(weights) != 0:
            raise RuntimeError("cannot load the model")
        values = np.load(files.input(size))[None]
        plane = ncnn.Mat(values).clone()  # The first one only borrows the values.

        def run(kept=(network, pools)):
            extractor = network.create_extractor()
            extractor.input("input", plane)
            status, output = extractor.extract("output")
            if status != 0:
                raise RuntimeError(f"extract returns {status}")
            return output
        return ncnn.__version__, run
    return load


def mnn(files, size, threads):
    import MNN
    manager = MNN.nn.create_runtime_manager(({
        "backend": "CPU", "numThread": threads, "precision": "high", "power": "high", "memory": "normal"},))
    network = MNN.nn.load_module_from_file(files.mnn(size), ["input"], ["output"], runtime_manager=manager)
    shape = [1, 1, size[1], size[0]]
    plane = MNN.expr.const(np.load(files.input(size))[None, None], shape, MNN.expr.NCHW)

    def run():
        output = network.forward([plane])[0]
        return MNN.expr.convert(output, MNN.expr.NCHW).read()
    return MNN.version(), run


def litert(files, size, threads):
    from importlib.metadata import version
    from ai_edge_litert.interpreter import Interpreter
    interpreter = Interpreter(model_path=files.tflite(size), num_threads=threads)
    interpreter.allocate_tensors()
    source, target = (ends[0]["index"] for ends in (interpreter.get_input_details(), interpreter.get_output_details()))
    plane = np.load(files.input(size))[None, ..., None]

    def run():
        interpreter.set_tensor(source, plane)
        interpreter.invoke()
        return interpreter.get_tensor(target)
    return version("ai-edge-litert"), run


def opencv(files, size, threads):
    import cv2
    cv2.setNumThreads(threads)
    network = cv2.dnn.readNetFromONNX(files.onnx(size))
    network.setPreferableBackend(cv2.dnn.DNN_BACKEND_OPENCV)
    plane = np.load(files.input(size))[None, None]

    def run():
        network.setInput(plane)
        return network.forward()
    return cv2.__version__, run


AVX2 = {"ONEDNN_MAX_CPU_ISA": "AVX2"}

ENGINES = {
    "ncnn": Engine("ncnn f32", "ncnn", ncnn(bfloat16=False)),
    "ncnn-bf16": Engine("ncnn, bf16 storage", "ncnn", ncnn(bfloat16=True), default=False),
    "mnn": Engine("MNN f32", "MNN", mnn),
    "openvino-bf16": Engine("OpenVINO bf16", "openvino", openvino("bf16")),
    "openvino": Engine("OpenVINO f32", "openvino", openvino("f32")),
    "onnxruntime": Engine("ONNX Runtime f32", "onnxruntime", onnx_runtime),
    "litert": Engine("LiteRT f32 (XNNPACK)", "ai_edge_litert", litert),
    "torch": Engine("PyTorch f32 (oneDNN)", "torch", torch("channels_last")),
    "torch-nchw": Engine("PyTorch f32 (oneDNN), NCHW", "torch", torch("contiguous_format"), default=False),
    "torch-bf16": Engine("PyTorch bf16 (oneDNN)", "torch", torch("channels_last", bfloat16=True)),
    "torch-avx2": Engine("PyTorch f32 (oneDNN) held to AVX2", "torch", torch("channels_last"), AVX2),
    "opencv": Engine("OpenCV f32", "cv2", opencv, default=False),
}

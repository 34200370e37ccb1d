"""Writes the network as LiteRT reads it: a flatbuffer, by the classes that LiteRT brings along."""
import numpy as np


class Draft:
    """A model of one graph that grows tensor by tensor and operator by operator."""

    def __init__(self, schema):
        self.schema = schema
        self.graph = schema.SubGraphT()
        self.graph.tensors, self.graph.operators = [], []
        self.model = schema.ModelT()
        self.model.version, self.model.subgraphs = 3, [self.graph]
        # The first buffer is that of all tensors without values of their own.
        self.model.buffers, self.model.operatorCodes = [schema.BufferT()], []

    def tensor(self, name, shape, values=None):
        """The index of a new float tensor."""
        tensor = self.schema.TensorT()
        tensor.name, tensor.shape, tensor.type = name, list(shape), self.schema.TensorType.FLOAT32
        tensor.buffer = 0
        if values is not None:
            buffer = self.schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(values, "<f4").tobytes(), np.uint8)
            tensor.buffer = len(self.model.buffers)
            self.model.buffers.append(buffer)
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1

    def code(self, operator):
        """The index of a kind of operator."""
        code = self.schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = operator
        code.version = 1
        self.model.operatorCodes.append(code)
        return len(self.model.operatorCodes) - 1

    def operator(self, code, kind, options, inputs, output):
        operator = self.schema.OperatorT()
        operator.opcodeIndex, operator.inputs, operator.outputs = code, inputs, [output]
        operator.builtinOptionsType, operator.builtinOptions = kind, options
        self.graph.operators.append(operator)


def write(path, size, layers):
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema
    activations = schema.ActivationFunctionType
    draft = Draft(schema)
    convolution, addition = draft.code(schema.BuiltinOperator.CONV_2D), draft.code(schema.BuiltinOperator.ADD)

    def plane(name, channels):
        return draft.tensor(name, (1, size[1], size[0], channels))
    source = last = plane("input", 1)
    for index, (weights, bias) in enumerate(layers):
        options = schema.Conv2DOptionsT()
        options.padding = schema.Padding.SAME
        options.strideW = options.strideH = options.dilationWFactor = options.dilationHFactor = 1
        options.fusedActivationFunction = activations.RELU if index < len(layers) - 1 else activations.NONE
        taps = weights.transpose(0, 2, 3, 1)
        inputs = [last, draft.tensor(f"weights{index}", taps.shape, taps), draft.tensor(f"bias{index}", bias.shape, bias)]
        last = plane(f"maps{index}", len(bias))
        draft.operator(convolution, schema.BuiltinOptions.Conv2DOptions, options, inputs, last)
    options = schema.AddOptionsT()
    options.fusedActivationFunction = activations.NONE
    output = plane("output", 1)
    draft.operator(addition, schema.BuiltinOptions.AddOptions, options, [source, last], output)
    draft.graph.inputs, draft.graph.outputs = [source], [output]
    builder = flatbuffers.Builder(4 << 20)
    builder.Finish(draft.model.Pack(builder), b"TFL3")
    with open(path, "wb") as file:
        file.write(builder.Output())

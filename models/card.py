"""Reads an exported ONNX graph into the card's layer list and weights.bin, and runs that list to prove it is complete.

A layer is {op, output, inputs, channels, divisor, …}. `inputs` are names of earlier outputs, of graph inputs, or plain
numbers. `divisor` says the map's size, (h/divisor, w/divisor) rounded up; null marks a vector. Vectors times or plus a map
act per channel. Weights are f32 little-endian, convolutions [out,in,ky,kx], matrices [out,in]; `offset` counts bytes.
"""
import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper

OPS = ("conv", "matmul", "upsample", "concat", "pool", "slice", "add", "sub", "mul", "reciprocal")
TEACHER_OPS = (*OPS, "max_pool")    # 2x2, stride 2; never in a student, which has to run live
ACTIVATIONS = {"Relu": "relu", "LeakyRelu": "leaky_relu"}
ALIASES = ("Identity", "Flatten", "Unsqueeze")
ALIGNMENT = 16


class Weights:
    """weights.bin while it is being written: each array starts at a multiple of 16 bytes."""

    def __init__(self):
        self.blob = bytearray()

    def place(self, array):
        self.blob += bytes(-len(self.blob) % ALIGNMENT)
        offset = len(self.blob)
        self.blob += np.ascontiguousarray(array, "<f4").tobytes()
        return {"offset": offset, "shape": list(array.shape)}


def read_graph(path):
    """model.onnx -> (layers, weights.bin bytes). Raises ValueError on an operation outside the contract."""
    graph = onnx.load(path).graph
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    names = {value.name: value.name for value in graph.input}      # ONNX name -> our name
    shapes = {"image": (3, 1), "fusion_previous": (None, None), "fusion_mix": (1, None)}
    wanted = {value.name for value in graph.output}
    layers, counts, weights = [], {}, Weights()

    def operand(name):
        return float(constants[name]) if name in constants else names[name]

    def emit(node, op, inputs, channels, divisor, base=None, **rest):
        counts[op] = counts.get(op, 0) + 1
        output = node.output[0] if node.output[0] in wanted else base or f"{op}_{counts[op]}"
        names[node.output[0]] = output
        shapes[output] = (channels, divisor)
        layers.append({"op": op, "output": output, "inputs": inputs, "channels": channels, "divisor": divisor, **rest})

    def weighted(node, op, divisor, **rest):
        weight = constants[node.input[1]]
        bias = weights.place(constants[node.input[2]]) if len(node.input) > 2 else None
        base = node.input[1].removesuffix(".weight")
        emit(node, op, [names[node.input[0]]], weight.shape[0], divisor, base,
             **rest, weight=weights.place(weight), bias=bias, activation="none")

    for node in graph.node:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        kind = node.op_type
        if kind == "Constant":
            constants[node.output[0]] = numpy_helper.to_array(attributes["value"])
        elif kind in ALIASES:
            source = node.input[0]
            (constants if source in constants else names)[node.output[0]] = (constants if source in constants else names)[source]
        elif kind == "Conv":
            stride = attributes["strides"][0]
            divisor = shapes[names[node.input[0]]][1] * stride
            weighted(node, "conv", divisor, kernel=attributes["kernel_shape"][0], stride=stride)
        elif kind == "Gemm":
            weighted(node, "matmul", None)
        elif kind in ACTIVATIONS:
            layers[-1]["activation"] = ACTIVATIONS[kind]
            if kind == "LeakyRelu":
                layers[-1]["slope"] = round(attributes["alpha"], 6)
            assert names[node.input[0]] == layers[-1]["output"], f"expected an activation after its layer, got {node.name}"
            names[node.output[0]] = names[node.input[0]]
        elif kind == "Resize":
            assert attributes["mode"] == b"nearest" and list(constants[node.input[2]]) == [1, 1, 2, 2]
            channels, divisor = shapes[names[node.input[0]]]
            emit(node, "upsample", [names[node.input[0]]], channels, divisor // 2)
        elif kind == "Concat":
            inputs = [names[name] for name in node.input]
            emit(node, "concat", inputs, sum(shapes[i][0] for i in inputs), shapes[inputs[0]][1])
        elif kind == "MaxPool":
            assert attributes["kernel_shape"] == attributes["strides"] == [2, 2]
            channels, divisor = shapes[names[node.input[0]]]
            emit(node, "max_pool", [names[node.input[0]]], channels, divisor * 2)
        elif kind == "GlobalAveragePool":
            emit(node, "pool", [names[node.input[0]]], shapes[names[node.input[0]]][0], None)
        elif kind == "Slice":
            start, end = int(constants[node.input[1]][0]), int(constants[node.input[2]][0])
            emit(node, "slice", [names[node.input[0]]], end - start if end < 1 << 30 else None, None, start=start)
        elif kind == "Split":
            start = 0
            for output, length in zip(node.output, constants[node.input[1]]):
                part = onnx.helper.make_node("Slice", [], [output])
                emit(part, "slice", [names[node.input[0]]], int(length), None, start=start)
                start += int(length)
        elif kind in ("Add", "Sub", "Mul"):
            inputs = [operand(name) for name in node.input]
            channels, divisor = max((shapes[i] for i in inputs if isinstance(i, str)), key=lambda s: (s[1] or 0, s[0] or 0))
            emit(node, kind.lower(), inputs, channels, divisor)
        elif kind == "Reciprocal":
            emit(node, "reciprocal", [names[node.input[0]]], shapes[names[node.input[0]]][0], None)
        else:
            raise ValueError(f"expected one of the contract's operations, got {kind}")
    fusion_size = next(layer["channels"] for layer in layers if layer["output"] == "fusion")
    channels = {"image": 3, "fusion_previous": fusion_size, "fusion_mix": 1}
    for layer in layers:
        if layer["channels"] is None:                               # a slice to the end of the fusion vector
            layer["channels"] = fusion_size - layer["start"]
        if layer["op"] in ("add", "sub", "mul"):
            layer["channels"] = max(channels.get(i, 1) for i in layer["inputs"])
        channels[layer["output"]] = layer["channels"]
    return layers, bytes(weights.blob)


def run_layers(layers, blob, image, fusion_previous, fusion_mix):
    """Runs the card's layers on tensors (image [1,3,h,w], vectors [K] and [1]) -> {name: tensor}."""
    values = {"image": image, "fusion_previous": fusion_previous, "fusion_mix": fusion_mix}

    def array(place):
        count = int(np.prod(place["shape"]))
        return torch.from_numpy(np.frombuffer(blob, "<f4", count, place["offset"]).reshape(place["shape"]).copy())

    def pair(inputs):
        a, b = (values[i] if isinstance(i, str) else torch.tensor(i) for i in inputs)
        return (a, b[:, None, None]) if a.dim() == 4 and b.dim() == 1 else (a, b)

    for layer in layers:
        first = values.get(layer["inputs"][0])
        if layer["op"] in ("conv", "matmul"):
            weight, bias = array(layer["weight"]), layer["bias"] and array(layer["bias"])
            if layer["op"] == "conv":
                result = F.conv2d(first, weight, bias, layer["stride"], layer["kernel"] // 2)
            else:
                result = F.linear(first, weight, bias)
            if layer["activation"] != "none":
                result = F.leaky_relu(result, layer.get("slope", 0.0))
        elif layer["op"] == "upsample":
            result = first.repeat_interleave(2, 2).repeat_interleave(2, 3)
        elif layer["op"] == "max_pool":
            result = F.max_pool2d(first, 2)
        elif layer["op"] == "concat":
            parts = [values[i] for i in layer["inputs"]]
            result = torch.cat(parts, 0 if first.dim() == 1 else 1)
        elif layer["op"] == "pool":
            result = first.mean((2, 3))[0]
        elif layer["op"] == "slice":
            result = first[layer["start"]:layer["start"] + layer["channels"]]
        elif layer["op"] == "reciprocal":
            result = 1 / first
        else:
            result = {"add": torch.add, "sub": torch.sub, "mul": torch.mul}[layer["op"]](*pair(layer["inputs"]))
        values[layer["output"]] = result
    return values

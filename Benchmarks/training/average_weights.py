#!/usr/bin/env python3
"""Average the weights of two models of one shape, as Wortsman et al. ("Model soups", ICML 2022) do with models that were
trained on from the same one.

  average_weights.py A.safetensors B.safetensors SHARE OUT.safetensors

SHARE, 0 to 1, is that of B. The metadata are A's, with both recipes in the recipe's place. Needs numpy.
"""
import argparse
import json
import os
import pathlib
import struct
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
from comparison.arguments import module


def share(text):
    """A number from 0 to 1."""
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 1")
    return value


def read(path):
    """(header, bytes of the values) of a model; ends the program with a line where there is none."""
    try:
        with open(path, "rb") as file:
            size = int.from_bytes(file.read(8), "little")
            # Of another file the first bytes are any number.
            header = json.loads(file.read(size)) if size <= os.fstat(file.fileno()).st_size else None
            values = file.read()
    except OSError as error:
        sys.exit(f"{path}: {error.strerror}")
    except ValueError:
        header = None
    if not isinstance(header, dict):
        sys.exit(f"{path}: is no safetensors file")
    tensors = [tensor for name, tensor in header.items() if name != "__metadata__"]
    if any(tensor.get("dtype") != "F32" for tensor in tensors):
        sys.exit(f"{path}: holds other values than F32")
    if len(values) != max((tensor["data_offsets"][1] for tensor in tensors), default=0):
        sys.exit(f"{path}: is cut, or too long")
    return header, values


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("a", metavar="A.safetensors")
    parser.add_argument("b", metavar="B.safetensors")
    parser.add_argument("share", metavar="SHARE", type=share)
    parser.add_argument("out", metavar="OUT.safetensors")
    options = parser.parse_args()
    numpy = module("numpy")
    (first, a), (second, b) = read(options.a), read(options.b)
    metadata = [header.pop("__metadata__", {}) for header in (first, second)]
    if first != second:
        sys.exit(f"{options.a} and {options.b} have not the same tensors: average models of one shape")
    recipes = [values.get("acuity.recipe", "unknown") for values in metadata]
    part = options.share
    metadata[0]["acuity.recipe"] = f"{1 - part:g} of [{recipes[0]}], {part:g} of [{recipes[1]}]"
    text = json.dumps({"__metadata__": metadata[0], **first}, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    a, b = (numpy.frombuffer(values, dtype="<f4").astype(numpy.float64) for values in (a, b))
    try:
        # Often in the place of A, which is whole until the average is.
        with open(options.out + ".part", "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            file.write(((1 - part) * a + part * b).astype("<f4").tobytes())
        os.replace(options.out + ".part", options.out)
    except OSError as error:
        sys.exit(f"{options.out}: {error.strerror}")


if __name__ == "__main__":
    main()

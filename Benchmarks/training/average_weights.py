#!/usr/bin/env python3
"""Average the weights of two models of one shape, as Wortsman et al. ("Model soups", ICML 2022) do with models that were
trained on from the same one.

  average_weights.py A.safetensors B.safetensors SHARE OUT.safetensors

SHARE, 0 to 1, is that of B. The metadata are A's, with both recipes in the recipe's place. Needs numpy.
"""
import json
import struct
import sys

import numpy


def read(path):
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(size))
        return header, numpy.frombuffer(file.read(), dtype="<f4").astype(numpy.float64)


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    (first, a), (second, b) = read(sys.argv[1]), read(sys.argv[2])
    share = float(sys.argv[3])
    metadata = [header.pop("__metadata__", {}) for header in (first, second)]
    if first != second or not 0 <= share <= 1:
        sys.exit("the models must have the same tensors, and the share must be 0 to 1")
    recipes = [values.get("acuity.recipe", "unknown") for values in metadata]
    metadata[0]["acuity.recipe"] = f"{1 - share:g} of [{recipes[0]}], {share:g} of [{recipes[1]}]"
    text = json.dumps({"__metadata__": metadata[0], **first}, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(sys.argv[4], "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.write(((1 - share) * a + share * b).astype("<f4").tobytes())


if __name__ == "__main__":
    main()

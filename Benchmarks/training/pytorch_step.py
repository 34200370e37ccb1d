#!/usr/bin/env python3
"""Training steps of VDSR in PyTorch, in patches a second: what `acuity train` is compared with.

  pytorch_step.py [--side 48] [--batch 8] [--threads 2] [--steps 5]

Same network, batch, patch and threads; forward, backward and a plain SGD step, channels_last.
Compare with the patches/s that `acuity bench training --patch 48 --batch 8 --threads 2` prints. Needs torch.
"""
import argparse
import json
import pathlib
import sys
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
from comparison.arguments import module, positive


def network_of(channels, torch):
    layers = []
    for inputs, outputs in zip(channels, channels[1:]):
        layers += [torch.nn.Conv2d(inputs, outputs, 3, padding=1), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1]).to(memory_format=torch.channels_last)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in [("side", 48), ("batch", 8), ("threads", 2), ("steps", 5), ("depth", 20), ("width", 64)]:
        parser.add_argument(f"--{name}", type=positive, default=default, help="default: %(default)s")
    options = parser.parse_args()
    torch = module("torch")
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    channels = [1] + [options.width] * (options.depth - 1) + [1]
    network = network_of(channels, torch)
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-4, momentum=0.9)
    shape = (options.batch, 1, options.side, options.side)
    inputs = torch.rand(shape).to(memory_format=torch.channels_last)
    truth = torch.rand(shape)

    seconds = []
    for step in range(options.steps + 1):
        start = time.perf_counter()
        optimizer.zero_grad()
        ((inputs + network(inputs) - truth) ** 2).mean().backward()
        optimizer.step()
        if step > 0:  # the first one warms up
            seconds.append(time.perf_counter() - start)
    median = sorted(seconds)[len(seconds) // 2]
    macs = 9 * sum(a * b for a, b in zip(channels, channels[1:]))
    print(json.dumps({
        "patches_per_second": options.batch / median,
        "gflops": 6 * macs * options.side**2 * options.batch / median / 1e9,
        "torch": torch.__version__,
    }))


if __name__ == "__main__":
    main()

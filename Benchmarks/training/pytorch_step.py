#!/usr/bin/env python3
"""Training steps of VDSR in PyTorch, in patches a second: what `acuity train` is compared with.

    pytorch_step.py [--side 48] [--batch 8] [--threads 2] [--steps 5]

Same network, batch, patch and threads; forward, backward and a plain SGD step, channels_last.
Compare with the patches/s that `acuity bench training --patch 48 --batch 8 --threads 2` prints.
"""
import argparse
import json
import time

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--side", type=int, default=48)
parser.add_argument("--batch", type=int, default=8)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--steps", type=int, default=5)
parser.add_argument("--depth", type=int, default=20)
parser.add_argument("--width", type=int, default=64)
options = parser.parse_args()
torch.set_num_threads(options.threads)
torch.manual_seed(1)

channels = [1] + [options.width] * (options.depth - 1) + [1]
layers = []
for inputs, outputs in zip(channels, channels[1:]):
    layers += [torch.nn.Conv2d(inputs, outputs, 3, padding=1), torch.nn.ReLU()]
network = torch.nn.Sequential(*layers[:-1]).to(memory_format=torch.channels_last)
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

#!/usr/bin/env python3
"""The figures of Results.md that need no other engine, each with the command that it comes from.

  figures.py --acuity ../.build/release/acuity SECTION...

Sections: kernels, edges, threads, memory, sizes, upscale, start, large. What is compared is measured in turn, and
medians over the rounds are printed. `sizes` and `large` take a minute or more.
"""
import argparse
import json
import os
import resource
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib

import numpy as np

from comparison import network


class Acuity:
    """The command; every call is printed, so that a reader can repeat it."""

    def __init__(self, path, folder):
        self.path, self.folder = path, folder
        self.printed = set()

    def __call__(self, *arguments):
        """(standard output, seconds, peak bytes of the process and of what it has waited for)."""
        if arguments not in self.printed:
            print("    acuity " + " ".join(arguments).replace(self.folder + "/", ""))
            self.printed.add(arguments)
        start = time.perf_counter()
        process = subprocess.Popen([self.path, *arguments], stdout=subprocess.PIPE, text=True, cwd=self.folder)
        text = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        if status != 0:
            sys.exit(f"acuity ended with {os.waitstatus_to_exitcode(status)}")
        return text, seconds, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)

    def bench(self, *arguments):
        """What `acuity bench` measures."""
        return json.loads(self("bench", *arguments, "--json")[0])


def median_of(rounds, *measures):
    """For each measure, its median over the rounds; they take turns."""
    values = [[measure() for measure in measures] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*values)]


def kernels(acuity):
    cases = [("direct", "64x64"), ("direct", "1x64"), ("direct", "64x1"), ("winograd4", "64x64"), ("winograd6", "64x64")]
    for isa in ("avx512", "avx2", "baseline"):
        shares = median_of(5, *[
            lambda algorithm=algorithm, channels=channels: acuity.bench(
                "conv", "--channels", channels, "--algorithm", algorithm, "--isa", isa, "--threads", "1",
                "--repeats", "20")["share_of_peak"]
            for algorithm, channels in cases])
        for (algorithm, channels), share in zip(cases, shares):
            print(f"{isa} {algorithm} {channels}: {100 * share:.1f} % of the FMA peak")


def edges(acuity):
    """First and last layer as a network of their own, against the whole one."""
    layers = network.layers()
    path = os.path.join(acuity.folder, "edges.safetensors")
    network.write_safetensors(path, [layers[0], layers[-1]])
    files = network.Files(acuity.folder)
    both, whole = median_of(5, *[
        lambda weights=weights: acuity.bench(
            "network", "--weights", weights, "--size", "512x512", "--threads", "1", "--repeats", "2")["median"]
        for weights in (path, files.safetensors())])
    print(f"1->64 and 64->1 alone: {both * 1e3:.1f} ms of {whole * 1e3:.0f} ms: {100 * both / whole:.1f} % of a pass")


def threads(acuity):
    for algorithm in ("auto", "direct"):
        one, two = median_of(4, *[
            lambda count=count: acuity.bench(
                "network", "--size", "512x512", "--algorithm", algorithm, "--threads", count, "--repeats", "3")["median"]
            for count in ("1", "2")])
        print(f"{algorithm}: two threads are {one / two:.3f} times as fast as one; {100 * (1 - one / two / 2):.1f} % lost")


def memory(acuity):
    for size in ("512x512", "1920x1080"):
        measured = acuity.bench("network", "--size", size, "--threads", "2", "--repeats", "1")
        print(f"{size}: peak RSS {measured['peak_memory'] / 1e6:.1f} MB, of which the network's own work "
              f"{measured['working_memory'] / 1e6:.1f} MB; {measured['gflops']:.0f} GFLOP/s")


def sizes(acuity):
    def per_pixel(side, repeats):
        size = f"{side}x{side}"
        return acuity.bench("network", "--size", size, "--threads", "2", "--repeats", repeats)["median"] / side**2
    before = per_pixel(256, "10")
    large = per_pixel(4096, "1")
    small = (before + per_pixel(256, "10")) / 2
    print(f"time per pixel, 256x256 over 4096x4096: {small / large:.3f} ({small * 1e9:.1f} and {large * 1e9:.1f} ns)")


def picture(path, side):
    """A PNG of waves and a little noise, about as compressible as a photograph; eight bits, RGB, filtered by rows."""
    y, x = np.mgrid[0:side, 0:side]
    waves = [np.sin(x / 37 + c) + np.sin(y / 23) + np.sin((x + y) / 7) / 4 for c in range(3)]
    noise = np.random.default_rng(3).normal(size=(side, side, 3))
    samples = np.clip(128 + 45 * np.stack(waves, -1) + 2 * noise, 0, 255).astype(np.uint8)
    rows = np.concatenate([samples[:1], np.diff(samples.astype(np.int16), axis=0).astype(np.uint8)])
    filters = np.full((side, 1), 2, np.uint8)  # up
    filters[0] = 0
    data = np.concatenate([filters, rows.reshape(side, 3 * side)], axis=1).tobytes()

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
                   + chunk(b"IDAT", zlib.compress(data, 6)) + chunk(b"IEND", b""))


def upscale(acuity):
    picture(os.path.join(acuity.folder, "512.png"), 512)
    command = ["upscale", "512.png", "-o", "1024.png", "--if-exists", "overwrite", "--quiet"]
    plane = ["network", "--size", "1024x1024", "--repeats", "1"]
    whole, alone = median_of(6, lambda: acuity(*command)[1], lambda: acuity.bench(*plane)["median"])
    print(f"512x512 RGB PNG at x2: {whole:.3f} s over {alone:.3f} s of the network: {whole / alone:.3f}")


def start(acuity):
    for side in (32, 64):
        picture(os.path.join(acuity.folder, f"{side}.png"), side)
    cases = [["--version"], ["info", "--cpu"]] + [
        ["upscale", f"{side}.png", "-o", "out.png", "--if-exists", "overwrite", "--quiet"] for side in (32, 64)]
    for case, seconds in zip(cases, median_of(40, *[lambda case=case: acuity(*case)[1] for case in cases])):
        print(f"acuity {' '.join(case[:2])}: {seconds * 1e3:.1f} ms from start to end")


def large(acuity):
    """5,000 x 5,000 to 10,000 x 10,000, sampled: the codecs run in processes of their own, which count too."""
    path = os.path.join(acuity.folder, "5000.png")
    picture(path, 5000)
    most = 0
    done = threading.Event()

    def sample():
        nonlocal most
        while not done.wait(0.1):
            most = max(most, resident(os.getpid()))
    sampler = threading.Thread(target=sample)
    sampler.start()
    _, seconds, peak = acuity("upscale", "5000.png", "-o", "10000.png", "--if-exists", "overwrite", "--quiet")
    done.set()
    sampler.join()
    print(f"10,000 x 10,000 output in {seconds:.0f} s: peak RSS of the largest process {peak / 1e6:.0f} MB; "
          f"of all its processes at one time {most / 1e6:.0f} MB")
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3
    print(f"largest child of all: {children:.0f} MB")


def resident(parent):
    """Bytes of the processes below `parent`, each page counted in part where several have it."""
    total = 0
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/stat") as file:
                below = int(name) if name.isdigit() else 0
                ancestor = int(file.read().rsplit(")", 1)[1].split()[1])
            if below and (ancestor == parent or grandparent(ancestor) == parent):
                with open(f"/proc/{name}/smaps_rollup") as file:
                    total += sum(int(line.split()[1]) * 1024 for line in file if line.startswith("Pss:"))
        except (OSError, IndexError, ValueError):
            continue  # not a process, or one that has just ended
    return total


def grandparent(pid):
    with open(f"/proc/{pid}/stat") as file:
        return int(file.read().rsplit(")", 1)[1].split()[1])


SECTIONS = {function.__name__: function for function in (kernels, edges, threads, memory, sizes, upscale, start, large)}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="+", choices=SECTIONS)
    parser.add_argument("--acuity", default="acuity")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        acuity = Acuity(os.path.abspath(options.acuity) if "/" in options.acuity else options.acuity, folder)
        for name in options.sections:
            print(f"{name}:", flush=True)
            SECTIONS[name](acuity)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""The figures of Results.md that need no other engine, each with the command that it comes from.

  figures.py --acuity ../.build/release/acuity SECTION...

Sections: kernels, edges, threads, memory, sizes, upscale, batch, start, large, errors, levels. What is compared is
measured in turn, and medians over the rounds are printed. `threads`, `sizes`, `upscale`, `batch`, `large` and `levels`
take a minute or more; `levels` wants a folder of pictures, `--pictures`, and matplotlib.
"""
import argparse
import importlib.util
import json
import os
import shlex
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib

from comparison.arguments import module, positive, program

# What is imported next cannot do without.
np = module("numpy")
from comparison import network
from comparison.processes import Others, ended_children_seconds
from comparison.report import MOST_FOR_OTHERS


class Acuity:
    """The command; every call is printed, so that a reader can repeat it. One during which other processes took more
    than a twentieth of the machine is made again, up to `patience` times."""

    def __init__(self, path, folder, options):
        self.path, self.folder = path, folder
        self.isa, self.patience, self.model = options.isa, options.patience, options.model
        self.pictures = options.pictures and os.path.abspath(options.pictures)
        self.printed = set()

    def __call__(self, *arguments):
        """(standard output, seconds, peak bytes of the process and of what it has waited for)."""
        if arguments not in self.printed:
            print("    acuity " + " ".join(arguments).replace(self.folder + "/", ""))
            self.printed.add(arguments)
        runs = []
        for _ in range(self.patience):
            others = Others(ended_children_seconds)
            runs.append((self._run(arguments), others.share() or 0))
            if runs[-1][1] <= MOST_FOR_OTHERS:
                return runs[-1][0]
        best, share = min(runs, key=lambda run: run[1])
        if self.patience > 1:
            print(f"    disturbed: others took {share:.0%} of the machine", flush=True)
        return best

    def _run(self, arguments):
        start = time.perf_counter()
        process = subprocess.Popen([self.path, *arguments], stdout=subprocess.PIPE, text=True, cwd=self.folder)
        text = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        if status != 0:
            sys.exit(f"acuity ended with {os.waitstatus_to_exitcode(status)}")
        return text, seconds, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)

    def instruction_sets(self):
        """Those of the machine, the best first."""
        return json.loads(self("info", "--cpu", "--json")[0])["instruction_sets"][::-1]

    def bench(self, *arguments):
        """What `acuity bench` measures."""
        return json.loads(self("bench", *arguments, "--json")[0])


def rounds(count, *measures):
    """For each measure, its results; they take turns."""
    return list(zip(*[[measure() for measure in measures] for _ in range(count)]))


def median_of(count, *measures):
    return [statistics.median(results) for results in rounds(count, *measures)]


def kernels(acuity):
    cases = [("direct", "64x64"), ("direct", "1x64"), ("direct", "64x1"), ("winograd4", "64x64"), ("winograd6", "64x64")]
    for isa in acuity.isa or acuity.instruction_sets():
        results = rounds(7, *[
            lambda algorithm=algorithm, channels=channels: acuity.bench(
                "conv", "--channels", channels, "--algorithm", algorithm, "--isa", isa, "--threads", "1",
                "--repeats", "20")
            for algorithm, channels in cases])
        for (algorithm, channels), runs in zip(cases, results):
            shares = [100 * run["share_of_peak"] for run in runs]
            print(f"{isa} {algorithm} {channels}: {statistics.median(shares):.1f} % of the FMA peak "
                  f"({min(shares):.1f} to {max(shares):.1f})")
            if "phases" in runs[0]:
                print("    phases: " + ", ".join(
                    f"{name.replace('_', ' ')} {100 * statistics.median(run['phases'][name] for run in runs):.0f} %"
                    for name in ("input_transform", "products", "output_transform")))


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
        one, two, again = rounds(9, *[
            lambda count=count: acuity.bench(
                "network", "--size", "512x512", "--algorithm", algorithm, "--threads", count, "--repeats", "1")["median"]
            for count in ("1", "2", "1")])
        # Round by round, for a machine that others share is faster in one minute than in the next.
        times = [(first + second) / 2 / both for first, both, second in zip(one, two, again)]
        print(f"{algorithm}: two threads are {statistics.median(times):.3f} times as fast as one "
              f"({lost(statistics.median(times))} lost; {lost(max(times))} to {lost(min(times))})")


def lost(times):
    return f"{100 * (1 - times / 2):.1f} %"


def memory(acuity):
    for size in ("512x512", "1920x1080"):
        measured = acuity.bench("network", "--size", size, "--threads", "2", "--repeats", "1")
        print(f"{size}: peak RSS {measured['peak_memory'] / 1e6:.1f} MB, of which the network's own work "
              f"{measured['working_memory'] / 1e6:.1f} MB; {measured['gflops']:.0f} GFLOP/s")


def sizes(acuity):
    def per_pixel(side, repeats):
        size = f"{side}x{side}"
        return acuity.bench("network", "--size", size, "--threads", "2", "--repeats", repeats)["median"] / side**2
    before, large, after = rounds(
        4, lambda: per_pixel(256, "10"), lambda: per_pixel(4096, "1"), lambda: per_pixel(256, "10"))
    ratios = [(first + second) / 2 / much for first, much, second in zip(before, large, after)]
    print(f"time per pixel, 256x256 over 4096x4096: {spread(ratios)}")


def spread(ratios):
    return f"{statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})"


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
    """The time of the whole command over that of the network alone, and over what a run with a report says that its computing
    took, which is the network with interpolation and colours."""
    picture(os.path.join(acuity.folder, "512.png"), 512)
    output = os.path.join(acuity.folder, "1024.png")

    def run(*options):
        # Each is a first run: to replace a file takes the file system a millisecond more.
        if os.path.exists(output):
            os.remove(output)
        return acuity("upscale", "512.png", "-o", "1024.png", "--if-exists", "overwrite", "--quiet", *options)[1]

    def computing():
        run("--report", "report")
        with open(os.path.join(acuity.folder, "report", "report.json")) as file:
            return json.load(file)["files"][0]["seconds"]["computing"]

    def alone():
        return acuity.bench("network", "--size", "1024x1024", "--repeats", "1")["median"]
    before, whole, own, after = rounds(15, alone, run, computing, alone)
    ratios = [seconds / ((first + second) / 2) for first, seconds, second in zip(before, whole, after)]
    print(f"512x512 RGB PNG at x2 over the network alone: {spread(ratios)}; "
          f"over the computing of one with a report: {spread([seconds / network for seconds, network in zip(whole, own)])}")


def batch(acuity):
    """A folder of pictures: the time of the whole command over that of as many networks alone, with a report and without one;
    and the batch's over what the report says that its networks took, which the codecs beside them slow down."""
    count, side = 24, 384
    folder = os.path.join(acuity.folder, "folder")
    os.makedirs(folder)
    for index in range(count):
        picture(os.path.join(folder, f"{index}.png"), side)
    command = ["upscale", "folder", "-o", "made", "--if-exists", "overwrite", "--quiet"]
    plane = ["network", "--size", f"{2 * side}x{2 * side}", "--repeats", "5"]

    def reported():
        seconds = acuity(*command, "--report", "report")[1]
        with open(os.path.join(acuity.folder, "report", "report.json")) as file:
            report = json.load(file)
        return seconds, report["seconds"] / sum(file["seconds"]["computing"] for file in report["files"])
    runs, with_report, alone = rounds(
        5, lambda: acuity(*command)[1], reported, lambda: acuity.bench(*plane)["median"])
    # Round by round, for a machine that others share is faster in one minute than in the next.
    whole = [seconds / (count * network) for seconds, network in zip(runs, alone)]
    more = [seconds / (count * network) for (seconds, _), network in zip(with_report, alone)]
    print(f"{count} RGB PNG of {side}x{side} at x2 over as many networks alone: {spread(whole)}, {spread(more)} "
          f"with a report; over their own networks' {statistics.median(run[1] for run in with_report):.4f}")


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
    # The peak that the system keeps for a process counts what its parent had, this script with the picture.
    _, seconds, _ = acuity("upscale", "5000.png", "-o", "10000.png", "--if-exists", "overwrite", "--quiet",
                              "--model", acuity.model)
    done.set()
    sampler.join()
    print(f"10,000 x 10,000 output in {seconds:.0f} s: peak RSS of all its processes at one time {most / 1e6:.0f} MB")


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


def errors(acuity):
    """Networks of some layers each, against sums in double precision; layers as in network.py, so values keep their size."""
    acuity.patience = 1
    layers = network.layers()
    plane = network.plane((192, 192))
    np.save(os.path.join(acuity.folder, "plane.npy"), plane)
    for depth in (2, 3, 6, 11, 20):
        chain = layers[:depth - 1] + layers[-1:]
        network.write_safetensors(os.path.join(acuity.folder, f"{depth}.safetensors"), chain)
        exact = network.truth(plane, chain)
        for algorithm in ("direct", "winograd4", "winograd6"):
            acuity.bench("network", "--weights", f"{depth}.safetensors", "--input", "plane.npy", "--output", "out.npy",
                         "--algorithm", algorithm, "--repeats", "1")
            off = np.abs(np.load(os.path.join(acuity.folder, "out.npy")) - exact)
            print(f"{depth} layers, {algorithm}: largest error {off.max():.1e}, mean {off.mean():.1e}; "
                  f"the residual's mean size {np.abs(exact - plane).mean():.2f}, its largest "
                  f"{np.abs(exact - plane).max():.2f}")


def levels(acuity):
    """What becomes of errors in pictures of 8 bits and in their PSNR."""
    acuity.patience = 1
    from matplotlib import image
    algorithms = ("direct", "winograd4", "winograd6")
    for scale in ("2", "3", "4"):
        for algorithm in algorithms:
            acuity("upscale", acuity.pictures, "-o", algorithm, "--scale", scale, "--algorithm", algorithm,
                   "--format", "png", "--if-exists", "overwrite", "--quiet")
        for algorithm in algorithms[1:]:
            samples = different = most = 0
            for name in sorted(os.listdir(os.path.join(acuity.folder, "direct"))):
                one, other = (np.rint(255 * image.imread(os.path.join(acuity.folder, folder, name))).astype(int)
                              for folder in ("direct", algorithm))
                off = np.abs(one - other)
                samples, different, most = samples + off.size, different + (off > 0).sum(), max(most, off.max())
            print(f"x{scale}, {algorithm}: {different} of {samples} samples are not the direct kernel's "
                  f"({100 * different / samples:.5f} %), by {most} at most")
    scores = {}
    for algorithm in algorithms:
        text, _, _ = acuity("evaluate", acuity.pictures, "--algorithm", algorithm, "--format", "json", "--quiet")
        scores[algorithm] = [row["psnr"] for row in json.loads(text)["results"] if row["image"]]
    for algorithm in algorithms[1:]:
        off = max(abs(a - b) for a, b in zip(scores["direct"], scores[algorithm]))
        print(f"PSNR of {len(scores[algorithm])} results, {algorithm}: at most {off:.1e} dB from the direct kernel's")


SECTIONS = {function.__name__: function for function in (
    kernels, edges, threads, memory, sizes, upscale, batch, start, large, errors, levels)}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="+", choices=SECTIONS)
    parser.add_argument("--acuity", default="acuity")
    parser.add_argument("--pictures", help="a folder of pictures of ground truth, as Set5, for `levels`")
    parser.add_argument("--patience", type=positive, default=5, help="how often to repeat a run that others disturb")
    parser.add_argument("--model", default="vdsr", help="for `large`")
    parser.add_argument("--isa", nargs="+", help="for `kernels`; by default all that the machine has")
    options = parser.parse_args()
    missing = program(shlex.quote(options.acuity))
    if missing:
        parser.error(missing)
    if "levels" in options.sections:
        if not options.pictures or not os.path.isdir(options.pictures):
            parser.error("`levels` needs --pictures FOLDER, one that is there")
        if importlib.util.find_spec("matplotlib") is None:
            parser.error("`levels` needs matplotlib, from PyPI")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.abspath(options.acuity) if "/" in options.acuity else options.acuity
        acuity = Acuity(path, folder, options)
        for name in options.sections:
            print(f"{name}:", flush=True)
            SECTIONS[name](acuity)


if __name__ == "__main__":
    main()

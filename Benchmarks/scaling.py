#!/usr/bin/env python3
"""A model of how threads share a picture: the work of every task, and who waits for whom.

  scaling.py [--size 512x512 ...] [--threads 1 2 16 64]

Tasks are cut as Sources/SuperResolution/Network does (SkewedAxis, LayerShifts, TaskShape, Bands), each takes time in proportion to
the pixels that it computes in the 18 layers of 64 channels. The threads take bands of tasks as Wavefront does: in order, as high as
Bands cuts them, each layer of a task after the same one in the band above; or, where a picture is too narrow for that (marked with a
star), all together every layer of a task as Lockstep does, which lasts as long as the largest share. Printed are the pixels computed
over those of the picture (what blocks of 6 add at the borders), and the speed over one thread's. A hand-over from one thread to the
next, some 100 ns in tasks of milliseconds, is not counted, nor are caches and memory that threads share.
"""
import argparse

from comparison.arguments import positive, size

LAYERS, BLOCK = 20, 6
LONGEST = 96


def blocks():
    """Of every layer, the input's first: the first and last convolution are direct."""
    return [1, 1] + [BLOCK] * (LAYERS - 2) + [1]


def up(value, block):
    return -(-value // block) * block


def shifts(length, cut):
    """u - x of every layer: where its blocks begin, and after the layer before if there is more than one step."""
    result = [0]
    for side in blocks()[1:]:
        spare = side - 1 if length > LONGEST else -length % side
        shift = result[-1] + 1
        result.append(shift if shift % side <= spare else up(shift, side))
    return result if cut else [shift % side for shift, side in zip(result, blocks())]


def extent(length, cut):
    """Where every layer starts and ends, in u."""
    sides, shift = blocks(), shifts(length, cut)
    starts = [0] * LAYERS + [shift[-1]]
    ends = [0] * LAYERS + [length + shift[-1]]
    for layer in range(LAYERS - 1, -1, -1):
        side, middle = sides[layer], shift[layer] - shift[layer + 1]
        starts[layer] = max((starts[layer + 1] + middle - 1) // side * side, shift[layer] // side * side)
        ends[layer] = min(up(ends[layer + 1] + middle + 1, side), up(length + shift[layer], side))
    return starts, ends


def positions(extent, lower, upper):
    """What is computed of each layer from `lower` to `upper`."""
    return [max(0, min(end, upper) - max(start, lower)) for start, end in zip(*extent)]


def axis(length, step, cut):
    """For every step, the positions that it computes in each layer."""
    whole = extent(length, cut)
    steps = range(whole[0][1] // step, -(-max(whole[1][1:]) // step))
    return [positions(whole, s * step, (s + 1) * step) for s in steps]


def steps(length, limit):
    """A single step of the whole length if it is not longer than the limit, or equal ones: (step, whether it is cut)."""
    whole = up(length + max(shifts(length, False)), 12)
    if whole <= limit:
        return whole, False
    extent = length + shifts(length, True)[-1]
    return up(-(-extent // -(-extent // limit)), 12), True


class Bands:
    """Rows that threads take: see Bands.swift."""
    def __init__(self, length, tallest, threads):
        self.extent, self.tallest, self.threads = extent(length, True), tallest, threads
        self.start, self.end = self.extent[0][1] // BLOCK * BLOCK, up(max(self.extent[1][1:]), BLOCK)
        self.works = [sum(positions(self.extent, self.start, u)[1:]) for u in range(self.start, self.end + 1, BLOCK)]
        self.first = tallest
        if threads > 1:
            self.first = min(range(BLOCK, tallest + 1, BLOCK), key=self.span)

    def work(self, lower, upper):
        return self.works[(upper - self.start) // BLOCK] - self.works[(lower - self.start) // BLOCK]

    def next(self, start, under_way):
        """Where the band that begins at `start` ends."""
        if start == self.start:
            return min(start + self.first, self.end)
        end = min(start + self.tallest, self.end)
        share = (self.work(start, self.end) + under_way) / self.threads
        while end - BLOCK > start and self.work(start, end) + self.work(start, end - BLOCK) > 2 * share:
            end -= BLOCK
        return end

    def span(self, first):
        """When the last thread ends if the first band is so high."""
        self.first = first
        free, start = [0] * self.threads, self.start
        while start < self.end:
            now = min(free)
            end = self.next(start, sum(free) - now * self.threads)
            free[free.index(now)] += self.work(start, end)
            start = end
        return max(free)


def together(width, height, threads):
    """Columns and rows of a task that all threads compute together, as steps; None where every thread gets tasks of its own."""
    if width + LAYERS >= LONGEST * threads:
        return None
    across = up(width + max(shifts(width, False)), 12)
    return (across, False), steps(height, max(36, (1 << 13) // across // 12 * 12))


def largest_share(rows, columns, threads):
    """Of a layer's pixels: whole rows of blocks for each, and of those that are left a share of the columns."""
    blocks_down, blocks_across = rows // BLOCK, columns // BLOCK
    rest = blocks_down % threads
    return BLOCK * BLOCK * (blocks_down // threads * blocks_across + rest * -(-blocks_across // threads))


def run(width, height, threads):
    """(pixels computed over the picture's, seconds in units of a pixel of one layer)."""
    shared = together(width, height, threads)
    across, down = shared or (steps(width, LONGEST), (36, True))
    chunks = axis(width, *across)
    inner = range(2, LAYERS)
    if shared:
        tasks = [(rows[layer], columns[layer]) for rows in axis(height, *down) for columns in chunks for layer in inner]
        return (sum(rows * columns for rows, columns in tasks) / (len(inner) * width * height),
                sum(largest_share(rows, columns, threads) for rows, columns in tasks))
    free = [0.0] * threads
    above = {}
    computed = 0
    bands = Bands(height, 36, threads)
    start, per_row = bands.start, sum(columns[2] for columns in chunks)
    while start < bands.end:
        thread = free.index(min(free))
        now = free[thread]
        end = bands.next(start, sum(other - now for other in free) / per_row)
        rows, start = positions(bands.extent, start, end), end
        for chunk, columns in enumerate(chunks):
            for layer in inner:
                work = rows[layer] * columns[layer]
                now = above[chunk, layer] = max(now, above.get((chunk, layer), 0)) + work
                computed += work
        free[thread] = now
    return computed / (len(inner) * width * height), max(free)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sizes = [(64, 64), (128, 128), (256, 256), (512, 512), (1920, 1080), (4096, 4096), (10000, 10000)]
    parser.add_argument("--size", nargs="+", type=size, default=sizes, help="WIDTHxHEIGHT")
    parser.add_argument("--threads", nargs="+", type=positive, default=[1, 2, 16, 64])
    options = parser.parse_args()
    print("| plane | pixels computed |" + "".join(f" {t} threads |" for t in options.threads))
    print("|---|--:|" + "--:|" * len(options.threads))
    for width, height in options.size:
        computed, alone = run(width, height, 1)
        speeds = [alone / run(width, height, threads)[1] for threads in options.threads]
        stars = ["*" if t > 1 and together(width, height, t) else "" for t in options.threads]
        print(f"| {width}x{height} | {computed:.3f} |" + "".join(
            f" {speed:.2f} ({100 * speed / t:.0f} %){star} |" for speed, t, star in zip(speeds, options.threads, stars)))


if __name__ == "__main__":
    main()

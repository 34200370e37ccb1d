#!/usr/bin/env python3
"""A model of how threads share a picture: the work of every task, and who waits for whom.

  scaling.py [--size 512x512 ...] [--threads 1 2 16 64]

Tasks are cut as Sources/SuperResolution/Network does (SkewedAxis, TaskSize), each takes time in proportion to the pixels
that it computes in the 18 layers of 64 channels. The threads take bands of tasks as Wavefront does: in order, a task after
the same one in the band above; or, where a picture is too narrow for that (marked with a star), all together every layer
of a task as Lockstep does, which lasts as long as the largest share. Printed are the pixels computed over those of the
picture (what blocks of 6 add at the borders), and the speed over one thread's. A hand-over from one thread to the next,
some 100 ns in tasks of milliseconds, is not counted, nor are caches and memory that threads share.
"""
import argparse

LAYERS, BLOCK = 20, 6


def blocks():
    """Of every layer, the input's first: the first and last convolution are direct."""
    return [1, 1] + [BLOCK] * (LAYERS - 2) + [1]


def up(value, block):
    return -(-value // block) * block


def axis(length, step):
    """For every step, the positions that it computes in each layer."""
    sides = blocks()
    starts = [0] * LAYERS + [LAYERS // sides[-1] * sides[-1]]
    ends = [0] * LAYERS + [up(length + LAYERS, sides[-1])]
    for layer in range(LAYERS - 1, -1, -1):
        side = sides[layer]
        starts[layer] = max((starts[layer + 1] - 2) // side * side, layer // side * side)
        ends[layer] = min(up(ends[layer + 1], side), up(length + layer, side))
    steps = range(starts[1] // step, -(-max(ends[1:]) // step))
    return [[max(0, min(end, (s + 1) * step) - max(start, s * step)) for start, end in zip(starts, ends)] for s in steps]


def together(width, height, threads):
    """The size of a task that all threads compute together; None where every thread gets tasks of its own."""
    if (width + LAYERS) // 48 >= 2 * threads:
        return None
    across = up(width + LAYERS, 12)
    return across, min(up(height + LAYERS, 12), max(36, (1 << 13) // across // 12 * 12))


def largest_share(rows, columns, threads):
    """Of a layer's pixels: whole rows of blocks for each, and of those that are left a share of the columns."""
    blocks_down, blocks_across = rows // BLOCK, columns // BLOCK
    rest = blocks_down % threads
    return BLOCK * BLOCK * (blocks_down // threads * blocks_across + rest * -(-blocks_across // threads))


def task_size(width, height, threads):
    extent = width + LAYERS
    fair = up(extent // (2 * threads), 12)
    narrowest = 48 if (extent + 47) // 48 >= threads else 24
    return min(96, max(narrowest, fair)), 36


def run(width, height, threads):
    """(pixels computed over the picture's, seconds in units of a pixel of one layer)."""
    shared = together(width, height, threads)
    across, down = shared or task_size(width, height, threads)
    chunks, bands = axis(width, across), axis(height, down)
    inner = range(2, LAYERS)
    if shared:
        tasks = [(rows[layer], columns[layer]) for rows in bands for columns in chunks for layer in inner]
        return (sum(rows * columns for rows, columns in tasks) / (len(inner) * width * height),
                sum(largest_share(rows, columns, threads) for rows, columns in tasks))
    work = [[sum(rows[layer] * columns[layer] for layer in inner) for columns in chunks] for rows in bands]
    free = [0.0] * threads
    above = [0.0] * len(chunks)
    for band in work:
        thread = min(range(threads), key=lambda t: free[t])
        now = free[thread]
        for chunk, seconds in enumerate(band):
            now = max(now, above[chunk]) + seconds
            above[chunk] = now
        free[thread] = now
    return sum(map(sum, work)) / (len(inner) * width * height), max(above)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", nargs="+", default=["64x64", "128x128", "256x256", "512x512", "1920x1080", "4096x4096", "10000x10000"])
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2, 16, 64])
    options = parser.parse_args()
    print("| plane | pixels computed |" + "".join(f" {t} threads |" for t in options.threads))
    print("|---|--:|" + "--:|" * len(options.threads))
    for size in options.size:
        width, height = map(int, size.split("x"))
        computed, alone = run(width, height, 1)
        speeds = [alone / run(width, height, threads)[1] for threads in options.threads]
        stars = ["*" if t > 1 and together(width, height, t) else "" for t in options.threads]
        print(f"| {size} | {computed:.3f} |" + "".join(
            f" {speed:.2f} ({100 * speed / t:.0f} %){star} |" for speed, t, star in zip(speeds, options.threads, stars)))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""A model of how threads share a picture: the work of every task, and who waits for whom.

  scaling.py [--size 512x512 ...] [--threads 1 2 16 64]

Tasks are cut as Sources/SuperResolution/Network does (SkewedAxis, LayerShifts, TaskShape), each takes time in proportion to the pixels
that it computes in the 18 layers of 64 channels. The threads take bands of tasks as Wavefront does: in order, each layer of
a task after the same one in the band above; or, where a picture is too narrow for that (marked with a star), all together
every layer of a task as Lockstep does, which lasts as long as the largest share. Printed are the pixels computed over those
of the picture (what blocks of 6 add at the borders), and the speed over one thread's. A hand-over from one thread to the next,
some 100 ns in tasks of milliseconds, is not counted, nor are caches and memory that threads share.
"""
import argparse

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


def axis(length, step, cut, origin=0):
    """For every step, the positions that it computes in each layer."""
    sides, shift = blocks(), shifts(length, cut)
    starts = [0] * LAYERS + [shift[-1]]
    ends = [0] * LAYERS + [length + shift[-1]]
    for layer in range(LAYERS - 1, -1, -1):
        side, middle = sides[layer], shift[layer] - shift[layer + 1]
        starts[layer] = max((starts[layer + 1] + middle - 1) // side * side, shift[layer] // side * side)
        ends[layer] = min(up(ends[layer + 1] + middle + 1, side), up(length + shift[layer], side))
    steps = range((starts[1] - origin) // step, -(-(max(ends[1:]) - origin) // step))
    return [[max(0, min(end, (s + 1) * step + origin) - max(start, s * step + origin)) for start, end in zip(starts, ends)]
            for s in steps]


def steps(length, limit):
    """A single step of the whole length if it is not longer than the limit, or equal ones: (step, whether it is cut)."""
    whole = up(length + max(shifts(length, False)), 12)
    if whole <= limit:
        return whole, False
    extent = length + shifts(length, True)[-1]
    return up(-(-extent // -(-extent // limit)), 12), True


def shared_axis(length, step, cut, threads):
    """Cut where the busiest of the threads, which take the steps in turn, ends soonest."""
    def longest(steps):
        shares = [0] * threads
        for positions in steps:
            shares[shares.index(min(shares))] += sum(positions[1:])
        return max(shares)
    origins = range(0, -step, -BLOCK) if threads > 1 else [0]
    return min((axis(length, step, cut, origin) for origin in origins), key=longest)


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
    chunks, bands = axis(width, *across), shared_axis(height, *down, 1 if shared else threads)
    inner = range(2, LAYERS)
    if shared:
        tasks = [(rows[layer], columns[layer]) for rows in bands for columns in chunks for layer in inner]
        return (sum(rows * columns for rows, columns in tasks) / (len(inner) * width * height),
                sum(largest_share(rows, columns, threads) for rows, columns in tasks))
    free = [0.0] * threads
    above = {}
    computed = 0
    for rows in bands:
        thread = free.index(min(free))
        now = free[thread]
        for chunk, columns in enumerate(chunks):
            for layer in inner:
                work = rows[layer] * columns[layer]
                now = above[chunk, layer] = max(now, above.get((chunk, layer), 0)) + work
                computed += work
        free[thread] = now
    return computed / (len(inner) * width * height), max(free)


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

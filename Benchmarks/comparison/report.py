"""From the rounds: medians, ratios, a Markdown table, and a plot that tops out at the theoretical peak."""
import json
import statistics
import sys
from collections import defaultdict

from .engines import ENGINES
from .network import MULTIPLY_ADDS

# Multiplications of the direct computation over those of Winograd's F(6x6, 3x3): 36 x 9 / 64.
F6_SAVING = 36 * 9 / 64


# The share of the machine that others may take during a visit.
MOST_FOR_OTHERS = 0.05


def read(paths):
    """{(size, threads): {engine: [visit]}} from files of one JSON object a line: the undisturbed visits, or all of an
    engine's where none was."""
    result = defaultdict(lambda: defaultdict(list))
    for path in paths:
        try:
            with open(path) as file:
                for line in file:
                    visit = json.loads(line)
                    result[visit["size"], visit["threads"]][visit["engine"]].append(visit)
        except OSError as error:
            sys.exit(f"{path}: {error.strerror}")
        except (ValueError, KeyError, TypeError):
            sys.exit(f"{path}: is no file of rounds; make one by `compare.py measure`")
    if not result:
        sys.exit(f"{', '.join(paths)}: no rounds; make some by `compare.py measure`")
    for engines in result.values():
        for engine, visits in engines.items():
            calm = [visit for visit in visits if (visit["others"] or 0) <= MOST_FOR_OTHERS]
            if calm:
                engines[engine] = calm
            else:
                print(f"warning: {engine}: others took part of the machine in every visit", file=sys.stderr)
    return result


class Row:
    """One engine at one size and thread count."""

    def __init__(self, engine, visits, size, threads):
        self.engine, self.visits, self.size, self.threads = engine, visits, size, threads
        width, height = map(int, size.split("x"))
        self.operations = 2 * MULTIPLY_ADDS * width * height
        self.seconds = statistics.median(time for visit in visits for time in visit["seconds"])
        self.gflops = self.operations / self.seconds / 1e9
        self.memory = max(visit["memory"] for visit in visits)
        self.error = max((visit["error"] for visit in visits if visit["error"] is not None), default=None)
        self.peak = statistics.median([visit["peak"] for visit in visits if "peak" in visit] or [0])

    @property
    def title(self):
        if self.engine in ENGINES:
            return ENGINES[self.engine].title
        return "**Acuity**" + (f", {self.engine.removeprefix('acuity-')}" if self.engine != "acuity" else "")

    def ratio(self, other):
        """How many times as fast this is as `other`: the median over the rounds, each by itself."""
        mine, theirs = ({visit["round"]: statistics.median(visit["seconds"]) for visit in row.visits}
                        for row in (self, other))
        common = mine.keys() & theirs.keys()
        return statistics.median(theirs[r] / mine[r] for r in common) if common else other.seconds / self.seconds


def rows(visits, key):
    size, threads = key
    found = [Row(engine, list_, size, threads) for engine, list_ in visits[key].items()]
    return sorted(found, key=lambda row: row.seconds)


def table(visits):
    """Markdown."""
    lines = []
    for key in sorted(visits, key=lambda key: (key[1], len(key[0]), key[0])):
        list_ = rows(visits, key)
        acuity = next((row for row in list_ if row.engine == "acuity"), None)
        rounds = min(len(row.visits) for row in list_), max(len(row.visits) for row in list_)
        rounds = f"{rounds[0]}" if rounds[0] == rounds[1] else f"{rounds[0]} to {rounds[1]}"
        lines += [
            f"{key[0]} pixels, {key[1]} thread{'s' if key[1] != 1 else ''}, {rounds} rounds:", "",
            "| engine | version | median s | GFLOP/s | Acuity is faster by | peak RSS MB | largest error |",
            "|---|---|--:|--:|--:|--:|--:|"]
        for row in list_:
            ratio = f"{acuity.ratio(row):.2f}x" if acuity and row is not acuity else ""
            error = f"{row.error:.1e}" if row.error is not None else ""
            lines.append(
                f"| {row.title} | {row.visits[-1]['version']} | {row.seconds:.3f} | {row.gflops:.0f} | {ratio} "
                f"| {row.memory / 1e6:.0f} | {error} |")
        if acuity and acuity.peak:
            lines += ["", f"FMA peak in the same rounds: {acuity.peak:.0f} GFLOP/s; Acuity runs at "
                          f"{acuity.gflops / acuity.peak:.2f} times that."]
        lines.append("")
    return "\n".join(lines)


def plot(visits, path):
    """Bars of direct-equivalent GFLOP/s, a panel for every size and thread count, up to F(6x6, 3x3)'s limit."""
    try:
        import matplotlib
    except ImportError:
        sys.exit(f"{path}: a plot needs matplotlib, from PyPI")
    matplotlib.use("Agg")
    matplotlib.rcParams["svg.fonttype"] = "none"
    matplotlib.rcParams["svg.hashsalt"] = "acuity"
    from matplotlib import pyplot

    keys = sorted(visits, key=lambda key: (key[1], len(key[0]), key[0]))
    heights = [len(visits[key]) for key in keys]
    figure, panels = pyplot.subplots(
        len(keys), 1, figsize=(8, 0.32 * sum(heights) + 1.3 * len(keys)), squeeze=False,
        gridspec_kw={"height_ratios": heights})
    for panel, key in zip(panels[:, 0], keys):
        list_ = rows(visits, key)[::-1]
        names = [row.title.replace("**", "") for row in list_]
        colors = ["#c8102e" if row.engine.startswith("acuity") else "#7a8794" for row in list_]
        bars = panel.barh(names, [row.gflops for row in list_], color=colors)
        panel.bar_label(bars, [f"{row.gflops:.0f}" for row in list_], padding=3)
        panel.set_title(f"{key[0]} pixels, {key[1]} thread{'s' if key[1] != 1 else ''}", loc="left", fontsize=10, pad=16)
        peak = max((row.peak for row in list_), default=0)
        if peak:
            panel.set_xlim(0, F6_SAVING * peak)
            limits = [(1, "FMA peak"), (2, "bf16 peak"), (4, "F(4x4, 3x3)"), (F6_SAVING, "F(6x6, 3x3)")]
            for factor, label in limits:
                panel.axvline(factor * peak, color="#333333", linewidth=0.8, linestyle=":")
                panel.text(factor * peak, 1.0, label, transform=panel.get_xaxis_transform(), fontsize=7,
                           ha="right" if factor == F6_SAVING else "center", va="bottom")
        panel.spines[["top", "right"]].set_visible(False)
    panels[-1, 0].set_xlabel("GFLOP/s by the definition's count; dotted: the theoretical peaks")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None} if path.endswith(".svg") else None)

#!/usr/bin/env python3
"""Acuity beside other engines on the same network: interleaved rounds, medians, ratios, errors, memory.

  compare.py measure --acuity .build/release/acuity --size 512x512 --threads 2 --rounds 5 --results rounds.jsonl
  compare.py report rounds.jsonl --table table.md --plot plot.svg
  compare.py list

`measure` runs every engine that can be imported here, each in a process of its own that stays loaded and is stopped
while others have their turn; rounds are appended to the results, so that a comparison may be made in pieces. Times are
those of computing the plane alone: loading and a first run do not count. Visits during which other processes took
more than 5 % of the machine are left out where undisturbed ones exist. Errors are against sums in double precision.
An engine that fails costs the others nothing; the exit code is 1 then.

Engines, from PyPI: torch (a CPU build), onnxruntime, openvino, ncnn, MNN, ai-edge-litert, opencv-python-headless; onnx writes the
model for some of them. numpy is needed in any case, matplotlib for the plot.
"""
import argparse
import importlib.util
import json
import os
import sys
import tempfile
import time

from comparison.arguments import module, positive, size

# What is imported next cannot do without.
module("numpy")
from comparison import report
from comparison.engines import ENGINES
from comparison.network import Files
from comparison.processes import Acuity, Guard, Worker, serve


def available(name):
    return importlib.util.find_spec(ENGINES[name].module) is not None


def start(name, options, files):
    if name.startswith("acuity"):
        # acuity-avx2 and the like: an instruction set, or an algorithm.
        variant = name.removeprefix("acuity").removeprefix("-")
        command = options.acuity
        process = Acuity(command, files, options.size, options.threads)
        if variant in ("direct", "winograd4", "winograd6"):
            process.command += ["--algorithm", variant]
        elif variant:
            process.command += ["--isa", variant]
        return process
    return Worker(name, files, options.size, options.threads)


def round_(names, engines, guard, options):
    """Each engine once, appended to the results. Numbered by the clock, so that later calls' rounds are others.

    Returns the names of those that have failed."""
    number = round(time.time() * 1000)
    failed = set()
    for name in names:
        visit = engines[name].visit(options.runs)
        if not guard.holds:
            sys.exit(f"{name}: the machine is not ours any more")
        if "failure" in visit:
            print(f"{name}: {visit['failure']}", file=sys.stderr)
            failed.add(name)
            continue
        visit |= {"engine": name, "size": "%dx%d" % options.size, "threads": options.threads, "round": number}
        with open(options.results, "a") as file:
            file.write(json.dumps(visit) + "\n")
        print(f"{name}: {min(visit['seconds']):.3f} s, others {visit['others'] or 0:.0%}", file=sys.stderr)
    return failed


def measure(options):
    names = options.engines.split(",") if options.engines else (
        ["acuity"] + [name for name, engine in ENGINES.items() if engine.default and available(name)])
    unknown = [name for name in names if name.split("-")[0] != "acuity" and name not in ENGINES]
    if unknown:
        sys.exit(f"{', '.join(unknown)}: no such engine; `compare.py list` names those that there are")
    try:
        open(options.results, "a").close()
    except OSError as error:
        sys.exit(f"{options.results}: {error.strerror}")
    files = Files(options.work)
    files.truth(options.size)
    engines, failed = {}, set()
    try:
        for name in names:
            engine = start(name, options, files)
            if engine.failure:
                print(f"{name}: {engine.failure}", file=sys.stderr)
                failed.add(name)
            else:
                engines[name] = engine
        if not engines:
            sys.exit("none of the engines could be started")
        with Guard(options.guard) as guard:
            for index in range(options.rounds):
                # One that has failed may have ended, and is not asked again.
                names = [name for name in engines if name not in failed]
                first = index % max(1, len(names))
                failed |= round_(names[first:] + names[:first], engines, guard, options)
    finally:
        for engine in engines.values():
            engine.close()
    if failed:
        sys.exit(f"not measured, or not in every round: {', '.join(sorted(failed))}")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)

    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--size", type=size, default=(512, 512), help="WIDTHxHEIGHT of the plane")
    common.add_argument("--threads", type=positive, default=os.cpu_count())
    common.add_argument("--work", default=os.path.join(tempfile.gettempdir(), "acuity-compare"),
                        help="folder for the engines' models, the input and the truth")

    run = commands.add_parser("measure", parents=[common], help="run rounds and append them to the results")
    run.add_argument("--acuity", default="acuity", help="the command, with options if need be")
    run.add_argument("--engines", help="comma-separated: acuity, acuity-ISA, acuity-ALGORITHM and those of `list`")
    run.add_argument("--rounds", type=positive, default=5)
    run.add_argument("--runs", type=positive, default=2, help="timed runs of an engine in a round")
    run.add_argument("--results", default="rounds.jsonl")
    run.add_argument("--guard", help="a command that copies its input to its output once the machine is ours alone")

    show = commands.add_parser("report", help="a table, and a plot, of the results")
    show.add_argument("results", nargs="+")
    show.add_argument("--table", help="a Markdown file; by default the table is printed")
    show.add_argument("--plot", help="an .svg or .png file")

    commands.add_parser("list", help="the engines and whether they can be imported")
    child = commands.add_parser("serve", parents=[common])
    child.add_argument("engine")

    options = parser.parse_args()
    if options.command == "measure":
        measure(options)
    elif options.command == "serve":
        serve(options.engine, Files(options.work), options.size, options.threads)
    elif options.command == "list":
        for name, engine in ENGINES.items():
            print(f"{name:15} {engine.title}" + ("" if available(name) else f" (no module {engine.module})"))
    else:
        visits = report.read(options.results)
        text = report.table(visits)
        if options.table:
            with open(options.table, "w") as file:
                file.write(text)
        else:
            print(text)
        if options.plot:
            report.plot(visits, options.plot)


if __name__ == "__main__":
    main()

"""Engines in processes of their own, stopped while it is not their turn."""
import json
import os
import resource
import shlex
import signal
import subprocess
import sys
import time

import numpy as np

from .arguments import program
from .engines import ENGINES
from .network import TRUTH_SIDE

ENTRY = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "compare.py")


def error(output, files, size):
    """The largest difference from the truth."""
    output = np.asarray(output, np.float64).reshape(size[1], size[0])[:TRUTH_SIDE, :TRUTH_SIDE]
    return float(np.abs(output - files.truth(size)).max())


def peak_memory():
    """The most bytes that this process has had."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def serve(name, files, size, threads):
    """The child: loads one engine, then answers each line on stdin, a number of runs, with their times."""
    replies = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # What engines print is no reply.

    def reply(value):
        replies.write(json.dumps(value) + "\n")
    try:
        version, run = ENGINES[name].load(files, size, threads)
        output = np.array(run(), np.float32)
    except Exception as failure:  # whatever an engine's library may raise
        reply({"failure": f"{type(failure).__name__}: {failure}"[:300]})
        return
    memory = peak_memory()
    reply({"version": version, "error": error(output, files, size)})
    del output
    for line in sys.stdin:
        seconds = []
        for _ in range(int(line)):
            start = time.perf_counter()
            run()
            seconds.append(time.perf_counter() - start)
        # The truth and the first output's copy are this script's, not the engine's.
        reply({"seconds": seconds, "memory": memory})


def use_cores(threads):
    """Holds the calling process to as many cores as it has threads, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


class Others:
    """The share of the machine that other processes take meanwhile; unknown where there is no /proc."""

    def __init__(self, own_seconds):
        self.own_seconds = own_seconds
        self.start = time.perf_counter(), self._busy(), own_seconds()

    @staticmethod
    def _busy():
        try:
            with open("/proc/stat") as file:
                user, nice, system, _, _, *interrupts = map(int, file.readline().split()[1:8])
        except OSError:
            return None
        return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK")

    def share(self):
        time_, busy, own = self.start
        if busy is None:
            return None
        others = self._busy() - busy - (self.own_seconds() - own)
        return max(0.0, others / (time.perf_counter() - time_) / os.cpu_count())


def child_seconds(pid):
    """Processor seconds of a child that lives."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
    except OSError:
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ended_children_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Worker:
    """An engine that stays loaded."""

    def __init__(self, name, files, size, threads):
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads), **ENGINES[name].environment)
        command = [sys.executable, ENTRY, "serve", name, "--work", files.folder,
                   "--size", "%dx%d" % size, "--threads", str(threads)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=environment, preexec_fn=lambda: use_cores(threads))
        first = self._read()
        self.failure = first.get("failure")
        self.version, self.error = first.get("version"), first.get("error")
        if self.failure is None:
            self.process.send_signal(signal.SIGSTOP)

    def _read(self):
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"failure": f"ended with {self.process.wait()}"}

    def visit(self, runs):
        others = Others(lambda: child_seconds(self.process.pid))
        self.process.send_signal(signal.SIGCONT)
        # One more than counts: the caches are those of whoever ran before.
        self.process.stdin.write(f"{runs + 1}\n")
        self.process.stdin.flush()
        reply = self._read()
        self.process.send_signal(signal.SIGSTOP)
        if "failure" not in reply:
            reply["seconds"] = reply["seconds"][1:]
        return reply | {"version": self.version, "error": self.error, "others": others.share()}

    def close(self):
        self.process.kill()
        self.process.wait()


class Acuity:
    """The command: started for every visit, and warming itself up."""

    def __init__(self, command, files, size, threads):
        self.failure = program(command)
        self.output = os.path.join(files.folder, f"{os.getpid()}-output.npy")
        self.command = shlex.split(command) + [
            "bench", "network", "--weights", files.safetensors(), "--input", files.input(size),
            "--output", self.output, "--threads", str(threads), "--json"]
        self.files, self.size, self.threads = files, size, threads

    def visit(self, runs):
        others = Others(ended_children_seconds)
        process = subprocess.Popen(
            self.command + ["--repeats", str(runs)], stdout=subprocess.PIPE, text=True,
            preexec_fn=lambda: use_cores(self.threads))
        text = process.stdout.read()
        if process.wait() != 0:
            return {"failure": f"exit code {process.returncode}"}
        others = others.share()
        reply = json.loads(text)
        return {
            "seconds": reply["seconds"], "memory": reply["peak_memory"], "peak": reply["peak_gflops"],
            "version": reply["algorithm"] + ", " + reply["isa"], "others": others,
            "error": error(np.load(self.output), self.files, self.size)}

    def close(self):
        if os.path.exists(self.output):
            os.remove(self.output)


class Guard:
    """Keeps others from the machine: runs a command, by contract one that copies its input to its output as soon as
    the machine is ours, and gives it back when the input ends (as `flock /tmp/machine cat` does)."""

    def __init__(self, command):
        self.process = command and subprocess.Popen(
            shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        if self.process:
            self.process.stdin.write("ready\n")
            self.process.stdin.flush()
            self.process.stdout.readline()
        return self

    @property
    def holds(self):
        return self.process is None or self.process.poll() is None

    def __exit__(self, *_):
        if self.process:
            self.process.stdin.close()
            self.process.wait()

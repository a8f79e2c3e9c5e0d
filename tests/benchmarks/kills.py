"""kill -9 at random moments of `srlab search`, `label`, `learn` and `validate`, and what is left: nothing that was
finished may be lost or change.

    python tests/benchmarks/kills.py [--kills 100] [--ctrl-c] [--seed 0] [--json]

A command is started, killed after a random time (every second time with all its children, otherwise alone, and then its
children must end by themselves), started again the same way, and so on until it comes to its end; then the next one
begins, until all kills are spent, a quarter for each command. After every kill: search and learn, the journal begins
with every whole line it had; label, the labels begin with every whole frame; validate, every kept group is as it was.
At the end: the search has done its evaluations and has a front; the loop has labelled every structure it chose, once;
labels and properties equal those of a run that nobody killed. Labels are made with EMT. With --ctrl-c the command is
interrupted instead, with all its children as a terminal does, and must end with 130. Exit code 1 and a sentence if
something was lost.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import psutil
from ase.build import bulk
from ase.io import read, write

from srlab.sampling.labelling import label

SRLAB = [sys.executable, "-m", "srlab.cli"]


def structures(count, seed=0):
    """Rattled and strained fcc cells of four atoms."""
    rng, frames = np.random.default_rng(seed), []
    for _ in range(count):
        atoms = bulk("Cu", "fcc", a=3.61 * rng.uniform(0.95, 1.07), cubic=True)
        atoms.positions += rng.normal(0.0, 0.12, (4, 3))
        frames.append(atoms)
    return frames


def lines(path):
    """The whole lines of a file."""
    data = path.read_bytes() if path.exists() else b""
    return data[: data.rfind(b"\n") + 1]


class Search:
    """A search from its beginning to 6,000 evaluations; after the first kill it is `srlab resume`."""

    longest = 8.0

    def __init__(self, root):
        self.data = root / "emt.extxyz"

    def words(self, out):
        if (out / "run" / "journal.jsonl").exists():
            return ["resume", out / "run", "--json"]
        return [
            "search",
            self.data,
            "--evaluations",
            "6000",
            "--workers",
            "1",
            "--seed",
            "1",
            "--out",
            out / "run",
            "--json",
        ]

    def kept(self, out):
        return {"journal": lines(out / "run" / "journal.jsonl")}

    def check(self, out, said):
        events = [json.loads(line) for line in lines(out / "run" / "journal.jsonl").splitlines()]
        assert events[-1]["event"] == "finish" and events[-1]["evaluations"] >= 6000 and json.loads(said), (
            "the search did not come to its end"
        )


class Label:
    """800 labels in one file."""

    longest = 5.0

    def __init__(self, root):
        self.queue = root / "queue.extxyz"
        write(self.queue, structures(800, 1))
        label(self.queue, root / "all.extxyz", "emt")
        self.whole = [frame.get_forces() for frame in read(root / "all.extxyz", ":")]

    def words(self, out):
        return ["label", self.queue, "-o", out / "labels.extxyz", "--calculator", "emt"]

    def kept(self, out):
        data = lines(out / "labels.extxyz")
        return {"labels": data[: data.rfind(b"\n4\n") + 1]}  # the last frame may lack lines

    def check(self, out, said):
        found = [frame.get_forces() for frame in read(out / "labels.extxyz", ":")]
        assert len(found) == 800 and all(np.array_equal(a, b) for a, b in zip(found, self.whole)), (
            "the labels are not those of a run without kills"
        )


class Learn:
    """A round of the learning loop.

    A search that was killed goes on with other random numbers, so its choices may be others; no label is made twice.
    """

    longest = 20.0
    settings = [
        "--rounds",
        "1",
        "--evaluations",
        "1500",
        "--frames",
        "20",
        "--atoms",
        "8",
        "--walkers",
        "16",
        "--levels",
        "16",
        "--members",
        "3",
        "--workers",
        "1",
    ]

    def __init__(self, root):
        self.data = root / "emt.extxyz"

    def words(self, out):
        return ["learn", self.data, "--out", out / "loop", "--calculator", "emt", *self.settings, "--json"]

    def kept(self, out):
        labels = lines(out / "loop" / "round-1" / "labels.extxyz")
        return {"journal": lines(out / "loop" / "learn.jsonl"), "labels": labels[: labels.rfind(b"\n8\n") + 1]}

    def check(self, out, said):
        labels, queue = (
            [frame.positions.tolist() for frame in read(out / "loop" / "round-1" / name, ":")]
            for name in ("labels.extxyz", "queue.extxyz")
        )
        rounds = json.loads(said)
        assert labels == queue and len(labels) == 20 and [entry["round"] for entry in rounds] == [0, 1], (
            "the loop did not come to its end with 20 labels"
        )


class Validate:
    """Five groups of properties, kept as they are finished."""

    longest = 12.0
    settings = ["cu-sr1", "--only", "eos,elastic,polymorphs,bain,surfaces", "--json"]

    def __init__(self, root):
        self.whole = json.loads(run(["validate", *self.settings]))

    def words(self, out):
        return ["validate", *self.settings, "--keep", out / "kept"]

    def kept(self, out):
        return {path.name: path.read_bytes() for path in (out / "kept").glob("*/*.json")}

    def check(self, out, said):
        assert json.loads(said) == self.whole, "the properties are not those of a run without kills"


def start(words):
    return subprocess.Popen(
        [*SRLAB, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def run(words):
    process = start(words)
    said, error = process.communicate()
    assert process.returncode == 0, f"{' '.join(map(str, words))} ended with {process.returncode}: {error[-500:]}"
    return said


def left(group):
    """Processes of a group that are still there and no zombies."""
    found = []
    for process in psutil.process_iter(["pid", "status"]):
        try:
            if os.getpgid(process.info["pid"]) == group and process.info["status"] != psutil.STATUS_ZOMBIE:
                found.append(process)
        except ProcessLookupError:
            pass
    return found


def kill(process, everything):
    """SIGKILL; with `everything` to all of its processes, otherwise they must end within ten seconds."""
    if everything:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.communicate()
    end = time.monotonic() + 10.0
    while left(process.pid):
        assert time.monotonic() < end, "a child outlived its parent by ten seconds"
        time.sleep(0.1)


def interrupt(process):
    """Ctrl-C, which must be heard; returns what the command said where it was at its end already (and Python,
    perhaps, taking itself down), else None."""
    os.killpg(process.pid, signal.SIGINT)
    try:
        said, error = process.communicate(timeout=30.0)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise AssertionError("Ctrl-C was lost: it ran on for 30 seconds") from None
    if process.returncode in (0, -signal.SIGINT):
        return said
    assert process.returncode == 130, f"interrupted, it ended with {process.returncode}: {error[-500:]}"
    return None


def campaign(tool, root, kills, rng, report, ctrl_c=False):
    """Kill or interrupt a tool so many times, in as many runs as it takes; returns how many runs came to their end."""
    done, finished = 0, 0
    while done < kills:
        out, known = Path(tempfile.mkdtemp(dir=root)), {}
        while True:
            process, wait = (
                start(tool.words(out)),
                rng.uniform(1.0 if ctrl_c else 0.2, tool.longest) if done < kills else None,
            )
            try:
                said, error = process.communicate(timeout=wait)
                assert process.returncode == 0, f"it ended with {process.returncode}: {error[-500:]}"
            except subprocess.TimeoutExpired:
                said, seen = None, tool.kept(out)
                if ctrl_c:
                    said = interrupt(process)
                else:
                    kill(process, everything=done % 2 == 0)
                known, done = {**known, **seen}, done + 1
                report(type(tool).__name__.lower(), done, kills)
            now = tool.kept(out)
            for name, data in known.items():
                assert now.get(name, b"").startswith(data), f"{name} lost what it had before a kill"
            if said is not None:
                tool.check(out, said)
                finished += 1
                break
    return finished


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument(
        "--ctrl-c", action="store_true", help="interrupt, from one second after the start on, instead of kill -9"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rng, result = random.Random(options.seed), {}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root / "start.extxyz", structures(24))
        label(root / "start.extxyz", root / "emt.extxyz", "emt")
        for make in (Search, Label, Learn, Validate):
            name = make.__name__.lower()
            try:
                finished = campaign(
                    make(root),
                    root,
                    options.kills // 4,
                    rng,
                    lambda *where: print("{}: {} of {} times".format(*where), end="\r", file=sys.stderr),
                    options.ctrl_c,
                )
            except AssertionError as error:
                sys.exit(f"{name}: {error}")
            result[name] = {"kills": options.kills // 4, "finished": finished}
            if not options.json:
                print(
                    f"{name}: {'interrupted' if options.ctrl_c else 'killed'} {options.kills // 4} "
                    f"times in {finished} runs, nothing lost",
                    flush=True,
                )
    if options.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()

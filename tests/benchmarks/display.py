"""What a dashboard that is open costs the search it shows, and how long a patch of a large tree takes to the screen.

One search (one worker) runs with its dashboard in a real Chromium. For some seconds in turn all processes of the
dashboard and the browser are halted (SIGSTOP) and go on again, so that the same search is measured with and without
them within seconds: this machine's speed changes by 15 % from one minute to the next, which hid the difference between
two whole searches. Each stretch with the dashboard is compared with the mean of its two neighbours without. What piled
up while they were halted is drawn and validated afterwards, so the figures are rather too large.

`loss_cpu`    evaluations lost per processor second of the worker, in percent: what its own work costs more while caches
and memory are shared. `loss_clock`  evaluations lost per second of the clock, where browser, kernel, validation and
search share the cores. `spent`       processor seconds, for each of the worker's, of the dashboard by kind of process:
kernel, server (JupyterLab), validation, and Chromium's (page,
              which runs the dashboard's JavaScript and draws in software; screen, which puts the picture together;
              browser). Where the page is on another machine, that of the search spends the first three only.

Each loss is the median over the stretches, with the standard error of their mean. `patch_ms` is the median of the
milliseconds from sending a patch to the browser's word that it is drawn, for a tree of 5,000 nodes.
"""

import argparse
import json
import os
import pathlib
import signal
import statistics
import sys
import tempfile
import time

import psutil

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "browser"))
import lab  # noqa: E402
from test_large_tree import CELLS as LARGE_TREE  # noqa: E402

from srlab.runs.folder import RunFolder  # noqa: E402

START = """
import srlab
from srlab_widgets import Dashboard
search = srlab.Search(srlab.load_dataset("cu-gpaw-v1"), {run!r}, seconds=3600, seed=7, workers=1).start()
Dashboard(search)
"""
SETTLE = 0.3  # seconds after a change that are not counted
KINDS = ("kernel", "server", "validation", "page", "screen", "browser")
ALL = ("worker", *KINDS)
MARKS = {
    "srlab.search.worker": "worker",
    "srlab_widgets.validation_worker": "validation",
    "ipykernel_launcher": "kernel",
    "jupyterlab": "server",
}


def kind_of(process):
    """What a process is for, None for one that is not of the dashboard (Playwright's, say)."""
    words = process.cmdline()
    for mark, kind in MARKS.items():
        if mark in words:
            return kind
    line = " ".join(words)
    if "chrom" not in line:
        return None
    return "page" if "--type=renderer" in line else "screen" if "--type=gpu-process" in line else "browser"


class Processes:
    """All that this script has started, by kind."""

    def __init__(self):
        self.kinds, self.last = {}, {}

    def look(self):
        """[(process, kind)] of what runs now."""
        found = []
        for process in psutil.Process().children(recursive=True):
            try:
                key = process.pid, process.create_time()
                if self.kinds.get(key) is None:  # between fork and exec a child still carries its parent's name
                    self.kinds[key] = kind_of(process)
                if self.kinds[key]:
                    found.append((process, self.kinds[key]))
            except psutil.Error:
                pass
        return found

    def spent(self):
        """{kind: processor seconds so far}; a process that has ended keeps what it had when last looked at."""
        for process, _ in self.look():
            try:
                self.last[process.pid, process.create_time()] = sum(process.cpu_times()[:2])
            except psutil.Error:
                pass
        return {kind: sum(seconds for key, seconds in self.last.items() if self.kinds[key] == kind) for kind in ALL}

    def send(self, number):
        """A signal to all but the worker."""
        for process, kind in self.look():
            if kind != "worker":
                try:
                    process.send_signal(number)
                except psutil.Error:
                    pass


def stretch(reader, processes, seconds):
    """From the first word of the search after now to its last: evaluations per processor second of the worker ("cpu")
    and per second of the clock, and what
    each kind of process spent for each second of the worker's."""
    time.sleep(SETTLE)
    reader.read()
    end, marks = time.monotonic() + seconds, []
    while time.monotonic() < end:
        for event in reader.read():
            if event.kind == "status":
                marks.append((event.evaluations, event.t, processes.spent()))
            elif event.kind == "finish":
                sys.exit("the search ended before the measurement did")
        time.sleep(0.02)
    (before, begin, first), (after, now, last) = marks[0], marks[-1]
    used = {kind: last[kind] - first[kind] for kind in ALL}
    return {
        "cpu": (after - before) / used["worker"],
        "clock": (after - before) / (now - begin),
        "spent": {kind: used[kind] / used["worker"] for kind in KINDS},
    }


def in_turn(root, stretches, seconds):
    """(alone, shown): the stretches without the dashboard, one more, and with it."""
    run, found = str(root / "run"), []
    lab.write_notebook(root / "run.ipynb", ("import srlab, srlab_widgets", START.format(run=run)))
    with lab.server(root) as (address, token), lab.browser(1400, 1750) as context:
        page = lab.open_notebook(context, address, token, "run.ipynb")
        lab.run_cell(page, 0)
        lab.run_cell(page, 1, wait=False)
        page.wait_for_selector(".srlab .front .point", timeout=60_000)
        processes, reader = Processes(), RunFolder(run).reader()
        try:
            for i in range(2 * stretches + 1):
                processes.send(signal.SIGCONT if i % 2 else signal.SIGSTOP)
                found.append(stretch(reader, processes, seconds))
        finally:
            processes.send(signal.SIGCONT)
        page.wait_for_timeout(2000)
        assert page.errors == []
        import srlab

        srlab.Search.attach(run).stop()
    return found[::2], found[1::2]


def losses(alone, shown, rate):
    """Percent lost in each stretch with the dashboard, against the mean of the one before and the one after."""
    return [
        100 * (1 - 2 * here[rate] / (before[rate] + after[rate]))
        for before, here, after in zip(alone, shown, alone[1:])
    ]


def large_tree(root):
    """(nodes, patches, median milliseconds from kernel to pixels and back)."""
    lab.write_notebook(root / "large.ipynb", LARGE_TREE)
    with lab.server(root) as (address, token), lab.browser(1400, 1500) as context:
        page = lab.open_notebook(context, address, token, "large.ipynb")
        lab.run_cell(page, 0, 300)
        page.wait_for_selector(".srlab .point", timeout=60_000)
        lab.run_cell(page, 1, 300)
        nodes, patches, median = lab.run_cell(page, 2).locator(".jp-OutputArea-output").inner_text().split()
        return int(nodes), int(patches), round(1000 * float(median))


def in_words(spent, kinds):
    return ", ".join(f"{kind} {100 * spent[kind]:.1f}" for kind in kinds)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stretches", type=int, default=20, help="with the dashboard, and one more without")
    parser.add_argument("--seconds", type=float, default=6.0, help="of each")
    parser.add_argument("--no-tree", action="store_true", help="leave the tree of 5,000 nodes out")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if lab.CHROMIUM is None:
        sys.exit("there is no Chromium on this machine: apt-get install chromium")
    result: dict = {}
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        if options.stretches:
            alone, shown = in_turn(root, options.stretches, options.seconds)
            result["spent"] = {kind: round(statistics.mean(here["spent"][kind] for here in shown), 4) for kind in KINDS}
            for rate in ("cpu", "clock"):
                lost = losses(alone, shown, rate)
                result[f"loss_{rate}"], result[f"error_{rate}"] = (
                    round(statistics.median(lost), 1),
                    round(statistics.stdev(lost) / len(lost) ** 0.5, 1),
                )
                result[f"mean_{rate}"] = round(statistics.mean(lost), 1)
        if not options.no_tree:
            result.update(zip(("nodes", "patches", "patch_ms"), large_tree(root)))
    result.update(cores=len(os.sched_getaffinity(0)), load=os.getloadavg()[0])
    if options.json:
        return print(json.dumps(result))
    if options.stretches:
        here, page = (sum(result["spent"][kind] for kind in part) for part in (KINDS[:3], KINDS[3:]))
        for rate, of in (("cpu", "processor second of the worker"), ("clock", "second of the clock")):
            print(
                f"lost with a dashboard open, evaluations per {of}: {result[f'loss_{rate}']} % "
                f"(median of {options.stretches}; mean {result[f'mean_{rate}']} +- "
                f"{result[f'error_{rate}']})"
            )
        print(
            f"for each processor second of the worker the dashboard spends {here:.3f} beside "
            f"it ({in_words(result['spent'], KINDS[:3])} %) and Chromium {page:.3f} "
            f"({in_words(result['spent'], KINDS[3:])} %); "
            f"{result['cores']} cores, load {result['load']:.1f}"
        )
    if "patch_ms" in result:
        print(
            f"a tree of {result['nodes']:,} nodes: a patch is drawn {result['patch_ms']} ms "
            f"after it is sent, median of {result['patches']}"
        )


if __name__ == "__main__":
    main()

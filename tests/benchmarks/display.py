"""What a dashboard that is open costs the search it shows, and how long a patch of a large tree takes to the screen.

The same search (one worker, one seed, one number of evaluations: the same work) runs in pairs, without and with a dashboard in a real Chromium, in
changing order. Three figures come of it, in percent or in processor seconds for each processor second of the worker:

`loss_cpu`    evaluations lost per processor second of the worker: what its own work costs more while a page follows it. Other programs disturb it little,
              but not at all is too much said: processors share caches and memory.
`loss_clock`  evaluations lost per second of the clock, where browser, kernel, validation and search share the cores. Only on a machine that is otherwise
              idle does it say anything.
`spent`       processor seconds of all processes of the dashboard by kind: kernel, server (JupyterLab), validation, and Chromium's (page, which runs the
              dashboard's JavaScript and draws in software; screen, which puts the picture together; browser). Where the page is on another machine, that
              of the search spends the first three only; where all cores search, it is what the search goes without.

`patch_ms` is the median of the milliseconds from sending a patch to the browser's word that it is drawn, for a tree of 5,000 nodes.
"""

import argparse
import json
import os
import pathlib
import statistics
import sys
import tempfile
import time

import psutil

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "browser"))
import lab  # noqa: E402
from test_large_tree import CELLS as LARGE_TREE  # noqa: E402

from srlab.search.run_folder import RunFolder  # noqa: E402

START = """
import srlab
{imports}
search = srlab.Search(srlab.load_dataset("cu-gpaw-v1"), {run!r}, evaluations={evaluations}, seed=7, workers=1).start()
{show}
"""
KINDS = ("kernel", "server", "validation", "page", "screen", "browser")
ALL = ("worker", *KINDS)
MARKS = {"srlab.search.worker": "worker", "srlab_widgets.validation_worker": "validation", "ipykernel_launcher": "kernel", "jupyterlab": "server"}


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


class Account:
    """Processor seconds by kind of process of all that this script has started, and what these have."""

    def __init__(self):
        self.kinds, self.last = {}, {}

    def look(self):
        """{kind: processor seconds so far}; a process that has ended keeps what it had when last looked at."""
        for process in psutil.Process().children(recursive=True):
            try:
                key = process.pid, process.create_time()
                if self.kinds.get(key) is None:  # between fork and exec a child still carries its parent's name
                    self.kinds[key] = kind_of(process)
                self.last[key] = sum(process.cpu_times()[:2])
            except psutil.Error:
                pass
        return {kind: sum(seconds for key, seconds in self.last.items() if self.kinds[key] == kind) for kind in ALL}


def measured(run):
    """Follow the worker of a run from its first node to its end: {"cpu": evaluations per second of its processor time, "clock": per second of the clock,
    "seconds": by the clock, "spent": {kind: processor seconds for each one of the worker's}}."""
    folder = RunFolder(run)
    account, reader, begun, root = Account(), folder.reader(), None, None
    while True:
        spent = account.look()
        events = reader.read()
        root = next((event["t"] for event in events if event["event"] == "node"), None) if root is None else root
        if root is not None and begun is None:
            begun = spent
        finish = next((event for event in events if event["event"] == "finish"), None)
        if finish:
            used = {kind: spent[kind] - begun[kind] for kind in ALL}
            seconds = finish["seconds"] - root
            return {"cpu": finish["evaluations"] / used["worker"], "clock": finish["evaluations"] / seconds, "seconds": seconds,
                    "spent": {kind: used[kind] / used["worker"] for kind in KINDS}, "worker": used["worker"] / seconds}
        time.sleep(0.1 if begun is None else 0.25)


def headless(root, name, evaluations):
    """The search alone: started from this process, nobody watches."""
    import srlab

    srlab.Search(srlab.load_dataset("cu-gpaw-v1"), root / name, evaluations=evaluations, seed=7, workers=1).start()
    return measured(root / name)


def watched(root, name, evaluations):
    """The same with its dashboard open; the clock starts when the search does, JupyterLab and the browser stand ready before."""
    run = str(root / name)
    lab.write_notebook(root / f"{name}.ipynb", ("import srlab, srlab_widgets", START.format(imports="from srlab_widgets import Dashboard", run=run, evaluations=evaluations, show="Dashboard(search)")))
    with lab.server(root) as (address, token), lab.browser(1400, 1750) as context:
        page = lab.open_notebook(context, address, token, f"{name}.ipynb")
        lab.run_cell(page, 0)
        lab.run_cell(page, 1, wait=False)
        found = measured(root / name)
        page.wait_for_selector(".srlab .front .point", timeout=30_000)
        return found


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


def in_words(spent):
    return ", ".join(f"{kind} {100 * share:.1f}" for kind, share in spent.items() if share >= 0.0005)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--evaluations", type=int, default=100_000, help="of each search; 100,000 take a worker about 45 seconds")
    parser.add_argument("--no-tree", action="store_true", help="leave the tree of 5,000 nodes out")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if lab.CHROMIUM is None:
        sys.exit("there is no Chromium on this machine: apt-get install chromium")
    rows, result = [], {}
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for i in range(options.pairs):
            order = (headless, watched) if i % 2 == 0 else (watched, headless)
            found = {run: run(root, f"{run.__name__}{i}", options.evaluations) for run in order}
            alone, shown = found[headless], found[watched]
            row = {"alone": alone, "shown": shown, "loss_cpu": 100 * (1 - shown["cpu"] / alone["cpu"]), "loss_clock": 100 * (1 - shown["clock"] / alone["clock"]), "load": os.getloadavg()[0]}
            rows.append(row)
            if not options.json:
                print(f"pair {i + 1}: evaluations per CPU second {alone['cpu']:,.0f} alone, {shown['cpu']:,.0f} shown ({row['loss_cpu']:+.1f} % lost); per second {alone['clock']:,.0f} and "
                      f"{shown['clock']:,.0f} ({row['loss_clock']:+.1f} % lost) in {alone['seconds']:.0f} and {shown['seconds']:.0f} s; load {row['load']:.1f}\n"
                      f"  CPU seconds for 100 of the worker: {in_words(shown['spent'])}", flush=True)
        if not options.no_tree:
            result.update(zip(("nodes", "patches", "patch_ms"), large_tree(root)))
    if rows:
        result.update({name: round(statistics.median(row[name] for row in rows), 1) for name in ("loss_cpu", "loss_clock", "load")})
        result["spent"] = {kind: round(statistics.median(row["shown"]["spent"][kind] for row in rows), 4) for kind in KINDS}
    result.update(pairs=rows, cores=len(os.sched_getaffinity(0)))
    if options.json:
        return print(json.dumps(result))
    if rows:
        here, page = (sum(result["spent"][kind] for kind in part) for part in (KINDS[:3], KINDS[3:]))
        print(f"lost with a dashboard open: {result['loss_cpu']} % of the evaluations per CPU second of the worker, {result['loss_clock']} % of those per second, on {result['cores']} cores, load {result['load']}")
        print(f"for each CPU second of the worker the dashboard spends {here:.3f} beside it ({in_words({kind: result['spent'][kind] for kind in KINDS[:3]})} %) and Chromium {page:.3f}")
    if "patch_ms" in result:
        print(f"a tree of {result['nodes']:,} nodes: a patch is drawn {result['patch_ms']} ms after it is sent, median of {result['patches']}")


if __name__ == "__main__":
    main()

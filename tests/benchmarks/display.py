"""What a dashboard that is open costs the search it shows, and how long a patch of a large tree takes to the screen.

The same search (one worker, one seed, one number of evaluations: the same work) runs in pairs, without and with a dashboard in a real Chromium, in
changing order. Compared are evaluations per second of the worker's processor time, which other programs disturb little, and per second of the clock, in
which browser, kernel, validation and search share the cores. Prints `loss_cpu` and `loss_clock` in percent (medians of the pairs; the issue allows 5),
and `patch_ms`, the median milliseconds from sending a patch to the browser's word that it is drawn, for a tree of 5,000 nodes.
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


def measured(run, evaluations):
    """Follow the worker of a run to its end: (evaluations per second of its processor time, per second of the clock), both after its imports and references."""
    folder, process, begun, spent = RunFolder(run), None, None, 0.0
    while True:
        if process is None:
            process = next((p for p in psutil.process_iter(["cmdline"]) if str(run) in (p.info["cmdline"] or []) and "srlab.search.worker" in p.info["cmdline"]), None)
        events = folder.events() if folder.journal.exists() else []
        if process:
            try:
                spent = sum(process.cpu_times()[:2])
            except psutil.NoSuchProcess:
                pass
        root = next((event["t"] for event in events if event["event"] == "node"), None)
        if root is not None and begun is None:
            begun = spent
        finish = next((event for event in events if event["event"] == "finish"), None)
        if finish:
            return finish["evaluations"] / (spent - begun), finish["evaluations"] / (finish["seconds"] - root)
        time.sleep(0.1 if begun is None else 0.3)


def headless(root, name, evaluations):
    """The search alone: started from this process, nobody watches."""
    import srlab

    srlab.Search(srlab.load_dataset("cu-gpaw-v1"), root / name, evaluations=evaluations, seed=7, workers=1).start()
    return measured(root / name, evaluations)


def watched(root, name, evaluations):
    """The same with its dashboard open; the clock starts when the search does, JupyterLab and the browser stand ready before."""
    run = str(root / name)
    lab.write_notebook(root / f"{name}.ipynb", ("import srlab, srlab_widgets", START.format(imports="from srlab_widgets import Dashboard", run=run, evaluations=evaluations, show="Dashboard(search)")))
    with lab.server(root) as (address, token), lab.browser(1400, 1750) as context:
        page = lab.open_notebook(context, address, token, f"{name}.ipynb")
        lab.run_cell(page, 0)
        lab.run_cell(page, 1, wait=False)
        found = measured(root / name, evaluations)
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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--evaluations", type=int, default=30_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if lab.CHROMIUM is None:
        sys.exit("there is no Chromium on this machine: apt-get install chromium")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for i in range(options.pairs):
            order = (headless, watched) if i % 2 == 0 else (watched, headless)
            found = {run: run(root, f"{run.__name__}{i}", options.evaluations) for run in order}
            (cpu, clock), (cpu_shown, clock_shown) = found[headless], found[watched]
            row = {"alone": [round(cpu), round(clock)], "shown": [round(cpu_shown), round(clock_shown)],
                   "loss_cpu": 100 * (1 - cpu_shown / cpu), "loss_clock": 100 * (1 - clock_shown / clock), "load": os.getloadavg()[0]}
            rows.append(row)
            if not options.json:
                print(f"pair {i + 1}: evaluations per CPU second {cpu:,.0f} alone, {cpu_shown:,.0f} shown ({row['loss_cpu']:+.1f} % lost); "
                      f"per second {clock:,.0f} and {clock_shown:,.0f} ({row['loss_clock']:+.1f} % lost); load {row['load']:.1f}", flush=True)
        nodes, patches, milliseconds = large_tree(root)
    result = {name: round(statistics.median(row[name] for row in rows), 1) for name in ("loss_cpu", "loss_clock", "load")}
    result.update(pairs=rows, cores=len(os.sched_getaffinity(0)), nodes=nodes, patches=patches, patch_ms=milliseconds)
    if options.json:
        print(json.dumps(result))
    else:
        print(f"lost with a dashboard open: {result['loss_cpu']} % of the evaluations per CPU second, {result['loss_clock']} % of those per second, on {result['cores']} cores, load {result['load']}")
        print(f"a tree of {nodes:,} nodes: a patch is drawn {milliseconds} ms after it is sent, median of {patches}")


if __name__ == "__main__":
    main()

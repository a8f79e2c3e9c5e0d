"""Memory of a long search: resident megabytes of its process (and of its workers) every ten seconds, and their slope
after the first tenth of the time.

    python tests/benchmarks/memory.py [--seconds 3600] [--out RUN] [--json] [DATA] [-- more options of srlab search ...]

The tree, the candidates and the journal grow with the work done, so some growth is due; `mb_per_hour` is the slope of a
straight line from the first tenth on, `journal_mb` what was written meanwhile. Everything after -- goes to `srlab
search`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import psutil


def resident(pid):
    """Megabytes of a process and its children; 0 once it is gone."""
    try:
        process = psutil.Process(pid)
        return sum(each.memory_info().rss for each in (process, *process.children(recursive=True))) / 1e6
    except psutil.NoSuchProcess:
        return 0.0


def main():
    words = sys.argv[1:]
    own, more = (words[: words.index("--")], words[words.index("--") + 1 :]) if "--" in words else (words, [])
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", default="cu-gpaw")
    parser.add_argument("--seconds", type=float, default=3600.0)
    parser.add_argument("--out")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(own)
    with tempfile.TemporaryDirectory() as folder:
        run = Path(options.out or Path(folder) / "run")
        command = [
            sys.executable,
            "-m",
            "srlab.cli",
            "search",
            options.data,
            "--seconds",
            str(options.seconds),
            "--workers",
            "1",
            "--out",
            str(run),
            "--json",
            *more,
        ]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        start, rows = time.monotonic(), []
        while process.poll() is None:
            time.sleep(min(10.0, options.seconds / 50))
            rows.append((time.monotonic() - start, resident(process.pid)))
            if not options.json and len(rows) % 30 == 0:
                print(f"{rows[-1][0] / 60:.0f} min: {rows[-1][1]:.0f} MB", flush=True)
        if process.returncode:
            sys.exit(f"the search ended with {process.returncode}")
        events = [json.loads(line) for line in (run / "journal.jsonl").read_text().splitlines()]
        times, sizes = np.array([row for row in rows if row[1]]).T
        late = times > 0.1 * times[-1]
        result = {
            "seconds": round(float(times[-1])),
            "evaluations": events[-1]["evaluations"],
            "nodes": sum(event["event"] == "node" for event in events),
            "start_mb": round(float(sizes[late][0])),
            "end_mb": round(float(sizes[-1])),
            "most_mb": round(float(sizes.max())),
            "mb_per_hour": round(float(3600 * np.polyfit(times[late], sizes[late], 1)[0]), 1),
            "journal_mb": round((run / "journal.jsonl").stat().st_size / 1e6, 1),
        }
    print(
        json.dumps(result)
        if options.json
        else f"{result['evaluations']:,} evaluations and {result['nodes']:,} nodes in "
        f"{result['seconds']} s: {result['start_mb']} MB after a tenth of the time, "
        f"{result['end_mb']} MB at the "
        f"end, at most {result['most_mb']}; {result['mb_per_hour']:+.1f} MB an hour, with "
        f"a journal of {result['journal_mb']} MB"
    )


if __name__ == "__main__":
    main()

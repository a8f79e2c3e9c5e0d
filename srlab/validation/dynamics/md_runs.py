"""Molecular-dynamics runs, each a process of its own with a JSON-lines log: they can be watched, cancelled, run side by
side and resumed.

`python -m srlab.validation.dynamics.md_runs SETTINGS.json LOG.jsonl` is one run. Every line of a log is one JSON
object: first {"event": "settings", ...}, then {"event": "record", ...}, at last {"event": "end", ...} or {"event":
"error", "message"}. Beside LOG.jsonl lies LOG.view.json, the atoms as they are (see `md_session.show`).
"""

import json
import sys
import time
from importlib import import_module
from pathlib import Path

from srlab.errors import InputError
from srlab.workers.child import Child, module
from srlab.workers.process import end_with_input, ends

IGNORED = ("commands",)
"""Settings that do not matter for the result: the lines that say where the tables lie."""


def read_log(path):
    """The objects of a log; half a last line (of a run that was killed) is left out, a missing file is empty."""
    path = Path(path)
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    found = []
    for line in lines:
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:
            break
    return found


def finished(path, settings):
    """The log of a run that has ended with the same settings, or None.

    Raises
    ------
    InputError
        If the log is of a run with other settings.
    """
    log = read_log(path)
    if not log:
        return None
    old = {key: value for key, value in log[0].items() if key not in (*IGNORED, "event")}
    new = {key: value for key, value in json.loads(json.dumps(settings)).items() if key not in IGNORED}
    if old != new:
        other = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
        raise InputError(
            f"{path} is the log of another run ({', '.join(other)} differ): choose another folder or remove it"
        )
    return log if log[-1]["event"] == "end" else None


def run_all(jobs, folder, workers=1, tick=None):
    """Run jobs, those already finished in `folder` excepted.

    Parameters
    ----------
    jobs : dict
        name -> settings; the log of a job is FOLDER/name.jsonl.
    folder : path-like
    workers : int
        Processes at a time.
    tick : callable, optional
        Called about three times a second with a line of text; what it raises ends all runs.

    Returns
    -------
    dict
        name -> list of the objects of its log

    Raises
    ------
    InputError
        If a run fails; its message is passed on.
    """
    folder = Path(folder)
    waiting = [name for name in jobs if finished(folder / f"{name}.jsonl", jobs[name]) is None]
    running = {}
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                name = waiting.pop(0)
                running[name] = _start(name, jobs[name], folder)
            time.sleep(0.3)
            if tick:
                tick(", ".join(_progress(name, jobs[name], folder) for name in running))
            for name in [name for name, child in running.items() if not child.running]:
                _check(name, running.pop(name), folder)
    finally:
        for child in running.values():
            child.cancel()
            child.wait()
    return {name: read_log(folder / f"{name}.jsonl") for name in jobs}


def view_of(folder, name="*"):
    """The atoms of a run in a folder, by default of that written to last, as `md_session.show` gives them; None
    before the first."""
    views = sorted(Path(folder).glob(f"{name}.view.json"), key=lambda path: path.stat().st_mtime_ns)
    return json.loads(views[-1].read_text(encoding="utf-8")) if views else None


def records(log):
    """The records of a log, in order."""
    return [line for line in log if line["event"] == "record"]


def _progress(name, settings, folder):
    rows = records(read_log(folder / f"{name}.jsonl"))
    if not rows or "t" not in rows[-1]:
        return f"{name}: preparing"
    total = f" of {settings['ps']:g}" if "ps" in settings else ""
    return f"{name}: {rows[-1]['t']:.0f}{total} ps" + (f", {rows[-1]['T']:.0f} K" if "T" in rows[-1] else "")


def _start(name, settings, folder):
    log, job = folder / f"{name}.jsonl", folder / f"{name}.json"
    log.unlink(missing_ok=True)
    job.write_text(json.dumps(settings), encoding="utf-8")
    said = folder / f"{name}.err"
    said.unlink(missing_ok=True)
    return Child(module("srlab.validation.dynamics.md_runs", job, log), said).start()


def _check(name, child, folder):
    log = read_log(folder / f"{name}.jsonl")
    if log and log[-1]["event"] == "end":
        return
    if log and log[-1]["event"] == "error":
        raise InputError(f"the molecular dynamics run {name} failed: {log[-1]['message']}")
    raise InputError(f"the molecular dynamics run {name} failed: {child.failure or 'it ended before it was done'}")


def main(job, log):
    """One run in this process: settings["protocol"] names the module whose `protocol(settings, record)` does it and
    returns the end."""
    settings = json.loads(Path(job).read_text(encoding="utf-8"))
    protocols = {
        "coexistence": "coexistence",
        "phases": "coexistence",
        "solid-amorphous": "solid_amorphous",
        "liquid": "liquid",
    }
    module = import_module(f"srlab.validation.dynamics.{protocols[settings['protocol']]}")
    with open(log, "w", encoding="utf-8") as out:

        def write(event, **fields):
            out.write(json.dumps({"event": event, **fields}) + "\n")
            out.flush()

        write("settings", **settings)
        settings["view"] = str(Path(log).with_suffix(".view.json"))
        try:
            end = module.PROTOCOLS[settings["protocol"]](settings, lambda **fields: write("record", **fields))
        except Exception as error:
            write("error", message=" ".join(str(error).split()))
            raise
        write("end", **end)


if __name__ == "__main__":
    end_with_input()
    sys.exit(ends(lambda: main(*sys.argv[1:])))

"""A copy of a learning loop without its runs: what `LoopView` shows of it, in some hundred kilobytes.

python -m srlab.curation.loop_copy FOLDER COPY "the command that made it"
"""

import json
import shutil
import sys
from pathlib import Path

from srlab.errors import InputError
from srlab.learning.loop import JOURNAL
from srlab.learning.trace import LEVELS, PARITY
from srlab.learning.view import LoopView


def keep(folder, copy, command):
    """Copy the journal, the chosen structures, the labels beside the model, and the levels of the newest round;
    `command` goes into COMMAND.

    Raises InputError where `folder` is no loop's, or `copy` holds something that is no such copy.
    """
    view, copy = LoopView(folder), Path(copy)
    if copy.exists() and not (copy / "COMMAND").is_file():
        raise InputError(f"{copy} holds something else: choose another folder")
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    (copy / "COMMAND").write_text(command.strip() + "\n")
    journal = (view.folder / JOURNAL).read_bytes()
    (copy / JOURNAL).write_bytes(journal[: journal.rfind(b"\n") + 1])
    for number, lines in view.labels.items():
        if lines:
            _write(copy / f"round-{number}" / PARITY, lines)
    for number in view.chosen:
        (copy / f"round-{number}").mkdir(exist_ok=True)
        shutil.copy(view.folder / f"round-{number}" / "queue.extxyz", copy / f"round-{number}")
    if view.sampling:
        _write(copy / f"round-{view.sampled}" / LEVELS, [line for run in view.sampling for line in _levels(run)])


def _levels(run):
    yield dict(event="begin", **{name: run[name] for name in ("sampler", "member", "atoms", "levels")})
    without = len(run["ceiling"]) - len(run["structures"])
    for index, (ceiling, lowest) in enumerate(zip(run["ceiling"], run["lowest"])):
        yield dict(
            event="level",
            index=index,
            ceiling=ceiling,
            lowest=lowest,
            structures=run["structures"][index - without : index - without + 1] if index >= without else [],
        )


def _write(path, lines):
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))


if __name__ == "__main__":
    keep(*sys.argv[1:4])

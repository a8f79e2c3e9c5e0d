"""Validation in the background, with workers that the test writes."""

import json
import sys

import pytest

from srlab.validation.columns import CARDS_FILE
from srlab_widgets.validation_panel import Validator, key_of, measured, subject_of
from tests.waiting import PATIENCE, wait_until

ROW = {
    "id": "c1",
    "formulas": {"pair": "exp(-r)", "density": "exp(-r)", "embedding": "-sqrt(rho)"},
    "offset": 0.5,
    "cutoff": 6.0,
    "taper_start": 4.5,
}
SETTINGS = {"cutoff": 7.0, "taper_start": 6.0}
# Each answers a request as the real worker does.
QUICK = """
import json, sys
request = json.loads(sys.stdin.readline())
for s in request["subjects"]:
    print(json.dumps({"key": s["key"], "doing": "phonons", "result": {"table": {}}}), flush=True)
    print(json.dumps({"key": s["key"], "doing": "", "result": {"table": {"c11": {"value": len(s["name"])}}}}), flush=True)
if request["data"]:
    print(json.dumps({"data": {"volume": [11.8], "energy": [-3.47]}}), flush=True)
"""
SLOW = "import sys, time; sys.stdin.readline(); time.sleep(60)"
BROKEN = "import sys; sys.stdin.readline(); print('numba is broken here', file=sys.stderr); sys.exit(1)"


@pytest.fixture
def make(tmp_path):
    made = []

    def build(script, **options):
        sent = []
        validator = Validator(tmp_path, sent.append, command=(sys.executable, "-c", script), **options)
        validator.sent = sent
        made.append(validator)
        return validator

    yield build
    for validator in made:
        validator.cancel()


def row(identity, **changes):
    return subject_of({**ROW, "id": identity, **changes}, "Cu", SETTINGS)


def done(validator, identity):
    return next((m for m in validator.sent if m["id"] == identity and m["done"]), None)


def test_candidate_then_reference_then_data(make, tmp_path):
    validator = make(QUICK, data=tmp_path / "data.extxyz")
    reference = subject_of({"name": "Sutton-Chen", "formulas": ROW["formulas"]}, "Cu", SETTINGS)
    assert reference["cutoff"] == 7.0 and reference["offset"] == 0.0  # an older journal leaves them out
    validator.ask("c1", row("c1"), reference)
    wait_until(lambda: done(validator, "c1"))
    message = done(validator, "c1")
    assert message["own"] == {"table": {"c11": {"value": 2}}} and message["reference"] == {
        "name": "Sutton-Chen",
        "table": {"c11": {"value": 11}},
    }
    assert message["data"] == {"volume": [11.8], "energy": [-3.47]}
    assert (
        message["measured"]["phonons"]["X"] == [5.15, 5.15, 7.24]
        and message["measured"]["table"]["c11"]["experiment"] == 176.2
    )
    assert [m["doing"] for m in validator.sent if m["doing"]] == ["starting", "phonons", "phonons of Sutton-Chen"]
    json.dumps(message, allow_nan=False)


def test_results_are_kept_in_the_run_and_go_with_the_formulas(make, tmp_path):
    first = make(QUICK)
    first.ask("c1", row("c1"))
    wait_until(lambda: done(first, "c1"))
    assert len((tmp_path / CARDS_FILE).read_text().splitlines()) == 1
    later = make(BROKEN)  # needs no worker for what is known
    later.ask("c1", row("c1"))
    wait_until(lambda: done(later, "c1"))
    assert done(later, "c1")["own"] == done(first, "c1")["own"] and done(later, "c1")["error"] is None
    assert key_of(row("c1")) != key_of(row("c1", offset=0.6))


def test_an_incomplete_result_is_shown_and_not_kept(make, tmp_path):
    validator = make(QUICK.replace('{"table": {"c11"', '{"incomplete": True, "table": {"c11"'))
    validator.ask("c1", row("c1"))
    wait_until(lambda: done(validator, "c1"))
    assert done(validator, "c1")["own"]["incomplete"] and not (tmp_path / CARDS_FILE).exists()


def test_another_candidate_ends_what_is_under_way(make):
    validator = make(SLOW)
    validator.ask("c1", row("c1"))
    wait_until(lambda: validator._job._child.running)
    slow = validator._job
    validator.ask("c1", row("c1"))  # the same again, from a page that was loaded anew
    assert validator._job is slow
    validator.command = (sys.executable, "-c", QUICK)
    validator.ask("c2", row("c2"))
    wait_until(lambda: done(validator, "c2"))
    slow.join(PATIENCE)
    assert not slow.is_alive() and not slow._child.running and done(validator, "c1") is None


HELD = """
import json, pathlib, sys, time
request = json.loads(sys.stdin.readline())
print(json.dumps({"key": request["subjects"][0]["key"], "doing": "phonons", "result": {"table": {"niceness": request["niceness"]}}}), flush=True)
while not pathlib.Path(sys.argv[1]).exists(): time.sleep(0.02)
print(json.dumps({"key": request["subjects"][0]["key"], "doing": "", "result": {"table": {}}}), flush=True)
"""


def test_what_nobody_asked_for_waits_and_what_a_person_asks_for_does_not(make, tmp_path):
    validator, go = make(HELD), tmp_path / "go"
    validator.command = (*validator.command, str(go))
    validator.ask("c1", row("c1"), modest=True)
    wait_until(lambda: any(m["doing"] == "phonons" for m in validator.sent))
    first = validator._job
    for name in ("c2", "c3"):
        validator.ask(name, row(name), modest=True)
    assert validator._job is first and not first.over
    go.touch()
    wait_until(lambda: done(validator, "c3"))
    assert (
        done(validator, "c1")["own"] == {"table": {}} and done(validator, "c2") is None
    )  # only the newest is worth it
    go.unlink()
    validator.ask("c4", row("c4"), modest=True)
    wait_until(lambda: any(m["id"] == "c4" and m["own"] for m in validator.sent))
    modest = validator.sent[-1]["own"]["table"]["niceness"]
    validator.ask("c4", row("c4"))  # now a person asks for it: it begins again, and what is there stays on the page
    begun = [m for m in validator.sent if m["id"] == "c4"][-1]
    assert begun["own"] == {"table": {"niceness": modest}}
    wait_until(lambda: validator.sent[-1]["own"]["table"]["niceness"] < modest)
    validator.ask("c5", row("c5"))
    wait_until(lambda: validator.sent[-1]["id"] == "c5" and validator.sent[-1]["own"])
    go.touch()
    wait_until(lambda: done(validator, "c5"))
    assert done(validator, "c4") is None


def test_cancelling_keeps_what_is_there_and_asking_again_starts_anew(make):
    halting = QUICK.splitlines()
    halting.insert(5, "    import time; time.sleep(60)")  # after the first line about a candidate
    validator = make("\n".join(halting))
    validator.ask("c1", row("c1"))
    wait_until(lambda: any(m["doing"] == "phonons" for m in validator.sent))
    validator.stop()
    wait_until(lambda: done(validator, "c1"))
    message = done(validator, "c1")
    assert (
        message["stopped"] and message["error"] is None and message["own"] == {"table": {}} and message["doing"] == ""
    )
    validator.command, validator.sent[:] = (sys.executable, "-c", QUICK), []
    validator.ask("c1", row("c1"))
    wait_until(lambda: done(validator, "c1"))
    assert not done(validator, "c1")["stopped"] and done(validator, "c1")["own"]["table"]["c11"]["value"] == 2
    validator.stop()  # nothing is under way: nothing happens
    assert not done(validator, "c1")["stopped"]


def test_a_worker_that_breaks_or_hangs_is_told(make):
    validator = make(BROKEN)
    validator.ask("c1", row("c1"))
    wait_until(lambda: done(validator, "c1"))
    assert done(validator, "c1")["error"] == "the validation failed: numba is broken here"
    patient = make(SLOW, patience=0.5)
    patient.ask("c1", row("c1"))
    wait_until(lambda: done(patient, "c1"))
    assert "took longer than" in done(patient, "c1")["error"]


def test_pbe_phonons_lie_on_the_path_of_every_crystal():
    pbe = measured("Cu", "fcc")["pbe_phonons"]
    assert [label for _, label in pbe["ticks"]] == ["Γ", "X", "U|K", "Γ", "L"] and pbe["ticks"][-1][0] == pytest.approx(
        1 + 8**-0.5 + 1.125**0.5 + 0.75**0.5, abs=1e-3
    )
    assert pbe["branches"][2][pbe["x"].index(1.0)] == pytest.approx(7.2, abs=0.1)


def test_an_element_without_references_has_none():
    assert (
        measured("Xe", "fcc")["phonons"] == {}
        and measured("Xe", "fcc")["pbe_phonons"] is None
        and "pbe" not in measured("Xe", "fcc")["table"]["c11"]
    )


def test_the_page_knows_whose_rows_to_show_before_anything_is_computed():
    elements = ("Cu", "W", "Mg", "Si", "In")
    subjects = [subject_of(ROW, element, SETTINGS) for element in elements]  # a run of before it named its crystal
    assert [each["structure"] for each in subjects] == ["fcc", "bcc", "hcp", "diamond", None]
    assert measured("W", "bcc")["table"]["surface_energy_110"]["pbe"] == 3.23


def test_a_run_on_another_crystal_is_not_compared_with_the_ground_state():
    """Iron of fcc data: nothing that is known of bcc iron belongs beside it, but its melting point."""
    subject = subject_of(ROW, "Fe", {**SETTINGS, "crystal": "fcc"})
    assert subject["structure"] == "fcc" and key_of(subject) != key_of({**subject, "structure": "bcc"})
    table = measured("Fe", "fcc")["table"]
    assert measured("Fe", "bcc")["table"]["c11"]["experiment"] and "experiment" not in table["c11"]
    hot = subject_of({**ROW, "crystal": "hcp"}, "Fe", {**SETTINGS, "crystal": "fcc"})
    assert hot["structure"] == "hcp"  # what a candidate says of itself goes before
    assert measured("Cu", "bcc")["phonons"] == {} and measured("Cu", "bcc")["pbe_phonons"] is None

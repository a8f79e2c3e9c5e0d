"""The melting point by two-phase coexistence, with automatic re-bracketing, and the latent heat. Engine: LAMMPS (see
`coexistence`).

First a search: short runs, each started where the one before ended, until a run keeps both phases near its starting
temperature. Then at least three runs from there with different seeds; their mean is the melting point and their spread
its standard error. Where most of them lose a phase they are made anew from where that leads.
"""

import tempfile
from contextlib import nullcontext
from pathlib import Path

import numpy as np
from ase import units

from srlab.errors import InputError
from srlab.validation.dynamics.md_runs import records, run_all, view_of
from srlab.validation.dynamics.md_session import FLOWN, TIMESTEP, cell_counts, write_table
from srlab.validation.properties.defects import require_stable
from srlab.validation.properties.elastic import crystal_constants

ATTEMPTS = 3
"""times that the long runs are started anew, elsewhere, where most of them lost a phase"""
CLOSE_ENOUGH = 40.0
"""K; the search ends with a run that keeps both phases and moves less than this"""


def first_guess(crystal):
    """A melting temperature (K) to start from: 0.0203 C44 V / k_B, which holds for Mishin's copper and is 10 per cent
    high for Sutton-Chen.

    Of the elements' measured constants it gives W, Fe, Ni and Si within 40 per cent, Mg, Zr, Ta and Li about half: a
    start for a search, no more.
    """
    c44 = crystal_constants(crystal)["c44"]
    return float(np.clip(0.0203 * c44 * units.GPa * crystal.volume / units.kB, 100.0, 6000.0))


def next_start(start, end, bracket):
    """Where to start the next run, and the new bracket.

    Parameters
    ----------
    start : float
        K, of the last run.
    end : dict
        Of the last run: outcome, temperature (K).
    bracket : (low, high) K

    Returns
    -------
    temperature : float, K
    bracket : (low, high) K
    """
    low, high = bracket
    found = end["temperature"]
    if end["outcome"] == "coexistence":
        return found, bracket
    if end["outcome"] == "melted":  # all latent heat is spent, and it is still this hot: the melting point is below
        high = min(high, found)
        step = max(50.0, 0.5 * abs(start - found))
        return (0.5 * (low + high) if low > 0.0 else max(found - step, 0.5 * found)), (low, high)
    low = max(low, found)
    step = max(50.0, 0.5 * abs(found - start))
    return (0.5 * (low + high) if np.isfinite(high) else found + step), (low, high)


def search(base, folder, guess, ps, attempts, tick):
    """Short runs until one keeps both phases near where it started.

    Returns
    -------
    temperature : float, K
    history : list of dict, one a run: start, outcome, temperature, standard_error
    bracket : (low, high) K
    log : of the last run

    Raises
    ------
    InputError
        If no run keeps both phases, or the melt flies apart.
    """
    start, bracket, history = guess, (0.0, np.inf), []
    for k in range(attempts):
        name = f"search-{k + 1}"
        log = run_all({name: {**base, "temperature": round(start, 1), "ps": ps, "seed": k + 1}}, folder, 1, tick)[name]
        end = log[-1]
        check_holds(log, base)
        history.append(_brief(start, end))
        moved = abs(end["temperature"] - start)
        start, bracket = next_start(start, end, bracket)
        if not 50.0 < start < 10_000.0:
            break
        if end["outcome"] == "coexistence" and moved < CLOSE_ENOUGH:
            return start, history, bracket, log
    tried = ", ".join(f"{run['start']:.0f} K {run['outcome']}" for run in history)
    raise InputError(
        f"no coexistence of crystal and liquid was found for {base['potential']} ({tried}): give another starting "
        "temperature (guess)"
    )


def check_holds(log, settings):
    """Raise an InputError if the cell of a run, half of it molten, grew as no liquid does."""
    crystal = float(np.prod(settings["edges"])) / len(settings["basis"])
    for row in records(log):
        if row.get("V", 0.0) > 0.5 * (1.0 + FLOWN) * crystal:
            raise InputError(
                f"the melt of {settings['potential']} flies apart at {row['T']:.0f} K: crystal and melt take "
                f"{row['V']:.1f} A^3/atom, the crystal alone {crystal:.1f}; there is no melting point to find"
            )


def _majority(ends):
    """The commoner way in which runs lost a phase, and the mean temperature (K) they ended at."""
    lost = [end for end in ends if end["outcome"] != "coexistence"]
    outcome = max(("melted", "frozen"), key=lambda word: sum(end["outcome"] == word for end in lost))
    return {
        "outcome": outcome,
        "temperature": float(np.mean([end["temperature"] for end in lost if end["outcome"] == outcome])),
    }


def _brief(start, end):
    return {"start": round(start, 1), **{key: end[key] for key in ("outcome", "temperature", "standard_error")}}


def trial(crystal, temperature, ps=12, cells=None, seed=1, folder=None, tick=None):
    """One coexistence run from a temperature (K): `ps` picoseconds at constant enthalpy after the upper half was
    melted.

    folder : keeps the log; the same run is not computed twice. cells : orthorhombic cells along x, y, z, by default 6,
    6, 10 of fcc or a like box.

    Returns a dictionary: outcome ("coexistence", "melted" or "frozen"), atoms, time (ps), temperature (K), enthalpy
    (eV/atom), solid (share), profile (share along z) at each time, and view, the atoms at the end for
    `srlab_widgets.interface_view`.
    """
    keep = nullcontext(folder) if folder else tempfile.TemporaryDirectory()
    with keep as place:
        place = Path(place)
        place.mkdir(parents=True, exist_ok=True)
        name = f"trial-{temperature:.0f}-{seed}"
        job = {
            **write_table(crystal, place),
            "protocol": "coexistence",
            "cells": list(cells or cell_counts(crystal, 6, 10)),
            "temperature": round(float(temperature), 1),
            "ps": ps,
            "seed": seed,
        }
        log = run_all({name: job}, place, 1, tick)[name]
        return {"outcome": log[-1]["outcome"], "atoms": log[-1]["atoms"], **_series(log), "view": view_of(place, name)}


def _series(log):
    """What is plotted of a run: time (ps), temperature (K), enthalpy (eV/atom), solid, profile."""
    names = {"time": "t", "temperature": "T", "enthalpy": "H", "solid": "solid", "profile": "profile"}
    return {name: [row[key] for row in records(log)] for name, key in names.items()}


def melting(crystal, quick=False, tick=None, folder=None, guess=None, workers=2, runs=3):
    """Melting point and latent heat at zero pressure.

    Parameters
    ----------
    crystal : Crystal with a potential
    quick : bool
        The search only: a first estimate.
    tick : callable, optional
        Called about three times a second with a line of text; what it raises ends the runs.
    folder : path-like, optional
        Keeps the logs (JSON lines, one file a run); with the same folder the same computation is resumed. Default: a
        folder that is removed.
    guess : float, optional
        Temperature to start from, K.
    workers : int
        Processes at a time.
    runs : int
        Coexistence runs for the mean, three or more.

    Returns
    -------
    dict
        values {melting_point (K), latent_heat (kJ/mol)}, warnings, standard_errors {melting_point (K)}, runs, bracket
        (K; None where open), protocol (sizes, times, cutoff), and of the first run for plots: time (ps), temperature
        (K), enthalpy (eV/atom), solid (share), profile (share along z at each time).

    Raises
    ------
    InputError
        If the crystal is unstable, the potential has a hole or cannot be tabulated, or no coexistence is found.
    """
    require_stable(crystal)
    keep = nullcontext(folder) if folder else tempfile.TemporaryDirectory()
    with keep as place:
        place = Path(place)
        place.mkdir(parents=True, exist_ok=True)
        table = write_table(crystal, place)
        base = {**table, "protocol": "coexistence", "cells": cell_counts(crystal, 6, 10 if quick else 14)}
        estimate, history, bracket, log = search(
            base, place, guess or first_guess(crystal), 12 if quick else 15, 8, tick
        )
        kept = history[-1:]
        values, warnings = {}, {}
        if not quick:
            for attempt in range(1, ATTEMPTS + 1):
                jobs = {
                    f"run-{attempt}{k + 1}": {
                        **base,
                        "temperature": round(estimate, 1),
                        "ps": 50,
                        "seed": 10 * attempt + k + 1,
                    }
                    for k in range(max(3, runs))
                }
                logs = run_all(jobs, place, workers, tick)
                kept, log = [run[-1] for run in logs.values()], next(iter(logs.values()))
                history += [_brief(estimate, run) for run in kept]
                hold = [run for run in kept if run["outcome"] == "coexistence"]
                if 2 * len(hold) > len(kept) or attempt == ATTEMPTS:
                    break
                estimate, bracket = next_start(estimate, _majority(kept), bracket)  # what 15 ps did not show, 50 did
            if len(hold) < len(kept):
                warnings["melting_point"] = (
                    f"{len(kept) - len(hold)} of {len(kept)} runs lost a phase; they only bracket the melting point"
                )
            kept = hold or kept
        temperatures = np.array([run["temperature"] for run in kept])
        values["melting_point"] = float(temperatures.mean())
        if quick:
            warnings["melting_point"] = (
                f"a first estimate from {log[0]['ps']} ps of {log[-1]['atoms']} atoms, good to about 50 K"
            )
            error = kept[0]["standard_error"]
        else:
            error = float(temperatures.std(ddof=1) / np.sqrt(len(kept))) if len(kept) > 1 else kept[0]["standard_error"]
            heat = _latent_heat({**table, "cells": cell_counts(crystal, 6, 6)}, place, values["melting_point"], tick)
            values["latent_heat"] = heat["latent_heat"]
            if heat["solid_share"] < 0.8 or heat["liquid_share"] > 0.3:
                warnings["latent_heat"] = "one of the two phases did not last through its run"
        return {
            "values": values,
            "warnings": warnings,
            "standard_errors": {"melting_point": error},
            "runs": history,
            "bracket": [bracket[0] or None, bracket[1] if np.isfinite(bracket[1]) else None],
            "protocol": {
                "atoms": log[-1]["atoms"],
                "timestep_ps": TIMESTEP,
                "ps": log[0]["ps"],
                "cutoff": crystal.reach,
                "ensemble": "NPH, x = y and z free",
            },
            **_series(log),
        }


def _latent_heat(table, folder, temperature, tick):
    """Enthalpy difference of bulk liquid and crystal at one temperature (K), kJ/mol, and how solid each was."""
    job = {**table, "protocol": "phases", "temperature": round(temperature, 1), "ps": 6, "seed": 1}
    end = run_all({"phases": job}, folder, 1, tick)["phases"][-1]
    return {"latent_heat": float((end["liquid_enthalpy"] - end["solid_enthalpy"]) * units.mol / units.kJ), **end}

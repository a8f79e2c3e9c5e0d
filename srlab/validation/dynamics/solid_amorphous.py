"""Heating a cell that is half crystal, half amorphous, until no crystal is left. Engine: LAMMPS.

This is the protocol of the paper this project follows (npj Comput. Mater. 12, 84 (2026)), and not a melting point: the
amorphous half crystallises first, so that what melts in the end is superheated, and the temperature depends on the
heating rate. It is reported under its own name, with the rate.
"""

import tempfile
from contextlib import nullcontext
from pathlib import Path

import numpy as np

from srlab.errors import InputError
from srlab.validation.dynamics.coexistence import half_melted, melting_hot
from srlab.validation.dynamics.md_runs import records, run_all
from srlab.validation.dynamics.md_session import (
    TIMESTEP,
    averages,
    cell_counts,
    open_session,
    run,
    show,
    solid_profile,
    write_table,
)
from srlab.validation.dynamics.melting import first_guess
from srlab.validation.properties.defects import require_stable

COOLING = 0.5
"""ps, from the melt to COLD: slower, and the crystal grows into the melt meanwhile (fcc metals crystallise at 100
m/s)"""
COLD = 300.0
"""K, where the heating starts"""


def heat(settings, record):
    """Quench the upper half from the melt at settings["melt"] (K), join, and heat everything at settings["rate"] (K/ps)
    until the crystal is gone or settings["hottest"] (K).

    `record` is called every picosecond with t (ps), T (K), H (eV/atom), V (A^3/atom), solid (share of atoms), profile
    (along z).

    Returns
    -------
    dict
        atoms, melted (whether the crystal was gone before the hottest temperature).
    """
    session = open_session(settings)
    n, rate = session.get_natoms(), settings["rate"]
    bins = 2 * settings["cells"][2]
    half_melted(session, settings, COLD, settings["melt"], settings["cooling"])
    run(
        session,
        f"""velocity all create {COLD} {7 + settings["seed"]} mom yes
run 0 post no""",
    )
    solid, profile = solid_profile(session, bins)
    show(session, settings, "")
    record(
        t=0.0,
        T=COLD,
        H=session.get_thermo("enthalpy") / n,
        V=session.get_thermo("vol") / n,
        solid=solid,
        profile=profile,
    )
    total = int(np.ceil((settings["hottest"] - COLD) / rate))
    for k in range(total):
        low, high = COLD + rate * k, COLD + rate * (k + 1)
        run(session, f"fix hold all npt temp {low} {high} 0.1 x 0 0 1.0 y 0 0 1.0 z 0 0 1.0 couple xy")
        mean = averages(session, 1.0)
        run(session, "unfix hold")
        solid, profile = solid_profile(session, bins)
        show(session, settings, "")
        record(t=k + 1.0, T=mean["T"], H=mean["H"] / n, V=mean["V"] / n, solid=solid, profile=profile)
        if solid < 0.05 and k > total // 4:
            return {"atoms": n, "melted": True}
    return {"atoms": n, "melted": False}


def melting_on_heating(temperatures, solids):
    """Temperature (K) at which the crystalline share falls, for the last time, through half of its largest value; None
    if it does not.

    Parameters
    ----------
    temperatures : (n,) K, rising
    solids : (n,) share of solid-like atoms
    """
    solids = np.asarray(solids, float)
    half = 0.5 * solids.max()
    if solids[-1] > half:
        return None
    k = int(np.flatnonzero(solids > half)[-1])
    return float(np.interp(half, [solids[k + 1], solids[k]], [temperatures[k + 1], temperatures[k]]))


def solid_amorphous(crystal, quick=False, tick=None, folder=None, rate=None):
    """Melting temperature of a solid-amorphous cell on heating.

    Parameters
    ----------
    crystal : Crystal with a potential
    quick : bool
        A smaller cell, heated four times as fast.
    tick : callable, optional
        Called about three times a second with a line of text; what it raises ends the run.
    folder : path-like, optional
        Keeps the log; with the same folder a finished run is not repeated.
    rate : float, optional
        K/ps. Default 25, quick 100.

    Returns
    -------
    dict
        values {solid_amorphous_melting (K)}, warnings, protocol, and time (ps), temperature (K), enthalpy (eV/atom),
        solid, profile.

    Raises
    ------
    InputError
        If the crystal is unstable, or the potential has a hole or cannot be tabulated.
    """
    require_stable(crystal)
    rate = float(rate or (100.0 if quick else 25.0))
    if not 0.1 <= rate <= 1000.0:
        raise InputError(f"a heating rate of {rate:g} K/ps is out of range: give 0.1 to 1000")
    with nullcontext(folder) if folder else tempfile.TemporaryDirectory() as place:
        Path(place).mkdir(parents=True, exist_ok=True)
        job = {
            **write_table(crystal, place),
            "protocol": "solid-amorphous",
            "cells": cell_counts(crystal, 6, 10 if quick else 14),
            "rate": rate,
            "cooling": COOLING,
            "melt": round(melting_hot(first_guess(crystal)), 1),
            "hottest": round(2.0 * first_guess(crystal), 1),
            "seed": 1,
        }
        log = run_all({"heating": job}, place, 1, tick)["heating"]
    rows = records(log)
    found = melting_on_heating([r["T"] for r in rows], [r["solid"] for r in rows])
    text = (
        f"depends on the rate: {log[-1]['atoms']} atoms heated at {rate:g} K/ps; "
        "a limit of superheating, not the melting point"
    )
    return {
        "values": {"solid_amorphous_melting": found},
        "warnings": {
            "solid_amorphous_melting": text if found else f"the crystal did not melt below {job['hottest']:.0f} K"
        },
        "protocol": {
            "atoms": log[-1]["atoms"],
            "rate": rate,
            "amorphous_share_at_start": 1.0 - rows[0]["solid"],
            "timestep_ps": TIMESTEP,
            "cutoff": crystal.reach,
        },
        "time": [r["t"] for r in rows],
        "temperature": [r["T"] for r in rows],
        "enthalpy": [r["H"] for r in rows],
        "solid": [r["solid"] for r in rows],
        "profile": [r["profile"] for r in rows],
    }


PROTOCOLS = {"solid-amorphous": heat}

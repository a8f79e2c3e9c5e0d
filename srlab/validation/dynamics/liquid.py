"""Structure of the liquid: radial distribution function, density, self-diffusion. Engine: LAMMPS."""

import tempfile
from contextlib import nullcontext
from pathlib import Path

import numpy as np
from ase import units
from ase.data import atomic_masses, atomic_numbers

from srlab.validation.dynamics.coexistence import melting_hot
from srlab.validation.dynamics.md_runs import run_all
from srlab.validation.dynamics.md_session import (
    FLOWN,
    TIMESTEP,
    averages,
    cell_counts,
    open_session,
    run,
    solid_profile,
    steps,
    write_table,
)
from srlab.validation.dynamics.melting import first_guess
from srlab.validation.properties.defects import require_stable
from srlab.validation.scores import reference_values

BINS = 120


def sample_liquid(settings, record):
    """Melt a crystal, bring it to settings["temperature"] (K) at zero pressure, and sample settings["ps"].

    Returns
    -------
    dict
        volume (A^3/atom), solid (share of solid-like atoms), r (angstrom) and g (both BINS long), time (ps) and
        displacement (mean square, A^2).
    """
    session = open_session(settings)
    t, n = settings["temperature"], session.get_natoms()
    melt = melting_hot(t)
    run(
        session,
        f"""velocity all create {2 * melt} {5 + settings["seed"]} mom yes
fix hold all npt temp {melt} {melt} 0.1 iso 0 0 1.0
run {steps(3.0)} post no
unfix hold
fix hold all npt temp {t} {t} 0.1 iso 0 0 1.0
run {steps(4.0)} post no""",
    )
    mean = averages(session, settings["ps"] / 2)
    x, y, z = mean["Lx"], mean["Ly"], mean["Lz"]
    length = steps(settings["ps"] / 2, 100)
    reach = max(8.0, settings["cutoff"])  # of g(r); atoms so far away must be known to LAMMPS
    run(
        session,
        f"""unfix hold
change_box all x final 0 {x} y final 0 {y} z final 0 {z} remap units box
fix hold all nvt temp {t} {t} 0.5
velocity all zero linear
run {steps(0.5)} post no
reset_timestep 0
comm_modify cutoff {reach + 1.5}
compute pairs all rdf {BINS} cutoff {reach}
compute moved all msd com yes
fix pairs all ave/time 50 {length // 50} {length} c_pairs[*] mode vector""",
    )
    time, displacement = [], []
    for _ in range(20):
        run(session, f"run {length // 20} post no")
        time.append(float(session.extract_global("ntimestep")) * TIMESTEP)
        displacement.append(float(session.numpy.extract_compute("moved", 0, 1)[3]))
        record(t=time[-1], displacement=displacement[-1])
    table = np.array([[session.extract_fix("pairs", 0, 2, row, column) for column in range(2)] for row in range(BINS)])
    solid, _ = solid_profile(session, 1)
    return {
        "volume": mean["V"] / n,
        "solid": solid,
        "atoms": n,
        "r": table[:, 0].tolist(),
        "g": table[:, 1].tolist(),
        "time": time,
        "displacement": displacement,
    }


def diffusion(time, displacement):
    """Self-diffusion coefficient, A^2/ps, from the slope of the mean square displacement (A^2) over the second half of
    the times (ps)."""
    half = len(time) // 2
    return float(np.polyfit(time[half:], displacement[half:], 1)[0] / 6.0)


def liquid(crystal, quick=False, tick=None, folder=None, temperature=None):
    """Radial distribution function, density and self-diffusion of the liquid.

    Parameters
    ----------
    crystal : Crystal with a potential
    quick : bool
        256 atoms and 6 ps instead of 864 and 20 ps.
    tick : callable, optional
        Called about three times a second with a line of text; what it raises ends the run.
    folder : path-like, optional
        Keeps the log; with the same folder a finished run is not repeated.
    temperature : float, optional
        K. Default: 1 per cent above the measured melting point of the element, or 1.1 times a guess where that is not
        known.

    Returns
    -------
    dict
        values {liquid_density (g/cm3), liquid_diffusion (A^2/ps)}, warnings, at (K), r (angstrom), g, time (ps),
        displacement (A^2).
    """
    require_stable(crystal)
    measured = reference_values(crystal.element).get("melting_point", {}).get("experiment")
    t = float(temperature or (round(1.01 * measured, -1) if measured else 1.1 * first_guess(crystal)))
    with nullcontext(folder) if folder else tempfile.TemporaryDirectory() as place:
        Path(place).mkdir(parents=True, exist_ok=True)
        cells = cell_counts(crystal, *(2 * [4 if quick else 6]))
        job = {
            **write_table(crystal, place),
            "protocol": "liquid",
            "cells": cells,
            "temperature": t,
            "ps": 6 if quick else 20,
            "seed": 1,
        }
        end = run_all({"liquid": job}, place, 1, tick)["liquid"][-1]
    mass = atomic_masses[atomic_numbers[crystal.element]]
    values = {
        "liquid_density": float(mass / units.mol / end["volume"] * 1e24),
        "liquid_diffusion": diffusion(end["time"], end["displacement"]),
    }
    warnings = {}
    if end["volume"] > FLOWN * crystal.volume:
        said = (
            f"the liquid flies apart at {t:.0f} K: {end['volume']:.1f} A^3/atom, the crystal has {crystal.volume:.1f}"
        )
        warnings = {name: said for name in values}
    elif end["solid"] > 0.3:
        warnings = {name: f"the liquid crystallised at {t:.0f} K" for name in values}
    return {
        "values": values,
        "warnings": warnings,
        "at": t,
        **{key: end[key] for key in ("r", "g", "time", "displacement")},
    }


PROTOCOLS = {"liquid": sample_liquid}

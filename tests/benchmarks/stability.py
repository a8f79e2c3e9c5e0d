"""Does a potential hold in molecular dynamics? Drift of the energy at constant energy, a hot liquid, and a crystal at
half its volume. Engine: LAMMPS.

    python tests/benchmarks/stability.py [POTENTIAL ...] [--ps 100] [--json]

Drift: slope of a straight line through the total energy of 256 atoms (time step 1 fs) after 5 ps at the temperature,
eV/atom/ps.
"""

import argparse
import json
import tempfile

import numpy as np

from srlab.validation import relaxed
from srlab.validation.dynamics.md_session import open_session, run, write_table

CELLS = (4, 4, 4)


def session_of(crystal, folder, scale=1.0):
    """LAMMPS with 256 atoms of the crystal, scaled, time step 1 fs."""
    session = open_session({**write_table(crystal, folder), "cells": CELLS})
    run(session, f"timestep 0.001\nchange_box all x scale {scale} y scale {scale} z scale {scale} remap")
    return session


def heated(session, temperature, ps=5):
    run(
        session,
        f"""velocity all create {2 * temperature} 7 mom yes
fix heat all nvt temp {temperature} {temperature} 0.1
run {int(1000 * ps)} post no
unfix heat""",
    )


def constant_energy(session, ps):
    """(slope of the total energy, eV/atom/ps; mean temperature, K) of `ps` picoseconds at constant energy."""
    run(session, "fix move all nve")
    energies, temperatures = [], []
    for _ in range(int(5 * ps)):
        run(session, "run 200 post no")
        energies.append(session.get_thermo("etotal") / session.get_natoms())
        temperatures.append(session.get_thermo("temp"))
    run(session, "unfix move")
    return float(np.polyfit(0.2 * np.arange(len(energies)), energies, 1)[0]), float(np.mean(temperatures))


def stability(name, ps):
    crystal, found = relaxed(name), {}
    with tempfile.TemporaryDirectory() as folder:
        for temperature in (300.0, 1400.0):
            session = session_of(crystal, folder)
            heated(session, temperature)
            found[f"drift_{temperature:.0f}K"], found[f"temperature_{temperature:.0f}K"] = constant_energy(session, ps)
        session = session_of(crystal, folder)
        heated(session, 2500.0, ps / 5)
        found["liquid_2500K"] = session.get_thermo("temp")
        session = session_of(crystal, folder, 0.5 ** (1 / 3) / 1.015)
        heated(session, 300.0)
        found["drift_half_volume"], found["temperature_half_volume"] = constant_energy(session, ps / 5)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("potentials", nargs="*", default=["cu-sr1", "cu-sr2"])
    parser.add_argument("--ps", type=float, default=100.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = {name: stability(name, options.ps) for name in options.potentials}
    print(json.dumps(result) if options.json else json.dumps(result, indent=1))


if __name__ == "__main__":
    main()

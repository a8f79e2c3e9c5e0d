"""Engine speed: CPU time per candidate for all energies and forces, beside LAMMPS and torch autograd, in one run.

    python tests/benchmarks/engine.py [--data FILE] [--json]

Default data: the bundled copper set. The candidates are 64 different refined forms; their tables are made anew each
time, so the figure is formula to energies and forces. LAMMPS gets a fresh setfl file per candidate and runs `run 0` on
every frame; torch differentiates the same formulas over all pairs. All on one thread.
"""

import argparse
import json
import os
import tempfile
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np

from srlab.datasets import load_dataset
from srlab.fitting.objective import Objective
from srlab.potentials.potential import Potential
from srlab.potentials.taper import Smoothstep
from srlab.templates import Model

CUTOFF, TAPER = 6.0, Smoothstep(4.5, 6.0)
FORMS = (
    ("{:.3f}*r^(-7.1)", "r^(-4.65)", "-{:.3f}*sqrt(rho)", 385.0, 20.3),
    ("{:.3f}*exp(-3.54*r)", "exp(-2.1*r)", "-{:.3f}*sqrt(rho)", 2736.0, 24.9),
    ("{:.3f}*r^(-3.6 - 0.67*r)", "r^(2.3 - 1.5*r)", "-{:.3f}*rho^0.45", 72.5, 4.4),
    (
        "{:.3f}*exp(-4.2*r) + 0.23*exp(-0.87*r)*cos(3.3*r + 1.4)",
        "exp(-1.5*r)",
        "-{:.3f}*sqrt(rho) + 0.3*rho",
        6051.0,
        22.0,
    ),
)


def candidates(count: int) -> list[Model]:
    models = []
    for k in range(count):
        pair, density, embedding, a, b = FORMS[k % len(FORMS)]
        factor = 1.0 + 0.001 * k
        models.append(
            Model.parse(
                {"pair": pair.format(a * factor), "density": density, "embedding": embedding.format(b * factor)}
            )
        )
    return models


def cpu(function, repeats: int = 5) -> float:
    """Least CPU seconds of one call."""
    best = np.inf
    for _ in range(repeats):
        start = time.process_time()
        function()
        best = min(best, time.process_time() - start)
    return best


def with_torch(objective, model):
    """Energies and forces by autograd over pairs, float64."""
    import torch

    table = objective.table
    i, j, unit = (
        torch.as_tensor(table.i.astype(np.int64)),
        torch.as_tensor(table.j.astype(np.int64)),
        torch.as_tensor(table.unit),
    )
    frame = torch.as_tensor(objective.atom_frame)
    r = torch.as_tensor(table.distance).requires_grad_(True)
    x = ((r - TAPER.start) / (TAPER.stop - TAPER.start)).clamp(0, 1)
    taper = 1 - x**3 * (10 - 15 * x + 6 * x * x)
    f = model.density.torch(r) * taper
    rho = torch.zeros(table.n_atoms, dtype=r.dtype).index_add(0, i, f).index_add(0, j, f)
    energy = torch.zeros(table.n_frames, dtype=r.dtype).index_add(0, frame, model.embedding.torch(rho))
    energy = energy.index_add(0, frame[i], model.pair.torch(r) * taper)
    (slope,) = torch.autograd.grad(energy.sum(), r)
    push = slope[:, None] * unit
    forces = torch.zeros((table.n_atoms, 3), dtype=r.dtype).index_add(0, i, push).index_add(0, j, -push)
    return energy.detach().numpy() / table.counts, forces.numpy()


def with_lammps(frames, model, folder):
    """Write a setfl file and run every frame through LAMMPS."""
    from srlab.exports import export
    from srlab.potentials.lammps_session import lammps, single_point

    potential = Potential.of_model(model, "bench", "Cu", CUTOFF, TAPER)
    path = os.path.join(folder, "bench.eam.alloy")
    export(potential, "lammps", path, overwrite=True, check=False)
    with lammps() as session:
        return [single_point(session, atoms, "eam/alloy", f"* * {path} Cu", CUTOFF) for atoms in frames]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="cu-gpaw")
    parser.add_argument("--split", default="alternate")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    dataset = load_dataset(options.data, split=options.split)
    objective = Objective(dataset.train, dataset.energies(dataset.train), CUTOFF, TAPER)
    models = candidates(64)
    objective.predict(models)  # compiles
    result = {
        "data": dataset.name,
        "frames": objective.table.n_frames,
        "atoms": objective.table.n_atoms,
        "half_pairs": objective.table.n_pairs,
    }
    block = cpu(lambda: objective.predict(models)) / 64
    result["ms_per_candidate"] = 1e3 * block
    result["scaling_candidates_ms"] = {
        str(n): 1e3 * cpu(lambda: objective.predict(models[:n])) / n for n in (1, 4, 16, 64)
    }
    part = Objective(dataset.train[::4], dataset.energies(dataset.train[::4]), CUTOFF, TAPER)
    part.predict(models)
    result["scaling_pairs_ms"] = {
        str(part.table.n_pairs): 1e3 * cpu(lambda: part.predict(models)) / 64,
        str(objective.table.n_pairs): 1e3 * block,
    }
    energies, forces = objective.predict(models[:4])
    errors = []
    for k, model in enumerate(models[:4]):
        e, f = with_torch(objective, model)
        errors.append((np.abs(e - energies[k]).max(), np.abs(f - forces[k]).max()))
    result["largest_energy_difference_ev_per_atom"], result["largest_force_difference_ev_per_angstrom"] = (
        float(max(c)) for c in zip(*errors)
    )
    autograd = (
        sum(cpu(lambda: with_torch(objective, model), 3) for model in models[:4]) / 4
    )  # the block holds these four forms in equal parts
    result["torch_autograd_ms"], result["ratio_torch_autograd"] = 1e3 * autograd, autograd / block
    try:
        with tempfile.TemporaryDirectory() as folder:
            with_lammps(dataset.train[:1], models[0], folder)
            peer = cpu(lambda: with_lammps(dataset.train, models[0], folder), 2)
        result["lammps_ms"], result["ratio_lammps"] = 1e3 * peer, peer / block
    except ImportError as error:
        result["lammps"] = str(error)
    print(json.dumps(result)) if options.json else print(
        "\n".join(f"{key:42s} {value}" for key, value in result.items())
    )


if __name__ == "__main__":
    main()

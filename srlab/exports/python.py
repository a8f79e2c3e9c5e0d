"""Export as a standalone Python file: numpy only, with a self-test."""

from srlab.exports.result import as_formula_potential, import_line, write_text
from srlab.exports.source import (
    energy_source,
    expected_source,
    functions_source,
    header,
    self_test_structure,
    settings_source,
)

_NEIGHBOURS = '''def neighbours(positions, cell=None, pbc=True):
    """All ordered pairs nearer than the cutoff, periodic images included, by brute force.

    positions (n, 3) and cell (3, 3) in angstrom; pbc one bool or three. Returns i, j, r (pairs,) and d (pairs, 3) from i to j.
    """
    positions = np.asarray(positions, float)
    cell = np.zeros((3, 3)) if cell is None else np.asarray(cell, float)
    periodic = np.broadcast_to(pbc, 3) & (np.abs(cell).max(axis=1) > 0.0)
    reach = [range(1)] * 3
    if periodic.any():
        # heights of the cell over the periodic directions, and how far the atoms themselves stick out of it
        inverse = np.linalg.pinv(cell[periodic])
        spread = np.ptp(positions @ inverse, axis=0)
        counts = np.ceil(CUTOFF * np.linalg.norm(inverse, axis=0) + spread).astype(int)
        for k, count in zip(np.flatnonzero(periodic), counts):
            reach[k] = range(-count, count + 1)
    pairs = []
    for shift in itertools.product(*reach):
        d = positions[None] + np.array(shift, float) @ cell - positions[:, None]
        r = np.sqrt((d**2).sum(axis=2))
        near = r < CUTOFF
        if not any(shift):
            np.fill_diagonal(near, False)
        i, j = np.nonzero(near)
        pairs.append((i, j, r[near], d[near]))
    return [np.concatenate(parts) for parts in zip(*pairs)]


def energy_and_forces(positions, cell=None, pbc=True):
    """Energy (eV) and forces (n, 3) in eV/A of atoms at positions (n, 3) in a cell (3, 3), angstrom; no cell means a free cluster."""
    energies, forces, _ = _energies_forces_virial(len(positions), *neighbours(positions, cell, pbc))
    return float(energies.sum()), forces
'''

_SELF_TEST = '''def self_test():
    """Compare with the numbers srlab found when it wrote this file, and the forces with differences of the energy."""
    positions, cell, forces = np.array(TEST_POSITIONS), np.array(TEST_CELL), np.array(TEST_FORCES)
    energy, found = energy_and_forces(positions, cell)
    h, numerical = 1e-4, np.zeros_like(positions)
    for index in np.ndindex(positions.shape):
        moved = positions.copy()
        moved[index] += h
        high = energy_and_forces(moved, cell)[0]
        moved[index] -= 2 * h
        numerical[index] = -(high - energy_and_forces(moved, cell)[0]) / (2 * h)
    errors = abs(energy - TEST_ENERGY) / len(positions), np.abs(found - forces).max(), np.abs(found - numerical).max()
    print("energy differs by %.1e eV/atom, forces by %.1e eV/A; forces against finite differences %.1e eV/A" % errors)
    if not (errors[0] < 1e-9 and errors[1] < 1e-8 and errors[2] < 1e-4):
        raise SystemExit("self-test failed")
    print("self-test passed")


if __name__ == "__main__":
    self_test()
'''


def write(potential, path, overwrite=False):
    """Write a file with `energy_and_forces(positions, cell, pbc)` and a self-test.

    See `srlab.exports.export` for what it raises.
    """
    return write_text(path, source(as_formula_potential(potential, "python"), path), overwrite)


def source(potential, path="eam.py"):
    """The text of the file, whose header says how to import it from `path`."""
    atoms, energy, forces = self_test_structure(potential)
    parts = [
        header(
            potential,
            "needs only numpy",
            [
                f"{import_line(path, 'energy_and_forces')}; energy, forces = energy_and_forces(positions, cell, pbc);",
                "run the file for a self-test.",
            ],
        ),
        "import itertools\n\nimport numpy as np\n",
        settings_source(potential),
        functions_source(potential),
        "",
        _NEIGHBOURS,
        "",
        energy_source(potential),
        "",
        expected_source(atoms, energy, forces),
        _SELF_TEST,
    ]
    return "\n".join(parts)

"""Property targets of the fcc crystal, as rows that are linear in the energies of a few ideal crystals.

Derivatives by strain are differences over +- STRAIN at the target lattice constant (that of the frame of lowest energy
if there is none); hcp (ideal axes) and bcc have the volume per atom of fcc. A lattice constant is asked for as zero
pressure there, so its tolerance is a pressure. C11 and C44 are second derivatives by stretch and shear, the bulk
modulus that by equal stretch of all axes, C12 = (3 B - C11) / 2.
"""

from __future__ import annotations

import math

import numpy as np

from srlab.errors import InputError

STRAIN = 0.01
TOLERANCES = {
    "lattice_constant": 1.0,
    "cohesive_energy": 0.02,
    "c11": 10.0,
    "c12": 10.0,
    "c44": 10.0,
    "bulk_modulus": 10.0,
    "energy_hcp_fcc": 5.0,
    "energy_bcc_fcc": 5.0,
}
"""Misfit that counts as one: GPa of pressure at the lattice constant, eV/atom, GPa, meV/atom. A loss of 1 is the
variance of the data."""
FCC, STRETCH, SHEAR, DILATION, HCP, BCC = 0, (1, 2), (3, 4), (5, 6), 7, 8  # frames; pairs are (+, -)
N_FRAMES = 9


def check_targets(targets) -> tuple[tuple[str, float, float], ...]:
    """Targets as (name, value, weight) with numbers.

    Raises InputError for unknown names, repeats and numbers that cannot be.
    """
    checked = []
    for entry in targets:
        try:
            name, value, weight = entry
            value, weight = float(value), float(weight)
        except (TypeError, ValueError):
            raise InputError(f"a target is a name, a value and a weight, not {entry!r}") from None
        if name not in TOLERANCES:
            raise InputError(f"the target {name!r} is unknown: choose from {', '.join(TOLERANCES)}")
        if name in [other for other, _, _ in checked]:
            raise InputError(f"the target {name} is given twice")
        if not math.isfinite(value) or not math.isfinite(weight) or weight <= 0:
            raise InputError(
                f"the target {name} needs a finite value and a weight above zero, not {value:g} and {weight:g}"
            )
        if name == "lattice_constant" and not 2.0 <= value <= 10.0:
            raise InputError(f"the target lattice_constant must lie between 2 and 10 A, not {value:g}")
        checked.append((name, value, weight))
    return tuple(checked)


def lowest_crystal(frames, energies):
    """The periodic frame (ase.Atoms) of lowest energy per atom, of several the one of least volume per atom.

    Raises InputError if no frame is periodic in three directions.
    """
    periodic = [
        (energy / len(atoms), atoms.get_volume() / len(atoms), number)
        for number, (atoms, energy) in enumerate(zip(frames, energies))
        if atoms.pbc.all()
    ]
    if not periodic:
        raise InputError("no frame is a periodic crystal: give the target lattice_constant, too")
    return frames[min(periodic)[2]]


def lattice_constant_of(frames, energies) -> float:
    """Lattice constant (angstrom) of fcc with the volume per atom of `lowest_crystal`, which says what is raised."""
    crystal = lowest_crystal(frames, energies)
    return float((4.0 * crystal.get_volume() / len(crystal)) ** (1.0 / 3.0))


def ideal_frames(element: str, lattice_constant: float) -> list:
    """The N_FRAMES ideal crystals (ase.Atoms) at a lattice constant of fcc (angstrom)."""
    from ase.build import bulk

    def strained(strain):
        atoms = bulk(element, "fcc", lattice_constant)
        atoms.set_cell(atoms.cell.array @ (np.eye(3) + strain), scale_atoms=True)
        return atoms

    stretch, shear = np.diag([STRAIN, 0.0, 0.0]), np.zeros((3, 3))
    shear[1, 2] = shear[2, 1] = 0.5 * STRAIN
    dilation = STRAIN * np.eye(3)
    near = lattice_constant / math.sqrt(2.0)
    return [
        *(strained(strain) for strain in (0.0 * dilation, stretch, -stretch, shear, -shear, dilation, -dilation)),
        bulk(element, "hcp", near, near * math.sqrt(8.0 / 3.0)),
        bulk(element, "bcc", lattice_constant / 2.0 ** (1.0 / 3.0)),
    ]


def target_rows(targets, lattice_constant: float) -> tuple[np.ndarray, np.ndarray]:
    """Rows (n_targets, N_FRAMES) and values (n_targets,), so that rows @ energies per atom (eV) - values are the
    weighted residuals."""
    from ase.units import GPa

    volume = lattice_constant**3 / 4.0
    frame = np.eye(N_FRAMES)

    def second(pair):
        return (frame[pair[0]] - 2.0 * frame[FCC] + frame[pair[1]]) / (STRAIN**2 * volume * GPa)

    bulk_modulus = second(DILATION) / 9.0
    known = {
        "lattice_constant": (frame[DILATION[1]] - frame[DILATION[0]]) / (2.0 * STRAIN * 3.0 * volume * GPa),
        "cohesive_energy": -frame[FCC],
        "c11": second(STRETCH),
        "c12": 1.5 * bulk_modulus - 0.5 * second(STRETCH),
        "c44": second(SHEAR),
        "bulk_modulus": bulk_modulus,
        "energy_hcp_fcc": 1e3 * (frame[HCP] - frame[FCC]),
        "energy_bcc_fcc": 1e3 * (frame[BCC] - frame[FCC]),
    }
    scales = np.array([math.sqrt(weight) / TOLERANCES[name] for name, _, weight in targets])
    values = np.array([0.0 if name == "lattice_constant" else value for name, value, _ in targets])
    return np.array([known[name] for name, _, _ in targets]) * scales[:, None], values * scales

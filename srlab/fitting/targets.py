"""Property targets of the crystal of a data set, as rows that are linear in the energies of a few ideal crystals.

Derivatives by strain are differences over +- STRAIN at the target lattice constant (that with the volume of the frame
of lowest energy if there is none); other structures have the volume per atom of the crystal, hcp among them ideal axes.
A lattice constant is asked for as zero pressure there, so its tolerance is a pressure. Elastic constants are second
derivatives by stretch and shear, the bulk modulus that by equal stretch of all axes; in a cubic crystal C12 = (3 B -
C11) / 2, in hcp C13 = (9 B - d2E/V by equal stretch of both a axes - C33) / 4. Atoms stay where the strain puts them,
so what takes them elsewhere is no target: C44 of diamond, C11 and C12 of hcp.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from ase.units import GPa

from srlab.errors import InputError
from srlab.potentials.lattices import IDEAL, lattice_constant_at, primitive_cell

STRAIN = 0.01
PRESSURE, MODULUS, ENERGY_DIFFERENCE = 1.0, 10.0, 5.0  # GPa, GPa, meV/atom
ELASTIC = {
    "fcc": ("c11", "c12", "c44", "bulk_modulus"),
    "bcc": ("c11", "c12", "c44", "bulk_modulus"),
    "hcp": ("c13", "c33", "c44", "bulk_modulus"),
    "diamond": ("c11", "c12", "bulk_modulus"),
}
OTHERS: dict[str, tuple[str, ...]] = {
    "fcc": ("hcp", "bcc"),
    "bcc": ("fcc", "hcp"),
    "hcp": ("fcc", "bcc"),
    "diamond": (),
}
"""Structures whose energies may be targets: not where their own volumes are far from that of the crystal."""
STRAINS = {  # by +- STRAIN: components xx, yy, zz and yz of the strain
    "stretch": (1.0, 0.0, 0.0, 0.0),
    "shear": (0.0, 0.0, 0.0, 0.5),
    "dilation": (1.0, 1.0, 1.0, 0.0),
    "along": (0.0, 0.0, 1.0, 0.0),
    "across": (1.0, 1.0, 0.0, 0.0),
    "axes": (-0.5, -0.5, 1.0, 0.0),
}


def tolerances(structure: str) -> dict[str, float]:
    """What may be a target of a crystal of a structure, and the misfit that counts as one: GPa of pressure at the
    lattice constant (of stress at c/a), eV/atom, GPa, meV/atom. A loss of 1 is the variance of the data."""
    return {
        "lattice_constant": PRESSURE,
        **({"c_over_a": PRESSURE} if structure == "hcp" else {}),
        "cohesive_energy": 0.02,
        **dict.fromkeys(ELASTIC[structure], MODULUS),
        **{f"energy_{other}_{structure}": ENERGY_DIFFERENCE for other in OTHERS[structure]},
    }


def check_targets(targets, structure: str = "fcc") -> tuple[tuple[str, float, float], ...]:
    """Targets of a crystal of a structure as (name, value, weight) with numbers.

    Parameters
    ----------
    targets : (name, value, weight), a pair without the weight, which is then 1, or NAME=VALUE[:WEIGHT], of each; or a
        dict of names and values.

    Raises InputError for unknown names, repeats and numbers that cannot be.
    """
    checked = []
    known = tolerances(structure)
    entries = [targets] if isinstance(targets, str) else targets.items() if isinstance(targets, Mapping) else targets
    for entry in entries:
        name, value, weight = _read_target(entry)
        if name not in known:
            raise InputError(
                f"the target {name!r} is unknown, or none of {structure}, the crystal of the data: choose from "
                f"{', '.join(known)}"
            )
        if name in [other for other, _, _ in checked]:
            raise InputError(f"the target {name} is given twice")
        if not math.isfinite(value) or not math.isfinite(weight) or weight <= 0:
            raise InputError(
                f"the target {name} needs a finite value and a weight above zero, not {value:g} and {weight:g}"
            )
        if name == "lattice_constant" and not 2.0 <= value <= 10.0:
            raise InputError(f"the target lattice_constant must lie between 2 and 10 A, not {value:g}")
        if name == "c_over_a" and not 1.2 <= value <= 2.2:
            raise InputError(f"the target c_over_a must lie between 1.2 and 2.2, not {value:g}")
        checked.append((name, value, weight))
    return tuple(checked)


def _read_target(entry) -> tuple[str, float, float]:
    """Name, value and weight of a target as a person or a file gives it."""
    if isinstance(entry, str):
        name, _, numbers = entry.partition("=")
        value, _, weight = numbers.partition(":")
        parts = [name.strip(), value, weight or 1.0]
        wanted = "write NAME=VALUE or NAME=VALUE:WEIGHT, as in c44=76 or lattice_constant=3.643:2"
    else:
        parts = [*entry, 1.0] if isinstance(entry, (list, tuple)) and len(entry) == 2 else entry
        wanted = "a target is a name, a value and a weight"
    try:
        name, value, weight = parts
        return str(name), float(value), float(weight)
    except (TypeError, ValueError):
        raise InputError(f"the target {entry!r}: {wanted}") from None


def lowest_crystal(frames, energies):
    """The periodic frame (ase.Atoms) of lowest energy per atom, of several the one of least volume per atom.

    Raises InputError if no frame is periodic in three directions.
    """
    periodic = [
        (energy / len(atoms), number) for number, (atoms, energy) in enumerate(zip(frames, energies)) if atoms.pbc.all()
    ]
    if not periodic:
        raise InputError("no frame is a periodic crystal: give the target lattice_constant, too")
    least = min(periodic)[0]
    lowest = (frames[number] for energy, number in periodic if energy == least)
    return min(lowest, key=lambda atoms: atoms.get_volume() / len(atoms))


@dataclass(frozen=True)
class TargetCrystal:
    """The crystal that targets are of, and the ideal crystals that say what a model has.

    element : chemical symbol; structure : fcc, bcc, hcp or diamond; lattice_constant : a, angstrom; c_over_a : of hcp.
    """

    element: str
    structure: str
    lattice_constant: float
    c_over_a: float = IDEAL

    @classmethod
    def of(cls, targets, structure: str, frames, energies) -> TargetCrystal:
        """Of targets, and where they do not say its size, the volume per atom of `lowest_crystal` of some frames, which
        says what is raised; axes of hcp are ideal unless a target says others."""
        wanted = {name: value for name, value, _ in targets}
        c_over_a = wanted.get("c_over_a", IDEAL)
        element = frames[0].get_chemical_symbols()[0]
        a = wanted.get("lattice_constant")
        if a is None:
            lowest = lowest_crystal(frames, energies)
            a = lattice_constant_at(structure, lowest.get_volume() / len(lowest), c_over_a)
        return cls(element, structure, a, c_over_a)

    @cached_property
    def perfect(self):
        """The primitive cell."""
        return primitive_cell(self.element, self.structure, self.lattice_constant, self.c_over_a)

    @property
    def volume(self) -> float:
        """A^3/atom"""
        return self.perfect.get_volume() / len(self.perfect)

    @cached_property
    def _frames(self) -> dict:
        """Name, or name of a strain and its sign, -> ase.Atoms."""
        cubic, hexagonal = ("stretch", "shear", "dilation"), ("along", "across", "axes", "shear", "dilation")
        frames: dict = {"perfect": self.perfect}
        for name in hexagonal if self.structure == "hcp" else cubic:
            for sign in (1, -1):
                frames[name, sign] = self._strained(name, sign)
        for other in OTHERS[self.structure]:
            frames[other] = primitive_cell(self.element, other, lattice_constant_at(other, self.volume))
        return frames

    def _strained(self, name, sign):
        xx, yy, zz, yz = sign * STRAIN * np.array(STRAINS[name])
        if name == "axes":  # at constant volume
            xx = yy = (1.0 + zz) ** -0.5 - 1.0
        atoms = self.perfect.copy()
        strain = np.array([[xx, 0.0, 0.0], [0.0, yy, yz], [0.0, yz, zz]])
        atoms.set_cell(atoms.cell.array @ (np.eye(3) + strain), scale_atoms=True)
        return atoms

    def frames(self) -> list:
        """The ideal crystals (ase.Atoms) that `rows` are about."""
        return list(self._frames.values())

    def rows(self, targets) -> tuple[np.ndarray, np.ndarray]:
        """Rows (n_targets, n_frames) and values (n_targets,), so that rows @ energies per atom (eV) - values are the
        weighted residuals."""
        frame = dict(zip(self._frames, np.eye(len(self._frames))))
        cell = self.volume * GPa

        def second(name):
            return (frame[name, 1] - 2.0 * frame["perfect"] + frame[name, -1]) / (STRAIN**2 * cell)

        def first(name):
            return (frame[name, -1] - frame[name, 1]) / (2.0 * STRAIN * cell)

        bulk_modulus = second("dilation") / 9.0
        known = {
            "lattice_constant": first("dilation") / 3.0,
            "cohesive_energy": -frame["perfect"],
            "c44": second("shear"),
            "bulk_modulus": bulk_modulus,
            **{
                f"energy_{other}_{self.structure}": 1e3 * (frame[other] - frame["perfect"])
                for other in OTHERS[self.structure]
            },
        }
        if self.structure == "hcp":
            known["c_over_a"] = first("axes") / 1.5
            known["c33"] = second("along")
            known["c13"] = 0.25 * (9.0 * bulk_modulus - second("across") - second("along"))
        else:
            known["c11"] = second("stretch")
            known["c12"] = 1.5 * bulk_modulus - 0.5 * second("stretch")
        allowed = tolerances(self.structure)
        scales = np.array([math.sqrt(weight) / allowed[name] for name, _, weight in targets])
        values = np.array([0.0 if name in ("lattice_constant", "c_over_a") else value for name, value, _ in targets])
        return np.array([known[name] for name, _, _ in targets]) * scales[:, None], values * scales

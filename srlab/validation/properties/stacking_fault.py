"""Stacking faults and gamma lines on the usual slip planes, relaxed along the normal only.

On (111) of fcc: intrinsic, extrinsic, twin and unstable fault, and the line along <112>. On {110} and {112} of bcc:
lines along <111>. On the basal and the prismatic plane of hcp: lines along <10-10> and <11-20>, and the basal fault I2.
On (111) of diamond: the glide set along <112>, with the intrinsic fault, and the shuffle set along <110>. Slabs have
free surfaces, so that the spacing at the fault can relax; a perfect slab is taken off. Library: ASE, scipy.
"""

from dataclasses import dataclass

import numpy as np
from ase import Atoms

from srlab.errors import InputError
from srlab.validation.crystal import relax
from srlab.validation.properties.slabs import area, planes, slab
from srlab.validation.properties.surfaces import JOULE


@dataclass(frozen=True)
class Line:
    """A gamma line. label : for plots. indices : of the plane. length : of the lattice vector along it, in lattice
    constants; None for the partial vector, a third of the sum of the two shortest lattice vectors in the plane. narrow
    : whether the narrowest gap between planes is sheared, or the widest.
    top, end : properties that its highest point and its end are."""

    label: str
    indices: tuple
    length: float | None
    top: str
    end: str | None = None
    narrow: bool = False


LINES = {
    "bcc": (
        Line("{110} 1/2 <111>", (1, 1, 0), np.sqrt(0.75), "unstable_stacking_fault_energy_110"),
        Line("{112} 1/2 <111>", (1, 1, 2), np.sqrt(0.75), "unstable_stacking_fault_energy_112"),
    ),
    "hcp": (
        Line("(0001) 1/3 <10-10>", (0, 0, 1), None, "unstable_stacking_fault_energy", "stacking_fault_energy"),
        Line("(10-10) 1/3 <11-20>", (1, 0, 0), 1.0, "unstable_stacking_fault_energy_prismatic"),
    ),
    "diamond": (
        Line("(111) glide 1/6 <112>", (1, 1, 1), None, "unstable_stacking_fault_energy", "stacking_fault_energy", True),
        Line("(111) shuffle 1/2 <110>", (1, 1, 1), np.sqrt(0.5), "unstable_stacking_fault_energy_shuffle"),
    ),
}


def stacked_slab(crystal, letters, vacuum=8.0):
    """Close-packed layers in a given order, one atom each.

    Parameters
    ----------
    crystal : Crystal
    letters : str
        Such as "ABCABC"; a fractional shift of a layer can be added to positions afterwards.
    vacuum : float
        Angstrom on each side.
    """
    neighbour = crystal.lattice_constant / np.sqrt(2.0)
    spacing = crystal.lattice_constant / np.sqrt(3.0)
    cell = np.array(
        [
            [neighbour, 0, 0],
            [neighbour / 2, neighbour * np.sqrt(3.0) / 2, 0],
            [0, 0, (len(letters) - 1) * spacing + 2 * vacuum],
        ]
    )
    step = (cell[0] + cell[1]) / 3.0  # from A to B
    order = {"A": 0, "B": 1, "C": 2}
    positions = [order[letter] * step + [0, 0, vacuum + k * spacing] for k, letter in enumerate(letters)]
    return Atoms([crystal.element] * len(letters), positions=positions, cell=cell, pbc=(True, True, False))


def layers_needed(crystal):
    """Layers above (and below) a fault so that it does not reach the surface."""
    return int(np.ceil((max(crystal.reach, 6.0) + 6.0) * np.sqrt(3.0) / crystal.lattice_constant))


def stackings(half):
    """Orders of layers with `half` of them on each side: perfect, intrinsic, extrinsic, twin."""
    abc = "ABC" * half
    perfect = abc[: 2 * half]
    lower = perfect[:half]
    last = "ABC".index(lower[-1])

    def stacked(steps):
        """Add layers, +1 in cyclic order where the stacking goes on, -1 where it turns."""
        position, letters = last, lower
        for sign in steps:
            position = (position + sign) % 3
            letters += "ABC"[position]
        return letters

    return {
        "perfect": stacked([1] * half),
        "intrinsic": stacked([-1] + [1] * (half - 1)),
        "extrinsic": stacked([-1, -1] + [1] * (half - 2)),
        "twin": stacked([-1] * half),
    }


def relaxed_slab(crystal, slab):
    """A slab relaxed along z, its calculator attached, and whether that converged."""
    from ase.constraints import FixCartesian

    slab = slab.copy()
    slab.set_constraint(FixCartesian(range(len(slab)), mask=(True, True, False)))
    return relax(slab, crystal.calculator, fmax=1e-3)


def slab_energy(crystal, slab):
    """Energy (eV) of a slab relaxed along z, and whether that converged."""
    relaxed, converged = relaxed_slab(crystal, slab)
    return float(relaxed.get_potential_energy()), converged


def sheared_slab(crystal, share, half):
    """A perfect slab whose upper half is shifted by `share` of the partial vector a0/6 <112>; 1 is the intrinsic
    fault."""
    slab = stacked_slab(crystal, stackings(half)["perfect"])
    # from its hollow the upper half moves on to the next one; the opposite sense would lead over the atoms below
    slab.positions[half:] += share * (slab.cell[0] + slab.cell[1]) / 3.0
    return slab


def stacking_fault(crystal, quick=False, tick=None):
    """Stacking-fault energies and the gamma lines.

    Parameters
    ----------
    crystal : Crystal
    quick : bool
        Fewer points on the gamma lines.
    tick : callable, optional
        Called between the steps.

    Returns
    -------
    dict
        values (mJ/m2): of fcc {stacking_fault_energy, extrinsic_stacking_fault_energy, twin_boundary_energy,
        unstable_stacking_fault_energy}, of others what `LINES` says; warnings; lines [{label, share (of the vector),
        energy (mJ/m2)}].

    Raises
    ------
    InputError
        If the structure comes from a file: its slip planes are not known.
    """
    tick = tick or (lambda: None)
    share = np.linspace(0.0, 1.0, 9 if quick else 21)
    if crystal.structure == "fcc":
        return _close_packed(crystal, share, tick)
    if crystal.structure not in LINES:
        raise InputError(
            f"the usual slip planes of {crystal.described} are not known: fcc, bcc, hcp and diamond have theirs"
        )
    values, warnings, lines = {}, {}, []
    for line in LINES[crystal.structure]:
        perfect, upper, vector = sheared_parts(crystal, line)
        reference, _ = slab_energy(crystal, perfect)

        def excess(x, line=line, perfect=perfect, upper=upper, vector=vector, reference=reference):
            sheared = perfect.copy()
            sheared.positions[upper] += x * vector
            energy, converged = slab_energy(crystal, sheared)
            if not converged:
                warnings[line.top] = "the relaxation did not converge"
            return float(1e3 * (energy - reference) / area(perfect) / JOULE)

        energy = np.array([excess(x) for x in share])
        tick()
        values[line.top] = _highest(share, energy, excess)
        if line.end:
            values[line.end] = float(energy[-1])
            if energy[-1] < 0.0:
                warnings[line.end] = "wrong ground state: the fault has a negative energy"
        lines.append({"label": line.label, "share": share.tolist(), "energy": energy.tolist()})
        tick()
    return {"values": values, "warnings": warnings, "lines": lines}


def _highest(share, energy, excess):
    """The top of a line, found between the points beside the highest one."""
    from scipy.optimize import minimize_scalar

    k = int(np.clip(np.argmax(energy), 1, len(share) - 2))
    top = minimize_scalar(
        lambda x: -excess(x), bounds=(share[k - 1], share[k + 1]), method="bounded", options={"xatol": 1e-3}
    )
    return float(-top.fun)


def sheared_parts(crystal, line):
    """The perfect slab for a gamma line, which of its atoms are above the fault (a mask), and the vector they are moved
    by, (3,) angstrom."""
    perfect = slab(crystal, line.indices, 2.0 * (max(crystal.reach, 6.0) + 6.0))
    levels = planes(perfect)
    gaps = np.diff(levels)
    wanted = gaps.min() if line.narrow else gaps.max()
    candidates = np.flatnonzero(np.abs(gaps - wanted) < 1e-3)
    cut = int(candidates[np.argmin(np.abs(candidates - 0.5 * len(gaps)))])
    upper = perfect.positions[:, 2] > 0.5 * (levels[cut] + levels[cut + 1])
    vectors = _plane_vectors(perfect)
    if line.length is not None:
        lengths = np.linalg.norm(vectors, axis=1)
        return perfect, upper, vectors[int(np.argmin(np.abs(lengths - line.length * crystal.lattice_constant)))]
    first = vectors[0]
    second = next(v for v in vectors if v @ first / (first @ first) > 0.49 and not np.allclose(v, first))
    partial = (first + second) / 3.0
    # one sense leads into the next hollow, the other over the atoms below
    moved = []
    for sense in (partial, -partial):
        trial = perfect.copy()
        trial.positions[upper] += sense
        trial.calc = crystal.calculator
        moved.append(trial.get_potential_energy())
    return perfect, upper, partial if moved[0] <= moved[1] else -partial


def _plane_vectors(atoms):
    """Lattice vectors within the plane of a slab, the shortest first, (n, 3) angstrom."""
    steps = np.array([(i, j) for i in range(-3, 4) for j in range(-3, 4) if (i, j) != (0, 0)])
    vectors = steps @ atoms.cell.array[:2]
    return vectors[np.argsort(np.round(np.linalg.norm(vectors, axis=1), 6), kind="stable")]


def _close_packed(crystal, share, tick):
    half = layers_needed(crystal)
    orders = stackings(half)
    perfect_slab = stacked_slab(crystal, orders["perfect"])
    perfect, _ = slab_energy(crystal, perfect_slab)
    warnings = {}

    def excess(atoms, name):
        energy, converged = slab_energy(crystal, atoms)
        if not converged:
            warnings[name] = "the relaxation did not converge"
        return float(1e3 * (energy - perfect) / area(perfect_slab) / JOULE)

    values = {}
    for name, order in (
        ("stacking_fault_energy", "intrinsic"),
        ("extrinsic_stacking_fault_energy", "extrinsic"),
        ("twin_boundary_energy", "twin"),
    ):
        values[name] = excess(stacked_slab(crystal, orders[order]), name)
        if values[name] < 0.0:
            warnings[name] = "wrong ground state: the fault has a negative energy"
        tick()
    name = "unstable_stacking_fault_energy"
    energy = np.array([excess(sheared_slab(crystal, x, half), name) for x in share])
    tick()
    values[name] = _highest(share, energy, lambda x: excess(sheared_slab(crystal, x, half), name))
    lines = [{"label": "(111) 1/6 <112>", "share": share.tolist(), "energy": energy.tolist()}]
    return {"values": values, "warnings": warnings, "lines": lines}

"""Stacking faults on (111): intrinsic, extrinsic, twin and unstable, and the gamma line along <112>; relaxed along z only.

Slabs with one atom per layer and free surfaces, so that the spacing at the fault can relax; a perfect slab is taken off. Library: ASE, scipy.
"""

import numpy as np
from ase import Atoms
from ase.constraints import FixCartesian
from scipy.optimize import minimize_scalar

from srlab.validation.crystal import relax
from srlab.validation.properties.surfaces import JOULE


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

    def grow(steps):
        """Add layers, +1 in cyclic order where the stacking goes on, -1 where it turns."""
        position, letters = last, lower
        for sign in steps:
            position = (position + sign) % 3
            letters += "ABC"[position]
        return letters

    return {
        "perfect": grow([1] * half),
        "intrinsic": grow([-1] + [1] * (half - 1)),
        "extrinsic": grow([-1, -1] + [1] * (half - 2)),
        "twin": grow([-1] * half),
    }


def slab_energy(crystal, slab):
    """Energy (eV) of a slab relaxed along z."""
    slab = slab.copy()
    slab.set_constraint(FixCartesian(range(len(slab)), mask=(True, True, False)))
    relaxed, converged = relax(slab, crystal.calculator, fmax=1e-3)
    return float(relaxed.get_potential_energy()), converged


def sheared_slab(crystal, share, half):
    """A perfect slab whose upper half is shifted by `share` of the partial vector a0/6 <112>; 1 is the intrinsic fault."""
    slab = stacked_slab(crystal, stackings(half)["perfect"])
    # from its hollow the upper half moves on to the next one; the opposite sense would lead over the atoms below
    slab.positions[half:] += share * (slab.cell[0] + slab.cell[1]) / 3.0
    return slab


def stacking_fault(crystal, quick=False, tick=None):
    """Stacking-fault energies and the gamma line.

    Parameters
    ----------
    crystal : Crystal
    quick : bool
        Fewer points on the gamma line.
    tick : callable, optional
        Called between the steps.

    Returns
    -------
    dict
        values {stacking_fault_energy, extrinsic_stacking_fault_energy, twin_boundary_energy, unstable_stacking_fault_energy (mJ/m2)}, warnings,
        gamma_share (of a0/6 <112>), gamma_energy (mJ/m2).
    """
    tick = tick or (lambda: None)
    half = layers_needed(crystal)
    orders = stackings(half)
    perfect_slab = stacked_slab(crystal, orders["perfect"])
    area = np.linalg.norm(np.cross(perfect_slab.cell[0], perfect_slab.cell[1]))
    perfect, _ = slab_energy(crystal, perfect_slab)
    warnings = {}

    def excess(slab, name):
        energy, converged = slab_energy(crystal, slab)
        if not converged:
            warnings[name] = "the relaxation did not converge"
        return float(1e3 * (energy - perfect) / area / JOULE)

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
    share = np.linspace(0.0, 1.0, 9 if quick else 21)
    gamma = np.array([excess(sheared_slab(crystal, x, half), name) for x in share])
    tick()
    k = int(np.clip(np.argmax(gamma), 1, len(share) - 2))
    top = minimize_scalar(
        lambda x: -excess(sheared_slab(crystal, x, half), name),
        bounds=(share[k - 1], share[k + 1]),
        method="bounded",
        options={"xatol": 1e-3},
    )
    values[name] = float(-top.fun)
    return {"values": values, "warnings": warnings, "gamma_share": share.tolist(), "gamma_energy": gamma.tolist()}

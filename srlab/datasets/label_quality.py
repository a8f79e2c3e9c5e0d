"""What labels say of a crystal by themselves, with no potential in between: how good they are is seen there first.

Each function takes labelled frames of one data set, whose info family and kind say what they are
(:mod:`srlab.sampling.crystals`), and returns what these frames allow, or an empty dictionary.
"""

import numpy as np
from ase import units
from ase.eos import EquationOfState

from srlab.datasets.reader import family_of

_MILLIJOULE = 1e-3 * units.J / units.m**2  # a mJ/m2 in eV/angstrom^2
_FEWEST = 5  # points of an equation of state
_WIDTH = 0.12  # of the volume of fcc: how far an equation of state is fitted


def _of(frames, family, kind):
    return [frame for frame in frames if family_of(frame) == family and str(frame.info.get("kind")) == kind]


def _per_atom(frame):
    return frame.get_potential_energy() / len(frame)


def equation_of_state(frames, lattice="fcc"):
    """Volume (angstrom^3/atom), energy (eV/atom) and bulk modulus (GPa) of a lattice from its cells of family "eos".

    Third-order Birch-Murnaghan, fitted within 12 % of the volume of the lowest cell; Birch, Phys. Rev. 71, 809 (1947).
    """
    fitted = _fit(_of(frames, "eos", lattice))
    if fitted is None:
        return {}
    return {"volume": fitted.v0, "energy": fitted.e0, "bulk_modulus": fitted.B / units.GPa}


def stress_offset(frames, lattice="fcc"):
    """How much more tension (GPa) stresses say than energies do: mean over the cells of family "eos" of a lattice.

    The stress of a plane-wave calculation is that of a fixed number of waves, energies are of a fixed cutoff; the
    difference is the Pulay stress, which a recipe takes off. None where there is no equation of state.
    """
    cells = _of(frames, "eos", lattice)
    fitted = _fit(cells)
    if fitted is None:
        return None
    near = [cell for cell in cells if abs(_volume(cell) / fitted.v0 - 1) < _WIDTH]
    h = 1e-3 * fitted.v0
    energy = {
        step: fitted.func(np.array([_volume(cell) + step for cell in near]), *fitted.eos_parameters) for step in (-h, h)
    }
    slopes = (energy[h] - energy[-h]) / (2 * h)
    return float(np.mean([cell.get_stress()[:3].mean() for cell in near] - slopes) / units.GPa)


def _fit(cells):
    """The fitted ase.eos.EquationOfState of cells, None where there are too few around the lowest."""
    if not cells:
        return None
    centre = _volume(min(cells, key=_per_atom))
    points = sorted((_volume(cell), _per_atom(cell)) for cell in cells if abs(_volume(cell) / centre - 1) < _WIDTH)
    if len(points) < _FEWEST or not points[0][0] < centre < points[-1][0]:
        return None
    fitted = EquationOfState(*zip(*points), eos="birchmurnaghan")
    fitted.fit()
    return fitted


def elastic_constants(frames, lattice="fcc"):
    """C11, C12, C44 (GPa) of a cubic crystal from the stresses of its cells of family "strained", kind "fcc xx +0.02".

    Half the difference of the stresses at opposite strains is c x + d x^3; a sheared cubic crystal is its own opposite.
    """
    stresses = {}
    for frame in frames:
        words = str(frame.info.get("kind", "")).split()
        if family_of(frame) == "strained" and len(words) == 3 and words[0] == lattice:
            stresses[words[1], float(words[2])] = frame.get_stress() / units.GPa
    found = {}
    for name, component, index in (("C11", "xx", 0), ("C12", "xx", 1), ("C44", "yz", 3)):
        slopes = []
        for (strained, strain), stress in stresses.items():
            opposite = stresses.get((component, -strain))
            if strained != component or strain < 0 or (opposite is None and component == "xx"):
                continue
            other = -stress[index] if opposite is None else opposite[index]
            slopes.append((strain**2, (stress[index] - other) / (2 * strain)))
        if slopes:
            squares, values = np.array(slopes).T
            found[name] = float(np.polynomial.polynomial.polyfit(squares, values, min(1, len(slopes) - 1))[0])
    return found


def phase_differences(frames):
    """Energies of bcc, hcp and dhcp above fcc, meV/atom: minima of equations of state; dhcp at the volume of fcc."""
    fcc, found = equation_of_state(frames), {}
    if not fcc:
        return {}
    for name in ("bcc", "hcp"):
        other = equation_of_state(frames, name)
        if other:
            found[name] = 1e3 * (other["energy"] - fcc["energy"])
    dhcp = _of(frames, "stacking", "ABAC")
    if dhcp:
        found["dhcp"] = 1e3 * (min(map(_per_atom, dhcp)) - fcc["energy"])
    return found


def fault_energies(frames):
    """Energy of each array of stacking faults, mJ/m2 a fault, by its kind ("fault 1 in 5 layers").

    Unrelaxed, against the fcc cell of the same volume. A fault feels the next one: arrays of few layers are polytypes
    (an intrinsic fault in three is 9R).
    """
    fcc = _of(frames, "eos", "fcc")
    found = {}
    for fault in frames:
        kind = str(fault.info.get("kind"))
        same = [cell for cell in fcc if abs(_volume(cell) / _volume(fault) - 1) < 1e-4]
        if family_of(fault) == "stacking" and kind.startswith("fault") and same:
            area = np.linalg.norm(np.cross(*fault.cell[:2]))
            found[kind] = float((_per_atom(fault) - _per_atom(same[0])) * len(fault) / area / _MILLIJOULE)
    return found


def _volume(frame):
    return frame.get_volume() / len(frame)

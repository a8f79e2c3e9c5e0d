"""ASE calculator of a `Potential`: energy, forces and stress in double precision, from analytic derivatives."""

import numpy as np
from ase.calculators.calculator import Calculator, all_changes
from ase.data import atomic_numbers
from ase.stress import full_3x3_to_voigt_6_stress

from srlab.errors import InputError
from srlab.neighbours import VerletList, neighbour_pairs
from srlab.potentials.angular_energy import energies_and_slopes


class PotentialCalculator(Calculator):
    """Energies, forces and stress of one `Potential`.

    Energies are relative to isolated atoms (plus the potential's own offset); `free_energy` equals `energy`. The stress
    is there when the cell has a volume. Neighbours are found anew only when atoms have moved by more than half a skin
    (`srlab.neighbours.VerletList`).

    Parameters
    ----------
    potential : Potential
    """

    implemented_properties = ["energy", "free_energy", "energies", "forces", "stress"]

    def __init__(self, potential, **kwargs):
        super().__init__(**kwargs)
        self.potential = potential
        self._neighbours = VerletList(potential.cutoff)

    def check_state(self, atoms, tol=1e-15):
        """What has changed since the last calculation, of all that the energy depends on: to the last bit, which is
        found faster than ASE's comparison with a tolerance."""
        if self.atoms is None or len(self.atoms) != len(atoms):
            return list(all_changes)
        before, now = ((a.positions, a.numbers, a.cell.array, a.pbc) for a in (self.atoms, atoms))
        return [
            name
            for name, old, new in zip(("positions", "numbers", "cell", "pbc"), before, now)
            if not np.array_equal(old, new)
        ]

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        energies, forces, virial = energies_forces_virial(self.potential, self.atoms, self._neighbours)
        energy = float(energies.sum())
        self.results = {"energy": energy, "free_energy": energy, "energies": energies, "forces": forces}
        if self.atoms.cell.rank == 3:
            self.results["stress"] = full_3x3_to_voigt_6_stress(virial / self.atoms.get_volume())


def energies_forces_virial(potential, atoms, neighbours=None):
    """Energies of the atoms, forces, and the derivative of the energy with respect to strain.

    Parameters
    ----------
    potential : Potential
    atoms : ase.Atoms
    neighbours : srlab.neighbours.VerletList, optional
        With the cutoff of the potential; of a caller whose next structure will be much like this one.

    Returns
    -------
    energies : (n,) eV
    forces : (n, 3) eV/A
    virial : (3, 3) eV; divided by the volume it is the stress in ASE's sign

    Raises
    ------
    InputError
        If an atom is not of the potential's element, two atoms overlap, or an energy is not finite; the atom is named.
    """
    check_element(potential, atoms)
    n = len(atoms)
    i, j, r, d = (neighbours or VerletList(potential.cutoff, skin=0.0)).half_pairs(atoms)
    phi, slope = potential.phi(r)
    radial = potential.densities(r)
    rho = [_of_both(i, j, f, n) for f, _ in radial]
    F, *gains = potential.F(*rho)
    for (_, df), gain, density in zip(radial, gains, rho):
        slope = slope + _embedding_force(gain, density, i, j) * df
    energies = potential.offset + F + 0.5 * _of_both(i, j, phi, n)
    weighted = (slope / r)[:, None] * d
    forces = _by_atom(i, weighted, n) - _by_atom(j, weighted, n)
    virial = weighted.T @ d
    moments = potential.moments(r)
    if moments:  # these are sums of vectors: here a pair counts in both its orders
        i, j, r, d = np.concatenate([i, j]), np.concatenate([j, i]), np.concatenate([r, r]), np.concatenate([d, -d])
    for function, a, da in moments:
        own, slopes = energies_and_slopes(function, np.tile(a, 2), np.tile(da, 2), i, r, d / r[:, None], n)
        energies += own
        forces += _by_atom(i, slopes, n) - _by_atom(j, slopes, n)
        virial += slopes.T @ d
    if not np.isfinite(energies).all():
        k = int(np.flatnonzero(~np.isfinite(energies))[0])
        where = (
            f"it has no neighbour within {potential.cutoff:g} A"
            if not ((i == k) | (j == k)).any()
            else f"its density is {' and '.join(f'{density[k]:.4g}' for density in rho)}"
        )
        raise InputError(
            f"the energy of atom {k} is not finite with {potential.name}: {where}, where this potential is not defined"
        )
    return energies, forces, virial


def densities(potential, atoms):
    """Densities of every atom: (n, m), one column for each density function of the potential."""
    i, _, r, _ = neighbour_pairs(atoms, potential.cutoff)
    return np.array([np.bincount(i, f, len(atoms)) for f, _ in potential.densities(r)]).reshape(-1, len(atoms)).T


def density_range(potential, frames):
    """Smallest and largest density of any atom in the frames (a list of ase.Atoms); zeros for a potential without
    densities."""
    if not potential.template.densities:
        return 0.0, 0.0
    values = [densities(potential, atoms) for atoms in frames]
    return min(float(v.min()) for v in values), max(float(v.max()) for v in values)


def check_element(potential, atoms):
    """Raise an `InputError` that names the first atom of another element."""
    others = np.flatnonzero(atoms.numbers != atomic_numbers.get(potential.element, -1))
    if len(others):
        k = int(others[0])
        raise InputError(
            f"atom {k} is {atoms.symbols[k]} but {potential.name} is a potential for "
            f"{potential.element}: use a structure of {potential.element} only"
        )


def _of_both(i, j, values, n):
    """Sums over the pairs of each atom."""
    return np.bincount(i, values, n) + np.bincount(j, values, n)


def _by_atom(atom, vectors, n):
    return np.stack([np.bincount(atom, vectors[:, k], n) for k in range(3)], axis=1)


def _embedding_force(slope, rho, i, j):
    # at zero density dF/drho may be infinite (a square root), but every df there is zero: their product is zero, not
    # nan
    slope = np.where(rho == 0.0, 0.0, slope)
    return slope[i] + slope[j]

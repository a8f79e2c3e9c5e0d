"""Vacancies: formation, migration by a nudged elastic band, divacancy binding.

Library: ASE (`ase.mep.NEB` with a climbing image, L-BFGS).
"""

import numpy as np

from srlab.errors import InputError, MissingExtra
from srlab.validation.properties.defects import bulk_modulus, formation_energy, host, nearest, require_stable

JUMPS = {"hcp": ("vacancy_migration_energy", "vacancy_migration_energy_pyramidal")}
"""Names of the jumps where there are several: in hcp within the basal plane, and out of it."""


def jumps(crystal, perfect, site=0):
    """Indices of the neighbours that may jump into an empty site of a supercell: the nearest; of hcp the nearest in the
    basal plane, and the nearest out of it."""
    order = nearest(perfect, perfect.positions[site], 13)[1:]
    if crystal.structure != "hcp":
        return [int(order[0])]
    vectors = perfect.get_distances(site, order, mic=True, vector=True)
    flat = np.abs(vectors[:, 2]) < 0.1 * crystal.lattice_constant
    return [int(order[flat][0]), int(order[~flat][0])]


def vacancy_cells(perfect, jumping, site=0):
    """A supercell with a vacancy at a site, the same after the neighbour `jumping` has moved into it, and a divacancy
    of the two.

    The jumping atom has the same index in the first two.
    """
    start = perfect.copy()
    del start[site]
    end = perfect.copy()
    end.positions[jumping] = perfect.positions[site]
    del end[site]
    pair = perfect.copy()
    del pair[[site, jumping]]
    return start, end, pair


def migration_path(start, end, calculator, images=3, fmax=0.02, steps=60):
    """Energies along the minimum-energy path between two relaxed structures.

    Parameters
    ----------
    start, end : ase.Atoms, relaxed
    calculator : ASE calculator
    images : int
        Between the ends; odd, so that one of them can climb to a saddle in the middle.
    fmax : float
        eV/A

    Returns
    -------
    share : (images + 2,) of the way, by distance
    energies : (images + 2,) eV against the start
    converged : bool
    """
    from ase.mep import NEB
    from ase.optimize import LBFGS

    band = [start.copy() for _ in range(images + 1)] + [end.copy()]
    for image in band:
        # one calculator each where that costs nothing: a shared one forgets the energies of the ends at every step
        potential = getattr(calculator, "potential", None)
        image.calc = potential.calculator() if potential is not None else calculator
    neb = NEB(band, climb=True, method="improvedtangent", allow_shared_calculator=True)
    neb.interpolate(mic=True)
    converged = bool(LBFGS(neb, logfile=None, maxstep=0.05).run(fmax=fmax, steps=steps))
    energies = np.array([image.get_potential_energy() for image in band])
    hops = [np.linalg.norm(b.positions - a.positions) for a, b in zip(band[:-1], band[1:])]
    share = np.concatenate([[0.0], np.cumsum(hops)]) / np.sum(hops)
    return share, energies - energies[0], converged


def vacancy(crystal, quick=False, repeats=None, tick=None):
    """Formation and migration energy of a vacancy, and the binding energy of a pair of them.

    In a structure file, whose sites may differ, the vacancy is that of least energy; its jump is that of the nearest
    neighbour.

    Parameters
    ----------
    crystal : Crystal
    quick : bool
        A supercell of 9 A instead of 14 (if that is large enough) and no divacancy.
    repeats : int or three of them, optional
        Conventional cells along each edge.
    tick : callable, optional
        Called between the steps.

    Returns
    -------
    dict
        values {vacancy_formation_energy, vacancy_migration_energy, divacancy_binding_energy (eV; positive if the pair
        is bound); of hcp also vacancy_migration_energy_pyramidal, out of the basal plane}, warnings, path_share,
        path_energy (eV; of the first jump), atoms (number in the supercell).

    Raises
    ------
    InputError
        If the crystal is unstable (also: if a vacancy would lower its energy) or the supercell too small.
    """
    tick = tick or (lambda: None)
    require_stable(crystal)
    modulus = bulk_modulus(crystal)
    perfect = host(crystal, repeats, quick)
    formation, site, relaxed, settled = min(
        (_formation(crystal, perfect, site, modulus) for site in inequivalent_sites(crystal)),
        key=lambda found: found[0],
    )
    if formation < 0.0:
        raise InputError(f"{crystal.name}: unstable crystal: it gains {-formation:.2f} eV by losing an atom")
    tick()
    values, warnings = {"vacancy_formation_energy": formation}, {}
    if not settled:
        warnings["vacancy_formation_energy"] = "the relaxation did not converge"
    paths = []
    jumping = jumps(crystal, perfect, site)
    for name, atom in zip(JUMPS.get(crystal.structure, ("vacancy_migration_energy",)), jumping):
        _, end, _ = vacancy_cells(perfect, atom, site)
        _, relaxed_end, settled_end = formation_energy(crystal, end, modulus)
        tick()
        share, energy, converged = migration_path(relaxed, relaxed_end, crystal.calculator)
        tick()
        paths.append((share, energy))
        values[name] = float(energy.max())
        if energy.min() < -0.01:
            warnings[name] = "the path passes below the vacancy: the relaxed vacancy is not the ground state"
        elif not converged:
            warnings[name] = "the band did not converge to 0.02 eV/A"
        elif not settled_end:
            warnings[name] = "the relaxation of its end did not converge"
    if not quick:
        _, _, pair = vacancy_cells(perfect, jumping[0], site)
        together, _, settled_pair = formation_energy(crystal, pair, modulus)
        values["divacancy_binding_energy"] = 2.0 * formation - together
        if not settled_pair:
            warnings["divacancy_binding_energy"] = "the relaxation did not converge"
    return {
        "values": values,
        "warnings": warnings,
        "path_share": paths[0][0].tolist(),
        "path_energy": paths[0][1].tolist(),
        "atoms": len(perfect),
    }


def _formation(crystal, perfect, site, modulus):
    empty = perfect.copy()
    del empty[site]
    energy, relaxed, settled = formation_energy(crystal, empty, modulus)
    return energy, site, relaxed, settled


def inequivalent_sites(crystal):
    """One atom (index in the cell) of each kind by symmetry: the first one, but for structure files."""
    if crystal.cell is None:
        return [0]
    try:
        from spglib import get_symmetry_dataset
    except ImportError as error:
        raise MissingExtra("spglib", "validation", "tell the sites of a structure apart") from error
    cell = crystal.cell
    found = get_symmetry_dataset((cell.cell.array, cell.get_scaled_positions(), cell.numbers), symprec=1e-3)
    return sorted(set(map(int, found.equivalent_atoms)))

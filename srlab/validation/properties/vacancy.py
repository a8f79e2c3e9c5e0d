"""Vacancies: formation, migration by a nudged elastic band, divacancy binding.

Library: ASE (`ase.mep.NEB` with a climbing image, L-BFGS).
"""

import numpy as np

from srlab.errors import InputError
from srlab.validation.properties.defects import bulk_modulus, formation_energy, host, nearest, require_stable


def vacancy_cells(crystal, repeat=4, width=9.0):
    """A vacancy, the same after a neighbour has jumped into it, and a divacancy, in supercells of repeat^3 conventional cells.

    The jumping atom has the same index in the first two; `width` is the least size of the supercell, angstrom.
    """
    perfect = host(crystal, repeat, width)
    empty, jumping = 0, int(nearest(perfect, perfect.positions[0], 2)[1])
    start = perfect.copy()
    del start[empty]
    end = perfect.copy()
    end.positions[jumping] = perfect.positions[empty]
    del end[empty]
    pair = perfect.copy()
    del pair[[empty, jumping]]
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


def vacancy(crystal, quick=False, repeat=4, tick=None):
    """Formation and migration energy of a vacancy, and the binding energy of a pair of them.

    Parameters
    ----------
    crystal : Crystal
    quick : bool
        A 3x3x3 supercell (if that is large enough) and no divacancy.
    repeat : int
        Conventional cells along each edge.
    tick : callable, optional
        Called between the steps.

    Returns
    -------
    dict
        values {vacancy_formation_energy, vacancy_migration_energy, divacancy_binding_energy (eV; positive if the pair is bound)}, warnings, path_share,
        path_energy (eV), atoms (number in the supercell).

    Raises
    ------
    InputError
        If the crystal is unstable (also: if a vacancy would lower its energy) or the supercell too small.
    """
    tick = tick or (lambda: None)
    require_stable(crystal)
    if quick and 3 * crystal.lattice_constant > max(9.0, crystal.reach):
        repeat = 3
    modulus = bulk_modulus(crystal)
    start, end, pair = vacancy_cells(crystal, repeat)
    formation, relaxed, settled = formation_energy(crystal, start, modulus)
    if formation < 0.0:
        raise InputError(f"{crystal.name}: unstable crystal: it gains {-formation:.2f} eV by losing an atom")
    tick()
    _, relaxed_end, settled_end = formation_energy(crystal, end, modulus)
    tick()
    share, energy, converged = migration_path(relaxed, relaxed_end, crystal.calculator)
    tick()
    values = {"vacancy_formation_energy": formation, "vacancy_migration_energy": float(energy.max())}
    warnings = {}
    if not (settled and settled_end):
        warnings["vacancy_formation_energy"] = "the relaxation did not converge"
    if not converged:
        warnings["vacancy_migration_energy"] = "the band did not converge to 0.02 eV/A"
    if energy.min() < -0.01:
        warnings["vacancy_migration_energy"] = (
            "the path passes below the vacancy: the relaxed vacancy is not the ground state"
        )
    if not quick:
        together, _, settled_pair = formation_energy(crystal, pair, modulus)
        values["divacancy_binding_energy"] = 2.0 * formation - together
        if not settled_pair:
            warnings["divacancy_binding_energy"] = "the relaxation did not converge"
    return {
        "values": values,
        "warnings": warnings,
        "path_share": share.tolist(),
        "path_energy": energy.tolist(),
        "atoms": 4 * repeat**3,
    }

"""Phonons of a crystal: frequencies at points of high symmetry, dispersion along the path of its lattice, density of
states, instabilities.

Library: phonopy (displacements in a supercell that the named points fit exactly, whatever the reach of the potential),
ASE (special points).
"""

import numpy as np
from ase import Atoms, units
from ase.dft.kpoints import parse_path_string

from srlab.errors import InputError, MissingExtra
from srlab.validation.crystal import check_supercell, forces, stresses

PATHS = {"fcc": "GXU,KGL", "bcc": "GHPGN", "hcp": "GMKGA", "diamond": "GXU,KGL"}
"""Legs of the dispersion; of a structure file the whole path of its lattice."""
NAMED = {
    "fcc": {
        "phonon_x_transverse": ("X", 0),
        "phonon_x_longitudinal": ("X", 2),
        "phonon_l_transverse": ("L", 0),
        "phonon_l_longitudinal": ("L", 2),
        "phonon_k_transverse_1": ("K", 0),
        "phonon_k_transverse_2": ("K", 1),
        "phonon_k_longitudinal": ("K", 2),
    },
    "bcc": {
        "phonon_h": ("H", 0),
        "phonon_p": ("P", 0),
        "phonon_n_transverse_1": ("N", 0),
        "phonon_n_transverse_2": ("N", 1),
        "phonon_n_longitudinal": ("N", 2),
    },
    "hcp": {
        "phonon_gamma_optical_lower": ("G", 3),
        "phonon_gamma_optical_upper": ("G", 5),
        "phonon_a_transverse": ("A", 0),
        "phonon_a_longitudinal": ("A", 5),
        "phonon_m_lowest": ("M", 0),
        "phonon_m_highest": ("M", 5),
    },
    "diamond": {
        "phonon_gamma_optical": ("G", 5),
        "phonon_x_transverse_acoustic": ("X", 0),
        "phonon_x_longitudinal": ("X", 2),
        "phonon_x_transverse_optical": ("X", 5),
        "phonon_l_transverse_acoustic": ("L", 0),
        "phonon_l_longitudinal_acoustic": ("L", 2),
        "phonon_l_transverse_optical": ("L", 5),
    },
}
"""Property: point and branch, counted from the lowest. Transverse branches of cubic crystals at X, L and H are equal in
pairs or threes."""
REPEATS = {"fcc": (4, 4, 4), "bcc": (4, 4, 4), "hcp": (6, 6, 2), "diamond": (2, 2, 2)}
"""Conventional cells along each edge that the points above fit; twice as many where the potential reaches farther."""
PRIMITIVE = {"fcc": "F", "bcc": "I", "hcp": "P", "diamond": "F"}
DISPLACEMENT = 0.01
"""angstrom"""
UNSTABLE = -0.05
"""THz; imaginary frequencies are negative, smaller ones are noise"""


def phonon_model(crystal, repeats, symmetry=True, displacement=DISPLACEMENT, scale=1.0):
    """A phonopy object of a crystal with its displacements made.

    With `symmetry` there are few displacements; without it there are six for each atom of the primitive cell, but
    phonopy need not find the 12288 symmetries of an fcc supercell, which takes longer than the forces of a potential.

    Raises
    ------
    MissingExtra
        If phonopy is not installed.
    """
    try:
        from phonopy import Phonopy
        from phonopy.structure.atoms import PhonopyAtoms
    except ImportError as error:
        raise MissingExtra("phonopy", "validation", "compute phonons") from error
    unit = crystal.conventional(scale=scale)
    cell = PhonopyAtoms(
        symbols=unit.get_chemical_symbols(), cell=unit.cell.array, scaled_positions=unit.get_scaled_positions()
    )
    model = Phonopy(
        cell,
        supercell_matrix=np.diag(np.broadcast_to(repeats, 3)),
        primitive_matrix=PRIMITIVE.get(crystal.structure, "P"),
        is_symmetry=symmetry,
        log_level=0,
    )
    model.generate_displacements(distance=displacement, is_plusminus="auto" if symmetry else True, is_diagonal=symmetry)
    return model


def phonon_cells(model):
    """The displaced supercells as ase.Atoms. They are periodic; without that flag the result would be quietly wrong."""
    return [
        Atoms(cell.symbols, cell=cell.cell, scaled_positions=cell.scaled_positions, pbc=True)
        for cell in model.supercells_with_displacements
    ]


def set_forces(model, cell_forces):
    """Give the model the forces of `phonon_cells`, eV/A; drift is taken off and the force constants are made
    symmetric."""
    model.forces = [f - f.mean(axis=0) for f in cell_forces]
    model.produce_force_constants()
    model.symmetrize_force_constants()
    return model


def special_points(crystal):
    """Points of high symmetry of the crystal's lattice, name -> wave vector (3,) in 1/angstrom, 2 pi not included."""
    cell = crystal.primitive().cell
    return {name: point @ cell.reciprocal().array for name, point in cell.bandpath(npoints=0).special_points.items()}


def frequencies_at(model, wave_vectors):
    """Frequencies in THz at wave vectors (n, 3) in 1/angstrom (2 pi not included), ascending, (n, branches); negative
    where imaginary."""
    # in units of the reciprocal vectors of phonopy's primitive cell, whatever its choice was
    model.run_qpoints(np.asarray(wave_vectors) @ model.primitive.cell.T)
    return np.sort(model.qpoints.frequencies, axis=1)


def supercell_repeats(crystal):
    """Conventional cells along each edge of the supercell for the force constants; fcc is not made larger, its user is
    told."""
    repeats = np.array(REPEATS.get(crystal.structure) or crystal.repeats(max(10.0, crystal.reach + 0.1)))
    if crystal.structure == "fcc":
        return tuple(repeats)
    enough = np.array(crystal.repeats(crystal.reach + 0.1))
    return tuple(int(n) for n in repeats * np.ceil(enough / repeats).astype(int))


def solved_model(crystal, scale=1.0, repeats=None, displacement=DISPLACEMENT):
    """Phonopy model of a crystal with its force constants, all lengths multiplied by `scale`; displacement in
    angstrom."""
    repeats = repeats or supercell_repeats(crystal)
    check_supercell(crystal, repeats, crystal.reach)
    symmetry = crystal.potential is None or crystal.cell is not None
    model = phonon_model(crystal, repeats, symmetry, displacement, scale)
    return set_forces(model, forces(crystal.calculator, phonon_cells(model)))


def check_relaxed(crystal):
    """Raise an InputError if the crystal is under pressure: its phonons would not be those of the ground state."""
    pressure = -stresses(crystal.calculator, [crystal.primitive()])[0][:3].mean() / units.GPa
    if abs(pressure) > 0.5:
        raise InputError(
            f"the crystal at {crystal.lattice_constant:.4f} A is not relaxed, its pressure is {pressure:.2f} GPa: "
            "relax it first (relaxed_crystal)"
        )


def phonons(crystal, quick=False, repeats=None, tick=None):
    """Phonon frequencies, dispersion and density of states.

    Parameters
    ----------
    crystal : Crystal, relaxed
    quick : bool
        Fewer points along the path and a coarser mesh.
    repeats : int or three of them, optional
        Conventional cells along each edge of the supercell.
    tick : callable, optional
        Called between the steps.

    Returns
    -------
    dict
        values {those of `NAMED` (THz); of a structure file phonon_highest}, warnings, segments [{labels, x (1/A),
        frequencies (n, branches) THz}], dos_frequency (THz), dos (1/THz per atom), lowest (THz).

    Raises
    ------
    InputError
        If the crystal is not relaxed or the supercell is too small.
    """
    tick = tick or (lambda: None)
    check_relaxed(crystal)
    repeats = repeats or supercell_repeats(crystal)
    model = solved_model(crystal, repeats=repeats)
    tick()
    segments = _dispersion(model, crystal, 15 if quick else 40)
    tick()
    mesh = 12 if quick else 24
    model.run_mesh([mesh] * 3, is_gamma_center=True)
    model.run_total_dos(sigma=0.12)
    density = model.total_dos
    every = [np.min(s["frequencies"]) for s in segments] + [np.min(model.mesh.frequencies)]
    lowest = float(min(every))
    values = _named(model, crystal)
    warnings = {}
    if lowest < UNSTABLE:
        text = f"unstable crystal: imaginary phonons down to {abs(lowest):.2f}i THz"
        warnings = {name: text for name in values}
    return {
        "values": values,
        "warnings": warnings,
        "segments": segments,
        "dos_frequency": np.asarray(density.frequency_points).tolist(),
        "dos": (np.asarray(density.dos) / len(model.primitive)).tolist(),
        "lowest": lowest,
        "supercell": list(map(int, np.broadcast_to(repeats, 3))),
    }


def _named(model, crystal):
    if crystal.structure not in NAMED:
        return {"phonon_highest": float(np.max(model.mesh.frequencies))}
    points, branches = special_points(crystal), NAMED[crystal.structure]
    found = frequencies_at(model, [points[point] for point, _ in branches.values()])
    return {name: float(row[branch]) for row, (name, (_, branch)) in zip(found, branches.items())}


def _dispersion(model, crystal, points):
    """Frequencies along each leg of the path, with distances in 1/A (2 pi not included), continued from leg to leg."""
    special = special_points(crystal)
    path = PATHS.get(crystal.structure) or crystal.primitive().cell.bandpath(npoints=0).path
    segments, start = [], 0.0
    for names in parse_path_string(path):
        for first, last in zip(names[:-1], names[1:]):
            ends = np.array([special[first], special[last]])
            length = float(np.linalg.norm(ends[1] - ends[0]))
            share = np.linspace(0.0, 1.0, max(2, int(round(points * length * crystal.lattice_constant))))
            frequencies = frequencies_at(model, ends[0] + share[:, None] * (ends[1] - ends[0]))
            segments.append(
                {"labels": [first, last], "x": (start + share * length).tolist(), "frequencies": frequencies.tolist()}
            )
            start += length
    return segments

"""Thermal expansion in the quasi-harmonic approximation.

Library: phonopy (phonons and free energies at several volumes), `ase.eos` (the minimum at each temperature).
"""

import numpy as np
from ase import units

from srlab.errors import InputError
from srlab.validation.crystal import energies_per_atom
from srlab.validation.properties.eos import fit_eos
from srlab.validation.properties.phonons import UNSTABLE, check_relaxed, solved_model, supercell_repeats

REPORTED_AT = 293.0
"""K"""


def expansion(crystal, quick=False, tick=None):
    """Linear expansion and lattice constant against temperature; all lengths grow alike, so of hcp and structure files
    it is the mean over the directions.

    Parameters
    ----------
    crystal : Crystal, relaxed
    quick : bool
        Fewer volumes and a smaller supercell.
    tick : callable, optional
        Called after each volume.

    Returns
    -------
    dict
        values {thermal_expansion (1e-6/K, linear), lattice_constant_293 (angstrom; a)}, warnings, and arrays over
        temperature (K): expansion (1e-6/K), lattice_constant (angstrom), heat_capacity (J/K/mol at constant pressure).

    Raises
    ------
    InputError
        If phonons at one of the volumes are imaginary: then there is no quasi-harmonic crystal.
    """
    check_relaxed(crystal)
    scales = np.linspace(0.99, 1.03, 5 if quick else 7)
    repeats = supercell_repeats(crystal)
    if (
        crystal.structure == "fcc"
    ):  # whose force constants need less for sums over all wave vectors than for single ones
        repeats = crystal.repeats(max(7.0 if quick else 10.0, crystal.reach + 1e-6))
    temperatures, free, capacity = None, [], []
    for scale in scales:
        model = solved_model(crystal, scale, repeats)
        model.run_mesh([10 if quick else 16] * 3, is_gamma_center=True)
        if model.mesh.frequencies.min() < UNSTABLE:
            raise InputError(
                f"the phonons of {crystal.name} are imaginary at a = {scale * crystal.lattice_constant:.3f} A: no "
                "quasi-harmonic expansion"
            )
        model.run_thermal_properties(t_min=0, t_max=1000, t_step=10, cutoff_frequency=1e-3)  # leaves out Gamma
        result = model.thermal_properties
        temperatures = np.asarray(result.temperatures)
        free.append(np.asarray(result.free_energy) / len(model.primitive))
        capacity.append(np.asarray(result.heat_capacity) / len(model.primitive))
        if tick:
            tick()
    energies = energies_per_atom(crystal.calculator, [crystal.primitive(scale) for scale in scales])
    volumes, mole = crystal.volume * scales**3, units.mol / units.kJ
    minima = []
    for k in range(len(temperatures)):
        try:
            minima.append(fit_eos(volumes, energies + np.array([f[k] for f in free]) / mole))
        except InputError:
            break  # the crystal has expanded beyond the largest volume
    known = temperatures[: len(minima)]
    if not len(known) or known[-1] < REPORTED_AT + 30.0:
        raise InputError(
            f"the free energy of {crystal.name} has no minimum at {REPORTED_AT:g} K: no quasi-harmonic expansion"
        )
    volume = np.array([fit["volume"] for fit in minima])
    length = crystal.lattice_constant * (volume / crystal.volume) ** (1.0 / 3.0)
    slope = np.gradient(np.log(length), known)
    linear = 1e6 * slope
    modulus = np.array([fit["bulk_modulus"] for fit in minima]) * units.GPa
    at_constant_volume = np.array([np.interp(v, volumes, [c[k] for c in capacity]) for k, v in enumerate(volume)])
    at_constant_pressure = at_constant_volume + 1e3 * mole * known * volume * modulus * (3.0 * slope) ** 2
    values = {
        "thermal_expansion": float(np.interp(REPORTED_AT, known, linear)),
        "lattice_constant_293": float(np.interp(REPORTED_AT, known, length)),
    }
    if crystal.cell is not None:
        del values["lattice_constant_293"]  # which of the edges would be meant
    return {
        "values": values,
        "warnings": {},
        "temperature": known.tolist(),
        "expansion": linear.tolist(),
        "lattice_constant": length.tolist(),
        "heat_capacity": at_constant_pressure.tolist(),
    }

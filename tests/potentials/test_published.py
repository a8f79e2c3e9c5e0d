"""Published copper potentials against the numbers published for them, or computed elsewhere (science.md, section 2)."""

from dataclasses import replace

import numpy as np
import pytest
from ase.build import bulk
from scipy.optimize import minimize_scalar

from srlab.errors import InputError
from srlab.potentials.published import published, published_names, published_table
from srlab.potentials.taper import NoTaper


def lattice_constant(potential, near=3.6):
    """(lattice constant in angstrom, energy in eV/atom) of the fcc crystal; the constant is sought within 0.1 A of
    `near`."""
    calculator = potential.calculator()

    def energy(a):
        atoms = bulk(potential.element, "fcc", a)
        atoms.calc = calculator
        return atoms.get_potential_energy()

    best = minimize_scalar(energy, bounds=(near - 0.1, near + 0.1), method="bounded", options={"xatol": 1e-7})
    return best.x, best.fun


@pytest.mark.parametrize(
    "name, published_a0, published_energy",
    [
        ("sutton-chen", 3.61, -3.50),
        ("sutton-chen-ag", 4.09, -2.96),
        ("sutton-chen-al", 4.05, -3.34),
        ("sutton-chen-ni", 3.52, -4.44),
    ],
)
def test_sutton_chen_lattice_sums(name, published_a0, published_energy):
    """The full lattice sums are the lattice constants and cohesive energies the forms were fitted to (Sutton and
    Chen 1990)."""
    a0, energy = lattice_constant(replace(published(name), cutoff=25.0, taper=NoTaper()), near=published_a0)
    assert a0 == pytest.approx(published_a0, abs=2e-3)
    assert energy == pytest.approx(published_energy, abs=1e-2)


@pytest.mark.parametrize(
    "name, a0, sharp_cutoff",
    [
        ("sutton-chen", 3.6129, 9.0),
        ("cleri-rosato", 3.6128, 7.0),
        ("gp1", 3.6195, None),
        ("gp2", 3.6357, None),
        ("gp3", 3.6381, None),
    ],
)
def test_lattice_constants_of_the_reference_table(name, a0, sharp_cutoff):
    # the table's Sutton-Chen and Cleri-Rosato were computed with a sharp cutoff
    potential = (
        published(name) if sharp_cutoff is None else replace(published(name), cutoff=sharp_cutoff, taper=NoTaper())
    )
    assert lattice_constant(potential)[0] == pytest.approx(a0, abs=6e-5)


@pytest.mark.parametrize(
    "name, a0, energy",
    [("sutton-chen", 3.6100, -3.465), ("quantum-sutton-chen", 3.5802, -3.545), ("cleri-rosato", 3.6129, -3.544)],
)
def test_default_tapers(name, a0, energy):
    """What our tapers do to the lattice constant and energy; Sutton-Chen keeps the lattice constant of the full sum."""
    found = lattice_constant(published(name))
    assert found == (pytest.approx(a0, abs=1e-4), pytest.approx(energy, abs=1e-3))


@pytest.mark.parametrize("name", published_names())
def test_forces_and_stress_are_derivatives_of_the_energy(name, rattled):
    potential = published(name)
    rattled.symbols[:] = potential.element
    rattled.calc = potential.calculator()
    forces, stress = rattled.get_forces(), rattled.get_stress()
    assert np.abs(forces).max() > 1.0  # a structure without forces would prove nothing
    assert forces == pytest.approx(numerical_forces(rattled), abs=1e-6)
    assert stress == pytest.approx(numerical_stress(rattled), abs=1e-6)


def numerical_forces(atoms, h=1e-4):
    """Fourth-order central differences of the energy, eV/A."""
    forces = np.zeros((len(atoms), 3))
    for index in np.ndindex(forces.shape):
        energies = []
        for step in (-2, -1, 1, 2):
            moved = atoms.copy()
            moved.positions[index] += step * h
            moved.calc = atoms.calc
            energies.append(moved.get_potential_energy())
        forces[index] = -(energies[0] - 8 * energies[1] + 8 * energies[2] - energies[3]) / (12 * h)
    return forces


def numerical_stress(atoms, h=1e-4):
    """Fourth-order central differences of the energy with respect to strain over volume, Voigt order, eV/A^3."""
    stress = []
    for a, b in ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)):
        energies = []
        for step in (-2, -1, 1, 2):
            strain = np.eye(3)
            strain[a, b] += 0.5 * step * h
            strain[b, a] += 0.5 * step * h
            strained = atoms.copy()
            strained.set_cell(atoms.cell.array @ strain, scale_atoms=True)
            strained.calc = atoms.calc
            energies.append(strained.get_potential_energy())
        stress.append((energies[0] - 8 * energies[1] + 8 * energies[2] - energies[3]) / (12 * h) / atoms.get_volume())
    return np.array(stress)


@pytest.mark.parametrize("name", published_names())
def test_functions_vanish_at_the_cutoff(name):
    potential = published(name)
    r = np.array([potential.cutoff - 1e-6, potential.cutoff, potential.cutoff + 1.0, 1e3])
    angular = [(a, slope) for _, a, slope in potential.moments(r)]
    for value, slope in (potential.phi(r), *potential.densities(r), *angular):
        assert np.abs(value).max() < 1e-10
        assert np.abs(slope).max() < 1e-4
        assert value[1:].tolist() == slope[1:].tolist() == [0.0, 0.0, 0.0]


def test_the_table_states_source_and_units_of_everything():
    for name, entry in published_table().items():
        assert entry["source"], name
        assert set(entry["constants"]) <= set(entry["units"]), name


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(InputError, match="sutton-chen.*cleri-rosato.*gp3"):
        published("morse")


def test_other_cutoff_needs_a_taper_start():
    assert published("sutton-chen", cutoff=7.2, taper_start=6.5).taper.stop == 7.2
    with pytest.raises(InputError, match="give both or neither"):
        published("sutton-chen", cutoff=7.2)

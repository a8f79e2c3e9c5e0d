"""Small labelled frames: rattled copper cells with energies and forces of a published form."""

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator

from srlab.fitting.objective import Objective
from srlab.potentials.potential import Potential
from srlab.potentials.taper import Smoothstep
from srlab.templates import Model

TRUTH = Model.parse({"pair": "2736.0*exp(-3.541*r)", "density": "exp(-2.102*r)", "embedding": "-24.86*sqrt(rho)"})


def potential(model, cutoff=6.0, start=4.5):
    return Potential.of_model(model, "truth", "Cu", cutoff, Smoothstep(start, cutoff))


def labelled(model, count=12, seed=0):
    """Rattled, strained cells of 1 to 8 atoms with labels of a model; smaller than the cutoff, as in the data we
    use."""
    rng, frames = np.random.default_rng(seed), []
    calculator = potential(model).calculator()
    for number in range(count):
        atoms = [
            bulk("Cu", "fcc", 3.6),
            bulk("Cu", "fcc", 3.6, cubic=True),
            bulk("Cu", "hcp", 2.55, 4.2),
            bulk("Cu", "bcc", 2.9, cubic=True).repeat((2, 1, 1)),
        ][number % 4]
        atoms.set_cell(atoms.cell @ (np.eye(3) + rng.normal(0, 0.03, (3, 3))), scale_atoms=True)
        atoms.positions += rng.normal(0, 0.12, atoms.positions.shape)
        atoms.calc = calculator
        energy, forces, stress = atoms.get_potential_energy(), atoms.get_forces(), atoms.get_stress()
        atoms.calc = SinglePointCalculator(atoms, energy=energy, forces=forces, stress=stress)
        frames.append(atoms)
    return frames


@pytest.fixture(scope="session")
def truth():
    return TRUTH


@pytest.fixture(scope="session")
def frames():
    return labelled(TRUTH)


@pytest.fixture(scope="session")
def objective(frames):
    return Objective(frames, [atoms.get_potential_energy() for atoms in frames], 6.0, Smoothstep(4.5, 6.0))

"""Energies that stand alone are told from compressed cells, from the crystal below its melt, and from few frames."""

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator

from srlab.datasets import Dataset
from srlab.datasets.outliers import outlying_energies

USUAL = np.linspace(-3.5, -2.5, 12)


def frames(energies, symbol="Cu"):
    found = []
    for number, energy in enumerate(energies):
        atoms = bulk(symbol, "fcc", 3.6 + 0.01 * number, cubic=True)
        atoms.calc = SinglePointCalculator(atoms, energy=4.0 * energy, forces=np.zeros((4, 3)))
        found.append(atoms)
    return found


def said(energies):
    return outlying_energies(frames(energies), [f"frame {k}" for k in range(len(energies))])


def test_a_failed_calculation_is_named_with_its_distance_from_the_others():
    (above,) = said([*USUAL, 1e8])
    assert above.startswith("frame 12 has an energy 1e+08 eV/atom above all others")
    (below,) = said([-8.0, *USUAL])
    assert below.startswith("frame 0 has an energy 4.5 eV/atom below all others") and "weight=0" in below


@pytest.mark.parametrize(
    "energies",
    [
        USUAL,
        [*USUAL, 0.0],  # a compressed cell
        [*USUAL, 3.0, 10.0, 30.0],  # cells compressed ever more
        [-4.5, *USUAL],  # a crystal, and what is hot
        [1e8, -3.0, -3.5],  # too few to tell
        np.full(20, -3.5),
    ],
)
def test_what_is_usual_is_not(energies):
    assert said(energies) == []


def test_compositions_are_looked_at_apart_and_a_data_set_says_it():
    places = [f"frame {k}" for k in range(13)]
    assert outlying_energies([*frames(USUAL), *frames([100.0], "Ni")], places) == []
    data = Dataset.from_frames(frames([*USUAL, 50.0]), "cu.extxyz")
    assert [note for note in data.notes if note.startswith("cu.extxyz, frame 12 has an energy 52.5 eV/atom above")]

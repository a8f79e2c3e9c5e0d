"""Weights of frames: by the user, by the energy above the lowest of the composition, by the uncertainty of a label."""

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator

from srlab.datasets import Dataset
from srlab.datasets.composition import lowest_energies
from srlab.datasets.weights import (
    FORM_ERROR,
    check_families,
    check_family_weights,
    check_weights,
    focus_weights,
    frame_weights,
)
from srlab.errors import InputError


def frame(symbols, per_atom, **info):
    atoms = Atoms(symbols, [[3.0 * k, 0.0, 0.0] for k in range(len(Atoms(symbols)))], info=info)
    atoms.calc = SinglePointCalculator(atoms, energy=per_atom * len(atoms), forces=np.zeros((len(atoms), 3)))
    return atoms


def energies(frames):
    return [atoms.get_potential_energy() for atoms in frames]


def weights(frames, focus=None, family_weights=()):
    found = energies(frames)
    return frame_weights(frames, found, lowest_energies(frames, found), focus, family_weights)


def test_at_the_focus_an_energy_counts_a_quarter_and_a_force_a_half():
    np.testing.assert_allclose(focus_weights([0.0, 0.1, 0.3], 0.1), [1.0, 0.5, 0.25])
    found = weights([frame("Cu", -3.4), frame("Cu", -3.3), frame("Cu", -3.1)], focus=0.1)
    np.testing.assert_allclose(found.energies, [1.0, 1 / 4, 1 / 16])
    np.testing.assert_allclose(found.forces, [1.0, 1 / 2, 1 / 4])


def test_without_a_focus_and_at_one_energy_all_frames_count_the_same():
    frames = [frame("Cu", -3.4), frame("Cu2", -3.0)]
    np.testing.assert_array_equal(weights(frames).energies, [1.0, 1.0])
    np.testing.assert_array_equal(weights([frame("Cu", -3.4), frame("Cu2", -3.4)], focus=0.01).forces, [1.0, 1.0])


def test_weights_of_frames_and_families_are_multiplied():
    frames = [frame("Cu", -3.4, weight=3), frame("Cu", -3.0, family="eos", weight=0.5), frame("Cu", -3.0, family="md")]
    np.testing.assert_allclose(weights(frames, None, (("eos", 4.0), ("md", 0.0))).forces, [3.0, 2.0, 0.0])


def test_an_uncertain_energy_counts_less_and_its_forces_as_before():
    found = weights(
        [frame("Cu", -3.4), frame("Cu", -3.4, energy_sigma=FORM_ERROR), frame("Cu", -3.4, energy_sigma=1.0)]
    )
    np.testing.assert_allclose(found.energies, [1.0, 0.5, 0.0], atol=1e-5)
    np.testing.assert_array_equal(found.forces, [1.0, 1.0, 1.0])


def test_weights_that_leave_nothing_are_refused():
    with pytest.raises(InputError, match="every frame has a weight of zero"):
        weights([frame("Cu", -3.4, weight=0.0), frame("Cu", -3.0, family="md")], None, (("md", 0.0),))


@pytest.mark.parametrize("weight", [-1.0, np.nan, np.inf, "much", "", True, [1.0, 2.0]])
@pytest.mark.parametrize("key", ["weight", "energy_sigma"])
def test_weights_that_are_none_name_the_frame(key, weight):
    frames = [frame("Cu", -3.4, weight=2.0), frame("Cu", -3.4, **{key: weight})]
    with pytest.raises(InputError, match=rf"mine\.extxyz, frame 1 has .*{key}"):
        check_weights(frames, "mine.extxyz")
    with pytest.raises(InputError, match="frame 1 has"):
        Dataset.from_frames(frames)


def test_family_weights_are_checked():
    assert check_family_weights({"eos": 2}) == check_family_weights([["eos", "2.0"]]) == (("eos", 2.0),)
    for bad, words in [
        ([("eos", -1.0)], "zero or above, not -1"),
        ([("eos", float("nan"))], "zero or above"),
        ([("eos", "much")], "its name and a number"),
        (["eos"], "its name and a number"),
        ([("eos", 1.0), ("eos", 2.0)], "given twice"),
    ]:
        with pytest.raises(InputError, match=words):
            check_family_weights(bad)
    with pytest.raises(InputError, match="mine has no family 'eso' to weigh: its families are eos, md"):
        check_families((("eso", 2.0),), ["md", "eos", "md"], "mine")

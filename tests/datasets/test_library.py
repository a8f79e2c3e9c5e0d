"""Mixtures of two sets: converged labels first, earlier ones with their error behind."""

import numpy as np
import pytest
from ase.calculators.singlepoint import SinglePointCalculator

from srlab.datasets import load_dataset
from srlab.datasets.identity import content_key
from srlab.datasets.library import KPOINT_ERROR, MIXTURES, mixture
from srlab.errors import InputError
from srlab.sampling.crystals import conventional, equations_of_state, free_atom, primitive, stacking


def labelled(atoms, energy):
    atoms.calc = SinglePointCalculator(atoms, energy=energy, forces=np.zeros((len(atoms), 3)))
    return atoms


def test_a_structure_is_taken_from_the_converged_set_and_others_say_their_error():
    converged = [labelled(free_atom(), -0.2), labelled(conventional("fcc", 12.0), -14.0)]
    earlier = [
        labelled(free_atom(), -0.2),
        labelled(primitive("fcc", 12.0), -3.49),  # the same crystal, in another cell
        labelled(primitive("bcc", 12.0), -3.45),
        labelled(stacking("ABCACB", 3.64), -20.9),
    ]
    frames = mixture(converged, earlier)
    assert [len(frame) for frame in frames] == [1, 4, 1, 6]
    assert [frame.info.get("energy_sigma") for frame in frames] == [None, None, KPOINT_ERROR[0], KPOINT_ERROR[-1]]


@pytest.mark.parametrize("atoms", [[], [labelled(free_atom(), -0.3)]])
def test_sets_whose_isolated_atoms_differ_are_not_mixed(atoms):
    crystal = [labelled(frame, -3.5) for frame in equations_of_state(("fcc",), (12.0,))]
    with pytest.raises(InputError, match="isolated atoms"):
        mixture([labelled(free_atom(), -0.2), *crystal], [*atoms, *crystal])


@pytest.mark.slow
@pytest.mark.parametrize("name, parts", MIXTURES.items())
def test_a_mixture_has_every_structure_of_both_once(name, parts):
    fine, coarse = parts
    mixed, new, old = (load_dataset(part, split="all") for part in (name, fine, coarse))
    assert mixed.isolated_atom_energy == pytest.approx(old.isolated_atom_energy, abs=1e-3)
    keys = [content_key(frame) for frame in mixed.frames]
    assert len(set(keys)) == len(keys)
    assert set(keys) == {content_key(frame) for part in (new, old) for frame in part.frames}
    certain = [frame for frame in mixed.frames if "energy_sigma" not in frame.info]
    assert [frame.get_potential_energy() for frame in certain] == [frame.get_potential_energy() for frame in new.frames]
    assert all(0.001 < frame.info["energy_sigma"] < 0.02 for frame in mixed.frames[len(certain) :])

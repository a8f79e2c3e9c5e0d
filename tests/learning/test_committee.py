"""Selection: disagreement decides, energies are spanned, nothing comes twice."""

import numpy as np
import pytest
from ase.build import bulk, make_supercell

from srlab.errors import InputError
from srlab.learning.committee import descriptor, predictions, select
from srlab.potentials.published import published
from srlab.sampling.nested import sample


@pytest.fixture(scope="module")
def sampled():
    return sample(published("cleri-rosato"), atoms=2, walkers=12, levels=25, per_level=3, seed=2)


POTENTIALS = [published("cleri-rosato"), published("sutton-chen"), published("gp1")]


def test_descriptor_does_not_depend_on_the_cell():
    primitive, conventional = bulk("Cu", "fcc", a=3.6), bulk("Cu", "fcc", a=3.6, cubic=True)
    moved = make_supercell(conventional, np.diag([2, 1, 1]))
    moved.positions += 1.234
    assert np.allclose(descriptor(primitive), descriptor(conventional))
    assert np.allclose(descriptor(primitive), descriptor(moved))
    assert np.linalg.norm(descriptor(primitive) - descriptor(bulk("Cu", "bcc", a=2.87))) > 0.05


def test_descriptor_moves_little_with_little_displacements():
    atoms = bulk("Cu", "fcc", a=3.6, cubic=True)
    moved = atoms.copy()
    moved.positions[0, 0] += 0.01
    far = atoms.copy()
    far.positions[0, 0] += 0.3
    near_by = np.linalg.norm(descriptor(atoms) - descriptor(moved))
    assert 0 < near_by < 0.2 * np.linalg.norm(descriptor(atoms) - descriptor(far))


def test_selection_prefers_disagreement_and_spans_energies(sampled):
    chosen = select(sampled, POTENTIALS, 16)
    assert len(chosen) == 16
    spread = np.std(predictions(sampled, POTENTIALS), axis=0)
    assert np.mean([frame.info["disagreement"] for frame in chosen]) > 1.3 * spread.mean()
    energies = np.array([frame.info["surrogate_energy"] for frame in sampled])
    picked = np.array([frame.info["surrogate_energy"] for frame in chosen])
    for low, high in zip(np.quantile(energies, [0, 0.25, 0.5, 0.75]), np.quantile(energies, [0.25, 0.5, 0.75, 1.0])):
        assert ((picked >= low) & (picked <= high)).sum() >= 2


def test_what_is_known_is_not_chosen_and_nothing_twice(sampled):
    known = sampled[:40]
    rest = select(sampled + sampled[40:50], POTENTIALS, 1000, known=known)

    def key(frame):
        return tuple(np.round(descriptor(frame), 9))

    keys = [key(frame) for frame in rest]
    assert len(set(keys)) == len(keys) == len({key(frame) for frame in sampled} - {key(frame) for frame in known})


def test_agreement_is_worth_nothing(sampled):
    same = [published("cleri-rosato"), published("cleri-rosato")]
    assert select(sampled[:10], same, 5) == []


def test_the_frames_themselves_are_left_alone(sampled):
    select(sampled, POTENTIALS, 3)
    assert all("disagreement" not in frame.info for frame in sampled)


def test_bad_input():
    with pytest.raises(InputError, match="no frames"):
        select([], POTENTIALS, 3)
    with pytest.raises(InputError, match="two potentials"):
        select([bulk("Cu")], POTENTIALS[:1], 3)

"""The structures that are labelled: every family, nothing twice, volumes that scale with the element."""

import collections

import numpy as np

from srlab.curation import campaign
from srlab.potentials import load_potential
from srlab.sampling.crystals import COPPER_A, equations_of_state


def test_every_kind_of_crystal_is_there():
    frames = [frame for family in campaign.crystal_families() for frame in family]
    count = collections.Counter(frame.info["family"] for frame in frames)
    assert set(count) == {
        "eos",
        "path",
        "strained",
        "rattled",
        "stacking",
        "surface",
        "vacancy",
        "interstitial",
        "molecule",
    }
    assert len(frames) > 250 and max(map(len, frames)) <= 16
    assert {frame.info["kind"] for frame in frames if frame.info["family"] == "molecule"} >= {"dimer", "trimer"}


def test_another_element_has_the_same_crystals_at_its_own_size():
    copper, silver = (
        campaign.crystal_families(element, a, small=True) for element, a in (("Cu", COPPER_A), ("Ag", 4.15))
    )
    pairs = [pair for ours, theirs in zip(copper, silver) for pair in zip(ours, theirs) if pair[0].pbc.all()]
    ratios = [b.get_volume() / a.get_volume() for a, b in pairs]
    assert len(pairs) > 40 and np.allclose(ratios, (4.15 / COPPER_A) ** 3, rtol=1e-6)
    assert all((b.symbols == "Ag").all() for _, b in pairs)


def test_molecular_dynamics_leaves_the_crystal_and_keeps_its_cell():
    potential = load_potential("cu-sr1")
    (first,) = campaign.molecular_dynamics(potential, seeds=(5,), count=3)
    (again,) = campaign.molecular_dynamics(potential, seeds=(5,), count=3)
    for frame, same in zip(first, again):
        assert np.array_equal(frame.positions, same.positions)
        assert frame.info["family"] == "molecular-dynamics" and "momenta" not in frame.arrays and not frame.constraints
        volume = frame.get_volume() / (COPPER_A**3)
        assert campaign.MD_VOLUMES[0] <= volume <= campaign.MD_VOLUMES[1]
        frame.calc = potential.calculator()
        assert abs(frame.get_forces()).max() > 0.05  # eV/A: no longer on the sites, where forces vanish


def test_nested_ensembles_of_two_seeds_share_no_structure():
    from srlab.datasets.grow import content_key

    committee = [load_potential(name) for name in ("cu-sr1", "cleri-rosato")]
    runs = campaign.nested_ensembles(
        committee[0], seeds=(1, 2), count=5, atoms=2, walkers=12, levels=12, committee=committee
    )
    frames = [frame for run in runs for frame in run]
    assert len({content_key(frame) for frame in frames}) == len(frames) == 10
    assert all(frame.info["sampler"] == "cu-sr1" and frame.info["family"] == "nested-ensemble" for frame in frames)


def test_a_queue_begins_with_the_free_atom_where_nothing_is_known():
    families = [
        equations_of_state(("fcc", "bcc"), (16.0, 17.0), "Al"),
        equations_of_state(("fcc",), (16.0, 18.0), "Al"),
    ]
    queue = campaign.queue_of(families, element="Al")
    assert len(queue[0]) == 1 and not queue[0].pbc.any() and queue[0].info["family"] == "isolated-atom"
    found = collections.Counter((frame.info["kind"], round(frame.get_volume())) for frame in queue[1:])
    assert found == {
        ("fcc", 16): 1,
        ("bcc", 16): 1,
        ("fcc", 17): 1,
        ("bcc", 17): 1,
        ("fcc", 18): 1,
    }  # fcc at 16 was there twice
    known = [frame for frame in queue[1:] if frame.info["kind"] == "fcc"]
    assert {frame.info["kind"] for frame in campaign.queue_of(families, known)} == {"bcc"} and campaign.queue_of(
        families, queue
    ) == []

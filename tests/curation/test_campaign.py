"""The structures that are labelled: every family, the crystal first, nothing twice, volumes as the element wants."""

import collections

import numpy as np
import pytest
from ase.calculators.singlepoint import SinglePointCalculator

from srlab.curation import campaign
from srlab.datasets.identity import content_key
from srlab.datasets.library import load_dataset
from srlab.potentials import load_potential
from srlab.sampling.crystals import COPPER_A, equations_of_state


@pytest.fixture(scope="module")
def known():
    return load_dataset("cu-gpaw", split="all").frames


@pytest.fixture(scope="module")
def copper(known):
    """The queue of copper without its melts, whose sampling takes minutes."""
    return campaign.queue_of(campaign.stages(known=known))


def test_the_queue_of_copper_begins_with_what_decides_the_crystal(copper):
    assert copper[0].info["family"] == "isolated-atom" and not copper[0].pbc.any()
    kinds = [frame.info["kind"] for frame in copper[1:29]]
    assert {"fcc", "hcp", "bcc", "fcc xx +0.02", "fcc xx -0.02", "fcc yz +0.02", "fault 1 in 5 layers"} <= set(kinds)
    early = collections.Counter(frame.info["family"] for frame in copper[1:29])
    assert set(early) == {"eos", "strained", "stacking"} and min(early.values()) >= 5


def test_the_queue_of_copper_has_everything_once(copper, known):
    assert len(copper) > 800 and len({content_key(frame) for frame in copper}) == len(copper)
    assert all(frame.calc is None for frame in copper)
    families = collections.Counter(frame.info["family"] for frame in copper)
    assert families["stacking"] >= 40 and families["phonon"] >= 30
    assert {"surface", "vacancy", "interstitial", "nested-ensemble", "molecular-dynamics", "rattled"} <= set(families)
    # known frames keep their structure, so that old and new labels can be told to be of one
    assert {content_key(frame) for frame in known} <= {content_key(frame) for frame in copper}


def test_a_short_queue_keeps_the_first_stage_whole():
    stages = campaign.stages("Al", 4.04)
    whole, short = campaign.queue_of(stages, "Al"), campaign.queue_of(stages, "Al", count=100)
    first = campaign.queue_of(stages[:1], "Al")
    assert len(short) == 100 and len(whole) > 150
    assert [content_key(frame) for frame in short[: len(first)]] == [content_key(frame) for frame in first]
    assert {frame.info["family"] for frame in short} >= {"surface", "vacancy", "interstitial", "path"}
    assert all((frame.symbols == "Al").all() for frame in whole)


def test_another_element_has_the_same_crystals_at_its_own_size():
    def crystals(element, a):
        families = [family for stage in campaign.stages(element, a) for family in stage]
        return [frame for family in families + campaign.strong_deformations(element, a) for frame in family]

    pairs = [pair for pair in zip(crystals("Cu", COPPER_A), crystals("Ag", 4.15)) if pair[0].info["family"] in SCALED]
    ratios = [b.get_volume() / a.get_volume() for a, b in pairs]
    assert len(pairs) > 100 and np.allclose(ratios, (4.15 / COPPER_A) ** 3, rtol=1e-6)


SCALED = ("eos", "path", "strained", "stacking")


def test_known_frames_lose_their_labels_and_the_near_ones_come_first():
    frames = equations_of_state(("fcc",), (12.0, 16.0, 9.0))
    for frame, energy in zip(frames, (-3.5, -3.3, -2.9)):
        frame.calc = SinglePointCalculator(frame, energy=energy, forces=np.zeros((1, 3)))
        frame.info["dft_settings"] = "CODE"
    *_, near, far, disordered = campaign.stages(known=frames)
    assert [[frame.get_volume() for frame in family] for family in (*near, *far)] == [
        pytest.approx([12.0, 16.0]),
        pytest.approx([9.0]),
    ]
    assert disordered == [] and near[0][0].info == {"family": "eos", "kind": "fcc"} and near[0][0].calc is None


def test_molecular_dynamics_leaves_the_crystal_and_keeps_its_cell():
    potential = load_potential("cu-sr1")
    first = campaign.molecular_dynamics(potential, seed=5, count=1)
    again = campaign.molecular_dynamics(potential, seed=5, count=1)
    for frame, same in zip(first, again):
        assert np.array_equal(frame.positions, same.positions)
        assert frame.info["family"] == "molecular-dynamics" and "momenta" not in frame.arrays and not frame.constraints
        volume = frame.get_volume() / (COPPER_A**3)
        assert campaign.MD_VOLUMES[0] <= volume <= campaign.MD_VOLUMES[1]
        frame.calc = potential.calculator()
        assert abs(frame.get_forces()).max() > 0.05  # eV/A: no longer on the sites, where forces vanish


def test_melts_span_the_energies_and_quench_to_lower_ones():
    potential = load_potential("cu-sr1")
    melt = campaign.nested_ensembles(potential, atoms=3, seed=1, count=6, walkers=12, levels=12)
    energies = [frame.info["surrogate_energy"] for frame in melt]
    assert len(melt) == 6 and energies == sorted(energies, reverse=True) and energies[0] - energies[-1] > 0.1
    assert all(frame.info["sampler"] == "cu-sr1" and frame.info["family"] == "nested-ensemble" for frame in melt)
    for liquid, glass in zip(melt[:2], campaign.quenched(melt[:2], potential)):
        assert glass.info["family"] == "amorphous" and glass.info["seed"] == 1 and np.allclose(glass.cell, liquid.cell)
        for frame in (liquid, glass):
            frame.calc = potential.calculator()
        assert glass.get_potential_energy() <= liquid.get_potential_energy()


def test_a_structure_that_is_there_twice_is_queued_once():
    families = [
        equations_of_state(("fcc", "bcc"), (16.0, 17.0), "Al"),
        equations_of_state(("fcc",), (16.0, 18.0), "Al"),
    ]
    queue = campaign.queue_of([families], "Al")
    assert len(queue[0]) == 1 and not queue[0].pbc.any() and queue[0].info["family"] == "isolated-atom"
    found = collections.Counter((frame.info["kind"], round(frame.get_volume())) for frame in queue[1:])
    assert found == {("fcc", 16): 1, ("bcc", 16): 1, ("fcc", 17): 1, ("bcc", 17): 1, ("fcc", 18): 1}

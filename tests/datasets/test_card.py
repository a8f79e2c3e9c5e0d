"""The card of a set whose labels are still being made, and what it says of the crystal."""

import numpy as np
import pytest
from ase.calculators.singlepoint import SinglePointCalculator

from srlab.datasets import Dataset
from srlab.datasets.card import QUEUED, card_markdown, make_card
from srlab.potentials import load_potential
from srlab.sampling import crystals

A = 3.613  # angstrom, the crystal of the potential


@pytest.fixture(scope="module")
def frames():
    potential, volume = load_potential("cleri-rosato"), A**3 / 4
    found = crystals.equations_of_state(
        ("fcc", "hcp"), volume * np.linspace(0.92, 1.08, 5), cell=crystals.conventional
    ) + crystals.strains("fcc", volume, (0.02,))
    for atoms in found:
        work = atoms.copy()
        work.calc = potential.calculator()
        atoms.calc = SinglePointCalculator(
            atoms, energy=work.get_potential_energy(), forces=work.get_forces(), stress=work.get_stress()
        )
    return found


def test_an_unfinished_set_says_how_far_it_is(frames):
    name, queued = next(iter(QUEUED.items()))
    card = make_card(Dataset.from_frames(frames, name))
    assert f"Unfinished: {len(frames) + 1} of {queued} structures" in card_markdown(card)
    assert "Unfinished" not in card_markdown(make_card(Dataset.from_frames(frames, "another")))


def test_the_card_states_the_crystal(frames):
    card = make_card(Dataset.from_frames(frames, "set"))
    c11 = card["crystal"]["elastic_constants"]["C11"]
    assert c11 == pytest.approx(178.4, abs=2) and f"C11 {c11:.0f}, C12" in card_markdown(card)
    assert "lattice constant 3.613 angstrom" in card_markdown(card) and "meV/atom: hcp" in card_markdown(card)
    without = make_card(Dataset.from_frames([frame for frame in frames if frame.info["family"] == "eos"], "set"))
    assert without["crystal"] is None and "Fcc as these labels" not in card_markdown(without)

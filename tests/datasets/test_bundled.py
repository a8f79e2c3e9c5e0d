"""The copper set that comes with srlab, and its card."""

import json

import numpy as np
import pytest
from ase.eos import EquationOfState

from srlab.datasets import bundled_names
from srlab.datasets.card import card_markdown, make_card
from srlab.datasets.identity import content_key
from srlab.datasets.library import DATA, bundled_path
from tests.bundled import bundled


@pytest.fixture(scope="module")
def data():
    return bundled("cu-gpaw")


def test_it_is_copper_at_one_setting(data):
    assert "cu-gpaw" in bundled_names()
    assert data.element == "Cu" and len(data.frames) >= 600
    assert len({frame.info["dft_settings"] for frame in data.frames}) == 1
    assert {"nested-ensemble", "rattled", "eos"} <= set(data.families)


def test_both_parts_of_the_split_span_the_energies(data):
    per_atom = [data.energies(part) / [len(frame) for frame in part] for part in (data.train, data.test)]
    assert 0.22 < len(data.test) / len(data.frames) < 0.28
    for quantile in (0.1, 0.5, 0.9):
        assert np.quantile(per_atom[0], quantile) == pytest.approx(np.quantile(per_atom[1], quantile), abs=0.08)


@pytest.mark.parametrize(
    "name, a0, cohesive, bulk_modulus", [("al-gpaw", 4.04, 3.35, 77.0), ("ag-gpaw", 4.15, 2.53, 91.0)]
)
def test_the_other_elements_have_the_crystal_of_pbe(name, a0, cohesive, bulk_modulus):
    """Lattice constant, cohesive energy and bulk modulus (angstrom, eV/atom, GPa) from the few fcc cells of the
    equation of state, at one setting."""
    data = bundled(name)
    assert len({frame.info["dft_settings"] for frame in data.frames}) == 1
    assert {"nested-ensemble", "eos", "path", "strained", "rattled", "surface", "vacancy"} <= set(data.families)
    fcc = [
        (frame.get_volume(), energy)
        for frame, energy, family in zip(data.frames, data.energies(), data.families)
        if family == "eos" and frame.info["kind"] == "fcc" and 0.8 < 4 * frame.get_volume() / a0**3 < 1.25
    ]
    volume, energy, modulus = EquationOfState(*zip(*fcc), eos="birchmurnaghan").fit()
    assert (4 * volume) ** (1 / 3) == pytest.approx(a0, abs=0.03)
    assert -energy == pytest.approx(cohesive, abs=0.03) and modulus * 160.2177 == pytest.approx(bulk_modulus, rel=0.2)


def test_isolated_atom(data):
    # science: -0.204 eV in a 10 angstrom cube, spin-polarised, 0.1 eV smearing
    assert data.isolated_atom_energy == pytest.approx(-0.204, abs=0.002)


def test_forces_add_up_to_nothing(data):
    for index, frame in enumerate(data.frames):
        assert abs(frame.get_forces().sum(axis=0)).max() < 0.02, index


def test_no_structure_twice(data):
    keys = [content_key(frame) for frame in data.frames]
    assert len(set(keys)) == len(keys)


def test_fcc_equation_of_state_is_that_of_pbe_copper(data):
    """a0 3.643 angstrom, B0 138.7 GPa and cohesive energy 3.47 eV at these settings, within what k points allow.

    The grid changes with the volume, which moves single energies by up to 3 meV/atom and the fitted a0 by about 0.02
    angstrom.
    """
    fcc = [
        (frame.get_volume(), energy)
        for frame, energy, family in zip(data.frames, data.energies(), data.families)
        if family == "eos" and frame.info["kind"] == "fcc" and 10.0 < frame.get_volume() < 14.5
    ]
    volume, energy, bulk_modulus = EquationOfState(*zip(*fcc), eos="birchmurnaghan").fit()
    assert (4 * volume) ** (1 / 3) == pytest.approx(3.643, abs=0.02)
    assert energy == pytest.approx(-3.46, abs=0.02)
    assert bulk_modulus * 160.2177 == pytest.approx(138.7, abs=15)


@pytest.mark.parametrize("name", bundled_names())
def test_card_agrees_with_the_data(name):
    data, card = bundled(name), json.loads((DATA / f"{name}.json").read_text())
    assert card == json.loads(json.dumps(make_card(data))), "renew it: python -m srlab.datasets.card"
    assert card_markdown(card) in (DATA / "README.md").read_text()
    assert sum(family["frames"] for family in card["families"].values()) == card["frames"] == len(data.frames)


def test_extremes_are_a_set_of_their_own(data):
    """No squared loss on the condensed set is decided by a dimer; both sets have one setting and one free atom."""
    extreme = bundled("cu-gpaw-extreme")
    lowest = min(energy / len(frame) for energy, frame in zip(data.energies(), data.frames))
    for frame, energy in zip(data.frames, data.energies()):
        assert frame.pbc.any() and energy / len(frame) < lowest + 2.0
    for frame, energy in zip(extreme.frames, extreme.energies()):
        assert not frame.pbc.any() or energy / len(frame) > lowest + 2.0
    assert extreme.isolated_atom_energy == data.isolated_atom_energy
    assert {frame.info["dft_settings"] for frame in extreme.frames} == {
        frame.info["dft_settings"] for frame in data.frames
    }
    assert all(
        energy < 0 for energy, family in zip(extreme.energies(), extreme.families) if family == "molecule"
    )  # bound


def test_it_is_small():
    assert sum(bundled_path(name).stat().st_size for name in bundled_names()) < 6e6


@pytest.mark.parametrize(
    "name, frames, fingerprint", [("cu-gpaw-v1", 195, "ccdeb9f63e6d9135"), ("cu-gpaw-v2", 591, "413d37a37c6f4e2c")]
)
def test_releases_in_which_something_was_found_are_still_there(name, frames, fingerprint):
    first, now = bundled(name), bundled("cu-gpaw")
    assert (
        first.fingerprint == fingerprint
        and len(first.frames) == frames
        and first.isolated_atom_energy == now.isolated_atom_energy
    )
    assert len(now.frames) > len(first.frames)


def test_there_are_600_labels_of_one_setting_and_of_every_kind():
    sets = [bundled(name) for name in ("cu-gpaw", "cu-gpaw-extreme")]
    frames = [frame for dataset in sets for frame in dataset.frames]
    assert len(frames) >= 600 and len({frame.info["dft_settings"] for frame in frames}) == 1
    assert {1, 16} <= set(map(len, frames)) and max(map(len, frames)) == 16
    families = {name for dataset in sets for name in dataset.families}
    assert families >= {
        "nested-ensemble",
        "molecular-dynamics",
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
    assert {
        str(f.info.get("round", "")) for f, name in zip(sets[0].frames, sets[0].families) if name == "nested-ensemble"
    } >= {"2", "3", "4", "5", "6"}

"""Errors on labelled frames, on numbers that can be checked by hand."""

from types import SimpleNamespace

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write

from srlab import evaluate, load_potential
from srlab.datasets import Dataset
from srlab.errors import InputError
from srlab.potentials.published import published

ENERGY_SHIFTS = np.array([0.010, -0.002, 0.004])  # eV/atom
FORCE_SHIFT = 0.05  # eV/A on one component of the first atom of each frame


def labelled(potential, common=0.0):
    """Three frames labelled with the potential's own results, shifted by known amounts."""
    frames = []
    for seed, shift in enumerate(ENERGY_SHIFTS):
        atoms = bulk("Cu", "fcc", 3.6, cubic=True)
        atoms.rattle(0.05, seed=seed)
        atoms.calc = potential.calculator()
        energy, forces = atoms.get_potential_energy() - (shift + common) * len(atoms), atoms.get_forces()
        forces[0, 1] -= FORCE_SHIFT
        atoms.calc = SinglePointCalculator(atoms, energy=energy, forces=forces)
        frames.append(atoms)
    return frames


def test_known_errors_come_back_in_the_right_units():
    potential = published("cleri-rosato")
    calls = []
    result = evaluate(potential, labelled(potential), progress=lambda done, n: calls.append((done, n)))
    assert result["energy_mae"] == pytest.approx(16.0 / 3.0, abs=1e-9)
    assert result["energy_rmse"] == pytest.approx(1e3 * np.sqrt((ENERGY_SHIFTS**2).mean()), abs=1e-9)
    assert result["force_mae"] == pytest.approx(50.0 / 12.0, abs=1e-9)
    assert result["force_rmse"] == pytest.approx(50.0 / np.sqrt(12.0), abs=1e-9)
    assert (result["n_frames"], result["n_atoms"], result["energy_offset"]) == (3, 12, 0.0)
    assert calls == [(1, 3), (2, 3), (3, 3)]


def test_fit_offset_takes_off_the_median():
    potential = published("cleri-rosato")
    result = evaluate(potential, labelled(potential, common=0.8), fit_offset=True)
    assert result["energy_offset"] == pytest.approx(804.0, abs=1e-9)
    assert result["energy_mae"] == pytest.approx((6.0 + 6.0 + 0.0) / 3.0, abs=1e-9)


def test_isolated_atom_energy_of_the_data_set():
    """Labels of a data set are raw; its isolated-atom energy makes them comparable."""
    potential = published("cleri-rosato")
    dataset = SimpleNamespace(frames=labelled(potential, common=-0.2), isolated_atom_energy=0.2)
    assert evaluate(potential, dataset)["energy_mae"] == pytest.approx(16.0 / 3.0, abs=1e-9)


def test_energies_of_another_zero_are_said_to_be():
    """A shift of 0.8 eV/atom over a scatter of 4 meV/atom; 4 meV/atom off alone is an error like any other."""
    potential = published("cleri-rosato")
    (said,) = evaluate(potential, labelled(potential, common=0.8))["notes"]
    assert "+0.804 eV/atom" in said and "--fit-offset" in said and "leaves 4.0 meV/atom" in said
    assert evaluate(potential, labelled(potential))["notes"] == []
    assert evaluate(potential, labelled(potential, common=0.8), fit_offset=True)["notes"] == []


def test_a_data_set_without_an_isolated_atom_is_said_to_be():
    potential = published("cleri-rosato")
    data = Dataset.from_frames(labelled(potential), split="all")
    assert "no isolated atom" in evaluate(potential, data)["notes"][0]
    known = Dataset.from_frames(labelled(potential), split="all", isolated_atom_energy=0.0)
    assert evaluate(potential, known)["notes"] == []


def test_frames_that_cannot_be_used_are_named():
    potential = published("cleri-rosato")
    frames = labelled(potential)
    frames[1].calc = None
    with pytest.raises(InputError, match="frame 1 has no energy"):
        evaluate(potential, frames)
    frames[1].calc = SinglePointCalculator(frames[1], energy=-3.0)
    with pytest.raises(InputError, match="frame 1 has no forces"):
        evaluate(potential, frames)
    frames[1].calc = SinglePointCalculator(frames[1], energy=np.nan, forces=np.zeros((4, 3)))
    with pytest.raises(InputError, match="frame 1 has .* not finite"):
        evaluate(potential, frames)
    frames[1] = Atoms("Al", calculator=frames[0].calc)
    with pytest.raises(InputError, match="frame 1: atom 0 is Al"):
        evaluate(potential, frames)
    with pytest.raises(InputError, match="no frames"):
        evaluate(potential, [])


def test_parts_of_a_data_set_add_up():
    """Near and far from equilibrium, and the families, are the same frames counted in two ways."""
    from srlab.datasets import load_dataset

    dataset = load_dataset("cu-gpaw", split="all")
    result = evaluate(load_potential("cu-sr1"), dataset)
    near, far = result["near_equilibrium"], result["far_from_equilibrium"]
    assert (
        near["n_frames"] == dataset.near_equilibrium().sum() > 0
        and near["n_frames"] + far["n_frames"] == result["n_frames"]
    )
    assert near["energy_mae"] < far["energy_mae"]
    for parts in ((near, far), tuple(result["families"].values())):
        total = sum(part["energy_mae"] * part["n_frames"] for part in parts) / result["n_frames"]
        assert total == pytest.approx(result["energy_mae"], rel=1e-12)
        assert sum(part["force_mae"] * part["n_atoms"] for part in parts) / result["n_atoms"] == pytest.approx(
            result["force_mae"], rel=1e-12
        )


def test_a_part_without_frames_has_no_errors():
    from srlab.potentials.residuals import residuals

    found = residuals(published("cleri-rosato"), labelled(published("cleri-rosato")))
    assert found.errors(np.zeros(3, bool)) == {
        "energy_mae": None,
        "energy_rmse": None,
        "force_mae": None,
        "force_rmse": None,
        "n_frames": 0,
        "n_atoms": 0,
    }
    assert found.force_errors * 1e3 == pytest.approx([50.0 / 12.0] * 3)


def test_names_and_files_are_taken_as_everywhere_else(tmp_path):
    frames = labelled(published("cleri-rosato"))
    write(tmp_path / "frames.extxyz", frames)
    by_name = evaluate("cleri-rosato", str(tmp_path / "frames.extxyz"))
    assert by_name["energy_mae"] == pytest.approx(evaluate(published("cleri-rosato"), frames)["energy_mae"], abs=1e-5)
    assert evaluate("cleri-rosato", [tmp_path / "frames.extxyz"])["n_frames"] == len(frames)
    for arguments, words in [(("cleri", "cu-gpaw"), "no potential 'cleri'"), (("gp1", "cu-gpau"), "cu-gpau: no such")]:
        with pytest.raises(InputError, match=words):
            evaluate(*arguments)
    with pytest.raises(InputError, match="no frames"):
        evaluate("cleri-rosato", [])

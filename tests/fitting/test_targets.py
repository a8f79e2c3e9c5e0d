"""Property targets: rows against validated properties, the Jacobian, and a refit that follows a target."""

from dataclasses import replace

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator

from srlab.datasets import Dataset
from srlab.datasets.weights import FrameWeights
from srlab.errors import InputError
from srlab.fitting import varpro
from srlab.fitting.objective import Objective
from srlab.fitting.targets import TargetCrystal, check_targets, tolerances
from srlab.fitting.varpro import refine
from srlab.potentials.taper import Smoothstep
from srlab.search.search import Search
from srlab.search.settings import SearchSettings
from srlab.templates import Model
from srlab.validation.crystal import relaxed_crystal, stresses
from srlab.validation.properties.elastic import elastic_cells, elastic_constants, stiffness_columns
from tests.fitting.conftest import potential

TOLERANCES = tolerances("fcc")
SUTTON_CHEN = {"pair": "2736.0*exp(-3.541*r)", "density": "exp(-2.102*r)", "embedding": "-24.86*sqrt(rho)"}
BOUND = {  # potentials with a minimum for each structure
    **{structure: Model.parse(SUTTON_CHEN) for structure in ("bcc", "hcp")},
    "diamond": Model.parse({**SUTTON_CHEN, "pair": "1500.0*exp(-3.2*r)"}),
}


def with_targets(frames, targets, **weights):
    return Objective(
        frames,
        [atoms.get_potential_energy() for atoms in frames],
        6.0,
        Smoothstep(4.5, 6.0),
        targets=targets,
        **weights,
    )


def zero_pressure(model):
    """Lattice constant (angstrom) by bisection of the pressure."""
    calculator, low, high = potential(model).calculator(), 3.2, 4.2
    for _ in range(40):
        middle = 0.5 * (low + high)
        low, high = (
            (middle, high) if stresses(calculator, [bulk("Cu", "fcc", middle)])[0][:3].mean() < 0 else (low, middle)
        )
    return middle


def values(objective, model):
    """Properties in their units from the rows of an objective with weights of one."""
    energies = crystal_energies(objective, model)
    return objective.target_matrix @ energies * np.array(list(TOLERANCES.values()))


def test_rows_are_the_validated_properties(frames, truth):
    a0 = zero_pressure(truth)
    objective = with_targets(frames, [(name, a0 if name == "lattice_constant" else 0.0, 1.0) for name in TOLERANCES])
    got = dict(zip(TOLERANCES, values(objective, truth)))
    calculator = potential(truth).calculator()
    expected = elastic_constants(stresses(calculator, elastic_cells(bulk("Cu", "fcc", a0))))
    for name, value in expected.items():
        assert got[name] == pytest.approx(value, rel=0.02), name
    assert got["bulk_modulus"] == pytest.approx((expected["c11"] + 2 * expected["c12"]) / 3, rel=0.02)
    assert abs(got["lattice_constant"]) < 0.3
    fcc = bulk("Cu", "fcc", a0)
    fcc.calc = calculator
    assert got["cohesive_energy"] == pytest.approx(-fcc.get_potential_energy(), abs=1e-3)
    bcc = bulk("Cu", "bcc", a0 / 2 ** (1 / 3))
    bcc.calc = calculator
    assert got["energy_bcc_fcc"] == pytest.approx(
        1e3 * (bcc.get_potential_energy() - fcc.get_potential_energy()), abs=0.5
    )


@pytest.mark.parametrize("structure", ["bcc", "hcp", "diamond"])
def test_other_crystals_have_rows_of_their_own(frames, structure):
    """Against stresses of strained cells of the same potential, atoms where the strain puts them."""
    model = BOUND[structure]
    made = replace(potential(model), element="Cu")
    crystal = relaxed_crystal(made, structure=structure)
    known = tolerances(structure)
    size = {"lattice_constant": crystal.lattice_constant, "c_over_a": crystal.c_over_a}
    targets = [(name, size.get(name, 0.0), 1.0) for name in known]
    energies = [atoms.get_potential_energy() for atoms in frames]
    objective = with_targets(frames, targets, crystal=TargetCrystal.of(targets, structure, frames, energies))
    predicted = crystal_energies(objective, model)
    got = dict(zip(known, objective.target_matrix @ predicted * np.array(list(known.values()))))
    cell = crystal.primitive()
    columns = stiffness_columns(stresses(made.calculator(), elastic_cells(cell, components=(0, 2, 3))))
    expected = {"c44": columns[3, 2], "bulk_modulus": columns[:3, 0].sum() / 3.0}
    if structure == "hcp":
        expected |= {"c13": columns[0, 1], "c33": columns[2, 1]}
        expected["bulk_modulus"] = (2.0 * columns[:3, 0].sum() + columns[:3, 1].sum()) / 9.0
    else:
        expected |= {"c11": columns[0, 0], "c12": columns[1, 0]}
    for name in expected.keys() & known.keys():
        assert got[name] == pytest.approx(expected[name], rel=0.02, abs=1.0), name
    assert {"c11", "c12"}.isdisjoint(known) == (structure == "hcp") and ("c44" in known) == (structure != "diamond")
    assert all(abs(got[name]) < 0.3 for name in size if name in known)
    assert got["cohesive_energy"] == pytest.approx(-crystal.energy, abs=1e-3)


def test_a_target_acts_on_the_crystal_of_the_data(tmp_path):
    """The volume is that of the lowest frame, whatever its structure."""
    cells = [bulk("W", "bcc", a, cubic=True) for a in (3.18, 3.3, 3.0)]
    for energy, atoms in enumerate(cells):
        atoms.calc = SinglePointCalculator(atoms, energy=energy - 10.0, forces=np.zeros((2, 3)))
    crystal = TargetCrystal.of([], "bcc", cells, [-10.0, -9.0, -8.0])
    assert crystal.lattice_constant == pytest.approx(3.18) and crystal.structure == "bcc"
    search = Search(Dataset.from_frames(cells, split="all"), tmp_path / "run", targets=[("energy_fcc_bcc", 480.0, 1.0)])
    assert search.settings.crystal == "bcc" and Search.attach(tmp_path / "run").settings == search.settings
    with pytest.raises(InputError, match="none of bcc"):
        search.steer(targets=[("energy_hcp_fcc", 7.0, 1.0)])


@pytest.mark.parametrize("weights", [{}, {"stress_weight": 0.3}])
def test_the_jacobian_and_the_losses_agree_with_the_rows(frames, truth, weights):
    objective = with_targets(
        frames, [("c44", 90.0, 2.0), ("cohesive_energy", 3.5, 1.0), ("energy_hcp_fcc", 8.0, 1.0)], **weights
    )
    split = varpro.Split(truth, frozenset({("pair", 0), ("embedding", 0)}))
    point = varpro.project(objective, truth, split)
    assert objective.losses([point.model])[0] == pytest.approx(point.loss, rel=1e-6)
    jacobian = varpro.nonlinear_jacobian(objective, point, split)

    def rows(position, step):
        moved = truth.constants
        moved[position] += step
        other = varpro.project(objective, truth.with_constants(moved), split)
        return objective.target - other.residual - other.columns[:, 0] * other.model.offset

    for column, (position, _, _) in enumerate(split.nonlinear):
        numeric = (rows(position, 1e-5) - rows(position, -1e-5)) / 2e-5
        np.testing.assert_allclose(
            jacobian[-3:, column], numeric[-3:], rtol=1e-3, atol=1e-3 * np.abs(numeric[-3:]).max()
        )


def test_a_refit_follows_a_target(frames, truth):
    def c44(targets):
        return values_of_c44(frames, refine(with_targets(frames, targets), truth, 60).model)

    free = c44([])
    wanted = 0.8 * free
    assert abs(c44([("c44", wanted, 5.0)]) - wanted) < 0.5 * abs(free - wanted)


def crystal_energies(objective, model):
    """Of the crystals of the targets, eV/atom."""
    energies = objective._predict_block([model], np.float64)[0][:, 0] / objective.table.counts
    return energies[objective.n_frames :]


def values_of_c44(frames, model):
    objective = with_targets(frames, [("c44", 0.0, 1.0)])
    energies = crystal_energies(objective, model)
    return float((objective.target_matrix @ energies)[0] * TOLERANCES["c44"])


def test_the_frames_of_targets_enter_nothing_else(frames, objective, truth):
    other = with_targets(frames, [("c44", 76.0, 1.0)])
    assert [part.shape for part in other.predict([truth])] == [part.shape for part in objective.predict([truth])]
    assert other.errors(truth).force_mae == pytest.approx(objective.errors(truth).force_mae, abs=0.1)
    np.testing.assert_array_equal(other.energy_errors.scale, objective.energy_errors.scale)
    np.testing.assert_array_equal(other.force_scale, objective.force_scale)


def test_the_best_offset_minds_the_targets(frames, truth):
    objective = with_targets(
        frames, [("cohesive_energy", 5.0, 3.0)], frame_weights=FrameWeights(np.linspace(1, 2, 12), np.ones(12))
    )
    best = objective.best_offset(truth)
    model = refine(objective, truth, 0, frozen=frozenset({("pair", 0), ("embedding", 0)})).model
    assert model.offset == pytest.approx(best, rel=1e-9) and abs(best) > 1e-3


@pytest.mark.parametrize(
    "targets, message",
    [
        ([("c45", 1, 1)], "unknown"),
        ([("c44", 1, 0)], "above zero"),
        ([("c44", float("nan"), 1)], "finite"),
        ([("c44", 1, 1), ("c44", 2, 1)], "twice"),
        ([("lattice_constant", 1, 1)], "between"),
        ([("c44",)], "a name"),
        ([("c_over_a", 1.6, 1.0)], "none of fcc"),
    ],
)
def test_what_cannot_be_a_target(targets, message):
    with pytest.raises(InputError, match=message):
        check_targets(targets)


@pytest.mark.parametrize(
    "given",
    [
        ["c44=76", "lattice_constant=3.643:2"],
        [("c44", 76), ["lattice_constant", 3.643, 2]],
        [("c44", 76.0, 1.0), "lattice_constant = 3.643:2"],
    ],
)
def test_targets_are_taken_as_a_person_writes_them(given):
    assert check_targets(given) == (("c44", 76.0, 1.0), ("lattice_constant", 3.643, 2.0))
    settings = SearchSettings(targets=given)
    assert SearchSettings.from_json(settings.to_json()) == settings
    assert check_targets("c44=76") == check_targets({"c44": 76}) == (("c44", 76.0, 1.0),)

"""Cohesive energies by arithmetic: E(atom) - E(crystal), where there is an E(atom)."""

from dataclasses import replace

import numpy as np
import pytest

from srlab.potentials import Potential
from srlab.potentials.cohesion import cohesive_energy
from srlab.potentials.published import published
from srlab.potentials.serialise import potential_from_json, potential_to_json
from srlab.potentials.table import CubicTable, ScaledTable


def table(at_zero):
    """A table whose F is `at_zero` - rho."""
    r = np.linspace(0.0, 5.0, 51)
    fade = np.clip(1.0 - r / 5.0, 0.0, None) ** 3
    return Potential(
        "table",
        "Cu",
        {
            "pair": ScaledTable(CubicTable(0.0, 0.1, fade), -1),
            "density": CubicTable(0.0, 0.1, fade),
            "embedding": CubicTable(0.0, 0.5, at_zero - 0.5 * np.arange(40)),
        },
        cutoff=5.0,
    )


def test_a_table_is_measured_from_its_own_lone_atom():
    assert table(-1.5).atom_energy == -1.5
    assert cohesive_energy(table(-1.5), -5.0) == (3.5, None)
    assert cohesive_energy(table(0.0), -5.0) == (5.0, None)


def test_a_formula_is_on_the_scale_of_its_data():
    potential = published("sutton-chen")
    assert cohesive_energy(potential, -3.5) == (3.5, None)
    assert cohesive_energy(replace(potential, offset=-0.2), -3.5) == (3.5, None)
    assert cohesive_energy(None, -3.5) == (3.5, None)


def test_without_an_isolated_atom_there_is_none():
    fitted = replace(published("sutton-chen"), offset=-2.3, atomic_scale=False)
    value, why = cohesive_energy(fitted, -5.78)
    assert value is None and "no isolated atom" in why
    again = potential_from_json(potential_to_json(fitted))
    assert cohesive_energy(again, -5.78) == (None, why)


def test_a_form_that_is_not_defined_for_a_lone_atom():
    value, why = cohesive_energy(published("gp1"), -3.5)  # 0.97/rho
    assert value is None and "no finite energy" in why


@pytest.mark.parametrize("scale", [True, False])
def test_a_candidate_remembers_its_data(scale):
    from srlab.potentials.candidate import Candidate

    fields = dict(
        id="1",
        element="Cu",
        template="eam",
        formulas={"pair": "exp(-r)", "density": "exp(-r)", "embedding": "-sqrt(rho)"},
        offset=0.0,
        cutoff=6.0,
        taper_start=4.5,
        complexity=8,
        n_constants=0,
        loss=0.1,
        energy_mae=1.0,
        force_mae=1.0,
        test_energy_mae=None,
        test_force_mae=None,
    )
    candidate = Candidate.from_json(Candidate(**fields, atomic_scale=scale).to_json())
    assert candidate.potential().atomic_scale is scale and candidate.potential().structure is None
    assert Candidate.from_json(fields).atomic_scale  # of journals from before

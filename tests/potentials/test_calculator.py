"""The ASE calculator on every kind of cell, and what it refuses."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111
from ase.calculators.lj import LennardJones

from srlab.errors import InputError
from srlab.loading import load_potential
from srlab.neighbours import neighbour_pairs
from srlab.potentials.calculator import densities, density_range, energies_forces_virial
from srlab.potentials.potential import Potential
from srlab.potentials.published import published
from srlab.potentials.taper import NoTaper, Smoothstep


class Shifted:
    """Lennard-Jones pair with the shift of ASE's own calculator, as an analytic stand-in."""

    def derivatives(self, r):
        s6 = (2.3 / r) ** 6
        shift = 4 * 0.4 * ((2.3 / 5.0) ** 12 - (2.3 / 5.0) ** 6)
        return 1.6 * (s6**2 - s6) - shift, 1.6 * (-12 * s6**2 + 6 * s6) / r, 1.6 * (156 * s6**2 - 42 * s6) / r**2


def test_pair_part_is_ases_lennard_jones(rattled):
    """The same pair potential through ASE's calculator: energies of atoms, forces and stress."""
    potential = Potential("lj", "Cu", {"pair": Shifted()}, cutoff=5.0)
    ours, theirs = rattled.copy(), rattled.copy()
    ours.calc, theirs.calc = potential.calculator(), LennardJones(sigma=2.3, epsilon=0.4, rc=5.0)
    assert ours.get_potential_energies() == pytest.approx(theirs.get_potential_energies(), abs=1e-12)
    assert ours.get_forces() == pytest.approx(theirs.get_forces(), abs=1e-12)
    assert ours.get_stress() == pytest.approx(theirs.get_stress(), abs=1e-13)


def test_energy_of_a_dimer_by_hand():
    r = 2.4
    atoms = Atoms("Cu2", positions=[[0, 0, 0], [0, 0, r]], calculator=published("sutton-chen").calculator())
    expected = 0.012382 * (3.61 / r) ** 9 - 2 * 0.012382 * 39.432 * np.sqrt((3.61 / r) ** 6)
    assert atoms.get_potential_energy() == pytest.approx(expected, abs=1e-12)
    assert atoms.get_potential_energy(force_consistent=True) == atoms.get_potential_energy()


def test_energy_does_not_depend_on_the_cell_chosen():
    """One atom, its cubic cell, and a 3x3x3 block, all smaller or larger than the cutoff of 9 A, have the same
    energy per atom."""
    calculator = published("sutton-chen").calculator()
    energies = []
    for atoms in (bulk("Cu", "fcc", 3.6), bulk("Cu", "fcc", 3.6, cubic=True), bulk("Cu", "fcc", 3.6) * (6, 6, 6)):
        atoms.calc = calculator
        energies.append(atoms.get_potential_energy() / len(atoms))
    assert np.ptp(energies) < 1e-12


def test_free_cluster_equals_the_same_cluster_in_a_huge_box():
    cluster = Atoms(
        "Cu5", positions=np.random.default_rng(3).uniform(-3, 3, (5, 3)) + np.arange(5)[:, None] * [1.5, 0, 0]
    )
    boxed = cluster.copy()
    boxed.set_cell([60, 60, 60])
    boxed.center()
    boxed.pbc = True
    for atoms in (cluster, boxed):
        atoms.calc = published("cleri-rosato").calculator()
    assert cluster.get_potential_energy() == pytest.approx(boxed.get_potential_energy(), abs=1e-12)
    assert cluster.get_forces() == pytest.approx(boxed.get_forces(), abs=1e-12)
    assert "stress" not in cluster.calc.results


def test_slab_periodic_in_two_directions():
    slab = fcc111("Cu", (2, 2, 3), a=3.6, vacuum=10.0)
    slab.rattle(0.05, seed=2)
    free, boxed = slab.copy(), slab.copy()
    free.cell[2] = 0.0  # no third vector at all
    free.pbc, boxed.pbc = (True, True, False), True
    for atoms in (free, boxed):
        atoms.calc = published("gp1").calculator()
    assert free.get_potential_energy() == pytest.approx(boxed.get_potential_energy(), abs=1e-12)
    assert free.get_forces() == pytest.approx(boxed.get_forces(), abs=1e-12)


def test_offset_is_an_energy_per_atom(rattled):
    from dataclasses import replace

    rattled.calc = published("gp1").calculator()
    energy = rattled.get_potential_energy()
    rattled.calc = replace(published("gp1"), offset=-1.25).calculator()
    assert rattled.get_potential_energy() - energy == pytest.approx(-5.0, abs=1e-12)


def test_densities(rattled):
    """Density of the perfect crystal by hand: 12 and 6 neighbours inside 5 A, and 24 at a sqrt(3/2)."""
    a = 3.62
    shells = np.array([a / np.sqrt(2), a, a * np.sqrt(1.5)])
    potential = published("gp1")
    expected = np.array([12, 6, 24]) @ (0.33**shells * potential.taper.derivatives(shells)[0])
    crystal = bulk("Cu", "fcc", a)
    assert densities(potential, crystal) == pytest.approx([expected], abs=1e-12)
    assert densities(published("gp2"), rattled).shape == (4, 2)
    low, high = density_range(potential, [crystal, rattled])
    assert low <= expected <= high and high > low


def test_wrong_element_is_named():
    atoms = bulk("Cu", "fcc", 3.6, cubic=True)
    atoms.symbols[2] = "Al"
    atoms.calc = published("sutton-chen").calculator()
    with pytest.raises(InputError, match="atom 2 is Al .* for Cu"):
        atoms.get_potential_energy()


def test_an_isolated_atom():
    """Square-root embedding: zero energy and forces, not nan. GP1 diverges there, and says so."""
    atom = Atoms("Cu", calculator=published("sutton-chen").calculator())
    assert atom.get_potential_energy() == 0.0
    assert atom.get_forces().tolist() == [[0.0, 0.0, 0.0]]
    for name in ("gp1", "gp2"):
        atom.calc = published(name).calculator()
        with pytest.raises(InputError, match="atom 0 .* no neighbour within 5 A"):
            atom.get_potential_energy()


def test_unphysical_structures_are_refused():
    calculator = published("sutton-chen").calculator()
    overlapping = Atoms("Cu3", positions=[[0, 0, 0], [3, 0, 0], [3, 0, 1e-3]], calculator=calculator)
    with pytest.raises(InputError, match="atoms 1 and 2 .* overlap"):
        overlapping.get_potential_energy()
    broken = Atoms("Cu", positions=[[np.nan, 0, 0]], calculator=calculator)
    with pytest.raises(InputError, match="not finite"):
        broken.get_potential_energy()
    flat = Atoms("Cu", cell=[[3, 0, 0], [0, 3, 0], [3, 3, 0]], pbc=True, calculator=calculator)
    with pytest.raises(InputError, match="no volume"):
        flat.get_potential_energy()
    with pytest.raises(InputError, match="no cell vector"):
        neighbour_pairs(Atoms("Cu", pbc=(True, False, False)), 5.0)


@pytest.mark.parametrize("cutoff", [0.0, -3.0, float("nan")])
def test_a_cutoff_must_be_positive(cutoff):
    with pytest.raises(InputError, match="cutoff"):
        Potential("x", "Cu", {"pair": Shifted()}, cutoff=cutoff, taper=NoTaper())


def test_a_taper_may_not_end_beyond_the_cutoff():
    with pytest.raises(InputError, match="beyond the cutoff"):
        Potential("x", "Cu", {"pair": Shifted()}, cutoff=5.0, taper=Smoothstep(4.0, 6.0))


def test_a_lone_atom_has_the_limit_of_its_embedding():
    """rho*log(rho) is 0*inf there, and 0 in the limit; 1/rho has no limit, and the sentence says so."""
    lone = Atoms("Cu", cell=[20.0] * 3, pbc=True)
    pair = Atoms("Cu2", positions=[[0, 0, 0], [5.999999, 0, 0]], cell=[30.0] * 3, pbc=True)
    lone.calc = pair.calc = load_potential("cu-sr2").calculator()
    assert lone.get_potential_energy() == pytest.approx(pair.get_potential_energy() / 2, abs=1e-9)
    assert abs(lone.get_forces()).max() == 0.0
    lone.calc = load_potential("gp1").calculator()
    with pytest.raises(InputError, match="no neighbour within"):
        lone.get_potential_energy()


@pytest.mark.parametrize("name", ["sutton-chen", "gp2", "cu-sr1"])
def test_a_calculator_that_is_kept_says_what_a_new_one_says(name, rattled):
    """Through a relaxation's small moves, a strain, another species that is refused, and structures of other sizes."""
    potential, random = load_potential(name), np.random.default_rng(4)
    kept, atoms = potential.calculator(), rattled.copy()
    slab = fcc111("Cu", (2, 2, 3), a=3.6, vacuum=9.0)

    def compare(atoms):
        atoms.calc = kept
        energies, forces, virial = energies_forces_virial(potential, atoms)
        assert atoms.get_potential_energies() == pytest.approx(energies, abs=1e-12)
        assert atoms.get_forces() == pytest.approx(forces, abs=1e-12)
        if atoms.cell.rank == 3:
            assert kept.results["stress"][:3] == pytest.approx(np.diag(virial) / atoms.get_volume(), abs=1e-12)

    for step in range(12):
        atoms.positions += random.normal(0.0, 0.05, (4, 3))
        if step == 5:
            atoms.set_cell(atoms.cell.array @ (np.eye(3) + random.normal(0.0, 0.01, (3, 3))), scale_atoms=True)
        if step == 8:
            atoms.positions[1] += atoms.cell.array[0]  # the same crystal
        compare(atoms)
    atoms.symbols[0] = "Al"
    with pytest.raises(InputError, match="atom 0 is Al"):
        atoms.get_potential_energy()
    atoms.symbols[0] = "Cu"
    for other in (atoms * (2, 1, 1), slab, atoms):
        compare(other)


def test_only_what_changes_the_energy_is_a_change(rattled):
    rattled.calc = published("gp1").calculator()
    energy, count = rattled.get_potential_energy(), rattled.calc.check_state(rattled)
    rattled.set_initial_charges([1.0] * 4)
    assert rattled.calc.check_state(rattled) == count == [] and rattled.get_potential_energy() == energy
    rattled.pbc = (True, True, False)
    rattled.positions[0, 0] += 1e-14
    assert rattled.calc.check_state(rattled) == ["positions", "pbc"]
    assert rattled.get_potential_energy() != energy

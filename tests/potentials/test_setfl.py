"""setfl files: Mishin's copper against LAMMPS itself, and files that are not what they should be."""

import numpy as np
import pytest
from ase.build import bulk, fcc111
from ase.cluster import Octahedron

from srlab.errors import InputError
from srlab.potentials.setfl import read_setfl
from srlab.potentials.table import CubicTable


def structures():
    random = np.random.default_rng(5)
    dense = bulk("Cu", "fcc", 3.3, cubic=True)
    dense.set_cell(dense.cell.array @ (np.eye(3) + 0.05 * random.normal(size=(3, 3))), scale_atoms=True)
    left_handed = bulk("Cu", "fcc", 3.6) * (2, 1, 1)
    left_handed.set_cell(left_handed.cell.array[[1, 0, 2]])
    left_handed.wrap()
    slab = fcc111("Cu", (2, 2, 4), a=3.6, vacuum=5.0)
    return {
        "dense": dense,
        "left-handed": left_handed,
        "slab": slab,
        "cluster": Octahedron("Cu", 3),
        "large": bulk("Cu", "fcc", 3.7, cubic=True) * 4,
    }


@pytest.mark.parametrize("name", structures())
def test_energies_and_forces_are_those_of_lammps(name, mishin_file):
    """Interpolation is that of LAMMPS, so agreement is to rounding, whatever the cell."""
    from srlab.potentials.lammps_session import lammps, single_point

    atoms = structures()[name]
    atoms.rattle(0.1, seed=7)
    potential = read_setfl(mishin_file)
    with lammps() as session:
        energy, forces = single_point(session, atoms, "eam/alloy", f"* * {mishin_file} Cu", potential.cutoff)
    atoms.calc = potential.calculator()
    assert atoms.get_potential_energy() == pytest.approx(energy, abs=1e-11 * len(atoms))
    assert atoms.get_forces() == pytest.approx(forces, abs=1e-10)
    assert np.abs(forces).max() > 0.1


def test_published_properties_of_mishin(mishin_file):
    """a0 3.615 A, E -3.54 eV (Mishin et al. 2001); the atomic number in the file is wrong and must not matter."""
    potential = read_setfl(mishin_file)
    assert potential.element == "Cu" and potential.cutoff == pytest.approx(5.50679)
    energies = []
    for a in (3.614, 3.615, 3.616):
        atoms = bulk("Cu", "fcc", a)
        atoms.calc = potential.calculator()
        energies.append(atoms.get_potential_energy())
    assert energies[1] == pytest.approx(-3.54, abs=1e-3)
    assert energies[1] == min(energies)
    assert potential.formulas is None and potential.complexity is None


def test_forces_and_stress_against_finite_differences(mishin_file, rattled):
    from ase.calculators.fd import calculate_numerical_forces, calculate_numerical_stress

    rattled.calc = read_setfl(mishin_file).calculator()
    assert rattled.get_forces() == pytest.approx(calculate_numerical_forces(rattled, 1e-4), abs=1e-6)
    assert rattled.get_stress() == pytest.approx(calculate_numerical_stress(rattled, 1e-4), abs=1e-6)


def test_table_is_exact_for_cubics_and_goes_on_linearly():
    x = np.linspace(1.0, 3.0, 41)
    table = CubicTable(1.0, 0.05, x**3 - 2 * x, linear_from=3.0)
    inside = np.array([1.2, 1.777, 2.5, 2.88])
    value, first, second = table.derivatives(inside)
    assert value == pytest.approx(inside**3 - 2 * inside, abs=1e-12)
    assert first == pytest.approx(3 * inside**2 - 2, abs=1e-11)
    assert second == pytest.approx(6 * inside, abs=1e-9)
    at, beyond = table.derivatives(3.0), table.derivatives(3.7)
    assert beyond[0] == pytest.approx(at[0] + 0.7 * at[1], abs=1e-12)


def write_alloy(path, cutoff=5.0, elements=("Al", "Cu")):
    """A small setfl file with recognisable numbers: block k is filled with k."""
    n = 6
    blocks = [f"{len(elements)} {' '.join(elements)}", f"{n} 1.0 {n} 1.0 {cutoff}"]
    number = 0
    for _ in elements:
        blocks.append("29 63.5 3.6 fcc")
        for _ in range(2):
            number += 1
            blocks += [" ".join([str(float(number))] * 3)] * 2
    for _ in range(len(elements) * (len(elements) + 1) // 2):
        number += 1
        blocks += [" ".join([str(float(number))] * 3)] * 2
    path.write_text("one\ntwo\nthree\n" + "\n".join(blocks) + "\n")
    return path


def test_the_right_blocks_of_an_alloy_file(tmp_path):
    path = write_alloy(tmp_path / "AlCu.eam.alloy")
    copper = read_setfl(path, element="Cu")
    # blocks: Al F 1, f 2; Cu F 3, f 4; r phi Al-Al 5, Cu-Al 6, Cu-Cu 7
    assert (copper.embedding.values[0], copper.density.values[0], copper.pair.table.values[0]) == (3.0, 4.0, 7.0)
    assert read_setfl(path, element="Al").pair.table.values[0] == 5.0
    with pytest.raises(InputError, match="holds Al, Cu: say which"):
        read_setfl(path)
    with pytest.raises(InputError, match="not Ni"):
        read_setfl(path, element="Ni")


def test_damaged_files_are_named(tmp_path, mishin_file):
    path = tmp_path / "bad.eam.alloy"
    for text, complaint in [
        ("", "is empty"),
        ("a\nb\nc\nCu\n1 2\n", "not a table file"),
        ("a\nb\nc\n1 Cu\n9 0 9 0 5\n", "not a table file"),
    ]:
        path.write_text(text)
        with pytest.raises(InputError, match=complaint):
            read_setfl(path)
    good = mishin_file.read_text()
    path.write_text(good[: len(good) // 2])
    with pytest.raises(InputError, match="cut short"):
        read_setfl(path)
    path.write_text(good.replace("-0.00174266214468467274", "oops", 1))
    with pytest.raises(InputError, match="line 8 has 'oops'"):
        read_setfl(path)
    path.write_text(good.replace("-0.00174266214468467274", "nan", 1))
    with pytest.raises(InputError, match="not finite"):
        read_setfl(path)
    with pytest.raises(InputError, match="cutoff of 50 A but its tables end at 5 A and not at zero"):
        read_setfl(write_alloy(path, cutoff=50.0, elements=("Cu",)))
    with pytest.raises(InputError, match="cannot be read"):
        read_setfl(tmp_path / "absent.eam.alloy")

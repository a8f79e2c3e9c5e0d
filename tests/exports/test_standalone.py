"""The standalone files run without srlab and give the energies and forces of the original."""

import subprocess
import sys

import pytest

from srlab.exports import export
from srlab.potentials.potential import Potential
from srlab.potentials.published import published, published_names

# imports nothing from the repository: isolated mode, and srlab made impossible to import
RUN = """
import json, runpy, sys
sys.modules["srlab"] = None
import numpy as np
scope = runpy.run_path(sys.argv[1], run_name=sys.argv[2])
if sys.argv[2] == "export":
    out = []
    for frame in json.load(sys.stdin):
        if "EAM" in scope:
            from ase import Atoms
            atoms = Atoms(**frame, calculator=scope["EAM"]())
            out.append([atoms.get_potential_energy(), atoms.get_forces().tolist(), atoms.get_stress().tolist() if atoms.cell.rank == 3 else None])
        else:
            energy, forces = scope["energy_and_forces"](np.array(frame["positions"]), np.array(frame["cell"]), frame["pbc"])
            out.append([energy, forces.tolist(), None])
    print(json.dumps(out))
"""


def run(path, name, frames=()):
    import json

    text = json.dumps(
        [
            {
                "symbols": a.get_chemical_formula("reduce"),
                "positions": a.positions.tolist(),
                "cell": a.cell.array.tolist(),
                "pbc": a.pbc.tolist(),
            }
            for a in frames
        ]
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", RUN, str(path), name], input=text, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout if name == "__main__" else json.loads(done.stdout)


@pytest.fixture
def kinds_of_cells(frames):
    slab = frames[0] * (2, 2, 1)
    slab.pbc = (True, True, False)
    outside = frames[0].copy()
    outside.positions[1] += 3 * outside.cell[0] - 2 * outside.cell[2]
    cluster = frames[1].copy()
    cluster.pbc = False
    return [frames[0], frames[2], slab, outside, cluster]


def compare(potential, to, path, structures):
    export(potential, to, path)
    for atoms, (energy, forces, stress) in zip(structures, run(path, "export", structures), strict=True):
        atoms.calc = potential.calculator()
        assert energy == pytest.approx(atoms.get_potential_energy(), abs=1e-10 * len(atoms))
        assert forces == pytest.approx(atoms.get_forces(), abs=1e-9)
        if stress is not None:
            assert stress == pytest.approx(atoms.get_stress(), abs=1e-11)


@pytest.mark.parametrize("to", ["python", "ase"])
def test_a_search_result_on_every_kind_of_cell(to, searched, kinds_of_cells, tmp_path):
    compare(searched, to, tmp_path / "potential.py", kinds_of_cells)


@pytest.mark.parametrize("to", ["python", "ase"])
@pytest.mark.parametrize("name", published_names())
def test_published_forms(to, name, frames, tmp_path):
    potential = published(name)
    structures = [frames[0], frames[2]]
    for atoms in structures:
        atoms.symbols[:] = potential.element
    compare(potential, to, tmp_path / "potential.py", structures)


@pytest.mark.parametrize("to", ["python", "ase"])
def test_the_self_test_passes_and_can_fail(to, searched, tmp_path):
    path = tmp_path / "potential.py"
    export(searched, to, path)
    assert "self-test passed" in run(path, "__main__")
    path.write_text(path.read_text().replace("0.43", "0.44"))
    broken = subprocess.run([sys.executable, "-I", str(path)], capture_output=True, text=True)
    assert broken.returncode != 0 and "self-test failed" in broken.stderr


def test_a_name_cannot_smuggle_code_into_the_file(searched, tmp_path):
    from dataclasses import replace

    path, witness = tmp_path / "potential.py", tmp_path / "witness"
    evil = f'x"""\nopen({str(witness)!r}, "w")\n"""\\'
    potential: Potential = replace(searched, name=evil, source=evil)
    for to in ("python", "ase", "sympy"):
        export(potential, to, path, overwrite=True)
        subprocess.run([sys.executable, "-I", str(path)], check=True, capture_output=True)
    assert not witness.exists()

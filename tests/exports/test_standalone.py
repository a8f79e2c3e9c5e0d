"""The standalone files run without srlab and give the energies and forces of the original."""

import json
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
answers = []
for path, name, frames in json.load(sys.stdin):
    scope, out = runpy.run_path(path, run_name=name), []
    for frame in frames:
        if "EAM" in scope:
            from ase import Atoms
            atoms = Atoms(**frame, calculator=scope["EAM"]())
            out.append([atoms.get_potential_energy(), atoms.get_forces().tolist(), atoms.get_stress().tolist() if atoms.cell.rank == 3 else None])
        else:
            energy, forces = scope["energy_and_forces"](np.array(frame["positions"]), np.array(frame["cell"]), frame["pbc"])
            out.append([energy, forces.tolist(), None])
    answers.append(out)
print(json.dumps(answers))
"""


def run(*files):
    """A process without srlab that ran files, each (path, name it runs under, structures)."""
    tasks = [
        (
            str(path),
            name,
            [
                {
                    "symbols": a.get_chemical_formula("reduce"),
                    "positions": a.positions.tolist(),
                    "cell": a.cell.array.tolist(),
                    "pbc": a.pbc.tolist(),
                }
                for a in structures
            ],
        )
        for path, name, structures in files
    ]
    return subprocess.run([sys.executable, "-I", "-c", RUN], input=json.dumps(tasks), capture_output=True, text=True)


@pytest.fixture
def kinds_of_cells(frames):
    slab = frames[0] * (2, 2, 1)
    slab.pbc = (True, True, False)
    outside = frames[0].copy()
    outside.positions[1] += 3 * outside.cell[0] - 2 * outside.cell[2]
    cluster = frames[1].copy()
    cluster.pbc = False
    return [frames[0], frames[2], slab, outside, cluster]


def compare(to, folder, *cases):
    """The numbers of files, each of a (potential, structures), against those of the calculator, and their self-tests,
    all in one process."""
    paths = [folder / f"potential_{number}.py" for number in range(len(cases))]
    for path, (potential, _) in zip(paths, cases):
        export(potential, to, path)
    numbers = [(path, "export", structures) for path, (_, structures) in zip(paths, cases)]
    done = run(*((path, "__main__", ()) for path in paths), *numbers)
    assert done.returncode == 0, done.stderr
    *said, answers_of_all = done.stdout.splitlines()
    assert sum("self-test passed" in line for line in said) == len(cases)
    for (potential, structures), answers in zip(cases, json.loads(answers_of_all)[len(cases) :], strict=True):
        for atoms, (energy, forces, stress) in zip(structures, answers, strict=True):
            atoms.calc = potential.calculator()
            assert energy == pytest.approx(atoms.get_potential_energy(), abs=1e-10 * len(atoms)), potential.name
            assert forces == pytest.approx(atoms.get_forces(), abs=1e-9), potential.name
            assert (stress is None) == (to == "python" or atoms.cell.rank < 3)
            if stress is not None:
                assert stress == pytest.approx(atoms.get_stress(), abs=1e-11), potential.name


@pytest.mark.parametrize("to", ["python", "ase"])
def test_a_search_result_on_every_kind_of_cell(to, searched, kinds_of_cells, tmp_path):
    compare(to, tmp_path, (searched, kinds_of_cells))


@pytest.mark.parametrize("to", ["python", pytest.param("ase", marks=pytest.mark.slow)])
def test_published_forms(to, frames, tmp_path):
    cases = []
    for potential in map(published, published_names()):
        structures = [frames[0].copy(), frames[2].copy()]
        for atoms in structures:
            atoms.symbols[:] = potential.element
        cases.append((potential, structures))
    compare(to, tmp_path, *cases)


@pytest.mark.parametrize("to", ["python", pytest.param("ase", marks=pytest.mark.slow)])
def test_the_self_test_can_fail(to, searched, tmp_path):
    good, broken = tmp_path / "good.py", tmp_path / "broken.py"
    export(searched, to, good)
    broken.write_text(good.read_text().replace("0.43", "0.44"))
    done = run((good, "__main__", ()), (broken, "__main__", ()))
    assert done.returncode != 0 and done.stdout.count("self-test passed") == 1 and "self-test failed" in done.stderr


def test_a_name_cannot_smuggle_code_into_the_file(searched, tmp_path):
    from dataclasses import replace

    witness, files = tmp_path / "witness", [tmp_path / f"{to}.py" for to in ("python", "ase", "sympy")]
    evil = f'x"""\nopen({str(witness)!r}, "w")\n"""\\'
    potential: Potential = replace(searched, name=evil, source=evil)
    for path in files:
        export(potential, path.stem, path)
    done = run(*((path, "__main__", ()) for path in files))
    assert done.returncode == 0, done.stderr
    assert not witness.exists()

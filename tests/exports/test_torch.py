"""The torch module gives the energies, forces and stresses of the original, alone and in batches, and can be
differentiated once more."""

import runpy
import subprocess
import sys

import numpy as np
import pytest
from ase import Atoms

from srlab.errors import InputError
from srlab.exports import export
from srlab.potentials.potential import Potential
from srlab.potentials.published import published
from srlab.potentials.taper import NoTaper, Smoothstep
from srlab.templates import Model

torch = pytest.importorskip("torch")

MORSE = Potential.of_model(
    Model.parse({"pair": "500.0*exp(-2.8*r) - 26.0*exp(-1.4*r)"}), "morse", "Cu", 6.0, Smoothstep(4.5, 6.0)
)


ANGULAR = Potential.of_model(
    Model.parse(
        {
            "pair": "900.0*exp(-3.0*r)",
            "density": "exp(-1.6*r)",
            "embedding": "-9.0*sqrt(rho)",
            "angular_1": "2.0*exp(-1.5*r)",
            "angular_2": "0.7*exp(-0.9*r)",
            "angular_3_negative": "1.3*exp(-1.1*r)",
        }
    ),
    *("angular", "Cu", 6.0, Smoothstep(4.5, 6.0)),
)
ADP = Potential.of_model(
    Model.parse(
        {**{name: ANGULAR.formulas[name] for name in ("pair", "density", "embedding")}, "quadrupole": "0.2*exp(-1.0*r)"}
    ),
    *("adp", "Cu", 6.0, Smoothstep(4.5, 6.0)),
)


def module(potential, tmp_path):
    return runpy.run_path(str(export(potential, "torch", tmp_path / "potential.py", overwrite=True).files[0]))


def tensors(scope, atoms, dtype=torch.float64):
    positions, cell = torch.tensor(atoms.positions, dtype=dtype), torch.tensor(atoms.cell.array, dtype=dtype)
    return positions, cell, *scope["neighbours"](positions, cell, bool(atoms.pbc.all()))


@pytest.mark.parametrize(
    "potential", ["searched", "gp3", MORSE, ANGULAR, ADP], ids=lambda each: getattr(each, "name", each)
)
def test_energies_forces_and_stresses_in_a_batch(potential, searched, frames, tmp_path):
    potential = (
        searched if potential == "searched" else published(potential) if isinstance(potential, str) else potential
    )
    scope, first, parts = module(potential, tmp_path), 0, []
    structures = [frames[0], frames[2], frames[1]]
    for atoms in structures:
        positions, cell, edges, shifts = tensors(scope, atoms)
        parts.append((positions, cell[None], edges + first, shifts))
        first += len(atoms)
    positions, cells, edges, shifts = (torch.cat([part[k] for part in parts], dim=int(k == 2)) for k in range(4))
    batch = torch.repeat_interleave(torch.arange(3), torch.tensor([len(atoms) for atoms in structures]))
    out = scope["Potential"]()(positions, cells, edges, shifts, batch)
    for k, atoms in enumerate(structures):
        atoms.calc = potential.calculator()
        assert out["energy"][k].item() == pytest.approx(atoms.get_potential_energy(), abs=1e-10 * len(atoms))
        np.testing.assert_allclose(out["forces"][batch == k].detach().numpy(), atoms.get_forces(), atol=1e-9)
        np.testing.assert_allclose(out["stress"][k].detach().numpy(), atoms.get_stress(voigt=False), atol=1e-11)


def test_clusters_lone_atoms_and_single_precision(searched, tmp_path):
    scope = module(searched, tmp_path)
    atoms = Atoms("Cu3", positions=[[0, 0, 0], [2.4, 0.1, 0], [30.0, 0, 0]])
    positions = torch.tensor(atoms.positions, dtype=torch.float32)
    edges, shifts = scope["neighbours"](positions, torch.zeros((3, 3)), periodic=False)
    out = scope["Potential"]()(positions, torch.zeros((1, 3, 3)), edges, shifts)
    atoms.calc = searched.calculator()
    assert edges.shape == (2, 2) and out["energy"].item() == pytest.approx(atoms.get_potential_energy(), rel=1e-5)
    np.testing.assert_allclose(out["forces"].detach().numpy(), atoms.get_forces(), atol=2e-4)
    assert torch.isfinite(out["forces"]).all() and not out["stress"].any()


def test_pairs_beyond_the_cutoff_do_no_harm_and_a_sharp_one_is_sharp(frames, tmp_path):
    from dataclasses import replace

    potential = replace(published("sutton-chen"), cutoff=3.1, taper=NoTaper())
    scope, wide = module(potential, tmp_path), module(published("sutton-chen"), tmp_path)
    positions, cell, edges, shifts = tensors(wide, frames[0])
    frames[0].calc = potential.calculator()
    out = scope["Potential"]()(positions, cell[None], edges, shifts)
    assert out["energy"].item() == pytest.approx(frames[0].get_potential_energy(), abs=1e-10)


def test_forces_can_be_differentiated_again(searched, frames, tmp_path):
    scope = module(searched, tmp_path)
    positions, cell, edges, shifts = tensors(scope, frames[0])
    model = scope["Potential"]().train()

    def forces(x):
        return model(x, cell[None], edges, shifts)["forces"].sum(dim=0)

    hessian = torch.autograd.functional.jacobian(forces, positions)
    assert torch.isfinite(hessian).all()
    assert hessian.abs().max() < 1e-8  # the forces of a crystal sum to zero, wherever its atoms are


def test_the_file_needs_no_srlab_and_tests_itself(searched, tmp_path):
    path, broken = export(searched, "torch", tmp_path / "potential.py").files[0], tmp_path / "broken.py"
    broken.write_text(path.read_text().replace("0.43", "0.44"))
    alone = (
        'import runpy, sys; sys.modules["srlab"] = None; [runpy.run_path(each, run_name="__main__") for each in '
        "sys.argv[1:]]"
    )
    done = subprocess.run([sys.executable, "-I", "-c", alone, path, broken], capture_output=True, text=True)
    assert done.stdout.count("self-test passed") == 1, done.stderr
    assert done.returncode != 0 and "self-test failed" in done.stderr


def test_a_table_is_refused(mishin_file, tmp_path):
    with pytest.raises(InputError, match="no formulas to write as torch"):
        export(mishin_file, "torch", tmp_path / "x.py")

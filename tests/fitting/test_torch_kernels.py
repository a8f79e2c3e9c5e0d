"""The torch back end agrees with the compiled one. CUDA is tested where there is one."""

import sys

import numpy as np
import pytest
import torch
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator

from srlab.errors import InputError, MissingExtra
from srlab.expressions import Formula, TwoDensityFormula
from srlab.fitting import torch_kernels, varpro
from srlab.fitting.backends import COMPILED, kernels_on
from srlab.fitting.objective import Objective
from srlab.fitting.pursuit import pursue
from srlab.fitting.torch_kernels import TorchKernels
from srlab.fitting.uncertainty import constant_deviations
from srlab.potentials.taper import Smoothstep
from srlab.templates import Model

EAM = {
    "pair": "2700.0*exp(-3.5*r) - 0.01*exp(-2.0*(r - 4.0)^2)",
    "density": "r^(2.3 - 1.5*r)",
    "embedding": "-3.0*log(1 + 5.0*rho) + 0.1*rho",
}
SIMPLE = {"pair": "900.0*exp(-3.5*r)", "density": "exp(-1.9*r)", "embedding": "-9.0*sqrt(rho)"}
FORMS = {
    "pair": {"pair": "0.25*exp(-0.87*r)*cos(3.3*r + 1.4) + 900.0*exp(-3.5*r)"},
    "eam": EAM,
    "two-density": {
        "pair": "900.0*exp(-3.5*r)",
        "density": "exp(-1.9*r)",
        "second_density": "r^(2.2 - 1.5*r)",
        "embedding": "-3.0*log(1 + 2.4*rho1) + 0.4*rho2*rho1^(-0.3)",
    },
    "adp": {**SIMPLE, "dipole": "0.2*exp(-0.8*r)", "quadrupole": "0.1*exp(-0.9*r)"},
    "angular": {
        **SIMPLE,
        "angular_1": "0.7*exp(-0.8*r)",
        "angular_2_negative": "0.3*exp(-0.5*r)",
        "angular_3": "exp(-1.0*r)",
    },
}
DEVICES = ["cpu"] + (["cuda"] if torch.cuda.is_available() else [])


@pytest.fixture(scope="module")
def compiled(frames):
    return made(frames, COMPILED)


@pytest.fixture(scope="module", params=DEVICES)
def there(frames, request):
    """The same objective in torch."""
    return made(frames, TorchKernels(request.param))


def made(frames, kernels):
    energies = [atoms.get_potential_energy() for atoms in frames]
    return Objective(frames, energies, 6.0, Smoothstep(4.5, 6.0), stress_weight=0.3, kernels=kernels)


def models():
    return {name: Model.parse(form) for name, form in FORMS.items()}


@pytest.mark.parametrize(("dtype", "error"), [(np.float64, 1e-10), (np.float32, 1e-5)])
@pytest.mark.parametrize("name", FORMS)
def test_energies_and_forces_agree(compiled, there, name, dtype, error):
    """Energies in eV/atom, forces in eV/A."""
    model = models()[name]
    for ours, theirs in zip(compiled.predict([model], dtype), there.predict([model], dtype)):
        assert theirs.dtype == ours.dtype
        assert np.abs(ours).max() > 0.1
        np.testing.assert_allclose(theirs, ours, rtol=0, atol=error)


def test_losses_and_stresses_of_a_mixed_block_agree(compiled, there):
    """Of each model those functions are absent that only another one has."""
    block = [models()[name] for name in ("eam", "angular", "adp", "two-density")]
    np.testing.assert_allclose(there.losses(block), compiled.losses(block), rtol=1e-10)
    np.testing.assert_allclose(there.stress(block), compiled.stress(block), rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", FORMS)
def test_rows_of_the_jacobian_agree(compiled, there, name):
    """Energies, forces and stresses by linear and nonlinear constants."""
    model = models()[name]
    split = varpro.Split(model)
    one, other = (varpro.project(objective, model, split) for objective in (compiled, there))
    found = there.kernels.numpy(other.columns)
    np.testing.assert_allclose(found, one.columns, rtol=0, atol=1e-10 * np.abs(one.columns).max())
    assert other.loss == pytest.approx(one.loss, rel=1e-9)
    expected = varpro.nonlinear_jacobian(compiled, one, split)
    found = there.kernels.numpy(varpro.nonlinear_jacobian(there, other, split))
    assert expected.shape[1] == len(split.nonlinear) > 0
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9 * np.abs(expected).max())


def test_a_refinement_ends_at_the_same_constants(compiled, there, truth):
    start = Model.parse({"pair": "1.0*exp(-3.0*r)", "density": "exp(-1.5*r)", "embedding": "-1.0*sqrt(rho)"})
    ours, theirs = (varpro.refine(objective, start, 100, tolerance=1e-10) for objective in (compiled, there))
    assert max(ours.loss, theirs.loss) < 1e-9
    np.testing.assert_allclose(theirs.model.constants, ours.model.constants, rtol=1e-6)
    np.testing.assert_allclose(theirs.model.density.constants, truth.density.constants, rtol=1e-3)


def test_passes_take_as_many_lanes_as_fit_in_memory(frames, compiled, monkeypatch):
    wide = made(frames, TorchKernels("cpu"))
    monkeypatch.setattr(torch_kernels, "NUMBERS", 2 * wide.table.n_pairs)
    narrow = made(frames, TorchKernels("cpu"))
    assert narrow.kernels.lanes(narrow.table) == 2
    many = [models()["eam"].with_constants(factor * models()["eam"].constants) for factor in np.linspace(0.9, 1.1, 5)]
    expected = compiled.losses(many)
    assert len(set(expected)) == 5
    for objective in (narrow, wide):
        np.testing.assert_allclose(objective.losses(many), expected, rtol=1e-10)


@pytest.mark.parametrize("device", DEVICES)
def test_functions_of_other_constants_are_evaluated_at_once(device):
    """Alike or not, absent, with a slope or none."""
    texts = ["2.0*exp(-1.5*r)", "3.0*r^(-2.5)", None, "0.5*exp(-0.7*r)", "1.0"]
    formulas = [text and Formula.parse(text, "r") for text in texts]
    r, kernels = np.linspace(1.0, 6.0, 7), TorchKernels(device)
    expected = COMPILED.functions(formulas, r)
    for ours, theirs in zip(expected, kernels.functions(formulas, kernels.array(r))):
        assert np.abs(ours).max() > 0.1 and not ours[:, 2].any()
        np.testing.assert_allclose(kernels.numpy(theirs), ours, rtol=1e-12)
    rho = np.linspace(0.5, 2.0, 10).reshape(2, 5)
    pair = [
        TwoDensityFormula.parse(text) for text in ("2.0*rho1/rho2", "3.0*rho1/rho2", "-1.0*rho2", "1.0*rho1", "1.0")
    ]
    found = kernels.functions(pair, kernels.array(rho), kernels.array(rho**2))
    for ours, theirs in zip(COMPILED.functions(pair, rho, rho**2), found):
        np.testing.assert_allclose(kernels.numpy(theirs), ours, rtol=1e-12)


@pytest.mark.parametrize("device", DEVICES)
def test_a_basis_of_columns_near_and_far_from_each_other(device):
    kernels, random = TorchKernels(device), np.random.default_rng(0)
    columns = random.normal(size=(200, 4))
    for nearness in (1.0, 1e-5, 1e-9, 0.0):  # the last are beyond what products of columns can tell
        near = np.column_stack([columns, columns[:, 0] + nearness * random.normal(size=200)])
        basis, triangle = kernels.orthonormal(kernels.array(near))
        np.testing.assert_allclose(kernels.numpy(basis) @ triangle, near, atol=1e-12)
        np.testing.assert_allclose(kernels.numpy(basis.T @ basis), np.eye(5), atol=1e-12)
        assert (np.abs(np.diag(triangle)).min() < 1e-6) == (nearness < 1e-8)


def test_lone_atoms_agree(frames):
    """A density of zero has no slope; an embedding that diverges there has no loss."""
    lone = Atoms("Cu", cell=[20.0] * 3, pbc=True)
    lone.calc = SinglePointCalculator(lone, energy=0.0, forces=np.zeros((1, 3)), stress=np.zeros(6))
    objectives = [made([*frames, lone], kernels) for kernels in (COMPILED, TorchKernels(DEVICES[-1]))]
    block = [Model.parse({**SIMPLE, "embedding": text}) for text in ("-9.0*sqrt(rho)", "-1.0*log(rho)", "-1.0*rho^0.3")]
    ours, theirs = (objective.losses([*block, models()["two-density"]]) for objective in objectives)
    assert ours[1] == np.inf and np.isfinite(ours[[0, 2]]).all()
    np.testing.assert_allclose(theirs, ours, rtol=1e-10)
    ours, theirs = (varpro.refine(objective, block[2], 20).loss for objective in objectives)
    assert theirs == pytest.approx(ours, rel=1e-6) and ours > 0.0


def test_terms_are_compared_alike(compiled, there):
    additions = [
        ("pair", "exp(-1.1*r)"),
        ("density", "exp(-2.5*r)"),
        ("embedding", "rho^2"),
        ("embedding", "sqrt(rho)"),
    ]
    expected, found = (pursue(objective, models()["eam"], additions) for objective in (compiled, there))
    assert expected[0].max() > 1e-3
    for ours, theirs in zip(expected, found):
        np.testing.assert_allclose(theirs, ours, rtol=1e-6, atol=1e-9)


def test_deviations_agree(compiled, there):
    ours, theirs = (constant_deviations(objective, models()["eam"]) for objective in (compiled, there))
    assert (ours > 0.0).any()
    np.testing.assert_allclose(theirs, ours, rtol=1e-6)


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no GPU here")
def test_a_gpu_gives_the_same_numbers_twice(frames):
    first, second = (made(frames, TorchKernels("cuda")) for _ in range(2))
    block = list(models().values())
    np.testing.assert_array_equal(first.losses(block), second.losses(block))


def test_another_taper_keeps_the_back_end(there):
    assert there.with_taper(Smoothstep(4.0, 6.0)).kernels is there.kernels


def test_the_processor_needs_no_torch(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert kernels_on("cpu") is COMPILED
    with pytest.raises(MissingExtra, match=r"torch is needed to search on the device cuda: .*srlab\[torch\]"):
        kernels_on("cuda")


def test_a_gpu_that_is_not_there_is_said():
    with pytest.raises(InputError, match="'cuda:99' cannot be used, torch sees (no|[0-9]+) GPUs? here: give cpu"):
        kernels_on("cuda:99")


@pytest.mark.parametrize("name", ["gpu", "cuda:x", "", "mps", 0])
def test_a_name_of_no_device_is_said(name):
    with pytest.raises(InputError, match="there is no device .*: give cpu, cuda or cuda:N"):
        kernels_on(name)

"""The torch back end agrees with the compiled one. CUDA is tested where there is one."""

import sys

import numpy as np
import pytest
import torch

from srlab.errors import InputError, MissingExtra
from srlab.fitting import varpro
from srlab.fitting.backends import COMPILED, kernels_on
from srlab.fitting.objective import Objective
from srlab.fitting.torch_kernels import TorchKernels
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
    np.testing.assert_allclose(other.columns, one.columns, rtol=0, atol=1e-10 * np.abs(one.columns).max())
    assert other.loss == pytest.approx(one.loss, rel=1e-9)
    expected, found = (varpro.nonlinear_jacobian(objective, one, split) for objective in (compiled, there))
    assert expected.shape[1] == len(split.nonlinear) > 0
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10 * np.abs(expected).max())


def test_a_refinement_ends_at_the_same_constants(compiled, there, truth):
    start = Model.parse({"pair": "1.0*exp(-3.0*r)", "density": "exp(-1.5*r)", "embedding": "-1.0*sqrt(rho)"})
    ours, theirs = (varpro.refine(objective, start, 100, tolerance=1e-10) for objective in (compiled, there))
    assert max(ours.loss, theirs.loss) < 1e-9
    np.testing.assert_allclose(theirs.model.constants, ours.model.constants, rtol=1e-6)
    np.testing.assert_allclose(theirs.model.density.constants, truth.density.constants, rtol=1e-3)


def test_passes_take_as_many_lanes_as_the_back_end_says(frames, compiled):
    narrow = TorchKernels("cpu")
    narrow.widths = (1, 2)
    many = [models()["eam"].with_constants(factor * models()["eam"].constants) for factor in np.linspace(0.9, 1.1, 5)]
    expected = compiled.losses(many)
    assert len(set(expected)) == 5
    for kernels in (narrow, TorchKernels("cpu")):
        np.testing.assert_allclose(made(frames, kernels).losses(many), expected, rtol=1e-10)


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

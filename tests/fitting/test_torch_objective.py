"""The torch objective agrees with the compiled one. CUDA is tested where there is one."""

import numpy as np
import pytest
import torch

from srlab.datasets.weights import FrameWeights
from srlab.errors import InputError
from srlab.fitting.objective import Objective
from srlab.fitting.torch_objective import TorchObjective
from srlab.potentials.taper import Smoothstep
from srlab.templates import Model
from srlab.templates.angular import ANGULAR_EAM

FORMS = [
    {
        "pair": "2700.0*exp(-3.5*r) - 0.01*exp(-2.0*(r - 4.0)^2)",
        "density": "exp(-2.1*r)",
        "embedding": "-25.0*sqrt(rho)",
    },
    {"pair": "70.0*r^(-3.6 - 0.7*r)", "density": "r^(2.3 - 1.5*r)", "embedding": "-4.4*rho^0.45 + 0.1*rho"},
    {"pair": "0.25*exp(-0.87*r)*cos(3.3*r + 1.4)", "density": "r^(-4.6)", "embedding": "-3.0*log(1 + 5.0*rho)"},
]
DEVICES = ["cpu"] + (["cuda"] if torch.cuda.is_available() else [])


@pytest.mark.parametrize("device", DEVICES)
def test_energies_forces_and_losses_agree(objective, device):
    models = [Model.parse(form) for form in FORMS]
    there = TorchObjective(objective, device, torch.float64)
    for ours, theirs in zip(objective.predict(models, np.float64), there.predict(models)):
        np.testing.assert_allclose(theirs, ours, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(there.losses(models), objective.losses(models), rtol=1e-9)


def test_angular_functions_agree(objective):
    """One model has functions that the other has not."""
    angular = {"angular_1": "0.7*exp(-0.8*r)", "angular_2_negative": "0.3*exp(-0.5*r)", "angular_3": "exp(-r)"}
    models = [Model.parse({**FORMS[0], **angular}), Model.parse(FORMS[1], template=ANGULAR_EAM)]
    adp = [Model.parse({**FORMS[0], "dipole": "0.2*exp(-0.8*r)", "quadrupole": "0.1*exp(-0.9*r)"})]
    there = TorchObjective(objective, "cpu", torch.float64)
    for those in (models, adp):
        for ours, theirs in zip(objective.predict(those, np.float64), there.predict(those)):
            np.testing.assert_allclose(theirs, ours, rtol=1e-9, atol=1e-9)


def test_two_densities_agree(objective):
    model = Model.parse(
        {
            "pair": "900.0*exp(-3.5*r)",
            "density": "exp(-1.9*r)",
            "second_density": "r^(2.2 - 1.5*r)",
            "embedding": "-3.0*log(1 + 2.4*rho1) + 0.4*rho2*rho1^(-0.3)",
        }
    )
    for ours, theirs in zip(
        objective.predict([model], np.float64), TorchObjective(objective, "cpu", torch.float64).predict([model])
    ):
        np.testing.assert_allclose(theirs, ours, rtol=1e-9, atol=1e-9)


def test_weights_of_frames_count(frames):
    weights = FrameWeights(np.linspace(2, 0.1, 12), np.linspace(0.1, 1, 12))
    objective = Objective(
        frames, [atoms.get_potential_energy() for atoms in frames], 6.0, Smoothstep(4.5, 6.0), frame_weights=weights
    )
    models = [Model.parse(form) for form in FORMS]
    there = TorchObjective(objective, "cpu", torch.float64)
    np.testing.assert_allclose(there.losses(models), objective.losses(models), rtol=1e-9)


@pytest.mark.parametrize("device", DEVICES)
def test_single_precision_is_enough_to_screen(objective, device):
    models = [Model.parse(form) for form in FORMS]
    forces = TorchObjective(objective, device).predict(models)[1]
    np.testing.assert_allclose(forces, objective.predict(models, np.float64)[1], atol=2e-3)


def test_many_candidates_are_cut_into_blocks(objective, monkeypatch):
    from srlab.fitting import torch_objective

    monkeypatch.setattr(torch_objective, "LANES", 2)
    models = [Model.parse(form) for form in FORMS]
    assert TorchObjective(objective, "cpu").losses(models).shape == (3,)


def test_a_gpu_that_is_not_there_is_said(objective):
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(InputError, match="torch sees no GPU here"):
        TorchObjective(objective, "cuda")

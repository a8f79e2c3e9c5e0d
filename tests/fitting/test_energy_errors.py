"""Errors of energies that similar frames share, against generalized least squares written out."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from srlab.datasets.weights import FrameWeights
from srlab.fitting import energy_errors
from srlab.fitting.backends import kernels_on
from srlab.fitting.energy_errors import OWN, EnergyErrors, radial_fingerprints
from srlab.fitting.objective import Objective
from srlab.fitting.pair_table import PairTable
from srlab.fitting.varpro import refine
from srlab.potentials.taper import Smoothstep
from srlab.templates import Model

from .conftest import labelled

LENGTH = 0.05
WRONG = Model.parse({"pair": "2000.0*exp(-3.4*r)", "density": "exp(-1.9*r)", "embedding": "-15.0*sqrt(rho)"})


def sheared(*strains, a=3.64):
    frames = []
    for strain in strains:
        atoms = bulk("Cu", "fcc", a)
        atoms.set_cell(atoms.cell[:] @ (np.eye(3) + strain * np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]])), True)
        frames.append(atoms)
    return frames


def distances(frames, cutoff=6.0):
    rows = radial_fingerprints(PairTable.build(frames, cutoff), len(frames), 0)
    return np.linalg.norm(rows - rows[0], axis=1)


def objective(frames, weights=None, length=LENGTH, **given):
    energies = [atoms.get_potential_energy() for atoms in frames]
    return Objective(
        frames, energies, 6.0, Smoothstep(4.5, 6.0), frame_weights=weights, correlation_length=length, **given
    )


def covariance(frames, energies, weights, length):
    """The covariance as it is defined, frame by frame."""
    lowest = int(np.argmin(energies))
    rows = radial_fingerprints(PairTable.build(frames, 6.0), len(frames), lowest)
    form = np.minimum(np.broadcast_to(weights.form_errors, len(frames)), weights.energies**-0.5)
    found = np.empty(2 * (len(frames),))
    for i in range(len(frames)):
        for j in range(len(frames)):
            alike = np.exp(-((rows[i] - rows[j]) ** 2).sum() / (2.0 * length**2))
            found[i, j] = (1.0 - OWN) * form[i] * form[j] * alike
        found[i, i] = 1.0 / weights.energies[i]
    return found


def generalized(covariance, errors):
    """The least sum of squares of errors, less a constant, over the inverse covariance."""
    inverse = np.linalg.inv(covariance)
    one = np.ones(len(errors))
    left = errors - one * (one @ inverse @ errors) / (one @ inverse @ one)
    return left @ inverse @ left


def test_fingerprints_of_crystals_are_as_far_apart_as_the_docstring_says():
    near = (3.64 / 2**0.5, 1.633 * 3.64 / 2**0.5)
    frames = [*sheared(0.0, 0.04), bulk("Cu", "fcc", 3.64 * 1.01 ** (1 / 3))]
    frames += [bulk("Cu", "hcp", *near), bulk("Cu", "bcc", 2.89), Atoms("Cu")]
    shear, volume, hcp, bcc, lone = distances(frames)[1:]
    assert (shear, volume, hcp, bcc) == pytest.approx((0.02, 0.023, 0.01, 0.12), rel=0.25)
    assert lone == pytest.approx(1.0)  # no pair at all


def test_fingerprints_know_no_cell_no_direction_and_no_scale(frames):
    turned = frames[1].copy()
    turned.rotate(37.0, (1, 2, 3), rotate_cell=True)
    assert distances([frames[1], frames[1].repeat((2, 1, 1)), turned]) == pytest.approx(0.0, abs=1e-6)
    larger = [atoms.copy() for atoms in frames]
    for atoms in larger:
        atoms.set_cell(1.3 * atoms.cell[:], scale_atoms=True)
    np.testing.assert_allclose(distances(larger, 1.3 * 6.0), distances(frames), atol=1e-3)


def test_a_length_of_zero_is_the_ordinary_weighted_loss(frames):
    weights = FrameWeights(np.linspace(0.2, 3.0, 12), np.linspace(2.0, 0.1, 12), np.linspace(1.0, 4.0, 12))
    plain, tiny = objective(frames, weights, 0.0), objective(frames, weights, 1e-6)
    assert not plain.energy_errors.blocks and not tiny.energy_errors.blocks
    np.testing.assert_allclose(tiny.losses([WRONG]), plain.losses([WRONG]), rtol=1e-12)


@pytest.mark.parametrize("length", [0.02, 0.1, 1.0])
def test_the_loss_is_that_of_generalized_least_squares(frames, length, monkeypatch):
    monkeypatch.setattr(energy_errors, "APART", 0.0)
    weights = FrameWeights(np.linspace(0.2, 3.0, 12), np.ones(12), np.linspace(1.0, 4.0, 12))
    found = objective(frames, weights, length, force_weight=0.0, energy_weight=0.7)
    (predicted,), _ = found.predict([WRONG], np.float64)
    expected = covariance(frames, found.energies, weights, length)
    share = generalized(expected, predicted - found.energies) / generalized(expected, found.energies)
    assert found.losses([WRONG])[0] == pytest.approx(0.7 * share, rel=1e-8)


def test_an_error_that_similar_frames_share_costs_less_than_one_that_tells_them_apart():
    frames = [*sheared(0.0, 0.02, 0.04), bulk("Cu", "bcc", 2.9)]
    energies = np.array([-3.5, -3.49, -3.47, -3.45])
    errors = EnergyErrors(energies, FrameWeights.equal(4), 1.0, PairTable.build(frames, 6.0), 0.02)
    alike, apart = (np.square(errors.rows(1e-3 * np.array(each))).sum() for each in ([1, 1, 1, 0], [1, -1, 1, 0]))
    assert apart > 5.0 * alike


def test_frames_without_weight_are_as_if_they_were_not_there(frames):
    weights = np.ones(12)
    weights[[2, 7]] = 0.0
    kept = np.flatnonzero(weights)
    part = objective([frames[k] for k in kept], length=0.1)
    whole = objective(frames, FrameWeights(weights, weights), 0.1)
    np.testing.assert_allclose(whole.losses([WRONG]), part.losses([WRONG]), rtol=1e-8)
    assert not np.any(whole.energy_errors.rows(np.eye(12))[[2, 7]])
    hardly = np.where(weights, weights, 1e-310)
    np.testing.assert_allclose(
        objective(frames, FrameWeights(hardly, weights), 0.1).losses([WRONG]), part.losses([WRONG])
    )


def test_frames_that_are_like_no_other_are_left_alone(frames):
    found = objective([*frames, frames[0]], length=0.002).energy_errors
    assert [sorted(block) for block, _ in found.blocks] == [[0, 12]]
    assert (found.rows(np.eye(13))[1:12, 1:12] == np.diag(found.scale[1:12])).all()


def test_large_data_are_taken_in_blocks_of_neighbours_in_energy(frames, monkeypatch):
    monkeypatch.setattr(energy_errors, "BLOCK", 5)
    found = objective(frames, length=1.0, force_weight=0.0)
    blocks = [set(block) for block, _ in found.energy_errors.blocks]
    assert [len(block) for block in blocks] == [4, 4, 4]
    assert [*blocks[0], *blocks[1], *blocks[2]] and max(found.energies[[*blocks[0]]]) <= min(
        found.energies[[*blocks[1]]]
    )
    expected = covariance(frames, found.energies, FrameWeights.equal(12), 1.0)
    for block in blocks:
        outside = [k for k in range(12) if k not in block]
        expected[np.ix_([*block], outside)] = 0.0
    (predicted,), _ = found.predict([WRONG], np.float64)
    share = generalized(expected, predicted - found.energies) / generalized(expected, found.energies)
    assert found.losses([WRONG])[0] == pytest.approx(share, rel=1e-8)


def test_energies_all_the_same_leave_a_finite_loss(frames):
    for energies in (np.full(12, -3.5), np.full(12, 0.1) + 1e-12 * np.arange(12)):
        errors = EnergyErrors(energies, FrameWeights.equal(12), 1.0, PairTable.build(frames, 6.0), 0.1)
        assert np.linalg.norm(errors.rows(np.ones(12))) == pytest.approx(1.0)
    one = EnergyErrors(np.array([-3.5]), FrameWeights.equal(1), 1.0, PairTable.build(frames[:1], 6.0), 0.1)
    assert one.rows(np.ones(1)) == pytest.approx(1.0)


def test_the_truth_is_found(truth):
    fit = refine(objective(labelled(truth, 24, seed=5), length=0.1), WRONG, 100, tolerance=1e-10)
    assert fit.converged and fit.loss < 1e-9
    np.testing.assert_allclose(fit.model.density.constants, truth.density.constants, rtol=1e-3)


def test_torch_makes_the_same_rows(frames):
    pytest.importorskip("torch")
    from srlab.fitting.torch_kernels import TorchKernels

    ours, theirs = (objective(frames, kernels=each) for each in (kernels_on("cpu"), TorchKernels("cpu")))
    np.testing.assert_allclose(theirs.losses([WRONG]), ours.losses([WRONG]), rtol=1e-10)
    np.testing.assert_allclose(
        refine(theirs, WRONG, 5).model.constants, refine(ours, WRONG, 5).model.constants, rtol=1e-6
    )

"""The weights of frames under the settings of a search, and whether the data carry them."""

from __future__ import annotations

from srlab.datasets.weights import FrameWeights, check_families, frame_weights, lowest_energies
from srlab.errors import InputError
from srlab.search.settings import SearchSettings


def training_weights(dataset, frames, settings: SearchSettings) -> FrameWeights:
    """Weights of some training frames of a data set; for the focus, what is lowest is so among all training frames.

    Raises InputError for a family that is not there, or weights that leave nothing to fit.
    """
    check_families(settings.family_weights, dataset.families, dataset.name)
    lowest = lowest_energies(dataset.train, dataset.energies(dataset.train))
    return frame_weights(frames, dataset.energies(frames), lowest, settings.focus, settings.family_weights)


def check_carried(dataset, settings: SearchSettings) -> None:
    """Raise InputError, before a search begins, for weights that the training frames of a data set cannot carry."""
    training_weights(dataset, dataset.train, settings)
    if settings.stress_weight and not any("stress" in atoms.calc.results for atoms in dataset.train):
        raise InputError(
            f"{dataset.name} has no stress on any training frame: leave the stress weight at zero, "
            "or label frames with stress"
        )

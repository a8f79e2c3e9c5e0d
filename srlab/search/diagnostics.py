"""What is computed of a candidate of a search when somebody asks, not for all: its predictions for every frame beside
the labels, and how well the data determine its constants."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from srlab.fitting.uncertainty import constant_deviations, uncertain_texts
from srlab.potentials.residuals import Residuals
from srlab.search.playout import make_objective, make_unweighted_objective
from srlab.search.settings import SearchSettings


class Parity:
    """The frames of a search, ready for any of its candidates.

    search : `srlab.Search`, running or not. Finding the neighbours takes about a second, a candidate then milliseconds.

    dataset : the data of the run, with its split; test : (n,) whether a frame is one the search never saw.

    Raises InputError where the data set of the run has gone or changed.
    """

    def __init__(self, search):
        self.dataset = search.folder.dataset(search.view.start)
        frames = self.dataset.frames
        settings = SearchSettings.from_json(search.view.start["settings"])
        here = replace(settings, device="cpu")  # a run is looked at on any machine, whatever it was made on
        self._objective = make_unweighted_objective(self.dataset, frames, here)
        self._labels = self.dataset.energies() / [len(frame) for frame in frames]
        self._splits = np.cumsum([len(frame) for frame in frames])[:-1]
        self._forces = [frame.get_forces(apply_constraint=False) for frame in frames]
        self.test = np.isin(np.arange(len(frames)), self.dataset.test_indices)

    def residuals(self, candidate) -> Residuals:
        """Labels and predictions of all frames, energies in eV/atom relative to isolated atoms, forces in eV/A."""
        energies, forces = self._objective.predict([candidate.model], np.float64)
        return Residuals(
            self._labels, energies[0] + candidate.offset, self._forces, np.split(forces[0], self._splits), 0.0
        )


@dataclass(frozen=True)
class CandidateUncertainty:
    """constants, deviations : part -> list of numbers, in the order of the formula's text; a deviation is None where
    the data do not determine
    the constant. formulas : part -> text with deviations in parentheses, 1.234(5)."""

    constants: dict
    deviations: dict
    formulas: dict


def candidate_uncertainty(search, candidate) -> CandidateUncertainty:
    """Standard deviations of a candidate's constants on the training frames of its search, with the weights in force
    now.

    search : `srlab.Search`, running or not; candidate : `Candidate` of it. Takes about a second, most of it for reading
        the data. Raises InputError where the data set of the run has gone or changed.
    """
    search.refresh()
    dataset = search.folder.dataset(search.view.start)
    here = replace(SearchSettings.from_json(search.view.settings), device="cpu")  # a run is looked at on any machine
    objective = make_objective(dataset, dataset.train, here)
    model = candidate.model
    spread = constant_deviations(objective, model)
    constants, deviations, start = {}, {}, 0
    for part, formula in model.functions.items():
        stop = start + len(formula.values)
        constants[part] = list(formula.values)
        deviations[part] = [float(value) if value == value else None for value in spread[start:stop]]
        start = stop
    return CandidateUncertainty(constants, deviations, uncertain_texts(model, spread))

"""What candidates of a search say of every frame of its data, beside the labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from srlab.potentials.residuals import Residuals
from srlab.search.playout import make_ruler
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
        self._objective = make_ruler(self.dataset, frames, here)
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

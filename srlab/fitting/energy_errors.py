"""The errors of energies that a loss expects of a formula: how large they are on each frame, and how much of them
similar frames share.

What a short formula lacks in a crystal it lacks in the same crystal sheared by two per cent, and nearly the same in
another stacking of its planes: it may miss all of them by 3 meV/atom, and yet the differences between them, of which
elastic constants and stacking faults are made, by a tenth of that. Fitted as if each error was one's own, such
differences drown. So errors are taken as those of a Gaussian process over frames (the discrepancy of Kennedy and
O'Hagan, J. R. Stat. Soc. B 63, 425 (2001)), and the loss is that of generalized least squares.
"""

from __future__ import annotations

import numpy as np

from srlab.datasets.weights import FrameWeights
from srlab.fitting.pair_table import PairTable

OWN = 0.1  # share of the variance of a frame's error that no other frame has
BLOCK = 1000  # frames whose errors are taken together, neighbours in energy, so that matrices stay small
APART = 1e-3  # a correlation below this is none
SAME, NOTHING = 1e-9, 1e-12  # a spread of energies, and a weight, below these, relative, is none
WIDTH, SPACING, DECAY, NEAREST = 0.05, 0.025, 1.0 / 6.0, 0.2  # of radial fingerprints, over the cutoff


class EnergyErrors:
    """Expected errors of the energies per atom of n frames; the squared norm of `rows(e - mean of e)` is `weight`.

    The variance of each is the inverse of the frame's weight, the covariance of two
    ``C[i, j] = (1 - OWN) s_i s_j exp(-d_ij^2 / 2 length^2)`` with d the distance of their fingerprints
    (`radial_fingerprints`) and s those of `FrameWeights.form_errors`, which leaves what is wrong with a label to its
    frame alone; no s is above the root of its variance. Rows are multiplied by the inverse of the Cholesky factor of C.
    A length of zero is ordinary weighted least squares.

    Parameters
    ----------
    energies : (n,) eV/atom.
    weights : FrameWeights
        Frames of no weight get rows of zero.
    weight : of all energies in the loss.
    table : PairTable, whose first n frames these are.
    length : distance of frames over which errors differ, dimensionless.
    """

    def __init__(self, energies, weights: FrameWeights, weight: float, table: PairTable, length: float = 0.0):
        energies, own = np.asarray(energies, float), np.asarray(weights.energies, float)
        self.scale = np.sqrt(own)
        self.blocks: list[tuple[np.ndarray, np.ndarray]] = []
        counting = np.flatnonzero(own > NOTHING * own.max())
        if length > 0 and weight > 0 and len(counting) > 1:
            counting = counting[np.argsort(energies[counting], kind="stable")]
            fingerprints = radial_fingerprints(table, len(energies), int(counting[0]))
            for chosen in np.array_split(counting, -(-len(counting) // BLOCK)):
                self._correlate(chosen, fingerprints[chosen], weights, length)
        column, rows = self.rows(np.ones(len(energies))), self.rows(energies)
        left = np.linalg.norm(rows - column * (column @ rows / ((column @ column) or 1.0)))
        if left <= SAME * np.linalg.norm(rows):
            left = np.linalg.norm(column)
        factor = np.sqrt(weight) / (float(left) or 1.0)
        self.scale = self.scale * factor
        self.blocks = [(chosen, factor * matrix) for chosen, matrix in self.blocks]

    def _correlate(self, frames, fingerprints, weights: FrameWeights, length: float) -> None:
        """Take the errors of some frames together, but for those that are like no other."""
        norms = (fingerprints**2).sum(axis=1)
        squared = np.maximum(norms[:, None] + norms - 2.0 * fingerprints @ fingerprints.T, 0.0)  # distances
        alike = np.exp(-0.5 * squared / length**2)
        close = (alike > APART).sum(axis=1) > 1
        if not close.any():
            return
        frames, alike = frames[close], alike[np.ix_(close, close)]
        form = np.broadcast_to(weights.form_errors, self.scale.shape)[frames]
        variance = 1.0 / self.scale[frames] ** 2
        shared = np.sqrt((1.0 - OWN) * np.minimum(form**2, variance))
        covariance = np.outer(shared, shared) * alike
        np.fill_diagonal(covariance, variance)
        factor = np.linalg.cholesky(covariance)
        self.blocks.append((frames, np.linalg.solve(factor, np.eye(len(frames)))))

    def rows(self, values):
        """Scaled rows of values per frame, (n,) or (n, lanes): uncorrelated, and of the same expected size."""
        rows = values * (self.scale if values.ndim == 1 else self.scale[:, None])
        for frames, matrix in self.blocks:
            rows[frames] = matrix @ values[frames]
        return rows

    def on(self, kernels) -> EnergyErrors:
        """The same errors, for arrays of a back end (`srlab.fitting.backends`)."""
        other = object.__new__(EnergyErrors)
        other.scale = kernels.array(self.scale)
        other.blocks = [(frames, kernels.array(matrix)) for frames, matrix in self.blocks]
        return other


def radial_fingerprints(table: PairTable, n_frames: int, reference: int) -> np.ndarray:
    """Radial distribution of each frame, (n_frames, bins): smooth, per atom, falling with distance as bonds do.

    The distance of two frames is that of their rows. It is over the norm of the row of the frame `reference`, so that
    it is dimensionless: in copper a shear of 4 % of the crystal moves it by 0.02, a hundredth of its volume as far,
    and hcp is 0.01 away, bcc 0.12. Pair functions see no more of a frame than this.
    """
    r, cutoff = table.grid, table.cutoff
    bins = cutoff * np.arange(NEAREST, 1.0, SPACING)
    reach = 0.5 * (1.0 + np.cos(np.pi * r / cutoff)) * np.exp(-r / (DECAY * cutoff))
    smooth = np.exp(-0.5 * ((r[:, None] - bins) / (WIDTH * cutoff)) ** 2)
    found = (table.weights(float) @ (reach[:, None] * smooth))[:n_frames] / table.counts[:n_frames, None]
    return found / (np.linalg.norm(found[reference]) or 1.0)

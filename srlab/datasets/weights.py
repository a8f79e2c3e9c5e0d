"""How much each frame counts in a fit: what the user says, how near the ground state it is, how sure its energy is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from srlab.datasets.composition import energies_above
from srlab.datasets.reader import family_of
from srlab.errors import InputError

ENERGY_POWER, FORCE_POWER = 2.0, 1.0
"""Exponents of the focus weights of energies and of forces (:func:`focus_weights`).

Differences of a few meV/atom decide which crystal is lowest, so energies need the stronger focus; forces say as much at
any energy. Fits of four forms to 66 frames of Zuo et al. (2020), up to 0.6 eV/atom: with 2 and 1 the energies near the
crystal are as good as with 2 and 2, and forces beyond 0.5 eV/atom -2 to 6 % worse than without a focus, not 2 to 8 %.
"""
FORM_ERROR = 2e-3
"""eV/atom by which a good embedded-atom formula misses an exact label: the measure of a label's uncertainty."""


@dataclass(frozen=True)
class FrameWeights:
    """Weights of n frames in a loss; only their ratios count.

    Attributes
    ----------
    energies : (n,) of each frame's energy.
    forces : (n,) of each frame's forces and stress.
    form_errors : (n,), or one for all: the error of energy that is expected of a formula where the label is exact,
        over that at the lowest energy. Similar frames share it (`srlab.fitting.energy_errors`).
    """

    energies: np.ndarray
    forces: np.ndarray
    form_errors: np.ndarray | float = 1.0

    @classmethod
    def equal(cls, count: int) -> FrameWeights:
        """Every frame counts the same: the plain loss."""
        return cls(np.ones(count), np.ones(count))


def frame_weights(
    frames: Sequence,
    energies,
    lowest: Mapping[tuple, float],
    focus: float | None = None,
    family_weights: Sequence[tuple[str, float]] = (),
) -> FrameWeights:
    """Weights of frames: ``info["weight"]`` times those of family and focus; of energies also of their uncertainty.

    Parameters
    ----------
    frames : list of ase.Atoms.
    energies : (n,) eV, on the scale of `lowest`.
    lowest : composition -> eV/atom, from :func:`srlab.datasets.composition.lowest_energies` of the training frames.
    focus : eV/atom, see :func:`focus_weights`; None gives no weight to the energy above the lowest.
    family_weights : (family, weight) of those families whose weight is not one.

    Returns
    -------
    FrameWeights

    Notes
    -----
    A label with a standard deviation ``info["energy_sigma"]`` (eV/atom) differs from the best formula by the error of
    the form and by that of the label, which are independent, so their variances add and a least-squares weight is the
    inverse of the sum (Kennedy and O'Hagan, J. R. Stat. Soc. B 63, 425 (2001)):
    ``1 / (1 + (energy_sigma / FORM_ERROR)**2)``, one for an exact label. As of all weights, only ratios count: labels
    that are all equally uncertain are fitted as exact ones are, for without their energies nothing tells one crystal
    from another.

    Raises
    ------
    InputError : no frame has a weight above zero.
    """
    by_family = dict(family_weights)
    weights = np.array(
        [float(atoms.info.get("weight", 1.0)) * by_family.get(family_of(atoms), 1.0) for atoms in frames]
    )
    if not weights.any():
        raise InputError("every frame has a weight of zero: give some of them, or their families, a weight above zero")
    share = np.ones(len(frames)) if focus is None else focus_weights(energies_above(frames, energies, lowest), focus)
    sigma = np.array([float(atoms.info.get("energy_sigma", 0.0)) for atoms in frames])
    return FrameWeights(
        weights * share**ENERGY_POWER / (1.0 + (sigma / FORM_ERROR) ** 2),
        weights * share**FORCE_POWER,
        share ** (-0.5 * ENERGY_POWER),
    )


def focus_weights(above, focus: float) -> np.ndarray:
    """``focus / (above + focus)``: one at the lowest energy, a half at `focus` above it.

    A frame's energy counts this to the power `ENERGY_POWER`, its forces and stress to the power `FORCE_POWER`.

    Parameters
    ----------
    above : (n,) eV/atom above the lowest frame of the composition.
    focus : eV/atom.
    """
    return focus / (np.asarray(above, dtype=float) + focus)


def check_weights(frames, name: str) -> None:
    """Raise InputError unless what frames say of weights can be used.

    ``info["weight"]`` must be a number, zero or above (zero leaves the frame out of fits); ``info["energy_sigma"]`` a
    number of eV/atom, zero or above. Both may be missing: then they are one and zero.
    """
    for index, atoms in enumerate(frames):
        for key, meaning in (("weight", "a weight"), ("energy_sigma", "an uncertainty of the energy (energy_sigma)")):
            if key in atoms.info and not _not_negative(atoms.info[key]):
                raise InputError(
                    f"{name}, frame {index} has {meaning} of {str(atoms.info[key])[:40]}: "
                    "give a number that is zero or above, or leave it out"
                )


def check_family_weights(family_weights) -> tuple[tuple[str, float], ...]:
    """Family weights as (family, weight) with numbers, from pairs or a dict.

    Raises InputError for repeats and weights that cannot be.
    """
    pairs = family_weights.items() if isinstance(family_weights, Mapping) else family_weights
    checked: list[tuple[str, float]] = []
    for pair in pairs:
        try:
            family, weight = pair
            family, weight = str(family), float(weight)
        except (TypeError, ValueError):
            raise InputError(f"the weight of a family is its name and a number, not {pair!r}") from None
        if not _not_negative(weight):
            raise InputError(f"the weight of the family {family} must be zero or above, not {weight:g}")
        if family in dict(checked):
            raise InputError(f"the weight of the family {family} is given twice")
        checked.append((family, weight))
    return tuple(checked)


def check_families(family_weights, families, name: str) -> None:
    """Raise InputError for the weight of a family that a data set does not have; its families are named."""
    for family, _ in family_weights:
        if family not in families:
            known = ", ".join(sorted(set(families)))
            raise InputError(f"{name} has no family {family!r} to weigh: its families are {known}")


def _not_negative(value) -> bool:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return False
    return not isinstance(value, (bool, np.bool_)) and math.isfinite(number) and number >= 0.0

"""The data of the learning loop: what a round adds, and what its best form is worth, near to and far from
equilibrium."""

from dataclasses import replace

import numpy as np

from srlab.datasets.dataset import fingerprint
from srlab.datasets.labelled_frames import compact, is_extreme
from srlab.datasets.reader import read_raw, screen
from srlab.errors import InputError
from srlab.potentials.residuals import residuals

ERRORS = ("energy_mae", "force_mae")
SAME = 0.01  # eV/atom: labels of one code at one setting agree far better, other settings do far worse


def check_labeller(dataset, labeller):
    """Raise InputError where new labels would not belong to the data.

    Frames say how they were made (info dft_settings). Where they do not, the cheapest frame, the smallest and among
    those the lowest, is labelled again, and its energy must come out within 10 meV/atom.
    """
    named = {str(frame.info["dft_settings"]) for frame in dataset.frames if "dft_settings" in frame.info}
    if named - {labeller.settings}:
        raise InputError(
            f"{dataset.name} was labelled with {sorted(named)[0]!r}, the calculator is {labeller.settings!r}: labels "
            "of two settings "
            f"are never mixed, so choose the same calculator, or label the data again with srlab label"
        )
    if named:
        return
    frame = min(dataset.frames, key=lambda frame: (len(frame), frame.get_potential_energy() / len(frame)))
    difference = (labeller.compute(frame)[0]["energy"] - frame.get_potential_energy()) / len(frame)
    if not abs(difference) < SAME:
        raise InputError(
            f"{dataset.name}, frame {dataset.frames.index(frame)}: {labeller.settings} gives an energy "
            f"{1e3 * difference:+.0f} meV/atom from "
            f"the label: the data were made with another calculator or settings, so label them again with srlab label"
        )


def enlarged(dataset, frames):
    """The data set with more training frames; the test frames stay those they were, so that rounds can be compared."""
    everything, old = [*dataset.frames, *frames], len(dataset.frames)
    return replace(
        dataset,
        frames=everything,
        train_indices=np.concatenate([dataset.train_indices, np.arange(old, len(everything))]).astype(int),
        families=[*dataset.families, *(str(frame.info.get("family", "all")) for frame in frames)],
        fingerprint=fingerprint(everything),
    )


def learned(path, lowest):
    """The frames of a label file a search learns from: not those more than 2 eV/atom above `lowest` (eV/atom).

    Such frames are kept in the file and left out of the fit, as in the bundled sets
    (:mod:`srlab.datasets.labelled_frames`).
    """
    if not path.exists() or not path.stat().st_size:
        return []
    return [compact(frame) for frame in screen(read_raw(path), str(path))[0] if not is_extreme(lowest)(frame)]


def errors_by_part(potential, dataset, frames):
    """Errors of a potential on frames of a data set, on all and on those near to and far from equilibrium.

    Returns
    -------
    dict of energy_mae (meV/atom) and force_mae (meV/A), and the same with near_ and far_ before it; None for a part
    without frames.
    """
    if not frames:
        return {}
    found, near = residuals(potential, frames, dataset.isolated_atom_energy), dataset.near_equilibrium(frames)
    parts = {"": None, "near_": near, "far_": ~near}
    return {
        f"{part}{key}": rounded(value)
        for part, chosen in parts.items()
        for key, value in found.errors(chosen).items()
        if key in ERRORS
    }


def evaluate_frames(potential, dataset, frames):
    """energy_mae (meV/atom) and force_mae (meV/A) on some frames, energies measured from the data set's isolated
    atom; {} without frames."""
    found = residuals(potential, frames, dataset.isolated_atom_energy).errors() if frames else {}
    return {key: rounded(value) for key, value in found.items() if key in ERRORS}


def rounded(value):
    """A figure of the journal: four decimals, or None."""
    return None if value is None else round(value, 4)

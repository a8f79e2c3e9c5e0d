"""Errors of a potential on labelled frames: on all, near to and far from equilibrium, and by family."""

from pathlib import Path

import numpy as np

from srlab.datasets import load_dataset
from srlab.loading import load_potential
from srlab.potentials.residuals import residuals

ANOTHER_ZERO = 0.1
"""eV/atom; no potential that is worth a comparison is off by so much all over, and energies of two codes are off by
more."""


def evaluate(potential, dataset_or_frames, fit_offset=False, progress=None):
    """Energy and force errors of a potential on a data set.

    Energies are compared on the scale of isolated atoms: the data set's isolated-atom energy is taken off the labels
    where it is known.

    Parameters
    ----------
    potential : Potential, Candidate, or what `load_potential` takes, such as "cu-sr1"
    dataset_or_frames : Dataset, list of ase.Atoms, or what `load_dataset` takes, such as "cu-gpaw"
        Labelled with energies (eV) and forces (eV/A). All frames of a data set count, training and test.
    fit_offset : bool
        First take off the median energy difference per atom, for data of another code or potentials on another energy
        scale.
    progress : callable, optional
        Called with (frames done, frames in all) after each frame.

    Returns
    -------
    dict
        energy_mae, energy_rmse (meV/atom, over frames), force_mae, force_rmse (meV/A, over components), n_frames,
        n_atoms, and energy_offset (meV/atom, what was taken off; 0 without `fit_offset`). Of a data set also
        `near_equilibrium` and `far_from_equilibrium` (see `Dataset.near_equilibrium`) and `families` and `rounds` (of
        the learning loop, where frames say so) by name, each a dict of the same errors; the offset is that of all
        frames. And `notes`, sentences on what the numbers do not mean: energies of another zero, a data set without an
        isolated atom, what was left out of the potential's file.

    Raises
    ------
    InputError
        If potential or data cannot be read, there are no frames, or a frame has no labels, another element, overlapping
        atoms or no finite energy; the frame is named.
    """
    potential = load_potential(potential)
    if _is_source(dataset_or_frames):
        dataset_or_frames = load_dataset(dataset_or_frames, split="all")
    frames = getattr(dataset_or_frames, "frames", dataset_or_frames)
    isolated = float(getattr(dataset_or_frames, "isolated_atom_energy", 0.0) or 0.0)
    found = residuals(potential, frames, isolated, fit_offset, progress)
    result = {**found.errors(), "energy_offset": 1e3 * found.offset}
    result["notes"] = [*getattr(potential, "notes", ()), *_on_zeros(found, dataset_or_frames, fit_offset)]
    if hasattr(dataset_or_frames, "near_equilibrium"):
        near, families = dataset_or_frames.near_equilibrium(frames), np.array(dataset_or_frames.families)
        result["near_equilibrium"], result["far_from_equilibrium"] = found.errors(near), found.errors(~near)
        result["families"] = {str(name): found.errors(families == name) for name in sorted(set(families))}
        rounds = np.array([str(frame.info.get("round", "")) for frame in frames])
        result["rounds"] = {str(name): found.errors(rounds == name) for name in sorted(set(rounds) - {""})}
    return result


def _is_source(data):
    """Whether data are still to be read: a name, a file, or several of them."""
    several = isinstance(data, (list, tuple))
    return all(isinstance(each, (str, Path)) for each in (data if several else [data])) and (not several or bool(data))


def _on_zeros(found, data, fit_offset):
    """Sentences on energies that are not measured from the same zero."""
    if fit_offset:
        return []
    difference = found.energies - found.labels
    shift = float(np.median(difference))
    scatter = float(np.abs(difference - shift).mean())
    notes = []
    if abs(shift) > ANOTHER_ZERO and abs(shift) > 5.0 * scatter:
        notes.append(
            f"the energies of the potential lie {shift:+.3f} eV/atom from those of the data, as from another zero: "
            f"--fit-offset takes this off and leaves {1e3 * scatter:.1f} meV/atom"
        )
    if not getattr(data, "has_isolated_atom", True):
        notes.append(
            "the data have no isolated atom, so nothing says where their energies are measured from: add one, or "
            "compare energies with --fit-offset"
        )
    return notes

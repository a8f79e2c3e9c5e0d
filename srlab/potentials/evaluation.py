"""Errors of a potential on labelled frames: on all, near to and far from equilibrium, and by family."""

import numpy as np

from srlab.potentials.residuals import residuals


def evaluate(potential, dataset_or_frames, fit_offset=False, progress=None):
    """Energy and force errors of a potential on a data set.

    Energies are compared on the scale of isolated atoms: the data set's isolated-atom energy is taken off the labels where it is known.

    Parameters
    ----------
    potential : Potential
    dataset_or_frames : Dataset, or list of ase.Atoms
        Labelled with energies (eV) and forces (eV/A). All frames of a data set count, training and test.
    fit_offset : bool
        First take off the median energy difference per atom, for data of another code or potentials on another energy scale.
    progress : callable, optional
        Called with (frames done, frames in all) after each frame.

    Returns
    -------
    dict
        energy_mae, energy_rmse (meV/atom, over frames), force_mae, force_rmse (meV/A, over components), n_frames, n_atoms, and energy_offset (meV/atom,
        what was taken off; 0 without `fit_offset`). Of a data set also `near_equilibrium` and `far_from_equilibrium` (see `Dataset.near_equilibrium`) and
        `families` and `rounds` (of the learning loop, where frames say so) by name, each a dict of the
        same errors; the offset is that of all frames.

    Raises
    ------
    InputError
        If there are no frames, or a frame has no labels, another element, overlapping atoms or no finite energy; the frame is named.
    """
    frames = getattr(dataset_or_frames, "frames", dataset_or_frames)
    isolated = float(getattr(dataset_or_frames, "isolated_atom_energy", 0.0) or 0.0)
    found = residuals(potential, frames, isolated, fit_offset, progress)
    result = {**found.errors(), "energy_offset": 1e3 * found.offset}
    if hasattr(dataset_or_frames, "near_equilibrium"):
        near, families = dataset_or_frames.near_equilibrium(frames), np.array(dataset_or_frames.families)
        result["near_equilibrium"], result["far_from_equilibrium"] = found.errors(near), found.errors(~near)
        result["families"] = {str(name): found.errors(families == name) for name in sorted(set(families))}
        rounds = np.array([str(frame.info.get("round", "")) for frame in frames])
        result["rounds"] = {str(name): found.errors(rounds == name) for name in sorted(set(rounds) - {""})}
    return result

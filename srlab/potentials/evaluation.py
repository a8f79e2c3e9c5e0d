"""Errors of a potential on labelled frames."""

import numpy as np

from srlab.errors import InputError
from srlab.potentials.calculator import energies_forces_virial


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
        what was taken off; 0 without `fit_offset`).

    Raises
    ------
    InputError
        If there are no frames, or a frame has no labels, another element, overlapping atoms or no finite energy; the frame is named.
    """
    frames = getattr(dataset_or_frames, "frames", dataset_or_frames)
    isolated = float(getattr(dataset_or_frames, "isolated_atom_energy", 0.0) or 0.0)
    if not len(frames):
        raise InputError("there are no frames to evaluate on: give a data set with at least one labelled frame")
    energy_errors, force_errors, n_atoms = [], [], 0
    for k, atoms in enumerate(frames):
        try:
            energies, forces, _ = energies_forces_virial(potential, atoms)
        except InputError as error:
            raise InputError(f"frame {k}: {error}") from error
        energy, label = labels(atoms, k)
        energy_errors.append((energies.sum() - energy) / len(atoms) + isolated)
        force_errors.append((forces - label).ravel())
        n_atoms += len(atoms)
        if progress is not None:
            progress(k + 1, len(frames))
    energy_errors, force_errors = np.array(energy_errors), np.concatenate(force_errors)
    offset = float(np.median(energy_errors)) if fit_offset else 0.0
    energy_errors -= offset
    return {
        "energy_mae": 1e3 * float(np.abs(energy_errors).mean()),
        "energy_rmse": 1e3 * float(np.sqrt((energy_errors**2).mean())),
        "force_mae": 1e3 * float(np.abs(force_errors).mean()),
        "force_rmse": 1e3 * float(np.sqrt((force_errors**2).mean())),
        "n_frames": len(frames),
        "n_atoms": n_atoms,
        "energy_offset": 1e3 * offset,
    }


def labels(atoms, frame):
    """Energy (eV) and forces (n, 3) eV/A stored with a frame; an `InputError` names the frame if they are missing or not finite."""
    results = getattr(atoms.calc, "results", {})
    energy, forces = results.get("energy"), results.get("forces")
    if energy is None or forces is None:
        raise InputError(f"frame {frame} has no {'energy' if energy is None else 'forces'}: only labelled frames can be evaluated")
    if not (np.isfinite(energy) and np.isfinite(forces).all()):
        raise InputError(f"frame {frame} has an energy or a force that is not finite: remove it")
    return float(energy), np.asarray(forces, float)
